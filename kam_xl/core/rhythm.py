"""How often something happens to each of many, by the days on which it did: the median interval, and how far intervals lie apart.

The spread is the standard deviation of the intervals there are (of all of them, not of a sample). Days are numbers; the same
day twice is one day.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Intervals(NamedTuple):
    """By code: how many days there are, the first and the last, the median interval between neighbours and its spread, in days.

    First and last are 0 where there is no day; the median is NaN where there is no interval, the spread where there is one alone.
    """

    days: np.ndarray
    first: np.ndarray
    last: np.ndarray
    median: np.ndarray
    spread: np.ndarray


def rhythms(codes: np.ndarray, days: np.ndarray, count: int) -> Intervals:
    """The rhythm of each of ``count`` codes (0 …); ``codes`` and ``days`` (whole numbers) are sorted by code, then day."""
    fresh = fresh_days(codes, days)
    codes, days = codes[fresh], days[fresh]
    number = np.bincount(codes, minlength=count)
    ends = np.cumsum(number)
    there = number > 0
    first, last = np.zeros(count, "int64"), np.zeros(count, "int64")
    first[there], last[there] = days[(ends - number)[there]], days[ends[there] - 1]
    same = codes[1:] == codes[:-1]
    return Intervals(number, first, last, *_middle(codes[1:][same], np.diff(days)[same], count))


def fresh_days(codes: np.ndarray, days: np.ndarray) -> np.ndarray:
    """True where a day of a code stands for the first time; both are sorted by code, then day."""
    return np.r_[True, (codes[1:] != codes[:-1]) | (days[1:] != days[:-1])][: len(codes)]


def _middle(codes: np.ndarray, gaps: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The median of each code's gaps and their spread."""
    order = np.lexsort((gaps, codes))
    gaps = gaps[order].astype("float64")
    number = np.bincount(codes, minlength=count)
    start = np.cumsum(number) - number
    there = number > 0
    median, spread = np.full(count, np.nan), np.full(count, np.nan)
    low, high = start + (number - 1) // 2, start + number // 2
    median[there] = (gaps[low[there]] + gaps[high[there]]) / 2
    mean = np.bincount(codes, gaps, count)[there] / number[there]
    means = np.zeros(count)
    means[there] = mean
    off = (gaps - means[codes]) ** 2  # the codes are sorted as the gaps are
    several = number > 1
    spread[several] = np.sqrt(np.bincount(codes, off, count)[several] / number[several])
    return median, spread
