"""KAM XL in LibreOffice: open a workbook so that its cells and buttons work through Python, as they do in Excel.

::

    with libreoffice.start() as office:
        book = office.open(Path("KAM_Template.xlsm"))  # an xlwings Book
        office.run(book, "KamXl_ScoreAll")
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import xlwings as xw

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.doors.libreoffice import bridge, our_macros
from kam_xl.engines.calc import engine
from kam_xl.engines.calc import office as calc
from kam_xl.hosts.libreoffice import mend, told
from kam_xl.resources import words

_LOG = logging.getLogger("kam_xl")
_OWNER = "kam_xl"


class Office(calc.Office):
    """A running LibreOffice of our own. The context manager ends it.

    `said` is the sentence about the workbook opened last, empty where there is nothing to say.
    """

    def __init__(self, words: Words, *, visible: bool = False, lasting: Path | None = None) -> None:
        self._words, self.said = words, ""
        self._servers: dict[engine.Book, bridge.Server] = {}
        with told(words):
            super().__init__(_OWNER, lasting=lasting, visible=visible, mend=mend)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        with told(self._words):  # what has a sentence keeps it
            super().__exit__(kind, None if isinstance(error, KamError) else error, traceback)

    def open(self, path: Path) -> xw.Book:
        """Open a workbook. One of ours calculates through Python; any other opens with its macros switched off.

        `KamError` where it cannot be opened.
        """
        path = Path(path)
        if not path.is_file():
            raise KamError(self._words("libreoffice.no_file", path=path))
        with told(self._words), self.patience():
            try:
                return xw.Book(impl=self._open(path))
            except engine.CannotOpen as error:
                raise KamError(self._words("libreoffice.cannot_open", path=path)) from error

    def _open(self, path: Path) -> engine.Book:
        ours = self._is_ours(path)
        book = self.app.books.load(path, macros=engine.ALWAYS if ours else engine.NEVER)
        if not ours:
            _LOG.warning(self.said)
            return book
        try:
            self._servers[book] = bridge.connect(book)
            book.api.calculateAll()
        except BaseException:
            book.close()
            raise
        return book

    def _is_ours(self, path: Path) -> bool:
        """Look at the workbook with its macros switched off, and note in `said` what speaks against them."""
        looked_at = self.app.books.load(path, macros=engine.NEVER, read_only=True, hidden=True)
        try:
            ours, other = our_macros.is_ours(looked_at.api), our_macros.has_macros(looked_at.api)
        finally:
            looked_at.close()
        self.said = "" if ours else self._words(f"libreoffice.{'foreign' if other else 'no_macros'}", name=path.name)
        return ours

    def server(self, book: xw.Book) -> bridge.Server:
        """What answers a workbook of ours; `KamError` for any other."""
        if book.impl not in self._servers:
            raise KamError(self._words("libreoffice.not_ours", name=book.name))
        return self._servers[book.impl]

    def run(self, book: xw.Book, macro: str) -> None:
        """Run a macro of a workbook of ours, as its button does; what our Python raises meanwhile is raised here."""
        server = self.server(book)
        server.failure = None
        with told(self._words), self.patience():
            book.impl.run(macro)
        if server.failure:
            raise server.failure

    def wait(self) -> None:
        """Wait until the user has closed every document, or ended LibreOffice."""
        with told(self._words):
            super().wait()


def start(*, visible: bool = False, lang: str = "zh-CN") -> Office:
    """Start a LibreOffice of our own, with new settings; `KamError` says what to install."""
    return Office(words(lang), visible=visible)


def keep_open(path: Path, lang: str = "zh-CN", say: Callable[[str], object] = print) -> None:
    """Open a workbook for the user, in a LibreOffice that keeps its own settings, until it is closed.

    `say` gets a sentence about it when it is open.
    """
    text = words(lang)
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise KamError(text("libreoffice.no_screen"))  # it would open, and nobody could see or close it
    with Office(text, visible=True, lasting=_settings()) as office:
        office.open(path)
        say(office.said or text("libreoffice.opened", name=path.name))
        try:
            office.wait()
        except KeyboardInterrupt:
            say(text("libreoffice.still_open", name=path.name))
            office.wait()


def _settings() -> Path:
    """The platform's place for files that may be lost."""
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"]) / "kam_xl"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "kam_xl"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kam_xl"
