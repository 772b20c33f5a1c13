"""What people type in a cell → the value they mean, or the reason why it cannot be known (handbook §2).

Every ``parse_…`` takes one text and returns a tuple whose last item is None or the code of a finding. A value that
could mean two things is unknown with a finding, never a guess.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from kam_xl.core.sheets import heading
from kam_xl.core.texts import narrow, normal, simplified

#: Typed in place of "nothing": the cell counts as blank.
NOTHING = frozenset({
    "", "\x00", "-", "--", "—", "——", "–", "/", "\\", "无", "暂无", "没有", "無", "暫無", "沒有", "空", "nan", "null", "none", "n/a", "na", "nil", "#n/a",
})  # fmt: skip

#: What a text starts with that a spreadsheet would take for a formula.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")

#: ① or ² after a digit is a note; folded to half width it would become one more digit.
_NOTED = re.compile(r"\d\s*[²³¹⁰-⁹₀-₉①-⑳❶-❿➀-➓㉑-㊿]")


def is_nothing(text: str) -> bool:
    """True for blanks and for the words people type instead of leaving a cell blank."""
    return narrow(text).casefold() in NOTHING


def _read(text: str) -> str:
    """A text as values are read from it: `simplified`, without the apostrophe that keeps it a text, each run of blanks one.

    A run that a pattern can split in many ways would cost the square of its length.
    """
    return " ".join(simplified(text).lstrip("'’").split())


# --- amounts -----------------------------------------------------------------------------------------------------

#: A unit as typed, without blanks → how many 万元 (10,000 CNY) one of it is.
UNITS = {
    "元": 1e-4, "元整": 1e-4, "块": 1e-4, "rmb": 1e-4, "cny": 1e-4, "yuan": 1e-4, "人民币": 1e-4, "人民币元": 1e-4,
    "元人民币": 1e-4,
    "千": 0.1, "千元": 0.1, "k": 0.1, "kcny": 0.1, "thousand": 0.1,
    "万": 1.0, "万元": 1.0, "万元整": 1.0, "万元人民币": 1.0, "人民币万元": 1.0, "万人民币": 1.0, "万rmb": 1.0, "w": 1.0, "wan": 1.0,
    "10k": 1.0, "10kcny": 1.0, "x10kcny": 1.0, "x10k": 1.0, "rmb10k": 1.0, "10krmb": 1.0,
    "十万": 10.0, "十万元": 10.0,
    "百万": 100.0, "百万元": 100.0, "m": 100.0, "million": 100.0, "mcny": 100.0, "millioncny": 100.0, "cnym": 100.0,
    "千万": 1e3, "千万元": 1e3,
    "亿": 1e4, "亿元": 1e4, "x100m": 1e4, "100mcny": 1e4, "x100mcny": 1e4, "亿元人民币": 1e4,
}  # fmt: skip

# ++ and *+ never give back what they took: a run of digits is tried once, not once for each of its beginnings
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?(?:e[+-]?\d++)?"
_AMOUNT = re.compile(rf"^(?P<sign>¥|rmb|cny|人民币)?\s*(?P<number>{_NUMBER})\s*(?P<unit>\D*)$")
_UNITS_IN_HEADER = re.compile(r"[(\[{【〔「『]([^)\]}】〕」』]*)")
#: What brackets say about money besides its unit.
_NO_UNIT = re.compile(
    r"(?:不|未)?含税价?|税[前后]|(?:incl|excl|including|excluding|before|after|with|without)\b.*\b(?:tax|vat)|net|gross"
)


def unit_factor(header: str, default: str | None) -> float | None:
    """How many 万元 a bare number below this header means; None where the header names an unknown unit or currency.

    ``累计交易额（元）`` → 0.0001, ``累计交易额（含税，万元）`` → 1.0, no unit in brackets → that of `default`.
    """
    named = _units(header)
    if not named:
        return UNITS[default] if default else None
    known = {_factor(text) for text in named} - {None}
    return known.pop() if len(known) == 1 else None


def names_unit(header: str) -> bool:
    """True where a header's brackets name a unit, be it one nobody knows."""
    return bool(_units(header))


def _units(header: str) -> list[str]:
    remarks = re.split(r"[,;、/]", ",".join(_UNITS_IN_HEADER.findall(simplified(header))))
    named = (remark.replace("单位", "").strip(" :") for remark in remarks)
    return [text for text in named if text and not _NO_UNIT.fullmatch(text)]


def _factor(unit: str) -> float | None:
    return UNITS.get("".join(unit.split()))


def parse_amount(text: str, factor: float | None = 1.0) -> tuple[float | None, str | None]:
    """Money in 万元; a bare number is in the header's unit (`factor`).

    ``520万`` → 520, ``￥3,200,000元`` → 320, ``0.12亿`` → 1200, ``(12.5)`` → -12.5. A range, an estimate, another
    currency, a lone ￥ sign or a number in words is unknown.
    """
    folded = _read(text)
    if folded in NOTHING:
        return None, "amount_missing"
    if folded.startswith("(") and folded.endswith(")"):
        folded = "-" + folded[1:-1].strip()
    match = _AMOUNT.match(folded)
    if not match or _NOTED.search(text):
        return None, "amount_unparsed"
    unit = match["unit"].strip()
    signed = factor if factor == UNITS["元"] else None  # ￥520 below 万元 could be either
    scale = _factor(unit) if unit else signed if match["sign"] else factor
    if scale is None:
        return None, "amount_unparsed"
    # dividing by 10,000 stays exact in decimals where multiplying by 0.0001 does not
    return _finite(scaled(_float(match["number"]), scale), "amount_unparsed")


def _float(digits: str) -> float:
    return float(digits.replace(",", ""))


def _finite(number: float, code: str) -> tuple[float | None, str | None]:
    """The number as a reading; 1e999, or four hundred digits, is more than any cell can hold and unknown."""
    return (number, None) if math.isfinite(number) else (None, code)


def scaled(number: float, factor: float) -> float:
    """A number times a unit's factor, divided where that keeps decimals exact."""
    return number * factor if factor >= 1 else number / round(1 / factor)


_DIGITS_HELD = 15  # of a number, by a spreadsheet; what it shows behind them are noughts


def number_text(number: float) -> str:
    """A number as a text, in full and never in E-notation, with the 15 digits a spreadsheet holds: 6.9e12 → 6900000000000."""
    text = f"{number + 0:.{_DIGITS_HELD}g}"  # a negative nought is none
    return format(Decimal(text), "f") if "e" in text else text


# --- plain numbers and shares ------------------------------------------------------------------------------------

#: The unit a column is in → the units that may be typed behind a number, each as so many of it.
_SPANS = {
    "年": {"年": 1, "周年": 1, "year": 1, "years": 1, "yr": 1, "yrs": 1, "个月": 1 / 12, "月": 1 / 12, "month": 1 / 12, "months": 1 / 12},
}  # fmt: skip
_COUNTED = {"个": 1, "项": 1, "条": 1, "分": 1, "级": 1, "points": 1, "pts": 1}
_NUMBER_AND_UNIT = re.compile(rf"^({_NUMBER})\s*([^\d\s]*)$")


def parse_number(text: str, unit: str | None = None) -> tuple[float | None, str | None]:
    """A number, with or without the unit of its column: ``6.5``, ``1,200``, ``6年``, ``18个月`` below 年 → 1.5."""
    folded = _read(text)
    if folded in NOTHING:
        return None, None
    match = _NUMBER_AND_UNIT.match(folded)
    known = {"": 1} | (_SPANS[unit] if unit else _COUNTED)
    if not match or match[2] not in known or _NOTED.search(text):
        return None, "number_unparsed"
    return _finite(_float(match[1]) * known[match[2]], "number_unparsed")


_PERCENT = re.compile(rf"^({_NUMBER})\s*(%|percent|pct)$")


def parse_share(text: str, percent: bool = False) -> tuple[float | None, str | None]:
    """A share as a fraction: ``8%`` → 0.08, ``0.08`` → 0.08; a bare 8 may be 8% or 800% and is unknown.

    Below a header that names % (`percent`) a bare 8 is 8%, and it is 0.5 that could be two things.
    """
    folded = _read(text)
    if match := _PERCENT.match(folded):
        return _finite(_float(match[1]) / 100, "number_unparsed")
    number, code = parse_number(folded)
    return (None, code) if number is None else bare_share(number, percent)


def bare_share(number: float, percent: bool) -> tuple[float | None, str | None]:
    """A number without a % sign as a fraction; see `parse_share`."""
    if number == 0:
        return 0.0, None
    if (abs(number) >= 1) != percent:
        return None, "share_ambiguous"
    return (number / 100 if percent else number), None


# --- scores ------------------------------------------------------------------------------------------------------

_MARK = r"(?P<number>-?\d++(?:\.\d++)?)"
_UNIT_OF_MARK = r"(?:分|points?|pts?|%)"
_PURE_MARK = re.compile(rf"^{_MARK}\s*+{_UNIT_OF_MARK}?+\s*+(?:/\s*+100)?$", re.IGNORECASE)
_MARK_FIRST = re.compile(
    rf"^{_MARK}\s*+(?:{_UNIT_OF_MARK}\s*+)?(?:[:,;、]\s*+|(?<=\s)|(?=[(\[{{【〔〖「『〈《<]))"
    r"(?P<reason>(?!或|or\b|to\b|以上|以下|左右|上下)[^\d\s/±+~至到–—-].*)$",
    re.IGNORECASE | re.DOTALL,
)
# 毛利（30%） is a reason without a mark
_MARK_LAST = re.compile(rf"^(?P<reason>[^\d\s](?:.*?\S)??)\s*+[(\[【〔]\s*+{_MARK}\s*+分?\s*+[)\]】〕]$", re.DOTALL)
_MARK_AFTER_COLON = re.compile(rf"^(?P<reason>[^\d:]*[^\d:\s])\s*+:\s*+{_MARK}\s*+分?$")
_OPENING, _CLOSING = "([{【〔〖「『〈《<（［｛＜", ")]}】〕〗」』〉》>）］｝＞"


def parse_score(text: str) -> tuple[float | None, str | None, str | None]:
    """A mark 0-100 and the reason typed beside it: ``92（高利润+长合作）`` → (92.0, "高利润+长合作", None)."""
    typed = text.strip().lstrip("'’").strip()
    folded = normal(typed)
    if folded.casefold() in NOTHING:
        return None, None, "score_missing"
    if len(folded) != len(typed):  # a character such as ㎡ became two: positions no longer agree
        typed = folded
    patterns = () if _NOTED.search(text) else (_PURE_MARK, _MARK_FIRST, _MARK_LAST, _MARK_AFTER_COLON)
    for pattern in patterns:
        if match := pattern.match(folded):
            reason = _unwrapped(typed[slice(*match.span("reason"))]) if "reason" in pattern.groupindex else ""
            if _PURE_MARK.match(narrow(reason)):  # 92（95） could be either
                break
            return mark(float(match["number"]), reason or None)
    return None, typed, "score_unparsed"


def mark(number: float, reason: str | None = None) -> tuple[float | None, str | None, str | None]:
    """A number held against the scale 0-100; a fraction is unknown, since a sheet shows 0.92 where 92% was typed."""
    if not 0 <= number <= 100:
        return None, reason, "score_out_of_range"
    if 0 < number < 1:
        return None, reason, "score_fraction"
    return number, reason, None


def _unwrapped(text: str) -> str:
    """A text without the one pair of brackets around the whole of it."""
    text = text.strip()
    depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth <= 0:  # the bracket that opens the text is closed here, if one opens it at all
            return text[1:-1].strip() if place == len(text) - 1 > 0 else text
    return text


# --- dates and periods -------------------------------------------------------------------------------------------

_YMD = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$")
_MONTH_ONLY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
_ROC = re.compile(r"^民国\s*(\d{2,3})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})$")
_TIME = re.compile(
    r"[\st]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(z|am|pm|[+-]\d{2}:?\d{2})?$|\s*\(?(周|星期)[一二三四五六日天]\)?$"
)
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_MONTHS = {name: n for n in range(1, 13) for name in (calendar.month_abbr[n].lower(), calendar.month_name[n].lower())}
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
    folded = _TIME.sub("", _read(text)).strip()
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
    folded = _read(text)
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
    return day and dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=round(serial % 1 * 86400))


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
    folded = _read(text)
    if match := _NAMED_MONTH_AND_DAY.match(folded):
        return _date(NO_YEAR, _MONTHS.get(match[2] or match[3], 0), match[1] or match[4])
    if match := _MONTH_AND_DAY.match(folded):
        if match[2] in "月-":
            return _date(NO_YEAR, match[1], match[3])
        return _day_or_month_first(match[1], match[3], str(NO_YEAR))  # 5/3 is in May or in March
    day, code = parse_date(text, date1904)
    return (None, "date_unparsed") if code == "date_month_only" else (day, code)


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
    folded = _read(text)
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
    if end_code == "date_month_only":
        end = end.replace(day=calendar.monthrange(end.year, end.month)[1])
    if start is None or end is None:
        return None, None, "period_unparsed"
    if end >= start:
        return start, end, None
    return start, None if short else end, "period_reversed"  # 2023.11.1-2.28 does not say which year it ends in


def _months(year: int, first: int, last: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


# --- identity ----------------------------------------------------------------------------------------------------

_ID_AND_NAME = re.compile(
    r"^(?P<id>[A-Za-z]{0,8}[-_]?\d[\w-]*)(?:\s*[/|、,:;\s]\s*|\s*(?=\()|-(?=[^\x00-\x7f]))(?P<name>\S.*)$",
    re.ASCII | re.DOTALL,
)
_ID = re.compile(r"^[A-Za-z]{0,8}[-_]?\d[\w-]*$", re.ASCII)
_DIGITS_TO_NINES = str.maketrans("0123456789", "9" * 10)


def parse_id(text: str) -> tuple[str | None, str | None]:
    """A customer ID after width, case and blank normalisation: `` ｃ００1`` → C001."""
    if is_nothing(text):
        return None, "id_missing"
    return normal("".join(narrow(text).split()).upper()), None  # an accent may find its letter where a blank was


def parse_id_name(text: str) -> tuple[str | None, str | None, str | None]:
    """``C001/某科技`` → ("C001", "某科技"); an ID or a name alone leaves the other unknown."""
    typed = narrow(text)
    if typed.casefold() in NOTHING:
        return None, None, "customer_missing"
    if match := _ID_AND_NAME.match(typed):
        name = _unwrapped(match["name"])
        return match["id"].upper(), None if is_nothing(name) else name, None
    if _ID.match(typed):
        return typed.upper(), None, None
    return None, typed, None


def id_shape(customer_id: str) -> str:
    """The form of an ID with every digit as 9: C001 → C999."""
    return customer_id.translate(_DIGITS_TO_NINES)


# --- vocabulary --------------------------------------------------------------------------------------------------

_STATUS_WORDS = {
    "done": ("已完成", "完成", "完结", "已完结", "已结束", "结束", "达成", "已达成", "100%", "done", "completed", "complete",
             "finished", "closed", "achieved"),
    "partial": ("部分完成", "基本完成", "大部分完成", "完成部分", "partly completed", "partially completed", "partial",
                "partially done", "partly done", "mostly done"),
    "running": ("进行中", "执行中", "推进中", "实施中", "处理中", "正在进行", "跟进中", "in progress", "ongoing", "running",
                "active", "wip", "started", "under way"),
    "not_started": ("未开始", "未启动", "待开始", "待启动", "待执行", "未执行", "计划中", "not started", "pending", "planned",
                    "to do", "todo", "open", "0%"),
    "delayed": ("已延期", "延期", "延迟", "已延迟", "推迟", "滞后", "逾期", "超期", "暂停", "搁置", "delayed", "late", "overdue",
                "postponed", "on hold", "behind"),
    "cancelled": ("已取消", "取消", "终止", "已终止", "中止", "作废", "放弃", "未达成", "失败", "丢单", "cancelled", "canceled",
                  "terminated", "dropped", "abandoned", "not achieved", "failed", "lost"),
}  # fmt: skip
#: Status key → its usual label; any other word for it is kept beside the key.
STATUS_NAMES = {key: words[0] for key, words in _STATUS_WORDS.items()}
STATUS = {simplified(word).replace(" ", ""): key for key, words in _STATUS_WORDS.items() for word in words}


#: In brackets after "done" it says that something is not: 完成（80%）, 已完成（部分）.
_BUT_NOT_ALL = re.compile(r"(?<!\d)(?!100%)\d+%|部分|未|没|待|partial|part|not")


def parse_status(text: str) -> tuple[str | None, str | None]:
    """A status key; common synonyms in Chinese and English are accepted, anything else is unknown and reported."""
    if is_nothing(text):
        return None, None
    word, _, remark = re.sub(r"[\s.。_-]", "", simplified(text)).partition("(")
    key = STATUS.get(word)
    if key == "done" and _BUT_NOT_ALL.search(remark):
        key = None
    return key, None if key else "status_unparsed"


def parse_tier(text: str, names: Mapping[str, str]) -> tuple[str | None, str | None]:
    """A tier key by any of its `names` (folded name → key, see `tier_names`)."""
    if is_nothing(text):
        return None, None
    key = names.get(heading(text))
    return key, None if key else "tier_unparsed"


def tier_names(tiers: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Folded name → tier key, from key → (Chinese, English); 战略 and 战略客户, Key and Key customer are the same."""
    names = {}
    for key, (zh, en) in tiers.items():
        stem = zh.removesuffix("客户")
        for name in (key, zh, stem, stem + "级客户", en, f"{en} customer", f"{en} account", f"{en} customers"):
            names[heading(name)] = key
    return names


#: Field of an optional sheet → key → the words for it: Chinese label, English label, synonyms.
CHOICES = {
    "service.kind": {
        "complaint": ("投诉", "Complaint", "客户投诉", "客诉", "抱怨", "complaints"),
        "request": ("请求", "Request", "需求", "服务请求", "咨询", "报修", "求助", "inquiry", "enquiry", "service request", "ticket"),
        "visit": ("拜访", "Visit", "回访", "走访", "客户拜访", "上门拜访", "site visit", "call", "meeting"),
        "survey": ("满意度调查", "Survey", "调查", "满意度", "调研", "问卷", "NPS", "NPS调查", "satisfaction survey", "questionnaire"),
    },
    "service.severity": {
        "major": ("重大", "Major", "严重", "紧急", "特急", "高", "critical", "urgent", "severe", "high"),
        "ordinary": ("普通", "Ordinary", "一般", "轻微", "中", "低", "minor", "normal", "medium", "low"),
    },
    "contacts.role": {
        "purchasing": ("采购", "Purchasing", "采购决策", "采购负责人", "采购方", "buyer", "procurement", "purchase"),
        "user": ("使用", "User", "使用者", "使用部门", "使用方", "用户", "使用负责人", "end user", "users"),
        "technical": ("技术", "Technical", "技术负责人", "技术决策", "技术把关", "技术部门", "technology", "engineering", "technical evaluator"),
        "executive": ("高层", "Executive", "高管", "高层决策", "决策者", "决策人", "管理层", "management", "decision maker", "sponsor"),
    },
    "renewals.kind": {
        "renewal": ("续约", "Renewal", "续签", "合同续约", "续费", "extension"),
        "opportunity": ("商机", "Opportunity", "新商机", "销售机会", "增购", "新签", "deal", "upsell", "cross-sell"),
        "trial": ("试用", "Trial", "体验", "免费试用", "试点", "pilot", "poc", "free trial"),
    },
    "renewals.stage": {
        "lead": ("线索", "Lead", "初步接触", "意向", "潜在", "prospect", "qualified"),
        "proposal": ("方案", "Proposal", "报价", "方案报价", "方案阶段", "quotation", "quote", "offer"),
        "negotiation": ("谈判", "Negotiation", "商务谈判", "洽谈", "合同谈判", "negotiating"),
        "won": ("赢单", "Won", "赢", "成交", "已成交", "已签约", "签约", "中标", "已续约", "closed won", "signed"),
        "lost": ("输单", "Lost", "输", "丢单", "失败", "未中标", "流失", "已流失", "closed lost"),
    },
    "marks.status": {
        "open": ("待办", "Open", "未完成", "未开始", "进行中", "处理中", "待处理", "未处理", "to do", "pending", "in progress",
                 "not started"),
        "done": ("已完成", "Done", "完成", "已处理", "完结", "已办", "completed", "complete", "finished", "closed"),
        "postponed": ("已推迟", "Postponed", "推迟", "延期", "已延期", "顺延", "deferred", "delayed", "snoozed"),
    },
    "flag": {
        "yes": ("是", "Yes", "y", "true", "1", "√", "✓", "✔", "对", "有", "已离职", "离职", "left", "has left"),
        "no": ("否", "No", "n", "false", "0", "×", "✗", "✘", "x", "不是", "未", "未离职", "在职", "still there", "active"),
    },
}  # fmt: skip


def _choice_key(text: str) -> str:
    return re.sub(r"[\s.。_-]", "", simplified(text))


_CHOICE_KEYS = {
    name: {_choice_key(word): key for key, words in choices.items() for word in words}
    for name, choices in CHOICES.items()
}


def parse_choice(text: str, name: str) -> tuple[str | None, str | None]:
    """The key of `CHOICES[name]` that a word means, in Chinese of either script or in English; else unknown, reported."""
    if is_nothing(text):
        return None, None
    key = _CHOICE_KEYS[name].get(_choice_key(text))
    return key, None if key else "flag_unparsed" if name == "flag" else "choice_unparsed"


# --- the rest of a customer's row --------------------------------------------------------------------------------

_LIST = re.compile(r"[、,，;；/／\n]")
_DAMAGED_PHONE = re.compile(r"^\d(\.\d+)?e\+?\d+$", re.IGNORECASE)


def split_list(text: str) -> list[str]:
    """The items of a list cell in their order, each once: ``A产品、B服务`` → ["A产品", "B服务"]."""
    return list(dict.fromkeys(item for part in _LIST.split(text) if (item := part.strip())))


def parse_phone(text: str) -> tuple[str | None, str | None]:
    """A phone number as text; one that a spreadsheet turned into 1.38E+10 is lost and reported."""
    typed = narrow(text)
    if typed.casefold() in NOTHING:
        return None, None
    if _DAMAGED_PHONE.match(typed):
        return None, "phone_damaged"
    if typed.endswith(".0") and typed[:-2].isdigit():
        return typed[:-2], None
    return typed, "phone_masked" if "*" in typed else None


_PEOPLE = r"(?:人(?!民)|名|员工|staff|people|employees|persons)"
_MONEY = r"(亿元?|千万元?|百万元?|万元?|元|x100m|x10k|m\b)"
_START = rf"(?<![\d.,])(?<!\d\s)({_NUMBER})\s*"  # never in the middle of 1 000
_TO_NUMBER = rf"\s*[-~至到–—]\s*({_NUMBER})\s*"
_EMPLOYEES = re.compile(rf"{_START}(?:([千万]?){_TO_NUMBER})?([千万]?)\s*(?:多|余|\+|以上)?\s*{_PEOPLE}")
_REVENUE = re.compile(rf"{_START}(?:{_MONEY}?{_TO_NUMBER})?{_MONEY}(?!\s*{_PEOPLE})")
_HEADS = {"": 1.0, "千": 1e3, "万": 1e4}


def parse_size(text: str) -> tuple[float | None, float | None, float | None, float | None, str | None]:
    """Employees low/high and revenue low/high in 万元: ``500-1000人/5-10亿元`` → (500, 1000, 50000, 100000).

    A single number is both bounds.
    """
    folded = _read(text)
    if folded in NOTHING:
        return None, None, None, None, None
    people, money = _EMPLOYEES.search(folded), _REVENUE.search(folded)
    bounds = (*_bounds(people, _HEADS), *_bounds(money, UNITS))
    return *bounds, "size_unparsed" if set(bounds) == {None} else None


def _bounds(match: re.Match | None, units: Mapping[str, float]) -> tuple[float | None, float | None]:
    """Low and high out of (low, its unit, high, unit); a low bound without a unit has the high one's."""
    if not match:
        return None, None
    low, own, high, unit = match.groups()
    first = scaled(_float(low), units[own or unit])
    last = scaled(_float(high), units[unit]) if high else first
    return (first, last) if math.isfinite(first + last) else (None, None)


_MEASURE = rf"({_NUMBER})(?![\d.,]*\d|\s*[-~至到]\s*\d)\s*(%|[百千]?万|亿|)"
# the first word for a target behind the last sign before the second number; (?>…) does not look for another
_EFFECT = re.compile(
    rf"(?<![\d.,])(?<!\d[-~至到]){_MEASURE}(?:\D*[+-])?(?>[^\d+-]*?(?:目标|target|goal|plan))[^\d+-]*+{_MEASURE}"
)


def parse_effect(text: str) -> tuple[float | None, float | None]:
    """Actual and target where both are stated in one unit: ``自助使用率30%，目标50%`` → (0.3, 0.5).

    An effect in words alone is fine, so there is no code.
    """
    match = _EFFECT.search(_read(text))
    if not match or match[2] != match[4]:
        return None, None
    scale = 100 if match[2] == "%" else 1
    actual, target = _float(match[1]) / scale, _float(match[3]) / scale
    return (actual, target) if math.isfinite(actual + target) else (None, None)
