"""A column's letters, and the cell that a name refers to."""

import pytest

from kam_xl.core.books import column, letter, place


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")],
)
def test_a_column_has_the_letters_excel_gives_it(number, name):
    assert letter(number) == name
    assert column(name) == column(name.lower()) == number


@pytest.mark.parametrize(
    ("refers_to", "cell"),
    [
        ("Setup!$B$3", ("Setup", 2, 1)),
        ("参数!AA10", ("参数", 9, 26)),
        ("'It''s a sheet'!$A$1", ("It's a sheet", 0, 0)),
        ("'a!b'!$A$1", ("a!b", 0, 0)),
        ("Setup!$A$1:$B$2", None),
        ("Setup!$A$0", None),
        ("'It's'!$A$1", None),
        ('"0.1.0"', None),
        ("", None),
    ],
)
def test_a_name_refers_to_one_cell(refers_to, cell):
    assert place(refers_to) == cell
