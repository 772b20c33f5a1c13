"""Customer lists as they really come, each held to what is true of it; they lie beside the project, or these tests skip."""

import functools
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from kam_xl import nightly
from tests.nights import in_short, night
from tests.planted import Planted, outside, text_of

pytestmark = pytest.mark.usefixtures("readers_in_this_process")
EXPORTS = ("kingdee.xlsx", "yonyou_u8.xlsx")


@pytest.fixture(scope="module")
def lists(corpora):
    return corpora / "lists"


@pytest.fixture(scope="module")
def truth(lists):
    return json.loads((lists / "truth.json").read_text("utf-8"))


@pytest.mark.usefixtures("nights_in_short")
def test_an_amount_nobody_said_the_unit_of_is_no_ten_thousands_of_yuan(lists, truth, tmp_path):
    done = night(lists / "amount_without_unit.xlsx", tmp_path)

    assert done.names == truth["amount_without_unit.xlsx"]["customers"]
    assert done.found.customers["amount"].isna().all()
    found = done.found.portfolio.findings
    assert found.loc[found["code"].str.startswith("amount_"), ["code", "cell", "detail"]].to_numpy().tolist() == [
        ["amount_unit_missing", "C1", "元"]
    ]


@pytest.mark.usefixtures("nights_in_short")
def test_text_that_sap_saves_under_the_name_of_a_workbook_is_read(lists, truth, tmp_path):
    done = night(lists / "sap_utf16.xls", tmp_path)

    assert done.names == truth["sap_utf16.xls"]["customers"]
    assert done.found.customers["amount"].tolist() == [truth["sap_utf16.xls"]["amount"]]
    assert "read_as_text" in done.codes


@pytest.mark.usefixtures("nights_in_short")
def test_long_numbers_that_were_damaged_stay_apart(lists, truth, tmp_path):
    done = night(lists / "t_codes18", tmp_path)
    ids, found = done.found.customers["customer_id"], done.found.portfolio.findings

    assert len(ids) == truth["t_codes18"]["customers"]
    assert sorted(done.names.values()) == ["丙午物流", "乙巳贸易有限公司", "甲辰机电有限公司"]
    assert not ids.str.contains("E+", regex=False).any()
    damaged = found[found["code"] == "id_damaged"]
    assert damaged[["severity", "typed_value"]].to_numpy().tolist() == [["error", "913101151234567000"]] * 2


@pytest.mark.usefixtures("nights_in_short")
def test_an_id_is_what_its_number_format_shows(lists, truth, tmp_path):
    done = night(lists / "t_letter_format", tmp_path)

    assert done.found.customers["customer_id"].tolist() == truth["t_letter_format"]["customers"]
    assert done.found.customers["score"].notna().sum() == truth["t_letter_format"]["scored"]


# --- whatever shape a list comes in -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_list(lists, truth, tmp_path_factory):
    """A list's name → its night and what is true of it; whole where its outputs are looked at."""

    @functools.cache
    def read(name):
        with pytest.MonkeyPatch.context() as patch:
            if name not in EXPORTS:
                in_short(patch.setattr)
            return night(lists / name, tmp_path_factory.mktemp("list")), truth[name]

    return read


def customer(done, customer_id):
    return done.found.customers.set_index("customer_id").loc[customer_id]


@pytest.mark.parametrize("name", [*EXPORTS, "minimal_two_columns_Sheet1.xlsx", "m7_sub_headers.xlsx"])
def test_a_list_comes_in_with_its_customers_under_their_names(read_list, name):
    done, true = read_list(name)
    assert done.names == true["customers"]
    assert "sheet_missing" in done.codes
    assert "evaluation_missing" not in done.codes  # said once, not customer by customer


def test_exports_of_other_programs_have_their_columns_read_or_kept(read_list):
    kingdee, u8 = (read_list(name)[0] for name in EXPORTS)
    assert customer(kingdee, "CUST0001")[["contact", "phone"]].tolist() == ["赵某", "13900000001"]
    assert "客户分组=华东" in kingdee.found.portfolio.records["extras"][0]
    assert customer(u8, "KH20240001")[["phone", "since"]].tolist() == ["021-55550001", pd.Timestamp(2024, 1, 5)]


@pytest.mark.parametrize("name", EXPORTS)
def test_phones_of_exports_are_readable_in_the_teams_workbook_and_the_archive_only(read_list, name):
    numbers, (done, _) = Planted(), read_list(name)
    for phone in done.found.customers["phone"].dropna():
        numbers.remember(phone, name)

    assert numbers.leaks(outside(done.out)) == []
    team, archive = (
        done.out / nightly.TEAMS / f"{Path(name).stem}.xlsx",
        done.out / nightly.ARCHIVE / "records.parquet",
    )
    assert all(numbers.leaks([(path.name, text_of(path))]) for path in (team, archive))


def test_sheets_of_several_people_are_one_table(read_list):
    done, true = read_list("m1_per_person.xlsx")
    customers = done.found.customers
    assert customers["customer_id"].tolist() == true["customers"]
    assert customers["amount"].sum() == true["total"]
    assert customers["sheet"].tolist() == ["张三", "张三", "李四", "李四", "王五"]


def test_sheets_of_several_quarters_are_one_history(read_list):
    done, true = read_list("s10_quarters.xlsx")
    assert done.found.customers["customer_id"].tolist() == true["customers"]
    evaluations = done.found.evaluations.query("customer_id == 'C001'")
    assert len(evaluations) == true["evaluations_of_C001"]
    decides = evaluations[evaluations["current"]].iloc[0]
    assert decides[["evaluated_on", "value", "potential", "demand"]].tolist() == [pd.Timestamp(2026, 9, 1), 95, 90, 80]
    assert customer(done, "C001")[["score", "computed_tier"]].tolist() == [90.5, "strategic"]


def test_two_header_rows_are_one(read_list):
    done, true = read_list("m7_sub_headers.xlsx")
    row = customer(done, "C001")
    days = {field: f"{row[field]:%Y-%m-%d}" for field in ("since", "last_deal")}
    assert {field: row[field] for field in ("contact", "phone", "amount")} | days == true["C001"]
    assert done.found.customers["amount"].sum() == true["total"]
    assert not done.codes & {"id_missing", "column_unknown", "column_missing"}


def test_a_row_whose_id_was_never_calculated_is_told_as_such(read_list):
    done, _ = read_list("s9_formulas.xlsx")
    found = done.found.portfolio.findings.query("code == 'not_calculated'")
    assert found["cell"].tolist() == ["A2:H2", "G3", "F4"]
    assert "error_cell" not in done.codes


def test_of_two_months_of_one_workbook_the_later_counts_and_the_first_page_says_so(lists, truth, tmp_path, monkeypatch):
    in_short(monkeypatch.setattr, "_first")
    done = night(lists / "t_monthly_all_changed", tmp_path)
    true = truth["t_monthly_all_changed"]

    customers = done.found.customers
    assert (len(customers), round(customers["amount"].sum(), 4)) == (true["customers"], true["total"])
    assert [(one["book"], one["outcome"], one["detail"]) for one in done.record["inputs"]] == [
        ("华东_202609.xlsx", "superseded", "华东_202610.xlsx"),
        ("华东_202610.xlsx", "used", None),
    ]
    page = re.sub("<[^>]*>", "", (done.out / "risk_summary.html").read_text("utf-8"))
    assert "1 份工作簿是较早版本，未计入" in page
    assert "华东_202609.xlsx（计入：华东_202610.xlsx；累计交易额 2100 → 2205 万元）" in page
