"""An order that several workbooks tell of counts once: the newest workbook's lines of it (handbook §2, §12).

Two workbooks tell of one order where customer and order number are the same, and so is the day or the amount. The same number
on another day for another amount is another order; that is told, for one of the two may be a slip.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.amounts import UNITS
from kam_xl.core.findings import Finding
from kam_xl.core.frames import each_row
from kam_xl.core.raw import text
from kam_xl.core.sheets import ORDERS, named
from kam_xl.core.texts import folded_all

#: An order of a workbook that another one tells of too: where it stands, its amount in 万元; which counts, and its amount.
AGAIN = (
    frames.text("verdict customer_id order_no book sheet") | frames.count("row") | frames.number("amount")
    | frames.text("other_book") | frames.number("other_amount")
)  # fmt: skip
#: What the two say: the same, something else of one order, or of two orders.
SAME, DIFFERS, TWO = "same", "differs", "two"
_CODES = {SAME: "orders_repeated", DIFFERS: "order_differs", TWO: "order_number_reused"}
#: Orders of a sheet that are told one by one; of more, one finding for all.
_MANY = 10
_CENT = 1e-6  # 万元


def counted_once(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of orders without those that a newer workbook tells anew, and the orders told again (`AGAIN`).

    ``rows`` have the columns of the sheet, book, sheet, row and modified.
    """
    if rows["book"].nunique() < 2:
        return rows, frames.empty(AGAIN)
    numbered = rows[rows["order_no"].notna() & rows["customer_id"].notna()]
    told_of = numbered[["customer_id", "book"]].drop_duplicates()["customer_id"]
    numbered = numbered[numbered["customer_id"].isin(told_of[told_of.duplicated()])]
    key = numbered["customer_id"] + "|" + folded_all(numbered["order_no"])
    several = numbered["book"].groupby(key).transform("nunique") > 1
    if not several.any():
        return rows, frames.empty(AGAIN)
    told = _by_book(numbered[several].assign(key=key[several]))
    newest = told.drop_duplicates("key").set_index("key")
    chosen = newest.loc[told["key"]].reset_index()
    told["verdict"] = _verdicts(told, chosen)
    told["other_book"], told["other_amount"] = chosen["book"], chosen["amount"]
    told = told[told["book"] != told["other_book"]]
    gone = pd.MultiIndex.from_frame(told.loc[told["verdict"] != TWO, ["key", "book"]])
    again = pd.MultiIndex.from_arrays([key[several], numbered.loc[several, "book"]]).isin(gone)
    return rows.drop(index=numbered.index[several][again]), frames.typed(told, AGAIN)


def _by_book(lines: pd.DataFrame) -> pd.DataFrame:
    """One row an order and workbook, the newest workbook's first: its first line, day, amount, and what its lines say."""
    said = pd.util.hash_pandas_object(lines[["ordered_on", "product", "quantity", "amount"]], index=False)
    each = lines.assign(said=said.astype("uint64").to_numpy()).groupby(["key", "book"], sort=False)
    told = each.agg(
        customer_id=("customer_id", "first"), order_no=("order_no", "first"), sheet=("sheet", "first"), row=("row", "min"),
        day=("ordered_on", "min"), modified=("modified", "max"), said=("said", "sum"),
    )  # fmt: skip
    told["amount"] = each["amount"].sum(min_count=1)
    return told.reset_index().sort_values(["key", "modified", "book"], ascending=[True, False, True], ignore_index=True)


def _verdicts(told: pd.DataFrame, chosen: pd.DataFrame) -> np.ndarray:
    """What each workbook says of an order beside the one that counts."""
    day = told["day"].eq(chosen["day"]) | told["day"].isna() | chosen["day"].isna()
    amount = (told["amount"] - chosen["amount"]).abs() <= _CENT
    alike = told["said"].eq(chosen["said"])
    return np.select([alike, day | amount], [SAME, DIFFERS], TWO)


def told(again: pd.DataFrame) -> list[tuple[str, Finding]]:
    """What the ones who keep the workbooks should know of the orders told again (`AGAIN`)."""
    found: list[tuple[str, Finding]] = []
    for (book, sheet, verdict, other), rows in again.groupby(["book", "sheet", "verdict", "other_book"], sort=True):
        code = _CODES[str(verdict)]
        if verdict == SAME or len(rows) >= _MANY:
            span = f"A{rows['row'].min()}:A{rows['row'].max()}"
            code = {"order_differs": "orders_differ", "order_number_reused": "order_numbers_reused"}.get(code, code)
            found.append((str(book), Finding(code, str(sheet), span, typed_value=str(len(rows)), detail=str(other))))
        else:
            found += [(str(book), _of_one(code, row)) for row in each_row(rows)]
    return found


def _of_one(code: str, row: object) -> Finding:
    """What is said of one order: its number and amount here, the other workbook and its amount."""
    order_no, sheet, place, book = (getattr(row, name) for name in ("order_no", "sheet", "row", "other_book"))
    here, there = (_yuan(getattr(row, name)) for name in ("amount", "other_amount"))
    about = (sheet, f"A{place}", named(ORDERS.kind, "order_no"), f"{order_no}: {here}")
    return Finding(code, *about, str(getattr(row, "customer_id")), f"{book}: {there}")  # noqa: B009


def _yuan(amount: float) -> str:
    return "—" if amount != amount else text(round(amount / UNITS["元"], 2))  # noqa: PLR0124 (NaN)
