"""Values of one customer that contradict each other, each with its place and the one that is shown (handbook §2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.customers import SINGLE
from kam_xl.core.figure_cleaners import SIZE_FIELDS
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.portfolio import Letters, cells
from kam_xl.core.texts import folded_all, spelling

_DIGITS = re.compile(r"\D+")

_CJK = re.compile(r"[\u3400-\u9fff]")


def _comparable(rows: pd.DataFrame, name: str) -> pd.Series:
    """A field's values as they are compared: texts by their spelling, phones by digits, sizes by numbers."""
    if name == "phone":
        return rows[name].str.replace(_DIGITS, "", regex=True).where(lambda digits: digits != "", rows[name])
    texts = folded_all(rows[name], spelling)
    if name == "size":
        known = rows["employees_low"].notna() | rows["revenue_low"].notna()
        low, high, poor, rich = (rows[bound].round(4).astype("str") for bound in SIZE_FIELDS)
        return texts.where(~known, low + "/" + high + "/" + poor + "/" + rich).where(rows[name].notna())
    return texts


def conflicts_between(records: pd.DataFrame, letters: Letters) -> pd.DataFrame:
    """Every value of every field that differs between a customer's records; of one `desk` only one record counts.

    Columns: customer_id, field, typed_value, team, book, sheet, cell, shown, nature (differs, or language: the values
    differ only between books kept in Chinese and books kept in English).
    """
    several = records[records.duplicated("customer_id", keep=False)]
    if several.empty:
        return frames.empty(frames.PORTFOLIO["conflicts"])
    parts = [_differing(several, name, _comparable(several, name), letters) for name in SINGLE]
    books = several[several.duplicated(["customer_id", "desk"], keep=False)]
    parts += [
        _differing(books, name, books[name].astype("str"), letters, by=["customer_id", "desk"])
        for name in ("amount", "since", "last_deal", "products", "tags")
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["customer_id", "field"], kind="stable", ignore_index=True)


def _differing(rows: pd.DataFrame, name: str, values: pd.Series, letters: Letters, by: Sequence[str] = ("customer_id",),
               kind: str = "info") -> pd.DataFrame:  # fmt: skip
    """The rows whose group holds more than one value of a field, as conflicts; the first of a group is the one shown."""
    table = rows[[*by]].assign(folded=values)[rows[name].notna()]
    distinct = table.drop_duplicates()
    clashing = distinct[distinct.duplicated([*by], keep=False)]
    if clashing.empty:  # as of most fields, most nights
        return frames.empty(frames.PORTFOLIO["conflicts"])
    hit = table.merge(clashing[[*by]].drop_duplicates(), on=[*by], how="left", indicator=True)["_merge"] == "both"
    chosen = rows.loc[table.index[hit.to_numpy()]]
    texts = chosen[name].astype("str") if name not in ("since", "last_deal") else chosen[name].dt.strftime("%Y-%m-%d")
    found = chosen[["customer_id", "team", "book", "sheet"]].assign(
        field=pd.Series(name, index=chosen.index, dtype="str"),
        typed_value=texts.astype("str"),
        cell=cells(letters, chosen, kind, name),
        shown=~chosen.duplicated([*by]),
        nature=_nature(chosen, values, by),
    )
    return found[list(frames.PORTFOLIO["conflicts"])]


def _nature(chosen: pd.DataFrame, values: pd.Series, by: Sequence[str]) -> pd.Series:
    """`language` where each script has one value only (科技 in one book, Technology in the other), else `differs`.

    Names are never that: a company's name is written the same in every language, or somebody should look.
    """
    if values.name == "name":
        return pd.Series("differs", index=chosen.index, dtype="str")
    chinese = values[chosen.index].str.contains(_CJK)
    table = chosen[[*by]].assign(chinese=chinese, folded=values[chosen.index]).drop_duplicates()
    per_script = table.groupby([*by, "chinese"]).size()
    groups = per_script.groupby(level=list(range(len(by)))).agg(["max", "size"])
    same = groups.index[(groups["max"] == 1) & (groups["size"] == 2)]
    keys = pd.MultiIndex.from_frame(chosen[[*by]]) if len(by) > 1 else pd.Index(chosen[by[0]])
    return pd.Series(np.where(keys.isin(same), "language", "differs"), index=chosen.index, dtype="str")


def tie_conflicts(ties: pd.DataFrame, letters: Letters) -> list[pd.DataFrame]:
    """Marks given on one day by evaluators of one rank that do not agree: a frame for each dimension."""
    if ties.empty:
        return [frames.empty(frames.PORTFOLIO["conflicts"]) for _ in DIMENSIONS]
    rows = ties.assign(name="")
    return [_differing(rows, name, rows[name].astype("str"), letters, kind="evaluation") for name in DIMENSIONS]
