"""What is ours in the folders of an installation, and how they are emptied."""

import base64
import hashlib
import shutil
from pathlib import Path

import pytest

from kam_xl.desk import folders
from kam_xl.desk.record import Made
from kam_xl.desk.remover import linked, remove


def written(folder, *names, text="ours"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def made(folder, *names):
    return Made("folder", str(folder), files=folders.tree(folder, names))


def test_a_tree_is_its_files_with_what_tells_them_apart_and_no_caches(tmp_path):
    written(
        tmp_path, "a/one.py", "a/b/two.py", "three.py", "other.py", "a/__pycache__/one.pyc", "a/b/__pycache__/x/y.pyc"
    )

    tree = folders.tree(tmp_path, ("a", "three.py", "gone"))

    assert list(tree) == ["a/b/two.py", "a/one.py", "three.py"]
    assert len(set(tree.values())) == 1
    written(tmp_path, "three.py", text="changed")
    assert len(set(folders.tree(tmp_path, ("a", "three.py")).values())) == 2


def test_whatever_we_did_not_put_there_just_so_is_a_strangers(tmp_path):
    written(tmp_path, "a/one.py", "a/two.py")
    program = made(tmp_path, "a")
    assert folders.strangers(program) == ()

    written(tmp_path, "a/two.py", "华东.xlsx", "a/notes", text="mine")
    written(tmp_path, "a/__pycache__/two.pyc", ".DS_Store", "a/~$华东.xlsx")
    (tmp_path / "link").symlink_to(tmp_path / "a")

    names = ["a/notes", "a/two.py", "link", "华东.xlsx"]
    assert [path.relative_to(tmp_path).as_posix() for path in folders.strangers(program)] == names


def test_what_somebody_else_removes_meanwhile_is_passed_over(tmp_path, monkeypatch):
    written(tmp_path, "lib/a.xlsx", "mine/b.xlsx")
    listed = Path.iterdir

    def quicker(path):
        if path.name == "lib":
            shutil.rmtree(path)
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", quicker)

    assert folders.strangers(Made("folder", str(tmp_path))) == (tmp_path / "mine" / "b.xlsx",)
    assert not linked(tmp_path / "lib")


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLSM", "a.xls", "a.xlsb", "a.xltx", "a.ods", "a.csv", "lib/a.xlsx"])
def test_in_an_environment_a_workbook_is_a_strangers_unless_a_package_brought_it(tmp_path, name):
    written(tmp_path, name, "pyvenv.cfg", "lib/python3.11/site-packages/x.py", "bin/python", "a.txt")
    environment = Made("folder", str(tmp_path))
    assert folders.strangers(environment) == (tmp_path / name,)

    told = base64.urlsafe_b64encode(hashlib.sha256(b"ours").digest()).decode().rstrip("=")
    record = f"x.py,,\n../../../{name},sha256={told},4\n"
    written(tmp_path, "lib/python3.11/site-packages/x-1.dist-info/RECORD", text=record)
    assert folders.strangers(environment) == ()

    written(tmp_path, name, text="filled in")
    assert folders.strangers(environment) == (tmp_path / name,)


def test_a_name_beside_another_is_free(tmp_path):
    assert folders.beside(tmp_path / "a.xlsx") == tmp_path / "a (2).xlsx"
    (tmp_path / "a (2).xlsx").symlink_to("nowhere")
    (tmp_path / "a (3).xlsx").mkdir()
    assert folders.beside(tmp_path / "a.xlsx") == tmp_path / "a (4).xlsx"


def test_a_folder_is_removed_but_what_is_kept(tmp_path):
    folder = written(tmp_path / "app", "a/b/one.py", "a/two.py", "c/d/e/three.py", "four.py")
    keep = {folder / "a" / "two.py"}

    remove(folder, keep)
    assert left(folder) == ["a", "a/two.py"]
    remove(folder)
    assert not folder.exists()


def test_what_links_lead_to_stays(tmp_path):
    mine, folder = written(tmp_path / "mine", "a.xlsx"), written(tmp_path / "app", "one.py")
    (folder / "file").symlink_to(mine / "a.xlsx")
    (folder / "folder").symlink_to(mine)
    (folder / "nowhere").symlink_to(tmp_path / "gone")
    (folder / "round").symlink_to(folder)

    remove(folder)

    assert not folder.exists()
    assert left(mine) == ["a.xlsx"]
