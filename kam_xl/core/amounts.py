"""Amounts of money as people type them, in any unit → 万元, the unit of the whole product (handbook §2)."""

from __future__ import annotations

import re

from kam_xl.core.entries import NOTHING, read
from kam_xl.core.numbers import NOTED, NUMBER, finite, to_float
from kam_xl.core.texts import simplified

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

_AMOUNT = re.compile(rf"^(?P<sign>¥|rmb|cny|人民币)?\s*(?P<number>{NUMBER})\s*(?P<unit>\D*)$")

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
    folded = read(text)
    if folded in NOTHING:
        return None, "amount_missing"
    if folded.startswith("(") and folded.endswith(")"):
        folded = "-" + folded[1:-1].strip()
    match = _AMOUNT.match(folded)
    if not match or NOTED.search(text):
        return None, "amount_unparsed"
    unit = match["unit"].strip()
    signed = factor if factor == UNITS["元"] else None  # ￥520 below 万元 could be either
    scale = _factor(unit) if unit else signed if match["sign"] else factor
    if scale is None:
        return None, "amount_unparsed"
    # dividing by 10,000 stays exact in decimals where multiplying by 0.0001 does not
    return finite(scaled(to_float(match, "number"), scale), "amount_unparsed")


def scaled(number: float, factor: float) -> float:
    """A number times a unit's factor, divided where that keeps decimals exact."""
    return number * factor if factor >= 1 else number / round(1 / factor)
