"""The page of a replay answers in its first sentence, lists what differs and no more than it says."""

import datetime as dt
import re

import pandas as pd
import pytest

from kam_xl.core import history, replaying
from kam_xl.core.failures import Strict
from kam_xl.core.replaying import Lost, Twice
from kam_xl.reports import replayed
from kam_xl.reports.meetings import Backdrop
from kam_xl.resources import policy, words
from tests.reports import accounts
from tests.reports.test_summary import HOSTILE, LANGUAGES, Outline
from tests.reports.test_views import plain, section

IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)
NIGHT = accounts.NOW.date()


def trial(proposed=None, *, lang="zh-CN", lost=(), others=0, was=None, nights=2):
    """Nights on end on which the proposal makes of the small company what is given, and otherwise nothing."""
    found = None
    for place in range(nights):
        day = NIGHT - dt.timedelta(days=nights - 1 - place)
        snapshot = accounts.tonight().assign(on=pd.Timestamp(day)).astype({"on": "datetime64[s]"})
        other = snapshot if proposed is None else proposed(snapshot)
        found = replaying.after(found, Twice(day, snapshot, other), policy())
    backdrop = Backdrop(words(lang), policy(), accounts.NOW, Strict())
    return replayed.trial(backdrop, found, was or policy(), list(lost), others)


def one_lower(snapshot):
    """The first customer a tier lower and at low risk."""
    first = snapshot["customer_id"] == "C001"
    return snapshot.assign(tier=snapshot["tier"].mask(first, "key"), level=snapshot["level"].mask(first, "low"))


def many(snapshot):
    """Sixty strategic customers with hostile names, all of them key if the proposal has its way."""
    rows = pd.concat([snapshot.iloc[:1]] * 60, ignore_index=True)
    return history.complete(rows.assign(customer_id=[f"K{n:03}" for n in range(60)], name=HOSTILE, tier="strategic"))


@IN_BOTH
@pytest.mark.parametrize("proposed", [None, one_lower])
def test_the_page_is_complete_in_itself(lang, proposed):
    text = replayed.render(trial(proposed, lang=lang, lost=[Lost(NIGHT, "book", "华东.xlsx")], others=1))
    outline = Outline(text)

    assert text.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert outline.open == []
    assert re.findall(r'<section id="(\w+)"', text) == re.findall(r'<a href="#(\w+)"', text)


def test_the_first_sentence_is_the_answer():
    tried = trial(one_lower)
    first = re.search(r"<h1>(.*?)</h1>", replayed.render(tried))[1]

    assert plain(first) == replayed.lead(tried)
    assert replayed.lead(tried).startswith(
        f"按政策 {policy().version} 重放 2 晚：{NIGHT} 那晚 8 家客户里，0 家会升层、1 家会降层，1 家的风险等级不同；"
    )


def test_where_nothing_differs_the_first_sentence_says_so():
    tried = trial()

    assert (
        replayed.lead(tried)
        == f"按政策 {policy().version} 重放 2 晚：{NIGHT} 那晚 8 家客户的层级和风险等级都与实际相同"
    )
    assert "没有客户会在别的层级" in section(replayed.render(tried), "elsewhere")


def test_who_stands_elsewhere_is_listed_with_both_sides_and_since_when():
    text = section(replayed.render(trial(one_lower)), "elsewhere")

    assert "C001 战略客户 重点客户" in text
    assert f"{NIGHT - dt.timedelta(days=1)} 2" in text


def test_no_list_is_longer_than_it_says_and_hostile_names_stay_text():
    rows = many(accounts.tonight())
    twice = Twice(NIGHT, rows, rows.assign(tier="key"))
    tried = replayed.trial(trial().assessment, replaying.after(None, twice, policy()), policy(), [], 0)
    text = replayed.render(tried)

    assert section(text, "elsewhere").count("K0") == replayed.LISTED
    assert "另有 20 行未列出" in section(text, "elsewhere")
    assert HOSTILE not in text
    told = list(replayed.told(tried))
    assert len(told) == 12
    assert told[-1] == "  另有 50 行未列出。"


def test_the_nights_are_listed_the_newest_first_and_bounded():
    text = section(replayed.render(trial(one_lower, nights=45)), "by_night")

    days = re.findall(r"\d{4}-\d\d-\d\d", text)
    assert days == [(NIGHT - dt.timedelta(days=back)).isoformat() for back in range(replayed.LISTED)]
    assert "另有 5 行未列出" in text


def test_a_night_left_out_is_said_with_its_reason_and_without_one_there_is_no_such_part():
    text = replayed.render(
        trial(lost=[Lost(NIGHT, "book", "华东.xlsx"), Lost(NIGHT, "snapshot", "x.parquet")], others=3)
    )

    assert "2 晚无法重放" in plain(text)
    assert "保存库里没有“华东.xlsx”读到的内容" in section(text, "lost_nights")
    assert "其中 3 晚由另一版本的程序写出" in plain(text)
    assert 'id="lost_nights"' not in replayed.render(trial())


def test_what_the_policy_that_was_cost_is_unknown_where_it_is_lost():
    tried = trial(one_lower)
    tried = replayed.trial(tried.assessment, tried.found, None, [], 0)

    assert replayed.lead(tried).endswith(" 次，原来多少不明")
    assert "实际不明" in section(replayed.render(tried), "cost")
