"""Nights behind us, out of the store and the history: what each judged, and what it came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kam_xl.core import policy as policies
from kam_xl.core.assessment import Assessment
from kam_xl.core.indicator_view import days
from kam_xl.core.nights import Night
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Source
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
    """What a night judged; `LookupError` names the workbook, `OSError` or `ValueError` tells of the policy, that is lost."""
    kept, moment = Store(out), dt.datetime.fromisoformat(night.moment)
    policy = policies.parse(kept.policy(night.policy).decode("utf-8"))
    read, history = gathering.again(night, kept), Snapshots(out, moment.date())
    pasts = {period: history.nearest(day) for period, day in days(moment.date(), policy).items()}
    return Inputs(night, tuple(read.books), tuple(read.others), policy, moment, words, history.last(), pasts)


def assessed(found: Inputs) -> Assessment:
    """What a night's inputs come to, as it came to them that night."""
    books = assessing.on_day(found.books, found.others, found.policy, found.moment.date())
    return assessing.assessed(
        books, assessing.Against(found.policy, found.moment, found.words, found.last, found.pasts)
    )
