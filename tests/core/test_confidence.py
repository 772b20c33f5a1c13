"""How sure a tier is: shares that sum to 1, move the right way, and are right as often as they say."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import confidence, tiering
from kam_xl.core.policy import Policy
from kam_xl.resources import words
from tests.core.test_severity import DAY, evaluations, panel

SCORES = st.integers(0, 1000).map(lambda tenths: tenths / 10)
SPREADS = st.floats(0.3, 25)


def with_hysteresis(policy: Policy, points: float) -> Policy:
    return dataclasses.replace(policy, hysteresis=points)


def chances(score: float, spread: float, policy: Policy, tier: str | None = None) -> dict[str, float]:
    scores = pd.Series([score])
    tiers = tiering.tiers(scores, policy) if tier is None else pd.Series([tier])
    return confidence.chances(scores, tiers, pd.Series([spread]), policy).iloc[0].to_dict()


# --- laws ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(SCORES, SPREADS, st.sampled_from([0, 1.5, 4]))
def test_chances_are_shares_that_sum_to_1(policy: Policy, score: float, spread: float, points: float) -> None:
    found = chances(score, spread, with_hysteresis(policy, points))

    assert sum(found.values()) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in found.values())


@settings(max_examples=60)
@given(st.integers(705, 795).map(lambda tenths: tenths / 10), SPREADS, SPREADS)
def test_nearer_to_the_edge_and_with_more_spread_a_tier_is_less_sure(
    policy: Policy, score: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))

    assert chances(score, less, policy)["key"] >= chances(score, more, policy)["key"] - 1e-12
    assert chances(score, less, policy)["regular"] >= chances(score + 0.5, less, policy)["regular"]


@settings(max_examples=30)
@given(SCORES, SPREADS)
def test_hysteresis_makes_the_present_tier_surer(policy: Policy, score: float, spread: float) -> None:
    tier = tiering.tiers(pd.Series([score]), policy)[0]

    assert chances(score, spread, with_hysteresis(policy, 3))[tier] >= chances(score, spread, policy)[tier]


def test_what_hysteresis_keeps_counts_to_the_tier_it_keeps(policy: Policy) -> None:
    """A customer who was strategic and fell to 89.0 stays it: the edge lies at 87.95, a point and a bit below."""
    found = chances(89.0, 1.05, with_hysteresis(policy, 2), "strategic")

    assert found["strategic"] == pytest.approx(0.8413, abs=1e-4)


@pytest.mark.parametrize("points", [0, 3])
def test_the_stated_share_is_right_under_the_model(policy: Policy, points: float) -> None:
    """True scores anywhere, computed ones normal around them: of all tiers told 72 % sure, 72 % are right."""
    rng, count = np.random.default_rng(7), 40_000
    policy = with_hysteresis(policy, points)
    true = pd.Series(rng.uniform(20, 95, count))
    spread = pd.Series(rng.uniform(1, 6, count))
    score = (true + rng.normal(0, spread)).clip(0, 100).round(1)
    tier = tiering.tiers(score, policy)
    right = tiering.tiers(true.round(1), policy, tier) == tier
    stated = confidence.chances(score, tier, spread, policy).to_numpy()[
        np.arange(count), pd.Index(policy.tier_keys).get_indexer(tier)
    ]
    asked = 0
    for low in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        some = (stated >= low) & (stated < low + 0.1) & score.between(25, 90)
        if some.sum() < 200:
            continue
        asked, error = asked + 1, math.sqrt(0.25 / some.sum())
        assert right[some].mean() == pytest.approx(stated[some].mean(), abs=3.5 * error)
    assert asked >= 3


# --- who is told -----------------------------------------------------------------------------------------------------


def customers(**scores: float) -> pd.DataFrame:
    found = pd.DataFrame({"customer_id": [*scores], "score": [*scores.values()], "evaluator": "a", "evaluated_on": DAY})
    return found.astype({"customer_id": "str", "evaluator": "str"})


def told(policy: Policy, rows: pd.DataFrame, typed: pd.DataFrame, today: pd.Timestamp = DAY) -> pd.DataFrame:
    rows = rows.assign(computed_tier=tiering.tiers(rows["score"], policy))
    return confidence.told(rows, typed, policy, today, words("zh-CN")).set_index("customer_id")


def test_only_near_an_edge_is_anything_told(policy: Policy) -> None:
    found = told(policy, customers(NEAR=89.0, FAR=80.0, UP=90.5), panel({"a": -2.0, "b": 2.0}))

    assert [*found.index] == ["NEAR", "UP"]
    assert found.loc["NEAR", ["tier", "other"]].tolist() == ["key", "strategic"]
    assert 0.5 < found.loc["NEAR", "chance"] < 0.9
    assert found.loc["NEAR", "said"].startswith("重点客户 6")
    assert " · 战略客户 " in found.loc["NEAR", "said"]


def test_nothing_is_told_while_nobody_knows_how_evaluators_differ(policy: Policy) -> None:
    assert told(policy, customers(NEAR=89.9), panel({"a": 0.0})).empty
    assert told(policy, customers(NEAR=89.9), panel({"a": 0.0, "b": 0.0}, customers=9)).empty
    assert not told(policy, customers(NEAR=89.9), panel({"a": 0.0, "b": 0.0}, customers=10)).empty


@pytest.mark.parametrize("missing", ["score", "evaluated_on", "evaluator"])
def test_nothing_is_told_of_a_customer_of_whom_something_is_missing(policy: Policy, missing: str) -> None:
    rows = customers(NEAR=89.9)
    rows[missing] = pd.Series([None], dtype=rows[missing].dtype)

    assert told(policy, rows, panel({"a": 0.0, "b": 4.0})).empty


def test_marks_age_by_the_policy_where_nobody_was_judged_again(policy: Policy) -> None:
    fresh, old = (
        told(policy, customers(NEAR=89.9), panel({"a": 0.0, "b": 4.0}), DAY + pd.Timedelta(days=days))["spread"].item()
        for days in (0, 365)
    )

    assert old**2 - fresh**2 == pytest.approx(policy.evaluators.drift_year**2, rel=0.01)


def test_marks_age_by_what_the_same_people_gave_again(policy: Policy) -> None:
    again = evaluations(*((f"D{i}", "a", score, days) for i in range(10) for score, days in ((50, 100), (60, 0))))
    typed = pd.concat([panel({"a": 0.0, "b": 4.0}), again])
    fresh, old = (
        told(policy, customers(NEAR=89.9), typed, DAY + pd.Timedelta(days=days))["spread"].item() for days in (0, 100)
    )

    assert old**2 - fresh**2 == pytest.approx(100)  # ten points in a hundred days, squared


def test_a_customer_over_whom_evaluators_quarrel_is_less_sure(policy: Policy) -> None:
    quarrel = evaluations(("Q", "a", 89.0), ("Q", "b", 60.0))
    found = told(policy, customers(Q=89.0, N=89.0), pd.concat([panel({"a": 0.0, "b": 1.0}), quarrel]))

    assert found.loc["Q", "spread"] > found.loc["N", "spread"]


def test_whole_marks_alone_leave_a_fifth_of_a_point(policy: Policy) -> None:
    assert math.sqrt(confidence.rounding(policy)) == pytest.approx(0.178, abs=1e-3)  # √((0.25 + 0.09 + 0.04) / 12)
