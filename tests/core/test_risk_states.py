"""A risk already known is not news: new, continuing, worse, eased, gone, over several nights (handbook §7)."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import history, risk, risk_states
from kam_xl.core.assessment import Assessment, assess
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio

# Nights after nights: all but the plainest waits for the whole suite.
D = dt.date
FIRST = D(2024, 3, 1)


def at(day: int) -> dt.datetime:
    """A moment in the month before."""
    return dt.datetime(2024, 2, day, 9)


SHEETS = {("华东.xlsx", kind): {} for kind in ("info", "evaluation", "tracking")}
NORTH = {("华北.xlsx", kind): {} for kind in ("info", "evaluation", "tracking")}


@pytest.fixture(scope="module")
def nights(
    a_portfolio: Callable[..., Portfolio], policy: Policy, words_in: Callable
) -> Callable[..., list[Assessment]]:
    """Rows of each night → its assessment; every night is compared with the one before, a day later."""

    def run(*rows: dict, policy: Policy | list[Policy] = policy) -> list[Assessment]:
        policies = policy if isinstance(policy, list) else [policy] * len(rows)
        assessed: list[Assessment] = []
        past = None
        for place, night in enumerate(rows):
            moment = dt.datetime.combine(FIRST + dt.timedelta(days=place), dt.time(20))
            portfolio = a_portfolio(**{"letters": SHEETS} | night)
            assessed.append(assess(portfolio, policies[place], moment, words_in("zh-CN"), past))
            past = history.snapshot(assessed[-1])
        return assessed

    return run


def told(assessment: Assessment, rule: str) -> list[tuple]:
    risks = assessment.risks[assessment.risks["rule"] == rule]
    return list(zip(risks["state"], risks["since"].dt.day, risks["days"], strict=True))


def gone(assessment: Assessment) -> list[tuple]:
    return list(assessment.closed[["customer_id", "rule", "level", "days"]].itertuples(index=False, name=None))


def strategy(name: str, **row: object) -> dict:
    return {"strategy": name, "end": D(2024, 2, 20), "row": 2, **row}


WARNED = {"customers": [{"remarks": "客户拖欠货款"}]}
QUIET = {"customers": [{}]}


@pytest.mark.slow
def test_new_then_continuing_then_gone_then_new_again(nights: Callable) -> None:
    one, two, three, four = nights(WARNED, WARNED, QUIET, WARNED)
    assert [told(night, "warning_words") for night in (one, two, three, four)] == [
        [("new", 1, 0)],
        [("continuing", 1, 1)],
        [],
        [("new", 4, 0)],
    ]
    assert [gone(night) for night in (one, two, three, four)] == [[], [], [("C001", "warning_words", "medium", 2)], []]
    assert three.closed["name"].tolist() == ["某科技"]


@pytest.mark.slow
def test_a_level_that_moves_is_worse_or_eased_for_one_night_and_counts_from_there(nights: Callable) -> None:
    score = {"evaluations": [{"value": 55, "potential": 45, "demand": 70, "composite": 56.5, "tier": "regular"}]}
    tier = {"evaluations": [{"value": 55, "potential": 45, "demand": 70, "composite": 56.5, "tier": "key"}]}
    found = nights(score, score, tier, tier, score)
    assert [told(night, "recorded_differs") for night in found] == [
        [("new", 1, 0)],
        [("continuing", 1, 1)],
        [("worse", 1, 0)],
        [("continuing", 1, 1)],
        [("eased", 1, 0)],
    ]
    assert found[-1].risks["due"].min() == pd.Timestamp("2024-03-15")  # the date promised on the first night


@pytest.mark.slow
def test_rows_inserted_above_and_siblings_that_close_leave_the_others_as_they_are(nights: Callable) -> None:
    before = {"tracking": [strategy("季度回访", row=2), strategy("联合开发", row=3), strategy("培训", row=4)]}
    after = {"tracking": [strategy("新策略", row=2), strategy("联合 开发。", row=8), strategy("培训", row=9)]}
    one, two = nights(before, after)
    risks = two.risks[two.risks["rule"] == "strategy_overdue"].sort_values("cell")
    assert risks["state"].tolist() == ["new", "continuing", "continuing"]
    assert gone(two) == [("C001", "strategy_overdue", "medium", 1)]
    assert set(two.closed["key"]) <= set(one.risks["key"])


@pytest.mark.slow
def test_true_equals_are_told_apart_by_number(nights: Callable) -> None:
    twice = {"tracking": [strategy("季度回访", row=2), strategy("季度回访", row=3)]}
    one, two = nights(twice, {"tracking": [strategy("季度回访", row=2)]})
    assert one.risks["key"].is_unique
    assert told(two, "strategy_overdue") == [("continuing", 1, 1)]
    assert gone(two) == [("C001", "strategy_overdue", "medium", 1)]


@pytest.mark.slow
def test_a_rule_that_is_switched_off_closes_nothing(nights: Callable, policy: Policy) -> None:
    off = dataclasses.replace(policy.risk, warning_words=dataclasses.replace(policy.risk.warning_words, enabled=False))
    _, two = nights(WARNED, WARNED, policy=[policy, dataclasses.replace(policy, risk=off)])
    assert two.closed.empty


@pytest.mark.slow
def test_a_sheet_that_is_no_longer_there_closes_nothing_and_brings_nothing_new(nights: Callable) -> None:
    late = {"tracking": [strategy("季度回访")]}
    without = {"tracking": [], "letters": {key: {} for key in SHEETS if key[1] != "tracking"}}
    _, two, three = nights(late, without, late)
    assert two.closed.empty
    assert told(three, "strategy_overdue") == [("continuing", 1, 2)]


@pytest.mark.slow
def test_an_evaluation_sheet_that_is_no_longer_there_closes_nothing_that_hangs_on_the_tier(nights: Callable) -> None:
    key = {"evaluations": [{"value": 80, "potential": 80, "demand": 80, "tier": None, "composite": None}]}
    idle = key | {"tracking": [{"status": "done"}]}
    without = {
        "evaluations": [],
        "tracking": [{"status": "done"}],
        "letters": {place: {} for place in SHEETS if place[1] != "evaluation"},
    }
    one, two = nights(idle, without)
    assert told(one, "no_running_strategy") == [("new", 1, 0)]
    assert two.closed.empty


@pytest.mark.slow
def test_a_customer_who_left_the_portfolio_is_no_success(nights: Callable) -> None:
    _, two = nights(WARNED, {"customers": [{"customer_id": "C002"}]})
    assert two.closed.empty
    assert two.changes["change"].tolist() == ["gone", "new"]


def of_team(team: str, **row: object) -> dict:
    return {"team": team, "book": f"{team}.xlsx", **row}


def source(*teams: str) -> list[dict]:
    return [{"book": f"{team}.xlsx", "team": team} for team in teams]


EAST = {"customer_id": "C001", "teams": "华东"}
OTHER = {"customer_id": "C002", "teams": "华北", "remarks": "客户拖欠货款", "book": "华北.xlsx"}
BOTH = {
    "customers": [EAST, OTHER],
    "records": [EAST, OTHER | of_team("华北")],
    "sources": source("华东", "华北"),
    "letters": SHEETS | NORTH,
}
ONLY_EAST = {"customers": [EAST], "records": [EAST], "sources": source("华东")}


@pytest.mark.slow
def test_customers_of_an_unread_workbook_stay_as_they_were_known(nights: Callable) -> None:
    one, two, three, four = nights(BOTH, ONLY_EAST, ONLY_EAST, BOTH)
    assert told(one, "warning_words") == [("new", 1, 0)]
    assert two.closed.empty
    assert [night.changes["change"].tolist() for night in (two, three, four)] == [["unread"], ["unread"], []]
    assert told(four, "warning_words") == [("continuing", 1, 3)]


@pytest.mark.slow
def test_they_are_given_up_after_the_days_of_the_policy(nights: Callable, policy: Policy) -> None:
    short = dataclasses.replace(policy, history=dataclasses.replace(policy.history, unread_days=1))
    _, two, three, four = nights(BOTH, ONLY_EAST, ONLY_EAST, BOTH, policy=short)
    assert [night.changes["change"].tolist() for night in (two, three, four)] == [["unread"], ["unread"], ["new"]]
    assert told(four, "warning_words") == [("new", 4, 0)]


SHARED = {"customer_id": "C001", "teams": "华东、华北", "team_count": 2, "amount": 300.0, "amount_parts": 2}
TWO_TEAMS = {
    "customers": [SHARED],
    "records": [SHARED, SHARED | of_team("华北", remarks="客户拖欠货款")],
    "sources": source("华东", "华北"),
    "letters": SHEETS | NORTH,
}
ONE_TEAM = {
    "customers": [
        SHARED | {"teams": "华东", "team_count": 1, "amount": 100.0, "amount_parts": 1, "last_deal": D(2020, 1, 1)}
    ],
    "records": [SHARED],
    "sources": source("华东"),
    "tracking": [],
}


@pytest.mark.slow
def test_of_a_customer_half_read_nothing_is_gone_and_nothing_is_lacking(nights: Callable) -> None:
    _, two, three, four = nights(TWO_TEAMS, ONE_TEAM, ONE_TEAM, TWO_TEAMS)
    for night in (two, three):
        assert night.closed.empty
        assert not {"amount_fell", "silent_customer", "no_running_strategy"} & set(night.risks["rule"])
    assert told(four, "warning_words") == [("continuing", 1, 3)]
    assert "amount_fell" not in set(four.risks["rule"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "east", "north"),
    [
        ("satisfaction_low", [{"reported": at(1), "satisfaction": 10.0}], [{"reported": at(2), "satisfaction": 100.0}]),
        ("nps_detractor", [{"reported": at(1), "nps": 2.0}], [{"reported": at(2), "nps": 10.0}]),
        ("key_contact_left", [{"role": "executive", "left": True}], [{"role": "executive", "left": False}]),
    ],
)
def test_what_an_unread_team_holds_may_settle_it(nights: Callable, rule: str, east: list, north: list) -> None:
    kind = "contacts" if rule == "key_contact_left" else "service"
    sheets = {"letters": SHEETS | NORTH | {("华东.xlsx", kind): {}, ("华北.xlsx", kind): {}}}
    both = TWO_TEAMS | sheets | {kind: [*east, *(row | of_team("华北") for row in north)]}
    half = ONE_TEAM | sheets | {kind: east}
    assert [told(night, rule) for night in nights(both, half, both)] == [[], [], []]
    alone, unread = nights(TWO_TEAMS | sheets | {kind: east}, half)
    assert told(alone, rule) == [("new", 1, 0)]
    assert rule not in set(unread.closed["rule"])


@pytest.mark.slow
def test_of_a_customer_half_read_nothing_moves(nights: Callable) -> None:
    low = {"evaluations": [{"value": 20, "potential": 20, "demand": 20}]}
    high = {"evaluations": [{"value": 95, "potential": 95, "demand": 95}]}
    one, two, three = nights(TWO_TEAMS | high, ONE_TEAM | low, TWO_TEAMS | high)
    assert one.customers["computed_tier"].tolist() != two.customers["computed_tier"].tolist()
    assert two.changes.empty
    assert three.changes.empty
    known = ["tier", "score", "level", "health", "health_coverage", "health_colour", "lifecycle"]
    pd.testing.assert_frame_equal(history.snapshot(two)[known], history.snapshot(one)[known])


@pytest.mark.slow
def test_a_night_without_any_customer_closes_nothing(nights: Callable) -> None:
    _, two = nights(WARNED, {"customers": [], "evaluations": [], "tracking": []})
    assert two.risks.empty
    assert two.closed.empty
    assert two.changes["change"].tolist() == ["gone"]


@pytest.mark.slow
def test_a_fall_of_the_amount_is_not_forgotten_the_night_after(nights: Callable) -> None:
    falls = [{"customers": [{"amount": amount}]} for amount in (100, 105, 94, 94, 96)]
    found = [told(night, "amount_fell") for night in nights(*falls)]
    assert found == [[], [], [("new", 3, 0)], [("continuing", 3, 1)], []]


@pytest.mark.slow
def test_a_team_that_gave_up_its_customer_is_no_fall(nights: Callable) -> None:
    both, alone = (
        {"customers": [SHARED]},
        {"customers": [SHARED | {"teams": "华东", "team_count": 1, "amount": 100.0, "amount_parts": 1}]},
    )
    assert [told(night, "amount_fell") for night in nights(both, alone, alone)] == [[], [], []]


@pytest.mark.slow
def test_a_snapshot_of_an_older_version_knows_key_and_due_date(nights: Callable) -> None:
    one, _ = nights(WARNED, WARNED)
    key = one.risks["key"].iloc[0]
    old = history.snapshot(one)[[*history.KEPT.values(), "on"]].assign(due=f"{key}=2024-03-05")
    known = risk_states.remembered(history.complete(old))
    assert known[["customer_id", "key"]].values.tolist() == [["C001", key]]
    assert known["due"].tolist() == [pd.Timestamp("2024-03-05")]
    assert known["since"].tolist() == known["changed"].tolist() == [pd.Timestamp("2024-03-01")]
    assert known[["rule", "level"]].isna().all(axis=None)


@pytest.mark.slow
def test_a_risk_that_stands_twice_in_a_snapshot_is_known_once(nights: Callable) -> None:
    (one,) = nights(WARNED)
    past = history.snapshot(one)
    twice = past.assign(risks=past["risks"] + " " + past["risks"])
    pd.testing.assert_frame_equal(risk_states.remembered(twice), risk_states.remembered(past))
    pd.testing.assert_frame_equal(
        risk_states.with_state(one.risks, risk_states.remembered(twice), pd.Timestamp(FIRST))[["key", "state"]],
        one.risks[["key"]].assign(state="continuing"),
        check_dtype=False,
    )


@pytest.mark.slow
def test_no_snapshot_knows_nothing() -> None:
    assert risk_states.remembered(None).empty
    assert risk_states.remembered(pd.DataFrame({"customer_id": ["C001"], "on": [pd.Timestamp("2024-03-01")]})).empty


found = st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(["a", "b"]), st.sampled_from(["", "x", "y"]))


@pytest.mark.slow
@given(st.lists(found, max_size=6))
def test_keys_are_unique_and_no_order_of_the_rows_changes_them(rows: list[tuple[str, str, str]]) -> None:
    def keyed(rows: list[tuple[str, str, str]]) -> list[str]:
        frame = pd.DataFrame(rows, columns=["customer_id", "rule", "identity"], dtype="str")
        return risk.keys(frame["customer_id"], frame["rule"], frame["identity"])

    assert len(set(keyed(rows))) == len(rows)
    assert set(keyed(rows)) == set(keyed(rows[::-1]))
    assert set(keyed(rows[1:])) <= set(keyed(rows))  # what is settled takes nothing with it but its own


days = st.dates(D(2020, 1, 1), D(2026, 1, 1)).map(pd.Timestamp)
known_risks = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["C001", "C002", "甲|乙"]),
            "rule": st.sampled_from(["silent_customer", "warning_words"]),
            "level": st.sampled_from(["high", "medium", "low"]),
            "due": days,
            "since": days,
            "changed": days,
        }
    ),
    max_size=4,
)


@pytest.mark.slow
@given(known_risks)
def test_what_is_written_is_remembered(rows: list[dict]) -> None:
    dates = dict.fromkeys(("due", "since", "changed"), "datetime64[s]")
    columns = ["customer_id", "key", "rule", "level", *dates]
    known = pd.DataFrame([{"key": f"k{place}", **row} for place, row in enumerate(rows)], columns=columns)
    known = known.astype(dict.fromkeys(columns[:4], "str") | dates)
    texts = risk_states.as_text(known)
    past = pd.DataFrame({"customer_id": ["C001", "C002", "甲|乙", "C404"], "on": pd.Timestamp("2026-02-01")})
    again = risk_states.remembered(past.assign(risks=past["customer_id"].map(texts).astype("str")))
    again = again.sort_values("key", ignore_index=True)
    pd.testing.assert_frame_equal(again, known)
    nothing_moved = risk_states.with_state(known, again, pd.Timestamp("2026-02-01"))
    assert set(nothing_moved["state"]) <= {"continuing"}
    pd.testing.assert_frame_equal(nothing_moved[columns], known, check_dtype=False)


@pytest.mark.slow
def test_states_and_closed_keep_their_columns_on_an_empty_night(nights: Callable) -> None:
    (night,) = nights({"customers": [], "evaluations": [], "tracking": []})
    assert night.risks.columns.tolist() == list(risk.COLUMNS)
    assert night.closed.columns.tolist() == list(risk_states.CLOSED)


@pytest.mark.parametrize(
    "texts", [["K=r=high=2024-01-01=2024-01-01"], ["K=r=high=2024-01-01=2024-01-01", "L=r=high====2024-01-01"]]
)
def test_risks_of_other_fields_are_none_of_ours(texts: list[str]) -> None:
    """A field too few is not made good by one too many elsewhere."""
    past = pd.DataFrame(
        {"customer_id": [f"C{n}" for n, _ in enumerate(texts)], "risks": texts, "on": pd.Timestamp(FIRST)}
    )
    with pytest.raises(ValueError):  # noqa: PT011 (whoever reads a snapshot passes over any)
        risk_states.remembered(past)
