"""What orders say of a customer that its own sheet leaves open: amount, first and last deal, products; and where they contradict it."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pandas as pd

from kam_xl.core.entries import split_list
from kam_xl.core.findings import Finding
from kam_xl.core.frames import each_row
from kam_xl.core.portfolio import Letters, cells, spans
from kam_xl.core.raw import text
from kam_xl.core.sheets import ORDERS
from kam_xl.core.texts import essence, folded_all

#: What a customer's own sheet says where it says anything, and the field of an order that tells it else.
TOLD = {"amount": "amount", "since": "ordered_on", "last_deal": "ordered_on", "products": "product"}
_DECIMALS = 8
#: A cumulative amount so much below the orders contradicts them.
_ROUNDED = 0.01


def filled(customers: pd.DataFrame, orders: pd.DataFrame, letters: Letters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The customers with what their orders say where their own sheets say nothing, and where that stands (as `origins`).

    The amount is that of all orders, returns taken off, and unknown where any is. The last deal is the later of the two:
    an order is a deal whatever the sheet says.
    """
    if orders.empty:
        return customers, _origins(customers, orders, {}, letters)
    own = customers.set_index("customer_id")
    known = {name: found.reindex(own.index) for name, found in _said(orders).items()}
    lacks = {name: own[name].isna() & found.notna() for name, found in known.items()}
    lacks["last_deal"] = known["last_deal"].notna() & ~(known["last_deal"] <= own["last_deal"])
    values = {name: own[name].mask(lacks[name], known[name]).to_numpy() for name in known}
    new = customers.assign(
        **{name: pd.Series(found, customers.index, customers[name].dtype) for name, found in values.items()}
    )
    parts = lacks["amount"].to_numpy()
    new["amount_parts"] = np.where(parts, 1, new["amount_parts"])
    new["amount_gaps"] = np.where(parts, 0, new["amount_gaps"])
    return new, _origins(customers, orders, lacks, letters)


def _said(orders: pd.DataFrame) -> dict[str, pd.Series]:
    """What the orders say, by customer."""
    bought = orders[~(orders["amount"] < 0)]
    days = bought.groupby("customer_id")["ordered_on"]
    amounts = orders.groupby("customer_id")["amount"]
    whole = amounts.sum().round(_DECIMALS).where(amounts.count() == amounts.size())
    return {"amount": whole, "since": days.min(), "last_deal": days.max(), "products": _products(bought)}


def _products(orders: pd.DataFrame) -> pd.Series:
    """The products of each customer's orders, each once, in the order in which they were first bought, as one text."""
    rows = orders[orders["product"].notna() & orders["customer_id"].notna()]
    who, ids = pd.factorize(rows["customer_id"], sort=True)
    spelt, texts = pd.factorize(rows["product"])
    same = pd.factorize(folded_all(pd.Series(texts, dtype="str")))[0][spelt]
    first = np.lexsort((rows["row"], rows["ordered_on"], who))
    first = first[~pd.DataFrame({"who": who[first], "same": same[first]}).duplicated().to_numpy()]
    bought = np.asarray(texts, object)[spelt[first]]
    ends = np.searchsorted(who[first], np.arange(len(ids) + 1))
    told = ["、".join(bought[start:end]) for start, end in itertools.pairwise(ends)]
    return pd.Series(told, pd.Index(ids, name="customer_id"), dtype="str", name="product")


def _origins(
    customers: pd.DataFrame, orders: pd.DataFrame, lacks: dict[str, pd.Series], letters: Letters
) -> pd.DataFrame:
    """Where what the orders say stands: of each customer's rows in a sheet that tell it the first and the last, ``F3:F41``."""
    columns = ["customer_id", "book", "sheet", "field", "cell"]
    bought = ~(orders["amount"] < 0)
    parts = []
    for name, lacking in lacks.items():
        counted = orders[TOLD[name]].notna() & (bought | (name == "amount"))
        theirs = orders[counted & orders["customer_id"].isin(lacking.index[lacking])]
        rows = theirs.groupby(["customer_id", "book", "sheet"])["row"].agg(row="min", last_row="max").reset_index()
        if rows.empty:
            continue
        span = spans(letters, rows, ORDERS.kind, TOLD[name])
        parts.append(rows[["customer_id", "book", "sheet"]].assign(field=name, cell=span))
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.concat([empty, *parts], ignore_index=True)[columns]


# --- what contradicts ----------------------------------------------------------------------------------------------


def contradictions(customers: pd.DataFrame, orders: pd.DataFrame, letters: Letters) -> list[tuple[str, Finding]]:
    """Customers whose own sheets say other products than they ever ordered, or less than they ordered in all.

    ``customers`` are as their own sheets have them. Of whom several teams tell nothing is said: a team reads of no other's rows.
    """
    if orders.empty:
        return []
    own = customers[customers["team_count"] == 1].set_index("customer_id", drop=False)
    said = _said(orders[orders["team"].eq(orders["customer_id"].map(own["teams"]))])
    less = own["amount"] < said["amount"].reindex(own.index) * (1 - _ROUNDED)
    found = _about(own[less], "amount", "orders_exceed_amount", said["amount"].map(_shown), letters)
    both = own[own["products"].notna() & said["products"].reindex(own.index).notna()]
    bought = said["products"].reindex(both.index)
    strange = [_nothing_in_common(*pair) for pair in zip(both["products"], bought, strict=True)]
    return found + _about(both[np.array(strange, bool)], "products", "products_contradict", said["products"], letters)


def _shown(amount: float) -> str:
    return text(round(amount, 4))


_essence = functools.lru_cache(maxsize=65536)(essence)


@functools.lru_cache(maxsize=65536)
def _nothing_in_common(listed: str, bought: str) -> bool:
    """True where no product that is listed is one that was bought, nor a part of its name."""
    mine, theirs = ([_essence(one) for one in split_list(texts)] for texts in (listed, bought))
    return not any(one in other or other in one for one in mine for other in theirs if one and other)


def _about(rows: pd.DataFrame, field: str, code: str, said: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """A finding for each customer, about the cell of its own sheet."""
    if rows.empty:
        return []
    places = cells(letters, rows, "info", field)
    typed = rows[field].map(_shown) if field == "amount" else rows[field]
    told = zip(each_row(rows), places, typed, said.reindex(rows["customer_id"]), strict=True)
    return [
        (row.book, Finding(code, row.sheet, cell, field, value, row.customer_id, other))
        for row, cell, value, other in told
    ]
