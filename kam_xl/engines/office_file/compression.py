"""The compression inside a VBA project ([MS-OVBA] 2.4.1): chunks of 4096 bytes, each of literals and copies.

A copy is two bytes, an offset back and a length, which share their 16 bits by how far into the chunk they stand.
The library for it, ms_ovba_compression 1.0.1, writes long repetitions wrongly and reads no more than one chunk.
"""

from __future__ import annotations

from collections import defaultdict

_CHUNK = 4096
_SIGNATURE = 0x01
_RAW, _COMPRESSED = 0x3000, 0xB000  # what the header of a chunk holds beside its size less 3
_SHORTEST_COPY = 3


def compressed(data: bytes) -> bytes:
    """The data as a compressed container. A last chunk that only grows is kept raw, filled with zeros, as specified."""
    return bytes([_SIGNATURE]) + b"".join(_chunk(data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK))


def decompressed(container: bytes, most: int) -> bytes:
    """The data of a compressed container; `ValueError` where it is none, or unpacks to more than ``most`` bytes."""
    if not container or container[0] != _SIGNATURE:
        raise ValueError("no compressed container")
    data, at = bytearray(), 1
    while at + 2 <= len(container):
        header = int.from_bytes(container[at : at + 2], "little")
        end = at + (header & 0xFFF) + 3
        if header & 0x7000 != _RAW & 0x7000:
            raise ValueError("no compressed chunk")
        body = container[at + 2 : end]
        data += _unpacked(body) if header & 0x8000 else body
        at = end
        if len(data) > most:
            raise ValueError(f"unpacks to more than {most} bytes")
    return bytes(data)


def _chunk(data: bytes) -> bytes:
    body = _packed(data)
    if len(body) <= _CHUNK:
        return (_COMPRESSED | len(body) - 1).to_bytes(2, "little") + body
    return (_RAW | _CHUNK - 1).to_bytes(2, "little") + data.ljust(_CHUNK, b"\0")


def _packed(data: bytes) -> bytes:
    """Groups of a byte of flags and eight tokens, each a literal byte or, where its flag is set, a copy."""
    packed, at = bytearray(), 0
    seen: defaultdict[bytes, list[int]] = defaultdict(list)
    while at < len(data):
        flags_at = len(packed)
        packed.append(0)
        for bit in range(8):
            if at >= len(data):
                break
            start, length = _longest(data, at, seen[data[at : at + _SHORTEST_COPY]])
            token, length = _token(data, at, start, length)
            packed[flags_at] |= (len(token) - 1) << bit
            packed += token
            for passed in range(at, at + length):
                seen[data[passed : passed + _SHORTEST_COPY]].append(passed)
            at += length
    return bytes(packed)


def _token(data: bytes, at: int, start: int, length: int) -> tuple[bytes, int]:
    """The byte at `at`, or two that copy what is there from `start`; and how many bytes of the data it stands for."""
    if length < _SHORTEST_COPY:
        return data[at : at + 1], 1
    shift = 16 - _offset_bits(at)
    length = min(length, (1 << shift) - 1 + _SHORTEST_COPY)
    return (at - start - 1 << shift | length - _SHORTEST_COPY).to_bytes(2, "little"), length


def _longest(data: bytes, at: int, starts: list[int]) -> tuple[int, int]:
    """Where the longest run equal to the one at ``at`` starts, the nearest of several, and its length."""
    best, length = 0, 0
    for start in reversed(starts):
        if length and data[start : start + length + 1] != data[at : at + length + 1]:
            continue
        run = length
        while at + run < len(data) and data[start + run] == data[at + run]:
            run += 1
        if run > length:
            best, length = start, run
    return best, length


def _offset_bits(at: int) -> int:
    """How many of the 16 bits of a copy hold the offset, ``at`` bytes into the chunk."""
    return max(4, (at - 1).bit_length())


def _unpacked(body: bytes) -> bytes:
    data, at = bytearray(), 0
    while at < len(body):
        flags, at = body[at], at + 1
        for bit in range(8):
            if at >= len(body):
                break
            if not flags >> bit & 1:
                data.append(body[at])
                at += 1
                continue
            shift = 16 - _offset_bits(len(data))
            token = int.from_bytes(body[at : at + 2], "little")
            start, length = len(data) - (token >> shift) - 1, (token & (1 << shift) - 1) + _SHORTEST_COPY
            if start < 0 or len(data) + length > _CHUNK:
                raise ValueError("a copy reaches out of its chunk")
            for source in range(start, start + length):  # byte by byte: a copy may reach into itself
                data.append(data[source])
            at += 2
    return bytes(data)
