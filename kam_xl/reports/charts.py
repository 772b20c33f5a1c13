"""The report's pictures as inline SVG, drawn in percent so that they fit a phone, a desktop and paper alike.

Every function returns safe markup with its text equivalent as the label; a share is 0..1, ``end`` the share at the
right edge. Texts of charts stand in the table around them, so that they keep their size on a narrow screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from kam_xl.showing import theme

_SVG = Markup('<svg class="{}" role="img" aria-label="{}" width="100%" height="{}">{}</svg>')
_RECT = Markup('<rect x="{:.2f}%" y="{}" width="{:.2f}%" height="{}" fill="{}"/>')
_MARK = Markup('<line x1="{0:.2f}%" x2="{0:.2f}%" y1="1" y2="23" stroke="{1}" stroke-width="2"/>')


def scale_end(shares: Iterable[float]) -> float:
    """The right edge for bars of these shares: the next full 10 %, at least 10 %; unknown shares do not count."""
    longest = max((share for share in shares if not math.isnan(share)), default=0)
    return max(math.ceil(round(longest * 10, 6)), 1) / 10


def share_bar(share: float, low: float, high: float, end: float, colour: str, label: str) -> Markup:
    """One bar over its target range, shaded and marked at both ends; what is unknown (NaN) is not drawn."""
    bar = [] if math.isnan(share) else [_RECT.format(0, 7, 100 * share / end, 10, colour)]
    if math.isnan(low):
        return _svg("bar", label, 24, bar)
    shade = _RECT.format(100 * low / end, 1, 100 * (high - low) / end, 22, theme.LINE)
    marks = [_MARK.format(100 * edge / end, theme.MUTED) for edge in (low, high)]
    return _svg("bar", label, 24, [shade, *bar, *marks])


def interval_bar(share: float, ends: tuple[float, float], base: float, end: float, colour: str, label: str) -> Markup:
    """One bar over the interval of its share, shaded, with a mark where others stand; what is unknown (NaN) is not drawn."""
    if math.isnan(share):
        return _svg("bar", label, 24, [])
    low, high = ends
    shade = _RECT.format(100 * low / end, 1, 100 * (high - low) / end, 22, theme.LINE)
    mark = [] if math.isnan(base) else [_MARK.format(100 * base / end, theme.INK)]
    return _svg("bar", label, 24, [shade, _RECT.format(0, 7, 100 * share / end, 10, colour), *mark])


def _svg(kind: str, label: str, height: int, shapes: Iterable[Markup]) -> Markup:
    return _SVG.format(kind, label, height, Markup("").join(shapes))


def step_bar(start: float, end: float, low: float, high: float, colour: str, label: str) -> Markup:
    """One step of a waterfall: a bar from where the steps before it end to where it ends, between the chart's two edges."""
    scale = 100 / (high - low) if high > low else 0
    left, right = ((one - low) * scale for one in sorted((start, end)))
    return _svg("bar", label, 24, [_RECT.format(left, 5, max(right - left, 0.4), 14, colour)])
