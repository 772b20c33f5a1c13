"""Parts of a package are swapped, and every other part stays as it is, whoever saved the workbook."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwings
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.engines.office_file import opc, vba
from kam_xl.engines.office_file.unusable import Unusable
from kam_xl.engines.office_file.vba import Module

XLWINGS = Path(xlwings.__file__).parent
RIBBON = b'<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui"><ribbon/></customUI>'
LISTS = {"[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels"}
MODULES = (Module("ThisWorkbook", "", "document"), Module("Sheet1", "", "document"), Module("Sheet2", "", "document"))
PROJECT = vba.project(MODULES)


def parts(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {member.filename: archive.read(member) for member in archive.infolist()}


def zipped(contents):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return data.getvalue()


def changed(package, name, old, new):
    """The package with one text of one part replaced."""
    contents = parts(package)
    assert old in contents[name]
    return zipped(contents | {name: contents[name].replace(old, new)})


def by_xlsxwriter(project=None):
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        if project:
            book.add_vba_project(io.BytesIO(project), is_stream=True)
        for number in (1, 2):
            sheet = book.add_worksheet()
            sheet.write(0, 0, number)
            sheet.set_vba_name(f"Sheet{number}") if project else None
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Sheet1!$A$1"})
        sheet.insert_chart("C3", chart)
    return data.getvalue()


def by_openpyxl():
    book = openpyxl.load_workbook(io.BytesIO(by_xlsxwriter(PROJECT)), keep_vba=True)
    book.create_sheet("Added by hand")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def by_excel():
    return (XLWINGS / "quickstart.xlsm").read_bytes()


def like_libreoffice():
    """In LibreOffice's order, with its blanks between the elements, its folders, and no code names."""
    contents = parts(by_xlsxwriter(PROJECT))
    types = contents.pop("[Content_Types].xml").replace(b"><Override", b">\n<Override")
    sheets = {
        name: re.sub(rb' codeName="\w+"', b' filterMode="false"', content)
        for name, content in contents.items()
        if name.startswith("xl/worksheets/sheet")
    }
    return zipped({"_rels/": b"", **contents, **sheets, "[Content_Types].xml": types})


SAVERS = [by_excel, by_openpyxl, by_xlsxwriter, like_libreoffice]


@pytest.fixture(params=SAVERS, ids=lambda saver: saver.__name__)
def workbook(request):
    return request.param()


# --- swapping ---------------------------------------------------------------------------------------------------------


def test_a_part_is_swapped_in_its_place_and_no_other_is_touched(workbook):
    before = {name: content for name, content in parts(workbook).items() if not name.endswith("/")}
    after = parts(opc.replaced(workbook, {"xl/theme/theme1.xml": b"<a/>", "docProps/new.xml": b"<b/>"}))

    assert list(after) == [*before, "docProps/new.xml"]
    assert after == before | {"xl/theme/theme1.xml": b"<a/>", "docProps/new.xml": b"<b/>"}


def test_names_of_parts_differ_by_more_than_case(workbook):
    assert parts(opc.replaced(workbook, {"XL/Theme/theme1.XML": b"<a/>"}))["xl/theme/theme1.xml"] == b"<a/>"


def test_project_and_ribbon_come_in_and_everything_else_stays(workbook):
    after = parts(opc.with_ribbon(opc.with_project(workbook, PROJECT), RIBBON))

    assert after["xl/vbaProject.bin"] == PROJECT
    assert after["customUI/customUI.xml"] == RIBBON
    assert after["_rels/.rels"].count(b"ui/extensibility") == 1
    assert after["xl/_rels/workbook.xml.rels"].count(b"relationships/vbaProject") == 1
    assert b"application/vnd.ms-excel.sheet.macroEnabled.main+xml" in after["[Content_Types].xml"]
    ours = {"xl/vbaProject.bin", "customUI/customUI.xml"}
    stays = {name: content for name, content in parts(workbook).items() if name not in LISTS | ours and content}
    assert {name: after[name] for name in stays} == stays
    assert after.keys() == stays.keys() | LISTS | ours


def test_doing_it_twice_is_doing_it_once(workbook):
    once = opc.with_project(opc.with_ribbon(workbook, RIBBON), PROJECT)

    assert opc.with_project(opc.with_ribbon(once, RIBBON), PROJECT) == once


def test_the_same_input_gives_the_same_bytes_with_no_date_or_machine_in_them(workbook):
    package = opc.with_project(workbook, PROJECT)

    assert package == opc.with_project(workbook, PROJECT)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert {(member.date_time, member.create_system) for member in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 0)
        }


def test_the_validator_finds_nothing(ooxml_errors, tmp_path):
    path = tmp_path / "book.xlsm"
    for package in (by_xlsxwriter(PROJECT), opc.with_project(by_xlsxwriter(), PROJECT), like_libreoffice()):
        path.write_bytes(opc.with_ribbon(package, RIBBON))
        assert ooxml_errors(path) == []


def test_a_workbook_that_had_bins_of_another_type_still_names_the_project():
    package = changed(
        by_xlsxwriter(),
        "[Content_Types].xml",
        b'<Default Extension="xml"',
        b'<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/>'
        b'<Default Extension="xml"',
    )
    types = parts(opc.with_project(package, PROJECT))["[Content_Types].xml"].decode()

    assert '<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"' in types


def test_a_project_takes_the_signature_of_the_old_one_with_it():
    signed = by_xlsxwriter(PROJECT)
    contents = parts(signed)
    signed = zipped(
        contents
        | {
            "xl/_rels/vbaProject.bin.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="rId1" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProjectSignature" Target="vbaProjectSignature.bin"/>'
            b'<Relationship Id="rId2" Type="hostile" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/vbaProjectSignature.bin": b"signature",
            "[Content_Types].xml": contents["[Content_Types].xml"].replace(
                b"<Override", b'<Override PartName="/xl/vbaProjectSignature.bin" ContentType="a/b"/><Override', 1
            ),
        }
    )
    after = parts(opc.with_project(signed, PROJECT))

    assert after.keys() == contents.keys()
    assert b"Signature" not in after["[Content_Types].xml"]
    assert b"sheet1.xml" in after["[Content_Types].xml"]


def test_a_ribbon_of_2007_gives_way_since_it_would_hide_ours():
    contents = parts(opc.with_ribbon(by_xlsxwriter(), RIBBON))
    newer = zipped(
        {name.replace("customUI.xml", "customUI14.xml"): content for name, content in contents.items()}
        | {
            "_rels/.rels": contents["_rels/.rels"].replace(b"2006/relationships/ui", b"2007/relationships/ui")
            .replace(b"customUI.xml", b"customUI14.xml"),
            "customUI/_rels/customUI14.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="icon" Type="image" Target="images/icon.png"/></Relationships>',
            "customUI/images/icon.png": b"picture",
        }
    )  # fmt: skip

    assert parts(opc.with_ribbon(newer, b"<customUI/>")) == contents | {"customUI/customUI.xml": b"<customUI/>"}


@pytest.mark.parametrize("kind", ["sheet", "template"])
def test_a_workbook_without_macros_becomes_one_with(kind):
    package = changed(by_xlsxwriter(), "[Content_Types].xml", b"sheet.main+xml", kind.encode() + b".main+xml")

    types = parts(opc.with_project(package, PROJECT))["[Content_Types].xml"]
    assert f"application/vnd.ms-excel.{kind}.macroEnabled.main+xml".encode() in types


# --- code names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("saver", "names"),
    [
        (by_excel, ("Sheet1", "Sheet2")),
        (by_openpyxl, ("Sheet1", "Sheet2")),
        (like_libreoffice, ()),
        (by_xlsxwriter, ()),
    ],
)
def test_the_code_names_are_the_sheets_own(saver, names):
    assert tuple(opc.code_names(opc.unpacked(saver()))) == names


def test_code_names_follow_the_order_of_the_sheets_and_leave_charts_out():
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.set_vba_name("ThisWorkbook")
        for name in ("Sheet7", "Sheet2"):
            book.add_worksheet().set_vba_name(name)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Sheet1!$A$1"})
        chart_sheet = book.add_chartsheet()
        chart_sheet.set_chart(chart)
        chart_sheet.set_vba_name("Chart1")

    assert list(opc.code_names(opc.unpacked(data.getvalue())).items()) == [("Sheet7", "Sheet1"), ("Sheet2", "Sheet2")]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 and no more", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "encrypted"),
        (zipped({"a.txt": b"a"}), "not_a_workbook"),
        (changed(by_xlsxwriter(), "[Content_Types].xml", b"<Types", b"<Type"), "damaged"),
        (zipped({"[Content_Types].xml": b"<!DOCTYPE a><Types/>"}), "has_dtd"),
        (zipped({"[Content_Types].xml": b"<Types/>"}), "not_a_workbook"),
        (changed(by_xlsxwriter(), "_rels/.rels", b"<Relationships", b"<Relationship"), "damaged"),
        (changed(by_xlsxwriter(), "_rels/.rels", b'/officeDocument"', b'/other"'), "not_a_workbook"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(package, reason):
    with pytest.raises(Unusable) as caught:
        opc.with_project(package, PROJECT)
    assert caught.value.reason == reason


def test_a_picture_that_does_not_unpack_is_damage_too():
    package = zipped(parts(by_xlsxwriter()) | {"xl/media/image1.png": b"picture" * 9})

    with pytest.raises(Unusable, match="damaged"):
        opc.replaced(package.replace(b"picture" * 9, b"pictura" * 9), {})


SAMPLE = by_xlsxwriter(PROJECT)  # once: the moment it is made is in it, and with it its length


@given(place=st.integers(0, len(SAMPLE) - 1), change=st.integers(1, 255))
def test_a_changed_byte_is_refused_or_harmless(place, change):
    package = bytearray(SAMPLE)
    package[place] ^= change

    try:
        after = opc.with_ribbon(bytes(package), RIBBON)
    except Unusable:
        return
    assert parts(after)["customUI/customUI.xml"] == RIBBON
