"""What to do for each customer, who does it and by when: strategy, cadence, next visit, the list of actions (§8)."""

from __future__ import annotations

import pandas as pd

from kam_xl.core.policy import Policy, Tier
from kam_xl.core.risk import keys, sentences
from kam_xl.core.words import Words

ACTIONS = ("key", "due", "customer_id", "name", "computed_tier", "source", "level", "action", "owner", "team",
           "overdue")  # fmt: skip
VISIT = "visit"  # the source of an action that no risk asked for
OF_TIER = ("class", "core_strategy", "measures", "owner", "cadence_days", "sla_hours")


def playbook(policy: Policy, lang: str) -> pd.DataFrame:
    """What each tier gets, one row a tier, highest first, indexed by its key; texts in ``lang``, budget as shares."""
    return pd.DataFrame([_play(tier, lang) for tier in policy.tiers], index=list(policy.tier_keys))


def _play(tier: Tier, lang: str) -> dict[str, object]:
    return {
        "class": tier.class_,
        "core_strategy": tier.strategy(lang),
        "measures": tier.measures(lang),
        "departments": tier.departments(lang),
        "support": tier.support(lang),
        "goals": tier.goals(lang),
        "owner": tier.owner(lang),
        "cadence_days": float(tier.cadence_days),
        "sla_hours": float(tier.sla_hours),
        "budget_low": tier.budget_low,
        "budget_high": tier.budget_high,
    }


def plan(
    customers: pd.DataFrame, tracking: pd.DataFrame, policy: Policy, today: pd.Timestamp, lang: str
) -> pd.DataFrame:
    """The customers with `OF_TIER`, last_contact and next_visit (last contact plus the cadence; past when overdue).

    Without a tier only the owner is known: the policy names one for customers that have no score yet.
    """
    planned = customers.join(playbook(policy, lang)[list(OF_TIER)], on="computed_tier")
    last_contact = _last_contact(customers, tracking, today)
    next_visit = last_contact + pd.to_timedelta(planned["cadence_days"], unit="D")
    never_seen = last_contact.isna() & planned["cadence_days"].notna()  # nobody knows of a contact: go today
    return planned.assign(
        owner=planned["owner"].fillna(policy.unscored_owner(lang)),
        last_contact=last_contact,
        next_visit=next_visit.mask(never_seen, today),
    )


def _last_contact(customers: pd.DataFrame, tracking: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """The latest deal or tracking date of each customer; a date after today has not happened."""
    deal = customers["last_deal"].where(customers["last_deal"] <= today)
    tracked_on = tracking["tracked_on"].where(tracking["tracked_on"] <= today).astype(deal.dtype)
    latest = tracked_on.groupby(tracking["customer_id"]).max()
    tracked = latest.reindex(customers["customer_id"]).set_axis(customers.index)
    return deal.mask(deal.isna() | (tracked > deal), tracked)


def actions(
    risks: pd.DataFrame, customers: pd.DataFrame, policy: Policy, today: pd.Timestamp, words: Words
) -> pd.DataFrame:
    """What is overdue or due within the policy's horizon (`ACTIONS`), earliest first: each risk's remedy, and visits.

    ``key`` names an action for good: a risk's own key, or one made of the customer and the day the visit falls due.
    """
    every = pd.concat([_remedies(risks), _visits(customers, words)], ignore_index=True)
    soon = every[every["due"] <= today + pd.Timedelta(days=policy.action_horizon_days)]
    listed = soon.assign(overdue=soon["due"] < today)
    return listed.sort_values("due", kind="stable", ignore_index=True)[list(ACTIONS)]


def _remedies(risks: pd.DataFrame) -> pd.DataFrame:
    return risks.rename(columns={"rule": "source", "remedy": "action"})


def _visits(customers: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Every customer's next visit where it is known."""
    due = customers[customers["next_visit"].notna()].rename(columns={"next_visit": "due", "teams": "team"})
    facts = due[["cadence_days", "last_contact"]].set_axis(["cadence", "last"], axis=1)
    visit = VISIT + due["due"].dt.strftime("%Y-%m-%d")
    columns = ["due", "customer_id", "name", "computed_tier", "owner", "team"]
    return due[columns].assign(
        key=keys(due["customer_id"], visit),
        source=VISIT,
        level="none",
        action=sentences(words("plan.visit"), facts, words),
    )
