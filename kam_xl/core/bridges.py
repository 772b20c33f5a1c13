"""Why customers, and the figures that head a page, are not what they were: every change split among what may have caused it.

A number's change is split so that its parts sum to it and no order of causes is favoured (`shapley`), each part rounded as
the figure is shown; what rounding leaves is a line of its own. Of what has no parts, a tier, a colour, a level, the first
factor in the order of `worlds.FACTORS` is named that makes it the new one, besides those that would alone, and those
without which it would not be so. Counts are sums over customers: the factors become new in that order, until a customer
counts as on the later night.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import differences, edits, frames, shapley, waiting
from kam_xl.core.scoring import round_half_away
from kam_xl.core.worlds import FIGURES, Worlds

#: What a part may be of besides a factor: what cannot be told apart, another version of the program, rounding.
BESIDES = ("together", "program", "rounding")
#: Number → its decimals where it is shown, and where its parts are.
DECIMALS = {"amount": 2, "score": 1, "health": 1, "money": 2}
HEADLINE = ("high_top", "high", "money", *waiting.COUNTS, "left_out", "customers", "amount")
#: Those of the headline that no customer adds to.
_OF_BOOKS = "left_out"
#: Figures that each night tells of shortly: the health of nearly everybody is another number a day later.
TOLD = tuple(name for name in FIGURES if name != "health")
ROLES = ("part", "first", "alone", "needed")
MOVED = frames.text("customer_id name figure") | frames.number("before after") | frames.text("was now")
PARTS = frames.text("customer_id figure factor") | frames.number("part") | frames.text("role")
SUMS = frames.text("figure") | frames.number("before after")
SUM_PARTS = frames.text("figure factor") | frames.number("part")


@dataclass(frozen=True)
class Bridge:
    """What changed between two nights and why; frames as `MOVED`, `PARTS`, `SUMS`, `SUM_PARTS`, `edits.COLUMNS`, `differences.FACTS`.

    ``moved`` has a row for each figure of a customer that is another one: numbers in before and after, keys in was and now.
    ``there`` stands for a customer who was not there, or is no more. ``facts`` say what differs besides customers' own cells.
    """

    then: dt.datetime
    now: dt.datetime
    factors: tuple[str, ...]
    moved: pd.DataFrame
    parts: pd.DataFrame
    sums: pd.DataFrame
    sum_parts: pd.DataFrame
    edits: pd.DataFrame
    facts: pd.DataFrame
    tiers: Mapping[str, frozenset[str]]  # of each customer of whom anything changed, on both nights

    def of(self, customer_id: str) -> Bridge:
        """The same of one customer."""
        own: dict[str, Any] = {
            name: rows[rows["customer_id"] == customer_id].reset_index(drop=True)
            for name, rows in (("moved", self.moved), ("parts", self.parts), ("edits", self.edits))
        }
        return dataclasses.replace(self, **own, sums=self.sums.iloc[:0], sum_parts=self.sum_parts.iloc[:0])


def between(
    worlds: Worlds,
    recorded: Mapping[int, pd.DataFrame | None] | None = None,
    customer_ids: Collection[str] | None = None,
    *,
    shortly: bool = False,
) -> Bridge:
    """The bridge between two nights, of all customers of whom a figure changed, or of some of them.

    ``recorded`` are the nights' own snapshots, by 0 and 1: where the program of today comes to something else than was
    recorded, that is the program's part. The headline is only of all. ``shortly`` is as each night tells it: of what
    has no parts the first cause alone, no number but scores and amounts (`TOLD`).
    """
    figures = TOLD if shortly else tuple(FIGURES)
    told = {which: rows for which, rows in (recorded or {}).items() if rows is not None}
    ends = [_as_recorded(worlds.end(which).customers, told.get(which)) for which in (0, 1)]
    compared = figures if customer_ids is not None else (*figures, *waiting.COUNTS)
    chosen = _changed(ends[0], ends[1], customer_ids, compared)
    factors = worlds.factors(chosen) if chosen else ()
    each = worlds.each(factors, chosen, shortly=shortly) if chosen else []
    split = _Split(tuple(chosen), factors, figures, each, [end.reindex(chosen) for end in ends], shortly)
    sums, sum_parts = _headline(split, ends, worlds) if customer_ids is None else (_none(SUMS), _none(SUM_PARTS))
    then, now = (night.moment for night in worlds.nights)
    moved, parts = split.moved(_names(worlds)), split.parts()
    return Bridge(
        then, now, factors, moved, parts, sums, sum_parts,
        _edits(worlds, parts), differences.facts(worlds, factors), split.tiers(),
    )  # fmt: skip


def _as_recorded(found: pd.DataFrame, snapshot: pd.DataFrame | None) -> pd.DataFrame:
    """What a night came to as it was recorded; of whom nothing of that night is recorded, as it is computed."""
    if snapshot is None:
        return found
    names = {"colour": "health_colour"}
    own = snapshot[snapshot["whole_on"] == snapshot["on"]].set_index("customer_id").reindex(found.index)
    there = own["on"].notna()
    columns = {name: own[names.get(name, name)] for name in FIGURES}
    told = {name: column if FIGURES[name] else column.fillna("") for name, column in columns.items()}
    counts = {name: own[name].fillna(found[name]) for name in waiting.COUNTS if name in own}  # older nights left none
    return found.assign(**{name: found[name].mask(there, column) for name, column in (told | counts).items()})


def _changed(
    then: pd.DataFrame, now: pd.DataFrame, customer_ids: Collection[str] | None, figures: Sequence[str]
) -> list[str]:
    """The customers of whom one of the figures is another one, or who are there on one night only."""
    every = then.index.union(now.index)
    one, other = (end.reindex(every).fillna(dict.fromkeys(waiting.COUNTS, 0.0)) for end in (then, now))
    differs = one["there"].isna() != other["there"].isna()
    for name in figures:
        differs |= frames.differ(one[name], other[name])
    chosen = every[differs]
    return sorted(chosen if customer_ids is None else chosen.intersection(pd.Index([*customer_ids])))


def _none(schema: frames.Schema) -> pd.DataFrame:
    return frames.empty(schema)


def _names(worlds: Worlds) -> pd.Series:
    """Customer ID → name, of whichever night knows it, the later first."""
    known = [worlds.portfolio(which, which, which, which).customers for which in (1, 0)]
    every = pd.concat([rows[["customer_id", "name"]] for rows in known])
    return every.drop_duplicates("customer_id").set_index("customer_id")["name"]


# --- the parts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Split:
    """Some customers in every world of the factors; ``ends`` is what the nights came to as they recorded it.

    ``shortly``: of the worlds those in which the factors become new in their order are whole (`Worlds.each`).
    """

    customer_ids: tuple[str, ...]
    factors: tuple[str, ...]
    told: tuple[str, ...]
    worlds: list[pd.DataFrame]
    ends: list[pd.DataFrame]
    shortly: bool

    def stacked(self, name: str) -> np.ndarray:
        """Worlds × customers of one figure."""
        dtype: Any = "float64" if FIGURES.get(name, False) else object
        return np.array([self._values(world, name).to_numpy(dtype) for world in self.worlds])

    def end(self, which: int, name: str) -> np.ndarray:
        """One figure as a night recorded it."""
        return self._values(self.ends[which], name).to_numpy("float64" if FIGURES.get(name, False) else object)

    @staticmethod
    def _values(rows: pd.DataFrame, name: str) -> pd.Series:
        if name == "there":
            return rows["there"].notna().map({True: "there", False: ""})
        return rows[name] if FIGURES[name] else rows[name].fillna("")

    def figures(self) -> Iterator[tuple[str, np.ndarray]]:
        """Each figure with the customers of whom it changed; of who comes or goes only that, and the amount."""
        stays = self.end(0, "there") == self.end(1, "there")
        for name in ("there", *self.told):
            before, after = self.end(0, name), self.end(1, name)
            differs = before != after
            if FIGURES.get(name, False):
                differs &= ~(np.isnan(before) & np.isnan(after))
            yield name, differs & (stays | (name in ("there", "amount")))

    def tiers(self) -> dict[str, frozenset[str]]:
        """Each customer's tiers on both nights."""
        both = zip(self.end(0, "tier"), self.end(1, "tier"), strict=True)
        return {customer_id: frozenset(keys) for customer_id, keys in zip(self.customer_ids, both, strict=True)}

    def moved(self, names: pd.Series) -> pd.DataFrame:
        """Every figure that changed (`MOVED`)."""
        found = []
        for name, differs in self.figures():
            ids = np.array(self.customer_ids, dtype=object)[differs]
            pair = ("before", "after") if FIGURES.get(name, False) else ("was", "now")
            values = {end: self.end(which, name)[differs] for which, end in enumerate(pair)}
            rows = pd.DataFrame({"customer_id": ids, "figure": name} | values)
            found.append(frames.in_full(rows.assign(name=rows["customer_id"].map(names)), MOVED))
        every = pd.concat(found, ignore_index=True)
        return every.sort_values("customer_id", kind="stable", ignore_index=True)

    def parts(self) -> pd.DataFrame:
        """What each factor has to do with each change (`PARTS`)."""
        found = [_none(PARTS)]
        for name, differs in self.figures():
            if not differs.any():
                continue
            numbers = FIGURES.get(name, False)
            known = ~np.isnan(self.end(0, name) + self.end(1, name)) if numbers else np.zeros(len(differs), bool)
            found += [*self._numbers(name, differs & known), *self._keys(name, differs & ~known)]
        every = pd.concat(found, ignore_index=True)
        return every.sort_values("customer_id", kind="stable", ignore_index=True)

    def _numbers(self, name: str, rows: np.ndarray) -> Iterator[pd.DataFrame]:
        """The parts of numbers, and what rounding leaves."""
        if not rows.any():
            return
        values = self.stacked(name)[:, rows]
        before, after = self.end(0, name)[rows], self.end(1, name)[rows]
        program = (values[0] - before) + (after - values[-1])
        told, apart = shapley.parts(values)
        lines = dict(zip(self.factors, told, strict=True)) | {"together": apart, "program": program}
        yield from self._lines(name, rows, _rounded(lines, after - before, DECIMALS[name]))

    def _lines(self, name: str, rows: np.ndarray, lines: Mapping[str, np.ndarray]) -> Iterator[pd.DataFrame]:
        ids = np.array(self.customer_ids, dtype=object)[rows]
        for factor, part in lines.items():
            line = pd.DataFrame({"customer_id": ids, "figure": name, "factor": factor, "part": part, "role": "part"})
            yield frames.typed(line[line["part"] != 0], PARTS)

    def _keys(self, name: str, rows: np.ndarray) -> Iterator[pd.DataFrame]:
        """The factors of what has no parts, each with its role."""
        if not rows.any():
            return
        first, alone, needed = self.causes(name)
        ids = np.array(self.customer_ids, dtype=object)
        for place, factor in enumerate((*self.factors, "program")):
            is_first = first == (place if factor != "program" else _PROGRAM)
            others = [np.zeros(len(ids), bool)] * 2 if factor == "program" else [alone[place], needed[place]]
            role = np.select([is_first, *others], ["first", "alone", "needed"], "")
            hit = rows & (role != "")
            columns = {"customer_id": ids[hit], "figure": name, "factor": factor, "part": None, "role": role[hit]}
            yield frames.made(columns, PARTS, pd.RangeIndex(hit.sum()))

    def causes(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`shapley.first` of a figure; `_PROGRAM` where what was recorded is not what is computed today."""
        return self.caused(self.keys(name), _as_keys(self.end(0, name)), _as_keys(self.end(1, name)))

    def keys(self, name: str) -> np.ndarray:
        """Worlds × customers of a figure; of a number only whether it is known."""
        return np.array([_as_keys(world) for world in self.stacked(name)])

    def caused(
        self, worlds: np.ndarray, before: np.ndarray, after: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`shapley.first` between what was recorded of both nights."""
        if self.shortly:
            first, alone = shapley.makes_it(worlds), np.zeros((len(self.factors), worlds.shape[1]), bool)
            needed = alone
        else:
            first, alone, needed = shapley.first(worlds)
        by_program = (before != after) & (first < 0)
        return np.where(by_program, _PROGRAM, first), alone, needed


_PROGRAM = 99


def _as_keys(values: np.ndarray) -> np.ndarray:
    if values.dtype == object:
        return values
    return np.where(np.isnan(values), "", "known").astype(object)


def _rounded(lines: Mapping[str, np.ndarray], change: np.ndarray, decimals: int) -> dict[str, np.ndarray]:
    """The parts as they are shown, and what is left to the change as it is shown."""
    shown = {name: round_half_away(pd.Series(part), decimals).to_numpy() + 0.0 for name, part in lines.items()}
    whole = round_half_away(pd.Series(change), decimals).to_numpy()
    left = whole - sum(shown.values(), np.zeros(len(change)))
    return shown | {"rounding": np.round(left, 9) + 0.0}


# --- the headline ------------------------------------------------------------------------------------------------


def _headline(split: _Split, ends: Sequence[pd.DataFrame], worlds: Worlds) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures that head a page on both nights (`SUMS`), and what each factor has to do with their change."""
    tops = [night.policy.tiers[0].key for night in worlds.nights]
    sums, parts = [], [_none(SUM_PARTS)]
    for name in (name for name in HEADLINE if name != "money" or not split.shortly):
        if name == _OF_BOOKS:
            before, after = (_left_out(worlds, which) for which in (0, 1))
            lines = {"workbooks": after - before}
        else:
            before, after = (float(_of_each(end, name, top).sum()) for end, top in zip(ends, tops, strict=True))
            lines = _sum_lines(split, name, tops[1]) if split.customer_ids else {}
        sums.append({"figure": name, "before": before, "after": after})
        rows = pd.DataFrame({"figure": name, "factor": list(lines), "part": list(lines.values())})
        parts.append(rows[rows["part"] != 0].astype(SUM_PARTS))
    return pd.DataFrame(sums, columns=list(SUMS)).astype(SUMS), pd.concat(parts, ignore_index=True)


def _left_out(worlds: Worlds, which: int) -> float:
    """How many workbooks of a night nobody could use."""
    sources = worlds.portfolio(which, which, which, which).sources
    return float((sources["outcome"] == "quarantined").sum())


def _of_each(rows: pd.DataFrame, name: str, top: str) -> pd.Series:
    """What each customer adds to a figure of the headline."""
    if name in ("high", "high_top", "money"):
        high = rows["level"] == "high"
        found = high & (rows["tier"] == top) if name == "high_top" else high
        return rows["amount"].fillna(0.0) * high if name == "money" else found.astype("float64")
    return rows["there"].notna().astype("float64") if name == "customers" else rows[name].fillna(0.0)


def _sum_lines(split: _Split, name: str, top: str) -> dict[str, float]:
    """What each factor has to do with the change of one figure of the headline, over all customers."""
    values = np.array([_of_each(world, name, top).to_numpy() for world in split.worlds])
    before, after = (_of_each(end, name, top).to_numpy() for end in split.ends)
    if name in DECIMALS:
        told, apart = shapley.parts(values)
        lines = dict(zip(split.factors, told, strict=True)) | {
            "together": apart, "program": (values[0] - before) + (after - values[-1])
        }  # fmt: skip
        summed = {factor: np.array([part.sum()]) for factor, part in lines.items()}
        rounded = _rounded(summed, np.array([(after - before).sum()]), DECIMALS[name])
        return {factor: float(part[0]) for factor, part in rounded.items()}
    steps = shapley.steps(values)
    program = (values[0] - before) + (after - values[-1])
    return {factor: float(step.sum()) for factor, step in zip(split.factors, steps, strict=True)} | {
        "program": float(program.sum())
    }


# --- what differs ------------------------------------------------------------------------------------------------


def _edits(worlds: Worlds, parts: pd.DataFrame) -> pd.DataFrame:
    """The cells of the customers whose own data have a part in a change."""
    ids = parts.loc[parts["factor"].isin(["own", "together"]), "customer_id"].unique()
    if not len(ids):
        return frames.empty(edits.COLUMNS)
    then, now = worlds.portfolio(0, 0, 0, 0), worlds.portfolio(1, 1, 1, 1)
    return edits.edits(then, now, ids)
