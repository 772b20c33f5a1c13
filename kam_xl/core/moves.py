"""Why a customer's figure is another one, in words: what it was and is, which factors made it so, and what is cited of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import frames, health
from kam_xl.core.bridges import BESIDES, DECIMALS, Bridge
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.scoring import round_half_away
from kam_xl.core.sections import STAGES
from kam_xl.core.sheets import BY_KIND, named
from kam_xl.core.words import Words
from kam_xl.core.worlds import FACTORS, FIGURES

COLUMNS = tuple(frames.ASSESSMENT["moves"])
#: Cells, and other facts, that are cited of one change.
_CITED = 4
#: Figure → the kinds of sheet whose cells are cited of it, the likeliest first; a field alone where it is the only one.
_OWN: Mapping[str, tuple[str, ...]] = {
    "amount": ("info.amount",),
    "score": ("evaluation", "indicators", "info.since"),
    "tier": ("evaluation", "indicators", "info.since"),
}
#: Figure → the figures of all customers that it rests on.
_OTHERS = {
    **dict.fromkeys(("score", "tier"), ("profit", "tenure", "growth")),
    **dict.fromkeys(("health", "colour"), ("median", "common", "profit", "tenure", "growth")),
    "level": ("common", "total", "median", "profit", "tenure", "growth"),
    "lifecycle": ("profit", "tenure", "growth"),
}
#: What of a cell's address is no row.
_LINE = re.compile(r"\D+")
_SIGN = {True: "+", False: "−"}


def told(bridge: Bridge, policy: Policy, words: Words) -> pd.DataFrame:
    """Every figure that changed, as a frame of the assessment (`frames.ASSESSMENT`, moves)."""
    teller = _Teller(policy, words, bridge)
    lines = _by(bridge.parts, "customer_id", "figure")
    rows = []
    for row in frames.each_row(bridge.moved):
        parts = lines.get((row.customer_id, row.figure), [])
        cites = teller.cites(row, frozenset(part.factor for part in parts))
        rows.append((*row, teller.said(row), teller.why(row.figure, parts), cites))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(frames.ASSESSMENT["moves"])


def in_words(moved: pd.DataFrame, parts: pd.DataFrame, policy: Policy, words: Words) -> pd.DataFrame:
    """Changes and their parts (`frames.ASSESSMENT`, moves and move_parts) with what is said of them; nothing is cited."""
    sayer, lines = _Sayer(policy, words), _by(parts, "customer_id", "figure")
    rows = list(frames.each_row(moved))
    said = [sayer.said(row) for row in rows]
    why = [sayer.why(row.figure, lines.get((row.customer_id, row.figure), [])) for row in rows]
    return moved.assign(said=said, why=why, cites="").astype(frames.ASSESSMENT["moves"])


def _by(rows: pd.DataFrame, *keys: str) -> dict[tuple[str, ...], list[Any]]:
    """Rows by what they are of."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for own, row in zip(zip(*(rows[key].tolist() for key in keys), strict=True), frames.each_row(rows), strict=True):
        found.setdefault(own, []).append(row)
    return found


def of_team(parts: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """Why teams' customers changed (``parts`` as in `by_team`): of shared ones no amount, and of others' rows no word is cited."""
    rows = parts.named(parts.of_customers(rows))
    shared = parts.is_shared(rows["customer_id"])
    own = ~(shared & (rows["figure"] == "amount"))
    rows, shared, by = rows[own], shared[own], parts.teams.whole.move_parts
    strange = pd.MultiIndex.from_frame(by.loc[by["factor"].isin(_OF_OTHERS), ["customer_id", "figure"]])
    hidden = shared | pd.MultiIndex.from_frame(rows[["customer_id", "figure"]]).isin(strange)
    return rows.assign(cites=rows["cites"].mask(hidden, ""))


#: Factors of a change that cite what stands with other teams.
_OF_OTHERS = ("others", "workbooks", "together")


def main_cause(parts: pd.DataFrame) -> tuple[str, int] | None:
    """The factor that has most to do with the changes of most customers, and of how many; None where nothing changed.

    Of a number its largest part counts, of what has no parts the first cause.
    """
    told = parts[parts["role"].isin(["part", "first"]) & (parts["factor"] != "rounding")]
    if told.empty:
        return None
    largest = told.assign(size=told["part"].abs().fillna(0)).sort_values("size", ascending=False, kind="stable")
    first = largest.drop_duplicates(["customer_id", "figure"]).drop_duplicates(["customer_id", "factor"])
    counts = first["factor"].value_counts()
    factor = next(one for one in (*FACTORS, *BESIDES) if counts.get(one, 0) == counts.max())
    return factor, int(counts.max())


def of_changes(changes: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Changes of customers (`history.changes`) with ``why`` and ``cites`` of the figure that each is about."""
    known = moves.set_index(["customer_id", "figure"])[["why", "cites"]]
    at = pd.MultiIndex.from_arrays([changes["customer_id"], changes["change"].map(_OF_CHANGE).fillna("there")])
    beside = known.reindex(at).set_axis(changes.index)
    return changes.assign(why=beside["why"].astype("str"), cites=beside["cites"].astype("str"))


#: Change → the figure it is about; of all others whether the customer is there.
_OF_CHANGE = {
    **dict.fromkeys(("tier_up", "tier_down"), "tier"),
    **dict.fromkeys(("risk_up", "risk_down"), "level"),
    **dict.fromkeys(("health_up", "health_down"), "colour"),
    **dict.fromkeys(("silent", "lost"), "lifecycle"),
}


def headline(bridge: Bridge, words: Words) -> pd.DataFrame:
    """The figures of the headline that changed (`frames.ASSESSMENT`, move_sums)."""
    rows = []
    for row in frames.each_row(bridge.sums[bridge.sums["before"].round(6) != bridge.sums["after"].round(6)]):
        own = bridge.sum_parts[bridge.sum_parts["figure"] == row.figure]
        said = step(row.before, row.after, row.figure, words)
        rows.append((row.figure, row.before, row.after, said, parts_said(own, row.figure, words)))
    schema = frames.ASSESSMENT["move_sums"]
    return pd.DataFrame(rows, columns=list(schema)).astype(schema)


def facts(bridge: Bridge, policy: Policy, words: Words) -> pd.DataFrame:
    """What differs between the nights besides customers' own cells: factor, said."""
    teller = _Teller(policy, words, bridge)
    rows = [(row.factor, teller.fact(row)) for row in frames.each_row(bridge.facts)]
    return pd.DataFrame(rows, columns=["factor", "said"]).astype("str")


def name(figure: str, words: Words) -> str:
    """What a figure is called: a customer's, or one that heads a page."""
    own = f"bridge.figure.{figure}"
    return words(own if own in words else f"figure.{figure}")


def decimals(figure: str) -> int:
    """How many decimals a figure has where it is shown; counts have none."""
    return DECIMALS.get(figure, 0)


def number(value: float, figure: str) -> str:
    """A figure as it is shown here, unknown as a dash; an amount without needless noughts."""
    if math.isnan(value):
        return "—"
    text = f"{value:,.{decimals(figure)}f}"
    return text.rstrip("0").rstrip(".") if decimals(figure) > 1 else text


def signed(value: float, figure: str) -> str:
    """A change with its sign."""
    return _SIGN[value > 0] + number(abs(value), figure) if round(value, 9) else number(0.0, figure)


def step(before: float, after: float, figure: str, words: Words) -> str:
    """From what to what, and by how much."""
    shown = {"before": number(before, figure), "after": number(after, figure)}
    if math.isnan(before) or math.isnan(after):
        return words("bridge.step", **shown)
    change = float(round_half_away(np.array([after - before]), decimals(figure))[0])
    return words("bridge.change", **shown, change=signed(change, figure))


def parts_said(parts: pd.DataFrame, figure: str, words: Words) -> str:
    """The parts of a number, the largest first."""
    return _parts_said(list(frames.each_row(parts)), figure, words)


def _parts_said(parts: Sequence[Any], figure: str, words: Words) -> str:
    return words("bridge.between").join(
        words("bridge.part", factor=words(f"bridge.factor.{row.factor}"), part=signed(row.part, figure))
        for row in sorted(parts, key=_place_of)
    )


def _place_of(part: Any) -> tuple[bool, float]:
    """Where a part stands among others: the largest first, what rounding leaves last."""
    return part.factor == "rounding", -abs(part.part)


def in_order(parts: pd.DataFrame) -> pd.DataFrame:
    """Parts, the largest first, what rounding leaves last."""
    ordered = parts.assign(last=parts["factor"] == "rounding", size=-parts["part"].abs())
    return ordered.sort_values(["last", "size"], kind="stable").drop(columns=["last", "size"])


@dataclass(frozen=True)
class _Sayer:
    """What says of a change what it is and why."""

    policy: Policy
    words: Words

    def said(self, row: Any) -> str:
        """From what to what."""
        figure, before, after = row.figure, row.before, row.after
        if FIGURES.get(figure, False):
            return step(before, after, figure, self.words)
        was, now = (self._key(figure, key) for key in (row.was, row.now))
        return self.words("bridge.step", before=was, after=now)

    def _key(self, figure: str, key: object) -> str:
        """A key as people know it."""
        text = key if isinstance(key, str) else ""
        return self._names[figure].get(text, text)

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        """Figure → what its keys are called, and what is unknown."""
        words, unknown = self.words, self.words("terms.unknown")
        return {
            "there": {"there": words("bridge.here"), "": words("bridge.absent")},
            "tier": self.policy.tier_names(words.lang) | {"": words("terms.unknown_tier")},
            "level": {one: words(f"terms.level.{one}") for one in (*LEVELS, "none", "unclear")} | {"": unknown},
            "colour": {one: words(f"terms.colour.{one}") for one in health.COLOURS} | {"": unknown},
            "lifecycle": {one: words(f"lifecycle.stage.{one}") for one in STAGES} | {"": unknown},
        }

    def why(self, figure: str, parts: Sequence[Any]) -> str:
        """Which factors made a change, with their parts or their roles."""
        if not parts:
            return ""
        if all(part.role == "part" for part in parts):
            return _parts_said(parts, figure, self.words)
        roles = tuple((part.factor, part.role) for part in parts)
        return self._whys.get(roles) or self._whys.setdefault(roles, self._why(roles))

    @cached_property
    def _whys(self) -> dict[tuple[tuple[str, str], ...], str]:
        """What is said of causes, of which few differ."""
        return {}

    def _why(self, roles: Sequence[tuple[str, str]]) -> str:
        """Which factors made what has no parts another, by their roles."""
        named = {role: self._factors(one for one, its in roles if its == role) for role in ("first", "needed", "alone")}
        first, needed, alone = named["first"], named["needed"], named["alone"]
        words = self.words
        if needed and alone:
            return words("bridge.with_and_alone", factor=first, **{"with": needed, "alone": alone})
        if needed or alone:
            return words("bridge.with" if needed else "bridge.alone", factor=first, others=needed or alone)
        return first

    def _factors(self, factors: Iterable[str]) -> str:
        return self.words("bridge.and").join(self.words(f"bridge.factor.{factor}") for factor in factors)


class _Cited(NamedTuple):
    """The cells of a customer that may have to do with a figure: the first ones by their place among all, and how many there are."""

    first: Sequence[int]
    among: int


_NO_CELLS = _Cited((), 0)
#: Factors of a change that cite cells.
_OF_CELLS = frozenset(("own", "together"))


class _Cells:
    """The cells that differ (`edits.COLUMNS`), of which some are cited; they are many, so all is done with numbers that stand for texts."""

    def __init__(self, cells: pd.DataFrame) -> None:
        self._whose, self._ids = pd.factorize(cells["customer_id"])
        codes, fields = pd.factorize(cells["kind"] + "." + cells["field"])
        self._field, self._fields = codes, [tuple(name.split(".")) for name in fields]
        self._row = self._rows(cells)

    def _rows(self, cells: pd.DataFrame) -> np.ndarray:
        """The row of each cell of a row that is new or gone, below 0 of all others, each another."""
        told = (cells["how"] != "changed").to_numpy()
        rows = cells[told]
        at, places = pd.factorize(rows["cell"])
        lines = pd.DataFrame({name: pd.factorize(rows[name])[0] for name in ("book", "sheet")})
        lines["row"] = np.array([int(_LINE.sub("", place) or 0) for place in places], dtype="int64")[at]
        found = -1 - np.arange(len(cells))
        found[told] = lines.groupby([*lines], sort=False).ngroup()
        return found

    def of(self, figure: str) -> dict[str, _Cited]:
        """Customer → the cells that may have to do with a figure; of a row that is new or gone its first one."""
        order = {kind: place for place, kind in enumerate(_OWN.get(figure, tuple(BY_KIND)))}
        places = [order.get(f"{kind}.{field}", order.get(kind, -1)) for kind, field in self._fields]
        place = np.array(places, dtype="int64")[self._field]
        at = np.lexsort((place, self._whose))
        at = at[place[at] >= 0]
        at = at[~pd.DataFrame({"whose": self._whose[at], "row": self._row[at]}).duplicated().to_numpy()]
        starts = np.flatnonzero(np.diff(self._whose[at], prepend=-1))
        ids = self._ids[self._whose[at[starts]]].tolist()
        counts = np.diff(starts, append=len(at)).tolist()
        return {
            customer_id: _Cited(at[start : start + min(count, _CITED)].tolist(), count)
            for customer_id, start, count in zip(ids, starts.tolist(), counts, strict=True)
        }


@dataclass(frozen=True)
class _Teller(_Sayer):
    """What tells of a bridge in words."""

    bridge: Bridge

    def cites(self, move: Any, factors: frozenset[str]) -> str:
        """What is cited of the factors of a change: cells, figures of all customers, keys of the policy, workbooks."""
        own, among = self._cited[move.figure].get(move.customer_id, _NO_CELLS) if _OF_CELLS & factors else _NO_CELLS
        others = self._others(move.figure, factors, self.bridge.tiers.get(move.customer_id, frozenset()))
        shown = [self._cell_texts[place] for place in own]
        shown += others[: _CITED - len(shown)]
        if (left := among + len(others) - len(shown)) > 0:
            shown.append(self.words("bridge.more", n=left))
        return self.words("terms.list_separator").join(shown)

    def _others(self, figure: str, factors: frozenset[str], tiers: frozenset[str]) -> list[str]:
        """What is told of factors besides customers' own cells that may have to do with a figure of a customer of some tiers."""
        key = figure, factors, tiers
        if key not in self._told:
            asked = (row for row, _ in self._facts if row.factor in factors)
            of_figure = ("missing", "back", "key", *_OTHERS.get(figure, ()))
            own = {row for row in asked if row.what in of_figure and (row.what != "median" or row.of in tiers)}
            self._told[key] = [said for row, said in self._facts if row in own]
        return self._told[key]

    @cached_property
    def _told(self) -> dict[tuple[str, frozenset[str], frozenset[str]], list[str]]:
        """What is told of factors to one customer as to another."""
        return {}

    @cached_property
    def _facts(self) -> list[tuple[Any, str]]:
        """What differs besides customers' own cells, and how that is said."""
        return [(row, self.fact(row)) for row in frames.each_row(self.bridge.facts) if row.what != "day"]

    @cached_property
    def _cited(self) -> dict[str, dict[str, _Cited]]:
        """Figure → customer → the cells that may have to do with it."""
        cells = _Cells(self.bridge.edits)
        return {figure: cells.of(figure) for figure in self.bridge.moved["figure"].unique()}

    @cached_property
    def _cell_texts(self) -> dict[int, str]:
        """The cells that are cited, as they are said, by their place among all."""
        cited = sorted({place for found in self._cited.values() for own in found.values() for place in own.first})
        rows = frames.each_row(self.bridge.edits.iloc[cited])
        return {place: self._cell(row) for place, row in zip(cited, rows, strict=True)}

    def _cell(self, row: Any) -> str:
        facts = {"book": row.book, "place": f"{row.sheet}!{row.cell}"}
        kind, field, how = row.kind, row.field, row.how
        if how != "changed":
            return self.words(f"bridge.cell.{how}", **facts)
        was, now = (self._value(kind, field, text) for text in (row.was, row.now))
        header = BY_KIND[kind].column(field).header(self.words.lang)
        return self.words("bridge.cell.changed", **facts, header=header, was=was, now=now)

    def _value(self, kind: str, field: str, text: str) -> str:
        """What a cell says, a key in words."""
        if not text:
            return self.words("terms.unknown")
        if field == "tier":
            return self.policy.tier_names(self.words.lang).get(text, text)
        keys = [f"terms.{named(kind, field)}.{text}", f"terms.{field}.{text}"]
        return next((self.words(key) for key in keys if key in self.words), text)

    def fact(self, row: Any) -> str:
        """What else differs."""
        what, of, was, now = row.what, row.of, row.was, row.now
        if what == "common":
            title = self.policy.rules[of].title(self.words.lang)
            return self.words("bridge.fact.common", of=title, how=self.words(f"bridge.fact.told_{now}"))
        if what == "median":
            of = self.policy.tier_names(self.words.lang).get(of, of)
        unknown = self.words("terms.unknown")
        key = of if what == "profit" else what
        return self.words(f"bridge.fact.{key}", of=of, was=was or unknown, now=now or unknown)
