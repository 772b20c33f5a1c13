"""Frames → the tables of an HTML page: every field under its own header, in its own format and words, bounded."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from kam_xl.core import sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports.headline import signed
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.vocabulary import Vocabulary

WHO = "who"  # stands for a customer's name, ID and tier in one cell
_BADGED = ("tier", "level")  # kinds whose values the page draws itself
#: Kind of column → how its values are written; kinds that are not listed are texts.
_WRITE: dict[str, Callable[[object], str]] = {
    **dict.fromkeys(("amount", "score", "composite", "number"), "{:,.1f}".format),
    **dict.fromkeys(("count", "grade"), "{:,.0f}".format),
    "step": lambda step: signed(int(step)) if step else "0",
    "rise": lambda rise: signed(rise) if rise else "0.0",
    "share": "{:.0%}".format,
    "measured": "{:.1%}".format,
    "date": "{:%Y-%m-%d}".format,
    "datetime": "{:%Y-%m-%d %H:%M}".format,
}
_NAMES = ("manager", "tracker", "handler", "evaluator", "team")  # short texts that a line should not cut in two
_DATES = ("date", "datetime")
_BADGES = {verdict.fill: name for name, verdict in theme.VERDICTS.items()}


@dataclass(frozen=True)
class Cell:
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

    rows: list[tuple[Cell, ...]]
    name: str = ""
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
    """Writes the frames of one assessment as grids.

    ``kinds`` and ``own`` are the kinds and the vocabularies of fields that only these pages have; their headers stand in
    the words under ``views.column``.
    """

    def __init__(
        self, assessment: Assessment, words: Words, kinds: Mapping[str, str], own: Mapping[str, Vocabulary]
    ) -> None:
        self._words = words
        self._kinds = kinds
        self._vocabularies = vocabulary.vocabularies(assessment, words) | own

    def grid(
        self, rows: pd.DataFrame, fields: str, limit: int, sheet: str = "", *, title: str = "", rest: int | None = None
    ) -> Grid:
        """The first ``limit`` rows under ``fields``; ``rest`` is how many are left out where that is not the others.

        A field is the name of a column, or ``column:field`` where another field's header and words are meant.
        """
        rest = max(len(rows) - limit, 0) if rest is None else rest
        return Grid(self._heads(fields), (Group(self._cells(rows.head(limit), fields)),), title, rest, sheet)

    def grouped(
        self, rows: pd.DataFrame, by: str, fields: str, each: int, asides: Mapping[str, str], sheet: str, rest: int
    ) -> Grid:
        """The first ``each`` rows of every group, in the order of ``asides``, whose texts stand beside the groups' names."""
        parts = dict(list(rows.groupby(by, sort=False)))
        groups = [
            Group(self._cells(parts[name].head(each), fields) if name in parts else [], name, aside)
            for name, aside in asides.items()
        ]
        return Grid(self._heads(fields), tuple(groups), "", rest, sheet)

    def matrix(self, rows: pd.DataFrame, names: Mapping[str, str], corner: str) -> Grid:
        """Counts of keys by keys, under the keys' names; nobody is a dash."""
        heads = (Head(corner, ""), *(Head(names[key], "n") for key in rows.columns))
        count = _WRITE["count"]
        lines = [
            (Cell("tier" if key in theme.TIER_COLOURS else "text", key if key in theme.TIER_COLOURS else names[key]),
             *(Cell("text", count(one) if one else theme.UNKNOWN) for one in line))
            for key, line in zip(rows.index, rows.to_numpy(), strict=True)
        ]  # fmt: skip
        return Grid(heads, (Group(lines),))

    def _heads(self, fields: str) -> tuple[Head, ...]:
        return tuple(Head(self._header(field), self._css(field)) for _, field in _pairs(fields))

    def _header(self, field: str) -> str:
        own = f"views.column.{field}"
        return self._words(own) if own in self._words else sheets.header(field, self._words.lang)

    def _kind(self, field: str) -> str:
        column = sheets.columns().get(field)
        return self._kinds.get(field) or (column.kind if column else "")

    def _css(self, field: str) -> str:
        kind = self._kind(field)
        if field in self._vocabularies or field in _NAMES:
            return "word"
        if kind not in _WRITE:
            return ""
        return "date" if kind in _DATES else "n"

    def _cells(self, rows: pd.DataFrame, fields: str) -> list[tuple[Cell, ...]]:
        columns = [self._column(rows, column, field) for column, field in _pairs(fields)]
        return list(zip(*columns, strict=True)) if len(rows) else []

    def _column(self, rows: pd.DataFrame, column: str, field: str) -> list[Cell]:
        if field == WHO:
            tiers = rows["computed_tier"] if "computed_tier" in rows else [None] * len(rows)
            return [Cell(WHO, one) for one in zip(rows["name"], rows["customer_id"], tiers, strict=True)]
        values = rows[column]
        if (kind := self._kind(field)) in _BADGED:
            return [Cell(kind, value) if pd.notna(value) else Cell("text", value) for value in values]
        if field in self._vocabularies:
            return [self._word(self._vocabularies[field], value) for value in values]
        write = _WRITE.get(kind, lambda value: value)
        return [Cell("text", write(value) if _known(value) else theme.UNKNOWN) for value in values]

    def _word(self, words: Vocabulary, key: object) -> Cell:
        if pd.isna(key):
            return Cell("text", theme.UNKNOWN)
        name = words.names.get(key, str(key))
        look = words.looks.get(name)
        return Cell(_BADGES.get(look.fill, "text") if look else "text", name)


def _known(value: object) -> bool:
    return isinstance(value, Markup) or (pd.notna(value) and value != "")


@functools.cache
def _pairs(fields: str) -> tuple[tuple[str, str], ...]:
    """``name due since:risks.since`` → each column and the field it is shown as."""
    return tuple(_pair(text) for text in fields.split())


def _pair(text: str) -> tuple[str, str]:
    column, _, field = text.partition(":")
    return column, field or column


def counted(keys: pd.Series, order: Sequence[str]) -> pd.Series:
    """How many customers have each key of ``order``."""
    return keys.value_counts().reindex(list(order), fill_value=0)
