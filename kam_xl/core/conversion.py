"""What an amount in another currency is worth in 万元: by the rate of the policy that held on the day (handbook §12).

A rate holds from its day on until the next one; before the first, and of a currency without any, nothing is known.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from kam_xl.core.amounts import is_foreign
from kam_xl.core.currencies import WORDS
from kam_xl.core.kinds import Kind, Record, Text, refuse


def _are_rates(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_day(day) and _is_rate(one) for day, one in value.items())


def _is_day(text: object) -> bool:
    try:
        return isinstance(text, str) and dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_rate(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


_Rates = Annotated[
    tuple[tuple[dt.date, float], ...],
    Kind(
        Text(
            "从哪一天起 1 单位值多少元，如 { 2026-01-01 = 7.0 }",
            "from which day on one of it is how many 元, such as { 2026-01-01 = 7.0 }",
        ),
        _are_rates,
        lambda value: tuple(sorted((dt.date.fromisoformat(day), float(rate)) for day, rate in value.items())),
    ),
]


@dataclass(frozen=True)
class Currency(Record):
    """What other currencies are worth (handbook §12)."""

    rates: dict[str, _Rates]  # ISO 4217 code → (day from which it holds, 元 for one of it), the earliest first

    def check(self, place: str) -> None:
        """Every code is one of another currency that amounts are read in."""
        for code, table in self.rates.items():
            if code not in WORDS:
                told = {day.isoformat(): rate for day, rate in table}
                known = " | ".join(WORDS)
                allowed = Text(f"外币的 ISO 代码：{known}", f"the ISO code of another currency: {known}")
                refuse(f"{place}.rates.{code}", told, allowed)

    def on(self, code: str, days: np.ndarray) -> Rates:
        """The rates of a currency that hold on days (datetime64[D])."""
        table = self.rates.get(code, ())
        since = np.array([day for day, _ in table], "datetime64[D]")
        rate = np.array([np.nan, *(rate for _, rate in table)], float)
        place = np.searchsorted(since, days, "right")
        return Rates(rate[place], np.append(np.datetime64("NaT", "D"), since)[place])

    def worth(self, number: float, code: str | None, day: dt.date) -> float | None:
        """What so many 万 of a currency are worth in 万元 on a day; None where no rate holds."""
        if not is_foreign(code):
            return number
        rate = float(self.on(str(code), np.array([day], "datetime64[D]")).rate[0])
        return None if np.isnan(rate) else number * rate


class Rates(NamedTuple):
    """One currency's rates on some days, and from which day each has held; NaN and NaT where none holds."""

    rate: np.ndarray
    since: np.ndarray  # datetime64[D]
