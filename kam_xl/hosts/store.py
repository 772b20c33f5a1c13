"""The store: what nights have read, kept below the output folder for its owner alone.

    books/<SHA-256 of a file>-<version of the reader>   what the bytes of a workbook say (`arrow_books`)
    policies/<SHA-256>.toml                             every policy that was used
    nights/<moment>.json                                the record of a night (`core.nights`)

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

from kam_xl.core import nights, sections
from kam_xl.core.nights import Night, Stamp
from kam_xl.hosts.replacing import replacing

FOLDER = "store"
BOOKS, POLICIES, NIGHTS = "books", "policies", "nights"
#: The folders of the store, below the output folder.
FOLDERS = (FOLDER, *(f"{FOLDER}/{name}" for name in (BOOKS, POLICIES, NIGHTS)))
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

    def __init__(self, out: Path, *, mends: bool = True) -> None:
        self.mends = (
            mends  # what is damaged is taken away, so that it is read again; who only looks back touches nothing
        )
        self.folder = out / FOLDER
        self.books = self.folder / BOOKS
        self.passed_over: dict[str, Exception] = {}
        self.private = False  # nobody else can look in, which is seen to before anything is written

    def load(self, entry: str) -> bytes | None:
        """An entry, packed; one that is damaged is told, taken away where this store mends, and as good as none."""
        from kam_xl.hosts import arrow_books  # the nights' own: a desk has no store

        try:
            content = (self.books / entry).read_bytes()
        except OSError:
            return None
        try:
            arrow_books.check(content)
        except ValueError as error:
            self._pass_over(self.books / entry[:_SHOWN], error)
            if self.mends:
                with contextlib.suppress(OSError):
                    (self.books / entry).unlink()
            return None
        return content

    def keep(self, entry: str, content: bytes) -> None:
        """Write an entry, whole or not at all."""
        self._put(self.books / entry, content)

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
        """The newest record that is whole, and its hash."""
        return next(self.nights(), None)

    def nights(self) -> Iterator[tuple[Night, str]]:
        """Every record that is whole with its hash, the newest first."""
        for path in sorted((self.folder / NIGHTS).glob("*.json"), key=_age, reverse=True):
            try:
                yield nights.read(path.read_text("utf-8"))
            except (OSError, ValueError) as error:
                self._pass_over(path, error)

    def place_of(self, moment: dt.datetime) -> Path:
        """Where the record of a night goes, below the output folder; a second one of the same moment is numbered."""
        name = f"{moment:{_NAME}}"
        taken = {path.stem for path in (self.folder / NIGHTS).glob(f"{name}*.json")}
        number = next(n for n in range(1, len(taken) + 2) if _numbered(name, n) not in taken)
        return Path(FOLDER, NIGHTS, f"{_numbered(name, number)}.json")

    def sweep(self, today: dt.date, rule: sections.Retention) -> None:
        """Forget the nights that the policy keeps no longer, then what no night that is kept rests on."""
        found = {path: _day(path) for path in (self.folder / NIGHTS).glob("*.json")}
        known = {path: day for path, day in found.items() if day}
        days = nights.to_keep(known.values(), today, rule)
        for path in [path for path, day in known.items() if day not in days]:
            path.unlink(missing_ok=True)
        kept = [night for night, _ in self.nights()]
        self._sweep(self.books, set().union(*(night.entries for night in kept)))
        self._sweep(self.folder / POLICIES, {f"{night.policy}.toml" for night in kept})

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


def write_record(path: Path, night: Night) -> None:
    """A night's record, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nights.written(night), "utf-8")
    path.chmod(_FILE_MODE)


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
