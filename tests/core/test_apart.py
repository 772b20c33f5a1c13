"""Who has other figures of its own than were counted sees what would be counted with them, and nobody else does."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import apart, frames, scoring, together
from kam_xl.core.portfolio import Portfolio
from tests import builders

pytestmark = pytest.mark.slow  # laws, each over many portfolios
NUMBER = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 1.0, 2.5, -3.0, 700.0]))
CUSTOMER = st.tuples(NUMBER, NUMBER, NUMBER, st.sampled_from(["key", "regular", None]))
PORTFOLIO = st.lists(CUSTOMER, min_size=1, max_size=7)
BASES = ("percentile", "enterprise_total", "largest_customer")


def held(rows: list[tuple]) -> tuple[pd.DataFrame, Portfolio]:
    """Some customers, scored, with the indicators they have."""
    told = [
        {"customer_id": f"C{n}", "profit": profit, "tenure": tenure, "growth": profit, "current": True}
        for n, (profit, tenure, _, _) in enumerate(rows)
    ]
    whole = {
        name: builders.frame(schema, told if name == "indicators" else ()) for name, schema in frames.PORTFOLIO.items()
    }
    known = [
        {"customer_id": f"C{n}", "amount": amount, "amount_year": profit, "computed_tier": tier}
        for n, (profit, _, amount, tier) in enumerate(rows)
    ]
    schema = {
        "customer_id": "str",
        "amount": "float64",
        "amount_year": "float64",
        "computed_tier": "str",
        "manager": "str",
        "since": "datetime64[s]",
    }
    customers = builders.frame(schema, known)
    return customers, dataclasses.replace(Portfolio(**whole), customers=customers)


@pytest.mark.parametrize("base", BASES)
@settings(max_examples=40)
@given(rows=PORTFOLIO, other=CUSTOMER, at=st.integers(0, 6))
def test_ones_own_profit_counts_as_it_is_now(base: str, rows: list[tuple], other: tuple, at: int) -> None:
    at = min(at, len(rows) - 1)
    changed = [*rows[:at], other, *rows[at + 1 :]]
    customers, then = held(rows)
    _, now = held(changed)
    own = scoring.deciding(now.indicators, customers).loc[[f"C{at}"]]

    seen = apart.bases(scoring.bases(then.indicators, customers), then)
    as_now = scoring.bases(now.indicators, customers)

    for ask in (
        lambda one: one.measured(own["profit"], base),
        lambda one: (one.longest(own["tenure"]), one.highest(own["growth"])),
    ):
        for mine, expected in zip(ask(seen), ask(as_now), strict=True):
            assert mine.tolist() == pytest.approx(expected.tolist(), nan_ok=True)


@settings(max_examples=40)
@given(rows=PORTFOLIO, other=CUSTOMER, at=st.integers(0, 6), least=st.integers(1, 3))
def test_ones_own_amount_counts_as_it_is_now(rows: list[tuple], other: tuple, at: int, least: int) -> None:
    at = min(at, len(rows) - 1)
    before, then = held(rows)
    after, now = held([*rows[:at], other, *rows[at + 1 :]])
    own = after.iloc[[at]]

    seen = apart.together(together.counted(before, then), before)
    as_now = together.counted(after, now)

    assert seen.peers(own, least).tolist() == pytest.approx(as_now.peers(own, least).tolist(), nan_ok=True)
    assert seen.totals(own).tolist() == pytest.approx(as_now.totals(own).tolist())
    assert seen.year_totals(own).tolist() == pytest.approx(as_now.year_totals(own).tolist())


@settings(max_examples=40)
@given(PORTFOLIO)
def test_nobody_sees_anything_else_where_nothing_changed(rows: list[tuple]) -> None:
    customers, portfolio = held(rows)
    of_all, bases = together.counted(customers, portfolio), scoring.bases(portfolio.indicators, customers)
    own = scoring.deciding(portfolio.indicators, customers)

    assert apart.together(of_all, customers).peers(customers, 1).equals(of_all.peers(customers, 1))
    for base in BASES:
        seen = apart.bases(bases, portfolio).measured(own["profit"], base)
        assert all(
            np.array_equal(one, two, equal_nan=True)
            for one, two in zip(seen, bases.measured(own["profit"], base), strict=True)
        )
