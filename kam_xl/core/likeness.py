"""What two workbooks have in common: whom they serve, and whether they agree on what a team alone knows of them.

No book is compared with every other: those that say the same things find each other, so that time and memory grow with
the rows that books share and not with the square of the books. Texts and dates are compared by hashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.texts import folded_all
from kam_xl.core.validation import TeamBook

#: What tells that two rows of one ID are of one customer, and what a team alone knows of it.
_SAME, _OWN = ("name", "phone", "contact"), ("since", "products", "tags", "remarks", "extras")
#: Of those that say one thing each book meets so many next in time, and is compared with so many of whom it meets most.
_REACH, _MOST = 3, 4

#: What each book says in one field: hashed keys, each once and in order, and the values.
Column = list[tuple[np.ndarray, np.ndarray]]


class Agreement(NamedTuple):
    """How often two books agree where both say something, how often they would by chance, and of how many."""

    seen: float
    chance: float
    of: float

    @property
    def weight(self) -> float:
        """How many of the comparisons tell anything: a column of one value throughout tells nothing."""
        return self.of - self.chance

    @property
    def share(self) -> float:
        """1 where they always agree, 0 where as often as by chance."""
        return (self.seen - self.chance) / self.weight if self.weight > 0 else 0


class Facts(NamedTuple):
    """What the books, by number, say of the customers that more than one of them has."""

    who: Column  # every shared customer
    same: dict[str, Column]
    own: dict[str, Column]
    amounts: Column  # above 0
    people: list[frozenset[str]]  # who evaluates and tracks
    size: list[int]  # customers of each book, shared or not

    def shared(self, a: int, b: int) -> tuple[int, int]:
        """How many customers two books have both: those surely the same, and those not plainly others."""
        both, *_ = _in_both(self.who[a], self.who[b])
        told = {name: _in_both(column[a], column[b]) for name, column in self.same.items()}
        same = np.unique(np.concatenate([keys[one == other] for keys, one, other in told.values()]))
        keys, one, other = told["name"]
        return len(same), len(both) - len(np.setdiff1d(keys[one != other], same, assume_unique=True))

    def agreement(self, a: int, b: int) -> Agreement:
        """On what a team alone knows."""
        return Agreement(*np.sum([_agreement(column[a], column[b]) for column in self.own.values()], axis=0))

    def closeness(self, a: int, b: int, factor: float) -> Agreement:
        """Of the amounts: those within a factor of each other count as the same."""
        _, x, y = _in_both(self.amounts[a], self.amounts[b])
        close = (x <= y * factor) & (y <= x * factor)
        ordered = np.sort(y)
        reach = np.searchsorted(ordered, x * factor, "right") - np.searchsorted(ordered, x / factor, "left")
        return Agreement(int(close.sum()), int(reach.sum()) / max(len(x), 1), len(x))

    def strangers(self, a: int, b: int) -> bool:
        """True where other people evaluate and track in the one than in the other."""
        return bool(self.people[a] and self.people[b]) and not self.people[a] & self.people[b]

    def neighbours(self, order: Sequence[int]) -> set[tuple[int, int]]:
        """Pairs worth comparing, of books in their order in time: those that say most the same, and one of the same customers."""
        said = [_said(column, number) for number, column in enumerate(self.own.values())]
        said += [_said(_sizes(self.amounts, shift), len(self.own) + shift) for shift in (0, 1)]
        return {*_meeting(said, order, _REACH, _MOST), *_meeting([_said(self.who, 0)], order, 1, 1)}


def facts(books: Sequence[TeamBook]) -> Facts:
    """What is compared of the workbooks."""
    info = _rows(books, "info", "customer_id", "amount", *_SAME, *_OWN)
    marks = _rows(books, "evaluation", "customer_id", "evaluated_on", "evaluator", *DIMENSIONS)
    tracking = _rows(books, "tracking", "customer_id", "strategy", "start", "tracker")
    who = pd.concat([rows[["at", "customer_id"]] for rows in (info, marks, tracking)]).drop_duplicates().dropna()
    shared = who["customer_id"][who["customer_id"].duplicated()].unique()
    info, marks, tracking, both = (rows[rows["customer_id"].isin(shared)] for rows in (info, marks, tracking, who))
    marks = marks.sort_values("evaluated_on", ascending=False, kind="stable")  # of each customer the latest comes first
    digits = info["phone"].str.replace(_NO_DIGIT, "", regex=True)
    info = info.assign(name=folded_all(info["name"]), contact=folded_all(info["contact"]), phone=digits)
    paid, count = info[info["amount"] > 0], len(books)
    own = {name: _column(info, ["customer_id"], [name], count) for name in _OWN}
    own["marks"] = _column(marks, ["customer_id"], list(DIMENSIONS), count)
    own["strategies"] = _column(tracking, ["customer_id", "strategy"], ["start", "tracker"], count)
    return Facts(
        who=_column(both, ["customer_id"], ["customer_id"], count),
        same={name: _column(info, ["customer_id"], [name], count) for name in _SAME},
        own=own,
        amounts=_arranged(paid["at"], _hashed(paid[["customer_id"]]), paid["amount"].to_numpy("float64"), count),
        people=_people(marks, tracking, count),
        size=who["at"].value_counts().reindex(range(count), fill_value=0).tolist(),
    )


_NO_DIGIT = re.compile(r"\D+")


def _rows(books: Sequence[TeamBook], kind: str, *names: str) -> pd.DataFrame:
    """Some columns of every book's rows of one kind, with the number of the book, `at`."""
    own = [(n, book.tables[kind].rows) for n, book in enumerate(books) if book.count(kind)]
    if not own:
        return pd.DataFrame(columns=[*names, "at"], dtype="str").astype({"at": "int64"})
    each = np.repeat([n for n, _ in own], [len(rows) for _, rows in own])
    return pd.concat([rows[[*names]] for _, rows in own], ignore_index=True).assign(at=each)


def _column(rows: pd.DataFrame, keys: list[str], values: list[str], count: int) -> Column:
    """What each book says under its keys; nothing where it writes nothing."""
    rows = rows[rows[keys].notna().all(axis=1) & rows[values].notna().any(axis=1)] if len(rows) else rows
    if rows.empty:  # most folders hold no customer twice
        return [(_NONE, _NONE)] * count
    return _arranged(rows["at"], _hashed(rows[keys]), _hashed(rows[values]), count)


_NONE = np.array([], dtype="uint64")


def _hashed(columns: pd.DataFrame) -> np.ndarray:
    return pd.util.hash_pandas_object(columns, index=False).to_numpy("uint64")


def _arranged(at: pd.Series, keys: np.ndarray, values: np.ndarray, count: int) -> Column:
    """Keys and values by book, in the order of the keys; under one key the first value counts."""
    order = np.lexsort((keys, at))
    books, keys, values = at.to_numpy("int64")[order], keys[order], values[order]
    first = np.append(True, (books[1:] != books[:-1]) | (keys[1:] != keys[:-1]))[: len(books)]
    books, keys, values = books[first], keys[first], values[first]
    ends = np.searchsorted(books, np.arange(count + 1))
    return [(keys[start:end], values[start:end]) for start, end in pairwise(ends)]


def _people(marks: pd.DataFrame, tracking: pd.DataFrame, count: int) -> list[frozenset[str]]:
    """The people each book names."""
    named = pd.concat(
        [
            rows[["at", name]].set_axis(["at", "who"], axis=1)
            for rows, name in ((marks, "evaluator"), (tracking, "tracker"))
        ]
    )
    named = named.assign(who=folded_all(named["who"])).dropna()
    people = named["who"].groupby(named["at"]).agg(frozenset).to_dict()
    return [people.get(one, frozenset()) for one in range(count)]


# --- two books ----------------------------------------------------------------------------------------------------


def _in_both(one: tuple, other: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The keys that two books have both, and what each says of them."""
    keys, here, there = np.intersect1d(one[0], other[0], assume_unique=True, return_indices=True)
    return keys, one[1][here], other[1][there]


def _agreement(one: tuple, other: tuple) -> Agreement:
    """Of one field: equal values, against how many would be if either's were shuffled."""
    _, x, y = _in_both(one, other)
    (mine, here), (theirs, there) = (np.unique(values, return_counts=True) for values in (x, y))
    _, i, j = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    return Agreement(int((x == y).sum()), int(here[i] @ there[j]) / max(len(x), 1), len(x))


# --- whom to compare ----------------------------------------------------------------------------------------------


def _said(column: Column, field: int) -> tuple[np.ndarray, np.ndarray]:
    """Each thing that is said as one number, and the book that says it."""
    keys, values = (np.concatenate(parts) for parts in zip(*column, strict=True))
    number = np.uint64(field)
    return (keys * _ODD + number) * _ODD ^ values, np.repeat(np.arange(len(column)), [len(part) for part, _ in column])


_ODD = np.uint64(0x9E3779B97F4A7C15)


def _sizes(amounts: Column, shift: int) -> Column:
    """Amounts by their size, in steps that two shifts lay across each other: what is close shares a step of one."""
    return [(keys, np.floor(2 * np.log(values) + shift / 2).astype("int64").view("uint64")) for keys, values in amounts]


def _meeting(
    said: list[tuple[np.ndarray, np.ndarray]], order: Sequence[int], reach: int, most: int
) -> Iterator[tuple[int, int]]:
    """Pairs of books that say the same things: of all who say one the next in time, of a book's those it meets most."""
    things, books = (np.concatenate(parts) for parts in zip(*said, strict=True))
    place = np.argsort(np.asarray(order))
    sequence = np.lexsort((place[books], things))
    things, at = things[sequence], place[books][sequence]
    pairs = [np.stack([at[:-step], at[step:]])[:, things[step:] == things[:-step]] for step in range(1, reach + 1)]
    met = (
        pd.DataFrame(np.concatenate(pairs, axis=1).T, columns=["older", "newer"]).value_counts(sort=False).reset_index()
    )
    met = met.sort_values(["count", "older", "newer"], ascending=[False, True, True])
    best = met[(met.groupby("older").cumcount() < most) | (met.groupby("newer").cumcount() < most)]
    yield from ((order[older], order[newer]) for older, newer in best[["older", "newer"]].to_numpy())
