"""A night is compared with the one before: who is new, gone, up or down (handbook §4)."""

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
    assert kept.columns.tolist() == [*history.KEPT.values(), "due", "on"]
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


def test_customers_of_a_workbook_that_could_not_be_read_are_unread_not_gone(policy: Policy) -> None:
    past = night(C002=("key", "low")).assign(name="某贸易", teams="华东、华北")
    now = night(C001=("key", "low")).rename(columns={"tier": "computed_tier"}).assign(name="甲")
    unread = history.unread_teams(past, frozenset({"华北"}))

    found = history.changes(now, past, policy, unread)

    assert unread == {"华东"}
    assert found[["change", "customer_id"]].values.tolist() == [["unread", "C002"], ["new", "C001"]]
