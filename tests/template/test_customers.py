"""A template with customers of one's own in place of the samples: theirs, and no figure that is another's."""

import datetime as dt
import io
import re

import openpyxl
import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.engines.office_file import opc
from kam_xl.template import build, samples
from kam_xl.template.layout import sheet_name

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
OWN = build.Customers(
    [
        {"customer_id": f"K{n}", "name": f"甲{n}", "since": dt.date(2024, 1, n), "amount": n / 2, "other_1": "=1+1"}
        for n in (1, 2, 3)
    ],
    {"other_1": "城市"},
    dt.date(2026, 11, 28),
)
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def package():
    """Language → the workbook with these customers."""
    return {lang: build.template(lang, customers=OWN) for lang in LANGUAGES}


@in_each_language
def test_the_customers_stand_in_their_table_with_the_columns_behind_it(package, lang):
    book = openpyxl.load_workbook(io.BytesIO(package[lang]))
    sheet = book[sheet_name("info", lang)]
    rows = list(sheet.iter_rows(min_row=4, max_row=8, values_only=True))

    assert rows[0][-1] == "城市"
    assert [(row[0], row[1], row[6], row[8], row[-1]) for row in rows[1:4]] == [
        (f"K{n}", f"甲{n}", dt.datetime(2024, 1, n), n / 2, "=1+1") for n in (1, 2, 3)
    ]
    assert sheet.tables["tblCustomers"].ref == "A4:N7"


@in_each_language
def test_nothing_of_the_samples_is_left_and_a_figure_is_blank_until_it_is_counted(package, lang):
    parts = {name: content.decode("utf-8", "replace") for name, content in opc.unpacked(package[lang]).items()}
    texts = parts["xl/sharedStrings.xml"] + parts["xl/worksheets/sheet2.xml"] + parts["xl/worksheets/sheet4.xml"]
    names = [row["name"] for row in samples.rows("info", resources.words(lang))]
    counted = re.findall(r"<f>(?!INDEX\(kam_i18n,MATCH)[^<]*</f><v>([^<]+)</v>", parts["xl/worksheets/sheet2.xml"])

    assert [name for name in names if name in texts] == []
    assert counted == []
    assert 'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]


@in_each_language
def test_the_validator_has_nothing_against_it(package, lang, ooxml_errors, tmp_path):
    path = tmp_path / "own.xlsm"
    path.write_bytes(package[lang])
    assert ooxml_errors(path) == []
