"""What a year of nights leaves behind and costs to look back at: `python -m benchmarks.year [nights] [books] [customers]`.

365 nights over 200 workbooks of 50 customers by default, one workbook in twenty changed a night. Every night reads, judges,
records and sweeps as any other; of what it writes only the snapshot is written, but by the last, which writes all.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from benchmarks import books
from kam_xl import nightly, resources
from kam_xl.core.chain import Forgotten
from kam_xl.nightly import forgetting, verifying, writing

OUT = Path(__file__).parent / "out" / "year"
FIRST = dt.datetime(2025, 11, 22, 2)
CUSTOMER = "C000010"  # of the first workbook


def nights(teams: Path, out: Path, count: int, customers: int) -> None:
    """So many nights, each after one workbook in twenty has changed."""
    paths = sorted(teams.glob("*.xlsx"))
    few = max(1, len(paths) // 20)
    for night in range(count):
        changed = [paths[(night * few + each) % len(paths)] for each in range(few)]
        books.change(changed, customers, seed=f"night {night}")
        last = night == count - 1
        with _whole() if last else _snapshot_alone():
            nightly.run(nightly.Job(teams, out), FIRST + dt.timedelta(days=night))
        print(f"\r{night + 1} of {count} nights", end="" if not last else "\n", flush=True)


@contextmanager
def _whole() -> Iterator[None]:
    yield


@contextmanager
def _snapshot_alone() -> Iterator[None]:
    """Nights that write nothing but their snapshot."""

    def write(staged: Path, assessed: object, *_: object) -> int:
        writing._kept(staged / writing.snapshots.file_name(assessed.now), assessed)  # type: ignore[attr-defined, arg-type]
        return nightly.CLEAN

    with mock.patch.object(writing, "write", write):
        yield


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
    print(f"{count} nights of {teams} workbooks of {customers} customers, CPU seconds")
    print(f"nights   {_seconds(lambda: nights(OUT / 'teams', out, count, customers)):.0f} s without their readers")
    for name in ("store/books", "store/nights", "store/policies", "history"):
        print(f"{name:14} {_megabytes(out / name)}")
    found = verifying.verify(out)
    print(f"verify   {_seconds(lambda: verifying.verify(out)):.2f} s: {found.nights} nights, {found.swept} links, "
          f"{found.files} files, {len(found.broken)} broken")  # fmt: skip
    gone: list[Forgotten] = []
    words = resources.words("en")
    took = _seconds(lambda: gone.append(forgetting.forget(out, CUSTOMER, "?", FIRST, words).record))
    print(
        f"forget   {took:.1f} s: {len(gone[0].entries)} entries, {len(gone[0].snapshots)} snapshots, the last night's files"
    )
    print(f"verify   {len(verifying.verify(out).broken)} broken afterwards")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
