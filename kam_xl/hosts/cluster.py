"""The Dask cluster that takes workbooks and parts, where a group has one: reached, and of one version with this computer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.hosts import reader_version

if TYPE_CHECKING:
    from distributed import Client  # optional: only groups with a cluster install it


@contextlib.contextmanager
def client(scheduler: str, words: Words) -> Iterator[Client]:
    """The cluster at an address; `KamError` where it cannot be reached, or a worker has another version."""
    with _connected(scheduler, words) as found:
        refuse_other_versions(found, words)
        yield found


def _connected(scheduler: str, words: Words) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise KamError(words("job.no_distributed")) from error
    try:
        return Client(scheduler)
    except (OSError, ValueError) as error:
        raise KamError(words("job.no_scheduler", address=scheduler)) from error


def refuse_other_versions(client: Client, words: Words) -> None:
    """`KamError` where a worker has another version than this computer: it would read and judge otherwise, unnoticed."""
    told = client.run(reader_version.code, on_error="return")  # by an older version's worker perhaps an error
    others = sorted(worker for worker, version in told.items() if version != reader_version.code())
    if others:
        raise KamError(words("job.other_version", workers="、".join(others)))
