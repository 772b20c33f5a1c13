"""Team workbooks on disk: which files in a folder are workbooks, and one of them read into memory.

`read` runs inside the child processes of `kam_xl.hosts.isolation`; it may be killed at any point.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import os
import posixpath
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import python_calamine as calamine

from kam_xl.core import intake
from kam_xl.core.books import TEXTS, Book, Contents, Linked, RawSheet, Remark, is_export
from kam_xl.core.errors import Refused
from kam_xl.core.texts import printable
from kam_xl.engines.office_file import packages
from kam_xl.hosts import containers, delimited, old_books, shown_numbers, spreadsheets, web_tables
from kam_xl.hosts.odd_cells import Marks, Sifted
from kam_xl.hosts.refusing import damaged
from kam_xl.hosts.spreadsheets import Spreadsheet

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
FILE_BYTES = 64 * 2**20
#: Under this name Excel opens text and web pages as well, and ERP systems save them.
_OLD = ".xls"
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
            skipped.append((printable(name), aside))
        elif unknown or not _is_text(name):
            refused.append((printable(name), unknown or "bad_name"))
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
    return name == printable(name)


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
    if name == intake.FILE:
        return "intake_file"
    return None if path.suffix.casefold() in SUFFIXES or is_export(name) else "no_workbook_name"


def team(name: str) -> str:
    """The team whose workbook this is: its relative path without the suffix.

    Lists of teams are joined and split by 、, so that no team's name may hold one: it becomes the narrow ､, and what
    stands for it is told apart from what was there before. No two paths are one team but those that differ in the suffix.
    """
    return str(PurePosixPath(name).with_suffix("")).translate(_NO_SEPARATOR)


_NO_SEPARATOR = str.maketrans({"、": "､", "､": "､﹑", "﹑": "﹑﹑"})


@dataclass(frozen=True)
class File:
    """The bytes of one file, their hash, and what the disk tells of it."""

    name: str
    data: bytes
    sha256: str
    found: os.stat_result

    @property
    def goes_by_name(self) -> bool:
        """True for text and the like, whose sheet has its name from the file, and which may be a workbook under one name alone."""
        if self.data.startswith(_ZIP) or containers.is_parquet(self.data):
            return not self.data.startswith(_ZIP)
        data = containers.plain(self.data)
        return not containers.is_archive(data) and not old_books.begins(data)


_ZIP = b"PK\x03\x04"


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
    """One workbook, every byte of it read once; `Refused` says why it cannot be used."""
    return book(opened(folder, name))


def opened(folder: Path, name: str) -> File:
    """A file's bytes; `Refused` where nobody gets at them."""
    if not _is_text(name):
        raise Refused("bad_name")
    data, found = _settled(folder / name)
    return File(name, data, hashlib.sha256(data).hexdigest(), found)


def book(file: File) -> Book:
    """What a file's bytes hold; `Refused` says why it cannot be used.

    When it was saved is told in local time, as everything people see.
    """
    if not file.data:
        raise Refused("empty_file")
    path = PurePosixPath(file.name)
    parquet = containers.is_parquet(file.data)
    contents = containers.parquet(file.data, path.stem) if parquet else _contents(containers.plain(file.data), path)
    return Book(
        name=file.name,
        team=team(file.name),
        sheets=contents.sheets,
        tables=contents.tables,
        sha256=file.sha256,
        size_bytes=len(file.data),
        modified=local(contents.modified or changed(file.found)),
        date1904=contents.date1904,
        remarks=contents.remarks,
        saved=contents.modified,
    )


def changed(found: os.stat_result) -> dt.datetime:
    """When a file last changed, in UTC."""
    return dt.datetime.fromtimestamp(found.st_mtime, dt.UTC).replace(tzinfo=None)


def local(utc: dt.datetime) -> dt.datetime:
    """A moment of UTC as the clocks of this place showed it."""
    try:
        return utc.replace(tzinfo=dt.UTC).astimezone().replace(tzinfo=None)
    except (OSError, OverflowError, ValueError):  # Windows knows no local time before 1970
        return utc


def _settled(path: Path) -> tuple[bytes, os.stat_result]:
    """The file's bytes and what the disk tells of it; a file that changes, or cannot be opened, is tried again."""
    why = "still_changing"
    for attempt in range(_RETRIES):
        if attempt:
            time.sleep(_PAUSE * attempt)
        try:
            data, before, after = _looked_at(path)
        except FileNotFoundError as error:
            raise Refused("vanished") from error
        except OSError as error:
            why = "no_permission" if isinstance(error, PermissionError) else "disk_error"
            continue
        why = "still_changing"
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            return data, after
    raise Refused(why)


def _looked_at(path: Path) -> tuple[bytes, os.stat_result, os.stat_result]:
    """The file's bytes, and what the disk tells of it before and after they were read."""
    before = path.stat()
    if before.st_size > FILE_BYTES:
        raise Refused("file_too_large", str(FILE_BYTES // 2**20))
    return path.read_bytes(), before, path.stat()


def _contents(data: bytes, path: PurePosixPath) -> Contents:
    """What is in a file, by what it begins with: its name tells only whether text may pass for a workbook."""
    if containers.is_archive(data):
        return _zipped(data)
    if old_books.begins(data):
        contents = old_books.read(data)
        shown_numbers.put(data, contents.sheets)
        return contents
    looks, suffix = _looks_like(data), path.suffix.casefold()
    table: Contents | None = None
    if looks == "text" and suffix in (_OLD, *TEXTS):
        table = delimited.read(data, path.stem, "read_as_text" if suffix == _OLD else "text_read")
    elif suffix == _OLD and looks in _PAGES:
        table = _PAGES[looks](data, path.stem)
    if table is None:
        raise Refused("not_a_workbook", looks)
    return table


#: What a file may seem to be that Excel opens as a workbook under its old name → what reads it.
_PAGES: dict[str, Callable[[bytes, str], Contents | None]] = {
    "html": web_tables.in_page,
    "sheet_xml": web_tables.in_xml,
}


def _looks_like(data: bytes) -> str:
    """What a file that is no workbook seems to be, as a key of words."""
    head = data[:4096].replace(b"\0", b"").lstrip(_BEFORE_TAGS).lower()
    if head.startswith((b"<?xml", b"<workbook")):
        return "sheet_xml" if b"urn:schemas-microsoft-com:office:spreadsheet" in head else "xml"
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<style", b"mime-version:")):
        return "html"
    return "text" if delimited.is_text(data) else "binary"


#: Marks of UTF-8 and UTF-16, and blanks.
_BEFORE_TAGS = b"\xef\xbb\xbf\xff\xfe \t\r\n"


def sheet_of(file: File, table: str) -> RawSheet | None:
    """The sheet of a native table in a workbook that a night wrote, of which `book` reads nothing; None where there is none."""
    found = spreadsheets.opened(file.data)
    name = next((one.sheet for one in found.tables if one.name == table), "")
    with _reader(found.content) as reader:
        return _sheet(found, reader, name, hidden=False) if name else None


# --- zipped workbooks ------------------------------------------------------------------------------------------------


def _zipped(data: bytes) -> Contents:
    book = spreadsheets.opened(data)
    if book.ours:
        raise Refused("own_output")
    unread = tuple(RawSheet(name, [], unread=why) for name, why in book.unread.items())
    remarks = [Remark("contains_macros")] if book.has_macros else []
    remarks += [Remark("sheet_unknown", name) for name in book.others]
    far = [(name, look) for name, look in book.looks.items() if look.far]
    remarks += [Remark("cells_far_away", name, look.far_at, str(look.far)) for name, look in far]
    sheets = _sheets(book)
    shown_numbers.put(book.content, sheets)
    return Contents(sheets + unread, book.tables, tuple(remarks), book.date1904, book.modified)


def _sheets(book: Spreadsheet) -> tuple[RawSheet, ...]:
    """Every worksheet that the reader is given."""
    if not book.looks:
        return ()
    with _reader(book.content) as reader:
        shown = calamine.SheetVisibleEnum.Visible
        return tuple(_sheet(book, reader, one.name, hidden=one.visible != shown) for one in reader.sheets_metadata)


def _sheet(book: Spreadsheet, reader: calamine.CalamineWorkbook, name: str, *, hidden: bool) -> RawSheet:
    """One worksheet; where the reader gives it up, again without formats and without any cell it may have stumbled over."""
    with contextlib.suppress(Refused):
        return _raw(reader, name, book.looks[name], hidden=hidden)
    if book.plainly:
        with contextlib.suppress(Refused, *packages.DAMAGE):
            content, look = book.plainly(name)
            with _reader(content) as again:
                return _raw(again, name, look, hidden=hidden)
    return RawSheet(name, [], hidden, unread="damaged")


@contextlib.contextmanager
def _reader(content: bytes) -> Iterator[calamine.CalamineWorkbook]:
    with _damage():
        reader = calamine.load_workbook(io.BytesIO(content))
    with reader:
        yield reader


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    """Whatever the reader raises over a file is damage: its panics too, which are no Exceptions."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise damaged(error) from error


def _raw(reader: calamine.CalamineWorkbook, name: str, look: Sifted, *, hidden: bool) -> RawSheet:
    with _damage():
        sheet = reader.get_sheet_by_name(name)
        rows, start = (
            sheet.to_python(),
            sheet.start,
        )  # the reader fails on some sheets unless it may skip the blank margin
        merged = tuple(sheet.merged_cell_ranges or ())
    rows = _from_a1(rows, start)
    links = {place: mark for place, mark in look.marks.items() if isinstance(mark, Linked)}
    _put(rows, {place: mark for place, mark in look.marks.items() if place not in links})
    return RawSheet(name, rows, hidden, merged, links)


def _put(rows: list[list], marks: Marks) -> None:
    """Show the marks in their cells; the reader ends before rows that hold nothing else."""
    width = len(rows[-1]) if rows else 0
    for (row, column), mark in sorted(marks.items()):
        if column >= width or row > len(rows) + _FURTHEST:
            continue  # outside any table
        rows.extend([""] * width for _ in range(len(rows), row + 1))
        rows[row] = rows[row] or [""] * width
        rows[row][column] = mark


def _from_a1(rows: list[list], start: tuple[int, int] | None) -> list[list]:
    """The sheet's cells from A1 on."""
    if not rows or not start:
        return []
    top, left = start
    if left:
        margin = [""] * left
        rows = [margin + row for row in rows]
    return [[] for _ in range(top)] + rows
