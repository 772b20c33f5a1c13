"""The records of each customer → one row: first known values, earliest and latest days, sums and unions (handbook §2)."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from kam_xl.core.entries import split_list
from kam_xl.core.figure_cleaners import SIZE_FIELDS
from kam_xl.core.findings import text_or_none
from kam_xl.core.frames import READER
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Letters, cells
from kam_xl.core.sheets import INFO
from kam_xl.core.texts import folded

#: Fields for which two different values contradict each other; the others are summed, united, or earliest and latest.
SINGLE = ("name", "industry", "size", "contact", "phone", "remarks", "group")


def in_order(records: pd.DataFrame) -> pd.DataFrame:
    """Records by customer, the newest workbook first; rows repeating an ID within their book stand last."""
    order = records.assign(age=-records["modified"].astype("int64")).sort_values(
        ["customer_id", "repeated", "age", "team", "book", "row"], kind="stable"
    )
    return order.drop(columns="age").reset_index(drop=True)


def merged(
    records: pd.DataFrame, again: pd.DataFrame, policy: Policy, letters: Letters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a customer, and the origin of each value that does not come from the customer's first record.

    Columns: the fields of the info sheet, employees and revenue bounds, teams, team_count, amount_parts and amount_gaps
    (teams whose amount is known, and is not), modified, book, sheet, row (of the record whose values are shown). Origins: customer_id, field, book, sheet, cell.
    """
    starts = np.flatnonzero(~records["customer_id"].duplicated().to_numpy())
    main = records.iloc[starts].reset_index(drop=True)
    taken = _positions(records, starts)
    data: dict[str, pd.Series | np.ndarray] = {"customer_id": main["customer_id"]}
    data |= {name: _taken(records[name], positions) for name, positions in taken.items()}
    data["amount"] = _amounts(records["amount"].to_numpy(), starts, policy.amount_rule)
    data["amount_parts"] = _counted(records["amount"].notna(), starts)
    data["amount_gaps"] = _counted(_gaps(records), starts)
    data |= {name: _united(records[name], starts) for name in ("products", "tags")}
    data |= {name: _each_told(records[name], starts) for name in ("currency", "amount_typed")}
    teams = _teams(pd.concat([records[["customer_id", "team"]], again[["customer_id", "team"]]]))
    data["teams"] = main["customer_id"].map(teams["teams"]).astype("str")
    data["team_count"] = main["customer_id"].map(teams["team_count"]).astype("int64")
    order = [*INFO.fields, "amount_typed", *SIZE_FIELDS, "teams", "team_count", "amount_parts", "amount_gaps"]
    customers = pd.DataFrame(data)[order].assign(**{name: main[name] for name in ("modified", "book", "sheet", "row")})
    return customers, _origins(records, starts, taken, letters)


def _positions(records: pd.DataFrame, starts: np.ndarray) -> dict[str, np.ndarray]:
    """Field → for each customer the position of the record whose value counts; -1 where none is known."""
    first = {name: _first_known(records[name], starts) for name in (*SINGLE, "named_manager", *SIZE_FIELDS)}
    earliest = _extreme(records["since"], starts, np.minimum)
    return first | {"since": earliest, "last_deal": _extreme(records["last_deal"], starts, np.maximum)}


def _ends(starts: np.ndarray, count: int) -> np.ndarray:
    return np.append(starts, count)[1:]


def _first_known(column: pd.Series, starts: np.ndarray) -> np.ndarray:
    """For each customer the position of the first record that has a value; -1 where none has."""
    if not len(starts):
        return starts
    none = len(column)
    positions = np.minimum.reduceat(np.where(column.notna(), np.arange(none), none), starts)
    return np.where(positions == none, -1, positions)


def _extreme(column: pd.Series, starts: np.ndarray, choose: np.ufunc) -> np.ndarray:
    """For each customer the position of the record with the earliest or latest date; -1 where none is known."""
    if not len(starts):
        return starts
    known = column.notna().to_numpy()
    stamps = column.astype("datetime64[s]").astype("int64").to_numpy()
    neutral = np.iinfo("int64").max if choose is np.minimum else np.iinfo("int64").min
    best = choose.reduceat(np.where(known, stamps, neutral), starts)
    hits = known & (stamps == np.repeat(best, np.diff(np.append(starts, len(column)))))
    return _first_known(pd.Series(np.where(hits, 1.0, np.nan)), starts)


def _taken(column: pd.Series, positions: np.ndarray) -> pd.Series:
    taken = column.take(np.maximum(positions, 0)).reset_index(drop=True)
    return taken.where(positions >= 0)


def _gaps(records: pd.DataFrame) -> pd.Series:
    """The records whose team tells no amount of the customer, not even in another of its workbooks."""
    unknown = records["amount"].isna()
    key = ["customer_id", "team"]
    if unknown.any() and records[unknown].shape[0] < len(records) and records.duplicated(key).any():
        unknown &= records.groupby(key)["amount"].transform("count").eq(0)
    return unknown


def _counted(flags: pd.Series, starts: np.ndarray) -> np.ndarray:
    """How many of each customer's records have a flag."""
    return np.add.reduceat(flags.to_numpy("int64"), starts) if len(starts) else np.array([], "int64")


def _amounts(amounts: np.ndarray, starts: np.ndarray, rule: str) -> np.ndarray:
    """The customer's amount over its records by the policy's rule; unknown only where every record's is."""
    if not len(starts):
        return amounts
    if rule == "latest":
        positions = _first_known(pd.Series(amounts), starts)
        return np.where(positions < 0, np.nan, amounts[np.maximum(positions, 0)])
    if rule == "largest":
        return np.fmax.reduceat(amounts, starts)
    known = np.add.reduceat(np.isfinite(amounts).astype(int), starts)
    # summed in 1/10,000 of a 万元 where that is exact: 0.1 + 0.2 is 0.3, in whatever order the books came
    total = np.add.reduceat(np.round(np.nan_to_num(amounts) * 1e8), starts) / 1e8
    return np.where(known > 0, total, np.nan)


def _united(column: pd.Series, starts: np.ndarray) -> pd.Series:
    """The union of list cells in their order, each item once as first typed; of one record the text stays as typed."""
    ends = _ends(starts, len(column))
    values = column.take(starts).reset_index(drop=True)
    several = np.flatnonzero(ends - starts > 1).tolist()
    if not several:
        return values
    texts, united = column.to_numpy(object), values.to_numpy(object, copy=True)
    fold = functools.cache(folded)
    for i in several:
        typed = list(dict.fromkeys(text for text in texts[starts[i] : ends[i]] if isinstance(text, str)))
        if len(typed) > 1:
            first: dict[str, str] = {}
            for item in (item for text in typed for item in split_list(text)):
                first.setdefault(fold(item), item)
            united[i] = "、".join(first.values())
        elif typed:
            united[i] = typed[0]
    return pd.Series(united, dtype="str")


def _each_told(column: pd.Series, starts: np.ndarray) -> pd.Series:
    """The texts of all of a customer's records, each once, in their order."""
    values = column.take(starts).reset_index(drop=True)
    if column.isna().all():
        return values
    texts, ends = column.astype(object).to_numpy(), _ends(starts, len(column))
    told = (
        "、".join(dict.fromkeys(filter(None, map(text_or_none, texts[a:b])))) for a, b in zip(starts, ends, strict=True)
    )
    return pd.Series([text or None for text in told], dtype="str")


def _teams(members: pd.DataFrame) -> pd.DataFrame:
    """Customer ID → teams (their names, sorted, joined by 、) and team_count."""
    each = members.drop_duplicates().sort_values(["customer_id", "team"], ignore_index=True)
    starts = np.flatnonzero(~each["customer_id"].duplicated().to_numpy())
    ends, teams = _ends(starts, len(each)), each["team"].to_numpy(object)
    joined = teams[starts]
    for i in np.flatnonzero(ends - starts > 1):
        joined[i] = "、".join(teams[starts[i] : ends[i]])
    ids = pd.Index(each["customer_id"].iloc[starts])
    return pd.DataFrame({"teams": pd.array(joined, dtype="str"), "team_count": ends - starts}, ids)


def _origins(records: pd.DataFrame, starts: np.ndarray, taken: dict[str, np.ndarray], letters: Letters) -> pd.DataFrame:
    """Where values come from that are not in the customer's first record: other books, and every part of a sum."""
    parts = []
    for name in (*SINGLE, "since", "last_deal"):
        elsewhere = taken[name][(taken[name] >= 0) & (taken[name] != starts)]
        if len(elsewhere):
            parts.append(_origin(records.iloc[elsewhere], name, letters))
    several = np.repeat(_ends(starts, len(records)) - starts > 1, _ends(starts, len(records)) - starts)
    summed = records[several & records["amount"].notna().to_numpy()]
    parts.append(_origin(summed, "amount", letters))
    return pd.concat(parts, ignore_index=True).sort_values(["customer_id", "field"], kind="stable", ignore_index=True)


def _origin(rows: pd.DataFrame, name: str, letters: Letters) -> pd.DataFrame:
    return rows[["customer_id", "book", "sheet"]].assign(field=name, cell=cells(letters, rows, "info", name))


def beside(customers: pd.DataFrame, name: str, rows: pd.DataFrame) -> pd.Series:
    """A column of the customers, of texts or of figures that may be unknown, beside rows about them.

    Where several read the rows (`frames.READER`), each reads of its own customers.
    """
    if READER not in rows:
        return customers[name].set_axis(customers["customer_id"]).reindex(rows["customer_id"]).set_axis(rows.index)
    known = customers.set_index([READER, "customer_id"])[name]
    return known.reindex(pd.MultiIndex.from_frame(rows[[READER, "customer_id"]])).set_axis(rows.index)
