"""What is known of all customers is the sum of what is known of parts of them, whichever way they are cut."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import causes, frames, scoring, together
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.scoring import Bases
from kam_xl.core.together import Together
from tests import builders

TIERS, TEAMS, PEOPLE, TEXTS = (
    ("key", "regular", None),
    ("华东", "华南"),
    ("王", "李", None),
    ("回访", "回 访", "让利", None),
)
AMOUNTS = st.one_of(st.none(), st.sampled_from([0.1, 0.2, 0.3, 1e9, -5.0]), st.floats(-1e6, 1e6))
CUSTOMER = st.tuples(
    AMOUNTS, st.sampled_from(TIERS), st.sampled_from(PEOPLE), st.sets(st.sampled_from(TEAMS), min_size=1),
    st.lists(st.sampled_from(TEXTS), max_size=3), st.booleans(), st.integers(0, 2),
)  # fmt: skip


def counted(rows: list[tuple[int, tuple]]) -> tuple[Together, Bases, causes.Hits]:
    """What is known of some customers, each with its number."""
    ids = {number: f"C{number:03}" for number, _ in rows}
    customers = builders.frame(
        {
            "customer_id": "str",
            "computed_tier": "str",
            "manager": "str",
            "since": "datetime64[s]",
            **dict.fromkeys(("amount", "amount_year"), "float64"),
        },
        [
            {
                "customer_id": ids[number],
                "computed_tier": tier,
                "manager": manager,
                "amount": amount,
                "amount_year": amount if years else None,
            }
            for number, (amount, tier, manager, *_, years) in rows
        ],
    )
    told = {
        "records": [{"customer_id": ids[number], "team": team} for number, row in rows for team in row[3]],
        "tracking": [{"customer_id": ids[number], "strategy": text} for number, row in rows for text in row[4]],
        "service": [
            {"customer_id": ids[number], "kind": "visit", "book": f"{number % 3}.xlsx"}
            for number, row in rows
            if row[5]
        ],
        "indicators": [
            {"customer_id": ids[number], "current": True, "profit": row[0], "tenure": row[6] or None, "growth": row[0]}
            for number, row in rows
        ],
    }
    found = {name: builders.frame(schema, told.get(name, ())) for name, schema in frames.PORTFOLIO.items()}
    portfolio = Portfolio(**found)
    hit = builders.frame(
        {"customer_id": "str", "rule": "str", "happened": "datetime64[s]"},
        [
            {
                "customer_id": ids[number],
                "rule": f"rule{nth % 2}",
                "happened": pd.Timestamp("2026-01-01") + pd.Timedelta(days=number),
            }
            for number, row in rows
            for nth in range(row[6])
        ],
    )
    return (
        together.counted(customers, portfolio),
        scoring.bases(portfolio.indicators, customers),
        causes.hits(hit, portfolio.members()),
    )


def said(of_all: Together, bases: Bases, hits: causes.Hits) -> list[object]:
    """Everything that anybody asks of it, to the last bit."""
    return [
        of_all.customers, of_all.total, repr(of_all.known_share), of_all.medians(1).sort_index().to_dict(),
        of_all.medians(3).sort_index().to_dict(), of_all.used.to_dict(), of_all.with_strategy, of_all.members.to_dict(),
        of_all.year_total, repr(of_all.year_share), of_all.managers.to_dict(), of_all.visited, bases.profits.tolist(), repr(bases.longest_tenure),
        repr(bases.highest_growth), hits.whole.to_dict(), hits.teams.to_dict(),
    ]  # fmt: skip


@settings(max_examples=20)
@given(st.lists(CUSTOMER, min_size=1, max_size=12), st.data())
def test_the_sum_of_parts_is_the_whole_however_they_are_cut_and_in_whatever_order(
    drawn: list[tuple], data: st.DataObject
) -> None:
    rows = list(enumerate(drawn))
    place = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    cut = [counted([row for row, own in zip(rows, place, strict=True) if own == part]) for part in range(4)]
    nested = [[added([added(cut[:2]), added(cut[2:])])], [cut[3], added(cut[:3])]]

    totals = [added(way) for way in (cut, cut[::-1], *nested)]

    assert [said(*each) for each in totals] == [said(*counted(rows))] * 4


def added(parts: list[tuple[Together, Bases, causes.Hits]]) -> tuple[Together, Bases, causes.Hits]:
    """What is known of all parts."""
    of_all, bases, hits = zip(*parts, strict=True)
    return together.total(of_all), scoring.total(bases), causes.total(hits)


def test_a_mark_is_measured_by_all_customers_and_not_by_those_at_hand(policy) -> None:
    portfolio = Portfolio(**{name: builders.frame(schema, ()) for name, schema in frames.PORTFOLIO.items()})
    rows = [{"customer_id": f"C{n}", "current": True, "profit": float(n), "tenure": float(n)} for n in range(1, 5)]
    indicators = builders.frame(frames.PORTFOLIO["indicators"], rows)
    customers = portfolio.customers.reindex(range(4)).assign(customer_id=indicators["customer_id"])
    whole = scoring.from_indicators(indicators, customers, policy)
    bases = scoring.bases(indicators, customers)

    parts = [scoring.from_indicators(indicators, customers[n : n + 1], policy, bases) for n in range(4)]

    pd.testing.assert_frame_equal(pd.concat(parts), whole)
    assert whole["value"].nunique() == 4


@pytest.mark.parametrize("base", ["percentile", "enterprise_total", "largest"])
def test_a_profit_is_measured_as_pandas_would(base: str) -> None:
    profit = pd.Series([3.0, 1.0, np.nan, 3.0, -2.0, 0.1])
    known = np.sort(profit.dropna())

    measured, by = Bases(known, 0.0, 0.0).measured(profit, base)

    expected = {"percentile": profit.rank(pct=True), "enterprise_total": profit, "largest": profit}[base]
    most = {"percentile": 1.0, "enterprise_total": 7.1, "largest": 3.0}[base]
    assert (measured.equals(expected), set(by)) == (True, {most})
