"""Amounts of money as people type them, in any unit → 万 (10,000) of their currency; 万元 is the unit of the whole product (§2, §12)."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from kam_xl.core.currencies import BASE, DOLLARS, FOREIGN, PLAIN
from kam_xl.core.entries import NOTHING, read
from kam_xl.core.numbers import NOTED, NUMBER, finite, to_float
from kam_xl.core.texts import lowered, simplified

#: Words that multiply, of whatever currency → how many 万 (10,000) one of it is.
_SCALES = {
    "千": 0.1, "k": 0.1, "thousand": 0.1, "thousands": 0.1, "000": 0.1, "'000": 0.1, "000s": 0.1, "万": 1.0, "w": 1.0, "wan": 1.0,
    "10k": 1.0, "x10k": 1.0, "0000": 1.0, "'0000": 1.0, "十万": 10.0, "百万": 100.0, "m": 100.0, "mn": 100.0, "million": 100.0,
    "millions": 100.0, "千万": 1e3, "亿": 1e4, "x100m": 1e4, "bn": 1e5, "billion": 1e5,
}  # fmt: skip
#: A unit as typed, without blanks → how many 万元 (10,000 CNY) one of it is.
UNITS = _SCALES | {
    "元": 1e-4, "元整": 1e-4, "块": 1e-4, "rmb": 1e-4, "cny": 1e-4, "yuan": 1e-4, "人民币": 1e-4, "人民币元": 1e-4,
    "元人民币": 1e-4,
    "千元": 0.1, "kcny": 0.1,
    "万元": 1.0, "万元整": 1.0, "万元人民币": 1.0, "人民币万元": 1.0, "万人民币": 1.0, "万rmb": 1.0,
    "10kcny": 1.0, "x10kcny": 1.0, "rmb10k": 1.0, "10krmb": 1.0,
    "十万元": 10.0,
    "百万元": 100.0, "mcny": 100.0, "millioncny": 100.0, "cnym": 100.0,
    "千万元": 1e3,
    "亿元": 1e4, "100mcny": 1e4, "x100mcny": 1e4, "亿元人民币": 1e4,
}  # fmt: skip


class Unit(NamedTuple):
    """What a number is in: how many 万 of its currency one is, None where nobody knows; the currency, None where none is named."""

    factor: float | None
    currency: str | None = None


WAN = Unit(1.0)
_UNKNOWN = Unit(None)
#: What people call the product's currency beside a scale: RMB 万, or beside a scale of 元: RMB 万元.
_BASE_NAMES = ("rmb", "cny", "cnh", "人民币", "yuan")
_MONEY = (
    {text: Unit(factor, None if text in _SCALES else BASE) for text, factor in UNITS.items()}
    | {
        text: Unit(factor or 1e-4, code)
        for word, code in (dict.fromkeys(_BASE_NAMES, BASE) | FOREIGN).items()
        for scale, factor in ({"": 0.0} | _SCALES).items()
        for text in (scale + word, word + scale)
    }
    | {
        text: Unit(factor, BASE)
        for word in _BASE_NAMES
        for unit, factor in UNITS.items()
        if unit.endswith("元") and not unit.startswith("人民币")
        for text in (word + unit, unit + word)
    }
)

#: Units that a header names without brackets: `Deals won` names no Korean money.
_BESIDE = {
    text for word in (*_BASE_NAMES[:-1], *PLAIN) for scale in ("", *_SCALES) for text in (word + scale, scale + word)
} | {text for text in UNITS if text.endswith("元")}

_AMOUNT = re.compile(rf"^(?P<minus>-(?=[^\d\s+-]))?(?P<sign>[^\d+-]*)(?P<number>{NUMBER})\s*(?P<unit>\D*)$")
_YUAN_SIGNS = ("¥", "rmb", "cny", "人民币")  # the first is Japan's, too
_BLANK_BEFORE_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?\d{1,3}\.\d{3}")

_UNITS_IN_HEADER = re.compile(r"[(\[{【〔「『]([^)\]}】〕」』]*)")

#: What brackets say about money besides its unit.
_NO_UNIT = re.compile(
    r"(?:不|未)?含税价?|税[前后]|(?:incl|excl|including|excluding|before|after|with|without)\b.*\b(?:tax|vat)|net|gross|base|purchased"
)


def unit_of(header: str, default: str | None) -> Unit:
    """What a bare number below this header is in; no factor where the header names an unknown unit or currency.

    ``累计交易额（元）`` → 0.0001 of CNY, ``Amount (k USD)`` → 0.1 of USD, no unit in brackets → that of `default`.
    """
    named = _units(header)
    if not named:
        return Unit(UNITS[default]) if default else _UNKNOWN
    together = _MONEY.get(_folded("".join(named)), _UNKNOWN)  # 金额（USD，万）
    if together.factor is not None:
        return together
    known = {unit for text in named if (unit := _MONEY.get(_folded(text)))}
    return known.pop() if len(known) == 1 else _UNKNOWN


@functools.lru_cache(maxsize=4096)
def parted(header: str) -> tuple[str, str] | None:
    """What a header says besides a currency that it names at one of its ends without brackets, and that: ``Amount USD``, ``美元金额``."""
    text = simplified(header[:_LONGEST_PARTED])
    ends = ((text[:i], text[i:]) for i in range(1, len(text)))
    found = [(rest, unit) for end in ends for rest, unit in (end, end[::-1]) if _folded(unit) in _BESIDE]
    apart = [(rest, unit) for rest, unit in found if not _JOINED.search(text.replace(unit, f"\0{unit}\0", 1))]
    rest, unit = max(apart, key=lambda pair: len(_folded(pair[1])), default=("", ""))
    return (rest.strip(_BETWEEN).removesuffix(" in"), _folded(unit)) if unit else None


_LONGEST_PARTED = 60
_BETWEEN = " _-:/"
_JOINED = re.compile("[a-z]\0[a-z]")


def names_unit(header: str) -> bool:
    """True where a header's brackets name a unit, be it one nobody knows."""
    return bool(_units(header))


def is_unit(text: str) -> bool:
    """True for a unit of money, of any currency: ``万元``, ``k USD``."""
    return _folded(simplified(text)) in _MONEY


def is_foreign(currency: str | None) -> bool:
    """True for a currency other than the one that the product counts in."""
    return currency is not None and currency != BASE


def insists_on_yuan(header: str) -> bool:
    """True where a header's brackets call the product's currency by name; 元 is what people write of any."""
    return any(name in text for text in _units(header) for name in _YUAN_SIGNS[1:])


def _units(header: str) -> list[str]:
    remarks = re.split(r"[,;、/]", ",".join(_UNITS_IN_HEADER.findall(simplified(header))))
    named = (remark.replace("单位", "").strip(" :").removeprefix("in ") for remark in remarks)
    found = [text for text in named if text and not _NO_UNIT.fullmatch(text)]
    return found or [unit for _, unit in filter(None, [parted(header)])]


def _folded(unit: str) -> str:
    return "".join(unit.split())


def parse_amount(text: str, factor: float | None = 1.0) -> tuple[float | None, str | None]:
    """Money in 万元 where no day and no policy tell what another currency is worth; a bare number is in the unit of `factor`.

    ``520万`` → 520, ``￥3,200,000元`` → 320, ``0.12亿`` → 1200, ``(12.5)`` → -12.5. A range, an estimate, another
    currency, a lone ￥ sign or a number in words is unknown.
    """
    number, currency, code = parse_money(text, Unit(factor))
    return (None, "amount_unparsed") if is_foreign(currency) else (number, code)


def parse_money(text: str, below: Unit = WAN) -> tuple[float | None, str | None, str | None]:
    """Money in 万 of its currency, and the currency where the text names one; a bare number is in what the header says.

    ``$12,000`` → 1.2 of USD, ``12 000 EUR`` → 1.2 of EUR, ``3亿日元`` → 30000 of JPY, ``520万`` → 520 of whatever else says.
    """
    folded = read(text)
    if folded in NOTHING:
        return None, None, "amount_missing"
    if folded.startswith("(") and folded.endswith(")"):
        folded = "-" + folded[1:-1].strip()
    match = _AMOUNT.match(_BLANK_BEFORE_THOUSANDS.sub(",", folded))
    unit = _meant(match, below) if match and not NOTED.search(text) else _UNKNOWN
    if not is_foreign(unit.currency) and _BLANK_BEFORE_THOUSANDS.search(folded):
        unit = _UNKNOWN  # nobody sets 元 apart like that: 1 234 567 may be three numbers
    if match is None or unit.factor is None:
        return None, None, "amount_unparsed"
    # dividing by 10,000 stays exact in decimals where multiplying by 0.0001 does not
    number, code = finite(scaled(to_float(match, "number"), unit.factor), "amount_unparsed")
    return -number if number is not None and match["minus"] else number, unit.currency, code


def _meant(match: re.Match[str], below: Unit) -> Unit:
    """What the words around a number say that it is in; the currency is the one that they name, not the header's."""
    sign, unit = _folded(match["sign"]), _folded(match["unit"])
    if not sign:
        found = _MONEY.get(_of_dollars(unit, below)) if unit else Unit(below.factor)
    elif sign in _YUAN_SIGNS:
        found = _behind_yuan(sign, unit, below)
    else:
        found = _behind_sign(_of_dollars(sign, below), unit, below)
    if found is None:
        return _UNKNOWN
    doubtful = is_foreign(found.currency) and _THOUSANDS_OR_DECIMALS.fullmatch(match["number"])
    return _UNKNOWN if doubtful and found.factor == UNITS["元"] else found  # 12.000 EUR is twelve, or twelve thousand


def _behind_yuan(sign: str, unit: str, below: Unit) -> Unit | None:
    """¥520 is in yuan below 元 only: below 万元 it could be either, and below 美元 it is not what the header says."""
    if unit:
        return _MONEY.get(unit)
    agrees = not is_foreign(below.currency) or (sign == _YUAN_SIGNS[0] and below.currency == "JPY")
    return Unit(below.factor) if below.factor == UNITS["元"] and agrees else None


def _behind_sign(sign: str, unit: str, below: Unit) -> Unit | None:
    """$520, $520k, US$520 USD; below a header of 万美元 $520 could be either."""
    currency = FOREIGN.get(sign)
    found = _MONEY.get(sign + unit) or _MONEY.get(_of_dollars(unit, below))
    if currency is None or found is None or found.currency not in (None, currency):
        return None
    either = not unit and below.currency == currency and below.factor != found.factor
    return None if either else Unit(found.factor, currency)


def _of_dollars(text: str, below: Unit) -> str:
    """A lone $ is the dollar that the header names, if it names one."""
    if below.currency in DOLLARS and text.replace("$", "", 1) in ("", *_SCALES):
        return text.replace("$", lowered(str(below.currency)))
    return text


def scaled(number: float, factor: float) -> float:
    """A number times a unit's factor, divided where that keeps decimals exact."""
    return number * factor if factor >= 1 else number / round(1 / factor)
