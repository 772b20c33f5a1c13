"""Where everything of KAM XL lies on a desk: one fixed place a user, so that every colleague's workbook names the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import kam_xl
from kam_xl.desk.machine import Machine

#: The folder that holds the package: the installed program, or the project it was fetched as.
PROJECT = Path(kam_xl.__file__).parents[1]

#: How workbooks name the place on Windows; the second one where the first one's path is not plain ASCII.
WINDOWS_ROOTS = ("%LOCALAPPDATA%", "%PROGRAMDATA%")
FOLDER = "kam_xl"
_SHELL_FOLDERS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"


@dataclass(frozen=True)
class Places:
    """The folders and files of one user's KAM XL; `told` is the root as a workbook's configuration names it."""

    root: Path
    told: str
    books: Path
    windows: bool

    @property
    def app(self) -> Path:
        """The folder of the program."""
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
        """The file that lists what the installation wrote."""
        return self.root / "install.json"

    @property
    def stamp(self) -> Path:
        """The file that says which requirements the environment holds."""
        return self.venv / "kam_xl.stamp"

    @property
    def site_packages(self) -> Path:
        """The folder of the environment's packages."""
        if self.windows:
            return self.venv / "Lib" / "site-packages"
        return next(self.venv.glob("lib/python3*/site-packages"), self.venv / "lib" / "site-packages")

    def conf(self) -> Mapping[str, str] | None:
        """The rows of a workbook's configuration that differ from those every template carries; None for no rows."""
        if not self.windows or self.told.startswith(WINDOWS_ROOTS[0]):
            return None
        return {"Interpreter_Win": rf"{self.told}\venv\Scripts\python.exe", "PYTHONPATH": rf"{self.told}\app"}

    def xlwings(self) -> str | None:
        """The version of xlwings in the environment; None where it is missing."""
        found = [re.match(r"xlwings-([\w.]+)\.dist-info$", path.name) for path in self.site_packages.glob("xlwings-*")]
        return next((match[1] for match in found if match), None)


def of(machine: Machine) -> Places:
    """The places on one machine. xlwings reaches for paths by way of the old, ANSI interfaces, hence the second root."""
    if not machine.windows:
        return Places(machine.home / FOLDER, f"$HOME/{FOLDER}", machine.home / "Documents" / "KAM", windows=False)
    told = next((root for root in WINDOWS_ROOTS if str(machine.expanded(root)).isascii()), WINDOWS_ROOTS[0])
    return Places(machine.expanded(told) / FOLDER, rf"{told}\{FOLDER}", documents(machine) / "KAM", windows=True)


def documents(machine: Machine) -> Path:
    """The user's documents folder, which companies like to move."""
    told = machine.registry.read(_SHELL_FOLDERS, "Personal")
    return machine.expanded(str(told)) if told else machine.home / "Documents"


def pinned_xlwings(requirements: str) -> str:
    """The one version of xlwings that requirements.txt allows."""
    return re.search(r"^xlwings==([\w.]+)", requirements, re.MULTILINE)[1]
