"""A first sheet, to read and not to filter: fourteen columns of one width, every block a few of them wide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from kam_xl.core.failures import Failures
from kam_xl.core.words import Words
from kam_xl.reports import native_tables
from kam_xl.reports.run import ARCHIVE
from kam_xl.showing import columns, sizes, theme
from kam_xl.showing.theme import Look
from kam_xl.showing.vocabulary import Vocabulary

FIRST, LAST = 1, 14  # the columns in use
MARGIN, WIDTH = 2, 9  # characters
LINE, PAD, HEADING = 15, 6, 27  # points
NEUTRAL = Look(theme.INK, theme.WHITE)
_FAILED = object()


@dataclass(frozen=True)
class Chapter:
    """One kind of data sheet: its key, name, group and rows in all, and (sheet name, rows) of each of its sheets.

    One that could not be made has no rows that anybody knows of. Of more rows than a workbook lists, ``left_out`` stand elsewhere.
    """

    key: str
    name: str
    group: str
    rows: int | None
    parts: tuple[tuple[str, slice], ...]
    left_out: int = 0


@dataclass(frozen=True)
class Cell:
    """One cell of a line: what stands in it, over how many columns, how it looks, where it leads."""

    value: object
    span: int = 1
    look: Look = NEUTRAL
    bar: str | None = None  # the colour of a bar at its left edge
    num_format: str | None = None
    bold: bool = False
    wrapped: bool = True
    link: str | None = None


@dataclass(frozen=True)
class Tile:
    """One figure worth reading first, its texts ready to show; where it leads, and in words what is found there."""

    label: str
    value: str
    note: str
    verdict: str  # good, watch, bad; plain where neither more nor less is better
    link: str | None = None
    where: str = ""


class FirstSheet:
    """The sheet being written from the top down; ``row`` is the next free row."""

    def __init__(self, workbook: Workbook, name: str, words: Words) -> None:
        self.workbook, self.worksheet, self.words = workbook, workbook.add_worksheet(name), words
        self.worksheet.set_column(0, 0, MARGIN)
        self.worksheet.set_column(FIRST, LAST, WIDTH)
        self.row = 0
        self._formats: dict[tuple, Format] = {}

    def blocks(self, failures: Failures, kind: str, blocks: Mapping[str, Callable[[], object]]) -> None:
        """Write one block after the other; one that fails says so in its place."""
        for key, block in blocks.items():
            if failures.attempt(kind, key, block, _FAILED) is _FAILED:
                self.next(LINE)
                self.text(self.words("failure.says"), font_color=theme.VERDICTS["bad"].text)

    def close(self, footer: str) -> None:
        """The sheet is complete: it prints on one A4 page."""
        native_tables.print_setup(self.worksheet, footer)
        self.worksheet.set_portrait()
        self.worksheet.center_horizontally()
        self.worksheet.fit_to_pages(1, 1)
        self.worksheet.print_area(0, 0, self.row, LAST)
        self.worksheet.set_tab_color(theme.HEADER_FILL)

    def format(self, **properties: object) -> Format:
        """One format for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({"valign": "vcenter", **properties})
        return self._formats[key]

    def text(self, text: str, height: float = LINE + PAD, **properties: Any) -> None:
        """One line of text over the whole width, as many lines high as it needs."""
        size = properties.get("font_size", theme.FONT_SIZE)
        lines = _lines(text, (LAST - FIRST + 1) * theme.FONT_SIZE / size)
        self.put(FIRST, LAST, text, self.format(text_wrap=True, **properties))
        self.next(height + (lines - 1) * LINE * size / theme.FONT_SIZE)

    def heading(self, text: str) -> None:
        """The title of a block, with air above."""
        self.next(LINE)
        look = {"bold": True, "font_size": theme.SECTION_SIZE, "font_color": theme.HEADER_FILL}
        self.put(FIRST, LAST, text, self.format(bottom=2, bottom_color=theme.HEADER_FILL, **look))
        self.next(HEADING)

    def header(self, *cells: Cell) -> None:
        """The header of a table."""
        column = FIRST
        properties = {
            "bold": True,
            "font_color": theme.MUTED,
            "bottom": 1,
            "bottom_color": theme.MUTED,
            "text_wrap": True,
        }
        for cell in cells:
            style = self.format(align="right" if cell.num_format else "left", indent=1, **properties)
            self.put(column, column + cell.span - 1, cell.value, style)
            column += cell.span
        self.next(_height(cells))

    def line(self, *cells: Cell) -> None:
        """One row of a table, as high as its longest text needs."""
        column = FIRST
        for cell in cells:
            self.put(column, column + cell.span - 1, cell.value, self._style(cell), cell.link)
            column += cell.span
        self.next(_height(cells))

    def put(self, first: int, last: int, value: object, style: Format, link: str | None = None) -> None:
        """Write one value over some columns of the row; a text stays a text."""
        if last > first:
            self.worksheet.merge_range(self.row, first, self.row, last, "", style)
        if not isinstance(value, str):
            self.worksheet.write_number(self.row, first, value, style)
            return
        text = columns.legal(value, self.words("master.cut"))
        if link:
            self.worksheet.write_url(self.row, first, link, style, text)
        else:
            self.worksheet.write_string(self.row, first, text, style)

    def next(self, height: float) -> None:
        """Close the row at this height, in points."""
        self.worksheet.set_row(self.row, height)
        self.row += 1

    def _style(self, cell: Cell) -> Format:
        properties = {
            "font_color": cell.look.text,
            "bottom": 1,
            "bottom_color": theme.LINE,
            "indent": 1,
            "bold": cell.bold,
        }
        properties |= (
            {"num_format": cell.num_format, "align": "right"} if cell.num_format else {"text_wrap": cell.wrapped}
        )
        if cell.look.fill != theme.WHITE:
            properties["bg_color"] = cell.look.fill
        if cell.bar:
            properties |= {"left": 5, "left_color": cell.bar}
        if cell.link:
            properties |= {"underline": 1, "font_color": theme.LINK}
        return self.format(**properties)


def verdict_line(sheet: FirstSheet, text: str, verdict: str) -> None:
    """One line that is to be noticed."""
    look = theme.VERDICTS[verdict]
    sheet.text(text, font_color=look.text, bg_color=look.fill, indent=1)


def tiles(sheet: FirstSheet, shown: Sequence[Tile]) -> None:
    """Figures side by side: label, value, what is said of it, where its rows are."""
    span, rest = divmod(LAST - FIRST + 1, len(shown))
    starts = [FIRST + number * span + max(0, number - len(shown) + rest) for number in range(len(shown) + 1)]
    parts = [("label", 18, theme.NOTE_SIZE), ("value", 30, theme.FIGURE_SIZE), ("note", 20, theme.NOTE_SIZE)]
    if any(tile.where for tile in shown):
        parts.append(("where", 20, theme.NOTE_SIZE))
    for part, height, size in parts:
        for number, tile in enumerate(shown):
            link = tile.link if part == "value" else None
            style = _tile(sheet, tile, size, part)
            sheet.put(starts[number], starts[number + 1] - 1, getattr(tile, part), style, link)
        sheet.next(height if part in ("label", "value") else max(height, _note_height(shown, part, span)))


def _note_height(shown: Sequence[Tile], part: str, span: int) -> float:
    """The height that the longest text needs in a tile over ``span`` columns, in points."""
    scale = theme.NOTE_SIZE / theme.FONT_SIZE
    return max(_lines(getattr(tile, part), span / scale) for tile in shown) * LINE * scale + PAD


def _tile(sheet: FirstSheet, tile: Tile, size: int, part: str) -> Format:
    """The look of one part of a tile: its value is loud, and only sentences may take several lines."""
    verdict = theme.VERDICTS.get(tile.verdict)
    ink = (verdict.text if verdict else theme.INK) if part == "value" else theme.MUTED
    wrapped = part in ("note", "where")
    return sheet.format(
        font_size=size,
        font_color=ink,
        bold=part == "value",
        bg_color=theme.SURFACE,
        left=5,
        left_color=verdict.text if verdict else theme.HEADER_FILL,
        indent=1,
        text_wrap=wrapped,
        shrink=not wrapped,
    )


def named(names: Vocabulary, key: Any) -> Cell:
    """A key by its name, in its look."""
    name = names.unknown if pd.isna(key) else names.names[key]
    return Cell(name, look=names.looks.get(name, NEUTRAL), wrapped=False)


def tier(names: Vocabulary, key: Any) -> Cell:
    """A tier with a bar in its colour: on a sheet to read, a filled cell would outshout the verdicts."""
    name = names.unknown if pd.isna(key) else names.names[key]
    return Cell(name, bar=theme.TIER_COLOURS.get(key, theme.LINE), wrapped=False)


def row_link(chapter: Chapter, place: int) -> str | None:
    """The link to a row of a chapter, in the sheet it fell into; None where there is no such row."""
    if chapter.rows is None or place >= chapter.rows - chapter.left_out:
        return None
    name, rows = next((name, rows) for name, rows in chapter.parts if place < rows.stop)
    return f"internal:'{name}'!A{place - rows.start + 2}"


def contents(
    sheet: FirstSheet, chapters: Sequence[Chapter], about: Callable[[str], Sequence[Cell]], span: int = 2
) -> None:  # fmt: skip
    """The other sheets with their rows and what is said ``about`` each; one that needed several sheets, or lists its first rows alone, says so.

    ``span`` is over how many columns the names stand.
    """
    words = sheet.words
    for chapter in chapters:
        link = f"internal:'{chapter.name}'!A1"
        rows = words("failure.short") if chapter.rows is None else words("master.summary.rows", n=f"{chapter.rows:,}")
        sheet.line(Cell(chapter.name, span, link=link), Cell(rows, 1), *about(chapter.key))
    for chapter in chapters:
        if len(chapter.parts) > 1:
            names = words("terms.list_separator").join(name for name, _ in chapter.parts)
            note = words("master.summary.split", sheet=chapter.name, n=len(chapter.parts), names=names)
            sheet.text(f"● {note}", font_color=theme.VERDICTS["watch"].text)
    left_out = [chapter for chapter in chapters if chapter.left_out]
    if left_out:
        said = (words("master.summary.left_out", sheet=one.name, n=f"{one.left_out:,}") for one in left_out)
        most = f"{(left_out[0].rows or 0) - left_out[0].left_out:,}"
        note = words(
            "master.summary.bounded", most=most, folder=ARCHIVE, sheets=words("terms.list_separator").join(said)
        )
        sheet.text(f"● {note}", font_color=theme.VERDICTS["watch"].text)


def _height(cells: Sequence[Cell]) -> float:
    """The height of a row that shows the whole of its longest text, in points."""
    lines = (_lines(cell.value, cell.span) for cell in cells if isinstance(cell.value, str) and cell.wrapped)
    return max(lines, default=1) * LINE + PAD


def _lines(text: str, columns: float) -> int:
    """How many lines a text needs over some columns."""
    return sizes.lines_of(text, columns * (WIDTH + 1.5) - 2)
