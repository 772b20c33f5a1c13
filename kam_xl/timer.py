"""The nightly job every night at a set time, until it is told to stop."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable

_LOG = logging.getLogger("kam_xl")
#: Windows lets nobody stop a wait with Ctrl-C before it is over.
_LONGEST_WAIT = 1.0
#: In autumn a clock goes back by an hour, which makes no new night; whoever is further ahead had the wrong time.
_BACK = dt.timedelta(hours=2)


def due(now: dt.datetime, at: dt.time) -> dt.datetime:
    """The latest time, up to now, at which a night's run was due."""
    today = dt.datetime.combine(now.date(), at)
    return today if today <= now else today - dt.timedelta(days=1)


def missed(last: dt.datetime | None, now: dt.datetime, at: dt.time) -> bool:
    """True when the last run started before the latest time a night's run was due; a first start has missed nothing."""
    return last is not None and last < due(now, at)


def every_night(
    at: dt.time,
    run: Callable[[], None],
    *,
    last: dt.datetime | None,
    stop: threading.Event,
    clock: Callable[[], dt.datetime] = dt.datetime.now,
) -> None:
    """Call `run` at `at` each day until `stop` is set; a missed night is caught up once, a failing run is survived.

    Each look at the clock stands for itself: one that was wrong for a while costs no night after it is right again.
    """
    done = due(clock(), at)
    if missed(last, clock(), at):
        _LOG.info("catching up a missed night")
        _guarded(run)
    while not stop.is_set():
        now = clock()
        latest = due(now, at)
        if latest > done:
            _guarded(run)
        if latest > done or now < done - _BACK:
            done = latest
        stop.wait(_LONGEST_WAIT)


def _guarded(run: Callable[[], None]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 (the next night must come whatever happened in this one)
        _LOG.error("run failed: %s", type(error).__name__)
