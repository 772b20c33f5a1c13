"""Sheets, native tables and defined names: what xlwings asks of them, answered by LibreOffice."""

# ruff: noqa: D102, ARG002 (names and arguments are those that xlwings asks for)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import cells, formulas
from .cells import Range


class Sheets:
    """The sheets of one workbook, by name or by number from 1."""

    def __init__(self, book: Any) -> None:
        self.book = book

    @property
    def api(self) -> Any:
        return self.book.api_sheets

    @property
    def active(self) -> Sheet:
        return Sheet(self.book, self.book.api.CurrentController.ActiveSheet)

    def at(self, index: int) -> Sheet:
        """The sheet with LibreOffice's number, from 0."""
        return Sheet(self.book, self.api.getByIndex(index))

    def __call__(self, key: str | int) -> Sheet:
        if isinstance(key, int):
            return self.at(key - 1)
        if key not in self:
            raise KeyError(f"{self.book.name} has no sheet {key}")
        return Sheet(self.book, self.api.getByName(key))

    def __len__(self) -> int:
        return self.api.Count

    def __iter__(self) -> Iterator[Sheet]:
        return (self.at(index) for index in range(len(self)))

    def __contains__(self, key: str) -> bool:
        return self.api.hasByName(key)

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """A new sheet, before the active one where no place is named; it becomes the active one."""
        place = after.index if after else (before or self.active).index - 1
        name = name or next(new for i in range(1, len(self) + 2) if (new := f"Sheet{i}") not in self)
        self.api.insertNewByName(name, place)
        added = self(name)
        added.activate()
        return added


class _Named:
    """What LibreOffice keeps under a name."""

    __slots__ = ()
    api: Any

    @property
    def name(self) -> str:
        return self.api.Name

    @name.setter
    def name(self, value: str) -> None:
        self.api.Name = value


class Sheet(_Named):
    """One sheet."""

    __slots__ = ("_api", "_moves", "book")

    def __init__(self, book: Any, api: Any) -> None:
        self.book, self._api, self._moves = book, api, book.moves

    @property
    def api(self) -> Any:
        """LibreOffice's sheet. One taken before cells were inserted counts its rows from where its first one went."""
        if self._moves != self.book.moves:
            self._api = self.book.api_sheets.getByIndex(self._api.RangeAddress.Sheet)
            self._moves = self.book.moves
        return self._api

    @property
    def index(self) -> int:
        return self.api.RangeAddress.Sheet + 1

    @property
    def visible(self) -> bool:
        return self.api.IsVisible

    @visible.setter
    def visible(self, value: bool) -> None:
        self.api.IsVisible = bool(value)

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """Cells by address, name, row and column, or two corners of any of these."""
        if isinstance(arg1, tuple) and len(arg1) == 4:
            return Range(self, *arg1)
        if isinstance(arg1, int) and isinstance(arg2, int):
            return Range(self, arg1, arg2)
        first = self._found(arg1)
        if arg2 is None:
            return first
        second = self._found(arg2)
        corners = [
            (row, column)
            for found in (first, second)
            for row, column in ((found.row, found.column), (found.last_row, found.last_column))
        ]
        rows, columns = zip(*corners, strict=True)
        return Range(self, *cells.between((min(rows), min(columns)), (max(rows), max(columns))))

    def _found(self, place: Any) -> Range:
        if isinstance(place, Range):
            return place
        if isinstance(place, tuple):
            return Range(self, *place)
        if found := cells.area(place):
            return Range(self, *found)
        for names in (self.names, self.book.names):
            if names.contains(place):
                return names(place).refers_to_range
        if place in self.tables:
            body = self.tables(place).data_body_range
            if body is not None:
                return body
        raise KeyError(f"{self.book.name} has no cells {place}")

    def range_of(self, address: Any) -> Range:
        """The range with LibreOffice's address."""
        start, end = (address.StartRow + 1, address.StartColumn + 1), (address.EndRow + 1, address.EndColumn + 1)
        return Range(self, *cells.between(start, end))

    @property
    def cells(self) -> Range:
        return Range(self, 1, 1, cells.ROWS, cells.COLUMNS)

    @property
    def used_range(self) -> Range:
        cursor = self.api.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return self.range_of(cursor.RangeAddress)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def names(self) -> Names:
        return Names(self.book, self.api.NamedRanges)

    def activate(self) -> None:
        self.book.api.CurrentController.setActiveSheet(self.api)

    select = activate

    def clear_contents(self) -> None:
        self.cells.clear_contents()

    def clear_formats(self) -> None:
        self.cells.clear_formats()

    def clear(self) -> None:
        self.cells.clear()

    def autofit(self, axis: str | None = None) -> None:
        """Fit the columns and rows in use."""
        self.used_range.autofit(axis)

    def delete(self) -> None:
        self.book.api_sheets.removeByName(self.name)

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        """Copy this sheet within its workbook."""
        name = next(new for i in range(2, 999) if (new := f"{self.name[:25]} ({i})") not in self.book.sheets)
        place = after.index if after else (before or self).index - 1
        self.book.api_sheets.copyByName(self.name, name, place)


class Tables:
    """The native tables of one sheet; LibreOffice keeps them as database ranges of the workbook."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def api(self) -> Any:
        return self._sheet.book.api.DatabaseRanges

    def _names(self) -> list[str]:
        place, ranges = self._sheet.index - 1, self.api
        return [name for name in ranges.ElementNames if ranges.getByName(name).DataArea.Sheet == place]

    def __call__(self, key: str | int) -> Table:
        names = self._names()
        if isinstance(key, int):
            return Table(self._sheet, self.api.getByName(names[key - 1]))
        for name in names:
            if name.casefold() == key.casefold():
                return Table(self._sheet, self.api.getByName(name))
        raise KeyError(f"sheet {self._sheet.name} has no table {key}")

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[Table]:
        return (Table(self._sheet, self.api.getByName(name)) for name in self._names())

    def __contains__(self, key: str) -> bool:
        return any(name.casefold() == key.casefold() for name in self._names())

    def add(self, source: Any = None, name: str | None = None, has_headers: bool = True, **others: Any) -> Table:
        """A native table over the range `source`; without a name it gets the next free one."""
        taken = {taken.casefold() for taken in self.api.ElementNames}
        name = name or next(new for i in range(1, len(taken) + 2) if (new := f"Table{i}").casefold() not in taken)
        self.api.addNewByName(name, source.impl.api.RangeAddress)
        table = self(name)
        table.api.ContainsHeader = has_headers
        table.api.AutoFilter = has_headers
        return table


class Table(_Named):
    """One native table."""

    __slots__ = ("api", "parent")

    def __init__(self, sheet: Sheet, api: Any) -> None:
        self.parent, self.api = sheet, api

    display_name = _Named.name

    @property
    def show_headers(self) -> bool:
        return self.api.ContainsHeader

    @property
    def range(self) -> Range:
        return self.parent.range_of(self.api.DataArea)

    @property
    def header_row_range(self) -> Range | None:
        whole = self.range
        return Range(self.parent, whole.row, whole.column, 1, whole.shape[1]) if self.show_headers else None

    @property
    def data_body_range(self) -> Range | None:
        """The rows under the header; None where there are none."""
        whole, head = self.range, int(self.show_headers)
        rows, columns = whole.shape
        return Range(self.parent, whole.row + head, whole.column, rows - head, columns) if rows > head else None

    def resize(self, range: Any) -> None:  # noqa: A002 (xlwings' name)
        """Let the table cover another range, from the same row of headers on."""
        self.api.DataArea = range.impl.api.RangeAddress


class Names:
    """The defined names of a workbook, or of one sheet."""

    def __init__(self, book: Any, api: Any) -> None:
        self._book, self.api = book, api

    def _name(self, key: str) -> str | None:
        return next((name for name in self.api.ElementNames if name.casefold() == key.casefold()), None)

    def __call__(self, key: str | int) -> Name:
        if isinstance(key, int):
            return Name(self._book, self.api, self.api.getByIndex(key - 1))
        if found := self._name(key):
            return Name(self._book, self.api, self.api.getByName(found))
        raise KeyError(f"{self._book.name} has no name {key}")

    def __len__(self) -> int:
        return self.api.Count

    def __iter__(self) -> Iterator[Name]:
        return (self(index + 1) for index in range(len(self)))

    def contains(self, key: str) -> bool:
        return self._name(key) is not None

    def snapshot(self) -> list[tuple[str, Name]]:
        """Every name with its text."""
        return [(name.name, name) for name in self]

    def add(self, name: str, refers_to: str) -> Name:
        """A new name for cells (``=Sheet!$A$1``) or for a formula; one that exists is given the new meaning."""
        if self.contains(name):
            self(name).refers_to = refers_to
        else:
            origin = self._book.uno.createUnoStruct("com.sun.star.table.CellAddress")
            self.api.addNewByName(name, formulas.for_libreoffice(refers_to).removeprefix("="), origin, 0)
        return self(name)


class Name(_Named):
    """One defined name."""

    __slots__ = ("_book", "_names", "api")

    def __init__(self, book: Any, names: Any, api: Any) -> None:
        self._book, self._names, self.api = book, names, api

    def delete(self) -> None:
        self._names.removeByName(self.name)

    @property
    def refers_to(self) -> str:
        """What it means, as Excel writes it."""
        found = self._cells()
        return f"={found.quoted_address}" if found else f"={self.api.Content}"

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.Content = formulas.for_libreoffice(value).removeprefix("=")

    @property
    def refers_to_range(self) -> Range:
        """The cells it means; `KeyError` where it means none."""
        found = self._cells()
        if found is None:
            raise KeyError(f"the name {self.name} does not mean cells: {self.api.Content}")
        return found

    def is_for(self, cells_: Range) -> bool:
        """True where it means exactly these cells."""
        found = self._cells()
        return found is not None and found.coords == cells_.coords

    def _cells(self) -> Range | None:
        found = self.api.ReferredCells
        return self._book.sheets.at(found.RangeAddress.Sheet).range_of(found.RangeAddress) if found else None
