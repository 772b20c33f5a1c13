"""Numbers and shares as people type them → the number they mean (handbook §2)."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from kam_xl.core.entries import NOTHING, read

#: ① or ² after a digit is a note; folded to half width it would become one more digit.
NOTED = re.compile(r"\d\s*[²³¹⁰-⁹₀-₉①-⑳❶-❿➀-➓㉑-㊿]")

# ++ and *+ never give back what they took: a run of digits is tried once, not once for each of its beginnings
NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?(?:e[+-]?\d++)?"


def to_float(match: re.Match, group: int | str) -> float:
    """The number that a group of a match holds, its thousands' commas dropped."""
    return float(match[group].replace(",", ""))


def finite(number: float, code: str) -> tuple[float | None, str | None]:
    """The number as a reading; 1e999, or four hundred digits, is more than any cell can hold and unknown."""
    return (number, None) if math.isfinite(number) else (None, code)


_DIGITS_HELD = 15  # of a number, by a spreadsheet; what it shows behind them are noughts


def number_text(number: float) -> str:
    """A number as a text, in full and never in E-notation, with the 15 digits a spreadsheet holds: 6.9e12 → 6900000000000."""
    text = f"{number + 0:.{_DIGITS_HELD}g}"  # a negative nought is none
    return format(Decimal(text), "f") if "e" in text else text


def money_text(number: float) -> str:
    """An amount of 万 as people write it in full: 1.2 → 12,000; of its cents no more than there are."""
    whole, _, cents = f"{number * 10_000 + 0:,.2f}".partition(".")
    return f"{whole}.{cents}".removesuffix(".00")


#: The unit a column is in → the units that may be typed behind a number, each as so many of it.
_SPANS = {
    "年": {"年": 1, "周年": 1, "year": 1, "years": 1, "yr": 1, "yrs": 1, "个月": 1 / 12, "月": 1 / 12, "month": 1 / 12, "months": 1 / 12},
}  # fmt: skip

_COUNTED = {"个": 1, "项": 1, "条": 1, "分": 1, "级": 1, "points": 1, "pts": 1}

_NUMBER_AND_UNIT = re.compile(rf"^({NUMBER})\s*([^\d\s]*)$")


def parse_number(text: str, unit: str | None = None) -> tuple[float | None, str | None]:
    """A number, with or without the unit of its column: ``6.5``, ``1,200``, ``6年``, ``18个月`` below 年 → 1.5."""
    folded = read(text)
    if folded in NOTHING:
        return None, None
    match = _NUMBER_AND_UNIT.match(folded)
    known = {"": 1} | (_SPANS[unit] if unit else _COUNTED)
    if not match or match[2] not in known or NOTED.search(text):
        return None, "number_unparsed"
    return finite(to_float(match, 1) * known[match[2]], "number_unparsed")


_PERCENT = re.compile(rf"^({NUMBER})\s*(%|percent|pct)$")


def parse_share(text: str, percent: bool = False) -> tuple[float | None, str | None]:
    """A share as a fraction: ``8%`` → 0.08, ``0.08`` → 0.08; a bare 8 may be 8% or 800% and is unknown.

    Below a header that names % (`percent`) a bare 8 is 8%, and it is 0.5 that could be two things.
    """
    folded = read(text)
    if match := _PERCENT.match(folded):
        return finite(to_float(match, 1) / 100, "number_unparsed")
    number, code = parse_number(folded)
    return (None, code) if number is None else bare_share(number, percent)


def bare_share(number: float, percent: bool) -> tuple[float | None, str | None]:
    """A number without a % sign as a fraction; see `parse_share`."""
    if number == 0:
        return 0.0, None
    if (abs(number) >= 1) != percent:
        return None, "share_ambiguous"
    return (number / 100 if percent else number), None
