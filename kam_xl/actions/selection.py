"""Which customer the user means: the one in the selected row, on the sheet in front or on the one they came from."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import xlwings as xw

from kam_xl.actions.request import Request
from kam_xl.core import sheets
from kam_xl.core.errors import KamError
from kam_xl.hosts import excel


def customer(request: Request) -> str:
    """The ID of the customer in the selected row.

    Where the sheet in front lists no customers, as the one with the buttons, the last one before it that does tells: there
    the row stays selected. `KamError` for a row that names no customer, and where no such sheet is known; never a guess.
    """
    known, lists = set(request.inside.customers["customer_id"]), _of_customers(request)
    for cell in _selected(request):
        if found := _named(request, cell, known):
            return found
        if cell.sheet.name in lists:
            raise KamError(request.words("message.row_without_customer", sheet=cell.sheet.name, row=cell.row))
    raise KamError(request.words("message.which_customer", sheet=request.located[sheets.INFO.kind].sheet.name))


def _selected(request: Request) -> Iterator[xw.Range]:
    """What is selected on the sheet in front, then on the sheets that were in front before it, the latest first."""
    cell = request.book.app.selection
    if cell is not None and cell.sheet.book.name == request.book.name:
        yield cell
    for sheet in excel.visited(request.book):
        cell = excel.selected_on(sheet)
        if cell is not None:
            yield cell


def _of_customers(request: Request) -> set[str]:
    """The sheets whose rows are about customers."""
    return {name for frame in _frames(request) for name in frame["sheet"]}


def _frames(request: Request) -> tuple[pd.DataFrame, ...]:
    """The rows that were read from the sheets of data, each with its sheet, row and customer."""
    portfolio = request.inside.portfolio
    optional = (getattr(portfolio, sheet.kind) for sheet in sheets.OPTIONAL)
    return portfolio.records, request.inside.evaluations, portfolio.tracking, *optional


def _named(request: Request, cell: xw.Range, known: set[str]) -> str | None:
    """The known customer named in the row of a cell: by what was read there, else by any cell that is an ID."""
    sheet = cell.sheet
    for frame in _frames(request):
        found = frame.loc[(frame["sheet"] == sheet.name) & (frame["row"] == cell.row), "customer_id"]
        if len(found) and found.iloc[0] in known:
            return found.iloc[0]
    width = sheet.used_range.last_cell.column
    row = excel.values(sheet.range((cell.row, 1), (cell.row, width)))[0]
    return next((text for text in map(str, row) if text in known), None)
