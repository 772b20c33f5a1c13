"""The functions of tables: any header, any host's cells, the nightly job's rules."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import assessment, consolidation, health, scoring, tiering, validation, whitespace
from kam_xl.core.stacking import empty
from kam_xl.doors import udfs
from tests.builders import raw_book, raw_sheet

POLICY = resources.policy()
AS_OF = dt.datetime(2023, 11, 21)
INFO = (
    {"customer_id": "C001", "name": "某科技", "phone": "13800001234", "amount": 520.0, "last_deal": dt.date(2023, 10, 20),
     "remarks": "竞争对手来电 13900001111"},
    {"customer_id": "C002", "name": "乙公司", "amount": "许多", "last_deal": dt.date(2022, 1, 1)},
)  # fmt: skip
EVALUATION = (
    {"customer_id": "C001", "value": "92（高利润+长合作）", "potential": 88.0, "demand": 85.0, "composite": 89.6,
     "tier": "战略客户", "evaluated_on": dt.date(2023, 10, 20)},
    {"customer_id": "C002", "value": 55.0, "potential": 45.0, "demand": 70.0, "evaluated_on": dt.date(2023, 1, 1)},
)  # fmt: skip
TRACKING = (
    {"customer": "C001/某科技", "strategy": "联合研发", "status": "进行中", "period": "2023-10-01至2024-01-01"},
    {"customer": "C001/某科技", "strategy": "高层互访", "status": "已完成", "period": "2023-01-01至2023-03-01"},
)  # fmt: skip
SERVICE = (
    {"customer_id": "C001", "kind": "投诉", "category": "发票", "severity": "重大", "reported": dt.datetime(2023, 11, 20, 9, 30),
     "answered": dt.datetime(2023, 11, 20, 10, 0), "description": "请回电 13700003333"},
    {"customer_id": "C001", "kind": "请求", "category": "培训", "reported": dt.datetime(2023, 11, 21, 9, 30)},
    {"customer_id": "C001", "kind": "投诉", "category": "交付", "severity": "普通", "reported": dt.datetime(2023, 11, 6, 9, 0),
     "answered": dt.datetime(2023, 11, 6, 9, 30), "resolved": dt.datetime(2023, 11, 7), "satisfaction": 80.0},
)  # fmt: skip
CONTACTS = (
    {
        "customer_id": "C001",
        "name": "王某",
        "role": "采购",
        "phone": "13900002222",
        "last_contact": dt.date(2023, 11, 10),
    },
    {"customer_id": "C001", "name": "张某", "role": "技术", "last_contact": dt.date(2020, 1, 1)},
    {"customer_id": "C001", "name": "李某", "role": "高层", "left": "是"},
)
RENEWALS = (
    {"customer_id": "C001", "kind": "续约", "product": "维保", "amount": 80.0, "renewal_date": dt.date(2023, 12, 20), "stage": "谈判"},
    {"customer_id": "C001", "kind": "试用", "product": "看板", "trial_expiry": dt.date(2023, 11, 25), "stage": "线索"},
    {"customer_id": "C001", "kind": "商机", "product": "旧单", "renewal_date": dt.date(2023, 1, 1), "stage": "赢单"},
)  # fmt: skip


def table(kind: str, rows: tuple[dict, ...], lang: str = "zh-CN") -> tuple[tuple, ...]:
    """A table with its header as a host hands it over: blanks are None, dates are moments."""
    cells = raw_sheet(kind, rows, lang).rows
    return tuple(tuple(dt.datetime.combine(c, dt.time()) if type(c) is dt.date else c or None for c in row) for row in cells)  # fmt: skip


def tables(lang: str = "zh-CN") -> tuple:
    return table("info", INFO, lang), table("evaluation", EVALUATION, lang), table("tracking", TRACKING, lang)


def optional(lang: str = "zh-CN") -> tuple:
    """The service log, the contacts, the renewals, in the order in which formulas take them."""
    return table("service", SERVICE, lang), table("contacts", CONTACTS, lang), table("renewals", RENEWALS, lang)


def assessed(lang: str, now: dt.date, **rows: tuple) -> assessment.Assessment:
    """What the nightly job makes of these rows."""
    team = validation.validate(raw_book(info=INFO, evaluation=EVALUATION, **rows), POLICY, now)
    return assessment.assess(consolidation.consolidate([team], POLICY), POLICY, now, resources.words(lang))


def ask(name: str, *arguments: object) -> object:
    return udfs.call(name, arguments)


LONG = 6901234567890.0


@pytest.mark.slow
def test_a_long_id_is_written_in_full_and_found_again() -> None:
    info = table("info", ({"customer_id": LONG, "name": "甲"}, {"customer_id": LONG + 1, "name": "乙"}))
    marks = [{"customer_id": LONG + i, "value": 92.0, "potential": 88.0, "demand": 85.0} for i in (0, 1)]
    evaluation = table("evaluation", tuple(marks))
    assert [row[0] for row in ask("KAM_SCORES", evaluation)[1:]] == ["6901234567890", "6901234567891"]
    for typed in (LONG + 1, "6901234567891"):
        card = ask("KAM_CARD", typed, info, evaluation, None)
        assert any("乙" in str(cell) for row in card for cell in row)


# --- KAM_SCORES --------------------------------------------------------------------------------------------------


def test_scores_of_a_whole_table_stand_beside_its_rows() -> None:
    rows = (*EVALUATION, {"customer_id": "C003", "value": "x", "potential": 1.0, "demand": 2.0}, {})
    assert ask("KAM_SCORES", table("evaluation", rows)) == (
        ("客户ID", "计算得分", "计算层级"),
        ("C001", 89.4, "重点客户"),
        ("C002", 55.0, "普通客户"),
        ("C003", *["#!2015:价值维度：评分“x”无法确定"] * 2),
        ("#!2042:“客户ID”没有填写", *["#!2042:“价值维度”没有填写"] * 2),
    )


def test_scores_are_the_core_s_for_many_rows() -> None:
    marks = [(float(i % 101), float(i * 7 % 101), float(i * 13 % 101)) for i in range(500)]
    rows = tuple({"customer_id": f"C{i}", "value": v, "potential": p, "demand": d} for i, (v, p, d) in enumerate(marks))
    columns = [pd.Series(column) for column in zip(*marks, strict=True)]
    score = scoring.composite(*columns, POLICY.weights)
    tier = tiering.tiers(score, POLICY).map(POLICY.tier_names("en"))
    _, *answered = ask("KAM_SCORES", tuple(_zero_kept(row) for row in raw_sheet("evaluation", rows).rows), "en")
    assert answered == list(zip([f"C{i}" for i in range(500)], score, tier, strict=True))


def _zero_kept(row: list) -> tuple:
    return tuple(None if cell == "" else cell for cell in row)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_headers_are_found_in_any_language_order_and_depth(lang: str) -> None:
    cells = table("evaluation", EVALUATION, lang)
    turned = tuple(tuple(reversed(row)) for row in cells)
    below_a_title = (("评估", *[None] * (len(cells[0]) - 1)), *cells)
    for given in (cells, turned, below_a_title, list(map(list, cells))):
        assert ask("KAM_SCORES", given, "en")[1:] == (("C001", 89.4, "Key"), ("C002", 55.0, "Regular"))


def test_a_table_without_its_header_or_a_column_is_wrong() -> None:
    cells = table("evaluation", EVALUATION)
    assert ask("KAM_SCORES", cells[1:]) == "#!2015:客户多维度分层评估表：第一行不是表头"
    assert ask("KAM_SCORES", None) == "#!2015:客户多维度分层评估表：第一行不是表头"
    without = tuple((*row[:2], *row[3:]) for row in cells)
    assert ask("KAM_SCORES", without) == "#!2015:客户多维度分层评估表：没有“潜力维度（30%） · Potential (30%)”列"


def test_an_empty_table_has_headers_only() -> None:
    assert ask("KAM_SCORES", table("evaluation", ()), "en") == (("Customer ID", "Computed score", "Computed tier"),)


# --- KAM_SHARE ---------------------------------------------------------------------------------------------------


def test_shares_count_customers_and_pass_over_blanks() -> None:
    tiers = (("战略客户",), ("Key",), ("key customer",), (None,), ("#N/A",), ("钻石",))
    answer = ask("KAM_SHARE", tiers, "en")
    assert answer[:3] == (
        ("Tier", "Customers", "Share", "Target share", "Check"),
        ("Strategic", 1.0, 1 / 3, "10%–15%", "Above target"),
        ("Key", 2.0, 2 / 3, "20%–25%", "Above target"),
    )
    assert answer[-1] == ("Not scored", 2.0, 0.4, "—", "—")


def test_shares_of_nobody_are_missing() -> None:
    assert ask("KAM_SHARE", ((None,), (None,))) == "#!2042:“层级”没有填写"


# --- KAM_RISK ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_risks_are_the_nightly_job_s(lang: str) -> None:
    words, today = resources.words(lang), AS_OF.date()
    team = validation.validate(raw_book(info=INFO, evaluation=EVALUATION, tracking=TRACKING), POLICY, today)
    expected = assessment.assess(consolidation.consolidate([team], POLICY), POLICY, today, words).matters
    header, *rows = ask("KAM_RISK", *tables(), AS_OF, lang)
    assert len(header) == 10
    assert [(row[0], row[4], row[9]) for row in rows] == [
        (matter.customer_id, matter.subject, matter.due.to_pydatetime()) for matter in expected.itertuples()
    ]
    assert rows[0][3] == words("terms.level.high")


def test_risks_mask_phone_numbers() -> None:
    shown = str(ask("KAM_RISK", *tables(), AS_OF))
    assert "139****1111" in shown
    assert "13900001111" not in shown


@pytest.mark.slow
def test_the_day_decides_and_may_be_typed_as_people_do() -> None:
    on = ask("KAM_RISK", *tables(), AS_OF)
    assert ask("KAM_RISK", *tables(), "2023年11月21日") == ask("KAM_RISK", *tables(), 45251.0) == on
    assert ask("KAM_RISK", *tables(), dt.datetime(2024, 11, 21)) != on
    assert ask("KAM_RISK", *tables(), "昨天") == "#!2015:截止日期：日期“昨天”无法识别"
    assert ask("KAM_RISK", *tables(), "#N/A").startswith("#!2042:")


def test_dates_may_be_serial_numbers() -> None:
    epoch = dt.datetime(1899, 12, 30)
    serial = [tuple(tuple(float((c - epoch).days) if isinstance(c, dt.datetime) else c for c in row) for row in each) for each in tables()]  # fmt: skip
    assert ask("KAM_RISK", *serial, AS_OF) == ask("KAM_RISK", *tables(), AS_OF)


def test_a_table_that_is_not_there_is_left_out_but_customers_are_needed() -> None:
    info, evaluation, _ = tables()
    assert len(ask("KAM_RISK", info, evaluation, None, AS_OF)) > 1
    assert ask("KAM_RISK", info, evaluation, 0.0, AS_OF) == ask("KAM_RISK", info, evaluation, None, AS_OF)
    assert ask("KAM_RISK", None, evaluation, None, AS_OF) == "#!2042:“客户基础信息表”没有填写"
    assert ask("KAM_RISK", info[1:], evaluation, None, AS_OF) == "#!2015:客户基础信息表：第一行不是表头"
    assert ask("KAM_RISK", evaluation, evaluation, None, AS_OF) == "#!2015:客户基础信息表：第一行不是表头"


def test_no_risk_is_said() -> None:
    quiet = ({"customer_id": "C001", "name": "某科技"},)
    header, only = ask("KAM_RISK", table("info", quiet), None, None, AS_OF, "en")
    assert only == ("Nothing found", *[""] * (len(header) - 1))


@pytest.mark.slow
def test_optional_tables_add_their_risks_and_may_stand_alone() -> None:
    plain = {row[4] for row in ask("KAM_RISK", *tables(), AS_OF)}
    log, contacts, renewals = optional()
    with_all = {row[4] for row in ask("KAM_RISK", *tables(), AS_OF, None, log, contacts, renewals)}
    assert plain < with_all
    assert {"满意度不达标", "关键联系人离职"} <= {subject.partition("：")[0] for subject in with_all}
    for given in ((log, None, None), (None, contacts, None), (None, None, renewals), (None, None, None)):
        found = {row[4] for row in ask("KAM_RISK", *tables(), AS_OF, None, *given)}
        assert plain <= found <= with_all


def test_an_optional_table_that_is_another_one_is_wrong() -> None:
    log, contacts, _ = optional()
    assert ask("KAM_RISK", *tables(), AS_OF, None, contacts) == "#!2015:服务记录：第一行不是表头"
    assert ask("KAM_RISK", *tables(), AS_OF, None, log[1:]) == "#!2015:服务记录：第一行不是表头"
    assert ask("KAM_CARD", "C001", *tables(), AS_OF, "en", None, log) == "#!2015:Contacts: The first row is no header"
    without = tuple(row[1:] for row in log)
    assert ask("KAM_CHECK", *tables(), AS_OF, None, without) == "#!2015:服务记录：没有“客户ID · Customer ID”列"


# --- KAM_CHECK ---------------------------------------------------------------------------------------------------


def test_findings_name_the_table_its_row_and_its_header_as_typed() -> None:
    _, *rows = ask("KAM_CHECK", *tables(), AS_OF, "en")
    amount = next(row for row in rows if row[5] == "许多")
    assert amount[:5] == ("Error", "Customer info", 2.0, "累计交易额（万元）", "C002")
    assert (
        amount[6]
        == "The amount “许多” cannot be read as one number (a range, an estimate, an unknown currency or words)"
    )
    assert rows[0][0] == "Error"
    assert {row[0] for row in rows} <= {"Error", "Warning", "Note"}


def test_findings_about_headers_say_so() -> None:
    info = tuple((*row[:1], *row[2:]) for row in table("info", INFO))
    rows = ask("KAM_CHECK", info, *tables()[1:], AS_OF)
    assert ("错误", "客户基础信息表", "表头", "客户名称") in {row[:4] for row in rows}


def test_findings_below_a_title_count_rows_from_the_header() -> None:
    info = table("info", INFO)
    titled = (("客户", *[None] * (len(info[0]) - 1)), *info)
    rows = ask("KAM_CHECK", titled, *tables()[1:], AS_OF)
    assert next(row for row in rows if row[5] == "许多")[2] == 2.0


def test_findings_mask_personal_data() -> None:
    damaged = ({"customer_id": "C001", "name": "甲", "phone": 13800001234.5},)
    rows = ask("KAM_CHECK", table("info", damaged), None, None, AS_OF)
    assert all("1380000" not in str(row) for row in rows)


def test_an_error_cell_in_a_table_is_a_finding() -> None:
    broken = ({"customer_id": "C001", "name": "甲", "amount": "#DIV/0!"},)
    rows = ask("KAM_CHECK", table("info", broken), None, None, AS_OF, "en")
    assert any(row[6] == "The cell shows an error: DIV/0!" for row in rows)


def test_findings_in_an_optional_table_name_its_header() -> None:
    odd = ({"customer_id": "C001", "kind": "表扬", "reported": dt.datetime(2023, 11, 20), "nps": 11.0},)
    rows = ask("KAM_CHECK", *tables(), AS_OF, "en", table("service", odd))
    found = {row[3]: row[:3] for row in rows if row[1] == "Service log"}
    assert found == {"记录类型": ("Warning", "Service log", 1.0), "NPS（0-10）": ("Error", "Service log", 1.0)}


# --- KAM_HEALTH --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_health_is_the_nightly_job_s(lang: str) -> None:
    customers = assessed(lang, AS_OF, tracking=TRACKING, service=SERVICE, contacts=CONTACTS).customers
    log, contacts, _ = optional(lang)
    header, *rows = ask("KAM_HEALTH", *tables(lang), log, AS_OF, lang, contacts)
    assert len(header) == 12
    told = dict(zip(customers["customer_id"], health.explained(customers, POLICY, resources.words(lang)), strict=True))
    assert {row[0]: row[11] for row in rows} == told
    assert [row[3] for row in rows if row[0] == "C001"] == customers.loc[
        customers["customer_id"] == "C001", "health"
    ].tolist()


def test_health_of_the_worst_comes_first_and_what_is_unknown_last() -> None:
    info = table("info", (*INFO, {"customer_id": "C003", "name": "丙公司"}))
    header, first, _, last = ask("KAM_HEALTH", info, *tables()[1:], optional()[0], AS_OF, "en")
    assert header[3:6] == ("Health", "Health colour", "Health coverage")
    assert first[0::4][:2] == ("C001", "Red")  # an open major complaint, whatever the figure
    assert last[0] == "C003"
    assert last[3] == "#!2042:There are not enough data"
    assert last[4] == "—"


def test_without_a_service_log_nothing_is_known_of_complaints() -> None:
    rows = ask("KAM_HEALTH", *tables(), None, AS_OF, "en")
    assert {row[8] for row in rows[1:]} == {"#!2042:There are not enough data"}


#: Orders of C001 in 元: 40 万元 in the year before, 20 in this one; they begin long before.
ORDERS = tuple(
    {"customer_id": "C001", "ordered_on": dt.date(year, 6, 1), "amount": amount}
    for year, amount in ((2020, 400000.0), (2022, 400000.0), (2023, 200000.0))
)
PEERS = tuple(
    {"customer_id": f"C00{number}", "name": f"{name}公司", "amount": 200.0, "last_deal": dt.date(2023, 10, 20)}
    for number, name in enumerate("甲乙丙", start=1)
)
ALIKE = tuple(EVALUATION[0] | {"customer_id": f"C00{number}"} for number in (1, 2, 3))


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_with_the_orders_health_risks_and_card_are_the_nightly_job_s(lang: str) -> None:
    given = table("info", PEERS, lang), table("evaluation", ALIKE, lang), None
    orders, words = table("orders", ORDERS, lang), resources.words(lang)
    team = validation.validate(raw_book(info=PEERS, evaluation=ALIKE, orders=ORDERS), POLICY, AS_OF)
    night = assessment.assess(consolidation.consolidate([team], POLICY), POLICY, AS_OF, words)
    told = health.explained(night.customers, POLICY, words)
    now, before, points = {"zh-CN": ("近十二个月 20 万元", "此前十二个月 40 万元", "−30.0 分"),
                           "en": ("20 in the last twelve months", "after 40", "−30.0 points")}[lang]  # fmt: skip
    assert all(part in told[0] for part in (now, before, points))

    healths = ask("KAM_HEALTH", *given, None, AS_OF, lang, None, orders)
    assert {row[0]: row[11] for row in healths[1:]} == dict(zip(night.customers["customer_id"], told, strict=True))
    card = dict(ask("KAM_CARD", "C001", *given, AS_OF, lang, None, None, None, orders))
    assert told[0].removesuffix(words("health.stop")) in card.values()
    risks = ask("KAM_RISK", *given, AS_OF, lang, None, None, None, orders)
    fell = night.matters.loc[night.matters["rule"] == "year_fell", "evidence"].tolist()
    assert len(fell) == 1
    assert [row[5] for row in risks[1:] if row[5] in fell] == fell
    assert not any(row[5] in fell for row in ask("KAM_RISK", *given, AS_OF, lang)[1:])


def test_what_is_wrong_with_an_order_is_a_finding() -> None:
    odd = ({"customer_id": "C001", "ordered_on": "某日", "amount": 1.0},)
    rows = ask("KAM_CHECK", *tables(), AS_OF, "en", None, None, None, table("orders", odd))
    assert ("Error", "Orders", 1.0) in [row[:3] for row in rows]


# --- KAM_ROLES ---------------------------------------------------------------------------------------------------


def test_roles_tell_how_things_stand() -> None:
    info, evaluation, _ = tables()
    assert ask("KAM_ROLES", info, evaluation, optional()[1], AS_OF) == (
        ("客户ID", "客户名称", "计算层级", "采购", "使用部门", "技术", "高层", "在职联系人", "已覆盖角色"),
        ("C001", "某科技", "重点客户", "联系正常", "缺失", "久未联系", "已离职", 2.0, 2.0),
    )


@pytest.mark.slow
def test_roles_need_contacts_and_may_find_nobody() -> None:
    info, evaluation, _ = tables()
    assert ask("KAM_ROLES", info, evaluation, None, AS_OF) == "#!2042:“关键联系人”没有填写"
    assert ask("KAM_ROLES", None, evaluation, optional()[1], AS_OF) == "#!2042:“客户基础信息表”没有填写"
    header, only = ask("KAM_ROLES", info, None, table("contacts", ()), AS_OF, "en")
    assert only == ("Nothing found", *[""] * (len(header) - 1))
    _, nobody = ask("KAM_ROLES", info, evaluation, table("contacts", ()), AS_OF, "en")
    unknown = "#!2042:There are not enough data"  # a table without rows is as good as none
    assert nobody == ("C001", "某科技", "Key", *["—"] * 4, unknown, unknown)


# --- KAM_WHITESPACE ----------------------------------------------------------------------------------------------

BUYERS = tuple(
    {"customer_id": f"C{n:03}", "name": f"客户{n}", "products": products}
    for n, products in enumerate(["扫描仪、打印机", "扫描仪", "扫描仪", "扫描仪、耗材", "打印机", "耗材", ""], 1)
)


def test_whitespace_is_the_core_s() -> None:
    policy = resources.policy()
    customers = pd.DataFrame(BUYERS).replace("", pd.NA).assign(industry=pd.NA, computed_tier=pd.NA)
    header, *rows = ask("KAM_WHITESPACE", table("info", BUYERS), None, None, "en")
    assert header == ("Customer ID", "Customer name", "Computed tier", "Product/service", "Similar buyers",
                      "Similar customers", "Share of similar ones", "Compared with", "Under discussion")  # fmt: skip
    expected = whitespace.proposals(customers.astype("str"), empty("renewals"), policy)
    assert [(row[0], *row[3:7]) for row in rows] == [
        (each.customer_id, each.product, each.buyers, each.similar, each.share) for each in expected.itertuples()
    ]
    assert ("C005", "客户5", "Not scored", "扫描仪", 4.0, 5.0, 0.8, "All customers", "no") in rows


def test_what_is_under_discussion_already_is_told() -> None:
    deals = ({"customer_id": "C005", "kind": "商机", "product": "扫描仪", "stage": "方案"},)
    rows = ask("KAM_WHITESPACE", table("info", BUYERS), None, table("renewals", deals))
    assert [row[8] for row in rows if row[:4:3] == ("C005", "扫描仪")] == ["是"]


def test_too_few_customers_are_like_nobody() -> None:
    assert ask("KAM_WHITESPACE", table("info", BUYERS[:2]), None, None, "en")[1][0] == "Nothing found"


# --- KAM_CARD ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["C001", " c001 ", "某科技", "C001/某科技"])
def test_a_card_is_found_by_id_or_name(wanted: str) -> None:
    card = ask("KAM_CARD", wanted, *tables(), AS_OF)
    assert card[0] == ("项目", "内容")
    lines = dict(card)
    assert lines["客户名称"] == "某科技"
    assert lines["联系方式（工作电话）"] == "138****1234"
    assert lines["计算得分"] == "89.4"
    assert lines["计算层级"] == "重点客户"
    assert lines["下次拜访"] == "2024-01-18"
    assert lines["进行中的策略"] == "联合研发（进行中，2023-10-01 至 2024-01-01）"
    assert "竞争对手来电 139****1111" in lines["预警词：竞争对手"]
    assert (
        "数据问题（提醒）",
        "记录的综合得分 89.6 与按公司权重计算的 89.4 不同。请核对三个维度的评分，或改正综合得分",
    ) in card


@pytest.mark.slow
def test_a_card_in_english_without_evaluation_or_strategy_has_dashes() -> None:
    info = ({"customer_id": "C009", "name": "Acme"},)
    lines = dict(ask("KAM_CARD", "C009", table("info", info, "en"), None, None, AS_OF, "en"))
    assert lines["Computed score"] == "—"
    assert lines["Computed tier"] == "Not scored"
    assert lines["Running strategy"] == "No running strategy"
    assert lines["Where the score comes from"].startswith("No mark from 0 to 100")


NOON = dt.datetime(2023, 11, 21, 12, 0)


def _lines(card: tuple) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item, content in card[1:]:
        found.setdefault(item, []).append(content)
    return found


def test_a_card_tells_what_the_optional_tables_say() -> None:
    lines = _lines(ask("KAM_CARD", "C001", *tables(), NOON, "zh-CN", *optional()))
    assert lines["健康度"][0].startswith("健康度 ")
    assert "1 起重大投诉未解决" in lines["健康度"][0]
    assert not lines["健康度"][0].endswith("。")
    assert lines["生命周期"] == ["沉睡"] or lines["生命周期"] == ["—"]
    assert lines["未结事项"] == [
        "投诉“发票”（重大，2023-11-20 09:30 提出）；响应：按时；解决：应在 2023-11-22 09:30 之前",
        "请求“培训”（—，2023-11-21 09:30 提出）；响应：应在 2023-11-21 17:30 之前；解决：应在 2023-11-28 09:30 之前",
    ]
    assert lines["决策角色"] == ["采购：联系正常、使用部门：缺失、技术：久未联系、高层：已离职"]
    assert lines["续约与商机"] == [
        "试用“看板”，— 万元，2023-11-25，阶段：线索",
        "续约“维保”，80 万元，2023-12-20，阶段：谈判",
    ]
    assert [line[:10] for line in lines["下一步行动"]] == sorted(line[:10] for line in lines["下一步行动"])
    assert any("看板" in line for line in lines["下一步行动"])


@pytest.mark.slow
def test_the_clock_of_a_case_runs_to_the_moment_asked_for() -> None:
    def case(now: dt.datetime) -> str:
        return _lines(ask("KAM_CARD", "C001", *tables(), now, "en", *optional()))["Open case"][1]

    assert "answer: due by 2023-11-21 17:30" in case(dt.datetime(2023, 11, 21, 17, 29))
    assert "answer: past its limit of 2023-11-21 17:30" in case(dt.datetime(2023, 11, 21, 17, 31))


@pytest.mark.slow
def test_a_card_says_that_there_is_nothing_only_where_it_could_look() -> None:
    quiet = _lines(ask("KAM_CARD", "C002", *tables(), NOON, "en", *optional()))
    assert quiet["Open case"] == ["No open complaint or request"]
    assert quiet["Renewals & opportunities"] == ["No open renewal or opportunity"]
    unknown = _lines(ask("KAM_CARD", "C002", *tables(), NOON, "en"))
    assert {"Open case", "Renewals & opportunities", "Buying role"}.isdisjoint(unknown)
    empty = (table(kind, (), "en") for kind in ("service", "contacts", "renewals"))
    assert _lines(ask("KAM_CARD", "C002", *tables(), NOON, "en", *empty)) == unknown
    assert unknown["Health"][0].startswith("Health unknown")


@pytest.mark.slow
def test_a_card_proposes_what_similar_customers_buy() -> None:
    lines = _lines(ask("KAM_CARD", "C005", table("info", BUYERS), None, None, NOON, "en"))
    assert lines["Proposed product"][0] == "扫描仪 (4 of 5 similar customers buy it, 80%)"
    deals = ({"customer_id": "C005", "kind": "商机", "product": "扫描仪", "stage": "方案"},)
    lines = _lines(ask("KAM_CARD", "C005", table("info", BUYERS), None, None, NOON, "en", None, None, table("renewals", deals)))  # fmt: skip
    assert all("扫描仪" not in line for line in lines["Proposed product"])


def test_a_card_shows_no_phone_of_a_contact() -> None:
    shown = str(ask("KAM_CARD", "C001", *tables(), NOON, None, *optional()))
    assert "13900002222" not in shown
    assert "13700003333" not in shown


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [("C404", "#!2042:客户ID：客户基础信息表里没有“C404”，或有多个同名客户"), (None, "#!2042:“客户ID”没有填写")],
)
def test_a_card_of_nobody(wanted: object, reason: str) -> None:
    assert ask("KAM_CARD", wanted, *tables(), AS_OF) == reason


def test_a_name_that_two_customers_have_is_no_name() -> None:
    twins = ({"customer_id": "C001", "name": "甲"}, {"customer_id": "C002", "name": "甲"})
    assert ask("KAM_CARD", "甲", table("info", twins), None, None, AS_OF).startswith("#!2042:")
