"""A team's own workbook: what is to be done, what of its cells is to be put right, and every row it typed, with its place.

It holds nothing of another team (`kam_xl.core.by_team`). Phones stay only if the policy keeps them, as in the master.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from kam_xl.core import by_team
from kam_xl.core.assessment import Assessment
from kam_xl.core.frames import each_row
from kam_xl.core.outside import inside, outside
from kam_xl.core.teams import Teams
from kam_xl.reports import file_names, pressing, workbook
from kam_xl.reports.figures import number
from kam_xl.reports.first_sheet import NEUTRAL, Cell, Chapter, FirstSheet, Tile, contents, tiles
from kam_xl.reports.pages import Pages, PagesAtOnce
from kam_xl.reports.run import Run
from kam_xl.reports.team_sheets import PAGES
from kam_xl.reports.workbook import Binding
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.fields import header
from kam_xl.showing.telling import of_finding, or_dash, with_reasons

FILES_SHOWN, NOTES_SHOWN = 10, 10
#: Codes of findings about amounts of which nobody said the unit.
_UNITS = "amount_unit_"
_TOLD = "copy_of"  # its file says so itself
_PAGES = {page.key: page for page in PAGES}


def names(assessment: Assessment) -> dict[str, str]:
    """Team → the name of its workbook's file: one that any system takes, and no two alike on any."""
    found: dict[str, str] = file_names.of(Teams(assessment).names, ".xlsx")
    return found


def write(folder: Path, assessment: Assessment, run: Run) -> Iterator[str]:
    """Write every team's workbook into ``folder``, and tell each that is there by its name; one that fails costs no other."""
    assessment = inside(assessment) if assessment.policy.keep_phones else outside(assessment)
    teams, known = Teams(assessment), vocabulary.vocabularies(assessment)
    run = run.from_below()
    called = file_names.of(teams.names, ".xlsx")
    for several in by_team.together(teams):
        for pages in PagesAtOnce(several, run, known).each():
            team = pages.assessment.team
            name, work = called[team], partial(_written, folder / called[team], pages)
            if assessment.failures.attempt("team", team, work, otherwise=False):
                yield name
            else:
                (folder / name).unlink(missing_ok=True)


def _written(path: Path, pages: Pages) -> bool:
    """Write one team's workbook; True, for there is nobody to ask whether it is there."""
    part = pages.assessment
    words = part.words
    binding = Binding(
        key="team",
        title=words("team.title", team=part.team),
        first=words("master.sheet.team"),
        front=partial(_front, part),
        pages=PAGES,
        failing="team_sheet",
        sparing=True,
    )
    workbook.write(path, pages, binding)
    return True


def _front(
    part: Any, sheet: FirstSheet, chapters: Sequence[Chapter], frames: Mapping[str, pd.DataFrame | None]
) -> None:
    """The first sheet: what this is, the team's figures, its files, where the rest stands."""
    blocks = {
        "headline": lambda: _headline(sheet, part),
        "figures": lambda: tiles(sheet, list(_figures(part, chapters, frames))),
        "matters": lambda: pressing.add(sheet, part, _of("matters", chapters), frames["matters"]),
        "files": lambda: _files(sheet, part),
        "notes": lambda: _notes(sheet, part),
    }
    sheet.blocks(part.failures, "team_cover", blocks)
    sheet.heading(sheet.words("master.summary.sheets"))
    contents(sheet, chapters, lambda key: [Cell(_PAGES[key].about(sheet.words), 10)], 3)
    sheet.heading(sheet.words("team.elsewhere_title"))
    sheet.text(sheet.words("team.shared", n=number(len(part.shared_ids))))
    sheet.text(sheet.words("team.rest"))


def _of(key: str, chapters: Sequence[Chapter]) -> Chapter:
    return next(chapter for chapter in chapters if chapter.key == key)


def _headline(sheet: FirstSheet, part: Any) -> None:
    words = sheet.words
    sheet.text(words("team.what", team=part.team, today=part.today), font_color=theme.MUTED, font_size=theme.NOTE_SIZE)
    high = int((part.customers["level"] == "high").sum())
    form = "unread" if part.customers.empty else "none" if high == 0 else "high"
    said = words(f"team.headline.{form}", team=part.team, n=number(high), customers=number(len(part.customers)))
    sheet.text(said, 36, font_color=theme.INK, font_size=theme.TITLE_SIZE, bold=True)
    sheet.text(words("team.correct"), font_color=theme.MUTED, font_size=theme.NOTE_SIZE)
    sheet.next(theme.FONT_SIZE)


def _figures(part: Any, chapters: Sequence[Chapter], frames: Mapping[str, pd.DataFrame | None]) -> Iterator[Tile]:
    """What a team lead asks first, each with the sheet that holds its rows."""
    words, there = part.words, {chapter.key: chapter for chapter in chapters}
    customers, cases, matters, repairs = part.customers, part.cases, frames["matters"], frames["repairs"]
    high, late = int((customers["level"] == "high").sum()), int(cases["late"].sum())
    amount = float(customers["amount"].sum(min_count=1))
    counted = {
        "customers": (number(len(customers)), "plain", "customers"),
        "amount": (number(amount), "plain", "customers"),
        "matters": (theme.UNKNOWN if matters is None else number(len(matters)), "plain", "matters"),
        "high": (number(high), "bad" if high else "good", "customers"),
        "late": (number(late), "bad" if late else "good", "cases"),
        "repairs": (theme.UNKNOWN if repairs is None else number(len(repairs)), "watch", "repairs"),
    }
    for key, (value, verdict, chapter) in counted.items():
        at = there.get(chapter)
        link, where = (f"internal:'{at.name}'!A1", f"→ {at.name}") if at else (None, "")
        yield Tile(words(f"team.figure.{key}"), value, words(f"team.figure_note.{key}"), verdict, link, where)


def _files(sheet: FirstSheet, part: Any) -> None:
    """The team's files: what became of each, how good its data is."""
    words, sources = sheet.words, with_reasons(part.portfolio.sources, sheet.words)
    outcome = vocabulary.outcomes(words)
    quality = part.quality_books.set_index("book")["quality"]
    sheet.heading(words("team.files"))
    spans = {"book": 4, "outcome": 1, "modified": 2, "quality": 1, "reason": 6}
    sheet.header(*(Cell(header(field, words.lang), span) for field, span in spans.items()))
    for source in each_row(sources.head(FILES_SHOWN)):
        name = outcome.names[source.outcome]
        said = " ".join(text for text in (source.reason, source.remedy) if isinstance(text, str))
        saved: Any = source.modified
        sheet.line(
            Cell(source.book, 4, bold=True),
            Cell(name, look=outcome.looks.get(name, NEUTRAL)),
            Cell(theme.UNKNOWN if pd.isna(saved) else f"{saved:%Y-%m-%d %H:%M}", 2),
            Cell(or_dash(quality.get(source.book)), num_format=theme.NUMBER_FORMATS["score"]),
            Cell(said or theme.UNKNOWN, 6),
        )
    if len(sources) > FILES_SHOWN:
        sheet.text(words("team.more_files", n=number(len(sources) - FILES_SHOWN)), font_color=theme.MUTED)


def _notes(sheet: FirstSheet, part: Any) -> None:
    """What was found of the files as a whole: older versions, units that were assumed."""
    found = part.portfolio.findings
    whole = found[(found["sheet"].isna() | found["code"].str.startswith(_UNITS)) & (found["severity"] != "info")]
    whole = whole[whole["code"] != _TOLD]
    for row in each_row(whole.head(NOTES_SHOWN)):
        told = of_finding(sheet.words, "text", row.code, row.field, row.typed_value, row.detail)
        sheet.text(f"● {row.book}: {told}", font_color=theme.VERDICTS["watch"].text)
    if len(whole) > NOTES_SHOWN:
        sheet.text(sheet.words("team.more_notes", n=number(len(whole) - NOTES_SHOWN)), font_color=theme.MUTED)
