"""A number shown as an ID by its format is read as what is shown, from files of every kind that tells its formats."""

import subprocess

import pytest
import xlsxwriter

from kam_xl import resources
from kam_xl.core import validation
from kam_xl.core.books import Formatted
from kam_xl.hosts import shown_numbers, workbooks
from tests.builders import TODAY

POLICY = resources.policy()


def a_book(path, code='"C"000', money_code='0"万元"', header="累计交易额（万元）"):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("客户基础信息表")
        sheet.write_row(0, 0, ["客户ID", "客户名称", header])
        shown, money = book.add_format({"num_format": code}), book.add_format({"num_format": money_code})
        for row in (1, 2):
            sheet.write_number(row, 0, row, shown)
            sheet.write_row(row, 1, [f"客户{row}"])
            sheet.write_number(row, 2, 10 * row, money)


def rows_of(path):
    book = validation.validate(workbooks.read(path.parent, path.name), POLICY, TODAY)
    return book.tables["info"].rows, {finding.code for finding in book.findings}


def test_an_id_is_what_the_cell_shows_and_what_it_holds_is_kept(tmp_path):
    a_book(tmp_path / "a.xlsx")
    rows, _ = rows_of(tmp_path / "a.xlsx")

    assert rows["customer_id"].tolist() == ["C001", "C002"]
    assert rows["as_typed"].tolist() == ["客户ID=1", "客户ID=2"]
    assert rows["amount"].tolist() == [10, 20]  # money is what it is, however it is shown


def test_an_old_workbook_shows_the_same(tmp_path, soffice):
    a_book(tmp_path / "a.xlsx")
    done = [soffice, f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "xls:MS Excel 97"]
    subprocess.run([*done, "a.xlsx"], cwd=tmp_path, check=True, capture_output=True, timeout=120)

    assert rows_of(tmp_path / "a.xls")[0]["customer_id"].tolist() == ["C001", "C002"]


@pytest.mark.parametrize(
    ("code", "shown"), [("[$€-2] #,##0.00", ["EUR", "EUR"]), ('"US$"#,##0', ["USD", "USD"]), ('"¥"#,##0', [None, None])]
)
def test_money_is_in_the_currency_that_its_cell_shows(tmp_path, code, shown):
    a_book(tmp_path / "a.xlsx", "0", code, header="累计交易额")
    cells = workbooks.read(tmp_path, "a.xlsx").sheets[0].rows
    rows, codes = rows_of(tmp_path / "a.xlsx")

    assert [getattr(row[2], "currency", None) for row in cells[1:]] == shown
    assert (
        "amount_rate_missing" in codes,
        rows["amount_typed"].tolist() == [f"{10 * n} {shown[0]}" for n in (1, 2)],
    ) == (bool(shown[0]),) * 2


def test_a_format_that_is_not_read_is_reported_and_the_number_stays(tmp_path):
    a_book(tmp_path / "a.xlsx", '[<100]"A"00;"B"00')
    rows, codes = rows_of(tmp_path / "a.xlsx")

    assert rows["customer_id"].tolist() == ["1", "2"]
    assert "id_format_unread" in codes


def test_without_such_a_format_nothing_is_looked_at_again(tmp_path):
    a_book(tmp_path / "a.xlsx", "0.00")
    cells = workbooks.read(tmp_path, "a.xlsx").sheets[0].rows

    assert [type(row[0]) for row in cells[1:]] == [float, float]
    assert type(cells[1][2]) is Formatted


def test_what_is_no_workbook_is_left_to_the_reader():
    for data in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        shown_numbers.put(data, [])
