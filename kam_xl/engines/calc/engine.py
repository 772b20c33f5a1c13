"""An engine for xlwings on LibreOffice: apps and books."""
# ruff: noqa: D102, ARG002 (names and arguments are those that xlwings asks for)

from __future__ import annotations

import datetime as dt
import gc
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlwings as xw

from . import values
from .cells import Range
from .number_formats import Formats
from .profiles import Profiles, path_of
from .program import Program
from .sheets import Names, Sheets

#: Told where a workbook was saved, and what its file held when it was opened; True once nothing is left to do about it.
Mend = Callable[[Path, bytes], bool]
#: Excel's ways of calculating that LibreOffice has.
_AUTOMATIC, _MANUAL = "automatic", "manual"
_FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
}
#: What LibreOffice says after it has written the workbook's file.
_SAVED = {"OnSaveDone", "OnSaveAsDone"}
#: What LibreOffice is told about macros when it opens a workbook.
NEVER, ALWAYS = 0, 4


class Engine:
    """What xlwings asks of an engine: its apps, and how values are made ready and read."""

    name = "libreoffice"
    type = "desktop"

    def __init__(self) -> None:
        self.apps = Apps()

    @staticmethod
    def prepare_xl_data_element(x: object, options: object) -> object:
        """One value on its way into a cell; whatever is unknown leaves the cell empty."""
        if x is None or x is pd.NA or x is pd.NaT or (isinstance(x, float) and math.isnan(x)):
            return ""
        if isinstance(x, pd.Timestamp):
            return x.to_pydatetime()
        if isinstance(x, np.datetime64):
            return pd.Timestamp(x).to_pydatetime()
        if isinstance(x, np.generic):
            return Engine.prepare_xl_data_element(x.item(), options)
        return x

    @staticmethod
    def clean_value_data(
        data: Sequence[Sequence], datetime_builder: Callable, empty_as: Any, number_builder: Any, err_to_str: bool
    ) -> list[list]:
        """The values of a range as its reader asked for them."""

        def clean(value: Any) -> Any:
            if value is None or value == "":
                return empty_as
            if isinstance(value, dt.datetime):
                parts = ("year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo")
                return datetime_builder(**{part: getattr(value, part) for part in parts})
            if isinstance(value, int) and value in values.TEXTS:
                return values.TEXTS[value] if err_to_str else None
            return number_builder(value) if number_builder and isinstance(value, float) else value

        return [[clean(value) for value in row] for row in data]


class Apps:
    """The LibreOffices that were started, the last one first, as Excel lists them."""

    def __init__(self) -> None:
        self.running: list[App] = []

    def __iter__(self) -> Iterator[App]:
        return iter(self.running)

    def __len__(self) -> int:
        return len(self.running)

    def __getitem__(self, pid: int) -> App:
        return next(app for app in self.running if app.pid == pid)

    def keys(self) -> list[int]:
        return [app.pid for app in self.running]

    def cleanup(self) -> None:
        """Nothing is left behind by an app that has ended."""


engine = xw.Engine(impl=Engine())
xw.engines.add(engine)


class App:
    """One LibreOffice. What it cannot show without a window, the status bar, is kept.

    `profiles` are its owner's folders; `mend`, where there is one, sees every file that is saved and must not raise.
    """

    version = "16.0"  # an answer to "is this at least Excel 2016?"
    display_alerts = False  # it never asks
    enable_events = True
    interactive = True

    def __init__(self, program: Program, profiles: Profiles, mend: Mend | None = None) -> None:
        self.program, self.profiles, self.mend = program, profiles, mend
        self.books = Books(self)
        self._status: str | bool = False
        self._screen_updating = True

    @property
    def engine(self) -> Engine:
        return engine.impl

    @property
    def api(self) -> Any:
        """LibreOffice's own desktop."""
        return self.program.desktop

    @property
    def pid(self) -> int:
        return self.program.process.pid

    @property
    def visible(self) -> bool:
        return self.program.visible

    @property
    def selection(self) -> Range | None:
        book = self.books.active
        address = getattr(book.api.CurrentSelection, "RangeAddress", None) if book else None
        if not book or not address:  # a shape, or several ranges
            return None
        return book.sheets.at(address.Sheet).range_of(address)

    def activate(self, steal_focus: bool = False) -> None:
        """Become the app that xlwings means when none is named."""
        apps = self.engine.apps.running
        apps.remove(self)
        apps.insert(0, self)

    @property
    def status_bar(self) -> str | bool:
        return self._status

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        self._status = value
        for book in self.books if self.visible else ():
            indicator = book.api.CurrentController.StatusIndicator
            indicator.end()
            if value:
                indicator.start(str(value), 0)

    @property
    def screen_updating(self) -> bool:
        return self._screen_updating

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        if value != self._screen_updating:
            self._screen_updating = value
            for book in self.books:
                (book.api.unlockControllers if value else book.api.lockControllers)()

    @property
    def calculation(self) -> str:
        return _AUTOMATIC if all(book.api.isAutomaticCalculationEnabled() for book in self.books) else _MANUAL

    @calculation.setter
    def calculation(self, value: str) -> None:
        for book in self.books:
            book.api.enableAutomaticCalculation(value != _MANUAL)

    def calculate(self) -> None:
        """Calculate what has changed."""
        for book in self.books:
            book.api.calculate()

    def run(self, macro: str, arguments: Sequence) -> Any:
        """Run a macro, named ``Sub`` or ``'Book.xlsm'!Sub``."""
        name, _, sub = macro.rpartition("!")
        book = self.books(name.strip("'").replace("''", "'")) if name else self.books(1)
        return book.run(sub, arguments)

    def quit(self) -> None:
        """Close every book without saving, and end the program."""
        if self in self.engine.apps.running:
            self.engine.apps.running.remove(self)
        self.program.end()

    def kill(self) -> None:
        self.quit()


class CannotOpen(OSError):
    """A file that LibreOffice does not open: it is no workbook, has a password or is open elsewhere."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"LibreOffice cannot open {path}")


class Books:
    """The workbooks open in one LibreOffice through us, the last one opened or activated first."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.opened: list[Book] = []

    @property
    def active(self) -> Book | None:
        return self.opened[0] if self.opened else None

    def __iter__(self) -> Iterator[Book]:
        return iter(self.opened)

    def __len__(self) -> int:
        return len(self.opened)

    def __call__(self, key: str | int) -> Book:
        if isinstance(key, int):
            return self.opened[key - 1]
        for book in self.opened:
            if key.casefold() in {book.name.casefold(), book.fullname.casefold()}:
                return book
        raise KeyError(key)

    def add(self) -> Book:
        """A new, empty workbook."""
        return self._opened(self._load("private:factory/scalc", NEVER), None)

    def open(self, fullname: str, update_links: Any = None, read_only: bool | None = None, *others: Any) -> Book:
        """Open a workbook with its macros switched off; `load` can let them run."""
        return self.load(Path(fullname), macros=NEVER, read_only=bool(read_only))

    def load(self, path: Path, *, macros: int, read_only: bool = False, hidden: bool = False) -> Book:
        """Open a workbook; `CannotOpen` where LibreOffice cannot."""
        self.app.profiles.unlock(path)
        document = self._load(path.absolute().as_uri(), macros, read_only=read_only, hidden=hidden)
        if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            if document is not None:
                document.close(True)
            raise CannotOpen(path)
        book = self._opened(document, path)
        if not (hidden or read_only):
            book.watch(path)
        return book

    def _load(self, url: str, macros: int, *, read_only: bool = False, hidden: bool = False) -> Any:
        program = self.app.program
        settings = {
            "Hidden": hidden or not program.visible,  # the toolbars of one that was closed make LibreOffice 7.4 crash
            "MacroExecutionMode": macros,
            "ReadOnly": read_only,
            "UpdateDocMode": 0,  # a workbook from a mail must not fetch anything
        }
        return self.app.api.loadComponentFromURL(url, "_blank", 0, program.properties(settings))

    def _opened(self, document: Any, path: Path | None) -> Book:
        book = Book(self, document, path)
        self.opened.insert(0, book)
        return book


class Book:
    """One workbook; `path` is None until a new one is saved."""

    def __init__(self, books: Books, document: Any, path: Path | None) -> None:
        self._books, self.api, self.api_sheets, self.path = books, document, document.Sheets, path
        self._original, self._unmended = b"", False
        self.moves = 0  # how often cells were inserted or deleted
        self.uno = books.app.program.uno
        self.formats = Formats(document, self.uno)
        self._excel: Any = None

    @property
    def app(self) -> App:
        return self._books.app

    @property
    def name(self) -> str:
        return self.path.name if self.path else self.api.Title

    @property
    def fullname(self) -> str:
        return str(self.path) if self.path else self.name

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self, self.api.NamedRanges)

    def activate(self) -> None:
        """Become the workbook that xlwings means when none is named."""
        self._books.opened.remove(self)
        self._books.opened.insert(0, self)
        if self.app.visible:
            self.api.CurrentController.Frame.activate()

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save under the same name or, as Excel's Save As does, go on under another."""
        target = Path(path).absolute() if path else self.path or Path(self.name).absolute()
        settings = {"FilterName": _FILTERS[target.suffix.casefold()]}
        if not target.parent.is_dir():  # LibreOffice would make it
            raise FileNotFoundError(f"No such folder: {target.parent}")
        try:
            if target == self.path:
                self.api.store()
            else:
                self.api.storeAsURL(target.as_uri(), self.app.program.properties(settings))
        except Exception as error:
            raise OSError(f"LibreOffice could not save {target}") from error
        self.path = target

    def watch(self, path: Path) -> None:
        """Follow the user to where the workbook opened from `path` is saved, and have that file mended."""
        if self.app.mend:
            self._original = path.read_bytes()
        listener = self.app.program.answering(
            "com.sun.star.document.XDocumentEventListener",
            documentEventOccured=lambda event: self._saved() if event.EventName in _SAVED else None,
            disposing=lambda _: None,
        )
        self.api.addDocumentEventListener(listener)

    def _saved(self) -> None:
        self.path = path_of(self.api.URL)
        self._unmended = True
        self.mend()

    def mend(self) -> None:
        """Do what is left to do about the file that was saved; on Windows LibreOffice holds it until it is closed."""
        if self.path and self._unmended and self.app.mend:
            self._unmended = not self.app.mend(self.path, self._original)

    def close(self) -> None:
        """Close without saving; where LibreOffice died, there is nothing left to close."""
        if self in self._books.opened:
            self._books.opened.remove(self)
            if self.app.program.answers:
                gc.collect()  # LibreOffice 7.4 crashed where something of a workbook was let go long after it
                self.api.close(True)
            self.mend()
            caller = getattr(xw.Book, "_mock_caller", None)
            if caller is not None and caller.impl is self:
                delattr(xw.Book, "_mock_caller")  # xlwings has no way to take it back

    def run(self, macro: str, arguments: Sequence = ()) -> Any:
        """Run a macro of this workbook by its name, or by ``Module.Name``."""
        module, _, name = macro.rpartition(".")
        wanted = re.compile(rf"^\s*(Public\s+)?(Sub|Function)\s+{re.escape(name)}\b", re.IGNORECASE | re.MULTILINE)
        libraries = self.api.BasicLibraries
        if libraries.VBACompatibilityMode:
            modules = libraries.getByName(libraries.ProjectName)
            for each in [module] if module else modules.getElementNames():
                if wanted.search(modules.getByName(each)):
                    place = f"{libraries.ProjectName}.{each}.{name}"
                    url = f"vnd.sun.star.script:{place}?language=Basic&location=document"
                    return self.api.getScriptProvider().getScript(url).invoke(tuple(arguments), (), ())[0]
        raise KeyError(f"{self.name} has no macro {macro}")

    # --- what its cells ask -------------------------------------------------------------------------------------------

    def as_excel(self, uno_range: Any) -> Any:
        """LibreOffice's imitation of Excel's own Range: it writes formulas exactly as Excel does."""
        program = self.app.program
        if self._excel is None:
            context = program.properties({"ExcelDocumentContext": self.api})
            self._excel = program.create("ooo.vba.excel.Globals", *context)
        return program.create("ooo.vba.excel.Range", self._excel, uno_range)
