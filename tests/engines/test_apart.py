"""An engine is a package of its own: it runs under any name where nothing else of ours is installed, and names nothing of ours."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kam_xl import engines

FOLDERS = sorted(path.parent for path in Path(engines.__file__).parent.glob("*/__init__.py"))
#: Imports every module of the package `alone` and says how many; whoever asks for the product is told off.
IMPORT_ALL = """
import importlib, pkgutil, sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        assert name.partition(".")[0] not in {"kam_xl", "udfs", "batch", "workbook"}, f"asks for {name}"

sys.meta_path.insert(0, Refusing())
import alone
modules = [found.name for found in pkgutil.walk_packages(alone.__path__, "alone.")]
print(*map(importlib.import_module, modules), sep="\\n")
"""


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request):
    """The folder of one engine."""
    return request.param


def test_it_runs_under_another_name_with_nothing_of_ours_beside_it(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "alone", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{IMPORT_ALL}"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(list(folder.glob("*.py"))) - 1


def test_what_it_imports_is_its_own_or_a_librarys(folder):
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("kam_xl") for alias in node.names), path
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path  # one dot is its own package, two are what lies around it
                assert not (node.module or "").startswith("kam_xl"), path


def test_it_does_not_name_the_product(folder):
    files = [path for path in folder.rglob("*") if path.suffix in {".py", ".md"}]
    assert [path.name for path in files if re.search(r"\bkam", path.read_text("utf-8"), re.IGNORECASE)] == []


def test_it_says_what_it_is_and_how_it_is_tried(folder):
    told = (folder / "README.md").read_text("utf-8")
    assert f"tests/engines/{folder.name}" in told
    assert (Path(__file__).parent / folder.name).is_dir()


@pytest.mark.programs
def test_the_example_of_its_readme_runs(folder, tmp_path):
    """Each README's Python is run as it stands, in a folder of its own, the package under the name it is given there."""
    shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    example = "\n".join(re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text("utf-8"), re.DOTALL))
    assert example
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{example}"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    if not os.environ.get("CI") and re.search("LibreOffice was not found|no module uno", done.stderr):
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr
