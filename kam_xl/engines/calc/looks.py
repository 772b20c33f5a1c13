"""How cells look: what xlwings asks of formats, colours, fonts and sizes, answered by LibreOffice."""

# ruff: noqa: D102 (names are those that xlwings asks for)

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from xlwings import utils

_POINT = 2540 / 72  # LibreOffice measures in hundredths of a millimetre
_PIXEL = 2540 / 96
_HAIR = 26  # 0.75 points
#: What Excel adds to a column's characters, and how wide one of them is, in pixels, in its standard font.
_PADDING, _CHARACTER = 5, 7

#: LibreOffice's ways to align → Excel's; vertically Excel has no standard and means the bottom.
_HORIZONTAL = {"STANDARD": "general", "LEFT": "left", "CENTER": "center", "RIGHT": "right", "BLOCK": "justify",
               "REPEAT": "fill"}  # fmt: skip
_VERTICAL = ("bottom", "top", "center", "bottom", "justify")
_AMBIGUOUS = "AMBIGUOUS_VALUE"


class Looks(ABC):
    """The part of a range that is about its looks."""

    __slots__ = ()
    sheet: Any
    shape: tuple[int, int]

    @property
    @abstractmethod
    def api(self) -> Any:
        """LibreOffice's own range, or cell."""

    def common(self, name: str) -> Any:
        """LibreOffice's property of these cells; None where they differ."""
        cells = self.api
        return None if cells.getPropertyState(name).value == _AMBIGUOUS else cells.getPropertyValue(name)

    @property
    def number_format(self) -> str | None:
        """The number format as Excel writes it; None where the cells differ."""
        key = self.common("NumberFormat")
        return None if key is None else self.sheet.book.formats.code(key)

    @number_format.setter
    def number_format(self, value: str) -> None:
        self.api.NumberFormat = self.sheet.book.formats.key(value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The fill's red, green and blue; None where there is no fill or the cells differ."""
        return rgb(self.common("CellBackColor"))

    @color.setter
    def color(self, value: Any) -> None:
        self.api.CellBackColor = -1 if value is None else from_rgb(value)

    def frame(self, color: tuple[int, int, int]) -> None:
        """Draw a hairline around each cell, which xlwings leaves to each host."""
        line = self.sheet.book.uno.createUnoStruct("com.sun.star.table.BorderLine2")
        line.Color, line.OuterLineWidth, line.LineWidth = from_rgb(color), _HAIR, _HAIR
        for side in ("TopBorder", "BottomBorder", "LeftBorder", "RightBorder"):
            self.api.setPropertyValue(side, line)

    @property
    def font(self) -> Font:
        return Font(self)

    @property
    def wrap_text(self) -> bool | None:
        return self.common("IsTextWrapped")

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self.api.IsTextWrapped = bool(value)

    @property
    def horizontal_alignment(self) -> str | None:
        """Where a text stands in its cell; None where the cells differ."""
        found = self.common("HoriJustify")
        return None if found is None else _HORIZONTAL[found.value]

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        name = next(name for name, each in _HORIZONTAL.items() if each == value)
        self.api.HoriJustify = self.sheet.book.uno.Enum("com.sun.star.table.CellHoriJustify", name)

    @property
    def vertical_alignment(self) -> str | None:
        """Where a text stands in its row; None where the cells differ."""
        found = self.common("VertJustify")
        return None if found is None else _VERTICAL[found]

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self.api.VertJustify = _VERTICAL.index(value, 1)

    @property
    def column_width(self) -> float | None:
        """In characters of Excel's standard font; None where the columns differ."""
        widths = {self.api.Columns.getByIndex(i).Width for i in range(self.shape[1])}
        return max(0.0, round((widths.pop() / _PIXEL - _PADDING) / _CHARACTER, 2)) if len(widths) == 1 else None

    @column_width.setter
    def column_width(self, value: float) -> None:
        self.api.Columns.Width = round((value * _CHARACTER + _PADDING) * _PIXEL)

    @property
    def row_height(self) -> float | None:
        """In points; None where the rows differ."""
        heights = {self.api.Rows.getByIndex(i).Height for i in range(self.shape[0])}
        return round(heights.pop() / _POINT, 2) if len(heights) == 1 else None

    @row_height.setter
    def row_height(self, value: float) -> None:
        self.api.Rows.Height = round(value * _POINT)

    def autofit(self, axis: str | None = None) -> None:
        """Make columns as wide and rows as high as what they hold: ``rows``, ``columns`` or, without `axis`, both."""
        if axis in {None, "c", "columns"}:
            self.api.Columns.OptimalWidth = True
        if axis in {None, "r", "rows"}:
            self.api.Rows.OptimalHeight = True

    @property
    def width(self) -> float:
        return self.api.Size.Width / _POINT

    @property
    def height(self) -> float:
        return self.api.Size.Height / _POINT

    @property
    def left(self) -> float:
        return self.api.Position.X / _POINT

    @property
    def top(self) -> float:
        return self.api.Position.Y / _POINT


class Font:
    """The letters of a range; LibreOffice keeps Chinese ones apart, Excel does not, so both are set together."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    @property
    def api(self) -> Any:
        return self._cells.api

    def _set(self, name: str, value: Any) -> None:
        cells = self._cells.api
        for script in ("", "Asian", "Complex"):
            cells.setPropertyValue(f"{name}{script}", value)

    @property
    def bold(self) -> bool | None:
        weight = self._cells.common("CharWeight")
        return None if weight is None else weight > 100

    @bold.setter
    def bold(self, value: bool) -> None:
        self._set("CharWeight", 150.0 if value else 100.0)

    @property
    def italic(self) -> bool | None:
        posture = self._cells.common("CharPosture")
        return None if posture is None else posture.value != "NONE"

    @italic.setter
    def italic(self, value: bool) -> None:
        enum = self._cells.sheet.book.uno.Enum("com.sun.star.awt.FontSlant", "ITALIC" if value else "NONE")
        self._set("CharPosture", enum)

    @property
    def size(self) -> float | None:
        return self._cells.common("CharHeight")

    @size.setter
    def size(self, value: float) -> None:
        self._set("CharHeight", float(value))

    @property
    def name(self) -> str | None:
        return self._cells.common("CharFontName")

    @name.setter
    def name(self, value: str) -> None:
        self._set("CharFontName", value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Red, green and blue; black where the colour is left to the program, None where the cells differ."""
        value = self._cells.common("CharColor")
        return (0, 0, 0) if value == -1 else rgb(value)

    @color.setter
    def color(self, value: Any) -> None:
        self._cells.api.CharColor = from_rgb(value)


def rgb(color: int | None) -> tuple[int, int, int] | None:
    """LibreOffice's colour as red, green and blue."""
    return None if color is None or color < 0 else ((color >> 16) & 255, (color >> 8) & 255, color & 255)


def from_rgb(color: Any) -> int:
    """LibreOffice's colour of red, green and blue, of ``#rrggbb``, or of Excel's number, whose lowest byte is red."""
    if isinstance(color, str):
        color = utils.hex_to_rgb(color)
    elif isinstance(color, int):
        color = utils.int_to_rgb(color)
    red, green, blue = color
    return red << 16 | green << 8 | blue
