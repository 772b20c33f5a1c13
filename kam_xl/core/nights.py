"""What is remembered of a night: which workbooks it saw and what became of each, under which policy, with what it wrote.

A record names the one before by its hash, and has a hash of its own: whoever changes one afterwards breaks the chain.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from kam_xl.core.sections import Retention


class Stamp(NamedTuple):
    """What a file system tells of a file without opening it: as long as all of it stays, so do the bytes."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


@dataclass(frozen=True)
class Seen:
    """One file of the teams' folder as a night saw it.

    ``entry`` is the entry of the store that says what its bytes hold; one without was not read, and ``reason`` with
    ``detail`` say why. ``stamp`` is left out where the file was changed so shortly before that it proves nothing.
    """

    path: str
    team: str
    sha256: str | None
    size_bytes: int
    modified: str | None  # local time
    outcome: str  # read · quarantined · skipped
    reason: str | None = None
    detail: str | None = None
    entry: str | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True)
class Night:
    """The record of one night; ``outputs`` are the hashes of its files by their names, ``before`` that of the record before."""

    moment: str
    product: str
    reader: str
    policy: str
    lang: str
    books: tuple[Seen, ...]
    outputs: dict[str, str]
    before: str | None

    @property
    def by_path(self) -> dict[str, Seen]:
        """The files by their paths."""
        return {seen.path: seen for seen in self.books}

    @property
    def entries(self) -> set[str]:
        """The entries of the store that this night rests on."""
        return {seen.entry for seen in self.books if seen.entry}


def entry_name(sha256: str, reader: str, name: str | None = None) -> str:
    """The name of the entry of a file's bytes, read by one version of the reader; where its name counts, of that too."""
    named = f"-{hashlib.sha256(name.encode()).hexdigest()[:16]}" if name else ""
    return f"{sha256}-{reader}{named}"


def written(night: Night) -> str:
    """A record as it is kept: one JSON object, its own hash last."""
    told = dataclasses.asdict(night)
    return json.dumps({**told, "own": _hash(told)}, ensure_ascii=False, indent=1)


def read(text: str) -> tuple[Night, str]:
    """A record and its own hash out of its text; `ValueError` where that hash does not fit, or it is no record."""
    try:
        told: dict[str, Any] = json.loads(text)
        own = told.pop("own")
        books = tuple(Seen(**{**one, "stamp": one["stamp"] and Stamp(*one["stamp"])}) for one in told["books"])
        night = Night(**{**told, "books": books})
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("it is no record of a night") from error
    if own != _hash(told):
        raise ValueError("its hash does not fit")
    return night, own


def _hash(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def to_keep(days: Iterable[dt.date], today: dt.date, store: Retention) -> set[dt.date]:
    """Of the days of which there are nights those that are kept: all of the last days, then the last of each month."""
    found, recent = sorted(set(days)), today - dt.timedelta(days=store.all_days)
    oldest = today.year * 12 + today.month - store.month_ends
    ends = {(day.year, day.month): day for day in found}
    return {day for day in found if day >= recent} | {
        day for (year, month), day in ends.items() if year * 12 + month >= oldest
    }
