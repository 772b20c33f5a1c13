"""What a program left out of a workbook it saved is put back from the file as it was."""

import io
import re
import zipfile

import pytest
import xlsxwriter

from kam_xl.engines.office_file import mending, opc, vba

MACROS = (vba.Module("ThisWorkbook", "", "document"), vba.Module("Sheet1", "", "document"))
#: What LibreOffice leaves out, as it is written in a part.
LEFT_OUT = {
    "the names VBA has for sheets": r' codeName="\w+"',
    "macros behind buttons": r' macro="\[0\]!\w+"',
    "texts for those who cannot see": r' descr="[^"]+"',
    "column formulas": r"<calculatedColumnFormula>.*?</calculatedColumnFormula>",
    "the style of a table": r"<tableStyleInfo [^>]*/>",
    "frozen panes": r"<pane [^>]*/>",
}
each = pytest.mark.parametrize("pattern", LEFT_OUT.values(), ids=LEFT_OUT)


def original():
    """A workbook with macros, and everything that is ever left out."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_vba_project(io.BytesIO(vba.project(MACROS)), is_stream=True)
        book.set_vba_name("ThisWorkbook")
        sheet = book.add_worksheet("数")
        sheet.set_vba_name("Sheet1")
        columns = [{"header": "量"}, {"header": "倍", "formula": "=tbl[[#This Row],[量]]*2"}]
        sheet.add_table("A1:B3", {"name": "tbl", "columns": columns, "style": "Table Style Light 9"})
        sheet.freeze_panes(1, 0)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=数!$A$2:$A$3"})
        sheet.insert_chart("D2", chart, {"description": "图"})
        sheet.insert_textbox("D20", "钮", {"description": "按钮"})
    drawing = "xl/drawings/drawing1.xml"
    button = opc.unpacked(data.getvalue())[drawing].replace(b'<xdr:sp macro=""', b'<xdr:sp macro="[0]!Press"')
    return opc.replaced(data.getvalue(), {drawing: button})


WHOLE = original()


def texts(package):
    """Every part that is text, but the lists of parts: they are written anew."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if name.endswith(".xml") and name != "[Content_Types].xml"
        }


def without(pattern):
    """The workbook as a program saves it that does not know the pattern."""
    parts = {name: re.sub(pattern, "", text) for name, text in texts(WHOLE).items()}
    assert parts != texts(WHOLE)
    return opc.replaced(WHOLE, {name: text.encode() for name, text in parts.items()})


@each
def test_what_was_left_out_is_put_back(pattern):
    found = re.compile(pattern)
    mended = texts(mending.mended(without(pattern), WHOLE))

    before, after = (
        {name: sorted(found.findall(text)) for name, text in each.items()} for each in (texts(WHOLE), mended)
    )
    assert after == before


@each
def test_what_nobody_left_out_is_not_put_back_twice(pattern):
    saved = without(pattern)
    once = mending.mended(saved, WHOLE)

    assert texts(mending.mended(once, WHOLE)) == texts(once)


def test_what_is_whole_stays_as_it_is():
    assert texts(mending.mended(WHOLE, WHOLE)) == texts(WHOLE)


def test_the_project_is_the_originals():
    other = vba.project((*MACROS, vba.Module("More", "", "standard")))
    saved = opc.with_project(WHOLE, other)

    mended = opc.unpacked(mending.mended(saved, WHOLE))
    assert mended["xl/vbaProject.bin"] == opc.unpacked(WHOLE)["xl/vbaProject.bin"] != other


def test_a_chart_that_shows_other_cells_is_left_as_it_was_saved():
    chart = "xl/charts/chart1.xml"
    moved = texts(WHOLE)[chart].replace("$A$3", "$A$9")
    saved = opc.replaced(WHOLE, {chart: moved.encode()})

    assert texts(mending.mended(saved, WHOLE))[chart] == moved


def test_a_formula_does_not_name_a_column_that_was_renamed():
    table = "xl/tables/table1.xml"
    renamed = re.sub(LEFT_OUT["column formulas"], "", texts(WHOLE)[table]).replace('name="量"', 'name="数量"')
    saved = opc.replaced(WHOLE, {table: renamed.encode()})

    assert "calculatedColumnFormula" not in texts(mending.mended(saved, WHOLE))[table]


def test_a_new_sheet_needs_nothing():
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_worksheet("新")

    sheet = "xl/worksheets/sheet1.xml"
    assert texts(mending.mended(data.getvalue(), WHOLE))[sheet] == texts(data.getvalue())[sheet]
