"""Upgrading: new macros and ribbon, and every other part of every workbook byte for byte what it was."""

import dataclasses
import datetime as dt
import io
import os
import zipfile

import pytest

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.desk import contents, upgrade
from kam_xl.engines.office_file import opc, vba
from kam_xl.hosts import workbooks
from tests import files
from tests.desk import kam_books

WORDS = resources.words("en")
TODAY = dt.date(2026, 11, 21)
NEW_ACTIONS = vba.Module("KamActions", "Sub KamXl_ScoreAll()\n    RunPython 1\nEnd Sub\n", "standard")
NEW_RIBBON = b'<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui"><!-- new --></customUI>'
FRESH = upgrade.Fresh(
    NEW_RIBBON,
    lambda sheets: kam_books.modules(sheets, kam_books.bridge("0.38.0"), NEW_ACTIONS),
    frozenset(kam_books.TEXTS),
)
SWAPPED = {"xl/vbaProject.bin", "customUI/customUI.xml"}


def upgraded(folder, fresh=FRESH, *, dry_run=False):
    return list(upgrade.upgrade(folder, fresh, TODAY, WORDS, dry_run=dry_run))


def one(folder, fresh=FRESH, **options):
    (outcome,) = upgraded(folder, fresh, **options)
    return outcome.result, outcome.code


def test_every_part_but_macros_and_ribbon_is_byte_for_byte_the_same(tmp_path):
    path = kam_books.write(tmp_path / "华东.xlsm")
    before = files.parts(path)

    assert one(tmp_path) == ("upgraded", "upgraded")

    after = files.parts(path)
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} == SWAPPED
    found = contents.read(path)
    assert (found.xlwings, found.ribbon) == ("0.38.0", NEW_RIBBON)
    assert "RunPython 1" in next(module.text for module in found.modules if module.name == "KamActions")


@pytest.mark.parametrize("facts", [{"macros": kam_books.modules((), kam_books.STUB), "ribbon": None}, {"ribbon": None}])
def test_a_workbook_that_lost_its_ribbon_gets_one_and_every_sheet_stays(tmp_path, facts):
    path = kam_books.write(tmp_path / "华东.xlsm", **facts)
    before = files.parts(path)

    assert one(tmp_path) == ("upgraded", "upgraded")

    after = files.parts(path)
    lists = {"[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels"}
    assert {name for name in after if after[name] != before.get(name)} <= SWAPPED | lists
    assert b"customUI/customUI.xml" in after["_rels/.rels"]


def test_a_second_upgrade_changes_nothing(tmp_path):
    path = kam_books.write(tmp_path / "华东.xlsm")
    upgraded(tmp_path)
    after = path.read_bytes()

    assert one(tmp_path) == ("current", "current")
    assert path.read_bytes() == after


def test_macros_that_excel_saved_in_its_own_spelling_are_current(tmp_path):
    spelled = [
        vba.Module(
            module.name, module.text.replace("KamXl_ScoreAll", "kamxl_scoreall").replace("    ", "  "), module.kind
        )
        for module in FRESH.modules(kam_books.CODE_NAMES)
    ]
    kam_books.write(tmp_path / "a.xlsm", macros=spelled, ribbon=NEW_RIBBON)

    assert one(tmp_path) == ("current", "current")


def test_the_copy_of_before_stands_where_the_nightly_job_does_not_look(tmp_path):
    path = kam_books.write(tmp_path / "east" / "华东.xlsm")
    before = path.read_bytes()

    upgraded(tmp_path)
    copy = tmp_path / ".kam_xl-backup-2026-11-21" / "east" / "华东.xlsm"
    assert copy.read_bytes() == before
    assert workbooks.listing(tmp_path).books == ("east/华东.xlsm",)

    path.write_bytes(before)
    upgraded(tmp_path)
    assert sorted(one.name for one in copy.parent.iterdir()) == ["华东 (2).xlsm", "华东.xlsm"]


def test_a_dry_run_tells_the_same_and_changes_nothing(tmp_path):
    kam_books.write(tmp_path / "a.xlsm")
    kam_books.write(tmp_path / "b.xlsm", version="9.0")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    told = upgraded(tmp_path, dry_run=True)

    assert [(outcome.result, outcome.code) for outcome in told] == [("upgraded", "would"), ("skipped", "newer")]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert [outcome.result for outcome in upgraded(tmp_path)] == ["upgraded", "skipped"]


@pytest.mark.parametrize(("schema", "code"), [(None, "upgraded"), (2, "upgraded"), (1, "layout"), (3, "layout")])
def test_macros_go_only_into_sheets_that_they_know(tmp_path, schema, code):
    path = kam_books.write(tmp_path / "a.xlsm", schema=schema)
    assert contents.read(path).schema == schema

    assert one(tmp_path, dataclasses.replace(FRESH, schema=2))[1] == code


def test_other_workbooks_are_passed_over(tmp_path):
    files.team(tmp_path / "team.xlsx")
    kam_books.write(tmp_path / "other.xlsm", table="tblOther")
    kam_books.write(tmp_path / "macro_free.xlsx", macros=None, ribbon=None)
    kam_books.write(tmp_path / ".hidden" / "a.xlsm")
    (tmp_path / "~$a.xlsm").write_bytes(b"\x05owner")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    assert upgraded(tmp_path) == []
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def read_only(path):
    path.chmod(0o444)


def encrypted(path):
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512)


def damaged(path):
    path.write_bytes(path.read_bytes()[:-200])


def open_in_excel(path):
    path.with_name(f"~${path.name}").write_bytes(b"\x05owner")


def open_in_libreoffice(path):
    path.with_name(f".~lock.{path.name}#").write_text(",owner")


def newer(path):
    kam_books.write(path, version="0.2")


def with_a_macro_of_their_own(path):
    kam_books.write(path, macros=kam_books.modules(kam_books.CODE_NAMES, kam_books.bridge(), vba.Module("Mine", "Sub A()\nEnd Sub\n", "standard")))  # fmt: skip


def with_code_in_a_sheet(path):
    book, *_ = made = kam_books.modules()
    code = vba.Module("Sheet1", "Private Sub Worksheet_Change(ByVal Target As Range)\nEnd Sub\n", "document")
    kam_books.write(path, macros=[book, code, *made[2:]])


def with_a_sheet_that_we_cannot_list(path):
    kam_books.write(path, macros=kam_books.modules((*kam_books.CODE_NAMES, "Chart1")))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (read_only, "read_only"), (encrypted, "unreadable"), (damaged, "unreadable"), (open_in_excel, "open"),
        (open_in_libreoffice, "open"), (newer, "newer"), (with_a_macro_of_their_own, "own_macros"),
        (with_code_in_a_sheet, "own_macros"), (with_a_sheet_that_we_cannot_list, "own_macros"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_what_cannot_be_upgraded_is_left_as_it_is_with_a_reason(tmp_path, spoil, code, lang):
    path = kam_books.write(tmp_path / "a.xlsm")
    kam_books.write(tmp_path / "b.xlsm")
    spoil(path)
    before = path.read_bytes()

    spoiled, other = upgraded(tmp_path)

    assert (spoiled.result, spoiled.code, other.result) == ("skipped", code, "upgraded")
    assert path.read_bytes() == before
    assert resources.words(lang)(f"upgrade.{code}", **spoiled.values)
    assert not list(tmp_path.glob("*.tmp")) + list(tmp_path.glob(".kam_xl-*.tmp"))


@pytest.mark.parametrize("name", ["列表", "kamactions", "Excel", "N" * 32])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_code_name_that_cannot_stand_in_a_project_stops_no_other_workbook(tmp_path, name, lang):
    kam_books.write(tmp_path / "a.xlsm")
    odd = kam_books.write(
        tmp_path / "b.xlsm",
        sheets=(*kam_books.SHEETS, "我们的表"),
        code_names=(*kam_books.CODE_NAMES, name),
    )
    kam_books.write(tmp_path / "c.xlsm")
    before = odd.read_bytes()

    first, skipped, last = upgraded(tmp_path)

    assert (first.result, last.result) == ("upgraded", "upgraded")
    assert (skipped.result, skipped.code) == ("skipped", "code_name")
    assert odd.read_bytes() == before
    told = resources.words(lang)("upgrade.code_name", **skipped.values)
    assert name in told
    assert "我们的表" in told


def test_a_name_that_is_not_a_sheets_is_our_bug(tmp_path):
    kam_books.write(tmp_path / "a.xlsm")
    ours = vba.Module("模块", "", "standard")

    with pytest.raises(vba.BadName, match="模块"):
        upgraded(tmp_path, dataclasses.replace(FRESH, modules=lambda sheets: kam_books.modules(sheets, ours)))


def test_a_module_of_ours_that_a_new_version_no_longer_has_goes(tmp_path):
    old = vba.Module("KamOld", "Sub KamOld_Do()\nEnd Sub\n", "standard")
    path = kam_books.write(tmp_path / "a.xlsm", macros=kam_books.modules(kam_books.CODE_NAMES, kam_books.bridge(), old))

    assert one(tmp_path) == ("upgraded", "upgraded")
    assert "KamOld" not in {module.name for module in contents.read(path).modules}


def test_sheets_that_a_team_added_keep_their_modules(tmp_path):
    sheets = (*kam_books.SHEETS, "Our notes")
    path = kam_books.write(
        tmp_path / "a.xlsm", sheets=sheets, macros=kam_books.modules((*kam_books.CODE_NAMES, "Sheet4"))
    )

    assert one(tmp_path) == ("upgraded", "upgraded")
    assert "Sheet4" in {module.name for module in contents.read(path).modules}


def test_a_signature_of_the_old_macros_goes_with_them(tmp_path):
    path = kam_books.write(tmp_path / "a.xlsm")
    parts = files.parts(path)
    parts["xl/vbaProjectSignature.bin"] = b"signed"
    parts["xl/_rels/vbaProject.bin.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProjectSignature" Target="vbaProjectSignature.bin"/></Relationships>'
    )
    files.package(path, parts)

    assert one(tmp_path) == ("upgraded", "upgraded")
    assert "xl/vbaProjectSignature.bin" not in files.parts(path)


def test_one_that_is_saved_in_the_meantime_is_left(tmp_path, monkeypatch):
    path = kam_books.write(tmp_path / "a.xlsm")
    keep = upgrade._keep

    def keep_and_save(book, folder, today):
        keep(book, folder, today)
        book.write_bytes(b"saved by somebody")

    monkeypatch.setattr(upgrade, "_keep", keep_and_save)

    assert one(tmp_path) == ("skipped", "saved_meanwhile")
    assert path.read_bytes() == b"saved by somebody"


def test_one_that_windows_does_not_let_go_of_is_left(tmp_path, monkeypatch):
    path = kam_books.write(tmp_path / "a.xlsm")
    before = path.read_bytes()

    def replace(self, target):
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(upgrade.Path, "replace", replace)

    assert one(tmp_path) == ("skipped", "in_use")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".tmp")] == []


@pytest.fixture
def linked(tmp_path):
    """A workbook elsewhere, and a link to it in the folder that is upgraded."""
    true = kam_books.write(tmp_path / "elsewhere" / "true.xlsm")
    (tmp_path / "teams").mkdir()
    link = tmp_path / "teams" / "华东.xlsm"
    link.symlink_to(true)
    return link, true


def test_a_link_stays_one_and_what_it_leads_to_is_upgraded(tmp_path, linked):
    link, true = linked
    before = true.read_bytes()

    assert one(tmp_path / "teams") == ("upgraded", "upgraded")

    assert link.is_symlink()
    assert contents.read(true).ribbon == NEW_RIBBON
    assert (tmp_path / "teams" / ".kam_xl-backup-2026-11-21" / "华东.xlsm").read_bytes() == before
    assert [path.name for path in true.parent.iterdir()] == ["true.xlsm"]
    assert one(tmp_path / "teams") == ("current", "current")


@pytest.mark.parametrize("mark", ["~$true.xlsm", ".~lock.true.xlsm#"])
def test_one_that_is_open_under_its_true_name_is_left(tmp_path, linked, mark):
    linked[1].with_name(mark).touch()

    assert one(tmp_path / "teams") == ("skipped", "open")


def test_one_with_two_names_is_left_for_it_would_become_two(tmp_path):
    path = kam_books.write(tmp_path / "teams" / "a.xlsm")
    (tmp_path / "b.xlsm").hardlink_to(path)
    before = path.read_bytes()

    assert one(tmp_path / "teams") == ("skipped", "two_names")
    assert path.read_bytes() == before


@pytest.mark.parametrize("lead", ["nowhere.xlsm", "a.xlsm"])
def test_a_link_that_leads_nowhere_is_passed_over(tmp_path, lead):
    (tmp_path / "a.xlsm").symlink_to(tmp_path / lead)

    assert upgraded(tmp_path) == []


def test_the_file_keeps_its_rights(tmp_path):
    path = kam_books.write(tmp_path / "a.xlsm")
    path.chmod(0o640)

    upgraded(tmp_path)

    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640


def test_texts_that_a_workbook_lacks_are_counted(tmp_path):
    kam_books.write(tmp_path / "a.xlsm", texts=kam_books.TEXTS[:1])
    kam_books.write(tmp_path / "b.xlsm")

    assert [outcome.missing for outcome in upgraded(tmp_path)] == [1, 0]
    assert [outcome.missing for outcome in upgraded(tmp_path)] == [1, 0]  # also when it is current


def test_a_folder_that_is_none_is_a_sentence(tmp_path):
    with pytest.raises(KamError):
        upgraded(tmp_path / "gone")


@pytest.mark.parametrize(
    ("version", "newer"),
    [("0.1.0", False), ("0.0.9", False), (None, False), ("", False), ("0.1.1", True), ("0.10", True)],
)
def test_versions_are_compared_by_their_numbers(version, newer):
    assert upgrade.is_newer(version) is newer


def test_the_result_is_a_package_that_opens(tmp_path):
    path = kam_books.write(tmp_path / "a.xlsm")
    upgraded(tmp_path)

    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        assert archive.testzip() is None
    assert tuple(opc.code_names(opc.unpacked(path.read_bytes()))) == kam_books.CODE_NAMES
