"""What was measured, kept in `results.json` with when and where: the tables of the READMEs are made of nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lines import LINES, RULE_GROUP_AIM, Line

FILE = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Result:
    """One line measured: ours, and theirs where something stands against it; when (ISO date) and on what, once it is kept."""

    key: str
    ours: float
    theirs: float | None = None
    measured: str = ""
    machine: str = ""

    @property
    def line(self) -> Line:
        """Its words and bounds; a group of rules has its name for words."""
        name = f"… {self.key.partition('.')[2]}"
        return LINES.get(self.key) or Line(self.key, name, name, "µs", aim=RULE_GROUP_AIM)

    @property
    def ratio(self) -> float:
        """Ours by theirs; ours alone where nothing stands against it."""
        return self.ours / self.theirs if self.theirs else self.ours

    @property
    def beyond_guard(self) -> bool:
        """True where it is dearer than any machine and any noise explain."""
        return self.line.guard is not None and self.ratio > self.line.guard


def keep(results: Iterable[Result]) -> None:
    """Put results in the place of older ones of the same measure."""
    now = {"measured": dt.date.today().isoformat(), "machine": _machine()}
    new = [dataclasses.replace(result, **now) for result in results]
    measures = {_measure(result.key) for result in new}
    old = [result for result in kept() if _measure(result.key) not in measures]
    rows = [dataclasses.asdict(result) for result in (*old, *new)]
    for row in rows:
        row.update({name: float(f"{row[name]:.4g}") for name in ("ours", "theirs") if row[name] is not None})
    FILE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")


def kept() -> list[Result]:
    """What was measured last, line by line in the order of `LINES`; groups of rules behind theirs, the dearest first."""
    rows = json.loads(FILE.read_text("utf-8")) if FILE.exists() else []
    order = {key: place for place, key in enumerate(LINES)}
    known = [Result(**row) for row in rows if row["key"] in LINES or row["key"].startswith("rules.")]
    return sorted(
        known,
        key=lambda one: (
            order[one.key if one.key in LINES else "rules"],
            one.key not in LINES,
            -one.ours * (one.key not in LINES),
        ),
    )


def _measure(key: str) -> str:
    return key.partition(".")[0]


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
