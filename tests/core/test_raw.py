import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import raw
from kam_xl.core.books import CellError, NotCalculated
from kam_xl.core.numbers import number_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("", ""),
        (" C001 ", " C001 "),
        (520.0, "520"),
        (89.4, "89.4"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (0.00001, "0.00001"),
        (6901234567890.0, "6901234567890"),
        (123456789012345.0, "123456789012345"),
        (913101151234567232.0, "913101151234567000"),
        (1e22, "1" + "0" * 22),
        (12, "12"),
        (True, "TRUE"),
        (dt.date(2023, 10, 20), "2023-10-20"),
        (dt.datetime(2023, 10, 20), "2023-10-20"),
        (dt.datetime(2023, 10, 20, 9, 30), "2023-10-20 09:30:00"),
        (CellError("#N/A"), "N/A"),
        (NotCalculated("=A1"), "=A1"),
    ],
)
def test_a_cell_is_the_text_a_person_sees(cell: object, text: str) -> None:
    assert raw.text(cell) == text
    assert type(raw.text(cell)) is str


@given(st.floats(-1e300, 1e300))
def test_a_number_is_written_in_full_to_the_digits_a_spreadsheet_holds(number: float) -> None:
    text = number_text(number)
    assert set(text) <= set("-.0123456789")
    assert float(text) == pytest.approx(number, rel=1e-14, abs=0)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_whole_number_of_fifteen_digits_is_itself(number: int) -> None:
    assert number_text(float(number)) == str(number)
