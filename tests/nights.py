"""One night over a folder of workbooks, or over one workbook alone, for the tests that try whole files."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from kam_xl import nightly
from kam_xl.core.assessment import Assessment

NIGHT = dt.datetime(2026, 11, 28, 2)


@dataclass(frozen=True)
class Night:
    """A night that was done: its folder of outputs, its exit code and what was found."""

    out: Path
    code: int
    found: Assessment

    @property
    def record(self) -> dict:
        """The run's own record."""
        return json.loads((self.out / nightly.RECORD).read_text("utf-8"))

    @property
    def codes(self) -> set[str]:
        """Every code of a finding of this night."""
        return set(self.found.portfolio.findings["code"])

    @property
    def names(self) -> dict[str, str]:
        """Customer ID → name."""
        customers = self.found.portfolio.customers
        return dict(zip(customers["customer_id"], customers["name"], strict=True))


def night(teams: Path, work: Path, now: dt.datetime = NIGHT, **options: object) -> Night:
    """One run over `teams`, a folder or one workbook; outputs stand in ``work/out``."""
    if teams.is_file():
        (work / "teams").mkdir(parents=True)
        shutil.copy2(teams, work / "teams")
        teams = work / "teams"
    code, found = nightly.run(nightly.Job(teams, work / "out", **options), now)
    return Night(work / "out", code, found)
