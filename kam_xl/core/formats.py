"""What a number format shows instead of a whole number: ``"C"000`` shows C001 for 1, and C001 is the ID (handbook §12).

Only what pads with noughts or adds literal text is read, and strictly. Thousands, decimals, percentages, money and dates
are ways to show a number, and leave it what it is.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from kam_xl.core import currencies
from kam_xl.core.books import Formatted, Priced

#: Quoted or escaped text, what stands in brackets, room (``_)``), filling (``*-``), and any other sign by itself.
_PARTS = re.compile(r'"([^"]*)"|\\(.)|\[([^\]]*)\]|([_*].)|(General)|(.)', re.DOTALL | re.IGNORECASE)
_MONEY = frozenset("¥￥$€£₩")
_A_NUMBER_STILL = frozenset(",.%/?@EeYyMmDdHhSsAaBbGg")  # thousands, decimals, fractions, text, powers, dates and times
_AS_THEY_ARE = frozenset("-+():!^&'~{}<>= ")
_PLACES = ("0", "#")
#: In brackets: a colour, or a language without a currency.
_HARMLESS = re.compile(
    r"\$-[0-9A-F]+|color ?\d+|black|blue|cyan|green|magenta|red|white|yellow|[黑蓝青绿洋红白黄色]+", re.IGNORECASE
)


@dataclass(frozen=True)
class Format:
    """How a format shows whole numbers; `parts` are places for digits (`_PLACES`) and texts, None where it is not read."""

    parts: tuple[tuple[bool, str], ...] | None

    def shown(self, number: float) -> str | None:
        """What a whole number from 0 up is shown as; None where that cannot be told."""
        if self.parts is None:
            return None
        left, shown = str(int(number)), ""
        places = sum(is_place for is_place, _ in self.parts)
        for is_place, text in reversed(self.parts):
            if not is_place:
                shown = text + shown
                continue
            places -= 1
            digits = left if places == 0 else left[-1:]
            left = "" if places == 0 else left[:-1]
            shown = (digits or text.replace("#", "")) + shown
        return shown.strip()


@functools.lru_cache(maxsize=4096)
def read(code: str) -> Format | None:
    """A number format that shows whole numbers otherwise than by their digits; None for all others."""
    parts: list[tuple[bool, str]] = []
    is_read = True
    for quoted, escaped, bracket, room, general, other in _PARTS.findall(_first_section(code)):
        if quoted or escaped:
            parts.append((False, quoted or escaped))
        elif general or other in _PLACES:
            parts.append((True, "#" if general else other))
        elif other in _MONEY or (bracket.startswith("$") and not bracket.startswith("$-")):
            return None
        elif bracket:
            is_read &= _HARMLESS.fullmatch(bracket) is not None
        elif other in _A_NUMBER_STILL:
            return None
        elif other in _AS_THEY_ARE:
            parts.append((False, other))
        elif not room:
            is_read &= not other
    said = "".join(text for is_place, text in parts if not is_place).strip()
    if _MONEY & set(said) or not any(is_place for is_place, _ in parts):
        return None
    padded = sum(text == "0" for is_place, text in parts if is_place) > 1
    return Format(tuple(parts) if is_read else None) if said or padded else None


def _first_section(code: str) -> str:
    """The part of a format that is for positive numbers."""
    section = ""
    for part in _PARTS.finditer(code):
        if part[0] == ";":
            break
        section += part[0]
    return section


def how(code: str) -> Format | str | None:
    """How a number format shows whole numbers otherwise than by their digits, or the other currency that it shows; else None."""
    return read(code) or currencies.shown(code)


def shown(number: float, shape: Format | str | None) -> float:
    """A number, `Priced` where a format shows a currency, `Formatted` where it shows it otherwise.

    The latter not where its digits are lost, as a fraction's or 16 are.
    """
    if isinstance(shape, str):
        return Priced(number, shape)
    if shape is None or not 0 <= number < _LOST or number % 1:
        return number
    text = shape.shown(number)
    return number if text == str(int(number)) else Formatted(number, text)


_LOST = 1e15  # a spreadsheet keeps 15 digits
