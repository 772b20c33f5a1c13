"""The orders of the demo's customers: each has a rhythm, a basket and a course of its own, and the last one is the day of the last deal."""

from __future__ import annotations

import datetime as dt
import itertools
from random import Random

from kam_xl.core.entries import split_list
from kam_xl.demo.clerk import Customer, Row

#: Orders are kept for so many days.
_KEPT = 1100
#: How much more or less is ordered in a year, and how often each happens.
_COURSES, _OFTEN = (1.0, 1.25, 0.6), (6, 2, 1)


def of(customer: Customer, team: str, last_deal: int, today: dt.date) -> list[Row]:
    """Every order that a team has of a customer in the days that are kept, the oldest first; a customer of late has one or two."""
    rng = Random(f"{customer.id} {team} orders")
    gap = customer.tier.cadence_days * rng.uniform(0.25, 0.6)
    days = _days(rng, gap, last_deal, min(customer.since, _KEPT))
    (course,) = rng.choices(_COURSES, _OFTEN)
    weights = [course ** (-day / 365) * rng.lognormvariate(0, 0.3) for day in days]
    spent = 0.75 * customer.amount * min(1.0, _KEPT / max(customer.since, 1)) * 10_000  # 元
    margin = rng.uniform(0.12, 0.42)
    numbered = zip(itertools.count(1), days, weights, strict=False)
    return [
        line
        for number, day, weight in numbered
        for line in _order(rng, customer, f"{team}-{customer.id}-{number:03}", today - dt.timedelta(day),
                           spent * weight / sum(weights), margin)
    ]  # fmt: skip


def _days(rng: Random, gap: float, last: int, first: int) -> list[int]:
    """How many days ago each order was, from the first that is kept on to the last."""
    days, day = [last], last + gap * rng.uniform(0.7, 1.35)
    while day < first:
        days.append(round(day))
        day += gap * rng.uniform(0.7, 1.35)
    return days[::-1]


def _order(rng: Random, customer: Customer, number: str, day: dt.date, amount: float, margin: float) -> list[Row]:
    """The lines of one order: one product, at times another beside it."""
    products = split_list(str(customer.facts["products"]))
    basket = products if rng.random() < 0.25 else [products[0] if rng.random() < 0.7 else rng.choice(products)]
    parts = [rng.uniform(0.3, 1) for _ in basket]
    return [
        {
            "customer_id": customer.id,
            "order_no": number,
            "ordered_on": day,
            "product": product,
            "quantity": rng.randint(1, 40),
            "amount": (paid := round(amount * part / sum(parts), 2)),
            "cost": round(paid * (1 - margin * rng.uniform(0.8, 1.2)), 2),
            "currency": "",
        }
        for product, part in zip(basket, parts, strict=True)
    ]
