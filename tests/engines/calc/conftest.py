"""One running LibreOffice for these tests, with a small workbook without macros."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import xlwings as xw

from kam_xl.engines.calc.failing import CalcError
from kam_xl.engines.calc.office import Office


@pytest.fixture(scope="package")
def office() -> Iterator[Office]:
    """A LibreOffice of the engine's own: nothing is told about what it saves."""
    try:
        running = Office()
    except CalcError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with running:
        yield running


@pytest.fixture(scope="module")
def plain_book(office: Office) -> Iterator[xw.Book]:
    """A new, empty workbook."""
    book = xw.Book(impl=office.app.books.add())
    yield book
    book.close()


@pytest.fixture
def sheet(plain_book: xw.Book) -> Iterator[xw.Sheet]:
    """A new, empty sheet."""
    added = plain_book.sheets.add("新 表")
    yield added
    added.delete()
