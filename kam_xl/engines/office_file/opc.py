"""Single parts of an Open XML package, swapped while every other part stays as it is, byte for byte.

openpyxl writes a workbook anew and loses ribbon, slicers and parts of charts on the way; here nothing is interpreted
but the lists that name the parts. The same input gives the same bytes.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import posixpath
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from . import packages
from .packages import relations
from .unusable import Unusable, damaged

_CONTENT_TYPES = "[Content_Types].xml"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Kinds of relationships; a ribbon of 2007 would hide one of 2006.
_BOOKS = (f"{_OFFICE}/officeDocument", "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument")
_RIBBON = "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
_RIBBONS = (_RIBBON, "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility")
_PROJECT = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"

_XML_TYPE = "application/xml"
_PROJECT_TYPE = "application/vnd.ms-office.vbaProject"
#: What a workbook part becomes when it gets macros.
_WITH_MACROS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": "application/vnd.ms-excel.template.macroEnabled.main+xml",
}
#: How an encrypted workbook, and one of Excel 97, begins.
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


Parts = dict[str, bytes]


def unpacked(package: bytes) -> Parts:
    """Every part by its name, in the package's order.

    `Unusable` for a package that is encrypted, damaged or larger than `packages` allows; so in every function here.
    """
    if package.startswith(OLE):
        raise Unusable("encrypted")
    packages.check(package)
    with _readable(), zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = {member.filename: archive.read(member) for member in archive.infolist() if not member.is_dir()}
    if _CONTENT_TYPES not in parts:
        raise Unusable("not_a_workbook", "binary")
    return parts


def replaced(package: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The package with these parts (name → content) in the place of those of the same name; new ones come last.

    A new part still needs a relationship and a content type.
    """
    old = unpacked(package)
    spelled = {name.casefold(): name for name in old}
    return _written(old | {spelled.get(name.casefold(), name): content for name, content in parts.items()})


def with_ribbon(package: bytes, ribbon: bytes) -> bytes:
    """The workbook with this ribbon (customUI of 2006) and no other."""
    parts = unpacked(package)
    _drop(parts, "", _RIBBONS)
    _add(parts, "", _RIBBON, "customUI/customUI.xml", _XML_TYPE, ribbon)
    return _written(parts)


def with_project(package: bytes, project: bytes) -> bytes:
    """The workbook, its name now to end in .xlsm, with this VBA project and no other; a signature of the old one goes too.

    The project's document modules have to be those of the sheets: see `code_names`.
    """
    parts = unpacked(package)
    book = _book(parts)
    _drop(parts, book, (_PROJECT,))
    _add(parts, book, _PROJECT, posixpath.join(posixpath.dirname(book), "vbaProject.bin"), _PROJECT_TYPE, project)
    types = _list(parts, _CONTENT_TYPES)
    for element in types:
        element.set("ContentType", _WITH_MACROS.get(element.get("ContentType", ""), element.get("ContentType", "")))
    _keep(parts, _CONTENT_TYPES, types)
    return _written(parts)


def code_names(parts: Parts) -> dict[str, str]:
    """VBA's name of a worksheet → the one on its tab, in the order of the sheets; one that has none yet is left out."""
    with _readable():
        found = {_code_name(parts[part]): name for name, part in sheet_parts(parts).items()}
    return {code_name: name for code_name, name in found.items() if code_name}


def sheet_parts(parts: Parts) -> dict[str, str]:
    """Name on the tab → the part that holds the sheet."""
    with _readable():
        return packages.sheet_parts(parts, _book(parts))


def defined_names(parts: Parts) -> dict[str, str]:
    """Defined names and what each refers to."""
    with _readable():
        found = ET.fromstring(parts[_book(parts)]).iterfind("{*}definedNames/{*}definedName")  # noqa: S314 (no DTD left)
        return {element.get("name", ""): element.text or "" for element in found}


def _code_name(sheet: bytes) -> str | None:
    """The code name of a worksheet part: in sheetPr, which comes first where there is one."""
    starts = ET.iterparse(io.BytesIO(sheet), ("start",))  # noqa: S314 (no DTD left)
    for (_, top), (_, first) in zip(starts, starts, strict=False):
        is_sheet = top.tag.endswith("}worksheet") and first.tag.endswith("}sheetPr")
        return first.get("codeName") if is_sheet else None
    return None


# --- packages ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except packages.DAMAGE as error:
        raise damaged(error) from error


def _written(parts: Mapping[str, bytes]) -> bytes:
    return packages.zipped(parts, zipfile.ZIP_DEFLATED)


# --- the lists that name the parts ------------------------------------------------------------------------------------


def _list(parts: Parts, name: str) -> ET.Element:
    """The root of a list: the content types, or what a part relates to."""
    empty = f'<Relationships xmlns="{_RELATIONSHIPS}"/>'.encode()
    with _readable():
        return ET.fromstring(parts.get(name, empty))  # noqa: S314 (no DTD left)


def _keep(parts: Parts, name: str, root: ET.Element) -> None:
    namespace, _, tag = root.tag[1:].partition("}")
    plain = ET.Element(tag, xmlns=namespace)  # ElementTree itself would give every name a prefix
    for element in root:
        ET.SubElement(plain, element.tag.rpartition("}")[2], element.attrib)
    text = ET.tostring(plain, "unicode")
    parts[name] = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'.encode()


def _book(parts: Parts) -> str:
    with _readable():
        targets = [target for kind, target in packages.related(parts, "").values() if kind in _BOOKS]
    if not targets or targets[0] not in parts:
        raise Unusable("not_a_workbook", "binary")
    return targets[0]


def _drop(parts: Parts, source: str, kinds: Sequence[str]) -> None:
    """Take out the parts that ``source`` relates to in one of these ways, with their signatures and pictures."""
    listed, dropped = _list(parts, relations(source)), set()
    for relationship in [element for element in listed if element.get("Type") in kinds]:
        listed.remove(relationship)
    with _readable():
        targets = [target for kind, target in packages.related(parts, source).values() if kind in kinds]
        for target in targets:  # with what only it needs: no sheet
            belonging = {part for _, part in packages.related(parts, target).values()}
            dropped |= {target, relations(target), *(part for part in belonging if not part.endswith(".xml"))}
    types = _list(parts, _CONTENT_TYPES)
    for override in types.findall("{*}Override"):
        if override.get("PartName", "").lstrip("/") in dropped:
            types.remove(override)
    for name in dropped:
        parts.pop(name, None)
    _keep(parts, relations(source), listed)
    _keep(parts, _CONTENT_TYPES, types)


def _add(parts: Parts, source: str, kind: str, name: str, content_type: str, content: bytes) -> None:
    """Put a new part in, with a relationship from ``source`` and its content type."""
    parts[name] = content
    listed = _list(parts, relations(source))
    used = {element.get("Id") for element in listed}
    number = next(number for number in itertools.count(1) if f"rId{number}" not in used)
    target = posixpath.relpath(name, posixpath.dirname(source) or ".")
    ET.SubElement(listed, f"{{{_RELATIONSHIPS}}}Relationship", Id=f"rId{number}", Type=kind, Target=target)
    _keep(parts, relations(source), listed)
    types = _list(parts, _CONTENT_TYPES)
    known = {(element.get("Extension", "").lower(), element.get("ContentType")) for element in types}
    if (name.rpartition(".")[2].lower(), content_type) not in known:
        ET.SubElement(types, f"{{{_TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)
    _keep(parts, _CONTENT_TYPES, types)
