"""Customer lists as they really come, each held to what is true of it; they lie beside the project, or these tests skip."""

import json

import pytest

from tests.nights import night


@pytest.fixture(scope="module")
def lists(corpora):
    return corpora / "lists"


@pytest.fixture(scope="module")
def truth(lists):
    return json.loads((lists / "truth.json").read_text("utf-8"))


def test_an_amount_nobody_said_the_unit_of_is_no_ten_thousands_of_yuan(lists, truth, tmp_path):
    done = night(lists / "amount_without_unit.xlsx", tmp_path)

    assert done.names == truth["amount_without_unit.xlsx"]["customers"]
    assert done.found.customers["amount"].isna().all()
    found = done.found.portfolio.findings
    assert found.loc[found["code"].str.startswith("amount_"), ["code", "cell", "detail"]].to_numpy().tolist() == [
        ["amount_unit_missing", "C1", "元"]
    ]


def test_text_that_sap_saves_under_the_name_of_a_workbook_is_read(lists, truth, tmp_path):
    done = night(lists / "sap_utf16.xls", tmp_path)

    assert done.names == truth["sap_utf16.xls"]["customers"]
    assert done.found.customers["amount"].tolist() == [truth["sap_utf16.xls"]["amount"]]
    assert "read_as_text" in done.codes


def test_long_numbers_that_were_damaged_stay_apart(lists, truth, tmp_path):
    done = night(lists / "t_codes18", tmp_path)
    ids, found = done.found.customers["customer_id"], done.found.portfolio.findings

    assert len(ids) == truth["t_codes18"]["customers"]
    assert sorted(done.names.values()) == ["丙午物流", "乙巳贸易有限公司", "甲辰机电有限公司"]
    assert not ids.str.contains("E+", regex=False).any()
    damaged = found[found["code"] == "id_damaged"]
    assert damaged[["severity", "typed_value"]].to_numpy().tolist() == [["error", "913101151234567000"]] * 2


def test_an_id_is_what_its_number_format_shows(lists, truth, tmp_path):
    done = night(lists / "t_letter_format", tmp_path)

    assert done.found.customers["customer_id"].tolist() == truth["t_letter_format"]["customers"]
    assert done.found.customers["score"].notna().sum() == truth["t_letter_format"]["scored"]
