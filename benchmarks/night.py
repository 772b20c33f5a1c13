"""One night in a process of its own: `python -m benchmarks.night TEAMS OUT MOMENT` prints processor seconds by step as JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import sys
from pathlib import Path

from kam_xl import nightly


def _used() -> float:
    """Processor seconds of this process and of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


class Steps:
    """Processor seconds between the news of a run, by step and by what is written."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.now, self.since = "start", _used()

    def __call__(self, step: str, _count: int = 0, part: str = "") -> None:
        """A step has begun, or a part of it is at hand."""
        used = _used()
        self.seconds[self.now] = round(self.seconds.get(self.now, 0) + used - self.since, 3)
        self.now, self.since = " ".join(filter(None, (step, part.partition("/")[0]))) if step == "write" else step, used


def main(teams: str, out: str, moment: str) -> None:
    """Run it, and print what it took; children's seconds count to the step in which they ended."""
    steps = Steps()
    nightly.run(nightly.Job(Path(teams), Path(out)), dt.datetime.fromisoformat(moment), steps)
    steps("end")
    peak = {name: resource.getrusage(who).ru_maxrss / 1024
            for name, who in (("job MiB", resource.RUSAGE_SELF), ("reader MiB", resource.RUSAGE_CHILDREN))}  # fmt: skip
    print(json.dumps({**steps.seconds, "whole": round(_used(), 3), **peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
