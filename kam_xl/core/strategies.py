"""The strategies being executed: which are open, which were missed, which were to be done in this quarter (handbook §9)."""

from __future__ import annotations

import pandas as pd

from kam_xl.core.policy import Policy
from kam_xl.core.rule_settings import OPEN_STATUSES


def are_open(status: pd.Series) -> pd.Series:
    """True for what is known to be neither done nor cancelled."""
    return status.isin(OPEN_STATUSES)


def finished(tracking: pd.DataFrame, policy: Policy, today: pd.Timestamp) -> pd.DataFrame:
    """The tracking rows with ``open``, ``missed`` and ``ended``.

    What is ``open`` (`are_open`) is ``missed`` once its end is past, or where somebody
    says that it is delayed. ``ended`` is what was to be done within the quarter before today, cancelled ones left out.
    """
    status, end = tracking["status"], tracking["end"]
    open_ = are_open(status)
    quarter = today - pd.Timedelta(days=policy.targets.quarter_days)
    return tracking.assign(
        open=open_,
        missed=open_ & ((end < today) | (status == "delayed").fillna(False)),
        ended=(quarter <= end) & (end < today) & (status != "cancelled").fillna(True),
    )
