"""Nights as they were written beside what they come to under another policy: who stands elsewhere, since when, at what cost.

Both sides of a night are snapshots (`history.snapshot`). Nights come one after the other and only the first and the last
are kept whole, so that a year of them takes no more room than two.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from kam_xl.core import budgets, frames, risk_states
from kam_xl.core.errors import PolicyError
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy

SIDES = ("was", "proposed")  # as it was written; as the policy would have had it
NIGHTS = frames.day("day") | frames.count(
    "customers higher lower level_up level_down high_was high_proposed moves_was moves_proposed"
)
ELSEWHERE = ("customer_id", "name", "tier_was", "tier_proposed", "level_was", "level_proposed", "score_was",
             "score_proposed", "amount", "since", "nights")  # fmt: skip
_APART = frames.day("since") | frames.count("nights")
_LEVELS = {level: place for place, level in enumerate(("none", *reversed(LEVELS)))}


@dataclass(frozen=True)
class Twice:
    """One night twice: the snapshot that was written, and the one it comes to."""

    day: dt.date
    was: pd.DataFrame
    proposed: pd.DataFrame


class Lost(NamedTuple):
    """A night that cannot be replayed: ``reason`` is ``book`` or ``snapshot``, ``detail`` names what of it is lost."""

    day: dt.date
    reason: str
    detail: str


@dataclass(frozen=True)
class Replayed:
    """What is known of the nights so far: `NIGHTS` row by row, by customer since when it stands elsewhere, by rule the news.

    ``apart`` is of those who stand in another tier or at another level in the last night: ``since`` the first of the
    nights on end, ``nights`` how many there are. ``news`` counts the risks first seen after the first night.
    """

    first: Twice
    last: Twice
    nights: tuple[tuple[object, ...], ...]
    apart: pd.DataFrame
    news: pd.DataFrame

    @property
    def by_night(self) -> pd.DataFrame:
        """One row a night (`NIGHTS`)."""
        return pd.DataFrame(self.nights, columns=list(NIGHTS)).astype(NIGHTS)


def after(so_far: Replayed | None, night: Twice, policy: Policy) -> Replayed:
    """What is known with one night more; the nights come in their order, the first after None."""
    both = _both(night, policy)
    moves = [0, 0] if so_far is None else [_moved(getattr(so_far.last, side), getattr(night, side)) for side in SIDES]
    row = (
        pd.Timestamp(night.day), len(both),
        *(int((both[step] * way > 0).sum()) for step in ("tier", "level") for way in (1, -1)),
        *(int((getattr(night, side)["level"] == LEVELS[0]).sum()) for side in SIDES), *moves,
    )  # fmt: skip
    apart = both.loc[(both["tier"] != 0) | (both["level"] != 0), "customer_id"]
    if so_far is None:
        return Replayed(night, night, (row,), _since(apart, frames.empty(_APART), night.day), _news(night) * 0)
    news = so_far.news.add(_news(night), fill_value=0).astype("int64")
    return Replayed(so_far.first, night, (*so_far.nights, row), _since(apart, so_far.apart, night.day), news)


def _both(night: Twice, policy: Policy) -> pd.DataFrame:
    """The customers of both sides, and how many tiers and levels higher the proposal has each; unknown is no step."""
    both = night.was[["customer_id", "tier", "level"]].merge(
        night.proposed[["customer_id", "tier", "level"]], on="customer_id", suffixes=("_was", "_proposed")
    )
    heights = {"tier": {key: place for place, key in enumerate(reversed(policy.tier_keys))}, "level": _LEVELS}
    steps = {
        name: both[f"{name}_proposed"].map(height).astype("float64") - both[f"{name}_was"].map(height).astype("float64")
        for name, height in heights.items()
    }
    return both[["customer_id"]].assign(**{name: step.fillna(0) for name, step in steps.items()})


def _moved(before: pd.DataFrame, now: pd.DataFrame) -> int:
    """How many customers changed from one known tier to another."""
    tiers = before[["customer_id", "tier"]].merge(now[["customer_id", "tier"]], on="customer_id").dropna()
    return int((tiers["tier_x"] != tiers["tier_y"]).sum())


def _since(apart: pd.Series, before: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Since when each of some customers has stood elsewhere, a night later."""
    known = before.reindex(apart.to_numpy())
    return pd.DataFrame(
        {"since": known["since"].fillna(pd.Timestamp(day)), "nights": known["nights"].fillna(0).astype("int64") + 1}
    ).astype(_APART)


def _news(night: Twice) -> pd.DataFrame:
    """Rule → how many of its risks are first seen in a night, on either side (`SIDES`)."""
    day = pd.Timestamp(night.day)
    return _by_rule({side: known[known["since"] == day] for side, known in _known(night).items()})


def _known(night: Twice) -> dict[str, pd.DataFrame]:
    return {side: risk_states.remembered(getattr(night, side)) for side in SIDES}


def _by_rule(risks: dict[str, pd.DataFrame]) -> pd.DataFrame:
    counts = {side: known["rule"].value_counts() for side, known in risks.items()}
    return pd.DataFrame(counts, columns=list(SIDES)).fillna(0).astype("int64")


# --- what it comes to in the last night ------------------------------------------------------------------------------------


def elsewhere(found: Replayed, policy: Policy) -> pd.DataFrame:
    """Who stands in another tier or at another level in the last night (`ELSEWHERE`), the longest way first, then the amount."""
    kept = ["customer_id", "tier", "level", "score"]
    rows = found.last.was[[*kept, "name", "amount"]].merge(
        found.last.proposed[kept], on="customer_id", suffixes=("_was", "_proposed")
    )
    rows = rows.merge(_both(found.last, policy), on="customer_id").join(found.apart, on="customer_id", how="inner")
    order = rows.assign(_tier=-rows["tier"].abs(), _level=-rows["level"].abs(), _amount=-rows["amount"])
    order = order.sort_values(["_tier", "_level", "_amount", "customer_id"], ignore_index=True)
    return order[list(ELSEWHERE)]


def alarms(found: Replayed) -> pd.DataFrame:
    """One row a rule that found anything: open_was, open_proposed in the last night, new_was, new_proposed since the first.

    Those of which the proposal has most more or fewer come first.
    """
    standing = _by_rule(_known(found.last)).add_prefix("open_")
    every = standing.join(found.news.add_prefix("new_"), how="outer").fillna(0).astype("int64")
    every = every[(every != 0).any(axis=1)]
    step = (every["open_proposed"] - every["open_was"]).abs() + (every["new_proposed"] - every["new_was"]).abs()
    order = every.rename_axis("rule").reset_index().assign(_step=-step.to_numpy())
    return order.sort_values(["_step", "rule"], ignore_index=True).drop(columns="_step")


def tiers(found: Replayed, was: Policy | None, proposed: Policy) -> pd.DataFrame:
    """One row a tier, highest first: customers, visits a year and the response limit in hours, each was and proposed.

    Visits a year are the customers' cadences; nothing is known of what was where the night's own policy is lost (None).
    """
    rows = pd.DataFrame({"tier": proposed.tier_keys})
    for side, policy in zip(SIDES, (was, proposed), strict=True):
        of = {tier.key: tier for tier in policy.tiers} if policy else {}
        year = policy.targets.year_days if policy else math.nan
        rows[f"customers_{side}"] = rows["tier"].map(getattr(found.last, side)["tier"].value_counts()).fillna(0)
        each = rows["tier"].map({key: year / tier.cadence_days for key, tier in of.items()}).astype("float64")
        rows[f"visits_{side}"] = rows[f"customers_{side}"] * each
        rows[f"hours_{side}"] = rows["tier"].map({key: tier.sla_hours for key, tier in of.items()}).astype("float64")
    return rows


def pools(found: Replayed, was: Policy | None, proposed: Policy) -> pd.DataFrame:
    """One row a pool of the proposed policy: its tiers, customers and share of the budget, each was and proposed.

    A share is unknown where the policy is, where its ranges cannot be met (`budgets.split`), or where no pool was of
    these tiers.
    """
    parts = {side: _budget(policy) for side, policy in zip(SIDES, (was, proposed), strict=True)}
    rows = pd.DataFrame({"tiers": [tiers for tiers, _, _ in budgets.pools(proposed).values()]})
    for side in SIDES:
        counts = getattr(found.last, side)["tier"].value_counts()
        rows[f"customers_{side}"] = [int(counts.reindex(tiers).fillna(0).sum()) for tiers in rows["tiers"]]
        rows[f"share_{side}"] = [parts[side].get(tiers, math.nan) for tiers in rows["tiers"]]
    return rows


def _budget(policy: Policy | None) -> dict[tuple[str, ...], float]:
    """Tiers of a pool → its share of the budget; nothing where that is not known."""
    try:
        found = budgets.split(math.nan, policy) if policy else None
    except PolicyError:
        found = None
    return {} if found is None else dict(zip(found["tiers"], found["share"], strict=True))
