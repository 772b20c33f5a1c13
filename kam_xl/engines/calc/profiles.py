"""Folders with LibreOffice's settings: it runs once for each, and a lock tells whether the one we started still does."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock, Timeout

from kam_xl.hosts import processes

_TEMPORARY = "kam_xl_libreoffice_"
_LOCK = "kam_xl.lock"
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
    """A folder that is ours as long as `lock` is held."""

    folder: Path
    lock: FileLock
    lasting: bool

    def release(self) -> None:
        """Let go of the folder; one that is not to last goes away."""
        self.lock.release()
        if not self.lasting:
            shutil.rmtree(self.folder, ignore_errors=True)


def temporary() -> Profile:
    """A new folder; those that a process killed by force left behind are cleared away."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}*"):
        with contextlib.suppress(OSError):  # another process may clear it away just now
            if time.time() - folder.stat().st_mtime > _NEW_SECONDS and is_abandoned(folder):
                _end_programs_of(folder)
                shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY))
    return Profile(_prepared(folder), _held(folder), lasting=False)


def lasting() -> Profile:
    """The folder that keeps what the user changes in LibreOffice; the next one while that is in use."""
    for number in itertools.count(1):
        folder = _user_folder() / f"libreoffice-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Timeout):
            profile = Profile(folder, _held(folder), lasting=True)
            _end_programs_of(folder)
            _prepared(folder)
            return profile
    raise AssertionError  # numbers do not end


def is_abandoned(folder: Path) -> bool:
    """True for a folder of ours whose LibreOffice nobody holds any more."""
    if not (folder / _LOCK).is_file():
        return False
    try:
        _held(folder).release()
    except (Timeout, OSError):  # in use, or another user's
        return False
    return True


def unlock(workbook: Path) -> None:
    """Remove the mark of an open workbook when the LibreOffice that made it was ours and has gone."""
    mark = workbook.with_name(f".~lock.{workbook.name}#")
    try:
        profile = mark.read_text("utf-8").rstrip(";\n").rpartition(",")[2]
    except (OSError, UnicodeDecodeError):
        return
    folder = path_of(profile)
    if is_abandoned(folder) or (folder.name.startswith(_TEMPORARY) and not folder.exists()):
        mark.unlink(missing_ok=True)


def path_of(url: str) -> Path:
    """The path that LibreOffice's address of a file or folder means."""
    return Path(url2pathname(urlsplit(url).path))


def _user_folder() -> Path:
    """The platform's place for files that may be lost."""
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"]) / "kam_xl"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "kam_xl"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kam_xl"


def _held(folder: Path) -> FileLock:
    lock = FileLock(folder / _LOCK, timeout=0)
    lock.acquire()
    return lock


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
    told = f"-env:UserInstallation={folder.absolute().as_uri()}"
    for process in processes.everyone():
        if told in processes.seen(process.cmdline, []):
            processes.seen(process.kill, None)
