"""Why a customer's figure is another one, in words: what it was and is, which factors made it so, and what is cited of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl.core import frames, health
from kam_xl.core.bridges import DECIMALS, Bridge
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.scoring import round_half_away
from kam_xl.core.sections import STAGES
from kam_xl.core.sheets import BY_KIND, named
from kam_xl.core.words import Words
from kam_xl.core.worlds import FIGURES

COLUMNS = tuple(frames.ASSESSMENT["moves"])
SUMS = frames.text("figure said why")
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
_SIGN = {True: "+", False: "−"}


def told(bridge: Bridge, policy: Policy, words: Words) -> pd.DataFrame:
    """Every figure that changed, as a frame of the assessment (`frames.ASSESSMENT`, moves)."""
    teller = _Teller(bridge, policy, words)
    lines = bridge.parts.groupby(["customer_id", "figure"]).indices
    cells = bridge.edits.groupby("customer_id").indices
    rows = []
    for row in frames.each_row(bridge.moved):
        parts = bridge.parts.iloc[lines.get((row.customer_id, row.figure), [])]
        cites = teller.cites(row, parts["factor"].tolist(), bridge.edits.iloc[cells.get(row.customer_id, [])])
        rows.append((*row, teller.said(row), teller.why(parts), cites))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(frames.ASSESSMENT["moves"])


def headline(bridge: Bridge, words: Words) -> pd.DataFrame:
    """The figures of the headline that changed (`SUMS`)."""
    rows = []
    for row in frames.each_row(bridge.sums[bridge.sums["before"].round(6) != bridge.sums["after"].round(6)]):
        own = bridge.sum_parts[bridge.sum_parts["figure"] == row.figure]
        said = step(row.before, row.after, row.figure, words)
        rows.append((row.figure, said, parts_said(own, row.figure, words)))
    return pd.DataFrame(rows, columns=list(SUMS)).astype(SUMS)


def facts(bridge: Bridge, policy: Policy, words: Words) -> pd.DataFrame:
    """What differs between the nights besides customers' own cells: factor, said."""
    teller = _Teller(bridge, policy, words)
    rows = [(row.factor, teller.fact(row)) for row in frames.each_row(bridge.facts)]
    return pd.DataFrame(rows, columns=["factor", "said"]).astype("str")


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
    change = float(round_half_away(pd.Series([after - before]), decimals(figure)).iloc[0])
    return words("bridge.change", **shown, change=signed(change, figure))


def parts_said(parts: pd.DataFrame, figure: str, words: Words) -> str:
    """The parts of a number, the largest first."""
    return words("bridge.between").join(
        words("bridge.part", factor=words(f"bridge.factor.{row.factor}"), part=signed(row.part, figure))
        for row in frames.each_row(in_order(parts))
    )


def in_order(parts: pd.DataFrame) -> pd.DataFrame:
    """Parts, the largest first, what rounding leaves last."""
    ordered = parts.assign(last=parts["factor"] == "rounding", size=-parts["part"].abs())
    return ordered.sort_values(["last", "size"], kind="stable").drop(columns=["last", "size"])


@dataclass(frozen=True)
class _Teller:
    """What tells of a bridge in words."""

    bridge: Bridge
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
        words = self.words
        if figure == "there":
            return words("bridge.here" if key == "there" else "bridge.absent")
        if not isinstance(key, str) or key == "":
            return words("terms.unknown_tier" if figure == "tier" else "terms.unknown")
        names = {
            "tier": self.policy.tier_names(words.lang),
            "level": {one: words(f"terms.level.{one}") for one in (*LEVELS, "none", "unclear")},
            "colour": {one: words(f"terms.colour.{one}") for one in health.COLOURS},
            "lifecycle": {one: words(f"lifecycle.stage.{one}") for one in STAGES},
        }
        return names[figure].get(key, key)

    def why(self, parts: pd.DataFrame) -> str:
        """Which factors made a change, with their parts or their roles."""
        if parts.empty:
            return ""
        if (parts["role"] == "part").all():
            return parts_said(parts, str(parts["figure"].iloc[0]), self.words)
        named = {
            role: self._factors(parts.loc[parts["role"] == role, "factor"]) for role in ("first", "needed", "alone")
        }
        first, needed, alone = named["first"], named["needed"], named["alone"]
        words = self.words
        if needed and alone:
            return words("bridge.with_and_alone", factor=first, **{"with": needed, "alone": alone})
        if needed or alone:
            return words("bridge.with" if needed else "bridge.alone", factor=first, others=needed or alone)
        return first

    def _factors(self, factors: Iterable[str]) -> str:
        return self.words("bridge.and").join(self.words(f"bridge.factor.{factor}") for factor in factors)

    def cites(self, move: Any, factors: Sequence[str], cells: pd.DataFrame) -> str:
        """What is cited of the factors of a change: cells, figures of all customers, keys of the policy, workbooks."""
        found = self._cells(move.figure, cells) if {"own", "together"} & {*factors} else []
        for row in frames.each_row(self.bridge.facts):
            if row.factor in factors and row.what != "day" and self._is_of(move, row):
                found.append(self.fact(row))
        shown = found[:_CITED]
        if len(found) > _CITED:
            shown.append(self.words("bridge.more", n=len(found) - _CITED))
        return self.words("terms.list_separator").join(shown)

    def _is_of(self, move: Any, row: Any) -> bool:
        """Whether a fact may have to do with a change: of the figures of all customers those that it rests on."""
        if row.what == "median" and row.of not in self.bridge.tiers.get(move.customer_id, ()):
            return False
        return row.what in ("missing", "back", "key", *_OTHERS.get(move.figure, ()))

    def _cells(self, figure: str, cells: pd.DataFrame) -> list[str]:
        """The cells that may have to do with a figure; of a row that is new or gone its first one."""
        kinds = _OWN.get(figure, tuple(BY_KIND))
        order = {kind: place for place, kind in enumerate(kinds)}
        name = cells["kind"] + "." + cells["field"]
        place = name.map(order).fillna(cells["kind"].map(order)).astype("float64")
        rows = cells[place.notna()].assign(place=place).sort_values("place", kind="stable")
        whole = rows["how"] != "changed"
        line = rows["book"] + "|" + rows["sheet"] + "|" + rows["cell"].str.extract(r"(\d+)$", expand=False)
        rows = rows[~whole | ~line.where(whole).duplicated()]
        return [self._cell(row) for row in frames.each_row(rows)]

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
