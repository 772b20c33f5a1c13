"""Raw indicators → three marks → the composite score, and how it compares with what was recorded (handbook §3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from kam_xl.core.policy import DIMENSIONS, Policy, Weights
from kam_xl.core.words import Words

DIFFERS = 0.05  # recorded and computed scores this far apart are not the same
DECIMALS = 1  # a composite score has one decimal; that rounded score is the one that is tiered
MARK_DECIMALS = 6  # of a computed mark: as fine as it may be for the composite to round on decimals, see below

#: Indicators that another is divided by; they must be above 0.
BASES = ("profit_base", "longest_tenure", "highest_growth", "total_needs")
#: Indicators that are levels from 1 to the policy's top level.
SENSITIVITIES = ("service_sensitivity", "price_sensitivity")


def value_from(
    profit: pd.Series, profit_base: pd.Series, tenure: pd.Series, longest_tenure: pd.Series, policy: Policy
) -> pd.Series:
    """The value mark (0..100) of each row from profit and tenure; unknown where a term is.

    ``profit_base`` decides what the profit is measured by: the enterprise's total profit as the source prints it, or
    the largest customer's profit, which lets more than one customer reach a high mark; or 1 beside a ``profit`` that is
    its percentile rank already. Profit and base, tenure and longest tenure are each in one unit.
    """
    parts = policy.indicators.value
    return _mark(parts["profit"] * _ratio(profit, profit_base) + parts["tenure"] * _ratio(tenure, longest_tenure))


def potential_from(
    growth: pd.Series, highest_growth: pd.Series, open_needs: pd.Series, total_needs: pd.Series, policy: Policy
) -> pd.Series:
    """The potential mark (0..100) of each row from its industry's growth and its open needs; unknown where a term is."""
    parts = policy.indicators.potential
    return _mark(parts["growth"] * _ratio(growth, highest_growth) + parts["needs"] * _ratio(open_needs, total_needs))


def demand_from(service_sensitivity: pd.Series, price_sensitivity: pd.Series, policy: Policy) -> pd.Series:
    """The demand mark (0..100) of each row from two sensitivities, levels from 1 to the top; unknown where a level is.

    The price counts reversed: the least sensitive customer (1) gets the most, the most sensitive (5) still gets 1/5.
    """
    parts, top = policy.indicators.demand, policy.indicators.top_level
    service, price = (level.where(level.between(1, top)) for level in (service_sensitivity, price_sensitivity))
    return _mark(parts["service"] * service / top + parts["price"] * (top + 1 - price) / top)


def _ratio(part: pd.Series, base: pd.Series) -> pd.Series:
    """A part of its base, within 0..1; unknown where either is, or where the base is not above 0."""
    return (part / base.where(base > 0)).clip(0, 1)


def _mark(share: pd.Series) -> pd.Series:
    return round_half_away(share * 100, MARK_DECIMALS)


def indicator_notes(indicators: pd.DataFrame, policy: Policy, words: Words) -> pd.Series:
    """What is to be said about each row of indicators (columns named as the arguments above); "" where nothing is.

    Missing ones, a base that is not above 0 and a level outside the scale leave the mark unknown; a negative one counts 0.
    """
    notes = pd.Series("", index=indicators.index, dtype="str")
    separator = words("indicator.separator")
    for name, numbers in indicators.items():
        note = pd.Series(_codes(str(name), numbers, policy.indicators.top_level), index=numbers.index, dtype="str")
        texts = {
            code: words(f"indicator.{code}", name=words(f"indicator.name.{name}"), top=policy.indicators.top_level)
            for code in ("missing", "base", "level", "negative")
        }
        said = note.map(texts)
        notes = notes.mask(said.notna(), notes.where(notes == "", notes + separator) + said)
    return notes


def _codes(name: str, numbers: pd.Series, top: int) -> np.ndarray:
    cases = {
        "missing": numbers.isna(),
        "base": (numbers <= 0) & (name in BASES),
        "level": ~numbers.between(1, top) & (name in SENSITIVITIES),
        "negative": numbers < 0,
    }
    return np.select([case.to_numpy(dtype=bool) for case in cases.values()], list(cases), "")


@dataclass(frozen=True)
class Bases:
    """What the indicators of each customer are held against, of all customers, or of some; `total` adds it up."""

    profits: np.ndarray  # the known ones, ascending
    longest_tenure: float  # years; NaN where none is known
    highest_growth: float

    def measured(self, profit: pd.Series, base: str) -> tuple[pd.Series, pd.Series]:
        """Profits by customer ID and what each is measured by, as the policy's ``base`` says; a loss counts 0 on both sides."""
        if base == "percentile":
            below, up_to = (self.profits.searchsorted(profit, side) for side in ("left", "right"))
            rank = pd.Series(
                (below + 1 + up_to) / 2 / max(len(self.profits), 1), profit.index
            )  # of equals the mean of their ranks
            return rank.where(profit.notna()), pd.Series(1.0, profit.index)
        return profit, pd.Series(self.most(base), profit.index)

    def most(self, base: str) -> float:
        """What all profits come to, or the largest."""
        gains = self.profits.clip(min=0)
        return math.fsum(gains) if base == "enterprise_total" else float(gains.max(initial=0.0))

    def longest(self, tenure: pd.Series) -> pd.Series:
        """The longest tenure beside each, by customer ID."""
        return pd.Series(self.longest_tenure, tenure.index)

    def highest(self, growth: pd.Series) -> pd.Series:
        """The highest growth beside each, by customer ID."""
        return pd.Series(self.highest_growth, growth.index)


def total(parts: Sequence[Bases]) -> Bases:
    """What the indicators of all parts of the customers come to together."""
    return Bases(
        np.sort(np.concatenate([one.profits for one in parts])),
        float(np.fmax.reduce([one.longest_tenure for one in parts])),
        float(np.fmax.reduce([one.highest_growth for one in parts])),
    )


def bases(indicators: pd.DataFrame, customers: pd.DataFrame) -> Bases:
    """What the deciding indicators of these customers come to."""
    if indicators.empty:
        return Bases(np.array([]), math.nan, math.nan)
    rows = deciding(indicators, customers)
    profits = np.sort(rows["profit"].dropna().to_numpy("float64"))
    return Bases(profits, float(rows["tenure"].max()), float(rows["growth"].max()))


def deciding(indicators: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """The customers' deciding indicators by customer ID; the tenure that is not typed told by when the customer began."""
    rows = indicators[indicators["current"] & indicators["customer_id"].isin(customers["customer_id"])]
    rows = rows.set_index("customer_id")
    since = customers["since"].set_axis(customers["customer_id"]).reindex(rows.index)
    years = (rows["as_of"] - since).dt.total_seconds() / _YEAR
    return rows.assign(tenure=rows["tenure"].fillna(years.where(years >= 0)))


def from_indicators(
    indicators: pd.DataFrame, customers: pd.DataFrame, policy: Policy, of_all: Bases | None = None
) -> pd.DataFrame:
    """The marks of each customer whose indicators are known: value, potential and demand (0..100), by customer ID.

    The deciding row of each customer counts (`current`). Profit base, longest tenure and highest growth are those of
    the portfolio, ``of_all``: of ``customers``, where these are all. Where no tenure is typed it runs from the customer's
    ``since`` to the row's ``as_of``, in years. A mark is unknown where one of its terms is (§3).
    """
    of_all = bases(indicators, customers) if of_all is None else of_all
    rows = deciding(indicators, customers)
    profit, base = of_all.measured(rows["profit"], policy.indicators.profit_base)
    value = value_from(profit, base, rows["tenure"], of_all.longest(rows["tenure"]), policy)
    highest = of_all.highest(rows["growth"])
    potential = potential_from(rows["growth"], highest, rows["open_needs"], rows["total_needs"], policy)
    demand = demand_from(rows["service_sensitivity"], rows["price_sensitivity"], policy)
    return pd.DataFrame({"value": value, "potential": potential, "demand": demand})


_YEAR = 365.25 * 86400  # seconds


def filled(
    evaluations: pd.DataFrame,
    indicators: pd.DataFrame,
    customers: pd.DataFrame,
    policy: Policy,
    of_all: Bases | None = None,
) -> pd.DataFrame:
    """The evaluations with the marks that nobody gave computed from the indicators, where those are complete (ours).

    What the evaluator typed decides, also where it cannot be read: such a mark stays unknown. Only evaluations that
    decide (`current`) are filled; older ones were made of what was known then. A customer with indicators and no
    evaluation at all gets one made of them: its place is the indicators' row, its date their ``as_of``.
    ``computed_dimensions`` names the dimensions computed, by their keys and joined by 、; missing where none is.
    ``sheet_kind`` says in which kind of sheet the row stands, evaluation or indicators.
    """
    if indicators.empty:
        kind = {"sheet_kind": "evaluation", "computed_dimensions": None}
        columns = {name: pd.Series(text, evaluations.index, dtype="str") for name, text in kind.items()}
        return evaluations.assign(**columns).sort_values("customer_id", kind="stable", ignore_index=True)
    marks = from_indicators(indicators, customers, policy, of_all)
    made = _without_evaluation(evaluations, indicators, marks)
    every = pd.concat(
        [evaluations.assign(sheet_kind="evaluation"), made.assign(sheet_kind="indicators")], ignore_index=True
    )
    every["sheet_kind"] = every["sheet_kind"].astype("str")
    own = marks.reindex(every["customer_id"]).set_axis(every.index)
    blank = {name: every[name].isna() & every[f"{name}_reason"].isna() & every["current"] for name in DIMENSIONS}
    computed = {name: blank[name] & own[name].notna() for name in DIMENSIONS}
    every = every.assign(**{name: every[name].mask(computed[name], own[name]) for name in DIMENSIONS})
    named = [pd.Series(np.where(computed[name], f"{name}、", ""), every.index, dtype="str") for name in DIMENSIONS]
    said = named[0].str.cat(pd.concat(named[1:], axis=1)).str.removesuffix("、")
    every["computed_dimensions"] = said.where(said != "")
    return every.sort_values("customer_id", kind="stable", ignore_index=True)


def of_deciding(
    evaluations: pd.DataFrame, indicators: pd.DataFrame, customers: pd.DataFrame, policy: Policy, of_all: Bases
) -> pd.Series:
    """The scores of customers by ID, as they come of their deciding evaluations, `filled`."""
    every = filled(evaluations, indicators, customers, policy, of_all)
    deciding = every[every["current"]].set_index("customer_id")
    return composite(deciding["value"], deciding["potential"], deciding["demand"], policy.weights)


def _without_evaluation(evaluations: pd.DataFrame, indicators: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """The indicators' rows of customers nobody evaluated, as evaluations without marks; where none can be computed, none."""
    known = marks.index[marks.notna().any(axis=1)].difference(pd.Index(evaluations["customer_id"]))
    rows = indicators[indicators["current"] & indicators["customer_id"].isin(known)]
    if rows.empty:
        return evaluations.iloc[:0]
    rows = rows.rename(columns={"as_of": "evaluated_on"})
    return rows.reindex(columns=evaluations.columns).astype(evaluations.dtypes.to_dict())


#: A column of numbers; of one cell, an array is a tenth of the work of a series.
Numbers = TypeVar("Numbers", pd.Series, np.ndarray)


def composite(value: Numbers, potential: Numbers, demand: Numbers, weights: Weights) -> Numbers:
    """The weighted sum of three columns of marks (0..100), rounded to one decimal; unknown where any mark is."""
    return round_half_away(weights.value * value + weights.potential * potential + weights.demand * demand, DECIMALS)


def round_half_away(x: Numbers, decimals: int) -> Numbers:
    """A column of numbers rounded half away from zero on the decimal value people see: 89.45 → 89.5, -0.25 → -0.3.

    Binary 89.45 lies a hair below the decimal one, and a weighted sum misses its decimal value by up to about 1e-12.
    Decimal values with fewer than nine digits after the point are either halfway or farther from it than 1e-9, so
    adding 1e-9 before cutting off lifts exactly those that are halfway, and no other.
    """
    if isinstance(x, pd.Series):
        return pd.Series(round_half_away(x.to_numpy("float64"), decimals), x.index, name=x.name)
    shift = 10.0**decimals
    return np.sign(x) * np.floor(np.abs(x) * shift + 0.5 + 1e-9) / shift


def verdicts(
    score: pd.Series, computed_tier: pd.Series, recorded_score: pd.Series, recorded_tier: pd.Series
) -> pd.Series:
    """How each recorded score and tier compares with the computed ones, as a key.

    The first that applies of ``unknown`` (nothing computed), ``unrecorded`` (nothing to compare with),
    ``tier_differs``, ``score_differs`` (by 0.05 or more once the recorded score is rounded too), ``match``.
    """
    differs = (round_half_away(recorded_score, DECIMALS) - score).abs() >= DIFFERS
    cases = {
        "unknown": score.isna(),
        "unrecorded": recorded_score.isna() & recorded_tier.isna(),
        "tier_differs": recorded_tier.notna() & (recorded_tier != computed_tier),
        "score_differs": differs,
    }
    verdict = np.select([case.to_numpy(dtype=bool) for case in cases.values()], list(cases), "match")
    return pd.Series(verdict, index=score.index, dtype="str")
