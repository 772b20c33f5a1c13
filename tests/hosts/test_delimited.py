"""Text under a workbook's name: which encoding, what parts the cells, and when it is no table."""

import codecs

import pytest

from kam_xl.core.books import Remark
from kam_xl.hosts import delimited

TABLE = [["客户ID", "客户名称", "累计交易额（万元）"], ["C001", "某科技", "520"], ["C002", "乙巳貿易", "1,200"]]


def text(delimiter="\t", newline="\r\n"):
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in TABLE]
    return newline.join(delimiter.join(row) for row in quoted) + newline


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(("delimiter", "named"), [("\t", "TAB"), (",", ","), (";", ";"), ("|", "|")])
def test_cells_are_parted_by_what_parts_most_of_them(delimiter, named, newline):
    contents = delimited.read(text(delimiter, newline).encode(), "华东", "read_as_text")

    (sheet,) = contents.sheets
    assert (sheet.name, sheet.rows) == ("华东", TABLE)
    assert contents.remarks == (Remark("read_as_text", "华东", detail=f"UTF-8, {named}"),)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (text().encode(), "UTF-8"),
        (codecs.BOM_UTF8 + text().encode(), "UTF-8"),
        (text().encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + text().encode("utf-16-be"), "UTF-16"),
        (text().encode("utf-16-le"), "UTF-16-LE"),
        (text().encode("utf-16-be"), "UTF-16-BE"),
        (text().encode("gb18030"), "GB18030"),
        ("客戶ID\t客戶名稱\t所屬行業\r\nC001\t某科技\t軟體\r\n".encode("big5"), "BIG5"),
    ],
)
def test_the_encoding_is_told_by_a_mark_by_noughts_or_by_the_headers_it_makes(data, encoding):
    contents = delimited.read(data, "a", "read_as_text")

    assert contents.sheets[0].rows[1][:2] == ["C001", "某科技"]
    assert contents.remarks[0].detail == f"{encoding}, TAB"


def test_letters_beyond_ascii_that_never_stand_side_by_side_are_no_chinese():
    data = "Customer ID;Customer name\r\nK1;Müller & Söhne – Café\r\n".encode("cp1252")
    contents = delimited.read(data, "a", "read_as_text")
    assert contents.sheets[0].rows[1] == ["K1", "Müller & Söhne – Café"]
    assert contents.remarks[0].detail == "CP1252, ;"


def test_quoted_cells_may_hold_lines_and_delimiters():
    (sheet,) = delimited.read('客户ID,备注\nC001,"一行，\n""二行"",三行"\n'.encode(), "a", "read_as_text").sheets

    assert sheet.rows[1] == ["C001", '一行，\n"二行",三行']


def test_a_quotation_mark_that_is_never_closed_swallows_no_row():
    (sheet,) = delimited.read(
        '客户ID\t客户名称\nC001\t"甲"厂\nC002\t"乙\nC003\t丙\n'.encode(), "a", "read_as_text"
    ).sheets

    assert [row[0] for row in sheet.rows] == ["客户ID", "C001", "C002", "C003"]
    assert sheet.rows[2] == ["C002", '"乙']


def test_rows_of_different_lengths_are_filled_up_and_cells_padded_with_blanks_are_not():
    (sheet,) = delimited.read("标题\n客户ID;客户名称\nC001  ;某科技　\n".encode(), "a", "read_as_text").sheets

    assert sheet.rows == [["标题", ""], ["客户ID", "客户名称"], ["C001", "某科技"]]


def test_a_cell_of_any_length_is_read():
    (sheet,) = delimited.read(f"客户ID,备注\nC001,{'长' * 200_000}\n".encode(), "a", "read_as_text").sheets

    assert len(sheet.rows[1][1]) == 200_000


@pytest.mark.parametrize(
    ("data", "is_text"),
    [
        (b"", False),
        (b"\x00\x01\x02\x03", False),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\x00,\t;" + b"1 0 obj, " * 20, False),
        (bytes(range(256)), False),
        ("一段说明\n没有表格\n".encode(), True),
        (text().encode("utf-16")[:-1], False),
    ],
)
def test_what_is_no_table_of_text_is_none(data, is_text):
    assert delimited.read(data, "a", "read_as_text") is None
    assert delimited.is_text(data) == is_text


def test_lines_of_two_encodings_are_read_each_by_its_own():
    data = "客户ID,客户名称\nC001,甲辰机电\n".encode() + "C002,乙巳贸易\n".encode("gb18030")

    contents = delimited.read(data + "C003,丙午\n".encode(), "a", "text_read")
    assert contents.sheets[0].rows == [
        ["客户ID", "客户名称"],
        ["C001", "甲辰机电"],
        ["C002", "乙巳贸易"],
        ["C003", "丙午"],
    ]
    assert contents.remarks[0].detail == "UTF-8 + GB18030, ,"


@pytest.mark.parametrize("data", ["客户,甲\n".encode() + b"\x00\xff,\xfe\n", "客户,甲\n".encode() + b"\xff\xff,\n"])
def test_bytes_that_no_line_of_text_holds_are_no_text(data):
    assert delimited.read(data, "a", "text_read") is None
