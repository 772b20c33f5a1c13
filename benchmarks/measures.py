"""The measures: each takes a size and tells, line by line, what ours took and what the other took."""

from __future__ import annotations

import datetime as dt
import functools
import io
import operator
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import python_calamine
from xlsxwriter import Workbook
from xlwings import Book

from benchmarks import accounts, books, clock, sold
from kam_xl import nightly, resources, worksheet
from kam_xl.core import assessment, attribution, baskets, consolidation, judging, scoring, sheets, tiering, validation
from kam_xl.core import customers as merging
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.stacking import letters_of, stacked
from kam_xl.core.validation import TeamBook
from kam_xl.doors import libreoffice, udfs
from kam_xl.hosts import workbooks

OUT = Path(__file__).parent / "out"
#: The first night of a measured folder, and those after it.
NIGHTS = tuple(dt.datetime(2026, 11, day, 2) for day in (21, 22, 23))
POLICY, WORDS = resources.policy(), resources.words("zh-CN")
TODAY = NIGHTS[0].date()
TABLE_ROWS, CELLS = 100_000, 10_000
LEAST = 0.2  # µs a customer from which a group of rules is told
TEMPLATE = clock.ROOT / "workbook" / "KAM_Template.xlsm"

#: (key of `LINES`, ours, theirs or None)
Found = Iterator[tuple[str, float, float | None]]


@dataclass(frozen=True)
class Size:
    """How much is measured: workbooks, customers in each, workbooks of the large master, rounds of a pair."""

    books: int
    customers: int
    large: int
    rounds: int

    def paths(self, count: int | None = None) -> list[Path]:
        """The workbooks, made once."""
        count = self.books if count is None else count
        return books.make(OUT / f"books_{count}x{self.customers}", count, self.customers)


FULL, QUICK = Size(200, 500, 111, 3), Size(20, 100, 20, 2)  # 111 workbooks: 50,000 customers


def _read(path: Path) -> TeamBook:
    return validation.validate(workbooks.read(path.parent, path.name), POLICY, TODAY)


def reading(size: Size) -> Found:
    """Reading, validating and scoring in one process, against calamine's bare read of the same files."""
    paths = size.paths()

    def bare() -> None:
        for path in paths:
            with python_calamine.load_workbook(io.BytesIO(path.read_bytes())) as book:
                for name in book.sheet_names:
                    book.get_sheet_by_name(name).to_python()

    def ours() -> None:
        for path in paths:
            marks = _read(path).tables["evaluation"].rows
            tiering.tiers(scoring.composite(*(marks[name] for name in DIMENSIONS), POLICY.weights), POLICY)

    ours()  # what is made once is made now
    yield ("read", *clock.paired(ours, bare, size.rounds))


def nights(size: Size) -> Found:
    """Three nights of one folder, the first against the plain script in turn, the others against the first."""
    with tempfile.TemporaryDirectory(dir=OUT) as temporary:
        folder, out = Path(temporary, "teams"), Path(temporary, "out")
        shutil.copytree(size.paths()[0].parent, folder)
        pairs = [_pair(folder, out) for _ in range(_TURNS)]
        script = min(seconds for seconds, _ in pairs)
        first = min((took for _, took in pairs), key=operator.itemgetter("whole"))
        same, few = _others(folder, out, size)
        yield from _first(first, script)
        yield "few.read", few["read"], first["read"]
        yield "few", few["whole"], first["whole"]
        yield "same", same["whole"], first["whole"]
        yield "memory", first["job MiB"], None
        yield "memory.few", few["job MiB"], first["job MiB"]
        yield "memory.reader", first["reader MiB"], None
        yield "out", _bytes(out) / 1e6, None
        yield "store", _bytes(out / "store") / 1e6, None


def ordered_nights(size: Size) -> Found:
    """A first night of the large master's workbooks with a million lines of orders beside them, or a tenth, against one without."""
    count, paths = (1_000_000 if size is FULL else 40_000), size.paths(size.large)
    with tempfile.TemporaryDirectory(dir=OUT) as temporary:
        took = []
        for name, rows in (("without", 0), ("with", count)):
            folder, out = Path(temporary, name), Path(temporary, f"{name}.out")
            sold.beside(paths, folder, size.customers, rows)
            took.append(_night(folder, out, NIGHTS[0]))
        without, sold_night = took
        yield "sold", sold_night["whole"], without["whole"]
        for key, name in _STEPS.items():
            yield f"sold.{key}", sold_night[name], without[name]
        yield "sold.memory", sold_night["job MiB"], without["job MiB"]


#: Key of a step's line → its name in what a night tells.
_STEPS = {"read": "read", "consolidate": "consolidate", "assess": "assess",
          "master": f"write {nightly.MASTER}", "teams": f"write {nightly.TEAMS}"}  # fmt: skip


#: A whole night and the script take a minute or two each, in which the machine changes its pace by a tenth.
_TURNS = 2


def _pair(folder: Path, out: Path) -> tuple[float, dict[str, float]]:
    """What the plain script took, and what a first night took by step."""
    script = clock.python("-m", "benchmarks.obvious", folder, out.with_suffix(".xlsx"))
    shutil.rmtree(out, ignore_errors=True)
    return script.seconds, _night(folder, out, NIGHTS[0])


def _others(folder: Path, out: Path, size: Size) -> Iterator[dict[str, float]]:
    """What the nights after took by step: one with nothing changed, one with a workbook in twenty changed."""
    yield _night(folder, out, NIGHTS[1])
    books.change(sorted(folder.iterdir())[::20], size.customers)
    yield _night(folder, out, NIGHTS[2])


def _night(folder: Path, out: Path, moment: dt.datetime) -> dict[str, float]:
    return clock.steps(["-m", "benchmarks.night", folder, out, moment.isoformat()])


def _first(took: dict[str, float], script: float) -> Found:
    yield "night", took["whole"], script
    for key, name in _STEPS.items():
        yield f"night.{key}", took[name], None
    yield "night.rest", took["whole"] - sum(took[name] for name in _STEPS.values()), None


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def writing(size: Size) -> Found:
    """The master of a large portfolio and one team's workbook, against XlsxWriter writing the very same cells."""
    folder = size.paths(size.large)[0].parent
    with tempfile.TemporaryDirectory(dir=OUT) as temporary:
        out = Path(temporary, "out")
        took = clock.steps(["-m", "benchmarks.night", folder, out, NIGHTS[0].isoformat()])
        master = out / nightly.MASTER
        teams = sorted((out / nightly.TEAMS).iterdir())
        yield "master", took[f"write {nightly.MASTER}"], _barely(master)
        yield "master.size", master.stat().st_size / 1e6, None
        yield "master.opened", _opened(master), None
        yield "team", took[f"write {nightly.TEAMS}"] / len(teams), _barely(teams[0])


def _barely(path: Path) -> float:
    """Processor seconds of XlsxWriter writing the cells of a workbook and nothing else."""
    with python_calamine.load_workbook(path) as book:
        written = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]

    def bare() -> None:
        with Workbook(path.with_suffix(".bare"), {"constant_memory": True, "nan_inf_to_errors": True}) as book:
            for rows in written:
                sheet = book.add_worksheet()
                for number, row in enumerate(rows):
                    for column, cell in enumerate(row):
                        if cell != "":
                            (sheet.write_string if isinstance(cell, str) else sheet.write)(number, column, cell)

    return clock.processor_seconds(bare)


def _opened(path: Path) -> float:
    """Processor seconds in which LibreOffice opens a workbook and saves its first sheet as text; its own start is not counted."""
    office = shutil.which("soffice")
    assert office, "LibreOffice is not installed"
    with tempfile.TemporaryDirectory() as temporary:
        settings = f"-env:UserInstallation={Path(temporary, 'settings').as_uri()}"
        empty = Path(temporary, "empty.xlsx")
        with Workbook(empty) as book:
            book.add_worksheet().write_string(0, 0, "empty")
        common = (office, settings, "--headless", "--convert-to", "csv", "--outdir", temporary)
        _, start, whole = (clock.process(*common, one).seconds for one in (empty, empty, path))
        assert Path(temporary, path.stem).with_suffix(".csv").stat().st_size
        return whole - start


def rules(size: Size) -> Found:
    """Consolidation and rules step by step, by the customer, with a service log, contacts and deals; and the sums of it in SQL."""
    teams = [_read(path) for path in size.paths()]
    yield ("sums", *_sums(teams, size.rounds))
    _assessed(teams[:1], clock.Parts())  # what is made once is made now
    parts = clock.Parts()
    customers = _assessed(teams, parts)
    yield "rules", parts.whole / customers * 1e6, None
    for name, seconds in sorted(parts.seconds.items(), key=operator.itemgetter(1), reverse=True):
        if (each := seconds / customers * 1e6) >= LEAST:
            yield f"rules.{name}", each, None


def _assessed(teams: list[TeamBook], parts: clock.Parts) -> int:
    """How many customers were assessed, in all parts, those too that are computed when they are first asked for."""
    with parts.of(consolidation, attribution):
        portfolio = consolidation.consolidate(teams, POLICY)
    count = len(portfolio.customers)
    rich = accounts.with_sheets(portfolio, TODAY, 2 * count, count, count // 2)
    with parts.of(assessment, judging):
        assessed = assessment.assess(rich, POLICY, NIGHTS[0], WORDS)
        for name, part in vars(assessment.Assessment).items():
            if isinstance(part, functools.cached_property):
                getattr(assessed, name)
    return count


def _sums(teams: list[TeamBook], rounds: int) -> tuple[float, float]:
    """One row a customer: ours with every value's origin, DuckDB's with the sums alone."""
    rows = stacked(teams, "info")
    records = merging.in_order(rows[rows["customer_id"].notna()])
    letters = letters_of(teams)
    plain = records[["customer_id", "name", "since", "last_deal", "amount", "team"]]
    query = """select customer_id, first(name), min(since), max(last_deal), sum(amount), count(amount), string_agg(team)
               from plain group by customer_id"""
    base = duckdb.connect(config={"threads": 1})
    base.register("plain", plain)
    return clock.paired(
        lambda: merging.merged(records, records[:0], POLICY, letters), lambda: base.execute(query).fetchall(), rounds
    )


def ordered(size: Size) -> Found:
    """A million lines of orders, or a tenth, to all figures of their customers, against DuckDB doing the sums of it; and its memory."""
    count, customers = (1_000_000, 50_000) if size is FULL else (100_000, 5_000)
    with tempfile.TemporaryDirectory(
        dir=OUT
    ) as temporary:  # a process is told the peak of the one that began it, if higher
        file = Path(temporary, "orders.pickle")
        clock.python("-m", "benchmarks.sold", file, "make", count, customers)
        bare, whole, other = (clock.python("-m", "benchmarks.sold", file, how).mib for how in ("read", "ours", "sql"))
    rows = sold.lines(count, customers)
    yield ("orders", *clock.paired(lambda: sold.ours(rows), lambda: sold.sql(rows), size.rounds))
    yield "orders.together", clock.processor_seconds(lambda: baskets.bought_together(rows, POLICY.orders)), None
    yield "orders.memory", whole - bare, other - bare


def columns(size: Size) -> Found:
    """KAM_SCORES over 100,000 rows as a host hands them over, against the bare numpy expression on ready columns."""
    marks = np.random.default_rng(7).integers(0, 101, (TABLE_ROWS, len(DIMENSIONS))).astype(float)
    header = tuple(sheets.header(field, "zh-CN") for field in ("customer_id", *DIMENSIONS))
    rows = (header, *((f"C{number:06}", *map(float, row)) for number, row in enumerate(marks)))
    weights = np.array([getattr(POLICY.weights, key) for key in DIMENSIONS])
    ours, bare = clock.paired(
        lambda: udfs.call("KAM_SCORES", (rows,)), lambda: np.floor(marks @ weights * 10 + 0.5 + 1e-9) / 10, size.rounds
    )
    yield "columns", ours * 1000, bare * 1000


def cells(size: Size) -> Found:
    """Single cells recalculated in LibreOffice, against the same as a plain formula of its own."""
    asked = [(number % 101, number % 97, number % 89 + number / 1e5) for number in range(CELLS)]
    with libreoffice.start() as office:
        book = office.open(TEMPLATE)
        assert not office.said, office.said
        sheet = book.sheets.add("bench")
        sheet["A1"].value = asked
        column = sheet["E1"].resize(CELLS, 1)

        def calculated(formula: str) -> float:
            column.formula = [[formula.format(row=row)] for row in range(1, CELLS + 1)]
            return min(_waited(book) for _ in range(size.rounds))

        ours = calculated("=KAM_SCORE(A{row},B{row},C{row})")
        yield "cells", ours, calculated("=ROUND(0.5*A{row}+0.3*B{row}+0.2*C{row},1)")
        yield "cells.way", calculated("=KAM_VERSION()"), None
    worksheet._remembered.cache_clear()
    yield (
        "cells.rule",
        clock.processor_seconds(lambda: [udfs.call("KAM_SCORE", (*map(float, one),)) for one in asked]),
        None,
    )


def _waited(book: Book) -> float:
    """Seconds on the clock of one recalculation in which every cell asks anew: LibreOffice is a process of its own."""
    worksheet._remembered.cache_clear()
    started = time.perf_counter()
    book.api.calculateAll()
    return time.perf_counter() - started


def desk(size: Size) -> Found:
    """What somebody waits for at a desk: the functions of a workbook, the command's help, one workbook checked."""

    def least(*command: object) -> float:
        return min(clock.python(*command).seconds for _ in range(size.rounds))

    yield "import", least("-c", "import udfs"), least("-c", "import pandas, xlwings")
    yield "help", least("-m", "kam_xl", "--help"), least("-c", "pass")
    book = books.make(OUT / "books_1x500", 1, 500)[0]
    yield "check", least("-m", "kam_xl", "check", book), None


MEASURES: dict[str, Callable[[Size], Found]] = {
    one.__name__: one for one in (reading, nights, ordered_nights, writing, rules, ordered, columns, cells, desk)
}
