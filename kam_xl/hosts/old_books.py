"""Workbooks as Excel saved them before 2007 (.xls), of any version from 2 on, read so that memory follows the cells.

Excel 5 to 2003 put the records of a workbook into a compound file; before, they were the file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import math
import struct
from collections import Counter
from typing import Any

import xlrd

from kam_xl.core.books import CellError, Contents, RawSheet, Remark, Unreadable
from kam_xl.hosts.extents import Extent, main_block
from kam_xl.hosts.odd_cells import address
from kam_xl.hosts.refusing import damaged

#: How the records begin: with one that tells the version, and is of one of these sizes.
_VERSIONS, _SIZES = (0x0009, 0x0209, 0x0409, 0x0809), (4, 6, 8, 16)
_LOCKED, _END = 0x2F, 0x0A
#: Versions before Excel 97 wrote texts in the encoding of their Windows, and not all of them said which.
_UNSAID, _UNICODE = "gb18030", 80


def begins(data: bytes) -> bool:
    """True for bytes that begin as the records of a workbook do."""
    if len(data) < 4:
        return False
    kind, size = struct.unpack_from("<HH", data)
    return kind in _VERSIONS and size in _SIZES


def is_locked(records: bytes) -> bool:
    """True where a record says that those after it are encrypted; it stands in the first part of a workbook."""
    at, kind = 0, 0
    while at + 4 <= len(records) and kind != _END:
        kind, size = struct.unpack_from("<HH", records, at)
        if kind == _LOCKED:
            return True
        at += 4 + size
    return False


def read(records: bytes) -> Contents:
    """Every worksheet; one that cannot be read is told as such. `Refused` where the records make no workbook at all."""
    try:
        found = _contents(records, formatted=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (whatever a broken record makes xlrd raise)
        found = None
    if found and not any(sheet.unread for sheet in found.sheets):
        return found
    try:  # formats only tell which cells are merged, and some programs write them wrongly
        return _contents(records, formatted=False)
    except MemoryError:
        raise
    except Exception as error:
        raise damaged(error) from error


def _contents(records: bytes, *, formatted: bool) -> Contents:
    book = _opened(records, formatted=formatted)
    read = [_sheet(book, number) for number in range(book.nsheets)]
    return Contents(
        sheets=tuple(sheet for sheet, _ in read),
        remarks=tuple(remark for _, remark in read if remark),
        date1904=book.datemode == 1,
    )


def _opened(records: bytes, *, formatted: bool) -> xlrd.Book:
    options = {"logfile": io.StringIO(), "formatting_info": formatted, "ragged_rows": True, "on_demand": True}
    book = xlrd.open_workbook(file_contents=records, **options)
    if book.codepage is None and book.biff_version < _UNICODE:
        with contextlib.suppress(UnicodeDecodeError):
            return xlrd.open_workbook(file_contents=records, encoding_override=_UNSAID, **options)
    return book


def _sheet(book: xlrd.Book, number: int) -> tuple[RawSheet, Remark | None]:
    try:
        sheet = book.sheet_by_index(number)
        rows = [
            [
                _cell(kind, value, book.datemode)
                for kind, value in zip(sheet.row_types(i), sheet.row_values(i), strict=True)
            ]
            for i in range(sheet.nrows)
        ]
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (this sheet alone)
        return RawSheet(book.sheet_names()[number], [], unread="damaged"), None
    rows, far = _within(rows)
    merged = tuple(((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in sheet.merged_cells)
    remark = Remark("cells_far_away", sheet.name, address(far[0]), str(len(far))) if far else None
    return RawSheet(sheet.name, rows, bool(sheet.visibility), merged), remark


def _within(rows: list[list]) -> tuple[list[list], list[tuple[int, int]]]:
    """Rows of one length, as far as they hold something and are read; and the places that are too far away."""
    filled = [(i, column) for i, row in enumerate(rows) for column, cell in enumerate(row) if cell != ""]
    if not filled:
        return [], []
    by_row, by_column = (Counter(numbers) for numbers in zip(*filled, strict=True))
    block = main_block(by_row, by_column) or Extent(range(min(by_row), max(by_row) + 1), range(max(by_column) + 1))
    width = block.columns.stop
    kept = [(rows[i][:width] + [""] * (width - len(rows[i]))) for i in block.rows]
    if block.columns.start:
        kept = [[""] * block.columns.start + row[block.columns.start :] for row in kept]
    return [[] for _ in range(block.rows.start)] + kept, [place for place in filled if place not in block]


def _cell(kind: int, value: Any, datemode: int) -> object:
    """A cell as the reader of newer formats gives it."""
    if kind == xlrd.XL_CELL_ERROR:
        return CellError(xlrd.error_text_from_code.get(value, "#ERROR!"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if isinstance(value, float) and not math.isfinite(value):
        return Unreadable(value)
    return _moment(value, datemode) if kind == xlrd.XL_CELL_DATE else value


def _moment(serial: float, datemode: int) -> dt.datetime | dt.date | dt.time | float:
    """A day where there is no time, a time where there is no day; a number that no calendar knows stays one."""
    try:
        moment = xlrd.xldate_as_datetime(serial, datemode)
    except (ValueError, OverflowError):
        return serial
    if serial < 1:
        return moment.time() if serial >= 0 else serial
    return moment if moment.time() != dt.time() else moment.date()
