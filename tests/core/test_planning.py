"""Every customer gets what the tier promises, and every action stands on the list when it is due (handbook §8)."""

import datetime as dt
import functools

import pandas as pd
import pytest

from kam_xl.core import frames, planning, visits
from kam_xl.core import policy as policies
from kam_xl.core.assessment import assess
from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Policy

D = dt.date  # today is 2024-03-01


@pytest.fixture(scope="module")
def assessed(assessed, calm):
    """Assessments without risks, where none are asked for."""
    return functools.partial(assessed, policy=calm)


DONE = {"status": "done"}


def test_a_customer_gets_what_the_tier_promises(assessed) -> None:
    row = assessed(evaluations=[{"value": 92, "potential": 88, "demand": 85}]).customers.iloc[0]
    assert row[["class", "core_strategy", "escalation"]].tolist() == ["B", "提升黏性，挖掘增量", "区域/行业销售团队"]
    assert row[["cadence_days", "sla_hours"]].tolist() == [90, 8]
    assert row["measures"].startswith("客户成功经理定期回访")
    english = assessed(lang="en", evaluations=[{"value": 92, "potential": 88, "demand": 85}]).customers.iloc[0]
    assert english["core_strategy"] == "Raise loyalty, find more business"


def test_without_a_score_only_whom_it_is_escalated_to_is_known(assessed) -> None:
    row = assessed(evaluations=[]).customers.iloc[0]
    assert row[["class", "core_strategy", "measures", "cadence_days", "sla_hours", "next_visit"]].isna().all()
    assert row["escalation"] == "所属销售团队"
    assert row["last_contact"] == pd.Timestamp("2024-02-20")


@pytest.mark.parametrize(
    ("last_deal", "spoken", "last_contact", "next_visit"),
    [
        (D(2024, 1, 10), D(2024, 1, 5), "2024-01-10", "2024-07-08"),
        (D(2024, 1, 10), D(2024, 2, 5), "2024-02-05", "2024-08-02"),
        (D(2023, 1, 10), None, "2023-01-10", "2023-07-07"),
        (None, D(2024, 2, 5), "2024-02-05", "2024-08-02"),
        (None, None, None, "2024-03-01"),  # nobody knows of a contact: today
        (D(2024, 3, 1), D(2024, 3, 2), "2024-03-01", "2024-08-28"),  # tomorrow has not happened
        (D(2204, 1, 1), D(2024, 2, 5), "2024-02-05", "2024-08-02"),
    ],
)
def test_the_next_visit_is_a_cadence_after_the_last_contact(
    last_deal: D | None, spoken: D | None, last_contact: str | None, next_visit: str | None, assessed
) -> None:
    rows = assessed(customers=[{"last_deal": last_deal}], contacts=[{"last_contact": spoken}]).customers
    assert rows["last_contact"].equals(pd.Series(pd.to_datetime([last_contact])).astype(rows["last_contact"].dtype))
    assert rows["next_visit"].equals(pd.Series(pd.to_datetime([next_visit])).astype(rows["next_visit"].dtype))


@pytest.mark.parametrize(
    ("last_deal", "due", "overdue"),
    [
        (D(2023, 10, 3), "2024-03-29", False),  # a Sunday is the Friday before it
        (D(2023, 10, 4), None, None),  # a Monday, the first day after the 30
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
    assert visit["action"] == "上次接触 2023-09-02，回访周期 180 天：拜访客户，更新跟踪表"
    assert visit[["customer_id", "name", "computed_tier", "level", "subject", "owner", "team"]].tolist() == [
        "C001", "某科技", "regular", "none", "客户拜访", "区域/行业销售团队", "华东",
    ]  # fmt: skip
    english = assessed(lang="en", **rows).actions.query("source == 'visit'").iloc[0]
    assert (
        english["action"]
        == "Last contact 2023-09-02, cadence 180 days: visit the customer and update the tracking sheet"
    )
    assert english["key"] == visit["key"]


LATE = {"tracking": [{"end": D(2024, 2, 1), "problem": "进度延迟"}]}


def test_every_matter_is_an_action_with_its_remedy(assessed, policy: Policy) -> None:
    assessment = assessed(policy=policy, **LATE)
    actions, matters = assessment.actions, assessment.matters
    assert actions.columns.tolist() == list(planning.ACTIONS)
    assert set(actions["key"]) == set(matters["key"])
    assert set(actions["action"]) == set(matters["remedy"])
    # the problem of the late strategy is part of it, and no matter of its own
    assert matters["rule"].tolist() == ["strategy_overdue", "concentration"]
    assert matters["consequences"].fillna("").tolist() == ["有问题无改进", ""]


@pytest.mark.slow
def test_an_action_keeps_its_key_from_night_to_night(policy: Policy, words_in, a_portfolio) -> None:
    nights = [
        assess(a_portfolio(**LATE), policy, day, words_in("en")).actions for day in (D(2024, 3, 1), D(2024, 3, 9))
    ]
    assert nights[0]["days_late"].tolist() != nights[1]["days_late"].tolist()
    assert set(nights[0]["key"]) <= set(nights[1]["key"])


def test_keys_tell_actions_apart(assessed, policy: Policy) -> None:
    tracking = [{"end": D(2024, 2, 1), "row": 7}, {"end": D(2024, 2, 1), "row": 7}, {"end": D(2024, 2, 1), "row": 8}]
    actions = assessed(tracking=tracking, policy=policy).actions
    assert actions["source"].tolist().count("strategy_overdue") == 2  # what two findings say of one row is one matter
    assert actions["key"].is_unique


def test_the_playbook_has_a_row_a_tier(policy: Policy) -> None:
    playbook = planning.playbook(policy, "zh-CN")
    assert playbook.index.tolist() == list(policy.tier_keys)
    assert playbook.loc["optimize", "departments"] == "运营部、财务部"
    assert playbook.loc["strategic", ["support", "goals"]].tolist() == [
        "优先预算、专属客服通道",
        "年合作额增长≥20%，满意度≥95",
    ]
    assert playbook.loc["potential", ["budget_low", "budget_high"]].tolist() == [0.15, 0.20]


# --- cadence -----------------------------------------------------------------------------------------------------


def keys(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str")


def test_the_next_visit_of_a_column_of_customers(policy: Policy) -> None:
    last = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01", None, "2024-01-01", "2024-02-29"]))
    tiers = keys("potential", "strategic", "key", None, "optimize")
    found = planning.next_visit(last, tiers, policy)
    assert found.dt.strftime("%Y-%m-%d").fillna("").tolist() == ["2024-03-01", "2024-03-29", "", "", "2025-02-28"]


# --- who, when last, how much ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "manager"),
    [
        ([{"tracker": "王五"}], "王五"),
        ([{"tracker": " 王　五 "}], "王 五"),
        ([{"tracker": "王五"}, {"tracker": None, "tracked_on": D(2024, 2, 28)}], "王五"),  # names nobody
        ([{"tracker": "王五"}, {"tracker": "李四", "tracked_on": D(2024, 2, 21)}], "李四"),
        ([{"tracker": "王五"}, {"tracker": "李四", "tracked_on": D(2024, 3, 2)}], "王五"),  # a day to come
        ([{"tracker": "王五"}, {"tracker": "李四", "tracked_on": None}], "王五"),
        ([{"tracker": "王五"}, {"tracker": "李四", "end": D(2025, 1, 1)}], "李四"),  # one day: the later end
        ([{"tracker": None}], None),
        ([{"tracker": "王五", "customer_id": "C002"}], None),
    ],
)
def test_the_manager_is_who_tracks_the_newest_strategy(rows: list, manager: str | None, a_portfolio) -> None:
    portfolio = a_portfolio(tracking=rows)
    for tracking in (portfolio.tracking, portfolio.tracking.iloc[::-1]):
        found = planning.managers(portfolio.customers, tracking, pd.Timestamp("2024-03-01"))
        assert found.astype(object).where(found.notna(), None).tolist() == [manager]


def test_the_manager_whom_a_list_names_goes_before_who_tracks_a_strategy(a_portfolio) -> None:
    customers = [{"customer_id": "C001", "named_manager": " 赵　六 "}, {"customer_id": "C002"}]
    portfolio = a_portfolio(customers, tracking=[{"tracker": "王五"}, {"customer_id": "C002", "tracker": "王五"}])
    found = planning.managers(portfolio.customers, portfolio.tracking, pd.Timestamp("2024-03-01"))
    assert found.tolist() == ["赵 六", "王五"]


def test_a_workbook_that_names_nobody_has_one_calendar(a_portfolio, policy: Policy) -> None:
    customers = [{"customer_id": f"C{number:03}", "last_deal": D(2023, 6, 1)} for number in range(5)]
    portfolio = a_portfolio(customers, tracking=[])
    scored = portfolio.customers.assign(computed_tier=keys(*["regular"] * 5))
    today = pd.Timestamp("2024-03-01")
    nothing = {name: frames.empty(frames.ASSESSMENT[name]) for name in ("risks", "cases")}
    planned = planning.plan(scored, portfolio, policy, today, "en")
    planned = planning.with_visits(planned, nothing["risks"], nothing["cases"], policy)
    asked = planning.visits_asked(planned, portfolio)
    days = visits.spread(asked, asked["agreed"], policy, today)
    assert days.dt.strftime("%m-%d").tolist() == ["03-01", "03-01", "03-04", "03-04", "03-05"]
    assert planned["manager"].isna().all()
    assert asked["agreed"].isna().all()
    assert planned["product_count"].isna().all()
    assert planned["next_visit"].eq("2023-11-28").all()


def test_a_visit_keeps_its_name_when_the_tier_moves_it(assessed) -> None:
    names = {}
    for mark in (30, 60):
        evaluation = dict.fromkeys(("value", "potential", "demand"), mark)
        rows = assessed(customers=[{"last_deal": D(2023, 8, 30)}], evaluations=[evaluation], tracking=[]).actions
        names[mark] = rows.set_index("source").loc["visit", ["due", "key"]]
    assert names[30]["due"] != names[60]["due"]
    assert names[30]["key"] == names[60]["key"]


def test_an_empty_portfolio_has_an_empty_plan(assessed) -> None:
    assessment = assessed(customers=[], evaluations=[], tracking=[])
    for frame in (
        assessment.actions,
        assessment.visits,
        assessment.utilisation,
        assessment.whitespace,
        assessment.goals,
    ):
        assert frame.empty
    assert assessment.customers.columns[assessment.customers.columns.str.contains("visit")].tolist() == [
        "next_visit", "visit_for", "planned_visit", "visit_agreed",
    ]  # fmt: skip


@pytest.mark.parametrize("days", ["[30, 60, 90]", "[90, 90]", "[]", "[90, 0]", "90", "[true]"])
def test_renewal_reminders_stand_the_furthest_first(policy_text: str, days: str) -> None:
    with pytest.raises(PolicyError, match=r"plan\.renewal_days"):
        policies.parse(policy_text.replace("renewal_days = [90, 60, 30]", f"renewal_days = {days}"))
