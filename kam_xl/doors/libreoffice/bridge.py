"""Between a KAM XL workbook's VBA and our Python: what xlwings' VBA module and its server are in Excel.

LibreOffice runs the workbook's own VBA. In the open document another text takes the place of the module ``xlwings``; it
hands every question to an object of this process. What comes in and goes out is what it would be under xlwings. A file
that is saved gets its own VBA back (see `mending`).
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Sequence
from typing import Any

import xlwings as xw

from kam_xl import worksheet
from kam_xl.doors import udfs
from kam_xl.engines.calc import engine, values
from kam_xl.hosts import excel

_LOG = logging.getLogger("kam_xl")

NAME = "xlwings"
#: Stands for the module that xlwings gives a workbook.
TEXT = """Option VBASupport 1
Public KamDoor As Object
Public Sub KamConnect(door)
    Set KamDoor = door
End Sub
Public Function XLPy() As Object
    Set XLPy = xlwings
End Function
Public Function CallUDF(file, name, arguments)
    Dim i(), o()
    CallUDF = KamDoor.invoke(Array("CallUDF", file, name, arguments), i, o)
End Function
Public Function RunPython(command)
    Dim i(), o()
    KamDoor.invoke Array("RunPython", command), i, o
End Function
"""
#: What the real module of xlwings brings along; its `Declare` lines stop every macro in LibreOffice.
_EMPTY = {"Dictionary": "Option VBASupport 1\nOption ClassModule\n"}

_REMEMBERED = 20  # sheets
_COMMAND = re.compile(r"\s*import udfs; udfs\.run\('([a-z_]+)'\)\s*")
_FUNCTION = re.compile(r"KAM_[A-Z_]+")
_ERROR = re.compile(r"#!(\d{4})")
_WRONG = 2015  # #VALUE!
#: How LibreOffice shows errors that Excel does not know.
_OTHER_ERROR = re.compile(r"Err:\d{3}")


def connect(book: engine.Book) -> Server:
    """Let the open workbook's VBA reach this Python, through what is returned."""
    server = Server(book)
    libraries = book.api.BasicLibraries
    modules = libraries.getByName(libraries.ProjectName)
    for name, text in ({NAME: TEXT} | _EMPTY).items():
        if modules.hasByName(name):
            modules.replaceByName(name, text)
    book.run(f"{NAME}.KamConnect", (server.as_object(),))
    server.look_on()
    return server


class Server:
    """Answers the VBA of one workbook. `failure` is what our Python last raised there, for who started the macro."""

    def __init__(self, book: engine.Book) -> None:
        self._book = book
        self.failure: Exception | None = None
        self._visited: list[str] = []
        self._answers: dict[str, Callable[..., Any]] = {"CallUDF": self._call, "RunPython": self._run}

    def as_object(self) -> Any:
        """What Basic holds: a script, the one kind of object it can call with any arguments."""
        return self._book.app.program.answering(
            "com.sun.star.script.provider.XScript", invoke=lambda question, *_: (self.answer(*question), (), ())
        )

    def look_on(self) -> None:
        """Note which sheets come to the front, as the workbook's own macros do in Excel.

        LibreOffice runs no macro for it, and a button is told only of the selection on its own sheet.
        """
        listener = self._book.app.program.answering(
            "com.sun.star.sheet.XActivationEventListener",
            activeSpreadsheetChanged=lambda event: self._visited.insert(0, event.ActiveSheet.Name),
            disposing=lambda _: None,
        )
        controller = self._book.api.CurrentController
        self._visited = [controller.ActiveSheet.Name]
        controller.addActivationEventListener(listener)

    def answer(self, question: str, *details: Any) -> Any:
        """What Basic asked for. What our Python raises is a wrong cell, or in a macro an error that Basic can trap."""
        xw.Book(impl=self._book).set_mock_caller()  # the calling workbook, as xlwings has it in Excel
        try:
            return self._answers[question](*details)
        except Exception as error:
            _LOG.exception("%s failed under LibreOffice", question)
            self.failure = error
            if question == "CallUDF":
                return values.from_vba(_WRONG)
            raise self._book.uno.getClass("com.sun.star.uno.RuntimeException")(str(error), None) from error

    def _call(self, file: str, name: str, arguments: Sequence) -> Any:
        """A cell function. A workbook comes from anywhere, so nothing but ours is ever called."""
        if file != "udfs" or not _FUNCTION.fullmatch(name):
            raise PermissionError(f"{file}.{name} is no function of KAM XL")
        given = [
            None if worksheet.optional(name, position) and _is_left_out(argument) else _incoming(argument)
            for position, argument in enumerate(arguments)
        ]
        found = udfs.call(name, given)
        if not isinstance(found, list | tuple):
            return _outgoing(found)
        rows = tuple(tuple(_outgoing(value) for value in row) for row in found)
        if len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]
        return self._book.uno.createUnoStruct(
            "com.sun.star.script.ArrayWrapper", False, self._book.uno.Any("[][]any", rows)
        )

    def _run(self, command: str) -> None:
        """A macro's command, read as what it has to be and never executed as Python."""
        found = _COMMAND.fullmatch(command)
        if not found:
            raise PermissionError(f"not a command of KAM XL: {command[:80]}")
        excel.put(xw.Book(impl=self._book), "kam_visited", "\n".join(self._visited[:_REMEMBERED]))
        udfs.run(found[1])


def _is_left_out(value: Any) -> bool:
    """True for what LibreOffice hands over for an argument left blank between two others: a 0 that nobody typed."""
    return isinstance(value, int | float) and value == 0


def _incoming(value: Any) -> Any:
    """A value from Basic as xlwings would give it: cells as None, number, text, Boolean or moment."""
    if value is None or isinstance(value, float | bool):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, str):
        return "#VALUE!" if _OTHER_ERROR.fullmatch(value) else value or None
    if isinstance(value, tuple):
        return tuple(_incoming(each) for each in value)
    if hasattr(value, "Array"):
        return _incoming(value.Array)
    return values.moment(value.Value)  # Basic's own kind of date


def _outgoing(value: Any) -> float | str | bool:
    """One cell of an answer as LibreOffice shows it: errors as numbers that it takes for errors."""
    if value is None:
        return ""
    if isinstance(value, str):
        found = _ERROR.match(value)
        return values.from_vba(int(found[1])) if found else value
    return value if isinstance(value, bool) else values.serial(value) if isinstance(value, dt.date) else float(value)
