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
}
WINES = frozenset(tomllib.loads((HERE / "of_wine.toml").read_text("utf-8")))


@pytest.mark.parametrize("group", GROUPS)
def proof_only_wine_fails(windows: Computer, record_property: Callable, group: str) -> None:
    ran = windows.run(FILLED, "-X", "utf8", "-m", "pytest", "-q", "--junitxml=C:\\told.xml", *GROUPS[group])

    told = outcomes(ET.parse(windows.c / "told.xml"))  # noqa: S314 (written by our own pytest)
    failed = {test for test, outcome in told.items() if outcome == "failed"}
    ours = sorted(failed - WINES)
    counts = {outcome: list(told.values()).count(outcome) for outcome in ("passed", "skipped")}
    record_property(group, counts | {"failed": len(ours), "Wine's": len(failed & WINES), "ours": ours})
    assert counts["passed"] > 100, ran.text
    assert ours == [], ran.text
    assert sorted(WINES & told.keys() - failed) == [], "these pass after all"


def outcomes(told: ET.ElementTree) -> dict[str, str]:
    """Each test → passed, skipped or failed."""
    kinds = {"failure": "failed", "error": "failed", "skipped": "skipped"}
    return {
        f"{case.get('classname')}::{case.get('name')}": next(
            (kinds[part.tag] for part in case if part.tag in kinds), "passed"
        )
        for case in told.iter("testcase")
    }
