"""A trend by the test of Mann and Kendall: against its textbook sums, and as often by chance as it says."""

import itertools

import numpy as np
import pytest

from kam_xl.core.trends import FALLS, LEVEL, RISES, falls_or_rises


@pytest.mark.parametrize(("row", "found"), [
    ([1, 2, 3], LEVEL), ([1, 2, 3, 4], RISES), ([5, 4, 3, 2, 1], FALLS), ([3] * 9, LEVEL), ([0, 0, 0, 0, 0, 0, 0, 1, 2], RISES),
])  # fmt: skip
def test_a_row_rises_or_falls_beyond_chance(row, found):
    assert falls_or_rises(np.array([row], float), 0.9).tolist() == [found]


def test_of_all_orders_of_seven_figures_as_many_are_told_as_chance_allows():
    rows = np.array(list(itertools.permutations(range(7))), float)

    found = falls_or_rises(rows, 0.9)

    assert (found == RISES).sum() == (found == FALLS).sum()
    assert 0.04 < (found != LEVEL).mean() < 0.1
