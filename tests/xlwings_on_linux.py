"""xlwings' own server for worksheet functions, run where there is no Windows, in a process of its own.

pywin32 is replaced by mocks before xlwings is imported, and the platform is called Windows as long as that takes; what
then converts arguments and answers, and writes VBA, is the code that runs under Excel. Nothing of it reaches the tests'
own process.
"""

from __future__ import annotations

import datetime as dt
import io
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from unittest.mock import MagicMock

PROJECT = Path(__file__).parents[1]
#: What VBA hands over for an error and for an argument left out.
NOT_AVAILABLE, DIVISION_BY_ZERO, LEFT_OUT = -2146826246, -2146826281, -2147352572

_PYWIN32 = """
    pythoncom pywintypes win32com win32com.client win32com.client.dynamic win32com.client.gencache win32com.server
    win32com.server.dispatcher win32com.server.policy win32com.server.util win32com.universal win32api win32con win32event
    win32gui win32process win32security win32timezone winreg
"""


class Result(NamedTuple):
    """What VBA gets for each call, in their order, and the module that "Import Functions" would write."""

    answers: tuple[object, ...]
    module: str


def through_xlwings(calls: Sequence[tuple[str, Sequence]]) -> Result:
    """Call functions of udfs.py as VBA does: (name, arguments) pairs."""
    done = subprocess.run(
        [sys.executable, __file__], input=pickle.dumps(list(calls)), capture_output=True, cwd=PROJECT, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return Result(*pickle.loads(done.stdout))  # noqa: S301 (written by ourselves)


def _import_xlwings() -> None:
    """Import xlwings as on Windows; what it imports besides must be there before, for it would look for Windows too."""
    import asyncio  # noqa: F401
    import ctypes

    import pandas as pd  # noqa: F401

    for name in _PYWIN32.split():
        parent, _, child = name.rpartition(".")
        sys.modules[name] = getattr(sys.modules[parent], child) if parent else MagicMock(name=name)
    for name in ("PyDLL", "oledll", "windll"):
        setattr(ctypes, name, MagicMock())
    com_error = type("com_error", (Exception,), {})
    sys.modules["pywintypes"].com_error = sys.modules["pythoncom"].com_error = com_error
    sys.modules["pywintypes"].TimeType = dt.datetime
    sys.modules["pythoncom"].__file__ = "pythoncom.dll"
    sys.modules["win32com.client"].CDispatch = type("CDispatch", (), {})
    sys.modules["win32com.server.util"].unwrap.side_effect = com_error  # an argument is a value, no wrapped object
    sys.modules["win32timezone"].TimeZoneInfo.utc.return_value = dt.UTC
    platform, sys.platform = sys.platform, "win32"
    try:
        import xlwings  # noqa: F401
    finally:
        sys.platform = platform


def _main() -> None:
    calls = pickle.load(sys.stdin.buffer)  # noqa: S301 (written by ourselves)
    _import_xlwings()
    sys.path.insert(0, str(PROJECT))
    from xlwings import com_server, udfs

    server = com_server.XLPython()
    answers = tuple(server.CallUDF("udfs", name, tuple(arguments)) for name, arguments in calls)
    text = io.StringIO()
    udfs.generate_vba_wrapper("udfs", sys.modules["udfs"], text, SimpleNamespace(Name="KAM_Template.xlsm"))
    sys.stdout.buffer.write(pickle.dumps((answers, text.getvalue())))


if __name__ == "__main__":
    _main()
