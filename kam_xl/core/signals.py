"""Words of warning in what people wrote, and the negations that take them back (handbook §7: 无流失 must not fire)."""

from __future__ import annotations

import functools
import re

import pandas as pd

from kam_xl.core.rule_settings import WarningWords
from kam_xl.core.texts import lowered, traditional

_LATIN = re.compile("[a-z0-9]")


def found(texts: pd.Series, rule: WarningWords) -> pd.Series:
    """The warning words that count in each text, in their order, each once; only the texts that have any.

    The values are tuples of the words in lower case, half width.
    """
    signal, said = _signals(rule)
    folded = texts.map({text: lowered(text) for text in texts.dropna().unique()}).astype("str")
    folded = folded[folded.str.contains(signal, na=False)]  # most texts end here
    counting = {text: tuple(dict.fromkeys(filter(None, said.findall(text)))) for text in folded.unique()}
    warnings = folded.map(counting).astype("object")
    return warnings[warnings.map(len).astype("int64") > 0]


@functools.cache
def _signals(rule: WarningWords) -> tuple[str, re.Pattern]:
    """A plain pattern for "may contain a warning word", and the exact one, whose group 1 is a word that counts.

    The exact one swallows negated words first: ``无`` fillers ``拖欠`` joiner ``逾期``, then ``流失`` ``率下降``, and
    ``逾期`` : ``否``. Before them it swallows a negation that is itself taken back, ``无法`` ``避免``: the word after counts.
    """
    word, filler = _one_of(rule.words), _one_of(rule.fillers)
    # blanks join words in English only: 无 at the end of one phrase or line takes nothing back in the next
    gap = rf"(?:{filler}|(?<=[a-z0-9])[ \t]+)*"
    negated = rf"{_one_of(rule.negations)}{gap}{word}(?:[ \t]*{_one_of(rule.joiners)}{gap}{word})*"
    harmless = rf"{word}\s*{_one_of(rule.harmless_after)}"
    # an answer ends its phrase: 逾期：无法收回 and "overdue: no reply" are none
    answered = rf"{word}[ \t]*:[ \t]*{_one_of(rule.answers)}(?!\w|(?<=[a-z])[ \t]+\w)"
    reversed_ = rf"{_one_of(rule.reversals)}{gap}{_one_of(rule.negations)}"
    exact = re.compile(rf"{reversed_}|{negated}|{harmless}|{answered}|({word})")
    return "|".join(map(re.escape, _spellings(rule.words))), exact


def _one_of(texts: tuple[str, ...]) -> str:
    """A pattern for any of the texts, the longest first; Latin letters and digits only as whole words."""
    return f"(?:{'|'.join(map(_whole, _spellings(texts)))})"


def _whole(text: str) -> str:
    start = "(?<![a-z0-9.])" if _LATIN.match(text[0]) else ""
    end = "(?![a-z0-9])" if _LATIN.match(text[-1]) else ""
    return start + re.escape(text) + end


def _spellings(texts: tuple[str, ...]) -> list[str]:
    """The texts in lower case, in Simplified and in Traditional Chinese, the longest first."""
    lower = {lowered(text) for text in texts}
    return sorted(lower | set(map(traditional, lower)), key=lambda text: (-len(text), text))
