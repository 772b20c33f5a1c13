"""Packages: what is refused before anything is parsed, and the cells that the reader would hide."""

import datetime as dt
import io
import itertools
import os
import struct
import time
import zipfile
from pathlib import Path

import pytest

from kam_xl.core.books import CellError, Linked, NotCalculated
from kam_xl.core.errors import Refused
from kam_xl.hosts import packages
from tests import files

BOOKS = Path(__file__).parents[1] / "books"
SHEET = "客户基础信息表"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def book(tmp_path):
    return files.team(tmp_path / "华东.xlsx")


def zipped(contents):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return data.getvalue()


def xlsx(sheet, book_xml=None):
    """A workbook of one sheet, 表, as bytes: no more parts than looking at its cells takes."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped(
        {
            "xl/workbook.xml": book_xml
            or f'<workbook xmlns:r="{relations}"><sheets><sheet name="表" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def looked_at(data):
    """Why a workbook is refused, or that it is fine; anything else is an error of ours."""
    try:
        packages.inspect(data)
    except Refused as refusal:
        return refusal.reason
    return "fine"


def refused(data):
    with pytest.raises(Refused) as caught:
        packages.inspect(data)
    return caught.value.reason


def test_an_ordinary_workbook_tells_when_it_was_saved_and_has_nothing_odd(book):
    package = packages.inspect(book.read_bytes())

    assert package == packages.Package(modified=files.SAVED, knows_tables=True)


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_truncated_file_is_damaged(book):
    data = book.read_bytes()

    assert refused(data[: len(data) // 2]) == "damaged"


def test_every_single_changed_byte_is_noticed_or_harmless(book):
    """A stream that cannot be unpacked, a checksum that does not hold, a broken directory: always damage, never a crash."""
    data = book.read_bytes()

    for place in range(0, len(data), 13):
        broken = bytearray(data)
        broken[place] ^= 0xFF
        assert looked_at(bytes(broken)) in ("fine", "damaged", "encrypted", "missing_part", "unpacks_too_large"), place


def test_a_wrong_checksum_is_damage(book):
    data = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    data[info.header_offset + 14] ^= 1
    directory = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    data[directory + 16] ^= 1

    assert refused(bytes(data)) == "damaged"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.XML", "xl\\worksheets\\sheet1.xml"])
def test_a_part_that_occurs_twice_is_refused_however_its_name_is_written(book, twin):
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr(twin, b"<worksheet/>")

    assert refused(book.read_bytes()) == "repeated_part"


DTD = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", DTD),
        ("xl/sharedStrings.xml", DTD),
        ("docProps/app.xml", DTD),
        ("xl/drawings/vmlDrawing1.vml", DTD),
        ("xl/_rels/workbook.xml.rels", DTD),
        ("xl/worksheets/SHEET9.XML", DTD),
        ("xl/worksheets/sheet1.dat", DTD),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-16")),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-16-le")),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-16-be")),
        ("xl/worksheets/sheet1.xml", DTD.encode("utf-32")),
        ("xl/worksheets/sheet1.xml", " " * 100_000 + DTD),
    ],
)
def test_a_dtd_in_any_part_is_refused(book, part, content):
    contents = {**files.parts(book), part: content}

    with pytest.raises(Refused) as caught:
        packages.inspect(files.package(book, contents).read_bytes())
    assert (caught.value.reason, caught.value.detail) == ("has_dtd", part)


def test_a_sheet_cannot_hide_as_a_picture(book):
    contents = files.parts(book)
    contents["xl/sheet.png"] = contents.pop("xl/worksheets/sheet1.xml")
    rels = contents["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", b"sheet.png")
    contents["xl/_rels/workbook.xml.rels"] = rels

    assert refused(files.package(book, contents).read_bytes()) == "missing_part"


def test_a_picture_may_carry_a_dtd(book):
    contents = {**files.parts(book), "xl/media/logo.svg": '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>'}

    packages.inspect(files.package(book, contents).read_bytes())


def test_what_unpacks_beyond_the_bound_is_refused_without_unpacking(book, monkeypatch):
    monkeypatch.setattr(packages, "UNPACKED_BYTES", 10**6)
    contents = {**files.parts(book), "xl/sharedStrings.xml": b" " * 10**6}
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))

    assert refused(files.package(book, contents).read_bytes()) == "unpacks_too_large"


def test_too_many_parts_are_refused(book, monkeypatch):
    monkeypatch.setattr(packages, "PARTS", 50)
    contents = {**files.parts(book), **{f"xl/media/{number}.png": b"" for number in range(50)}}

    assert refused(files.package(book, contents).read_bytes()) == "unpacks_too_large"


def test_a_listed_sheet_without_its_part_is_refused_by_its_name(book):
    with pytest.raises(Refused) as caught:
        packages.inspect(files.changed(book, sheet2=None).read_bytes())
    assert (caught.value.reason, caught.value.detail) == ("missing_part", "客户多维度分层评估表")


@pytest.mark.parametrize("content", ["<workbook", '<?xml version="1.0" encoding="shift-jis-7"?><workbook/>'])
def test_a_workbook_part_that_is_no_xml_is_damage(content):
    assert refused(xlsx("<worksheet/>", book_xml=content)) == "damaged"


@pytest.mark.parametrize("row", ['<row r="one">', "<row><c></row>"])
def test_a_sheet_that_is_no_xml_or_has_no_numbers_where_they_must_be_is_damage(row):
    assert (
        refused(xlsx(f'<worksheet><sheetData>{row}<c t="e"><v>#N/A</v></c></row></sheetData></worksheet>')) == "damaged"
    )


def test_a_part_encrypted_on_its_own_is_refused_as_such(book):
    data = bytearray(book.read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1

    assert refused(bytes(data)) == "encrypted"


# --- what is noted ----------------------------------------------------------------------------------------------------


def test_a_workbook_with_macros_is_known(book):
    assert packages.inspect(
        files.package(book, {**files.parts(book), "xl/vbaProject.bin": b"x"}).read_bytes()
    ).has_macros


def test_the_1904_date_system_is_known(tmp_path):
    assert packages.inspect(files.team(tmp_path / "a.xlsx", date1904=True).read_bytes()).date1904


CELLS = [
    ('<c r="B2" t="e"><v>#DIV/0!</v></c>', (1, 1), CellError("#DIV/0!")),
    ('<c r="AB2" t="e"><f>1/0</f><v>#N/A</v></c>', (1, 27), CellError("#N/A")),
    ('<c r="B2"><f>SUM(A1)</f></c>', (1, 1), NotCalculated("=SUM(A1)")),
    ('<c r="B2"><f>SUM(A1)</f><v></v></c>', (1, 1), NotCalculated("=SUM(A1)")),
    ('<c r="B2"><f>SUM(A1)</f><v/></c>', (1, 1), NotCalculated("=SUM(A1)")),
    ('<c r="B2"><f>[1]Sheet1!$A$1</f><v>42</v></c>', (1, 1), Linked("=[1]Sheet1!$A$1")),
]


@pytest.mark.parametrize(("cell", "place", "mark"), CELLS)
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_odd_cells_are_found_with_addresses_and_namespace_prefixes(cell, place, mark, quote, prefix):
    before = '<row r="1"><c r="A1" t="str"><f>\'其他\'!A1="是"</f><v>是</v></c></row>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{before}<row r="2"><c r="A2"/>{cell}</row></sheetData></worksheet>'
    if prefix:
        sheet = (
            sheet.replace("xmlns=", f"xmlns:{prefix[:-1]}=")
            .replace("</", "\0")
            .replace("<", f"<{prefix}")
            .replace("\0", f"</{prefix}")
        )
    sheet = sheet.replace('t="e"', f"t={quote}e{quote}")

    found = packages.inspect(xlsx(sheet)).marks

    assert found == {"表": {place: mark}}
    assert type(found["表"][place]) is type(mark)


def test_odd_cells_are_found_where_rows_and_cells_bear_no_address():
    sheet = (
        '<worksheet><sheetData><row><c t="e"><v>#REF!</v></c></row><row/><row r="5"><c/></row>'
        '<row><c/><c r="D6"/><c t="e"><v>#N/A</v></c></row></sheetData></worksheet>'
    )

    assert packages.inspect(xlsx(sheet)).marks == {"表": {(0, 0): "#REF!", (5, 4): "#N/A"}}


def test_a_link_filled_down_is_found_in_every_cell():
    """Excel writes a formula filled down once, and refers to it from the cells below."""
    first = '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">[1]S!B1</f><v>1</v></c></row>'
    below = "".join(f'<row r="{n}"><c r="A{n}"><f t="shared" si="0"/><v>1</v></c></row>' for n in (2, 3))

    (marks,) = packages.inspect(xlsx(f"<worksheet><sheetData>{first}{below}</sheetData></worksheet>")).marks.values()

    assert marks == dict.fromkeys([(0, 0), (1, 0), (2, 0)], "=[1]S!B1")


def test_a_formula_whose_result_is_an_empty_text_is_calculated():
    sheet = (
        '<worksheet><sheetData><row r="1"><c r="A1" t="str"><f>IF(1,"")</f><v></v></c></row></sheetData></worksheet>'
    )

    assert packages.inspect(xlsx(sheet)).marks == {}


def test_odd_cells_are_found_in_a_sheet_written_in_utf_16():
    sheet = '<worksheet><sheetData><row r="1"><c r="A1" t="e"><v>#N/A</v></c></row></sheetData></worksheet>'

    assert packages.inspect(xlsx(sheet.encode("utf-16"))).marks == {"表": {(0, 0): "#N/A"}}


# --- .xlsb ------------------------------------------------------------------------------------------------------------


def test_error_cells_of_a_binary_workbook_are_found():
    marks = packages.inspect((BOOKS / "errors.xlsb").read_bytes()).marks[SHEET]

    assert marks == {(2, 4): "#DIV/0!", (3, 2): "#REF!", (3, 4): "#N/A"}
    assert {type(mark) for mark in marks.values()} == {CellError}


def test_a_formula_that_ends_in_an_error_is_found_in_a_binary_sheet():
    row = struct.pack("<BBI", 0, 4, 300)
    cell = struct.pack("<BBIIB", 11, 9, 2, 0, 0x2A)

    assert packages._binary_marks(row + cell) == {(300, 2): "#N/A"}


def test_records_of_a_binary_part_may_have_long_ids_and_sizes():
    long = b"\x9c\x01\xc8\x01" + b"x" * 200

    assert list(packages._records(long + b"\x03\x00")) == [(156, b"x" * 200), (3, b"")]


def test_a_binary_workbook_whose_cells_the_reader_would_lose_is_refused():
    """SheetJS and Aspose leave the column of most cells out; the reader then sees the first column only."""
    assert refused((BOOKS / "short_cells.xlsb").read_bytes()) == "unreadable_cells"


@pytest.mark.parametrize("part", ["xl/workbook.bin", "xl/worksheets/sheet1.bin"])
def test_a_binary_part_cut_short_is_damage_or_read_as_far_as_it_goes(part):
    contents = files.parts(BOOKS / "errors.xlsb")

    for length in range(0, len(contents[part]), 7):
        assert looked_at(zipped({**contents, part: contents[part][:length]})) in ("fine", "damaged"), length


# --- .ods -------------------------------------------------------------------------------------------------------------


def ods(rows):
    spaces = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext", "o"))
    content = (
        f'<office:document-content {spaces}><table:table table:name="表">{rows}</table:table></office:document-content>'
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


ERROR = '<table:table-cell {} office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'


def test_error_cells_of_an_opendocument_spreadsheet_are_found_behind_repeated_rows_and_cells():
    blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    row = f'<table:table-row><table:table-cell table:number-columns-repeated="2"/>{ERROR.format("")}</table:table-row>'

    assert packages.inspect(ods(blank + row)).marks == {"表": {(3, 2): "#N/A"}}


def test_every_one_of_repeated_error_cells_counts():
    cell = ERROR.format('table:number-columns-repeated="2"')

    marks = packages.inspect(ods(f'<table:table-row table:number-rows-repeated="2">{cell}</table:table-row>')).marks

    assert set(marks["表"]) == set(itertools.product((0, 1), (0, 1)))


def test_absurd_repeats_stay_small():
    cell = ERROR.format('table:number-columns-repeated="16384"')

    marks = packages.inspect(
        ods(f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')
    ).marks

    assert len(marks["表"]) <= 10**6


def test_a_formula_without_a_value_was_never_calculated():
    row = '<table:table-row><table:table-cell table:formula="of:=SUM([.A1])"/></table:table-row>'

    (mark,) = packages.inspect(ods(row)).marks["表"].values()

    assert (type(mark), mark) == (NotCalculated, "of:=SUM([.A1])")


@pytest.mark.parametrize("rows", ["<table:table-row>", '<table:table-row table:number-rows-repeated="x"/>'])
def test_an_opendocument_spreadsheet_that_is_no_xml_is_damage(rows):
    assert refused(ods(f"{rows}{ERROR.format('')}")) == "damaged"


# --- our own ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("saved", ["2026-10-01T12:00:00Z", "2026-10-01T20:00:00+08:00", "2026-10-01T12:00:00"])
def test_when_a_workbook_was_saved_is_told_in_utc(book, saved):
    changed = files.changed(book, core=("2026-10-01T12:00:00Z", saved))

    assert packages.inspect(changed.read_bytes()).modified == dt.datetime(2026, 10, 1, 12)


@pytest.mark.skipif(os.name == "nt", reason="Windows has one time zone at a time")
@pytest.mark.parametrize(
    ("saved", "utc"),
    [
        ("2026-10-01T20:00:00.123456789", dt.datetime(2026, 10, 1, 12, 0, 0, 123456)),
        ("2026-10-01T12:00:00Z", dt.datetime(2026, 10, 1, 12)),
    ],
)
def test_libreoffice_tells_the_time_on_the_wall_where_it_names_no_zone(monkeypatch, saved, utc):
    meta = f'<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:date>{saved}</dc:date></m>'
    book = zipped({"content.xml": "<office/>", "META-INF/manifest.xml": "<manifest/>", "meta.xml": meta})
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Asia/Shanghai")
            time.tzset()
            assert packages.inspect(book).modified == utc
    finally:
        time.tzset()


@pytest.mark.parametrize("saved", ["yesterday", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_time_of_saving_that_is_none_is_unknown(book, saved):
    assert packages.inspect(files.changed(book, core=("2026-10-01T12:00:00Z", saved)).read_bytes()).modified is None
