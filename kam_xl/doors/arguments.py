"""What the commands of ``kam-xl`` are called with: each parameter that several share, as the help tells it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kam_xl.core.words import LANGUAGES
from kam_xl.reports.run import Rhythm

#: The programs that a workbook can be opened in.
HOSTS = ("excel", "libreoffice")


def language(lang: str) -> str:
    """The language, if it is one of ours."""
    if lang not in LANGUAGES:
        raise typer.BadParameter(f"{' | '.join(LANGUAGES)}")
    return lang


def host(name: str | None) -> str | None:
    """The program, if a workbook can be opened in it."""
    if name not in (None, *HOSTS):
        raise typer.BadParameter(f"{' | '.join(HOSTS)}")
    return name


Lang = Annotated[str, typer.Option(help="语言 Language: zh-CN | en", callback=language)]
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
    list[Rhythm] | None,
    typer.Option(
        "--view", help="另写会议页面，可多次使用 Page for a meeting to write besides; may be given several times"
    ),
]
LogFile = Annotated[Path | None, typer.Option(help="JSON 日志文件 Log file, one JSON object a line")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只说要做什么，不做 Say what would be done, do nothing")]
Outputs = Annotated[Path, typer.Argument(help="每晚运行的输出文件夹 Output folder of the nightly runs")]
Into = Annotated[Path, typer.Option(file_okay=False, help="写到哪个文件夹 Folder to write to, never among the outputs")]

#: As many workbooks are read at a time.
CORES = os.cpu_count() or 1
#: How a day is written.
DAY = ["%Y-%m-%d"]
