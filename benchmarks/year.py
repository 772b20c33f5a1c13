"""What a year of nights leaves behind and costs to look back at: `python -m benchmarks.year [nights] [books] [customers]`.

365 nights over 200 workbooks of 50 customers by default, one workbook in twenty changed a night. The first and the last night
are whole ones. Those in between read what changed, keep it, record and sweep as any other; judged they are not: each leaves
the first night's snapshot with its own day.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks import books
from kam_xl import nightly, resources
from kam_xl.core.chain import Forgotten
from kam_xl.core.intake import Intake
from kam_xl.core.nights import Night, Seen
from kam_xl.hosts import outcomes, reader_version, snapshots, store, workbooks
from kam_xl.hosts.store import Store
from kam_xl.nightly import bridging, forgetting, replay, verifying
from kam_xl.nightly.bridging import Explained

OUT = Path(tempfile.gettempdir()) / "kam_xl_year"
FIRST = dt.datetime(2025, 11, 22, 2)
POLICY = resources.policy()
CUSTOMER = "C000010"  # of the first workbook


def nights(teams: Path, out: Path, count: int, customers: int) -> None:
    """So many nights, each but the first after one workbook in twenty has changed."""
    paths = sorted(teams.glob("*.xlsx"))
    few = max(1, len(paths) // 20)
    nightly.run(nightly.Job(teams, out), FIRST)
    for path in (out / "store" / "books").iterdir():
        os.utime(path, (0, 0))  # nights follow one another in a second here: none is too young to go
    first = snapshots.read(snapshots.files(out)[0])
    for night in range(1, count):
        changed = [paths[(night * few + each) % len(paths)] for each in range(few)]
        books.change(changed, customers, seed=f"night {night}")
        if night < count - 1:
            _in_between(changed, out, FIRST + dt.timedelta(days=night), first)
    nightly.run(nightly.Job(teams, out), FIRST + dt.timedelta(days=count - 1))


def _in_between(changed: list[Path], out: Path, moment: dt.datetime, first: pd.DataFrame) -> None:
    """A night that reads, keeps, records and sweeps."""
    kept = Store(out)
    last = kept.last()
    assert last
    read = {path.name: _read(path, kept) for path in changed}
    seen = tuple(read.get(one.path, one) for one in last[0].books)
    name = snapshots.file_name(moment)
    snapshots.write(out / name, first.assign(on=pd.Timestamp(moment.date())))
    hashes = last[0].outputs | {name: hashlib.sha256((out / name).read_bytes()).hexdigest()}
    outputs = {file: hashes[file] for file in hashes if not file.startswith(snapshots.FOLDER) or file == name}
    made = {"moment": moment.isoformat(), "books": seen, "outputs": outputs, "before": kept.newest()}
    night: Night = dataclasses.replace(last[0], **made)
    store.write_record(out / kept.place_of(moment), night)
    kept.sweep(moment.date(), POLICY.store)


def _read(path: Path, kept: Store) -> Seen:
    outcome = outcomes.of(workbooks.opened(path.parent, path.name), None, Intake(), reader_version.current())
    content = outcome.content
    assert outcome.facts and outcome.entry and isinstance(content, bytes)  # noqa: PT018 (it was packed)
    kept.keep(outcome.entry, content)
    os.utime(kept.books / outcome.entry, (0, 0))
    facts, sha256 = outcome.facts, hashlib.sha256(content).hexdigest()
    return Seen(
        path.name, workbooks.team(path.name), facts.sha256, facts.size_bytes, None, "read", entry=outcome.entry,
        content=sha256,
    )  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _megabytes(folder: Path) -> str:
    files = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return f"{sum(files) / 1e6:.1f} MB in {len(files)} files"


def main(count: int = 365, teams: int = 200, customers: int = 50) -> None:
    """Make the nights, and print what they left and what it costs to look back."""
    shutil.rmtree(OUT, ignore_errors=True)
    books.make(OUT / "teams", teams, customers)
    out = OUT / "out"
    print(f"{count} nights of {teams} workbooks of {customers} customers; CPU seconds")
    nights(OUT / "teams", out, count, customers)
    for name in ("store/books", "store/nights", "store/policies", "history"):
        print(f"{name:14} {_megabytes(out / name)}")
    found = verifying.verify(out)
    print(f"verify   {_seconds(lambda: verifying.verify(out)):.2f} s: {found.nights} nights, {found.swept} links, "
          f"{found.files} files, {len(found.broken)} broken")  # fmt: skip
    words = resources.words("en")
    why: list[Explained] = []
    took = _seconds(lambda: why.append(bridging.since(out, None, words)))
    print(f"why      {took:.1f} s: {why[0].bridge.moved['customer_id'].nunique()} customers")
    again = replay.chosen(out)
    print(f"replay   {_seconds(lambda: replay.replay(out, again, POLICY)):.1f} s: {len(again)} nights")
    gone: list[Forgotten] = []
    took = _seconds(lambda: gone.append(forgetting.forget(out, CUSTOMER, "?", FIRST, words).record))
    print(
        f"forget   {took:.1f} s: {len(gone[0].entries)} entries, {len(gone[0].snapshots)} snapshots, the last night's files"
    )
    print(f"verify   {len(verifying.verify(out).broken)} broken afterwards")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
