"""Rows that are written straight into the file are, to the letter, those that XlsxWriter writes cell by cell."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from xlsxwriter import Workbook

from kam_xl.reports import sheet_rows
from kam_xl.reports.sheet_rows import Rows, Skeleton
from kam_xl.showing import columns

PLAIN = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
NASTY = [
    "=1+1", "{=1}", "@SUM(A1)", "=cmd|'/c calc'!A1", "007", "1e5", "TRUE", "#N/A", "https://x.y", "internal:A1",
    "a & b", "a < b > c", '"quoted"', "</t></is></c></row></sheetData>", "<r>half", "<r><t>rich</t></r> ", "&amp;", "&#10;",
    " before", "after ", " ", "\u3000wide\u3000", "tab\tin", "\ttab", "line\nline", "\n", "line\r\nline", "\r", "\u2028",
    "_x0041_", "_x005F_", "_X0041_", "_x004_", "_x00411_", "__x0041__x0042_", "_x000d_", "x0041_",
    "a\ufffd", "\x85", "\xa0", "\u200b", "\ufeff", "客户", "😀", "é", "e\u0301", "\U0010ffff", "长" * 32_767, "<" * 32_767,
]  # fmt: skip
CLEANED = ["a\x00b", "\x1f", "\x0b", "\ufffe", "\uffff", "\ud800", "\udc00a", "<r><t>rich</t></r>", "😀" * 20_000]
NUMBERS = [0.0, 1.0, -1.5, 0.1, 1 / 3, 1e15, 1e16, 1e300, 5e-324, -2.5e-10, 123456789.123456789, 46000.75, 7, 10**15]


def rows_of(path):
    """The XML of each of a sheet's rows below the first, with its texts in it; which columns they span is left to readers."""
    made = re.sub(' spans="1:[0-9]+"', "", with_texts(path, 1))
    return made[made.index("</row>") + len("</row>") : made.index("</sheetData>")].split("<row")


def with_texts(path, number):
    """The XML of a sheet, all texts in their places, as those stand that are shared."""
    with zipfile.ZipFile(path) as parts:
        made, shared = (
            parts.read(f"xl/{name}.xml").decode() for name in (f"worksheets/sheet{number}", "sharedStrings")
        )
    texts = re.findall("<si>(.*?)</si>", shared, re.DOTALL)
    assert f'uniqueCount="{len(texts)}"' in shared
    made = re.sub(r't="s"><v>(\d+)</v>', lambda found: f't="s"><v>{texts[int(found[1])]}</v>', made)
    return re.sub('t="inlineStr"><is>(.*?)</is>', r't="s"><v>\1</v>', made, flags=re.DOTALL)


def leading(path):
    """What a sheet's cells lead to: the links and the files."""
    with zipfile.ZipFile(path) as parts:
        made = parts.read("xl/worksheets/sheet1.xml").decode()
        return made[made.index("<hyperlinks>") :], parts.read("xl/worksheets/_rels/sheet1.xml.rels").decode()


def begun(workbook, count):
    """The sheet both ways begin with, its columns in different formats; and the look of a link."""
    sheet = workbook.add_worksheet()
    sheet.set_default_row(18)
    looks = [None, workbook.add_format({"bold": True}), workbook.add_format({"num_format": "0.00", "indent": 1})]
    for index in range(count):
        sheet.set_column(index, index, 10 + index % 2, looks[index % 3])
        sheet.write_string(0, index, f"h{index}")
    return sheet, workbook.add_format({"underline": 1})


def slow(path, table, links, heights):
    """The rows as XlsxWriter writes them, cell by cell; in its files Windows would end lines its own way."""
    with Workbook(path, {**PLAIN, "in_memory": True}) as workbook:
        sheet, look = begun(workbook, len(table))
        for row, cells in enumerate(zip(*table, strict=True), start=1):
            sheet.set_row(row, heights.get(row, 18))
            for index, value in enumerate(cells):
                if index in links and links[index][row - 1]:
                    sheet.write_url(row, index, links[index][row - 1], look, value)
                elif isinstance(value, str):
                    sheet.write_string(row, index, value)
                elif value is not None:
                    sheet.write_number(row, index, value)
    return rows_of(path)


def quick(path, table, links, heights):
    """The rows as we write them."""
    skeleton = Skeleton(PLAIN)
    _, look = begun(skeleton.workbook, len(table))
    skeleton.fill(Rows(table, links, heights, 18), "h0", look)
    skeleton.save(path)
    return rows_of(path)


def both(folder, table, links=None, heights=None):
    """The rows of one table, both ways."""
    return [
        way(folder / f"{way.__name__}.xlsx", table, links or {}, heights or {}) for way in (quick, slow)
    ]  # fmt: skip


def test_every_cell_is_written_as_the_slow_way_writes_it(tmp_path):
    legal = columns.texts(pd.Series([*NASTY, *CLEANED], dtype="str"), "…")
    values = [*legal, *NUMBERS]
    table = [
        values,
        values[::-1],
        [value if row % 3 else None for row, value in enumerate(values)],
        [None] * len(values),
        [float(row) for row in range(len(values))],
    ]

    ours, theirs = both(tmp_path, table)

    assert len(legal) == len(NASTY) + len(CLEANED)
    assert "".join(ours).count("<c ") > 3 * len(values)
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []


def test_a_text_is_written_alike_whatever_stands_in_its_column(tmp_path):
    legal = [text for text in columns.texts(pd.Series(NASTY, dtype="str"), "…") if text and len(text) < 100]
    table = [[text, "plain", text, 1.5] for text in legal]

    ours, theirs = both(tmp_path, table)

    assert len(table) > 30
    assert ours == theirs


def test_links_and_heights_are_written_as_the_slow_way_writes_them(tmp_path):
    table = [["a", "b", "c", None], ["A1", "A2", "—", "A1"], ["x", "—", "—", "B4"], [1.0, "—", None, 4.0]]
    places = ["../a%20b.xlsx#'x'!A9", "b.xlsx#'x/<&\"y'!A1", "../a%20b.xlsx#'''z'!B7", "C:/c.xlsx#'x'!A1"]
    first, second, third, fourth = (f"external:{place}" for place in places)

    ours, theirs = both(tmp_path, table, {1: [first, second, None, fourth], 2: [third, None, None, second]}, {2: 32.25})

    assert ours == theirs
    assert len(set(re.findall(r'<c r="B\d" s="(\d+)"', "".join(ours)))) == 2
    links, targets = leading(tmp_path / "quick.xlsx")
    assert (links, targets) == leading(tmp_path / "slow.xlsx")
    assert links.count("<hyperlink ") == targets.count("External") == 5


def test_a_long_table_is_joined_of_parts_without_a_seam(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_rows, "ROWS_AT_ONCE", 7)
    table = [[f"r{row}" if row % 5 else None for row in range(50)], [float(row) for row in range(50)]]

    ours, theirs = both(tmp_path, table, {0: ["external:a.xlsx#'x'!A1" if row % 5 == 1 else None for row in range(50)]})

    assert ours == theirs


@pytest.mark.parametrize("most", [0, 1, 2, 100_000])
def test_what_one_sheet_put_into_words_stands_in_the_next_in_its_own_format(tmp_path, monkeypatch, most):
    monkeypatch.setattr(sheet_rows, "_MOST_SHARED", most)
    skeleton = Skeleton(PLAIN)
    for properties in ({}, {"italic": True}):
        sheet = skeleton.add_sheet(f"{len(properties)}")
        sheet.set_column(0, 0, 9, skeleton.look({"bold": True, **properties}))
        sheet.write_string(0, 0, "h")
        skeleton.fill(Rows([["a", "b & c", 1.5, None, "a", ""]], {}, {}, 18))
    skeleton.save(tmp_path / "book.xlsx")
    first, second = (with_texts(tmp_path / "book.xlsx", number) for number in (1, 2))
    with zipfile.ZipFile(tmp_path / "book.xlsx") as parts:
        written = [parts.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)]

    assert ["inlineStr" in one for one in written] == [most < 2] * 2

    cells = second[second.index("</row>") : second.index("</sheetData>")]
    assert cells.count("<c ") == cells.count('s="2"') == 4
    assert cells.replace('s="2"', 's="1"') in first


@pytest.mark.parametrize("rows", [1, 30])
def test_the_table_and_the_sheet_end_where_the_rows_do(tmp_path, rows):
    skeleton = Skeleton({})
    for name in ("first", "second"):
        sheet = skeleton.workbook.add_worksheet(name)
        sheet.set_column(0, 1, 9)
        sheet.add_table(0, 0, 1, 1, {"name": name, "columns": [{"header": "a"}, {"header": "b"}]})
        skeleton.fill(Rows([[name] * rows, [1.0] * rows], {}, {}, 18))
    skeleton.save(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")

    for sheet in book:
        (table,) = sheet.tables.values()
        assert (table.name, table.ref, table.autoFilter.ref) == (sheet.title, sheet.dimensions, sheet.dimensions)
        assert sheet.dimensions == f"A1:B{rows + 1}"
        assert {cell.value for cell in sheet["A"][1:]} == {sheet.title}


def test_the_same_workbook_is_the_same_file(tmp_path):
    for name in ("one", "two"):
        skeleton = Skeleton({})
        skeleton.workbook.set_properties({"created": pd.Timestamp("2026-11-21")})
        sheet = skeleton.workbook.add_worksheet()
        sheet.set_column(0, 0, 9)
        sheet.write_string(0, 0, "h")
        skeleton.fill(Rows([["a", "b"]], {}, {}, 18))
        skeleton.save(tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_disk_that_is_full_is_told_as_the_system_tells_it():
    skeleton = Skeleton({})
    sheet = skeleton.workbook.add_worksheet()
    sheet.set_column(0, 0, 9)
    sheet.write_string(0, 0, "h")
    skeleton.fill(Rows([[f"{number}" for number in range(50_000)]], {}, {}, 18))

    with pytest.raises(OSError, match="No space left"):
        skeleton.save(Path("/dev/full"))
