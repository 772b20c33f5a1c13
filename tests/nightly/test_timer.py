"""The timer: every night at its time, a missed one once, a failing one survived, and an end as soon as it is asked for."""

import datetime as dt
import logging
import threading
import time
import types

import pytest
import schedule

from kam_xl.nightly import timer

AT = dt.time(2, 0)


def moment(text):
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("last", "now", "missed"),
    [
        (None, "2026-11-21T09:00", False),
        ("2026-11-21T02:00", "2026-11-21T09:00", False),
        ("2026-11-21T02:00", "2026-11-22T01:59", False),
        ("2026-11-21T02:00", "2026-11-22T02:00", True),
        ("2026-11-21T02:00", "2026-11-22T02:01", True),
        ("2026-11-21T01:59", "2026-11-21T09:00", True),
        ("2026-11-20T14:00", "2026-11-21T01:00", False),
        ("2026-11-01T02:00", "2026-11-21T01:00", True),
        ("2026-12-31T23:59", "2027-01-01T02:30", True),
    ],
)
def test_a_night_is_missed_when_the_last_run_is_older_than_the_latest_time_due(last, now, missed):
    assert timer.missed(last and moment(last), moment(now), AT) is missed


@pytest.fixture
def nights(monkeypatch):
    """A clock that stands at noon; waiting moves it to where the wait ends, ``minutes`` at a time instead of seconds."""

    class Clock(dt.datetime):
        shown = moment("2026-11-21T12:00")

        @classmethod
        def now(cls, _tz=None):
            return cls.shown

    class Stop(threading.Event):
        def wait(self, timeout=None):
            assert timeout <= 1  # Windows hears Ctrl-C only after it
            Clock.shown += dt.timedelta(minutes=timeout)
            return self.is_set()

    told = types.SimpleNamespace(datetime=Clock, timedelta=dt.timedelta, time=dt.time)
    monkeypatch.setattr(schedule, "datetime", told)
    return types.SimpleNamespace(clock=Clock, stop=Stop())


def nightly(nights, run, last=None):
    timer.every_night(AT, run, last=last, stop=nights.stop, clock=lambda: nights.clock.shown)


def until(nights, count, runs, *, failing=()):
    """A run that notes when it was called, fails where told to, and asks for the end after so many calls."""

    def run():
        runs.append(nights.clock.shown)
        if len(runs) == count:
            nights.stop.set()
        if len(runs) in failing:
            raise RuntimeError("disk full")

    return run


def test_it_runs_at_its_time_night_after_night(nights):
    runs = []

    nightly(nights, until(nights, 3, runs))

    expected = [moment("2026-11-22T02:00"), moment("2026-11-23T02:00"), moment("2026-11-24T02:00")]
    assert [abs((run - due).total_seconds()) < 60 for run, due in zip(runs, expected, strict=True)] == [True] * 3


def test_a_missed_night_is_caught_up_once_and_the_next_one_comes_at_its_time(nights):
    runs = []

    nightly(nights, until(nights, 2, runs), moment("2026-11-10T02:00"))

    assert [run.isoformat(timespec="minutes") for run in runs] == ["2026-11-21T12:00", "2026-11-22T02:00"]


def test_a_failing_run_is_logged_and_the_next_night_comes(nights, caplog):
    runs = []

    with caplog.at_level(logging.ERROR, "kam_xl"):
        nightly(nights, until(nights, 3, runs, failing=(1, 2)), moment("2026-11-10T02:00"))

    assert len(runs) == 3
    assert [record.message for record in caplog.records] == ["run failed: RuntimeError"] * 2


def test_a_computer_that_slept_through_several_nights_runs_once(nights):
    runs, wait = [], type(nights.stop).wait

    def sleeping(self, timeout=None):
        if len(runs) == 1:
            nights.clock.shown += dt.timedelta(days=4)
        return wait(self, timeout)

    type(nights.stop).wait = sleeping

    nightly(nights, until(nights, 3, runs))

    assert [run.isoformat(timespec="hours") for run in runs] == ["2026-11-22T02", "2026-11-26T02", "2026-11-27T02"]


def test_it_ends_as_soon_as_it_is_asked_to():
    stop = threading.Event()
    far = (dt.datetime.now() + dt.timedelta(hours=6)).time()
    thread = threading.Thread(target=timer.every_night, args=(far, pytest.fail), kwargs={"last": None, "stop": stop})
    thread.start()
    time.sleep(0.1)
    stop.set()
    thread.join(2)

    assert not thread.is_alive()


def test_asked_to_end_during_the_catching_up_it_runs_no_more(nights):
    runs = []

    nightly(nights, until(nights, 1, runs), moment("2026-11-10T02:00"))

    assert len(runs) == 1


def at_once(nights, runs, moments):
    """Set the clock to moments one after the other, looking at it twice at each."""

    def wait(timeout=None):
        if not moments:
            nights.stop.set()
            return True
        nights.clock.shown = moment(moments.pop(0))
        return False

    nights.stop.wait = wait
    nightly(nights, lambda: runs.append(nights.clock.shown.isoformat(timespec="minutes")))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        # far ahead for a moment, then right again: the next night comes
        (
            ["2031-05-05T12:00", "2026-11-21T12:01", "2026-11-22T01:59", "2026-11-22T02:00", "2026-11-23T02:00"],
            ["2031-05-05T12:00", "2026-11-22T02:00", "2026-11-23T02:00"],
        ),
        # set back by two days: these nights are not left out
        (
            ["2026-11-19T12:00", "2026-11-20T01:59", "2026-11-20T02:00", "2026-11-21T02:00", "2026-11-22T02:00"],
            ["2026-11-20T02:00", "2026-11-21T02:00", "2026-11-22T02:00"],
        ),
        # an hour back in autumn is no second night, an hour ahead in spring loses none
        (["2026-11-22T02:30", "2026-11-22T01:30", "2026-11-22T02:00", "2026-11-22T03:00"], ["2026-11-22T02:30"]),
        (["2026-11-22T01:59", "2026-11-22T03:00", "2026-11-22T03:01"], ["2026-11-22T03:00"]),
        # a few minutes back and forth at the very time
        (["2026-11-22T02:00", "2026-11-22T01:58", "2026-11-22T02:01", "2026-11-22T01:59", "2026-11-22T02:00"], ["2026-11-22T02:00"]),
    ],
)  # fmt: skip
def test_a_clock_that_jumps_costs_no_night(nights, shown, expected):
    runs = []

    at_once(nights, runs, list(shown))

    assert runs == expected
