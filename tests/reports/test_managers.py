"""A page for everybody for whom something waits: what is theirs and nothing else, no more a day than the policy says."""

import re

import pandas as pd
import pytest

from kam_xl.core import planning
from kam_xl.core.outside import outside
from kam_xl.reports import excerpts, managers, origin
from kam_xl.reports.places import of as places_of
from tests.reports import accounts
from tests.reports.test_summary import HOSTILE, LANGUAGES, Outline

IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)


def whole(lang="zh-CN", **frames):
    return accounts.with_frames(accounts.assessed(lang), **frames)


def made(assessment):
    assessment = outside(assessment)
    pages, there = dict(managers.pages(assessment)), places_of(assessment)
    return {person: pages[name] for person, name in there.managers.items()}


def main(text):
    return text[text.index("<main>") : text.index("</main>")]


def section(text, key):
    found = re.search(rf'<section id="{key}".*?</section>', text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


@IN_BOTH
def test_the_page_is_the_golden_one(golden, lang):
    golden(f"manager.{lang}.html", main(made(whole(lang))["赵敏"]))


def test_everybody_for_whom_something_waits_has_a_page_and_nobody_has_one_too():
    rows = whole().actions
    first = rows.index[rows["waiting"]][0]
    rows = rows.assign(manager=rows["manager"].mask(rows.index == first))

    assert set(made(whole(actions=rows))) == {*rows.loc[rows["waiting"], "manager"].dropna(), "未指定负责人"}


@IN_BOTH
def test_a_page_is_complete_in_itself_marked_as_ours_and_leads_only_within_the_nights_folder(lang):
    for name, text in managers.pages(outside(whole(lang))):
        outline = Outline(text)

        assert outline.open == []
        assert not {"script", "link", "img", "iframe"} & set(outline.tags)
        assert all(link.startswith(("../", "#")) for link in outline.links)
        assert origin.mark(name) in text[:2000]


def test_a_page_holds_no_other_persons_matters():
    subjects = excerpts.to_do(whole()).groupby("person")["subject"].agg(set)

    for person, text in made(whole()).items():
        others = set().union(*(own for who, own in subjects.items() if who != person)) - subjects.get(person, set())
        own = text.replace(re.search(r'<section id="visits".*?</section>', text, re.DOTALL)[0], "")
        assert [subject for subject in others if subject in own] == []  # what to talk about on a visit may be another's


def test_every_matter_stands_on_its_persons_page_once():
    pages = made(whole())

    for row in excerpts.matters(outside(whole())).itertuples():
        body = section(pages[row.person], "today") + section(pages[row.person], "later")
        assert body.count(row.evidence) == 1


def test_a_day_holds_no_more_than_the_policy_gives_a_person_and_the_rest_waits():
    night = whole()
    first = night.matters.iloc[[0]]
    keys = [f"k{number}" for number in range(20)]
    matters = pd.concat([first] * 20, ignore_index=True).assign(
        key=keys, manager="赵敏", evidence=[f"依据{key}。" for key in keys]
    )
    action = night.actions[night.actions["key"] == first["key"].iloc[0]]
    actions = pd.concat([action] * 20, ignore_index=True).assign(
        key=keys, manager="赵敏", owner="赵敏", planned=pd.NaT, status="open", due=pd.Timestamp("2026-11-18")
    )
    actions = planning.dated(actions, night.policy, pd.Timestamp(night.today))

    text = made(whole(matters=matters, actions=actions))["赵敏"]

    most = night.policy.matters.per_day
    assert section(text, "today").count("依据k") == most
    assert section(text, "later").count("依据k") == 20 - most
    assert f"之后还有 {20 - most} 项事项等候" in section(text, "later")


def test_today_is_the_next_workday():
    assert "2026-11-20 要做" in section(made(whole())["赵敏"], "today")


def test_a_visit_has_its_topics_and_no_internal_ones():
    night = whole()
    text = "".join(section(page, "visits") for page in made(night).values())
    internal = night.matters[night.matters["kind"] != "customer"]["subject"]

    assert len(internal)
    assert [subject for subject in internal if subject in text] == []


def test_a_matter_says_what_follows_from_it_how_late_it_is_and_where_it_stands():
    found = excerpts.matters(whole())
    late = found[found["rule"] == "case_past_limit"].iloc[0]
    text = section(made(whole())[late["person"]], "today")

    assert f"由此还有：{late['consequences']}" in text
    assert "2026-11-17，逾期 3 个工作日，已升级至销售总监" in text
    assert f"华东.xlsx {late['cell']}" in text


def test_hostile_texts_stay_text():
    night = whole("en")
    hostile = whole(
        "en",
        matters=night.matters.assign(name=HOSTILE, subject=HOSTILE, evidence=HOSTILE, manager=HOSTILE),
        actions=night.actions.assign(name=HOSTILE, manager=HOSTILE, subject=HOSTILE, action=HOSTILE),
    )

    outline = Outline(made(hostile)[HOSTILE])

    assert "script" not in outline.tags
    assert outline.open == []


def test_what_is_personal_is_masked():
    night = whole(matters=whole().matters.assign(evidence="电话 13812345678"))

    assert not any("13812345678" in text for text in made(night).values())
