"""File names made of what people typed: such as any system takes, and no two alike on any."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Sequence

from kam_xl.core.privacy import masked

_UNSAFE = re.compile(r"[^\w·-]+")
_DEVICES = re.compile(r"CON|PRN|AUX|NUL|(COM|LPT)\d", re.IGNORECASE)  # no names for files on Windows
LONGEST = 60  # characters of a name


def of(names: Sequence[str], ending: str, before: str = "") -> dict[str, str]:
    """Name → its file's name with what stands ``before`` and the ``ending``; names that would be the same are told apart.

    Numbers of people are masked, for a file's name stands in records, logs and links; what is masked stays seen as such.
    """
    safe = {name: _UNSAFE.sub("_", masked(name).replace("****", "xxxx")).strip("_")[:LONGEST] for name in names}
    alone = Counter(name.casefold() for name in safe.values())
    found: dict[str, str] = {}
    taken = {folded for folded, count in alone.items() if count == 1}
    for name, short in safe.items():
        if short and alone[short.casefold()] == 1 and not (_DEVICES.fullmatch(short) and not before):
            found[name] = short
        else:
            marked = (f"{short}-{digest(name)}{'_' * more}" for more in itertools.count())
            found[name] = next(way for way in marked if way.casefold() not in taken)
            taken.add(found[name].casefold())
    return {name: f"{before}{short}{ending}" for name, short in found.items()}


def digest(name: str) -> str:
    """A few letters that tell a name from most others."""
    return hashlib.blake2s(name.encode("utf-8", "replace"), digest_size=3).hexdigest()
