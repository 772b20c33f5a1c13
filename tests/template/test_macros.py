"""The modules of the workbook are collected in a stable order, and those of xlwings fit the installed package."""

import importlib.metadata
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlwings

from kam_xl.core.errors import KamError
from kam_xl.engines.office_file import vba
from kam_xl.template import macros

FILES = {
    "ThisWorkbook.cls": 'Attribute VB_Name = "ThisWorkbook"\nOption Explicit\n',
    "xlwings.bas": 'Attribute VB_Name = "xlwings"\nSub RunPython(cmd)\nEnd Sub\n',
    "KamMain.bas": 'Attribute VB_Name = "KamMain"\n',
    "KamBridge.cls": 'Attribute VB_Name = "KamBridge"\n',
    "README.md": "not a module",
}
XLWINGS = Path(xlwings.__file__).parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(macros, "FOLDER", tmp_path)
    return tmp_path


def test_documents_come_first_then_the_others_by_name(folder):
    found = macros.modules(["Sheet1", "Sheet3"])

    assert [(module.name, module.kind) for module in found] == [
        ("ThisWorkbook", "document"), ("Sheet1", "document"), ("Sheet3", "document"),
        ("KamBridge", "class"), ("KamMain", "standard"), ("xlwings", "standard"),
    ]  # fmt: skip


def test_texts_are_as_they_will_be_read_back(folder):
    found = macros.modules(["Sheet1"])

    assert vba.modules(vba.project(found)) == found
    assert found[0].text.endswith("Option Explicit\n")
    assert "00020819" in found[0].text
    assert "00020820" in found[1].text


def test_the_installed_xlwings_takes_the_place_of_the_stub(folder):
    found = {module.name: module for module in macros.modules([], macros.installed_xlwings())}

    assert list(found) == ["ThisWorkbook", "Dictionary", "KamBridge", "KamMain", "xlwings"]
    assert len(found["xlwings"].text) > 10_000
    assert found["Dictionary"].kind == "class"


def test_our_own_modules_make_a_project():
    found = macros.modules(["Sheet1", "Sheet2"])

    assert found[0].name == "ThisWorkbook"
    assert vba.modules(vba.project(found)) == found


# --- xlwings ----------------------------------------------------------------------------------------------------------


def test_the_modules_of_xlwings_are_those_of_its_own_standalone_workbook():
    package = zipfile.ZipFile(XLWINGS / "quickstart_standalone.xlsm").read("xl/vbaProject.bin")
    standalone = {module.name: module for module in vba.modules(package)}

    for module in macros.installed_xlwings():
        theirs = standalone[module.name]
        # the editor gives a name one spelling throughout a project, and theirs has Err in another module as err
        assert (module.kind, module.text.lower()) == (theirs.kind, theirs.text.lower())


@pytest.fixture
def installed(monkeypatch) -> SimpleNamespace:
    """What is told of the installed xlwings; by whom does not matter, a backport of the library takes its place."""
    there = importlib.metadata.distribution("xlwings")
    told = SimpleNamespace(version=there.version, locate_file=there.locate_file)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: told)
    return told


def test_another_version_than_the_packages_is_said(installed):
    installed.version = "0.99.0"

    with pytest.raises(KamError, match=r"xlwings 的宏是 .* 版，而已安装的程序包是 0.99.0 版"):
        macros.installed_xlwings()
    with pytest.raises(KamError, match=r"of version .*, the installed package of version 0.99.0"):
        macros.installed_xlwings("en")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_package_without_its_modules_is_said(installed, tmp_path, lang):
    installed.locate_file = lambda _path: tmp_path

    with pytest.raises(KamError, match=r"xlwings\.bas"):
        macros.installed_xlwings(lang)
    (tmp_path / "xlwings.bas").write_text("' no version here\n")
    (tmp_path / "addin").mkdir()
    (tmp_path / "addin" / "Dictionary.cls").write_text("")
    with pytest.raises(KamError, match=r"\?"):
        macros.installed_xlwings(lang)
