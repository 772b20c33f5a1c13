"""What two nights judged by, and their workbooks, each beside what it was on the other: by its path, else by its team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import pandas as pd

from kam_xl.core.nights import Source
from kam_xl.core.policy import Policy
from kam_xl.core.read_books import ReadBook


class Compared(Protocol):
    """What one night judged by."""

    @property
    def books(self) -> Sequence[ReadBook]:
        """The workbooks it read."""

    @property
    def others(self) -> Sequence[Source]:
        """Every other file."""

    @property
    def policy(self) -> Policy:
        """Its policy."""

    @property
    def moment(self) -> dt.datetime:
        """When it was."""

    @property
    def last(self) -> pd.DataFrame | None:
        """The snapshot it was compared with."""


class Paired(NamedTuple):
    """The workbooks that both nights read, and those that one of them did not."""

    both: tuple[tuple[ReadBook, ReadBook], ...]
    alone: tuple[tuple[ReadBook, ...], tuple[ReadBook, ...]]

    @property
    def differing(self) -> list[tuple[str, str]]:
        """The workbooks that one of the nights did not read, and what is to be said: ``missing`` or ``back``."""
        return [(book.name, how) for how, books in zip(("missing", "back"), self.alone, strict=True) for book in books]

    @property
    def changed(self) -> bool:
        """True where one that both nights read says something else."""
        return any(one.sha256 != other.sha256 for one, other in self.both)

    @property
    def unpaired(self) -> bool:
        """True where one is missing or back."""
        return any(self.alone)

    def of(self, content: int, workbooks: int) -> list[ReadBook]:
        """The workbooks that one night read, as they are where both did on one of them."""
        return [*(pair[content] for pair in self.both), *self.alone[workbooks]]


def paired(then: Sequence[ReadBook], now: Sequence[ReadBook]) -> Paired:
    """Workbooks by their path; of what is left those of one team, for a file may have been renamed."""
    olds, news = ({book.name: book for book in books} for books in (then, now))
    pairs = [(olds.pop(name), news.pop(name)) for name in sorted(olds.keys() & news.keys())]
    for name in sorted(olds):
        of_team = next((other for other in sorted(news) if news[other].team == olds[name].team), None)
        if of_team is not None:
            pairs.append((olds.pop(name), news.pop(of_team)))
    both = tuple((other if one.sha256 == other.sha256 else one, other) for one, other in pairs)
    return Paired(both, (tuple(olds.values()), tuple(news.values())))
