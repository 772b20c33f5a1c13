"""What people type into a cell, before it is read as anything: whether it stands for nothing, and what there is to read.

The modules that read it, `numbers` to `ids`, have one shape: every ``parse_…`` takes one text and returns a tuple whose
last item is None or the code of a finding. A value that could mean two things is unknown with a finding, never a guess
(handbook §2).
"""

from __future__ import annotations

import re

from kam_xl.core.texts import narrow, simplified

#: Typed in place of "nothing", as `simplified`: the cell counts as blank.
NOTHING = frozenset({
    "", "\x00", "-", "--", "—", "——", "–", "/", "\\", "无", "暂无", "没有", "空", "nan", "null", "none", "n/a", "na", "nil", "#n/a",
})  # fmt: skip
LONGEST_NOTHING = max(map(len, NOTHING))

#: Where people write no whole sentences, a longer text is no value: whoever typed it typed something else.
LONGEST = 2_000

#: What a text starts with that a spreadsheet would take for a formula.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


def is_nothing(text: str) -> bool:
    """True for blanks and for the words people type instead of leaving a cell blank."""
    plain = narrow(text)  # no fold makes it shorter than that
    return len(plain) <= LONGEST_NOTHING and simplified(plain) in NOTHING


def read(text: str) -> str:
    """A text as values are read from it: `simplified`, without the apostrophe that keeps it a text, each run of blanks one.

    A run that a pattern can split in many ways would cost the square of its length.
    """
    return " ".join(simplified(text).lstrip("'’").split())


_OPENING, _CLOSING = "([{【〔〖「『〈《<（［｛＜", ")]}】〕〗」』〉》>）］｝＞"


def unwrapped(text: str) -> str:
    """A text without the one pair of brackets around the whole of it."""
    text = text.strip()
    depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth <= 0:  # the bracket that opens the text is closed here, if one opens it at all
            return text[1:-1].strip() if place == len(text) - 1 > 0 else text
    return text


_LIST = re.compile(r"[、,，;；/／\n]")


def split_list(text: str) -> list[str]:
    """The items of a list cell in their order, each once: ``A产品、B服务`` → ["A产品", "B服务"]."""
    return list(dict.fromkeys(item for part in _LIST.split(text) if (item := part.strip())))
