"""Whose a list is: one of a workbook's customers is its team's and counts once with it, one of orders the team's beside which it lies.

The workbook holds what the team types, the list what another program knows, and next month's list more of it. So both
count; of a customer who is in both the newer one's amount is taken, never the sum, and a row that says nothing the newer
one does not say is left out. What contradicts each other otherwise is a conflict, as between any two workbooks.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import pandas as pd

from kam_xl.core.books import is_export
from kam_xl.core.nights import Source
from kam_xl.core.reading import SEPARATOR
from kam_xl.core.sheets import INFO
from kam_xl.core.validation import TeamBook

#: What a row says of a customer besides its ID.
_SAID = [field for field in INFO.fields if field not in ("customer_id", "amount")]


def are_one(one: TeamBook, other: TeamBook) -> bool:
    """True for a workbook and a list of its customers, whichever is which."""
    return one.list_of == other.name or other.list_of == one.name


def in_one_team(books: Sequence[TeamBook], others: Sequence[Source] = ()) -> list[TeamBook]:
    """The workbooks, a list's team being that of the workbook of its customers, where that is there.

    A file of nothing but orders is of the team whose workbook lies in its folder or below, where that is one team alone;
    `others` are files of tonight that could not be used, and may be a team's as well.
    """
    teams = {book.name: book.team for book in books}
    books = [dataclasses.replace(book, team=teams[book.list_of]) if book.list_of in teams else book for book in books]
    around = _teams_by_folder(books, others)
    return [
        dataclasses.replace(book, team=around.get(_folder(book.name)) or book.team) if book.holds_orders_alone else book
        for book in books
    ]


def beside_their_books(others: Sequence[Source], books: Sequence[TeamBook]) -> list[Source]:
    """The files that could not be used, the team of an export or of orders being that of the workbooks in its folder, where that is one alone."""
    around = _teams_by_folder(books, others)
    return [
        one._replace(team=around.get(_folder(one.book)) or one.team) if _is_beside_a_book(one) else one
        for one in others
    ]


def _is_beside_a_book(file: Source) -> bool:
    """True for a file that nobody keeps customers in: a program's export, or what a night before read as orders alone."""
    return file.outcome == "quarantined" and (file.orders or is_export(file.book))


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _teams_by_folder(books: Sequence[TeamBook], others: Sequence[Source]) -> dict[str, str | None]:
    """Folder → the one team whose workbooks lie in it or below, be they unusable; None where they are several teams'."""
    found: dict[str, str | None] = {}
    files = [(book.name, book.team) for book in books if not book.holds_orders_alone]
    files += [(one.book, one.team) for one in others if one.outcome == "quarantined" and not _is_beside_a_book(one)]
    for name, team in files:
        parts = name.split("/")[:-1]
        for folder in ("/".join(parts[:depth]) for depth in range(len(parts) + 1)):
            found[folder] = team if found.get(folder, team) == team else None
    return found


def said_once(books: Sequence[TeamBook]) -> list[TeamBook]:
    """The workbooks, what newer lists of their customers say said once; their order stays."""
    found = {book.name: book for book in books}
    for book in books:
        if book.list_of in found and "info" in book.tables and "info" in found[book.list_of].tables:
            older, newer = sorted((found[book.name], found[book.list_of]), key=_age)
            found[older.name] = _without(older, newer)
    return [found[book.name] for book in books]


def _age(book: TeamBook) -> tuple[dt.datetime, bool]:
    """What was saved later is newer; of two saved at one moment the workbook, which people type in."""
    return book.modified or dt.datetime.min, book.list_of is None


def _more(extras: object, others: object) -> bool:
    """True where columns of one's own say what another's do not."""
    if not isinstance(extras, str):
        return False
    known = set(others.split(SEPARATOR)) if isinstance(others, str) else set()
    return not set(extras.split(SEPARATOR)) <= known


def _without(older: TeamBook, newer: TeamBook) -> TeamBook:
    """The older one without what the newer one says anew."""
    table = older.tables["info"]
    rows = table.rows
    later = newer.tables["info"].rows.query("~repeated").drop_duplicates("customer_id").set_index("customer_id")
    there = rows["customer_id"].isin(later.index.dropna())
    beside = later.reindex(rows["customer_id"]).set_axis(rows.index)
    amount = rows["amount"].mask(there & beside["amount"].notna())
    adds = pd.Series(False, rows.index)
    for field in _SAID:
        adds |= rows[field].notna() & ~rows[field].eq(beside[field]).fillna(False).astype(bool)
    adds |= pd.Series(map(_more, rows["extras"], beside["extras"]), rows.index, dtype=bool)
    kept = rows.assign(amount=amount)[~there | adds | amount.notna()].reset_index(drop=True)
    tables = {**older.tables, "info": dataclasses.replace(table, rows=kept)}
    return dataclasses.replace(older, tables=tables)
