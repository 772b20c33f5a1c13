"""Every function, typed into a cell of the workbook that people get, shows exactly what Python answers."""

from __future__ import annotations

import datetime as dt
import inspect
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlwings as xw

from kam_xl.core.words import LANGUAGES
from kam_xl.doors import libreoffice, udfs
from kam_xl.engines.calc import values
from tests.conftest import WORKBOOKS, template_name
from tests.doors.test_udfs import AS_OF, CALLS, COLUMNS, EVALUATION, INFO, SERVICE, TABLES

#: All but the function that asks about a cell itself.
ASKED = [number for number, (name, _) in enumerate(CALLS) if name != "KAM_WHY"]
_ERRORS = {"#N/A": "=NA()", "#DIV/0!": "=1/0"}


@pytest.fixture(scope="module")
def book(office: libreoffice.Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[xw.Book]:
    """A fresh copy of the workbook in Chinese; what a function says in which language is tried in tests/test_udfs.py."""
    path = tmp_path_factory.mktemp("book") / template_name("zh-CN")
    shutil.copyfile(WORKBOOKS / path.name, path)
    opened = office.open(path)
    assert not office.said
    yield opened
    opened.close()


@pytest.fixture
def sheet(book: xw.Book) -> Iterator[xw.Sheet]:
    added = book.sheets.add("scratch")
    yield added
    added.delete()


def _language(book: xw.Book) -> str:
    return book.names["kam_lang"].refers_to_range.value


def _typed(cell: object) -> object:
    """A cell as somebody types it; texts as texts, even those that look like a date."""
    return _ERRORS.get(cell, f"'{cell}") if isinstance(cell, str) else cell


def _put(sheet: xw.Sheet, row: int, argument: object) -> tuple[int, str]:
    """Write an argument below the row; where the next one goes, and the address for the formula."""
    rows = argument if isinstance(argument, tuple) else ((argument,),)
    area = sheet.range((row, 1)).resize(len(rows), len(rows[0]))
    area.value = [[_typed(cell) for cell in cells] for cells in rows]
    return row + len(rows) + 1, area.get_address(False, False)


def _expected(answer: object) -> list[list]:
    """What the cells have to show: errors without their reasons, dates as numbers."""
    rows = answer if isinstance(answer, tuple) else ((answer,),)
    shown = {"#!2042": "#N/A", "#!2015": "#VALUE!"}

    def cell(value: object) -> object:
        if isinstance(value, dt.date):
            return values.serial(value)
        return shown.get(value[:6], value or None) if isinstance(value, str) else value

    return [[cell(value) for value in row] for row in rows]


def _shown(sheet: xw.Sheet, formula: str, expected: list[list]) -> list[list]:
    """What the formula shows, typed into one cell or as an array formula into as many as it fills."""
    area = sheet["AA1"].resize(len(expected), len(expected[0]))
    if len(area) == 1:
        area.formula = formula
    else:
        area.formula_array = formula
    return area.options(ndim=2, err_to_str=True, dates=lambda **parts: values.serial(dt.datetime(**parts))).value


@pytest.mark.parametrize("number", ASKED, ids=[f"{number}-{CALLS[number][0]}" for number in ASKED])
def test_a_cell_shows_what_python_answers(book: xw.Book, sheet: xw.Sheet, number: int) -> None:
    name, arguments = CALLS[number]
    parameters = [*inspect.signature(udfs.FUNCTIONS[name]).parameters]
    told = dict(zip(parameters, arguments, strict=False))
    if "lang" in parameters:
        told.setdefault("lang", _language(book))
    expected = _expected(udfs.call(name, [told.get(parameter) for parameter in parameters]))
    row, places = 1, []
    for argument in arguments:
        row, place = _put(sheet, row, argument)
        places.append(place)
    assert _shown(sheet, f"={name}({','.join(places)})", expected) == expected


def test_every_function_is_tried() -> None:
    assert {name for name, _ in CALLS} == set(udfs.FUNCTIONS)


@pytest.mark.parametrize(
    ("formula", "arguments"),
    [
        ("=KAM_SCORE(A1,88,85)", (None, 88.0, 85.0)),
        ('=KAM_SCORE("很高",88,85)', ("很高", 88.0, 85.0)),
        ("=KAM_SCORE(A1,88,85)+1", (None, 88.0, 85.0)),
    ],
)
def test_why_tells_the_reason_of_a_cell(book: xw.Book, sheet: xw.Sheet, formula: str, arguments: tuple) -> None:
    reason = udfs.call("KAM_SCORE", arguments).partition(":")[2]
    sheet["C1"].formula = formula
    sheet["D1"].formula = '=KAM_WHY(C1,"zh-CN")'
    assert reason in sheet["D1"].value


def test_a_table_is_read_by_its_name(book: xw.Book, sheet: xw.Sheet) -> None:
    evaluation = next(table for each in book.sheets for table in each.tables if table.name == "tblEvaluation")
    rows = tuple(map(tuple, evaluation.range.options(ndim=2, err_to_str=True).value))
    expected = _expected(udfs.call("KAM_SCORES", (rows, _language(book))))
    assert _shown(sheet, "=KAM_SCORES(tblEvaluation[#All])", expected) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_itself_shows_no_error(template_book: Callable[..., xw.Book], lang: str) -> None:
    for each in template_book(lang).sheets:
        cells = each.used_range.options(ndim=2, err_to_str=True).value
        assert not [cell for row in cells for cell in row if isinstance(cell, str) and cell.startswith(("#", "Err:"))]


def test_both_hosts_know_the_same_day(book: xw.Book, sheet: xw.Sheet) -> None:
    """Without a date KAM_RISK means today, so the table it gives is today's."""
    row, places = 1, []
    for argument in TABLES:
        row, place = _put(sheet, row, argument)
        places.append(place)
    expected = _expected(udfs.call("KAM_RISK", (*TABLES, None, _language(book))))
    assert _shown(sheet, f"=KAM_RISK({','.join(places)})", expected) == expected
    assert expected != _expected(udfs.call("KAM_RISK", (*TABLES, AS_OF, _language(book))))


@pytest.mark.parametrize(
    ("formula", "name", "arguments"),
    [
        ('=KAM_HEALTH({0},{1},{2},,"2023-11-21","en")', "KAM_HEALTH", (*TABLES, None, AS_OF, "en")),
        ('=KAM_RISK({0},,,"2023-11-21","en",{3})', "KAM_RISK", (INFO, None, None, AS_OF, "en", SERVICE)),
        ('=KAM_RISK({0},{1},{2},"2023-11-21","en",{3},,)', "KAM_RISK", (*TABLES, AS_OF, "en", SERVICE)),
        ('=KAM_ROLES({0},{1},,"2023-11-21","en")', "KAM_ROLES", (INFO, EVALUATION, None, AS_OF, "en")),
        ('=KAM_DUE("2026-11-20 17:00","Key",)', "KAM_DUE", ("2026-11-20 17:00", "Key", None)),
    ],
)
def test_a_table_may_be_left_out_between_two_others(sheet: xw.Sheet, formula: str, name: str, arguments: tuple) -> None:
    row, places = 1, []
    for argument in (*TABLES, SERVICE):
        row, place = _put(sheet, row, argument)
        places.append(place)
    expected = _expected(udfs.call(name, arguments))
    assert _shown(sheet, formula.format(*places), expected) == expected


def test_a_thousand_cells_answer_like_one(book: xw.Book, sheet: xw.Sheet) -> None:
    marks = [[row[0] for row in column] for column in COLUMNS]
    rows = [list(each) for each in zip(*marks, strict=True)] * 500
    sheet["A1"].value = rows
    sheet["E1:E1000"].formula = "=KAM_SCORE(A1,B1,C1)"
    assert sheet["E1:E1000"].value == [89.4, 55.0] * 500


def test_whole_columns_answer_to_the_last_row_in_use(sheet: xw.Sheet) -> None:
    sheet["A1"].value = [["价值", "潜力", "需求"], [92, 88, 85], [55, 45, 70]]
    sheet["E1"].formula = "=KAM_NPS(I:I)"
    sheet["I1"].value = [["NPS"], [10], [9], [3]]
    sheet["K1:K4"].formula_array = "=KAM_SCORE(A:A,B:B,C:C)"
    assert sheet["E1"].value == pytest.approx(100 / 3)
    assert [row[0] for row in sheet["K2:K4"].options(ndim=2, err_to_str=True).value] == [89.4, 55.0, "#N/A"]


def test_what_libreoffice_saves_is_a_workbook_for_excel_and_ours(
    template_book: Callable[..., xw.Book], office: libreoffice.Office, ooxml_errors: Callable
) -> None:
    book = template_book()
    office.run(book, "KamXl_RiskList")
    book.save()
    assert ooxml_errors(book.fullname) == []
    path = Path(book.fullname)
    book.close()
    again = office.open(path)
    assert not office.said
    office.run(again, "KamXl_RiskList")
    again.close()
