"""A policy file with some of its values changed and every comment kept: what is proposed is a whole file, to be tried first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from kam_xl.core import policy as policies


def amended(text: str, changes: Mapping[str, Any]) -> str:
    """The text with other values at some keys, ``{"risk.silent_customer.enabled": False}``; all else stays letter for letter.

    A key must be there already: `KeyError`. `PolicyError` where no policy may say what came of it.
    """
    file = tomlkit.parse(text)
    for key, value in changes.items():
        *tables, last = key.split(".")
        table: Any = file
        for name in tables:
            table = table[name]
        if last not in table:
            raise KeyError(key)
        table[last] = value
    changed = file.as_string()
    policies.parse(changed)
    return changed


def brought_up(text: str, shipped: str) -> str:
    """A policy text that an earlier version of the program may have kept, as a file of this version's: its own values and comments stay.

    What it did not have yet is as ``shipped``, what is no key any more is gone. `PolicyError` where it cannot be used all
    the same, `ValueError` where it is no TOML.
    """
    if text == shipped:  # as of most nights
        return text
    file = tomlkit.parse(text)
    _complete(file, policies.tables(text, shipped), tomlkit.parse(shipped))
    changed = file.as_string()
    policies.parse(changed)
    return changed


def _complete(table: Any, wanted: Mapping[str, Any], shipped: Any) -> None:
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if key not in table:
            table[key] = shipped[key]
        elif isinstance(value, dict):
            _complete(table[key], value, shipped.get(key, {}))
