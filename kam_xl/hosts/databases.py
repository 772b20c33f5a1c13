"""Orders out of a database: one query, read only, bounded in rows and in time; its answer becomes a text file like any export.

An SQLite file is opened as one that nobody may write to. Any other base is reached through SQLAlchemy, PostgreSQL in a transaction
that is read only; whatever was asked is taken back. Nothing of an address is ever told but the kind of base.
"""

from __future__ import annotations

import csv
import logging
import re
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from kam_xl.core.errors import Refused
from kam_xl.hosts import placeholders
from kam_xl.hosts.placeholders import PLACEHOLDER, NoSecretError

_SQLITE = "sqlite:///"
#: So many rows come at a time; so often SQLite is asked whether the time is over.
_AT_A_TIME, _STEPS = 5_000, 10_000
#: The driver for a base that an address names alone.
_DRIVERS = {"postgresql": "postgresql+pg8000"}
_QUERY = re.compile(r"\s*(?:select|with)\b[^;]*;?\s*", re.IGNORECASE)
_SECRETS = {"password", "passwd", "pwd"}


@dataclass(frozen=True)
class Bounds:
    """What one query may take: rows, bytes of its answer as text, seconds by the clock."""

    rows: int = 1_000_000
    text_bytes: int = 64 * 2**20
    seconds: float = 300.0


class Base(NamedTuple):
    """A database and what it is asked; secrets stand in its address as placeholders."""

    address: str
    query: str


def fault(base: Base) -> str | None:
    """What is wrong with a base as it is set, as a key of ``settings.orders``; None where nothing is."""
    parts = urlsplit(PLACEHOLDER.sub("x", base.address))
    if not parts.scheme or not base.address.partition("://")[2]:
        return None if PLACEHOLDER.fullmatch(base.address) else "address"
    typed = urlsplit(PLACEHOLDER.sub("", base.address))
    if typed.password or any(key.lower() in _SECRETS for key, value in parse_qsl(typed.query) if value):
        return "secret"
    return None if _QUERY.fullmatch(base.query) else "query"


def fetch(base: Base, file: Path, bounds: Bounds) -> None:
    """The answer of a base as a CSV file; `Refused` says in one reason why there is none."""
    try:
        address = placeholders.filled(base.address)
    except NoSecretError as error:
        raise Refused("database_secret", error.name) from error
    outcome: list[BaseException | None] = []
    asking = threading.Thread(target=_asked, args=(address, base.query, file, bounds, outcome), daemon=True)
    asking.start()
    asking.join(bounds.seconds + 1)  # a driver may wait for ever; nobody waits for it
    if not outcome:
        raise Refused("database_slow", f"{bounds.seconds:g}")
    if outcome[0] is not None:
        raise _refusal(outcome[0], bounds) from outcome[0]


def _asked(address: str, query: str, file: Path, bounds: Bounds, outcome: list[BaseException | None]) -> None:
    try:
        ends = time.monotonic() + bounds.seconds
        with _opened(address, query, bounds, ends) as (names, rows):
            _write(file, names, rows, bounds, ends)
        outcome.append(None)
    except BaseException as error:  # noqa: BLE001 (whoever waits tells it)
        outcome.append(error)


def _write(file: Path, names: Sequence[str], rows: Iterable[Sequence[Any]], bounds: Bounds, ends: float) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        table = csv.writer(text)
        table.writerow(names)
        for number, row in enumerate(rows):
            if number >= bounds.rows or (number % _AT_A_TIME == 0 and text.tell() > bounds.text_bytes):
                raise Refused("database_too_much", f"{bounds.rows:,}")
            if number % _AT_A_TIME == 0 and time.monotonic() > ends:
                raise Refused("database_slow", f"{bounds.seconds:g}")
            table.writerow("" if cell is None else cell for cell in row)
    if file.stat().st_size > bounds.text_bytes:
        raise Refused("database_too_much", f"{bounds.rows:,}")


Answer = tuple[Sequence[str], Iterable[Sequence[Any]]]


@contextmanager
def _opened(address: str, query: str, bounds: Bounds, ends: float) -> Iterator[Answer]:
    """The names and the rows of an answer."""
    if address.startswith(_SQLITE):
        with _of_sqlite(address.removeprefix(_SQLITE), query, ends) as answer:
            yield answer
    else:
        with _of_server(address, query, bounds) as answer:
            yield answer


@contextmanager
def _of_sqlite(path: str, query: str, ends: float) -> Iterator[Answer]:
    if not Path(path).is_file():
        raise Refused("database_unreachable", "sqlite")
    uri = Path(path).resolve().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as base:
        base.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
        found = base.execute(query)
        yield [column[0] for column in found.description], _each(found)


@contextmanager
def _of_server(address: str, query: str, bounds: Bounds) -> Iterator[Answer]:
    import sqlalchemy
    from sqlalchemy.pool import NullPool

    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # what fails here is told by us, without its words
    url = sqlalchemy.make_url(address)
    kind = url.get_backend_name()
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    engine = sqlalchemy.create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as base:
        if kind == "postgresql":
            base.exec_driver_sql("SET TRANSACTION READ ONLY")
            base.exec_driver_sql(f"SET LOCAL statement_timeout = {int(bounds.seconds * 1000)}")
        found = base.execution_options(stream_results=True).execute(sqlalchemy.text(query.rstrip().rstrip(";")))
        yield list(found.keys()), _each(found)
        base.rollback()


def _each(found: Any) -> Iterator[Sequence[Any]]:
    while rows := found.fetchmany(_AT_A_TIME):
        yield from rows


# --- what is told of a failure -------------------------------------------------------------------------------------------


def _refusal(error: BaseException, bounds: Bounds) -> Refused:
    """Why there is no answer; of what the base itself says only its kind and code, for the rest may hold anything."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, ImportError) or type(error).__name__ == "NoSuchModuleError":
        return Refused("database_no_driver")
    code = _code(error)
    if code == "57014" or "interrupted" in str(error):
        return Refused("database_slow", f"{bounds.seconds:g}")
    if isinstance(error, OSError) or _is_of_the_connection(error, code):
        return Refused("database_unreachable", code or type(error).__name__)
    return Refused("database_query", code or type(error).__name__)


def _code(error: BaseException) -> str:
    """The code that PostgreSQL gives its errors."""
    said = getattr(error, "orig", error)
    told = said.args[0] if said.args else ""
    return str(told.get("C", "")) if isinstance(told, dict) else ""


def _is_of_the_connection(error: BaseException, code: str) -> bool:
    """True for what kept us from being let in: no network, no such base, a wrong password."""
    if code:
        return code[:2] in ("08", "28", "3D", "53", "57")
    return type(error).__name__ in ("InterfaceError", "OperationalError", "TimeoutError") and not isinstance(
        error, sqlite3.Error
    )
