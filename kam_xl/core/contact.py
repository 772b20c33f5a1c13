"""What is a contact with a customer and when each was: one meaning for plan, silence, health and lifecycle (handbook §11).

A deal, an order, a visit, a survey the customer answered, an answer we gave or got, a contact person's own "last contacted". What
came in, a complaint or a request, is none before it is answered, nor is an update of the tracking sheet.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from kam_xl.core.portfolio import Portfolio

_PLACE = ("team", "book", "sheet", "row")


def _every(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=rows.index)


#: Kind of sheet and field that tell of a contact → in which rows. A case solved without an answer on record was answered then.
PLACES: dict[tuple[str, str], Callable[[pd.DataFrame], pd.Series]] = {
    ("info", "last_deal"): lambda rows: ~rows["repeated"],
    ("service", "reported"): lambda rows: rows["kind"].isin(("visit", "survey")),
    ("service", "answered"): _every,
    ("service", "resolved"): lambda rows: rows["answered"].isna(),
    ("service", "confirmed"): _every,
    ("contacts", "last_contact"): _every,
    ("orders", "ordered_on"): lambda rows: ~(rows["amount"] < 0) & ~rows.duplicated(["customer_id", "ordered_on"]),
}
#: Kinds of sheet, besides the customers', whose rows tell of contacts.
HEARD = tuple(dict.fromkeys(kind for kind, _ in PLACES if kind != "info"))


def contacts(portfolio: Portfolio, today: pd.Timestamp) -> pd.DataFrame:
    """Every contact up to ``today``: customer_id, day, and its place: sheet_kind, field, team, book, sheet, row.

    A date after today has not happened. One contact may stand in several places.
    """
    told = [_told(rows, *place) for place in PLACES if len(rows := _rows(portfolio, place[0])) or place[0] == "info"]
    found = pd.concat(told, ignore_index=True)
    return found[found["customer_id"].notna() & (found["day"] <= today)].reset_index(drop=True)


def _rows(portfolio: Portfolio, kind: str) -> pd.DataFrame:
    """Every team's rows of one kind of sheet."""
    return portfolio.records if kind == "info" else getattr(portfolio, kind)


def _told(rows: pd.DataFrame, kind: str, field: str) -> pd.DataFrame:
    """What one field of one kind of sheet tells of."""
    rows = rows[PLACES[kind, field](rows).astype(bool)]
    day = rows[field].dt.normalize().astype("datetime64[s]")
    place = {name: rows[name] for name in _PLACE}
    return pd.DataFrame({"customer_id": rows["customer_id"], "day": day} | place | {"sheet_kind": kind, "field": field})


def last(known: pd.DataFrame, customer_id: pd.Series) -> pd.Series:
    """The day of each customer's latest of the `contacts`, beside ``customer_id``; unknown where there is none."""
    latest = known.groupby("customer_id")["day"].max()
    return latest.reindex(customer_id).set_axis(customer_id.index)


def unheard(portfolio: Portfolio, customer_id: pd.Series, last_contact: pd.Series) -> pd.Series:
    """True for customers who may have been contacted since: nobody is silent for lack of what a row fails to say.

    Theirs may be a row that names nobody for sure (`Portfolio.may_have_more`), or a later record of no known kind.
    """
    unclear = portfolio.service[portfolio.service["kind"].isna()]
    if unclear.empty:
        return pd.Series(portfolio.may_have_more(customer_id, *HEARD), customer_id.index)
    doubtful = unclear.groupby("customer_id")["reported"].max()
    later = doubtful.reindex(customer_id).set_axis(customer_id.index).dt.normalize()
    since = later.notna() & ~(later <= last_contact)
    return since | portfolio.may_have_more(customer_id, *HEARD)
