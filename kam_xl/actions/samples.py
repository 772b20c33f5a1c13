"""The six sample customers: which of their rows nobody has changed, and taking those out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import xlwings as xw

from kam_xl import resources
from kam_xl.actions import action_list
from kam_xl.actions.request import Request
from kam_xl.core import headings, sheets
from kam_xl.core.errors import KamError
from kam_xl.core.sheets import Sheet
from kam_xl.core.words import LANGUAGES
from kam_xl.hosts import excel
from kam_xl.template import samples


@dataclass(frozen=True)
class _Table:
    """A native table with its cells: rows as they show, rows as they were typed, which column holds which field."""

    kind: Sheet
    body: xw.Range
    shown: list[list]
    typed: list[list[str]]
    columns: dict[str, int]


def untouched_customers(request: Request) -> int:
    """How many sample customers still stand in the customer sheet as they came."""
    return sum(len(_untouched(table)) for table in _tables(request.book) if table.kind is sheets.INFO)


def clear_samples(request: Request) -> str:
    """Remove the sample rows nobody has changed, leaving one blank row in a table that would have none."""
    words = request.words
    tables = list(_tables(request.book))
    if not tables:
        raise KamError(words("message.no_tables"))
    removed, kept, customers = 0, 0, _customers()
    made = _made(request, tables)
    with excel.still(request.book):
        for table in tables:
            rows = _untouched(table, made if table.kind is sheets.TASKS else frozenset())
            kept += sum(1 for i, row in enumerate(table.shown) if i not in rows and _told(table, row) in customers)
            with excel.writing(table.body.sheet.name, words):
                _remove(table, rows)
            removed += len(rows)
    if not removed:
        return words("message.no_samples", kept=kept) if kept else words("message.samples_gone")
    return words("message.samples_cleared", n=removed) + (words("message.samples_kept", n=kept) if kept else "")


def _tables(book: xw.Book) -> Iterator[_Table]:
    """The native tables of ours that have rows."""
    kinds = {sheet.table.casefold(): sheet for sheet in sheets.BY_KIND.values()}
    for sheet in book.sheets:
        for table in sheet.tables:
            kind, body = kinds.get(table.name.casefold()), table.data_body_range
            titles = table.header_row_range
            if kind and body is not None and titles is not None:
                header = excel.values(titles)[0]
                fields = (headings.field_of(kind.kind, str(cell)) for cell in header)
                columns = {field: i for i, field in enumerate(fields) if field}
                yield _Table(kind, body, excel.values(body), excel.formulas(body), columns)


def _made(request: Request, tables: list[_Table]) -> frozenset[tuple]:
    """The rows that the button of the action list writes about the sample customers that are to go."""
    info = next((table for table in tables if table.kind is sheets.INFO), None)
    gone = {_told(info, info.shown[row]) for row in _untouched(info)} if info else set()
    if not gone:
        return frozenset()
    actions = request.assessed.actions
    told = action_list.contents(request, actions[actions["customer_id"].isin(gone)])
    lines = zip(*told.values(), strict=True)
    rows = (dict(zip(told, line, strict=True)) for line in lines)
    return frozenset(tuple(_plain(row.get(field)) for field in _theirs(sheets.TASKS)) for row in rows)


def _untouched(table: _Table, made: frozenset[tuple] = frozenset()) -> set[int]:
    """The rows (from 0) that are a sample row to the letter, in either language, or ``made`` from them.

    A row with anything typed beside it is somebody's.
    """
    known = made | {
        tuple(_plain(row.get(field)) for field in _theirs(table.kind))
        for lang in LANGUAGES
        for row in samples.rows(table.kind.kind, resources.words(lang))
    }
    return {i for i in range(len(table.shown)) if _as_typed(table, i) in known and not _has_more(table, i)}


def _as_typed(table: _Table, row: int) -> tuple:
    """A row's cells by field; what a formula shows counts as blank, for nobody typed it."""
    return tuple(
        _plain("" if column is None or table.typed[row][column].startswith("=") else table.shown[row][column])
        for column in (table.columns.get(field) for field in _theirs(table.kind))
    )


def _theirs(kind: Sheet) -> list[str]:
    """The fields that people type; what a button writes it renews."""
    return [column.field for column in kind.columns if not column.ours]


def _has_more(table: _Table, row: int) -> bool:
    """True where something was typed into a column of the team's own; a formula fills such a column by itself."""
    ours = {table.columns.get(field) for field in table.kind.fields}
    typed = (text for column, text in enumerate(table.typed[row]) if column not in ours)
    return any(text.strip() and not text.startswith("=") for text in typed)


def _plain(cell: object) -> object:
    """A cell's content for comparison: 520.0 is 520, a date is a midnight."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, dt.datetime):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time())
    return str(cell).strip()


def _customers() -> set[object]:
    """The IDs of the sample customers."""
    return {row["customer_id"] for row in samples.rows(sheets.INFO.kind, resources.words(LANGUAGES[0]))}


def _told(table: _Table, row: list) -> str | None:
    """The customer ID in a row, also where its name follows."""
    column = table.columns.get("customer_id", table.columns.get(table.kind.key))
    return None if column is None else str(_plain(row[column])).partition("/")[0]


def _remove(table: _Table, rows: set[int]) -> None:
    """Take rows out of a table from the bottom up; the last one left is emptied instead, but for its formulas."""
    if not rows:
        return
    sheet, top, left = table.body.sheet, table.body.row, table.body.column
    right = left + table.body.shape[1] - 1
    spare = min(rows) if len(rows) == len(table.shown) else None
    for row in sorted(rows, reverse=True):
        if row == spare:
            for column in range(len(table.typed[row])):
                if not table.typed[row][column].startswith("="):
                    sheet.range((top + row, left + column)).clear_contents()
        else:
            sheet.range((top + row, left), (top + row, right)).delete("up")
