"""The rows of long tables, written into a workbook's file while it is packed; all else in it is XlsxWriter's.

XlsxWriter makes a skeleton: every sheet with its header, table, formats, links and print set-up, but one row. Cell by cell
the rest would cost some nine microseconds a cell; here each value is put into words once a workbook, and rows are joined of
these, packed by zlib-ng (benchmarks/README.md).
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.utility import xl_col_to_name as _named
from xlsxwriter.worksheet import Worksheet
from zlib_ng import zlib_ng

ROWS_AT_ONCE = 1_000
_MOST_FIGURES = 20_000  # that are in words already for the next workbook: dates and scores are the same in all
_MOST_SHARED = 100_000  # texts; one takes some 300 bytes while the workbook is written
_LEVEL, _BARE = 3, -15  # twice as quick as 5, which saves a tenth; without zlib's own header
_MODE = 0o600 << 16  # what `ZipFile` says of a part that is no file

_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_RANGE = re.compile(rb' ref="[^"]*"')
_COLUMN = re.compile(rb"<col ([^>]*)/>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_LINKED = re.compile(rb'<c r="[A-Z]+(?!1")\d+" s="(\d+)"')
_HYPERLINKS = re.compile(rb"<hyperlinks>.*?</hyperlinks>")
_TABLE_PART = re.compile(rb'<tablePart r:id="rId\d+"/>')
_RELATION = re.compile(rb'<Relationship Id="rId\d+"([^>]*)/>')
_TEXTS = "xl/sharedStrings.xml"
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHARED = re.compile(rb"<sst [^>]*>")
_ESCAPE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")  # _x0041_ would be read as A
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")

Value = float | str | None
#: Column → its letters, which XlsxWriter makes anew each time.
_letters = functools.cache(_named)


@dataclass(frozen=True)
class Rows:
    """What stands below the header of a sheet, column by column.

    ``links`` tells by column where its cells lead, ``external:FILE#PLACE`` or nowhere, ``heights`` how high rows are, by their
    number from 1 below the header, where they are not ``height`` points.
    """

    columns: Sequence[Sequence[Value]]
    links: Mapping[int, Sequence[str | None]]
    heights: Mapping[int, float]
    height: float

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def range(self) -> str:
        """The cells of the table, its header among them."""
        return f"A1:{_letters(len(self.columns) - 1)}{len(self) + 1}"

    @functools.cached_property
    def leading(self) -> list[tuple[int, int, str, str]]:
        """Row and column of each cell that leads somewhere, the file and the place in it, row by row."""
        cells = sorted(
            (row, index, *link.partition("#"))
            for index, links in self.links.items()
            for row, link in enumerate(links, start=1)
            if link
        )
        return [(row, index, file, place) for row, index, file, _, place in cells]


@functools.cache
def _formula(formula: str, *expand: bool) -> str:
    return Worksheet._prepare_formula(Worksheet(), formula, *expand)  # noqa: SLF001


class _Sheet(Worksheet):  # type: ignore[misc]
    """A sheet that looks through the formulas of its conditions once for all workbooks: they are a few hundred words."""

    def _prepare_formula(self, formula: str, *expand: bool) -> str:
        return _formula(formula, *expand)


class _Unpacked(Workbook):  # type: ignore[misc]
    """A workbook whose parts are ``made`` when it is closed, and that is not packed yet: it is once it has its rows."""

    def _get_packager(self) -> Packager:  # where XlsxWriter lets others have their own
        packager = super()._get_packager()
        made = packager._create_package  # noqa: SLF001

        def create() -> list[object]:
            self.made = [(name, content.getvalue().encode()) for content, name, _ in made()]
            del packager._create_package  # noqa: SLF001
            for sheet in self.worksheets():
                sheet.workbook_add_format = None
            return []  # and nothing holds itself: a megabyte would wait to be looked for

        packager._create_package = create  # noqa: SLF001
        return packager


class Skeleton:
    """A workbook being made: what XlsxWriter makes of it, and the rows that its sheets are still to get."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self.workbook = _Unpacked(io.BytesIO(), {**options, "in_memory": True})
        self._looks: dict[tuple[tuple[str, object], ...], Format] = {}
        self._sheets: dict[str, Rows] = {}
        self._targets: dict[str, list[int]] = {}
        self._tables: dict[str, str] = {}

    def add_sheet(self, name: str) -> Worksheet:
        """A new sheet, the last one so far."""
        return self.workbook.add_worksheet(name, _Sheet)

    def look(self, properties: Mapping[str, object]) -> Format:
        """One format for the same properties."""
        key = tuple(properties.items())
        if key not in self._looks:
            self._looks[key] = self.workbook.add_format(properties)
        return self._looks[key]

    def fill(self, rows: Rows, word: str = "", look: Format | None = None) -> None:
        """These rows are to stand below the header of the sheet added last, in its one native table; links have a ``look``.

        XlsxWriter makes one link to each file, of which all others are made, on a ``word`` that the sheet holds anyway.
        """
        sheet, number = self.workbook.worksheets()[-1], len(self.workbook.worksheets())
        files: dict[str, int] = {}
        targets = []
        for _, index, file, place in rows.leading:
            if file not in files:
                files[file] = len(files)
                sheet.write_url(len(files), index, f"{file}#{place}", look, word)
            targets.append(files[file])
        self._sheets[f"xl/worksheets/sheet{number}.xml"] = rows
        self._targets[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = targets
        self._tables[f"xl/tables/table{len(self._tables) + 1}.xml"] = rows.range

    def save(self, path: Path) -> None:
        """Pack the whole workbook into ``path``."""
        self.workbook.close()
        worded = _Worded(self.workbook.str_table.string_array)
        with path.open("wb") as file, ZipFile(file, "w") as whole:
            for name, made in self.workbook.made:
                _add(whole, _packed(file, name, self._pieces(name, made, worded)), file.tell())

    def _pieces(self, name: str, made: bytes, worded: _Worded) -> Iterator[bytes]:
        """A part of the file, with the rows it was to get."""
        if name in self._tables:
            yield _RANGE.sub(f' ref="{self._tables[name]}"'.encode(), made)
        elif name in self._targets:
            yield _related(made, self._targets[name])
        elif name in self._sheets:
            yield from _filled(made, self._sheets.pop(name), worded)  # given up as soon as they are written
        elif name == _TEXTS:  # which comes after all sheets
            yield worded.table(made)
        else:
            yield made


class _Worded(dict[Value, bytes]):
    """What of a cell follows its format, by value: each value of a workbook is put into words once, while these are few.

    A text stands once in the workbook, among those ``shared`` by its cells, of which there are `_MOST_SHARED`; any other in
    its cell. Of what is not shared no more is remembered than that.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """``texts`` are those that are shared already, in their order."""
        self._leading: dict[Value, bytes] = {text: _leading_to(place) for place, text in enumerate(texts)}
        super().__init__(self._leading)
        self.shared: list[bytes] = []

    def learn(self, columns: Iterable[Sequence[Value]]) -> None:
        """Know the values of some columns: where all texts of one can stand in XML as they are, one look tells."""
        if len(self) > len(self._leading) + _MOST_SHARED:
            self.clear()
            self.update(self._leading)
        for column in columns:
            values = [value for value in dict.fromkeys(column) if value not in self]
            texts = [value for value in values if value and isinstance(value, str)]
            said = [f"<t>{text}</t>" for text in texts] if _plain(texts) else [*map(_said, texts)]
            if len(self.shared) + len(texts) <= _MOST_SHARED:
                leading = [(text, _leading_to(place)) for place, text in enumerate(texts, start=len(self._leading))]
                self.shared += [f"<si>{one}</si>".encode() for one in said]
                self._leading.update(leading)
                self.update(leading)
            else:
                each = zip(texts, said, strict=True)
                self.update([(text, f' t="inlineStr"><is>{one}</is></c>'.encode()) for text, one in each])
            self.update([(value, _figure(value)) for value in values if not (value and isinstance(value, str))])

    def table(self, made: bytes) -> bytes:
        """The part of the workbook that holds its shared texts, with ours after those it was made with."""
        count = f'<sst xmlns="{_NAMESPACE}" uniqueCount="{len(self._leading)}">'.encode()
        return _SHARED.sub(count, made).replace(b"</sst>", b"".join(self.shared) + b"</sst>")


def _leading_to(place: int) -> bytes:
    """What of a cell follows its format where its text is one of those that are shared."""
    return b' t="s"><v>%d</v></c>' % place


def _packed(file: BinaryIO, name: str, pieces: Iterable[bytes]) -> ZipInfo:
    """A part of the workbook, written into the file."""
    part, packer, packed, crc, size = ZipInfo(name), zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, _BARE), [], 0, 0
    for piece in pieces:
        crc, size = zlib_ng.crc32(piece, crc), size + len(piece)
        packed.append(packer.compress(piece))
    packed.append(packer.flush())
    part.CRC, part.file_size, part.compress_size = crc, size, sum(map(len, packed))
    part.compress_type, part.external_attr, part.header_offset = ZIP_DEFLATED, _MODE, file.tell()
    file.write(part.FileHeader())
    file.writelines(packed)
    return part


def _add(whole: ZipFile, part: ZipInfo, end: int) -> None:
    """Tell a part that stands in the file already to its table of contents, which is to follow the ``end``."""
    whole.filelist.append(part)
    whole.NameToInfo[part.filename] = part
    whole.start_dir = end


def _related(made: bytes, targets: Sequence[int]) -> bytes:
    """What a sheet rests on: the file of each of its links, then the rest."""
    found = _RELATION.findall(made)
    parts = [*(found[number] for number in targets), *found[len({*targets}) :]]
    told = b"".join(b'<Relationship Id="rId%d"%b/>' % part for part in enumerate(parts, start=1))
    return made[: made.index(b"<Relationship Id")] + told + b"</Relationships>"


def _filled(made: bytes, rows: Rows, worded: _Worded) -> Iterator[bytes]:
    """A sheet with its rows below the header; each cell has the format of its column, or that of the links in it."""
    head, end = made.index(b"</row>") + len(b"</row>"), made.index(b"</sheetData>")
    yield _DIMENSION.sub(f'<dimension ref="{rows.range}"/>'.encode(), made[:head])
    formats, linked = _formats(made[:head]), _LINKED.search(made, head)
    link = b'" s="%b"' % linked[1] if linked else b'"'
    for first in range(0, len(rows), ROWS_AT_ONCE):
        part = slice(first, min(first + ROWS_AT_ONCE, len(rows)))
        worded.learn(column[part] for column in rows.columns)
        yield _joined(rows, part, formats, link, worded)
    yield _with_links(made[end:], rows)


def _with_links(made: bytes, rows: Rows) -> bytes:
    """What of a sheet follows its rows, with all links of these."""
    if not rows.leading:
        return made
    places = _attributes([place for *_, place in rows.leading])
    links = [
        f'<hyperlink ref="{_letters(index)}{row + 1}" r:id="rId{number}" location="{place}"/>'
        for number, ((row, index, *_), place) in enumerate(zip(rows.leading, places, strict=True), start=1)
    ]
    told = f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()
    table = f'<tablePart r:id="rId{len(links) + 1}"/>'.encode()
    return _TABLE_PART.sub(table, _HYPERLINKS.sub(lambda _: told, made))


def _attributes(places: list[str]) -> list[str]:
    """Places in a workbook as XlsxWriter tells them: one look at the whole of them shows whether any must be told otherwise."""
    whole = "".join(places)
    if not any(sign in whole for sign in '/&<>"\n'):
        return places
    return [escape(place.replace("/", "\\"), {'"': "&quot;", "\n": "&#xA;"}) for place in places]


def _plain(texts: Sequence[str]) -> bool:
    """Whether all of these texts can stand in XML as they are: one look at the whole of them."""
    whole = f"|{'|'.join(texts)}|"
    return whole.isprintable() and not any(sign in whole for sign in ("&", "<", ">", "_x", "| ", " |"))


def _formats(made: bytes) -> list[bytes]:
    """What stands in a cell between its place and its value, by column: the attribute of its format."""
    found: list[bytes] = []
    for column in _COLUMN.findall(made):
        told = dict(_ATTRIBUTE.findall(column.decode()))
        style = f'" s="{told["style"]}"' if "style" in told else '"'
        found += [style.encode()] * (int(told["max"]) - int(told["min"]) + 1)
    return found


def _joined(rows: Rows, part: slice, formats: Sequence[bytes], link: bytes, worded: Mapping[Value, bytes]) -> bytes:
    """The XML of some rows, joined in one go: what begins each cell, its row's number, its format, its value."""
    numbers = [b"%d" % row for row in range(part.start + 2, part.stop + 2)]
    count, stride = len(numbers), 4 * len(rows.columns) + 4
    pieces = [b""] * (stride * count)
    pieces[0::stride], pieces[1::stride], pieces[2::stride] = [b'<row r="'] * count, numbers, _in_height(rows, part)
    pieces[stride - 1 :: stride] = [b"</row>"] * count
    for index, column in enumerate(rows.columns):
        values = [*map(worded.__getitem__, column[part])]
        start, look = f'<c r="{_letters(index)}'.encode(), [formats[index]] * count
        if index in rows.links:
            look = [link if each else formats[index] for each in rows.links[index][part]]
        cell = [[start] * count, numbers, look, values]
        if b"" in values:  # a cell that stays empty is none
            cell = [[value and one for one, value in zip(each, values, strict=True)] for each in cell]
        for place, each in enumerate(cell, start=4 * index + 3):
            pieces[place::stride] = each
    return b"".join(pieces)


def _in_height(rows: Rows, part: slice) -> list[bytes]:
    """What of each row follows its number: how high it is."""
    usual, known = _of_height(rows.height), {row: _of_height(height) for row, height in rows.heights.items()}
    return [known.get(row, usual) for row in range(part.start + 1, part.stop + 1)]


@functools.cache
def _of_height(height: float) -> bytes:
    return f'" ht="{height:.16g}" customHeight="1">'.encode()


@functools.lru_cache(_MOST_FIGURES)
def _figure(value: Value) -> bytes:
    """What of a cell follows its format where it holds a number; nothing of one that stays empty."""
    return (
        b"" if value is None or isinstance(value, str) else f"><v>{value or 0:.16G}</v></c>".encode()
    )  # a zero has no sign


def _said(value: str) -> str:
    """A text as XML holds it."""
    text = _ESCAPE.sub("_x005F_", value) if "_x" in value else value
    text = text if text.isprintable() else _CONTROL.sub(_escaped, text)
    space = "" if text == text.strip() else ' xml:space="preserve"'
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<t{space}>{text}</t>"


def _escaped(found: re.Match[str]) -> str:
    """A character that XML has no way to hold, as Excel escapes it."""
    return f"_x{ord(found[0]):04X}_"
