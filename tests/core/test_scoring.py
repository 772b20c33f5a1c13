"""The composite score is what a person with paper and pencil gets (handbook §3)."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import scoring
from kam_xl.core.policy import Policy, Weights

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
