"""Marks are read with the reason beside them, and where they could mean two things they are unknown (handbook §2)."""

import pytest

from kam_xl.core.scores import parse_score


@pytest.mark.parametrize(
    ("text", "mark", "reason"),
    [
        ("92", 92, None), ("92.5分", 92.5, None), ("９２", 92, None), ("'92", 92, None), ("92%", 92, None), ("92/100", 92, None), ("0", 0, None),
        ("100", 100, None), ("92（）", 92, None), ("92（高利润+长合作）", 92, "高利润+长合作"), ("９２(高利润)", 92, "高利润"),
        ("92【高利润】", 92, "高利润"), ("92〔高〕", 92, "高"), ("92［高］", 92, "高"), ("92｛高｝", 92, "高"), ("92「高」", 92, "高"),
        ("92『高』", 92, "高"), ("92〈高〉", 92, "高"), ("92《高》", 92, "高"), ("92〖高〗", 92, "高"), ("92<高>", 92, "高"),
        ("92 (high margin)", 92, "high margin"), ("92\n（高）", 92, "高"), ("92，高利润", 92, "高利润"), ("92: 高", 92, "高"),
        ("92 高利润", 92, "高利润"), ("92（80%毛利）", 92, "80%毛利"), ("92（高）（好）", 92, "（高）（好）"), ("92（高利润", 92, "（高利润"),
        ("高利润（92）", 92, "高利润"), ("高利润：92分", 92, "高利润"), ("92（㎡）", 92, "m2"), ("92（ＡＢ）", 92, "ＡＢ"),
    ],
)  # fmt: skip
def test_a_mark_and_the_reason_beside_it(text: str, mark: float, reason: str | None) -> None:
    assert parse_score(text) == (mark, reason, None)


@pytest.mark.parametrize(
    "text",
    [
        "九十二", "92-95", "90~95", "92±3", "约92", "≈92", ">90", "90+", "90以上", "90 以上", "90 左右", "90 或 95", "90 or 95", "90 to 95",
        "92（95）", "92(95分)", "92、85", "92,5", "9/10", "1e2", "A", "优", "毛利：30%", "占比（30%）", "92①", "9②", "inf", "92.",
    ],
)  # fmt: skip
def test_a_mark_that_could_be_another_is_unknown_and_kept(text: str) -> None:
    assert parse_score(text) == (None, text, "score_unparsed")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("", (None, None, "score_missing")),
        ("－", (None, None, "score_missing")),
        ("-5", (None, None, "score_out_of_range")),
        ("100.1（好）", (None, "好", "score_out_of_range")),
        ("0.92", (None, None, "score_fraction")),
        ("1", (1, None, None)),
    ],
)
def test_marks_outside_the_scale(text: str, reading: tuple) -> None:
    assert parse_score(text) == reading
