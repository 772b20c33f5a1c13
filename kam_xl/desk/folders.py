"""The folders an installation makes, in which people save things all the same: what in them is ours, and what is not."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

from kam_xl.desk.record import Made, digest
from kam_xl.desk.remover import linked

_CACHE = "__pycache__"
#: Left behind by the system wherever somebody looks, and by Excel beside what it has open.
_NOBODYS = re.compile(r"\.DS_Store|desktop\.ini|Thumbs\.db|~\$.*")
_WORKBOOK = re.compile(r".*\.(xl\w+|ods|csv)", re.IGNORECASE)


def tree(root: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The files of some names below a folder, and what tells their contents apart; what Python caches does not count."""
    paths = sorted(
        path for name in names for path in ([root / name] if (root / name).is_file() else _files(root / name))
    )
    return {path.relative_to(root).as_posix(): digest(path) for path in paths}


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, and every link: where that leads is not looked at."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not path.is_dir() or linked(path):
            yield path
        elif path.name != _CACHE:
            yield from _files(path)


def strangers(made: Made) -> tuple[Path, ...]:
    """What in a folder of ours is not ours: everything that we did not put there just so.

    Only of the environment nobody noted its thousands of files; there it is every workbook that came with no package.
    """
    folder = Path(made.place)
    found = [path for path in _files(folder) if not _NOBODYS.fullmatch(path.name)]
    if made.files:
        return tuple(path for path in found if made.files.get(path.relative_to(folder).as_posix()) != digest(path))
    books = [path for path in found if _WORKBOOK.fullmatch(path.name)]
    packaged = _packaged(folder) if books else set()
    return tuple(path for path in books if _told(path) not in packaged)


def _packaged(folder: Path) -> set[str]:
    """The paths that the packages below a folder list as theirs."""
    records = (path for path in folder.rglob("*.dist-info/RECORD") if path.is_file())
    return {
        _told(record.parents[1] / line.partition(",")[0].strip('"'))
        for record in records
        for line in record.read_text("utf-8", "replace").splitlines()
    }


def _told(path: Path) -> str:
    """A path as two who write it differently agree on it."""
    return os.path.normcase(os.path.normpath(path))


def beside(path: Path) -> Path:
    """The first ``name (2)`` after a path that nothing has."""
    names = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in itertools.count(2))
    return next(name for name in names if not os.path.lexists(name))


def carry(paths: tuple[Path, ...], old: Path, new: Path) -> None:
    """Move files of one folder to the same place in another, beside what is there."""
    for path in paths:
        place = new / path.relative_to(old)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(beside(place) if os.path.lexists(place) else place)
