"""The records of a binary part of a workbook (.xlsb): what each is, and where it ends ([MS-XLSB] 2.1.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

#: The record of a workbook part that lists a sheet.
SHEET = 156


def read(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """(id, bytes, where the next begins) of every record of a binary part; ids and sizes are written seven bits a byte."""
    at = 0
    while at < len(content):
        kind, at = _seven_bits(content, at)
        size, at = _seven_bits(content, at)
        start, at = at, at + size
        yield kind, content[start:at], at


def _seven_bits(content: bytes, at: int) -> tuple[int, int]:
    """A number, the lowest bits first, and where it ends."""
    number = shift = 0
    while True:
        number |= (content[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if content[at - 1] < 0x80:
            return number, at


def relation_and_name(record: bytes) -> tuple[str, str]:
    """The relation and the name of the sheet that a record lists."""
    relation, rest = _text(record[8:])
    return relation, _text(rest)[0]


def _text(record: bytes) -> tuple[str, bytes]:
    """The text that starts here, and what follows it."""
    (length,) = struct.unpack_from("<i", record)
    end = 4 + 2 * max(length, 0)
    return record[4:end].decode("utf-16-le"), record[end:]
