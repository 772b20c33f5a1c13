"""Other processes, looked at so that no look ends what we do: each may fail for reasons of its own.

psutil has its errors, and on Windows lets plain OSErrors through for the system's own processes (its issues 1394, 1501
and 1839). Whoever looks says what to take where nothing is seen.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import psutil

_Told = TypeVar("_Told")
_Instead = TypeVar("_Instead")
_With = ParamSpec("_With")
_UNSEEN = (psutil.Error, OSError)


def seen(
    look: Callable[_With, _Told], otherwise: _Instead, *details: _With.args, **options: _With.kwargs
) -> _Told | _Instead:
    """What a look at a process, or a knock at it, tells; `otherwise` where that fails."""
    try:
        return look(*details, **options)
    except _UNSEEN:
        return otherwise


def everyone() -> Iterator[psutil.Process]:
    """Every process of this computer that can be seen."""
    for number in seen(psutil.pids, ()):
        if process := seen(psutil.Process, None, number):
            yield process


def forebears() -> set[int]:
    """The numbers of this process and of those that started it."""
    numbers = {os.getpid(), os.getppid()}
    process = seen(psutil.Process, None)
    while process is not None:
        numbers.add(process.pid)
        process = seen(process.parent, None)
    return numbers


def lives(process: psutil.Process) -> bool:
    """False once a process has ended, even where nobody has asked yet how; one that cannot be seen just now lives."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except _UNSEEN:
        return True
