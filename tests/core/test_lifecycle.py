"""Every edge between two stages of a customer's life, the tags that override, and what stays unknown (handbook §8)."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import lifecycle
from kam_xl.core import policy as policies
from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Policy
from kam_xl.core.sections import STAGES

TODAY = pd.Timestamp("2026-11-21")
ACTIVE = {
    "customer_id": "C001",
    "since": 1000,
    "last_deal": 10,
    "last_contact": 10,
    "cadence_days": 90.0,
    "product_count": 1.0,
    "tags": None,
}


def frame(*rows: dict) -> pd.DataFrame:
    """Customers by how many days ago their dates are, or None; each names only what differs from an active one."""
    table = pd.DataFrame([ACTIVE | row for row in rows], columns=list(ACTIVE))
    for name in ("since", "last_deal", "last_contact"):
        days = pd.to_timedelta(pd.to_numeric(table[name]), unit="D")
        table[name] = (TODAY - days).astype("datetime64[s]")
    numbers = {"cadence_days": "float64", "product_count": "float64"}
    return table.astype(numbers | {"tags": "str"})


def stage(policy: Policy, **row: object) -> str | None:
    found = lifecycle.stages(frame(row), policy, TODAY)["lifecycle"].iloc[0]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "active"),
        ({"since": 0, "last_deal": 0, "last_contact": 0}, "new"),
        ({"since": 179}, "new"),
        ({"since": 180}, "active"),
        ({"since": 1094}, "active"),
        ({"since": 1095}, "deepening"),
        ({"product_count": 2.0}, "active"),
        ({"product_count": 3.0}, "deepening"),
        ({"since": 179, "product_count": 3.0}, "new"),
        ({"last_deal": 200, "last_contact": 135}, "active"),
        ({"last_deal": 200, "last_contact": 136}, "silent"),
        ({"since": 179, "last_deal": 136, "last_contact": 136}, "silent"),
        ({"last_deal": 364, "last_contact": 5}, "active"),
        ({"last_deal": 365, "last_contact": 5}, "lost"),
        ({"last_deal": 365, "last_contact": 365}, "lost"),
    ],
)
def test_every_edge_of_every_stage(policy: Policy, row: dict, expected: str) -> None:
    assert stage(policy, **row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"last_deal": None}, None),
        ({"last_deal": None, "last_contact": None}, None),
        ({"last_deal": None, "since": 364}, "active"),
        ({"last_deal": None, "since": 365}, None),
        ({"last_deal": None, "last_contact": None, "since": 100}, "new"),
        ({"last_deal": None, "last_contact": 400}, "silent"),
        ({"since": None}, None),
        ({"since": None, "last_deal": 400}, "lost"),
        ({"since": None, "last_contact": 136}, "silent"),
        ({"since": -1}, None),
        ({"last_deal": -1, "last_contact": 10}, None),
        ({"cadence_days": None, "last_contact": 90}, "active"),
        ({"cadence_days": None, "last_contact": 91}, None),
        ({"cadence_days": None, "last_contact": 5000, "last_deal": None}, None),
        ({"product_count": None}, "active"),
        ({"product_count": None, "since": 1095}, "deepening"),
    ],
)
def test_what_is_not_known_is_never_guessed(policy: Policy, row: dict, expected: str | None) -> None:
    assert stage(policy, **row) == expected


@pytest.mark.parametrize(
    ("tags", "expected", "typed"),
    [
        ("战略客户、已流失", "lost", True),
        ("沉睡客户", "silent", True),
        ("沉睡客戶", "silent", True),
        ("行业TOP3，新客户", "new", True),
        ("LOST", "lost", True),
        ("New Customer", "new", True),
        ("深度合作", "deepening", True),
        ("已流失、流失客户", "lost", True),
        ("已流失、新客户", "active", False),
        ("流失风险", "active", False),
        ("老客户", "active", False),
        (None, "active", False),
    ],
)
def test_a_tag_that_names_a_stage_overrides_the_dates(policy: Policy, tags: str, expected: str, typed: bool) -> None:
    found = lifecycle.stages(frame({"tags": tags}), policy, TODAY)
    assert found["lifecycle"].tolist() == [expected]
    assert found["lifecycle_typed"].tolist() == [typed]


def test_a_tag_decides_where_no_date_is_known(policy: Policy) -> None:
    rows = dict.fromkeys(("since", "last_deal", "last_contact", "cadence_days", "product_count"))
    assert stage(policy, tags="流失", **rows) == "lost"


def test_silent_is_what_the_risk_rule_says(policy_text: str) -> None:
    patient = policies.parse(policy_text.replace("silence_factor = 1.5 ", "silence_factor = 2.0 ", 1))
    assert stage(patient, last_contact=180) == "active"
    assert stage(patient, last_contact=181) == "silent"


def test_the_dates_of_a_customer_that_is_half_read_say_nothing(policy: Policy) -> None:
    rows = frame({"last_deal": 400}, {"customer_id": "C002", "last_deal": 400}, {"tags": "流失"})
    assert lifecycle.stages(rows, policy, TODAY, {"C001"})["lifecycle"].fillna("?").tolist() == ["?", "lost", "lost"]


def test_who_may_have_more_contacts_is_not_silent(policy: Policy) -> None:
    rows = frame({"last_contact": 300}, {"customer_id": "C002", "last_contact": 300})
    stages = lifecycle.stages(rows, policy, TODAY, unheard={"C001"})["lifecycle"].fillna("?")
    assert stages.tolist() == ["?", "silent"]


def test_no_customers_have_no_stages(policy: Policy) -> None:
    found = lifecycle.stages(frame({}).iloc[:0], policy, TODAY)
    assert found.columns.tolist() == ["lifecycle", "lifecycle_typed"]
    assert found.empty


days = st.one_of(st.none(), st.integers(-5, 1200))
customers = st.lists(
    st.fixed_dictionaries({"since": days, "last_deal": days, "last_contact": days, "cadence_days": st.sampled_from([None, 60.0, 365.0])}),
    min_size=1, max_size=4,
)  # fmt: skip


@pytest.mark.slow
@given(rows=customers)
def test_every_stage_stands_on_dates_that_are_known(policy: Policy, rows: list[dict]) -> None:
    found = lifecycle.stages(frame(*rows), policy, TODAY)["lifecycle"]
    assert found.dropna().isin(STAGES).all()
    for row, key in zip(rows, found, strict=True):
        if key == "lost":
            assert row["last_deal"] >= policy.lifecycle.lost_days
        if key in ("new", "active", "deepening"):
            assert row["since"] >= 0
    alone = [lifecycle.stages(frame(row), policy, TODAY)["lifecycle"].iloc[0] for row in rows]
    assert found.fillna("").tolist() == pd.Series(alone, dtype="str").fillna("").tolist()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("new_days = 180 ", "new_days = 0 ", "lifecycle.new_days = 0; allowed: a whole number of days, 1 or more"),
        ('lost = ["流失", ', 'lost = ["流失", "新客户", ', "lifecycle.tags = '新客户'; allowed: every tag in one stage only"),
        ('lost = ["流失", ', 'gone = ["流失", ', "lifecycle.tags"),
    ],
)  # fmt: skip
def test_a_slip_in_the_policy_is_refused_by_name(policy_text: str, old: str, new: str, sentence: str) -> None:
    assert old in policy_text
    with pytest.raises(PolicyError, match=re.escape(sentence)):
        policies.parse(policy_text.replace(old, new, 1))


def test_the_index_of_the_customers_is_kept(policy: Policy) -> None:
    rows = frame({}, {"last_deal": 400}).set_index(np.array([7, 3]))
    assert lifecycle.stages(rows, policy, TODAY)["lifecycle"].to_dict() == {7: "active", 3: "lost"}
