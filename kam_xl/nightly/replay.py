"""The nights behind us under another policy, each with the memory that policy would have left it; nothing is written."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

import kam_xl
from kam_xl import resources
from kam_xl.core import history, replaying
from kam_xl.core.nights import Night
from kam_xl.core.outside import outside
from kam_xl.core.policy import Policy
from kam_xl.core.replaying import Lost, Replayed, Twice
from kam_xl.hosts import snapshots
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.hosts.store import Store
from kam_xl.nightly import gathering, past_nights

#: Told how many nights there are, and which of them is done.
Told = Callable[[int, str], None]
_LOG = logging.getLogger("kam_xl")


@dataclass
class Replay:
    """What a replay came to: the nights replayed (None where none could be), and those left out."""

    found: Replayed | None = None
    lost: list[Lost] = field(default_factory=list)
    of_other_versions: int = 0  # nights that another version of the product wrote


def chosen(out: Path, since: dt.date | None = None, until: dt.date | None = None) -> list[Night]:
    """The retained nights from one day to another, the oldest first; of a day with several runs the last counts."""
    by_day = {night.began.date(): night for night in past_nights.nights(out)}
    return [night for day, night in sorted(by_day.items()) if (since or day) <= day <= (until or day)]


def replay(out: Path, nights: list[Night], policy: Policy, told: Told = lambda *_: None) -> Replay:
    """What some nights come to under a policy, beside what they wrote."""
    replayed = Replay()
    for one in again(out, nights, lambda _: policy, told):
        if isinstance(one, Lost):
            replayed.lost.append(one)
        else:
            replayed.found = replaying.after(replayed.found, one, policy)
    lost = {one.day for one in replayed.lost}
    replayed.of_other_versions = sum(
        night.product != kam_xl.__version__ for night in nights if night.began.date() not in lost
    )
    return replayed


def again(out: Path, nights: list[Night], policy_of: Callable[[Night], Policy], told: Told) -> Iterator[Twice | Lost]:
    """Each night twice: as it was written, and under a policy.

    A night remembers what the replayed one before it came to; the first remembers what was written before it.
    """
    kept, memory = Store(out), _before(out, nights[0]) if nights else None
    for night in nights:
        told(len(nights), "")
        twice = _twice(out, night, policy_of(night), memory, kept)
        memory = twice.proposed if isinstance(twice, Twice) else memory
        yield twice
        told(len(nights), night.began.date().isoformat())


def _before(out: Path, night: Night) -> pd.DataFrame | None:
    return Snapshots(out, night.began.date(), looking_back=True).last()


def _twice(out: Path, night: Night, policy: Policy, memory: pd.DataFrame | None, kept: Store) -> Twice | Lost:
    at, words = night.began, resources.words(night.lang)
    try:
        read = gathering.again(night, kept)
    except LookupError as error:
        return Lost(at.date(), "book", str(error.args[0]))
    written = out / snapshots.file_name(at)
    try:
        was = snapshots.read(written)
    except Exception as error:  # noqa: BLE001 (a foreign file may make a reader raise anything)
        _LOG.warning("snapshot passed over", extra={"file": written.name, "error": type(error).__name__})
        return Lost(at.date(), "snapshot", written.name)
    judged = past_nights.Inputs(night, tuple(read.books), tuple(read.others), policy, at, words, memory, {})
    return Twice(at.date(), was, history.snapshot(outside(past_nights.assessed(judged))))
