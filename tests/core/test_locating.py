"""The standard tables are found by native table, by name or by their headers, and never guessed (handbook §2)."""

import pytest
from opencc import OpenCC

from kam_xl.core.books import Book, NativeTable, RawSheet, letter
from kam_xl.core.located import Located
from kam_xl.core.locating import is_ours, locate
from kam_xl.core.own_sheets import PRODUCT, RESULTS
from kam_xl.core.sheets import BY_KIND, OPTIONAL, STANDARD

INFO = ["客户ID", "客户名称", "所属行业"]
EVALUATION = ["客户ID", "价值维度", "潜力维度", "需求维度"]
TRACKING = ["客户ID/名称", "策略内容", "完成情况"]
NAMES = {sheet.kind: sheet.zh for sheet in STANDARD}


def sheet(name: str, *rows: list, hidden: bool = False) -> RawSheet:
    """A sheet out of rows that may be of different length."""
    width = max(map(len, rows), default=0)
    return RawSheet(name, [list(row) + [""] * (width - len(row)) for row in rows], hidden)


def found(*sheets: RawSheet, native: tuple[NativeTable, ...] = ()) -> tuple[dict[str, Located], dict[str, list]]:
    """The located tables by kind, and the findings by code; that other kinds are missing is no news here."""
    tables, findings = locate(Book("华东.xlsx", "华东", sheets, native))
    codes: dict[str, list] = {}
    for finding in findings:
        if finding.code != "sheet_missing":
            codes.setdefault(finding.code, []).append(finding)
    return tables, codes


def place(table: Located) -> tuple[str, int]:
    return table.sheet.name, table.header_row


@pytest.mark.parametrize("standard", STANDARD, ids=lambda standard: standard.kind)
@pytest.mark.parametrize("script", ["simplified", "traditional", "english", "shuffled"])
def test_a_table_is_found_by_its_headers_in_three_scripts_and_any_order(standard, script: str) -> None:
    columns = [column for column in standard.columns if column.field != "named_manager"]  # which lists have
    header = {
        "simplified": [column.zh for column in columns],
        "traditional": [OpenCC("s2t").convert(column.zh) for column in columns],
        "english": [column.en for column in columns],
        "shuffled": [column.zh for column in reversed(columns)],
    }[script]
    tables, codes = found(sheet("Sheet1", header, ["C001"]))
    fields = [column.field for column in (columns[::-1] if script == "shuffled" else columns)]
    assert list(tables) == [standard.kind]
    assert tables[standard.kind].columns == {field: position for position, field in enumerate(fields)}
    assert codes == {}


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("Sheet1", INFO, "info"),
        ("Sheet1", INFO[:2], "info"),
        ("Sheet1", ["客户ID", "行业"], None),
        ("客户信息", INFO[:2], "info"),
        ("客户信息", INFO[:1], None),
        ("评估", ["客户ID", "层级"], "evaluation"),
        ("跟踪", ["客户", "策略"], "tracking"),
        ("跟踪", INFO, "info"),
        ("Sheet1", ["*客户ID", "*客户名称", "行业："], "info"),
        ("Sheet1", ["客户编号", "公司名称", "联络人"], "info"),
        ("Sheet1", ["客户ID", "价值维度\n(50%)", "潜力维度 30%"], "evaluation"),
        ("Sheet1", ["日期", "地点", "人员"], None),
    ],
)
def test_three_known_headers_are_enough_and_two_where_the_name_agrees(
    name: str, header: list[str], kind: str | None
) -> None:
    tables, codes = found(sheet(name, header, ["C001"] * len(header)))
    assert list(tables) == ([kind] if kind else [])
    assert ("sheet_unknown" in codes) == (kind is None)


def test_titles_above_and_a_margin_on_the_left_are_reported_and_skipped() -> None:
    tables, codes = found(
        sheet("Sheet1", ["", "客户一览"], [], ["", "制表", 2024.0], ["", *INFO], ["", "C001", "甲", "IT"])
    )
    assert place(tables["info"]) == ("Sheet1", 3)
    assert tables["info"].letters == {"customer_id": "B", "name": "C", "industry": "D"}
    assert [(note.cell, note.typed_value) for note in codes["text_outside_table"]] == [("A1", "客户一览\n制表 2024.0")]


def test_a_header_is_looked_for_two_hundred_rows_down() -> None:
    assert found(sheet("Sheet1", *[["x"]] * 199, ["", "", "", *INFO]))[0].keys() == {"info"}
    assert found(sheet("Sheet1", *[["x"]] * 200, ["", "", "", *INFO]))[0].keys() == set()


def test_tables_stacked_in_one_sheet_end_where_the_next_begins() -> None:
    rows = [
        INFO,
        ["C001", "甲", "IT"],
        [],
        ["评估"],
        EVALUATION,
        ["C001", 1.0, 2.0, 3.0],
        TRACKING,
        ["C001", "回访", "已完成"],
    ]
    tables, codes = found(sheet("Sheet1", *rows))
    assert {kind: (table.header_row, table.end) for kind, table in tables.items()} == {
        "info": (0, 4),
        "evaluation": (4, 6),
        "tracking": (6, 8),
    }
    assert codes == {}


def test_stacked_headers_may_begin_with_percentages() -> None:
    marks = ["价值维度(50%)", "潜力维度(30%)", "需求维度(20％)", "客户ID"]
    assert found(sheet("Sheet1", INFO, ["C001", "甲", "IT"], marks))[0].keys() == {"info", "evaluation"}


def test_stacked_headers_may_carry_a_star() -> None:
    tables, _ = found(sheet("Sheet1", INFO, ["C001", "甲", "IT"], ["*" + text for text in EVALUATION]))
    assert tables.keys() == {"info", "evaluation"}


@pytest.mark.parametrize("again", [INFO, ["客户编号", "名称", ""], ["客户ID", "客户名称（全称）", "行业"]])
def test_a_header_repeated_within_its_table_starts_no_new_one(again: list[str]) -> None:
    tables, codes = found(sheet("Sheet1", INFO, ["C001", "甲", "IT"], again, ["C002", "乙", "IT"]))
    assert (tables["info"].header_row, tables["info"].end) == (0, 4)
    assert codes == {}


def test_a_second_table_with_its_columns_elsewhere_is_part_of_the_first() -> None:
    tables, codes = found(sheet("Sheet1", INFO, ["C001", "甲", "IT"], INFO[::-1], ["IT", "乙", "C002"]))
    assert [(part.header_row, part.end, part.columns["name"]) for part in tables["info"].parts] == [
        (0, 2, 1),
        (2, 4, 1),
    ]
    assert [part.letters["customer_id"] for part in tables["info"].parts] == ["A", "C"]
    assert codes == {}


OTHER = ["客户ID", "客户名称", "联系人", "最近合作时间"]  # no headers one could take for those of INFO


def test_two_sheets_with_equal_right_and_other_headers_are_ambiguous_and_neither_is_used() -> None:
    tables, codes = found(
        sheet("表A", INFO, ["C001", "甲"]), sheet("表B", OTHER, ["C002", "乙"]), sheet("评估", EVALUATION)
    )
    assert tables.keys() == {"evaluation"}
    assert [(note.sheet, note.typed_value, note.detail) for note in codes["sheet_ambiguous"]] == [
        ("表A", "表A、表B", "info")
    ]


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (sheet("客户基础信息表", INFO), sheet("Sheet1", OTHER)),
        (sheet("客户基础信息表", INFO), sheet("客户基础信息表 (2)", INFO)),
        (sheet("客户基础信息表 (2)", INFO), sheet("Sheet1", OTHER)),
        (sheet("Sheet1", INFO), sheet("客户基础信息表", INFO, hidden=True)),
        (sheet("旧表", INFO, hidden=True), None),
    ],
)
def test_the_stronger_claim_wins_and_the_other_is_reported(stronger: RawSheet, weaker: RawSheet | None) -> None:
    for sheets in ((stronger, weaker), (weaker, stronger)):
        tables, codes = found(*filter(None, sheets))
        assert tables["info"].sheet is stronger
        ignored = [(note.sheet, note.detail) for note in codes.get("sheet_ignored", [])]
        assert ignored == ([(weaker.name, stronger.name)] if weaker else [])


def test_a_native_table_of_ours_outranks_a_sheets_name_and_needs_two_headers() -> None:
    named, native = sheet("客户基础信息表", INFO), sheet("数据", ["说明"], INFO[:2], ["C001", "甲"])
    tables, codes = found(
        named, native, native=(NativeTable("TBLCUSTOMERS", "数据", 1, 0), NativeTable("表1", "数据", 2, 0))
    )
    assert place(tables["info"]) == ("数据", 1)
    assert codes["sheet_ignored"][0].sheet == "客户基础信息表"


def test_what_is_missing_is_said_and_blank_sheets_are_not_worth_a_word() -> None:
    _, findings = locate(
        Book(
            "a.xlsx",
            "a",
            (sheet("客户信息", INFO), sheet("目录", ["见后"]), sheet("Sheet3"), sheet("Sheet4", ["", ""])),
        )
    )
    assert [(note.code, note.sheet or note.detail) for note in findings] == [
        ("sheet_missing", "客户多维度分层评估表 · Evaluation"),
        ("sheet_missing", "客户策略执行效果跟踪表 · Tracking"),
        ("sheet_unknown", "目录"),
    ]


@pytest.mark.parametrize(
    ("kind", "header", "columns", "repeated", "others"),
    [
        ("info", ["客户名称", "企业名称", "客户ID"], {"name": 0, "customer_id": 2}, (1,), ()),
        ("info", ["企业名称", "客户ID", "客户名称"], {"customer_id": 1, "name": 2}, (0,), ()),
        ("info", ["客户ID", "客户ID", "行业"], {"customer_id": 0, "industry": 2}, (1,), ()),
        (
            "info",
            ["客户ID", "简称？", "行业", "联系人", "自定义", 2023.0, " ", ""],
            {"customer_id": 0, "industry": 2, "contact": 3},
            (),
            (1, 4, 5),
        ),
        ("tracking", ["客户名称", "客户ID", "策略内容", "状态"], {"customer": 1, "strategy": 2, "status": 3}, (0,), ()),
        ("tracking", ["客户ID", "客户ID/名称", "策略内容"], {"customer": 1, "strategy": 2}, (0,), ()),
    ],
)
def test_each_field_has_its_best_column(kind: str, header: list, columns: dict, repeated: tuple, others: tuple) -> None:
    table = found(sheet(NAMES[kind], header))[0][kind]
    assert (table.columns, table.repeated, table.others) == (columns, repeated, others)


@pytest.mark.parametrize("row", [["客户", "客户", "制造"], ["C001", "产品", "IT"], ["", "", "标签", "", "", "客户ID"]])
def test_a_row_of_data_that_looks_like_a_header_is_data(row: list[str]) -> None:
    tables, codes = found(sheet("客户基础信息表", INFO, row, ["C001", "甲", "IT"]))
    assert (tables["info"].header_row, tables["info"].end) == (0, 3)
    assert codes == {}


def test_every_kind_has_a_native_table_name() -> None:
    assert len({BY_KIND[kind].table.casefold() for kind in BY_KIND}) == len(BY_KIND)


# --- the optional sheets -----------------------------------------------------------------------------------------

CONTACTS = ["客户ID", "联系人", "职务", "电话", "生日", "备注"]  # four of them are headers of the customers' sheet too


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("optional", OPTIONAL, ids=lambda optional: optional.kind)
def test_an_optional_sheet_is_found_by_name_or_headers_and_is_none_without_rows(optional, lang: str) -> None:
    header = [column.header(lang) for column in optional.columns]
    for name in (optional.name(lang), "Sheet4"):
        for rows, kinds in (([["C001"]], {optional.kind}), ([], set()), ([[""], ["", ""]], set())):
            tracking = sheet("跟踪", TRACKING, ["C001"])
            tables, codes = found(sheet("客户信息", INFO, ["C001"]), tracking, sheet(name, ["标题"], header, *rows))
            assert tables.keys() == {"info", "tracking"} | kinds
            assert [place(tables[kind]) for kind in kinds] == [(name, 1) for _ in kinds]
            assert codes.keys() == ({"text_outside_table"} if kinds else set())


def test_a_native_table_of_an_optional_sheet_is_what_its_name_says() -> None:
    mixed = sheet("数据", ["说明"], ["客户ID", "客户名称", "所属行业", "姓名", "职务"], ["C001", "甲"])
    native = (NativeTable("tblContacts", "数据", 1, 0),)
    tables, codes = found(sheet("客户信息", INFO, ["C001"]), mixed, native=native)
    assert tables["info"].sheet.name == "客户信息"
    assert place(tables["contacts"]) == ("数据", 1)
    assert codes == {}
    assert found(mixed)[0].keys() == {"info"}


def test_the_name_of_an_optional_sheet_decides_unless_its_headers_tell_more_of_another() -> None:
    shared = ["客户ID", "联系人", "电话", "备注"]
    assert found(sheet("关键联系人", shared, ["C001"]))[0].keys() == {"contacts"}
    assert found(sheet("Sheet1", shared, ["C001"]))[0].keys() == {"info"}
    assert found(sheet("关键联系人", [*shared, "客户名称"], ["C001"]))[0].keys() == {"info"}
    assert found(sheet("客户信息", CONTACTS, ["C001"]))[0].keys() == {"info"}


def test_a_tracking_sheet_with_more_headers_of_the_action_list_is_one_without_action_numbers() -> None:
    mixed = ["客户ID", "关键动作", "状态", "负责人", "截止日期", "备注"]
    assert found(sheet("Sheet1", mixed, ["C001"]), sheet("Sheet2", TRACKING, ["C001"]))[1].keys() == {"sheet_ambiguous"}
    tables, _ = found(sheet("Sheet1", [*mixed, "行动编号"], ["C001"]), sheet("Sheet2", TRACKING, ["C001"]))
    assert {kind: table.sheet.name for kind, table in tables.items()} == {"tracking": "Sheet2", "tasks": "Sheet1"}


def test_headers_of_an_optional_sheet_give_way_to_any_other_customers_and_never_lose_the_only_ones() -> None:
    tables, codes = found(sheet("Sheet1", CONTACTS, ["C001"]), sheet("Sheet2", INFO, ["C001"]))
    assert (place(tables["info"]), place(tables["contacts"])) == (("Sheet2", 0), ("Sheet1", 0))
    assert tables["contacts"].columns == {
        "customer_id": 0, "name": 1, "title": 2, "phone": 3, "birthday": 4, "remarks": 5,
    }  # fmt: skip
    assert codes == {}
    tables, codes = found(sheet("Sheet1", CONTACTS, ["C001"]))
    assert place(tables["info"]) == ("Sheet1", 0)
    assert codes == {}


def test_an_optional_table_ends_the_one_above_and_is_no_text_above_the_next() -> None:
    rows = [INFO, ["C001", "甲", "IT"], CONTACTS, ["C001", "王总", "总监"], EVALUATION, ["C001", 1.0, 2.0, 3.0]]
    tables, codes = found(sheet("客户基础信息表", *rows))
    assert {kind: (table.header_row, table.end) for kind, table in tables.items()} == {
        "info": (0, 2),
        "contacts": (2, 4),
        "evaluation": (4, 6),
    }
    assert codes == {}
    unnamed, _ = found(sheet("Sheet1", *rows))
    assert unnamed["info"].end == 2


# --- workbooks of ours -------------------------------------------------------------------------------------------

NATIVE = (NativeTable("tblCustomers", "客户基础信息表", 0, 0), NativeTable("tblEvaluation", "评估", 0, 0))
OURS = (sheet("客户基础信息表", INFO, ["C001"]), sheet("评估", EVALUATION, ["C001"]))
AUDIT = ["客户ID", "客户名称", "价值维度", "潜力维度", "需求维度", "综合得分", "层级划分"]


@pytest.mark.parametrize("name", sorted({name for names in PRODUCT.values() for name in names}))
def test_sheets_we_made_ourselves_are_passed_over_in_a_workbook_of_ours_only(name: str) -> None:
    made = sheet(name.upper(), ["评分核对 · KAM XL"], [], [], AUDIT, ["C001", "甲", 1.0])
    tables, codes = found(made, *OURS, native=NATIVE)
    assert [table.sheet for table in tables.values()] == list(OURS)
    assert codes == {}
    tables, codes = found(made, OURS[0], native=NATIVE[:1])
    assert tables["evaluation"].sheet is made


@pytest.mark.parametrize("key", sorted(PRODUCT))
def test_a_teams_own_sheet_under_the_name_of_our_results_is_not_passed_over(key: str) -> None:
    name = PRODUCT[key][0]
    notes = sheet(name, ["随手记"])
    assert [note.sheet for note in found(notes, *OURS)[1]["sheet_unknown"]] == [name]
    codes = found(notes, *OURS, native=NATIVE)[1]
    assert ("sheet_unknown" in codes) == (key in RESULTS)


def test_a_copy_of_such_a_sheet_is_a_teams_own_and_a_native_table_stays_one() -> None:
    copy = sheet("评分核对 (2)", AUDIT, ["C001"])
    assert [note.sheet for note in found(copy, *OURS, native=NATIVE)[1]["sheet_ignored"]] == [copy.name]
    moved = sheet("列表", INFO, ["C001"])
    tables, _ = found(moved, native=(NativeTable("tblCustomers", "列表", 0, 0), NativeTable("tblService", "x", 0, 0)))
    assert tables["info"].sheet is moved


def test_the_sheet_of_words_tells_a_workbook_of_ours_where_tables_have_no_names() -> None:
    words = sheet("_i18n", ["key", "zh-CN", "en"], ["ribbon.tab", "大客户", "KAM"], hidden=True)
    assert is_ours(Book("a.ods", "a", (words,)))
    assert is_ours(Book("a.xlsx", "a", (), NATIVE))
    assert not is_ours(Book("a.xlsx", "a", (), NATIVE[:1]))
    assert not is_ours(Book("a.xlsx", "a", (sheet("_i18n", ["Schlüssel"]), sheet("_i18n"))))
    assert found(words, *OURS)[1] == {}


def test_the_templates_own_title_and_hint_need_no_word_but_a_teams_note_does() -> None:
    rows = [["← 开始", "客户基础信息表", ""], ["一行一个客户", "", ""], [], INFO, ["C001", "甲", "IT"]]
    native = (NativeTable("tblCustomers", "客户", 3, 0),)
    assert found(sheet("客户", *rows), native=native)[1] == {}
    assert found(sheet("客户", *rows))[1]["text_outside_table"][0].typed_value == "← 开始 客户基础信息表\n一行一个客户"
    rows[0][2], rows[2] = "王总改", ["待核对"]
    assert found(sheet("客户", *rows), native=native)[1]["text_outside_table"][0].typed_value == "王总改\n待核对"


@pytest.mark.parametrize(
    ("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_the_letter_of_a_column(column: int, name: str) -> None:
    assert letter(column) == name


# --- several sheets that are one table ------------------------------------------------------------------------------


def parts(table: Located) -> list[tuple[str, int]]:
    return [(part.sheet.name, part.header_row) for part in table.parts]


def test_sheets_with_the_same_headers_in_any_order_or_language_are_one_table() -> None:
    tables, codes = found(
        sheet("张三", INFO, ["C001", "甲", "IT"]),
        sheet("李四", ["李四的客户"], INFO[::-1], ["IT", "乙", "C002"]),
        sheet("王五", ["Customer ID", "Customer name", "Industry"], ["C003", "丙", "IT"]),
        sheet("说明", ["x"]),
    )
    assert parts(tables["info"]) == [("张三", 0), ("李四", 1), ("王五", 0)]
    assert [part.letters["customer_id"] for part in tables["info"].parts] == ["A", "C", "A"]
    assert codes.keys() == {"sheet_unknown", "text_outside_table"}


def test_the_strongest_claim_stands_first_and_the_others_in_the_order_of_the_workbook() -> None:
    names = ["华东客户", "客户", "华南客户"]
    tables, codes = found(*(sheet(name, INFO, [f"C00{i}", "甲", "IT"]) for i, name in enumerate(names)))
    assert parts(tables["info"]) == [("客户", 0), ("华东客户", 0), ("华南客户", 0)]
    assert codes == {}


@pytest.mark.parametrize("kind", BY_KIND)
def test_every_kind_of_sheet_may_have_several(kind: str) -> None:
    header = [column.zh for column in BY_KIND[kind].columns]
    key = header.index(BY_KIND[kind].column(BY_KIND[kind].key).zh)
    rows = [["" if i != key else f"C{n}" for i in range(len(header))] for n in (1, 2)]
    others = {"info": sheet("客户信息", INFO, ["C1", "甲", "IT"]), "tracking": sheet("跟踪", TRACKING, ["C1"])}
    others.pop(kind, None)
    tables, codes = found(*others.values(), sheet("2026Q1", header, rows[0]), sheet("2026Q2", header, rows[1]))
    assert parts(tables[kind]) == [("2026Q1", 0), ("2026Q2", 0)]
    assert codes == {}


MANY = [column.zh for column in BY_KIND["info"].columns][:9]


@pytest.mark.parametrize(
    ("header", "alike"),
    [
        ([*MANY, "微信"], True),
        (MANY[:-1], True),
        ([*MANY[:-2], "微信", "微博", "抖音"], False),
        ([*MANY[:1], *MANY[2:]], False),  # without the names
    ],
)
def test_one_header_more_or_less_is_the_same_table_but_not_without_a_required_one(header: list, alike: bool) -> None:
    tables, codes = found(sheet("客户", MANY, ["C001"]), sheet("华东", header, ["C002"]))
    assert (len(tables["info"].parts) == 2) == alike
    assert codes.keys() == (set() if alike else {"sheet_left_out"})


@pytest.mark.parametrize(
    ("rows", "code", "count"),
    [
        ([["C001", "甲"]], "sheet_ignored", None),
        ([[" c001", "甲"], ["合计", "", 2.0]], "sheet_ignored", None),
        ([["C001", "甲"], ["C002", "乙"], ["C003", "丙"]], "sheet_left_out", "2"),
        ([], "sheet_ignored", None),
    ],
)
def test_a_sheet_that_is_left_aside_is_an_error_where_it_holds_other_customers(rows: list, code: str, count) -> None:
    for other in (sheet("Sheet1", OTHER, *rows), sheet("旧表", INFO, *rows, hidden=True)):
        tables, codes = found(sheet("客户", INFO, ["C001", "甲", "IT"]), other)
        assert parts(tables["info"]) == [("客户", 0)]
        assert [(note.sheet, note.typed_value, note.detail) for note in codes[code]] == [(other.name, count, "客户")]
        assert codes.keys() == {code}


@pytest.mark.parametrize("name", ["客户 (2)", "客户(3)", "客户 - 副本", "客户备份", "Copy of 客户", "客户_backup"])
def test_a_copy_of_a_sheet_is_left_aside_and_a_sheet_made_from_a_copy_is_not(name: str) -> None:
    rows = [[f"C00{i}", "甲", "IT"] for i in range(1, 5)]
    tables, codes = found(sheet("客户", INFO, *rows), sheet(name, INFO, *rows[:3], ["C001", "改", "IT"]))
    assert parts(tables["info"]) == [("客户", 0)]
    assert codes.keys() == {"sheet_ignored"}
    tables, codes = found(sheet("客户", INFO, *rows), sheet(name, INFO, rows[0], ["C007", "庚"], ["C008", "辛"]))
    assert parts(tables["info"]) == [("客户", 0), (name, 0)]
    assert codes == {}


def test_regions_in_brackets_are_no_copies() -> None:
    rows = [["C001", "甲", "IT"]]
    tables, _ = found(sheet("客户(华东)", INFO, *rows), sheet("客户(华南)", INFO, *rows))
    assert len(tables["info"].parts) == 2


# --- lists known by their headers alone -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "header", "rows", "kind"),
    [
        ("Sheet1", ["客户ID", "客户名称"], [["C001", "甲"], ["C002", "乙"]], "info"),
        ("Export", ["Account Number", "Account Name", "Region"], [["1", "A"], ["2", "B"]], "info"),
        ("客户", ["编码", "名称", "客户分组", "联系人", "移动电话", "备注"], [["K1", "甲"]], "info"),
        ("Sheet1", ["编码", "名称", "客户分组", "联系人", "移动电话", "备注"], [["K1", "甲"]], "info"),
        ("客户档案", ["客户编码", "客户名称", "客户简称", "所属行业", "发展日期"], [["K1", "甲"]], "info"),
        ("Sheet1", ["助记码", "客户名称"], [["JCJD", "甲"]], None),
        ("产品", ["编码", "名称", "规格", "单价", "备注"], [["P1", "螺丝"]], None),
        ("Sheet1", ["ID", "Name", "Price", "Notes"], [["P1", "Bolt"]], None),
        ("供应商", ["编号", "公司名称", "联系人", "电话"], [["S1", "甲"]], None),
        ("Sheet1", ["No", "Name", "Phone", "Remarks"], [["1", "王"]], None),
        ("订单", ["客户ID", "客户名称", "订单号", "数量"], [["C001", "甲"], ["C002", "乙"]], None),
        ("拜访", ["客户ID", "客户名称", "拜访日期"], [["C001", "甲"], ["C001", "甲"], ["C002", "乙"]], None),
        ("拜访", ["客户ID", "客户名称", "联系人", "拜访日期"], [["C001", "甲"]] * 3, None),
        ("科目", ["Account No", "Account Name", "Balance"], [["1001", "Cash"]], None),
    ],
)
def test_a_list_is_of_customers_where_headers_and_ids_tell_so(name: str, header: list, rows: list, kind) -> None:
    tables, _ = found(sheet(name, header, *rows))
    assert list(tables) == ([kind] if kind else [])


def test_a_bare_list_beside_the_customers_is_a_matter_of_course_unless_it_holds_others() -> None:
    bare = ["客户ID", "客户名称", "下拉"]
    tables, codes = found(sheet("Sheet1", INFO, ["C001", "甲", "IT"]), sheet("名录", bare, ["C001", "甲"]))
    assert (parts(tables["info"]), codes.keys()) == ([("Sheet1", 0)], {"sheet_unknown"})
    tables, codes = found(sheet("名录", bare, ["C009", "癸"]), sheet("Sheet1", INFO, ["C001", "甲", "IT"]))
    assert (parts(tables["info"]), codes.keys()) == ([("Sheet1", 0)], {"sheet_left_out"})


def test_a_currency_tells_of_a_list_of_customers_and_whose_customer_somebody_is_does_not() -> None:
    told = [found(sheet("Sheet1", ["编码", "名称", header], ["C001", "甲", ""]))[0] for header in ("币种", "业务员")]

    assert ["info" in tables for tables in told] == [True, False]


@pytest.mark.parametrize(("headers", "is_known"), [(4, True), (7, False), (12, False)])
def test_who_looks_after_a_customer_is_told_by_lists_and_stays_the_teams_own_in_a_sheet_by_the_book(
    headers: int, is_known: bool
) -> None:
    own = [column.zh for column in BY_KIND["info"].written[:headers]]
    listed = sheet("客户", [*own, "客户经理"], ["C001", "甲", *[""] * (headers - 2), "王五"])
    native = NativeTable("tblCustomers", "客户", 0, 0)

    assert ("named_manager" in found(listed)[0]["info"].columns) is is_known
    assert "named_manager" in found(listed, native=(native,))[0]["info"].columns
