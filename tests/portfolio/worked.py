"""The worked portfolio: `portfolio.md` read, its workbooks written, its nights run through the product."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from kam_xl import nightly
from kam_xl.core.assessment import Assessment
from kam_xl.reports import views
from tests import files
from tests.nights import in_short

HERE = Path(__file__).parent
LANGUAGES = ("zh-CN", "en")
TONIGHT, LAST_NIGHT = dt.datetime(2026, 11, 20, 14), dt.datetime(2026, 11, 19, 14)
TODAY = TONIGHT.date()
_BEFORE = dt.timedelta(days=30)  # how long before an older night its evaluations were made
_SEPARATORS = {"zh-CN": "、", "en": ", "}
_TO = {"zh-CN": "至", "en": " to "}

#: Kind of sheet → its rows as field → text.
Sheets = dict[str, list[dict[str, str]]]
#: Team → its sheets, as `portfolio.md` writes them.
Teams = dict[str, Sheets]


class Nights(NamedTuple):
    """Both nights of one language, the folder of tonight's workbooks and the keys of last night's actions."""

    last: Assessment
    tonight: Assessment
    folder: Path
    keys: Mapping[tuple[str, str], str]  # customer and source → action ID


# --- the tables of portfolio.md ---------------------------------------------------------------------------------------


@functools.cache
def _sections() -> dict[str, list[dict[str, str]]]:
    """Heading → the rows below it."""
    found, heading = {}, ""
    for line in (HERE / "portfolio.md").read_text("utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").partition(",")[0]
            found[heading] = []
        elif line.startswith("|"):
            found[heading].append([cell.strip() for cell in line.strip("|").split("|")])
    return {
        heading: [dict(zip(header, row, strict=True)) for row in rows]
        for heading, (header, _, *rows) in ((heading, table) for heading, table in found.items() if table)
    }


def tonight() -> Teams:
    """Tonight's sheets by team, words still to be chosen."""
    teams: Teams = {}
    for heading, rows in _sections().items():
        if " · " in heading:
            team, kind = heading.split(" · ")
            teams.setdefault(team, {})[kind] = [dict(row) for row in rows]
    return teams


def last_night() -> Teams:
    """Last night's sheets: tonight's with the listed cells as they were, and without what is of today."""
    teams = copy.deepcopy(tonight())
    del teams["east"]["tasks"]
    teams["east"]["service"] = [row for row in teams["east"]["service"] if not row["reported"].startswith(f"{TODAY}")]
    for change in _sections()["Last night"]:
        row = row_of(teams, change["team"], change["kind"], change["customer_id"], change["key"])
        row[change["field"]] = change["last night"]
    return teams


def row_of(teams: Teams, team: str, kind: str, customer: str, key: str) -> dict[str, str]:
    """The first row of a customer that also holds ``key`` in one of its cells, if one is given."""
    rows = [row for row in teams[team][kind] if customer in row.values()]
    return next(row for row in rows if not key or key in row.values())


def longer_ago() -> dict[dt.date, Teams]:
    """The older nights' sheets by day, the oldest first."""
    nights: dict[dt.date, Teams] = {}
    for heading, rows in _sections().items():
        if re.fullmatch(r"\d{4}-\d\d-\d\d", heading):
            nights[dt.date.fromisoformat(heading)] = _old_night(rows, dt.date.fromisoformat(heading))
    return dict(sorted(nights.items()))


def _old_night(rows: list[dict[str, str]], day: dt.date) -> Teams:
    teams: Teams = {}
    for row in rows:
        sheets = teams.setdefault(row["team"], {"info": [], "evaluation": []})
        info = {field: row[field] for field in ("customer_id", "since", "last_deal", "amount")}
        marks = {field: row[field] for field in ("customer_id", "value", "potential", "demand")}
        sheets["info"].append({"name": row["customer_id"], **info})
        sheets["evaluation"].append({**marks, "evaluated_on": f"{day - _BEFORE}"})
    return teams


def without_marks(teams: Teams) -> Teams:
    """The sheets without the action list, whose IDs only last night's run can tell."""
    return {team: {kind: rows for kind, rows in sheets.items() if kind != "tasks"} for team, sheets in teams.items()}


# --- as typed ---------------------------------------------------------------------------------------------------------


@functools.cache
def words(lang: str) -> dict[str, str]:
    """Word of the list → as it is typed in a language."""
    return {row["word"]: row[lang] for row in _sections()["Words"]}


def typed(text: str, lang: str) -> object:
    """What stands in a cell: a number, a date, a moment, or text in the language of the workbook."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.date.fromisoformat(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", text):
        return dt.datetime.fromisoformat(text)
    if ".." in text:
        return text.replace("..", _TO[lang])
    return _SEPARATORS[lang].join(words(lang).get(part, part) for part in text.split(", "))


def cells(sheets: Sheets, lang: str) -> dict[str, list[dict[str, object]]]:
    """A team's sheets as typed; blank cells are left out."""
    return {
        kind: [{field: typed(text, lang) for field, text in row.items() if text} for row in rows]
        for kind, rows in sheets.items()
    }


# --- the nights -------------------------------------------------------------------------------------------------------


def run_nights(folder: Path, lang: str) -> Nights:
    """Every night from the oldest to tonight, each through the product, in one output folder; those before tonight in short."""
    with pytest.MonkeyPatch.context() as patch:
        in_short(patch.setattr)
        for day, teams in longer_ago().items():
            _run(folder, lang, teams, dt.datetime.combine(day, TONIGHT.time()))
        last = _run(folder, lang, last_night(), LAST_NIGHT)
    found = last.actions.dropna(subset=["customer_id"]).drop_duplicates(["customer_id", "source"])
    keys = {(row.customer_id, row.source): row.key for row in found.itertuples()}
    whole = _run(folder, lang, with_keys(tonight(), keys), TONIGHT, tuple(views.VIEWS))
    return Nights(last, whole, books_of(folder, TODAY), keys)


def with_keys(teams: Teams, keys: Mapping[tuple[str, str], str]) -> Teams:
    """The sheets with the action IDs that the list of last night gave."""
    for row in teams["east"]["tasks"]:
        row["action_id"] = keys[row["customer_id"], row["action_id"]]
    return teams


def books_of(folder: Path, day: dt.date) -> Path:
    """Where one night's workbooks lie."""
    return folder / f"teams-{day}"


def _run(folder: Path, lang: str, teams: Teams, now: dt.datetime, pages: tuple[str, ...] = ()) -> Assessment:
    books = books_of(folder, now.date())
    for team, sheets in teams.items():
        saved = now - dt.timedelta(hours=1)
        files.team(books / f"{words(lang)[team]}.xlsx", lang=lang, saved=saved, **cells(sheets, lang))
    job = nightly.Job(books, folder / "out", lang, workers=1, views=pages)
    code, assessed = nightly.run(job, now)
    assert code == nightly.CLEAN
    return assessed
