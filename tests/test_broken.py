"""Workbooks that once broke something, each held to what is right for it; they lie beside the project, or these tests skip."""

import datetime as dt
import shutil

import pytest

from kam_xl import actions
from kam_xl.core import sheets
from kam_xl.hosts import excel
from tests.nights import night


@pytest.fixture(scope="module")
def broken(corpora):
    return corpora / "broken"


def teams(broken, name, tmp_path):
    """The workbooks of one folder, without what else lies there."""
    shutil.copytree(broken / name, tmp_path / "teams", ignore=shutil.ignore_patterns("*.py"))
    return tmp_path / "teams"


# --- a half-filled row costs nobody the night -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("action-postponed-without-due", "E2", "action_undated"),
        ("own-action-note-only", "C2", "action_unsaid"),
    ],
)
def test_a_half_filled_action_is_reported_in_its_book_and_everybodys_night_is_written(
    broken, tmp_path, name, cell, code
):
    done = night(teams(broken, name, tmp_path), tmp_path)

    found = done.found.portfolio.findings
    assert done.code == 0
    assert {"C001", "C002", "G001", "G002"} == set(done.names)
    assert ("team.xlsx", cell) in set(
        found.loc[found["code"] == code, ["book", "cell"]].itertuples(index=False, name=None)
    )
    assert (done.found.actions["source"] == "own").sum() == 1


def test_an_action_postponed_to_a_day_stands_before_on_and_after_it(broken, tmp_path):
    folder = teams(broken, "action-list-timebomb", tmp_path)

    for day in (27, 28, 29, 30):
        done = night(folder, tmp_path, dt.datetime(2026, 11, day, 2))
        (own,) = done.found.actions.query("source == 'own'").itertuples()
        assert (done.code, own.overdue) == (0, day > 28)
        assert any("A-002@kam-xl" in path.read_text("utf-8") for path in done.out.glob("calendars/*.ics"))


# --- an open workbook -------------------------------------------------------------------------------------------------


def test_a_product_that_looks_like_a_formula_stays_text_in_the_grid_of_products(office, template_book):
    book = template_book()
    excel.put(book, "kam_as_of", dt.datetime(2026, 11, 20))
    table = book.sheets[sheets.INFO.zh].tables[sheets.INFO.table].data_body_range
    products = table[:, sheets.INFO.fields.index("products")]
    evil = ["=1+1", "+1+1", "=cmd|' C calc'!A0", '=WEBSERVICE("http:"&CHAR(47)&B5)']
    excel.write(products, [["、".join([*evil, str(cell)])] for (cell,) in excel.values(products)])

    office.run(book, actions.ACTIONS["whitespace"].sub)

    shown = book.sheets[excel.name_of("whitespace", "zh-CN")]
    cells = [cell for row in excel.values(shown.used_range) for cell in row]
    formulas = [cell for row in excel.formulas(shown.used_range) for cell in row if cell[:1] in "=+"]
    assert set(evil) <= set(cells)
    assert set(formulas) - {""} == set(evil)  # typed as they are, none of them computed
