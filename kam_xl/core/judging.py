"""Customers judged part by part: each step does what rests on one customer, and between steps is added up what rests on all.

What rests on what:

    one customer's own rows     scores, tiers, plan, what it says of us, lifecycle, health, cases, roles, every rule, levels,
                                its quality, what changed; rows that name nobody stand in the first part
    bases of the indicators     the profits, the longest tenure, the highest growth (`scoring.Bases`): before the scores
    figures of all customers    total and medians of the amounts, who has which strategy, whom each team serves, who manages
                                most, which workbooks log visits (`together.Together`): before health and rules
    problems across customers   the service log of the last days, gathered (`service.recent_problems`)
    what is told once           how many customers of all, and of each team, a rule hits (`causes.Hits`): before matters
    the managers' days          who asks for a visit when, gathered (`visits.spread`)
    the workbooks' quality      cells counted by workbook (`quality.books`)

Parts are cut by customer, in whatever number: what is found is the same. What an assessment computes only when it is asked
is computed over all of them at once, in one process: a person's days (visits, actions), the teams' figures (kpis, teams,
team_tiers, sample), whom a customer is like (whitespace, product_grid), counts (tiers, policy_notes, common), and lists of
one's own rows (matters, deals, strategies, goals, repairs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import (
    causes,
    contact,
    frames,
    health,
    history,
    lifecycle,
    matters,
    orders,
    planning,
    quality,
    recorded,
    relationships,
    reminders,
    risk,
    risk_states,
    scoring,
    service,
    tiering,
    together,
    visits,
)
from kam_xl.core.failures import Failures, is_missing
from kam_xl.core.parts import Here, Parts, by_customer, joined
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.risk_view import View, half_read, unknown
from kam_xl.core.scoring import Bases
from kam_xl.core.together import Together
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


@dataclass(frozen=True)
class Tonight:
    """What is the same for every part: the policy, the moment to judge at, the words, the teams that could not be read, orders' reach."""

    policy: Policy
    moment: pd.Timestamp
    words: Words
    unread: frozenset[str]
    reach: Mapping[str, pd.Timestamp] = field(default_factory=dict)  # workbook → from when on orders are known

    @property
    def today(self) -> pd.Timestamp:
        """The day that counts."""
        return self.moment.normalize()


@dataclass(frozen=True)
class Portion:
    """Some customers with all their rows, their lines in the snapshot before, and what is known of them so far."""

    portfolio: Portfolio
    past: pd.DataFrame | None
    failures: Failures
    known: pd.DataFrame = field(default_factory=partial(risk_states.remembered, None))  # the risks that the past knows
    customers: pd.DataFrame = field(default_factory=pd.DataFrame)
    evaluations: pd.DataFrame = field(default_factory=pd.DataFrame)
    wrong: pd.DataFrame = field(default_factory=pd.DataFrame)  # findings about what is recorded
    cases: pd.DataFrame = field(default_factory=pd.DataFrame)
    repeats: pd.DataFrame = field(default_factory=pd.DataFrame)
    roles: pd.DataFrame = field(default_factory=pd.DataFrame)
    risks: pd.DataFrame = field(default_factory=pd.DataFrame)  # findings until they are settled
    asked: pd.DataFrame = field(default_factory=pd.DataFrame)  # `planning.visits_asked`

    def view(self, night: Tonight, of_all: Together) -> View:
        """What the rules look at."""
        return View(
            self.portfolio, self.customers, self.evaluations, night.policy, night.today, night.words, self.past,
            self.cases, self.repeats, self.roles, night.unread, self.known, self.failures, of_all,
        )  # fmt: skip


class OfAll(NamedTuple):
    """What a customer is judged by besides its own rows: the figures of all customers."""

    bases: Bases
    of_all: Together
    repeats: pd.DataFrame
    first: causes.Hits  # of the rules that do not rest on the health
    every: causes.Hits

    def told_once(self, policy: Policy) -> frozenset[tuple[str, str]]:
        """Which rules are told once, and of which team; of all where none is named."""
        told = causes.told_once(self.every, self.of_all.customers, self.of_all.members, policy.matters)
        return frozenset(zip(told["rule"], told["team"].fillna(""), strict=True))


class Waits(NamedTuple):
    """What waits of some customers: the visits they ask for (`planning.visits_asked`), what is owed (`planning.owed`), the cases."""

    asked: pd.DataFrame
    owed: pd.DataFrame
    cases: pd.DataFrame


class Judged(NamedTuple):
    """What is found of a portion: frame by name, of the customers what is not in the portfolio; and what failed."""

    found: dict[str, Any]
    failures: Failures


def judged(parts: Parts[Any], night: Tonight, failures: Failures) -> tuple[list[Judged], OfAll]:
    """Every `Portion` of the parts judged, and the figures of all customers that they were judged by.

    ``failures`` are told what failed in the parts, and of what rests on all of them.
    """
    figures = _figures(parts, night, failures)
    asked = parts.each(_settled, night, figures.of_all, figures.every)
    parts.each(_finished, night, figures.of_all, own=_days(asked, night))
    done: list[Judged] = list(parts)
    for part in done:
        failures.add(part.failures)
    return done, figures


def _figures(parts: Parts[Any], night: Tonight, failures: Failures) -> OfAll:
    """Every part judged as far as its findings, and the figures of all customers."""
    bases, of_all, repeats = _known_of_all(parts, night, failures)
    first = causes.total(parts.each(_first, night, of_all, repeats))
    every = causes.total(parts.each(_agreed, night, of_all, first))
    return OfAll(bases, of_all, repeats, first, every)


def _known_of_all(parts: Parts[Any], night: Tonight, failures: Failures) -> tuple[Bases, Together, pd.DataFrame]:
    """Every part scored; the bases, the figures of all customers, and the problems that come back (`service.repeats`)."""
    bases = scoring.total(parts.each(_counted, night))
    told = parts.each(_scored, night, bases)
    of_all = together.total([figures for figures, _ in told]).but_rare(
        night.policy.risk.same_strategy.customers_at_least
    )
    log = joined([rows for _, rows in told], by_customer)
    repeats = failures.part("repeats", lambda: service.repeats(log, night.policy, night.moment, of_all.customers))
    return bases, of_all, repeats


def _days(asked: Sequence[pd.DataFrame], night: Tonight) -> list[pd.Series]:
    """The day of each visit, beside what each part asks for."""
    every = pd.concat(asked, ignore_index=True)
    days = visits.spread(every, every["agreed"], night.policy, night.today)
    ends = np.cumsum([len(some) for some in asked])
    return [days[end - len(some) : end].set_axis(some.index) for some, end in zip(asked, ends, strict=True)]


# --- the steps ---------------------------------------------------------------------------------------------------


def _counted(part: Portion, _night: Tonight) -> tuple[Portion, Bases]:
    """What the indicators are held against."""
    return part, scoring.bases(part.portfolio.indicators, part.portfolio.customers)


def _scored(part: Portion, night: Tonight, bases: Bases) -> tuple[Portion, tuple[Together, pd.DataFrame]]:
    """Scored, tiered, planned and listened to, with the risks known before; tells the figures that all are held against, and the problems of late."""
    portfolio, policy, failures = part.portfolio, night.policy, part.failures
    filled = scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, policy, bases)
    evaluations = _with_score(filled, policy, part.past)
    wrong = failures.attempt(
        "part", "recorded", lambda: recorded.recorded_wrong(portfolio, evaluations, policy, night.words.lang),
        frames.empty(frames.PORTFOLIO["findings"]),
    )  # fmt: skip
    portfolio = recorded.with_findings(portfolio, wrong)
    customers = _with_evaluation(portfolio.customers, evaluations, policy)
    customers = planning.plan(customers, portfolio, policy, night.today, night.words.lang)
    customers = _joined(customers, "orders", lambda: _ordered(portfolio, night, customers), failures)
    customers = _heard(customers, portfolio, night, half_read(part.past, night.unread), failures)
    known = risk_states.remembered(part.past)
    scored = replace(part, portfolio=portfolio, customers=customers, evaluations=evaluations, wrong=wrong, known=known)
    log = service.recent_problems(portfolio.service, policy, night.moment)
    return scored, (together.counted(customers, portfolio), log)


def _first(part: Portion, night: Tonight, of_all: Together, repeats: pd.DataFrame) -> tuple[Portion, causes.Hits]:
    """With health, cases and roles; what the rules find that do not rest on the health, and how many it hits."""
    portfolio, policy, failures = part.portfolio, night.policy, part.failures

    def healthy() -> pd.DataFrame:
        failures.require("voice")
        half = half_read(part.past, night.unread)
        return health.assess(part.customers, portfolio, policy, night.moment, of_all, part.past, half)

    customers = _joined(part.customers, "health", healthy, failures)
    part = replace(
        part,
        customers=customers,
        cases=failures.part("cases", lambda: service.cases(portfolio.service, customers, policy, night.moment)),
        repeats=_own(repeats, customers),
        roles=failures.part("roles", lambda: relationships.roles(customers, portfolio, policy, night.today)),
    )
    found = risk.first(part.view(night, of_all))
    return replace(part, risks=found), causes.hits(found, portfolio.members())


def _agreed(part: Portion, night: Tonight, of_all: Together, hits: causes.Hits) -> tuple[Portion, causes.Hits]:
    """With the health in agreement with the risks, and what the rules find that rest on it; how many all of it hits."""
    part = replace(part, customers=risk.agreed(part.view(night, of_all), part.risks, hits))
    found = pd.concat([part.risks, risk.rest(part.view(night, of_all))], ignore_index=True)
    return replace(part, risks=found), causes.hits(found, part.portfolio.members())


def _settled(part: Portion, night: Tonight, of_all: Together, hits: causes.Hits) -> tuple[Portion, pd.DataFrame]:
    """With its risks and levels; the visits that they ask for."""
    risks = risk.settled(part.view(night, of_all), part.risks, hits)
    customers, policy = part.customers, night.policy
    customers = customers.join(risk.of_customers(risks, customers["customer_id"], policy, part.failures))
    cases = frames.empty(frames.ASSESSMENT["cases"]) if is_missing(part.cases) else part.cases  # a plan stands without
    customers = planning.with_visits(customers, risks, cases, policy)
    asked = planning.visits_asked(customers, part.portfolio)
    return replace(part, customers=customers, risks=risks, asked=asked), asked


def _finished(part: Portion, night: Tonight, of_all: Together, days: pd.Series) -> tuple[Judged, None]:
    """With the days of its visits, the quality of its data, and what is different from the night before; without its rows."""
    portfolio, policy, failures, past = part.portfolio, night.policy, part.failures, part.past
    agreed = part.asked["agreed"].notna() & (part.asked["agreed"] >= night.today)
    customers = part.customers.assign(planned_visit=days, visit_agreed=agreed)
    scored = failures.part("quality", lambda: quality.score(portfolio, customers, past, policy))
    customers = _joined(
        customers, "quality", lambda: customers[["customer_id"]].join(scored.customers, on="customer_id"), failures
    )
    view = replace(part, customers=customers).view(night, of_all)
    found = {name: getattr(part, name) for name in ("evaluations", "wrong", "risks", "cases", "roles")} | {
        "customers": customers.drop(columns=part.portfolio.customers.columns.drop("customer_id")),
        "counts": failures.part("quality", lambda: scored.counts),
        "closed": failures.part("closed", lambda: risk.closed(view, part.risks)),
        "changes": failures.part("changes", lambda: history.changes(customers, past, policy, night.unread)),
    }
    return Judged(found, failures), None


def _ordered(portfolio: Portfolio, night: Tonight, customers: pd.DataFrame) -> pd.DataFrame:
    return orders.figures(portfolio.orders, customers, night.policy.orders, night.today, night.reach)


def _own(repeats: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """The repeated problems of some customers, and of several customers together."""
    if is_missing(repeats):
        return repeats
    who = repeats["customer_id"]
    return repeats[who.isna() | who.isin(customers["customer_id"])].reset_index(drop=True)


def _heard(
    customers: pd.DataFrame, portfolio: Portfolio, night: Tonight, half: frozenset[str], failures: Failures
) -> pd.DataFrame:
    """The planned customers with what they say (`service.voice`) and their lifecycle.

    ``half`` are the IDs of customers one of whose teams could not be read.
    """

    def staged(known: pd.DataFrame) -> pd.DataFrame:
        unheard = contact.unheard(portfolio, known["customer_id"], known["last_contact"])
        silent = frozenset(known.loc[unheard, "customer_id"])
        return lifecycle.stages(known, night.policy, night.today, half, silent)

    parts: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "voice": lambda known: service.voice(portfolio.service, known["customer_id"], night.policy, night.moment),
        "lifecycle": staged,
    }
    for name, work in parts.items():
        customers = _joined(customers, name, partial(work, customers), failures)
    return customers


def _joined(customers: pd.DataFrame, part: str, work: Callable[[], pd.DataFrame], failures: Failures) -> pd.DataFrame:
    """The customers with the columns that a part adds (`frames.ADDED`), unknown where it fails."""
    kinds = frames.ADDED[part]
    found = failures.attempt("part", part, lambda: work()[list(kinds)], None)
    if found is None:
        found = pd.DataFrame({name: unknown(kind, customers.index) for name, kind in kinds.items()})
    return customers.assign(**{name: found[name] for name in kinds})


def _with_score(evaluations: pd.DataFrame, policy: Policy, past: pd.DataFrame | None) -> pd.DataFrame:
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
    return evaluations["customer_id"].map(past["tier"].set_axis(past["customer_id"])).where(evaluations["current"])


def _with_evaluation(customers: pd.DataFrame, evaluations: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The customers with their deciding evaluation (`DECIDING`); a customer without one has verdict ``unknown``."""
    deciding = evaluations[evaluations["current"]].set_index("customer_id")[list(DECIDING)].rename(columns=DECIDING)
    joined = customers.join(deciding, on="customer_id", validate="one_to_one")
    contradicts = tiering.profile_contradictions(joined["value"], joined["potential"], joined["computed_tier"], policy)
    return joined.assign(verdict=joined["verdict"].fillna("unknown"), profile_contradiction=contradicts)


# --- some customers among others -----------------------------------------------------------------------------------


def counted(whole: Portion, night: Tonight, first: causes.Hits, every: causes.Hits) -> tuple[OfAll, pd.DataFrame]:
    """The figures of all customers of a portion under what was found of them, and these customers, scored."""
    parts = Here([whole])
    known = _known_of_all(parts, night, whole.failures)
    [scored] = parts
    return OfAll(*known, first, every), scored.customers


def figures_as_told(portfolio: Portfolio, tiers: pd.Series, told: frozenset[tuple[str, str]], night: Tonight) -> OfAll:
    """The figures of all customers where their tiers (by ID) are known, and what was told once, teams as snapshots name them: nobody is judged for it."""
    customers = portfolio.customers.assign(computed_tier=portfolio.customers["customer_id"].map(tiers), manager=None)
    customers = customers.assign(amount_year=customers["customer_id"].map(year_of(portfolio, night)))
    rare = night.policy.risk.same_strategy.customers_at_least
    of_all = together.counted(customers, portfolio).but_rare(rare)
    told = of_all.named(told)
    hits = [causes.as_told(some, of_all.customers, of_all.members) for some in (risk.before_health(told), told)]
    repeats = service.repeats(portfolio.service, night.policy, night.moment, of_all.customers)
    return OfAll(scoring.bases(portfolio.indicators, portfolio.customers), of_all, repeats, *hits)


def year_of(portfolio: Portfolio, night: Tonight) -> pd.Series:
    """What each customer of a portfolio ordered in the year, by ID."""
    found = _joined(portfolio.customers, "orders", lambda: _ordered(portfolio, night, portfolio.customers), Failures())
    return found.set_index("customer_id")["amount_year"]


def stood_together(whole: Portion, night: Tonight) -> tuple[OfAll, pd.DataFrame, pd.DataFrame, Waits, planning.Told]:
    """The figures of all customers, these as they stand by them, what the rules found, what waits, and which upkeep is told once."""
    parts = Here([whole])
    figures = _figures(parts, night, whole.failures)
    [part] = parts
    settled, _ = _settled(part, night, figures.of_all, figures.every)
    view = settled.view(night, figures.of_all)
    told = planning.upkeep_told(planning.reminded(settled.risks, view, reminders.HOUSEKEEPING), view)
    return figures, settled.customers, part.risks, _waits(settled, night, figures.of_all, told), told


def stood(part: Portion, night: Tonight, figures: OfAll, told: planning.Told) -> tuple[pd.DataFrame, Waits]:
    """`levelled`, and what waits of them; ``told`` says which upkeep is told once."""
    part, _ = _settled(_among(part, night, figures), night, figures.of_all, figures.every)
    return part.customers, _waits(part, night, figures.of_all, told)


def levelled(part: Portion, night: Tonight, figures: OfAll) -> pd.DataFrame:
    """The customers of a part as they stand among others of whom only the figures are known: scores, health, level."""
    part = _among(part, night, figures)
    risks = matters.told(part.view(night, figures.of_all), part.risks, figures.every)
    return part.customers.join(risk.of_customers(risks, part.customers["customer_id"], night.policy, part.failures))


def _among(part: Portion, night: Tonight, figures: OfAll) -> Portion:
    part, _ = _scored(part, night, figures.bases)
    part, _ = _first(part, night, figures.of_all, figures.repeats)
    part, _ = _agreed(part, night, figures.of_all, figures.first)
    return part


def _waits(part: Portion, night: Tonight, of_all: Together, told: planning.Told) -> Waits:
    return Waits(part.asked, planning.owed(part.risks, part.view(night, of_all), told), part.cases)
