"""KAM XL in LibreOffice: open a workbook so that its cells and buttons work through Python, as they do in Excel.

::

    with libreoffice.start() as office:
        book = office.open(Path("KAM_Template.xlsm"))  # an xlwings Book
        office.run(book, "KamXl_ScoreAll")
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import xlwings as xw

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.engines.calc import engine, profiles, program
from kam_xl.hosts.libreoffice import bridge, trust
from kam_xl.resources import words

_LOG = logging.getLogger("kam_xl")
#: How long LibreOffice may take to open a workbook or to run a macro before we end it.
PATIENCE = 600
_LOOK_SECONDS = 0.5


class Office:
    """A running LibreOffice of our own; `app` is what xlwings has of it. The context manager ends it.

    `said` is the sentence about the workbook opened last, empty where there is nothing to say.
    """

    def __init__(self, profile: profiles.Profile, words: Words, *, visible: bool) -> None:
        self._profile, self._words, self.said = profile, words, ""
        try:
            self._program = program.launch(profile.folder, words, visible=visible)
        except BaseException:
            profile.release()
            raise
        self.app = engine.App(self._program)
        engine.engine.impl.apps.running.insert(0, self.app)
        xw.engines.active = engine.engine
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        died = not self._program.alive
        self.close()
        if died and isinstance(error, Exception) and not isinstance(error, KamError):
            raise KamError(self._words("libreoffice.died")) from error

    def open(self, path: Path) -> xw.Book:
        """Open a workbook. One of ours calculates through Python; any other opens with its macros switched off.

        `KamError` where it cannot be opened.
        """
        with _Patience(self._program, self._words):
            return xw.Book(impl=self._open(Path(path)))

    def _open(self, path: Path) -> engine.Book:
        if not path.is_file():
            raise KamError(self._words("libreoffice.no_file", path=path))
        ours = self._is_ours(path)
        book = self._load(path, engine.ALWAYS if ours else engine.NEVER)
        if not ours:
            _LOG.warning(self.said)
            return book
        try:
            bridge.connect(book)
            book.api.calculateAll()
        except BaseException:
            book.close()
            raise
        return book

    def _is_ours(self, path: Path) -> bool:
        """Look at the workbook with its macros switched off, and note in `said` what speaks against them."""
        looked_at = self._load(path, engine.NEVER, read_only=True, hidden=True)
        try:
            ours, other = trust.is_ours(looked_at.api), trust.has_macros(looked_at.api)
        finally:
            looked_at.close()
        self.said = "" if ours else self._words(f"libreoffice.{'foreign' if other else 'no_macros'}", name=path.name)
        return ours

    def _load(self, path: Path, macros: int, **how: bool) -> engine.Book:
        try:
            return self.app.books.load(path, macros=macros, **how)
        except OSError as error:
            raise KamError(self._words("libreoffice.cannot_open", path=path)) from error

    def run(self, book: xw.Book, macro: str) -> None:
        """Run a macro of a workbook of ours, as its button does; what our Python raises meanwhile is raised here."""
        server = book.impl.server
        if server is None:
            raise KamError(self._words("libreoffice.not_ours", name=book.name))
        server.failure = None
        with _Patience(self._program, self._words):
            book.impl.run(macro)
        if server.failure:
            raise server.failure

    def wait(self) -> None:
        """Wait until the user has closed every document, or ended LibreOffice."""
        while self._program.alive and self._has_documents():
            time.sleep(_LOOK_SECONDS)
        if not self._program.alive and self._program.process.wait():
            raise KamError(self._words("libreoffice.died"))

    def _has_documents(self) -> bool:
        """False when only the start centre is left, which LibreOffice shows when the last document is closed."""
        try:
            components = self._program.desktop.Components.createEnumeration()
            while components.hasMoreElements():
                if components.nextElement().supportsService("com.sun.star.document.OfficeDocument"):
                    return True
        except Exception:  # noqa: BLE001 (UNO's own exception types exist only at run time)
            time.sleep(_LOOK_SECONDS)  # something is being closed
            return True
        return False

    def close(self) -> None:
        """End this LibreOffice; what was not saved is lost."""
        atexit.unregister(self.close)
        books = list(self.app.books)
        self.app.quit()
        for book in books:
            book.mend()
        if not engine.engine.impl.apps.running:
            xw.engines.active = next((each for each in xw.engines if each.name == "excel"), None)
        self._profile.release()


class _Patience:
    """As long as this lasts, a LibreOffice that hangs is ended after a while; that it died is said in one sentence."""

    def __init__(self, running: program.Program, words: Words) -> None:
        self._program, self._words = running, words
        self._watch = threading.Timer(PATIENCE, running.kill)
        self._watch.daemon = True

    def __enter__(self) -> None:
        self._watch.start()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._watch.cancel()
        if not isinstance(error, Exception) or isinstance(error, KamError):
            return
        if not self._program.alive:
            raise KamError(self._words("libreoffice.died")) from error


def start(*, visible: bool = False, lang: str = "zh-CN") -> Office:
    """Start a LibreOffice of our own, with new settings; `KamError` says what to install."""
    return Office(profiles.temporary(), words(lang), visible=visible)


def keep_open(path: Path, lang: str = "zh-CN", say: Callable[[str], object] = print) -> None:
    """Open a workbook for the user, in a LibreOffice that keeps its own settings, until it is closed.

    `say` gets a sentence about it when it is open.
    """
    text = words(lang)
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise KamError(text("libreoffice.no_screen"))  # it would open, and nobody could see or close it
    with Office(profiles.lasting(), text, visible=True) as office:
        office.open(path)
        say(office.said or text("libreoffice.opened", name=path.name))
        try:
            office.wait()
        except KeyboardInterrupt:
            say(text("libreoffice.still_open", name=path.name))
            office.wait()
