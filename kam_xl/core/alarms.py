"""Which alarms the nights of a history raised, and which customers got worse when (handbook §7; see `worth`).

An alarm lasts from the first to the last night on which a rule hits a customer, or the customer's level is the same. Getting
worse is what a night tells that the nights before did not: `WORSE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kam_xl.core.kinds import LEVELS
from kam_xl.core.policy import Policy
from kam_xl.core.sections import Worth

#: Lost as the lifecycle says (`lifecycle.stages`); one more contract lost; a lower tier; the amount down by the share of the
#: rule amount_fell from its highest, though no team or team's figure is missing.
WORSE = ("lost", "renewal_lost", "tier_down", "amount_down")
#: The columns of a snapshot that this rests on; the others need not be read.
READS = ("customer_id", "tier", "level", "amount", "team_count", "amount_parts", "lifecycle", "renewals_lost", "risks",
         "whole_on", "policy", "on")  # fmt: skip

_DAY = "datetime64[D]"
_HEIGHT, _LOST, _RENEWALS, _TEAMS, _PARTS, _AMOUNT = range(6)  # columns of what is known of each customer


@dataclass(frozen=True)
class Followed:
    """What a history tells; nights and customers stand for their places, nights the oldest first.

    ``there`` and ``until`` say on which nights a customer was in the snapshot, and the last day on which all its teams were
    read; ``events`` (night, customer, what) who got worse when; ``alarms`` (key, customer, first, last) who was flagged from
    when to when, by a rule or at a level; ``changed`` on which nights another policy than the night before counted.
    """

    days: np.ndarray
    there: np.ndarray
    until: np.ndarray
    events: pd.DataFrame
    alarms: pd.DataFrame
    changed: np.ndarray


@dataclass
class _Watch:
    """What is known so far of each customer, by its place: figures, the text that flags it, its alarms under way."""

    ids: pd.Index = field(default_factory=lambda: pd.Index([], dtype="str"))
    figures: np.ndarray = field(default_factory=lambda: np.empty((0, 6)))
    until: np.ndarray = field(default_factory=lambda: np.empty(0, _DAY))
    seen: np.ndarray = field(default_factory=lambda: np.empty(0, int))  # the last night
    texts: np.ndarray = field(default_factory=lambda: np.empty(0, object))
    active: list[dict[str, int]] = field(default_factory=list)  # key → the alarm's first night
    ended: list[tuple[str, int, int, int]] = field(default_factory=list)

    def places(self, ids: pd.Index) -> np.ndarray:
        """The places of some customers; who is new gets one."""
        new = ids[self.ids.get_indexer(ids) < 0]
        self.ids = self.ids.append(new)
        more = len(new)
        self.figures = np.concatenate([self.figures, np.full((more, 6), np.nan)])
        self.until = np.append(self.until, np.full(more, "NaT", _DAY))
        self.seen = np.append(self.seen, np.full(more, -1))
        self.texts = np.append(self.texts, np.full(more, "", object))
        self.active += [{} for _ in range(more)]
        return self.ids.get_indexer(ids)

    def flagged(self, place: int, text: str, night: int) -> None:
        """A customer's alarms of this night: some begin, others ended on the night it was seen before."""
        now, under_way = _keys(text), self.active[place]
        for key in under_way.keys() - now:
            self.ended.append((key, place, under_way.pop(key), int(self.seen[place])))
        under_way |= dict.fromkeys(now - under_way.keys(), night)
        self.texts[place] = text


def followed(snapshots: Iterable[pd.DataFrame], policy: Policy) -> Followed:
    """The nights of a history, one after the other, each held only until the next; the oldest first, one a day.

    A snapshot needs the columns `READS`; what an older one did not keep is unknown. On a night with another policy tiers and
    stages move by themselves, so only what customers did counts that night. Whatever is unknown stays as it was known.
    """
    watch, days, changed, there, events = _Watch(), [], [], [], []
    rules: object = None
    for night, snapshot in enumerate(snapshots):
        places = watch.places(pd.Index(snapshot["customer_id"]))
        days.append(snapshot["on"].max().to_datetime64())
        rules, other = _policy(snapshot, rules)
        changed += [night] if other else []
        now, was = _figures(snapshot, policy), watch.figures[places]
        for what, worse in _worse(was, now, policy.risk.amount_fell.fall_share).items():
            counts = worse & (not other or what in ("renewal_lost", "amount_down"))
            events.append(pd.DataFrame({"night": night, "customer": places[counts], "what": what}))
        watch.figures[places] = _carried(was, now, policy.risk.amount_fell.fall_share)
        watch.until[places] = np.fmax(watch.until[places], snapshot["whole_on"].to_numpy(_DAY))
        _flag(watch, snapshot, places, night)
        there.append(places)
    return _put_together(watch, days, there, events, changed, policy.worth)


def _put_together(
    watch: _Watch, days: list, there: list[np.ndarray], events: list[pd.DataFrame], changed: list[int], rule: Worth
) -> Followed:
    for place in range(len(watch.ids)):
        watch.flagged(place, "", len(days))
    present = np.zeros((len(days), len(watch.ids)), bool)
    for night, places in enumerate(there):
        present[night, places] = True
    when = np.array(days, _DAY)
    alarms = pd.DataFrame(watch.ended, columns=["key", "customer", "first", "last"])
    every = pd.concat(events, ignore_index=True) if events else pd.DataFrame(columns=["night", "customer", "what"])
    return Followed(when, present, watch.until, every, _as_one(alarms, when, rule.gap_days), when[changed])


def _flag(watch: _Watch, snapshot: pd.DataFrame, places: np.ndarray, night: int) -> None:
    """The alarms of one night; who is not in the snapshot has none."""
    texts = (snapshot["level"].fillna("") + " " + snapshot["risks"].fillna("")).to_numpy(object)
    for row in np.flatnonzero(texts != watch.texts[places]):
        watch.flagged(int(places[row]), texts[row], night)
    absent = np.ones(len(watch.ids), bool)
    absent[places] = False
    for place in np.flatnonzero(absent & (watch.texts != "")):
        watch.flagged(int(place), "", night)
    watch.seen[places] = night


def _keys(text: str) -> frozenset[str]:
    """The level and the rules that a customer's text names: ``high key=rule=level=… key=rule=…``."""
    level, *risks = text.split(" ") if text else [""]
    return frozenset(rule for one in risks for rule in one.split("=", 2)[1:2]) | ({level} & {*LEVELS})


def _as_one(alarms: pd.DataFrame, days: np.ndarray, gap: int) -> pd.DataFrame:
    """An alarm that is back within so many days never went."""
    alarms = alarms.sort_values(["key", "customer", "first"], ignore_index=True)
    before = alarms.groupby(["key", "customer"])["last"].shift()
    again = before.notna()
    apart = np.zeros(len(alarms), bool)
    apart[again] = days[alarms["first"][again]] - days[before[again].astype(int)] <= np.timedelta64(gap, "D")
    number = (~pd.Series(apart, dtype=bool)).cumsum()
    joined = alarms.groupby(number, sort=False).agg(
        {"key": "first", "customer": "first", "first": "min", "last": "max"}
    )
    return joined.reset_index(drop=True).astype({"customer": int, "first": int, "last": int})


def _policy(snapshot: pd.DataFrame, before: object) -> tuple[object, bool]:
    """The policy of a night, and whether it is known to be another than the one before."""
    known = snapshot["policy"].dropna()
    now = known.iloc[0] if len(known) else before
    return now, before is not None and now != before


def _figures(snapshot: pd.DataFrame, policy: Policy) -> np.ndarray:
    height = {key: place for place, key in enumerate(reversed(policy.tier_keys))}
    stage = snapshot["lifecycle"]
    columns: list[pd.Series] = [
        snapshot["tier"].map(height), stage.eq("lost").astype("float64").where(stage.notna()),
        *(snapshot[name] for name in ("renewals_lost", "team_count", "amount_parts", "amount")),
    ]  # fmt: skip
    return np.column_stack([column.to_numpy("float64") for column in columns])


def _worse(was: np.ndarray, now: np.ndarray, fall: float) -> dict[str, np.ndarray]:
    """Who got worse, by `WORSE`; what is or was unknown tells nothing."""
    down = now[:, _AMOUNT] <= (1 - fall) * was[:, _AMOUNT] + 1e-9
    return {
        "lost": now[:, _LOST] > was[:, _LOST],
        "renewal_lost": now[:, _RENEWALS] > was[:, _RENEWALS],
        "tier_down": now[:, _HEIGHT] < was[:, _HEIGHT],
        "amount_down": down & (was[:, _AMOUNT] > 0) & ~_fewer(was, now),
    }


def _fewer(was: np.ndarray, now: np.ndarray) -> np.ndarray:
    """True where a team, or the figure of one, no longer counts towards the amount."""
    return (now[:, _TEAMS] < was[:, _TEAMS]) | (now[:, _PARTS] < was[:, _PARTS])


def _carried(was: np.ndarray, now: np.ndarray, fall: float) -> np.ndarray:
    """What is known after a night: of renewals lost the most, of the amount the highest since it last fell."""
    known = np.where(np.isnan(now), was, now)
    known[:, _RENEWALS] = np.fmax(was[:, _RENEWALS], now[:, _RENEWALS])
    starts_anew = _worse(was, now, fall)["amount_down"] | _fewer(was, now)
    known[:, _AMOUNT] = np.where(starts_anew, now[:, _AMOUNT], np.fmax(was[:, _AMOUNT], now[:, _AMOUNT]))
    return known
