"""The nightly job's own configuration, ``kam_xl.toml``: whom to tell and how much, where orders stand. The policy is another file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.hosts import databases, notify
from kam_xl.hosts.databases import Base

#: Read when no other file is named and the working folder has it.
FILE = Path("kam_xl.toml")


@dataclass(frozen=True)
class Settings:
    """Whom to tell about a night: ``notify`` are addresses as `hosts.notify` takes them."""

    notify: tuple[str, ...] = ()
    risks_told: int = 5
    attach_summary: bool = True
    base: Base | None = None  # where orders stand


def _addresses(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)


#: Key → what its value must be; its words are ``settings.allowed.<key>``.
_KEYS: dict[str, Callable[[Any], bool]] = {
    "notify": _addresses,
    "risks_told": lambda value: type(value) is int and value >= 1,
    "attach_summary": lambda value: isinstance(value, bool),
    "orders": lambda value: isinstance(value, str) and bool(value.strip()),
    "orders_query": lambda value: isinstance(value, str) and bool(value.strip()),
}


def read(path: Path | None, words: Words) -> Settings:
    """The settings in the file; `KamError` names the key that is wrong, never its value, which may be a secret.

    Without a path the file `FILE` of the working folder counts, and where there is none, the defaults.
    """
    if path is None and not FILE.is_file():
        return Settings()
    path = path or FILE
    values = _table(path, words)
    for key, value in values.items():
        if key not in _KEYS:
            raise KamError(words("settings.unknown_key", file=path, name=key, known=", ".join(_KEYS)))
        if not _KEYS[key](value):
            raise KamError(words("settings.wrong", file=path, name=key, allowed=words(f"settings.allowed.{key}")))
    addresses = tuple(dict.fromkeys(address.strip() for address in values.get("notify", ())))
    for number, (address, channel) in enumerate(zip(addresses, notify.channels(addresses), strict=True), 1):
        fault = notify.fault(address)
        if fault:
            sentence = words(f"notify.fault.{fault}")
            raise KamError(words("settings.address", file=path, n=number, channel=channel, fault=sentence))
    base = _base(values.pop("orders", ""), values.pop("orders_query", ""), path, words)
    return Settings(**values | {"notify": addresses, "base": base})


def _base(address: str, query: str, path: Path, words: Words) -> Base | None:
    """The database of the orders; `KamError` where it is told by halves, or holds a secret."""
    if not address and not query:
        return None
    base = Base(address.strip(), query.strip())
    fault = databases.fault(base) if address and query else "halves"
    if fault:
        raise KamError(words(f"settings.orders.{fault}", file=path))
    return base


def _table(path: Path, words: Words) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # Windows editors put a mark in front
    except UnicodeDecodeError as error:
        raise KamError(words("settings.not_utf8", file=path)) from error
    except OSError as error:
        raise KamError(words("settings.unreadable", file=path)) from error
    except tomllib.TOMLDecodeError as error:
        raise KamError(words("settings.not_toml", file=path, detail=error)) from None
