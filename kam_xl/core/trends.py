"""Whether a row of figures rises or falls beyond chance: the test of Mann and Kendall, which asks nothing of how they scatter.

Every pair of figures is compared; the sum of the signs, less one towards none, is held against its spread by chance, ties
taken into account (Kendall 1975). It tells neither how much nor for how long.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

RISES, LEVEL, FALLS = "up", "flat", "down"


def falls_or_rises(rows: np.ndarray, sure: float) -> np.ndarray:
    """For each row of figures, the earliest first: `RISES`, `FALLS`, or `LEVEL` where ``sure`` of neither, on both sides."""
    count = rows.shape[1]
    later, earlier = np.triu_indices(count, 1)[::-1]
    signs = np.sign(rows[:, later] - rows[:, earlier]).sum(axis=1)
    alike = (rows[:, :, None] == rows[:, None, :]).sum(axis=2)
    ties = ((alike - 1) * (2 * alike + 5)).sum(axis=1)
    spread = np.sqrt((count * (count - 1) * (2 * count + 5) - ties) / 18)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(spread > 0, np.maximum(np.abs(signs) - 1, 0) / spread, 0)
    beyond = far > NormalDist().inv_cdf((1 + sure) / 2)
    return np.select([beyond & (signs > 0), beyond & (signs < 0)], [RISES, FALLS], LEVEL)
