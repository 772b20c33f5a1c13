"""Zipped workbooks: what they tell beside their cells, and that the reader is given checked worksheets and nothing else."""

import contextlib
import datetime as dt
import io
import os
import struct
import time
import zipfile
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter

from kam_xl.core.books import NativeTable
from kam_xl.core.errors import Refused
from kam_xl.engines.office_file import packages
from kam_xl.hosts import spreadsheets
from tests import files

BOOKS = Path(__file__).parents[1] / "books"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
SHEET = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'


@pytest.fixture
def book(tmp_path):
    return files.team(tmp_path / "华东.xlsx")


def workbook(book_xml=None, relations=OFFICE, **sheets):
    """A workbook of these sheets: name → (kind, target, content); a content of None leaves the part out."""
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="{relations}/{kind}" Target="{target}"/>'
        for n, (kind, target, _) in enumerate(sheets.values(), 1)
    )
    parts = {
        "xl/workbook.xml": book_xml or f'<workbook xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{related}</Relationships>",
    }
    parts |= {f"xl/{target}": content for _, target, content in sheets.values() if content is not None}
    return packages.zipped({name: part.encode() if isinstance(part, str) else part for name, part in parts.items()})


def one(content=SHEET, target="worksheets/sheet1.xml", **options):
    return workbook(表=("worksheet", target, content), **options)


def refused(data):
    with pytest.raises(Refused) as caught:
        spreadsheets.opened(data)
    return caught.value.reason


def read(data):
    """Sheet → its rows, as the reader reads what it is given."""
    with python_calamine.load_workbook(io.BytesIO(data)) as reader:
        return {name: reader.get_sheet_by_name(name).to_python() for name in reader.sheet_names}


def merged(data):
    """The merged cells of the one sheet, as the reader reads what it is given."""
    with python_calamine.load_workbook(io.BytesIO(data)) as reader:
        return reader.get_sheet_by_index(0).merged_cell_ranges


MERGED = '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'
ROWS = SHEET[SHEET.index("<sheetData>") : -len("</worksheet>")]


def test_an_ordinary_workbook_tells_when_it_was_saved_and_has_nothing_odd(book):
    found = spreadsheets.opened(book.read_bytes())

    assert (found.modified, found.date1904, found.has_macros, found.ours) == (files.SAVED, False, False, False)
    assert (found.unread, found.others, found.tables) == ({}, (), ())
    assert [look.marks for look in found.looks.values()] == [{}, {}, {}]


# --- what the reader is given -----------------------------------------------------------------------------------------


def given(data):
    with zipfile.ZipFile(io.BytesIO(spreadsheets.opened(data).content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_reader_is_given_worksheets_their_strings_and_styles_and_nothing_else(book):
    with_more = files.package(book, {**files.parts(book), "xl/vbaProject.bin": b"x", "xl/workbook2.xml": b"<x/>"})

    assert set(given(with_more.read_bytes())) == {
        "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml",
        "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["a.xlsx", "errors.xlsb"])
def test_the_reader_reads_in_it_what_it_reads_in_the_workbook(tmp_path, name):
    path = files.team(tmp_path / name) if name == "a.xlsx" else BOOKS / name
    data = path.read_bytes()

    with (
        python_calamine.load_workbook(str(path)) as whole,
        python_calamine.load_workbook(io.BytesIO(spreadsheets.opened(data).content)) as ours,
    ):
        assert [(one.name, one.visible) for one in ours.sheets_metadata] == [
            (one.name, one.visible) for one in whole.sheets_metadata
        ]
        for sheet in whole.sheet_names:
            assert ours.get_sheet_by_name(sheet).to_python() == whole.get_sheet_by_name(sheet).to_python()


@pytest.mark.parametrize("relations", [OFFICE, STRICT])
@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "sheet1.xml", "macrosheets/一.xml"]
)
def test_a_worksheet_is_one_by_its_relation_wherever_its_part_lies(target, relations):
    data = one(target=target.removeprefix("/xl/"), relations=relations)

    assert read(spreadsheets.opened(data).content) == {"表": [[1.0]]}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gbk", "latin-1"])
def test_a_part_in_another_encoding_is_given_in_utf_8(encoding):
    """The reader would see an empty sheet, without a word."""
    declared = f'<?xml version="1.0" encoding="{encoding.partition("-le")[0].partition("-be")[0]}"?>'
    text = "é" if encoding == "latin-1" else "客"
    part = declared + SHEET.replace("<v>1</v>", f"<is><t>{text}</t></is>").replace('r="A1"', 'r="A1" t="inlineStr"')

    assert read(spreadsheets.opened(one(part.encode(encoding))).content) == {"表": [[text]]}


def test_hostile_names_of_sheets_stay_names():
    name = "&quot; r:id=&quot;x&lt;&amp;'"
    data = one(book_xml=f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="{name}" r:id="r1"/></sheets></workbook>')

    assert read(spreadsheets.opened(data).content) == {'" r:id="x<&\'': [[1.0]]}


@pytest.mark.parametrize("cell", ['t="b"><v>7</v>', 't="s"><v>5</v>', 's="1"><v>-1e300</v>', 's="1"><v>-1e30</v>'])
def test_a_sheet_that_the_reader_gave_up_is_given_again_without_what_it_stumbled_over(tmp_path, cell):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表")
        sheet.write_row(0, 0, ["ID", 1])
        sheet.write_datetime(1, 0, dt.datetime(2023, 10, 20), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(1, 1, 2)
    files.changed(path, sheet1=('<c r="B2"><v>2</v></c>', f'<c r="B2" {cell}</c>'))
    found = spreadsheets.opened(path.read_bytes())

    with pytest.raises(BaseException):  # noqa: B017, PT011 (panics are no Exceptions)
        read(found.content)
    content, look = found.plainly("表")

    assert read(content)["表"][0] == ["ID", 1.0]
    assert read(content)["表"][1][0] == 45219.0
    assert (1, 1) in look.marks or read(content)["表"][1][1] < -1e29


# --- sheets that are not read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xlMacrosheet", "xlIntlMacrosheet", "dialogsheet", "somethingNew"])
@pytest.mark.parametrize("content", [SHEET, "<nonsense", None])
def test_a_sheet_of_another_kind_is_told_and_costs_nothing(kind, content):
    found = spreadsheets.opened(
        workbook(表=("worksheet", "worksheets/sheet1.xml", SHEET), 别的=(kind, "other/sheet1.xml", content))
    )

    assert (found.others, found.unread) == (("别的",), {})
    assert read(found.content) == {"表": [[1.0]]}


def test_a_binary_workbook_is_given_without_its_sheets_of_other_kinds():
    parts = files.parts(BOOKS / "errors.xlsb")
    text = [struct.pack("<I", len(one)) + one.encode("utf-16-le") for one in ("rMacro", "宏")]
    listed = struct.pack("<II", 0, 9) + b"".join(text)
    parts["xl/workbook.bin"] += b"\x9c\x01" + struct.pack("<B", len(listed)) + listed
    relation = (
        f'<Relationship Id="rMacro" Type="{OFFICE}/xlMacrosheet" Target="macrosheets/sheet1.bin"/></Relationships>'
    )
    rels = parts["xl/_rels/workbook.bin.rels"].replace(b"</Relationships>", relation.encode())

    found = spreadsheets.opened(packages.zipped({**parts, "xl/_rels/workbook.bin.rels": rels}))

    assert (found.others, found.unread, [*found.looks]) == (("宏",), {}, ["客户基础信息表"])
    assert [*read(found.content)] == ["客户基础信息表"]


def test_a_chart_needs_no_word():
    found = spreadsheets.opened(
        workbook(图=("chartsheet", "chartsheets/sheet1.xml", "<x/>"), 表=("worksheet", "worksheets/sheet1.xml", SHEET))
    )

    assert (found.others, found.unread, [*found.looks]) == ((), {}, ["表"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "missing_part"),
        ('<worksheet><c t="e"', "damaged"),
        ('<worksheet><row r="x"/><c t="e"/></worksheet>', "damaged"),
    ],
)
def test_a_damaged_worksheet_costs_itself(content, reason):
    found = spreadsheets.opened(
        workbook(表=("worksheet", "worksheets/sheet1.xml", SHEET), 坏=("worksheet", "worksheets/sheet2.xml", content))
    )

    assert found.unread == {"坏": reason}
    assert read(found.content) == {"表": [[1.0]]}


def test_a_worksheet_whose_checksum_is_wrong_costs_itself(book):
    data = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        start = archive.getinfo("xl/worksheets/sheet2.xml").header_offset
    data[start + 14] ^= 1
    directory = data.rindex(b"xl/worksheets/sheet2.xml") - 46
    data[directory + 16] ^= 1

    found = spreadsheets.opened(bytes(data))

    assert found.unread == {"客户多维度分层评估表": "damaged"}
    assert [*found.looks] == ["客户基础信息表", "客户策略执行效果跟踪表"]


def test_a_sheet_cannot_hide_as_a_picture(book):
    contents = files.parts(book)
    contents["xl/sheet.png"] = contents.pop("xl/worksheets/sheet1.xml")
    rels = contents["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", b"sheet.png")
    contents["xl/_rels/workbook.xml.rels"] = rels

    assert spreadsheets.opened(files.package(book, contents).read_bytes()).unread == {"客户基础信息表": "missing_part"}


def test_two_sheets_of_one_name_are_refused():
    """Each program would read another one."""
    sheet = '<sheet name="表" r:id="r1"/>'
    book_xml = f'<workbook xmlns:r="{OFFICE}"><sheets>{sheet}{sheet}</sheets></workbook>'

    assert refused(one(book_xml=book_xml)) == "repeated_part"


def test_a_workbook_without_sheets_has_none():
    assert spreadsheets.opened(workbook()).looks == {}


# --- no workbook at all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"word/document.xml": "<w/>"},
        {"xl/worksheets/sheet1.xml": SHEET},
        {"content.xml": "<x/>", "mimetype": "application/vnd.oasis.opendocument.text"},
    ],
)
def test_a_package_without_a_workbook_part_is_told_as_such(tmp_path, parts):
    assert refused(files.package(tmp_path / "a.xlsx", parts).read_bytes()) == "no_workbook_part"


def test_the_workbook_part_may_lie_where_the_package_says():
    contents = {
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="/book/b.xml"/></Relationships>',
        "book/b.xml": f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="表" r:id="r"/></sheets></workbook>',
        "book/_rels/b.xml.rels": f'<Relationships><Relationship Id="r" Type="{OFFICE}/worksheet" Target="s.xml"/></Relationships>',
        "book/s.xml": SHEET,
    }
    data = packages.zipped({name: part.encode() for name, part in contents.items()})

    assert read(spreadsheets.opened(data).content) == {"表": [[1.0]]}


@pytest.mark.parametrize("content", ["<workbook", '<?xml version="1.0" encoding="shift-jis-7"?><workbook/>'])
def test_a_workbook_part_that_is_no_xml_is_damage(content):
    assert refused(one(book_xml=content)) == "damaged"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_part_that_all_sheets_need_is_damage_to_all(book, part):
    data = bytearray(book.read_bytes())
    directory = data.rindex(part.encode()) - 46
    data[directory + 16] ^= 1

    assert refused(bytes(data)) == "damaged"


@pytest.mark.parametrize("part", ["docProps/core.xml", "docProps/app.xml", "xl/theme/theme1.xml"])
def test_a_damaged_part_that_no_cell_needs_costs_nothing(book, part):
    data = bytearray(book.read_bytes())
    directory = data.rindex(part.encode()) - 46
    data[directory + 16] ^= 1

    assert len(spreadsheets.opened(bytes(data)).looks) == 3


@pytest.mark.parametrize("part", ["xl/workbook.bin", "xl/worksheets/sheet1.bin"])
def test_a_binary_part_cut_short_is_damage_or_read_as_far_as_it_goes(part):
    contents = files.parts(BOOKS / "errors.xlsb")

    for length in range(0, len(contents[part]), 7):
        with contextlib.suppress(Refused):
            assert spreadsheets.opened(packages.zipped({**contents, part: contents[part][:length]})), length


MANIFEST = '<manifest><file-entry full-path="content.xml">{}</file-entry></manifest>'


@pytest.mark.parametrize(
    "parts",
    [
        {
            "content.xml": "\x8f\x01",
            "META-INF/manifest.xml": MANIFEST.format('<manifest:encryption-data checksum="x"/>'),
        },
        {"encrypted-package": "\x8f\x01", "META-INF/manifest.xml": MANIFEST.format("")},
    ],
)
def test_an_opendocument_file_with_a_password_says_so(tmp_path, parts):
    assert refused(files.package(tmp_path / "a.ods", parts).read_bytes()) == "encrypted"


@pytest.mark.parametrize("rows", ["<table:table-row>", '<table:table-row table:number-rows-repeated="x"/>'])
def test_an_opendocument_spreadsheet_that_is_no_xml_is_damage(tmp_path, rows):
    content = f'<d xmlns:table="t"><table:table table:name="表">{rows}</table:table></d>'

    assert refused(files.package(tmp_path / "a.ods", {"content.xml": content}).read_bytes()) == "damaged"


# --- what is told beside the cells ------------------------------------------------------------------------------------


def test_a_workbook_with_macros_is_known(book):
    with_macros = files.package(book, {**files.parts(book), "xl/vbaProject.bin": b"x"})

    assert spreadsheets.opened(with_macros.read_bytes()).has_macros


def test_the_1904_date_system_is_known_and_passed_on(tmp_path):
    found = spreadsheets.opened(files.team(tmp_path / "a.xlsx", date1904=True).read_bytes())

    assert found.date1904
    assert dt.date(2026, 10, 20) in read(found.content)["客户基础信息表"][1]


def test_native_tables_are_known_where_they_have_a_header(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("表")
        sheet.add_table("B3:C5", {"name": "tblCustomers"})
        sheet.add_table("E3:F5", {"name": "bare", "header_row": False})

    assert spreadsheets.opened((tmp_path / "a.xlsx").read_bytes()).tables == (NativeTable("tblCustomers", "表", 2, 1),)


@pytest.mark.parametrize("edit", [('ref="B3:C5"', 'ref="?"'), ("<table", "<"), None])
def test_a_damaged_table_is_none(tmp_path, edit):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("表").add_table("B3:C5", {"name": "tblCustomers"})

    found = spreadsheets.opened(files.changed(tmp_path / "a.xlsx", table1=edit).read_bytes())

    assert (found.tables, [*found.looks]) == ((), ["表"])


def test_a_list_of_what_a_sheet_relates_to_costs_no_more_than_its_tables(book):
    parts = {**files.parts(book), "xl/worksheets/_rels/sheet1.xml.rels": "<Relation"}

    assert len(spreadsheets.opened(files.package(book, parts).read_bytes()).looks) == 3


@pytest.mark.parametrize("saved", ["2026-10-01T12:00:00Z", "2026-10-01T20:00:00+08:00", "2026-10-01T12:00:00"])
def test_when_a_workbook_was_saved_is_told_in_utc(book, saved):
    changed = files.changed(book, core=("2026-10-01T12:00:00Z", saved))

    assert spreadsheets.opened(changed.read_bytes()).modified == dt.datetime(2026, 10, 1, 12)


@pytest.mark.skipif(os.name == "nt", reason="Windows has one time zone at a time")
@pytest.mark.parametrize(
    ("saved", "utc"),
    [
        ("2026-10-01T20:00:00.123456789", dt.datetime(2026, 10, 1, 12, 0, 0, 123456)),
        ("2026-10-01T12:00:00Z", dt.datetime(2026, 10, 1, 12)),
    ],
)
def test_libreoffice_tells_the_time_on_the_wall_where_it_names_no_zone(tmp_path, monkeypatch, saved, utc):
    meta = f'<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:date>{saved}</dc:date></m>'
    book = files.package(tmp_path / "a.ods", {"content.xml": "<office/>", "meta.xml": meta}).read_bytes()
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Asia/Shanghai")
            time.tzset()
            assert spreadsheets.opened(book).modified == utc
    finally:
        time.tzset()


@pytest.mark.parametrize("saved", ["yesterday", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_time_of_saving_that_is_none_is_unknown(book, saved):
    changed = files.changed(book, core=("2026-10-01T12:00:00Z", saved))

    assert spreadsheets.opened(changed.read_bytes()).modified is None


@pytest.mark.parametrize(
    ("body", "first", "places"),
    [
        (ROWS, "<mergeCells/>", []),
        (f"<dimension ref='A1'/>{ROWS}{MERGED}<pageMargins/>", MERGED, [((0, 0), (1, 1))]),
        (
            f"{ROWS}<mergeCells >\n<mergeCell ref='B1:C2'></mergeCell>\n</mergeCells>",
            "<mergeCells >",
            [((0, 1), (1, 2))],
        ),
    ],
)
def test_the_reader_is_given_merged_cells_before_the_rows_or_it_looks_for_them_through_all_of_them(body, first, places):
    data = one(f"<?xml version='1.0'?>\n<worksheet xmlns='{MAIN}' xmlns:x=\"a>b\">{body}</worksheet>")

    found = spreadsheets.opened(data)

    part = packages.unpacked(found.content)[0]["xl/worksheets/sheet1.xml"].decode()
    assert part.index(first) < part.index("<sheetData>")
    assert part.count("<mergeCells") == 1
    assert (read(found.content), merged(found.content)) == ({"表": [[1.0]]}, places)


@pytest.mark.parametrize(
    "content",
    [
        f"<worksheet xmlns='{MAIN}'>{MERGED}{ROWS}</worksheet>",
        f"<worksheet xmlns='{MAIN}'>{ROWS}<!-- {MERGED} --></worksheet>",
        f"<worksheet xmlns='{MAIN}'>{ROWS}<!-- <sheetData></sheetData>{MERGED} --></worksheet>",
        f"<worksheet xmlns='{MAIN}'>{ROWS}<?say </sheetData>{MERGED} ?></worksheet>",
        f"<worksheet xmlns='{MAIN}'>{ROWS}{MERGED}{MERGED}</worksheet>",
        f"<worksheet xmlns='{MAIN}'>{ROWS}<mergeCells/><mergeCells><other/></mergeCells></worksheet>",
        f"<!-- <worksheet> --><worksheet xmlns='{MAIN}'>{ROWS}{MERGED}</worksheet>",
        f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData/></x:worksheet>",
    ],
)
def test_where_a_look_leaves_a_doubt_about_merged_cells_the_sheet_stays_as_it_is(content):
    found = spreadsheets.opened(one(content))

    assert packages.unpacked(found.content)[0]["xl/worksheets/sheet1.xml"] == content.encode()
