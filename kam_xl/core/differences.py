"""What differs between two nights besides customers' own cells: workbooks, figures of all customers, keys of the policy, days."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.policy import Policy
from kam_xl.core.together import Together
from kam_xl.core.worlds import Worlds

#: What of which factor: a workbook ``missing`` or ``back``; ``profit`` by its base, ``tenure``, ``growth``, ``median`` by its tier,
#: ``total``, ``common`` by its rule; ``key`` of the policy; ``day``.
FACTS = frames.text("factor what of was now")
_Fact = tuple[str, str, str, str]  # what, of, was, now


def facts(worlds: Worlds, factors: Sequence[str]) -> pd.DataFrame:
    """What differs, factor by factor (`FACTS`)."""
    then, now = worlds.nights
    mover = next((one for one in ("others", "workbooks", "policy") if one in factors), "")
    moved = _figures(worlds) if mover else []
    tell: dict[str, Callable[[], list[_Fact]]] = {
        "workbooks": lambda: [(how, book, "", "") for book, how in worlds.books.differing],
        "policy": lambda: list(_keys(then.policy, now.policy)),
        "calendar": lambda: [("day", "", f"{then.moment:%Y-%m-%d}", f"{now.moment:%Y-%m-%d}")],
    }
    found = [frames.empty(FACTS)]
    for factor in factors:
        told = [*(tell[factor]() if factor in tell else ()), *(moved if factor == mover else ())]
        rows = pd.DataFrame(told, columns=["what", "of", "was", "now"]).assign(factor=factor)
        found.append(rows[list(FACTS)].astype(FACTS))
    return pd.concat(found, ignore_index=True)


def _figures(worlds: Worlds) -> list[_Fact]:
    """The figures of all customers that moved: the bases of the indicators, medians and total, what is told once."""
    ends = [(worlds.end(which).figures, night.policy) for which, night in enumerate(worlds.nights)]
    one, other = (
        {
            ("profit", policy.indicators.profit_base): _profit(figures.bases, policy.indicators.profit_base),
            ("tenure", ""): figures.bases.longest_tenure,
            ("growth", ""): figures.bases.highest_growth,
            **{("median", tier): value for tier, value in _medians(figures.of_all, policy)},
            ("total", ""): figures.of_all.total,
        }
        for figures, policy in ends
    )
    found = [
        (what, of, _number(one.get((what, of), np.nan)), _number(other.get((what, of), np.nan)))
        for what, of in dict.fromkeys([*one, *other])
    ]
    profits = [figures.bases.profits for figures, _ in ends]
    return [row for row in found if row[2] != row[3] or _ranks_moved(row, *profits)] + _commons(worlds)


def _ranks_moved(row: _Fact, then: np.ndarray, now: np.ndarray) -> bool:
    """True of the ranks where any profit is another, though the middle one is the same."""
    return row[:2] == ("profit", "percentile") and not np.array_equal(then, now)


def _profit(bases: Any, base: str) -> float:
    """What profits are measured by; of their ranks the middle one."""
    if base == "percentile":
        return float(np.median(bases.profits)) if len(bases.profits) else np.nan
    return bases.most(base)


def _medians(of_all: Together, policy: Policy) -> list[tuple[str, float]]:
    medians = of_all.medians(policy.health.peers_at_least)
    return [(str(tier), float(value)) for tier, value in medians.items()]


def _commons(worlds: Worlds) -> list[_Fact]:
    """The rules that are told once on one night only, of all customers or of a team's."""
    then, now = (worlds.end(which).figures.told_once(night.policy) for which, night in enumerate(worlds.nights))
    gone, new = then - now, now - then
    return [("common", rule, "once", "each") for rule, _ in sorted(gone)] + [
        ("common", rule, "each", "once") for rule, _ in sorted(new)
    ]


def _keys(then: Policy, now: Policy) -> Iterator[_Fact]:
    """The keys of the policy that say something else."""
    one, other = (dict(_flat(dataclasses.asdict(policy))) for policy in (then, now))
    for key in dict.fromkeys([*one, *other]):
        if one.get(key) != other.get(key):
            yield "key", key, str(one.get(key, "")), str(other.get(key, ""))


def _flat(value: Any, at: str = "") -> Iterator[tuple[str, object]]:
    """Every value of nested tables by its dotted key; rows of a list by their own key where they have one."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(one, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        for place, one in enumerate(value):
            yield from _flat(one, f"{at}.{one.get('key', place)}")
    else:
        yield at, value


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
