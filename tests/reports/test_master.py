"""The master workbook, read back: what is on which sheet, that text stays text, that phones obey the policy."""

import dataclasses
import functools
import zipfile

import openpyxl
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core.assessment import Assessment
from kam_xl.core.portfolio import Portfolio
from kam_xl.reports import cover, master, native_tables, origin
from kam_xl.reports.data_sheets import PAGES
from kam_xl.showing import fields, theme, vocabulary
from tests import builders

LANGUAGES = ("zh-CN", "en")
HOSTILE = "=cmd|'/c calc'!A1"


@pytest.fixture
def write(tmp_path, a_run):
    """``write(assessment)`` → the path of its master workbook."""

    def path(assessment, **options):
        target = tmp_path / "KAM_Master.xlsx"
        master.write(target, assessment, a_run(assessment.lang), **options)
        return target

    return path


@pytest.fixture
def book(write):
    """``book(assessment)`` → its master workbook, read back by another library."""
    return lambda assessment, **options: openpyxl.load_workbook(write(assessment, **options))


@pytest.fixture(scope="module")
def usual(an_assessment, a_run, tmp_path_factory):
    """``usual("en")`` → the master of the night of these tests, written and read back once a language."""

    @functools.cache
    def read_back(lang="zh-CN"):
        target = tmp_path_factory.mktemp("usual") / "KAM_Master.xlsx"
        master.write(target, an_assessment(lang), a_run(lang))
        return openpyxl.load_workbook(target)

    return read_back


def rows_of(sheet):
    """The rows below the header as dictionaries by header."""
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def text_of(sheet):
    """Every text on a sheet, one a line."""
    return "\n".join(str(value) for row in sheet.iter_rows(values_only=True) for value in row if value is not None)


def named(field, lang="zh-CN"):
    return fields.header(field, lang)


def test_the_assessment_of_these_tests_has_every_part(an_assessment):
    assessment = an_assessment()

    parts = {field.name for field in dataclasses.fields(Assessment)} | set(dir(Assessment))
    assert set(vars(assessment)) == {name for name in parts if not name.startswith("_")} - {"pasts"}
    assert set(vars(assessment.portfolio)) == {field.name for field in dataclasses.fields(Portfolio)}
    assert builders.misfits(assessment) == builders.misfits(an_assessment("en", past=False)) == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sheets_stand_in_order_each_with_its_table(usual, lang):
    words, workbook = resources.words(lang), usual(lang)

    assert workbook.sheetnames == [
        words("master.sheet.summary"),
        *(words(f"master.sheet.{page.key}") for page in PAGES),
    ]
    for page in PAGES:
        sheet = workbook[words(f"master.sheet.{page.key}")]
        assert list(sheet.tables) == [page.table]
        assert sheet.tables[page.table].ref == sheet.dimensions
        expected = [field.header(lang) for _, field in fields.listed(page.fields)]
        assert sheet.tables[page.table].column_names[: len(expected)] == expected
        assert page.products == (len(sheet.tables[page.table].column_names) > len(expected))


def test_the_workbook_says_what_it_is(usual):
    workbook = usual()

    own = {prop.name: prop.value for prop in workbook.custom_doc_props.props}
    assert own == {"kam_xl": "master", "kam_xl_file": origin.mark("KAM_Master.xlsx")}
    assert workbook.properties.title == "大客户主工作簿"
    assert not workbook.properties.creator


def test_every_customer_is_there_with_its_figures(book, an_assessment):
    assessment = an_assessment()
    rows = {row[named("customer_id")]: row for row in rows_of(book(assessment)["客户"])}

    assert set(rows) == set(assessment.customers["customer_id"])
    first = rows["C001"]
    assert (first[named("score")], first[named("computed_tier")]) == (89.4, "重点客户")
    assert (first[named("recorded_score")], first[named("recorded_tier")]) == (89.6, "战略客户")
    assert first[named("verdict")] == "层级不一致"
    assert f"{first[named('last_deal')]:%Y-%m-%d}" == "2025-10-20"
    assert first[named("phone")] == "021-58880000 转 8012"
    assert (rows["C008"][named("amount")], rows["C008"][named("computed_tier")]) == ("—", "未评估")


def test_customers_stand_by_tier_and_the_worst_first(usual):
    found = [row[named("customer_id")] for row in rows_of(usual()["客户"])]

    assert found == [
        "C003",
        "C004",
        "C009",
        "C001",
        "C006",
        "C011",
        "C002",
        "C010",
        "C007",
        "C012",
        "C005",
        "C013",
        "C008",
    ]


def test_every_frame_arrives_whole(book, an_assessment):
    assessment = an_assessment()
    workbook, portfolio = book(assessment), assessment.portfolio
    frames = {
        "评估核对": assessment.evaluations, "策略跟踪": portfolio.tracking, "风险": assessment.risks,
        "待办行动": assessment.actions, "变化": assessment.changes, "数据冲突": portfolio.conflicts,
        "疑似重复": portfolio.duplicates, "数据质量": portfolio.findings, "团队原始记录": portfolio.records,
        "取值来源": portfolio.origins, "文件清单": portfolio.sources, "已解除风险": assessment.closed,
        "服务事项": assessment.cases, "重复问题": assessment.repeats, "拜访计划": assessment.visits,
        "拜访负荷": assessment.utilisation, "关系覆盖": assessment.roles, "联系人": portfolio.contacts,
        "交叉销售建议": assessment.whitespace, "产品覆盖": assessment.product_grid, "续约商机清单": portfolio.renewals,
        "指标达成": assessment.kpis, "计划目标": assessment.goals, "评分输入": portfolio.indicators,
        "数据质量分": assessment.quality_books, "修正清单": assessment.repairs, "每月抽查": assessment.sample,
        "待补充的表": assessment.questions,
    }  # fmt: skip

    assert {name: workbook[name].max_row - 1 for name in frames} == {name: len(frame) for name, frame in frames.items()}


def test_a_customer_shows_its_health_and_who_looks_after_it(usual):
    rows = {row["客户ID"]: row for row in rows_of(usual()["客户"])}

    def told(key, *fields):
        return [rows[key][named(field)] for field in fields]

    assert told("C003", "health", "health_colour", "health_trend", "lifecycle") == [31.2, "红", "▼ 下降", "沉睡"]
    assert told("C003", "open_cases", "manager", "satisfaction", "nps", "health_cap") == [
        1,
        "赵敏",
        60,
        3,
        "重大投诉未解决",
    ]
    assert told("C008", "health", "health_colour", "health_trend", "lifecycle") == ["—"] * 4
    assert told("C008", "health_coverage", "quality") == [0, 35]


def test_risks_say_whether_they_are_news(usual):
    rows = rows_of(usual()["风险"])

    assert [row["状态变化"] for row in rows[:4]] == ["持续", "新增", "持续", "加重"]
    assert (rows[0]["持续天数"], f"{rows[0]['首次发现']:%Y-%m-%d}") == (40, "2025-10-12")


def test_on_the_first_night_no_risk_is_called_new(book, an_assessment):
    assert {row["状态变化"] for row in rows_of(book(an_assessment(past=False))["风险"])} == {"—"}


def test_a_group_of_sheets_has_one_colour(usual):
    workbook = usual()
    tabs = {
        workbook[resources.words("zh-CN")(f"master.sheet.{page.key}")].sheet_properties.tabColor.rgb[2:]
        for page in PAGES
    }

    assert tabs == {colour.removeprefix("#") for colour in theme.GROUP_COLOURS.values()}
    assert [page.group for page in PAGES] == sorted((page.group for page in PAGES), key=list(theme.GROUP_COLOURS).index)


def test_cases_past_their_limit_come_first(usual):
    rows = rows_of(usual()["服务事项"])

    assert [row["客户ID"] for row in rows] == ["C009", "C003", "C004", "C002", "C001", "C006"]
    assert (rows[1]["响应情况"], rows[1]["处理阶段"], rows[1]["严重程度"]) == ("已超时", "已提出，未响应", "重大")
    assert (rows[3]["响应情况"], rows[3]["应响应于"], rows[3]["提出时间"]) == ("无法判断", "—", "—")


def test_actions_show_what_people_marked_and_the_key_to_mark_them_by(book, an_assessment):
    assessment = an_assessment()
    rows = {row["行动编号"]: row for row in rows_of(book(assessment)["待办行动"])}

    assert set(rows) == set(assessment.actions["key"])
    assert (rows["f00000000000"]["来源"], rows["f00000000000"]["状态"]) == ("续约提醒", "已推迟")
    assert f"{rows['f00000000000']['推迟到']:%Y-%m-%d}" == "2025-12-01"
    assert (rows["f00000000003"]["来源"], rows["f00000000003"]["截止日期"]) == ("已标记，原事项不再需要", "—")
    assert rows["e" * 12]["来源"] == "根因分析"


def test_repeats_ask_for_their_root_cause(usual):
    across, own = rows_of(usual()["重复问题"])

    assert (across["客户ID"], across["客户名称"], across["次数"], across["客户数"]) == ("—", "多家客户", 5, 3)
    assert "3 家客户" in across["行动"]
    assert (own["客户名称"], "查明根因" in own["行动"]) == ("东湖光电", True)


def test_relationships_are_told_apart_from_what_nobody_keeps(usual):
    rows = {row["客户ID"]: row for row in rows_of(usual()["关系覆盖"])}

    assert [rows["C003"][role] for role in ("采购", "使用部门", "高层", "有联系人表")] == [
        "已离职",
        "缺失",
        "联系正常",
        "是",
    ]
    assert [rows["C004"][role] for role in ("采购", "已覆盖角色", "有联系人表")] == ["—", "—", "否"]


def test_the_load_of_a_week_is_said_in_words(usual):
    rows = rows_of(usual()["拜访负荷"])

    assert [(row["负荷"], row["负荷判断"]) for row in rows] == [(1.5, "超出"), (1, "可完成"), (0.1, "可完成")]


def test_the_product_grid_has_a_column_a_product_whatever_its_name(usual):
    sheet = usual()["产品覆盖"]
    (table,) = sheet.tables.values()
    rows = rows_of(sheet)

    assert table.column_names[3:6] == ["控制器", HOSTILE, "客户名称 (2)"]
    assert table.column_names[6] == "a _ x0041_ 13912345678"
    assert table.column_names[7] == "长" * 30
    assert [row["客户ID"] for row in rows] == ["C003", "C009"]  # by tier
    assert [rows[0][name] for name in ("控制器", HOSTILE, "客户名称 (2)")] == ["已购", "洽谈中", None]


def test_indicators_are_shown_in_their_units(usual):
    rows = rows_of(usual()["指标达成"])
    told = {
        (row["团队"], row["指标"]): [row[name] for name in ("实际", "目标", "单位", "偏差", "结论")] for row in rows
    }

    assert told["全部团队", "响应及时率"] == [94, 95, "%", -1, "接近目标"]
    assert told["全部团队", "净推荐值（NPS）"] == [-5, 30, "−100～100", -35, "未达标"]
    assert told["全部团队", "客户留存率"] == ["—", 90, "%", "—", "暂无数据"]
    assert [row["团队"] for row in rows][-1] == "华东"


def test_goals_say_what_is_missing(usual):
    rows = rows_of(usual()["计划目标"])

    assert [row["缺少"] for row in rows] == ["衡量指标、基线、目标值、资源", "负责人", "完整"]


def test_repairs_lead_to_their_cell(usual):
    sheet = usual()["修正清单"]
    rows = {row["单元格"]: row for row in rows_of(sheet)}
    links = {cell.value: cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink}

    assert rows["I4"]["建议填写"] == "520"
    assert rows["I11"]["问题说明"].count("面议") == 1
    assert {link.target.replace("\\", "/") for link in links.values()} == {
        "../团队台账/西北/客户台账_西北.xlsx",
        "../团队台账/华东/客户台账_华东.xlsx",
        "../团队台账/华东/A%20%231%2050%25%20'甲'.xlsx",
    }
    assert links["I4"].location == "'表 ''1''#2'!I4"


@pytest.mark.slow
def test_a_sheet_has_no_more_links_than_excel_opens(book, an_assessment, monkeypatch):
    monkeypatch.setattr(native_tables, "MOST_LINKS", 2)
    sheet = book(an_assessment())["修正清单"]

    assert len([cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]) == 2
    assert len(rows_of(sheet)) == 4


@pytest.mark.parametrize("book_name", ["a" * 2_100, "行\ud800列.xlsx"])
def test_a_link_that_excel_could_not_hold_is_none(book_name):
    assert native_tables.link_to_cell("../teams", book_name, "客户", "A1") is None


@pytest.mark.slow
def test_birthdays_and_phones_of_contacts_obey_the_policy(write, an_assessment):
    assessment = an_assessment()
    with_them = "\n".join(text_of(sheet) for sheet in openpyxl.load_workbook(write(assessment)))
    assessment.policy = dataclasses.replace(assessment.policy, keep_phones=False)
    path = write(assessment)
    book = openpyxl.load_workbook(path)
    without = "\n".join(text_of(sheet) for sheet in book)

    assert "13700001111" in with_them
    assert "1980-11-25" in with_them
    assert not [secret for secret in ("13700001111", "58887777", "1980", "13912345678", "1975") if secret in without]
    assert {row["生日"] for row in rows_of(book["联系人"])} == {"****-**-**", "—"}
    with zipfile.ZipFile(path) as package:
        every = "\n".join(
            package.read(name).decode() for name in package.namelist() if name.endswith((".xml", ".rels"))
        )
    assert "13700001111" not in every


def test_findings_are_sentences_with_their_place(usual):
    finding = rows_of(usual()["数据质量"])[0]

    assert finding[named("severity")] == "错误"
    assert "面议" in finding[named("finding")]
    assert finding[named("remedy")]
    assert (finding[named("book")], finding[named("cell")]) == ("西北/客户台账_西北.xlsx", "I11")


def test_a_lost_workbook_is_on_the_first_sheet_with_what_to_do(usual):
    words = resources.words("zh-CN")
    front = text_of(usual()["风险摘要"])

    assert "西南/客户台账 加密.xlsx" in front
    assert words("refusal.encrypted.text") in front
    assert words("refusal.encrypted.remedy") in front
    assert words("master.summary.some_lost", n=1) in front


def test_the_first_sheet_tells_what_happened_and_counts_by_tier_and_level(usual):
    sheet = usual("en")["Risk summary"]
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    key = next(row for row in rows if row[:1] == ["Key"])

    assert sheet["B2"].value == "1 strategic customer at high risk, 1 more than last night"
    assert (key[1], key[3], key[-4:]) == (4, "20%–25%", [1, 1, 1, 1])
    assert key[2] == pytest.approx(4 / 13, abs=0.001)


def test_links_lead_to_the_customers_rows(usual):
    workbook = usual()
    links = [
        (cell.value, cell.hyperlink.location)
        for row in workbook["风险摘要"].iter_rows()
        for cell in row
        if cell.hyperlink and cell.hyperlink.location
    ]
    sheet, customers = workbook["客户"], [link for link in links if "客户'!" in link[1] and not link[1].endswith("!A1")]

    assert len(customers) == 7
    for name, location in customers:
        row = int(location.rpartition("!A")[2])
        assert sheet.cell(row, 2).value == name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_becomes_a_formula_or_a_link(write, an_assessment, lang):
    assessment = an_assessment(lang)
    assessment.risks.loc[0, "customer_id"] = assessment.customers.loc[6, "customer_id"]  # the hostile name, linked
    path = write(assessment)

    words = resources.words(lang)
    linked = {words("master.sheet.summary"), *(page.name(words) for page in PAGES if page.linked)}
    for sheet in openpyxl.load_workbook(path):
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        targets = [cell.hyperlink.target for row in sheet.iter_rows() for cell in row if cell.hyperlink]
        assert sheet.title in linked or not any(targets)
    with zipfile.ZipFile(path) as package:
        assert not [name for name in package.namelist() if "externalLink" in name]
        assert not [
            name for name in package.namelist() if name.startswith("xl/worksheets/") and b"<f>" in package.read(name)
        ]


def test_hostile_texts_arrive_as_typed(usual):
    workbook = usual()

    assert HOSTILE in [row[named("name")] for row in rows_of(workbook["客户"])]
    assert HOSTILE in [row[named("typed_value")] for row in rows_of(workbook["数据质量"])]


def test_control_characters_do_not_break_the_workbook(book, an_assessment):
    assessment = an_assessment()
    assessment.customers["name"] = pd.Series(["a\x00b\x1f" + "字" * 40_000] * len(assessment.customers), dtype="str")

    name = rows_of(book(assessment)["客户"])[0][named("name")]

    assert name.startswith("a\ufffdb\ufffd字")
    assert name.endswith("（过长，已截断）")


def test_phones_are_masked_everywhere_unless_the_policy_keeps_them(write, an_assessment):
    assessment = an_assessment()
    records = assessment.portfolio.records
    assessment.portfolio.records = records.assign(as_typed="139 1234 5678", extras="手机 13912345678")
    assessment.policy = dataclasses.replace(assessment.policy, keep_phones=False)

    with zipfile.ZipFile(write(assessment)) as package:
        text = "\n".join(package.read(name).decode() for name in package.namelist() if name.startswith("xl/"))

    assert not [phone for phone in ("13912345678", "139 1234 5678", "13800001111", "58880000") if phone in text]
    assert "139****5678" in text


def test_no_text_column_shows_a_phone_the_policy_drops(book, an_assessment):
    assessment = an_assessment()
    assessment.policy = dataclasses.replace(assessment.policy, keep_phones=False)
    assessment.customers = with_phones(assessment.customers)
    assessment.evaluations = with_phones(assessment.evaluations)
    assessment.risks, assessment.actions = with_phones(assessment.risks), with_phones(assessment.actions)
    for name in ("cases", "repeats", "visits", "whitespace", "goals", "repairs", "sample", "questions", "kpis"):
        setattr(assessment, name, with_phones(getattr(assessment, name)))
    for name in ("tracking", "records", "conflicts", "duplicates", "findings", "contacts", "renewals", "indicators"):
        setattr(assessment.portfolio, name, with_phones(getattr(assessment.portfolio, name)))

    assert not [sheet.title for sheet in book(assessment) if PHONE in text_of(sheet)]


@pytest.mark.slow
def test_a_tile_shows_the_whole_of_a_long_change(book, an_assessment):
    assessment = an_assessment("en")
    usual = book(assessment)["Risk summary"]
    assessment.comparable = False
    sheet = book(assessment)["Risk summary"]
    (row,) = {cell.row for cell in sheet["B"] if str(cell.value).startswith("some workbooks")}

    assert sheet.cell(row, 2).alignment.wrap_text
    assert sheet.row_dimensions[row].height > usual.row_dimensions[row].height


PHONE = "13912340000"
TYPED = (
    "name contact products tags remarks strategy actions effect problem improvement tracker evaluator value_reason "
    "potential_reason demand_reason as_typed extras evidence remedy action owner typed_value detail other_name description "
    "handler category agenda product title note manager metric proposal question said needs"
).split()


def with_phones(frame):
    """The frame with a phone number in everything people type."""
    return frame.assign(**{name: f"电话{PHONE}转王总" for name in TYPED if name in frame})


def test_keys_and_fingerprints_are_never_masked(book, an_assessment):
    assessment = an_assessment()
    assessment.policy = dataclasses.replace(assessment.policy, keep_phones=False)
    assessment.customers.loc[9, "customer_id"] = PHONE
    assessment.portfolio.sources = assessment.portfolio.sources.assign(sha256=f"ab{PHONE}cd")
    workbook = book(assessment)

    assert PHONE in [row[named("customer_id")] for row in rows_of(workbook["客户"])]
    assert {row[named("sha256")] for row in rows_of(workbook["文件清单"])} == {f"ab{PHONE}cd"}


def test_a_finding_tells_no_number_of_a_phone_column_the_policy_drops(book, an_assessment):
    assessment = an_assessment()
    assessment.policy = dataclasses.replace(assessment.policy, keep_phones=False)
    findings = assessment.portfolio.findings
    assessment.portfolio.findings = findings.assign(field="phone", code="phone_masked", typed_value="58880000")

    assert "58880000" not in text_of(book(assessment)["数据质量"])


def test_the_policy_sheet_says_which_rules_are_in_force(book, an_assessment):
    policy = resources.policy()
    off = dataclasses.replace(policy.risk.silent_customer, enabled=False, severity="high", due_days=7)
    rules = dataclasses.replace(policy.risk, silent_customer=off)
    assessment = an_assessment(policy=dataclasses.replace(policy.with_preset("crisis"), risk=rules))
    found = {row[named("item")]: row[named("content")] for row in rows_of(book(assessment)["运行与政策"])}
    other = policy.risk.concentration

    assert found["风险规则 · 客户沉默"] == "停用 · 级别高 · 7 天内处理"
    assert found["风险规则 · 客户集中"].startswith("启用 · 级别")
    assert found["风险规则 · 客户集中"].endswith(f"{other.due_days} 天内处理")
    assert found["情景预设"] == "危机应对期"


def test_the_policy_sheet_says_that_no_preset_is_in_force(usual):
    found = {row[named("item")]: row[named("content")] for row in rows_of(usual()["运行与政策"])}

    assert found["情景预设"] == "（无）"


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        (("highest_reached", "最高综合得分 93.2"), "现行政策与当前客户组合没有矛盾"),
        (("targets_apart", "无法同时满足"), "现行政策在当前客户组合上有 1 处需要留意"),
    ],
)
def test_the_first_sheet_sums_up_the_policy_check(book, an_assessment, note, sentence):
    assessment = an_assessment()
    assessment.policy_notes = [note]
    workbook = book(assessment)

    assert sentence in text_of(workbook["风险摘要"])
    assert note[1] in text_of(workbook["运行与政策"])


def test_past_the_row_limit_a_table_goes_on_and_the_summary_says_so(book, an_assessment):
    assessment = an_assessment()
    workbook = book(assessment, rows_per_sheet=6)
    names = [name for name in workbook.sheetnames if name.startswith("客户")]
    found = [row[named("customer_id")] for name in names for row in rows_of(workbook[name])]
    links = [cell for row in workbook["风险摘要"].iter_rows() for cell in row if cell.hyperlink]
    far = next(cell for cell in links if cell.value == "宏达建材")

    assert names == ["客户", "客户 (2)", "客户 (3)"]
    assert sorted(found) == sorted(assessment.customers["customer_id"])
    assert list(workbook["客户 (3)"].tables) == ["tblMasterCustomers_3"]
    assert workbook["客户 (3)"][far.hyperlink.location.rpartition("!")[2]].offset(0, 1).value == "宏达建材"
    assert "“客户”超过 Excel 的行数上限，分为 3 张工作表：客户、客户 (2)、客户 (3)。" in text_of(workbook["风险摘要"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_night_without_customers_has_every_sheet(book, an_empty_assessment, lang):
    words, workbook = resources.words(lang), book(an_empty_assessment(lang))

    for page in PAGES[:-1]:
        assert workbook[words(f"master.sheet.{page.key}")]["A2"].value == words("master.none")
    assert workbook[words("master.sheet.summary")]["B2"].value == words("summary.headline.empty")


def test_on_the_first_night_nothing_is_compared(book, an_assessment):
    workbook = book(an_assessment(past=False))

    assert "首次运行，暂无对比" in text_of(workbook["风险摘要"])
    assert workbook["变化"]["A2"].value == "（无）"


def test_many_customers_at_risk_are_cut_short_and_counted(book, an_assessment):
    assessment = an_assessment("en")
    many = 40
    customers = pd.concat([assessment.customers.head(1)] * many, ignore_index=True)
    risks = pd.concat([assessment.risks.head(1)] * many, ignore_index=True)
    keys = pd.Series([f"K{number:03}" for number in range(many)], dtype="str")
    assessment.customers, assessment.risks = customers.assign(customer_id=keys), risks.assign(customer_id=keys)

    front = text_of(book(assessment)["Risk summary"])

    assert f"K{cover.CUSTOMERS_SHOWN - 1:03}" in front
    assert f"K{cover.CUSTOMERS_SHOWN:03}" not in front
    assert "40 customers are at risk; these are the 10 worst." in front


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_has_its_word(an_assessment, a_run, lang):
    assessment = an_assessment(lang)
    known = vocabulary.vocabularies(assessment)
    rows = {page: page.of(assessment, a_run(lang)) for page in PAGES}
    keys = {
        (page.key, field.name): set(field.of(frame, column).dropna())
        for page, frame in rows.items()
        for column, field in fields.listed(page.fields)
        if field.name in known
    }

    unnamed = {place: found - set(known[place[1]].names) for place, found in keys.items()}
    assert {place: found for place, found in unnamed.items() if found} == {}
    assert all(known[field].names[key].strip() for (_, field), found in keys.items() for key in found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headers_are_unique_within_a_table(lang):
    for page in PAGES:
        headers = [field.header(lang).casefold() for _, field in fields.listed(page.fields)]
        assert len(headers) == len(set(headers)), page.key


def test_every_sheet_prints_on_a4_with_its_header_and_footer(usual):
    for sheet in usual():
        first = sheet.title == "风险摘要"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait" if first else "landscape")
        assert sheet.page_setup.fitToHeight == (None if first else 0)  # one page, and as many as it takes
        assert "2025-11-21 02:00" in sheet.oddFooter.left.text
        assert "2025-11" in sheet.oddFooter.left.text
        assert sheet.title == "风险摘要" or sheet.print_title_rows == "$1:$1"


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("limit", [6, 1_048_576])
def test_microsofts_validator_finds_nothing(write, an_assessment, an_empty_assessment, ooxml_errors, lang, limit):
    assert ooxml_errors(write(an_assessment(lang), rows_per_sheet=limit)) == []
    assert ooxml_errors(write(an_empty_assessment(lang), rows_per_sheet=limit)) == []


@pytest.mark.slow
def test_libreoffice_opens_and_prints_it(write, an_assessment, as_pdf):
    assert as_pdf(write(an_assessment())).stat().st_size > 10_000
