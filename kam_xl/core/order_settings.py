"""What the policy says of orders: a frozen record like those of `sections`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from kam_xl.core.kinds import Days, Factor, Kind, Record, Share, Text, whole

_SURE = Kind(
    Text("0.5 到 0.999 之间的小数", "a fraction from 0.5 to 0.999"),
    lambda value: isinstance(value, float) and 0.5 <= value <= 0.999,
)


@dataclass(frozen=True)
class Orders(Record):
    """What is read out of orders, and from how many on (S0: purchasing cycle; S3: orders, LTV)."""

    rhythm_days: Annotated[int, whole(3, "days")]  # days with an order, below which no next one is expected
    spread_at_most: Factor  # × the median interval: intervals further apart make no rhythm
    late_factor: Factor  # × the median interval without an order, and the next one is late
    reach_days: Days  # orders that begin so long after a year did still tell of the whole of it
    trend_days: Annotated[int, whole(3, "days")]  # days with an order in the year, below which there is no trend
    trend_sure: Annotated[float, _SURE]
    margin_known: Share  # of the year's amount, for its margin to be told
    classes_at_least: Annotated[int, whole(5, "customers")]  # with orders, for them to be parted in fifths
    value_days: Annotated[int, whole(4, "days")]  # days with an order, below which nothing is expected of a year
    value_sure: Annotated[float, _SURE]  # how sure the year's value lies in the range told
    speak_from: Share  # of a team's customers with orders of two spans, for its indicators to be measured by them
    together_at_least: Annotated[int, whole(2, "orders")]  # of two products, for them to be bought together
    together_lift: Factor  # how many times as often as by chance
