"""Uninstalling: exactly what was installed goes, and whatever anybody put there or changed stays."""

import sys
import time
from pathlib import Path

import pytest

from kam_xl.core.errors import KamError
from kam_xl.desk import install, machine, record, trust, uninstall
from kam_xl.desk.machine import Machine
from kam_xl.desk.steps import carry_out
from kam_xl.hosts import resources
from tests.desk.test_install import carried_out, changed, everything

WORDS = resources.words("en")


def taken_away(fake, project, *, dry_run=False):
    told = []
    carry_out(uninstall.steps(fake.desk(project)), lambda step, _: told.append(step.says), WORDS, dry_run=dry_run)
    return told


def test_the_machine_is_as_it_was_before(desk, project):
    before, keys = everything(desk.folder), dict(desk.registry.keys)
    carried_out(desk, project, trusted=desk.system == "windows")

    taken_away(desk, project)

    after = everything(desk.folder)
    if desk.system == "macos":  # the folder that Excel's scripts go to is Excel's
        after = {path: text for path, text in after.items() if "Library" not in path.parts}
    assert after == before
    assert desk.registry.keys == keys


def test_a_dry_run_tells_the_same_and_takes_nothing(desk, project):
    carried_out(desk, project)
    before = everything(desk.folder)

    would = taken_away(desk, project, dry_run=True)

    assert everything(desk.folder) == before
    assert taken_away(desk, project) == would


def test_a_workbook_that_somebody_changed_stays_with_its_folder(desk, project):
    carried_out(desk, project)
    (desk.places.books / "KAM_Template.xlsm").write_bytes(b"my customers")
    (desk.places.books / "华东.xlsm").write_bytes(b"mine")

    told = taken_away(desk, project)

    assert sorted(path.name for path in desk.places.books.iterdir()) == ["KAM_Template.xlsm", "华东.xlsm"]
    assert [says for says in told if says.startswith("keep")] == [
        f"keep {desk.places.books / 'KAM_Template.xlsm'}: somebody changed it since"
    ]
    assert not desk.places.root.exists()


def test_a_folder_of_templates_that_was_there_before_stays(desk, project):
    desk.places.books.mkdir(parents=True)
    carried_out(desk, project)

    taken_away(desk, project)

    assert desk.places.books.is_dir()
    assert list(desk.places.books.iterdir()) == []


def test_what_somebody_put_into_our_folder_stays(desk, project):
    carried_out(desk, project)
    (desk.places.root / "notes.txt").write_text("mine")

    taken_away(desk, project)

    assert [path.name for path in desk.places.root.iterdir()] == ["notes.txt"]


def test_a_script_of_excels_that_was_there_before_stays(macos, project):
    script = macos.home / install.APPLESCRIPTS / "xlwings-0.37.8.applescript"
    script.parent.mkdir(parents=True)
    script.write_text("on VbaHandler, of another project's")
    carried_out(macos, project)

    taken_away(macos, project)

    assert script.exists()


def test_only_our_own_trusted_location_goes(windows, project):
    windows.registry.write(rf"{trust.LOCATIONS}\Location0", {"Path": "C:\\Other\\"})
    carried_out(windows, project, trusted=True)

    taken_away(windows, project)

    assert windows.registry.names(trust.LOCATIONS) == ("Location0",)


def test_an_installation_that_broke_off_goes_too(desk, project):
    before = everything(desk.folder)
    desk.fails = "-r"
    with pytest.raises(KamError):
        carried_out(desk, project)

    taken_away(desk, project)

    assert everything(desk.folder) == before


def test_what_somebody_deleted_by_hand_is_no_error(desk, project):
    carried_out(desk, project)
    (desk.places.books / "KAM_Template.xlsm").unlink()
    for path in (desk.places.books / "KAM_Template.en.xlsm", desk.places.books):
        path.unlink() if path.is_file() else path.rmdir()

    taken_away(desk, project)

    assert not desk.places.root.exists()


def test_what_was_installed_anew_after_it_was_taken_away_is_whole(desk, project):
    carried_out(desk, project)
    taken_away(desk, project)
    carried_out(desk, project)

    assert carried_out(desk, project)[0] == []


def test_windows_leaves_the_running_environment_to_the_python_outside(windows, project):
    carried_out(windows, project)
    changed(windows, python=windows.places.python)

    taken_away(windows, project)

    (command,) = windows.left
    assert command[:2] == (str(windows.machine.base_python), "-c")
    assert command[3:] == (str(windows.places.venv), str(windows.places.root))
    assert [path.name for path in windows.places.root.iterdir()] == ["venv"]


@pytest.mark.parametrize("left", [False, True])
def test_the_python_outside_removes_the_environment_and_what_is_empty_then(tmp_path, left):
    root = tmp_path / "kam_xl"
    (root / "venv" / "Scripts").mkdir(parents=True)
    (root / "venv" / "Scripts" / "python.exe").touch()
    if left:
        (root / "notes.txt").touch()
    remover = Path(uninstall.__file__).with_name("remover.py").read_text("utf-8")

    machine.this().leave((sys.executable, "-c", remover, root / "venv", root))

    late = time.monotonic() + 20
    while (root.exists() and not left) or (root / "venv").exists():
        assert time.monotonic() < late
        time.sleep(0.05)
    assert root.exists() == left


def test_without_an_installation_there_is_nothing_to_take_away(desk, project):
    with pytest.raises(KamError, match="nothing to take away"):
        taken_away(desk, project)


def test_while_it_is_at_work_nothing_goes(desk, project):
    carried_out(desk, project)
    desk.running = ("pythonw.exe",)

    with pytest.raises(KamError, match=r"at work \(pythonw.exe\)"):
        taken_away(desk, project)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"product": "other"}', '{"product": "kam_xl", "made": [{"kind": "place"}]}']
)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_damaged_record_is_a_sentence(desk, text, lang):
    desk.places.root.mkdir(parents=True)
    desk.places.record.write_text(text)

    with pytest.raises(KamError, match="install"):
        record.read(desk.places.record, resources.words(lang))


def test_the_machine_is_only_a_record_of_facts_and_doors():
    assert {field for field in Machine.__dataclass_fields__} >= {"system", "env", "registry", "run", "leave", "mark"}  # noqa: C416
