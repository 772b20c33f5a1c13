"""The wheel holds all that runs; a desk works with what it asks for and nothing else, and says what the night needs besides."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import kam_xl
from kam_xl import resources
from tests.commands import COMMANDS

PROJECT = Path(kam_xl.__file__).parents[1]
ASKED = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
#: What leans on a package that only the night has.
OF_THE_NIGHT = {"kam_xl.nightly", "kam_xl.doors.ledger", "kam_xl.doors.night", "kam_xl.doors.reasons", "kam_xl.doors.review",
                "kam_xl.doors.trying", "kam_xl.hosts.amending", "kam_xl.hosts.archives", "kam_xl.hosts.arrow_books", "kam_xl.hosts.arrow_frames",
                "kam_xl.hosts.memory", "kam_xl.hosts.parquet_files", "kam_xl.hosts.parquet_tables", "kam_xl.hosts.snapshots", "kam_xl.reports.calendars"}  # fmt: skip
ON_A_MAC = 'import platform, sys\nif sys.orig_argv[1].endswith("kam-xl"):\n    platform.system = lambda: "Darwin"\n'
IMPORTS = """
import importlib, json, pkgutil, kam_xl
failed = {}
def note(name):
    try: importlib.import_module(name)
    except ImportError as error: failed[name] = error.name
for found in pkgutil.walk_packages(kam_xl.__path__, "kam_xl.", onerror=note):
    note(found.name)
print(json.dumps(failed))
"""
pytestmark = [
    pytest.mark.programs,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the world made here has Unix's paths"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, PROJECT], check=True)
    (built,) = folder.iterdir()
    return built


def test_it_holds_every_file_of_the_package_the_functions_and_the_workbooks(wheel):
    with zipfile.ZipFile(wheel) as opened:
        held = {name: opened.read(name) for name in opened.namelist() if ".dist-info/" not in name}
    package = {path for path in (PROJECT / "kam_xl").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    data = f"kam_xl-{kam_xl.__version__}.data/data/share/kam_xl"

    assert held == {
        **{path.relative_to(PROJECT).as_posix(): path.read_bytes() for path in package},
        "udfs.py": (PROJECT / "udfs.py").read_bytes(),
        **{f"{data}/{path.name}": path.read_bytes() for path in (PROJECT / "workbook").glob("*.xls?")},
    }


def closure(requirements):
    """Every package that requirements bring here, as it is installed."""
    found, todo = {}, list(map(Requirement, requirements))
    while todo:
        one = todo.pop()
        if one.name in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found[one.name] = metadata.distribution(one.name)
        todo += map(Requirement, found[one.name].requires or ())
    return found.values()


@pytest.fixture(scope="module")
def desk(wheel, tmp_path_factory):
    """A Python that has the wheel, and of what is installed here only what the wheel asks for."""
    folder = tmp_path_factory.mktemp("desk")
    python = folder / "python" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "python"], check=True)
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, wheel], check=True)
    (site,) = (folder / "python").glob("lib/python*/site-packages")
    for one in closure(ASKED["dependencies"]):
        for name in {file.parts[0] for file in one.files} - {".."}:
            if not (site / name).exists():
                (site / name).symlink_to(Path(one.locate_file(name)))
    (folder / "home").mkdir()
    return python


def asked(desk, *arguments, darwin=False):
    """What a program of the desk answers, away from the checkout: exit code, screen, what went wrong."""
    home = desk.parents[2] / "home"
    (home / "site").mkdir(exist_ok=True)
    (home / "site" / "sitecustomize.py").write_text(ON_A_MAC if darwin else "")
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(home / "site"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [desk.parent / arguments[0], *arguments[1:]],
        cwd=home,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_every_room_of_the_desk_is_there(desk):
    code, told, wrong = asked(desk, "python", "-c", IMPORTS)

    assert (code, wrong) == (0, "")
    failed = json.loads(told)
    assert {name for name in failed if not name.startswith("kam_xl.nightly.")} == OF_THE_NIGHT


def test_functions_answer_under_the_name_that_workbooks_know(desk):
    told = asked(
        desk, "python", "-c", "import udfs; print(udfs.call('KAM_SCORE', [90, 80, 70]), udfs.call('KAM_VERSION', []))"
    )

    assert told == (0, f"83.0 {kam_xl.__version__}\n", "")


def test_the_command_tells_its_commands_what_it_would_install_and_what_is_wrong_in_a_workbook(desk):
    code, told, _ = asked(desk, "kam-xl", "--help")
    assert (code, [name for name in COMMANDS if name not in told]) == (0, [])

    code, told, wrong = asked(desk, "kam-xl", "install", "--dry-run", darwin=True)
    assert (code, len(told.splitlines()), wrong) == (0, 10, "")

    template = desk.parents[1] / "share" / "kam_xl" / "KAM_Template.xlsm"
    code, told, wrong = asked(desk, "kam-xl", "check", str(template))
    assert (code, wrong) == (1, "")
    assert "客户多维度分层评估表" in told


@pytest.mark.parametrize(
    ("lang", "command"), [("zh-CN", ("run", ".")), ("en", ("schedule", ".")), ("zh-CN", ("demo",)), ("en", ("notify",))]
)
def test_the_night_says_in_one_sentence_what_to_install(desk, lang, command):
    code, told, wrong = asked(desk, "kam-xl", *command, "--lang", lang)

    sentences = {resources.words(lang)("job.not_on_a_desk", package=name) for name in ("icalendar", "pyarrow")}
    assert (code, told) == (2, "")
    assert wrong.strip() in sentences
