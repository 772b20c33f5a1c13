"""The functions of cells: each argument one cell or many, the answer in their common shape.

Every one takes the `Setting` first, then its arguments as the host gave them, and returns rows of cells; a cell that
cannot be answered is a `Wrong`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

import kam_xl
from kam_xl.core import explaining, lifecycle, planning, scoring, service, tiering, workdays
from kam_xl.core.policy import DIMENSIONS, Tier
from kam_xl.core.sections import STAGES
from kam_xl.worksheet import readings
from kam_xl.worksheet.exchange import MISSING, WRONG, Argument, Wrong, grid, spread
from kam_xl.worksheet.setting import Setting

# --- scores and tiers --------------------------------------------------------------------------------------------


def score(setting: Setting, value: object, potential: object, demand: object, weights: object = None) -> list:
    """The composite score of three marks, by the policy's weights or the three given ones."""
    weighed = readings.weights(weights, setting)
    if isinstance(weighed, Wrong):
        return [[weighed]]
    shape, typed = spread(value, potential, demand)
    marks = _marks(typed, setting)
    return grid(scoring.composite(*_three(marks), weighed).tolist(), shape, *marks)


def tier(setting: Setting, score: object) -> list:
    """The tier of each composite score, which is rounded as scores are."""
    shape, (typed,) = spread(score)
    scores = readings.scores(typed, "score", setting)
    rounded = scoring.round_half_away(scores.values, scoring.DECIMALS)
    names = setting.policy.tier_names(setting.words.lang)
    return grid(map(names.get, tiering.keys(rounded, setting.policy)), shape, scores)


def explain(setting: Setting, value: object, potential: object, demand: object) -> list:
    """Where each score's points come from, and what is missing to the next tier, in one sentence."""
    shape, typed = spread(value, potential, demand)
    marks = _marks(typed, setting)
    told = explaining.breakdown_sentences(*_three(marks), setting.policy, setting.words)
    return grid(told, shape, *marks)


def path(setting: Setting, value: object, potential: object, demand: object, tier: object) -> list:
    """The smallest change of the marks that reaches a tier, in one sentence, or that there is none."""
    shape, (*typed, wanted) = spread(value, potential, demand, tier)
    marks = _marks(typed, setting)
    tiers = readings.tiers(wanted, "tier", setting)
    told = explaining.path_sentences(*_three(marks), tiers.values, setting.policy, setting.words)
    return grid(told, shape, *marks, tiers)


def _marks(typed: Iterable[list], setting: Setting) -> list[Argument]:
    return [readings.marks(cells, name, setting) for cells, name in zip(typed, DIMENSIONS, strict=True)]


def _three(marks: list[Argument]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The marks for value, potential and demand, a column each: arrays, for a cell is asked a thousand times."""
    value, potential, demand = (mark.values for mark in marks)
    return value, potential, demand


# --- marks from raw indicators -----------------------------------------------------------------------------------


def value(setting: Setting, profit: object, profit_base: object, tenure: object, longest_tenure: object) -> list:
    """The mark for value from profit and tenure; either pair is in one unit."""
    given = {"profit": profit, "profit_base": profit_base, "tenure": tenure, "longest_tenure": longest_tenure}
    return _mark_from(setting, scoring.value_from, given)


def potential(
    setting: Setting, growth: object, highest_growth: object, open_needs: object, total_needs: object
) -> list:
    """The mark for potential from the industry's growth and the open needs."""
    given = {"growth": growth, "highest_growth": highest_growth, "open_needs": open_needs, "total_needs": total_needs}
    return _mark_from(setting, scoring.potential_from, given)


def demand(setting: Setting, service_sensitivity: object, price_sensitivity: object) -> list:
    """The mark for demand from two sensitivities, levels from 1 to 5."""
    given = {"service_sensitivity": service_sensitivity, "price_sensitivity": price_sensitivity}
    return _mark_from(setting, scoring.demand_from, given)


def _mark_from(setting: Setting, compute: Callable[..., pd.Series], given: dict[str, object]) -> list:
    shape, typed = spread(*given.values())
    known = [
        _INDICATORS.get(name, readings.numbers)(cells, name, setting) for name, cells in zip(given, typed, strict=True)
    ]
    indicators = pd.DataFrame({name: one.values for name, one in zip(given, known, strict=True)})
    marks = compute(*(indicators[name] for name in indicators), setting.policy)
    return grid(marks.tolist(), shape, *known, _unusable(marks, indicators, setting))


#: Indicators that are money; all others are plain numbers.
_INDICATORS = {"profit": readings.amounts, "profit_base": readings.amounts}


def _unusable(marks: pd.Series, indicators: pd.DataFrame, setting: Setting) -> Argument:
    """Marks that stay unknown though every indicator is a number: a base of 0 is no data, a level 7 of 5 is wrong."""
    rows = np.flatnonzero(marks.isna() & indicators.notna().all(axis=1))
    if not len(rows):
        return Argument(marks.to_numpy())
    notes = scoring.indicator_notes(indicators.iloc[rows], setting.policy, setting.words)
    levels = indicators.iloc[rows][[name for name in scoring.SENSITIVITIES if name in indicators]]
    on_scale = levels.isin(range(1, setting.policy.indicators.top_level + 1)).all(axis=1)
    numbers = on_scale.map({True: MISSING, False: WRONG})
    wrong = [
        Wrong(number, "reason.indicators", "", {"sentence": note}) for number, note in zip(numbers, notes, strict=True)
    ]
    return Argument(marks.to_numpy(), dict(zip(map(int, rows), wrong, strict=True)))


# --- what a tier gets --------------------------------------------------------------------------------------------

#: What to tell of a tier, by the word that asks for it.
_OF_TIER: dict[str, Callable[[Tier, str], object]] = {
    "strategy": lambda tier, lang: tier.strategy(lang),
    "measures": lambda tier, lang: tier.measures(lang),
    "departments": lambda tier, lang: tier.departments(lang),
    "support": lambda tier, lang: tier.support(lang),
    "goals": lambda tier, lang: tier.goals(lang),
    "owner": lambda tier, lang: tier.owner(lang),
    "cadence": lambda tier, lang: float(tier.cadence_days),
    "class": lambda tier, lang: tier.class_,
}


def strategy(setting: Setting, tier: object, what: object = None) -> list:
    """What each tier gets: its core strategy, or what is asked for instead (`_OF_TIER`); the cadence in days."""
    shape, (tiers, whats) = spread(tier, what)
    keys = readings.tiers(tiers, "tier", setting)
    asked = readings.choices(whats, "what", setting, default="strategy")
    found = {tier.key: tier for tier in setting.policy.tiers}
    told = [
        _OF_TIER[item](found[key], setting.words.lang) if key and item else None
        for key, item in zip(keys.values, asked.values, strict=True)
    ]
    return grid(told, shape, keys, asked)


def sla(setting: Setting, tier: object, severity: object = None) -> list:
    """Working hours within which to answer: the stricter of the tier's limit and the severity's."""
    shape, (tiers, severities) = spread(tier, severity)
    hours, *known = _limits(tiers, severities, setting)
    return grid(hours.tolist(), shape, *known)


def _limits(tiers: list, severities: list, setting: Setting) -> tuple[pd.Series, Argument, Argument]:
    """The hours within which to answer, and what is known of the tiers and severities they come from."""
    keys = readings.tiers(tiers, "tier", setting)
    graver = readings.choices(severities, "severity", setting)
    hours = service.sla(pd.Series(keys.values, dtype="str"), pd.Series(graver.values, dtype="str"), setting.policy)
    return hours, _needed(keys, hours.isna()), graver


def _needed(known: Argument, unanswered: pd.Series | np.ndarray) -> Argument:
    """An argument that may be missing where there is an answer without it, but never wrong."""
    wrong = {place: one for place, one in known.wrong.items() if one.number == WRONG or unanswered[place]}
    return Argument(known.values, wrong, known.notes)


def due(setting: Setting, reported: object, tier: object, severity: object = None) -> list:
    """The moment by which each report must be answered, by the working calendar; a day alone counts from its end."""
    shape, (typed, tiers, severities) = spread(reported, tier, severity)
    moments = readings.moments(typed, "reported", setting)
    limits, *known = _limits(tiers, severities, setting)
    by = service.limit_ends(pd.Series(moments.values), limits, setting.policy)
    return grid(by.where(by <= _LAST_DAY), shape, moments, *known)


def hours(setting: Setting, start: object, finish: object) -> list:
    """The working hours from one moment to another, below zero where it ends first; a day alone is its midnight."""
    shape, (begun, ended) = spread(start, finish)
    starts, ends = readings.moments(begun, "start", setting), readings.moments(ended, "finish", setting)
    found = workdays.hours_between(pd.Series(starts.values), pd.Series(ends.values), setting.policy.calendar)
    return grid(found.tolist(), shape, starts, ends)


def next_visit(setting: Setting, last: object, tier: object) -> list:
    """The day of the next visit: the day of the last contact plus the tier's cadence."""
    shape, (days, tiers) = spread(last, tier)
    dates, keys = readings.dates(days, "last", setting), readings.tiers(tiers, "tier", setting)
    due = planning.next_visit(pd.Series(dates.values), pd.Series(keys.values, dtype="str"), setting.policy)
    return grid(due.where(due <= _LAST_DAY), shape, dates, keys)


_LAST_DAY = pd.Timestamp(9999, 12, 31).as_unit("s")  # of Excel's calendar


def lifecycle_stage(setting: Setting, since: object, last_deal: object, tier: object, as_of: object = None) -> list:
    """Where each customer stands in its life, from its dates and its tier; one argument may be blank if the rest tells."""
    shape, (begun, deals, tiers, days) = spread(since, last_deal, tier, as_of)
    on = readings.moments(days, "as_of", setting, dt.datetime.combine(setting.today, dt.time()))
    days_asked = on.values.astype("datetime64[D]")
    sinces = readings.dates(begun, "since", setting, days_asked)
    last_deals = readings.dates(deals, "last_deal", setting, days_asked)
    keys = readings.tiers(tiers, "tier", setting)
    age, idle = (
        lifecycle.whole_days(known.values.astype("datetime64[s]"), days_asked) for known in (sinces, last_deals)
    )
    cadence = {tier.key: float(tier.cadence_days) for tier in setting.policy.tiers}
    cadences = np.array([cadence.get(key, np.nan) for key in keys.values])
    stages = lifecycle.by_dates(age, idle, idle, cadences, setting.policy)
    names = {key: setting.words(f"lifecycle.stage.{key}") for key in STAGES}
    needed = [_needed(known, stages == None) for known in (sinces, last_deals, keys)]  # noqa: E711 (an array of keys)
    return grid(map(names.get, stages), shape, *needed, on)


# --- what customers say ------------------------------------------------------------------------------------------


def nps(setting: Setting, answers: object) -> list:
    """The net promoter score of a range of answers: promoters less detractors in % of all, -100 to 100."""
    _, (typed,) = spread(answers)
    known = readings.answers(typed, "answers", setting)
    if known.wrong:
        return [[known.wrong[min(known.wrong)]]]
    found = service.nps(pd.Series(known.values), setting.policy)
    return [[Wrong(MISSING, "reason.missing", "answers") if np.isnan(found) else found]]


def version(setting: Setting) -> list:
    """The version of the product."""
    return [[kam_xl.__version__]]
