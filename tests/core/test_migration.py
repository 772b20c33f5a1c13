"""Moves between tiers from one day to another: the matrix, who moved, and which dimension moved them."""

import pandas as pd
import pytest

from kam_xl.core import migration


def snapshot(*rows):
    columns = ["customer_id", "tier", "value", "potential", "demand", "score"]
    kinds = dict.fromkeys(("customer_id", "tier"), "str") | dict.fromkeys(columns[2:], "float64")
    frame = pd.DataFrame(rows, columns=columns).astype(kinds)
    return frame.assign(name="客户" + frame["customer_id"])


THEN = snapshot(
    ("C1", "key", 80, 70, 70, 75.0),
    ("C2", "regular", 60, 60, 60, 60.0),
    ("C3", "regular", 60, 60, 60, 60.0),
    ("C4", None, None, None, None, None),
    ("C5", "optimize", 10, 10, 10, 10.0),
)
NOW = snapshot(
    ("C1", "regular", 50, 75, 70, 61.5),
    ("C2", "strategic", 90, 90, 95, 91.0),
    ("C3", "regular", 65, 60, 60, 62.5),
    ("C4", "key", 75, 75, 75, 75.0),
    ("C6", None, None, None, None, None),
)


def test_the_matrix_counts_every_customer_of_either_day_once(policy):
    found = migration.matrix(THEN, NOW, policy)

    assert found.index.tolist() == [*policy.tier_keys, "unknown", "new"]
    assert found.columns.tolist() == [*policy.tier_keys, "unknown", "gone"]
    assert found.to_numpy().sum() == 6
    assert found.loc["key", "regular"] == found.loc["regular", "strategic"] == found.loc["regular", "regular"] == 1
    assert found.loc["unknown", "key"] == found.loc["new", "unknown"] == found.loc["optimize", "gone"] == 1


def test_a_matrix_of_one_day_with_itself_has_everybody_on_its_diagonal_and_only_the_tiers(policy):
    known = THEN[THEN["tier"].notna()]

    found = migration.matrix(known, known, policy)

    assert [*found.index] == [*found.columns] == [*policy.tier_keys]
    assert sum(found.loc[key, key] for key in policy.tier_keys) == found.to_numpy().sum() == len(known)


def test_where_nobody_moved_there_is_no_row(policy):
    assert migration.moves(THEN, THEN, policy).empty


def test_moves_name_those_whose_tier_is_known_on_both_days_downgrades_first(policy):
    found = migration.moves(THEN, NOW, policy)

    assert list(found) == list(migration.MOVES)
    assert found[["customer_id", "name", "before", "after", "way"]].to_numpy().tolist() == [
        ["C1", "客户C1", "key", "regular", "down"],
        ["C2", "客户C2", "regular", "strategic", "up"],
    ]
    assert found["change"].tolist() == [-13.5, 31.0]


def test_the_driver_is_the_dimension_that_moved_the_score_most_that_way(policy):
    found = migration.moves(THEN, NOW, policy).set_index("customer_id")

    assert found.loc["C1", ["driver", "driver_change", "driver_points"]].tolist() == ["value", -30.0, -15.0]
    assert found.loc["C2", ["driver", "driver_change", "driver_points"]].tolist() == ["value", 30.0, 15.0]
    assert found.loc["C1", ["value_change", "potential_change", "demand_change"]].tolist() == [-30.0, 5.0, 0.0]


@pytest.mark.parametrize(
    "then",
    [
        ("C1", "key", 60, 60, 60, 60.0),  # the bands moved
        ("C1", "key", None, None, None, None),  # the marks of that day are not known
        ("C1", "key", 50, 60, 60, 55.0),  # the marks moved the other way
    ],
)
def test_where_no_mark_moved_that_way_nothing_drove_it(policy, then):
    found = migration.moves(snapshot(then), snapshot(("C1", "regular", 60, 60, 60, 60.0)), policy)

    assert found["way"].tolist() == ["down"]
    assert found[["driver", "driver_change", "driver_points"]].isna().all(axis=None)


def test_a_driver_is_chosen_by_points_not_by_marks(policy):
    then, now = ("C1", "regular", 60, 60, 60, 60.0), ("C1", "key", 75, 75, 80, 76.0)

    found = migration.moves(snapshot(then), snapshot(now), policy)

    assert (found["driver"][0], found["driver_points"][0]) == ("value", 7.5)  # demand rose by 20 marks, 4 points


def test_nobody_moved_leaves_the_columns(policy):
    found = migration.moves(THEN.iloc[:0], NOW.iloc[:0], policy)

    assert (list(found), len(found)) == (list(migration.MOVES), 0)
