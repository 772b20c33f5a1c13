"""What weights part those who were lost from those who stayed: found where they are there, and not where they are not."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import separation
from kam_xl.core.policy import DIMENSIONS, Weights

POLICY = resources.policy()


def portfolio(count, seed, chance):
    """Customers with marks at random, and a snapshot later in which ``chance(marks)`` of each is to be lost."""
    random = np.random.default_rng(seed)
    then = pd.DataFrame(random.integers(0, 101, (count, 3)).astype("float64"), columns=list(DIMENSIONS))
    then = then.assign(customer_id=[f"C{number:04}" for number in range(count)], lifecycle="active")
    lost = random.uniform(size=count) < chance(then)
    return then, then[["customer_id"]].assign(lifecycle=np.where(lost, "lost", "active"))


def by_value(marks):
    """Those of low value leave."""
    return 1 / (1 + np.exp((marks["value"] - 25) / 8))


def by_potential(marks):
    return 1 / (1 + np.exp((marks["potential"] - 25) / 8))


def by_nothing(_):
    return 0.3


@pytest.mark.parametrize("seed", range(3))
def test_where_profit_alone_parts_them_the_weight_of_value_grows(seed):
    found = separation.separation(*portfolio(600, seed, by_value), POLICY)

    assert found.verdict == separation.BETTER
    assert found.found.value > POLICY.weights.value + 0.2


@pytest.mark.parametrize("seed", range(3))
def test_where_one_dimension_alone_parts_them_the_weights_move_towards_it(seed):
    found = separation.separation(*portfolio(400, seed, by_potential), POLICY)

    assert found.verdict == separation.BETTER
    assert found.found.potential > POLICY.weights.potential + 0.3
    assert found.gain.low > 0
    assert found.by_dimension["potential"].low > found.by_dimension["value"].high


def test_each_fold_is_judged_by_the_weights_that_the_others_lead_to():
    """The first way parts fold 0 well and fold 1 wrongly, the second the other way round: each fold gets the wrong one."""
    lost, fold = np.array([True, False] * 4), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    right = np.where(lost, 0.0, 1.0)
    scores = np.column_stack([np.where(fold == 0, right, 1 - right), np.where(fold == 1, right, 1 - right)])

    assert (separation._blind(scores, lost, fold) == 1 - right).all()


@pytest.mark.parametrize("seed", range(8))
def test_of_pure_noise_nothing_is_proposed(seed):
    found = separation.separation(*portfolio(400, seed, by_nothing), POLICY)

    assert found.verdict == separation.NO_BETTER
    assert found.today.low < 0.5 < found.today.high or abs(found.today.mean - 0.5) < 0.1


def test_where_todays_weights_are_the_best_others_are_not_proposed():
    best = dataclasses.replace(POLICY, weights=Weights(0.8, 0.1, 0.1))

    assert separation.separation(*portfolio(400, 5, by_value), best).verdict == separation.NO_BETTER


def test_too_few_is_said_and_no_weights_are_tried():
    then, now = portfolio(200, 1, by_nothing)
    lost = now.index[now["lifecycle"] == "lost"]
    now.loc[lost[29:], "lifecycle"] = "active"

    found = separation.separation(then, now, POLICY)

    assert (found.verdict, found.lost, found.stayed) == (separation.TOO_FEW, 29, 171)
    assert found.found is found.gain is found.today is None


def test_of_whom_nothing_can_be_said_is_left_out():
    marks = dict.fromkeys(DIMENSIONS, 50.0)
    then = pd.DataFrame(
        [
            {"customer_id": "C1", "lifecycle": "active", **marks},
            {"customer_id": "C2", "lifecycle": "silent", **marks},
            {"customer_id": "C3", "lifecycle": "lost", **marks},  # then already
            {"customer_id": "C4", "lifecycle": None, **marks},
            {"customer_id": "C5", "lifecycle": "active", **marks, "demand": None},
            {"customer_id": "C6", "lifecycle": "active", **marks},  # in no workbook now
        ]
    )
    now = pd.DataFrame({"customer_id": ["C1", "C2", "C3", "C4", "C5", "C7"], "lifecycle": ["active", *["lost"] * 5]})

    found = separation.outcomes(then, now)

    assert found[["customer_id", "lost"]].to_numpy().tolist() == [["C1", False], ["C2", True]]
    assert separation.separation(then, now, POLICY).left_out == 4


SCORES = st.lists(st.sampled_from([0.0, 20.0, 20.5, 60.0, 99.9]), min_size=2, max_size=12)


@given(SCORES, SCORES)
@settings(max_examples=60)
def test_the_auc_is_the_share_of_pairs_that_stand_the_right_way_round(lost, stayed):
    score, is_lost = np.array(lost + stayed), np.array([True] * len(lost) + [False] * len(stayed))
    pairs = [(low < high) + (low == high) / 2 for low, high in itertools.product(lost, stayed)]

    first, second = separation._placements(score, is_lost)

    assert first.mean() == pytest.approx(np.mean(pairs))
    assert second.mean() == pytest.approx(np.mean(pairs))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Two normal groups one deviation apart: the AUC is Φ(1/√2) = 0.760."""
    random, inside = np.random.default_rng(7), 0
    is_lost = np.array([True] * 40 + [False] * 80)
    for _ in range(300):
        score = random.normal(size=120) + ~is_lost
        _, low, high = separation._interval(separation._placements(score, is_lost), 0.9)
        inside += low <= 0.760 <= high

    assert 0.85 <= inside / 300 <= 0.95


def test_a_score_gains_nothing_over_itself():
    score, lost = np.arange(30.0), np.arange(30) % 3 == 0
    placements = separation._placements(score, lost)

    assert separation._interval(placements, 0.95, placements) == (0, 0, 0)


def test_the_weights_tried_add_up_lie_within_the_bounds_and_begin_with_todays():
    tried = separation._tried(POLICY)
    values = np.array([dataclasses.astuple(one) for one in tried])

    assert tried[0] == POLICY.weights
    assert values.sum(axis=1) == pytest.approx(1)
    assert values.min() == POLICY.calibration.least
    assert values.max() == POLICY.calibration.most
    assert len({*map(tuple, values)}) == len(tried) == 120


def test_folds_are_the_same_whatever_the_order_and_share_the_lost_out():
    ids, lost = pd.Series([f"C{number}" for number in range(53)]), np.arange(53) < 20
    order = np.random.default_rng(1).permutation(53)

    folds = separation._folds(ids, lost, 5)

    assert (separation._folds(ids[order].reset_index(drop=True), lost[order], 5) == folds[order]).all()
    assert [int(lost[folds == one].sum()) for one in range(5)] == [4] * 5
    assert sorted(np.bincount(folds)) in ([10, 10, 11, 11, 11], [10, 11, 11, 11, 10])
