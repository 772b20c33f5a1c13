"""What a KAM workbook says of itself, read from its file: whose it is, its macros, its configuration, its texts."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook

from kam_xl.core import sheets
from kam_xl.core.errors import Refused
from kam_xl.hosts import opc, packages, vba

CONF, TEXTS = "xlwings.conf", "_i18n"
#: The defined name of the version; KAM_VERSION is a function.
VERSION = "kam_xl_version"
RIBBON, PROJECT = "customUI/customUI.xml", "xl/vbaProject.bin"
#: A sheet's code name stands within so many of its first bytes.
_HEAD = 4096
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True)
class Contents:
    """One workbook's facts; `ours` is False for a workbook that KAM XL did not make."""

    sheets: tuple[str, ...]
    ours: bool
    version: str | None  # of the KAM XL that made it
    modules: tuple[vba.Module, ...]  # none where it has no macros
    code_names: tuple[str, ...]
    ribbon: bytes | None
    conf: tuple[tuple[object, object], ...] | None  # every row of the sheet, also those that xlwings does not reach
    texts: frozenset[str]  # the keys of its texts
    schema: int | None = None  # of its sheets, tables and names; raised when an older program would not find them

    @property
    def xlwings(self) -> str | None:
        """The version of xlwings its macros belong to; None where they have no bridge to Python."""
        bridge = next((module.text for module in self.modules if module.name.casefold() == "xlwings"), "")
        told = re.search(r'XLWINGS_VERSION As String = "([^"]*)"', bridge)
        return told[1] if told else None


def read(path: Path) -> Contents:
    """The facts of the workbook at a path; `Refused` for one that cannot be read, `OSError` for one that is not there."""
    return of(path.read_bytes())


def of(data: bytes) -> Contents:
    """The facts of a workbook's bytes; `Refused` as in `read`."""
    if not data:
        raise Refused("empty_file")
    if data.startswith(_OLE):
        raise Refused("encrypted")
    if not data.startswith(b"PK"):
        raise Refused("not_a_workbook", "binary")
    packages.inspect(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {member.filename: archive.read(member) for member in archive.infolist()}
    if "xl/workbook.xml" not in parts:
        raise Refused("not_a_workbook", "binary")
    try:
        return _told(data, parts)
    except (CalamineError, ET.ParseError, OSError) as error:  # a part that ends too early is the latter
        raise Refused("damaged", str(error)) from error


def sheet_of(data: bytes, code_name: str) -> str:
    """The name on the tab of the sheet that VBA knows by a code name; the code name itself where none is found."""
    told = f'codeName="{code_name}"'.encode()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 (no DTD left)
        parts = {element.get("Id"): posixpath.join("/xl", element.get("Target", "")) for element in relations}
        for sheet in ET.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet"):  # noqa: S314
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            with archive.open(posixpath.normpath(parts.get(relation, "/xl/workbook.xml")).lstrip("/")) as part:
                if told in part.read(_HEAD):
                    return sheet.get("name", code_name)
    return code_name


def _told(data: bytes, parts: dict[str, bytes]) -> Contents:
    names = _names(parts["xl/workbook.xml"])
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return Contents(
            sheets=tuple(book.sheet_names),
            ours=VERSION in names and TEXTS in book.sheet_names and bool(_tables(parts) & _OUR_TABLES),
            version=_value(book, names.get(VERSION, "")),
            modules=vba.modules(parts[PROJECT]) if PROJECT in parts else (),
            code_names=opc.code_names(data),
            ribbon=parts.get(RIBBON),
            conf=_rows(book, CONF) if CONF in book.sheet_names else None,
            texts=frozenset(str(key) for key, _ in _rows(book, TEXTS)[1:]),
            schema=_schema(parts.get("docProps/custom.xml")),
        )


_OUR_TABLES = frozenset(standard.table for standard in sheets.STANDARD)


def _names(workbook: bytes) -> dict[str, str]:
    """Defined names and what each refers to."""
    found = ET.fromstring(workbook).iterfind("{*}definedNames/{*}definedName")  # noqa: S314 (no DTD left)
    return {element.get("name", ""): element.text or "" for element in found}


def _schema(properties: bytes | None) -> int | None:
    for element in ET.fromstring(properties) if properties else ():  # noqa: S314 (no DTD left)
        text = "".join(element.itertext()).strip()
        if element.get("name") == "kam_schema_version" and text.isdecimal():
            return int(text)
    return None


def _tables(parts: dict[str, bytes]) -> set[str]:
    """The names of the native tables."""
    roots = (ET.fromstring(part) for name, part in parts.items() if re.match(r"xl/tables/[^/]+\.xml$", name))  # noqa: S314
    return {root.get("displayName", "") for root in roots}


def _value(book: CalamineWorkbook, refers_to: str) -> str | None:
    """The text a defined name stands for: a constant, or one cell."""
    if constant := re.fullmatch(r'"(.*)"', refers_to):
        return constant[1]
    place = re.fullmatch(r"'?(.+?)'?!\$([A-Z]+)\$(\d+)", refers_to)
    if not place or (sheet := place[1].replace("''", "'")) not in book.sheet_names:
        return None
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    row, column = int(place[3]) - 1, _column(place[2])
    inside = row < len(rows) and column < len(rows[row])
    return str(rows[row][column]).strip() or None if inside else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _rows(book: CalamineWorkbook, sheet: str) -> tuple[tuple[object, object], ...]:
    """The cells of columns A and B; none where the sheet is missing."""
    if sheet not in book.sheet_names:
        return ()
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return tuple(((*row, "", "")[0], (*row, "", "")[1]) for row in rows)
