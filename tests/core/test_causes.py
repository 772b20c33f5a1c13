"""What follows from what is one matter, and what many share is told once (handbook §11)."""

import dataclasses
import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import causes
from kam_xl.core.kinds import LEVELS, keys
from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import Risk

RULES = keys(Risk)


def found(*rows: dict) -> pd.DataFrame:
    """Findings, each with a key of its own: C001, medium, of no row, the customer's, not common."""
    usual = {"customer_id": "C001", "level": "medium", "thing": "", "kind": "customer", "common": False}
    each = [usual | {"key": f"k{place}"} | row for place, row in enumerate(rows)]
    texts = dict.fromkeys(("customer_id", "rule", "level", "thing", "kind", "key"), "str")
    types = texts | {"common": "bool", "happened": "datetime64[s]"}
    return pd.DataFrame(each, columns=list(types)).astype(types)


def causes_of(*rows: dict) -> list[str | None]:
    told = causes.causes(found(*rows))
    return told.astype(object).where(told.notna(), None).tolist()


# --- one cause, one matter ---------------------------------------------------------------------------------------


def test_what_two_rules_say_of_one_row_is_one_matter_the_worst() -> None:
    row = {"thing": "tracking|a|b|2"}
    assert causes_of({"rule": "warning_words", **row}, {"rule": "strategy_overdue", **row}) == ["k1", "k1"]
    assert (
        causes_of({"rule": "warning_words", "level": "high", **row}, {"rule": "strategy_overdue", **row}) == ["k0"] * 2
    )
    assert causes_of({"rule": "warning_words", **row}, {"rule": "strategy_overdue"}) == ["k0", "k1"]
    assert causes_of({"rule": "warning_words", **row}, {"rule": "strategy_overdue", "customer_id": "C002", **row}) == [
        "k0", "k1",
    ]  # fmt: skip


def test_what_follows_from_a_matter_stands_under_it() -> None:
    late, low, red = {"rule": "case_past_limit"}, {"rule": "satisfaction_low"}, {"rule": "health_red", "level": "high"}
    assert causes_of(late, low, red) == ["k0", "k0", "k0"]
    assert causes_of(low, red) == ["k0", "k0"]
    assert causes_of(red) == ["k0"]
    assert causes_of(late, {**red, "customer_id": "C002"}) == ["k0", "k1"]


def test_nothing_follows_from_what_happened_after_it() -> None:
    def day(number: int) -> dict:
        return {"happened": pd.Timestamp(2026, 11, number, 9)}

    late, low, red = {"rule": "case_past_limit"}, {"rule": "satisfaction_low"}, {"rule": "health_red", "level": "high"}
    assert causes_of(late | day(10), low | day(9), red) == ["k0", "k1", "k0"]
    assert causes_of(late | day(10), low | day(10), red) == ["k0", "k0", "k0"]
    assert causes_of(late | day(10), low, red) == ["k0", "k0", "k0"]  # nobody knows when


def test_the_worst_cause_counts_then_the_likeliest() -> None:
    red = {"rule": "health_red"}
    assert causes_of(red, {"rule": "strategy_overdue", "level": "high"}, {"rule": "case_past_limit"})[0] == "k1"
    assert causes_of(red, {"rule": "strategy_overdue"}, {"rule": "case_past_limit"})[0] == "k2"


def test_what_follows_takes_along_what_was_said_of_its_row() -> None:
    survey = {"thing": "service|a|b|2"}
    told = causes_of(
        {"rule": "satisfaction_low", **survey}, {"rule": "warning_words", **survey}, {"rule": "case_past_limit"}
    )
    assert told == ["k2", "k2", "k2"]


def test_housekeeping_and_what_is_common_make_no_matter_and_no_cause() -> None:
    red = {"rule": "health_red"}
    assert causes_of({"rule": "data_quality", "kind": "housekeeping"}) == [None]
    assert causes_of({"rule": "silent_customer", "common": True}, red) == [None, "k1"]


def test_no_rule_follows_from_itself_and_the_steps_reach_every_first_cause() -> None:
    def depth(rule: str, way: tuple[str, ...] = ()) -> int:
        assert rule not in way, way
        return 1 + max((depth(cause, (*way, rule)) for cause in causes.FOLLOWS.get(rule, ())), default=0)

    assert max(map(depth, causes.FOLLOWS)) <= causes._STEPS
    assert {rule for rule, firsts in causes.FOLLOWS.items() for rule in (rule, *firsts)} <= set(RULES)


FINDING = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(RULES),
        "level": st.sampled_from(LEVELS),
        "customer_id": st.sampled_from(["C001", "C002"]),
        "thing": st.sampled_from(["", "", "row 2", "row 3"]),
        "kind": st.sampled_from(["customer", "internal", "housekeeping"]),
        "common": st.booleans(),
    }
)


@pytest.mark.slow
@given(st.lists(FINDING, max_size=12), st.randoms(use_true_random=False))
def test_every_cause_is_a_matter_of_the_same_customer_whatever_the_order(
    rows: list[dict], chance: random.Random
) -> None:
    findings = found(*rows)
    told = causes.causes(findings)
    own = findings.assign(cause=told).set_index("key")
    for row in own[own["cause"].notna()].itertuples():
        first = own.loc[row.cause]
        assert first["cause"] == row.cause
        assert first["customer_id"] == row.customer_id
    makes = (findings["kind"] != "housekeeping") & ~findings["common"]
    assert (told.notna() == makes).all()
    order = list(findings.index)
    chance.shuffle(order)
    again = causes.causes(findings.loc[order]).reindex(findings.index)
    matters = set(told.dropna())
    assert len(set(again.dropna())) == len(matters)


# --- common causes -----------------------------------------------------------------------------------------------


def hits(rule: str, ids: list[int]) -> pd.DataFrame:
    days = pd.to_datetime(pd.Series(["2020-01-01"] * len(ids))).astype("datetime64[s]")
    return pd.DataFrame({"customer_id": [f"C{n}" for n in ids], "rule": rule, "happened": days})


def served(**teams: range) -> pd.DataFrame:
    return pd.DataFrame([(team, f"C{n}") for team, ids in teams.items() for n in ids], columns=["team", "customer_id"])


@pytest.mark.parametrize(
    ("hit", "of", "is_common"), [(10, 33, True), (10, 34, False), (9, 9, False), (10, 10, True), (12, 40, True)]
)
def test_a_rule_is_common_from_a_share_and_a_number_of_customers(
    policy: Policy, hit: int, of: int, is_common: bool
) -> None:
    found, members = hits("silent_customer", list(range(hit))), served(a=range(of))
    told = causes.common(found, members, policy.matters)
    assert told[["rule", "customers", "of"]].to_numpy().tolist() == (
        [["silent_customer", hit, of]] if is_common else []
    )
    assert told["team"].isna().all()
    assert causes.are_common(found, told, members).tolist() == [is_common] * hit


def test_what_follows_from_what_is_told_alone_is_told_with_it(policy: Policy) -> None:
    members = served(a=range(10))
    red = hits("health_red", [1, 2])
    late = hits("case_past_limit", [2])
    found = pd.concat([hits("silent_customer", list(range(10))), red, late], ignore_index=True)
    told = causes.common(found, members, policy.matters)
    assert causes.are_common(found, told, members).tolist() == [True] * 10 + [True, False] + [False]


def test_one_customer_hit_often_is_one_customer(policy: Policy) -> None:
    found = pd.concat([hits("strategy_overdue", list(range(9)))] * 3, ignore_index=True)
    assert causes.common(found, served(a=range(9)), policy.matters).empty


def test_a_team_has_causes_of_its_own(policy: Policy) -> None:
    members = served(a=range(10), b=range(10, 100))
    found = hits("silent_customer", list(range(10)))
    told = causes.common(found, members, policy.matters)
    assert told[["team", "customers", "of", "share"]].to_numpy().tolist() == [["a", 10, 10, 1.0]]
    assert causes.are_common(found, told, members).all()


def test_of_a_team_that_serves_nobody_any_more_nothing_is_told(policy: Policy) -> None:
    found, members = hits("silent_customer", list(range(10))), served(a=range(10), b=range(10, 100))
    counted = causes.hits(found, members)
    assert causes.told_once(counted, 90, pd.Series({"b": 90}), policy.matters).empty


def test_who_is_served_by_another_team_too_is_no_case_of_one_teams_habit(policy: Policy) -> None:
    members = served(a=range(10), b=range(9, 100))
    found = hits("silent_customer", list(range(10)))
    told = causes.common(found, members, policy.matters)
    assert causes.are_common(found, told, members).tolist() == [True] * 9 + [False]


def test_what_follows_from_what_is_told_is_not_told_again(policy: Policy) -> None:
    members = served(a=range(10))
    found = pd.concat([hits(rule, list(range(10))) for rule in ("silent_customer", "health_red")], ignore_index=True)
    told = causes.common(found, members, policy.matters)
    assert sorted(told["rule"]) == ["health_red", "silent_customer"]
    assert causes.first_causes(told)["rule"].tolist() == ["silent_customer"]
    of_two = pd.concat(
        [told[told["rule"] == "health_red"].assign(team="a"), told[told["rule"] != "health_red"].assign(team="b")]
    )
    assert len(causes.first_causes(of_two.reset_index(drop=True))) == 2


def test_nothing_found_is_nothing_common(policy: Policy) -> None:
    nothing = hits("silent_customer", []).astype({"customer_id": "str", "rule": "str"})
    told = causes.common(nothing, served(a=range(10)), policy.matters)
    assert told.empty
    assert causes.are_common(nothing, told, served(a=range(10))).empty
    assert dataclasses.asdict(policy.matters)["common_at_least"] == 10
