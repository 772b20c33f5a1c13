"""Installing: what a dry run says is what happens, once and no more, and nothing of anybody else's is touched."""

import dataclasses
import json
import os
import re
import shutil

import pytest

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.desk import install, places, record, templates, trust, uninstall
from kam_xl.desk.steps import carry_out
from tests.desk import machines

WORDS = resources.words("en")


def carried_out(fake, project, *, dry_run=False, trusted=False):
    """Install, and return what was told to be needed and what was in place."""
    told = {True: [], False: []}
    desk = fake.desk(project)
    install.refuse(desk, trusted=trusted)
    steps = install.steps(desk, trusted=trusted)
    carry_out(steps, lambda step, needed: told[needed].append(step.says), WORDS, dry_run=dry_run)
    return told[True], told[False]


def everything(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_a_dry_run_tells_exactly_what_the_installation_then_does_and_changes_nothing(desk, project):
    before = everything(desk.folder)
    would, in_place = carried_out(desk, project, dry_run=True, trusted=desk.system == "windows")

    assert everything(desk.folder) == before
    assert (in_place, desk.ran, desk.registry.names(trust.LOCATIONS)) == ([], [], ())
    did, _ = carried_out(desk, project, trusted=desk.system == "windows")
    assert did == would


def test_everything_is_in_its_fixed_place(desk, project):
    carried_out(desk, project)

    where = desk.places
    assert where.python.exists()
    assert (where.site_packages / "kam_xl" / "__init__.py").exists()
    assert not where.app.exists()
    assert {path.name for path in where.books.iterdir()} == set(templates.BOOKS)
    assert where.books == desk.home / "Documents" / "KAM"


def test_on_windows_the_place_is_the_one_that_every_template_names(windows, project):
    carried_out(windows, project)

    assert windows.places.root == windows.home / "AppData" / "Local" / "kam_xl"
    assert windows.places.python == windows.places.root / "venv" / "Scripts" / "python.exe"
    assert (windows.places.books / "KAM_Template.xlsm").read_bytes() == b"template zh-CN null"


def test_on_macos_excel_is_allowed_to_call_python(macos, project):
    carried_out(macos, project)

    assert macos.places.python == macos.home / "kam_xl" / "venv" / "bin" / "python"
    assert (macos.home / install.APPLESCRIPTS / "xlwings-0.37.8.applescript").exists()


def test_a_second_installation_does_nothing(desk, project):
    carried_out(desk, project)
    after, ran = everything(desk.folder), len(desk.ran)

    assert carried_out(desk, project)[0] == []
    assert (everything(desk.folder), len(desk.ran)) == (after, ran)


def test_files_that_python_caches_beside_the_program_are_no_change(desk, project):
    carried_out(desk, project)
    for folder in (project, desk.places.site_packages):
        (folder / "kam_xl" / "__pycache__").mkdir(exist_ok=True)
        (folder / "kam_xl" / "__pycache__" / "x.pyc").write_text("x")

    assert carried_out(desk, project)[0] == []


def test_a_new_version_of_the_program_replaces_the_old_one_and_the_templates(desk, project):
    carried_out(desk, project)
    machines.renewed(project)
    desk.template = lambda lang, conf: b"new template"

    needed, _ = carried_out(desk, project)

    assert len(needed) == 1 + len(templates.BOOKS)  # the package and every template
    assert (desk.places.site_packages / "kam_xl" / "new.py").read_text() == "# new"
    assert {path.read_bytes() for path in desk.places.books.iterdir()} == {b"new template"}


def test_a_file_of_the_package_that_is_gone_comes_back(desk, project):
    carried_out(desk, project)
    (desk.places.site_packages / "kam_xl" / "words" / "desk.toml").unlink()

    assert len(carried_out(desk, project)[0]) == 1
    assert (desk.places.site_packages / "kam_xl" / "words" / "desk.toml").exists()


@pytest.fixture
def wheel(desk, project):
    """What pip installed on another computer from a wheel; here it has none of it."""
    there = desk.folder / "there"
    shutil.copytree(project / "kam_xl", there / "kam_xl")
    built = desk.folder / "kam_xl-0.1.0-py3-none-any.whl"
    listed = there / "kam_xl-0.1.0.dist-info"
    listed.mkdir()
    requires = "".join(f"Requires-Dist: {one}\n" for one in machines.REQUIREMENTS)
    (listed / "METADATA").write_text(f"Metadata-Version: 2.4\nName: kam-xl\nVersion: 0.1.0\n{requires}")
    (listed / "direct_url.json").write_text(json.dumps({"url": built.as_uri()}))
    desk.built[built.as_uri()] = there
    return there


def test_what_came_as_a_wheel_is_installed_from_that_wheel(desk, wheel):
    carried_out(desk, wheel)

    assert [command[-1] for command in desk.ran if "pip" in command] == [(desk.folder / "kam_xl-0.1.0-py3-none-any.whl").as_uri()]  # fmt: skip
    assert (desk.places.site_packages / "kam_xl" / "__init__.py").exists()
    assert carried_out(desk, wheel)[0] == []


def test_a_wheel_of_the_same_version_with_another_content_is_installed_too(desk, wheel):
    """Of which pip alone would say that it is there already."""
    carried_out(desk, wheel)
    machines.renewed(wheel)

    carried_out(desk, wheel)

    assert (desk.places.site_packages / "kam_xl" / "new.py").exists()
    assert carried_out(desk, wheel)[0] == []


def test_what_came_from_an_index_is_asked_of_it_again(desk, wheel):
    (wheel / "kam_xl-0.1.0.dist-info" / "direct_url.json").unlink()

    assert desk.desk(wheel).source.asked == "kam-xl==0.1.0"


def test_a_template_that_somebody_changed_stays_and_the_new_one_stands_beside_it(desk, project):
    carried_out(desk, project)
    mine = desk.places.books / "KAM_Template.xlsm"
    mine.write_bytes(b"my customers")
    assert carried_out(desk, project)[0] == []  # working in it is no reason to write anything

    machines.renewed(project)
    desk.template = lambda lang, conf: b"new template"
    carried_out(desk, project)
    carried_out(desk, project)

    assert mine.read_bytes() == b"my customers"
    assert {path.name for path in desk.places.books.iterdir()} == {"KAM_Template (2).xlsm", *templates.BOOKS}
    assert (desk.places.books / "KAM_Template (2).xlsm").read_bytes() == b"new template"

    machines.renewed(project, "# newer")
    desk.template = lambda lang, conf: b"newer template"
    carried_out(desk, project)
    assert (desk.places.books / "KAM_Template (2).xlsm").read_bytes() == b"newer template"  # nobody had changed it


def test_a_workbook_of_that_name_which_was_there_before_stays(desk, project):
    desk.places.books.mkdir(parents=True)
    (desk.places.books / "KAM_Template.xlsm").write_bytes(b"an older one, filled in")

    carried_out(desk, project)

    assert (desk.places.books / "KAM_Template.xlsm").read_bytes() == b"an older one, filled in"
    assert (desk.places.books / "KAM_Template (2).xlsm").exists()


@pytest.mark.parametrize("there", [True, False])
def test_a_template_that_somebody_moved_away_and_linked_to_stays_a_link(desk, project, there):
    carried_out(desk, project)
    place = desk.places.books / "KAM_Template.xlsm"
    place.rename(desk.folder / "elsewhere.xlsm")
    place.symlink_to(desk.folder / ("elsewhere.xlsm" if there else "gone.xlsm"))
    machines.renewed(project)
    desk.template = lambda lang, conf: b"new template"

    carried_out(desk, project)

    assert place.is_symlink()
    assert (desk.folder / "elsewhere.xlsm").read_bytes() == b"template zh-CN null"
    assert (desk.places.books / "KAM_Template (2).xlsm").read_bytes() == b"new template"


def test_a_template_that_was_deleted_comes_back(desk, project):
    carried_out(desk, project)
    (desk.places.books / "KAM_Template.xlsm").unlink()

    assert len(carried_out(desk, project)[0]) == 1
    assert (desk.places.books / "KAM_Template.xlsm").exists()


@pytest.mark.parametrize("broken", ["python", "home", "config"])
def test_an_environment_whose_python_is_gone_is_made_anew_with_its_packages(desk, project, broken):
    carried_out(desk, project)
    if broken == "python":
        desk.places.python.unlink()
    elif broken == "home":
        (desk.places.venv / "pyvenv.cfg").write_text("home = /gone\n")
    else:
        (desk.places.venv / "pyvenv.cfg").unlink()

    would, _ = carried_out(desk, project, dry_run=True)
    did, _ = carried_out(desk, project)

    assert would == did
    assert [says.split(" in ")[0] for says in did][:2] == [
        "make a Python environment of its own",
        "install KAM XL and the packages it needs",
    ]
    assert carried_out(desk, project)[0] == []


def test_new_requirements_are_installed(desk, project):
    carried_out(desk, project)
    told = project / "pyproject.toml"
    told.write_text(told.read_text().replace('"pandas>=3"', '"pandas>=3", "rich"'))

    needed, _ = carried_out(desk, project)

    assert any("install KAM XL" in says for says in needed)


def test_an_installation_that_broke_off_is_taken_up_again(desk, project):
    desk.fails = "pip"
    with pytest.raises(KamError, match="did not succeed: the last line") as told:
        carried_out(desk, project)
    assert str(desk.places.root / "install.log") in str(told.value)
    assert "one line" in (desk.places.root / "install.log").read_text()
    assert not desk.places.books.exists()

    desk.fails = ""
    needed, in_place = carried_out(desk, project)
    assert any("make a Python environment" in says for says in in_place)
    assert any("install KAM XL" in says for says in needed)


def test_what_cannot_be_written_is_a_sentence(desk, project):
    (desk.home / "Documents" / "KAM").write_text("a file where the folder should be")

    with pytest.raises(KamError, match="Not done: make the folder"):
        carried_out(desk, project)


def test_a_template_open_in_excel_is_a_sentence(desk, project, monkeypatch):
    def replace(self, target):
        raise PermissionError(13, "in use")

    carried_out(desk, project)
    machines.renewed(project)
    with monkeypatch.context() as patch:
        patch.setattr(install.templates.Path, "replace", replace)
        patch.setattr(record.Inventory, "note", lambda self, made: None)
        with pytest.raises(KamError):
            install._book(desk.desk(project), "KAM_Template.en.xlsm").do()


# --- the DLL ----------------------------------------------------------------------------------------------------------


def test_a_dll_that_pip_put_elsewhere_is_copied_beside_the_interpreter(windows, project):
    windows.dlls = ()
    stray = windows.home / "AppData" / "Roaming" / "Python" / "Python312"
    stray.mkdir(parents=True)
    for name in install.dll_names(machines.XLWINGS):
        (stray / name).write_text("dll")

    carried_out(windows, project)

    assert (windows.places.python.parent / "xlwings64-0.37.8.dll").read_text() == "dll"


def test_a_dll_that_vanished_is_installed_again(windows, project):
    carried_out(windows, project)
    (windows.places.venv / "xlwings64-0.37.8.dll").unlink()

    needed, _ = carried_out(windows, project)

    assert len(needed) == 1
    assert (windows.places.venv / "xlwings64-0.37.8.dll").exists()


def test_a_dll_that_an_antivirus_program_takes_away_again_is_told(windows, project):
    windows.dlls = ()

    with pytest.raises(KamError, match="antivirus"):
        carried_out(windows, project)


# --- what makes it impossible -----------------------------------------------------------------------------------------


def changed(fake, **facts):
    fake.machine = dataclasses.replace(fake.machine, **facts)
    return fake


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_what_is_impossible_is_told_before_anything_is_touched(tmp_path, project, lang):
    store = tmp_path / "Program Files" / "WindowsApps" / "PythonSoftwareFoundation.Python.3.12" / "python.exe"
    fakes = [
        changed(machines.windows(tmp_path / "2"), base_python=store),
        changed(machines.windows(tmp_path / "3"), env={}),
        machines.linux(tmp_path / "4"),
        machines.windows(tmp_path / "5"),
    ]
    fakes[-1].running = ("pythonw.exe", "pythonw.exe")

    sentences = set()
    for fake in fakes:
        with pytest.raises(KamError) as told:
            install.refuse(fake.desk(project, lang))
        sentences.add(str(told.value))
        assert not fake.ran
    assert len(sentences) == len(fakes)
    assert any("(pythonw.exe)" in sentence or "（pythonw.exe）" in sentence for sentence in sentences)


# --- the path that must be ASCII --------------------------------------------------------------------------------------


def test_a_chinese_user_name_moves_the_installation_and_the_templates_say_so(tmp_path, project):
    fake = chinese(tmp_path, "张三")

    carried_out(fake, project)

    folder = fake.places.root.name
    assert fake.places.root.parent == tmp_path / "ProgramData"
    assert re.fullmatch(r"kam_xl-[0-9a-f]{8}", folder)
    assert fake.ran[0][:3] == ("icacls", str(fake.places.root), "/inheritance:r")
    assert r"FIRM\zhang:(OI)(CI)F" in fake.ran[0]
    conf = (fake.places.books / "KAM_Template.xlsm").read_bytes().decode()
    assert rf"%PROGRAMDATA%\\{folder}\\venv\\Scripts\\python.exe" in conf
    assert fake.places.record == tmp_path / "张三" / "AppData" / "Local" / "kam_xl" / "install.json"
    assert carried_out(fake, project)[0] == []


def test_two_users_with_chinese_names_have_a_place_each_and_one_leaving_takes_only_his(tmp_path, project):
    first, second = chinese(tmp_path, "张三"), chinese(tmp_path, "李四")
    before = everything(tmp_path)
    carried_out(first, project)
    one = everything(tmp_path)
    carried_out(second, project)
    assert first.places.root != second.places.root
    assert first.places.root == chinese(tmp_path, "张三").places.root

    for fake, left in ((second, one), (first, before)):
        carry_out(uninstall.steps(fake.desk(project)), lambda step, needed: None, WORDS, dry_run=False)
        assert everything(tmp_path) == left


def test_where_no_place_is_in_english_letters_it_is_the_users_own(tmp_path):
    fake = chinese(tmp_path, "张三", ProgramData=str(tmp_path / "公用"))

    assert fake.places.root == tmp_path / "张三" / "AppData" / "Local" / "kam_xl"
    assert not fake.places.shared


def chinese(folder, name, **env):
    """A Windows computer whose user's name is Chinese, with a documents folder of that user's."""
    home = folder / name
    profile = home / "AppData" / "Local"
    profile.mkdir(parents=True, exist_ok=True)
    (home / "Documents").mkdir(exist_ok=True)
    return machines.windows(folder, LocalAppData=str(profile), USERPROFILE=str(home), **env)


def planted(fake):
    """What another user put where the installation will be: an environment that looks whole."""
    root = fake.places.root
    fake.places.python.parent.mkdir(parents=True)
    fake.places.python.write_text("planted")
    (fake.places.venv / "pyvenv.cfg").write_text(f"home = {fake.machine.base_python.parent}\n")
    (fake.places.app).mkdir()
    (fake.places.app / "udfs.py").write_text("planted")
    (root / "install.json").write_text(json.dumps({"made": [
        {"kind": kind, "place": str(place)}
        for kind, place in (("place", root), ("folder", fake.places.venv), ("folder", fake.places.app))
    ]}))  # fmt: skip


@pytest.mark.parametrize("plant", [planted, lambda fake: fake.places.root.mkdir(), lambda fake: fake.places.root.symlink_to("gone")])  # fmt: skip
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_folder_there_that_is_not_of_this_users_making_is_refused(tmp_path, project, plant, lang):
    fake = chinese(tmp_path, "张三")
    plant(fake)
    before = everything(tmp_path)

    with pytest.raises(KamError) as told:
        install.refuse(fake.desk(project, lang))

    assert str(fake.places.root) in str(told.value)
    assert (everything(tmp_path), fake.ran) == (before, [])


@pytest.mark.parametrize("when", ["before", "while it is locked"])
def test_what_is_planted_at_the_last_moment_is_refused_too(tmp_path, project, when):
    fake = chinese(tmp_path, "张三")
    if when == "before":
        planted(fake)
    else:
        run = fake.run

        def late(command, *seconds):
            if command[0] == "icacls":
                planted(fake)
            return run(command, *seconds)

        changed(fake, run=late)
    desk = fake.desk(project)

    with pytest.raises(KamError, match="kam_xl-"):
        carry_out(install.steps(desk), lambda step, needed: None, WORDS, dry_run=False)

    assert fake.places.python.read_text() == "planted"
    assert {command[0] for command in fake.ran} <= {"icacls"}
    with pytest.raises(KamError, match="not made by this user"):  # nor does the next run take it for its own
        install.refuse(fake.desk(project))


def test_a_folder_that_cannot_be_locked_does_not_stay(tmp_path, project):
    fake = chinese(tmp_path, "张三")
    fake.fails = "icacls"
    with pytest.raises(KamError, match="icacls"):
        carried_out(fake, project)
    assert not fake.places.root.exists()

    fake.fails = ""
    carried_out(fake, project)
    assert fake.places.python.exists()


# --- what was there before --------------------------------------------------------------------------------------------


def test_an_environment_that_the_record_does_not_name_is_neither_used_nor_removed(desk, project):
    desk.places.python.parent.mkdir(parents=True)
    desk.places.python.write_text("planted")
    (desk.places.venv / "pyvenv.cfg").write_text(f"home = {desk.machine.base_python.parent}\n")
    (desk.places.venv / "planted.pth").write_text("import planted")
    before = everything(desk.places.venv)

    would, _ = carried_out(desk, project, dry_run=True)
    did, _ = carried_out(desk, project)

    assert would == did
    assert f"keep {desk.places.venv}, which no installation made, as {desk.places.root / 'venv (2)'}" in did
    assert desk.ran[0] == (str(desk.machine.python), "-m", "venv", str(desk.places.venv))
    assert desk.places.python.read_text() == "python"
    kept = everything(desk.places.root / "venv (2)")
    assert {path.name: text for path, text in kept.items()} == {path.name: text for path, text in before.items()}
    assert carried_out(desk, project)[0] == []


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_whatever_stands_where_the_program_goes_is_kept(desk, project, kind):
    """Also what is named like something that installing makes for a moment."""
    desk.places.root.mkdir(parents=True)
    mine = desk.folder / "mine"
    mine.mkdir()
    (mine / "华东.xlsx").write_text("mine")
    for name in ("app", "venv", "venv (2)"):
        place = desk.places.root / name
        if kind == "folder":
            shutil.copytree(mine, place)
        elif kind == "file":
            place.write_text("mine")
        else:
            place.symlink_to(mine)
    texts = [path.read_text() for path in desk.places.root.rglob("*") if path.is_file()]

    carried_out(desk, project)
    taken = [step.says for step in uninstall.steps(desk.desk(project))]
    carry_out(uninstall.steps(desk.desk(project)), lambda step, needed: None, WORDS, dry_run=False)

    names = {path.name for path in desk.places.root.iterdir()}
    assert names == {"app", "venv (2)", "venv (3)"}
    assert [path.read_text() for path in desk.places.root.rglob("*") if path.is_file()] == texts
    assert (mine / "华东.xlsx").read_text() == "mine"
    assert taken


def test_one_that_cannot_be_kept_is_not_noted_as_ours(desk, project, monkeypatch):
    desk.places.venv.mkdir(parents=True)

    def rename(path, target):
        raise PermissionError(13, "in use", str(path))

    monkeypatch.setattr(install.Path, "rename", rename)
    with pytest.raises(KamError, match="Not done"):
        carried_out(desk, project)

    assert desk.desk(project).record.of(desk.places.venv) is None


def test_what_is_put_there_at_the_last_moment_is_refused(desk, project):
    steps = install.steps(desk.desk(project))
    desk.places.venv.mkdir(parents=True)

    with pytest.raises(KamError, match="not made by this user"):
        carry_out(steps, lambda step, needed: None, WORDS, dry_run=False)
    assert desk.ran == []


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_program_whose_record_is_gone_does_not_move_itself(desk, project, lang):
    carried_out(desk, project)
    desk.places.record.unlink()
    before = everything(desk.folder)

    for runs in ({"source": desk.places.site_packages}, {"source": project, "python": desk.places.python}):
        inside = changed(desk, python=runs["python"]) if "python" in runs else desk
        with pytest.raises(KamError) as told:
            install.refuse(inside.desk(runs["source"], lang))
        assert str(desk.places.root) in str(told.value)
    assert everything(desk.folder) == before


def test_a_root_that_was_there_before_is_not_ours_to_remove(desk, project):
    desk.places.root.mkdir(parents=True)

    carried_out(desk, project)
    assert carried_out(desk, project)[0] == []
    carry_out(uninstall.steps(desk.desk(project)), lambda step, needed: None, WORDS, dry_run=False)

    assert everything(desk.places.root) == {}


# --- what people save among the program -------------------------------------------------------------------------------


def saved_among(desk):
    """Workbooks of somebody's own in the folder of the program, and one of ours that somebody filled in; by path."""
    shared, site = desk.places.venv / "share" / "kam_xl", desk.places.site_packages
    shared.mkdir(parents=True)
    files = {
        desk.places.venv / "华北.xlsm": "mine",
        site / "华南.XLS": "mine",
        shared / "KAM_Template.xlsm": "filled in",
    }
    for path, text in files.items():
        path.write_text(text)
    told = os.path.relpath(shared / "KAM_Template.xlsm", site)
    (site / "kam_xl-0.1.0.dist-info" / "RECORD").write_text(f"{told},sha256=x,1\n")
    return files


def test_what_somebody_saved_among_the_program_does_not_make_it_another_one(desk, project):
    carried_out(desk, project)
    (desk.places.site_packages / "kam_xl" / "guide" / "华东.xlsx").write_text("mine")

    assert carried_out(desk, project)[0] == []
    assert carried_out(desk, desk.places.site_packages)[0] == []  # nor where the installed program installs itself


def test_an_environment_that_is_made_anew_keeps_the_workbooks_in_it(desk, project):
    carried_out(desk, project)
    saved = {path: text for path, text in saved_among(desk).items() if path.is_relative_to(desk.places.venv)}
    desk.places.python.unlink()

    carried_out(desk, project)

    assert desk.places.python.exists()
    assert len(saved) == 3
    assert {path: path.read_text() for path in saved} == saved


# --- an installation of an earlier version ----------------------------------------------------------------------------


def test_an_earlier_versions_folder_goes_once_the_package_is_there(desk, project):
    machines.older(desk, project)
    desk.template = lambda lang, conf: b"new template"

    would, _ = carried_out(desk, project, dry_run=True)
    did, in_place = carried_out(desk, project)

    assert would == did
    assert f"remove {desk.places.app}, where an earlier version lies, but keep what nobody installed there" in did
    assert any("make a Python environment" in says for says in in_place)
    assert not desk.places.app.exists()
    assert not (desk.places.site_packages / "kam_xl.pth").exists()
    assert {path.read_bytes() for path in desk.places.books.iterdir()} == {b"new template"}
    assert carried_out(desk, project)[0] == []


def test_what_somebody_saved_among_an_earlier_version_stays(desk, project):
    machines.older(desk, project)
    mine = {desk.places.app / "华东.xlsx": "mine", desk.places.app / "docs" / "guide.md": "changed"}
    for path, text in mine.items():
        path.write_text(text)

    carried_out(desk, project)

    assert {path: path.read_text() for path in desk.places.app.rglob("*") if path.is_file()} == mine
    assert carried_out(desk, project)[0] == []


def test_an_earlier_versions_folder_stays_until_the_package_is_there(desk, project):
    machines.older(desk, project)
    before = everything(desk.places.app)
    desk.fails = "pip"

    with pytest.raises(KamError, match="did not succeed"):
        carried_out(desk, project)

    assert everything(desk.places.app) == before
    assert (desk.places.site_packages / "kam_xl.pth").exists()


# --- the documents ----------------------------------------------------------------------------------------------------


def test_documents_that_the_company_moved_are_found(tmp_path, project):
    fake = machines.windows(tmp_path, OneDriveCommercial=str(tmp_path / "OneDrive - Firm"))
    fake.registry.write(machines.SHELL, {"Personal": r"%OneDriveCommercial%\文档"})

    assert fake.places.books == tmp_path / "OneDrive - Firm" / "文档" / "KAM"


def test_without_a_moved_folder_the_documents_are_the_users(tmp_path):
    fake = machines.windows(tmp_path)
    fake.registry.delete(machines.SHELL)

    assert places.documents(fake.machine) == fake.home / "Documents"


# --- the trusted location ---------------------------------------------------------------------------------------------


def test_the_trusted_location_takes_a_free_number_and_is_made_once(windows, project):
    windows.registry.write(rf"{trust.LOCATIONS}\Location0", {"Path": "C:\\Other\\"})

    carried_out(windows, project, trusted=True)

    assert windows.registry.read(rf"{trust.LOCATIONS}\Location1", "Path") == f"{windows.places.books}\\"
    assert windows.registry.read(rf"{trust.LOCATIONS}\Location1", "AllowSubfolders") == 1
    assert carried_out(windows, project, trusted=True)[0] == []


@pytest.mark.parametrize(("below", "needed"), [(1, 0), (0, 1)])
def test_a_folder_that_is_trusted_already_needs_no_location(windows, project, below, needed):
    documents = str(windows.home / "Documents").upper()
    windows.registry.write(rf"{trust.LOCATIONS}\Location7", {"Path": documents + "\\", "AllowSubfolders": below})
    windows.registry.write(rf"{trust.LOCATIONS}\Location8", {"Description": "no path"})
    carried_out(windows, project)

    assert len(carried_out(windows, project, trusted=True)[0]) == needed


def test_without_being_asked_nothing_is_trusted(windows, project):
    carried_out(windows, project)

    assert windows.registry.names(trust.LOCATIONS) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (rf"HKCU\{trust.POLICIES}\Common\Security\Trusted Locations", {"Allow User Locations": 0}),
        (rf"HKCU\{trust.POLICIES}\Excel\Security\Trusted Locations", {"AllLocationsDisabled": 1}),
        (trust.LOCATIONS, {"AllLocationsDisabled": 1}),
    ],
)
def test_a_policy_against_locations_is_told(windows, project, key, value):
    windows.registry.write(key, value)

    with pytest.raises(KamError, match="policy"):
        install.refuse(windows.desk(project), trusted=True)
    install.refuse(windows.desk(project))


def test_macos_has_no_trusted_locations(macos, project):
    with pytest.raises(KamError, match="for Windows"):
        install.refuse(macos.desk(project), trusted=True)
