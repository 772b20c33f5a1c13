"""A night is compared with the one before: who is new, gone, up or down (handbook §4)."""

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import history
from kam_xl.core.policy import Policy


def night(**keys: tuple[str | None, str]) -> pd.DataFrame:
    """Customers by ID, each with its tier and level."""
    rows = [(customer, tier, level) for customer, (tier, level) in keys.items()]
    return pd.DataFrame(rows, columns=["customer_id", "tier", "level"], dtype="str").assign(teams="华东")


def changes(now: pd.DataFrame, past: pd.DataFrame | None, policy: Policy) -> list[tuple]:
    tonight = now.rename(columns={"tier": "computed_tier"}).assign(name="某科技")
    found = history.changes(tonight, None if past is None else past.assign(name="某贸易"), policy)
    assert found.columns.tolist() == list(history.COLUMNS)
    return list(found.drop(columns="name").fillna("—").itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("key", "low"), ("key", "low"), []),
        (("key", "low"), ("strategic", "low"), [("tier_up", "key", "strategic")]),
        (("key", "low"), ("optimize", "low"), [("tier_down", "key", "optimize")]),
        (("key", "none"), ("key", "low"), [("risk_up", "none", "low")]),
        (("key", "high"), ("key", "medium"), [("risk_down", "high", "medium")]),
        (("key", "low"), ("regular", "high"), [("tier_down", "key", "regular"), ("risk_up", "low", "high")]),
        ((None, "low"), ("key", "low"), []),
        (("key", "low"), (None, "low"), []),
        (("merged", "low"), ("key", "low"), []),
    ],
)
def test_up_and_down(before: tuple, after: tuple, expected: list[tuple], policy: Policy) -> None:
    found = changes(night(C001=after), night(C001=before), policy)
    assert [row[1:] for row in found] == expected


def test_new_and_gone_and_the_order(policy: Policy) -> None:
    now = night(C001=("key", "low"), C003=("key", "high"), C004=("key", "low"))
    past = night(C002=("key", "low"), C003=("strategic", "low"), C004=("regular", "low"))
    assert changes(now, past, policy) == [
        ("C003", "tier_down", "strategic", "key"),
        ("C003", "risk_up", "low", "high"),
        ("C002", "gone", "—", "—"),
        ("C001", "new", "—", "—"),
        ("C004", "tier_up", "regular", "key"),
    ]


def test_the_first_night_has_no_changes(policy: Policy) -> None:
    assert changes(night(C001=("key", "low")), None, policy) == []


def test_a_snapshot_holds_no_personal_data_and_compares_with_itself(assessed) -> None:
    tonight = assessed()
    kept = history.snapshot(tonight)
    assert kept.columns.tolist() == [*history.KEPT.values(), *history.LATER, *history.MADE, "on"]
    assert not {"contact", "phone", "remarks"} & set(kept.columns)
    again = assessed(past=kept)
    assert again.changes.empty
    assert again.previous == tonight.today


def test_who_is_gone_keeps_the_name_of_last_night(policy: Policy) -> None:
    past = night(C002=("key", "low")).assign(name="某贸易")
    found = history.changes(
        night(C001=("key", "low")).rename(columns={"tier": "computed_tier"}).assign(name="甲"), past, policy
    )
    assert found[["change", "name"]].values.tolist() == [["gone", "某贸易"], ["new", "甲"]]


@pytest.mark.filterwarnings("error")
def test_a_night_before_that_knew_no_names_gives_none(policy: Policy) -> None:
    past = night(C002=("key", "low")).assign(name=pd.Series([None], dtype=object))
    found = history.changes(
        night(C001=("key", "low")).rename(columns={"tier": "computed_tier"}).assign(name="甲"), past, policy
    )
    assert found["name"].fillna("—").tolist() == ["—", "甲"]


def test_customers_of_a_workbook_that_could_not_be_read_are_unread_not_gone(policy: Policy) -> None:
    past = night(C002=("key", "low")).assign(name="某贸易", teams="华东、华北")
    now = night(C001=("key", "low")).rename(columns={"tier": "computed_tier"}).assign(name="甲")
    unread = history.unread_teams(past, frozenset({"华北"}))

    found = history.changes(now, past, policy, unread)

    assert unread == {"华东"}
    assert found[["change", "customer_id"]].values.tolist() == [["unread", "C002"], ["new", "C001"]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("green", "active"), ("green", "active"), []),
        (("green", "active"), ("yellow", "active"), [("health_down", "green", "yellow")]),
        (("green", "active"), ("red", "active"), [("health_down", "green", "red")]),
        (("red", "active"), ("yellow", "active"), [("health_up", "red", "yellow")]),
        ((None, "active"), ("red", "active"), []),
        (("green", "active"), (None, "active"), []),
        (("green", "active"), ("green", "silent"), [("silent", "active", "silent")]),
        (("green", "silent"), ("green", "lost"), [("lost", "silent", "lost")]),
        (("green", "lost"), ("green", "silent"), []),
        (("green", "silent"), ("green", "active"), []),
        (("green", "new"), ("green", "deepening"), []),
        (("green", None), ("green", "lost"), []),
        (("green", "active"), ("red", "lost"), [("health_down", "green", "red"), ("lost", "active", "lost")]),
    ],
)
def test_health_and_life(before: tuple, after: tuple, expected: list[tuple], policy: Policy) -> None:
    def seen(colour: str | None, stage: str | None) -> pd.DataFrame:
        return night(C001=("key", "low")).assign(
            health_colour=pd.Series([colour], dtype="str"), lifecycle=pd.Series([stage], dtype="str")
        )

    found = changes(seen(*after), seen(*before), policy)
    assert [row[1:] for row in found] == expected


def test_a_snapshot_keeps_what_renewals_say(assessed) -> None:
    def contract(**row: object) -> dict:
        return {"kind": "renewal", "amount": 10, "stage": "lead", "renewal_date": dt.date(2024, 5, 1), **row}

    rows = [
        contract(),
        contract(renewal_date=dt.date(2024, 3, 1), amount=5, stage=None),
        contract(renewal_date=dt.date(2024, 2, 29), amount=None),
        contract(stage="won"),
        contract(stage="lost"),
        contract(kind="trial"),
        contract(customer_id=None),
    ]
    kept = history.snapshot(assessed(renewals=rows)).iloc[0]
    assert kept[["renewals_open", "renewals_won", "renewals_lost", "renewal_amount"]].tolist() == [3, 1, 1, 15]
    assert kept["next_renewal"] == pd.Timestamp("2024-03-01")
    assert history.snapshot(assessed()).loc[0, ["renewals_open", "next_renewal"]].isna().all()


def test_an_older_snapshot_is_completed_with_what_is_unknown(assessed) -> None:
    tonight = history.snapshot(assessed())
    old = history.complete(tonight[[*history.KEPT.values(), "on"]])
    assert old.columns.tolist() == tonight.columns.tolist()
    assert old.dtypes.tolist() == tonight.dtypes.tolist()
    assert old[list(history.LATER)].isna().all(axis=None)
    assert old[["amount_high", "amount_high_on", "whole_on"]].values.tolist() == [
        [100.0, pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-01")]
    ]
    pd.testing.assert_frame_equal(history.complete(tonight), tonight)


def test_a_snapshot_holds_no_phone_of_a_customers_name(assessed) -> None:
    tonight = history.snapshot(assessed(customers=[{"name": "某科技 138 0000 1234"}]))
    assert tonight["name"].tolist() == ["某科技 138 **** 1234"]


def test_a_snapshot_names_no_contact_and_quotes_nobody(assessed) -> None:
    typed = "张三13800001234拖欠"
    texts = {
        "customers": [{"remarks": typed, "contact": "张三", "phone": "13800001234"}],
        "tracking": [{"strategy": "秘密方案", "end": dt.date(2024, 2, 1), "problem": typed}],
        "contacts": [{"name": "张三", "title": "秘密总监", "role": "executive", "left": True, "remarks": typed}],
        "service": [{"kind": "complaint", "category": "秘密类别", "severity": "major", "reported": dt.datetime(2024, 2, 1, 9), "description": typed}],
        "renewals": [{"kind": "trial", "product": "秘密产品", "stage": "lead", "trial_expiry": dt.date(2024, 2, 1), "remarks": typed}],
    }  # fmt: skip
    tonight = assessed(**texts)
    assert {"warning_words", "key_contact_left", "case_past_limit", "trial_expired"} <= set(tonight.risks["rule"])
    written = history.snapshot(tonight).to_csv()
    assert not [word for word in ("张三", "1380000", "秘密", "拖欠") if word in written]


@pytest.mark.parametrize(("days", "old"), [(0, False), (1, False), (2, True), (9, True)])
def test_a_master_is_told_to_be_old_from_the_policys_days_on(policy: Policy, days: int, old: bool) -> None:
    today = dt.date(2026, 11, 20)
    written = dt.datetime.combine(today - dt.timedelta(days=days), dt.time(23, 59))

    assert policy.history.old_days == 2
    assert history.age(written, today, policy) == (days, old)
