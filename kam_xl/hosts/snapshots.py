"""The history: one immutable Parquet file per run, which later nights compare with. No personal data is in it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kam_xl.core import history
from kam_xl.hosts import parquet_files

FOLDER = "history"
_NAME = "%Y-%m-%dT%H%M%S"
_LOG = logging.getLogger("kam_xl")


def file_name(started: dt.datetime) -> str:
    """Where a run's snapshot goes, below the output folder."""
    return f"{FOLDER}/{started:{_NAME}}.parquet"


def write(path: Path, snapshot: pd.DataFrame) -> None:
    """One run's snapshot, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet_files.write(path, snapshot)


def read(path: Path) -> pd.DataFrame:
    """The snapshot in a file; what its version did not keep is unknown. Raises whatever a foreign file makes a reader raise."""
    return _known(path.read_bytes(), path)


def _known(content: bytes, path: Path) -> pd.DataFrame:
    return history.known(_frame(content), _day(path))


def _in_part(content: bytes, path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a snapshot; those that its version did not keep are unknown."""
    return history.in_part(_frame(content, columns), _day(path), columns)


def _frame(content: bytes, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """What a file holds, or what it has of some columns; each text is taken out of the file once, however often it stands there."""
    kept = [one for one in pq.read_schema(io.BytesIO(content)) if columns is None or one.name in columns]
    texts = [one.name for one in kept if pa.types.is_large_string(one.type) or pa.types.is_string(one.type)]
    table = pq.read_table(io.BytesIO(content), columns=[one.name for one in kept], read_dictionary=texts)
    return table.to_pandas(split_blocks=True, self_destruct=True).astype(dict.fromkeys(texts, "str"))


class Snapshots:
    """The snapshots of earlier days as one night may compare with them; each is read once.

    What is damaged, of another kind or of a day to come is passed over with a word: ``passed_over`` says by file why. To
    whoever is ``looking_back`` the days to come are no wonder. ``used`` are the others that were asked for, by file with
    their SHA-256. A night that is made again has ``only`` these; `LookupError` names one that is gone or another.
    """

    def __init__(
        self, out: Path, today: dt.date, only: Mapping[str, str] | None = None, *, looking_back: bool = False
    ) -> None:
        self.passed_over: dict[str, Exception] = {}
        self.used: dict[str, str] = {}
        self._read: dict[Path, pd.DataFrame | None] = {}
        self._parts: dict[tuple[Path, tuple[str, ...]], pd.DataFrame | None] = {}
        kept = _kept(out) if only is None else _exactly(out, only)
        self._earlier = [(made, path) for made, path in reversed(kept) if made < today]
        for made, path in kept:
            if made > today and not looking_back:
                self._pass_over(path, ValueError("it is of a day to come"))

    def last(self) -> pd.DataFrame | None:
        """The newest snapshot of an earlier day, or None on the first night."""
        return self._first(path for _, path in self._earlier)

    def since(self, day: dt.date) -> pd.DataFrame | None:
        """The newest snapshot on or before a day, or None."""
        return self._first(path for made, path in self._earlier if made <= day)

    def nearest(self, day: dt.date) -> pd.DataFrame | None:
        """The snapshot made nearest to a day, or None; of two the later."""
        return self._first(self._by_nearness(day))

    def nearest_in_part(self, day: dt.date, columns: Sequence[str]) -> pd.DataFrame | None:
        """Some columns of the snapshot made nearest to a day, or None: the whole of many would be too much to hold."""
        whole = (
            self._read[path] if path in self._read else self._some(path, tuple(columns))
            for path in self._by_nearness(day)
        )
        return next((found[[*columns]] for found in whole if found is not None), None)

    def each(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns of the last snapshot of every earlier day, the oldest first; only one is held at a time."""
        last = dict(reversed(self._earlier))
        for path in last.values():
            try:
                some = _in_part(path.read_bytes(), path, columns)
            except Exception as error:  # noqa: BLE001 (a foreign file may make a reader raise anything)
                self._pass_over(path, error)
                continue
            if len(some):
                yield some

    def back(self, columns: Sequence[str], oldest: dt.date) -> Iterator[pd.DataFrame]:
        """Some columns of the last snapshot of each earlier day not before one, the newest first; each is read when it is asked for."""
        last = dict(reversed(self._earlier))
        for made, path in reversed(last.items()):
            if made < oldest:
                return
            some = self._used(path, partial(_in_part, columns=columns))
            if some is not None:
                yield some

    def _by_nearness(self, day: dt.date) -> list[Path]:
        return [path for _, path in sorted(self._earlier, key=lambda kept: abs(kept[0] - day))]

    def _first(self, paths: Iterable[Path]) -> pd.DataFrame | None:
        """The first snapshot that can be used; what an older version did not keep is unknown."""
        return next((found for found in map(self._snapshot, paths) if found is not None), None)

    def _snapshot(self, path: Path) -> pd.DataFrame | None:
        if path not in self._read:
            self._read[path] = self._used(path, _known)
        return self._read[path]

    def _some(self, path: Path, columns: tuple[str, ...]) -> pd.DataFrame | None:
        if (path, columns) not in self._parts:
            self._parts[path, columns] = self._used(path, partial(_in_part, columns=columns))
        return self._parts[path, columns]

    def _used(self, path: Path, understood: Callable[[bytes, Path], pd.DataFrame]) -> pd.DataFrame | None:
        """What is understood of a snapshot; None of one that is passed over."""
        try:
            content = path.read_bytes()
            found = understood(content, path)
        except Exception as error:  # noqa: BLE001 (a foreign file may make a reader raise anything)
            self._pass_over(path, error)
            return None
        self.used[f"{FOLDER}/{path.name}"] = hashlib.sha256(content).hexdigest()
        return found

    def _pass_over(self, path: Path, error: Exception) -> None:
        self.passed_over[f"{FOLDER}/{path.name}"] = error
        _LOG.warning("snapshot passed over", extra={"file": path.name, "error": type(error).__name__})


def files(out: Path) -> list[Path]:
    """Every snapshot, the oldest first."""
    return [path for _, path in _kept(out)]


def since(out: Path, moment: str) -> list[str]:
    """The files of the history that a night since some moment (ISO) has left, or somebody else, below the output folder."""
    first = f"{dt.datetime.fromisoformat(moment):{_NAME}}"
    return [f"{FOLDER}/{path.name}" for _, path in _kept(out) if path.stem >= first]


def _kept(out: Path) -> list[tuple[dt.date, Path]]:
    """Every snapshot's day and file, the oldest first; a file with another name is none of ours."""
    found = []
    for path in sorted((out / FOLDER).glob("*.parquet")):
        with contextlib.suppress(ValueError):
            found.append((_day(path), path))
    return found


def _exactly(out: Path, only: Mapping[str, str]) -> list[tuple[dt.date, Path]]:
    """These snapshots alone, as they were."""
    for name, sha256 in only.items():
        try:
            found = hashlib.sha256((out / name).read_bytes()).hexdigest()
        except OSError as error:
            raise LookupError(name) from error
        if found != sha256:
            raise LookupError(name)
    return [(_day(out / name), out / name) for name in sorted(only)]


def _day(path: Path) -> dt.date:
    return dt.datetime.strptime(path.stem, _NAME).date()
