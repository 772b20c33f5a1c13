"""A night on Windows' Python: what it writes is what it writes on Linux; a held master, Ctrl+C and the nightly timer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from tests.wine.computer import FILLED, INSIDE, PROJECT, Computer, Ran

LOCK = ".kam_xl.lock"
MASTER = "KAM_Master.xlsx"
AT_ONCE = 10  # seconds; Wine takes longer to end a process than Windows, and two computers share this one
each_language = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def both(windows: Computer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of one night on both systems, over the same workbooks."""
    here, there = tmp_path_factory.mktemp("night"), windows.c / "night"
    subprocess.run([sys.executable, INSIDE / "night.py", here], env={"PYTHONPATH": str(PROJECT)}, check=False)
    shutil.copytree(here / "teams", there / "teams")
    ran = windows.run(FILLED, "night.py", r"C:\night", lang="zh-CN")
    assert (here / "out" / MASTER).exists()
    assert (there / "out" / MASTER).exists(), ran.text
    return here, there


def names(folder: Path) -> list[str]:
    """The files below a folder, but the lock, which Windows' own removes itself."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != LOCK
    )


#: Of a number's decimals: in the last bits of a power two systems' libraries of mathematics differ.
_PLACES = 9


def contents(path: Path) -> object:
    """What a file says, however its lines end."""
    match path.suffix:
        case ".xlsx" | ".xlsm" if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parts:
                return {name: _lines(parts.read(name)) for name in parts.namelist()}
        case ".parquet":
            return pd.read_parquet(path).to_json(date_format="iso", double_precision=_PLACES)
        case ".json":
            whole = path.read_text("utf-8")
            return [*map(_told, map(json.loads, whole.splitlines() if "store" in path.parts else [whole]))]
    return _lines(path.read_bytes())


#: Of a record: how long a step took, the digests of what was written and of itself, how the disk knows a file.
_ITS_OWN = {"seconds", "outputs", "content", "own", "stamp"}


def _told(value: object) -> object:
    """What a record says but what no two runs share."""
    if isinstance(value, dict):
        return {name: _told(one) for name, one in value.items() if name not in _ITS_OWN}
    return [*map(_told, value)] if isinstance(value, list) else value


def _lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("which", ["made", "out"])
def proof_a_night_writes_what_it_writes_on_linux(both, which):
    here, there = (folder / which for folder in both)

    assert names(here) == names(there)
    assert len(names(here)) > 10
    assert [name for name in names(here) if contents(here / name) != contents(there / name)] == []


TEAMS, OUT = r"C:\night\teams", r"C:\night\out"


def run_with(windows: Computer, program: str, *arguments: str, out: str = OUT, lang: str = "en") -> Ran:
    """A run over the same workbooks, by a program that does something to it."""
    command = ("batch.py", "run", TEAMS, "--out", out, "--lang", lang)
    return windows.run(FILLED, f"{program}.py", *arguments, *command, lang=lang)


@pytest.fixture
def last_night(windows: Computer, both: tuple[Path, Path]) -> Iterator[Path]:
    """The output folder; it is as it was afterwards, and nothing lies about in it."""
    out = both[1] / "out"
    before = {name: (out / name).read_bytes() for name in names(out)}
    yield out
    assert {name: (out / name).read_bytes() for name in names(out)} == before
    assert {path.name for path in out.iterdir() if path.name.startswith(".")} <= {LOCK}


@each_language
def proof_a_run_says_that_excel_holds_the_master_and_a_held_team_s_workbook_is_read(windows, last_night, lang):
    ran = run_with(windows, "held", rf"{OUT}\{MASTER}", rf"{TEAMS}\APAC.xlsx", "--", lang=lang)

    assert (ran.code, ran.lines) == (2, [resources.words(lang)("job.cannot_replace", file=MASTER)])


@pytest.mark.parametrize(
    ("until", "out"), [(rf"child+..\night\first\{LOCK}", r"C:\night\first"), (r"..\night\out\.staging-*", OUT)]
)
def proof_ctrl_c_ends_a_run_while_it_reads_and_while_it_writes(windows, last_night, until, out):
    ran = run_with(windows, "interrupted", until, out=out)

    told = json.loads(ran.lines[-1])
    assert told["code"] == 130, told
    assert told["said"].splitlines() == [resources.words("en")("job.interrupted")]
    assert (told["children"], told["left"]) == (out != OUT, [])
    assert told["seconds"] < AT_ONCE
    assert not (last_night.parent / "first").exists()  # a folder made for nothing goes, too


def proof_ctrl_c_ends_the_nightly_timer(windows, last_night):
    """A folder without a night has missed none, so that nothing is caught up."""
    words = resources.words("en")
    command = ("batch.py", "schedule", TEAMS, "--out", r"C:\night\first", "--at", "02:00", "--lang", "en")
    ran = windows.run(FILLED, "interrupted.py", "line", *command)

    told = json.loads(ran.lines[-1])
    assert (told["code"], told["left"]) == (0, []), told
    assert told["said"].splitlines() == [words("job.waiting", at="02:00"), words("job.stopped")]
    assert told["seconds"] < AT_ONCE


@each_language
def proof_the_demo_is_made_and_read(windows, lang):
    """In a folder of its own name and in one that a Western console cannot show."""
    folder = {"zh-CN": "演示", "en": "demo"}[lang]

    ran = windows.run(FILLED, "batch.py", "demo", "--folder", folder, "--lang", lang, lang=lang)

    assert ran.code == 0, ran.text
    assert (windows.c / "project" / folder / "out" / MASTER).exists()
