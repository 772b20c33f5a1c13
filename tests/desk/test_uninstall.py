"""Uninstalling: exactly what was installed goes, and whatever anybody put there or changed stays."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.desk import install, machine, record, remover, trust, uninstall
from kam_xl.desk.machine import Machine
from kam_xl.desk.steps import carry_out
from tests.desk import machines
from tests.desk.test_install import carried_out, changed, chinese, everything, saved_among

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
    desk.fails = "pip"
    with pytest.raises(KamError):
        carried_out(desk, project)

    taken_away(desk, project)

    assert everything(desk.folder) == before


def test_what_somebody_deleted_by_hand_is_no_error(desk, project):
    carried_out(desk, project)
    for path in (*desk.places.books.iterdir(), desk.places.books):
        path.unlink() if path.is_file() else path.rmdir()

    taken_away(desk, project)

    assert not desk.places.root.exists()


def test_what_was_installed_anew_after_it_was_taken_away_is_whole(desk, project):
    carried_out(desk, project)
    taken_away(desk, project)
    carried_out(desk, project)

    assert carried_out(desk, project)[0] == []


def test_an_installation_of_an_earlier_version_goes_too_and_leaves_what_is_somebodys(desk, project):
    machines.older(desk, project)
    mine = desk.places.app / "华东.xlsx"
    mine.write_text("mine")

    taken_away(desk, project)

    assert [path for path in desk.places.root.rglob("*") if path.is_file()] == [mine]
    assert not desk.places.books.exists()


# --- what people save among the program -------------------------------------------------------------------------------


def test_what_somebody_saved_among_the_program_stays_where_it_is_and_is_told(desk, project):
    carried_out(desk, project)
    saved = saved_among(desk)

    told = taken_away(desk, project)

    left = [path for path in desk.places.root.rglob("*") if path.is_file()]
    assert {path: path.read_text() for path in left} == saved
    assert all(any(f"keep {path}" in says or f", {path}" in says for says in told) for path in saved)
    with pytest.raises(KamError, match="nothing to take away"):
        taken_away(desk, project)
    carried_out(desk, project)  # and an installation after it is whole
    assert carried_out(desk, project)[0] == []


def shipped(fake):
    """A workbook that came with a package; the package's own list, which tells so."""
    fake.places.site_packages.joinpath("xlwings", "quickstart.xlsm").write_text("shipped")
    told = base64.urlsafe_b64encode(hashlib.sha256(b"shipped").digest()).decode().rstrip("=")
    listed = fake.places.site_packages / f"xlwings-{machines.XLWINGS}.dist-info" / "RECORD"
    listed.write_text(listed.read_text() + f"xlwings/quickstart.xlsm,sha256={told},7\n")
    return listed


def test_a_workbook_that_came_with_a_package_is_nobodys(desk, project):
    carried_out(desk, project)
    shipped(desk)

    taken_away(desk, project)

    assert not desk.places.root.exists()


def test_what_a_removal_left_that_broke_off_goes_with_the_next(desk, project, monkeypatch):
    """Also where the lists went first that tell packages' workbooks from somebody's."""
    carried_out(desk, project)
    listed = shipped(desk)

    def breaks_off(*_):
        listed.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(remover, "remove", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            taken_away(desk, project)
    taken_away(desk, project)

    assert not desk.places.root.exists()


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "~$华东.xlsx"])
def test_what_the_system_leaves_behind_is_nobodys(desk, project, name):
    carried_out(desk, project)
    (desk.places.site_packages / "kam_xl" / "guide" / name).write_text("x")

    taken_away(desk, project)

    assert not desk.places.root.exists()


@pytest.mark.parametrize("which", ["venv", "KAM_Template.xlsm"])
def test_what_somebody_moved_away_and_linked_to_stays_behind_the_link(desk, project, which):
    carried_out(desk, project)
    place = desk.places.books / which if which.endswith("xlsm") else desk.places.root / which
    place.rename(desk.folder / "elsewhere")
    place.symlink_to(desk.folder / "elsewhere")
    before = everything(desk.folder / "elsewhere")

    told = taken_away(desk, project)

    assert f"keep {place}: somebody changed it since" in told
    assert place.is_symlink()
    assert everything(desk.folder / "elsewhere") == before


# --- the program lies in what is to go --------------------------------------------------------------------------------


def test_after_an_upgrade_too_the_program_and_its_python_go_last(desk, project):
    """What installs anew notes the program anew, after the templates."""
    carried_out(desk, project)
    machines.renewed(project)
    carried_out(desk, project)

    steps = taken_away(desk, project)

    goes = [next(number for number, says in enumerate(steps) if str(place) in says) for place in (
        desk.places.books / "KAM_Template.xlsm", desk.places.books / "KAM_Template.en.xlsm",
        desk.places.venv,
    )]  # fmt: skip
    assert max(goes[:2]) < min(goes[2:])
    assert not desk.places.root.exists()


@pytest.fixture
def inside(windows, project, tmp_path):
    """A Windows on which the installed program and its Python take themselves away; what it leaves really runs then."""
    carried_out(windows, project)
    python, source = windows.places.python, windows.places.site_packages
    left = []
    changed(windows, python=python, leave=lambda command: left.append([str(part) for part in command]))

    def end():
        """The program has ended, and Windows lets go of it."""
        (command,) = left
        assert command[0] == str(windows.machine.base_python)
        subprocess.run([sys.executable, *command[1:]], check=True, cwd=tmp_path, timeout=100)

    return SimpleNamespace(fake=windows, source=source, end=end, left=left)


def test_windows_leaves_all_that_runs_to_the_python_outside_and_then_nothing_is_left(inside):
    before = everything(inside.fake.places.root)

    told = taken_away(inside.fake, inside.source)

    assert everything(inside.fake.places.root).keys() >= before.keys() - {inside.fake.places.record}
    assert not inside.fake.places.books.exists()
    assert told[-1].endswith("as soon as this program has ended")
    inside.end()
    assert not inside.fake.places.root.exists()


def test_until_all_is_gone_the_record_says_what_is_left_to_do(inside, project):
    listed = shipped(inside.fake)
    taken_away(inside.fake, inside.source)
    listed.unlink()  # as far as the Python outside came
    left = {made.place for made in inside.fake.desk(project).record.made}
    assert left == {str(place) for place in (inside.fake.places.venv, inside.fake.places.root)}

    outside = changed(inside.fake, python=inside.fake.machine.base_python)
    taken_away(outside, project)  # the other never came to it; the folder it was fetched as does it

    assert not inside.fake.places.root.exists()
    subprocess.run([sys.executable, *inside.left[0][1:]], check=True, timeout=100)  # and late, it finds nothing to do


def test_the_python_outside_keeps_what_somebody_saved(inside):
    saved = saved_among(inside.fake)

    told = taken_away(inside.fake, inside.source)
    inside.end()

    left = [path for path in inside.fake.places.root.rglob("*") if path.is_file()]
    assert {path: path.read_text() for path in left} == saved
    assert all(str(path) in told[-1] for path in saved)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_shared_root_goes_with_the_users_own_place(tmp_path, project, lang):
    fake = chinese(tmp_path, "张三")
    before = everything(tmp_path)
    carried_out(fake, project)
    left = []
    changed(fake, python=fake.places.python, leave=lambda command: left.append([str(part) for part in command]))

    carry_out(uninstall.steps(fake.desk(fake.places.site_packages, lang)), lambda step, _: None, WORDS, dry_run=False)
    subprocess.run([sys.executable, *left[0][1:]], check=True, timeout=100)

    assert everything(tmp_path) == before


def test_two_who_remove_the_same_do_not_stand_in_each_others_way(tmp_path, monkeypatch):
    """As where somebody repeats the command while the Python outside is at work: the other is quicker at every step."""
    folder, listed = tmp_path / "kam_xl", Path.iterdir
    (folder / "venv").mkdir(parents=True)

    def quicker(path):
        shutil.rmtree(path)
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", quicker)
    remover.remove(folder)

    assert not folder.exists()


class Outside:
    """The Python outside at work on a folder in which files are held for some seconds, as Windows holds what runs."""

    def __init__(self, root, held, tries=120):
        self.root, self.record = root, root / "install.json"
        (root / "venv").mkdir(parents=True)
        (root / "venv" / "python.exe").touch()
        self.record.write_text("{}")
        holding = (
            "import pathlib, time\n"
            f"really, until = pathlib.Path.unlink, time.monotonic() + {held}\n"
            "def unlink(self, missing_ok=False):\n"
            "    if time.monotonic() < until: raise PermissionError(13, 'in use', str(self))\n"
            "    really(self, missing_ok)\n"
            "pathlib.Path.unlink = unlink\n"
        )
        start = "from __future__ import annotations\n"
        program = Path(remover.__file__).read_text("utf-8").replace(start, start + holding)
        self.program = program.replace("_TRIES, _PAUSE = 120,", f"_TRIES, _PAUSE = {tries},")
        self.told = {
            "folders": [str(root / "venv")], "keep": [], "places": [str(root)],
            "record": str(self.record), "digest": record.digest(self.record),
        }  # fmt: skip

    def work(self):
        subprocess.run([sys.executable, "-c", self.program, json.dumps(self.told)], check=True, timeout=100)


@pytest.mark.slow
def test_the_python_outside_tries_until_it_is_let(tmp_path):
    outside = Outside(tmp_path / "kam_xl", held=1)

    machine.this().leave((sys.executable, "-c", outside.program, json.dumps(outside.told)))

    late = time.monotonic() + 60
    while outside.root.exists():
        assert time.monotonic() < late
        time.sleep(0.05)


@pytest.mark.slow
def test_what_the_python_outside_is_never_let_stays_in_the_record(tmp_path):
    outside = Outside(tmp_path / "kam_xl", held=1000, tries=2)

    outside.work()

    assert outside.record.exists()
    assert (outside.root / "venv" / "python.exe").exists()


@pytest.mark.parametrize("since", ["installed anew", "taken away"])
def test_the_python_outside_leaves_alone_what_somebody_installed_since(tmp_path, since):
    outside = Outside(tmp_path / "kam_xl", held=0)
    if since == "installed anew":
        outside.record.write_text('{"made": []}')
    else:
        outside.record.unlink()

    outside.work()

    assert (outside.root / "venv" / "python.exe").exists()


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
