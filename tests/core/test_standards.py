"""What each tier is promised is what the rules do: the stricter limit, the day of silence, nothing a rule switched off asks."""

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import policy as policies
from kam_xl.core import service
from kam_xl.core.policy import Policy
from kam_xl.core.standards import standards
from kam_xl.hosts import amending


def promised(**changes: object) -> pd.DataFrame:
    text = amending.amended(resources.policy_text(), {key.replace("__", "."): value for key, value in changes.items()})
    return standards(policies.parse(text), "en")


@pytest.mark.parametrize("severity", ["major", "ordinary"])
def test_answers_are_promised_as_the_clock_of_a_case_runs(policy: Policy, severity: str) -> None:
    tiers = pd.Series(policy.tier_keys, dtype="str")
    limits = service.sla(tiers, pd.Series(severity, tiers.index, dtype="str"), policy)

    assert standards(policy, "en")[f"answer_{severity}"].tolist() == limits.tolist()


def test_the_stricter_of_tier_and_severity_is_promised() -> None:
    found = promised(sla__ordinary_hours=4)["answer_ordinary"]

    assert (found["strategic"], found["key"], found["regular"]) == (2.0, 4.0, 4.0)


def test_silence_begins_where_its_rule_says() -> None:
    assert promised(risk__silent_customer__silence_factor=2.0)["silent_days"]["potential"] == 120.0


@pytest.mark.parametrize(
    ("rule", "column", "unknown"),
    [
        ("silent_customer", "silent_days", True), ("satisfaction_low", "satisfaction", True),
        ("no_running_strategy", "needs_strategy", False), ("single_threaded", "needs_contacts", False),
        ("missing_role", "needs_roles", False),
    ],
)  # fmt: skip
def test_what_a_rule_watches_over_is_not_promised_once_it_is_off(rule: str, column: str, *, unknown: bool) -> None:
    on, off = promised()[column], promised(**{f"risk__{rule}__enabled": False})[column]

    assert on.notna().any()
    assert on.astype(bool).any()
    assert off.isna().all() if unknown else not off.any()
