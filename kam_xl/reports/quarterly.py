"""The quarterly review: indicators, strategies missed and why, plans, lasting risks, relationships, what to sell (S3 item 47)."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from kam_xl.core.rule_settings import ROLES
from kam_xl.reports import excerpts
from kam_xl.reports.figures import joined
from kam_xl.reports.grids import WHO
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import (
    DEAL,
    ROWS_SHOWN,
    SHORT_LIST,
    Meeting,
    Section,
    bad_if_any,
    deals_due,
    figure,
    kept,
    on_target,
    with_health,
)
from kam_xl.showing.telling import needs, rank


def _missed(meeting: Meeting) -> pd.DataFrame:
    """The strategies of customers that were not done in time."""
    rows = meeting.assessment.strategies
    return rows[rows["missed"] & rows["customer_id"].notna()]


def execution(meeting: Meeting) -> Section:
    """The strategies due in the quarter: done, or missed and for what reason; a miss without a reason says so."""
    rows = meeting.assessment.strategies
    due = rows[rows["ended"]]
    missed = meeting.named(_missed(meeting)).sort_values(["end", "customer_id"])
    reason = missed["problem"].fillna("").str.strip()
    silent = int((reason == "").sum())
    missed = missed.assign(problem=reason.where(reason != "", meeting.say("execution.no_reason")))
    facts: dict[str, Any] = {
        "due": len(due),
        "done": int((due["status"] == "done").sum()),
        "missed": len(missed),
        "silent": silent,
        "days": meeting.policy.targets.quarter_days,
    }
    if not len(missed):
        return Section("execution", meeting.say("execution.none", **facts))
    fields = f"{WHO} strategy end status problem improvement tracker"
    grid = meeting.pen.grid(missed, fields, ROWS_SHOWN, "goals")
    return Section("execution", meeting.say("execution.finding", **facts), (grid,))


def goals(meeting: Meeting) -> Section:
    """The strategies under way whose plan lacks something: SMART (S3) and the five things a plan needs (S0)."""
    rows = meeting.assessment.goals
    rows = rows[rows["open"]]
    lacking = rows[rows["missing"].fillna("") != ""]
    if not len(lacking):
        return Section("goals", meeting.say("goals.none", all=len(rows)))
    lacks = lacking["missing"].str.split()
    parts = lacks.explode().value_counts()
    told = [meeting.say("count_of", what=meeting.words(f"terms.need.{need}"), n=int(n)) for need, n in parts.items()]
    lacking = meeting.named(lacking.assign(_count=lacks.str.len())).sort_values(
        ["_count", "customer_id"], ascending=[False, True]
    )
    shown = lacking.head(ROWS_SHOWN)
    named = [needs(one, meeting.words) for one in shown["missing"]]
    fields = f"{WHO} strategy missing owner:tracker deadline book cell"
    grid = meeting.pen.grid(shown.assign(missing=named), fields, ROWS_SHOWN, "goals", rest=len(lacking) - len(shown))
    finding = meeting.say("goals.finding", n=len(lacking), all=len(rows))
    return Section("goals", finding, (grid,), (meeting.say("goals.parts", parts=joined(meeting.words, told)),))


def lasting(meeting: Meeting) -> Section:
    """The matters known longest, the oldest first; a first night knows of none how long it lasts."""
    rows = excerpts.matters(meeting.assessment)
    if not len(rows):
        return Section("lasting", meeting.say("lasting.none"))
    if meeting.assessment.previous is None:
        return Section("lasting", meeting.say("lasting.first"))
    age, quarter = rows["age"], meeting.policy.targets.quarter_days
    old = rows.sort_values(["age", "customer_id"], ascending=[False, True], kind="stable")
    grid = meeting.pen.grid(
        old, f"{WHO} level subject since:risks.since age:days evidence owner", SHORT_LIST, "matters"
    )
    finding = meeting.say(
        "lasting.finding", n=int((age >= quarter).sum()), days=quarter, longest=int(age.max()), all=len(rows)
    )
    return Section("lasting", finding, (grid,))


def coverage(meeting: Meeting) -> Section:
    """Who we know at the strategic and key customers, by role, the least covered first."""
    rows = meeting.named(meeting.assessment.roles)
    rows = rows[rows["computed_tier"].isin(meeting.policy.plan.close_tiers)]
    rows = rows.assign(_tier=rank(rows["computed_tier"], meeting.policy.tier_keys))
    known = rows[rows["known"]].sort_values(["covered", "_tier", "customer_id"])
    if not len(known):
        return Section("coverage", meeting.say("coverage.none", n=len(rows)))
    gaps = known[known["covered"] < len(ROLES)]
    notes = (meeting.say("coverage.unknown", n=len(rows) - len(known)),) if len(known) < len(rows) else ()
    finding = meeting.say("coverage.finding", n=len(gaps), all=len(known))
    if not len(gaps):
        return Section("coverage", finding, (), notes)
    grid = meeting.pen.grid(gaps, f"{WHO} {' '.join(ROLES)} contact_count", ROWS_SHOWN, "roles")
    return Section("coverage", finding, (grid,), notes)


def renewals(meeting: Meeting) -> Section:
    """The renewals of the days ahead that the policy reminds of, with the health of whose they are."""
    if not meeting.keeps("renewals"):
        return Section("renewals", meeting.say("deals.unknown"))
    rows = deals_due(meeting)
    rows = with_health(meeting, rows[rows["kind"] == "renewal"]).sort_values("ends", kind="stable")
    days = meeting.policy.plan.renewal_days[0]
    if not len(rows):
        return Section("renewals", meeting.say("renewals.none", days=days))
    at_risk = rows["health_colour"].isin(["red", "yellow"])
    facts: dict[str, Any] = {
        "n": len(rows),
        "days": days,
        "amount": float(rows["amount"].sum()),
        "risk": int(at_risk.sum()),
    }
    return Section(
        "renewals", meeting.say("renewals.finding", **facts), (meeting.pen.grid(rows, DEAL, ROWS_SHOWN, "deals"),)
    )


def whitespace(meeting: Meeting) -> Section:
    """Which products could be sold to how many customers that do not have them yet."""
    rows = meeting.assessment.whitespace
    if not len(rows):
        return Section("whitespace", meeting.say("whitespace.none"))
    by = rows.assign(proposed=~rows["open"], talked=rows["open"]).groupby("product")
    table = by.agg(proposed=("proposed", "sum"), talked=("talked", "sum"), mean_share=("share", "mean")).reset_index()
    table = table.sort_values(["proposed", "product"], ascending=[False, True])
    first = table.iloc[0]
    grid = meeting.pen.grid(table, "product proposed talked mean_share", SHORT_LIST, "offers")
    finding = meeting.say(
        "whitespace.finding", n=len(table), product=str(first["product"]), customers=int(first["proposed"])
    )
    return Section("whitespace", finding, (grid,))


def figures(meeting: Meeting) -> list[KeyFigure]:
    """Indicators on target, strategies missed, plans that lack something, lasting risks, renewals, proposals."""
    plans = meeting.assessment.goals
    lacking = plans["open"] & (plans["missing"].fillna("") != "")
    age, first = excerpts.matters(meeting.assessment)["age"], meeting.assessment.previous is None
    due = deals_due(meeting)
    return [
        on_target(meeting, "quarter"),
        bad_if_any(meeting, "missed", len(_missed(meeting))),
        bad_if_any(meeting, "lacking", int(lacking.sum())),
        figure(meeting, "lasting", math.nan if first else int((age >= meeting.policy.targets.quarter_days).sum())),
        kept(meeting, "renewals", figure(meeting, "renewals", int((due["kind"] == "renewal").sum()))),
        figure(meeting, "proposals", int((~meeting.assessment.whitespace["open"]).sum())),
    ]  # fmt: skip
