"""LibreOffice as a program: where it is, how this Python speaks to it, a process of its own."""

from __future__ import annotations

import contextlib
import importlib
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

from .failing import CalcError
from .profiles import INSTALLATION, Profile, unseen

#: Where installers put it when it is not on the PATH.
_PLACES = (
    "C:/Program Files/LibreOffice/program",
    "C:/Program Files (x86)/LibreOffice/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice/program",
    "/snap/bin",
)
#: Where its Python modules `uno` and `pyuno` may be, besides its own folder.
_UNO_PLACES = (
    "/usr/lib/python3/dist-packages",
    f"/usr/lib64/python3.{sys.version_info.minor}/site-packages",
    f"/usr/lib/python3.{sys.version_info.minor}/site-packages",
    "/Applications/LibreOffice.app/Contents/Resources",
    "/Applications/LibreOffice.app/Contents/Frameworks",
)
_START_SECONDS = 90
_END_SECONDS = 15
_UNO_SECONDS = 30


@dataclass(frozen=True)
class Program:
    """A running LibreOffice: `desktop` and `context` are its own objects, `uno` the module that reaches them."""

    process: psutil.Popen
    context: Any
    desktop: Any
    uno: ModuleType
    visible: bool

    def create(self, service: str, *arguments: Any) -> Any:
        """One of LibreOffice's objects."""
        return self.context.ServiceManager.createInstanceWithArgumentsAndContext(service, arguments, self.context)

    def properties(self, values: Mapping[str, Any]) -> tuple:
        """Named values as LibreOffice takes them."""
        made = []
        for name, value in values.items():
            made.append(self.uno.createUnoStruct("com.sun.star.beans.PropertyValue"))
            made[-1].Name, made[-1].Value = name, value
        return tuple(made)

    def answering(self, interface: str, **methods: Callable) -> Any:
        """An object of this process with one of LibreOffice's interfaces."""
        bases = (importlib.import_module("unohelper").Base, self.uno.getClass(interface))
        return type("Answering", bases, {name: staticmethod(method) for name, method in methods.items()})()

    @property
    def alive(self) -> bool:
        """False once the process is gone."""
        return self.process.poll() is None

    @property
    def answers(self) -> bool:
        """False once it is gone, or going: its line is cut before its process has ended."""
        try:
            return self.alive and bool(self.desktop.ImplementationName)
        except Exception:  # noqa: BLE001 (UNO's own exception types exist only at run time)
            return False

    def end(self) -> None:
        """Ask it to end, and end it by force when it does not."""
        with contextlib.suppress(Exception):  # it closes the line while it answers
            self.desktop.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process and those it started."""
        started = []
        with unseen():
            started = self.process.children(recursive=True)
        for each in [*started, self.process]:
            with unseen():
                each.kill()
        with contextlib.suppress(psutil.TimeoutExpired):
            self.process.wait(_END_SECONDS)


def find() -> str:
    """The path of the program; `CalcError` where there is none."""
    folders = (None, *(folder for folder in _PLACES if Path(folder).is_dir()))
    for folder in folders:
        for name in ("soffice", "libreoffice"):
            if found := shutil.which(name, path=folder):
                return found
    raise CalcError("missing")


def load_uno() -> ModuleType:
    """LibreOffice's Python module; `CalcError` where there is none for this Python."""
    if "uno" in sys.modules:
        return sys.modules["uno"]
    own = Path(find()).resolve().parent
    folders = ("", str(own), str(own.parent / "Resources"), *_UNO_PLACES)
    found = next((folder for folder in folders if _has_uno(folder)), None)
    if found is None:
        raise CalcError("no_uno", version=f"{sys.version_info.major}.{sys.version_info.minor}")
    before = list(sys.path)
    sys.path.append(found)  # only for these two: it may hold the system's versions of packages that this Python has too
    try:
        uno = importlib.import_module("uno")
        _keep_to_python(uno)
        importlib.import_module("unohelper")
    finally:
        sys.path[:] = before
    return uno


def _keep_to_python(uno: Any) -> None:
    """Let LibreOffice's exceptions pass a ``with``: Python notes on them where they have been, uno sends that along."""
    send = uno._uno_struct__setattr__  # noqa: SLF001 (what uno gives its classes)

    def note(self: object, name: str, value: object) -> None:
        (object.__setattr__ if name.startswith("__") else send)(self, name, value)

    uno._uno_struct__setattr__ = note  # noqa: SLF001


def _has_uno(folder: str) -> bool:
    """True where this Python can load it from there, tried apart: one made for another version may crash."""
    if folder and not (Path(folder) / "uno.py").is_file():
        return False
    command = (sys.executable, "-c", "import sys; sys.path.append(sys.argv[1]); import uno, unohelper", folder)
    try:
        return subprocess.run(command, capture_output=True, timeout=_UNO_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def launch(profile: Profile, *, visible: bool) -> Program:
    """Start LibreOffice with the settings of a profile, and connect to it; `CalcError` says why it cannot be."""
    uno = load_uno()
    pipe = f"{profile.owner}_{secrets.token_hex(8)}"
    command = [find(), f"--accept=pipe,name={pipe};urp;", f"{INSTALLATION}{profile.folder.absolute().as_uri()}"]
    command += ["--norestore", "--nologo", "--nodefault", "--nofirststartwizard"]
    command += [] if visible else ["--headless"]
    null = subprocess.DEVNULL
    process = psutil.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True)  # no Ctrl+C of ours
    try:
        context = _connect(uno, pipe, process)
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    except BaseException:
        Program(process, None, None, uno, visible).kill()
        raise
    return Program(process, context, desktop, uno, visible)


def _connect(uno: ModuleType, pipe: str, process: psutil.Popen) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # noqa: BLE001 (UNO's own exception types exist only at run time)
            time.sleep(0.1)
    raise CalcError("no_start", seconds=_START_SECONDS)
