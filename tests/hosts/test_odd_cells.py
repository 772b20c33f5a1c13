"""Odd cells of a sheet's part: the marks of those that the reader would hide, and the part without those it stumbles over."""

import itertools
import struct
from pathlib import Path

import pytest

from kam_xl.core.books import CellError, Linked, NotCalculated, Unreadable
from kam_xl.core.errors import Refused
from kam_xl.hosts import extents, glances, odd_cells
from kam_xl.hosts.odd_cells import Sifted
from tests import files

BOOKS = Path(__file__).parents[1] / "books"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(*rows):
    """A sheet part of the given rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'.encode()


def marks(*rows):
    return odd_cells.in_xml(sheet(*rows)).marks


@pytest.mark.parametrize("before", range(-5, 6))
def test_an_odd_cell_is_found_wherever_the_pieces_meet_that_are_looked_through(before, monkeypatch):
    part = sheet('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    monkeypatch.setattr(glances, "_PIECE", part.index(b't="e"') + before)
    assert odd_cells.in_xml(part).marks == {(0, 0): "#N/A"}


@pytest.fixture
def small(monkeypatch):
    """Sheets of more than a hundred places are large, as long as these tests run."""
    monkeypatch.setattr(extents, "BEARABLE", 100)
    monkeypatch.setattr(odd_cells, "BEARABLE", 100)


# --- .xlsx ------------------------------------------------------------------------------------------------------------


def test_a_sheet_without_odd_cells_stays_as_it_is(monkeypatch, tmp_path):
    """One glance tells so; a closer look at every cell would take longer than reading them."""
    monkeypatch.setattr(odd_cells, "_XmlPass", lambda *_, **__: pytest.fail("looked at closely"))
    plain = files.parts(files.team(tmp_path / "a.xlsx"))["xl/worksheets/sheet1.xml"]

    for part in (plain, sheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>-1.5E-7</v></c></row>')):
        assert odd_cells.in_xml(part) == Sifted(part)


CELLS = [
    ('<c r="B2" t="e"><v>#DIV/0!</v></c>', (1, 1), CellError("#DIV/0!")),
    ('<c r="AB2" t="e"><f>1/0</f><v>#N/A</v></c>', (1, 27), CellError("#N/A")),
    ('<c r="B2" t="e"><v>王小明 13800009999</v></c>', (1, 1), CellError("#ERROR!")),
    ('<c r="B2" t="e"/>', (1, 1), CellError("#ERROR!")),
    ('<c r="B2"><v>NaN</v></c>', (1, 1), Unreadable("NaN")),
    ('<c r="B2" t="n"><v> -inf </v></c>', (1, 1), Unreadable("-inf")),
    ('<c r="B2"><v>1e999</v></c>', (1, 1), Unreadable("1e999")),
    ('<c r="B2"><f>1</f><v>1E+400</v></c>', (1, 1), Unreadable("1E+400")),
    (f'<c r="B2"><v>{"9" * 400}</v></c>', (1, 1), Unreadable("9" * 30)),
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
    part = f'<worksheet xmlns="{MAIN}"><sheetData>{before}<row r="2"><c r="A2"/>{cell}</row></sheetData></worksheet>'
    if prefix:
        part = (
            part.replace("xmlns=", f"xmlns:{prefix[:-1]}=")
            .replace("</", "\0")
            .replace("<", f"<{prefix}")
            .replace("\0", f"</{prefix}")
        )
        cell = cell.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    part, cell = (text.replace('t="e"', f"t={quote}e{quote}") for text in (part, cell))

    look = odd_cells.in_xml(part.encode())

    assert look.marks == {place: mark}
    assert type(look.marks[place]) is type(mark)
    assert look.content.decode() == (part.replace(cell, "") if isinstance(mark, CellError) else part)


@pytest.mark.parametrize("text", ["NaN", "inf", "1e999"])
def test_a_text_that_looks_like_no_number_is_a_text(text):
    assert marks(f'<row r="1"><c r="A1" t="str"><v>{text}</v></c></row>') == {}


def test_odd_cells_are_found_where_rows_and_cells_bear_no_address():
    found = marks(
        '<row><c t="e"><v>#REF!</v></c></row><row/><row r="5"><c/></row>',
        '<row><c/><c r="D6"/><c t="e"><v>#N/A</v></c></row>',
    )

    assert found == {(0, 0): "#REF!", (5, 4): "#N/A"}


def test_a_cell_stands_where_its_own_address_says_whatever_its_rows():
    assert marks('<row r="1"><c r="B7" t="e"><v>#N/A</v></c></row>') == {(6, 1): "#N/A"}


def test_a_link_filled_down_is_found_in_every_cell():
    """Excel writes a formula filled down once, and refers to it from the cells below."""
    first = '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">[1]S!B1</f><v>1</v></c></row>'
    below = "".join(f'<row r="{n}"><c r="A{n}"><f t="shared" si="0"/><v>1</v></c></row>' for n in (2, 3))

    assert marks(first, below) == dict.fromkeys([(0, 0), (1, 0), (2, 0)], "=[1]S!B1")


def test_a_formula_whose_result_is_an_empty_text_is_calculated():
    assert marks('<row r="1"><c r="A1" t="str"><f>IF(1,"")</f><v></v></c></row>') == {}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1" t="b"><v>7</v></c>',
        '<c r="A1" t="s"><v>2</v></c>',
        '<c r="A1" t="s"><v>x</v></c>',
        '<c r="A1" t="王"><v>1</v></c>',
    ],
)
def test_a_cell_against_the_rules_is_taken_out_where_the_reader_gave_the_sheet_up(cell):
    fine = '<c r="B1" t="s"><v>1</v></c><c r="C1" t="b"><v>1</v></c><c r="D1" t="inlineStr"><is><t>x</t></is></c>'
    part = sheet(f'<row r="1">{cell}{fine}</row>')

    look = odd_cells.in_xml(part, strings=2)

    assert {place: type(mark) for place, mark in look.marks.items()} == {(0, 0): Unreadable}
    assert look.content == part.replace(cell.encode(), b"")
    assert odd_cells.in_xml(part) == Sifted(part)


@pytest.mark.parametrize("far", ["Z40", "ZZ1", "ZZZ99999"])
def test_a_cell_far_from_all_others_is_taken_out_and_told(far, small, monkeypatch):
    monkeypatch.setattr(extents, "_ROWS_APART", 20)
    monkeypatch.setattr(extents, "_COLUMNS_APART", 20)
    near = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="3"><c r="C3"><v>3</v></c></row>'
    stray = f'<c r="{far}" t="inlineStr"><is><t>.</t></is></c>'
    part = sheet(near, f"<row>{stray}</row>").replace(b"<worksheet", b"<worksheet x='1' ", 1)
    wide = part.replace(b'r="A1"', b"r='A1'")  # one glance at such quotes tells nothing

    look = odd_cells.in_xml(wide)

    assert (look.far, look.far_at) == (1, far)
    assert look.content == wide.replace(stray.encode(), b"")


def test_numbers_on_rows_and_columns_are_no_cells(small):
    far = '<row r="9000"><c r="Z9000" s="1"/></row><row r="9001" ht="30"/>'
    part = sheet('<row r="1"><c r="A1"><v>1</v></c></row>', far)

    assert odd_cells.in_xml(part, strings=0) == Sifted(part)


# --- .xlsb ------------------------------------------------------------------------------------------------------------


def record(kind, content):
    return struct.pack("<BB", kind, len(content)) + content


def binary_row(number):
    return record(0, struct.pack("<I", number))


def test_error_cells_of_a_binary_workbook_are_found():
    part = files.parts(BOOKS / "errors.xlsb")["xl/worksheets/sheet1.bin"]

    look = odd_cells.in_binary(part)

    assert look.marks == {(2, 4): "#DIV/0!", (3, 2): "#REF!", (3, 4): "#N/A"}
    assert {type(mark) for mark in look.marks.values()} == {CellError}
    assert odd_cells.in_binary(look.content) == Sifted(look.content)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        (record(11, struct.pack("<IIB", 2, 0, 0x2A)), CellError("#N/A")),
        (record(3, struct.pack("<IIB", 2, 0, 0x99)), CellError("#ERROR!")),
        (record(5, struct.pack("<IId", 2, 0, float("nan"))), Unreadable("nan")),
        (record(9, struct.pack("<IId", 2, 0, float("-inf"))), Unreadable("-inf")),
    ],
)
def test_a_cell_without_a_value_is_taken_out_of_a_binary_sheet(cell, mark):
    look = odd_cells.in_binary(binary_row(300) + cell)

    assert look == Sifted(binary_row(300), {(300, 2): mark})
    assert type(look.marks[300, 2]) is type(mark)


def test_a_cell_far_from_all_others_is_taken_out_of_a_binary_sheet():
    near = binary_row(0) + record(5, struct.pack("<IId", 0, 0, 1.0))
    far = record(5, struct.pack("<IId", 25, 0, 1.0))

    assert odd_cells.in_binary(near + binary_row(1_048_575) + far) == Sifted(
        near + binary_row(1_048_575), far=1, far_at="Z1048576"
    )


def test_a_binary_workbook_whose_cells_the_reader_would_lose_is_refused():
    """SheetJS and Aspose leave the column of most cells out; the reader then sees the first column only."""
    with pytest.raises(Refused) as caught:
        odd_cells.in_binary(files.parts(BOOKS / "short_cells.xlsb")["xl/worksheets/sheet1.bin"])
    assert caught.value.reason == "unreadable_cells"


# --- .ods -------------------------------------------------------------------------------------------------------------


def document(*rows):
    spaces = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext"))
    return (
        f'<office:document-content {spaces}><table:table table:name="表">{"".join(rows)}'
        "</table:table></office:document-content>"
    ).encode()


def ods_row(*cells, times=1):
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def ods_cell(value, kind="float", **repeated):
    times = "".join(f' table:number-columns-repeated="{n}"' for n in repeated.values())
    return f'<table:table-cell office:value-type="{kind}" office:value="{value}"{times}/>'


ERROR = (
    '<table:table-cell {} office:value-type="string" office:string-value="" calcext:value-type="error">'
    "<text:p>{}</text:p></table:table-cell>"
)
BLANK = '<table:table-cell table:number-columns-repeated="{}"/>'


def test_a_document_without_odd_cells_stays_as_it_is():
    plain = document(ods_row(ods_cell(1), BLANK.format(16383)), ods_row(BLANK.format(16384), times=1_048_575))

    assert odd_cells.in_ods(plain) == (plain, {"表": Sifted(b"")})


@pytest.mark.parametrize(
    ("text", "mark"), [("#N/A", "#N/A"), ("Err:502", "Err:502"), ("王小明", "#ERROR!"), ("", "#ERROR!")]
)
def test_error_cells_of_an_opendocument_spreadsheet_are_found_behind_repeated_rows_and_cells(text, mark):
    blank = ods_row(BLANK.format(16384), times=3)

    content, looks = odd_cells.in_ods(document(blank, ods_row(BLANK.format(2), ERROR.format("", text))))

    assert looks["表"].marks == {(3, 2): mark}
    assert content == document(blank, ods_row(BLANK.format(2), BLANK.format(1)))


def test_every_one_of_repeated_error_cells_counts():
    cell = ERROR.format('table:number-columns-repeated="2"', "#N/A")

    _, looks = odd_cells.in_ods(document(ods_row(cell, times=2)))

    assert set(looks["表"].marks) == set(itertools.product((0, 1), (0, 1)))


@pytest.mark.parametrize("cell", [ods_cell(1, times=16384), ERROR.format('table:number-columns-repeated="16384"', "x")])
def test_what_is_repeated_beyond_any_table_is_taken_out_and_told(cell):
    content, looks = odd_cells.in_ods(document(ods_row(ods_cell(1)), ods_row(cell, times=1_048_575)))

    assert (looks["表"].marks, looks["表"].far, looks["表"].far_at) == ({}, 1, "A2")
    assert content == document(ods_row(ods_cell(1)), ods_row(BLANK.format(16384), times=1_048_575))


@pytest.mark.parametrize(("code", "said"), [("USD", "USD"), ("hkd", "HKD"), ("CNY", None), ("XXX", None), ("", None)])
def test_a_number_says_which_other_currency_its_cell_is_in(code, said):
    cell = ods_cell(12000, "currency").replace(" office:value=", f' office:currency="{code}" office:value=')

    content, looks = odd_cells.in_ods(part := document(ods_row(ods_cell(1), cell, ods_cell(5, "currency"))))

    marks = {place: (float(mark), mark.currency) for place, mark in looks["表"].marks.items()}
    assert marks == ({(0, 1): (12000.0, said)} if said else {})
    assert content == part


@pytest.mark.parametrize("value", ["NaN", "inf", "1e999", "x", ""])
@pytest.mark.parametrize("kind", ["float", "percentage", "currency"])
def test_a_number_that_is_none_is_taken_out_of_an_opendocument_spreadsheet(value, kind):
    content, looks = odd_cells.in_ods(document(ods_row(ods_cell(value, kind), ods_cell(1))))

    assert [(type(mark), mark) for mark in looks["表"].marks.values()] == [(Unreadable, value)]
    assert content == document(ods_row(BLANK.format(1), ods_cell(1)))


def test_a_cell_far_from_all_others_is_taken_out_of_an_opendocument_spreadsheet():
    gap = ods_row(BLANK.format(16384), times=1_048_574)

    content, looks = odd_cells.in_ods(document(ods_row(ods_cell(1)), gap, ods_row(BLANK.format(25), ods_cell(2))))

    assert (looks["表"].far, looks["表"].far_at) == (1, "Z1048576")
    assert content == document(ods_row(ods_cell(1)), gap, ods_row(BLANK.format(25), BLANK.format(1)))


def test_a_formula_without_a_value_was_never_calculated():
    part = document(ods_row('<table:table-cell table:formula="of:=SUM([.A1])"/>'))

    content, looks = odd_cells.in_ods(part)

    assert [(type(mark), mark) for mark in looks["表"].marks.values()] == [(NotCalculated, "of:=SUM([.A1])")]
    assert content == part
