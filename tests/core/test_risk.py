"""Each risk rule fires at its threshold, says why in both languages, and keeps still on missing data (handbook §7)."""

import datetime as dt
from typing import NamedTuple

import pandas as pd
import pytest

from kam_xl.core import history, risk, risk_rules
from kam_xl.core.kinds import LEVELS, keys
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import Risk
from tests.core.conftest import TOGETHER, side_by_side

D = dt.date  # today is 2024-03-01


class Case(NamedTuple):
    """Rows on which a rule fires once, what it says, where, and rows on which it just does not fire."""

    rule: str
    fires: dict
    zh: str
    en: str
    cell: str
    quiet: dict


def customers(*rows: dict) -> list[dict]:
    return [{"customer_id": f"C{number:03}", **row} for number, row in enumerate(rows, start=1)]


def before(amount: float, team_count: int = 1) -> pd.DataFrame:
    """Last night's snapshot of C001."""
    row = {
        "customer_id": "C001",
        "name": "某科技",
        "tier": "regular",
        "level": "none",
        "score": 60.0,
        "amount": amount,
        "team_count": team_count,
        "teams": "华东",
        "amount_parts": 1,
    }
    return history.complete(pd.DataFrame([row | {"on": pd.Timestamp("2024-02-29")}]))


LETTERS = {
    ("华东.xlsx", "info"): {"customer_id": "A", "last_deal": "H", "amount": "I", "remarks": "L"},
    ("华东.xlsx", "evaluation"): {"composite": "E", "tier": "F", "evaluated_on": "G"},
    ("华东.xlsx", "tracking"): {"strategy": "B", "period": "C", "status": "E", "effect": "F", "problem": "G"},
}
KEY = {"value": 80, "potential": 80, "demand": 80, "composite": 80, "tier": "key"}
SILENT = [{"tracked_on": D(2023, 3, 1), "status": "done"}]

CASES = [
    Case(
        "silent_customer",
        {"customers": [{"last_deal": D(2023, 6, 4)}], "tracking": SILENT},
        "已 271 天没有成交或接触（最近一次 2023-06-04），超过回访周期 180 天的 1.5 倍",
        "No deal or contact for 271 days (last on 2023-06-04): more than 1.5 × the cadence of 180 days",
        "H2",
        {"customers": [{"last_deal": D(2023, 6, 4)}], "contacts": [{"last_contact": D(2023, 6, 5)}]},
    ),
    Case(
        "amount_fell",
        {"customers": [{"amount": 1800}], "past": before(2000)},
        "累计交易额由 2,000 万元（2024-02-29）降至 1,800 万元，下降 10%",
        "Cumulative amount down from 2,000 (2024-02-29) to 1,800 (10k CNY), a fall of 10%",
        "I2",
        {"customers": [{"amount": 1801}], "past": before(2000)},
    ),
    Case(
        "strategy_overdue",
        {"tracking": [{"end": D(2024, 2, 29), "status": "delayed"}]},
        "策略“季度回访”应于 2024-02-29 完成，已超期 1 天，完成情况为已延期",
        "Strategy “季度回访” was due on 2024-02-29, 1 days ago; status: Delayed",
        "C2",
        {"tracking": [{"end": D(2024, 3, 1), "status": "delayed"}]},
    ),
    Case(
        "strategy_behind",
        {"tracking": [{"start": D(2024, 2, 1), "end": D(2024, 3, 30), "status": "not_started"}]},
        "策略“季度回访”的时间已过 50%，完成情况仍为未开始（2024-03-30 到期）",
        "50% of the time for strategy “季度回访” is gone, its status is still Not started (due 2024-03-30)",
        "E2",
        {"tracking": [{"start": D(2024, 2, 1), "end": D(2024, 3, 31), "status": "not_started"}]},
    ),
    Case(
        "problem_without_improvement",
        {"tracking": [{"problem": "技术研发进度延迟1周", "improvement": "无"}]},
        "策略“季度回访”记录了问题“技术研发进度延迟1周”，但没有改进建议",
        "Strategy “季度回访” records the problem “技术研发进度延迟1周” but no suggestion",
        "G2",
        {"tracking": [{"problem": "技术研发进度延迟1周", "improvement": "增派工程师"}]},
    ),
    Case(
        "no_running_strategy",
        {"evaluations": [KEY], "tracking": [{"status": "done"}, {"status": "not_started"}]},
        "重点客户没有执行中的策略（跟踪表中共 2 条）",
        "Key customer without a running strategy (2 in the tracking sheets)",
        "A2",
        {"evaluations": [KEY], "tracking": [{"status": "done"}, {"status": "running"}]},
    ),
    Case(
        "evaluation_stale",
        {"evaluations": [{"evaluated_on": D(2023, 8, 31)}]},
        "最近一次评估在 2023-08-31，已超过 6 个月",
        "Last evaluated on 2023-08-31, more than 6 months ago",
        "G2",
        {"evaluations": [{"evaluated_on": D(2023, 9, 1)}]},
    ),
    Case(
        "recorded_differs",
        {"evaluations": [{"value": 92, "potential": 88, "demand": 85, "composite": 89.6, "tier": "strategic"}]},
        "记录为 89.6 战略客户，计算为 89.4 重点客户",
        "Recorded 89.6 Strategic, computed 89.4 Key",
        "E2",
        {"evaluations": [{"value": 92, "potential": 88, "demand": 85, "composite": 89.4, "tier": None}]},
    ),
    Case(
        "score_fell",
        {"evaluations": [{}, {"value": 80, "evaluated_on": D(2023, 10, 1), "current": False}]},
        "综合得分由 70.0（2023-10-01）降至 60.0（2024-01-15），下降 10.0 分",
        "Composite score down from 70.0 (2023-10-01) to 60.0 (2024-01-15), by 10.0 points",
        "G2",
        {"evaluations": [{}, {"value": 79.8, "evaluated_on": D(2023, 10, 1), "current": False}]},
    ),
    Case(
        "concentration",
        {"customers": customers({"amount": 100}, *[{"amount": 70}] * 5)},
        "累计交易额 100 万元，占已知交易额的 22.2%，超过 20%",
        "Cumulative amount 100 (10k CNY) is 22.2% of the known amounts, above 20%",
        "I2",
        {"customers": customers(*[{"amount": 100}] * 5)},
    ),
    Case(
        "warning_words",
        {"customers": [{"remarks": "竞争对手报价更低，客户有流失风险"}]},
        "备注中出现“竞争对手、流失”：竞争对手报价更低，客户有流失风险",
        "“竞争对手, 流失” in Remarks: 竞争对手报价更低，客户有流失风险",
        "L2",
        {"customers": [{"remarks": "合作稳定，无流失"}]},
    ),
    Case(
        "profile_contradiction",
        {"evaluations": [{"value": 50, "potential": 10, "demand": 35}]},
        "得分 35.0 属于潜力客户，但价值 50、潜力 10 与该层级画像不符",
        "A score of 35.0 is Potential, but value 50 and potential 10 do not fit that tier's profile",
        "F2",
        {"evaluations": [{"value": 20, "potential": 50, "demand": 50}]},
    ),
    Case(
        "data_quality",
        {"findings": [{}, {"field": "last_deal"}, {"field": "last_deal"}, {"severity": "warn"}]},
        "工作簿中有 3 处错误，涉及：累计交易额（万元）、最近合作时间",
        "Errors in the workbooks: 3, in Cumulative amount (10k CNY), Last deal date",
        "I2",
        {"findings": [{"severity": "warn"}, {"customer_id": None}, {"customer_id": "C999"}]},
    ),
]


def found(assessment, rule: str) -> pd.DataFrame:
    return assessment.risks[assessment.risks["rule"] == rule]


ALONE = tuple(case for case in CASES if case.rule == "concentration")  # it holds each customer against all others
EACH = tuple(case for case in CASES if case not in ALONE)


#: Rule → its own deadline in its case, a Sunday being the Friday before.
DEADLINES = {
    "silent_customer": pd.Timestamp("2023-12-01"),
    "strategy_overdue": pd.Timestamp("2024-02-29"),
    "strategy_behind": pd.Timestamp("2024-03-29"),
}
#: Days from Friday the first of March → the workday they end on.
LATER = {7: pd.Timestamp("2024-03-08"), 14: pd.Timestamp("2024-03-15"), 30: pd.Timestamp("2024-04-01")}


def test_a_rule_fires_once_and_says_why(assessed, together, policy: Policy) -> None:
    def fired(lang: str) -> dict[str, pd.DataFrame]:
        parts = together([{"letters": LETTERS, **case.fires} for case in EACH], lang=lang)
        risks = {case.rule: part.of(case.rule) for case, part in zip(EACH, parts, strict=True)}
        return risks | {
            case.rule: found(assessed(lang=lang, letters=LETTERS, **case.fires), case.rule) for case in ALONE
        }

    zh, en = fired("zh-CN"), fired("en")
    who = ["customer_id", "name", "team", "book", "cell", "evidence", "remedy", "due"]
    said = {case.rule: (zh[case.rule][who].values.tolist(), en[case.rule]["evidence"].tolist()) for case in CASES}
    should = {}
    for case in CASES:
        rule = policy.rules[case.rule]
        due = DEADLINES.get(case.rule) or LATER[rule.due_days]
        row = ["C001", "某科技", "华东", "华东.xlsx", case.cell, case.zh, rule.remedy.zh, due]
        should[case.rule] = ([row], [case.en])
    assert said == should


def test_a_rule_just_does_not_fire(assessed, together) -> None:
    parts = together([case.quiet for case in EACH])
    fired = {case.rule for case, part in zip(EACH, parts, strict=True) if len(part.of(case.rule))}
    assert fired | {case.rule for case in ALONE if len(found(assessed(**case.quiet), case.rule))} == set()


def test_rules_that_are_switched_off_keep_still(assessed, calm: Policy) -> None:
    everything = side_by_side([case.fires for case in CASES])
    assert set(assessed(**everything).risks["rule"]) >= {case.rule for case in EACH}
    silent = assessed(policy=calm, **everything)
    assert silent.risks.empty
    assert silent.risks.columns.tolist() == list(risk.COLUMNS)
    assert silent.customers["level"].eq("none").all()


def test_every_rule_of_the_policy_has_a_function_and_a_case() -> None:
    assert list(risk.RULES.keys() ^ set(keys(Risk))) == []
    own = {name for name, rule in risk.RULES.items() if rule.__module__ == risk_rules.__name__}
    assert {case.rule for case in CASES} | {"same_strategy"} == own


UNKNOWN = [
    {"customers": [{"last_deal": None, "amount": None}], "evaluations": [], "tracking": []},
    {"evaluations": [{"value": None, "evaluated_on": None}], "customers": [{"last_deal": None}], "tracking": []},
    {"evaluations": [{"composite": None, "tier": None}]},
    {"evaluations": [{}, {"value": None, "evaluated_on": D(2023, 1, 1), "current": False}]},
    {"evaluations": [{"evaluated_on": D(2023, 8, 31)}, {"evaluated_on": None, "current": False}]},
    {"tracking": [{"start": None, "end": None, "status": None, "strategy": None, "tracked_on": None}]},
    {"tracking": [{"start": None, "end": D(2023, 1, 1), "status": None}]},
    {"tracking": [{"problem": "无"}, {"problem": "没有问题。", "improvement": None}, {"problem": "No issues"}]},
    {"evaluations": [KEY], "tracking": [{"status": None}]},
    {"evaluations": [KEY], "tracking": []},
    {"customers": [{"amount": None}], "past": before(2000)},
    {"customers": [{"amount": 100, "team_count": 1}], "past": before(2000, team_count=2)},
    {"tracking": [{"customer_id": None, "problem": "客户拖欠货款"}, {"customer_id": "C404", "end": D(2023, 1, 1)}, {}]},
]


def test_missing_data_fires_nothing(together) -> None:
    fired = {place: set(part.risks["rule"]) - {*TOGETHER} for place, part in enumerate(together(UNKNOWN))}
    assert {place: rules for place, rules in fired.items() if rules} == {}


CONTACTED = [
        ({"customers": [{"last_deal": D(2023, 5, 1)}], "contacts": [{"last_contact": D(2023, 6, 4)}]}, "G2"),
        ({"customers": [{"last_deal": None}], "contacts": [{"last_contact": D(2023, 6, 4)}]}, "G2"),
        ({"customers": [{"last_deal": None}], "service": [{"kind": "visit", "reported": dt.datetime(2023, 6, 4, 9)}]}, "E2"),
        ({"customers": [{"last_deal": None}], "service": [{"kind": "complaint", "answered": dt.datetime(2023, 6, 4, 9)}]}, "F2"),
]  # fmt: skip


def test_silence_is_counted_from_where_the_last_contact_stands(together) -> None:
    letters = {
        ("华东.xlsx", "contacts"): {"last_contact": "G"},
        ("华东.xlsx", "service"): {"reported": "E", "answered": "F"},
    }
    parts = together([{"letters": letters, **rows} for rows, _ in CONTACTED])
    hits = [part.of("silent_customer")[["cell", "evidence"]].values.tolist() for part in parts]
    said = "已 271 天没有成交或接触（最近一次 2023-06-04），超过回访周期 180 天的 1.5 倍"
    assert hits == [[[sheet, said]] for _, sheet in CONTACTED]


def test_another_teams_evaluation_is_no_fall(assessed) -> None:
    other = {"value": 100, "evaluated_on": D(2024, 1, 10), "current": False, "team": "华北"}
    assert found(assessed(evaluations=[{}, other]), "score_fell").empty


def test_a_score_alone_weighs_less_than_a_tier(assessed) -> None:
    rows = assessed(evaluations=[{"value": 55, "potential": 45, "demand": 70, "composite": 56.5, "tier": "regular"}])
    assert found(rows, "recorded_differs")["level"].tolist() == ["low"]


def _sharing(tiers: list[int], total: int, text: str = "客户回访") -> dict:
    """``total`` customers with a strategy of their own, but the first ones, of these marks, share one text."""
    ids = [f"C{number:03}" for number in range(1, total + 1)]
    marks = tiers + [60] * (total - len(tiers))
    return {
        "customers": [{"customer_id": key} for key in ids],
        "evaluations": [
            {"customer_id": key, "value": mark, "potential": mark, "demand": mark}
            for key, mark in zip(ids, marks, strict=True)
        ],
        "tracking": [
            {"customer_id": key, "strategy": text if place < len(tiers) else f"专属方案{key}"}
            for place, key in enumerate(ids)
        ],
    }


@pytest.mark.parametrize(
    ("tiers", "total", "fires"),
    [
        ([95, 75, 60, 60, 60], 20, 5),  # three tiers
        ([75, 75, 60, 60, 60], 20, 0),  # two tiers
        ([95, 75, 60, 60], 20, 0),  # too few customers
        ([60] * 13, 20, 13),  # most customers: 65 %
        ([60] * 12, 20, 0),  # 60 % is not more than 60 %
        ([60] * 4, 4, 0),  # all, but too few
    ],
)
def test_same_strategy(tiers: list[int], total: int, fires: int, assessed) -> None:
    assert len(found(assessed(**_sharing(tiers, total)), "same_strategy")) == fires


def test_same_strategy_says_why(assessed) -> None:
    rows = _sharing([95, 75, 60, 60, 60], 20)
    rows["tracking"][0]["strategy"] = " 客户 回访。"
    rows["tracking"].append({"customer_id": "C001", "strategy": "客户回访！"})
    hits = found(assessed(**rows), "same_strategy")
    assert hits["evidence"].iloc[0] == "策略“客户 回访。”用于 5 家客户（占 25%），跨 3 个层级"
    assert hits["customer_id"].is_unique
    english = found(assessed(lang="en", **rows), "same_strategy")
    assert english["evidence"].iloc[1] == "Strategy “客户回访” is used for 5 customers (25%) in 3 tiers"


IN_DOUBT = [
    *((risk_rules.silent_customer, kind) for kind in ("service", "contacts")),
    *((risk_rules.evaluation_stale, kind) for kind in ("evaluation", "indicators")),
    (risk_rules.no_running_strategy, "tracking"),
]


def test_no_rule_fires_for_lack_of_what_a_row_in_doubt_would_give(together) -> None:
    variants, hits = [], {}
    for rule, kind in IN_DOUBT:
        (case,) = (case for case in CASES if case.rule == rule.__name__)
        for customer_id, own_kind, fires in (("C001", kind, 0), ("C002", kind, 1), ("C001", "renewals", 1)):
            hits[case.rule, customer_id, own_kind, len(variants)] = fires
            maybe = pd.DataFrame({"kind": [own_kind], "customer_id": [customer_id]})
            variants.append({"letters": LETTERS, "proposals": maybe, **case.fires})
    parts = together(variants)
    assert {key: len(part.of(key[0])) for key, part in zip(hits, parts, strict=True)} == hits


def test_a_warning_names_its_words_and_quotes_what_was_written(assessed) -> None:
    hits = found(
        assessed(tracking=[{"problem": "無流失，但競爭對手介入，客戶欠款", "improvement": "跟进"}]), "warning_words"
    )
    assert hits["evidence"].tolist() == ["存在问题中出现“競爭對手、欠款”：無流失，但競爭對手介入，客戶欠款"]


def test_a_warning_of_long_ago_is_history(together) -> None:
    parts = together([{"customers": [{"remarks": f"{year}年曾逾期"}]} for year in (2022, 2023)])  # today is in 2024
    assert [len(part.of("warning_words")) for part in parts] == [0, 1]


def test_warning_words_are_read_in_every_teams_remark_once(assessed) -> None:
    teams = [
        {"team": "华东", "remarks": None},
        {"team": "华北", "remarks": "有诉讼"},
        {"team": "华南", "remarks": "有诉讼"},
    ]
    hits = found(assessed(records=teams, tracking=[{"effect": "价格战"}]), "warning_words")
    assert sorted(zip(hits["team"], hits["evidence"], strict=True)) == [
        ("华东", "效果指标中出现“价格战”：价格战"), ("华北", "备注中出现“诉讼”：有诉讼"),
    ]  # fmt: skip


def test_long_texts_are_quoted_in_part(assessed) -> None:
    text = "客户拖欠货款\n" + "且" * 80
    assert found(assessed(customers=[{"remarks": text}]), "warning_words")["evidence"].str.endswith("且…").all()


def test_the_worst_customer_comes_first(assessed, policy: Policy) -> None:
    rows = {
        "customers": customers(*[{"amount": 10}] * 6),
        "evaluations": [{"customer_id": "C001", **KEY, "evaluated_on": D(2023, 1, 1)}, {"customer_id": "C002", **KEY}, {"customer_id": "C003"}],
        "tracking": [
            {"customer_id": "C001"},
            {"customer_id": "C002", "status": "done", "problem": "进度延迟"},
            {"customer_id": "C003", "end": D(2024, 2, 1), "problem": "拖欠"},
        ],
    }  # fmt: skip
    assessment = assessed(**rows)
    assert assessment.risks["customer_id"].drop_duplicates().tolist() == ["C002", "C003", "C001"]
    for _, own in assessment.risks.groupby("customer_id", sort=False):
        assert own["level"].map(LEVELS.index).is_monotonic_increasing
    summary = assessment.customers.set_index("customer_id")[["level", "risk_score", "risk_count"]]
    points = policy.risk_points
    assert summary.loc["C002"].tolist() == ["medium", points["medium"] + points["low"], 2]
    # what three rules say of one row is one matter; an old evaluation is the workbook's
    assert summary.loc["C003"].tolist() == ["medium", points["medium"], 1]
    assert summary.loc["C001"].tolist() == ["none", 0, 0]
    assert summary.loc["C004"].tolist() == ["none", 0, 0]


@pytest.mark.slow
def test_a_risk_that_goes_on_keeps_its_due_date_and_becomes_overdue(assessed) -> None:
    rows = {"customers": [{"remarks": "拖欠"}]}
    first = assessed(**rows)
    past = history.snapshot(first).assign(on=pd.Timestamp("2024-02-01"))
    past["risks"] = past["risks"].str.replace(r"=\d{4}-[\d-]+", "=2024-02-08", regex=True)

    again = assessed(past=past, **rows)

    due = again.risks.loc[again.risks["rule"] == "warning_words", "due"]
    assert due.tolist() == [pd.Timestamp("2024-02-08")]
    assert again.actions.loc[again.actions["source"] == "warning_words", "overdue"].tolist() == [True]


@pytest.mark.parametrize(("known", "fires"), [(4, True), (3, False)])
def test_a_share_of_the_total_is_told_only_when_enough_amounts_are_known(known: int, fires: bool, assessed) -> None:
    rows = customers({"amount": 200}, *[{"amount": 100}] * (known - 1), *[{"amount": None}] * (5 - known))
    assert ("concentration" in set(assessed(customers=rows).risks["rule"])) is fires


def test_an_evaluation_made_of_indicators_is_cited_where_their_date_stands(assessed) -> None:
    marks = {"profit": 100, "tenure": 10, "growth": 10, "open_needs": 1, "total_needs": 2, "service_sensitivity": 50,
             "price_sensitivity": 50}  # fmt: skip
    letters = {("华东.xlsx", "indicators"): {"as_of": "J"}}
    rows = {"evaluations": [], "indicators": [{"as_of": D(2023, 1, 1), **marks}], "letters": letters}
    hits = found(assessed(**rows), "evaluation_stale")
    assert hits[["sheet", "cell"]].values.tolist() == [["评分指标", "J2"]]


def test_amounts_that_sum_to_nothing_are_no_concentration(assessed) -> None:
    rows = [{"customer_id": "C001", "amount": 100}, {"customer_id": "C002", "amount": -100}]
    assert "concentration" not in set(assessed(customers=rows).risks["rule"])
