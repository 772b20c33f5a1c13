"""The computer as the desk sees it: facts, and the few doors through which anything outside the file system goes."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

SYSTEMS = {"Windows": "windows", "Darwin": "macos"}
#: What a download carries: Windows keeps it in a second stream of the file, macOS in an attribute.
WEB_MARK = "Zone.Identifier"
QUARANTINE = "com.apple.quarantine"
#: No answer is worth a longer wait, except pip's.
SECONDS = 60
#: A program that has ended has written all it will; so long it may take to be read.
_LAST_WORDS, _PIECE = 2, 65536  # seconds, bytes
_NO_WINDOW = 0x08000000
_DETACHED = 0x00000008 | 0x00000200  # detached, in a process group of its own


@dataclass(frozen=True)
class Ran:
    """How a program ended: its exit code, and what it wrote."""

    code: int
    output: str


class Registry(Protocol):
    r"""Windows' registry; a key is a text such as ``HKCU\Software\X``, a value's name "" its default value."""

    def read(self, key: str, name: str = "") -> str | int | None:
        """The value, or None where key or value are missing or may not be read."""

    def names(self, key: str) -> tuple[str, ...]:
        """The names of the keys right below one."""

    def write(self, key: str, values: Mapping[str, str | int]) -> None:
        """Make the key where it is missing and set its values."""

    def delete(self, key: str) -> None:
        """Remove a key that has no keys below it; one that is not there is no matter."""


@dataclass(frozen=True)
class Machine:
    """Facts about a computer and the doors to it; tests give a made-up one."""

    system: str  # windows | macos | linux
    env: Mapping[str, str]
    home: Path
    python: Path  # the interpreter that runs this
    base_python: Path  # the installed Python it comes from, outside any virtual environment
    version: tuple[int, int, int]
    code_page: str  # how Windows' older interfaces write a path
    registry: Registry
    run: Callable[[Sequence[object], float], Ran]
    leave: Callable[[Sequence[object]], None]  # starts a program that outlives this one
    mark: Callable[[Path], str]  # what says that a file came from the internet; "" when nothing does
    running: Callable[[Path], tuple[str, ...]]  # the names of other programs that run from below a folder
    start: Callable[[Path], None]  # opens a file in Excel

    @property
    def windows(self) -> bool:
        """True on Windows."""
        return self.system == "windows"

    @property
    def macos(self) -> bool:
        """True on macOS."""
        return self.system == "macos"

    def expanded(self, text: str) -> Path:
        """A path as Excel would read it: ``%NAME%`` on Windows, a leading ``$HOME`` on macOS; unknown names stay."""
        if not self.windows:
            return Path(text.replace("$HOME", str(self.home), 1) if text.startswith("$HOME") else text)
        known = {name.upper(): value for name, value in self.env.items()}
        told = re.sub("%([^%]+)%", lambda found: known.get(found[1].upper(), found[0]), text)
        return Path(told.replace("\\", os.sep))


def this() -> Machine:
    """The computer this runs on."""
    system = SYSTEMS.get(platform.system(), "linux")
    return Machine(
        system=system,
        env=dict(os.environ),
        home=Path.home(),
        python=Path(sys.executable),
        base_python=Path(getattr(sys, "_base_executable", sys.executable)),
        version=sys.version_info[:3],
        code_page=_code_page(system),
        registry=WindowsRegistry() if system == "windows" else NoRegistry(),
        run=run,
        leave=_leave,
        mark=_stream if system == "windows" else _quarantine if system == "macos" else lambda path: "",
        running=_running,
        start=_start_on_windows if system == "windows" else _start_elsewhere,
    )


def run(command: Sequence[object], seconds: float = SECONDS) -> Ran:
    """Run a program to its end without a window; one that is missing or too slow ends with code -1 and the reason.

    What it leaves running behind it is not waited for, even where that keeps the program's output open.
    """
    try:
        program = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            bufsize=0, env={**os.environ, "PYTHONUTF8": "1"}, creationflags=_NO_WINDOW if os.name == "nt" else 0,
        )  # fmt: skip
    except OSError as error:
        return Ran(-1, str(error))
    listener = Listener(program.stdout)
    try:
        code = program.wait(seconds)
    except subprocess.TimeoutExpired as error:
        return Ran(-1, str(error))
    finally:  # also where somebody presses Ctrl+C; nothing happens to a program that has ended
        program.kill()
        program.wait()
    return Ran(code, listener.by_now().decode("utf-8", "replace").replace("\r\n", "\n"))


class Listener:
    """What a program writes to an unbuffered pipe, taken in as it comes: whoever else holds the pipe open holds up nobody but a thread."""

    def __init__(self, pipe: Any) -> None:
        self._parts: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, args=(pipe,), daemon=True)
        self._thread.start()

    def _listen(self, pipe: Any) -> None:
        with pipe:
            self._parts.extend(iter(lambda: pipe.read(_PIECE), b""))

    def by_now(self) -> bytes:
        """All of it, once the program has ended."""
        self._thread.join(_LAST_WORDS)
        return b"".join(self._parts)


def _leave(command: Sequence[object]) -> None:
    windows, null = os.name == "nt", subprocess.DEVNULL
    subprocess.Popen(
        [str(part) for part in command], cwd=Path.home(), stdin=null, stdout=null, stderr=null,
        creationflags=_DETACHED if windows else 0, start_new_session=not windows,
    )  # fmt: skip


def _stream(path: Path) -> str:
    try:
        return Path(f"{path}:{WEB_MARK}").read_text("utf-8", "replace")
    except OSError:
        return ""


def _quarantine(path: Path) -> str:
    asked = run(["xattr", "-p", QUARANTINE, path])
    return "" if asked.code else asked.output.strip()


def _running(folder: Path) -> tuple[str, ...]:
    """Names of programs that run from below the folder, this one and those that started it left out."""
    try:
        from kam_xl.hosts import processes
    except ImportError:  # a Python that has no packages yet holds none of ours open
        return ()
    ours = processes.forebears()
    at_work = (
        process
        for process in processes.everyone()
        if process.pid not in ours and Path(processes.seen(process.exe, "")).is_relative_to(folder)
    )
    return tuple(processes.seen(process.name, "?") for process in at_work)


def _start_on_windows(path: Path) -> None:
    windows: Any = os  # what only Windows has of it
    windows.startfile(path)  # a workbook, in the program that Windows has for it


def _start_elsewhere(path: Path) -> None:
    subprocess.Popen(["open", "-a", "Microsoft Excel", str(path)])


def _code_page(system: str) -> str:
    if system != "windows":
        return "utf-8"
    import ctypes

    windows: Any = ctypes  # what only Windows has of it
    return f"cp{windows.windll.kernel32.GetACP()}"


class NoRegistry:
    """The registry of a system that has none: every read finds nothing, and nothing is written."""

    def read(self, *_: object) -> None:
        """Nothing is there."""

    def names(self, *_: object) -> tuple[str, ...]:
        """Nothing is there."""
        return ()

    def write(self, *_: object) -> None:
        """Only steps for Windows write."""

    def delete(self, *_: object) -> None:
        """Nothing is there."""


class WindowsRegistry:
    """The registry of this computer, in its 64-bit view whatever Python's own width."""

    def __init__(self) -> None:
        import winreg

        self._api: Any = winreg  # empty elsewhere

    def read(self, key: str, name: str = "") -> str | int | None:
        """See `Registry`."""
        try:
            with self._open(key) as opened:
                return self._api.QueryValueEx(opened, name)[0]
        except OSError:
            return None

    def names(self, key: str) -> tuple[str, ...]:
        """See `Registry`."""
        found: list[str] = []
        with contextlib.suppress(OSError), self._open(key) as opened:  # past the last one is an OSError too
            while True:
                found.append(self._api.EnumKey(opened, len(found)))
        return tuple(found)

    def write(self, key: str, values: Mapping[str, str | int]) -> None:
        """See `Registry`."""
        root, path = self._split(key)
        with self._api.CreateKeyEx(root, path, 0, self._api.KEY_WRITE | self._api.KEY_WOW64_64KEY) as opened:
            for name, value in values.items():
                kind = self._api.REG_DWORD if isinstance(value, int) else self._api.REG_SZ
                self._api.SetValueEx(opened, name, 0, kind, value)

    def delete(self, key: str) -> None:
        """See `Registry`."""
        root, path = self._split(key)
        with contextlib.suppress(FileNotFoundError):
            self._api.DeleteKeyEx(root, path, self._api.KEY_WOW64_64KEY, 0)

    def _open(self, key: str) -> Any:
        root, path = self._split(key)
        return self._api.OpenKeyEx(root, path, 0, self._api.KEY_READ | self._api.KEY_WOW64_64KEY)

    def _split(self, key: str) -> tuple[object, str]:
        hive, _, path = key.partition("\\")
        names = {"HKCU": "HKEY_CURRENT_USER", "HKLM": "HKEY_LOCAL_MACHINE", "HKCR": "HKEY_CLASSES_ROOT"}
        return getattr(self._api, names[hive]), path
