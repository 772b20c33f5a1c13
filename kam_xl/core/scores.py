"""Marks 0-100 as people type them, with or without a reason beside them → the mark and the reason (handbook §2)."""

from __future__ import annotations

import re

from kam_xl.core.entries import is_nothing, unwrapped
from kam_xl.core.numbers import NOTED
from kam_xl.core.texts import narrow, normal

_MARK = r"(?P<number>-?\d++(?:\.\d++)?)"

_UNIT_OF_MARK = r"(?:分|points?|pts?|%)"

_PURE_MARK = re.compile(rf"^{_MARK}\s*+{_UNIT_OF_MARK}?+\s*+(?:/\s*+100)?$", re.IGNORECASE)

_MARK_FIRST = re.compile(
    rf"^{_MARK}\s*+(?:{_UNIT_OF_MARK}\s*+)?(?:[:,;、]\s*+|(?<=\s)|(?=[(\[{{【〔〖「『〈《<]))"
    r"(?P<reason>(?!或|or\b|to\b|以上|以下|左右|上下)[^\d\s/±+~至到–—-].*)$",
    re.IGNORECASE | re.DOTALL,
)

# 毛利（30%） is a reason without a mark
_MARK_LAST = re.compile(rf"^(?P<reason>[^\d\s](?:.*?\S)??)\s*+[(\[【〔]\s*+{_MARK}\s*+分?\s*+[)\]】〕]$", re.DOTALL)

_MARK_AFTER_COLON = re.compile(rf"^(?P<reason>[^\d:]*[^\d:\s])\s*+:\s*+{_MARK}\s*+分?$")


def parse_score(text: str) -> tuple[float | None, str | None, str | None]:
    """A mark 0-100 and the reason typed beside it: ``92（高利润+长合作）`` → (92.0, "高利润+长合作", None)."""
    typed = text.strip().lstrip("'’").strip()
    folded = normal(typed)
    if is_nothing(typed):
        return None, None, "score_missing"
    if len(folded) != len(typed):  # a character such as ㎡ became two: positions no longer agree
        typed = folded
    patterns = () if NOTED.search(text) else (_PURE_MARK, _MARK_FIRST, _MARK_LAST, _MARK_AFTER_COLON)
    for pattern in patterns:
        if match := pattern.match(folded):
            reason = unwrapped(typed[slice(*match.span("reason"))]) if "reason" in pattern.groupindex else ""
            if _PURE_MARK.match(narrow(reason)):  # 92（95） could be either
                break
            return mark(float(match["number"]), reason or None)
    return None, typed, "score_unparsed"


def mark(number: float, reason: str | None = None) -> tuple[float | None, str | None, str | None]:
    """A number held against the scale 0-100; a fraction is unknown, since a sheet shows 0.92 where 92% was typed."""
    if not 0 <= number <= 100:
        return None, reason, "score_out_of_range"
    if 0 < number < 1:
        return None, reason, "score_fraction"
    return number, reason, None
