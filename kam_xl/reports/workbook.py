"""A workbook of ours: a first sheet to read, then one sheet with one native table for each kind of record."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from kam_xl.core.privacy import is_masked
from kam_xl.core.words import Words
from kam_xl.reports import native_tables, origin
from kam_xl.reports.data_sheets import DataSheet
from kam_xl.reports.first_sheet import Chapter, FirstSheet
from kam_xl.reports.native_tables import Layout, Mark
from kam_xl.reports.run import Run
from kam_xl.reports.sheet_rows import Skeleton
from kam_xl.showing import columns as showing
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.columns import ReadyColumn, Shown
from kam_xl.showing.fields import Field
from kam_xl.showing.vocabulary import Vocabulary

LONGEST_HEADER = 30

#: Writes the first sheet: the sheet, the chapters that follow it, and their rows by key (None: could not be made).
Front = Callable[[FirstSheet, list[Chapter], Mapping[str, pd.DataFrame | None]], None]


@dataclass(frozen=True)
class Binding:
    """What makes one kind of workbook: its key among ours, its title, its first sheet's name and writer, its pages.

    ``failing`` is the kind of failure that a sheet of it is (words ``failure.kind``); where it is ``sparing``, a page
    without rows has no sheet unless it is ``always`` there.
    """

    key: str
    title: str
    first: str
    front: Front
    pages: tuple[DataSheet, ...]
    failing: str = "sheet"
    sparing: bool = False
    rows_per_sheet: int = native_tables.EXCEL_ROWS


def write(path: Path, assessment: Any, run: Run, binding: Binding, known: dict[str, Vocabulary]) -> None:
    """Write the whole workbook to ``path``, in the language of the assessment, or of one team's part of it.

    A table longer than a sheet goes on in "name (2)". A sheet that cannot be made says so in its place. What has been
    written of it cannot be taken back: then the workbook is begun anew without it.
    """
    failed: set[str] = set()
    while page := _unfinished(path, _Book(assessment, run, binding, known), frozenset(failed)):
        failed.add(page)


@dataclass(frozen=True)
class _Book:
    """The workbook to be written, and what its sheets have in common."""

    assessment: Any
    run: Run
    binding: Binding
    known: dict[str, Vocabulary]

    @property
    def words(self) -> Words:
        """The words of its language."""
        words: Words = self.assessment.words
        return words

    @property
    def footer(self) -> str:
        """What is printed below every page."""
        printed = self.words(
            "master.printed", started=f"{self.run.started:%Y-%m-%d %H:%M}", policy=self.run.policy_version
        )
        return f"&L&8{printed.replace('&', '&&')}&C&8&A&R&8{self.words('master.footer')}"

    def attempt(self, page: DataSheet, work: Callable[[], Any], otherwise: object) -> Any:
        """What the work for a page comes to."""
        return self.assessment.failures.attempt(self.binding.failing, page.key, work, otherwise)

    def rows(self, page: DataSheet) -> pd.DataFrame:
        """The rows of a page; a part that could not be computed fails here."""
        found = page.of(self.assessment, self.run)
        len(found)
        return found

    def chapter(self, page: DataSheet, frame: pd.DataFrame | None) -> Chapter:
        """A page as the first sheet names it."""
        name = page.name(self.words)
        rows = None if frame is None else len(frame)
        parts = native_tables.parts(name, rows or 0, self.binding.rows_per_sheet)
        return Chapter(page.key, name, page.group, rows, tuple(parts))

    def add(self, skeleton: Skeleton, page: DataSheet, chapter: Chapter, frame: pd.DataFrame) -> bool:
        """Add a page's sheets; True, for there is nobody to ask whether they are there."""
        layout = Layout(self.footer, self.words("master.none"), page.frozen, theme.GROUP_COLOURS[page.group])
        columns = list(_columns(frame, page, self.words, self.known, self.run))
        _add(skeleton, page, chapter, columns, layout, _marks(page, self.known["verdict"]))
        return True


def _unfinished(path: Path, book: _Book, failed: frozenset[str]) -> str | None:
    """Write the workbook without the sheets that ``failed``; the key of one more where it could not be finished."""
    frames = {
        page.key: None if page.key in failed else book.attempt(page, partial(book.rows, page), None)
        for page in book.binding.pages
    }
    pages = [page for page in book.binding.pages if _has_sheet(book.binding, page, frames[page.key])]
    chapters = [book.chapter(page, frames[page.key]) for page in pages]
    skeleton = Skeleton(_options(book.words))
    _set_properties(skeleton.workbook, book, path.name)
    first = FirstSheet(skeleton.workbook, book.binding.first, book.words)
    book.binding.front(first, chapters, frames)
    first.close(book.footer)
    for page, chapter in zip(pages, chapters, strict=True):
        frame = frames.pop(page.key)
        if frame is None:
            _add(skeleton, page, chapter, _apology(book.words), Layout(book.footer, "", 0), [])
        elif not book.attempt(page, partial(book.add, skeleton, page, chapter, frame), otherwise=False):
            return page.key
    skeleton.save(path)
    return None


def _has_sheet(binding: Binding, page: DataSheet, frame: pd.DataFrame | None) -> bool:
    return not binding.sparing or page.always or frame is None or len(frame) > 0


def _apology(words: Words) -> list[ReadyColumn]:
    """What stands on a sheet that could not be made."""
    return [ReadyColumn("note", words("failure.note"), [words("failure.says")], wrapped=True)]


def _add(
    skeleton: Skeleton, page: DataSheet, chapter: Chapter, columns: list[ReadyColumn], layout: Layout, marks: list[Mark]
) -> None:
    """Add a page's sheets: one, unless it is longer than a sheet."""
    for number, (name, rows) in enumerate(chapter.parts, start=1):
        table = page.table if number == 1 else f"{page.table}_{number}"
        native_tables.add(skeleton, name, table, [column.rows(rows) for column in columns], layout, marks)


def _options(words: Words) -> dict[str, object]:
    font = {"font_name": theme.WORKBOOK_FONTS[words.lang], "font_size": theme.FONT_SIZE, "font_color": theme.INK}
    plain = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    return {
        "default_format_properties": {**font, "font_scheme": "none", "valign": "vcenter"},
        "use_zip64": True,
        **plain,
    }


def _set_properties(workbook: Workbook, book: _Book, name: str) -> None:
    """The workbook's properties; by the custom ones the job knows its own output, and which file of a folder is its own."""
    workbook.set_properties({"title": book.binding.title, "created": book.run.started})
    workbook.set_custom_property("kam_xl", book.binding.key)
    workbook.set_custom_property("kam_xl_file", origin.mark(name))
    workbook.set_size(1920, 1200)


def _columns(
    frame: pd.DataFrame, page: DataSheet, words: Words, known: dict[str, Vocabulary], run: Run
) -> Iterator[ReadyColumn]:  # fmt: skip
    """The columns of a page, ready to write."""
    columns = showing.columns(frame, page.fields, known, words)
    for column in columns:
        linked = page.linked and column.field == "cell"
        yield replace(column, links=_links(frame, run)) if linked else column
    if page.products:
        yield from _products(frame.drop(columns=page.fields.split()), columns, words, known[vocabulary.PRODUCT])


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
    places = zip(frame["book"], frame["sheet"], frame["cell"], strict=True)
    return [
        None
        if pd.isna(cell) or is_masked(book, sheet)
        else native_tables.link_to_cell(run.teams_from_out, book, sheet, cell)
        for book, sheet, cell in places
    ]


def _marks(page: DataSheet, verdict: Vocabulary) -> list[Mark]:
    """Recorded values take the colour of the verdict beside them where they differ from the computed ones."""
    if "verdict" not in page.fields.split():
        return []
    differing = {"recorded_score": ("score_differs", "tier_differs"), "recorded_tier": ("tier_differs",)}
    shown = {name.rpartition(":")[2] for name in page.fields.split()}
    return [
        Mark(field, "verdict", verdict.names[key], verdict.looks[verdict.names[key]])
        for field, keys in differing.items()
        if field in shown
        for key in keys
    ]
