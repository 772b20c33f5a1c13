"""A zipped workbook (.xlsx, .xlsm, .xlsb, .ods) as the reader is given it: the checked parts of its worksheets, nothing else.

The reader never sees the file itself but a package of our own, so that what it parses is what was checked, whatever else
the file holds: bytes before or behind the archive, another workbook part, sheets of macros, cells it would stumble over.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from kam_xl.core.books import NativeTable
from kam_xl.core.errors import Refused
from kam_xl.engines.office_file import packages, records
from kam_xl.engines.office_file.packages import Listed
from kam_xl.hosts import odd_cells
from kam_xl.hosts.odd_cells import Sifted
from kam_xl.hosts.refusing import damaged, refusing

Parts = Mapping[str, bytes]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
#: Where the workbook part lies, unless the package says otherwise.
_BOOKS = ("xl/workbook.xml", "xl/workbook.bin")


@dataclass(frozen=True)
class Spreadsheet:
    """What a workbook tells beside its cells, and what the reader is given of it."""

    content: bytes  # the reader's package
    looks: Mapping[str, Sifted]  # by sheet, of those that are in it
    unread: Mapping[str, str] = field(default_factory=dict)  # worksheets that are not → key of words/refusals.toml
    others: tuple[str, ...] = ()  # sheets that are neither tables nor charts
    tables: tuple[NativeTable, ...] = ()
    modified: dt.datetime | None = None
    date1904: bool = False
    has_macros: bool = False
    ours: bool = False  # an output of this product
    #: A package of one sheet that the reader gave up, without formats and without any cell it may have stumbled over.
    plainly: Callable[[str], tuple[bytes, Sifted]] | None = None


@refusing()
def opened(data: bytes) -> Spreadsheet:
    """A zipped workbook, checked; `Refused` when it is damaged, encrypted, hostile or no workbook."""
    parts, broken = packages.unpacked(data)
    if _is_encrypted(parts):
        raise Refused("encrypted")
    try:
        if _CONTENT in parts and parts.get("mimetype", _ODS.encode()).startswith(_ODS.encode()):
            return _open_document(parts)
        return _Workbook(parts, broken).spreadsheet()
    except packages.DAMAGE as error:
        raise damaged(error) from error


def _is_encrypted(parts: Parts) -> bool:
    """An OpenDocument file with a password: its parts one by one, or, newer, all in one package within it."""
    return "encrypted-package" in parts or b"encryption-data" in parts.get("meta-inf/manifest.xml", b"")


def _open_document(parts: Parts) -> Spreadsheet:
    content, looks = odd_cells.in_ods(_utf8(parts[_CONTENT]))
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    given = {"mimetype": _ODS.encode(), "META-INF/manifest.xml": manifest, _CONTENT: content}
    ours = b'"kam_xl"' in parts.get("meta.xml", b"")
    return Spreadsheet(packages.zipped(given), looks, modified=_modified(parts), ours=ours)


class _Workbook:
    """An Open XML workbook, of texts or of binary records: its parts, and which of them hold what."""

    def __init__(self, parts: Parts, broken: frozenset[str]) -> None:
        self.parts, self.broken = parts, broken
        book = self._found("", "officeDocument", *_BOOKS)
        if book is None:
            raise Refused("no_workbook_part")
        self.book, self.suffix = book, book.rpartition(".")[2]
        self.strings = self._found(book, "sharedStrings", f"xl/sharedstrings.{self.suffix}")
        self.styles = self._found(book, "styles", f"xl/styles.{self.suffix}")
        self.listed = packages.listed(parts, book)

    def _found(self, source: str, kind: str, *usual: str) -> str | None:
        """The part that a relation of that kind leads to, else the usual one; `Refused` where it is damaged."""
        told = [part for relation, part in packages.related(self.parts, source).values() if _kind(relation) == kind]
        part = next((part for part in (*told, *usual) if part in self.parts or part in self.broken), None)
        if part in self.broken:
            raise Refused("damaged")
        return part

    def spreadsheet(self) -> Spreadsheet:
        """What is told of it, and what the reader is given."""
        looks, unread = self._looked_through()
        return Spreadsheet(
            self._package({name: look.content for name, look in looks.items()}),
            looks,
            unread,
            others=tuple(
                sheet.name for sheet in self.listed if not _is_worksheet(sheet) and sheet.kind != "chartsheet"
            ),
            tables=tuple(table for sheet in self.listed if sheet.name in looks for table in self._tables(sheet)),
            modified=_modified(self.parts),
            date1904=bool(_DATE1904.search(self.parts[self.book])),
            has_macros="xl/vbaproject.bin" in self.parts,
            ours=b'name="kam_xl"' in self.parts.get("docprops/custom.xml", b""),
            plainly=self._plainly,
        )

    def _looked_through(self) -> tuple[dict[str, Sifted], dict[str, str]]:
        """Sheet name → what one pass over it found, or why it cannot be read."""
        looks: dict[str, Sifted] = {}
        unread: dict[str, str] = {}
        for sheet in filter(_is_worksheet, self.listed):
            if sheet.name in looks or sheet.name in unread:
                raise Refused("repeated_part", sheet.name)
            if sheet.part not in self.parts:
                unread[sheet.name] = "damaged" if sheet.part in self.broken else "missing_part"
                continue
            try:
                looks[sheet.name] = self._look(sheet)
            except packages.DAMAGE:
                unread[sheet.name] = "damaged"
        return looks, unread

    def _look(self, sheet: Listed, strings: int | None = None) -> Sifted:
        content = self.parts[sheet.part]
        return odd_cells.in_binary(content) if self.suffix == "bin" else odd_cells.in_xml(_utf8(content), strings)

    def _plainly(self, name: str) -> tuple[bytes, Sifted]:
        (sheet,) = (sheet for sheet in self.listed if sheet.name == name)
        strings = len(_SHARED.findall(_utf8(self.parts[self.strings]))) if self.strings else 0
        look = self._look(sheet, strings)
        return self._package({name: look.content}, styled=False), look

    def _tables(self, sheet: Listed) -> Iterator[NativeTable]:
        """The native tables of a sheet that have a header, up to one whose part is damaged."""
        with contextlib.suppress(*packages.DAMAGE):
            for relation, part in packages.related(self.parts, sheet.part).values():
                if _kind(relation) == "table" and part in self.parts:
                    (table,) = packages.elements(self.parts[part], "table")
                    row, column = odd_cells.place(table.get("ref", "").partition(":")[0])
                    if table.get("headerRowCount") != "0":
                        yield NativeTable(table.get("displayName", table.get("name", "")), sheet.name, row, column)

    def _package(self, sheets: Parts, *, styled: bool = True) -> bytes:
        """A package of these worksheets, with what their cells refer to."""
        kept = [sheet for sheet in self.listed if sheet.name in sheets]
        related = {
            sheet.relation: ("worksheet", f"worksheets/sheet{n}.{self.suffix}") for n, sheet in enumerate(kept, 1)
        }
        ready = bytes if self.suffix == "bin" else _merged_first
        parts = {f"xl/{related[sheet.relation][1]}": ready(sheets[sheet.name]) for sheet in kept}
        for kind, part in (("sharedStrings", self.strings), ("styles", self.styles if styled else None)):
            if part is not None:
                related[kind] = kind, f"{kind}.{self.suffix}"
                parts[f"xl/{kind}.{self.suffix}"] = (
                    self.parts[part] if self.suffix == "bin" else _utf8(self.parts[part])
                )
        book = f"xl/workbook.{self.suffix}"
        return packages.zipped({
            "_rels/.rels": _relationships({"book": ("officeDocument", book)}),
            book: _binary_book(self.parts[self.book], kept) if self.suffix == "bin" else _xml_book(self.parts[self.book], kept),
            packages.relations(book): _relationships(related),
            **parts,
        })  # fmt: skip


_DATE1904 = re.compile(rb"""date1904=["'](?:1|true)["']""")
#: A shared string.
_SHARED = re.compile(rb"<(?:\w+:)?si[\s/>]")


def _kind(relation: str) -> str:
    """The kind of a relationship, in transitional and strict workbooks alike."""
    return relation.rpartition("/")[2]


def _is_worksheet(sheet: Listed) -> bool:
    return sheet.kind in ("worksheet", "")


def _xml_book(content: bytes, sheets: list[Listed]) -> bytes:
    date1904 = "1" if _DATE1904.search(content) else "0"
    listed = "".join(
        f'<sheet name={_quoted(sheet.name)} sheetId="{n}" state={_quoted(sheet.state)} r:id={_quoted(sheet.relation)}/>'
        for n, sheet in enumerate(sheets, 1)
    )
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{date1904}"/><sheets>{listed}</sheets></workbook>'
    ).encode()


def _binary_book(content: bytes, sheets: list[Listed]) -> bytes:
    """The workbook part without the sheets that are not read."""
    names, kept, start = {sheet.name for sheet in sheets}, [], 0
    for kind, record, end in records.read(content):
        if kind != records.SHEET or records.relation_and_name(record)[1] in names:
            kept.append(content[start:end])
        start = end
    return b"".join(kept)


def _quoted(text: str) -> str:
    """A text as the value of an attribute."""
    return f'"{escape(text, quote=False).translate(_ESCAPED)}"'


#: What ends a value, and blanks that a reader of XML would take for a space.
_ESCAPED = {ord(char): f"&#{ord(char)};" for char in '"\t\n\r'}


def _relationships(related: Mapping[str, tuple[str, str]]) -> bytes:
    """A list of relations: identifier → kind and target."""
    listed = "".join(
        f'<Relationship Id={_quoted(one)} Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for one, (kind, target) in related.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'.encode()


# --- parts -----------------------------------------------------------------------------------------------------------

_UTF16 = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*\?>""")


def _utf8(content: bytes) -> bytes:
    """An XML part in UTF-8, the only encoding that the reader knows: in others it sees an empty sheet, without a word."""
    encoding = next((name for mark, name in _UTF16 if content.startswith(mark)), None)
    declared = _DECLARED.match(content)
    if declared and not declared[1].lower().startswith(b"utf"):
        encoding = declared[1].decode()
    if encoding is None:
        return content
    return re.sub(r"\A\ufeff?<\?xml[^>]*\?>", "", content.decode(encoding)).encode()


def _merged_first(content: bytes) -> bytes:
    """A sheet with its merged cells before its rows: the reader looks for them from the top on, through all of it if need be.

    They are moved, or an empty list of them is put there, where a look at what stands around the rows leaves no doubt.
    """
    root, rows, behind = _ROOT.match(content), content.find(b"<sheetData"), content.rfind(b"</sheetData>")
    if root is None or not root.end() <= rows < behind:
        return content
    before, after = content[root.end() : rows], content[behind:]
    merged = _MERGED.search(after)
    rest = after[: merged.start()] + after[merged.end() :] if merged else after
    if any(mark in part for mark in _DOUBT for part in (before, rest)):
        return content
    first = merged[0] if merged else b"<mergeCells/>"
    return b"".join((content[: root.end()], first, content[root.end() : behind], rest))


#: The beginning of a sheet's part, and the list of its merged cells.
_ROOT = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^<>]*\?>)?\s*<worksheet\b[^<>"'/]*(?:"[^"<]*"[^<>"'/]*|'[^'<]*'[^<>"'/]*)*>"""
)
_MERGED = re.compile(rb"<mergeCells(?:\s[^<>]*)?>(?:\s*<mergeCell\s[^<>]*>(?:\s*</mergeCell>)?)*\s*</mergeCells\s*>")
#: With one of these, what seems to stand around the rows may be part of a comment, or a second list.
_DOUBT = (b"<!", b"-->", b"]]>", b"?>", b"mergeCell")


def _modified(parts: Parts) -> dt.datetime | None:
    """When the workbook was last saved, as it says itself (UTC); file times change with every copy."""
    # where no zone is told, Excel means UTC, and LibreOffice the clock on the wall
    for part, name, zone in (("docprops/core.xml", "modified", dt.UTC), ("meta.xml", "date", None)):
        with contextlib.suppress(
            *packages.DAMAGE, OverflowError
        ):  # no time, one too far away to convert, a damaged part
            for element in packages.elements(parts.get(part, b""), name):
                saved = dt.datetime.fromisoformat((element.text or "").strip())
                return saved.replace(tzinfo=saved.tzinfo or zone).astimezone(dt.UTC).replace(tzinfo=None)
    return None
