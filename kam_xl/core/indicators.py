"""How the account work did against its targets: quarter, half-year and year, per team and overall (handbook §9, S3 step 5).

An indicator is a row of `INDICATORS`. Its function sums parts and wholes over customers or rows; what cannot be computed
stays unknown and says what it needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import measures, order_measures
from kam_xl.core.frames import each_row
from kam_xl.core.indicator_view import OVERALL, Indicator, IndicatorView, days, nothing_measured, ratio
from kam_xl.core.words import Words

COLUMNS = ("team", "indicator", "period", "tier", "actual", "target", "unit", "deviation", "verdict", "said", "needs",
           "counted", "since")  # fmt: skip

#: Unit → what its figures are multiplied by before people see them: shares in percent, their rise in percentage points.
SCALE = {"share": 100, "points": 100}

_DECIMALS = 9  # figures are compared with their targets after this much rounding


def measure(view: IndicatorView) -> pd.DataFrame:
    """Every indicator, overall first, then by team (`COLUMNS`); ``verdict`` is good, watch, bad or none.

    ``unit`` is share (growth too), points (the rise of a share), both as fractions, or score, nps, count. ``deviation``
    is actual less target; ``counted`` says over how many customers or rows; ``since`` is the day the period began or
    the snapshot compared with was made, or tonight.
    """
    teams = pd.Index([OVERALL, *sorted(view.portfolio.records["team"].dropna().unique())], name="team")
    measured = [_measured(view, row) for row in INDICATORS]
    each = np.arange(len(INDICATORS)).repeat(len(teams))
    found = pd.concat([figures.reindex(teams) for figures, _ in measured]).reset_index()
    facts = pd.DataFrame([_facts(view, row, needs) for row, (_, needs) in zip(INDICATORS, measured, strict=True)])
    found = _held(pd.concat([found, facts.take(each).reset_index(drop=True)], axis=1))
    found["since"] = found["since"].mask(found["basis"] == "orders", found["period"].map(_starts(view)))
    found["said"] = _said(view, found)
    found["team"] = found["team"].where(found["team"] != OVERALL)
    texts = dict.fromkeys(("team", "indicator", "period", "tier", "unit", "verdict", "said", "needs"), "str")
    return found[list(COLUMNS)].astype(texts | {"since": "datetime64[s]"})


def _measured(view: IndicatorView, row: Indicator) -> tuple[pd.DataFrame, str]:
    """The figures of one indicator by team, and what is missing where there are none.

    Whoever has orders of enough of its customers, by the policy, is measured by these.
    """
    figures, needs = _by_snapshots(view, row)
    figures = figures.assign(basis=row.basis)
    if row.of_orders is None or view.portfolio.orders.empty:
        return figures, needs
    measure = row.of_orders
    told = view.failures.attempt("indicator", row.key, lambda: measure(view, row), nothing_measured())
    share = told["counted"] / _customers(view, row).reindex(told.index)
    told = told[(told["counted"] > 0) & share.ge(view.policy.orders.speak_from)].assign(basis="orders")
    return pd.concat([told, figures[~figures.index.isin(told.index)]]), needs


def _customers(view: IndicatorView, row: Indicator) -> pd.Series:
    """How many customers each team has of those an indicator is about."""
    tier = view.now["computed_tier"]
    counts = pd.Series(1.0, tier.index) if row.tier is None else pd.Series(1.0, tier.index).where(tier == row.tier)
    return ratio(view.crowd, counts)["counted"]


def _by_snapshots(view: IndicatorView, row: Indicator) -> tuple[pd.DataFrame, str]:
    """The same by what the sheets and the snapshots of nights before tell."""
    missing = next((period for period in row.back if not view.has(period)), None)
    if missing:
        return nothing_measured(), _needs(view, row, missing)
    figures = view.failures.attempt("indicator", row.key, lambda: row.measure(view, row), None)
    if figures is None:
        return nothing_measured(), view.words("kpi.needs.failed")
    return figures, _needs(view, row, None)


def _facts(view: IndicatorView, row: Indicator, needs: str) -> dict[str, object]:
    """What stands beside the figures of one indicator."""
    of = view.policy.targets.of[row.key]
    return {
        "indicator": row.key, "period": row.period, "tier": row.tier, "unit": row.unit, "needs": needs,
        "since": _since(view, row), "target": of.target, "tolerance": of.tolerance, "up": of.direction == "up",
    }  # fmt: skip


def _held(found: pd.DataFrame) -> pd.DataFrame:
    """Figures held against their targets: how far off, how much better, and the verdict."""
    deviation = (found["actual"] - found["target"]).round(_DECIMALS)
    better = deviation.where(found["up"], -deviation)
    known = found["actual"].notna()
    verdict = np.select([better >= 0, better >= -found["tolerance"], known], ["good", "watch", "bad"], "none")
    return found.assign(
        deviation=deviation,
        better=better,
        verdict=verdict,
        needs=found["needs"].mask(known),
        counted=found["counted"].fillna(0).astype("int64"),
    )


def _starts(view: IndicatorView) -> dict[str, pd.Timestamp]:
    return {row.period: view.start(row.period) for row in INDICATORS}


def _since(view: IndicatorView, row: Indicator) -> pd.Timestamp:
    """The day an indicator looks back to: that of its first snapshot where there is one, else its period's first."""
    if row.tonight:
        return view.today
    if row.back and view.has(row.back[0]):
        return view.then(row.back[0])["on"].max()
    return view.start(row.period)


def _needs(view: IndicatorView, row: Indicator, missing: str | None) -> str:
    if missing is None:
        return view.words(f"kpi.needs.{row.needs}")
    return view.words("kpi.needs.snapshot", day=days(view.today.date(), view.policy)[missing])


_HALVES = ("half", "year")  # half a year ago, and the half-year before it

_YEARS = ("year", "two_years")

#: Every indicator of the sources (§9), then the targets they set for single tiers (§8).
INDICATORS = (
    Indicator(
        "retention",
        "quarter",
        "share",
        measures.retention,
        "lifecycle",
        back=("quarter",),
        of_orders=order_measures.retention,
    ),
    Indicator("execution", "quarter", "share", measures.execution, "strategies", "strategies"),
    Indicator("satisfaction", "quarter", "score", measures.satisfaction, "surveys"),
    Indicator("nps", "quarter", "nps", measures.nps, "nps"),
    Indicator("renewal", "quarter", "share", measures.renewal, "renewals", "renewals"),
    Indicator("depth", "quarter", "count", measures.depth, "products", tonight=True),
    Indicator("visits", "quarter", "share", measures.visits, "visits", tonight=True),
    Indicator("response", "quarter", "share", measures.response, "cases", "cases"),
    Indicator("high_value_rise", "half", "points", measures.high_value_rise, "tiers", back=("half",)),
    Indicator(
        "amount_growth",
        "half",
        "share",
        measures.amount_growth,
        "amounts",
        back=_HALVES,
        of_orders=order_measures.growth,
    ),
    Indicator("conversion", "half", "share", measures.conversion, "conversion", back=("half",), tier="potential"),
    Indicator("ltv_growth", "year", "share", measures.not_recorded, "ltv", of_orders=order_measures.value_growth),
    Indicator("cac_decline", "year", "share", measures.not_recorded, "cac"),
    Indicator(
        "strategic_growth",
        "year",
        "share",
        measures.amount_growth,
        "amounts",
        back=_YEARS,
        tier="strategic",
        of_orders=order_measures.growth,
    ),
    Indicator("strategic_satisfaction", "quarter", "score", measures.satisfaction, "surveys", tier="strategic"),
    Indicator(
        "key_repurchase_rise",
        "half",
        "points",
        measures.repurchase_rise,
        "amounts",
        back=_HALVES,
        tier="key",
        of_orders=order_measures.repurchase_rise,
    ),
    Indicator(
        "key_amount_growth",
        "half",
        "share",
        measures.amount_growth,
        "amounts",
        back=_HALVES,
        tier="key",
        of_orders=order_measures.growth,
    ),
    Indicator("regular_cost_decline", "year", "share", measures.not_recorded, "service_cost", tier="regular"),
    Indicator(
        "regular_churn",
        "year",
        "share",
        measures.churn,
        "lifecycle",
        back=("year",),
        tier="regular",
        of_orders=order_measures.churn,
    ),
    Indicator("optimize_share", "half", "share", measures.tier_share, "tiers", tier="optimize", tonight=True),
)


def _said(view: IndicatorView, found: pd.DataFrame) -> list[str]:
    """One sentence a row: the figure beside its target and how far off it is, or what it needs."""
    weakest = _weakest(found)
    return [_sentence(view, row, weakest.get(row.indicator)) for row in each_row(found)]


def _sentence(view: IndicatorView, row: Any, weakest: tuple[str, float] | None) -> str:
    words, name = view.words, view.words(f"kpi.name.{row.indicator}")
    if row.verdict == "none":
        return words("kpi.unknown", name=name, needs=row.needs)
    indicator = _BY_KEY[row.indicator]
    target = view.policy.targets.of[row.indicator]
    gap = "met" if row.better == 0 else "better" if row.better > 0 else "worse"
    said = words(
        "kpi.said",
        name=name,
        actual=figure(words, row.unit, row.actual),
        target=words(f"kpi.target.{target.direction}", target=figure(words, row.unit, target.target)),
        gap=words(f"kpi.gap.{gap}", by=_gap(words, row.unit, abs(row.deviation))),
        basis=words(f"kpi.basis.{row.basis}", day=row.since.date(), today=view.today.date()),
        counted=words(f"kpi.counted.{indicator.counts}", count=row.counted),
    )
    if weakest is None or row.team != OVERALL or gap != "worse":
        return said
    return words("kpi.weakest", said=said, team=weakest[0], actual=figure(words, row.unit, weakest[1]))


def _weakest(found: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Indicator → the team farthest on the wrong side of its target, where the teams differ."""
    own = found[(found["team"] != OVERALL) & found["better"].notna()].sort_values(["better", "team"])
    differ = own.groupby("indicator")["better"].transform("nunique") > 1
    own = own[differ & (own["better"] < 0)].drop_duplicates("indicator")
    return {row.indicator: (row.team, row.actual) for row in each_row(own)}


def figure(words: Words, unit: str, figure: float) -> str:
    """A figure with its unit."""
    return words(f"kpi.unit.{unit}", figure=figure * SCALE.get(unit, 1))


def _gap(words: Words, unit: str, gap: float) -> str:
    return words(f"kpi.by.{unit}", figure=gap * SCALE.get(unit, 1))


_BY_KEY = {row.key: row for row in INDICATORS}
