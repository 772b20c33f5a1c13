"""Every change between two nights is split among its causes: of thirty nights whose causes were written down first, all are named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import gc
import itertools
import weakref

import numpy as np
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import adding_up, bridges, by_team, history, moves, past_moves, read_books, waiting, worlds
from kam_xl.core.bridges import DECIMALS, Bridge
from kam_xl.core.outside import outside
from kam_xl.core.teams import Teams
from kam_xl.reports import headline
from tests import builders, story

pytestmark = pytest.mark.slow
TOLD = [number for number, event in story.EVENTS.items() if event.get("causes")]
CAUSES = [(number, cause) for number in TOLD for cause in story.EVENTS[number]["causes"]]


def between(then: story.Night, now: story.Night) -> Bridge:
    known = worlds.Worlds(then, now, now.words, {0: then.found, 1: now.found})
    return bridges.between(known, {0: then.snapshot, 1: now.snapshot})


@functools.cache
def of(number: int) -> Bridge:
    """Why a night of the story is not what the night before it was."""
    return between(*story.nights()[number - 2 : number])


def parts(found: Bridge, cause: dict) -> pd.DataFrame:
    """What the factors have to do with the figure of a cause."""
    if "customer" not in cause:
        return found.sum_parts[found.sum_parts["figure"] == cause["figure"]].assign(role="part")
    own = found.parts[found.parts["customer_id"] == cause["customer"]]
    return own[own["figure"] == cause["figure"]]


@pytest.mark.parametrize(
    ("number", "cause"), CAUSES, ids=lambda one: str(one) if isinstance(one, int) else one["figure"]
)
def test_every_cause_of_the_story_is_named(number: int, cause: dict) -> None:
    found = of(number)
    rows = parts(found, cause)
    rows = rows[rows["factor"] != "rounding"]

    assert cause["factor"] in rows.loc[rows["role"].isin(["first", "part"]), "factor"].tolist()
    if cause.get("alone", False):
        assert set(rows["factor"]) == {cause["factor"]}
    if "cites" in cause:
        assert cause["cites"] in cited(found, cause)


def cited(found: Bridge, cause: dict) -> set[str]:
    """What is cited of a factor."""
    if cause["factor"] == "own":
        own = found.edits[found.edits["customer_id"] == cause["customer"]]
        return set(own["kind"] + "." + own["field"])
    facts = found.facts[found.facts["factor"] == cause["factor"]]
    return {*facts["what"], *facts["of"]}


@pytest.mark.parametrize("number", TOLD)
def test_the_parts_sum_to_the_change_exactly(number: int) -> None:
    found = of(number)
    numbers = found.moved.dropna(subset=["before", "after"])
    summed = found.parts.groupby(["customer_id", "figure"])["part"].sum()

    for row in numbers.itertuples():
        assert round(summed[row.customer_id, row.figure], 6) == round(row.after - row.before, 6)
    for row in found.sums.itertuples():
        whole = found.sum_parts.loc[found.sum_parts["figure"] == row.figure, "part"].sum()
        assert round(whole, 6) == round(row.after - row.before, 6)


@pytest.mark.parametrize("number", TOLD)
def test_only_what_differs_is_a_factor_and_what_has_no_parts_has_one_first_cause(number: int) -> None:
    found, event = of(number), story.EVENTS[number]
    named = {*found.parts["factor"]} - {"rounding"}

    assert named <= {*found.factors}
    assert ("policy" in named) <= ("policy" in event)
    assert ("own" in named) <= bool({"set", "add"} & {*event})
    firsts = found.parts[found.parts["role"] != "part"].groupby(["customer_id", "figure"])["role"].agg(list)
    assert all(roles.count("first") == 1 for roles in firsts)


@pytest.mark.parametrize("number", [3, 10, 24, 29])
def test_what_is_split_is_what_the_first_page_shows(number: int) -> None:
    sums = of(number).sums.set_index("figure")
    for column, night in zip(("before", "after"), story.nights()[number - 2 : number], strict=True):
        page = {one.key: float(one.value_text.replace(",", "")) for one in headline.key_figures(night.found)}
        assert {*waiting.COUNTS} < {*page} < {*sums.index}
        assert sums.loc[[*page], column].to_dict() == page


def test_cases_of_nobody_that_the_page_counts_are_split_too() -> None:
    """A complaint about an ID that is no customer's, and one that names nobody."""
    then, now = story.nights()[21:23]
    late = {"kind": "投诉", "severity": "重大", "reported": dt.date(2026, 11, 17), "description": "停机"}
    rows = [{**late, "customer_id": "C777"}, {**late, "customer_id": None}]
    raw = builders.raw_book(
        "陌生.xlsx", sha256="strange", service=rows, info=[{"customer_id": "C778", "name": "公司78"}]
    )
    book = read_books.read(dataclasses.replace(raw, team="陌生"))
    later = story.judged((*now.books, book), now.policy, now.moment, now.last, now.words)

    found = between(then, later)

    strange = later.found.cases["late"].sum() - now.found.cases["late"].sum()
    assert strange > 0
    parts = found.sum_parts[found.sum_parts["figure"] == "past_limit"]
    assert parts[["factor", "part"]].to_numpy().tolist() == [["workbooks", float(strange)]]


def typed(day: int, amount: int, order: int) -> read_books.ReadBook:
    """One team's workbook: C904 keeps no orders; C903 and C904 come to an amount, C902's last order to another."""
    who = [f"C90{number}" for number in range(1, 5)]
    amounts = dict.fromkeys(who, 100) | dict.fromkeys(who[2:], amount)
    lately, mark = dt.date(2026, 9, 1), dict.fromkeys(("value", "potential", "demand"), 70)
    info = [{"customer_id": one, "name": one, "amount": amounts[one], "last_deal": lately} for one in who]
    marks = [{"customer_id": one, **mark, "evaluated_on": lately} for one in who]
    service = [{"customer_id": one, "kind": "满意度调查", "reported": lately, "satisfaction": 85} for one in who]
    first, before, a_year_ago, now = (
        dt.date(2024, 6, 1),
        dt.date(2025, 6, 1),
        dt.date(2025, 11, 22),
        dt.date(2026, 6, 1),
    )
    sold = {
        "C901": {first: 40, before: 40, a_year_ago: 10, now: 30},
        "C902": {before: 40, now: order},
        "C903": {before: 40, now: 20},
    }
    orders = [
        {"customer_id": one, "ordered_on": on, "amount": much}
        for one, each in sold.items()
        for on, much in each.items()
    ]
    book = builders.raw_book("订单.xlsx", sha256=f"{day}", info=info, evaluation=marks, service=service, orders=orders)
    return read_books.read(dataclasses.replace(book, team="订单"))


def test_how_the_scale_develops_is_own_data_and_calendar_where_orders_tell_it_else_what_is_remembered_too() -> None:
    """On the second day C901's order of a year ago is one of the year before; C902's is typed anew; 100 became 150 before."""
    policy, words, last, made = resources.policy(None), resources.words("zh-CN"), None, []
    for day, amount, order in ((20, 100, 40), (21, 150, 40), (22, 150, 20)):
        moment = dt.datetime(2026, 11, day, 2)
        made.append(story.judged((typed(day, amount, order),), policy, moment, last, words))
        last = made[-1].snapshot
    before, after = (night.found.customers.set_index("customer_id") for night in made[1:])
    assert before["scale_by"].tolist() == ["orders", "orders", "orders", "remembered"]
    # by the median of 125, 62 or 76; then orders of 40 after 40, of 20 after 40 (−30), and 150 after 100 (+15)
    assert before["health_scale"].tolist() == [62, 62, 46, 91]
    # 30 after 50 (−24), 20 after 40 (−30) twice, and 150 after 150
    assert after["health_scale"].tolist() == [38, 32, 46, 76]

    found = between(*made[1:])

    health = found.parts[found.parts["figure"] == "health"]
    large = health[health["part"].abs() > 1]  # a day without contact costs less
    causes = large.groupby("customer_id")["factor"].agg(list)
    assert causes.to_dict() == {"C901": ["calendar"], "C902": ["own"], "C904": ["before"]}
    assert cited(found, {"factor": "own", "customer": "C902"}) == {"orders.amount"}
    summed = health.groupby("customer_id")["part"].sum()
    pd.testing.assert_series_equal(summed, (after["health"] - before["health"]), check_names=False)


def test_nothing_of_two_nights_outlives_whoever_asked() -> None:
    """No cycle holds it: of many workbooks a night has no room for it until cycles are looked for."""
    then, now = story.nights()[1:3]
    known = worlds.Worlds(then, now, now.words, {1: now.found}, then.snapshot)
    earlier = weakref.ref(known.portfolio(0, 0, 0, 0))
    gc.disable()
    try:
        bridges.between(known, {0: then.snapshot}, shortly=True)
        assert earlier() is not None
        del known
        assert earlier() is None
    finally:
        gc.enable()


def test_a_workbook_under_another_name_changes_nothing() -> None:
    assert "workbooks" not in of(25).factors
    assert set(of(25).parts["factor"]) <= {"calendar", "rounding"}


def test_a_night_explained_against_itself_is_empty() -> None:
    night = story.nights()[3]

    found = between(night, night)

    assert (found.factors, len(found.moved), len(found.parts), len(found.edits)) == ((), 0, 0, 0)
    assert found.sums["before"].tolist() == found.sums["after"].tolist()


def test_to_exchange_the_nights_turns_every_sign() -> None:
    then, now = story.nights()[2:4]

    there, back = numbers(of(4)), numbers(between(now, then))

    assert len(there) > 20
    pd.testing.assert_series_equal(back, -there)


def numbers(found: Bridge) -> pd.Series:
    rows = found.parts[found.parts["role"] == "part"]
    return rows.set_index(["customer_id", "figure", "factor"])["part"].sort_index()


def test_the_order_in_which_factors_are_listed_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = numbers(of(26))
    monkeypatch.setattr(worlds, "FACTORS", worlds.FACTORS[::-1])
    monkeypatch.setattr(worlds, "World", lambda *told: _World(*told[::-1]))

    pd.testing.assert_series_equal(numbers(between(*story.nights()[24:26])), usual)


_World = worlds.World


@pytest.mark.parametrize("number", [5, 15, 26])
def test_the_first_and_the_last_world_are_the_nights_as_they_were(number: int) -> None:
    then, now = story.nights()[number - 2 : number]
    between_them = worlds.Worlds(then, now, now.words, {0: then.found, 1: now.found})
    ids = sorted(between_them.end(1).customers.index)
    factors = between_them.factors(ids)

    for which, number_of in ((0, 0), (1, 2 ** len(factors) - 1)):
        stood = between_them.stood(worlds.world_of(number_of, factors), ids)
        pd.testing.assert_frame_equal(stood, between_them.end(which).customers.reindex(ids), check_index_type=False)


def test_a_night_judged_again_comes_to_what_it_came_to() -> None:
    then, now = story.nights()[4:6]
    anew = worlds.Worlds(then, now, now.words)

    for which, night in enumerate((then, now)):
        expected = worlds.standing(night.found.customers, night.found.counts)
        pd.testing.assert_frame_equal(anew.end(which).customers, expected)


def test_what_todays_program_computes_otherwise_is_the_programs_part() -> None:
    then, now = story.nights()[2:4]
    recorded = then.snapshot.copy()
    at = recorded.index[recorded["customer_id"] == "C003"][0]
    recorded.loc[at, ["score", "tier"]] = [95.0, "strategic"]

    known = worlds.Worlds(then, now, now.words, {0: then.found, 1: now.found})
    found = bridges.between(known, {0: recorded, 1: now.snapshot}).of("C003")

    score = found.parts[found.parts["figure"] == "score"].set_index("factor")["part"]
    true = story.nights()[2].found.customers.set_index("customer_id")["score"]["C003"]
    assert score["program"] == pytest.approx(true - 95.0)
    assert found.parts.loc[found.parts["figure"] == "tier", ["factor", "role"]].to_numpy().tolist() == [
        ["program", "first"]
    ]


def test_one_customer_alone_is_told_as_among_all() -> None:
    then, now = story.nights()[24:26]
    known = worlds.Worlds(then, now, now.words, {0: then.found, 1: now.found})

    alone = bridges.between(known, {0: then.snapshot, 1: now.snapshot}, ["C011"])

    pd.testing.assert_frame_equal(alone.parts, of(26).of("C011").parts)
    assert len(alone.sums) == 0


def test_what_is_told_names_the_figure_the_cause_and_the_cell() -> None:
    now = story.nights()[25]

    told = moves.told(of(26).of("C011"), now.policy, now.words)

    [score] = told[told["figure"] == "score"].itertuples()
    assert score.said == "70.4 → 77.0（+6.6）"
    assert score.why == "自身数据 +6.0 · 政策 +0.6"
    assert score.cites.startswith(
        "华南.xlsx 客户多维度分层评估表!C2 潜力维度（30%）：70 → 90、weights.value：0.2 → 0.5"
    )


def test_nothing_of_a_figure_that_did_not_change_is_told() -> None:
    found = of(26)
    same = found.moved.dropna(subset=["before", "after"])

    assert not np.isclose(same["before"], same["after"], atol=1e-9).any()
    assert not found.moved.duplicated(["customer_id", "figure"]).any()


def test_a_snapshot_changed_in_nothing_that_counts_is_no_factor() -> None:
    """`REMEMBERED` is all of a snapshot that the figures of the night after rest on."""
    night = story.nights()[23]
    last = night.last.copy()
    others = [name for name in last.columns if name not in (*worlds.REMEMBERED, "customer_id", "on", "whole_on")]
    for name in others:
        last[name] = last[name].iloc[::-1].to_numpy()

    again = worlds.Worlds(dataclasses.replace(night, last=last), night, night.words)

    pd.testing.assert_frame_equal(again.end(0).customers, again.end(1).customers)
    assert again.factors(again.end(1).customers.index) == ()


def test_the_story_has_a_cause_of_every_kind() -> None:
    assert {cause["factor"] for _, cause in CAUSES} == {*worlds.FACTORS}
    assert [*story.EVENTS] == sorted(story.EVENTS)
    assert len([*itertools.chain(story.nights())]) == story.NIGHTS == 30


@pytest.mark.parametrize("number", [4, 8, 15, 26])
def test_what_each_night_tells_shortly_is_what_is_told_at_length(number: int) -> None:
    """Out of the snapshot that the night before left, where it says all; the first causes, the parts, the headline."""
    then, now = story.nights()[number - 2 : number]
    told = worlds.Worlds(then, now, now.words, {1: now.found}, then.snapshot)

    short, long = bridges.between(told, {0: then.snapshot}, shortly=True), of(number)

    moved = long.moved[long.moved["figure"] != "health"].reset_index(drop=True)
    pd.testing.assert_frame_equal(short.moved, moved)
    parts = long.parts[(long.parts["figure"] != "health") & long.parts["role"].isin(["part", "first"])]
    pd.testing.assert_frame_equal(short.parts, parts.reset_index(drop=True))
    sums = long.sums[long.sums["figure"] != "money"].reset_index(drop=True)
    pd.testing.assert_frame_equal(short.sums, sums)
    sum_parts = long.sum_parts[long.sum_parts["figure"] != "money"].reset_index(drop=True)
    pd.testing.assert_frame_equal(short.sum_parts, sum_parts)


# --- several nights -----------------------------------------------------------------------------------------------------

SINCE, LAST, WORDS = 24, 30, resources.words("zh-CN")


@functools.cache
def explained():
    """The story's last nights, each explained against the one before and then telling of those before."""
    found, kept = [], []
    for number in range(SINCE + 1, LAST + 1):
        then, now = story.nights()[number - 2 : number]
        known = worlds.Worlds(then, now, now.words, {0: then.found, 1: now.found})
        built = bridges.between(known, {0: then.snapshot}, shortly=True)
        told = dataclasses.replace(
            now.found, moves=moves.told(built, now.policy, now.words), move_parts=built.parts, against=built.then
        )
        every = past_moves.told(told, kept[::-1])
        told = dataclasses.replace(told, night_moves=every.rows, moved_since=every.since.date())
        found.append(told)
        kept.append(history.snapshot(outside(told)))
    return found


def test_since_any_night_a_figure_comes_from_what_it_was_then_to_what_it_is():
    last = explained()[-1]
    for number in range(SINCE, LAST):
        then = story.nights()[number - 1]
        day = pd.Timestamp(then.moment.date())
        known = then.found.customers.set_index("customer_id")
        for who, own in last.night_moves.groupby("customer_id"):
            added = adding_up.since(own, day, WORDS, WORDS).set_index("figure")
            if who not in known.index or "there" in added.index:
                continue
            for figure, column in (("score", "score"), ("amount", "amount")):
                ends = [known.at[who, column], last.customers.set_index("customer_id").at[who, column]]
                if figure not in added.index:
                    assert ends[0] == ends[1] or pd.isna(ends).all()
                    continue
                assert added.at[figure, "said"] == moves.step(*ends, figure, WORDS)
                parts = adding_up.parts_of(added.at[figure, "why"], WORDS)
                if not pd.isna(ends).any():
                    change = round(ends[1], DECIMALS[figure]) - round(ends[0], DECIMALS[figure])
                    assert float(sum(parts.values())) == pytest.approx(change, abs=1e-9)


def test_what_is_told_of_nights_before_is_what_was_told_then_but_for_what_was_cited():
    *before, last = explained()
    for night in before[-5:]:
        again = last.night_moves[last.night_moves["on"] == pd.Timestamp(night.today)]
        columns = ["customer_id", "figure", "said", "why"]
        same = night.moves[night.moves["customer_id"].isin(again["customer_id"])]
        pd.testing.assert_frame_equal(
            again[columns].reset_index(drop=True), same[columns].reset_index(drop=True), check_dtype=False
        )
        assert again["cites"].eq("").all()
        assert len(again) or night.moves.empty


def test_a_team_reads_of_its_own_customers_alone_and_no_amount_that_others_have_part_in():
    last = explained()[-1]
    for part in by_team.parts(Teams(outside(last))):
        rows = part.night_moves
        assert set(rows["customer_id"]) <= part.customer_ids
        assert not (rows["customer_id"].isin(part.shared_ids) & (rows["figure"] == "amount")).any()
        assert len(rows)
