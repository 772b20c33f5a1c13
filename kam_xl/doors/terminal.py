"""What both command lines share: their two streams, the choice of language, how a failure and an interruption are told."""

from __future__ import annotations

import _thread
import logging
import os
import signal
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from kam_xl.core.privacy import masked
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.hosts import isolation, workbooks


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
INTERRUPTED = 130  # as a shell says it
_MOMENT = 0.05  # seconds
_LOG = logging.getLogger("kam_xl")


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise typer.BadParameter(f"{' | '.join(LANGUAGES)}")
    return lang


Lang = Annotated[str, typer.Option(help="语言 Language: zh-CN | en", callback=_language)]


def say(where: Console, sentence: str, style: str | None = None) -> None:
    """One sentence on one line, however narrow the terminal; file names are no markup, may be no text, and are masked."""
    try:
        where.print(masked(workbooks.shown(sentence)), style=style, markup=False, highlight=False, soft_wrap=True)
    except OSError:  # a pipe that broke, on Windows too; a full disk behind it
        where.on_broken_pipe()


def tell_bug(error: Exception, words: Words, key: str) -> None:
    """Something of ours failed: where stands in the log, the sentence of that key on the screen."""
    _LOG.error("failed\n%s", isolation.trace(error))
    say(errors, words(key, kind=type(error).__name__), "bold red")


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
    for stream in filter(None, (sys.stdout, sys.stderr)):  # each may be closed from the start
        stream.reconfigure(errors="replace")  # a log file in a Western Windows cannot show every name
    sys.exit(app())
