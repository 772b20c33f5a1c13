"""Marks and the composite score are what a person with paper and pencil gets (handbook §3)."""

import dataclasses
import datetime as dt
import inspect
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import scoring
from kam_xl.core.policy import Indicators, Policy, Weights
from kam_xl.core.portfolio import Portfolio, cells

NAN = float("nan")
WEIGHTS = Weights(0.5, 0.3, 0.2)
marks = st.decimals(0, 100, places=2)


def column(*numbers: float) -> pd.Series:
    return pd.Series(numbers, dtype="float64")


def score(value: float, potential: float, demand: float, weights: Weights = WEIGHTS) -> float:
    return scoring.composite(column(value), column(potential), column(demand), weights)[0]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [((92, 88, 85), 89.4), ((55, 45, 70), 55.0), ((100, 100, 100), 100.0), ((0, 0, 0), 0.0), ((89.9, 89, 89), 89.5)],
)
def test_the_sources_example_and_the_ends(policy: Policy, typed: tuple[float, ...], expected: float) -> None:
    assert score(*typed, policy.weights) == expected


@pytest.mark.parametrize(
    ("x", "rounded"),
    [
        (89.45, 89.5),
        (0.05, 0.1),
        (26.75, 26.8),
        (-0.25, -0.3),
        (89.449, 89.4),
        (89.44999999, 89.4),
        (1.15, 1.2),
        (0, 0),
    ],
)
def test_rounding_is_half_away_from_zero_on_the_decimal_value(x: float, rounded: float) -> None:
    assert scoring.round_half_away(column(x), 1)[0] == rounded


@given(marks, marks, marks, st.integers(0, 100), st.integers(0, 100))
def test_the_score_equals_decimal_arithmetic(
    value: Decimal, potential: Decimal, demand: Decimal, a: int, b: int
) -> None:
    first, last = sorted((a, b))
    parts = [Decimal(part) / 100 for part in (first, last - first, 100 - last)]
    exact = parts[0] * value + parts[1] * potential + parts[2] * demand
    expected = float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))
    assert score(float(value), float(potential), float(demand), Weights(*map(float, parts))) == expected


@given(marks, marks, marks, marks)
def test_raising_a_mark_never_lowers_the_score(
    value: Decimal, potential: Decimal, demand: Decimal, more: Decimal
) -> None:
    low, high = sorted((float(value), float(more)))
    for place in range(3):
        rest = [float(potential), float(demand)]
        assert score(*rest[:place], low, *rest[place:]) <= score(*rest[:place], high, *rest[place:])


def test_an_unknown_mark_makes_the_score_unknown() -> None:
    known = column(50, np.nan, 50, 50)
    assert scoring.composite(known, column(50, 50, np.nan, 50), column(50, 50, 50, 50), WEIGHTS).isna().tolist() == [
        False, True, True, False,
    ]  # fmt: skip


# --- marks from indicators ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicators", "mark"),
    [
        ((10, 100, 8, 8), 55),  # the handbook's example: a tenth of the profit and the longest tenure
        ((100, 100, 8, 8), 100),
        ((0, 100, 0, 8), 0),
        ((-5, 100, 8, 8), 50),  # a loss counts 0
        ((10, 100, -1, 8), 5),
        ((200, 100, 9, 8), 100),  # no more than the whole
        ((1, 3, 1, 3), 33.333333),
        ((2, 3, 2, 3), 66.666667),
        ((10, 0, 8, 8), NAN),
        ((10, -100, 8, 8), NAN),  # nobody knows the share of a loss
        ((10, 100, 8, 0), NAN),
        ((NAN, 100, 8, 8), NAN),
        ((10, NAN, 8, 8), NAN),
        ((10, 100, NAN, 8), NAN),
        ((10, 100, 8, NAN), NAN),
    ],
)
def test_value_from_profit_and_tenure(policy: Policy, indicators: tuple, mark: float) -> None:
    assert scoring.value_from(*map(column, indicators), policy).tolist() == pytest.approx([mark], nan_ok=True, abs=0)


@pytest.mark.parametrize(
    ("indicators", "mark"),
    [
        ((0.1, 0.2, 3, 5), 57),
        ((-0.1, 0.2, 5, 5), 70),  # a shrinking industry counts 0
        ((0.3, 0.2, 0, 5), 30),
        ((0.1, 0, 3, 5), NAN),
        ((0.1, -0.2, 3, 5), NAN),
        ((0.1, 0.2, 0, 0), NAN),
        ((0.1, 0.2, NAN, 5), NAN),
    ],
)
def test_potential_from_growth_and_needs(policy: Policy, indicators: tuple, mark: float) -> None:
    assert scoring.potential_from(*map(column, indicators), policy).tolist() == pytest.approx(
        [mark], nan_ok=True, abs=0
    )


@pytest.mark.parametrize(
    ("service", "price", "mark"),
    [
        (5, 1, 100),
        (1, 5, 20),  # the least there is
        (3, 3, 60),
        (2.5, 1, 85),
        (0, 3, NAN),
        (6, 3, NAN),
        (3, 0.5, NAN),
        (3, NAN, NAN),
    ],
)
def test_demand_from_sensitivities(policy: Policy, service: float, price: float, mark: float) -> None:
    found = scoring.demand_from(column(service), column(price), policy)
    assert found.tolist() == pytest.approx([mark], nan_ok=True, abs=0)


def test_the_terms_of_the_policy_decide(policy: Policy) -> None:
    other = dataclasses.replace(
        policy,
        indicators=Indicators(
            {"profit": 1, "tenure": 0}, {"growth": 0, "needs": 1}, {"service": 1, "price": 0}, 10, "enterprise_total"
        ),
    )
    assert scoring.value_from(column(1), column(4), column(8), column(8), other).tolist() == [25]
    assert scoring.potential_from(column(1), column(1), column(1), column(4), other).tolist() == [25]
    assert scoring.demand_from(column(7), column(10), other).tolist() == [70]
    assert scoring.value_from(column(1), column(4), column(NAN), column(8), other).isna().all()  # still unknown


@given(*[st.floats(-1e6, 1e6)] * 4)
def test_a_computed_mark_is_a_mark_or_unknown(policy: Policy, a: float, b: float, c: float, d: float) -> None:
    for found in (
        scoring.value_from(*map(column, (a, b, c, d)), policy),
        scoring.potential_from(*map(column, (a, b, c, d)), policy),
        scoring.demand_from(column(a), column(b), policy),
    ):
        assert found.isna().all() or found.between(0, 100).all()


def test_what_is_wrong_with_indicators_is_said(policy: Policy, words_in) -> None:
    typed = pd.DataFrame({
        "profit": [10, -5, NAN], "profit_base": [100.0, 100, 0], "tenure": [8.0, 8, -1], "longest_tenure": [8.0, 8, NAN],
    })  # fmt: skip
    assert scoring.indicator_notes(typed, policy, words_in("zh-CN")).tolist() == [
        "", "利润为负，按 0 计", "缺少利润；利润基数须大于 0；合作时长为负，按 0 计；缺少最长合作时长",
    ]  # fmt: skip
    levels = pd.DataFrame({"service_sensitivity": [5.0, 6, -1], "price_sensitivity": [1.0, 0.5, NAN]})
    assert scoring.indicator_notes(levels, policy, words_in("en")).tolist() == [
        "",
        "service sensitivity must be a level from 1 to 5; price sensitivity must be a level from 1 to 5",
        "service sensitivity must be a level from 1 to 5; price sensitivity is missing",
    ]


def test_indicators_are_named_in_words_and_in_the_functions(words_in) -> None:
    named = {key.rpartition(".")[2] for key in words_in("en").texts if key.startswith("indicator.name.")}
    functions = (scoring.value_from, scoring.potential_from, scoring.demand_from)
    assert named == {name for function in functions for name in inspect.signature(function).parameters} - {"policy"}


# --- marks of a portfolio ----------------------------------------------------------------------------------------

COMPLETE = {
    "profit": 30.0, "tenure": 5.0, "growth": 0.1, "open_needs": 3.0, "total_needs": 5.0, "service_sensitivity": 5.0,
    "price_sensitivity": 1.0, "as_of": dt.date(2024, 1, 1),
}  # fmt: skip


def two(a_portfolio: Callable, first: dict | None = None, **more: object) -> Portfolio:
    """C001 with the given indicators beside C002, who has 70 of 100 profit, the longest tenure and the most growth."""
    second = COMPLETE | {"customer_id": "C002", "profit": 70.0, "tenure": 10.0, "growth": 0.2}
    return a_portfolio(
        customers=[{"customer_id": "C001", "since": dt.date(2022, 1, 1)}, {"customer_id": "C002"}],
        indicators=[COMPLETE | (first or {}), second],
        **more,
    )


def marks_of(portfolio: Portfolio, policy: Policy, customer_id: str = "C001") -> list[float]:
    found = scoring.from_indicators(portfolio.indicators, portfolio.customers, policy)
    return found.loc[customer_id].tolist()


def test_marks_are_measured_by_the_whole_portfolio(a_portfolio: Callable, policy: Policy) -> None:
    assert marks_of(two(a_portfolio), policy) == [40, 57, 100]  # 30 of 100 profit, half the tenure, half the growth
    assert marks_of(two(a_portfolio), policy, "C002") == [85, 72, 100]


@pytest.mark.parametrize(
    ("base", "profit", "value"),
    [
        ("enterprise_total", 30.0, 40),
        ("enterprise_total", -30.0, 25),  # a loss counts 0, in the total too
        ("largest_customer", 35.0, 50),
        ("largest_customer", 140.0, 75),
        ("percentile", 30.0, 50),  # the lower of two
        ("percentile", NAN, NAN),
    ],
)
def test_the_policy_chooses_what_profit_is_measured_by(
    a_portfolio: Callable, policy: Policy, base: str, profit: float, value: float
) -> None:
    other = dataclasses.replace(policy, indicators=dataclasses.replace(policy.indicators, profit_base=base))
    assert marks_of(two(a_portfolio, {"profit": profit}), other)[0] == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("first", "value"),
    [
        ({"tenure": NAN, "as_of": dt.date(2024, 1, 1)}, 15 + 50 * 730 / 365.25 / 10),  # since 2022-01-01
        ({"tenure": NAN, "as_of": dt.date(2021, 12, 31)}, NAN),  # before it began
        ({"tenure": NAN, "as_of": None}, NAN),
    ],
)
def test_a_tenure_nobody_typed_runs_from_the_start(
    a_portfolio: Callable, policy: Policy, first: dict, value: float
) -> None:
    assert marks_of(two(a_portfolio, first), policy)[0] == pytest.approx(value, nan_ok=True, abs=1e-5)


def test_only_deciding_rows_of_known_customers_count(a_portfolio: Callable, policy: Policy) -> None:
    strange = COMPLETE | {"customer_id": "C009", "profit": 1e6}
    older = COMPLETE | {"profit": 1e6, "current": False}
    portfolio = a_portfolio(indicators=[COMPLETE, older, strange])
    found = scoring.from_indicators(portfolio.indicators, portfolio.customers, policy)
    assert found.index.tolist() == ["C001"]
    assert found.loc["C001"].tolist() == [100, 72, 100]


def test_without_indicators_nothing_changes(a_portfolio: Callable, policy: Policy) -> None:
    portfolio = a_portfolio()
    found = scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, policy)
    pd.testing.assert_frame_equal(found.drop(columns=["computed_dimensions", "sheet_kind"]), portfolio.evaluations)
    assert found["sheet_kind"].tolist() == ["evaluation"]
    assert found["computed_dimensions"].isna().all()


@pytest.mark.parametrize(
    ("typed", "marks", "said"),
    [
        ({}, [60, 60, 60], None),
        ({"value": NAN}, [40, 60, 60], "value"),
        ({"value": NAN, "demand": NAN}, [40, 60, 100], "value、demand"),
        ({"value": NAN, "value_reason": "九十二"}, [NAN, 60, 60], None),  # somebody gave a mark, it cannot be read
        ({"value": NAN, "current": False}, [NAN, 60, 60], None),  # made of what was known then
    ],
)
def test_what_the_evaluator_typed_decides(
    a_portfolio: Callable, policy: Policy, typed: dict, marks: list[float], said: str | None
) -> None:
    portfolio = two(a_portfolio, evaluations=[typed, {"customer_id": "C002"}])
    found = scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, policy).iloc[0]
    assert found[["value", "potential", "demand"]].tolist() == pytest.approx(marks, nan_ok=True)
    assert (None if pd.isna(found["computed_dimensions"]) else found["computed_dimensions"]) == said


def test_a_customer_nobody_evaluated_gets_one_evaluation_from_its_indicators(
    a_portfolio: Callable, policy: Policy
) -> None:
    portfolio = two(a_portfolio, {"open_needs": NAN, "row": 7}, evaluations=[{"customer_id": "C002"}])
    found = scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, policy)
    made = found.iloc[0]
    assert found["customer_id"].tolist() == ["C001", "C002"]
    added = ["computed_dimensions", "sheet_kind"]
    assert found.dtypes.drop(added).to_dict() == portfolio.evaluations.dtypes.to_dict()
    assert {str(found[name].dtype) for name in added} == {"str"}
    assert (made["value"], made["demand"], made["computed_dimensions"]) == (40, 100, "value、demand")
    assert pd.isna(made["potential"])
    assert made[["sheet", "row", "current", "team"]].tolist() == ["评分指标", 7, True, "华东"]
    assert made["evaluated_on"] == pd.Timestamp(2024, 1, 1)
    columns = {made["sheet"]: {}, found["sheet"][1]: {"evaluated_on": "G", "value": "B"}}
    letters = {("华东.xlsx", kind): columns for kind in ("evaluation", "indicators")}
    assert cells(letters, found, "evaluation", "evaluated_on").tolist() == ["A7", "G2"]


def test_indicators_that_make_no_mark_make_no_evaluation(a_portfolio: Callable, policy: Policy) -> None:
    portfolio = a_portfolio(evaluations=[], indicators=[{"profit": 5.0}])
    assert scoring.filled(portfolio.evaluations, portfolio.indicators, portfolio.customers, policy).empty


# --- recorded scores ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("computed", "recorded", "verdict"),
    [
        ((89.4, "key"), (89.4, "key"), "match"),
        ((89.4, "key"), (89.44, "key"), "match"),
        ((89.5, "key"), (89.45, "key"), "match"),
        ((89.4, "key"), (89.45, "key"), "score_differs"),
        ((55.0, "regular"), (56.5, "regular"), "score_differs"),
        ((89.4, "key"), (89.6, "strategic"), "tier_differs"),
        ((89.4, "key"), (np.nan, "key"), "match"),
        ((89.4, "key"), (89.4, None), "match"),
        ((89.4, "key"), (np.nan, "strategic"), "tier_differs"),
        ((89.4, "key"), (np.nan, None), "unrecorded"),
        ((np.nan, None), (89.6, "strategic"), "unknown"),
        ((np.nan, None), (np.nan, None), "unknown"),
    ],
)
def test_recorded_beside_computed(computed: tuple, recorded: tuple, verdict: str) -> None:
    tiers = [pd.Series([tier], dtype="str") for tier in (computed[1], recorded[1])]
    assert scoring.verdicts(column(computed[0]), tiers[0], column(recorded[0]), tiers[1]).tolist() == [verdict]
