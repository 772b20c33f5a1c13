"""The pages for meetings: whole, safe, small, compared with the day they name, and the same as the golden files."""

import dataclasses
import datetime as dt
import functools
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl.core import consolidation, frames, history, planning
from kam_xl.core.assessment import assess
from kam_xl.core.outside import outside
from kam_xl.reports import meetings, views
from kam_xl.resources import policy, words
from tests import builders
from tests.builders import team_book
from tests.reports import accounts
from tests.reports.test_summary import HOSTILE, LANGUAGES, Outline

ALL = pytest.mark.parametrize("view", views.VIEWS)
IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)


def page(view, lang="zh-CN", *, assessment=None, past=None):
    return views.render(view, *(_shown(assessment) if assessment else _usual(lang)), past)


def _shown(assessment):
    """An assessment as the nightly job has it made, and what it keeps."""
    shown = outside(assessment)
    return shown, history.snapshot(shown)


@functools.cache
def _usual(lang):
    return _shown(accounts.assessed(lang, marked=True))


def dated(actions):
    """The actions with what core says of their days."""
    return planning.dated(actions, policy(), pd.Timestamp(accounts.NOW.date()))


def main(text):
    """What a page says, without the paper it stands on."""
    return text[text.index("<main>") : text.index("</main>")]


def section(text, key):
    """One section of a page as plain text."""
    return plain(re.search(rf'<section id="{key}".*?</section>', text, re.DOTALL)[0])


def plain(text):
    """What a page says, without its tags; the marks of figures and of typed texts part no words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"</?(data|bdi)\b[^>]*>", "", text)))


@ALL
def test_the_page_is_the_golden_one(view, golden):
    golden(f"{view}.zh-CN.html", main(page(view, past=accounts.earlier())))


@ALL
@IN_BOTH
@pytest.mark.parametrize("first", [True, False])
def test_the_page_is_complete_in_itself(view, lang, first):
    text = page(view, lang, past=None if first else accounts.earlier())
    outline = Outline(text)

    assert text.startswith("<!doctype html>")
    assert ("lang", lang) in outline.attributes
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert [link for link in outline.links if not link.startswith(("#", "plans/", "managers/"))] == []
    assert not re.search(r"url\(|@import|https?:", text)
    assert outline.open == []


@ALL
@IN_BOTH
def test_every_section_is_named_in_the_contents_and_opens_with_what_it_found(view, lang):
    text = page(view, lang, past=accounts.earlier())

    keys = re.findall(r'<section id="(\w+)"', text)
    assert keys == re.findall(r'<a href="#(\w+)"', text)
    assert all(len(plain(re.search(rf'<h2 id="{key}-title">.*?</h2>', text)[0])) >= 6 for key in keys)


@ALL
@pytest.mark.parametrize(
    ("lang", "first"), [("zh-CN", "或更早的快照，本页暂时没有比较"), ("en", "or before, so nothing is compared yet")]
)
def test_a_first_page_says_plainly_that_there_is_nothing_to_compare_with(view, lang, first):
    day = history.compared_day(view, accounts.NOW.date(), policy())

    assert first in page(view, lang)
    assert day.isoformat() in page(view, lang)


@ALL
def test_the_page_names_the_day_it_compares_with(view):
    past = accounts.earlier(200)

    assert f"与 {accounts.day(-200)} 的快照比较" in plain(page(view, past=past))


@pytest.mark.parametrize(
    ("view", "day"),
    [
        ("weekly", dt.date(2026, 3, 24)),
        ("monthly", dt.date(2026, 2, 28)),
        ("quarterly", dt.date(2025, 12, 30)),
        ("half_yearly", dt.date(2025, 9, 30)),
    ],
)
def test_each_view_looks_back_its_own_time(view, day):
    assert history.compared_day(view, dt.date(2026, 3, 31), policy()) == day


@ALL
@IN_BOTH
def test_phones_and_birthdays_never_reach_the_page(view, lang):
    text = page(view, lang, past=accounts.earlier())

    assert accounts.PHONE not in text
    assert "1980" not in text


@ALL
def test_hostile_names_stay_text(view):
    whole = accounts.assessed("en", marked=True)
    hostile = accounts.with_frames(
        whole,
        customers=whole.customers.assign(name=HOSTILE, manager=HOSTILE),
        risks=whole.risks.assign(name=HOSTILE, evidence=HOSTILE),
        actions=whole.actions.assign(name=HOSTILE, manager=HOSTILE),
        sample=whole.sample.assign(name=HOSTILE, typed_value=HOSTILE),
    )

    outline = Outline(page(view, "en", assessment=hostile, past=accounts.earlier()))

    assert "script" not in outline.tags
    assert outline.tags.count("style") == 1
    assert outline.open == []


@pytest.mark.slow
@pytest.mark.parametrize("rows", [0, 1])
def test_a_portfolio_without_customers_or_with_one_that_has_no_score_has_its_pages_too(rows):
    book = team_book(policy(), info=accounts.INFO[:rows], evaluation=[], tracking=[])
    few = assess(consolidation.consolidate([book], policy()), policy(), accounts.NOW, words("en"))

    pasts = {"first night": None, "later": accounts.earlier()}
    left_open = {
        (view, when): Outline(page(view, "en", assessment=few, past=past)).open
        for view in views.VIEWS
        for when, past in pasts.items()
    }
    assert {which: tags for which, tags in left_open.items() if tags} == {}


@ALL
@IN_BOTH
def test_a_portfolio_without_optional_sheets_has_its_pages_too(view, lang):
    assert Outline(page(view, lang, assessment=accounts.assessed(lang, optional=False))).open == []


@ALL
def test_a_page_stays_small_whatever_the_portfolio(view):
    whole = accounts.assessed("zh-CN", marked=True)
    many = {
        name: pd.concat([getattr(whole, name)] * 400, ignore_index=True)
        for name in ("risks", "matters", "actions", "cases", "visits", "goals", "sample", "quality_books")
    }
    of_teams = whole.kpis[whole.kpis["team"].notna()]
    many["kpis"] = pd.concat([whole.kpis, *[of_teams] * 400], ignore_index=True)
    many["actions"]["manager"] = [f"经理{number}" for number in range(len(many["actions"]))]

    for name in ("risks", "actions", "matters"):
        many[name] = many[name].assign(key=[f"k{number}" for number in range(len(many[name]))])
    big = accounts.with_frames(whole, **many)
    text = views.render(view, big, accounts.tonight(), accounts.earlier())

    assert len(text.encode()) < 450_000


def test_a_team_that_could_not_be_read_is_named():
    past = accounts.earlier().assign(teams="华东、西北")

    assert "1 个团队的工作簿本次未能读到，与之前的比较不完整：西北" in plain(page("weekly", past=past))


# --- weekly -----------------------------------------------------------------------------------------------------------


def test_the_week_counts_what_is_open_overdue_done_and_postponed():
    text = page("weekly", past=accounts.earlier())

    assert "本周（2026-11-16 至 2026-11-22）到期 0 项，逾期 1 项；已完成 1 项，已推迟 1 项" in section(text, "actions")
    assert "赵敏" in section(text, "actions")


def test_an_action_beyond_the_week_is_not_of_this_week():
    whole = accounts.assessed("zh-CN")
    matter = whole.actions[whole.actions["kind"] == planning.MATTER].iloc[[0, 0]]
    at = matter.assign(due=pd.to_datetime(["2026-11-22", "2026-11-23"]), planned=pd.NaT).reset_index(drop=True)

    text = page("weekly", assessment=accounts.with_frames(whole, actions=dated(at)))

    assert "到期 1 项" in section(text, "actions")  # on a Friday the week ends on Sunday


def test_who_has_an_overdue_matter_stands_first_and_it_is_counted():
    whole = accounts.assessed("zh-CN")
    own = whole.actions["source"] == "warning_words"
    due = whole.actions["due"].where(own, pd.Timestamp("2026-11-20")).mask(own, pd.Timestamp("2026-11-03"))
    rows = whole.actions.assign(due=due, manager=whole.actions["manager"].mask(own), planned=pd.NaT)

    found = section(page("weekly", assessment=accounts.with_frames(whole, actions=dated(rows))), "actions")

    assert f"逾期 {int(own.sum())} 项" in found
    assert found.index("华东（未指定负责人）") < found.index("赵敏")


def test_risks_are_told_apart_by_the_snapshot_of_a_week_ago_not_of_last_night():
    known = accounts.tonight().assign(on=pd.Timestamp(accounts.day(-7)))

    matters = len(accounts.assessed("zh-CN", marked=True).matters)

    assert "没有新增或加重的事项" in section(page("weekly", past=known), "news")
    assert f"新增事项 {matters - 1} 项" in section(page("weekly", past=known.assign(risks="")), "news")  # one is done


def test_a_risk_that_is_gone_since_is_listed():
    whole = accounts.assessed("zh-CN")
    known = accounts.tonight().assign(on=pd.Timestamp(accounts.day(-7)))
    fewer = accounts.with_frames(whole, risks=whole.risks[whole.risks["rule"] != "evaluation_stale"])

    assert "已解除的风险：1" in section(page("weekly", assessment=fewer, past=known), "news")


def test_a_case_past_its_limit_and_one_due_this_week_are_owed():
    found = section(page("weekly"), "cases")

    assert "超时未结的服务事项 1 项，7 天内到期 1 项" in found
    assert "交期延误" in found


def test_without_a_service_log_or_renewals_nothing_is_claimed():
    text = page("weekly", assessment=accounts.assessed("zh-CN", optional=False))

    assert "各团队都没有服务记录表，无法判断" in section(text, "cases")
    assert "各团队都没有续约与商机表，无法判断" in section(text, "deals")


def test_trials_and_renewals_that_are_due_are_listed_by_date():
    found = section(page("weekly"), "deals")

    assert "试用 1 项，续约 1 项" in found
    assert found.index("数据平台") < found.index("年度维保")


def test_potential_customers_show_how_far_they_are_and_how_they_moved():
    past = accounts.earlier()
    past.loc[past["customer_id"] == "C006", "score"] = 48.0

    found = section(page("weekly", past=past), "prospects")

    assert "潜力客户 1 家，得分上升 0 家，下降 1 家" in found


# --- monthly ----------------------------------------------------------------------------------------------------------


def test_the_tier_board_has_now_then_and_the_difference():
    found = section(page("monthly", past=accounts.earlier()), "tiers")

    assert "战略客户 3 2 +1 37.5%" in found
    assert "期间升级 1 家，降级 1 家" in found


def test_satisfaction_and_nps_stand_side_by_side_and_are_never_averaged():
    found = section(page("monthly", past=accounts.earlier()), "opinion")

    assert "全部客户最近一次满意度平均 88.0，NPS 0.0" in found
    assert "全部客户 88.0 85.0 +3.0 2 0.0 -100.0 +100.0 2" in found


def test_health_by_colour_names_who_moved():
    found = section(page("monthly", past=accounts.earlier()), "health")

    assert "红 1 家，黄 1 家；变差 1 家" in found
    assert "客户1公司" in found


def test_the_sample_shows_its_seed_and_masks_personal_cells():
    found = section(page("monthly"), "data")

    assert f"抽样种子 2026-11|{policy().quality.seed}" in found
    assert "本月抽样，人工核对" in found


# --- quarterly --------------------------------------------------------------------------------------------------------


def test_what_cannot_be_measured_says_what_it_needs():
    assert "暂无数据，需要" in section(page("quarterly"), "quarter")


def test_strategies_not_done_in_time_stand_with_their_reason_or_with_none():
    found = section(page("quarterly"), "execution")

    assert (
        "91 天内到期的策略 3 条，完成 1 条；未按期完成的策略共 2 条（含更早到期和已延期的），其中 1 条没有记录原因"
        in found
    )
    assert "资源不足" in found
    assert "（没有记录原因）" in found


def test_plans_that_lack_something_say_what():
    found = section(page("quarterly"), "goals")

    assert "3 条执行中的策略里有 3 条要素不全" in found
    assert "缺少的要素：资源 3。" in found


def test_the_oldest_risks_come_first():
    whole = accounts.assessed("zh-CN")
    old = whole.matters.assign(age=whole.matters["age"].mask(whole.matters.index == len(whole.matters) - 1, 91))
    later = dataclasses.replace(accounts.with_frames(whole, matters=old), past=accounts.earlier(1))
    vars(later)["matters"] = old

    found = section(page("quarterly", assessment=later), "lasting")

    assert f"{len(old)} 项事项中 1 项已持续 91 天以上，最久 91 天" in found
    assert found.index(old["subject"].iloc[-1]) < found.index(old["subject"].iloc[0])


def test_a_first_night_knows_of_no_matter_how_long_it_lasts():
    text = page("quarterly")

    assert "首次运行，还不知道各事项持续了多久" in section(text, "lasting")
    assert re.search(r"持续一季度以上的事项 —", plain(text))


def test_roles_that_nobody_covers_are_listed_the_least_covered_first():
    found = section(page("quarterly"), "coverage")

    assert "决策角色不全" in found
    assert found.index("客户2公司") < found.index("客户1公司")


def test_renewals_ahead_show_the_health_of_the_customer():
    assert "90 天内续约 1 项，预计 80.0 万元，其中 1 项客户健康度为黄或红" in section(page("quarterly"), "renewals")


# --- half-yearly ------------------------------------------------------------------------------------------------------


def test_the_matrix_and_the_moves_say_who_moved_and_what_drove_it():
    text = page("half_yearly", past=accounts.earlier())

    assert "7 家两次都有层级的客户中，5 家不变，2 家变动" in section(text, "migration")
    assert "1 家客户升级" in section(text, "upgrades")
    assert "价值 +12.0 分，得分 +6.0" in section(text, "upgrades")
    assert "客户3公司" in section(text, "downgrades")


def test_a_move_that_no_mark_drove_says_so():
    past = accounts.earlier()
    own = past["customer_id"] == "C002"
    past.loc[own, ["value", "potential", "demand", "score"]] = [92.0, 92.0, 92.0, 92.0]

    assert "三个维度都没有朝这个方向变化" in section(page("half_yearly", past=past), "upgrades")


def test_who_is_due_for_re_evaluation():
    found = section(page("half_yearly"), "reevaluation")

    assert "评估已过期 1 家，即将到期 0 家；0 家从未评估" in found
    assert "客户8公司" in found


def with_evaluators(*rows):
    """The half-yearly page of a night on which these evaluators were held against each other."""
    assessment = dataclasses.replace(accounts.assessed("zh-CN", marked=True))
    vars(assessment)["severity"] = builders.frame(frames.ASSESSMENT["severity"], rows)
    return section(page("half_yearly", assessment=assessment), "severity")


def evaluator(name, verdict, points=None, group=1, customers=9):
    ends = {} if points is None else {"severity": points, "low": points - 1.5, "high": points + 1.5}
    return {"evaluator": name, "group": group, "customers": customers, "verdict": verdict, **ends}


def test_who_marks_strictly_or_generously_for_sure_comes_first():
    told = with_evaluators(
        evaluator("甲", "even", 0.4), evaluator("乙", "strict", -4.2), evaluator("丙", "generous", 3.8),
        evaluator("丁", "few", group=2, customers=2),
    )  # fmt: skip

    assert "明显偏严的评估人 1 位，明显偏宽的 1 位，其余 2 位看不出或共同的客户太少" in told
    assert "评估人分成 2 组" in told
    assert "另有 1 位评估人没有与别人共同评过客户" in told  # the one who judged everybody of the made-up night
    assert re.findall(r"([甲乙丙丁]) \d", told) == ["乙", "丙", "甲", "丁"]
    assert "乙 1 9 −4.2 −5.7 至 −2.7 ▼ 偏严" in told
    assert "丁 2 2 — — 共同的客户太少" in told


def test_a_table_of_evaluators_is_bounded():
    told = with_evaluators(*(evaluator(f"评{i:02}", "even", i / 10) for i in range(20)))

    assert len(re.findall(r"评\d\d", told)) == 12
    assert "只列出 12 位，其余见 archive/severity.parquet" in told


def test_too_few_to_compare_is_said_without_a_table():
    told = with_evaluators(evaluator("甲", "few"), evaluator("乙", "few"))

    assert "由几位评估人共同评过的客户太少" in told
    assert "甲" not in told


def test_who_is_not_there_tonight_keeps_the_name_of_before():
    tonight = pd.DataFrame({"name": ["甲"], "computed_tier": ["key"]}, index=pd.Index(["C001"], name="customer_id"))
    rows = pd.DataFrame({"customer_id": ["C001", "C002"], "name": ["甲（旧名）", "乙"]})

    found = meetings.Meeting.named(SimpleNamespace(names=tonight), rows)

    assert found["name"].tolist() == ["甲", "乙"]
    assert found["computed_tier"].isna().tolist() == [False, True]
