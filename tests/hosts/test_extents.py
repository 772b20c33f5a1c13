"""Which part of a sheet is read, where a few cells stand far away from the rest."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.hosts import extents
from kam_xl.hosts.extents import Extent, main_block

TABLE = {(row, column) for row in range(500) for column in range(12)}


def block_of(places):
    rows, columns = zip(*places, strict=True) if places else ((), ())
    return main_block(Counter(rows), Counter(columns))


@pytest.mark.parametrize("places", [set(), TABLE, TABLE | {(300_000, 25)}, {(0, 16_383)}])
def test_the_whole_of_a_sheet_is_read_where_it_is_small_enough(places):
    assert block_of(places) is None


@pytest.mark.slow
def test_the_whole_of_a_sheet_is_read_where_it_is_full_enough():
    assert block_of((row, 0) for row in range(1_048_576)) is None


@pytest.mark.parametrize("stray", [(1_048_575, 25), (5_000, 16_383), (1_048_575, 16_383)])
def test_a_table_is_read_without_a_cell_far_below_it_or_beside_it(stray):
    block = block_of(TABLE | {stray})

    assert all(place in block for place in TABLE)
    assert stray not in block


def test_a_table_far_below_a_stray_cell_is_what_is_read():
    low = {(row + 900_000, column) for row, column in TABLE}

    assert block_of(low | {(0, 30)}) == Extent(range(900_000, 900_500), range(31))


@pytest.mark.parametrize(("gap", "stops"), [(1000, 1500), (1001, 500)])
def test_rows_belong_together_up_to_a_thousand_blank_ones(gap, stops):
    block = block_of(TABLE | {(499 + gap, 0)} | {(1_048_575, 25)})

    assert block.rows == range(stops)


@pytest.mark.parametrize(("gap", "stops"), [(100, 112), (101, 12)])
def test_columns_belong_together_up_to_a_hundred_blank_ones(gap, stops):
    block = block_of(TABLE | {(0, 11 + gap), (0, 16_383), (1000, 0)})

    assert block.columns == range(stops)


def test_cells_strewn_all_over_a_sheet_are_not_read():
    block = block_of({(number * 900, number * 14) for number in range(1165)})

    assert block == Extent(range(0), range(0))
    assert (0, 0) not in block


@given(st.sets(st.tuples(st.integers(0, 1_048_575), st.integers(0, 16_383)), min_size=1, max_size=30))
def test_what_is_read_is_bounded_by_what_there_is(places):
    block = block_of(places)
    rows, columns = zip(*places, strict=True)
    kept = block.places if block else (max(rows) - min(rows) + 1) * (max(columns) + 1)

    assert kept <= extents.BEARABLE
