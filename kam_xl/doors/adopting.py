"""What `kam-xl adopt` says and asks at a terminal; what it does stands in `kam_xl.desk.adoptions`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.table import Column, Table
from rich.text import Text

from kam_xl.core import adoption, sheets
from kam_xl.core.adoption import Answers, Unanswerable
from kam_xl.core.errors import KamError
from kam_xl.core.understanding import Looked
from kam_xl.core.words import Words
from kam_xl.desk import adoptions
from kam_xl.doors.exits import DONE, IN_PART
from kam_xl.doors.terminal import console, say, widen

_STYLES = {"sure": "green", "likely": "yellow", "asks": "bold red", "": "dim"}


@dataclass(frozen=True)
class Asked:
    """What `kam-xl adopt` was called with."""

    file: Path
    teams: Path | None
    maps: tuple[str, ...] = ()
    by_name: bool = False
    yes: bool = False


def adopt(asked: Asked, words: Words) -> int:
    """Adopt a list; 1 where it was only shown, `KamError` where it cannot be adopted."""
    one = adoptions.brought(asked.file, asked.teams, words, forced=bool(asked.maps))
    for sentence in adoptions.sheet_lines(one.found, words):
        say(console, sentence)
    looked = one.found.customers
    if looked is None:
        raise KamError(words("adopt.no_list", file=asked.file))
    said = _settled(looked, asked, words)
    _show_columns(looked, said, words)
    if not _goes_on(asked, looked, said, words):
        return IN_PART
    first, *more = adoptions.adopted(one, looked, said, words)
    say(console, first, "bold" if more else None)
    for sentence in more:
        say(console, sentence)
    return DONE


def _show_columns(looked: Looked, said: Answers, words: Words) -> None:
    """One line a column, and what the list lacks."""
    widen(console)
    columns = (Column(words(f"adopt.head.{head}"), overflow="fold") for head in adoptions.HEADS)
    table = Table(*columns, box=None, header_style="bold underline", padding=(0, 2, 0, 0))
    for *cells, sure in adoptions.column_lines(looked, said, words):
        table.add_row(*(Text(cell) for cell in cells), style=_STYLES[sure])
    console.print(table)
    say(console, adoptions.absent(looked, said, words))


# --- what only people know ------------------------------------------------------------------------------------------------


def _settled(looked: Looked, asked: Asked, words: Words) -> Answers:
    """What was said on the command line, and, at a terminal, what is still open."""
    said = _read(looked, asked.maps, words, by_name=asked.by_name)
    if _at_a_terminal():
        for question in adoption.open_questions(looked, said):
            said = _ask(question, looked, said, words)
    return said


def _read(looked: Looked, maps: Sequence[str], words: Words, *, by_name: bool) -> Answers:
    said = adoption.answers(maps, looked, by_name=by_name)
    if isinstance(said, Unanswerable):
        fields = ", ".join(sheets.INFO.fields)
        raise KamError(words(f"adopt.{said.key}", said=said.said, fields=fields))
    return said


def _at_a_terminal() -> bool:
    return console.is_terminal and sys.stdin is not None and sys.stdin.isatty()


def _ask(question: str, looked: Looked, said: Answers, words: Words) -> Answers:
    """One question until its answer says something; a blank one leaves it open."""
    while True:
        answer = typer.prompt(words(f"adopt.ask.{question}"), default="", show_default=False).strip()
        if not answer:
            return said
        if question == "id" and answer.casefold() in ("names", "名称"):
            return replace(said, by_name=True)
        more = _answered(question, answer, looked, said)
        if not isinstance(more, Unanswerable):
            return replace(said, columns={**said.columns, **more.columns})
        say(console, words(f"adopt.{more.key}", said=more.said, fields=", ".join(sheets.INFO.fields)), "yellow")


def _answered(question: str, answer: str, looked: Looked, said: Answers) -> Answers | Unanswerable:
    """A question's answer as `--map` would say it."""
    if question == "unit":
        at = next(at for at, meant in adoption.settled(looked, said).items() if meant.field == "amount")
        letter = next(guess.letter for guess in looked.guesses if guess.at == at)
        return adoption.answers([f"{letter}=amount（{answer}）"], looked)
    return adoption.answers([f"{answer}={'customer_id' if question == 'id' else 'name'}"], looked)


def _goes_on(asked: Asked, looked: Looked, said: Answers, words: Words) -> bool:
    """Whether the list is to be adopted; `KamError` where nobody can tell its customers."""
    still = adoption.open_questions(looked, said)
    for question in still:
        say(console, words(f"adopt.open.{question}"), "yellow")
    if {"id", "name"} & {*still}:
        raise KamError(words("adopt.unsettled", file=asked.file.name))
    if said.by_name:
        say(console, words("adopt.by_name"), "yellow")
    if asked.yes or (_at_a_terminal() and typer.confirm(words("adopt.confirm"), default=True)):
        return True
    say(console, words("adopt.only_shown", file=asked.file.name))
    return False
