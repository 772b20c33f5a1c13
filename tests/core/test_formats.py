"""A number format that pads or adds text shows another ID; all others leave a number what it is."""

import pytest

from kam_xl.core import formats
from kam_xl.core.books import Formatted


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ('"C"000', 1, "C001"), ('"C"000', 1234, "C1234"), ("0000000", 42, "0000042"), ("\\C000", 7, "C007"), ('"C"General', 5, "C5"),
        ('"KH-"0000;;;@', 12, "KH-0012"), ("000-0000", 1234, "000-1234"), ('[Red]"C"00', 3, "C03"), ('[$-804]"C"000', 3, "C003"),
        ('0"号"', 12, "12号"), ('"C"#', 0, "C0"), ("_ 000_ ", 1, "001"), ("000*-", 1, "001"), ('"C;"00', 1, "C;01"),
    ],
)  # fmt: skip
def test_what_pads_or_adds_text_is_shown(code: str, number: float, text: str) -> None:
    cell = formats.shown(float(number), formats.read(code))
    assert type(cell) is Formatted
    assert (cell, cell.text) == (number, text)


@pytest.mark.parametrize(
    "code",
    ["0", "#", "General", "@", '"C"@', "#,##0", "0.00", "0%", "¥0", '"¥"000', "[$¥-804]000", "[$USD] 000", "yyyy-mm-dd", "# ?/?", "0.00E+00", "", '"C'],
)  # fmt: skip
def test_every_other_format_leaves_a_number_what_it_is(code: str) -> None:
    assert type(formats.shown(1.0, formats.read(code))) is float


@pytest.mark.parametrize("code", ['[<100]"A"00;"B"00', "[DBNum1]000", "C000"])
def test_what_is_not_read_is_said(code: str) -> None:
    cell = formats.shown(1.0, formats.read(code))
    assert (type(cell), cell.text) == (Formatted, None)


@pytest.mark.parametrize("number", [1.5, -1.0, 1e15, float("nan"), float("inf")])
def test_what_is_no_whole_number_of_15_digits_is_left_alone(number: float) -> None:
    assert type(formats.shown(number, formats.read('"C"000'))) is float
