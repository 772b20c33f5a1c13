"""The workbook open in front of its user, read and written through xlwings alone: Excel and LibreOffice serve alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlwings as xw

from kam_xl.core import formats, locating
from kam_xl.core.books import ERROR_NUMBERS, ERROR_TEXTS, Book, CellError, NativeTable, RawSheet
from kam_xl.core.errors import KamError
from kam_xl.core.own_sheets import PRODUCT
from kam_xl.core.sheets import BY_KIND
from kam_xl.core.texts import heading
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.showing import theme

#: Rows read at a time; formats reach far below the data, blank rows are not worth reading.
_ROWS_AT_A_TIME = 5000
_MADE = frozenset(name for names in PRODUCT.values() for name in names)
_OUR_BUGS = (TypeError, AttributeError, LookupError, ValueError, NotImplementedError)


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
    _put_shown(sheet, rows)
    return RawSheet(sheet.name, rows, hidden=not sheet.visible)


#: So far down a header is looked for.
_DEPTH = 50
#: What stands above numbers whose format says more than they do: IDs, and amounts of money.
_SAYING_HEADERS = frozenset(
    heading(text)
    for kind in BY_KIND.values()
    for column in kind.columns
    if column.kind in ("id", "id_name", "key", "amount")
    for text in (column.zh, column.en, *column.aliases)
)


def _put_shown(sheet: xw.Sheet, rows: list[list]) -> None:
    """Let numbers say what their format shows: below a header of IDs C001 for 1 by ``"C"000``, of amounts the currency."""
    headers = {at for row in rows[:_DEPTH] for at, cell in enumerate(row) if _is_saying(cell)}
    for at in sorted(headers):
        places = [place for place, row in enumerate(rows) if type(row[at]) is float]
        for some, code in _formats(sheet, at, places):
            shape = formats.how(code)
            for place in some if shape else ():
                rows[place][at] = formats.shown(rows[place][at], shape)


def _formats(sheet: xw.Sheet, at: int, places: list[int]) -> Iterator[tuple[list[int], str]]:
    """Cells of a column with their number format, as many at once as have the same: each question goes to the host."""
    if not places:
        return
    cells = sheet.range((places[0] + 1, at + 1), (places[-1] + 1, at + 1))
    code: str | None = cells.number_format  # None where they differ
    if code is not None or len(places) == 1:
        yield places, code or ""
        return
    half = len(places) // 2
    yield from _formats(sheet, at, places[:half])
    yield from _formats(sheet, at, places[half:])


def _is_saying(cell: object) -> bool:
    return type(cell) is str and heading(cell) in _SAYING_HEADERS


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
    typed: Any = cells.formula  # one text, a row or a column of them, or rows: each host has its own way
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


def visited(book: xw.Book) -> list[xw.Sheet]:
    """The sheets that were in front before this one, the latest first; none where the workbook does not tell.

    Its macros note them in the cell kam_visited, a name a line.
    """
    there = {sheet.name: sheet for sheet in book.sheets if sheet.visible and sheet.name != book.sheets.active.name}
    names = dict.fromkeys(str(value(book, "kam_visited") or "").splitlines())
    return [there[name] for name in names if name in there]


def selected_on(sheet: xw.Sheet) -> xw.Range | None:
    """What is selected on a sheet that is not in front; a host tells it only of the one that is."""
    book = sheet.book
    front = book.sheets.active
    with still(book):
        sheet.activate()
        try:
            return book.app.selection
        finally:
            front.activate()


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
    stretches = (
        [(True, 1, len(kinds))] if True in kinds and False not in kinds else runs([kind is True for kind in kinds])
    )
    top, column = cells.row - 1, cells.column + index
    for is_text, first, last in stretches:
        if is_text:
            cells.sheet.range((top + first, column), (top + last, column)).number_format = "@"


def frame(cells: xw.Range, colour: str) -> None:
    """A hairline around each cell; xlwings has no word for it, and Excel for Mac goes without."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    with contextlib.suppress(Exception):
        if hasattr(cells.impl, "frame"):
            cells.impl.frame((red, green, blue))
        else:
            borders = cells.api.Borders
            borders.LineStyle = _CONTINUOUS
            borders.Color = red + (green << 8) + (blue << 16)


_CONTINUOUS = 1  # Excel's xlContinuous


def runs(cells: Sequence) -> Iterator[tuple[Any, int, int]]:
    """Stretches of equal neighbours: what stands there, and its first and last place from 1."""
    start = 0
    for row in range(1, len(cells) + 1):
        if row == len(cells) or cells[row] != cells[start]:
            yield cells[start], start + 1, row
            start = row
