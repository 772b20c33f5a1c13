"""One place says when two texts are the same: each fold, its edges, and that it takes no more time than the text is long."""

from __future__ import annotations

import time
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

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


@pytest.mark.parametrize("char", list("華瞭1 (,a\u200b"))
def test_time_grows_with_the_length_and_no_faster(char):
    def took(length):
        started = time.process_time()
        texts.essence(char * length)
        return time.process_time() - started

    texts.essence(char)
    assert took(1_000_000) < 20 * max(took(100_000), 0.02)
