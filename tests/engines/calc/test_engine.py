"""Apps, books, sheets, native tables and defined names answer xlwings as they do in Excel."""

import os

import pandas as pd
import pytest
import xlwings as xw

# --- books and apps ---------------------------------------------------------------------------------------------------


def test_the_engine_is_the_active_one(office, plain_book):
    assert xw.engines.active.name == "libreoffice"
    assert xw.apps.active.pid == office.app.pid
    assert office.app.pid in xw.apps.keys()  # noqa: SIM118 (no dictionary)
    assert xw.books.active == plain_book
    assert plain_book.app.version >= 16


def test_a_book_is_found_by_its_name_or_path(office, plain_book, tmp_path):
    plain_book.sheets[0]["A1"].value = "甲"
    path = tmp_path / "一.xlsx"
    plain_book.save(path)
    assert (plain_book.name, plain_book.fullname) == ("一.xlsx", str(path))
    assert xw.Book(path) == plain_book
    assert plain_book.app.books["一.XLSX"] == plain_book
    with pytest.raises(KeyError):
        plain_book.app.books["二.xlsx"]
    with pytest.raises(FileNotFoundError):
        plain_book.app.books.open(tmp_path / "没有.xlsx")


def test_the_calling_book_is_the_one_named(plain_book):
    plain_book.set_mock_caller()
    assert xw.Book.caller() == plain_book


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm", ".xls", ".ods"])
def test_a_book_is_saved_and_opened_again(plain_book, tmp_path, suffix):
    app = plain_book.app
    book = app.books.add()
    book.sheets[0]["A1"].value = [["甲", 1.5], ["=B1*2", True]]
    book.save(tmp_path / f"存{suffix}")
    book.sheets[0]["A3"].value = "又"
    book.save()
    book.close()
    again = app.books.open(tmp_path / f"存{suffix}", read_only=True)
    assert again.sheets[0]["A1:B3"].value == [["甲", 1.5], [3.0, True], ["又", None]]
    assert again.api.isReadonly()
    again.close()
    assert f"存{suffix}" not in [each.name for each in app.books]


def test_a_place_that_cannot_be_written_is_an_os_error(plain_book, tmp_path):
    book = plain_book.app.books.add()
    with pytest.raises(OSError, match="No such folder"):
        book.save(tmp_path / "没有" / "x.xlsx")
    (tmp_path / "x.xlsx").mkdir()
    with pytest.raises(OSError, match="could not save"):
        book.save(tmp_path / "x.xlsx")
    book.close()


def test_what_is_no_workbook_is_an_os_error(plain_book, tmp_path):
    (tmp_path / "x.xlsx").write_bytes(os.urandom(1000))
    with pytest.raises(OSError, match="cannot open"):
        plain_book.app.books.open(tmp_path / "x.xlsx")


def test_the_app_keeps_what_a_hidden_window_cannot_show(plain_book):
    app = plain_book.app
    assert app.status_bar is False
    with app.properties(status_bar="在算", screen_updating=False, calculation="manual", display_alerts=False):
        assert (app.status_bar, app.screen_updating, app.calculation) == ("在算", False, "manual")
    assert (app.status_bar, app.screen_updating, app.calculation) == (False, True, "automatic")


def test_manual_calculation_waits_for_calculate(plain_book, sheet):
    sheet["A1"].value, sheet["B1"].formula = 1, "=A1*2"
    with plain_book.app.properties(calculation="manual"):
        sheet["A1"].value = 5
        assert sheet["B1"].value == 2
        plain_book.app.calculate()
        assert sheet["B1"].value == 10


def test_a_macro_that_is_not_there_is_named(plain_book):
    with pytest.raises(KeyError, match="Press"):
        plain_book.macro("Press")()


# --- sheets -----------------------------------------------------------------------------------------------------------


def test_sheets_are_added_where_they_are_wanted(plain_book, sheet):
    last = plain_book.sheets.add("末", after=plain_book.sheets[-1])
    first = plain_book.sheets.add("首", before=plain_book.sheets[0])
    assert plain_book.sheets.active == first
    assert plain_book.sheet_names[0] == "首"
    assert plain_book.sheet_names[-1] == "末"
    assert (first.index, last.index) == (1, len(plain_book.sheets))
    assert "末" in [each.name for each in plain_book.sheets]
    with pytest.raises(ValueError, match="already present"):
        plain_book.sheets.add("末")
    last.activate()
    assert plain_book.sheets.active == last
    last.delete()
    first.delete()
    with pytest.raises(KeyError):
        plain_book.sheets["末"]


def test_a_sheet_is_named_hidden_and_copied(plain_book, sheet):
    sheet["A1"].value = "甲"
    sheet.name = "改名"
    assert sheet == plain_book.sheets["改名"]
    copied = sheet.copy(name="副本")
    assert copied["A1"].value == "甲"
    copied.visible = False
    assert not copied.visible
    copied.delete()


def test_rows_inserted_at_the_top_do_not_confuse_a_sheet(sheet):
    sheet["A1"].value = "甲"
    sheet["1:1"].insert("down")
    sheet["A1"].value = "新"
    assert sheet["A1:A2"].value == ["新", "甲"]


# --- native tables ----------------------------------------------------------------------------------------------------


@pytest.fixture
def table(sheet):
    sheet["B2"].value = [["客户ID", "得分"], ["C001", 1], ["C002", 2]]
    made = sheet.tables.add(sheet["B2:C4"], name="tblMarks")
    yield made
    if "tblMarks" in sheet.book.api.DatabaseRanges.ElementNames:
        sheet.book.api.DatabaseRanges.removeByName("tblMarks")


def test_a_table_has_its_parts(sheet, table):
    assert (table.name, table.parent, table.range.address) == ("tblMarks", sheet, "$B$2:$C$4")
    assert table.header_row_range.value == ["客户ID", "得分"]
    assert table.data_body_range.value == [["C001", 1], ["C002", 2]]
    assert sheet.tables["TBLMARKS"] == sheet.tables[0] == table
    assert len(sheet.tables) == 1
    assert "tblMarks" in sheet.tables
    assert sheet["B3"].table == table
    assert sheet["B5"].table is None
    assert sheet["tblMarks"] == table.data_body_range
    with pytest.raises(KeyError):
        sheet.tables["无"]


def test_a_table_without_a_name_gets_the_next_one(sheet, table):
    made = sheet.tables.add(sheet["G1:H2"])
    assert made.name.startswith("Table")
    made.name = "tblNew"
    assert sheet.tables["tblNew"].range.address == "$G$1:$H$2"


def test_formulas_know_the_table_and_its_row(sheet, table):
    sheet["D3:D4"].formula = "=tblMarks[@得分]*2"
    sheet["E3"].formula = "=SUM(tblMarks[得分])+ROWS(tblMarks[#All])"
    assert sheet["D3:D4"].value == [2, 4]
    assert sheet["E3"].value == 6
    assert sheet["D3"].formula == "=tblMarks[[#This Row],[得分]]*2"
    sheet["C3:C4"].formula = "=LEN([@客户ID])"
    assert sheet["C3:C4"].value == [4, 4]


def test_a_table_takes_a_data_frame_of_another_length(sheet, table):
    table.update(pd.DataFrame({"客户ID": ["C1", "C2", "C3"], "得分": [7.0, None, 9.0]}), index=False)
    assert table.range.value == [["客户ID", "得分"], ["C1", 7], ["C2", None], ["C3", 9]]
    table.update(pd.DataFrame({"客户ID": ["C9"], "得分": [1.0]}), index=False)
    assert table.range.address == "$B$2:$C$3"
    assert sheet["B4:C5"].value == [[None, None], [None, None]]
    table.resize(sheet["B2:C2"])
    assert table.data_body_range is None


def test_a_table_grows_with_rows_inserted_in_it(sheet, table):
    sheet["B4:C4"].insert("down")
    assert table.range.address == "$B$2:$C$5"


# --- defined names ----------------------------------------------------------------------------------------------------


def test_a_name_means_cells(plain_book, sheet):
    plain_book.names.add("x_here", f"='{sheet.name}'!$B$2:$B$3")
    name = plain_book.names["X_HERE"]
    assert name.refers_to == f"='{sheet.name}'!$B$2:$B$3"
    assert name.refers_to_range == sheet["B2:B3"] == sheet["x_here"]
    assert sheet["B2:B3"].name.name == "x_here"
    assert sheet["B2"].name is None
    assert "x_here" in plain_book.names
    assert "x_here" in [each.name for each in plain_book.names]
    name.refers_to = f"='{sheet.name}'!$C$2"
    assert name.refers_to_range == sheet["C2"]
    sheet["D1"].name = "x_here"
    assert plain_book.names["x_here"].refers_to_range == sheet["D1"]
    del plain_book.names["x_here"]
    with pytest.raises(KeyError):
        plain_book.names["x_here"]
    with pytest.raises(KeyError):
        sheet["x_here"]


def test_a_name_may_mean_no_cells(plain_book):
    plain_book.names.add("x_sum", "=1+1")
    assert plain_book.names["x_sum"].refers_to == "=1+1"
    with pytest.raises(KeyError):
        _ = plain_book.names["x_sum"].refers_to_range
    plain_book.names["x_sum"].delete()
