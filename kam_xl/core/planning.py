"""What to do for each customer, who does it and by when: strategy, cadence, next visit, the list of actions (§8)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import numpy as np
import pandas as pd

from kam_xl.core.errors import PolicyError
from kam_xl.core.policy import Policy, Tier
from kam_xl.core.risk import keys, sentences
from kam_xl.core.words import Words

ACTIONS = ("key", "due", "customer_id", "name", "computed_tier", "source", "level", "action", "owner", "team",
           "overdue")  # fmt: skip
VISIT = "visit"  # the source of an action that no risk asked for
SEVERITIES = ("major", "ordinary")  # of a complaint
BUDGET = ("pool", "tiers", "low", "high", "share", "amount")
_TENTH = Decimal("0.1")  # amounts of a budget are rounded to this many 万元
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
    visit = next_visit(last_contact, planned["computed_tier"], policy)
    never_seen = last_contact.isna() & planned["cadence_days"].notna()  # nobody knows of a contact: go today
    return planned.assign(
        owner=planned["owner"].fillna(policy.unscored_owner(lang)),
        last_contact=last_contact,
        next_visit=visit.mask(never_seen, today),
    )


def next_visit(last: pd.Series, tier: pd.Series, policy: Policy) -> pd.Series:
    """The day of the next visit: the day of the last contact plus the tier's cadence; unknown where either is."""
    cadence = tier.map({one.key: float(one.cadence_days) for one in policy.tiers}).astype("float64")
    return last + pd.to_timedelta(cadence, unit="D")


def sla(tier: pd.Series, severity: pd.Series, policy: Policy) -> pd.Series:
    """Working hours within which each case is answered: the stricter of its tier's limit and its severity's (§7).

    ``tier`` and ``severity`` (`SEVERITIES`) are keys; a missing severity leaves the tier's limit. A missing tier leaves
    the severity's only where no tier could be stricter: a major complaint is 2 h for everybody.
    """
    of_tier = tier.map({one.key: float(one.sla_hours) for one in policy.tiers}).astype("float64")
    hours = {"major": float(policy.sla.major_hours), "ordinary": float(policy.sla.ordinary_hours)}
    of_severity = severity.map(hours).astype("float64")
    strictest = min(one.sla_hours for one in policy.tiers)
    certain = of_severity.where(of_tier.notna() | (of_severity <= strictest))
    return pd.Series(np.fmin(of_tier, certain), index=tier.index)


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


# --- the budget --------------------------------------------------------------------------------------------------


def budget(total: float, policy: Policy) -> pd.DataFrame:
    """A budget of ``total`` 万元 split over the policy's pools (`BUDGET`), highest tier first (§8).

    Every pool goes the same part of the way from its minimum to its maximum share, just so far that all sum to 100 %:
    so every share lies in its range, no pool is favoured, and what is missing below the maxima is taken off in
    proportion to each pool's own room. Amounts are whole tenths of 万元 and sum to the total exactly: the tenths left
    over by rounding down go to the pools that lost most by it. ``tiers`` holds tuples of keys. A total that is unknown
    or negative leaves the amounts unknown; `PolicyError` where no split can lie within all ranges.
    """
    pools = _pools(policy)
    part = budget_part(policy)
    shares = [round(low + part * (high - low), 9) for _, low, high in pools.values()]
    amounts = _tenths(total, shares) if 0 <= total < float("inf") else [float("nan")] * len(shares)
    rows = [
        (pool, tiers, low, high, share, amount)
        for (pool, (tiers, low, high)), share, amount in zip(pools.items(), shares, amounts, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(BUDGET))


def budget_part(policy: Policy) -> float:
    """How far each pool goes from its minimum (0) to its maximum share (1); `PolicyError` where no split is possible."""
    lows, highs = (
        round(sum(ends), 9) for ends in zip(*((low, high) for _, low, high in _pools(policy).values()), strict=True)
    )
    if not lows <= 1 <= highs:
        raise PolicyError(
            f"The budget shares cannot all be met: their lower ends sum to {lows:.0%}, their upper ends to {highs:.0%}, and "
            "100% is not between.",
            f"预算占比无法同时满足：下限合计 {lows:.0%}，上限合计 {highs:.0%}，不含 100%。",
        )
    return (1 - lows) / (highs - lows) if highs > lows else 0.0


def budget_why(policy: Policy, words: Words) -> str:
    """Why the budget is split as `budget` does, in one sentence."""
    lows, highs = (sum(ends) for ends in zip(*((low, high) for _, low, high in _pools(policy).values()), strict=True))
    return words("plan.budget_why", low=f"{lows:.0%}", high=f"{highs:.0%}", part=f"{budget_part(policy):.0%}")


def _pools(policy: Policy) -> dict[str, tuple[tuple[str, ...], float, float]]:
    """Budget pool → (its tiers, its lowest and its highest share), in the order of their highest tiers."""
    pools: dict[str, tuple[tuple[str, ...], float, float]] = {}
    for tier in policy.tiers:
        tiers = pools[tier.budget_pool][0] if tier.budget_pool in pools else ()
        pools[tier.budget_pool] = ((*tiers, tier.key), tier.budget_low, tier.budget_high)
    return pools


def _tenths(total: float, shares: list[float]) -> list[float]:
    """Amounts by share in whole tenths that sum to the total; what a total has below a tenth stays with the largest."""
    whole = Decimal(str(total))
    exact = [whole * Decimal(str(share)) for share in shares]
    amounts = [amount.quantize(_TENTH, ROUND_DOWN) for amount in exact]
    left = whole - sum(amounts)
    by_loss = sorted(range(len(shares)), key=lambda i: amounts[i] - exact[i])
    for i in by_loss[: int(left / _TENTH)]:
        amounts[i] += _TENTH
    amounts[shares.index(max(shares))] += whole - sum(amounts)
    return [float(amount) for amount in amounts]
