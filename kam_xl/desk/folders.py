"""The folders an installation makes, in which people save things all the same: what in them is ours, and what is not."""

from __future__ import annotations

import base64
import csv
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

from kam_xl.desk.record import Made, digest
from kam_xl.desk.remover import linked

_CACHE = "__pycache__"
#: Left behind by the system wherever somebody looks, and by Excel and LibreOffice beside what they have open.
_NOBODYS = re.compile(r"\.DS_Store|desktop\.ini|Thumbs\.db|~\$.*|\.~lock\..*")
_WORKBOOK = re.compile(r".*\.(xl\w+|ods|csv)", re.IGNORECASE)


def tree(root: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The files of some names below a folder, and what tells their contents apart; what Python caches and nobody's files do not count."""
    paths = sorted(
        path for name in names for path in ([root / name] if (root / name).is_file() else _files(root / name))
    )
    return {path.relative_to(root).as_posix(): digest(path) for path in paths}


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder that is somebody's, and every link: where that leads is not looked at.

    What cannot be listed, as it is being removed, is passed over; it cannot be removed unlisted either.
    """
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    for path in found:
        if path.is_dir() and not linked(path):
            if path.name != _CACHE:
                yield from _files(path)
        elif not _NOBODYS.fullmatch(path.name):
            yield path


def strangers(made: Made) -> tuple[Path, ...]:
    """What in a folder of ours is not ours: everything that we did not put there just so.

    Only of the environment nobody noted its thousands of files; there it is every workbook but those of its packages.
    """
    folder = Path(made.place)
    if made.files:
        found = _files(folder)
        return tuple(path for path in found if made.files.get(path.relative_to(folder).as_posix()) != digest(path))
    books = workbooks(folder)
    packaged = _packaged(folder) if books else {}
    return tuple(path for path in books if packaged.get(_told(path)) != _recorded(path))


def workbooks(folder: Path) -> list[Path]:
    """Every workbook below a folder, whoever put it there."""
    return [path for path in _files(folder) if _WORKBOOK.fullmatch(path.name)]


def _packaged(folder: Path) -> dict[str, str]:
    """The files that the packages below a folder list as theirs, and what tells their contents apart."""
    records = (path for path in _files(folder) if path.match("*.dist-info/RECORD"))
    return {
        _told(record.parents[1] / name): told
        for record in records
        for name, told, *_ in csv.reader(_text(record).splitlines())
    }


def _text(path: Path) -> str:
    """What stands in a file; nothing where it has just been removed."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _recorded(path: Path) -> str:
    """What a package's list would say of a file's contents."""
    told = base64.urlsafe_b64encode(bytes.fromhex(digest(path))).decode().rstrip("=")
    return f"sha256={told}"


def _told(path: Path) -> str:
    """A path as two who write it differently agree on it."""
    return os.path.normcase(os.path.normpath(path))


def beside(path: Path) -> Path:
    """The first ``name (2)`` after a path that nothing has."""
    names = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in itertools.count(2))
    return next(name for name in names if not os.path.lexists(name))
