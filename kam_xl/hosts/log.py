"""The log: a file of JSON lines, and what stands there of an error and of a part that failed."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from kam_xl.core.failures import Failures

_LOG = logging.getLogger("kam_xl")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
#: How loud a failure is where it is not our bug.
_LEVELS = {"state": logging.WARNING}


def trace(error: Exception) -> str:
    """Where an error came from, without its message: that may quote a cell, and the log holds no personal data."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


def lines(path: Path, full: Callable[[logging.LogRecord], None]) -> logging.Handler:
    """A log in a file, which is made with its folder; `full` is called for a line that it takes no more. `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = _File(path, full)
    handler.setFormatter(_JsonLines())
    return handler


def failures(failed: Failures) -> None:
    """Log where each part failed; whom a calendar belongs to stands in no log."""
    for one in failed:
        subject = None if one.kind == "calendar" else one.subject
        facts = {"kind": one.kind, "subject": subject, "customer_id": one.customer_id, "error": one.error}
        _LOG.log(_LEVELS.get(one.kind, logging.ERROR), "part failed\n%s", one.trace, extra=facts)


class _File(logging.FileHandler):
    def __init__(self, path: Path, full: Callable[[logging.LogRecord], None]) -> None:
        super().__init__(path, encoding="utf-8", errors="replace")
        self._full = full

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Called by `logging` for a line that cannot be written."""
        self._full(record)


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message and the facts given with it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(line, ensure_ascii=False, default=str)
