"""The first sentence of every report, and its few key figures with their change since the last run."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kam_xl.core.assessment import Assessment
from kam_xl.core.planning import MATTER
from kam_xl.showing.telling import unclear, unscored

FIGURES = 6
ORDER = ("top_high", "high", "red", "past_limit", "overdue", "left_out", "customers", "amount")


@dataclass(frozen=True)
class KeyFigure:
    """One figure worth reading first; all texts are ready to show."""

    label: str
    value_text: str
    change_text: str  # the change since the last run, or what the figure is part of
    verdict: str  # good, watch, bad; plain where neither more nor less is better
    key: str = ""  # which figure it is, where several reports show it


def headline(assessment: Assessment) -> str:
    """What happened, in one sentence: how many of the highest tier are at high risk, and how many more than last time."""
    words = assessment.words
    if assessment.customers.empty:
        return words("summary.headline.empty")
    if unscored(assessment):
        return words("summary.headline.unscored")
    count = high_risk(tonight(assessment), top_tier(assessment))
    form = "none" if count == 0 else "one" if count == 1 else "many"
    fact = words(f"summary.headline.{form}", n=count, tier=_top_tier_in_sentence(assessment))
    return words("summary.headline.sentence", fact=fact, change=_change_in_words(assessment, count))


def key_figures(assessment: Assessment) -> list[KeyFigure]:
    """What a director asks first, in that order: high risks, red health, broken promises, overdue actions, what is missing.

    The size of the portfolio fills the places of what nobody's sheets can tell.
    """
    compared = {measure.name: functools.partial(_compared, measure=measure) for measure in _COMPARED}
    asked = compared | {"past_limit": _past_limit, "overdue": _overdue, "left_out": _left_out}
    unknown = {
        "red": tonight(assessment).get("health_colour", pd.Series(dtype="str")).isna().all(),
        "past_limit": not keeps_service_log(assessment),
    }
    made = (
        (name, assessment.failures.attempt("section", "figures", functools.partial(asked[name], assessment), None))
        for name in ORDER
        if not unknown.get(name, False)
    )
    return [replace(figure, key=name) for name, figure in made if figure][:FIGURES]


def keeps_service_log(assessment: Assessment) -> bool:
    """True where a team keeps a service log, so that no case means none."""
    return any(kind == "service" for _, kind in assessment.portfolio.letters)


def tonight(assessment: Assessment) -> pd.DataFrame:
    """Tonight's customers under the names the last run's frame uses: customer_id, tier, level, amount, health_colour."""
    return assessment.customers.rename(columns={"computed_tier": "tier"})


def top_tier(assessment: Assessment) -> str:
    """The key of the highest tier."""
    return assessment.policy.tiers[0].key


def high_risk(customers: pd.DataFrame, tier: str | None = None) -> int:
    """How many customers are at high risk, in one tier or in all."""
    hit = customers["level"] == "high"
    return int((hit & (customers["tier"] == tier)).sum() if tier else hit.sum())


def night(assessment: Assessment) -> str | None:
    """How to name the run compared with: "last night", or its date where a night was missed; None on the first night."""
    if assessment.previous is None:
        return None
    if assessment.next_day:
        return assessment.words("summary.night.last")
    return assessment.words("summary.night.date", date=assessment.previous.isoformat())


def number(value: float) -> str:
    """A count without decimals, anything else with one; unknown is a dash, never 0."""
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return "—" if math.isnan(value) else f"{value:,.1f}"


def signed(value: float) -> str:
    """A difference with its sign, by the same rule as `number`."""
    return ("+" if value > 0 else "−") + number(abs(value))


@dataclass(frozen=True)
class _Measure:
    """A figure that can be taken of tonight's customers and of the last run's alike."""

    name: str
    of: Callable[[pd.DataFrame, str], float]  # customers, the highest tier's key
    fewer_is_better: bool = False


def _of_tier(customers: pd.DataFrame, tier: str) -> float:
    """High risks of one tier; unknown while nobody has a tier."""
    nobody_placed = len(customers) and customers["tier"].isna().all()
    return math.nan if nobody_placed else high_risk(customers, tier)


def _red(customers: pd.DataFrame) -> float:
    """Customers of red health; unknown while nobody's health is known."""
    colours = customers.get("health_colour", pd.Series(dtype="str")).dropna()
    return math.nan if colours.empty else int((colours == "red").sum())


_COMPARED = (
    _Measure("top_high", _of_tier, fewer_is_better=True),
    _Measure("high", lambda customers, top: high_risk(customers), fewer_is_better=True),
    _Measure("red", lambda customers, top: _red(customers), fewer_is_better=True),
    _Measure("customers", lambda customers, top: len(customers)),
    _Measure("amount", lambda customers, top: float(customers["amount"].sum(min_count=1))),
)


def _compared(assessment: Assessment, measure: _Measure) -> KeyFigure:
    top = top_tier(assessment)
    now = measure.of(tonight(assessment), top)
    before = None if assessment.past is None else measure.of(assessment.past, top)
    return KeyFigure(
        label=assessment.words(
            f"summary.figure.{measure.name}", tier=assessment.policy.tiers[0].name(assessment.words.lang)
        ),
        value_text=number(now),
        change_text=_change(assessment, now, before),
        verdict=_figure_verdict(assessment, now, before) if measure.fewer_is_better else "plain",
    )


def _figure_verdict(assessment: Assessment, now: float, before: float | None) -> str:
    """Nothing is good about few risks where customers have no score or their workbook was not read."""
    if assessment.customers.empty:
        return "plain"
    if not _comparable(assessment):
        before = None
    verdict = _verdict(now, before)
    blind = unscored(assessment) or unclear(assessment) or not _comparable(assessment)
    return "watch" if blind and verdict == "good" else verdict


def _comparable(assessment: Assessment) -> bool:
    """False only where there is a last run, and a workbook it read could not be read tonight."""
    return assessment.previous is None or assessment.comparable


def _overdue(assessment: Assessment) -> KeyFigure:
    matters = assessment.actions[assessment.actions["kind"] == MATTER]
    overdue = int(matters["overdue"].sum())
    note = assessment.words("summary.figure.overdue_of", n=number(len(assessment.matters)))
    verdict = "bad" if overdue else "plain" if unscored(assessment) else "good"
    return KeyFigure(assessment.words("summary.figure.overdue"), number(overdue), note, verdict)


def _past_limit(assessment: Assessment) -> KeyFigure:
    late = int(assessment.cases["late"].sum())
    note = assessment.words("summary.figure.past_limit_of", n=number(int(assessment.cases["open"].sum())))
    return KeyFigure(assessment.words("summary.figure.past_limit"), number(late), note, "bad" if late else "good")


def _left_out(assessment: Assessment) -> KeyFigure:
    outcomes = assessment.portfolio.sources["outcome"]
    left_out = int((outcomes == "quarantined").sum())
    note = assessment.words("summary.figure.left_out_of", n=number(int((outcomes != "skipped").sum())))
    return KeyFigure(assessment.words("summary.figure.left_out"), number(left_out), note, "bad" if left_out else "good")


def _top_tier_in_sentence(assessment: Assessment) -> str:
    """The highest tier's name without an English capital."""
    name = assessment.policy.tiers[0].name(assessment.words.lang)
    return name if assessment.words.zh else name.lower()


def _change_in_words(assessment: Assessment, count: int) -> str:
    words = assessment.words
    if unclear(assessment):
        return words("summary.headline.unclear")
    if assessment.past is None:
        return words("summary.headline.first")
    if not _comparable(assessment):
        return words("summary.headline.unread", night=night(assessment))
    difference = count - high_risk(assessment.past, top_tier(assessment))
    form = "same" if difference == 0 else "more" if difference > 0 else "fewer"
    return words(f"summary.headline.{form}", n=abs(difference), night=night(assessment))


def _change(assessment: Assessment, now: float, before: float | None) -> str:
    words = assessment.words
    if before is None:
        return ""  # the headline says that it is the first run
    if not _comparable(assessment):
        return words("summary.figure.unread", night=night(assessment))
    if math.isnan(now) or math.isnan(before):
        return words("summary.figure.incomparable", night=night(assessment))
    if number(now) == number(before):
        return words("summary.figure.same", night=night(assessment))
    return words("summary.figure.change", n=signed(now - before), night=night(assessment))


def _verdict(now: float, before: float | None) -> str:
    if now == 0 or (before is not None and now < before):
        return "good"
    return "bad" if before is not None and now > before else "watch"
