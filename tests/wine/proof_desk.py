"""A user's Windows from the first command to the last: install, doctor, cells, upgrade, uninstall, and nothing is left."""

from __future__ import annotations

import inspect
import pickle
import shutil
import time
from pathlib import Path

import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import templates
from kam_xl.doors import udfs
from tests.doors import test_udfs
from tests.wine.computer import BARE, LOCALES, Computer, Ran

PLACE = r"AppData\Local\kam_xl"
OFFICE, TRUSTED = r"HKCU\Software\Microsoft\Office", "KAM XL"
MOMENT = 60  # seconds
BOOKS = sorted(templates.BOOKS)
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def files(windows: Computer) -> set[str]:
    """What stands in the user's folder; programs of others keep their own things in Temp."""
    below = (path.relative_to(windows.home).as_posix() for path in windows.home.rglob("*"))
    return {path for path in below if not path.startswith("Temp/")}


def kam(windows: Computer, *arguments: object, lang: str, python: str = "") -> Ran:
    """A command of ours by the installed Python, as the guide has it, or by another one."""
    own = rf"C:\users\{windows.home.name}\{PLACE}\venv\Scripts\python.exe"
    return windows.run(python or own, "-m", "kam_xl", *arguments, "--lang", lang, lang=lang)


@pytest.fixture(scope="module")
def before(windows: Computer) -> set[str]:
    """What stands there before anything of ours."""
    return files(windows)


@pytest.fixture(scope="module")
def installed(windows: Computer, before: set[str]) -> Ran:
    """What a Python without packages said when it was asked to install."""
    return kam(windows, "install", lang="zh-CN", python=BARE)


@each_language
def proof_a_dry_run_tells_the_steps_and_does_none(windows, before, lang):
    ran = kam(windows, "install", "--dry-run", lang=lang, python=BARE)

    assert (ran.code, ran.lines[-1]) == (0, resources.words(lang)("desk.dry_run"))
    assert files(windows) == before


def proof_a_bare_python_installs(windows, installed):
    books = windows.home / "Documents" / "KAM"
    told = rf"C:\users\{windows.home.name}\Documents\KAM"

    assert installed.code == 0, installed.text
    assert installed.lines[-1] == resources.words("zh-CN")("desk.installed", folder=told)
    assert sorted(path.name for path in books.iterdir()) == BOOKS
    assert [*(windows.home / PLACE.replace("\\", "/")).rglob("xlwings*.dll")]


@each_language
def proof_a_second_time_there_is_nothing_to_do(windows, installed, lang):
    ran = kam(windows, "install", lang=lang, python=BARE)

    told = rf"C:\users\{windows.home.name}\Documents\KAM"
    assert (ran.code, ran.lines[-1]) == (0, resources.words(lang)("desk.nothing_to_do", folder=told))


@each_language
def proof_the_doctor_finds_nothing_wrong_but_that_there_is_no_excel(windows, installed, lang):
    ran = kam(windows, "doctor", lang=lang)

    words = resources.words(lang)
    wrong = [line for line in ran.lines if f" {words('doctor.state.bad')} " in line]
    assert (ran.code, len(wrong)) == (1, 1), ran.text
    assert words("doctor.excel.name") in wrong[0]


def _left_out(name: str, arguments: tuple) -> tuple:
    """Arguments as a formula has them: one that may be left out is, where the call has nothing for it."""
    parameters = inspect.signature(udfs.FUNCTIONS[name]).parameters.values()
    none = [one.default is None and cell is None for one, cell in zip(parameters, arguments, strict=False)]
    return tuple("<left out>" if out else cell for out, cell in zip(none, arguments, strict=True))


@pytest.fixture(scope="module")
def asked(windows: Computer, installed: Ran) -> tuple[list, float, float]:
    """Every call of a worksheet function through xlwings' DLL and COM, and the seconds to start and to answer."""
    calls = [(name, _left_out(name, arguments)) for name, arguments in test_udfs.CALLS]
    (windows.c / "calls").write_bytes(pickle.dumps(calls))
    book = rf"C:\users\{windows.home.name}\Documents\KAM\KAM_Template.xlsm"
    python = rf"C:\users\{windows.home.name}\{PLACE}\venv\Scripts\python.exe"
    elsewhere = {"folder": ""}  # the project is not where a workbook lies: what answers is what was installed
    ran = windows.run(python, "-X", "utf8", r"C:\project\cells.py", book, r"C:\calls", r"C:\answers", **elsewhere)
    assert ran.code == 0, ran.text
    return pickle.loads((windows.c / "answers").read_bytes())  # noqa: S301 (written by ourselves)


def proof_a_cell_gets_through_com_what_it_gets_here(asked):
    here = [test_udfs._as_vba_gets_it(udfs.call(name, arguments)) for name, arguments in test_udfs.CALLS]

    told = zip(test_udfs.CALLS, asked[0], here, strict=True)
    assert [(call, there, here) for call, there, here in told if there != here] == []


def proof_every_function_was_asked():
    assert {name for name, _ in test_udfs.CALLS} == set(udfs.FUNCTIONS)


@each_language
def proof_a_team_s_workbook_is_upgraded_once_but_not_while_somebody_has_it_open(windows, installed, lang):
    words, folder = resources.words(lang), windows.c / "teams"
    folder.mkdir()
    shutil.copyfile(windows.c / "project" / "workbook" / BOOKS[0], folder / "华东.xlsm")

    mark = folder / "~$华东.xlsm"
    mark.touch()
    held = kam(windows, "upgrade", r"C:\teams", lang=lang)
    mark.unlink()
    first, second = (kam(windows, "upgrade", r"C:\teams", lang=lang) for _ in range(2))
    shutil.rmtree(folder)

    counts = [{"upgraded": 0, "current": 0, "skipped": 0} | {one: 1} for one in ("skipped", "upgraded", "current")]
    for ran, count in zip((held, first, second), counts, strict=True):
        assert _shown(words("upgrade.done", **count), lang) in ran.text


def _shown(text: str, lang: str) -> str:
    """A text as a console of that language can show it."""
    return text.encode(LOCALES[lang][1], "replace").decode(LOCALES[lang][1])


@pytest.fixture(scope="module")
def taken_away(windows: Computer, installed: Ran) -> tuple[Ran, set[Path]]:
    """What uninstall said, and what was somebody's: a template that was filled in, a workbook among the program's files."""
    assert kam(windows, "install", "--trust", lang="en").code == 0
    assert TRUSTED in windows.run("reg", "query", OFFICE, "/s").text
    filled_in, saved = (
        windows.home / "Documents" / "KAM" / BOOKS[0],
        windows.home / PLACE.replace("\\", "/") / "venv" / "华东.xlsx",
    )
    filled_in.write_bytes(filled_in.read_bytes() + b" ")
    saved.write_text("mine")
    return kam(windows, "uninstall", lang="en"), {filled_in, saved}


def proof_its_own_python_takes_it_away_but_what_is_somebody_s_and_nothing_is_left(windows, before, taken_away):
    ran, mine = taken_away
    assert (ran.code, ran.lines[-1]) == (0, resources.words("en")("desk.uninstalled")), ran.text

    kept = {path for one in mine for path in (one, *one.parents) if windows.home in path.parents}
    left = before | {path.relative_to(windows.home).as_posix() for path in kept}
    until = time.monotonic() + MOMENT
    while files(windows) != left and time.monotonic() < until:  # the Python outside waits for this one to end
        time.sleep(0.5)
    assert files(windows) == left


def proof_no_trusted_place_is_left_nor_anything_to_take_away(windows, taken_away):
    ran = kam(windows, "uninstall", lang="en", python=BARE)

    assert TRUSTED not in windows.run("reg", "query", OFFICE, "/s").text
    told = rf"C:\users\{windows.home.name}\{PLACE}"
    assert (ran.code, ran.lines) == (2, [resources.words("en")("desk.not_installed", place=told)])
