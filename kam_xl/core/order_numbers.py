"""An order that several workbooks tell of counts once: the newest workbook's lines of it (handbook §2, §12).

Two workbooks tell of one order where customer and order number are the same, and so is the day or the amount. The same number
on another day for another amount is another order; that is told, for one of the two may be a slip. An order that a newer
workbook says is called off counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.amounts import UNITS
from kam_xl.core.findings import Finding
from kam_xl.core.frames import each_row
from kam_xl.core.raw import text
from kam_xl.core.sheets import ORDERS, named
from kam_xl.core.texts import folded, folded_all
from kam_xl.core.validation import TeamBook

#: An order of a workbook that another one tells of too: where it stands, its amount in 万元; which counts, and its amount.
AGAIN = (
    frames.text("verdict customer_id order_no book sheet") | frames.count("row") | frames.number("amount")
    | frames.text("other_book") | frames.number("other_amount")
)  # fmt: skip
#: What the two say: the same, something else of one order, that it is called off, or of two orders.
SAME, DIFFERS, GONE, TWO = "same", "differs", "gone", "two"
#: What is told of one order, and of many.
_CODES = {
    SAME: ("orders_repeated", "orders_repeated"), DIFFERS: ("order_differs", "orders_differ"),
    GONE: ("order_called_off", "orders_called_off"), TWO: ("order_number_reused", "order_numbers_reused"),
}  # fmt: skip
#: An order that is called off: what names the customer and the order, folded, and the workbook that says so.
CALLED_OFF = frames.text("customer order_no book") | frames.moment("modified")
#: Orders of a sheet that are told one by one; of more, one finding for all.
_MANY = 10
_CENT = 1e-6  # 万元


def counted_once(rows: pd.DataFrame, off: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of orders without those that a newer workbook tells anew or calls ``off`` (`CALLED_OFF`), and these orders (`AGAIN`).

    ``rows`` have the columns of the sheet, book, sheet, row, modified and customer_typed.
    """
    rows, gone = _without_called_off(rows, off)
    rows, again = _without_what_is_told_anew(rows)
    return rows, pd.concat([gone, again], ignore_index=True)


def _without_what_is_told_anew(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
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


def called_off(books: Iterable[TeamBook]) -> pd.DataFrame:
    """What the workbooks say is called off (`CALLED_OFF`), of each order the newest workbook that says so."""
    said = [
        (folded(customer), folded(order_no), book.name, book.modified)
        for book in books
        if ORDERS.kind in book.tables
        for customer, order_no in book.tables[ORDERS.kind].called_off
    ]
    found = frames.typed(pd.DataFrame(said, columns=[*CALLED_OFF]), CALLED_OFF)
    return found.sort_values(["modified", "book"]).drop_duplicates(["customer", "order_no"], keep="last")


def _without_called_off(rows: pd.DataFrame, off: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customer and number are compared as both workbooks type them, but for width, case and script."""
    if off.empty or rows["order_no"].isna().all():
        return rows, frames.empty(AGAIN)
    typed = pd.DataFrame({"customer": folded_all(rows["customer_typed"]), "order_no": folded_all(rows["order_no"])})
    said = typed.merge(off, on=["customer", "order_no"], how="left").set_axis(rows.index)
    gone = (said["modified"] > rows["modified"]).to_numpy(bool)
    if not gone.any():
        return rows, frames.empty(AGAIN)
    key = typed["customer"] + "|" + typed["order_no"]
    told = _by_book(rows[gone].assign(key=key))
    other = told["key"].map(dict(zip(key[gone], said.loc[gone, "book"], strict=True)))
    return rows[~gone], frames.typed(told.assign(verdict=GONE, other_book=other, other_amount=np.nan), AGAIN)


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
        one, many = _CODES[str(verdict)]
        if verdict == SAME or len(rows) >= _MANY:
            span = f"A{rows['row'].min()}:A{rows['row'].max()}"
            found.append((str(book), Finding(many, str(sheet), span, typed_value=str(len(rows)), detail=str(other))))
        else:
            found += [(str(book), _of_one(one, row)) for row in each_row(rows)]
    return found


def _of_one(code: str, row: object) -> Finding:
    """What is said of one order: its number and amount here, the other workbook and its amount."""
    order_no, sheet, place, book = (getattr(row, name) for name in ("order_no", "sheet", "row", "other_book"))
    here, there = (_yuan(getattr(row, name)) for name in ("amount", "other_amount"))
    about = (sheet, f"A{place}", named(ORDERS.kind, "order_no"), f"{order_no}: {here}")
    detail = str(book) if code == "order_called_off" else f"{book}: {there}"
    return Finding(code, *about, str(getattr(row, "customer_id")), detail)  # noqa: B009


def _yuan(amount: float) -> str:
    return "—" if amount != amount else text(round(amount / UNITS["元"], 2))  # noqa: PLR0124 (NaN)
