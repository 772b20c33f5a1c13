"""What the risk rules look at, and how what they saw becomes a hit: the facts, the place, the identity (handbook §7)."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import frames, strategies, together
from kam_xl.core.failures import Failures, Strict
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio, spans
from kam_xl.core.sheets import ORDERS
from kam_xl.core.texts import essence
from kam_xl.core.together import Together
from kam_xl.core.words import Words

#: Columns of the customers that floors above planning add: unknown where a caller has not computed them.
LATER = {
    name: frames.ASSESSMENT["customers"][name]
    for name in (
        "health",
        "health_colour",
        "health_coverage",
        "health_cap",
        "satisfaction",
        "satisfaction_on",
        "nps",
        "nps_on",
        *frames.ADDED["orders"],
    )
}


def _none(name: str) -> pd.DataFrame:
    return frames.empty(frames.ASSESSMENT[name])


@dataclass(frozen=True)
class View:
    """What the rules look at; ``customers`` and ``evaluations`` are scored, tiered, planned, and their health is known.

    ``cases`` and ``repeats`` come from the service log, ``roles`` from the contacts. ``past`` is the snapshot before,
    ``known`` the risks that it knows (`risk_states.remembered`), which is read out of it where it is left out,
    and ``unread`` the teams of it that have no usable workbook tonight; ``together`` is what is known of all customers,
    where these are only a part of them. A caller who has only the standard sheets
    leaves all of these out, and the rules that need them keep still. A rule that fails is noted among the ``failures``.
    """

    portfolio: Portfolio
    customers: pd.DataFrame
    evaluations: pd.DataFrame
    policy: Policy
    today: pd.Timestamp
    words: Words
    past: pd.DataFrame | None = None
    cases: pd.DataFrame = field(default_factory=functools.partial(_none, "cases"))
    repeats: pd.DataFrame = field(default_factory=functools.partial(_none, "repeats"))
    roles: pd.DataFrame = field(default_factory=functools.partial(_none, "roles"))
    unread: frozenset[str] = frozenset()
    known: pd.DataFrame | None = None
    failures: Failures = field(default_factory=Strict)
    together: Together | None = None

    def __post_init__(self) -> None:
        """Give the customers every column a rule may ask for."""
        missing = {
            name: unknown(kind, self.customers.index) for name, kind in LATER.items() if name not in self.customers
        }
        if missing:
            object.__setattr__(self, "customers", self.customers.assign(**missing))

    def only(self, customer_ids: Collection[str]) -> View:
        """The same with some customers, as if nobody had written about the others."""
        kept = {name: getattr(self.portfolio, name) for name in frames.PORTFOLIO}
        parts = {name: frame for name, frame in kept.items() if "customer_id" in frame}
        own = {name: getattr(self, name) for name in ("customers", "evaluations", "cases", "repeats", "roles")}
        chosen = [
            {name: frame[frame["customer_id"].isin(customer_ids) | frame["customer_id"].isna()] for name, frame in each.items()}
            for each in (parts, own)
        ]  # fmt: skip
        return replace(self, portfolio=replace(self.portfolio, **chosen[0]), together=self.of_all, **chosen[1])

    @functools.cached_property
    def of_all(self) -> Together:
        """What is known of all customers."""
        return together.counted(self.customers, self.portfolio) if self.together is None else self.together

    @functools.cached_property
    def current(self) -> pd.DataFrame:
        """The evaluations that decide, one a customer."""
        return self.evaluations[self.evaluations["current"]]

    @functools.cached_property
    def open_tracking(self) -> pd.DataFrame:
        """The tracking rows whose strategy is known to be neither done nor cancelled."""
        return self.portfolio.tracking[strategies.are_open(self.portfolio.tracking["status"])]

    @functools.cached_property
    def whole(self) -> pd.Series:
        """False for the customers one of whose teams has no usable workbook tonight: nothing of theirs can be lacking."""
        return ~self.customers["customer_id"].isin(half_read(self.past, self.unread))

    @functools.cached_property
    def total_known(self) -> bool:
        """Whether the amounts make a total: the policy's share of them is known."""
        return round(self.of_all.known_share, 9) >= self.policy.risk.concentration.known_at_least

    @functools.cached_property
    def by_year(self) -> bool:
        """Whether a share of all is one of the year's orders: of enough of those who ever bought they are known."""
        return round(self.of_all.year_share, 9) >= self.policy.risk.concentration.known_at_least

    def recorded(self, kind: str) -> pd.Series:
        """True for the customers of whom a kind of sheet could tell: one of their teams keeps it, maybe empty.

        Only of these does a row that is not there mean something, and only when every team's workbook was read. The kind
        ``health`` is for those whose health is known, ``total`` for those whose share of the total amount is.
        """
        if kind == "total" and self.by_year:
            return self.recorded("info") & self.customers["amount_year"].notna()
        if kind == "total":
            return self.recorded("info") & self.customers["amount"].notna() & self.total_known
        if kind == "health":
            return self.whole & self.customers["health_colour"].notna()
        return self.whole & self.portfolio.told_by(kind, self.customers["customer_id"])

    def complete(self, *kinds: str) -> pd.Series:
        """True for the customers of whom all is known that these kinds of sheet may hold: only of them can it be lacking.

        Not of those one of whose teams could not be read, nor where a row that names nobody for sure may be theirs.
        """
        return self.whole & ~self.portfolio.may_have_more(self.customers["customer_id"], *kinds)

    def before(self, column: str) -> pd.Series:
        """A column of the snapshot before, beside the customers; unknown where there is none."""
        if self.past is None or column not in self.past:
            return pd.Series(np.nan, index=self.customers.index)
        known = self.past[column].set_axis(self.past["customer_id"])
        return known.reindex(self.customers["customer_id"]).set_axis(self.customers.index)

    def tier_names(self, keys: pd.Series) -> pd.Series:
        """The tiers' names in the language of the words."""
        return keys.map(self.policy.tier_names(self.words.lang))

    def terms(self, path: str, keys: pd.Series) -> pd.Series:
        """The words for keys, ``terms.status`` and ``running`` → 进行中; unknown stays unknown."""
        return keys.map({key: self.words(f"{path}.{key}") for key in keys.dropna().unique()}).astype("str")


#: What a rule answers as soon as it sees that it finds nothing; most do, most nights.
NO_HITS = frames.empty(frames.text("customer_id"))


def row_of(rows: pd.DataFrame, kind: str) -> pd.Series:
    """The row of a sheet that a hit is about: what several rules say of one row is one matter (handbook §11)."""
    return kind + "|" + rows["book"] + "|" + rows["sheet"] + "|" + rows["row"].astype("str")


def half_read(past: pd.DataFrame | None, unread: frozenset[str]) -> frozenset[str]:
    """The IDs of the customers one of whose teams has no usable workbook tonight."""
    if past is None or not unread:
        return frozenset()
    teams = past[["customer_id", "teams"]].dropna().set_index("customer_id")["teams"].str.split("、").explode()
    return frozenset(teams.index[teams.isin(unread)])


def unknown(kind: str, index: pd.Index) -> pd.Series:
    """A column of a kind that says nothing, of yes and no: no; an unknown count is a number."""
    return pd.Series(False if kind == "bool" else None, index=index, dtype="float64" if kind == "int64" else kind)


def cited(view: View, rows: pd.DataFrame, kind: str, name: str, /, **facts: Any) -> pd.DataFrame:
    """Rows of one kind of sheet as hits: the place of field ``name`` in each, and the facts beside it."""
    place = {"team": rows["team" if "team" in rows else "teams"], "book": rows["book"], "sheet": rows["sheet"]}
    columns = {
        "customer_id": rows["customer_id"],
        **place,
        "cell": view.portfolio.cells(rows, kind, name),
    }
    return pd.DataFrame(columns | facts, rows.index)


def cited_orders(
    view: View, rows: pd.DataFrame, orders: pd.DataFrame, name: str, /, **facts: pd.Series
) -> pd.DataFrame:
    """Customers' own rows among `orders` as hits: of the sheet with the last one, from the first row to the last.

    That span is what a person filters by the customer; other customers' rows may stand between.
    """
    mine = orders[orders["customer_id"].isin(rows["customer_id"]) & orders["ordered_on"].notna()]
    ordered = mine.sort_values(["ordered_on", "book", "row"], kind="stable")
    sheet = ["customer_id", "team", "book", "sheet"]
    last = ordered.drop_duplicates("customer_id", keep="last")[sheet]
    own = mine.merge(last, on=sheet).groupby("customer_id")["row"]
    places = last.set_index("customer_id").assign(row=own.min(), last_row=own.max())
    found = rows[["customer_id"]].assign(**facts).join(places, on="customer_id")
    told = cited(view, found, ORDERS.kind, name, **{fact: found[fact] for fact in facts})
    return told.assign(cell=spans(view.portfolio.letters, found, ORDERS.kind, name))


def identity(*parts: pd.Series) -> pd.Series:
    """What tells a hit from its customer's other hits of the rule, night after night, in every language.

    Made of what was typed, never of a row's place: rows inserted above and siblings that are settled change nothing.
    Texts that differ only in width, script, case, blanks and punctuation are the same.
    """
    return functools.reduce(lambda one, two: one + "|" + two, map(_folded, parts))


def _folded(part: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(part):
        return pd.Series(np.datetime_as_string(part.to_numpy(), unit="m"), index=part.index, dtype="str")
    codes, texts = pd.factorize(part)
    folded = np.array(
        [*map(essence, texts.astype("str")), ""], dtype=object
    )  # the last is for unknown, whose code is -1
    return pd.Series(folded[codes], index=part.index, dtype="str")
