"""What a night read comes to: the workbooks as they are on its day and under its policy, put together and assessed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

import pandas as pd

from kam_xl.core import assessment, consolidation, validation
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import Failures, narrowed
from kam_xl.core.nights import Source
from kam_xl.core.parts import LaidOut, in_one
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadBook
from kam_xl.core.validation import TeamBook
from kam_xl.core.words import Words
from kam_xl.hosts import log

_LOG = logging.getLogger("kam_xl")
#: Opens a step by its name.
Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Books:
    """What was read, on a day: the usable workbooks by name, and every other file."""

    usable: Mapping[str, TeamBook]
    others: tuple[Source, ...]


@dataclass(frozen=True)
class Against:
    """What a night is judged by and held against: see `assessment.assess`."""

    policy: Policy
    moment: dt.datetime
    words: Words
    last: pd.DataFrame | None
    pasts: Mapping[str, pd.DataFrame | None]


def on_day(books: Iterable[ReadBook], others: Iterable[Source], policy: Policy, day: dt.date) -> Books:
    """The workbooks as they are on a day and under a policy; one on which we fail is quarantined."""
    usable, lost = {}, []
    for book in books:
        try:
            usable[book.name] = validation.on_day(book, policy, day)
        except Exception as error:  # noqa: BLE001 (the other workbooks go on)
            lost.append(_our_bug(book, error))
    return Books(usable, (*lost, *others))


def assessed(
    books: Books, against: Against, laid_out: LaidOut = in_one, step: Step = lambda _: nullcontext()
) -> Assessment:
    """What the workbooks come to together; one with which nothing can be computed is left out and quarantined."""

    def together(names: list[str]) -> Assessment:
        lost = [_quarantined(book) for name, book in books.usable.items() if name not in names]
        used = [books.usable[name] for name in names]
        with step("consolidate"):
            portfolio = consolidation.consolidate(used, against.policy, [*books.others, *lost], laid_out)
        judge = partial(assessment.assess, portfolio, against.policy, against.moment, against.words)
        with step("assess"):
            return judge(against.last, against.pasts, Failures(log.trace), laid_out)

    done, failed = narrowed(sorted(books.usable), together)
    for name, error in failed.items():
        _our_bug(books.usable[name], error)
    return done


def _our_bug(book: ReadBook | TeamBook, error: Exception) -> Source:
    """A workbook that was read, and that we fail on; the log says where."""
    _LOG.error("book not used, our bug\n%s", log.trace(error), extra={"book": book.name, "reason": "bug"})
    return _quarantined(book)


def _quarantined(book: ReadBook | TeamBook) -> Source:
    about = (book.name, book.team, book.sha256, book.size_bytes, book.modified)
    return Source(*about, "quarantined", "bug", None, orders=book.holds_orders_alone)
