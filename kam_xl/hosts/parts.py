"""The parts of a portfolio in a folder that every worker sees: judged where there is room, each step whole or not taken."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar, cast

import pandas as pd

from kam_xl.core import judging
from kam_xl.core.failures import Failures
from kam_xl.core.judging import Portion
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.words import Words
from kam_xl.hosts import isolation, outputs

T = TypeVar("T")
#: So many customers make a part.
_CUSTOMERS = 10_000


@contextlib.contextmanager
def laid_out(out: Path, scheduler: str | None, words: Words) -> Iterator[judging.LaidOut]:
    """Where customers are judged: in this process, or by the Dask cluster in parts of a folder below ``out``.

    Every worker must see the folder under the same path.
    """
    if scheduler is None:
        yield judging.in_one
        return

    def afar(portfolio: Portfolio, past: pd.DataFrame | None, failures: Failures) -> Afar:
        count = max(1, -(-len(portfolio.customers) // _CUSTOMERS))
        return Afar(folder, executor, judging.cut(portfolio, past, failures, count))

    with outputs.staging(out) as folder, isolation.executor(1, scheduler, words) as executor:
        yield afar


class Afar:
    """Parts that lie in files of a private folder; an executor's workers take the steps.

    A step leaves its own file and never changes another: a worker that is lost half way costs a second try, and no part
    is taken the same step twice.
    """

    def __init__(self, folder: Path, executor: Executor, parts: Iterable[Portion]) -> None:
        self._folder, self._executor = folder, executor
        self._files = [_written(folder / f"0-{number}", part) for number, part in enumerate(parts)]
        self._steps = 0

    def each(self, step: Callable[..., tuple[Portion, T]], *known: object) -> list[T]:
        """Every part taken one step further, and what the step tells of each."""
        self._steps += 1
        after = [self._folder / f"{self._steps}-{number}" for number in range(len(self._files))]
        order = zip(self._files, after, strict=True)
        waiting = [self._executor.submit(_taken, step, before, new, known) for before, new in order]
        told = [one.result() for one in waiting]
        for before in self._files:
            before.unlink()
        self._files = after
        return told

    def __iter__(self) -> Iterator[Portion]:
        """The parts as they are now."""
        return map(_read, self._files)


def _taken(step: Callable[..., tuple[Portion, T]], before: Path, after: Path, known: tuple[object, ...]) -> T:
    """One step of one part, by whatever worker."""
    part, told = step(_read(before), *known)
    _written(after, part)
    return told


def _read(path: Path) -> Portion:
    with path.open("rb") as file:
        return cast("Portion", pickle.load(file))  # noqa: S301 (written by this very run, in a folder of its own)


def _written(path: Path, part: Portion) -> Path:
    """The file of a part; another worker that tries the same step at the same time writes the same."""
    with path.open("wb") as file:
        pickle.dump(part, file, pickle.HIGHEST_PROTOCOL)
    return path
