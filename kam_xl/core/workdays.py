"""Working hours and workdays by the policy's calendar: office hours, public holidays, make-up days (handbook §7)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kam_xl.core.sections import Calendar

if TYPE_CHECKING:
    from holidays import HolidayBase

_HOUR = 3600  # seconds
_DAY = 24 * _HOUR
_SATURDAY = 5
_AHEAD = 60  # days looked at first when a moment to come is sought


def hours_between(start: pd.Series, end: pd.Series, calendar: Calendar) -> pd.Series:
    """The hours of the calendar's clock from one moment to another: working hours, or every hour (``clock``).

    Additive: the hours from a to b and from b to c make those from a to c, so that an end before its start counts below
    zero. Unknown where either moment is.
    """
    known = (start.notna() & end.notna()).to_numpy()
    begun, ended = _seconds(start)[known], _seconds(end)[known]
    hours = np.full(len(start), np.nan)
    if known.any():
        clock = _clock(calendar, min(begun.min(), ended.min()), max(begun.max(), ended.max()))
        hours[known] = (clock.reading(ended) - clock.reading(begun)) / _HOUR
    return pd.Series(hours, index=start.index)


def add_hours(start: pd.Series, hours: pd.Series, calendar: Calendar) -> pd.Series:
    """The first moment, not before ``start``, at which so many ``hours`` (0 or more) of the calendar's clock are over.

    Two hours from Friday 17:00 end on Monday at 10:00; nine from Monday 09:00 the same day at 18:00. Unknown where
    either is.
    """
    seconds = np.rint(hours.to_numpy("float64") * _HOUR)
    known = start.notna().to_numpy() & np.isfinite(seconds)
    begun, seconds = _seconds(start)[known], seconds[known].astype("int64")
    moments = np.full(len(start), np.datetime64("NaT"), "datetime64[s]")
    if known.any():
        moments[known] = np.where(seconds > 0, _over(begun, seconds, calendar), begun).astype("datetime64[s]")
    return pd.Series(moments, index=start.index)


def is_workday(day: pd.Series, calendar: Calendar) -> pd.Series:
    """True where a day is worked, whatever the ``clock``; an unknown day is none."""
    known = day.notna().to_numpy()
    days = _seconds(day)[known] // _DAY
    worked = np.zeros(len(day), dtype=bool)
    if known.any():
        worked[known] = _worked(calendar, days.min(), days.max())[days - days.min()]
    return pd.Series(worked, index=day.index)


def next_workday(day: pd.Series, calendar: Calendar) -> pd.Series:
    """The day itself where it is worked, else the first one after it that is; unknown where the day is."""
    return _worked_on(day, calendar, 1)


def last_workday(day: pd.Series, calendar: Calendar) -> pd.Series:
    """The day itself where it is worked, else the last one before it that is; unknown where the day is."""
    return _worked_on(day, calendar, -1)


def _worked_on(day: pd.Series, calendar: Calendar, step: int) -> pd.Series:
    known = day.notna().to_numpy()
    days = _seconds(day)[known] // _DAY
    if not len(days):
        return day
    while (off := ~_worked(calendar, days.min(), days.max())[days - days.min()]).any():
        days = np.where(off, days + step, days)  # as often as the longest run of days off is long
    found = np.full(len(day), np.datetime64("NaT"), "datetime64[s]")
    found[known] = (days * _DAY).astype("datetime64[s]")
    return pd.Series(found, day.index, name=day.name).astype(day.dtype)


def after_workdays(day: pd.Series, count: int, calendar: Calendar) -> pd.Series:
    """The day on which so many workdays after each day are over; the next workday where none are asked for."""
    found = day.dt.normalize() if count else next_workday(day, calendar)
    for _ in range(count):
        found = next_workday(found + pd.Timedelta(days=1), calendar)
    return found


def workdays_between(start: pd.Series, end: pd.Timestamp, calendar: Calendar) -> pd.Series:
    """How many workdays lie after each day, up to and with ``end``; 0 where the day is not before it or unknown."""
    known = (start < end).to_numpy()
    counts = np.zeros(len(start), dtype="int64")
    if known.any():
        days = _seconds(start)[known] // _DAY
        last = int(_seconds(pd.Series([end]))[0] // _DAY)
        worked = np.cumsum(_worked(calendar, days.min(), last))
        counts[known] = worked[-1] - worked[days - days.min()]
    return pd.Series(counts, index=start.index)


def this_week(today: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Monday of the run's week and its Sunday; on a Saturday or Sunday the Sunday of the coming week (§11)."""
    monday = today - pd.Timedelta(days=today.weekday())
    weeks = 2 if today.weekday() >= _SATURDAY else 1
    return monday, monday + pd.Timedelta(days=7 * weeks - 1)


def week(day: pd.Series) -> pd.Series:
    """The ISO week of each day: ``2026-W48``."""
    iso = day.dt.isocalendar()
    return iso["year"].astype("str") + "-W" + iso["week"].astype("str").str.zfill(2)


def unannounced_from(calendar: Calendar) -> int | None:
    """The first year whose days off are the holidays' own dates only: make-up days are not announced, or not known here.

    Make-up days of a year in the policy (``extra_workdays``) make it a known one. None without a country.
    """
    if not calendar.country:
        return None
    announced = [
        *_country(calendar.country, ()).special_public_holidays,
        *(day.year for day in calendar.extra_workdays),
    ]
    return max(announced) + 1


# --- the clock ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Clock:
    """What a clock shows that runs in the calendar's hours only, in seconds, over a stretch of days.

    Days and moments are whole numbers since 1970-01-01.
    """

    first: int  # day
    opens: int  # seconds after midnight
    length: int  # of a day's hours
    worked: np.ndarray  # by day
    shown: np.ndarray  # as each day begins, and as the last one ends

    def reading(self, moments: np.ndarray) -> np.ndarray:
        """What it shows at each moment."""
        day, second = np.divmod(moments, _DAY)
        day -= self.first
        return self.shown[day] + self.worked[day] * np.clip(second - self.opens, 0, self.length)

    def first_moment(self, readings: np.ndarray) -> np.ndarray:
        """When it first shows each reading, which is more than 0."""
        day = np.searchsorted(self.shown[1:], readings)
        return (self.first + day) * _DAY + self.opens + readings - self.shown[day]


def _clock(calendar: Calendar, first: int, last: int) -> _Clock:
    """The clock over the days from one moment to another."""
    first, last = first // _DAY, last // _DAY
    if calendar.clock == "calendar":
        opens, length, worked = 0, _DAY, np.ones(last - first + 1, dtype=bool)
    else:
        opens, length = _second(calendar.opens), _second(calendar.closes) - _second(calendar.opens)
        worked = _worked(calendar, first, last)
    return _Clock(first, opens, length, worked, np.concatenate([[0], np.cumsum(worked * length)]))


def _over(begun: np.ndarray, seconds: np.ndarray, calendar: Calendar) -> np.ndarray:
    """The first moment at which the clock shows so many seconds more than when it was ``begun``."""
    ahead = _AHEAD
    while True:
        clock = _clock(calendar, begun.min(), begun.max() + ahead * _DAY)
        readings = clock.reading(begun) + seconds
        if readings.max() <= clock.shown[-1]:
            return clock.first_moment(readings)
        ahead *= 2


def _second(time: dt.time) -> int:
    return time.hour * _HOUR + time.minute * 60


def _seconds(moments: pd.Series) -> np.ndarray:
    return moments.to_numpy("datetime64[s]").astype("int64")


# --- the days ----------------------------------------------------------------------------------------------------


def _worked(calendar: Calendar, first: int, last: int) -> np.ndarray:
    """By day from first to last, whether it is worked; the policy's own days outdo the country's."""
    days = np.arange(first, last + 1)
    worked = np.isin((days + 3) % 7 + 1, calendar.weekdays)  # 1970-01-01 was a Thursday
    off, made_up = _public(calendar.country, *(int(year) for year in _years(days[[0, -1]])))
    for named, is_worked in (
        (off, False),
        (made_up, True),
        (_numbers(calendar.days_off), False),
        (_numbers(calendar.extra_workdays), True),
    ):
        worked[named[(first <= named) & (named <= last)] - first] = is_worked
    return worked


def _years(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype("int64") + 1970


def _numbers(days: Iterable[dt.date]) -> np.ndarray:
    return np.array(list(days), dtype="datetime64[D]").astype("int64")


@functools.lru_cache(maxsize=16)
def _public(country: str, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """The days a country has off, and the weekend days it works instead, from the first year to the last."""
    if not country:
        return _numbers(()), _numbers(())
    known = _country(country, ())
    years = range(max(first, known.start_year), min(last, known.end_year) + 1)
    days = _country(country, tuple(years))
    return _numbers(days), _numbers(days.weekend_workdays)


def _country(country: str, years: tuple[int, ...]) -> HolidayBase:
    """The days off of a country as `holidays` knows them: for China also the announced swaps and make-up weekends."""
    import holidays

    return holidays.country_holidays(country, years=years)
