"""The functions of cells give what the core gives, cell by cell and column by column."""

from __future__ import annotations

import datetime as dt
import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl import resources, worksheet
from kam_xl.core import explaining, raw, scoring, service, sheets, tiering, validation
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.privacy import masked
from kam_xl.doors import udfs
from kam_xl.worksheet import exchange

POLICY = resources.policy()
MARK = st.one_of(st.just(0.0), st.integers(10, 1000).map(lambda tenths: tenths / 10))


def ask(name: str, *arguments: object) -> object:
    """What the formula shows: a value, or the number and the reason of an error."""
    return _shown(udfs.call(name, arguments))


def _shown(answer: object) -> object:
    if isinstance(answer, tuple):
        return tuple(map(_shown, answer))
    if isinstance(answer, str) and answer.startswith("#!"):
        number, _, reason = answer[2:].partition(":")
        return int(number), reason
    return answer


def column(*cells: object) -> tuple:
    """Cells below one another."""
    return tuple((cell,) for cell in cells)


# --- laws --------------------------------------------------------------------------------------------------------


@given(MARK, MARK, MARK)
def test_a_score_is_the_core_s_and_so_is_its_tier(value: float, potential: float, demand: float) -> None:
    score = scoring.composite(*(pd.Series([mark]) for mark in (value, potential, demand)), POLICY.weights)
    answer = ask("KAM_SCORE", value, potential, demand)
    assert answer == score[0]
    assert ask("KAM_TIER", answer, "en") == POLICY.tier_names("en")[tiering.tiers(score, POLICY)[0]]


CELLS = st.one_of(MARK, st.sampled_from([None, "92（高）", "x", "#N/A", 0.5, 101.0, True]))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=6))
def test_a_column_answers_as_its_cells_do(rows: list[tuple]) -> None:
    whole = ask("KAM_SCORE", *(column(*cells) for cells in zip(*rows, strict=True)))
    assert whole == tuple((ask("KAM_SCORE", *row),) for row in rows)


# --- scores and tiers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ((92.0, 88.0, 85.0), 89.4),
        (("92（高利润+长合作）", "88 (增长快)", "85分"), 89.4),
        ((92.0, 88.0, 85.0, ((0.2,), (0.3,), (0.5,))), 87.3),
        ((92.0, 88.0, 85.0, ((20.0, 30.0, 50.0),)), 87.3),  # percentages as people type them
        ((92.0, 88.0, 85.0, ((0.0, 0.0, 1.0),)), 85.0),
        ((None, 88.0, 85.0), (2042, "“价值维度”没有填写")),
        ((92.0, "很高", 85.0), (2015, "潜力维度：评分“很高”无法确定")),
        ((92.0, 88.0, 0.85), (2015, "需求维度：评分“0.85”小于 1，可能是百分比，未采用")),
        ((92.0, 88.0, 120.0), (2015, "需求维度：评分“120”不在 0–100 之间，未采用")),
        ((92.0, 88.0, True), (2015, "需求维度：评分“TRUE”无法确定")),
        ((92.0, 88.0, dt.datetime(2026, 1, 2)), (2015, "需求维度：评分“2026-01-02”无法确定")),
        (("#REF!", 88.0, 85.0), (2015, "价值维度：单元格显示错误值：REF!")),
        ((92.0, 88.0, 85.0, ((1.0, 2.0),)), (2015, "应为三个权重（价值、潜力、需求），给了 2 个")),
        ((92.0, 88.0, 85.0, (("多", 0.3, 0.2),)), (2015, "权重：“多”不是数字")),
        ((92.0, 88.0, 85.0, ((0.5, 0.3, None),)), (2042, "“权重”没有填写")),
    ],
)
def test_score(arguments: tuple, answer: object) -> None:
    assert ask("KAM_SCORE", *arguments) == answer


def test_weights_that_do_not_sum_to_one_are_wrong_once_whatever_the_shape() -> None:
    number, reason = ask("KAM_SCORE", column(1.0, 2.0), 3.0, 4.0, ((0.5, 0.3, 0.3),))
    assert number == 2015
    assert "0.5、0.3、0.3" in reason
    assert "1.1" in reason


@pytest.mark.parametrize(
    ("score", "tier"),
    [(89.4, "Key"), (89.94, "Key"), (89.95, "Strategic"), (100.0, "Strategic"), (0.0, "To optimize"), (0.6, "To optimize"),
     ("89.4（重点）", "Key"), (100.1, (2015, "Composite score: The mark “100.1” is not between 0 and 100; not used")),
     (None, (2042, "“Composite score” is blank"))],
)  # fmt: skip
def test_tier(score: object, tier: object) -> None:
    assert ask("KAM_TIER", score, "en") == tier


@pytest.mark.parametrize(("lang", "tier"), [(None, "重点客户"), ("", "重点客户"), ("zh", "重点客户"), ("zh-CN", "重点客户"),
                                            ("EN", "Key"), ("en-US", "Key"),
                                            ("法语", (2015, "语言：不认识“法语”"))])  # fmt: skip
def test_languages(lang: object, tier: object) -> None:
    assert ask("KAM_TIER", 89.4, lang) == tier


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_explanations_are_the_core_s(lang: str) -> None:
    words, marks = resources.words(lang), (pd.Series([92.0]), pd.Series([88.0]), pd.Series([85.0]))
    assert ask("KAM_EXPLAIN", 92.0, "88（快）", 85.0, lang) == explaining.breakdown_sentences(*marks, POLICY, words)[0]
    told = explaining.path_sentences(*marks, pd.Series(["strategic"]), POLICY, words)
    assert ask("KAM_PATH", 92.0, 88.0, 85.0, "战略", lang) == told[0]


def test_a_way_to_an_unknown_tier_is_wrong_and_to_none_is_missing() -> None:
    assert ask("KAM_PATH", 92.0, 88.0, 85.0, "钻石")[0] == 2015
    assert ask("KAM_PATH", 92.0, 88.0, 85.0, None) == (2042, "“层级”没有填写")
    assert ask("KAM_PATH", None, 88.0, 85.0, "战略")[0] == 2042


# --- marks from raw indicators -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("KAM_VALUE", (120.0, 800.0, 6.0, 10.0), 37.5),
        ("KAM_VALUE", ("120万", "0.08亿", 6.0, 10.0), 37.5),
        ("KAM_VALUE", (-5.0, 800.0, 6.0, 10.0), 30.0),
        ("KAM_VALUE", (900.0, 800.0, 12.0, 10.0), 100.0),
        ("KAM_VALUE", (120.0, 0.0, 6.0, 10.0), (2042, "利润基数须大于 0")),
        ("KAM_VALUE", (120.0, None, 6.0, 10.0), (2042, "“利润基数”没有填写")),
        (
            "KAM_VALUE",
            ("约120", 800.0, 6.0, 10.0),
            (2015, "利润：金额“约120”无法确定（区间、约数、不认识的币种或文字）"),
        ),
        ("KAM_VALUE", ("$120,000", 800.0, 6.0, 10.0), (2015, "利润：政策里没有“$120,000”今天的汇率")),
        ("KAM_VALUE", (120.0, 800.0, "六年", 10.0), (2015, "合作时长：“六年”不是数字")),
        ("KAM_POTENTIAL", (0.12, 0.2, 3.0, 5.0), 60.0),
        ("KAM_POTENTIAL", (0.12, 0.2, 3.0, 0.0), (2042, "总需求数须大于 0")),
        ("KAM_DEMAND", (4.0, 2.0), 80.0),
        ("KAM_DEMAND", (7.0, 2.0), (2015, "服务敏感度须为 1–5 级")),
        ("KAM_DEMAND", (None, 2.0), (2042, "“服务敏感度”没有填写")),
    ],
)
def test_marks_from_indicators(name: str, arguments: tuple, answer: object) -> None:
    assert ask(name, *arguments) == answer


def test_a_column_of_indicators_is_wrong_only_where_it_is() -> None:
    assert ask("KAM_VALUE", column(120.0, None, 800.0), column(800.0, 800.0, 0.0), 6.0, 10.0) == (
        (37.5,), ((2042, "“利润”没有填写"),), ((2042, "利润基数须大于 0"),),
    )  # fmt: skip


# --- what a tier gets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", POLICY.tiers, ids=POLICY.tier_keys)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_strategy_is_the_policy_s(tier: object, lang: str) -> None:
    asked = ("strategy", "measures", "departments", "support", "goals", "owner", "cadence", "class")
    told = tuple(getattr(tier, name)(lang) for name in asked[:-2])
    answer = ask("KAM_STRATEGY", tier.name(lang), (asked,), lang)
    assert answer == ((*told, float(tier.cadence_days), tier.class_),)
    assert ask("KAM_STRATEGY", tier.key, None, lang) == tier.strategy(lang)


@pytest.mark.parametrize(
    ("what", "key"),
    [("策略", "strategy"), ("核心策略", "strategy"), ("措施", "measures"), ("部门", "departments"), ("支持", "support"),
     ("目标", "goals"), ("负责人", "owner"), ("周期", "cadence"), ("ABC类别", "class"), ("Owner", "owner"), ("負責人", "owner")],
)  # fmt: skip
def test_what_may_be_asked_for_in_either_language(what: object, key: str) -> None:
    assert ask("KAM_STRATEGY", "重点", what) == ask("KAM_STRATEGY", "重点", key)


def test_what_nobody_knows_is_wrong() -> None:
    assert ask("KAM_STRATEGY", "重点", "口号") == (2015, "内容：不认识“口号”")
    assert ask("KAM_STRATEGY", 89.4) == (2015, "不认识的层级“89.4”")
    assert ask("KAM_STRATEGY", None) == (2042, "“层级”没有填写")


def test_the_strictest_limit_counts() -> None:
    tiers, severities = ["strategic", "key", "regular", None], ["major", "ordinary", None]
    for tier in tiers:
        for severity in severities:
            hours = service.sla(pd.Series([tier], dtype="str"), pd.Series([severity], dtype="str"), POLICY)[0]
            answer = ask("KAM_SLA", tier, severity)
            assert answer == ((2042, "“层级”没有填写") if pd.isna(hours) else hours)
    assert ask("KAM_SLA", "钻石", "重大") == (2015, "不认识的层级“钻石”")
    assert ask("KAM_SLA", "重点", "小事") == (2015, "严重程度：不认识“小事”")


@pytest.mark.parametrize(
    "last", [dt.datetime(2026, 10, 20), dt.date(2026, 10, 20), 46315.0, "2026-10-20", "2026年10月20日"]
)
def test_the_next_visit_is_a_date_whatever_the_last_one_is_typed_as(last: object) -> None:
    assert ask("KAM_NEXT_VISIT", last, "重点") == dt.datetime(2027, 1, 18)


@pytest.mark.parametrize(
    ("last", "answer"),
    [(None, (2042, "“最近接触”没有填写")), ("05/06/2026", (2015, "最近接触：日期“05/06/2026”可能是两个日子，未采用")),
     (7.0, (2015, "最近接触：日期“7”无法识别")), (True, (2015, "最近接触：日期“TRUE”无法识别"))],
)  # fmt: skip
def test_a_last_visit_nobody_can_read(last: object, answer: object) -> None:
    assert ask("KAM_NEXT_VISIT", last, "重点") == answer


# --- the working calendar ----------------------------------------------------------------------------------------

FRIDAY_AT_FIVE = dt.datetime(2026, 11, 20, 17, 0)


@pytest.mark.parametrize(
    ("reported", "tier", "severity", "by"),
    [
        (FRIDAY_AT_FIVE, "战略", None, dt.datetime(2026, 11, 23, 10, 0)),
        (FRIDAY_AT_FIVE, "重点", "普通", dt.datetime(2026, 11, 23, 16, 0)),
        (FRIDAY_AT_FIVE, "Key", "major", dt.datetime(2026, 11, 23, 10, 0)),
        ("2026年11月20日 下午5点", "战略", None, dt.datetime(2026, 11, 23, 10, 0)),
        (46346 + 17 / 24, "战略", None, dt.datetime(2026, 11, 23, 10, 0)),
        (dt.datetime(2026, 11, 20, 16, 59, 59, 999_999), "战略", None, dt.datetime(2026, 11, 23, 10, 0)),
        (dt.date(2026, 11, 20), "战略", None, dt.datetime(2026, 11, 23, 11, 0)),  # a day counts from its end
        (FRIDAY_AT_FIVE, None, "重大", dt.datetime(2026, 11, 23, 10, 0)),  # no tier has a stricter limit
        (FRIDAY_AT_FIVE, None, "普通", (2042, "“层级”没有填写")),
        (FRIDAY_AT_FIVE, "钻石", "重大", (2015, "不认识的层级“钻石”")),
        (FRIDAY_AT_FIVE, "战略", "小事", (2015, "严重程度：不认识“小事”")),
        (None, "战略", None, (2042, "“提出时间”没有填写")),
        ("周五", "战略", None, (2015, "提出时间：日期“周五”无法识别")),
        (True, "战略", None, (2015, "提出时间：日期“TRUE”无法识别")),
        ("#REF!", "战略", None, (2015, "提出时间：单元格显示错误值：REF!")),
    ],
)
def test_an_answer_is_due_by_the_working_calendar(reported: object, tier: object, severity: object, by: object) -> None:
    assert ask("KAM_DUE", reported, tier, severity) == by


def test_a_case_is_due_when_the_nightly_job_says_so() -> None:
    reported = pd.Series([FRIDAY_AT_FIVE, dt.datetime(2026, 9, 30, 17, 30), dt.datetime(2026, 10, 10)])
    log = pd.DataFrame(
        {"customer_id": ["C1", "C1", "C1"], "kind": "complaint", "severity": "major", "reported": reported}
    )
    log = log.assign(**dict.fromkeys(("answered", "resolved", "confirmed"), pd.NaT)).astype(
        {"answered": "datetime64[s]"}
    )
    customers = pd.DataFrame({"customer_id": ["C1"], "name": ["甲"], "computed_tier": ["key"]})
    cases = service.cases(log, customers, POLICY, pd.Timestamp(2026, 12, 1))
    assert ask("KAM_DUE", column(*reported), "重点", "重大") == column(*cases["answer_by"].dt.to_pydatetime())


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (FRIDAY_AT_FIVE, "2026-11-23 10:30", 2.5),
        (dt.datetime(2026, 11, 23, 10, 30), FRIDAY_AT_FIVE, -2.5),
        ("2026-11-20", "2026-11-23", 9.0),
        ("2026-09-30 17:00", "2026-10-08 10:00", 2.0),  # the holiday between does not count
        ("2026-10-10", "2026-10-11", 9.0),  # a Saturday worked instead
        (FRIDAY_AT_FIVE, FRIDAY_AT_FIVE, 0.0),
        (None, FRIDAY_AT_FIVE, (2042, "“开始时间”没有填写")),
        (FRIDAY_AT_FIVE, "明天", (2015, "结束时间：日期“明天”无法识别")),
    ],
)
def test_working_hours(start: object, end: object, hours: object) -> None:
    assert ask("KAM_HOURS", start, end) == hours


# --- where customers stand ---------------------------------------------------------------------------------------

DAY = dt.date(2026, 11, 20)


def ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days)


@pytest.mark.parametrize(
    ("since", "last_deal", "tier", "stage"),
    [
        (ago(10), ago(5), "重点", "新客户"),
        (ago(400), ago(30), "重点", "合作中"),
        (ago(1095), ago(30), "重点", "深化"),
        (ago(2000), ago(364), "重点", "沉睡"),
        (ago(2000), ago(365), "重点", "流失"),
        (ago(2000), ago(365), None, "流失"),  # the tier does not matter to that
        (None, ago(365), "重点", "流失"),
        (ago(10), None, "重点", "新客户"),
        (ago(400), None, "重点", (2042, "“最近合作时间”没有填写")),
        (None, ago(30), "重点", (2042, "“合作起始时间”没有填写")),
        (ago(2000), ago(200), None, (2042, "“层级”没有填写")),
        (ago(2000), "多年前", "重点", (2015, "最近合作时间：日期“多年前”无法识别")),
        (ago(2000), ago(365), "钻石", (2015, "不认识的层级“钻石”")),
        (ago(-5), ago(-3), "重点", (2015, "“最近合作时间”晚于今天（2026-11-23），尚未发生，未采用")),
        (ago(-5), ago(0), "重点", (2042, "没有足够的数据")),  # a start ahead is used, and tells nothing
    ],
)
def test_the_stage_of_a_customer(since: object, last_deal: object, tier: object, stage: object) -> None:
    assert ask("KAM_LIFECYCLE", since, last_deal, tier, DAY) == stage


def test_each_row_may_have_its_own_day_and_the_moment_does_not_matter() -> None:
    days = column(DAY, "2030-01-01", dt.datetime(2026, 11, 20, 23, 59), None, "x")
    assert worksheet.answer("KAM_LIFECYCLE", (ago(400), ago(30), "Key", days, "en"), DAY, None) == (
        ("Active",), ("Lost",), ("Active",), ("Active",), ("#!2015:As of: The date “x” cannot be read",),
    )  # fmt: skip


# --- the same as the night ---------------------------------------------------------------------------------------

ODD_DAYS = [
    dt.datetime(1899, 12, 30),  # a blank cell that a formula looked up
    dt.datetime(1989, 12, 31), dt.datetime(1990, 1, 1), dt.datetime(2076, 12, 31), dt.datetime(2077, 1, 1),
    dt.datetime.max, dt.datetime(2026, 11, 20, 23, 59), dt.datetime(2026, 11, 21), 0.0, 7.0, 2023.1, 2023.0, 20231020.0,
    46315.0, 46315.75, -1.0, 1e30, True, "2023.1", "2023年10月", "2027年10月", "05/06/2023", "下周", "20231020",
]  # fmt: skip


@pytest.mark.parametrize("cell", ODD_DAYS, ids=str)
@pytest.mark.parametrize(
    ("kind", "field", "name", "rest"),
    [
        ("info", "last_deal", "KAM_LIFECYCLE", (ago(400), "重点", DAY)),
        ("contacts", "last_contact", "KAM_NEXT_VISIT", ("重点",)),
        ("service", "reported", "KAM_DUE", ("重点",)),
    ],
)
def test_a_day_is_refused_for_the_reason_the_nightly_job_has(
    kind: str, field: str, name: str, rest: tuple, cell: object
) -> None:
    value, found = _by_night(kind, field, cell)
    typed = (rest[0], cell, *rest[1:]) if name == "KAM_LIFECYCLE" else (cell, *rest)
    answer = _shown(worksheet.answer(name, typed, DAY, None))
    unread = isinstance(answer, tuple) and answer[0] == 2015
    assert unread == pd.isna(value)
    if unread:
        title = sheets.BY_KIND[kind].column(field).zh
        shown = title if kind != "contacts" else "最近接触"
        code = found or "date_unparsed"
        reason = resources.words("zh-CN")(f"finding.{code}.text", field=shown, value=raw.text(cell), detail="")
        assert answer[1].removeprefix(f"{shown}：") == masked(reason)


def _by_night(kind: str, field: str, cell: object) -> tuple[object, str | None]:
    """What the nightly job makes of one cell of a sheet: its value, and the code it is reported under."""
    info, more = sheets.INFO, sheets.BY_KIND[kind]
    rows = {info.kind: {"customer_id": "C001", "name": "甲"}, kind: {"customer_id": "C001", "name": "甲", field: cell}}
    tables = tuple(
        RawSheet(sheets.BY_KIND[one].zh, [[c.zh for c in sheets.BY_KIND[one].columns],
                                          [row.get(c.field, "") for c in sheets.BY_KIND[one].columns]])
        for one, row in rows.items()
    )  # fmt: skip
    book = validation.validate(Book("华东.xlsx", "华东", tables), POLICY, DAY)
    codes = [one.code for one in book.findings if one.field == sheets.named(kind, field) and one.cell]
    return book.tables[more.kind].rows[field].iloc[0], codes[-1] if codes else None


def test_working_hours_to_the_end_of_the_calendar_are_refused() -> None:
    assert ask("KAM_HOURS", FRIDAY_AT_FIVE, dt.datetime.max)[0] == 2015


# --- the net promoter score --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        (column(10.0, 9.0, 8.0, 3.0), 25.0),
        (((10.0, 9.0), (8.0, 3.0)), 25.0),
        (column("NPS（0-10）", 10.0, None, "拒答", True, "9", "６分", "-"), 100 / 3),
        (9.0, 100.0),
        (column(6.0, 0.0), -100.0),
        (column(7.0, 8.0), 0.0),
        (column(10.0, 11.0), (2015, "NPS 答案：“11”不是 0–10 的整数")),
        (column(10.0, -1.0), (2015, "NPS 答案：“-1”不是 0–10 的整数")),
        (column(10.0, 7.5), (2015, "NPS 答案：“7.5”不是 0–10 的整数")),
        (column(10.0, "11"), (2015, "NPS 答案：“11”不是 0–10 的整数")),
        (column(10.0, dt.datetime(1900, 1, 9)), (2015, "NPS 答案：“1900-01-09”不是 0–10 的整数")),
        (column(10.0, "#N/A", 11.0), (2042, "NPS 答案：单元格显示错误值：N/A")),
        (column(None, "拒答"), (2042, "“NPS 答案”没有填写")),
        (None, (2042, "“NPS 答案”没有填写")),
    ],
)
def test_promoters_less_detractors(answers: object, score: object) -> None:
    assert ask("KAM_NPS", answers) == score


@given(st.lists(st.integers(0, 10), min_size=1, max_size=30))
def test_the_score_is_the_core_s(answers: list[int]) -> None:
    assert ask("KAM_NPS", column(*map(float, answers))) == service.nps(pd.Series(answers), POLICY)


# --- whole columns -----------------------------------------------------------------------------------------------


def whole(*cells: object) -> tuple:
    """A whole column, as a host hands it over."""
    return column(*cells) + ((None,),) * (exchange.WHOLE - len(cells))


def test_whole_columns_cost_and_answer_what_their_used_rows_do() -> None:
    began = time.process_time()
    answer = ask("KAM_SCORE", whole("价值", 92.0), whole("潜力", 88.0, None, 5.0), whole("需求", 85.0, ""))
    assert time.process_time() - began < 2
    assert len(answer) == 4
    assert answer[1] == (89.4,)
    assert answer[3] == ((2042, "“价值维度”没有填写"),)
    assert ask("KAM_NPS", whole("NPS", 10.0, 9.0, None, 8.0, 3.0)) == 25.0
    assert ask("KAM_SCORE", whole(), 88.0, 85.0) == (2042, "“价值维度”没有填写")


def test_the_blank_rows_of_a_range_have_their_answers() -> None:
    assert ask("KAM_SCORE", column(92.0, None), 88.0, 85.0) == ((89.4,), ((2042, "“价值维度”没有填写"),))


# --- many rows ---------------------------------------------------------------------------------------------------

ROWS = 10_000
DAYS = column(*(dt.datetime(2020, 1, 1, 8, 30) + dt.timedelta(hours=6 * row) for row in range(ROWS)))
LATER = column(*(f"{2021 + row % 5}-0{1 + row % 9}-15 14:30" for row in range(ROWS)))
TIERS = column(*(("战略客户", "Key", None, "潜力")[row % 4] for row in range(ROWS)))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("KAM_DUE", (DAYS, TIERS, "重大")), ("KAM_HOURS", (DAYS, LATER)), ("KAM_LIFECYCLE", (LATER, DAYS, TIERS)),
     ("KAM_NPS", (column(*(float(row % 11) for row in range(ROWS - 1)), None),))],
)  # fmt: skip
def test_ten_thousand_rows_take_one_pass(name: str, arguments: tuple) -> None:
    ask(name, *arguments)
    began = time.process_time()
    answer = ask(name, *arguments)
    assert time.process_time() - began < 2
    assert name == "KAM_NPS" or len(answer) == ROWS
