"""A list is read in a child with limits, and comes out of it as it would have been read here, every kind of cell."""

import datetime as dt
import functools
import pickle
from types import SimpleNamespace

import pytest
import xlsxwriter

from kam_xl.core.books import Formatted
from kam_xl.core.errors import KamError
from kam_xl.desk import adoptions
from kam_xl.hosts import isolation, workbooks
from kam_xl.resources import words

EN = words("en")


def a_list(folder):
    path = folder / "客户.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, code = book.add_worksheet("名单"), book.add_format({"num_format": '"C"000'})
        sheet.merge_range(0, 0, 0, 4, "2026年9月客户名单")
        sheet.write_row(1, 0, ["客户编号", "客户名称", "最近合作时间", "累计交易额（万元）", "备注"])
        for row, name in enumerate(("甲辰机电有限公司", "乙巳贸易有限公司"), start=2):
            sheet.write_number(row, 0, row - 1, code)
            sheet.write_string(row, 1, name)
            sheet.write_datetime(row, 2, dt.datetime(2026, 9, row), book.add_format({"num_format": "yyyy-mm-dd"}))
            sheet.write_formula(row, 3, "=NA()", value="#N/A")
            sheet.write_boolean(row, 4, boolean=True)
    return path


def test_a_child_hands_over_every_cell_as_it_was_read(tmp_path):
    path = a_list(tmp_path)

    one = adoptions.brought(path, None, EN)

    assert one.book == workbooks.book(workbooks.opened(tmp_path, path.name))
    assert [cell.text for cell in (row[0] for row in one.book.sheets[0].rows[2:])] == ["C001", "C002"]
    assert one.found.customers is not None


def test_a_list_that_passes_a_limit_costs_its_child_and_is_told_in_one_sentence(tmp_path, monkeypatch):
    order = functools.partial(isolation.Order, limits=isolation.Limits(clock_seconds=0))
    strict = SimpleNamespace(Order=order, executor=isolation.executor, read_all=isolation.read_all)
    monkeypatch.setattr(adoptions, "isolation", strict)

    path = tmp_path / "客户.csv"
    path.write_text("客户编号,客户名称\n" + "".join(f"K{n},甲辰机电{n}有限公司\n" for n in range(60_000)), "utf-8")

    with pytest.raises(KamError, match=r"cannot be read: .* did not answer in time"):
        adoptions.brought(path, None, EN)

    assert [path.name for path in tmp_path.iterdir()] == ["客户.csv"]


def test_a_number_that_is_shown_as_another_text_goes_to_another_process_and_back():
    cell = pickle.loads(pickle.dumps(Formatted(1, "C001")))  # noqa: S301 (our own)

    assert (cell, cell.text, type(cell)) == (1.0, "C001", Formatted)
