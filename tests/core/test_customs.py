"""How figures and days are written is told by all cells of a table together; what they leave open stays unknown."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.core.one_book import HEAD, ROW, codes, info, sheet

ORDERED = ["客户ID", "下单日期", "数量", "金额（元）"]
DAY = "2024-01-05"

#: Quantities and amounts as they are typed → as they are, and what is told.
FIGURES = {
    "commas before decimals": ([("1,5", "1.234,56"), ("2,000", "12.000")], [1.5, 2.0], [1234.56, 12000.0], "decimals_by_comma"),
    "points before decimals": ([("1.5", "1,234.56"), ("2,000", "12.000")], [1.5, 2000.0], [1234.56, 12.0], None),
    "one says it for the other column": ([("1000", "1.234"), ("1,25", "2.500")], [1000.0, 1.25], [1234.0, 2500.0], "decimals_by_comma"),
    "Swiss thousands": ([("1'000", "1'234.56")], [1000.0], [1234.56], None),
    "a minus behind": ([("1-", "1,234.56-"), ("2", "100-")], [-1.0, 2.0], [-1234.56, -100.0], None),
    "both at once": ([("1", "1.234,56"), ("1", "1,234.56")], [1.0, 1.0], [None, 1234.56], "amount_unparsed"),
    "neither": ([("1", "1.234"), ("1", "12,000"), ("1", "500")], [1.0] * 3, [None, None, 500.0], "amount_unparsed"),
    "thousandths alone": ([("1", "1.234"), ("1", "12.345")], [1.0] * 2, [1.234, 12.345], None),
    "thousands alone": ([("1", "1,234"), ("1", "12,345")], [1.0] * 2, [1234.0, 12345.0], None),
    "with a unit": ([("1", "€1.234,50"), ("1", "10 万元")], [1.0] * 2, [None, 100_000.0], "decimals_by_comma"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_read_as_the_table_writes_them(read: Callable, name: str) -> None:
    typed, quantities, amounts, told = FIGURES[name]

    book = read(info(HEAD, ROW), sheet("订单", ORDERED, *[["C001", DAY, *pair] for pair in typed]))

    rows = book.tables["orders"].rows
    assert rows["quantity"].tolist() == quantities
    found = [None if pd.isna(one) else round(one * 10_000, 4) for one in rows["amount"].tolist()]
    assert found == amounts
    assert set(codes(book.findings)) & {"decimals_by_comma", "amount_unparsed"} == ({told} if told else set())


#: Days as they are typed in one column → as they are, and what is told.
DAYS = {
    "day first": (["05/03/2023", "15/03/2023", "07-03-2023"], ["2023-03-05", "2023-03-15", "2023-03-07"], "days_first"),
    "month first": (["03/05/2023", "03/15/2023"], ["2023-03-05", "2023-03-15"], "months_first"),
    "with an hour": (["05/03/2023 10:00", "15/03/2023 08:30"], ["2023-03-05", "2023-03-15"], "days_first"),
    "nothing to tell": (["05/03/2023", "04/03/2023"], [None, None], "date_ambiguous"),
    "both": (["05/03/2023", "15/03/2023", "03/15/2023"], [None, "2023-03-15", "2023-03-15"], "date_ambiguous"),
    "another form beside them": (["05/03/2023", "15/03/2023", "2023-03-07"], [None, "2023-03-15", "2023-03-07"], "date_ambiguous"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAYS)
def test_days_are_read_as_the_column_writes_them(read: Callable, name: str) -> None:
    typed, days, told = DAYS[name]

    book = read(info(HEAD, ROW), sheet("订单", ORDERED, *[["C001", day, 1.0, 5.0] for day in typed]))

    found = [None if pd.isna(day) else str(day.date()) for day in book.tables["orders"].rows["ordered_on"]]
    assert found == days
    assert set(codes(book.findings)) & {"days_first", "months_first", "date_ambiguous"} == ({told} if told else set())


def test_days_between_points_are_day_first_where_the_figures_are_of_that_custom(read: Callable) -> None:
    book = read(info(HEAD, ROW), sheet("订单", ORDERED, ["C001", "05.03.2023", "1,5", "1.234,56"]))
    assert str(book.tables["orders"].rows["ordered_on"][0].date()) == "2023-03-05"
