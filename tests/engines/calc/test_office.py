"""A LibreOffice of one's own starts, ends, stays apart from others, and says what is wrong by a code."""

import os
import time

import pytest
import xlwings as xw

from kam_xl.engines.calc import office as offices
from kam_xl.engines.calc import program
from kam_xl.engines.calc.failing import CODES, CalcError
from kam_xl.engines.calc.office import Office
from kam_xl.engines.calc.profiles import Profiles


@pytest.fixture(autouse=True)
def _installed(office):
    """Skips these tests where there is no LibreOffice."""


OWN = Profiles("somebody")


def test_it_ends_with_its_context_and_leaves_nothing():
    with Office() as mine:
        process, folder = mine.app.program.process, mine._profile.folder
        assert process.is_running()
        assert folder.is_dir()
        assert xw.apps.active.pid == mine.app.pid
    assert not process.is_running()
    assert not folder.exists()
    assert mine.app.pid not in xw.apps.keys()  # noqa: SIM118


def test_what_is_saved_is_told_with_what_it_was(tmp_path):
    told = []
    with Office(mend=lambda path, original: told.append((path, original)) or True) as mine:
        book = xw.Book()
        book.save(tmp_path / "一.xlsx")
        book.close()
        before = (tmp_path / "一.xlsx").read_bytes()
        assert told == []  # a new one has nothing that could be lost
        book = mine.app.books.load(tmp_path / "一.xlsx", macros=0)
        book.save()
        book.save(str(tmp_path / "二.xlsx"))
    assert told == [(tmp_path / "一.xlsx", before), (tmp_path / "二.xlsx", before)]


def test_what_could_not_be_mended_is_told_again_when_it_is_closed(tmp_path):
    told = []
    with Office(mend=lambda path, _: bool(told.append(path))) as mine:
        xw.Book().save(tmp_path / "一.xlsx")
        xw.books[0].close()
        book = mine.app.books.load(tmp_path / "一.xlsx", macros=0)
        book.save()
    assert told == [tmp_path / "一.xlsx"] * 2


def test_one_that_died_is_told_by_its_code():
    with pytest.raises(CalcError) as caught, Office() as mine:  # noqa: PT012
        book = xw.Book()
        mine.app.program.kill()
        book.sheets[0]["A1"].value = 1
    assert caught.value.code == "died"


def test_a_workbook_of_one_that_died_is_closed_already():
    with Office() as mine:
        book = xw.Book()
        mine.app.program.kill()
        book.close()
        assert not mine.app.books.opened


def test_one_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(offices, "PATIENCE", 0.5)
    with pytest.raises(CalcError, match="did not answer"), Office() as mine, mine.patience():  # noqa: PT012
        time.sleep(2)
        mine.app.api.getComponents()


def test_one_that_is_dying_has_died_though_its_process_is_there_yet(monkeypatch):
    with Office() as mine:
        monkeypatch.setattr(program.Program, "alive", True)
        mine.app.program.kill()
        with pytest.raises(CalcError, match="ended unexpectedly"), mine.patience():
            mine.app.api.getComponents()


def test_an_error_of_ones_own_stays_what_it_is():
    with pytest.raises(ZeroDivisionError), Office() as mine, mine.patience():
        _ = 1 / 0


def test_settings_that_last_are_there_the_next_time(tmp_path):
    for _ in range(2):
        with Office(lasting=tmp_path):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["libreoffice-1"]


# --- profiles ---------------------------------------------------------------------------------------------------------


def test_the_mark_of_somebody_else_stays(tmp_path):
    mark = tmp_path / ".~lock.x.xlsm#"
    mark.write_text(f",A,pc,21.11.2026 10:00,{tmp_path.as_uri()};")
    OWN.unlock(tmp_path / "x.xlsm")
    assert mark.exists()


def test_what_a_killed_process_left_is_cleared_away(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = OWN.temporary()
    orphan = program.launch(left, visible=False)
    left.lock.release()  # as when the process that held it is killed
    OWN.temporary().release()
    assert left.folder.exists()  # it may be somebody's who is about to lock it
    os.utime(left.folder, (0, 0))
    Profiles("other").temporary().release()
    assert left.folder.exists()  # nor is it the other's
    OWN.temporary().release()
    assert not left.folder.exists()
    orphan.process.wait(20)
    orphan.kill()


def test_settings_that_last_are_held_by_one(tmp_path):
    first = OWN.lasting(tmp_path)
    second = OWN.lasting(tmp_path)
    assert first.folder != second.folder
    first.release()
    again = OWN.lasting(tmp_path)
    assert again.folder == first.folder
    assert (again.folder / "user" / "registrymodifications.xcu").is_file()
    second.release()
    again.release()


# --- what is installed ------------------------------------------------------------------------------------------------


def test_a_module_made_for_another_python_is_tried_apart(tmp_path):
    (tmp_path / "uno.py").write_text("import os\nos.abort()\n")
    assert not program._has_uno(str(tmp_path))
    assert not program._has_uno(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_itself_in_english(code):
    said = str(CalcError(code, version="3.11", seconds=90))
    assert "{" not in said
