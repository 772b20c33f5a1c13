"""Scores → tiers, and how the tiers compare with their profiles, their target shares and the policy (handbook §4, §5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.words import Words

UNKNOWN = "unknown"  # stands for "no tier" where customers are counted


class Note(NamedTuple):
    """One thing the policy makes impossible on this portfolio: its code, and a sentence ready to show."""

    code: str
    text: str


def tiers(score: pd.Series, policy: Policy, previous: pd.Series | None = None) -> pd.Series:
    """The tier key of each score (0..100); unknown where the score is.

    Bands are half-open, the top one includes 100. With a hysteresis of n points a customer whose ``previous`` tier is
    known keeps it until the score lies n points past that tier's edge.
    """
    found = pd.Series(keys(score.to_numpy(dtype=float), policy), index=score.index, dtype="str")
    if previous is None or policy.hysteresis == 0:
        return found
    return found.mask(_held(score, previous, policy), previous)


def keys(score: np.ndarray, policy: Policy) -> np.ndarray:
    """The tier key of each score by the bands alone; None where the score is unknown."""
    known = np.array([*reversed(policy.tier_keys), None], dtype=object)
    band = np.searchsorted([tier.low for tier in reversed(policy.tiers)], score, side="right") - 1
    return known[np.where((score >= 0) & (score <= 100), band, -1)]  # -1 takes the last: no tier


def _held(score: pd.Series, previous: pd.Series, policy: Policy) -> pd.Series:
    """True where a score has not left its previous tier's band by the hysteresis."""
    low = previous.map({tier.key: tier.low - policy.hysteresis for tier in policy.tiers}).astype(float)
    high = previous.map({tier.key: tier.high + policy.hysteresis for tier in policy.tiers}).astype(float)
    return (score > low.round(6)) & (score < high.round(6))


def profile_contradictions(value: pd.Series, potential: pd.Series, tier: pd.Series, policy: Policy) -> pd.Series:
    """True where a known mark lies outside what the tier's description implies (score 35 with potential 10)."""
    marks = {"value": value.to_numpy("float64"), "potential": potential.to_numpy("float64")}
    keys, outside = tier.to_numpy(object), np.zeros(len(tier), dtype=bool)
    for one in policy.tiers:
        for dimension, (low, high) in one.profile.items():
            mark = marks[dimension]
            outside |= (keys == one.key) & ((mark < low) | (mark > high))
    return pd.Series(outside, tier.index)


def share_check(tiers: pd.Series, policy: Policy) -> pd.DataFrame:
    """One row a tier, highest first: customers, share, target_low, target_high, verdict (low, on_target, high).

    Shares are of the customers with a known tier, targets include both ends. Customers without a tier follow in a row
    ``unknown``, whose share is of all customers and which has no target.
    """
    everyone = pd.Series("", index=tiers.index, dtype="str")
    return _against_targets(_counts(everyone, tiers, policy).reindex([""], fill_value=0), policy).drop(columns="team")


def team_share_check(teams: pd.Series, tiers: pd.Series, policy: Policy) -> pd.DataFrame:
    """`share_check` for each team: two columns side by side, one row a team and customer; ``team`` comes first."""
    return _against_targets(_counts(teams, tiers, policy), policy)


def _counts(teams: pd.Series, tiers: pd.Series, policy: Policy) -> pd.DataFrame:
    """Customers by team (rows) and tier (columns, all of them)."""
    return pd.crosstab(teams, tiers.fillna(UNKNOWN)).reindex(columns=[*policy.tier_keys, UNKNOWN], fill_value=0)


def _against_targets(counts: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    check = pd.DataFrame({"customers": counts.stack()}).rename_axis(["team", "tier"]).reset_index()
    team, known = check["team"], check["tier"] != UNKNOWN
    scored = check["customers"].where(known, 0).groupby(team).transform("sum")
    base = scored.where(known, check["customers"].groupby(team).transform("sum"))
    check["share"] = check["customers"] / base.where(base > 0)
    for end in ("target_low", "target_high"):
        check[end] = check["tier"].map({tier.key: getattr(tier, end) for tier in policy.tiers}).astype(float)
    check["verdict"] = _share_verdicts(check)
    return check[known | (check["customers"] > 0)].reset_index(drop=True)


def _share_verdicts(check: pd.DataFrame) -> pd.Series:
    share, low, high = check["share"], check["target_low"], check["target_high"]
    verdict = np.select([share < low, share > high, share.between(low, high)], ["low", "high", "on_target"], "")
    return pd.Series(verdict, index=check.index, dtype="str").replace("", np.nan)


# --- policy check ------------------------------------------------------------------------------------------------


def policy_check(scored: pd.DataFrame, policy: Policy, words: Words) -> tuple[Note, ...]:
    """What the policy makes impossible on these customers (columns value, potential, demand, score, computed_tier)."""
    checks = (_highest_reached, _tiers_out_of_reach, _empty_tiers, _weak_weights, _targets_apart, _budgets_apart)
    return tuple(note for check in checks for note in check(scored, policy, words))


def _reachable(scored: pd.DataFrame, policy: Policy) -> float:
    """The score of a customer with the highest mark reached in every dimension; NaN when nobody is scored."""
    return sum(getattr(policy.weights, key) * scored[key].max() for key in DIMENSIONS)


def _highest_reached(scored: pd.DataFrame, policy: Policy, words: Words) -> Iterator[Note]:
    highest = scored[list(DIMENSIONS)].max()
    best = scored["score"].max()
    if pd.notna(best):
        yield Note("highest_reached", words("policy_check.highest_reached", best=f"{best:.1f}", **_shown(highest)))


def _tiers_out_of_reach(scored: pd.DataFrame, policy: Policy, words: Words) -> Iterator[Note]:
    reachable = _reachable(scored, policy)
    for tier in policy.tiers:
        if reachable < tier.low:
            text = words(
                "policy_check.tier_out_of_reach",
                tier=tier.name(words.lang), low=f"{tier.low:g}", reachable=f"{reachable:.1f}",
            )  # fmt: skip
            yield Note("tier_out_of_reach", text)


def _empty_tiers(scored: pd.DataFrame, policy: Policy, words: Words) -> Iterator[Note]:
    reachable = _reachable(scored, policy)
    reached = set(scored["computed_tier"].dropna())
    for tier in policy.tiers:
        if tier.key not in reached and reachable >= tier.low and tier.target_low > 0:
            text = words("policy_check.tier_empty", tier=tier.name(words.lang), target=f"{tier.target_low:.0%}")
            yield Note("tier_empty", text)


def _weak_weights(scored: pd.DataFrame, policy: Policy, words: Words) -> Iterator[Note]:
    """A dimension that cannot move anybody across even the narrowest band, from mark 0 to mark 100."""
    narrowest = min(tier.high - tier.low for tier in policy.tiers)
    for key in DIMENSIONS:
        points = getattr(policy.weights, key) * 100
        if points < narrowest:
            text = words(
                "policy_check.weight_irrelevant",
                dimension=words(f"terms.dimension.{key}"), points=f"{points:g}", narrowest=f"{narrowest:g}",
            )  # fmt: skip
            yield Note("weight_irrelevant", text)


def _targets_apart(scored: pd.DataFrame, policy: Policy, words: Words) -> Iterator[Note]:
    yield from _apart("targets_apart", [(tier.target_low, tier.target_high) for tier in policy.tiers], words)


def _budgets_apart(scored: pd.DataFrame, policy: Policy, words: Words) -> Iterator[Note]:
    pools = {tier.budget_pool: (tier.budget_low, tier.budget_high) for tier in policy.tiers}
    yield from _apart("budgets_apart", list(pools.values()), words)


def _apart(code: str, ranges: list[tuple[float, float]], words: Words) -> Iterator[Note]:
    """Ranges of shares that cannot sum to 100 %; the shares are rounded, for 0.1 + 0.2 is not 0.3 in binary."""
    low, high = (round(sum(ends), 9) for ends in zip(*ranges, strict=True))
    if not low <= 1 <= high:
        yield Note(code, words(f"policy_check.{code}", low=f"{low:.0%}", high=f"{high:.0%}"))


def _shown(marks: pd.Series) -> dict[str, str]:
    return {str(key): f"{mark:g}" for key, mark in marks.items()}
