"""Parts in a folder that every worker sees: worked on where there is room, each step whole or not taken."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

from kam_xl.core.parts import LaidOut, Parts, in_one
from kam_xl.core.words import Words
from kam_xl.hosts import isolation, outputs

P = TypeVar("P")
T = TypeVar("T")
#: So many customers make a part.
_CUSTOMERS = 10_000


@contextlib.contextmanager
def laid_out(out: Path, scheduler: str | None, words: Words) -> Iterator[LaidOut]:
    """Where the parts are worked on: all as one in this process, or by the Dask cluster in a folder below ``out``.

    Every worker must see the folder under the same path. `KamError` where the disk is full.
    """
    if scheduler is None:
        yield in_one
        return

    def afar(customers: int, cut: Callable[[int], Iterable[P]]) -> Afar[P]:
        return Afar(folder, executor, cut(max(1, -(-customers // _CUSTOMERS))))

    with (
        outputs.filling(out, words),
        outputs.staging(out) as folder,
        isolation.executor(1, scheduler, words) as executor,
    ):
        yield afar


class Afar(Parts[P]):
    """Parts that lie in files of a private folder; an executor's workers take the steps.

    A step leaves its own file and never changes another: a worker that is lost half way costs a second try, and no part
    is taken the same step twice.
    """

    def __init__(self, folder: Path, executor: Executor, parts: Iterable[P]) -> None:
        self._folder, self._executor = Path(tempfile.mkdtemp(dir=folder)), executor
        self._files = [_written(self._folder / f"0-{number}", part) for number, part in enumerate(parts)]
        self._steps = 0

    def each(self, step: Callable[..., tuple[P, T]], *known: object, own: Sequence[object] | None = None) -> list[T]:
        """Every part taken one step further, and what the step tells of each."""
        self._steps += 1
        shared = _written(self._folder / f"{self._steps}-known", known)
        after = [self._folder / f"{self._steps}-{number}" for number in range(len(self._files))]
        each = [()] * len(after) if own is None else [(one,) for one in own]
        order = zip(self._files, after, each, strict=True)
        waiting = [self._executor.submit(_taken, step, before, new, shared, mine) for before, new, mine in order]
        told = [one.result() for one in waiting]
        for before in [*self._files, shared]:
            before.unlink()
        self._files = after
        return told

    def __iter__(self) -> Iterator[P]:
        """The parts as they are now."""
        return map(_read, self._files)


def _taken(step: Callable[..., tuple[P, T]], before: Path, after: Path, known: Path, own: tuple[object, ...]) -> T:
    """One step of one part, by whatever worker."""
    part, told = step(_read(before), *_read(known), *own)
    _written(after, part)
    return told


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 (written by this very run, in a folder of its own)


def _written(path: Path, part: object) -> Path:
    """The file of a part, or of what is known to all; another worker that tries the same step at the same time writes the same."""
    with path.open("wb") as file:
        pickle.dump(part, file, pickle.HIGHEST_PROTOCOL)
    return path
