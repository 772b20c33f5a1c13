"""What the commands of the night do: run the nightly job, schedule it, try its channels, make a demo; and what each says."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import threading
import webbrowser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from xlsxwriter.exceptions import FileCreateError

from kam_xl import demo as demo_books
from kam_xl import nightly, resources
from kam_xl.core import assessment, chain
from kam_xl.core.errors import KamError
from kam_xl.core.nights import Source
from kam_xl.core.privacy import masked
from kam_xl.core.words import Words
from kam_xl.doors.checking import tell_failed
from kam_xl.doors.exits import DONE, IN_PART, NOT_DONE
from kam_xl.doors.terminal import console, ended, errors, say
from kam_xl.hosts import outputs, settings
from kam_xl.hosts.notify import Delivery
from kam_xl.hosts.store import Store
from kam_xl.nightly import Job, notices, timer
from kam_xl.showing import telling

_LOG = logging.getLogger("kam_xl")


def job(
    teams: Path, out: Path, policy: Path | None, workers: int, scheduler: str | None, config: Path | None,
    pages: Iterable[str], words: Words,
) -> Job:  # fmt: skip
    """The job as the command line asks for it, each page once; `KamError` for a configuration that cannot be."""
    configured = settings.read(config, words)
    return Job(
        teams, out, words.lang, policy, workers, scheduler, settings=configured, views=tuple(dict.fromkeys(pages))
    )


def run(job: Job, words: Words) -> int:
    """One run with its progress shown, and what became of it told, to the channels too."""
    return _ran(job, words, lambda: _consolidated(job, words))


def schedule(job: Job, at: str, words: Words) -> int:
    """A run every day at a time of day, until it is interrupted."""
    time = _time(at, words)
    if refused := _ran(job, words, lambda: None):
        return refused
    _heal(job.out, words)
    say(console, words("job.waiting", at=at))
    timer.every_night(time, lambda: run(job, words), last=_last_run(job.out), stop=threading.Event())
    return DONE


def notify(config: Path | None, words: Words) -> int:
    """A trial sent to every channel; 1 where one failed, `KamError` where there are none."""
    outcomes = notices.trial(settings.read(config, words), words)
    if not outcomes:
        raise KamError(words("notify.command.none", file=config or settings.FILE))
    _tell_outcomes(console, outcomes, words)
    return IN_PART if any(outcome.outcome == "failed" for outcome in outcomes) else DONE


def demo(folder: Path, workers: int, words: Words) -> int:
    """Demo workbooks, and a run over them; who sits at a terminal sees its page."""
    try:
        paths = demo_books.make(folder / "teams", today=dt.date.today())
    except (OSError, FileCreateError) as error:
        raise KamError(words("demo.cannot_write", folder=folder)) from error
    say(console, words("demo.made", folder=folder / "teams", count=len(paths)))
    code = run(Job(folder / "teams", folder / "out", words.lang, workers=workers), words)
    if code == NOT_DONE:
        return code
    if console.is_terminal and not os.environ.get("CI"):
        webbrowser.open((folder / "out" / nightly.SUMMARY).resolve().as_uri())
    return DONE


def _time(at: str, words: Words) -> dt.time:
    try:
        return dt.datetime.strptime(at, "%H:%M").time()
    except ValueError as error:
        raise KamError(words("job.bad_time", at=at)) from error


def _heal(out: Path, words: Words) -> None:
    """What a power cut left half done is undone now, not in the night."""
    if out.is_dir():
        with outputs.locked(out, words):
            pass


# --- one run ----------------------------------------------------------------------------------------------------------


def _ran(job: Job, words: Words, work: Callable[[], tuple[int, assessment.Assessment] | None]) -> int:
    """The exit code of the work, done unless a wrong folder or policy speaks against it, and told."""
    done: list[assessment.Assessment] = []

    def whole() -> int:
        _refuse(job, words)
        code, *assessed = work() or (DONE,)
        done.extend(assessed)
        return code

    code = ended(whole, words, "job.bug", lambda error, sentence: _tell_failure(job, error, sentence, words))
    for assessed in done:
        _tell(job, assessed)
    return code


def _refuse(job: Job, words: Words) -> None:
    """A wrong policy or folder is told at once, not at two in the morning."""
    resources.policy(job.policy_file)
    if job.teams.is_file():
        raise KamError(words("job.folder_is_file", file=job.teams, folder=job.teams.absolute().parent))
    if not job.teams.is_dir():
        raise KamError(words("job.no_folder", folder=job.teams))


def _consolidated(job: Job, words: Words) -> tuple[int, assessment.Assessment]:
    started = dt.datetime.now()
    try:
        with bar(words) as progress:
            return nightly.run(job, started, progress)
    except KeyboardInterrupt:
        written = outputs.recorded(job.out / nightly.RECORD).get("started") == started.isoformat(timespec="seconds")
        say(errors, words("job.interrupted_after" if written else "job.interrupted"))
        raise


def _tell_failure(job: Job, error: Exception, sentence: str, words: Words) -> None:
    """The channels hear that a run was not done, as far as they can be reached."""
    if isinstance(error, outputs.Busy):  # the run under way tells what becomes of the night
        return
    if isinstance(error, KamError):
        _LOG.warning("run not done", extra={"reason": type(error).__name__})
    if isinstance(error, nightly.NothingUsable):
        _tell_left_out(errors, pd.DataFrame(error.refused, columns=Source._fields), words)
    outcomes = notices.after_failure(job.settings, job.out, sentence, words, dt.date.today())
    _tell_outcomes(errors, outcomes, words)


@contextmanager
def bar(words: Words) -> Iterator[nightly.Progress]:
    """The step under way and what is done of it on a terminal, silence elsewhere."""
    columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn()]
    columns += [TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in ("count", "part")]
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, count="", part="")
        steps: list[str] = []

        def shown(step: str, parts: int, part: str) -> None:
            if [step] != steps:
                steps[:] = [step]
                bar.reset(task, total=None, description=words(f"job.step.{step}"), count="", part="")
            bar.update(task, total=parts or None, advance=bool(parts and part), part=masked(part))
            done = int(bar.tasks[task].completed)
            bar.update(task, count=f"{done}/{parts}" if parts else "")

        yield shown


def _tell(job: nightly.Job, assessed: assessment.Assessment) -> None:
    """What a run achieved, in a few lines."""
    words = assessed.words
    sources = assessed.portfolio.sources
    record = json.loads((job.out / nightly.RECORD).read_text("utf-8"))
    used = int((sources["outcome"] == "used").sum())
    took = sum(record["seconds"].values())
    say(console, words("job.done", customers=len(assessed.customers), used=used, seconds=f"{took:.1f}"))
    left_out = sources[sources["outcome"] == "quarantined"]
    if len(left_out):
        say(console, words("job.quarantined", count=len(left_out)), "yellow")
        _tell_left_out(console, left_out, words)
    tell_failed(console, assessed)
    pages_written = [nightly.page_name(view) for view in job.views]
    files = ", ".join(
        [
            nightly.SUMMARY,
            nightly.DETAILS,
            nightly.STANDARDS,
            nightly.MASTER,
            nightly.RECORD,
            *pages_written,
            *_folders(record, words),
        ]
    )
    say(console, words("job.written", folder=job.out, files=files))
    if own := Store(job.out).newest():
        say(console, words("ledger.mark", mark=chain.mark(own)))
    _tell_outcomes(console, [Delivery(**one) for one in record["notified"]], words)


def _folders(record: dict[str, Any], words: Words) -> Iterator[str]:
    """The folders of a run with how many files each holds: ``teams/ (9)``."""
    written = Counter(one["file"].partition("/")[0] for one in record["outputs"])
    for folder in (nightly.MANAGERS, nightly.TEAMS, nightly.PLANS, nightly.CALENDARS, nightly.ARCHIVE):
        if written[folder]:
            yield words("job.folder", folder=folder, n=written[folder])


def _tell_outcomes(where: Console, outcomes: list[Delivery], words: Words) -> None:
    """One line for each channel."""
    for outcome in outcomes:
        say(where, notices.sentence(outcome, words), "yellow" if outcome.outcome == "failed" else None)


def _tell_left_out(where: Console, sources: pd.DataFrame, words: Words) -> None:
    """One line for each workbook that was not used: its name and the reason."""
    for row in telling.with_reasons(sources, words).itertuples():
        say(where, f"  {row.book}: {row.reason}")


def _last_run(out: Path) -> dt.datetime | None:
    """When the last completed run started, by the clock on the wall here; None where its record does not say."""
    try:
        started = dt.datetime.fromisoformat(outputs.recorded(out / nightly.RECORD)["started"])
        return started.astimezone().replace(tzinfo=None) if started.tzinfo else started
    except (ValueError, TypeError, KeyError, OverflowError, OSError):  # damaged, not ours, or of a year nobody knows
        return None
