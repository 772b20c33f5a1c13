"""The functions of cells: each argument one cell or many, the answer in their common shape.

Every one takes the `Setting` first, then its arguments as the host gave them, and returns rows of cells; a cell that
cannot be answered is a `Wrong`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import kam_xl
from kam_xl.core import explaining, planning, scoring, tiering
from kam_xl.core.policy import DIMENSIONS, Tier
from kam_xl.worksheet import readings
from kam_xl.worksheet.grids import MISSING, WRONG, Known, Wrong, grid, spread
from kam_xl.worksheet.setting import Setting

# --- scores and tiers --------------------------------------------------------------------------------------------


def score(setting: Setting, value: object, potential: object, demand: object, weights: object = None) -> list:
    """The composite score of three marks, by the policy's weights or the three given ones."""
    weighed = readings.weights(weights, setting)
    if isinstance(weighed, Wrong):
        return [[weighed]]
    shape, marks = _marks(value, potential, demand)
    return grid(scoring.composite(*(mark.values for mark in marks), weighed).tolist(), shape, *marks)


def tier(setting: Setting, score: object) -> list:
    """The tier of each composite score, which is rounded as scores are."""
    shape, (typed,) = spread(score)
    scores = readings.scores(typed, "score")
    rounded = scoring.round_half_away(pd.Series(scores.values), scoring.DECIMALS)
    names = setting.policy.tier_names(setting.words.lang)
    return grid(tiering.tiers(rounded, setting.policy).map(names), shape, scores)


def explain(setting: Setting, value: object, potential: object, demand: object) -> list:
    """Where each score's points come from, and what is missing to the next tier, in one sentence."""
    shape, marks = _marks(value, potential, demand)
    told = explaining.breakdown_sentences(*_columns(marks), setting.policy, setting.words)
    return grid(told, shape, *marks)


def path(setting: Setting, value: object, potential: object, demand: object, tier: object) -> list:
    """The smallest change of the marks that reaches a tier, in one sentence, or that there is none."""
    shape, (*typed, wanted) = spread(value, potential, demand, tier)
    marks = [readings.marks(cells, name) for cells, name in zip(typed, DIMENSIONS, strict=True)]
    tiers = readings.tiers(wanted, "tier", setting.policy)
    keys = pd.Series(tiers.values, dtype="str")
    told = explaining.path_sentences(*_columns(marks), keys, setting.policy, setting.words)
    return grid(told, shape, *marks, tiers)


def _marks(value: object, potential: object, demand: object) -> tuple[tuple[int, int], list[Known]]:
    shape, typed = spread(value, potential, demand)
    return shape, [readings.marks(cells, name) for cells, name in zip(typed, DIMENSIONS, strict=True)]


def _columns(known: list[Known]) -> list[pd.Series]:
    return [pd.Series(one.values) for one in known]


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
    known = [_INDICATORS.get(name, readings.numbers)(cells, name) for name, cells in zip(given, typed, strict=True)]
    indicators = pd.DataFrame(dict(zip(given, _columns(known), strict=True)))
    marks = compute(*(indicators[name] for name in indicators), setting.policy)
    return grid(marks.tolist(), shape, *known, _unusable(marks, indicators, setting))


#: Indicators that are money; all others are plain numbers.
_INDICATORS = {"profit": readings.amounts, "profit_base": readings.amounts}


def _unusable(marks: pd.Series, indicators: pd.DataFrame, setting: Setting) -> Known:
    """Marks that stay unknown though every indicator is a number: a base of 0 is no data, a level 7 of 5 is wrong."""
    rows = np.flatnonzero(marks.isna() & indicators.notna().all(axis=1))
    if not len(rows):
        return Known(marks.to_numpy())
    notes = scoring.indicator_notes(indicators.iloc[rows], setting.policy, setting.words)
    levels = indicators.iloc[rows][[name for name in scoring.SENSITIVITIES if name in indicators]]
    off_scale = (
        ~levels.isin(range(1, setting.policy.indicators.top_level + 1)).all(axis=1)
        if len(levels.columns)
        else notes.ne(notes)
    )
    numbers = off_scale.map({True: WRONG, False: MISSING})
    wrong = [
        Wrong(number, "reason.indicators", "", {"sentence": note}) for number, note in zip(numbers, notes, strict=True)
    ]
    return Known(marks.to_numpy(), dict(zip(map(int, rows), wrong, strict=True)))


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
    keys = readings.tiers(tiers, "tier", setting.policy)
    asked = readings.choices(whats, "what", default="strategy")
    found = {tier.key: tier for tier in setting.policy.tiers}
    told = [
        _OF_TIER[item](found[key], setting.words.lang) if key and item else None
        for key, item in zip(keys.values, asked.values, strict=True)
    ]
    return grid(told, shape, keys, asked)


def sla(setting: Setting, tier: object, severity: object = None) -> list:
    """Working hours within which to answer: the stricter of the tier's limit and the severity's."""
    shape, (tiers, severities) = spread(tier, severity)
    keys = readings.tiers(tiers, "tier", setting.policy)
    graver = readings.choices(severities, "severity")
    hours = planning.sla(pd.Series(keys.values, dtype="str"), pd.Series(graver.values, dtype="str"), setting.policy)
    unknown = {place: wrong for place, wrong in keys.wrong.items() if wrong.number == WRONG or hours.isna()[place]}
    return grid(hours.tolist(), shape, Known(keys.values, unknown), graver)


def next_visit(setting: Setting, last: object, tier: object) -> list:
    """The day of the next visit: the day of the last contact plus the tier's cadence."""
    shape, (days, tiers) = spread(last, tier)
    dates, keys = readings.dates(days, "last"), readings.tiers(tiers, "tier", setting.policy)
    due = planning.next_visit(pd.Series(dates.values), pd.Series(keys.values, dtype="str"), setting.policy)
    return grid(due.where(due <= _LAST_DAY), shape, dates, keys)


_LAST_DAY = pd.Timestamp(9999, 12, 31).as_unit("s")  # of Excel's calendar


def version(setting: Setting) -> list:
    """The version of the product."""
    return [[kam_xl.__version__]]
