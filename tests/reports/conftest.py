"""A night at a small company for the writers' tests: every tier and level, a past run, a lost workbook, hostile texts."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import functools
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import frames
from kam_xl.core.failures import Strict
from kam_xl.reports.run import Run
from tests.reports import account_frames

TODAY = dt.date(2025, 11, 21)
HOSTILE = "=cmd|'/c calc'!A1"
MARKUP = "<script>alert(1)</script>&\"'"


_SHIPPED = resources.policy()


def a_policy(**changes):
    """The shipped policy, or a variant of it."""
    return dataclasses.replace(_SHIPPED, **{"version": "2025-11", **changes})


# fmt: off
# customer_id, name, industry, team, amount, last deal, score, recorded score, recorded tier, level, risk score, remarks
_CUSTOMERS = (
    ("C001", "华东精工科技有限公司", "智能制造", "华东", 1280.5, "2025-10-20", 89.4, 89.6, "strategic", "medium", 30, "重点维护"),
    ("C002", "南方物流集团", "物流", "华南", 96.0, "2025-08-02", 55.0, 56.5, "regular", "low", 5, None),
    ("C003", "北辰新能源股份有限公司", "新能源", "华北", 3520.0, "2025-03-11", 93.2, 93.2, "strategic", "high", 120, "竞争对手报价低 12%，采购总监已离职"),
    ("C004", "星海医疗器械（上海）有限公司", "医疗", "华东", 860.0, "2025-11-02", 91.0, 91.0, "strategic", "none", 0, None),
    ("C005", "中原食品加工厂", "食品", "华中", 45.2, "2024-09-30", 28.5, 31.0, "potential", "medium", 26, "拖欠货款两个月"),
    ("C006", "蓝鲸软件", "软件", "华南", 210.0, "2025-10-15", 71.3, 71.3, "key", "low", 8, None),
    ("C007", HOSTILE, "贸易", "华南", 12.0, "2025-06-18", 44.0, 44.0, "potential", "low", 6, "+1-2|" + MARKUP),
    ("C008", "西部矿业装备有限责任公司西安分公司", "矿业", "西北", None, None, None, 66.0, "regular", "medium", 22, None),
    ("C009", "东湖光电", "光电子", "华中", 505.6, "2025-09-09", 78.8, 78.8, "key", "high", 88, "诉讼进行中"),
    ("C010", "海峡纺织", "纺织", "华东", 77.7, "2025-07-01", 61.2, 61.2, "regular", "none", 0, None),
    ("C011", "Alpine Robotics (Suzhou) Co., Ltd.", "Robotics", "华东", 1330.0, "2025-10-30", 74.0, None, None, "none", 0, None),
    ("C012", "云上数据", "云计算", "华北", 18.3, "2025-11-10", 47.6, 47.6, "potential", "none", 0, MARKUP),
    ("C013", "宏达建材", "建材", "西北", 8.8, "2023-12-01", 22.0, 22.0, "optimize", "low", 9, None),
)
# customer_id, rule, level, evidence, what to do, due
_RISKS = {
    "zh-CN": (
        ("C003", "silent_customer", "high", "254 天没有成交或接触，超过 135 天（90 天 × 1.5）", "本周由销售总监拜访，确认需求和决策链", "2025-11-24"),
        ("C003", "warning_words", "high", "备注出现“竞争对手”：竞争对手报价低 12%，采购总监已离职", "准备应对方案，找到新的采购负责人", "2025-11-25"),
        ("C003", "no_running_strategy", "medium", "战略客户没有进行中的策略", "制定含目标、负责人、期限的策略", "2025-12-01"),
        ("C009", "strategy_overdue", "high", "策略“联合实验室”已超期 51 天，仍为进行中", "与客户确认新的完成时间并更新跟踪表", "2025-11-18"),
        ("C009", "warning_words", "medium", "备注出现“诉讼”", "请法务评估影响", "2025-11-28"),
        ("C001", "recorded_differs", "medium", "记录 89.6 战略客户，计算 89.4 重点客户", "核对评估表并更正得分", "2025-12-05"),
        ("C005", "warning_words", "medium", "备注出现“拖欠”", "与财务核对应收账款", "2025-11-20"),
        ("C008", "evaluation_stale", "medium", "没有有效评估，无法计算得分", "补充需求维度评分", "2025-12-05"),
        ("C013", "silent_customer", "low", "721 天没有成交", "决定是否继续投入", "2025-12-20"),
        ("C007", "evaluation_stale", "low", f"评估已过 200 天 {HOSTILE}", "重新评估", "2025-12-20"),
    ),
    "en": (
        ("C003", "silent_customer", "high", "No deal or contact for 254 days; the limit is 135 (1.5 × 90)", "The sales director visits this week and settles who decides", "2025-11-24"),
        ("C003", "warning_words", "high", "Remarks mention “competitor”: 12% cheaper, purchasing head has left", "Prepare an answer, find the new purchasing head", "2025-11-25"),
        ("C003", "no_running_strategy", "medium", "A strategic customer without a running strategy", "Plan one: goal, owner, deadline", "2025-12-01"),
        ("C009", "strategy_overdue", "high", "“Joint laboratory” is 51 days late and still in progress", "Agree a new date and update the tracking sheet", "2025-11-18"),
        ("C009", "warning_words", "medium", "Remarks mention “lawsuit”", "Ask the lawyers what it means", "2025-11-28"),
        ("C001", "recorded_differs", "medium", "Recorded 89.6 strategic, computed 89.4 key", "Check the evaluation", "2025-12-05"),
        ("C005", "warning_words", "medium", "Remarks mention “arrears”", "Settle receivables with finance", "2025-11-20"),
        ("C008", "evaluation_stale", "medium", "No usable evaluation; the score cannot be computed", "Fill in the demand mark", "2025-12-05"),
        ("C013", "silent_customer", "low", "No deal for 721 days", "Decide whether to go on", "2025-12-20"),
        ("C007", "evaluation_stale", "low", f"Evaluated 200 days ago {HOSTILE}", "Evaluate again", "2025-12-20"),
    ),
}
# fmt: on


def _tier(score, policy):
    return next((tier.key for tier in policy.tiers if score is not None and score >= tier.low), None)


def _portfolio():
    customers, records, evaluations, tracking = [], [], [], []
    for number, (key, name, industry, team, amount, last_deal, score, recorded, tier, _, _, remarks) in enumerate(
        _CUSTOMERS
    ):
        row, book = number + 4, f"{team}/客户台账_{team}.xlsx"
        phone = "13912345678" if number % 3 else "021-58880000 转 8012"
        info = (
            key,
            name,
            industry,
            "500-1000人/5-10亿元",
            "王总（采购总监）",
            phone,
            f"20{12 + number:02}-05-01",
            last_deal,
            amount,
            "控制器、传感器",
            "行业TOP3" if number < 4 else None,
            remarks,
        )
        shared = key == "C001"
        customers.append(
            (
                *info,
                "华东、华北" if shared else team,
                2 if shared else 1,
                "2025-11-20 18:30",
                book,
                "客户基础信息表",
                row,
            )
        )
        extras = "区域经理：刘洋" if number == 2 else None
        records.append((*info, team, book, "客户基础信息表", row, "520万" if shared else None, extras, False))
        if shared:
            records.append(
                (*info[:8], 520.0, *info[9:], "华北", "华北/客户台账_华北.xlsx", "Customer info", 9, None, None, False)
            )
        if tier or score:
            marks = (92.0, 88.0, 85.0) if shared else (score, score, score)
            evaluations.append(
                (
                    key,
                    *marks,
                    "高利润+长合作" if shared else None,
                    None,
                    None,
                    recorded,
                    tier,
                    "2025-09-30",
                    "李总监（销售）",
                    team,
                    book,
                    "客户多维度分层评估表",
                    row,
                    "92（高利润+长合作）" if shared else None,
                    None,
                    True,
                )
            )
        if number % 2 == 0:
            tracking.append(
                (
                    key,
                    name,
                    "联合实验室共建",
                    "2025-07-01至2025-10-01",
                    "2025-07-01",
                    "2025-10-01",
                    "成立联合小组；每月例会",
                    ("done", "running", "delayed", "not_started")[number // 2 % 4],
                    "自助使用率30%，目标50%",
                    30.0,
                    50.0,
                    "进度落后" if number % 4 else None,
                    None,
                    "赵敏",
                    "2025-11-01",
                    team,
                    book,
                    "客户策略执行效果跟踪表",
                    row,
                    None,
                    None,
                )
            )
    evaluations.append(
        (
            "C001",
            80.0,
            80.0,
            80.0,
            None,
            None,
            None,
            80.0,
            "key",
            "2024-12-31",
            "陈经理",
            "华北",
            "华北/客户台账_华北.xlsx",
            "Evaluation",
            5,
            None,
            None,
            False,
        )
    )
    info = "customer_id name industry size contact phone since last_deal amount products tags remarks"
    return SimpleNamespace(
        proposals=frames.empty(frames.PORTFOLIO["proposals"]),
        customers=account_frames.frame(
            "customers as recorded", f"{info} teams team_count modified book sheet row", customers
        ),
        records=account_frames.frame("records", f"{info} team book sheet row as_typed extras repeated", records),
        evaluations=account_frames.frame(
            "evaluations as recorded",
            "customer_id value potential demand value_reason potential_reason demand_reason composite tier evaluated_on "
            "evaluator team book sheet row as_typed extras current",
            evaluations,
        ),
        tracking=account_frames.frame(
            "tracking",
            "customer_id name strategy period start end actions status effect effect_actual effect_target problem "
            "improvement tracker tracked_on team book sheet row as_typed extras",
            tracking,
        ),
        conflicts=account_frames.frame(
            "conflicts",
            "customer_id field typed_value team book sheet cell shown nature",
            (
                (
                    "C001",
                    "industry",
                    "智能制造",
                    "华东",
                    "华东/客户台账_华东.xlsx",
                    "客户基础信息表",
                    "C4",
                    True,
                    "differs",
                ),
                (
                    "C001",
                    "industry",
                    "机械",
                    "华北",
                    "华北/客户台账_华北.xlsx",
                    "Customer info",
                    "C9",
                    False,
                    "differs",
                ),
                (
                    "C001",
                    "phone",
                    "13800001111",
                    "华北",
                    "华北/客户台账_华北.xlsx",
                    "Customer info",
                    "F9",
                    False,
                    "differs",
                ),
            ),
        ),
        origins=account_frames.frame(
            "origins",
            "customer_id book sheet field cell",
            (
                ("C001", "华东/客户台账_华东.xlsx", "客户基础信息表", "amount", "I4"),
                ("C001", "华北/客户台账_华北.xlsx", "Customer info", "amount", "I9"),
            ),
        ),
        duplicates=account_frames.frame(
            "duplicates",
            "customer_id name other_id other_name similarity",
            (("C009", "东湖光电", "C109", "东湖光电（武汉）", 0.93),),
        ),
        findings=account_frames.frame(
            "findings",
            "code severity book sheet cell customer_id field typed_value detail",
            (
                (
                    "score_missing",
                    "warn",
                    "西北/客户台账_西北.xlsx",
                    "客户多维度分层评估表",
                    "D11",
                    "C008",
                    "demand",
                    None,
                    None,
                ),
                (
                    "amount_unparsed",
                    "error",
                    "西北/客户台账_西北.xlsx",
                    "客户基础信息表",
                    "I11",
                    "C008",
                    "amount",
                    "面议",
                    None,
                ),
                (
                    "formula_like_text",
                    "warn",
                    "华南/客户台账_华南.xlsx",
                    "客户基础信息表",
                    "B10",
                    "C007",
                    "name",
                    HOSTILE,
                    None,
                ),
                (
                    "phone_damaged",
                    "warn",
                    "华东/客户台账_华东.xlsx",
                    "客户基础信息表",
                    "F4",
                    "C001",
                    "phone",
                    "1.38E+10",
                    None,
                ),
            ),
        ),
        sources=_sources(),
        letters={
            ("华东/客户台账_华东.xlsx", "info"): {"客户基础信息表": {"customer_id": "A", "name": "B", "amount": "I"}},
            ("华东/客户台账_华东.xlsx", "service"): {"服务记录": {"customer_id": "A", "reported": "E"}},
        },
        **account_frames.of_portfolio(),
    )


def _sources():
    def used(team, customers, findings):
        return (
            f"{team}/客户台账_{team}.xlsx",
            team,
            f"{len(team):02x}" * 32,
            48_213,
            "2025-11-20 18:30",
            "used",
            None,
            None,
            customers,
            customers,
            customers // 2 + 1,
            findings,
        )

    lost = (
        "西南/客户台账 加密.xlsx",
        "西南",
        "ab" * 32,
        91_004,
        "2025-11-19 09:12",
        "quarantined",
        "encrypted",
        None,
        0,
        0,
        0,
        0,
    )
    return account_frames.frame(
        "sources",
        "book team sha256 size_bytes modified outcome reason detail info_rows evaluation_rows tracking_rows finding_count",
        (
            *(
                used(team, n, f)
                for team, n, f in (("华东", 4, 1), ("华北", 3, 0), ("华南", 3, 1), ("华中", 2, 0), ("西北", 2, 2))
            ),
            lost,
        ),
    ).assign(optional_rows=[12, 0, 0, 0, 0, 0], orders=False)


def _past():
    """Last night: C003 was a medium risk, C006 a tier lower, C099 still there, C012 not yet."""
    policy = a_policy()
    rows = [
        (key, name, _tier(score, policy), score, level, amount)
        for key, name, _, _, amount, _, score, _, _, level, _, _ in _CUSTOMERS
        if key != "C012"
    ]
    rows.append(("C099", "旧港贸易", "regular", 58.0, "low", 33.0))
    past = pd.DataFrame(rows, columns=["customer_id", "name", "tier", "score", "level", "amount"])
    past.loc[past["customer_id"] == "C003", "level"] = "medium"
    past.loc[past["customer_id"] == "C006", ["tier", "score"]] = ["regular", 66.0]
    colours = {"C001": "green", "C003": "yellow", "C005": "red", "C006": "yellow", "C010": "green", "C013": "red"}
    return past.assign(health_colour=past["customer_id"].map(colours).astype("str"))


def _customers(portfolio, policy, lang):
    frame, tiers = portfolio.customers.copy(), {tier.key: tier for tier in policy.tiers}
    raw = pd.DataFrame(_CUSTOMERS)
    keys = [_tier(None if pd.isna(score) else score, policy) for score in raw[6]]
    plan = [tiers.get(key) for key in keys]
    frame["value"] = frame["potential"] = frame["demand"] = frame["score"] = raw[6].astype(float)
    frame.loc[0, ["value", "potential", "demand"]] = (92.0, 88.0, 85.0)
    frame["computed_tier"] = pd.Series(keys, dtype="str")
    frame["recorded_score"] = raw[7].astype(float)
    frame["recorded_tier"] = raw[8].astype("str")
    frame["evaluated_on"] = pd.Timestamp("2025-09-30")
    frame["evaluator"] = pd.Series(["李总监（销售）"] * len(frame), dtype="str")
    frame["verdict"] = pd.Series(
        [_verdict(*row) for row in zip(keys, raw[6], raw[7], raw[8], strict=True)], dtype="str"
    )
    frame["profile_contradiction"] = frame["customer_id"] == "C007"
    frame["class"] = pd.Series([tier and tier.class_ for tier in plan], dtype="str")
    frame["level"] = raw[9].astype("str")
    frame["risk_score"] = raw[10]
    frame["risk_count"] = (
        frame["customer_id"].map(pd.Series([row[0] for row in _RISKS[lang]]).value_counts()).fillna(0).astype(int)
    )
    frame["core_strategy"] = pd.Series([tier and tier.strategy(lang) for tier in plan], dtype="str")
    frame["measures"] = pd.Series([tier and tier.measures(lang) for tier in plan], dtype="str")
    frame["escalation"] = pd.Series([tier and tier.owner(lang) for tier in plan], dtype="str")
    frame["cadence_days"] = pd.Series([tier and tier.cadence_days for tier in plan], dtype="float")
    frame["last_contact"] = frame["last_deal"]
    frame["next_visit"] = frame["last_deal"] + pd.to_timedelta(frame["cadence_days"], unit="D")
    frame["sla_hours"] = pd.Series([tier and tier.sla_hours for tier in plan], dtype="float")
    return account_frames.with_account(frame)


def _verdict(tier, score, recorded, recorded_tier):
    if pd.isna(score):
        return "unknown"
    if pd.isna(recorded):
        return "unrecorded"
    if tier != recorded_tier:
        return "tier_differs"
    return "match" if score == recorded else "score_differs"


def _share_verdict(share, tier):
    if share < tier.target_low:
        return "low"
    return "high" if share > tier.target_high else "on_target"


def _shares(customers, policy):
    rows = []
    for tier in policy.tiers:
        count = int((customers["computed_tier"] == tier.key).sum())
        share = count / max(len(customers), 1)
        rows.append((tier.key, count, share, tier.target_low, tier.target_high, _share_verdict(share, tier)))
    unknown = int(customers["computed_tier"].isna().sum())
    if unknown:
        rows.append(("unknown", unknown, unknown / len(customers), float("nan"), float("nan"), None))
    return rows


def _tables(customers, portfolio, policy, lang, *, past):
    """Risks, actions, team tables: what hangs on the customers' frame."""
    by_id = customers.set_index("customer_id")
    place = portfolio.customers.set_index("customer_id")
    risks = [
        (
            key,
            by_id.name[key],
            by_id.computed_tier[key],
            rule,
            level,
            evidence,
            remedy,
            by_id.escalation[key],
            due,
            place.teams[key],
            place.book[key],
            place.sheet[key],
            f"L{place.row[key]}",
        )
        for key, rule, level, evidence, remedy, due in _RISKS[lang]
    ]
    visit = "例行拜访" if lang == "zh-CN" else "Routine visit"
    actions = [
        (
            f"{key}/{rule}",
            due,
            key,
            by_id.name[key],
            by_id.computed_tier[key],
            rule,
            level,
            remedy,
            by_id.escalation[key],
            place.teams[key],
            due < TODAY.isoformat(),
        )
        for key, rule, level, _, remedy, due in _RISKS[lang]
    ]
    actions += [
        (
            f"{key}/visit",
            due,
            key,
            by_id.name[key],
            by_id.computed_tier[key],
            "visit",
            None,
            visit,
            by_id.escalation[key],
            place.teams[key],
            due < TODAY.isoformat(),
        )
        for key, due in (("C004", "2025-12-01"), ("C006", "2025-11-26"))
    ]
    teams, shares = [], []
    for team, members in customers.groupby(portfolio.customers["teams"].str.split("、").str[0]):
        teams.append(
            (
                team,
                len(members),
                float(members["amount"].sum(min_count=1)),
                *(int((members["computed_tier"] == tier).sum()) for tier in ("strategic", "key")),
                *(int((members["level"] == level).sum()) for level in ("high", "medium")),
                int(portfolio.findings["book"].str.startswith(team).sum()),
            )
        )
        shares += [(team, *row) for row in _shares(members, policy)]
    return {
        "risks": account_frames.with_states(
            account_frames.frame(
                "risks",
                "customer_id name computed_tier rule level evidence remedy owner due team book sheet cell",
                risks,
            ),
            past=past,
        ),
        "actions": account_frames.with_marks(
            account_frames.frame(
                "actions",
                "key due customer_id name computed_tier source level action owner team overdue",
                sorted(actions, key=lambda row: row[1]),
            )
        ),
        "teams": account_frames.frame(
            "teams", "team customers amount strategic key high_risk medium_risk finding_count", teams
        ),
        "team_tiers": account_frames.frame(
            "team_tiers", "team tier customers share target_low target_high verdict", shares
        ),
    }


def make_assessment(lang="zh-CN", *, past=True, policy=None):
    """One night's assessment, anew for who changes it; without ``past`` it is the first night."""
    night = _own(_made(lang, past) if policy is None else _assessment(lang, past, policy))
    night.failures = Strict()
    return night


def _own(parts):
    """The same namespace with frames of its own; pandas copies their columns where somebody writes into them."""
    own = {
        name: part.copy(deep=False)
        if isinstance(part, pd.DataFrame)
        else _own(part)
        if isinstance(part, SimpleNamespace)
        else copy.copy(part)
        for name, part in vars(parts).items()
    }
    return SimpleNamespace(**own)


@functools.cache
def _made(lang, past):
    return _assessment(lang, past, a_policy())


def _assessment(lang, past, policy):
    portfolio = _portfolio()
    customers = _customers(portfolio, policy, lang)
    note = (
        "unreachable_tier",
        "利润基数为企业总利润时，价值维度最高只能到 55，战略客户无法达到。"
        if lang == "zh-CN"
        else "With the enterprise's total profit as base, value cannot exceed 55: nobody can be strategic.",
    )
    before = _past() if past else None
    changes = (
        ("C012", "云上数据", "new", None, None),
        ("C099", "旧港贸易", "gone", None, None),
        ("C006", "蓝鲸软件", "tier_up", "regular", "key"),
        ("C003", "北辰新能源股份有限公司", "risk_up", "medium", "high"),
        ("C003", "北辰新能源股份有限公司", "health_down", "yellow", "red"),
        ("C010", "海峡纺织", "health_down", "green", "yellow"),
        ("C006", "蓝鲸软件", "health_up", "yellow", "green"),
        ("C003", "北辰新能源股份有限公司", "silent", "active", "silent"),
    )
    return account_frames.finished(
        portfolio=portfolio,
        policy=policy,
        now=dt.datetime.combine(TODAY, dt.time(2)),
        today=TODAY,
        words=resources.words(lang),
        lang=lang,
        customers=customers,
        evaluations=_with_scores(portfolio.evaluations, customers),
        tiers=account_frames.frame(
            "tiers", "tier customers share target_low target_high verdict", _shares(customers, policy)
        ),
        policy_notes=[note],
        changes=account_frames.frame("changes", "customer_id name change before after", changes if past else ()),
        previous=dt.date(2025, 11, 20) if past else None,
        against=dt.datetime(2025, 11, 20, 2) if past else None,
        moved_since=dt.date(2025, 11, 19) if past else None,
        past=before,
        comparable=True,
        members=frames.empty(frames.ASSESSMENT["members"]),
        groups=frames.empty(frames.ASSESSMENT["groups"]),
        failures=Strict(),
        **_tables(customers, portfolio, policy, lang, past=past),
        **account_frames.of_assessment(customers, portfolio, lang, past=past),
    )


def _with_scores(evaluations, customers):
    by_id = customers.set_index("customer_id")
    return evaluations.assign(
        score=evaluations["customer_id"].map(by_id["score"]).where(evaluations["current"], 80.0),
        computed_tier=evaluations["customer_id"].map(by_id["computed_tier"]).where(evaluations["current"], "key"),
        verdict=evaluations["customer_id"].map(by_id["verdict"]).where(evaluations["current"], "match"),
        sheet_kind="evaluation",
        computed_dimensions=None,
    ).astype(frames.ASSESSMENT["evaluations"])


def make_empty_assessment(lang="zh-CN"):
    """A night on which no workbook held a customer: every frame has its columns and no row."""
    full = make_assessment(lang, past=False)
    frames = {name: value.iloc[:0] for name, value in vars(full).items() if isinstance(value, pd.DataFrame)}
    portfolio = vars(full.portfolio) | {"letters": {}}
    nothing = SimpleNamespace(
        **{name: value if name == "letters" else value.iloc[:0] for name, value in portfolio.items()}
    )
    tiers = full.tiers.assign(customers=0, share=float("nan"), verdict=pd.Series([None] * len(full.tiers), dtype="str"))
    return SimpleNamespace(**vars(full) | frames | {"portfolio": nothing, "tiers": tiers[tiers["tier"] != "unknown"]})


@pytest.fixture(scope="session")
def an_assessment():
    """``an_assessment("en", past=False)``: `make_assessment`."""
    return make_assessment


@pytest.fixture(scope="session")
def an_empty_assessment():
    """``an_empty_assessment("en")``: `make_empty_assessment`."""
    return make_empty_assessment


@pytest.fixture(scope="session")
def a_run():
    """``a_run("en")``: the facts of one run."""
    return make_run


def make_run(lang="zh-CN"):
    """The facts of one run."""
    return Run(
        started=dt.datetime(2025, 11, 21, 2, 0),
        teams_dir="D:/大客户/团队台账",
        teams_from_out="../团队台账",
        policy_version="2025-11",
        product_version="0.1.0",
        lang=lang,
        workers=4,
        options={"policy_file": "公司政策.toml", "scheduler": ""},
    )
