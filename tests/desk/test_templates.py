"""The real templates through the desk: built for a desk, upgraded from the project's own, looked over by the doctor."""

import datetime as dt
import functools
import shutil

import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import contents, doctor, templates, upgrade
from kam_xl.desk.doctor import State
from tests import files
from tests.conftest import WORKBOOKS, template_name

WORDS = resources.words("en")
TODAY = dt.date(2026, 11, 21)
CONF = {"Interpreter_Win": r"%PROGRAMDATA%\kam_xl\venv\Scripts\python.exe"}


@pytest.fixture(scope="module", params=LANGUAGES)
def project_template(request):
    """The template as it is committed: with the stub where xlwings will be."""
    return (WORKBOOKS / template_name(request.param)).read_bytes()


@pytest.fixture(scope="module")
def built():
    """``built("en")`` → the template of a desk, made once."""
    return functools.cache(lambda lang: templates.build(lang, None))


def test_a_desk_gets_the_bridge_of_its_own_xlwings_and_its_own_configuration(built):
    found = contents.of(templates.build("en", CONF))

    assert found.xlwings == "0.37.8"
    assert dict(found.conf)["Interpreter_Win"] == CONF["Interpreter_Win"]
    assert dict(found.conf).keys() == dict(contents.of(built("en")).conf).keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_building_twice_gives_the_same_file(built, lang):
    assert templates.build(lang, None) == built(lang)


def test_the_projects_template_gets_the_bridge_and_nothing_else_changes(tmp_path, project_template, ooxml_errors):
    path = tmp_path / "华东.xlsm"
    path.write_bytes(project_template)
    before = files.parts(path)
    assert contents.read(path).xlwings is None

    (outcome,) = upgrade.upgrade(tmp_path, upgrade.fresh("en"), TODAY, WORDS, dry_run=False)

    after = files.parts(path)
    assert (outcome.result, outcome.missing) == ("upgraded", 0)
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} == {"xl/vbaProject.bin"}
    assert contents.read(path).xlwings == "0.37.8"
    assert ooxml_errors(path) == []


def test_an_upgraded_workbook_calculates_and_acts(tmp_path, office):
    """LibreOffice stands in for Excel: the functions of the new macros answer, and a button does its work."""
    path = tmp_path / "华东.xlsm"
    shutil.copy(WORKBOOKS / template_name("zh-CN"), path)
    list(upgrade.upgrade(tmp_path, upgrade.fresh("zh-CN"), TODAY, WORDS, dry_run=False))

    book = office.open(path)
    book.sheets[0]["Z1"].formula = "=KAM_SCORE(92,88,85)"
    office.run(book, "KamXl_About")

    assert not office.said
    assert book.sheets[0]["Z1"].value == pytest.approx(89.4)
    assert book.names["kam_message"].refers_to_range.value.startswith("KAM XL")
    book.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_template_of_a_desk_is_current(tmp_path, built, lang):
    (tmp_path / "a.xlsm").write_bytes(built(lang))

    (outcome,) = upgrade.upgrade(tmp_path, upgrade.fresh(lang), TODAY, WORDS, dry_run=False)

    assert outcome.result == "current"


def test_the_doctor_finds_no_fault_with_a_template(tmp_path, built, windows):
    path = tmp_path / "KAM_Template.xlsm"
    path.write_bytes(built("zh-CN"))

    checks = {check.key: check for check in doctor.report("en", windows.machine, str(path))}

    wrong = {key for key, check in checks.items() if check.state in (State.WARN, State.BAD)}
    assert wrong == {"installed", "conf_interpreter"}  # nothing is installed on this desk
    assert checks["book"].found.endswith("version 0.1.0")
