"""The map of the house: `python -m docs.map` writes docs/map.md, every file's own first sentence, room by room."""

from __future__ import annotations

import ast
import re
import sys
from itertools import groupby
from pathlib import Path

import kam_xl

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "map.md"
#: The folders the page tells of; the doors beside them are files.
PLACES = ("kam_xl", "benchmarks", "docs")
#: What a file of each kind opens its first sentence with, where it is no Python.
OPENING = re.compile(r"^(?:# |' |\{# )(.+?)(?: #\})?$", re.MULTILINE)
KINDS = {".py", ".toml", ".bas", ".j2"}

INTRO = """\
# Where everything stands

Written by `python -m docs.map` from the first sentence of every file; a test holds this page to the files. Rooms stand in
the order of the ladder in [`kam_xl/__init__.py`](../kam_xl/__init__.py), modules in that of their room's own docstring where it
has one: a module leans only on what stands before it. [CONTRIBUTING.md](../CONTRIBUTING.md) says which of them you open to add a
rule, a column, a function, a sheet or a message; [the handbook](handbook.en.md) what the rules are.

A night goes: read → validate → consolidate → score → tier → plan → risk → report → write.
"""


def files() -> list[Path]:
    """Every file of ours that says what it is for, in the order of the page."""
    found = [*ROOT.glob("*.py"), *(path for place in PLACES for path in (ROOT / place).rglob("*"))]
    return sorted((path for path in found if path.suffix in KINDS), key=_order)


def sentence(path: Path) -> str:
    """What a file says of itself first; empty where it says nothing."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
    told = OPENING.search(text)
    return re.split(r"(?<=[.。]) ", told[1])[0] if told else ""


def page() -> str:
    """The page as it should be."""
    return INTRO + "".join(
        _room(folder, list(paths)) for folder, paths in groupby(files(), key=lambda path: path.parent)
    )


def _room(folder: Path, paths: list[Path]) -> str:
    name = folder.relative_to(ROOT).as_posix()
    return f"\n## {'The doors' if name == '.' else name}\n\n{''.join(map(_line, paths))}"


def _line(path: Path) -> str:
    link = path.relative_to(ROOT).as_posix()
    return f"- [`{path.name}`](../{link}) {sentence(path)}\n"


def _order(path: Path) -> tuple:
    """Places in their order, rooms in that of the package's ladder, modules in that of their room's, the rest by name."""
    folder = path.parent.relative_to(ROOT)
    place = PLACES.index(folder.parts[0]) if folder.parts else len(PLACES)
    rooms = tuple((_rung(kam_xl.__doc__, room), room) for room in folder.parts)
    opening = path.parent / "__init__.py"
    told = ast.get_docstring(ast.parse(opening.read_text("utf-8"))) if opening.is_file() else None
    return place, rooms, path.name != "__init__.py", path.suffix != ".py", _rung(told, path.stem), path.name


def _rung(docstring: str | None, name: str) -> int:
    """How far up a docstring's ladder, a line or a word a rung, a name stands; all the way where it does not name it."""
    for paragraph in (docstring or "").split("\n\n")[1:]:
        rungs = re.findall(r"^ +(\w+)  ", paragraph, re.MULTILINE) or re.split(r"[,\s]+", paragraph.strip(" .\n"))
        if name in rungs and all(map(str.isidentifier, rungs)):
            return rungs.index(name)
    return sys.maxsize


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
