"""What this engine cannot do, as a code that whoever speaks to people has a sentence for."""

from __future__ import annotations

#: Code → what it says in English, with the facts it names.
CODES = {
    "missing": "LibreOffice was not found on this computer",
    "no_uno": "LibreOffice has no module uno for Python {version}",
    "no_start": "LibreOffice did not start within {seconds} seconds",
    "died": "LibreOffice ended unexpectedly, or was ended because it did not answer",
}


class CalcError(Exception):
    """LibreOffice cannot be used: `code` is one of `CODES`, `facts` are what its sentence names."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(CODES[code].format_map(facts))
        self.code, self.facts = code, facts
