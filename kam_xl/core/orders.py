"""What a customer's orders tell of it: amounts, rhythm, the order to come, the year against the one before, trend, margin.

An order is a line of the sheet Orders, or several of one number; lines without a number are one order a day. A line below 0 is
a return: it lowers amounts, and is no order. A year is the twelve months up to the day that counts, the year before the twelve
before these. What would rest on an amount that is unknown is unknown. Amounts are in 万元, as everywhere.

All is counted in columns over lines sorted by customer and day: a million lines take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.editions import edition
from kam_xl.core.order_settings import Orders
from kam_xl.core.order_value import next_year
from kam_xl.core.rhythm import Intervals, fresh_days, rhythms
from kam_xl.core.trends import falls_or_rises

FIGURES = frames.ADDED["orders"]
#: Months of a year, of which the trend is told.
_MONTHS = 12
_EPOCH = np.datetime64("1970-01-01", "D")


class Lines(NamedTuple):
    """The lines of orders that have a customer and a day, sorted by these; `day` counts from 1970."""

    code: np.ndarray  # the place of the customer among those asked about
    day: np.ndarray
    amount: np.ndarray
    profit: np.ndarray  # what is left of it, by the profit on record or the cost
    bought: np.ndarray  # False for returns
    order: np.ndarray  # lines of one order of a customer have the same number
    size: int  # how many customers
    undated: np.ndarray  # True for customers with an order of which nobody knows the day: it may be of any year

    def summed(self, values: np.ndarray, where: np.ndarray) -> np.ndarray:
        """The sum of some lines' values by customer; unknown ones count nothing."""
        return np.bincount(self.code[where], np.nan_to_num(values[where]), self.size)

    def counted(self, where: np.ndarray) -> np.ndarray:
        """How many lines each customer has of some."""
        return np.bincount(self.code[where], minlength=self.size)

    def within(self, after: pd.Timestamp, until: pd.Timestamp) -> np.ndarray:
        """The lines after one day, up to another."""
        return (self.day > _number(after)) & (self.day <= _number(until))


def _number(day: pd.Timestamp) -> int:
    return int((day.to_datetime64().astype("datetime64[D]") - _EPOCH).astype("int64"))


def lines(orders: pd.DataFrame, customer_id: pd.Series) -> Lines:
    """The lines of these customers' orders, sorted."""
    code = pd.Index(customer_id).get_indexer(pd.Index(orders["customer_id"]))
    day = orders["ordered_on"].to_numpy("datetime64[D]")
    known = np.flatnonzero((code >= 0) & ~np.isnat(day))
    at = known[np.lexsort((day[known], code[known]))]
    amount, cost, profit = (orders[name].to_numpy("float64")[at] for name in ("amount", "cost", "profit"))
    number, _ = pd.factorize(orders["order_no"].iloc[at])
    days = (day[at] - _EPOCH).astype("int64")
    own = np.where(number >= 0, number + 1, -days - 1_000_000)  # a line without a number is of its day's order
    return Lines(code[at], days, amount, np.where(np.isnan(profit), amount - cost, profit), ~(amount < 0), own,
                 len(customer_id), np.bincount(code[(code >= 0) & np.isnat(day)], minlength=len(customer_id)) > 0)  # fmt: skip


def figures(
    orders: pd.DataFrame, customers: pd.DataFrame, rule: Orders, today: pd.Timestamp, since: Mapping[str, pd.Timestamp]
) -> pd.DataFrame:
    """What the orders tell of each customer (`FIGURES`), beside ``customers`` (customer_id, last_deal); unknown where there are none.

    ``since`` is from when on orders are known at all, by workbook (`reach`).
    """
    every = lines(orders, customers["customer_id"])
    bought = every.bought
    rhythm = rhythms(every.code[bought], every.day[bought], every.size)
    found = _amounts(every, rhythm) | _next(rhythm, customers["last_deal"], rule, today)
    found |= _years(every, today, _full_years(orders, customers["customer_id"], rule, today, since), rhythm)
    found |= _margin(every, rule, today) | _trend(every, rhythm, rule, today)
    found |= next_year(*_of_days(every), rhythm, rule, _number(today))
    there = np.bincount(every.code, minlength=every.size) > 0
    told = frames.typed(pd.DataFrame(found, index=customers.index)[there].reindex(customers.index), FIGURES)
    return (
        told.assign(**{name: told[name].mask(every.undated) for name in _OF_ALL_DAYS}) if every.undated.any() else told
    )


#: What is unknown of a customer with an order on a day that nobody knows.
_OF_ALL_DAYS = (
    "order_days_year", "order_days_before", "amount_year", "amount_before", "growth", "best_share", "next_order", "order_late",
    "order_overdue", "trend", "margin",
)  # fmt: skip


def _amounts(every: Lines, rhythm: Intervals) -> dict[str, np.ndarray]:
    """All that was ordered: amount, lines of which it is unknown, orders, days with an order, the first and the last."""
    whole, unknown = np.ones(len(every.code), bool), np.isnan(every.amount)
    pairs = pd.DataFrame({"code": every.code[every.bought], "order": every.order[every.bought]}).drop_duplicates()
    some = every.counted(~unknown) > 0
    return {
        "orders_amount": np.where(some, every.summed(every.amount, whole), np.nan),
        "orders_gaps": every.counted(unknown).astype("float64"),
        "order_count": np.bincount(pairs["code"], minlength=every.size).astype("float64"),
        "order_days": rhythm.days.astype("float64"),
        "first_order": _day(rhythm.first, rhythm.days > 0),
        "last_order": _day(rhythm.last, rhythm.days > 0),
    }


def _day(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Days out of numbers, unknown where they are not known."""
    days = _EPOCH + np.where(known, np.nan_to_num(numbers), 0).astype("int64").astype("timedelta64[D]")
    return np.where(known, days, np.datetime64("NaT")).astype("datetime64[s]")


def _next(rhythm: Intervals, last_deal: pd.Series, rule: Orders, today: pd.Timestamp) -> dict[str, np.ndarray]:
    """The rhythm, the day of the next order where there is one to go by, and how many days past it we are, if at all.

    A deal on record that is later than the last order tells of an order that is not in the list: it counts as the last. An
    order is late once so many times the usual interval has passed, and more than that interval and its spread.
    """
    steady = (rhythm.days >= rule.rhythm_days) & (rhythm.spread <= rule.spread_at_most * rhythm.median)
    deal = last_deal.to_numpy("datetime64[D]")
    told = np.where(np.isnat(deal), rhythm.last, (deal - _EPOCH).astype("int64"))
    last = np.maximum(rhythm.last, told)
    waited = _number(today) - last
    due = last + np.floor(np.nan_to_num(rhythm.median) + 0.5)
    limit = np.maximum(rule.late_factor * rhythm.median, rhythm.median + rhythm.spread)
    return {
        "rhythm": rhythm.median,
        "rhythm_spread": rhythm.spread,
        "next_order": _day(due, steady),
        "order_late": np.where(steady, np.maximum(_number(today) - due, 0), np.nan),
        "order_overdue": steady & (waited > np.nan_to_num(limit, nan=np.inf)),
    }


# --- years ---------------------------------------------------------------------------------------------------------


def reach(orders: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Workbook → the first day of which any order of it, or of its other editions (one a month), tells."""
    if orders.empty:
        return {}
    first = orders.groupby("book")["ordered_on"].min()
    stems = first.index.map(lambda book: edition(book).stem)
    known = first.groupby(stems).transform("min").dropna()
    return {str(book): day for book, day in known.items()}


def known_from(
    orders: pd.DataFrame, customer_id: pd.Series | pd.Index, since: Mapping[str, pd.Timestamp]
) -> np.ndarray:
    """From when on all orders of each customer are known: of several workbooks the latest; unknown where it has none."""
    known = orders["book"].map(since).astype("datetime64[s]").groupby(orders["customer_id"]).max()
    return known.reindex(customer_id).to_numpy()


def _full_years(
    orders: pd.DataFrame, customer_id: pd.Series, rule: Orders, today: pd.Timestamp, since: Mapping[str, pd.Timestamp]
) -> np.ndarray:
    """How many whole years back from today all orders of each customer are known; one less than are told of."""
    began = known_from(orders, customer_id, since).astype("datetime64[D]")
    years = np.zeros(len(began), "int64")
    for back in range(1, _YEARS):
        start = (today - pd.DateOffset(years=back) + pd.Timedelta(days=rule.reach_days)).to_datetime64()
        years = np.where(began <= start.astype("datetime64[D]"), back, years)
    return years


#: Years that are looked back on, one after another.
_YEARS = 11


def _years(every: Lines, today: pd.Timestamp, full: np.ndarray, rhythm: Intervals) -> dict[str, np.ndarray]:
    """Days and amounts of the year and the one before, growth, and the year as a share of the customer's own best."""
    ends = [today - pd.DateOffset(years=back) for back in range(_YEARS)]
    amounts: list[np.ndarray] = []
    gaps: list[np.ndarray] = []
    days: list[np.ndarray] = []
    for start, end in zip(ends[1:], ends[:-1], strict=True):
        inside = every.within(start, end)
        amounts.append(every.summed(every.amount, inside))
        gaps.append(every.counted(inside & np.isnan(every.amount)) > 0)
        if len(days) < 2:
            days.append(_days_in(every, inside & every.bought))
    year, before = (np.where(full > back, amounts[back], np.nan) for back in (0, 1))
    year, before = np.where(gaps[0], np.nan, year), np.where(gaps[1], np.nan, before)
    young = _number(today) - rhythm.first
    several = (full >= 2) & (young > 365)
    best = np.max([np.where((full > back) & ~gaps[back], amounts[back], -np.inf) for back in range(_YEARS - 1)], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(before > 0, year / before - 1, np.nan)
        share = np.where(several & (best > 0), year / best, np.nan)
    return {
        "order_days_year": np.where(full > 0, days[0], np.nan),
        "order_days_before": np.where(full > 1, days[1], np.nan),
        "amount_year": year,
        "amount_before": before,
        "growth": growth,
        "best_share": share,
    }


def _days_in(every: Lines, where: np.ndarray) -> np.ndarray:
    """On how many days each customer ordered."""
    code, day = every.code[where], every.day[where]
    return np.bincount(code[fresh_days(code, day)], minlength=every.size).astype("float64")


def _margin(every: Lines, rule: Orders, today: pd.Timestamp) -> dict[str, np.ndarray]:
    """What is left of each 万元 of the year, where cost or profit of most of it is known."""
    year = every.within(today - pd.DateOffset(years=1), today)
    known = year & ~np.isnan(every.profit) & ~np.isnan(every.amount)
    of_known, of_all = every.summed(every.amount, known), every.summed(every.amount, year)
    enough = (of_known > 0) & (of_known >= rule.margin_known * of_all)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"margin": np.where(enough, every.summed(every.profit, known) / of_known, np.nan)}


def monthly(every: Lines, today: pd.Timestamp, months: int = _MONTHS) -> np.ndarray:
    """Customers × the last ``months`` months, the earliest first: their amounts; a month ends on the day of today's number."""
    ends = np.array([_number(today - pd.DateOffset(months=back)) for back in range(months, -1, -1)])
    month = np.searchsorted(ends, every.day, side="left") - 1
    inside = (month >= 0) & (month < months)
    place = every.code[inside] * months + month[inside]
    flat = np.bincount(place, np.nan_to_num(every.amount[inside]), every.size * months)
    return flat.reshape(every.size, months)


def _trend(every: Lines, rhythm: Intervals, rule: Orders, today: pd.Timestamp) -> dict[str, np.ndarray]:
    """Whether the twelve months rise or fall beyond chance, of customers who were there all the while."""
    year = every.within(today - pd.DateOffset(years=1), today)
    days = _days_in(every, year & every.bought)
    gaps = every.counted(year & np.isnan(every.amount)) > 0
    there = rhythm.first <= _number(today - pd.DateOffset(years=1)) + rule.reach_days
    tells = (days >= rule.trend_days) & there & ~gaps & (rhythm.days > 0)
    trend = np.full(every.size, None, dtype=object)
    trend[tells] = falls_or_rises(monthly(every, today)[tells], rule.trend_sure)
    return {"trend": trend}


def _of_days(every: Lines) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Code, day and amount of each day with an order, returns of the day taken off; unknown where any amount of it is."""
    fresh = np.flatnonzero(fresh_days(every.code, every.day))
    if not len(fresh):
        return every.code[:0], every.day[:0], every.amount[:0]
    bought = np.logical_or.reduceat(every.bought, fresh)
    amount = np.add.reduceat(every.amount, fresh)
    return every.code[fresh][bought], every.day[fresh][bought], amount[bought]
