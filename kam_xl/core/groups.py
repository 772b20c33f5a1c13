"""Which customers are of one group, by the parent that each names, and what a group comes to: a view, never a sum beside theirs (§12).

A customer names its group by the group's name or by a parent, by ID or name; names are compared by `texts.folded`. The
parent's own group goes on from there, up to the one that names none; who is a customer too counts within its group. A
group of one customer is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.findings import Finding, text_or_none
from kam_xl.core.frames import each_row
from kam_xl.core.identity import normal
from kam_xl.core.ids import parse_id_name
from kam_xl.core.kinds import LEVELS
from kam_xl.core.portfolio import Letters, cells
from kam_xl.core.texts import folded, folded_all

#: So many of a group's customers are named; how many there are stands beside.
_NAMED = 30


def members(customers: pd.DataFrame) -> pd.DataFrame:
    """Who is of a group of two customers or more: customer_id and group, as the parent is called, or as most people typed it."""
    if customers["group"].isna().all():
        return frames.empty(frames.ASSESSMENT["members"])
    own, named = _keys(customers)
    tops, _ = _tops(named.dropna().unique(), _parents(own, named))
    group = named.fillna(own).map(tops)
    group = group.where(group.map(group.value_counts()) > 1)
    rows = pd.DataFrame({"customer_id": customers["customer_id"], "group": group.map(_called(customers, own, named))})
    return rows[group.notna()].astype(frames.ASSESSMENT["members"]).reset_index(drop=True)


def _keys(customers: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """What each customer is known by as a parent, and by what it names its own."""
    ids = normal(customers["customer_id"])
    own = folded_all(customers["name"]).where(customers["name"].notna(), "#" + ids)
    by_id = dict(zip(ids, own, strict=True))
    keys = {text: _key(text, by_id) for text in customers["group"].dropna().unique()}
    return own, customers["group"].map(keys).astype("str")


def _key(text: str, by_id: Mapping[str, str]) -> str:
    """By what a parent is known that was typed as an ID, as a name, or as both."""
    customer_id, name, _ = parse_id_name(text)
    normal_id = normal(pd.Series([customer_id or text.strip()], dtype="str"))[0]
    return by_id.get(normal_id) or folded(name or text)


def _parents(own: pd.Series, named: pd.Series) -> dict[str, str]:
    """Of each customer that names one, by what it is known: its parent."""
    known = named.notna()
    return dict(zip(own[known][::-1], named[known][::-1], strict=True))  # of two customers of one name the first counts


def _tops(keys: Iterable[str], parents: Mapping[str, str]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Of each key the parent above all others; and of those who name each other in a circle, whose least is the top then, all of these."""
    tops: dict[str, str] = {}
    circles: dict[str, tuple[str, ...]] = {}
    for key in keys:
        way: dict[str, int] = {}
        at = key
        while at not in tops and at not in way:
            way[at] = len(way)
            at = parents.get(at, at)
        if at not in tops:
            circle = tuple(way)[way[at] :]
            tops[at] = min(circle)
            circles |= dict.fromkeys(circle, circle) if len(circle) > 1 else {}
        tops |= dict.fromkeys(way, tops[at])
    return tops, circles


def _called(customers: pd.DataFrame, own: pd.Series, named: pd.Series) -> dict[str, str]:
    """What each group is called: as the customer that is its parent, else as it is typed most often, the first of several."""
    typed = customers["group"].groupby(named).agg(_most_typed)
    parents = customers["name"].fillna(customers["customer_id"]).groupby(own).first()
    return {**typed, **parents}


def _most_typed(texts: pd.Series) -> Any:
    return texts.mode().iat[0]


def told(customers: pd.DataFrame, letters: Letters) -> list[tuple[str, Finding]]:
    """A finding for each customer in a circle of parents."""
    if customers["group"].isna().all():
        return []
    own, named = _keys(customers)
    _, circles = _tops(named.dropna().unique(), _parents(own, named))
    rows = customers[own.isin(circles) & named.isin(circles)]
    called = customers["name"].groupby(own).first()
    told = {circle: " → ".join(str(called[one]) for one in circle[:_NAMED]) for circle in set(circles.values())}
    ways = [told[circles[key]] for key in own[rows.index]]
    return [
        (row.book, Finding("group_circle", row.sheet, cell, "group", text_or_none(row.group), row.customer_id, way))
        for row, cell, way in zip(each_row(rows), cells(letters, rows, "info", "group"), ways, strict=True)
    ]


def rolled_up(customers: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    """What each group comes to (`frames.ASSESSMENT`, groups): the one at the highest risk first, then by amount.

    ``of`` tells who is of which (`members`). The amount is that of the customers whose amount is known, unknown where
    none is; the share that of all customers' amounts.
    """
    rows = customers.merge(of[["customer_id", "group"]], on="customer_id", suffixes=("_named", ""))
    if rows.empty:
        return frames.empty(frames.ASSESSMENT["groups"])
    rows = rows.sort_values(["group", "amount", "customer_id"], ascending=[True, False, True])
    each = rows.assign(
        high_risk=rows["level"] == "high", medium_risk=rows["level"] == "medium", gaps=rows["amount"].isna(),
        place=rows["level"].map({level: place for place, level in enumerate(LEVELS)}).fillna(len(LEVELS)),
        called=rows["name"].fillna(rows["customer_id"]),
    ).groupby("group", sort=False)  # fmt: skip
    found = each[["high_risk", "medium_risk", "gaps"]].sum().assign(
        customers=each.size(), amount=each["amount"].sum(min_count=1), place=each["place"].min(),
        high_amount=rows["amount"].where(rows["level"] == "high").groupby(rows["group"]).sum(min_count=1),
        members=each["called"].agg(lambda names: "、".join(names[:_NAMED])),
        teams=each["teams"].agg(lambda texts: "、".join(sorted({team for text in texts for team in text.split("、")}))),
    )  # fmt: skip
    whole = customers["amount"].sum()
    found["share"] = found["amount"] / (whole if whole > 0 else np.nan)
    found["level"] = found["place"].map(dict(enumerate((*LEVELS, "none"))))
    found = found.reset_index().sort_values(["place", "amount", "group"], ascending=[True, False, True])
    return found[list(frames.ASSESSMENT["groups"])].astype(frames.ASSESSMENT["groups"]).reset_index(drop=True)
