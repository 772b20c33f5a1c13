"""Classes of recency, frequency and money (RFM) beside the tiers: each customer's fifth among all that order, and what the three say.

Recency is how many days ago the last order was, frequency on how many days of the year somebody ordered, money the year's amount.
Equal figures get equal marks, by the middle of their ranks; 5 is best. A mark of 3 and more is high; the eight classes are the
usual ones: money says whether a customer is important, recency and frequency what is to be done.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core.order_settings import Orders

#: Recency, frequency, money high or not → the class.
CLASSES = {
    (True, True, True): "champions",
    (True, False, True): "to_grow",
    (False, True, True): "to_keep",
    (False, False, True): "to_win_back",
    (True, True, False): "loyal",
    (True, False, False): "promising",
    (False, True, False): "fading",
    (False, False, False): "asleep",
}
_FIFTHS, _HIGH = 5, 3


def classed(figures: pd.DataFrame, rule: Orders, today: pd.Timestamp) -> pd.DataFrame:
    """``rfm`` (``535``) and ``rfm_class`` of customers whose three figures are known; of too few customers nothing is told.

    ``figures`` are those of all customers (`orders.FIGURES`).
    """
    measured = pd.DataFrame(
        {
            "r": -(today - figures["last_order"]).dt.days.astype("float64"),
            "f": figures["order_days_year"],
            "m": figures["amount_year"],
        }
    )
    known = measured.notna().all(axis=1).to_numpy()
    said = pd.DataFrame({"rfm": pd.Series(None, figures.index, dtype="str")}).assign(rfm_class=lambda rows: rows["rfm"])
    if known.sum() < rule.classes_at_least:
        return said
    marks = measured[known].apply(_fifths)
    texts = marks.astype("str")
    said.loc[known, "rfm"] = texts["r"] + texts["f"] + texts["m"]
    high = (marks >= _HIGH).itertuples(index=False, name=None)
    said.loc[known, "rfm_class"] = [CLASSES[which] for which in high]
    return said


def _fifths(values: pd.Series) -> pd.Series:
    """Marks from 1 to 5 by the middle of each value's ranks."""
    share = (values.rank(method="average") - 0.5) / len(values)
    return (share * _FIFTHS).astype("int64").clip(upper=_FIFTHS - 1) + 1
