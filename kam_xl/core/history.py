"""What changed between two nights, and what of tonight is kept to compare with (handbook §4, §10)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from kam_xl.core.policy import LEVELS, Policy

CHANGES = ("tier_down", "risk_up", "unread", "gone", "new", "tier_up", "risk_down")  # what got worse comes first
COLUMNS = ("customer_id", "name", "change", "before", "after")
KEPT = {
    "customer_id": "customer_id",
    "name": "name",
    "computed_tier": "tier",
    "score": "score",
    "level": "level",
    "risk_score": "risk_score",
    "amount": "amount",
    "value": "value",
    "potential": "potential",
    "demand": "demand",
    "team_count": "team_count",
    "teams": "teams",
    "amount_parts": "amount_parts",
}


class Assessed(Protocol):
    """Whatever has customers and the day they were assessed on."""

    customers: pd.DataFrame
    risks: pd.DataFrame
    today: object


def snapshot(assessment: Assessed) -> pd.DataFrame:
    """One row a customer, no contacts, no phones: the columns of `KEPT` under their kept names, ``due`` and ``on``.

    ``due`` holds the open risks as ``key=2026-11-28`` pairs with a blank between; ``on`` is the day.
    """
    risks = assessment.risks
    pairs = risks["key"] + "=" + risks["due"].dt.strftime("%Y-%m-%d")
    due = pairs.groupby(risks["customer_id"]).agg(" ".join)
    kept = assessment.customers[list(KEPT)].rename(columns=KEPT)
    return kept.assign(due=kept["customer_id"].map(due).astype("str"), on=pd.Timestamp(assessment.today))


def changes(
    now: pd.DataFrame, past: pd.DataFrame | None, policy: Policy, unread: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """What is different from the snapshot before (`COLUMNS`), by `CHANGES`, then customer; nothing when there is none.

    A tier or level that was or is unknown has not changed. ``before`` and ``after`` are tier or level keys. A customer
    of a team in ``unread``, whose workbook could not be read tonight, is not gone but unread.
    """
    if past is None:
        return _sorted(pd.DataFrame(columns=list(COLUMNS)))
    tonight = now.rename(columns={"computed_tier": "tier"})[["customer_id", "name", "tier", "level"]]
    last_night = past[["customer_id", "name", "tier", "level", "teams"]]
    both = tonight.merge(last_night, on="customer_id", how="outer", suffixes=("", "_before"), indicator="seen")
    both["name"] = both["name"].fillna(both["name_before"])  # who is gone has a name of last night only
    found = [
        _moved(both, "tier", [*reversed(policy.tier_keys)], up="tier_up", down="tier_down"),
        _moved(both, "level", ["none", *reversed(LEVELS)], up="risk_up", down="risk_down"),
        both[both["seen"] == "left_only"].assign(change="new", before=np.nan, after=np.nan),
        _absent(both[both["seen"] == "right_only"], unread),
    ]
    return _sorted(pd.concat(found))


def unread_teams(past: pd.DataFrame | None, read: frozenset[str]) -> frozenset[str]:
    """The teams of the snapshot before that have no usable workbook tonight: damaged, locked, or no longer there."""
    if past is None:
        return frozenset()
    return frozenset(past["teams"].dropna().str.split("、").explode()) - read


def _absent(rows: pd.DataFrame, unread: frozenset[str]) -> pd.DataFrame:
    lost = rows["teams"].fillna("").str.split("、").map(lambda teams: not unread.isdisjoint(teams)).astype(bool)
    return rows.assign(change=np.where(lost, "unread", "gone"), before=np.nan, after=np.nan)


def _moved(both: pd.DataFrame, column: str, order: list[str], *, up: str, down: str) -> pd.DataFrame:
    """The customers whose place in ``order`` (lowest first) is known on both nights and differs."""
    before, after = both[f"{column}_before"], both[column]
    height = {key: place for place, key in enumerate(order)}
    step = after.map(height).astype("float64") - before.map(height).astype("float64")
    moved = both.assign(change=np.where(step > 0, up, down), before=before, after=after)
    return moved[step.notna() & (step != 0)]


def _sorted(found: pd.DataFrame) -> pd.DataFrame:
    worst_first = found["change"].map({change: place for place, change in enumerate(CHANGES)})
    found = found.assign(order=worst_first).sort_values(["order", "customer_id"], ignore_index=True)
    return found[list(COLUMNS)].astype("str")
