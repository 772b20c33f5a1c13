"""Tables that ERP systems save as text under a workbook's name: in which encoding, what parts the cells, and the cells."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re

from kam_xl.core.books import Contents, RawSheet, Remark
from kam_xl.core.headings import field_of
from kam_xl.core.sheets import BY_KIND

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: Without a mark, the first of these that reads all bytes, but that Chinese of both kinds often reads as either.
_ENCODINGS = ("utf-8", "gb18030", "big5")
#: Of two bytes a Chinese letter's first is beyond ASCII, and the second so often that a text without such a pair is no Chinese.
_WESTERN, _SIDE_BY_SIDE = ("utf-8", "cp1252"), re.compile(rb"[\x80-\xff]{2}")
#: What may part cells, and how it is named to people.
_DELIMITERS = {"\t": "TAB", ",": ",", ";": ";", "|": "|"}
#: Of a table in UTF-16 at least one byte in so many is nought: that of a tab, a digit, the end of a line.
_FEWEST_NOUGHTS = 50
#: Characters that no text holds; a file with one is something else.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
#: So many lines, of so many characters in all, tell what parts the cells and in which encoding they are.
_LINES, _HEAD = 100, 100_000


def read(data: bytes, name: str, remark: str) -> Contents | None:
    """The one sheet of a text file, named as Excel would name it; None for bytes that are no table of text.

    `remark` is the code of the finding that tells how it was read.
    """
    text, encoding = _decoded(data)
    head = _head(text)
    delimiter = max(_DELIMITERS, key=lambda one: sum(len(row) - 1 for row in _rows(head, one)))
    if delimiter not in head:
        return None
    rows = [[cell.strip() for cell in row] for row in _rows(text, delimiter)]
    width = max(map(len, rows))
    sheet = RawSheet(name, [row + [""] * (width - len(row)) for row in rows])
    told = f"{encoding.upper()}, {_DELIMITERS[delimiter]}"
    return Contents((sheet,), remarks=(Remark(remark, name, detail=told),))


def is_text(data: bytes) -> bool:
    """True for bytes that are text in one of the encodings known here."""
    return bool(_decoded(data)[0])


def _decoded(data: bytes) -> tuple[str, str]:
    """The text and its encoding; blank for bytes that are none."""
    readings = []
    for encoding in _encodings(data):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(encoding).removeprefix("\ufeff")
            if not _NO_TEXT.search(text):
                readings.append((text, encoding))
    if readings and readings[0][1].startswith("utf"):
        return readings[0]
    best = max(readings, key=lambda one: _headers(one[0]), default=("", ""))
    return best if _headers(best[0]) else max(best, _of_two(data), key=lambda one: _headers(one[0]))


def _of_two(data: bytes) -> tuple[str, str]:
    """A text whose lines are in UTF-8 and in GB18030, as where one export was appended to another; blank where it is none."""
    lines, found = [], set()
    for line in data.split(b"\n"):
        encoding = next((one for one in _ENCODINGS[:2] if _reads(line, one)), None)
        if encoding is None:
            return "", ""
        lines.append(line.decode(encoding))
        found |= set() if line.isascii() else {encoding}
    text = "\n".join(lines).removeprefix("\ufeff")
    return (
        ("", "") if len(found) != len(_ENCODINGS[:2]) or _NO_TEXT.search(text) else (text, " + ".join(_ENCODINGS[:2]))
    )


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _encodings(data: bytes) -> tuple[str, ...]:
    """What the bytes may be in, best first: by their mark, or by where a text in UTF-16 has its noughts."""
    if marked := next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None):
        return (marked,)
    if data.count(0) * _FEWEST_NOUGHTS < len(data):
        return _ENCODINGS if _SIDE_BY_SIDE.search(data) or data.isascii() else _WESTERN
    return ("utf-16-le",) if b"\0" not in data[::2] else ("utf-16-be",) if b"\0" not in data[1::2] else ()


def _headers(text: str) -> int:
    """How many cells near the top are headers that the product knows."""
    cells = re.split(r'[\t,;|"\r\n]+', _head(text))
    return sum(any(field_of(kind, cell) for kind in BY_KIND) for cell in cells)


def _head(text: str) -> str:
    """The first lines."""
    return "".join(itertools.islice(io.StringIO(text[:_HEAD]), _LINES))


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The cells line by line. Where quotation marks do not pair up, they are part of the text: a name with inches in it."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # one for all who read, pip's records too
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        with contextlib.suppress(csv.Error):
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True))
    return []
