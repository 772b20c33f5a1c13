"""Removes folders: for the program, and as a program of its own where what is to go is what runs (see `uninstall`)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import stat
import sys
import time
from collections.abc import Collection
from pathlib import Path

_TRIES, _PAUSE = 120, 0.5
_JUNCTION = 0xA0000003  # a folder of Windows that stands for another one


def linked(path: Path) -> bool:
    """True for what only stands for something elsewhere."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISLNK(facts.st_mode) or getattr(facts, "st_reparse_tag", 0) == _JUNCTION


def remove(folder: Path, keep: Collection[Path] = ()) -> None:
    """Remove a folder with all that is in it but the files to keep; what links lead to stays, what is gone already is no error."""
    with contextlib.suppress(FileNotFoundError):  # somebody else may be at it
        for path in list(folder.iterdir()):
            if path.is_dir() and not linked(path):
                remove(path, keep)
            elif path not in keep:
                path.unlink(missing_ok=True)
        remove_empty(folder)


def remove_empty(folder: Path) -> None:
    """Remove a folder that nobody put anything else in."""
    with contextlib.suppress(FileNotFoundError):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _removed(folders: list[str], keep: list[str]) -> bool:
    try:
        for folder in map(Path, folders):
            if folder.exists():
                remove(folder, {Path(path) for path in keep})
    except OSError:  # Windows holds what still runs
        return False
    return True


def _is_still(record: Path, digest: str) -> bool:
    """False once somebody installed anew, or took away the rest."""
    try:
        return hashlib.sha256(record.read_bytes()).hexdigest() == digest
    except OSError:
        return False


def _main(folders: list[str], keep: list[str], places: list[str], record: str, digest: str) -> None:
    for _ in range(_TRIES):
        if not _is_still(Path(record), digest):
            return
        if _removed(folders, keep):
            Path(record).unlink(missing_ok=True)  # until now it says what is still to do
            for place in map(Path, places):
                remove_empty(place)
            return
        time.sleep(_PAUSE)


if __name__ == "__main__":
    _main(**json.loads(sys.argv[1]))
