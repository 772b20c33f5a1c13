"""What is known to go wrong with one workbook, each with how to find out."""

from __future__ import annotations

import re
from pathlib import Path

import kam_xl
from kam_xl import resources
from kam_xl.core.errors import Refused
from kam_xl.desk import contents, traps
from kam_xl.desk.contents import CONF
from kam_xl.desk.scene import EVERYWHERE, WINDOWS, WITH_EXCEL, Diagnosis, Inspected, Scene, Trap, bad, ok, unknown, warn
from kam_xl.desk.upgrade import is_newer

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_INTERPRETER = {"windows": "Interpreter_Win", "macos": "Interpreter_Mac"}


def look(scene: Scene, told: str) -> tuple[Inspected, Diagnosis]:
    """The workbook of a path or an address, and whether it can be read and is one of ours."""
    path, found = Path(told), None
    if _ADDRESS.match(told):
        return Inspected(told, path, None), bad("address")
    try:
        found = contents.read(path)
        diagnosis = _kind(found)
    except OSError:
        diagnosis = bad("missing", file=told)
    except Refused as error:
        diagnosis = bad("unreadable", reason=resources.refusal(error, scene.words))
    return Inspected(told, path, found), diagnosis


def _kind(found: contents.BookFacts) -> Diagnosis:
    version = found.version or "?"
    if not found.ours:
        return bad("not_ours")
    if not found.modules:
        return bad("no_macros")
    if is_newer(found.version):
        return warn("newer", version=version, this=kam_xl.__version__)
    return ok(version=version)


def _bridge(scene: Scene, book: Inspected) -> Diagnosis:
    """The macros load the DLL of one very version."""
    installed = scene.places.xlwings() or (None if scene.installed else scene.pinned())
    in_book = book.facts.xlwings
    if not book.facts.modules:
        return unknown()
    if in_book is None:
        return bad("stub")
    if in_book != installed:
        return bad("other", book=in_book, installed=installed or "—")
    return ok(version=in_book)


def _web(scene: Scene, book: Inspected) -> Diagnosis:
    mark = scene.machine.mark(book.path)
    if scene.machine.windows:
        zone = re.search(r"ZoneId\s*=\s*(\d+)", mark)
        return bad("marked") if zone and int(zone[1]) >= 3 else ok()
    return bad("quarantine") if mark else ok()


def _url(scene: Scene, book: Inspected) -> Diagnosis:
    cloud = traps.cloud_folder(scene.machine, book.path.absolute())
    return warn("cloud", cloud=cloud) if cloud else ok()


def _path(scene: Scene, book: Inspected) -> Diagnosis:
    """Windows hands the workbook's path to Python in the machine's code page."""
    try:
        str(book.path.absolute()).encode(scene.machine.code_page)
    except UnicodeEncodeError as error:
        odd = "".join(dict.fromkeys(error.object[error.start : error.end]))
        return warn("code_page", letters=odd, code_page=scene.machine.code_page)
    return ok()


def _conf_sheet(scene: Scene, book: Inspected) -> Diagnosis:
    if book.facts.conf is not None:
        return ok()
    asleep = f"_{CONF}" in book.facts.sheets
    return bad("inactive" if asleep else "missing")


def _read(book: Inspected) -> dict[str, object]:
    """The rows as xlwings reads them: from A1 to the first empty key."""
    found: dict[str, object] = {}
    for key, value in book.facts.conf or ():
        if str(key).strip() == "":
            break
        found.setdefault(str(key).upper(), value)
    return found


def _conf_interpreter(scene: Scene, book: Inspected) -> Diagnosis:
    if book.facts.conf is None:
        return unknown()
    row = _INTERPRETER[scene.machine.system]
    rows = _read(book)
    if row.upper() not in rows:
        return bad("absent", row=row)
    told = str(rows[row.upper()]).strip()
    if not told:
        return bad("blank", row=row)
    place = scene.machine.expanded(told)
    if not place.exists():
        return bad("gone", row=row, place=place, installed=scene.places.python)
    ours = place.parent == scene.places.python.parent
    return ok(place=place) if ours else warn("other", row=row, place=place, installed=scene.places.python)


def _conf_keys(scene: Scene, book: Inspected) -> Diagnosis:
    if book.facts.conf is None:
        return unknown()
    keys = [str(key).strip() for key, _ in book.facts.conf]
    folded = [key.upper() for key in keys if key]
    if twice := sorted({key for key in folded if folded.count(key) > 1}):
        return bad("duplicate", keys=", ".join(twice))
    last = max((number for number, key in enumerate(keys) if key), default=-1)
    gap = next((number for number in range(last) if not keys[number]), None)
    return ok() if gap is None else bad("gap", row=gap + 1)


def _conf_values(scene: Scene, book: Inspected) -> Diagnosis:
    """True and False are texts to xlwings; a real truth value is written in Excel's own language."""
    rows = _read(book)
    if not rows:
        return unknown()
    if real := [key for key, value in rows.items() if isinstance(value, bool)]:
        return bad("boolean", keys=", ".join(real))
    if str(rows.get("ADD_WORKBOOK_TO_PYTHONPATH", "true")).casefold() != "false":
        return warn("adds_workbook")
    return warn("debug") if str(rows.get("DEBUG UDFS", "")).casefold() == "true" else ok()


def _sheet_names(scene: Scene, book: Inspected) -> Diagnosis:
    """A sheet whose name ends in .py is embedded code to xlwings, which asks for a licence."""
    found = [name for name in book.facts.sheets if name.casefold().endswith(".py")]
    return bad("py", names=", ".join(found)) if found else ok()


TRAPS = (
    Trap("web", WITH_EXCEL, _web),
    Trap("url", WITH_EXCEL, _url),
    Trap("path", WINDOWS, _path),
    Trap("bridge", WITH_EXCEL, _bridge),
    Trap("conf_sheet", EVERYWHERE, _conf_sheet),
    Trap("conf_interpreter", WITH_EXCEL, _conf_interpreter),
    Trap("conf_keys", EVERYWHERE, _conf_keys),
    Trap("conf_values", EVERYWHERE, _conf_values),
    Trap("sheet_names", EVERYWHERE, _sheet_names),
)
