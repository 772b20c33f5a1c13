"""Which customer the user means: the one in the selected row, on whatever sheet that is."""

from __future__ import annotations

import pandas as pd

from kam_xl.actions.request import Request
from kam_xl.core import sheets
from kam_xl.core.errors import KamError
from kam_xl.hosts import excel


def customer(request: Request) -> str:
    """The ID of the customer in the selected row; the first one's on a sheet that lists none.

    `KamError` for a row that names no customer on a sheet of customers.
    """
    known = request.inside.customers["customer_id"]
    selected = _selected(request, set(known))
    cell = request.book.app.selection
    if selected is None and cell is not None and cell.sheet.name in _of_customers(request):
        raise KamError(request.words("message.row_without_customer", row=cell.row))
    return selected or known.iloc[0]


def _of_customers(request: Request) -> set[str]:
    """The sheets whose rows are about customers."""
    return {name for frame in _frames(request) for name in frame["sheet"]}


def _frames(request: Request) -> tuple[pd.DataFrame, ...]:
    """The rows that were read from the sheets of data, each with its sheet, row and customer."""
    portfolio = request.inside.portfolio
    optional = (getattr(portfolio, sheet.kind) for sheet in sheets.OPTIONAL)
    return portfolio.records, request.inside.evaluations, portfolio.tracking, *optional


def _selected(request: Request, known: set[str]) -> str | None:
    """The known customer named in the selected row: by what was read there, else by any cell that is an ID."""
    cell = request.book.app.selection
    if cell is None or cell.sheet.book.name != request.book.name:
        return None
    sheet = cell.sheet
    for frame in _frames(request):
        found = frame.loc[(frame["sheet"] == sheet.name) & (frame["row"] == cell.row), "customer_id"]
        if len(found) and found.iloc[0] in known:
            return found.iloc[0]
    width = sheet.used_range.last_cell.column
    row = excel.values(sheet.range((cell.row, 1), (cell.row, width)))[0]
    return next((text for text in map(str, row) if text in known), None)
