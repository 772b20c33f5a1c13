"""What a customer will order in the year to come, as far as its orders of the past tell, and how unsure that is.

A plain model, ours: days with an order come at a rate of the customer's own, each worth what those so far were worth on average.
The rate is known as well as the days there were, over the time since the first of them, silence included, tell it: a gamma
distribution whose shape is their number less the first, plus one half (Jeffreys' prior). The number of days in a year is then
negative binomial, the year's value a random sum; its mean and variance are exact, the average's own uncertainty included, and
the range is that of the log-normal distribution with this mean and variance. That a customer is lost for good is not modelled: a
long silence lowers the rate, and no more.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from kam_xl.core.order_settings import Orders
from kam_xl.core.rhythm import Intervals

_YEAR = 365.25
_PRIOR = 0.5


def next_year(
    code: np.ndarray, day: np.ndarray, amount: np.ndarray, rhythm: Intervals, rule: Orders, today: int
) -> dict[str, np.ndarray]:
    """``value_next``, ``value_low`` and ``value_high`` in 万元 by code, of customers with enough days of known worth.

    ``code``, ``day`` and ``amount`` are the days with an order.
    """
    known = ~np.isnan(amount)
    count = len(rhythm.days)
    days = np.bincount(code[known], minlength=count)
    tells = (days >= rule.value_days) & (days == rhythm.days)
    worth = np.bincount(code[known], amount[known], count) / np.maximum(days, 1)
    off = np.bincount(code[known], (amount[known] - worth[code[known]]) ** 2, count) / np.maximum(days - 1, 1)
    shape = np.maximum(days - 1, 0) + _PRIOR
    number = shape * _YEAR / np.maximum(today - rhythm.first, 1)
    number_off = number + number**2 / shape
    mean = number * worth
    variance = number * off + number_off * worth**2 + (number**2 + number_off) * off / np.maximum(days, 1)
    tells &= (mean > 0) & (variance > 0)
    wide = np.sqrt(np.log1p(np.where(tells, variance / np.where(tells, mean, 1) ** 2, 0)))
    reach = NormalDist().inv_cdf((1 + rule.value_sure) / 2) * wide
    middle = np.where(tells, mean, 1) * np.exp(-(wide**2) / 2)
    found = {"value_next": mean, "value_low": middle * np.exp(-reach), "value_high": middle * np.exp(reach)}
    return {name: np.where(tells, values, np.nan) for name, values in found.items()}
