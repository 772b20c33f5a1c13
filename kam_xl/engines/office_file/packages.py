"""The zip package of a workbook, checked part by part before anything interprets it.

Workbooks come from mail. Every part is unpacked within a bound, its checksum verified and a DTD refused, before anybody
looks into one. What an error says about a package may quote the package, so only the name of its kind is ever told.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.parsers import expat

from . import records
from .unusable import Unusable, damaged

#: What all parts of one workbook may unpack to, and how many there may be.
UNPACKED_BYTES = 128 * 2**20
PARTS = 10_000
#: What a damaged archive, stream, XML part or record makes the standard library raise.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ET.ParseError, expat.ExpatError, struct.error, EOFError,
          LookupError, NotImplementedError, OSError, RuntimeError, ValueError)  # fmt: skip
#: Pictures are not looked at, so nothing that is read may bear such a name; SVG ones may carry a DTD.
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".svg")
#: The oldest date a zip file can tell.
_DATE = (1980, 1, 1, 0, 0, 0)


def check(data: bytes) -> None:
    """`Unusable` when a part of a package is damaged, repeated, too large or carries a DTD."""
    _, broken = unpacked(data)
    if broken:
        raise Unusable("damaged")


def unpacked(data: bytes) -> tuple[dict[str, bytes], frozenset[str]]:
    """Every part but pictures by its name in lower case, which is how parts are told apart, and the names of damaged ones.

    `Unusable` when the package itself is damaged, or a part is repeated, encrypted, too large or carries a DTD.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _parts(archive)
    except DAMAGE as error:
        raise damaged(error) from error


def _parts(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], frozenset[str]]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename.replace("\\", "/").casefold() for member in members]
    if len(set(names)) < len(names):
        raise Unusable("repeated_part", next(name for name in names if names.count(name) > 1))
    if len(members) > PARTS or sum(member.file_size for member in members) > UNPACKED_BYTES:
        raise Unusable("unpacks_too_large", str(UNPACKED_BYTES // 2**20))
    if any(member.flag_bits & 1 for member in members):
        raise Unusable("encrypted")
    parts, broken = {}, set()
    for name, member in zip(names, members, strict=True):
        if name.endswith(_PICTURES):
            continue
        try:
            parts[name] = archive.read(member)
        except DAMAGE:
            broken.add(name)
        else:
            _refuse_dtd(member.filename, parts[name])
    return parts, frozenset(broken)


def _refuse_dtd(name: str, content: bytes) -> None:
    """No part of a workbook needs a DTD; one that has it may reach for files, hosts or all the memory there is."""
    if b"\0" in content[:4]:  # UTF-16 or UTF-32
        content = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in content:  # nothing can be declared outside one
        raise Unusable("has_dtd", name)


def zipped(parts: Mapping[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    """A package of these parts, in their order; the same parts give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, _DATE)
            member.create_system = 0  # else Linux and Windows write different bytes
            archive.writestr(member, content, how)
    return data.getvalue()


# --- what parts lead to ----------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A sheet as the workbook part lists it: shown or not, by which relation, of which kind (``worksheet``), which part.

    A relation that the workbook part does not have leads to the part "".
    """

    name: str
    state: str
    relation: str
    kind: str
    part: str


def related(parts: Mapping[str, bytes], source: str) -> dict[str, tuple[str, str]]:
    """Relation → (its kind, the part it leads to) of a part, or of the package (""); spelled as `parts` are."""
    spelled = {part.casefold(): part for part in parts}
    found = {}
    for element in elements(parts.get(relations(source), b""), "Relationship"):
        path = posixpath.join("/", posixpath.dirname(source), element.get("Target", ""))
        target = posixpath.normpath(path).lstrip("/")
        found[element.get("Id", "")] = element.get("Type", ""), spelled.get(target.casefold(), target)
    return found


def relations(source: str) -> str:
    """The name of the list of what a part, or "" for the package, relates to."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def elements(content: bytes, name: str) -> Iterator[ET.Element]:
    """Every element of that name in a part, whatever its namespace; none in a part that is not there."""
    root = ET.fromstring(content) if content else ET.Element("none")  # noqa: S314 (no DTD left)
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def listed(parts: Mapping[str, bytes], book: str) -> list[Listed]:
    """Every sheet that a workbook part lists, in order."""
    targets = related(parts, book)
    found = _in_binary(parts[book]) if book.endswith(".bin") else _in_xml(parts[book])
    sheets = [(name, state, relation, *targets.get(relation, ("", ""))) for name, state, relation in found]
    return [Listed(name, state, rel, kind.rpartition("/")[2], part) for name, state, rel, kind, part in sheets]


def _in_xml(content: bytes) -> list[tuple[str, str, str]]:
    return [
        (
            sheet.get("name", ""),
            sheet.get("state", "visible"),
            next((value for key, value in sheet.attrib.items() if key.endswith("}id")), ""),
        )
        for sheet in elements(content, "sheet")
    ]


def _in_binary(content: bytes) -> list[tuple[str, str, str]]:
    sheets = (record for kind, record, _ in records.read(content) if kind == records.SHEET)
    return [(name, "", relation) for relation, name in map(records.relation_and_name, sheets)]


def sheet_parts(parts: Mapping[str, bytes], book: str) -> dict[str, str]:
    """Sheet name → part name of all that a workbook part lists; `Unusable` when a listed sheet has no part."""
    found = {}
    for sheet in listed(parts, book):
        if sheet.part not in parts:
            raise Unusable("missing_part", sheet.name)
        found[sheet.name] = sheet.part
    return found
