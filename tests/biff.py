"""Workbooks as Excel saved them before 2007, made record by record: the smallest that a test can need."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Mapping
from hashlib import md5

from msoffcrypto.method.rc4 import DocumentRC4

from kam_xl.engines.office_file import compound

Cells = Mapping[tuple[int, int], object]  # (row, column) → text, number, yes or no, or bytes of a whole record

_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _DATEMODE = 0x809, 0x0A, 0x2F, 0x85, 0x22
_SHEET, _GLOBALS = 0x10, 0x05
_SALT, _VERIFIER = bytes(range(16)), bytes(range(16, 32))


def record(kind: int, content: bytes = b"") -> bytes:
    """One record."""
    return struct.pack("<HH", kind, len(content)) + content


def single(version: int, cells: Cells, encoding: str = "gb18030", codepage: int | None = None) -> bytes:
    """A file of Excel 2, 3 or 4: the records of one sheet."""
    bof = {2: 0x0009, 3: 0x0209, 4: 0x0409}[version]
    size = 2 if version == 2 else 4
    said = record(0x42, struct.pack("<H", codepage)) if codepage else b""
    body = b"".join(_old_cell(version, place, value, encoding) for place, value in cells.items())
    return record(bof, struct.pack("<HH", 0, _SHEET) + b"\0" * (size - 2)) + said + body + record(_EOF)


def _old_cell(version: int, place: tuple[int, int], value: object, encoding: str) -> bytes:
    look, high = (b"\0\0\0", 0) if version == 2 else (b"\0\0", 0x200)
    at = struct.pack("<HH", *place) + look
    if isinstance(value, str):
        text = value.encode(encoding)
        return record(0x04 | high, at + struct.pack("<B" if version == 2 else "<H", len(text)) + text)
    return record(0x03 | high, at + struct.pack("<d", value))


def records(
    sheets: Mapping[str, Cells],
    *,
    hidden: tuple[str, ...] = (),
    macros: tuple[str, ...] = (),
    date1904: bool = False,
    password: str | None = None,
) -> bytes:
    """The stream Workbook of Excel 97 and later."""
    lock = record(_FILEPASS, _lock(password)) if password else b""
    start = _bof(_GLOBALS) + lock + record(_DATEMODE, struct.pack("<H", date1904))
    bodies = [_bof(_SHEET) + b"".join(_cell(*one) for one in cells.items()) + record(_EOF) for cells in sheets.values()]
    lengths = [len(start) + sum(len(_listed(name, 0, 0, 0)) for name in sheets) + len(record(_EOF)), *map(len, bodies)]
    lists = [
        _listed(name, at, name in hidden, name in macros)
        for name, at in zip(sheets, itertools.accumulate(lengths), strict=False)
    ]
    plain = b"".join([start, *lists, record(_EOF), *bodies])
    return _encrypted(plain, password) if password else plain


def workbook(sheets: Mapping[str, Cells], **options: object) -> bytes:
    """A file of Excel 97 and later; ``password`` locks it."""
    return compound.written({"Workbook": records(sheets, **options)})


def _bof(kind: int) -> bytes:
    return record(_BOF, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0))


def _listed(name: str, at: int, hidden: int, kind: int) -> bytes:
    return record(_BOUNDSHEET, struct.pack("<IBBBB", at, hidden, kind, len(name), 1) + name.encode("utf-16-le"))


def _cell(place: tuple[int, int], value: object) -> bytes:
    at = struct.pack("<HHH", *place, 0)
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return record(0x205, at + struct.pack("<BB", value, 0))
    if isinstance(value, str):
        return record(0x204, at + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return record(0x203, at + struct.pack("<d", value))


def error(place: tuple[int, int], code: int) -> bytes:
    """The record of an error cell."""
    return record(0x205, struct.pack("<HHHBB", *place, 0, code, 1))


def merged(top: int, left: int, bottom: int, right: int) -> bytes:
    """The record of merged cells, both ends included."""
    return record(0xE5, struct.pack("<5H", 1, top, bottom, left, right))


# --- the encryption of Excel 97 ([MS-OFFCRYPTO] 2.3.6): what undoes it does it ----------------------------------------


def _lock(password: str) -> bytes:
    told = DocumentRC4.decrypt(password, _SALT, io.BytesIO(_VERIFIER + md5(_VERIFIER).digest())).read()  # noqa: S324
    return struct.pack("<HHH", 1, 1, 1) + _SALT + told


def _encrypted(plain: bytes, password: str) -> bytes:
    """The records, all but their heads, the first of each part, and where sheets begin, made unreadable."""
    found = bytearray(DocumentRC4.decrypt(password, _SALT, io.BytesIO(plain), 1024).read())
    at = 0
    while at < len(plain):
        kind, size = struct.unpack_from("<HH", plain, at)
        shown = 4 + (size if kind in (_BOF, _FILEPASS) else 4 if kind == _BOUNDSHEET else 0)
        found[at : at + shown] = plain[at : at + shown]
        at += 4 + size
    return bytes(found)
