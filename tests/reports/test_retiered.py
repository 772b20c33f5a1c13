"""Two days beside each other: who moved, what moved them, and the shares on both."""

import re

import pytest

from kam_xl.core.failures import Strict
from kam_xl.reports import retiered
from kam_xl.reports.meetings import Backdrop, Comparison
from kam_xl.resources import policy, words
from tests.reports import accounts
from tests.reports.test_summary import LANGUAGES, Outline
from tests.reports.test_views import plain, section


def days(lang="zh-CN", past=None):
    past = accounts.earlier() if past is None else past
    return Comparison(Backdrop(words(lang), policy(), accounts.NOW, Strict()), accounts.tonight(), past)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_complete_in_itself(lang):
    text = retiered.render(days(lang))
    outline = Outline(text)

    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert outline.open == []
    assert re.findall(r'<section id="(\w+)"', text) == ["migration", "downgrades", "upgrades", "tiers"]


def test_the_first_sentence_counts_who_moved_and_each_is_listed_with_what_moved_it():
    two = days()
    up, down = (two.moves[two.moves["way"] == way] for way in ("up", "down"))
    text = retiered.render(two)

    then, now = accounts.day(-190).isoformat(), accounts.day(0).isoformat()
    assert retiered.lead(two).startswith(f"从 {then} 到 {now}：升级 {len(up)} 家，降级 {len(down)} 家，")
    assert len(up) + len(down) > 0
    for key, rows in (("upgrades", up), ("downgrades", down)):
        assert [one for one in rows["customer_id"] if one not in section(text, key)] == []
    assert re.search(r"(价值|潜力|需求)\S* [+−]\d", section(text, "upgrades") + section(text, "downgrades"))


def test_of_a_day_with_itself_nobody_moved():
    two = days(past=accounts.tonight())

    assert "升级 0 家，降级 0 家，8 家层级不变" in plain(retiered.render(two))


def test_where_the_policies_of_the_days_differ_that_is_said():
    said = words("zh-CN")("views.retiering.policies")

    assert said not in retiered.render(days())
    assert said in retiered.render(days(past=accounts.earlier().assign(policy="another")))
