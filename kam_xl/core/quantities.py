"""Quantities told within words: how large a company is, what a strategy has brought and was to bring (handbook §2)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from kam_xl.core.amounts import UNITS, scaled
from kam_xl.core.entries import NOTHING, read
from kam_xl.core.numbers import NUMBER, to_float

_PEOPLE = r"(?:人(?!民)|名|员工|staff|people|employees|persons)"

_MONEY = r"(亿元?|千万元?|百万元?|万元?|元|x100m|x10k|m\b)"

_START = rf"(?<![\d.,])(?<!\d\s)({NUMBER})\s*"  # never in the middle of 1 000

_TO_NUMBER = rf"\s*[-~至到–—]\s*({NUMBER})\s*"

_EMPLOYEES = re.compile(rf"{_START}(?:([千万]?){_TO_NUMBER})?([千万]?)\s*(?:多|余|\+|以上)?\s*{_PEOPLE}")

_REVENUE = re.compile(rf"{_START}(?:{_MONEY}?{_TO_NUMBER})?{_MONEY}(?!\s*{_PEOPLE})")

_HEADS = {"": 1.0, "千": 1e3, "万": 1e4}


def parse_size(text: str) -> tuple[float | None, float | None, float | None, float | None, str | None]:
    """Employees low/high and revenue low/high in 万元: ``500-1000人/5-10亿元`` → (500, 1000, 50000, 100000).

    A single number is both bounds.
    """
    folded = read(text)
    if folded in NOTHING:
        return None, None, None, None, None
    people, money = _EMPLOYEES.search(folded), _REVENUE.search(folded)
    bounds = (*_bounds(people, _HEADS), *_bounds(money, UNITS))
    return *bounds, "size_unparsed" if set(bounds) == {None} else None


def _bounds(match: re.Match | None, units: Mapping[str, float]) -> tuple[float | None, float | None]:
    """Low and high out of (low, its unit, high, unit); a low bound without a unit has the high one's."""
    if not match:
        return None, None
    _, own, high, unit = match.groups()
    first = scaled(to_float(match, 1), units[own or unit])
    last = scaled(to_float(match, 3), units[unit]) if high else first
    return (first, last) if math.isfinite(first + last) else (None, None)


_MEASURE = rf"({NUMBER})(?![\d.,]*\d|\s*[-~至到]\s*\d)\s*(%|[百千]?万|亿|)"

# the first word for a target behind the last sign before the second number; (?>…) does not look for another
_EFFECT = re.compile(
    rf"(?<![\d.,])(?<!\d[-~至到]){_MEASURE}(?:\D*[+-])?(?>[^\d+-]*?(?:目标|target|goal|plan))[^\d+-]*+{_MEASURE}"
)


def parse_effect(text: str) -> tuple[float | None, float | None]:
    """Actual and target where both are stated in one unit: ``自助使用率30%，目标50%`` → (0.3, 0.5).

    An effect in words alone is fine, so there is no code.
    """
    match = _EFFECT.search(read(text))
    if not match or match[2] != match[4]:
        return None, None
    scale = 100 if match[2] == "%" else 1
    actual, target = to_float(match, 1) / scale, to_float(match, 3) / scale
    return (actual, target) if math.isfinite(actual + target) else (None, None)
