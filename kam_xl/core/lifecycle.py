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
    dates = customers[["since", "last_deal", "last_contact"]].mask(customers["customer_id"].isin(half_read))
    age, idle, quiet = (_days_since(dates[name].to_numpy("datetime64[s]"), today) for name in dates)
    cadence, products = (customers[name].to_numpy("float64") for name in ("cadence_days", "product_count"))
    heard = ~customers["customer_id"].isin(unheard).to_numpy()
    derived = by_dates(age, idle, quiet, cadence, policy, products, heard)
    typed = _typed(customers["tags"], policy.lifecycle)
    stage = typed.fillna(pd.Series(derived, index=customers.index, dtype="str"))
    return pd.DataFrame({"lifecycle": stage.astype("str"), "lifecycle_typed": typed.notna()})


def by_dates(
    age: np.ndarray,
    idle: np.ndarray,
    quiet: np.ndarray,
    cadence_days: np.ndarray,
    policy: Policy,
    products: np.ndarray | float = np.nan,
    heard: np.ndarray | bool = True,
) -> np.ndarray:
    """The stage of each row as `stages` derives it, a key or None, from whole days and its tier's cadence; NaN is unknown.

    ``age`` counts since the start, ``idle`` since the last deal, ``quiet`` since the last contact. ``heard`` is False where
    more contacts may be known elsewhere. These are arrays, for a cell of a worksheet is a row of its own.
    """
    rules, factor = policy.lifecycle, policy.risk.silent_customer.silence_factor
    limit, shortest = factor * cadence_days, factor * min(tier.cadence_days for tier in policy.tiers)
    going_on = ~np.isnan(idle) | (age < rules.lost_days)
    going_on &= (quiet <= np.where(np.isnan(limit), shortest, limit)) & ~np.isnan(age)
    cases = {
        "lost": idle >= rules.lost_days,
        "silent": (quiet > limit) & heard,
        "new": age < rules.new_days,
        "deepening": going_on & ((age >= rules.deepening_days) | (products >= rules.deepening_products)),
        "active": going_on,
    }
    found = np.full(len(age), None, dtype=object)
    for stage, holds in reversed(cases.items()):
        found[holds] = stage
    return found


def _days_since(dates: np.ndarray, today: pd.Timestamp) -> np.ndarray:
    """Whole days from each moment to a day; one after it has not happened, so it is unknown."""
    return whole_days(dates, np.full(len(dates), today.to_datetime64(), "datetime64[s]"))


def whole_days(since: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Whole days from each moment to another (datetime64); NaN where one is unknown or the first comes after the second."""
    seconds = (until - since) / np.timedelta64(1, "s")
    return np.floor(np.where(seconds >= 0, seconds, np.nan) / 86400)


def _typed(tags: pd.Series, rules: Lifecycle) -> pd.Series:
    """The stage that a customer's tags name; unknown where they name none, or two."""
    stage_of = {folded(word): stage for stage, words in rules.tags.items() for word in words}
    named = {text: {stage_of.get(folded(tag)) for tag in split_list(text)} - {None} for text in tags.dropna().unique()}
    return tags.map({text: found.pop() for text, found in named.items() if len(found) == 1}).astype("str")
