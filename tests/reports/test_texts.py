"""The words and the policy's texts: one name for one thing, and nothing promised that the numbers do not say."""

import re
from importlib.resources import files

import pytest

from kam_xl import resources
from kam_xl.core import history
from kam_xl.showing import theme

LANGUAGES = ("zh-CN", "en")


@pytest.mark.parametrize("name", ["master", "summary", "terms", "findings", "refusals"])
def test_the_master_workbook_has_one_name(name):
    text = (files("kam_xl") / "words" / f"{name}.toml").read_text("utf-8")

    assert not re.search("总表|主表", text)


def test_the_policy_is_called_one_thing():
    assert resources.policy().name("zh-CN") == "公司标准政策"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_change_has_its_word(lang):
    words = resources.words(lang)

    assert len({words(f"terms.change.{kind}") for kind in history.CHANGES}) == len(history.CHANGES)
    assert set(theme.CHANGE_VERDICTS) <= set(history.CHANGES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_remedy_of_a_fallen_score_names_another_date(lang):
    remedy = resources.policy().risk.score_fell.remedy(lang)

    assert not re.search(r"月|周|\d|month|week", remedy)


@pytest.mark.parametrize(
    "evaluator",
    [
        "总裁助理", "总裁办秘书", "总经理助理", "副总经理助理", "董事长秘书", "总监助理", "CEO秘书", "秘书 李",
        "Assistant to the President", "Assistant to the general manager", "Secretary to the chairman",
    ],
)  # fmt: skip
def test_an_assistant_does_not_rank_as_the_superior(evaluator):
    policy = resources.policy()

    assert policy.rank(evaluator) == len(policy.evaluator_rank) - 1


@pytest.mark.parametrize(("evaluator", "rank"), [("王总裁", 0), ("CEO", 0), ("副总裁", 2), ("董事会秘书", 2)])
def test_the_superior_keeps_the_rank(evaluator, rank):
    assert resources.policy().rank(evaluator) == rank
