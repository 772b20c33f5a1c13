"""The master workbook, read back: what is on which sheet, that text stays text, that phones obey the policy."""

import dataclasses
import functools
import zipfile

import openpyxl
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import frames
from kam_xl.core.assessment import Assessment
from kam_xl.core.portfolio import Portfolio
from kam_xl.reports import archive, cover, master, master_sheets, native_tables, origin
from kam_xl.reports.headline import key_figures
from kam_xl.showing import fields, theme, vocabulary
from tests import builders

LANGUAGES = ("zh-CN", "en")
HOSTILE = "=cmd|'/c calc'!A1"
#: This night's customers are of no group.
PAGES = [page for page in master_sheets.PAGES if not page.rare]


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
    assert set(vars(assessment)) == {name for name in parts if not name.startswith("_")} - {"pasts", "figures"}
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
    assert first[named("recorded_tier")] == "战略客户"
    assert first[named("verdict")] == "层级不一致"
    assert f"{first[named('last_deal')]:%Y-%m-%d}" == "2025-10-20"
    assert (rows["C008"][named("amount")], rows["C008"][named("computed_tier")]) == ("—", "未评估")


def test_the_director_gets_a_dozen_sheets_each_with_a_reader(usual):
    words, book = resources.words("zh-CN"), usual()
    front = [[cell.value for cell in row if cell.value is not None] for row in book["封面"].iter_rows()]

    assert len(book.sheetnames) <= 12
    customers = next(page for page in PAGES if page.key == "customers")
    assert len(set(customers.fields.split()) - set(customers.spared.split())) <= 26
    assert len(customers.spared.split()) <= 2
    for page in PAGES:
        (line,) = [line for line in front if line[:1] == [page.name(words)] and len(line) == 4]
        assert line[2:] == [page.about(words), words(f"master.reader.{page.key}")]


def test_groups_have_a_sheet_where_there_are_any(an_assessment, book):
    night = an_assessment()
    group = {"group": "星桥集团", "level": "high", "customers": 3, "high_risk": 2, "medium_risk": 0, "gaps": 1, "amount": 120.0,
             "share": 0.12, "high_amount": 100.0, "members": "甲、乙、丙", "teams": "华东"}  # fmt: skip
    night.groups = builders.frame(frames.ASSESSMENT["groups"], [group])
    (row,) = rows_of(book(night)["集团"])
    assert [row[named(name)] for name in ("group", "customers", "amount", "groups.share", "high_risk", "groups.gaps")] == [
        "星桥集团", 3, 120, 0.12, 2, 1
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_of_the_cover_opens_to_just_the_rows_it_counts(usual, an_assessment, lang):
    assessment, book, words = an_assessment(lang), usual(lang), resources.words(lang)
    known = vocabulary.vocabularies(assessment)
    checked = set()
    for figure in key_figures(assessment):
        chapter, *filters = cover.COUNTED[figure.key]
        rows = rows_of(book[words(f"master.sheet.{chapter}")])
        for field, key in filters:
            word = known[field].names[key]
            rows = [row for row in rows if row[named(field, lang)] == word]
        if figure.key != "amount":
            assert figure.value_text == str(len(rows)), figure.key
            checked.add(figure.key)

    assert {"high", "past_limit", "overdue", "visits", "upkeep", "left_out"} <= checked
    targets = {cell.hyperlink.location for row in book.worksheets[0].iter_rows() for cell in row if cell.hyperlink}
    assert {f"'{words(f'master.sheet.{cover.COUNTED[key][0]}')}'!A1" for key in checked} <= targets


def test_teams_workbooks_and_the_archive_are_linked_from_the_cover(usual):
    targets = {cell.hyperlink.target for row in usual()["封面"].iter_rows() for cell in row if cell.hyperlink}

    assert {target.replace("\\", "/") for target in targets if target} == {
        "archive", *(f"teams/{team}.xlsx" for team in ("华东", "华中", "华北", "华南", "西北", "西南")),
    }  # fmt: skip


def test_matters_are_in_their_order_and_say_what_the_action_list_says(book, an_assessment):
    assessment = an_assessment()
    first = assessment.matters["key"].iloc[0]
    said = assessment.actions.head(1).assign(key=first, status="postponed", note="等答复", overdue=True)
    assessment.actions = pd.concat([said, assessment.actions[assessment.actions["key"] != first]], ignore_index=True)
    rows = rows_of(book(assessment)["事项"])

    assert [row["客户ID"] for row in rows] == assessment.matters["customer_id"].tolist()
    assert (rows[0]["状态"], rows[0]["备注"], rows[0]["是否逾期"]) == ("已推迟", "等答复", "已逾期")
    levels = [row["风险等级"] for row in rows]
    assert levels == sorted(levels, key=["高", "中", "低"].index)


def test_changes_end_with_the_risks_that_are_gone(usual, an_assessment):
    assessment, rows = an_assessment(), rows_of(usual()["变化"])

    assert len(rows) == len(assessment.changes) + len(assessment.closed)
    gone = rows[len(assessment.changes) :]
    assert {row["变化"] for row in gone} == {"风险解除"}
    assert all(row["风险规则"] != "—" and row["历时（天）"] for row in gone)


def test_the_last_row_of_the_teams_counts_a_shared_customer_once(usual, an_assessment):
    assessment, rows = an_assessment(), rows_of(usual()["团队"])
    *listed, last = rows

    assert len(listed) == len(assessment.portfolio.sources)
    assert (last["团队"], last["客户数"]) == ("全部合并", 13)
    assert sum(row["客户数"] for row in listed if isinstance(row["客户数"], int)) == assessment.teams["customers"].sum()
    assert last["高风险客户"] == (assessment.customers["level"] == "high").sum()


def test_each_file_of_the_archive_is_named_with_what_it_holds(usual, an_assessment):
    assessment = an_assessment()
    rows = {row["项目"]: row["内容"] for row in rows_of(usual()["政策与运行"]) if row["类别"] == "归档"}

    assert set(rows) == {archive.file_name(name) for name in archive.names(assessment)}
    assert (
        rows["archive/records.parquet"] == f"客户基础信息，每个团队的每一行（{len(assessment.portfolio.records)} 行）"
    )


def test_a_customer_shows_its_health_and_who_looks_after_it(usual):
    rows = {row["客户ID"]: row for row in rows_of(usual()["客户"])}

    def told(key, *fields):
        return [rows[key][named(field)] for field in fields]

    assert told("C003", "health", "health_colour", "health_trend", "lifecycle") == [31.2, "红", "▼ 下降", "沉睡"]
    assert told("C003", "open_cases", "manager", "satisfaction", "nps") == [1, "赵敏", 60, 3]
    assert told("C008", "health", "health_colour", "health_trend", "lifecycle") == ["—"] * 4


def test_on_the_first_night_no_risk_is_called_new(book, an_assessment):
    assert {row["状态变化"] for row in rows_of(book(an_assessment(past=False))["事项"])} == {"—"}


def test_a_group_of_sheets_has_one_colour(usual):
    workbook = usual()
    tabs = {
        workbook[resources.words("zh-CN")(f"master.sheet.{page.key}")].sheet_properties.tabColor.rgb[2:]
        for page in PAGES
    }

    assert tabs == {colour.removeprefix("#") for colour in theme.GROUP_COLOURS.values()}
    assert [page.group for page in PAGES] == sorted((page.group for page in PAGES), key=list(theme.GROUP_COLOURS).index)


def test_cases_past_their_limit_come_first(usual):
    rows = rows_of(usual()["欠客户的答复"])

    assert [(row["客户ID"], row["已超过时限"]) for row in rows[:3]] == [("C009", "是"), ("C003", "是"), ("C004", "否")]
    assert (rows[1]["响应情况"], rows[1]["处理阶段"], rows[1]["严重程度"]) == ("已超时", "已提出，未响应", "重大")


def test_the_load_of_a_week_is_said_in_words(usual):
    rows = rows_of(usual()["拜访与负荷"])

    assert {"超出", "可完成"} <= {row["负荷判断"] for row in rows}


def test_indicators_are_shown_in_their_units(usual):
    rows = rows_of(usual()["指标"])
    told = {
        (row["团队"], row["指标"]): [row[name] for name in ("实际", "目标", "单位", "偏差", "结论")] for row in rows
    }

    assert told["全部团队", "响应及时率"] == [94, 95, "%", -1, "接近目标"]
    assert told["全部团队", "净推荐值（NPS）"] == [-5, 30, "−100～100", -35, "未达标"]
    assert told["全部团队", "客户留存率"] == ["—", 90, "%", "—", "暂无数据"]
    assert [row["团队"] for row in rows][-1] == "华东"


@pytest.mark.parametrize("book_name", ["a" * 2_100, "行\ud800列.xlsx"])
def test_a_link_that_excel_could_not_hold_is_none(book_name):
    assert native_tables.link_to_cell("../teams", book_name, "客户", "A1") is None


def test_a_lost_workbook_is_on_the_first_sheet_with_what_to_do(usual):
    words = resources.words("zh-CN")
    front = text_of(usual()["封面"])

    assert "西南/客户台账 加密.xlsx" in front
    assert words("refusal.encrypted.text") in front
    assert words("refusal.encrypted.remedy") in front
    assert words("master.summary.some_lost", n=1) in front


def test_the_first_sheet_tells_what_happened_and_counts_by_tier_and_level(usual):
    sheet = usual("en")["Cover"]
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    key = next(row for row in rows if row[:1] == ["Key"])

    assert (
        sheet["B2"].value
        == "1 strategic customer at high risk, with CNY 35.2 million, 44% of all; 1 more than last night"
    )
    assert (key[1], key[3], key[-4:]) == (4, "20%–25%", [1, 1, 1, 1])
    assert key[2] == pytest.approx(4 / 13, abs=0.001)


def test_links_lead_to_the_rows_of_the_matters(usual):
    workbook = usual()
    links = [
        (cell.value, cell.hyperlink.location)
        for row in workbook["封面"].iter_rows()
        for cell in row
        if cell.hyperlink and cell.hyperlink.location
    ]
    matters = [link for link in links if "事项'!" in link[1] and not link[1].endswith("!A1")]

    assert len(matters) > 4
    for name, location in matters:
        row = int(location.rpartition("!A")[2])
        assert workbook["事项"].cell(row, 3).value == name


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


def test_hostile_texts_arrive_as_typed(book, an_assessment):
    assessment = an_assessment()
    assessment.matters["evidence"] = pd.Series([HOSTILE] * len(assessment.matters), dtype="str")
    workbook = book(assessment)

    assert HOSTILE in [row[named("name")] for row in rows_of(workbook["客户"])]
    assert {row[named("evidence")] for row in rows_of(workbook["事项"])} == {HOSTILE}


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
    for name in ("matters", "housekeeping", "cases", "visits", "deals", "kpis", "changes", "closed"):
        setattr(assessment, name, with_phones(getattr(assessment, name)))
    for name in ("tracking", "records", "conflicts", "duplicates", "findings", "contacts", "renewals", "indicators"):
        setattr(assessment.portfolio, name, with_phones(getattr(assessment.portfolio, name)))

    assert not [sheet.title for sheet in book(assessment) if PHONE in text_of(sheet)]


@pytest.mark.slow
def test_a_tile_shows_the_whole_of_a_long_change(book, an_assessment):
    assessment = an_assessment("en")
    usual = book(assessment)["Cover"]
    assessment.comparable, assessment.against = False, None
    sheet = book(assessment)["Cover"]
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


def test_ids_of_customers_are_never_masked(book, an_assessment):
    assessment = an_assessment()
    assessment.policy = dataclasses.replace(assessment.policy, keep_phones=False)
    assessment.customers.loc[9, "customer_id"] = PHONE
    workbook = book(assessment)

    assert PHONE in [row[named("customer_id")] for row in rows_of(workbook["客户"])]


def test_the_policy_sheet_says_which_rules_are_in_force(book, an_assessment):
    policy = resources.policy()
    off = dataclasses.replace(policy.risk.silent_customer, enabled=False, severity="high", due_days=7)
    rules = dataclasses.replace(policy.risk, silent_customer=off)
    assessment = an_assessment(policy=dataclasses.replace(policy.with_preset("crisis"), risk=rules))
    found = {row[named("item")]: row[named("content")] for row in rows_of(book(assessment)["政策与运行"])}
    other = policy.risk.concentration

    assert found["风险规则 · 客户沉默"] == "停用 · 级别高 · 7 天内处理"
    assert found["风险规则 · 客户集中"].startswith("启用 · 级别")
    assert found["风险规则 · 客户集中"].endswith(f"{other.due_days} 天内处理")
    assert found["情景预设"] == "危机应对期"


def test_the_policy_sheet_says_that_no_preset_is_in_force(usual):
    found = {row[named("item")]: row[named("content")] for row in rows_of(usual()["政策与运行"])}

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

    assert sentence in text_of(workbook["封面"])
    assert note[1] in text_of(workbook["政策与运行"])


def test_past_the_row_limit_a_table_goes_on_and_the_summary_says_so(book, an_assessment):
    assessment = an_assessment()
    workbook = book(assessment, rows_per_sheet=6)
    names = [name for name in workbook.sheetnames if name.startswith("客户")]
    found = [row[named("customer_id")] for name in names for row in rows_of(workbook[name])]
    links = [cell for row in workbook["封面"].iter_rows() for cell in row if cell.hyperlink]
    far = next(cell for cell in links if cell.value == "宏达建材")

    assert names == ["客户", "客户 (2)", "客户 (3)"]
    assert sorted(found) == sorted(assessment.customers["customer_id"])
    assert list(workbook["客户 (3)"].tables) == ["tblMasterCustomers_3"]
    assert workbook["客户 (3)"][far.hyperlink.location.rpartition("!")[2]].offset(0, 1).value == "宏达建材"
    assert "“客户”超过 Excel 的行数上限，分为 3 张工作表：客户、客户 (2)、客户 (3)。" in text_of(workbook["封面"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_table_lists_as_many_rows_as_the_policy_says_the_first_and_the_cover_tells_of_the_rest(
    book, an_assessment, lang
):
    words, whole, assessment = resources.words(lang), book(an_assessment(lang)), an_assessment(lang)
    plan = dataclasses.replace(assessment.policy.plan, master_rows=3)
    assessment.policy = dataclasses.replace(assessment.policy, plan=plan)
    workbook, name = book(assessment), words("master.sheet.customers")
    said, links = text_of(workbook[words("master.sheet.summary")]), workbook[words("master.sheet.summary")]

    assert rows_of(workbook[name]) == rows_of(whole[name])[:3]
    assert workbook[name].tables["tblMasterCustomers"].ref.endswith("4")
    left = len(assessment.customers) - 3
    [note] = [line for line in said.splitlines() if "master_rows" in line]
    assert note.startswith(
        "● " + words("master.summary.bounded", most=3, folder="archive", sheets="|").partition("|")[0]
    )
    assert words("master.summary.left_out", sheet=name, n=left) in note
    assert rows_of(workbook[words("master.sheet.run")]) == rows_of(whole[words("master.sheet.run")])
    assert words("master.summary.rows", n=len(assessment.customers)) in said
    places = [cell.hyperlink.location or "" for row in links.iter_rows() for cell in row if cell.hyperlink]
    assert all(int(place.rpartition("!A")[2]) <= 4 for place in places if "!A" in place)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_night_without_customers_has_every_sheet(book, an_empty_assessment, lang):
    words, workbook = resources.words(lang), book(an_empty_assessment(lang))

    for page in PAGES:
        if page.key not in ("teams", "run"):
            assert workbook[words(f"master.sheet.{page.key}")]["A2"].value == words("master.none")
    assert workbook[words("master.sheet.summary")]["B2"].value == words("summary.headline.empty")


def test_on_the_first_night_nothing_is_compared(book, an_assessment):
    workbook = book(an_assessment(past=False))

    assert "首次运行，暂无对比" in text_of(workbook["封面"])
    assert workbook["变化"]["A2"].value == "（无）"


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
        first = sheet.title == "封面"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait" if first else "landscape")
        assert sheet.page_setup.fitToHeight == (None if first else 0)  # one page, and as many as it takes
        assert "2025-11-21 02:00" in sheet.oddFooter.left.text
        assert "2025-11" in sheet.oddFooter.left.text
        assert sheet.title == "封面" or sheet.print_title_rows == "$1:$1"


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("limit", [6, 1_048_576])
def test_microsofts_validator_finds_nothing(write, an_assessment, an_empty_assessment, ooxml_errors, lang, limit):
    assert ooxml_errors(write(an_assessment(lang), rows_per_sheet=limit)) == []
    assert ooxml_errors(write(an_empty_assessment(lang), rows_per_sheet=limit)) == []


@pytest.mark.slow
def test_libreoffice_opens_and_prints_it(write, an_assessment, as_pdf):
    assert as_pdf(write(an_assessment())).stat().st_size > 10_000
