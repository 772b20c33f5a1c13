"""What nobody can read of a file, as the refusal that has sentences: of our engine for Office files, or of a library."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from kam_xl.core.errors import Refused
from kam_xl.engines.office_file.unusable import Unusable


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """As a ``with`` or above a function: a file that the engine cannot use is refused for the engine's reason."""
    try:
        yield
    except Unusable as error:
        raise Refused(error.reason, error.detail) from error


def damaged(error: BaseException) -> Refused:
    """The refusal of a file that a library gave up; its error may quote the file, so only the name of its kind is told."""
    return Refused("damaged", type(error).__name__)
