"""The nightly job: one run, what it tells the channels, and the timer that starts it."""

from kam_xl.nightly.job import (
    CALENDARS,
    CLEAN,
    IN_PART,
    MASTER,
    PLANS,
    RECORD,
    SUMMARY,
    Job,
    NothingUsable,
    Progress,
    page_name,
    run,
)

__all__ = [
    "CALENDARS",
    "CLEAN",
    "IN_PART",
    "MASTER",
    "PLANS",
    "RECORD",
    "SUMMARY",
    "Job",
    "NothingUsable",
    "Progress",
    "page_name",
    "run",
]
