"""Warning words read with their sentence: a table of what account managers write, and laws that hold for all of it."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.parsers import seconds
from kam_xl import resources
from kam_xl.core import signals
from kam_xl.core.kinds import Record
from kam_xl.core.texts import lowered, traditional

RULE = resources.policy().risk.warning_words
YEAR = 2024
with Path(__file__).with_name("warning_words.csv").open(encoding="utf-8", newline="") as table:
    SENTENCES = {row["text"]: tuple(filter(None, row["words"].split("|"))) for row in csv.DictReader(table)}


def told(*texts: str) -> dict[str, tuple[str, ...]]:
    """The words that count in each text."""
    hits = signals.found(pd.Series(texts, dtype="str"), RULE, YEAR)
    return {text: hits.get(place, ()) for place, text in enumerate(texts)}


def test_what_account_managers_write_warns_where_it_should() -> None:
    assert told(*SENTENCES) == SENTENCES


def test_the_table_holds_both_languages_and_both_answers() -> None:
    """So that a rule that always fires, or never, or in one language only, cannot pass."""
    shares = [bool(words) for text, words in SENTENCES.items() if text.isascii()]
    chinese = [bool(words) for text, words in SENTENCES.items() if not text.isascii()]
    assert min(sum(shares), len(shares) - sum(shares)) >= 20
    assert min(sum(chinese), len(chinese) - sum(chinese)) >= 60


def test_traditional_characters_change_nothing() -> None:
    chinese = {traditional(text): words for text, words in SENTENCES.items() if not text.isascii()}
    fired = told(*chinese)
    assert {text: len(words) for text, words in fired.items()} == {text: len(words) for text, words in chinese.items()}
    assert all(word in lowered(text) for text, words in fired.items() for word in words)


@given(st.lists(st.sampled_from(sorted(SENTENCES)), min_size=2, max_size=5))
def test_sentences_with_others_between_do_not_touch_each_other(texts: list[str]) -> None:
    (together,) = told("。客户满意。".join(texts)).values()
    assert together == tuple(dict.fromkeys(word for text in texts for word in SENTENCES[text]))


@given(st.sampled_from(sorted(SENTENCES)), st.sampled_from(["；交货及时", "\n合作愉快", "!", "  "]))
def test_what_follows_on_another_subject_changes_nothing(text: str, rest: str) -> None:
    assert list(told(text + rest).values()) == [SENTENCES[text]]


def _lists(rule: Record) -> Iterator[tuple[str, ...]]:
    for value in vars(rule).values():
        if isinstance(value, tuple):
            yield value
        elif isinstance(value, Record):
            yield from _lists(value)


@pytest.mark.slow
@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize("words", list(_lists(RULE)), ids=lambda words: words[0])
def test_time_is_linear_in_the_length_whatever_of_its_own_words_a_text_repeats(
    words: tuple[str, ...], blank: str
) -> None:
    part = "逾期," + blank.join(words)
    assert seconds(told, part * (50_000 // len(part))) < 3  # squared it is a minute
