"""Numbers and shares are read as people mean them, and where they could mean two things they are unknown (§2)."""

import pytest

from kam_xl.core.numbers import parse_number, parse_share


@pytest.mark.parametrize(
    ("text", "unit", "reading"),
    [
        ("6", "年", (6, None)), ("6.5 years", "年", (6.5, None)), ("18個月", "年", (1.5, None)), ("1,200", None, (1200, None)),
        ("4级", None, (4, None)), ("9分", None, (9, None)), ("6年", None, (None, "number_unparsed")),
        ("6-7", "年", (None, "number_unparsed")), ("6①", None, (None, "number_unparsed")), ("暂无", None, (None, None)),
    ],
)  # fmt: skip
def test_a_number(text: str, unit: str | None, reading: tuple) -> None:
    assert parse_number(text, unit) == reading


@pytest.mark.parametrize(
    ("text", "plain", "percent"),
    [
        ("8%", (0.08, None), (0.08, None)),
        ("－3.5％", (-0.035, None), (-0.035, None)),
        ("150%", (1.5, None), (1.5, None)),
        ("0.08", (0.08, None), (None, "share_ambiguous")),
        ("8", (None, "share_ambiguous"), (0.08, None)),
        ("-1", (None, "share_ambiguous"), (-0.01, None)),
        ("0", (0, None), (0, None)),
        ("约8%", (None, "number_unparsed"), (None, "number_unparsed")),
        ("", (None, None), (None, None)),
    ],
)
def test_a_share(text: str, plain: tuple, percent: tuple) -> None:
    assert parse_share(text) == plain
    assert parse_share(text, percent=True) == percent
