"""Which evaluation of a customer decides, and which row of its indicators: the latest, by rank on one day (handbook §2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core import frames
from kam_xl.core.policy import DIMENSIONS, Policy


def decided(evaluations: pd.DataFrame, policy: Policy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Evaluations, newest first per customer, with `current` on the one that decides; and the ties nothing could settle.

    The latest date decides; on one date the highest-ranking evaluator, else the first by team name (handbook §2).
    """
    ranks = {name: policy.rank(name) for name in evaluations["evaluator"].dropna().unique()}
    rank = evaluations["evaluator"].map(ranks).astype("float64").fillna(np.inf)
    day = evaluations["evaluated_on"].astype("datetime64[s]").astype("int64").where(evaluations["evaluated_on"].notna())
    ordered = evaluations.assign(rank=rank, age=-day).sort_values(
        ["customer_id", "age", "rank", "team", "book", "row"], kind="stable", na_position="last", ignore_index=True
    )
    ordered["current"] = ~ordered.duplicated("customer_id")
    first = ordered[ordered["current"]].set_index("customer_id")
    own = first.reindex(ordered["customer_id"]).reset_index(drop=True)
    tied = ~ordered["current"] & ordered["age"].eq(own["age"]) & ordered["rank"].eq(own["rank"])
    differs = pd.concat([frames.differ(ordered[name], own[name]) for name in DIMENSIONS], axis=1).any(axis=1)
    ties = ordered[
        ordered["customer_id"].isin(ordered.loc[tied & differs, "customer_id"]) & (ordered["current"] | tied)
    ]
    return ordered.drop(columns=["rank", "age", "modified", "repeated"]), ties


def outdated(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Evaluations older than the one that decides."""
    deciding = evaluations[evaluations["current"]].set_index("customer_id")["evaluated_on"]
    newest = deciding.reindex(evaluations["customer_id"]).set_axis(evaluations.index)
    return evaluations[evaluations["evaluated_on"] < newest]


def latest_first(indicators: pd.DataFrame) -> pd.DataFrame:
    """Indicators, newest first per customer, with `current` on the row that decides: the latest, then by team."""
    day = indicators["as_of"].astype("int64").where(indicators["as_of"].notna())
    ordered = indicators.assign(age=-day).sort_values(
        ["customer_id", "age", "team", "book", "row"], kind="stable", na_position="last", ignore_index=True
    )
    return ordered.drop(columns="age").assign(current=~ordered.duplicated("customer_id"))
