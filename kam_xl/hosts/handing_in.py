"""The team folder: one workbook copied into it, whole or not at all, and never over another team's."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from kam_xl.core.books import Book, place
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.words import Words
from kam_xl.engines.office_file import opc
from kam_xl.hosts import workbooks
from kam_xl.hosts.refusing import damaged, refusing
from kam_xl.hosts.replacing import replacing

SUFFIX = ".xlsm"
_BAD_NAME = re.compile(
    r'[\\/:*?"<>|]|[. ]\Z|\A[. ~]|\A(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\..*)?\Z', re.IGNORECASE
)
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks such as "right to left", breaks of lines
_LONGEST_NAME = 100


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


@refusing()
def identity(path: Path, book: Book | None = None) -> Identity:
    """Whose workbook lies there; `Refused` where it cannot be read."""
    book = book or workbooks.read(path.parent, path.name)
    try:
        names = opc.defined_names(opc.unpacked(path.read_bytes()))
    except OSError as error:
        raise damaged(error) from error
    return Identity(*(_at(book, names.get(name, "")) for name in ("kam_workbook_id", "kam_team")))


def _at(book: Book, refers_to: str) -> str:
    """The text of the one cell that a name refers to; blank where there is none."""
    name, row, column = place(refers_to) or ("", 0, 0)
    rows = next((sheet.rows for sheet in book.sheets if sheet.name == name), [])
    inside = row < len(rows) and column < len(rows[row])
    return str(rows[row][column]).strip() if inside else ""


def deliver(source: Path, target: Path, mine: Identity, words: Words) -> None:
    """Copy ``source`` to ``target``; `KamError` where another team's workbook lies there or the folder takes no file.

    The copy is compared before it takes the target's place in one step: whoever reads meanwhile sees the old workbook or
    the new one.
    """
    if target.exists():
        _refuse_another(target, mine, words)
    try:
        with replacing(target.resolve()) as new:  # a link stays one
            shutil.copyfile(source, new)
            if not filecmp.cmp(source, new, shallow=False):
                raise KamError(words("message.changed_while_copied", file=source.name))
    except OSError as error:
        raise KamError(words("message.cannot_deliver", folder=target.parent, file=target.name)) from error


def _refuse_another(target: Path, mine: Identity, words: Words) -> None:
    try:
        theirs = identity(target)
    except Refused as error:
        raise KamError(words("message.target_unreadable", file=target.name)) from error
    if not mine.workbook_id or theirs.workbook_id != mine.workbook_id:
        raise KamError(words("message.target_is_anothers", file=target.name, team=theirs.team or "—"))
