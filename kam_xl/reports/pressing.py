"""The most pressing matters as a block of a first sheet: of all teams in the master, of one in its own workbook."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kam_xl.core import tasks
from kam_xl.core.frames import each_row
from kam_xl.reports.first_sheet import Cell, Chapter, FirstSheet, named, row_link
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.fields import header
from kam_xl.showing.telling import or_dash
from kam_xl.showing.vocabulary import Vocabulary

MATTERS_SHOWN = 8
#: What is shown of each, and over how many columns.
_SPANS = {"name": 3, "level": 1, "subject": 4, "money": 1, "owner": 2, "due": 2, "days_late": 1}


def add(sheet: FirstSheet, assessment: Any, chapter: Chapter, rows: pd.DataFrame | None) -> None:
    """The most pressing matters that nobody has dealt with, each with a link to its row."""
    words, levels = sheet.words, vocabulary.levels(sheet.words)
    sheet.heading(words("master.summary.matters"))
    if rows is None:
        sheet.text(words("failure.says"), font_color=theme.VERDICTS["bad"].text)
        return
    waiting = rows.loc[rows["status"] != tasks.DONE, list(_SPANS)]
    if waiting.empty:
        sheet.text(words("master.summary.no_matters"))
        return
    sheet.header(*(Cell(header(name, words.lang), span) for name, span in _SPANS.items()))
    shown = waiting.head(MATTERS_SHOWN)
    for place, matter in zip(shown.index.tolist(), each_row(shown), strict=True):
        sheet.line(*_matter(levels, matter, row_link(chapter, place)))
    if len(waiting) > MATTERS_SHOWN:
        rest = words("master.summary.more_matters", n=len(waiting) - MATTERS_SHOWN, sheet=chapter.name)
        sheet.text(rest, font_color=theme.MUTED, font_size=theme.NOTE_SIZE)


def _matter(levels: Vocabulary, matter: Any, link: str | None) -> list[Cell]:
    return [
        Cell(or_dash(matter.name), 3, link=link),
        named(levels, matter.level),
        Cell(or_dash(matter.subject), 4),
        Cell(or_dash(matter.money), num_format=theme.NUMBER_FORMATS["amount"]),
        Cell(or_dash(matter.owner), 2),
        Cell(theme.UNKNOWN if pd.isna(matter.due) else f"{matter.due:%Y-%m-%d}", 2),
        Cell(int(matter.days_late), num_format=theme.NUMBER_FORMATS["count"]),
    ]
