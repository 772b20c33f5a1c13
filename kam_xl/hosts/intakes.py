"""What is known of lists that are not ours: the programs of the package, and the teams' own ``intake.toml``."""

from __future__ import annotations

import functools
from pathlib import Path

from kam_xl import resources
from kam_xl.core import intake
from kam_xl.core.errors import KamError
from kam_xl.core.intake import AdoptedList, Intake, IntakeError, Program
from kam_xl.core.words import Words
from kam_xl.hosts.replacing import replacing


@functools.cache
def programs() -> tuple[Program, ...]:
    """The programs whose exports are known."""
    return intake.parse_programs(resources.aliases())


def read(folder: Path, words: Words) -> Intake:
    """What the teams' folder remembers, and the programs; `KamError` names what in its file cannot be understood."""
    path = folder / intake.FILE
    try:
        text = path.read_text("utf-8-sig")  # Windows editors put a mark in front
    except FileNotFoundError:
        return Intake(programs=programs())
    except UnicodeDecodeError as error:
        raise KamError(words("settings.not_utf8", file=path)) from error
    except OSError as error:
        raise KamError(words("settings.unreadable", file=path)) from error
    try:
        return intake.parse(text, programs())
    except IntakeError as error:
        said = words(f"intake.wrong.{error.reason}", place=error.place, value=error.value)
        raise KamError(words("intake.file", file=path, said=said)) from error


def remember(folder: Path, adopted: AdoptedList, words: Words) -> None:
    """Put a list at the end of the folder's file, whatever else stands in it; one that is there already is not said again."""
    path, known = folder / intake.FILE, read(folder, words)
    if adopted in known.lists:
        return
    before = known.text or words("intake.head") + "\n"
    try:
        with replacing(path) as new:
            new.write_bytes((before.rstrip("\n") + "\n\n" + intake.written(adopted)).encode())
    except OSError as error:
        raise KamError(words("intake.unwritable", file=path)) from error
