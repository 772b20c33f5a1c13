"""The nightly job: one run, what it tells the channels, and the timer that starts it."""

from kam_xl.nightly.job import Job, NothingUsable, Progress, run
from kam_xl.nightly.writing import CLEAN, IN_PART, page_name
from kam_xl.reports.run import ARCHIVE, CALENDARS, DETAILS, MANAGERS, MASTER, PLANS, RECORD, STANDARDS, SUMMARY, TEAMS

__all__ = [
    "ARCHIVE",
    "CALENDARS",
    "CLEAN",
    "DETAILS",
    "IN_PART",
    "MANAGERS",
    "MASTER",
    "PLANS",
    "RECORD",
    "STANDARDS",
    "SUMMARY",
    "TEAMS",
    "Job",
    "NothingUsable",
    "Progress",
    "page_name",
    "run",
]
