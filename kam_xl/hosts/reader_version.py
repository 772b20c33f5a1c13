"""Which version of the reader this is, and of all else: what it makes of the same bytes is the same as long as this is.

Both are worked out of the code itself, so that nobody has to remember to count them up.
"""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path

from kam_xl.core.intake import Intake

_PACKAGE = Path(__file__).parents[1]
#: What makes a workbook as read out of a file, and what it is kept as.
_READING = ("kam_xl.hosts.workbooks", "kam_xl.core.read_books", "kam_xl.hosts.arrow_books")
#: What reading leans on besides modules: how programs head their lists.
_DATA = ("aliases.toml",)
#: Packages whose version changes what is read of the same bytes.
LIBRARIES = ("python-calamine", "xlrd", "olefile", "msoffcrypto-tool", "opencc-python-reimplemented", "pyarrow")
#: Packages whose version changes what is computed and written.
WRITING = ("pandas", "numpy", "XlsxWriter", "zlib-ng", "Jinja2", "MarkupSafe")
_IMPORT = re.compile(r"^[ ]*(?:from ([\w.]+) import (\([^)]*\)|[^\n]*)|import (kam_xl[\w.]+))", re.MULTILINE)


@functools.cache
def current(package: Path = _PACKAGE) -> str:
    """The version of the reader: a hash of every module that reading leans on, and of the libraries' versions."""
    told = hashlib.sha256()
    for path in [*modules(package), *(package / name for name in _DATA)]:
        told.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    told.update(_versions(*LIBRARIES))
    return told.hexdigest()[:16]


def under(intake: Intake) -> str:
    """The version of the reader as it reads in a folder that remembers lists: what it makes of a file rests on them, too."""
    if not intake.text:
        return current()
    return hashlib.sha256(f"{current()}\0{intake.text}".encode()).hexdigest()[:16]


@functools.cache
def code(package: Path = _PACKAGE) -> str:
    """The version of everything: a hash of the whole package and of the versions of what it reads and writes with."""
    told = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in (".py", ".toml", ".j2", ".css", ".js")):
        told.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    told.update(_versions(*LIBRARIES, *WRITING))
    return told.hexdigest()[:16]


def _versions(*names: str) -> bytes:
    import importlib.metadata  # here: a reader is told the version, and works out none

    return "".join(f"{name} {importlib.metadata.version(name)}\0" for name in names).encode()


def modules(package: Path = _PACKAGE) -> list[Path]:
    """The modules that reading leans on, whichever way, in the order of their paths."""
    found: set[Path] = set()
    asked, waiting = {""}, [*_READING]
    while waiting:
        module = waiting.pop()
        if module in asked:
            continue
        asked.add(module)
        if path := _file(package, module):
            found.add(path)
            waiting += _imported(path.read_text("utf-8"), path.relative_to(package.parent).parent.parts)
            waiting.append(module.rpartition(".")[0])  # the package around it
    return sorted(found)


def _file(package: Path, module: str) -> Path | None:
    """The file of a module; none for what is no module of ours."""
    place = package.joinpath(*module.split(".")[1:])
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _imported(source: str, within: tuple[str, ...]) -> list[str]:
    """What a module of a package imports of ours: modules, and names that may be modules."""
    found: list[str] = []
    for origin, names, module in _IMPORT.findall(source):
        above = len(origin) - len(origin.lstrip("."))
        base = ".".join((*within[: len(within) + 1 - above], *filter(None, [origin.lstrip(".")]))) if above else origin
        if module or base.startswith(f"{_PACKAGE.name}."):
            found += [module or base, *(f"{base}.{name}" for name in re.findall(r"\w+", names) if not module)]
    return found
