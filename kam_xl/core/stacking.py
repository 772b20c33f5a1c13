"""The rows of all books under one another, kind by kind, and each once however often it is said (handbook §2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from kam_xl.core import customer_cells, frames
from kam_xl.core.figure_cleaners import SIZE_FIELDS
from kam_xl.core.findings import Finding, text_or_none
from kam_xl.core.frames import each_row
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.portfolio import Letters
from kam_xl.core.sheets import BY_KIND
from kam_xl.core.texts import folded_all
from kam_xl.core.validation import LettersBySheet, TeamBook

_LONG_AGO = dt.datetime(1900, 1, 1)


def letters_of(books: Iterable[TeamBook]) -> Letters:
    """Where the fields of each workbook's sheets stand; of ten thousand alike it is held once."""
    alike: dict[str, LettersBySheet] = {}
    tables = (((book.name, kind), table.letters) for book in books for kind, table in book.tables.items())
    return {where: alike.setdefault(str(letters), letters) for where, letters in tables}


def stacked(books: list[TeamBook], kind: str) -> pd.DataFrame:
    """Every book's rows of one kind, with team, book and when the book was saved."""
    own = [book for book in books if book.count(kind)]
    if not own:
        return empty(kind).assign(**dict.fromkeys(customer_cells.ASKED, pd.Series(dtype="str")))
    each = np.repeat(np.arange(len(own)), [book.count(kind) for book in own])
    places = pd.DataFrame({"team": [book.team for book in own], "book": [book.name for book in own]}, dtype="str")
    places["modified"] = pd.Series([book.modified or _LONG_AGO for book in own], dtype="datetime64[us]")
    rows = pd.concat([book.tables[kind].rows for book in own], ignore_index=True)
    return pd.concat([rows, places.take(each).reset_index(drop=True)], axis=1)


def empty(kind: str) -> pd.DataFrame:
    """A frame with the columns of one kind, each of its usual type, and no rows."""
    return frames.empty(frames.of_sheet(kind) | frames.moment("modified") | frames.yes("repeated"))


def _fields(kind: str) -> list[str]:
    """The typed fields of one kind, as `validation` makes them."""
    typed = [f"{name}_typed" for sheet, name in frames.AMOUNTS if sheet == kind]
    return [name for name in BY_KIND[kind].fields if name != "customer"] + _MORE_FIELDS.get(kind, []) + typed


_MORE_FIELDS = {
    "info": list(SIZE_FIELDS),
    "evaluation": [f"{name}_reason" for name in DIMENSIONS],
    "tracking": ["customer_id", "name", "start", "end", "effect_actual", "effect_target"],
}


def rows_once(rows: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows identical in every field count once: (rows kept, rows said again with the `original` book and row)."""
    if rows.empty:
        return rows, rows.assign(original=pd.Series(dtype="str"))
    fields = rows[_fields(kind)]
    others = [name for name in _fields(kind) if rows[name].dtype != "str"]
    suspects = rows[
        fields.duplicated(["customer_id", *others], keep=False)
    ]  # folding the texts of all rows would be dear
    if suspects.empty:
        return rows, suspects.assign(original=pd.Series(dtype="str"))
    said = suspects[_fields(kind)].apply(lambda column: column if column.name in others else folded_all(column))
    same = said.groupby(_fields(kind), dropna=False, sort=False).ngroup()
    again = same.duplicated()
    place = suspects["book"] + "!" + suspects["sheet"] + "!" + suspects["row"].astype("str")
    first = place[~again].set_axis(same[~again])
    twice = suspects[again].assign(original=same[again].map(first).astype("str"))
    return rows.drop(index=twice.index), twice


def said_twice(again: list[pd.DataFrame]) -> list[tuple[str, Finding]]:
    """A finding for each row said twice, of many in a sheet one for all."""
    found: list[tuple[str, Finding]] = []
    for frame in (one for one in again if len(one)):
        own = [original.startswith(f"{book}!") for book, original in zip(frame["book"], frame["original"], strict=True)]
        for (book, sheet, within), rows in frame.assign(within=own).groupby(["book", "sheet", "within"], sort=False):
            found += [(str(book), finding) for finding in _repeated(str(sheet), rows, within=bool(within))]
    return found


def _repeated(sheet: str, rows: pd.DataFrame, *, within: bool) -> list[Finding]:
    """What is said of a sheet's rows that other rows say, too, be it within the workbook."""
    if within and len(rows) >= _MANY:
        first = rows.iloc[0]
        span = f"A{rows['row'].min()}:A{rows['row'].max()}"
        return [Finding("rows_repeated", sheet, span, typed_value=str(len(rows)), detail=first["original"])]
    return [
        Finding(
            "duplicate_row_exact", sheet, f"A{row.row}", customer_id=text_or_none(row.customer_id), detail=row.original
        )
        for row in each_row(rows)
    ]


#: So many rows of a sheet that stand elsewhere in the workbook, too, are told at once.
_MANY = 10
