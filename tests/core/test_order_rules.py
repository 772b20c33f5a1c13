"""The rules on orders: each just fires, just does not, cites the last order's row, and keeps still where too little is known (§7)."""

import datetime as dt

import pytest

from tests.builders import TODAY

INFO = {"customer_id": "C001", "name": "某科技", "amount": 500}


def every(days, *, last, count, amount=10_000):
    """Orders every so many days, the last one so many days ago, the newest first."""
    return [
        {
            "customer_id": "C001",
            "order_no": f"D{back}",
            "ordered_on": TODAY - dt.timedelta(last + days * back),
            "amount": amount,
        }
        for back in range(count)
    ]


@pytest.fixture
def told(gather, words_in, policy):
    """Orders of one customer, and more of its row → what the rules on orders tell, by rule."""
    from kam_xl.core.assessment import assess

    def run(orders, lang="zh-CN", **more):
        marks = {"customer_id": "C001", "value": 60, "potential": 60, "demand": 60, "evaluated_on": TODAY}
        books = {"info": [INFO | more], "evaluation": [marks], "orders": orders}
        assessed = assess(gather(华东=books), policy, TODAY, words_in(lang))
        risks = assessed.risks[assessed.risks["rule"].isin(["order_overdue", "year_fell", "silent_customer"])]
        return {row.rule: row for row in risks.itertuples()}

    return run


def test_an_order_is_overdue_past_the_customers_own_rhythm(told):
    assert "order_overdue" not in told(every(20, last=30, count=6))
    found = told(every(20, last=31, count=6))["order_overdue"]

    assert (
        found.evidence
        == "按自己的节奏每 20 天下一次单（6 个下单日），上次 2026-10-21，应于 2026-11-10 前后再下单，已 31 天没有"
    )
    assert (found.book, found.sheet, found.cell, found.level) == ("华东.xlsx", "交易记录", "C2", "medium")
    assert found.happened.date() == dt.date(2026, 11, 10)
    english = told(every(20, last=31, count=6), lang="en")["order_overdue"]
    assert english.evidence.startswith("Orders every 20 days as a rule (6 days with an order), last 2026-10-21")


def test_it_is_not_overdue_after_a_later_deal_on_record(told):
    assert "order_overdue" not in told(every(20, last=31, count=6), last_deal=TODAY - dt.timedelta(3))


def test_an_order_that_may_be_the_customers_keeps_the_rule_still(told):
    unclear = {"customer_id": "C0O1", "ordered_on": TODAY - dt.timedelta(2), "amount": 5}

    assert "order_overdue" not in told([*every(20, last=31, count=6), unclear])


def test_silence_and_an_overdue_order_are_one_matter(told):
    found = told(every(20, last=400, count=6))

    assert found["order_overdue"].cause == found["silent_customer"].key
    assert found["silent_customer"].cell == "C2"


def test_who_orders_is_not_silent_though_nobody_touched_the_customers_sheet(told):
    assert told(every(60, last=20, count=5), last_deal=TODAY - dt.timedelta(900)) == {}


@pytest.mark.parametrize(("now", "fires"), [(7_500, True), (7_501, False)])
def test_the_year_fell_by_the_policys_share(told, now, fires):
    orders = [*every(60, last=10, count=6, amount=now), *every(60, last=370, count=8)]
    for place, row in enumerate(orders):
        row["order_no"] = f"D{place}"

    found = told(orders)

    assert ("year_fell" in found) is fires
    if fires:
        row = found["year_fell"]
        assert row.evidence == "近一年订单 4.5 万元（6 个下单日），前一年 6 万元（6 个），下降 25%"
        assert (row.cell, row.money) == ("F2", pytest.approx(1.5))


def test_a_year_of_which_the_orders_do_not_tell_cannot_have_fallen(told):
    orders = [*every(60, last=10, count=6, amount=100), *every(60, last=370, count=5)]

    assert "year_fell" not in told(orders)
