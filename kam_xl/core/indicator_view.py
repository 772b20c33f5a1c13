"""What the indicators look at: tonight, the snapshots of a period ago, who is whose; and their sums by team."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import history, orders, sections
from kam_xl.core.failures import Failures, Strict
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.words import Words

PERIODS = ("quarter", "half", "year", "two_years")  # how far back a snapshot may be asked for

OVERALL = ""  # stands for "all teams" while figures are grouped

#: What the indicators ask of a customer in a snapshot; an older one without a column leaves it unknown.
_KEPT = ("teams", "tier", "lifecycle", "amount", "amount_parts", "on")
#: The columns of a snapshot that they look at.
LOOKED_AT = ("customer_id", *_KEPT)


class Crowd(NamedTuple):
    """Which customers each team has, and all of them under `OVERALL`: pairs of a team and a place among the customers."""

    teams: pd.Index
    team: np.ndarray  # place in `teams`
    place: np.ndarray


@dataclass(frozen=True)
class IndicatorView:
    """What the indicators look at; ``pasts`` holds a snapshot (`history.snapshot`, of it `LOOKED_AT`) or None for each of `PERIODS`.

    A snapshot of another time than its period's, by the policy's ``snapshot_days``, is as good as none.
    """

    portfolio: Portfolio
    customers: pd.DataFrame
    cases: pd.DataFrame
    policy: Policy
    today: pd.Timestamp
    words: Words
    pasts: Mapping[str, pd.DataFrame | None]
    failures: Failures = field(default_factory=Strict)

    @functools.cached_property
    def now(self) -> pd.DataFrame:
        """Tonight's customers by ID."""
        return self.customers.set_index("customer_id")

    @functools.cached_property
    def order_lines(self) -> orders.Lines:
        """The lines of orders by the place of tonight's customers."""
        return orders.lines(self.portfolio.orders, self.customers["customer_id"])

    @functools.cached_property
    def orders_reach(self) -> dict[str, pd.Timestamp]:
        """From when on orders are known, by workbook."""
        return orders.reach(self.portfolio.orders)

    @functools.cached_property
    def crowd(self) -> Crowd:
        """Who is whose tonight."""
        own = self.portfolio.records[["team", "customer_id"]].drop_duplicates()
        return _crowd_of(own["team"], self.now.index.get_indexer(pd.Index(own["customer_id"])), len(self.now))

    @functools.cached_property
    def _thens(self) -> dict[str, tuple[pd.DataFrame, Crowd]]:
        """Period → the snapshot by customer ID, with ``gone`` and ``place`` (among tonight's), and who was whose."""
        wanted, within = days(self.today.date(), self.policy), self.policy.targets.snapshot_days
        found = {period: past for period in PERIODS if (past := self.pasts.get(period)) is not None and len(past)}
        near = {
            period: past
            for period, past in found.items()
            if abs(past["on"].max() - pd.Timestamp(wanted[period])).days <= within
        }
        return {period: self._then(past) for period, past in near.items()}

    def _then(self, past: pd.DataFrame) -> tuple[pd.DataFrame, Crowd]:
        then = past.set_index("customer_id").reindex(columns=list(_KEPT))
        lines, texts = pd.factorize(then["teams"].astype("str"))  # few teams share many customers
        teams = pd.Series(texts, dtype="str").str.split("、").explode().rename("team")
        pairs = pd.DataFrame({"line": lines, "at": np.arange(len(then))}).merge(teams, left_on="line", right_index=True)
        read = history.read_teams(self.portfolio.sources)
        unread = history.unread_teams(pd.DataFrame({"teams": texts}, dtype="str"), read)
        hidden = np.isin(np.arange(len(then)), pairs.loc[pairs["team"].isin(unread), "at"])
        place = self.now.index.get_indexer(then.index)
        # a customer of a team whose workbook could not be read tonight is not gone, it is unknown
        gone = np.where((place < 0) & hidden, np.nan, place < 0)
        return then.assign(gone=gone, place=place), _crowd_of(pairs["team"], pairs["at"].to_numpy(), len(then))

    def then(self, period: str) -> pd.DataFrame:
        """The snapshot of a period ago by customer ID; ``gone`` is 1, 0 or unknown, ``place`` that among tonight's."""
        return self._thens[period][0]

    def crowd_then(self, period: str) -> Crowd:
        """Who was whose a period ago."""
        return self._thens[period][1]

    def aligned(self, column: str, then: pd.DataFrame) -> pd.Series:
        """A column of tonight beside a snapshot's customers; unknown for those that are no longer there."""
        taken = pd.api.extensions.take(self.now[column].array, then["place"].to_numpy(), allow_fill=True)
        return pd.Series(taken, index=then.index)

    def has(self, period: str) -> bool:
        """True where there is a snapshot of about a period ago."""
        return period in self._thens

    def start(self, period: str) -> pd.Timestamp:
        """The day a period that ends today began, by the policy's days."""
        return pd.Timestamp(days(self.today.date(), self.policy)[period])


@dataclass(frozen=True)
class Indicator:
    """One row of the table: what is measured, over which period, in what unit, and what it needs.

    ``measure`` takes the view and the indicator and returns actual and counted by team. ``back`` names the snapshots it
    compares with; ``needs`` is the key of the words on what its data are; ``counts`` of those on what was counted.
    """

    key: sections.Indicator
    period: str
    unit: str
    measure: Callable[[IndicatorView, Indicator], pd.DataFrame]
    needs: str
    counts: str = "customers"
    back: tuple[str, ...] = ()
    tier: str | None = None
    tonight: bool = False  # the figure is of tonight, not of the period
    of_orders: Callable[[IndicatorView, Indicator], pd.DataFrame] | None = (
        None  # the same out of orders, where they are kept
    )

    @property
    def basis(self) -> str:
        """The key of the words on what the figure was measured over."""
        return "today" if self.tonight else "snapshot" if self.back else "period"


def days(today: dt.date, policy: Policy) -> dict[str, dt.date]:
    """The day a snapshot is wanted of, for each of `PERIODS`; the nearest there is will do."""
    back = policy.targets
    length = {
        "quarter": back.quarter_days,
        "half": back.half_days,
        "year": back.year_days,
        "two_years": 2 * back.year_days,
    }
    return {period: today - dt.timedelta(days=length[period]) for period in PERIODS}


def _crowd_of(team: pd.Series, place: np.ndarray, count: int) -> Crowd:
    """Pairs of a team and a customer's place, and the ``count`` customers under `OVERALL`."""
    codes, teams = pd.factorize(team[place >= 0])
    everyone = np.zeros(count, "int64")
    return Crowd(
        pd.Index([OVERALL, *teams]),
        np.concatenate([everyone, codes + 1]),
        np.concatenate([np.arange(count), place[place >= 0]]),
    )


def nothing_measured() -> pd.DataFrame:
    """Figures of no team."""
    return pd.DataFrame({"actual": pd.Series(dtype="float64"), "counted": pd.Series(dtype="float64")})


def ratio(crowd: Crowd, part: pd.Series, whole: pd.Series | None = None) -> pd.DataFrame:
    """The sum of parts ÷ the sum of wholes (1 each) by team, over the customers for which both are known.

    ``part`` and ``whole`` stand beside the customers the crowd was made of.
    """
    parts = part.to_numpy("float64", na_value=np.nan)
    wholes = np.ones(len(parts)) if whole is None else whole.to_numpy("float64", na_value=np.nan)
    known = np.isfinite(parts + wholes)[crowd.place]
    team, place = crowd.team[known], crowd.place[known]
    counted, above, below = (
        np.bincount(team, weights=weights, minlength=len(crowd.teams))
        for weights in (None, parts[place], wholes[place])
    )
    return _divided(pd.DataFrame({"part": above, "whole": below, "counted": counted}, index=crowd.teams))


def ratio_of_rows(rows: pd.DataFrame, part: pd.Series) -> pd.DataFrame:
    """The share of rows that have a flag, by their team and overall."""
    by_team = part.astype("float64").groupby(rows["team"])
    sums = pd.DataFrame({"part": by_team.sum(), "counted": by_team.size()})
    sums.loc[OVERALL] = [part.sum(), len(rows)]
    return _divided(sums.assign(whole=sums["counted"]))


def _divided(sums: pd.DataFrame) -> pd.DataFrame:
    actual = sums["part"] / sums["whole"].where(sums["whole"] > 0)
    return pd.DataFrame({"actual": actual, "counted": sums["counted"]})


def less(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """The figures of now less those of then, where both are known."""
    return now.assign(actual=now["actual"] - then["actual"])
