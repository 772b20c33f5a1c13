"""Where the pages of a night lie: of whom there is a page, a calendar, a plan, a workbook, and under what name."""

from __future__ import annotations

from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import is_missing
from kam_xl.reports import account_plan, excerpts, file_names, team_workbook
from kam_xl.reports.links import Links


def of(assessment: Assessment) -> Links:
    """The places of tonight's files."""
    people: list[str] = [] if is_missing(assessment.actions) else who(assessment)
    return Links(
        file_names.of(people, ".html"),
        file_names.of(people, ".ics", f"{assessment.words('calendar.file')}-"),
        {one: account_plan.file_name(one) for one in account_plan.customers(assessment)},
        team_workbook.names(assessment),
    )


def who(assessment: Assessment) -> list[str]:
    """Everybody for whom anything waits."""
    return sorted(excerpts.waiting(assessment)["person"].unique())
