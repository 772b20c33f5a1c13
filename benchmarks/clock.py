"""Processor seconds and memory, of a call or of a whole process with all its children: what else the machine does does not count."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Used:
    """What a process of its own used: processor seconds of it and its children, MiB of the largest of them at its peak."""

    seconds: float
    mib: float


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call in this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def paired(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The cheapest of ``rounds`` of each, run in turn."""
    pairs = [(processor_seconds(theirs), processor_seconds(ours)) for _ in range(rounds)]
    return min(pair[1] for pair in pairs), min(pair[0] for pair in pairs)


def process(*arguments: object) -> Used:
    """A command to its end; one that fails is no measurement."""
    return _waited(
        subprocess.Popen([*map(str, arguments)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    )


def python(*arguments: object) -> Used:
    """Python with arguments, in a process of its own."""
    return process(sys.executable, *arguments)


def _waited(started: subprocess.Popen) -> Used:
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode not in (0, 1):  # a night in part is a night
        raise subprocess.CalledProcessError(started.returncode, started.args)
    return Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def steps(command: Sequence[object]) -> dict[str, float]:
    """What a module of the benchmarks prints as JSON on its last line: name → processor seconds."""
    done = subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


class Parts:
    """Processor seconds by what a module calls of other modules: ``service.cases`` → seconds; what these call counts to them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.whole = 0.0  # what these modules do themselves among it
        self._within = False

    @contextlib.contextmanager
    def of(self, *modules: ModuleType) -> Iterator[None]:
        """While this lasts, what these modules call of others is timed."""
        kept = [
            (module, name, one)
            for module in modules
            for name, one in vars(module).items()
            if isinstance(one, ModuleType) and one not in modules
        ]
        started = time.process_time()
        for module, name, one in kept:
            setattr(module, name, SimpleNamespace(**{key: self._timed(one, key) for key in vars(one)}))
        try:
            yield
        finally:
            self.whole += time.process_time() - started
            for module, name, one in kept:
                setattr(module, name, one)

    def _timed(self, module: ModuleType, key: str) -> object:
        work = getattr(module, key)
        if not inspect.isfunction(work):
            return work
        name = f"{module.__name__.rpartition('.')[2]}.{key}"

        def timed(*arguments: object, **named: object) -> object:
            if self._within:
                return work(*arguments, **named)
            self._within, started = True, time.process_time()
            try:
                return work(*arguments, **named)
            finally:
                self._within = False
                self.seconds[name] = self.seconds.get(name, 0) + time.process_time() - started

        return timed
