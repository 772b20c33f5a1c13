"""Cells in, cells out: what a formula hands over, as plain cells, and what it gets back, errors with their reasons.

A host hands an argument over as one cell (None, text, number, True, date) or as rows of cells; an error arrives as its
text, as a number of Excel's own, or as NaN. The answer has the same two forms: one cell, or a tuple of rows.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import raw
from kam_xl.core.books import ERROR_NUMBERS, ERROR_TEXTS, CellError
from kam_xl.core.privacy import masked
from kam_xl.core.words import Words

#: What a cell is given: a number, a text, a truth, a moment.
Scalar = float | str | bool | dt.datetime
#: What a formula is given: one cell, or rows of cells.
Answer = Scalar | tuple[tuple[Scalar, ...], ...]

MISSING, WRONG = 2042, 2015  # what Excel calls #N/A and #VALUE!
MARK = "#!"  # an answer that starts like this is an error: #!2042:reason
LONGEST = 32_767  # characters in one cell
WHOLE = 1_048_576  # rows of a column
_BLANKS = frozenset({None, ""})
QUOTED = 60  # characters of a typed text that a reason quotes


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be answered: its error number, and the reason as a key of the words with what it names.

    ``words(key + ".text")`` is the reason, ``words(key + ".remedy")`` what to do; `argument` is the argument's name.
    """

    number: int
    key: str
    argument: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, words: Words, part: str = "text") -> str:
        """The reason (``text``) or what to do (``remedy``) as a sentence that names the argument."""
        name = _name(self.argument, words)
        values = {key: value if key == "sentence" else quoted(value) for key, value in self.values.items()}
        text = words(f"{self.key}.{part}", **{"field": name, "value": "", "detail": "", **values})
        if part == "remedy" or name in text:
            return text
        return words("reason.of_argument", argument=name, reason=text)


def _name(argument: str, words: Words) -> str:
    """What people call an argument; indicators have their names in the rules."""
    keys = (f"argument.{argument}", f"indicator.name.{argument}")
    return next((words(key) for key in keys if key in words), "")


class Noted(NamedTuple):
    """An answer to what was read in a way that somebody should know; the cell shows the answer, KAM_WHY tells the note."""

    value: Any
    note: Wrong


@dataclass(frozen=True)
class Argument:
    """One argument understood, cell by cell: its values (NaN or None where unknown), what is wrong where, what to note."""

    values: np.ndarray
    wrong: Mapping[int, Wrong] = field(default_factory=dict)
    notes: Mapping[int, Wrong] = field(default_factory=dict)


class Shape(NamedTuple):
    """How many rows and columns of cells an answer has."""

    rows: int
    columns: int


def rows_of(argument: object) -> list[Sequence]:
    """An argument as rows of cells, all of one length; one cell is one row, a flat list is one row too."""
    if not isinstance(argument, list | tuple):
        return [(argument,)]
    if not argument:
        return [(None,)]
    return list(argument) if isinstance(argument[0], list | tuple) else [argument]


class Whole(list):
    """A whole column such as ``B:B``, without the blank rows at its end."""


def without_blank_end(rows: Sequence) -> Sequence:
    """A whole column down to its last used row, as `Whole`; anything else as it is.

    What a host hands over need not be looked at cell by cell before: of a million rows most are blank.
    """
    return Whole(rows[: _used_rows(rows)]) if isinstance(rows, list | tuple) and len(rows) >= WHOLE else rows


def to_last_used_row(arguments: Sequence) -> list:
    """The arguments, whole columns cut below the last row in which any of them holds something.

    One row stays at least. A range is no whole column and keeps its blank rows, for each of them has its answer.
    """
    cut = list(map(without_blank_end, arguments))
    used = max((len(rows) for rows in cut if isinstance(rows, Whole)), default=0)
    return [_as_long(rows, max(used, 1)) if isinstance(rows, Whole) else rows for rows in cut]


def _as_long(rows: Whole, count: int) -> list:
    """So many rows: those there are, and blank ones."""
    blank = (None,) * len(rows[0]) if rows else (None,)
    return [*rows, *[blank] * (count - len(rows))]


def _used_rows(rows: Sequence) -> int:
    """How many rows there are, without the blank ones at the end, which are counted many at a time."""
    end, blank = len(rows), type(rows[-1])((None,) * len(rows[-1]))
    while end >= _AT_A_TIME and rows[end - _AT_A_TIME : end].count(blank) == _AT_A_TIME:
        end -= _AT_A_TIME
    return next((count for count in range(end, 0, -1) if not _BLANKS.issuperset(rows[count - 1])), 0)


_AT_A_TIME = 4096


def one(argument: object) -> object:
    """The first cell of an argument, plain: for arguments that are one cell by nature."""
    return plain(rows_of(argument)[0][0])


def spread(*arguments: object) -> tuple[Shape, list[list]]:
    """Arguments spread over one another as Excel does it: the shape of all, and each one's cells in that shape.

    One row or one column repeats; where an argument is too short for the others its cells are #N/A, as in Excel.
    """
    blocks = [rows_of(argument) for argument in arguments]
    shape = Shape(max(map(len, blocks)), max(len(rows[0]) for rows in blocks))
    return shape, [_stretched(rows, shape) for rows in blocks]


def _stretched(rows: list[Sequence], shape: Shape) -> list:
    """The cells of one block in a larger shape, row after row, plain."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return [plain(rows[0][0])] * (shape.rows * shape.columns)
    if len(rows[0]) == shape.columns == 1 and len(rows) == shape.rows:
        return plain_all([row[0] for row in rows])
    void = CellError("#N/A")
    if len(rows[0]) < shape.columns:
        rows = [tuple(row) * shape.columns if len(row) == 1 else (*row, *(void,) * shape.columns) for row in rows]
    rows = rows * shape.rows if len(rows) == 1 else rows + [(void,) * shape.columns] * shape.rows
    return plain_all([cell for row in rows[: shape.rows] for cell in row[: shape.columns]])


def plain_all(cells: list) -> list:
    """Cells as `plain` makes them; a column of nothing but numbers or texts is not looked at one by one."""
    return cells if _are_plain(cells, ("#", "Err:")) else [plain(cell) for cell in cells]


def _are_plain(cells: Sequence, odd: tuple[str, ...]) -> bool:
    """True for known numbers throughout, and for texts throughout of which none is blank or begins oddly."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        joined = "\n".join(("", *cells))
        return "" not in cells and not any("\n" + start in joined for start in odd) and max(map(len, cells)) <= LONGEST
    return kinds == {float} and bool(np.isfinite(cells).all())


def plain(cell: object) -> Any:
    """A cell as one of None (blank), bool, float, str, date or datetime, `CellError`."""
    cell = _bare(cell)
    if type(cell) is float:
        return cell if math.isfinite(cell) else CellError("#N/A" if math.isnan(cell) else "#NUM!")
    if type(cell) is str:
        return _text(cell)
    if cell is None or isinstance(cell, bool | CellError | Wrong | dt.date):
        return cell
    if isinstance(cell, int) and cell in ERROR_NUMBERS:
        return CellError("#VALUE!")
    if isinstance(cell, int | float | Decimal | np.number):
        return float(cell)
    return _text(str(cell))


def _text(text: str) -> str | CellError | None:
    if text == "":
        return None
    if text in ERROR_TEXTS or text.startswith((MARK, "Err:")):
        return CellError(text)
    return text


def error_in(cell: CellError | Wrong, argument: str) -> Wrong:
    """What an error among the arguments makes of the answer: a missing value stays missing, the rest is wrong."""
    if isinstance(cell, Wrong):
        return cell
    if cell.startswith(MARK):
        number, _, reason = cell.removeprefix(MARK).partition(":")
        return Wrong(MISSING if number == str(MISSING) else WRONG, "reason.passed_on", "", {"sentence": reason})
    return Wrong(MISSING if cell == "#N/A" else WRONG, "finding.error_cell", argument, {"value": cell})


# --- answers -----------------------------------------------------------------------------------------------------


def filled(values: Iterable, *arguments: Argument) -> list:
    """Answers cell by cell; one whose argument is wrong is wrong in the same way, the first argument before the next.

    A note on an argument is one on the answer, likewise.
    """
    cells = list(values)
    for argument in reversed(arguments):
        for place, note in argument.notes.items():
            cells[place] = Noted(_bare(cells[place]), note)
    for argument in reversed(arguments):
        for place, wrong in argument.wrong.items():
            cells[place] = wrong
    return cells


def _bare(cell: object) -> Any:
    return cell.value if isinstance(cell, Noted) else cell


def grid(values: Iterable, shape: Shape, *arguments: Argument) -> list[list]:
    """`filled` answers in their shape."""
    cells = filled(values, *arguments)
    return [cells[start : start + shape.columns] for start in range(0, len(cells), shape.columns)]


class ByColumn(NamedTuple):
    """An answer of many rows, held by column: 100,000 rows are too many to look at cell by cell."""

    headers: Sequence[str]
    columns: Sequence[Sequence]


def rows(found: list | ByColumn) -> list[Sequence]:
    """An answer row by row."""
    return [found.headers, *zip(*found.columns, strict=True)] if isinstance(found, ByColumn) else found


def answer(found: list | ByColumn, words: Words) -> Answer:
    """An answer as the host takes it: one cell alone, or a tuple of rows; every error carries its reason."""
    if isinstance(found, ByColumn):
        columns = [_given_out(column, words) for column in found.columns]
        return tuple(map(tuple, rows(ByColumn(found.headers, columns))))
    given = tuple(tuple(given_out(cell, words) for cell in row) for row in found)
    return given[0][0] if len(given) == len(given[0]) == 1 else given


def _given_out(column: Sequence, words: Words) -> Sequence[Scalar]:
    return column if _are_plain(column, (MARK,)) else [given_out(cell, words) for cell in column]


def given_out(cell: Any, words: Words) -> Scalar:
    """One cell as float, text, bool or datetime; what is unknown is an error, never a blank and never nothing."""
    cell = _bare(cell)
    if type(cell) is float:
        return cell if math.isfinite(cell) else _unknown(words)
    if isinstance(cell, Wrong):
        return f"{MARK}{cell.number}:{cell.told(words)}"[:LONGEST]
    if type(cell) is str:
        return cell[:LONGEST] if not cell.startswith(MARK) else cell[1:LONGEST]  # what people typed is no error of ours
    if pd.isna(cell):
        return _unknown(words)
    return _as_host_types(cell)


def _as_host_types(cell: object) -> Scalar:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | float | np.number):
        return float(cell)
    if isinstance(cell, np.datetime64):
        return cell.astype("datetime64[s]").item()
    if isinstance(cell, dt.datetime):
        return dt.datetime(*cell.timetuple()[:6])
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)
    return str(cell)[:LONGEST]


def _unknown(words: Words) -> str:
    return f"{MARK}{MISSING}:{words('reason.unknown.text')}"


def quoted(value: object) -> str:
    """What was typed, as a reason quotes it: masked, and cut where it is long."""
    text = masked(raw.text(value))
    return text if len(text) <= QUOTED else text[:QUOTED] + "…"
