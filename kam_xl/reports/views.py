"""The pages that meetings are held with: weekly stand-up, monthly tier board, quarterly review, half-yearly re-tiering.

The rhythm is that of handbook §9 (S3 items 45–48). Each page compares with the newest snapshot of its own time ago, names
that day, and says so where there is none. It stays small: the rest of each table is counted and left to the master.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import migration
from kam_xl.core.assessment import Assessment
from kam_xl.core.policy import Policy
from kam_xl.reports import half_yearly, monthly, paper, quarterly, weekly
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import Meeting, Section, indicators_of


@dataclass(frozen=True)
class MeetingPage:
    """One kind of page: how long ago it compares with, its figures, its sections; each makes one from a meeting."""

    back: Callable[[dt.date, Policy], dt.date]
    figures: Callable[[Meeting], list[KeyFigure]]
    sections: tuple[Callable[[Meeting], Section], ...]


def compared_day(view: str, today: dt.date, policy: Policy) -> dt.date:
    """The day whose snapshot, or the newest before it, a page compares with."""
    return VIEWS[view].back(today, policy)


def render(view: str, assessment: Assessment, tonight: pd.DataFrame, past: pd.DataFrame | None) -> str:
    """The whole page of one of `VIEWS`, complete in itself: no script, no network, no phone number.

    ``tonight`` is the snapshot of the assessment (`history.snapshot`), ``past`` the one compared with, None where there is
    none as old as `compared_day`.
    """
    words = assessment.words
    past = None if past is None or past.empty else past
    meeting = Meeting(assessment, tonight, past, compared_day(view, assessment.today, assessment.policy))
    attempt, apology = assessment.failures.attempt, Section("failed", words("failure.says"))
    figures = attempt("view_section", view, lambda: VIEWS[view].figures(meeting), [])
    sections = [
        attempt("view_section", f"{view}/{place}", functools.partial(section, meeting), apology)
        for place, section in enumerate(VIEWS[view].sections, start=1)
    ]
    return paper.page(
        "view.html.j2",
        assessment,
        title=words(f"views.{view}.title"),
        lead=_lead(view, meeting, figures),
        compared=past is not None,
        comparison=_comparison(meeting),
        unread=meeting.say("unread", teams=meeting.list(sorted(meeting.unread))) if meeting.unread else None,
        figures=figures,
        sections=sections,
    )


def _lead(view: str, meeting: Meeting, figures: list[KeyFigure]) -> str:
    """What happened in one sentence: the first figures of the page."""
    if meeting.assessment.customers.empty:
        return meeting.words("summary.headline.empty")
    if not figures:
        return meeting.say(f"{view}.title")
    facts = {f"figure{place}": figure.value_text for place, figure in enumerate(figures)}
    first = f"{view}.lead_first"
    return meeting.say(first if meeting.past is None and f"views.{first}" in meeting.words else f"{view}.lead", **facts)


def _comparison(meeting: Meeting) -> str:
    if meeting.past is None:
        return meeting.say("compared.first", day=meeting.wanted.isoformat())
    return meeting.say("compared.with", day=_day(meeting).isoformat())


def _day(meeting: Meeting) -> dt.date:
    return meeting.past["on"].max().date()


#: The pages there are.
VIEWS = {
    "weekly": MeetingPage(
        lambda today, policy: today - dt.timedelta(days=7),
        weekly.figures,
        (weekly.actions, weekly.visits, weekly.risks, weekly.cases, weekly.deals, weekly.prospects),
    ),
    "monthly": MeetingPage(
        lambda today, policy: (pd.Timestamp(today) - pd.DateOffset(months=1)).date(),
        monthly.figures,
        (monthly.tiers, monthly.attainment, monthly.opinion, monthly.health_board, monthly.life, monthly.data),
    ),
    "quarterly": MeetingPage(
        lambda today, policy: today - dt.timedelta(days=policy.targets.quarter_days),
        quarterly.figures,
        (
            indicators_of("quarter", "quarter"), quarterly.execution, quarterly.goals, quarterly.lasting,
            quarterly.coverage, quarterly.renewals, quarterly.whitespace,
        ),
    ),
    "half_yearly": MeetingPage(
        lambda today, policy: today - dt.timedelta(days=policy.targets.half_days),
        half_yearly.figures,
        (
            half_yearly.migrated, half_yearly.moved(migration.DOWN, "downgrades"),
            half_yearly.moved(migration.UP, "upgrades"), half_yearly.reevaluation, indicators_of("half", "half"),
            monthly.tiers,
        ),
    ),
}  # fmt: skip
