"""What a workbook's file name says about the version it is: a date, a number, "final", "old", a copy; and what is left.

``华东/客户台账_202609（最终版） - 副本.xlsx`` is 华东/客户台账 of September 2026, the final one. Folders speak too, the file's
own name first.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kam_xl.core.texts import essence, lowered, simplified

Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Period:
    """A day, week, month, quarter, half-year or year, maybe of an unknown year."""

    year: int | None = None
    months: tuple[int, int] = (1, 12)  # first and last
    day: int | None = None
    week: int | None = None

    @property
    def is_year(self) -> bool:
        """True for a year and nothing closer."""
        return (self.months, self.week) == ((1, 12), None)

    def span(self, year: int) -> Span | None:
        """Its first and last day in a year; None where there is no such day."""
        try:
            if self.week:
                return dt.date.fromisocalendar(year, self.week, 1), dt.date.fromisocalendar(year, self.week, 7)
            first, last = self.months
            if self.day:
                return dt.date(year, first, self.day), dt.date(year, first, self.day)
            return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])
        except ValueError:
            return None


@dataclass(frozen=True)
class Edition:
    """What one name says; versions of one book share the `stem`."""

    stem: str
    periods: tuple[Period, ...] = ()  # of the file's own name, else of the nearest folder that has any
    year: int | None = None  # the latest one named anywhere
    finality: int = 0  # -1 old, or a draft · 1 final, or latest
    number: tuple[int, ...] = (1,)  # v2.1 is (2, 1); one without a number is the first

    def span(self, near: dt.date, saved: dt.date | None = None) -> Span | None:
        """First and last day of the latest period.

        Where no year is named it is in the one that brings it next to `near`, and begins no later than the file was saved.
        """
        spans = (_placed(period, period.year or self.year, near, saved) for period in self.periods)
        return max(filter(None, spans), key=lambda span: span[::-1], default=None)


def _placed(period: Period, year: int | None, near: dt.date, saved: dt.date | None) -> Span | None:
    years = [year] if year else [near.year - 1, near.year, near.year + 1]
    spans = [span for one in years if (span := period.span(one))]
    begun = [span for span in spans if saved is None or span[0] <= saved]
    return min(begun or spans, key=lambda span: abs(span[1] - near), default=None)


def path(name: str) -> str:
    """A workbook's relative path without what its format is."""
    return name.rpartition(".")[0] or name


def edition(name: str) -> Edition:
    """What a workbook's relative path says."""
    places = [_place(simplified(part)) for part in path(name).split("/")]
    speaking = [place.periods for place in reversed(places) if place.periods]
    closer = [found for periods in speaking if (found := tuple(one for one in periods if not one.is_year))]
    return Edition(
        stem="/".join(place.stem for place in places if place.stem),
        periods=next(iter(closer or speaking), ()),
        year=max((period.year for periods in speaking for period in periods if period.year), default=None),
        finality=min((place.finality for place in places if place.finality), default=0),
        number=max((place.number for place in places), default=(1,)),
    )


class _Place(NamedTuple):
    """One file name or folder, taken apart: what is left of it, and what its marks say."""

    stem: str
    periods: tuple[Period, ...]
    finality: int
    number: tuple[int, ...]


def _place(text: str) -> _Place:
    numbers, text = _taken(text, _NUMBERS)
    finals, text = _taken(text, _FINAL)
    olds, text = _taken(text, _OLD)
    _, text = _taken(text, _COPY)
    dates, text = _taken(text, _PERIODS)
    counted = [_number(found["n"]) for found in numbers + finals if found["n"]]
    return _Place(
        stem=essence(text),
        periods=tuple(_period(**found.groupdict()) for found in dates),
        finality=-1 if olds else 1 if finals else 0,
        number=max([(1,), *counted]),
    )


def _taken(text: str, patterns: Iterable[re.Pattern]) -> tuple[list[re.Match], str]:
    """What the patterns find one after the other, each in what those before have left; and what is left at the end."""
    found: list[re.Match] = []
    for pattern in patterns:
        found += pattern.finditer(text)
        text = pattern.sub(" ", text)
    return found, text


def _number(text: str) -> tuple[int, ...]:
    return tuple(_NUMERALS.get(part) or int(part) for part in text.split("."))


def _period(
    y: str | None = None, m: str | None = None, d: str | None = None, h: str | None = None, q: str | None = None,
    w: str | None = None, name: str | None = None,
) -> Period:  # fmt: skip
    """A period out of its parts: year, month, day, half-year, quarter, week, name of the month."""
    year = 2000 + int(y) % 100 if y else None
    if w:
        return Period(year, week=int(w))
    if q:
        last = 3 * _number(q)[0]
        return Period(year, (last - 2, last))
    if h:
        return Period(year, (1, 6) if h in "上1" else (7, 12))
    month = _number(m)[0] if m else _MONTHS.index(name) + 1 if name else None
    return Period(year, (month, month) if month else (1, 12), int(d) if d else None)


_NUMERALS = {text: number for number, text in enumerate("一二三四五六七八九十", start=1)} | {"十一": 11, "十二": 12}
_MONTHS = [lowered(name) for name in calendar.month_abbr[1:]]


def _patterns(*texts: str) -> tuple[re.Pattern, ...]:
    return tuple(map(re.compile, texts))


_N = r"(?P<n>\d{1,3}(?:\.\d{1,3})*)"
_AGAIN = r"(?:[-_ ]?(?P<n>\d{1,2})(?![\d.年月-]))?"  # 最终版2
_NUMBERS = _patterns(
    rf"(?<![a-z])(?:v|ver|version|rev|版本)[-_. ]?{_N}(?!\d)", rf"第?{_N}版", r"第(?P<n>[一二三四五六七八九十])版"
)
_FINAL = _patterns(
    rf"(?:真的?)?(?:(?:最?终|最新|更新|定|新)(?:版本?|稿)|最终|最新|更新后?|(?<![^\W_])新(?![^\W_])){_AGAIN}",
    rf"(?<![a-z])(?:final|latest|newest|new|updated?)(?![a-z]){_AGAIN}",
)
_OLD = _patterns(
    r"[旧老](?:版本?|文件|数据|资料)|(?<![^\W_])旧(?![^\W_])|历史版本?|备份|归档|存档|作废|废弃|初稿|草稿",
    r"(?<![a-z])(?:old|backup|bak|archived?|drafts?|obsolete|outdated)(?![a-z])",
)
_COPY = _patterns(r"(?:副本|复件|拷贝|(?<![a-z])copy(?: of)?(?![a-z]))(?: ?\d{1,3}(?!\d))?", r"\(\d{1,3}\)")

_GAP = r"[-._年 ]"
_Y = r"(?<!\d)(?P<y>20\d\d|\d\d(?=年))"
_MAYBE_Y = rf"(?:{_Y}{_GAP}*)?"
_M, _D = r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
_MMDD = r"(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
_NAMED = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*"
#: How a name may state a date, the closest first, for each takes what it finds away from those after.
_PERIODS = _patterns(
    rf"(?<!\d)(?P<y>20\d\d){_MMDD}",
    rf"{_Y}{_GAP}+{_M}[-._月 ]+{_D}(?![\d月])[日号]?",
    rf"{_MAYBE_Y}(?P<h>[上下])半年",
    rf"{_MAYBE_Y}(?<![a-z])h(?P<h>[12])(?![a-z\d])",
    rf"{_MAYBE_Y}(?<![a-z])q(?P<q>[1-4])(?![a-z\d])",
    rf"{_MAYBE_Y}第?(?P<q>[1-4一二三四])季度?",
    rf"{_MAYBE_Y}第?(?<!\d)(?P<w>\d{{1,2}})周",
    rf"{_MAYBE_Y}(?<![a-z])(?:week|wk|w)[-_. ]?(?P<w>\d{{1,2}})(?![a-z\d])",
    rf"{_Y}{_GAP}*{_NAMED}",
    rf"(?<![a-z]){_NAMED}{_GAP}*(?P<y>20\d\d)(?!\d)",
    r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?!\d)",
    rf"{_Y}{_GAP}+{_M}(?!\d)月?份?[底末初]?",
    rf"(?<!\d)(?P<y>2\d){_MMDD}",
    rf"(?<!\d){_M}月份?[底末初]?(?:{_D}[日号])?",
    r"(?P<m>十[一二]?|[一二三四五六七八九])月份?",
    rf"(?<![a-z\d]){_MMDD}",
    rf"(?<![a-z\d.-]){_M}[.-]{_D}(?![a-z\d.-])",
    rf"{_Y}(?!\d)年?度?",
)
