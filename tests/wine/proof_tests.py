"""Our own tests on Windows' Python: those of what is nearest to the system; what fails is ours, unless Wine is known for it."""

from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wine.computer import FILLED, Computer

HERE = Path(__file__).parent
FILES = ("tests", "docs", "CHANGES.md", "Makefile", "requirements-dev.txt")
GROUPS = {
    "tests/desk": ("tests/desk",),
    "readers, outputs, handing in, store, timer": (
        *(
            f"tests/hosts/test_{name}.py"
            for name in ("isolation", "processes", "outputs", "replacing", "handing_in", "store")
        ),
        "tests/nightly/test_timer.py",
    ),
    "what is said and written: cells, rows, links": (
        *(f"tests/doors/test_{name}.py" for name in ("bare", "commands", "streams")),
        *(f"tests/reports/test_{name}.py" for name in ("file_names", "links", "native_tables", "sheet_rows", "texts")),
        "tests/worksheet/test_functions.py",
    ),
}
SECONDS = 900
WINES = frozenset(tomllib.loads((HERE / "of_wine.toml").read_text("utf-8")))


@pytest.fixture(scope="module")
def told(windows: Computer) -> tuple[dict[str, str], str]:
    """What every test of all groups came to, in one run, and what that run said."""
    paths = (path for group in GROUPS.values() for path in group)
    ran = windows.run(
        FILLED, "-X", "utf8", "-m", "pytest", "-q", "--junitxml=C:\\told.xml", "--durations=15", *paths, seconds=SECONDS
    )
    assert ran.code is not None, ran.text
    return outcomes(ET.parse(windows.c / "told.xml")), ran.text  # noqa: S314 (written by our own pytest)


@pytest.mark.parametrize("group", GROUPS)
def proof_only_wine_fails(told: tuple[dict[str, str], str], record_property: Callable, group: str) -> None:
    modules = tuple(path.removesuffix(".py").replace("/", ".") for path in GROUPS[group])
    ended = {test: outcome for test, outcome in told[0].items() if test.startswith(modules)}

    failed = {test for test, outcome in ended.items() if outcome == "failed"}
    ours = sorted(failed - WINES)
    counts = {outcome: list(ended.values()).count(outcome) for outcome in ("passed", "skipped")}
    record_property(group, counts | {"failed": len(ours), "Wine's": len(failed & WINES), "ours": ours})
    assert counts["passed"] > 100, told[1]
    assert ours == [], told[1]
    assert sorted(WINES & ended.keys() - failed) == [], "these pass after all"


def outcomes(told: ET.ElementTree) -> dict[str, str]:
    """Each test → passed, skipped or failed."""
    kinds = {"failure": "failed", "error": "failed", "skipped": "skipped"}
    return {
        f"{case.get('classname')}::{case.get('name')}": next(
            (kinds[part.tag] for part in case if part.tag in kinds), "passed"
        )
        for case in told.iter("testcase")
    }
