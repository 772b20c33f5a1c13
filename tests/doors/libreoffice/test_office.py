"""A LibreOffice of our own starts, ends, stays apart from others, and dies with a sentence."""

import time
from pathlib import Path

import psutil
import pytest
import xlwings as xw

from kam_xl.core.errors import KamError
from kam_xl.doors import libreoffice
from kam_xl.engines.calc import office as office_engine
from kam_xl.engines.calc import program
from kam_xl.hosts import libreoffice as wire
from kam_xl.resources import words
from tests.conftest import Steady
from tests.doors.libreoffice.conftest import kam_package

EN = words("en")


@pytest.fixture(autouse=True)
def _installed(office):
    """Skips these tests where there is no LibreOffice."""


def test_two_do_not_collide(office, tmp_path):
    path = kam_package(tmp_path)
    with libreoffice.start(lang="en") as other:
        book = office.open(path)
        with pytest.raises(KamError, match="open elsewhere"):
            other.open(path)
        book.close()
        book = other.open(path)
        assert book.app.pid != office.app.pid
        assert book.sheets["评估"]["E5"].value == 89.4


def test_a_crash_is_one_sentence():
    def crash():
        with libreoffice.start(lang="en") as mine:
            book = xw.Book(impl=mine.app.books.add())
            mine.app.program.kill()
            return book.sheets[0]["A1"].value

    with pytest.raises(KamError, match="ended unexpectedly"):
        crash()


def test_a_crash_while_a_workbook_is_opened_is_one_sentence(tmp_path, monkeypatch):
    mine = libreoffice.start(lang="en")
    load = mine.app.books.load
    monkeypatch.setattr(
        mine.app.books, "load", lambda *details, **how: (mine.app.program.kill(), load(*details, **how))
    )
    with pytest.raises(KamError, match="ended unexpectedly"):
        mine.open(kam_package(tmp_path))
    mine.close()


def test_the_one_of_these_tests_is_started_anew_where_it_dies(tmp_path):
    path = kam_package(tmp_path)
    with Steady() as steady:
        lost = steady.open(path)
        steady.app.program.kill()
        with pytest.warns(UserWarning, match=path.name):
            book = steady.open(path)
        lost.close()
        assert book.sheets["评估"]["E5"].value == 89.4


def test_one_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(office_engine, "PATIENCE", 0.5)
    mine = libreoffice.start(lang="en")
    path = kam_package(tmp_path)
    monkeypatch.setattr(mine.app.books, "load", lambda *_, **__: (time.sleep(2), mine.app.api.getComponents()))
    with pytest.raises(KamError, match="did not answer"):
        mine.open(path)
    mine.close()


def test_the_mark_a_crashed_one_left_does_not_lock_a_workbook(office, tmp_path):
    path = kam_package(tmp_path)
    crashed = libreoffice.start()
    crashed.open(path)
    crashed.app.program.kill()
    assert list(tmp_path.glob(".~lock*"))
    crashed.close()
    office.open(path).close()
    assert office.said == ""


@pytest.mark.parametrize("name", ["没有.xlsm", "坏.xlsm"])
def test_a_workbook_that_cannot_be_opened_is_named(office, tmp_path, name):
    (tmp_path / "坏.xlsm").write_bytes(b"PK\3\4")
    with pytest.raises(KamError, match=name):
        office.open(tmp_path / name)


# --- for the user -----------------------------------------------------------------------------------------------------


@pytest.fixture
def without_a_screen(monkeypatch, tmp_path):
    """`keep_open` as on a desk, but without a window, and with settings of its own."""
    launch = program.launch
    monkeypatch.setattr(program, "launch", lambda profile, visible: launch(profile, visible=False))
    monkeypatch.setattr(libreoffice, "_settings", lambda: tmp_path / "settings")
    monkeypatch.setenv("DISPLAY", ":0")


def test_a_workbook_stays_open_until_the_user_closes_it(without_a_screen, tmp_path):
    path = kam_package(tmp_path)
    said, seen = [], []

    def work(sentence):
        """What a user does while our process only waits: change, calculate, save, close."""
        said.append(sentence)
        app = xw.apps.active
        document, create = app.books[0].api, app.impl.program.create
        frame = document.CurrentController.Frame
        document.Sheets.getByName("评估").getCellRangeByName("B5").Value = 12
        dispatcher = create("com.sun.star.frame.DispatchHelper")
        for command in (".uno:HardRecalc", ".uno:Save", ".uno:CloseDoc"):
            dispatcher.executeDispatch(frame, command, "", 0, app.impl.program.properties({"SynchronMode": False}))
        seen.append(app.pid)

    libreoffice.keep_open(path, "en", work)
    assert "小.xlsm" in said[0]
    assert not psutil.pid_exists(seen[0])
    with libreoffice.start() as again:
        book = again.open(path)
        assert again.said == ""
        assert book.sheets["评估"]["B5"].value == 12
        assert book.sheets["评估"]["E5"].value == 49.4


def test_a_crash_while_the_user_works_is_one_sentence(without_a_screen, tmp_path):
    def crash(_):
        next(iter(xw.apps)).impl.program.kill()

    with pytest.raises(KamError, match="ended unexpectedly"):
        libreoffice.keep_open(kam_package(tmp_path), "en", crash)


def test_where_nobody_can_see_it_nothing_is_opened(monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(libreoffice.sys, "platform", "linux")
    with pytest.raises(KamError, match="no screen"):
        libreoffice.keep_open(kam_package(tmp_path), "en")


def test_ctrl_c_does_not_lose_what_was_not_saved(without_a_screen, tmp_path, monkeypatch):
    wait, said = libreoffice.Office.wait, []

    def interrupted(office):
        monkeypatch.setattr(libreoffice.Office, "wait", wait)
        raise KeyboardInterrupt

    def say(sentence):
        said.append(sentence)
        if len(said) == 2:
            xw.apps.active.books[0].close()

    monkeypatch.setattr(libreoffice.Office, "wait", interrupted)
    libreoffice.keep_open(kam_package(tmp_path), "en", say)
    assert "still open" in said[1]


# --- what is installed ------------------------------------------------------------------------------------------------


def test_without_libreoffice_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(program.shutil, "which", lambda *_, **__: None)
    with pytest.raises(KamError, match="not found"):
        wire.installed(EN)


def test_without_its_python_module_it_is_said_what_to_install(monkeypatch):
    monkeypatch.delitem(program.sys.modules, "uno")
    monkeypatch.setattr(program, "_has_uno", lambda _: False)
    with pytest.raises(KamError, match="python3-uno"):
        wire.installed(EN)


def test_a_program_that_does_not_start_is_one_sentence(monkeypatch, tmp_path):
    script = Path(tmp_path / "soffice")
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(program, "find", lambda: str(script))
    with pytest.raises(KamError, match="did not start"):
        libreoffice.start(lang="en")
