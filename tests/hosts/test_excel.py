"""The open workbook is read as the file would be, and result sheets are written without touching anything else."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import xlwings as xw

from kam_xl import actions
from kam_xl.core import locating, raw, sheets
from kam_xl.core.books import ERROR_TEXTS, CellError
from kam_xl.hosts import excel, libreoffice, resources, workbooks
from kam_xl.hosts.excel import Block, Result
from kam_xl.reports import theme
from kam_xl.reports.tables import Column, Look
from kam_xl.worksheet import grids

WORDS = resources.words("zh-CN")


@pytest.fixture(scope="module")
def blank(office: libreoffice.Office) -> Iterator[xw.Book]:
    """A new workbook of one sheet."""
    book = xw.Book(impl=office.app.books.add())
    yield book
    book.close()


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
    assert [type(row[2]) for row in rows] == [float, float]  # money is what it is


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
    assert isinstance(grids.plain(text), CellError)


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


# --- writing ------------------------------------------------------------------------------------------------------


def test_a_result_has_title_sentence_header_and_rows(blank: xw.Book) -> None:
    columns = (
        Column("level", "等级", ["高", "高", "低"], looks={"高": Look("#C62828", "#FDECEA")}),
        Column("due", "日期", [46346.0, 46347.0, "—"], "date"),
        Column("score", "得分", [89.4, 55.0, "—"], "score"),
        Column("name", "名称", ["=1+1", "007", "-"]),
        Column("cell", "单元格", ["B5", "—", "B7"]),
    )
    links = {"cell": [("It's 表", "B5"), None, ("表", "B7")]}
    shown = excel.show(blank, Result("risks", "风险", "三条。", [Block(columns, links=links)]), WORDS)
    assert blank.sheets.active.name == shown.name == "风险清单"
    assert shown.range("A1").value == "风险 · KAM XL"
    assert shown.range("A2").value == "三条。"
    assert shown.range("A4:E4").value == [column.header for column in columns]
    rows = excel.values(shown.range("A5:E7"))
    assert rows[0][:4] == ["高", dt.datetime(2026, 11, 20), 89.4, "=1+1"]
    assert rows[1][:4] == ["高", dt.datetime(2026, 11, 21), 55.0, "007"]
    assert rows[2] == ["低", "—", "—", "-", "B7"]
    assert excel.formulas(shown.range("E5"))[0][0] == "=HYPERLINK(\"#'It''s 表'!B5\",\"B5\")"
    assert shown.range("E6").value == "—"
    assert shown.range("A5:A6").color == (0xFD, 0xEC, 0xEA)
    assert shown.range("A7").color is None
    assert shown.range("A4").color == (0x1E, 0x3A, 0x5F)
    assert shown.range("B5").number_format == theme.NUMBER_FORMATS["date"]


LIKE_SOMETHING_ELSE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "=WEBSERVICE(1)",
    "007",
    "1/2",
    "12e4",
    "TRUE",
    "'x",
    "10%",
    "=1+1",
]


def test_a_text_stays_a_text_wherever_it_is_written(blank: xw.Book) -> None:
    texts = [[text] for text in LIKE_SOMETHING_ELSE]
    odd = tuple(Column("name", text, [text, None, text]) for text in LIKE_SOMETHING_ELSE)
    odd += (
        Column("score", "=2+2", [1.5, "=1+1", "—"], "score"),
        Column("due", "3/4", [46346.0, "—", "1899-01-02"], "date"),
        Column("cell", "=3+3", ["=1+1", "007", "1/2"]),
    )
    links = {"cell": [("表", "B5"), None, None]}
    shown = excel.show(blank, Result("risks", "=5+5", "=6+6", [Block(odd, "=7+7", links), Block(odd, "8/9")]), WORDS)
    last = len(odd)
    assert [shown.range(place).value for place in ("A1", "A2", "A4")] == ["=5+5 · KAM XL", "=6+6", "=7+7"]
    assert excel.values(shown.range((5, 1), (5, last)))[0] == [column.header for column in odd]
    assert excel.values(shown.range((6, 1), (6, 12)))[0] == LIKE_SOMETHING_ELSE
    rows = excel.values(shown.range((6, 13), (8, last)))
    assert [row[:2] for row in rows] == [[1.5, dt.datetime(2026, 11, 20)], ["=1+1", "—"], ["—", "1899-01-02"]]
    assert [row[2] for row in rows] == ["=1+1", "007", "1/2"]
    live = {cell for row in excel.formulas(shown.used_range) for cell in row if cell.startswith("=HYPERLINK")}
    assert live == {'=HYPERLINK("#\'表\'!B5","=1+1")'}
    column = blank.sheets.add().range((1, 1), (len(texts), 1))
    excel.write(column, texts)
    assert excel.values(column) == texts
    column.sheet.delete()


def test_what_a_formula_cannot_quote_is_no_link(blank: xw.Book) -> None:
    columns = (Column("cell", "单元格", ["长" * 255, "长" * 256]),)
    shown = excel.show(
        blank, Result("risks", "风险", "。", [Block(columns, links={"cell": [("表", "B5")] * 2})]), WORDS
    )
    assert [cell[:10] for (cell,) in excel.formulas(shown.range("A5:A6"))] == ["=HYPERLINK", "长" * 10]


def test_nothing_but_one_function_puts_values_into_cells() -> None:
    written = [
        (path.name, function.name)
        for path in [*Path(actions.__file__).parent.glob("*.py"), Path(excel.__file__)]
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr in ("value", "raw_value")
    ]
    assert written == [("excel.py", "write")]


def test_a_shorter_result_leaves_nothing_of_the_longer(blank: xw.Book) -> None:
    long, short = (Block((Column("a", "甲", ["x"] * n),), "标题") for n in (9, 0))
    excel.show(blank, Result("audit", "核对", "。", [long, long]), WORDS)
    shown = excel.show(blank, Result("audit", "核对", "。", [short]), WORDS)
    assert [row[0] for row in excel.values(shown.used_range)] == [
        "核对 · KAM XL",
        "。",
        "",
        "标题",
        "甲",
        WORDS("result.none"),
    ]
    assert [sheet.name for sheet in blank.sheets].count("评分核对") == 1


def test_rows_are_as_high_as_their_notes() -> None:
    columns = (Column("a", "甲", ["短", "长" * 60, "两\n行", "短"], wrapped=True),)
    heights = list(excel._heights(columns, {1: 40}))
    assert [(first, last) for first, last, _ in heights] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert heights[1][2] > heights[2][2] > heights[0][2] == heights[3][2]


def test_notes_get_what_a_page_has_left() -> None:
    note, long = Column("a", "甲", ["长" * 60], wrapped=True), Column("b", "乙", ["长" * 60])
    alone, other, short = (
        excel._widths([excel.Block(columns)])
        for columns in ([note], [note, *[long] * 4], [Column("a", "甲", ["短"], wrapped=True)])
    )
    assert alone == {1: 90}
    assert other == dict.fromkeys(range(1, 6), 40)
    assert short == {1: 8}


@pytest.mark.parametrize(
    ("cells", "runs"),
    [([], []), (["a"], [("a", 1, 1)]), (["a", "a", "b", "a"], [("a", 1, 2), ("b", 3, 3), ("a", 4, 4)])],
)
def test_runs_are_stretches_of_equals(cells: list, runs: list) -> None:
    assert list(excel._runs(cells)) == runs
