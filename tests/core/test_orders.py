"""What orders tell equals the same worked out in SQL, and says nothing where too little is known."""

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import orders_in_sql
from kam_xl import resources
from kam_xl.core import orders

RULE = resources.policy().orders
TODAY = pd.Timestamp(2026, 11, 20)
NORTHWIND = Path("/work/shared/corpora/orders")


def frame(rows):
    """Order rows with the columns that the rules read; a row is (customer, day, amount, and more by name)."""
    usual = {"order_no": None, "cost": np.nan, "profit": np.nan, "book": "a.xlsx", "row": 2}
    made = [
        usual | {"customer_id": who, "ordered_on": day, "amount": amount} | dict(*more)
        for who, day, amount, *more in rows
    ]
    columns = ["customer_id", "order_no", "ordered_on", "amount", "cost", "profit", "book", "row"]
    types = {"customer_id": "str", "order_no": "str", "ordered_on": "datetime64[s]", "book": "str"}
    return pd.DataFrame(made, columns=columns).astype(types | dict.fromkeys(("amount", "cost", "profit"), "float64"))


def customers(*ids, last_deal=None):
    return pd.DataFrame({"customer_id": pd.Series(ids, dtype="str"),
                         "last_deal": pd.Series([last_deal] * len(ids), dtype="datetime64[s]")})  # fmt: skip


def told(rows, *ids, today=TODAY, rule=RULE, last_deal=None, since=None):
    """The figures of some customers by ID; orders are known from long ago unless the test says otherwise."""
    own = frame(rows)
    since = {"a.xlsx": pd.Timestamp(2000, 1, 1)} if since is None else since
    found = orders.figures(own, customers(*ids, last_deal=last_deal), rule, pd.Timestamp(today), since)
    return found.set_axis(list(ids), axis=0)


# --- the same in SQL ---------------------------------------------------------------------------------------------------

WHO = ("C1", "C2", "C3")
DAYS = st.one_of(
    st.dates(dt.date(2023, 1, 1), dt.date(2026, 11, 20)),
    st.sampled_from([dt.date(2024, 2, 29), dt.date(2025, 2, 28), dt.date(2025, 11, 20), dt.date(2025, 11, 21)]),
    st.none(),
)
AMOUNTS = st.one_of(st.none(), st.integers(-500, 5000).map(lambda cents: cents / 100))
ROWS = st.lists(
    st.tuples(st.sampled_from((*WHO, "C9")), DAYS, AMOUNTS,
              st.fixed_dictionaries({"order_no": st.sampled_from(["1", "2", None]), "cost": AMOUNTS, "profit": AMOUNTS})),
    max_size=14,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=50)
@given(ROWS, st.sampled_from([dt.date(2026, 11, 20), dt.date(2028, 2, 29), dt.date(2027, 2, 28)]))
def test_the_figures_are_those_of_sql(rows, today):
    ours = told(rows, *WHO, today=today)
    theirs = orders_in_sql.figures(frame(rows), today).reindex(list(WHO))

    for name in ("order_count", "order_days", "rhythm", "rhythm_spread", "orders_amount", "orders_gaps"):
        expected = theirs[name].astype("float64")
        if name in ("order_count", "order_days"):  # of a customer with nothing but returns: none
            expected = expected.fillna(0).where(theirs["orders_gaps"].notna())
        np.testing.assert_allclose(ours[name], expected, rtol=1e-9, atol=1e-9, err_msg=name)
    for name in ("first_order", "last_order"):
        assert ours[name].tolist() == pd.to_datetime(theirs[name]).astype("datetime64[s]").tolist()
    dated = ~pd.Series([any(who == one and day is None for one, day, *_ in rows) for who in WHO], list(WHO))
    unknown = {name: theirs[f"{name}_unknown"].eq(True) | ~dated for name in ("year", "before")}
    year, before = (theirs[name].mask(unknown[name]) for name in ("year", "before"))
    np.testing.assert_allclose(ours["amount_year"], year.astype("float64"), atol=1e-9)
    grown = (year / before.where(before > 1e-9) - 1).astype("float64")
    known = before.fillna(1).abs() > 1e-9  # what nearly adds up to nothing is nothing to compare with
    np.testing.assert_allclose(ours["growth"][known], grown[known], rtol=1e-9, atol=1e-9)


@pytest.mark.skipif(not NORTHWIND.is_dir(), reason="a user's clone has no corpora")
def test_the_orders_of_a_shop_come_to_what_was_worked_out_without_us():
    read = pd.read_csv(NORTHWIND / "northwind_orders.csv", keep_default_na=False, dtype={"order_no": str})
    paid = read["quantity"].astype(float) * read["unit_price_usd"].astype(float) * (1 - read["discount"].astype(float))
    rows = frame([]).reindex(range(len(read))).assign(
        customer_id=read["customer_id"], order_no=read["order_no"], ordered_on=pd.to_datetime(read["order_date"]), amount=paid,
        book="a.xlsx",
    )  # fmt: skip
    truth = pd.read_csv(NORTHWIND / "northwind_truth.csv", keep_default_na=False, na_values=[""])

    ours = orders.figures(rows, customers(*truth["customer_id"]), RULE, pd.Timestamp(1998, 5, 6), orders.reach(rows))

    assert len(ours) == 89
    assert ours["order_count"].tolist() == truth["orders"].tolist()
    assert ours["order_days"].tolist() == truth["order_days"].tolist()
    assert ours["first_order"].tolist() == pd.to_datetime(truth["first"]).tolist()
    assert ours["last_order"].tolist() == pd.to_datetime(truth["last"]).tolist()
    np.testing.assert_allclose(ours["orders_amount"], truth["amount_usd"], atol=0.0051)
    np.testing.assert_allclose(ours["rhythm"], truth["median_gap_days"])
    np.testing.assert_allclose(ours["rhythm_spread"], truth["sd_gap_days"], atol=0.0051)


# --- the next order ------------------------------------------------------------------------------------------------------


def every(days, *, until, count, who="C1", amount=1.0):
    """Orders every so many days, the last one on a day."""
    return [(who, until - dt.timedelta(days * back), amount) for back in range(count)]


LAST = dt.date(2026, 10, 1)


def test_the_next_order_is_due_an_interval_after_the_last():
    found = told(every(20, until=LAST, count=4), "C1", today=dt.date(2026, 10, 21)).loc["C1"]

    assert (found["rhythm"], found["rhythm_spread"], found["order_late"]) == (20, 0, 0)
    assert found["next_order"] == pd.Timestamp(2026, 10, 21)
    assert not found["order_overdue"]


@pytest.mark.parametrize(
    ("waited", "late", "overdue"), [(20, 0, False), (21, 1, False), (30, 10, False), (31, 11, True)]
)
def test_it_is_overdue_past_the_policys_multiple_of_the_rhythm(waited, late, overdue):
    found = told(every(20, until=LAST, count=4), "C1", today=LAST + dt.timedelta(waited)).loc["C1"]

    assert found["order_late"] == late
    assert bool(found["order_overdue"]) is overdue


def test_from_three_orders_nothing_is_expected():
    found = told(every(20, until=LAST, count=3), "C1", today=dt.date(2027, 6, 1)).loc["C1"]

    assert found["rhythm"] == 20
    assert found[["next_order", "order_late", "value_next"]].isna().all()
    assert not found["order_overdue"]


def test_orders_without_a_rhythm_promise_no_next_one():
    days = [0, 1, 2, 90, 91, 300]
    found = told([("C1", LAST - dt.timedelta(day), 1.0) for day in days], "C1").loc["C1"]

    assert found["rhythm_spread"] > RULE.spread_at_most * found["rhythm"]
    assert found[["next_order", "order_late"]].isna().all()


def test_several_orders_of_a_day_are_one_day_of_the_rhythm():
    rows = [row for row in every(20, until=LAST, count=4) for _ in range(3)]

    assert told(rows, "C1").loc["C1", ["rhythm", "order_days"]].tolist() == [20, 4]


def test_a_deal_on_record_after_the_last_order_counts_as_one():
    found = told(every(20, until=LAST, count=4), "C1", last_deal=dt.date(2026, 11, 10)).loc["C1"]

    assert found["next_order"] == pd.Timestamp(2026, 11, 30)
    assert not found["order_overdue"]


def test_a_return_lowers_the_amount_and_is_no_order():
    rows = [*every(20, until=LAST, count=4), ("C1", dt.date(2026, 11, 1), -0.5)]

    found = told(rows, "C1").loc["C1"]

    assert (found["orders_amount"], found["order_days"], found["last_order"]) == (3.5, 4, pd.Timestamp(LAST))


# --- years, trend, margin ------------------------------------------------------------------------------------------------


def test_growth_is_known_where_both_years_are_told_of():
    rows = [("C1", dt.date(2025, 3, 1), 10.0), ("C1", dt.date(2026, 3, 1), 12.0)]
    reached = pd.Timestamp(2024, 11, 20) + pd.Timedelta(days=RULE.reach_days)

    assert told(rows, "C1", since={"a.xlsx": reached})["growth"].tolist() == pytest.approx([0.2])
    late = told(rows, "C1", since={"a.xlsx": reached + pd.Timedelta(days=1)})
    assert late["growth"].isna().all()
    assert late["amount_year"].tolist() == [12.0]


def test_an_unknown_amount_leaves_its_year_unknown():
    rows = [("C1", dt.date(2025, 3, 1), None), ("C1", dt.date(2025, 4, 1), 5.0), ("C1", dt.date(2026, 3, 1), 12.0)]

    found = told(rows, "C1").loc["C1"]

    assert found["amount_year"] == 12.0
    assert np.isnan(found["amount_before"])
    assert np.isnan(found["growth"])
    assert (found["orders_amount"], found["orders_gaps"]) == (17.0, 1)


def test_the_year_is_a_share_of_the_customers_own_best():
    rows = [
        ("C1", dt.date(year, 6, 1), amount) for year, amount in ((2023, 20.0), (2024, 40.0), (2025, 30.0), (2026, 10.0))
    ]

    assert told(rows, "C1")["best_share"].tolist() == [0.25]


def test_the_editions_of_one_export_reach_as_far_back_as_the_first():
    rows = [("C1", dt.date(2024, 1, 5), 1.0, {"book": "订单-2024-01.csv"}), ("C1", dt.date(2026, 3, 5), 1.0, {"book": "订单-2026-03.csv"}),
            ("C2", dt.date(2026, 3, 5), 1.0, {"book": "华东.xlsx"})]  # fmt: skip

    assert orders.reach(frame(rows)) == {
        "订单-2024-01.csv": pd.Timestamp(2024, 1, 5),
        "订单-2026-03.csv": pd.Timestamp(2024, 1, 5),
        "华东.xlsx": pd.Timestamp(2026, 3, 5),
    }


def monthly(amounts):
    """An order a month, the last one ten days ago, and one before the year."""
    days = [TODAY - pd.DateOffset(months=back) - pd.Timedelta(days=10) for back in range(len(amounts) - 1, -1, -1)]
    return [("C1", day, amount) for day, amount in zip(days, amounts, strict=True)] + [
        ("C1", dt.date(2025, 10, 1), 1.0)
    ]


@pytest.mark.parametrize(("amounts", "trend"), [
    (range(1, 13), "up"), (range(12, 0, -1), "down"), ([5] * 12, "flat"), ([1, 9, 2, 8, 3, 7, 4, 6, 5, 5, 4, 6], "flat"),
])  # fmt: skip
def test_a_trend_is_told_beyond_chance(amounts, trend):
    assert told(monthly([float(one) for one in amounts]), "C1")["trend"].tolist() == [trend]


def test_who_was_not_there_all_year_has_no_trend():
    assert told(monthly(range(1, 13))[:-1], "C1", today=TODAY - pd.DateOffset(months=6))["trend"].isna().all()


def test_the_margin_is_that_of_the_year_where_most_of_it_is_known():
    rows = [("C1", dt.date(2026, 3, 1), 9.0, {"cost": 6.0}), ("C1", dt.date(2026, 4, 1), 1.0)]

    assert told(rows, "C1")["margin"].tolist() == pytest.approx([1 / 3])
    unsure = dataclasses.replace(RULE, margin_known=0.95)
    assert told(rows, "C1", rule=unsure)["margin"].isna().all()
    by_profit = told([("C1", dt.date(2026, 3, 1), 10.0, {"cost": 1.0, "profit": 4.0})], "C1")
    assert by_profit["margin"].tolist() == [0.4]


# --- the year to come ----------------------------------------------------------------------------------------------------


def test_the_value_of_the_year_to_come_is_what_a_steady_customer_orders():
    found = told(every(10, until=dt.date(2026, 11, 15), count=60, amount=2.0), "C1").loc["C1"]

    assert found["value_next"] == pytest.approx(365.25 / 10 * 2, rel=0.03)
    assert found["value_low"] < found["value_next"] < found["value_high"]


@pytest.mark.parametrize(("count", "known"), [(RULE.value_days - 1, False), (RULE.value_days, True)])
def test_of_too_few_orders_no_year_is_told(count, known):
    assert told(every(30, until=LAST, count=count), "C1")["value_next"].notna().tolist() == [known]


def test_a_long_silence_lowers_what_is_expected():
    rows = every(30, until=LAST, count=12)
    soon, late = (told(rows, "C1", today=day).loc["C1", "value_next"] for day in (LAST, dt.date(2028, 10, 1)))

    assert late < soon / 2


def test_the_range_holds_the_year_about_as_often_as_it_says():
    chance = np.random.default_rng(5)
    rows, years = [], []
    for number in range(600):
        rate, worth = chance.uniform(0.02, 0.1), chance.uniform(1, 5)
        days = np.unique(np.cumsum(chance.exponential(1 / rate, 400)).astype(int))
        amounts = chance.gamma(4, worth / 4, len(days)).round(2)
        past, to_come = days < 1000, (days >= 1000) & (days < 1365)
        rows += [(f"C{number}", TODAY - pd.Timedelta(days=1000 - int(day)), amount)
                 for day, amount in zip(days[past], amounts[past], strict=True)]  # fmt: skip
        years.append(amounts[to_come].sum())
    found = told(rows, *(f"C{number}" for number in range(600)))

    held = (found["value_low"] <= years) & (years <= found["value_high"])
    known = found["value_next"].notna()
    assert known.sum() > 500
    assert held[known].mean() == pytest.approx(RULE.value_sure, abs=0.05)
    assert found.loc[known, "value_next"].sum() == pytest.approx(np.array(years)[known].sum(), rel=0.05)


# --- nobody and nothing --------------------------------------------------------------------------------------------------


def test_an_order_without_a_day_may_be_of_any_year_and_be_the_next_one():
    rows = every(20, until=LAST, count=8)

    found = told([*rows, ("C1", None, 7.0)], "C1").loc["C1"]

    assert bool(told(rows, "C1").loc["C1", "order_overdue"])
    assert found[["order_overdue", "next_order", "amount_year", "growth"]].isna().all()
    assert (found["orders_amount"], found["rhythm"]) == (8.0, 20)


def test_who_has_no_orders_has_no_figures():
    found = told([("C1", LAST, 1.0), ("C9", LAST, 1.0), (None, LAST, 1.0)], "C1", "C2")

    assert found.loc["C2"].isna().all()
    assert found.loc["C1", "orders_amount"] == 1.0


def test_no_orders_at_all_are_no_figures():
    found = told([], "C1")

    assert found.isna().all(axis=None)
    assert found.dtypes.to_dict() == told([("C1", LAST, 1.0)], "C1").dtypes.to_dict()
    assert orders.reach(frame([])) == {}
