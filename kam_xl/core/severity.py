"""How strictly each evaluator marks, told by the customers that several of them judged (handbook §3).

The score that an evaluator gives is what the customer deserves, plus the evaluator's severity, plus chance: a two-way additive
model, fitted by least squares. Severities can only be held against each other where evaluators share customers, directly or
through others; so each group that hangs together has a mean of 0 of its own. Nothing of it is applied to any score.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.policy import Policy
from kam_xl.core.texts import folded

COLUMNS = tuple(frames.ASSESSMENT["severity"])
#: Lower than the others for sure, higher for sure, neither; too few to tell.
VERDICTS = ("strict", "generous", "even", "few")


def estimated(evaluations: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """One row an evaluator who shares customers with others (`COLUMNS`), group by group, the strictest first.

    ``severity`` is in points of the score against the mean of the ``group``, below 0 where the evaluator is strict, with its
    interval ``low`` to ``high``; ``customers`` are those shared. All three are unknown where there are too few.
    """
    pairs = judged(evaluations, policy)
    if pairs.empty:
        return frames.empty(frames.ASSESSMENT["severity"])
    who, names = pd.factorize(pairs["evaluator"])
    pairs = pairs.assign(who=who, customer=pd.factorize(pairs["customer_id"])[0])
    pairs["other"] = pairs["score"] - pairs.groupby("customer")["score"].transform("mean")
    group, between = _groups(pairs, len(names)), _between(pairs, len(names))
    pull = np.bincount(who, pairs["other"], len(names))
    severity, leverage = np.zeros(len(names)), np.zeros(len(names))
    for one in np.unique(group):
        own = np.flatnonzero(group == one)
        inverse = np.linalg.inv(between[np.ix_(own, own)] + 1 / len(own)) - 1 / len(own)
        severity[own], leverage[own] = inverse @ pull[own], inverse.diagonal()
    noise, freedom = _noise(pairs, severity, len(np.unique(group)))
    half = _quantile(policy.evaluators.interval, freedom) * np.sqrt(noise * leverage)
    return _told(names, group, np.bincount(who), severity, half, freedom, policy)


def judged(evaluations: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The latest score that each evaluator gave each customer (customer_id, evaluator, score), of customers with several.

    What was judged longer than the policy's days before the customer's latest evaluation tells of another time. Two ways of
    typing one name are one evaluator.
    """
    rows = evaluations.dropna(subset=["customer_id", "evaluator", "evaluated_on", "score"])
    rows = rows[rows["customer_id"].duplicated(keep=False)]  # most were judged once, and tell nothing here
    newest = rows.groupby("customer_id")["evaluated_on"].transform("max")
    rows = rows[newest - rows["evaluated_on"] <= pd.Timedelta(days=policy.evaluators.within_days)]
    typed = {name: folded(name) for name in rows["evaluator"].unique()}
    one_name = {key: name for name, key in reversed(typed.items())}
    rows = rows.assign(evaluator=rows["evaluator"].map(typed).map(one_name).astype("str"))
    rows = rows.sort_values("evaluated_on", kind="stable").drop_duplicates(["customer_id", "evaluator"], keep="last")
    several = rows.groupby("customer_id")["evaluator"].transform("size") > 1
    return rows.loc[several, ["customer_id", "evaluator", "score"]].sort_values(
        ["customer_id", "evaluator"], ignore_index=True
    )


def _groups(pairs: pd.DataFrame, count: int) -> np.ndarray:
    """The number of each evaluator's group: who shares a customer is in one, and so is who shares one with them."""
    group, who, customer = np.arange(count), pairs["who"].to_numpy(), pairs["customer"].to_numpy()
    while True:
        least = np.full(customer.max() + 1, count)
        np.minimum.at(least, customer, group[who])
        found = group.copy()
        np.minimum.at(found, who, least[customer])
        found = found[found]  # whoever has joined a group brings along who had joined them
        if (found == group).all():
            return pd.factorize(group)[0]
        group = found


def _between(pairs: pd.DataFrame, count: int) -> np.ndarray:
    """The normal equations of the evaluators, the customers taken out: how much each is held against each other."""
    size = pairs.groupby("customer")["who"].transform("size")
    both = pairs.assign(share=1 / size)[["customer", "who", "share"]].merge(pairs[["customer", "who"]], on="customer")
    between = np.diag(np.bincount(pairs["who"], minlength=count).astype("float64"))
    np.subtract.at(between, (both["who_x"], both["who_y"]), both["share"])
    return between


def _noise(pairs: pd.DataFrame, severity: np.ndarray, groups: int) -> tuple[float, int]:
    """The variance of what neither customer nor evaluator explains, and how many comparisons it rests on."""
    own = pd.Series(severity[pairs["who"]], pairs.index)
    rest = pairs["other"] - (own - own.groupby(pairs["customer"]).transform("mean"))
    freedom = len(pairs) - pairs["customer"].nunique() - (len(severity) - groups)
    return (float((rest**2).sum() / freedom) if freedom > 0 else np.nan), freedom


def _quantile(sure: float, freedom: int) -> float:
    """Student's t for a two-sided interval (Abramowitz and Stegun 26.7.5); unknown without a comparison to rest on."""
    if freedom <= 0:
        return np.nan
    z = NormalDist().inv_cdf((1 + sure) / 2)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _told(
    names: pd.Index, group: np.ndarray, shared: np.ndarray, severity: np.ndarray, half: np.ndarray, freedom: int, policy: Policy
) -> pd.DataFrame:  # fmt: skip
    enough = (shared >= policy.evaluators.at_least) & (freedom >= policy.evaluators.known_from)
    found = pd.DataFrame({"evaluator": names, "group": group + 1, "customers": shared})
    ends = {"severity": severity, "low": severity - half, "high": severity + half}
    found = found.assign(**{name: pd.Series(values).where(enough) for name, values in ends.items()})
    verdict = (
        pd.Series("even", found.index, dtype="str").mask(found["high"] < 0, "strict").mask(found["low"] > 0, "generous")
    )
    found["verdict"] = verdict.where(enough, "few")
    found = found.sort_values(["group", "severity", "evaluator"], ignore_index=True)
    return frames.typed(found, frames.ASSESSMENT["severity"])
