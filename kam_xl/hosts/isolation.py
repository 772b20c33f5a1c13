"""Workbooks read and validated in child processes with limits: one bad file never costs the others, or the job.

The reader aborts its whole process on some files, eats memory on others, and may never end. So each worker thread owns
one child (`python -m kam_xl.hosts.isolation`), watches it while it reads, and replaces it when it had to be killed.
The map over workbooks goes through a `concurrent.futures` executor: local threads, or a Dask cluster's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import importlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import psutil

from kam_xl.core import validation
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.policy import Policy
from kam_xl.core.validation import TeamBook
from kam_xl.core.words import Words
from kam_xl.hosts import workbooks

if TYPE_CHECKING:
    from distributed import Client  # optional: only groups with a cluster install it

_POLL_SECONDS = 0.02
#: How often is looked which processes a child consists of; that takes about a millisecond.
_FAMILY_SECONDS = 0.5
#: Windows lets nobody stop a wait for another thread with Ctrl-C; so none is longer than this.
_LONGEST_WAIT = 0.5
#: Libraries that would reserve address space far beyond what they use, told not to.
_SMALL = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True)
class Limits:
    """What one workbook may take: memory of its child in MiB, and seconds."""

    memory_mb: int = 1024
    seconds: float = 60.0


@dataclass(frozen=True)
class Order:
    """What a child needs to know to read any workbook of this run."""

    folder: Path
    policy: Policy
    today: dt.date
    limits: Limits = Limits()


@dataclass(frozen=True)
class Outcome:
    """What became of one workbook: the validated book, or the reason and detail why it is quarantined.

    `trace` says where our own code failed, for the log; nothing of it is shown to people.
    """

    name: str
    book: TeamBook | None = None
    reason: str | None = None
    detail: str = ""
    trace: str = ""
    seconds: float = 0.0


def read_all(order: Order, names: tuple[str, ...], executor: Executor) -> Iterator[Outcome]:
    """Every workbook's outcome, in the order they finish."""
    finished: queue.SimpleQueue[Future] = queue.SimpleQueue()
    for name in names:
        executor.submit(read_one, order, name).add_done_callback(finished.put)
    for _ in names:
        yield _next(finished).result()


def _next(finished: queue.SimpleQueue[Future]) -> Future:
    while True:
        with contextlib.suppress(queue.Empty):
            return finished.get(timeout=_LONGEST_WAIT)


@contextlib.contextmanager
def executor(workers: int, scheduler: str | None, words: Words) -> Iterator[Executor]:
    """The executor that maps over workbooks: local worker threads, or the Dask cluster at `scheduler`.

    On a cluster every worker must see the teams' folder under the same path and have this package installed.
    """
    if scheduler is None:
        with _local(workers) as pool:
            yield pool
    else:
        with _cluster(scheduler, words) as client, client.get_executor() as pool:
            yield pool


@contextlib.contextmanager
def _local(workers: int) -> Iterator[Executor]:
    """Worker threads; when the job is stopped, nothing more is read and what is being read is given up at once."""
    with ThreadPoolExecutor(workers, thread_name_prefix="reader") as pool:
        try:
            yield pool
        except BaseException:  # Ctrl-C is no Exception
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            _dismiss_all()


def _cluster(scheduler: str, words: Words) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise KamError(words("job.no_distributed")) from error
    try:
        return Client(scheduler)
    except (OSError, ValueError) as error:
        raise KamError(words("job.no_scheduler", address=scheduler)) from error


_mine = threading.local()
_children: set[_Child] = set()


def read_one(order: Order, name: str) -> Outcome:
    """One workbook through this thread's child; never raises for anything the file does."""
    child = getattr(_mine, "child", None)
    if child is None or child.order != order or not child.alive:
        if child is not None:
            child.stop()
        child = _mine.child = _Child(order)
    return child.read(name)


def _dismiss_all() -> None:
    for child in tuple(_children):
        child.stop()


class _Child:
    """A reading process, its pipes, and the watch over it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kam_xl.hosts.isolation"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **_SMALL},
        )
        self.family: list[psutil.Process] = []
        self.looked = -_FAMILY_SECONDS
        _children.add(self)
        self._send(order)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def read(self, name: str) -> Outcome:
        """Ask for one workbook and watch until the answer is there or a limit is passed."""
        started, killed, done = time.monotonic(), [], threading.Event()
        watch = threading.Thread(target=self._watch, args=(done, killed), daemon=True)
        watch.start()
        try:
            self._send(name)
            outcome: Outcome | None = pickle.load(self.process.stdout)  # noqa: S301 (from our own child)
        except (EOFError, OSError, pickle.UnpicklingError):
            outcome = None
        finally:
            done.set()
            watch.join()
        if killed or not outcome:  # an answer can cross with the kill: the dying child must not get the next book
            self.stop()
        outcome = outcome or Outcome(name, reason=killed[0] if killed else "crashed")
        return dataclasses.replace(outcome, seconds=time.monotonic() - started)

    def stop(self) -> None:
        """End the child and close its pipes."""
        _children.discard(self)
        self._kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def _send(self, message: object) -> None:
        pickle.dump(message, self.process.stdin)
        self.process.stdin.flush()

    def _watch(self, done: threading.Event, killed: list[str]) -> None:
        """Kill the child once it passes a limit; one portable watch instead of a mechanism per operating system."""
        limits, started = self.order.limits, time.monotonic()
        while not done.wait(_POLL_SECONDS):
            if self._used() > limits.memory_mb:
                killed.append("too_much_memory")
            elif time.monotonic() - started > limits.seconds:
                killed.append("too_slow")
            if killed:
                self._kill()
                return

    def _used(self) -> float:
        """The memory of the child in MiB."""
        if time.monotonic() - self.looked >= _FAMILY_SECONDS:
            self.family, self.looked = self._processes(), time.monotonic()
        used = 0
        for process in self.family:
            with contextlib.suppress(psutil.Error):  # it has ended
                used += process.memory_info().rss
        return used / 2**20

    def _kill(self) -> None:
        started = self._processes()[1:]
        self.process.kill()
        for process in started:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def _processes(self) -> list[psutil.Process]:
        """The child and all it started: in a Windows venv python.exe only launches the interpreter that reads."""
        if not self.alive:
            return []
        try:
            child = psutil.Process(self.process.pid)
            return [child, *child.children(recursive=True)]
        except psutil.Error:  # it has just ended
            return []


def _answer(order: Order, name: str) -> Outcome:
    """What became of one workbook; whatever goes wrong in here is an answer, not an end."""
    try:
        return Outcome(name, validation.validate(workbooks.read(order.folder, name), order.policy, order.today))
    except Refused as refusal:
        return Outcome(name, reason=refusal.reason, detail=refusal.detail)
    except MemoryError:
        return Outcome(name, reason="too_much_memory")
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:  # noqa: BLE001 (the other workbooks go on)
        return Outcome(name, reason="bug", detail=type(error).__name__, trace=trace(error))
    except BaseException as error:  # noqa: BLE001 (the reader's panics are no Exceptions)
        return Outcome(name, reason="crashed", detail=type(error).__name__)


def trace(error: Exception) -> str:
    """Where an error came from, without its message: that may quote a cell, and the log holds no personal data."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


def _limit_memory(limits: Limits) -> None:
    """A hard bound as well where the system has one: a single huge allocation would outrun the watch."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    pd.array(["warm"], dtype="str")  # what pandas loads on first use must not count
    grown = psutil.Process().memory_info().vms + 2 * limits.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (grown, grown))


def _serve() -> None:
    """The child's life: take the order, then answer name after name until the pipe closes."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers may go down the pipe
    order = pickle.load(requests)  # noqa: S301 (from our own parent)
    _limit_memory(order.limits)
    while True:
        try:
            name = pickle.load(requests)  # noqa: S301
        except EOFError:
            return
        pickle.dump(_answer(order, name), answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    # under its own name, so that what is pickled here is known there
    importlib.import_module("kam_xl.hosts.isolation")._serve()  # noqa: SLF001
