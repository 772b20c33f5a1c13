"""A user's Windows from the first command to the last: install, doctor, cells, upgrade, uninstall, and nothing is left."""

from __future__ import annotations

import inspect
import os
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
from tests.wine.computer import BARE, Computer, Ran

PLACE = r"AppData\Local\kam_xl"
OFFICE, TRUSTED = r"HKCU\Software\Microsoft\Office", "KAM XL"
PATIENCE = 300  # seconds
AT_MOST = 4  # seconds of work; a computer with others at work takes a multiple of what it takes alone
BOOKS = sorted(templates.BOOKS)
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def files(windows: Computer) -> set[str]:
    """What stands in the user's folder; programs of others keep their own things in Temp."""
    below = (
        Path(folder, name).relative_to(windows.home).as_posix()
        for folder, within, files_ in os.walk(windows.home)  # which passes over what is removed meanwhile
        for name in (*within, *files_)
    )
    return {path for path in below if not path.startswith("Temp/")}


def own(windows: Computer) -> str:
    """The installed Python."""
    return rf"C:\users\{windows.home.name}\{PLACE}\venv\Scripts\python.exe"


def kam(windows: Computer, *arguments: object, lang: str, python: str = "") -> Ran:
    """A command of ours: by the installed Python, far from the folder it was fetched as, or by another one there."""
    folder = "project" if python else ""
    return windows.run(python or own(windows), "-m", "kam_xl", *arguments, "--lang", lang, lang=lang, folder=folder)


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


THOUSANDS = {f"a thousand cells of {name}": test_udfs.many(name, 1000) for name in test_udfs.SENTENCES}
#: Where a macro asks for a cell, in batches; the first one has every module imported that the others need.
BATCHES = {
    "every function": test_udfs.CALLS,
    **THOUSANDS,
    "whole columns, handed over whole": [test_udfs.WHOLE_COLUMNS],
}


@pytest.fixture(scope="module")
def asked(windows: Computer, installed: Ran) -> dict[str, tuple[list, float, float]]:
    """Every batch's answers through xlwings' DLL and COM, after how many seconds they were there, and what they cost the server."""
    calls = {name: [(one, _left_out(one, given)) for one, given in batch] for name, batch in BATCHES.items()}
    (windows.c / "calls").write_bytes(pickle.dumps(calls))
    book = rf"C:\users\{windows.home.name}\Documents\KAM\KAM_Template.xlsm"
    program = ("-X", "utf8", r"C:\project\cells.py", book, r"C:\calls", r"C:\answers")
    ran = windows.run(own(windows), *program, folder="")
    assert ran.code == 0, ran.text
    return pickle.loads((windows.c / "answers").read_bytes())  # noqa: S301 (written by ourselves)


@pytest.mark.parametrize("batch", BATCHES)
def proof_a_cell_gets_through_com_what_it_gets_here(asked, batch):
    calls = BATCHES[batch]
    here = [test_udfs._as_vba_gets_it(udfs.call(*call)) for call in calls]

    told = zip(calls, map(test_udfs._as_vba_gets_it, asked[batch][0]), here, strict=True)
    assert [(call[0], there, here) for call, there, here in told if there != here] == []


def proof_a_thousand_cells_cost_little(asked, record_property):
    costs = {batch: (wall, cpu) for batch, (_, wall, cpu) in asked.items()}
    record_property("seconds", costs)

    assert {batch: cpu for batch, (_, cpu) in costs.items() if batch in THOUSANDS and cpu > AT_MOST} == {}


def proof_every_function_was_asked():
    assert {name for name, _ in test_udfs.CALLS} == set(udfs.FUNCTIONS)


def proof_a_team_s_workbook_is_upgraded_once_but_not_while_somebody_has_it_open(windows, installed):
    folder = windows.c / "teams"
    mark, book = folder / "~$华东.xlsm", folder / "华东.xlsm"
    folder.mkdir()
    shutil.copyfile(windows.c / "project" / "workbook" / BOOKS[0], book)
    before = book.read_bytes()

    mark.touch()
    for lang in LANGUAGES:
        told = kam(windows, "upgrade", r"C:\teams", lang=lang).text
        assert _done(lang, skipped=1) in told
        assert book.name in told  # in code page 1252, too
        assert book.read_bytes() == before
    mark.unlink()
    assert _done("zh-CN", upgraded=1) in kam(windows, "upgrade", r"C:\teams", lang="zh-CN").text
    assert _done("en", current=1) in kam(windows, "upgrade", r"C:\teams", lang="en").text
    assert [path.read_bytes() for path in folder.glob(".kam_xl-backup-*/*")] == [before]


def _done(lang: str, **counts: int) -> str:
    return resources.words(lang)("upgrade.done", **{"upgraded": 0, "current": 0, "skipped": 0} | counts)


@pytest.fixture(scope="module")
def taken_away(windows: Computer, installed: Ran) -> tuple[Ran, set[Path]]:
    """What uninstall said, and what was somebody's: a template that was filled in, a workbook among the program's files.

    It is asked again at once, by the Python it was installed with, while what runs is being taken away from outside.
    """
    assert kam(windows, "install", "--trust", lang="en").code == 0
    assert TRUSTED in windows.run("reg", "query", OFFICE, "/s").text
    filled_in, saved = (
        windows.home / "Documents" / "KAM" / BOOKS[0],
        windows.home / PLACE.replace("\\", "/") / "venv" / "华东.xlsx",
    )
    filled_in.write_bytes(filled_in.read_bytes() + b" ")
    saved.write_text("mine")
    ran = kam(windows, "uninstall", lang="en")
    kam(windows, "uninstall", lang="zh-CN", python=BARE)
    return ran, {filled_in, saved}


def proof_its_own_python_takes_it_away_but_what_is_somebody_s_and_nothing_is_left(windows, before, taken_away):
    ran, mine = taken_away
    assert (ran.code, ran.lines[-1]) == (0, resources.words("en")("desk.uninstalled")), ran.text

    kept = {path for one in mine for path in (one, *one.parents) if windows.home in path.parents}
    left = before | {path.relative_to(windows.home).as_posix() for path in kept}
    until = time.monotonic() + PATIENCE
    while files(windows) != left and time.monotonic() < until:
        time.sleep(1)
    assert files(windows) == left


@each_language
def proof_no_trusted_place_is_left_nor_anything_to_take_away(windows, taken_away, lang):
    ran = kam(windows, "uninstall", lang=lang, python=BARE)

    assert TRUSTED not in windows.run("reg", "query", OFFICE, "/s").text
    told = rf"C:\users\{windows.home.name}\{PLACE}"
    assert (ran.code, ran.lines) == (2, [resources.words(lang)("desk.not_installed", place=told)])
