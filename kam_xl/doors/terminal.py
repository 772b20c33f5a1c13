"""What all commands share: their two streams, the log, how a failure and an interruption are told and end them."""

from __future__ import annotations

import _thread
import functools
import logging
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.logging import RichHandler

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.privacy import masked
from kam_xl.core.texts import printable
from kam_xl.core.words import Words
from kam_xl.doors import exits
from kam_xl.doors.exits import DONE, INTERRUPTED
from kam_xl.doors.streams import carry_chinese
from kam_xl.hosts import log


class _Console(Console):
    """A console whose reader may leave: what was done stays done, and nobody is left to be told."""

    def on_broken_pipe(self) -> None:
        """Say no more."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())  # Python itself writes out what is left when it ends


console = _Console()
errors = _Console(stderr=True)
#: Columns for a table that goes to a file or another program.
WIDE = 400
_MOMENT = 0.05  # seconds
_LOG = logging.getLogger("kam_xl")


def widen(where: Console) -> None:
    """Let tables be as wide as they are where nobody looks at a terminal."""
    if not where.is_terminal:
        where.width = WIDE


def say(where: Console, sentence: str, style: str | None = None) -> None:
    """One sentence on one line, however narrow the terminal; file names are no markup, may be no text, and are masked."""
    try:
        where.print(masked(printable(sentence)), style=style, markup=False, highlight=False, soft_wrap=True)
    except OSError:  # a pipe that broke, on Windows too; a full disk behind it
        where.on_broken_pipe()


def ask(question: str) -> str:
    """What a person answers at the terminal; Ctrl-C there interrupts as it does anywhere."""
    try:
        return str(typer.prompt(question, default="", show_default=False)).strip()
    except typer.Abort:
        raise KeyboardInterrupt from None


def perform(
    work: Callable[[Words], int],
    lang: str,
    log_file: Path | None = None,
    *,
    bug: str = "desk.bug",
    stopped: str | None = "desk.interrupted",
    ends_well: bool = False,
) -> None:
    """Do a command's work in a language, and end the program with its exit code.

    `bug` and `stopped` are the keys of what is said of a bug and of an interruption; `ends_well` where only that ends it.
    """
    words = resources.words(lang)

    def whole() -> int:
        _log_to(log_file, words)
        return work(words)

    where, code = (console, DONE) if ends_well else (errors, INTERRUPTED)
    with interruptible(words(stopped) if stopped else "", where, code):
        code = ended(whole, words, bug)
    raise typer.Exit(code)


def ended(
    work: Callable[[], int],
    words: Words,
    bug: str,
    afterwards: Callable[[Exception, str], None] = lambda error, sentence: None,
) -> int:
    """As `exits.ended`, told on the screen and in the log."""
    return exits.ended(work, words, lambda sentence: say(errors, sentence, "bold red"), _log_bug, bug, afterwards)


def _log_bug(error: Exception) -> None:
    _LOG.error("failed\n%s", log.trace(error))


def _log_to(path: Path | None, words: Words) -> None:
    """Log to a file of JSON lines, or show only what went wrong; `KamError` for a file that cannot be written."""
    if not path:
        _LOG.setLevel(logging.ERROR)
        _LOG.addHandler(RichHandler(console=errors, show_path=False))
        return
    try:
        handler = log.lines(path, functools.partial(_log_is_full, path, words, []))
    except OSError as error:
        raise KamError(words("job.cannot_log", file=path)) from error
    _LOG.setLevel(logging.INFO)
    _LOG.addHandler(handler)


def _log_is_full(path: Path, words: Words, said: list[bool], _record: logging.LogRecord) -> None:
    """A line that could not be logged is told once, and costs nothing else."""
    if not said:
        said.append(True)
        say(errors, words("job.log_ends", file=path), "yellow")


@contextmanager
def interruptible(sentence: str = "", where: Console = errors, code: int = INTERRUPTED) -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is done in here; a second one disturbs no cleaning up. The sentence is said in the end.

    A library in C may swallow an interruption; one run in 25 went on to its end. Then nothing holds it any more, and it
    is raised again.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    under_way: list[weakref.ref] = []

    def held(interruption: _Interruption, number: int) -> _Interruption:
        again = lambda _: threading.Timer(_MOMENT, _thread.interrupt_main, (number,)).start()  # noqa: E731
        under_way[:] = [weakref.ref(interruption, again)]
        return interruption

    def interrupt(number: int, _frame: object) -> None:
        if not (under_way and under_way[0]()):
            raise held(_Interruption(), number)  # in no variable: its own traceback would hold it

    before = [signal.signal(each, interrupt) for each in signals]
    try:
        yield
    except KeyboardInterrupt:
        _set(signals, [signal.SIG_IGN] * 2)
        under_way.clear()
        if sentence:
            say(where, sentence)
        raise typer.Exit(code) from None
    finally:
        under_way.clear()
        _set(signals, before)


class _Interruption(KeyboardInterrupt):
    """An interruption that is under way."""


def _set(signals: Iterable[signal.Signals], handlers: Iterable[Any]) -> None:
    for each, handler in zip(signals, handlers, strict=True):
        signal.signal(each, handler)


def run(app: typer.Typer) -> None:
    """The program, as started from a shell."""
    carry_chinese((sys.stdout, sys.stderr))
    sys.exit(app())
