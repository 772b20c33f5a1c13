"""Cut-offs that meet the targets, or the nearest there are and why; and who would move."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import calibration, policy, scoring, tiering

POLICY = resources.policy()
KEYS = POLICY.tier_keys


def with_lows(lows, base=POLICY):
    """The policy with other cut-offs."""
    highs = [100, *lows.values()]
    tiers = (
        dataclasses.replace(tier, low=lows[tier.key], high=high) for tier, high in zip(base.tiers, highs, strict=False)
    )
    return dataclasses.replace(base, tiers=tuple(tiers))


def with_targets(*targets):
    tiers = (
        dataclasses.replace(tier, target_low=low, target_high=high)
        for tier, (low, high) in zip(POLICY.tiers, targets, strict=True)
    )
    return dataclasses.replace(POLICY, tiers=tuple(tiers))


def proposed(scores, base=POLICY, tier=None):
    """The scores, and the policy with the cut-offs proposed for them."""
    score = pd.Series(scores, dtype="float64")
    tier = tiering.tiers(score, base) if tier is None else tier
    return score, with_lows(calibration.cut_offs(score, tier, base), base)


def misses(score, of):
    """By how many customers each tier misses its target share under a policy."""
    counts = tiering.tiers(score, of).value_counts().reindex(KEYS, fill_value=0)
    known = score.notna().sum()
    return [
        max(tier.target_low * known - counts[tier.key], counts[tier.key] - tier.target_high * known, 0)
        for tier in of.tiers
    ]


@pytest.mark.slow
@given(st.sets(st.integers(0, 1000), min_size=1, max_size=80))
@settings(max_examples=20)
def test_without_ties_every_tier_is_within_one_customer_of_its_target(tenths):
    score, found = proposed([tenth / 10 for tenth in tenths])

    assert max(misses(score, found)) < 1
    lows = [tier.low for tier in found.tiers]
    assert lows == sorted(set(lows), reverse=True)
    assert lows[-1] == 0


@pytest.mark.slow
@given(
    st.lists(st.sampled_from([20.0, 48.5, 50.0, 55.0, 70.0, 70.1, 90.0, 100.0]), min_size=1, max_size=60),
    st.sets(st.integers(1, 999), min_size=4, max_size=4),
)
@settings(max_examples=20)
def test_no_other_cut_offs_come_nearer_ties_or_not(scores, tenths):
    score, found = proposed(scores)
    other = with_lows(dict(zip(KEYS, [*(tenth / 10 for tenth in sorted(tenths, reverse=True)), 0], strict=True)))

    def miss(of):
        return sum(one**2 for one in misses(score, of))

    assert miss(found) <= miss(other) + 1e-6


def test_a_portfolio_on_target_keeps_its_cut_offs():
    score = pd.Series([95.0] * 12 + [80.0] * 22 + [60.0] * 55 + [40.0] * 8 + [10.0] * 3)

    assert calibration.cut_offs(score, tiering.tiers(score, POLICY), POLICY) == {
        tier.key: tier.low for tier in POLICY.tiers
    }


def test_of_equal_ways_the_one_that_moves_fewest_then_the_plainest_is_taken():
    """Ten of a hundred must rise to strategic; any cut-off from 80.1 to 85 lets just those in: 85 is the plainest."""
    score = pd.Series([85.0] * 12 + [80.0] * 22 + [60.0] * 55 + [40.0] * 8 + [10.0] * 3)

    lows = calibration.cut_offs(score, tiering.tiers(score, POLICY), POLICY)

    assert lows == {"strategic": 85, "key": 70, "regular": 50, "potential": 30, "optimize": 0}


def test_a_plain_number_is_not_worth_a_customer():
    """From 85.1 up ten of a hundred would be strategic, from 80.1 fourteen: both are on target, fewer move."""
    score = pd.Series([88.0] * 10 + [85.0] * 4 + [80.0] * 20 + [60.0] * 55 + [40.0] * 8 + [10.0] * 3)

    assert calibration.cut_offs(score, tiering.tiers(score, POLICY), POLICY)["strategic"] == 86


def test_what_must_be_missed_is_spread_over_the_tiers():
    score, found = proposed(range(100), with_targets(*[(0, 0.1)] * 5))

    assert misses(score, found) == pytest.approx([10] * 5)


def test_a_band_is_wider_than_the_hysteresis():
    wide = dataclasses.replace(POLICY, hysteresis=8)
    score = pd.Series([50.0 + number / 10 for number in range(100)])

    lows = [*calibration.cut_offs(score, tiering.tiers(score, wide), wide).values()]

    assert min(high - low for high, low in zip([100, *lows], lows, strict=False)) > 8


def test_who_shares_a_score_is_named_as_the_reason():
    score, found = proposed([70.0] * 40 + [60.0 - number for number in range(50)] + [95.0] * 10)

    check = calibration.shares(score, found).set_index("tier")

    assert check.loc["key", ["verdict", "why", "tied", "tied_at"]].tolist() == ["high", "ties", 40, 70]


def test_too_few_customers_for_a_share_are_named_as_the_reason():
    score, found = proposed([95.0, 75.0, 60.0])

    check = calibration.shares(score, found).set_index("tier")

    assert check.loc[check["verdict"] != "on_target", "why"].unique().tolist() == ["few"]


def test_targets_that_cannot_add_up_are_named_as_the_reason():
    score, found = proposed(range(100), with_targets(*[(0, 0.1)] * 5))

    check = calibration.shares(score, found)

    assert set(check.loc[check["verdict"] == "high", "why"]) == {"apart"}


def test_what_hits_has_no_reason_and_who_has_no_score_counts_nowhere():
    score, found = proposed([number / 10 for number in range(1, 1000, 2)] + [None] * 300)

    check = calibration.shares(score, found).set_index("tier")

    assert check.loc[[*KEYS], "verdict"].eq("on_target").all()
    assert check["why"].isna().all()
    assert check.loc["unknown", "customers"] == 300


def test_who_would_move_the_longest_way_first():
    marks = {"value": [95.0, 60.0, 45.0], "potential": [95.0, 60.0, 45.0], "demand": [95.0, 60.0, 45.0]}
    snapshot = pd.DataFrame(
        {
            "customer_id": ["C1", "C2", "C3"],
            "name": ["甲", "乙", "丙"],
            "tier": ["strategic", "regular", "potential"],
            **marks,
        }
    )
    lows = dict(zip(KEYS, [96, 50, 40, 30, 0], strict=True))

    found = calibration.moves(snapshot, with_lows(lows))

    assert found[["customer_id", "score", "before", "after"]].to_numpy().tolist() == [
        ["C1", 95.0, "strategic", "key"], ["C2", 60.0, "regular", "key"], ["C3", 45.0, "potential", "regular"]]  # fmt: skip


def test_other_weights_give_another_score_and_a_hysteresis_holds_whom_it_holds():
    snapshot = pd.DataFrame(
        {"customer_id": ["C1"], "name": ["甲"], "tier": ["key"], "value": [68.0], "potential": [72.0], "demand": [75.0]}
    )
    weights = policy.Weights(1.0, 0.0, 0.0)

    assert calibration.moves(snapshot, POLICY).empty  # 70.6
    moved = calibration.moves(snapshot, dataclasses.replace(POLICY, weights=weights))
    assert moved[["score", "after"]].to_numpy().tolist() == [[68.0, "regular"]]
    assert calibration.moves(snapshot, dataclasses.replace(POLICY, weights=weights, hysteresis=3)).empty


@pytest.mark.parametrize("place", [0, 1, 700, 894, 1000])
def test_a_score_is_at_its_cut_off_not_below(place):
    score = pd.Series([place / 10])

    above = calibration._from_above(scoring.round_half_away(score * 10, 0).astype("int64"))

    assert above[place] == 1
    assert above[place + 1] == 0
