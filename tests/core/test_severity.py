"""How strict each evaluator is comes out of the customers that several of them judged, and of nothing else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import severity
from kam_xl.core.policy import Policy

DAY = pd.Timestamp("2026-06-01")


def evaluations(*rows: tuple) -> pd.DataFrame:
    """Rows of customer, evaluator, score, and how many days before the first of June."""
    made = [(customer, name, score, DAY - pd.Timedelta(days=sum(days))) for customer, name, score, *days in rows]
    return pd.DataFrame(made, columns=["customer_id", "evaluator", "score", "evaluated_on"]).astype(
        {"customer_id": "str", "evaluator": "str", "score": "float64", "evaluated_on": "datetime64[s]"}
    )


def panel(offsets: dict[str, float], customers: int = 20, noise: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Every evaluator judges every customer, each with an offset of their own, and chance."""
    rng = np.random.default_rng(seed)
    deserved = rng.uniform(40, 80, customers)
    return evaluations(
        *(
            (f"C{i}", name, deserved[i] + off + rng.normal(0, noise))
            for i in range(customers)
            for name, off in offsets.items()
        )
    )


def test_the_planted_severities_are_found(policy: Policy) -> None:
    found = severity.estimated(panel({"严": -6.0, "中": 0.0, "宽": 6.0}), policy).set_index("evaluator")

    assert found["verdict"].to_dict() == {"严": "strict", "中": "even", "宽": "generous"}
    assert found["severity"].tolist() == pytest.approx([-6, 0, 6], abs=1)
    assert ((found["low"] < found["severity"]) & (found["severity"] < found["high"])).all()
    assert found["customers"].tolist() == [20, 20, 20]


def test_without_chance_it_is_exact_whoever_judged_whom(policy: Policy) -> None:
    off = {"a": -3.0, "b": 1.0, "c": 2.0}
    seen = [("C1", "ab"), ("C2", "bc"), ("C3", "ac"), ("C4", "abc"), ("C5", "ab")] * 3
    rows = [(f"{one}{n}", who, 50 + n + off[who]) for n, (one, some) in enumerate(seen) for who in some]

    found = severity.estimated(evaluations(*rows), policy).set_index("evaluator")

    assert found["severity"].to_dict() == pytest.approx(off)


def test_an_interval_holds_the_true_severity_about_as_often_as_it_says(policy: Policy) -> None:
    off, held = {"a": -2.0, "b": 0.0, "c": 2.0}, 0
    for seed in range(100):
        found = severity.estimated(panel(off, 8, 3.0, seed), policy)
        true = found["evaluator"].map(off)
        held += int(((found["low"] < true) & (true < found["high"])).sum())

    assert 0.91 < held / 300 < 0.99  # 0.95, three standard errors either way


@settings(max_examples=25)
@given(st.floats(-20, 20), st.integers(0, 5))
def test_a_constant_added_to_one_evaluators_marks_moves_only_that_one_against_the_others(
    policy: Policy, constant: float, seed: int
) -> None:
    rows = panel({"a": 0.0, "b": 3.0, "c": -1.0}, seed=seed)
    moved = rows.assign(score=rows["score"] + constant * (rows["evaluator"] == "b"))

    before, after = (severity.estimated(one, policy).set_index("evaluator")["severity"] for one in (rows, moved))

    assert after["a"] - after["c"] == pytest.approx(before["a"] - before["c"], abs=1e-8)
    assert after["b"] - after["a"] == pytest.approx(before["b"] - before["a"] + constant, abs=1e-8)


def test_who_shares_no_customer_with_others_is_in_another_group(policy: Policy) -> None:
    rows = pd.concat(
        [
            panel({"a": 0.0, "b": 4.0}),
            panel({"x": 0.0, "y": 4.0}, seed=1).assign(customer_id=lambda f: "D" + f["customer_id"]),
        ]
    )
    found = severity.estimated(rows, policy).set_index("evaluator")

    assert found["group"].to_dict() == {"a": 1, "b": 1, "x": 2, "y": 2}
    assert found.groupby("group")["severity"].sum().tolist() == pytest.approx([0, 0])


def test_groups_hang_together_through_others(policy: Policy) -> None:
    chain = evaluations(*((f"C{i}", who, 50) for i, two in enumerate(["ab", "bc", "cd", "de"]) for who in two))

    assert severity.estimated(chain, policy)["group"].tolist() == [1] * 5


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("C1", "a", 50), ("C2", "b", 60)],  # nobody shared
        [("C1", "a", 50), ("C1", "a", 60, 30)],  # one person twice
        [("C1", "a", 50), ("C1", "b", 60, 184)],  # half a year and more apart
        [("C1", "a", 50), ("C1", "b", None)],
        [("C1", "李总监", 50), ("C1", "李總監 ", 60)],  # one person typed in two ways
    ],
)
def test_where_nobody_can_be_compared_there_is_nobody(policy: Policy, rows: list[tuple]) -> None:
    found = severity.estimated(evaluations(*rows), policy)

    assert list(found) == list(severity.COLUMNS)
    assert found.empty


def test_too_few_are_told_to_be_too_few(policy: Policy) -> None:
    found = severity.estimated(panel({"a": 0.0, "b": 9.0}, customers=4), policy)

    assert found["verdict"].tolist() == ["few", "few"]
    assert found[["severity", "low", "high"]].isna().all(axis=None)


def test_of_two_evaluations_by_one_person_the_latest_counts(policy: Policy) -> None:
    found = severity.judged(evaluations(("C1", "a", 10, 90), ("C1", "a", 50), ("C1", "b", 60)), policy)

    assert found["score"].tolist() == [50, 60]
