"""The command line of the desk: install, uninstall, look over, upgrade workbooks, open one."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

if sys.version_info < (3, 11):  # noqa: UP036 (told here and so: an older one cannot even read the words)
    sys.stderr.write(
        f"需要 Python 3.11 或更高版本，当前是 {sys.version.split()[0]}；请从 python.org 安装后重试。\n"
        f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; install it from python.org and try again.\n"
    )
    sys.exit(2)
try:
    import typer
    from rich.table import Column, Table
    from rich.text import Text

    from kam_xl import resources
    from kam_xl.core.errors import KamError
    from kam_xl.core.words import Words
    from kam_xl.desk import doctor, install, machine, places, record, uninstall, upgrade
    from kam_xl.desk.places import PROJECT
    from kam_xl.desk.steps import Step, carry_out
    from kam_xl.doors.terminal import WIDE, Lang, console, errors, interruptible, say, tell_bug
except ImportError as missing:  # a Python without packages, which can install nonetheless
    if (missing.name or "").partition(".")[0] == "kam_xl":
        raise
    from kam_xl.desk import bootstrap

    sys.exit(bootstrap.run(sys.argv[1:], missing))

DONE, LEFT, NOT_DONE = 0, 1, 2
app = typer.Typer(
    help="KAM XL · 大客户管理：装到电脑上、诊断、升级、打开工作簿。 Put KAM XL on a desk, look it over, upgrade and open workbooks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_STYLES = {"bad": "bold red", "warn": "yellow", "ok": "", "na": "dim"}
_HOSTS = ("excel", "libreoffice")


def _host(host: str | None) -> str | None:
    if host not in (None, *_HOSTS):
        raise typer.BadParameter(f"{' | '.join(_HOSTS)}")
    return host


DryRun = Annotated[bool, typer.Option("--dry-run", help="只说要做什么，不做 Say what would be done, do nothing")]


@app.command("install", epilog="例 Example:  python -m kam_xl install --dry-run")
def install_(
    lang: Lang = "zh-CN",
    dry_run: DryRun = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="让 Excel 信任模板文件夹 Make Excel trust the templates' folder (Windows)")
    ] = False,
) -> None:
    """装到这台电脑，可重复运行 · Install for this user, as often as you like. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""

    def work(words: Words) -> int:
        desk = _desk(words)
        install.refuse(desk, trusted=trust)
        needed = _carry_out(install.steps(desk, trusted=trust), words, dry_run=dry_run)
        if not dry_run:
            say(console, words("desk.installed" if needed else "desk.nothing_to_do", folder=desk.places.books))
        return DONE

    _run(work, lang)


@app.command("uninstall", epilog="例 Example:  python -m kam_xl uninstall --dry-run")
def uninstall_(lang: Lang = "zh-CN", dry_run: DryRun = False) -> None:
    """卸载，只删除安装时写入的内容 · Remove what install wrote, never a changed workbook. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""

    def work(words: Words) -> int:
        desk = _desk(words)
        _carry_out(uninstall.steps(desk), words, dry_run=dry_run)
        if not dry_run:
            say(console, words("desk.uninstalled"))
        return DONE

    _run(work, lang)


@app.command("doctor", epilog="例 Example:  python -m kam_xl doctor --workbook 华东.xlsm --report report.md")
def doctor_(
    lang: Lang = "zh-CN",
    workbook: Annotated[str | None, typer.Option(help="要检查的工作簿 Check this workbook too")] = None,
    report: Annotated[
        Path | None, typer.Option(dir_okay=False, help="结果和人工清单写入文件 Write checks and checklist to a file")
    ] = None,
) -> None:
    """诊断：找出已知的问题和处理办法 · Find every known trap and its remedy. 退出码 Exit code: 0 正常 fine · 1 有问题 something wrong · 2 未完成 not done."""

    def work(words: Words) -> int:
        this = machine.this()
        checks = doctor.report(lang, this, workbook)
        if not console.is_terminal:
            console.width = WIDE
        console.print(_table(checks, words))
        wrong = sum(check.state in (doctor.State.WARN, doctor.State.BAD) for check in checks)
        say(console, words("doctor.unhealthy", count=wrong) if wrong else words("doctor.healthy"))
        if report:
            _write(report, doctor.as_markdown(checks, lang, this, dt.datetime.now()), words)
            say(console, words("doctor.written", file=report))
        return LEFT if wrong else DONE

    _run(work, lang)


@app.command("upgrade", epilog="例 Example:  python -m kam_xl upgrade teams --dry-run")
def upgrade_(
    folder: Annotated[Path, typer.Argument(help="工作簿所在文件夹 Folder of the workbooks")],
    lang: Lang = "zh-CN",
    dry_run: DryRun = False,
) -> None:
    """升级工作簿的宏和按钮，不动任何表格 · New macros and ribbon, no sheet touched. 退出码 Exit code: 0 完成 done · 1 有跳过 some skipped · 2 未完成 not done."""

    def work(words: Words) -> int:
        today = dt.date.today()
        counts = dict.fromkeys(("upgraded", "current", "skipped"), 0)
        for outcome in upgrade.upgrade(folder, upgrade.fresh(lang), today, words, dry_run=dry_run):
            counts[outcome.result] += 1
            _tell_outcome(outcome, folder, words)
        if not any(counts.values()):
            raise KamError(words("upgrade.nothing", folder=folder))
        say(console, words("upgrade.done", **counts))
        if dry_run:
            say(console, words("desk.dry_run"))
        elif counts["upgraded"]:
            say(console, words("upgrade.backup", folder=folder / f"{upgrade.BACKUP}{today:%Y-%m-%d}"))
        return LEFT if counts["skipped"] else DONE

    _run(work, lang)


@app.command("open", epilog="例 Example:  python -m kam_xl open 华东.xlsm --in libreoffice")
def open_(
    workbook: Annotated[Path, typer.Argument(help="要打开的工作簿 The workbook to open")],
    host: Annotated[
        str | None, typer.Option("--in", help="用什么打开 In which program: excel | libreoffice", callback=_host)
    ] = None,
    lang: Lang = "zh-CN",
) -> None:
    """打开工作簿，函数和按钮可用 · Open a workbook with its functions and buttons at work. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""

    def work(words: Words) -> int:
        this = machine.this()
        if not workbook.is_file():
            raise KamError(words("desk.no_workbook", file=workbook))
        has_excel = this.system != "linux"
        if (host or ("excel" if has_excel else "libreoffice")) == "libreoffice":
            from kam_xl.doors import libreoffice

            libreoffice.keep_open(workbook.absolute(), lang, lambda sentence: say(console, sentence))
            return DONE
        if not has_excel:
            raise KamError(words("desk.excel_not_here"))
        this.start(workbook.absolute())
        say(console, words("desk.opened", file=workbook.name))
        return DONE

    _run(work, lang)


def _desk(words: Words) -> install.Desk:
    this = machine.this()
    where = places.of(this)
    return install.Desk(this, where, record.read(where.record, words), words, PROJECT)


def _run(work: Callable[[Words], int], lang: str) -> None:
    """Do a command's work; what is impossible becomes one sentence, a bug a traceback and a sentence, each an exit code."""
    words = resources.words(lang)
    with interruptible(words("desk.interrupted")):
        try:
            code = work(words)
        except KamError as error:
            say(errors, error.told(lang), "bold red")
            code = NOT_DONE
        except Exception as error:  # noqa: BLE001 (our bug)
            tell_bug(error, words, "desk.bug")
            code = NOT_DONE
    raise typer.Exit(code)


def _carry_out(steps: tuple[Step, ...], words: Words, *, dry_run: bool) -> int:
    def tell(step: Step, needed: bool) -> None:
        key = "already" if not needed else "would" if dry_run else "doing"
        say(console, words(f"desk.{key}", step=step.says), None if needed else "dim")

    needed = carry_out(steps, tell, words, dry_run=dry_run)
    if dry_run:
        say(console, words("desk.dry_run"))
    return needed


def _tell_outcome(outcome: upgrade.Outcome, folder: Path, words: Words) -> None:
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
        if check.state is doctor.State.NOT_APPLICABLE:
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
