"""The house stands: each floor leans only on the floors below, and no rule leaves the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kam_xl import core

LADDER = core.__doc__.split("\n\n")[1].replace("\n", " ").strip(" .").split(", ")
PURE = {
    "__future__", "calendar", "collections", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib",
    "itertools", "json", "math", "numbers", "operator", "re", "statistics", "string", "tomllib", "typing", "unicodedata",
    "holidays", "numpy", "opencc", "pandas", "rapidfuzz",
}  # fmt: skip
WORLD = {"open", "print", "input", "now", "today", "utcnow"}

FLOORS = sorted(path for path in Path(core.__file__).parent.glob("*.py") if path.stem != "__init__")
each_floor = pytest.mark.parametrize("path", FLOORS, ids=lambda path: path.stem)


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module a tree imports, by its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level
        elif isinstance(node, ast.ImportFrom) and node.module == "kam_xl.core":
            yield from (f"kam_xl.core.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@each_floor
def test_a_floor_leans_only_on_the_floors_below(path: Path) -> None:
    below = LADDER[: LADDER.index(path.stem)]
    for name in imported(ast.parse(path.read_text("utf-8"))):
        assert name.removeprefix("kam_xl.core.") in below or name.split(".")[0] in PURE


@each_floor
def test_no_rule_reads_the_clock_or_a_file(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            assert called not in WORLD, f"line {node.lineno}"


def test_every_floor_of_the_ladder_exists() -> None:
    assert sorted(LADDER) == [path.stem for path in FLOORS]
