"""The nightly job every night at a set time, until it is told to stop."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable

import schedule

_LOG = logging.getLogger("kam_xl")
#: Windows lets nobody stop a wait with Ctrl-C before it is over.
_LONGEST_WAIT = 1.0
#: In autumn a clock goes back by an hour, which makes no new night; whoever is further ahead had the wrong time.
_BACK = dt.timedelta(hours=2)


def missed(last: dt.datetime | None, now: dt.datetime, at: dt.time) -> bool:
    """True when the last run started before the latest time a night's run was due; a first start has missed nothing."""
    due = dt.datetime.combine(now.date(), at)
    if due > now:
        due -= dt.timedelta(days=1)
    return last is not None and last < due


def every_night(
    at: dt.time,
    run: Callable[[], object],
    *,
    last: dt.datetime | None,
    stop: threading.Event,
    clock: Callable[[], dt.datetime] = dt.datetime.now,
) -> None:
    """Call `run` at `at` each day until `stop` is set; a missed night is caught up once, a failing run is survived.

    A clock that was wrong for a while costs no night after it is right again: when it goes back, the next night is set anew.
    """
    seen = clock()
    if missed(last, seen, at):
        _LOG.info("catching up a missed night")
        _guarded(run)
    nights = _planned(at, run)
    while not stop.is_set():
        now = clock()
        if now < seen - _BACK:
            nights = _planned(at, run)
        seen = now
        nights.run_pending()
        stop.wait(_LONGEST_WAIT)


def _planned(at: dt.time, run: Callable[[], object]) -> schedule.Scheduler:
    nights = schedule.Scheduler()
    nights.every().day.at(at.strftime("%H:%M")).do(_guarded, run)
    return nights


def _guarded(run: Callable[[], object]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 (the next night must come whatever happened in this one)
        _LOG.error("run failed: %s", type(error).__name__)
