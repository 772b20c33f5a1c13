"""The team folder: one workbook copied into it, whole or not at all, and never over another team's."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from kam_xl.core.books import Book
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.words import Words
from kam_xl.hosts import workbooks

SUFFIX = ".xlsm"
_BAD_NAME = re.compile(
    r'[\\/:*?"<>|]|[. ]\Z|\A[. ~]|\A(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\..*)?\Z', re.IGNORECASE
)
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks such as "right to left", breaks of lines
_LONGEST_NAME = 100
_CELL = re.compile(r"\A(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]+)\$?(\d+)\Z")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class Identity:
    """Whose workbook a file is, by its own cells; blank texts where it does not say."""

    workbook_id: str
    team: str


def file_name(team: str, words: Words) -> str:
    """The name of a team's file; `KamError` where no file can be named so."""
    unseen = any(unicodedata.category(char) in _UNSEEN for char in team)
    if unseen or _BAD_NAME.search(team) or len(team) > _LONGEST_NAME:
        raise KamError(words("message.bad_team", team=team))
    return team + SUFFIX


def folder(typed: str, beside: Path, words: Words) -> Path:
    """The folder that was typed, environment variables filled in; `KamError` where there is none."""
    if re.match(r"https?://", typed, re.IGNORECASE):
        raise KamError(words("message.folder_is_url", folder=typed))
    path = beside / Path(os.path.expandvars(typed)).expanduser()
    if not path.is_dir():
        raise KamError(words("message.no_folder", folder=typed))
    return path


def identity(path: Path, book: Book | None = None) -> Identity:
    """Whose workbook lies there; `Refused` where it cannot be read."""
    book = book or workbooks.read(path.parent, path.name)
    places = _names(path)
    return Identity(*(_at(book, places.get(name, "")) for name in ("kam_workbook_id", "kam_team")))


def _names(path: Path) -> dict[str, str]:
    """Defined name → the cell it stands for."""
    try:
        with zipfile.ZipFile(path) as archive:
            tree = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (the reader has refused hostile ones)
    except (OSError, KeyError, zipfile.BadZipFile, ET.ParseError) as error:
        raise Refused("damaged", str(error)) from error
    return {name.get("name", ""): name.text or "" for name in tree.iter(f"{_MAIN}definedName")}


def _at(book: Book, place: str) -> str:
    """The text of one cell named as ``'Sheet'!$A$1``."""
    match = _CELL.match(place)
    if not match:
        return ""
    name = (match[1] or match[2]).replace("''", "'")
    column = 0
    for char in match[3]:
        column = column * 26 + ord(char) - ord("A") + 1
    rows = next((sheet.rows for sheet in book.sheets if sheet.name == name), [])
    row = rows[int(match[4]) - 1] if int(match[4]) <= len(rows) else []
    return str(row[column - 1]).strip() if column <= len(row) else ""


def deliver(source: Path, target: Path, mine: Identity, words: Words) -> None:
    """Copy ``source`` to ``target``; `KamError` where another team's workbook lies there or the folder takes no file.

    The copy is made beside the target under a name the nightly job passes over, compared, then put in its place in one
    step: whoever reads meanwhile sees the old workbook or the new one.
    """
    if target.exists():
        _refuse_another(target, mine, words)
    staged = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        shutil.copyfile(source, staged)
        with staged.open("rb+") as file:
            os.fsync(file.fileno())
        if _sha256(staged) != _sha256(source):
            raise KamError(words("message.changed_while_copied", file=source.name))
        staged.replace(target)
    except OSError as error:
        raise KamError(words("message.cannot_deliver", folder=target.parent, file=target.name)) from error
    finally:
        staged.unlink(missing_ok=True)


def _refuse_another(target: Path, mine: Identity, words: Words) -> None:
    try:
        theirs = identity(target)
    except Refused as error:
        raise KamError(words("message.target_unreadable", file=target.name)) from error
    if not mine.workbook_id or theirs.workbook_id != mine.workbook_id:
        raise KamError(words("message.target_is_anothers", file=target.name, team=theirs.team or "—"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
