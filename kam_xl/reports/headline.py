"""The first sentence of every report, and its few key figures with their change since the last run."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import frames, moves, planning
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import excerpts
from kam_xl.reports.figures import Figure, Told, money, number, signed, told
from kam_xl.showing.telling import unclear, unscored

FIGURES = 6
ORDER = ("high", "overdue", "past_limit", "visits", "upkeep", "left_out", "customers", "amount")


@dataclass(frozen=True)
class KeyFigure:
    """One figure worth reading first; all texts are ready to show, ``href`` leads to the rows it counts."""

    label: str
    value_text: str
    change_text: str  # the change since the last run, or what the figure is part of
    verdict: str  # good, watch, bad; plain where neither more nor less is better
    key: str = ""  # which figure it is, where several reports show it
    window: str = ""  # of time, where it does not count what is so tonight
    of: str = ""  # whose it is, where it is not everybody's
    href: str = ""

    @property
    def figure(self) -> Figure:
        """The value as pages mark it."""
        return Figure(self.value_text, self.label, self.window, self.of)


def headline(assessment: Assessment) -> Told:
    """What happened, in one sentence: who is at high risk, with how much money, and how many more than last time."""
    words = assessment.words
    if assessment.customers.empty:
        return told(words, "summary.headline.empty")
    if unscored(assessment):
        return _unscored(assessment)
    return told(words, "summary.headline.sentence", fact=_fact(assessment), change=_change_in_words(assessment))


def _unscored(assessment: Assessment) -> Told:
    """That nobody can be scored yet, after how many need something all the same."""
    waiting = len(excerpts.accounts(assessment))
    form = "" if not waiting else "_open_one" if waiting == 1 else "_open"
    return told(assessment.words, f"summary.headline.unscored{form}", n=waiting)


def _fact(assessment: Assessment) -> Told:
    """Who is at high risk: of the highest tier, else of any; else what most customers share."""
    words, now = assessment.words, tonight(assessment)
    tier = _top_tier_in_sentence(assessment)
    for form, rows in (("top", now[now["tier"] == top_tier(assessment)]), ("any", now)):
        high = rows[rows["level"] == "high"]
        if len(high):
            one = "_one" if len(high) == 1 else ""
            return told(
                words, f"summary.headline.{form}{one}", n=len(high), tier=tier, money=_at_stake(high, now, words)
            )
    common = assessment.common
    form = "common" if len(common) else "none"
    return told(words, f"summary.headline.{form}", n=len(common))


def _at_stake(high: pd.DataFrame, every: pd.DataFrame, words: Words) -> Told:
    """How much money the customers at high risk stand for, and which share of all it is."""
    amount, whole = _sum(high), _sum(every)
    if math.isnan(amount):
        return told(words, "summary.headline.no_amount")
    share = f"{amount / whole:.0%}" if whole else "—"
    at_stake = {"money": money(amount, words), "share": share}
    marked = {name: Figure(text, words(f"summary.headline.label.{name}")) for name, text in at_stake.items()}
    return told(words, "summary.headline.money", **marked)


def key_figures(assessment: Assessment) -> list[KeyFigure]:
    """What a director asks first: high risks, overdue matters, broken promises, visits, upkeep, what is missing.

    The size of the portfolio fills the places of what nobody's sheets can tell.
    """
    unknown = {"past_limit": not keeps_service_log(assessment)}
    made = (
        assessment.failures.attempt("section", "figures", functools.partial(_ASKED[name], assessment), None)
        for name in ORDER
        if not unknown.get(name, False)
    )
    return [figure for figure in made if figure][:FIGURES]


def keeps_service_log(assessment: Assessment) -> bool:
    """True where a team keeps a service log, so that no case means none."""
    return any(kind == "service" for _, kind in assessment.portfolio.letters)


def tonight(assessment: Assessment) -> pd.DataFrame:
    """Tonight's customers under the names the last run's frame uses: customer_id, tier, level, amount, health_colour."""
    return assessment.customers.rename(columns={"computed_tier": "tier"})


def top_tier(assessment: Assessment) -> str:
    """The key of the highest tier."""
    return assessment.policy.tiers[0].key


def high_risk(customers: pd.DataFrame, tier: str | None = None) -> int:
    """How many customers are at high risk, in one tier or in all."""
    hit = customers["level"] == "high"
    return int((hit & (customers["tier"] == tier)).sum() if tier else hit.sum())


def night(assessment: Assessment) -> str | None:
    """How to name the run compared with: "last night", or its date where a night was missed; None on the first night."""
    if assessment.previous is None:
        return None
    if assessment.next_day:
        return assessment.words("summary.night.last")
    return assessment.words("summary.night.date", date=assessment.previous.isoformat())


def both_nights(assessment: Assessment) -> tuple[str, str]:
    """How to name the run compared with and this one, where a picture goes from one to the other."""
    return str(night(assessment)), assessment.words("bridge.page.tonight")


def week(assessment: Assessment) -> str:
    """The dates of this week, as they are said beside a number."""
    first, last = assessment.week
    return assessment.words("summary.week.dates", first=first.isoformat(), last=last.isoformat())


def _high(assessment: Assessment) -> KeyFigure:
    now = high_risk(tonight(assessment))
    before = None if assessment.past is None else high_risk(assessment.past)
    verdict = _figure_verdict(assessment, now, before)
    return _figure(assessment, "high", now, _change(assessment, "high", now, before), verdict, anchor="high")


def _overdue(assessment: Assessment) -> KeyFigure:
    rows = excerpts.matters(assessment)
    late = int(rows["overdue"].sum())
    note = told(assessment.words, "figure.note.overdue", n=len(rows))
    verdict = "bad" if late else "plain" if unscored(assessment) or len(assessment.common) else "good"
    return _figure(assessment, "overdue", late, note, verdict, anchor="overdue")


def _past_limit(assessment: Assessment) -> KeyFigure:
    late = int(assessment.cases["late"].sum())
    note = told(assessment.words, "figure.note.past_limit", n=int(assessment.cases["open"].sum()))
    return _figure(assessment, "past_limit", late, note, "bad" if late else "good", anchor="cases")


def _visits(assessment: Assessment) -> KeyFigure:
    window = week(assessment)
    return _figure(assessment, "visits", len(excerpts.visits(assessment)), window, "plain", window, "visits")


def _upkeep(assessment: Assessment) -> KeyFigure:
    waiting = assessment.actions["waiting"] & (assessment.actions["kind"] == planning.HOUSEKEEPING)
    note = told(assessment.words, "figure.note.upkeep")
    return _figure(assessment, "upkeep", int(waiting.sum()), note, "plain", anchor="upkeep")


def _left_out(assessment: Assessment) -> KeyFigure:
    left_out = len(excerpts.left_out(assessment))
    received = int((assessment.portfolio.sources["outcome"] != "skipped").sum())
    note = told(assessment.words, "figure.note.left_out", n=received)
    return _figure(assessment, "left_out", left_out, note, "bad" if left_out else "good", anchor="books")


def _customers(assessment: Assessment) -> KeyFigure:
    before = None if assessment.past is None else len(assessment.past)
    now = len(assessment.customers)
    return _figure(assessment, "customers", now, _change(assessment, "customers", now, before), "plain", anchor="tiers")


def _amount(assessment: Assessment) -> KeyFigure:
    now = _sum(assessment.customers)
    before = None if assessment.past is None else _sum(assessment.past)
    return _figure(assessment, "amount", now, _change(assessment, "amount", now, before), "plain", anchor="teams")


def _sum(customers: pd.DataFrame) -> float:
    return float(customers["amount"].sum(min_count=1))


_ASKED: dict[str, Callable[[Assessment], KeyFigure]] = {
    "high": _high, "overdue": _overdue, "past_limit": _past_limit, "visits": _visits, "upkeep": _upkeep,
    "left_out": _left_out, "customers": _customers, "amount": _amount,
}  # fmt: skip


def _figure(
    assessment: Assessment, name: str, value: float, note: str, verdict: str, window: str = "", anchor: str = ""
) -> KeyFigure:
    label = assessment.words(f"figure.{name}")
    return KeyFigure(label, number(value), note, verdict, name, window, href=anchor)


def _figure_verdict(assessment: Assessment, now: float, before: float | None) -> str:
    """Nothing is good about few risks where customers have no score, most share one, or a workbook was not read."""
    if assessment.customers.empty:
        return "plain"
    if not _comparable(assessment):
        before = None
    verdict = _verdict(now, before)
    blind = unscored(assessment) or unclear(assessment) or not _comparable(assessment) or len(assessment.common)
    return "watch" if blind and verdict == "good" else verdict


def _comparable(assessment: Assessment) -> bool:
    """False only where there is a last run, and a workbook it read could not be read tonight."""
    return assessment.previous is None or assessment.comparable


def _top_tier_in_sentence(assessment: Assessment) -> str:
    """The highest tier's name without an English capital."""
    name = assessment.policy.tiers[0].name(assessment.words.lang)
    return name if assessment.words.zh else name.lower()


def _change_in_words(assessment: Assessment) -> Told:
    """How many more customers of the highest tier are at high risk, or of all where none of it is."""
    words, before = assessment.words, assessment.past
    if unclear(assessment):
        return told(words, "summary.headline.unclear")
    if before is None:
        return told(words, "summary.headline.first")
    if not _comparable(assessment):
        form = "unread" if assessment.against is None else "split"
        return told(words, f"summary.headline.{form}", night=str(night(assessment)))
    top = top_tier(assessment)
    counts = [high_risk(rows, top) for rows in (tonight(assessment), before)]
    if not counts[0] and high_risk(tonight(assessment)):
        counts = [high_risk(rows) for rows in (tonight(assessment), before)]
    difference = counts[0] - counts[1]
    form = "same" if difference == 0 else "more" if difference > 0 else "fewer"
    return told(words, f"summary.headline.{form}", n=abs(difference), night=str(night(assessment)))


def _change(assessment: Assessment, name: str, now: float, before: float | None) -> str:
    """The change since the last run; nothing on the first night, for the headline says that it is the first."""
    words = assessment.words
    if before is None:
        return ""
    if not _comparable(assessment):
        return _change_split(assessment, name)
    if math.isnan(now) or math.isnan(before):
        return told(words, "summary.figure.incomparable", night=str(night(assessment)))
    if number(now) == number(before):
        return told(words, "summary.figure.same", night=str(night(assessment)))
    step = Figure(signed(now - before), words("figure.change_of", figure=words(f"figure.{name}")))
    return told(words, "summary.figure.change", n=step, night=str(night(assessment)))


def _change_split(assessment: Assessment, name: str) -> str:
    """The change since the last run where a workbook is missing, with its part in that; where nobody split it there is none to tell."""
    words, sums, parts = assessment.words, assessment.move_sums, assessment.move_sum_parts
    if assessment.against is None:
        return told(words, "summary.figure.unread", night=str(night(assessment)))
    for row in frames.each_row(sums[sums["figure"] == name]):
        missing = parts.loc[(parts["figure"] == name) & (parts["factor"] == "workbooks"), "part"].sum()
        count = float if moves.decimals(name) else int
        step = Figure(signed(count(row.after - row.before)), words("figure.change_of", figure=words(f"figure.{name}")))
        facts = {"n": step, "night": str(night(assessment))}
        if not count(missing):
            return told(words, "summary.figure.change", **facts)
        return told(words, "summary.figure.split", **facts, part=signed(count(missing)))
    return told(words, "summary.figure.same", night=str(night(assessment)))


def _verdict(now: float, before: float | None) -> str:
    if now == 0 or (before is not None and now < before):
        return "good"
    return "bad" if before is not None and now > before else "watch"
