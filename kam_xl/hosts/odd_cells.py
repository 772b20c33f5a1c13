"""What the reader would hide, lose or stumble over in a sheet's cells, found in one pass over the part that holds them.

The reader shows errors as blanks, gives up a whole sheet for one it does not know, aborts on a date that is an infinity,
and needs memory for every place up to the farthest cell. So such cells are taken out of the part before the reader sees
it and noted here; all the rest of the part stays as it is, byte for byte.
"""

from __future__ import annotations

import itertools
import math
import re
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from string import digits
from xml.parsers import expat

import xlrd

from kam_xl.core import currencies
from kam_xl.core.books import ERROR_TEXTS, CellError, Linked, NotCalculated, Priced, Unreadable, column, letter
from kam_xl.core.errors import Refused
from kam_xl.engines.office_file import records
from kam_xl.hosts import glances
from kam_xl.hosts.extents import BEARABLE, Extent, main_block

#: What a cell shows that the reader would not say: an error or a formula, or a number with its currency.
Mark = str | Priced
Marks = dict[tuple[int, int], Mark]

#: A sheet without any of these holds neither errors nor formulas …
_ODD_CELL = (b't="e"', b"t='e'", b"<f", b":f")
#: … nor a number like NaN, inf or 1e999 …
_ODD_NUMBER = re.compile(rb"v>\s*[-+]?(?:[nNiI]|[\d.]+[eE]\+?\d{3}|\d{300})")
#: … nor a cell in row 10,000, or in column AAA, or beyond; where references are written oddly, nobody knows.
_FAR_ROW = re.compile(rb'r="[A-Za-z]{0,2}(\d{5,})"')
_FAR_COLUMN = re.compile(rb'r="[A-Za-z]{3,}\d')
_FAR = re.compile(rb'r="(?:[A-Za-z]{3,}\d|[A-Za-z]{0,2}\d{5,}")')  # either, in one look
_ODDLY = (b"r='", b"r =", b"r= ")
_COLUMNS = 702  # before AAA
#: Equal neighbours of an OpenDocument cell are written once with a count; no table a person keeps has more.
_MOST_REPEATS = 1000


@dataclass(frozen=True)
class Sifted:
    """What one pass over a sheet found: odd cells by (row, column), the cells too far away, and the part without both."""

    content: bytes
    marks: Marks = field(default_factory=dict)
    far: int = 0  # how many
    far_at: str | None = None  # the address of the first


@dataclass
class _Pass:
    """The state of every pass: what was found, and which bytes the reader is not to see.

    `block` is what is read of the sheet, None for the whole of it.
    """

    content: bytes
    block: Extent | None = None
    marks: Marks = field(default_factory=dict)
    far: int = 0
    far_at: str | None = None
    rows: Counter[int] = field(default_factory=Counter)  # cells that hold something, by row
    columns: Counter[int] = field(default_factory=Counter)
    cuts: list[tuple[int, int, bytes]] = field(default_factory=list)  # from, to, what stands there instead

    def note(self, place: tuple[int, int], mark: Mark | None) -> bool:
        """Count a cell that holds something; True when the reader may have it."""
        if self.block is not None and place not in self.block:
            return self.leave(place)
        row, at = place
        self.rows[row] += 1
        self.columns[at] += 1
        if mark is not None:
            self.marks[place] = mark
        return not isinstance(mark, CellError)

    def leave(self, place: tuple[int, int]) -> bool:
        """Count a cell that is too far away to be read."""
        self.far += 1
        self.far_at = self.far_at or address(place)
        return False

    def look(self) -> Sifted:
        """What was found, as a value."""
        kept, at = [], 0
        for start, end, instead in self.cuts:
            kept += [self.content[at:start], instead]
            at = end
        content = b"".join([*kept, self.content[at:]]) if self.cuts else self.content
        return Sifted(content, self.marks, self.far, self.far_at)


def address(place: tuple[int, int]) -> str:
    """A place as people write it: (0, 1) → B1."""
    row, at = place
    return f"{letter(at)}{row + 1}"


def error(text: str) -> CellError:
    """An error cell that shows this text; whatever is no error's name is not quoted."""
    return CellError(text if text in ERROR_TEXTS or re.fullmatch(r"Err:\d{3}", text) else "#ERROR!")


def _number(text: str) -> Unreadable | None:
    """The mark of a number that is none; a text that is no number is the reader's to tell."""
    try:
        return None if math.isfinite(float(text)) else Unreadable(text.strip()[:_LONGEST_NUMBER])
    except ValueError:
        return None


_LONGEST_NUMBER = 30


def _twice(one: Callable[[Extent | None], _Pass]) -> Sifted:
    """A pass, and another where the first one finds that only a part of the sheet can be read."""
    first = one(None)
    block = main_block(first.rows, first.columns)
    return first.look() if block is None else one(block).look()


# --- Open XML (.xlsx, .xlsm) -----------------------------------------------------------------------------------------


def in_xml(content: bytes, strings: int | None = None) -> Sifted:
    """The odd cells of one sheet part: errors, numbers that are none, formulas without a value, values linked from elsewhere.

    With the number of the workbook's shared strings every cell is held against it and the rules of the format: for a
    sheet that the reader gave up.
    """
    odd = glances.holds(content, _ODD_CELL) or _ODD_NUMBER.search(content)
    if strings is None and not odd and not _may_be_scattered(content):
        expat.ParserCreate().Parse(content, True)  # the reader takes what is no XML without a word
        return Sifted(content)
    return _twice(lambda block: _XmlPass(content, block, strings=strings).parse())


def _may_be_scattered(content: bytes) -> bool:
    """False where a glance tells that the smallest rectangle around all cells is bearable."""
    oddly = glances.holds(content, _ODDLY)
    far = oddly or (glances.may_hold_far_cell(content) and _FAR.search(content))
    if not far:  # so few rows are bearable in so few columns
        return False
    if oddly or _FAR_COLUMN.search(content):
        return True
    last = max(map(int, _FAR_ROW.findall(content)), default=0)
    return last * (_COLUMNS if _TWO_LETTERS.search(content) else 26) > BEARABLE


_TWO_LETTERS = re.compile(rb'r="[A-Za-z]{2}\d')


@dataclass
class _XmlPass(_Pass):
    """One pass over a sheet part that keeps count of rows and cells, since their references are optional."""

    strings: int | None = None
    row: int = -1
    place: tuple[int, int] = (-1, -1)
    began: int = 0
    kind: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    inside: str | None = None
    group: str = ""
    shared: dict[str, str] = field(default_factory=dict)  # a formula filled down is written once
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)

    def parse(self) -> _XmlPass:
        """The pass itself."""
        _parse(self.parser, self.content, self.start, self.end, self.data)
        return self

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.place = (self.row, -1)
        elif name == "c":
            self.began = self.parser.CurrentByteIndex
            self.place = place(attributes["r"]) if "r" in attributes else (self.row, self.place[1] + 1)
            self.kind, self.texts, self.group = attributes.get("t", ""), {}, ""
        elif name in ("f", "v", "is"):
            self.inside, self.texts[name] = name, ""
            self.group = attributes.get("si", self.group)

    def data(self, text: str) -> None:
        if self.inside:
            self.texts[self.inside] += text

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("f", "v", "is"):
            self.inside = None
        elif name == "c" and (self.texts or self.kind == "e") and not self.note(self.place, self.mark()):
            self.cuts.append((self.began, _end(self.content, self.began, self.parser.CurrentByteIndex), b""))

    def mark(self) -> str | None:
        formula, value = self.texts.get("f"), self.texts.get("v")
        if formula is not None and self.group:
            formula = self.shared.setdefault(self.group, formula)
        if self.kind == "e":
            return error(value or "")
        if value and self.kind in ("", "n") and (mark := _number(value)):
            return mark
        if self.strings is not None and value and not self.is_sound(value, self.strings):
            return Unreadable(value.strip()[:_LONGEST_NUMBER])
        if formula is not None and not value and self.kind != "str":
            return NotCalculated(f"={formula}")
        if formula and "[" in formula and re.search(r"\[\d+\]", formula):
            return Linked(f"={formula}")
        return None

    def is_sound(self, value: str, strings: int) -> bool:
        """Whether the value is one of its kind, as the format has it, where there are so many shared strings."""
        if self.kind == "s":
            return value.isdecimal() and int(value) < strings
        return value in ("0", "1", "true", "false") if self.kind == "b" else self.kind in _KINDS


#: What a cell may hold, besides a shared string, a yes or no, and an error.
_KINDS = ("", "n", "str", "inlineStr", "d")


def place(reference: str) -> tuple[int, int]:
    """A cell's place by its reference: B1 → (0, 1)."""
    letters = reference.rstrip(digits)
    return int(reference[len(letters) :]) - 1, column(letters)


def _end(content: bytes, began: int, end: int) -> int:
    """Where an element is over that began there and whose end tag, if it has one, is here."""
    tag = _TAG.match(content, began)
    return tag.end() if tag and tag[0].endswith(b"/>") else content.index(b">", end) + 1


_TAG = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")


def _parse(parser: expat.XMLParserType, content: bytes, start: Callable, end: Callable, data: Callable) -> None:
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.Parse(content, True)


# --- binary workbooks (.xlsb): records of an id, a size and so many bytes --------------------------------------------

_ROW, _ERROR, _REAL, _FORMULA_NUMBER, _FORMULA_ERROR = 0, 3, 5, 9, 11
#: Cells that hold something; 1 is a blank one.
_CELLS = frozenset({*range(2, 12), 62})
#: Cells that leave their column out: Excel never writes them, and the reader passes over them without a word.
_SHORT_CELLS = range(12, 19)


def in_binary(content: bytes) -> Sifted:
    """The odd cells of one binary sheet part; `Refused` when it has cells that the reader would lose."""
    return _twice(lambda block: _binary_pass(content, block))


def _binary_pass(content: bytes, block: Extent | None) -> _Pass:
    found, row, start = _Pass(content, block), 0, 0
    for kind, record, end in records.read(content):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", record)
        elif kind in _CELLS:
            (at,) = struct.unpack_from("<I", record)
            if not found.note((row, at), _binary_mark(kind, record)):
                found.cuts.append((start, end, b""))
        elif kind in _SHORT_CELLS:
            raise Refused("unreadable_cells")
        start = end
    return found


def _binary_mark(kind: int, record: bytes) -> str | None:
    if kind in (_ERROR, _FORMULA_ERROR):
        return CellError(xlrd.error_text_from_code.get(record[8], "#ERROR!"))
    if kind in (_REAL, _FORMULA_NUMBER):
        (number,) = struct.unpack_from("<d", record, 8)
        return None if math.isfinite(number) else Unreadable(number)
    return None


# --- OpenDocument spreadsheets (.ods) --------------------------------------------------------------------------------

_ODS_CELLS = ("table:table-cell", "table:covered-table-cell")
_ODS_NUMBERS = ("float", "percentage", "currency")


def in_ods(content: bytes) -> tuple[bytes, dict[str, Sifted]]:
    """The content part as the reader gets it, and the odd cells of each sheet in it."""
    first = _OdsPass(content).parse()
    blocks = {name: block for name, found in first.sheets.items() if (block := main_block(found.rows, found.columns))}
    last = _OdsPass(content, blocks).parse() if blocks else first
    looks = {name: found.look() for name, found in last.sheets.items()}
    whole = _Pass(content, cuts=last.cuts).look()
    return whole.content, looks


class _OdsPass:
    """One pass over an OpenDocument spreadsheet that keeps count of rows and cells, since they bear no address."""

    def __init__(self, content: bytes, blocks: dict[str, Extent] | None = None) -> None:
        self.content, self.blocks = content, blocks or {}
        self.sheets: dict[str, _Pass] = {}
        self.sheet = _Pass(b"")
        self.cuts: list[tuple[int, int, bytes]] = []
        self.row = self.next_row = self.column = self.width = self.began = 0
        self.cell: dict[str, str] | None = None
        self.shown = ""
        self.parser = expat.ParserCreate()

    def parse(self) -> _OdsPass:
        """The pass itself."""
        _parse(self.parser, self.content, self.start, self.end, self.data)
        return self

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            name = attributes.get("table:name", "")
            self.sheet = self.sheets[name] = _Pass(b"", self.blocks.get(name))
            self.next_row = 0
        elif tag == "table:table-row":
            self.row, self.column = self.next_row, 0
            self.next_row += int(attributes.get("table:number-rows-repeated", 1))
        elif tag in _ODS_CELLS:
            self.cell, self.shown, self.began = attributes, "", self.parser.CurrentByteIndex
            self.width = int(attributes.get("table:number-columns-repeated", 1))

    def data(self, text: str) -> None:
        if self.cell is not None:
            self.shown += text

    def end(self, tag: str) -> None:
        if tag not in _ODS_CELLS or self.cell is None:
            return
        if self.shown or "office:value-type" in self.cell or "table:formula" in self.cell:
            self.note(_ods_mark(self.cell, self.shown.strip()))
        self.cell = None
        self.column += self.width

    def note(self, mark: Mark | None) -> None:
        """Count the cell in each of its places, or take it out: a blank one of its width stands there instead."""
        height = self.next_row - self.row
        if height * self.width > _MOST_REPEATS:
            noted = [self.sheet.leave((self.row, self.column))]
        else:
            places = itertools.product(range(self.row, self.next_row), range(self.column, self.column + self.width))
            noted = [self.sheet.note(place, mark) for place in places]
        if not all(noted):
            end = _end(self.content, self.began, self.parser.CurrentByteIndex)
            self.cuts.append((self.began, end, _BLANK % self.width))


_BLANK = b'<table:table-cell table:number-columns-repeated="%d"/>'


def _ods_mark(attributes: dict[str, str], shown: str) -> Mark | None:
    formula = attributes.get("table:formula")
    kind, value = attributes.get("office:value-type"), attributes.get("office:value", "")
    if attributes.get("calcext:value-type") == "error":
        return error(shown)
    if kind in _ODS_NUMBERS:
        return (_number(value) or _priced(attributes)) if _is_number(value) else Unreadable(value[:_LONGEST_NUMBER])
    if formula is not None and kind is None:
        return NotCalculated(formula)
    return None


def _priced(attributes: dict[str, str]) -> Priced | None:
    """A number whose cell says which currency it is in, if it is another than the product's own."""
    code, _ = currencies.named(attributes.get("office:currency", ""))
    return None if code in (None, currencies.BASE) else Priced(float(attributes["office:value"]), code)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
