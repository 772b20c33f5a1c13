"""The page of a planted year says just what was planted, in both languages, and names no customer."""

import dataclasses
import datetime as dt
import functools
import itertools
import re

import pytest

from kam_xl.core import alarms
from kam_xl.reports import worth_page
from kam_xl.resources import policy, words
from tests import planted_alarms as planted
from tests.reports.test_summary import LANGUAGES, Outline
from tests.reports.test_views import main, plain, section

IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)
NOW = dt.datetime(2026, 11, 1, 2)


@functools.cache
def followed(nights=planted.NIGHTS):
    return alarms.followed(itertools.islice(planted.snapshots(), nights), policy())


def back(lang="zh-CN", **changes):
    facts = {"policy": policy(), "words": words(lang), "made": NOW, "found": followed(), "file": "worth.toml"}
    return worth_page.LookBack(**facts | changes)


@IN_BOTH
def test_the_page_is_the_golden_one(lang, golden):
    golden(f"worth.{lang}.html", main(worth_page.render(back(lang))))


def test_the_first_sentence_is_the_answer():
    told = worth_page.lead(back())

    assert told.startswith(
        "1 条规则的预警值得，最准的是“客户沉默”：10 次中 8 次在 90 天内变差，中位提前 40 天；1 条与碰运气无异"
    )


@IN_BOTH
def test_the_page_is_complete_in_itself_and_names_no_customer(lang):
    text = worth_page.render(back(lang))
    outline = Outline(text)

    assert text.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe", "form"} & set(outline.tags)
    assert outline.open == []
    assert not re.search(r"某科技|\b[ABO]\d{3}\b", text)


def test_it_proposes_to_switch_off_the_noise_alone():
    told = section(worth_page.render(back()), "worth_proposal")

    assert "建议改动 1 处，写在 worth.toml" in told
    assert "risk.warning_words.enabled true false 与碰运气无异：变差 20%，未被预警者 20%" in told


def test_a_history_that_is_too_young_says_so_and_proposes_nothing():
    young = back(found=followed(12))

    assert (
        worth_page.lead(young)
        == "夜晚还太少：预警后要等满 90 天才知道对不对，目前只有 2025-11-01 到 2026-01-10 的 12 晚"
    )
    assert "没有要改的" in plain(worth_page.render(young))


def test_without_a_night_the_page_says_so():
    empty = back("en", found=alarms.followed([], policy()))

    assert "There is no night in the history yet" in plain(worth_page.render(empty))


def test_where_nothing_is_worth_it_the_sentence_counts():
    strict = dataclasses.replace(policy(), worth=dataclasses.replace(policy().worth, at_least=11))

    assert worth_page.lead(back(policy=strict)).startswith("0 条规则的预警值得，1 条与碰运气无异；1 条还看不出")
