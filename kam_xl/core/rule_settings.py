"""What the policy says of each risk rule: whether it is on, its texts, and its own thresholds (handbook §7)."""

from __future__ import annotations

import dataclasses
import string
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from kam_xl.core.kinds import Days, Factor, Level, Mark, Months, Record, Share, Text, Words, refuse, whole
from kam_xl.core.sections import TierKey

#: The roles of a buying centre (S0).
Role = Literal["purchasing", "user", "technical", "executive"]
ROLES = typing.get_args(Role)
#: Whose a rule's findings are: the customer's, ours, or the workbook's.
Whose = Literal["customer", "internal", "housekeeping"]
WHOSE = typing.get_args(Whose)
#: The statuses of a strategy that is still to do something (handbook §8).
OpenStatus = Literal["not_started", "delayed", "running", "partial"]
OPEN_STATUSES = typing.get_args(OpenStatus)


def _refuse_others(place: str, text: Text, facts: tuple[str, ...]) -> None:
    """`PolicyError` where a text names other facts in braces than these."""
    names = " ".join(f"{{{fact}}}" for fact in facts)
    allowed = Text(f"可含 {names} 的文字", f"text with {names}")
    for lang, template in dataclasses.asdict(text).items():
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError:
            refuse(f"{place}.{lang}", template, allowed)
        for _, fact, form, conversion in parts:
            if fact is not None and (fact not in facts or form or conversion):
                refuse(f"{place}.{lang}", template, allowed)


def _texts_of(*facts: str) -> Callable[[str, Text], None]:
    """The check that a text names no facts in braces but these."""
    return lambda place, text: _refuse_others(place, text, facts)


@dataclass(frozen=True)
class RiskRule(Record):
    """What every risk rule has; rules without a threshold of their own have nothing else."""

    enabled: bool
    kind: Whose
    severity: Level
    due_days: Days  # from the day it is first seen, where it has no deadline of its own
    title: Text
    evidence: Text
    remedy: Text
    common: Annotated[Text, _texts_of("oldest", "newest")]  # the likely reason where many customers are hit at once


@dataclass(frozen=True)
class SilentCustomer(RiskRule):
    """No deal or contact for so many times the cadence."""

    silence_factor: Factor


@dataclass(frozen=True)
class AmountFell(RiskRule):
    """The amount fell by such a share of the highest remembered, and for how long that is remembered."""

    fall_share: Share
    remember_days: Days


@dataclass(frozen=True)
class YearFell(RiskRule):
    """By what share the year's orders fell short of those of the year before."""

    fall_share: Share


@dataclass(frozen=True)
class StrategyBehind(RiskRule):
    """How far the time may run ahead of the progress that each status stands for."""

    gap: Share
    progress: dict[OpenStatus, Share]


@dataclass(frozen=True)
class ProblemWithoutImprovement(RiskRule):
    """The texts that say there is no problem."""

    nothing: Words


@dataclass(frozen=True)
class NoRunningStrategy(RiskRule):
    """Which tiers need a strategy under way, and which statuses count as that."""

    tiers: tuple[TierKey, ...]
    running: tuple[OpenStatus, ...]


@dataclass(frozen=True)
class SameStrategy(RiskRule):
    """One text in so many tiers, or for such a share of the customers; either way for so many customers."""

    tiers_at_least: Annotated[int, whole(2, "tiers")]
    share_above: Share
    customers_at_least: Annotated[int, whole(2, "customers")]


@dataclass(frozen=True)
class EvaluationStale(RiskRule):
    """How long an evaluation holds."""

    months: Months


@dataclass(frozen=True)
class RecordedDiffers(RiskRule):
    """The level where the score differs and the tier does not."""

    score_only_severity: Level


@dataclass(frozen=True)
class ScoreFell(RiskRule):
    """By how much, between one team's last two evaluations."""

    points: Mark


@dataclass(frozen=True)
class Concentration(RiskRule):
    """One customer's share of the year's orders or the amounts, and of how many customers these must be known to judge."""

    share_above: Share
    known_at_least: Share


@dataclass(frozen=True)
class CasePastLimit(RiskRule):
    """Which records are looked at; the levels of ordinary cases and of those settled late, and how long these count."""

    kinds: tuple[Literal["complaint", "request"], ...]
    ordinary_severity: Level
    late_severity: Level
    late_days: Annotated[int, whole(0, "days")]


@dataclass(frozen=True)
class SatisfactionLow(RiskRule):
    """What each tier's customers should be satisfied to; the level of those who are so few points short of it."""

    targets: dict[TierKey, Mark]
    near_points: Mark
    near_severity: Level


@dataclass(frozen=True)
class RenewalAtRisk(RiskRule):
    """From so many days before the renewal; the level where health is yellow."""

    days_before: Annotated[int, whole(0, "days")]
    yellow_severity: Level


@dataclass(frozen=True)
class SingleThreaded(RiskRule):
    """Which tiers need more than one contact."""

    tiers: tuple[TierKey, ...]


@dataclass(frozen=True)
class MissingRole(SingleThreaded):
    """Which roles these tiers need a contact in."""

    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Subjects(Record):
    """Whom a clause may speak of, and what makes of a rival no threat."""

    customer: Words
    ours: Words
    others: Words
    rivals: Words
    weak: Words


@dataclass(frozen=True)
class Settled(Record):
    """What takes a word back after it: a mark and a deed, or what is said of it; and what forbids that."""

    marks: Words
    deeds: Words
    said: Words
    leads: Words
    open: Words


@dataclass(frozen=True)
class Past(Record):
    """From how many years back on a year makes a clause history, and what beside it keeps it from that."""

    years: Annotated[int, whole(1, "years")]
    since: Words
    lasting: Words
    within: Words


@dataclass(frozen=True)
class WarningWords(RiskRule):
    """The words that warn and those that silence them; how far back the service log is searched."""

    service_days: Days
    words: Words
    own: Words
    negations: Words
    fillers: Words
    joiners: Words
    harmless_after: Words
    answers: Words
    reversals: Words
    turns: Words
    subjects: Subjects
    settled: Settled
    past: Past


def _names(*facts: str) -> Callable[[str, RiskRule], None]:
    """The check that a rule's evidence names no facts in braces but these, which the rule knows."""

    def check(place: str, rule: RiskRule) -> None:
        _refuse_others(f"{place}.evidence", rule.evidence, facts)

    return check


@dataclass(frozen=True)
class Risk(Record):
    """The settings of every rule, with the facts its evidence may name; the rules themselves stand in `risk`."""

    silent_customer: Annotated[SilentCustomer, _names("days", "last", "cadence", "factor")]
    amount_fell: Annotated[AmountFell, _names("before", "before_on", "now", "fall")]
    order_overdue: Annotated[RiskRule, _names("last", "days", "rhythm", "orders", "expected")]
    year_fell: Annotated[YearFell, _names("before", "now", "fall", "days", "days_before")]
    strategy_overdue: Annotated[RiskRule, _names("strategy", "end", "days", "status")]
    strategy_behind: Annotated[StrategyBehind, _names("strategy", "elapsed", "end", "status")]
    problem_without_improvement: Annotated[ProblemWithoutImprovement, _names("strategy", "problem")]
    no_running_strategy: Annotated[NoRunningStrategy, _names("tier", "strategies")]
    same_strategy: Annotated[SameStrategy, _names("strategy", "customers", "share", "tiers")]
    evaluation_stale: Annotated[EvaluationStale, _names("evaluated_on", "months")]
    recorded_differs: Annotated[RecordedDiffers, _names("recorded_score", "recorded_tier", "score", "tier")]
    score_fell: Annotated[ScoreFell, _names("before", "before_on", "now", "now_on", "fall")]
    concentration: Annotated[Concentration, _names("what", "amount", "share", "all", "limit")]
    case_past_limit: Annotated[
        CasePastLimit, _names("kind", "severity", "category", "reported", "clock", "hours", "limit", "stage")
    ]
    repeated_problem: Annotated[RiskRule, _names("category", "count", "first", "last")]
    satisfaction_low: Annotated[SatisfactionLow, _names("satisfaction", "on", "tier", "target")]
    nps_detractor: Annotated[RiskRule, _names("nps", "on", "limit")]
    health_red: Annotated[RiskRule, _names("health", "coverage", "reason", "parts")]
    renewal_at_risk: Annotated[RenewalAtRisk, _names("product", "amount", "date", "days", "stage", "health", "colour")]
    renewal_overdue: Annotated[RiskRule, _names("product", "amount", "date", "days", "stage")]
    trial_expired: Annotated[RiskRule, _names("product", "date", "days", "stage")]
    key_contact_left: Annotated[RiskRule, _names("role", "title")]
    single_threaded: Annotated[SingleThreaded, _names("tier", "role")]
    missing_role: Annotated[MissingRole, _names("tier", "roles", "count")]
    warning_words: Annotated[WarningWords, _names("field", "found", "text")]
    profile_contradiction: Annotated[RiskRule, _names("score", "tier", "value", "potential")]
    data_quality: Annotated[RiskRule, _names("count", "fields")]
