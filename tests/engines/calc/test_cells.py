"""Ranges and fonts answer xlwings as they do in Excel."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

DAY, MOMENT = dt.datetime(2026, 11, 21), dt.datetime(2026, 11, 21, 13, 30, 5)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (1, 1.0),
        (1.5, 1.5),
        ("客户", "客户"),
        (True, True),
        (False, False),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (np.int64(3), 3.0),
        (np.bool_(True), True),
        (DAY, DAY),
        (MOMENT, MOMENT),
        (DAY.date(), DAY),
        (pd.Timestamp(MOMENT), MOMENT),
        (np.datetime64(DAY), DAY),
    ],
)
def test_a_value_comes_back_as_what_it_was(sheet, written, read):
    sheet["B2"].value = written
    assert sheet["B2"].value == read
    assert type(sheet["B2"].value) is type(read)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("007", 7.0),
        ("1,234.5", 1234.5),
        (".5", 0.5),
        ("-2e3", -2000.0),
        ("50%", 0.5),
        ("2026-11-21", DAY),
        ("2026/11/21 13:30:05", MOMENT),
        ("true", True),
        ("'007", "007"),
        ("=1+1", 2.0),
        ("1-2", "1-2"),
        ("2026-13-01", "2026-13-01"),
        ("C001", "C001"),
        ("1,23", "1,23"),
    ],
)
def test_a_text_is_taken_as_if_it_had_been_typed(sheet, typed, read):
    sheet["A1"].value = typed
    assert sheet["A1"].value == read


@pytest.mark.parametrize("typed", ["007", "=1+1", "2026-11-21", "TRUE", "'x"])
def test_a_cell_formatted_as_text_keeps_what_is_typed(sheet, typed):
    sheet["A1"].number_format = "@"
    sheet["A1"].value = typed
    assert sheet["A1"].value == typed


@pytest.mark.parametrize(
    ("formula", "text"),
    [("=1/0", "#DIV/0!"), ("=NA()", "#N/A"), ('="x"+1', "#VALUE!"), ("=10^400", "#NUM!"), ("=无此名+1", "#NAME?")],
)
def test_an_error_reads_as_in_excel(sheet, formula, text):
    sheet["A1"].formula = formula
    assert sheet["A1"].value is None
    assert sheet["A1"].options(err_to_str=True).value == text
    assert isinstance(sheet["A1"].raw_value, int)


def test_rows_are_written_and_read_in_one_block(sheet):
    sheet["A1"].value = [["a", 1, DAY], ["b", None, "=B1*2"]]
    assert sheet["A1:C2"].value == [["a", 1.0, DAY], ["b", None, 2.0]]
    assert sheet["A1:C2"].raw_value == (("a", 1.0, DAY), ("b", None, 2.0))
    assert sheet["A1:A2"].value == ["a", "b"]
    assert sheet["A1:C1"].options(ndim=2).value == [["a", 1.0, DAY]]


def test_a_date_keeps_the_format_its_cell_has(sheet):
    sheet["A1"].number_format = "d.m.yyyy"
    sheet["A1:A2"].value = [[DAY], [DAY]]
    assert (sheet["A1"].number_format, sheet["A2"].number_format) == ("d.m.yyyy", "yyyy-mm-dd")
    sheet["A1"].value = 1
    assert sheet["A1"].value == dt.datetime(1899, 12, 31)


def test_one_value_fills_a_range_and_a_formula_moves_along(sheet):
    sheet["A1:B2"].value = 7
    sheet["C1:D2"].formula = "=A1+$A1+A$1"
    assert sheet["A1:D2"].value == [[7, 7, 21, 21], [7, 7, 21, 21]]
    assert sheet["C1:D2"].formula == (("=A1+$A1+A$1", "=B1+$A1+B$1"), ("=A2+$A2+A$1", "=B2+$A2+B$1"))


def test_formulas_read_as_excel_writes_them(sheet):
    sheet.name = "我的 表"
    sheet["A1"].formula = "=SUM('我的 表'!B1:B3,IF(B1,{1,2;3,4}))"
    sheet["A2"].formula = "=EDATE(B1,3)"
    assert sheet["A1"].formula == "=SUM('我的 表'!B1:B3,IF(B1,{1,2;3,4}))"
    assert sheet["A1:A3"].formula[1:] == (("=EDATE(B1,3)",), ("",))


def test_an_array_formula_fills_its_cells(sheet):
    sheet["A1:A2"].formula_array = "=ROW(1:2)*2"
    assert sheet["A1:A2"].value == [2.0, 4.0]
    assert sheet["A1:A2"].has_array
    assert not sheet["C1"].has_array
    assert sheet["A1:A2"].formula_array == "=ROW(1:2)*2"


def test_a_data_frame_goes_in_and_comes_out(sheet):
    frame = pd.DataFrame({"客户": ["甲", "乙"], "金额": [1.5, None], "日期": [pd.Timestamp(DAY), pd.NaT]})
    sheet["B2"].options(index=False).value = frame
    assert sheet["B2"].options(expand="table").value == [["客户", "金额", "日期"], ["甲", 1.5, DAY], ["乙", None, None]]
    read = sheet["B2:D4"].options(pd.DataFrame, index=False).value
    pd.testing.assert_frame_equal(read, frame, check_dtype=False)


@pytest.mark.parametrize(
    ("start", "mode", "expanded"),
    [
        ("A1", "table", "$A$1:$C$3"),
        ("A1", "down", "$A$1:$A$3"),
        ("B2", "right", "$B$2:$C$2"),
        ("C3", "table", "$C$3"),
        ("F1", "table", "$F$1"),
    ],
)
def test_a_range_expands_to_what_is_filled(sheet, start, mode, expanded):
    sheet["A1"].value = [[1, 2, 3]] * 3
    assert sheet[start].expand(mode).address == expanded


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [
        ("A1", "down", "$A$3"),
        ("A3", "down", "$A$6"),
        ("A6", "down", "$A$1048576"),
        ("A7", "up", "$A$6"),
        ("A6", "up", "$A$3"),
        ("A2", "up", "$A$1"),
        ("A5", "up", "$A$3"),
        ("A1", "up", "$A$1"),
        ("A1", "right", "$XFD$1"),
        ("D6", "left", "$A$6"),
        ("XFD6", "left", "$A$6"),
        ("A1048576", "up", "$A$6"),
        ("D1048576", "down", "$D$1048576"),
    ],
)
def test_the_end_is_where_ctrl_and_an_arrow_lead(sheet, start, direction, end):
    sheet["A1:A3"].value = 1
    sheet["A6"].value = 1
    assert sheet[start].end(direction).address == end


def test_places_count_as_in_excel(sheet):
    cells = sheet["B2:D5"]
    assert (cells.row, cells.column, cells.shape, len(cells), cells.size) == (2, 2, (4, 3), 12, 12)
    assert cells[0, 0].address == "$B$2"
    assert cells[-1, :].address == "$B$5:$D$5"
    assert cells(5).address == "$C$3"
    assert cells.offset(1, -1).address == "$A$3:$C$6"
    assert cells.resize(1, 2).address == "$B$2:$C$2"
    assert cells.last_cell.address == "$D$5"
    assert cells.rows[1].address == "$B$3:$D$3"
    assert cells.get_address(False, False) == "B2:D5"
    assert sheet["A:B"].address == "$A:$B"
    assert sheet["2:3"].address == "$2:$3"
    assert sheet.range((2, 3)).address == "$C$2"
    assert sheet.range((2, 3), (4, 1)).address == "$A$2:$C$4"
    assert sheet.range("B2", "D5") == cells
    assert cells[4:, :].impl.shape == (0, 3)
    assert cells[4:, :].value is None
    with pytest.raises(IndexError):
        sheet.range((0, 1))


def test_an_external_address_quotes_names_that_need_it(plain_book, sheet):
    assert sheet["A1"].get_address(external=True) == f"'[{plain_book.name}]{sheet.name}'!$A$1"
    assert sheet["A1"].get_address(include_sheetname=True) == f"'{sheet.name}'!$A$1"


def test_the_region_around_a_cell_and_the_used_range(sheet):
    assert sheet.used_range.address == "$A$1"
    sheet["B2"].value = [[1, 2], [3, 4]]
    sheet["F9"].value = 1
    assert sheet["C3"].current_region.address == "$B$2:$C$3"
    assert sheet.used_range.address == "$B$2:$F$9"


def test_what_is_cleared_and_what_stays(sheet):
    cells = sheet["A1"]
    cells.value, cells.color, cells.font.bold = 1, (255, 0, 0), True
    cells.clear_contents()
    assert (cells.value, cells.color, cells.font.bold) == (None, (255, 0, 0), True)
    cells.value = 2
    cells.clear_formats()
    assert (cells.value, cells.color, cells.font.bold) == (2, None, False)
    cells.color = "#00ff00"
    cells.clear()
    assert (cells.value, cells.color) == (None, None)
    sheet["A1"].value = 1
    sheet.clear()
    assert sheet.used_range.value is None


@pytest.mark.parametrize(
    "code", ["General", "0.0", "#,##0.00", "yyyy-mm-dd", "0%", "@", '0.0"万元"', "yyyy-mm-dd hh:mm:ss", "[$¥-804]#,##0"]
)
def test_a_number_format_reads_as_it_was_set(sheet, code):
    sheet["A1:B2"].number_format = code
    assert sheet["A1:B2"].number_format == code


def test_where_cells_differ_their_looks_are_unknown(sheet):
    cells = sheet["A1:A2"]
    sheet["A1"].number_format, sheet["A1"].color, sheet["A1"].font.bold, sheet["A1"].wrap_text = (
        "0%",
        "#112233",
        True,
        True,
    )
    assert (cells.number_format, cells.color, cells.font.bold, cells.wrap_text) == (None, None, None, None)


def test_fonts(sheet):
    font = sheet["A1:B2"].font
    font.name, font.size, font.bold, font.italic, font.color = "微软雅黑", 12, True, True, "#1E3A5F"
    assert (font.name, font.size, font.bold, font.italic, font.color) == (
        "微软雅黑",
        12,
        True,
        True,
        (0x1E, 0x3A, 0x5F),
    )
    font.bold = font.italic = False
    assert (font.bold, font.italic) == (False, False)
    assert sheet["A1"].api.CharFontNameAsian == "微软雅黑"
    assert sheet["D9"].font.color == (0, 0, 0)


@pytest.mark.parametrize("color", [(0x12, 0x34, 0x56), "#123456", 0x563412])
def test_colours_in_every_way_excel_takes_them(sheet, color):
    sheet["A1"].color = color
    assert sheet["A1"].color == (0x12, 0x34, 0x56)
    sheet["A1"].color = None
    assert sheet["A1"].color is None


def test_a_frame_goes_around_each_cell_and_no_other(sheet):
    sheet["B2:C3"].impl.frame((0x12, 0x34, 0x56))
    lines = {
        cell: [getattr(sheet[cell].impl.api, f"{side}Border") for side in ("Top", "Bottom", "Left", "Right")]
        for cell in ("B2", "C3", "E5")
    }
    assert {line.Color for cell in ("B2", "C3") for line in lines[cell]} == {0x123456}
    assert all(line.OuterLineWidth for cell in ("B2", "C3") for line in lines[cell])
    assert not any(line.OuterLineWidth for line in lines["E5"])


@pytest.mark.parametrize("value", ["general", "left", "center", "right", "justify", "fill"])
def test_horizontal_alignment(sheet, value):
    sheet["A1:B2"].horizontal_alignment = value
    assert sheet["A1:B2"].horizontal_alignment == value


@pytest.mark.parametrize("value", ["top", "center", "bottom", "justify"])
def test_vertical_alignment(sheet, value):
    assert sheet["A1"].vertical_alignment == "bottom"
    sheet["A1:B2"].vertical_alignment = value
    assert sheet["A1:B2"].vertical_alignment == value


def test_what_is_not_offered_is_no_silent_success(sheet):
    with pytest.raises(AttributeError):
        sheet["A1"].borders.color = "#000000"
    with pytest.raises(AttributeError):
        sheet["A1"].impl.shrink = True


def test_widths_and_heights(sheet):
    sheet["A:B"].column_width = 20
    sheet["1:2"].row_height = 30
    assert sheet["A1:B1"].column_width == pytest.approx(20, abs=0.05)
    assert sheet["A1:A2"].row_height == pytest.approx(30, abs=0.1)
    assert sheet["A1:C1"].column_width is None
    assert sheet["A1:A3"].row_height is None
    sheet["A1"].value = "很长的一段文字" * 5
    sheet["A1"].columns.autofit()
    assert sheet["A1"].column_width > 40
    sheet["A1"].column_width = 10
    sheet["A1"].wrap_text = True
    sheet.autofit("r")
    assert sheet["A1"].row_height > 60


def test_cells_are_inserted_and_deleted(sheet):
    sheet["A1"].value = [[1, 2], [3, 4]]
    sheet["A1:B1"].insert("down")
    assert sheet["A1:B3"].value == [[None, None], [1, 2], [3, 4]]
    sheet["A1:B1"].delete("up")
    sheet["2:2"].insert("down")
    assert sheet["A1:B3"].value == [[1, 2], [None, None], [3, 4]]
    sheet["A:A"].delete()
    assert sheet["A1:A3"].value == [2, None, 4]


def test_cells_are_copied_with_their_looks(sheet):
    sheet["A1"].formula, sheet["A1"].color = "=B1*2", "#112233"
    sheet["A1"].copy(sheet["A2:A3"])
    assert (sheet["A2"].formula, sheet["A2"].color) == ("=B2*2", (0x11, 0x22, 0x33))


def test_what_is_selected(plain_book, sheet):
    sheet["B2:C3"].select()
    assert plain_book.app.selection.address == "$B$2:$C$3"
    assert plain_book.app.selection.sheet.name == sheet.name
