"""What stands instead of a damaged ID shows what was typed and is like no other, in any workbook."""

from kam_xl.core import customer_cells


def test_what_stands_instead_shows_what_was_typed_and_is_like_no_other() -> None:
    here, there = (customer_cells.unlike_any("9.13E+17", place) for place in ("客户信息!A2", "客户信息!A3"))

    assert here != there
    assert customer_cells.is_unlike_any(here)
    assert not customer_cells.is_unlike_any("9.13E+17")
    assert customer_cells.as_typed(customer_cells.of_book(here, "华东.xlsx")) == "9.13E+17"
    assert customer_cells.of_book(here, "华东.xlsx") != customer_cells.of_book(here, "华南.xlsx")
