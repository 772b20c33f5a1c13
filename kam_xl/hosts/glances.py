"""A glance at the bytes of a part: what surely is not in it, told in a fraction of the time that it takes to look for it."""

from __future__ import annotations

import numpy as np

#: So many bytes are compared at a time, which fits a processor's cache, and some of the next: what is looked for is shorter.
_PIECE, _MORE = 2**16, 8
_LOWER = 32  # the bit that makes a capital small


def holds(content: bytes, marks: tuple[bytes, ...]) -> bool:
    """Whether one of the marks is in it; the last two bytes of each are looked for first."""
    return any(_holds_pair(content, mark[-2:]) and mark in content for mark in marks)


def _holds_pair(content: bytes, pair: bytes) -> bool:
    sought = int.from_bytes(pair, "little")
    for start in range(min(2, len(content) - 1)):
        codes = np.frombuffer(content, "<u2", (len(content) - start) // 2, start)
        if any((codes[at : at + _PIECE] == sought).any() for at in range(0, len(codes), _PIECE)):
            return True
    return False


def may_hold_far_cell(content: bytes) -> bool:
    """False where no reference of a cell has three letters or five digits."""
    codes = np.frombuffer(content, np.uint8)
    return any(_has_far_cell(codes[start : start + _PIECE + _MORE]) for start in range(0, len(codes), _PIECE))


def _has_far_cell(piece: np.ndarray) -> bool:
    digit, letter = _within(piece, "0", 10), _within(piece | _LOWER, "a", 26)
    column, row = _run(letter, 3), _run(digit, 5)
    return bool((column[:-1] & digit[3:]).any()) or bool((row[:-1] & (piece[5:] == ord('"'))).any())


def _within(codes: np.ndarray, first: str, count: int) -> np.ndarray:
    """Which codes are among so many from one on; below it they wrap around."""
    return codes - np.uint8(ord(first)) < count


def _run(told: np.ndarray, length: int) -> np.ndarray:
    """Where so many in a row are true."""
    run, so_far = told, 1
    while so_far < length:
        more = min(so_far, length - so_far)
        run = run[:-more] & run[more:]
        so_far += more
    return run
