"""The page of a calibration says what it proposes, why not more, and who would move."""

import dataclasses
import re

import pytest

from kam_xl.core import policy as policies
from kam_xl.core.calibration import Calibrated
from kam_xl.core.failures import Strict
from kam_xl.core.policy import Weights
from kam_xl.core.separation import BETTER, NO_BETTER, TOO_FEW, Interval, Separation
from kam_xl.hosts.amending import amended
from kam_xl.reports import calibrated
from kam_xl.reports.meetings import Backdrop
from kam_xl.resources import policy, policy_text, words
from tests.reports import accounts
from tests.reports.test_summary import LANGUAGES, Outline
from tests.reports.test_views import plain, section

CUTS = policies.parse(amended(policy_text(), {"version": "cuts", "tier.strategic.low": 95.5}))
WEIGHTS = dataclasses.replace(policy(), version="weights", weights=Weights(0.8, 0.1, 0.1))
SURE = Interval(0.71, 0.65, 0.77)
ALONE = dict.fromkeys(("value", "potential", "demand"), SURE)
FOUND = Separation(BETTER, 40, 160, 7, SURE, ALONE, WEIGHTS.weights, Interval(0.09, 0.03, 0.15))
NONE = dataclasses.replace(FOUND, verdict=NO_BETTER, left_out=0, gain=Interval(0.01, -0.03, 0.05))


def found(cuts=None, weights=None, separation=FOUND, snapshot=None):
    snapshot = accounts.tonight() if snapshot is None else snapshot
    return Calibrated(snapshot, policy(), cuts, weights, separation, accounts.day(-180))


def page(made, lang="zh-CN"):
    return calibrated.render(made, Backdrop(words(lang), policy(), accounts.NOW, Strict()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("made", [{}, {"cuts": CUTS, "weights": WEIGHTS}, {"separation": None}])
def test_the_page_is_complete_in_itself(made, lang):
    outline = Outline(page(found(**made), lang))

    assert not {"script", "link", "img", "iframe", "base", "form"} & set(outline.tags)
    assert outline.open == []


def lead(made):
    text = page(made)
    return plain(re.search(r"<h1>(.*?)</h1>", text)[1]).strip()


def test_the_first_sentence_has_both_answers():
    assert lead(found(CUTS, WEIGHTS)) == (
        "调整分数线后 5 个层级中 0 个占比达标，3 家换层；权重 价值 80%、潜力 10%、需求 10% 更能分开流失和留下的客户"
    )
    assert lead(found(separation=NONE)) == "现行分数线已是最接近目标占比的；没有更好的权重可以提出"
    assert lead(found(separation=None)).endswith("历史还不够长，不试权重")
    assert lead(found(separation=Separation(TOO_FEW, 3, 160, 0))).endswith("流失的客户太少，不试权重")
    unscored = accounts.tonight().assign(score=float("nan"), tier=None)
    assert lead(found(snapshot=unscored)).startswith("还没有客户有得分，无法校准分数线；")


def test_each_tier_has_both_cut_offs_and_what_keeps_it_from_its_target():
    text = section(page(found(CUTS)), "cut_offs")

    assert "战略客户 90.0 95.5" in text
    assert "客户太少：目标区间里没有整数家" in text


def test_who_would_move_is_listed_by_cut_offs_and_by_weights():
    text = page(found(CUTS, WEIGHTS))

    assert [one in section(text, "would_move") for one in ("C001", "C002", "C003")] == [True, True, False]
    assert "C006" in section(text, "would_move_by_weights")
    assert 'id="would_move' not in page(found())


def test_weights_are_told_with_their_gain_interval_and_counts():
    text = section(page(found(CUTS, WEIGHTS)), "weighing")

    assert f"{accounts.day(-180)} 流失的 40 家".replace(" 流", " 以来流") in text
    assert "区分度提高 0.09（0.03 至 0.15）" in text
    assert "现有权重为 0.71（0.65 至 0.77）" in text
    assert "价值 50% 80% 0.71（0.65 至 0.77）" in text
    assert "另有 7 家不计" in text


def test_no_better_too_few_and_too_young_are_said_plainly():
    assert "没有权重确实好过现有的" in section(page(found(separation=NONE)), "weighing")
    few = section(page(found(separation=Separation(TOO_FEW, 3, 160, 0))), "weighing")
    assert "流失 3 家、留下 160 家，政策要求各不少于 30 家" in few
    assert f"还没有 {accounts.day(-180)} 或更早的快照" in section(page(found(separation=None)), "weighing")
