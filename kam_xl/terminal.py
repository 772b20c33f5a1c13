"""What both command lines share: their two streams, the choice of language, and how a failure is told."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from kam_xl.core.words import LANGUAGES, Words
from kam_xl.hosts import isolation


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
_LOG = logging.getLogger("kam_xl")


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise typer.BadParameter(f"{' | '.join(LANGUAGES)}")
    return lang


Lang = Annotated[str, typer.Option(help="语言 Language: zh-CN | en", callback=_language)]


def say(where: Console, sentence: str, style: str | None = None) -> None:
    """One sentence on one line, however narrow the terminal; file names are no markup."""
    try:
        where.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)
    except OSError:  # a pipe that broke, on Windows too; a full disk behind it
        where.on_broken_pipe()


def tell_bug(error: Exception, words: Words, key: str) -> None:
    """Something of ours failed: where stands in the log, the sentence of that key on the screen."""
    _LOG.error("failed\n%s", isolation.trace(error))
    say(errors, words(key, kind=type(error).__name__), "bold red")


def run(app: typer.Typer) -> None:
    """The program, as started from a shell."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # each may be closed from the start
        stream.reconfigure(errors="replace")  # a log file in a Western Windows cannot show every name
    sys.exit(app())
