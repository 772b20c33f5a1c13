"""The pages that meetings are held with: weekly stand-up, monthly tier board, quarterly review, half-yearly re-tiering.

The rhythm is that of handbook §9 (S3 items 45–48). Each page compares with the newest snapshot of its own time ago, names
that day, and says so where there is none. It stays small: the rest of each table is counted and left to the master.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import history, migration
from kam_xl.core.assessment import Assessment
from kam_xl.reports import half_yearly, monthly, paper, places, quarterly, weekly
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import SHORT_LIST, Meeting, Section, indicators_of
from kam_xl.reports.run import Rhythm


@dataclass(frozen=True)
class MeetingPage:
    """One kind of page: its figures, its sections; each makes one from a meeting."""

    figures: Callable[[Meeting], list[KeyFigure]]
    sections: tuple[Callable[[Meeting], Section], ...]


def render(view: str, assessment: Assessment, tonight: pd.DataFrame, past: pd.DataFrame | None) -> str:
    """The whole page of one of `VIEWS`, complete in itself: no script, no network, no phone number.

    ``tonight`` is the snapshot of the assessment (`history.snapshot`), ``past`` the one compared with, None where there is
    none as old as `history.compared_day`.
    """
    words = assessment.words
    past = None if past is None or past.empty else past
    wanted = history.compared_day(view, assessment.today, assessment.policy)
    meeting = Meeting(assessment, tonight, past, wanted, places.of(assessment))
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
        notices=list(_notices(meeting)),
        figures=figures,
        sections=sections,
        mark="",
    )


def _lead(view: str, meeting: Meeting, figures: list[KeyFigure]) -> str:
    """What happened in one sentence: the first figures of the page."""
    if meeting.assessment.customers.empty:
        return meeting.words("summary.headline.empty")
    if not figures:
        return meeting.say(f"{view}.title")
    facts = {f"figure{place}": figure.figure for place, figure in enumerate(figures)}
    first = f"{view}.lead_first"
    return meeting.say(first if meeting.past is None and f"views.{first}" in meeting.words else f"{view}.lead", **facts)


def _notices(meeting: Meeting) -> Iterator[tuple[str, str]]:
    """What the page is compared with, and whose workbooks that knows and tonight could not read."""
    if meeting.past is None:
        yield "watch", meeting.say("compared.first", day=meeting.wanted.isoformat())
    else:
        yield "plain", meeting.say("compared.with", day=meeting.since)
    if meeting.unread:
        teams, more = sorted(meeting.unread), "…" if len(meeting.unread) > SHORT_LIST else ""
        yield "watch", meeting.say("unread", n=len(teams), teams=meeting.list(teams[:SHORT_LIST]) + more)


#: The pages there are.
VIEWS: dict[str, MeetingPage] = {
    Rhythm.WEEKLY: MeetingPage(
        weekly.figures,
        (weekly.actions, weekly.visits, weekly.risks, weekly.cases, weekly.deals, weekly.prospects),
    ),
    Rhythm.MONTHLY: MeetingPage(
        monthly.figures,
        (monthly.tiers, monthly.attainment, monthly.opinion, monthly.health_board, monthly.life, monthly.data),
    ),
    Rhythm.QUARTERLY: MeetingPage(
        quarterly.figures,
        (
            indicators_of("quarter", "quarter"), quarterly.execution, quarterly.goals, quarterly.lasting,
            quarterly.coverage, quarterly.renewals, quarterly.whitespace,
        ),
    ),
    Rhythm.HALF_YEARLY: MeetingPage(
        half_yearly.figures,
        (
            half_yearly.migrated, half_yearly.moved(migration.DOWN, "downgrades"),
            half_yearly.moved(migration.UP, "upgrades"), half_yearly.reevaluation, half_yearly.evaluators, indicators_of("half", "half"),
            monthly.tiers,
        ),
    ),
}  # fmt: skip
