"""What changed between two nights, and what of tonight is kept to compare with (handbook §4, §10)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from kam_xl.core.policy import LEVELS, Policy

CHANGES = ("tier_down", "risk_up", "gone", "new", "tier_up", "risk_down")  # what got worse comes first
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
}


class Assessed(Protocol):
    """Whatever has customers and the day they were assessed on."""

    customers: pd.DataFrame
    today: object


def snapshot(assessment: Assessed) -> pd.DataFrame:
    """One row a customer: the columns of `KEPT` under their kept names, and ``on``, the day; no contacts, no phones."""
    kept = assessment.customers[list(KEPT)].rename(columns=KEPT)
    return kept.assign(on=pd.Timestamp(assessment.today))


def changes(now: pd.DataFrame, past: pd.DataFrame | None, policy: Policy) -> pd.DataFrame:
    """What is different from the snapshot before (`COLUMNS`), by `CHANGES`, then customer; nothing when there is none.

    A tier or level that was or is unknown has not changed. ``before`` and ``after`` are tier or level keys.
    """
    if past is None:
        return _sorted(pd.DataFrame(columns=list(COLUMNS)))
    tonight = now.rename(columns={"computed_tier": "tier"})[["customer_id", "name", "tier", "level"]]
    last_night = past[["customer_id", "name", "tier", "level"]]
    both = tonight.merge(last_night, on="customer_id", how="outer", suffixes=("", "_before"), indicator="seen")
    both["name"] = both["name"].fillna(both["name_before"])  # who is gone has a name of last night only
    found = [
        _moved(both, "tier", [*reversed(policy.tier_keys)], up="tier_up", down="tier_down"),
        _moved(both, "level", ["none", *reversed(LEVELS)], up="risk_up", down="risk_down"),
        both[both["seen"] == "left_only"].assign(change="new", before=np.nan, after=np.nan),
        both[both["seen"] == "right_only"].assign(change="gone", before=np.nan, after=np.nan),
    ]
    return _sorted(pd.concat(found))


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
