"""Tables that programs save as a web page under a workbook's name, and as XML Spreadsheet 2003: their cells, nothing else.

Neither is read as a browser or Excel would: a mark opens and a mark closes, in time linear in the length of the file.
"""

from __future__ import annotations

import codecs
import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from kam_xl.core.books import Contents, RawSheet, Remark
from kam_xl.core.errors import Refused
from kam_xl.hosts.refusing import damaged

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHARSET = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([\w-]{2,20})""", re.IGNORECASE)
#: Marks and texts; a mark ends where the next begins, so that one that is never closed costs nothing.
_PARTS = re.compile(r"<(/?)([a-zA-Z]+)([^<>]*)>|([^<]+)|<")
_SPAN = re.compile(r"""\b(col|row)span\s{0,9}=\s{0,9}["']?(\d{1,5})""", re.IGNORECASE)
#: No table is wider or longer; what a cell says to reach over more is a slip.
_WIDEST, _LONGEST, _FURTHEST = 16_384, 1_048_576, 1000


def in_page(data: bytes, name: str) -> Contents | None:
    """The tables of a web page, each a sheet; None where it has none with two rows."""
    page = _Page()
    for part in _PARTS.finditer(_plain(_decoded(data))):
        closing, mark, more, text = part.groups()
        if mark:
            page.mark(mark.lower(), more, closing=bool(closing))
        elif text:
            page.text(text)
    tables = [table for table in page.done if len(table.rows) > 1]
    names = [name if n == 1 else f"{name} {n}" for n in range(1, len(tables) + 1)]
    sheets = tuple(_sheet(one, table) for one, table in zip(names, tables, strict=True))
    return Contents(sheets, remarks=(Remark("read_as_page", name),)) if sheets else None


def _sheet(name: str, table: _Table) -> RawSheet:
    width = max(map(len, table.rows))
    return RawSheet(name, [row + [""] * (width - len(row)) for row in table.rows], merged=tuple(table.merged))


def _decoded(data: bytes) -> str:
    marked = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    told = _CHARSET.search(data[:4096])
    for encoding in (marked, told and told[1].decode().replace("gb2312", "gb18030"), "utf-8", "gb18030"):
        try:
            if encoding:
                return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _plain(text: str) -> str:
    """A page without comments, scripts and styles; one that is never closed takes the rest with it."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>")):
        text = _without(text, opening, closing)
    return text


def _without(text: str, opening: str, closing: str) -> str:
    kept, at, low = [], 0, text.lower()
    low = low if len(low) == len(text) else text
    while (start := low.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = low.find(closing, start)
        at = len(text) if end < 0 else end + len(closing)
    return "".join([*kept, text[at:]])


@dataclass
class _Table:
    """One table while it is read: its rows, places that cells above reach down into, merged ranges."""

    rows: list[list[str]] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)  # column → so many rows are still covered from above
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    cell: list[str] | None = None
    spans: tuple[int, int] = (1, 1)

    def open_row(self) -> None:
        self.close_cell()
        if len(self.rows) < _LONGEST:
            self.rows.append([])

    def open_cell(self, more: str) -> None:
        self.close_cell()
        if not self.rows:
            self.open_row()
        spans = {key.lower(): min(max(int(n), 1), _FURTHEST) for key, n in _SPAN.findall(more)}
        self.cell, self.spans = [], (spans.get("row", 1), spans.get("col", 1))

    def close_cell(self) -> None:
        if self.cell is None:
            return
        text = " ".join(html.unescape("".join(self.cell)).split())
        self.cell, row, number = None, self.rows[-1], len(self.rows) - 1
        while self.taken.get(len(row), 0) > number and len(row) < _WIDEST:
            row.append("")
        (down, right), start = self.spans, len(row)
        row += [text, *[""] * (right - 1)][: _WIDEST - start]
        self.taken.update(dict.fromkeys(range(start, start + right), number + down) if down > 1 else {})
        if down > 1 or right > 1:
            self.merged.append(((number, start), (number + down - 1, start + right - 1)))


@dataclass
class _Page:
    """A web page while it is read: tables within tables, the innermost takes the text."""

    open: list[_Table] = field(default_factory=list)
    done: list[_Table] = field(default_factory=list)

    def mark(self, mark: str, more: str, *, closing: bool) -> None:
        """One mark; all but those of tables say nothing."""
        if mark == "table":
            self._table(closing=closing)
        elif self.open and mark in ("tr", "td", "th"):
            if closing:
                self.open[-1].close_cell()
            elif mark == "tr":
                self.open[-1].open_row()
            else:
                self.open[-1].open_cell(more)
        elif mark in ("br", "p", "div"):
            self.text(" ")

    def _table(self, *, closing: bool) -> None:
        if not closing:
            self.open.append(_Table())
            self.done.append(self.open[-1])
        elif self.open:
            self.open.pop().close_cell()

    def text(self, text: str) -> None:
        """A text of the cell that is open."""
        if self.open and self.open[-1].cell is not None:
            self.open[-1].cell.append(text)


# --- XML Spreadsheet 2003 -----------------------------------------------------------------------------------------------

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


def in_xml(data: bytes, name: str) -> Contents:
    """The worksheets of an XML Spreadsheet 2003; `Refused` where it is damaged or declares what no workbook does."""
    if b"<!DOCTYPE" in data or "<!DOCTYPE".encode("utf-16-le") in data or "<!DOCTYPE".encode("utf-16-be") in data:
        raise Refused("has_dtd", name)
    try:
        root = ET.fromstring(_readable(data))  # noqa: S314 (no DTD left)
    except (ET.ParseError, ValueError) as error:
        raise damaged(error) from error
    sheets = [_worksheet(sheet) for sheet in root.iterfind(f"{_SS}Worksheet")]
    return Contents(tuple(sheets), remarks=(Remark("read_as_xml", name),))


def _readable(data: bytes) -> bytes | str:
    """The file as the parser takes it, which knows none of the encodings of Chinese: those are decoded first."""
    told = _DECLARED.match(data[:200])
    if told is None or told[2].lower() not in _CHINESE:
        return data
    return (told[1] + told[3]).decode() + data[told.end() :].decode(_CHINESE[told[2].lower()])


_DECLARED = re.compile(rb"(\s*<\?xml\b[^>]*?)\s+encoding\s*=\s*[\"']([\w-]+)[\"']([^>]*\?>)")
_CHINESE = {
    b"gb2312": "gb18030",
    b"gbk": "gb18030",
    b"gb18030": "gb18030",
    b"big5": "big5hkscs",
    b"big5-hkscs": "big5hkscs",
}


def _worksheet(sheet: ET.Element) -> RawSheet:
    rows: list[list[object]] = []
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for row in sheet.iterfind(f"{_SS}Table/{_SS}Row"):
        number = _index(row, len(rows))
        if number - len(rows) > _FURTHEST or number >= _LONGEST:
            break
        rows += [[] for _ in range(number - len(rows))]
        rows.append(list(_cells(row, number, merged)))
    width = max(map(len, rows), default=0)
    hidden = any(one.text in ("SheetHidden", "SheetVeryHidden") for one in sheet.iter() if one.tag.endswith("}Visible"))
    padded = [row + [""] * (width - len(row)) for row in rows]
    return RawSheet(sheet.get(f"{_SS}Name", ""), padded, hidden, tuple(merged))


def _cells(row: ET.Element, number: int, merged: list) -> Iterator[object]:
    at = 0
    for cell in row.iterfind(f"{_SS}Cell"):
        start = _index(cell, at)
        if start - at > _FURTHEST or start >= _WIDEST:
            return
        yield from [""] * (start - at)
        data = cell.find(f"{_SS}Data")
        yield "" if data is None else _value(data)
        right, down = (min(_whole(cell.get(f"{_SS}Merge{way}")), _FURTHEST) for way in ("Across", "Down"))
        yield from [""] * right
        at = start + 1 + right
        if right or down:
            merged.append(((number, start), (number + down, start + right)))


def _index(element: ET.Element, following: int) -> int:
    """Where an element stands, counted from 0: where it says, else after the one before."""
    said = _whole(element.get(f"{_SS}Index"))
    return max(said - 1, following) if said else following


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 8 else 0


def _value(data: ET.Element) -> object:
    """A number as one, a day as its text, anything else as the text it shows."""
    text = "".join(data.itertext()).strip()
    if data.get(f"{_SS}Type") == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text.removesuffix("T00:00:00.000").removesuffix("T00:00:00")
