"""Both clocks of a case run in working hours and claim no breach that is not certain; problems are counted once each."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import frames, service
from kam_xl.core.policy import Policy, Sla

NOW = pd.Timestamp("2024-03-01 12:00")  # a Friday
MOMENTS = ("reported", "answered", "resolved", "confirmed")
_ROW = {
    "customer_id": "C001", "kind": "complaint", "category": "交付", "severity": "ordinary", "reported": None, "answered": None,
    "resolved": None, "confirmed": None, "satisfaction": None, "nps": None, "description": None, "handler": None,
    "team": "华东", "book": "华东.xlsx", "sheet": "服务记录", "as_typed": None, "extras": None,
}  # fmt: skip


def texts(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str")


def log(*rows: dict) -> pd.DataFrame:
    """A service log of rows that name only what differs."""
    frame = pd.DataFrame(
        [{**_ROW, "row": number, **row} for number, row in enumerate(rows, start=2)], columns=[*_ROW, "row"]
    )
    for moment in MOMENTS:
        frame[moment] = pd.to_datetime(frame[moment], format="mixed").astype("datetime64[s]")
    numbers = dict.fromkeys(("satisfaction", "nps"), "float64") | {"row": "int64"}
    words = {name: "str" for name in _ROW if name not in {*MOMENTS, *numbers}}
    return frame.astype(numbers | words)


def customers(**tiers: str | None) -> pd.DataFrame:
    """Customers by ID, each named after it."""
    ids = texts(*tiers)
    return pd.DataFrame({"customer_id": ids, "name": "某" + ids, "computed_tier": texts(*tiers.values())})


@pytest.fixture
def case(policy: Policy) -> Callable[..., pd.Series]:
    """One row of a log, the customer's tier and the policy's calendar → that case."""

    def one(
        tier: str | None = "regular", now: pd.Timestamp = NOW, clock: str = "working", **row: str | None
    ) -> pd.Series:
        by = dataclasses.replace(policy, calendar=dataclasses.replace(policy.calendar, clock=clock))
        return service.cases(log(row), customers(C001=tier), by, now).iloc[0]

    return one


# --- the limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "severity", "hours"),
    [
        ("strategic", None, 2),
        ("key", None, 8),
        ("regular", None, 24),
        ("regular", "major", 2),  # whatever the tier
        ("key", "ordinary", 8),  # the tier is stricter
        ("strategic", "ordinary", 2),
        ("optimize", "ordinary", 24),
        (None, "major", 2),  # no tier is stricter
        (None, "ordinary", None),  # a strategic customer's would be
        (None, None, None),
        ("gold", None, None),
        ("key", "urgent", 8),
    ],
)
def test_the_strictest_limit_wins(policy: Policy, tier: str | None, severity: str | None, hours: float | None) -> None:
    found = service.sla(texts(tier), texts(severity), policy)
    assert found.astype(object).where(found.notna(), None).tolist() == [hours]


def test_the_policys_hours_count(policy: Policy) -> None:
    calm = dataclasses.replace(policy, sla=Sla(major_hours=4, ordinary_hours=1))
    assert service.sla(texts("key", "strategic", "key"), texts("major", "major", "ordinary"), calm).tolist() == [
        4,
        2,
        1,
    ]
    assert service.sla(texts(None, None), texts("major", "ordinary"), calm).fillna(0).tolist() == [0, 1]


# --- the response clock ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "tier", "severity", "limit"),
    [
        ("complaint", "strategic", "ordinary", 2),
        ("complaint", "key", "ordinary", 8),
        ("complaint", "regular", "ordinary", 24),
        ("complaint", "regular", "major", 2),
        ("request", "regular", None, 24),
        ("request", "key", None, 8),
        ("request", "optimize", "major", 2),
        ("complaint", None, None, 24),  # what an ordinary problem of anybody is owed
        ("complaint", None, "major", 2),
    ],
)
def test_the_strictest_limit_is_each_cases(
    kind: str, tier: str | None, severity: str | None, limit: float, case
) -> None:
    found = case(tier, kind=kind, severity=severity, reported="2024-02-26 10:00")
    assert found["limit_hours"] == limit
    assert found["severity"] == severity or (severity is None and pd.isna(found["severity"]))  # shown as typed


@pytest.mark.parametrize(
    ("reported", "answered", "hours", "state"),
    [
        ("2024-02-26 10:00", "2024-02-26 12:00", 2, "met"),
        ("2024-02-26 10:00", "2024-02-26 12:00:01", 2 + 1 / 3600, "breached"),
        ("2024-02-26 10:00", "2024-02-26 11:59", 2 - 1 / 60, "met"),
        ("2024-02-26 17:00", "2024-02-27 10:00", 2, "met"),  # overnight
        ("2024-02-26 17:00", "2024-02-27 10:01", 2 + 1 / 60, "breached"),
        ("2024-02-23 17:30", "2024-02-26 10:00", 1.5, "met"),  # a weekend
        ("2024-02-09 17:00", "2024-02-18 10:00", 2, "met"),  # the Spring Festival, and a Sunday that makes up for it
        ("2024-03-01 10:00", None, 2, "running"),
        ("2024-03-01 09:59", None, 2 + 1 / 60, "breached"),
        ("2024-02-26 10:00", None, 38, "breached"),
        ("2024-03-01 10:00", "2024-03-02 10:00", 2, "running"),  # tomorrow has not happened
        (None, "2024-02-26 12:00", None, "unknown"),
        (None, None, None, "unknown"),
        ("2024-03-02 10:00", None, None, "unknown"),
        ("2024-02-26 10:00", "2024-02-26 09:59", None, "unknown"),  # answered before it was reported
        ("2024-02-26 10:00", "2024-02-25", None, "unknown"),
        # the day alone is known: the report may have come as the day ended, the answer as it began
        ("2024-02-26", "2024-02-26 17:00", 0, "met"),
        ("2024-02-26", "2024-02-27 11:00", 2, "met"),
        ("2024-02-26", "2024-02-27 11:01", 2 + 1 / 60, "breached"),
        ("2024-02-26", "2024-02-27", 0, "met"),
        ("2024-02-26", "2024-02-28", 9, "breached"),
        ("2024-02-26 10:00", "2024-02-26", 0, "met"),
        ("2024-02-26 17:00", "2024-02-27", 1, "met"),
        ("2024-02-26 15:00", "2024-02-27", 3, "breached"),
        ("2024-02-26", "2024-02-26", 0, "met"),
        ("2024-02-26", "2024-02-25 20:00", None, "unknown"),
        ("2024-02-29", None, 3, "breached"),
        ("2024-03-01", None, 0, "running"),
    ],
)
def test_a_breach_is_certain(reported: str | None, answered: str | None, hours: float | None, state: str, case) -> None:
    found = case("strategic", reported=reported, answered=answered)
    assert found["response_state"] == state
    assert found["response_hours"] == pytest.approx(hours) if hours is not None else np.isnan(found["response_hours"])


@pytest.mark.parametrize(
    ("reported", "by"),
    [
        ("2024-02-26 10:00", "2024-02-26 12:00"),
        ("2024-02-26 17:30", "2024-02-27 10:30"),
        ("2024-02-26 16:00", "2024-02-26 18:00"),
        ("2024-02-26", "2024-02-27 11:00"),
        ("2024-02-24", "2024-02-26 11:00"),  # a Saturday
        (None, None),
    ],
)
def test_an_answer_is_due_as_the_limit_is_over(reported: str | None, by: str | None, case) -> None:
    found = case("strategic", reported=reported)["answer_by"]
    assert found == pd.Timestamp(by) or (by is None and pd.isna(found))


def test_a_clock_may_count_every_hour(case) -> None:
    found = case("strategic", clock="calendar", reported="2024-02-26 17:30", answered="2024-02-26 20:00")
    assert found[["response_hours", "response_state"]].tolist() == [2.5, "breached"]
    assert found["answer_by"] == pd.Timestamp("2024-02-26 19:30")


def test_a_breach_stays_one_after_the_answer(case) -> None:
    late = {"reported": "2024-02-26 10:00", "answered": "2024-02-27 10:00"}
    for done in ({}, {"resolved": "2024-02-28"}, {"resolved": "2024-02-28", "confirmed": "2024-02-29"}):
        found = case("strategic", **late, **done)
        assert found[["response_state", "response_hours"]].tolist() == ["breached", 9]


@pytest.mark.parametrize(
    ("resolved", "confirmed", "state"),
    [
        ("2024-02-26 11:00", None, "met"),  # solved at once: nobody wrote down the answer, but it was in time
        (None, "2024-02-26 11:00", "met"),
        ("2024-02-28 11:00", None, "unknown"),  # it may have been
        (None, "2024-02-28 11:00", "unknown"),
    ],
)
def test_an_answer_nobody_wrote_down_came_before_the_solution(
    resolved: str | None, confirmed: str | None, state: str, case
) -> None:
    found = case("strategic", reported="2024-02-26 10:00", resolved=resolved, confirmed=confirmed)
    assert found["response_state"] == state
    assert np.isnan(found["response_hours"]) == (state == "unknown")
    assert not found["open"]


def test_stages_that_contradict_each_other_leave_the_state_unknown(case) -> None:
    found = case("strategic", reported="2024-02-26 10:00", answered="2024-02-28 10:00", resolved="2024-02-27 10:00")
    assert found[["response_state", "resolution_state"]].tolist() == ["unknown", "met"]
    same_day = case("strategic", reported="2024-02-26 10:00", answered="2024-02-28 10:00", resolved="2024-02-28")
    assert same_day[["response_state", "resolution_state"]].tolist() == ["breached", "met"]


# --- the solution and the loop -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "resolved", "limit", "hours", "state"),
    [
        ("major", "2024-02-28 10:00", 18, 18, "met"),
        ("major", "2024-02-28 10:01", 18, 18 + 1 / 60, "breached"),
        ("major", None, 18, 29, "breached"),
        ("ordinary", None, 45, 29, "running"),
        (None, "2024-02-29 18:00", 45, 26, "met"),
    ],
)
def test_a_solution_has_its_own_limit(
    severity: str | None, resolved: str | None, limit: float, hours: float, state: str, case
) -> None:
    now = pd.Timestamp("2024-02-29 12:00") if resolved is None else NOW
    reported = "2024-02-26 10:00" if resolved is None or severity else "2024-02-27 10:00"
    found = case(severity=severity, reported=reported, resolved=resolved, now=now)
    assert found[["resolution_limit_hours", "resolution_state"]].tolist() == [limit, state]
    assert found["resolution_hours"] == pytest.approx(hours)


@pytest.mark.parametrize(
    ("moments", "stage", "open_", "days"),
    [
        ((None, None, None, None), "reported", True, (None, None, None)),
        (("2024-02-28 12:00", None, None, None), "reported", True, (2, None, None)),
        (("2024-02-26 12:00", "2024-02-27 12:00", None, None), "answered", True, (1, 3, None)),
        (("2024-02-26 12:00", "2024-02-27 12:00", "2024-02-28 12:00", None), "resolved", False, (1, 1, 2)),
        (
            ("2024-02-26 12:00", "2024-02-27 12:00", "2024-02-28 12:00", "2024-02-29 12:00"),
            "confirmed",
            False,
            (1, 1, 1),
        ),
        (("2024-02-26 12:00", None, "2024-02-28 12:00", None), "resolved", False, (2, 0, 2)),  # solved at once
        (("2024-02-26 12:00", None, None, "2024-02-28 12:00"), "confirmed", False, (2, 0, 0)),
        ((None, "2024-02-27 12:00", None, None), "answered", True, (None, 3, None)),
        (("2024-02-26 12:00", "2024-02-26", None, None), "answered", True, (0, 4.5, None)),
        (("2024-02-26 12:00", "2024-03-02", None, None), "reported", True, (4, None, None)),  # tomorrow
    ],
)
def test_the_loop_is_closed_when_the_customer_confirms(
    moments: tuple, stage: str, open_: bool, days: tuple, case
) -> None:
    found = case(**dict(zip(MOMENTS, moments, strict=True)))
    assert found[["stage", "open"]].tolist() == [stage, open_]
    waits = found[["days_to_answer", "days_to_resolve", "days_to_confirm"]].astype(object)
    assert waits.where(waits.notna(), None).tolist() == list(days)


def test_visits_and_surveys_are_no_cases(policy: Policy) -> None:
    rows = log({"kind": "visit"}, {"kind": "complaint"}, {"kind": None}, {"kind": "survey"}, {"kind": "request"})
    found = service.cases(rows, customers(C001="key"), policy, NOW)
    assert found["row"].tolist() == [3, 6]
    added = [name for name in frames.ASSESSMENT["cases"] if name not in frames.PORTFOLIO["service"]]
    assert sorted(found.columns) == sorted([*rows.columns, *added])
    assert found[["name", "computed_tier"]].to_numpy().tolist() == [["某C001", "key"]] * 2


def test_a_case_of_a_stranger_has_no_name(policy: Policy) -> None:
    found = service.cases(log({"customer_id": "C009"}, {"customer_id": None}), customers(C001="key"), policy, NOW)
    assert found[["name", "computed_tier"]].isna().all(axis=None)
    assert found["response_state"].tolist() == ["unknown", "unknown"]


def test_a_moment_may_be_finer_than_the_log(case) -> None:
    found = case(reported="2024-02-28 12:00", now=NOW + pd.Timedelta(nanoseconds=500_000_017))
    assert found[["response_hours", "days_to_answer"]].tolist() == [18, 2]


def test_cases_with_and_without_a_report_stand_in_one_log(policy: Policy) -> None:
    found = service.cases(log({"reported": "2024-02-26 12:00"}, {"reported": None}), customers(C001="key"), policy, NOW)
    assert found["response_state"].tolist() == ["breached", "unknown"]


def test_an_empty_log_has_the_columns(policy: Policy) -> None:
    full = service.cases(log({}), customers(C001="key"), policy, NOW)
    empty = service.cases(log(), customers(C001="key"), policy, NOW)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert service.repeats(log(), policy, NOW, 9).columns.tolist() == list(service.REPEATS)
    ids = texts("C001")
    assert (
        service.voice(log(), ids, policy, NOW).dtypes.to_dict()
        == service.voice(log({}), ids, policy, NOW).dtypes.to_dict()
    )
    assert service.complaint_weight(log(), ids, policy, NOW).tolist() == [0]


reports = st.datetimes(pd.Timestamp("2024-02-05"), pd.Timestamp("2024-02-26"))
minutes = st.integers(0, 60 * 24 * 4)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(reports, minutes), min_size=1, max_size=20))
def test_forgetting_the_hour_never_makes_a_breach(policy: Policy, moments: list) -> None:
    """Of a case known by its days only a breach is claimed only where the moments make one too."""
    first = pd.Series([reported for reported, _ in moments]).dt.floor("s")
    last = first + pd.to_timedelta([after for _, after in moments], unit="min")
    exact, *vaguer = (
        service.cases(
            log(*({"reported": a, "answered": b} for a, b in zip(reported, answered, strict=True))),
            customers(C001="key"),
            policy,
            NOW,
        )
        for reported in (first, first.dt.normalize())
        for answered in (last, last.dt.normalize())
    )
    for vague in vaguer:
        assert vague["response_state"].isin(["met", "breached"]).all()
        assert (exact["response_state"] == "breached")[vague["response_state"] == "breached"].all()
        assert (vague["response_hours"] <= exact["response_hours"]).all()


# --- repeated problems -------------------------------------------------------------------------------------------


def problems(*days: str, **row: str) -> list[dict]:
    return [{"reported": day, **row} for day in days]


RECENT = ("2024-01-10 10:00", "2024-02-01", "2024-02-20 16:30")


def test_the_third_time_of_one_customer_asks_for_the_cause(policy: Policy) -> None:
    assert service.repeats(log(*problems(*RECENT[:2])), policy, NOW, 9).empty
    found = service.repeats(log(*problems(*RECENT), {"kind": "visit", "reported": "2024-02-22"}), policy, NOW, 9)
    assert found.columns.tolist() == list(service.REPEATS)
    (row,) = found.to_dict("records")
    assert row == {
        "customer_id": "C001", "category": "交付", "count": 3, "customers": 1, "first": pd.Timestamp("2024-01-10"),
        "last": pd.Timestamp("2024-02-20"), "team": "华东", "book": "华东.xlsx", "sheet": "服务记录", "row": 4,
    }  # fmt: skip


def test_the_fifth_time_of_several_customers_asks_for_the_cause(policy: Policy) -> None:
    four = [{"customer_id": f"C00{n}", "reported": f"2024-02-{n:02}", "kind": "request"} for n in (9, 1, 2, 3)]
    assert service.repeats(log(*four), policy, NOW, 9).empty
    found = service.repeats(log(*four, four[1] | {"team": "华南", "reported": "2024-02-28"}), policy, NOW, 9)
    assert found["customer_id"].isna().tolist() == [True]
    assert found[["count", "customers", "team", "row"]].to_numpy().tolist() == [[5, 4, "华南", 6]]
    assert found[["first", "last"]].iloc[0].tolist() == [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-02-28")]


def test_one_customer_alone_is_not_several(policy: Policy) -> None:
    found = service.repeats(log(*problems(*RECENT, *RECENT)), policy, NOW, 9)
    assert found[["customer_id", "count"]].to_numpy().tolist() == [["C001", 6]]
    both = service.repeats(
        log(*problems(*RECENT, *RECENT), {"customer_id": "C002", "reported": "2024-01-01"}), policy, NOW, 9
    )
    assert both["count"].tolist() == [7, 6]
    assert both["customer_id"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("2023-09-03", True),  # 180 days ago
        ("2023-09-03 23:00", True),
        ("2023-09-02 23:59", False),
        ("2024-03-01", True),
        ("2024-03-01 18:00", True),  # today
        ("2024-03-02", False),
        (None, False),
    ],
)
def test_the_window_holds_the_last_180_days_and_today(day: str | None, counts: bool, policy: Policy) -> None:
    assert len(service.repeats(log(*problems(day, *RECENT[1:])), policy, NOW, 9)) == counts


@pytest.mark.parametrize(("customers", "fires"), [(50, True), (51, False)])
def test_of_many_customers_it_takes_a_share_of_them(customers: int, fires: bool, policy: Policy) -> None:
    five = [{"customer_id": f"C00{n}", "reported": "2024-02-01"} for n in range(1, 6)]
    assert len(service.repeats(log(*five), policy, NOW, customers)) == fires
    own = service.repeats(log(*problems(*RECENT)), policy, NOW, customers)
    assert own["customer_id"].tolist() == ["C001"]  # one customer's third time is one, however many others there are


def test_a_category_is_the_same_however_it_is_typed(policy: Policy) -> None:
    typed = ["交付 延迟", "交付延遲", "交付延迟", "Ａｂｃ", "ABC", "a bc"]
    rows = [{"category": text, "reported": f"2024-02-0{n}"} for n, text in enumerate(typed, 1)]
    found = service.repeats(log(*rows), policy, NOW, 9)
    assert found["category"].tolist() == ["交付延迟", "a bc"]
    assert found["count"].tolist() == [3, 3]


@pytest.mark.parametrize("category", [None, " "])
def test_problems_without_a_category_are_not_the_same(category: str | None, policy: Policy) -> None:
    assert service.repeats(log(*problems(*RECENT, category=category)), policy, NOW, 9).empty


def test_problems_of_nobody_known_do_not_count(policy: Policy) -> None:
    rows = log(*problems(*RECENT), *problems(*RECENT, customer_id=None))
    assert service.repeats(rows, policy, NOW, 9)[["customer_id", "count"]].to_numpy().tolist() == [["C001", 3]]


# --- what customers say ------------------------------------------------------------------------------------------


def test_the_latest_answer_counts(policy: Policy) -> None:
    rows = log(
        {"kind": "survey", "reported": "2024-01-10", "satisfaction": 90, "nps": 9},
        {"kind": "visit", "reported": "2024-02-10 15:00", "satisfaction": 70},
        {"kind": "survey", "reported": "2024-03-02", "satisfaction": 10, "nps": 0},  # tomorrow
        {"kind": "survey", "satisfaction": 20, "nps": 1},  # nobody knows when
        {"kind": "survey", "customer_id": "C002", "reported": "2024-02-01", "nps": 3},
    )
    found = service.voice(rows, texts("C002", "C001", "C003"), policy, NOW)
    assert set(found.columns) == {"customer_id", *frames.ADDED["voice"]}
    assert found["satisfaction"].fillna(-1).tolist() == [-1, 70, -1]
    assert found["nps"].fillna(-1).tolist() == [3, 9, -1]
    assert found["satisfaction_on"].tolist()[1] == pd.Timestamp("2024-02-10")
    assert found["nps_on"].tolist()[:2] == [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-01-10")]
    assert found[["satisfaction_on", "nps_on"]].iloc[2].isna().all()


def test_open_cases_are_counted(policy: Policy) -> None:
    rows = log(
        {"severity": "major", "reported": "2024-02-01"},
        {"severity": "major", "kind": "request", "reported": "2024-02-01"},
        {"severity": None},
        {"severity": "major", "resolved": "2024-02-01"},
        {"severity": "major", "confirmed": "2024-02-01"},
        {"severity": "major", "resolved": "2024-03-02"},  # tomorrow
        {"severity": "major", "kind": "survey"},
        {"severity": "major", "customer_id": "C002", "answered": "2024-02-01"},
    )
    found = service.voice(rows, texts("C001", "C002", "C003"), policy, NOW)
    assert found[["open_cases", "severe_open"]].to_numpy().tolist() == [[4, 2], [1, 1], [0, 0]]


def test_the_answers_of_a_period_are_each_customers_latest(policy: Policy) -> None:
    rows = log(
        {"reported": "2024-01-01", "nps": 10},
        {"reported": "2024-02-01 10:00", "nps": 7, "team": "华南"},
        {"reported": "2024-02-01 10:00", "nps": 5},  # of one moment: the lower
        {"reported": "2023-12-31 23:59", "nps": 1, "customer_id": "C002"},
        {"reported": "2024-01-01", "nps": 8, "customer_id": "C003"},
    )
    found = service.latest_answers(rows, "nps", now=NOW, since=pd.Timestamp("2024-01-01"))
    assert found.sort_values("customer_id")[["customer_id", "answer", "team"]].to_numpy().tolist() == [
        ["C001", 5, "华东"],
        ["C003", 8, "华东"],
    ]
    assert len(service.latest_answers(rows, "nps", now=NOW)) == 3


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([9, 10], 100),
        ([0, 6], -100),
        ([7, 8], 0),
        ([9, 6], 0),
        ([10, 10, 8, 7, 6, 0, 9, 9], 25),
        ([10, None, 5, 9], 100 / 3),
        ([10, 11, -1], 100),  # no answers to this question
    ],
)
def test_nps_is_promoters_less_detractors(answers: list, score: float, policy: Policy) -> None:
    assert service.nps(pd.Series(answers, dtype="float64"), policy) == pytest.approx(score)


def test_no_answers_no_nps(policy: Policy) -> None:
    assert np.isnan(service.nps(pd.Series(dtype="float64"), policy))
    assert np.isnan(service.nps(pd.Series([np.nan]), policy))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=12))
def test_nps_lies_between_its_ends_and_turns_with_its_answers(policy: Policy, answers: list) -> None:
    score = service.nps(pd.Series(answers, dtype="float64"), policy)
    assert -100 <= score <= 100
    assert service.nps(pd.Series([*answers, 10], dtype="float64"), policy) >= score
    assert service.nps(pd.Series([*answers, 0], dtype="float64"), policy) <= score


# --- complaints --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "weight"),
    [
        ({"reported": "2024-02-01", "resolved": "2024-02-02"}, 1),
        ({"reported": "2024-02-01", "resolved": "2024-02-02", "severity": None}, 1),
        ({"reported": "2024-02-01", "resolved": "2024-02-02", "severity": "major"}, 3),
        ({"reported": "2024-02-01"}, 2),
        ({"reported": "2024-02-01", "severity": "major"}, 6),
        ({"reported": "2023-03-01", "resolved": "2024-02-02"}, 1),  # a year ago
        ({"reported": "2023-02-28 23:00", "resolved": "2024-02-02"}, 0),
        ({"reported": "2022-01-01"}, 2),  # still open
        ({}, 2),
        ({"resolved": "2024-02-02"}, 0),  # nobody knows when
        ({"reported": "2024-02-01", "kind": "request", "severity": "major"}, 0),
    ],
)
def test_a_complaint_weighs_by_severity_and_more_while_open(row: dict, weight: float, policy: Policy) -> None:
    found = service.complaint_weight(log(row, row), texts("C002", "C001"), policy, NOW)
    assert found.tolist() == [0, 2 * weight]
