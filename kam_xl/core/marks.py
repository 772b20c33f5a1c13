"""What people marked on the action list: which mark decides, and where two workbooks contradict each other (§8).

An action is named by its key for good, so a mark finds its action again night after night. A mark whose action is gone
is never lost: it stays in the portfolio, and what was decided by it stays on the list.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import consolidation, sheets
from kam_xl.core.consolidation import Portfolio
from kam_xl.core.words import Words

OPEN, DONE, POSTPONED = "open", "done", "postponed"
DECIDED = ("customer_id", "action", "owner", "due", "status", "postponed_to", "note", "team")


def decided(portfolio: Portfolio) -> pd.DataFrame:
    """The mark that decides for each action, indexed by the action's key (`DECIDED`): the newest workbook's.

    A line without a status marks nothing and counts as open. Of two lines in one workbook the lower one counts.
    """
    marks = portfolio.marks[portfolio.marks["action_id"].notna()]
    marks = marks.assign(saved=_saved(portfolio, marks), status=marks["status"].fillna(OPEN))
    order = marks.sort_values(["saved", "book", "row"], kind="stable", na_position="first")
    newest = order.drop_duplicates("action_id", keep="last").sort_values("action_id")
    return newest.set_index("action_id")[list(DECIDED)]


def conflicts(portfolio: Portfolio, words: Words) -> pd.DataFrame:
    """Actions that are marked in two ways, as rows of ``portfolio.conflicts``: every status with its place."""
    marks = portfolio.marks[portfolio.marks["action_id"].notna() & portfolio.marks["status"].notna()]
    statuses = marks.groupby("action_id")["status"].transform("nunique")
    clashing = marks[statuses > 1]
    clashing = clashing.assign(saved=_saved(portfolio, clashing))
    clashing = clashing.sort_values(["action_id", "saved", "book", "row"], ascending=[True, False, False, False])
    names = {status: words(f"terms.marks.status.{status}") for status in (OPEN, DONE, POSTPONED)}
    return pd.DataFrame(
        {
            "customer_id": clashing["customer_id"],
            "field": pd.Series(sheets.named("marks", "status"), index=clashing.index, dtype="str"),
            "typed_value": clashing["status"].map(names).astype("str"),
            "team": clashing["team"],
            "book": clashing["book"],
            "sheet": clashing["sheet"],
            "cell": consolidation.cells(portfolio.letters, clashing, "marks", "status"),
            "shown": ~clashing.duplicated("action_id"),
            "nature": pd.Series("differs", index=clashing.index, dtype="str"),
        }
    ).reset_index(drop=True)


def _saved(portfolio: Portfolio, marks: pd.DataFrame) -> pd.Series:
    """When the workbook of each mark was saved."""
    saved = portfolio.sources.drop_duplicates("book").set_index("book")["modified"]
    return saved.reindex(marks["book"]).set_axis(marks.index)
