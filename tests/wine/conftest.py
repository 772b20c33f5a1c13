"""What the proofs share: a computer for each of their files, and the table of tests that ran on Windows' Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wine import computer
from tests.wine.computer import Computer

#: Whatever a group of tests under Wine came to, by what the table calls it.
COUNTS = ("passed", "failed", "Wine's", "skipped")


@pytest.fixture(scope="module")
def windows(request: pytest.FixtureRequest) -> Iterator[Computer]:
    """A fresh computer with our files on it, and those that the module names as FILES."""
    name = request.path.stem.removeprefix("proof_")
    with computer.fresh(name, *getattr(request.module, "FILES", ())) as one:
        yield one


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a group of tests that ran on Windows' Python: how many of them did what, and whose fault it was."""
    told = [
        one
        for kind in ("passed", "failed")
        for report in terminalreporter.getreports(kind)
        for one in report.user_properties
    ]
    groups = [(name, counts) for name, counts in told if isinstance(counts, dict)]
    if groups:
        terminalreporter.section("Windows' Python under Wine, which is not Windows")
        terminalreporter.write_line(f"{'':<44}" + "".join(f"{name:>9}" for name in COUNTS))
    for name, counts in groups:
        terminalreporter.write_line(f"{name:<44}" + "".join(f"{counts.get(count, 0):>9}" for count in COUNTS))
    for _, counts in groups:
        for test in counts["ours"]:
            terminalreporter.write_line(f"failed by our fault: {test}")
