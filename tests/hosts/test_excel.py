"""The open workbook is read as the file would be, and result sheets are written without touching anything else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import xlwings as xw

from kam_xl import resources
from kam_xl.core import locating, raw, sheets
from kam_xl.core.books import ERROR_TEXTS, CellError
from kam_xl.hosts import excel, workbooks
from kam_xl.worksheet import exchange

WORDS = resources.words("zh-CN")


@pytest.fixture
def sheet(blank: xw.Book) -> Iterator[xw.Sheet]:
    added = blank.sheets.add()
    yield added
    added.delete()


# --- reading ------------------------------------------------------------------------------------------------------


def test_the_open_workbook_reads_as_its_file_does(template_book: Callable[..., xw.Book]) -> None:
    book = template_book()
    path = Path(book.fullname)
    live, saved = excel.read(book), workbooks.read(path.parent, path.name)
    assert {(t.name, t.sheet, t.row, t.column) for t in live.tables} == {
        (t.name, t.sheet, t.row, t.column) for t in saved.tables
    }
    assert [(sheet.name, sheet.hidden) for sheet in live.sheets] == [
        (sheet.name, sheet.hidden) for sheet in saved.sheets
    ]
    located = [locating.locate(one)[0] for one in (live, saved)]
    assert [table.columns for table in located[0].values()] == [table.columns for table in located[1].values()]
    for kind in sheets.BY_KIND.values():
        here, there = (next(s.rows for s in one.sheets if s.name == kind.zh) for one in (live, saved))
        assert [plain(row) for row in here] == [plain(row) for row in there]


def plain(row: list) -> list:
    """A row without the blanks at its end; midnight is a date."""
    cells = [cell.date() if isinstance(cell, dt.datetime) and cell.time() == dt.time() else cell for cell in row]
    while cells and cells[-1] == "":
        cells.pop()
    return cells


@pytest.mark.parametrize("shapes", [['"C"000', '"C"000'], ['"C"000', "0"]])
def test_an_id_is_what_its_cell_shows(sheet: xw.Sheet, shapes: list[str]) -> None:
    sheet["A1"].value = [["客户ID", "客户名称", "累计交易额"], [1, "甲", 2], [2, "乙", 3]]
    sheet["C2"].number_format = '"M"000'
    for row, shape in enumerate(shapes, 2):
        sheet[f"A{row}"].number_format = shape

    _, *rows = next(one.rows for one in excel.read(sheet.book).sheets if one.name == sheet.name)

    assert [raw.text(row[0]) for row in rows] == ["C001", "C002" if shapes[1] != "0" else "2"]
    assert [raw.number(row[2])[0] for row in rows] == [2, 3]  # money is what it is


def test_an_amount_is_in_the_currency_that_its_cell_shows(sheet: xw.Sheet) -> None:
    sheet["A1"].value = [["客户ID", "客户名称", "累计交易额"], ["C1", "甲", 2], ["C2", "乙", 3], ["C3", "丙", 4]]
    sheet["C3"].number_format = '"US$"#,##0'

    _, *rows = next(one.rows for one in excel.read(sheet.book).sheets if one.name == sheet.name)

    assert [getattr(row[2], "currency", None) for row in rows] == [None, "USD", None]


def test_the_sheets_we_made_come_without_cells(template_book: Callable[..., xw.Book]) -> None:
    read = {sheet.name: sheet.rows for sheet in excel.read(template_book()).sheets}
    assert read["仪表盘"] == read["_i18n"] == []
    assert read[sheets.INFO.zh]


def test_cells_are_read_as_what_they_show(sheet: xw.Sheet) -> None:
    sheet.range("B2:D2").formula = [["=1/0", "=NA()", "=1+1"]]
    sheet.range("B3").value = dt.datetime(2026, 11, 20)
    sheet.range("C3").number_format = "@"
    sheet.range("C3").value = "007"
    sheet.range("D3").value = True
    rows = excel.values(sheet.range("A1:D3"))
    assert rows[0] == ["", "", "", ""]
    assert rows[1] == ["", CellError("#DIV/0!"), CellError("#N/A"), 2.0]
    assert isinstance(rows[1][1], CellError)
    assert rows[2] == ["", dt.datetime(2026, 11, 20), "007", True]


@pytest.mark.parametrize("text", sorted(ERROR_TEXTS))
def test_every_error_of_excel_is_known(text: str) -> None:
    assert isinstance(excel._cell(text), CellError)
    assert isinstance(exchange.plain(text), CellError)


def test_currency_is_a_number() -> None:
    assert type(excel._cell(Decimal("1000.5"))) is float
    assert excel._cell(Decimal("1000.5")) == 1000.5


def test_formulas_are_rows_whatever_the_shape(sheet: xw.Sheet) -> None:
    sheet.range("A1:B2").formula = [["=1+1", "x"], [5, "=A1"]]
    assert excel.formulas(sheet.range("A1")) == [["=1+1"]]
    assert excel.formulas(sheet.range("A1:B1")) == [["=1+1", "x"]]
    assert excel.formulas(sheet.range("A1:A3")) == [["=1+1"], ["5"], [""]]
    assert excel.formulas(sheet.range("A1:B2")) == [["=1+1", "x"], ["5", "=A1"]]


def test_reading_ends_where_the_data_end(sheet: xw.Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "_ROWS_AT_A_TIME", 2)
    sheet.range("A1").value = "x"
    sheet.range("B3").value = "y"
    sheet.range("A9").value = "far below"
    assert excel._raw(sheet, [], ours=False).rows == [["x", ""], ["", ""], ["", "y"]]
    assert len(excel._raw(sheet, [(1, 1, 9, 2)], ours=False).rows) == 9


# --- named cells --------------------------------------------------------------------------------------------------


def test_a_named_cell_that_says_nothing_is_none(template_book: Callable[..., xw.Book]) -> None:
    book = template_book()
    assert excel.value(book, "kam_team") is None
    assert excel.value(book, "kam_nothing") is None
    excel.put(book, "kam_team", "  ")
    assert excel.value(book, "kam_team") is None
    excel.put(book, "kam_team", "华东")
    assert excel.value(book, "kam_team") == "华东"
    excel.put(book, "kam_nothing", "x")  # a workbook that lacks it is left alone
    excel.named(book, "kam_budget").formula = "=1/0"
    assert excel.value(book, "kam_budget") is None
    excel.put(book, "kam_lang", "fr")
    assert excel.language(book) == "zh-CN"


def test_a_message_needs_no_cell(blank: xw.Book) -> None:
    excel.say(blank, "好")
    assert blank.app.status_bar == "好"


@pytest.mark.parametrize(
    ("cells", "runs"),
    [([], []), (["a"], [("a", 1, 1)]), (["a", "a", "b", "a"], [("a", 1, 2), ("b", 3, 3), ("a", 4, 4)])],
)
def test_runs_are_stretches_of_equals(cells: list, runs: list) -> None:
    assert list(excel.runs(cells)) == runs
