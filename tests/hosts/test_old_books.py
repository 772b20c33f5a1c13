"""Workbooks of before 2007: every version is read, cell by cell, and what is damaged costs itself."""

import datetime as dt
import struct
import tracemalloc
from pathlib import Path

import pytest
import xlrd

from kam_xl.core.books import CellError, RawSheet, Remark, Unreadable
from kam_xl.core.errors import Refused
from kam_xl.hosts import containers, old_books
from tests import biff

BOOKS = Path(__file__).parents[1] / "books"
TABLE = {(0, 0): "客户ID", (0, 1): "额", (1, 0): "C001", (1, 1): 520.0}
ROWS = [["客户ID", "额"], ["C001", 520.0]]


def read(sheets, **options):
    return old_books.read(biff.records(sheets, **options))


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize(("encoding", "codepage"), [("gb18030", None), ("gbk", 936), ("big5", 950)])
def test_the_oldest_versions_are_read_in_the_encoding_they_name_or_in_that_of_china(version, encoding, codepage):
    name = "客戶ID" if encoding == "big5" else "客户ID"
    records = biff.single(version, {(0, 0): name, (1, 0): "C001", (1, 1): 520.0}, encoding, codepage)

    assert old_books.begins(records)
    (sheet,) = old_books.read(records).sheets
    assert sheet.rows == [[name, ""], ["C001", 520.0]]


def test_texts_in_no_chinese_encoding_are_read_as_they_were_before():
    (sheet,) = old_books.read(biff.single(2, {(0, 0): "Café Müller"}, "latin-1")).sheets

    assert sheet.rows == [["Café Müller"]]


@pytest.mark.parametrize("data", [b"", b"\x09\x00", b"\x09\x00\xff\xff", "\t客户".encode("utf-16-le"), b"PK\3\4"])
def test_what_does_not_begin_as_records_is_none(data):
    assert not old_books.begins(data)


def test_cells_are_what_the_reader_of_newer_formats_gives():
    cells = {
        (0, 0): "x",
        (0, 1): 1.5,
        (0, 2): True,
        (0, 3): biff.error((0, 3), 0x2A),
        (0, 4): float("nan"),
        (0, 5): 1e300,
    }

    (sheet,) = read({"表": cells}).sheets

    assert sheet.rows == [["x", 1.5, True, "#N/A", "nan", 1e300]]
    assert [type(cell) for cell in sheet.rows[0]] == [str, float, bool, CellError, Unreadable, float]


@pytest.mark.parametrize(
    ("serial", "cell"),
    [
        (45219.0, dt.date(2023, 10, 20)),
        (45219.5, dt.datetime(2023, 10, 20, 12)),
        (0.25, dt.time(6)),
        (0.0, dt.time(0)),
        (-1.0, -1.0),
        (3e6, 3e6),
        (1e300, 1e300),
    ],
)
def test_a_date_is_a_day_a_moment_a_time_or_the_number_that_no_calendar_knows(serial, cell):
    found = old_books._cell(xlrd.XL_CELL_DATE, serial, 0)

    assert (type(found), found) == (type(cell), cell)


def test_rows_begin_at_a1_end_with_the_last_cell_and_are_of_one_length():
    (sheet,) = read({"表": {(2, 1): "a", (3, 3): "b", (4, 9): ""}}).sheets

    assert sheet.rows == [[], [], ["", "a", "", ""], ["", "", "", "b"]]


def test_names_hidden_sheets_and_merged_cells_are_known():
    sheets = read({"甲": {**TABLE, (9, 9): biff.merged(0, 0, 1, 2)}, "乙": {}}, hidden=("乙",)).sheets

    assert sheets == (RawSheet("甲", ROWS, merged=(((0, 0), (1, 2)),)), RawSheet("乙", [], hidden=True))


@pytest.mark.slow
def test_a_cell_in_the_last_row_is_told_and_takes_no_memory(monkeypatch):
    table = {(row, column): 1.0 for row in range(3) for column in range(3)}
    tracemalloc.start()
    try:
        contents = read({"表": {**table, (65_535, 255): "."}})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert contents.sheets[0].rows == [[1.0] * 3] * 3
    assert contents.remarks == (Remark("cells_far_away", "表", "IV65536", "1"),)
    assert peak < 64 * 2**20


def test_sheets_of_macros_and_charts_are_no_tables():
    assert read({"宏": TABLE, "表": TABLE}, macros=("宏",)).sheets == (RawSheet("表", ROWS),)


def test_a_damaged_sheet_costs_itself():
    broken = biff.record(0x203, b"\1")  # a number without its place
    sheets = read({"好": TABLE, "坏": {(0, 0): broken}}).sheets

    assert sheets == (RawSheet("好", ROWS), RawSheet("坏", [], unread="damaged"))


def test_merged_cells_written_wrongly_cost_nothing_but_themselves():
    (sheet,) = read({"表": {**TABLE, (9, 9): biff.record(0xE5, struct.pack("<3H", 9, 0, 1))}}).sheets

    assert sheet == RawSheet("表", ROWS)


def test_records_cut_short_are_damaged_or_their_last_sheets_are():
    records = biff.records({"表": TABLE})

    with pytest.raises(Refused) as caught:
        old_books.read(records[:25])
    assert caught.value.reason == "damaged"
    assert old_books.read(records[:60]).sheets == (RawSheet("表", [], unread="damaged"),)


def test_what_xlrd_says_about_a_file_is_not_told():
    listed = biff.records({"王小明 13800009999": TABLE})

    with pytest.raises(Refused) as caught:
        old_books.read(listed.replace("王".encode("utf-16-le"), b"\0\xd8", 1))
    assert caught.value.detail == "UnicodeDecodeError"


def test_the_1904_date_system_is_known():
    assert [read({"表": TABLE}, date1904=known).date1904 for known in (False, True)] == [False, True]


@pytest.mark.parametrize(("password", "locked"), [(None, False), ("secret", True)])
def test_records_that_are_encrypted_say_so(password, locked):
    assert old_books.is_locked(biff.records({"表": TABLE}, password=password)) is locked
    assert not old_books.is_locked(containers.plain((BOOKS / "errors.xls").read_bytes()))
