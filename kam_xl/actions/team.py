"""Work with the team: is the workbook ready, hand it in, look at last night's master."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from kam_xl.actions import risks, samples
from kam_xl.actions.request import Request
from kam_xl.core import history, sheets, validation
from kam_xl.core.errors import KamError
from kam_xl.core.findings import Finding
from kam_xl.hosts import excel, handing_in, workbooks
from kam_xl.reports.run import MASTER

_NAMED = 3  # problems named in a sentence


# --- validate ----------------------------------------------------------------------------------------------------


def validate(request: Request) -> str:
    """Ready to hand in or not, and what must be put right."""
    words = request.words
    request.customers()
    found = risks.findings(request)
    losing = found.apply(lambda row: loses_rows(row["code"], row["cell"], row["field"]), axis=1).astype(bool)
    found = pd.concat([found[losing], found[~losing]], ignore_index=True)
    counts = found["severity"].value_counts()
    others = int(counts.get("error", 0)) + int(counts.get("warn", 0)) - int(losing.sum())
    key = "message.not_ready" if losing.any() else "message.ready_with_findings" if others else "message.ready"
    sentence = words(key, n=int(losing.sum()), others=others, customers=len(request.assessed.customers))
    sentence += _reminder(request)
    risks.show_findings(request, found, sentence, words("result.validate"))
    return sentence


def loses_rows(code: str, cell: object, field: object) -> bool:
    """True for a finding whose rows would be missing from the master: what must be put right before handing in."""
    whole_row = isinstance(cell, str) and ":" in cell
    if code in ("error_cell", "unreadable_cell", "not_calculated"):
        return whole_row
    if code == "column_missing":
        return field in {sheet.key for sheet in sheets.STANDARD}
    return code in (
        "id_missing",
        "duplicate_id_conflict",
        "sheet_ambiguous",
        "sheet_left_out",
        "sheet_repeats",
        "sheet_missing",
    )


def _reminder(request: Request) -> str:
    """A word about sample customers that are still there."""
    left = samples.untouched_customers(request)
    return request.words("message.samples_left", n=left) if left else ""


# --- hand in -----------------------------------------------------------------------------------------------------


def hand_in(request: Request) -> str:
    """Check the saved file and copy it into the team folder under the team's name; says where it lies.

    VBA has given the workbook its ID and saved it before: while Python runs, calculation is held, which Excel would write
    into the file, and saving calculates cells, which would ask this same Python.
    """
    words = request.words
    team = typed(request, "kam_team", "no_team")
    name = handing_in.file_name(team, words)
    source = _saved_place(request)
    folder = handing_in.folder(typed(request, "kam_team_folder", "no_team_folder"), source.parent, words)
    workbook_id = _own_id(request)
    request.tell("checking")
    saved = workbooks.read(source.parent, source.name)
    mine = handing_in.identity(source, saved)
    if mine.workbook_id != workbook_id:
        raise KamError(words("message.not_what_is_open", file=source.name))
    checked = validation.validate(saved, request.policy, request.today)
    _refuse_losses(checked, request)
    if not checked.count("info"):  # it would take the team's customers out of the master
        raise KamError(words("message.no_customers"))
    target = folder / name
    if not (target.exists() and target.samefile(source)):
        request.tell("delivering")
        handing_in.deliver(source, target, mine, words)
    sentence = words(
        "message.handed_in", file=target, customers=checked.count("info"), rows=checked.count("evaluation")
    )
    return sentence + _reminder(request)


def typed(request: Request, name: str, missing: str) -> str:
    """The text in a named cell of the parameters; `KamError` where it is blank."""
    text = str(excel.value(request.book, name) or "").strip()
    if not text:
        raise KamError(request.words(f"message.{missing}"))
    return text


def _saved_place(request: Request) -> Path:
    """Where the workbook lies on this computer; `KamError` for one in the cloud, never saved, or without macros."""
    try:
        place = Path(request.book.fullname)
    except Exception as error:  # xlwings could not tell which folder a cloud address stands for
        raise KamError(request.words("message.in_the_cloud")) from error
    if not place.is_file():
        raise KamError(request.words("message.never_saved" if "://" not in str(place) else "message.in_the_cloud"))
    if place.suffix.casefold() != handing_in.SUFFIX:
        raise KamError(request.words("message.other_format", file=place.name))
    return place


def _own_id(request: Request) -> str:
    """The open workbook's own ID, by which the folder knows it again; `KamError` where it has none."""
    if excel.named(request.book, "kam_workbook_id") is None:
        raise KamError(request.words("message.name_missing", name="kam_workbook_id"))
    return typed(request, "kam_workbook_id", "no_id")


def _refuse_losses(checked: validation.TeamBook, request: Request) -> None:
    """`KamError` naming what would be lost, if anything."""
    words = request.words
    lost = [finding for finding in checked.findings if loses_rows(finding.code, finding.cell, finding.field)]
    if lost:
        places = words("terms.list_separator").join(_place(finding) for finding in lost[:_NAMED])
        more = "…" if len(lost) > _NAMED else ""
        raise KamError(words("message.would_lose", n=len(lost), places=places + more))


def _place(finding: Finding) -> str:
    return f"{finding.sheet}!{finding.cell}" if finding.cell else str(finding.sheet)


# --- last night --------------------------------------------------------------------------------------------------


def last_night(request: Request) -> str:
    """Open last night's master workbook, read-only."""
    words = request.words
    beside = Path(str(request.book.fullname)).parent
    folder = handing_in.folder(typed(request, "kam_master_folder", "no_master_folder"), beside, words)
    master = folder / MASTER
    if not master.is_file():
        raise KamError(words("message.no_master", folder=folder, file=MASTER))
    written = dt.datetime.fromtimestamp(master.stat().st_mtime)
    request.tell("opening")
    try:
        request.book.app.books.open(str(master), read_only=True)
    except Exception as error:  # each host has its own error for a file it cannot open
        raise KamError(words("message.cannot_open", file=master)) from error
    days, old = history.age(written, request.today, request.policy)
    return words(
        "message.opened_old" if old else "message.opened", file=master, written=f"{written:%Y-%m-%d %H:%M}", days=days
    )
