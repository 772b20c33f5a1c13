"""What `kam-xl adopt` says and asks at a terminal; what it does stands in `kam_xl.desk.adoptions`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.table import Column, Table
from rich.text import Text

from kam_xl.core import adoption, sheets
from kam_xl.core.adoption import Answers, Unanswerable
from kam_xl.core.errors import KamError
from kam_xl.core.understanding import Looked
from kam_xl.core.words import Words
from kam_xl.desk import adoptions
from kam_xl.desk.adoptions import BroughtList
from kam_xl.doors.exits import DONE, IN_PART
from kam_xl.doors.terminal import ask, console, say, widen

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
    looked = adoptions.listing(one, words)
    given = _read(looked, asked.maps, words, by_name=asked.by_name)
    _show_columns(looked, given, words)
    said = _settled(looked, given, words)
    if said != given:
        _show_columns(looked, said, words)
    if not _goes_on(asked, looked, said, words):
        return IN_PART
    first, *more = adoptions.adopted(one, looked, said, words)
    say(console, first, "bold" if more else None)
    for sentence in (*more, words("adopt.next", command=_night_after(one, words))):
        say(console, sentence)
    return DONE


def _night_after(one: BroughtList, words: Words) -> str:
    """The command of the night that reads the list."""
    here = Path.cwd()
    folder = one.folder.relative_to(here) if one.folder.is_relative_to(here) else one.folder
    return _command("run", str(folder), "--out", str(folder / "out"), words=words)


def _taking(asked: Asked, words: Words) -> str:
    """The command that adopts the list, with all that was said of it."""
    teams = ("--teams", str(asked.teams)) if asked.teams else ()
    maps = (part for one in asked.maps for part in ("--map", one))
    names = ("--ids-from-names",) if asked.by_name else ()
    return _command("adopt", str(asked.file), *teams, *maps, *names, "--yes", words=words)


def _command(*parts: str, words: Words) -> str:
    """A command of ours as a shell takes it."""
    whole = ["kam-xl", *parts, *(() if words.zh else ("--lang", words.lang))]
    return subprocess.list2cmdline(whole) if os.name == "nt" else shlex.join(whole)


def _show_columns(looked: Looked, said: Answers, words: Words) -> None:
    """One line a column, what the list lacks, and where that may be all the same."""
    widen(console)
    columns = (Column(words(f"adopt.head.{head}"), overflow="fold") for head in adoptions.HEADS)
    table = Table(*columns, box=None, header_style="bold underline", padding=(0, 2, 0, 0))
    for *cells, sure in adoptions.column_lines(looked, said, words):
        table.add_row(*(Text(cell) for cell in cells), style=_STYLES[sure])
    console.print(table)
    say(console, adoptions.absent(looked, said, words))
    for sentence in adoptions.maybes(looked, said, words):
        say(console, sentence)


# --- what only people know ------------------------------------------------------------------------------------------------


def _settled(looked: Looked, said: Answers, words: Words) -> Answers:
    """What was said on the command line, and, at a terminal, of what is still open: an answer may open another question."""
    left: set[str] = set()
    while _at_a_terminal() and (still := [one for one in adoption.open_questions(looked, said) if one not in left]):
        before, said = said, _ask(still[0], looked, said, words)
        left |= {still[0]} if said == before else set()
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
        answer = ask(words(f"adopt.ask.{question}"))
        if not answer:
            return said
        if question == "id" and answer.casefold() in ("names", "名称"):
            return replace(said, by_name=True)
        more = _answered(question, answer, looked, said)
        if question == "id" and not isinstance(more, Unanswerable) and adoption.holds_names(looked, said, answer):
            more = Unanswerable("names_held", answer)
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
        raise KamError(words("adopt.unsettled", command=_command("adopt", str(asked.file), words=words)))
    if said.by_name:
        say(console, words("adopt.by_name"), "yellow")
    if asked.yes or (_at_a_terminal() and _agrees(words)):
        return True
    say(console, words("adopt.only_shown", command=_taking(asked, words)))
    return False


def _agrees(words: Words) -> bool:
    """Whether the person says yes, which Enter does too; what is neither yes nor no is asked again."""
    while (answer := ask(words("adopt.confirm")).casefold()) not in _NO:
        if answer in _YES:
            return True
        say(console, words("adopt.yes_or_no"), "yellow")
    return False


_YES, _NO = ("", "y", "yes", "是", "好"), ("n", "no", "否", "不")
