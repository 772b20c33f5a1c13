"""The shipped policy is complete, and a slip in it is refused with the key, the value and what is allowed."""

import dataclasses
import re

import pytest

from kam_xl.core import policy as policies
from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Indicators, Policy, Weights


def test_the_shipped_policy_says_what_the_handbook_says(policy: Policy) -> None:
    assert policy.weights == Weights(0.5, 0.3, 0.2)
    assert [(tier.key, tier.zh, tier.low, tier.high) for tier in policy.tiers] == [
        ("strategic", "战略客户", 90, 100),
        ("key", "重点客户", 70, 90),
        ("regular", "普通客户", 50, 70),
        ("potential", "潜力客户", 30, 50),
        ("optimize", "待优化客户", 0, 30),
    ]
    assert [(tier.target_low, tier.target_high) for tier in policy.tiers] == [
        (0.10, 0.15), (0.20, 0.25), (0.50, 0.60), (0.05, 0.10), (0.0, 0.05),
    ]  # fmt: skip
    assert [tier.class_ for tier in policy.tiers] == ["A", "B", "C", "B", "C"]
    assert [tier.cadence_days for tier in policy.tiers] == [90, 90, 180, 60, 365]
    assert [tier.sla_hours for tier in policy.tiers] == [2, 8, 24, 24, 24]
    assert policy.tiers[0].strategy("zh-CN") == "深度绑定，生态共建"
    assert policy.tiers[0].owner("en").startswith("Sales director")
    assert (policy.tiers[2].budget_low, policy.tiers[4].budget_high) == (0.10, 0.15)
    assert policy.amount_rule == "sum"
    assert policy.hysteresis == 0
    assert policy.indicators == Indicators(
        {"profit": 0.5, "tenure": 0.5},
        {"growth": 0.3, "needs": 0.7},
        {"service": 0.3, "price": 0.7},
        top_level=5,
        profit_base="enterprise_total",
    )
    assert (policy.sla.major_hours, policy.sla.ordinary_hours) == (2, 24)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "value = 0.5\n",
            "value = 0.6\n",
            "weights.value + weights.potential + weights.demand = 1.1; allowed: a sum of 1",
        ),
        ("value = 0.5\n", "value = -0.5\n", "weights.value = -0.5; allowed: a weight from 0 to 1"),
        ("value = 0.5\n", "value = nan\n", "weights.value = nan"),
        ("value = 0.5\n", "", "lacks weights.value"),
        (
            "value = 0.5\n",
            "worth = 0.5\n",
            "weights.worth = 0.5; allowed: no such key; known are value, potential, demand",
        ),
        ("low = 70\n", "low = 95\n", "tier.key.low = 95; allowed: less than 90"),
        ("low = 70\n", "low = 50\n", "tier.regular.low = 50; allowed: less than 50"),
        ("low = 0\n", "low = 10\n", "tier.optimize.low = 10; allowed: 0"),
        ("low = 90\n", 'low = "90"\n', "tier.strategic.low = '90'; allowed: a number from 0 to 100"),
        ("target_low = 0.10\n", "target_low = 0.2\n", "tier.strategic.target_low = 0.2; allowed: at most"),
        ("target_high = 0.15", "target_high = 15", "tier.strategic.target_high = 15; allowed: a share from 0 to 1"),
        (
            "sla_hours = 8\n",
            "sla_hours = 8.5\n",
            "tier.key.sla_hours = 8.5; allowed: a whole number of hours, 1 or more",
        ),
        ("sla_hours = 8\n", "sla_hours = true\n", "tier.key.sla_hours = True"),
        ('class = "B"\n', "", "lacks tier.key.class"),
        ("[tier.potential]", "[tier.prospect]", "tier.prospect"),
        (
            "top_level = 5\n",
            "top_level = 1\n",
            "indicators.top_level = 1; allowed: a whole number of levels, 2 or more",
        ),
        (
            "profit = 0.5 ",
            "profit = 0.6 ",
            "indicators.value.profit + indicators.value.tenure = 1.1; allowed: a sum of 1",
        ),
        ("needs = 0.7 ", "needs = -0.7 ", "indicators.potential.needs = -0.7; allowed: a weight from 0 to 1"),
        ("[indicators.demand]", "[indicators.wants]", "indicators.wants"),
        ("price = 0.7 ", "prise = 0.7 ", "indicators.demand.prise"),
        ("major_hours = 2 ", "major_hours = 0 ", "sla.major_hours = 0; allowed: a whole number of hours, 1 or more"),
        ("ordinary_hours = 24 ", "hours = 24 ", "sla.hours"),
        ('{ zh = "提升黏性，挖掘增量", en =', '{ zh = "提升黏性，挖掘增量", english =', "tier.key.strategy"),
        ("{ value = [70, 100],", "{ worth = [70, 100],", "tier.strategic.profile"),
        ("{ value = [70, 100],", "{ value = [100, 70],", "tier.strategic.profile"),
        ('["regular", "optimize"]', '["regular"]', "optimize has none"),
        ('["regular", "optimize"]', '["regular", "optimize", "key"]', "every tier in one pool only"),
        ('amount_rule = "sum"', 'amount_rule = "mean"', "amount_rule = 'mean'; allowed: sum | latest | largest"),
        ("keep_phones = true", "keep_phones = 1", "keep_phones = 1; allowed: true | false"),
        ("hysteresis = 0\n", "hysteresis = 10\n", "hysteresis = 10; allowed: less than the narrowest band, 10"),
        ('preset = ""', 'preset = "boom"', "preset = 'boom'; allowed: expansion | deepening | transition | crisis"),
        ("key = [0.15, 0.20]\n", "", "presets.expansion.targets"),
        ("weights = { value = 0.3,", "weights = { value = 0.4,", "presets.expansion.weights.value +"),
        ("[risk.concentration]", "[risk.concentrated]", "risk.concentrated"),
        ("months = 6 ", "months = 0 ", "risk.evaluation_stale.months = 0"),
        ("fall_share = 0.10", "fall_share = 10", "risk.amount_fell.fall_share = 10; allowed: a share from 0 to 1"),
        (
            'severity = "high"',
            'severity = "urgent"',
            "risk.silent_customer.severity = 'urgent'; allowed: high | medium | low",
        ),
        ("high = 10\n", "high = -1\n", "risk_points.high = -1"),
        ("（最近一次 {last}）", "（最近一次 {latest}）", "risk.silent_customer.evidence.zh"),
        ("（最近一次 {last}）", "（最近一次 {last）", "risk.silent_customer.evidence.zh"),
        ("hysteresis = 0\n", "hysteresis = 0\ncolour = 1\n", "colour = 1"),
        ("hysteresis = 0\n", "hysteresis = \n", "not valid TOML"),
    ],
)
def test_a_slip_is_refused_by_name(policy_text: str, old: str, new: str, sentence: str) -> None:
    assert old in policy_text
    with pytest.raises(PolicyError, match=re.escape(sentence)):
        policies.parse(policy_text.replace(old, new, 1))


def test_of_one_text_there_is_one_policy_and_of_another_another(policy_text: str) -> None:
    policy = policies.parse(policy_text)

    assert policies.parse("".join(policy_text)) is policy
    assert policies.parse(policy_text.replace("hysteresis = 0", "hysteresis = 5")) != policy


def test_weights_may_miss_a_sum_of_one_by_a_rounding_error(policy_text: str) -> None:
    odd = policy_text.replace(
        "value = 0.5\npotential = 0.3\ndemand = 0.2", "value = 0.6\npotential = 0.3\ndemand = 0.1"
    )
    assert sum((0.6, 0.3, 0.1)) != 1
    assert policies.parse(odd).weights == Weights(0.6, 0.3, 0.1)


@pytest.mark.parametrize(
    ("typed", "weights"),
    [
        ((0.5, 0.3, 0.2), (0.5, 0.3, 0.2)),
        ((50, 30, 20), (0.5, 0.3, 0.2)),
        ((0.6, 0.3, 0.1), (0.6, 0.3, 0.1)),
        ((33.3, 33.3, 33.4), (0.333, 0.333, 0.334)),
        ((1, 0, 0), (1, 0, 0)),
        ((0, 100, 0), (0, 1, 0)),
    ],
)
def test_weights_may_be_typed_as_fractions_or_percentages(typed: tuple, weights: tuple) -> None:
    assert dataclasses.astuple(policies.typed_weights(*typed)) == pytest.approx(weights, abs=1e-15)


@pytest.mark.parametrize(
    "typed",
    [
        (0.5, 0.3, 0.3), (0, 0, 0), (-0.5, 1.3, 0.2), (-10, 90, 20), (5, 3, 2), (0.333, 0.333, 0.333), (50, 0.3, 20),
        (float("nan"), 0.5, 0.5), (float("inf"), 0, 0),
    ],
)  # fmt: skip
def test_weights_that_could_mean_anything_else_are_refused_in_both_languages(typed: tuple) -> None:
    with pytest.raises(PolicyError, match="three weights of 0 or more that sum to 1 or 100") as refused:
        policies.typed_weights(*typed)
    assert "三个不小于 0 的权重" in refused.value.zh
    assert f"{typed[0]:g}" in refused.value.zh


@pytest.mark.parametrize("key", ["expansion", "deepening", "transition", "crisis"])
def test_a_preset_replaces_weights_and_targets_only(policy: Policy, policy_text: str, key: str) -> None:
    chosen = policy.with_preset(key)
    assert chosen == policies.parse(policy_text.replace('preset = ""', f'preset = "{key}"', 1))
    assert chosen.weights != policy.weights
    assert chosen.tiers != policy.tiers
    assert [tier.low for tier in chosen.tiers] == [tier.low for tier in policy.tiers]
    assert sum(tier.target_low for tier in chosen.tiers) <= 1 <= sum(tier.target_high for tier in chosen.tiers)


def test_an_unknown_preset_is_refused(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="preset = 'boom'; allowed: expansion"):
        policy.with_preset("boom")


def test_the_longest_title_ranks_an_evaluator(policy: Policy) -> None:
    names = ["张总经理", "王副总经理", "李总监（销售）", "赵副总监", "Ann Lee (sales director)", "钱经理"]
    assert [policy.rank(name) for name in names] == [1, 2, 3, 4, 3, 5]
    assert policy.rank("王芳") is None


def test_a_slip_is_told_in_chinese_too(policy_text: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policies.parse(policy_text.replace("low = 70\n", "low = 95\n", 1))
    assert refused.value.zh == "政策文件中 tier.key.low = 95 无效；允许：小于 90，即本层级区间的上限。"


# --- a policy that an earlier version kept -----------------------------------------------------------------------------


def without(text: str, start: str, end: str) -> str:
    """The text without what stands from one mark up to another."""
    before, _, rest = text.partition(start)
    return before + end + rest.partition(end)[2]


def test_a_remembered_policy_of_this_version_is_what_it_is(policy_text):
    other = policy_text.replace("low = 70", "low = 72").replace('preset = ""', 'preset = "crisis"')

    assert policies.remembered(other, policy_text) == policies.parse(other)


def test_what_a_remembered_policy_did_not_have_yet_is_as_shipped_and_all_else_its_own(policy_text):
    old = policy_text.replace("low = 70", "low = 72").replace("all_days = 60\n", "")
    old = without(old, "[risk.data_quality]", "# ------") + "\n[forgotten]\nkey = 1\n"
    old = without(old, "[calibration]", "# ------").replace("silence_factor = 1.5", "silence_factor = 2.5")

    found = policies.remembered(old, policy_text)

    shipped = policies.parse(policy_text)
    assert found.tiers[1].low == 72
    assert found.risk.silent_customer.silence_factor == 2.5
    assert (found.store.all_days, found.calibration, found.risk.data_quality) == (
        60, shipped.calibration, shipped.risk.data_quality)  # fmt: skip


def test_pools_and_presets_of_a_remembered_policy_are_its_own_alone(policy_text):
    old = without(policy_text, "[presets.crisis]", "@@").replace("@@", "")
    old = old.replace("[budget.standard]", "[budget.rest]")

    found = policies.remembered(old, policy_text)

    assert [*found.presets] == ["expansion", "deepening", "transition"]
    assert found.tiers[-1].budget_pool == "rest"


def test_a_remembered_policy_that_cannot_be_is_refused_all_the_same(policy_text):
    with pytest.raises(PolicyError, match="weights"):
        policies.remembered(policy_text.replace("value = 0.5", "value = 0.6", 1), policy_text)
    with pytest.raises(ValueError, match="Expected"):
        policies.remembered("no toml", policy_text)
