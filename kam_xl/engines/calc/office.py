"""A LibreOffice of one's own, from its start to its end: while it runs, it is the app that xlwings speaks to.

::

    with Office() as office:
        book = xw.Book("East.xlsx")  # from here on it is plain xlwings
        book.sheets[0]["A1"].value = [["a", 1], ["b", "=B1*2"]]
        book.save()
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import xlwings as xw

from . import engine, program
from .engine import Mend
from .failing import CalcError
from .profiles import Profiles

#: How many seconds LibreOffice may take over what is asked within `Office.patience` before it is ended.
PATIENCE = 600
_LOOK_SECONDS = 0.5


class Office:
    """A running LibreOffice; `app` is what xlwings has of it. The context manager ends it.

    `owner` is the name that its temporary folders and its pipe bear. With `lasting`, a folder, its settings are kept below
    it; otherwise they are new ones. `mend` sees every workbook that is saved (see `engine.App`). `CalcError` says why it
    cannot be started.
    """

    def __init__(
        self,
        owner: str = "xlwings_calc",
        *,
        lasting: Path | None = None,
        visible: bool = False,
        mend: Mend | None = None,
    ) -> None:
        profiles = Profiles(owner)
        self._profile = profiles.lasting(lasting) if lasting else profiles.temporary()
        try:
            self._program = program.launch(self._profile, visible=visible)
        except BaseException:
            self._profile.release()
            raise
        self.app = engine.App(self._program, profiles, mend)
        engine.engine.impl.apps.running.insert(0, self.app)
        _make_active(engine.engine)
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        died = not self._program.answers
        self.close()
        if died and isinstance(error, Exception) and not isinstance(error, CalcError):
            raise CalcError("died") from error

    @contextlib.contextmanager
    def patience(self) -> Iterator[None]:
        """As long as this lasts, a LibreOffice that hangs is ended after a while; that it died is a `CalcError`."""
        watch = threading.Timer(PATIENCE, self._program.kill)
        watch.daemon = True
        watch.start()
        try:
            yield
        except Exception as error:
            if self._program.answers:
                raise
            raise CalcError("died") from error
        finally:
            watch.cancel()

    def wait(self) -> None:
        """Wait until the user has closed every document, or ended LibreOffice."""
        while self._program.alive and self._has_documents():
            time.sleep(_LOOK_SECONDS)
        if not self._program.alive and self._program.process.wait():
            raise CalcError("died")

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
            _make_active(next((each for each in xw.engines if each.name == "excel"), None))
        self._profile.release()


def _make_active(chosen: xw.Engine | None) -> None:
    """Let xlwings speak to this engine when none is named."""
    engines: Any = xw.engines  # by its own word the active one is always None
    engines.active = chosen
