"""A computer on which Windows' Python runs under Wine: a copy of what `machine/make.sh` made, gone after the tests that share it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kam_xl.desk.machine import Listener

PROJECT = Path(__file__).parents[2]
INSIDE = Path(__file__).parent / "inside"
#: Where `run.sh` has the computer that all others are copies of, a folder for the copies, and one for what was said.
MADE, COPIES, SAID = (Path(os.environ.get(f"KAM_WINE_{name}", "/nowhere")) for name in ("MADE", "COPIES", "SAID"))
BARE, FILLED = r"C:\Bare\python.exe", r"C:\Filled\python.exe"
#: What each language's Windows calls itself, and how what our programs write there is read: code page 1252 has no Chinese.
LOCALES = {"zh-CN": ("zh_CN.UTF-8", "cp936"), "en": ("en_US.UTF-8", "utf-8")}
SECONDS = 600
_START_SECONDS, _END_SECONDS = 180, 60
_ENVIRONMENT = {
    "PATH": os.defpath, "HOME": str(Path.home()), "WINEARCH": "win64", "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree,mshtml=;winedbg.exe=d;ucrtbase=n,b",  # the C runtime is the prefix's own
    "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": r"C:\wheels", "PIP_NO_COMPILE": "1",  # Python compiles what it uses, a tenth
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """How a program ended, None where it did not in time, and what it wrote."""

    code: int | None
    text: str

    @property
    def lines(self) -> list[str]:
        """What it wrote, line by line."""
        return self.text.splitlines()


@dataclass(frozen=True)
class Computer:
    """A Wine prefix, and the name under which is kept what was typed on it and what it answered."""

    name: str
    prefix: Path

    @property
    def c(self) -> Path:
        """Drive C: as seen from here."""
        return self.prefix / "drive_c"

    @property
    def home(self) -> Path:
        """The one user's folder."""
        return next(path for path in (self.c / "users").iterdir() if path.name != "Public")

    def run(self, *command: object, lang: str = "en", folder: str = "project", seconds: float = SECONDS) -> Ran:
        """Run a program to its end on a Windows of that language. Its output is a pipe: Wine's Python has no other."""
        at_work = subprocess.Popen(
            ["wine", *map(str, command)], env=self.env(lang), cwd=self.c / folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
        )  # fmt: skip
        listener = Listener(at_work.stdout)
        try:
            code = at_work.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
            at_work.kill()
            at_work.wait()
        told = listener.by_now().decode("utf-8" if "utf8" in command else LOCALES[lang][1], "replace")
        ran = Ran(code, told.replace("\r\n", "\n"))
        with (SAID / f"{self.name}.txt").open("a", encoding="utf-8") as said:
            said.write(f"C:\\{folder}> {subprocess.list2cmdline(map(str, command))}\n{ran.text}\n")
        return ran

    def env(self, lang: str) -> dict[str, str]:
        """What every program of Wine's is started with."""
        locales = {"LC_ALL": LOCALES[lang][0], "LOCPATH": str(MADE / "locales")}
        return _ENVIRONMENT | locales | {"WINEPREFIX": str(self.prefix)}

    def put(self, *names: str) -> None:
        """Our files as git has them, those below the names, for the folder `project` of drive C:."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", *names], cwd=PROJECT, capture_output=True, encoding="utf-8", check=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            (self.c / "project" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, self.c / "project" / name)


#: What of ours a user fetches.
PRODUCT = ("kam_xl", "workbook", "batch.py", "udfs.py", "pyproject.toml", "requirements.txt", "README.md", "LICENSE")


#: What nobody there writes to: all copies share it.
_SHARED = tuple(f"{MADE / 'prefix' / 'drive_c' / name}/" for name in ("Bare", "Filled", "wheels"))


def _put(source: str, target: str) -> None:
    (os.link if source.startswith(_SHARED) else shutil.copy2)(source, target)


@contextmanager
def fresh(name: str, *files: str) -> Iterator[Computer]:
    """A computer as it comes, with our files on it."""
    one = Computer(name, COPIES / name)
    shutil.copytree(MADE / "prefix", one.prefix, symlinks=True, copy_function=_put)
    try:
        one.put(*PRODUCT, *files)
        for path in INSIDE.glob("*.py"):
            shutil.copyfile(path, one.c / "project" / path.name)
        with _switched_on(one):
            yield one
    finally:
        shutil.rmtree(one.prefix, ignore_errors=True)


@contextmanager
def _switched_on(one: Computer) -> Iterator[None]:
    """It stays on between programs: otherwise Wine starts with each of them and ends with it, which takes three seconds."""
    pipe, env = subprocess.PIPE, one.env("en")
    with subprocess.Popen(
        ["wine", "cmd"], env=env, cwd=one.c, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
    ) as prompt:
        try:
            if not select.select([prompt.stdout], [], [], _START_SECONDS)[0]:
                raise TimeoutError(f"Wine does not start in {_START_SECONDS} s")
            yield
        finally:
            prompt.kill()
            subprocess.run(["timeout", str(_END_SECONDS), "wineserver", "--kill"], env=env, check=False)
