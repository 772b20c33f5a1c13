"""What of a customer's own rows is another cell, told with its place; rows that only moved are the same rows."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import consolidation, edits
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from tests import builders
from tests.core.several_books import evaluation, info


def held(policy: Policy, **sheets: list[dict]) -> Portfolio:
    return consolidation.consolidate([builders.team_book(policy, **sheets)], policy)


def told(found: pd.DataFrame) -> list[tuple]:
    return [tuple(row) for row in found[["customer_id", "kind", "field", "was", "now", "how", "cell"]].to_numpy()]


def test_a_cell_is_told_from_what_to_what(policy: Policy) -> None:
    then = held(policy, info=[info(amount=100), info("C002", "乙公司")], evaluation=[evaluation(value=80)])
    now = held(policy, info=[info("C002", "乙公司"), info(amount=250.5)], evaluation=[evaluation(value=81)])

    assert told(edits.edits(then, now, ["C001", "C002"])) == [
        ("C001", "info", "amount", "100", "250.5", "changed", "I3"),
        ("C001", "evaluation", "value", "80", "81", "changed", "B2"),
    ]


def test_a_row_more_and_a_row_less_are_told_as_such(policy: Policy) -> None:
    one, other = evaluation(value=80), evaluation(value=20, potential=30, demand=90, on=dt.date(2026, 5, 1))
    then, now = (held(policy, info=[info()], evaluation=rows) for rows in ([one], [one, other]))

    more, less = edits.edits(then, now, ["C001"]), edits.edits(now, then, ["C001"])

    assert (set(more["how"]), set(more["cell"].str[1:]), more["now"].tolist()) == (
        {"added"},
        {"3"},
        ["20", "30", "90", "2026-05-01"],
    )
    assert (set(less["how"]), less["was"].tolist()) == ({"removed"}, more["now"].tolist())


def test_of_others_nothing_is_told_and_who_somebody_is_is_no_change(policy: Policy) -> None:
    then = held(policy, info=[info(phone="13800000000"), info("C002", "乙", amount=1)])
    now = held(policy, info=[info(name="甲股份", phone="13911111111"), info("C002", "乙", amount=2)])

    assert edits.edits(then, now, ["C001"]).empty


@pytest.mark.slow
@settings(max_examples=10)
@given(st.permutations(range(5)))
def test_rows_in_another_order_are_the_same_rows(policy: Policy, order: list[int]) -> None:
    rows = [evaluation(f"C00{n % 2}", value=n, on=dt.date(2026, 1, 1 + n)) for n in range(5)]
    people = [info(f"C00{n}", f"公司{n}") for n in range(2)]

    then, now = (held(policy, info=people, evaluation=some) for some in (rows, [rows[n] for n in order]))

    assert edits.edits(then, now, ["C000", "C001"]).empty
