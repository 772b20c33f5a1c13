"""A small workbook of ours, open in LibreOffice."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import xlsxwriter
import xlwings as xw

from kam_xl.doors import libreoffice
from kam_xl.engines.office_file import opc, vba
from kam_xl.template import macros

HEADER = ("客户ID", "价值维度(50%)", "潜力维度(30%)", "需求维度(20%)", "综合得分")
ROWS = (("C001", 92, 88, 85), ("C002", 55, 45, 70))
SCORE = "=KAM_SCORE(tblMarks[[#This Row],[价值维度(50%)]],tblMarks[[#This Row],[潜力维度(30%)]],tblMarks[[#This Row],[需求维度(20%)]])"


def kam_package(folder: Path, modules: Sequence[vba.Module] | None = None, formulas: Sequence[str] = ()) -> Path:
    """A workbook with a table, a chart, a button and, unless others are named, our macros; `formulas` go to D1 on."""
    path, project = folder / "小.xlsm", folder / "vbaProject.bin"
    project.write_bytes(vba.project(modules or macros.modules(["Sheet1", "Sheet2"]), macros.NAME))
    with xlsxwriter.Workbook(path) as book:
        book.add_vba_project(project)
        book.set_vba_name("ThisWorkbook")
        marks = book.add_worksheet("评估")
        marks.set_vba_name("Sheet1")
        columns = [{"header": name} for name in HEADER[:-1]] + [{"header": HEADER[-1], "formula": SCORE}]
        marks.add_table("A4:E6", {"name": "tblMarks", "columns": columns, "style": "Table Style Light 9"})
        for number, row in enumerate(ROWS):
            marks.write_row(4 + number, 0, row)
        for column, formula in enumerate(formulas, 3):
            marks.write_formula(0, column, formula)
        marks.freeze_panes(4, 1)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=评估!$B$5:$B$6", "categories": "=评估!$A$5:$A$6"})
        marks.insert_chart("H2", chart, {"description": "价值"})
        marks.insert_textbox("H20", "关于", {"description": "按钮"})
        texts = book.add_worksheet("文字")
        texts.set_vba_name("Sheet2")
        texts.write_row("A1", ("zh-CN",))
        book.define_name("kam_lang", "=文字!$A$1")
        book.define_name("kam_message", "=文字!$B$1")
    path.write_bytes(_with_button(path))
    return path


def _with_button(path: Path) -> bytes:
    part = "xl/drawings/drawing1.xml"
    with zipfile.ZipFile(path) as archive:
        drawing = archive.read(part).replace(b'<xdr:sp macro=""', b'<xdr:sp macro="[0]!KamXl_About"')
    return opc.replaced(path.read_bytes(), {part: drawing})


@pytest.fixture
def open_kam(office: libreoffice.Office, tmp_path: Path) -> Iterator[Callable[..., xw.Book]]:
    """``open_kam(modules)`` opens a new `kam_package`; it is closed after the test."""
    opened = []

    def opening(modules: Sequence[vba.Module] | None = None) -> xw.Book:
        opened.append(office.open(kam_package(tmp_path, modules)))
        return opened[-1]

    yield opening
    for book in opened:
        book.close()
