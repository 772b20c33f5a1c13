"""Whose row it is: the rows of all sheets under the customers they mean, and what is to be said of those that are unclear."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from kam_xl.core import customer_cells, frames, identity
from kam_xl.core.findings import Finding, text_or_none
from kam_xl.core.frames import each_row
from kam_xl.core.portfolio import Letters, cells
from kam_xl.core.reading import SEPARATOR
from kam_xl.core.sheets import BY_KIND, EVALUATION, OPTIONAL, ORDERS, TRACKING, named
from kam_xl.core.stacking import stacked
from kam_xl.core.validation import TeamBook

#: What rows have until it is settled whose they are: `read` is the ID that `validation` saw, the rest from `identity`.
ASKED = (*customer_cells.ASKED, "read", "asked", "about")

#: Kind of sheet → the code of a row whose customer no customer sheet holds.
_UNKNOWN = {"evaluation": "evaluation_unknown_customer", "tracking": "tracking_unknown_customer"}


def settled_customers(info: pd.DataFrame) -> pd.DataFrame:
    """Customer rows with their IDs settled over all books; a row repeats an ID only if it is still the same."""
    ids = identity.settled(info["customer_id"], info["customer_typed"], info["name"])
    info = info.assign(read=identity.normal(ids), customer_id=ids, asked=None, about=None)
    info["as_typed"] = _as_typed(info, [ids])
    return info.assign(repeated=info["repeated"] & info.duplicated(["book", "customer_id"]))


def attributed(books: list[TeamBook], info: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Kind of sheet → its rows in all books with the customers they mean; of the customers' own sheets these are `info`."""
    who = identity.known(info)
    rows = {sheet.kind: stacked(books, sheet.kind) for sheet in _OTHERS}
    return {kind: identity.resolved(some.assign(read=some["customer_id"]), who) for kind, some in rows.items()}


_PROPOSALS = frames.PORTFOLIO["proposals"]
#: The sheets whose rows ask whose they are.
_OTHERS = (EVALUATION, TRACKING, *OPTIONAL)


def under_their_names(rows: pd.DataFrame, kind: str, names: pd.Series) -> pd.DataFrame:
    """Attributed rows of a sheet with what was typed of their customer where nothing shown says it.

    A tracking row shows the customer's name, else the one typed; ``names`` are the customers' by their IDs.
    """
    says = [rows["customer_id"]]
    if kind == "tracking":
        typed = rows["name"].where(rows["customer_id"].notna(), rows["customer_typed"])
        shown = rows["customer_id"].map(names).astype("str").fillna(typed)
        rows, says = rows.assign(name=shown), [*says, shown, says[0] + "/" + shown]
    return rows.assign(as_typed=_as_typed(rows, says))


def _as_typed(rows: pd.DataFrame, says: list[pd.Series]) -> pd.Series:
    """The column as_typed with the customer's cell, where none of the texts that are shown says it."""
    typed = rows["customer_typed"]
    hidden = typed.notna() & ~np.logical_or.reduce([typed.eq(text) for text in says])
    cell = rows["customer_header"] + "=" + typed
    return rows["as_typed"].mask(hidden, cell + (SEPARATOR + rows["as_typed"]).fillna("")).astype("str")


def under_their_customers(found: list[tuple[str, Finding]], frames: list[pd.DataFrame]) -> list[tuple[str, Finding]]:
    """Findings about a row under the customer that the row turned out to mean."""
    moved = [frame[frame["customer_id"].notna() & frame["read"].ne(frame["customer_id"])] for frame in frames]
    own = {(row.book, row.sheet, str(row.row)): row.customer_id for rows in moved for row in each_row(rows)}
    return [(book, _moved(finding, own, book)) for book, finding in found] if own else found


def _moved(finding: Finding, own: dict[tuple[str, str | None, str], str], book: str) -> Finding:
    row = re.search(r"\d+", finding.cell) if finding.cell else None
    customer_id = own.get((book, finding.sheet, row[0])) if row else None
    return finding._replace(customer_id=customer_id) if customer_id else finding


def told_of_ids(asked: dict[str, pd.DataFrame], names: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """What is to be said of the cells that name customers: forms that clash, unknown ones and whom they may mean."""
    info = asked["info"]
    kept_apart = info[info["read"].isin(info.loc[info["read"].ne(info["customer_id"]), "read"])]
    several = kept_apart[kept_apart.groupby("read")["customer_id"].transform("nunique") > 1]
    forms = several.drop_duplicates("customer_id").sort_values("customer_id").groupby("read")["customer_id"]
    found = _about("id_clash", "info", several, several["read"].map(forms.agg("、".join)), letters)
    for kind, rows in ((kind, rows) for kind, rows in asked.items() if len(rows)):
        if kind != "tracking":
            folded = rows[rows["customer_typed"].ne(rows["customer_id"]) & rows["customer_id"].eq(rows["read"])]
            folded = folded[folded["read"].eq(identity.normal(folded["customer_typed"]))]
            found += _about("id_normalised", kind, folded, folded["customer_id"], letters)
        found += _questions(kind, rows, names, letters) + _unknown_customers(kind, rows, names, letters)
    return found


def _questions(kind: str, rows: pd.DataFrame, names: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """What `identity` asks about the rows of a sheet."""
    found = []
    for code in rows["asked"].dropna().unique():
        own = rows[rows["asked"] == code]
        about = own["about"].map("、".join)
        if code == "customer_name_other" or kind == ORDERS.kind:  # once for each name
            own = own.drop_duplicates(["book", "sheet", "customer_typed", "customer_beside"])
        if code == "customer_name_other":
            about = own["customer_id"].map(names)
        found += _about(code, kind, own, about, letters)
    return found


def _about(code: str, kind: str, rows: pd.DataFrame, detail: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """A finding for each row, about the cell that names its customer."""
    if rows.empty:
        return []
    field = BY_KIND[kind].key if kind == "tracking" else "customer_id"
    places = cells(letters, rows, kind, field)
    typed = rows["customer_typed"] + (" " + rows["customer_beside"]).fillna("")
    return [
        (
            row.book,
            Finding(code, row.sheet, cell, named(kind, field), text, text_or_none(row.customer_id), text_or_none(said)),
        )
        for row, cell, text, said in zip(each_row(rows), places, typed, detail[rows.index], strict=True)
    ]


def _unknown_customers(kind: str, rows: pd.DataFrame, names: pd.Series, letters: Letters) -> list[tuple[str, Finding]]:
    """Findings about the customers that a sheet names and no customer sheet holds; of an optional sheet, once for each."""
    if kind == "info":
        return []
    strange = rows[rows["customer_typed"].notna() & ~rows["customer_id"].isin(names.index) & rows["asked"].isna()]
    strange = strange[~strange["customer_id"].map(customer_cells.is_unlike_any, na_action="ignore").eq(True)]
    if strange.empty:
        return []
    if kind in _UNKNOWN:
        return _about(_UNKNOWN[kind], kind, strange, pd.Series(None, strange.index, dtype="str"), letters)
    key = ["book", "sheet", "customer_id"]
    count = strange.groupby(key)["row"].transform("size").astype("str")
    return _about("customer_unknown", kind, strange.drop_duplicates(key), count, letters)


def proposals_in(asked: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows that may be a customer's (`Portfolio.proposals`): kind of sheet, customer_id, book, sheet, row, typed_value."""
    parts = [frames.empty(_PROPOSALS)]
    for kind, rows in asked.items():
        maybe = rows[rows["asked"].notna()]
        if maybe.empty:
            continue
        maybe = maybe[maybe["about"].map(len) > 0].explode("about")
        maybe = maybe.assign(kind=kind, customer_id=maybe["about"], typed_value=maybe["customer_typed"])
        parts.append(maybe[list(_PROPOSALS)])
    return pd.concat(parts, ignore_index=True).astype(_PROPOSALS)
