"""A budget goes the same part of every pool's range, and no tenth of it is lost (handbook §8)."""

import dataclasses
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import budgets
from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Policy


def pools(policy: Policy, *ranges: tuple[float, float]) -> Policy:
    """The policy with other ranges for its pools, highest tier first."""
    order = [tier.budget_pool for tier in policy.tiers]
    of_pool = dict(zip(dict.fromkeys(order), ranges, strict=True))
    tiers = tuple(
        dataclasses.replace(tier, budget_low=of_pool[tier.budget_pool][0], budget_high=of_pool[tier.budget_pool][1])
        for tier in policy.tiers
    )
    return dataclasses.replace(policy, tiers=tiers)


def test_the_budget_goes_the_same_part_of_every_range(policy: Policy) -> None:
    split = budgets.split(500, policy)
    assert split.columns.tolist() == list(budgets.COLUMNS)
    assert split.to_numpy().tolist() == [
        ["strategic", ("strategic",), 0.30, 0.40, 0.38, 190.0],
        ["key", ("key",), 0.25, 0.30, 0.29, 145.0],
        ["standard", ("regular", "optimize"), 0.10, 0.15, 0.14, 70.0],
        ["potential", ("potential",), 0.15, 0.20, 0.19, 95.0],
    ]
    assert budgets.part(policy) == pytest.approx(0.8)


def test_the_split_says_why(policy: Policy, words_in) -> None:
    assert "（80%），合计恰为 100%：下限合计 80%，上限合计 105%" in budgets.why(policy, words_in("zh-CN"))
    assert "the lowest sum to 80%, the highest to 105%" in budgets.why(policy, words_in("en"))


@pytest.mark.parametrize(
    ("total", "amounts"),
    [
        (0, [0, 0, 0, 0]),
        (0.1, [0.1, 0, 0, 0]),
        (0.3, [0.1, 0.1, 0, 0.1]),
        (1, [0.4, 0.3, 0.1, 0.2]),
        (123.4, [46.9, 35.8, 17.3, 23.4]),
        (100.05, [38.05, 29, 14, 19]),  # what lies below a tenth stays with the largest
        (np.float64(1e9), [3.8e8, 2.9e8, 1.4e8, 1.9e8]),
    ],
)
def test_amounts_are_tenths_that_sum_to_the_total(policy: Policy, total: float, amounts: list) -> None:
    assert budgets.split(total, policy)["amount"].tolist() == amounts


@given(st.decimals(0, 10**7, places=2))
def test_no_tenth_is_lost(policy: Policy, total: Decimal) -> None:
    split = budgets.split(float(total), policy)
    assert sum(Decimal(str(amount)) for amount in split["amount"]) == total
    assert (split["amount"] >= 0).all()
    assert ((split["amount"] - split["share"] * float(total)).abs() < 0.2).all()
    assert (split["share"].between(split["low"], split["high"])).all()
    assert split["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize("total", [float("nan"), -1, float("inf")])
def test_no_total_no_amounts(policy: Policy, total: float) -> None:
    split = budgets.split(total, policy)
    assert split["amount"].isna().all()
    assert split["share"].tolist() == [0.38, 0.29, 0.14, 0.19]


def test_ranges_that_meet_at_the_whole_leave_no_choice(policy: Policy) -> None:
    least = budgets.split(90, pools(policy, (0.4, 0.5), (0.3, 0.5), (0.1, 0.5), (0.2, 0.5)))
    assert least["share"].tolist() == [0.4, 0.3, 0.1, 0.2]
    most = budgets.split(90, pools(policy, (0.1, 0.4), (0.1, 0.3), (0, 0.1), (0, 0.2)))
    assert most["share"].tolist() == [0.4, 0.3, 0.1, 0.2]
    fixed = pools(policy, (0.4, 0.4), (0.3, 0.3), (0.1, 0.1), (0.2, 0.2))
    assert budgets.split(90, fixed)["amount"].tolist() == [36, 27, 9, 18]


@pytest.mark.parametrize("ranges", [[(0.3, 0.4)] * 4, [(0.1, 0.2)] * 4])
def test_ranges_that_cannot_sum_to_the_whole_are_refused(policy: Policy, ranges: list) -> None:
    with pytest.raises(PolicyError, match="The budget shares cannot all be met") as refused:
        budgets.split(100, pools(policy, *ranges))
    assert refused.value.zh.startswith("预算占比无法同时满足：下限合计")
