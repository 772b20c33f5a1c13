"""Orders that a database holds, read as if its answer lay in the teams' folder; a base that is away costs the night nothing else."""

from __future__ import annotations

import dataclasses
import logging
import tempfile
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path

from kam_xl.core.errors import Refused
from kam_xl.core.nights import Seen
from kam_xl.core.words import Words
from kam_xl.hosts import databases, isolation, workbooks
from kam_xl.hosts.databases import Base, Bounds
from kam_xl.hosts.isolation import Order
from kam_xl.hosts.store import Store
from kam_xl.hosts.workbooks import Listing
from kam_xl.nightly import gathering
from kam_xl.nightly.gathering import Gathered

#: Under which name what a base answered stands among the workbooks.
NAME = "database-orders.csv"
_LOG = logging.getLogger("kam_xl")


def gathered(base: Base, order: Order, kept: Store, words: Words, bounds: Bounds | None = None) -> Gathered:
    """What the base answered, as any file is gathered; where it did not, that it could not be used and why."""

    def executors(_: int) -> AbstractContextManager[Executor]:
        return isolation.executor(1, None, words)

    with tempfile.TemporaryDirectory() as folder:
        try:
            databases.fetch(base, Path(folder) / NAME, bounds or Bounds())
        except Refused as error:
            _LOG.warning("orders not read", extra={"reason": error.reason, "detail": error.detail})
            seen = Seen(NAME, workbooks.team(NAME), None, 0, None, "quarantined", error.reason, error.detail or None)
            return Gathered(seen=[seen])
        here = dataclasses.replace(order, folder=Path(folder).resolve())
        return gathering.gather(here, Listing((NAME,)), kept, executors, lambda *_: None)
