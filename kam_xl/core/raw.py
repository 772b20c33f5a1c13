"""What one cell as it was read, of a workbook or of a formula's argument, means: its text, number, amount, mark, day or moment.

Workbooks and formulas ask here, so that no cell function guesses what the nightly job refuses. A reading is a value and
None, or None and the code of a finding; a value with a code was used, and somebody should look. Blank is neither.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import TypeGuard

import numpy as np

from kam_xl.core import amounts, dates, numbers, scores
from kam_xl.core.amounts import WAN, Unit
from kam_xl.core.books import CellError, Formatted

_REMEMBERED = 65_536  # different texts of one kind; a column repeats its texts
_score = functools.lru_cache(_REMEMBERED)(scores.parse_score)
_number = functools.lru_cache(_REMEMBERED)(numbers.parse_number)
_date = functools.lru_cache(_REMEMBERED)(dates.parse_date)
_birthday = functools.lru_cache(_REMEMBERED)(dates.parse_birthday)
_moment = functools.lru_cache(_REMEMBERED)(dates.parse_moment)


def text(cell: object) -> str:
    """A cell as the text a person sees: 520.0 → 520, a date → 2023-10-20, True → TRUE, #N/A → N/A, nothing → "".

    An error loses its sign, which in a cell of ours would read as an error.
    """
    if isinstance(cell, CellError):
        return cell.lstrip("#")
    if cell is None or isinstance(cell, str):
        return str(cell or "")
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return (isinstance(cell, Formatted) and cell.text) or numbers.number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)


def texts(cells: list) -> list[str]:
    """Cells as texts; those that are texts stay."""
    return cells if set(map(type, cells)) == {str} else [text(cell) for cell in cells]


def number(cell: object, unit: str | None = None) -> tuple[float | None, str | None]:
    """A plain number, with or without the unit of its column."""
    return (float(cell), None) if _is_number(cell) else _number(text(cell), unit)


def amount(cell: object, factor: float | None = 1.0) -> tuple[float | None, str | None]:
    """Money in 万元; a bare number is in the header's unit (`factor`), and unknown where the header names one nobody knows."""
    if _is_number(cell):
        return None if factor is None else amounts.scaled(cell, factor), None
    return amounts.parse_amount(text(cell), factor)


def money(cell: object, below: Unit = WAN) -> tuple[float | None, str | None, str | None]:
    """Money in 万 of its currency, and the currency where the cell's text names one; a number is in what the header says."""
    shown = cell.text if isinstance(cell, Formatted) else None
    if shown and amounts.is_foreign(amounts.parse_money(shown, below)[1]):  # 12000 "EUR"
        return amounts.parse_money(shown, below)
    if _is_number(cell):
        return None if below.factor is None else amounts.scaled(cell, below.factor), None, None
    return amounts.parse_money(text(cell), below)


def mark(cell: object) -> tuple[float | None, str | None, str | None]:
    """A mark 0-100, the reason typed beside it, and the code."""
    if isinstance(cell, str):
        return _score(cell)
    return scores.mark(float(cell)) if _is_number(cell) else (None, None, "score_unparsed")


def day(cell: object, date1904: bool = False) -> tuple[dt.date | None, str | None]:
    """A day, however it is held or typed; a month alone is its first day."""
    return _day(cell, date1904, _date)


def birthday(cell: object, date1904: bool = False) -> tuple[dt.date | None, str | None]:
    """A birthday; without a year it stands in `dates.NO_YEAR`."""
    return _day(cell, date1904, _birthday)


def _day(cell: object, date1904: bool, parse: Callable) -> tuple[dt.date | None, str | None]:
    if isinstance(cell, dt.datetime):
        return cell.date(), None
    if isinstance(cell, dt.date):
        return cell, None
    if _is_number(cell) and ((found := dates.from_serial(cell, date1904)) or cell % 1):  # 2023.1: January or October
        return found, None if found else "date_unparsed"
    typed = text(cell)  # 20231020 may be typed as a number
    return parse(typed, date1904) if typed else (None, None)


def moment(cell: object, date1904: bool = False) -> tuple[dt.datetime | None, str | None]:
    """A moment to the second; a day alone is its midnight, a month alone is no moment."""
    if isinstance(cell, dt.datetime):
        return dates.to_second(cell.replace(tzinfo=None)), None
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day), None
    if _is_number(cell) and ((found := dates.moment_from_serial(cell, date1904)) or cell % 1):
        return found, None if found else "date_unparsed"
    typed = text(cell)
    return _moment(typed, date1904) if typed else (None, None)


def _is_number(cell: object) -> TypeGuard[float]:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


# --- days that cannot be -------------------------------------------------------------------------------------------

#: What these tell has happened; one after today is a slip, and must not outdo the true ones.
HAPPENED = {"last_deal", "evaluated_on", "tracked_on", "last_contact", "as_of", "reported", "answered", "resolved", "confirmed", "ordered_on"}  # fmt: skip
#: What these tell is yet to come, as a rule.
_TO_COME = {"renewal_date", "trial_expiry", "due", "postponed_to"}
#: Doubts about a day that is not used; any other is, and somebody should look.
UNUSABLE = frozenset({"date_implausible", "date_not_yet"})


def doubts(
    days: np.ndarray, field: str, earliest_year: int, years_ahead: int, today: dt.date | np.ndarray
) -> np.ndarray:
    """What is odd about the days (datetime64[D]) of a field, as codes of findings; "" where nothing is, or none is known.

    A day before the earliest year or too many years ahead is no plausible one, such as the 1899-12-30 that a blank cell
    becomes when a formula looks it up; a day ahead has not happened yet.
    """
    today = np.asarray(today, "datetime64[D]")
    known = ~np.isnat(days)
    absurd = known & (
        (days < np.datetime64(dt.date(earliest_year, 1, 1))) | (days > today + np.timedelta64(366 * years_ahead, "D"))
    )
    ahead = known & ~absurd & (days > today) & (field not in _TO_COME)
    told = "date_not_yet" if field in HAPPENED else "date_in_future"
    return np.select([absurd, ahead], ["date_implausible", told], "")
