"""Which lines of orders count and with what amount: cancelled ones do not, returns are taken off, an order's total counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from kam_xl.core import consolidation, order_words, validation
from kam_xl.core.books import Book
from kam_xl.core.policy import Policy
from tests.core.one_book import HEAD, ROW, TODAY, codes, info, sheet

A, B, D = "2024-01-05", "2024-01-06", "C001"
STATED = ["客户ID", "订单号", "下单日期", "金额（元）", "状态"]
TYPED = [*STATED[:4], "单据类型"]
TOTALS = ["客户ID", "订单号", "下单日期", "产品", "数量", "单价", "订单金额（元）"]
PLAIN = [*TOTALS[:6], "金额（元）"]
ANY = [*TOTALS[:6], "总金额（元）"]


def amounts(table: pd.DataFrame) -> list[float]:
    return (table["amount"] * 10_000).round(2).tolist()


#: Headers, lines → the amounts that count, and what is told of the lines.
LINES = {
    "cancelled, in Chinese": (STATED, [[D, "1", A, 5, "已完成"], [D, "2", A, 7, "已取消"]], [5], {"orders_not_counted"}),
    "refunded, in English": ([*STATED[:4], "Financial Status"], [[D, "1", A, 5, "paid"], [D, "2", A, 7, "refunded"]], [5], {"orders_not_counted"}),
    "two words in one cell": (STATED, [[D, "1", A, 5, "(删除)等待出库"], [D, "2", A, 7, "已取消，退款成功"]], [], {"orders_not_counted", "no_data"}),
    "nobody can tell": (STATED, [[D, "1", A, 5, "待付款"], [D, "2", A, 7, "Closed"], [D, "3", A, 9, "完成"]], [5, 7, 9], {"orders_state_unclear"}),
    "words nobody knows": (STATED, [[D, "1", A, 5, "顺延中"]], [5], {"orders_state_unclear"}),
    "one side of it, unknown": ([*STATED[:4], "售后状态"], [[D, "1", A, 5, "无售后或售后取消"]], [5], set()),
    "a flag": ([*STATED[:4], "是否作废"], [[D, "1", A, 5, "否"], [D, "2", A, 7, "是"]], [5], {"orders_not_counted"}),
    "when it was cancelled": ([*STATED[:4], "Cancelled at"], [[D, "1", A, 5, ""], [D, "2", A, 7, "2024-01-07 10:00"]], [5], {"orders_not_counted"}),
    "said on the first line alone": (STATED, [[D, "1", A, 5, "已取消"], [D, "1", A, 7, ""], [D, "2", A, 9, ""]], [9], {"orders_not_counted"}),
    "a payment": (TYPED, [[D, "1", A, 5, "销售出库"], [D, "2", A, 5, "收款单"]], [5], {"orders_not_counted"}),
    "returns above 0": (TYPED, [[D, "1", A, 5, "销售"], [D, "2", A, 2, "销售退货"], [D, "3", A, "￥1", "红字"]], [5, -2, -1], {"orders_returned"}),
    "returns below 0": (TYPED, [[D, "1", A, 5, "销售"], [D, "2", A, -2, "退货"]], [5, -2], set()),
    "a total on each line": (TOTALS, [[D, "1", A, "甲", 1, 100, 300], [D, "1", A, "乙", 2, 100, 300], [D, "2", A, "甲", 1, 100, 100]], [300, 0, 100], {"order_totals_once"}),
    "a total by its header alone": (TOTALS, [[D, "1", A, "甲", 1, "", 300], [D, "1", A, "乙", 2, "", 300]], [300, 0], {"order_totals_once"}),
    "lines of one price": (TOTALS, [[D, "1", A, "甲", 1, 300, 300], [D, "1", A, "乙", 1, 300, 300]], [300, 300], set()),
    "lines that differ": (TOTALS, [[D, "1", A, "甲", 1, "", 300], [D, "1", A, "乙", 1, "", 200]], [300, 200], set()),
    "one number of two customers": (TOTALS, [[D, "1", A, "甲", 1, "", 300], ["C002", "1", A, "乙", 1, "", 300]], [300, 300], set()),
    "a total that the prices tell": (PLAIN, [[D, "1", A, "甲", 1, 100, 300], [D, "1", A, "乙", 2, 100, 300]], [300, 0], {"order_totals_once"}),
    "a total on the first lines": (PLAIN, [[D, "1", A, "甲", 1, 9, 300], [D, "1", A, "乙", 2, 9, ""], [D, "2", A, "甲", 1, 9, 50], [D, "2", A, "乙", 1, 9, ""]], [300, 0, 50, 0], {"order_totals_once"}),
    "a line nobody priced": (PLAIN, [[D, "1", A, "甲", 1, 9, 300], [D, "1", A, "乙", 2, 9, ""]], [300, None], set()),
    "perhaps totals": (PLAIN, [[D, n, A, what, 1, "", 300] for n in "123" for what in "甲乙"], [300] * 6, {"order_totals_perhaps"}),
    "by chance": (PLAIN, [[D, n, A, what, 1, "", 300] for n in "12" for what in "甲乙"], [300] * 4, set()),
    "a total of one order may be its line's": (ANY, [[D, "1", A, what, 1, "", 300] for what in "甲乙"], [300, 300], set()),
    "a total of three orders": (ANY, [[D, n, A, what, 1, "", 300] for n in "123" for what in "甲乙"], [300, 0] * 3, {"order_totals_once"}),
    "blank below": (TOTALS, [[D, "1", A, "甲", 1, "", 300], ["", "", "", "乙", 1, "", 200]], [300, 200], {"order_lines_continued"}),
    "blank but for the number": (TOTALS, [[D, "1", A, "甲", 1, "", 300], ["", "1", A, "乙", 1, "", 200]], [300, 200], {"order_lines_continued"}),
    "a total below": (TOTALS, [[D, "1", A, "甲", 1, "", 300], ["", "", "", "合计", 1, "", 300]], [300], set()),
    "below a total": (TOTALS, [[D, "1", A, "甲", 1, "", 300], ["小计", "", "", "", 1, "", 300], ["", "", "", "乙", 1, "", 200]], [300], set()),
    "another day": (TOTALS, [[D, "1", A, "甲", 1, "", 300], ["", "", B, "乙", 1, "", 200]], [300], set()),
}  # fmt: skip
TOLD = {
    "orders_not_counted",
    "orders_state_unclear",
    "orders_returned",
    "order_totals_once",
    "order_totals_perhaps",
    "order_lines_continued",
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_counts_with_the_amount_that_counts(read: Callable, name: str) -> None:
    header, lines, counted, told = LINES[name]
    lines = [[float(cell) if type(cell) is int else cell for cell in line] for line in lines]

    book = read(info(HEAD, ROW), sheet("订单", header, *lines))

    found = [None if pd.isna(amount) else amount for amount in amounts(book.tables["orders"].rows)]
    assert found == counted
    assert set(codes(book.findings)) & TOLD == told & TOLD
    assert "column_unknown" not in {f.code for f in book.findings if f.typed_value == header[4]}


def test_what_is_told_of_cancelled_lines_says_the_words_and_how_often(read: Callable) -> None:
    lines = [[D, str(n), A, 5.0, word] for n, word in enumerate(["已取消", "作废", "已取消", "完成"])]
    book = read(info(HEAD, ROW), sheet("订单", STATED, *lines))
    [found] = [f for f in book.findings if f.code == "orders_not_counted"]
    assert (found.cell, found.typed_value, found.detail) == ("E2:E4", "已取消 ×2、作废 ×1", "3")


#: What an export says of orders (customer, number, word) → the amounts that count of orders 1 and 2, complete in an older workbook.
NEWER = {
    "one is called off": ([[D, "1", "已取消"], [D, "2", "完成"]], [7]),
    "in another width": ([[D, "１", "已取消"]], [7]),
    "a line of it alone": ([[D, "1", "已取消"], [D, "1", "完成"]], [5, 7]),
    "a payment": ([[D, "1", "收款单"]], [5, 7]),
    "another customer's": ([["C002", "1", "已取消"]], [5, 7]),
    "without a number": ([[D, "", "已取消"]], [5, 7]),
    "nobody can tell": ([[D, "1", "待付款"], [D, "2", "完成"]], [5, 7]),
}  # fmt: skip


@pytest.mark.parametrize("name", NEWER)
@pytest.mark.parametrize("is_newer", [True, False])
def test_an_order_that_a_newer_workbook_calls_off_counts_nowhere(policy: Policy, name: str, *, is_newer: bool) -> None:
    said, counted = NEWER[name]
    header = TYPED if name == "a payment" else STATED
    lines = (
        [[D, "1", A, 5.0, "完成"], [D, "2", A, 7.0, "完成"]],
        [[who, no, A, 7.0 if no == "2" else 5.0, word] for who, no, word in said],
    )
    customers, days = info(HEAD, ROW, ["C002", "乙", "IT"]), ((1, 2) if is_newer else (2, 1))
    books = [
        validation.validate(Book(f"{team}.xlsx", team, (customers, sheet("订单", head, *rows)), modified=dt.datetime(2024, 2, day)), policy, TODAY)
        for team, head, rows, day in zip(("华东", "华北"), (STATED, header), lines, days, strict=True)
    ]  # fmt: skip

    found = consolidation.consolidate(books, policy)

    told = found.findings[found.findings["code"].eq("order_called_off")]
    gone = is_newer and counted == [7]
    assert sorted(amounts(found.orders[found.orders["customer_id"].eq(D)])) == (counted if is_newer else [5, 7])
    expected = [["华东.xlsx", "A2", D, "1: 5", "华北.xlsx"]] if gone else []
    assert told[["book", "cell", "customer_id", "typed_value", "detail"]].to_numpy().tolist() == expected


def test_an_order_of_unknown_amount_that_is_called_off_is_none_of_0(policy: Policy) -> None:
    customers, lines = info(HEAD, ROW), ((1, ["", "完成"]), (2, [5.0, "已取消"]))
    books = [
        validation.validate(Book(f"{day}.xlsx", f"{day}", (customers, sheet("订单", STATED, [D, "1", A, *line])), modified=dt.datetime(2024, 2, day)), policy, TODAY)
        for day, line in lines
    ]  # fmt: skip

    found = consolidation.consolidate(books, policy)

    assert found.findings.loc[found.findings["code"].eq("order_called_off"), "typed_value"].tolist() == ["1: —"]


def test_many_orders_called_off_are_told_once(policy: Policy) -> None:
    customers = info(HEAD, ROW)
    books = [
        validation.validate(Book(f"{team}.xlsx", team, (customers, sheet("订单", STATED, *([D, str(n), A, 5.0, word] for n in range(10)))),
                                 modified=dt.datetime(2024, 2, day)), policy, TODAY)
        for team, word, day in (("华东", "完成", 1), ("华北", "已取消", 2))
    ]  # fmt: skip

    found = consolidation.consolidate(books, policy)

    assert found.orders.empty
    [told] = found.findings[found.findings["code"].eq("orders_called_off")].to_dict("records")
    assert (told["book"], told["cell"], told["typed_value"], told["detail"]) == (
        "华东.xlsx",
        "A2:A11",
        "10",
        "华北.xlsx",
    )


def test_no_word_says_two_things() -> None:
    states = (order_words._GONE, order_words._OPEN, order_words._COUNTS)
    assert sum(map(len, states)) == len({word for words in states for word in words})
    assert not set(order_words._RETURNS) & set(order_words._NOT_BOUGHT)


def test_the_number_of_an_order_is_no_customers_where_another_column_names_one(read: Callable) -> None:
    header = ["ID", "Purchase Date", "Bill-to Name", "Grand Total (Base)", "Status"]
    book = read(info(HEAD, ROW), sheet("Sheet1", header, ["0001", A, "甲", 5.0, "complete"]))
    rows = book.tables["orders"].rows
    assert (rows["customer_id"].tolist(), amounts(rows)) == (["甲"], [5])


def test_an_export_of_shopify_is_read_by_its_own_names(read: Callable) -> None:
    header = ["Name", "Total", "Created at", "Lineitem quantity", "Lineitem name", "Billing Company"]
    lines = [["#1", "310.00", "2024-01-05 10:00:00 +0800", "1", "A", "甲"], ["#1", "", "2024-01-05 10:00:00 +0800", "2", "B", ""]]  # fmt: skip
    rows = read(info(HEAD, ROW), sheet("orders_export", header, *lines)).tables["orders"].rows
    assert (rows["order_no"].tolist(), rows["product"].tolist(), amounts(rows)) == (["#1", "#1"], ["A", "B"], [310, 0])


@pytest.mark.parametrize(
    ("name", "kinds"), [("回款明细", ["info"]), ("报价记录", ["info"]), ("Budget 2024", ["info"]), ("已付款订单", ["info", "orders"]), ("1月", ["info", "orders"])]
)  # fmt: skip
def test_days_and_amounts_of_a_sheet_of_payments_are_no_orders(read: Callable, name: str, kinds: list[str]) -> None:
    book = read(info(HEAD, ROW), sheet(name, ["客户ID", "单号", "日期", "金额（元）"], [D, "1", A, 5.0]))
    assert [*book.tables] == kinds
