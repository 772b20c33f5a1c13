"""A portfolio and the policy → everything the reports show: the rules' table of contents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial, wraps
from typing import Any

import pandas as pd

from kam_xl.core import (
    baskets,
    confidence,
    consolidation,
    cutting,
    deals,
    frames,
    goals,
    groups,
    history,
    indicators,
    judging,
    matters,
    orders,
    planning,
    quality,
    recorded,
    reminders,
    rfm,
    severity,
    strategies,
    tiering,
    waiting,
    whitespace,
    workdays,
)
from kam_xl.core import visits as spread
from kam_xl.core.failures import Failures, Strict, is_missing
from kam_xl.core.indicator_view import IndicatorView
from kam_xl.core.parts import LaidOut, in_one
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.risk_view import View
from kam_xl.core.words import Words

TEAM_COLUMNS = tuple(frames.ASSESSMENT["teams"])


def _part(work: Callable[[Any], Any]) -> cached_property:
    """A part of the assessment, computed when it is first asked for; where that fails, it is `Missing`."""

    @wraps(work)
    def part(self: Assessment) -> object:
        return self.failures.part(work.__name__, lambda: work(self))

    return cached_property(part)


@dataclass(frozen=True)
class Assessment:
    """One portfolio at one moment, assessed; texts in the language of ``words``, amounts in 万元, shares as fractions.

    ``past`` is the snapshot compared with and ``previous`` its day; both None on the first night. What no other rule
    rests on is computed when it is first asked for: a single cell needs little of it. A part that could not be computed
    is `Missing`, a column unknown; the ``failures`` say which. Why figures are not what they were, ``moves``,
    ``move_sums`` and the parts of both, is known where somebody asked what the night before rested on (`bridges`): ``against``
    is the moment of that night, None where nobody asked. ``night_moves`` are these and what moved on nights before, all that did
    since ``moved_since`` (`past_moves`). ``unexplained`` says why that night cannot be looked at
    (`nights.UNEXPLAINED`).
    """

    portfolio: Portfolio
    policy: Policy
    now: dt.datetime
    words: Words
    customers: pd.DataFrame
    evaluations: pd.DataFrame
    risks: pd.DataFrame
    closed: pd.DataFrame
    cases: pd.DataFrame
    repeats: pd.DataFrame
    figures: judging.OfAll  # of all customers
    roles: pd.DataFrame
    quality_books: pd.DataFrame
    changes: pd.DataFrame
    past: pd.DataFrame | None
    pasts: Mapping[str, pd.DataFrame | None]
    comparable: bool  # False when a team of last night has no usable workbook tonight
    failures: Failures = field(default_factory=Strict)
    moves: pd.DataFrame = field(default_factory=partial(frames.empty, frames.ASSESSMENT["moves"]))
    move_sums: pd.DataFrame = field(default_factory=partial(frames.empty, frames.ASSESSMENT["move_sums"]))
    move_parts: pd.DataFrame = field(default_factory=partial(frames.empty, frames.ASSESSMENT["move_parts"]))
    move_sum_parts: pd.DataFrame = field(default_factory=partial(frames.empty, frames.ASSESSMENT["move_sum_parts"]))
    night_moves: pd.DataFrame = field(default_factory=partial(frames.empty, frames.NIGHT_MOVES))
    against: dt.datetime | None = None
    moved_since: dt.date | None = None
    unexplained: str = ""

    @property
    def lang(self) -> str:
        """The language of the texts."""
        return self.words.lang

    @property
    def today(self) -> dt.date:
        """The day that counts."""
        return self.now.date()

    @property
    def _night(self) -> pd.Timestamp:
        return pd.Timestamp(self.now).normalize()

    @property
    def previous(self) -> dt.date | None:
        """The day of the snapshot compared with."""
        return None if self.past is None else history.day_of(self.past)

    @property
    def told_once(self) -> tuple[tuple[str, str], ...]:
        """Which rules and which upkeep are told once, and of which team, in their order."""
        return tuple(sorted(self.figures.told_once(self.policy) | self.upkeep_told))

    @cached_property
    def upkeep_told(self) -> planning.Told:
        """Which upkeep is told once (`planning.upkeep_told`)."""
        told = partial(planning.upkeep_told, self._reminded, self._view)
        return self.failures.attempt("action", "reminders", told, frozenset())

    @cached_property
    def _reminded(self) -> pd.DataFrame:
        """What falls due by itself (`planning.reminded`)."""
        found = partial(planning.reminded, self.risks, self._view)
        return self.failures.attempt("action", "reminders", found, planning.NOTHING)

    @cached_property
    def counts(self) -> pd.DataFrame | None:
        """What waits of each customer (`waiting.counted`); None where any of it could not be computed."""
        planned = self.customers["planned_visit"].set_axis(self.customers["customer_id"])
        if is_missing(self.actions) or is_missing(self.cases):
            return None
        return waiting.counted(self.actions, self.cases, planned, self._night)

    @property
    def next_day(self) -> bool:
        """True where the snapshot compared with is of the day before."""
        return self.previous is not None and (self.today - self.previous).days == 1

    @property
    def week(self) -> tuple[dt.date, dt.date]:
        """Monday and Sunday of this week (`workdays.this_week`)."""
        monday, sunday = workdays.this_week(self._night)
        return monday.date(), sunday.date()

    @property
    def workday(self) -> dt.date:
        """The next day that is worked, today where it is one: what is to be done now is for that day."""
        return workdays.next_workday(pd.Series([self._night]), self.policy.calendar)[0].date()

    # --- what to do

    @_part
    def visits(self) -> pd.DataFrame:
        """The planned visits with their agenda (`planning.calendar`)."""
        return planning.calendar(self.customers, self.matters, self.portfolio, self.policy, self._night, self.words)

    @_part
    def utilisation(self) -> pd.DataFrame:
        """Planned visits against each manager's capacity, by week (`visits.utilisation`)."""
        return spread.utilisation(self.visits, self.policy, self._night)

    @_part
    def actions(self) -> pd.DataFrame:
        """What is overdue or due soon (`planning.actions`)."""
        return planning.actions(self.matters, self.risks, self._reminded, self.upkeep_told, self._view)

    @cached_property
    def _view(self) -> View:
        """What the rules of the plan look at."""
        return View(
            self.portfolio, self.customers, self.evaluations, self.policy, self._night, self.words,
            repeats=self.repeats, failures=self.failures, together=self.figures.of_all,
        )  # fmt: skip

    @_part
    def matters(self) -> pd.DataFrame:
        """What a person must deal with, the most pressing first (`matters.listed`)."""
        return matters.listed(self.risks, self.policy, self.words)

    @_part
    def common(self) -> pd.DataFrame:
        """What so many customers share that it is told once (`matters.common`)."""
        found = pd.concat([self.risks, reminders.upkeep(self._view)], ignore_index=True)
        return matters.common(self._view, found)

    @_part
    def housekeeping(self) -> pd.DataFrame:
        """What asks for the upkeep of a workbook, of whom keeps it (`planning.ACTIONS`)."""
        return self.actions[(self.actions["kind"] == planning.HOUSEKEEPING) & self.actions["waiting"]]

    @_part
    def deals(self) -> pd.DataFrame:
        """Renewals, opportunities and trials, with whose they are (`deals.finished`)."""
        return self._named(deals.finished(self.portfolio.renewals, self.policy, self._night), "name", "computed_tier")

    @_part
    def strategies(self) -> pd.DataFrame:
        """The strategies being executed, with the tier of whom they serve (`strategies.finished`)."""
        return self._named(strategies.finished(self.portfolio.tracking, self.policy, self._night), "computed_tier")

    def _named(self, rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
        """Rows with columns of their customers."""
        return rows.join(self.customers[["customer_id", *columns]].set_index("customer_id"), on="customer_id")

    @_part
    def goals(self) -> pd.DataFrame:
        """What each strategy states as its goal, and what is missing (`goals.check`)."""
        return goals.check(self.portfolio, self.policy)

    @_part
    def whitespace(self) -> pd.DataFrame:
        """What to sell to whom next (`whitespace.proposals`)."""
        return whitespace.proposals(self.customers, self.portfolio.renewals, self.policy)

    @_part
    def product_grid(self) -> pd.DataFrame:
        """Products × customers (`whitespace.grid`)."""
        return whitespace.grid(self.customers, self.portfolio.renewals, self.whitespace, self.policy)

    @_part
    def bought_together(self) -> pd.DataFrame:
        """Products that stand in one order more often than by chance (`baskets.bought_together`)."""
        return baskets.bought_together(self.portfolio.orders, self.policy.orders)

    # --- how it stands

    @_part
    def kpis(self) -> pd.DataFrame:
        """The indicators against their targets (`indicators.measure`)."""
        return indicators.measure(
            IndicatorView(
                self.portfolio,
                self.customers,
                self.cases,
                self.policy,
                self._night,
                self.words,
                self.pasts,
                self.failures,
            )
        )

    @_part
    def tiers(self) -> pd.DataFrame:
        """Customers by tier against the target shares (`tiering.share_check`)."""
        return tiering.share_check(self.customers["computed_tier"], self.policy)

    @cached_property
    def _members(self) -> pd.DataFrame:
        """One row a team and customer: the team's own amount, the customer's tier and level."""
        records = self.portfolio.records
        own = records[~records["repeated"]].groupby(["team", "customer_id"], as_index=False)["amount"].sum(min_count=1)
        known = self.customers[["customer_id", "computed_tier", "level"]].set_index("customer_id")
        return own.join(known, on="customer_id", how="inner")

    @_part
    def teams(self) -> pd.DataFrame:
        """One row a team (`TEAM_COLUMNS`): its customers, own amount, high tiers, levels, and findings in its books."""
        return _teams(self._members, self.portfolio.sources)

    @_part
    def members(self) -> pd.DataFrame:
        """Who is of a group (`groups.members`)."""
        return groups.members(self.customers)

    @_part
    def groups(self) -> pd.DataFrame:
        """What each group comes to, a view of its customers (`groups.rolled_up`)."""
        return groups.rolled_up(self.customers, self.members)

    @_part
    def team_tiers(self) -> pd.DataFrame:
        """Each team's customers by tier (`tiering.team_share_check`)."""
        return tiering.team_share_check(self._members["team"], self._members["computed_tier"], self.policy)

    @_part
    def policy_notes(self) -> tuple[tiering.Note, ...]:
        """What the policy makes impossible here (`tiering.policy_check`)."""
        return tiering.policy_check(self.customers, self.policy, self.words)

    @_part
    def confidence(self) -> pd.DataFrame:
        """The customers whose tier is not sure, and how sure it is (`confidence.told`)."""
        return confidence.told(self.customers, self.evaluations, self.policy, self._night, self.words)

    @_part
    def severity(self) -> pd.DataFrame:
        """How strictly each evaluator marks (`severity.estimated`)."""
        return severity.estimated(self.evaluations, self.policy)

    # --- what to put right

    @_part
    def sample(self) -> pd.DataFrame:
        """The cells to check by hand this month (`quality.sample`)."""
        return quality.sample(self.portfolio, self.policy, self.today)

    @_part
    def repairs(self) -> pd.DataFrame:
        """The cells to put right (`quality.repairs`)."""
        return quality.repairs(self.portfolio, self.customers)

    @_part
    def questions(self) -> pd.DataFrame:
        """What the sheets that nobody keeps would answer (`consolidation.questions`)."""
        return consolidation.questions(self.portfolio, self.words)


def assess(
    portfolio: Portfolio,
    policy: Policy,
    now: dt.date,
    words: Words,
    past: pd.DataFrame | None = None,
    pasts: Mapping[str, pd.DataFrame | None] | None = None,
    failures: Failures | None = None,
    laid_out: LaidOut = in_one,
) -> Assessment:
    """Score, tier, plan, listen, look for risks, measure, and compare with the nights before, in that order.

    ``now`` is the moment to judge at; a day alone is its midnight. ``past`` is the snapshot (`history.snapshot`) of the
    night before, ``pasts`` those of longer ago, by `PERIODS`; what is not there is not compared with. Without
    ``failures`` an error anywhere is raised; with them it costs its part alone, except in scores and plans, on which
    everything rests. ``laid_out`` says in what parts the customers are judged, and where.
    """
    failures = Strict() if failures is None else failures
    past = None if past is None or past.empty else past
    unread = history.unread_of(past, portfolio.sources)
    night = judging.Tonight(policy, pd.Timestamp(now), words, unread, orders.reach(portfolio.orders))
    portions = laid_out(len(portfolio.customers), partial(cutting.cut, portfolio, past, failures))
    parts, figures = judging.judged(portions, night, failures)
    found = cutting.whole(parts, night, portfolio, failures)
    portfolio = recorded.with_findings(portfolio, found.pop("wrong"))
    portfolio = failures.attempt(
        "part", "contradictions", lambda: recorded.with_contradictions(portfolio, words), portfolio
    )
    found["customers"] = _classed(found["customers"], night, failures)
    return Assessment(
        portfolio=portfolio,
        policy=policy,
        now=night.moment.to_pydatetime(),
        words=words,
        repeats=figures.repeats,
        figures=figures,
        past=past,
        pasts=pasts or {},
        comparable=not unread,
        failures=failures,
        **found,
    )


def _classed(customers: pd.DataFrame, night: judging.Tonight, failures: Failures) -> pd.DataFrame:
    """The customers with their classes of recency, frequency and money among all that order (`rfm.classed`)."""
    kinds = frames.ADDED["rfm"]
    unknown = pd.DataFrame({name: pd.Series(None, customers.index, dtype=kind) for name, kind in kinds.items()})
    said = failures.attempt("part", "rfm", lambda: rfm.classed(customers, night.policy.orders, night.today), unknown)
    return customers.join(said)


def _teams(members: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    marked = members.assign(
        customers=1,
        strategic=members["computed_tier"] == "strategic",
        key=members["computed_tier"] == "key",
        high_risk=members["level"] == "high",
        medium_risk=members["level"] == "medium",
    )
    counts = ["customers", "strategic", "key", "high_risk", "medium_risk"]
    teams = marked.groupby("team")[counts].sum()
    teams["amount"] = marked.groupby("team")["amount"].sum(min_count=1)
    teams["finding_count"] = sources.groupby("team")["finding_count"].sum().reindex(teams.index, fill_value=0)
    return teams.reset_index()[list(TEAM_COLUMNS)]


def explained(assessed: Assessment, **why: Any) -> Assessment:
    """The same with why its figures are what they are; what was computed of it stays, for none of it rests on that."""
    found = replace(assessed, **why)
    vars(found).update({name: part for name, part in vars(assessed).items() if name not in vars(found)})
    return found
