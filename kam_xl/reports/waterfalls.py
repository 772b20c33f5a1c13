"""Why a number changed, as a waterfall: what it was, what each factor did to it, what it is; the steps meet end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from markupsafe import Markup

from kam_xl.core import frames, moves
from kam_xl.core.assessment import Assessment
from kam_xl.core.words import Words
from kam_xl.reports import charts
from kam_xl.showing import theme

#: Figures of which more is worse.
_WORSE = ("high", "high_top", "money", "overdue", "past_limit", "left_out")
#: Figures of which neither more nor less is better.
_NEUTRAL = ("visits", "upkeep")
#: How much room is left beside the steps, of what they span.
_MARGIN = 0.15
#: A change of so much of the whole is drawn from nought; a smaller one would not be seen.
_LARGE = 0.2
_FEWEST = 4  # steps: a waterfall of one cause says no more than a line


@dataclass(frozen=True)
class Bar:
    """One step of a waterfall: its name, from where to where it goes, its bar and number; ``verdict`` as the page's colours name it."""

    name: str
    start: float
    end: float
    bar: Markup
    text: str
    verdict: str = "plain"


@dataclass(frozen=True)
class Waterfall:
    """One number's change: a title that says it, its steps from the earlier night to the later one, and the axis's ends."""

    title: str
    steps: tuple[Bar, ...]
    low: float
    high: float


def waterfall(
    figure: str, before: float, after: float, parts: pd.DataFrame, nights: Sequence[str], words: Words
) -> Waterfall:
    """The waterfall of a number; ``parts`` has factor and part, ``nights`` are the names of both nights."""
    ordered = moves.in_order(parts)
    sizes = ordered["part"].tolist()
    levels = [before, *np.cumsum([before, *sizes])[1:]]
    low, high = _edges([*levels, after])
    said = moves.step(before, after, figure, words)
    steps = [_end(nights[0], before, low, high, figure)]
    for row, (start, end) in zip(frames.each_row(ordered), pairwise(levels), strict=True):
        steps.append(_part(words(f"bridge.factor.{row.factor}"), start, end, (low, high), figure))
    steps.append(_end(nights[1], after, low, high, figure))
    return Waterfall(words("bridge.page.picture", figure=moves.name(figure, words), said=said), tuple(steps), low, high)


def _edges(levels: Sequence[float]) -> tuple[float, float]:
    """The values at the left and the right edge."""
    low, high = min(levels), max(levels)
    if low >= 0 and high - low >= _LARGE * high:
        return 0.0, high
    margin = (high - low) * _MARGIN
    return low - margin, high + margin


def _end(name: str, value: float, low: float, high: float, figure: str) -> Bar:
    text = moves.number(value, figure)
    bar = charts.step_bar(low, value, low, high, theme.HEADER_FILL, f"{name} {text}")
    return Bar(name, low, value, bar, text)


def _part(name: str, start: float, end: float, edges: tuple[float, float], figure: str) -> Bar:
    text = moves.signed(end - start, figure)
    verdict = "plain" if figure in _NEUTRAL else "good" if (end > start) != (figure in _WORSE) else "bad"
    bar = charts.step_bar(start, end, *edges, colour(verdict), f"{name} {text}")
    return Bar(name, start, end, bar, text, verdict)


def colour(verdict: str) -> str:
    """The colour of a cause's step."""
    return theme.VERDICTS[verdict].text if verdict in theme.VERDICTS else theme.TIER_COLOURS["key"]


def of_customer(own: pd.DataFrame, parts: pd.DataFrame, nights: Sequence[str], words: Words) -> Iterator[Waterfall]:
    """A waterfall for each number of a customer that changed and has more than one part; ``own`` are its moves."""
    for row in frames.each_row(own[own["before"].notna() & own["after"].notna()]):
        of_figure = parts[(parts["figure"] == row.figure) & (parts["role"] == "part")]
        if len(of_figure[of_figure["factor"] != "rounding"]):
            yield waterfall(row.figure, row.before, row.after, of_figure, nights, words)


def of_headline(assessment: Assessment, nights: Sequence[str]) -> Iterator[Waterfall]:
    """A waterfall for each figure of the first page that changed."""
    parts = assessment.move_sum_parts
    for row in frames.each_row(assessment.move_sums):
        of_figure = parts[parts["figure"] == row.figure]
        yield waterfall(row.figure, row.before, row.after, of_figure, nights, assessment.words)


def worth_drawing(found: Iterable[Waterfall]) -> list[Waterfall]:
    """Those that say more than their line: several causes."""
    return [one for one in found if len(one.steps) >= _FEWEST]
