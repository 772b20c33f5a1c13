"""The page that tells which alarms were worth it: rule by rule, level by level, and what to change in the policy (handbook §7)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kam_xl.core import alarms, worth
from kam_xl.core.alarms import Followed
from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.words import Words
from kam_xl.core.worth import Proposal
from kam_xl.reports import charts, paper
from kam_xl.reports.figures import Told, joined, number, told
from kam_xl.reports.grids import Grid, Pen
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import Section
from kam_xl.showing import theme
from kam_xl.showing.vocabulary import Vocabulary

_COLUMNS = (
    "alarms unknown:worth.unknown ratio said:worth.share base picture:worth.picture lead_said:lead false_week "
    "verdict:worth.verdict"
)
_LOOKS = {"good": "good", "chance": "bad"}
_NIGHTS_NAMED = 8


@dataclass(frozen=True)
class LookBack:
    """What many nights tell of the alarms they raised; ``file`` is the proposed policy's name."""

    policy: Policy
    words: Words
    made: dt.datetime
    found: Followed
    file: str

    @functools.cached_property
    def measured(self) -> pd.DataFrame:
        """How many alarms there were, and what came of them (`worth.measured`)."""
        return worth.measured(self.found, self.policy)

    @functools.cached_property
    def proposals(self) -> list[Proposal]:
        """What to change in the policy."""
        return worth.proposals(self.measured, self.policy)

    @functools.cached_property
    def rules(self) -> pd.DataFrame:
        """The rules in the window that decides, those worth it first."""
        rows = self.of_window(self.policy.worth.windows[0])
        return rows[~rows["key"].isin(LEVELS)]

    @property
    def early(self) -> bool:
        """True while no night is old enough for anything to be known."""
        return not (self.measured["alarms"] > self.measured["unknown"]).any()

    def of_window(self, days: int) -> pd.DataFrame:
        """All that is measured within so many days: by verdict, the most often right first."""
        rows = self.measured[self.measured["window"] == days]
        place = rows["verdict"].map({verdict: place for place, verdict in enumerate(worth.VERDICTS)})
        return rows.assign(place=place).sort_values(
            ["place", "share", "alarms"], ascending=[True, False, False], kind="stable"
        )

    @functools.cached_property
    def pen(self) -> Pen:
        """Writes the tables."""
        names = {verdict: self.words(f"worth.verdict.{verdict}") for verdict in worth.VERDICTS}
        looks = {names[verdict]: theme.VERDICTS[look] for verdict, look in _LOOKS.items()}
        ways = Vocabulary({way: self.words(f"worth.way.{way}") for way in worth.WAYS})
        return Pen(self, {"worth.verdict": Vocabulary(names, looks), "worth.way": ways})

    def name(self, key: str) -> str:
        """What a rule or a level is called."""
        of_level = key in LEVELS
        return self.words(f"terms.level.{key}") if of_level else self.policy.rules[key].title(self.words.lang)

    def say(self, key: str, **facts: Any) -> Told:
        """A sentence of the words, its numbers marked."""
        return told(self.words, key, **facts)


def render(back: LookBack) -> str:
    """The whole page, complete in itself: no script, no network, no customer named."""
    return paper.review(
        "view.html.j2", back, back.made,
        title=back.words("worth.title"), lead=lead(back), notices=[], figures=_figures(back), sections=list(_sections(back)),
        mark="",
    )  # fmt: skip


def lead(back: LookBack) -> Told:
    """The answer in one sentence: how many rules were worth it, the best of them, or that it is too early to tell."""
    days = back.found.days
    if not len(days):
        return back.say("worth.no_nights")
    if back.early:
        return back.say(
            "worth.too_few_nights",
            days=back.policy.worth.windows[0],
            n=len(days),
            first=str(days[0]),
            last=str(days[-1]),
        )
    count = {verdict: int((back.rules["verdict"] == verdict).sum()) for verdict in worth.VERDICTS}
    if not count["good"]:
        return back.say("worth.lead", **count)
    best = back.rules.iloc[0]
    return back.say(
        "worth.lead_best", good=count["good"], chance=count["chance"], rest=count["open"] + count["few"],
        rule=back.name(best["key"]), known=int(best["worse"] + best["not_worse"]), worse=int(best["worse"]),
        days=int(best["window"]), lead=int(best["lead"]),
    )  # fmt: skip


def _figures(back: LookBack) -> list[KeyFigure]:
    days, rules = back.found.days, back.rules
    span = back.words("worth.span", first=days[0], last=days[-1]) if len(days) else ""
    known = back.words("worth.of_known", n=number(int((rules["alarms"] - rules["unknown"]).sum())))
    worth_it, by_chance = (int((rules["verdict"] == verdict).sum()) for verdict in ("good", "chance"))
    facts = {
        "nights": (len(days), span, "plain"), "alarms": (int(rules["alarms"].sum()), known, "plain"),
        "events": (len(back.found.events), "", "plain"), "good": (worth_it, "", "good" if worth_it else "plain"),
        "chance": (by_chance, "", "bad" if by_chance else "plain"), "proposals": (len(back.proposals), "", "plain"),
    }  # fmt: skip
    return [
        KeyFigure(back.words(f"figure.worth.{key}"), number(value), note, verdict, f"worth.{key}")
        for key, (value, note, verdict) in facts.items()
    ]


def _sections(back: LookBack) -> Iterator[Section]:
    first, *others = back.policy.worth.windows
    finding = back.say("views.worth_rules.finding", days=first)
    yield Section("worth_rules", finding, (_table(back, first, "rule"),), tuple(_notes(back)))
    levels = tuple(_table(back, days, "level") for days in back.policy.worth.windows)
    yield Section("worth_levels", back.say("views.worth_levels.finding"), levels)
    if others:
        said = joined(back.words, [str(days) for days in others])
        later = tuple(_table(back, days, "rule") for days in others)
        yield Section("worth_later", back.say("views.worth_later.finding", days=said), later)
    yield _proposal(back)


def _table(back: LookBack, days: int, by: str) -> Grid:
    """The rules, or the levels, in one window; rules that never hit anybody are left out."""
    rows = back.of_window(days)
    rows = rows[(rows["key"].isin(LEVELS) == (by == "level")) & (rows["alarms"] > 0)]
    end = charts.scale_end([*rows["high"], *rows["base"]])
    shown = rows.assign(
        **{by: rows["key"]},
        ratio=[_ratio(back, row) for row in rows.itertuples()],
        said=[_share(back, row) for row in rows.itertuples()],
        lead_said=[_lead(back, row) for row in rows.itertuples()],
        picture=pd.Series([_bar(back, row, end) for row in rows.itertuples()], rows.index, dtype="object"),
    )
    title = back.words("worth.within", days=days) if by == "level" else ""
    return back.pen.grid(shown, f"{by} {_COLUMNS}", len(shown), title=title)


def _ratio(back: LookBack, row: Any) -> str:
    known = int(row.worse + row.not_worse)
    return back.words("worth.ratio", worse=number(int(row.worse)), known=number(known)) if known else theme.UNKNOWN


def _share(back: LookBack, row: Any) -> str:
    if pd.isna(row.share):
        return theme.UNKNOWN
    return back.words("worth.share", share=f"{row.share:.0%}", low=f"{row.low:.0%}", high=f"{row.high:.0%}")


def _lead(back: LookBack, row: Any) -> str:
    if pd.isna(row.lead):
        return theme.UNKNOWN
    return back.words("worth.lead_days", lead=f"{row.lead:.0f}", low=f"{row.lead_low:.0f}", high=f"{row.lead_high:.0f}")


def _bar(back: LookBack, row: Any, end: float) -> object:
    base = theme.UNKNOWN if pd.isna(row.base) else f"{row.base:.0%}"
    label = back.words("worth.bar", rule=back.name(row.key), share=_share(back, row), base=base)
    colour = theme.VERDICTS[_LOOKS[row.verdict]].text if row.verdict in _LOOKS else theme.MUTED
    return charts.interval_bar(row.share, (row.low, row.high), row.base, end, colour, label)


def _notes(back: LookBack) -> Iterator[Told]:
    """What the table's words mean, and what happened in between."""
    rule, events = back.policy.worth, back.found.events["what"].value_counts()
    each = [back.say(f"worth.event.{what}", n=int(events.get(what, 0))) for what in alarms.WORSE]
    fall = f"{back.policy.risk.amount_fell.fall_share:.0%}"
    yield back.say("views.worth_rules.worse", fall=fall, events=joined(back.words, each))
    yield back.say("views.worth_rules.acted")
    yield back.say("views.worth_rules.unknown", n=rule.at_least, sure=f"{rule.interval:.0%}")
    changed = [str(day) for day in back.found.changed]
    if changed:
        more = ["…"] if len(changed) > _NIGHTS_NAMED else []
        yield back.say("views.worth_rules.changed", days=joined(back.words, [*changed[-_NIGHTS_NAMED:], *more]))


def _proposal(back: LookBack) -> Section:
    if not back.proposals:
        return Section("worth_proposal", back.say("views.worth_proposal.none"))
    by_key = back.rules.set_index("key")
    rows = pd.DataFrame(back.proposals).assign(why=[_why(back, one, by_key.loc[one.rule]) for one in back.proposals])
    rows = rows.assign(was=rows["was"].map(_value), becomes=rows["now"].map(_value))
    grid = back.pen.grid(rows, "rule way:worth.way key:policy_key was becomes why:worth.why", len(rows))
    finding = back.say("views.worth_proposal.finding", n=len(rows), file=back.file)
    return Section("worth_proposal", finding, (grid,))


def _why(back: LookBack, one: Proposal, row: Any) -> str:
    facts = {"share": f"{row['share']:.0%}", "base": f"{row['base']:.0%}", "false": number(row["false_week"])}
    return back.words(f"worth.why.{one.way}", lead=number(row["lead"]), **facts)


def _value(value: object) -> str:
    """A value as the policy file writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
