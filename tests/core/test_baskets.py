"""Products that stand in one order more often than by chance, with the orders that this rests on."""

import dataclasses

import pandas as pd

from kam_xl import resources
from kam_xl.core import frames
from kam_xl.core.baskets import bought_together
from tests.builders import frame

RULE = dataclasses.replace(resources.policy().orders, together_at_least=2, together_lift=1.2)


def orders(*lines):
    """Order rows out of (order, product, amount …)."""
    rows = [{"customer_id": one[0], "order_no": one, "product": product, "amount": amount[0] if amount else 1.0,
             "ordered_on": pd.Timestamp(2026, 1, 5)} for one, product, *amount in lines]  # fmt: skip
    return frame(frames.PORTFOLIO["orders"], rows)


def pairs(rows, rule=RULE):
    found = bought_together(rows, rule).to_dict("records")
    return {(one["product"], one["other"]): (one["count"], one["of"], round(one["share"], 3), round(one["lift"], 3))
            for one in found}  # fmt: skip


SOLD = orders(
    ("a1", "茶"), ("a1", "杯"), ("b1", "茶"), ("b1", "杯"), ("c1", "茶"), ("d1", "伞"), ("e1", "伞"), ("f1", "伞")
)


def test_a_pair_is_told_with_its_orders_share_and_lift():
    assert pairs(SOLD) == {("杯", "茶"): (2, 2, 1.0, 2.0), ("茶", "杯"): (2, 3, 0.667, 2.0)}


def test_pairs_that_are_rare_or_no_more_than_chance_are_not_told():
    assert pairs(SOLD, dataclasses.replace(RULE, together_at_least=3)) == {}
    assert pairs(SOLD, dataclasses.replace(RULE, together_lift=2.1)) == {}


def test_lines_without_a_number_are_of_their_days_order():
    rows = SOLD.assign(order_no=pd.Series(None, SOLD.index, dtype="str"))

    assert pairs(rows) == pairs(SOLD)


def test_what_was_taken_back_was_not_bought():
    assert pairs(orders(*[(one, product, -1.0) for one in ("a1", "b1") for product in "茶杯"])) == {}


def test_no_orders_are_no_pairs():
    assert frames.misfits(bought_together(orders(), RULE), frames.ASSESSMENT["bought_together"]) == {}
