"""What each indicator measures, one function each: (view, indicator) → actual and counted by team (handbook §9).

Amounts in the sheets are cumulative, so the amount of a period is the difference between two days, and its growth needs
three: today, one period ago, two periods ago.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import service, strategies
from kam_xl.core.indicator_view import Crowd, Indicator, IndicatorView, less, nothing_measured, ratio, ratio_of_rows

LOST = "lost"  # the lifecycle of a customer that has gone


def retention(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Of the customers a period ago that were not lost then, the share that is neither lost nor gone now."""
    then = view.then(row.period)
    state = view.aligned("lifecycle", then)
    stayed = (state != LOST).astype("float64").where(state.notna()).mask(then["gone"] == 1, 0.0)
    counts = then["lifecycle"].notna() & (then["lifecycle"] != LOST)
    return ratio(view.crowd_then(row.period), stayed.where(counts & _of_tier(then["tier"], row)))


def churn(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """What `retention` lacks to the whole."""
    kept = retention(view, row)
    return kept.assign(actual=1 - kept["actual"])


def execution(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Of the strategies that were due in the quarter, cancelled ones left out, the share that is done."""
    rows = strategies.finished(view.portfolio.tracking, view.policy, view.today)
    rows = rows[rows["ended"] & rows["status"].notna()]
    return ratio_of_rows(rows, rows["status"] == "done")


def satisfaction(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """The mean of each customer's latest survey in the period."""
    mark = _in_period(view, row, view.now["satisfaction"], view.now["satisfaction_on"])
    return ratio(view.crowd, mark.where(_of_tier(view.now["computed_tier"], row)))


def nps(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Promoters less detractors (−100..100) among each customer's latest answer in the period."""
    answer = _in_period(view, row, view.now["nps"], view.now["nps_on"])
    every = pd.Series(answer.to_numpy()[view.crowd.place]).groupby(view.crowd.teams[view.crowd.team])
    return pd.DataFrame({"actual": every.agg(lambda some: service.nps(some, view.policy)), "counted": every.count()})


def _in_period(view: IndicatorView, row: Indicator, answer: pd.Series, on: pd.Series) -> pd.Series:
    return answer.where(on >= view.start(row.period))


def _of_tier(tier: pd.Series, row: Indicator) -> pd.Series:
    """Which customers an indicator is about; all of them where it names no tier."""
    return pd.Series(True, index=tier.index) if row.tier is None else tier == row.tier


def high_value_rise(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """The share of high-value customers tonight less their share a period ago, among customers with a tier."""
    high = view.policy.targets.high_value
    tier, before = view.now["computed_tier"], view.then(row.period)["tier"]
    now = ratio(view.crowd, tier.isin(high).where(tier.notna()))
    then = ratio(view.crowd_then(row.period), before.isin(high).where(before.notna()))
    return less(now, then)


def tier_share(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """The share of one tier among the customers with a tier, tonight."""
    tier = view.now["computed_tier"]
    return ratio(view.crowd, (tier == row.tier).where(tier.notna()))


def amount_growth(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """How much more amount the same customers brought in this period than in the one before, as a fraction."""
    latest, before, crowd = _amounts(view, row)
    grown = ratio(crowd, latest, before)
    return grown.assign(actual=grown["actual"] - 1)


def repurchase_rise(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """The share of customers that bought in this period less the share that did in the one before."""
    latest, before, crowd = _amounts(view, row)
    return less(ratio(crowd, _flag(latest > 0, latest)), ratio(crowd, _flag(before > 0, before)))


def _amounts(view: IndicatorView, row: Indicator) -> tuple[pd.Series, pd.Series, Crowd]:
    """The amounts of this period and of the one before, of the customers known on all three days; and who is whose.

    A customer for which fewer teams state an amount than before is left out: what is missing must not pass for a fall.
    """
    then, earlier = (view.then(period) for period in row.back)
    days_known = pd.DataFrame(
        {
            "now": view.aligned("amount", then),
            "then": then["amount"],
            "earlier": earlier["amount"].reindex(then.index),
            "parts": view.aligned("amount_parts", then),
            "parts_then": then["amount_parts"],
            "parts_earlier": earlier["amount_parts"].reindex(then.index),
        }
    ).astype("float64")
    fewer = (days_known["parts"] < days_known["parts_then"]) | (days_known["parts_then"] < days_known["parts_earlier"])
    rows = days_known.where(~fewer & days_known[["now", "earlier"]].notna().all(axis=1) & _of_tier(then["tier"], row))
    return rows["now"] - rows["then"], rows["then"] - rows["earlier"], view.crowd_then(row.back[0])


def _flag(flag: pd.Series, known: pd.Series) -> pd.Series:
    return flag.astype("float64").where(known.notna())


def conversion(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Of the customers of one tier a period ago, the share that is of high value now; one that is gone is not."""
    then = view.then(row.period)
    tier = view.aligned("computed_tier", then)
    converted = _flag(tier.isin(view.policy.targets.high_value), tier).mask(then["gone"] == 1, 0.0)
    return ratio(view.crowd_then(row.period), converted.where(_of_tier(then["tier"], row)))


def renewal(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Of the renewals due in the period, the share that was won; one that is open past its date is not won."""
    rows = view.portfolio.renewals
    due = (rows["renewal_date"] >= view.start(row.period)) & (rows["renewal_date"] < view.today)
    rows = rows[(rows["kind"] == "renewal") & due & rows["stage"].notna()]
    return ratio_of_rows(rows, rows["stage"] == "won")


def depth(view: IndicatorView, _row: Indicator) -> pd.DataFrame:
    """The mean number of products a customer has."""
    return ratio(view.crowd, view.now["product_count"])


def visits(view: IndicatorView, _row: Indicator) -> pd.DataFrame:
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
    return ratio(view.crowd, on_time.astype("float64").where(measurable))


def response(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Of the cases reported in the period whose response is decided, the share answered within the limit."""
    rows = view.cases
    reported = (rows["reported"] >= view.start(row.period)) & rows["response_state"].isin(["met", "breached"])
    rows = rows[reported]
    return ratio_of_rows(rows, rows["response_state"] == "met")


def not_recorded(_view: IndicatorView, _row: Indicator) -> pd.DataFrame:
    """What the sheets hold no data for."""
    return nothing_measured()
