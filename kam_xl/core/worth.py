"""Which alarms were worth it: of the customers flagged, how many soon got worse, against those not flagged (handbook §7).

A window of so many days after an alarm's first night is over when there is a night as far away: alarms whose window is not
over are not known yet, whatever came already; nor are those of customers who could not be seen to its end.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core.alarms import Followed
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.sections import Worth

MEASURED = ("key", "window", "alarms", "worse", "not_worse", "unknown", "share", "low", "high", "base", "others",
            "lead_low", "lead", "lead_high", "false_week", "verdict")  # fmt: skip
#: Worth it; no better than chance; open, more alarms are needed to tell; few, below the policy's minimum.
VERDICTS = ("good", "chance", "open", "few")


class _Window(NamedTuple):
    """Of every night and customer: what came within so many days, and whether that is known."""

    days: int
    worse: np.ndarray
    known: np.ndarray
    over: np.ndarray  # by night
    next_day: np.ndarray  # the day on which the customer next got worse


def measured(found: Followed, policy: Policy) -> pd.DataFrame:
    """One row a rule or level and window (`MEASURED`): how many alarms there were, and what came of them.

    ``worse`` + ``not_worse`` + ``unknown`` are the ``alarms``; ``share`` of those known got worse, ``low`` to ``high`` is its
    Wilson interval. ``base`` is the share among ``others``: the customers in the same nights' snapshots whom this did not flag,
    each night weighing as many times as an alarm began on it. ``lead`` is the median of the days from an alarm to what it
    warned of, with its quartiles; ``false_week`` how many alarms a week nothing came of. Housekeeping is no alarm.
    """
    keys = [*LEVELS, *(key for key, rule in policy.rules.items() if rule.kind != "housekeeping")]
    windows = [_window(found, days) for days in policy.worth.windows]
    rows = []
    for key in keys:
        own = found.alarms[found.alarms["key"] == key]
        flagged = _flagged(own, found.there.shape)
        rows += [_row(key, own, flagged, window, found, policy.worth) for window in windows]
    return pd.DataFrame(rows, columns=list(MEASURED))


def _window(found: Followed, days: int) -> _Window:
    width = np.timedelta64(days, "D")
    never = np.datetime64("9999-01-01", "D")
    next_day = np.full(found.there.shape, never, "datetime64[D]")
    hit = np.zeros(found.there.shape, bool)
    hit[found.events["night"].to_numpy(int), found.events["customer"].to_numpy(int)] = True
    for night in range(len(found.days) - 2, -1, -1):
        next_day[night] = np.where(hit[night + 1], found.days[night + 1], next_day[night + 1])
    end = (found.days + width)[:, None]
    over = end[:, 0] <= found.days[-1:]
    worse = (next_day <= end) & over[:, None]
    return _Window(days, worse, worse | ((found.until >= end) & over[:, None]), over, next_day)


def _flagged(alarms: pd.DataFrame, shape: tuple[int, ...]) -> np.ndarray:
    """On which nights each customer is flagged."""
    steps = np.zeros((shape[0] + 1, shape[1]), np.int8)
    np.add.at(steps, (alarms["first"], alarms["customer"]), 1)
    np.add.at(steps, (alarms["last"] + 1, alarms["customer"]), -1)
    return steps.cumsum(axis=0, dtype=np.int8)[:-1] > 0


def _row(
    key: str, alarms: pd.DataFrame, flagged: np.ndarray, window: _Window, found: Followed, rule: Worth
) -> tuple[object, ...]:
    at = (alarms["first"].to_numpy(), alarms["customer"].to_numpy())
    known, worse = window.known[at], window.worse[at]
    n, k = int(known.sum()), int(worse.sum())
    low, high = interval(k, n, rule.interval)
    base, others = _base(at[0][known], flagged, window, found.there)
    lead = (window.next_day[at] - found.days[at[0]])[worse].astype("float64")
    spread = np.quantile(lead, [0.25, 0.5, 0.75]) if k else [np.nan] * 3
    counts = (len(alarms), k, n - k, len(alarms) - n)
    share = k / n if n else np.nan
    weekly = (n - k) / _weeks(at[0], window, found.days)
    return (
        key,
        window.days,
        *counts,
        share,
        low,
        high,
        base,
        others,
        *spread,
        weekly,
        _verdict(n, low, high, base, others, rule),
    )


def _base(nights: np.ndarray, flagged: np.ndarray, window: _Window, there: np.ndarray) -> tuple[float, int]:
    """The share of the customers not flagged who got worse, over the nights on which alarms began; how many they are."""
    some, times = np.unique(nights, return_counts=True)
    others = window.known[some] & there[some] & ~flagged[some]
    count, worse = others.sum(axis=1), (others & window.worse[some]).sum(axis=1)
    told = count > 0
    if not told.any():
        return np.nan, 0
    return float(np.average(worse[told] / count[told], weights=times[told])), int(others.any(axis=0).sum())


def _weeks(nights: np.ndarray, window: _Window, days: np.ndarray) -> float:
    """The weeks from the first alarm to the last night whose window is over, at least one; unknown without such."""
    if not len(nights) or not window.over[nights.min()]:
        return np.nan
    return max(float((days[window.over].max() - days[nights.min()]).astype(int)) / 7, 1.0)


def interval(part: int, whole: int, sure: float) -> tuple[float, float]:
    """Wilson's interval for a share, ``sure`` (0..1) to hold the true one; unknown where nothing was counted.

    E. B. Wilson, Probable inference, Journal of the American Statistical Association 22 (1927).
    """
    if not whole:
        return np.nan, np.nan
    z = NormalDist().inv_cdf((1 + sure) / 2)
    share, spread = part / whole, z * z / whole
    half = z * np.sqrt(share * (1 - share) / whole + spread / whole / 4)
    middle = share + spread / 2
    return max(float((middle - half) / (1 + spread)), 0.0), min(float((middle + half) / (1 + spread)), 1.0)


def _verdict(known: int, low: float, high: float, base: float, others: int, rule: Worth) -> str:
    """By `VERDICTS`: at best it would still be less than so many times the base; at worst it would still be above it."""
    if known < rule.at_least:
        return "few"
    if others < rule.at_least:
        return "open"  # hardly anybody to compare with
    if high < rule.lift_at_least * base:
        return "chance"
    return "good" if low > base else "open"


# --- what to change ----------------------------------------------------------------------------------------------

#: Rule → the threshold that makes it strict, whether a larger one does, and how far it may go.
_THRESHOLDS = {
    "silent_customer": ("silence_factor", True, (1, np.inf)),
    "amount_fell": ("fall_share", True, (0, 1)),
    "strategy_behind": ("gap", True, (0, 1)),
    "same_strategy": ("customers_at_least", True, (2, np.inf)),
    "score_fell": ("points", True, (0, 100)),
    "concentration": ("share_above", True, (0, 1)),
    "renewal_at_risk": ("days_before", False, (0, np.inf)),
}


class Proposal(NamedTuple):
    """One value of the policy to change: why, by `WAYS`, the rule, the whole key, what it is and what it should be."""

    way: str
    rule: str
    key: str
    was: object
    now: object


#: Switched off: no better than chance. Tightened: worth it, and more false alarms a week than anybody can look at. Loosened:
#: worth it, and too late to act upon.
WAYS = ("off", "tighten", "loosen")


def proposals(found: pd.DataFrame, policy: Policy) -> list[Proposal]:
    """What the alarms of the first window ask to change in the policy; nothing where there are too few of them.

    A threshold moves by the policy's step; a rule that has none gets one level less when it is tightened.
    """
    rules = found[(found["window"] == policy.worth.windows[0]) & ~found["key"].isin(LEVELS)]
    ways = {way: rules["key"][asks].tolist() for way, asks in _asks(rules, policy.worth).items()}
    named = [(way, key) for way in WAYS for key in ways[way] if policy.rules[key].enabled]
    return [one for way, key in named if (one := _proposal(way, key, policy))]


def _asks(rules: pd.DataFrame, rule: Worth) -> dict[str, pd.Series]:
    good = rules["verdict"] == "good"
    many, late = rules["false_week"] > rule.false_week, rules["lead"] < rule.lead_days
    return {"off": rules["verdict"] == "chance", "tighten": good & many, "loosen": good & ~many & late}


def _proposal(way: str, key: str, policy: Policy) -> Proposal | None:
    setting = policy.rules[key]
    if way == "off":
        return Proposal(way, key, f"risk.{key}.enabled", was=True, now=False)
    if key in _THRESHOLDS:
        name, larger, (low, high) = _THRESHOLDS[key]
        was, factor = getattr(setting, name), 1 + policy.worth.step
        now = min(max(_moved(was, factor if larger == (way == "tighten") else 1 / factor), low), high)
        return Proposal(way, key, f"risk.{key}.{name}", was, now) if now != was else None
    if way == "loosen" or setting.severity == LEVELS[-1]:
        return None
    return Proposal(way, key, f"risk.{key}.severity", setting.severity, LEVELS[LEVELS.index(setting.severity) + 1])


def _moved(value: float, factor: float) -> float:
    """A threshold times a factor, to two digits; a whole number stays one and moves by one at least."""
    moved = float(f"{value * factor:.2g}")
    if not isinstance(value, int):
        return moved
    return max(round(value * factor), value + 1) if factor > 1 else min(round(value * factor), value - 1)
