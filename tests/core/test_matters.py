"""Each matter has a subject, a deadline of its own, a person and what is at stake; health and visits agree (handbook §11)."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import history, matters, planning
from kam_xl.core.assessment import Assessment
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy

D, T = dt.date, dt.datetime  # today is Friday 2024-03-01
STRATEGIC = {"value": 95, "potential": 95, "demand": 95, "composite": 95, "tier": "strategic"}
QUIET = {"tracking": [{"tracked_on": D(2024, 2, 20)}]}


def complaint(**row: object) -> dict:
    """A major complaint of Tuesday 2024-02-20, 09:00, never answered: to be answered by 11:00."""
    return {"kind": "complaint", "severity": "major", "category": "质量", "reported": T(2024, 2, 20, 9), **row}


def only(assessment: Assessment, rule: str) -> pd.Series:
    rows = assessment.matters[assessment.matters["rule"] == rule]
    assert len(rows) == 1, assessment.matters[["rule", "subject"]]
    return rows.iloc[0]


# --- subject and deadline ----------------------------------------------------------------------------------------


def test_a_matter_says_what_it_is_about(assessed) -> None:
    rows = {
        "service": [complaint()],
        "renewals": [{"kind": "renewal", "product": "云存储", "stage": "negotiation", "renewal_date": D(2024, 2, 1)}],
        "tracking": [{"strategy": "联合创新", "end": D(2024, 2, 1)}],
    }
    said = assessed(**rows).matters.set_index("rule")["subject"]
    assert said["case_past_limit"] == "超过服务时限：投诉“质量”（2024-02-20）"
    assert said["renewal_overdue"] == "续约已过期：云存储"
    assert said["strategy_overdue"] == "策略超期：联合创新"
    english = assessed(lang="en", **rows).matters.set_index("rule")["subject"]
    assert english["case_past_limit"] == "Service limit passed: Complaint “质量” (2024-02-20)"


@pytest.mark.parametrize(
    ("rows", "rule", "due", "days_late"),
    [
        ({"service": [complaint()]}, "case_past_limit", "2024-02-20", 8),
        ({"tracking": [{"end": D(2024, 2, 29)}]}, "strategy_overdue", "2024-02-29", 1),
        ({"tracking": [{"end": D(2024, 2, 25)}]}, "strategy_overdue", "2024-02-23", 5),  # a Sunday
        ({"customers": [{"last_deal": D(2023, 1, 10)}]}, "silent_customer", "2023-07-07", None),
        ({"contacts": [{"name": "王", "left": True, "role": "user"}]}, "key_contact_left", "2024-03-08", 0),
    ],
)  # fmt: skip
def test_it_is_due_when_the_thing_itself_is(assessed, rows: dict, rule: str, due: str, days_late: int | None) -> None:
    row = only(assessed(**QUIET | rows), rule)
    assert row["due"] == pd.Timestamp(due)
    assert row["late"] == (due < "2024-03-01")
    assert days_late is None or row["days_late"] == days_late


def test_an_hour_past_its_limit_is_past_it(assessed) -> None:
    morning = assessed(service=[complaint(reported=T(2024, 2, 29, 16))])  # two hours that are not over at midnight
    assert "case_past_limit" not in set(morning.matters["rule"])
    row = only(assessed(service=[complaint(reported=T(2024, 2, 29, 9))]), "case_past_limit")
    assert (row["late"], row["days_late"]) == (True, 1)


def test_a_case_that_is_settled_is_past_no_limit(assessed) -> None:
    row = only(assessed(service=[complaint(answered=T(2024, 2, 22), resolved=T(2024, 2, 23))]), "case_past_limit")
    assert row[["level", "late", "days_late"]].tolist() == ["low", False, 0]
    assert row["due"] == pd.Timestamp("2024-03-04")  # a day after it was first seen, the workday after


@pytest.mark.slow
def test_a_day_once_promised_stays_and_is_worked(assessed) -> None:
    rows = {"contacts": [{"name": "王", "left": True, "role": "user"}], **QUIET}
    first = assessed(**rows)
    past = history.snapshot(first)
    assert only(first, "key_contact_left")["due"] == pd.Timestamp("2024-03-08")
    weekend = past.assign(risks=past["risks"].str.replace("2024-03-08", "2024-03-09"))  # as older versions promised
    assert only(assessed(past=past, **rows), "key_contact_left")["due"] == pd.Timestamp("2024-03-08")
    assert only(assessed(past=weekend, **rows), "key_contact_left")["due"] == pd.Timestamp("2024-03-11")


# --- who ---------------------------------------------------------------------------------------------------------


def test_a_person_deals_with_it_the_record_names_first(assessed) -> None:
    late = {"service": [complaint(handler="孙 工")], "tracking": [{"tracker": "王五"}]}
    assert only(assessed(**late), "case_past_limit")[["manager", "owner"]].tolist() == ["孙 工", "孙 工"]
    unnamed = late | {"service": [complaint()]}
    assert only(assessed(**unnamed), "case_past_limit")["owner"] == "王五"
    nobody = unnamed | {"tracking": [{"tracker": None}]}
    row = only(assessed(**nobody), "case_past_limit")
    assert pd.isna(row["manager"])
    assert row["owner"] == "区域/行业销售团队"


def test_without_a_manager_the_teams_own_deals_with_it(assessed) -> None:
    customers = [{"customer_id": f"C00{number}"} for number in range(1, 5)]
    tracking = [
        {"customer_id": f"C00{number}", "tracker": who} for number, who in ((2, "李四"), (3, "李四"), (4, "王五"))
    ]
    row = only(assessed(customers=customers, tracking=tracking, service=[complaint()]), "case_past_limit")
    assert row["owner"] == "李四"


@pytest.mark.slow
def test_what_was_typed_in_the_action_list_wins(assessed) -> None:
    rows = {"service": [complaint(handler="孙工")]}
    key = only(assessed(**rows), "case_past_limit")["key"]
    typed = {"action_id": key, "owner": "赵六", "due": D(2024, 3, 6), "note": "已约上门"}
    night = assessed(tasks=[typed], **rows)
    row = only(night, "case_past_limit")
    assert row[["owner", "due", "late"]].tolist() == ["赵六", pd.Timestamp("2024-03-06"), False]
    action = night.actions.set_index("key").loc[key]
    assert action[["owner", "manager", "note", "overdue"]].tolist() == ["赵六", "赵六", "已约上门", False]
    assert action["by"] == pd.Timestamp("2024-03-06")
    written = typed | {"proposed_owner": "赵六", "proposed_due": D(2024, 3, 6)}  # nobody typed these
    assert only(assessed(tasks=[written], **rows), "case_past_limit")["owner"] == "孙工"


@pytest.mark.slow
def test_it_is_escalated_at_once_or_when_it_is_late(assessed) -> None:
    role = "销售总监（另设专属客户成功经理）"
    assert only(assessed(evaluations=[STRATEGIC], service=[complaint()]), "case_past_limit")["escalated_to"] == role
    week_old = only(assessed(tracking=[{"end": D(2024, 2, 26)}]), "strategy_overdue")  # three workdays and Friday
    assert week_old["escalated_to"] == "区域/行业销售团队"
    fresh = only(assessed(tracking=[{"end": D(2024, 2, 28)}]), "strategy_overdue")
    assert pd.isna(fresh["escalated_to"])


# --- what is at stake, what follows ------------------------------------------------------------------------------


def test_the_money_is_the_deals_else_the_customers(assessed) -> None:
    deal = {"kind": "renewal", "product": "云", "stage": "negotiation", "renewal_date": D(2024, 2, 1), "amount": 12.5}
    night = assessed(renewals=[deal], service=[complaint()])
    assert only(night, "renewal_overdue")["money"] == 12.5
    assert only(night, "case_past_limit")["money"] == 100.0


def test_what_follows_weighs_once(assessed, policy: Policy) -> None:
    survey = {"kind": "survey", "satisfaction": 40, "reported": T(2024, 2, 25)}
    night = assessed(service=[complaint(), survey], evaluations=[STRATEGIC])
    row = only(night, "case_past_limit")
    assert row["consequences"] == "健康度红色、满意度不达标"
    customer = night.customers.iloc[0]
    assert customer["risk_score"] == sum(policy.risk_points[level] for level in night.matters["level"])
    assert customer["risk_count"] == len(night.matters) < len(night.risks)


ROWS = st.fixed_dictionaries(
    {
        "level": st.sampled_from(LEVELS),
        "money": st.sampled_from([None, 0.0, 1.5, 200.0]),
        "days_late": st.integers(0, 3),
        "customer_id": st.sampled_from(["C1", "C2"]),
    }
)


@given(st.lists(ROWS, max_size=8))
def test_the_order_is_severity_then_money_then_days_overdue(rows: list[dict]) -> None:
    frame = pd.DataFrame(rows, columns=["level", "money", "days_late", "customer_id"])
    frame = frame.assign(key=[f"k{place}" for place in range(len(frame))]).astype({"money": "float64"})
    told = [
        (LEVELS.index(row.level), -1 if pd.isna(row.money) else row.money, row.days_late)
        for row in matters.in_order(frame).itertuples()
    ]
    assert told == sorted(told, key=lambda one: (one[0], -one[1], -one[2]))


# --- what is common ----------------------------------------------------------------------------------------------


def many(count: int, **row: object) -> list[dict]:
    return [{"customer_id": f"C{number:03}", "name": f"客户{number}", **row} for number in range(count)]


def test_what_all_share_is_told_once_and_ranks_nobody(assessed) -> None:
    customers = [row | {"amount": float(place)} for place, row in enumerate(many(12, last_deal=D(2022, 1, 10)))]
    night = assessed(customers=customers, tracking=[])
    assert len(night.risks[night.risks["rule"] == "silent_customer"]) == 12
    assert "silent_customer" not in set(night.matters["rule"])
    assert set(night.customers["level"]) == {"none"}
    row = night.common.set_index("rule").loc["silent_customer"]
    assert row[["customers", "of", "begin_with"]].tolist() == [12, 12, "客户11、客户10、客户9"]
    assert row["subject"] == "客户沉默：全部 12 家客户中有 12 家（100%）"
    assert row["reason"].startswith("最近一次也在 2022-01-10")
    assert row["owner"] == "销售总监（另设专属客户成功经理）"


@pytest.mark.slow
def test_upkeep_that_all_workbooks_need_is_told_once(assessed) -> None:
    tracking = [{"customer_id": row["customer_id"], "tracked_on": D(2023, 10, 2)} for row in many(12)]
    night = assessed(customers=many(12), tracking=tracking)
    assert "tracking_stale" not in set(night.actions["source"])
    row = night.common.set_index("rule").loc["tracking_stale"]
    assert row[["kind", "customers", "reason"]].tolist() == [
        "housekeeping", 12, "最早 2023-11-01 起就该更新：这些跟踪行没有人维护",
    ]  # fmt: skip
    few = assessed(customers=many(9), tracking=tracking[:9])
    assert few.housekeeping["source"].tolist().count("tracking_stale") == 9


def test_housekeeping_is_no_risk_of_the_customer(assessed) -> None:
    night = assessed(evaluations=[{"evaluated_on": D(2023, 1, 1)}])
    assert night.risks["rule"].tolist().count("evaluation_stale") == 1
    assert "evaluation_stale" not in set(night.matters["rule"])
    kept = night.housekeeping
    assert kept["source"].tolist() == ["evaluation_stale"]
    assert night.actions["kind"].iloc[-1] == planning.HOUSEKEEPING


# --- health and visits agree -------------------------------------------------------------------------------------


GREEN = {"service": [{"kind": "survey", "satisfaction": 99, "reported": T(2024, 2, 20)}]}


@pytest.mark.slow
def test_a_customer_with_a_high_risk_is_at_most_yellow(assessed, policy: Policy) -> None:
    calm = assessed(**GREEN).customers.iloc[0]
    assert (calm["health_colour"], pd.isna(calm["health_cap"])) == ("green", True)
    left = GREEN | {"contacts": [{"name": "王", "left": True, "role": "user"}]}
    risky = assessed(**left).customers.iloc[0]
    assert risky[["health_colour", "health_cap", "level"]].tolist() == ["yellow", "high_risk", "high"]
    assert risky["health"] == calm["health"]
    off = dataclasses.replace(policy, health=dataclasses.replace(policy.health, risk_cap="off"))
    assert assessed(policy=off, **left).customers["health_colour"].tolist() == ["green"]


def test_a_risk_that_is_high_by_what_follows_from_it_holds_the_health_down_too(assessed, policy: Policy) -> None:
    severe = dataclasses.replace(policy.risk.satisfaction_low, severity="high")
    rule = dataclasses.replace(policy.risk.case_past_limit, ordinary_severity="low")
    strict = dataclasses.replace(
        policy, risk=dataclasses.replace(policy.risk, satisfaction_low=severe, case_past_limit=rule)
    )
    late = complaint(severity="ordinary", reported=T(2024, 2, 5, 9), answered=T(2024, 2, 5, 10))
    survey = {"kind": "survey", "satisfaction": 78, "reported": T(2024, 2, 20)}
    customers = [{"customer_id": f"C{number:03}", "amount": 100} for number in range(1, 8)]
    night = assessed(policy=strict, customers=customers, tracking=[], service=[late, survey])
    assert only(night, "case_past_limit")["consequences"] == "满意度不达标"
    one = night.customers.set_index("customer_id").loc["C001"]
    assert one[["level", "health_colour", "health_cap"]].tolist() == ["high", "yellow", "high_risk"]


def test_the_renewal_of_a_customer_at_high_risk_is_at_risk(assessed) -> None:
    deal = {"kind": "renewal", "product": "云", "stage": "negotiation", "renewal_date": D(2024, 4, 1)}
    left = {"contacts": [{"name": "王", "left": True, "role": "user"}]}
    assert "renewal_at_risk" not in set(assessed(**GREEN, renewals=[deal]).matters["rule"])
    assert "renewal_at_risk" in set(assessed(**GREEN, **left, renewals=[deal]).matters["rule"])


@pytest.mark.parametrize(
    ("rows", "due", "why"),
    [
        ({}, "2024-08-16", "cadence"),  # 180 days after 2024-02-20, a Sunday
        ({"service": [complaint(reported=T(2024, 2, 28, 9))]}, "2024-03-04", "complaint"),  # 29, 1, 4
        ({"service": [complaint(), {"kind": "visit", "reported": T(2024, 2, 29)}]}, "2024-03-05", "complaint"),  # since
        ({"service": [complaint(severity="ordinary")]}, "2024-08-16", "cadence"),
        ({"service": [complaint(resolved=T(2024, 2, 20, 10))]}, "2024-08-16", "cadence"),
        ({"contacts": [{"name": "王", "left": True, "role": "user"}]}, "2024-03-15", "high"),
    ],
)
def test_what_brings_a_visit_forward(assessed, rows: dict, due: str, why: str) -> None:
    row = assessed(**QUIET | rows).customers.iloc[0]
    assert (f"{row['next_visit']:%Y-%m-%d}", row["visit_for"]) == (due, why)


# --- the budget of attention -------------------------------------------------------------------------------------


def test_a_persons_day_holds_no_more_than_the_policys(assessed, policy: Policy) -> None:
    tracking = [{"strategy": f"策略{number}", "end": D(2024, 2, 1), "tracker": "王五"} for number in range(20)]
    actions = assessed(tracking=tracking).actions.query("source == 'strategy_overdue'")
    per_day = actions["day"].value_counts().sort_index()
    assert per_day.tolist() == [8, 8, 4]
    assert [f"{day:%m-%d}" for day in per_day.index] == ["03-01", "03-04", "03-05"]  # a weekend between
    assert per_day.max() == policy.matters.per_day
