"""The rules on orders: each just fires, just does not, cites the orders it rests on, and keeps still where too little is known (§7)."""

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
    assert (found.book, found.sheet, found.cell, found.level) == ("华东.xlsx", "交易记录", "C2:C7", "medium")
    assert found.happened.date() == dt.date(2026, 11, 10)
    english = told(every(20, last=31, count=6), lang="en")["order_overdue"]
    assert english.evidence.startswith("Orders every 20 days as a rule (6 days with an order), last 2026-10-21")


def test_orders_in_several_sheets_are_cited_where_the_last_one_stands(gather, words_in, policy):
    from kam_xl.core.assessment import assess

    mine = every(20, last=31, count=6)
    others = [{"customer_id": "C002", "order_no": "E1", "ordered_on": TODAY, "amount": 1}]
    found = assess(
        gather(华东={"info": [INFO, {"customer_id": "C002", "name": "别家"}], "orders": [*mine[:2], *others, mine[2]]}, 去年={"orders": mine[3:]}),
        policy, TODAY, words_in("zh-CN"),
    ).risks  # fmt: skip

    overdue = found[found["rule"] == "order_overdue"]
    assert overdue[["book", "cell"]].to_numpy().tolist() == [["华东.xlsx", "C2:C5"]]


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
        assert (row.cell, row.money) == ("F2:F13", pytest.approx(1.5))


@pytest.mark.parametrize(("told_of", "what"), [(4, "近一年订单 16 万元，占已知近一年订单的 40%"), (3, None)])
def test_a_customer_is_much_of_all_by_the_years_orders_where_these_are_known(gather, words_in, policy, told_of, what):
    from kam_xl.core.assessment import assess

    # C001 is 5 % of what was ever bought; who is told of by orders is so since three years
    info = [{"customer_id": f"C00{n}", "name": f"客户{n}", "amount": 19 if n > 1 else 3} for n in range(1, 6)]
    orders = [
        {"customer_id": f"C00{n}", "order_no": f"{n}-{back}", "ordered_on": TODAY - dt.timedelta(60 + 100 * back), "amount": amount}
        for n in range(1, told_of + 1) for back in range(11) for amount in (40_000 if n == 1 else 20_000,)
    ]  # fmt: skip

    found = assess(gather(华东={"info": info, "orders": orders}), policy, TODAY, words_in("zh-CN")).risks
    hits = found[found["rule"] == "concentration"]

    mine = hits[hits["customer_id"] == "C001"]
    assert [text.partition("，超过")[0] for text in mine["evidence"]] == ([what] if what else [])
    if what:
        assert mine[["sheet", "cell"]].to_numpy().tolist() == [["交易记录", "F2:F5"]]
        assert len(hits) == 1


def test_a_year_of_which_the_orders_do_not_tell_cannot_have_fallen(told):
    orders = [*every(60, last=10, count=6, amount=100), *every(60, last=370, count=5)]

    assert "year_fell" not in told(orders)
