"""The rows behind the first page's figures: who is at high risk, what is overdue, owed, planned, left out, and where all lies.

Each section holds exactly the rows that a number of the first page counts, up to `ROWS_SHOWN`; what is beyond is counted
and left to the master. What changed and how tiers, health and teams stand is told as a meeting's page tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from kam_xl.core import history, moves
from kam_xl.core.assessment import Assessment
from kam_xl.reports import excerpts, monthly, paper, places, summary
from kam_xl.reports.grids import WHO
from kam_xl.reports.headline import both_nights, headline, week
from kam_xl.reports.meetings import Meeting, Section, each_tried
from kam_xl.reports.waterfalls import of_headline, worth_drawing
from kam_xl.showing.telling import with_reasons

ROWS_SHOWN = 300
TEAMS_SHOWN = 60
_MATTER = f"{WHO} level subject evidence money deadline_said owner"


def _readable(meeting: Meeting, rows: pd.DataFrame) -> pd.DataFrame:
    return summary.readable(rows, meeting.assessment)


def high(meeting: Meeting) -> Section:
    """The customers at high risk, each with its most pressing matter, those with most money first."""
    rows = _readable(meeting, excerpts.at_high_risk(meeting.assessment))
    if not len(rows):
        return Section("high", meeting.say("high.none"))
    grid = meeting.pen.grid(
        rows, f"{WHO} health_colour subject evidence amount:money deadline_said owner", ROWS_SHOWN, "matters"
    )
    return Section("high", meeting.say("high.finding", n=len(rows)), (grid,))


def accounts(meeting: Meeting) -> Section:
    """Every customer with a matter, each with its most pressing one."""
    rows = _readable(meeting, excerpts.accounts(meeting.assessment))
    if not len(rows):
        return Section("accounts", meeting.say("accounts.none"))
    grid = meeting.pen.grid(rows, f"{WHO} level subject more money deadline_said owner", ROWS_SHOWN, "matters")
    return Section(
        "accounts", meeting.say("accounts.finding", n=len(rows)), (grid,), (meeting.words("summary.matters.order"),)
    )


def overdue(meeting: Meeting) -> Section:
    """The matters past their own deadline."""
    rows = _readable(meeting, excerpts.matters(meeting.assessment))
    late = rows[rows["overdue"]]
    if not len(late):
        return Section("overdue", meeting.say("overdue.none"))
    grid = meeting.pen.grid(late, _MATTER, ROWS_SHOWN, "matters")
    return Section("overdue", meeting.say("overdue.finding", n=len(late), all=len(rows)), (grid,))


def cases(meeting: Meeting) -> Section:
    """The open cases past a limit; those that are open besides are counted."""
    if not meeting.keeps("service"):
        return Section("cases", meeting.say("cases.unknown"))
    rows = excerpts.owed(meeting.assessment)
    late = rows[rows["late"]]
    finding = meeting.say("owed.finding", n=len(late), all=len(rows))
    fields = f"{WHO} kind:service.kind severity:service.severity category reported stage:cases.stage by handler"
    return Section("cases", finding, (meeting.pen.grid(late, fields, ROWS_SHOWN, "cases"),) if len(late) else ())


def visits(meeting: Meeting) -> Section:
    """The visits of this week, with what to talk about."""
    rows, window = excerpts.visits(meeting.assessment), week(meeting.assessment)
    finding = meeting.say("visits_week.finding", window=window, n=len(rows), week=window)
    grid = meeting.pen.grid(rows, f"{WHO} planned person agenda due:visits.due shift", ROWS_SHOWN, "visits")
    return Section("visits", finding, (grid,) if len(rows) else ())


def upkeep(meeting: Meeting) -> Section:
    """What asks for the upkeep of workbooks, by who keeps them."""
    rows = _readable(meeting, excerpts.housekeeping(meeting.assessment))
    finding = meeting.say("upkeep.finding", n=len(rows))
    grid = meeting.pen.grid(rows, f"person {WHO} subject action by place", ROWS_SHOWN, "housekeeping")
    return Section("upkeep", finding, (grid,) if len(rows) else ())


def common(meeting: Meeting) -> Section:
    """What so many customers share that it is told once."""
    rows = meeting.assessment.common
    finding = meeting.say("common.finding", n=len(rows))
    grid = meeting.pen.grid(rows, "subject reason:common.reason begin_with owner", ROWS_SHOWN, "common")
    return Section("common", finding, (grid,) if len(rows) else ())


def people(meeting: Meeting) -> Section:
    """Everybody for whom anything waits; each number leads to its rows."""
    rows, there = excerpts.people(meeting.assessment), meeting.places
    told = [summary.person(row, meeting.assessment, there) for row in rows.itertuples()]
    columns = {"person": [one.name for one in told]}
    columns |= {f"people.{name}": [one.counts[place] for one in told] for place, name in enumerate(summary.WAITING)}
    columns["people.calendar"] = [one.calendar for one in told]
    grid = meeting.pen.grid(pd.DataFrame(columns, dtype="object"), " ".join(columns), ROWS_SHOWN, "matters")
    return Section("people", meeting.say("people.finding", n=len(rows)), (grid,) if len(rows) else ())


def changes(meeting: Meeting) -> Section:
    """What changed since the last run, kind by kind, what got worse first."""
    found, window = meeting.changes, meeting.since
    if meeting.past is None:
        return Section("changes", meeting.say("changes.first"))
    kinds = [kind for kind in history.CHANGES if (found["change"] == kind).any()]
    told = moves.of_changes(found, meeting.assessment.moves)
    rows = {kind: meeting.named(told[told["change"] == kind]) for kind in kinds}
    grids = [
        meeting.pen.grid(
            part, f"{WHO} before after why:moves.why cites:moves.cites", ROWS_SHOWN, "changes",
            title=meeting.say("changes.kind", window=window, kind=meeting.words(f"terms.change.{kind}"), n=len(part)),
        )
        for kind, part in rows.items()
    ]  # fmt: skip
    return Section(
        "changes",
        meeting.say("changes.finding" if kinds else "changes.none", n=len(found), window=window),
        tuple(grids),
        pictures=tuple(worth_drawing(of_headline(meeting.assessment, both_nights(meeting.assessment)))),
    )


def teams(meeting: Meeting) -> Section:
    """The teams, each leading to its workbook, those with most customers at high risk first."""
    rows, there = excerpts.worst_teams(meeting.assessment), meeting.places
    linked: list[Any] = [there.team(team, team) for team in rows["team"]]
    rows = rows.assign(team=pd.Series(linked, rows.index, dtype="object"))
    fields = "team customers amount strategic key:teams.key high_risk medium_risk"
    if not len(rows):
        return Section("teams", meeting.say("teams.none"))
    shared = int(rows["customers"].sum()) - len(meeting.assessment.customers)
    notes = (meeting.say("teams.shared", n=shared),) if shared else ()
    finding = meeting.say("teams.finding", n=len(rows))
    grid = meeting.pen.totals(rows.head(TEAMS_SHOWN), fields, meeting.words("views.teams.section"))
    grid = replace(grid, rest=max(len(rows) - TEAMS_SHOWN, 0), sheet="teams")
    return Section("teams", finding, (grid,), notes)


def plans(meeting: Meeting) -> Section:
    """The account plans there are."""
    found = meeting.places.plans
    names = meeting.names["name"]
    note = paper.joined([meeting.places.customer(one, names[one]) for one in found])
    return Section("plans", meeting.say("plans.finding", n=len(found)), (), (note,) if found else ())


def books(meeting: Meeting) -> Section:
    """The workbooks that do not count, and why."""
    sources = meeting.assessment.portfolio.sources
    out = with_reasons(sources[sources["outcome"].isin(["quarantined", *excerpts.VERSIONS])], meeting.words)
    used, files = int((sources["outcome"] == "used").sum()), int((sources["outcome"] != "skipped").sum())
    grid = meeting.pen.grid(out, "book team outcome modified reason remedy", ROWS_SHOWN, "teams")
    return Section("books", meeting.say("books.finding", used=used, all=files), (grid,) if len(out) else ())


def failed(meeting: Meeting) -> Section:
    """What could not be computed or written."""
    said = list(summary.failures(meeting.assessment))
    finding = meeting.say("failures.finding" if said else "failures.none", n=len(said))
    rest = [meeting.say("failures.rest", n=len(said) - ROWS_SHOWN)] if len(said) > ROWS_SHOWN else []
    return Section("failed", finding, (), (*said[:ROWS_SHOWN], *rest))


SECTIONS: dict[str, Callable[[Meeting], Section]] = {
    "high": high, "overdue": overdue, "cases": cases, "visits": visits, "upkeep": upkeep, "people": people,
    "accounts": accounts, "common": common, "changes": changes, "tiers": monthly.tiers, "health": monthly.health_board,
    "teams": teams, "plans": plans, "books": books, "failed": failed,
}  # fmt: skip


def render(assessment: Assessment, tonight: pd.DataFrame) -> str:
    """The whole page, complete in itself; ``tonight`` is the snapshot of the assessment (`history.snapshot`)."""
    words = assessment.words
    there = places.of(assessment)
    meeting = Meeting(assessment, tonight, assessment.past, assessment.previous or assessment.today, there)
    sections = each_tried(SECTIONS, meeting, assessment)  # first: the last of them tells what has failed
    attempt = assessment.failures.attempt
    return paper.page(
        "view.html.j2",
        assessment,
        title=words("details.title"),
        lead=attempt("section", "headline", lambda: headline(assessment), words("details.title")),
        notices=[],
        figures=[],
        sections=sections,
        mark="",
    )
