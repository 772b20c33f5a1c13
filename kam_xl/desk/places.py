"""Where everything of KAM XL lies on a desk: one fixed place a user, so that every colleague's workbook names the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kam_xl.desk.machine import Machine

#: How workbooks name the place on Windows; the second one, which all users share, where the first is not plain ASCII.
WINDOWS_ROOTS = ("%LOCALAPPDATA%", "%PROGRAMDATA%")
FOLDER = "kam_xl"
_LETTERS = 8  # of the digest that tells users apart
_SHELL_FOLDERS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"


@dataclass(frozen=True)
class Places:
    """The folders and files of one user's KAM XL.

    `told` is the root as a workbook's configuration names it; in `own` nobody else writes: mostly it is the root itself.
    """

    root: Path
    told: str
    own: Path
    books: Path
    windows: bool

    @property
    def app(self) -> Path:
        """The folder in which earlier versions kept the program."""
        return self.root / "app"

    @property
    def venv(self) -> Path:
        """The folder of its Python environment."""
        return self.root / "venv"

    @property
    def python(self) -> Path:
        """The interpreter of that environment."""
        return self.venv / ("Scripts/python.exe" if self.windows else "bin/python")

    @property
    def record(self) -> Path:
        """The file that lists what the installation wrote; where nobody else can make it up."""
        return self.own / "install.json"

    @property
    def shared(self) -> bool:
        """True where the root lies in a folder in which every user of the computer may write."""
        return self.root != self.own

    @property
    def stamp(self) -> Path:
        """The file that says which package the environment holds, with all that it needs."""
        return self.venv / "kam_xl.stamp"

    @property
    def site_packages(self) -> Path:
        """The folder of the environment's packages."""
        if self.windows:
            return self.venv / "Lib" / "site-packages"
        return next(self.venv.glob("lib/python3*/site-packages"), self.venv / "lib" / "site-packages")

    def conf(self) -> Mapping[str, str] | None:
        """The rows of a workbook's configuration that differ from those every template carries; None for no rows."""
        if not self.shared:
            return None
        return {"Interpreter_Win": rf"{self.told}\venv\Scripts\python.exe"}

    def xlwings(self) -> str | None:
        """The version of xlwings in the environment; None where it is missing."""
        found = [re.match(r"xlwings-([\w.]+)\.dist-info$", path.name) for path in self.site_packages.glob("xlwings-*")]
        return next((match[1] for match in found if match), None)


def of(machine: Machine) -> Places:
    """The places on one machine. xlwings reaches for paths by way of the old, ANSI interfaces, hence the second root."""
    if not machine.windows:
        root = machine.home / FOLDER
        return Places(root, f"$HOME/{FOLDER}", root, machine.home / "Documents" / "KAM", windows=False)
    profile, common = (machine.expanded(root) for root in WINDOWS_ROOTS)
    own, books = profile / FOLDER, documents(machine) / "KAM"
    if str(profile).isascii() or not str(common).isascii() or not common.is_absolute():
        return Places(own, rf"{WINDOWS_ROOTS[0]}\{FOLDER}", own, books, windows=True)
    folder = _of_this_user(profile)
    return Places(common / folder, rf"{WINDOWS_ROOTS[1]}\{folder}", own, books, windows=True)


def _of_this_user(profile: Path) -> str:
    """A folder's name in plain ASCII for each user; beside the others', for whoever owns a folder may empty it."""
    return f"{FOLDER}-{hashlib.sha256(str(profile).casefold().encode()).hexdigest()[:_LETTERS]}"


def documents(machine: Machine) -> Path:
    """The user's documents folder, which companies like to move."""
    told = machine.registry.read(_SHELL_FOLDERS, "Personal")
    return machine.expanded(str(told)) if told else machine.home / "Documents"
