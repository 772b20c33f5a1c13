"""An assessment as one team sees it: the rows it typed, and of its customers what the whole knows of them (handbook §10).

A customer's level, tier and health are the portfolio's, for there is one truth. Every other value of a customer whom
several teams serve is the team's own, as if it served the customer alone: whose rows, amounts and words another team's
are, that team alone sees, and who reads the master. Of the others a team learns their names, to have somebody to ask.

Some teams' parts of a frame are made at once, one team's rows below another's: a row's index is the number of the team that
reads it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import frames, moves, past_moves
from kam_xl.core.failures import is_missing
from kam_xl.core.frames import READER
from kam_xl.core.quotes import JOINED, PEOPLE
from kam_xl.core.teams import PLACE, Teams

#: What everybody may know of an assessment.
_EVERYBODYS = (
    "policy",
    "words",
    "lang",
    "now",
    "today",
    "previous",
    "against",
    "moved_since",
    "next_day",
    "week",
    "comparable",
    "failures",
)
#: Frames of whole customers that are no team's, and the groups that other teams may have named.
_NOBODYS = frozenset({"past", "members"})
#: Sentences that the rules made of what people typed.
_SENTENCES = ("subject", "evidence", "remedy", "consequences", "action", "agenda", "note", "reason")
#: Frames of rules whose rows are rows that a team typed.
_OF_ROWS = ("cases", "deals", "strategies", "goals", "repeats")
#: A frame that has none of these columns is nobody's.
_WHOSE = frozenset({"team", "book", "customer_id"})
#: So many parts are made at once: enough that what is done once costs little, few enough to hold.
AT_ONCE = 16
_NOWHERE = np.empty(0, np.intp)
_WORDS = re.compile(r"[\s、，,;；/|()（）]+")


def part(teams: Teams, team: str) -> Any:
    """What one team sees: it answers to the names of an assessment as far as they are the team's."""
    return _Part(_Parts(teams, [team]), 0)


def parts(teams: Teams) -> Iterator[Any]:
    """The part of every team, in the order of their names."""
    for several in together(teams):
        yield from several.parts


def together(teams: Teams) -> Iterator[Any]:
    """The parts of all teams, some teams' at once: each answers as one `part` does, with the rows of all of them.

    Whose a row is its `READER` tells: the place of the team among the ``parts``.
    """
    for first in range(0, len(teams.names), AT_ONCE):
        yield _Several(_Parts(teams, teams.names[first : first + AT_ONCE]))


class _View:
    """Something that answers to the names of an assessment: each frame is narrowed when it is first asked for.

    What is nobody's is not there.
    """

    def __init__(self, together: _Parts) -> None:
        self._together = together
        self._typed: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        whole = self._together.teams.whole
        value = getattr(whole, name) if name in _EVERYBODYS else self.narrowed(name, getattr(whole, name))
        setattr(self, name, value)
        return value

    @property
    def portfolio(self) -> Any:
        """What was typed, as it is seen; it holds this view, which therefore does not hold it."""
        return _Typed(self)

    def typed(self, name: str) -> Any:
        """A frame of the portfolio."""
        if name not in self._typed:
            self._typed[name] = self.narrowed(name, getattr(self._together.teams.whole.portfolio, name))
        return self._typed[name]

    def narrowed(self, name: str, value: Any) -> Any:
        """The rows of a frame that are seen."""
        if is_missing(value):
            return value
        if name in _NOBODYS or not isinstance(value, pd.DataFrame) or not _WHOSE.intersection(value):
            raise AttributeError(name)
        return self._rows(name, value)

    def _rows(self, name: str, value: pd.DataFrame) -> pd.DataFrame:
        raise NotImplementedError


class _Several(_View):
    """What some teams see, the rows of one below those of another."""

    @functools.cached_property
    def parts(self) -> list[Any]:
        """What each of them sees."""
        return [_Part(self._together, number) for number in range(len(self._together.names))]

    def _rows(self, name: str, value: pd.DataFrame) -> pd.DataFrame:
        return self._together.all(name, value)[0].reset_index(names=READER)


class _Part(_View):
    """What one team sees, with nothing of another team's in it."""

    def __init__(self, together: _Parts, number: int) -> None:
        super().__init__(together)
        self._number = number
        self.team = together.names[number]
        self.customer_ids, self.shared_ids = together.served[number], together.shared[number]

    def _rows(self, name: str, value: pd.DataFrame) -> pd.DataFrame:
        try:
            return self._together.of(name, value, self._number)
        except Exception:  # of whichever team's rows: the others' are there without them
            if len(self._together.names) == 1:
                raise
            return _Parts(self._together.teams, [self.team]).of(name, value, 0)

    @functools.cached_property
    def letters(self) -> dict:
        """Where the columns of the team's files stand."""
        return self._together.teams.letters.get(self.team, {})

    @property
    def products(self) -> frozenset[str]:
        """What the team itself sells or offers."""
        return self._together.products[self._number]


class _Typed:
    """A portfolio as it is seen."""

    def __init__(self, seen: _View) -> None:
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._seen, name) if name in ("customers", "letters") else self._seen.typed(name)


class _Parts:
    """Some teams' parts of frames; ``served`` are the customers of each, ``shared`` those whom others serve too."""

    def __init__(self, teams: Teams, names: Sequence[str]) -> None:
        self.teams, self.names = teams, names
        self._name_of = np.array(names, dtype=object)
        self._made: dict[tuple[str, int], tuple[pd.DataFrame, np.ndarray]] = {}
        own = self.rows_of(teams.served)
        self._served, self._shared = (pd.Index(self._pairs(rows["customer_id"])) for rows in (own, own[own["shared"]]))
        self.served, self.shared = self._sets(own["customer_id"]), self._sets(own.loc[own["shared"], "customer_id"])

    def all(self, name: str, value: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
        """All their rows of a frame, and where those of each begin."""
        key = (name, id(value))
        if key not in self._made:
            rows = self._narrowed(name, value)
            self._made[key] = rows, np.searchsorted(rows.index, np.arange(len(self.names) + 1))
        return self._made[key]

    def of(self, name: str, value: pd.DataFrame, number: int) -> pd.DataFrame:
        """One team's rows of a frame."""
        rows, bounds = self.all(name, value)
        rows = rows.iloc[bounds[number] : bounds[number + 1]].reset_index(drop=True)
        return _own_products(rows, self.products[number]) if name == "product_grid" else rows

    def _narrowed(self, name: str, value: pd.DataFrame) -> pd.DataFrame:
        if name == "customers":
            return self.customers
        if name in _SPECIAL:
            return _SPECIAL[name](self, value)
        if name in frames.PORTFOLIO:
            return self.rows_of(value)
        rows = self.named(self.rows_of(value))
        return rows if name in _OF_ROWS else self.told(rows)

    def rows_of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that are the teams': by team, by file, else by customer."""
        return self.at(rows, self.teams.places(rows))

    def of_customers(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows about the teams' customers, whoever typed them."""
        return self.at(rows, self.teams.places(rows, by_customer=True))

    def at(self, rows: pd.DataFrame, places: Mapping[str, np.ndarray]) -> pd.DataFrame:
        each = [places.get(team, _NOWHERE) for team in self.names]
        numbers = np.repeat(np.arange(len(each)), [len(one) for one in each])
        return rows.iloc[np.concatenate(each)].set_axis(numbers)

    def _sets(self, texts: pd.Series) -> list[frozenset[str]]:
        """The texts of each team."""
        found = {number: frozenset(of.tolist()) for number, of in texts.dropna().groupby(level=0)}
        return [found.get(number, frozenset()) for number in range(len(self.names))]

    def _pairs(self, ids: pd.Series) -> np.ndarray:
        """A number for each team and customer of its; -1 where an ID is no customer's."""
        codes = self.teams.codes.get_indexer(pd.Index(ids))
        return np.where(codes < 0, -1, ids.index.to_numpy() * len(self.teams.codes) + codes)

    def own(self, name: str, ids: pd.Series) -> pd.Series:
        """What stands in a column of the teams' own customers, beside the IDs of these."""
        at = self._own.get_indexer(pd.Index(self._pairs(ids)))
        return self.customers[name].reset_index(drop=True).reindex(at).set_axis(ids.index)

    @functools.cached_property
    def _own(self) -> pd.Index:
        """The pair of each of `customers`, in their order."""
        return pd.Index(self._pairs(self.customers["customer_id"]))

    def is_served(self, ids: pd.Series) -> np.ndarray:
        return np.asarray(self._served.get_indexer(self._pairs(ids)) >= 0)

    def is_shared(self, ids: pd.Series) -> np.ndarray:
        """Whether others serve a customer, too."""
        return np.asarray(self._shared.get_indexer(self._pairs(ids)) >= 0)

    def holds(self, texts: pd.Series, told: Callable[[int, str], bool]) -> np.ndarray:
        """Of which texts something holds as a team reads them; asked once of each team and text."""
        codes, known = pd.factorize(texts)
        pairs = texts.index.to_numpy() * len(known) + codes
        asked = np.unique(pairs[codes >= 0]).tolist()
        found = [pair for pair in asked if told(pair // len(known), known[pair % len(known)])]
        return np.isin(pairs, found) & (codes >= 0)

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the teams' own names of their customers."""
        if "customer_id" not in rows or "name" not in rows:
            return rows
        return rows.assign(name=self.own("name", rows["customer_id"]).astype("str").fillna(rows["name"]))

    def told(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows that rules made, with nothing in them that another team typed."""
        if "customer_id" not in rows:
            return rows
        if "money" in rows:
            ids = rows["customer_id"]
            rows = rows.assign(money=rows["money"].where(~self.is_shared(ids), self.own("amount", ids)))
        return self._placed(self._unquoted(rows))

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose place is in another team's workbook stand nowhere."""
        if "book" not in rows:
            return rows
        reading = self._name_of[rows.index]
        ours = rows["book"].map(self.teams.of_book).to_numpy(dtype=object) == reading
        ours |= rows["team"].to_numpy(dtype=object) == reading if "team" in rows else False
        return rows if ours.all() else rows.assign(**{name: rows[name].where(ours) for name in PLACE if name in rows})

    def _unquoted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows without the sentences that quote another team, and without people whom only other teams name."""
        people = [name for name in PEOPLE if name in rows]
        return self._hidden(rows.assign(**{name: self.without_strangers(rows[name]) for name in people}))

    def _concerning(self, ids: pd.Series) -> list[int]:
        """Where rows stand about customers of whom another team's words may stand there."""
        told_by, several, served = self.teams.quotes.told_by, self.teams.quotes.of_several, self.is_served(ids)
        known, numbers = ids.to_numpy(dtype=object), ids.index
        at = [place for place, one in enumerate(known.tolist()) if one in several]
        return [place for place in at if served[place] or told_by(known[place], self.names[numbers[place]])]

    def _hidden(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose sentences quote nobody else."""
        there, quoting = self._concerning(rows["customer_id"]), self.teams.quotes.quoting
        ids, teams = rows["customer_id"].to_numpy(dtype=object)[there], self._name_of[rows.index[there]]
        told = {}
        for name in (one for one in _SENTENCES if one in rows):
            texts = rows[name].to_numpy(dtype=object)[there]
            hidden = np.zeros(len(rows), bool)
            hidden[there] = [
                isinstance(text, str) and quoting(customer_id, team, text)
                for customer_id, team, text in zip(ids, teams, texts, strict=True)
            ]
            if hidden.any():
                told[name] = rows[name].mask(hidden, self.teams.whole.words("team.elsewhere"))
        return rows.assign(**told)

    def without_strangers(self, people: pd.Series) -> pd.Series:
        """Names of people without those whom only other teams name."""
        strangers = self.holds(people, lambda number, who: self.teams.quotes.is_stranger(self.names[number], who))
        return people.where(~strangers) if strangers.any() else people

    @functools.cached_property
    def customers(self) -> pd.DataFrame:
        """The teams' customers: each as the portfolio has it, or what of that is the portfolio's and the rest the team's own."""
        rows = self.of_customers(self.teams.whole.customers)
        own = self.rows_of(self.teams.shared).drop(columns="team")
        if own.empty:
            return rows
        several = np.isin(rows.index, own.index)  # of teams that serve any together with others
        there = pd.concat([rows[several & ~self.is_shared(rows["customer_id"])], own])
        rows = pd.concat([rows[~several], self._unquoted(there)])
        return rows.iloc[np.argsort(self._pairs(rows["customer_id"]), kind="stable")]

    @functools.cached_property
    def called(self) -> list[frozenset[str]]:
        """What each team calls its customers."""
        return self._sets(self.customers["name"])

    @functools.cached_property
    def products(self) -> list[frozenset[str]]:
        """What each team itself sells or offers."""
        portfolio = self.teams.whole.portfolio
        lists = self.rows_of(portfolio.records)["products"].dropna().str.split(JOINED)
        return self._sets(pd.concat([lists.explode(), self.rows_of(portfolio.renewals)["product"]]))


# --- frames that need more than their rows chosen ---------------------------------------------------------------------


def _findings(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """The findings in the teams' files; whom else a row may mean is told where it is a customer of the team's."""
    called, own = parts.teams.customers_called, parts.served

    def strange(number: int, text: str) -> bool:
        return any(not own[number].issuperset(called(word)) for word in (text, *_WORDS.split(text)))

    rows = parts.rows_of(rows)
    instead = {"detail": parts.teams.whole.words("team.somebody"), "proposal": None}
    texts = {name: rows[name].where(~parts.holds(rows[name], strange), other)
             for name, other in instead.items() if name in rows}  # fmt: skip
    rows = rows.assign(**texts)
    return parts.told(parts.named(rows)) if "proposal" in rows else rows


def _tracking(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """The teams' strategies; a customer that others serve too is called as the team calls it."""
    rows = parts.rows_of(rows)
    return rows.assign(name=parts.named(rows)["name"].where(parts.is_shared(rows["customer_id"]), rows["name"]))


def _conflicts(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """What the teams typed of what contradicts each other, and which other teams typed something else."""
    rows = parts.rows_of(rows)
    cells = zip(rows["customer_id"].tolist(), rows["field"].tolist(), strict=True)
    named = [parts.teams.disagreeing.get(at, ()) for at in cells]
    reading = [parts.names[number] for number in rows.index]
    told = [JOINED.join(one for one in names if one != team) for names, team in zip(named, reading, strict=True)]
    others = pd.Series(told, rows.index, dtype="str")
    return rows.assign(other_teams=others.mask(others == ""))


def _duplicates(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of names nearly the same, both of a team's customers."""
    rows = parts.of_customers(rows)
    rows = rows[parts.is_served(rows["other_id"])]
    named = {"name": rows["customer_id"], "other_name": rows["other_id"]}
    return rows.assign(**{name: parts.own("name", ids).astype("str") for name, ids in named.items()})


def _proposals(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that name nobody for sure, where they may be of the team's own customers."""
    rows = parts.rows_of(rows)
    return rows[parts.is_served(rows["customer_id"])]


def _common(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """What is told once of a team or of all; whom to begin with, where these are all the team's own customers."""
    everybodys, separator = rows["team"].isna(), parts.teams.whole.words("terms.list_separator")
    rows = parts.at(rows, {team: np.flatnonzero(everybodys | rows["team"].eq(team)) for team in parts.names})
    own = parts.holds(rows["begin_with"], lambda number, text: parts.called[number].issuperset(text.split(separator)))
    return rows.assign(begin_with=rows["begin_with"].where(own), owner=parts.without_strangers(rows["owner"]))


def _offers(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """What to sell next to a team's customers, of what it sells itself."""
    rows = parts.of_customers(rows)
    return parts.named(rows[parts.holds(rows["product"], lambda number, name: name in parts.products[number])])


def _grid(parts: _Parts, rows: pd.DataFrame) -> pd.DataFrame:
    """The grid of products of the teams' customers, still with all products."""
    return parts.named(parts.of_customers(rows))


def _own_products(grid: pd.DataFrame, products: frozenset[str]) -> pd.DataFrame:
    """A team's grid with what it sells itself."""
    fixed = list(frames.ASSESSMENT["product_grid"])
    return grid[[*fixed, *(name for name in grid if name not in fixed and name in products)]]


_SPECIAL: dict[str, Callable[[_Parts, pd.DataFrame], pd.DataFrame]] = {
    "tracking": _tracking,
    "findings": _findings,
    "repairs": _findings,
    "conflicts": _conflicts,
    "duplicates": _duplicates,
    "common": _common,
    "moves": moves.of_team,
    "night_moves": past_moves.of_team,
    "proposals": _proposals,
    "whitespace": _offers,
    "product_grid": _grid,
}
