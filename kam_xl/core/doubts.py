"""What a day and a policy say of the rows that were read: which days, amounts and levels can be, and which tier is meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kam_xl.core import raw
from kam_xl.core.choices import parse_tier, tier_names
from kam_xl.core.dates import NO_YEAR
from kam_xl.core.figure_cleaners import on_scale, unnamed
from kam_xl.core.findings import Finding
from kam_xl.core.numbers import number_text
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadTable
from kam_xl.core.reading import SEPARATOR, shown_of
from kam_xl.core.sheets import BY_KIND, ORDERS, Column, named

#: More than a person types of one number, and no more than a number is exact to.
_DIGITS = 15


@dataclass
class Doubting:
    """The state of doubting one place of a table: its rows, which change, and what is found on the way."""

    part: ReadTable
    rows: pd.DataFrame
    policy: Policy
    today: dt.date
    findings: list[Finding] = field(default_factory=list)

    def cell(self, i: int, name: str) -> str:
        """Where a field of a row stands: ``C7``."""
        return f"{self.part.letters[name]}{self.rows['row'].iat[i]}"

    def report(self, code: str, i: int, name: str, typed: object, detail: str | None = None) -> None:
        """A finding about one cell of a row; a missing column is reported once, not row by row."""
        if name not in self.part.letters:
            return
        key = self.rows["customer_id"].iat[i]
        place = (self.part.sheet, self.cell(i, name), named(self.part.kind, name))
        self.findings.append(Finding(code, *place, shown_of(typed), key if isinstance(key, str) else None, detail))

    def typed(self, i: int, name: str) -> object:
        """What was typed into a cell of a row, or its value where that tells it."""
        if shown := self.part.shown.get(name, {}).get(i):
            return shown
        if factor := self.part.factors.get(name):
            return raw.text(float(f"{self.rows[name].to_numpy(float)[i] / factor:.{_DIGITS}g}"))
        return raw.text(_plain(self.rows[name].iat[i], name))


def doubted(part: ReadTable, policy: Policy, today: dt.date) -> Doubting:
    """One place of a table, each column doubted in turn; its findings in the order in which they stand in the sheet."""
    doubting, told = Doubting(part, part.rows, policy, today), 0
    for name, before in part.found_before.items():
        column = BY_KIND[part.kind].column(name)
        doubting.findings += part.findings[told:before]
        told = before
        if name in part.foreign:
            _convert(doubting, column)
        if name in part.letters and not _beyond_doubt(part, column, policy, today):
            _DOUBTS[column.kind](doubting, column)
    doubting.findings += part.findings[told:]
    return doubting


def rests_on_day(part: ReadTable, policy: Policy, today: dt.date) -> bool:
    """True where another day might say something else of a place of a table: of a day in it that may be to come, or by a rate."""
    columns = map(BY_KIND[part.kind].column, filter(part.letters.__contains__, part.found_before))
    days = (column for column in columns if column.kind in ("date", "datetime"))
    return bool(part.foreign) or not all(_beyond_doubt(part, column, policy, today) for column in days)


def _beyond_doubt(part: ReadTable, column: Column, policy: Policy, today: dt.date) -> bool:
    """True where the least and the greatest of a column's values tell that there is nothing to look at."""
    bounds = part.bounds.get(column.field)
    if column.field in part.foreign or column.kind not in ("date", "datetime", "amount"):
        return False
    if bounds is None:
        return True
    if column.kind == "amount":
        high = policy.largest(column.unit)
        low = 0.0 if column.unit == "万元" else -high
    else:
        low, high = (float(day.toordinal() - _EPOCH) for day in _surely(column, policy, today))
    return low <= bounds[0] and bounds[1] <= high


_EPOCH = dt.date(1970, 1, 1).toordinal()


def _surely(column: Column, policy: Policy, today: dt.date) -> tuple[dt.date, dt.date]:
    """Days that nobody doubts, of whatever is told."""
    if column.field == "birthday":
        return dt.date(NO_YEAR, 1, 1), min(dt.date(today.year - policy.youngest_contact, 12, 31), today)
    return dt.date(policy.earliest_year, 1, 1), today


def _plain(value: object, name: str) -> object:
    """A value of a frame as a person typed it: a moment is a day where the column holds days."""
    if not isinstance(value, pd.Timestamp):
        return value
    moment = value.to_pydatetime()
    return moment if _HELD[name] == "datetime" else moment.date()


_HELD = {column.field: column.kind for sheet in BY_KIND.values() for column in sheet.columns}


def _set(doubting: Doubting, name: str, values: np.ndarray | pd.api.extensions.ExtensionArray | pd.Series) -> None:
    """Rows with other values in one column: those that were read stay as they are."""
    doubting.rows = doubting.rows.assign(**{name: pd.Series(values, doubting.rows.index)})


def _doubt_days(doubting: Doubting, column: Column) -> None:
    """Days and moments; one that cannot be is reported and unknown."""
    read = held = doubting.rows[column.field].to_numpy()
    year = doubting.policy.earliest_year
    if column.field == "birthday":
        held, year = _without_typing_year(read, doubting.today.year - doubting.policy.youngest_contact), NO_YEAR
    days = held.astype("datetime64[D]")
    codes = raw.doubts(days, column.field, year, doubting.policy.years_ahead, doubting.today)
    for i in np.flatnonzero(codes != "").tolist():
        doubting.report(str(codes[i]), i, column.field, doubting.typed(i, column.field))
    unusable = np.isin(codes, list(raw.UNUSABLE))
    if unusable.any() or held is not read:
        _set(doubting, column.field, np.where(unusable, np.datetime64("NaT"), held))


def _without_typing_year(birthdays: np.ndarray, last_year: int) -> np.ndarray:
    """Birthdays of those too young to be a contact lose their year: a sheet adds the current one to a typed 5/3."""
    young = birthdays >= np.datetime64(dt.date(last_year + 1, 1, 1))
    if not young.any():
        return birthdays
    days = birthdays.copy()
    days[young] = [day.replace(year=NO_YEAR) for day in birthdays[young].astype("datetime64[D]").tolist()]
    return days


#: Kind of sheet → the field that tells of which day its amounts are; of all others they are of the run's.
_OF_DAY = {"indicators": "as_of", "orders": "ordered_on"}


def _convert(doubting: Doubting, column: Column) -> None:
    """Amounts in another currency become what they are worth; where no rate holds they are unknown."""
    rows, name = doubting.rows, column.field
    numbers, typed = rows[name].to_numpy(float, copy=True), rows[f"{name}_typed"].astype(object).to_numpy(copy=True)
    days = _days_of(doubting)
    for code, own in rows.groupby(f"{name}_in", sort=True).indices.items():
        found = doubting.policy.currency.on(str(code), days[own])
        numbers[own] *= found.rate
        known = np.isfinite(found.rate)
        worked = zip(own[known].tolist(), found.rate[known].tolist(), found.since[known].tolist(), strict=True)
        for i, rate, since in worked:
            typed[i] = f"{typed[i]} × {number_text(rate)} ({since})"
        _tell_rates(doubting, column, str(code), own[known], own[~known], days)
    _set(doubting, name, numbers)
    _set(doubting, f"{name}_typed", pd.Series(typed, rows.index, dtype="str"))


def _days_of(doubting: Doubting) -> np.ndarray:
    """Of which day the amounts of each row are; where it tells none, or one to come, of the run's."""
    today, field = np.datetime64(doubting.today, "D"), _OF_DAY.get(doubting.part.kind)
    if field is None:
        return np.full(len(doubting.rows), today)
    days = doubting.rows[field].to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days) | (days > today), today, days)


def _tell_rates(
    doubting: Doubting, column: Column, code: str, known: np.ndarray, unknown: np.ndarray, days: np.ndarray
) -> None:
    """What is said of one currency in a column, once each: that it was converted, and the earliest day without a rate."""
    field = named(doubting.part.kind, column.field)
    if len(known):
        place = (doubting.part.sheet, _span(doubting, known, column.field), field)
        doubting.findings.append(Finding("amount_converted", *place, code, detail=str(len(known))))
    if len(unknown):
        place = (doubting.part.sheet, _span(doubting, unknown, column.field), field)
        doubting.findings.append(Finding("amount_rate_missing", *place, code, detail=str(days[unknown].min())))


def _span(doubting: Doubting, places: np.ndarray, name: str) -> str:
    """From the first to the last of some cells of a column."""
    first, last = (doubting.cell(int(i), name) for i in (places.min(), places.max()))
    return first if first == last else f"{first}:{last}"


def _doubt_amounts(doubting: Doubting, column: Column) -> None:
    """Amounts below nothing are reported, but for orders that are taken back; those beyond the policy's limit are unknown.

    Of a number without a unit nobody knows yet how much it is (`units`).
    """
    numbers = doubting.rows[column.field].to_numpy()
    beyond = np.abs(numbers) > doubting.policy.largest(column.unit)
    if beyond.any():
        beyond &= doubting.rows[unnamed(column.field)].isna().to_numpy()
    negative = (numbers < 0) & (doubting.part.kind != ORDERS.kind)
    for i in np.flatnonzero(negative | beyond).tolist():
        code = "amount_implausible" if beyond[i] else "amount_negative"
        doubting.report(code, i, column.field, doubting.typed(i, column.field))
    if beyond.any():
        _set(doubting, column.field, np.where(beyond, np.nan, numbers))


def _doubt_levels(doubting: Doubting, column: Column) -> None:
    """Levels from 1 to the highest that the policy knows."""
    numbers, off = on_scale(doubting.rows[column.field].to_numpy(), column, (1, doubting.policy.indicators.top_level))
    for i, code, allowed in off:
        doubting.report(code, i, column.field, doubting.typed(i, column.field), allowed)
    if off:
        _set(doubting, column.field, numbers)


def _doubt_tiers(doubting: Doubting, column: Column) -> None:
    """Recorded tiers as keys; words other than the usual ones are kept, behind whatever else was."""
    typed = doubting.rows[column.field]
    names = tier_names({tier.key: (tier.zh, tier.en) for tier in doubting.policy.tiers})
    labels = doubting.policy.tier_names("zh-CN")
    words = typed.tolist()
    readings = {text: parse_tier(text, names) for text in set(words) if isinstance(text, str)}
    if any(code for _, code in readings.values()):
        for i in np.flatnonzero(typed.isin([text for text, (_, code) in readings.items() if code])).tolist():
            doubting.report("tier_unparsed", i, column.field, typed.iat[i])
    keys = {text: key for text, (key, _) in readings.items() if key}
    _set(doubting, column.field, pd.array(list(map(keys.get, words)), dtype="str"))
    if unusual := [text for text, key in keys.items() if text != labels[key]]:
        kept = doubting.rows["as_typed"]
        said = f"{doubting.part.headers[column.field]}=" + typed
        _set(doubting, "as_typed", kept.mask(typed.isin(unusual), (kept + SEPARATOR).fillna("") + said))


#: Kind of column → what a day and a policy say of its values.
_DOUBTS: dict[str, Callable[[Doubting, Column], None]] = {
    "date": _doubt_days,
    "datetime": _doubt_days,
    "amount": _doubt_amounts,
    "grade": _doubt_levels,
    "tier": _doubt_tiers,
}
