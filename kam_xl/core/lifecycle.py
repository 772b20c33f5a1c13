"""Where each customer stands in its life: new, active, deepening, silent or lost (handbook §8; S1, S2)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from kam_xl.core.entries import split_list
from kam_xl.core.policy import Policy
from kam_xl.core.sections import Lifecycle
from kam_xl.core.texts import folded


def stages(
    customers: pd.DataFrame,
    policy: Policy,
    today: pd.Timestamp,
    half_read: Collection[str] = (),
    unheard: Collection[str] = (),
) -> pd.DataFrame:
    """Each customer's ``lifecycle`` (a key of `STAGES`, or unknown) and ``lifecycle_typed``: a tag decided it.

    Reads customer_id, since, last_deal, last_contact, cadence_days, product_count and tags. Of the stages whose dates
    are known to fit, the latest counts. Silent is exactly what the risk rule of that name says, so a customer without a
    tier is not silent, but active only where even the tier with the shortest cadence would not be. Who began longer ago
    than it takes to be lost and has no known deal may be lost: active and deepening are then unknown. A product count
    that is unknown deepens nothing. ``half_read`` are the IDs of customers one of whose teams could not be read: their
    dates may be out of date, so they say nothing; no more is one of ``unheard`` silent, who may have more contacts.
    """
    rules = policy.lifecycle
    dates = customers[["since", "last_deal", "last_contact"]].mask(customers["customer_id"].isin(half_read))
    age, idle, quiet = (_days_since(dates[name], today) for name in dates)
    limit = policy.risk.silent_customer.silence_factor * customers["cadence_days"]
    shortest = policy.risk.silent_customer.silence_factor * min(tier.cadence_days for tier in policy.tiers)
    going_on = (idle.notna() | (age < rules.lost_days)) & (quiet <= limit.fillna(shortest)) & age.notna()
    deep = (age >= rules.deepening_days) | (customers["product_count"] >= rules.deepening_products)
    cases = {
        "lost": idle >= rules.lost_days,
        "silent": (quiet > limit) & ~customers["customer_id"].isin(unheard),
        "new": age < rules.new_days,
        "deepening": going_on & deep,
        "active": going_on,
    }
    derived = np.select([case.to_numpy(dtype=bool) for case in cases.values()], list(cases), "")
    typed = _typed(customers["tags"], rules)
    stage = typed.fillna(pd.Series(derived, index=customers.index, dtype="str").where(derived != ""))
    return pd.DataFrame({"lifecycle": stage.astype("str"), "lifecycle_typed": typed.notna()})


def _days_since(dates: pd.Series, today: pd.Timestamp) -> pd.Series:
    """Whole days from each date to today; a date after today has not happened, so it is unknown."""
    return (today - dates.where(dates <= today)).dt.days


def _typed(tags: pd.Series, rules: Lifecycle) -> pd.Series:
    """The stage that a customer's tags name; unknown where they name none, or two."""
    stage_of = {folded(word): stage for stage, words in rules.tags.items() for word in words}
    named = {text: {stage_of.get(folded(tag)) for tag in split_list(text)} - {None} for text in tags.dropna().unique()}
    return tags.map({text: found.pop() for text, found in named.items() if len(found) == 1}).astype("str")
