"""Every function typed into a cell of a running LibreOffice answers through the workbook's own VBA as Python does."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator

import pytest
import xlwings as xw

from kam_xl.core import sheets
from kam_xl.doors import libreoffice, udfs
from kam_xl.template import macros
from tests.conftest import WORKBOOKS

EPOCH = dt.datetime(1899, 12, 30)
ERRORS = {"#!2042": "#N/A", "#!2015": "#VALUE!"}
SHEET = "试算"
#: Cells that formulas refer to; what shows an error is a formula that makes it.
CELLS = {
    "A1": "92（高利润+长合作）", "B1": 88, "C1": 85, "D1": "=1/0", "E1": "=NA()",
    "A2": 55, "B2": 45, "C2": 70, "D2": '=KAM_SCORE(1,2,"x")', "E2": "=KAM_SCORE(A9,1,1)",
    "A3": "很高", "B3": 0.5, "C3": 0.3, "D3": 0.2, "E3": "=DATE(2026,10,20)",
}  # fmt: skip
AS_OF = "DATE(2026,11,21)"


@pytest.fixture(scope="module")
def book(office: libreoffice.Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[xw.Book]:
    """The workbook that people get, with a sheet of cells to refer to."""
    path = tmp_path_factory.mktemp("template") / "KAM_Template.xlsm"
    shutil.copy(WORKBOOKS / path.name, path)
    opened = office.open(path)
    sheet = opened.sheets.add(SHEET)
    for address, content in CELLS.items():
        sheet.range(address).formula = content if str(content).startswith("=") else None
        if not str(content).startswith("="):
            sheet.range(address).value = content
    yield opened
    opened.close()


@pytest.fixture
def shown(book: xw.Book) -> Callable[..., object]:
    """``shown("=KAM_TIER(90)")`` is what a cell with that formula shows; with rows and columns, what an array shows."""
    sheet = book.sheets[SHEET]

    def show(formula: str, rows: int = 1, columns: int = 1) -> object:
        first = sheet.used_range.last_cell.row + 10  # an array cannot be overwritten in part
        area = sheet.range((first, 1), (first + rows - 1, columns))
        if rows == columns == 1:
            area.formula = formula
        else:
            area.formula_array = formula
        values = area.options(ndim=2, err_to_str=True).value
        return values[0][0] if rows == columns == 1 else tuple(map(tuple, values))

    return show


def as_shown(answer: object) -> object:
    """An answer of Python's as a cell shows it."""
    if isinstance(answer, tuple):
        return tuple(map(as_shown, answer))
    if isinstance(answer, dt.datetime):
        return (answer - EPOCH) / dt.timedelta(days=1)
    return ERRORS.get(str(answer)[:6], answer)


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("=KAM_SCORE(92,88,85)", 89.4),
        ("=KAM_SCORE(A1,B1,C1)", 89.4),
        ("=KAM_SCORE(A1,B1,C1,B3:D3)", 89.4),
        ("=KAM_SCORE(A1,B1,C1,{0.2,0.3,0.5})", 87.3),
        ("=KAM_SCORE(A1,B1,C1,kam_weights)", 89.4),
        ("=KAM_SCORE(A1,B1,C1,A2:C2)", "#VALUE!"),
        ("=KAM_SCORE(A9,B1,C1)", "#N/A"),
        ("=KAM_SCORE(A3,B1,C1)", "#VALUE!"),
        ("=KAM_SCORE(D1,B1,C1)", "#VALUE!"),
        ("=KAM_SCORE(E1,B1,C1)", "#N/A"),
        ("=ISNA(KAM_SCORE(A9,B1,C1))", True),
        ("=IFERROR(KAM_SCORE(A3,B1,C1),0)", 0.0),
        ("=KAM_TIER(KAM_SCORE(A1,B1,C1))", "重点客户"),
        ('=KAM_TIER(KAM_SCORE(A1,B1,C1),"en")', "Key"),
        ("=KAM_TIER(D2)", "#VALUE!"),
        ("=KAM_TIER(E2)", "#N/A"),
        ('=KAM_TIER(90,"fr")', "#VALUE!"),
        ("=KAM_VALUE(120,800,6,10)", 37.5),
        ('=KAM_VALUE("120万",800,6,A9)', "#N/A"),
        ("=KAM_POTENTIAL(0.12,0.2,3,5)", 60.0),
        ("=KAM_DEMAND(4,2)", 80.0),
        ("=KAM_DEMAND(7,2)", "#VALUE!"),
        ("=KAM_EXPLAIN(A1,B1,C1)", udfs.call("KAM_EXPLAIN", (92.0, 88.0, 85.0))),
        ('=KAM_PATH(A1,B1,C1,"战略客户")', udfs.call("KAM_PATH", (92.0, 88.0, 85.0, "战略客户"))),
        ('=KAM_PATH(A1,B1,C1,"Strategic","en")', udfs.call("KAM_PATH", (92.0, 88.0, 85.0, "Strategic", "en"))),
        ('=KAM_STRATEGY("重点客户")', "提升黏性，挖掘增量"),
        ('=KAM_STRATEGY("重点客户",,"en")', "Raise loyalty, find more business"),
        ('=KAM_STRATEGY("重点客户","负责人")', "区域/行业销售团队"),
        ('=KAM_STRATEGY("重点客户","周期")', 90.0),
        ('=KAM_SLA("普通客户")', 24.0),
        ('=KAM_SLA("普通客户","重大")', 2.0),
        ('=KAM_SLA(A9,"普通")', "#N/A"),
        ('=KAM_NEXT_VISIT(E3,"重点")', 46405.0),
        ('=KAM_NEXT_VISIT("2026-10-20","重点")', 46405.0),
        ("=KAM_WHY(D2)", "需求维度：评分“x”无法确定。请写成 92（理由）的形式。"),
        ('=KAM_WHY(E2,"en")', "“Value” is blank. Fill it in."),
        ("=KAM_WHY(D1)", "错误 DIV/0! 不是来自 KAM 函数；请检查该单元格的公式。"),
        ("=KAM_WHY(A2)", "这里没有错误。"),
        ("=KAM_VERSION()", udfs.call("KAM_VERSION", ())),
    ],
)  # fmt: skip
def test_a_cell_shows_what_python_answers(shown: Callable, formula: str, answer: object) -> None:
    assert shown(formula) == answer


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("=KAM_SCORE(A1:A3,B1:B3,C1:C3)", ((89.4,), (55.0,), ("#VALUE!",))),
        ("=KAM_SCORE(A1:A2,B1:C1,1)", ((72.6, 71.7), (54.1, 53.2))),
        ("=KAM_TIER({95,20;70,45})", (("战略客户", "待优化客户"), ("重点客户", "潜力客户"))),
        ("=KAM_TIER(D1:E2)", (("#VALUE!", "#N/A"), ("#VALUE!", "#N/A"))),
        ("=KAM_SCORE(A1:A3,88,85)", ((89.4,), (70.9,), ("#VALUE!",))),
        ('=KAM_STRATEGY("key",{"class","cadence","owner"},"en")', (("B", 90.0, "Regional or industry sales team"),)),
    ],
)  # fmt: skip
def test_many_cells_show_what_python_answers(shown: Callable, formula: str, answer: tuple) -> None:
    assert shown(formula, len(answer), len(answer[0])) == answer


@pytest.mark.parametrize(
    ("name", "first", "kinds"),
    [
        ("KAM_RISK", (), ("info", "evaluation", "tracking")),
        ("KAM_CHECK", (), ("info", "evaluation", "tracking")),
        ("KAM_CARD", ("C001",), ("info", "evaluation", "tracking")),
        ("KAM_SCORES", (), ("evaluation",)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_spilled_table_shows_what_python_answers(
    book: xw.Book, shown: Callable, name: str, first: tuple, kinds: tuple, lang: str
) -> None:
    tables = [_table(book, sheets.BY_KIND[kind].table) for kind in kinds]
    dated = len(kinds) > 1
    answer = udfs.call(name, (*first, *tables, *([dt.datetime(2026, 11, 21)] if dated else []), lang))
    assert len(answer) > 2
    told = [f'"{each}"' for each in first] + [f"{sheets.BY_KIND[kind].table}[#All]" for kind in kinds]
    told += [AS_OF] * dated + [f'"{lang}"']
    formula = f"={name}({','.join(told)})"
    assert shown(formula, len(answer), len(answer[0])) == as_shown(answer)


def test_shares_are_of_the_customers_in_the_table(book: xw.Book, shown: Callable) -> None:
    header = sheets.EVALUATION.column("tier").zh
    headers, *rows = _table(book, sheets.EVALUATION.table)
    answer = udfs.call("KAM_SHARE", (tuple((row[headers.index(header)],) for row in rows),))
    assert shown(f"=KAM_SHARE({sheets.EVALUATION.table}[{header}])", len(answer), len(answer[0])) == as_shown(answer)


def _table(book: xw.Book, name: str) -> list[list]:
    """A native table with its header, as a function gets it."""
    tables = (table for sheet in book.sheets for table in sheet.tables)
    return next(table for table in tables if table.name == name).range.options(ndim=2, err_to_str=True).value


def test_a_language_left_out_is_the_workbook_s(book: xw.Book, shown: Callable) -> None:
    cell = book.names["kam_lang"].refers_to_range
    before, cell.value = cell.value, "en"
    try:
        assert shown("=KAM_TIER(89.4)") == "Key"
    finally:
        cell.value = before
    assert shown("=KAM_TIER(89.4)") == "重点客户"


def test_in_excel_the_answers_become_true_errors(book: xw.Book) -> None:
    """What VBA does in Excel, seen in LibreOffice, where an error that VBA makes shows as a text."""
    libraries = book.impl.api.BasicLibraries
    modules = libraries.getByName(libraries.ProjectName)
    text = (macros.FOLDER / "KamFunctions.bas").read_text("ascii").partition("Option Explicit")[2]
    text = (
        text.replace("Option Private Module", "").replace("KamInLibreOffice()", "False").replace("KamOut(", "KamTry(")
    )
    flat = 'Function KamTryFlat()\n    KamTryFlat = KamTry(Array("#!2042:a", 1, "#x"))\nEnd Function\n'
    block = "Function KamTryAll(x)\n    KamTryAll = KamTry(KamVal(x))\nEnd Function\n"
    modules.insertByName("KamTried", f"Option VBASupport 1\n{text}{flat}{block}".replace("KamOut", "KamTry"))
    sheet = book.sheets.add("Excel")
    sheet["A1:B2"].value = [["#!2042:缺少", 7], ["#!2015:不对", "#x"]]
    sheet["D1"].formula = "=KAMTRYALL(A1)"
    sheet["D2"].formula = '=KAMTRYALL("#!2015:x")'
    sheet["E1:F2"].formula_array = "=KAMTRYALL(A1:B2)"
    sheet["G1:I1"].formula_array = "=KAMTRYFLAT()"
    assert sheet["D1:D2"].value == ["Error 2042", "Error 2015"]
    assert sheet["E1:F2"].value == [["Error 2042", 7.0], ["Error 2015", "#x"]]
    assert sheet["G1:I1"].value == ["Error 2042", 1.0, "#x"]
