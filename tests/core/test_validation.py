"""One workbook becomes typed tables, every cell somebody must look at is named, and nothing typed is lost."""

import ast
import datetime as dt
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kam_xl import core, resources
from kam_xl.core import raw, read_books, validation
from kam_xl.core.books import Book, CellError, Linked, NativeTable, NotCalculated, RawSheet, Remark
from kam_xl.core.entries import LONGEST, is_nothing
from kam_xl.core.errors import Refused
from kam_xl.core.findings import SEVERITY, Finding
from kam_xl.core.privacy import masked_cell
from kam_xl.core.sheets import EVALUATION, INFO, SERVICE, TRACKING, Sheet
from kam_xl.core.validation import TeamBook
from tests import builders
from tests.core.one_book import HEAD, OTHER, ROW, STEPS, TODAY, codes, info, sheet

# --- every finding fires, and just not ---------------------------------------------------------------------------

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
    ("amount_implausible", "orders", "amount", 13_800_001_234.0, 10_000_000_000.0),
    ("amount_implausible", "orders", "cost", "１３８00001234", "-10000000000"),
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
    ("id_missing", "tasks", "action_id", "-", "0"),
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
    ("amount_rate_missing", "info", "amount", "$520", "520"),
    ("amount_rate_missing", "renewals", "amount", "520 EUR", "520元"),
    ("currency_unparsed", "info", "currency", "贝壳", "USD"),
    ("choice_unparsed", "service", "kind", "其他", "投诉"),
    ("choice_unparsed", "tasks", "status", "?", "待办"),
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


TEN, OTHER_TEN = ([[f"C{i:03}", f"{name}{i}"] for i in range(10)] for name in ("甲", "乙"))
MARKED = ["行动编号", "行动", "截止日期", "状态", "推迟到", "备注"]
RULED = "0123456789ab"  # as a rule names its action
BOUGHT = ["客户ID", "下单日期", "金额（元）", "币种"]
TO_BE = [["我-2", "", "", "", "", ""]]  # a number that awaits its action
DATED = ["客户ID", "客户名称", "合作起始时间", "最近合作时间"]


#: (code, a book's sheets that fire it, sheets that just do not)
NUMBERED = ["客户ID", "下单日期", "订单号", "产品", "订单金额"]
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
    ("amount_currency_unclear", [info([*HEAD, "累计交易额（万元）", "币种"], [*ROW, "$5", "EUR"])], [info([*HEAD, "累计交易额（万元）", "币种"], [*ROW, "$5", "USD"])]),
    ("amount_unit_unknown", [info([*HEAD, "累计交易额（贝壳）"], ROW)], [info([*HEAD, "累计交易额（元）"], ROW)]),
    ("amount_of_price", [info(HEAD, ROW), sheet("订单", [*BOUGHT[:2], "单价", "数量"], ["C001", TODAY, 2.0, 3.0])], [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "单价", "数量"], ["C001", TODAY, 6.0, 2.0, 3.0])]),
    ("amount_beside_tax", [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "税额"], ["C001", TODAY, 6.0, 2.0])], [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "税号"], ["C001", TODAY, 6.0, 2.0])]),
    ("orders_not_counted", [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "状态"], ["C001", TODAY, 6.0, "取消"])], [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "状态"], ["C001", TODAY, 6.0, "完成"])]),
    ("orders_state_unclear", [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "状态"], ["C001", TODAY, 6.0, "挂起"])], [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "状态"], ["C001", TODAY, 6.0, "完成"])]),
    ("orders_returned", [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "单据类型"], ["C001", TODAY, 6.0, "退货"])], [info(HEAD, ROW), sheet("订单", [*BOUGHT[:3], "单据类型"], ["C001", TODAY, -6.0, "退货"])]),
    ("order_totals_once", [info(HEAD, ROW), sheet("订单", NUMBERED, ["C001", TODAY, "1", "a", 6.0], ["C001", TODAY, "1", "b", 6.0])], [info(HEAD, ROW), sheet("订单", NUMBERED, ["C001", TODAY, "1", "a", 6.0], ["C001", TODAY, "1", "b", 5.0])]),
    ("order_totals_perhaps", [info(HEAD, ROW), sheet("订单", [*NUMBERED[:4], "金额"], *(["C001", TODAY, n, one, 6.0] for n in "123" for one in "ab"))], [info(HEAD, ROW), sheet("订单", [*NUMBERED[:4], "金额"], *(["C001", TODAY, n, one, 6.0] for n in "12" for one in "ab"))]),
    ("order_lines_continued", [info(HEAD, ROW), sheet("订单", NUMBERED, ["C001", TODAY, "1", "a", 6.0], ["", "", "", "b", 5.0])], [info(HEAD, ROW), sheet("订单", NUMBERED, ["C001", TODAY, "1", "a", 6.0], ["", TODAY, "", "b", 5.0])]),
    ("days_first", [info(DATED, ["C001", "甲", "05/03/2023", ""], ["C002", "乙", "15/03/2023", ""])], [info(DATED, ["C001", "甲", "05/03/2023", ""], ["C002", "乙", "12/03/2023", ""])]),
    ("months_first", [info(DATED, ["C001", "甲", "03/05/2023", ""], ["C002", "乙", "03/15/2023", ""])], [info(DATED, ["C001", "甲", "03/05/2023", ""], ["C002", "乙", "03/12/2023", ""])]),
    ("decimals_by_comma", [info([*HEAD, "累计交易额（元）"], [*ROW, "1.234,5"])], [info([*HEAD, "累计交易额（元）"], [*ROW, "1,234.5"])]),
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


#: Codes of what the file itself is like, and of workbooks of ours: tried further down; those of lists in `test_remembered`.
BELOW = {
    "list_known",
    "list_understood",
    "list_column_gone",
    "list_column_new",
    "list_column_read",
    "list_column_alike",
    "contains_macros",
    "contains_our_macros",
    "function_unanswered",
    "sheet_damaged",
    "id_format_unread",
    "amount_converted",  # under a policy with rates, in `test_conversion`
}


@pytest.mark.parametrize(("name", "told"), [("华东.xlsx", True), ("华东.XLSX", True), ("华东.xlsm", False)])
def test_macros_are_told_where_a_workbooks_name_says_it_has_none(name: str, told: bool) -> None:
    book = Book(name, "华东", (info(HEAD, ROW),), remarks=(Remark("contains_macros"),))

    found = validation.validate(book, resources.policy(), TODAY).findings

    assert (Finding("contains_macros") in found) is told


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
        (
            [sheet("Sheet1", ["日期", "地点"], ["x", "y"])],
            "no_standard_sheet",
            "Sheet1\tother\t\tcustomer_id,name\t日期, 地点",
        ),
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


@pytest.mark.slow
@settings(max_examples=150)
@example(row=["C1", "甲", *[""] * 6, "520万", *[""] * 4, "贝壳", "", ""])  # a currency that nobody knows
@given(row=st.lists(typed_cells, min_size=16, max_size=16))
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


# --- what another day would say ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        ({"last_deal": TODAY}, {-1}),  # a day before, that was still to come
        ({"last_deal": dt.date(1980, 1, 1)}, {-1, 0, 1}),  # too early to be sure of on any day
        ({"since": TODAY - dt.timedelta(days=9), "amount": 7}, set()),
        ({"amount": "$12,000"}, {-1, 0, 1}),  # by the rate of the day
    ],
)
def test_rows_rest_on_the_day_where_one_may_be_to_come_or_a_rate_is_asked_for(cells: dict, days: set[int]) -> None:
    book = read_books.read(builders.raw_book(info=[{"customer_id": "C001", "name": "甲", **cells}]))
    policy = resources.policy()
    found = {n for n in (-1, 0, 1) if validation.rests_on_day(book, policy, TODAY + dt.timedelta(days=n))}
    assert found == days
