"""The first minute: the commands on a Python that really has no packages, and an installation from it that really runs."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import xlwings

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import install, templates
from kam_xl.doors import cli

PROJECT = Path(cli.__file__).parents[2]
SITE = Path(xlwings.__file__).parents[1]
#: Our own program believes to be on a Mac, where there is Excel; no other one does.
DARWIN = 'import platform, sys\nif "kam_xl" in sys.orig_argv:\n    platform.system = lambda: "Darwin"\n'
SECONDS = 600
each_language = pytest.mark.parametrize("lang", LANGUAGES)
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the Mac that is made up here has Unix's paths")


class World:
    """A home folder, a Python in it that has nothing but itself, and the project as it was fetched."""

    def __init__(self, folder, project=PROJECT, system=DARWIN):
        self.folder, self.project, self.home = folder, project, folder / "home"
        self.python = folder / "bare" / "bin" / "python"
        self.home.mkdir()
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(system)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "bare"], check=True)
        self.env = {
            "HOME": str(self.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(folder / "site"), "LC_ALL": "C.UTF-8",
        }  # fmt: skip

    def ask(self, *arguments, python=None):
        """What the program answers: exit code, lines on the screen, lines of what went wrong."""
        command = [python or self.python, "-m", "kam_xl", *arguments]
        done = subprocess.run(command, cwd=self.project, env=self.env, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)  # fmt: skip
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    def files(self):
        """Everything below the home folder that is not hidden: there other programs keep their own things."""
        paths = (path.relative_to(self.home).as_posix() for path in self.home.rglob("*"))
        return sorted(path for path in paths if not path.startswith("."))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_the_python_here_has_no_packages(world):
    asked = "import importlib.metadata as m; print([one.name for one in m.distributions()])"
    told = subprocess.run([world.python, "-c", asked], env=world.env, capture_output=True, encoding="utf-8", check=True)

    assert told.stdout == "[]\n"


@each_language
@pytest.mark.parametrize("written", ["--lang {}", "--lang={}"])
def test_a_dry_run_tells_every_step_and_does_none(world, lang, written):
    words = resources.words(lang)

    code, lines, wrong = world.ask("install", "--dry-run", *written.format(lang).split())

    assert (code, wrong) == (0, [])
    assert lines[0] == words("desk.would", step=words("desk.step.root", place=world.home / "kam_xl"))
    assert lines[-1] == words("desk.dry_run")
    assert len(lines) == 10
    assert world.files() == []


@each_language
@pytest.mark.parametrize(
    "command", [(), ("--help",), ("doctor",), ("upgrade", "x"), ("open", "x"), ("install", "--help")]
)
def test_what_needs_packages_says_which_are_missing_and_how_to_get_them(world, lang, command):
    code, lines, wrong = world.ask(*command, "--lang", lang)

    assert (code, lines) == (2, [])
    assert wrong == [resources.words(lang)("desk.needs_packages", reason="No module named 'typer'")]
    assert world.files() == []


@each_language
@pytest.mark.parametrize("command", [("run", "teams", "--out", "out"), ("demo",), ("--help",), ("check", "华东.xlsx")])
def test_so_does_the_nightly_job(world, lang, command):
    asked = [world.python, "batch.py", *command, "--lang", lang]
    done = subprocess.run(asked, cwd=PROJECT, env=world.env, capture_output=True, encoding="utf-8", check=False)

    told = resources.words(lang)("desk.needs_packages", reason="No module named 'typer'")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{told}\n")


@each_language
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_where_nothing_is_installed_there_is_nothing_to_take_away(world, lang, options):
    told = resources.words(lang)("desk.not_installed", place=world.home / "kam_xl")

    assert world.ask("uninstall", *options, "--lang", lang) == (2, [], [told])


@each_language
@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--trust",)])
def test_where_there_is_no_excel_it_says_what_to_do_instead(tmp_path, lang, options):
    world = World(tmp_path, system="")
    if sys.platform != "linux":
        pytest.skip("there may be an Excel here")

    told = resources.words(lang)("desk.no_excel_here")

    assert world.ask("install", *options, "--lang", lang) == (2, [], [told])


def test_a_terminal_that_cannot_show_chinese_gets_what_it_can(world):
    world.env |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    code, lines, wrong = world.ask("install", "--dry-run")

    assert (code, len(lines), wrong) == (0, 10, [])


def test_some_packages_are_not_enough_and_it_says_so(world):
    """Somebody else's tool brought typer and rich; nothing else is there."""
    for name in ("typer", "rich", "click", "shellingham", "typing_extensions.py", "pygments", "markdown_it", "mdurl"):
        if (SITE / name).exists():
            (world.folder / "site" / name).symlink_to(SITE / name)

    assert world.ask("install", "--dry-run", "--lang", "en")[0] == 0
    code, _, wrong = world.ask("doctor", "--lang", "en")
    assert (code, len(wrong)) == (2, 1)
    assert "No module named" in wrong[0]


def test_an_older_python_is_told_so_before_anything_it_cannot_read(world):
    """The words are TOML, which Python reads since 3.11."""
    source = Path(cli.__file__).read_text("utf-8")
    ast.parse(source, feature_version=(3, 9))
    (world.folder / "site" / "sitecustomize.py").write_text(
        "import sys\nsys.version_info, sys.version = (3, 9, 6, 'final', 0), '3.9.6 (default)'\nsys.modules['tomllib'] = None\n"
    )

    code, lines, wrong = world.ask("install")

    assert (code, lines, len(wrong)) == (2, [], 2)
    assert all("3.11" in line and "3.9.6" in line for line in wrong)


# --- an installation that really runs ---------------------------------------------------------------------------------


def project(folder):
    """The project, asking for one package only, and beside it an index that answers: wheels that bring what is here."""
    copy = folder / "project"
    for name in ("kam_xl", "workbook"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("udfs.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(PROJECT / name, copy / name)
    asked = f'dependencies = ["xlwings=={xlwings.__version__}"]\n'
    told = (copy / "pyproject.toml").read_text("utf-8")
    (copy / "pyproject.toml").write_text(
        re.sub(r"^dependencies = \[\n.*?^\]\n", asked, told, flags=re.DOTALL | re.MULTILINE)
    )
    brought = ("xlwings.bas", "addin/Dictionary.cls", f"xlwings-{xlwings.__version__}.applescript")
    files = {f"xlwings/{name}": (SITE / "xlwings" / name).read_bytes() for name in brought}
    wheel(folder, "xlwings", xlwings.__version__, files)
    wheel(folder, "hatchling", metadata.version("hatchling"), {})
    return copy


def wheel(folder, name, version, files):
    """A wheel that brings some files, and for the rest leads to what is installed here."""
    listed = f"{name}-{version}.dist-info"
    parts = {
        **files, f"{name}.pth": f"{SITE}\n",
        f"{listed}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{listed}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }  # fmt: skip
    parts[f"{listed}/RECORD"] = "".join(f"{part},,\n" for part in (*parts, f"{listed}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as made:
        for part, text in parts.items():
            made.writestr(part, text)


@pytest.fixture
def fetched(tmp_path):
    """A world in which packages come from one folder."""
    world = World(tmp_path, project(tmp_path))
    world.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    return world


@pytest.mark.slow
def test_what_a_bare_python_installed_works_and_its_own_python_takes_all_of_it_away(fetched):
    words, installed = resources.words("en"), fetched.home / "kam_xl" / "venv" / "bin" / "python"

    code, lines, wrong = fetched.ask("install", "--lang", "en")
    assert (code, wrong) == (0, []), lines
    books = fetched.home / "Documents" / "KAM"
    assert lines[-1] == words("desk.installed", folder=books)
    assert {path.name for path in books.iterdir()} == set(templates.BOOKS)
    code, lines, wrong = fetched.ask("install", "--lang", "en")
    assert (code, lines[-1], wrong) == (0, words("desk.nothing_to_do", folder=books), []), lines

    for python in (fetched.python, installed):  # the bare one hands over
        code, lines, wrong = fetched.ask("doctor", "--lang", "en", python=python)
        assert (code, wrong) == (1, []), lines
        assert [line for line in lines if "wrong" in line and "desktop Excel" not in line] == []

    fetched.project = fetched.home  # nothing of the project is in reach from here
    mine = next((fetched.home / "kam_xl" / "venv").glob("lib/python*/site-packages/kam_xl")) / "华东.xlsx"
    mine.write_text("mine")
    assert (fetched.home / "kam_xl" / "venv" / "share" / "kam_xl" / "KAM_Template.xlsm").exists()
    code, lines, wrong = fetched.ask("uninstall", "--lang", "en", python=installed)
    assert (code, lines[-1], wrong) == (0, words("desk.uninstalled"), [])
    excels = ["Library", "Library/Application Scripts", f"Library/{Path(install.APPLESCRIPTS).relative_to('Library')}"]
    kept = [mine, *mine.parents][: -len(fetched.home.parents) - 1]
    assert fetched.files() == sorted([*excels, *(path.relative_to(fetched.home).as_posix() for path in kept)])

    fetched.project = fetched.folder / "project"
    told = words("desk.not_installed", place=fetched.home / "kam_xl")
    assert fetched.ask("uninstall", "--lang", "en") == (2, [], [told])


@pytest.mark.slow
def test_an_installation_that_broke_off_is_gone_on_with_and_is_taken_away_by_the_bare_python(fetched):
    fetched.env["PIP_FIND_LINKS"] = str(fetched.home)  # where no wheel is
    code, _, wrong = fetched.ask("install", "--lang", "en")
    assert (code, len(wrong)) == (2, 1)
    assert "did not succeed" in wrong[0]

    assert fetched.ask("doctor", "--lang", "en")[0] == 2  # nor does one empty Python ask the other for ever
    code, lines, wrong = fetched.ask("uninstall", "--lang", "en")

    assert (code, wrong) == (0, []), lines
    assert fetched.files() == []
