"""Periods as people type them → their first and last day (handbook §2)."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from kam_xl.core.dates import parse_date
from kam_xl.core.entries import NOTHING, read

# One separator within a date: 2023.10-12 is no day but, perhaps, three months.
_DAY = "(?:{}|{}|{}|{}|{})".format(
    *(rf"\d{{4}}\s*{mark}\s*\d{{1,2}}(?:\s*{mark}\s*\d{{1,2}})?" for mark in ("-", "/", r"\.")),
    r"\d{4}\s*年\s*\d{1,2}(?:\s*月(?:\s*\d{1,2}\s*[日号]?)?)?", r"\d{8}",
)  # fmt: skip

_SHORT_DAY = r"(?:\d{1,2}\s*(?:[-/.月]\s*\d{1,2}\s*[日号]?|月))"

_TO = r"\s*(?:至|到|~|-+>?|—+|–+|→|to|until|through)\s*"

_SPAN = re.compile(rf"^({_DAY}){_TO}({_DAY}|{_SHORT_DAY})$")

_SPAN_OF_OTHERS = re.compile(r"^(.+?)\s*(?:[至到~→—–]+|(?<!-)-++>|\s-++\s|\bto\b|\buntil\b|\bthrough\b)\s*(.+)$")

_OPEN = re.compile(
    rf"^(?:从|自|from|since)?\s*({_DAY})\s*(?:{_TO}|起|开始|以来|后)?\s*(?:今|至今|现在|目前|now|present|ongoing|today)?$"
)

_QUARTER = re.compile(r"^([1-9]\d{3})\s*(?:年)?\s*(?:q|第)?\s*([1-4一二三四])\s*(?:季度|季)?$")

_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


def parse_period(text: str) -> tuple[dt.date | None, dt.date | None, str | None]:
    """Start and end: ``2023-10-01至2024-01-01``, ``2023.10.1-12.31``, ``2023Q4``; ``至今`` leaves the end open."""
    folded = read(text)
    if folded in NOTHING:
        return None, None, None
    if match := _SPAN.match(folded):
        return _span(*match.groups())
    if match := _QUARTER.match(folded):
        quarter = _QUARTERS.get(match[2]) or int(match[2])
        return *_months(int(match[1]), quarter * 3 - 2, quarter * 3), None
    if match := _OPEN.match(folded):
        start, code = parse_date(match[1])
        return start, None, "period_open_ended" if start else code
    if match := _SPAN_OF_OTHERS.match(folded):
        return _span(*match.groups())
    return None, None, "period_unparsed"


def _span(first: str, second: str) -> tuple[dt.date | None, dt.date | None, str | None]:
    start, _ = parse_date(first)
    short = re.fullmatch(_SHORT_DAY, second)
    end, end_code = parse_date(f"{first[:4]}-{second}" if short else second)
    if end is not None and end_code == "date_month_only":
        end = end.replace(day=calendar.monthrange(end.year, end.month)[1])
    if start is None or end is None:
        return None, None, "period_unparsed"
    if end >= start:
        return start, end, None
    return start, None if short else end, "period_reversed"  # 2023.11.1-2.28 does not say which year it ends in


def _months(year: int, first: int, last: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])
