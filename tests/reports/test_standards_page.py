"""The handbook of service standards says what the policy says, every figure of it, and nothing that was typed twice."""

import datetime as dt
import re

import pytest

from kam_xl import resources
from kam_xl.core import policy as policies
from kam_xl.core.words import LANGUAGES
from kam_xl.hosts import amending
from kam_xl.reports import standards_page
from kam_xl.resources import words
from tests.reports.test_summary import Outline

IN_BOTH = pytest.mark.parametrize("lang", LANGUAGES)
NOW = dt.datetime(2026, 11, 1, 2)


def page(lang="zh-CN", changes=None):
    policy = policies.parse(amending.amended(resources.policy_text(), changes or {}))
    return standards_page.render(policy, words(lang), NOW)


def text_of(shown):
    return " ".join(Outline(shown).text.split())


@IN_BOTH
def test_the_handbook_is_the_golden_one(lang, golden):
    golden(f"standards.{lang}.html", page(lang).partition("<body>")[2])


#: Key of the policy → another value, and how the handbook tells it.
TOLD = {
    "version": ("2031.7", "2031.7"), "tier.strategic.zh": ("甲类客户", "甲类客户"), "tier.strategic.class": ("S类", "S类"),
    "tier.key.low": (71, "71 至 90"), "tier.key.target_high": (0.23, "20%–23%"), "tier.key.cadence_days": (77, "77 天"),
    "tier.key.sla_hours": (7, "普通：7 小时内答复"), "tier.potential.strategy.zh": ("另一条策略", "另一条策略"),
    "tier.potential.measures.zh": ("另一些措施", "另一些措施"), "tier.optimize.departments.zh": ("某部", "某部"),
    "tier.optimize.support.zh": ("某种工具", "某种工具"), "tier.regular.goals.zh": ("某个目标", "某个目标"),
    "tier.regular.owner.zh": ("某团队", "某团队"), "budget.key.high": (0.295, "29.5%"), "sla.ordinary_hours": (23, "普通：23 小时内答复"),
    "sla.major_hours": (1, "1 / 7 小时"), "service.resolve_hours.major": (17, "17 小时内解决"),
    "service.resolve_hours.ordinary": (44, "44 小时内解决"), "service.repeat_days": (171, "171 天内"),
    "service.repeat_customer": (4, "出现 4 次"), "service.repeat_across": (6, "合计出现 6 次"),
    "service.repeat_across_share": (0.125, "12.5%"), "risk.silent_customer.silence_factor": (1.7, "153 天没有成交"),
    "risk.satisfaction_low.targets.regular": (86, "不低于 86 分"), "risk.missing_role.roles": (["user"], "使用部门各有联系人"), "risk.evaluation_stale.months": (7, "满 7 个月"),
    "matters.escalate_days": (3, "超过 3 个工作日"), "matters.per_day": (9, "9 件事项"),
    "matters.visit_within.complaint": (4, "4 个工作日内拜访"), "matters.visit_within.high": (11, "11 个工作日内拜访"),
    "plan.visits_per_day": (3, "3 次拜访"), "plan.renewal_days": ([75, 45], "续约 75、45 天"), "plan.trial_days": (13, "试用到期 13 天"),
    "plan.birthday_days": (12, "合作周年 12 天"), "plan.tracking_days": (31, "策略 31 天没有更新"),
    "plan.root_cause_days": (15, "15 天内做根因分析"), "plan.root_cause_owner.zh": ("某负责人", "由某负责人分析"),
    "lifecycle.new_days": (181, "181 天内是新客户"), "lifecycle.lost_days": (366, "366 天没有成交"),
    "calendar.opens": ("08:30", "08:30–18:00"), "calendar.weekdays": ([2, 3], "：周二、周三 08"),
    "unscored_owner.zh": ("某个团队", "由某个团队负责"), "hysteresis": (2, "越过界线 2 分"),
}  # fmt: skip


def test_what_changes_in_the_policy_changes_in_the_handbook():
    before, after = text_of(page()), text_of(page(changes={key: value for key, (value, _) in TOLD.items()}))

    assert {key: told for key, (_, told) in TOLD.items() if told in before or told not in after} == {}


def test_another_clock_and_another_preset_are_told():
    told = text_of(page(changes={"calendar.clock": "calendar", "preset": "crisis"}))

    assert "按自然小时计" in told
    assert "危机应对期" in told
    assert "60% 价值 + 10% 潜力 + 30% 需求" in told


def test_the_weights_are_the_policys_too():
    told = text_of(page(changes={"weights.value": 0.45, "weights.demand": 0.25}))

    assert "45% 价值 + 30% 潜力 + 25% 需求" in told


@IN_BOTH
def test_no_figure_stands_in_the_sentences_themselves(lang):
    said = {key: text for key, text in words(lang).texts.items() if key.startswith("standards.")}

    assert len(said) > 60
    assert {key: text for key, text in said.items() if re.search(r"\d", text)} == {}


@IN_BOTH
def test_the_page_is_complete_in_itself_and_opens_in_a_word_processor(lang):
    shown = page(lang)
    outline, style = Outline(shown), shown.partition("div.book {")[2].partition("</style>")[0]

    assert not {"script", "link", "img", "iframe", "form"} & set(outline.tags)
    assert outline.open == []
    assert not re.search(r"var\(|grid|flex", style)  # a word processor knows none of these
    assert "<w:View>Print</w:View>" in shown
    assert 'bgcolor="#1E3A5F"' in shown
