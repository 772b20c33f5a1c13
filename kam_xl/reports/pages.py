"""The rows of a workbook's pages and their columns, ready to write: of one workbook, or of several teams' made at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core.failures import Failures
from kam_xl.core.frames import READER
from kam_xl.core.privacy import is_masked
from kam_xl.core.words import Words
from kam_xl.reports import native_tables
from kam_xl.reports.data_sheets import DataSheet
from kam_xl.reports.run import Run
from kam_xl.showing import columns as showing
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.columns import ReadyColumn, Shown
from kam_xl.showing.fields import Field, listed
from kam_xl.showing.vocabulary import Vocabulary

LONGEST_HEADER = 30
_PLACE = ("book", "sheet", "cell")


@dataclass(frozen=True)
class Pages:
    """The pages of one workbook, made of an assessment or of one team's part of it; ``known`` names its keys."""

    assessment: Any
    run: Run
    known: Mapping[str, Vocabulary]

    def rows(self, page: DataSheet) -> pd.DataFrame:
        """The rows of a page, with what it shows of them; a part that could not be computed fails here."""
        found = page.of(self.assessment, self.run)
        return found if page.products else found[_shown(found, page)]

    def columns(self, page: DataSheet, rows: pd.DataFrame) -> list[ReadyColumn]:
        """The columns of a page with these rows."""
        words = self.assessment.words
        unknown = page.unknown(rows)
        fields = " ".join(name for name in page.fields.split() if name not in unknown)
        columns = showing.columns(rows, fields, self.known, words)
        if page.linked:
            columns = [replace(one, links=_links(rows, self.run)) if one.field == "cell" else one for one in columns]
        if page.products:
            grid = rows.drop(columns=[*page.fields.split(), READER], errors="ignore")
            columns += _products(grid, columns, words, self.known[vocabulary.PRODUCT])
        return columns


@dataclass(frozen=True)
class _Cut:
    """A page of several teams: its rows and columns, team by team, and where those of each begin."""

    rows: pd.DataFrame
    columns: Sequence[ReadyColumn]
    bounds: np.ndarray

    def of(self, number: int) -> slice:
        """Where one team's rows are."""
        return slice(self.bounds[number], self.bounds[number + 1])


class PagesAtOnce:
    """The pages of several teams' workbooks (`core.by_team.together`): each is made once for all, and cut."""

    def __init__(self, several: Any, run: Run, known: Mapping[str, Vocabulary]) -> None:
        self._whole = Pages(several, run, known)
        self._cut: dict[str, _Cut | None] = {}

    def each(self) -> Iterator[Pages]:
        """The pages of each team's workbook."""
        for number, part in enumerate(self._whole.assessment.parts):
            yield _Own(part, self._whole.run, self._whole.known, self, number)

    def of(self, page: DataSheet) -> _Cut | None:
        """A page of all; None where it fails of whichever team's rows."""
        if page.key not in self._cut:
            self._cut[page.key] = Failures().attempt("team_sheet", page.key, partial(self._made, page), None)
        return self._cut[page.key]

    def _made(self, page: DataSheet) -> _Cut:
        rows = self._whole.rows(page).sort_values(READER, kind="stable", ignore_index=True)
        bounds = np.searchsorted(rows[READER], np.arange(len(self._whole.assessment.parts) + 1))
        return _Cut(rows, self._whole.columns(page, rows), bounds)


@dataclass(frozen=True)
class _Own(Pages):
    """One team's pages, cut out of those of several; one that cannot be made of all is made of this team's rows alone."""

    together: PagesAtOnce
    number: int

    def rows(self, page: DataSheet) -> pd.DataFrame:
        """The team's rows of a page."""
        cut = self.together.of(page)
        if cut is None:
            return super().rows(page)
        rows = cut.rows.iloc[cut.of(self.number)]
        rows.index = pd.RangeIndex(len(rows))
        return rows

    def columns(self, page: DataSheet, rows: pd.DataFrame) -> list[ReadyColumn]:
        """The team's columns of a page; of products those that it sells itself."""
        cut = self.together.of(page)
        if cut is None:
            return super().columns(page, rows)
        unknown = page.unknown(rows)
        own = [column.rows(cut.of(self.number)) for column in cut.columns if column.field not in unknown]
        return _own_products(own, page, self.assessment.products) if page.products else own


def _shown(rows: pd.DataFrame, page: DataSheet) -> list[str]:
    """The columns of some rows that a page shows, or by which its cells are linked and its rows told apart."""
    fields = [field.column(rows, column) for column, field in listed(page.fields)]
    beside = [name for name in (*_PLACE, READER) if name in rows]
    return list(dict.fromkeys([*fields, *beside]))


def _own_products(columns: Sequence[ReadyColumn], page: DataSheet, products: frozenset[str]) -> list[ReadyColumn]:
    """The columns of a page without those of products that are not these, which are headed by their names."""
    count = len(page.fields.split())
    beside, own = columns[:count], [column for column in columns[count:] if column.field in products]
    headers = _headers([column.field for column in own], {column.header for column in beside})
    return [*beside, *(replace(column, header=header) for column, header in zip(own, headers, strict=True))]


def _products(grid: pd.DataFrame, beside: list[ReadyColumn], words: Words, terms: Vocabulary) -> Iterator[ReadyColumn]:
    """One column a product, headed by its name; blank where there is nothing between it and the customer."""
    names = list(map(str, grid))
    for name, header in zip(names, _headers(names, {column.header for column in beside}), strict=True):
        yield showing.column(Shown(Field(name, header, header, optional=True), grid[name], terms), words)


def _headers(names: list[str], others: set[str]) -> list[str]:
    """Names of products as the headers of a native table: short, on one line, each once, whatever their case."""
    taken = {other.casefold() for other in others}
    found = []
    for name in names:
        short = " ".join(showing.legal(name, "").split())[:LONGEST_HEADER].strip()
        short = short.replace("_x", "_ x") or theme.UNKNOWN  # Excel would read _x0041_ as A
        ways = itertools.chain([short], (f"{short} ({number})" for number in itertools.count(2)))
        header = next(way for way in ways if way.casefold() not in taken)
        taken.add(header.casefold())
        found.append(header)
    return found


def _links(frame: pd.DataFrame, run: Run) -> list[str | None]:
    """Where each row's cell stands: the team's workbook, as seen from the folder of this one.

    A name that is shown masked leads nowhere, and so does a place that is unknown.
    """
    places = zip(*(frame[name].tolist() for name in _PLACE), strict=True)
    return [
        None
        if pd.isna(cell) or is_masked(book, sheet)
        else native_tables.link_to_cell(run.teams_from_out, book, sheet, cell)
        for book, sheet, cell in places
    ]
