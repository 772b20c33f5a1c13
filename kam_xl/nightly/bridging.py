"""Why a night is not what an earlier one was: what both judged comes out of the store, and the bridge is built between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kam_xl.core import assessment, bridges, history, moves, past_moves, worlds
from kam_xl.core.assessment import Assessment
from kam_xl.core.bridges import Bridge
from kam_xl.core.errors import KamError
from kam_xl.core.nights import Night, Source
from kam_xl.core.outside import outside
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadBook
from kam_xl.core.words import Words
from kam_xl.hosts import memory, reader_version
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import past_nights
from kam_xl.nightly.past_nights import Inputs


@dataclass(frozen=True)
class Explained:
    """The bridge between two nights, and the later night with its moves told, as it is shown outside."""

    bridge: Bridge
    assessed: Assessment


def since(out: Path, day: dt.date | None, words: Words, customer_id: str | None = None) -> Explained:
    """The last night of an output folder against the newest of a day or before, of the day before where none is named.

    `KamError` says where the store knows no such night, or has lost what it judged, or there is no such customer.
    """
    then, now = (_inputs(night, out, words) for night in _pair(out, day, words))
    found = {which: past_nights.assessed(one) for which, one in enumerate((then, now))}
    if customer_id is not None and not any(
        (one.customers["customer_id"] == customer_id).any() for one in found.values()
    ):
        raise KamError(words("bridge.page.no_customer", id=customer_id))
    between = worlds.Worlds(then, now, words, found)
    recorded = {which: _recorded(out, one) for which, one in enumerate((then, now))}
    built = bridges.between(between, recorded, None if customer_id is None else [customer_id])
    return Explained(built, outside(told(found[1], built)))


def told(assessed: Assessment, built: Bridge) -> Assessment:
    """An assessment that says why its figures are not what they were."""
    told_moves = moves.told(built, assessed.policy, assessed.words)
    sums = moves.headline(built, assessed.words)
    return assessment.explained(
        assessed,
        moves=told_moves,
        move_parts=built.parts,
        move_sums=sums,
        move_sum_parts=built.sum_parts,
        against=built.then,
    )


# --- each night -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judging:
    """What a night judges by before it is recorded (`paired.Compared`)."""

    books: Sequence[ReadBook]
    others: Sequence[Source]
    policy: Policy
    moment: dt.datetime
    last: pd.DataFrame | None


def night_before(kept: Store, day: dt.date | None) -> Night | None:
    """The last night of the day that a night is compared with; None where the store knows none."""
    found = (night for night, _ in kept.nights() if day is not None and night.began.date() <= day)
    night = next(found, None)
    return night if night is not None and night.began.date() == day else None


def why_none(kept: Store, day: dt.date) -> str:
    """Why there is no night of a day to explain against, as `nights.UNEXPLAINED` says."""
    return "swept" if day in kept.swept() else "absent"


def explained(
    assessed: Assessment, books: Sequence[ReadBook], others: Sequence[Source], then: Inputs, past: Snapshots
) -> Assessment:
    """A night's assessment with why its figures are not what they were the night before, told shortly, and on nights before.

    What that night came to is taken from the snapshot it left, where the same program made it; what moved on nights before,
    from the snapshots that these left.
    """
    last = assessed.past
    same = then.night.asked is not None and then.night.asked.code == reader_version.code()
    now = Judging(books, others, assessed.policy, assessed.now, last)
    built = bridges.between(
        worlds.Worlds(then, now, assessed.words, {1: assessed}, last if same else None), {0: last}, shortly=True
    )
    tonight = told(assessed, built)
    del built
    memory.give_back()
    oldest = assessed.today - dt.timedelta(days=assessed.policy.moves.back_days)
    every = past_moves.told(tonight, past.back(past_moves.KEPT, oldest))
    return assessment.explained(tonight, night_moves=every.rows, moved_since=every.since.date())


# --- when somebody asks -----------------------------------------------------------------------------------------------


def _pair(out: Path, day: dt.date | None, words: Words) -> tuple[Night, Night]:
    """The night to compare with, and the last one."""
    nights = past_nights.nights(out)
    if len({night.began.date() for night in nights}) < 2:
        raise KamError(words("bridge.page.too_few", out=out))
    latest = nights[-1].began.date() - dt.timedelta(days=1)
    earlier = [night for night in nights if night.began.date() <= min(day or latest, latest)]
    if not earlier:
        raise KamError(words("bridge.page.no_such", since=day, first=nights[0].began.date()))
    return earlier[-1], nights[-1]


def _inputs(night: Night, out: Path, words: Words) -> Inputs:
    """What a night judged; `KamError` where it is lost."""
    try:
        return past_nights.inputs(night, out, words)
    except (LookupError, OSError, ValueError) as lost:
        raise KamError(words("bridge.page.lost", night=night.began.date(), what=lost)) from lost


def _recorded(out: Path, night: Inputs) -> pd.DataFrame | None:
    """The snapshot of a night itself; None where there is none."""
    day = night.moment.date()
    found = Snapshots(out, day + dt.timedelta(days=1)).last()
    return found if found is not None and history.day_of(found) == day else None
