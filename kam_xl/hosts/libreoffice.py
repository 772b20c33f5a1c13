"""LibreOffice as an outside thing: whether it is there, what it cannot do in our words, and what it saved made whole."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.engines.calc import program
from kam_xl.engines.calc.failing import CalcError
from kam_xl.engines.office_file import mending
from kam_xl.hosts.replacing import replacing

_LOG = logging.getLogger("kam_xl")
#: The files that LibreOffice leaves something out of.
_MENDED = {".xlsx", ".xlsm"}


@contextlib.contextmanager
def told(words: Words) -> Iterator[None]:
    """What the engine cannot do is a `KamError` with a sentence of ours."""
    try:
        yield
    except CalcError as error:
        raise KamError(words(f"libreoffice.{error.code}", **error.facts)) from error


def installed(words: Words) -> str:
    """The path of LibreOffice's program, which this Python can speak to; `KamError` says what to install."""
    with told(words):
        place = program.find()
        program.load_uno()
        return place


def mend(path: Path, original: bytes) -> bool:
    """Put back into the workbook saved at `path` what the `original` has and LibreOffice left out; False where that fails.

    What is saved is saved: a failure is told to the log alone. LibreOffice, which has the file open, would take it for
    changed by somebody else, so it keeps its time. On Windows LibreOffice holds it until it is closed.
    """
    if path.suffix.casefold() not in _MENDED:
        return True
    try:
        put_back(path, original)
    except Exception:  # noqa: BLE001 (LibreOffice, which told us, can do nothing)
        _LOG.exception("%s could not be mended", path)
        return False
    return True


def put_back(path: Path, original: bytes) -> None:
    """The file in its place, of the same time; whatever goes wrong is raised, and the file is as it was."""
    times = path.stat()
    with replacing(path.resolve()) as new:  # a link stays one
        new.write_bytes(mending.mended(path.read_bytes(), original))
        os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
