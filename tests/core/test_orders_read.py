"""A list of orders is known by its headers, whoever exported it, and its rows go to the customers whom it names."""

import datetime as dt

import pytest

from kam_xl.core import consolidation, validation
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.errors import Refused
from tests.builders import TODAY

INFO = [["客户ID", "客户名称", "所属行业"], ["C001", "某某科技", "IT"], ["C002", "某某贸易", "商贸"]]
DAY = dt.date(2026, 1, 5)


def book(policy, name, rows, sheet="Sheet1"):
    return validation.validate(Book(name, name, (RawSheet(sheet, rows),), sha256=name, size_bytes=1), policy, TODAY)


#: What programs export, and what is read of the first row: customer, day, amount in 万元, product, quantity.
EXPORTS = {
    "an ID and a name beside it": (
        [["单据日期", "单据编号", "客户编码", "客户名称", "存货名称", "数量", "本币金额", "成本"],
         [DAY, "X1", "C001", "某某科技", "甲", 3.0, 3000.0, 2000.0], ["合计", "", "", "", "", 3.0, 3000.0, ""]],
        ("C001", DAY, 0.3, "甲", 3.0)),
    "a name alone": (
        [["日期", "单据编号", "购货单位", "产品名称", "数量", "价税合计"], [DAY, "A1", "某某贸易", "丙", -2.0, -1200.0]],
        ("C002", DAY, -0.12, "丙", -2.0)),
    "English": (
        [["Order No", "Customer", "Order Date", "Item", "Qty", "Order Total"], ["1", "c002", "2026-01-05", "X", 2.0, 99.0]],
        ("C002", DAY, 0.0099, "X", 2.0)),
    "the day and amount alone": ([["客户", "成交日期", "金额（万元）"], ["C001", DAY, 2.5]], ("C001", DAY, 2.5, None, None)),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_of_orders_is_read(policy, name):
    rows, (customer, day, amount, product, quantity) = EXPORTS[name]

    portfolio = consolidation.consolidate([book(policy, "a", INFO), book(policy, "b", rows)], policy)

    (order,) = portfolio.orders.astype(object).where(portfolio.orders.notna(), None).to_dict("records")
    assert (order["customer_id"], order["ordered_on"].date(), order["product"], order["quantity"]) == (
        customer, day, product, quantity,
    )  # fmt: skip
    assert order["amount"] == pytest.approx(amount)
    assert "column_duplicate" not in portfolio.findings["code"].tolist()
    assert portfolio.records["book"].unique().tolist() == ["a"]


def test_orders_of_a_customer_one_letter_away_ask_whom_they_mean(policy):
    rows = [["日期", "购货单位", "价税合计"], [DAY, "某某科枝", 1200.0]]

    portfolio = consolidation.consolidate([book(policy, "a", INFO), book(policy, "b", rows)], policy)

    assert portfolio.proposals[["kind", "customer_id"]].to_numpy().tolist() == [["orders", "C001"]]
    assert "customer_meant" in portfolio.findings["code"].tolist()


def test_a_list_of_customers_with_their_last_deal_is_no_list_of_orders(policy):
    rows = [["客户ID", "客户名称", "最近合作日期", "成交金额"], ["C001", "某某科技", DAY, 5.0]]

    assert list(book(policy, "a", rows).tables) == ["info"]


@pytest.mark.parametrize("rows", [[["客户", "日期", "内容"], ["C001", DAY, "拜访"]], [["产品", "金额"], ["甲", 5.0]]])
def test_what_has_no_customer_day_and_amount_is_no_list_of_orders(policy, rows):
    with pytest.raises(Refused):
        book(policy, "a", rows)


def test_a_day_to_come_has_no_order_yet(policy):
    read = book(
        policy, "a", [["客户", "日期", "金额（元）"], ["C001", TODAY + dt.timedelta(1), 5.0], ["C001", TODAY, 5.0]]
    )

    assert read.tables["orders"].rows["ordered_on"].notna().tolist() == [False, True]
    assert "date_not_yet" in [one.code for one in read.findings]
