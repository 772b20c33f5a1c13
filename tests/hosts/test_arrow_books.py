"""A workbook as read is the same after it was packed and unpacked, anybody can read it, and every damage is seen."""

import ast
import dataclasses
import datetime as dt
import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import kam_xl
from kam_xl.core import read_books
from kam_xl.core.books import CellError
from kam_xl.core.errors import Refused
from kam_xl.core.read_books import ReadBook
from kam_xl.hosts import arrow_books
from tests.core import one_book
from tests.core.test_read_books import workbook

HOUSE = Path(kam_xl.__file__).parent
EVERYTHING = dataclasses.replace(read_books.read(workbook()), saved=dt.datetime(2026, 11, 20, 10, 30))
NOTHING = read_books.read(
    dataclasses.replace(workbook(), sheets=(one_book.info(one_book.HEAD),))  # a header without a row
)
ODD = read_books.read(
    dataclasses.replace(workbook(), sheets=(one_book.info(one_book.HEAD, ["C001", "\ud800", CellError("#N/A")]),))
)


def same(one: ReadBook, content: arrow_books.Content) -> None:
    assert (content.findings, content.saved, content.refused) == (one.findings, one.saved, None)
    assert len(content.parts) == len(one.parts)
    for was, now in zip(one.parts, content.parts, strict=True):
        pd.testing.assert_frame_equal(was.rows, now.rows)
        assert dataclasses.replace(was, rows=None) == dataclasses.replace(now, rows=None)


@pytest.mark.parametrize("book", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
def test_a_workbook_is_the_same_after_it_was_packed(book: ReadBook) -> None:
    same(book, *arrow_books.unpacked([arrow_books.packed(book)]))


def test_workbooks_unpacked_together_are_as_each_alone() -> None:
    books = [EVERYTHING, NOTHING, EVERYTHING]
    packed = [arrow_books.packed(book) for book in books]
    packed.insert(1, arrow_books.refusal(Refused("no_standard_sheet", "表\ta\tb")))

    first, refused, *rest = arrow_books.unpacked(packed)

    assert refused == arrow_books.Content(refused=("no_standard_sheet", "表\ta\tb"))
    for book, content in zip(books, [first, *rest], strict=True):
        same(book, content)


def test_the_same_workbook_is_the_same_bytes() -> None:
    assert arrow_books.packed(EVERYTHING) == arrow_books.packed(EVERYTHING)


def test_anybody_with_arrow_and_zstandard_can_read_it(tmp_path: Path) -> None:
    (tmp_path / "entry").write_bytes(arrow_books.packed(EVERYTHING))

    with pa.input_stream(tmp_path / "entry", compression="zstd") as stream:
        row = pa.ipc.open_stream(stream.read()).read_all().to_pylist()[0]

    assert [line["name"] for line in row["0 info"]] == [f"name{place}" for place in range(6)]
    assert next(line["composite"] for line in row["1 evaluation"]) == 89.4
    assert json.loads(row["about"])["tables"][0]["sheet"] == "客户基础信息表"


def test_any_byte_that_is_another_is_seen() -> None:
    content = arrow_books.packed(EVERYTHING)
    arrow_books.check(content)
    places = [*range(0, len(content), 97), *range(len(content) - 110, len(content))]

    for place in places:
        other = bytearray(content)
        other[place] ^= 1
        try:
            arrow_books.check(bytes(other))
        except ValueError:
            continue
        kept = arrow_books.unpacked([bytes(other)])  # only what parts the frames means nothing
        same(EVERYTHING, *kept)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"x" * 200, arrow_books.packed(NOTHING)[:-1], arrow_books.packed(NOTHING)[1:]]
)
def test_what_is_not_whole_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match="hash"):
        arrow_books.check(content)


# --- which reader -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package."""
    return shutil.copytree(
        HOUSE, tmp_path_factory.mktemp("house") / "kam_xl", ignore=shutil.ignore_patterns("__pycache__")
    )


def test_the_modules_of_the_reader_are_those_that_reading_loads() -> None:
    code = "import sys, kam_xl.hosts.workbooks, kam_xl.core.read_books, kam_xl.hosts.arrow_books; print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('kam_xl')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HOUSE.parent)

    assert {str(path) for path in arrow_books.modules()} == set(loaded.stdout.split())


@pytest.mark.parametrize(
    "name", ["core/dates.py", "hosts/odd_cells.py", "engines/office_file/packages.py", "hosts/arrow_books.py"]
)
def test_a_reader_that_reads_otherwise_has_another_version(house: Path, name: str) -> None:
    before = arrow_books.reader.__wrapped__(house)
    source = (house / name).read_text("utf-8")
    (house / name).write_text(source + "\n# another\n", "utf-8")

    assert arrow_books.reader.__wrapped__(house) != before

    (house / name).write_text(source, "utf-8")
    assert arrow_books.reader.__wrapped__(house) == before == arrow_books.reader()


@pytest.mark.parametrize(
    "name", ["core/policy.py", "core/doubts.py", "policy.toml", "reports/master.py", "nightly/job.py"]
)
def test_what_reads_nothing_makes_no_other_reader(house: Path, name: str) -> None:
    before = arrow_books.reader.__wrapped__(house)
    source = (house / name).read_text("utf-8")
    (house / name).write_text(source + "\n# another\n", "utf-8")

    assert arrow_books.reader.__wrapped__(house) == before


#: Packages that reading uses for what no version changes: columns, rows, processes, likeness.
_OF_NO_MATTER = {"numpy", "pandas", "pyarrow", "rapidfuzz"}


def test_the_libraries_of_the_reader_are_those_that_its_modules_import() -> None:
    found = set()
    for path in arrow_books.modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    homes = importlib.metadata.packages_distributions()

    others = found - sys.stdlib_module_names - {"kam_xl"} - _OF_NO_MATTER
    assert {homes[name][0] for name in others} == set(arrow_books.LIBRARIES)
