"""Hours and days are counted as the office works them: weekends, holidays, make-up days, lunch and night."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import workdays
from kam_xl.core.policy import Policy
from kam_xl.core.sections import Calendar

D = dt.date


@pytest.fixture(scope="module")
def china(policy: Policy) -> Calendar:
    """The shipped calendar."""
    return policy.calendar


def plain(**changed: object) -> Calendar:
    """Monday to Friday, 09:00 to 18:00, no holidays."""
    week = Calendar("working", "", (1, 2, 3, 4, 5), dt.time(9), dt.time(18), (), ())
    return dataclasses.replace(week, **changed)


def moments(*texts: str | dt.datetime | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), format="mixed")).astype("datetime64[s]")


def hours(start: str, end: str, calendar: Calendar) -> float:
    return workdays.hours_between(moments(start), moments(end), calendar)[0]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-03-01 09:00", "2024-03-01 18:00", 9),  # a Friday
        ("2024-03-01 08:59", "2024-03-01 09:00", 0),
        ("2024-03-01 09:00", "2024-03-01 09:01", 1 / 60),
        ("2024-03-01 17:59", "2024-03-01 23:00", 1 / 60),
        ("2024-03-01 18:00", "2024-03-04 09:00", 0),  # the weekend
        ("2024-03-01 17:00", "2024-03-04 10:00", 2),
        ("2024-03-02 12:00", "2024-03-03 12:00", 0),
        ("2024-02-29", "2024-03-01", 9),
        ("2024-03-01 10:00", "2024-03-01 10:00", 0),
        ("2024-03-04 10:00", "2024-03-01 17:00", -2),
        ("2023-12-29 17:00", "2024-01-01 10:00", 2),  # no country, no New Year
    ],
)
def test_only_office_hours_count(start: str, end: str, expected: float) -> None:
    assert hours(start, end, plain()) == pytest.approx(expected)


def test_a_calendar_clock_counts_every_hour(china: Calendar) -> None:
    every = dataclasses.replace(china, clock="calendar")
    assert hours("2026-09-30 18:00", "2026-10-08 09:00", every) == 7 * 24 + 15
    assert workdays.add_hours(moments("2026-10-01 03:00"), pd.Series([24.0]), every)[0] == pd.Timestamp(
        "2026-10-02 03:00"
    )


@pytest.mark.parametrize(
    ("start", "after", "end"),
    [
        ("2024-03-01 17:00", 2, "2024-03-04 10:00"),
        ("2024-03-04 09:00", 9, "2024-03-04 18:00"),  # over as the day ends, not as the next begins
        ("2024-03-04 09:00", 9.5, "2024-03-05 09:30"),
        ("2024-03-02 12:00", 2, "2024-03-04 11:00"),  # reported at the weekend
        ("2024-03-04 06:00", 2, "2024-03-04 11:00"),
        ("2024-03-04 20:00", 2, "2024-03-05 11:00"),
        ("2024-03-02 12:00", 0, "2024-03-02 12:00"),  # nothing to wait for
        ("2024-03-04 10:00", 0, "2024-03-04 10:00"),
        ("2024-03-04 09:00", 45 * 9, "2024-05-03 18:00"),  # farther than the first look ahead
        ("2024-03-04 09:00", 450 * 9, "2025-11-21 18:00"),
    ],
)
def test_hours_end_at_the_first_moment_they_are_over(start: str, after: float, end: str) -> None:
    assert workdays.add_hours(moments(start), pd.Series([float(after)]), plain())[0] == pd.Timestamp(end)


def test_what_is_unknown_stays_so() -> None:
    start, end = moments(None, "2024-03-01", None), moments("2024-03-01", None, None)
    assert workdays.hours_between(start, end, plain()).isna().all()
    assert workdays.add_hours(start, pd.Series([1, np.nan, np.inf]), plain()).isna().all()
    assert workdays.next_workday(moments(None), plain()).isna().all()
    assert workdays.is_workday(moments(None), plain()).tolist() == [False]
    for empty in (moments(), moments("2024-03-01")[:0]):
        assert workdays.hours_between(empty, empty, plain()).dtype == "float64"
        assert workdays.add_hours(empty, pd.Series(dtype="float64"), plain()).dtype == "datetime64[s]"
        assert workdays.next_workday(empty, plain()).empty


def test_rows_keep_their_index() -> None:
    start = moments("2024-03-01 10:00", "2024-03-02 10:00").set_axis([7, 7])
    for found in (
        workdays.hours_between(start, start, plain()),
        workdays.add_hours(start, pd.Series([1.0, 2.0], [7, 7]), plain()),
        workdays.is_workday(start, plain()),
        workdays.next_workday(start, plain()),
    ):
        assert found.index.tolist() == [7, 7]


# --- the days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-09-30", True),
        ("2026-10-01", False),  # National Day
        ("2026-10-07", False),  # a Wednesday, swapped for a Saturday
        ("2026-10-08", True),
        ("2026-10-10", True),  # that Saturday
        ("2026-10-11", False),
        ("2026-02-14", True),  # a Saturday before the Spring Festival
        ("2026-02-17", False),
        ("2025-01-26", True),
        ("2011-12-31", True),  # a Saturday that made up for January 2012
        ("2027-02-08", False),  # not announced yet: the holiday itself is known
        ("2027-02-06", False),
        ("2150-03-02", True),  # beyond what the package knows: weekdays only
    ],
)
def test_china_has_its_swapped_days(china: Calendar, day: str, worked: bool) -> None:
    assert workdays.is_workday(moments(day + " 10:00"), china)[0] == worked
    assert (hours(day, day + " 23:00", china) == 9) == worked


def test_a_day_is_the_same_whatever_stands_around_it(china: Calendar) -> None:
    days = pd.Series(pd.date_range("2019-12-20", "2022-01-10", unit="s"))
    alone = pd.concat([workdays.is_workday(days[i : i + 1], china) for i in range(len(days))])
    assert workdays.is_workday(days, china).tolist() == alone.tolist()


def test_the_policys_own_days_outdo_the_countrys(china: Calendar) -> None:
    own = dataclasses.replace(china, days_off=(D(2026, 10, 10), D(2026, 11, 27)), extra_workdays=(D(2026, 10, 1),))
    days = moments("2026-10-10", "2026-11-27", "2026-10-01", "2026-10-02")
    assert workdays.is_workday(days, own).tolist() == [False, False, True, False]
    assert workdays.is_workday(days, dataclasses.replace(own, clock="calendar")).tolist() == [False, False, True, False]


def test_a_country_can_be_left_out(china: Calendar) -> None:
    assert workdays.is_workday(
        moments("2026-10-01", "2026-10-10"), dataclasses.replace(china, country="")
    ).tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2026-09-30 10:30", "2026-09-30"),
        ("2026-10-01", "2026-10-08"),
        ("2026-10-09", "2026-10-09"),
        ("2026-10-11", "2026-10-12"),
        ("2026-02-15", "2026-02-24"),
    ],
)
def test_a_day_off_gives_way_to_the_next_workday(china: Calendar, day: str, found: str) -> None:
    assert workdays.next_workday(moments(day), china)[0] == pd.Timestamp(found)


def test_weekdays_are_the_policys(china: Calendar) -> None:
    six = dataclasses.replace(china, country="", weekdays=(1, 2, 3, 4, 5, 6))
    week = pd.Series(pd.date_range("2024-03-04", periods=7, unit="s"))
    assert workdays.is_workday(week, six).tolist() == [True] * 6 + [False]
    assert workdays.is_workday(week, dataclasses.replace(six, weekdays=(7,))).tolist() == [False] * 6 + [True]


def test_the_first_year_without_announced_days_is_told(china: Calendar) -> None:
    year = workdays.unannounced_from(china)
    assert year >= 2027
    assert workdays.unannounced_from(dataclasses.replace(china, extra_workdays=(D(year, 2, 20),))) == year + 1
    assert workdays.unannounced_from(dataclasses.replace(china, extra_workdays=(D(2020, 2, 20),))) == year
    assert workdays.unannounced_from(dataclasses.replace(china, country="")) is None


# --- laws --------------------------------------------------------------------------------------------------------

times = st.datetimes(dt.datetime(2025, 12, 20), dt.datetime(2026, 3, 5)).map(lambda when: when.replace(microsecond=0))
laws = settings(max_examples=60, deadline=None)


@laws
@given(first=times, second=times, third=times, clock=st.sampled_from(["working", "calendar"]))
def test_hours_add_up_and_never_run_backwards(
    china: Calendar, first: dt.datetime, second: dt.datetime, third: dt.datetime, clock: str
) -> None:
    calendar = dataclasses.replace(china, clock=clock)
    assert hours(first, third, calendar) == pytest.approx(
        hours(first, second, calendar) + hours(second, third, calendar), abs=1e-9
    )
    assert hours(min(first, second), max(first, second), calendar) >= 0
    assert hours(first, first, calendar) == 0


@laws
@given(first=times, second=times)
def test_hours_are_those_of_each_day_together(china: Calendar, first: dt.datetime, second: dt.datetime) -> None:
    start, end = min(first, second), max(first, second)
    worked = 0.0
    for day in pd.date_range(start.date(), end.date(), unit="s"):
        if workdays.is_workday(pd.Series([day]), china)[0]:
            opens, closes = (day + pd.Timedelta(hours=hour) for hour in (9, 18))
            worked += max((min(closes, end) - max(opens, start)).total_seconds(), 0) / 3600
    assert hours(start, end, china) == pytest.approx(worked, abs=1e-9)


@laws
@given(first=times, second=times)
def test_adding_the_hours_between_lands_on_the_same_working_moment(
    china: Calendar, first: dt.datetime, second: dt.datetime
) -> None:
    start, end = moments(min(first, second)), moments(max(first, second))
    apart = workdays.hours_between(start, end, china)
    landed = workdays.add_hours(start, apart, china)
    assert start[0] <= landed[0] <= end[0]
    assert workdays.hours_between(landed, end, china)[0] == 0


@laws
@given(when=times, asked=st.integers(0, 400))
def test_hours_added_are_the_hours_between(china: Calendar, when: dt.datetime, asked: int) -> None:
    start, wait = moments(when), pd.Series([asked / 4])
    landed = workdays.add_hours(start, wait, china)
    assert workdays.hours_between(start, landed, china)[0] == asked / 4
    if asked:
        assert workdays.hours_between(start, landed - pd.Timedelta(seconds=1), china)[0] < asked / 4
