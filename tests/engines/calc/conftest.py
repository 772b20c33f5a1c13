"""A small workbook without macros, open in LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import xlwings as xw

from kam_xl.hosts import libreoffice


@pytest.fixture(scope="module")
def plain_book(office: libreoffice.Office) -> Iterator[xw.Book]:
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
