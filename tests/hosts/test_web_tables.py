"""Web pages and XML Spreadsheets 2003 under a workbook's old name are read cell by cell, in time linear in their length."""

import time

import pytest

from kam_xl.core.errors import Refused
from kam_xl.hosts import web_tables, workbooks

PAGE = """<html><head><meta charset=gb2312><style>td{color:red}</style></head><body><!-- <table><tr><td>no --><h1>客户</h1>
<table border=1><tr><th rowspan=2>客户编码<th rowspan=2>客户名称<th colspan=2>联系人</tr><tr><td>姓名<td>电话</td></tr>
<tr><td>001</td><td>甲&amp;乙<br>公司</td><td>赵某<td>021-55550001</table><table><tr><td>页脚</table></body></html>"""
XML = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"><Worksheet ss:Name="客户"><Table>
<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">一览表</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">客户编码</Data></Cell><Cell><Data ss:Type="String">客户名称</Data></Cell><Cell ss:Index="4"><Data ss:Type="String">发展日期</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">001</Data></Cell><Cell><Data ss:Type="String">甲</Data></Cell><Cell><Data ss:Type="Number">12.5</Data></Cell><Cell><Data ss:Type="DateTime">2024-01-05T00:00:00.000</Data></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="旧"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>"""


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_the_tables_of_a_page_are_read_with_their_spans(encoding):
    (sheet,) = web_tables.in_page(PAGE.encode(encoding), "a").sheets

    assert sheet.rows == [
        ["客户编码", "客户名称", "联系人", ""],
        ["", "", "姓名", "电话"],
        ["001", "甲&乙 公司", "赵某", "021-55550001"],
    ]
    assert set(sheet.merged) == {((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 2), (0, 3))}


def test_a_page_without_a_table_of_rows_is_none():
    assert web_tables.in_page(b"<html><table><tr><td>C001</table></html>", "a") is None


def test_an_xml_spreadsheet_is_read_where_its_cells_say_they_stand():
    sheet, hidden = web_tables.in_xml(XML.encode(), "a").sheets

    assert sheet.rows == [
        ["一览表", "", "", ""],
        ["", "", "", ""],
        ["客户编码", "客户名称", "", "发展日期"],
        ["001", "甲", 12.5, "2024-01-05"],
    ]
    assert (sheet.name, sheet.hidden, hidden.name, hidden.hidden) == ("客户", False, "旧", True)


@pytest.mark.parametrize(
    ("said", "encoding"), [("GB18030", "gb18030"), ("gb2312", "gbk"), ("GBK", "gbk"), ("Big5", "big5"), ("UTF-16", "utf-16"), ("utf-8", "utf-8")]
)  # fmt: skip
def test_an_xml_spreadsheet_is_read_in_the_encoding_it_declares(said, encoding):
    body = XML.partition("?>")[2].replace("一览表", "甲辰")
    known = "".join(one if one.encode(encoding, "ignore") else "x" for one in body)  # Big5 has no simplified characters
    declared = f'<?xml version="1.0" encoding="{said}"?>{known}'

    first, *_ = web_tables.in_xml(declared.encode(encoding), "a").sheets

    assert first.rows[0][0] == "甲辰"


@pytest.mark.parametrize(
    ("content", "reason"), [(XML[:-20], "damaged"), (f"<!DOCTYPE x [<!ENTITY a 'b'>]>{XML[21:]}", "has_dtd")]
)
def test_an_xml_spreadsheet_that_is_broken_or_hostile_is_refused(content, reason):
    with pytest.raises(Refused) as caught:
        web_tables.in_xml(content.encode(), "a")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "unit", ["<", "<!--", "<table", "<table>", "<td>", "<tr>", "<td colspan=99999>", "<script", "&", "</table>", "<td rowspan=900>", "a='", "<style>"]
)  # fmt: skip
def test_a_page_of_anything_is_read_in_time_linear_in_its_length(unit):
    began = time.process_time()
    web_tables.in_page(("<table><tr><td>" + unit * (300_000 // len(unit))).encode(), "a")
    assert time.process_time() - began < 4


@pytest.mark.parametrize(("name", "content"), [("a.xls", PAGE), ("b.xls", XML)])
def test_both_are_workbooks_under_the_old_name_only(tmp_path, name, content):
    (tmp_path / name).write_bytes(content.encode())
    assert workbooks.read(tmp_path, name).sheets[0].rows[-1][:2] in (["001", "甲&乙 公司"], ["001", "甲"])

    (tmp_path / name).rename(tmp_path / "c.xlsx")
    with pytest.raises(Refused):
        workbooks.read(tmp_path, "c.xlsx")
