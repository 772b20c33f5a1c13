"""What LibreOffice leaves out of a workbook it saves is back in the file."""

import re
import zipfile

import pytest

from kam_xl.engines.office_file import vba
from kam_xl.hosts import libreoffice as wire
from tests.doors.libreoffice.conftest import kam_package


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def saved(open_kam, tmp_path):
    """The parts of a workbook of ours before and after it was changed and saved in LibreOffice."""
    before = parts(kam_package(tmp_path))
    book = open_kam()
    book.sheets["评估"]["A7"].value = "C003"
    book.sheets.add("新表", before=book.sheets[0])
    book.save()
    return before, parts(book.fullname)


def found(pattern, parts_):
    return {
        each for name, part in parts_.items() if name.endswith(".xml") for each in re.findall(pattern, part.decode())
    }


def test_the_vba_project_is_the_files_own(saved):
    before, after = saved
    assert after["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]
    assert "xlwings" in {module.name for module in vba.modules(after["xl/vbaProject.bin"])}


def test_a_file_with_signs_of_addresses_in_its_name_is_found(open_kam, tmp_path):
    before = parts(kam_package(tmp_path))
    path = tmp_path / "增长 20%41 #1.xlsm"
    open_kam().save(path)
    assert parts(path)["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]


def test_a_link_stays_one_and_what_it_leads_to_is_mended(tmp_path):
    package = kam_package(tmp_path)
    (tmp_path / "link.xlsm").symlink_to(package)

    wire.put_back(tmp_path / "link.xlsm", package.read_bytes())

    assert (tmp_path / "link.xlsm").is_symlink()


@pytest.mark.parametrize(
    "pattern",
    [
        r'codeName="\w+"',
        r'macro="[^"]+"',
        r'descr="[^"]+"',
        r"<calculatedColumnFormula>.*?</calculatedColumnFormula>",
        r'<tableStyleInfo name="\w+"',
        r'<pane [^>]*state="frozen"',
    ],
)
def test_what_was_left_out_is_put_back(saved, pattern):
    before, after = saved
    assert found(pattern, before)
    assert found(pattern, after) == found(pattern, before)


def charts(parts_):
    return [part for name, part in parts_.items() if name.startswith("xl/charts/chart")]


def test_a_chart_of_the_same_cells_is_as_it_was(saved):
    before, after = saved
    assert charts(after) == charts(before)


def test_a_chart_whose_cells_moved_follows_them(open_kam):
    book = open_kam()
    book.sheets["评估"]["1:1"].insert("down")
    book.save()
    (chart,) = charts(parts(book.fullname))
    assert b"$B$6:$B$7" in chart


def test_a_column_formula_does_not_name_a_column_that_was_renamed(open_kam):
    book = open_kam()
    book.sheets["评估"]["B4"].value = "价值"
    book.save()
    assert found("<calculatedColumnFormula>.*?</calculatedColumnFormula>", parts(book.fullname)) == set()


def test_what_was_changed_stays_changed(saved):
    _, after = saved
    assert found("C003|新表", after) == {"C003", "新表"}


def test_excel_would_take_the_file(open_kam, ooxml_errors, tmp_path):
    book = open_kam()
    book.save(tmp_path / "存.xlsm")
    assert ooxml_errors(tmp_path / "存.xlsm") == []


def test_a_saved_workbook_is_opened_as_ours_again(open_kam, office, tmp_path):
    book = open_kam()
    for name in ("一", "二"):  # the second from the first
        book.sheets["评估"]["A1"].value = name
        book.save(tmp_path / f"{name}.xlsm")
        book.save()
        book.close()
        book = office.open(tmp_path / f"{name}.xlsm")
        assert office.said == ""
        assert book.sheets["评估"]["A1"].value == name
        assert book.sheets["评估"]["E5"].value == 89.4
    book.close()


def test_a_file_keeps_its_time(tmp_path):
    path = kam_package(tmp_path)
    time = path.stat().st_mtime_ns
    wire.put_back(path, path.read_bytes())
    assert path.stat().st_mtime_ns == time
    assert [each.name for each in tmp_path.glob("*.xlsm")] == [path.name]


def test_mending_what_is_whole_changes_no_part(tmp_path):
    path = kam_package(tmp_path)
    before = parts(path)
    wire.put_back(path, path.read_bytes())
    changed = {name for name, part in parts(path).items() if part != before[name]}
    assert changed <= {"[Content_Types].xml", "xl/_rels/workbook.xml.rels"}  # the lists of parts, written anew


def test_a_file_that_could_not_be_mended_is_still_opened_as_ours(open_kam, office, monkeypatch, tmp_path, caplog):
    def refuse(*_):
        raise PermissionError("held by another program")

    book = open_kam()
    monkeypatch.setattr(wire, "put_back", refuse)
    book.save(tmp_path / "存.xlsm")
    assert "could not be mended" in caplog.text
    book.close()
    again = office.open(tmp_path / "存.xlsm")
    assert office.said == ""
    assert again.sheets["评估"]["E5"].value == 89.4
    again.close()


def test_what_could_not_be_mended_is_tried_again_when_it_is_closed(open_kam, monkeypatch, tmp_path):
    put_back, tries = wire.put_back, []

    def refuse_once(*details):
        tries.append(details)
        if len(tries) == 1:
            raise PermissionError("held by LibreOffice")
        put_back(*details)

    before = parts(kam_package(tmp_path))
    book = open_kam()
    monkeypatch.setattr(wire, "put_back", refuse_once)
    book.save()
    path = book.fullname
    assert parts(path)["xl/vbaProject.bin"] != before["xl/vbaProject.bin"]
    book.close()
    assert parts(path)["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]
