"""A Python without packages on made-up computers; `test_cli` has a real one."""

import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import bare
from tests.commands import call
from tests.desk import machines
from tests.desk.test_install import changed, chinese, planted

pytestmark = pytest.mark.usefixtures("quiet_log")
MISSING = ModuleNotFoundError("No module named 'typer'", name="typer")


def asked(*arguments):
    return bare.run(list(arguments), MISSING)


def test_a_bare_python_makes_the_environment_and_hands_over(here, desk, project, capsys):
    here(desk, project)

    assert asked("install", "--lang", "en") == 0

    assert desk.ran[-1] == (str(desk.places.python), "-m", "kam_xl", "install", "--lang", "en")
    assert desk.places.stamp.exists()
    assert not desk.places.books.exists()  # that is for the environment to do
    assert "make a Python environment" in capsys.readouterr().out


def test_a_bare_python_tells_the_whole_dry_run(here, desk, project, capsys):
    here(desk, project)

    assert asked("install", "--dry-run") == 0

    assert desk.ran == []
    assert capsys.readouterr().out.splitlines() == call("install", "--dry-run").stdout.splitlines()


def test_a_bare_python_hands_any_other_command_to_the_environment(here, desk, project, capsys):
    here(desk, project)
    assert asked("doctor") == 2
    assert "requirements.txt" in capsys.readouterr().err

    asked("install")
    for arguments in (("doctor", "--lang", "en"), ("uninstall",), ("upgrade", "teams"), ("--help",)):
        assert asked(*arguments) == 0
        assert desk.ran[-1][1:] == ("-m", "kam_xl", *arguments)


def test_an_environment_that_packages_never_came_to_is_asked_nothing(here, desk, project, capsys):
    """It would be as bare, and ask itself."""
    here(desk, project)
    desk.fails = "pip"
    assert asked("install", "--lang", "en") == 2
    ran = len(desk.ran)

    assert asked("doctor", "--lang", "en") == 2
    assert len(desk.ran) == ran
    before = list(desk.places.root.rglob("*"))
    assert asked("uninstall", "--dry-run") == 0
    assert list(desk.places.root.rglob("*")) == before
    assert asked("uninstall", "--lang", "en") == 0

    assert capsys.readouterr().out.splitlines()[-1].startswith("Uninstalled.")
    assert not desk.places.root.exists()


def test_an_environment_that_lost_its_packages_says_so_and_gets_them_back(here, desk, project, capsys):
    here(desk, project)
    asked("install")
    outside = desk.machine.python
    changed(desk, python=desk.places.python)
    assert asked("install", "--dry-run") == 0
    assert desk.places.stamp.exists()

    assert asked("doctor", "--lang", "en") == 2  # and starts no other one, which would be itself
    assert "No module named 'typer'" in capsys.readouterr().err
    changed(desk, python=outside)
    assert asked("install", "--lang", "en") == 0

    assert "\ninstall KAM XL and the packages" in capsys.readouterr().out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bare_python_that_is_interrupted_says_how_to_go_on(here, desk, project, capsys, lang):
    def interrupted(*_):
        raise KeyboardInterrupt

    here(changed(desk, run=interrupted), project)

    assert asked("install", "--lang", lang) == 130
    assert capsys.readouterr().err == resources.words(lang)("desk.interrupted") + "\n"


def test_a_bug_on_a_bare_python_is_told_as_one(here, desk, project, capsys):
    here(changed(desk, run=lambda *_: 1 / 0), project)

    assert asked("install", "--lang", "en") == 2
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.splitlines()[-1] == resources.words("en")("desk.bug", kind="ZeroDivisionError")


def test_a_bare_python_runs_no_python_that_somebody_planted(here, tmp_path, project, capsys):
    fake = here(chinese(tmp_path, "张三"), project)
    planted(fake)

    assert (asked("doctor"), asked("install")) == (2, 2)
    assert fake.ran == []
    assert str(fake.places.root) in capsys.readouterr().err


def test_a_bare_python_tells_what_is_impossible(here, tmp_path, project, capsys):
    here(machines.linux(tmp_path), project)

    assert asked("install") == 2
    assert "没有 Excel" in capsys.readouterr().err
