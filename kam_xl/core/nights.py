"""What is remembered of a night: which workbooks it saw and what became of each, under which policy, with what it wrote."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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

    ``entry`` is the entry of the store that says what its bytes hold, and ``content`` the SHA-256 of that entry; one
    without was not read, and ``reason`` with ``detail`` say why. ``stamp`` is left out where the file was changed so
    shortly before that it proves nothing. ``orders`` tells of a file of nothing but orders; of one that cannot be read,
    that it was one when a night last read it.
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
    content: str | None = None
    orders: bool = False


class Source(NamedTuple):
    """One file of the teams' folder and what became of it; `reason` is a key of ``words/refusals.toml``, `orders` as in `Seen`."""

    book: str
    team: str
    sha256: str | None
    size_bytes: int
    modified: dt.datetime | None
    outcome: str  # used · copy, superseded, undecided (see `versions`) · quarantined · skipped
    reason: str | None
    detail: str | None
    info_rows: int = 0
    evaluation_rows: int = 0
    tracking_rows: int = 0
    finding_count: int = 0
    optional_rows: int = 0
    orders: bool = False


#: Why a night is not explained against the one that it is compared with: of that one the store has no record, its link
#: alone, or not all that it read.
UNEXPLAINED = ("absent", "swept", "lost")


@dataclass(frozen=True)
class AskedFor:
    """What else than workbooks, policy and moment makes the bytes of a night's outputs: with it they are made again.

    ``snapshots`` are those it was compared with, each with its SHA-256; ``passed_over`` says by file of the output folder
    which error kept it from being used. ``code`` is the version of everything that writes. ``against`` is the moment of the
    night that it was explained against, else why none was (`UNEXPLAINED`); "" on the first night.
    """

    teams_dir: str
    teams_from_out: str
    workers: int
    options: dict[str, object]
    views: tuple[str, ...]
    snapshots: dict[str, str]
    passed_over: dict[str, str]
    code: str
    against: str = ""


@dataclass(frozen=True)
class Night:
    """The record of one night; ``before`` is the hash of the record before.

    ``outputs`` are the hashes of its files by their names; a folder of one file a customer, a person or a team has one for
    all of them, so that nobody's ID or name stands in a record. Nights before the ledger have no ``asked``.
    """

    moment: str
    product: str
    reader: str
    policy: str
    lang: str
    books: tuple[Seen, ...]
    outputs: dict[str, str]
    before: str | None
    asked: AskedFor | None = None

    @property
    def began(self) -> dt.datetime:
        """The moment as a time."""
        return dt.datetime.fromisoformat(self.moment)

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


def to_keep(days: Iterable[dt.date], today: dt.date, store: Retention) -> set[dt.date]:
    """Of the days of which there are nights those that are kept: all of the last days, then the last of each month.

    Of each the day before it too, within these months: against that it was explained, so without it nobody could make it
    again.
    """
    found, recent = sorted(set(days)), today - dt.timedelta(days=store.all_days)
    oldest = today.year * 12 + today.month - store.month_ends
    young = [day for day in found if day.year * 12 + day.month >= oldest]
    ends = {(day.year, day.month): day for day in young}
    kept = {day for day in found if day >= recent} | {*ends.values()}
    return kept | {before for before, day in pairwise(young) if day in kept}
