"""The rules on service, renewals, contacts and health: each just fires, just does not, and never on missing data (§7)."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import pytest

from kam_xl.core import causes, relation_rules, risk, service
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import ROLES
from kam_xl.core.sections import HEALTH_PARTS
from tests.core.conftest import alone, number_of, side_by_side

T = dt.datetime  # now is 2024-03-01, a Friday, at midnight
D = dt.date
BOOK = "华东.xlsx"
LETTERS = {
    (BOOK, "info"): {"customer_id": "A"},
    (BOOK, "service"): {"category": "C", "reported": "E", "satisfaction": "I", "nps": "J", "description": "K"},
    (BOOK, "renewals"): {"renewal_date": "E", "trial_expiry": "H", "remarks": "I"},
    (BOOK, "contacts"): {"name": "B", "left": "H", "remarks": "I"},
}
STRATEGIC = {"value": 95, "potential": 95, "demand": 95, "composite": 95, "tier": "strategic"}
KEY = {"value": 80, "potential": 80, "demand": 80, "composite": 80, "tier": "key"}
POTENTIAL = {"value": 20, "potential": 60, "demand": 50, "composite": 38, "tier": "potential"}
OPTIMIZE = {"value": 10, "potential": 10, "demand": 10, "composite": 10, "tier": "optimize"}


class Case(NamedTuple):
    """Facts on which a rule fires once, what it says, where, how high, and facts on which it just does not fire."""

    rule: str
    fires: dict
    zh: str
    en: str
    cell: str
    level: str
    quiet: list[dict]


def complaint(**row: object) -> dict:
    """An ordinary complaint of Monday 2024-02-26, 09:00: to be answered until Wednesday 15:00 (24 working hours)."""
    return {"kind": "complaint", "category": "交付延迟", "severity": "ordinary", "reported": T(2024, 2, 26, 9), **row}


def renewal(**row: object) -> dict:
    return {"kind": "renewal", "product": "云存储", "amount": 120, "stage": "negotiation", **row}


def contact(role: str | None, **row: object) -> dict:
    return {"name": "王", "title": "总监", "role": role, **row}


def roles(*missing: str, count: int = 3, known: bool = True, **other: str) -> dict:
    states = dict.fromkeys(ROLES, "fresh") | dict.fromkeys(missing, "missing") | other
    return {"customer_id": "C001", **states, "contact_count": count, "covered": 4 - len(missing), "known": known}


def repeat(**row: object) -> dict:
    first, last = pd.Timestamp("2024-01-05"), pd.Timestamp("2024-02-20")
    place = {"team": "华东", "book": BOOK, "sheet": "服务记录", "row": 9}
    return {
        "customer_id": "C001",
        "category": "交付延迟",
        "count": 3,
        "customers": 1,
        "first": first,
        "last": last,
        **place,
        **row,
    }


RED = {"health": 35.0, "health_colour": "red", "health_coverage": 0.8, "health_scale": 70.0, "health_complaints": 0.0}
YELLOW = {"health": 55.0, "health_colour": "yellow"}
GREEN = {"health": 75.0, "health_colour": "green"}

CASES = [
    Case(
        "case_past_limit",
        {"service": [complaint(severity="major", reported=T(2024, 2, 29, 9))]},
        "2024-02-29 09:00 提出的投诉“交付延迟”（严重程度：重大）首次响应已用时 9 小时（时限 2 小时）；尚未响应",
        "Complaint “交付延迟” of 2024-02-29 09:00 (severity: Major): 9 h to answer, beyond the limit of 2 h; not answered yet",
        "E2",
        "high",
        [
            {"service": [complaint(severity="major", reported=T(2024, 2, 29, 16))]},  # two hours are not yet over
            {"service": [complaint(severity="major", reported=T(2024, 2, 29, 9), answered=T(2024, 2, 29, 11))]},
            {"service": [complaint(reported=None)]},
            {"service": [complaint(kind="visit"), complaint(kind=None)]},
        ],
    ),
    Case(
        "repeated_problem",
        {"repeats": [repeat()]},
        "“交付延迟”类问题自 2024-01-05 至 2024-02-20 已发生 3 次",
        "Problems of the category “交付延迟” from 2024-01-05 to 2024-02-20: 3",
        "C9",
        "medium",
        [{"repeats": [repeat(customer_id=None, customers=3)]}, {"repeats": []}],
    ),
    Case(
        "satisfaction_low",
        {
            "evaluations": [STRATEGIC],
            "service": [
                {"kind": "survey", "satisfaction": 98, "reported": T(2024, 1, 5)},
                {"kind": "survey", "satisfaction": 94, "reported": T(2024, 2, 5, 10)},
            ],
        },
        "最近一次满意度 94 分（2024-02-05），低于战略客户的目标 95 分",
        "Latest satisfaction 94 (2024-02-05), under the target of 95 for the tier Strategic",
        "I3",
        "low",
        [
            {
                "evaluations": [STRATEGIC],
                "service": [{"kind": "survey", "satisfaction": 95, "reported": T(2024, 2, 5)}],
            },
            {"evaluations": [{"value": None}], "service": [{"satisfaction": 10, "reported": T(2024, 2, 5)}]},
            {"evaluations": [STRATEGIC], "service": [{"satisfaction": 10, "reported": None}]},
            {"evaluations": [STRATEGIC], "service": [{"satisfaction": 10, "reported": T(2024, 3, 2)}]},
        ],
    ),
    Case(
        "nps_detractor",
        {"service": [{"kind": "survey", "nps": 6, "reported": T(2024, 2, 5)}]},
        "最近一次 NPS 评分 6（2024-02-05），不高于 6，为贬损者",
        "Latest NPS answer 6 (2024-02-05), 6 or less: a detractor",
        "J2",
        "medium",
        [
            {"service": [{"kind": "survey", "nps": 7, "reported": T(2024, 2, 5)}]},
            {"service": [{"kind": "survey", "nps": None, "reported": T(2024, 2, 5)}]},
        ],
    ),
    Case(
        "health_red",
        {"customer": RED | {"health_cap": None}},
        "健康度为红（35.0 分）：综合得分低；各项得分：合作规模 70.0、投诉 0.0（数据覆盖率 80%）",
        "Health is red (35.0): too few points; parts: scale 70.0, complaints 0.0 (coverage 80%)",
        "A2",
        "high",
        [{"customer": YELLOW}, {"customer": {"health": None, "health_colour": None, "health_coverage": 0.2}}],
    ),
    Case(
        "renewal_at_risk",
        {"customer": YELLOW, "renewals": [renewal(renewal_date=D(2024, 5, 30))]},
        "“云存储”120 万元将于 2024-05-30 续约（还有 90 天，阶段：谈判），健康度为黄（55.0 分）",
        "“云存储”, 120 (10k CNY), renews on 2024-05-30 (in 90 days, stage: Negotiation), while health is yellow (55.0)",
        "E2",
        "medium",
        [
            {"customer": YELLOW, "renewals": [renewal(renewal_date=D(2024, 5, 31))]},
            {"customer": YELLOW, "renewals": [renewal(renewal_date=D(2024, 2, 29))]},
            {"customer": GREEN, "renewals": [renewal(renewal_date=D(2024, 5, 30))]},
            {"customer": {"health_colour": None}, "renewals": [renewal(renewal_date=D(2024, 5, 30))]},
            {"customer": YELLOW, "renewals": [renewal(renewal_date=D(2024, 5, 30), stage="won")]},
            {"customer": YELLOW, "renewals": [renewal(renewal_date=D(2024, 5, 30), stage="lost")]},
            {"customer": YELLOW, "renewals": [renewal(renewal_date=None)]},
            {"customer": YELLOW, "renewals": [renewal(renewal_date=D(2024, 5, 30), kind="opportunity")]},
        ],
    ),
    Case(
        "renewal_overdue",
        {"renewals": [renewal(renewal_date=D(2024, 2, 29))]},
        "“云存储”120 万元应于 2024-02-29 续约，已过 1 天，阶段仍为谈判",
        "“云存储”, 120 (10k CNY), was to renew on 2024-02-29, 1 days ago; stage: Negotiation",
        "E2",
        "high",
        [
            {"renewals": [renewal(renewal_date=D(2024, 3, 1))]},
            {"renewals": [renewal(renewal_date=D(2024, 2, 29), stage="won")]},
            {"renewals": [renewal(renewal_date=D(2024, 2, 29), stage=None)]},
            {"renewals": [renewal(renewal_date=None)]},
        ],
    ),
    Case(
        "trial_expired",
        {"renewals": [renewal(kind="trial", stage="lead", trial_expiry=D(2024, 2, 29))]},
        "“云存储”的试用已于 2024-02-29 到期（1 天前），阶段仍为线索",
        "The trial of “云存储” expired on 2024-02-29, 1 days ago; stage: Lead",
        "H2",
        "medium",
        [
            {"renewals": [renewal(kind="trial", trial_expiry=D(2024, 3, 1))]},
            {"renewals": [renewal(kind="trial", trial_expiry=D(2024, 2, 29), stage="won")]},
            {"renewals": [renewal(kind="trial", trial_expiry=D(2024, 2, 29), stage=None)]},
            {"renewals": [renewal(kind="trial", trial_expiry=None)]},
        ],
    ),
    Case(
        "key_contact_left",
        {"contacts": [contact("executive", left=True), contact("user")]},
        "关键联系人已离职（角色：高层；职务：总监），没有登记同一角色的其他联系人",
        "A key contact has left (role: Executive; title: 总监); nobody else is recorded in that role",
        "H2",
        "high",
        [
            {"contacts": [contact("executive", left=True), contact("executive", left=False)]},
            {"contacts": [contact("executive", left=True), contact("executive", left=None)]},
            {"contacts": [contact("executive", left=False), contact("user", left=None)]},
            {"contacts": [contact("executive", left=True), contact(None)]},
        ],
    ),
    Case(
        "single_threaded",
        {
            "evaluations": [STRATEGIC],
            "roles": [roles(count=1)],
            "contacts": [contact("user", left=True), contact("user")],
        },
        "战略客户只登记了一位在任联系人（角色：使用部门）",
        "Strategic customer with one contact only (role: User)",
        "B3",
        "medium",
        [
            {"evaluations": [STRATEGIC], "roles": [roles(count=2)], "contacts": [contact("user"), contact("user")]},
            {"evaluations": [KEY], "roles": [roles(count=1)], "contacts": [contact("user")]},
            {"evaluations": [STRATEGIC], "roles": [roles(count=1, known=False)], "contacts": [contact("user")]},
            {"evaluations": [{"value": None}], "roles": [roles(count=1)], "contacts": [contact("user")]},
            {"evaluations": [STRATEGIC], "roles": []},
        ],
    ),
    Case(
        "missing_role",
        {"evaluations": [KEY], "roles": [roles("technical", "executive")]},
        "重点客户没有登记以下角色的联系人：技术、高层（在任联系人 3 位）",
        "Key customer without a contact for: Technical, Executive (contacts: 3)",
        "A2",
        "low",
        [
            {"evaluations": [KEY], "roles": [roles(technical="stale", executive="undated", user="left")]},
            {"evaluations": [KEY], "roles": [roles("technical", known=False)]},
            {"evaluations": [KEY], "roles": [roles("technical")], "contacts": [contact(None)]},
            {"evaluations": [{}], "roles": [roles("technical")]},
        ],
    ),
]


@pytest.fixture(scope="session")
def scanned(assessed: Callable, policy: Policy, words_in: Callable) -> Callable[..., list[pd.DataFrame]]:
    """What the rules look at, as rows, many times → the risks of each; ``customer`` holds further columns of it."""

    def run(*variants: dict, lang: str = "zh-CN") -> list[pd.DataFrame]:
        typed = [{name: own for name, own in rows.items() if name not in COMPUTED} for rows in variants]
        base = assessed(lang=lang, **side_by_side([{"letters": LETTERS, **rows} for rows in typed]))
        now = pd.Timestamp(base.today)
        ids = base.customers["customer_id"]
        heard = service.voice(base.portfolio.service, ids, policy, now).drop(columns="customer_id")
        more = pd.DataFrame([variants[number_of(one)].get("customer", {}) for one in ids], index=ids.index)
        known = {name: heard[name] for name in heard} | dict.fromkeys(HEALTH) | dict(more.items())
        customers = base.customers.assign(**known).astype(HEALTH)
        view = risk.View(base.portfolio, customers, base.evaluations, policy, now, words_in(lang))
        given = side_by_side([{name: rows.get(name, []) for name in ("repeats", "roles")} for rows in variants])
        frames = {
            "cases": service.cases(base.portfolio.service, customers, policy, now),
            "repeats": pd.DataFrame(given["repeats"], columns=list(view.repeats)).astype(view.repeats.dtypes),
            "roles": pd.DataFrame(given["roles"], columns=list(view.roles)).astype(view.roles.dtypes),
        }
        risks = _scan(
            risk.View(base.portfolio, view.customers, base.evaluations, policy, now, words_in(lang), **frames)
        )
        return [alone(risks, number) for number in range(len(variants))]

    return run


def _scan(view: risk.View) -> pd.DataFrame:
    """All risks of customers who are all there is."""
    served = view.portfolio.members()
    first = risk.first(view)
    agreed = dataclasses.replace(view, customers=risk.agreed(view, first, causes.hits(first, served)))
    every = pd.concat([first, risk.rest(agreed)], ignore_index=True)
    return risk.settled(agreed, every, causes.hits(every, served))


COMPUTED = ("customer", "repeats", "roles")
HEALTH = {"health_colour": "str", "health_cap": "str"} | dict.fromkeys(
    ("health", "health_coverage", *(f"health_{part}" for part in HEALTH_PARTS)), "float64"
)


def test_a_rule_fires_once_and_says_why(scanned: Callable) -> None:
    zh, en = (scanned(*(case.fires for case in CASES), lang=lang) for lang in ("zh-CN", "en"))
    place = ["cell", "level", "team", "book"]
    said = {}
    for case, risks, english in zip(CASES, zh, en, strict=True):
        rows, in_english = (found[found["rule"] == case.rule] for found in (risks, english))
        said[case.rule] = (rows[["evidence", *place]].values.tolist(), in_english["evidence"].tolist())
        assert in_english["key"].tolist() == rows["key"].tolist()
    assert said == {case.rule: ([[case.zh, case.cell, case.level, "华东", BOOK]], [case.en]) for case in CASES}


def test_a_satisfaction_a_little_under_the_target_weighs_less(scanned: Callable) -> None:
    answers = [{"kind": "survey", "satisfaction": mark, "reported": T(2024, 2, 5)} for mark in (90, 89.9)]
    found = scanned(*({"evaluations": [STRATEGIC], "service": [answer]} for answer in answers))
    assert [one.loc[one["rule"] == "satisfaction_low", "level"].tolist() for one in found] == [["low"], ["medium"]]


def test_a_rule_just_does_not_fire(scanned: Callable) -> None:
    quiet = [(case.rule, place, rows) for case in CASES for place, rows in enumerate(case.quiet)]
    found = scanned(*(rows for _, _, rows in quiet))
    fired = [f"{rule}-{at}" for (rule, at, _), risks in zip(quiet, found, strict=True) if rule in set(risks["rule"])]
    assert fired == []


def test_no_rule_fires_for_lack_of_a_contact_in_doubt(scanned: Callable) -> None:
    doubts = {("C001", "contacts"): False, ("C002", "contacts"): True, ("C001", "service"): True}
    of_people = [case for case in CASES if case.rule in ("key_contact_left", "single_threaded", "missing_role")]
    tried = [(case, doubt) for case in of_people for doubt in doubts]
    found = scanned(
        *(case.fires | {"proposals": pd.DataFrame([doubt], columns=["customer_id", "kind"])} for case, doubt in tried)
    )
    fires = {(case.rule, *doubt): case.rule in set(r["rule"]) for (case, doubt), r in zip(tried, found, strict=True)}
    assert fires == {(case.rule, *doubt): doubts[doubt] for case, doubt in tried}


def test_every_rule_has_a_case() -> None:
    own = {name for name, rule in risk.RULES.items() if rule.__module__ == relation_rules.__name__}
    assert {case.rule for case in CASES} == own


def test_without_optional_sheets_no_rule_on_them_fires(scanned: Callable) -> None:
    own = {case.rule for case in CASES}
    every = scanned(*({"evaluations": [marks]} for marks in (STRATEGIC, KEY, POTENTIAL, OPTIMIZE, {"value": None})))
    assert own & set(pd.concat(every)["rule"]) == set()


def levels(risks: pd.DataFrame, rule: str) -> list[str]:
    return risks.loc[risks["rule"] == rule, "level"].tolist()


BREACHES = [
    ({"reported": T(2024, 2, 27, 12)}, []),  # 6 + 9 + 9 = 24 working hours until Thursday evening
    ({"reported": T(2024, 2, 27, 11)}, ["medium"]),
    ({"severity": None}, ["medium"]),
    ({"severity": "major"}, ["high"]),
    ({"severity": "major", "kind": "request"}, ["high"]),
    ({"answered": T(2024, 2, 28, 15)}, []),  # in time, and the solution is not due yet
    ({"answered": T(2024, 2, 28, 16)}, ["medium"]),  # late, and still open
    ({"answered": T(2024, 2, 28, 16), "resolved": T(2024, 2, 29, 9)}, ["low"]),
    ({"answered": T(2024, 2, 28, 16), "confirmed": T(2024, 2, 29, 9)}, ["low"]),
    ({"answered": T(2024, 2, 28, 15), "resolved": T(2024, 2, 29, 9)}, []),
    (
        {"reported": T(2024, 1, 22, 9), "answered": T(2024, 1, 30, 9), "resolved": T(2024, 1, 31)},
        ["low"],
    ),  # 30 days ago
    ({"reported": T(2024, 1, 22, 9), "answered": T(2024, 1, 29, 9), "resolved": T(2024, 1, 30, 9)}, []),  # 31
]


def test_a_breach_stays_a_breach_and_weighs_less_once_settled(scanned: Callable) -> None:
    found = scanned(*({"service": [complaint(**row)]} for row, _ in BREACHES))
    got = {str(row): levels(risks, "case_past_limit") for (row, _), risks in zip(BREACHES, found, strict=True)}
    assert got == {str(row): level for row, level in BREACHES}


def test_a_late_solution_is_quoted_with_its_own_clock(scanned: Callable) -> None:
    row = complaint(reported=T(2024, 1, 8, 9), answered=T(2024, 1, 8, 10))
    said = scanned({"service": [row]})[0].set_index("rule").loc["case_past_limit", "evidence"]
    assert "解决已用时" in said
    assert said.endswith("；已响应，尚未解决")


@pytest.mark.slow
def test_cases_of_one_customer_keep_their_own_identity(scanned: Callable) -> None:
    first, second = complaint(), complaint(category="质量", reported=T(2024, 2, 26, 10))
    both, one = (risks for row in ([first, second], [second]) for risks in scanned({"service": row}))
    key = both.loc[both["evidence"].str.contains("质量") & (both["rule"] == "case_past_limit"), "key"]
    assert key.tolist() == one.loc[one["rule"] == "case_past_limit", "key"].tolist()


def test_a_renewal_weighs_as_the_health(scanned: Callable) -> None:
    levels_of = [(YELLOW, ["medium"]), (RED, ["high"]), (GREEN, []), ({"health": None}, [])]
    soon = [renewal(renewal_date=D(2024, 3, 1), stage=None)]
    found = scanned(*({"customer": customer, "renewals": soon} for customer, _ in levels_of))
    assert [levels(risks, "renewal_at_risk") for risks in found] == [level for _, level in levels_of]


def test_a_knock_out_is_named(scanned: Callable) -> None:
    risks = scanned({"customer": RED | {"health": 82.0, "health_cap": "severe"}})[0]
    assert "有重大投诉未解决" in risks.set_index("rule").loc["health_red", "evidence"]


def test_a_contact_of_unknown_role_who_left_is_told_with_what_is_known(scanned: Callable) -> None:
    risks = scanned({"contacts": [contact(None, left=True, title=None), contact("user")]})[0]
    assert "（角色：—；职务：—）" in risks.set_index("rule").loc["key_contact_left", "evidence"]


WRITTEN = [
        ({"service": [complaint(description="货物逾期", reported=T(2023, 9, 3, 9), answered=T(2023, 9, 3, 10), resolved=T(2023, 9, 3, 11))]}, "K2"),
        ({"service": [complaint(description="货物逾期", reported=None)]}, "K2"),
        ({"service": [complaint(description="货物逾期", reported=T(2023, 9, 2, 9), answered=T(2023, 9, 2, 10), resolved=T(2023, 9, 2, 11))]}, None),
        ({"service": [complaint(description="无逾期")]}, None),
        ({"contacts": [contact("user", remarks="采购负责人换人")]}, "I2"),
        ({"renewals": [renewal(remarks="竞争对手报价更低")]}, "I2"),
        ({"renewals": [renewal(remarks=None)]}, None),
]  # fmt: skip


def test_warning_words_are_looked_for_in_the_optional_sheets(scanned: Callable) -> None:
    found = scanned(*(rows for rows, _ in WRITTEN))
    cells = [risks.loc[risks["rule"] == "warning_words", "cell"].tolist() for risks in found]
    assert cells == [[cell] if cell else [] for _, cell in WRITTEN]
