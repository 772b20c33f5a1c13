"""The first page: one sheet of paper that says what happened, who acts on what today, and what waits where (handbook §11).

It stays one sheet whatever the portfolio: every list is bounded and says what it leaves to which page. Each number leads to
the rows it counts, in `details` or on a person's page.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kam_xl.core import moves
from kam_xl.core.assessment import Assessment
from kam_xl.core.evidence import sentences
from kam_xl.core.failures import Failure
from kam_xl.core.frames import each_row
from kam_xl.core.sheets import EVALUATION
from kam_xl.core.versions import CODES, NO_TOTAL
from kam_xl.core.words import Words
from kam_xl.reports import excerpts, paper, places
from kam_xl.reports.figures import Figure, Told, money, number, told
from kam_xl.reports.headline import KeyFigure, headline, key_figures, night, week
from kam_xl.reports.links import Links
from kam_xl.reports.run import DETAILS, MASTER, STANDARDS, Run
from kam_xl.showing import telling

COMMON_SHOWN = 5
PEOPLE_SHOWN = 6
GROUPS_SHOWN = 2
BOOKS_NAMED = 3
FAILED_SHOWN = 3
_BRACKET = re.compile(r"\s*[（(].*$")
#: What a person has waiting: column of `excerpts.people` → the part of the person's page that lists it.
WAITING = {"matters": "today", "overdue": "today", "visits": "visits", "upkeep": "upkeep"}


@dataclass(frozen=True)
class Account:
    """One customer to act on: its most pressing matter, ready to show."""

    name: object
    tier: object
    subject: str
    evidence: str
    more: int
    money: str
    who: object
    escalated_to: str
    by: pd.Timestamp
    late: str
    since: pd.Timestamp
    state: str


@dataclass(frozen=True)
class Person:
    """One person, and how much waits there: each number leads to its rows."""

    name: object
    counts: tuple[object, ...]
    calendar: object


def render(assessment: Assessment, run: Run, views: tuple[str, ...] = ()) -> str:
    """The whole page in its language, complete in itself: no script, no network, no phone number.

    ``views`` are the pages for meetings that lie beside it. A part that cannot be made says so in its place, and the page
    says at its top what failed, here or before.
    """
    known = len(assessment.failures)
    page = _page(assessment, run, views)
    return page if len(assessment.failures) == known else _page(assessment, run, views)


def _page(assessment: Assessment, run: Run, views: tuple[str, ...]) -> str:
    words = assessment.words
    there = functools.cache(lambda: places.of(assessment))
    failed = list(failures(assessment))
    values: dict[str, Callable[[], object]] = {
        "headline": lambda: headline(assessment),
        "figures": lambda: [leading(figure) for figure in key_figures(assessment)],
        "moved": lambda: list(moved(assessment)),
        "unexplained": lambda: unexplained(assessment),
        "night": lambda: night(assessment),
        "would_tell": lambda: list(would_tell(assessment)),
        "left_out": excerpts.left_out(assessment)["book"].tolist,
        "absent": lambda: excerpts.absent(assessment),
        "versions": lambda: {how: versions(assessment, how) for how in excerpts.VERSIONS},
        "accounts": lambda: list(accounts(assessment, there())),
        "waiting": lambda: len(excerpts.accounts(assessment)),
        "groups": lambda: list(groups(assessment)),
        "visits": lambda: len(excerpts.visits(assessment)),
        "common": lambda: assessment.common,
        "people": lambda: list(people(assessment, there())),
        "everybody": lambda: len(excerpts.people(assessment)),
        "week": lambda: week(assessment),
        "files": lambda: list(files(assessment, there(), views)),
    }
    return paper.page(
        "risk_summary.html.j2",
        assessment,
        title=words("summary.title"),
        run=run,
        failed=failed,
        shown={"common": COMMON_SHOWN, "books": BOOKS_NAMED, "failed": FAILED_SHOWN},
        details=DETAILS,
        short=_short,
        **{name: paper.Later(work) for name, work in values.items()},
    )


def would_tell(assessment: Assessment) -> Iterator[str]:
    """What would tell more, where nobody is evaluated yet: scores, orders, amounts."""
    words = assessment.words
    if not telling.unscored(assessment):
        return
    yield words("summary.unscored.scores", sheet=EVALUATION.name(words.lang))
    if assessment.portfolio.orders.empty:
        yield words("summary.unscored.orders")
    if assessment.customers["amount"].isna().all():
        yield words("summary.unscored.amounts")


def moved(assessment: Assessment) -> Iterator[Told]:
    """Why figures of the page are not what they were, one line each."""
    words, sums = assessment.words, assessment.move_sums
    if sums.empty:
        return
    for row in each_row(sums):
        figure = moves.name(row.figure, words)
        yield told(words, "summary.moved.one", figure=figure, said=row.said, why=row.why)


def unexplained(assessment: Assessment) -> str:
    """Why it is not said why figures are not what they were; "" where it is said, or there is nothing to compare with."""
    why, words = assessment.unexplained, assessment.words
    return words(f"summary.moved.{why}", date=assessment.previous) if why else ""


def versions(assessment: Assessment, how: str) -> list[str]:
    """The workbooks of which another version counts, each with that one and the sums of both (handbook §12)."""
    sources, findings = assessment.portfolio.sources, assessment.portfolio.findings
    words = assessment.words
    sums = findings[findings["code"] == CODES[how]].drop_duplicates("book").set_index("book")["typed_value"]
    lacking = findings[findings["code"].isin(("version_lacks", "list_lacks"))]
    gone = lacking["detail"].astype("int64").groupby(lacking["book"]).sum()
    rows = sources[sources["outcome"] == how]
    told_sums = [
        words("summary.versions.sums", sums=one) if isinstance(one, str) and NO_TOTAL not in one else ""
        for one in rows["book"].map(sums)
    ]
    told_gone = [words("summary.versions.gone", gone=gone[book]) if book in gone else "" for book in rows["book"]]
    facts = pd.DataFrame({"book": rows["book"], "newest": rows["detail"], "sums": told_sums, "gone": told_gone})
    return sentences(words("summary.versions.one"), facts, words).tolist()


def groups(assessment: Assessment) -> Iterator[Told]:
    """The groups of which several customers are at high risk, each told once; the rest is counted."""
    rows, words = assessment.groups, assessment.words
    rows = rows[rows["high_risk"] > 1]
    for row in each_row(rows.head(GROUPS_SHOWN)):
        at_risk = money(row.high_amount, words)
        yield told(words, "summary.groups.one", of=row.group, group=row.group, n=row.high_risk, money=at_risk)
    if (rest := len(rows) - GROUPS_SHOWN) > 0:
        yield told(words, "summary.groups.rest", n=rest, sheet=words("master.sheet.groups"))


def failures(assessment: Assessment) -> Iterator[str]:
    """What could not be computed or written so far, each said once."""
    said: dict[str, Failure] = {}
    for one in assessment.failures:
        said.setdefault(telling.failed(one, assessment.policy, assessment.words), one)
    yield from said


def leading(figure: KeyFigure) -> KeyFigure:
    """A figure that leads to its rows, from the first page."""
    return replace(figure, href=f"{DETAILS}#{figure.href}")


def accounts(assessment: Assessment, there: Links) -> Iterator[Account]:
    """The customers to act on first, as many as the policy gives the page, each with its most pressing matter.

    Where there is none, they are those to visit this week.
    """
    rows = excerpts.accounts(assessment)
    most = assessment.policy.matters.first_page
    if len(rows):
        yield from _told(rows.head(most), assessment, there)
    else:
        visits = excerpts.largest_visits(assessment).head(most)
        yield from _told(visits.assign(evidence=visits["action"], by=visits["day"]), assessment, there)


def _told(rows: pd.DataFrame, assessment: Assessment, there: Links) -> Iterator[Account]:
    words = assessment.words
    known = {name: rows.get(name) for name in ("consequences", "since", "state")}
    for row in each_row(rows.assign(**known)):
        named = isinstance(row.manager, str)
        yield Account(
            there.customer(row.customer_id, row.name),
            row.computed_tier,
            row.subject,
            with_consequences(row, assessment),
            row.more,
            money(row.money, words),
            there.manager(row.person, row.owner) if named else row.owner,
            escalated(row, words),
            row.by,
            late(row, words),
            row.since,
            row.state if assessment.previous is not None and row.state in excerpts.NEWS else "",
        )


def escalated(row: Any, words: Words) -> str:
    """To whom a matter is escalated; nothing where it is not, or is with that role already, for nobody is named."""
    if not isinstance(row.escalated_to, str) or row.escalated_to == row.owner:
        return ""
    return words("page.escalated", role=_short(row.escalated_to))


def _short(role: str) -> str:
    """A role without what it says in brackets."""
    return _BRACKET.sub("", role)


def late(row: Any, words: Words) -> str:
    """How late a matter is; nothing where it is not."""
    if not row.overdue:
        return ""
    return words("page.late", n=number(int(row.days_late))) if row.days_late else words("page.late_today")


def with_consequences(row: Any, assessment: Assessment) -> str:
    """What a matter rests on, and what follows from it."""
    if not isinstance(row.consequences, str):
        return row.evidence if isinstance(row.evidence, str) else ""
    return assessment.words("page.follows", evidence=row.evidence, consequences=row.consequences)


#: What of a thing to do is told in words of its own.
_READ = ("evidence", "consequences", "day", "overdue", "days_late", "owner", "escalated_to", "book", "cell")


def readable(rows: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """Things to do with what people read of each: ``evidence`` with what follows, ``deadline_said``, ``place``."""
    words = assessment.words
    known = rows.assign(**{name: rows.get(name) for name in ("consequences", "book", "cell")})
    known = known.assign(day=rows["by"].dt.strftime("%Y-%m-%d").astype("str").fillna(""))
    texts: dict[str, list[object]] = {"evidence": [], "deadline_said": [], "place": []}
    between = words("page.between")
    for row in each_row(known[list(_READ)]):
        texts["evidence"].append(with_consequences(row, assessment))
        parts = [text for text in (row.day, late(row, words), escalated(row, words)) if text]
        texts["deadline_said"].append(between.join(parts))
        texts["place"].append(" ".join(part for part in (row.book, row.cell) if isinstance(part, str)))
    said = {name: pd.Series(found, rows.index, dtype="str") for name, found in texts.items()}
    return rows.assign(**said, level=rows["level"].mask(rows["level"] == "none"))


def people(assessment: Assessment, there: Links) -> Iterator[Person]:
    """For whom most is overdue, with the numbers of what waits there."""
    for row in each_row(excerpts.people(assessment).head(PEOPLE_SHOWN)):
        yield person(row, assessment, there)


def person(row: Any, assessment: Assessment, there: Links) -> Person:
    """One row of `excerpts.people`; each number leads to the person's page."""
    words = assessment.words
    windows = {"visits": week(assessment)}
    counts = {
        name: Figure(number(int(getattr(row, name))), words(f"page.people.{name}"), windows.get(name, ""), row.person)
        for name in WAITING
    }
    linked = tuple(there.manager(row.person, counts[name], part) for name, part in WAITING.items())
    return Person(there.manager(row.person, row.person), linked, there.calendar(row.person, words("page.calendar")))


def files(assessment: Assessment, there: Links, views: tuple[str, ...]) -> Iterator[Told | object]:
    """Where everything else lies."""
    words = assessment.words
    yield there.link(DETAILS, words("details.title"))
    yield there.link(MASTER, words("page.files.master"))
    for view in views:
        yield there.link(f"{view}.html", words(f"views.{view}.title"))
    yield there.link(STANDARDS, words("page.files.standards"))
    for name, found, anchor in (
        ("managers", there.managers, "people"),
        ("calendars", there.calendars, "people"),
        ("plans", there.plans, "plans"),
        ("teams", there.teams, "teams"),
    ):
        if found:
            yield there.link(DETAILS, told(words, f"page.files.{name}", n=len(found)), anchor)
