"""The nightly job, once: a folder of team workbooks in; master, each team's own, pages, plans, calendars, archive out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import kam_xl
from kam_xl import resources
from kam_xl.core import assessment, chain
from kam_xl.core import policy as policies
from kam_xl.core.assessment import Assessment
from kam_xl.core.errors import KamError
from kam_xl.core.nights import AskedFor, Seen, Source
from kam_xl.core.outside import inside, outside
from kam_xl.core.policy import Policy
from kam_xl.core.privacy import masked
from kam_xl.core.read_books import ReadBook
from kam_xl.core.texts import printable
from kam_xl.core.words import Words
from kam_xl.hosts import intakes, isolation, log, memory, outputs, parts, reader_version, snapshots, store, workbooks
from kam_xl.hosts.replacing import replacing
from kam_xl.hosts.settings import Settings
from kam_xl.hosts.store import Store
from kam_xl.nightly import assessing, bridging, gathering, notices, ordering, past_nights, recording, writing
from kam_xl.nightly.assessing import Against, Books
from kam_xl.reports.run import (
    ARCHIVE,
    CALENDARS,
    DETAILS,
    MANAGERS,
    MASTER,
    PLANS,
    RECORD,
    STANDARDS,
    SUMMARY,
    TEAMS,
    Run,
)

#: To start a reader costs as much as to read so many workbooks of usual size.
_WORTH_A_READER = 16
_LOG = logging.getLogger("kam_xl")
_SWEPT_AFTER = 50_000  # new values; Python itself says 700

#: Told which step has begun and how many parts it has (0: that is not known), then one by one which part is done.
Progress = Callable[[str, int, str], None]


@dataclass(frozen=True)
class Job:
    """What one run needs to know; `scheduler` is the address of a Dask cluster, None for local workers.

    ``views`` are the pages for meetings (`reports.run.Rhythm`) written besides.
    """

    teams: Path
    out: Path
    lang: str = "zh-CN"
    policy_file: Path | None = None
    workers: int = 2
    scheduler: str | None = None
    limits: isolation.Limits = field(default_factory=isolation.Limits)
    settings: Settings = field(default_factory=Settings)
    views: tuple[str, ...] = ()


class NothingUsable(KamError):
    """Not one workbook of the folder could be used; `refused` says why, file by file."""

    def __init__(self, sentence: str, refused: list[Source]) -> None:
        super().__init__(sentence)
        self.refused = refused


@dataclass
class _Clock:
    """Seconds by step, and who is told of it."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        self.progress(name, 0, "")
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)
        _LOG.info("step done", extra={"step": name, "seconds": self.seconds[name]})


def run(job: Job, now: dt.datetime, progress: Progress = lambda *_: None) -> tuple[int, Assessment]:
    """One whole run: (exit code, what was found). `KamError` says in one sentence why it could not be done.

    All but the master, the teams' workbooks and the archive is made of the assessment as it is shown `outside`. Everything is written beside the outputs
    first; yesterday's stay until the new ones are complete. Only then is anybody told, and whether that succeeds changes
    nothing but the record's ``notified``.
    """
    words = resources.words(job.lang)
    policy_text = resources.policy_text(job.policy_file)
    policy = policies.parse(policy_text)
    with outputs.locked(job.out, words), _seldom_swept():
        folders = (PLANS, MANAGERS, CALENDARS, TEAMS, ARCHIVE, *store.FOLDERS)
        outputs.check_places(job.out, _files(job, now), words, map(Path, folders))
        clock, past, kept = _Clock(progress), snapshots.Snapshots(job.out, now.date()), Store(job.out)
        with outputs.writing(job.out, words):
            books, looked = _read(job, policy, now, words, clock, kept)
        memory.give_back()
        judged = _assessed(books, job, policy, now, words, clock, past)
        memory.give_back()
        explained, against = _explained(judged, looked, kept, past, job.out, clock)
        assessed = outside(explained)
        del books, judged, explained  # their rows stand in the portfolio: what was read is not held while it is written
        looked = looked._replace(read=())
        memory.give_back()
        try:
            with outputs.writing(job.out, words), outputs.staging(job.out) as staged:
                facts, code = _write(staged, job, assessed, past, kept, clock)
                hashes = recording.write(staged, facts, recording.Took(clock.seconds, looked.seconds), assessed, code)
                asked = _asked(facts, job.views, past, kept, against)
                own = recording.remember(staged, facts, asked, policy_text, looked.seen, hashes, kept)
                outputs.publish(staged, job.out, words, writing.outdated(job.out), Path(RECORD))
        finally:
            log.failures(assessed.failures)
        kept.sweep(now.date(), policy.store)
        _notify(job, assessed)
    _LOG.info("run done", extra={"exit_code": code, "customers": len(assessed.customers), "ledger": chain.mark(own)})
    return code, inside(assessed)


@contextmanager
def _seldom_swept() -> Iterator[None]:
    """Python looks for cycles among a night's many values less often than it would, there are few; and never among what was there before."""
    usual = gc.get_threshold()
    gc.set_threshold(_SWEPT_AFTER, *usual[1:])
    try:
        with memory.kept_aside():
            yield
    finally:
        gc.set_threshold(*usual)


def _files(job: Job, now: dt.datetime) -> list[Path]:
    """The files of a run that have a name of their own, below the output folder."""
    pages = [writing.page_name(view) for view in job.views]
    return [
        Path(name)
        for name in (MASTER, SUMMARY, DETAILS, STANDARDS, RECORD, *pages, snapshots.file_name(now), notices.FILE)
    ]


class _Looked(NamedTuple):
    """What was read, until it is explained, and what is recorded of it: every file as it was seen, and how long each took."""

    seen: list[Seen]
    seconds: dict[str, float]
    read: Sequence[ReadBook]
    others: Sequence[Source]


def _read(
    job: Job, policy: Policy, now: dt.datetime, words: Words, clock: _Clock, kept: Store
) -> tuple[Books, _Looked]:
    """Every workbook in the folder."""
    if not job.teams.is_dir():
        raise KamError(words("job.no_folder", folder=job.teams))
    listing = workbooks.listing(job.teams)
    known = intakes.read(job.teams, words)
    order = isolation.Order(job.teams.resolve(), job.limits, kept.books.resolve(), intake=known)

    def told(count: int, unchanged: int, name: str) -> None:
        if unchanged and not name:
            clock.progress("read", 0, words("job.unchanged", books=count, unchanged=unchanged))
        clock.progress("read", count - unchanged, name)

    def executors(count: int) -> AbstractContextManager[Executor]:
        return isolation.executor(min(job.workers, -(-count // _WORTH_A_READER)), job.scheduler, words)

    with clock.step("read"):
        found = gathering.gather(order, listing, kept, executors, told)
        if job.settings.base:
            found.add(ordering.gathered(job.settings.base, order, kept, words))
        books = assessing.on_day(found.books, found.others, policy, now.date())
    if not books.usable and not books.others:
        raise KamError(words("job.empty_folder", folder=job.teams))
    if not books.usable:
        count = len(books.others)
        raise NothingUsable(words("job.nothing_usable", folder=job.teams, count=count), list(books.others))
    return books, _Looked(found.seen, found.seconds, found.books, found.others)


def _assessed(
    books: Books, job: Job, policy: Policy, now: dt.datetime, words: Words, clock: _Clock, past: snapshots.Snapshots
) -> Assessment:
    """What the workbooks come to, held against the nights before."""
    last = past.last()
    pasts = past_nights.pasts(past, now.date(), policy)
    memory.give_back()
    with parts.laid_out(job.out, job.scheduler, words) as laid_out:
        return assessing.assessed(books, Against(policy, now, words, last, pasts), laid_out, clock.step)


def _explained(
    assessed: Assessment, looked: _Looked, kept: Store, past: snapshots.Snapshots, out: Path, clock: _Clock
) -> tuple[Assessment, str]:
    """The assessment with why its figures are not what they were, and the moment of the night before; else why that is not known."""
    with clock.step("explain"):
        if assessed.previous is None:
            return assessed, ""
        before = bridging.night_before(kept, assessed.previous)
        if before is None:
            return _unexplained(assessed, bridging.why_none(kept, assessed.previous))
        try:
            then = past_nights.compared(before, kept, past_nights.snapshots(before, out), assessed.words, looked.read)
        except (LookupError, OSError, ValueError):  # what is lost of that night nobody can compare with
            return _unexplained(assessed, "lost")
        memory.give_back()
        work = partial(bridging.explained, assessed, looked.read, looked.others, then, past)
        return assessed.failures.attempt("part", "moves", work, assessed), before.moment


def _unexplained(assessed: Assessment, why: str) -> tuple[Assessment, str]:
    return assessment.explained(assessed, unexplained=why), why


def _write(
    staged: Path, job: Job, assessed: Assessment, past: snapshots.Snapshots, kept: Store, clock: _Clock
) -> tuple[Run, int]:
    """Every output, with what they tell of the run; and the exit code."""
    facts = _facts(job, assessed)

    def passed_over() -> dict[str, Exception]:
        return past.passed_over | kept.passed_over

    def told(name: str) -> None:
        clock.progress("write", 0, name)

    with clock.step("write"):
        return facts, writing.write(staged, assessed, facts, job.views, past, passed_over, told)


def _asked(
    facts: Run, views_written: tuple[str, ...], past: snapshots.Snapshots, kept: Store, against: str
) -> AskedFor:
    """What else than the workbooks has made the outputs."""
    passed_over = {name: type(error).__name__ for name, error in (past.passed_over | kept.passed_over).items()}
    return AskedFor(
        facts.teams_dir,
        facts.teams_from_out,
        facts.workers,
        dict(facts.options),
        views_written,
        dict(past.used),
        passed_over,
        reader_version.code(),
        against,
    )


def _facts(job: Job, assessed: Assessment) -> Run:
    """What the outputs tell of the run."""
    return Run(
        started=assessed.now,
        teams_dir=masked(printable(job.teams)),
        teams_from_out=_from(job.out, job.teams),
        policy_version=assessed.policy.version,
        product_version=kam_xl.__version__,
        lang=job.lang,
        workers=job.workers,
        options={"policy_file": masked(printable(job.policy_file or "")), "scheduler": job.scheduler or ""},
    )


def _from(out: Path, teams: Path) -> str:
    """The teams' folder as seen from the outputs' folder; on another drive of Windows there is no such way."""
    try:
        return printable(Path(os.path.relpath(teams.resolve(), out.resolve())).as_posix())
    except ValueError:
        return teams.resolve().as_posix()


def _notify(job: Job, assessed: Assessment) -> None:
    """Tell the channels what is new, and the record what became of each."""
    try:
        outcomes = notices.after_run(job.settings, job.out, job.out / SUMMARY, assessed)
        if outcomes:
            record = json.loads((job.out / RECORD).read_text("utf-8"))
            record["notified"] = [dataclasses.asdict(outcome) for outcome in outcomes]
            with replacing(job.out / RECORD) as new:
                new.write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
    except OSError as error:  # the night is done; a full disk now undoes nothing
        _LOG.warning("what was told is not in the record", extra={"error": type(error).__name__})
    except Exception as error:  # noqa: BLE001 (the night is done; a message never undoes it)
        _LOG.error("nobody told, our bug\n%s", log.trace(error))
