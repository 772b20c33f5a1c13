"""Folders with LibreOffice's settings: it runs once for each, and a lock tells whether the one that was started still does."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import psutil
from filelock import FileLock, Timeout

#: What tells LibreOffice the address of the folder with its settings.
INSTALLATION = "-env:UserInstallation="
_NEW_SECONDS = 60  # a folder may be made, but not locked yet

#: Office.Calc's and other settings → value. Values stay as saved until we calculate; nothing asks, greets or looks for
#: updates.
_SETTINGS = {
    "Office.Calc/Formula/Load/OOXMLRecalcMode": "1",
    "Office.Common/Save/Document/WarnAlienFormat": "false",  # in its own format the workbook would be Excel's no more
    "Office.Common/Misc/FirstRun": "false",
    "Office.Common/Misc/ShowTipOfTheDay": "false",
    "Office.Common/Misc/CrashReport": "false",
    "Setup/Product/ooSetupLastVersion": "99.9",  # no notes on what is new
}
_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_FILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}
</oor:items>
"""


@dataclass(frozen=True)
class Profile:
    """A folder that is its owner's as long as `lock` is held."""

    owner: str
    folder: Path
    lock: FileLock
    lasting: bool

    def release(self) -> None:
        """Let go of the folder; one that is not to last goes away."""
        self.lock.release()
        if not self.lasting:
            shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Profiles:
    """The folders of one owner, whose name the temporary ones and every lock bear: nobody else's are touched."""

    owner: str

    @property
    def _temporary(self) -> str:
        return f"{self.owner}_libreoffice_"

    @property
    def _lock(self) -> str:
        return f"{self.owner}.lock"

    def temporary(self) -> Profile:
        """A new folder; those that a process killed by force left behind are cleared away."""
        for folder in Path(tempfile.gettempdir()).glob(f"{self._temporary}*"):
            with contextlib.suppress(OSError):  # another process may clear it away just now
                if time.time() - folder.stat().st_mtime > _NEW_SECONDS and self._is_abandoned(folder):
                    _end_programs_of(folder)
                    shutil.rmtree(folder, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=self._temporary))
        return Profile(self.owner, _prepared(folder), self._held(folder), lasting=False)

    def lasting(self, below: Path) -> Profile:
        """The folder below another that keeps what the user changes in LibreOffice; the next one while that is in use."""
        for number in itertools.count(1):
            folder = below / f"libreoffice-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(Timeout):
                profile = Profile(self.owner, folder, self._held(folder), lasting=True)
                _end_programs_of(folder)
                _prepared(folder)
                return profile
        raise AssertionError  # numbers do not end

    def unlock(self, workbook: Path) -> None:
        """Remove the mark of an open workbook when the LibreOffice that made it was this owner's and has gone."""
        mark = workbook.with_name(f".~lock.{workbook.name}#")
        try:
            profile = mark.read_text("utf-8").rstrip(";\n").rpartition(",")[2]
        except (OSError, UnicodeDecodeError):
            return
        folder = path_of(profile)
        gone = folder.name.startswith(self._temporary) and not folder.exists()
        if gone or self._is_abandoned(folder):
            mark.unlink(missing_ok=True)

    def _is_abandoned(self, folder: Path) -> bool:
        """True for a folder of this owner's whose LibreOffice nobody holds any more."""
        if not (folder / self._lock).is_file():
            return False
        try:
            self._held(folder).release()
        except (Timeout, OSError):  # in use, or another user's
            return False
        return True

    def _held(self, folder: Path) -> FileLock:
        lock = FileLock(folder / self._lock, timeout=0)
        lock.acquire()
        return lock


def path_of(url: str) -> Path:
    """The path that LibreOffice's address of a file or folder means."""
    return Path(url2pathname(urlsplit(url).path))


def _prepared(folder: Path) -> Path:
    """The folder with our settings where it has none yet, and without the mark of a LibreOffice that crashed."""
    (folder / ".lock").unlink(missing_ok=True)
    settings = folder / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.parent.mkdir(exist_ok=True)
        items = [
            _ITEM.format(path=path.rpartition("/")[0], name=path.rpartition("/")[2], value=value)
            for path, value in _SETTINGS.items()
        ]
        settings.write_text(_FILE.format(items="\n".join(items)), "utf-8")
    return folder


def _end_programs_of(folder: Path) -> None:
    """End every program that was started with this folder: whoever started it is gone."""
    told = f"{INSTALLATION}{folder.absolute().as_uri()}"
    for number in psutil.pids():
        with unseen():
            process = psutil.Process(number)
            if told in process.cmdline():
                process.kill()


def unseen() -> contextlib.AbstractContextManager[None]:
    """Another process may be gone or closed to us; psutil lets plain OSErrors through for some of Windows' own."""
    return contextlib.suppress(psutil.Error, OSError)
