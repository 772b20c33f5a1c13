"""What every action starts from: the open workbook, its language, the policy, and what core makes of the data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import xlwings as xw

from kam_xl import resources
from kam_xl.core import assessment, consolidation, locating, validation
from kam_xl.core.assessment import Assessment
from kam_xl.core.books import Book
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.located import Located
from kam_xl.core.outside import outside
from kam_xl.core.policy import Policy
from kam_xl.core.validation import TeamBook
from kam_xl.core.words import Words
from kam_xl.hosts import excel


@dataclass(frozen=True)
class Request:
    """One action asked for: `book` is the workbook that called, `now` the moment that counts."""

    book: xw.Book
    words: Words
    policy: Policy
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day that counts."""
        return self.now.date()

    @cached_property
    def raw(self) -> Book:
        """Every cell of the workbook."""
        self.tell("reading")
        return excel.read(self.book)

    @cached_property
    def located(self) -> dict[str, Located]:
        """The tables of data by kind."""
        return locating.locate(self.raw)[0]

    @cached_property
    def checked(self) -> TeamBook:
        """The typed tables and findings; `Refused` where there is no table to work with."""
        return validation.validate(self.raw, self.policy, self.today)

    @cached_property
    def assessed(self) -> Assessment:
        """The workbook's customers, assessed by the rules of the nightly job, as the sheets of results show them."""
        return outside(self.inside)

    @cached_property
    def inside(self) -> Assessment:
        """The same with everything that was typed, to find the cells it stands in."""
        portfolio = consolidation.consolidate([self.checked], self.policy)
        self.tell("assessing")
        return assessment.assess(portfolio, self.policy, self.now, self.words)

    @property
    def ids(self) -> frozenset[str]:
        """The IDs of the workbook's customers, as far as anybody has looked."""
        return frozenset(self.inside.customers["customer_id"]) if "inside" in vars(self) else frozenset()

    def tell(self, key: str) -> None:
        """Say in the status bar what is going on."""
        excel.progress(self.book, self.words(f"message.{key}"))

    def customers(self) -> Assessment:
        """The assessment, of at least one customer; else `KamError`."""
        if self.assessed.customers.empty:
            raise KamError(self.words("message.no_customers"))
        return self.assessed


def asked(book: xw.Book, now: dt.datetime) -> Request:
    """A request on a workbook. A day typed into kam_as_of counts instead of ``now``; a formula there does not."""
    return Request(book, resources.words(excel.language(book)), resources.policy(), _as_of(book) or now)


def _as_of(book: xw.Book) -> dt.datetime | None:
    """The typed moment; a day alone is its midnight."""
    cells = excel.named(book, "kam_as_of")
    if cells is None or excel.formulas(cells)[0][0].startswith("="):
        return None
    typed = excel.value(book, "kam_as_of")
    if isinstance(typed, dt.date) and not isinstance(typed, dt.datetime):
        typed = dt.datetime.combine(typed, dt.time())
    return typed if isinstance(typed, dt.datetime) else None


def told(error: KamError, words: Words) -> str:
    """What cannot be done, and what to do about it, in the user's language."""
    if isinstance(error, Refused):
        text, remedy = (resources.refusal(error, words, part) for part in ("text", "remedy"))
        return words("message.refused", reason=text, remedy=remedy)
    return error.told(words.lang)
