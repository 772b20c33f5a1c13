"""Three marks → the composite score, and how it compares with what was recorded (handbook §3)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core.policy import Weights

DIFFERS = 0.05  # recorded and computed scores this far apart are not the same
DECIMALS = 1  # a composite score has one decimal; that rounded score is the one that is tiered


def composite(value: pd.Series, potential: pd.Series, demand: pd.Series, weights: Weights) -> pd.Series:
    """The weighted sum of three columns of marks (0..100), rounded to one decimal; unknown where any mark is."""
    return round_half_away(weights.value * value + weights.potential * potential + weights.demand * demand, DECIMALS)


def round_half_away(x: pd.Series, decimals: int) -> pd.Series:
    """A column of numbers rounded half away from zero on the decimal value people see: 89.45 → 89.5, -0.25 → -0.3.

    Binary 89.45 lies a hair below the decimal one, and a weighted sum misses its decimal value by up to about 1e-12.
    Decimal values with fewer than nine digits after the point are either halfway or farther from it than 1e-9, so
    adding 1e-9 before cutting off lifts exactly those that are halfway, and no other.
    """
    shift = 10.0**decimals
    return np.sign(x) * np.floor(np.abs(x) * shift + 0.5 + 1e-9) / shift


def verdicts(
    score: pd.Series, computed_tier: pd.Series, recorded_score: pd.Series, recorded_tier: pd.Series
) -> pd.Series:
    """How each recorded score and tier compares with the computed ones, as a key.

    The first that applies of ``unknown`` (nothing computed), ``unrecorded`` (nothing to compare with),
    ``tier_differs``, ``score_differs`` (by 0.05 or more once the recorded score is rounded too), ``match``.
    """
    differs = (round_half_away(recorded_score, DECIMALS) - score).abs() >= DIFFERS
    cases = {
        "unknown": score.isna(),
        "unrecorded": recorded_score.isna() & recorded_tier.isna(),
        "tier_differs": recorded_tier.notna() & (recorded_tier != computed_tier),
        "score_differs": differs,
    }
    verdict = np.select([case.to_numpy(dtype=bool) for case in cases.values()], list(cases), "match")
    return pd.Series(verdict, index=score.index, dtype="str")
