"""What the workbooks record that does not agree with what was computed, nor with each other: found once all is scored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from kam_xl.core import findings, scoring, tasks, tiering
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.words import Words


def recorded_wrong(portfolio: Portfolio, evaluations: pd.DataFrame, policy: Policy, lang: str) -> pd.DataFrame:
    """Findings about recorded scores and tiers that are not the computed ones, nor fit each other (S3, table 2).

    Each book answers for its newest evaluation of a customer only: older ones were made under older weights.
    """
    newest = evaluations[~evaluations.duplicated(["book", "customer_id"])]
    recorded = scoring.round_half_away(newest["composite"], 1)
    other_score = (recorded - newest["score"]).abs() >= scoring.DIFFERS
    of_recorded = tiering.tiers(recorded, policy)
    fits = newest["computed_tier"].isna() | newest["tier"].eq(newest["computed_tier"])
    right = newest["computed_tier"].mask(fits, of_recorded if policy.hysteresis == 0 else np.nan)
    other_tier = newest["tier"].notna() & right.notna() & newest["tier"].ne(right)
    newest = newest.assign(right=right)
    names = policy.tier_names(lang)
    scores = _finding(portfolio, newest[other_score], "composite_mismatch", "composite", "{:.1f}".format, "score")
    tiers = _finding(portfolio, newest[other_tier], "tier_mismatch", "tier", names.get, "right")
    return pd.concat([scores, tiers], ignore_index=True)


def _finding(
    portfolio: Portfolio, rows: pd.DataFrame, code: str, field: str, say: Callable[[Any], str | None], against: str
) -> pd.DataFrame:
    """One finding a row: what is recorded in ``field`` beside what was computed."""
    found = rows[["book", "sheet", "customer_id"]].assign(
        code=code,
        severity=findings.SEVERITY[code],
        cell=portfolio.cells(rows, "evaluation", field),
        field=field,
        typed_value=rows[field].map(say, na_action="ignore").astype("str"),
        detail=rows[against].map(say, na_action="ignore").astype("str"),
    )
    return found[list(findings.COLUMNS)]


def with_findings(portfolio: Portfolio, found: pd.DataFrame) -> Portfolio:
    """The portfolio with more findings, counted for their files too."""
    every = (
        findings.in_order(pd.concat([portfolio.findings, found], ignore_index=True))
        if len(found)
        else portfolio.findings
    )
    count = portfolio.sources["book"].map(found["book"].value_counts()).fillna(0).astype("int64")
    sources = portfolio.sources.assign(finding_count=portfolio.sources["finding_count"] + count)
    return dataclasses.replace(portfolio, findings=every, sources=sources)


def with_contradictions(portfolio: Portfolio, words: Words) -> Portfolio:
    """The portfolio with the actions that two workbooks mark differently among its conflicts."""
    if portfolio.tasks.empty:
        return portfolio
    found = tasks.conflicts(portfolio, words)
    every = pd.concat([portfolio.conflicts, found], ignore_index=True) if len(found) else portfolio.conflicts
    return dataclasses.replace(portfolio, conflicts=every)
