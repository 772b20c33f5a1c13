"""The command line of KAM XL: run the nightly job, schedule it, check one workbook, try a demo."""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

try:
    import pandas as pd
    import typer
except ImportError as missing:  # a Python without packages
    from kam_xl.desk import bootstrap

    sys.exit(bootstrap.lacking(sys.argv[1:], missing))
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text
from xlsxwriter.exceptions import FileCreateError

from kam_xl import demo as demo_books
from kam_xl import nightly, resources
from kam_xl.core import assessment, consolidation, sheets
from kam_xl.core.errors import KamError
from kam_xl.core.failures import Failures
from kam_xl.core.outside import outside
from kam_xl.core.privacy import masked
from kam_xl.core.words import Words
from kam_xl.doors.terminal import WIDE, Lang, console, errors, interruptible, say, tell_bug
from kam_xl.hosts import isolation, outputs, settings
from kam_xl.hosts.notify import Outcome
from kam_xl.nightly import notices, timer
from kam_xl.reports import pages, views
from kam_xl.showing import telling

app = typer.Typer(
    help="KAM XL · 大客户管理：团队工作簿进，主工作簿和风险摘要出。 Team workbooks in, one master and a risk summary out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_LOG = logging.getLogger("kam_xl")
_STYLES = {"error": "bold red", "warn": "yellow", "info": "dim"}

View = StrEnum("View", {name: name for name in views.VIEWS})

Teams = Annotated[Path, typer.Argument(help="团队工作簿所在文件夹 Folder of the teams' workbooks")]
Out = Annotated[Path, typer.Option(help="输出文件夹 Output folder")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", exists=True, dir_okay=False, help="公司政策文件 Policy file, instead of the built-in one"),
]
Workers = Annotated[int, typer.Option(min=1, help="并行读取数 Workbooks read at a time")]
Cluster = Annotated[str | None, typer.Option("--scheduler", help="Dask 集群地址 Address of a Dask scheduler")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", exists=True, dir_okay=False, help="配置文件 Configuration, instead of ./kam_xl.toml"),
]
Views = Annotated[
    list[View] | None,
    typer.Option(
        "--view", help="另写会议页面，可多次使用 Page for a meeting to write besides; may be given several times"
    ),
]
LogFile = Annotated[Path | None, typer.Option(help="JSON 日志文件 Log file, one JSON object a line")]

_CORES = os.cpu_count() or 1


@app.command(epilog="例 Example:  python batch.py run teams --out out --view weekly --view monthly")
def run(
    teams: Teams,
    out: Out = Path("out"),
    lang: Lang = "zh-CN",
    policy: PolicyFile = None,
    workers: Workers = _CORES,
    scheduler: Cluster = None,
    config: ConfigFile = None,
    view: Views = None,
    log_file: LogFile = None,
) -> None:
    """运行一次合并 · Consolidate once. 退出码 Exit code: 0 正常 clean · 1 有工作簿未用或有部分未能计算 in part · 2 未完成 not done."""
    _log_to(log_file, lang)
    words = resources.words(lang)
    configured = _settings(config, lang)
    job = nightly.Job(teams, out, lang, policy, workers, scheduler, settings=configured, views=_chosen(view))
    with interruptible():
        _refuse_at_once(job, words)
        raise typer.Exit(_run_and_tell(job))


@app.command(epilog="例 Example:  python batch.py schedule teams --out out --at 02:00 --view weekly")
def schedule(
    teams: Teams,
    out: Out = Path("out"),
    at: Annotated[str, typer.Option(help="每天运行的时间 Time of day, HH:MM")] = "02:00",
    lang: Lang = "zh-CN",
    policy: PolicyFile = None,
    workers: Workers = _CORES,
    scheduler: Cluster = None,
    config: ConfigFile = None,
    view: Views = None,
    log_file: LogFile = None,
) -> None:
    """每天定时运行 · Run every day at a set time, until Ctrl-C or SIGTERM."""
    _log_to(log_file, lang)
    words = resources.words(lang)
    try:
        time = dt.datetime.strptime(at, "%H:%M").time()
    except ValueError:
        say(errors, words("job.bad_time", at=at), "bold red")
        raise typer.Exit(nightly.NOT_DONE) from None
    configured = _settings(config, lang)
    job = nightly.Job(teams, out, lang, policy, workers, scheduler, settings=configured, views=_chosen(view))
    _refuse_at_once(job, words)
    _heal(out, words)
    stop = threading.Event()
    with interruptible(words("job.stopped"), console, code=0):
        say(console, words("job.waiting", at=at))
        timer.every_night(time, lambda: _run_and_tell(job), last=_last_run(out), stop=stop)


@app.command(epilog="例 Example:  python batch.py notify --config kam_xl.toml")
def notify(config: ConfigFile = None, lang: Lang = "zh-CN") -> None:
    """试发一条消息 · Send every channel a trial. 退出码 Exit code: 0 都已送达 told · 1 有渠道失败 failed · 2 无地址 no address."""
    _log_to(None, lang)
    words = resources.words(lang)
    outcomes = notices.trial(_settings(config, lang), words)
    if not outcomes:
        say(errors, words("notify.command.none", file=config or settings.FILE), "bold red")
        raise typer.Exit(nightly.NOT_DONE)
    _tell_outcomes(console, outcomes, words)
    raise typer.Exit(int(any(outcome.outcome == "failed" for outcome in outcomes)))


@app.command(epilog="例 Example:  python batch.py check 华东.xlsx")
def check(
    workbook: Annotated[Path, typer.Argument(help="要检查的工作簿 The workbook to check")],
    lang: Lang = "zh-CN",
    policy: PolicyFile = None,
) -> None:
    """检查一个团队的工作簿 · Check one workbook. 退出码 Exit code: 0 无问题 clean · 1 有问题 findings · 2 无法使用 unusable."""
    _log_to(None, lang)
    words = resources.words(lang)
    with interruptible(words("job.stopped")):
        try:
            code = _check(workbook, words, policy)
        except KamError as error:
            say(errors, error.told(lang), "bold red")
            code = nightly.NOT_DONE
        except Exception as error:  # noqa: BLE001 (as in a run)
            tell_bug(error, words, "job.bug")
            code = nightly.NOT_DONE
    raise typer.Exit(code)


@app.command(epilog="例 Example:  python batch.py demo --folder demo --lang en")
def demo(
    folder: Annotated[Path, typer.Option(help="演示文件夹 Folder for the demo")] = Path("demo"),
    lang: Lang = "zh-CN",
    workers: Workers = _CORES,
) -> None:
    """生成演示工作簿并合并 · Make demo workbooks and consolidate them."""
    _log_to(None, lang)
    words = resources.words(lang)
    try:
        paths = demo_books.make(folder / "teams", today=dt.date.today())
    except (OSError, FileCreateError):
        say(errors, words("demo.cannot_write", folder=folder), "bold red")
        raise typer.Exit(nightly.NOT_DONE) from None
    say(console, words("demo.made", folder=folder / "teams", count=len(paths)))
    with interruptible():
        code = _run_and_tell(nightly.Job(folder / "teams", folder / "out", lang, workers=workers))
    if console.is_terminal and not os.environ.get("CI"):
        webbrowser.open((folder / "out" / nightly.SUMMARY).resolve().as_uri())
    raise typer.Exit(code if code == nightly.NOT_DONE else 0)


def _heal(out: Path, words: Words) -> None:
    """What a power cut left half done is undone now, not in the night."""
    if out.is_dir():
        try:
            with outputs.locked(out, words):
                pass
        except KamError as error:
            say(errors, error.told(words.lang), "bold red")
            raise typer.Exit(nightly.NOT_DONE) from None


def _chosen(chosen: list[View] | None) -> tuple[str, ...]:
    """The pages asked for, each once."""
    return tuple(dict.fromkeys(view.value for view in chosen or ()))


def _settings(config: Path | None, lang: str) -> settings.Settings:
    """The configuration; what is wrong with it ends the command before anything is done."""
    try:
        return settings.read(config, resources.words(lang))
    except KamError as error:
        say(errors, error.told(lang), "bold red")
        raise typer.Exit(nightly.NOT_DONE) from None


def _refuse_at_once(job: nightly.Job, words: Words) -> None:
    """A wrong folder or policy is told now, not at two in the morning."""
    sentence = None if job.teams.is_dir() else words("job.no_folder", folder=job.teams)
    try:
        resources.policy(job.policy_file)
    except KamError as error:
        sentence = error.told(words.lang)
    if sentence:
        say(errors, sentence, "bold red")
        _tell_failure(job, sentence, words)
        raise typer.Exit(nightly.NOT_DONE)


def _run_and_tell(job: nightly.Job) -> int:
    """One run with its progress shown; every kind of failure becomes a sentence here and an exit code."""
    words, started = resources.words(job.lang), dt.datetime.now()
    try:
        with _bar(words) as progress:
            code, assessed = nightly.run(job, started, progress)
    except KeyboardInterrupt:
        written = outputs.recorded(job.out / nightly.RECORD).get("started") == started.isoformat(timespec="seconds")
        say(errors, words("job.interrupted_after" if written else "job.interrupted"))
        raise
    except outputs.Busy as error:  # the run under way tells what becomes of the night
        say(errors, error.told(job.lang), "bold red")
        return nightly.NOT_DONE
    except KamError as error:
        _LOG.warning("run not done", extra={"reason": type(error).__name__})
        say(errors, error.told(job.lang), "bold red")
        if isinstance(error, nightly.NothingUsable):
            _tell_left_out(errors, pd.DataFrame(error.refused, columns=consolidation.Source._fields), words)
        _tell_failure(job, error.told(job.lang), words)
        return nightly.NOT_DONE
    except Exception as error:  # noqa: BLE001 (our bug: its traceback goes to the log)
        tell_bug(error, words, "job.bug")
        _tell_failure(job, words("job.bug", kind=type(error).__name__), words)
        return nightly.NOT_DONE
    _tell(job, assessed, words)
    return code


@contextmanager
def _bar(words: Words) -> Iterator[nightly.Progress]:
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
            bar.update(task, total=parts or None, advance=bool(part), part=masked(part))
            done = int(bar.tasks[task].completed)
            bar.update(task, count=f"{done}/{parts}" if parts else "")

        yield shown


def _tell(job: nightly.Job, assessed: assessment.Assessment, words: Words) -> None:
    """What a run achieved, in a few lines."""
    sources = assessed.portfolio.sources
    record = json.loads((job.out / nightly.RECORD).read_text("utf-8"))
    used = int((sources["outcome"] == "used").sum())
    took = sum(record["seconds"].values())
    say(console, words("job.done", customers=len(assessed.customers), used=used, seconds=f"{took:.1f}"))
    left_out = sources[sources["outcome"] == "quarantined"]
    if len(left_out):
        say(console, words("job.quarantined", count=len(left_out)), "yellow")
        _tell_left_out(console, left_out, words)
    _tell_failed(console, assessed, words)
    pages_written = [nightly.page_name(view) for view in job.views]
    files = ", ".join([nightly.SUMMARY, nightly.MASTER, nightly.RECORD, *pages_written])
    say(console, words("job.written", folder=job.out, files=files))
    _tell_outcomes(console, [Outcome(**one) for one in record["notified"]], words)


def _tell_failed(where: Console, assessed: assessment.Assessment, words: Words) -> None:
    """One line for each part that could not be computed or written."""
    if len(assessed.failures):
        say(where, words("job.failed", count=len(assessed.failures)), "yellow")
    for sentence in dict.fromkeys(telling.failed(one, assessed.policy, words) for one in assessed.failures):
        say(where, f"  {sentence}")


def _tell_failure(job: nightly.Job, sentence: str, words: Words) -> None:
    """The channels hear that a run was not done, as far as they can be reached."""
    outcomes = notices.after_failure(job.settings, job.out, sentence, words, dt.date.today())
    _tell_outcomes(errors, outcomes, words)


def _tell_outcomes(where: Console, outcomes: list[Outcome], words: Words) -> None:
    """One line for each channel."""
    for outcome in outcomes:
        say(where, notices.sentence(outcome, words), "yellow" if outcome.outcome == "failed" else None)


def _tell_left_out(where: Console, sources: pd.DataFrame, words: Words) -> None:
    """One line for each workbook that was not used: its name and the reason."""
    for row in telling.with_reasons(sources, words).itertuples():
        say(where, f"  {row.book}: {row.reason}")


def _check(workbook: Path, words: Words, policy_file: Path | None) -> int:
    if not _exists(workbook):
        raise KamError(words("job.no_workbook", file=workbook))
    policy, now = resources.policy(policy_file), dt.datetime.now()
    order = isolation.Order(workbook.parent.resolve(), policy, now.date())
    with isolation.executor(1, None, words) as executor:
        outcome = next(isolation.read_all(order, (workbook.name,), executor))
    if outcome.book is None:
        told = telling.with_reasons(pd.DataFrame([nightly.refused(outcome, workbook.parent)]), words).iloc[0]
        raise KamError(words("check.refused", file=workbook, reason=told["reason"], remedy=told["remedy"]))
    failures = Failures(isolation.trace)
    portfolio = consolidation.consolidate([outcome.book], policy)
    assessed = outside(assessment.assess(portfolio, policy, now, words, failures=failures))
    nightly.log_failures(failures)
    counts = {kind: outcome.book.count(kind) for kind in ("info", "evaluation", "tracking")}
    say(console, words("check.title", file=workbook.name, **counts), "bold")
    rows = pages.findings(assessed, words, None)
    if not console.is_terminal:
        console.width = WIDE
    console.print(_findings_table(rows, words) if len(rows) else words("check.clean"))
    _tell_failed(console, assessed, words)
    return int(len(failures) > 0 or rows["severity"].isin(["error", "warn"]).any())


def _exists(workbook: Path) -> bool:
    try:
        return workbook.is_file()
    except OSError:  # nobody may look into its folder; reading says so
        return True


def _findings_table(rows: pd.DataFrame, words: Words) -> Table:
    """Findings as a table fit for a terminal."""
    fields = ("severity", "cell", "customer_id", "finding", "remedy")
    table = Table(*(Column(sheets.header(name, words.lang), overflow="fold") for name in fields))
    for row in rows.itertuples():
        place = f"{row.sheet}!{row.cell}" if isinstance(row.cell, str) else row.sheet
        cells = (words(f"terms.severity.{row.severity}"), place, row.customer_id, row.finding, row.remedy)
        table.add_row(*(Text(cell) if isinstance(cell, str) else "" for cell in cells), style=_STYLES[row.severity])
    return table


def _last_run(out: Path) -> dt.datetime | None:
    """When the last completed run started, by the clock on the wall here; None where its record does not say."""
    try:
        started = dt.datetime.fromisoformat(outputs.recorded(out / nightly.RECORD)["started"])
        return started.astimezone().replace(tzinfo=None) if started.tzinfo else started
    except (ValueError, TypeError, KeyError, OverflowError, OSError):  # damaged, not ours, or of a year nobody knows
        return None


_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message and the facts given with it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(line, ensure_ascii=False, default=str)


def _log_to(path: Path | None, lang: str) -> None:
    """Log to a file of JSON lines, or show only what went wrong; a file that cannot be written ends the command."""
    if path:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler: logging.Handler = logging.FileHandler(path, encoding="utf-8", errors="replace")
        except OSError:
            say(errors, resources.words(lang)("job.cannot_log", file=path), "bold red")
            raise typer.Exit(nightly.NOT_DONE) from None
        handler.setFormatter(_JsonLines())
        _LOG.setLevel(logging.INFO)
        handler.handleError = functools.partial(_log_is_full, path, resources.words(lang), [])
    else:
        handler = RichHandler(console=errors, show_path=False)
        _LOG.setLevel(logging.ERROR)
    _LOG.addHandler(handler)


def _log_is_full(path: Path, words: Words, said: list[bool], _record: logging.LogRecord) -> None:
    """A line that could not be logged is told once, and costs nothing else."""
    if not said:
        said.append(True)
        say(errors, words("job.log_ends", file=path), "yellow")
