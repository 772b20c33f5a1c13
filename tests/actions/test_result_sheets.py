"""A result sheet is written without touching anything else, and a text stays a text on it."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path

import xlwings as xw

from kam_xl import actions, resources
from kam_xl.actions import result_sheets
from kam_xl.actions.result_sheets import Result, ResultTable
from kam_xl.hosts import excel
from kam_xl.showing import theme
from kam_xl.showing.columns import Look, ReadyColumn

WORDS = resources.words("zh-CN")


def test_a_result_has_title_sentence_header_and_rows(blank: xw.Book) -> None:
    columns = (
        ReadyColumn("level", "等级", ["高", "高", "低"], looks={"高": Look("#C62828", "#FDECEA")}),
        ReadyColumn("due", "日期", [46346.0, 46347.0, "—"], "date"),
        ReadyColumn("score", "得分", [89.4, 55.0, "—"], "score"),
        ReadyColumn("name", "名称", ["=1+1", "007", "-"]),
        ReadyColumn("cell", "单元格", ["B5", "—", "B7"]),
    )
    links = {"cell": [("It's 表", "B5"), None, ("表", "B7")]}
    shown = result_sheets.show(blank, Result("risks", "风险", "三条。", [ResultTable(columns, links=links)]), WORDS)
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
    odd = tuple(ReadyColumn("name", text, [text, None, text]) for text in LIKE_SOMETHING_ELSE)
    odd += (
        ReadyColumn("score", "=2+2", [1.5, "=1+1", "—"], "score"),
        ReadyColumn("due", "3/4", [46346.0, "—", "1899-01-02"], "date"),
        ReadyColumn("cell", "=3+3", ["=1+1", "007", "1/2"]),
    )
    links = {"cell": [("表", "B5"), None, None]}
    shown = result_sheets.show(
        blank, Result("risks", "=5+5", "=6+6", [ResultTable(odd, "=7+7", links), ResultTable(odd, "8/9")]), WORDS
    )
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
    columns = (ReadyColumn("cell", "单元格", ["长" * 255, "长" * 256]),)
    shown = result_sheets.show(
        blank, Result("risks", "风险", "。", [ResultTable(columns, links={"cell": [("表", "B5")] * 2})]), WORDS
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
    long, short = (ResultTable((ReadyColumn("a", "甲", ["x"] * n),), "标题") for n in (9, 0))
    result_sheets.show(blank, Result("audit", "核对", "。", [long, long]), WORDS)
    shown = result_sheets.show(blank, Result("audit", "核对", "。", [short]), WORDS)
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
    columns = (ReadyColumn("a", "甲", ["短", "长" * 60, "两\n行", "短"], wrapped=True),)
    heights = list(result_sheets._heights(columns, {1: 40}))
    assert [(first, last) for first, last, _ in heights] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert heights[1][2] > heights[2][2] > heights[0][2] == heights[3][2]


def test_notes_get_what_a_page_has_left() -> None:
    note, long = ReadyColumn("a", "甲", ["长" * 60], wrapped=True), ReadyColumn("b", "乙", ["长" * 60])
    alone, other, short = (
        result_sheets._widths([result_sheets.ResultTable(columns)])
        for columns in ([note], [note, *[long] * 4], [ReadyColumn("a", "甲", ["短"], wrapped=True)])
    )
    assert alone == {1: 90}
    assert other == dict.fromkeys(range(1, 6), 40)
    assert short == {1: 8}


def test_a_wide_column_without_a_row_beside_one_with_long_notes_is_no_failure() -> None:
    full, empty = (ReadyColumn("remedy", "说明", values, wrapped=True) for values in (["很长的说明" * 40], []))
    widths = result_sheets._widths([ResultTable((full,)), ResultTable((empty,))])
    assert widths == result_sheets._widths([ResultTable((full,))])
