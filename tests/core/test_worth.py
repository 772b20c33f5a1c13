"""What the alarms of a year were worth comes out as it was planted, and as counting one by one has it."""

import dataclasses
import datetime as dt
import functools
import math

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given, settings

from kam_xl.core import alarms, history, worth
from kam_xl.core.policy import Policy
from tests import planted_alarms as planted

RULES = ("silent_customer", "warning_words")


@functools.cache
def followed() -> alarms.Followed:
    from kam_xl import resources

    return alarms.followed(planted.snapshots(), resources.policy())


def row(policy: Policy, key: str, window: int = 90) -> pd.Series:
    found = worth.measured(followed(), policy).set_index(["key", "window"])
    return found.loc[(key, window)]


# --- the planted year ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "window", "alarms_", "worse", "not_worse", "unknown", "base", "others", "verdict"),
    [
        (planted.RIGHT, 90, 12, 8, 2, 2, 0, 207, "good"),
        (planted.RIGHT, 180, 12, 8, 2, 2, 0, 207, "good"),
        ("high", 90, 12, 8, 2, 2, 0, 207, "good"),
        (planted.NOISE, 90, 100, 20, 80, 0, 24 / 120, 120, "chance"),
        (planted.NOISE, 180, 100, 20, 80, 0, 32 / 117, 117, "chance"),
        (planted.LATER, 90, 15, 0, 15, 0, 0, 202, "open"),
        (planted.LATER, 180, 15, 0, 0, 15, math.nan, 0, "few"),
        (planted.FEW, 90, 12, 0, 9, 3, 8 / 208, 208, "few"),
        ("low", 90, 0, 0, 0, 0, math.nan, 0, "few"),
    ],
)
def test_the_planted_year(policy, key, window, alarms_, worse, not_worse, unknown, base, others, verdict) -> None:
    found = row(policy, key, window)

    counts = ["alarms", "worse", "not_worse", "unknown", "others", "verdict"]
    assert found[counts].tolist() == [alarms_, worse, not_worse, unknown, others, verdict]
    assert found["base"] == pytest.approx(base, nan_ok=True)


def test_the_planted_lead_and_false_alarms(policy: Policy) -> None:
    right, noise = row(policy, planted.RIGHT), row(policy, planted.NOISE)

    assert right[["lead_low", "lead", "lead_high"]].tolist() == [40, 40, 40]
    assert (right["share"], right["low"], right["high"]) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert noise["false_week"] == pytest.approx(80 / (250 / 7))  # from day 20 to day 270, the last whose window is over
    assert math.isnan(row(policy, planted.LATER)["lead"])


def test_what_happened_and_when_the_policy_changed() -> None:
    assert followed().events["what"].value_counts().to_dict() == dict.fromkeys(alarms.WORSE, 13)
    assert followed().changed.astype(str).tolist() == ["2026-05-20"]


def test_only_the_noise_is_proposed_to_be_switched_off(policy: Policy) -> None:
    (only,) = worth.proposals(worth.measured(followed(), policy), policy)

    assert only == worth.Proposal("off", planted.NOISE, f"risk.{planted.NOISE}.enabled", was=True, now=False)


def test_nothing_is_proposed_below_the_minimum(policy: Policy) -> None:
    strict = dataclasses.replace(policy, worth=dataclasses.replace(policy.worth, at_least=101))

    assert worth.proposals(worth.measured(followed(), strict), strict) == []


def told(policy: Policy, key: str, **changes: object) -> list[worth.Proposal]:
    """What is proposed where a rule is worth it and its figures are these."""
    facts = {"key": key, "window": 90, "verdict": "good", "false_week": 1.0, "lead": 40.0}
    return worth.proposals(pd.DataFrame([facts | changes]), policy)


@pytest.mark.parametrize(
    ("key", "changes", "expected"),
    [
        ("silent_customer", {}, None),
        ("silent_customer", {"false_week": 5.1}, ("tighten", "risk.silent_customer.silence_factor", 1.5, 1.9)),
        ("silent_customer", {"lead": 13.0}, ("loosen", "risk.silent_customer.silence_factor", 1.5, 1.2)),
        ("silent_customer", {"lead": 13.0, "false_week": 9.0}, ("tighten", "risk.silent_customer.silence_factor", 1.5, 1.9)),
        ("renewal_at_risk", {"false_week": 9.0}, ("tighten", "risk.renewal_at_risk.days_before", 90, 72)),
        ("renewal_at_risk", {"lead": 1.0}, ("loosen", "risk.renewal_at_risk.days_before", 90, 112)),
        ("health_red", {"false_week": 9.0}, ("tighten", "risk.health_red.severity", "high", "medium")),
        ("health_red", {"lead": 1.0}, None),
        ("health_red", {"verdict": "open", "false_week": 9.0}, None),
        ("high", {"verdict": "chance"}, None),
    ],
)  # fmt: skip
def test_what_is_proposed(policy: Policy, key: str, changes: dict, expected: tuple | None) -> None:
    found = [(one.way, one.key, one.was, one.now) for one in told(policy, key, **changes)]

    assert found == ([expected] if expected else [])


def test_a_rule_that_is_off_is_left_alone(policy: Policy) -> None:
    silent = dataclasses.replace(policy.risk.silent_customer, enabled=False)
    off = dataclasses.replace(policy, risk=dataclasses.replace(policy.risk, silent_customer=silent))

    assert told(off, "silent_customer", verdict="chance") == []


# --- laws ------------------------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[pd.DataFrame]:
    """A few nights of a few customers, some of them missing, with whatever flags and figures."""
    days = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=7)))
    nights = []
    for day in days:
        some = draw(st.sets(st.sampled_from("abcd"), min_size=1))
        nights.append(pd.DataFrame([draw(_rows(one, day)) for one in sorted(some)]))
    return [history.complete(night) for night in nights]


@st.composite
def _rows(draw: st.DrawFn, customer: str, day: int) -> dict:
    on = pd.Timestamp(dt.date(2026, 1, 1) + dt.timedelta(days=day))
    flags = draw(st.lists(st.sampled_from(RULES), unique=True))
    return {
        "customer_id": customer, "name": "某科技", "teams": "华东", "on": on, "whole_on": on,
        "tier": draw(st.sampled_from(["key", "regular", None])), "level": draw(st.sampled_from(["high", "low", "none"])),
        "lifecycle": draw(st.sampled_from(["active", "lost", None])), "amount": draw(st.sampled_from([100.0, 95.0, 80.0])),
        "team_count": 1.0, "amount_parts": 1.0, "renewals_lost": draw(st.sampled_from([0.0, 1.0, None])),
        "risks": " ".join(f"{customer}={rule}=low===" for rule in flags) or None,
    }  # fmt: skip


@settings(max_examples=20)
@given(histories())
def test_counts_add_up_and_are_those_of_counting_one_by_one(policy: Policy, nights: list[pd.DataFrame]) -> None:
    short = dataclasses.replace(policy, worth=dataclasses.replace(policy.worth, windows=(10, 30), gap_days=0))
    found = alarms.followed(nights, short)
    table = worth.measured(found, short)

    assert (table["worse"] + table["not_worse"] + table["unknown"] == table["alarms"]).all()
    for key in (*RULES, "high", "low"):
        for window in (10, 30):
            expected = _one_by_one(nights, found, key, window)
            got = table[(table["key"] == key) & (table["window"] == window)].iloc[0]
            assert got[["alarms", "worse", "not_worse", "unknown"]].tolist() == expected[:4]
            assert got["base"] == pytest.approx(expected[4], nan_ok=True)


def _one_by_one(nights: list[pd.DataFrame], found: alarms.Followed, key: str, window: int) -> list:
    """The figures of a rule or level, by asking each customer on each night."""
    days = [night["on"].max() for night in nights]
    ids = list(dict.fromkeys(one for night in nights for one in night["customer_id"]))
    seen = {(n, one) for n, night in enumerate(nights) for one in night["customer_id"]}
    events = {(int(night), ids[int(place)]) for night, place in found.events[["night", "customer"]].to_numpy()}

    hit = {
        (n, row.customer_id)
        for n, night in enumerate(nights)
        for row in night.fillna({"risks": ""}).itertuples()
        if key == row.level or f"{row.customer_id}={key}=" in row.risks
    }

    def outcome(n: int, one: str) -> str:
        end = days[n] + pd.Timedelta(days=window)
        if end > days[-1]:
            return "unknown"
        if any((m, one) in events for m in range(n + 1, len(days)) if days[m] <= end):
            return "worse"
        last = max(days[m] for m in range(len(days)) if (m, one) in seen)
        return "not_worse" if last >= end else "unknown"

    begun = [(n, one) for n in range(len(days)) for one in ids if (n, one) in hit and (n - 1, one) not in hit]
    counts = [sum(outcome(*alarm) == what for alarm in begun) for what in ("worse", "not_worse", "unknown")]
    shares = []
    for n, one in begun:
        if outcome(n, one) == "unknown":
            continue
        others = [outcome(n, other) for other in ids if (n, other) in seen and (n, other) not in hit]
        known = [what for what in others if what != "unknown"]
        shares += [known.count("worse") / len(known)] if known else []
    return [len(begun), *counts, sum(shares) / len(shares) if shares else math.nan]


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.5, 0.999))
def test_an_interval_holds_its_share_and_narrows_with_the_count(part: int, more: int, sure: float) -> None:
    whole = part + more
    low, high = worth.interval(part, whole, sure)
    if not whole:
        assert math.isnan(low)
        return
    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1
    closer = worth.interval(part * 4, whole * 4, sure)
    assert closer[1] - closer[0] < high - low
