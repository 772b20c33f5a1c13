"""One place says when two texts are the same: each fold, its edges, and that it takes no more time than the text is long."""

from __future__ import annotations

import ast
import time
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

import kam_xl
from kam_xl.core import texts

OPENCC = OpenCC("t2s")


@pytest.mark.parametrize(
    ("fold", "typed", "left"),
    [
        (texts.narrow, "　ＡＢＣ（華）\u200b ", "ABC(華)"),
        (texts.simplified, " ＣＲＭ 雲平臺 ", "crm 云平台"),
        (texts.simplified, "答覆時間、回覆", "答复时间、回复"),
        (texts.simplified, "乾隆年間的乾燥機", "乾隆年间的干燥机"),
        (texts.folded, "華 為\n電子", "华为电子"),
        (texts.folded, "CRM +", "crm+"),
        (texts.spelling, "Ａcme 雲\n", "Acme云"),
        (texts.essence, "CRM+（雲）！", "crm云"),
        (texts.essence, "、", ""),
    ],
)
def test_a_fold_leaves_what_it_should(fold, typed, left):
    assert fold(typed) == left


def test_a_long_text_is_normalised_as_a_short_one():
    text = "ＡＢＣ（華）㎡" * 500
    assert texts.normal(text) == unicodedata.normalize("NFKC", text)


@given(
    st.lists(st.sampled_from([*"乾瞭覆后著裏一了", "華為", "瞭解", "答覆", "乾隆", "A1", " ", ","]), max_size=8).map(
        "".join
    )
)
def test_simplified_is_what_the_dictionaries_say(typed):
    assert texts.simplified(typed) == OPENCC.convert(typed).strip().casefold()


@given(st.text(max_size=30))
def test_what_is_folded_stays_folded(typed):
    for fold in (texts.narrow, texts.folded, texts.essence):
        assert fold(fold(fold(typed))) == fold(fold(typed))


def test_a_column_keeps_its_rows_and_what_is_unknown():
    column = pd.Series(["華為", None, "华为"], index=[5, 3, 9], dtype="str")

    folded = texts.folded_all(column)

    assert folded.index.tolist() == [5, 3, 9]
    assert folded.fillna("?").tolist() == ["华为", "?", "华为"]
    assert texts.folded_all(column.iloc[:0]).dtype == column.dtype


@pytest.mark.slow
@pytest.mark.parametrize("char", list("華瞭1 (,a\u200b"))
def test_time_grows_with_the_length_and_no_faster(char):
    def took(length):
        started = time.process_time()
        texts.essence(char * length)
        return time.process_time() - started

    texts.essence(char)
    assert took(1_000_000) < 20 * max(took(100_000), 0.02)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("价值维度（50%）", "价值维度"),
        ("价值维度\n(50%)", "价值维度"),
        ("价值维度 45.5％", "价值维度"),
        ("价值维度【权重", "价值维度"),
        ("*客户ID", "客户id"),
        (" 客 户 名 称： ", "客户名称"),
        ("客户ID／名称", "客户id名称"),
        ("ＣＵＳＴＯＭＥＲ　ＩＤ", "customerid"),
        ("Customer_ID", "customerid"),
        ("\ufeff客户ID", "客户id"),
        ("客户\u200bID", "客户id"),
        ("累計交易額「萬元」", "累计交易额"),
        ("（50%）", ""),
        ("", ""),
    ],
)
def test_a_heading_is_what_identifies_it(typed: str, folded: str) -> None:
    assert texts.heading(typed) == folded


def test_a_page_of_text_is_no_heading_and_is_not_even_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "simplified", lambda _: pytest.fail("folded"))

    assert texts.heading("客户今天说" * 6000) == ""


def test_a_heading_may_be_explained_at_length_in_brackets() -> None:
    assert texts.heading(f"客户名称（{'请填写营业执照上的全称' * 20}）") == "客户名称"


# --- nobody else folds -------------------------------------------------------------------------------------------

#: Modules that lower letters by hand, and what of: none of it is a text of a team's that is compared with another.
OTHERWISE = {
    "core/validation": "the ending of a file's name",
    "core/located": "names of native tables, which Excel compares like this",
    "core/locating": "names of native tables",
    "core/adoption": "headers, of which no two in one table of Excel may differ in case only",
    "worksheet/why": "names of native tables",
    "worksheet/formulas": "words of Excel's language of formulas",
    "actions/samples": "names of native tables",
    "actions/action_list": "names of native tables",
    "actions/result_sheets": "names of sheets, which Excel compares like this",
    "actions/leaflet": "anchors as Markdown makes them of headings",
    "actions/team": "the ending of a file's name",
    "reports/pages": "headers, of which no two in one table of Excel may differ in case only",
    "reports/worth_page": "yes and no as a policy writes them",
    "reports/headline": "an English word as it stands within a sentence",
    "reports/file_names": "names of files, which Windows compares like this",
}
ROOMS = ("core", "showing", "reports", "worksheet", "actions")  # what people typed is compared in these
PACKAGE = Path(kam_xl.__file__).parent


def modules(*rooms):
    """Name below the package → what a module calls and imports, `texts` itself left out."""
    paths = [path for path in PACKAGE.rglob("*.py") if not rooms or path.relative_to(PACKAGE).parts[0] in rooms]
    for path in sorted(paths):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        if name != "core/texts":
            nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
            yield (
                name,
                {node.attr for node in nodes if isinstance(node, ast.Attribute)},
                {alias.name for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names},
            )


@pytest.mark.slow
def test_no_other_module_folds_width_or_script():
    assert [name for name, calls, imports in modules() if "normalize" in calls and "unicodedata" in imports] == []
    assert [name for name, _, imports in modules() if imports & {"OpenCC", "opencc"}] == []


def test_no_other_module_folds_the_case_of_what_people_typed():
    assert {name for name, calls, _ in modules(*ROOMS) if calls & {"casefold", "lower"}} == OTHERWISE.keys()
