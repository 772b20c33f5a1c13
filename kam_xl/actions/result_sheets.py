"""A result on the product's own sheet of the open workbook: title, sentence, and its tables as wide and high as they need."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import xlwings as xw

from kam_xl.core.own_sheets import PRODUCT, SIGNATURE
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.hosts import excel
from kam_xl.showing import sizes, theme
from kam_xl.showing.columns import ReadyColumn

_NOT_THE_TEAMS = " (KAM XL)"  # for a result whose name a team's own sheet has
_TITLE, _SENTENCE, _FIRST = 1, 2, 4  # rows of a result sheet: as on the data sheets, the header stands in row 4
_PARTED = 2  # blank rows between two blocks, the second of them for the heading
_PAGE, _WIDEST_NOTE = 150, 90  # characters: of a page that is easily read, of a note on it
_FILLED = 0.88  # of a line of a wrapped text, which breaks between words; hosts differ in how wide a character is
_LONGEST_QUOTE = 255  # characters of a text within a formula, in Excel
_APART = "@_ "  # the number format of a text with a little room to its right


@dataclass(frozen=True)
class ResultTable:
    """One table of a result sheet; ``links`` names, for a field, the sheet and cell each of its cells leads to.

    ``nothing`` is what stands there where it has no rows, if that is more than that there are none.
    """

    columns: Sequence[ReadyColumn]
    heading: str | None = None
    links: Mapping[str, Sequence[tuple[str, str] | None]] = field(default_factory=dict)
    nothing: str = ""


@dataclass(frozen=True)
class Result:
    """What an action shows on one of the product's sheets: a title, one sentence, and one or more tables."""

    sheet: str  # key of `own_sheets.PRODUCT`
    title: str
    sentence: str
    blocks: Sequence[ResultTable]


def show(book: xw.Book, result: Result, words: Words) -> xw.Sheet:
    """Write the result on its sheet, made where it is missing, and bring it to the front; no other sheet changes."""
    with excel.writing(name_of(result.sheet, words.lang), words):
        with excel.still(book):
            sheet = _cleared(book, result.sheet, words)
            sheet.cells.font.name = theme.WORKBOOK_FONTS[words.lang]
            sheet.cells.font.size = theme.FONT_SIZE
            _head(sheet, result)
            row, widths = _FIRST, _widths(result.blocks)
            for block in result.blocks:
                row = _block(sheet, block, row + bool(block.heading), widths, words) + _PARTED
            for index, wide in widths.items():
                sheet.range((1, index)).column_width = wide
        sheet.activate()
    return sheet


def name_of(key: str, lang: str) -> str:
    """The name of one of the product's own sheets."""
    return PRODUCT[key][LANGUAGES.index(lang)]


def _cleared(book: xw.Book, key: str, words: Words) -> xw.Sheet:
    """The blank sheet for a result: the one of last time, else a new one beside it; a team's sheet is never taken."""
    there = {sheet.name.casefold(): sheet for sheet in book.sheets}
    wanted = name_of(key, words.lang)
    names = [name + more for name in (wanted, *PRODUCT[key]) for more in ("", _NOT_THE_TEAMS)]
    ours = next((there[name.casefold()] for name in names if _is_ours(there.get(name.casefold()))), None)
    free = next((name for name in names if name.casefold() not in there), None)
    if ours is None:
        return book.sheets.add(free, after=_neighbour(book))
    ours.clear()
    if wanted.casefold() not in there:
        ours.name = wanted
    return ours


def _is_ours(sheet: xw.Sheet | None) -> bool:
    """True for a sheet that an action wrote."""
    return sheet is not None and str(sheet.range("A1").value or "").endswith(SIGNATURE)


def _neighbour(book: xw.Book) -> xw.Sheet:
    """The sheet after which a new result goes: the last result, else the sheet with the buttons, else the last one."""
    results = [sheet for sheet in book.sheets if _is_ours(sheet)]
    buttons = [sheet for sheet in book.sheets if sheet.name in PRODUCT["actions"]]
    return (results or buttons or list(book.sheets))[-1]


def _head(sheet: xw.Sheet, result: Result) -> None:
    title, sentence = sheet.range((_TITLE, 1)), sheet.range((_SENTENCE, 1))
    excel.write(title, [[result.title + SIGNATURE]])
    title.font.size, title.font.bold, title.font.color = theme.TITLE_SIZE, True, theme.HEADER_FILL
    excel.write(sentence, [[result.sentence]])
    sentence.font.color = theme.MUTED


def _block(sheet: xw.Sheet, block: ResultTable, row: int, widths: Mapping[int, float], words: Words) -> int:
    """Write one table with its header in ``row``; returns its last row."""
    if block.heading:
        heading = sheet.range((row - 1, 1))
        excel.write(heading, [[block.heading]])
        heading.font.bold, heading.font.size = True, theme.SECTION_SIZE
        heading.font.color, heading.row_height = theme.HEADER_FILL, sizes.HEADING_HEIGHT
        _align(heading, vertical="center")
    count, rows = len(block.columns), len(block.columns[0].values)
    header = sheet.range((row, 1), (row, count))
    excel.write(header, [[column.header for column in block.columns]])
    header.color, header.font.color, header.font.bold = theme.HEADER_FILL, theme.HEADER_TEXT, True
    header.wrap_text, header.row_height = True, sizes.HEADER_HEIGHT
    _align(header, vertical="center")
    if not rows:
        nothing = sheet.range((row + 1, 1))
        excel.write(nothing, [[block.nothing or words("result.none")]])
        nothing.font.color = theme.MUTED
        return row + 1
    body = sheet.range((row + 1, 1), (row + rows, count))
    for index, column in enumerate(block.columns, start=1):
        _prepare(sheet.range((row, index)), sheet.range((row + 1, index), (row + rows, index)), column)
    body.font.color = theme.INK
    _align(body, vertical="center")
    excel.write(body, list(zip(*(column.values for column in block.columns), strict=True)))
    for index, column in enumerate(block.columns, start=1):
        _colour(sheet, row, index, column)
        if column.field in block.links:
            _link(sheet, row + 1, index, column.values, block.links[column.field])
    for first, last, height in _heights(block.columns, widths):
        sheet.range((row + first, 1), (row + last, 1)).row_height = height
    return row + rows


def _prepare(header: xw.Range, cells: xw.Range, column: ReadyColumn) -> None:
    """How a column's figures are written, and where header and cells stand."""
    if column.kind in theme.NUMBER_FORMATS:
        shape = theme.NUMBER_FORMATS[column.kind]
        cells.number_format = _apart(shape) if column.is_figure else shape
    if column.is_figure:
        header.number_format = _APART
    if column.wrapped:
        cells.wrap_text = True
    side: Literal["left", "right"] = "right" if column.is_figure else "left"
    _align(cells, horizontal=side)
    _align(header, horizontal=side)


def _apart(shape: str) -> str:
    """A number format that keeps figures, and texts among them, a little apart from the column to their right."""
    return f"{shape}_ ;-{shape}_ ;{shape}_ ;{_APART}"


def _align(
    cells: xw.Range, *, horizontal: Literal["left", "right"] | None = None, vertical: Literal["center"] | None = None
) -> None:
    """Place the texts within their cells; a host that cannot leaves them where they are."""
    with contextlib.suppress(NotImplementedError):
        if horizontal:
            cells.horizontal_alignment = horizontal
        if vertical:
            cells.vertical_alignment = vertical


def _colour(sheet: xw.Sheet, top: int, index: int, column: ReadyColumn) -> None:
    """Give words with a look their ink and fill."""
    for word, start, end in excel.runs(column.values):
        if word in column.looks:
            cells = sheet.range((top + start, index), (top + end, index))
            cells.font.color, cells.color = column.looks[word].text, column.looks[word].fill


def _heights(columns: Sequence[ReadyColumn], widths: Mapping[int, float]) -> Iterator[tuple[int, int, float]]:
    """Row heights that show wrapped notes, as (first row from 1, last row, points)."""
    rooms = [(column, _FILLED * widths[index]) for index, column in enumerate(columns, start=1) if column.wrapped]
    lines = [
        max((sizes.lines_of(str(column.values[row] or ""), room) for column, room in rooms), default=1)
        for row in range(len(columns[0].values))
    ]
    for count, first, last in excel.runs(lines):
        yield first, last, sizes.ROW_HEIGHT + (min(count, sizes.MOST_LINES) - 1) * sizes.LINE_HEIGHT


def _link(sheet: xw.Sheet, top: int, index: int, texts: Sequence, targets: Sequence[tuple[str, str] | None]) -> None:
    """Turn cells into links to other cells of the workbook; the others stay as they are."""
    leading = [
        target is not None and len(str(text)) <= _LONGEST_QUOTE for target, text in zip(targets, texts, strict=True)
    ]
    for leads, first, last in excel.runs(leading):
        if leads:
            cells = sheet.range((top + first - 1, index), (top + last - 1, index))
            there = zip(targets[first - 1 : last], texts[first - 1 : last], strict=True)
            cells.number_format = "General"  # in a cell of texts a formula would be one
            cells.formula = [[_hyperlink(*target, text)] for target, text in there if target]
            cells.font.color = theme.LINK


def _hyperlink(sheet: str, cell: str, text: object) -> str:
    place = f"#'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}".replace('"', '""')
    return f'=HYPERLINK("{place}","{str(text).replace(chr(34), chr(34) * 2)}")'


def _widths(blocks: Sequence[ResultTable]) -> dict[int, float]:
    """Each column as wide as the widest table on the sheet wants it; what a page has left goes to the notes."""
    widths: dict[int, float] = {}
    notes: dict[int, float] = {}
    for block in blocks:
        for index, column in enumerate(block.columns, start=1):
            widths[index] = max(widths.get(index, 0), sizes.width(column))
            if column.wrapped and widths[index] >= theme.WIDEST:
                longest = max((sizes.text_width(str(value or "")) for value in column.values), default=0)
                notes[index] = min(max(notes.get(index, 0), longest / _FILLED), _WIDEST_NOTE)
    left = (_PAGE - sum(widths.values())) / len(notes) if notes else 0
    return widths | {index: max(widths[index], min(widths[index] + left, most)) for index, most in notes.items()}
