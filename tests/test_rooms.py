"""The rooms of the house have walls: each leans only on those below it, and no two modules on each other."""

import ast
import graphlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kam_xl

PROJECT = Path(kam_xl.__file__).parents[1]
OUTSIDE = {entry.name for entry in pkgutil.iter_modules([str(PROJECT)])} - {"kam_xl"}
LADDER = [line.split()[0] for line in kam_xl.__doc__.splitlines() if line.startswith("    ")]
MODULES = {
    "kam_xl": PROJECT / "kam_xl/__init__.py",
    **{
        found.name: Path(found.module_finder.find_spec(found.name).origin)
        for found in pkgutil.walk_packages(kam_xl.__path__, "kam_xl.", onerror=lambda _: None)
    },
}
each_module = pytest.mark.parametrize("module", sorted(MODULES))


def room(module: str) -> str:
    """The line of the ladder on which a module stands."""
    return f"{module}.__init__".split(".")[1]


@cache
def imported(module: str) -> frozenset[str]:
    """The modules of ours that a module imports, wherever and whatever for."""
    return frozenset(_imported(module))


def _imported(module: str) -> Iterator[str]:
    package = module if MODULES[module].stem == "__init__" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        match node:
            case ast.Import():
                yield from (_known(alias.name) for alias in node.names)
            case ast.ImportFrom():
                base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
                yield from (_known(f"{base}.{alias.name}") for alias in node.names)
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield _known(name)


def _known(name: str) -> str:
    """The module that a dotted name is, or is a name in."""
    return name if name in MODULES or "." not in name else _known(name.rpartition(".")[0])


@each_module
def test_a_room_leans_only_on_the_rooms_below(module: str) -> None:
    below = LADDER[: LADDER.index(room(module)) + 1]
    leant = {name for name in imported(module) if name.split(".")[0] == "kam_xl"}
    assert {name for name in leant if room(name) not in below} == set()


@each_module
def test_the_package_leans_on_nothing_beside_it(module: str) -> None:
    assert {name.split(".")[0] for name in imported(module)} & OUTSIDE == set()


def test_no_module_leans_on_itself_by_way_of_others() -> None:
    graphlib.TopologicalSorter({name: imported(name) - {name} for name in MODULES}).prepare()


def test_every_room_of_the_ladder_stands() -> None:
    assert len(LADDER) == len(set(LADDER))
    assert set(LADDER) == {room(module) for module in MODULES}
