"""Where a score comes from, and the smallest change of marks that leads to another tier (handbook §3, §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from kam_xl.core import scoring, tiering
from kam_xl.core.policy import DIMENSIONS, Policy, Tier
from kam_xl.core.words import Words

BREAKDOWN = ("value_points", "potential_points", "demand_points", "score", "tier", "next_tier", "missing")
PATH = ("reached", "now", "value", "potential", "demand", "score", "change")

# --- where the points come from ----------------------------------------------------------------------------------


def breakdown(value: pd.Series, potential: pd.Series, demand: pd.Series, policy: Policy) -> pd.DataFrame:
    """What each mark (0..100) adds to the score, and how far the next tier up is (`BREAKDOWN`).

    The points sum to the score before it is rounded. ``tier`` and ``next_tier`` are keys, ``missing`` is in points of the
    rounded score. Unknown marks leave all but the other dimensions' points unknown; the highest tier has no next one.
    """
    found = pd.DataFrame(_parts(_marks(value, potential, demand), policy), index=value.index)
    return found.astype({"tier": "str", "next_tier": "str"})


def _parts(marks: np.ndarray, policy: Policy) -> dict[str, np.ndarray]:
    """The columns of `breakdown`; keys that are none are None."""
    score = _scores(marks, policy)
    tier = tiering.keys(score, policy)
    above = {lower.key: higher for higher, lower in pairwise(policy.tiers)}
    first = np.array([_lowest_tenth(above[key]) / 10 if key in above else np.nan for key in tier], dtype="float64")
    next_tier = np.array([above[key].key if key in above else None for key in tier], dtype=object)
    points = {
        f"{key}_points": getattr(policy.weights, key) * column for key, column in zip(DIMENSIONS, marks.T, strict=True)
    }
    return {**points, "score": score, "tier": tier, "next_tier": next_tier, "missing": (first - score).round(1)}


def _marks(*columns: pd.Series | np.ndarray) -> np.ndarray:
    """The three columns side by side, a row each; a mark outside 0..100 is unknown."""
    marks = np.column_stack([np.asarray(column, dtype="float64") for column in columns])
    return np.where((marks >= 0) & (marks <= 100), marks, np.nan)


def _scores(marks: np.ndarray, policy: Policy) -> np.ndarray:
    value, potential, demand = marks.T
    return scoring.composite(value, potential, demand, policy.weights)


def _lowest_tenth(tier: Tier) -> int:
    """The lowest score of a band, in tenths of a point: what is tiered has one decimal."""
    return int(np.ceil(tier.low * 10 - 1e-9))


def _highest_tenth(tier: Tier) -> int:
    """The highest score of a band, in tenths; only the top band holds its upper end."""
    return 1000 if tier.high == 100 else int(np.ceil(tier.high * 10 - 1e-9)) - 1


# --- the smallest change -----------------------------------------------------------------------------------------


def path(value: pd.Series, potential: pd.Series, demand: pd.Series, tier: pd.Series, policy: Policy) -> pd.DataFrame:
    """The smallest change of marks that brings each row into its wanted ``tier`` (a key), up or down (`PATH`).

    A mark changes by whole points and stays within 0..100; the change is the sum of what all three move by. Of equally
    small changes the one counts that moves the dimension with the largest weight most, then the next one (dimensions
    of equal weight in the order value, potential, demand), towards the band rather than away from it. ``now`` is the present tier; ``value``, ``potential``,
    ``demand`` and ``score`` are those after the change, unknown where ``reached`` is False: no change in whole points
    falls into the band, the tier is none of the policy's, or, with ``now`` unknown too, a mark is.
    """
    found = pd.DataFrame(_ways(_marks(value, potential, demand), tier.tolist(), policy), index=value.index)
    return found.astype({"now": "str"})[list(PATH)]


def _ways(marks: np.ndarray, tier: Iterable[object], policy: Policy) -> dict[str, np.ndarray]:
    """The columns of `path`; a key that is none is None."""
    score = _scores(marks, policy)
    lowest, highest = _bands(tier, policy)
    tenths = np.round(score * 10)
    way = np.where(tenths < lowest, 1.0, np.where(tenths > highest, -1.0, 0.0))
    after = _moved(marks, way, lowest, highest, ~np.isnan(score) & (lowest <= highest), policy)
    reached = ~np.isnan(after).any(axis=1)
    return {
        "reached": reached,
        "now": tiering.keys(score, policy),
        **dict(zip(DIMENSIONS, after.T, strict=True)),
        "score": _scores(after, policy),
        "change": np.where(reached, np.abs(after - marks).sum(axis=1).round(6), np.nan),
    }


def _bands(tier: Iterable[object], policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest score of each wanted tier, in tenths; unknown for what is no tier."""
    ends: dict[object, tuple[float, float]] = {
        one.key: (_lowest_tenth(one), _highest_tenth(one)) for one in policy.tiers
    }
    found = np.array([ends.get(key, (np.nan, np.nan)) for key in tier], dtype="float64").reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _moved(
    typed: np.ndarray, way: np.ndarray, lowest: np.ndarray, highest: np.ndarray, open_band: np.ndarray, policy: Policy
) -> np.ndarray:
    """The marks after the smallest change; unknown where none leads into the band.

    All points go to the dimension with the largest weight until it is full, then to the next: nothing else gains as
    much for as little. Should that jump over a band narrower than a step, every change is tried (`_tried`).
    """
    weights = np.array([getattr(policy.weights, key) for key in DIMENSIONS])
    order = np.argsort(-weights, kind="stable")
    room = np.where(way[:, None] > 0, 100 - typed, typed)
    room = np.where(weights > 0, np.floor(np.nan_to_num(room) + 1e-9), 0)
    edge = np.where(way > 0, lowest - 0.5, highest + 0.5) / 10
    fewest = _fewest_steps(np.nan_to_num((edge - typed @ weights) * way), room, weights, order)
    after, todo = np.full_like(typed, np.nan), open_band
    for more in (0, 1):  # a score just on the edge may need one more
        tried = typed + way[:, None] * _spread(fewest + more * (way != 0), room, order)
        tenths = _tenths(tried, policy)
        hit = todo & (tenths >= lowest) & (tenths <= highest)
        after[hit], todo = tried[hit], todo & ~hit
    missed = np.where(way > 0, tenths < lowest, tenths > highest)  # all steps there are do not lead that far
    for i in np.flatnonzero(todo & ~missed):
        after[i] = _tried(typed[i], way[i], lowest[i], highest[i], order, policy)
    return after


def _tenths(marks: np.ndarray, policy: Policy) -> np.ndarray:
    """The scores of rows of marks, in tenths of a point."""
    return np.round(_scores(marks, policy) * 10)


def _fewest_steps(points: np.ndarray, room: np.ndarray, weights: np.ndarray, order: np.ndarray) -> np.ndarray:
    """How many steps of one mark gain so many points at the least, or one fewer where the points lie on an edge."""
    steps, left = np.zeros(len(points)), points.copy()
    for i in order:
        if weights[i] > 0:
            here = np.clip(np.ceil(left / weights[i] - 1e-6), 0, room[:, i])
            steps += here
            left -= here * weights[i]
    return steps


def _spread(steps: np.ndarray, room: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The steps of each dimension when the heaviest are filled first."""
    spread, left = np.zeros_like(room), steps.astype(float)
    for i in order:
        spread[:, i] = np.minimum(left, room[:, i])
        left = left - spread[:, i]
    return spread


def _tried(
    marks: np.ndarray, way: float, lowest: float, highest: float, order: np.ndarray, policy: Policy
) -> np.ndarray:
    """The best of all changes of one row by trying each; unknown where none leads into the band."""
    ranges = [np.arange(-np.floor(mark + 1e-9), np.floor(100 - mark + 1e-9) + 1) for mark in marks]
    weights = [getattr(policy.weights, key) for key in DIMENSIONS]
    ranges = [moves if weight > 0 else np.zeros(1) for moves, weight in zip(ranges, weights, strict=True)]
    moves = np.stack([grid.ravel() for grid in np.meshgrid(*ranges, indexing="ij")], axis=1)
    tenths = _tenths(marks + moves, policy)
    moves = moves[(tenths >= lowest) & (tenths <= highest)]
    if not len(moves):
        return np.full(len(marks), np.nan)
    by_weight = [key for i in order[::-1] for key in (-way * moves[:, i], -np.abs(moves[:, i]))]
    return marks + moves[np.lexsort([*by_weight, np.abs(moves).sum(axis=1)])[0]]


# --- in words ----------------------------------------------------------------------------------------------------
# A sentence has a shape of its own for every row, so these go row by row; what they say is computed in columns above.


def breakdown_sentences(value: Marks, potential: Marks, demand: Marks, policy: Policy, words: Words) -> list[str]:
    """`breakdown` as one text a row, with the smallest change that leads to the next tier up."""
    marks = _marks(value, potential, demand)
    parts = _parts(marks, policy)
    way = _ways(marks, parts["next_tier"].tolist(), policy)
    rows = zip(_rows(dict(zip(DIMENSIONS, marks.T, strict=True))), _rows(parts), _rows(way), strict=True)
    return [_explained(*row, policy, words) for row in rows]


def path_sentences(
    value: Marks, potential: Marks, demand: Marks, tier: Iterable[object], policy: Policy, words: Words
) -> list[str]:
    """`path` as one text a row: what to change and what comes of it, or why there is no way."""
    marks = _marks(value, potential, demand)
    wanted = list(tier)
    way, before = _ways(marks, wanted, policy), _scores(marks, policy).tolist()
    rows = zip(_rows(dict(zip(DIMENSIONS, marks.T, strict=True))), _rows(way), wanted, before, strict=True)
    return [_way(*row, policy, words) for row in rows]


#: A column of marks: of a few cells, an array is a tenth of the work of a series.
Marks = pd.Series | np.ndarray


def _rows(columns: Mapping[str, np.ndarray]) -> list[dict]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]


def _explained(marks: dict, parts: dict, way: dict, policy: Policy, words: Words) -> str:
    names = policy.tier_names(words.lang)
    if parts["tier"] not in names:
        return _unknown(marks, words)
    terms = " + ".join(_term(key, marks[key], parts[f"{key}_points"], policy, words) for key in DIMENSIONS)
    said = words("explain.score", terms=terms, sum=_sum(parts), tier=names[parts["tier"]])
    if parts["next_tier"] not in names:
        return words("explain.top", said=said)
    facts = {"said": said, "next": names[parts["next_tier"]], "missing": f"{parts['missing']:.1f}"}
    if way["reached"]:
        return words("explain.next", **facts, changes=_changes(marks, way, words))
    return words("explain.next_unreachable", **facts)


def _way(marks: dict, way: dict, tier: object, before: float, policy: Policy, words: Words) -> str:
    names = policy.tier_names(words.lang)
    if way["now"] not in names:
        return _unknown(marks, words)
    if tier not in names:
        return words("path.no_tier")
    facts = {"tier": names[tier], "before": f"{before:.1f}"}
    if way["change"] == 0:
        return words("path.already", **facts)
    facts["now"] = names[way["now"]]
    if way["reached"]:
        return words("path.reached", **facts, changes=_changes(marks, way, words), after=f"{way['score']:.1f}")
    return words("path.unreachable", **facts)


def _unknown(marks: dict, words: Words) -> str:
    """Which marks are missing."""
    missing = [words(f"terms.dimension.{key}") for key in DIMENSIONS if np.isnan(marks[key])]
    return words("explain.unknown", dimensions=words("terms.list_separator").join(missing))


def _term(key: str, mark: float, points: float, policy: Policy, words: Words) -> str:
    """What one mark adds: ``价值 92×50%=46.0``."""
    weight = f"{getattr(policy.weights, key) * 100:.4g}%"
    return words(
        "explain.term",
        dimension=words(f"terms.dimension.{key}"), mark=_short(mark, 0), weight=weight, points=_short(points, 1),
    )  # fmt: skip


def _sum(parts: dict) -> str:
    """The score, and before it the sum of the points where rounding has changed it: ``89.45≈89.5``."""
    score = f"{parts['score']:.1f}"
    exact = _short(sum(parts[f"{key}_points"] for key in DIMENSIONS), 1)
    return score if exact == score else f"{exact}≈{score}"


def _changes(marks: dict, way: dict, words: Words) -> str:
    """``价值再加 2 分、潜力再加 1 分``; empty where nothing changes."""
    steps = {key: round(way[key] - marks[key]) for key in DIMENSIONS}
    told = [
        words(f"explain.{'raise' if step > 0 else 'lower'}", dimension=words(f"terms.dimension.{key}"), steps=abs(step))
        for key, step in steps.items()
        if step
    ]
    return words("terms.list_separator").join(told)


def _short(number: float, at_least: int) -> str:
    """A number with at most two decimals and no more zeros than wanted: 46 → 46.0, 16.665 → 16.67."""
    text = f"{np.floor(number * 100 + 0.5 + 1e-9) / 100:.2f}"
    return text.removesuffix("0") if at_least else text.rstrip("0").rstrip(".")
