"""What a workbook says of itself is read from its file, whoever saved it last."""

import pytest

from kam_xl.core.errors import Refused
from kam_xl.desk import contents
from tests import files
from tests.desk import kam_books


def test_a_workbook_of_ours_tells_its_facts():
    found = contents.of(kam_books.package())

    assert (found.ours, found.version, found.xlwings) == (True, "0.1.0", "0.37.8")
    assert (found.sheets, tuple(found.code_names)) == (kam_books.SHEETS, kam_books.CODE_NAMES)
    assert (found.ribbon, found.conf, found.texts) == (kam_books.RIBBON, kam_books.CONF, set(kam_books.TEXTS))
    assert "KamActions" in {module.name for module in found.modules}


@pytest.mark.parametrize(
    "facts", [{"version": None}, {"table": "tblOther"}, {"sheets": ("Info", "Texts", "xlwings.conf")}]
)
def test_one_mark_missing_and_it_is_not_ours(facts):
    assert not contents.of(kam_books.package(**facts)).ours


def test_a_team_workbook_without_macros_is_not_ours_and_has_none(tmp_path):
    found = contents.read(files.team(tmp_path / "a.xlsx"))

    assert (found.ours, found.modules, found.conf, found.version, found.ribbon) == (False, (), None, None, None)


def test_the_stub_is_no_bridge():
    assert contents.of(kam_books.package(macros=kam_books.modules((), kam_books.STUB))).xlwings is None


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ('"2.0"', "2.0"), ("Info!$B$1", "0.1.0"), ("'Info'!$B$1", "0.1.0"), ("Info!$B$900", None),
        ("Info!$ZZ$1", None), ("Gone!$A$1", None), ("#REF!", None), ("Info!$D$1", None),
    ],
)  # fmt: skip
def test_the_version_is_a_constant_or_a_cell(tmp_path, name, version):
    path = kam_books.write(tmp_path / "a.xlsm")
    changed = files.changed(path, workbook=("Info!$B$1", name))

    assert contents.read(changed).version == version


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"), (bytes.fromhex("d0cf11e0a1b11ae1"), "encrypted"), (b"text", "not_a_workbook"),
        (b"PK\x03\x04 cut off", "damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_reason(data, reason):
    with pytest.raises(Refused) as told:
        contents.of(data)

    assert told.value.reason == reason


@pytest.mark.parametrize(
    "edit", [{"table1": ("<table ", "<table<")}, {"workbook": ("<sheets>", "<sheets><")}, {"sheet2": None}]
)
def test_a_damaged_part_is_refused(tmp_path, edit):
    path = files.changed(kam_books.write(tmp_path / "a.xlsm"), **edit)

    with pytest.raises(Refused):
        contents.read(path)


def test_a_zip_file_without_a_workbook_is_refused(tmp_path):
    path = files.package(tmp_path / "a.zip", {"[Content_Types].xml": "<Types/>"})

    with pytest.raises(Refused):
        contents.read(path)
