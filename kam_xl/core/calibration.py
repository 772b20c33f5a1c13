"""Where the tiers would have to begin for their shares to be those aimed at: the nearest that can be (handbook §4, "Calibration").

Cut-offs stand where scores can, at full tenths. Of all that there are, those are proposed that miss the target shares
least; of these, those that move the fewest customers; of these, those that are easiest to say.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_xl.core import scoring, tiering
from kam_xl.core.policy import Policy, Tier
from kam_xl.core.sections import TierKey
from kam_xl.core.separation import Separation

#: Scores as whole numbers: their highest, and how many of them make a point.
_TOP, _POINT = 100 * 10**scoring.DECIMALS, 10**scoring.DECIMALS
_SAME = 1e-9  # two misses so near each other are one
_PLAIN = 100  # moving one customer weighs more than any plainness of four numbers
#: Why a tier's share misses its target.
APART, FEW, TIES, ROOM = "apart", "few", "ties", "room"
MOVES = ("customer_id", "name", "score", "before", "after")


@dataclass(frozen=True)
class Calibrated:
    """What a calibration of the newest snapshot came to: the policy it was made under, and those proposed, None where none is.

    ``since`` is the day of the marks that the weights were tried on; where no snapshot is old enough, ``separation`` is
    None and ``since`` the day it would have to be of.
    """

    snapshot: pd.DataFrame
    policy: Policy
    cuts: Policy | None
    weights: Policy | None
    separation: Separation | None
    since: dt.date


Costs = tuple[np.ndarray, np.ndarray]  # what misses the targets, and what else is to be small


def cut_offs(score: pd.Series, tier: pd.Series, policy: Policy) -> dict[TierKey, float]:
    """Tier key → where its band would begin, highest first; ``score`` and ``tier`` are as they stand, one row a customer.

    A tier's miss is the number of customers by which it lies outside its target share, squared, so that no tier is far
    off while others hit. Bands are wider than the policy's hysteresis. Customers without a score count nowhere.
    """
    known = score.dropna()
    at = scoring.round_half_away(known * _POINT, 0).astype("int64")
    counts = {key: _from_above(at[tier[known.index] == key]) for key in policy.tier_keys}
    above = _from_above(at)
    best: Costs = (np.where(np.arange(_TOP + 2) == _TOP + 1, 0.0, np.inf), np.zeros(_TOP + 2))
    steps = []
    for one in policy.tiers:
        best, high = _lower(best, _band(one, above, counts[one.key], policy))
        steps.append(high)
    low = 0
    lows: dict[TierKey, float] = {}
    for one, high in zip(reversed(policy.tiers), reversed(steps), strict=True):
        lows[one.key], low = low / _POINT, int(high[low])
    return {tier.key: lows[tier.key] for tier in policy.tiers}


def _from_above(at: pd.Series) -> np.ndarray:
    """Place → how many scores stand at it or above."""
    return np.bincount(at, minlength=_TOP + 2)[::-1].cumsum()[::-1]


def _band(tier: Tier, above: np.ndarray, own: np.ndarray, policy: Policy) -> Costs:
    """What a band from each place (rows) to each higher one (columns) costs."""
    inside = above[:, None] - above[None, :]
    everyone = above[0]
    miss = np.maximum(np.maximum(tier.target_low * everyone - inside, inside - tier.target_high * everyone), 0)
    place = np.arange(_TOP + 2)
    width = np.minimum(place, _TOP)[None, :] - place[:, None]
    possible = width > max(policy.hysteresis * _POINT, 0)
    moved = inside - (own[:, None] - own[None, :])
    return np.where(possible, np.round(miss, 6) ** 2, np.inf), moved * _PLAIN + _plainness(tier)[:, None]


def _plainness(tier: Tier) -> np.ndarray:
    """How much there is to say of each place: today's cut-off the least, then full tens, fives, points."""
    place = np.arange(_TOP + 2)
    steps = [place == round(tier.low * _POINT), *(place % (_POINT * step) == 0 for step in (10, 5, 1))]
    return np.select(steps, range(len(steps)), len(steps))


def _lower(best: Costs, band: Costs) -> tuple[Costs, np.ndarray]:
    """The best that leads down to each place by one more band, and where that band ends."""
    miss = best[0][None, :] + band[0]
    least = miss.min(axis=1)
    other = np.where(miss <= least[:, None] + _SAME, best[1][None, :] + band[1], np.inf)
    high = other.argmin(axis=1)
    return (least, other.min(axis=1)), high


def shares(score: pd.Series, proposed: Policy) -> pd.DataFrame:
    """The share check of the scores under proposed bands (`tiering.share_check`), with why a share misses its target.

    ``why`` is `APART` (the targets leave no way to 100 %), `FEW` (no whole number of customers lies within the target),
    `TIES` (``tied`` customers at the score ``tied_at`` cannot be parted), `ROOM` (the other tiers need them), else unknown.
    """
    check = tiering.share_check(tiering.tiers(score, proposed), proposed)
    known = score.dropna()
    reasons = [_why(tier, known, proposed) for tier in proposed.tiers]
    told = pd.DataFrame(reasons, index=list(proposed.tier_keys), columns=["why", "tied", "tied_at"])
    missed = check["verdict"].isin(["low", "high"])
    return check.join(told.where(missed.set_axis(check["tier"]).reindex(told.index)), on="tier")


def _why(tier: Tier, score: pd.Series, proposed: Policy) -> tuple[str, float, float]:
    """What keeps a tier from its target, if anything does, with the customers at its edge that share one score."""
    ends = [round(sum(getattr(one, end) for one in proposed.tiers), 9) for end in ("target_low", "target_high")]
    if not ends[0] <= 1 <= ends[1]:
        return APART, math.nan, math.nan
    if math.ceil(round(tier.target_low * len(score), 6)) > math.floor(round(tier.target_high * len(score), 6)):
        return FEW, math.nan, math.nan
    edges = [score[score < tier.low].max(), score[score >= tier.low].min(), score[score < tier.high].max(),
             score[score >= tier.high].min()]  # fmt: skip
    tied, at = max((int((score == edge).sum()), edge) for edge in edges if pd.notna(edge))
    return (TIES, float(tied), float(at)) if tied > 1 else (ROOM, math.nan, math.nan)


def moves(snapshot: pd.DataFrame, proposed: Policy) -> pd.DataFrame:
    """Who would stand in another tier under a proposed policy's weights and bands (`MOVES`), the longest way first.

    ``score`` is the one proposed, out of the snapshot's marks; a customer keeps the tier that a hysteresis leaves it.
    """
    score = scoring.composite(snapshot["value"], snapshot["potential"], snapshot["demand"], proposed.weights)
    after = tiering.tiers(score, proposed, snapshot["tier"])
    moved = snapshot.assign(score=score, before=snapshot["tier"], after=after)
    step = moved[["before", "after"]].apply(lambda column: column.map(_heights(proposed))).astype("float64")
    way = (step["after"] - step["before"]).abs()
    order = moved.assign(_way=-way)[way > 0].sort_values(["_way", "customer_id"], ignore_index=True)
    return order[list(MOVES)]


def _heights(policy: Policy) -> dict[str, int]:
    return {key: place for place, key in enumerate(reversed(policy.tier_keys))}
