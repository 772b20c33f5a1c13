"""One workbook as read → typed tables and findings: what each cell means, and which cells somebody must look at.

Nothing here stops at the first bad cell. A cell that cannot be understood becomes unknown, and its finding keeps what
was typed; rows that cannot be used are kept whole in their finding.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_xl.core import customer_cells, doubts, frames, identity, read_books
from kam_xl.core.books import Book, time_in_name
from kam_xl.core.doubts import Doubting, doubted
from kam_xl.core.figure_cleaners import unnamed
from kam_xl.core.findings import Finding
from kam_xl.core.intake import is_same_list
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadBook, ReadTable
from kam_xl.core.row_checks import ROW_CHECKS
from kam_xl.core.sheets import ORDERS

#: Name of a sheet → field → letter of its column.
LettersBySheet = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Table:
    """The rows of one kind as typed columns, and the letter of each field's column in each sheet they stand in."""

    rows: pd.DataFrame
    letters: LettersBySheet
    called_off: tuple[tuple[str, str], ...] = ()  # of orders: customer and number of those that are called off

    def letter(self, sheet: str, field: str) -> str:
        """The letter of a field's column in a sheet; A where it has none, or several."""
        return self.letters[sheet].get(field, "A")


@dataclass(frozen=True)
class TeamBook:
    """One validated workbook."""

    name: str
    team: str
    sha256: str
    size_bytes: int
    modified: dt.datetime | None
    tables: dict[str, Table]
    findings: tuple[Finding, ...]
    list_of: str | None = None  # the workbook that its customers went into, where it is a list that was adopted

    def count(self, kind: str) -> int:
        """Rows of one kind that reached the typed tables."""
        return len(self.tables[kind].rows) if kind in self.tables else 0

    @property
    def holds_orders_alone(self) -> bool:
        """True for an export of orders, which belong to the customers of other workbooks."""
        return [*self.tables] == [ORDERS.kind]


def validate(book: Book, policy: Policy, today: dt.date) -> TeamBook:
    """The typed tables of one workbook; `Refused` when it holds no standard sheet or its customers have no ID column."""
    return on_day(read_books.read(book), policy, today)


def on_day(book: ReadBook, policy: Policy, today: dt.date) -> TeamBook:
    """What a workbook that was read says on a day, under a policy and under the name it has."""
    findings = [finding for finding in book.findings if _is_odd(finding, book.name)]
    tables: dict[str, Table] = {}
    for kind, parts in itertools.groupby(book.parts, key=lambda part: part.kind):
        doubtings = [_checked(_placed(part, book.name), policy, today) for part in parts]
        tables[kind] = _customers_once(doubtings) if kind == "info" else _as_one(doubtings)
        findings += [finding for doubting in doubtings for finding in doubting.findings]
    about = (book.name, book.team, book.sha256, book.size_bytes, book.modified)
    return TeamBook(*about, tables, tuple(findings), _list_of(book))


def rests_on_day(book: ReadBook, policy: Policy, today: dt.date) -> bool:
    """True where the rows of a workbook might say something else on a day later than this one."""
    return any(doubts.rests_on_day(part, policy, today) for part in book.parts)


def _list_of(book: ReadBook) -> str | None:
    """The workbook that the customers of a list went into when it was adopted; None where it is another list by its name."""
    told = next((one for one in book.findings if one.code == "list_known"), None)
    mine = told is not None and is_same_list(book.name, told.typed_value or "")
    return told.detail if told and mine and told.detail != book.name else None


def _is_odd(finding: Finding, name: str) -> bool:
    """False for macros where the workbook's name says that it has some."""
    return finding.code not in _MACROS or name.casefold().endswith(".xlsx")


_MACROS = ("contains_macros", "contains_our_macros")


def _placed(part: ReadTable, book: str) -> ReadTable:
    """The place with damaged IDs that are like no other in any workbook: what was read knows no workbook."""
    if not part.damaged:
        return part
    ids = part.rows["customer_id"]
    damaged = {
        one: customer_cells.of_book(one, book) for one in ids.dropna().unique() if customer_cells.is_unlike_any(one)
    }
    told = [one._replace(customer_id=damaged.get(one.customer_id or "", one.customer_id)) for one in part.findings]
    own = ids.map(lambda one: damaged.get(one, one), na_action="ignore").astype("str")
    return dataclasses.replace(part, columns=part.rows.assign(customer_id=own), findings=tuple(told))


def _checked(part: ReadTable, policy: Policy, today: dt.date) -> Doubting:
    """One place of a table with each cell and each row doubted."""
    doubting = doubted(part, policy, today)
    for check in ROW_CHECKS.get(part.kind, ()):
        check(doubting)
    return doubting


def _as_one(doubtings: Sequence[Doubting]) -> Table:
    """One table out of all the places it stands in."""
    frames = [doubting.rows for doubting in doubtings]
    rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    called_off = tuple(itertools.chain.from_iterable(doubting.part.called_off for doubting in doubtings))
    return Table(rows, _letters([doubting.part for doubting in doubtings]), called_off)


def _customers_once(doubtings: Sequence[Doubting]) -> Table:
    """The customers of all sheets, those who are in it again marked as repeated: first the newest, where names tell it."""
    times = [time for doubting in doubtings if (time := time_in_name(doubting.part.sheet))]
    in_time = len(set(times)) == len(doubtings) > 1
    if in_time:
        dated = sorted(zip(times, doubtings, strict=True), key=lambda pair: pair[0], reverse=True)
        doubtings = [doubting for _, doubting in dated]
    table = _as_one(doubtings)
    if len(doubtings) == 1 and doubtings[0].part.plain:
        return table
    ids, typed, names = (table.rows[name] for name in ("customer_id", "customer_typed", "name"))
    rows = table.rows.assign(customer_id=identity.settled(ids, typed, names))
    rows["repeated"] = rows.duplicated("customer_id")
    if rows["repeated"].any():
        _report_repeated(doubtings, rows, "sheet_older" if in_time else "sheet_repeats")
    return Table(rows, table.letters)


def _report_repeated(doubtings: Sequence[Doubting], rows: pd.DataFrame, code: str) -> None:
    """What is said of rows about a customer who stands in the table already, with other content: of many in a sheet, once."""
    told = rows.columns.difference(["sheet", "row", "as_typed", "repeated", unnamed("amount"), *customer_cells.ASKED])
    contradicts = (rows["repeated"] & ~rows.duplicated(told)).to_numpy()
    firsts = rows.drop_duplicates("customer_id").set_index("customer_id")
    letters = _letters([doubting.part for doubting in doubtings])
    start = 0
    for doubting in doubtings:
        end = start + len(doubting.rows)
        found = np.flatnonzero(contradicts[start:end])
        others = rows["sheet"].iloc[:start].unique()
        if len(others) and len(found) and (code == "sheet_older" or len(found) >= _MANY):
            names = "、".join(others)
            doubting.findings.append(Finding(code, doubting.part.sheet, typed_value=str(len(found)), detail=names))
        else:
            _report_conflicts(doubting, rows.iloc[start:end].reset_index(drop=True).loc[found], firsts, letters)
        start = end


def _report_conflicts(doubting: Doubting, again: pd.DataFrame, firsts: pd.DataFrame, letters: LettersBySheet) -> None:
    """Report each row that contradicts another of its ID: the row that came first, and the headers below which they differ."""
    first = firsts.loc[again["customer_id"]].set_axis(again.index)
    headers = {name: text for name, text in doubting.part.headers.items() if name in first}
    differs = frames.differ(again[list(headers)], first[list(headers)])
    for i, row in zip(again.index, differs.itertuples(index=False), strict=True):
        below = "、".join(text for text, other in zip(headers.values(), row, strict=True) if other)
        sheet = first["sheet"][i]
        cell = f"{letters[sheet].get('customer_id', 'A')}{first['row'][i]}"
        place = cell if sheet == doubting.part.sheet else f"{sheet}!{cell}"
        doubting.report("duplicate_id_conflict", i, "customer_id", again["customer_id"][i], f"{place} {below}".strip())


#: From so many rows of a sheet on, what another sheet contradicts is told once.
_MANY = 10


def _letters(places: Iterable[ReadTable]) -> LettersBySheet:
    """The columns' letters by sheet; in a sheet that holds the table in several places, those in which all agree."""
    letters: LettersBySheet = {}
    for place in places:
        before = letters.get(place.sheet, place.letters)
        letters[place.sheet] = {field: at for field, at in before.items() if place.letters.get(field) == at}
    return letters
