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


def missed(last: dt.datetime | None, now: dt.datetime, at: dt.time) -> bool:
    """True when the last run started before the latest time a night's run was due; a first start has missed nothing."""
    due = dt.datetime.combine(now.date(), at)
    if due > now:
        due -= dt.timedelta(days=1)
    return last is not None and last < due


def every_night(
    at: dt.time, run: Callable[[], None], *, last: dt.datetime | None, now: dt.datetime, stop: threading.Event
) -> None:
    """Call `run` at `at` each day until `stop` is set; a missed night is caught up once, a failing run is survived."""

    def guarded() -> None:
        try:
            run()
        except Exception as error:  # noqa: BLE001 (the next night must come whatever happened in this one)
            _LOG.error("run failed: %s", type(error).__name__)

    if missed(last, now, at):
        _LOG.info("catching up a missed night")
        guarded()
    clock = schedule.Scheduler()
    clock.every().day.at(at.strftime("%H:%M")).do(guarded)
    while not stop.is_set():
        stop.wait(min(max(clock.idle_seconds or 0, 0.05), _LONGEST_WAIT))
        if not stop.is_set():
            clock.run_pending()
