"""A list on its way in, for whoever asks: read in a child process, shown column by column, its workbook written, remembered.

The list itself is never touched, and no file is ever written over. What the command says at a terminal and the button on
a sheet is decided here, once.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from kam_xl import resources
from kam_xl.core import adoption, locating, sheets, understanding
from kam_xl.core.adoption import Answers, Moved
from kam_xl.core.books import Book
from kam_xl.core.errors import KamError, Refused
from kam_xl.core.guesses import ASKS, SURE, Guess, Reason
from kam_xl.core.intake import FILE, AdoptedList, Holding, Intake
from kam_xl.core.privacy import masked_below
from kam_xl.core.raw import text as shown
from kam_xl.core.understanding import Looked, Understood
from kam_xl.core.words import Words
from kam_xl.desk import machine, places, templates
from kam_xl.hosts import intakes, isolation

#: Excel leaves a file so named beside a workbook that is open.
_LOCK = "~$"
#: No cell of a workbook holds more.
_LONGEST = 32_767
#: What is told of one column, in the order of its line.
HEADS = ("column", "header", "field", "sureness", "why", "example")


@dataclass(frozen=True)
class BroughtList:
    """A list as it was brought: where it lies, which folder remembers it and what that knows, what was read and understood."""

    file: Path
    folder: Path
    known: Intake
    book: Book
    found: Understood


class ColumnLine(NamedTuple):
    """What is told of one column: `HEADS`, and how sure it is as a key."""

    column: str
    header: str
    field: str
    sureness: str
    why: str
    example: str
    sure: str


# --- looking at it -------------------------------------------------------------------------------------------------------


def brought(file: Path, folder: Path | None, words: Words, *, forced: bool = False) -> BroughtList:
    """A list, read and understood; `KamError` where nobody can use it, or where it is a workbook of ours.

    ``folder`` remembers lists; without one that is the nearest above the list that remembers any, else the list's own.
    ``forced``: people say which columns hold what, so the likeliest sheet lists customers whatever it looks like.
    """
    if not file.is_file():
        raise KamError(words("adopt.a_folder" if file.is_dir() else "adopt.sheet.missing", file=file))
    if file.name.startswith(_LOCK):
        raise KamError(words("adopt.a_lock", file=file, name=file.name.removeprefix(_LOCK)))
    folder = folder or _remembering(file)
    known = intakes.read(folder, words)
    book = _cells(file, words)
    if locating.is_ours(book):
        raise KamError(words("adopt.ours", file=file))
    return BroughtList(file, folder, known, book, _with_customers(understanding.understand(book, known), forced=forced))


def _remembering(file: Path) -> Path:
    return next((place for place in file.resolve().parents if (place / FILE).is_file()), file.resolve().parent)


def _cells(file: Path, words: Words) -> Book:
    """Every cell of the file, read in a child with limits, as a night reads."""
    with isolation.executor(1, None, words) as executor:
        order = isolation.Order(file.resolve().parent, wanted="cells")
        (outcome,) = isolation.read_all(order, (file.name,), executor)
    if isinstance(outcome.content, Book):
        return outcome.content
    if outcome.trace:
        logging.getLogger("kam_xl").error("reading failed\n%s", outcome.trace)
    reason = resources.refusal(Refused(outcome.reason or "crashed", outcome.detail), words)
    raise KamError(words("adopt.unreadable", file=file, reason=reason))


def _with_customers(found: Understood, *, forced: bool) -> Understood:
    if found.customers or not forced:
        return found
    likely = [one for one in found.sheets if one.header and one.looks in ("other", "orders", "order_lines", "standard")]
    best = max(likely, key=lambda one: (one.weight, len(one.sheet.rows)), default=None)
    return Understood(tuple(replace(one, looks="customers") if one is best else one for one in found.sheets))


def listing(one: BroughtList, words: Words) -> Looked:
    """The sheet of the list that lists customers; `KamError` where none does."""
    if one.found.customers is not None:
        return one.found.customers
    orders = any(sheet.looks == "order_lines" for sheet in one.found.sheets)
    raise KamError(words("adopt.only_orders" if orders else "adopt.no_list", file=one.file))


def sheet_lines(found: Understood, words: Words) -> Iterator[str]:
    """One sentence a sheet: what it looks like, and whose export it is."""
    for one in found.sheets:
        program = words("adopt.program", name=one.program.name) if one.program and one.looks == "customers" else ""
        yield words(f"adopt.looks.{one.looks}", sheet=one.sheet.name) + program


def column_lines(looked: Looked, said: Answers, words: Words) -> Iterator[ColumnLine]:
    """One line a column: where it stands, what it is taken for, how sure, why, and the first of its cells."""
    targets = adoption.settled(looked, said)
    for guess in looked.guesses:
        yield _line(looked, guess, targets.get(guess.at), words)


def _line(looked: Looked, guess: Guess, meant: Holding | None, words: Words) -> ColumnLine:
    own = meant is not None and meant != guess.target
    field = words("adopt.kept") if meant is None else sheets.INFO.column(meant.field).header(words.lang)
    unit = words("adopt.unit", unit=meant.unit) if meant and meant.unit else ""
    sure = _sureness(guess, meant)
    why = [Reason("said")] if own else guess.reasons
    told = words("terms.list_separator").join(words(f"adopt.because.{one.key}", detail=one.detail) for one in why)
    sureness = words(f"adopt.sureness.{sure}") if sure else ""
    return ColumnLine(guess.letter, guess.header, field + unit, sureness, told, _example(looked, guess), sure)


def _sureness(guess: Guess, meant: Holding | None) -> str:
    """How sure it is what a column holds; blank of one that is kept as it is, unless that is a question."""
    if meant is None:
        return ASKS if guess.sureness == ASKS else ""
    return guess.sureness if meant == guess.target else SURE


def _example(looked: Looked, guess: Guess) -> str:
    rows = looked.sheet.rows[looked.header.row + 1 :] if looked.header else []
    cells = (row[guess.at] for row in rows if len(row) > guess.at and row[guess.at] != "")
    return masked_below(guess.header, " ".join(shown(next(cells, "")).split())[:40])


def absent(looked: Looked, said: Answers, words: Words) -> str:
    """Which columns of the customers' sheet the list lacks, in one sentence."""
    there = {one.field for one in adoption.settled(looked, said).values()}
    wanted = (column for column in sheets.INFO.columns if not column.spare)
    lacking = [column.header(words.lang) for column in wanted if column.field not in there]
    names = words("terms.list_separator").join(lacking)
    return words("adopt.absent", names=names) if names else words("adopt.complete")


def maybes(looked: Looked, said: Answers, words: Words) -> Iterator[str]:
    """One sentence for each column of the customers' sheet that may be there under a header that says less."""
    for field, columns in adoption.may_hold(looked, said).items():
        named = words("terms.list_separator").join(f"{one.letter} “{one.header}”" for one in columns)
        header = sheets.INFO.column(field).header(words.lang)
        yield words("adopt.maybe", field=header, columns=named, letter=columns[0].letter, name=field)


# --- taking it in --------------------------------------------------------------------------------------------------------


def adopted(one: BroughtList, looked: Looked, said: Answers, words: Words) -> list[str]:
    """Write the workbook where there is none, and remember the list where it is not remembered so already; what was done."""
    file = one.file.resolve()
    target = _target(file, one.folder, one.known)
    taken = adoption.adopted(looked, said, _told(file, one.folder), _told(target, one.folder))
    if target.exists():
        before = next((known for known in one.known.lists if known.workbook == taken.workbook), None)
        if before is None:
            raise KamError(words("adopt.taken", file=target))
        return [_again(taken, before, one.folder, target, words)]
    moved = adoption.moved(one.book, one.found, said, words.lang)
    _write(target, moved, words)
    intakes.remember(one.folder, taken, words)
    done = "done" if moved.left_out else "done_whole"
    return [
        words(f"adopt.{done}", customers=len(moved.rows), left_out=moved.left_out, file=target),
        words("adopt.remembered", file=one.folder / FILE),
    ]


def _again(taken: AdoptedList, before: AdoptedList, folder: Path, target: Path, words: Words) -> str:
    """A list that was adopted before: what is new of how it is read is remembered, its workbook stays as it is."""
    same = replace(taken, file=before.file) == before
    if not same:
        intakes.remember(folder, taken, words)
    return words("adopt.already" if same else "adopt.read_anew", file=target)


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
    from kam_xl.template.build import Customers  # builds macros, which looking at a list need not load

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
