"""The output folder: one writer at a time, and new files that appear together or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words

_LOCK = ".kam_xl.lock"


@contextlib.contextmanager
def locked(out: Path, words: Words) -> Iterator[None]:
    """Hold the output folder for one run; a second run is told so at once."""
    lock = FileLock(out / _LOCK, timeout=0)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise KamError(words("job.locked", folder=out)) from error
    except OSError as error:
        raise KamError(words("job.cannot_write", folder=out)) from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder beside the outputs to write the new ones in; it is gone afterwards, whatever happened."""
    for left in out.glob(".staging-*"):  # a crashed run's
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=out))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(staged: Path, out: Path, words: Words) -> None:
    """Move every staged file to its place; if one cannot be replaced, all old ones stay and the sentence names it.

    Excel holds a workbook that somebody has open, so replacing it can fail on Windows.
    """
    names = sorted(path.relative_to(staged) for path in staged.rglob("*") if path.is_file())
    for name in names:
        _flush(staged / name)
    kept = Path(tempfile.mkdtemp(prefix=".staging-old-", dir=out))
    new = [name for name in names if not (out / name).exists()]
    try:
        for name in names:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            if name not in new:
                (out / name).replace(kept / name)
            (staged / name).replace(out / name)
    except BaseException as error:  # Ctrl-C is no Exception
        _put_back(names, new, kept, out)
        if isinstance(error, OSError):
            raise KamError(words("job.cannot_replace", file=name)) from error
        raise
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _put_back(names: list[Path], new: list[Path], kept: Path, out: Path) -> None:
    for name in names:
        if (kept / name).exists():
            (kept / name).replace(out / name)
        elif name in new:
            (out / name).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
