"""What a check looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kam_xl.core.words import Words
from kam_xl.desk import source
from kam_xl.desk.contents import BookFacts
from kam_xl.desk.machine import Machine
from kam_xl.desk.places import Places
from kam_xl.desk.record import Inventory


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    NOT_APPLICABLE = "na"


@dataclass(frozen=True)
class Diagnosis:
    """What a check found: `code` leads to its sentences in ``words/desk.toml``, `values` are named in them."""

    state: State
    code: str
    values: dict[str, object] = field(default_factory=dict)


def ok(code: str = "ok", **values: object) -> Diagnosis:
    """All is well."""
    return Diagnosis(State.OK, code, values)


def warn(code: str, **values: object) -> Diagnosis:
    """Works, but may not always."""
    return Diagnosis(State.WARN, code, values)


def bad(code: str, **values: object) -> Diagnosis:
    """Something will not work."""
    return Diagnosis(State.BAD, code, values)


def unknown() -> Diagnosis:
    """There is nothing here to check."""
    return Diagnosis(State.NOT_APPLICABLE, "na")


@dataclass(frozen=True)
class Scene:
    """The machine that is looked over."""

    machine: Machine
    places: Places
    record: Inventory
    words: Words

    @property
    def installed(self) -> bool:
        """True when the environment is in its place, and the installation made it: no other one is ever run."""
        return self.record.of(self.places.venv) is not None and self.places.python.exists()

    @property
    def python(self) -> Path:
        """The Python that does the work: the installed one, or this one where nothing is installed."""
        return self.places.python if self.installed else self.machine.python

    @property
    def program(self) -> Path:
        """The folder with `udfs.py` and the package."""
        there = self.places.site_packages
        return there if self.installed and (there / "kam_xl").is_dir() else source.running().package.parent

    def pinned(self) -> str:
        """The version of xlwings the program goes with."""
        told = next(self.program.glob("kam_xl-*.dist-info/METADATA"), None)
        return source.pinned_xlwings(told.read_text("utf-8")) if told else source.running().xlwings()


@dataclass(frozen=True)
class Inspected:
    """A workbook that is looked over; `told` is its path or address as it was given."""

    told: str
    path: Path
    contents: BookFacts | None  # None where it could not be read

    @property
    def facts(self) -> BookFacts:
        """What it holds, for whoever asks only where it could be read."""
        if self.contents is None:
            raise ValueError(f"{self.told} could not be read")
        return self.contents


@dataclass(frozen=True)
class Trap:
    """One thing that is known to go wrong: its name among the words, where it can, and how to find out."""

    name: str
    systems: tuple[str, ...]
    look: Callable[..., Diagnosis]


WINDOWS, MACOS, LINUX = ("windows",), ("macos",), ("linux",)
EVERYWHERE = (*WINDOWS, *MACOS, *LINUX)
WITH_EXCEL = (*WINDOWS, *MACOS)
