"""The rows of long tables, written into a workbook's file while it is packed; all else in it is XlsxWriter's.

XlsxWriter makes a skeleton: every sheet with its header, table, formats, links and print set-up, but one row. Cell by cell
the rest would cost some nine microseconds a cell; here each value is put into words once a column, and rows are joined of
these (benchmarks/README.md).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

ROWS_AT_ONCE = 4_000
_LARGE = 5_000_000  # cells whose XML may be longer than 2 GiB

_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_RANGE = re.compile(rb' ref="[^"]*"')
_COLUMN = re.compile(rb"<col ([^>]*)/>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_LINKED = re.compile(rb'<c r="[A-Z]+(?!1")\d+" s="(\d+)"')
_ESCAPE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")  # _x0041_ would be read as A
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")

Value = float | str | None


@dataclass(frozen=True)
class Rows:
    """What stands below the header of a sheet, column by column.

    ``links`` tells by column which of its cells lead somewhere, ``heights`` how high rows are, by their number from 1 below
    the header, where they are not ``height`` points.
    """

    columns: Sequence[Sequence[Value]]
    links: Mapping[int, Sequence[object]]
    heights: Mapping[int, float]
    height: float

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def range(self) -> str:
        """The cells of the table, its header among them."""
        return f"A1:{xl_col_to_name(len(self.columns) - 1)}{len(self) + 1}"


class Skeleton:
    """A workbook being made: what XlsxWriter makes of it, and the rows that its sheets are still to get."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self._file = io.BytesIO()
        self.workbook = Workbook(self._file, {**options, "in_memory": True})
        self._sheets: dict[str, Rows] = {}
        self._tables: dict[str, Rows] = {}

    def fill(self, rows: Rows) -> None:
        """These rows are to stand below the header of the sheet added last, in its one native table."""
        self._sheets[f"xl/worksheets/sheet{len(self.workbook.worksheets())}.xml"] = rows
        self._tables[f"xl/tables/table{len(self._tables) + 1}.xml"] = rows

    def save(self, path: Path) -> None:
        """Pack the whole workbook into ``path``."""
        self.workbook.close()
        with ZipFile(self._file) as made, ZipFile(path, "w", ZIP_DEFLATED) as whole:
            for part in made.infolist():
                large = part.filename in self._sheets and _cells(self._sheets[part.filename]) > _LARGE
                with whole.open(part.filename, "w", force_zip64=large) as file:
                    for piece in self._pieces(part.filename, made.read(part)):
                        file.write(piece)

    def _pieces(self, name: str, made: bytes) -> Iterator[bytes]:
        """A part of the file, with the rows it was to get."""
        if name in self._tables:
            yield _RANGE.sub(f' ref="{self._tables[name].range}"'.encode(), made)
        elif name in self._sheets:
            yield from _filled(made, self._sheets.pop(name))  # given up as soon as they are written
        else:
            yield made


def _cells(rows: Rows) -> int:
    return len(rows) * len(rows.columns)


def _filled(made: bytes, rows: Rows) -> Iterator[bytes]:
    """A sheet with its rows below the header; each cell has the format of its column, or that of the links in it."""
    head, end = made.index(b"</row>") + len(b"</row>"), made.index(b"</sheetData>")
    yield _DIMENSION.sub(f'<dimension ref="{rows.range}"/>'.encode(), made[:head])
    formats, linked = _formats(made[:head]), _LINKED.search(made, head)
    cells = [_in_format(style, column) for style, column in zip(formats, rows.columns, strict=True)]
    style = f' s="{linked[1].decode()}"' if linked else ""
    leading = {index: _in_format(style, rows.columns[index]) for index in rows.links}
    for first in range(0, len(rows), ROWS_AT_ONCE):
        yield _joined(rows, range(first, min(first + ROWS_AT_ONCE, len(rows))), cells, leading).encode()
    yield made[end:]


def _in_format(style: str, column: Sequence[Value]) -> dict[Value, str]:
    """What of a cell follows its place, by value: each value of a column is put into words once."""
    return {value: f'"{style}{text}' if (text := _worded(value)) else "" for value in set(column)}


def _formats(made: bytes) -> list[str]:
    """The attribute of a cell's format, by column."""
    found: list[str] = []
    for column in _COLUMN.findall(made):
        told = dict(_ATTRIBUTE.findall(column.decode()))
        style = f' s="{told["style"]}"' if "style" in told else ""
        found += [style] * (int(told["max"]) - int(told["min"]) + 1)
    return found


def _joined(
    rows: Rows, part: range, cells: Sequence[Mapping[Value, str]], leading: Mapping[int, Mapping[Value, str]]
) -> str:
    """The XML of some rows."""
    numbers = [str(row + 2) for row in part]
    ends = [f'" ht="{rows.heights.get(row + 1, rows.height):.16g}" customHeight="1">' for row in part]
    pieces = [[f'<row r="{number}{end}' for number, end in zip(numbers, ends, strict=True)]]
    for index, column in enumerate(rows.columns):
        values, start, texts = column[part.start : part.stop], f'<c r="{xl_col_to_name(index)}', cells[index]
        ends = [texts[value] for value in values]
        if index in leading:
            links = rows.links[index][part.start : part.stop]
            ends = [
                leading[index][value] if link else end for value, link, end in zip(values, links, ends, strict=True)
            ]
        pieces.append([start + number + end if end else "" for number, end in zip(numbers, ends, strict=True)])
    return "".join(["".join(row) + "</row>" for row in zip(*pieces, strict=True)])


def _worded(value: Value) -> str:
    """What of a cell follows its format; nothing of one that stays empty."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        return f"><v>{value or 0:.16G}</v></c>"  # a zero has no sign
    text = _ESCAPE.sub("_x005F_", value) if "_x" in value else value
    text = text if text.isprintable() else _CONTROL.sub(_escaped, text)
    space = "" if text == text.strip() else ' xml:space="preserve"'
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _escaped(found: re.Match[str]) -> str:
    """A character that XML has no way to hold, as Excel escapes it."""
    return f"_x{ord(found[0]):04X}_"
