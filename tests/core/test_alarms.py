"""Which alarms a history raised, and who got worse when."""

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import alarms, history
from kam_xl.core.policy import Policy

_QUIET = {"name": "某科技", "teams": "华东", "tier": "key", "level": "none", "lifecycle": "active", "amount": 100.0,
          "team_count": 2.0, "amount_parts": 2.0, "renewals_lost": 0.0, "policy": "p"}  # fmt: skip


def night(day: int, *customers: dict) -> pd.DataFrame:
    """One night of January; every customer is C001 and quiet but for what is said."""
    on = pd.Timestamp(dt.date(2026, 1, day))
    rows = [{"customer_id": "C001", **_QUIET, "on": on, "whole_on": on} | row for row in customers]
    return history.complete(pd.DataFrame(rows))


def hit(rule: str) -> dict:
    return {"risks": f"C001{rule}={rule}=high=2026-01-31=2026-01-01=2026-01-01"}


def events(policy: Policy, *nights: pd.DataFrame) -> list[tuple[int, str]]:
    return list(alarms.followed(nights, policy).events[["night", "what"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({}, {"tier": "regular"}, ["tier_down"]),
        ({"tier": "regular"}, {"tier": "key"}, []),
        ({"tier": None}, {"tier": "optimize"}, []),
        ({}, {"lifecycle": "silent"}, []),
        ({}, {"lifecycle": "lost"}, ["lost"]),
        ({"lifecycle": None}, {"lifecycle": "lost"}, []),
        ({"lifecycle": "lost"}, {"lifecycle": "lost"}, []),
        ({}, {"renewals_lost": 1.0}, ["renewal_lost"]),
        ({"renewals_lost": None}, {"renewals_lost": 1.0}, []),
        ({}, {"amount": 90.0}, ["amount_down"]),
        ({}, {"amount": 90.1}, []),
        ({}, {"amount": 50.0, "team_count": 1.0}, []),
        ({}, {"amount": 50.0, "amount_parts": 1.0}, []),
        ({"amount": None}, {"amount": 50.0}, []),
        ({}, {"tier": "regular", "lifecycle": "lost", "policy": "other"}, []),
        ({}, {"renewals_lost": 1.0, "policy": "other"}, ["renewal_lost"]),
        ({"policy": None}, {"tier": "regular"}, ["tier_down"]),
    ],
)
def test_what_is_worse(policy: Policy, before: dict, after: dict, expected: list[str]) -> None:
    assert events(policy, night(1, before), night(2, after)) == [(1, what) for what in expected]


def test_what_was_not_known_for_a_night_is_compared_with_what_was_known_before(policy: Policy) -> None:
    assert events(policy, night(1, {}), night(2, {"lifecycle": None}), night(3, {"lifecycle": "lost"})) == [(2, "lost")]


def test_an_amount_that_keeps_falling_is_worse_each_time_it_lost_a_tenth_again(policy: Policy) -> None:
    amounts = [100.0, 95.0, 89.0, 85.0, 80.0, 120.0, 100.0]

    nights = [night(day, {"amount": amount}) for day, amount in enumerate(amounts, 1)]
    assert events(policy, *nights) == [(2, "amount_down"), (4, "amount_down"), (6, "amount_down")]


def test_a_lost_renewal_that_goes_and_comes_back_is_lost_once(policy: Policy) -> None:
    nights = [night(day, {"renewals_lost": lost}) for day, lost in enumerate([0.0, 1.0, 0.0, 1.0, 2.0], 1)]

    assert events(policy, *nights) == [(1, "renewal_lost"), (4, "renewal_lost")]


def spans(policy: Policy, *nights: pd.DataFrame) -> list[tuple[str, int, int]]:
    found = alarms.followed(nights, policy).alarms
    return list(found[["key", "first", "last"]].itertuples(index=False, name=None))


def test_an_alarm_lasts_from_its_first_night_to_its_last_whatever_becomes_of_the_others(policy: Policy) -> None:
    silent, both = (
        hit("silent_customer"),
        {"risks": " ".join(hit(one)["risks"] for one in ("health_red", "silent_customer"))},
    )

    nights = [
        night(1, {}),
        night(2, silent | {"level": "high"}),
        night(3, both | {"level": "high"}),
        night(4, silent),
        night(5, {}),
    ]
    assert spans(policy, *nights) == [("health_red", 2, 2), ("high", 1, 2), ("silent_customer", 1, 3)]


@pytest.mark.parametrize(("back", "expected"), [(16, [(0, 2)]), (17, [(0, 0), (2, 2)])])
def test_an_alarm_that_is_back_within_the_days_of_the_policy_never_went(
    policy: Policy, back: int, expected: list
) -> None:
    nights = [night(2, hit("health_red")), night(3, {}), night(back, hit("health_red"))]

    assert spans(policy, *nights) == [("health_red", *span) for span in expected]


def test_nights_that_are_missing_end_no_alarm_and_leaving_the_books_does(policy: Policy) -> None:
    other = {"customer_id": "C002"}
    nights = [night(1, hit("health_red")), night(30, hit("health_red")), night(31, other)]

    found = alarms.followed(nights, policy)
    assert found.alarms[["first", "last"]].values.tolist() == [[0, 1]]
    assert found.there.tolist() == [[True, False], [True, False], [False, True]]


def test_a_workbook_that_cannot_be_read_leaves_open_what_came(policy: Policy) -> None:
    known = night(1, {})
    nights = [known, night(20, {"whole_on": pd.Timestamp("2026-01-01")})]

    assert alarms.followed(nights, policy).until.astype(str).tolist() == ["2026-01-01"]


def test_an_older_snapshot_that_names_no_rules_raises_no_alarm(policy: Policy) -> None:
    assert spans(policy, night(1, {"due": "C001x=2026-01-31"}), night(2, {})) == []


def test_no_nights_at_all(policy: Policy) -> None:
    found = alarms.followed([], policy)

    assert (len(found.days), len(found.alarms), len(found.events)) == (0, 0, 0)
