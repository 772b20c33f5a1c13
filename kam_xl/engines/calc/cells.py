"""Ranges: what xlwings asks of cells, answered by LibreOffice."""

# ruff: noqa: D102, ARG002 (names and arguments are those that xlwings asks for)

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from xlwings import expansion, main, utils

from . import formulas, values
from .looks import Looks

ROWS, COLUMNS = 1_048_576, 16_384

_CONTENT = 1 | 2 | 4 | 16  # numbers, dates, texts, formulas
_FORMAT = 32 | 64 | 256 | 512  # of cells, styles, of letters within cells
_NOTE = 8
_DATE, _TIME, _TEXT, _LOGICAL = 2, 4, 256, 1024  # kinds of number formats

_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)(?::\$?([A-Za-z]{1,3})\$?(\d+))?")
_WHOLE_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
_PLAIN = re.compile(r"[^\W\d][\w.]*|\[[\w.]+\]\w+")
_WHOLE_ROWS = re.compile(r"\$?(\d+):\$?(\d+)")


def area(address: str) -> tuple[int, int, int, int] | None:
    """First row and column, number of rows and columns of ``A1``, ``A1:B2``, ``A:C``, ``1:3``; None for a name."""
    if found := _AREA.fullmatch(address):
        column1, row1, column2, row2 = found.groups()
        return between((int(row1), _column(column1)), (int(row2 or row1), _column(column2 or column1)))
    if found := _WHOLE_COLUMNS.fullmatch(address):
        return between((1, _column(found[1])), (ROWS, _column(found[2])))
    if found := _WHOLE_ROWS.fullmatch(address):
        return between((int(found[1]), 1), (int(found[2]), COLUMNS))
    return None


def _column(letters: str) -> int:
    return utils.column_to_number(letters.upper())


def between(corner: tuple[int, int], other: tuple[int, int]) -> tuple[int, int, int, int]:
    """First row and column, number of rows and columns of the cells between two corners."""
    (row1, row2), (column1, column2) = (sorted(pair) for pair in zip(corner, other, strict=True))
    return row1, column1, row2 - row1 + 1, column2 - column1 + 1


def _filled(line: Range) -> list[bool]:
    return [bool(text) for row in line.api.getFormulaArray() for text in row]


def _led_to(filled: list[bool], at: int, step: int, size: int) -> int:
    """The place, from 1 to `size`, that an arrow leads to from `at`; past the end of `filled` every place is blank."""

    def is_filled(place: int) -> bool:
        return 1 <= place <= len(filled) and filled[place - 1]

    edge = size if step > 0 else 1
    if at == edge:
        return at
    if is_filled(at) and is_filled(at + step):
        while at != edge and is_filled(at + step):
            at += step
        return at
    furthest = min(edge, len(filled) + 1) if step > 0 else 1
    return next((place for place in range(at + step, furthest + step, step) if is_filled(place)), edge)


class Range(Looks):
    """Cells of one sheet: first row and column, counted from 1, and how many of each; none where a count is 0."""

    __slots__ = (
        "_api",
        "_moves",
        "column",
        "options",
        "row",
        "shape",
        "sheet",
    )  # else what is not offered would be set without a word
    max_cells_per_read = max_cells_per_write = None  # no need to go in pieces

    def __init__(self, sheet: Any, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        if min(row, column) < 1 or row + rows - 1 > ROWS or column + columns - 1 > COLUMNS:
            raise IndexError(f"there is no cell in row {row}, column {column} ({rows} x {columns}); both begin at 1")
        self.sheet, self.row, self.column, self.shape = sheet, row, column, (rows, columns)
        self.options: dict = {}
        self._api, self._moves = None, -1

    @property
    def api(self) -> Any:
        """LibreOffice's own range, or cell."""
        if self._moves != self.sheet.book.moves:
            sheet, left, top = self.sheet.api, self.column - 1, self.row - 1
            if len(self) == 1:
                self._api = sheet.getCellByPosition(left, top)
            else:
                self._api = sheet.getCellRangeByPosition(left, top, self.last_column - 1, self.last_row - 1)
            self._moves = self.sheet.book.moves
        return self._api

    @property
    def coords(self) -> tuple:
        return (self.sheet.name, self.row, self.column, *self.shape)

    @property
    def last_row(self) -> int:
        return self.row + self.shape[0] - 1

    @property
    def last_column(self) -> int:
        return self.column + self.shape[1] - 1

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> Range:
        """A cell by its place, counted from 1 and from this range's first cell, or by its number along the rows."""
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        return Range(self.sheet, self.row + row - 1, self.column + column - 1)

    def _part(self, row: int, column: int, rows: int, columns: int) -> Range:
        if (row, column, rows, columns) == (0, 0, *self.shape):
            return self
        return Range(self.sheet, self.row + row, self.column + column, rows, columns)

    # --- what stands in the cells -------------------------------------------------------------------------------------

    @property
    def raw_value(self) -> Any:
        """One value, or rows of them: None, text, float, bool, moment, an error as Excel's number of it."""
        if not len(self):
            return None
        cells = self.api
        data: list[list[Any]] = [list(row) for row in cells.getDataArray()]
        numbers = any(isinstance(value, float) for row in data for value in row)
        for kind, (row, column, count, width) in self._kinds(cells, _DATE | _TIME | _LOGICAL) if numbers else ():
            for r, c in itertools.product(range(row, row + count), range(column, column + width)):
                if isinstance(data[r][c], float):
                    data[r][c] = values.moment(data[r][c]) if kind & (_DATE | _TIME) else bool(data[r][c])
        for r, line in enumerate(data):
            for c, value in enumerate(line):
                if value is None:  # how an error comes
                    line[c] = values.error_of(cells.getCellByPosition(c, r).getError())[0]
                elif value == "":
                    line[c] = None
        return data[0][0] if self.shape == (1, 1) else tuple(map(tuple, data))

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        if not len(self):
            return
        if not isinstance(data, list | tuple):
            self.put([[data] * self.shape[1]] * self.shape[0], shift=True)
        else:
            rows = data if data and isinstance(data[0], list | tuple) else [data]
            self._part(0, 0, len(rows), len(rows[0])).put(rows)

    def _kinds(self, cells: Any, wanted: int) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
        """Where cells have a wanted kind of format: the kind; row, column, rows, columns within this range."""
        if len(self) == 1:
            kind = self.sheet.book.formats.kind(cells.NumberFormat)
            if kind & wanted:
                yield kind, (0, 0, 1, 1)
            return
        for alike in self._alike(cells):
            kind = self.sheet.book.formats.kind(alike.NumberFormat)
            for a in alike.RangeAddresses if kind & wanted else ():
                row, column, rows, columns = between((a.StartRow, a.StartColumn), (a.EndRow, a.EndColumn))
                yield kind, (row - self.row + 1, column - self.column + 1, rows, columns)

    @staticmethod
    def _alike(cells: Any) -> Iterator[Any]:
        """LibreOffice's ranges of cells formatted alike."""
        formats = cells.getUniqueCellFormatRanges()
        return (formats.getByIndex(i) for i in range(formats.Count))

    def put(self, rows: Sequence[Sequence], *, shift: bool = False) -> None:
        """Write the values; a formula is moved with its cell where `shift` is set."""
        read = [[values.read(value) for value in row] for row in rows]
        meant = {(r, c) for r, row in enumerate(rows) for c, value in enumerate(row) if read[r][c] is not value}
        for r, c in meant & self._as_text() if meant else ():
            read[r][c] = rows[r][c]  # what is typed into a cell formatted as text stays what it is
            meant.discard((r, c))
        wanted = {(r, c): read[r][c].text for r, c in meant if isinstance(read[r][c], values.Formula)}
        self.api.setDataArray(tuple(tuple(values.stored(value) for value in row) for row in read))
        self._put_formats(
            {(r, c): kind for r, row in enumerate(read) for c, v in enumerate(row) if (kind := values.format_of(v))}
        )
        self._put_formulas(wanted, shift=shift)

    def _as_text(self) -> set[tuple[int, int]]:
        """The cells formatted as text."""
        areas = (area for _, area in self._kinds(self.api, _TEXT))
        return {
            (row + r, column + c) for row, column, rows, columns in areas for r in range(rows) for c in range(columns)
        }

    def _put_formats(self, formats: dict[tuple[int, int], str]) -> None:
        """A moment or a Boolean needs a format to be one; a cell that has one of that kind already keeps its own."""
        for (r, c), count in _runs(formats):
            cells = self._part(r, c, count, 1)
            wanted = formats[r, c]
            fitting = _LOGICAL if wanted == values.TO_LOGICAL else _DATE | _TIME
            for part in self._alike(cells.api):
                if not self.sheet.book.formats.kind(part.NumberFormat) & fitting:
                    part.NumberFormat = self.sheet.book.formats.key(wanted)

    def _put_formulas(self, wanted: dict[tuple[int, int], str], *, shift: bool) -> None:
        if not wanted:
            return
        table = self.table
        name = table.name if table else ""
        for (r, c), count in _runs(dict.fromkeys(wanted)):
            written = tuple(
                (formulas.for_libreoffice(wanted[row, c], name, *((row, c) if shift else (0, 0))),)
                for row in range(r, r + count)
            )
            self._part(r, c, count, 1).api.setFormulaArray(written)

    @property
    def formula(self) -> Any:
        """What was typed, as Excel writes it: one text, or rows of them."""
        if not len(self):
            return None
        found = self.sheet.book.as_excel(self.api).Formula
        return found if self.shape == (1, 1) else found.Array

    @formula.setter
    def formula(self, value: Any) -> None:
        self.raw_value = value

    formula2 = formula

    @property
    def formula_array(self) -> str | None:
        """The one formula of these cells together."""
        return self.api.getArrayFormula().strip("{}") or None

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.api.setArrayFormula(formulas.for_libreoffice(value))

    @property
    def has_array(self) -> bool:
        return bool(self.api.getArrayFormula())

    def clear_contents(self) -> None:
        if len(self):
            self.api.clearContents(_CONTENT)

    def clear_formats(self) -> None:
        if len(self):
            self.api.clearContents(_FORMAT)

    def clear(self) -> None:
        if len(self):
            self.api.clearContents(_CONTENT | _FORMAT | _NOTE)

    # --- places -------------------------------------------------------------------------------------------------------

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        """``$A$1:$B$2``, after the names of book and sheet where `external`."""
        column, row = ("$" if col_absolute else ""), ("$" if row_absolute else "")
        rows, columns = self.shape
        first, last = (f"{column}{utils.col_name(number)}" for number in (self.column, self.last_column))
        first_cell, last_cell = f"{first}{row}{self.row}", f"{last}{row}{self.last_row}"
        if rows == ROWS and columns == COLUMNS:
            found = f"{row}1:{row}{ROWS}"
        elif rows == ROWS:
            found = f"{first}:{last}"
        elif columns == COLUMNS:
            found = f"{row}{self.row}:{row}{self.last_row}"
        elif len(self) == 1:
            found = first_cell
        else:
            found = f"{first_cell}:{last_cell}"
        if not external:
            return found
        place = f"[{self.sheet.book.name}]{self.sheet.name}"
        return f"{place if _PLAIN.fullmatch(place) else quoted(place)}!{found}"

    @property
    def quoted_address(self) -> str:
        """``'Sheet name'!$A$1``, as formulas write it."""
        sheet = self.sheet.name
        return f"{sheet if _PLAIN.fullmatch(sheet) else quoted(sheet)}!{self.address}"

    @property
    def address(self) -> str:
        return self.get_address(True, True, False)

    def end(self, direction: str) -> Range:
        """The cell that Ctrl and an arrow lead to: the last filled one, or the next filled one, or the sheet's edge."""
        used = self.sheet.used_range
        if direction in {"down", "up"}:
            line = Range(self.sheet, 1, self.column, used.row + used.shape[0], 1)
            row = _led_to(_filled(line), self.row, 1 if direction == "down" else -1, ROWS)
            return Range(self.sheet, row, self.column)
        line = Range(self.sheet, self.row, 1, 1, used.column + used.shape[1])
        column = _led_to(_filled(line), self.column, 1 if direction == "right" else -1, COLUMNS)
        return Range(self.sheet, self.row, column)

    def expand(self, mode: str = "table") -> Range:
        """These cells and the filled ones below, beside or both; xlwings decides what counts."""
        return expansion.expanders.get(mode, mode).expand(main.Range(impl=self)).impl

    @property
    def current_region(self) -> Range:
        cursor = self.sheet.api.createCursorByRange(self.api)
        cursor.collapseToCurrentRegion()
        return self.sheet.range_of(cursor.RangeAddress)

    @property
    def table(self) -> Any:
        """The native table around the first cell."""
        return next((table for table in self.sheet.tables if table.range.contains(self.row, self.column)), None)

    def contains(self, row: int, column: int) -> bool:
        """True where the cell in that row and column of the sheet is one of these."""
        return 0 <= row - self.row < self.shape[0] and 0 <= column - self.column < self.shape[1]

    @property
    def name(self) -> Any:
        """The defined name for exactly these cells."""
        return next((name for name in self.sheet.book.names if name.is_for(self)), None)

    @name.setter
    def name(self, value: str) -> None:
        self.sheet.book.names.add(value, f"={self.quoted_address}")

    def select(self) -> None:
        self.sheet.activate()
        self.sheet.book.api.CurrentController.select(self.api)

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        """Make room for as many cells, by moving those here down or to the right."""
        self._change_cells("CellInsertMode", {"down": "DOWN", "right": "RIGHT"}, shift, self.sheet.api.insertCells)

    def delete(self, shift: str | None = None) -> None:
        """Take these cells out, and move those below up or those beside to the left."""
        self._change_cells("CellDeleteMode", {"up": "UP", "left": "LEFT"}, shift, self.sheet.api.removeRange)

    def _change_cells(self, modes: str, names: dict[str, str], shift: str | None, change: Any) -> None:
        along_rows, along_columns = names.values()
        mode = names[shift] if shift else along_rows if self.shape[1] >= self.shape[0] else along_columns
        if self.shape[1] == COLUMNS:
            mode = "ROWS"
        elif self.shape[0] == ROWS:
            mode = "COLUMNS"
        change(self.api.RangeAddress, self.sheet.book.uno.Enum(f"com.sun.star.sheet.{modes}", mode))
        self.sheet.book.moves += 1

    def copy(self, destination: Any = None) -> None:
        """Copy values, formulas and formats to the place of `destination`'s first cell."""
        target = destination.impl
        target.sheet.api.copyRange(target.api.getCellByPosition(0, 0).CellAddress, self.api.RangeAddress)


def quoted(name: str) -> str:
    """A name of a book or sheet in formulas that is not a plain word."""
    return "'" + name.replace("'", "''") + "'"


def _runs(places: dict[tuple[int, int], Any]) -> Iterator[tuple[tuple[int, int], int]]:
    """The first place of every run of cells below each other with the same value, and how many they are."""
    in_columns = sorted(places, key=lambda place: (place[1], place[0]))
    for _, run in itertools.groupby(
        enumerate(in_columns), key=lambda item: (item[1][1], item[1][0] - item[0], places[item[1]])
    ):
        found = list(run)
        yield found[0][1], len(found)
