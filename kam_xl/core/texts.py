"""When two texts say the same: how width, case, blanks, script and punctuation fold away, decided here and nowhere else.

Handbook §12, "Same text". Four folds, each leaving less of a text than the one before: `narrow` keeps everything a
reader sees, `simplified` is what parsers read, `folded` is how names, products and industries are compared, `essence`
how long texts are. `heading` is how headers are; in `lowered` words are looked for, every other character where it was.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from opencc import OpenCC

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_PUNCTUATION = re.compile(r"[\W_]+")
#: So many characters are looked at at a time; where two pieces meet, an accent typed apart from its letter stays apart.
_PIECE = 250


def normal(text: str) -> str:
    """Unicode's NFKC, full width to half, in time linear in the length: a run of accents costs the square of its own."""
    if text.isascii():
        return text
    if len(text) <= _PIECE:  # as nearly all are
        return unicodedata.normalize("NFKC", text)
    return "".join(unicodedata.normalize("NFKC", piece) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def printable(text: object) -> str:
    """A text, or a path, as it can be printed and written anywhere: half a character is a question mark."""
    return str(text).encode("utf-8", "replace").decode()


def narrow(text: str) -> str:
    """Full-width characters made half-width, blanks trimmed, invisible characters dropped; case and script stay."""
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", normal(text)).strip()


def as_name(text: str) -> str:
    """A person's name without what varies when it is typed twice: width and blanks."""
    return " ".join(narrow(text).split())


def lowered(text: str) -> str:
    """Full-width characters made half-width, capitals small; blanks, script and punctuation stay."""
    return normal(text).casefold()


def simplified(text: str) -> str:
    """`narrow`, and Traditional Chinese made Simplified, capitals small."""
    return _in_simplified(narrow(text)).casefold()


def folded(text: str) -> str:
    """`simplified` without blanks: two names are the same where this is; CRM+ is not CRM."""
    return "".join(simplified(text).split())


def essence(text: str) -> str:
    """`simplified` without blanks and punctuation: nothing but what was said."""
    return _PUNCTUATION.sub("", simplified(text))


_BRACKETS = re.compile(r"[(\[{【〔「『].*?[)\]}】〕」』]|[(\[{【〔「『].*$")
_PERCENT = re.compile(r"\d+(\.\d+)?%")
#: A header with its brackets, however much they explain, and without them; the longest we know has 26 characters.
_LONGEST_HEADER, _LONGEST_HEADING = 1000, 100


@functools.lru_cache(maxsize=65536)
def heading(text: str) -> str:
    """A header or sheet name reduced to what identifies it: brackets, percentages, punctuation and blanks dropped.

    Blank for a text too long to be one: folding pages of minutes would take longer than all the rest.
    """
    text = _BRACKETS.sub("", narrow(text[:_LONGEST_HEADER]))
    return _PUNCTUATION.sub("", _PERCENT.sub("", simplified(text))) if len(text) <= _LONGEST_HEADING else ""


def spelling(text: str) -> str:
    """`folded` with capitals kept: Silis and SILIS are one name, and somebody should say how it is spelt."""
    return "".join(_in_simplified(narrow(text)).split())


def folded_all(texts: pd.Series, fold: Callable[[str], str] = folded) -> pd.Series:
    """A column of texts, each folded; unknown stays unknown."""
    return texts.map({text: fold(text) for text in texts.dropna().unique().tolist()}).astype("str")


def names(typed: pd.Series) -> pd.Series:
    """People's names without what varies when a name is typed twice: width and blanks."""
    return folded_all(typed, as_name)


def traditional(text: str) -> str:
    """Simplified Chinese in Traditional; all else stays."""
    return "".join(map(_to_traditional().convert, _pieces(text)))


@functools.cache
def _to_traditional() -> OpenCC:
    return _opencc("s2t")  # its dictionaries take a while to read, so once, and only where they are needed


def _opencc(conversion: str) -> OpenCC:
    from opencc import OpenCC  # here, for whoever installs masks a text before there is any package

    return OpenCC(conversion)


def _in_simplified(text: str) -> str:
    """What ``OpenCC("t2s")`` makes of a text, in time linear in its length, and nearly none where there is nothing to do."""
    if text.isascii() or _telling().isdisjoint(text):
        return text
    entries, pattern = _entries()
    return pattern.sub(lambda found: entries[found[0]], text)


@functools.cache
def _entries() -> tuple[dict[str, str], re.Pattern]:
    """Traditional → Simplified for phrases and characters, and the pattern of them all, the longest phrase first."""
    dictionaries = [entries for _, _, entries in _opencc("t2s").dict_cache.values()]
    entries = {old: new.split(" ")[0] for dictionary in dictionaries for old, new in dictionary.items()}
    phrases = sorted((old for old in entries if len(old) > 1), key=len, reverse=True)
    characters = "".join(old for old in entries if len(old) == 1)
    return entries, re.compile(f"{'|'.join(phrases)}|[{characters}]")


@functools.cache
def _telling() -> frozenset[str]:
    """The characters that some phrase or character of the dictionaries changes."""
    return frozenset(one for one, other in _pairs() if one != other)


def _pairs() -> Iterator[tuple[str, str]]:
    """Each character of the dictionaries' phrases and characters, and what it becomes."""
    return ((one, other) for old, new in _entries()[0].items() for one, other in zip(old, new, strict=True))


def written(char: str) -> frozenset[str]:
    """How a character may be written in either script: itself, and whatever becomes it."""
    return _written().get(char, frozenset(char))


@functools.cache
def _written() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one, other in _pairs():
        found.setdefault(other, {other}).add(one)
    return {other: frozenset(ones) for other, ones in found.items()}
