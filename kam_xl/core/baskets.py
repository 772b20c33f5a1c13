"""Products that are bought together: pairs that stand in one order more often than chance would have them.

An order is a customer's lines of one number; lines without one are of their day's order. The lift is how many times as often two
products stand in one order as they would if each went its own way; a pair is told with the orders that it rests on.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.order_settings import Orders
from kam_xl.core.texts import folded_all

PAIRS = frames.ASSESSMENT["bought_together"]
#: An order of more products tells little of any two of them.
_LARGEST = 20


def bought_together(orders: pd.DataFrame, rule: Orders) -> pd.DataFrame:
    """Pairs of products (`PAIRS`): of the orders that have the first, how many have the other too; the surest first."""
    rows = orders[orders["product"].notna() & orders["customer_id"].notna() & ~(orders["amount"] < 0)]
    basket = _baskets(rows)
    code, _ = pd.factorize(folded_all(rows["product"]))
    held = pd.DataFrame({"basket": basket, "product": code}).drop_duplicates()
    total = held["basket"].nunique()
    alone = held["product"].value_counts()
    small = held[held.groupby("basket")["product"].transform("size").between(2, _LARGEST)]
    both = small.merge(small, on="basket", suffixes=("", "_other")).query("product != product_other")
    counts = both.groupby(["product", "product_other"]).size().rename("count").reset_index()
    counts["of"] = counts["product"].map(alone)
    counts["share"] = counts["count"] / counts["of"]
    counts["lift"] = counts["share"] / (counts["product_other"].map(alone) / max(total, 1))
    told = counts[(counts["count"] >= rule.together_at_least) & (counts["lift"] >= rule.together_lift)]
    said = rows["product"].groupby(code).first()
    told = told.assign(**{name: said.reindex(told[name]).to_numpy() for name in ("product", "product_other")})
    told = told.rename(columns={"product_other": "other"})
    told = told.sort_values(["share", "count", "product", "other"], ascending=[False, False, True, True])
    return frames.typed(told.reset_index(drop=True), PAIRS)


def _baskets(rows: pd.DataFrame) -> np.ndarray:
    """A number for each order."""
    number = rows["order_no"].where(rows["order_no"].notna(), rows["ordered_on"].astype("str"))
    return rows.assign(number=number).groupby(["customer_id", "number"], dropna=False, sort=False).ngroup().to_numpy()
