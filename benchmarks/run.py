"""Measure what the README claims: `python -m benchmarks.run [--quick] [--keep] [measure …]`, all of `MEASURES` by default.

``--quick`` measures a small folder and fails where a ratio passes its guard; ``--keep`` puts the results in `results.json` and the
tables of both READMEs. Each measure has a process of its own: what one leaves in memory would be told as the next one's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console

from benchmarks import tables
from benchmarks.measures import FULL, MEASURES, OUT, QUICK
from benchmarks.results import Result, keep, kept


def main(arguments: list[str]) -> int:
    """Run the chosen measures and print one table; 1 where a guard says no."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("measures", nargs="*", choices=[[], *MEASURES])
    chosen = parser.parse_args(arguments)
    console, results = Console(width=160), []
    OUT.mkdir(exist_ok=True)
    anew = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=anew, max_tasks_per_child=1) as processes:
        for name in chosen.measures or MEASURES:
            console.print(f"measuring: {name} …")
            found = processes.submit(_found, name, quick=chosen.quick).result()
            console.print(tables.printed(found))
            results += found
    if chosen.keep:
        keep(results)
        tables.renew(kept())
    passed = [result for result in results if chosen.quick and result.beyond_guard]
    for result in passed:
        console.print(f"[red]{result.line.en}: {result.ratio:.2f}, and {result.line.guard} is the most[/]")
    return 1 if passed else 0


def _found(name: str, *, quick: bool) -> list[Result]:
    return [Result(*one) for one in MEASURES[name](QUICK if quick else FULL)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
