"""Each located table becomes typed columns: only rows of data, every cell by its column's kind, all that was typed kept."""

import datetime as dt
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kam_xl.core.books import CellError, Linked, NotCalculated, Remark
from kam_xl.core.customer_cells import ASKED
from kam_xl.core.errors import Refused
from kam_xl.core.findings import Finding
from kam_xl.core.sheets import BY_KIND, RULED_ACTION
from kam_xl.core.sheets import header as header_of
from tests.builders import of_the_book
from tests.core.one_book import HEAD, ID, ROW, STEPS, codes, info, sheet

# --- rows --------------------------------------------------------------------------------------------------------


def test_only_rows_of_data_are_kept_and_each_knows_its_place(read: Callable) -> None:
    rows = [["客户一览"], HEAD, ROW, [], [" ", "\u3000"], HEAD, ["C002", "乙", "IT"], ["合计", "", 2.0], ["制表：王某"]]
    table = read(info(*rows)).tables["info"]
    assert table.rows[["customer_id", "sheet", "row"]].to_numpy().tolist() == [
        ["C001", "客户基础信息表", 3],
        ["C002", "客户基础信息表", 7],
    ]
    assert table.letters == {"客户基础信息表": {"customer_id": "A", "name": "B", "industry": "C"}}


def test_what_a_workbook_computes_for_its_own_reader_is_nobodys_record(read: Callable) -> None:
    header = [
        "客户ID",
        "价值维度",
        "潜力维度",
        "需求维度",
        "本表得分",
        "Tier here",
        "价值读数",
        "评估日期",
        "评估人",
        "自定义",
    ]
    rows = [
        ["C001", 92.0, 88.0, 85.0, 12.3, "战略客户", 92.0, "2023-10-01", "李", "x"],
        ["", "", "", "", "—", NotCalculated("=A1"), "", "", "", ""],
    ]
    book = read(sheet("客户多维度分层评估表", header, *rows))
    table = book.tables["evaluation"].rows
    assert table[["customer_id", "value"]].to_numpy().tolist() == [["C001", 92.0]]
    assert table[["composite", "tier"]].isna().all(axis=None)
    assert [f.typed_value for f in book.findings if f.code == "column_unknown"] == ["自定义"]
    assert not {f.code for f in book.findings} & {"column_absent", "id_missing"}


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


def test_equal_texts_of_a_column_are_held_once(read: Callable) -> None:
    rows = [[customer_id, f"甲{kind}"] for customer_id, kind in (("C001", "公司"), ("C002", "公司"))]
    one, other = read(info(["客户ID", "企业名称"], *rows)).tables["info"].rows["name"].array
    assert one is other


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
        ("累计交易额（亿元）", "0.5", 5000, None),  # a number that is a text tells no more than one
        ("累计交易额（亿元）", "0.50亿", 0.5e4, "累计交易额（亿元）=0.50亿"),
        ("累计交易额（元）", "1,353.1", 0.13531, "累计交易额（元）=1,353.1"),
        ("累计交易额（元）", "1353.10", 0.13531, None),
        ("累计交易额（贝壳）", 520.0, np.nan, "累计交易额（贝壳）=520"),
        ("累计交易额（贝壳）", "520万", 520, "累计交易额（贝壳）=520万"),
        ("累计交易额（美元）", 520.0, np.nan, None),  # no rate
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
    columns = of_the_book(standard)
    row = [ID.get(kind, "C001") if column.field == standard.key else cell for column in columns]
    others = () if kind == "info" else (info(HEAD, ROW),)
    book = read(*others, sheet(standard.zh, [column.zh for column in columns], row))
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
        ("tasks", "action_id", " a-1 ", "a-1", None),
        ("tasks", "status", "延期", "postponed", "状态=延期"),
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


def test_a_finding_names_the_header_of_its_own_sheet(read_cell: Callable) -> None:
    for kind, field, cell, header in (
        ("service", "kind", "?", "记录类型"),
        ("renewals", "kind", "?", "商机类型"),
        ("renewals", "amount", "?", "预计金额（万元）"),
        ("tasks", "status", "?", "状态"),
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
    marks = book.tables["tasks"].rows
    assert marks[["action_id", "customer_id"]].fillna("").to_numpy().tolist() == [["A-1", ""], ["A-2", "C001"]]
    missing = [(f.cell, f.field, f.typed_value) for f in book.findings if f.code == "id_missing"]
    assert missing == [("A4:C4", "tasks.action_id", "C001 | 待办")]


def test_a_line_that_names_an_action_needs_no_number_of_its_own(read: Callable) -> None:
    header = ["客户ID", "行动", "备注", "行动编号"]
    rows = [
        ["C001", "请客户参观", "", ""],
        ["C001", "请客户参观", "第二次", ""],
        ["C002", "请客户参观", "", ""],
        ["C001", "", "记得", ""],
    ]
    book = read(info(HEAD, ROW), sheet("行动清单", header, *rows))
    ids = book.tables["tasks"].rows["action_id"].tolist()
    assert len(set(ids)) == len(ids) == 3  # what says nothing to do is no action
    assert not any(re.fullmatch(RULED_ACTION, name) for name in ids)
    again = read(info(HEAD, ROW), sheet("行动清单", header, ["C009", "另一件", "", ""], *rows))
    assert again.tables["tasks"].rows["action_id"].tolist()[1:] == ids  # whatever stands above it
    assert [f.cell for f in book.findings if f.code == "id_missing"] == ["A5:D5"]


def test_what_a_button_writes_may_be_absent(read: Callable) -> None:
    told = ["行动编号", "客户ID", "行动", "负责人", "截止日期", "状态", "推迟到", "备注"]
    book = read(info(HEAD, ROW), sheet("行动清单", told, ["A-1", "C001", "回访", "张三", "2024-05-01", "", "", ""]))
    assert not [f for f in book.findings if f.sheet == "行动清单"]
    assert book.tables["tasks"].rows[["subject", "proposed_owner"]].isna().all(axis=None)


def test_a_birthday_stands_in_its_own_column_only(read: Callable) -> None:
    header = ["客户ID", "姓名", "生日"]
    rows = [["C001", "王", "民国64年5月3日"], ["", "李", dt.date(1975, 5, 3)]]
    book = read(info(HEAD, ROW), sheet("关键联系人", header, *rows))
    assert str(book.tables["contacts"].rows["birthday"].iat[0])[:10] == "1975-05-03"
    assert book.tables["contacts"].rows["as_typed"].isna().all()
    assert [f.typed_value for f in book.findings if f.code == "id_missing"] == ["李 | ****-**-**"]


@pytest.mark.parametrize(("header", "cell", "told"), [
    ("累计交易额（元）", "9876543210987.6", "9876543210987.6"), ("累计交易额（元）", 9876543210987.6, "9876543210987.6"),
    ("累计交易额（元）", "9,876,543,210,987.6", "9,876,543,210,987.6"), ("累计交易额（亿元）", "-0.3", "-0.3"), ("累计交易额（万元）", -0.1, "-0.1"),
])  # fmt: skip
def test_what_is_told_of_an_amount_is_what_was_typed(read_cell: Callable, header: str, cell: object, told: str) -> None:
    _, found = read_cell("info", "amount", cell, header)
    assert [one.typed_value for one in found if one.code in ("amount_implausible", "amount_negative")] == [told]


@pytest.mark.parametrize(
    ("cell", "typed"),
    [("2023-05-06 00:00:00", None), ("2023-05-06 00:00", None), ("2023/5/6", "最近合作时间=2023/5/6")],
)
def test_midnight_says_no_more_of_a_day_than_the_day(read_cell: Callable, cell: str, typed: str | None) -> None:
    row, _ = read_cell("info", "last_deal", cell)
    assert row["last_deal"] == pd.Timestamp("2023-05-06")
    assert (None if pd.isna(row["as_typed"]) else row["as_typed"]) == typed


# --- lines of orders that tell a price ---------------------------------------------------------------------------------

PRICED = ["客户ID", "下单日期", "数量", "Unit Price USD", "Discount"]


@pytest.mark.parametrize(("line", "comes_to", "told"), [
    ([5.0, 34.8, 0.15], "147.90 USD", []), (["5", "34.80", ""], "174 USD", []), ([-2.0, 10.0, 0.0], "-20 USD", []), ([5.0, "$34.80", "15%"], "147.90 USD", []),
    (["", 34.8, 0.0], None, ["amount_missing"]), ([5.0, "", 0.0], None, ["amount_missing"]), ([5.0, 34.8, 15.0], None, ["amount_missing"]),
    ([5.0, 34.8, "some"], None, ["amount_missing"]), ([CellError("#N/A"), 34.8, 0.0], None, ["error_cell", "amount_missing"]),
])  # fmt: skip
def test_a_line_without_an_amount_comes_to_its_price_times_its_quantity_less_the_discount(read, line, comes_to, told):
    book = read(info(HEAD, ROW), sheet("订单", PRICED, ["C001", dt.date(2024, 2, 1), *line]))
    [amount] = book.tables["orders"].rows["amount_typed"]
    assert (amount if isinstance(amount, str) else None) == comes_to
    found = [one.code for one in book.findings if one.sheet == "订单" and one.cell != "D1"]
    assert sorted(code for code in found if code.startswith(("amount_mi", "error"))) == sorted(told)
    assert "column_unknown" not in found
    assert "amount_of_price" in codes(book.findings)
    assert book.tables["orders"].rows["extras"].isna().all()
