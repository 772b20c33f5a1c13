"""Classes of recency, frequency and money: fifths among all that order, equal figures alike, none among too few."""

import numpy as np
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core.rfm import CLASSES, classed

RULE, TODAY = resources.policy().orders, pd.Timestamp(2026, 11, 20)


def figures(days_ago, times, amounts):
    last = [pd.NaT if ago is None else TODAY - pd.Timedelta(days=ago) for ago in days_ago]
    return pd.DataFrame({"last_order": pd.Series(last, dtype="datetime64[s]"), "order_days_year": np.array(times, float),
                         "amount_year": np.array(amounts, float)})  # fmt: skip


def test_each_has_its_fifth_and_the_best_is_five():
    found = classed(figures(range(10), range(10, 0, -1), range(10, 0, -1)), RULE, TODAY)

    assert found["rfm"].tolist() == ["555", "555", "444", "444", "333", "333", "222", "222", "111", "111"]
    assert found["rfm_class"].tolist() == ["champions"] * 6 + ["asleep"] * 4


def test_equal_figures_have_equal_marks():
    assert classed(figures([5] * 12, [1] * 12, range(12)), RULE, TODAY)["rfm"].str[:2].unique().tolist() == ["33"]


@pytest.mark.parametrize(("recent", "often", "much"), CLASSES)
def test_money_says_who_is_important_and_the_others_what_to_do(recent, often, much):
    one = (1 if recent else 99, 9 if often else 1, 9 if much else 1)
    rest = [(50, 5, 5)] * 11

    found = classed(figures(*zip(one, *rest, strict=True)), RULE, TODAY)

    assert found["rfm_class"].iat[0] == CLASSES[recent, often, much]


def test_who_does_not_order_has_no_class_and_of_too_few_nobody_has():
    enough = RULE.classes_at_least
    found = classed(figures([None, *range(enough)], [0] * (enough + 1), range(enough + 1)), RULE, TODAY)

    assert found["rfm"].isna().tolist() == [True] + [False] * enough
    assert classed(figures(range(enough - 1), range(enough - 1), range(enough - 1)), RULE, TODAY).isna().all(axis=None)
