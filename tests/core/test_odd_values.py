"""No value that a file, a host or a person can put into a cell is more than that cell's own trouble, in any column."""

import datetime as dt

import numpy as np
import pytest

from kam_xl import resources
from kam_xl.core import assessment, consolidation
from kam_xl.core.books import letter
from kam_xl.core.sheets import BY_KIND
from tests.builders import TODAY, of_the_book, team_book

POLICY = resources.policy()

IMPOSSIBLE = [float("nan"), float("inf"), float("-inf")]
ODD = [
    *IMPOSSIBLE, 1e308, -1e308, 5e-324, -0.0, 2**63, 2**70, -(2**63), True,
    "NaN", "nan%", "inf", "-inf", "Infinity", "1e999", "-1e999", "+1e999", "1E999", "1e999%", "1e999万", "1e999年", "9" * 400, "-" + "9" * 400,
    "9" * 5000, "9" * 400 + "%", "9" * 400 + "人/" + "9" * 400 + "亿", "销售额增长" + "9" * 400 + "%，目标" + "9" * 400 + "%", "1e999%，目标1e999%",
    "将复购率从" + "9" * 400 + "%提高到" + "9" * 400 + "%", "9" * 5000 + "天内", "2026-01-01 99:99", "99999-12-31", "0000-00-00", "9999-12-31", "0001-01-01",
    "9999-12-31 23:59:59.999999", "2958465.99999999", "80000", "民国999年12月31日", "2026年13月", "12月99日", "-1", "1/0",
    dt.datetime.max, dt.datetime.min, dt.date.max, dt.date.min, dt.time.max, dt.time.min, dt.timedelta.max, dt.timedelta.min,
    dt.datetime(9999, 12, 31, 23, 59, 59, 500_000), dt.datetime(1899, 12, 30), "\x00", "\ufffe",
]  # fmt: skip


def rows_of(sheet, values):
    """A row for each value and column: the value stands there, and all else is quiet."""
    fields = [column.field for column in of_the_book(sheet)]
    return [
        {field: cell for field, cell in _quiet(number).items() if field in fields} | {field: value}
        for number, (field, value) in enumerate([(field, value) for value in values for field in fields], 1)
    ]


def _quiet(number):
    customer = f"C{number:04}"
    return {"customer_id": customer, "name": "某科技", "customer": f"{customer}/某科技", "action_id": f"A-{number}"}


def book_of(*values):
    """A workbook with every kind of sheet, and in them every value in every column."""
    return team_book(POLICY, **{kind: rows_of(sheet, values) for kind, sheet in BY_KIND.items()})


@pytest.mark.parametrize("value", ODD, ids=lambda value: ascii(value)[:40])
def test_any_value_in_any_column_is_read_and_no_number_is_infinite(value):
    for kind, table in book_of(value).tables.items():
        for name in table.rows.select_dtypes("float"):
            assert not np.isinf(table.rows[name]).any(), (kind, name)


@pytest.mark.slow
def test_all_of_them_together_are_consolidated_and_assessed():
    portfolio = consolidation.consolidate([book_of(*ODD)], POLICY)
    now = dt.datetime.combine(TODAY, dt.time(2))

    assessed = assessment.assess(portfolio, POLICY, now, resources.words("en"))

    assert len(assessed.customers) > len(ODD)


@pytest.mark.parametrize("value", IMPOSSIBLE)
@pytest.mark.parametrize("kind", BY_KIND)
def test_a_number_that_cannot_be_is_reported_wherever_it_stands(value, kind):
    sheet = BY_KIND[kind]
    found = {(f.cell, f.code) for f in book_of(value).findings if f.sheet == sheet.zh}

    columns = of_the_book(sheet)
    for place, column in enumerate(columns):
        row = f"A{place + 2}:{letter(len(columns) - 1)}{place + 2}"  # without its key it is of no use
        whole = column.field == sheet.key and kind != "tracking"
        assert (row if whole else f"{letter(place)}{place + 2}", "unreadable_cell") in found, column.field
