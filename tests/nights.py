"""One night over a folder of workbooks, or over one workbook alone, whole or in short; or five on end."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kam_xl import nightly, resources
from kam_xl.core.assessment import Assessment
from kam_xl.hosts.amending import amended
from kam_xl.nightly import bridging, writing
from tests import files

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


#: What of a night costs most and what stands in its place in short.
_INSTEAD = {
    "_write_teams": (writing, None),
    "_keep_all": (writing, None),
    "_standards": (writing, ()),
    "_write_folders": (writing, None),
    "_first": (writing, ((writing.SUMMARY, b""), (writing.DETAILS, b""))),
    "night_before": (bridging, None),
}


def in_short(put: Callable[[object, str, object], None], *but: str) -> None:
    """Let nights write nothing that people read and no archive, nor explain what changed, but what `but` names of it.

    What they read, judge, remember and tell is as ever; empty files stand for the master and the first two pages, and a
    night costs a third of a whole one. `put` is `setattr`, in tests that of their monkeypatch.
    """
    put(writing.master, "write", lambda path, *_: path.touch())
    for name in _INSTEAD.keys() - {*but}:
        place, done = _INSTEAD[name]
        put(place, name, lambda *_, done=done: done)


#: The nights of `five`, and the two policies they are run under.
FIRST = dt.datetime(2026, 11, 20, 2)
SHIPPED = resources.policy_text()
OTHER = amended(SHIPPED, {"version": "other", "tier.key.low": 60, "hysteresis": 5})
#: The composite scores of C001, night by night: under OTHER it is key until it falls 5 points below 60.
SCORES = (66.0, 62.0, 59.0, 54.0, 64.0)


def five(root: Path) -> Path:
    """The outputs of five nights, those after the third under another policy.

    In the second the job ran twice, in the third one workbook of two was away; the teams' folder is gone now.
    """
    teams, policy = root / "teams", root / "policy.toml"
    two = {**files.CUSTOMER, "customer_id": "C002", "name": "乙公司", "amount": 900}
    for place, score in enumerate(SCORES):
        policy.write_text(SHIPPED if place < 3 else OTHER, "utf-8")
        files.team(teams / "华东.xlsx", info=[files.CUSTOMER], evaluation=[_marks("C001", score)])
        files.team(teams / "华北.xlsx", info=[two], evaluation=[_marks("C002", 80.0)])
        if place == 2:
            (teams / "华北.xlsx").unlink()
        job = nightly.Job(teams, root / "out", workers=1, policy_file=policy)
        if place == 1:
            nightly.run(dataclasses.replace(job, lang="en"), FIRST + dt.timedelta(days=place, hours=-1))
        nightly.run(job, FIRST + dt.timedelta(days=place))
    shutil.rmtree(teams)
    return root / "out"


def _marks(customer_id: str, score: float) -> dict[str, object]:
    marks = dict.fromkeys(("value", "potential", "demand", "composite"), score)
    return {**files.EVALUATION, **marks, "customer_id": customer_id, "tier": "普通客户"}
