"""Many workbooks → one portfolio: one row a customer, every value with its origin, every contradiction listed.

Handbook §2, "One customer in several workbooks". The order in which books arrive never matters: they are sorted first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import findings as finding_frames
from kam_xl.core import frames, units, versions
from kam_xl.core.attribution import (
    ASKED,
    attributed,
    proposals_in,
    settled_customers,
    told_of_ids,
    under_their_customers,
)
from kam_xl.core.conflicts import conflicts_between, tie_conflicts
from kam_xl.core.crosschecks import across_sheets
from kam_xl.core.customers import in_order, merged
from kam_xl.core.duplicates import possible_duplicates
from kam_xl.core.evaluations import decided, latest_first
from kam_xl.core.findings import Finding
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Letters, Portfolio, Source
from kam_xl.core.sheets import OPTIONAL
from kam_xl.core.stacking import letters_of, rows_once, said_twice, stacked
from kam_xl.core.validation import TeamBook
from kam_xl.core.versions import NotCounted
from kam_xl.core.words import Words


class _Books(NamedTuple):
    """What became of the workbooks: those that count and those left out, by name with their units settled, and what is told of them."""

    kept: list[TeamBook]
    left: list[NotCounted]
    by_name: dict[str, TeamBook]
    found: list[tuple[str, Finding]]

    @property
    def doubted(self) -> dict[str, str]:
        """Workbooks of which nobody can tell whether they are newer → the one that counts."""
        return {one.book: one.newest[0] for one in self.left if one.how == "undecided"}


def consolidate(books: Iterable[TeamBook], policy: Policy, others: Sequence[Source] = ()) -> Portfolio:
    """One portfolio out of any number of validated workbooks; `others` are files that could not be used.

    The frames of the optional sheets have the sheet's fields, team, book, sheet, row, as_typed, extras; the indicators have
    `current` besides, on the row that decides. Choices are keys, flags nullable booleans, shares fractions, amounts in
    万元. A moment at midnight exactly tells the day only; a birthday in 1904 (`dates.NO_YEAR`) has no known year. A row
    whose customer is in no customer sheet is kept and reported, as in the tracking; one of the action list may name no
    customer.
    """
    told = _sorted_out(list(books), policy)
    letters = letters_of(told.kept)
    info = settled_customers(stacked(told.kept, "info"))
    records, again = rows_once(info.drop(columns=list(ASKED)), "info")
    records = in_order(records)
    customers, origins = merged(records[~records["repeated"]].reset_index(drop=True), again, policy, letters)
    names = customers.set_index("customer_id")["name"]
    asked = attributed(told.kept, info, names)
    once = {kind: rows_once(rows.drop(columns=list(ASKED)), kind) for kind, rows in asked.items()}
    rows = {kind: own for kind, (own, _) in once.items()}
    evaluations, ties = decided(rows["evaluation"], policy)
    optional = {sheet.kind: _by_customer(rows[sheet.kind]) for sheet in OPTIONAL}
    optional["indicators"] = latest_first(optional["indicators"])
    proposals = proposals_in(asked)
    found = under_their_customers(told.found, [info, *asked.values()])
    found += told_of_ids({"info": info, **asked}, names, letters)
    found += said_twice([again, *(said for _, said in once.values())])
    found += across_sheets(customers, evaluations, proposals, ties, optional["indicators"], letters)
    return Portfolio(
        customers=customers,
        records=records.drop(columns="modified"),
        evaluations=evaluations,
        tracking=rows["tracking"].drop(columns=["modified", "repeated"]),
        conflicts=_conflicts(told, records, evaluations, ties, letters),
        duplicates=possible_duplicates(customers),
        origins=origins,
        findings=finding_frames.in_order(finding_frames.frame(found)),
        sources=_sources(told, others, found),
        **optional,
        letters=letters,
        proposals=proposals,
    )


def _sorted_out(books: list[TeamBook], policy: Policy) -> _Books:
    """Which workbooks count, the unit of their amounts settled over all of them."""
    kept, left, alike = versions.sort_out(books, policy)
    scales = units.scales(kept)
    by_name = {book.name: units.settled(book, scales, policy) for book in books}
    kept = [by_name[book.name] for book in kept]
    found = [(book.name, finding) for book in kept for finding in book.findings]
    found += [(one.book, finding) for one in left for finding in versions.told(one, by_name)]
    found += [(book.name, Finding("resembles", detail=other.name)) for book, other in alike]
    return _Books(kept, left, by_name, found + units.out_of_scale(kept, policy))


def _by_customer(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of an optional sheet by customer, team and place."""
    ordered = rows.sort_values(["customer_id", "team", "book", "row"], kind="stable", ignore_index=True)
    return ordered.drop(columns=["modified", "repeated"])


def _conflicts(
    told: _Books, records: pd.DataFrame, evaluations: pd.DataFrame, ties: pd.DataFrame, letters: Letters
) -> pd.DataFrame:
    """What contradicts each other in the records and in the evaluations, workbooks in doubt included."""
    doubted = [told.by_name[name] for name in told.doubted]
    more = [settled_customers(stacked(doubted, "info"))] if doubted else []
    every = pd.concat([records, *more], ignore_index=True)
    compared = every.assign(desk=every["book"].replace(told.doubted))
    conflicts = conflicts_between(compared, letters | letters_of(doubted))
    return pd.concat([conflicts, tie_conflicts(evaluations, ties, letters)], ignore_index=True)


def questions(portfolio: Portfolio, words: Words) -> pd.DataFrame:
    """What a team's optional sheets would answer: one row a team and kind of sheet that none of its books has.

    Columns: team, kind, sheet (its name) and question (words ``questions.<kind>``), by team and in the sheets' order.
    """
    used = portfolio.sources[portfolio.sources["outcome"] == "used"]
    teams = {team: set(books) for team, books in used.groupby("team")["book"]}
    rows = [
        (team, sheet.kind, sheet.name(words.lang), words(f"questions.{sheet.kind}"))
        for team, books in teams.items()
        for sheet in OPTIONAL
        if not any((book, sheet.kind) in portfolio.letters for book in books)
    ]
    return pd.DataFrame(rows, columns=["team", "kind", "sheet", "question"], dtype="str")


def _sources(told: _Books, others: Sequence[Source], found: list[tuple[str, Finding]]) -> pd.DataFrame:
    """Every file with its outcome; columns as `Source`."""
    count = pd.Series([book for book, _ in found], dtype="str").value_counts()
    parts: list[tuple[TeamBook, str, str | None]] = [(book, "used", None) for book in told.kept]
    parts += [(told.by_name[one.book], one.how, one.named) for one in told.left]
    rows = [_source(book, outcome, detail, int(count.get(book.name, 0))) for book, outcome, detail in parts]
    table = pd.DataFrame([*rows, *others], columns=list(Source._fields))
    table = table.assign(seconds=np.nan).astype(frames.PORTFOLIO["sources"])
    return table.sort_values("book", ignore_index=True)


def _source(book: TeamBook, outcome: str, detail: str | None, finding_count: int) -> Source:
    rows = (book.count("info"), book.count("evaluation"), book.count("tracking"))
    optional = sum(book.count(sheet.kind) for sheet in OPTIONAL)
    return Source(
        book.name,
        book.team,
        book.sha256,
        book.size_bytes,
        book.modified,
        outcome,
        None,
        detail,
        *rows,
        finding_count,
        optional,
    )
