"""What a workbook's macros do for its cells, done without Excel: xlwings' own DLL starts Python, COM carries calls and answers.

cells.py WORKBOOK CALLS ANSWERS

The calls come pickled as (name, arguments), the answers go so, with the seconds to start and to answer. An argument is what
`variants` hands over. The DLL is found, and its command line put together, as the module xlwings of the workbook does it.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import sys
import time
from pathlib import Path

import python_calamine
import variants

_START, _STOP = 1, -1


def configuration(workbook: Path) -> dict[str, str]:
    """The rows of the workbook's sheet xlwings.conf, with what stands between percent signs filled in."""
    rows = python_calamine.load_workbook(workbook).get_sheet_by_name("xlwings.conf").to_python()
    return {str(key).upper(): os.path.expandvars(str(value)) for key, value, *_ in rows}


def command(conf: dict[str, str], workbook: Path) -> str:
    """The command line that starts Python's server."""
    told = [conf["ADD_WORKBOOK_TO_PYTHONPATH"], workbook, workbook]
    told += [conf[key] for key in ("ONEDRIVE_CONSUMER_WIN", "ONEDRIVE_COMMERCIAL_WIN", "SHAREPOINT_WIN", "PYTHONPATH")]
    path = ";".join(map(str, told)).replace("\\", "\\\\").replace("'", "\\'").replace("&", "^&")
    program = f'import sys, os;import xlwings.utils;xlwings.utils.prepare_sys_path(\\"{path}\\");'
    program += "import xlwings; xlwings.serve('$(CLSID)')"
    return f'cmd.exe  /K ""{conf["INTERPRETER_WIN"]}" -B -c "{program}""'


def library(conf: dict[str, str]) -> ctypes.WinDLL:
    """The DLL, from beside the interpreter or the folder above it."""
    folder = Path(conf["INTERPRETER_WIN"]).parent
    found = next(path for place in (folder, folder.parent) for path in place.glob("xlwings64-*.dll"))
    return ctypes.WinDLL(str(found))


def main(workbook: Path, calls: Path, answers: Path) -> None:
    """Ask for every call's answer, and let the server go."""
    conf = configuration(workbook)
    dll, line, result = library(conf), command(conf, workbook).encode("mbcs"), variants.Variant()
    ctypes.oledll.ole32.CoInitialize(None)
    began = time.perf_counter()
    if dll.XLPyDLLActivateAuto(ctypes.byref(result), line, _START):
        sys.exit(str(variants.taken(result)))
    server = variants.Server(result.at)
    started = time.perf_counter()
    asked = pickle.loads(calls.read_bytes())  # noqa: S301 (written by the proof that starts this)
    told = [server.call("CallUDF", "udfs", name, list(given)) for name, given in asked]
    ended = time.perf_counter()
    answers.write_bytes(pickle.dumps((told, started - began, ended - started)))
    dll.XLPyDLLActivateAuto(ctypes.byref(result), line, _STOP)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
