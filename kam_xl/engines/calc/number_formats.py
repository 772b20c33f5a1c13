"""The number formats of one document: LibreOffice knows them by number, Excel by what is written in them."""

from __future__ import annotations

import re
from typing import Any

_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|[A-Z]+')


class Formats:
    """What each number format is and how Excel writes it; ``document`` is asked once for each."""

    def __init__(self, document: Any, uno: Any) -> None:
        self._formats = document.NumberFormats
        self._locale = uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", "")
        self._kinds: dict[int, int] = {}
        self._keys: dict[str, int] = {}
        self._codes: dict[int, str] = {}

    def kind(self, key: int) -> int:
        """LibreOffice's kind of a number format: a date, a text, a Boolean."""
        if key not in self._kinds:
            self._kinds[key] = self._formats.getByKey(key).Type
        return self._kinds[key]

    def key(self, code: str) -> int:
        """LibreOffice's number of a number format written as in Excel."""
        if code not in self._keys:
            key = self._formats.queryKey(code, self._locale, False)
            self._keys[code] = self._formats.addNew(code, self._locale) if key == -1 else key
        return self._keys[code]

    def code(self, key: int) -> str:
        """A number format as Excel writes it: letters of dates are small."""
        if key not in self._codes:
            found = self._formats.getByKey(self._formats.getFormatForLocale(key, self._locale)).FormatString
            if found in {"General", "Standard"}:
                found = "General"
            elif not found.startswith(("BOOLEAN", "General")):
                found = _LETTERS.sub(lambda m: m[0].lower() if m[0].isalpha() else m[0], found)
            self._codes[key] = found
        return self._codes[key]
