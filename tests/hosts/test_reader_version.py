"""Whatever reading leans on makes another version of the reader, and nothing else does."""

import ast
import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kam_xl
from kam_xl.hosts import reader_version

HOUSE = Path(kam_xl.__file__).parent


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package."""
    return shutil.copytree(
        HOUSE, tmp_path_factory.mktemp("house") / "kam_xl", ignore=shutil.ignore_patterns("__pycache__")
    )


def test_the_modules_of_the_reader_are_those_that_reading_loads() -> None:
    code = "import sys, kam_xl.hosts.workbooks, kam_xl.core.read_books, kam_xl.hosts.arrow_books, kam_xl.hosts.parquet_tables; print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('kam_xl')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HOUSE.parent)

    assert {str(path) for path in reader_version.modules()} == set(loaded.stdout.split())


@pytest.mark.parametrize(
    "name", ["core/dates.py", "hosts/odd_cells.py", "engines/office_file/packages.py", "hosts/arrow_books.py"]
)
def test_a_reader_that_reads_otherwise_has_another_version(house: Path, name: str) -> None:
    before = reader_version.current.__wrapped__(house)
    source = (house / name).read_bytes()
    (house / name).write_bytes(source + b"\n# another\n")

    assert reader_version.current.__wrapped__(house) != before

    (house / name).write_bytes(source)
    assert reader_version.current.__wrapped__(house) == before == reader_version.current()


@pytest.mark.parametrize(
    "name", ["core/policy.py", "core/doubts.py", "policy.toml", "reports/master.py", "nightly/job.py"]
)
def test_what_reads_nothing_makes_no_other_reader(house: Path, name: str) -> None:
    before = reader_version.current.__wrapped__(house)
    source = (house / name).read_bytes()
    (house / name).write_bytes(source + b"\n# another\n")

    assert reader_version.current.__wrapped__(house) == before


#: Packages that reading uses for what no version changes: columns, rows, processes, likeness.
_OF_NO_MATTER = {"numpy", "pandas", "rapidfuzz"}


def test_the_libraries_of_the_reader_are_those_that_its_modules_import() -> None:
    found = set()
    for path in reader_version.modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    homes = importlib.metadata.packages_distributions()

    others = found - sys.stdlib_module_names - {"kam_xl"} - _OF_NO_MATTER
    assert {homes[name][0] for name in others} == set(reader_version.LIBRARIES)
