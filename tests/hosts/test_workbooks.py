"""Workbooks on disk: which files of a folder are read, what is refused with which reason, and what a sheet's cells are."""

import datetime as dt
import hashlib
import io
import os
import shutil
import subprocess
import time
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import sheets
from kam_xl.core.books import CellError, Linked, NotCalculated, RawSheet, Remark
from kam_xl.core.errors import Refused
from kam_xl.hosts import workbooks
from tests import biff, files
from tests.builders import of_the_book

BOOKS = Path(__file__).parents[1] / "books"


def refused(path):
    with pytest.raises(Refused) as caught:
        workbooks.read(path.parent, path.name)
    return caught.value.reason


def cells(path):
    return workbooks.read(path.parent, path.name).sheets[0].rows


# --- the folder -------------------------------------------------------------------------------------------------------


def test_workbooks_of_the_whole_tree_are_listed_in_order_and_everything_else_with_its_reason(tmp_path):
    expected = {
        "b.xlsx": None, "华北/a.XLSM": None, "华北/c.xlsb": None, "d.xls": None, "e.ods": None, "l.csv": None, "o.TXT": None, "p.Parquet": None,
        "~$b.xlsx": "lock_file", "华北/.~lock.a.xlsm#": "lock_file",
        ".DS_Store": "hidden_file", ".old/f.xlsx": "hidden_file", "华北/.g.xlsx": "hidden_file",
        "~WRD0001.xlsx": "temporary_file", "h.xlsx.tmp": "temporary_file", "i.xlsx.part": "temporary_file",
        "j.bak": "temporary_file", "k.CRDOWNLOAD": "temporary_file",
        "Thumbs.db": "no_workbook_name", "intake.toml": "intake_file", "m": "no_workbook_name", "n.xlsx~": "no_workbook_name",
    }  # fmt: skip
    for name in expected:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    listing = workbooks.listing(tmp_path)

    assert listing.books == tuple(sorted(name for name, reason in expected.items() if not reason))
    assert dict(listing.skipped) == {name: reason for name, reason in expected.items() if reason}


def test_an_empty_folder_has_no_workbooks(tmp_path):
    (tmp_path / "empty.xlsx").mkdir()

    assert workbooks.listing(tmp_path) == workbooks.Listing((), ())


@pytest.fixture
def without(monkeypatch):
    """Tests run as root, whom no permission stops: the folders named here refuse to be looked into."""

    def deny(*denied):
        look = os.scandir

        def scandir(path):
            if Path(path).name in denied:
                raise PermissionError(13, "Permission denied", str(path))
            return look(path)

        monkeypatch.setattr(os, "scandir", scandir)

    return deny


def test_a_folder_nobody_may_look_into_is_refused_and_the_rest_is_listed(tmp_path, without):
    for name in ("a.xlsx", "华北/b.xlsx", "华东/c.xlsx", ".Trashes/d.xlsx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    without("华北", ".Trashes")

    listing = workbooks.listing(tmp_path)

    assert listing.books == ("a.xlsx", "华东/c.xlsx")
    assert listing.refused == (("华北", "unreadable_folder"),)
    assert listing.skipped == ((".Trashes", "hidden_file"),)


def test_a_teams_folder_nobody_may_look_into_is_no_empty_one(tmp_path, without):
    without(tmp_path.name)

    assert workbooks.listing(tmp_path) == workbooks.Listing((), (), ((".", "unreadable_folder"),))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_links_to_folders_are_not_followed_and_told_only_where_they_lead_elsewhere(tmp_path):
    teams, elsewhere = tmp_path / "teams", tmp_path / "elsewhere"
    for path in (teams / "华东", elsewhere):
        path.mkdir(parents=True)
        (path / "a.xlsx").touch()
    (teams / "circle").symlink_to(teams)
    (teams / "华东" / "up").symlink_to("..")
    (teams / "again").symlink_to("华东")
    (teams / "far").symlink_to(elsewhere)
    (teams / "one.xlsx").symlink_to(elsewhere / "a.xlsx")
    (teams / "gone.xlsx").symlink_to(elsewhere / "b.xlsx")
    (teams / "self.xlsx").symlink_to("self.xlsx")

    listing = workbooks.listing(teams)

    assert listing.books == ("gone.xlsx", "one.xlsx", "self.xlsx", "华东/a.xlsx")
    assert listing.refused == (("far", "linked_folder"),)
    assert refused(teams / "gone.xlsx") == "vanished"
    assert refused(teams / "self.xlsx") == "disk_error"


@pytest.mark.skipif(os.name == "nt", reason="Windows names files in UTF-16")
def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "a.xlsx")

    assert workbooks.listing(tmp_path) == workbooks.Listing(())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no paths of this length")
def test_a_tree_of_any_depth_is_listed_as_far_as_the_system_can_name_it(tmp_path):
    home = Path.cwd()
    try:
        os.chdir(tmp_path)
        for _ in range(3000):
            Path("d").mkdir()
            os.chdir("d")
        listing = workbooks.listing(tmp_path)
        assert [why for _, why in listing.refused] == ["unreadable_folder"]
        assert listing.books == ()
    finally:
        os.chdir(home)
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # Python's own way down recurses


BAD = b"\xbb\xaa\xb6\xab.xlsx".decode("utf-8", "surrogateescape")


@pytest.mark.skipif(os.name == "nt", reason="Windows names files in UTF-16")
def test_a_name_in_another_encoding_is_refused_alike_in_a_folder_and_alone(tmp_path):
    files.team(tmp_path / BAD)
    (tmp_path / BAD.replace("xlsx", "md")).touch()

    assert workbooks.listing(tmp_path) == workbooks.Listing(
        (), (("????.md", "no_workbook_name"),), (("????.xlsx", "bad_name"),)
    )
    assert refused(tmp_path / BAD) == "bad_name"


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ("客户ID,客户名称\nC001,某科技\n".encode("gb18030"), "text"),
        (b"customer_id;name\n", "text"),
        (b"  \n<html><table><tr><td>C001</td></tr></table></html>", "html"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "html"),
        ("<html><body>客户ID</body></html>".encode("utf-16"), "html"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n<html>", "html"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "sheet_xml"),
        (b'<?xml version="1.0"?><report a="1,2"/>', "xml"),
        (b"%PDF-1.7\0\0\0", "binary"),
        (b"\xd0\xcf\x11", "binary"),
    ],
)
@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_content_that_is_no_workbook_is_named(tmp_path, content, detail, name):
    if detail in ("text", "sheet_xml") and name == "a.xls":
        pytest.skip("that is read")
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Refused) as caught:
        workbooks.read(tmp_path, name)
    assert (caught.value.reason, caught.value.detail) == ("not_a_workbook", detail)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.xlsx").touch()

    assert refused(tmp_path / "a.xlsx") == "empty_file"


def test_a_file_that_went_away_after_it_was_listed(tmp_path):
    assert refused(tmp_path / "a.xlsx") == "vanished"


def test_a_file_beyond_the_bound_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "FILE_BYTES", 100)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))

    assert refused(files.team(tmp_path / "a.xlsx")) == "file_too_large"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(workbooks, "_PAUSE", 0.02)


def test_a_file_that_keeps_growing_is_still_changing(tmp_path, impatient):
    path, read = files.team(tmp_path / "a.xlsx"), Path.read_bytes

    def growing(self):
        with self.open("ab") as file:
            file.write(b"x")
        return read(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_bytes", growing)
        assert refused(path) == "still_changing"


def test_a_file_that_settles_while_we_wait_is_read(tmp_path, impatient):
    read, times = Path.read_bytes, iter(range(10))
    files.team(tmp_path / "a.xlsx")

    def touched_once(self):
        if next(times) == 0:
            os.utime(self, (1, 1))
        return read(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_bytes", touched_once)
        assert workbooks.read(tmp_path, "a.xlsx").sheets
    assert next(times) == 2


@pytest.mark.parametrize(("error", "reason"), [(PermissionError(13), "no_permission"), (OSError(5), "disk_error")])
def test_a_file_that_cannot_be_opened_is_tried_again_and_told_why(tmp_path, impatient, monkeypatch, error, reason):
    path, times = files.team(tmp_path / "a.xlsx"), []

    def held(_):
        times.append(1)
        raise error

    monkeypatch.setattr(Path, "read_bytes", held)

    assert refused(path) == reason
    assert len(times) == 3


def test_a_text_under_the_name_of_an_old_workbook_is_read_as_excel_reads_it(tmp_path):
    (tmp_path / "华东.XLS").write_bytes("客户ID\t客户名称\r\nC001\t某科技\r\n".encode("utf-16"))

    book = workbooks.read(tmp_path, "华东.XLS")

    assert book.sheets == (RawSheet("华东", [["客户ID", "客户名称"], ["C001", "某科技"]]),)
    assert book.remarks == (Remark("read_as_text", "华东", detail="UTF-16, TAB"),)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_a_file_is_what_it_holds_whatever_it_is_called(tmp_path, name):
    held = [
        files.team(tmp_path / "x.xlsx").read_bytes(),
        biff.workbook({"表": {(0, 0): "C001"}}),
        biff.single(2, {(0, 0): "C001"}),
    ]
    held.append(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + held[0])

    for data in held:
        (tmp_path / name).write_bytes(data)
        assert any("C001" in row for row in workbooks.read(tmp_path, name).sheets[0].rows)


def test_half_an_xls_is_damaged(tmp_path):
    data = (BOOKS / "errors.xls").read_bytes()
    (tmp_path / "a.xls").write_bytes(data[: len(data) // 2])

    assert refused(tmp_path / "a.xls") == "damaged"


@pytest.mark.parametrize(("password", "reason"), [("secret", "encrypted"), ("VelvetSweatshop", None)])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_a_password_is_asked_for_unless_it_is_the_one_excel_tries_itself(tmp_path, suffix, password, reason):
    path = tmp_path / f"a{suffix}"
    if suffix == ".xls":
        path.write_bytes(biff.workbook({"表": {(1, 0): "C001"}}, password=password))
    else:
        plain = io.BytesIO(files.team(path).read_bytes())
        with path.open("wb") as target:
            msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt(password, target)

    assert refused(path) == reason if reason else cells(path)[1][0] == "C001"


def test_what_the_reader_says_about_a_cell_is_not_told(tmp_path, monkeypatch):
    def quoting(*_, **__):
        raise ValueError("王小明 13800009999")

    monkeypatch.setattr(workbooks.calamine, "load_workbook", quoting)

    with pytest.raises(Refused) as caught:
        workbooks.read(tmp_path, files.team(tmp_path / "a.xlsx").name)
    assert (caught.value.reason, caught.value.detail) == ("damaged", "ValueError")


def test_sheets_that_cannot_be_read_cost_themselves(tmp_path):
    files.changed(files.team(tmp_path / "a.xlsx"), sheet1=None, sheet2=("</row>", "</raw>"))

    info, evaluation, tracking = sorted(workbooks.read(tmp_path, "a.xlsx").sheets, key=lambda sheet: sheet.name)
    assert [sheet.unread for sheet in (info, evaluation, tracking)] == ["missing_part", "damaged", None]
    assert len(tracking.rows) == 2


@pytest.mark.parametrize("cell", ['t="b"><v>7</v>', 's="1"><v>-1e300</v>', 't="e"><v>王小明</v>', "><v>NaN</v>"])
def test_a_cell_the_reader_stumbles_over_costs_itself(tmp_path, cell):
    path = files.team(tmp_path / "a.xlsx")
    files.changed(path, sheet1=('<c r="I2"><v>520</v></c>', f'<c r="I2" {cell}</c>'))

    _, row = cells(path)

    assert (row[0], row[1]) == ("C001", "某科技")
    assert isinstance(row[8], CellError) or row[8] == -1e300


@pytest.mark.parametrize("far", ["Z1048576", "XFD2", "XFD1048576"])
def test_a_cell_far_away_is_told_and_takes_no_memory(tmp_path, far):
    path = files.team(tmp_path / "a.xlsx", info=[files.CUSTOMER] * 600)
    stray = f'<row><c r="{far}" t="inlineStr"><is><t>.</t></is></c></row></sheetData>'
    files.changed(path, sheet1=("</sheetData>", stray))

    book = workbooks.read(tmp_path, "a.xlsx")

    assert [len(row) for row in book.sheets[0].rows] == [len(of_the_book(sheets.INFO))] * 601
    assert book.remarks == (Remark("cells_far_away", "客户基础信息表", far, "1"),)


@pytest.mark.slow
@pytest.mark.parametrize("convert", [None, "ods"])
def test_a_master_of_ours_is_known_also_after_another_program_saved_it(tmp_path, convert):
    path = tmp_path / "KAM_Master.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.set_custom_property("kam_xl", "1")
        book.add_worksheet("Summary").write(0, 0, "x")

    assert refused(converted(path, convert) if convert else path) == "own_output"


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "team"),
    [
        ("华东、华南.xlsx", "华东､华南"),
        ("华东、华南/一组、二组.xls", "华东､华南/一组､二组"),
        ("华东，华南.xlsx", "华东，华南"),
        ("华东·华南.xlsx", "华东·华南"),
    ],
)
def test_a_team_is_one_item_of_a_list_of_teams(name, team):
    assert workbooks.team(name) == team


@given(st.lists(st.text("甲、､﹑·", min_size=1, max_size=6), min_size=2, max_size=2, unique=True))
def test_no_two_workbooks_are_one_team_by_their_names(names):
    one, other = (workbooks.team(f"{name}.xlsx") for name in names)

    assert one != other
    assert "、" not in one + other


def test_a_workbook_tells_its_name_team_hash_and_when_it_was_saved(tmp_path):
    path = files.team(tmp_path / "华东" / "一组.xlsx")

    book = workbooks.read(tmp_path, "华东/一组.xlsx")

    assert (book.name, book.team, book.modified) == ("华东/一组.xlsx", "华东/一组", local(files.SAVED))
    assert (len(book.sha256), book.size_bytes) == (64, path.stat().st_size)
    assert [sheet.name for sheet in book.sheets] == ["客户基础信息表", "客户多维度分层评估表", "客户策略执行效果跟踪表"]


def test_without_a_time_of_saving_the_file_tells_it(tmp_path):
    path = files.changed(files.team(tmp_path / "a.xlsx"), core=None)
    os.utime(path, (0, 86400))

    assert workbooks.read(tmp_path, "a.xlsx").modified == dt.datetime.fromtimestamp(86400)


def local(utc):
    return utc.replace(tzinfo=dt.UTC).astimezone().replace(tzinfo=None)


@pytest.mark.skipif(os.name == "nt", reason="Windows has one time zone at a time")
@pytest.mark.parametrize("core", [("<cp", "<cp"), None])
def test_when_it_was_saved_is_told_in_local_time(tmp_path, monkeypatch, core):
    path = files.changed(files.team(tmp_path / "a.xlsx"), core=core)
    os.utime(path, (0, files.SAVED.replace(tzinfo=dt.UTC).timestamp()))
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Asia/Shanghai")
            time.tzset()
            assert workbooks.read(tmp_path, "a.xlsx").modified == dt.datetime(2026, 10, 1, 20)
    finally:
        time.tzset()


def test_a_time_of_saving_before_all_clocks_is_told_as_it_stands(tmp_path):
    path = files.changed(files.team(tmp_path / "a.xlsx"), core=("2026-10-01T12", "0001-01-01T00"))

    assert workbooks.read(tmp_path, path.name).modified.year in (1, 2)


# --- files that cannot be used ----------------------------------------------------------------------------------------


def test_size_and_hash_are_told_as_far_as_the_file_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "FILE_BYTES", 3)
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").write_bytes(b"abcd")

    assert workbooks.fingerprint(tmp_path / "a") == (3, hashlib.sha256(b"abc").hexdigest())
    assert workbooks.fingerprint(tmp_path / "b") == (4, None)
    assert workbooks.fingerprint(tmp_path / "gone") == (0, None)
    assert workbooks.fingerprint(tmp_path)[1] is None


# --- cells of odd sheets ----------------------------------------------------------------------------------------------


def odd_sheet(path, top=0, left=0):
    """A header at the given corner and below it an error, a formula never calculated, and a value from elsewhere."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表")
        sheet.write_row(top, left, ["ID", "额", "日"])
        sheet.write_row(top + 1, left, ["C001", 1, 2])
        sheet.write_formula(top + 2, left + 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(top + 2, left + 2, "=UNCALCULATED()", None, "")
        sheet.write_formula(top + 3, left + 1, "='[other.xlsx]S'!A1", None, 42)
    files.changed(path, sheet1=("<v></v>", ""))
    return files.changed(path, sheet1=("[other.xlsx]S", "[1]S"))


@pytest.mark.parametrize("top", [0, 3])
@pytest.mark.parametrize("left", [0, 2])
def test_odd_cells_stand_where_the_sheet_has_them(tmp_path, top, left):
    book = workbooks.read(tmp_path, odd_sheet(tmp_path / "a.xlsx", top, left).name)

    (sheet,) = book.sheets
    assert [row[left:] for row in sheet.rows[top:]] == [
        ["ID", "额", "日"], ["C001", 1, 2], ["", "#DIV/0!", "=UNCALCULATED()"], ["", 42, ""],
    ]  # fmt: skip
    assert isinstance(sheet.rows[top + 2][left + 1], CellError)
    assert isinstance(sheet.rows[top + 2][left + 2], NotCalculated)
    assert sheet.links == {(top + 3, left + 1): "='[1]S'!A1"}
    assert isinstance(sheet.links[top + 3, left + 1], Linked)


def test_rows_of_nothing_but_formulas_never_calculated_are_there(tmp_path):
    """The reader ends at the last value; without this, a sheet made of such look-ups would shrink in silence."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["ID", "Name"])
        for row in (1, 2):
            sheet.write_formula(row, 0, f"=Other!A{row}", None, "")
    files.changed(path, sheet1=("<v></v>", ""))

    assert cells(path) == [["ID", "Name"], ["=Other!A1", ""], ["=Other!A2", ""]]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_are_dates_in_both_date_systems(tmp_path, date1904):
    path = files.team(tmp_path / "a.xlsx", date1904=date1904)

    assert dt.date(2026, 10, 20) in cells(path)[1]
    assert workbooks.read(tmp_path, "a.xlsx").date1904 is date1904


def test_hidden_sheets_and_merged_cells_are_known(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("shown").merge_range("A1:B2", "title")
        book.add_worksheet("hidden").hide()
        book.add_chartsheet("chart").set_chart(_chart(book))

    shown, hidden = workbooks.read(tmp_path, "a.xlsx").sheets

    assert (shown.hidden, hidden.hidden) == (False, True)
    assert shown.merged == (((0, 0), (1, 1)),)


def _chart(book):
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=shown!$A$1:$A$2"})
    return chart


def test_native_tables_are_known_by_name_and_place(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("表").add_table(
            "B3:C5", {"name": "tblCustomers", "columns": [{"header": "ID"}, {"header": "名"}]}
        )

    (table,) = workbooks.read(tmp_path, "a.xlsx").tables

    assert (table.name, table.sheet, table.row, table.column) == ("tblCustomers", "表", 2, 1)


def test_a_blank_sheet_has_no_rows(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet()

    assert cells(tmp_path / "a.xlsx") == []


def test_macros_are_remarked_upon(tmp_path):
    path = files.team(tmp_path / "a.xlsx")
    assert workbooks.read(tmp_path, "a.xlsx").remarks == ()

    files.package(path, {**files.parts(path), "xl/vbaProject.bin": b"x"})

    assert workbooks.read(tmp_path, "a.xlsx").remarks == (Remark("contains_macros"),)


# --- other formats ----------------------------------------------------------------------------------------------------


def test_an_xls_shows_its_errors(tmp_path):
    header, first, second, third = cells(BOOKS / "errors.xls")

    assert (header[0], first) == ("客户ID", ["C001", "某科技", 520])
    assert (second, third) == (["C002", "某制造", "#DIV/0!"], ["C003", "#REF!", "#N/A"])
    assert {type(cell) for cell in (second[2], *third[1:])} == {CellError}


def test_an_xlsb_shows_its_errors(tmp_path):
    header, first, second, third = ([cell for cell in row if cell != ""] for row in cells(BOOKS / "errors.xlsb"))

    assert (header[0], first) == ("客户ID", ["C001", "某科技", 520])
    assert (second, third) == (["C002", "某制造", "#DIV/0!"], ["C003", "#REF!", "#N/A"])


def converted(path, suffix):
    soffice = shutil.which("soffice") or pytest.skip("LibreOffice is not installed")
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", suffix, "--outdir", path.parent, path],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    return path.with_suffix(f".{suffix}")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["ods", "xls"])
def test_what_libreoffice_saves_reads_as_what_excel_would_have_saved(tmp_path, suffix):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表")
        sheet.write_row(0, 0, ["ID", "额", "日"])
        sheet.write_row(1, 0, ["C001", 520])
        sheet.write_datetime(1, 2, dt.datetime(2026, 10, 20), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_string(3, 0, "C002")
        sheet.write_formula(3, 1, "=NA()", None, "#N/A")
        sheet.write_string(3, 2, "x")

    found = cells(converted(path, suffix))

    assert found == [["ID", "额", "日"], ["C001", 520, dt.date(2026, 10, 20)], ["", "", ""], ["C002", "#N/A", "x"]]
    assert isinstance(found[3][1], CellError)


def test_reading_takes_no_longer_for_a_sheet_whose_last_cell_is_far_away(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["ID", "Name"])
        sheet.set_row(1_048_575, 30)
        sheet.write_formula(1_048_575, 0, "=A1", None, "")
    files.changed(tmp_path / "a.xlsx", sheet1=("<v></v>", ""))

    started = time.perf_counter()
    assert len(cells(tmp_path / "a.xlsx")) == 1
    assert time.perf_counter() - started < 1
