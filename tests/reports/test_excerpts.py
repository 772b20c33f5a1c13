"""What the pages show of the accounts: health by tier, what is owed, the week by manager, indicators, questions."""

import pandas as pd
import pytest

from kam_xl.core import planning, service, workdays
from kam_xl.reports import excerpts


def test_every_customer_has_its_place_in_the_health_table(an_assessment):
    assessment = an_assessment()
    table = excerpts.health_by_tier(assessment)

    assert table.to_numpy().sum() == len(assessment.customers)
    assert list(table.columns) == ["red", "yellow", "green", "unknown"]
    assert table.loc["strategic"].to_dict() == {"red": 1, "yellow": 0, "green": 1, "unknown": 0}
    assert table.loc["unknown"].to_dict() == {"red": 0, "yellow": 0, "green": 0, "unknown": 1}


def test_the_reddest_of_the_highest_tier_comes_first(an_assessment):
    assert list(excerpts.red(an_assessment())["customer_id"]) == ["C003", "C013", "C005"]


def test_stages_of_life_that_nobody_is_in_are_left_out(an_assessment):
    assert excerpts.lifecycle(an_assessment()) == {"new": 2, "active": 5, "deepening": 1, "silent": 1, "lost": 2}


def test_what_is_owed_names_the_promise_that_is_next(an_assessment):
    owed = excerpts.owed(an_assessment()).set_index("customer_id")

    assert list(owed.index) == ["C009", "C003", "C004", "C002"]
    assert owed["clock"].to_dict() == {"C009": "resolution", "C003": "answer", "C004": "answer", "C002": "answer"}
    assert owed["late"].to_dict() == {"C009": True, "C003": True, "C004": False, "C002": False}
    assert owed.loc["C009", "by"] == pd.Timestamp("2025-11-14 18:00")
    assert pd.isna(owed.loc["C002", "by"])


def test_an_answer_that_came_late_is_owed_no_more(an_assessment):
    assessment = an_assessment()
    cases = assessment.cases.assign(resolution_state="running", answered=pd.Timestamp("2025-11-20"))
    assessment.cases = service.pressing(cases, assessment.policy, pd.Timestamp(assessment.today))

    assert not excerpts.owed(assessment)["late"].any()


@pytest.mark.parametrize(
    ("today", "sunday"),
    [
        ("2025-11-17", "2025-11-23"),
        ("2025-11-21", "2025-11-23"),
        ("2025-11-22", "2025-11-30"),
        ("2025-11-23", "2025-11-30"),
    ],
)
def test_on_a_weekend_the_week_to_come_is_of_this_one_too(today, sunday):
    first, last = workdays.this_week(pd.Timestamp(today))

    assert first == pd.Timestamp("2025-11-17")
    assert last == pd.Timestamp(sunday)


def test_the_week_counts_by_manager_or_else_by_team(an_assessment):
    assessment = an_assessment()
    rows = excerpts.by_manager(assessment).set_index("who")
    postponed = assessment.actions["status"] == "postponed"

    assert rows.loc["赵敏", ["planned", "capacity", "share"]].tolist() == [3, 2, 1.5]
    assert rows["overdue"].sum() == assessment.actions["overdue"].sum()
    assert rows.index[0] in ("华中", "孙倩")  # each with an overdue action
    assert assessment.actions.loc[postponed, "postponed_to"].gt(pd.Timestamp("2025-11-23")).all()
    assert rows.loc["孙倩", "due"] == 0  # what she postponed is not due this week


def test_what_is_done_is_not_due(an_assessment):
    assessment = an_assessment()
    done = assessment.actions.assign(status="done")
    assessment.actions = planning.dated(done, assessment.policy, pd.Timestamp(assessment.today))

    assert list(excerpts.by_manager(assessment)["due"]) == [0, 0]


def test_a_week_in_which_nobody_has_anything_to_do_is_empty(an_empty_assessment):
    assert excerpts.by_manager(an_empty_assessment()).empty


def test_indicators_of_all_teams_are_told_in_their_units(an_assessment):
    measured = excerpts.measured(an_assessment("en")).set_index("indicator")

    assert measured[["actual", "target"]].loc["response"].tolist() == ["94.0%", "95.0%"]
    assert measured[["actual", "target"]].loc["high_value_rise"].tolist() == ["2.0 points", "1.0 points"]
    assert measured["name"]["nps"] == "Net promoter score (NPS)"
    assert "retention" not in measured.index
    assert len(measured) == 5


def test_questions_are_counted_over_teams(an_assessment):
    found = excerpts.questions(an_assessment("en"))

    assert list(zip(found["sheet"], found["teams"], strict=True)) == [("Service log", 2), ("Action list", 1)]
