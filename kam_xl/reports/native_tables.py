"""A frame becomes one sheet of a workbook: a native table, written row by row so that memory stays small.

Every cell is written as what it is: a text stays a text, whatever it looks like, and is never read as a formula, a
number, a link or markup.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

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
    path = f"{folder}/{book}".translate(_IN_ADDRESSES)
    quoted = ILLEGAL.sub("", sheet).replace("'", "''")
    link = f"external:{path}#'{quoted}'!{cell}"
    return link if len(link) <= LONGEST_LINK and not ILLEGAL.search(link) else None


def parts(name: str, rows: int, limit: int) -> Iterator[tuple[str, slice]]:
    """The sheets that ``rows`` rows of data need below their header: ``name``, ``name (2)`` …, and which rows each has."""
    room = limit - 1
    for number, start in enumerate(range(0, max(rows, 1), room), start=1):
        yield name if number == 1 else f"{name} ({number})", slice(start, start + room)


def add(
    workbook: Workbook,
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
    worksheet = _streamed(workbook, sheet)
    _set_columns(workbook, worksheet, columns, widths)
    _declare(workbook, worksheet, table, columns, rows)
    _write_rows(workbook, worksheet, columns, widths)
    _colour(workbook, worksheet, columns, rows, marks)
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


def _streamed(workbook: Workbook, name: str) -> Worksheet:
    """A new sheet whose rows leave memory as they are written."""
    workbook.constant_memory = True
    worksheet = workbook.add_worksheet(name)
    workbook.constant_memory = False
    return worksheet


def _declare(workbook: Workbook, worksheet: Worksheet, table: str, columns: Sequence[ReadyColumn], rows: int) -> None:
    """Declare the native table and write its header.

    XlsxWriter allows no table on a streamed sheet, whose header might have left memory already, and without streaming
    50,000 customers take 1.4 GB. So the table is declared before the first row leaves, over one row; then its range is set.
    """
    last = len(columns) - 1
    worksheet.constant_memory = False
    options = {"name": table, "style": None, "columns": [{"header": column.header} for column in columns]}
    worksheet.add_table(0, 0, 1, last, options)
    worksheet.constant_memory = True
    whole = f"A1:{xl_col_to_name(last)}{rows + 1}"
    worksheet.tables[-1].update(range=whole, a_range=whole, autofilter=whole)
    worksheet.set_row(0, sizes.HEADER_HEIGHT)
    header = {
        "bold": True,
        "font_color": theme.HEADER_TEXT,
        "bg_color": theme.HEADER_FILL,
        "text_wrap": True,
        "valign": "vcenter",
    }
    word, figure = workbook.add_format(header), workbook.add_format({**header, "align": "right", "indent": 2})
    for index, column in enumerate(columns):
        worksheet.write_string(0, index, column.header, figure if column.is_figure else word)


def _write_rows(
    workbook: Workbook, worksheet: Worksheet, columns: Sequence[ReadyColumn], widths: Sequence[float]
) -> None:
    """Every cell, by its type; the number format is its column's. A cell that leads somewhere looks like it."""
    write_string, write_number = worksheet.write_string, worksheet.write_number
    worksheet.set_default_row(sizes.ROW_HEIGHT)
    for row, lines in _lines(columns, widths).items():
        worksheet.set_row(row, sizes.ROW_HEIGHT + (lines - 1) * sizes.LINE_HEIGHT)
    leading = {index: column.links for index, column in enumerate(columns) if column.links}
    link = workbook.add_format({"font_color": theme.LINK, "underline": 1}) if leading else None
    for row, cells in enumerate(zip(*(column.values for column in columns), strict=True), start=1):
        for index, cell in enumerate(cells):
            if isinstance(cell, str):
                if row <= MOST_LINKS and index in leading and (target := leading[index][row - 1]):
                    worksheet.write_url(row, index, target, link, cell)
                else:
                    write_string(row, index, cell)
            elif cell is not None:
                write_number(row, index, cell)


def _lines(columns: Sequence[ReadyColumn], widths: Sequence[float]) -> dict[int, int]:
    """The rows that need more than one line for a wrapped note, and how many lines they show."""
    found: dict[int, int] = {}
    for column, characters in zip(columns, widths, strict=True):
        room = 1.05 * characters  # a Chinese character is a little narrower than two figures
        for row, text in enumerate(column.values if column.wrapped else (), start=1):
            if (
                isinstance(text, str)
                and (len(text) > room / 2)
                and (lines := sizes.lines_of(text, room)) > found.get(row, 1)
            ):
                found[row] = min(lines, sizes.MOST_LINES)
    return found


def _set_columns(
    workbook: Workbook, worksheet: Worksheet, columns: Sequence[ReadyColumn], widths: Sequence[float]
) -> None:
    formats: dict[tuple, Format] = {}
    for index, column in enumerate(columns):
        properties = _properties(column)
        key = tuple(properties.items())
        if properties and key not in formats:
            formats[key] = workbook.add_format(properties)
        worksheet.set_column(index, index, widths[index], formats.get(key))


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
    workbook: Workbook, worksheet: Worksheet, columns: Sequence[ReadyColumn], rows: int, marks: Sequence[Mark]
) -> None:
    """Colour the words that mean something, and draw a hairline under every row."""
    place = {column.field: index for index, column in enumerate(columns)}
    look_format = functools.cache(functools.partial(_look_format, workbook))
    for index, column in enumerate(columns):
        for word, look in column.looks.items():
            rule = {"type": "cell", "criteria": "==", "value": _quoted(word), "format": look_format(look)}
            worksheet.conditional_format(1, index, rows, index, rule)
    for mark in marks:
        index, word = place[mark.field], _quoted(mark.word)
        formula = f"=${xl_col_to_name(place[mark.where])}2={word}"
        rule = {"type": "formula", "criteria": formula, "format": look_format(mark.look)}
        worksheet.conditional_format(1, index, rows, index, rule)
    hairline = workbook.add_format({"bottom": 1, "bottom_color": theme.LINE})
    worksheet.conditional_format(
        1, 0, rows, len(columns) - 1, {"type": "formula", "criteria": "=TRUE", "format": hairline}
    )


def _look_format(workbook: Workbook, look: Look) -> Format:
    return workbook.add_format({"font_color": look.text, "bg_color": look.fill})


def _quoted(word: str) -> str:
    return '"{}"'.format(word.replace('"', '""'))
