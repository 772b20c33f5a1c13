"""A year of nights in which it was settled beforehand what every alarm is worth.

A night every five days. `RIGHT` is right 8 times of 10, each time 40 days ahead, twice for each way of getting worse; two more
of its alarms come too late to be known. `NOISE` hits 100 customers on one night: 20 get worse, and so do 24 of the 120 others.
`LATER` is switched on in the summer and hits 15 customers, of whom nothing comes. `FEW` hits twelve; three leave the books
before its time is over, so that of nine it is known: too few. In between three nights are missing, one team's workbook cannot
be read on three more, an alarm is gone for one night, and a new policy moves tiers and calls customers lost by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from kam_xl.core import alarms, history

RIGHT, NOISE, LATER, FEW = "silent_customer", "warning_words", "strategy_overdue", "key_contact_left"
FIRST, EVERY, NIGHTS = dt.date(2025, 11, 1), 5, 73
MISSING, UNREAD, NEW_POLICY = (10, 11, 12), (20, 21, 22), 40
#: Rule, customers, first night, last night.
FLAGGED = (
    (RIGHT, [f"A{i:03}" for i in range(10)], 30, 45),
    (RIGHT, ["A010", "A011"], 60, 72),
    (NOISE, [f"B{i:03}" for i in range(100)], 4, 7),
    (LATER, [f"O{i:03}" for i in range(40, 55)], 50, 72),
    (FEW, [f"O{i:03}" for i in range(24, 36)], 24, 29),
)
#: Customers, the night on which they get worse, each in the next way of `alarms.WORSE`.
WORSE = (
    ([f"A{i:03}" for i in range(8)], 38),
    ([f"B{i:03}" for i in range(20)], 16),
    ([f"O{i:03}" for i in range(24)], 16),
)
GONE = (["O033", "O034", "O035"], 28)  # customers, the first night without them
FLICKERS = ("A009", 33)  # whose alarm is gone for one night
EVERYBODY = sorted({*(f"O{i:03}" for i in range(108)), *(one for _, some, *_ in FLAGGED for one in some)})


def snapshots() -> Iterator[pd.DataFrame]:
    """Every night's snapshot, the oldest first."""
    known: dict[str, dict] = {}
    for night in range(NIGHTS):
        rows = {one: _row(one, night) for one in EVERYBODY if not (one in GONE[0] and night >= GONE[1])}
        if night in UNREAD:
            rows |= {one: known[one] for one in rows if one.startswith("B")}
        known = rows
        if night not in MISSING:
            yield history.complete(pd.DataFrame(list(rows.values())).assign(on=pd.Timestamp(_day(night))))


def _day(night: int) -> dt.date:
    return FIRST + dt.timedelta(days=EVERY * night)


def _row(customer: str, night: int) -> dict:
    flags = [
        (rule, first)
        for rule, some, first, last in FLAGGED
        if customer in some and first <= night <= last and (customer, night) != FLICKERS
    ]
    worse = {alarms.WORSE[some.index(customer) % 4] for some, since in WORSE if customer in some and night >= since}
    other = night >= NEW_POLICY and customer in [f"O{i:03}" for i in range(60, 90)]
    texts = [f"{customer}{rule}={rule}=high=={_day(first)}={_day(first)}" for rule, first in flags]
    return {
        "customer_id": customer, "name": "某科技", "teams": "华东", "score": 60.0, "risk_score": 0.0,
        "value": 60.0, "potential": 60.0, "demand": 60.0, "team_count": 1.0, "amount_parts": 1.0,
        "tier": "regular" if "tier_down" in worse or other else "key",
        "lifecycle": "lost" if "lost" in worse or (other and customer < "O070") else "active",
        "amount": 85.0 if "amount_down" in worse else 100.0, "renewals_lost": float("renewal_lost" in worse),
        "level": "high" if any(rule == RIGHT for rule, _ in flags) else "none", "risks": " ".join(texts) or None,
        "policy": "old" if night < NEW_POLICY else "new", "whole_on": pd.Timestamp(_day(night)),
    }  # fmt: skip
