"""The master workbook: the risk summary, then one sheet with one native table for each kind of record."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from kam_xl.core.assessment import Assessment
from kam_xl.core.outside import inside, outside
from kam_xl.core.privacy import is_masked
from kam_xl.core.words import Words
from kam_xl.reports import cover, native_tables
from kam_xl.reports.cover import Chapter
from kam_xl.reports.data_sheets import PAGES, DataSheet
from kam_xl.reports.native_tables import Layout, Mark
from kam_xl.reports.run import Run
from kam_xl.showing import columns as showing
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.columns import ReadyColumn, Shown
from kam_xl.showing.fields import Field
from kam_xl.showing.vocabulary import Vocabulary

LONGEST_HEADER = 30


def write(path: Path, assessment: Assessment, run: Run, rows_per_sheet: int = native_tables.EXCEL_ROWS) -> None:
    """Write the whole workbook to ``path`` in its language (handbook §3, §4, §7, §10).

    A table longer than a sheet goes on in "name (2)", and the summary says so. Phones stay only if the policy keeps them.
    A sheet that cannot be made says so in its place, and so does the summary. What has been written of it cannot be
    taken back: then the workbook is begun anew without it.
    """
    assessment = inside(assessment) if assessment.policy.keep_phones else outside(assessment)
    failed: set[str] = set()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        while page := _unfinished(path, assessment, run, rows_per_sheet, temporary, frozenset(failed)):
            failed.add(page)


def _unfinished(
    path: Path, assessment: Assessment, run: Run, rows_per_sheet: int, temporary: str, failed: frozenset[str]
) -> str | None:  # fmt: skip
    """Write the workbook without the sheets that ``failed``; the key of one more where it could not be finished."""
    words = assessment.words
    frames = {page.key: _frame_of(page, assessment, run, failed) for page in PAGES}
    chapters = [_chapter(page, frames[page.key], words, rows_per_sheet) for page in PAGES]
    workbook = Workbook(path, _options(words) | {"tmpdir": temporary})
    _set_properties(workbook, words, run)
    footer = _footer(words, run)
    customers = frames["customers"]
    order = pd.Series(dtype="str") if customers is None else customers["customer_id"]
    cover.add(workbook, assessment, chapters, order, footer)
    book = _Book(workbook, assessment, run, vocabulary.vocabularies(assessment), footer)
    for page, chapter in zip(PAGES, chapters, strict=True):
        frame = frames.pop(page.key)
        if frame is None:
            _add(workbook, page, chapter, _apology(words), Layout(footer, "", 0), [])
        elif not assessment.failures.attempt(
            "sheet", page.key, partial(book.add, page, chapter, frame), otherwise=False
        ):
            return page.key
    workbook.close()
    return None


@dataclass(frozen=True)
class _Book:
    """The workbook being written, and what its sheets have in common."""

    workbook: Workbook
    assessment: Assessment
    run: Run
    known: dict[str, Vocabulary]
    footer: str

    def add(self, page: DataSheet, chapter: Chapter, frame: pd.DataFrame) -> bool:
        """Add a page's sheets; True, for there is nobody to ask whether they are there."""
        layout = Layout(self.footer, self.assessment.words("master.none"), page.frozen, theme.GROUP_COLOURS[page.group])
        columns = list(_columns(frame, page, self.assessment.words, self.known, self.run))
        _add(self.workbook, page, chapter, columns, layout, _marks(page, self.known["verdict"]))
        return True


def _frame_of(
    page: DataSheet, assessment: Assessment, run: Run, failed: frozenset[str]
) -> pd.DataFrame | None:  # fmt: skip
    """The rows of a page, None where it failed before or does now."""

    def rows() -> pd.DataFrame:
        found = page.of(assessment, run)
        len(found)  # a part that could not be computed fails here
        return found

    return None if page.key in failed else assessment.failures.attempt("sheet", page.key, rows, None)


def _apology(words: Words) -> list[ReadyColumn]:
    """What stands on a sheet that could not be made."""
    return [ReadyColumn("note", words("failure.note"), [words("failure.says")], wrapped=True)]


def _add(
    workbook: Workbook, page: DataSheet, chapter: Chapter, columns: list[ReadyColumn], layout: Layout, marks: list[Mark]
) -> None:
    """Add a page's sheets: one, unless it is longer than a sheet."""
    for number, (name, rows) in enumerate(chapter.parts, start=1):
        table = page.table if number == 1 else f"{page.table}_{number}"
        native_tables.add(workbook, name, table, [column.rows(rows) for column in columns], layout, marks)


def _options(words: Words) -> dict[str, object]:
    font = {"font_name": theme.WORKBOOK_FONTS[words.lang], "font_size": theme.FONT_SIZE, "font_color": theme.INK}
    plain = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    return {
        "default_format_properties": {**font, "font_scheme": "none", "valign": "vcenter"},
        "use_zip64": True,
        **plain,
    }


def _set_properties(workbook: Workbook, words: Words, run: Run) -> None:
    """The workbook's properties; by the custom one the job knows its own output among the teams' workbooks."""
    workbook.set_properties({"title": words("master.title"), "created": run.started})
    workbook.set_custom_property("kam_xl", "master")
    workbook.set_size(1920, 1200)


def _footer(words: Words, run: Run) -> str:
    printed = words("master.printed", started=f"{run.started:%Y-%m-%d %H:%M}", policy=run.policy_version)
    return f"&L&8{printed.replace('&', '&&')}&C&8&A&R&8{words('master.footer')}"


def _chapter(page: DataSheet, frame: pd.DataFrame | None, words: Words, rows_per_sheet: int) -> Chapter:
    name = words(f"master.sheet.{page.key}")
    rows = None if frame is None else len(frame)
    return Chapter(page.key, name, page.group, rows, tuple(native_tables.parts(name, rows or 0, rows_per_sheet)))


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
    """Where each row's cell stands: the team's workbook, as seen from the folder of the outputs.

    A name that is shown masked leads nowhere.
    """
    places = zip(frame["book"], frame["sheet"], frame["cell"], strict=True)
    return [
        None if is_masked(book, sheet) else native_tables.link_to_cell(run.teams_from_out, book, sheet, cell)
        for book, sheet, cell in places
    ]


def _marks(page: DataSheet, verdict: Vocabulary) -> list[Mark]:
    """Recorded values take the colour of the verdict beside them where they differ from the computed ones."""
    if "verdict" not in page.fields.split():
        return []
    differing = {"recorded_score": ("score_differs", "tier_differs"), "recorded_tier": ("tier_differs",)}
    return [
        Mark(field, "verdict", verdict.names[key], verdict.looks[verdict.names[key]])
        for field, keys in differing.items()
        for key in keys
    ]
