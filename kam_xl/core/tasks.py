"""What people typed on the action list: which line decides, and where two workbooks contradict each other (§8, §11).

An action is named by its key for good, so a task finds its action again night after night. A task whose action is gone
is never lost: it stays in the portfolio, and what was decided by it stays on the list. The button writes owner and due
day twice, once more into hidden columns: what still says the same was computed, what differs a person typed.
"""

from __future__ import annotations

import pandas as pd

from kam_xl.core import frames, sheets
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.texts import names
from kam_xl.core.words import Words

OPEN, DONE, POSTPONED = "open", "done", "postponed"
DECIDED = ("customer_id", "action", "owner", "due", "status", "postponed_to", "note", "team", "proposed_due")
_TYPES = frames.of_sheet("tasks") | frames.day("proposed_due") | frames.text("team")
_NOTHING_DECIDED = frames.empty({name: _TYPES[name] for name in ("action_id", *DECIDED)}).set_index("action_id")
_OF_LINE = ["owner", "due", "note", "proposed_due"]  # each counts by itself, whichever line says it last


def decided(portfolio: Portfolio) -> pd.DataFrame:
    """What was typed about each action, indexed by the action's key (`DECIDED`).

    ``owner``, by whom a person says it is to be done, and ``due``, by when, are unknown where nobody typed them;
    ``proposed_due`` is the day that the button promised. Of one workbook's lines the lower one counts; of two workbooks
    the newer that says anything. A line that is open, or without a status, takes back no status that another team typed:
    the button writes such ones by itself.
    """
    if portfolio.tasks.empty:
        return _NOTHING_DECIDED
    return _deciding(portfolio, ["action_id"]).set_index("action_id")[list(DECIDED)]


def without_action(portfolio: Portfolio, asked: pd.Series) -> pd.DataFrame:
    """The deciding lines whose action is not among the keys ``asked``: `DECIDED`, action_id and ``own``.

    ``own`` are lines with an ID that no rule makes, a team's own actions; two teams' lines of one such ID about two
    customers are two actions. Owner and due day are those on the line, typed or not: nothing else tells them any more.
    """
    rows = _deciding(portfolio, ["action_id", "customer_id"])
    rows = rows[pd.Index(asked.unique()).get_indexer(rows["action_id"]) < 0]
    rows = rows.assign(owner=rows["owner"].fillna(rows["shown_owner"]), due=rows["due"].fillna(rows["shown_due"]))
    return rows.assign(own=~rows["action_id"].str.fullmatch(sheets.RULED_ACTION)).reset_index(drop=True)


def lines(portfolio: Portfolio) -> pd.DataFrame:
    """Every line with a key in the order in which it counts, the last most; owner and due only where a person typed them.

    ``shown_owner`` and ``shown_due`` are what the line shows, whoever wrote it.
    """
    rows = portfolio.tasks[portfolio.tasks["action_id"].notna()]
    owner = names(rows["owner"])
    rows = rows.assign(
        saved=_saved(portfolio, rows),
        status=rows["status"].fillna(OPEN),
        shown_owner=owner,
        shown_due=rows["due"],
        owner=owner.mask(owner == names(rows["proposed_owner"])),
        due=rows["due"].mask(rows["due"] == rows["proposed_due"]),
    )
    return rows.sort_values(["saved", "book", "row"], kind="stable", na_position="first")


def _deciding(portfolio: Portfolio, by: list[str]) -> pd.DataFrame:
    """The line that decides for each action, with what any other line says of it that this one leaves open."""
    each = lines(portfolio).drop_duplicates([*by, "book"], keep="last")
    newest = each.groupby(by, dropna=False)[_OF_LINE].transform("last")  # of those that are known
    each = each.assign(
        **{name: newest[name] for name in _OF_LINE if name != "note"},
        note=each["note"].fillna(newest["note"]),
        told=each["status"] != OPEN,
    )
    return each.sort_values("told", kind="stable").drop_duplicates(by, keep="last").sort_values(by)


def conflicts(portfolio: Portfolio, words: Words) -> pd.DataFrame:
    """Lines that say two things of one action, as rows of ``portfolio.conflicts``: every one with its place.

    An action cannot be both done and postponed, nor have two owners or two due days.
    """
    rows = lines(portfolio)
    labels = {status: words(f"terms.tasks.status.{status}") for status in (DONE, POSTPONED)}
    told = {
        "status": rows["status"].where(rows["status"] != OPEN).map(labels),
        "owner": rows["owner"],
        "due": rows["due"].dt.strftime("%Y-%m-%d"),
    }
    found = [_clashing(portfolio, rows, field, said.astype("str")) for field, said in told.items()]
    return pd.concat(found, ignore_index=True)


def _clashing(portfolio: Portfolio, rows: pd.DataFrame, field: str, said: pd.Series) -> pd.DataFrame:
    """The lines that contradict each other in one field, newest first: that one is shown."""
    about = [rows["action_id"], rows["customer_id"].fillna("")]
    different = said.groupby(about).transform("nunique") > 1
    rows = rows.assign(said=said)[different & said.notna()]
    rows = rows.sort_values(
        ["action_id", "customer_id", "saved", "book", "row"], ascending=[True, True, False, False, False]
    )
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "field": pd.Series(sheets.named("tasks", field), index=rows.index, dtype="str"),
            "typed_value": rows["said"],
            "team": rows["team"],
            "book": rows["book"],
            "sheet": rows["sheet"],
            "cell": portfolio.cells(rows, "tasks", field),
            "shown": ~rows.duplicated(["action_id", "customer_id"]),
            "nature": pd.Series("differs", index=rows.index, dtype="str"),
        }
    )


def _saved(portfolio: Portfolio, rows: pd.DataFrame) -> pd.Series:
    """When the workbook of each line was saved."""
    saved = portfolio.sources.drop_duplicates("book").set_index("book")["modified"]
    return saved.reindex(rows["book"]).set_axis(rows.index)
