"""What could not be computed or written: one part fails alone, it is told, and the rest stands.

Here stands who is caught, and there is no other place: rules, sheets, pages and calendars are tried through `Failures`. Who
shows a single answer, in a cell or for a button, takes `Strict`: there a part that fails is the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn, TypeVar

from kam_xl.core.errors import KamError
from kam_xl.core.privacy import masked

T = TypeVar("T")
R = TypeVar("R")
#: No fault of a part: what cannot be done at all, a disk that is full, a memory that is.
_WHOLE = (KamError, OSError, MemoryError)
#: More odd ones than these among equals are no odd rows: the fault lies with what is done to them.
MOST = 10


class Failure(NamedTuple):
    """One part: its ``kind`` (a key of ``words/failures.toml``), which one of them, and for which customer if not for all.

    ``error`` is the error's name and ``trace`` where it came from; its message is nowhere, for it may quote a cell.
    """

    kind: str
    subject: str
    customer_id: str | None
    error: str
    trace: str


class NotComputed(Exception):
    """A part was asked for that failed before."""


class Missing:
    """Stands for a part that could not be computed: whoever looks at it cannot be computed either, and tells no "none"."""

    def __init__(self, part: str) -> None:
        self.__dict__["part"] = part

    def _not_there(self, *_: object) -> NoReturn:
        raise NotComputed(self.__dict__["part"])

    def __reduce__(self) -> tuple[type[Missing], tuple[str]]:
        """Missing it is wherever it is carried."""
        return Missing, (self.__dict__["part"],)

    __getattr__ = __getitem__ = __len__ = __iter__ = __bool__ = _not_there


def is_missing(part: object) -> bool:
    """True where `Missing` stands for a part."""
    return isinstance(part, Missing)


def _nowhere(_error: Exception) -> str:
    return ""


class Failures:
    """What has failed so far; ``trace`` says where an error came from."""

    def __init__(self, trace: Callable[[Exception], str] = _nowhere) -> None:
        self._trace = trace
        self._found: dict[tuple[str, str, str | None], Failure] = {}

    def __iter__(self) -> Iterator[Failure]:
        return iter(tuple(self._found.values()))

    def __len__(self) -> int:
        return len(self._found)

    def attempt(self, kind: str, subject: str, work: Callable[[], R], otherwise: T) -> R | T:
        """What the work comes to, or ``otherwise`` where it fails, which is then noted."""
        try:
            return work()
        except _WHOLE:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it costs this part alone)
            self.note(kind, subject, error)
            return otherwise

    def part(self, name: str, work: Callable[[], R]) -> R:
        """A part of an assessment that others rest on; `Missing` stands for it where it fails."""
        missing: Any = Missing(name)
        return self.attempt("part", name, work, missing)

    def among(
        self, kind: str, subject: str, customer_ids: list[str], work: Callable[[list[str]], R], otherwise: T
    ) -> R | T:
        """What the work comes to for as many customers as it can be done for; each of the others is noted."""
        found = self.attempt(kind, subject, lambda: narrowed(customer_ids, work), None)
        if found is None:
            return otherwise
        done, failed = found
        for customer_id, error in failed.items():
            self.note(kind, subject, error, customer_id)
        return done

    def note(self, kind: str, subject: str, error: Exception, customer_id: str | None = None) -> None:
        """Keep that something failed, once."""
        key = (kind, masked(subject), customer_id)
        self._found.setdefault(key, Failure(*key, type(error).__name__, self._trace(error)))

    def add(self, others: Failures) -> None:
        """Keep what failed elsewhere, too."""
        self._found |= {key: one for key, one in others._found.items() if key not in self._found}

    def require(self, part: str | None) -> None:
        """`NotComputed` where a part that others rest on has failed."""
        if ("part", part, None) in self._found:
            raise NotComputed(part)


class Strict(Failures):
    """Nothing may fail: an error is raised where it happens."""

    def attempt(self, kind: str, subject: str, work: Callable[[], R], otherwise: object) -> R:  # noqa: ARG002
        """What the work comes to."""
        return work()

    def among(
        self, kind: str, subject: str, customer_ids: list[str], work: Callable[[list[str]], R], otherwise: object  # noqa: ARG002
    ) -> R:  # fmt: skip
        """What the work comes to for all customers."""
        return work(customer_ids)


def narrowed(names: list[str], work: Callable[[list[str]], R]) -> tuple[R, dict[str, Exception]]:
    """The work over as many of the named as it can be done for, and the others, each with its error.

    Found by halving, so that a few odd ones among many cost a few tries. Where more than `MOST` of them fail, or all, the
    first error is raised.
    """
    done: list[R] = []
    failed: dict[str, Exception] = {}

    def taken(sure: list[str], more: list[str]) -> list[str]:
        try:
            done[:] = [work([*sure, *more])]
        except _WHOLE:
            raise
        except Exception as error:  # noqa: BLE001 (it is tried again with fewer)
            if len(more) > 1:
                half = len(more) // 2
                return taken(taken(sure, more[:half]), more[half:])
            failed.update(dict.fromkeys(more, error))
            if len(failed) > MOST or len(failed) == len(names):
                raise next(iter(failed.values()), error) from None
            return sure
        return [*sure, *more]

    taken([], names)
    return done[0], failed
