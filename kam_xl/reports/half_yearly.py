"""The half-yearly re-tiering: who moved between the tiers and why, who is to be evaluated again (S3 item 48)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from kam_xl.core import migration
from kam_xl.core.texts import folded
from kam_xl.reports.figures import joined, signed
from kam_xl.reports.grids import WHO
from kam_xl.reports.headline import KeyFigure
from kam_xl.reports.meetings import ROWS_SHOWN, Comparison, Meeting, Section, bad_if_any, figure, on_target, reached
from kam_xl.showing import theme, vocabulary

_MOVE = f"{WHO} before:tier_then after:tier_now score_before:score_then score:score_now change:score_step why"


def migrated(meeting: Comparison, key: str = "migration") -> Section:
    """Tier by tier: how many customers of each tier then are in which tier now; ``key`` says what then and now are."""
    if meeting.past is None:
        return Section(key, meeting.say("migration.first"))
    table = migration.matrix(meeting.past, meeting.tonight, meeting.policy)
    outside = {one: meeting.say(f"migration.{one}") for one in (migration.NEW, migration.GONE)}
    names = {**vocabulary.tiers(meeting.assessment).names, **outside}
    tiers = list(meeting.policy.tier_keys)
    within = table.loc[tiers, tiers].to_numpy()
    stayed, known = int(within.trace()), int(within.sum())
    grid = meeting.pen.matrix(table, names, meeting.words(f"views.{key}.corner"), meeting.since)
    finding = meeting.say(f"{key}.finding", window=meeting.since, stayed=stayed, moved=known - stayed, all=known)
    return Section(key, finding, (grid,), (meeting.say(f"{key}.note"),))


def moved(way: str, key: str, limit: int = ROWS_SHOWN) -> Callable[[Comparison], Section]:
    """The section on upgrades or on downgrades, with what drove each of so many."""

    def section(meeting: Comparison) -> Section:
        if meeting.past is None:
            return Section(key, meeting.say("migration.first"))
        rows = meeting.moves[meeting.moves["way"] == way]
        if not len(rows):
            return Section(key, meeting.say(f"{key}.none"))
        shown = rows.head(limit)
        shown = shown.assign(why=[_why(meeting, row) for row in shown.itertuples()])
        grid = meeting.pen.grid(shown, _MOVE, limit, "customers", rest=len(rows) - len(shown))
        drivers = rows["driver"].value_counts()
        told = [
            meeting.say(
                "count_of", window=f"{meeting.words(f'views.{key}.section')} {meeting.since}",
                what=meeting.words(f"terms.dimension.{driver}"), n=int(count),
            )
            for driver, count in drivers.items()
        ]  # fmt: skip
        notes = (meeting.say("moves.drivers", drivers=joined(meeting.words, told)),) if told else ()
        return Section(key, meeting.say(f"{key}.finding", window=meeting.since, n=len(rows)), (grid,), notes)

    return section


def _why(meeting: Comparison, row: Any) -> str:
    """What drove a move, in words."""
    if pd.isna(row.driver):
        return meeting.say("moves.no_driver")
    dimension = meeting.words(f"terms.dimension.{row.driver}")
    return meeting.say(
        "moves.driver", dimension=dimension, change=signed(row.driver_change), points=signed(row.driver_points)
    )


def reevaluation(meeting: Meeting) -> Section:
    """The customers whose evaluation is out of date or soon will be, the oldest first."""
    customers, actions = meeting.assessment.customers, meeting.assessment.actions
    stale = meeting.assessment.risks.loc[meeting.assessment.risks["rule"] == "evaluation_stale", "customer_id"]
    soon = actions.loc[actions["source"] == "reevaluation", "customer_id"]
    rows = customers[customers["customer_id"].isin([*stale, *soon])].sort_values(["evaluated_on", "customer_id"])
    never = int(customers["evaluated_on"].isna().sum())
    if not len(rows):
        return Section("reevaluation", meeting.say("reevaluation.none", never=never))
    grid = meeting.pen.grid(rows, f"{WHO} score evaluated_on evaluator teams manager", ROWS_SHOWN, "customers")
    facts: dict[str, Any] = {"stale": stale.nunique(), "soon": len(rows) - stale.nunique(), "never": never}
    return Section("reevaluation", meeting.say("reevaluation.finding", **facts), (grid,))


def evaluators(meeting: Meeting) -> Section:
    """How strictly each evaluator marks, those who differ from the others for sure first."""
    rows = meeting.assessment.severity
    if rows.empty:
        return Section("severity", meeting.say("severity.none"))
    if (rows["verdict"] == "few").all():
        return Section("severity", meeting.say("severity.few"))
    verdicts = rows["verdict"].value_counts()
    sure: dict[str, Any] = {verdict: int(verdicts.get(verdict, 0)) for verdict in ("strict", "generous")}
    shown = rows.assign(
        order=rows["verdict"].map({"strict": 0, "generous": 0, "even": 1, "few": 2}), off=-rows["severity"].abs()
    )
    shown = shown.sort_values(["order", "off", "evaluator"]).head(ROWS_SHOWN)
    shown = shown.assign(between=[_interval(meeting, row) for row in shown.itertuples()])
    fields = "evaluator group:evaluators.group customers:shared severity:points_off between:points_between verdict:evaluators.verdict"
    grid = meeting.pen.grid(shown, fields, ROWS_SHOWN)
    finding = meeting.say("severity.finding", **sure, other=len(rows) - sum(sure.values()))
    return Section("severity", finding, (grid,), tuple(_about_evaluators(meeting, rows)))


def _interval(meeting: Meeting, row: Any) -> str:
    if pd.isna(row.low):
        return theme.UNKNOWN
    return meeting.words("views.severity.points", low=signed(row.low), high=signed(row.high))


def _about_evaluators(meeting: Meeting, rows: pd.DataFrame) -> Iterator[str]:
    """What the table means, and whom it cannot tell of."""
    yield meeting.say("severity.note", sure=f"{meeting.policy.evaluators.interval:.0%}")
    if rows["group"].nunique() > 1:
        yield meeting.say("severity.groups", n=int(rows["group"].nunique()))
    typed = meeting.assessment.evaluations["evaluator"].dropna().map(folded)
    alone = len({*typed} - {*rows["evaluator"].map(folded)})
    if alone:
        yield meeting.say("severity.alone", n=alone)
    if len(rows) > ROWS_SHOWN:
        yield meeting.say("severity.rest", n=ROWS_SHOWN)


def figures(meeting: Meeting) -> list[KeyFigure]:
    """Upgrades, downgrades, evaluations out of date, high-value share, indicators and tiers on target."""
    first = meeting.past is None
    ways = meeting.moves["way"].value_counts()
    up, down = (math.nan if first else int(ways.get(way, 0)) for way in ("up", "down"))
    stale = meeting.assessment.risks.loc[meeting.assessment.risks["rule"] == "evaluation_stale", "customer_id"]
    high = meeting.assessment.customers["computed_tier"]
    share = high.isin(meeting.policy.targets.high_value).sum() / max(int(high.notna().sum()), 1)
    return [
        figure(meeting, "up", up, "plain" if first else "good", window=meeting.since),
        figure(meeting, "down", down, "bad" if down > 0 else "plain", window=meeting.since),
        bad_if_any(meeting, "stale", int(stale.nunique())),
        figure(meeting, "high_value", f"{share:.1%}" if high.notna().any() else theme.UNKNOWN),
        on_target(meeting, "half"),
        figure(meeting, "tiers", reached(meeting.assessment.tiers["verdict"], "on_target")),
    ]  # fmt: skip
