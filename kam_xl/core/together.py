"""What must be known of all customers before one of them can be judged: totals, medians, who manages most; and it adds up.

A portfolio may be judged by parts of its customers (`judging`). Each part is counted by itself, and the sum of two counts is
the count of both together, whichever way the customers are cut.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kam_xl.core.portfolio import Portfolio
from kam_xl.core.privacy import masked
from kam_xl.core.texts import essence, folded_all

NO_TIER = ""  # stands for "no tier" while customers are counted


@dataclass(frozen=True)
class Together:
    """What is known of all customers, or of some; `total` adds it up."""

    customers: int
    amounts: Mapping[str, np.ndarray]  # tier → its known amounts in 万元, ascending
    year: np.ndarray  # what each ordered in the year, where all of it is known, ascending
    buyers: np.ndarray  # two counts: customers who ever bought, and those of them whose year is known
    strategies: pd.Series  # folded text and tier → how many customers have the strategy
    with_strategy: int  # customers with any
    members: pd.Series  # team → how many customers it serves
    managed: pd.Series  # team and manager → how many of the team's customers the manager has
    visited: frozenset[str]  # workbooks whose service log knows a visit

    def but_rare(self, at_least: int) -> Together:
        """The same without the strategies of fewer customers: the others are few, and go to every part."""
        by_text = self.strategies.groupby(level="text").transform("sum")
        return replace(self, strategies=self.strategies[by_text >= at_least])

    def named(self, told: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """What is told once, by rule and team as snapshots name it, with these teams' own names."""
        team_of = {"": ""} | {masked(team): team for team in self.members.index}
        return frozenset((rule, team_of[team]) for rule, team in told if team in team_of)

    @functools.cached_property
    def total(self) -> float:
        """The sum of all known amounts in 万元, the same in whatever order they are added."""
        return math.fsum(amount for amounts in self.amounts.values() for amount in amounts)

    @functools.cached_property
    def year_total(self) -> float:
        """The sum of what was ordered in the year in 万元, the same in whatever order it is added."""
        return math.fsum(self.year)

    @property
    def year_share(self) -> float:
        """The share of those who ever bought whose orders of the year are known."""
        bought, known = self.buyers
        return float(known / bought) if bought else math.nan

    @property
    def known_share(self) -> float:
        """The share of customers whose amount is known."""
        known = sum(map(len, self.amounts.values()))
        return known / self.customers if self.customers else math.nan

    def medians(self, at_least: int) -> pd.Series:
        """Tier → the median of its amounts, where so many are known."""
        known = {key: amounts for key, amounts in self.amounts.items() if len(amounts) >= at_least and key != NO_TIER}
        return pd.Series({key: np.median(amounts) for key, amounts in known.items()}, dtype="float64")

    def peers(self, customers: pd.DataFrame, at_least: int) -> pd.Series:
        """The median amount of each customer's tier, beside the customers; unknown where so many are not known."""
        return customers["computed_tier"].map(self.medians(at_least)).astype("float64")

    def totals(self, customers: pd.DataFrame) -> pd.Series:
        """The sum of all known amounts, beside the customers."""
        return pd.Series(self.total, customers.index)

    def year_totals(self, customers: pd.DataFrame) -> pd.Series:
        """The sum of what was ordered in the year, beside the customers."""
        return pd.Series(self.year_total, customers.index)

    @functools.cached_property
    def used(self) -> pd.DataFrame:
        """Folded text of a strategy → how many customers have it, and in how many tiers: customers, tiers."""
        each = self.strategies.rename("customers").reset_index()
        by_text = each.assign(tiers=(each["tier"] != NO_TIER).astype("int64")).groupby("text")
        return by_text[["customers", "tiers"]].sum()

    @functools.cached_property
    def managers(self) -> pd.Series:
        """Team → who manages most of its customers; of equals the first by name."""
        counts = self.managed.rename("n").reset_index()
        first = counts.sort_values(["n", "manager"], ascending=[False, True], kind="stable").drop_duplicates("team")
        return first.set_index("team")["manager"].astype("str")


def total(parts: Sequence[Together]) -> Together:
    """What is known of all parts together, none of whose customers are in another."""
    tiers = {key for one in parts for key in one.amounts}
    amounts = {key: [one.amounts[key] for one in parts if key in one.amounts] for key in tiers}
    return Together(
        sum(one.customers for one in parts),
        {key: np.sort(np.concatenate(some)) for key, some in amounts.items()},
        np.sort(np.concatenate([one.year for one in parts])),
        np.sum([one.buyers for one in parts], axis=0),
        _added([one.strategies for one in parts]),
        sum(one.with_strategy for one in parts),
        _added([one.members for one in parts]),
        _added([one.managed for one in parts]),
        frozenset().union(*(one.visited for one in parts)),
    )


def _added(counts: Sequence[pd.Series]) -> pd.Series:
    """Counts by one and the same key, added."""
    return pd.concat(counts).groupby(level=list(range(counts[0].index.nlevels))).sum()


def counted(customers: pd.DataFrame, portfolio: Portfolio) -> Together:
    """What is known of these customers, who are scored, tiered and planned."""
    tiers = customers["computed_tier"].fillna(NO_TIER)
    amounts = customers["amount"].groupby(tiers)
    own = uses(customers, portfolio.tracking)
    bought = customers["amount"] > 0
    served = portfolio.members()
    managed = served.join(customers["manager"].set_axis(customers["customer_id"]), on="customer_id").dropna()
    service = portfolio.service
    return Together(
        len(customers),
        {str(key): np.sort(some.dropna().to_numpy("float64")) for key, some in amounts},
        np.sort(customers["amount_year"].dropna().to_numpy("float64")),
        np.array([bought.sum(), (bought & customers["amount_year"].notna()).sum()]),
        own.assign(tier=own["tier"].fillna(NO_TIER)).groupby(["text", "tier"]).size(),
        own["customer_id"].nunique(),
        served.groupby("team").size(),
        managed.groupby(["team", "manager"]).size(),
        frozenset(service.loc[service["kind"] == "visit", "book"].unique()),
    )


def uses(customers: pd.DataFrame, tracking: pd.DataFrame) -> pd.DataFrame:
    """The tracking rows that tell of a strategy, once for each customer, with its ``tier`` and the folded ``text``."""
    place = pd.Index(customers["customer_id"]).get_indexer(tracking["customer_id"])
    told = tracking["strategy"].notna().to_numpy() & (place >= 0)
    rows, place = tracking[told], place[told]
    tier = customers["computed_tier"].take(place).set_axis(rows.index)
    rows = rows.assign(tier=tier, text=folded_all(rows["strategy"], essence))
    return rows.drop_duplicates(["customer_id", "text"])
