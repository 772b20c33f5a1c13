"""Days, moments and birthdays as people type them, or spreadsheets count them → dates (handbook §2)."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from kam_xl.core.entries import NOTHING, read
from kam_xl.core.texts import lowered

_YMD = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$")

_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$")

_MONTH_ONLY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")

_ROC = re.compile(r"^民国\s*(\d{2,3})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")

_DAY_FIRST = re.compile(r"^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})$")

_TIME = re.compile(
    r"[\st]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(z|am|pm|[+-]\d{2}:?\d{2})?$|\s*\(?(周|星期)[一二三四五六日天]\)?$"
)

_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")

_MONTHS = {name: n for n in range(1, 13) for name in (lowered(calendar.month_abbr[n]), lowered(calendar.month_name[n]))}

_NAMED_MONTH = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]+)|([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?),?[\s-]+(\d{4})$"
)

#: Serial numbers taken for dates: 1954 to 2119 in the 1900 system; smaller or larger numbers are no dates.
_SERIALS = range(20_000, 80_000)


def from_serial(serial: float, date1904: bool) -> dt.date | None:
    """The date of a spreadsheet serial number; None where it is no plausible date, or no number at all."""
    if not _SERIALS.start <= serial + 1462 * date1904 < _SERIALS.stop:
        return None
    return dt.date(1899, 12, 30) + dt.timedelta(days=int(serial) + 1462 * date1904)


def parse_date(text: str, date1904: bool = False) -> tuple[dt.date | None, str | None]:
    """A date in any usual form; a month alone is its first day, reported; 05/06/2023 could be two days and is unknown."""
    folded = _TIME.sub("", read(text)).strip()
    if folded in NOTHING:
        return None, None
    if _SERIAL.match(folded):
        day = from_serial(float(folded), date1904)
        return day, None if day else "date_unparsed"
    found = ((form.match(folded), meaning) for form, meaning in _DATE_FORMS)
    return next((meaning(match) for match, meaning in found if match), (None, "date_unparsed"))


def _date(year: str | int, month: str | int, day: str | int) -> tuple[dt.date | None, str | None]:
    try:
        return dt.date(int(year), int(month), int(day)), None
    except ValueError:
        return None, "date_unparsed"


def _day_or_month_first(first: str, second: str, year: str) -> tuple[dt.date | None, str | None]:
    """20/10/2023 and 10/20/2023 are one day each; 05/06/2023 is not."""
    a, b = int(first), int(second)
    if a > 12 or a == b:
        return _date(year, b, a)
    if b > 12:
        return _date(year, a, b)
    return None, "date_ambiguous"


def _first_of_month(match: re.Match) -> tuple[dt.date | None, str | None]:
    day, code = _date(match[1], match[2], 1)
    return day, code or "date_month_only"


#: How a date may be written, and what its parts mean.
_DATE_FORMS: tuple[tuple[re.Pattern, Callable[[re.Match], tuple[dt.date | None, str | None]]], ...] = (
    (_YMD, lambda match: _date(*match.groups())),
    (_COMPACT, lambda match: _date(*match.groups())),
    (_ROC, lambda match: _date(int(match[1]) + 1911, match[2], match[3])),
    (_MONTH_ONLY, _first_of_month),
    (_NAMED_MONTH, lambda match: _date(match[5], _MONTHS.get(match[2] or match[3], 0), match[1] or match[4])),
    (_DAY_FIRST, lambda match: _day_or_month_first(*match.groups())),
)

_CLOCK = re.compile(
    r"^(?P<day>|.*?[^\st])[\st]*+(?P<half>上午|下午|中午|晚上|凌晨|早上)?\s*(?P<hour>\d{1,2})\s*(?::|时|点)\s*(?:(?P<minute>\d{1,2})\s*(?:(?::|分)\s*"
    r"(?:(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?)?\s*(?P<m>am|pm|a\.m\.|p\.m\.)?$"
)

_AFTERNOON, _MORNING = {"下午", "晚上", "pm", "p.m."}, {"上午", "凌晨", "早上", "am", "a.m."}


def parse_moment(text: str, date1904: bool = False) -> tuple[dt.datetime | None, str | None]:
    """A moment: ``2026-11-20 14:30``, ``2026年11月20日 下午2点30分``, a serial number; a day alone is its midnight.

    So midnight to the second means that only the day is known. A month alone is no moment.
    """
    folded = read(text)
    if folded in NOTHING:
        return None, None
    if _SERIAL.match(folded):
        moment = moment_from_serial(float(folded), date1904)
        return moment, None if moment else "date_unparsed"
    match = _CLOCK.match(folded)
    day, code = parse_date(match["day"] if match else folded, date1904)
    if day is None or code:
        return None, "date_unparsed" if code in (None, "date_month_only") else code
    time = _time(match) if match else dt.time()
    return (None, "date_unparsed") if time is None else (dt.datetime.combine(day, time), None)


def _time(match: re.Match) -> dt.time | None:
    """The time of day a match of `_CLOCK` means; None where there is no such time."""
    hour, half = int(match["hour"]), match["half"] or match["m"]
    if half == "晚上" and hour == 12:  # is that when the day begins, or when it ends?
        return None
    if half in _AFTERNOON and hour < 12:
        hour += 12
    if half in _MORNING and hour == 12:
        hour = 0
    try:
        return dt.time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError:
        return None


def moment_from_serial(serial: float, date1904: bool) -> dt.datetime | None:
    """The moment of a spreadsheet serial number, to the second; None where it is no plausible one."""
    day = from_serial(serial, date1904)
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=round(serial % 1 * 86400))


def to_second(moment: dt.datetime) -> dt.datetime:
    """To the nearest second, which is all that fractions of a day can tell; never beyond the last year there is."""
    whole = moment.replace(microsecond=0)
    return whole if moment.microsecond < 500_000 or whole.year == dt.MAXYEAR else whole + dt.timedelta(seconds=1)


#: The year of a birthday whose year nobody typed; a leap year, so that 29 February has its place.
NO_YEAR = 1904

_MONTH_AND_DAY = re.compile(r"^-{0,2}(\d{1,2})\s*([-/.月])\s*(\d{1,2})\s*[日号]?$")

_NAMED_MONTH_AND_DAY = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]+)|([a-z]+)\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?)$"
)


def parse_birthday(text: str, date1904: bool = False) -> tuple[dt.date | None, str | None]:
    """A birthday; one without a year (``5月3日``, ``05-03``, ``May 3``) stands in the year 1904 (`NO_YEAR`)."""
    folded = read(text)
    if match := _NAMED_MONTH_AND_DAY.match(folded):
        return _date(NO_YEAR, _MONTHS.get(match[2] or match[3], 0), match[1] or match[4])
    if match := _MONTH_AND_DAY.match(folded):
        if match[2] in "月-":
            return _date(NO_YEAR, match[1], match[3])
        return _day_or_month_first(match[1], match[3], str(NO_YEAR))  # 5/3 is in May or in March
    day, code = parse_date(text, date1904)
    return (None, "date_unparsed") if code == "date_month_only" else (day, code)
