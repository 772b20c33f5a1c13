"""Team workbooks on disk: which files in a folder are workbooks, and one of them read into memory.

`read` runs inside the child processes of `kam_xl.hosts.isolation`; it may be killed at any point.
"""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import io
import time
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


@dataclass(frozen=True)
class Listing:
    """The workbooks of a folder tree, in order, and what else lies there with the reason it is skipped."""

    books: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]  # (path, key of words/refusals.toml)


def listing(folder: Path) -> Listing:
    """Every workbook below a folder by its relative path; lock files, hidden and other files are listed as skipped."""
    books, skipped = [], []
    for path in sorted(folder.rglob("*"), key=lambda path: path.as_posix()):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        if name != (shown := name.encode("utf-8", "replace").decode()):  # an archive unpacked with the wrong encoding
            skipped.append((shown, "bad_name"))
            continue
        reason = _why_skip(PurePosixPath(name))
        if reason:
            skipped.append((name, reason))
        else:
            books.append(name)
    return Listing(tuple(books), tuple(skipped))


def _why_skip(path: PurePosixPath) -> str | None:
    name = path.name
    if name.startswith(("~$", ".~lock.")):
        return "lock_file"
    if any(part.startswith(".") for part in path.parts):
        return "hidden_file"
    if name.startswith("~") or path.suffix.casefold() in (".tmp", ".bak", ".part", ".crdownload"):
        return "temporary_file"
    return None if path.suffix.casefold() in SUFFIXES else "no_workbook_name"


def team(name: str) -> str:
    """The team whose workbook this is: its relative path without the suffix.

    、 becomes ·, in folders too: lists of teams are joined and split by 、.
    """
    return str(PurePosixPath(name).with_suffix("")).replace("、", "·")


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
    path = folder / name
    data, changed = _settled(path)
    plain = _decrypted(data)
    package = _package(plain)
    if package.ours:
        raise Refused("own_output")
    sheets, tables = _sheets(plain, package)
    remarks = ["contains_macros"] if package.has_macros and path.suffix.casefold() == ".xlsx" else []
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
    """The file's bytes and when it last changed (UTC); a file that changes while it is read is tried again."""
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
        except OSError:
            continue
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            break
    else:
        raise Refused("still_changing")
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
