"""Workbooks that once broke something, each held to what is right for it; they lie beside the project, or these tests skip."""

import datetime as dt
import json
import shutil
import time

import pytest

from kam_xl import actions, nightly
from kam_xl.actions import result_sheets
from kam_xl.core import sheets
from kam_xl.hosts import excel
from tests.nights import night
from tests.planted import Planted, logged, outside, text_of

pytestmark = pytest.mark.usefixtures("readers_in_this_process")


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

    for day in (27, 28, 29):
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

    shown = book.sheets[result_sheets.name_of("whitespace", "zh-CN")]
    cells = [cell for row in excel.values(shown.used_range) for cell in row]
    formulas = [cell for row in excel.formulas(shown.used_range) for cell in row if cell[:1] in "=+"]
    assert set(evil) <= set(cells)
    assert set(formulas) - {""} == set(evil)  # typed as they are, none of them computed


# --- a cell costs its length ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code", "cell"),
    [("redos-tags-32k-blanks", "text_too_long", "K2"), ("redos-moment-blanks", "cell_too_long", "E2")],
)
def test_a_cell_of_blanks_costs_its_length_and_is_reported(broken, tmp_path, name, code, cell):
    began = time.process_time()
    done = night(teams(broken, name, tmp_path), tmp_path)

    assert time.process_time() - began < 20  # tags alone took 9 s a cell, the moment all the time the reader has
    assert (done.code, set(done.names)) == (0, {"C001", "G001", "G002", "G003"})
    assert {(book, at) for book, _, at in places(done, code)} == {("hostile.xlsx", cell)}


# --- what cannot be read costs itself, and is told by its true reason -------------------------------------------------


def places(done, code):
    """(book, sheet, cell) of every finding of a code."""
    found = done.found.portfolio.findings
    rows = found.loc[found["code"] == code, ["book", "sheet", "cell"]]
    return set(rows.itertuples(index=False, name=None))


def told(done):
    """Everything a night wrote that people or programs read, but for the master."""
    texts = [path.read_text("utf-8") for path in done.out.rglob("*") if path.suffix in (".html", ".json", ".ics")]
    return "\n".join(texts)


@pytest.mark.usefixtures("nights_in_short")
def test_a_number_that_is_none_is_one_cells_trouble(broken, tmp_path):
    done = night(teams(broken, "number-NaN-in-date", tmp_path), tmp_path)

    assert done.code == 0
    assert {book for book, _, _ in places(done, "unreadable_cell")} == {"hostile.xlsx"}
    assert set(done.found.portfolio.sources["outcome"]) == {"used"}


def test_what_the_reader_says_about_a_cell_is_in_no_page_record_or_log(broken, tmp_path, caplog):
    caplog.set_level("INFO", "kam_xl")

    done = night(teams(broken, "reader-quotes-cell", tmp_path), tmp_path)

    assert done.code == 0
    assert {book for book, _, _ in places(done, "error_cell")} == {"hostile.xlsx"}
    assert not any(text in told(done) + logged(caplog.records) for text in ("王小明", "13800009999"))


def test_no_spelling_of_a_phone_is_readable_in_what_a_night_writes(broken, tmp_path):
    numbers, done = Planted(), night(teams(broken, "phones-unmasked", tmp_path), tmp_path)
    for text in done.found.portfolio.tracking["tracker"]:
        numbers.remember(text, "tracker")

    assert {"history", "plans", "calendars"} <= {path.name for path in done.out.iterdir()}
    assert numbers.leaks(outside(done.out)) == []
    (team,) = (done.out / nightly.TEAMS).iterdir()
    assert len(numbers.leaks([("team", text_of(team))])) == 6  # which may keep them


def test_bytes_before_an_archive_open_no_way_past_the_checks(broken, tmp_path):
    with pytest.raises(nightly.NothingUsable) as nothing:
        night(teams(broken, "ole-prefix-bypasses-package-checks", tmp_path), tmp_path)

    assert {source.book: source.reason for source in nothing.value.refused} == {
        "ole-200MB.xlsx": "unpacks_too_large", "ole-laughs.xlsx": "has_dtd", "ole-xxe.xlsx": "has_dtd",
    }  # fmt: skip


def test_a_password_is_told_as_one(broken, tmp_path):
    with pytest.raises(nightly.NothingUsable) as nothing:
        night(broken / "09_password.ods", tmp_path)

    assert [source.reason for source in nothing.value.refused] == ["encrypted"]


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize(
    ("name", "code", "cell"),
    [("12_stray_dot_Z1048576.xlsx", "cells_far_away", "Z1048576"), ("15_long_minutes.xlsx", "sheet_unknown", None)],
)
def test_a_stray_cell_and_a_sheet_of_minutes_cost_no_row(broken, tmp_path, name, code, cell):
    done = night(broken / name, tmp_path)

    (found,) = places(done, code)
    assert done.code == 0
    assert (found[0], found[2] if cell else None) == (name, cell)
    assert (len(done.names), len(done.found.portfolio.tracking)) == (1, 1)
    assert json.loads((done.out / nightly.RECORD).read_text("utf-8"))["seconds"]["read"] < 30


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize(
    ("name", "customers"),
    [
        ("01_ids_without_digit_in_tracking.xlsx", ["ALFKI", "HD-KA-001", "沪001"]),
        ("04_name_then_id.xlsx", ["C001"]),
        ("05_blank_in_id.xlsx", ["C001"]),
    ],
)
def test_a_tracking_row_is_its_customers_however_the_id_is_written(broken, name, customers, tmp_path):
    done = night(broken / name, tmp_path)

    assert done.found.portfolio.tracking["customer_id"].tolist() == customers
    assert "tracking_unknown_customer" not in done.codes
    risks = done.found.risks
    assert not set(risks.loc[risks["rule"] == "no_running_strategy", "customer_id"]) & set(customers)


@pytest.mark.usefixtures("nights_in_short")
def test_a_row_of_two_customers_is_reported_and_neither_is_found_wanting(broken, tmp_path):
    done = night(broken / "02_two_ids_in_tracking.xlsx", tmp_path)
    found = done.found.portfolio.findings

    assert found.loc[found["code"] == "customers_several", ["cell", "typed_value", "detail"]].to_numpy().tolist() == [
        ["A2", "C001、C002", "C001、C002"]
    ]
    assert done.found.portfolio.tracking[["name", "strategy"]].to_numpy().tolist() == [["C001、C002", "定制开发"]]
    assert "no_running_strategy" not in set(done.found.risks["rule"])


# --- what is a header, a row, a customer ------------------------------------------------------------------------------


@pytest.mark.usefixtures("nights_in_short")
def test_headers_in_two_languages_are_both(broken, tmp_path):
    done = night(broken / "06_bilingual_headers.xlsx", tmp_path)

    row = done.found.customers.iloc[0]
    assert row[["customer_id", "name", "industry", "amount", "score", "computed_tier"]].tolist() == [
        "C001", "某科技", "零售", 100.0, 93.5, "strategic",
    ]  # fmt: skip
    assert done.found.portfolio.tracking[["customer_id", "strategy", "status"]].to_numpy().tolist() == [
        ["C001", "定制开发", "running"]
    ]
    assert not done.codes & {"column_unknown", "column_missing", "column_absent"}


@pytest.mark.usefixtures("nights_in_short")
def test_customers_whose_names_begin_like_a_total_are_customers(broken, tmp_path):
    done = night(broken / "16_names_like_totals.xlsx", tmp_path)

    assert done.names == {"C001": "Total Energies", "C002": "小计量仪器厂", "SUM": "Summit"}
    assert done.found.portfolio.tracking["customer_id"].tolist() == ["C001", "C002"]
    assert not done.codes & {"non_data_row_skipped", "row_set_aside", "id_missing"}
