"""What a workbook holds before anything in it is understood: sheets of cells, and where its native tables stand."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import NamedTuple, Self

from kam_xl.core.texts import lowered


class CellError(str):
    """A cell that shows an error instead of a value; the text is what it shows (``#N/A``)."""


class Unreadable(CellError):
    """A number that is none, such as NaN or 1e999; the text is what the file holds."""


class NotCalculated(str):
    """A formula that was never calculated, so the file holds no value for it; the text is the formula."""


class Linked(str):
    """The formula of a cell whose value comes from another workbook; the value beside it is the last one saved."""


class Formatted(float):
    """A whole number that its cell's number format shows as another text, C001 for 1; None where that is not known."""

    text: str | None

    def __new__(cls, number: float, text: str | None) -> Self:
        """The number, and what is shown of it."""
        cell = super().__new__(cls, number)
        cell.text = text
        return cell

    def __getnewargs__(self) -> tuple[float, str | None]:  # type: ignore[override]
        """What it is made of again in another process."""
        return float(self), self.text


class Priced(float):
    """A number that its cell's number format shows in another currency than the product's: an ISO 4217 code."""

    currency: str

    def __new__(cls, number: float, currency: str) -> Self:
        """The number, and the currency shown beside it."""
        cell = super().__new__(cls, number)
        cell.currency = currency
        return cell


#: What cells show where a formula failed, in any version of Excel.
ERROR_TEXTS = frozenset({
    "#N/A", "#VALUE!", "#DIV/0!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!",
    "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!", "#EXTERNAL!", "#PYTHON!", "#TIMEOUT!",
})  # fmt: skip
#: Excel's numbers of errors that xlwings does not turn into text; a real number arrives as a float.
ERROR_NUMBERS = range(-2146826300, -2146826200)


@dataclass(frozen=True)
class RawSheet:
    """One sheet as rows of cells from A1 on; blank cells are ``""``; `merged` holds ((row, col), (row, col)) ranges.

    One that cannot be read has no rows, and says why (``damaged``, ``missing_part``).
    """

    name: str
    rows: list[list]
    hidden: bool = False
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    links: dict[tuple[int, int], Linked] = field(default_factory=dict)
    unread: str | None = None


@dataclass(frozen=True)
class NativeTable:
    """A ListObject: its name, its sheet, and the 0-based row and first column of its header."""

    name: str
    sheet: str
    row: int
    column: int


class Remark(NamedTuple):
    """What reading a file came upon beside its cells: a finding's code, where, and the detail its sentence names."""

    code: str
    sheet: str | None = None
    cell: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Contents:
    """What the file of a workbook holds, however it is kept; `modified` is told in UTC, by the file itself."""

    sheets: tuple[RawSheet, ...]
    tables: tuple[NativeTable, ...] = ()
    remarks: tuple[Remark, ...] = ()
    date1904: bool = False
    modified: dt.datetime | None = None


@dataclass(frozen=True)
class Book:
    """One workbook, read once: where it came from and every sheet it holds; `saved` is told in UTC, by the file itself."""

    name: str  # path below the teams' folder, with forward slashes
    team: str
    sheets: tuple[RawSheet, ...]
    tables: tuple[NativeTable, ...] = ()
    sha256: str = ""
    size_bytes: int = 0
    modified: dt.datetime | None = None
    date1904: bool = False
    remarks: tuple[Remark, ...] = ()
    saved: dt.datetime | None = None


def letter(column: int) -> str:
    """The letter of a 0-based column: 0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = ascii_uppercase[rest] + name
    return name


def column(letters: str) -> int:
    """The 0-based column of its letters, in either case: A → 0, AA → 26."""
    number = 0
    for char in letters.upper():
        number = number * 26 + ord(char) - ord("A") + 1
    return number - 1


_CELL = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")


def place(refers_to: str) -> tuple[str, int, int] | None:
    """The sheet and the 0-based row and column of the one cell a name refers to (``'A sheet'!$B$3``); else None."""
    found = _CELL.fullmatch(refers_to)
    if not found:
        return None
    return (found[1] or found[2]).replace("''", "'"), int(found[4]) - 1, column(found[3])


_NUMBERS = {text: number for number, text in enumerate("一 二 三 四 五 六 七 八 九 十 十一 十二".split(), start=1)}
_MONTHS = {
    text: number for number, text in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
#: How a name tells a time, the fullest first.
_TIMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)?(?!\d)",
        r"(?<!\d)(?P<year>20\d\d)\s?[-_./年]\s?(?P<month>\d{1,2})(\s?[-_./月]\s?(?P<day>\d{1,2}))?(?!\d)",
        r"((?P<year>20\d\d)\D{0,2})?(q(?P<quarter>[1-4])(?!\d)|(?P<quarter_>[一二三四1-4])季)",
        r"((?P<year>20\d\d)\D{0,2})?(?<![十\d])(?P<month>十[一二]?|[一二三四五六七八九]|\d{1,2})\s?月",
        rf"(?<![a-z])(?P<month>{'|'.join(_MONTHS)})(uary|ruary|ch|il|e|y|ust|t?ember|ober)?(?![a-z])(\W?(?P<year>20\d\d))?",
        r"(?<!\d)(?P<year>20\d\d)(?!\d)",
    )
)


#: Names of text, and of another table, in which programs export their lists.
TEXTS, PARQUET = frozenset({".csv", ".tsv", ".txt"}), ".parquet"


def is_export(name: str) -> bool:
    """True for a file whose name says that it is text or Parquet: a program wrote it, nobody types in it."""
    return lowered(name).endswith((*TEXTS, PARQUET))


def time_in_name(name: str) -> tuple[int, int, int] | None:
    """The year, month and day that the name of a file or a sheet tells, each 0 where it does not; None without any.

    ``华东_202610`` → (2026, 10, 0), ``10月`` → (0, 10, 0); of a quarter its last month, ``2026Q3`` → (2026, 9, 0).
    """
    for pattern in _TIMES:
        if found := pattern.search(name):
            parts = {part.strip("_"): text for part, text in found.groupdict().items() if text}
            month = 3 * _number(parts["quarter"]) if "quarter" in parts else _number(parts.get("month", "0"))
            day = _number(parts.get("day", "0"))
            if month <= _LAST_MONTH and day <= _LAST_DAY:
                return int(parts.get("year", 0)), month, day
    return None


_LAST_MONTH, _LAST_DAY = 12, 31


def _number(text: str) -> int:
    return _NUMBERS.get(text) or _MONTHS.get(lowered(text)) or int(text)
