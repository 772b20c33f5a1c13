"""What cells of time become: days, moments and periods; which of them can be, `doubts` says, who knows the day."""

from __future__ import annotations

import datetime as dt
import functools
import re

import numpy as np

from kam_xl.core import raw
from kam_xl.core.periods import parse_period
from kam_xl.core.reading import Reading, transposed
from kam_xl.core.sheets import Column
from kam_xl.core.word_cleaners import known

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?: 00:00(?::00)?)?$")


def clean_dates(reading: Reading, column: Column, typed: list) -> dict[str, np.ndarray]:
    """Dates by day."""
    found, untold = typed, [None] * len(typed)
    if not set(map(type, typed)) <= {dt.date}:
        read = raw.birthday if column.field == "birthday" else raw.day
        found, codes = transposed((read(cell, reading.date1904) for cell in typed), 2)
        reading.report_all(codes, column.field, typed)
        plain = [type(cell) is dt.date or (type(cell) is str and _ISO.match(cell) is not None) for cell in typed]
        for i, cell in enumerate(typed):
            if found[i] and not plain[i]:
                reading.keep_text(i, column.field, cell)
        untold = [None if plain[i] else day for i, day in enumerate(found)]
    reading.to_doubt(column.field, typed, untold)
    return {column.field: _as_days(found).astype("datetime64[s]")}


def clean_moments(reading: Reading, column: Column, typed: list) -> dict[str, np.ndarray]:
    """Moments to the second; exactly midnight means that only the day is known, since that is how a day is read."""
    found, codes = transposed((raw.moment(cell, reading.date1904) for cell in typed), 2)
    reading.report_all(codes, column.field, typed)
    for i, cell in enumerate(typed):
        if (
            found[i]
            and type(cell) not in (dt.date, dt.datetime)
            and not (type(cell) is str and _ISO_MOMENT.match(cell))
        ):
            reading.keep_text(i, column.field, cell)
    reading.to_doubt(column.field, typed, found)
    return {column.field: _as_moments(found)}


_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?$")


def _as_moments(found: list[dt.datetime | None]) -> np.ndarray:
    """Moments as datetime64[s], through numbers as in `_as_days`."""
    numbers = [
        _NO_DAY
        if moment is None
        else (moment.toordinal() - _EPOCH) * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
        for moment in found
    ]
    return np.array(numbers, "int64").view("datetime64[s]")


def _as_days(found: list[dt.date | None]) -> np.ndarray:
    """Dates as datetime64[D]; through day numbers, since numpy converts date objects ten times slower."""
    numbers = [_NO_DAY if day is None else day.toordinal() - _EPOCH for day in found]
    return np.array(numbers, "int64").view("datetime64[D]")


_EPOCH, _NO_DAY = dt.date(1970, 1, 1).toordinal(), np.datetime64("NaT").astype("int64")

_period = functools.lru_cache(maxsize=65536)(parse_period)


def clean_periods(reading: Reading, column: Column, typed: list) -> dict[str, object]:
    """Start and end of a strategy; the text itself stays."""
    texts = raw.texts(typed)
    starts, ends, codes = transposed(map(_period, texts), 3)
    reading.report_all(codes, column.field, texts)
    return {
        column.field: known(texts),
        "start": _as_days(starts).astype("datetime64[s]"),
        "end": _as_days(ends).astype("datetime64[s]"),
    }
