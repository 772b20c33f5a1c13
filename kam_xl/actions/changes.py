"""Why figures are not what they were, as nights told it: out of the workbook that the last one gave back to the team."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd

from kam_xl.actions import result_sheets, results, selection
from kam_xl.actions.request import Request
from kam_xl.actions.team import typed
from kam_xl.core import history, raw
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.privacy import masked
from kam_xl.hosts import excel, handing_in, workbooks
from kam_xl.reports import file_names, moves_sheet
from kam_xl.reports.moves_sheet import ToldMoves
from kam_xl.reports.run import TEAMS


def changes(request: Request) -> str:
    """What changed of the selected customer, then of the team's others, those first of whom most did; nothing is judged anew.

    Where the parameters name a day, the changes since then are added up; else they are told night by night, the last night first.
    """
    place = _returned(request)
    told, customer = _since(_read(place, request), request), _selected(request)
    own = told.rows["customer_id"] == customer
    sentence = _sentence(told, customer, request) + _aged(place, request)
    blocks = [replace(_block(request, told.rows[~own]), nothing=told.note)]
    if own.any():
        blocks = [_block(request, told.rows[own]), replace(blocks[0], heading=request.words("result.others"))]
    result_sheets.show(request.book, results.page(request, "changes", sentence, blocks), request.words)
    return sentence


def _block(request: Request, rows: pd.DataFrame) -> result_sheets.ResultTable:
    return results.block(request, rows.reset_index(drop=True), moves_sheet.FIELDS)


def _sentence(told: ToldMoves, customer: str | None, request: Request) -> str:
    """What the sheet shows, in one sentence: the note of a night that tells of no change is one already."""
    words, rows = request.words, told.last
    if rows.empty:
        return told.note or words("result.none")
    own = rows["customer_id"] == customer
    if customer is not None and not own.any():
        return moves_sheet.unlisted(customer, rows["nights"].iloc[0], words)
    if customer is None:
        count = rows["customer_id"].nunique()
        return words("message.changed", nights=rows["nights"].iloc[0], customers=count, n=len(rows))
    first = rows[own].iloc[0]
    said = words("bridge.because", said=first["said"], why=first["why"])
    facts = {
        "customer": f"{customer} {first['name']}",
        "figure": words(f"bridge.figure.{first['figure']}"),
        "first": said,
    }
    return words("message.changed_of", nights=first["nights"], n=int(own.sum()), **facts)


# --- where it stands -----------------------------------------------------------------------------------------------------


def _returned(request: Request) -> Path:
    """The workbook that last night gave back to the team: below the folder of the master, or alone in the folder named."""
    words = request.words
    team = workbooks.team(typed(request, "kam_team", "no_team") + handing_in.SUFFIX)
    beside = Path(str(request.book.fullname)).parent
    folder = handing_in.folder(typed(request, "kam_master_folder", "no_master_folder"), beside, words)
    name = file_names.of([team], ".xlsx")[team]
    found = next((place for place in (folder / TEAMS / name, folder / name) if place.is_file()), None)
    if found is None:
        raise KamError(words("message.no_returned", folder=folder, file=f"{TEAMS}/{name}"))
    return found


def _read(place: Path, request: Request) -> ToldMoves:
    """What it tells; `KamError` where that is nothing, `Refused` where nobody can read it."""
    request.tell("reading")
    sheet = workbooks.sheet_of(workbooks.opened(place.parent, place.name), moves_sheet.TABLE)
    told = moves_sheet.read(sheet.rows) if sheet else None
    if told is None:
        raise KamError(request.words("message.not_told", file=place))
    return told


def _since(told: ToldMoves, request: Request) -> ToldMoves:
    """What is told since the day in the parameters, or as it is where none stands there; `KamError` where it goes back less far."""
    typed = excel.value(request.book, "kam_changes_since")
    if typed is None or pd.isna(told.since):
        return told
    day, _ = raw.day(typed)
    if day is None:
        raise KamError(request.words("message.no_since_day", value=masked(raw.text(typed))))
    if pd.Timestamp(day) < told.since:
        raise KamError(request.words("message.not_so_far", since=day, reach=moves_sheet.day(told.since)))
    return told.added_up_all(pd.Timestamp(day), request.words)


def _aged(place: Path, request: Request) -> str:
    """A word about a night that is long ago."""
    days, old = history.age(dt.datetime.fromtimestamp(place.stat().st_mtime), request.today, request.policy)
    return request.words("message.told_old", days=days) if old else ""


def _selected(request: Request) -> str | None:
    """The customer in the selected row; None where it names nobody: then all are asked for."""
    try:
        return selection.customer(request)
    except Refused:
        raise
    except KamError:
        return None
