"""A change is split so that the parts sum to it, nothing favours an order, and what changes nothing gets nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import shapley

FIGURE = st.floats(-1e6, 1e6, allow_nan=False)
KNOWN = st.integers(0, 4).flatmap(lambda n: st.lists(FIGURE, min_size=2**n, max_size=2**n))
SOME = st.integers(1, 4).flatmap(lambda n: st.lists(st.one_of(FIGURE, st.just(np.nan)), min_size=2**n, max_size=2**n))


def column(values: list[float]) -> np.ndarray:
    return np.array(values, dtype="float64").reshape(-1, 1)


def reordered(values: list, order: tuple[int, ...]) -> list:
    """The worlds with their things in another order: the thing at a place comes from ``order[place]``."""
    return [
        values[sum(1 << order[place] for place in range(len(order)) if world >> place & 1)]
        for world in range(len(values))
    ]


@given(SOME)
def test_the_parts_sum_to_the_change_whatever_is_unknown_between(values: list[float]) -> None:
    parts, apart = shapley.parts(column(values))

    change = values[-1] - values[0]
    if np.isnan(change):
        assert np.isnan(parts).all()
        assert np.isnan(apart).all()
    else:
        assert parts.sum() + apart[0] == pytest.approx(change, abs=1e-6)


@given(KNOWN, st.randoms())
def test_the_order_of_the_things_does_not_matter(values: list[float], chance) -> None:
    count = len(values).bit_length() - 1
    order = tuple(chance.sample(range(count), count))

    parts, _ = shapley.parts(column(values))
    others, _ = shapley.parts(column(reordered(values, order)))

    assert others[:, 0] == pytest.approx(parts[list(order), 0], abs=1e-6)


@given(KNOWN)
def test_the_parts_are_the_mean_over_all_orders(values: list[float]) -> None:
    count = len(values).bit_length() - 1
    steps = np.zeros(count)
    orders = [*itertools.permutations(range(count))]
    for order in orders:
        world = 0
        for thing in order:
            steps[thing] += values[world | 1 << thing] - values[world]
            world |= 1 << thing

    parts, apart = shapley.parts(column(values))

    assert parts[:, 0] == pytest.approx(steps / len(orders), abs=1e-6)
    assert apart[0] == 0


@given(SOME)
def test_to_exchange_the_nights_turns_every_sign(values: list[float]) -> None:
    parts, apart = shapley.parts(column(values))
    back, back_apart = shapley.parts(column(values[::-1]))

    assert back == pytest.approx(-parts, abs=1e-6, nan_ok=True)
    assert back_apart == pytest.approx(-apart, abs=1e-6, nan_ok=True)


@given(KNOWN, st.integers(0, 4))
def test_what_changes_nothing_gets_nothing(values: list[float], place: int) -> None:
    count = len(values).bit_length() - 1
    place = min(place, count)
    low = (1 << place) - 1
    more = [values[world & low | world >> 1 & ~low] for world in range(2 * len(values))]

    parts, _ = shapley.parts(column(values))
    with_it, _ = shapley.parts(column(more))

    assert with_it[place, 0] == 0
    assert np.delete(with_it[:, 0], place) == pytest.approx(parts[:, 0], abs=1e-6)


def test_where_no_order_is_known_throughout_the_change_cannot_be_told_apart() -> None:
    parts, apart = shapley.parts(column([1, np.nan, np.nan, 9]))

    assert (parts[:, 0].tolist(), apart.tolist()) == ([0, 0], [8])


KEYS = st.integers(1, 4).flatmap(lambda n: st.lists(st.sampled_from("abc"), min_size=2**n, max_size=2**n))


@given(KEYS)
def test_the_first_thing_is_one_that_makes_it_the_new_one(values: list[str]) -> None:
    worlds = np.array(values, dtype=object).reshape(-1, 1)

    [first], alone, needed = shapley.first(worlds)

    if values[0] == values[-1]:
        assert (first, alone.any(), needed.any()) == (-1, False, False)
    else:
        assert values[(1 << first) - 1] != values[-1] == values[(1 << first + 1) - 1]
        assert [values[1 << thing] == values[-1] for thing in range(len(alone))] == alone[:, 0].tolist()


COUNTS = st.integers(1, 4).flatmap(lambda n: st.lists(st.integers(0, 3), min_size=2**n, max_size=2**n))


@given(COUNTS)
def test_the_steps_of_a_count_sum_to_its_change_and_end_where_it_is_as_in_the_last_world(values: list[int]) -> None:
    chain = [values[world] for world in shapley.in_order(len(values).bit_length() - 1)]
    reached = chain.index(chain[-1])

    steps = shapley.steps(column(values))[:, 0]

    assert steps.sum() == chain[-1] - chain[0]
    assert steps[:reached].tolist() == np.diff(chain[: reached + 1]).tolist()
    assert not steps[reached:].any()
