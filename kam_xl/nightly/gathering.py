"""Every workbook of a folder as read: out of the store where its bytes were seen, else opened in a child process.

And the same of a past night, out of the store alone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from kam_xl.core.nights import Night, Seen, Source
from kam_xl.core.read_books import Content, ReadBook
from kam_xl.hosts import arrow_frames, isolation, outcomes, reader_version, store, workbooks
from kam_xl.hosts.isolation import Order
from kam_xl.hosts.outcomes import OnDisk, Outcome
from kam_xl.hosts.store import Store
from kam_xl.hosts.workbooks import Listing

_LOG = logging.getLogger("kam_xl")

#: Told how many workbooks there are and how many are as they were, then one by one which was opened.
Told = Callable[[int, int, str], None]
#: Makes what maps over so many workbooks.
Executors = Callable[[int], AbstractContextManager[Executor]]


@dataclass
class Gathered:
    """The workbooks that can be used, every file with what became of it, and how long each took to read."""

    books: list[ReadBook] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, more: Gathered) -> None:
        """Others besides, gathered elsewhere."""
        self.books += more.books
        self.seen += more.seen
        self.seconds |= more.seconds

    @property
    def others(self) -> list[Source]:
        """The files that are no workbooks to use."""
        return [_source(one) for one in self.seen if one.outcome != "read"]

    def take(self, outcome: Outcome, packed: bytes | None, content: Content | None, order: Order) -> None:
        """One file, and what its bytes say if they were read, as it is kept and as it is."""
        self.seconds[outcome.name] = round(outcome.seconds, 3)
        if content and content.refused:
            reason, detail = content.refused
            outcome = dataclasses.replace(outcome, reason=reason, detail=detail)
        _log(outcome)
        if content and not content.refused:
            self.books.append(outcome.book(content))
            seen = _read(outcome, self.books[-1])
        else:
            seen = _refused(outcome, outcomes.refused(outcome, order.folder))
        self.seen.append(dataclasses.replace(seen, content=hashlib.sha256(packed).hexdigest() if packed else None))


def gather(order: Order, listing: Listing, kept: Store, executors: Executors, told: Told) -> Gathered:
    """Every workbook of a listing; what had to be opened is kept."""
    found: list[tuple[Outcome, bytes | None]] = [*_remembered(order, listing, kept)]
    known = {outcome.name for outcome, _ in found}
    names = tuple(name for name in listing.books if name not in known)
    unchanged = len(listing.books) - len(names)
    told(len(listing.books), unchanged, "")
    while names:
        lost = []
        with executors(len(names)) as executor:
            for outcome in isolation.read_all(order, names, executor):
                content = _content(outcome, kept)
                if outcome.entry and content is None:
                    lost.append(outcome.name)
                else:
                    found.append((outcome, content))
                told(len(listing.books), unchanged, outcome.name)
        names, order = tuple(lost), dataclasses.replace(order, store=None)
    kept.use(outcome.entry for outcome, _ in found if outcome.entry)
    gathered = _gathered(order, listing, found)
    gathered.seen = _told_of_orders(gathered.seen, kept)
    return gathered


def _gathered(order: Order, listing: Listing, found: list[tuple[Outcome, bytes | None]]) -> Gathered:
    """The files in their order, whichever was read first, and what was never opened."""
    found.sort(key=lambda one: one[0].name)
    said = iter(arrow_frames.unpacked(content for _, content in found if content))
    gathered = Gathered(seen=[*_unread(listing)])
    for outcome, content in found:
        gathered.take(outcome, content, next(said) if content else None, order)
    return gathered


def _told_of_orders(seen: list[Seen], kept: Store) -> list[Seen]:
    """The files, those that cannot be used as the newest night that knows their path tells whether they hold orders alone."""
    open_ones = {one.path for one in seen if one.outcome == "quarantined"}
    known: dict[str, bool] = {}
    for night, _ in kept.nights() if open_ones else ():
        known = {path: one.orders for path, one in night.by_path.items() if path in open_ones} | known
        if known.keys() == open_ones:
            break
    return [dataclasses.replace(one, orders=known[one.path]) if one.path in known else one for one in seen]


def _remembered(order: Order, listing: Listing, kept: Store) -> Iterator[tuple[Outcome, bytes]]:
    """The workbooks that are as the last night saw them, with what it read."""
    last = kept.last()
    before = last[0].by_path if last else {}
    for name in listing.books:
        seen = before.get(name)
        outcome = _as_before(order, name, seen)
        recorded = seen.content if seen and outcome and seen.entry == outcome.entry else None
        content = kept.load(outcome.entry, recorded) if outcome and outcome.entry else None
        if outcome and content:
            yield outcome, content


def _as_before(order: Order, name: str, before: Seen | None) -> Outcome | None:
    """A file that its stamp says is the same, where the store has what this reader made of it."""
    if not (before and before.sha256 and before.stamp):
        return None
    try:
        found = (order.folder / name).stat()
    except OSError:  # whoever opens it will tell
        return None
    if store.stamp(found) != before.stamp or order.store is None:
        return None
    entry = store.kept(order.store, before.sha256, reader_version.under(order.intake), name)
    return Outcome(name, OnDisk(before.sha256, found.st_size, workbooks.changed(found), before.stamp), entry)


def _content(outcome: Outcome, kept: Store) -> bytes | None:
    """What a file's bytes say, kept from now on; None where nothing was read of them, or the store has lost it."""
    if outcome.entry is None:
        return None
    if not isinstance(outcome.content, bytes):
        return kept.load(outcome.entry)
    kept.keep(outcome.entry, outcome.content)
    return outcome.content


def _read(outcome: Outcome, book: ReadBook) -> Seen:
    modified = book.modified.isoformat() if book.modified else None
    stamp = outcome.facts.stamp if outcome.facts else None
    about = (book.name, book.team, book.sha256, book.size_bytes, modified)
    return Seen(*about, "read", entry=outcome.entry, stamp=stamp, orders=book.holds_orders_alone)


def _source(seen: Seen) -> Source:
    about = (seen.path, seen.team, seen.sha256, seen.size_bytes)
    return Source(*about, None, seen.outcome, seen.reason, seen.detail, orders=seen.orders)


def _refused(outcome: Outcome, source: Source) -> Seen:
    stamp = outcome.facts.stamp if outcome.facts else None
    return Seen(*source[:4], None, source.outcome, source.reason, source.detail, outcome.entry, stamp)


def _unread(listing: Listing) -> Iterator[Seen]:
    """What lies in the folder and was not even opened."""
    for outcome, reasons in (("quarantined", listing.refused), ("skipped", listing.skipped)):
        for name, reason in reasons:
            yield Seen(name, name, None, 0, None, outcome, reason)


def _log(outcome: Outcome) -> None:
    facts = {"book": outcome.name, "seconds": round(outcome.seconds, 3)}
    if outcome.trace:
        _LOG.error("book not used, our bug\n%s", outcome.trace, extra={**facts, "reason": outcome.reason})
    elif outcome.reason:
        _LOG.warning("book not used", extra={**facts, "reason": outcome.reason, "detail": outcome.detail})
    else:
        _LOG.info("book read", extra=facts)


# --- a past night ---------------------------------------------------------------------------------------------------------


def again(night: Night, kept: Store, known: Iterable[ReadBook] = ()) -> Gathered:
    """What a past night read, out of the store alone; `LookupError` names a workbook of which that is lost or another.

    ``known`` are workbooks of another night: what is the same is not read once more.
    """
    same = {(book.name, book.sha256): book for book in known}
    read = [seen for seen in night.books if seen.outcome == "read"]
    others = [seen for seen in read if (seen.path, seen.sha256) not in same]
    said = zip(others, arrow_frames.unpacked([_held(seen, kept) for seen in others]), strict=True)
    books = same | {(seen.path, seen.sha256 or ""): _book(seen, content) for seen, content in said}
    return Gathered([books[seen.path, seen.sha256 or ""] for seen in read], [*night.books])


def _held(seen: Seen, kept: Store) -> bytes:
    try:
        return kept.held(seen.entry or "", seen.content)
    except (OSError, ValueError) as error:
        raise LookupError(seen.path) from error


def _book(seen: Seen, content: Content) -> ReadBook:
    modified = seen.modified and dt.datetime.fromisoformat(seen.modified)
    return content.book(seen.path, seen.team, seen.sha256 or "", seen.size_bytes, modified or None)
