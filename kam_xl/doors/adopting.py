"""What `kam-xl adopt` does: shows what a list was understood as, asks what only people know, writes its workbook, remembers it.

The list itself is never touched, and no file is ever written over.
"""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.table import Column, Table
from rich.text import Text

from kam_xl import resources
from kam_xl.core import adoption, locating, sheets, understanding
from kam_xl.core.adoption import Answers, Moved, Unanswerable
from kam_xl.core.books import Book
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.guesses import ASKS, SURE, Guess, Reason
from kam_xl.core.intake import FILE, AdoptedList, Holding, Intake
from kam_xl.core.privacy import masked_below
from kam_xl.core.raw import text as shown
from kam_xl.core.understanding import Looked, Understood
from kam_xl.core.words import Words
from kam_xl.doors.exits import DONE, IN_PART
from kam_xl.doors.terminal import console, say, widen
from kam_xl.hosts import intakes, workbooks

#: No cell of a workbook holds more.
_LONGEST = 32_767
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
    folder = asked.teams or _teams(asked.file)
    known = intakes.read(folder, words)
    book = _book(asked.file, words)
    found = _with_customers(understanding.understand(book, known), forced=bool(asked.maps))
    _show_sheets(found, words)
    looked = found.customers
    if looked is None:
        raise KamError(words("adopt.no_list", file=asked.file))
    said = _settled(looked, asked, words)
    _show_columns(looked, said, words)
    if not _goes_on(asked, looked, said, words):
        return IN_PART
    return _adopted(asked, folder, known, book, found, said, words)


def _teams(file: Path) -> Path:
    """The folder that remembers lists: the nearest above the list that has such a file, else the list's own."""
    return next((place for place in file.resolve().parents if (place / FILE).is_file()), file.resolve().parent)


def _book(file: Path, words: Words) -> Book:
    """The list as it is read; `KamError` where nobody can use it, or where it is a workbook of ours."""
    try:
        book = workbooks.book(workbooks.opened(file.parent, file.name))
    except Refused as error:
        told = resources.refusal(error, words)
        raise KamError(words("adopt.unreadable", file=file, reason=told)) from error
    if locating.is_ours(book):
        raise KamError(words("adopt.ours", file=file))
    return book


def _with_customers(found: Understood, *, forced: bool) -> Understood:
    """What was understood; where people say which columns hold what, the likeliest sheet lists customers."""
    if found.customers or not forced:
        return found
    likely = [one for one in found.sheets if one.header and one.looks in ("other", "standard")]
    best = max(likely, key=lambda one: (one.weight, len(one.sheet.rows)), default=None)
    return Understood(tuple(replace(one, looks="customers") if one is best else one for one in found.sheets))


# --- what was understood ------------------------------------------------------------------------------------------------


def _show_sheets(found: Understood, words: Words) -> None:
    for one in found.sheets:
        program = words("adopt.program", name=one.program.name) if one.program and one.looks == "customers" else ""
        say(console, words(f"adopt.looks.{one.looks}", sheet=one.sheet.name) + program)


def _show_columns(looked: Looked, said: Answers, words: Words) -> None:
    """One line a column: where it stands, what it is taken for, how sure, why, and the first of its cells."""
    widen(console)
    heads = ("column", "header", "field", "sureness", "why", "example")
    columns = (Column(words(f"adopt.head.{head}"), overflow="fold") for head in heads)
    table = Table(*columns, box=None, header_style="bold underline", padding=(0, 2, 0, 0))
    targets = adoption.settled(looked, said)
    for guess in looked.guesses:
        meant = targets.get(guess.at)
        style = _STYLES[_sureness(guess, meant)]
        table.add_row(*(Text(cell) for cell in _line(looked, guess, meant, words)), style=style)
    console.print(table)
    absent = [column for column in sheets.INFO.columns if column.field not in {one.field for one in targets.values()}]
    names = words("terms.list_separator").join(column.header(words.lang) for column in absent)
    say(console, words("adopt.absent", names=names) if names else words("adopt.complete"))


def _line(looked: Looked, guess: Guess, meant: Holding | None, words: Words) -> tuple[str, ...]:
    """What is told of one column."""
    own = meant is not None and meant != guess.target
    field = words("adopt.kept") if meant is None else sheets.INFO.column(meant.field).header(words.lang)
    unit = words("adopt.unit", unit=meant.unit) if meant and meant.unit else ""
    sure = _sureness(guess, meant)
    why = [Reason("said")] if own else guess.reasons
    told = words("terms.list_separator").join(words(f"adopt.because.{one.key}", detail=one.detail) for one in why)
    sureness = words(f"adopt.sureness.{sure}") if sure else ""
    return guess.letter, guess.header, field + unit, sureness, told, _example(looked, guess)


def _sureness(guess: Guess, meant: Holding | None) -> str:
    """How sure it is what a column holds; blank of one that is kept as it is, unless that is a question."""
    if meant is None:
        return ASKS if guess.sureness == ASKS else ""
    return guess.sureness if meant == guess.target else SURE


def _example(looked: Looked, guess: Guess) -> str:
    rows = looked.sheet.rows[looked.header.row + 1 :] if looked.header else []
    cells = (row[guess.at] for row in rows if len(row) > guess.at and row[guess.at] != "")
    return masked_below(guess.header, " ".join(shown(next(cells, "")).split())[:40])


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


# --- the workbook -----------------------------------------------------------------------------------------------------------


def _adopted(
    asked: Asked, folder: Path, known: Intake, book: Book, found: Understood, said: Answers, words: Words
) -> int:
    """Write the workbook where there is none, and remember the list where it is not remembered so already."""
    looked = found.customers
    if looked is None:
        raise ValueError("nothing was found to adopt")
    file = asked.file.resolve()
    target = _target(file, folder, known)
    adopted = adoption.adopted(looked, said, _told(file, folder), _told(target, folder))
    if target.exists():
        before = next((one for one in known.lists if one.workbook == adopted.workbook), None)
        if before is None:
            raise KamError(words("adopt.taken", file=target))
        return _again(adopted, before, folder, target, words)
    moved = adoption.moved(book, found, said, words.lang)
    _write(target, moved, words)
    intakes.remember(folder, adopted, words)
    say(console, words("adopt.done", customers=len(moved.rows), left_out=moved.left_out, file=target), "bold")
    say(console, words("adopt.remembered", file=folder / FILE))
    return DONE


def _again(adopted: AdoptedList, before: AdoptedList, folder: Path, target: Path, words: Words) -> int:
    """A list that was adopted before: what is new of how it is read is remembered, its workbook stays as it is."""
    same = replace(adopted, file=before.file) == before
    if not same:
        intakes.remember(folder, adopted, words)
    say(console, words("adopt.already" if same else "adopt.read_anew", file=target))
    return DONE


def _told(path: Path, folder: Path) -> str:
    """A file's name as the teams' folder knows it: below it, else by its name alone."""
    root = folder.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _target(file: Path, folder: Path, known: Intake) -> Path:
    """The workbook that the list goes into: the one it went into before, else one of its name beside it."""
    told = _told(file, folder)
    before = (file.parent / Path(one.workbook).name for one in reversed(known.lists) if one.is_of(told))
    there = next((path for path in before if path.exists()), None)
    plain = file.with_suffix(".xlsm")
    return there or (plain if plain != file else file.with_name(f"{file.stem}_KAM.xlsm"))


def _write(target: Path, moved: Moved, words: Words) -> None:
    """The customers in the template, whole or not at all, and over nothing."""
    from kam_xl.desk import machine, places, templates  # a workbook's macros, which only this needs
    from kam_xl.template.build import Customers

    cells = itertools.chain.from_iterable(row.values() for row in itertools.chain(moved.rows, moved.others))
    if any(type(cell) is str and len(cell) > _LONGEST for cell in cells):
        raise KamError(words("adopt.too_long", most=_LONGEST))
    names = {f"other_{n}": header for n, header in enumerate(moved.headers, 1)}
    fields = {header: field for field, header in names.items()}
    rows = [
        {**row, **{fields[header]: cell for header, cell in more.items()}}
        for row, more in zip(moved.rows, moved.others, strict=True)
    ]
    conf = dict(places.of(machine.this()).conf() or {})
    content = templates.build(words.lang, conf, Customers(rows, names, dt.date.today()))
    try:
        with target.open("xb") as new:
            new.write(content)
    except FileExistsError as error:
        raise KamError(words("adopt.taken", file=target)) from error
    except OSError as error:
        target.unlink(missing_ok=True)
        raise KamError(words("adopt.unwritable", file=target)) from error
