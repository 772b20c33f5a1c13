"""Nights twice: who stands elsewhere and since when, what moved, what it costs, which alarms come or go."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import history, replaying
from kam_xl.core.replaying import Twice

POLICY = resources.policy()
FIRST = dt.date(2026, 11, 1)


def snapshot(day, *rows):
    """A snapshot out of (customer, tier, level, risks): risks are (rule, days since first seen)."""
    made = [
        {"customer_id": one, "name": f"客户{one}", "tier": tier, "level": level, "score": 60.0, "amount": float(place),
         "risks": " ".join(f"{one}-{rule}={rule}=high=={day - dt.timedelta(days=age)}=" for rule, age in risks) or None}
        for place, (one, tier, level, *risks) in enumerate(rows)
    ]  # fmt: skip
    blank = dict.fromkeys(("risk_score", "value", "potential", "demand", "team_count", "amount_parts"), 0.0)
    frame = pd.DataFrame(made).assign(**blank, teams="华东", on=pd.Timestamp(day))
    return history.complete(frame.astype({"on": "datetime64[s]"}))


def nights(*pairs, policy=POLICY):
    """Nights on end, each as (was, proposed) rows."""
    found = None
    for place, (was, proposed) in enumerate(pairs):
        day = FIRST + dt.timedelta(days=place)
        found = replaying.after(found, Twice(day, snapshot(day, *was), snapshot(day, *proposed)), policy)
    return found


A_KEY, A_REGULAR = ("C1", "key", "none"), ("C1", "regular", "none")
B_HIGH, B_LOW = ("C2", "key", "high"), ("C2", "key", "low")


def test_the_same_on_both_sides_is_nothing_anywhere():
    found = nights(*[([A_KEY, B_HIGH], [A_KEY, B_HIGH])] * 3)

    assert replaying.elsewhere(found, POLICY).empty
    steps = ["higher", "lower", "level_up", "level_down", "moves_was", "moves_proposed"]
    assert found.by_night[steps].to_numpy().sum() == 0
    assert found.by_night["customers"].tolist() == [2, 2, 2]


def test_who_stands_elsewhere_since_the_first_of_the_nights_on_end():
    found = nights(
        ([A_KEY, B_HIGH], [A_REGULAR, B_LOW]),
        ([A_KEY, B_HIGH], [A_KEY, B_LOW]),
        ([A_KEY, B_HIGH], [A_REGULAR, B_LOW]),
        ([A_KEY, B_HIGH], [A_REGULAR, B_LOW]),
    )

    rows = replaying.elsewhere(found, POLICY)

    assert rows[["customer_id", "tier_was", "tier_proposed", "level_was", "level_proposed", "nights"]].to_numpy().tolist() == [
        ["C1", "key", "regular", "none", "none", 2], ["C2", "key", "key", "high", "low", 4]]  # fmt: skip
    assert rows["since"].dt.day.tolist() == [3, 1]
    by_night = found.by_night
    assert by_night["lower"].tolist() == [1, 0, 1, 1]
    assert by_night["level_down"].tolist() == [1, 1, 1, 1]
    assert by_night["moves_proposed"].tolist() == [0, 1, 1, 0]
    assert by_night["moves_was"].tolist() == [0, 0, 0, 0]
    assert by_night[["high_was", "high_proposed"]].to_numpy().tolist() == [[1, 0]] * 4


def test_the_longest_way_comes_first_then_the_level_then_the_amount():
    was = [("C1", "key", "none"), ("C2", "key", "none"), ("C3", "key", "none"), ("C4", "key", "none")]
    proposed = [("C1", "key", "high"), ("C2", "regular", "none"), ("C3", "regular", "none"), ("C4", "optimize", "none")]

    assert replaying.elsewhere(nights((was, proposed)), POLICY)["customer_id"].tolist() == ["C4", "C3", "C2", "C1"]


def test_without_a_tier_or_on_one_side_alone_nobody_stands_elsewhere():
    found = nights(([("C1", None, "none"), ("C2", "key", "none")], [("C1", "key", "none"), ("C3", "key", "none")]))

    assert replaying.elsewhere(found, POLICY).empty
    assert found.by_night["customers"].tolist() == [1]


def test_alarms_are_counted_by_rule_those_with_most_more_or_fewer_first():
    found = nights(
        ([("C1", "key", "high", ("silent", 9))], [("C1", "key", "high", ("silent", 0))]),
        ([("C1", "key", "high", ("silent", 10), ("fell", 0))],
         [("C1", "key", "high", ("silent", 1), ("fell", 0), ("other", 0), ("more", 1))]),
    )  # fmt: skip

    rows = replaying.alarms(found)

    assert rows.to_numpy().tolist() == [
        ["other", 0, 1, 0, 1], ["more", 0, 1, 0, 0], ["fell", 1, 1, 1, 1], ["silent", 1, 1, 0, 0]]  # fmt: skip


def test_visits_and_limits_follow_each_sides_own_policy():
    proposed = dataclasses.replace(
        POLICY, tiers=tuple(dataclasses.replace(tier, cadence_days=73, sla_hours=5) for tier in POLICY.tiers)
    )
    found = nights(([A_KEY, B_HIGH], [A_REGULAR, B_HIGH]))

    rows = replaying.tiers(found, POLICY, proposed).set_index("tier")

    assert rows.loc["key", ["customers_was", "customers_proposed"]].tolist() == [2, 1]
    assert rows.loc["key", "visits_was"] == pytest.approx(2 * 365 / 90)
    assert rows["visits_proposed"].tolist() == [0, 5, 5, 0, 0]
    assert rows.loc["key", ["hours_was", "hours_proposed"]].tolist() == [8, 5]


def test_what_is_not_known_of_the_policy_that_was_is_unknown():
    found = nights(([A_KEY], [A_KEY]))

    assert replaying.tiers(found, None, POLICY)["visits_was"].isna().all()
    assert replaying.pools(found, None, POLICY)["share_was"].isna().all()


def test_the_budget_of_a_pool_is_shared_by_other_customers():
    found = nights(([A_KEY, B_HIGH], [A_REGULAR, B_HIGH]))

    rows = replaying.pools(found, POLICY, POLICY).set_index("tiers")

    assert rows.loc[[("key",)], ["customers_was", "customers_proposed"]].to_numpy().tolist() == [[2, 1]]
    assert rows.loc[[("regular", "optimize")], ["customers_was", "customers_proposed"]].to_numpy().tolist() == [[0, 1]]
    assert rows["share_was"].equals(rows["share_proposed"])
    assert rows["share_proposed"].sum() == pytest.approx(1)


def test_ranges_that_no_split_meets_leave_the_shares_unknown():
    tiers = tuple(dataclasses.replace(tier, budget_high=0.1, budget_low=0.0) for tier in POLICY.tiers)

    rows = replaying.pools(nights(([A_KEY], [A_KEY])), POLICY, dataclasses.replace(POLICY, tiers=tiers))

    assert rows["share_proposed"].isna().all()
    assert rows["share_was"].notna().all()
