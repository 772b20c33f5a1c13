"""What the two streams of a program carry: every name in Chinese, whatever this machine's code page is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TextIO

_BOTH_SCRIPTS = "客户客戶"


def carry_chinese(streams: Iterable[TextIO | None]) -> None:
    """Let no stream fail on a letter; one into a file or another program whose code page lacks Chinese is UTF-8 henceforth.

    Code pages 437, 1252 and 950 are such; Python itself writes UTF-8 everywhere from 3.15 on (PEP 686). A terminal is left
    what it is: on Windows it shows every letter that its font has. One that was closed from the start is None.
    """
    for stream in streams:
        if not isinstance(stream, io.TextIOWrapper):
            continue
        lost = not stream.isatty() and not _holds(stream.encoding, _BOTH_SCRIPTS)
        stream.reconfigure(encoding="utf-8" if lost else None, errors="replace")


def _holds(encoding: str, text: str) -> bool:
    return text.encode(encoding, "replace").decode(encoding) == text
