"""Whole numbers that a workbook shows as another text by their number format: 1 shown as C001 by ``"C"000``.

The reader knows values only. So where a workbook has such a format at all, its cells are looked at once more; in
.xlsx, .xlsm and .xls. The package was checked before (`kam_xl.engines.office_file.packages`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from string import digits
from xml.parsers import expat

import xlrd

from kam_xl.core import formats
from kam_xl.core.books import RawSheet, column
from kam_xl.core.formats import Format
from kam_xl.engines.office_file import packages

_ZIP = b"PK\x03\x04"
_BOOK, _STYLES = "xl/workbook.xml", "xl/styles.xml"
_Place = tuple[int, int]


def put(data: bytes, sheets: Sequence[RawSheet]) -> None:
    """Put the numbers that ``data``, a workbook, shows otherwise into the cells of the sheets read from it."""
    found = _in_package(data) if data.startswith(_ZIP) else _in_xls(data)
    rows = {sheet.name: sheet.rows for sheet in sheets}
    for name, (row, at), number in found:
        cells = rows.get(name, ())
        if row < len(cells) and at < len(cells[row]) and cells[row][at] == number and type(number) is not float:
            cells[row][at] = number


def _in_package(data: bytes) -> Iterator[tuple[str, _Place, float]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            spelled = {name.replace("\\", "/").casefold(): name for name in archive.namelist()}
            if {_BOOK, _STYLES, packages.relations(_BOOK)} <= spelled.keys():
                yield from _in_parts(archive, spelled)
    except packages.DAMAGE:
        return  # whether the file can be used is for the reader to say


def _in_parts(archive: zipfile.ZipFile, spelled: Mapping[str, str]) -> Iterator[tuple[str, _Place, float]]:
    styles = _styles(archive.read(spelled[_STYLES]))
    if not styles:
        return
    parts = dict.fromkeys(spelled, b"") | {
        name: archive.read(spelled[name]) for name in (_BOOK, packages.relations(_BOOK))
    }
    for sheet in packages.listed(parts, _BOOK):
        if sheet.part in spelled:
            for place, number in _Cells(styles).of(archive.read(spelled[sheet.part])):
                yield sheet.name, place, number


def _styles(content: bytes) -> dict[str, Format | str]:
    """Style of a cell → its format, of those that show whole numbers otherwise, or the other currency that it shows."""
    codes = {
        one.get("numFmtId"): formats.how(one.get("formatCode", "")) for one in packages.elements(content, "numFmt")
    }
    if not any(codes.values()):
        return {}
    styles = next(packages.elements(content, "cellXfs"), ())
    found = ((str(place), codes.get(style.get("numFmtId"))) for place, style in enumerate(styles))
    return {place: shape for place, shape in found if shape}


class _Cells:
    """One pass over a sheet part that keeps count of rows and cells, since their references are optional."""

    def __init__(self, styles: Mapping[str, Format | str]) -> None:
        self.styles = styles
        self.row = self.at = -1
        self.shape: Format | str | None = None
        self.value: list[str] | None = None
        self.found: list[tuple[_Place, float]] = []

    def of(self, content: bytes) -> list[tuple[_Place, float]]:
        """The cells whose number is shown otherwise."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = (
            self.start,
            self.end,
            self.data,
        )
        parser.Parse(content, True)
        return self.found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.at = -1
        elif name == "c":
            self.at = column(attributes["r"].rstrip(digits)) if "r" in attributes else self.at + 1
            self.shape = self.styles.get(attributes.get("s", "")) if attributes.get("t", "n") == "n" else None
        elif name == "v" and self.shape:
            self.value = []

    def data(self, text: str) -> None:
        if self.value is not None:
            self.value.append(text)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "v" and self.value is not None:
            self.found.append(((self.row, self.at), formats.shown(float("".join(self.value)), self.shape)))
            self.value = None


def _in_xls(data: bytes) -> Iterator[tuple[str, _Place, float]]:
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True, formatting_info=True)
        shapes = {key: formats.how(one.format_str or "") for key, one in book.format_map.items()}
        styles = {place: shapes.get(style.format_key) for place, style in enumerate(book.xf_list)}
        names = book.sheet_names() if any(styles.values()) else ()
        for name in names:
            sheet = book.sheet_by_name(name)
            for row in range(sheet.nrows):
                for at, kind in enumerate(sheet.row_types(row)):
                    shape = styles.get(sheet.cell_xf_index(row, at)) if kind == xlrd.XL_CELL_NUMBER else None
                    if shape:
                        yield name, (row, at), formats.shown(sheet.cell_value(row, at), shape)
    except Exception:  # noqa: BLE001 (xlrd fails in every way; whether the file can be used is for the reader to say)
        return
