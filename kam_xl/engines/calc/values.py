"""Cell values between the two ways of holding them: as xlwings hands them over in Excel, and as LibreOffice keeps them.

A date is a number with a date format there, a Boolean a number with a Boolean format, and a text stays the text it is,
while Excel reads a text it is given as if it had been typed: ``"=A1"`` is a formula, ``"007"`` the number 7.
"""

from __future__ import annotations

import datetime as dt
import re
import struct
from dataclasses import dataclass
from typing import Any

_EPOCH = dt.datetime(1899, 12, 30)
#: LibreOffice's number of an error → the number that Excel hands out, and its text.
ERRORS = {
    32767: (-2146826246, "#N/A"),
    503: (-2146826252, "#NUM!"),
    519: (-2146826273, "#VALUE!"),
    521: (-2146826288, "#NULL!"),
    524: (-2146826265, "#REF!"),
    525: (-2146826259, "#NAME?"),
    532: (-2146826281, "#DIV/0!"),
}
#: Excel's number of an error → its text.
TEXTS = dict(ERRORS.values())
_TO_VBA = 2146828288  # from Excel's number of an error to that of VBA's CVErr
#: The number of an error in VBA's CVErr → LibreOffice's.
_FROM_VBA = {number + _TO_VBA: code for code, (number, _) in ERRORS.items()}
_WRONG = 519

#: Formats without which a moment or a Boolean is a number.
TO_DATE, TO_MOMENT, TO_TIME, TO_LOGICAL = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss", "BOOLEAN"
_NUMBER = re.compile(r"\s*([+-]?)(\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(\.\d*)?(e[+-]?\d+)?\s*(%?)\s*", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*")


def error_of(code: int) -> tuple[int, str]:
    """What Excel would show for an error of LibreOffice: its number and its text."""
    return ERRORS.get(code, ERRORS[_WRONG])


def as_error(code: int) -> float:
    """A number that a cell shows as the error `code` of LibreOffice."""
    return struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0000 | code))[0]


def from_vba(number: int) -> float:
    """A number that a cell shows as the error ``CVErr(number)``."""
    return as_error(_FROM_VBA.get(number, _WRONG))


def serial(moment: dt.date | dt.time | dt.timedelta) -> float:
    """A moment as the number of days that both programs count."""
    if isinstance(moment, dt.datetime):
        return (moment.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
    if isinstance(moment, dt.date):
        return float((moment - _EPOCH.date()).days)
    if isinstance(moment, dt.time):
        return serial(dt.datetime.combine(_EPOCH, moment))
    return moment / dt.timedelta(days=1)


def moment(days: float) -> dt.datetime:
    """The moment that a number of days stands for, to the millisecond."""
    return _EPOCH + dt.timedelta(milliseconds=round(days * 86_400_000))


def typed(text: str) -> float | bool | dt.datetime | str:
    """What Excel makes of a text in a cell that is not formatted as text; a formula stays a text with its ``=``."""
    if found := _NUMBER.fullmatch(text):
        sign, whole, fraction, power, percent = (part or "" for part in found.groups())
        number = float(f"{sign}{whole.replace(',', '') or '0'}{fraction}{power}")
        return number / 100 if percent else number
    if found := _DATE.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.group(1, 3, 4, 5, 6, 7))
        try:
            return dt.datetime(year, month, day, hour, minute, second)
        except ValueError:
            return text
    if text.upper() in {"TRUE", "FALSE"}:
        return text.upper() == "TRUE"
    return text


@dataclass(frozen=True)
class Formula:
    """A formula, with its ``=``."""

    text: str


@dataclass(frozen=True)
class Quoted:
    """A text typed after an apostrophe, which is not part of it."""

    text: str


def read(value: Any) -> Any:
    """What Excel makes of a value put into a cell; the same object where that is the value itself."""
    if not isinstance(value, str) or not value:
        return value
    if value.startswith("="):
        return Formula(value)
    return Quoted(value[1:]) if value.startswith("'") else typed(value)


def stored(value: Any) -> float | str:
    """A value as LibreOffice stores it."""
    if value is None or isinstance(value, Formula):
        return ""
    if isinstance(value, Quoted):
        return value.text
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return serial(value)
    return value if isinstance(value, str) else float(value)


def format_of(value: Any) -> str:
    """The format without which a moment or a Boolean is a number."""
    if isinstance(value, bool):
        return TO_LOGICAL
    if isinstance(value, dt.datetime):
        return TO_DATE if value.time() == dt.time() else TO_MOMENT
    if isinstance(value, dt.date):
        return TO_DATE
    return TO_TIME if isinstance(value, dt.time | dt.timedelta) else ""
