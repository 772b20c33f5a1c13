"""What the pages count: what waits and for whom, each customer's most pressing matter, what is owed."""

import pandas as pd
import pytest

from kam_xl.core import service
from kam_xl.core.outside import outside
from kam_xl.reports import details, excerpts
from tests.reports import accounts


def whole(**frames):
    return accounts.with_frames(accounts.assessed("zh-CN"), **frames)


def test_every_matter_waits_with_what_the_action_list_says_of_it():
    found = excerpts.matters(whole())

    assert found["key"].tolist() == whole().matters["key"].tolist()
    asked = whole().actions.set_index("key")
    assert found["by"].tolist() == asked["by"].reindex(found["key"]).tolist()
    assert (found["days_late"] == found["days_late"].where(found["overdue"], 0)).all()


def test_what_is_marked_as_done_or_postponed_counts_as_people_said():
    actions = whole().actions
    late = excerpts.matters(whole())
    key = late.loc[late["overdue"], "key"].iloc[0]
    own = actions["key"] == key
    done = actions.assign(waiting=actions["waiting"] & ~own, overdue=actions["overdue"] & ~own)
    postponed = actions.assign(overdue=actions["overdue"] & ~own)

    assert key not in set(excerpts.matters(whole(actions=done))["key"])
    rows = excerpts.matters(whole(actions=postponed)).set_index("key")
    assert (rows.loc[key, "overdue"], rows.loc[key, "days_late"]) == (False, 0)


def test_a_matter_that_is_on_no_list_yet_waits_until_its_own_deadline():
    actions = whole().actions
    key = whole().matters["key"].iloc[-1]
    row = excerpts.matters(whole(actions=actions[actions["key"] != key])).set_index("key").loc[key]

    assert row["by"] == whole().matters.set_index("key").loc[key, "due"]
    assert pd.isna(row["day"])


def test_nobodys_matters_stand_together():
    matters = whole().matters.assign(manager=None)

    assert set(excerpts.matters(whole(matters=matters))["person"]) == {"未指定负责人"}


def test_what_is_to_do_is_matters_first_then_dates_and_own_lines():
    kinds = excerpts.to_do(whole())["kind"].tolist()

    assert kinds == sorted(kinds, key=lambda kind: kind != "matter")
    assert not {"visit", "housekeeping"} & set(kinds)


def test_each_customer_has_one_row_its_most_pressing_matter():
    found, rows = excerpts.accounts(whole()), whole().matters

    assert found["customer_id"].is_unique
    assert found["key"].tolist() == rows.drop_duplicates("customer_id")["key"].tolist()
    assert found["more"].sum() + len(found) == len(rows)


def test_every_customer_at_high_risk_is_told_with_a_matter_or_without():
    found = excerpts.at_high_risk(whole(matters=whole().matters.iloc[:0]))

    assert set(found["customer_id"]) == set(whole().customers.query("level == 'high'")["customer_id"])
    assert found["subject"].isna().all()


def test_a_customer_at_high_risk_whose_matters_are_all_marked_as_done_is_told_as_not_overdue():
    night = outside(whole(actions=whole().actions.assign(waiting=False, overdue=False)))
    rows = excerpts.at_high_risk(night)

    assert (len(rows) > 0, rows["key"].isna().all(), rows["overdue"].any()) == (True, True, False)
    assert rows.loc[0, "name"] in details.render(night, accounts.tonight())  # no failure is caught here


def test_what_everybody_has_waiting_sums_to_what_there_is():
    people = excerpts.people(whole())

    assert people["matters"].sum() == len(excerpts.matters(whole()))
    assert people["overdue"].sum() == excerpts.matters(whole())["overdue"].sum()
    assert people["visits"].sum() == len(excerpts.visits(whole()))
    assert people["upkeep"].sum() == len(excerpts.housekeeping(whole()))
    assert people["overdue"].is_monotonic_decreasing


def test_the_largest_visits_come_first_where_there_is_nothing_else():
    found = excerpts.largest_visits(whole())

    assert len(found) == len(excerpts.visits(whole()))
    assert found["money"].is_monotonic_decreasing


def test_upkeep_says_where_it_stands():
    found = excerpts.housekeeping(whole())

    assert set(found["kind"]) == {"housekeeping"}
    assert found.loc[found["source"] == "evaluation_stale", "book"].notna().all()


def test_what_is_owed_names_the_promise_that_is_next(an_assessment):
    owed = excerpts.owed(an_assessment()).set_index("customer_id")

    assert list(owed.index) == ["C009", "C003", "C004", "C002"]
    assert owed["clock"].to_dict() == {"C009": "resolution", "C003": "answer", "C004": "answer", "C002": "answer"}
    assert owed["late"].to_dict() == {"C009": True, "C003": True, "C004": False, "C002": False}
    assert pd.isna(owed.loc["C002", "by"])


def test_an_answer_that_came_late_is_owed_no_more(an_assessment):
    assessment = an_assessment()
    cases = assessment.cases.assign(resolution_state="running", answered=pd.Timestamp("2025-11-20"))
    assessment.cases = service.pressing(cases, assessment.policy, pd.Timestamp(assessment.today))

    assert not excerpts.owed(assessment)["late"].any()


@pytest.mark.parametrize("part", [excerpts.people, excerpts.accounts, excerpts.visits, excerpts.housekeeping])
def test_a_night_on_which_nobody_has_anything_to_do_is_empty(an_empty_assessment, part):
    assert part(an_empty_assessment()).empty
