"""A column's letters, the cell that a name refers to, and the time a name tells."""

import pytest

from kam_xl.core.books import column, letter, place, time_in_name


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


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("华东_202610", (2026, 10, 0)),
        ("客户 2026-10-31 定稿", (2026, 10, 31)),
        ("20261031", (2026, 10, 31)),
        ("2026年9月", (2026, 9, 0)),
        ("2026.9", (2026, 9, 0)),
        ("10月", (0, 10, 0)),
        ("十一月客户", (0, 11, 0)),
        ("二月", (0, 2, 0)),
        ("2026Q3评估", (2026, 9, 0)),
        ("第二季度", (0, 6, 0)),
        ("2026年四季度", (2026, 12, 0)),
        ("Oct 2026", (2026, 10, 0)),
        ("customers_2025", (2025, 0, 0)),
        ("2026年13月", (2026, 0, 0)),
        ("华东客户", None),
        ("Mayer", None),
        ("Sheet1", None),
        ("客户 (2)", None),
        ("13800138000", None),
        ("", None),
    ],
)
def test_a_name_tells_its_time(name, time):
    assert time_in_name(name) == time
