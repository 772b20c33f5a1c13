"""A page for everybody for whom something waits: what to do today, whom to visit this week, what comes after (handbook §11).

It holds what is theirs and nothing of anybody else. A day holds no more than the policy gives a person; what is beyond waits
in its order, and the page says how much.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pandas as pd

from kam_xl.core import planning
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import is_missing
from kam_xl.reports import excerpts, origin, paper, places
from kam_xl.reports.figures import Told, told
from kam_xl.reports.grids import WHO, Pen
from kam_xl.reports.headline import KeyFigure, week
from kam_xl.reports.meetings import Section, each_tried
from kam_xl.reports.summary import WAITING, readable

WAITING_SHOWN = 100
UPKEEP_SHOWN = 60
_TO_DO = f"{WHO} level subject evidence action deadline_said place"


class Desk:
    """What waits for everybody, each part sorted out by person once."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.words = assessment.words
        self.places = places.of(assessment).below()
        self.pen = Pen(assessment, {}, self.places)
        asked: dict[str, Callable[[], pd.DataFrame]] = {
            "to_do": lambda: readable(excerpts.to_do(assessment), assessment),
            "visits": lambda: excerpts.visits(assessment),
            "upkeep": lambda: readable(excerpts.of_kind(assessment, planning.HOUSEKEEPING), assessment),
            "people": lambda: excerpts.people(assessment),
        }
        self._parts = {name: assessment.failures.part(name, work) for name, work in asked.items()}
        self._places = {
            name: rows.groupby("person").indices for name, rows in self._parts.items() if not is_missing(rows)
        }

    def own(self, part: str, person: str) -> pd.DataFrame:
        """The rows of a part that are one person's."""
        rows = self._parts[part]
        len(rows)  # a part that could not be computed fails here
        return rows.iloc[self._places[part].get(person, [])].reset_index(drop=True)


def pages(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """File name and page of everybody for whom something waits; a page that cannot be made says so."""
    desk = Desk(assessment)
    for person, name in desk.places.managers.items():
        page = assessment.failures.attempt("manager", name, functools.partial(_page, desk, person, name), None)
        yield name, page or paper.apology(assessment, assessment.words("manager.title"), origin.mark(name))


def _page(desk: Desk, person: str, name: str) -> str:
    words = desk.words
    parts = {"today": _today, "visits": _visits, "later": _later, "dates": _dates, "upkeep": _upkeep}
    sections = each_tried({key: functools.partial(part, desk) for key, part in parts.items()}, person, desk.assessment)
    links = [
        desk.places.link("risk_summary.html", words("summary.title")),
        desk.places.calendar(person, words("page.calendar")),
    ]
    return paper.page(
        "manager.html.j2",
        desk.assessment,
        title=words("manager.title"),
        lead=_lead(desk, person),
        notices=[],
        figures=desk.assessment.failures.attempt("section", "figures", lambda: _figures(desk, person), []),
        sections=sections,
        mark=origin.mark(name),
        links=paper.joined(links),
    )


def _now(desk: Desk, person: str) -> pd.DataFrame:
    rows = desk.own("to_do", person)
    return rows[rows["now"]]


def _lead(desk: Desk, person: str) -> Told:
    day = desk.assessment.workday.isoformat()
    return told(desk.words, "manager.lead", of=person, window=day, person=person, n=len(_now(desk, person)), day=day)


def _figures(desk: Desk, person: str) -> list[KeyFigure]:
    """What waits, by where the page lists it."""
    rows = desk.own("people", person)
    counts = {name: int(rows[name].sum()) for name in WAITING}
    windows = {"visits": week(desk.assessment)}
    return [
        KeyFigure(
            desk.words(f"page.people.{name}"), f"{count:,}", windows.get(name, ""),
            "bad" if name == "overdue" and count else "plain", name, windows.get(name, ""), person, f"#{WAITING[name]}",
        )
        for name, count in counts.items()
    ]  # fmt: skip


def _today(desk: Desk, person: str) -> Section:
    """What to do on the next workday, in the matters' order."""
    rows, day = _now(desk, person), desk.assessment.workday.isoformat()
    if not len(rows):
        return Section("today", told(desk.words, "manager.today.none", day=day))
    finding = told(desk.words, "manager.today.finding", of=person, window=day, day=day, n=len(rows))
    grid = desk.pen.grid(rows, _TO_DO, len(rows), "matters")
    return Section("today", finding, (grid,), (told(desk.words, "manager.today.note"),))


def _visits(desk: Desk, person: str) -> Section:
    """The visits of the week with what to talk about."""
    rows, window = desk.own("visits", person), week(desk.assessment)
    finding = told(desk.words, "manager.visits.finding", of=person, window=window, n=len(rows), week=window)
    grid = desk.pen.grid(rows, f"{WHO} planned agenda due:visits.due shift", WAITING_SHOWN, "visits")
    return Section("visits", finding, (grid,) if len(rows) else ())


def _later(desk: Desk, person: str) -> Section:
    """What waits after today, by the day there is room for it."""
    rows = desk.own("to_do", person)
    later = rows[~rows["now"] & (rows["kind"] == planning.MATTER)].sort_values("day", kind="stable")
    finding = told(desk.words, "manager.later.finding", of=person, n=len(later))
    grid = desk.pen.grid(later, f"{WHO} day level subject evidence deadline_said", WAITING_SHOWN, "matters")
    return Section("later", finding, (grid,) if len(later) else (), (told(desk.words, "manager.later.note"),))


def _dates(desk: Desk, person: str) -> Section:
    """Dates that come by themselves and lines of the team's own, by day."""
    rows = desk.own("to_do", person)
    rows = rows[~rows["now"] & (rows["kind"] != planning.MATTER)].sort_values("day", kind="stable")
    finding = told(desk.words, "manager.dates.finding", of=person, n=len(rows))
    grid = desk.pen.grid(rows, f"{WHO} day subject action deadline_said", WAITING_SHOWN, "matters")
    return Section("dates", finding, (grid,) if len(rows) else ())


def _upkeep(desk: Desk, person: str) -> Section:
    """What asks for the upkeep of the workbooks."""
    rows = desk.own("upkeep", person)
    finding = told(desk.words, "manager.upkeep.finding", of=person, n=len(rows))
    grid = desk.pen.grid(rows, f"{WHO} subject action by place", UPKEEP_SHOWN, "housekeeping")
    return Section("upkeep", finding, (grid,) if len(rows) else ())
