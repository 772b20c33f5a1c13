"""What becomes of one workbook: what its bytes say, packed for the store, or why nobody can use it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kam_xl.core import nights, read_books
from kam_xl.core.books import Book, is_export
from kam_xl.core.errors import Refused
from kam_xl.core.intake import Intake
from kam_xl.core.nights import Source, Stamp
from kam_xl.core.read_books import Content, ReadBook
from kam_xl.core.texts import printable
from kam_xl.hosts import store, workbooks
from kam_xl.hosts.workbooks import File


class OnDisk(NamedTuple):
    """What was seen of a file: the hash of its bytes, how many, when it last changed (UTC), and what tells that it did not."""

    sha256: str
    size_bytes: int
    changed: dt.datetime
    stamp: Stamp | None


@dataclass(frozen=True)
class Outcome:
    """What became of one workbook: what its bytes say, or the reason and detail why it is quarantined.

    ``content`` is what its bytes say, packed where it may be kept as ``entry`` of the store (`arrow_books`), and None where it
    is kept there already; a `Book` where its cells are wanted as they are. `trace` says where our own code failed, for the log; nothing of it is shown to people.
    """

    name: str
    facts: OnDisk | None = None
    entry: str | None = None
    content: bytes | Content | Book | None = None
    reason: str | None = None
    detail: str = ""
    trace: str = ""
    seconds: float = 0.0

    def book(self, content: Content) -> ReadBook:
        """The workbook that says this."""
        if self.facts is None:
            raise TypeError("nobody has seen the file")
        sha256, size, changed, _ = self.facts
        modified = workbooks.local(content.saved or changed)
        return content.book(self.name, workbooks.team(self.name), sha256, size, modified)


def of(file: File, kept: Path | None, intake: Intake, reader: str | None = None) -> Outcome:
    """What the bytes of one file say, be it that nobody can use them; not opened where the store knows it.

    With the version of the reader it is packed, as it may be kept.
    """
    if reader is None:
        content = _content(file, intake)
        return Outcome(file.name, _facts(file), None, content, *(content.refused or ()))
    from kam_xl.hosts import arrow_books  # the nights' own: a desk packs nothing

    if kept and (known := store.kept(kept, file.sha256, reader, file.name)):
        return Outcome(file.name, _facts(file), known)
    content = _content(file, intake)
    entry = nights.entry_name(file.sha256, reader, _name_that_counts(file))
    return Outcome(file.name, _facts(file), entry, arrow_books.packed(content), *(content.refused or ()))


def _facts(file: File) -> OnDisk:
    return OnDisk(file.sha256, len(file.data), workbooks.changed(file.found), store.stamp(file.found))


def _content(file: File, intake: Intake) -> Content:
    try:
        book = read_books.read(workbooks.book(file), intake)
    except Refused as refusal:
        return Content(refused=(refusal.reason, refusal.detail))
    return Content(book.findings, book.parts, book.saved)


def _name_that_counts(file: File) -> str | None:
    with contextlib.suppress(Refused):
        return file.name if file.goes_by_name else None
    return None


def _may_be_customers(outcome: Outcome) -> bool:
    """False for an export that was read and is no table, or a table of something else than customers and orders."""
    if outcome.reason == "no_standard_sheet":
        return outcome.detail.split("\t")[1:2] in (["customers"], ["orders"])
    return outcome.reason not in ("not_a_workbook", "empty_file")


def refused(outcome: Outcome, folder: Path) -> Source:
    """A file of the folder that could not be used.

    Our own older masters, and exports that nothing speaks for being customers or orders, are skipped rather than quarantined.
    """
    stray = is_export(outcome.name) and not _may_be_customers(outcome)
    outcome = dataclasses.replace(outcome, reason="no_workbook_name", detail="") if stray else outcome
    kind = "skipped" if outcome.reason in ("own_output", "no_workbook_name") else "quarantined"
    facts = outcome.facts
    size, sha256 = (facts.size_bytes, facts.sha256) if facts else workbooks.fingerprint(folder / outcome.name)
    name = printable(outcome.name)
    return Source(name, workbooks.team(name), sha256, size, None, kind, outcome.reason, outcome.detail or None)
