"""Orders for the measurement, always the same: `python -m benchmarks.sold FILE ours|sql|read` works out what lies in a file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import books, orders_in_sql
from kam_xl import resources
from kam_xl.core import orders
from kam_xl.core.sheets import ORDERS

TODAY = pd.Timestamp(2026, 11, 20)
DAYS, PRODUCTS = 1400, 200  # of the past in which orders stand, of different products
SOLD = 3000  # 元 of the median order, so that the orders rarely exceed what the customers' sheets say in all
RETURNED = 0.02  # share of the lines


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
            "amount": np.where(chance.random(count) < RETURNED, -amount, amount),
            "cost": (amount * 0.7).round(4),
            "profit": np.nan,
            "book": pd.array(np.full(count, "a.xlsx", dtype=object), dtype="str"),
        }
    )


def beside(paths: list[Path], folder: Path, customers: int, count: int) -> None:
    """The workbooks, each in a folder of its own, with its share of so many lines of orders beside it: as Parquet, as CSV, in turn."""
    for number, path in enumerate(paths):
        own = folder / path.stem
        own.mkdir(parents=True)
        shutil.copyfile(path, own / path.name)
        if count:
            rows = _exported(number, customers, count // len(paths))
            write = (rows.to_csv, rows.to_parquet)[number % 2 == 0]
            write(own / ("orders.parquet" if number % 2 == 0 else "orders.csv"), index=False)


def _exported(number: int, customers: int, count: int) -> pd.DataFrame:
    """Lines of orders of one workbook's customers as a program exports them, in 元; the products are those of the workbook."""
    chance = np.random.default_rng(number)
    amount = (chance.lognormal(0, 1, count) * SOLD).round(2)
    named = {column.field: column.zh for column in ORDERS.columns}
    first = books.first_of(number, customers)
    told = {
        "customer_id": [books.named(first + one) for one in chance.integers(0, customers, count).tolist()],
        "order_no": np.char.add(f"D{number:03}-", (np.arange(count) // 2).astype(str)),
        "ordered_on": TODAY.to_datetime64() - chance.integers(0, DAYS, count).astype("timedelta64[D]"),
        "product": chance.choice(books.PRODUCTS, count),
        "amount": np.where(chance.random(count) < RETURNED, -amount, amount),
        "cost": (amount * 0.7).round(2),
    }
    return pd.DataFrame({named[field]: cells for field, cells in told.items()})


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
