"""No manager has forty visits on one Monday, and nobody is forgotten (handbook §8)."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import planning, visits, workdays
from kam_xl.core.policy import Policy

TODAY = pd.Timestamp("2024-03-01")  # a Friday; weekends and 4 to 6 April are off
D = dt.date


def customers(*rows: tuple, who: str = "王") -> pd.DataFrame:
    """Rows of (due, tier, cadence), and maybe whose."""
    filled = [(*row, who)[:4] for row in rows]
    table = pd.DataFrame(filled, columns=["next_visit", "computed_tier", "cadence_days", "who"])
    table["customer_id"] = [f"C{number:03}" for number in range(len(rows))]
    kinds = {"next_visit": "datetime64[s]", "computed_tier": "str", "cadence_days": "float64", "who": "str"}
    return table.astype(kinds)


def spread(table: pd.DataFrame, policy: Policy, agreed: dict[int, str] | None = None) -> pd.Series:
    days = pd.Series([(agreed or {}).get(row) for row in table.index], index=table.index, dtype="datetime64[s]")
    return visits.spread(table, days, policy, TODAY)


def said(days: pd.Series) -> list[str | None]:
    return days.dt.strftime("%m-%d").astype(object).where(days.notna(), None).tolist()


@pytest.mark.parametrize(
    ("due", "planned"),
    [
        (D(2024, 3, 20), "03-20"),  # its own day
        (D(2024, 3, 17), "03-15"),  # a Sunday: the Friday before
        (D(2024, 4, 5), "04-03"),  # the holiday of Qingming
        (D(2024, 3, 2), "03-01"),  # a Saturday: today
        (D(2024, 3, 1), "03-01"),
        (D(2024, 2, 1), "03-01"),  # overdue: at once
        (None, None),
    ],
)
def test_a_visit_with_room_is_on_its_day_or_the_workday_before(policy: Policy, due: D, planned: str) -> None:
    assert said(spread(customers((due, "regular", 180)), policy)) == [planned]


def test_a_full_day_moves_the_lower_tier_earlier_by_as_little_as_possible(policy: Policy) -> None:
    due = D(2024, 3, 20)
    table = customers(*[(due, tier, 90) for tier in ("optimize", "key", "regular", "strategic", "potential")])
    assert said(spread(table, policy)) == ["03-18", "03-20", "03-19", "03-20", "03-19"]


def test_the_tolerance_is_a_share_of_the_cadence(policy: Policy) -> None:
    one = dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, visits_per_day=1))
    due = D(2024, 3, 20)  # a fifth of 10 days are 2: three places, then it is late
    assert said(spread(customers(*[(due, "key", 10)] * 5), one)) == ["03-20", "03-19", "03-18", "03-21", "03-22"]
    never = dataclasses.replace(one, plan=dataclasses.replace(one.plan, early_share=0))
    assert said(spread(customers(*[(due, "key", 10)] * 3), never)) == ["03-20", "03-21", "03-22"]


def test_the_overdue_come_first_then_the_higher_tiers(policy: Policy) -> None:
    one = dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, visits_per_day=1))
    table = customers(
        (D(2024, 3, 1), "strategic", 90),
        (D(2024, 2, 1), "regular", 180),
        (D(2024, 2, 20), "key", 90),
        (D(2024, 2, 10), "key", 90),
    )
    assert said(spread(table, one)) == ["03-06", "03-05", "03-04", "03-01"]


def test_every_manager_has_a_calendar_of_their_own(policy: Policy) -> None:
    due = D(2024, 3, 20)
    table = customers(*[(due, "key", 90, who) for who in ("王", "王", "李", "王")])
    assert said(spread(table, policy)) == ["03-20", "03-20", "03-20", "03-19"]


def test_forty_visits_due_on_a_monday_are_spread(policy: Policy) -> None:
    planned = spread(customers(*[(D(2024, 3, 25), "regular", 180)] * 40), policy)
    assert planned.value_counts().max() == policy.plan.visits_per_day
    assert planned.max() == pd.Timestamp("2024-03-28")  # 17 workdays up to then have 34 places, the six others are late


def test_a_day_agreed_on_is_kept_and_taken_first(policy: Policy) -> None:
    one = dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, visits_per_day=1))
    table = customers((D(2024, 3, 20), "strategic", 90), (D(2024, 3, 4), "optimize", 365))
    assert said(spread(table, one, {1: "2024-03-20"})) == ["03-19", "03-20"]
    assert said(spread(table, one, {1: "2024-03-24"})) == ["03-20", "03-25"]  # a Sunday: the Monday after
    assert said(spread(table, one, {1: "2024-02-20"})) == ["03-20", "03-04"]  # past: it is as if never said


def test_more_visits_than_days_overfill_every_day_alike(policy: Policy) -> None:
    table = customers(*[(D(2024, 3, 25), "regular", 180)] * 1200)
    planned = spread(table, policy)
    assert planned.notna().all()
    assert planned.value_counts().max() == 5  # 250 workdays in the longest cadence, two a day are not enough


def test_nobody_no_calendar(policy: Policy) -> None:
    assert spread(customers(), policy).empty


_ROW = st.tuples(
    st.integers(-40, 60).map(lambda days: TODAY.date() + dt.timedelta(days)),
    st.sampled_from(["strategic", "regular", None]),
    st.sampled_from([10.0, 90.0]),
    st.sampled_from(["王", "李"]),
)


@pytest.mark.slow
@given(st.lists(_ROW, max_size=25), st.integers(1, 3), st.randoms())
def test_the_laws_of_the_spread(policy: Policy, rows: list, capacity: int, random) -> None:
    narrow = dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, visits_per_day=capacity))
    table = customers(*rows)
    planned = spread(table, narrow)
    assert planned.notna().all()  # every customer once
    assert workdays.is_workday(planned, policy.calendar).all()
    assert (planned >= TODAY).all()
    assert planned.groupby([table["who"], planned]).size().le(capacity).all()
    for row in table.assign(planned=planned).itertuples():
        early = row.next_visit - pd.Timedelta(days=int(row.cadence_days * policy.plan.early_share))
        up_to_due = pd.Series(pd.date_range(TODAY, row.next_visit, unit="s"), dtype="datetime64[s]")
        up_to_due = up_to_due[workdays.is_workday(up_to_due, policy.calendar)]
        window = up_to_due[(up_to_due >= early) | (up_to_due == up_to_due.max())]
        mine = planned[table["who"] == row.who].value_counts()
        if row.planned > row.next_visit >= TODAY:  # late only where no day of the window is free
            assert window.map(mine).eq(capacity).all()
        elif row.next_visit >= TODAY:
            assert row.planned in set(window)
    order = list(table.index)
    random.shuffle(order)
    assert spread(table.loc[order], narrow).sort_index().equals(planned)


# --- the frames --------------------------------------------------------------------------------------------------


def calendar(assessment, words) -> pd.DataFrame:
    a = assessment
    return planning.calendar(a.customers, a.matters, a.portfolio, a.policy, pd.Timestamp(a.today), words)


def test_a_planned_visit_has_an_agenda_worst_first_and_what_ends_soon(assessed, words_in) -> None:
    rows = {
        "tracking": [{"end": D(2024, 2, 1), "problem": "拖延", "tracker": "王 经理", "status": "running"}],
        "renewals": [
            {"kind": "renewal", "product": "平台", "renewal_date": D(2024, 5, 30), "stage": "lead"},
            {"kind": "renewal", "product": "旧合同", "renewal_date": D(2024, 5, 31), "stage": "lead"},  # 91 days
            {"kind": "trial", "product": "新模块", "trial_expiry": D(2024, 3, 15)},
        ],
    }
    row = calendar(assessed(**rows), words_in("zh-CN")).iloc[0]
    assert row[["customer_id", "manager", "shift"]].tolist() == ["C001", "王 经理", "none"]
    # what is ours to settle is no topic: the late strategy, its problem
    assert row["agenda"].endswith("续约：平台（2024-05-30）、试用：新模块（2024-03-15）")
    english = calendar(assessed(lang="en", **rows), words_in("en")).iloc[0]
    assert english["agenda"].endswith("Renewal: 平台 (2024-05-30), Trial: 新模块 (2024-03-15)")


@pytest.mark.parametrize(
    ("last_deal", "shift", "planned"),
    [
        (D(2023, 9, 12), "none", "2024-03-08"),  # Sunday the 10th is Friday the 8th
        (D(2023, 9, 1), "overdue", "2024-03-01"),
        (D(2023, 9, 15), "none", "2024-03-13"),
    ],
)
def test_a_visit_says_how_its_day_lies(last_deal: D, shift: str, planned: str, assessed, words_in) -> None:
    row = calendar(assessed(customers=[{"last_deal": last_deal}], tracking=[]), words_in("en")).iloc[0]
    assert (row["shift"], f"{row['planned']:%Y-%m-%d}") == (shift, planned)


def test_utilisation_is_planned_against_the_workdays_left(policy: Policy) -> None:
    rows = [("王", "2024-03-01")] * 3 + [("王", "2024-03-04"), (None, "2024-04-07"), ("李", "2024-04-03")]
    frame = pd.DataFrame(rows, columns=["manager", "planned"]).assign(team="华东")
    frame = frame.astype({"manager": "str", "team": "str", "planned": "datetime64[s]"})
    found = visits.utilisation(frame, policy, TODAY)
    assert found.columns.tolist() == list(visits.UTILISATION)
    assert found.fillna("").to_numpy().tolist() == [
        ["王", "", "2024-W09", 3, 2.0, 1.5, True, True],  # Friday only is left of the week
        ["王", "", "2024-W10", 1, 10.0, 0.1, False, True],
        ["李", "", "2024-W14", 1, 8.0, 0.125, False, False],  # Qingming: two days off, one Sunday worked
        ["", "华东", "2024-W14", 1, 8.0, 0.125, False, False],
    ]
    assert visits.utilisation(frame.head(0), policy, TODAY).columns.tolist() == list(visits.UTILISATION)


DUE = st.tuples(
    st.dates(D(2024, 2, 20), D(2024, 3, 20)), st.sampled_from(["strategic", "key", "regular"]), st.sampled_from("王李")
)


@given(st.lists(DUE, min_size=2, max_size=14), DUE)
def test_one_visit_asked_for_otherwise_among_the_others_is_where_it_would_be(
    policy: Policy, rows: list, other: tuple
) -> None:
    """Every other customer's own, and the first one's as if all others had asked as before."""
    one = dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, visits_per_day=1))
    before, after = (
        customers(*[(due, tier, 30, who) for due, tier, who in some])
        .assign(agreed=pd.NaT)
        .astype({"agreed": "datetime64[s]"})
        for some in (rows, [other, *rows[1:]])
    )
    days, expected = (
        visits.spread(some, some["agreed"], one, TODAY).set_axis(some["customer_id"]) for some in (before, after)
    )

    found = visits.among(after, before, days, one, TODAY)

    assert found.iloc[0] == expected.iloc[0]
    pd.testing.assert_series_equal(found.iloc[1:], days.iloc[1:], check_names=False)


@given(st.lists(st.tuples(DUE, DUE).filter(lambda one: one[0] != one[1]), min_size=1, max_size=14))
def test_where_many_are_asked_for_otherwise_they_are_placed_at_once(policy: Policy, pairs: list) -> None:
    one = dataclasses.replace(policy, plan=dataclasses.replace(policy.plan, visits_per_day=1))
    before, after = (
        customers(*[(due, tier, 30, who) for due, tier, who in some])
        .assign(agreed=pd.NaT)
        .astype({"agreed": "datetime64[s]"})
        for some in zip(*pairs, strict=True)
    )
    days, expected = (
        visits.spread(some, some["agreed"], one, TODAY).set_axis(some["customer_id"]) for some in (before, after)
    )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visits, "_PAIRS", -1)
        found = visits.among(after, before, days, one, TODAY)

    pd.testing.assert_series_equal(found, expected, check_names=False)
