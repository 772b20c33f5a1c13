"""A frame becomes one sheet of a workbook: a native table with its filters, widths, colours, links and print set-up.

Every cell is written as what it is: a text stays a text, whatever it looks like, and is never read as a formula, a
number, a link or markup.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from kam_xl.reports.sheet_rows import Rows, Skeleton
from kam_xl.showing import sizes, theme
from kam_xl.showing.columns import ILLEGAL, ReadyColumn
from kam_xl.showing.theme import Look

EXCEL_ROWS = 1_048_576
LONGEST_LINK = 2_000  # characters; Excel allows 2,079 UTF-16 units
MOST_LINKS = 65_000  # of one sheet; Excel allows 65,530
PRINTED_WIDTH = 190  # characters on one page

_IN_ADDRESSES = {ord(character): f"%{ord(character):02X}" for character in '%# "<>[]`^{}|'}


@dataclass(frozen=True)
class Mark:
    """Cells of ``field`` take a look where the column ``where`` holds ``word``."""

    field: str
    where: str
    word: str
    look: Look


@dataclass(frozen=True)
class Layout:
    """What a sheet has around its table.

    The print footer, the word for an empty table, how many columns stay in view, and the colour of its tab.
    """

    footer: str
    none: str
    frozen: int = 2
    tab: str = theme.LINE


def link_to_cell(folder: str, book: str, sheet: str, cell: str) -> str | None:
    """The link that opens a cell of a workbook in ``folder``; None where Excel could not hold it.

    What means something in an address is escaped, so that a file's name stays a name: ``A #1 50%.xlsx``.
    """
    start = _link_to_sheet(folder, book, sheet)
    return f"{start}{cell}" if start and len(start) + len(cell) <= LONGEST_LINK else None


@functools.cache
def _link_to_sheet(folder: str, book: str, sheet: str) -> str | None:
    path = f"{folder}/{book}".translate(_IN_ADDRESSES)
    quoted = ILLEGAL.sub("", sheet).replace("'", "''")
    return None if ILLEGAL.search(path) else f"external:{path}#'{quoted}'!"


def parts(name: str, rows: int, limit: int) -> Iterator[tuple[str, slice]]:
    """The sheets that ``rows`` rows of data need below their header: ``name``, ``name (2)`` …, and which rows each has."""
    room = limit - 1
    for number, start in enumerate(range(0, max(rows, 1), room), start=1):
        yield name if number == 1 else f"{name} ({number})", slice(start, start + room)


def add(
    skeleton: Skeleton,
    sheet: str,
    table: str,
    columns: Sequence[ReadyColumn],
    layout: Layout,
    marks: Sequence[Mark] = (),
) -> None:
    """Add one sheet with one native table, its filters, widths, colours and print set-up; an empty table says so."""
    rows = len(columns[0].values)
    if not rows:
        columns, rows = _nothing(columns, layout.none), 1
    widths = [sizes.width(column) for column in columns]
    worksheet = skeleton.add_sheet(sheet)
    _set_columns(skeleton, worksheet, columns, widths)
    _declare(skeleton, worksheet, table, columns)
    links = _linked(columns)
    look = skeleton.look({"font_color": theme.LINK, "underline": 1}) if links else None
    cells = [column.values for column in columns]
    skeleton.fill(Rows(cells, links, _heights(columns, widths), sizes.ROW_HEIGHT), columns[0].header, look)
    _colour(skeleton, worksheet, columns, rows, marks)
    worksheet.freeze_panes(1, layout.frozen)
    worksheet.set_tab_color(layout.tab)
    print_setup(worksheet, layout.footer)
    worksheet.repeat_rows(0)
    worksheet.print_area(0, 0, rows, _last_printed(widths))


def print_setup(worksheet: Worksheet, footer: str) -> None:
    """A4 landscape, one page wide, narrow margins, the footer on every page."""
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.set_footer(footer)
    worksheet.hide_gridlines(2)


def _last_printed(widths: Sequence[float]) -> int:
    """The last column that still prints legibly on a page as wide as A4; columns after it are for the screen."""
    return max(int(np.searchsorted(np.cumsum(widths), PRINTED_WIDTH, side="right")) - 1, 0)


def _nothing(columns: Sequence[ReadyColumn], word: str) -> list[ReadyColumn]:
    """The columns of a table without rows: one row that says so, because a native table needs one."""
    first = ReadyColumn(columns[0].field, columns[0].header, [word])
    return [first, *(ReadyColumn(column.field, column.header, [None]) for column in columns[1:])]


def _declare(skeleton: Skeleton, worksheet: Worksheet, table: str, columns: Sequence[ReadyColumn]) -> None:
    """The native table over one row, which the skeleton makes as long as its rows are, and its header."""
    header = {
        "bold": True,
        "font_color": theme.HEADER_TEXT,
        "bg_color": theme.HEADER_FILL,
        "text_wrap": True,
        "valign": "vcenter",
    }
    word, figure = skeleton.look(header), skeleton.look({**header, "align": "right", "indent": 2})
    shown = [{"header": one.header, "header_format": figure if one.is_figure else word} for one in columns]
    worksheet.add_table(0, 0, 1, len(columns) - 1, {"name": table, "style": None, "columns": shown})
    worksheet.set_row(0, sizes.HEADER_HEIGHT)
    worksheet.set_default_row(sizes.ROW_HEIGHT)


def _linked(columns: Sequence[ReadyColumn]) -> dict[int, list[str | None]]:
    """Where the cells lead, as far as Excel follows, by column."""
    return {
        index: [
            link if row <= MOST_LINKS and isinstance(value, str) else None
            for row, (link, value) in enumerate(zip(column.links, column.values, strict=True), start=1)
        ]
        for index, column in enumerate(columns)
        if any(column.links)
    }


def _heights(columns: Sequence[ReadyColumn], widths: Sequence[float]) -> dict[int, float]:
    """How high the rows are that need more than one line for a wrapped note."""
    found: dict[int, int] = {}
    for column, characters in zip(columns, widths, strict=True):
        if not column.wrapped:
            continue
        room = 1.05 * characters  # a Chinese character is a little narrower than two figures
        lines = sizes.longer([text for text in set(column.values) if isinstance(text, str)], room)
        several = {text: min(count, sizes.MOST_LINES) for text, count in lines.items()}
        for row, text in enumerate(column.values if several else (), start=1):
            if text in several:
                found[row] = max(several[text], found.get(row, 1))
    return {row: sizes.ROW_HEIGHT + (count - 1) * sizes.LINE_HEIGHT for row, count in found.items()}


def _set_columns(
    skeleton: Skeleton, worksheet: Worksheet, columns: Sequence[ReadyColumn], widths: Sequence[float]
) -> None:
    for index, column in enumerate(columns):
        properties = _properties(column)
        worksheet.set_column(index, index, widths[index], skeleton.look(properties) if properties else None)


def _properties(column: ReadyColumn) -> dict[str, object]:
    """The format of a column: figures stand right, notes wrap; most have the workbook's own, which costs nothing a cell."""
    properties: dict[str, object] = {}
    if column.kind in theme.NUMBER_FORMATS:
        properties |= {"num_format": theme.NUMBER_FORMATS[column.kind], "indent": 1}
        properties["align"] = "right" if column.is_figure else "left"
    if column.wrapped:
        properties["text_wrap"] = True
    return properties


def _colour(
    skeleton: Skeleton, worksheet: Worksheet, columns: Sequence[ReadyColumn], rows: int, marks: Sequence[Mark]
) -> None:
    """Colour the words that mean something, and draw a hairline under every row."""
    place = {column.field: index for index, column in enumerate(columns)}
    for index, column in enumerate(columns):
        for word, look in column.looks.items():
            rule = {"type": "cell", "criteria": "==", "value": _quoted(word), "format": _look_format(skeleton, look)}
            worksheet.conditional_format(1, index, rows, index, rule)
    for mark in marks:
        index, word = place[mark.field], _quoted(mark.word)
        formula = f"=${xl_col_to_name(place[mark.where])}2={word}"
        rule = {"type": "formula", "criteria": formula, "format": _look_format(skeleton, mark.look)}
        worksheet.conditional_format(1, index, rows, index, rule)
    hairline = skeleton.look({"bottom": 1, "bottom_color": theme.LINE})
    worksheet.conditional_format(
        1, 0, rows, len(columns) - 1, {"type": "formula", "criteria": "=TRUE", "format": hairline}
    )


def _look_format(skeleton: Skeleton, look: Look) -> Format:
    return skeleton.look({"font_color": look.text, "bg_color": look.fill})


def _quoted(word: str) -> str:
    return '"{}"'.format(word.replace('"', '""'))
