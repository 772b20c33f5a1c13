"""Team workbooks on disk: which files in a folder are workbooks, and one of them read into memory.

`read` runs inside the child processes of `kam_xl.hosts.isolation`; it may be killed at any point.
"""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import io
import os
import posixpath
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msoffcrypto
import python_calamine as calamine
import xlrd
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

from kam_xl.core.books import Book, CellError, Linked, NativeTable, RawSheet
from kam_xl.core.errors import Refused
from kam_xl.hosts import packages

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
FILE_BYTES = 64 * 2**20
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Excel itself opens books "protected" with this password without asking.
_WELL_KNOWN_PASSWORD = "VelvetSweatshop"  # noqa: S105
_RETRIES, _PAUSE = 3, 0.3
#: So many blank rows may part a table's last rows from the rest.
_FURTHEST = 1000


Reasons = tuple[tuple[str, str], ...]  # (path as it can be shown, key of words/refusals.toml)


@dataclass(frozen=True)
class Listing:
    """The workbooks of a folder tree, in order, and what else lies there with the reason why it is not read."""

    books: tuple[str, ...]
    skipped: Reasons = ()
    refused: Reasons = ()  # a team's rows may be in there


def listing(folder: Path) -> Listing:
    """Every workbook below a folder by its relative path, whatever else lies there, and every folder nobody can look into."""
    books, skipped, refused = [], [], []
    for name, unknown in sorted(_found(folder)):
        path = PurePosixPath(name)
        aside = _why_skip(path) if not unknown else "hidden_file" if _is_hidden(path) else None
        if aside:
            skipped.append((shown(name), aside))
        elif unknown or not _is_text(name):
            refused.append((shown(name), unknown or "bad_name"))
        else:
            books.append(name)
    return Listing(tuple(books), tuple(skipped), tuple(refused))


def _found(folder: Path) -> Iterator[tuple[str, str]]:
    """(path, "") of every file, and (path, why) of every folder whose files stay unknown.

    Links to folders are not followed: they may lead in circles, or to all of a disk.
    """
    waiting = [""]
    while waiting:
        place = waiting.pop()
        try:
            entries = list(os.scandir(folder / place))
        except OSError:  # no permission, a share that went away, a path longer than the system allows
            yield place or ".", "unreadable_folder"
            continue
        for entry in entries:
            name, kind = posixpath.join(place, entry.name), _kind(entry)
            if kind == "file":
                yield name, ""
            elif kind == "folder":
                waiting.append(name)
            elif kind == "link" and not Path(entry).resolve().is_relative_to(folder.resolve()):
                yield name, "linked_folder"


def _kind(entry: os.DirEntry) -> str | None:
    """file, folder, or link to a folder; None for a pipe and the like. A link that leads nowhere is a file that is gone."""
    link = False
    try:
        link = entry.is_symlink()
        if entry.is_dir():
            return "link" if link or _is_junction(entry) else "folder"
        return "file" if link or entry.is_file() else None
    except OSError:  # a link in a circle or to a place nobody may see; else whoever opens it will tell
        return "file" if link else "folder"


#: What Windows marks a junction with; Python calls it no symbolic link.
_JUNCTION = 0xA0000003


def _is_junction(entry: os.DirEntry) -> bool:
    return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _JUNCTION


def _is_text(name: str) -> bool:
    """False for a name in another encoding than the system's, as archives unpacked with the wrong one leave it."""
    return name == shown(name)


def shown(path: str | Path) -> str:
    """A path, or a text with one in it, as it can be printed and written anywhere: what is no text is a question mark."""
    return str(path).encode("utf-8", "replace").decode()


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _why_skip(path: PurePosixPath) -> str | None:
    name = path.name
    if name.startswith(("~$", ".~lock.")):
        return "lock_file"
    if _is_hidden(path):
        return "hidden_file"
    if name.startswith("~") or path.suffix.casefold() in (".tmp", ".bak", ".part", ".crdownload"):
        return "temporary_file"
    return None if path.suffix.casefold() in SUFFIXES else "no_workbook_name"


def team(name: str) -> str:
    """The team whose workbook this is: its relative path without the suffix.

    Lists of teams are joined and split by 、, so that no team's name may hold one: it becomes the narrow ､, and what
    stands for it is told apart from what was there before. No two paths are one team but those that differ in the suffix.
    """
    return str(PurePosixPath(name).with_suffix("")).translate(_NO_SEPARATOR)


_NO_SEPARATOR = str.maketrans({"、": "､", "､": "､﹑", "﹑": "﹑﹑"})


def fingerprint(path: Path) -> tuple[int, str | None]:
    """Size and SHA-256 of a file that cannot be used; no hash of a file too large to read, and no size of one gone."""
    size = 0
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            return size, None
        with path.open("rb") as file:
            return size, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return size, None


def read(folder: Path, name: str) -> Book:
    """One workbook, every byte of it read once; `Refused` says why it cannot be used.

    When it was saved is told in local time, as everything people see.
    """
    if not _is_text(name):
        raise Refused("bad_name")
    data, changed = _settled(folder / name)
    plain = _decrypted(data)
    package = _package(plain)
    if package.ours:
        raise Refused("own_output")
    sheets, tables = _sheets(plain, package)
    remarks = ["contains_macros"] if package.has_macros and name.casefold().endswith(".xlsx") else []
    remarks += [] if package.checked else ["error_cells_unchecked"]
    return Book(
        name=name,
        team=team(name),
        sheets=sheets,
        tables=tables,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        modified=_local(package.modified or changed),
        date1904=package.date1904,
        remarks=tuple(remarks),
    )


def _local(utc: dt.datetime) -> dt.datetime:
    try:
        return utc.replace(tzinfo=dt.UTC).astimezone().replace(tzinfo=None)
    except (OSError, OverflowError, ValueError):  # Windows knows no local time before 1970
        return utc


def _settled(path: Path) -> tuple[bytes, dt.datetime]:
    """The file's bytes and when it last changed (UTC); a file that changes, or cannot be opened, is tried again."""
    why = "still_changing"
    for attempt in range(_RETRIES):
        if attempt:
            time.sleep(_PAUSE * attempt)
        try:
            before = path.stat()
            if before.st_size > FILE_BYTES:
                raise Refused("file_too_large", str(FILE_BYTES // 2**20))
            data = path.read_bytes()
            after = path.stat()
        except FileNotFoundError as error:
            raise Refused("vanished") from error
        except OSError as error:
            why = "no_permission" if isinstance(error, PermissionError) else "disk_error"
            continue
        why = "still_changing"
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            break
    else:
        raise Refused(why)
    if not data:
        raise Refused("empty_file")
    if not data.startswith((_ZIP, _OLE)):
        raise Refused("not_a_workbook", _looks_like(data))
    return data, dt.datetime.fromtimestamp(after.st_mtime, dt.UTC).replace(tzinfo=None)


def _looks_like(data: bytes) -> str:
    """What a file that is no workbook seems to be, as a key of words."""
    head = data[:1024].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        return "html"
    return "binary" if b"\0" in data[:1024] else "text"


def _decrypted(data: bytes) -> bytes:
    """The workbook itself where Excel would open it unasked; `Refused` where a person would have to type a password."""
    if not data.startswith(_OLE):
        return data
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not office.is_encrypted():
            return data
        office.load_key(password=_WELL_KNOWN_PASSWORD, verify_password=True)
        plain = io.BytesIO()
        office.decrypt(plain)
        return plain.getvalue()
    except (InvalidKeyError, DecryptionError) as error:
        raise Refused("encrypted") from error
    except Exception:  # noqa: BLE001 (a broken container: the reader says so in its own words)
        return data


def _package(data: bytes) -> packages.Package:
    return packages.inspect(data) if data.startswith(_ZIP) else _xls_package(data)


def _xls_package(data: bytes) -> packages.Package:
    """Error cells and the date system of an .xls, from a second reader: the first one hides both."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True)
        marks = {name: _xls_marks(book.sheet_by_name(name)) for name in book.sheet_names()}
    except Exception:  # noqa: BLE001 (whether the file can be used is for the first reader to say)
        return packages.Package(checked=False)
    return packages.Package(marks={name: found for name, found in marks.items() if found}, date1904=book.datemode == 1)


def _xls_marks(sheet: xlrd.sheet.Sheet) -> packages.Marks:
    return {
        (row, column): CellError(xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#ERROR!"))
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row))
        if kind == xlrd.XL_CELL_ERROR
    }


def _sheets(data: bytes, package: packages.Package) -> tuple[tuple[RawSheet, ...], tuple[NativeTable, ...]]:
    """Every worksheet's cells and every native table's place."""
    try:
        with calamine.load_workbook(io.BytesIO(data), load_tables=package.knows_tables) as book:
            tables = _tables(book) if package.knows_tables else ()
            names = [m.name for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
            hidden = {m.name for m in book.sheets_metadata if m.visible != calamine.SheetVisibleEnum.Visible}
            return tuple(_sheet(book, name, name in hidden, package.marks.get(name, {})) for name in names), tables
    except calamine.PasswordError as error:
        raise Refused("encrypted") from error
    except calamine.WorksheetNotFound as error:
        raise Refused("missing_part", str(error)) from error
    except (calamine.CalamineError, OSError) as error:  # a part that ends too early is the latter
        raise Refused("damaged", str(error)) from error


def _tables(book: calamine.CalamineWorkbook) -> tuple[NativeTable, ...]:
    found = [book.get_table_by_name(name) for name in book.table_names or ()]
    return tuple(NativeTable(t.name, t.sheet, t.start[0] - 1, t.start[1]) for t in found if t.start and t.start[0])


def _sheet(book: calamine.CalamineWorkbook, name: str, hidden: bool, marks: packages.Marks) -> RawSheet:
    sheet = book.get_sheet_by_name(name)
    merged = tuple(sheet.merged_cell_ranges or ())
    rows = _from_a1(sheet)
    links = {place: mark for place, mark in marks.items() if isinstance(mark, Linked)}
    _put(rows, {place: mark for place, mark in marks.items() if place not in links})
    return RawSheet(name, rows, hidden, merged, links)


def _put(rows: list[list], marks: packages.Marks) -> None:
    """Show the marks in their cells; the reader ends before rows that hold nothing but formulas never calculated."""
    width = len(rows[-1]) if rows else 0
    for (row, column), mark in sorted(marks.items()):
        if column >= width or row > len(rows) + _FURTHEST:
            continue  # outside any table
        rows.extend([""] * width for _ in range(len(rows), row + 1))
        rows[row] = rows[row] or [""] * width
        rows[row][column] = mark


def _from_a1(sheet: calamine.CalamineSheet) -> list[list]:
    """The sheet's cells from A1 on; the reader itself fails on some sheets unless it may skip the blank margin."""
    rows = sheet.to_python()
    if not rows or not sheet.start:
        return []
    top, left = sheet.start
    if left:
        margin = [""] * left
        rows = [margin + row for row in rows]
    return [[] for _ in range(top)] + rows
