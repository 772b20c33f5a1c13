"""An assessment as one team sees it: the rows it typed, and of its customers what the whole knows of them (handbook §10).

A customer's level, tier and health are the portfolio's, for there is one truth. Every other value of a customer whom
several teams serve is the team's own, as if it served the customer alone: whose rows, amounts and words another team's
are, that team alone sees, and who reads the master. Of the others a team learns their names, to have somebody to ask.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.failures import is_missing
from kam_xl.core.quotes import JOINED, PEOPLE
from kam_xl.core.teams import PLACE, Teams

#: What everybody may know of an assessment.
_EVERYBODYS = ("policy", "words", "lang", "now", "today", "previous", "next_day", "week", "comparable", "failures")
#: Frames of whole customers that are no team's.
_NOBODYS = frozenset({"past"})
#: Sentences that the rules made of what people typed.
_SENTENCES = ("subject", "evidence", "remedy", "consequences", "action", "agenda", "note", "reason")
#: Frames of rules whose rows are rows that a team typed.
_OF_ROWS = ("cases", "deals", "strategies", "goals", "repeats")
#: A frame that has none of these columns is nobody's.
_WHOSE = frozenset({"team", "book", "customer_id"})
_WORDS = re.compile(r"[\s、，,;；/|()（）]+")


def part(teams: Teams, team: str) -> Any:
    """What one team sees: it answers to the names of an assessment as far as they are the team's."""
    return _Part(teams, team)


class _Part:
    """One team's part: each frame is narrowed when it is first asked for; what is nobody's is not there."""

    def __init__(self, teams: Teams, team: str) -> None:
        self.all_teams, self.team = teams, team
        own = teams.rows_of(team, teams.served)
        self.customer_ids = frozenset(own["customer_id"])
        self.shared_ids = frozenset(own.loc[own["shared"], "customer_id"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        whole = self.all_teams.whole
        if name == "portfolio":
            value: Any = _Typed(self)
        elif name in _EVERYBODYS:
            value = getattr(whole, name)
        else:
            value = self.narrowed(name, getattr(whole, name))
        setattr(self, name, value)
        return value

    def narrowed(self, name: str, value: Any) -> Any:
        """The team's rows of a frame, with nothing of another team's in them."""
        if is_missing(value):
            return value
        if name in _NOBODYS or not isinstance(value, pd.DataFrame) or not _WHOSE.intersection(value):
            raise AttributeError(name)
        if name in _SPECIAL:
            rows = _SPECIAL[name](self, value)
        elif name in frames.PORTFOLIO:
            rows = self.rows_of(value)
        else:
            rows = self.named(self.rows_of(value))
            rows = rows if name in _OF_ROWS else self.told(rows)
        return rows.reset_index(drop=True)

    def rows_of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that are the team's: by team, by file, else by customer."""
        return self.all_teams.rows_of(self.team, rows)

    def of_customers(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows about the team's customers, whoever typed them."""
        return self.all_teams.rows_of(self.team, rows, by_customer=True)

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the team's own names of their customers."""
        if "customer_id" not in rows or "name" not in rows:
            return rows
        return rows.assign(name=rows["customer_id"].map(self.names).astype("str").fillna(rows["name"]))

    def told(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows that rules made, with nothing in them that another team typed."""
        if "customer_id" not in rows:
            return rows
        if "money" in rows:
            own = rows["customer_id"].map(self.amounts)
            rows = rows.assign(money=rows["money"].where(~rows["customer_id"].isin(self.shared_ids), own))
        return self._placed(self._unquoted(rows))

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose place is in another team's workbook stand nowhere."""
        if "book" not in rows:
            return rows
        ours = rows["book"].map(self.all_teams.of_book).eq(self.team)
        ours |= rows["team"].eq(self.team) if "team" in rows else False
        return rows if ours.all() else rows.assign(**{name: rows[name].where(ours) for name in PLACE if name in rows})

    def _unquoted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows without the sentences that quote another team, and without people whom only other teams name."""
        people = [name for name in PEOPLE if name in rows]
        rows = rows.assign(**{name: self.without_strangers(rows[name]) for name in people})
        several = [one for one in rows["customer_id"].dropna().unique() if self._concerns(one)]
        return self._hidden(rows, np.flatnonzero(rows["customer_id"].isin(several))) if several else rows

    def _concerns(self, customer_id: str) -> bool:
        """Whether another team's words about a customer may stand in this one's rows."""
        told = self.all_teams.quotes.told_by(customer_id, self.team)
        return bool(told) or (told is not None and customer_id in self.customer_ids)

    def _hidden(self, rows: pd.DataFrame, there: np.ndarray) -> pd.DataFrame:
        """Rows whose sentences quote nobody else, as far as they stand at these places."""
        quoting, ids = self.all_teams.quotes.quoting, rows["customer_id"].to_numpy()[there]
        instead = self.all_teams.whole.words("team.elsewhere")
        told = {}
        for name in (one for one in _SENTENCES if one in rows):
            texts = rows[name].to_numpy(dtype=object)[there]
            hidden = [
                isinstance(text, str) and quoting(customer_id, self.team, text)
                for customer_id, text in zip(ids, texts, strict=True)
            ]
            if any(hidden):
                told[name] = rows[name].mask(np.isin(np.arange(len(rows)), there[hidden]), instead)
        return rows.assign(**told)

    def without_strangers(self, people: pd.Series) -> pd.Series:
        """Names of people without those whom only other teams name."""
        strangers = self.all_teams.quotes.strangers(self.team, people.dropna().unique())
        return people.where(~people.isin(strangers)) if strangers else people

    @functools.cached_property
    def customers(self) -> pd.DataFrame:
        """The team's customers: each as the portfolio has it, or what of that is the portfolio's and the rest the team's own."""
        rows = self.of_customers(self.all_teams.whole.customers)
        if self.shared_ids:
            own = self.rows_of(self.all_teams.shared).drop(columns="team")
            rows = pd.concat([rows[~rows["customer_id"].isin(self.shared_ids)], own]).sort_index(kind="stable")
            rows = self._unquoted(rows)
        return rows.reset_index(drop=True)

    @functools.cached_property
    def names(self) -> pd.Series:
        """The team's own names of its customers by ID."""
        return self.customers.set_index("customer_id")["name"]

    @functools.cached_property
    def amounts(self) -> pd.Series:
        """The team's own amounts by customer."""
        return self.customers.set_index("customer_id")["amount"]

    @functools.cached_property
    def products(self) -> frozenset[str]:
        """What the team itself sells or offers."""
        lists = self.portfolio.records["products"].dropna().str.split(JOINED)
        return frozenset(lists.explode().dropna()) | frozenset(self.portfolio.renewals["product"].dropna())


class _Typed:
    """A portfolio as one team sees it."""

    def __init__(self, part: _Part) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        whole = self._part.all_teams.whole.portfolio
        if name == "letters":
            value: Any = self._part.all_teams.letters.get(self._part.team, {})
        elif name == "customers":
            value = self._part.customers
        else:
            value = self._part.narrowed(name, getattr(whole, name))
        setattr(self, name, value)
        return value


# --- frames that need more than their rows chosen ---------------------------------------------------------------------


def _findings(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The findings in the team's files; whom else a row may mean is told where it is a customer of the team's."""
    rows = part.rows_of(rows)
    called, own = part.all_teams.customers_called, part.customer_ids
    instead = part.all_teams.whole.words("team.somebody")
    for name, other in (("detail", instead), ("proposal", None)):
        if name in rows:
            texts = [
                text
                for text in rows[name].dropna().unique()
                if any(not own.issuperset(called(word)) for word in (text, *_WORDS.split(text)))
            ]
            rows = rows.assign(**{name: rows[name].where(~rows[name].isin(texts), other)})
    return part.told(part.named(rows)) if "proposal" in rows else rows


def _tracking(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The team's strategies; a customer that others serve too is called as the team calls it."""
    rows = part.rows_of(rows)
    return rows.assign(name=part.named(rows)["name"].where(rows["customer_id"].isin(part.shared_ids), rows["name"]))


def _conflicts(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """What the team typed of what contradicts each other, and which other teams typed something else."""
    rows = part.rows_of(rows)
    named = [part.all_teams.disagreeing.get(at, ()) for at in zip(rows["customer_id"], rows["field"], strict=True)]
    told = [JOINED.join(one for one in names if one != part.team) for names in named]
    others = pd.Series(told, rows.index, dtype="str")
    return rows.assign(other_teams=others.mask(others == ""))


def _duplicates(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of names nearly the same, both of the team's customers."""
    rows = part.of_customers(rows)
    rows = rows[rows["other_id"].isin(part.customer_ids)]
    named = {"name": rows["customer_id"], "other_name": rows["other_id"]}
    return rows.assign(**{name: ids.map(part.names).astype("str") for name, ids in named.items()})


def _proposals(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that name nobody for sure, where they may be of the team's own customers."""
    rows = part.rows_of(rows)
    return rows[rows["customer_id"].isin(part.customer_ids)]


def _common(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """What is told once of the team or of all; whom to begin with, where these are all the team's own customers."""
    rows = rows[rows["team"].isna() | rows["team"].eq(part.team)]
    names, separator = frozenset(part.names.dropna()), part.all_teams.whole.words("terms.list_separator")
    own = np.array(
        [isinstance(text, str) and names.issuperset(text.split(separator)) for text in rows["begin_with"]], bool
    )
    return rows.assign(begin_with=rows["begin_with"].where(own), owner=part.without_strangers(rows["owner"]))


def _offers(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """What to sell next to the team's customers, of what it sells itself."""
    rows = part.of_customers(rows)
    return part.named(rows[rows["product"].isin(part.products)])


def _grid(part: _Part, rows: pd.DataFrame) -> pd.DataFrame:
    """The grid of products: the team's customers, and what it sells itself."""
    fixed = list(frames.ASSESSMENT["product_grid"])
    columns = [*fixed, *(name for name in rows if name not in fixed and name in part.products)]
    return part.named(part.of_customers(rows)[columns])


_SPECIAL: dict[str, Callable[[_Part, pd.DataFrame], pd.DataFrame]] = {
    "tracking": _tracking,
    "findings": _findings,
    "repairs": _findings,
    "conflicts": _conflicts,
    "duplicates": _duplicates,
    "common": _common,
    "proposals": _proposals,
    "whitespace": _offers,
    "product_grid": _grid,
}
