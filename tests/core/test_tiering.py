"""Every score falls in exactly one tier, and shares and profiles are tested against the policy (handbook §4, §5)."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import frames, tiering
from kam_xl.core.policy import Policy, Weights

scores = st.integers(0, 1000).map(lambda tenths: tenths / 10)


def column(*values: float) -> pd.Series:
    return pd.Series(values, dtype="float64")


def keys(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize(
    ("score", "tier"),
    [
        (0, "optimize"), (29.9, "optimize"), (30, "potential"), (49.9, "potential"), (50, "regular"), (69.9, "regular"),
        (70, "key"), (89.4, "key"), (89.9, "key"), (90, "strategic"), (100, "strategic"),
    ],
)  # fmt: skip
def test_every_edge_of_every_band(policy: Policy, score: float, tier: str) -> None:
    assert tiering.tiers(column(score), policy).tolist() == [tier]


def test_an_unknown_score_has_no_tier(policy: Policy) -> None:
    assert tiering.tiers(column(np.nan, -0.1, 100.1, 50), policy).isna().tolist() == [True, True, True, False]


@given(score=scores)
def test_every_score_falls_in_exactly_one_tier(policy: Policy, score: float) -> None:
    top = policy.tiers[0].key
    bands = [tier.key for tier in policy.tiers if tier.low <= score < tier.high or (tier.key == top and score == 100)]
    assert bands == tiering.tiers(column(score), policy).tolist()


@given(one=scores, other=scores)
def test_a_higher_score_never_has_a_lower_tier(policy: Policy, one: float, other: float) -> None:
    low, high = (
        policy.tier_keys.index(tier) for tier in tiering.tiers(column(min(one, other), max(one, other)), policy)
    )
    assert high <= low  # 0 is the highest


@pytest.mark.parametrize(
    ("score", "previous", "tier"),
    [
        (91.9, "key", "key"),
        (92.0, "key", "strategic"),
        (68.1, "key", "key"),
        (68.0, "key", "regular"),
        (88.1, "strategic", "strategic"),
        (91.0, None, "strategic"),
        (91.0, "merged", "strategic"),
        (10.0, "strategic", "optimize"),
    ],
)
def test_hysteresis_asks_for_some_points_past_the_edge(policy: Policy, score: float, previous: str, tier: str) -> None:
    slow = dataclasses.replace(policy, hysteresis=2)
    assert tiering.tiers(column(score), slow, keys(previous)).tolist() == [tier]
    assert (
        tiering.tiers(column(score), policy, keys(previous)).tolist() == tiering.tiers(column(score), policy).tolist()
    )


@pytest.mark.parametrize(
    ("value", "potential", "tier", "contradicts"),
    [
        (35, 10, "potential", True),
        (50, 50, "potential", False),
        (51, 60, "potential", True),
        (70, 70, "strategic", False),
        (100, 69, "strategic", True),
        (40, 80, "optimize", True),
        (10, 10, "key", False),
        (np.nan, 60, "potential", False),
        (35, 10, None, False),
    ],
)
def test_profile(policy: Policy, value: float, potential: float, tier: str | None, contradicts: bool) -> None:
    found = tiering.profile_contradictions(column(value), column(potential), keys(tier), policy)
    assert found.tolist() == [contradicts]


def test_each_share_is_tested_against_its_own_range(policy: Policy) -> None:
    tiers = keys(*["strategic"] * 3, *["key"] * 4, *["regular"] * 13, None)
    check = tiering.share_check(tiers, policy)
    assert check.columns.tolist() == list(frames.ASSESSMENT["tiers"])
    rows = list(zip(check["tier"], check["customers"], check["share"], check["verdict"].fillna("—"), strict=True))
    assert rows == [
        ("strategic", 3, 0.15, "on_target"),
        ("key", 4, 0.2, "on_target"),
        ("regular", 13, 0.65, "high"),
        ("potential", 0, 0.0, "low"),
        ("optimize", 0, 0.0, "on_target"),
        ("unknown", 1, 1 / 21, "—"),
    ]
    assert check["target_low"].isna().tolist() == [False] * 5 + [True]


def test_no_customers_no_shares(policy: Policy) -> None:
    check = tiering.share_check(keys(), policy)
    assert check["customers"].tolist() == [0] * 5
    assert check["share"].isna().all()
    assert check["verdict"].isna().all()


def test_shares_by_team(policy: Policy) -> None:
    check = tiering.team_share_check(keys("华东", "华东", "华北"), keys("key", "regular", None), policy)
    shares = check.set_index(["team", "tier"])["share"]
    assert shares["华东", "key"] == 0.5
    assert shares["华北", "unknown"] == 1
    assert ("华东", "unknown") not in shares
    assert tiering.team_share_check(keys(), keys(), policy).empty


def notes(policy: Policy, words, *marks: tuple[float, float, float]) -> dict[str, list[str]]:
    scored = pd.DataFrame(marks, columns=["value", "potential", "demand"], dtype="float64")
    scored["score"] = scored @ dataclasses.astuple(policy.weights)
    scored["computed_tier"] = tiering.tiers(scored["score"], policy)
    found: dict[str, list[str]] = {}
    for note in tiering.policy_check(scored, policy, words):
        found.setdefault(note.code, []).append(note.text)
    return found


def test_the_policy_check_says_which_tier_nobody_can_reach(policy: Policy, words_in) -> None:
    found = notes(policy, words_in("zh-CN"), (92, 45, 85), (55, 88, 70))
    assert found["highest_reached"] == ["目前各维度最高分：价值 92、潜力 88、需求 85；最高综合得分 76.5"]
    assert found["tier_out_of_reach"] == [
        "没有客户能成为战略客户：即使三个维度都取目前的最高分，综合得分也只有 89.4，低于下限 90"
    ]
    assert found["tier_empty"] == ["目前没有潜力客户，目标占比至少 5%"]
    english = notes(policy, words_in("en"), (92, 45, 85), (55, 88, 70))
    assert english["tier_out_of_reach"][0].startswith("Nobody can reach the tier Strategic")
    assert found.keys() == english.keys()


def test_the_policy_check_names_what_cannot_be(policy: Policy, words_in) -> None:
    words = words_in("en")
    light = dataclasses.replace(policy, weights=Weights(0.6, 0.31, 0.09))
    assert notes(light, words)["weight_irrelevant"] == [
        "The weight of demand hardly matters: from mark 0 to 100 it moves the score by 9, less than the narrowest tier (10)"
    ]
    greedy = tuple(dataclasses.replace(tier, target_low=0.3, target_high=0.3, budget_high=0.1) for tier in policy.tiers)
    found = notes(dataclasses.replace(policy, tiers=greedy), words)
    assert "sum to 150%" in found["targets_apart"][0]
    assert "their upper ends to 40%" in found["budgets_apart"][0]
    assert notes(policy, words) == {}
