"""The commands of the desk: what each command says in both languages, and the exit code that scripts go by."""

import io

import pytest
from rich.console import Console

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import doctor, machine, places, upgrade
from kam_xl.desk.doctor import Check, State
from kam_xl.doors import desk as door
from kam_xl.doors import libreoffice
from tests.commands import call
from tests.desk import kam_books, machines
from tests.desk.test_install import changed
from tests.desk.test_upgrade import FRESH

pytestmark = pytest.mark.usefixtures("quiet_log")


# --- install and uninstall --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "would", "done", "again"),
    [
        ("zh-CN", "将要：建立文件夹", "安装完成", "一切已就绪"),
        ("en", "would: make the folder", "Installed.", "Everything was in place"),
    ],
)
def test_install_tells_its_steps(here, desk, project, lang, would, done, again):
    here(desk, project)

    dry = call("install", "--dry-run", "--lang", lang)
    assert (dry.exit_code, desk.ran) == (0, [])
    assert would in dry.stdout
    assert dry.stdout.splitlines()[-1] == resources.words(lang)("desk.dry_run")

    real = call("install", "--lang", lang)
    assert real.exit_code == 0
    assert real.stdout.splitlines()[-1].startswith(done)
    mark = resources.words(lang)("desk.would", step="")
    assert [line.removeprefix(mark) for line in dry.stdout.splitlines()[:-1]] == real.stdout.splitlines()[:-1]
    assert call("install", "--lang", lang).stdout.splitlines()[-1].startswith(again)


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "没有 Excel"), ("en", "There is no Excel")])
def test_what_cannot_be_installed_is_one_sentence(here, tmp_path, project, lang, sentence):
    here(machines.linux(tmp_path), project)

    ended = call("install", "--lang", lang)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert sentence in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_step_that_fails_is_one_sentence(here, desk, project):
    here(desk, project)
    desk.fails = "pip"

    ended = call("install", "--lang", "en")

    assert ended.exit_code == 2
    assert "did not succeed" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "已卸载"), ("en", "Uninstalled.")])
def test_uninstall_takes_it_away(here, desk, project, lang, sentence):
    here(desk, project)
    call("install", "--lang", lang)

    dry = call("uninstall", "--dry-run", "--lang", lang)
    assert (dry.exit_code, desk.places.python.exists()) == (0, True)

    ended = call("uninstall", "--lang", lang)
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[-1].startswith(sentence)
    assert not desk.places.root.exists()
    assert call("uninstall", "--lang", lang).exit_code == 2


def test_trust_on_macos_is_refused(here, macos, project):
    here(macos, project)

    assert "--trust is for Windows" in call("install", "--trust", "--lang", "en").stderr


# --- doctor -----------------------------------------------------------------------------------------------------------

WRONG = Check("excel", "Excel", State.BAD, "WPS [bold]holds[/bold] it " * 8, "repair it")
FINE = Check("python", "Python", State.OK, "3.12")
NOT_HERE = Check("dll", "the DLL", State.NOT_APPLICABLE, "n/a")


@pytest.fixture
def checks(monkeypatch, here, tmp_path):
    """Let the doctor find these things."""
    here(machines.windows(tmp_path))
    asked = []

    def find(*found):
        monkeypatch.setattr(doctor, "report", lambda lang, this, workbook: asked.append((lang, workbook)) or found)
        return asked

    return find


@pytest.mark.parametrize(("lang", "clean"), [("zh-CN", "没有发现问题"), ("en", "No problems")])
def test_a_healthy_desk_is_0(checks, lang, clean):
    checks(FINE, NOT_HERE)

    ended = call("doctor", "--lang", lang)

    assert ended.exit_code == 0
    assert clean in ended.stdout
    assert "the DLL" not in ended.stdout  # what does not apply is only in the report


@pytest.mark.parametrize("lang", LANGUAGES)
def test_something_wrong_is_1_with_place_and_remedy(checks, lang):
    asked = checks(FINE, WRONG)

    ended = call("doctor", "--lang", lang, "--workbook", "华东.xlsm")

    assert ended.exit_code == 1
    assert asked == [(lang, "华东.xlsm")]
    assert WRONG.found.strip() in ended.stdout
    assert "repair it" in ended.stdout


def test_a_narrow_terminal_cuts_nothing_off(checks, monkeypatch):
    checks(WRONG)
    narrow = Console(width=60, file=io.StringIO(), force_terminal=True, color_system=None)
    monkeypatch.setattr(door, "console", narrow)

    call("doctor", "--lang", "en")

    assert "…" not in narrow.file.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_is_written(checks, tmp_path, lang):
    checks(FINE, WRONG)
    path = tmp_path / "new" / "report.md"

    ended = call("doctor", "--lang", lang, "--report", path)

    assert ended.exit_code == 1
    assert str(path) in ended.stdout
    assert "- [ ]" in path.read_text("utf-8")


def test_a_report_that_cannot_be_written_is_one_sentence(checks, tmp_path):
    checks(FINE)
    (tmp_path / "file").touch()

    ended = call("doctor", "--lang", "en", "--report", tmp_path / "file" / "report.md")

    assert ended.exit_code == 2
    assert "cannot be written" in ended.stderr


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("zh-CN", "程序内部出错（ZeroDivisionError）"), ("en", "inside the program (ZeroDivisionError)")],
)
def test_a_bug_is_told_as_one(checks, monkeypatch, lang, sentence):
    checks()
    monkeypatch.setattr(doctor, "report", lambda *_: 1 / 0)

    ended = call("doctor", "--lang", lang)

    assert ended.exit_code == 2
    assert sentence in ended.stderr


# --- upgrade ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(upgrade, "fresh", lambda lang: FRESH)


@pytest.mark.parametrize(
    ("lang", "told", "done"),
    [
        ("zh-CN", "east/华东.xlsm: 已升级", "1 个升级，0 个已是最新，0 个跳过"),
        ("en", "east/华东.xlsm: upgraded", "1 upgraded, 0 already up to date, 0 skipped"),
    ],
)
def test_upgrade_tells_each_workbook(fresh, tmp_path, lang, told, done):
    kam_books.write(tmp_path / "east" / "华东.xlsm")

    ended = call("upgrade", tmp_path, "--lang", lang)

    assert ended.exit_code == 0
    assert told in ended.stdout
    assert done in ended.stdout
    assert str(tmp_path / ".kam_xl-backup-") in ended.stdout


def test_a_workbook_that_is_skipped_makes_it_1(fresh, tmp_path):
    kam_books.write(tmp_path / "a.xlsm", version="9.9")
    kam_books.write(tmp_path / "b.xlsm", texts=())

    ended = call("upgrade", tmp_path, "--lang", "en", "--dry-run")

    assert ended.exit_code == 1
    assert "a.xlsm: skipped: made by the later version 9.9" in ended.stdout
    assert "b.xlsm: would be upgraded; new texts it lacks: 2" in ended.stdout
    assert "nothing was changed" in ended.stdout


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "没有 KAM XL 的工作簿"), ("en", "no workbook of KAM XL")])
def test_a_folder_without_workbooks_of_ours(fresh, tmp_path, lang, sentence):
    ended = call("upgrade", tmp_path, "--lang", lang)

    assert ended.exit_code == 2
    assert sentence in ended.stderr


def test_a_folder_that_is_none(fresh, tmp_path):
    assert call("upgrade", tmp_path / "gone", "--lang", "en").exit_code == 2


# --- open -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened_in_libreoffice(monkeypatch):
    opened = []

    def keep_open(path, lang, say):
        opened.append((path, lang))
        say("open now")

    monkeypatch.setattr(libreoffice, "keep_open", keep_open)
    return opened


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "华东.xlsm"
    path.touch()
    return path


@pytest.mark.parametrize("options", [(), ("--in", "excel")])
def test_where_there_is_excel_it_opens_in_it(here, desk, book, opened_in_libreoffice, options):
    here(desk)

    ended = call("open", book, *options, "--lang", "en")

    assert (ended.exit_code, desk.opened, opened_in_libreoffice) == (0, [book], [])
    assert "Opened 华东.xlsm" in ended.stdout


def test_anywhere_it_opens_in_libreoffice_where_asked(here, desk, book, opened_in_libreoffice):
    here(desk)

    assert call("open", book, "--in", "libreoffice").stdout == "open now\n"
    assert (opened_in_libreoffice, desk.opened) == ([(book, "zh-CN")], [])


def test_where_there_is_no_excel_it_opens_in_libreoffice(here, tmp_path, book, opened_in_libreoffice):
    here(machines.linux(tmp_path))

    assert call("open", book).exit_code == 0
    assert opened_in_libreoffice == [(book, "zh-CN")]
    assert call("open", book, "--in", "excel", "--lang", "en").exit_code == 2


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "找不到工作簿"), ("en", "does not exist")])
def test_a_workbook_that_is_not_there(here, desk, tmp_path, lang, sentence):
    here(desk)

    ended = call("open", tmp_path / "gone.xlsm", "--lang", lang)

    assert ended.exit_code == 2
    assert sentence in ended.stderr


def test_what_libreoffice_cannot_do_is_one_sentence(here, tmp_path, book, monkeypatch):
    def refuse(path, lang, say):
        raise KamError("LibreOffice is not installed.")

    here(machines.linux(tmp_path))
    monkeypatch.setattr(libreoffice, "keep_open", refuse)

    ended = call("open", book)

    assert (ended.exit_code, ended.stderr) == (2, "LibreOffice is not installed.\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_installation_that_is_interrupted_says_how_to_go_on(here, desk, project, lang):
    def interrupted(*_):
        raise KeyboardInterrupt

    here(changed(desk, run=interrupted), project)

    ended = call("install", "--lang", lang)
    assert ended.exit_code == 130
    assert ended.stderr == resources.words(lang)("desk.interrupted") + "\n"


def test_places_and_machine_agree_on_this_computer():
    assert places.of(machine.this()).root.name == "kam_xl"
