"""Who moved between the tiers from one day to another, and which dimension moved them (handbook §4, "Migration")."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core.policy import DIMENSIONS, Policy

UNKNOWN, NEW, GONE = "unknown", "new", "gone"  # no tier; not there before; not there after
UP, DOWN = "up", "down"
MOVES = ("customer_id", "name", "before", "after", "way", "score_before", "score", "change", "driver", "driver_change",
         "driver_points", *(f"{key}_change" for key in DIMENSIONS))  # fmt: skip


def matrix(before: pd.DataFrame, after: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Customers by tier then (rows) and tier now (columns), highest first, of two snapshots (`history.snapshot`).

    `UNKNOWN` stands for customers without a tier, `NEW` (a row) for those who were not there, `GONE` (a column) for those
    who no longer are. Every tier has its row and column, the others where they hold somebody.
    """
    both = _both(before, after)
    counts = pd.crosstab(both["before"], both["after"])
    tiers = [*policy.tier_keys]
    rows = tiers + [key for key in (UNKNOWN, NEW) if key in counts.index]
    columns = tiers + [key for key in (UNKNOWN, GONE) if key in counts.columns]
    return counts.reindex(index=rows, columns=columns, fill_value=0)


def moves(before: pd.DataFrame, after: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The customers whose tier is known on both days and differs (`MOVES`), downgrades first, the longest way first.

    ``driver`` is the dimension whose weighted change moved the score most in the direction of the move, with its change
    in marks and in points of the score; unknown where no mark moved that way: then the bands or the weights did.
    """
    both = _both(before, after)
    height = {key: place for place, key in enumerate(reversed(policy.tier_keys))}
    step = both["after"].map(height).astype("float64") - both["before"].map(height).astype("float64")
    moved = both.assign(step=step)[step.notna() & (step != 0)]  # to no rows at all pandas would add the steps' own
    moved["way"] = pd.Series(np.where(moved["step"] > 0, UP, DOWN), index=moved.index, dtype="str")
    for key in DIMENSIONS:
        moved[f"{key}_change"] = (moved[f"{key}_now"] - moved[f"{key}_then"]).round(6)
    moved = moved.assign(score=moved["score_now"], change=(moved["score_now"] - moved["score_then"]).round(6))
    moved = moved.rename(columns={"score_then": "score_before"}).assign(**_driver(moved, policy))
    order = moved.assign(_step=-moved["step"].abs()).sort_values(["way", "_step", "customer_id"], ignore_index=True)
    return order[list(MOVES)]


def _driver(moved: pd.DataFrame, policy: Policy) -> dict[str, pd.Series]:
    """The dimension that moved each score most in the direction of its move."""
    changes = moved[[f"{key}_change" for key in DIMENSIONS]].to_numpy("float64")
    points = changes * np.array([getattr(policy.weights, key) for key in DIMENSIONS])
    along = np.nan_to_num(points * np.sign(moved["step"].to_numpy())[:, None])
    best, row = along.argmax(axis=1), np.arange(len(moved))
    told = along[row, best] > 0
    names = pd.Series(np.array(DIMENSIONS, dtype=object)[best], index=moved.index, dtype="str")
    return {
        "driver": names.where(told),
        "driver_change": pd.Series(changes[row, best], index=moved.index).where(told),
        "driver_points": pd.Series(points[row, best], index=moved.index).round(6).where(told),
    }


def _both(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Every customer of either day: its name, its tier ``before`` and ``after`` as keys, its marks then and now."""
    kept = ["customer_id", "name", "tier", "score", *DIMENSIONS]
    both = before[kept].merge(after[kept], on="customer_id", how="outer", suffixes=("_then", "_now"), indicator="seen")
    gone, new = both["seen"] == "left_only", both["seen"] == "right_only"
    return both.assign(
        name=both["name_now"].fillna(both["name_then"]),
        before=both["tier_then"].fillna(UNKNOWN).mask(new, NEW),
        after=both["tier_now"].fillna(UNKNOWN).mask(gone, GONE),
    )
