"""How well scores tell those who were lost from those who stayed, and which weights tell it best (handbook §4, "Calibration").

The measure is the AUC: of one customer who was lost and one who stayed, taken at random, how often the one who stayed had
the higher score; a draw counts half, 0.5 is chance. Its interval, and that of a difference, is DeLong's (1988), for a
cross-validated one widened as Nadeau and Bengio (2003) ask: of 300 portfolios of pure noise one got a proposal.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import scoring
from kam_xl.core.policy import DIMENSIONS, Policy, Weights

LOST = "lost"  # a stage of life (`lifecycle.stages`)
TOO_FEW, NO_BETTER, BETTER = "too_few", "no_better", "better"


class Interval(NamedTuple):
    """An estimate with the ends of its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Separation:
    """What the history says of the weights; AUCs, and the gain, unknown where too few were lost or stayed.

    ``found`` are the weights that do best on all customers; ``gain`` is what weights found on the other folds add to
    today's AUC on each fold, so that it is no higher for having been looked for.
    """

    verdict: str
    lost: int
    stayed: int
    left_out: int
    today: Interval | None = None
    by_dimension: dict[str, Interval] = dataclasses.field(default_factory=dict)
    found: Weights | None = None
    gain: Interval | None = None


def outcomes(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The customers of two snapshots by what became of them: customer_id, marks then, and whether they are ``lost`` now.

    Left out is who was lost then already, whose stage of life is unknown on either day, who lacked a mark, and who is no
    longer there: of them nobody knows.
    """
    both = then[["customer_id", "lifecycle", *DIMENSIONS]].merge(
        now[["customer_id", "lifecycle"]], on="customer_id", suffixes=("", "_now")
    )
    told = both[[*DIMENSIONS, "lifecycle", "lifecycle_now"]].notna().all(axis=1) & (both["lifecycle"] != LOST)
    both = both[told].sort_values("customer_id", ignore_index=True)
    return both.assign(lost=both["lifecycle_now"] == LOST)[["customer_id", *DIMENSIONS, "lost"]]


def separation(then: pd.DataFrame, now: pd.DataFrame, policy: Policy) -> Separation:
    """Whether other weights would have told better who is lost now, by the marks of an earlier snapshot."""
    found = outcomes(then, now)
    lost = found["lost"].to_numpy(bool)
    counts = int(lost.sum()), int((~lost).sum()), len(then) - len(found)
    if min(counts[:2]) < max(policy.calibration.at_least, policy.calibration.folds):
        return Separation(TOO_FEW, *counts)
    tried = _tried(policy)
    scores = np.column_stack([_score(found, weights) for weights in tried])
    today = _score(found, policy.weights)
    blind = _blind(scores, lost, _folds(found["customer_id"], lost, policy.calibration.folds))
    gain = _corrected(_interval(_placements(blind, lost), policy.calibration.sure, _placements(today, lost)), policy)
    return Separation(
        BETTER if gain.low > 0 else NO_BETTER,
        *counts,
        today=_interval(_placements(today, lost), policy.calibration.sure),
        by_dimension={
            key: _interval(_placements(found[key].to_numpy(), lost), policy.calibration.sure) for key in DIMENSIONS
        },
        found=tried[_best(scores, lost)],
        gain=gain,
    )


def _score(marks: pd.DataFrame, weights: Weights) -> np.ndarray:
    return scoring.composite(marks["value"], marks["potential"], marks["demand"], weights).to_numpy("float64")


def _tried(policy: Policy) -> list[Weights]:
    """Every set of weights within the bounds, those nearest to today's first: of equals the first is found."""
    rule = policy.calibration
    steps = np.round(np.arange(rule.least, rule.most + rule.step / 2, rule.step), 6)
    sets = [(a, b, round(1 - a - b, 6)) for a in steps for b in steps]
    kept = [Weights(*map(float, one)) for one in sets if rule.least <= one[2] <= rule.most]
    today = np.array(dataclasses.astuple(policy.weights))
    return sorted(kept, key=lambda one: float(np.abs(np.array(dataclasses.astuple(one)) - today).sum()))


def _folds(ids: pd.Series, lost: np.ndarray, count: int) -> np.ndarray:
    """Each customer's fold: by a hash of its ID, so that it is always the same; each has as many of the lost."""
    order = ids.map(lambda one: hashlib.sha256(one.encode()).hexdigest())
    place = order.groupby(lost).rank(method="first").astype("int64")
    return (place % count).to_numpy()


def _blind(scores: np.ndarray, lost: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Each customer's score by the weights that tell best among the other folds' customers."""
    blind = np.empty(len(lost))
    for one in np.unique(fold):
        inside = fold == one
        blind[inside] = scores[inside, _best(scores[~inside], lost[~inside])]
    return blind


def _best(scores: np.ndarray, lost: np.ndarray) -> int:
    """The column that parts the lost from those who stayed best, the first of equals."""
    ranks = pd.DataFrame(scores).rank().to_numpy()
    return int(np.round(ranks[~lost].mean(axis=0), 9).argmax())


def _placements(score: np.ndarray, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each who was lost, the share of those who stayed with a higher score; of each who stayed, of the lost with a lower."""
    among_all, own = pd.Series(score).rank(), pd.Series(score).groupby(lost).rank()
    below = (among_all - own).to_numpy()  # how many of the other group have a lower score
    return 1 - below[lost] / (~lost).sum(), below[~lost] / lost.sum()


def _corrected(gain: Interval, policy: Policy) -> Interval:
    """The interval of a cross-validated gain, wider by what the folds' common customers hide (Nadeau & Bengio 2003)."""
    wider = math.sqrt(1 + policy.calibration.folds / (policy.calibration.folds - 1))
    return Interval(gain.mean, *(gain.mean + (end - gain.mean) * wider for end in (gain.low, gain.high)))


def _interval(
    found: tuple[np.ndarray, np.ndarray], sure: float, less: tuple[np.ndarray, np.ndarray] | None = None
) -> Interval:
    """The AUC of placements, or how far it lies above another's of the same customers (DeLong, DeLong & Clarke-Pearson)."""
    first, second = found if less is None else (found[0] - less[0], found[1] - less[1])
    mean = float(first.mean())
    error = float(np.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)))
    reach = NormalDist().inv_cdf((1 + sure) / 2) * error
    return Interval(mean, mean - reach, mean + reach)
