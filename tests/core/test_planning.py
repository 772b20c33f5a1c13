"""Every customer gets what the tier promises, and every action stands on the list when it is due (handbook §8)."""

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import planning
from kam_xl.core.assessment import assess
from kam_xl.core.policy import Policy

D = dt.date  # today is 2024-03-01
DONE = {"status": "done"}


def test_a_customer_gets_what_the_tier_promises(assessed) -> None:
    row = assessed(evaluations=[{"value": 92, "potential": 88, "demand": 85}]).customers.iloc[0]
    assert row[["class", "core_strategy", "owner"]].tolist() == ["B", "提升黏性，挖掘增量", "区域/行业销售团队"]
    assert row[["cadence_days", "sla_hours"]].tolist() == [90, 8]
    assert row["measures"].startswith("客户成功经理定期回访")
    english = assessed(lang="en", evaluations=[{"value": 92, "potential": 88, "demand": 85}]).customers.iloc[0]
    assert english["core_strategy"] == "Raise loyalty, find more business"


def test_without_a_score_only_the_owner_is_known(assessed) -> None:
    row = assessed(evaluations=[]).customers.iloc[0]
    assert row[["class", "core_strategy", "measures", "cadence_days", "sla_hours", "next_visit"]].isna().all()
    assert row["owner"] == "所属销售团队"
    assert row["last_contact"] == pd.Timestamp("2024-02-20")


@pytest.mark.parametrize(
    ("last_deal", "tracked_on", "last_contact", "next_visit"),
    [
        (D(2024, 1, 10), D(2024, 1, 5), "2024-01-10", "2024-07-08"),
        (D(2024, 1, 10), D(2024, 2, 5), "2024-02-05", "2024-08-03"),
        (D(2023, 1, 10), None, "2023-01-10", "2023-07-09"),
        (None, D(2024, 2, 5), "2024-02-05", "2024-08-03"),
        (None, None, None, "2024-03-01"),  # nobody knows of a contact: today
        (D(2024, 3, 1), D(2024, 3, 2), "2024-03-01", "2024-08-28"),  # tomorrow has not happened
        (D(2204, 1, 1), D(2024, 2, 5), "2024-02-05", "2024-08-03"),
    ],
)
def test_the_next_visit_is_a_cadence_after_the_last_contact(
    last_deal: D | None, tracked_on: D | None, last_contact: str | None, next_visit: str | None, assessed
) -> None:
    rows = assessed(customers=[{"last_deal": last_deal}], tracking=[{"tracked_on": tracked_on}]).customers
    assert rows["last_contact"].equals(pd.Series(pd.to_datetime([last_contact])).astype(rows["last_contact"].dtype))
    assert rows["next_visit"].equals(pd.Series(pd.to_datetime([next_visit])).astype(rows["next_visit"].dtype))


@pytest.mark.parametrize(
    ("last_deal", "due", "overdue"),
    [
        (D(2023, 10, 3), "2024-03-31", False),  # the last day of the 30
        (D(2023, 10, 4), None, None),
        (D(2023, 9, 3), "2024-03-01", False),  # today
        (D(2023, 9, 2), "2024-02-29", True),
    ],
)
def test_a_visit_is_listed_when_due_soon_or_overdue(
    last_deal: D, due: str | None, overdue: bool | None, assessed
) -> None:
    rows = assessed(customers=[{"last_deal": last_deal}], tracking=[DONE | {"tracked_on": None}]).actions
    visits = rows[rows["source"] == "visit"]
    assert visits["due"].dt.strftime("%Y-%m-%d").tolist() == ([due] if due else [])
    assert visits["overdue"].tolist() == ([overdue] if due else [])


def test_a_visit_says_why(assessed) -> None:
    rows = {"customers": [{"last_deal": D(2023, 9, 2)}], "tracking": [DONE | {"tracked_on": None}]}
    visit = assessed(**rows).actions.query("source == 'visit'").iloc[0]
    assert visit["action"] == "按 180 天的周期回访（上次接触 2023-09-02）"
    assert visit[["customer_id", "name", "computed_tier", "level", "owner", "team"]].tolist() == [
        "C001", "某科技", "regular", "none", "区域/行业销售团队", "华东",
    ]  # fmt: skip
    english = assessed(lang="en", **rows).actions.query("source == 'visit'").iloc[0]
    assert english["action"] == "Visit, at the cadence of 180 days (last contact 2023-09-02)"
    assert english["key"] == visit["key"]


LATE = {"tracking": [{"end": D(2024, 2, 1), "problem": "进度延迟"}]}


def test_every_risk_is_an_action_with_its_remedy(assessed) -> None:
    assessment = assessed(**LATE)
    actions = assessment.actions
    assert actions.columns.tolist() == list(planning.ACTIONS)
    assert actions["due"].is_monotonic_increasing
    assert set(actions["source"]) == set(assessment.risks["rule"])
    assert set(actions["action"]) == set(assessment.risks["remedy"])


def test_an_action_keeps_its_key_from_night_to_night(policy: Policy, words_in, a_portfolio) -> None:
    nights = [
        assess(a_portfolio(**LATE), policy, day, words_in("en")).actions for day in (D(2024, 3, 1), D(2024, 3, 9))
    ]
    assert nights[0]["due"].tolist() != nights[1]["due"].tolist()
    assert set(nights[0]["key"]) == set(nights[1]["key"])


def test_keys_tell_actions_apart(assessed) -> None:
    tracking = [{"end": D(2024, 2, 1), "row": 7}, {"end": D(2024, 2, 1), "row": 7}, {"end": D(2024, 2, 1), "row": 8}]
    assert assessed(tracking=tracking).actions["key"].is_unique


def test_the_playbook_has_a_row_a_tier(policy: Policy) -> None:
    playbook = planning.playbook(policy, "zh-CN")
    assert playbook.index.tolist() == list(policy.tier_keys)
    assert playbook.loc["optimize", "departments"] == "运营部、财务部"
    assert playbook.loc["strategic", ["support", "goals"]].tolist() == [
        "优先预算、专属客服通道",
        "年合作额增长≥20%，满意度≥95",
    ]
    assert playbook.loc["potential", ["budget_low", "budget_high"]].tolist() == [0.15, 0.20]
