"""Whether anything that is kept was changed since a night wrote it: the chain of records, what they name, tonight's outputs.

Nothing is written, locked or mended here: a copy on a medium that only reads will do.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kam_xl.core import chain
from kam_xl.core.chain import Forgotten, Link, Record
from kam_xl.core.errors import KamError
from kam_xl.core.nights import Night
from kam_xl.hosts import arrow_books, outputs, snapshots, store
from kam_xl.hosts.store import Store
from kam_xl.nightly import past_nights, recording
from kam_xl.reports.run import RECORD


class Broken(NamedTuple):
    """What does not fit: the record concerned by its file's name, the file, and what is wrong (``ledger.broken``)."""

    record: str
    file: str
    what: str


@dataclass
class Verified:
    """What was looked at, and what does not fit: first what breaks the chain, from its beginning on."""

    broken: list[Broken] = field(default_factory=list)
    nights: int = 0
    swept: int = 0
    forgotten: int = 0
    older: int = 0  # nights from before the ledger
    files: int = 0
    newest: str | None = None
    hashes: frozenset[str] = frozenset()


class _Standing(NamedTuple):
    """One file of the chain: its record, unless nothing but the link is left, and its link; neither where it is damaged."""

    path: Path
    record: Record | None
    link: Link | None

    @property
    def name(self) -> str:
        return self.path.name


def verify(out: Path) -> Verified:
    """Everything the ledger of an output folder can tell."""
    kept = Store(out)
    found = [_standing(path) for path in kept.places()]
    ledger = [one for one in found if one.link is None or one.link.content]
    own = [one.link.own for one in ledger if one.link]
    looked = _Looked(out, found)
    broken = [*_damaged(found), *_unlinked(ledger), *_reduced(found, kept)]
    broken += [*looked.nights(), *looked.history(), *looked.outputs(), *looked.foreign()]
    return Verified(
        list(dict.fromkeys(broken)),
        nights=sum(isinstance(one.record, Night) for one in ledger),
        swept=sum(one.link is not None and one.record is None for one in ledger),
        forgotten=sum(isinstance(one.record, Forgotten) for one in ledger),
        older=len(found) - len(ledger),
        files=len(looked.known),
        newest=own[-1] if own else None,
        hashes=frozenset(own),
    )


def _standing(path: Path) -> _Standing:
    """A file of the chain as it stands; what it holds must be of the kind that its name says."""
    try:
        text = path.read_bytes().decode("utf-8")
        if path.suffix == store.LINK:
            return _Standing(path, None, chain.read_link(text))
        record, link = chain.read(text)
    except (OSError, ValueError, RecursionError):
        return _Standing(path, None, None)
    of_its_kind = isinstance(record, Forgotten) == (path.suffix == store.FORGOTTEN)
    return _Standing(path, record, link) if of_its_kind else _Standing(path, None, None)


# --- the chain --------------------------------------------------------------------------------------------------------


def _damaged(found: Iterable[_Standing]) -> Iterator[Broken]:
    """Records whose hash does not fit; among those of the ledger one from before it."""
    begun = False
    for one in found:
        if one.link is None:
            yield Broken(one.name, f"{store.FOLDER}/{store.NIGHTS}/{one.name}", "changed")
        elif one.link.content:
            begun = True
        elif begun:
            yield Broken(one.name, f"{store.FOLDER}/{store.NIGHTS}/{one.name}", "late")


def _unlinked(ledger: list[_Standing]) -> Iterator[Broken]:
    """Records that name another before them than stands there; next to a damaged one nobody can tell."""
    before: str | None = None
    sure = True
    for one in ledger:
        if one.link and sure and one.link.before != before:
            yield Broken(one.name, f"{store.FOLDER}/{store.NIGHTS}/{one.name}", "link" if before else "beginning")
        before, sure = (one.link.own, True) if one.link else (None, False)


def _reduced(found: list[_Standing], kept: Store) -> Iterator[Broken]:
    """Nights of which nothing but the link is left, though no policy has had them swept, and nobody was forgotten there."""
    swept = chain.swept_before(_rules(found, kept))
    dropped = {own for one in found if isinstance(one.record, Forgotten) for own in one.record.dropped}
    for one in found:
        if (
            one.record is None
            and one.link
            and one.link.own not in dropped
            and one.link.moment[:10] >= swept.isoformat()
        ):
            yield Broken(one.name, f"{store.FOLDER}/{store.NIGHTS}/{one.name}", "reduced")


def _rules(found: list[_Standing], kept: Store) -> Iterator[tuple[dt.date, int]]:
    """The last day of each policy, and the days of which it keeps every night; that one is lost or damaged is told apart."""
    last = {one.record.policy: one.record for one in found if isinstance(one.record, Night)}
    for night in last.values():
        with contextlib.suppress(OSError, ValueError, KamError):
            yield dt.date.fromisoformat(night.moment[:10]), past_nights.policy_of(night, kept).store.all_days


# --- what the records name --------------------------------------------------------------------------------------------


class _Looked:
    """The files below an output folder against what the records say of them, each read once."""

    def __init__(self, out: Path, found: list[_Standing]) -> None:
        self.out, self.found = out, found
        self.known: set[str] = set()
        self._hashes: dict[str, str | None] = {}

    def nights(self) -> Iterator[Broken]:
        """Entries and policies of every night, as it stands since customers were forgotten."""
        for one, night in self._nights():
            policy = f"{store.FOLDER}/{store.POLICIES}/{night.policy}.toml"
            yield from self._file(one, policy, night.policy)
            for seen in night.books:
                if seen.entry:
                    yield from self._file(one, f"{store.FOLDER}/{store.BOOKS}/{seen.entry}", seen.content)

    def history(self) -> Iterator[Broken]:
        """The snapshot that every night left, swept or not, and those from before the ledger that one was compared with."""
        for one, later in self._with_later():
            left = chain.since(one.link.snapshot, later) if one.link else {}
            for name, sha256 in left.items():
                yield from self._file(one, name, sha256)
        for one, night in self._nights():
            for name, sha256 in (night.asked.snapshots if night.asked else {}).items():
                yield from self._file(one, name, sha256)

    def outputs(self) -> Iterator[Broken]:
        """The files of the newest night; those of older ones are not kept."""
        last = next(((one, night) for one, night in self._nights(newest_first=True)), None)
        if last is None:
            return
        one, night = last
        listed = outputs.recorded(self.out / RECORD).get("outputs")
        files = _hashes(listed)
        if night.outputs not in (files, recording.by_name(files)):
            yield Broken(one.name, RECORD, "other_outputs")
        for name, sha256 in files.items():
            yield from self._file(one, name, sha256)

    def foreign(self) -> Iterator[Broken]:
        """What no record names."""
        chained = {one.path for one in self.found}
        below = (path for path in sorted((self.out / store.FOLDER).rglob("*")) if not path.is_dir())
        for name in (path.relative_to(self.out).as_posix() for path in below if path not in chained):
            if name not in self.known:
                yield Broken("", name, "foreign")
        first = next((one.link.moment for one in self.found if one.link and one.link.content), None)
        for name in snapshots.since(self.out, first) if first else ():
            if name not in self.known:
                yield Broken("", name, "foreign")

    def _file(self, one: _Standing, name: str, sha256: str | None) -> Iterator[Broken]:
        self.known.add(name)
        found = self._hash(name)
        if found is None:
            yield Broken(one.name, name, "missing")
        elif found != sha256 and (sha256 or not self._is_sealed(name)):
            yield Broken(one.name, name, "changed")

    def _hash(self, name: str) -> str | None:
        if name not in self._hashes:
            try:
                with (self.out / name).open("rb") as file:
                    self._hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                self._hashes[name] = None
        return self._hashes[name]

    def _is_sealed(self, name: str) -> bool:
        """True of an entry that fits its own seal: records from before the ledger say no more."""
        try:
            arrow_books.check((self.out / name).read_bytes())
        except (OSError, ValueError):
            return False
        return True

    def _nights(self, *, newest_first: bool = False) -> Iterator[tuple[_Standing, Night]]:
        found = [
            (one, chain.now(one.record, one.link.own, later))
            for one, later in self._with_later()
            if isinstance(one.record, Night) and one.link
        ]
        return iter(found[::-1] if newest_first else found)

    def _with_later(self) -> list[tuple[_Standing, list[Forgotten]]]:
        """Every file of the chain with who was forgotten after it."""
        later: list[Forgotten] = []
        found = []
        for one in reversed(self.found):
            found.append((one, list(later)))
            if isinstance(one.record, Forgotten):
                later.insert(0, one.record)
        return found[::-1]


def _hashes(listed: object) -> dict[str, str]:
    """The files that a run's record lists with their hashes; none where it is no such list."""
    try:
        return {str(one["file"]): str(one["sha256"]) for one in listed}  # type: ignore[attr-defined]
    except (AttributeError, KeyError, TypeError):
        return {}
