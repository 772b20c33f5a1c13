"""One workbook becomes typed tables, every cell somebody must look at is named, and nothing typed is lost."""

import ast
import datetime as dt
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl import core, resources
from kam_xl.core import raw, validation
from kam_xl.core.books import Book, CellError, Linked, NativeTable, NotCalculated, RawSheet, Remark
from kam_xl.core.entries import is_nothing
from kam_xl.core.errors import Refused
from kam_xl.core.findings import SEVERITY, Finding
from kam_xl.core.identity import ASKED
from kam_xl.core.policy import Policy
from kam_xl.core.privacy import masked_cell
from kam_xl.core.sheets import BY_KIND, EVALUATION, INFO, SERVICE, STANDARD, TRACKING, Sheet, named
from kam_xl.core.sheets import header as header_of
from kam_xl.core.validation import TeamBook

TODAY = dt.date(2024, 3, 1)
ID = {"tracking": "C001/甲", "marks": "A-1"}  # of a row of each kind; all others have C001


def sheet(name: str, *rows: list, **more: object) -> RawSheet:
    """A sheet out of rows that may be of different length."""
    width = max(map(len, rows), default=0)
    return RawSheet(name, [list(row) + [""] * (width - len(row)) for row in rows], **more)


@pytest.fixture(scope="session")
def read(policy: Policy) -> Callable[..., TeamBook]:
    """Sheets, and what else a book may have → the validated book."""

    def run(*sheets: RawSheet, **more: object) -> TeamBook:
        return validation.validate(Book("华东.xlsx", "华东", sheets, **more), policy, TODAY)

    return run


@pytest.fixture(scope="session")
def read_cell(read: Callable) -> Callable[..., tuple[pd.Series, list[Finding]]]:
    """One cell below the header of one field → its row and the findings about its column."""

    def run(
        kind: str, field: str, cell: object, header: str | None = None, **more: object
    ) -> tuple[pd.Series, list[Finding]]:
        standard = BY_KIND[kind]
        heads = [header if column.field == field and header else column.zh for column in standard.columns]
        row = ["" for _ in standard.columns]
        row[standard.fields.index(standard.key)] = ID.get(kind, "C001")
        row[standard.fields.index(field)] = cell
        sheets = () if standard in STANDARD else (info(HEAD, ROW),)
        book = read(*sheets, sheet(standard.zh, heads, row), **more)
        rows = book.tables[kind].rows
        return rows.iloc[0] if len(rows) else rows, [f for f in book.findings if f.field in (named(kind, field), None)]

    return run


def codes(found: list[Finding] | TeamBook) -> list[str]:
    """The codes found, but for sheets and columns the test did not care to write."""
    found = found.findings if isinstance(found, TeamBook) else found
    return [f.code for f in found if f.code not in ("sheet_missing", "column_absent")]


# --- every finding fires, and just not ---------------------------------------------------------------------------

LONGEST = resources.policy().longest_cell
#: (code, kind, field, a cell that fires it, a cell that just does not)
CELLS = [
    ("error_cell", "info", "remarks", CellError("#N/A"), "#N/A"),
    ("error_cell", "info", "amount", CellError("#DIV/0!"), 0.0),
    ("error_cell", "info", "customer_id", CellError("#REF!"), "C001"),
    ("error_cell", "tracking", "customer", CellError("#REF!"), "C001"),
    ("unreadable_cell", "info", "amount", float("nan"), 0.0),
    ("unreadable_cell", "info", "customer_id", float("inf"), "C001"),
    ("not_calculated", "evaluation", "composite", NotCalculated("=KAM_SCORE(B2:D2)"), 89.4),
    ("id_missing", "info", "customer_id", "无", "0"),
    ("id_damaged", "info", "customer_id", 1e15, 999999999999999.0),
    ("id_damaged", "evaluation", "customer_id", "9.13E+17", "1E5"),
    ("id_damaged", "service", "customer_id", "9.13e17", "E.9"),
    ("id_damaged", "contacts", "customer_id", dt.date(2024, 1, 2), "1-2"),
    ("id_damaged", "tracking", "customer", "９E+17／甲", "9E+A/甲"),
    ("name_missing", "info", "name", "      ", "甲"),
    ("customer_missing", "tracking", "customer", "-", "甲"),
    ("amount_missing", "info", "amount", "", 0.0),
    ("amount_unparsed", "info", "amount", "≈300", "300万"),
    ("amount_unparsed", "info", "amount", True, 1.0),
    ("amount_unparsed", "info", "amount", dt.date(2023, 10, 20), 20231020.0),
    ("amount_negative", "info", "amount", -0.01, 0.0),
    ("cell_too_long", "info", "amount", "1" + " " * LONGEST, "1" + " " * (LONGEST - 1)),
    ("cell_too_long", "tracking", "customer", "C001/" + "甲" * LONGEST, "C001/" + "甲" * (LONGEST - 5)),
    ("cell_too_long", "service", "reported", "2023-10-20" + " " * LONGEST, "2023-10-20" + " " * 100),
    ("text_too_long", "info", "name", "甲" * (LONGEST + 1), "甲" * LONGEST),
    ("text_too_long", "info", "tags", "甲、" * LONGEST, "甲、" * (LONGEST // 2)),
    ("text_too_long", "tracking", "tracker", "甲" * (LONGEST + 1), "甲" * LONGEST),
    ("amount_implausible", "info", "amount", 100_000_001.0, 100_000_000.0),
    ("amount_implausible", "info", "amount", "1e40", "1e5"),
    ("amount_unparsed", "info", "amount", "1e400", "1e5"),
    ("score_missing", "evaluation", "value", "", 0.0),
    ("score_unparsed", "evaluation", "potential", "九十二", "92"),
    ("score_unparsed", "evaluation", "value", dt.date(2023, 10, 20), "92 (2023)年"),
    ("score_out_of_range", "evaluation", "demand", 100.01, 100.0),
    ("score_out_of_range", "evaluation", "demand", -0.5, 0.0),
    ("score_out_of_range", "evaluation", "composite", 8940.0, 89.4),
    ("score_fraction", "evaluation", "value", 0.92, 1.0),
    ("tier_unparsed", "evaluation", "tier", "A类", "重点"),
    ("status_unparsed", "tracking", "status", "未完成", "部分完成"),
    ("date_unparsed", "info", "since", "23.10.20", "2023.10.20"),
    ("date_unparsed", "info", "since", 2023.1, 20230101.0),
    ("date_unparsed", "evaluation", "evaluated_on", dt.time(8), dt.datetime(2024, 1, 1, 8)),
    ("date_ambiguous", "info", "last_deal", "05/06/2023", "13/06/2023"),
    ("date_month_only", "tracking", "tracked_on", "2023年1月", "2023年1月1日"),
    ("date_implausible", "info", "since", dt.date(1989, 12, 31), dt.date(1990, 1, 1)),
    ("date_implausible", "info", "since", dt.date(2094, 1, 1), TODAY),
    ("date_in_future", "info", "since", dt.date(2024, 3, 2), TODAY),
    ("date_not_yet", "info", "last_deal", dt.date(2024, 3, 2), TODAY),
    ("period_unparsed", "tracking", "period", "3个月", "2023Q4"),
    ("period_reversed", "tracking", "period", "2024-01-02至2024-01-01", "2024-01-01至2024-01-01"),
    ("period_open_ended", "tracking", "period", "2024-01-01至今", "2024-01-01至2024-02-01"),
    ("size_unparsed", "info", "size", "大型", "500人"),
    ("phone_damaged", "info", "phone", "1.38E+10", 13800138000.0),
    ("phone_masked", "info", "phone", "138****8000", "138-0013-8000"),
    ("formula_like_text", "info", "remarks", "=HYPERLINK(1)", "等于=1"),
    ("formula_like_text", "tracking", "problem", "-客户投诉", "—客户投诉"),
    ("error_cell", "service", "kind", CellError("#N/A"), "投诉"),
    ("id_missing", "service", "customer_id", "无", "C001"),
    ("id_missing", "marks", "action_id", "-", "0"),
    ("name_missing", "contacts", "name", "", "王"),
    ("amount_unparsed", "renewals", "amount", "约300万", "300万"),
    ("score_out_of_range", "service", "satisfaction", 100.5, 100.0),
    ("score_out_of_range", "service", "satisfaction", -1.0, ""),
    ("score_fraction", "service", "satisfaction", 0.95, 0.0),
    ("number_unparsed", "indicators", "tenure", "约6年", "6年"),
    ("number_unparsed", "indicators", "open_needs", dt.date(2024, 1, 5), "1,005"),
    ("number_unparsed", "indicators", "growth", "百分之八", "8％"),
    ("number_unparsed", "service", "nps", "9或10", "9分"),
    ("number_out_of_range", "service", "nps", 11.0, 10.0),
    ("number_out_of_range", "service", "nps", "-1", "0"),
    ("number_out_of_range", "indicators", "service_sensitivity", 0.0, 1.0),
    ("number_out_of_range", "indicators", "price_sensitivity", 6.0, 5.0),
    ("number_out_of_range", "indicators", "total_needs", -1.0, 0.0),
    ("number_out_of_range", "indicators", "tenure", -0.1, 0.0),
    ("number_out_of_range", "indicators", "growth", "-101%", "-100%"),
    ("number_not_whole", "indicators", "open_needs", 2.5, 2.0),
    ("number_not_whole", "indicators", "price_sensitivity", "4.5", "4"),
    ("share_ambiguous", "indicators", "growth", 1.0, 0.99),
    ("share_ambiguous", "indicators", "growth", "8", "8%"),
    ("choice_unparsed", "service", "kind", "其他", "投诉"),
    ("choice_unparsed", "marks", "status", "?", "待办"),
    ("flag_unparsed", "contacts", "left", "可能", "是"),
    ("date_unparsed", "service", "reported", "14:30", "2024-02-01 14:30"),
    ("date_unparsed", "service", "reported", "2024年2月", "2024年2月1日"),
    ("date_unparsed", "service", "reported", 2024.5, 45323.5),
    ("date_ambiguous", "service", "answered", "05/06/2023 10:00", "13/06/2023 10:00"),
    ("date_ambiguous", "contacts", "birthday", "5/3", "13/3"),
    ("date_unparsed", "contacts", "birthday", "1975年5月", "5月3日"),
    ("date_implausible", "contacts", "birthday", dt.date(1903, 12, 31), dt.date(1904, 1, 1)),
    ("date_implausible", "service", "reported", dt.datetime(1989, 12, 31, 23), dt.datetime(1990, 1, 1)),
    ("date_implausible", "renewals", "renewal_date", dt.date(2094, 1, 1), dt.date(2034, 1, 1)),
    ("date_in_future", "info", "since", dt.date(2024, 3, 2), TODAY),
    ("date_not_yet", "service", "reported", dt.datetime(2024, 3, 2), dt.datetime(2024, 3, 1, 23, 59)),
    ("date_not_yet", "service", "confirmed", "2024-03-02", "2024-03-01"),
    ("date_not_yet", "contacts", "last_contact", dt.date(2024, 3, 2), TODAY),
    ("date_not_yet", "indicators", "as_of", dt.date(2024, 3, 2), TODAY),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "field", "fires", "quiet"), CELLS, ids=[f"{c[0]}-{c[2]}" for c in CELLS])
def test_a_cells_finding_fires_and_just_does_not(
    read_cell: Callable, code: str, kind: str, field: str, fires: object, quiet: object
) -> None:
    _, findings = read_cell(kind, field, fires)
    assert code in codes(findings)
    assert code not in codes(read_cell(kind, field, quiet)[1])


HEAD = ["客户ID", "客户名称", "所属行业"]
ROW = ["C001", "甲", "IT"]
OTHER = ["客户ID", "客户名称", "联系人", "最近合作时间"]
TEN, OTHER_TEN = ([[f"C{i:03}", f"{name}{i}"] for i in range(10)] for name in ("甲", "乙"))
STEPS = ["客户ID", "提出时间", "首次响应时间", "解决时间", "客户确认时间"]
MARKED = ["行动编号", "行动", "截止日期", "状态", "推迟到", "备注"]
RULED = "0123456789ab"  # as a rule names its action
TO_BE = [["我-2", "", "", "", "", ""]]  # a number that awaits its action
DATED = ["客户ID", "客户名称", "合作起始时间", "最近合作时间"]


def info(*rows: list, **more: object) -> RawSheet:
    return sheet("客户基础信息表", *rows, **more)


#: (code, a book's sheets that fire it, sheets that just do not)
SHEETS = [
    ("sheet_missing", [info(HEAD, ROW)], [info(HEAD, ROW), sheet("评估", ["客户ID", "价值"]), sheet("跟踪", ["客户", "策略"])]),
    ("sheet_ambiguous", [info(HEAD), sheet("客户信息", OTHER), sheet("评估", ["客户ID", "价值"])], [info(HEAD), sheet("客户信息", HEAD)]),
    ("sheet_ambiguous", [info(HEAD, ROW), sheet("关键联系人", ["客户ID", "姓名"], ["C001", "王"]), sheet("Contacts", ["客户ID", "姓名", "职务"], ["C001", "王"])], [info(HEAD, ROW), *(sheet(name, ["客户ID", "姓名"]) for name in ("关键联系人", "Contacts"))]),
    ("column_missing", [info(HEAD, ROW), sheet("服务记录", ["记录类型", "满意度"], ["拜访", 90.0])], [info(HEAD, ROW), sheet("服务记录", ["记录类型", "满意度"])]),
    ("moments_reversed", [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "2024-02-01 09:00", "2024-02-01 08:59"])], [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "2024-02-01 09:00", "2024-02-01 09:00"])]),
    ("moments_reversed", [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "2024-02-01 09:00", "", "2024-01-31"])], [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "2024-02-01 09:00", "", "2024-02-01"])]),
    ("moments_reversed", [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "", "", "2024-02-02 10:00", "2024-02-02 09:00"])], [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "", "2024-02-03", "", "2024-02-02"])]),
    ("moments_reversed", [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "2024-02-02 10:00", "", "", "2024-02-02 09:00"])], [info(HEAD, ROW), sheet("服务记录", STEPS, ["C001", "2024-02-02 10:00", "", "", ""])]),
    ("sheet_ignored", [info(HEAD, ROW), sheet("Sheet1", OTHER, ROW)], [info(HEAD, ROW), sheet("Sheet1", HEAD, ROW)]),
    ("sheet_repeats", [sheet("甲", HEAD, *TEN), sheet("乙", HEAD, *OTHER_TEN)], [sheet("甲", HEAD, *TEN), sheet("乙", HEAD, *OTHER_TEN[1:])]),
    ("sheet_older", [sheet("9月", HEAD, ROW), sheet("10月", HEAD, ["C001", "乙"])], [sheet("9月", HEAD, ROW), sheet("10月", HEAD, ROW)]),
    ("sheet_left_out", [info(HEAD, ROW), sheet("Sheet1", OTHER, ["C002", "乙"])], [info(HEAD, ROW), sheet("Sheet1", OTHER, ["c001", "乙"])]),
    ("sheet_left_out", [info(HEAD, ROW), info(HEAD, ["C002", "乙"], hidden=True)], [info(HEAD, ROW), info(HEAD, ["C002", "乙"])]),
    ("sheet_unknown", [info(HEAD), sheet("目录", ["x"])], [info(HEAD), sheet("目录", [""])]),
    ("text_outside_table", [info(["客户一览"], HEAD, ROW)], [info([""], HEAD, ROW)]),
    ("no_data_rows", [info(HEAD)], [info(HEAD, ROW)]),
    ("no_data_rows", [info(HEAD, [" "], ["合计"])], [info(HEAD, [" "], ["合计"], ROW)]),
    ("column_missing", [info(["客户ID", "所属行业"], ROW)], [info(HEAD, ROW)]),
    ("column_absent", [info(HEAD, ROW)], [info([column.zh for column in INFO.columns], ROW)]),
    ("column_duplicate", [info([*HEAD, "企业名称"], ROW)], [info([*HEAD, "企业性质"], ROW)]),
    ("column_unknown", [info([*HEAD, "企业性质"], ROW)], [info([*HEAD, "备注"], ROW)]),
    ("column_unknown", [info([*HEAD, 2023.0], ROW)], [info([*HEAD, " "], ROW)]),
    ("columns_unknown", [info([*HEAD, *(f"x{i}" for i in range(21))], ROW)], [info([*HEAD, *(f"x{i}" for i in range(20))], ROW)]),
    ("column_without_header", [info(["客户ID", "", "客户名称", "行业"], ["C001", "?", "甲"])], [info(["客户ID", "", "客户名称", "行业"], ["C001", "", "甲"])]),
    ("column_without_header", [info([*HEAD, " "], [*ROW, "?"])], [info([*HEAD, "?"], [*ROW, "?"])]),
    ("non_data_row_skipped", [info(HEAD, ROW, ["合计"])], [info(HEAD, ROW, ["SUM1"])]),
    ("row_set_aside", [info(HEAD, ROW, ["华东区"])], [info(HEAD, ROW, ["C002"])]),
    ("non_data_row_skipped", [info(HEAD, ROW, ["", "", "总计"])], [info(HEAD, ROW, ["", "", ""])]),
    ("non_data_row_skipped", [info(HEAD, ROW, HEAD)], [info(HEAD, ROW, ["C002", "客户名称"])]),
    ("non_data_row_skipped", [info(HEAD, ROW, ["制表：张三", "审核：李四"])], [info(HEAD, ROW, ["X：1", "乙"])]),
    ("non_data_row_skipped", [info(HEAD, ROW, ["客户多维度分层评估表"])], [info(HEAD, ROW, ["客户多维度分层评估表", "乙"])]),
    ("duplicate_row_exact", [info(HEAD, ROW, ROW)], [info(HEAD, ROW, ["C001", "甲", "it"])]),
    ("duplicate_id_conflict", [info(HEAD, ROW, ["c001", "甲", "科技"])], [info(HEAD, ROW, ["c001", "乙", "IT"])]),
    ("id_unusual", [info(HEAD, *([f"C00{i}", "甲"] for i in range(5)), [6.0, "乙"])], [info(HEAD, *([f"C00{i}", "甲"] for i in range(4)), [6.0, "乙"])]),
    ("cell_too_long", [info(HEAD, ["C" * (LONGEST + 1), *ROW[1:]])], [info(HEAD, ["C" * LONGEST, *ROW[1:]])]),
    ("amount_unit_unknown", [info([*HEAD, "累计交易额（美元）"], ROW)], [info([*HEAD, "累计交易额（元）"], ROW)]),
    ("amount_unit_unnamed", [info([*HEAD, "累计交易额（含税）"], [*ROW, 520.0])], [info([*HEAD, "累计交易额（含税，元）"], [*ROW, 520.0])]),
    ("amount_unit_unnamed", [info([*HEAD, "累计金额"], [*ROW, "1,234.5"])], [info([*HEAD, "累计金额"], [*ROW, "1,234.5元"])]),
    ("amount_unit_unnamed", [info(["填报单位：华东"], [*HEAD, "累计金额"], [*ROW, 520.0])], [info(["", "（单位：万元）"], [*HEAD, "累计金额"], [*ROW, 520.0])]),
    ("dates_reversed", [info(DATED, ["C001", "甲", dt.date(2023, 1, 2), "2023-01-01"])], [info(DATED, ["C001", "甲", dt.date(2023, 1, 2), "2023-01-02"])]),
    ("action_unsaid", [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "", "2024-05-01", "", "", ""], *TO_BE)], [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "回访", "2024-05-01", "", "", ""], *TO_BE)]),
    ("action_unsaid", [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "", "", "", "", "记得打电话"])], [info(HEAD, ROW), sheet("行动清单", MARKED, [RULED, "", "", "", "", "记得打电话"])]),
    ("action_undated", [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "回访", "", "已推迟", "2024-05-01", ""])], [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "回访", "", "已完成", "", ""])]),
    ("action_undated", [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "回访", "", "", "", ""])], [info(HEAD, ROW), sheet("行动清单", MARKED, ["我-1", "回访", "下周", "", "", ""])]),
    ("action_postponed_nowhere", [info(HEAD, ROW), sheet("行动清单", MARKED, [RULED, "", "2024-05-01", "已推迟", "", ""])], [info(HEAD, ROW), sheet("行动清单", MARKED, [RULED, "", "2024-05-01", "已推迟", "2024-06-01", ""])]),
    ("external_link", [info(HEAD, ROW, links={(1, 2): Linked("[1]Sheet1!A1")})], [info([*HEAD], ROW, links={(0, 2): Linked("[1]Sheet1!A1")})]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "fires", "quiet"), SHEETS, ids=[f"{case[0]}-{n}" for n, case in enumerate(SHEETS)])
def test_a_sheets_finding_fires_and_just_does_not(
    read: Callable, code: str, fires: list[RawSheet], quiet: list[RawSheet]
) -> None:
    assert code in [f.code for f in read(*fires).findings]
    assert code not in [f.code for f in read(*quiet).findings]


def test_every_code_that_one_workbook_can_call_for_is_tried_above() -> None:
    written: set[str] = set()
    floors = core.__doc__.split("\n\n")[1].replace("\n", " ").split(", ")
    for floor in set(floors[: floors.index("validation") + 1]) - ELSEWHERE:
        tree = ast.parse((Path(core.__file__).parent / f"{floor}.py").read_text("utf-8"))
        written |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert written & SEVERITY.keys() == {case[0] for case in (*CELLS, *SHEETS)} | BELOW


#: The list of all codes, and the questions that only all workbooks together call for.
ELSEWHERE = {"findings", "identity"}
#: Codes of what the file itself is like, and of workbooks of ours: tried further down.
BELOW = {"contains_macros", "contains_our_macros", "function_unanswered", "sheet_damaged", "id_format_unread"}


def test_an_id_too_long_to_be_one_keeps_its_row_apart(read: Callable) -> None:
    book = read(info(HEAD, ["C" * (LONGEST + 1), *ROW[1:]], ["C" * (LONGEST + 2), *ROW[1:]]))
    rows = book.tables["info"].rows
    assert rows["name"].tolist() == [ROW[1]] * 2
    assert rows["customer_id"].nunique() == 2
    assert rows["customer_id"].str.len().max() < 200


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "damaged", "refused"),
    [
        ((INFO, EVALUATION, TRACKING), "客户基础信息表 (2)", False),
        ((INFO, EVALUATION, TRACKING), "Sheet9", False),
        ((INFO,), "Sheet9", False),
        ((INFO,), "服务记录", False),
        ((INFO,), EVALUATION.zh, True),
        ((EVALUATION, TRACKING), INFO.en, True),
        ((EVALUATION, TRACKING), "Sheet1", True),
    ],
)
def test_a_damaged_sheet_costs_the_book_only_where_customers_may_be_lost_in_it(
    read: Callable, good: tuple, damaged: str, refused: bool
) -> None:
    sheets = [sheet(one.zh, [column.zh for column in one.columns], ["C001"]) for one in good]
    sheets.append(RawSheet(damaged, [], unread="missing_part"))

    if refused:
        with pytest.raises(Refused) as caught:
            read(*sheets)
        assert (caught.value.reason, caught.value.detail) == ("missing_part", damaged)
    else:
        assert Finding("sheet_damaged", damaged) in read(*sheets).findings


@pytest.mark.parametrize(
    ("sheets", "reason", "detail"),
    [
        ([], "no_standard_sheet", ""),
        ([sheet("Sheet1", ["日期", "地点"], ["x", "y"])], "no_standard_sheet", ""),
        ([sheet("A", HEAD), sheet("B", OTHER)], "sheets_ambiguous", "A、B"),
        ([sheet("客户信息", ["客户名称", "行业"], ["甲", "IT"])], "key_missing", "客户信息"),
    ],
)
def test_a_book_without_customers_is_refused(read: Callable, sheets: list[RawSheet], reason: str, detail: str) -> None:
    with pytest.raises(Refused) as refused:
        read(*sheets)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


def test_an_evaluation_without_ids_is_left_aside_and_the_customers_are_kept(read: Callable) -> None:
    book = read(info(HEAD, ROW), sheet("评估", ["价值", "潜力", "需求"], [1.0, 2.0, 3.0]))
    assert book.tables.keys() == {"info"}
    assert (book.count("info"), book.count("evaluation")) == (1, 0)
    missing = [found for found in book.findings if found.code == "column_missing"]
    assert [(found.sheet, found.cell, found.field) for found in missing] == [("评估", "A1", "customer_id")]


# --- rows --------------------------------------------------------------------------------------------------------


def test_only_rows_of_data_are_kept_and_each_knows_its_place(read: Callable) -> None:
    rows = [["客户一览"], HEAD, ROW, [], [" ", "\u3000"], HEAD, ["C002", "乙", "IT"], ["合计", "", 2.0], ["制表：王某"]]
    table = read(info(*rows)).tables["info"]
    assert table.rows[["customer_id", "sheet", "row"]].to_numpy().tolist() == [
        ["C001", "客户基础信息表", 3],
        ["C002", "客户基础信息表", 7],
    ]
    assert table.letters == {"客户基础信息表": {"customer_id": "A", "name": "B", "industry": "C"}}


def test_a_row_left_out_is_kept_whole_in_its_finding(read: Callable) -> None:
    book = read(info([*HEAD, "累计交易额"], ["", "甲", CellError("#N/A"), 520.0], ["合计", "", "", 520.5]))
    found = {f.code: (f.cell, f.typed_value) for f in book.findings}
    assert found["id_missing"] == ("A2:D2", "甲 | N/A | 520")
    assert found["non_data_row_skipped"] == ("A3:D3", "合计 | 520.5")


def test_a_customer_whose_name_begins_like_a_total_is_kept(read: Callable) -> None:
    book = read(sheet("跟踪", ["客户", "策略内容", "状态"], ["Summit Ltd", "回访", "已完成"], ["Total", "", ""]))
    assert book.tables["tracking"].rows["name"].tolist() == ["Summit Ltd"]


def test_merged_cells_are_filled_down_within_their_table(read: Callable) -> None:
    header = ["客户ID/名称", "策略内容", "完成情况", "自定义"]
    rows = [
        header,
        ["C001/甲", "回访", "已完成", "x"],
        ["", "促销", "进行中"],
        ["", "培训", "未开始"],
        ["C002/乙", "回访", "已完成"],
    ]
    merged = (((1, 0), (3, 0)), ((1, 3), (2, 3)), ((4, 1), (4, 2)))
    table = read(sheet("跟踪", *rows, merged=merged)).tables["tracking"].rows
    assert table["customer_id"].tolist() == ["C001", "C001", "C001", "C002"]
    assert table["name"].tolist() == ["甲", "甲", "甲", "乙"]
    assert table["extras"].isna().tolist() == [False, True, True, True]


def test_merging_does_not_change_the_sheet_as_read(read: Callable) -> None:
    raw = sheet(
        "跟踪", ["客户", "策略内容", "状态"], ["C001", "回访", "已完成"], ["", "促销", ""], merged=(((1, 0), (2, 0)),)
    )
    assert read(raw).tables["tracking"].rows["customer_id"].tolist() == ["C001", "C001"]
    assert raw.rows[2][0] == ""


def test_exact_repeats_count_once_and_a_repeated_id_is_marked(read: Callable) -> None:
    book = read(info(HEAD, ROW, ROW, ["C001", "乙", "IT"]))
    rows = book.tables["info"].rows
    assert rows["name"].tolist() == ["甲", "乙"]
    assert rows["repeated"].tolist() == [False, True]
    conflict = next(f for f in book.findings if f.code == "duplicate_id_conflict")
    assert (conflict.cell, conflict.customer_id, conflict.typed_value) == ("A4", "C001", "C001")
    assert conflict.detail == "A2 客户名称"
    assert next(f for f in book.findings if f.code == "duplicate_row_exact").detail == "A2"


def test_stacked_tables_are_each_read_to_their_own_end(read: Callable) -> None:
    rows = [
        ["表1：客户"],
        HEAD,
        ROW,
        [],
        ["表2 客户多维度分层评估表"],
        ["客户ID", "价值", "潜力", "需求"],
        ["C001", 92.0, 88.0, 85.0],
    ]
    book = read(sheet("Sheet1", *rows))
    assert book.tables["info"].rows["customer_id"].tolist() == ["C001"]
    assert book.tables["evaluation"].rows[["value", "potential", "demand", "row"]].to_numpy().tolist() == [
        [92, 88, 85, 7]
    ]
    assert "name_missing" not in codes(book)


def test_a_table_without_rows_has_every_column_of_its_kind(read: Callable) -> None:
    full = read(info(HEAD, ROW)).tables["info"].rows
    empty = read(info(HEAD)).tables["info"].rows
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


# --- columns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BY_KIND)
def test_every_column_has_its_type(read: Callable, kind: str) -> None:
    standard = BY_KIND[kind]
    others = () if kind == "info" else (info(HEAD, ROW),)
    book = read(*others, sheet(standard.en, [column.en for column in standard.columns], [ID.get(kind, "C001")]))
    rows = book.tables[kind].rows
    types = {name: str(kind) for name, kind in rows.dtypes.items()}
    for column in standard.columns:
        if column.field != "customer":
            assert types[column.field] == TYPES.get(column.kind, "str"), column.field
    assert (types["row"], types["repeated"], types["as_typed"], types["extras"]) == ("int64", "bool", "str", "str")


TYPES = {
    **dict.fromkeys(("date", "datetime"), "datetime64[s]"),
    **dict.fromkeys(("amount", "score", "composite", "number", "share", "count", "grade"), "float64"),
    "flag": "boolean",
}


def test_a_missing_column_is_reported_once_not_row_by_row(read: Callable) -> None:
    book = read(sheet("评估", ["客户ID", "价值", "需求"], ["C001", 1.0, 2.0], ["C002", 1.0, 2.0]))
    assert codes(book) == ["column_missing"]
    assert book.tables["evaluation"].rows["potential"].isna().all()


def test_columns_nobody_knows_are_kept_beside_the_row(read: Callable) -> None:
    header = ["自定义\n（万）", "客户ID", "", "企业名称", "客户名称", 2023.0]
    book = read(info(header, [5.0, "C001", "备忘", "甲公司", "甲", "x"], ["", "C002", "", "", "乙", ""]))
    rows = book.tables["info"].rows
    assert rows["name"].tolist() == ["甲", "乙"]
    assert rows["extras"].fillna("").tolist() == ["自定义\n（万）=5 ； C=备忘 ； 企业名称=甲公司 ； 2023=x", ""]
    places = {f.code: (f.cell, f.typed_value) for f in book.findings if f.cell}
    assert places["column_without_header"] == ("C1", "C")
    assert places["column_duplicate"] == ("D1", "企业名称")


def test_unknown_columns_beyond_twenty_share_one_finding(read: Callable) -> None:
    book = read(info([*HEAD, *(f"x{i}" for i in range(23))], ROW))
    assert codes(book).count("column_unknown") == 20
    rest = next(f for f in book.findings if f.code == "columns_unknown")
    assert (rest.cell, rest.typed_value, rest.detail) == ("X1:Z1", "x20、x21、x22", "3")


@pytest.mark.parametrize(
    ("header", "cell", "amount", "typed"),
    [
        ("累计交易额（万元）", 520.0, 520, None),
        ("累计交易额(元)", 5200000.0, 520, None),
        ("累计交易额｛元｝", 5200000.0, 520, None),
        ("累计交易额", "520萬", 520, "累计交易额=520萬"),
        ("累计交易额（亿元）", "0.5", 5000, "累计交易额（亿元）=0.5"),
        ("累计交易额（美元）", 520.0, np.nan, "累计交易额（美元）=520"),
        ("累计交易额（美元）", "520万", 520, "累计交易额（美元）=520万"),
        ("累计交易额（万元）", 1e9, np.nan, None),
    ],
)
def test_an_amount_below_its_header(
    read_cell: Callable, header: str, cell: object, amount: float, typed: str | None
) -> None:
    row, _ = read_cell("info", "amount", cell, header)
    assert row["amount"] == pytest.approx(amount, nan_ok=True)
    assert (None if pd.isna(row["as_typed"]) else row["as_typed"]) == typed


@pytest.mark.parametrize(
    ("cell", "day", "typed"),
    [
        (dt.date(2023, 10, 20), "2023-10-20", None),
        ("2023-10-20", "2023-10-20", None),
        (dt.datetime(2023, 10, 20, 8, 30), "2023-10-20", "2023-10-20 08:30:00"),
        (45219.5, "2023-10-20", "45219.5"),
        (20231020.0, "2023-10-20", "20231020"),
        (20231020, "2023-10-20", "20231020"),
        ("民國112年10月20日", "2023-10-20", "民國112年10月20日"),
        ("2023年10月", "2023-10-01", "2023年10月"),
        ("", "NaT", None),
    ],
)
def test_a_date_is_read_and_kept_as_typed_where_that_says_more(
    read_cell: Callable, cell: object, day: str, typed: str | None
) -> None:
    row, _ = read_cell("info", "since", cell)
    assert str(row["since"])[:10] == day
    assert (None if pd.isna(row["as_typed"]) else row["as_typed"]) == (typed and f"合作起始时间={typed}")


def test_a_book_of_1904_counts_its_days_from_there(read_cell: Callable) -> None:
    assert str(read_cell("info", "since", 43757.0, date1904=True)[0]["since"])[:10] == "2023-10-20"


@pytest.mark.parametrize(
    ("kind", "field", "cell", "expected"),
    [
        ("info", "customer_id", "ｃ００１", {"customer_id": "C001", "customer_typed": "ｃ００１"}),
        ("info", "customer_id", 7.0, {"customer_id": "7", "as_typed": None}),
        ("info", "name", " 甲 公司", {"name": " 甲 公司"}),
        ("info", "remarks", 520.0, {"remarks": "520"}),
        ("info", "remarks", True, {"remarks": "TRUE"}),
        ("info", "remarks", "无", {"remarks": None}),
        ("info", "phone", 13800138000.0, {"phone": "13800138000"}),
        ("info", "size", "500-1000人/5-10亿元", {"size": "500-1000人/5-10亿元", "employees_low": 500, "revenue_high": 100000}),
        ("info", "size", "－", {"size": None}),
        ("info", "size", CellError("#N/A"), {"size": None, "employees_low": None}),
        ("evaluation", "value", "92（高利润）", {"value": 92, "value_reason": "高利润", "as_typed": None}),
        ("evaluation", "value", "九十二", {"value": None, "value_reason": "九十二"}),
        ("evaluation", "composite", "89.4（偏高）", {"composite": 89.4, "as_typed": "综合得分=89.4（偏高）"}),
        ("evaluation", "tier", "戰略", {"tier": "strategic", "as_typed": "层级划分=戰略"}),
        ("evaluation", "tier", "战略客户", {"tier": "strategic", "as_typed": None}),
        ("tracking", "customer", "c001", {"customer_id": "C001", "name": None, "customer_typed": "c001"}),
        ("tracking", "customer", "甲公司", {"customer_id": None, "name": "甲公司"}),
        ("tracking", "status", "进行中（60%）", {"status": "running", "as_typed": "完成情况=进行中（60%）"}),
        ("tracking", "period", CellError("#REF!"), {"period": None, "start": None}),
        ("tracking", "period", "长期", {"period": "长期", "start": None}),
        ("tracking", "effect", "使用率30%，目标50%", {"effect": "使用率30%，目标50%", "effect_actual": 0.3, "effect_target": 0.5}),
        ("tracking", "effect", "电话88885675，目标13800001234", {"effect_actual": None, "effect_target": None}),
    ],
)  # fmt: skip
def test_a_cell_and_what_becomes_of_it(
    read_cell: Callable, kind: str, field: str, cell: object, expected: dict
) -> None:
    row, _ = read_cell(kind, field, cell)
    assert {name: None if pd.isna(row[name]) else row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("cell", "code", "typed"),
    [(CellError("#DIV/0!"), "error_cell", "DIV/0!"), (NotCalculated("=A1*2"), "not_calculated", "=A1*2")],
)
@pytest.mark.parametrize("kind", BY_KIND)
def test_a_cell_without_a_value_is_reported_once_and_unknown(
    read: Callable, kind: str, cell: object, code: str, typed: str
) -> None:
    standard = BY_KIND[kind]
    row = [ID.get(kind, "C001") if column.field == standard.key else cell for column in standard.columns]
    others = () if kind == "info" else (info(HEAD, ROW),)
    book = read(*others, sheet(standard.zh, [column.zh for column in standard.columns], row))
    assert codes(book) == [code] * (len(row) - 1)
    assert {f.typed_value for f in book.findings if f.code == code} == {typed}
    known = book.tables[kind].rows.drop(
        columns=["sheet", "row", "repeated", "customer_id", standard.key, "name", *ASKED], errors="ignore"
    )
    assert known.isna().all(axis=None)


def test_a_finding_names_its_cell_customer_and_what_was_typed(read: Callable) -> None:
    book = read(info(["累计交易额", "客户ID", "客户名称"], ["很多", "c002", "甲"]))
    assert Finding("amount_unparsed", "客户基础信息表", "A2", "amount", "很多", "C002") in book.findings


def test_a_link_keeps_its_value_and_is_reported(read: Callable) -> None:
    book = read(info([*HEAD, "累计交易额"], [*ROW, 520.0], links={(1, 3): Linked("[1]Sheet1!A1")}))
    assert book.tables["info"].rows["amount"].tolist() == [520]
    assert Finding("external_link", "客户基础信息表", "D2", typed_value="[1]Sheet1!A1") in book.findings


def test_what_was_said_about_the_file_comes_first(read: Callable) -> None:
    assert read(info(HEAD, ROW), remarks=(Remark("contains_macros"),)).findings[0] == Finding("contains_macros")


# --- the optional sheets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "field", "cell", "value", "typed"),
    [
        ("indicators", "tenure", 6.5, 6.5, None),
        ("indicators", "tenure", "6.5", 6.5, None),
        ("indicators", "tenure", "18个月", 1.5, "合作时长（年）=18个月"),
        ("indicators", "growth", 0.08, 0.08, None),
        ("indicators", "growth", "8%", 0.08, "行业增长率=8%"),
        ("indicators", "growth", -0.02, -0.02, None),
        ("indicators", "growth", 0.0, 0, None),
        ("indicators", "service_sensitivity", "4级", 4, "服务敏感度（1-5）=4级"),
        ("indicators", "profit", "1.2亿", 12000, "累计利润（万元）=1.2亿"),
        ("service", "kind", "投诉", "complaint", None),
        ("service", "kind", "投訴", "complaint", "记录类型=投訴"),
        ("service", "kind", "Complaint", "complaint", None),
        ("service", "severity", "紧急", "major", "严重程度=紧急"),
        ("service", "satisfaction", "92（偏高）", 92, "满意度（0-100）=92（偏高）"),
        ("service", "reported", dt.datetime(2024, 2, 1, 14, 30), "2024-02-01 14:30:00", None),
        ("service", "reported", "2024-02-01 14:30", "2024-02-01 14:30:00", None),
        ("service", "reported", "2024/2/1 下午2:30", "2024-02-01 14:30:00", "提出时间=2024/2/1 下午2:30"),
        ("service", "reported", 45323.604166667, "2024-02-01 14:30:00", "提出时间=45323.604166667"),
        ("service", "reported", dt.date(2024, 2, 1), "2024-02-01 00:00:00", None),
        ("service", "reported", dt.datetime(2024, 2, 1, 14, 29, 59, 999_990), "2024-02-01 14:30:00", None),
        ("service", "reported", dt.datetime(2024, 2, 1, 14, 30, 0, 28), "2024-02-01 14:30:00", None),
        ("service", "reported", 20240201.0, "2024-02-01 00:00:00", "提出时间=20240201"),
        ("contacts", "left", "是", True, None),
        ("contacts", "left", "在职", False, "是否离职=在职"),
        ("contacts", "left", True, True, "是否离职=TRUE"),
        ("contacts", "left", "", None, None),
        ("contacts", "phone", 13800138000.0, "13800138000", None),
        ("contacts", "birthday", "5月3日", "1904-05-03 00:00:00", None),
        ("contacts", "birthday", dt.date(2023, 5, 3), "1904-05-03 00:00:00", None),  # the year it was typed in
        ("contacts", "birthday", dt.date(2009, 5, 3), "2009-05-03 00:00:00", None),
        ("contacts", "birthday", "1975年5月3日", "1975-05-03 00:00:00", None),
        ("renewals", "stage", "已签约", "won", "阶段=已签约"),
        ("renewals", "renewal_date", dt.date(2025, 1, 1), "2025-01-01 00:00:00", None),
        ("marks", "action_id", " a-1 ", "a-1", None),
        ("marks", "status", "延期", "postponed", "状态=延期"),
    ],
)
def test_a_cell_of_an_optional_sheet_and_what_becomes_of_it(
    read_cell: Callable, kind: str, field: str, cell: object, value: object, typed: str | None
) -> None:
    row, findings = read_cell(kind, field, cell)
    found = row[field]
    assert codes(findings) == []
    assert (None if pd.isna(found) else str(found) if isinstance(found, pd.Timestamp) else found) == value
    assert (None if pd.isna(row["as_typed"]) else row["as_typed"]) == typed


@pytest.mark.parametrize(("cell", "growth"), [(8.0, 0.08), ("8", 0.08), ("8%", 0.08), (0.5, np.nan), (0.0, 0)])
def test_a_share_below_a_header_that_names_percent(read_cell: Callable, cell: object, growth: float) -> None:
    row, findings = read_cell("indicators", "growth", cell, "行业增长率（％）")
    assert row["growth"] == pytest.approx(growth, nan_ok=True)
    assert ("share_ambiguous" in codes(findings)) == np.isnan(growth)


def test_a_moment_of_1904_counts_from_there(read_cell: Callable) -> None:
    row, _ = read_cell("service", "reported", 43861.25, date1904=True)
    assert str(row["reported"]) == "2024-02-01 06:00:00"


def test_a_step_before_the_one_it_follows_is_unknown_and_its_finding_names_both(read: Callable) -> None:
    row = ["C001", "2024-02-02 10:00", "2024-02-01", "2024-02-02", "2024-02-03"]
    book = read(info(HEAD, ROW), sheet("服务记录", STEPS, row))
    steps = book.tables["service"].rows.iloc[0]
    assert steps[["reported", "answered", "resolved", "confirmed"]].isna().tolist() == [False, True, False, False]
    assert Finding(
        "moments_reversed", "服务记录", "C2", "service.answered", "2024-02-01", "C001", "2024-02-02 10:00:00"
    ) in book.findings  # fmt: skip


def test_a_finding_names_the_header_of_its_own_sheet(read_cell: Callable) -> None:
    for kind, field, cell, header in (
        ("service", "kind", "?", "记录类型"),
        ("renewals", "kind", "?", "商机类型"),
        ("renewals", "amount", "?", "预计金额（万元）"),
        ("marks", "status", "?", "状态"),
    ):
        (finding,) = (f for f in read_cell(kind, field, cell)[1] if f.field)
        assert header_of(finding.field, "zh-CN") == header


def test_a_broken_optional_sheet_costs_nothing_but_itself(read: Callable) -> None:
    contacts = sheet("关键联系人", ["客户ID", "姓名"], ["C001", "王"])
    book = read(info(HEAD, ROW), sheet("服务记录", ["记录类型", "满意度"], ["拜访", 90.0]), contacts)
    assert book.tables.keys() == {"info", "contacts"}
    missing = [f for f in book.findings if f.code == "column_missing"]
    assert [(f.sheet, f.field) for f in missing] == [("服务记录", "service.customer_id")]


def test_a_book_of_optional_sheets_alone_is_refused(read: Callable) -> None:
    with pytest.raises(Refused):
        read(sheet("关键联系人", ["客户ID", "姓名"], ["C001", "王"]))


def test_identical_records_of_one_sheet_count_once(read: Callable) -> None:
    row = ["C001", "2024-02-01 10:00"]
    book = read(info(HEAD, ROW), sheet("服务记录", STEPS[:2], row, row, ["C001", "2024-02-01 10:01"]))
    assert book.count("service") == 2
    assert [f.cell for f in book.findings if f.code == "duplicate_row_exact"] == ["A3:B3"]


def test_an_action_may_lack_its_customer_but_not_its_number(read: Callable) -> None:
    rows = [["行动编号", "客户ID", "状态"], ["A-1", "", "已完成"], ["A-2", "c001", "待办"], ["", "C001", "待办"]]
    book = read(info(HEAD, ROW), sheet("行动清单", *rows))
    marks = book.tables["marks"].rows
    assert marks[["action_id", "customer_id"]].fillna("").to_numpy().tolist() == [["A-1", ""], ["A-2", "C001"]]
    missing = [(f.cell, f.field, f.typed_value) for f in book.findings if f.code == "id_missing"]
    assert missing == [("A4:C4", "marks.action_id", "C001 | 待办")]


def test_a_birthday_stands_in_its_own_column_only(read: Callable) -> None:
    header = ["客户ID", "姓名", "生日"]
    rows = [["C001", "王", "民国64年5月3日"], ["", "李", dt.date(1975, 5, 3)]]
    book = read(info(HEAD, ROW), sheet("关键联系人", header, *rows))
    assert str(book.tables["contacts"].rows["birthday"].iat[0])[:10] == "1975-05-03"
    assert book.tables["contacts"].rows["as_typed"].isna().all()
    assert [f.typed_value for f in book.findings if f.code == "id_missing"] == ["李 | ****-**-**"]


# --- workbooks made from our template ----------------------------------------------------------------------------

OURS = tuple(NativeTable(one.table, one.zh, 3, 0) for one in (INFO, EVALUATION, SERVICE))
N_A = CellError("#N/A")


def template(standard: Sheet, *rows: list) -> RawSheet:
    """A sheet as the template has it: title, hint, a blank row, the header, rows of data."""
    header = [column.zh for column in standard.columns]
    return sheet(standard.zh, [standard.zh], ["每行一个客户"], [], header, *rows)


@pytest.fixture
def read_ours(read: Callable) -> Callable[..., TeamBook]:
    """Rows of evaluations → the validated workbook of ours that holds them and one customer."""

    def run(*evaluations: list, **more: object) -> TeamBook:
        sheets = (template(INFO, ["C001", "甲"]), template(EVALUATION, *evaluations), template(SERVICE))
        return read(*sheets, tables=OURS, **more)

    return run


def test_macros_of_ours_are_only_good_to_know(read_ours: Callable) -> None:
    far = Remark("cells_far_away", "客户", "Z1048576", "1")
    found = read_ours(["C001", 92.0, 88.0, 85.0, 89.4, "重点客户"], remarks=(Remark("contains_macros"), far))
    assert codes(found) == ["contains_our_macros", "cells_far_away", "amount_missing"]
    assert found.findings[1] == Finding("cells_far_away", "客户", "Z1048576", detail="1")
    assert [SEVERITY[code] for code in ("contains_our_macros", "contains_macros")] == ["info", "warn"]


@pytest.mark.parametrize("shown", [N_A, CellError("#NAME?"), NotCalculated("=KAM_SCORE(B5,C5,D5)")])
def test_formulas_of_ours_without_an_answer_are_said_once_a_row(read_ours: Callable, shown: object) -> None:
    book = read_ours(["C001", 92.0, 88.0, "", shown, shown], ["C001", 92.0, 88.0, 85.0, 89.4, shown])
    found = [(f.code, f.cell, f.typed_value) for f in book.findings if f.code == "function_unanswered"]
    text = raw.text(shown)
    assert found == [("function_unanswered", "E5", text), ("function_unanswered", "F6", text)]
    assert "error_cell" not in codes(book)
    assert "not_calculated" not in codes(book)
    assert book.tables["evaluation"].rows[["composite", "tier"]].isna().to_numpy().tolist() == [
        [True, True], [False, True],
    ]  # fmt: skip


def test_other_errors_of_ours_are_errors(read_ours: Callable) -> None:
    book = read_ours(["C001", N_A, 88.0, 85.0, 89.4, "重点客户"])
    assert [f.cell for f in book.findings if f.code == "error_cell"] == ["B5"]


def test_a_row_that_holds_only_score_and_tier_formulas_awaits_its_entry(read_ours: Callable, read: Callable) -> None:
    row = ["", "", "", "", N_A, N_A]
    book = read_ours(row, ["C001", 92.0, 88.0, 85.0, 89.4, "重点客户"], row)
    assert codes(book) == ["amount_missing"]
    assert book.tables["evaluation"].rows["row"].tolist() == [6]
    assert codes(read_ours(row)) == ["no_data_rows", "amount_missing"][::-1]
    elsewhere = read(info(HEAD, ROW), sheet("评估", ["客户ID", "价值", "综合得分"], ["", "", N_A], ["", N_A, N_A]))
    assert [f.cell for f in elsewhere.findings if f.code == "id_missing"] == ["A3:C3"]


def test_a_very_long_text_is_cut_in_findings_only(read_cell: Callable) -> None:
    text = "=" + "长" * 40_000
    row, findings = read_cell("info", "remarks", text)
    assert row["remarks"] == text
    assert [len(f.typed_value) for f in findings if f.code == "formula_like_text"] == [30_001]


# --- nothing is lost ---------------------------------------------------------------------------------------------

WORDS = ["520万", "520.0", "很多", "2023年10月", "2023-10-20", "05/06/2023", "500人", "1.38E+10", "138****8000", "王总（采购）", "A、B", "合计", "C002",
         "客户ID", "＝1", "=1", "制表：王", "ｃ００１", "-", " 甲 ", "\u200b"]  # fmt: skip
typed_cells = st.one_of(
    st.just(""),
    st.sampled_from(WORDS),
    st.text("0123９.,-至年月日元万人（）=AcC甲 \n*：", max_size=8),
    st.text(max_size=6),
)


def folded(text: str) -> str:
    """A text as far as width, blanks and what nobody can see."""
    return "".join("".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").split())


@settings(max_examples=150)
@given(row=st.lists(typed_cells, min_size=14, max_size=14))
def test_no_text_is_lost(read: Callable, row: list[str]) -> None:
    book = read(info([*(column.zh for column in INFO.columns), "自定义", ""], row, ["C999", "末行"]))
    rows = book.tables["info"].rows
    kept = folded(
        " ".join([*rows.astype("str").fillna("").to_numpy().ravel(), *(f.typed_value or "" for f in book.findings)])
    )
    for text in row:
        forms = {folded(form).removesuffix(".0") for form in (text, masked_cell(text))}  # of a row that is left out
        assert is_nothing(text.strip(" \n'’")) or any(form in kept for form in forms)


# --- several sheets that are one table -------------------------------------------------------------------------------


def test_rows_of_all_sheets_are_one_table_and_each_keeps_its_place(read: Callable) -> None:
    book = read(
        sheet("张三", HEAD, ROW), sheet("李四", HEAD[::-1], [CellError("#N/A"), "乙", "C002"], ["IT", "", "C003"])
    )
    table = book.tables["info"]
    placed = table.rows[["customer_id", "name", "sheet", "row"]].astype(object)
    assert placed.where(placed.notna(), None).to_numpy().tolist() == [
        ["C001", "甲", "张三", 2], ["C002", "乙", "李四", 2], ["C003", None, "李四", 3],
    ]  # fmt: skip
    assert table.letters["李四"] == {"customer_id": "C", "name": "B", "industry": "A"}
    found = {f.code: (f.sheet, f.cell, f.customer_id) for f in book.findings}
    assert found["error_cell"] == ("李四", "A2", "C002")
    assert found["name_missing"] == ("李四", "B3", "C003")


def test_a_customer_in_two_sheets_counts_once_and_a_contradiction_is_told_where_it_stands(read: Callable) -> None:
    book = read(sheet("张三", HEAD, ROW, ["C002", "乙", "IT"]), sheet("李四", HEAD, ROW, ["C002", "乙", "零售"]))
    rows = book.tables["info"].rows
    assert rows["repeated"].tolist() == [False, False, True, True]
    conflicts = [(f.sheet, f.cell, f.customer_id) for f in book.findings if f.code == "duplicate_id_conflict"]
    assert conflicts == [("李四", "A3", "C002")]  # what both say alike contradicts nothing


@pytest.mark.parametrize(
    "names", [("2026年9月", "2026年10月"), ("客户_202609", "客户_202610"), ("2026Q2", "2026Q3"), ("九月", "十月")]
)
def test_of_sheets_whose_names_tell_a_time_the_newest_counts(read: Callable, names: tuple) -> None:
    for order in (1, -1):
        old, new = ((sheet(name, HEAD, ["C001", name, "IT"], [f"C-{name}", "x", "IT"])) for name in names)
        book = read(*(old, new)[::order])
        kept = book.tables["info"].rows.query("~repeated")
        assert kept["name"].tolist() == [names[1], "x", "x"]  # who stands in the old sheet only is no less a customer
        older = [(f.sheet, f.typed_value, f.detail) for f in book.findings if f.code == "sheet_older"]
        assert older == [(names[0], "1", names[1])]
        assert "duplicate_id_conflict" not in codes(book)


def test_where_names_tell_no_time_much_that_contradicts_is_told_once(read: Callable) -> None:
    book = read(sheet("旧", HEAD, *TEN), sheet("新", HEAD, *OTHER_TEN))
    assert [(f.sheet, f.typed_value, f.detail) for f in book.findings if f.code == "sheet_repeats"] == [
        ("新", "10", "旧")
    ]
    assert book.tables["info"].rows["repeated"].sum() == 10
    one = read(sheet("旧", HEAD, *TEN, *OTHER_TEN))
    assert codes(one).count("duplicate_id_conflict") == 10  # within a sheet every row is to be put right


def test_two_tables_of_a_kind_in_one_sheet_tell_the_row_where_their_columns_differ(read: Callable) -> None:
    book = read(
        sheet("Sheet1", [*HEAD, "", *HEAD], [*ROW, "", "C002", "乙", "IT"], ["", "", "", "", "C003", "丙", "IT"])
    )
    table = book.tables["info"]
    assert table.rows["customer_id"].tolist() == ["C001", "C002", "C003"]
    assert table.rows["extras"].isna().all()
    assert (table.letters, table.letter("Sheet1", "name")) == ({"Sheet1": {}}, "A")


def test_two_header_rows_are_read_as_one_and_findings_name_the_right_cell(read: Callable) -> None:
    rows = [["客户ID", "客户名称", "联系", "", "", "累计交易额"], ["", "", "联系人", "电话", "微信", "（万元）"]]
    book = read(info(*rows, ["C001", "甲", "赵某", "021-5555", "wx1", "约5"]))
    row = book.tables["info"].rows.iloc[0]
    assert (row["contact"], row["phone"], row["extras"], row["row"]) == ("赵某", "021-5555", "联系 微信=wx1", 3)
    found = {f.code: (f.cell, f.typed_value) for f in book.findings if f.code not in ("sheet_missing", "column_absent")}
    assert found == {"column_unknown": ("E2", "联系 微信"), "amount_unparsed": ("F3", "约5")}


def test_headers_in_two_languages_are_read_and_kept_as_typed(read: Callable) -> None:
    book = read(
        info(
            ["客户ID Customer ID", "客户名称/Customer Name", "累计交易额（万元） Cumulative Amount (10k CNY)"],
            ["C001", "甲", "5万"],
        )
    )
    row = book.tables["info"].rows.iloc[0]
    assert (row["name"], row["amount"]) == ("甲", 5.0)
    assert row["as_typed"] == "累计交易额（万元） Cumulative Amount (10k CNY)=5万"
