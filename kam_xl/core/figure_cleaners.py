"""What cells of figures become: marks, numbers, shares and amounts, and the figures in a size or an effect."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from kam_xl.core import privacy, raw
from kam_xl.core.amounts import UNITS, Unit, insists_on_yuan, is_foreign, names_unit, parse_money, scaled, unit_of
from kam_xl.core.books import Priced
from kam_xl.core.located import Located
from kam_xl.core.numbers import bare_share, money_text, parse_share
from kam_xl.core.quantities import parse_effect, parse_size
from kam_xl.core.raw import text as _text
from kam_xl.core.reading import UNREAD, Reading, transposed
from kam_xl.core.sheets import Column
from kam_xl.core.texts import narrow, simplified
from kam_xl.core.word_cleaners import clean_texts, known


def clean_scores(reading: Reading, column: Column, typed: list) -> dict[str, object]:
    """Marks 0-100 and the reasons typed beside them; a mark that cannot be used is kept as its reason."""
    if not column.required:
        return clean_optional_scores(reading, column, typed)
    readings = list(map(raw.mark, typed))
    numbers, reasons, codes = transposed(readings, 3)
    reading.report_all(codes, column.field, typed)
    for i, code in enumerate(codes):
        if code and code != "score_missing":
            reasons[i] = reasons[i] or _text(typed[i])
    return {column.field: np.array(numbers, float), f"{column.field}_reason": reasons}


def clean_optional_scores(reading: Reading, column: Column, typed: list) -> dict[str, object]:
    """Marks 0-100 nobody has to give, such as the recorded score: a blank is fine, a remark beside one is kept."""
    readings = list(map(raw.mark, typed))
    codes = [None if code in _QUIET[column.kind] else code for _, _, code in readings]
    reading.report_all(codes, column.field, typed)
    for i, (_, reason, code) in enumerate(readings):
        if reason and code != "score_unparsed":
            reading.keep_text(i, column.field, typed[i])
    return {column.field: np.array([number for number, _, _ in readings], float)}


#: What needs no word about a mark nobody has to give; a recorded score below 1 may be one.
_QUIET = {"composite": {"score_missing", "score_fraction"}, "score": {"score_missing"}}


def clean_numbers(reading: Reading, column: Column, typed: list) -> dict[str, np.ndarray]:
    """Numbers, shares (as fractions), counts and grades: read where they leave no doubt, held against their scale."""
    numbers = _read_numbers(reading, column, typed)
    if column.kind == "grade":  # the policy says how many levels there are
        reading.to_doubt(column.field, typed, _plain(numbers))
        return {column.field: numbers}
    numbers, off = on_scale(numbers, column, column.scale or (0, np.inf))
    for i, code, allowed in off:
        reading.report(code, i, column.field, typed[i], allowed)
    return {column.field: numbers}


def on_scale(
    numbers: np.ndarray, column: Column, scale: tuple[float, float]
) -> tuple[np.ndarray, list[tuple[int, str, str]]]:
    """The numbers of a column, NaN for those beyond its scale and for parts of what is counted whole.

    Of these each row with the code of its finding, and what is allowed.
    """
    low, high = scale
    outside = (numbers < low) | (numbers > high)
    broken = (numbers % 1 != 0) & np.isfinite(numbers) & ~outside & (column.kind in _WHOLE)
    allowed = f"{low:g}–{high:g}" if high < np.inf else f"≥ {low:g}"
    off = np.flatnonzero(outside | broken).tolist()
    told = [(i, "number_out_of_range" if outside[i] else "number_not_whole", allowed) for i in off]
    return np.where(outside | broken, np.nan, numbers), told


_WHOLE = ("count", "grade")


def _plain(numbers: np.ndarray) -> list[float | None]:
    """Numbers one by one, None where there is none."""
    return [None if number != number else number for number in numbers.tolist()]  # noqa: PLR0124 (NaN)


def _read_numbers(reading: Reading, column: Column, typed: list) -> np.ndarray:
    """The numbers of a column, NaN where there is none; a text that is no plain number is kept beside its row."""
    if column.kind != "share" and set(map(type, typed)) == {float}:
        return np.array(typed)
    read = _share_below(reading, column) if column.kind == "share" else _number_in(column.unit)
    found, codes = transposed((read(cell) for cell in typed), 2)
    reading.report_all(codes, column.field, typed)
    for i, cell in enumerate(typed):
        if found[i] is not None and type(cell) is str and cell != _text(found[i]):
            reading.keep_text(i, column.field, cell)
    return np.array(found, float)


def _number_in(unit: str | None) -> Callable[[object], tuple[float | None, str | None]]:
    return lambda cell: raw.number(cell, unit)


def _share_below(reading: Reading, column: Column) -> Callable[[object], tuple[float | None, str | None]]:
    """How a share is read below its header, which may name %."""
    percent = "%" in narrow(reading.header(column.field) or "")
    return lambda cell: _share_of(cell, percent)


def _share_of(cell: object, percent: bool) -> tuple[float | None, str | None]:
    if type(cell) is float or type(cell) is int:
        return bare_share(float(cell), percent)
    return _share(_text(cell), percent)


_share = functools.lru_cache(maxsize=65536)(parse_share)


def clean_amounts(reading: Reading, column: Column, typed: list) -> dict[str, object]:
    """Money in 万 of its currency; texts that leave no doubt are read, all others are unknown.

    ``<field>_in`` is the currency where it is another than the product's, ``<field>_typed`` the amount in it as people
    write it; what it is worth in 万元, `doubts` says, who knows the day and the rates.
    A number for which neither header nor cell names a unit is read in its column's own until `units` has compared it with
    others'; the header stands beside it (`unnamed`).
    """
    none: list[str | None] = [None] * len(typed)
    typed_header = reading.header(column.field)
    if typed_header is None:
        return _amounts(column, np.full(len(typed), np.nan), none, none)
    header = reading.headers[column.field] = with_unit(reading.table, typed_header)
    below = unit_of(header, column.unit)
    numbers, currencies = _read_amounts(reading, column, typed, below)
    priced = reading.times is not None and column.field == "amount"
    if priced:
        prices, numbers = numbers, (numbers * np.array(reading.times)).round(_DECIMALS)
        for i in np.flatnonzero(np.isfinite(prices) & ~np.isfinite(numbers)).tolist():
            reading.report("amount_missing", i, column.field, "")
        currencies = [code if known else None for code, known in zip(currencies, np.isfinite(numbers), strict=True)]
    bare = np.zeros(len(typed), bool) if names_unit(header) else np.isfinite(numbers) & ~_with_units(typed)
    if below.factor is None or bare.any():
        reading.report_header("amount_unit_unknown" if below.factor is None else "amount_unit_unnamed", column.field)
    reading.factors[column.field] = below.factor or 1.0
    every = zip(typed, _plain(numbers), currencies, strict=True)
    untold = [None if _tells_itself(cell) and not (currency or priced) else number for cell, number, currency in every]
    reading.to_doubt(column.field, typed, untold)
    return _amounts(column, numbers, currencies, [header if one else None for one in bare])


#: Of an amount in 万 that is made of two numbers: less is nobody's money, and what a computer adds by itself.
_DECIMALS = 10


def _amounts(
    column: Column, numbers: np.ndarray, currencies: list[str | None], headers: list[str | None]
) -> dict[str, object]:
    texts = [code and f"{money_text(number)} {code}" for number, code in zip(numbers.tolist(), currencies, strict=True)]
    name = column.field
    return {name: numbers, f"{name}_in": currencies, f"{name}_typed": texts, unnamed(name): headers}


def unnamed(field: str) -> str:
    """The column beside amounts of which neither header nor cell names the unit: it holds the header above them."""
    return f"{field}_unnamed"


def with_unit(table: Located, header: str) -> str:
    """An amount's header with the unit that a line above the table names for the whole of it (``单位：万元``)."""
    if names_unit(header):
        return header
    above = (cell for row in table.sheet.rows[: table.header.top] for cell in row if type(cell) is str)
    lines = {f"({found[1]})" for cell in above if (found := _UNIT_LINE.search(simplified(cell[:_LONGEST_UNIT_LINE])))}
    units = [line for line in lines if unit_of(line, None).factor]  # 填报单位：华东区 names no unit of money
    return header + units[0] if len(units) == 1 else header


_UNIT_LINE = re.compile(r"(?:单位|\bunit) ?[:=] ?([^\s,;()]+)")

_LONGEST_UNIT_LINE = 100


def _with_units(typed: list) -> np.ndarray:
    """Which cells name the unit of their amount themselves."""
    texts = {cell: parse_money(cell, Unit(None))[0] is not None for cell in set(typed) if type(cell) is str}
    return np.array([texts.get(cell, False) if type(cell) is str else type(cell) is Priced for cell in typed], bool)


def _read_amounts(reading: Reading, column: Column, typed: list, below: Unit) -> tuple[np.ndarray, list[str | None]]:
    """The amounts of a column in 万 of their currency, and which that is; None for the product's own."""
    ordinary = below.factor is not None and not is_foreign(below.currency) and not reading.currencies
    if ordinary and all(map(_tells_itself, typed)):
        return np.array([scaled(float(cell), below.factor or 1.0) for cell in typed]), [None] * len(typed)
    names = _Names(below, names_unit(reading.headers[column.field]), _insists(reading, column))
    beside = reading.currencies or [None] * len(typed)
    found = [
        _amount(reading, column, i, cell, names, one) for i, (cell, one) in enumerate(zip(typed, beside, strict=True))
    ]
    numbers, currencies = transposed(found, 2)
    return np.array(numbers, float), currencies


#: A number as a program writes it, in few enough digits to be told by the amount and its unit again.
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,10})(?:\.\d{1,4})?")


def _tells_itself(cell: object) -> bool:
    """True for a bare number, be it held as a text: whoever knows its amount and its unit knows what was typed."""
    return type(cell) is float or type(cell) is int or (type(cell) is str and _PLAIN.fullmatch(cell) is not None)


def times_paid(reading: Reading, by_column: Sequence[tuple]) -> list[float] | None:
    """How often the price of one is paid: the quantity, less the discount; NaN where either is unknown, None where a line tells its amount."""
    table, off = reading.table, reading.table.discount
    if not table.is_priced:
        return None
    reading.report_header("amount_of_price", "amount")
    rows = by_column[table.columns["quantity"]] if by_column else ()
    percent = off is not None and "%" in narrow(table.header.texts[off])
    cells = by_column[off] if off is not None and by_column else (0.0,) * len(rows)
    shares = [0.0 if cell == "" else _share_of(cell, percent)[0] for cell in cells]
    return [_paid(raw.number(count)[0], share) for count, share in zip(rows, shares, strict=True)]


def _paid(count: float | None, share: float | None) -> float:
    return np.nan if count is None or share is None else count * (1 - share)


#: Amounts that few documents have: a blank one is no news.
_MAY_BE_BLANK = frozenset({"cost", "profit"})


class _Names(NamedTuple):
    """What a header says that a number is in, whether it says so itself, and whether no column beside it may say otherwise."""

    below: Unit
    unit: bool
    insists: bool

    def currency(self, said: str | None, beside: str | None, shown: str | None) -> set[str]:
        """The currencies that the text of a cell, the currency column, the number format and the header name; one, if they agree.

        A text overrides the header. 元 in a header is a unit as well, so a column overrides it, but no number format.
        """
        heard = self.insists or (shown is not None and beside is None)
        return {said, beside, shown, self.below.currency if heard and not said else None} - {None}  # type: ignore[return-value]


def _insists(reading: Reading, column: Column) -> bool:
    """True for a header that calls its currency by name; our own headers mean the unit."""
    header = reading.headers[column.field]
    below = unit_of(header, column.unit)
    return is_foreign(below.currency) or (header not in (column.zh, column.en) and insists_on_yuan(header))


def _amount(
    reading: Reading, column: Column, i: int, cell: object, names: _Names, beside: str | None
) -> tuple[float | None, str | None]:
    """The amount in a cell and its currency, None for the product's own; a text that was read is kept beside its row."""
    shown = cell.currency if type(cell) is Priced else None
    unit = Unit(UNITS["元"]) if shown and not names.unit else names.below
    number, said, code = raw.money(cell, unit)
    read = number is not None
    told = names.currency(said, beside, shown)
    if read and UNREAD in told:
        number = None  # what is wrong with its currency is told of that cell
    elif read and len(told) > 1:
        number, code = None, "amount_currency_unclear"
    if code and not (code == "amount_missing" and column.field in _MAY_BE_BLANK):
        reading.report(code, i, column.field, cell, " / ".join(sorted(told)) or None)
    elif read if type(cell) is str and not _tells_itself(cell) else number is None:  # or else nothing would tell it
        reading.keep_text(i, column.field, cell)
    currency = next(iter(told), names.below.currency)
    return number, currency if is_foreign(currency) and number is not None else None


_size = functools.lru_cache(maxsize=65536)(parse_size)

SIZE_FIELDS = ("employees_low", "employees_high", "revenue_low", "revenue_high")


def clean_sizes(reading: Reading, column: Column, typed: list) -> dict[str, object]:
    """Employees and revenue (万元), low and high; the text itself stays."""
    texts = raw.texts(typed)
    *bounds, codes = transposed(map(_size, texts), 5)
    reading.report_all(codes, column.field, texts)
    numbers = {name: np.array(bound, float) for name, bound in zip(SIZE_FIELDS, bounds, strict=True)}
    return {column.field: known(texts), **numbers}


@functools.lru_cache(maxsize=65536)
def _effect(text: str) -> tuple[float | None, float | None]:
    """What is measured in an effect; the number of a phone is no measure."""
    return parse_effect(privacy.without_numbers(text))


def clean_effects(reading: Reading, column: Column, typed: list) -> dict[str, object]:
    """The effect as typed, and its actual and target where both are stated."""
    texts = clean_texts(reading, column, typed)[column.field]
    actual, target = transposed((_effect(text) if text else (None, None) for text in texts), 2)
    return {column.field: texts, "effect_actual": np.array(actual, float), "effect_target": np.array(target, float)}
