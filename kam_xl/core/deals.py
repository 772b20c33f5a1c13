"""Renewals, opportunities and trials: when each ends, whether it is open, and when to be reminded (handbook §8)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_xl.core.policy import Policy

OPEN, CLOSED = ("lead", "proposal", "negotiation"), ("won", "lost")  # stages; one that is unknown may be either


def is_open(stage: pd.Series) -> pd.Series:
    """True for what is not known to be won or lost."""
    return ~stage.isin(CLOSED)


def finished(renewals: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """The rows with ``ends``, ``open``, ``step`` and ``due``: its reminder has come.

    A trial ends with its expiry, a renewal or an opportunity on its date. ``step`` is the renewal's reminder that has
    come, in days before it; NaN for anything else. A day that is past is a risk, no reminder.
    """
    trial, renewal = (renewals["kind"].eq(kind).fillna(False).astype(bool) for kind in ("trial", "renewal"))
    ends, open_ = renewals["renewal_date"].mask(trial, renewals["trial_expiry"]), is_open(renewals["stage"])
    left = (ends - today).dt.days
    step = pd.Series(np.nan, index=renewals.index)
    for days in policy.plan.renewal_days:
        step = step.mask(renewal & (left <= days), float(days))
    soon = (trial & (left <= policy.plan.trial_days)) | step.notna()
    return renewals.assign(ends=ends, open=open_, step=step, due=open_ & soon & (left >= 0))
