"""Measure what the README claims: `python -m benchmarks.run [measure …]`, all of `MEASURES` by default.

Each pair is run in turn, so that whatever else the machine does strikes both; the quickest of the rounds counts.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import gc
import io
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import python_calamine
from rich.console import Console
from rich.table import Table
from xlsxwriter import Workbook

from benchmarks import accounts, books, obvious
from kam_xl import nightly, resources, worksheet
from kam_xl.core import (
    assessment,
    consolidation,
    goals,
    health,
    indicators,
    planning,
    quality,
    risk,
    scoring,
    service,
    sheets,
    tiering,
    validation,
    whitespace,
)
from kam_xl.core.indicator_view import IndicatorView
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.portfolio import Portfolio
from kam_xl.doors import libreoffice, udfs
from kam_xl.hosts import isolation, workbooks
from kam_xl.reports import master
from kam_xl.reports.run import Run

OUT = Path(__file__).parent / "out"
BOOKS, CUSTOMERS, ROUNDS = 200, 500, 3
TABLE_ROWS, CELLS = 100_000, 10_000
LOGGED, CONTACTS, DEALS = 200_000, 60_000, 20_000
TEMPLATE = Path(__file__).parents[1] / "workbook" / "KAM_Template.xlsm"
TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 2, 0)
POLICY, WORDS = resources.policy(), resources.words("zh-CN")


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def paired(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """The quickest of `rounds` of each, run in turn."""
    pairs = [(timed(theirs), timed(ours)) for _ in range(rounds)]
    return min(pair[1] for pair in pairs), min(pair[0] for pair in pairs)


def team_books() -> list[Path]:
    """The 200 workbooks of 500 customers, made once."""
    return books.make(OUT / f"books_{BOOKS}x{CUSTOMERS}", BOOKS, CUSTOMERS)


def read(results: list[tuple]) -> None:
    """(a) Reading, validating and scoring in one process, against calamine's bare read of the same files."""
    paths = team_books()

    def bare() -> None:
        for path in paths:
            with python_calamine.load_workbook(io.BytesIO(path.read_bytes())) as book:
                for name in book.sheet_names:
                    book.get_sheet_by_name(name).to_python()

    def ours() -> None:
        for path in paths:
            team = validation.validate(workbooks.read(path.parent, path.name), POLICY, TODAY)
            marks = team.tables["evaluation"].rows
            tiering.tiers(scoring.composite(*(marks[name] for name in DIMENSIONS), POLICY.weights), POLICY)

    took, floor = paired(ours, bare)
    results.append(
        (
            "a  read + validate + score / bare calamine",
            f"{took:.1f} s",
            f"{floor:.1f} s",
            f"{took / floor:.1f}×",
            "≤ 2×",
        )
    )


def whole(results: list[tuple]) -> None:
    """(b) The whole run against the obvious script, on the same files."""
    folder = team_books()[0].parent
    with tempfile.TemporaryDirectory() as out:
        took, theirs = paired(
            lambda: nightly.run(nightly.Job(folder, Path(out) / "ours"), NOW),
            lambda: obvious.consolidate(folder, Path(out) / "obvious.xlsx"),
            rounds=1,
        )
        steps = json.loads((Path(out) / "ours" / nightly.RECORD).read_text("utf-8"))["seconds"]
    results.append(
        ("b  whole run / pandas + openpyxl", f"{took:.1f} s", f"{theirs:.1f} s", f"{theirs / took:.1f}× faster", "≥ 8×")
    )
    results.extend((f"   … {step}", f"{seconds:.1f} s", "", "", "") for step, seconds in steps.items())
    without = theirs / (took - steps["write"])
    results.append(
        ("   … all but our writing / the whole of theirs", f"{took - steps['write']:.1f} s", "", f"{without:.1f}×", "")
    )


def workers(results: list[tuple]) -> None:
    """(c) Reading and validating with two workers against one."""
    paths = team_books()
    names = tuple(path.name for path in paths)
    order = isolation.Order(paths[0].parent)

    def reading(count: int) -> Callable[[], None]:
        def work() -> None:
            with isolation.executor(count, None, WORDS) as executor:
                for _ in isolation.read_all(order, names, executor):
                    pass

        return work

    two, one = paired(reading(2), reading(1))
    results.append(("c  two workers / one", f"{two:.1f} s", f"{one:.1f} s", f"{one / two:.2f}× faster", "≥ 1.7×"))


def memory(results: list[tuple]) -> None:
    """(d) Peak memory of the job's own process and of its largest child, over a whole run in a fresh process."""
    folder = team_books()[0].parent
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "batch.py", "run", str(folder), "--out", out, "--workers", "2"]
        job = psutil.Popen(command, cwd=Path(__file__).parents[1])
        own = child = 0
        while job.poll() is None:
            try:
                own = max(own, job.memory_info().rss)
                child = max([child, *(process.memory_info().rss for process in job.children())])
            except psutil.NoSuchProcess:
                pass
            time.sleep(0.05)
    results.append(
        ("d  peak memory: job / largest reader", f"{own / 2**20:,.0f} MiB", f"{child / 2**20:,.0f} MiB", "", "")
    )


def write(results: list[tuple]) -> None:
    """(e) A master of 50,000 customers, against XlsxWriter writing the very same cells without any of the rest."""
    team_paths = books.make(OUT / "books_10x5556", 10, 5556)  # one customer in ten is shared: 50,010 customers
    teams = [validation.validate(workbooks.read(path.parent, path.name), POLICY, TODAY) for path in team_paths]
    assessed = assessment.assess(consolidation.consolidate(teams, POLICY), POLICY, TODAY, WORDS)
    facts = Run(NOW, "teams", "../teams", "1", "1", "zh-CN", 1, {})
    with tempfile.TemporaryDirectory() as out:
        path = Path(out) / "master.xlsx"
        master.write(path, assessed, facts)
        with python_calamine.load_workbook(path) as book:
            written = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        count = sum(len(rows) * len(rows[0]) for rows in written if rows)

        def bare() -> None:
            with Workbook(Path(out) / "bare.xlsx", {"constant_memory": True}) as book:
                for rows in written:
                    sheet = book.add_worksheet()
                    for number, row in enumerate(rows):
                        for column, cell in enumerate(row):
                            if cell != "":
                                (sheet.write_string if isinstance(cell, str) else sheet.write)(number, column, cell)

        took, floor = paired(lambda: master.write(path, assessed, facts), bare)
    name = f"e  master of {len(assessed.customers):,} customers ({count / 1e6:.1f} M cells) / bare XlsxWriter"
    results.append((name, f"{took:.1f} s", f"{floor:.1f} s", f"{took / floor:.2f}×", "≤ 0.5×"))


def table(results: list[tuple]) -> None:
    """(f) KAM_SCORES over 100,000 rows as a host hands them over, against the bare numpy expression on ready columns."""
    marks = np.random.default_rng(7).integers(0, 101, (TABLE_ROWS, len(DIMENSIONS))).astype(float)
    header = tuple(sheets.header(field, "zh-CN") for field in ("customer_id", *DIMENSIONS))
    rows = (header, *((f"C{number:06}", *map(float, row)) for number, row in enumerate(marks)))
    weights = np.array([getattr(POLICY.weights, key) for key in DIMENSIONS])

    def bare() -> None:
        np.floor(marks @ weights * 10 + 0.5 + 1e-9) / 10

    took, floor = paired(lambda: udfs.call("KAM_SCORES", (rows,)), bare)
    unpacked = min(timed(lambda: np.array([row[1:] for row in rows[1:]])) for _ in range(ROUNDS))
    results.extend([
        (f"f  KAM_SCORES over {TABLE_ROWS:,} rows / the bare numpy expression", f"{took * 1000:,.0f} ms",
         f"{floor * 1000:,.1f} ms", f"{took / floor:,.0f}×", ""),
        ("   … of which the host's rows into numbers, with numpy alone", f"{unpacked * 1000:,.0f} ms", "", "", ""),
    ])  # fmt: skip


def cells(results: list[tuple]) -> None:
    """(g) Single cells recalculated in LibreOffice, and where their time goes."""
    asked = [(number % 101, number % 97, number % 89 + number / 1e5) for number in range(CELLS)]
    with libreoffice.start() as office:
        book = office.open(TEMPLATE)
        assert not office.said, office.said
        sheet = book.sheets.add("bench")
        sheet["A1"].value = asked
        column = sheet["E1"].resize(CELLS, 1)

        def calculated(formula: str) -> float:
            column.formula = [[formula.format(row=row)] for row in range(1, CELLS + 1)]
            return min(timed(recalculated) for _ in range(ROUNDS))

        def recalculated() -> None:
            worksheet._remembered.cache_clear()  # every cell asks anew
            book.api.calculateAll()

        ours = calculated("=KAM_SCORE(A{row},B{row},C{row})")
        way = calculated("=KAM_VERSION()")
        native = calculated("=ROUND(0.5*A{row}+0.3*B{row}+0.2*C{row},1)")
    worksheet._remembered.cache_clear()
    python = timed(lambda: [udfs.call("KAM_SCORE", tuple(map(float, marks))) for marks in asked])
    results.extend([
        (f"g  {CELLS:,} cells =KAM_SCORE(…) / the same as a plain formula", f"{ours:.1f} s", f"{native:.2f} s",
         f"{ours / CELLS * 1000:.2f} ms a cell", ""),
        ("   … the way from Basic to Python and back (=KAM_VERSION())", f"{way:.1f} s", "", "", ""),
        ("   … our rule in Python, every argument new", f"{python:.1f} s", "", "", ""),
    ])  # fmt: skip


def account(results: list[tuple]) -> None:
    """(h) The account model over 50,000 customers with 200,000 log rows, part by part, against scoring alone.

    The portfolio is consolidated before the clock starts; seconds are the processor's, so that parts compare even on a
    busy machine. Memory is what the process held at its peak beyond what it held when the part began.
    """
    paths = books.make(OUT / "books_10x5556", 10, 5556)
    teams = [validation.validate(workbooks.read(path.parent, path.name), POLICY, TODAY) for path in paths]
    portfolio = consolidation.consolidate(teams, POLICY)
    portfolio = accounts.with_sheets(portfolio, TODAY, LOGGED, CONTACTS, DEALS)
    whole = assessment.assess(portfolio, POLICY, NOW, WORDS)  # also warms what is read once
    night, moment = pd.Timestamp(TODAY), pd.Timestamp(NOW)
    customers, evaluations = whole.customers, whole.evaluations
    view = risk.View(
        portfolio, customers, evaluations, POLICY, night, WORDS, None, whole.cases, whole.repeats, whole.roles
    )
    bare = portfolio.customers.join(evaluations[evaluations["current"]].set_index("customer_id")["computed_tier"],
                                    on="customer_id")  # fmt: skip
    parts: dict[str, Callable[[], object]] = {
        "scoring and tiers": lambda: _scored(portfolio),
        "service: clocks, repeats, surveys": lambda: (
            service.cases(portfolio.service, customers, POLICY, moment),
            service.repeats(portfolio.service, POLICY, moment),
            service.voice(portfolio.service, customers["customer_id"], POLICY, moment),
        ),
        "health": lambda: health.assess(customers, portfolio, POLICY, moment),
        "risk: all rules": lambda: risk.scan(view),
        "plan: visits, actions, cross-selling": lambda: (
            planning.plan(bare, portfolio, POLICY, night, "zh-CN"),
            planning.calendar(customers, whole.risks, portfolio, POLICY, night, WORDS),
            planning.actions(whole.risks, view),
            whitespace.proposals(customers, portfolio.renewals, POLICY),
        ),
        "indicators, goals, data quality": lambda: (
            indicators.measure(IndicatorView(portfolio, customers, whole.cases, POLICY, night, WORDS, {})),
            goals.check(portfolio, POLICY),
            quality.score(portfolio, customers, None, POLICY),
            quality.sample(portfolio, POLICY, TODAY),
        ),
        "the whole assessment": lambda: assessment.assess(portfolio, POLICY, NOW, WORDS),
    }
    alone = None
    for name, work in parts.items():
        took = min(_processor_seconds(work) for _ in range(ROUNDS))
        alone = alone or took
        label = f"h  {len(customers):,} customers, {LOGGED:,} log rows: {name}" if took is alone else f"   … {name}"
        results.append((label, f"{took:.2f} s", f"{_peak(work):,.0f} MiB", f"{took / alone:,.1f} × scoring", ""))


def _scored(portfolio: Portfolio) -> tuple[pd.Series, pd.Series, pd.Series]:
    """What a night without the account model computes of each evaluation: score, tier, verdict."""
    filled = scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, POLICY)
    score = scoring.composite(*(filled[name] for name in DIMENSIONS), POLICY.weights)
    tier = tiering.tiers(score, POLICY)
    return score, tier, scoring.verdicts(score, tier, filled["composite"], filled["tier"])


def _processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _peak(work: Callable[[], object]) -> float:
    """MiB the process grew to beyond what it held before, while one call ran."""
    gc.collect()
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)  # glibc keeps what was freed; else it would hide the growth
    process, done, most = psutil.Process(), threading.Event(), [0]
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.005):
            most.append(process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    made = work()  # kept until the watch ends
    done.set()
    watching.join()
    del made
    return max(0, max(most) - before) / 2**20


MEASURES = {work.__name__: work for work in (read, whole, workers, memory, write, table, cells, account)}


def main(chosen: list[str]) -> None:
    """Run the chosen measures and print one table."""
    console = Console(width=140)
    shown = Table(
        "measure", "ours", "against", "result", "aim", title=f"{BOOKS} workbooks × {CUSTOMERS} customers × 3 sheets"
    )
    for name in chosen or MEASURES:
        results: list[tuple] = []
        console.print(f"measuring: {name} …")
        MEASURES[name](results)
        for row in results:
            shown.add_row(*row)
    console.print(shown)


if __name__ == "__main__":
    main(sys.argv[1:])
