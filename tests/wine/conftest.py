"""What the proofs share: a computer for each of their files, and the table of tests that ran on Windows' Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wine import computer
from tests.wine.computer import Computer

#: Whatever a group of tests under Wine came to, by what the table calls it.
COUNTS = ("passed", "failed", "Wine's", "skipped")
#: The property under which a proof tells what took how long.
SECONDS = "seconds"


@pytest.fixture(scope="module")
def windows(request: pytest.FixtureRequest) -> Iterator[Computer]:
    """A fresh computer with our files on it, and those that the module names as FILES."""
    name = request.path.stem.removeprefix("proof_")
    with computer.fresh(name, *getattr(request.module, "FILES", ())) as one:
        yield one


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured, and a line for each group of tests that ran on Windows' Python: how many did what, and by whose fault."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    told = [each for report in reports for each in report.user_properties]
    if told:
        terminalreporter.section("Windows' Python under Wine, which is not Windows")
    for name, seconds in told:
        if name == SECONDS:
            terminalreporter.write_line(f"{'through COM':<44}{'seconds':>9}{'of them work':>14}")
            for what, (wall, cpu) in seconds.items():
                terminalreporter.write_line(f"{what:<44}{wall:>9.2f}{cpu:>14.2f}")
    groups = [(name, counts) for name, counts in told if name != SECONDS]
    if groups:
        terminalreporter.write_line(f"{'':<44}" + "".join(f"{name:>9}" for name in COUNTS))
    for name, counts in groups:
        terminalreporter.write_line(f"{name:<44}" + "".join(f"{counts.get(count, 0):>9}" for count in COUNTS))
    for _, counts in groups:
        for test in counts["ours"]:
            terminalreporter.write_line(f"failed by our fault: {test}")
