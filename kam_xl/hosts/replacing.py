"""A file that appears whole or not at all in the place of another; it takes no package, for an installation keeps its list so."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write a file's new content to; at the end it takes the file's place in one step.

    The new file lies beside the old one under a name that the nightly job passes over, and is gone where anything fails.
    """
    new = path.with_name(f".kam_xl-{secrets.token_hex(8)}.tmp")
    try:
        yield new
        flush(new)
        new.replace(path)
    finally:
        with contextlib.suppress(OSError):
            new.unlink()


def flush(path: Path) -> None:
    """Wait until the disk has the file's content."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
