"""A portfolio and the policy → everything the reports show: the rules' table of contents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from typing import Any

import pandas as pd

from kam_xl.core import (
    consolidation,
    contact,
    deals,
    frames,
    goals,
    health,
    history,
    indicators,
    lifecycle,
    matters,
    planning,
    quality,
    recorded,
    relationships,
    reminders,
    risk,
    scoring,
    service,
    strategies,
    tiering,
    whitespace,
    workdays,
)
from kam_xl.core import visits as spread
from kam_xl.core.failures import Failures, Strict, is_missing
from kam_xl.core.indicator_view import IndicatorView
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.risk_view import View, half_read, unknown
from kam_xl.core.words import Words

#: Columns of the deciding evaluation → their names beside the customer.
DECIDING = {
    "value": "value",
    "potential": "potential",
    "demand": "demand",
    "score": "score",
    "computed_tier": "computed_tier",
    "composite": "recorded_score",
    "tier": "recorded_tier",
    "evaluated_on": "evaluated_on",
    "evaluator": "evaluator",
    "verdict": "verdict",
}
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
    is `Missing`, a column unknown; the ``failures`` say which.
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
    roles: pd.DataFrame
    quality_books: pd.DataFrame
    changes: pd.DataFrame
    past: pd.DataFrame | None
    pasts: Mapping[str, pd.DataFrame | None]
    comparable: bool  # False when a team of last night has no usable workbook tonight
    failures: Failures = field(default_factory=Strict)

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
        return planning.actions(self.matters, self.risks, self._view)

    @cached_property
    def _view(self) -> View:
        """What the rules of the plan look at."""
        return View(
            self.portfolio, self.customers, self.evaluations, self.policy, self._night, self.words,
            repeats=self.repeats, failures=self.failures,
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
        return rows.join(self.customers.set_index("customer_id")[list(columns)], on="customer_id")

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
        known = self.customers.set_index("customer_id")[["computed_tier", "level"]]
        return own.join(known, on="customer_id", how="inner")

    @_part
    def teams(self) -> pd.DataFrame:
        """One row a team (`TEAM_COLUMNS`): its customers, own amount, high tiers, levels, and findings in its books."""
        return _teams(self._members, self.portfolio.sources)

    @_part
    def team_tiers(self) -> pd.DataFrame:
        """Each team's customers by tier (`tiering.team_share_check`)."""
        return tiering.team_share_check(self._members["team"], self._members["computed_tier"], self.policy)

    @_part
    def policy_notes(self) -> tuple[tiering.Note, ...]:
        """What the policy makes impossible here (`tiering.policy_check`)."""
        return tiering.policy_check(self.customers, self.policy, self.words)

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
) -> Assessment:
    """Score, tier, plan, listen, look for risks, measure, and compare with the nights before, in that order.

    ``now`` is the moment to judge at; a day alone is its midnight. ``past`` is the snapshot (`history.snapshot`) of the
    night before, ``pasts`` those of longer ago, by `PERIODS`; what is not there is not compared with. Without
    ``failures`` an error anywhere is raised; with them it costs its part alone, except in scores and plans, on which
    everything rests.
    """
    failures = Strict() if failures is None else failures
    moment = pd.Timestamp(now)
    night = moment.normalize()
    past = None if past is None or past.empty else past
    unread = history.unread_teams(past, history.read_teams(portfolio.sources))

    filled = scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, policy)
    evaluations = _scored(filled, policy, past)
    portfolio = failures.attempt(
        "part", "recorded", lambda: recorded.with_findings(portfolio, recorded.recorded_wrong(portfolio, evaluations, policy, words.lang)), portfolio
    )  # fmt: skip
    portfolio = failures.attempt(
        "part", "contradictions", lambda: recorded.with_contradictions(portfolio, words), portfolio
    )
    customers = _with_evaluation(portfolio.customers, evaluations, policy)
    customers = planning.plan(customers, portfolio, policy, night, words.lang)
    customers = _with_account(customers, portfolio, policy, moment, past, half_read(past, unread), failures)

    cases = failures.part("cases", lambda: service.cases(portfolio.service, customers, policy, moment))
    repeats = failures.part(
        "repeats", lambda: service.repeats(portfolio.service, policy, moment, len(portfolio.customers))
    )
    roles = failures.part("roles", lambda: relationships.roles(customers, portfolio, policy, night))
    view = View(portfolio, customers, evaluations, policy, night, words, past, cases, repeats, roles, unread, failures)
    customers, risks = risk.scan(view)
    customers = customers.join(risk.of_customers(risks, customers["customer_id"], policy, failures))
    customers = planning.with_visits(customers, risks, _known(cases), portfolio, policy, night)
    scored = failures.part("quality", lambda: quality.score(portfolio, customers, past, policy))
    customers = _joined(
        customers, "quality", lambda: customers[["customer_id"]].join(scored.customers, on="customer_id"), failures
    )

    return Assessment(
        portfolio=portfolio,
        policy=policy,
        now=moment.to_pydatetime(),
        words=words,
        customers=customers,
        evaluations=evaluations,
        risks=risks,
        closed=failures.part("closed", lambda: risk.closed(view, risks)),
        cases=cases,
        repeats=repeats,
        roles=roles,
        quality_books=failures.part("quality", lambda: scored.books),
        changes=failures.part("changes", lambda: history.changes(customers, past, policy, unread)),
        past=past,
        pasts=pasts or {},
        comparable=not unread,
        failures=failures,
    )


def _with_account(
    customers: pd.DataFrame, portfolio: Portfolio, policy: Policy, moment: pd.Timestamp, past: pd.DataFrame | None,
    half: frozenset[str], failures: Failures,
) -> pd.DataFrame:  # fmt: skip
    """The planned customers with what they say (`service.voice`), their lifecycle and their health.

    ``half`` are the IDs of customers one of whose teams could not be read.
    """

    def healthy(known: pd.DataFrame) -> pd.DataFrame:
        failures.require("voice")
        return health.assess(known, portfolio, policy, moment, past, half)

    def staged(known: pd.DataFrame) -> pd.DataFrame:
        unheard = contact.unheard(portfolio, known["customer_id"], known["last_contact"])
        return lifecycle.stages(known, policy, moment.normalize(), half, frozenset(known.loc[unheard, "customer_id"]))

    parts: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "voice": lambda known: service.voice(portfolio.service, known["customer_id"], policy, moment),
        "lifecycle": staged,
        "health": healthy,
    }
    for name, work in parts.items():
        customers = _joined(customers, name, partial(work, customers), failures)
    return customers


def _known(cases: pd.DataFrame) -> pd.DataFrame:
    """The cases, none where they could not be computed: a plan stands without them."""
    return frames.empty(frames.ASSESSMENT["cases"]) if is_missing(cases) else cases


def _joined(customers: pd.DataFrame, part: str, work: Callable[[], pd.DataFrame], failures: Failures) -> pd.DataFrame:
    """The customers with the columns that a part adds (`frames.ADDED`), unknown where it fails."""
    kinds = frames.ADDED[part]
    nothing = pd.DataFrame({name: unknown(kind, customers.index) for name, kind in kinds.items()})
    return customers.join(failures.attempt("part", part, lambda: work()[list(kinds)], nothing))


def _scored(evaluations: pd.DataFrame, policy: Policy, past: pd.DataFrame | None) -> pd.DataFrame:
    """Every evaluation with score, computed_tier and verdict."""
    marks = (evaluations["value"], evaluations["potential"], evaluations["demand"])
    score = scoring.composite(*marks, policy.weights)
    tier = tiering.tiers(score, policy, _previous_tier(evaluations, past))
    verdict = scoring.verdicts(score, tier, evaluations["composite"], evaluations["tier"])
    return evaluations.assign(score=score, computed_tier=tier, verdict=verdict)


def _previous_tier(evaluations: pd.DataFrame, past: pd.DataFrame | None) -> pd.Series | None:
    """The tier of the night before, beside the evaluations that decide; hysteresis is for those only."""
    if past is None:
        return None
    return evaluations["customer_id"].map(past.set_index("customer_id")["tier"]).where(evaluations["current"])


def _with_evaluation(customers: pd.DataFrame, evaluations: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The customers with their deciding evaluation (`DECIDING`); a customer without one has verdict ``unknown``."""
    deciding = evaluations[evaluations["current"]].set_index("customer_id")[list(DECIDING)].rename(columns=DECIDING)
    joined = customers.join(deciding, on="customer_id", validate="one_to_one")
    contradicts = tiering.profile_contradictions(joined["value"], joined["potential"], joined["computed_tier"], policy)
    return joined.assign(verdict=joined["verdict"].fillna("unknown"), profile_contradiction=contradicts)


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
