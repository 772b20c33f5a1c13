"""What a page for a meeting is made from, and the figures and sections that several of them share."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import history, migration
from kam_xl.core.assessment import Assessment
from kam_xl.core.policy import Policy
from kam_xl.core.tiering import UNKNOWN
from kam_xl.core.words import Words
from kam_xl.reports.grids import WHO, Grid, Pen
from kam_xl.reports.headline import KeyFigure, number, signed
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.vocabulary import Vocabulary

MANAGERS_SHOWN = 20
ACTIONS_EACH = 4
ROWS_SHOWN = 20
SHORT_LIST = 15
STANDINGS = ("overdue", "open", "done", "postponed")  # of an action, as a meeting asks
_STANDING_VERDICTS = {"overdue": "bad", "done": "good", "postponed": "watch"}
DEAL = (
    f"{WHO} ends kind:renewals.kind product amount:renewals.amount stage:renewals.stage owner:renewals.owner "
    "health_colour"
)


@dataclass(frozen=True)
class Section:
    """One part of a page: its key in the words, its finding as a sentence, notes, tables."""

    key: str
    finding: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meeting:
    """What a page is made from; ``past`` is the snapshot compared with, wanted of the day ``wanted`` or before."""

    assessment: Assessment
    tonight: pd.DataFrame
    past: pd.DataFrame | None
    wanted: dt.date

    @functools.cached_property
    def pen(self) -> Pen:
        """Writes the tables."""
        words = self.words
        own = {
            "standing": _terms(words, "standing", STANDINGS, _STANDING_VERDICTS),
            "share_verdict": vocabulary.shares(words),
            "colour": _or_unknown(vocabulary.colours(words), words),
            "views.stage": _or_unknown(vocabulary.stages(words), words),
        }
        return Pen(self.assessment, own)

    @property
    def words(self) -> Words:
        """The words of the assessment."""
        return self.assessment.words

    @property
    def policy(self) -> Policy:
        """The policy of the assessment."""
        return self.assessment.policy

    @property
    def today(self) -> pd.Timestamp:
        """The day that counts."""
        return pd.Timestamp(self.assessment.today)

    @functools.cached_property
    def unread(self) -> frozenset[str]:
        """The teams of the snapshot compared with that have no usable workbook tonight."""
        return history.unread_teams(self.past, history.read_teams(self.assessment.portfolio.sources))

    @functools.cached_property
    def changes(self) -> pd.DataFrame:
        """What is different from the snapshot compared with."""
        return history.changes(self.assessment.customers, self.past, self.policy, self.unread)

    @functools.cached_property
    def moves(self) -> pd.DataFrame:
        """Who changed tier since the snapshot compared with."""
        before = self.tonight.iloc[:0] if self.past is None else self.past
        return migration.moves(before, self.tonight, self.policy)

    @functools.cached_property
    def names(self) -> pd.DataFrame:
        """Name and computed tier by customer ID."""
        return self.assessment.customers.set_index("customer_id")[["name", "computed_tier"]]

    def keeps(self, kind: str) -> bool:
        """True where a workbook keeps an optional sheet of a kind; where none does, its facts are unknown, not none."""
        return any(kept == kind for _, kept in self.assessment.portfolio.letters)

    def say(self, key: str, **facts: str | float) -> str:
        """A sentence of ``words/views.toml``; counts are written as numbers."""
        written = {name: fact if isinstance(fact, str) else number(fact) for name, fact in facts.items()}
        return self.words(f"views.{key}", **written)

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with name and computed_tier of their customers."""
        return rows.drop(columns=["name", "computed_tier"], errors="ignore").join(self.names, on="customer_id")

    def list(self, texts: Sequence[str]) -> str:
        """Texts one after the other."""
        return self.words("terms.list_separator").join(texts)


def _terms(words: Words, kind: str, keys: Sequence[str], verdicts: dict[str, str]) -> Vocabulary:
    names = {key: words(f"views.{kind}.{key}") for key in keys}
    looks = {names[key]: theme.VERDICTS[verdict] for key, verdict in verdicts.items()}
    return Vocabulary(names, looks)


def _or_unknown(terms: Vocabulary, words: Words) -> Vocabulary:
    return Vocabulary({**terms.names, UNKNOWN: words("views.unknown")}, terms.looks)


def figure(meeting: Meeting, key: str, value: float | str, verdict: str = "plain", note: str = "") -> KeyFigure:
    """One figure of a page; a text stands as it is."""
    text = value if isinstance(value, str) else number(value)
    return KeyFigure(meeting.say(f"figure.{key}"), text, note, verdict)


def bad_if_any(meeting: Meeting, key: str, count: int, note: str = "") -> KeyFigure:
    """A figure that is good at 0 and bad above."""
    return figure(meeting, key, count, "bad" if count else "good", note)


def kept(meeting: Meeting, kind: str, figure: KeyFigure) -> KeyFigure:
    """The figure, unknown where nobody keeps the sheet it is made of."""
    return (
        figure
        if meeting.keeps(kind)
        else KeyFigure(figure.label, theme.UNKNOWN, meeting.say("figure.no_sheet"), "plain")
    )


def compared(meeting: Meeting, key: str, now: float, then: float, *, good: int = 0) -> KeyFigure:
    """A figure with its change since the snapshot compared with; ``good`` is the sign of a change for the better."""
    if meeting.past is None or math.isnan(now) or math.isnan(then):
        return figure(meeting, key, now, note=meeting.say("change.none"))
    if number(now) == number(then):
        return figure(meeting, key, now, note=meeting.say("change.same"))
    verdict = "plain" if good == 0 else "good" if (now > then) == (good > 0) else "bad"
    return figure(meeting, key, now, verdict, meeting.say("change.step", step=signed(now - then)))


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
    known, met = rows[rows["verdict"] != "none"], int((rows["verdict"] == "good").sum())
    finding = meeting.say(f"{key}.finding", n=met, all=len(known), unknown=len(rows) - len(known))
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
        title = meeting.say("kpis.teams", n=len(off))
        grid = meeting.pen.grid(off, "team indicator said", SHORT_LIST, "kpis", title=title)
        return Section(key, overall.finding, (*overall.grids, grid))

    return section


def on_target(meeting: Meeting, period: str) -> KeyFigure:
    """How many of a period's indicators are on target, and how many have no data."""
    kpis = meeting.assessment.kpis
    verdicts = kpis.loc[kpis["team"].isna() & (kpis["period"] == period), "verdict"]
    unknown = int((verdicts == "none").sum())
    note = meeting.say("figure.no_data", n=unknown) if unknown else ""
    return figure(meeting, "indicators", reached(verdicts, "good"), note=note)
