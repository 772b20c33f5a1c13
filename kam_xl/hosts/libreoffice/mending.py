"""A workbook that LibreOffice saved, made whole in its file: what it leaves out is put back as the file had it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from kam_xl.engines.office_file import mending
from kam_xl.hosts import outputs

_LOG = logging.getLogger("kam_xl")
#: The files that LibreOffice leaves something out of.
_MENDED = {".xlsx", ".xlsm"}


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
    with outputs.replacing(path.resolve()) as new:  # a link stays one
        new.write_bytes(mending.mended(path.read_bytes(), original))
        os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
