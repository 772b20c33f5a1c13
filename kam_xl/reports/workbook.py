"""A workbook of ours: a first sheet to read, then one sheet with one native table for each kind of record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from kam_xl.core.words import Words
from kam_xl.reports import native_tables, origin
from kam_xl.reports.data_sheets import DataSheet
from kam_xl.reports.first_sheet import Chapter, FirstSheet
from kam_xl.reports.native_tables import Layout, Mark
from kam_xl.reports.pages import Pages
from kam_xl.reports.sheet_rows import Skeleton
from kam_xl.showing import theme
from kam_xl.showing.columns import ReadyColumn
from kam_xl.showing.vocabulary import Vocabulary

#: Writes the first sheet: the sheet, the chapters that follow it, and their rows by key (None: could not be made).
Front = Callable[[FirstSheet, list[Chapter], Mapping[str, pd.DataFrame | None]], None]


@dataclass(frozen=True)
class Binding:
    """What makes one kind of workbook: its key among ours, its title, its first sheet's name and writer, its pages.

    ``failing`` is the kind of failure that a sheet of it is (words ``failure.kind``); where it is ``sparing``, a page
    without rows has no sheet unless it is ``always`` there. Of what stands elsewhere, too, no table lists more than its first ``most`` rows.
    """

    key: str
    title: str
    first: str
    front: Front
    pages: tuple[DataSheet, ...]
    failing: str = "sheet"
    sparing: bool = False
    rows_per_sheet: int = native_tables.EXCEL_ROWS
    most: int | None = None


def write(path: Path, pages: Pages, binding: Binding) -> None:
    """Write the whole workbook to ``path``, in the language of the assessment, or of one team's part of it.

    A table longer than a sheet goes on in "name (2)". A sheet that cannot be made says so in its place. What has been
    written of it cannot be taken back: then the workbook is begun anew without it.
    """
    failed: set[str] = set()
    while page := _unfinished(path, _Book(pages, binding), frozenset(failed)):
        failed.add(page)


@dataclass(frozen=True)
class _Book:
    """The workbook to be written, and what its sheets have in common."""

    pages: Pages
    binding: Binding

    @property
    def words(self) -> Words:
        """The words of its language."""
        words: Words = self.pages.assessment.words
        return words

    @property
    def footer(self) -> str:
        """What is printed below every page."""
        run = self.pages.run
        printed = self.words("master.printed", started=f"{run.started:%Y-%m-%d %H:%M}", policy=run.policy_version)
        return f"&L&8{printed.replace('&', '&&')}&C&8&A&R&8{self.words('master.footer')}"

    def attempt(self, page: DataSheet, work: Callable[[], Any], otherwise: object) -> Any:
        """What the work for a page comes to."""
        return self.pages.assessment.failures.attempt(self.binding.failing, page.key, work, otherwise)

    def chapter(self, page: DataSheet, frame: pd.DataFrame | None) -> Chapter:
        """A page as the first sheet names it."""
        name = page.name(self.words)
        rows = None if frame is None else len(frame)
        listed = len(range(rows or 0)[: self._most(page)])
        parts = native_tables.parts(name, listed, self.binding.rows_per_sheet)
        return Chapter(page.key, name, page.group, rows, tuple(parts), (rows or 0) - listed)

    def _most(self, page: DataSheet) -> int | None:
        """How many rows of a page are listed; what the run says of itself stands nowhere else."""
        return None if page.of_run else self.binding.most

    def add(self, skeleton: Skeleton, page: DataSheet, chapter: Chapter, frame: pd.DataFrame) -> bool:
        """Add a page's sheets; True, for there is nobody to ask whether they are there."""
        none = page.nothing(self.pages.assessment) if page.nothing else self.words("master.none")
        layout = Layout(self.footer, none, page.frozen, theme.GROUP_COLOURS[page.group])
        columns = self.pages.columns(page, frame.iloc[: self._most(page)])
        _add(skeleton, page, chapter, columns, layout, _marks(page, self.pages.known["verdict"]))
        return True


def _unfinished(path: Path, book: _Book, failed: frozenset[str]) -> str | None:
    """Write the workbook without the sheets that ``failed``; the key of one more where it could not be finished."""
    frames = {
        page.key: None if page.key in failed else book.attempt(page, partial(book.pages.rows, page), None)
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
    sparing = binding.sparing or page.rare
    return not sparing or page.always or frame is None or len(frame) > 0


def _apology(words: Words) -> list[ReadyColumn]:
    """What stands on a sheet that could not be made."""
    return [ReadyColumn("note", words("failure.note"), [words("failure.says")], wrapped=True)]


def _add(
    skeleton: Skeleton, page: DataSheet, chapter: Chapter, columns: list[ReadyColumn], layout: Layout, marks: list[Mark]
) -> None:
    """Add a page's sheets: one, unless it is longer than a sheet."""
    for number, (name, rows) in enumerate(chapter.parts, start=1):
        table = page.table if number == 1 else f"{page.table}_{number}"
        there = columns if len(chapter.parts) == 1 else [column.rows(rows) for column in columns]
        native_tables.add(skeleton, name, table, there, layout, marks)


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
    workbook.set_properties({"title": book.binding.title, "created": book.pages.run.started})
    workbook.set_custom_property("kam_xl", book.binding.key)
    workbook.set_custom_property("kam_xl_file", origin.mark(name))
    workbook.set_size(1920, 1200)


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
