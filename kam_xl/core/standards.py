"""What the customers of each tier are promised, as the policy has it: how often, how fast, by whom, with what (handbook §7, §8)."""

from __future__ import annotations

import math
import typing

import pandas as pd

from kam_xl.core import planning, service
from kam_xl.core.policy import Policy
from kam_xl.core.sections import Severity, TierKey

SEVERITIES: tuple[Severity, ...] = typing.get_args(Severity)
#: Rules of the policy that ask something of single tiers → the column that says of which.
_ASKED = {"no_running_strategy": "needs_strategy", "single_threaded": "needs_contacts", "missing_role": "needs_roles"}


def standards(policy: Policy, lang: str) -> pd.DataFrame:
    """One row a tier, highest first, indexed by its key: `planning.playbook` and what is promised besides.

    low, high: the scores; target_low, target_high: the share of customers aimed at; pool: whose budget it shares;
    answer_*, solve_*: hours within which a case of that severity is answered (the stricter of tier and severity) and
    solved; silent_days: without deal or contact, after which a customer is silent; satisfaction: its target. Unknown where
    the policy has switched off the rule that watches over it. needs_*, plan_page, close: whether the tier's customers
    need a running strategy, more than one contact, a contact in each role; get an account plan; are looked after closely.
    """
    tiers = pd.DataFrame(
        {
            "low": [tier.low for tier in policy.tiers],
            "high": [tier.high for tier in policy.tiers],
            "target_low": [tier.target_low for tier in policy.tiers],
            "target_high": [tier.target_high for tier in policy.tiers],
            "pool": [tier.budget_pool for tier in policy.tiers],
        },
        index=list(policy.tier_keys),
    )
    return planning.playbook(policy, lang).join(tiers).join(_limits(policy)).join(_watched(policy))


def _limits(policy: Policy) -> pd.DataFrame:
    """The hours within which a case is answered and solved, by its severity."""
    keys = pd.Series(policy.tier_keys, index=list(policy.tier_keys), dtype="str")
    answers = {
        f"answer_{one}": service.sla(keys, pd.Series(one, keys.index, dtype="str"), policy) for one in SEVERITIES
    }
    solved = {f"solve_{one}": float(policy.service.resolve_hours[one]) for one in SEVERITIES}
    return pd.DataFrame(answers).assign(**solved)


def _watched(policy: Policy) -> pd.DataFrame:
    """What rules watch over and pages are made of, by tier."""
    risk, plan = policy.risk, policy.plan
    found = {
        "silent_days": [_silent(policy, tier.cadence_days) for tier in policy.tiers],
        "satisfaction": [_satisfaction(policy, tier.key) for tier in policy.tiers],
        "plan_page": [tier.key in plan.page_tiers for tier in policy.tiers],
        "close": [tier.key in plan.close_tiers for tier in policy.tiers],
    }
    for rule, column in _ASKED.items():
        asked = getattr(risk, rule)
        found[column] = [asked.enabled and tier.key in asked.tiers for tier in policy.tiers]
    return pd.DataFrame(found, index=list(policy.tier_keys))


def _silent(policy: Policy, cadence: int) -> float:
    rule = policy.risk.silent_customer
    return cadence * rule.silence_factor if rule.enabled else math.nan


def _satisfaction(policy: Policy, tier: TierKey) -> float:
    rule = policy.risk.satisfaction_low
    return float(rule.targets.get(tier, math.nan)) if rule.enabled else math.nan
