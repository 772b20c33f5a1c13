"""Many workbooks → one portfolio: one row a customer, every value with its origin, every contradiction listed.

Handbook §2, "One customer in several workbooks". The order in which books arrive never matters: they are sorted first.

What rests on what:

    a workbook                  its findings; a row said again elsewhere in it, where many are told at once
    all workbooks               which are versions of one (`versions`), the unit of amounts (`units`), whom a cell means
                                (`identity`): before the rows are cut by customer
    one customer's own rows     each row once, one row a customer, the evaluation that decides, conflicts, what is missing;
                                forms of one ID stand in one part, rows that name nobody in the first
    all names                   customers whose names are nearly the same (`duplicates`), parents in a circle (`groups`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from kam_xl.core import findings as finding_frames
from kam_xl.core import frames, groups, identity, order_facts, order_numbers, units, versions
from kam_xl.core.attribution import (
    ASKED,
    attributed,
    proposals_in,
    settled_customers,
    told_of_ids,
    under_their_customers,
    under_their_names,
)
from kam_xl.core.conflicts import conflicts_between, tie_conflicts
from kam_xl.core.crosschecks import across_sheets
from kam_xl.core.customers import in_order, merged
from kam_xl.core.duplicates import possible_duplicates
from kam_xl.core.evaluations import decided, latest_first
from kam_xl.core.findings import Finding
from kam_xl.core.list_and_book import beside_their_books, in_one_team, said_once
from kam_xl.core.nights import Source
from kam_xl.core.parts import LaidOut, Parts, by_customer, in_one, joined, places
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Letters, Portfolio
from kam_xl.core.sheets import OPTIONAL
from kam_xl.core.stacking import letters_of, rows_once, said_twice, stacked
from kam_xl.core.validation import TeamBook
from kam_xl.core.versions import NotCounted
from kam_xl.core.words import Words

_NO_CONFLICTS, _NO_DUPLICATES = (frames.empty(frames.PORTFOLIO[name]) for name in ("conflicts", "duplicates"))


class _Books(NamedTuple):
    """What became of the workbooks: those that count and those left out, by name with their units settled, and what is told of them."""

    kept: list[TeamBook]
    left: list[NotCounted]
    by_name: dict[str, TeamBook]
    found: list[tuple[str, Finding]]

    @property
    def in_doubt(self) -> list[TeamBook]:
        """Workbooks of which nobody can tell whether they are newer."""
        return [self.by_name[name] for name in self.doubted]

    @property
    def doubted(self) -> dict[str, str]:
        """Workbooks of which nobody can tell whether they are newer → the one that counts."""
        return {one.book: one.newest[0] for one in self.left if one.how == "undecided"}


def consolidate(
    books: Iterable[TeamBook],
    policy: Policy,
    others: Sequence[Source] = (),
    laid_out: LaidOut = in_one,
    *,
    judged_only: bool = False,
) -> Portfolio:
    """One portfolio out of any number of validated workbooks; `others` are files that could not be used.

    The frames of the optional sheets have the sheet's fields, team, book, sheet, row, as_typed, extras; the indicators have
    `current` besides, on the row that decides. Choices are keys, flags nullable booleans, shares fractions, amounts in
    万元. A moment at midnight exactly tells the day only; a birthday in 1904 (`dates.NO_YEAR`) has no known year. A row
    whose customer is in no customer sheet is kept and reported, as in the tracking; one of the action list may name no
    customer. ``laid_out`` says in what parts of the customers this is done, and where. ``judged_only``: without what is
    only told, and nobody judged by: conflicts and likely duplicates.
    """
    every, known, told = _settled(list(books), policy, others)
    known = known._replace(told=not judged_only)
    parts: Parts[Any] = laid_out(len(every.kinds["info"]), partial(_cut, every))
    del every  # of many workbooks this is much, and the parts have it all
    parts.each(_of_customers, known)
    done: list[_Consolidated] = list(parts)
    found = told.found + [finding for one in done for finding in one.found]
    found += order_numbers.told(pd.concat([one.orders_again for one in done], ignore_index=True))
    found += said_twice([pd.concat(again).sort_index() for again in zip(*(one.again for one in done), strict=True)])
    tracking = pd.concat([one.rows.pop("tracking") for one in done]).sort_index(ignore_index=True)
    rows = {name: joined([one.rows.pop(name) for one in done], by_customer) for name in list(done[0].rows)}
    found += groups.told(rows["customers"], known.letters)
    conflicts = [joined(some, by_customer) for some in zip(*(one.conflicts for one in done), strict=True)]
    return Portfolio(
        **rows,
        tracking=tracking,
        conflicts=pd.concat(conflicts, ignore_index=True),
        duplicates=possible_duplicates(rows["customers"]) if known.told else _NO_DUPLICATES,
        findings=finding_frames.in_order(finding_frames.frame(found)),
        sources=_counted(told.sources, found),
        letters=known.letters,
        proposals=told.proposals,
    )


class _Rows(NamedTuple):
    """The rows of some customers in the order of the workbooks, with the customers they mean."""

    kinds: dict[str, pd.DataFrame]
    doubted: pd.DataFrame  # customers' rows of workbooks in doubt
    proposals: pd.DataFrame


class _Known(NamedTuple):
    """What is known of all workbooks: where their fields stand, those in doubt → the ones that count; and whether conflicts are told."""

    policy: Policy
    letters: Letters
    in_doubt: Letters
    doubted: dict[str, str]
    called_off: pd.DataFrame
    told: bool = True


class _Consolidated(NamedTuple):
    """The frames of some customers, rows and orders said again, conflicts in records and each dimension, findings."""

    rows: dict[str, pd.DataFrame]
    again: list[pd.DataFrame]
    orders_again: pd.DataFrame
    conflicts: list[pd.DataFrame]
    found: list[tuple[str, Finding]]


class _Told(NamedTuple):
    """What is told of the workbooks themselves: findings so far, every file with its outcome, whose rows may be whose."""

    found: list[tuple[str, Finding]]
    sources: pd.DataFrame
    proposals: pd.DataFrame


def _settled(books: list[TeamBook], policy: Policy, others: Sequence[Source]) -> tuple[_Rows, _Known, _Told]:
    """All rows of all workbooks that count; whom a cell means, the customers of all of them decide."""
    books = in_one_team(books, others)
    others = beside_their_books(others, books)
    told = _sorted_out(books, policy)
    info = settled_customers(stacked(told.kept, "info"))
    rest = attributed(told.kept, info)
    doubted = settled_customers(stacked(told.in_doubt, "info"))
    every = _Rows({"info": info, **rest}, doubted, proposals_in(rest))
    found = under_their_customers(told.found, [*every.kinds.values()])
    known = _Known(
        policy, letters_of(told.kept), letters_of(told.in_doubt), told.doubted, order_numbers.called_off(told.kept)
    )
    return every, known, _Told(found, _sources(told, others), every.proposals)


def _cut(every: _Rows, count: int) -> Iterator[_Rows]:
    """The rows in so many parts by customer; the forms of one ID that stay apart stand in one."""
    if count == 1:
        yield every
        return
    frames = {**every.kinds, "doubted": every.doubted, "proposals": every.proposals}
    place = {name: places(identity.normal(rows["customer_id"]), count) for name, rows in frames.items()}
    for number in range(count):
        own = {name: rows[place[name] == number] for name, rows in frames.items()}
        yield _Rows({kind: own[kind] for kind in every.kinds}, own["doubted"], own["proposals"])


def _of_customers(every: _Rows, known: _Known) -> tuple[_Consolidated, None]:
    """What rests on one customer's own rows: each row once, one row a customer, what contradicts each other."""
    info, letters = every.kinds["info"], known.letters
    records, again = rows_once(info.drop(columns=list(ASKED)), "info")
    records = in_order(records)
    as_listed, origins = merged(records[~records["repeated"]].reset_index(drop=True), again, known.policy, letters)
    names = as_listed["name"].set_axis(as_listed["customer_id"])
    others = {kind: under_their_names(rows, kind, names) for kind, rows in every.kinds.items() if kind != "info"}
    others["orders"], orders_again = order_numbers.counted_once(others["orders"], known.called_off)
    once = {kind: rows_once(rows.drop(columns=list(ASKED)), kind) for kind, rows in others.items()}
    rows = {kind: own for kind, (own, _) in once.items()}
    customers, ordered = order_facts.filled(as_listed, rows["orders"], letters)
    origins = pd.concat([origins, ordered]).sort_values(["customer_id", "field"], kind="stable", ignore_index=True)
    evaluations, ties = decided(rows["evaluation"], known.policy)
    optional = {sheet.kind: _in_place(rows[sheet.kind]) for sheet in OPTIONAL}
    optional["indicators"] = latest_first(optional["indicators"])
    found = told_of_ids({"info": info, **others}, names, letters)
    found += order_facts.contradictions(as_listed, rows["orders"], letters)
    found += across_sheets(customers, evaluations, every.proposals, ties, optional["indicators"], letters)
    rows = {
        "customers": customers,
        "records": records.drop(columns="modified"),
        "evaluations": evaluations,
        "tracking": rows["tracking"].drop(columns=["modified", "repeated"]),
        "origins": origins,
        **optional,
    }
    conflicts = [_conflicts(every, records, known), *tie_conflicts(ties, letters)] if known.told else [_NO_CONFLICTS]
    twice = [again, *(said for _, said in once.values())]
    return _Consolidated(rows, twice, orders_again, conflicts, found), None


def _sorted_out(books: list[TeamBook], policy: Policy) -> _Books:
    """Which workbooks count, the unit of their amounts settled over all of them."""
    kept, left, alike = versions.sort_out(books, policy)
    scales = units.scales(kept)
    by_name = {book.name: units.settled(book, scales, policy) for book in books}
    kept = said_once([by_name[book.name] for book in kept])
    found = [(book.name, finding) for book in kept for finding in book.findings]
    counted = {book.name for book in kept}
    found += [(one.book, finding) for one in left for finding in versions.told(one, by_name, counted)]
    found += [(book.name, Finding("resembles", detail=other.name)) for book, other in alike]
    return _Books(kept, left, by_name, found + units.out_of_scale(kept, policy))


def _in_place(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of an optional sheet by customer, team and place."""
    ordered = rows.sort_values(["customer_id", "team", "book", "row"], kind="stable", ignore_index=True)
    return ordered.drop(columns=["modified", "repeated"])


def _conflicts(every: _Rows, records: pd.DataFrame, known: _Known) -> pd.DataFrame:
    """What contradicts each other in the records, workbooks in doubt included."""
    both = pd.concat([records, every.doubted], ignore_index=True) if len(every.doubted) else records
    compared = both.assign(desk=both["book"].replace(known.doubted))
    return conflicts_between(compared, known.letters | known.in_doubt)


def questions(portfolio: Portfolio, words: Words) -> pd.DataFrame:
    """What a team's optional sheets would answer: one row a team with customers and kind of sheet that none of its books has.

    Columns: team, kind, sheet (its name) and question (words ``questions.<kind>``), by team and in the sheets' order.
    """
    used = portfolio.sources[(portfolio.sources["outcome"] == "used") & (portfolio.sources["info_rows"] > 0)]
    teams = {team: set(books) for team, books in used.groupby("team")["book"]}
    rows = [
        (team, sheet.kind, sheet.name(words.lang), words(f"questions.{sheet.kind}"))
        for team, books in teams.items()
        for sheet in OPTIONAL
        if not any((book, sheet.kind) in portfolio.letters for book in books)
    ]
    return pd.DataFrame(rows, columns=["team", "kind", "sheet", "question"], dtype="str")


def _sources(told: _Books, others: Sequence[Source]) -> pd.DataFrame:
    """Every file with its outcome; columns as `Source`, with no finding counted."""
    parts: list[tuple[TeamBook, str, str | None]] = [(book, "used", None) for book in told.kept]
    parts += [(told.by_name[one.book], one.how, one.named) for one in told.left]
    table = pd.DataFrame([*(_source(*one) for one in parts), *others], columns=list(Source._fields))
    table = frames.typed(table, frames.PORTFOLIO["sources"])
    return table.sort_values("book", ignore_index=True)


def _source(book: TeamBook, outcome: str, detail: str | None) -> Source:
    rows = (book.count("info"), book.count("evaluation"), book.count("tracking"))
    optional = sum(book.count(sheet.kind) for sheet in OPTIONAL)
    return Source(
        book.name, book.team, book.sha256, book.size_bytes, book.modified, outcome, None, detail, *rows,
        optional_rows=optional, orders=book.holds_orders_alone,
    )  # fmt: skip


def _counted(sources: pd.DataFrame, found: list[tuple[str, Finding]]) -> pd.DataFrame:
    """Every file with how many findings it has."""
    count = pd.Series([book for book, _ in found], dtype="str").value_counts()
    own = sources["book"].map(count).fillna(0).astype("int64")
    return sources.assign(finding_count=sources["finding_count"] + own)
