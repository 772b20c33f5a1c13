"""Through a workbook's own VBA a formula reaches our Python with what it was given, and shows what Python answers."""

import datetime as dt
import http.server
import re
import threading

import pytest
import xlwings as xw

from kam_xl import actions
from kam_xl.core.errors import KamError
from kam_xl.doors import udfs
from kam_xl.doors.libreoffice import our_macros
from kam_xl.engines.office_file import vba
from kam_xl.template import macros
from tests.doors.libreoffice.conftest import kam_package

A_DATE = dt.datetime(2026, 11, 21)


@pytest.fixture
def asked(monkeypatch):
    """What the door was asked; it answers what `asked.answer` holds."""

    class Asked(list):
        answer: object = 1.0

    calls = Asked()

    def call(name, arguments):
        calls.append((name, tuple(arguments)))
        if isinstance(calls.answer, Exception):
            raise calls.answer
        return calls.answer

    monkeypatch.setattr(udfs, "call", call)
    return calls


@pytest.fixture
def sheet(open_kam):
    return open_kam().sheets["评估"]


def test_the_workbook_calculates_when_it_is_opened(sheet):
    assert sheet["E5:E6"].value == [89.4, 55.0]


@pytest.mark.parametrize(
    ("given", "received"),
    [
        ("1,2.5,3", (1.0, 2.5, 3.0)),
        ('"客户","",3', ("客户", None, 3.0)),
        ("B5,A9,A5", (92.0, None, "C001")),
        ("B5:B6,B5:C5,1", (((92.0,), (55.0,)), ((92.0, 88.0),), 1.0)),
        ("G1,G2,G1:G2", ("#DIV/0!", "#N/A", (("#DIV/0!",), ("#N/A",)))),
        ("G3,G4,G3:G4", (True, 46347.0, ((True,), (46347.0,)))),
        ("G5,G6,1", ("#VALUE!", "文", 1.0)),
        ("tblMarks[[#All],[客户ID]],1,2", ((("客户ID",), ("C001",), ("C002",)), 1.0, 2.0)),
    ],
    ids=["numbers", "texts", "cells", "columns", "errors", "dates", "others", "table"],
)
def test_python_receives_what_the_formula_was_given(sheet, asked, given, received):
    sheet["G1:G6"].value = [["=1/0"], ["=NA()"], [True], [A_DATE], ["=SQRT(-1)"], ['="文"']]
    asked.clear()
    sheet["F9"].formula = f"=KAM_SCORE({given})"
    assert sheet["F9"].value == 1
    assert asked[-1] == ("KAM_SCORE", (*received, None))


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (89.4, "89.4"),
        (True, "TRUE"),
        ("重点客户", "重点客户"),
        ("", ""),
        (None, ""),
        (A_DATE, "46347"),
        (A_DATE.date(), "46347"),
        ("#!2042:评估分未知", "#N/A"),
        ("#!2015:不是数字", "#VALUE!"),
        ("#!2036:x", "#NUM!"),
        ("#!2007:x", "#DIV/0!"),
        ("#!9999:x", "#VALUE!"),
        ("#1", "#1"),
        (((7.0,),), "7"),
        (ValueError("x"), "#VALUE!"),
    ],
)
def test_a_cell_shows_what_python_answers(sheet, asked, answer, shown):
    asked.answer = answer
    sheet["F9"].formula = "=KAM_TIER(1)"
    assert sheet["F9"].api.String == shown


def test_an_error_is_one_for_other_formulas(sheet, asked):
    asked.answer = "#!2042:未知"
    sheet["F9"].formula = "=ISNA(KAM_TIER(1))"
    assert sheet["F9"].value is True
    sheet["F9"].formula = '=IFERROR(KAM_TIER(1),"无")'
    assert sheet["F9"].value == "无"


def test_an_array_formula_shows_every_row(sheet, asked):
    asked.answer = (("客户ID", "得分"), ("C001", 89.4), ("C002", "#!2042:未知"), ("C003", "#!2015:错"))
    sheet["F9:G12"].formula_array = "=KAM_SCORES(A4:E6)"
    assert sheet["F9:G12"].options(err_to_str=True).value == [
        ["客户ID", "得分"],
        ["C001", 89.4],
        ["C002", "#N/A"],
        ["C003", "#VALUE!"],
    ]


def test_the_language_is_the_workbooks(sheet, asked):
    sheet["F9"].formula = "=KAM_TIER(1)"
    assert asked[-1] == ("KAM_TIER", (1.0, "zh-CN"))
    sheet.book.names["kam_lang"].refers_to_range.value = "en"
    sheet["F9"].formula = "=KAM_TIER(2)"
    assert asked[-1] == ("KAM_TIER", (2.0, "en"))


def test_a_formula_may_ask_the_workbook_while_libreoffice_waits(sheet, monkeypatch):
    monkeypatch.setattr(udfs, "call", lambda *_: xw.Book.caller().sheets["评估"]["A5"].value)
    sheet["F9"].formula = "=KAM_TIER(1)"
    assert sheet["F9"].value == "C001"


def test_each_workbook_is_the_caller_of_its_own(open_kam, office, tmp_path, monkeypatch):
    first = open_kam().sheets["评估"]
    other_path = tmp_path / "另.xlsm"
    first.book.save(other_path)
    second = open_kam().sheets["评估"]
    monkeypatch.setattr(udfs, "call", lambda *_: xw.Book.caller().name)
    for each in (first, second):
        each["F9"].formula = "=KAM_VERSION()"
        assert each["F9"].value == each.book.name


# --- macros -----------------------------------------------------------------------------------------------------------


def test_a_button_runs_its_action_on_its_workbook(open_kam, office, monkeypatch):
    book = open_kam()
    ran = []
    monkeypatch.setattr(actions, "run", lambda action, caller, today: ran.append((action, caller)))
    office.run(book, "KamXl_About")
    assert ran == [("about", book)]
    button = book.sheets["评估"].api.DrawPage.getByIndex(1)
    told = {each.Name: each.Value for each in button.Events.getByName("OnClick")}
    assert told["Script"] == "vnd.sun.star.script:KamXl.KamActions.KamXl_About?language=Basic&location=document"
    book.macro("KamXl_About")()
    assert len(ran) == 2


def test_what_an_action_raises_reaches_who_started_it(open_kam, office, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("不行")

    monkeypatch.setattr(udfs, "run", fail)
    book = open_kam()
    with pytest.raises(ZeroDivisionError, match="不行"):
        office.run(book, "KamXl_About")
    assert book.names["kam_message"].refers_to_range.value.startswith("▲")
    assert book.sheets["评估"]["E5"].value == 89.4


def test_an_action_may_save_the_workbook(open_kam, office, monkeypatch):
    monkeypatch.setattr(udfs, "run", lambda _: xw.Book.caller().save())
    book = open_kam()
    office.run(book, "KamXl_About")
    office.run(book, "KamXl_About")
    book.app.calculate()
    assert book.sheets["评估"]["E5"].value == 89.4


@pytest.mark.parametrize(
    "command",
    [
        "import os; os.remove('x')",
        "import udfs; udfs.run('about'); import os",
        "import udfs; udfs.run('../x')",
        "import udfs\nudfs.run('about')",
        "",
    ],
)
def test_a_command_that_is_not_ours_is_never_run(open_kam, office, monkeypatch, command):
    ran = []
    monkeypatch.setattr(udfs, "run", ran.append)
    server = office.server(open_kam())
    with pytest.raises(Exception, match="not a command"):
        server.answer("RunPython", command)
    assert ran == []


@pytest.mark.parametrize(("file", "name"), [("os", "KAM_SCORE"), ("udfs", "run"), ("udfs", "KAM_score"), ("udfs", "")])
def test_a_function_that_is_not_ours_is_never_called(open_kam, office, asked, file, name):
    server = office.server(open_kam())
    asked.clear()
    server.answer("CallUDF", file, name, ())
    assert isinstance(server.failure, PermissionError)
    assert asked == []


def test_a_question_that_is_none_of_ours_has_no_answer(open_kam, office):
    with pytest.raises(Exception, match=re.escape("__class__")):
        office.server(open_kam()).answer("__class__")


# --- workbooks that are not ours --------------------------------------------------------------------------------------

TOUCH = 'Attribute VB_Name = "{name}"\n{open}\nFunction KAM_EVIL()\n    KAM_EVIL = 42\nEnd Function\n'
OPENING = '\nPrivate Sub Workbook_Open()\n    ThisWorkbook.Names("kam_message").RefersToRange.Value = "ran"\nEnd Sub\n'


def _changed(name, text):
    return [
        vba.Module(module.name, module.text + text, module.kind) if module.name == name else module
        for module in macros.modules(["Sheet1", "Sheet2"])
    ]


def _changed_text(name: str, before: str, after: str) -> list[vba.Module]:
    """Our modules with another text in one of them."""
    found = macros.modules(["Sheet1", "Sheet2"])
    assert any(m.name == name and before in m.text for m in found)
    return [vba.Module(m.name, m.text.replace(before, after, 1), m.kind) if m.name == name else m for m in found]


def _changed_line(line: str) -> list[vba.Module]:
    """Our modules with one more line in a function that runs whenever a cell is calculated."""
    head = "Public Function KamInLibreOffice() As Boolean\n"
    return _changed_text("KamHost", head, f"{head}{line}\n")


FOREIGN = {
    "one more module": [
        *macros.modules(["Sheet1", "Sheet2"]),
        vba.Module("Evil", TOUCH.format(name="Evil", open=""), "standard"),
    ],
    "one more line": _changed("KamActions", "' more\n"),
    "a sheet with code": _changed("Sheet1", "Private Sub Worksheet_Activate()\nEnd Sub\n"),
    "another workbook's": [vba.Module("ThisWorkbook", OPENING, "document"), *_changed("ThisWorkbook", "")[1:]],
    "code behind what looks like an attribute": _changed_line(' Attribute VB_X = 1: Range("A1").Value = "evil"'),
    "the same in small letters": _changed_line('attribute VB_X = 1: Range("A1").Value = "evil"'),
    "behind what LibreOffice adds": _changed_line('Option VBASupport 1: Range("A1").Value = "evil"'),
    "one module less": [module for module in macros.modules(["Sheet1", "Sheet2"]) if module.name != "KamRibbon"],
}


@pytest.mark.parametrize("modules", FOREIGN.values(), ids=FOREIGN)
def test_macros_that_are_not_ours_do_not_run(open_kam, office, asked, modules):
    book = open_kam(modules)
    assert "小.xlsm" in office.said
    assert book.names["kam_message"].refers_to_range.value is None
    sheet = book.sheets["评估"]
    sheet["F9"].formula = "=KAM_EVIL()"
    sheet["F10"].formula = "=KAM_TIER(1)"
    assert set(sheet["F9:F10"].options(err_to_str=True).value) <= {"#VALUE!", "#NAME?"}
    assert asked == []
    with pytest.raises(KamError):
        office.run(book, "KamXl_About")


def test_a_character_that_only_python_takes_for_a_line_end_ends_none():
    assert our_macros._code("' a\x0bEnd Function") == ("' a\x0bend function",)
    assert our_macros._code("' a\nEnd Function") == ("' a", "end function")


def test_the_installed_module_of_xlwings_is_ours_too(open_kam, office):
    book = open_kam(macros.modules(["Sheet1", "Sheet2"], macros.installed_xlwings()))
    assert office.said == ""
    assert book.sheets["评估"]["E5:E6"].value == [89.4, 55.0]


def test_capitals_and_blanks_that_excel_changes_are_no_other_macros(open_kam, office):
    modules = [
        vba.Module(m.name, m.text.replace("    KamRun ", "  kamrun  "), m.kind) if m.name == "KamActions" else m
        for m in macros.modules(["Sheet1", "Sheet2"])
    ]
    open_kam(modules)
    assert office.said == ""


def test_a_workbook_without_macros_says_so(office, tmp_path):
    new = xw.Book(impl=office.app.books.add())
    new.save(tmp_path / "无宏.xlsx")
    new.close()
    book = office.open(tmp_path / "无宏.xlsx")
    assert "无宏.xlsx" in office.said
    book.close()


def test_opening_a_workbook_fetches_nothing(office, tmp_path):
    asked = []

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    do = {"do_OPTIONS": Listening.do_GET, "do_PROPFIND": Listening.do_GET, "do_HEAD": Listening.do_GET}
    with http.server.HTTPServer(("127.0.0.1", 0), type("All", (Listening,), do)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        path = kam_package(tmp_path, formulas=(f'=_xlfn.WEBSERVICE("{address}/a")', f"='{address}/[b.xlsx]S'!A1"))
        office.open(path).close()
        server.shutdown()
    assert office.said == ""
    assert asked == []
