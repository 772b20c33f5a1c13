"""Work in parts: the parts are taken step by step, wherever they lie, and what a step tells of each is put together.

Rows are cut by customer, so that whatever rests on one customer alone is done within its part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd

P = TypeVar("P")
T = TypeVar("T")


class Parts(Protocol[P]):
    """Parts of something, wherever they are: in this process, or in files that a cluster's workers take up."""

    def each(
        self, step: Callable[..., tuple[P, T]], *known: object, own: Sequence[object] | None = None
    ) -> Sequence[T]:
        """Every part taken one step further, and what the step tells of each.

        The step is given the part, what is ``known`` to all, and where there is any the part's ``own``.
        """

    def __iter__(self) -> Iterator[P]:
        """The parts as they are now."""


class LaidOut(Protocol):
    """Says into how many parts so many customers are cut, and where these lie."""

    def __call__(self, customers: int, cut: Callable[[int], Iterable[P]], /) -> Parts[P]:
        """The parts that ``cut`` makes where it is told how many there are to be."""


class Here(Parts[P]):
    """Parts in this process, one after the other."""

    def __init__(self, parts: Iterable[P]) -> None:
        self._parts = list(parts)

    def each(self, step: Callable[..., tuple[P, T]], *known: object, own: Sequence[object] | None = None) -> list[T]:
        """Every part taken one step further, and what the step tells of each."""
        told = []
        for place, part in enumerate(self._parts):
            self._parts[place], said = step(part, *known, *(() if own is None else own[place : place + 1]))
            told.append(said)
        return told

    def __iter__(self) -> Iterator[P]:
        """The parts as they are now."""
        return iter(self._parts)


def in_one(_customers: int, cut: Callable[[int], Iterable[P]]) -> Here[P]:
    """All as one part, in this process."""
    return Here(cut(1))


def places(customer_id: pd.Series, count: int) -> np.ndarray:
    """The part of each row's customer: the same in every frame and in every process; what names nobody is in the first."""
    known = customer_id.notna().to_numpy()
    texts = np.where(known, customer_id.astype(object).to_numpy(), "")
    return np.where(known, pd.util.hash_array(texts) % count, 0)


def joined(parts: Sequence[pd.DataFrame], in_order: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """The rows of all parts in order; those of a single one are so already."""
    return parts[0] if len(parts) == 1 else in_order(pd.concat(parts, ignore_index=True))


def by_customer(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of parts by customer; each one's are in their order already, and those of nobody come last."""
    return rows.sort_values("customer_id", kind="stable", ignore_index=True)
