"""How wide a column stands and how high a row, by the texts they show; a Chinese character counts two."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from kam_xl.showing import theme
from kam_xl.showing.columns import ReadyColumn

SAMPLE = 200  # texts, or twice as many at most, a column's width is taken from
HEADER_HEIGHT, HEADING_HEIGHT, ROW_HEIGHT, LINE_HEIGHT = 33, 24, 18, 14.25  # points, multiples of a pixel
MOST_LINES = 8  # of a wrapped note that show without opening its cell
PADDING, FILTER_BUTTON, UNBROKEN = 2, 3, 12  # characters


def width(column: ReadyColumn) -> float:
    """The width of a column in characters: its 90th-percentile text, room for its header, within the theme's bounds.

    Of words that have a look, the widest one's.
    """
    shown = [*set(column.values)] if column.looks else column.values[:: max(1, len(column.values) // SAMPLE)]
    lengths = sorted(_lengths(shown, theme.NUMBER_FORMATS.get(column.kind))) or [0]
    body = lengths[-1 if column.looks else int(0.9 * len(lengths))] + PADDING
    return min(max(body, _header_width(column), theme.NARROWEST), theme.WIDEST)


def _header_width(column: ReadyColumn) -> int:
    """A header has two lines, but a short one is not broken; its filter button stands beside it."""
    whole = text_width(column.header)
    return (whole if whole <= UNBROKEN else math.ceil(whole / 2) + 2) + FILTER_BUTTON + 2 * column.is_figure


def _lengths(values: Sequence[float | str | None], shown: str | None) -> list[int]:
    """How long each of the values is that are known, as it is ``shown`` where it is a figure."""
    texts = [value for value in values if isinstance(value, str)]
    figures = [value for value in values if not isinstance(value, str) and value is not None]
    if shown is None:
        return [*_text_widths([*texts, *map(str, figures)])]
    days = shown.startswith("yyyy")
    return [*_text_widths(texts), *([len(shown)] * len(figures) if days else _figure_lengths(figures))]


def _figure_lengths(figures: Sequence[float]) -> list[int]:
    """How long figures are with one decimal and their thousands apart."""
    values = np.asarray(figures, float)
    return (_DIGITS[np.searchsorted(_LONGER, np.abs(values), side="right")] + np.signbit(values)).tolist()


def _least(digits: int) -> float:
    """The least figure that shows so many digits before its point."""
    value = 10.0 ** (digits - 1) - 0.05
    while len(f"{value:.1f}") < digits + 2:
        value = math.nextafter(value, math.inf)
    return value


_LONGER = [_least(digits) for digits in range(2, 310)]
_DIGITS = np.array([digits + (digits - 1) // 3 + 2 for digits in range(1, 310)])


def _text_widths(texts: Sequence[str]) -> Iterable[int]:
    """The widths of texts, of several lines the widest one's; where each has one line, all are measured in one go."""
    whole = "\0".join(texts)
    if "\n" in whole:
        return [max(map(text_width, text.split("\n"))) for text in texts]
    return map(len, whole.encode("gbk", "replace").split(b"\0")) if texts else ()


def text_width(text: str) -> int:
    """The width of a text in characters; a Chinese one counts two."""
    return len(text) if text.isascii() else len(text.encode("gbk", "replace"))


def lines_of(text: str, room: float) -> int:
    """How many lines of ``room`` characters a wrapped text needs."""
    return sum(max(1, math.ceil(text_width(line) / room)) for line in text.split("\n"))


def longer(texts: Collection[str], room: float) -> dict[str, int]:
    """How many lines those of some texts need that need several."""
    widths = _text_widths([*texts])
    return {
        text: lines_of(text, room) for text, width in zip(texts, widths, strict=True) if width > room or "\n" in text
    }
