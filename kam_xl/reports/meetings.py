"""What a page for a meeting is made from, and the figures and sections that several of them share."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from kam_xl.core import history, migration
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import Failures
from kam_xl.core.frames import each_row
from kam_xl.core.policy import Policy
from kam_xl.core.tiering import UNKNOWN
from kam_xl.core.words import Words
from kam_xl.reports.figures import Figure, Told, number, signed, told
from kam_xl.reports.grids import WHO, Grid, Pen
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.links import Links
from kam_xl.reports.waterfalls import Waterfall
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.vocabulary import Vocabulary

T = TypeVar("T")
MANAGERS_SHOWN = 12
ACTIONS_EACH = 3
ROWS_SHOWN = 12
SHORT_LIST = 8
DEAL = (
    f"{WHO} ends kind:renewals.kind product amount:renewals.amount stage:renewals.stage owner:renewals.owner "
    "health_colour"
)


@dataclass(frozen=True)
class Section:
    """One part of a page: its key in the words, its finding as a sentence, notes, pictures of why numbers changed, tables."""

    key: str
    finding: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: tuple[Waterfall, ...] = ()


@dataclass(frozen=True)
class Backdrop:
    """What a page that is of no night alone is printed against: names, the moment, and what of it failed."""

    words: Words
    policy: Policy
    now: dt.datetime
    failures: Failures


@dataclass(frozen=True)
class Comparison:
    """Two snapshots beside each other, ``past`` the earlier, and against what the page is printed."""

    assessment: Assessment | Backdrop
    tonight: pd.DataFrame
    past: pd.DataFrame | None

    @property
    def links(self) -> Links | None:
        """Where customers' names lead; None where no page is beside this one."""
        return None

    @functools.cached_property
    def pen(self) -> Pen:
        """Writes the tables."""
        words = self.words
        own = {
            "standing": vocabulary.standings(words),
            "share_verdict": vocabulary.shares(words),
            "evaluators.verdict": vocabulary.severities(words),
            "colour": _or_unknown(vocabulary.colours(words), words),
            "views.stage": _or_unknown(vocabulary.stages(words), words),
        }
        return Pen(self.assessment, own, self.links)

    @property
    def words(self) -> Words:
        """The words of the page."""
        return self.assessment.words

    @property
    def policy(self) -> Policy:
        """The policy of the page."""
        return self.assessment.policy

    @functools.cached_property
    def moves(self) -> pd.DataFrame:
        """Who changed tier since the snapshot compared with."""
        before = self.tonight.iloc[:0] if self.past is None else self.past
        return migration.moves(before, self.tonight, self.policy)

    @functools.cached_property
    def since(self) -> str:
        """The day of the snapshot compared with, beside what is counted since."""
        return "" if self.past is None else history.day_of(self.past).isoformat()

    def say(self, key: str, window: str = "", **facts: Any) -> Told:
        """A sentence of ``words/views.toml``; its numbers are figures, of the ``window`` where they do not tell of tonight."""
        return told(self.words, f"views.{key}", window=window, **facts)

    def list(self, texts: Sequence[str]) -> str:
        """Texts one after the other."""
        return self.words("terms.list_separator").join(texts)


@dataclass(frozen=True)
class Meeting(Comparison):
    """What a page for a meeting is made from; ``past`` is wanted of the day ``wanted`` or before."""

    assessment: Assessment
    wanted: dt.date
    places: Links

    @property
    def links(self) -> Links:
        """Where customers' names lead."""
        return self.places

    @property
    def today(self) -> pd.Timestamp:
        """The day that counts."""
        return pd.Timestamp(self.assessment.today)

    @functools.cached_property
    def unread(self) -> frozenset[str]:
        """The teams of the snapshot compared with that are not whole tonight."""
        return history.unread_of(self.past, self.assessment.portfolio.sources)

    @functools.cached_property
    def changes(self) -> pd.DataFrame:
        """What is different from the snapshot compared with."""
        return history.changes(self.assessment.customers, self.past, self.policy, self.unread)

    @functools.cached_property
    def names(self) -> pd.DataFrame:
        """Name and computed tier by customer ID."""
        return self.assessment.customers.set_index("customer_id")[["name", "computed_tier"]]

    def keeps(self, kind: str) -> bool:
        """True where a workbook keeps an optional sheet of a kind; where none does, its facts are unknown, not none."""
        return any(kept == kind for _, kept in self.assessment.portfolio.letters)

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with name and computed_tier of their customers; who is not there tonight keeps the name of before."""
        found = rows.drop(columns=["name", "computed_tier"], errors="ignore").join(self.names, on="customer_id")
        return found.assign(name=found["name"].fillna(rows["name"])) if "name" in rows else found


def each_tried(parts: Mapping[str, Callable[[T], Section]], of: T, assessment: Assessment | Backdrop) -> list[Section]:
    """The sections of a page, each made of the same; one that fails says so in its place."""
    attempt, apology = assessment.failures.attempt, assessment.words("failure.says")
    return [attempt("section", key, functools.partial(part, of), Section(key, apology)) for key, part in parts.items()]


def _or_unknown(terms: Vocabulary, words: Words) -> Vocabulary:
    return Vocabulary({**terms.names, UNKNOWN: words("views.unknown")}, terms.looks)


def figure(
    meeting: Comparison, key: str, value: float | str, verdict: str = "plain", note: str = "", window: str = ""
) -> KeyFigure:
    """One figure of a page; a text stands as it is."""
    text = value if isinstance(value, str) else number(value)
    return KeyFigure(meeting.words(f"figure.{key}"), text, note, verdict, key, window)


def bad_if_any(meeting: Meeting, key: str, count: int, note: str = "", window: str = "") -> KeyFigure:
    """A figure that is good at 0 and bad above."""
    return figure(meeting, key, count, "bad" if count else "good", note, window)


def kept(meeting: Meeting, kind: str, figure: KeyFigure) -> KeyFigure:
    """The figure, unknown where nobody keeps the sheet it is made of."""
    unknown = dataclasses.replace(
        figure, value_text=theme.UNKNOWN, change_text=meeting.words("figure.no_sheet"), verdict="plain"
    )
    return figure if meeting.keeps(kind) else unknown


def compared(meeting: Meeting, key: str, now: float, then: float, *, good: int = 0) -> KeyFigure:
    """A figure with its change since the snapshot compared with; ``good`` is the sign of a change for the better."""
    if meeting.past is None or math.isnan(now) or math.isnan(then):
        return figure(meeting, key, now)
    if number(now) == number(then):
        return figure(meeting, key, now, note=meeting.say("change.same"))
    verdict = "plain" if good == 0 else "good" if (now > then) == (good > 0) else "bad"
    label = meeting.words("figure.change_of", figure=meeting.words(f"figure.{key}"))
    step = Figure(signed(now - then), label, meeting.since)
    return figure(meeting, key, now, verdict, meeting.say("change.step", step=step))


def reached(verdicts: pd.Series, good: str) -> str:
    """How many verdicts are good, of those there are: ``3/5``."""
    known = verdicts[verdicts.notna() & (verdicts != "none")]
    return f"{int((known == good).sum())}/{len(known)}"


def deals_due(meeting: Meeting) -> pd.DataFrame:
    """The open trials and renewals whose reminder has come."""
    rows = meeting.assessment.deals
    return rows[rows["due"]]


def with_health(meeting: Meeting, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with name, tier and colour of health of their customers."""
    colours = meeting.assessment.customers.set_index("customer_id")["health_colour"]
    return meeting.named(rows).assign(health_colour=rows["customer_id"].map(colours).astype("str"))


def against_targets(meeting: Meeting, key: str, rows: pd.DataFrame, lead: str = "") -> Section:
    """Indicators with their verdict and what is said of each; what cannot be computed says what it needs."""
    period = meeting.pen.names("kpis.period")
    known, met = rows[rows["verdict"] != "none"], int((rows["verdict"] == "good").sum())
    finding = meeting.say(f"{key}.finding", n=met, all=len(known), unknown=len(rows) - len(known))
    said = [Figure(row.said, f"{period[row.period]} {row.indicator}") for row in each_row(rows)]
    rows = rows.assign(said=pd.Series(said, rows.index, dtype="object"))
    grid = meeting.pen.grid(rows, f"{lead}indicator verdict:kpis.verdict said", len(rows), "kpis")
    return Section(key, finding, (grid,))


def indicators_of(period: str, key: str) -> Callable[[Meeting], Section]:
    """The section on the indicators of a period: overall, then the teams that are off target."""

    def section(meeting: Meeting) -> Section:
        rows = meeting.assessment.kpis
        rows = rows[rows["period"] == period]
        overall = against_targets(meeting, key, rows[rows["team"].isna()])
        off = rows[rows["team"].notna() & (rows["verdict"] == "bad")].sort_values(["indicator", "team"])
        if off.empty:
            return overall
        title = meeting.say("kpis.teams", period=meeting.pen.names("kpis.period")[period], n=len(off))
        grid = meeting.pen.grid(off, "team indicator said", SHORT_LIST, "kpis", title=title)
        return Section(key, overall.finding, (*overall.grids, grid))

    return section


def on_target(meeting: Meeting, period: str) -> KeyFigure:
    """How many of a period's indicators are on target, and how many have no data."""
    kpis = meeting.assessment.kpis
    verdicts = kpis.loc[kpis["team"].isna() & (kpis["period"] == period), "verdict"]
    unknown = int((verdicts == "none").sum())
    window = meeting.pen.names("kpis.period")[period]
    note = told(meeting.words, "figure.no_data", window=window, n=unknown) if unknown else ""
    return figure(meeting, f"indicators_{period}", reached(verdicts, "good"), note=note)
