"""Which workbooks are versions of one book, and which of them counts (handbook §12).

Two books are versions of one where most customers of the smaller are in both (the same ID, and the same name, phone or
contact) and either their file names differ in nothing but dates, numbers and marks of copies, or what a team alone knows
of these customers agrees beyond chance: since when, what they buy, tags, remarks, marks, strategies. Where nothing of that
is written, amounts close together tell it. Teams that serve the same customers differ in it, or other people evaluate
and track: their books are summed.

The newest counts: by the dates, finality and numbers in the names where those of every version say, else by the newest
date inside, else by when they were saved. A book counts unless a newer version of it does, so that one that was split
counts in its parts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import likeness, raw
from kam_xl.core.editions import Span, edition, path
from kam_xl.core.findings import Finding
from kam_xl.core.likeness import Facts
from kam_xl.core.list_and_book import are_one
from kam_xl.core.policy import Policy
from kam_xl.core.raw import HAPPENED
from kam_xl.core.sections import Versions
from kam_xl.core.validation import TeamBook

#: What may become of a workbook of which another version counts.
OUTCOMES = ("copy", "superseded", "undecided")
#: Books of one name are compared with so many next in time.
_REACH = 4


class NotCounted(NamedTuple):
    """A workbook that does not count, and those that count in its place: several where it was split."""

    book: str
    newest: tuple[str, ...]
    how: str  # one of `OUTCOMES`; undecided: nothing says which of the two is newer

    @property
    def named(self) -> str:
        """The workbooks that count, as one text."""
        return "、".join(self.newest)


class SortedBooks(NamedTuple):
    """The workbooks that count, those that do not, and pairs of those that do though nothing tells them apart."""

    kept: list[TeamBook]
    left: list[NotCounted]
    alike: list[tuple[TeamBook, TeamBook]]


def sort_out(books: Iterable[TeamBook], policy: Policy) -> SortedBooks:
    """Every workbook's part in the sums, in whatever order they come."""
    books, copies = _without_copies(sorted(books, key=lambda book: book.name))
    pairs = _compared(books, policy.versions)
    links = _links(pairs)
    left = [one for family in _families(links) for one in _judged(family, links, books)]
    gone = {one.book for one in left}
    alike = {b: a for a, b, verdict in pairs if verdict == "unclear" and not gone & {books[a].name, books[b].name}}
    return SortedBooks(
        [book for book in books if book.name not in gone],
        copies + left,
        [(books[b], books[a]) for b, a in alike.items()],
    )


def _without_copies(books: Sequence[TeamBook]) -> tuple[list[TeamBook], list[NotCounted]]:
    """The books without byte-identical copies, and the copies."""
    originals: dict[str, TeamBook] = {}
    for book in sorted(books, key=_plainness):
        originals.setdefault(book.sha256 or book.name, book)
    pairs = [(book, originals[book.sha256 or book.name]) for book in books]
    copies = [NotCounted(book.name, (original.name,), "copy") for book, original in pairs if book is not original]
    return [book for book, original in pairs if book is original], copies


def _plainness(book: TeamBook) -> tuple[int, str]:
    """Of copies, the one with the shortest name is the original."""
    return len(book.name), book.name


# --- which are versions -------------------------------------------------------------------------------------------


def _compared(books: Sequence[TeamBook], rule: Versions) -> list[tuple[int, int, str]]:
    """Pairs of books by number, the lower first, with what they are: ``versions``, ``teams`` or ``unclear``."""
    if len(books) < 2:
        return []
    facts = likeness.facts(books)
    stems = [edition(book.name).stem for book in books]
    paths = [path(book.name) for book in books]
    order = sorted(range(len(books)), key=lambda one: (newest_inside(books[one]) or dt.date.min, one))
    pairs = {*_of_one_name(order, paths), *_of_one_name(order, stems), *facts.neighbours(order)}
    compared = []
    for a, b in sorted((min(pair), max(pair)) for pair in pairs):
        if are_one(books[a], books[b]):
            continue
        if paths[a] == paths[b]:  # 华东.xls and 华东.xlsx
            compared.append((a, b, "versions"))
        else:
            compared.append((a, b, _verdict(facts, a, b, rule, same_name=stems[a] == stems[b])))
    return compared


def _of_one_name(order: Sequence[int], names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Books of one name, each with the next in time."""
    groups: dict[str, list[int]] = defaultdict(list)
    for one in order:
        groups[names[one]].append(one)
    for group in groups.values():
        for place, one in enumerate(group):
            yield from ((one, other) for other in group[place + 1 : place + 1 + _REACH])


def _verdict(facts: Facts, a: int, b: int, rule: Versions, *, same_name: bool) -> str:
    """What two books are, by their customers, their names, and what a team alone knows."""
    same, no_others = facts.shared(a, b)
    most = rule.same_share * min(facts.size[a], facts.size[b])
    if (no_others if same_name else same) < max(1 if same_name else rule.same_customers, most):
        return "teams"
    own = facts.agreement(a, b)
    told = own.weight >= max(rule.same_customers, no_others / 2)  # else too little is written to tell by
    if same_name:
        return "teams" if told and own.share < rule.named_share else "versions"
    if facts.strangers(a, b):
        return "teams"
    amounts = facts.closeness(a, b, rule.amount_factor)
    close = amounts.weight >= rule.same_customers and amounts.share >= rule.own_share
    if told:
        return "versions" if own.share >= rule.own_share else "unclear" if close else "teams"
    return "versions" if close else "unclear"


# --- which counts -------------------------------------------------------------------------------------------------


def _links(pairs: Iterable[tuple[int, int, str]]) -> dict[int, set[int]]:
    """Book → its other versions."""
    links: dict[int, set[int]] = defaultdict(set)
    for a, b, verdict in pairs:
        if verdict == "versions":
            links[a].add(b)
            links[b].add(a)
    return links


def _families(links: dict[int, set[int]]) -> Iterator[list[int]]:
    """The books that are versions of one another, directly or by way of others."""
    seen: set[int] = set()
    for start in links:
        family, waiting = [], [start]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                family.append(one)
                waiting += links[one]
        if family:
            yield family


def _judged(family: list[int], links: dict[int, set[int]], books: Sequence[TeamBook]) -> Iterator[NotCounted]:
    """The books of a family that newer versions stand for; of two equally new ones the plainer name counts."""
    family = sorted(family, key=lambda one: _plainness(books[one]))
    age = dict(zip(family, _ages([books[one] for one in family]), strict=True))
    stands_for: dict[int, frozenset[int]] = {}
    for one in sorted(family, key=age.__getitem__, reverse=True):  # the newest first; equally new ones stay in order
        newer = links[one] & stands_for.keys()
        stands_for[one] = frozenset().union(*(stands_for[other] for other in newer)) or frozenset([one])
        if newer:
            newest = [books[other] for other in sorted(stands_for[one])]
            how = "superseded" if any(age[other] > age[one] for other in newer) else "undecided"
            how = "copy" if _say_the_same(books[one], newest[0]) else how
            yield NotCounted(books[one].name, tuple(book.name for book in newest), how)


def _ages(family: Sequence[TeamBook]) -> list[tuple]:
    """A key for each version that grows with what is newer; equal where nobody can tell."""
    named = [edition(book.name) for book in family]
    inside = [newest_inside(book) for book in family]
    saved = [book.modified for book in family]
    days = [moment and moment.date() for moment in saved]
    near = max(filter(None, [*inside, *days]), default=_SOME_SUMMER)
    spans = [one.span(own or near, day) for one, own, day in zip(named, inside, days, strict=True)]
    marks = [(span or (), one.finality, one.number) for span, one in zip(spans, named, strict=True)]
    told = [ages for ages, tells in ((marks, _tell(spans)), (inside, all(inside)), (saved, all(saved))) if tells]
    return list(zip(*told, strict=True)) if told else [()] * len(family)


#: Next to it every month is of one year, where nothing tells which.
_SOME_SUMMER = dt.date(2000, 7, 2)


def _tell(spans: Sequence[Span | None]) -> bool:
    """Whether the names say what is newer: all have a date or none has, and no two dates overlap without being equal."""
    dated = sorted({span for span in spans if span})
    return all(one[1] < other[0] for one, other in pairwise(dated)) and (all(spans) or not dated)


def newest_inside(book: TeamBook) -> dt.date | None:
    """The latest day on which anything that the workbook records has happened."""
    told = (
        table.rows[name].to_numpy("datetime64[D]")
        for table in book.tables.values()
        for name in HAPPENED
        if name in table.rows
    )
    days = [known.max() for days in told if len(known := days[~np.isnat(days)])]
    return max(days).item() if days else None


def _say_the_same(one: TeamBook, other: TeamBook) -> bool:
    """True where two workbooks hold the same in every cell, on whatever sheets and rows."""
    place = ["sheet", "row"]
    return one.tables.keys() == other.tables.keys() and all(
        table.rows.drop(columns=place).equals(other.tables[kind].rows.drop(columns=place))
        for kind, table in one.tables.items()
    )


# --- what is told -------------------------------------------------------------------------------------------------

#: What stands for the total of amounts that nobody knows.
NO_TOTAL = "—"
#: Customers named one by one; the rest are counted.
_NAMED = 20
#: What became of a workbook as another version → the code of its finding.
CODES = {"superseded": "superseded", "undecided": "version_undecided"}


def told(one: NotCounted, books: Mapping[str, TeamBook], counted: Collection[str]) -> list[Finding]:
    """What the one who keeps the workbook should know: why it does not count, by how much, and whom else it holds.

    `books` have their amounts settled. Who is gone from a list is `counted` where the workbook made of it still holds them.
    """
    if one.how == "copy":
        return [Finding("copy_of", detail=one.named)]
    older, newest = [books[one.book]], [books[name] for name in one.newest]
    totals = f"{_total(older)} → {_total(newest)}"
    found = [Finding(CODES[one.how], typed_value=totals, detail=one.named)]
    lacking = _customers(older) - _customers(newest)
    holding = [books[name] for name in counted if name == books[one.book].list_of]
    kept = _customers(holding)
    for code, gone in (("version_lacks", sorted(lacking - kept)), ("list_lacks", sorted(lacking & kept))):
        if gone:
            some = "、".join(gone[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
            found.append(Finding(code, typed_value=some, detail=str(len(gone))))
    return found


def _customers(books: Iterable[TeamBook]) -> set[str]:
    return {one for book in books if "info" in book.tables for one in book.tables["info"].rows["customer_id"].dropna()}


def _total(books: Iterable[TeamBook]) -> str:
    """The amounts that are known, added up; a dash where none is."""
    rows = [book.tables["info"].rows for book in books if "info" in book.tables]
    amounts = pd.concat([pd.Series(dtype="float64"), *(frame.loc[~frame["repeated"], "amount"] for frame in rows)])
    return raw.text(round(float(amounts.sum()), 4)) if amounts.notna().any() else NO_TOTAL
