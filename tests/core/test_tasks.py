"""What people marked done or postponed stays so, whichever workbook says it, and nothing of it is lost (handbook §8)."""

import dataclasses
import datetime as dt
import functools

import pandas as pd
import pytest

from kam_xl.core import planning, tasks
from kam_xl.core.assessment import Assessment

D = dt.date  # today is 2024-03-01
#: A visit that is due on 2024-03-10 and planned for Friday the 8th.
ROWS = {"customers": [{"last_deal": D(2023, 9, 12)}], "tracking": []}


@pytest.fixture(scope="module")
def assessed(assessed, calm):
    """Assessments without risks, where none are asked for."""
    return functools.partial(assessed, policy=calm)


@pytest.fixture(scope="module")
def key(assessed) -> str:
    return visit(assessed(**ROWS))["key"]


def visit(assessment: Assessment) -> pd.Series:
    return assessment.actions.set_index("source", drop=False).loc["visit"]


def marked(assessed, key: str, **mark: object) -> Assessment:
    return assessed(tasks=[{"action_id": key, **mark}], **ROWS)


def test_an_unmarked_action_is_open(assessed) -> None:
    row = visit(assessed(**ROWS))
    assert row[["status", "overdue"]].tolist() == ["open", False]
    assert row["planned"] == pd.Timestamp("2024-03-08")


def test_what_is_done_stays_done(assessed, key: str) -> None:
    assessment = marked(assessed, key, status="done", note="已电话沟通")
    assert visit(assessment)[["status", "overdue", "note"]].tolist() == ["done", False, "已电话沟通"]
    assert assessment.customers["planned_visit"].isna().all()  # nothing to plan until the contact is on record
    assert assessment.visits.empty


@pytest.mark.parametrize(
    ("to", "overdue", "planned"),
    [
        (D(2024, 4, 10), False, "2024-04-10"),
        (D(2024, 4, 6), False, "2024-04-07"),  # Qingming: the next workday
        (D(2024, 3, 1), False, "2024-03-01"),
        (D(2024, 2, 29), True, "2024-03-08"),  # that day has passed too
        (None, False, "2024-03-08"),
    ],
)
def test_what_is_postponed_stands_at_its_new_day(assessed, key: str, to: D, overdue: bool, planned: str) -> None:
    row = visit(assessment := marked(assessed, key, status="postponed", postponed_to=to))
    assert row[["status", "overdue"]].tolist() == ["postponed", overdue]
    assert row["due"] == pd.Timestamp("2024-03-08")  # the Friday before Sunday the 10th
    assert row["planned"] == pd.Timestamp(planned)
    assert assessment.visits["shift"].tolist() == ["postponed" if to and not overdue else "none"]


def test_a_visit_postponed_past_the_horizon_is_still_listed(assessed, key: str) -> None:
    assert visit(marked(assessed, key, status="postponed", postponed_to=D(2024, 9, 2)))["status"] == "postponed"


def test_a_line_without_a_status_marks_nothing(assessed, key: str) -> None:
    assert visit(marked(assessed, key, status=None, note="问过"))[["status", "note"]].tolist() == ["open", "问过"]


@pytest.mark.slow
def test_a_risk_is_marked_like_any_action(assessed, policy) -> None:
    late = {"tracking": [{"end": D(2024, 2, 1)}], "policy": policy}
    before = assessed(**late).actions.query("source == 'strategy_overdue'").iloc[0]
    after = assessed(tasks=[{"action_id": before["key"], "status": "done"}], **late)
    assert after.actions.query("source == 'strategy_overdue'")["status"].tolist() == ["done"]
    assert "strategy_overdue" in set(after.risks["rule"])  # the risk goes on until the cells say otherwise


@pytest.mark.parametrize(
    ("mark", "listed"),
    [
        ({"status": "done"}, True),
        ({"status": "postponed", "postponed_to": D(2024, 2, 1)}, True),
        ({"status": "open", "note": "等客户答复"}, True),
        ({"status": "open"}, False),  # its cause is gone and nobody said anything
        ({"status": None}, False),
    ],
)
def test_a_mark_whose_action_is_gone(assessed, mark: dict, listed: bool) -> None:
    mark = {"action_id": "0123456789ab", "action": "做根因分析", "due": D(2024, 1, 1), "owner": "李", **mark}
    rows = assessed(tasks=[mark], tracking=[{"status": "done"}]).actions.query("source == 'marked'")
    assert len(rows) == listed
    if listed:
        row = rows.iloc[0]
        assert row[["key", "action", "owner", "name", "overdue"]].tolist() == [
            "0123456789ab", "做根因分析", "李", "某科技", False,
        ]  # fmt: skip


# --- who and by when ---------------------------------------------------------------------------------------------


WRITTEN = {"owner": "李雷", "due": D(2024, 3, 8), "proposed_owner": "李雷", "proposed_due": D(2024, 3, 8)}


def said(portfolio) -> list:
    """Owner and due day that were typed about the one action."""
    row = tasks.decided(portfolio).loc["a"]
    return [None if pd.isna(row[name]) else str(row[name])[:10] for name in ("owner", "due")]


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ({}, [None, None]),
        ({"owner": "赵六"}, ["赵六", None]),
        ({"due": D(2024, 4, 1)}, [None, "2024-04-01"]),
        ({"owner": "赵六", "due": D(2024, 2, 1)}, ["赵六", "2024-02-01"]),
        ({"owner": " 李　雷", "proposed_owner": "李 雷"}, [None, None]),  # width and blanks say nothing
        ({"owner": None, "due": None}, [None, None]),  # wiped out: nobody is named instead
        ({"proposed_owner": None}, ["李雷", None]),  # nobody knows who wrote it: a person may have
        ({"proposed_due": None}, [None, "2024-03-08"]),
    ],
)
def test_what_differs_from_what_the_button_wrote_was_typed(a_portfolio, line: dict, typed: list) -> None:
    assert said(a_portfolio(tasks=[{"action_id": "a", **WRITTEN, **line}])) == typed


def test_the_day_that_the_button_promised_is_known_beside_what_was_typed(a_portfolio) -> None:
    found = tasks.decided(a_portfolio(tasks=[{"action_id": "a", **WRITTEN, "due": D(2024, 5, 1)}])).loc["a"]
    assert [found["due"], found["proposed_due"]] == [pd.Timestamp("2024-05-01"), pd.Timestamp("2024-03-08")]


@pytest.mark.slow
def test_who_and_by_when_as_typed_hold_for_the_matter_and_what_is_to_be_done(assessed, policy) -> None:
    late = {"tracking": [{"end": D(2024, 2, 1), "tracker": "李雷"}], "policy": policy}
    before = assessed(**late).risks.query("rule == 'strategy_overdue'").iloc[0]
    typed = {"action_id": before["key"], "owner": "赵六", "due": D(2024, 3, 20)}
    written = {"proposed_owner": before["owner"], "proposed_due": before["due"].date()}
    for line, owner, due in (
        (typed, "赵六", "2024-03-20"),
        (typed | written, "赵六", "2024-03-20"),
        (
            typed | written | {"owner": before["owner"], "due": before["due"].date()},
            "李雷",
            f"{before['due']:%Y-%m-%d}",
        ),
    ):
        after = assessed(tasks=[line], **late)
        for frame in (
            after.risks.query("rule == 'strategy_overdue'"),
            after.actions.query("source == 'strategy_overdue'"),
        ):
            assert [frame["owner"].item(), f"{frame['due'].item():%Y-%m-%d}"] == [owner, due]
        assert after.actions.query("source == 'strategy_overdue'")["overdue"].item() == (owner == "李雷")


def test_every_team_says_what_it_knows_of_an_action(a_portfolio) -> None:
    east = {"action_id": "a", **WRITTEN, "status": "done", "owner": "赵六", "note": None}
    south = {"action_id": "a", **WRITTEN, "status": "open", "due": D(2024, 4, 1), "note": "已转交"} | SOUTH
    portfolio = a_portfolio(tasks=[east, south], **BOOKS)
    assert said(portfolio) == ["赵六", "2024-04-01"]
    assert tasks.decided(portfolio).loc["a", ["status", "note"]].tolist() == ["done", "已转交"]


def test_of_two_workbooks_the_newer_says_who(a_portfolio) -> None:
    lines = [{"action_id": "a", **WRITTEN, "owner": "钱七"} | SOUTH, {"action_id": "a", **WRITTEN, "owner": "赵六"}]
    assert said(a_portfolio(tasks=lines, **BOOKS)) == ["钱七", None]


def test_two_owners_and_two_due_days_are_told_with_their_cells(a_portfolio, words_in) -> None:
    lines = [
        {"action_id": "a", **WRITTEN, "owner": "赵六", "due": D(2024, 4, 1)},
        {"action_id": "a", **WRITTEN, "owner": "钱七", "due": D(2024, 4, 2)} | SOUTH,
        {"action_id": "b", **WRITTEN, "owner": "赵六"},
        {"action_id": "b", **WRITTEN} | SOUTH,  # as the button wrote it
        {"action_id": "c", **WRITTEN, "owner": "赵 六"},
        {"action_id": "c", **WRITTEN, "owner": "赵　六"} | SOUTH,
        {"action_id": "我-1", "owner": "赵六"},
        {"action_id": "我-1", "owner": "钱七", "customer_id": "C002"} | SOUTH,  # another team's own action
    ]
    letters = {(book, "tasks"): {"owner": "D", "due": "E"} for book in ("华东.xlsx", "华南.xlsx")}
    found = tasks.conflicts(a_portfolio(tasks=lines, letters=letters, **BOOKS), words_in("zh-CN"))
    assert found[["field", "typed_value", "team", "cell", "shown"]].to_numpy().tolist() == [
        ["tasks.owner", "钱七", "华南", "D3", True],
        ["tasks.owner", "赵六", "华东", "D2", False],
        ["tasks.due", "2024-04-02", "华南", "E3", True],
        ["tasks.due", "2024-04-01", "华东", "E2", False],
    ]


# --- two workbooks -----------------------------------------------------------------------------------------------


BOOKS = {
    "sources": [
        {"book": "华东.xlsx", "team": "华东", "modified": dt.datetime(2024, 2, 20)},
        {"book": "华南.xlsx", "team": "华南", "modified": dt.datetime(2024, 2, 21)},
    ]
}
SOUTH = {"book": "华南.xlsx", "team": "华南"}


def test_the_newest_workbook_decides(a_portfolio) -> None:
    lines = [{"action_id": "a", "status": "postponed"} | SOUTH, {"action_id": "a", "status": "done"}]
    portfolio = a_portfolio(tasks=lines, **BOOKS)
    assert tasks.decided(portfolio)["status"].to_dict() == {"a": "postponed"}
    shuffled = dataclasses.replace(portfolio, tasks=portfolio.tasks.iloc[::-1])
    assert tasks.decided(shuffled).equals(tasks.decided(portfolio))


@pytest.mark.parametrize("status", ["open", None])
def test_a_list_that_nobody_touched_takes_back_nothing(a_portfolio, status: str | None) -> None:
    lines = [{"action_id": "a", "status": status} | SOUTH, {"action_id": "a", "status": "done"}]
    portfolio = a_portfolio(tasks=lines, **BOOKS)
    assert tasks.decided(portfolio)["status"].to_dict() == {"a": "done"}


def test_who_marked_it_may_open_it_again(a_portfolio) -> None:
    lines = [{"action_id": "a", "status": "done", "row": 4}, {"action_id": "a", "status": "open", "row": 9}]
    assert tasks.decided(a_portfolio(tasks=lines))["status"].to_dict() == {"a": "open"}


def test_an_action_a_team_added_itself_is_listed(assessed) -> None:
    own = {"action_id": "我-2", "action": "请客户参观", "owner": "张三", "due": D(2024, 2, 27), "status": None}
    row = assessed(tasks=[own]).actions.query("source == 'own'").iloc[0]
    assert row[["key", "action", "manager", "name", "overdue", "status"]].tolist() == [
        "我-2", "请客户参观", "张三", "某科技", True, "open",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ({"note": "记得打电话"}, True),
        ({"due": D(2024, 5, 1)}, True),
        ({"status": "postponed"}, True),
        ({"status": "postponed", "postponed_to": D(2024, 2, 1)}, True),
        ({"owner": "张三"}, False),  # an ID and a name say nothing yet
        ({}, False),
    ],
)
def test_a_half_filled_line_of_a_teams_own_is_listed_as_far_as_it_goes(assessed, line: dict, listed: bool) -> None:
    rows = assessed(tasks=[{"action_id": "我-3", **line}]).actions.query("source == 'own'")
    assert len(rows) == listed
    assert rows["overdue"].any() == ("postponed_to" in line)  # known to be late by that day alone
    assert rows["action"].isna().all()


def test_own_actions_of_one_id_about_two_customers_are_two(assessed) -> None:
    own = {"action_id": "我-1", "action": "回访", "status": "done"}
    rows = assessed(tasks=[own, {**own, "customer_id": "C002"} | SOUTH]).actions.query("source == 'own'")
    assert sorted(rows["customer_id"]) == ["C001", "C002"]


def test_of_one_workbooks_lines_the_lower_one_counts(a_portfolio) -> None:
    lines = [{"action_id": "a", "status": "done", "row": 9}, {"action_id": "a", "status": "postponed", "row": 4}]
    assert tasks.decided(a_portfolio(tasks=lines))["status"].to_dict() == {"a": "done"}


def test_contradictions_are_reported_with_their_cells(a_portfolio, words_in) -> None:
    lines = [
        {"action_id": "a", "status": "done"},
        {"action_id": "a", "status": "postponed"} | SOUTH,
        {"action_id": "b", "status": "done"},
        {"action_id": "b", "status": None} | SOUTH,
        {"action_id": "c", "status": "done"},
        {"action_id": "c", "status": "done"} | SOUTH,
    ]
    letters = {("华东.xlsx", "tasks"): {"status": "F"}, ("华南.xlsx", "tasks"): {"status": "G"}}
    found = tasks.conflicts(a_portfolio(tasks=lines, letters=letters, **BOOKS), words_in("zh-CN"))
    assert found[["customer_id", "field", "typed_value", "team", "cell", "shown"]].to_numpy().tolist() == [
        ["C001", "tasks.status", "已推迟", "华南", "G3", True],
        ["C001", "tasks.status", "已完成", "华东", "F2", False],
    ]
    assert tasks.conflicts(a_portfolio(), words_in("en")).empty


def test_the_list_is_the_same_in_whatever_order_the_marks_come(assessed, key: str) -> None:
    lines = [
        {"action_id": key, "status": "done"},
        {"action_id": "b", "status": "done"},
        {"action_id": "a", "note": "x"},
    ]
    one, other = (assessed(tasks=order, **ROWS).actions for order in (lines, lines[::-1]))
    pd.testing.assert_frame_equal(one, other)
    assert tuple(one.columns) == planning.ACTIONS


def test_an_assessment_lists_the_contradictions(assessed) -> None:
    lines = [{"action_id": "a", "status": "done"}, {"action_id": "a", "status": "postponed"} | SOUTH]
    conflicts = assessed(tasks=lines, lang="en", **BOOKS).portfolio.conflicts
    assert conflicts["typed_value"].tolist() == ["Postponed", "Done"]
