"""What to do for each customer, who does it and by when: strategy, cadence, next visit, the list of actions (§8)."""

from __future__ import annotations

import hashlib

import pandas as pd

from kam_xl.core.policy import Policy, Tier
from kam_xl.core.risk import sentences
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
    return planned.assign(
        owner=planned["owner"].fillna(policy.unscored_owner(lang)),
        last_contact=last_contact,
        next_visit=last_contact + pd.to_timedelta(planned["cadence_days"], unit="D"),
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

    ``key`` names an action for good: it is made of the customer, the source and the place of the evidence (for a
    visit, the day it falls due), never of today's date.
    """
    every = pd.concat([_remedies(risks), _visits(customers, words)], ignore_index=True)
    soon = every[every["due"] <= today + pd.Timedelta(days=policy.action_horizon_days)]
    listed = soon.assign(key=_keys(soon), overdue=soon["due"] < today)
    return listed.sort_values("due", kind="stable", ignore_index=True)[list(ACTIONS)]


def _remedies(risks: pd.DataFrame) -> pd.DataFrame:
    place = risks["book"].fillna("") + "|" + risks["sheet"].fillna("") + "|" + risks["cell"].fillna("")
    return risks.rename(columns={"rule": "source", "remedy": "action"}).assign(place=place)


def _visits(customers: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Every customer's next visit where it is known."""
    due = customers[customers["next_visit"].notna()].rename(columns={"next_visit": "due", "teams": "team"})
    facts = due[["cadence_days", "last_contact"]].set_axis(["cadence", "last"], axis=1)
    place = due["due"].dt.strftime("%Y-%m-%d")
    columns = ["due", "customer_id", "name", "computed_tier", "owner", "team"]
    return due[columns].assign(
        source=VISIT, level="none", action=sentences(words("plan.visit"), facts, words), place=place
    )


def _keys(found: pd.DataFrame) -> list[str]:
    """Twelve hexadecimal digits for each action; equal ones from one place are told apart by their order."""
    identity = found["customer_id"] + "|" + found["source"] + "|" + found["place"]
    identity = identity + "|" + identity.groupby(identity).cumcount().astype("str")
    return [hashlib.blake2s(text.encode(), digest_size=6).hexdigest() for text in identity]
