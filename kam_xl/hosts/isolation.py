"""Workbooks read in child processes with limits: one bad file never costs the others, or the job.

The reader aborts its whole process on some files, eats memory on others, and may never end. So each worker thread owns
one child (`python -m kam_xl.hosts.isolation`), watches it while it reads, and replaces it when it had to be killed.
A child whose parent was killed ends by itself. The map over workbooks goes through a `concurrent.futures` executor:
local threads, or a Dask cluster's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import faulthandler
import gc
import importlib
import math
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, cast

import psutil

from kam_xl.core.errors import Refused
from kam_xl.core.intake import Intake
from kam_xl.core.read_books import Content
from kam_xl.core.words import Words
from kam_xl.hosts import log, outcomes, processes, reader_version, workbooks
from kam_xl.hosts.outcomes import Outcome

_POLL_SECONDS = 0.05
#: How often is looked which processes a child consists of; that takes about a millisecond.
_FAMILY_SECONDS = 0.5
#: How often a child looks whether its parent still lives.
_PARENT_SECONDS = 0.5
#: A killed process is gone at once, except one that waits for a dead drive: that one is left behind.
_END_SECONDS = 5.0
#: Windows lets nobody stop a wait for another thread with Ctrl-C; so none is longer than this.
_LONGEST_WAIT = 0.5
#: Libraries that would reserve address space far beyond what they use, told not to.
_SMALL = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True)
class Limits:
    """What one workbook may take: memory of its child in MiB, seconds of computing, seconds by the clock.

    Computing is what the file costs, however busy the computer is; the clock is for a file that only keeps waiting, say
    for a network drive that does not answer.
    """

    memory_mb: float = 2048  # a million orders in one file take up to 1.5 GiB (benchmarks/README.md)
    cpu_seconds: float = 60.0
    clock_seconds: float = 600.0


#: What a child may take to start and to load what it needs, which no file is to blame for.
_TO_START = Limits(memory_mb=math.inf, cpu_seconds=math.inf, clock_seconds=300.0)


#: What is asked of a file: what its bytes say, packed as a store keeps it or as it is; or every cell, as it was read.
Wanted = Literal["packed", "content", "cells"]


@dataclass(frozen=True)
class Order:
    """What a child needs to know to read any workbook of this run."""

    folder: Path
    limits: Limits = Limits()
    store: Path | None = None  # where entries stand that need not be made again
    wanted: Wanted = "packed"  # what is asked of a file
    intake: Intake = field(default_factory=Intake)  # what is known of lists
    version: str | None = None  # of the reader, for a child that need not work it out

    @property
    def packed_under(self) -> str | None:
        """The version of the reader under which what is read may be kept; None where nothing is to be."""
        return (self.version or reader_version.under(self.intake)) if self.wanted == "packed" else None


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
        from kam_xl.hosts import cluster  # here: no reader needs it

        with cluster.client(scheduler, words) as client, client.get_executor() as pool:
            yield pool


@contextlib.contextmanager
def _local(workers: int) -> Iterator[Executor]:
    """Worker threads; when the job is stopped, nothing more is read and what is being read is given up at once."""
    crew = _Crew()
    with ThreadPoolExecutor(workers, "reader", initializer=_join, initargs=(crew,)) as pool:
        try:
            yield pool
        finally:  # Ctrl-C too
            pool.shutdown(wait=False, cancel_futures=True)
            crew.dismiss()


class _Crew:
    """The children of one executor; one that is only being started when they are dismissed is ended too."""

    def __init__(self) -> None:
        self.children: set[_Child] = set()
        self.dismissed = False
        self.changing = threading.Lock()

    def hire(self, order: Order) -> _Child:
        """A new child; `OSError` where the system starts none."""
        child = _Child(order)
        with self.changing:
            self.children.add(child)
        if self.dismissed:  # starting a program takes a while, and nobody knew of this one
            child.stop()
        return child

    def lay_off(self, child: _Child) -> None:
        """End one child."""
        with self.changing:
            self.children.discard(child)
        child.stop()

    def dismiss(self) -> None:
        """End them all, now and for good."""
        self.dismissed = True
        with self.changing:
            children = tuple(self.children)
        for child in children:
            self.lay_off(child)


class _Mine(threading.local):
    """What a thread that reads has: the crew it belongs to, and the child it works with."""

    def __init__(self) -> None:
        self.crew = _Crew()  # of its own on a cluster, whose threads end with their process
        self.child: _Child | None = None


_mine = _Mine()


def _join(crew: _Crew) -> None:
    _mine.crew = crew


def read_one(order: Order, name: str) -> Outcome:
    """One workbook through this thread's child; never raises for anything the file does."""
    child, crew = _mine.child, _mine.crew
    try:
        if child is None or child.order != order or not child.fit:
            if child is not None:
                crew.lay_off(child)
            child = _mine.child = crew.hire(order)
    except OSError as error:
        return Outcome(name, reason="no_reader", detail=error.strerror or type(error).__name__)
    return child.read(name)


class _Child:
    """A reading process, and a thread that talks with it: to speak and to listen may both take for ever."""

    def __init__(self, order: Order) -> None:
        self.order, self.started, self.spent = order, False, False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kam_xl.hosts.isolation", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **_SMALL},
        )
        self.family: list[psutil.Process] = []
        self.looked = -_FAMILY_SECONDS
        self.messages: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        threading.Thread(target=self._talk, daemon=True).start()

    @property
    def fit(self) -> bool:
        """True for a child that gave an answer whenever it was asked, and lives."""
        return not self.spent and self.process.poll() is None

    def read(self, name: str) -> Outcome:
        """Ask for one workbook and watch until the answer is there or a limit is passed; to start is no file's fault."""
        if not self.started:
            told = dataclasses.replace(self.order, version=self.order.packed_under)
            self.started, passed = self._asked(told, _TO_START)
            if not self.started:
                detail = f"> {_TO_START.clock_seconds:.0f} s" if passed else f"exit {self._ended()}"
                return Outcome(name, reason="no_reader", detail=detail)
        began = time.monotonic()
        outcome, passed = self._asked(name, self.order.limits)
        return dataclasses.replace(
            outcome or Outcome(name, reason=passed or "crashed"), seconds=time.monotonic() - began
        )

    def _asked(self, message: object, limits: Limits) -> tuple[Any, str | None]:
        """The child's answer, or which limit it passed and was ended for; neither where it ended without a word."""
        began = time.monotonic()
        computed: dict[int, float] = {}
        self._computed(computed)
        self.messages.put(message)
        while True:
            with contextlib.suppress(queue.Empty):
                answer = self.answers.get(timeout=_POLL_SECONDS)
                self.spent = answer is None
                return answer, None
            if passed := _passed(limits, self._memory(), self._computed(computed), time.monotonic() - began):
                self.spent = True  # an answer may come yet: the dying child must not get the next book
                self.kill()
                return None, passed

    def _talk(self) -> None:
        """Hand over message after message and wait for the answer to each; the last answer, once it has ended, is None."""
        try:
            pipes = cast("IO[bytes]", self.process.stdout), cast("IO[bytes]", self.process.stdin)
            with contextlib.suppress(Exception), pipes[0] as answers, pipes[1] as requests:
                while (message := self.messages.get()) is not None:
                    pickle.dump(message, requests)
                    requests.flush()
                    self.answers.put(pickle.load(answers))  # noqa: S301 (from our own child)
        finally:
            self.answers.put(None)

    def _memory(self) -> float:
        """The memory of the child in MiB."""
        told = (processes.seen(each.memory_info, None) for each in self._processes())
        return sum(memory.rss for memory in told if memory) / 2**20

    def _computed(self, since: dict[int, float]) -> float:
        """The seconds that the child has computed since the first look, which `since` keeps for each process of it."""
        used = 0.0
        for each in self._processes():
            if times := processes.seen(each.cpu_times, None):
                now = times.user + times.system
                used += now - since.setdefault(each.pid, now)
        return used

    def _processes(self) -> list[psutil.Process]:
        """The child and all it started: in a Windows venv python.exe only launches the interpreter that reads.

        Those that cannot be seen just now are still there.
        """
        if time.monotonic() - self.looked >= _FAMILY_SECONDS:
            self.looked = time.monotonic()
            self.family = self._looked_for() or self.family
        return self.family

    def _looked_for(self) -> list[psutil.Process]:
        def look() -> list[psutil.Process]:
            child = psutil.Process(self.process.pid)
            return [child, *child.children(recursive=True)]

        return processes.seen(look, []) if self.process.poll() is None else []

    def kill(self) -> None:
        """End the child and all it started."""
        for process in self._looked_for()[1:] or self.family[1:]:
            processes.seen(process.kill, None)
        processes.seen(self.process.kill, None)

    def stop(self) -> None:
        """End the child, and the thread that talks with it."""
        self.kill()
        self.messages.put(None)
        self._ended()

    def _ended(self) -> int | None:
        """The exit code; None of a process that does not end, as one that waits for a dead drive."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        return self.process.returncode


def _passed(limits: Limits, memory: float, computed: float, passed: float) -> str | None:
    """The reason for which a child at work is ended; one portable watch instead of a mechanism per operating system."""
    if memory > limits.memory_mb:
        return "too_much_memory"
    if computed > limits.cpu_seconds:
        return "too_slow"
    return "blocked" if passed > limits.clock_seconds else None


def _answer(order: Order, name: str) -> Outcome:
    """What became of one workbook; whatever goes wrong in here is an answer, not an end."""
    try:
        file = workbooks.opened(order.folder, name)
        if order.wanted == "cells":
            return Outcome(name, content=workbooks.book(file))
        return outcomes.of(file, order.store, order.intake, order.packed_under)
    except Refused as refusal:
        return Outcome(name, reason=refusal.reason, detail=refusal.detail)
    except MemoryError:
        return Outcome(name, reason="too_much_memory")
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:  # noqa: BLE001 (the other workbooks go on)
        return Outcome(name, reason="bug", detail=type(error).__name__, trace=log.trace(error))
    except BaseException as error:  # noqa: BLE001 (the reader's panics are no Exceptions)
        return Outcome(name, reason="crashed", detail=type(error).__name__)


class _NoFrames:
    """Hides pandas: a reader makes no frames, and Arrow would load it to see whether it is handed one."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Nothing, and for pandas not even that."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _prepare(order: Order) -> None:
    """Load what is loaded on first use, so that no workbook is charged with it."""
    sys.meta_path.insert(0, _NoFrames())
    if order.wanted == "packed":
        from kam_xl.hosts import arrow_books  # the nights' own: a desk packs nothing

        arrow_books.packed(Content())


def _limit_memory(limits: Limits) -> None:
    """A hard bound as well where the system has one: a single huge allocation would outrun the watch."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    grown = psutil.Process().memory_info().vms + int(2 * limits.memory_mb * 2**20)
    resource.setrlimit(resource.RLIMIT_AS, (grown, grown))


def _serve() -> None:
    """The child's life: take the order, then answer name after name until the pipe closes."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers may go down the pipe
    _end_with(int(sys.argv[1]))
    order = pickle.load(requests)  # noqa: S301 (from our own parent)
    _prepare(order)
    _limit_memory(order.limits)
    gc.disable()  # while a workbook is read, nothing it holds is looked through again and again
    answer: object = True  # ready
    while True:
        gc.collect()
        gc.freeze()  # what is there now stays
        pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()
        try:
            name = pickle.load(requests)  # noqa: S301
        except EOFError:
            return
        # the last bound, for where the parent is gone and a library never lets this interpreter look: it needs neither
        faulthandler.dump_traceback_later(order.limits.clock_seconds + _END_SECONDS, exit=True)
        answer = _answer(order, name)
        faulthandler.cancel_dump_traceback_later()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, also in the middle of a workbook: killed, it could not say good-bye."""

    def watch() -> None:
        process = processes.seen(psutil.Process, None, parent)
        while processes.lives(process) if process else psutil.pid_exists(parent):
            time.sleep(_PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    # under its own name, so that what is pickled here is known there
    importlib.import_module("kam_xl.hosts.isolation")._serve()  # noqa: SLF001
