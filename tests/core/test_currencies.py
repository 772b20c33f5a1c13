"""A word, a sign or a number format names one currency, or none (handbook §12)."""

import re

import pytest

from kam_xl.core.currencies import BASE, FOREIGN, WORDS, named, pattern, shown
from kam_xl.core.texts import simplified, traditional


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("USD", "USD"), ("usd", "USD"), ("美元", "USD"), ("美金", "USD"), ("美元(USD)", "USD"), ("USD - US Dollar", "USD"), ("ＵＳＤ", "USD"), ("$", "USD"),
        ("HKD - Hong Kong Dollar", "HKD"), ("港幣", "HKD"), ("新台幣", "TWD"), ("日圓", "JPY"), ("韓元", "KRW"), ("€", "EUR"), ("人民幣", BASE), ("RMB", BASE),
        ("元", BASE),
    ],
)  # fmt: skip
def test_a_cell_names_a_currency(text: str, code: str) -> None:
    assert named(text) == (code, None)


@pytest.mark.parametrize("text", ["", " ", "-", "无", "N/A"])
def test_a_blank_names_none(text: str) -> None:
    assert named(text) == (None, None)


@pytest.mark.parametrize("text", ["¥", "PRE001", "USD/EUR", "卢比", "比索", "外币", "1"])
def test_what_may_be_two_or_nobody_knows_is_unread(text: str) -> None:
    assert named(text) == (None, "currency_unparsed")


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ("[$€-2] #,##0", "EUR"), ('"US$"0.00', "USD"), ("$#,##0", "USD"), ("_($* #,##0.00_)", "USD"), ("[$$-409]#,##0;[Red]-[$$-409]#,##0", "USD"),
        ("[$USD] 0", "USD"), ('#,##0 "EUR"', "EUR"), ("[$HK$-C04]0", "HKD"), ("[$¥-411]#,##0", "JPY"), ("[$$-C04]0", "HKD"), ("\\$0", "USD"),
        ("[$¥-804]0", None), ('"¥"#,##0', None), ("¥0", None), ("#,##0", None), ("0%", None), ("yyyy-mm-dd", None), ("[$-804]yyyy", None),
        ('"C"000', None), ("0;$0", None), ('$0 "EUR"', None), ("", None),
    ],
)  # fmt: skip
def test_a_number_format_shows_a_currency(code: str, currency: str | None) -> None:
    assert shown(code) == currency


def test_no_word_is_of_two_currencies() -> None:
    assert len(FOREIGN) == sum(1 + len(words) for words in WORDS.values())
    assert BASE not in WORDS


@pytest.mark.parametrize("word", [word for word in FOREIGN if not word.isascii()])
def test_money_is_known_in_a_text_in_either_script(word: str) -> None:
    assert simplified(traditional(word)) == word
    assert all(re.fullmatch(pattern(), one) for one in (word, traditional(word)))


def test_words_of_english_are_no_money_in_a_text() -> None:
    assert [word for word in ("won", "rand", "try", "USDA", "usd") if re.search(pattern(), word)] == []
