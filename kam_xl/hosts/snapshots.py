"""The history: one immutable Parquet file per run, which later nights compare with. No personal data is in it."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import logging
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from kam_xl.core import history

FOLDER = "history"
_NAME = "%Y-%m-%dT%H%M%S"
_NEEDED = frozenset({*history.KEPT.values(), "on"})
_LOG = logging.getLogger("kam_xl")


def file_name(started: dt.datetime) -> str:
    """Where a run's snapshot goes, below the output folder."""
    return f"{FOLDER}/{started:{_NAME}}.parquet"


def write(path: Path, snapshot: pd.DataFrame) -> None:
    """One run's snapshot, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(snapshot.to_parquet(index=False))  # pyarrow itself opens no path that is no text


def last(out: Path, before: dt.date) -> pd.DataFrame | None:
    """The newest readable snapshot of an earlier day, or None on the first night."""
    return since(out, before - dt.timedelta(days=1))


def since(out: Path, day: dt.date) -> pd.DataFrame | None:
    """The newest readable snapshot on or before a day, or None."""
    return _first_readable(path for made, path in reversed(_kept(out)) if made <= day)


def nearest(out: Path, day: dt.date, before: dt.date) -> pd.DataFrame | None:
    """The readable snapshot made nearest to a day, of those made ``before`` another, or None; of two the later."""
    earlier = [(made, path) for made, path in reversed(_kept(out)) if made < before]
    return _first_readable(path for _, path in sorted(earlier, key=lambda kept: abs(kept[0] - day)))


def _kept(out: Path) -> list[tuple[dt.date, Path]]:
    """Every snapshot's day and file, the oldest first; a file with another name is none of ours."""
    found = []
    for path in sorted((out / FOLDER).glob("*.parquet")):
        with contextlib.suppress(ValueError):
            found.append((dt.datetime.strptime(path.stem, _NAME).date(), path))
    return found


def _first_readable(paths: Iterable[Path]) -> pd.DataFrame | None:
    """The first snapshot that can be read; what an older version did not keep is unknown."""
    for path in paths:
        try:
            snapshot = pd.read_parquet(io.BytesIO(path.read_bytes()))
        except (ValueError, OSError) as error:  # pyarrow's errors are ValueErrors and OSErrors
            _LOG.warning("snapshot passed over", extra={"file": path.name, "error": type(error).__name__})
            continue
        if {*snapshot.columns} >= _NEEDED:
            return history.complete(snapshot)
        _LOG.warning("snapshot passed over", extra={"file": path.name, "error": "column missing"})
    return None
