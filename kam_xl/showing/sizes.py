"""How wide a column stands and how high a row, by the texts they show; a Chinese character counts two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

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
    """How long each of the values is that are known; those that are ``shown`` as figures are looked at once each."""
    if shown is None:
        return [*_text_widths([str(value) for value in values if value is not None])]
    known = {value: _length(value, shown) for value in set(values) if value is not None}
    return [known[value] for value in values if value is not None]


def _length(value: float | str, shown: str) -> int:
    if isinstance(value, str):
        return text_width(value)
    return len(shown) if shown.startswith("yyyy") else len(f"{value:,.1f}")


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
