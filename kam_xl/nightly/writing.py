"""What a night writes of an assessment, all of it; a night that is made again is written by nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd

from kam_xl.core import history
from kam_xl.core.assessment import Assessment
from kam_xl.core.failures import Missing
from kam_xl.hosts import archives, memory, outputs, snapshots
from kam_xl.hosts.snapshots import Snapshots
from kam_xl.reports import (
    account_plan,
    archive,
    calendars,
    details,
    managers,
    master,
    paper,
    standards_page,
    summary,
    team_workbook,
    views,
)
from kam_xl.reports.run import ARCHIVE, CALENDARS, DETAILS, MANAGERS, MASTER, PLANS, STANDARDS, SUMMARY, TEAMS, Run

CLEAN, IN_PART = 0, 1  # exit codes of a run
#: Told which file is being written.
Told = Callable[[str], object]


def write(
    staged: Path,
    assessed: Assessment,
    facts: Run,
    views_written: tuple[str, ...],
    past: Snapshots,
    passed_over: Callable[[], Mapping[str, Exception]],
    told: Told = lambda _: None,
) -> int:
    """Every output but the record that lists them, in an empty folder; the exit code. What fails by itself costs itself.

    The summary comes after all it tells of, what was ``passed_over`` of the store and the history included.
    """
    failures = assessed.failures
    keep = partial(_kept, staged / snapshots.file_name(assessed.now), assessed)
    tonight = failures.attempt("output", "history", keep, cast("pd.DataFrame", Missing("history")))
    memory.give_back()
    told(MASTER)
    master.write(staged / MASTER, assessed, facts)
    memory.give_back()
    _write_teams(staged / TEAMS, assessed, facts, told)
    memory.give_back()
    _keep_all(staged / ARCHIVE, assessed)
    memory.give_back()
    told(SUMMARY)
    _write_all(staged, _pages(assessed, views_written, tonight, past))
    _write_all(staged, _standards(assessed))
    _write_folders(staged, assessed)
    for name, error in passed_over().items():
        failures.note("state", name, error)
    _write_all(staged, _first(assessed, facts, tonight, views_written))
    lost = (assessed.portfolio.sources["outcome"] == "quarantined").any()
    return IN_PART if lost or any(one.kind != "state" for one in failures) else CLEAN


def _bytes(text: str) -> bytes:
    """A text as a file holds it; half a character that a cell may hold becomes a question mark."""
    return text.encode("utf-8", "replace")


def _kept(path: Path, assessed: Assessment) -> pd.DataFrame:
    """The snapshot of this night, written."""
    snapshot = history.snapshot(assessed)
    snapshots.write(path, snapshot)
    return snapshot


def _write_teams(folder: Path, assessed: Assessment, facts: Run, told: Told) -> None:
    """Each team's own workbook; one that cannot be made costs itself."""

    def written() -> None:
        folder.mkdir()
        for name in team_workbook.write(folder, assessed, facts):
            told(f"{TEAMS}/{name}")

    assessed.failures.attempt("output", TEAMS, written, None)


def _keep_all(folder: Path, assessed: Assessment) -> None:
    """The archive, whole or not there."""

    def kept() -> bool:
        archives.write(folder, archive.kept(assessed))
        return True

    if not assessed.failures.attempt("output", ARCHIVE, kept, otherwise=False):
        shutil.rmtree(folder, ignore_errors=True)


def _write_folders(staged: Path, assessed: Assessment) -> None:
    """A page for each customer of the plans and for each person, and the persons' calendars."""
    pages = {PLANS: account_plan.pages, MANAGERS: managers.pages}
    for folder, make in pages.items():
        files = assessed.failures.attempt("output", folder, partial(_listed, make, assessed), [])
        _write_all(staged / folder, ((name, _bytes(text)) for name, text in files))
    kept = assessed.failures.attempt("output", CALENDARS, partial(calendars.calendars, assessed), {})
    _write_all(staged / CALENDARS, kept.items())


def _listed(make: Callable[[Assessment], Iterator[tuple[str, str]]], assessed: Assessment) -> list[tuple[str, str]]:
    return list(make(assessed))


def _first(
    assessed: Assessment, facts: Run, tonight: pd.DataFrame, views_written: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    """The summary and the rows behind its figures, these twice: what fails in one is told in both."""
    title = assessed.words("details.title")

    def behind() -> str:
        return details.render(assessed, tonight)

    page = assessed.failures.attempt("output", DETAILS, behind, "")
    known = len(assessed.failures)
    yield SUMMARY, _bytes(summary.render(assessed, facts, views_written))
    if page and len(assessed.failures) > known:
        page = assessed.failures.attempt("output", DETAILS, behind, page)
    yield DETAILS, _bytes(page or paper.apology(assessed, title))


def _pages(
    assessed: Assessment, views_written: tuple[str, ...], tonight: pd.DataFrame, past: Snapshots
) -> Iterator[tuple[str, bytes]]:
    """The pages for meetings, each compared with the newest snapshot of its own time ago."""

    def page(view: str) -> str:
        before = past.since(history.compared_day(view, assessed.today, assessed.policy))
        return views.render(view, assessed, tonight, before)

    for view in views_written:
        made = assessed.failures.attempt("view", view, partial(page, view), None)
        yield page_name(view), _bytes(made or paper.apology(assessed, assessed.words(f"views.{view}.title")))


def _standards(assessed: Assessment) -> Iterator[tuple[str, bytes]]:
    """What the policy of this night promises each tier."""
    words = assessed.words
    made = assessed.failures.attempt(
        "output", STANDARDS, lambda: standards_page.render(assessed.policy, words, assessed.now), None
    )
    yield STANDARDS, _bytes(made or paper.apology(assessed, words("standards.title")))


def page_name(view: str) -> str:
    """The file of a page for a meeting, beside the summary."""
    return f"{view}.html"


def _write_all(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    for name, content in files:
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def outdated(out: Path) -> list[Path]:
    """What earlier runs left in the folders of one file a customer, a manager, a team, a frame, below the output folder."""
    left = [path for folder in (PLANS, MANAGERS, CALENDARS, TEAMS) for path in outputs.marked(out / folder)]
    return [path.relative_to(out) for path in (*left, *archives.ours(out / ARCHIVE))]
