"""The history: one immutable Parquet file per run, which later nights compare with. No personal data is in it."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pandas as pd

from kam_xl.core import history

FOLDER = "history"
_NAME = "%Y-%m-%dT%H%M%S"
_EXPECTED = frozenset({*history.KEPT.values(), "on"})
_LOG = logging.getLogger("kam_xl")


def file_name(started: dt.datetime) -> str:
    """Where a run's snapshot goes, below the output folder."""
    return f"{FOLDER}/{started:{_NAME}}.parquet"


def write(path: Path, snapshot: pd.DataFrame) -> None:
    """One run's snapshot, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    snapshot.to_parquet(path, index=False)


def last(out: Path, before: dt.date) -> pd.DataFrame | None:
    """The newest readable snapshot of an earlier day, or None on the first night.

    One that is damaged, or that an older version wrote without a column needed today, is passed over.
    """
    for path in sorted((out / FOLDER).glob("*.parquet"), reverse=True):
        try:
            day = dt.datetime.strptime(path.stem, _NAME).date()
            if day >= before:
                continue
            snapshot = pd.read_parquet(path)
            if {*snapshot.columns} >= _EXPECTED:
                return snapshot
            _LOG.warning("snapshot passed over", extra={"file": path.name, "error": "column missing"})
        except (ValueError, OSError) as error:  # pyarrow's errors are ValueErrors and OSErrors
            _LOG.warning("snapshot passed over", extra={"file": path.name, "error": type(error).__name__})
    return None
