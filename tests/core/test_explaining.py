"""The points add up to the score, and no smaller change of marks leads to the wanted tier (handbook §3, §4)."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import explaining, scoring, tiering
from kam_xl.core.policy import DIMENSIONS, TIER_KEYS, Policy, Weights

NAN = float("nan")
marks = st.integers(0, 100)
fine_marks = st.decimals(0, 100, places=2).map(float)
hundredths = st.tuples(marks, marks).map(sorted).map(lambda cut: (cut[0], cut[1] - cut[0], 100 - cut[1]))
#: Where the bands of the five tiers begin, in tenths of a point, lowest first.
edges = st.lists(st.integers(1, 999), min_size=4, max_size=4, unique=True).map(lambda tenths: [0, *sorted(tenths)])


def column(*values: float) -> pd.Series:
    return pd.Series(values, dtype="float64")


def columns(*rows: tuple[float, float, float]) -> list[pd.Series]:
    """Customers' marks as three columns."""
    return [column(*numbers) for numbers in zip(*rows, strict=True)]


def keys(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str")


def other(policy: Policy, weights: tuple[float, ...] = (0.5, 0.3, 0.2), lows: tuple[float, ...] = ()) -> Policy:
    """The policy with other weights, and other bands by their lower ends, lowest first."""
    tiers = policy.tiers
    if lows:
        highs = [100, *lows[:0:-1]]
        tiers = tuple(
            dataclasses.replace(tier, low=low, high=high)
            for tier, low, high in zip(tiers, lows[::-1], highs, strict=True)
        )
    return dataclasses.replace(policy, weights=Weights(*weights), tiers=tiers)


# --- where the points come from ----------------------------------------------------------------------------------


def test_the_sources_example_is_a_fraction_of_a_point_short(policy: Policy) -> None:
    found = explaining.breakdown(*columns((92, 88, 85), (55, 45, 70), (90, 90, 90), (0, 0, 0)), policy)
    assert found.columns.tolist() == list(explaining.BREAKDOWN)
    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == [
        [46.0, 26.4, 17.0, 89.4, "key", "strategic", 0.6],
        [27.5, 13.5, 14.0, 55.0, "regular", "key", 15.0],
        [45.0, 27.0, 18.0, 90.0, "strategic", None, None],
        [0.0, 0.0, 0.0, 0.0, "optimize", "potential", 30.0],
    ]


def test_an_unknown_mark_leaves_the_points_of_the_others(policy: Policy) -> None:
    found = explaining.breakdown(*columns((NAN, 50, 50), (50, 100.5, 50), (50, 50, -1)), policy)
    assert found[["value_points", "potential_points", "demand_points"]].isna().to_numpy().tolist() == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert found[["score", "tier", "next_tier", "missing"]].isna().all(axis=None)


@given(*[fine_marks] * 3, hundredths)
def test_the_points_sum_to_the_score(policy: Policy, a: float, b: float, c: float, parts: tuple) -> None:
    weighed = other(policy, [part / 100 for part in parts])
    found = explaining.breakdown(column(a), column(b), column(c), weighed)
    total = found[[f"{key}_points" for key in DIMENSIONS]].sum(axis=1)
    assert scoring.round_half_away(total, 1).equals(found["score"])
    assert found["tier"].equals(tiering.tiers(found["score"], weighed))


@given(*[fine_marks] * 3, edges)
def test_what_is_missing_just_reaches_the_next_tier(policy: Policy, a: float, b: float, c: float, tenths: list) -> None:
    cut = other(policy, lows=[low / 10 for low in tenths])
    row = explaining.breakdown(column(a), column(b), column(c), cut).iloc[0]
    if row["tier"] == "strategic":
        assert pd.isna(row["next_tier"])
        assert pd.isna(row["missing"])
    else:
        there = (row["score"] + row["missing"]).round(1)
        assert row["missing"] > 0
        assert tiering.tiers(column(there, round(there - 0.1, 1)), cut).tolist() == [row["next_tier"], row["tier"]]


# --- the smallest change -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tier", "after", "change"),
    [
        ((92, 88, 85), "strategic", (94, 88, 85), 2),
        ((92, 88, 85), "key", (92, 88, 85), 0),
        ((55, 45, 70), "key", (85, 45, 70), 30),
        ((99, 88, 50), "strategic", (100, 100, 50), 13),  # value is full first, then potential
        ((100, 100, 100), "key", (79, 100, 100), 21),  # 89.5 rounds to itself: not yet 90
        ((100, 100, 100), "optimize", (0, 33, 100), 167),
        ((0, 0, 0), "strategic", (100, 100, 50), 250),
        ((91.5, 88, 85), "strategic", (93.5, 88, 85), 2),  # whole steps, whatever they start from
        ((0, 0, 99.75), "potential", (20, 0, 99.75), 20),  # 29.95 is shown as 30.0
    ],
)
def test_the_smallest_change(policy: Policy, typed: tuple, tier: str, after: tuple, change: float) -> None:
    row = explaining.path(*columns(typed), keys(tier), policy).iloc[0]
    assert tuple(row[list(DIMENSIONS)]) == after
    assert (row["reached"], row["change"]) == (True, change)
    assert tiering.tiers(column(row["score"]), policy).tolist() == [tier]
    assert row["now"] == explaining.breakdown(*columns(typed), policy)["tier"][0]


def test_of_equally_small_changes_the_heaviest_dimension_moves_most(policy: Policy) -> None:
    found = [
        explaining.path(*columns((50, 50, 50)), keys("key"), other(policy, weights, (0, 20, 40, 51, 60)))
        for weights in ((0.2, 0.3, 0.5), (0.4, 0.4, 0.2), (0.2, 0.4, 0.4))
    ]
    assert [tuple(path[list(DIMENSIONS)].iloc[0]) for path in found] == [(50, 50, 52), (53, 50, 50), (50, 53, 50)]


def test_a_dimension_without_weight_is_left_alone(policy: Policy) -> None:
    found = explaining.path(*columns((50, 50, 50), (50, 100, 50)), keys("key", "strategic"), other(policy, (0, 1, 0)))
    assert found[["value", "potential", "demand"]].to_numpy().tolist() == [[50, 70, 50], [50, 100, 50]]


def test_what_no_whole_change_reaches_is_unreachable(policy: Policy) -> None:
    narrow = other(policy, (1, 0, 0), (0, 30.2, 30.6, 70, 90))  # no whole mark lies in [30.2, 30.6)
    between = other(policy, lows=(0, 30.01, 30.09, 70, 90))  # nor any score with one decimal in [30.01, 30.09)
    full = other(policy, (1, 0, 0), (0, 30, 50, 70, 99.8))  # 99.5 has no room for another point
    for cut, value, tier in ((narrow, 50, "potential"), (narrow, 10, "potential"), (between, 50, "potential"),
                             (full, 99.5, "strategic")):  # fmt: skip
        row = explaining.path(*columns((value, 50, 50)), keys(tier), cut).iloc[0]
        assert not row["reached"]
        assert pd.notna(row["now"])
        assert row[["value", "potential", "demand", "score", "change"]].isna().all()


def test_what_is_unknown_stays_unknown(policy: Policy) -> None:
    typed = columns((NAN, 50, 50), (50, 101, 50), (50, 50, 50), (50, 50, 50))
    found = explaining.path(*typed, keys("key", "key", None, "gold"), policy)
    assert found.columns.tolist() == list(explaining.PATH)
    assert found["reached"].tolist() == [False] * 4
    assert found["now"].isna().tolist() == [True, True, False, False]
    assert found[["value", "potential", "demand", "score", "change"]].isna().all(axis=None)


def test_an_empty_column_and_any_index_will_do(policy: Policy) -> None:
    assert explaining.path(*[column()] * 3, keys(), policy).empty
    typed = [numbers.set_axis(["b", "a"]) for numbers in columns((92, 88, 85), (55, 45, 70))]
    found = explaining.path(*typed, keys("strategic", "key").set_axis(["b", "a"]), policy)
    assert found["value"].to_dict() == {"b": 94, "a": 85}


def best(typed: tuple, tier: int, parts: tuple, tenths: list) -> tuple | None:
    """The smallest change by trying every one, in whole numbers: marks and weights in hundredths, bands in tenths."""
    steps = [np.arange(-int(mark), 100 - mark + 1, dtype=int) for mark in typed]
    moves = np.stack(np.meshgrid(*steps, indexing="ij"), -1)
    moves = moves.reshape(-1, 3)
    scores = ((moves + np.array(typed)) @ np.array(parts) + 5) // 10  # hundredths of a point, rounded to tenths
    low, high = tenths[tier], [*tenths[1:], 1001][tier] - 1
    moves = moves[(scores >= low) & (scores <= high)]
    if not len(moves):
        return None
    now = (np.dot(typed, parts) + 5) // 10
    way = 1 if now < low else -1
    order = sorted(range(3), key=lambda i: -parts[i])
    ranks = [rank for i in order for rank in (-abs(moves[:, i]), -way * moves[:, i])]
    return tuple(moves[np.lexsort([*ranks[::-1], abs(moves).sum(axis=1)])[0]] + np.array(typed))


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.tuples(marks, marks, marks), st.integers(0, 4), hundredths, edges)
def test_no_smaller_change_reaches_the_band(
    policy: Policy, typed: tuple, tier: int, parts: tuple, tenths: list
) -> None:
    cut = other(policy, [part / 100 for part in parts], [low / 10 for low in tenths])
    row = explaining.path(*columns(typed), keys(TIER_KEYS[4 - tier]), cut).iloc[0]
    expected = best(typed, tier, parts, tenths)
    assert (tuple(row[list(DIMENSIONS)]) if row["reached"] else None) == expected


@pytest.mark.slow
@settings(deadline=None)
@given(*[fine_marks] * 3, st.sampled_from(TIER_KEYS))
def test_no_smaller_change_of_fine_marks_reaches_the_band(
    policy: Policy, a: float, b: float, c: float, tier: str
) -> None:
    """One step less, taken back anywhere, leaves the band; the policy's bands are wider than any step."""
    row = explaining.path(column(a), column(b), column(c), keys(tier), policy).iloc[0]
    assert tiering.tiers(column(row["score"]), policy).tolist() == [tier]
    assert all(0 <= row[key] <= 100 for key in DIMENSIONS)
    moved = [round(row[key] - mark, 6) for key, mark in zip(DIMENSIONS, (a, b, c), strict=True)]
    assert moved == [round(step) for step in moved]
    assert sum(map(abs, moved)) == row["change"]
    for place in (i for i, step in enumerate(moved) if step):
        less = [row[key] for key in DIMENSIONS]
        less[place] -= np.sign(moved[place])
        score = scoring.composite(*columns(less), policy.weights)
        assert tiering.tiers(score, policy).tolist() != [tier]


@pytest.mark.slow
def test_many_customers_at_once_fare_as_each_alone(policy: Policy) -> None:
    chance = np.random.default_rng(7)
    typed = [pd.Series(chance.integers(0, 101, 200).astype(float)) for _ in DIMENSIONS]
    wanted = pd.Series(chance.choice(TIER_KEYS, 200), dtype="str")
    narrow = other(policy, lows=(0, 30, 30.3, 70, 70.2))
    for cut in (policy, narrow):
        together = explaining.path(*typed, wanted, cut)
        alone = [
            explaining.path(*(numbers.iloc[[i]] for numbers in typed), wanted.iloc[[i]], cut) for i in range(0, 200, 20)
        ]
        pd.testing.assert_frame_equal(together.iloc[::20], pd.concat(alone))


# --- in words ----------------------------------------------------------------------------------------------------

CUSTOMERS = ((92, 88, 85), (100, 100, 100), (NAN, 50, NAN), (99, 88, 50), (91.23, 88, 85))


def test_where_the_points_come_from_in_words(policy: Policy, words_in) -> None:
    assert explaining.breakdown_sentences(*columns(*CUSTOMERS), policy, words_in("zh-CN")) == [
        "价值 92×50%=46.0 + 潜力 88×30%=26.4 + 需求 85×20%=17.0 = 89.4 分，重点客户；还差 0.6 分到战略客户：价值再加 2 分即可",
        "价值 100×50%=50.0 + 潜力 100×30%=30.0 + 需求 100×20%=20.0 = 100.0 分，战略客户（最高层级）",
        "价值、需求没有 0–100 的评分，得分未知",
        "价值 99×50%=49.5 + 潜力 88×30%=26.4 + 需求 50×20%=10.0 = 85.9 分，重点客户；还差 4.1 分到战略客户：价值再加 1 分、潜力再加 12 分即可",
        "价值 91.23×50%=45.62 + 潜力 88×30%=26.4 + 需求 85×20%=17.0 = 89.02≈89.0 分，重点客户；还差 1.0 分到战略客户：价值再加 2 分即可",
    ]
    english = explaining.breakdown_sentences(*columns(*CUSTOMERS), policy, words_in("en"))
    assert english[0] == (
        "value 92×50%=46.0 + potential 88×30%=26.4 + demand 85×20%=17.0 = 89.4, Key; "
        "0.6 short of Strategic: value +2 would do"
    )
    assert english[2] == "No mark from 0 to 100 for value, demand: the score is unknown"


def test_a_next_tier_that_cannot_be_hit_is_said(policy: Policy, words_in) -> None:
    narrow = other(policy, (1, 0, 0), (0, 30.2, 30.6, 70, 90))
    said = explaining.breakdown_sentences(*columns((29, 50, 50)), narrow, words_in("zh-CN"))[0]
    assert said.endswith("；还差 1.2 分到潜力客户，但整分调整无法落在该层级")


def test_the_way_to_a_tier_in_words(policy: Policy, words_in) -> None:
    typed = columns((92, 88, 85), (92, 88, 85), (55, 45, 70), (NAN, 50, 50), (92, 88, 85), (NAN, 50, 50))
    wanted = keys("strategic", "key", "optimize", "key", None, None)
    assert explaining.path_sentences(*typed, wanted, policy, words_in("zh-CN")) == [
        "价值再加 2 分：重点客户 → 战略客户（89.4 → 90.4 分）",
        "已是重点客户（89.4 分），无需调整",
        "价值减 51 分：普通客户 → 待优化客户（55.0 → 29.5 分）",
        "价值没有 0–100 的评分，得分未知",
        "没有指明要变为哪个层级",
        "价值没有 0–100 的评分，得分未知",
    ]
    assert explaining.path_sentences(*typed, wanted, policy, words_in("en"))[:3] == [
        "value +2: Key → Strategic (89.4 → 90.4)",
        "Already Key (89.4); nothing to change",
        "value −51: Regular → To optimize (55.0 → 29.5)",
    ]
    narrow = other(policy, (1, 0, 0), (0, 30.2, 30.6, 70, 90))
    assert explaining.path_sentences(*columns((50, 0, 0)), keys("potential"), narrow, words_in("zh-CN")) == [
        "无法变为潜力客户：整分调整任何维度，得分都不会落在该层级（目前 50.0 分，普通客户）"
    ]


@pytest.mark.parametrize(
    ("weights", "shown"), [((0.333, 0.333, 0.334), "33.3%"), ((0.5, 0.5, 0), "0%"), ((0.125, 0.5, 0.375), "12.5%")]
)
def test_weights_are_shown_as_percentages(policy: Policy, words_in, weights: tuple, shown: str) -> None:
    said = explaining.breakdown_sentences(*columns((50, 50, 50)), other(policy, weights), words_in("en"))
    assert f"×{shown}=" in said[0]
