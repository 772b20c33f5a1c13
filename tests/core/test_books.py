"""A column's letter."""

import pytest

from kam_xl.core.books import letter


@pytest.mark.parametrize(
    ("column", "name"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")],
)
def test_a_column_has_the_letter_excel_gives_it(column, name):
    assert letter(column) == name
