"""The commands of ``kam-xl``, each as it is called. They do: `night`, `checking`, `adopting`, `handbook`, `review`, `reasons`, `trying`, `ledger`, `desk`.

Those are loaded by the command that needs them, before it begins: help is there at once, and `cli` hears what is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.doors import terminal
from kam_xl.doors.arguments import (
    CORES,
    DAY,
    Cluster,
    ConfigFile,
    DryRun,
    Into,
    Lang,
    LogFile,
    Out,
    Outputs,
    PolicyFile,
    Teams,
    Views,
    Workers,
    host,
)
from kam_xl.doors.terminal import perform
from kam_xl.doors.usage import Commands

app = typer.Typer(
    cls=Commands,
    help="KAM XL · 大客户管理：团队工作簿进，主工作簿和风险摘要出；安装、诊断、升级。 Team workbooks in, one master and a risk summary out; "
    "put it on a desk, look it over, upgrade.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


#: What the help groups the commands under.
_NIGHT, _PAST = "每晚 · The night", "回看过去的夜晚 · The nights behind you"
_LEDGER, _DESK = "账本 · The ledger", "这台电脑 · This computer"


def run() -> None:
    """The program, as started from a shell."""
    terminal.run(app)


def _perform_nightly(
    work: Callable[[ModuleType, Words], int],
    lang: str,
    log_file: Path | None = None,
    *,
    stopped: str | None = None,
    ends_well: bool = False,
) -> None:
    """As `perform`; a desk, which has no packages for the night, is told so in one sentence."""
    from kam_xl.doors import checking  # noqa: F401 (who lacks what a desk has is helped by `cli`)

    perform(lambda words: work(_nightly(words), words), lang, log_file, stopped=stopped, ends_well=ends_well)


def _nightly(words: Words) -> ModuleType:
    """What the night's commands do; `KamError` on a desk, which has no packages for it."""
    try:
        from kam_xl.doors import night
    except ImportError as missing:
        if (missing.name or "").partition(".")[0] == "kam_xl":
            raise
        raise KamError(words("job.not_on_a_desk", package=missing.name)) from missing
    return night


# --- the night --------------------------------------------------------------------------------------------------------


@app.command(
    "run", rich_help_panel=_NIGHT, epilog="例 Example:  kam-xl run teams --out out --view weekly --view monthly"
)
def run_(
    teams: Teams,
    out: Out = Path("out"),
    lang: Lang = "zh-CN",
    policy: PolicyFile = None,
    workers: Workers = CORES,
    scheduler: Cluster = None,
    config: ConfigFile = None,
    view: Views = None,
    log_file: LogFile = None,
) -> None:
    """运行一次合并 · Consolidate once. 退出码 Exit code: 0 正常 clean · 1 有工作簿未用或有部分未能计算 in part · 2 未完成 not done."""

    def work(night: ModuleType, words: Words) -> int:
        return night.run(night.job(teams, out, policy, workers, scheduler, config, view or (), words), words)

    _perform_nightly(work, lang, log_file)


@app.command(rich_help_panel=_NIGHT, epilog="例 Example:  kam-xl schedule teams --out out --at 02:00 --view weekly")
def schedule(
    teams: Teams,
    out: Out = Path("out"),
    at: Annotated[str, typer.Option(help="每天运行的时间 Time of day, HH:MM")] = "02:00",
    lang: Lang = "zh-CN",
    policy: PolicyFile = None,
    workers: Workers = CORES,
    scheduler: Cluster = None,
    config: ConfigFile = None,
    view: Views = None,
    log_file: LogFile = None,
) -> None:
    """每天定时运行 · Run every day at a set time, until Ctrl-C or SIGTERM."""

    def work(night: ModuleType, words: Words) -> int:
        return night.schedule(night.job(teams, out, policy, workers, scheduler, config, view or (), words), at, words)

    _perform_nightly(work, lang, log_file, stopped="job.stopped", ends_well=True)


@app.command(rich_help_panel=_NIGHT, epilog="例 Example:  kam-xl check 华东.xlsx")
def check(
    workbook: Annotated[Path, typer.Argument(help="要检查的工作簿 The workbook to check")],
    lang: Lang = "zh-CN",
    policy: PolicyFile = None,
) -> None:
    """检查一个团队的工作簿 · Check one workbook. 退出码 Exit code: 0 无问题 clean · 1 有问题 findings · 2 无法使用 unusable."""
    from kam_xl.doors import checking

    perform(lambda words: checking.check(workbook, words, policy), lang, bug="job.bug", stopped="job.stopped")


@app.command(rich_help_panel=_NIGHT, epilog='例 Example:  kam-xl adopt 客户导出.csv --map "客户代号=customer_id" --yes')
def adopt(
    file: Annotated[
        Path, typer.Argument(help="客户名单：工作簿、CSV 或文本 A list of customers: workbook, CSV or text")
    ],
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="哪一列是什么，可多次使用 What a column holds; may be given several times"),
    ] = None,
    ids_from_names: Annotated[
        bool, typer.Option("--ids-from-names", help="没有客户ID时用名称生成 Make IDs of the names where there are none")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再确认 Do not ask before writing")] = False,
    teams: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="团队文件夹，记住读法的地方 The teams' folder, which remembers"
        ),
    ] = None,
    lang: Lang = "zh-CN",
) -> None:
    """采用一份客户名单 · Take a list in: show it, write its team workbook, remember how it is read. 退出码 Exit code: 0 已采用 adopted · 1 只看了 shown only · 2 未能 not done."""
    from kam_xl.doors import adopting

    asked = adopting.Asked(file, teams, tuple(map_ or ()), ids_from_names, yes)
    perform(lambda words: adopting.adopt(asked, words), lang, bug="job.bug", stopped="job.stopped")


@app.command(rich_help_panel=_NIGHT, epilog="例 Example:  kam-xl standards standards.html --policy policy.toml")
def standards(
    page: Annotated[Path, typer.Argument(dir_okay=False, help="写到哪个 .html 文件 The .html file to write")],
    policy: PolicyFile = None,
    lang: Lang = "zh-CN",
) -> None:
    """由政策写出服务标准手册，Word 也能打开 · Write the service standards from the policy; Word opens them too. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""
    from kam_xl.doors import handbook

    perform(lambda words: handbook.standards(page, policy, words), lang, bug="job.bug", stopped="job.stopped")


@app.command(rich_help_panel=_NIGHT, epilog="例 Example:  kam-xl demo --folder demo --lang en")
def demo(
    folder: Annotated[Path, typer.Option(help="演示文件夹 Folder for the demo")] = Path("demo"),
    lang: Lang = "zh-CN",
    workers: Workers = CORES,
) -> None:
    """生成演示工作簿并合并 · Make demo workbooks and consolidate them."""
    _perform_nightly(lambda night, words: night.demo(folder, workers, words), lang)


@app.command(rich_help_panel=_NIGHT, epilog="例 Example:  kam-xl notify --config kam_xl.toml")
def notify(config: ConfigFile = None, lang: Lang = "zh-CN") -> None:
    """试发一条消息 · Send every channel a trial. 退出码 Exit code: 0 都已送达 told · 1 有渠道失败 failed · 2 无地址 no address."""
    _perform_nightly(lambda night, words: night.notify(config, words), lang, stopped="job.stopped")


# --- the nights behind us --------------------------------------------------------------------------------------------


@app.command(rich_help_panel=_PAST, epilog="例 Example:  kam-xl worth out --into worth")
def worth(
    out: Outputs,
    policy: PolicyFile = None,
    into: Into = Path("worth"),
    lang: Lang = "zh-CN",
) -> None:
    """哪些预警值得：后来变差了多少，建议收紧、放宽或停用哪些规则 · Which alarms were worth it. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""
    _perform_nightly(lambda _, words: _review().worth(out, policy, into, words), lang, stopped="job.stopped")


@app.command(rich_help_panel=_PAST, epilog="例 Example:  kam-xl why out C001 --since 2026-11-01 --page why.html")
def why(
    out: Outputs,
    customer: Annotated[
        str | None, typer.Argument(help="客户ID，省略则为全部 A customer's ID; all if left out")
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=DAY, help="与哪一天的夜晚比较，默认前一晚 Night to compare with; the one before if left out"
        ),
    ] = None,
    page: Annotated[Path | None, typer.Option(dir_okay=False, help="另写成网页 Write a page besides")] = None,
    lang: Lang = "zh-CN",
) -> None:
    """说明数字为何变化 · Why figures are not what they were on an earlier night. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""
    _perform_nightly(lambda _, words: _reasons().why(out, customer, since and since.date(), page, words), lang)


@app.command(rich_help_panel=_PAST, epilog="例 Example:  kam-xl replay out --policy proposed.toml --from 2026-10-01")
def replay(
    out: Outputs,
    policy: PolicyFile = None,
    since: Annotated[dt.datetime | None, typer.Option("--from", formats=DAY, help="从哪天起 From this day on")] = None,
    until: Annotated[dt.datetime | None, typer.Option("--to", formats=DAY, help="到哪天止 Up to this day")] = None,
    into: Into = Path("trial"),
    lang: Lang = "zh-CN",
) -> None:
    """在过去的夜晚试另一份政策；不给政策则比较两天 · Try a policy on the nights behind you; without one, compare two days. 退出码 Exit code: 0 完成 done · 1 部分完成 in part · 2 未完成 not done."""
    days = (since and since.date(), until and until.date())
    _perform_nightly(lambda _, words: _trying().replay(out, policy, *days, into, words), lang, stopped="job.stopped")


@app.command(rich_help_panel=_PAST, epilog="例 Example:  kam-xl calibrate out")
def calibrate(out: Outputs, into: Into = Path("trial"), lang: Lang = "zh-CN") -> None:
    """提出更合目标的分数线和权重，写成政策文件 · Propose cut-offs and weights, each as a policy file to replay. 退出码 Exit code: 0 完成 done · 1 部分完成 in part · 2 未完成 not done."""
    _perform_nightly(lambda _, words: _trying().calibrate(out, into, words), lang, stopped="job.stopped")


# What these commands do, once it is known that this is no desk.


def _review() -> ModuleType:
    from kam_xl.doors import review

    return review


def _reasons() -> ModuleType:
    from kam_xl.doors import reasons

    return reasons


def _trying() -> ModuleType:
    from kam_xl.doors import trying

    return trying


def _ledger() -> ModuleType:
    from kam_xl.doors import ledger

    return ledger


# --- the ledger -------------------------------------------------------------------------------------------------------


@app.command(rich_help_panel=_LEDGER, epilog="例 Example:  kam-xl verify out --mark kjdhfahibcmo")
def verify(
    out: Outputs,
    mark: Annotated[
        str | None, typer.Option(help="以前记下的印记 Mark noted down before; its record must still be there")
    ] = None,
    lang: Lang = "zh-CN",
) -> None:
    """核对账本是否完整 · Whether the ledger is whole. 退出码 Exit code: 0 完整 whole · 1 有对不上的 something does not fit · 2 未完成 not done."""
    _perform_nightly(lambda _, words: _ledger().verify(out, mark, words), lang, stopped="job.stopped")


@app.command(rich_help_panel=_LEDGER, epilog="例 Example:  kam-xl again out --night 2026-11-21")
def again(
    out: Outputs,
    night: Annotated[str, typer.Option(help="哪一晚 Which night: 2026-11-21 | 2026-11-21T02:00:00")],
    into: Annotated[
        Path | None, typer.Option(file_okay=False, help="写到哪个文件夹 Folder to write to, instead of one beside OUT")
    ] = None,
    lang: Lang = "zh-CN",
) -> None:
    """重做过去的一晚，逐字节比较 · A past night made again and compared. 退出码 Exit code: 0 相同 the same · 1 有不同 something differs · 2 未完成 not done."""
    _perform_nightly(lambda _, words: _ledger().again(out, night, into, words), lang, stopped="job.stopped")


@app.command(rich_help_panel=_LEDGER, epilog="例 Example:  kam-xl forget out C001")
def forget(
    out: Outputs,
    customer: Annotated[str, typer.Argument(metavar="ID", help="客户ID The customer's ID")],
    lang: Lang = "zh-CN",
) -> None:
    """从保存的内容里删除一位客户，不能撤销 · One customer out of all that is kept, for good. 退出码 Exit code: 0 完成 done · 1 有遗留 something left to see to · 2 未完成 not done."""
    _perform_nightly(lambda _, words: _ledger().forget(out, customer, words), lang, stopped="job.stopped")


# --- the desk ---------------------------------------------------------------------------------------------------------


@app.command(rich_help_panel=_DESK, epilog="例 Example:  kam-xl install --dry-run")
def install(
    lang: Lang = "zh-CN",
    dry_run: DryRun = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="让 Excel 信任模板文件夹 Make Excel trust the templates' folder (Windows)")
    ] = False,
) -> None:
    """装到这台电脑，可重复运行 · Install for this user, as often as you like. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""
    from kam_xl.doors import desk

    perform(lambda words: desk.install_(words, trust=trust, dry_run=dry_run), lang)


@app.command(rich_help_panel=_DESK, epilog="例 Example:  kam-xl uninstall --dry-run")
def uninstall(lang: Lang = "zh-CN", dry_run: DryRun = False) -> None:
    """卸载，只删除安装时写入的内容 · Remove what install wrote, never a changed workbook. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""
    from kam_xl.doors import desk

    perform(lambda words: desk.uninstall_(words, dry_run=dry_run), lang)


@app.command(rich_help_panel=_DESK, epilog="例 Example:  kam-xl doctor --workbook 华东.xlsm --report report.md")
def doctor(
    lang: Lang = "zh-CN",
    workbook: Annotated[str | None, typer.Option(help="要检查的工作簿 Check this workbook too")] = None,
    report: Annotated[
        Path | None, typer.Option(dir_okay=False, help="结果和人工清单写入文件 Write checks and checklist to a file")
    ] = None,
) -> None:
    """诊断：找出已知的问题和处理办法 · Find every known trap and its remedy. 退出码 Exit code: 0 正常 fine · 1 有问题 something wrong · 2 未完成 not done."""
    from kam_xl.doors import desk

    perform(lambda words: desk.doctor_(workbook, report, words), lang)


@app.command(rich_help_panel=_DESK, epilog="例 Example:  kam-xl upgrade teams --dry-run")
def upgrade(
    folder: Annotated[Path, typer.Argument(help="工作簿所在文件夹 Folder of the workbooks")],
    lang: Lang = "zh-CN",
    dry_run: DryRun = False,
) -> None:
    """升级工作簿的宏和按钮，不动任何表格 · New macros and ribbon, no sheet touched. 退出码 Exit code: 0 完成 done · 1 有跳过 some skipped · 2 未完成 not done."""
    from kam_xl.doors import desk

    perform(lambda words: desk.upgrade_(folder, words, dry_run=dry_run), lang)


@app.command("open", rich_help_panel=_DESK, epilog="例 Example:  kam-xl open 华东.xlsm --in libreoffice")
def open_(
    workbook: Annotated[Path, typer.Argument(help="要打开的工作簿 The workbook to open")],
    host: Annotated[
        str | None, typer.Option("--in", help="用什么打开 In which program: excel | libreoffice", callback=host)
    ] = None,
    lang: Lang = "zh-CN",
) -> None:
    """打开工作簿，函数和按钮可用 · Open a workbook with its functions and buttons at work. 退出码 Exit code: 0 完成 done · 2 未完成 not done."""
    from kam_xl.doors import desk

    perform(lambda words: desk.open_(workbook, host, words), lang)
