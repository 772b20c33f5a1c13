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
