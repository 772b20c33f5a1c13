"""Compound files, the container of a VBA project: named contents → bytes, the same ones always ([MS-CFB], version 3).

olefile reads them. The library that writes them, ms_cfb 0.0.6, works in files of the current folder, and a file past
64 KB comes out wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_SECTOR, _MINI_SECTOR, _MINI_STREAM_LIMIT = 512, 64, 4096
_END, _LIST_SECTOR, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_RED, _BLACK = 0, 1
_UNUSED_ENTRY = struct.pack("<68x3I48x", _FREE, _FREE, _FREE)
_LONGEST_NAME = 31
#: Numbers of list sectors that the header has room for, which is enough for 6.8 MiB.
_HEADER_NUMBERS = 109


@dataclass
class _Entry:
    """One directory entry; `left`, `right` and `child` are the numbers of others."""

    name: str
    kind: int
    content: bytes = b""
    color: int = _BLACK
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = _END


@dataclass
class _Chains:
    """Contents laid out in sectors, and for every sector the number of the one that follows it."""

    size: int
    laid_out: bytearray = field(default_factory=bytearray)
    following: list[int] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        """Lay out one content; the number of its first sector."""
        if not content:
            return _END
        first, count = len(self.following), -(-len(content) // self.size)
        self.laid_out += content.ljust(count * self.size, b"\0")
        self.following += [*range(first + 1, first + count), _END]
        return first


def written(contents: Mapping[str, bytes | Mapping]) -> bytes:
    """A compound file of streams (bytes) and storages (mappings of the same kind); dates and class ids stay empty.

    `ValueError` where a name is longer than 31 characters or the whole larger than 6.8 MiB.
    """
    root = _Entry("Root Entry", _ROOT)
    entries = [root]
    root.child = _linked(entries, _listed(entries, contents))
    sectors, mini_sectors = _Chains(_SECTOR), _Chains(_MINI_SECTOR)
    for entry in entries:
        fits = len(entry.content) < _MINI_STREAM_LIMIT
        entry.start = (mini_sectors if fits else sectors).add(entry.content)
    root.content = bytes(mini_sectors.laid_out)
    root.start = sectors.add(root.content)
    mini_list = _numbers(mini_sectors.following)
    mini_list_start = sectors.add(mini_list)
    directory_start = sectors.add(_directory(entries))
    lists = _list_sectors(len(sectors.following))
    if len(lists) > _HEADER_NUMBERS:
        raise ValueError(f"{len(sectors.laid_out)} bytes are more than the header can list the sectors of")
    header = _header(lists, directory_start, mini_list_start, len(mini_list) // _SECTOR)
    return header + sectors.laid_out + _numbers(sectors.following + [_LIST_SECTOR] * len(lists))


def _header(lists: Sequence[int], directory: int, mini_list: int, mini_lists: int) -> bytes:
    """The first sector, which says in which sectors the lists, the directory and the list of small ones begin."""
    head = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, len(lists), directory, 0, _MINI_STREAM_LIMIT, mini_list, mini_lists, _END, 0,
    )  # fmt: skip
    return head + struct.pack(f"<{_HEADER_NUMBERS}I", *lists, *[_FREE] * (_HEADER_NUMBERS - len(lists)))


def _listed(entries: list[_Entry], contents: Mapping[str, bytes | Mapping]) -> list[int]:
    """Append an entry for each content and for what it holds in turn; the numbers of the former."""
    numbers = []
    for name, content in contents.items():
        if not 1 <= len(name) <= _LONGEST_NAME:
            raise ValueError(f"a stream's name has 1 to {_LONGEST_NAME} characters: {name!r}")
        entry = _Entry(name, _STREAM, content) if isinstance(content, bytes) else _Entry(name, _STORAGE)
        numbers.append(len(entries))
        entries.append(entry)
        if not isinstance(content, bytes):
            entry.child = _linked(entries, _listed(entries, content))
    return numbers


def _linked(entries: list[_Entry], numbers: list[int]) -> int:
    """Make the entries a tree ordered as Windows looks names up, the shorter first; the number of its top."""
    ordered = sorted(numbers, key=lambda number: (len(entries[number].name), entries[number].name.upper()))
    last_row = (len(ordered) + 1).bit_length() - 1  # all rows above are full, so red ones make every path equally black

    def top(within: Sequence[int], row: int) -> int:
        if not within:
            return _FREE
        middle = len(within) // 2
        entry = entries[within[middle]]
        entry.left, entry.right = top(within[:middle], row + 1), top(within[middle + 1 :], row + 1)
        entry.color = _RED if row == last_row else _BLACK
        return within[middle]

    return top(ordered, 0)


def _directory(entries: Sequence[_Entry]) -> bytes:
    packed = [
        struct.pack(
            "<64sHBB3I36xIQ", name, len(name), entry.kind, entry.color,
            entry.left, entry.right, entry.child, entry.start, len(entry.content),
        )
        for entry in entries
        for name in [entry.name.encode("utf-16-le") + b"\0\0"]
    ]  # fmt: skip
    return b"".join(packed) + _UNUSED_ENTRY * (-len(packed) % (_SECTOR // len(_UNUSED_ENTRY)))


def _list_sectors(first: int) -> list[int]:
    """The numbers of the sectors, from the first free one on, that it takes to list all sectors and themselves."""
    count = 0
    while count * (_SECTOR // 4) < first + count:
        count += 1
    return list(range(first, first + count))


def _numbers(following: Sequence[int]) -> bytes:
    """A list of sector numbers, filled up to whole sectors."""
    free = -len(following) % (_SECTOR // 4)
    return struct.pack(f"<{len(following) + free}I", *following, *[_FREE] * free)
