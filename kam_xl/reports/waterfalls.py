"""Why a number changed, as a waterfall: what it was, what each factor did to it, what it is; the steps meet end to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from markupsafe import Markup

from kam_xl.core import frames, moves
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


@dataclass(frozen=True)
class Bar:
    """One line of a waterfall: its name, its bar, and its number; ``verdict`` as the page's colours name it."""

    name: str
    bar: Markup
    text: str
    verdict: str = "plain"


@dataclass(frozen=True)
class Waterfall:
    """One number's change: a title that says it, and its steps from the earlier night to the later one."""

    title: str
    steps: tuple[Bar, ...]


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
    return Waterfall(words("bridge.page.picture", figure=moves.name(figure, words), said=said), tuple(steps))


def _edges(levels: Sequence[float]) -> tuple[float, float]:
    """The values at the left and the right edge."""
    low, high = min(levels), max(levels)
    if low >= 0 and high - low >= _LARGE * high:
        return 0.0, high
    margin = (high - low) * _MARGIN
    return low - margin, high + margin


def _end(name: str, value: float, low: float, high: float, figure: str) -> Bar:
    text = moves.number(value, figure)
    return Bar(name, charts.step_bar(low, value, low, high, theme.HEADER_FILL, f"{name} {text}"), text)


def _part(name: str, start: float, end: float, edges: tuple[float, float], figure: str) -> Bar:
    text = moves.signed(end - start, figure)
    verdict = "plain" if figure in _NEUTRAL else "good" if (end > start) != (figure in _WORSE) else "bad"
    colour = theme.VERDICTS[verdict].text if verdict in theme.VERDICTS else theme.TIER_COLOURS["key"]
    bar = charts.step_bar(start, end, *edges, colour, f"{name} {text}")
    return Bar(name, bar, text, verdict)


def of_customer(own: pd.DataFrame, parts: pd.DataFrame, nights: Sequence[str], words: Words) -> Iterator[Waterfall]:
    """A waterfall for each number of a customer that changed and has more than one part; ``own`` are its moves."""
    for row in frames.each_row(own[own["before"].notna() & own["after"].notna()]):
        of_figure = parts[(parts["figure"] == row.figure) & (parts["role"] == "part")]
        if len(of_figure[of_figure["factor"] != "rounding"]):
            yield waterfall(row.figure, row.before, row.after, of_figure, nights, words)
