"""A frame becomes a sheet: what a cell may hold, how wide a column is, where a table ends."""

import math

import openpyxl
import pandas as pd
import pytest

from kam_xl.reports import native_tables
from kam_xl.reports.native_tables import Layout
from kam_xl.reports.sheet_rows import Skeleton
from kam_xl.showing import columns, sizes, theme
from kam_xl.showing.columns import Look, ReadyColumn

LAYOUT = Layout(footer="", none="(none)", frozen=1)


@pytest.fixture
def written(tmp_path):
    """``written(columns)`` → the sheet, read back by another library."""

    def sheet(columns, **options):
        skeleton = Skeleton({})
        native_tables.add(skeleton, "Sheet", "tblTest", columns, LAYOUT, **options)
        skeleton.save(tmp_path / "book.xlsx")
        return openpyxl.load_workbook(tmp_path / "book.xlsx")["Sheet"]

    return sheet


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("bell\x07 and null\x00", "bell\ufffd and null\ufffd"),
        ("half a pair \ud83d", "half a pair \ufffd"),
        ("\uffff", "\ufffd"),
        ("<r><t>markup</t></r>", "<r><t>markup</t></r> "),
    ],
)
def test_a_forbidden_character_is_seen(text, shown):
    assert columns.legal(text, "…") == shown


@pytest.mark.parametrize("letter", ["a", "客", "😀"])
def test_a_text_too_long_for_a_cell_ends_with_a_mark(letter):
    text = columns.legal(letter * 40_000, "（已截断）")

    assert text.endswith(letter + "（已截断）")
    assert columns.LONGEST_TEXT - 1 <= len(text.encode("utf-16-le")) / 2 <= columns.LONGEST_TEXT


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "{=1}", "007", "1e5", "https://x.y", "internal:A1", "TRUE"],
)
def test_whatever_a_text_looks_like_it_stays_text(written, text):
    cell = written([ReadyColumn("a", "A", columns.texts(pd.Series([text]), "…"))])["A2"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_markup_does_not_break_the_file(written):
    hostile = '<r><t>x</t></r></is></c><c r="B2"><v>1</v></c>'
    texts = pd.Series([hostile, "<r></is></r>", "_x0041_", "a\x01b"])

    sheet = written([ReadyColumn("a", "A", columns.texts(texts, "…"))])

    assert [sheet.cell(row, 1).value for row in range(2, 6)] == [hostile, "<r></is></r> ", "_x0041_", "a\ufffdb"]


def test_what_is_unknown_is_a_dash_and_what_nobody_wrote_is_empty():
    texts = pd.Series(["a", None], dtype="str")

    assert columns.texts(texts, "…") == ["a", "—"]
    assert columns.texts(texts, "…", missing=None) == ["a", None]
    assert columns.numbers(pd.Series([0.0, math.nan, math.inf])) == [0.0, "—", "—"]


def test_dates_are_day_numbers_unless_excel_cannot_show_them():
    days = pd.to_datetime(pd.Series(["2025-11-21", None, "1899-05-01", "1900-03-01"]))

    assert columns.dates(days) == [45982.0, "—", "1899-05-01", 61.0]


def test_a_table_has_its_header_range_filter_and_frozen_key(written):
    sheet = written([ReadyColumn("a", "客户ID", ["C1", "C2"]), ReadyColumn("b", "金额", [1.5, "—"], kind="amount")])
    table = sheet.tables["tblTest"]

    assert (table.ref, table.autoFilter.ref, sheet.freeze_panes) == ("A1:B3", "A1:B3", "B2")
    assert table.column_names == ["客户ID", "金额"] == [cell.value for cell in sheet[1]]
    assert sheet["B2"].number_format == theme.NUMBER_FORMATS["amount"]


def test_an_empty_table_says_so(written):
    sheet = written([ReadyColumn("a", "A", []), ReadyColumn("b", "B", [], kind="amount")])

    assert sheet.tables["tblTest"].ref == "A1:B2"
    assert [cell.value for cell in sheet[2]] == ["(none)", None]


def test_a_column_is_as_wide_as_most_of_its_texts():
    texts = ["客户名称" * 3] * 95 + ["很长" * 50] * 5

    assert sizes.width(ReadyColumn("a", "A", texts)) == 24 + sizes.PADDING
    assert sizes.width(ReadyColumn("a", "A", ["x" * 99])) == theme.WIDEST
    assert sizes.width(ReadyColumn("a", "A", [None, 1.0])) == theme.NARROWEST


def test_a_wrapped_note_gets_the_height_it_needs(written):
    sheet = written([ReadyColumn("a", "A", ["短", "很长的备注" * 20, "长" * 5000], wrapped=True)])
    heights = [sheet.row_dimensions[row].height for row in (2, 3, 4)]

    assert heights[0] == sizes.ROW_HEIGHT < heights[1] < heights[2]
    assert heights[2] == sizes.ROW_HEIGHT + (sizes.MOST_LINES - 1) * sizes.LINE_HEIGHT


def test_words_are_coloured_by_condition(written):
    looks = {'a "quoted" word': Look(*theme.VERDICTS["bad"])}
    sheet = written([ReadyColumn("a", "A", ['a "quoted" word'], looks=looks)])
    rules = [rule for ranges in sheet.conditional_formatting for rule in ranges.rules]

    assert ['"a ""quoted"" word"'] in [rule.formula for rule in rules]


@pytest.mark.parametrize(
    ("rows", "names"), [(0, ["客户"]), (4, ["客户"]), (5, ["客户", "客户 (2)"]), (9, ["客户", "客户 (2)", "客户 (3)"])]
)
def test_a_table_longer_than_a_sheet_goes_on_in_the_next(rows, names):
    found = list(native_tables.parts("客户", rows, limit=5))

    assert [name for name, _ in found] == names
    assert sum(len(range(rows)[part]) for _, part in found) == rows
