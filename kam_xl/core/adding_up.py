"""What moved of a customer since a day: the changes of the nights since, added up, factor by factor.

They are read out of the sentences of `moves`, which show each part as exactly as it was told: so the parts of the sum are the
sums of the parts. What a figure changed by on a night of which nobody told, its customer being away, is a line of its own.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import pandas as pd

from kam_xl.core import frames, moves
from kam_xl.core.bridges import BESIDES
from kam_xl.core.words import Words
from kam_xl.core.worlds import FACTORS, FIGURES

UNTOLD = "untold"
#: What is told of several nights, one row a figure.
SUMMED = frames.text("figure said why cites") | frames.day("then on")


class _Numbers(NamedTuple):
    """A change as it was told, in numbers: None where a figure is unknown, or has none."""

    before: Decimal | None
    after: Decimal | None
    parts: dict[str, Decimal] | None


def since(rows: pd.DataFrame, day: pd.Timestamp, told_in: Words, words: Words) -> pd.DataFrame:
    """One customer's changes of the nights after a day (`SUMMED`), in the order of their figures.

    ``rows`` have figure, said, why, cites, then and on, their sentences in the language of ``told_in``; of a sum they are in
    that of ``words``.
    """
    later = rows[rows["on"] > day].sort_values("on", kind="stable")
    order = dict.fromkeys(rows["figure"])
    found = [_of_figure(figure, later[later["figure"] == figure], day, told_in, words) for figure in order]
    return pd.DataFrame([one for one in found if one], columns=list(SUMMED)).astype(SUMMED)


def _of_figure(figure: str, rows: pd.DataFrame, day: pd.Timestamp, told_in: Words, words: Words) -> tuple | None:
    """One figure's row; None where it never changed."""
    if rows.empty:
        return None
    each = list(frames.each_row(rows))
    cites = words("terms.list_separator").join(dict.fromkeys(row.cites for row in each if row.cites))
    if len(each) == 1:
        said = each[0].said, each[0].why
    else:
        steps = [_read(row, told_in) for row in each]
        said = _added(figure, steps, words) or _one_by_one(each, told_in, words)
    return figure, *said, cites, day, each[-1].on


def _added(figure: str, steps: Sequence[_Numbers], words: Words) -> tuple[str, str] | None:
    """What a number changed by in all and why; None where there is anything to be said of a night but numbers."""
    before, after = steps[0].before, steps[-1].after
    if before is None or after is None:
        return None
    parts, last = defaultdict[str, Decimal](Decimal), before
    for step in steps:
        if step.before is None or step.after is None or step.parts is None:
            return None
        for factor, part in {**step.parts, UNTOLD: step.before - last}.items():
            parts[factor] += part
        last = step.after
    parts["rounding"] += after - before - sum(parts.values(), Decimal(0))
    lines = pd.DataFrame([(factor, float(part)) for factor, part in parts.items() if part], columns=["factor", "part"])
    return moves.step(float(before), float(after), figure, words), moves.parts_said(lines, figure, words)


def _one_by_one(rows: Sequence[Any], told_in: Words, words: Words) -> tuple[str, str]:
    """From what to what in all, and each night's step with its reason."""
    ends = [_ends(row.said, told_in, number=FIGURES.get(row.figure, False)) for row in rows]
    said = words("bridge.step", before=ends[0][0], after=ends[-1][1])
    steps = (words("bridge.on", night=f"{row.on:%Y-%m-%d}", said=row.said, why=row.why) for row in rows)
    return said, words("bridge.between").join(steps)


# --- what was said --------------------------------------------------------------------------------------------------------


def _read(row: Any, words: Words) -> _Numbers:
    """A change as `moves` told it, in numbers again."""
    if not FIGURES.get(row.figure, False):
        return _Numbers(None, None, None)
    before, after = (_number(text) for text in _ends(row.said, words, number=True))
    return _Numbers(before, after, parts_of(row.why, words))


def _ends(said: str, words: Words, *, number: bool) -> tuple[str, str]:
    """From what to what, as it was said: of a number by how much, too, where it was known on both nights."""
    holes = {name: _hole(name) for name in ("before", "after", "change")}
    for key in ("bridge.change", "bridge.step") if number else ("bridge.step",):
        found = _pattern(words(key, **holes)).fullmatch(said) if len(said) <= _LONGEST else None
        if found:
            return found["before"], found["after"]
    return said, said


def parts_of(said: str, words: Words) -> dict[str, Decimal] | None:
    """The parts of a change, as `moves.parts_said` said them; None where any of it is none."""
    if len(said) > _LONGEST:
        return None
    found: dict[str, Decimal] = {}
    for text in said.split(words("bridge.between")) if said else ():
        factor, part = next(_named(text, words), ("", None))
        if part is None:
            return None
        found[factor] = part
    return found


#: Longer than any change and its parts are said.
_LONGEST = 1_000


def _named(text: str, words: Words) -> Any:
    for factor in (*FACTORS, *BESIDES, UNTOLD):
        name = words(f"bridge.factor.{factor}")
        match = _pattern(words("bridge.part", factor=name, part=_hole("part"))).fullmatch(text)
        if match and (part := _number(match["part"])) is not None:
            yield factor, part


def _hole(name: str) -> str:
    return f"\0{name}\0"


@functools.cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """What finds again what stands in the holes of a sentence."""
    pieces = sentence.split("\0")
    return re.compile("".join(f"(?P<{one}>.+?)" if place % 2 else re.escape(one) for place, one in enumerate(pieces)))


def _number(text: str) -> Decimal | None:
    """A number as `moves` shows it; None where it is none."""
    try:
        found = Decimal(text.replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
