"""The store: what nights have read, kept below the output folder for its owner alone.

    books/<SHA-256 of a file>-<version of the reader>   what the bytes of a workbook say (`arrow_books`)
    policies/<SHA-256>.toml                             every policy that was used
    nights/<moment>.json                                the record of a night (`core.nights`)
    nights/<moment>.link                                what is left of the record of a night that was swept (`core.chain`)
    nights/<moment>.forgotten                           the record that a customer was taken out of all of this

A name is its content: whatever stands there never changes, and two nights at once can only write the same. Entries appear
whole or not at all, and one whose hash does not fit is as good as none. Without the store every workbook is read again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kam_xl.core import chain, nights
from kam_xl.core.chain import Forgotten, Link, Record
from kam_xl.core.nights import Night, Stamp
from kam_xl.hosts.replacing import replacing

if TYPE_CHECKING:
    from kam_xl.core.sections import Retention

FOLDER = "store"
BOOKS, POLICIES, NIGHTS = "books", "policies", "nights"
#: The folders of the store, below the output folder.
FOLDERS = (FOLDER, *(f"{FOLDER}/{name}" for name in (BOOKS, POLICIES, NIGHTS)))
#: How the files of the chain end: a night, what is left of one, a customer forgotten.
NIGHT, LINK, FORGOTTEN = ".json", ".link", ".forgotten"
_NAME = "%Y-%m-%dT%H%M%S"
#: Nobody but the owner may look in.
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
#: A file changed so shortly before it was looked at may change again without its time telling.
_SURE_NS = 2 * 10**9
#: A younger entry may be one that another night is about to name.
_DAY = 24 * 3600
#: So much of an entry's name is told: enough to find it by, too little to be taken for a phone number.
_SHOWN = 8
_LOG = logging.getLogger("kam_xl")


def stamp(found: os.stat_result) -> Stamp | None:
    """What tells that a file is still the same; None where it changed too shortly before."""
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) < _SURE_NS:
        return None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def kept(folder: Path, sha256: str, reader: str, name: str) -> str | None:
    """The entry of a file's bytes, for any name or for this one; None where there is none."""
    names = (nights.entry_name(sha256, reader), nights.entry_name(sha256, reader, name))
    return next((entry for entry in names if (folder / entry).is_file()), None)


class Store:
    """The store of an output folder; ``passed_over`` says by file what could not be used and why."""

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER
        self.books = self.folder / BOOKS
        self.passed_over: dict[str, Exception] = {}
        self.private = False  # nobody else can look in, which is seen to before anything is written

    def load(self, entry: str, sha256: str | None = None) -> bytes | None:
        """An entry, packed; one that is damaged, or not what a record says, is told, taken away, and as good as none."""
        try:
            return self.held(entry, sha256)
        except OSError:
            return None
        except ValueError as error:
            self._pass_over(self.books / entry[:_SHOWN], error)
            with contextlib.suppress(OSError):
                (self.books / entry).unlink()
            return None

    def held(self, entry: str, sha256: str | None = None) -> bytes:
        """An entry, packed; `OSError` where it is not there, `ValueError` where it is not what was written."""
        from kam_xl.hosts import arrow_books  # the nights' own: a desk has no store

        content = (self.books / entry).read_bytes()
        arrow_books.check(content)
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError("it is another than was recorded")
        return content

    def keep(self, entry: str, content: bytes) -> None:
        """Write an entry, whole or not at all."""
        try:
            self._put(self.books / entry, content)
        except PermissionError:  # Windows replaces no file that is open: another night has the same entry in hand
            if not (self.books / entry).is_file():
                raise

    def use(self, entries: Iterable[str]) -> None:
        """Let entries that a night rests on count as new, so that no other night sweeps them away."""
        for entry in entries:
            with contextlib.suppress(OSError):  # gone, or another's: it is read again then
                os.utime(self.books / entry)

    def keep_policy(self, text: bytes) -> str:
        """Keep the text of a policy; its hash."""
        sha256 = hashlib.sha256(text).hexdigest()
        path = self.folder / POLICIES / f"{sha256}.toml"
        if not path.is_file():
            self._put(path, text)
        return sha256

    def policy(self, sha256: str) -> bytes:
        """The text of a policy by its hash; `OSError` where it is not there, `ValueError` where it is another."""
        text = (self.folder / POLICIES / f"{sha256}.toml").read_bytes()
        if hashlib.sha256(text).hexdigest() != sha256:
            raise ValueError("its hash does not fit")
        return text

    def last(self) -> tuple[Night, str] | None:
        """The newest night whose record is whole, and its hash."""
        return next(self.nights(), None)

    def nights(self) -> Iterator[tuple[Night, str]]:
        """Every night whose record is whole with its hash, the newest first, as it stands since customers were forgotten."""
        later: list[Forgotten] = []
        for record, link in self.records():
            if isinstance(record, Forgotten):
                later.insert(0, record)
            else:
                yield chain.now(record, link.own, later), link.own

    def newest(self) -> str | None:
        """The hash of the newest record, which the next one names."""
        return next((link.own for _, link in self.records() if link.content), None)

    def records(self) -> Iterator[tuple[Record, Link]]:
        """Every record that is whole with its link, the newest first."""
        for path in reversed(self.places()):
            try:
                if path.suffix != LINK:
                    yield chain.read(path.read_bytes().decode("utf-8"))
            except (OSError, ValueError) as error:
                self._pass_over(path, error)

    def places(self) -> list[Path]:
        """The files of the chain, the oldest first; a file of another name is none of ours."""
        found = (path for path in (self.folder / NIGHTS).glob("*") if path.suffix in (NIGHT, LINK, FORGOTTEN))
        return sorted((path for path in found if _day(path)), key=_age)

    def swept(self) -> set[dt.date]:
        """The days of the nights of which the link alone is kept."""
        return {day for path in self.places() if path.suffix == LINK and (day := _day(path))}

    def place_of(self, moment: dt.datetime, kind: str = NIGHT) -> Path:
        """Where a record goes, below the output folder: after all others, even where the clock was set back since."""
        newest = (*map(_age, self.places()[-1:]), ("", 0))[0]
        name = max(f"{moment:{_NAME}}", newest[0])
        return Path(FOLDER, NIGHTS, f"{_numbered(name, newest[1] + 1 if name == newest[0] else 1)}{kind}")

    def sweep(self, today: dt.date, rule: Retention) -> None:
        """Forget the nights that the policy keeps no longer, but for their links, then what no other night rests on."""
        found = {path: day for path in self.places() if path.suffix == NIGHT and (day := _day(path))}
        days = nights.to_keep(found.values(), today, rule)
        for path in [path for path, day in found.items() if day not in days]:
            self._reduce(path)
        kept = [night for night, _ in self.nights()]
        self._sweep(self.books, set().union(*(night.entries for night in kept)))
        self._sweep(self.folder / POLICIES, {f"{night.policy}.toml" for night in kept})

    def _reduce(self, path: Path) -> None:
        """Leave of a record its link alone; one from before the ledger, or that is damaged, has none."""
        with contextlib.suppress(OSError, ValueError):
            _, link = chain.read(path.read_bytes().decode("utf-8"))
            if link.content is not None:
                self._put(path.with_suffix(LINK), chain.link_text(link).encode())
        path.unlink(missing_ok=True)

    def _put(self, path: Path, content: bytes) -> None:
        """Write a file for nobody else to look into, in folders that are alike."""
        if not self.private:
            for name in ("", BOOKS, POLICIES, NIGHTS):
                (self.folder / name).mkdir(mode=_FOLDER_MODE, exist_ok=True)
                (self.folder / name).chmod(_FOLDER_MODE)
            self.private = True
        with replacing(path) as new:
            new.touch(_FILE_MODE)
            new.write_bytes(content)

    def _sweep(self, folder: Path, named: set[str]) -> None:
        for path in folder.glob("*"):
            with contextlib.suppress(OSError):
                if path.name not in named and time.time() - path.stat().st_mtime > _DAY:
                    path.unlink()

    def _pass_over(self, path: Path, error: Exception) -> None:
        self.passed_over[path.relative_to(self.folder.parent).as_posix()] = error
        _LOG.warning("part of the store passed over", extra={"file": path.name, "error": type(error).__name__})


def write_record(path: Path, record: Record) -> Link:
    """A record, for its owner alone; its link."""
    text, link = chain.written(record)
    write(path, text.encode())
    return link


def write(path: Path, content: bytes) -> None:
    """A new file, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(_FILE_MODE)
    path.write_bytes(content)


def name(moment: str) -> str:
    """A moment (ISO) as the name of a record has it."""
    return f"{dt.datetime.fromisoformat(moment):{_NAME}}"


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _age(path: Path) -> tuple[str, int]:
    """What sorts records by their moment, and those of one moment by their number."""
    moment, number = path.stem[:17], path.stem[18:]
    return moment, int(number) if number.isdigit() else 1


def _day(path: Path) -> dt.date | None:
    """The day of a record; None of a file with another name, which is none of ours."""
    try:
        return dt.datetime.strptime(path.stem[:17], _NAME).date()
    except ValueError:
        return None
