"""Ctrl+C, pressed on a program at work.

interrupted.py UNTIL COMMAND…

UNTIL is "child", "line" or a pattern of files, or several with + between: at once the program has a child, has said a line,
and there is such a file.

Writes as JSON how the command ended, after how many seconds, what it said, and which of its children still live.
"""

import ctypes
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

_PATIENCE = 150


def main(until: str, command: list[str]) -> dict:
    """Start, wait, interrupt, and look."""
    console = ctypes.windll.kernel32
    console.FreeConsole()
    console.AllocConsole()  # where keys can be pressed; from a pipe there is none
    at_work = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said: list[bytes] = []
    listener = threading.Thread(target=lambda: said.extend(iter(at_work.stdout.readline, b"")))
    listener.start()
    children = lambda: psutil.Process(at_work.pid).children()  # noqa: E731
    known = {"child": children, "line": lambda: said}
    waits = [known.get(one) or (lambda one=one: [*Path().glob(one)]) for one in until.split("+")]
    reached = lambda: all(wait() for wait in waits)  # noqa: E731
    began = time.monotonic()
    while at_work.poll() is None and not reached() and time.monotonic() - began < _PATIENCE:
        time.sleep(0.02)
    started = children() if at_work.poll() is None else []
    console.SetConsoleCtrlHandler(None, True)  # whoever presses the keys goes on
    pressed = time.monotonic()
    console.GenerateConsoleCtrlEvent(0, 0)
    listener.join(_PATIENCE)
    code, took = at_work.wait(_PATIENCE), time.monotonic() - pressed
    time.sleep(1)
    left = [each.pid for each in started if each.is_running()]
    return {"code": code, "seconds": took, "said": b"".join(said).decode(), "children": len(started), "left": left}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2:])))
