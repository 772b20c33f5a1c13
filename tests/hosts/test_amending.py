"""A proposal is the whole policy with only the proposed values changed."""

import difflib

import pytest

from kam_xl import resources
from kam_xl.core import policy as policies
from kam_xl.core.errors import PolicyError
from kam_xl.hosts.amending import amended, brought_up

TEXT = resources.policy_text()


def test_only_the_values_change_and_every_comment_stays():
    changed = amended(
        TEXT, {"risk.silent_customer.silence_factor": 2.0, "tier.strategic.low": 88, "risk.amount_fell.enabled": False}
    )

    lines = [line for line in difflib.ndiff(TEXT.splitlines(), changed.splitlines()) if line[0] in "+-"]
    assert [line for line in lines if line[0] == "+"] == [
        "+ low = 88",
        "+ silence_factor = 2.0                   # × 该层级的回访周期 · × the tier's cadence_days",
        "+ enabled = false",
    ]
    assert len(lines) == 6
    policy = policies.parse(changed)
    assert (policy.tiers[0].low, policy.tiers[1].high, policy.rules["amount_fell"].enabled) == (88, 88, False)


def test_nothing_proposed_is_the_same_text():
    assert amended(TEXT, {}) == TEXT


def test_what_no_policy_may_say_is_refused_and_a_key_that_is_not_there_is_our_bug():
    with pytest.raises(PolicyError, match=r"silence_factor"):
        amended(TEXT, {"risk.silent_customer.silence_factor": 0.5})
    with pytest.raises(KeyError):
        amended(TEXT, {"risk.silent_customer.factor": 2})


def test_a_policy_of_an_older_version_becomes_a_file_of_this_one_with_its_own_values_and_comments():
    before, _, after = TEXT.partition("[calibration]")
    old = before + "[forgotten]\nkey = 1\n\n" + after[after.index("# ------") :]
    old = old.replace("low = 70\n", "low = 72  # ours since May\n").replace("all_days = 60", "nights = 60")

    text = brought_up(old, TEXT)

    assert policies.parse(text) == policies.remembered(old, TEXT)
    assert policies.parse(text).tiers[1].low == 72
    assert "# ours since May" in text
    assert "forgotten" not in text
    assert amended(text, {"calibration.after_days": 100})


def test_a_policy_of_this_version_stays_letter_for_letter():
    assert brought_up(TEXT, TEXT) == TEXT
