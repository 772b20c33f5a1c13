"""What `kam-xl standards` does: the handbook of service standards, written from a policy into one file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.doors.exits import DONE
from kam_xl.doors.terminal import console, say
from kam_xl.hosts import outputs
from kam_xl.reports import standards_page

_SUFFIXES = (".html", ".htm")


def standards(page: Path, policy_file: Path | None, words: Words) -> int:
    """Write the handbook; `KamError` where the file cannot be written, or has the name of something else."""
    if page.suffix.casefold() not in _SUFFIXES:
        raise KamError(words("standards.other_format", file=page))
    text = standards_page.render(resources.policy(policy_file), words, dt.datetime.now())
    outputs.put(page.parent, {page.name: text}, words)
    say(console, words("standards.written", file=page))
    return DONE
