"""One word has one meaning: the glossary's terms are in the code, and no two of our classes or modules share a name."""

from __future__ import annotations

import ast
import functools
import importlib
import operator
import re
from collections import defaultdict
from pathlib import Path

import kam_xl

HOUSE = Path(kam_xl.__file__).parent
PAGE = (HOUSE.parent / "docs" / "glossary.md").read_text("utf-8")
TERMS, _, SHARED = PAGE.partition("## Shared names")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| `([\w.]+)` \|$", TERMS, re.MULTILINE)
#: The engines answer for Excel and speak its language; they leave the house whole.
OURS = [path for path in sorted(HOUSE.rglob("*.py")) if "engines" not in path.parts]


@functools.cache
def tree(path: Path) -> ast.Module:
    """A module's code."""
    return ast.parse(path.read_text("utf-8"))


def resolved(name: str) -> bool:
    """Whether a dotted name below kam_xl is a module, or something in one."""
    room, module, *inside = name.split(".")
    found = importlib.import_module(f"kam_xl.{room}.{module}")
    return not inside or operator.attrgetter(".".join(inside))(found) is not None


def classes() -> dict[str, list[str]]:
    """Every public class of ours → the modules that define it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in OURS:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(HOUSE).with_suffix("").as_posix().replace("/", "."))
    return found


def used(path: Path) -> set[str]:
    """Every name a module speaks of."""
    return {getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(tree(path))}


def test_every_term_stands_in_the_code() -> None:
    assert len(ROWS) > 50
    assert len(ROWS) == TERMS.count("\n|") - 2 * TERMS.count("|---|---|---|---|")
    assert all(resolved(name) for *_, name in ROWS)


def test_every_term_is_explained_once_in_each_language() -> None:
    for column in (0, 1):
        told = [row[column] for row in ROWS]
        assert sorted(told) == sorted(set(told))


def test_no_two_classes_share_a_name_but_those_that_the_page_gives_a_reason_for() -> None:
    twice = {name: sorted(modules) for name, modules in classes().items() if len(modules) > 1}

    assert set(twice) == set(re.findall(r"^- class `(\w+)`", SHARED, re.MULTILINE)), twice


def test_no_two_modules_share_a_name_but_those_that_the_page_gives_a_reason_for() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in OURS:
        homes[path.stem].append(str(path.relative_to(HOUSE)))
    twice = {name: paths for name, paths in homes.items() if len(paths) > 1 and not name.startswith("__")}

    assert set(twice) == set(re.findall(r"^- module `(\w+)`", SHARED, re.MULTILINE)), twice


def test_every_class_that_the_rules_lend_to_other_rooms_is_explained() -> None:
    told = " ".join(re.findall(r"`([^`]+)`", PAGE))
    for room in ("core", "showing"):
        lent = {name for name, modules in classes().items() if any(one.startswith(f"{room}.") for one in modules)}
        asked = set().union(*(used(path) for path in OURS if path.relative_to(HOUSE).parts[0] != room))
        assert {name for name in lent & asked if not re.search(rf"\b{name}\b", told)} == set()
