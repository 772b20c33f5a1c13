"""A waterfall as a native chart on a first sheet: one bar a step, its figures beside it in columns that are hidden."""

from __future__ import annotations

from typing import Any

from kam_xl.reports.first_sheet import FIRST, LAST, FirstSheet
from kam_xl.reports.waterfalls import Bar, Waterfall, colour
from kam_xl.showing import theme

_DATA = LAST + 2  # the first of the hidden columns: names, where bars begin, then one column a look
_ENDS = "ends"
_LOOKS = (_ENDS, "good", "bad", "plain")
_STEP, _EDGE = 24, 10  # pixels
_COLUMN = 68  # pixels of a column


def add(sheet: FirstSheet, picture: Waterfall) -> None:
    """Draw a waterfall over the whole width, below its title."""
    sheet.text(picture.title, bold=True)
    top, count = sheet.row, len(picture.steps)
    for number, step in enumerate(picture.steps):
        _write(sheet, step, end=number in (0, count - 1))
        sheet.next(_STEP * 0.75)
    sheet.worksheet.set_column(_DATA, _DATA + 1 + len(_LOOKS), None, None, {"hidden": True})
    chart = sheet.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    name, bottom = sheet.worksheet.get_name(), top + count - 1
    for place, fill in enumerate(({"none": True}, *({"color": _colour(look)} for look in _LOOKS)), _DATA + 1):
        chart.add_series(
            {
                "categories": [name, top, _DATA, bottom, _DATA],
                "values": [name, top, place, bottom, place],
                "fill": fill,
                "gap": 35,
            }
        )
    _set_out(chart, picture)
    size = {"object_position": 1, "description": picture.title, "decorative": False}
    chart.set_size({"width": (LAST - FIRST + 1) * _COLUMN, "height": _STEP * count})
    sheet.worksheet.insert_chart(top, FIRST, chart, size)


def _write(sheet: FirstSheet, step: Bar, *, end: bool) -> None:
    """One step's figures: its name with its number, where its bar begins, how long it is in the column of its look."""
    look = _ENDS if end else step.verdict
    begins, length = (0.0, step.end) if end else (min(step.start, step.end), abs(step.end - step.start))
    sheet.worksheet.write_string(sheet.row, _DATA, f"{step.name}  {step.text}")
    sheet.worksheet.write_number(sheet.row, _DATA + 1, begins)
    sheet.worksheet.write_number(sheet.row, _DATA + 2 + _LOOKS.index(look), length)


def _colour(look: str) -> str:
    return theme.HEADER_FILL if look == _ENDS else colour(look)


def _set_out(chart: Any, picture: Waterfall) -> None:
    """The first step on top, no axis but the names, the bars between the waterfall's two ends."""
    font = {"color": theme.INK, "size": theme.NOTE_SIZE, "bold": False}
    chart.show_hidden_data()
    chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"none": True}, "major_tick_mark": "none"})
    chart.set_x_axis({"visible": False, "min": picture.low, "max": picture.high, "major_gridlines": {"visible": False}})
