"""Nights behind us, out of the store and the history: what each judged, and what it came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kam_xl import resources
from kam_xl.core import indicator_view
from kam_xl.core import policy as policies
from kam_xl.core.assessment import Assessment
from kam_xl.core.nights import Night, Source
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadBook
from kam_xl.core.words import Words
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import assessing, gathering


@dataclass(frozen=True)
class Inputs:
    """What a night judged. Of the books nothing rests on a day or a policy, so either may be replaced by another.

    ``last`` is the snapshot it was compared with, ``pasts`` those of longer ago (`indicator_view.PERIODS`).
    """

    night: Night
    books: tuple[ReadBook, ...]
    others: tuple[Source, ...]
    policy: Policy
    moment: dt.datetime
    words: Words
    last: pd.DataFrame | None
    pasts: Mapping[str, pd.DataFrame | None]


def nights(out: Path) -> list[Night]:
    """Every night whose record is kept and whole, the oldest first."""
    return [night for night, _ in Store(out).nights()][::-1]


def inputs(night: Night, out: Path, words: Words) -> Inputs:
    """What a night judged.

    `LookupError` names the workbook or the snapshot that is lost; of the policy an `OSError` or a `ValueError` tells.
    """
    return judged(night, Store(out), snapshots(night, out), words)


def judged(night: Night, kept: Store, past: Snapshots, words: Words) -> Inputs:
    """What a night judged, out of a store and beside its snapshots; see `inputs`."""
    moment = night.began
    policy = policy_of(night, kept)
    read = gathering.again(night, kept)
    last = past.last()
    return Inputs(
        night, tuple(read.books), tuple(read.others), policy, moment, words, last, pasts(past, moment.date(), policy)
    )


def pasts(past: Snapshots, day: dt.date, policy: Policy) -> dict[str, pd.DataFrame | None]:
    """What the indicators of a day look at in snapshots of longer ago, by period; ask for the last one first, which is read whole."""
    wanted = indicator_view.days(day, policy).items()
    return {period: past.nearest_in_part(then, indicator_view.LOOKED_AT) for period, then in wanted}


def compared(night: Night, kept: Store, past: Snapshots, words: Words, known: Iterable[ReadBook] = ()) -> Inputs:
    """The same without what a night held against longer ago: nothing that a later night is explained by rests on it.

    ``known`` are the workbooks of that one.
    """
    read = gathering.again(night, kept, known)
    return Inputs(
        night, tuple(read.books), tuple(read.others), policy_of(night, kept), night.began, words, past.last(), {}
    )


def policy_of(night: Night, kept: Store) -> Policy:
    """The policy that a night was run under; `OSError` or `ValueError` where it is lost, `PolicyError` where it is none."""
    return policies.remembered(kept.policy(night.policy).decode("utf-8"), resources.policy_text())


def snapshots(night: Night, out: Path) -> Snapshots:
    """The snapshots that a night was compared with; of one that does not say which, whichever it would find now."""
    only = night.asked.snapshots if night.asked else None
    return Snapshots(out, night.began.date(), only, looking_back=True)


def assessed(found: Inputs) -> Assessment:
    """What a night's inputs come to, as it came to them that night."""
    books = assessing.on_day(found.books, found.others, found.policy, found.moment.date())
    return assessing.assessed(
        books, assessing.Against(found.policy, found.moment, found.words, found.last, found.pasts)
    )
