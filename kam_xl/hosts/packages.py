"""The zip package of a workbook, checked part by part before anything interprets it.

Workbooks come from mail. Every XML part is unpacked within a bound, its checksum verified and a DTD refused, before the
reader sees the file. On the way the cells the reader would hide are noted: errors, formulas that were never calculated,
values linked from other workbooks.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

from kam_xl.core.books import CellError, Linked, NotCalculated
from kam_xl.core.errors import Refused

#: What all parts of one workbook may unpack to, and how many there may be.
UNPACKED_BYTES = 128 * 2**20
PARTS = 10_000

_XML = (".xml", ".rels", ".vml")
_ODD_CELL = re.compile(rb'calcext:value-type="error"|table:formula=')

Marks = dict[tuple[int, int], str]


@dataclass(frozen=True)
class Package:
    """What the parts of a workbook tell beside its cells; `marks` are the odd cells by sheet and (row, column)."""

    marks: dict[str, Marks] = field(default_factory=dict)
    modified: dt.datetime | None = None
    date1904: bool = False
    has_macros: bool = False
    ours: bool = False  # a master workbook this product wrote


def inspect(data: bytes) -> Package:
    """Check every part of a zipped workbook; `Refused` when one is damaged, repeated, too large or carries a DTD."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Refused("damaged", str(error)) from error
    except OSError as error:  # zlib reports a damaged stream as one
        raise Refused("damaged", str(error)) from error
    if "content.xml" in parts:
        return Package(marks=_ods_marks(parts["content.xml"]), modified=_modified(parts))
    sheets = _sheet_parts(parts)
    return Package(
        marks={name: marks for name, part in sheets.items() if (marks := _sheet_marks(parts.get(part, b"")))},
        modified=_modified(parts),
        date1904=bool(re.search(rb'date1904=["\'](1|true)["\']', parts.get("xl/workbook.xml", b""))),
        has_macros="xl/vbaproject.bin" in {name.casefold() for name in parts},
        ours=b'name="kam_xl"' in parts.get("docProps/custom.xml", b""),
    )


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Every XML part by its name, unpacked within the bound; other parts by name only."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename.replace("\\", "/") for member in members]
    if len(set(names)) < len(names):
        raise Refused("repeated_part", next(name for name in names if names.count(name) > 1))
    if len(members) > PARTS or sum(member.file_size for member in members) > UNPACKED_BYTES:
        raise Refused("unpacks_too_large", str(UNPACKED_BYTES // 2**20))
    if any(member.flag_bits & 1 for member in members):
        raise Refused("encrypted")
    parts = {}
    for name, member in zip(names, members, strict=True):
        parts[name] = archive.read(member) if name.endswith((*_XML, ".bin")) else b""
        if name.endswith(_XML):
            _refuse_dtd(name, parts[name])
    return parts


def _refuse_dtd(name: str, content: bytes) -> None:
    """No part of a workbook needs a DTD; one that has it may reach for files, hosts or all the memory there is."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]:
        content = content.decode("utf-16", "replace").encode()
    if b"<!DOCTYPE" in content:  # nothing can be declared outside one
        raise Refused("has_dtd", name)


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet name → part name, of an .xlsx or .xlsm; `Refused` when a listed sheet has no part."""
    if "xl/workbook.xml" not in parts:
        return {}
    targets = {
        element.get("Id"): posixpath.normpath(posixpath.join("xl", element.get("Target", "")))
        if not element.get("Target", "").startswith("/")
        else element.get("Target", "").lstrip("/")
        for element in _elements(parts.get("xl/_rels/workbook.xml.rels", b""), "Relationship")
    }
    found = {}
    for sheet in _elements(parts["xl/workbook.xml"], "sheet"):
        relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        part = targets.get(relation, "")
        if part not in parts:
            raise Refused("missing_part", sheet.get("name", part))
        found[sheet.get("name", "")] = part
    return found


def _elements(content: bytes, name: str) -> Iterator[ElementTree.Element]:
    try:
        root = ElementTree.fromstring(content) if content else ElementTree.Element("none")  # noqa: S314 (no DTD left)
    except ElementTree.ParseError as error:
        raise Refused("damaged", str(error)) from error
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _modified(parts: dict[str, bytes]) -> dt.datetime | None:
    """When the workbook was last saved, as it says itself (UTC); file times change with every copy."""
    for part, name in (("docProps/core.xml", "modified"), ("meta.xml", "date")):
        for element in _elements(parts.get(part, b""), name):
            try:
                saved = dt.datetime.fromisoformat((element.text or "").strip())
            except ValueError:
                return None
            return saved.astimezone(dt.UTC).replace(tzinfo=None) if saved.tzinfo else saved
    return None


def _sheet_marks(content: bytes) -> Marks:
    """Error cells, formulas without a value and values linked from other workbooks, of one sheet part."""
    head = content[:4096]
    error = b"t='e'" if b"='" in head else b't="e"'
    formula = b"<f" if b"<worksheet" in head else b":f"
    if error not in content and formula not in content:
        return {}
    return _SheetLook().parse(content)


class _SheetLook:
    """One pass over a sheet part that keeps count of rows and cells, since their references are optional."""

    def __init__(self) -> None:
        self.marks: Marks = {}
        self.row = self.column = -1
        self.kind = ""
        self.texts: dict[str, str | None] = {}
        self.inside: str | None = None

    def parse(self, content: bytes) -> Marks:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._data
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise Refused("damaged", str(error)) from error
        return self.marks

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
            self.kind, self.texts = attributes.get("t", ""), {}
        elif name in ("f", "v"):
            self.inside, self.texts[name] = name, ""

    def _data(self, text: str) -> None:
        if self.inside:
            self.texts[self.inside] += text

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("f", "v"):
            self.inside = None
        elif name == "c" and (mark := self._mark()) is not None:
            self.marks[self.row, self.column] = mark

    def _mark(self) -> str | None:
        formula, value = self.texts.get("f"), self.texts.get("v")
        if self.kind == "e":
            return CellError(value or "#ERROR!")
        if formula is not None and not value and self.kind != "str":
            return NotCalculated(f"={formula}")
        if formula and "[" in formula and re.search(r"\[\d+\]", formula):
            return Linked(f"={formula}")
        return None


def _column(reference: str) -> int:
    """The 0-based column of an address: AB12 → 27."""
    number = 0
    for char in reference:
        if not char.isalpha():
            break
        number = number * 26 + ord(char.upper()) - 64
    return number - 1


def _ods_marks(content: bytes) -> dict[str, Marks]:
    """Error cells and formulas without a value in an OpenDocument spreadsheet, by sheet."""
    if not _ODD_CELL.search(content):
        return {}
    found: dict[str, Marks] = {}
    state = {"sheet": "", "row": -1, "next_row": 0, "column": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            state.update(sheet=attributes.get("table:name", ""), row=-1, next_row=0)
        elif tag == "table:table-row":
            state.update(row=state["next_row"], column=0)
            state["next_row"] += int(attributes.get("table:number-rows-repeated", 1))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            if mark := _ods_mark(attributes):
                found.setdefault(state["sheet"], {})[state["row"], state["column"]] = mark
            state["column"] += int(attributes.get("table:number-columns-repeated", 1))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(content, True)
    return found


def _ods_mark(attributes: dict[str, str]) -> str | None:
    formula = attributes.get("table:formula")
    if attributes.get("calcext:value-type") == "error":
        return CellError(attributes.get("office:string-value") or "#ERROR!")
    if formula is not None and "office:value-type" not in attributes:
        return NotCalculated(formula)
    return None
