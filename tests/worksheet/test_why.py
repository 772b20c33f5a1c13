"""KAM_WHY, on a small stand-in for the workbook that a host would show."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kam_xl import worksheet

Rows = list[list[object]]


class Area:
    """A block of cells of a sheet; a cell that begins with = holds a formula, and shows #VALUE!."""

    def __init__(self, sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet, self._box = sheet, (top, left, bottom, right)
        self.row = top + 1

    def options(self, *, ndim: int, err_to_str: bool) -> Area:
        assert ndim == 2
        assert err_to_str
        return self

    @property
    def _cells(self) -> Rows:
        top, left, bottom, right = self._box
        return [row[left : right + 1] for row in self.sheet.rows[top : bottom + 1]]

    @property
    def value(self) -> Rows:
        return [["#VALUE!" if str(cell).startswith("=") else cell for cell in row] for row in self._cells]

    @property
    def formula(self) -> str:
        return str(self._cells[0][0])

    @property
    def last_cell(self) -> Area:
        bottom, right = self._box[2:]
        return Area(self.sheet, bottom, right, bottom, right)

    def __getitem__(self, place: tuple[int, slice]) -> Area:
        top, left, _, right = self._box
        columns = range(left, right + 1)[place[1]]
        return Area(self.sheet, top + place[0], columns[0], top + place[0], columns[-1])


class Table:
    """A native table over a whole sheet."""

    def __init__(self, name: str, sheet: Sheet) -> None:
        bottom, right = len(sheet.rows) - 1, len(sheet.rows[0]) - 1
        self.name, self.header_row_range = name, Area(sheet, 0, 0, 0, right)
        self.data_body_range = Area(sheet, 1, 0, bottom, right) if bottom else None


class Sheet:
    """A sheet from A1 on, with a table over all of it."""

    def __init__(self, rows: Rows, table: str) -> None:
        self.rows = rows
        self.used_range = Area(self, 0, 0, len(rows) - 1, len(rows[0]) - 1)
        self.tables = [Table(table, self)]
        self.book: Book

    def range(self, address: str) -> Area:
        ends = [(int(cell[1:]) - 1, ord(cell[0]) - 65) for cell in address.replace("$", "").split(":")]
        return Area(self, *ends[0], *ends[-1])


class Names(dict):
    """Defined names; the one place where a name is looked up."""


class Book:
    """A workbook of two sheets."""

    def __init__(self, **rows: Rows) -> None:
        self.sheets = Sheets({name: Sheet(cells, f"tbl{name}") for name, cells in rows.items()})
        for sheet in self.sheets:
            sheet.book = self
        self.names = Names(kam_weights=Name(self.sheets["其他"].range("A3:C3")))


class Sheets:
    def __init__(self, by_name: dict[str, Sheet]) -> None:
        self._by_name = by_name

    def __iter__(self) -> Any:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Sheet:
        return self._by_name[name]


class Name:
    def __init__(self, area: Area) -> None:
        self.refers_to_range = area


BOOK = Book(
    Marks=[
        ["客户ID", "价值（%）", "潜力", "需求"],
        ["C001", "92（高）", 88.0, 85.0],
        ["C002", None, 45.0, 70.0],
        ["C003", "高", 1.0, "#REF!"],
    ],
    其他=[["x", "", ""], ["#DIV/0!", "=KAM_SCORE(A2,1,1)", "=KAM_TIER(B2)"], [0.5, 0.3, 0.3]],
    空=[["客户ID"]],
)


def why(cell: object, formula: str | None, lang: str = "zh-CN", address: str = "$E$3") -> object:
    place = None if formula is None else (("book.xlsm", "Marks", address, formula),)
    return worksheet.answer("KAM_WHY", (cell, place, lang), dt.date(2026, 11, 20), {"book.xlsm": BOOK}.__getitem__)


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("=KAM_SCORE(B3,C3,D3)", "“价值维度”没有填写。请填写。"),
        ("=KAM_SCORE(tblMarks[@[价值（%）]],tblMarks[@潜力],tblMarks[@需求])", "“价值维度”没有填写。请填写。"),
        ("=KAM_SCORE(tblMarks[[#This Row];[价值（%）]];[@潜力];1)", "“价值维度”没有填写。请填写。"),
        ("=KAM_TIER(KAM_SCORE(B4,C4,1))", "价值维度：评分“高”无法确定。请写成 92（理由）的形式。"),
        ("=KAM_SCORE(1,2,其他!A2)", "需求维度：单元格显示错误值：DIV/0!。请改正公式或直接填写数值。"),
        ("=KAM_SCORE(1,2,3,kam_weights)", "权重 0.5、0.3、0.3 合计 1.1，无效；允许：三个不小于 0 的权重，合计为 1 或 100。请改正权重。"),
        ("=KAM_TIER(其他!B2)", "价值维度：单元格显示错误值：DIV/0!。请改正公式或直接填写数值。"),
        ("=KAM_STRATEGY(其他!C2)", "价值维度：单元格显示错误值：DIV/0!。请改正公式或直接填写数值。"),
        ("=KAM_SHARE(tbl空)", "“层级”没有填写。请填写。"),
        ("=KAM_SHARE(tbl空[[#Headers],[客户ID]])", "KAM_SHARE 现在算得出结果；请重新计算（F9）。"),
        ("=KAM_SCORE(B2,C2,D2)", "KAM_SCORE 现在算得出结果；请重新计算（F9）。"),
        ("=KAM_SCORE(B3:B4,C3:C4,1)", "“价值维度”没有填写。请填写。 价值维度：评分“高”无法确定。请写成 92（理由）的形式。"),
        ("=KAM_SCORE(B:B,1,1)", "价值维度：评分“价值（%）”无法确定。请写成 92（理由）的形式。 “价值维度”没有填写。请填写。 价值维度：评分“高”无法确定。请写成 92（理由）的形式。"),
        ("=KAM_SCORES(tblMarks)", "客户多维度分层评估表：第一行不是表头。请引用整张表，连同表头：tblEvaluation[#All]。"),
        ("=KAM_SCORES(tblMarks[])", "客户多维度分层评估表：第一行不是表头。请引用整张表，连同表头：tblEvaluation[#All]。"),
        ("=KAM_TIER(KAM_SCORE(B2,C2,D2)+1)", "KAM_WHY 读不出 KAM_TIER 的参数“KAM_SCORE(B2,C2,D2)+1”；请把它放进单元格再引用。"),
        ("=KAM_TIER(tblNone[A])", "KAM_WHY 读不出 KAM_TIER 的参数“tblNone[A]”；请把它放进单元格再引用。"),
        ("=A1/0", "错误 N/A 不是来自 KAM 函数；请检查该单元格的公式。"),
    ],
)  # fmt: skip
def test_an_error_is_explained_from_its_formula(formula: str, told: str) -> None:
    assert why("#N/A", formula) == told


def test_the_reason_comes_in_the_language_asked_for() -> None:
    assert why("#N/A", "=KAM_SCORE(B3,C3,D3)", "en") == "“Value” is blank. Fill it in."
    assert why("#VALUE!", '=KAM_TIER(D4,"zh-CN")', "en") == why("#VALUE!", "=KAM_TIER(D4)", "en")


def test_what_stands_behind_the_language_is_asked_for_too() -> None:
    told = why("#VALUE!", '=KAM_RISK(tbl空[#All],,,"2026-11-20","en",tblMarks[#All])')
    assert told.startswith("客户基础信息表：第一行不是表头")


def test_a_cell_without_an_error_has_none() -> None:
    assert why(89.4, "=KAM_SCORE(B2,C2,D2)") == "KAM_SCORE 没有错误。"
    assert why(89.4, "=KAM_SCORE(B3,C3,D3)") == "“价值维度”没有填写。请填写。"
    assert why(None, None) == "这个单元格是空白的。"
    assert why(7.0, None) == "这里没有错误。"


def test_an_answer_to_what_was_read_with_a_doubt_has_a_note() -> None:
    noted = "：“2026年10月”只有年月，按当月 1 日处理。请补上日。"
    assert why(1.0, '=KAM_NEXT_VISIT("2026年10月","重点")') == f"KAM_NEXT_VISIT 没有错误。 最近接触{noted}"
    assert (
        why(1.0, '=KAM_LIFECYCLE("2026年10月","2026年10月","重点")') == f"KAM_LIFECYCLE 没有错误。 合作起始时间{noted}"
    )
    assert why("#N/A", '=KAM_NEXT_VISIT("2026年10月","重点")') == "KAM_NEXT_VISIT 现在算得出结果；请重新计算（F9）。"
    assert why("#N/A", '=KAM_NEXT_VISIT("2026年10月","钻石")').startswith("不认识的层级")


def test_a_reason_tells_itself_and_an_error_alone_what_it_means() -> None:
    assert why("#!2042:缺少评分", None) == "缺少评分"
    assert why("#N/A", None, "en") == "Data are missing; refer to the cell itself to learn which."
    assert why("#VALUE!", None, "en") == "Something is wrong; refer to the cell itself to learn what."


def test_a_spilled_table_tells_what_is_wrong_in_it() -> None:
    told = why("#N/A", "=KAM_SCORES(tblMarks[#All])")
    assert "没有“价值维度（50%） · Value (50%)”列" not in told
    assert "“价值维度”没有填写" in told
