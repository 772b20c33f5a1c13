"""Frames → the tables of an HTML page: every field under its own header, in its own format and words, bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from kam_xl.reports.figures import Figure, signed
from kam_xl.reports.links import Links
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.columns import Shown, shown
from kam_xl.showing.fields import Field, listed
from kam_xl.showing.vocabulary import Speaker, Vocabulary

WHO = "who"  # stands for a customer's name, ID and tier in one cell
LINKED = "linked"  # a kind of counts that lead to what they count
_BADGED = ("tier", "level")  # kinds whose values the page draws itself
#: Kind of column → how its values are written; kinds that are not listed are texts.
_WRITE: dict[str, Callable[[Any], str]] = {
    **{kind: shape.format for kind, shape in theme.WRITTEN.items()},
    "step": lambda step: signed(int(step)) if step else "0",
    "rise": lambda rise: signed(rise) if rise else "0.0",
    "ready": str,  # figures written into a text already
}
_NAMES = (
    "manager",
    "tracker",
    "handler",
    "evaluator",
    "team",
    "owner",
    "person",
)  # short texts that a line should not cut in two
_SINCE = ("then", "step", "score_then", "score_step", "satisfaction_then", "nps_then", "nps_step")
_BADGES = {verdict.fill: name for name, verdict in theme.VERDICTS.items()}


@dataclass(frozen=True)
class Written:
    """One value as it is written; ``kind`` is text, who, tier, level, or a verdict whose badge the text stands in."""

    kind: str
    value: object


@dataclass(frozen=True)
class Head:
    """One column's header, and the class of its cells."""

    text: object
    css: str


@dataclass(frozen=True)
class Group:
    """Rows under one name; the rows of a table without groups have none."""

    rows: list[tuple[Written, ...]]
    name: object = ""
    aside: str = ""


@dataclass(frozen=True)
class Grid:
    """A table ready to show, and how many rows it leaves to which sheet of the master workbook."""

    heads: tuple[Head, ...]
    groups: tuple[Group, ...]
    title: str = ""
    rest: int = 0
    sheet: str = ""


class Pen:
    """Writes frames as grids in a speaker's names; ``own`` are the vocabularies of fields that only these pages have.

    Customers' names lead to their plans where ``places`` knows of one.
    """

    def __init__(self, speaker: Speaker, own: dict[str, Vocabulary], places: Links | None = None) -> None:
        self._words = speaker.words
        self._vocabularies = vocabulary.vocabularies(speaker) | own
        self._places = places

    def grid(
        self, rows: pd.DataFrame, fields: str, limit: int, sheet: str = "", *, title: str = "", rest: int | None = None
    ) -> Grid:
        """The first ``limit`` rows under ``fields``; ``rest`` is how many are left out where that is not the others."""
        rest = max(len(rows) - limit, 0) if rest is None else rest
        return Grid(self._heads(fields), (Group(self._cells(rows.head(limit), fields)),), title, rest, sheet)

    def grouped(
        self, rows: pd.DataFrame, by: str, fields: str, each: int, asides: Mapping[str, str], sheet: str, rest: int
    ) -> Grid:
        """The first ``each`` rows of every group, in the order of ``asides``, whose texts stand beside the groups' names."""
        parts = dict(list(rows.groupby(by, sort=False)))
        groups = [
            Group(self._cells(parts[name].head(each), fields) if name in parts else [], self._page_of(name), aside)
            for name, aside in asides.items()
        ]
        return Grid(self._heads(fields), tuple(groups), "", rest, sheet)

    def names(self, field: str) -> Mapping[str, str]:
        """What the keys of a field are called."""
        return self._vocabularies[field].names

    def totals(self, rows: pd.DataFrame, fields: str, what: str, since: str = "", *, title: str = "") -> Grid:
        """A table in which every number counts something itself: ``what``, of whom its row says and in its column's sense.

        ``since`` is the day that its columns `_SINCE` look back to.
        """
        grid = self.grid(rows, fields, len(rows), title=title)
        (group,) = grid.groups
        windows = [since if field.name in _SINCE else "" for _, field in listed(fields)]
        lines = [(row[0], *self._marked(row, grid.heads, windows, what)) for row in group.rows]
        return replace(grid, groups=(replace(group, rows=lines),))

    def _marked(
        self, row: tuple[Written, ...], heads: tuple[Head, ...], windows: Sequence[str], what: str
    ) -> Iterator[Written]:
        """The cells of a row after its first, its numbers as figures."""
        whose = str(self._vocabularies["computed_tier"].names.get(row[0].value, row[0].value))
        for one, head, window in zip(row[1:], heads[1:], windows[1:], strict=True):
            figure = head.css == "n" and isinstance(one.value, str)
            label = f"{what} {whose} {head.text}"
            yield Written(one.kind, Figure(str(one.value), label, window)) if figure else one

    def matrix(self, rows: pd.DataFrame, names: Mapping[str, str], corner: str, window: str = "") -> Grid:
        """Counts of keys by keys, under the keys' names; nobody is a dash."""
        heads = (Head(corner, ""), *(Head(names[key], "n") for key in rows.columns))
        lines = [
            (Written("tier" if key in theme.TIER_COLOURS else "text", key if key in theme.TIER_COLOURS else names[key]),
             *(_counted(one, f"{corner} {names[key]} {head.text}", window) for one, head in zip(line, heads[1:], strict=True)))
            for key, line in zip(rows.index, rows.to_numpy(), strict=True)
        ]  # fmt: skip
        return Grid(heads, (Group(lines),))

    def _heads(self, fields: str) -> tuple[Head, ...]:
        return tuple(Head(field.header(self._words.lang), self._css(field)) for _, field in listed(fields))

    def _css(self, field: Field) -> str:
        if field.name in self._vocabularies or field.name in _NAMES:
            return "word"
        if field.kind == LINKED:
            return "n"
        if field.kind not in _WRITE:
            return ""
        return "date" if field.kind in theme.DATES else "n"

    def _cells(self, rows: pd.DataFrame, fields: str) -> list[tuple[Written, ...]]:
        columns = [_column(one) for one in shown(rows.assign(who=self._who(rows)), fields, self._vocabularies)]
        return list(zip(*columns, strict=True)) if len(rows) else []

    def _who(self, rows: pd.DataFrame) -> pd.Series | None:
        """Name, ID and tier of the customers of some rows; None for rows of anything else."""
        if not {"name", "customer_id"} <= set(rows):
            return None
        tiers = rows["computed_tier"] if "computed_tier" in rows else [None] * len(rows)
        named = [self._named(*row) for row in zip(rows["customer_id"], rows["name"], strict=True)]
        return pd.Series(list(zip(named, rows["customer_id"], tiers, strict=True)), rows.index, dtype="object")

    def _page_of(self, person: str) -> object:
        return self._places.manager(person, person) if self._places else person

    def _named(self, customer_id: str, name: str) -> object:
        return self._places.customer(customer_id, name) if self._places else name


def _counted(count: int, label: str, window: str) -> Written:
    return Written("text", Figure(_WRITE["count"](count), label, window) if count else theme.UNKNOWN)


def _column(one: Shown) -> list[Written]:
    """The cells of one column."""
    if one.kind == WHO:
        return [Written(WHO, who) for who in one.values]
    if one.kind in _BADGED:
        return [Written(one.kind if pd.notna(value) else "text", value) for value in one.values]
    if one.terms:
        return [_word(one.terms, value) for value in one.values]
    write: Callable[[Any], object] = _WRITE.get(one.kind, lambda value: value)
    return [Written("text", write(value) if _known(value) else theme.UNKNOWN) for value in one.values]


def _word(terms: Vocabulary, key: Any) -> Written:
    if pd.isna(key):
        return Written("text", theme.UNKNOWN)
    name = terms.names.get(key, str(key))
    look = terms.looks.get(name)
    return Written(_BADGES.get(look.fill, "text") if look else "text", name)


def _known(value: Any) -> bool:
    return isinstance(value, Markup) or (pd.notna(value) and value != "")


def counted(keys: pd.Series, order: Sequence[str]) -> pd.Series:
    """How many customers have each key of ``order``."""
    return keys.value_counts().reindex(list(order), fill_value=0)
