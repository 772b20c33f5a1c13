"""The workbook open in front of its user, read and written through xlwings alone: Excel and LibreOffice serve alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlwings as xw

from kam_xl.core import formats, locating
from kam_xl.core.books import ERROR_NUMBERS, ERROR_TEXTS, Book, CellError, NativeTable, RawSheet
from kam_xl.core.errors import KamError
from kam_xl.core.sheets import BY_KIND, PRODUCT, SIGNATURE, heading
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.reports import tables, theme
from kam_xl.reports.tables import Column

#: Rows read at a time; formats reach far below the data, blank rows are not worth reading.
_ROWS_AT_A_TIME = 5000
_MADE = frozenset(name for names in PRODUCT.values() for name in names)
_OUR_BUGS = (TypeError, AttributeError, LookupError, ValueError, NotImplementedError)
_NOT_THE_TEAMS = " (KAM XL)"  # for a result whose name a team's own sheet has
_TITLE, _SENTENCE, _FIRST = 1, 2, 4  # rows of a result sheet: as on the data sheets, the header stands in row 4
_PARTED = 2  # blank rows between two blocks, the second of them for the heading
_PAGE, _WIDEST_NOTE = 150, 90  # characters: of a page that is easily read, of a note on it
_FILLED = 0.88  # of a line of a wrapped text, which breaks between words; hosts differ in how wide a character is
_LONGEST_QUOTE = 255  # characters of a text within a formula, in Excel
_APART = "@_ "  # the number format of a text with a little room to its right


# --- reading -----------------------------------------------------------------------------------------------------


def read(book: xw.Book) -> Book:
    """Every sheet as it stands now, from A1 on, so that findings name the cells their reader sees.

    Formulas count by what they show. In a workbook of ours the sheets that KAM XL itself made come without their cells.
    Merged cells and links to other workbooks are known only to the file reader.
    """
    boxes = {sheet.name: [(table.name, _box(table.range)) for table in sheet.tables] for sheet in book.sheets}
    native = tuple(
        NativeTable(table, name, box[0] - 1, box[1] - 1) for name, found in boxes.items() for table, box in found
    )
    team = str(value(book, "kam_team") or Path(book.name).stem)
    ours = locating.is_ours(Book(book.name, team, (), native))
    sheets = tuple(_raw(sheet, [box for _, box in boxes[sheet.name]], ours=ours) for sheet in book.sheets)
    return Book(book.name, team, sheets, native)


def _box(cells: xw.Range) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of a range, from 1."""
    rows, columns = cells.shape
    return cells.row, cells.column, cells.row + rows - 1, cells.column + columns - 1


def _raw(sheet: xw.Sheet, boxes: Sequence[tuple[int, int, int, int]], *, ours: bool) -> RawSheet:
    if ours and not boxes and sheet.name in _MADE:
        return RawSheet(sheet.name, [], hidden=not sheet.visible)
    _, _, bottom, right = _box(sheet.used_range)
    least = max((box[2] for box in boxes), default=0)
    rows: list[list] = []
    for top in range(1, bottom + 1, _ROWS_AT_A_TIME):
        last = min(top + _ROWS_AT_A_TIME - 1, bottom)
        block = values(sheet.range((top, 1), (last, right)))
        rows += block
        if last >= least and all(cell == "" for row in block for cell in row):
            break
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    _put_shown_ids(sheet, rows)
    return RawSheet(sheet.name, rows, hidden=not sheet.visible)


#: So far down a header of IDs is looked for.
_DEPTH = 50
_ID_HEADERS = frozenset(
    heading(text)
    for kind in BY_KIND.values()
    for column in kind.columns
    if column.kind in ("id", "id_name", "key")
    for text in (column.zh, column.en, *column.aliases)
)


def _put_shown_ids(sheet: xw.Sheet, rows: list[list]) -> None:
    """Let the numbers below a header of IDs say what their number format shows: C001 for 1 by ``"C"000``."""
    headers = {at for row in rows[:_DEPTH] for at, cell in enumerate(row) if _is_id_header(cell)}
    for at in sorted(headers):
        places = [place for place, row in enumerate(rows) if type(row[at]) is float]
        if not places:
            continue
        every = sheet.range((places[0] + 1, at + 1), (places[-1] + 1, at + 1)).number_format  # None where they differ
        for place in places:
            shape = formats.read(every or sheet.range((place + 1, at + 1)).number_format or "")
            rows[place][at] = formats.shown(rows[place][at], shape)


def _is_id_header(cell: object) -> bool:
    return type(cell) is str and heading(cell) in _ID_HEADERS


def values(cells: xw.Range) -> list[list]:
    """The cells as rows, as the file reader gives them: blank cells are ``""``, error cells `CellError`."""
    rows = cells.options(ndim=2, empty="", err_to_str=True).value
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):  # Excel's answer for a cell formatted as currency
        return float(cell)
    if isinstance(cell, int) and cell in ERROR_NUMBERS:  # one that xlwings does not know
        return CellError("#VALUE!")
    return CellError(cell) if isinstance(cell, str) and cell in ERROR_TEXTS else cell


def formulas(cells: xw.Range) -> list[list[str]]:
    """What was typed into each cell, as rows: ``=…`` for a formula."""
    typed = cells.formula
    rows = typed if isinstance(typed, tuple | list) else ((typed,),)
    rows = rows if isinstance(rows[0], tuple | list) else (rows,)
    if cells.shape[1] == 1 and len(rows) == 1 and cells.shape[0] > 1:
        rows = [(cell,) for cell in rows[0]]
    return [[str("" if cell is None else cell) for cell in row] for row in rows]


# --- named cells -------------------------------------------------------------------------------------------------


def named(book: xw.Book, name: str) -> xw.Range | None:
    """The cells of a defined name, or None where the workbook lacks it or it points nowhere."""
    try:
        return book.names[name].refers_to_range
    except Exception:  # noqa: BLE001 (each host has its own error for it)
        return None


def value(book: xw.Book, name: str) -> Any:
    """What stands in the named cell; None where it is blank, an error, or missing."""
    cells = named(book, name)
    if cells is None:
        return None
    cell = values(cells)[0][0]
    return None if isinstance(cell, CellError) or (isinstance(cell, str) and not cell.strip()) else cell


def put(book: xw.Book, name: str, content: object) -> None:
    """Write into a named cell; a workbook that lacks it is left alone."""
    cells = named(book, name)
    if cells is not None:
        write(cells, [[content]])


def language(book: xw.Book) -> str:
    """The workbook's language, Chinese where it says none we know."""
    told = value(book, "kam_lang")
    return told if told in LANGUAGES else LANGUAGES[0]


def say(book: xw.Book, sentence: str) -> None:
    """Show a sentence where its reader looks: in the status bar and in the cell kam_message."""
    progress(book, sentence)
    cells = named(book, "kam_message")
    if cells is None:
        return
    with contextlib.suppress(Exception):  # a protected sheet must not swallow the message
        write(cells, [[sentence]])


def progress(book: xw.Book, sentence: str) -> None:
    """Show in the status bar what is going on."""
    with contextlib.suppress(Exception):
        book.app.status_bar = sentence


@contextlib.contextmanager
def still(book: xw.Book) -> Iterator[None]:
    """Let the screen rest while cells are written."""
    before = book.app.screen_updating
    book.app.screen_updating = False
    try:
        yield
    finally:
        book.app.screen_updating = before


@contextlib.contextmanager
def writing(sheet: str, words: Words) -> Iterator[None]:
    """What a host refuses while cells of a team's sheet are written becomes a sentence."""
    try:
        yield
    except (KamError, *_OUR_BUGS):
        raise
    except Exception as error:  # each host has its own error for a protected sheet
        raise KamError(words("message.sheet_locked", sheet=sheet)) from error


def write(cells: xw.Range, rows: Sequence[Sequence]) -> None:
    """Write values into as many cells, the one way into a workbook: a text stays a text, be it ``=1+1``, ``007`` or ``1/2``.

    A host reads what is put into a cell as if it were typed there, unless the cell's format says text before. The dash of
    an unknown figure needs none, and keeps its column's.
    """
    kinds = [[None if value in (None, theme.UNKNOWN) else isinstance(value, str) for value in row] for row in rows]
    if not any(kind is False for row in kinds for kind in row):
        cells.number_format = "@"
    else:
        for index, column in enumerate(zip(*kinds, strict=True)):
            _keep_texts(cells, index, column)
    cells.value = [list(row) for row in rows]


def _keep_texts(cells: xw.Range, index: int, kinds: Sequence[bool | None]) -> None:
    """Give one column's texts the format of texts: the whole column where nothing else stands in it."""
    runs = [(True, 1, len(kinds))] if True in kinds and False not in kinds else _runs([kind is True for kind in kinds])
    top, column = cells.row - 1, cells.column + index
    for is_text, first, last in runs:
        if is_text:
            cells.sheet.range((top + first, column), (top + last, column)).number_format = "@"


# --- result sheets -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """One table of a result sheet; ``links`` names, for a field, the sheet and cell each of its cells leads to."""

    columns: Sequence[Column]
    heading: str | None = None
    links: Mapping[str, Sequence[tuple[str, str] | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What an action shows on one of the product's sheets: a title, one sentence, and one or more tables."""

    sheet: str  # key of `sheets.PRODUCT`
    title: str
    sentence: str
    blocks: Sequence[Block]


def show(book: xw.Book, result: Result, words: Words) -> xw.Sheet:
    """Write the result on its sheet, made where it is missing, and bring it to the front; no other sheet changes."""
    with writing(name_of(result.sheet, words.lang), words):
        with still(book):
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
    write(title, [[result.title + SIGNATURE]])
    title.font.size, title.font.bold, title.font.color = theme.TITLE_SIZE, True, theme.HEADER_FILL
    write(sentence, [[result.sentence]])
    sentence.font.color = theme.MUTED


def _block(sheet: xw.Sheet, block: Block, row: int, widths: Mapping[int, float], words: Words) -> int:
    """Write one table with its header in ``row``; returns its last row."""
    if block.heading:
        heading = sheet.range((row - 1, 1))
        write(heading, [[block.heading]])
        heading.font.bold, heading.font.size = True, theme.SECTION_SIZE
        heading.font.color = theme.HEADER_FILL
    count, rows = len(block.columns), len(block.columns[0].values)
    header = sheet.range((row, 1), (row, count))
    write(header, [[column.header for column in block.columns]])
    header.color, header.font.color, header.font.bold = theme.HEADER_FILL, theme.HEADER_TEXT, True
    header.wrap_text, header.row_height = True, tables.HEADER_HEIGHT
    _align(header, vertical="center")
    if not rows:
        nothing = sheet.range((row + 1, 1))
        write(nothing, [[words("result.none")]])
        nothing.font.color = theme.MUTED
        return row + 1
    body = sheet.range((row + 1, 1), (row + rows, count))
    for index, column in enumerate(block.columns, start=1):
        _prepare(sheet.range((row, index)), sheet.range((row + 1, index), (row + rows, index)), column)
    body.font.color = theme.INK
    _align(body, vertical="center")
    write(body, list(zip(*(column.values for column in block.columns), strict=True)))
    for index, column in enumerate(block.columns, start=1):
        _colour(sheet, row, index, column)
        if column.field in block.links:
            _link(sheet, row + 1, index, column.values, block.links[column.field])
    for first, last, height in _heights(block.columns, widths):
        sheet.range((row + first, 1), (row + last, 1)).row_height = height
    return row + rows


def _prepare(header: xw.Range, cells: xw.Range, column: Column) -> None:
    """How a column's figures are written, and where header and cells stand."""
    if column.kind in theme.NUMBER_FORMATS:
        shape = theme.NUMBER_FORMATS[column.kind]
        cells.number_format = _apart(shape) if column.is_figure else shape
    if column.is_figure:
        header.number_format = _APART
    if column.wrapped:
        cells.wrap_text = True
    side = "right" if column.is_figure else "left"
    _align(cells, horizontal=side)
    _align(header, horizontal=side)


def _apart(shape: str) -> str:
    """A number format that keeps figures, and texts among them, a little apart from the column to their right."""
    return f"{shape}_ ;-{shape}_ ;{shape}_ ;{_APART}"


def _align(cells: xw.Range, *, horizontal: str | None = None, vertical: str | None = None) -> None:
    """Place the texts within their cells; a host that cannot leaves them where they are."""
    with contextlib.suppress(NotImplementedError):
        if horizontal:
            cells.horizontal_alignment = horizontal
        if vertical:
            cells.vertical_alignment = vertical


def _colour(sheet: xw.Sheet, top: int, index: int, column: Column) -> None:
    """Give words with a look their ink and fill."""
    for word, start, end in _runs(column.values):
        if word in column.looks:
            cells = sheet.range((top + start, index), (top + end, index))
            cells.font.color, cells.color = column.looks[word].text, column.looks[word].fill


def _heights(columns: Sequence[Column], widths: Mapping[int, float]) -> Iterator[tuple[int, int, float]]:
    """Row heights that show wrapped notes, as (first row from 1, last row, points)."""
    rooms = [(column, _FILLED * widths[index]) for index, column in enumerate(columns, start=1) if column.wrapped]
    lines = [
        max((tables.lines_of(str(column.values[row] or ""), room) for column, room in rooms), default=1)
        for row in range(len(columns[0].values))
    ]
    for count, first, last in _runs(lines):
        yield first, last, tables.ROW_HEIGHT + (min(count, tables.MOST_LINES) - 1) * tables.LINE_HEIGHT


def _runs(cells: Sequence) -> Iterator[tuple[Any, int, int]]:
    """Stretches of equal neighbours: what stands there, and its first and last place from 1."""
    start = 0
    for row in range(1, len(cells) + 1):
        if row == len(cells) or cells[row] != cells[start]:
            yield cells[start], start + 1, row
            start = row


def _link(sheet: xw.Sheet, top: int, index: int, texts: Sequence, targets: Sequence[tuple[str, str] | None]) -> None:
    """Turn cells into links to other cells of the workbook; the others stay as they are."""
    leading = [
        target is not None and len(str(text)) <= _LONGEST_QUOTE for target, text in zip(targets, texts, strict=True)
    ]
    for leads, first, last in _runs(leading):
        if leads:
            cells = sheet.range((top + first - 1, index), (top + last - 1, index))
            rows = range(first - 1, last)
            cells.number_format = "General"  # in a cell of texts a formula would be one
            cells.formula = [[_hyperlink(*targets[row], texts[row])] for row in rows]
            cells.font.color = theme.LINK


def _hyperlink(sheet: str, cell: str, text: object) -> str:
    place = f"#'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}".replace('"', '""')
    return f'=HYPERLINK("{place}","{str(text).replace(chr(34), chr(34) * 2)}")'


def _widths(blocks: Sequence[Block]) -> dict[int, float]:
    """Each column as wide as the widest table on the sheet wants it; what a page has left goes to the notes."""
    widths: dict[int, float] = {}
    notes: dict[int, float] = {}
    for block in blocks:
        for index, column in enumerate(block.columns, start=1):
            widths[index] = max(widths.get(index, 0), tables.width(column))
            if column.wrapped and widths[index] >= theme.WIDEST:
                longest = max(tables.text_width(str(value or "")) for value in column.values)
                notes[index] = min(max(notes.get(index, 0), longest / _FILLED), _WIDEST_NOTE)
    left = (_PAGE - sum(widths.values())) / len(notes) if notes else 0
    return widths | {index: max(widths[index], min(widths[index] + left, most)) for index, most in notes.items()}
