"""Why a cell shows an error: its formula's KAM_… function is asked once more, and tells the reason and what to do.

The arguments are read through xlwings, so that Excel and LibreOffice go one way. An argument that is a cell with an error
of its own is followed to where the error began.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kam_xl.core import raw
from kam_xl.core.books import CellError
from kam_xl.core.words import Words
from kam_xl.worksheet import exchange, formulas
from kam_xl.worksheet.exchange import MARK, Noted, Wrong
from kam_xl.worksheet.formulas import Area, Argument, Call, Literal, Name, Part, Unread

#: Asks a function for its answer: name, arguments without the language.
Ask = Callable[[str, Sequence], list | exchange.ByColumn]
_REASONS = 3  # different reasons told for one formula
_STEPS = 20  # formulas followed from one to the next


class CannotRead(Exception):
    """An argument that only the host can calculate, or that is not there; ``str()`` is what the formula calls it."""


def why(words: Words, cell: object, place: object, find_book: Callable[[str], Any], ask: Ask) -> str:
    """The reason for what a cell shows, as a text; `place` is (book, sheet, address, formula), or None for a value."""
    shown = exchange.one(cell)
    where = [exchange.plain(part) for part in exchange.rows_of(place)[0]]
    call = formulas.call_in(where[-1]) if isinstance(where[-1], str) else None
    if call is None:
        return _of_value(words, shown, in_cell=len(where) > 1)
    try:
        sheet = find_book(where[0]).sheets[where[1]]
        rows = _Place(sheet.range(where[2].split(":")[0]), ask).asked(call)
    except CannotRead as unread:
        return words("why.unread", name=call.name, argument=str(unread))
    except LookupError:  # no such workbook open, or no such sheet in it
        return words("why.unread", name=call.name, argument="!".join(map(str, where[:2])))
    answers = [cell for row in rows for cell in row]
    if reasons := _reasons(words, [cell for cell in answers if isinstance(cell, Wrong)]):
        return reasons
    if isinstance(shown, CellError):
        return words("why.recalculate", name=call.name)
    notes = _reasons(words, [cell.note for cell in answers if isinstance(cell, Noted)])
    return " ".join(filter(None, (words("why.fine", name=call.name), notes)))


def _reasons(words: Words, told: list[Wrong]) -> str:
    return " ".join(list(dict.fromkeys(_told(words, one) for one in told))[:_REASONS])


def _told(words: Words, wrong: Wrong) -> str:
    return words("why.reason", reason=wrong.told(words).rstrip("。."), remedy=wrong.told(words, "remedy"))


def _of_value(words: Words, shown: object, *, in_cell: bool) -> str:
    """What can be said of a value alone: a reason that travelled with it, or what its error means."""
    if not isinstance(shown, CellError):
        return words("why.blank" if shown is None else "why.no_error")
    if shown.startswith(MARK):
        return shown.partition(":")[2]
    if in_cell:
        return words("why.not_ours", error=raw.text(shown))
    return words("why.missing" if shown == "#N/A" else "why.wrong")


class _Place:
    """The cell that a formula stands in, and what the formula refers to from there; `steps` formulas led here."""

    def __init__(self, cell: Any, ask: Ask, steps: int = 0) -> None:
        self._cell, self._ask, self._steps = cell, ask, steps
        self._readers: dict[type, Callable[[Any], list]] = {Area: self._area, Part: self._part, Name: self._name}

    def asked(self, call: Call) -> list:
        """The rows of cells that the function answers."""
        return exchange.rows(self._ask(call.name, [self._read(argument) for argument in call.arguments]))

    def _read(self, argument: Argument) -> object:
        """The cells an argument stands for; `CannotRead` where nobody but the host could tell."""
        if isinstance(argument, Literal):
            return argument.value
        if isinstance(argument, Call):
            return self.asked(argument)
        if isinstance(argument, Unread):
            raise CannotRead(argument.text)
        try:
            return self._readers[type(argument)](argument)
        except CannotRead:
            raise
        except Exception as error:  # a host says in its own way that there is no such sheet, name or table
            raise CannotRead(_as_typed(argument)) from error

    def _values(self, area: Any) -> list:
        """The values of cells; one that shows an error because of its own KAM_… function is asked for the reason."""
        values = area.options(ndim=2, err_to_str=True).value
        if len(values) == len(values[0]) == 1 and isinstance(exchange.one(values), CellError) and self._steps < _STEPS:
            call = formulas.call_in(area.formula)
            return _Place(area, self._ask, self._steps + 1).asked(call) if call else values
        return values

    def _area(self, area: Area) -> list:
        """Cells by address; whole columns end where the sheet does."""
        sheet = self._cell.sheet if area.sheet is None else self._cell.sheet.book.sheets[area.sheet]
        first, _, last = area.address.partition(":")
        if last and first.isalpha():
            return self._values(sheet.range(f"{first}1:{last}{sheet.used_range.last_cell.row}"))
        return self._values(sheet.range(area.address))

    def _name(self, name: Name) -> list:
        """A defined name, or a table whose name stands alone."""
        try:
            area = self._cell.sheet.book.names[name.name].refers_to_range
        except Exception:  # noqa: BLE001 (a host says in its own way that there is no such name)
            return self._part(Part(name.name, "data"))
        return self._values(area)

    def _part(self, part: Part) -> list:
        """Rows and columns of a table."""
        table = self._table(part.table)
        headers, data = self._values(table.header_row_range), table.data_body_range
        names = [str(name) for name in headers[0]]
        columns = slice(None)
        if part.first and part.last:
            columns = slice(names.index(part.first), names.index(part.last) + 1)
        if part.rows == "row":
            return self._values(data[self._cell.row - data.row, columns])
        rows = [] if data is None or part.rows == "headers" else self._values(data)
        return [row[columns] for row in (headers if part.rows in {"all", "headers"} else []) + rows]

    def _table(self, name: str) -> Any:
        """A table of the workbook by its name; without one, the table on the formula's own sheet."""
        sheets = self._cell.sheet.book.sheets if name else [self._cell.sheet]
        tables = (table for sheet in sheets for table in sheet.tables)
        return next(table for table in tables if not name or table.name.casefold() == name.casefold())


_ROWS = {"all": "#All", "data": "#Data", "headers": "#Headers", "row": "#This Row"}


def _as_typed(argument: Area | Part | Name) -> str:
    if isinstance(argument, Part):
        return f"{argument.table}[{argument.first or _ROWS[argument.rows]}]"
    return "!".join(filter(None, argument))
