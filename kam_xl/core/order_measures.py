"""What the indicators measure where teams keep orders, one function each: no snapshot is needed, for orders have their days (§9)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import orders
from kam_xl.core.indicator_view import Indicator, IndicatorView, less, ratio

#: Period of an indicator → the months of one of its two spans, which follow each other up to tonight.
_MONTHS = {"quarter": 3, "half": 6, "year": 12}


def growth(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """How much more the same customers ordered in this period than in the one before, as a fraction."""
    latest, before = _amounts(view, row)
    grown = ratio(view.crowd, latest, before)
    return grown.assign(actual=grown["actual"] - 1)


def repurchase_rise(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """The share of customers that ordered in this period less the share that did in the one before."""
    latest, before = (bought.gt(0).astype("float64").where(bought.notna()) for bought in _amounts(view, row))
    return less(ratio(view.crowd, latest), ratio(view.crowd, before))


def retention(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """Of the customers who were not lost when the period began, by their orders, the share that is not lost tonight."""
    lost = pd.Timedelta(days=view.policy.lifecycle.lost_days)
    start = view.today - pd.DateOffset(months=_MONTHS[row.period])
    every = view.order_lines
    had, has = (_counted(every, day - lost, day) > 0 for day in (start, view.today))
    told = (_known_from(view) <= (start - lost).to_datetime64()) & ~every.undated
    return ratio(view.crowd, _of_tier(view, row, np.where(told & had, has.astype("float64"), np.nan)))


def churn(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """What `retention` lacks to the whole."""
    kept = retention(view, row)
    return kept.assign(actual=1 - kept["actual"])


def value_growth(view: IndicatorView, row: Indicator) -> pd.DataFrame:
    """How much more a year of the same customers is expected to be worth tonight than a year ago (`order_value`)."""
    now, rule = view.now, view.policy.orders
    then = view.today - pd.DateOffset(years=1)
    listed = now.index.to_series().reset_index(drop=True)
    past = view.portfolio.orders[view.portfolio.orders["ordered_on"] <= then]
    no_deal = pd.Series(pd.NaT, listed.index, dtype="datetime64[s]")
    asked = pd.DataFrame({"customer_id": listed, "last_deal": no_deal})
    before = orders.figures(past, asked, rule, then, {})["value_next"].set_axis(now.index)
    grown = ratio(view.crowd, now["value_next"], before)
    return grown.assign(actual=grown["actual"] - 1)


def _amounts(view: IndicatorView, row: Indicator) -> tuple[pd.Series, pd.Series]:
    """What each customer ordered in this period and in the one before; unknown where not all of both is known."""
    every = view.order_lines
    months = _MONTHS[row.period]
    ends = [view.today - pd.DateOffset(months=months * back) for back in range(3)]
    spans = [every.within(start, end) for start, end in zip(ends[1:], ends[:-1], strict=True)]
    gaps = every.counted(np.isnan(every.amount) & (spans[0] | spans[1])) > 0
    reach = ends[2] + pd.Timedelta(days=view.policy.orders.reach_days)
    told = (_known_from(view) <= reach.to_datetime64()) & ~gaps & ~every.undated
    latest, before = (np.where(told, every.summed(every.amount, span), np.nan) for span in spans)
    return _of_tier(view, row, latest), _of_tier(view, row, before)


def _known_from(view: IndicatorView) -> np.ndarray:
    """From when on all orders of each customer are known; never, where there are none."""
    found = orders.known_from(view.portfolio.orders, view.now.index, view.orders_reach)
    return np.where(np.isnat(found), np.datetime64("9999-01-01"), found)


def _counted(every: orders.Lines, after: pd.Timestamp, until: pd.Timestamp) -> np.ndarray:
    return every.counted(every.within(after, until) & every.bought)


def _of_tier(view: IndicatorView, row: Indicator, values: np.ndarray) -> pd.Series:
    """A figure beside tonight's customers, of those of whom the indicator is."""
    found = pd.Series(values, view.now.index)
    return found if row.tier is None else found.where(view.now["computed_tier"] == row.tier)
