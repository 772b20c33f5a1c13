"""The page of two days beside each other: who moved between the tiers, which dimension moved them (handbook §4, "Migration")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kam_xl.core import history, migration, tiering
from kam_xl.reports import half_yearly, monthly, paper
from kam_xl.reports.figures import Told
from kam_xl.reports.meetings import Comparison, Section, figure
from kam_xl.reports.replayed import LISTED, bounded


def render(days: Comparison) -> str:
    """The whole page, complete in itself: no script, no network, no phone number."""
    up, down, stayed = _counts(days)
    return paper.review(
        "view.html.j2",
        days.assessment,
        days.assessment.now,
        title=days.words("views.retiering.title"),
        lead=lead(days),
        notices=list(_notices(days)),
        figures=[
            figure(days, "up", up, "good", window=days.since),
            figure(days, "down", down, "bad" if down else "plain", window=days.since),
            figure(days, "stayed", stayed, window=days.since),
        ],
        sections=_sections(days),
        mark="",
    )


def _notices(days: Comparison) -> Iterator[tuple[str, str]]:
    yield "plain", days.say("retiering.days", then=days.since, now=_now(days).isoformat())
    if days.past is not None and len({*days.past["policy"].dropna(), *days.tonight["policy"].dropna()}) > 1:
        yield "watch", days.say("retiering.policies")


def lead(days: Comparison) -> Told:
    """What happened between the two days, in one sentence."""
    up, down, stayed = _counts(days)
    return days.say("retiering.lead", then=days.since, now=_now(days).isoformat(), up=up, down=down, stayed=stayed)


def _now(days: Comparison) -> dt.date:
    return history.day_of(days.tonight)


def _counts(days: Comparison) -> tuple[int, int, int]:
    """How many were upgraded, downgraded, and stayed where they were."""
    ways = days.moves["way"].value_counts()
    before = days.tonight.iloc[:0] if days.past is None else days.past
    tiers = [*days.policy.tier_keys]
    stayed = int(migration.matrix(before, days.tonight, days.policy).loc[tiers, tiers].to_numpy().trace())
    return int(ways.get(migration.UP, 0)), int(ways.get(migration.DOWN, 0)), stayed


def _sections(days: Comparison) -> list[Section]:
    return [
        half_yearly.migrated(days),
        *(
            bounded(half_yearly.moved(way, key, LISTED)(days), days)
            for way, key in ((migration.DOWN, "downgrades"), (migration.UP, "upgrades"))
        ),
        monthly.shares(days, tiering.share_check(days.tonight["tier"], days.policy)),
    ]
