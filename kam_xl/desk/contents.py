"""What a KAM workbook says of itself, read from its file: whose it is, its macros, its configuration, its texts."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook

from kam_xl.core import sheets
from kam_xl.core.books import place
from kam_xl.core.errors import Refused
from kam_xl.engines.office_file import opc, vba
from kam_xl.hosts.refusing import damaged, refusing

CONF, TEXTS = "xlwings.conf", "_i18n"
#: The defined name of the version; KAM_VERSION is a function.
VERSION = "kam_xl_version"
RIBBON, PROJECT = "customUI/customUI.xml", "xl/vbaProject.bin"


@dataclass(frozen=True)
class BookFacts:
    """One workbook's facts; `ours` is False for a workbook that KAM XL did not make."""

    sheets: tuple[str, ...]
    ours: bool
    version: str | None  # of the KAM XL that made it
    modules: tuple[vba.Module, ...]  # none where it has no macros
    code_names: Mapping[str, str]  # VBA's name of a sheet → the one on its tab
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


def read(path: Path) -> BookFacts:
    """The facts of the workbook at a path; `Refused` for one that cannot be read, `OSError` for one that is not there."""
    return of(path.read_bytes())


@refusing()
def of(data: bytes) -> BookFacts:
    """The facts of a workbook's bytes; `Refused` as in `read`."""
    if not data:
        raise Refused("empty_file")
    if not data.startswith((b"PK", opc.OLE)):
        raise Refused("not_a_workbook", "binary")
    parts = opc.unpacked(data)
    if "xl/workbook.xml" not in parts:
        raise Refused("not_a_workbook", "binary")
    try:
        return _told(data, parts)
    except (CalamineError, ET.ParseError, OSError) as error:  # a part that ends too early is the latter
        raise damaged(error) from error


def _told(data: bytes, parts: dict[str, bytes]) -> BookFacts:
    names = opc.defined_names(parts)
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return BookFacts(
            sheets=tuple(book.sheet_names),
            ours=VERSION in names and TEXTS in book.sheet_names and bool(_tables(parts) & _OUR_TABLES),
            version=_value(book, names.get(VERSION, "")),
            modules=vba.modules(parts[PROJECT]) if PROJECT in parts else (),
            code_names=opc.code_names(parts),
            ribbon=parts.get(RIBBON),
            conf=_rows(book, CONF) if CONF in book.sheet_names else None,
            texts=frozenset(str(key) for key, _ in _rows(book, TEXTS)[1:]),
            schema=_schema(parts.get("docProps/custom.xml")),
        )


_OUR_TABLES = frozenset(standard.table for standard in sheets.STANDARD)


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
    sheet, row, column = place(refers_to) or ("", 0, 0)
    if sheet not in book.sheet_names:
        return None
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    inside = row < len(rows) and column < len(rows[row])
    return str(rows[row][column]).strip() or None if inside else None


def _rows(book: CalamineWorkbook, sheet: str) -> tuple[tuple[object, object], ...]:
    """The cells of columns A and B; none where the sheet is missing."""
    if sheet not in book.sheet_names:
        return ()
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return tuple(((*row, "", "")[0], (*row, "", "")[1]) for row in rows)
