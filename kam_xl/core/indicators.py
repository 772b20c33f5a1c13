"""How the account work did against its targets: quarter, half-year and year, per team and overall (handbook §9, S3 step 5).

An indicator is a row of `INDICATORS`. Its function sums parts and wholes over customers or rows; what cannot be computed
stays unknown and says what it needs. Amounts in the sheets are cumulative, so the amount of a period is the difference
between two days, and its growth needs three: today, one period ago, two periods ago.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import history, service
from kam_xl.core.failures import Failures, Strict
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.words import Words

COLUMNS = ("team", "indicator", "period", "tier", "actual", "target", "unit", "deviation", "verdict", "said", "needs",
           "counted", "since")  # fmt: skip
PERIODS = ("quarter", "half", "year", "two_years")  # how far back a snapshot may be asked for
OVERALL = ""  # stands for "all teams" while figures are grouped
LOST = "lost"  # the lifecycle of a customer that has gone
#: What a snapshot must hold for the indicators; an older one without a column leaves it unknown.
_KEPT = ("teams", "tier", "lifecycle", "amount", "amount_parts", "on")
_SCALE = {"share": 100, "points": 100}  # a share is said in percent, a rise of one in percentage points
_DECIMALS = 9  # figures are compared with their targets after this much rounding


class Crowd(NamedTuple):
    """Which customers each team has, and all of them under `OVERALL`: pairs of a team and a place among the customers."""

    teams: pd.Index
    team: np.ndarray  # place in `teams`
    place: np.ndarray


@dataclass(frozen=True)
class View:
    """What the indicators look at; ``pasts`` holds a snapshot (`history.snapshot`) or None for each of `PERIODS`.

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
    def crowd(self) -> Crowd:
        """Who is whose tonight."""
        own = self.portfolio.records[["team", "customer_id"]].drop_duplicates()
        return _crowd(own["team"], self.now.index.get_indexer(own["customer_id"]), len(self.now))

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
        return then.assign(gone=gone, place=place), _crowd(pairs["team"], pairs["at"].to_numpy(), len(then))

    def then(self, period: str) -> pd.DataFrame:
        """The snapshot of a period ago by customer ID; ``gone`` is 1, 0 or unknown, ``place`` that among tonight's."""
        return self._thens[period][0]

    def crowd_then(self, period: str) -> Crowd:
        """Who was whose a period ago."""
        return self._thens[period][1]

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

    key: str
    period: str
    unit: str
    measure: Callable[[View, Indicator], pd.DataFrame]
    needs: str
    counts: str = "customers"
    back: tuple[str, ...] = ()
    tier: str | None = None
    tonight: bool = False  # the figure is of tonight, not of the period

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


def measure(view: View) -> pd.DataFrame:
    """Every indicator, overall first, then by team (`COLUMNS`); ``verdict`` is good, watch, bad or none.

    ``unit`` is share (growth too), points (the rise of a share), both as fractions, or score, nps, count. ``deviation``
    is actual less target; ``counted`` says over how many customers or rows; ``since`` is the day the period began or
    the snapshot compared with was made, or tonight.
    """
    teams = pd.Index([OVERALL, *sorted(view.portfolio.records["team"].dropna().unique())], name="team")
    found = pd.concat([_measured(view, row, teams) for row in INDICATORS], ignore_index=True)
    found["said"] = _said(view, found)
    found["team"] = found["team"].where(found["team"] != OVERALL)
    texts = dict.fromkeys(("team", "indicator", "period", "tier", "unit", "verdict", "said", "needs"), "str")
    return found[list(COLUMNS)].astype(texts | {"since": "datetime64[s]"})


def _measured(view: View, row: Indicator, teams: pd.Index) -> pd.DataFrame:
    """One indicator for each team, with its verdict and what is missing."""
    missing = next((period for period in row.back if not view.has(period)), None)
    figures = None if missing else view.failures.attempt("indicator", row.key, lambda: row.measure(view, row), None)
    found = (_nothing() if figures is None else figures).reindex(teams).reset_index()
    failed = figures is None and not missing
    target = view.policy.targets.of[row.key]
    known = found["actual"].notna()
    deviation = (found["actual"] - target.target).round(_DECIMALS)
    better = deviation if target.direction == "up" else -deviation
    verdict = np.select([better >= 0, better >= -target.tolerance, known], ["good", "watch", "bad"], "none")
    return found.assign(
        indicator=row.key,
        period=row.period,
        tier=row.tier,
        target=target.target,
        unit=row.unit,
        deviation=deviation,
        better=better,
        verdict=verdict,
        needs=np.where(known, None, view.words("kpi.needs.failed") if failed else _needs(view, row, missing)),
        counted=found["counted"].fillna(0).astype("int64"),
        since=_since(view, row),
    )


def _since(view: View, row: Indicator) -> pd.Timestamp:
    """The day an indicator looks back to: that of its first snapshot where there is one, else its period's first."""
    if row.tonight:
        return view.today
    if row.back and view.has(row.back[0]):
        return view.then(row.back[0])["on"].max()
    return view.start(row.period)


def _needs(view: View, row: Indicator, missing: str | None) -> str:
    if missing is None:
        return view.words(f"kpi.needs.{row.needs}")
    return view.words("kpi.needs.snapshot", day=days(view.today.date(), view.policy)[missing])


# --- sums over teams ---------------------------------------------------------------------------------------------


def _crowd(team: pd.Series, place: np.ndarray, count: int) -> Crowd:
    """Pairs of a team and a customer's place, and the ``count`` customers under `OVERALL`."""
    codes, teams = pd.factorize(team[place >= 0])
    everyone = np.zeros(count, "int64")
    return Crowd(
        pd.Index([OVERALL, *teams]),
        np.concatenate([everyone, codes + 1]),
        np.concatenate([np.arange(count), place[place >= 0]]),
    )


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({"actual": pd.Series(dtype="float64"), "counted": pd.Series(dtype="float64")})


def _ratio(crowd: Crowd, part: pd.Series, whole: pd.Series | None = None) -> pd.DataFrame:
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


def _ratio_of_rows(rows: pd.DataFrame, part: pd.Series) -> pd.DataFrame:
    """The share of rows that have a flag, by their team and overall."""
    by_team = part.astype("float64").groupby(rows["team"])
    sums = pd.DataFrame({"part": by_team.sum(), "counted": by_team.size()})
    sums.loc[OVERALL] = [part.sum(), len(rows)]
    return _divided(sums.assign(whole=sums["counted"]))


def _divided(sums: pd.DataFrame) -> pd.DataFrame:
    actual = sums["part"] / sums["whole"].where(sums["whole"] > 0)
    return pd.DataFrame({"actual": actual, "counted": sums["counted"]})


def _less(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """The figures of now less those of then, where both are known."""
    return now.assign(actual=now["actual"] - then["actual"])


def _aligned(view: View, column: str, then: pd.DataFrame) -> pd.Series:
    """A column of tonight beside a snapshot's customers; unknown for those that are no longer there."""
    return pd.Series(pd.api.extensions.take(view.now[column].array, then["place"], allow_fill=True), index=then.index)


# --- quarter: kept, executed, satisfied --------------------------------------------------------------------------


def retention(view: View, row: Indicator) -> pd.DataFrame:
    """Of the customers a period ago that were not lost then, the share that is neither lost nor gone now."""
    then = view.then(row.period)
    state = _aligned(view, "lifecycle", then)
    stayed = (state != LOST).astype("float64").where(state.notna()).mask(then["gone"] == 1, 0.0)
    counts = then["lifecycle"].notna() & (then["lifecycle"] != LOST)
    return _ratio(view.crowd_then(row.period), stayed.where(counts & _of_tier(then["tier"], row)))


def churn(view: View, row: Indicator) -> pd.DataFrame:
    """What `retention` lacks to the whole."""
    kept = retention(view, row)
    return kept.assign(actual=1 - kept["actual"])


def execution(view: View, row: Indicator) -> pd.DataFrame:
    """Of the strategies that were due in the period, cancelled ones left out, the share that is done."""
    rows = view.portfolio.tracking
    due = (rows["end"] >= view.start(row.period)) & (rows["end"] < view.today)
    rows = rows[due & rows["status"].notna() & (rows["status"] != "cancelled")]
    return _ratio_of_rows(rows, rows["status"] == "done")


def satisfaction(view: View, row: Indicator) -> pd.DataFrame:
    """The mean of each customer's latest survey in the period."""
    mark = _in_period(view, row, view.now["satisfaction"], view.now["satisfaction_on"])
    return _ratio(view.crowd, mark.where(_of_tier(view.now["computed_tier"], row)))


def nps(view: View, row: Indicator) -> pd.DataFrame:
    """Promoters less detractors (−100..100) among each customer's latest answer in the period."""
    answer = _in_period(view, row, view.now["nps"], view.now["nps_on"])
    every = pd.Series(answer.to_numpy()[view.crowd.place]).groupby(view.crowd.teams[view.crowd.team])
    return pd.DataFrame({"actual": every.agg(lambda some: service.nps(some, view.policy)), "counted": every.count()})


def _in_period(view: View, row: Indicator, answer: pd.Series, on: pd.Series) -> pd.Series:
    return answer.where(on >= view.start(row.period))


def _of_tier(tier: pd.Series, row: Indicator) -> pd.Series:
    """Which customers an indicator is about; all of them where it names no tier."""
    return pd.Series(True, index=tier.index) if row.tier is None else tier == row.tier


# --- half-year: more high-value customers, larger amounts, conversions --------------------------------------------


def high_value_rise(view: View, row: Indicator) -> pd.DataFrame:
    """The share of high-value customers tonight less their share a period ago, among customers with a tier."""
    high = view.policy.targets.high_value
    tier, before = view.now["computed_tier"], view.then(row.period)["tier"]
    now = _ratio(view.crowd, tier.isin(high).where(tier.notna()))
    then = _ratio(view.crowd_then(row.period), before.isin(high).where(before.notna()))
    return _less(now, then)


def tier_share(view: View, row: Indicator) -> pd.DataFrame:
    """The share of one tier among the customers with a tier, tonight."""
    tier = view.now["computed_tier"]
    return _ratio(view.crowd, (tier == row.tier).where(tier.notna()))


def amount_growth(view: View, row: Indicator) -> pd.DataFrame:
    """How much more amount the same customers brought in this period than in the one before, as a fraction."""
    latest, before, crowd = _amounts(view, row)
    grown = _ratio(crowd, latest, before)
    return grown.assign(actual=grown["actual"] - 1)


def repurchase_rise(view: View, row: Indicator) -> pd.DataFrame:
    """The share of customers that bought in this period less the share that did in the one before."""
    latest, before, crowd = _amounts(view, row)
    return _less(_ratio(crowd, _flag(latest > 0, latest)), _ratio(crowd, _flag(before > 0, before)))


def _amounts(view: View, row: Indicator) -> tuple[pd.Series, pd.Series, Crowd]:
    """The amounts of this period and of the one before, of the customers known on all three days; and who is whose.

    A customer for which fewer teams state an amount than before is left out: what is missing must not pass for a fall.
    """
    then, earlier = (view.then(period) for period in row.back)
    days_known = pd.DataFrame(
        {
            "now": _aligned(view, "amount", then),
            "then": then["amount"],
            "earlier": earlier["amount"].reindex(then.index),
            "parts": _aligned(view, "amount_parts", then),
            "parts_then": then["amount_parts"],
            "parts_earlier": earlier["amount_parts"].reindex(then.index),
        }
    ).astype("float64")
    fewer = (days_known["parts"] < days_known["parts_then"]) | (days_known["parts_then"] < days_known["parts_earlier"])
    rows = days_known.where(~fewer & days_known[["now", "earlier"]].notna().all(axis=1) & _of_tier(then["tier"], row))
    return rows["now"] - rows["then"], rows["then"] - rows["earlier"], view.crowd_then(row.back[0])


def _flag(flag: pd.Series, known: pd.Series) -> pd.Series:
    return flag.astype("float64").where(known.notna())


def conversion(view: View, row: Indicator) -> pd.DataFrame:
    """Of the customers of one tier a period ago, the share that is of high value now; one that is gone is not."""
    then = view.then(row.period)
    tier = _aligned(view, "computed_tier", then)
    converted = _flag(tier.isin(view.policy.targets.high_value), tier).mask(then["gone"] == 1, 0.0)
    return _ratio(view.crowd_then(row.period), converted.where(_of_tier(then["tier"], row)))


# --- renewals, depth, visits, service ----------------------------------------------------------------------------


def renewal(view: View, row: Indicator) -> pd.DataFrame:
    """Of the renewals due in the period, the share that was won; one that is open past its date is not won."""
    rows = view.portfolio.renewals
    due = (rows["renewal_date"] >= view.start(row.period)) & (rows["renewal_date"] < view.today)
    rows = rows[(rows["kind"] == "renewal") & due & rows["stage"].notna()]
    return _ratio_of_rows(rows, rows["stage"] == "won")


def depth(view: View, _row: Indicator) -> pd.DataFrame:
    """The mean number of products a customer has."""
    return _ratio(view.crowd, view.now["product_count"])


def visits(view: View, _row: Indicator) -> pd.DataFrame:
    """The share of customers whose last recorded visit lies within their tier's cadence.

    A customer that is new, or for whom no team's service log reaches back a whole cadence, need not have one yet. A
    team that writes no visits into its log, only complaints, tells nothing about visits.
    """
    log = view.portfolio.service
    log = log[log["reported"] < view.today + pd.Timedelta(days=1)]
    logged = log[log["kind"] == "visit"]
    visited = logged.groupby("customer_id")["reported"].max().reindex(view.now.index)
    telling = log[log["team"].isin(logged["team"].unique())]
    begins = telling.groupby("team")["reported"].min().reindex(view.crowd.teams[view.crowd.team])
    begins = begins.groupby(view.crowd.place).min().set_axis(view.now.index)
    due = view.today - pd.to_timedelta(view.now["cadence_days"], unit="D")
    on_time = visited >= due
    measurable = due.notna() & (on_time | ((begins <= due) & ~(view.now["since"] > due)))
    return _ratio(view.crowd, on_time.astype("float64").where(measurable))


def response(view: View, row: Indicator) -> pd.DataFrame:
    """Of the cases reported in the period whose response is decided, the share answered within the limit."""
    rows = view.cases
    reported = (rows["reported"] >= view.start(row.period)) & rows["response_state"].isin(["met", "breached"])
    rows = rows[reported]
    return _ratio_of_rows(rows, rows["response_state"] == "met")


def not_recorded(_view: View, _row: Indicator) -> pd.DataFrame:
    """What the sheets hold no data for."""
    return _nothing()


_HALVES = ("half", "year")  # half a year ago, and the half-year before it
_YEARS = ("year", "two_years")
#: Every indicator of the sources (§9), then the targets they set for single tiers (§8).
INDICATORS = (
    Indicator("retention", "quarter", "share", retention, "lifecycle", back=("quarter",)),
    Indicator("execution", "quarter", "share", execution, "strategies", "strategies"),
    Indicator("satisfaction", "quarter", "score", satisfaction, "surveys"),
    Indicator("nps", "quarter", "nps", nps, "nps"),
    Indicator("renewal", "quarter", "share", renewal, "renewals", "renewals"),
    Indicator("depth", "quarter", "count", depth, "products", tonight=True),
    Indicator("visits", "quarter", "share", visits, "visits", tonight=True),
    Indicator("response", "quarter", "share", response, "cases", "cases"),
    Indicator("high_value_rise", "half", "points", high_value_rise, "tiers", back=("half",)),
    Indicator("amount_growth", "half", "share", amount_growth, "amounts", back=_HALVES),
    Indicator("conversion", "half", "share", conversion, "conversion", back=("half",), tier="potential"),
    Indicator("ltv_growth", "year", "share", not_recorded, "ltv"),
    Indicator("cac_decline", "year", "share", not_recorded, "cac"),
    Indicator("strategic_growth", "year", "share", amount_growth, "amounts", back=_YEARS, tier="strategic"),
    Indicator("strategic_satisfaction", "quarter", "score", satisfaction, "surveys", tier="strategic"),
    Indicator("key_repurchase_rise", "half", "points", repurchase_rise, "amounts", back=_HALVES, tier="key"),
    Indicator("key_amount_growth", "half", "share", amount_growth, "amounts", back=_HALVES, tier="key"),
    Indicator("regular_cost_decline", "year", "share", not_recorded, "service_cost", tier="regular"),
    Indicator("regular_churn", "year", "share", churn, "lifecycle", back=("year",), tier="regular"),
    Indicator("optimize_share", "half", "share", tier_share, "tiers", tier="optimize", tonight=True),
)


# --- in words ----------------------------------------------------------------------------------------------------


def _said(view: View, found: pd.DataFrame) -> list[str]:
    """One sentence a row: the figure beside its target and how far off it is, or what it needs."""
    weakest = _weakest(found)
    return [_sentence(view, row, weakest.get(row.indicator)) for row in found.itertuples()]


def _sentence(view: View, row: tuple, weakest: tuple[str, float] | None) -> str:
    words, name = view.words, view.words(f"kpi.name.{row.indicator}")
    if row.verdict == "none":
        return words("kpi.unknown", name=name, needs=row.needs)
    indicator = _BY_KEY[row.indicator]
    target = view.policy.targets.of[row.indicator]
    gap = "met" if row.better == 0 else "better" if row.better > 0 else "worse"
    said = words(
        "kpi.said",
        name=name,
        actual=_figure(words, row.unit, row.actual),
        target=words(f"kpi.target.{target.direction}", target=_figure(words, row.unit, target.target)),
        gap=words(f"kpi.gap.{gap}", by=_gap(words, row.unit, abs(row.deviation))),
        basis=words(f"kpi.basis.{indicator.basis}", day=row.since.date(), today=view.today.date()),
        counted=words(f"kpi.counted.{indicator.counts}", count=row.counted),
    )
    if weakest is None or row.team != OVERALL or gap != "worse":
        return said
    return words("kpi.weakest", said=said, team=weakest[0], actual=_figure(words, row.unit, weakest[1]))


def _weakest(found: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Indicator → the team farthest on the wrong side of its target, where the teams differ."""
    own = found[(found["team"] != OVERALL) & found["better"].notna()].sort_values(["better", "team"])
    differ = own.groupby("indicator")["better"].transform("nunique") > 1
    own = own[differ & (own["better"] < 0)].drop_duplicates("indicator")
    return {row.indicator: (row.team, row.actual) for row in own.itertuples()}


def _figure(words: Words, unit: str, figure: float) -> str:
    return words(f"kpi.unit.{unit}", figure=figure * _SCALE.get(unit, 1))


def _gap(words: Words, unit: str, gap: float) -> str:
    return words(f"kpi.by.{unit}", figure=gap * _SCALE.get(unit, 1))


_BY_KEY = {row.key: row for row in INDICATORS}
