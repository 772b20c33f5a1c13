"""The zip package of a workbook, checked part by part before anything interprets it.

Workbooks come from mail. Every XML part is unpacked within a bound, its checksum verified and a DTD refused, before the
reader sees the file. On the way the cells the reader would hide are noted: errors, formulas that were never calculated,
values linked from other workbooks.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import digits
from xml.etree import ElementTree as ET
from xml.parsers import expat

import xlrd

from kam_xl.core.books import CellError, Linked, NotCalculated, column
from kam_xl.core.errors import Refused

#: What all parts of one workbook may unpack to, and how many there may be.
UNPACKED_BYTES = 128 * 2**20
PARTS = 10_000

#: Pictures are not looked at, so nothing that is read may bear such a name; SVG ones may carry a DTD.
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".svg")
#: A sheet without any of these holds neither errors nor formulas; in UTF-16 they look different.
_ODD_CELL = (b't="e"', b"t='e'", b"<f", b":f", b"\0")
_ODD_ODS_CELL = re.compile(rb'calcext:value-type="error"|table:formula=')
#: Equal neighbours of an OpenDocument cell are written once with a count; no table a person keeps has more.
_MOST_REPEATS = 1000

Marks = dict[tuple[int, int], str]


@dataclass(frozen=True)
class Package:
    """What the parts of a workbook tell beside its cells; `marks` are the odd cells by sheet and (row, column)."""

    marks: dict[str, Marks] = field(default_factory=dict)
    modified: dt.datetime | None = None
    date1904: bool = False
    has_macros: bool = False
    knows_tables: bool = False  # whether the format has native tables that the reader can find
    ours: bool = False  # a master workbook this product wrote
    checked: bool = True  # False where nothing could look for odd cells


def inspect(data: bytes) -> Package:
    """Check every part of a zipped workbook; `Refused` when one is damaged, repeated, too large or carries a DTD."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _looked_at(_parts(archive))
    except _DAMAGE as error:
        raise Refused("damaged", str(error)) from error


def _looked_at(parts: dict[str, bytes]) -> Package:
    if "content.xml" in parts:
        ours = b'"kam_xl"' in parts.get("meta.xml", b"")
        return Package(marks=_ods_marks(parts["content.xml"]), modified=_modified(parts), ours=ours)
    book, marks_in = (_BINARY_BOOK, _binary_marks) if _BINARY_BOOK in parts else (_BOOK, _sheet_marks)
    return Package(
        marks={name: marks for name, part in sheet_parts(parts, book).items() if (marks := marks_in(parts[part]))},
        modified=_modified(parts),
        date1904=bool(re.search(rb'date1904=["\'](1|true)["\']', parts.get(_BOOK, b""))),
        knows_tables=_BOOK in parts,
        has_macros="xl/vbaproject.bin" in parts,
        ours=b'name="kam_xl"' in parts.get("docprops/custom.xml", b""),
    )


#: What a damaged archive, stream, XML part or record makes the standard library raise.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ET.ParseError, expat.ExpatError, struct.error, EOFError,
           LookupError, NotImplementedError, OSError, RuntimeError, ValueError)  # fmt: skip
_BOOK, _BINARY_BOOK = "xl/workbook.xml", "xl/workbook.bin"


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Every part but pictures by its name in lower case, which is how parts are told apart; unpacked within the bound."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename.replace("\\", "/").casefold() for member in members]
    if len(set(names)) < len(names):
        raise Refused("repeated_part", next(name for name in names if names.count(name) > 1))
    if len(members) > PARTS or sum(member.file_size for member in members) > UNPACKED_BYTES:
        raise Refused("unpacks_too_large", str(UNPACKED_BYTES // 2**20))
    if any(member.flag_bits & 1 for member in members):
        raise Refused("encrypted")
    parts = {}
    for name, member in zip(names, members, strict=True):
        if not name.endswith(_PICTURES):
            parts[name] = archive.read(member)
            _refuse_dtd(member.filename, parts[name])
    return parts


def _refuse_dtd(name: str, content: bytes) -> None:
    """No part of a workbook needs a DTD; one that has it may reach for files, hosts or all the memory there is."""
    if b"\0" in content[:4]:  # UTF-16 or UTF-32
        content = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in content:  # nothing can be declared outside one
        raise Refused("has_dtd", name)


def related(parts: Mapping[str, bytes], source: str) -> dict[str | None, tuple[str, str]]:
    """Relation → (its kind, the part it leads to) of a part, or of the package (""); spelled as `parts` are."""
    spelled = {part.casefold(): part for part in parts}
    found = {}
    for element in _elements(parts.get(relations(source), b""), "Relationship"):
        path = posixpath.join("/", posixpath.dirname(source), element.get("Target", ""))
        target = posixpath.normpath(path).lstrip("/")
        found[element.get("Id")] = element.get("Type", ""), spelled.get(target.casefold(), target)
    return found


def relations(source: str) -> str:
    """The name of the list of what a part, or "" for the package, relates to."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def sheet_parts(parts: Mapping[str, bytes], book: str) -> dict[str, str]:
    """Sheet name → part name of all that a workbook part lists; `Refused` when a listed sheet has no part."""
    targets = related(parts, book)
    listed = (_listed_binary if book == _BINARY_BOOK else _listed)(parts.get(book, b""))
    found = {name: targets.get(relation, ("", ""))[1] for name, relation in listed}
    for name, part in found.items():
        if part not in parts:
            raise Refused("missing_part", name)
    return found


def _listed(content: bytes) -> list[tuple[str, str | None]]:
    """(sheet name, relation) of every sheet that a workbook part lists."""
    return [
        (sheet.get("name", ""), next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None))
        for sheet in _elements(content, "sheet")
    ]


def _elements(content: bytes, name: str) -> Iterator[ET.Element]:
    root = ET.fromstring(content) if content else ET.Element("none")  # noqa: S314 (no DTD left)
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _modified(parts: dict[str, bytes]) -> dt.datetime | None:
    """When the workbook was last saved, as it says itself (UTC); file times change with every copy."""
    # where no zone is told, Excel means UTC, and LibreOffice the clock on the wall
    for part, name, zone in (("docprops/core.xml", "modified", dt.UTC), ("meta.xml", "date", None)):
        for element in _elements(parts.get(part, b""), name):
            try:
                saved = dt.datetime.fromisoformat((element.text or "").strip())
                return saved.replace(tzinfo=saved.tzinfo or zone).astimezone(dt.UTC).replace(tzinfo=None)
            except (ValueError, OverflowError, OSError):  # no time, or one too far away to convert
                return None
    return None


def _sheet_marks(content: bytes) -> Marks:
    """Error cells, formulas without a value and values linked from other workbooks, of one sheet part."""
    if not any(mark in content for mark in _ODD_CELL):
        return {}
    look = _SheetLook()
    _parse(content, look.start, look.end, look.data)
    return look.marks


def _parse(content: bytes, start: Callable, end: Callable | None = None, data: Callable | None = None) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.Parse(content, True)


class _SheetLook:
    """One pass over a sheet part that keeps count of rows and cells, since their references are optional."""

    def __init__(self) -> None:
        self.marks: Marks = {}
        self.row = self.column = -1
        self.kind = ""
        self.texts: dict[str, str] = {}
        self.inside: str | None = None
        self.group = ""
        self.shared: dict[str, str] = {}  # a formula filled down is written once

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            self.column = column(attributes["r"].rstrip(digits)) if "r" in attributes else self.column + 1
            self.kind, self.texts, self.group = attributes.get("t", ""), {}, ""
        elif name in ("f", "v"):
            self.inside, self.texts[name] = name, ""
            self.group = attributes.get("si", self.group)

    def data(self, text: str) -> None:
        if self.inside:
            self.texts[self.inside] += text

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("f", "v"):
            self.inside = None
        elif name == "c" and (mark := self._mark()) is not None:
            self.marks[self.row, self.column] = mark

    def _mark(self) -> str | None:
        formula, value = self.texts.get("f"), self.texts.get("v")
        if formula is not None and self.group:
            formula = self.shared.setdefault(self.group, formula)
        if self.kind == "e":
            return CellError(value or "#ERROR!")
        if formula is not None and not value and self.kind != "str":
            return NotCalculated(f"={formula}")
        if formula and "[" in formula and re.search(r"\[\d+\]", formula):
            return Linked(f"={formula}")
        return None


# --- binary workbooks (.xlsb): records of an id, a size and so many bytes ------------------------------------------

_ROW, _ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156
#: Cells that leave their column out: Excel never writes them, and the reader passes over them without a word.
_SHORT_CELLS = range(12, 19)


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, bytes) of every record of a binary part; ids and sizes are written seven bits a byte, the lowest first."""
    at = 0
    while at < len(content):
        kind, at = _number(content, at)
        size, at = _number(content, at)
        yield kind, content[at : at + size]
        at += size


def _number(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (content[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if content[at - 1] < 0x80:
            return number, at


def _listed_binary(content: bytes) -> list[tuple[str, str | None]]:
    """(sheet name, relation) of every sheet that a binary workbook part lists."""
    found = []
    for kind, record in _records(content):
        if kind == _SHEET:
            relation, rest = _text(record[8:])
            found.append((_text(rest)[0], relation))
    return found


def _text(record: bytes) -> tuple[str, bytes]:
    """The text that starts here, and what follows it."""
    (length,) = struct.unpack_from("<i", record)
    end = 4 + 2 * max(length, 0)
    return record[4:end].decode("utf-16-le"), record[end:]


def _binary_marks(content: bytes) -> Marks:
    """Error cells of one binary sheet part; `Refused` when it has cells that the reader would lose."""
    marks, row = {}, 0
    for kind, record in _records(content):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", record)
        elif kind in (_ERROR, _FORMULA_ERROR):
            (column,) = struct.unpack_from("<I", record)
            marks[row, column] = CellError(xlrd.error_text_from_code.get(record[8], "#ERROR!"))
        elif kind in _SHORT_CELLS:
            raise Refused("unreadable_cells")
    return marks


# --- OpenDocument spreadsheets (.ods) ------------------------------------------------------------------------------


class _OdsLook:
    """One pass over an OpenDocument spreadsheet that keeps count of rows and cells, since they bear no address."""

    def __init__(self) -> None:
        self.found: dict[str, Marks] = {}
        self.sheet = ""
        self.row = self.next_row = self.column = self.width = 0
        self.cell: dict[str, str] | None = None
        self.shown = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.sheet, self.next_row = attributes.get("table:name", ""), 0
        elif tag == "table:table-row":
            self.row, self.column = self.next_row, 0
            self.next_row += int(attributes.get("table:number-rows-repeated", 1))
        elif tag in _ODS_CELLS:
            self.cell, self.shown = attributes, ""
            self.width = int(attributes.get("table:number-columns-repeated", 1))

    def data(self, text: str) -> None:
        if self.cell is not None:
            self.shown += text

    def end(self, tag: str) -> None:
        if tag not in _ODS_CELLS or self.cell is None:
            return
        if mark := _ods_mark(self.cell, self.shown.strip()):
            rows = range(self.row, self.row + min(self.next_row - self.row, _MOST_REPEATS))
            columns = range(self.column, self.column + min(self.width, _MOST_REPEATS))
            self.found.setdefault(self.sheet, {}).update(dict.fromkeys(itertools.product(rows, columns), mark))
        self.cell = None
        self.column += self.width


_ODS_CELLS = ("table:table-cell", "table:covered-table-cell")


def _ods_marks(content: bytes) -> dict[str, Marks]:
    """Error cells and formulas without a value in an OpenDocument spreadsheet, by sheet."""
    if not _ODD_ODS_CELL.search(content):
        return {}
    look = _OdsLook()
    _parse(content, look.start, look.end, look.data)
    return look.found


def _ods_mark(attributes: dict[str, str], shown: str) -> str | None:
    formula = attributes.get("table:formula")
    if attributes.get("calcext:value-type") == "error":
        return CellError(shown or "#ERROR!")
    if formula is not None and "office:value-type" not in attributes:
        return NotCalculated(formula)
    return None
