"""What the commands of the desk do: install, uninstall, look over, upgrade workbooks, open one; and what each says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rich.table import Column, Table
from rich.text import Text

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.desk import doctor, install, machine, uninstall, upgrade
from kam_xl.desk.scene import State
from kam_xl.desk.steps import Step, carry_out
from kam_xl.doors import checking  # noqa: F401 (a Python that lacks what a desk has begins nothing: `cli` helps it)
from kam_xl.doors.exits import DONE, IN_PART
from kam_xl.doors.terminal import console, say, widen
from kam_xl.reports import views  # noqa: F401 (likewise)

_STYLES = {"bad": "bold red", "warn": "yellow", "ok": "", "na": "dim"}


def install_(words: Words, *, trust: bool, dry_run: bool) -> int:
    """Install for this user."""
    desk = install.this_desk(words)
    install.refuse(desk, trusted=trust)
    needed = _carry_out(install.steps(desk, trusted=trust), words, dry_run=dry_run)
    if not dry_run:
        say(console, words("desk.installed" if needed else "desk.nothing_to_do", folder=desk.places.books))
    return DONE


def uninstall_(words: Words, *, dry_run: bool) -> int:
    """Take away what an installation wrote."""
    desk = install.this_desk(words)
    _carry_out(uninstall.steps(desk), words, dry_run=dry_run)
    if not dry_run:
        say(console, words("desk.uninstalled"))
    return DONE


def doctor_(workbook: str | None, report: Path | None, words: Words) -> int:
    """Look this machine over, and a workbook; 1 where something is wrong."""
    this = machine.this()
    checks = doctor.report(words.lang, this, workbook)
    widen(console)
    console.print(_table(checks, words))
    wrong = sum(check.state in (State.WARN, State.BAD) for check in checks)
    say(console, words("doctor.unhealthy", count=wrong) if wrong else words("doctor.healthy"))
    if report:
        _write(report, doctor.as_markdown(checks, words.lang, this, dt.datetime.now()), words)
        say(console, words("doctor.written", file=report))
    return IN_PART if wrong else DONE


def upgrade_(folder: Path, words: Words, *, dry_run: bool) -> int:
    """Give the workbooks of a folder new macros and a new ribbon; 1 where some are skipped."""
    today = dt.date.today()
    counts = dict.fromkeys(("upgraded", "current", "skipped"), 0)
    for outcome in upgrade.upgrade(folder, upgrade.fresh(words.lang), today, words, dry_run=dry_run):
        counts[outcome.result] += 1
        _tell_outcome(outcome, folder, words)
    if not any(counts.values()):
        raise KamError(words("upgrade.nothing", folder=folder))
    say(console, words("upgrade.done", **counts))
    if dry_run:
        say(console, words("desk.dry_run"))
    elif counts["upgraded"]:
        say(console, words("upgrade.backup", folder=folder / f"{upgrade.BACKUP}{today:%Y-%m-%d}"))
    return IN_PART if counts["skipped"] else DONE


def open_(workbook: Path, host: str | None, words: Words) -> int:
    """Open a workbook in Excel or LibreOffice; where neither is named, in Excel where there is one."""
    this = machine.this()
    if not workbook.is_file():
        raise KamError(words("desk.no_workbook", file=workbook))
    has_excel = this.system != "linux"
    if (host or ("excel" if has_excel else "libreoffice")) == "libreoffice":
        from kam_xl.doors import libreoffice

        libreoffice.keep_open(workbook.absolute(), words.lang, lambda sentence: say(console, sentence))
        return DONE
    if not has_excel:
        raise KamError(words("desk.excel_not_here"))
    this.start(workbook.absolute())
    say(console, words("desk.opened", file=workbook.name))
    return DONE


def _carry_out(steps: tuple[Step, ...], words: Words, *, dry_run: bool) -> int:
    def tell(step: Step, needed: bool) -> None:
        key = "already" if not needed else "would" if dry_run else "doing"
        say(console, words(f"desk.{key}", step=step.says), None if needed else "dim")

    needed = carry_out(steps, tell, words, dry_run=dry_run)
    if dry_run:
        say(console, words("desk.dry_run"))
    return needed


def _tell_outcome(outcome: upgrade.Upgraded, folder: Path, words: Words) -> None:
    told = words(f"upgrade.{outcome.code}", **outcome.values)
    if outcome.missing and outcome.result != "skipped":
        told += words("upgrade.missing_texts", count=outcome.missing)
    style = "yellow" if outcome.result == "skipped" else None
    say(console, f"  {outcome.path.relative_to(folder).as_posix()}: {told}", style)


def _table(checks: tuple[doctor.Check, ...], words: Words) -> Table:
    """The checks as a table fit for a terminal."""
    columns = ("state", "name", "found", "remedy")
    table = Table(*(Column(words(f"doctor.column.{name}"), overflow="fold") for name in columns))
    for check in checks:
        if check.state is State.NOT_APPLICABLE:
            continue
        cells = (doctor.signed(check.state, words), check.name, check.found, check.remedy)
        table.add_row(*(Text(cell) for cell in cells), style=_STYLES[check.state])
    return table


def _write(path: Path, text: str, words: Words) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise KamError(words("desk.cannot_write", file=path)) from error
