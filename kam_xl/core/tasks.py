"""What people typed on the action list: which line decides, and where two workbooks contradict each other (§8).

An action is named by its key for good, so a task finds its action again night after night. A task whose action is gone
is never lost: it stays in the portfolio, and what was decided by it stays on the list.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import sheets
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.words import Words

OPEN, DONE, POSTPONED = "open", "done", "postponed"
DECIDED = ("customer_id", "action", "owner", "due", "status", "postponed_to", "note", "team")


def decided(portfolio: Portfolio) -> pd.DataFrame:
    """The mark that decides for each action, indexed by the action's key (`DECIDED`).

    Of one workbook's lines the lower one counts; of two workbooks that marked an action done or postponed, the newer. A
    line that is open, or without a status, marks nothing: the button writes such ones by itself, and they take back
    nothing that another team marked.
    """
    return _deciding(portfolio, ["action_id"]).set_index("action_id")[list(DECIDED)]


def without_action(portfolio: Portfolio, asked: pd.Series) -> pd.DataFrame:
    """The deciding marks whose action is not among the keys ``asked``: `DECIDED`, action_id and ``own``.

    ``own`` are lines with an ID that no rule makes, a team's own actions; two teams' lines of one such ID about two
    customers are two actions.
    """
    rows = _deciding(portfolio, ["action_id", "customer_id"])
    rows = rows[pd.Index(asked.unique()).get_indexer(rows["action_id"]) < 0]
    return rows.assign(own=~rows["action_id"].str.fullmatch(sheets.RULED_ACTION)).reset_index(drop=True)


def _deciding(portfolio: Portfolio, by: list[str]) -> pd.DataFrame:
    marks = portfolio.tasks[portfolio.tasks["action_id"].notna()]
    marks = marks.assign(saved=_saved(portfolio, marks), status=marks["status"].fillna(OPEN))
    in_order = marks.sort_values(["saved", "book", "row"], kind="stable", na_position="first")
    each = in_order.drop_duplicates([*by, "book"], keep="last")
    marked = each.assign(marked=each["status"] != OPEN).sort_values("marked", kind="stable")
    return marked.drop_duplicates(by, keep="last").sort_values(by)


def conflicts(portfolio: Portfolio, words: Words) -> pd.DataFrame:
    """Actions that are both done and postponed, as rows of ``portfolio.conflicts``: every status with its place."""
    marks = portfolio.tasks[portfolio.tasks["action_id"].notna() & portfolio.tasks["status"].isin([DONE, POSTPONED])]
    statuses = marks.groupby("action_id")["status"].transform("nunique")
    clashing = marks[statuses > 1]
    clashing = clashing.assign(saved=_saved(portfolio, clashing))
    clashing = clashing.sort_values(["action_id", "saved", "book", "row"], ascending=[True, False, False, False])
    names = {status: words(f"terms.tasks.status.{status}") for status in (DONE, POSTPONED)}
    return pd.DataFrame(
        {
            "customer_id": clashing["customer_id"],
            "field": pd.Series(sheets.named("tasks", "status"), index=clashing.index, dtype="str"),
            "typed_value": clashing["status"].map(names).astype("str"),
            "team": clashing["team"],
            "book": clashing["book"],
            "sheet": clashing["sheet"],
            "cell": portfolio.cells(clashing, "tasks", "status"),
            "shown": ~clashing.duplicated("action_id"),
            "nature": pd.Series("differs", index=clashing.index, dtype="str"),
        }
    ).reset_index(drop=True)


def _saved(portfolio: Portfolio, marks: pd.DataFrame) -> pd.Series:
    """When the workbook of each mark was saved."""
    saved = portfolio.sources.drop_duplicates("book").set_index("book")["modified"]
    return saved.reindex(marks["book"]).set_axis(marks.index)
