"""The facts of one run that the reports print: when, from where, under which policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: What a night leaves in its folder.
MASTER, SUMMARY, RECORD = "KAM_Master.xlsx", "risk_summary.html", "run.json"
PLANS, CALENDARS = "plans", "calendars"  # folders of one file a customer, a manager; those of the night before go


@dataclass(frozen=True)
class Run:
    """One run of the nightly job; ``seconds`` are by step (``read``, ``assess`` …), ``options`` as given.

    ``teams_from_out`` is the teams' folder as seen from the outputs' folder, so that links last when both are moved.
    """

    started: datetime
    teams_dir: str
    teams_from_out: str
    policy_version: str
    product_version: str
    lang: str
    workers: int
    seconds: dict[str, float]
    options: dict[str, object]
