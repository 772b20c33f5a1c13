"""What `kam-xl check` does: one team's workbook read, assessed alone, and what is wrong with it told cell by cell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from kam_xl import resources
from kam_xl.core import assessment, consolidation, sheets, validation
from kam_xl.core.errors import KamError
from kam_xl.core.failures import Failures
from kam_xl.core.outside import outside
from kam_xl.core.read_books import Content
from kam_xl.core.validation import TeamBook
from kam_xl.core.words import Words
from kam_xl.doors.terminal import console, say, widen
from kam_xl.hosts import intakes, isolation, log, outcomes
from kam_xl.reports import data_sheets
from kam_xl.showing import telling, vocabulary
from kam_xl.showing.columns import shown

_STYLES = {"error": "bold red", "warn": "yellow", "info": "dim"}


def check(workbook: Path, words: Words, policy_file: Path | None) -> int:
    """Tell what is wrong in a workbook; 1 where anything is. `KamError` for one that cannot be used."""
    if workbook.is_dir():
        raise KamError(words("job.workbook_is_folder", file=workbook))
    if not _exists(workbook):
        raise KamError(words("job.no_workbook", file=workbook))
    policy, now = resources.policy(policy_file), dt.datetime.now()
    folder = workbook.parent.resolve()
    order = isolation.Order(folder, wanted="content", intake=intakes.read(folder, words))
    with isolation.executor(1, None, words) as executor:
        outcome = next(isolation.read_all(order, (workbook.name,), executor))
    content = outcome.content
    if not isinstance(content, Content) or content.refused:
        told = telling.with_reasons(pd.DataFrame([outcomes.refused(outcome, workbook.parent)]), words).iloc[0]
        raise KamError(words("check.refused", file=workbook, reason=told["reason"], remedy=told["remedy"]))
    failures = Failures(log.trace)
    book = validation.on_day(outcome.book(content), policy, now.date())
    portfolio = consolidation.consolidate([book], policy)
    assessed = outside(assessment.assess(portfolio, policy, now, words, failures=failures))
    log.failures(failures)
    counts = {kind: book.count(kind) for kind in ("info", "evaluation", "tracking")}
    say(console, words("check.title", file=workbook.name, **counts), "bold")
    say(console, words("check.optional", sheets=_optional(book, words)))
    rows = data_sheets.findings(assessed)
    widen(console)
    console.print(_findings_table(rows, assessed) if len(rows) else words("check.clean"))
    tell_failed(console, assessed)
    return int(len(failures) > 0 or rows["severity"].isin(["error", "warn"]).any())


def _optional(book: TeamBook, words: Words) -> str:
    """Each optional sheet with its rows, or that there is none, so that nobody believes one was read."""
    there = {sheet: book.count(sheet.kind) for sheet in sheets.OPTIONAL}
    told = (
        words(f"check.optional_{'rows' if count else 'none'}", sheet=sheet.name(words.lang), count=count)
        for sheet, count in there.items()
    )
    return words("terms.list_separator").join(told)


def _exists(workbook: Path) -> bool:
    try:
        return workbook.is_file()
    except OSError:  # nobody may look into its folder; reading says so
        return True


def _findings_table(rows: pd.DataFrame, assessed: assessment.Assessment) -> Table:
    """Findings as a table fit for a terminal."""
    told = rows.assign(cell=(rows["sheet"] + "!" + rows["cell"]).fillna(rows["sheet"]))
    columns = [*shown(told, "severity cell customer_id finding remedy", vocabulary.vocabularies(assessed))]
    table = Table(*(Column(one.field.header(assessed.words.lang), overflow="fold") for one in columns))
    for severity, *cells in zip(rows["severity"], *(one.named for one in columns), strict=True):
        table.add_row(*(Text(cell) if isinstance(cell, str) else "" for cell in cells), style=_STYLES[severity])
    return table


def tell_failed(where: Console, assessed: assessment.Assessment) -> None:
    """One line for each part that could not be computed or written."""
    words = assessed.words
    if len(assessed.failures):
        say(where, words("job.failed", count=len(assessed.failures)), "yellow")
    for sentence in dict.fromkeys(telling.failed(one, assessed.policy, words) for one in assessed.failures):
        say(where, f"  {sentence}")
