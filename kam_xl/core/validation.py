"""One workbook as read → typed tables and findings: what each cell means, and which cells somebody must look at.

Nothing here stops at the first bad cell. A cell that cannot be understood becomes unknown, and its finding keeps what
was typed; rows that cannot be used are kept whole in their finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_xl.core import identity, locating, typed_tables
from kam_xl.core.books import Book, Remark, time_in_name
from kam_xl.core.errors import Refused
from kam_xl.core.findings import Finding
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.located import Located
from kam_xl.core.policy import Policy
from kam_xl.core.reading import Reading
from kam_xl.core.sheets import BY_KIND, INFO, STANDARD

#: Name of a sheet → field → letter of its column.
LettersBySheet = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Table:
    """The rows of one kind as typed columns, and the letter of each field's column in each sheet they stand in."""

    rows: pd.DataFrame
    letters: LettersBySheet

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

    def count(self, kind: str) -> int:
        """Rows of one kind that reached the typed tables."""
        return len(self.tables[kind].rows) if kind in self.tables else 0


def validate(book: Book, policy: Policy, today: dt.date) -> TeamBook:
    """The typed tables of one workbook; `Refused` when it holds no standard sheet or its customers have no ID column.

    An optional sheet that cannot be used is reported like a standard one and costs the workbook nothing else.
    """
    located, findings = _located(book)
    ours = locating.is_ours(book)
    findings = [_remarked(remark, ours=ours) for remark in book.remarks] + findings
    tables: dict[str, Table] = {}
    for kind in (kind for kind in BY_KIND if kind in located):
        places = located[kind].parts
        readings = [Reading(place, book.name, book.date1904, policy, today, ours) for place in places]
        if BY_KIND[kind].key in located[kind].columns:
            tables[kind] = _customers_once(readings) if kind == "info" else _read_as_one(readings)
        elif kind == "info":
            raise Refused("key_missing", located[kind].sheet.name)
        else:
            typed_tables.check_header(readings[0])  # its rows belong to nobody; at least it is said why
        findings += [finding for reading in readings for finding in reading.findings]
    return TeamBook(book.name, book.team, book.sha256, book.size_bytes, book.modified, tables, tuple(findings))


def _located(book: Book) -> tuple[dict[str, Located], list[Finding]]:
    """Kind → its table, and what is told of the other sheets; `Refused` without any standard sheet."""
    located, findings = locating.locate(book)
    findings += _unread(book, located)
    if any(sheet.kind in located for sheet in STANDARD):
        return located, findings
    if ambiguous := [finding for finding in findings if finding.code == "sheet_ambiguous"]:
        raise Refused("sheets_ambiguous", ambiguous[0].typed_value or "")
    raise Refused("no_standard_sheet", locating.nearest(book))


def _remarked(remark: Remark, *, ours: bool) -> Finding:
    code = _IN_OURS.get(remark.code, remark.code) if ours else remark.code
    return Finding(code, remark.sheet, remark.cell, detail=remark.detail)


#: Findings about a whole file that mean less in a workbook of ours.
_IN_OURS = {"contains_macros": "contains_our_macros"}


def _unread(book: Book, located: Mapping[str, Located]) -> list[Finding]:
    """What is told of sheets that cannot be read; `Refused` where one may be a standard sheet that is found nowhere else.

    By its name, or, where that says nothing, the one without which a workbook has no customers.
    """
    unread = [(sheet.name, sheet.unread) for sheet in book.sheets if sheet.unread]
    needed = {sheet.kind for sheet in STANDARD} - located.keys()
    for name, reason in unread:
        if (kind_of_sheet(name) or INFO.kind) in needed:
            raise Refused(reason, name)
    return [Finding("sheet_damaged", name) for name, _ in unread]


def _read_as_one(readings: Sequence[Reading]) -> Table:
    """One table out of all the places it stands in."""
    frames = [typed_tables.typed(reading) for reading in readings]
    rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    return Table(rows, _letters([reading.table for reading in readings]))


def _customers_once(readings: Sequence[Reading]) -> Table:
    """The customers of all sheets, those who are in it again marked as repeated: first the newest, where names tell it."""
    times = [time for reading in readings if (time := time_in_name(reading.table.sheet.name))]
    in_time = len(set(times)) == len(readings) > 1
    if in_time:
        dated = sorted(zip(times, readings, strict=True), key=lambda pair: pair[0], reverse=True)
        readings = [reading for _, reading in dated]
    table = _read_as_one(readings)
    ids, typed, names = (table.rows[name] for name in ("customer_id", "customer_typed", "name"))
    table.rows["customer_id"] = identity.settled(ids, typed, names)
    table.rows["repeated"] = table.rows.duplicated("customer_id")
    if table.rows["repeated"].any():
        _report_repeated(readings, table.rows, "sheet_older" if in_time else "sheet_repeats")
    return table


def _report_repeated(readings: Sequence[Reading], rows: pd.DataFrame, code: str) -> None:
    """What is said of rows about a customer who stands in the table already, with other content: of many in a sheet, once."""
    told = rows.columns.difference(["sheet", "row", "as_typed", "repeated", "unnamed", *identity.ASKED])
    contradicts = (rows["repeated"] & ~rows.duplicated(told)).to_numpy()
    firsts = rows.drop_duplicates("customer_id").set_index("customer_id")
    letters = _letters([reading.table for reading in readings])
    start = 0
    for reading in readings:
        end = start + len(reading.numbers)
        found = np.flatnonzero(contradicts[start:end])
        others = rows["sheet"].iloc[:start].unique()
        if len(others) and len(found) and (code == "sheet_older" or len(found) >= _MANY):
            names = "、".join(others)
            reading.findings.append(Finding(code, reading.table.sheet.name, typed_value=str(len(found)), detail=names))
        else:
            _report_conflicts(reading, rows.iloc[start:end].reset_index(drop=True).loc[found], firsts, letters)
        start = end


def _report_conflicts(reading: Reading, again: pd.DataFrame, firsts: pd.DataFrame, letters: LettersBySheet) -> None:
    """Report each row that contradicts another of its ID: the row that came first, and the headers below which they differ."""
    first = firsts.loc[again["customer_id"]].set_axis(again.index)
    headers = {name: reading.table.header.texts[i] for name, i in reading.table.columns.items() if name in first}
    one, two = again[list(headers)], first[list(headers)]
    differs = one.ne(two) & ~(one.isna() & two.isna())
    for i, row in zip(again.index, differs.itertuples(index=False), strict=True):
        below = "、".join(text for text, other in zip(headers.values(), row, strict=True) if other)
        sheet = first["sheet"][i]
        cell = f"{letters[sheet].get('customer_id', 'A')}{first['row'][i]}"
        place = cell if sheet == reading.table.sheet.name else f"{sheet}!{cell}"
        reading.report("duplicate_id_conflict", i, "customer_id", again["customer_id"][i], f"{place} {below}".strip())


#: From so many rows of a sheet on, what another sheet contradicts is told once.
_MANY = 10


def _letters(places: Sequence[Located]) -> LettersBySheet:
    """The columns' letters by sheet; in a sheet that holds the table in several places, those in which all agree."""
    letters: LettersBySheet = {}
    for place in places:
        before = letters.get(place.sheet.name, place.letters)
        letters[place.sheet.name] = {field: at for field, at in before.items() if place.letters.get(field) == at}
    return letters
