"""How sure a tier is: the chance that the customer, judged without error and today, would have it, and the next likeliest one.

The true score is taken as normal around the computed one (ours, handbook §4). Its variance is the sum of three: marks are
given in whole steps (step² ⁄ 12 a mark, times its weight squared); evaluators differ (the variance between those who judged one
customer, pooled over all, drawn towards the customer's own where it was judged by several); and marks age (a variance that
grows with the days, estimated from what the same evaluators gave the same customers again, else the policy's). The chance of a
tier is what of that lies in its band, the present one wider by the hysteresis. Where the differences between evaluators are
not known, nothing is told.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kam_xl.core import frames, severity
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.words import Words

COLUMNS = tuple(frames.ASSESSMENT["confidence"])
_HALF_STEP = 0.05  # a score is rounded to one decimal before it is tiered
_YEAR = 365.25


def told(
    customers: pd.DataFrame, evaluations: pd.DataFrame, policy: Policy, today: pd.Timestamp, words: Words
) -> pd.DataFrame:
    """The customers whose tier is not sure (`COLUMNS`): its ``chance``, the likeliest ``other`` tier and its chance.

    ``spread`` is the standard deviation of the score in points. Who lacks a score, a tier, a day or an evaluator, and whose
    tier is as sure as the policy asks, is not there; nobody is where too few customers were judged by several.
    """
    rows = customers.dropna(subset=["score", "computed_tier", "evaluated_on", "evaluator"])
    between = _between(severity.judged(evaluations, policy), rows["customer_id"], policy)
    if rows.empty or between is None:
        return frames.empty(frames.ASSESSMENT["confidence"])
    age = (today - rows["evaluated_on"]).dt.days.clip(lower=0)
    spread = np.sqrt(rounding(policy) + between.to_numpy() + _drift(evaluations, policy) * age)
    every = chances(rows["score"], rows["computed_tier"], spread, policy)
    keys, own = np.array(policy.tier_keys, dtype=object), every.columns.get_indexer(pd.Index(rows["computed_tier"]))
    shares, at = every.to_numpy(copy=True), np.arange(len(rows))
    chance = shares[at, own]
    shares[at, own] = -1
    other = shares.argmax(axis=1)
    found = pd.DataFrame({"customer_id": rows["customer_id"], "tier": rows["computed_tier"], "chance": chance,
                          "other": keys[other], "other_chance": shares[at, other], "spread": spread})  # fmt: skip
    found = found[found["chance"] < policy.evaluators.show_below].reset_index(drop=True)
    return frames.typed(_said(found, policy, words), frames.ASSESSMENT["confidence"])


def chances(score: pd.Series, tier: pd.Series, spread: pd.Series, policy: Policy) -> pd.DataFrame:
    """The chance of every tier (columns, highest first) for each score; ``tier`` is the present one, ``spread`` in points."""
    present = tier.map({key: place for place, key in enumerate(policy.tier_keys)}).to_numpy(int)
    edges = np.array([one.low for one in policy.tiers[:-1]]) - _HALF_STEP  # below tier 0, below tier 1, …
    place = np.arange(len(edges))
    shift = np.where(place == present[:, None], -1, 0) + np.where(place == present[:, None] - 1, 1, 0)
    above = (edges + shift * policy.hysteresis - score.to_numpy()[:, None]) / spread.to_numpy()[:, None]
    below = 0.5 * (1 + _erf(above / math.sqrt(2)).astype("float64"))  # the chance of lying below each edge
    whole = np.column_stack([np.ones(len(score)), below, np.zeros(len(score))])
    return pd.DataFrame(whole[:, :-1] - whole[:, 1:], index=score.index, columns=[*policy.tier_keys])


_erf = np.frompyfunc(math.erf, 1, 1)


def rounding(policy: Policy) -> float:
    """The variance of a score whose marks are given in steps."""
    weights = [getattr(policy.weights, key) for key in DIMENSIONS]
    return policy.evaluators.mark_step**2 / 12 * math.fsum(weight**2 for weight in weights)


def _between(pairs: pd.DataFrame, ids: pd.Series, policy: Policy) -> pd.Series | None:
    """The variance between evaluators for each customer; None where too few comparisons tell it."""
    scores = pairs.groupby("customer_id")["score"]
    freedom, squares = scores.size() - 1, scores.var() * (scores.size() - 1)
    if freedom.sum() < policy.evaluators.known_from:
        return None
    pooled, weight = squares.sum() / freedom.sum(), policy.evaluators.pooled_weight
    own = (weight * pooled + squares) / (weight + freedom)
    return ids.map(own).fillna(pooled)


def _drift(evaluations: pd.DataFrame, policy: Policy) -> float:
    """The variance that a day adds: by how much the score moved that the same evaluator gave the same customer again.

    All of it is taken for change, though part of it is chance: no tier is told surer than it is.
    """
    rows = evaluations.dropna(subset=["customer_id", "evaluator", "evaluated_on", "score"])
    rows = rows.sort_values(["customer_id", "evaluator", "evaluated_on"], kind="stable")
    by = rows.groupby(["customer_id", "evaluator"])
    days, moved = by["evaluated_on"].diff().dt.days, by["score"].diff()
    again = days >= policy.evaluators.again_days
    if again.sum() < policy.evaluators.known_from:
        return float(policy.evaluators.drift_year**2 / _YEAR)
    return float((moved[again] ** 2).sum() / days[again].sum())


def _said(found: pd.DataFrame, policy: Policy, words: Words) -> pd.DataFrame:
    """With the sentence: ``重点客户 72% · 战略客户 28%``."""
    names = policy.tier_names(words.lang)
    facts = zip(*(found[name] for name in ("tier", "chance", "other", "other_chance")), strict=True)
    said = [
        words(
            "confidence.said", tier=names[tier], chance=f"{chance:.0%}", other=names[other], other_chance=f"{rest:.0%}"
        )
        for tier, chance, other, rest in facts
    ]
    return found.assign(said=pd.Series(said, found.index, dtype="str"))
