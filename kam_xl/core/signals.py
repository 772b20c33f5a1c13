"""Words of warning, read with the sentence they stand in: settled, denied or said of others they do not count.

A text is read from left to right as tokens (`_tokens`): what is denied is swallowed with its negation, the rest are
words, subjects, years and ends of clauses. At the end of a clause it is known of whom it speaks, and which words count
(`_counting`). What follows a word and takes it back (已结清, unfounded) is looked for right after it (`_over`). Every
gap is bounded, so the time is linear in the length of the text (handbook §7: 无流失 must not fire).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import pandas as pd

from kam_xl.core.rule_settings import WarningWords
from kam_xl.core.texts import lowered, traditional

_LATIN = re.compile("[a-z0-9]")
#: What ends a clause, after `lowered`; a blank does after a Chinese character, a comma or point within a number does not.
_ENDS = r"[;!?()\[\]{}<>|…。\n\r\t—]|,(?!\d)|(?<!\d),|\.(?![a-z0-9])|(?<=[^\x00-\x7f]) +"
#: An amount or a share, which after "recovered" says that not all is.
_PART = r"[ ]*\d[\d.,]*[ ]*(?:%|成|万|萬|元)"
#: Whom a clause speaks of → the kinds of words that count there.
_COUNTS = {
    "customer": ("word", "own", "rival"),
    "ours": ("word", "rival"),
    "others": ("rival",),
    "rival": ("word", "rival"),
}


def found(texts: pd.Series, rule: WarningWords, year: int) -> pd.Series:
    """The warning words that count in each text, in their order, each once; only the texts that have any.

    ``year`` is this year: what a text says of years long before it is history. The values are tuples of the words in
    lower case, half width.
    """
    maybe, tokens, over = _grammar(rule)
    folded = texts.map({text: lowered(text) for text in texts.dropna().unique()}).astype("str")
    folded = folded[folded.str.contains(maybe, na=False)]  # most texts end here
    counting = {
        text: tuple(dict.fromkeys(_counting(_clauses(text, tokens, over), year - rule.past.years)))
        for text in folded.unique()
    }
    warnings = folded.map(counting).astype("object")
    return warnings[warnings.map(len).astype("int64") > 0]


def _clauses(text: str, tokens: re.Pattern, over: re.Pattern) -> list[list[tuple[str, str]]]:
    """The clauses of a text, each as its tokens, kind and text, without the words that are taken back after them."""
    clauses: list[list[tuple[str, str]]] = [[]]
    for token in tokens.finditer(text):
        kind = token.lastgroup
        if kind == "ends":
            clauses.append([])
        elif kind and not (kind in _COUNTS["customer"] and over.match(text, token.end())):
            clauses[-1].append((kind, token[kind]))
    return clauses


def _counting(clauses: Iterable[list[tuple[str, str]]], history: int) -> Iterable[str]:
    """The words that count, by whom their clause speaks of; none of a clause whose latest year is ``history``."""
    for clause in clauses:
        years = [int(text[-4:]) for kind, text in clause if kind in ("year", "within")]
        if not years or max(years) > history:
            yield from _of_one(clause)


def _of_one(clause: list[tuple[str, str]]) -> list[str]:
    """The words of one clause that count."""
    subject, words = "customer", list[str]()
    for kind, text in clause:
        if kind in _COUNTS["customer"]:
            if kind in _COUNTS[subject]:
                words.append(text)
            elif subject == "rival":
                words.pop()  # a bankrupt rival threatens nobody
                subject = "others"
        elif kind == "weak" and subject == "rival":
            words.pop()
            subject = "others"
        if kind in _COUNTS:
            subject = kind
    return words


@functools.cache
def _grammar(rule: WarningWords) -> tuple[str, re.Pattern, re.Pattern]:
    """A plain pattern for "may contain a warning word", the tokens of a text, and what after a word takes it back."""
    words = (*rule.words, *rule.own, *rule.subjects.rivals)
    maybe = "|".join(map(re.escape, _spellings(words)))
    return maybe, re.compile(_tokens(rule, _one_of(words))), re.compile(_over(rule))


def _tokens(rule: WarningWords, word: str) -> str:
    """The tokens of a text, by the group that matched; what takes a word back before it is swallowed in no group.

    The order decides: a reversal with its negation (无法 避免: the word after counts), then a negation with its words
    (无 拖欠 、 逾期), a harmless ending, an answer, what was settled (已收回 全部 欠款), and then the single words.
    """
    whose, settled, past = rule.subjects, rule.settled, rule.past
    # blanks join words in English only: 无 at the end of one phrase or line takes nothing back in the next
    blank = r"(?:(?<=[a-z0-9])[ \t]{1,4})?"
    gap = rf"{blank}(?:{_one_of(rule.fillers)}{blank}){{0,6}}"
    negation = _one_of(rule.negations)
    denied = rf"{word}(?:[ \t]*{_one_of(rule.joiners)}{gap}{word}){{0,50}}"
    kinds = {
        "ends": rf"{_ENDS}|{_one_of(rule.turns)}",
        "others": _one_of(whose.others),
        "year": rf"(?:19|20)\d\d(?=年(?!{_one_of(past.lasting)}))|(?<!\d)(?:19|20)\d\d(?=[-/.]\d)",
        "own": _one_of(rule.own),
        "word": _one_of(rule.words),
        "rival": _one_of(whose.rivals),
        "weak": _one_of(whose.weak),
        "customer": _one_of(whose.customer),
        "ours": _one_of(whose.ours),
        "within": rf"{_one_of(past.within)} (?:19|20)\d\d(?!\d)",
    }
    swallowed = [
        rf"{_one_of(rule.reversals)}{gap}{negation}",
        rf"{negation}{gap}{denied}",
        rf"{negation}{gap}{_one_of(whose.weak)}",
        rf"{_one_of(settled.open)}{gap}{_one_of(settled.said)}",
        rf"(?:{_settled(rule)}){gap}{denied}",
        rf"{word}{gap}{_one_of(rule.harmless_after)}",
        # an answer ends its phrase: 逾期：无法收回 and "overdue: no reply" are none
        rf"{word}{gap}[ \t]*[:?][ \t]*{_one_of(rule.answers)}(?!\w|(?<=[a-z])[ \t]+\w)",
        rf"{_one_of(past.since)}[ \t]*(?:19|20)\d\d年?",
    ]
    first, *rest = (rf"(?P<{kind}>{pattern})" for kind, pattern in kinds.items())
    return "|".join([first, *swallowed, *rest])


def _over(rule: WarningWords) -> str:
    """What follows a word and takes it back: in its clause, or in the next with nothing but leads before."""
    ends = rf"(?:{_ENDS}|{_one_of(rule.turns)})"
    lead = rf"(?:{ends}|{_one_of(rule.settled.leads)}|[ \d.%]){{0,16}}?"
    not_all = r"(?<![\d.])(?!100%)\d[\d.]*%"
    same = rf"(?:(?!{ends}|{_one_of(rule.settled.open)}|{not_all}).){{0,24}}?"
    following = rf"(?:(?!{ends}).){{0,24}}{ends}{lead}"
    return rf"(?:{same}|{following})(?:{_settled(rule)})(?!{_PART}|[ ]*{_one_of(rule.settled.open)})"


def _settled(rule: WarningWords) -> str:
    """A mark with its deed, leads between them (已 于11月20日 付清), or what says it in one (paid up)."""
    settled = rule.settled
    mark, lead = _one_of(settled.marks), rf"(?>(?:{_one_of(settled.leads)}|[ \d%.])*)"
    return rf"{mark}(?:{lead}{mark})?{lead}{_one_of(settled.deeds)}|{_one_of(settled.said)}"


def _one_of(texts: tuple[str, ...]) -> str:
    """A pattern for any of the texts, the longest first; Latin letters and digits only as whole words."""
    return f"(?:{'|'.join(map(_whole, _spellings(texts)))})"


def _whole(text: str) -> str:
    start = "(?<![a-z0-9.])" if _LATIN.match(text[0]) else ""
    end = "(?![a-z0-9])" if _LATIN.match(text[-1]) else ""
    return start + re.escape(text) + end


def _spellings(texts: tuple[str, ...]) -> list[str]:
    """The texts in lower case, in Simplified and in Traditional Chinese (資金鍊 and 資金鏈), the longest first."""
    lower = {lowered(text) for text in texts}
    by_character = {"".join(map(traditional, text)) for text in lower}
    return sorted(lower | by_character | set(map(traditional, lower)), key=lambda text: (-len(text), text))
