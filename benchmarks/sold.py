"""Orders for the measurement, always the same: `python -m benchmarks.sold FILE ours|sql|read` works out what lies in a file."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from benchmarks import orders_in_sql
from kam_xl import resources
from kam_xl.core import orders

TODAY = pd.Timestamp(2026, 11, 20)
DAYS, PRODUCTS = 1400, 200  # of the past in which orders stand, of different products


def lines(count: int, customers: int) -> pd.DataFrame:
    """So many lines of orders, two of a number, over the customers, in no order."""
    chance = np.random.default_rng(7)
    who = chance.integers(0, customers, count)
    day = (TODAY.to_datetime64() - chance.integers(0, DAYS, count).astype("timedelta64[D]")).astype("datetime64[s]")
    amount = chance.lognormal(0, 1, count).round(4)
    return pd.DataFrame(
        {
            "customer_id": pd.array(np.char.add("C", who.astype(str)).astype(object), dtype="str"),
            "order_no": pd.array(np.char.add("D", (np.arange(count) // 2).astype(str)).astype(object), dtype="str"),
            "ordered_on": day,
            "product": pd.array(
                np.char.add("P", chance.integers(0, PRODUCTS, count).astype(str)).astype(object), dtype="str"
            ),
            "amount": np.where(chance.random(count) < 0.02, -amount, amount),
            "cost": (amount * 0.7).round(4),
            "profit": np.nan,
            "book": pd.array(np.full(count, "a.xlsx", dtype=object), dtype="str"),
        }
    )


def ours(rows: pd.DataFrame) -> pd.DataFrame:
    """All that the rules read out of orders."""
    ids = pd.Series(rows["customer_id"].unique(), dtype="str")
    asked = pd.DataFrame({"customer_id": ids, "last_deal": pd.Series(pd.NaT, ids.index, dtype="datetime64[s]")})
    return orders.figures(rows, asked, resources.policy().orders, TODAY, orders.reach(rows))


def sql(rows: pd.DataFrame) -> pd.DataFrame:
    """The sums of it in SQL."""
    return orders_in_sql.figures(rows, TODAY.date())


def _main(file: str, how: str, *size: str) -> None:
    if how == "make":
        lines(*map(int, size)).to_pickle(file)
    else:
        {"read": len, "ours": ours, "sql": sql}[how](pd.read_pickle(file))  # noqa: S301 (we wrote it)


if __name__ == "__main__":
    _main(*sys.argv[1:])
