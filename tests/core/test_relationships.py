"""Four roles at a customer, each as fresh as its best contact (S0, handbook §8)."""

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import relationships
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import ROLES

TODAY = pd.Timestamp("2024-03-01")
D = dt.date
KEPT = {("华东.xlsx", "info"): {}, ("华东.xlsx", "contacts"): {}}


@pytest.fixture
def roles(a_portfolio, policy: Policy):
    """Contacts, and maybe the tier and letters → the frame of roles."""

    def run(*contacts: dict, tier: str | None = "key", letters: dict | None = KEPT, **rows: object) -> pd.DataFrame:
        portfolio = a_portfolio(contacts=list(contacts), letters=letters, **rows)
        tiers = pd.Series(tier, index=portfolio.customers.index, dtype="str")
        return relationships.roles(portfolio.customers.assign(computed_tier=tiers), portfolio, policy, TODAY)

    return run


@pytest.mark.parametrize(
    ("contact", "state"),
    [
        ({"last_contact": D(2023, 12, 2)}, "fresh"),  # 90 days
        ({"last_contact": D(2023, 12, 1)}, "stale"),
        ({"last_contact": D(2024, 3, 1)}, "fresh"),
        ({"last_contact": D(2024, 3, 2)}, "undated"),  # tomorrow has not happened
        ({}, "undated"),
        ({"last_contact": D(2024, 2, 1), "left": True}, "left"),
        ({"last_contact": D(2024, 2, 1), "left": False}, "fresh"),
        ({"last_contact": D(2024, 2, 1), "role": None}, "missing"),
    ],
)
def test_a_role_is_as_fresh_as_the_cadence(contact: dict, state: str, roles) -> None:
    row = roles({"name": "王", "role": "technical"} | contact).iloc[0]
    assert row[list(ROLES)].tolist() == ["missing", "missing", state, "missing"]
    assert row[["contact_count", "covered", "known"]].tolist() == [
        float(state != "left"), float(state not in ("left", "missing")), True,
    ]  # fmt: skip


def test_the_best_contact_of_a_role_counts(roles) -> None:
    row = roles(
        {"role": "user", "left": True},
        {"role": "user"},
        {"role": "user", "last_contact": D(2023, 1, 1)},
        {"role": "executive", "last_contact": D(2023, 1, 1)},
        {"role": "executive", "last_contact": D(2024, 2, 1)},
    ).iloc[0]
    assert row[["user", "executive", "contact_count", "covered"]].tolist() == ["stale", "fresh", 4.0, 2.0]


@pytest.mark.parametrize(("tier", "state"), [("regular", "fresh"), ("potential", "stale"), (None, "fresh")])
def test_another_tier_has_another_cadence(tier: str, state: str, roles) -> None:
    assert roles({"role": "user", "last_contact": D(2023, 12, 1)}, tier=tier)["user"].tolist() == [state]


def test_a_close_customer_without_contacts_lacks_every_role_where_a_sheet_is_kept(roles) -> None:
    row = roles(tier="strategic").iloc[0]
    assert row[list(ROLES)].tolist() == ["missing"] * 4
    assert row[["contact_count", "covered", "known"]].tolist() == [0.0, 0.0, True]


def test_where_no_sheet_is_kept_nothing_is_known(roles) -> None:
    row = roles(tier="strategic", letters={("华东.xlsx", "info"): {}}).iloc[0]
    assert row[[*ROLES, "contact_count", "covered"]].isna().all()
    assert not row["known"]


def test_a_folders_workbooks_are_one_teams(roles) -> None:
    letters = {("华东/客户.xlsx", "info"): {}, ("华东/联系人.xlsx", "contacts"): {}}
    assert roles(letters=letters, records=[{"book": "华东/客户.xlsx"}])["known"].tolist() == [True]


def test_other_tiers_are_listed_only_with_contacts(roles) -> None:
    assert roles(tier="regular").empty
    assert roles(tier="regular").columns.tolist() == list(relationships.COLUMNS)
    assert roles({"name": "王"}, tier="regular")["contact_count"].tolist() == [1.0]
