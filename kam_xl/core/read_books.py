"""What the bytes of one workbook say: typed tables and findings, the same on any day, under any policy and any name.

What a day and a policy add to it is the work of `validation`; what they need for that, such as the text of a cell whose
value no longer tells it, is kept beside the rows. So a workbook that was read once need not be opened again.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kam_xl.core import customer_cells, locating, remembered, typed_tables, understanding
from kam_xl.core.books import Book, Remark
from kam_xl.core.errors import Refused
from kam_xl.core.findings import Finding
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.intake import Intake
from kam_xl.core.located import Located
from kam_xl.core.reading import Columns, Reading
from kam_xl.core.sheets import BY_KIND, INFO, ORDERS, STANDARD

if TYPE_CHECKING:
    import pandas as pd


#: Fields that are yes, no or unknown.
FLAGS = frozenset(column.field for sheet in BY_KIND.values() for column in sheet.columns if column.kind == "flag")


@dataclass(frozen=True)
class ReadTable:
    """One place of a table: its typed columns, be it as a frame, and what is found in them before a day and a policy are known.

    ``shown`` holds the text typed, by field and row, where a value no longer tells it; ``found_before`` how many of the
    findings precede those that are still to come about a field. ``bounds`` are the least and the greatest of a field's
    values, a day as the days since 1970; ``damaged`` tells of IDs that are like no other, ``plain`` that each customer
    stands there once under the ID that was typed, ``foreign`` of other currencies: with these most tables need no closer look.
    """

    kind: str
    sheet: str
    columns: Columns | pd.DataFrame
    letters: dict[str, str]
    headers: dict[str, str]  # field → header, with a unit that is named above the table
    findings: tuple[Finding, ...] = ()
    shown: dict[str, dict[int, str]] = field(default_factory=dict)
    found_before: dict[str, int] = field(default_factory=dict)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    damaged: bool = False
    plain: bool = False
    foreign: tuple[str, ...] = ()  # fields of amounts of which some are in another currency
    factors: dict[str, float] = field(
        default_factory=dict
    )  # field of amounts → how many 万 a bare 1 below its header is
    called_off: tuple[
        tuple[str, str], ...
    ] = ()  # customer and number of orders that are called off, as they were typed

    @functools.cached_property
    def rows(self) -> pd.DataFrame:
        """The columns as a frame, whose texts are Python's own as in all `frames`."""
        import pandas as pd  # here: whoever only reads makes no frame

        if isinstance(self.columns, pd.DataFrame):
            return self.columns
        text, maybe = pd.StringDtype("python", np.nan), pd.BooleanDtype()
        held = {
            name: pd.array(_once(cells), maybe if name in FLAGS else text) if isinstance(cells, list) else cells
            for name, cells in self.columns.items()
        }
        return pd.DataFrame(held, copy=False)


def _once(cells: list) -> list:
    """The cells, equal ones as one object: most columns repeat their texts."""
    met: dict[Any, Any] = {}
    return list(map(met.setdefault, cells, cells))


@dataclass(frozen=True)
class ReadBook:
    """One workbook as read: where it lies and when it was saved, and what its bytes say."""

    name: str
    team: str
    sha256: str
    size_bytes: int
    modified: dt.datetime | None
    findings: tuple[Finding, ...]  # about the whole file and its sheets
    parts: tuple[ReadTable, ...]
    saved: dt.datetime | None = None  # in UTC, as the file itself tells it

    @property
    def holds_orders_alone(self) -> bool:
        """True for an export of orders, which belong to the customers of other workbooks."""
        return {part.kind for part in self.parts} == {ORDERS.kind}


class Content(NamedTuple):
    """What the bytes of one file say: its tables and findings, or why nobody can use it; `saved` as it tells itself, in UTC."""

    findings: tuple[Finding, ...] = ()
    parts: tuple[ReadTable, ...] = ()
    saved: dt.datetime | None = None
    refused: tuple[str, str] | None = None

    def book(self, name: str, team: str, sha256: str, size_bytes: int, modified: dt.datetime | None) -> ReadBook:
        """The workbook that says this, where it lies."""
        return ReadBook(name, team, sha256, size_bytes, modified, self.findings, self.parts, self.saved)


def read(book: Book, intake: Intake | None = None) -> ReadBook:
    """The typed tables of one workbook; `Refused` when it holds neither a standard sheet nor orders, or its customers have no IDs.

    An optional sheet that cannot be used is reported like a standard one and costs the workbook nothing else. `intake` is
    what is known of lists that are not ours; it is asked where a list was adopted, or where no standard sheet is found.
    """
    located, findings = _located(book, intake or Intake())
    ours = locating.is_ours(book)
    findings = [_remarked(remark, ours=ours) for remark in book.remarks] + findings
    parts: list[ReadTable] = []
    for kind in (kind for kind in BY_KIND if kind in located):
        table = located[kind]
        if BY_KIND[kind].key in table.columns:
            parts += [_part(Reading(place, book.date1904, ours)) for place in table.parts]
        elif kind == "info":
            raise Refused("key_missing", table.sheet.name)
        else:  # its rows belong to nobody; at least it is said why
            reading = Reading(table, book.date1904, ours)
            typed_tables.check_header(reading)
            findings += reading.findings
    about = (book.name, book.team, book.sha256, book.size_bytes, book.modified)
    return ReadBook(*about, tuple(findings), tuple(parts), book.saved)


def _part(reading: Reading) -> ReadTable:
    columns, table = typed_tables.typed(reading), reading.table
    headers = {name: table.header.texts[at] for name, at in table.columns.items()}
    place = (table.kind, table.sheet.name, columns, table.letters, headers)
    return ReadTable(
        *place, tuple(reading.findings), reading.shown, reading.found_before, **closely(columns, reading.found_before),
        factors=reading.factors, called_off=reading.called_off,
    )  # fmt: skip


def as_columns(rows: Columns | pd.DataFrame) -> Columns:
    """Typed columns, those of a frame too."""
    if isinstance(rows, dict):
        return rows
    return {
        str(name): column.to_numpy() if isinstance(column.dtype, np.dtype) else _cells(column)
        for name, column in rows.items()
    }


def _cells(column: pd.Series) -> list:
    return column.astype(object).where(column.notna(), None).tolist()


def closely(rows: Columns | pd.DataFrame, doubtful: Iterable[str]) -> dict[str, Any]:
    """What tells how close a look the rows of a table need: bounds of the doubtful fields, damaged, plain, foreign."""
    columns = as_columns(rows)
    ids = columns["customer_id"]
    return {
        "bounds": {name: bounds for name in doubtful if (bounds := _bounds(columns[name]))},
        "damaged": any(map(customer_cells.is_unlike_any, filter(None, ids))),
        "plain": None not in ids and ids == columns["customer_typed"] and len(set(ids)) == len(ids),
        "foreign": tuple(name for name in doubtful if any(columns.get(f"{name}_in", ()))),
    }


def _bounds(values: np.ndarray | list) -> tuple[float, float] | None:
    """The least and the greatest of a column's numbers, or of its days since 1970; None without any."""
    if isinstance(values, list):
        return None
    if values.dtype.kind == "M":
        values = np.where(np.isnat(values), np.nan, values.astype("datetime64[D]").astype("int64"))
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values[:0]
    return (float(known.min()), float(known.max())) if len(known) else None


def _located(book: Book, intake: Intake) -> tuple[dict[str, Located], list[Finding]]:
    """Kind → its table, and what is told of the other sheets; `Refused` without any standard sheet."""
    known, told = remembered.tables(book, intake)
    located, findings = locating.locate(book, known)
    unread = _unread(book, located)
    if known:  # a list holds its customers and nothing else
        findings = [finding for finding in findings if finding.code != "sheet_missing"]
    if any(sheet.kind in located for sheet in STANDARD):
        return located, told + findings + unread
    if ORDERS.kind in located:  # an export of orders has no customers of its own: they stand in the teams' workbooks
        return located, [one for one in findings if one.code != "sheet_missing"] + unread
    if ambiguous := [finding for finding in findings if finding.code == "sheet_ambiguous"]:
        raise Refused("sheets_ambiguous", ambiguous[0].typed_value or "")
    return _understood(book, intake)


def _understood(book: Book, intake: Intake) -> tuple[dict[str, Located], list[Finding]]:
    """The customers of a workbook without a standard sheet, where ID and name are beyond doubt; else `Refused`."""
    found = understanding.understand(book, intake)
    if not found.sure:
        raise Refused("no_standard_sheet", understanding.told(found))
    located, findings = locating.locate(book, found.tables())
    told = [understanding.read_as(table) for table in found.tables().values()]
    return located, told + findings + _unread(book, located)


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
