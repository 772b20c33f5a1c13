"""What a workbook's macros do for its cells, done without Excel: xlwings' own DLL starts Python, COM carries calls and answers.

cells.py WORKBOOK CALLS ANSWERS

The calls come pickled as (name, arguments), in batches by name; the answers go so, each batch's with the seconds it took and cost.
An argument is what `variants` hands over. The DLL is found, and its command line put together, as the module xlwings of the workbook does it.
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


def answered(server: variants.Server, batch: list[tuple[str, tuple]], note: Path) -> tuple[list, float, float]:
    """What cells with these calls show, after how many seconds all do, and for how many the server was at work on it."""
    calls = [server.prepared("CallUDF", "udfs", name, list(given)) for name, given in batch]
    began, worked = time.perf_counter(), at_work(server, note)
    told = [call() for call in calls]
    return told, time.perf_counter() - began, at_work(server, note) - worked


def at_work(server: variants.Server, note: Path) -> float:
    """The seconds for which the server has been at work so far. It alone knows: under Wine nobody is told of others'."""
    server.prepared("Exec", f"import pathlib, time; pathlib.Path({str(note)!r}).write_text(str(time.process_time()))")()
    return float(note.read_text())


def main(workbook: Path, calls: Path, answers: Path) -> None:
    """Ask for every call's answer, and let the server go."""
    conf = configuration(workbook)
    dll, line, result = library(conf), command(conf, workbook).encode("mbcs"), variants.Variant()
    ctypes.oledll.ole32.CoInitialize(None)
    if dll.XLPyDLLActivateAuto(ctypes.byref(result), line, _START):
        sys.exit(str(variants.taken(result)))
    server = variants.Server(result.at)
    batches = pickle.loads(calls.read_bytes())  # noqa: S301 (written by the proof that starts this)
    note = answers.with_name("at_work")
    answers.write_bytes(pickle.dumps({name: answered(server, batch, note) for name, batch in batches.items()}))
    dll.XLPyDLLActivateAuto(ctypes.byref(result), line, _STOP)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
