"""The facts of one run that the reports print: when, from where, under which policy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

#: What a night leaves in its folder.
MASTER, SUMMARY, RECORD = "KAM_Master.xlsx", "risk_summary.html", "run.json"
DETAILS = "details.html"  # the rows behind the summary's figures
STANDARDS = "standards.html"  # what each tier is promised
#: Folders of one file a customer, a person, a team, a frame; those of the night before go.
PLANS, MANAGERS, CALENDARS, TEAMS, ARCHIVE = "plans", "managers", "calendars", "teams", "archive"


class Rhythm(StrEnum):
    """How often a meeting is held; each has a page, which a night writes besides where it is asked to (`views`)."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"


@dataclass(frozen=True)
class Run:
    """One run of the nightly job; ``options`` as given.

    ``teams_from_out`` is the teams' folder as seen from the outputs' folder, so that links last when both are moved.
    """

    started: datetime
    teams_dir: str
    teams_from_out: str
    policy_version: str
    product_version: str
    lang: str
    workers: int
    options: dict[str, object]

    def from_below(self) -> Run:
        """The same run for what stands in a folder of the outputs: from there the teams' folder is one step further."""
        far = any(kind(self.teams_from_out).is_absolute() for kind in (PurePosixPath, PureWindowsPath))
        return self if far else replace(self, teams_from_out=f"../{self.teams_from_out}")
