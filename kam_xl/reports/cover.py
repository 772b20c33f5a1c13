"""The first sheet of the master workbook: what happened, what is most pressing, and where the rest stands, on one A4 page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from kam_xl.core import moves
from kam_xl.core.assessment import Assessment
from kam_xl.core.frames import each_row
from kam_xl.core.planning import HOUSEKEEPING
from kam_xl.reports import archive, pressing, team_workbook, waterfall_chart
from kam_xl.reports.first_sheet import (
    Cell,
    Chapter,
    FirstSheet,
    Tile,
    contents,
    named,
    tier,
    tiles,
    verdict_line,
)
from kam_xl.reports.headline import both_nights, headline, key_figures
from kam_xl.reports.master_sheets import PAGES
from kam_xl.reports.run import ARCHIVE, TEAMS
from kam_xl.reports.waterfalls import of_headline, worth_drawing
from kam_xl.showing import theme, vocabulary
from kam_xl.showing.fields import header
from kam_xl.showing.telling import matrix, or_dash, policy_verdict, with_reasons
from kam_xl.showing.theme import Look
from kam_xl.showing.vocabulary import Vocabulary

COMMON_SHOWN, BOOKS_SHOWN = 3, 5
TEAMS_SHOWN, TEAMS_A_LINE = 42, 7
#: Key figure → the sheet that holds the rows it counts, and the filters (field, key) that leave these.
COUNTED: dict[str, tuple] = {
    "high": ("customers", ("level", "high")),
    "past_limit": ("cases", ("past_limit", True)),
    "overdue": ("matters", ("overdue", True)),
    "visits": ("visits", ("this_week", True)),
    "upkeep": ("housekeeping",),
    "left_out": ("teams", ("outcome", "quarantined")),
    "customers": ("customers",),
    "amount": ("customers",),
}
_ABOUT = {page.key: page for page in PAGES}


def add(
    assessment: Assessment,
    sheet: FirstSheet,
    chapters: Sequence[Chapter],
    frames: Mapping[str, pd.DataFrame | None],
) -> None:
    """Write the cover; ``frames`` are the rows of the chapters in their order, for the links to them."""
    there = {chapter.key: chapter for chapter in chapters}
    blocks: dict[str, Callable[[], object]] = {
        "headline": lambda: _headline(sheet, assessment),
        "figures": lambda: tiles(sheet, list(_tiles(assessment, there))),
        "moved": lambda: _moved(sheet, assessment),
        "matters": lambda: pressing.add(sheet, assessment, there["matters"], frames["matters"]),
        "common": lambda: _common(sheet, assessment),
        "tiers": lambda: _tiers(sheet, assessment),
        "lost": lambda: _left_out(sheet, assessment, chapters),
        "policy": lambda: sheet.text(policy_verdict(assessment), font_color=theme.MUTED),
    }
    sheet.blocks(assessment.failures, "cover", blocks)
    _index(sheet, chapters)
    sheet.blocks(assessment.failures, "cover", {"elsewhere": lambda: _elsewhere(sheet, assessment)})


def _headline(sheet: FirstSheet, assessment: Assessment) -> None:
    words, previous = sheet.words, assessment.previous
    form = "first" if previous is None else "compared"
    dates = words(f"master.summary.{form}", today=assessment.today, previous=previous)
    sheet.text(f"{words('master.title')} · {dates}", font_color=theme.MUTED, font_size=theme.NOTE_SIZE)
    sheet.text(headline(assessment), 36, font_color=theme.INK, font_size=theme.TITLE_SIZE, bold=True)
    outcomes = assessment.portfolio.sources["outcome"].value_counts()
    for outcome, key in (("quarantined", "lost"), ("undecided", "undecided"), ("superseded", "superseded")):
        if outcome in outcomes:
            verdict_line(
                sheet, words(f"master.summary.some_{key}", n=outcomes[outcome]), theme.OUTCOME_VERDICTS[outcome]
            )
    if len(assessment.failures):
        verdict_line(sheet, words("failure.notice", n=len(assessment.failures)), "bad")
    sheet.next(theme.FONT_SIZE)


def _tiles(assessment: Assessment, there: Mapping[str, Chapter]) -> Iterator[Tile]:
    """The key figures, each with the sheet that holds the rows it counts, and the filter that leaves these."""
    words, known = assessment.words, vocabulary.vocabularies(assessment)
    for figure in key_figures(assessment):
        chapter, *filters = COUNTED.get(figure.key, ("",))
        if chapter not in there:
            yield Tile(figure.label, figure.value_text, figure.change_text, figure.verdict)
            continue
        named = [f"{header(field, words.lang)} = {known[field].names[key]}" for field, key in filters]
        name = there[chapter].name
        where = (
            words("master.where", sheet=name, filters=words("terms.list_separator").join(named))
            if named
            else f"→ {name}"
        )
        link = f"internal:'{name}'!A1"
        yield Tile(figure.label, figure.value_text, figure.change_text, figure.verdict, link, where)


def _moved(sheet: FirstSheet, assessment: Assessment) -> None:
    """Why figures are not what they were: a line each, and of the first with several causes a picture."""
    words = sheet.words
    if assessment.move_sums.empty:
        return
    sheet.heading(words("master.sheet.moves"))
    for row in each_row(assessment.move_sums):
        sheet.line(Cell(moves.name(row.figure, words), 3, bold=True), Cell(row.said, 4), Cell(row.why, 7))
    sheet.next(theme.FONT_SIZE)
    for picture in worth_drawing(of_headline(assessment, both_nights(assessment)))[:1]:
        waterfall_chart.add(sheet, picture)


def _common(sheet: FirstSheet, assessment: Assessment) -> None:
    """What so many customers share that it is told once, in a line each."""
    shown = assessment.common[assessment.common["kind"] != HOUSEKEEPING].head(COMMON_SHOWN)
    if len(shown):
        sheet.heading(sheet.words("master.sheet.common"))
    for one in shown.itertuples():
        sheet.text(f"● {one.subject}: {one.reason}")


def _tiers(sheet: FirstSheet, assessment: Assessment) -> None:
    """Each tier against its target share, and its customers by risk level; what is high or medium is coloured."""
    words, names, levels = sheet.words, vocabulary.tiers(assessment), vocabulary.levels(sheet.words)
    verdicts, counts = vocabulary.shares(words), matrix(assessment)
    shares = assessment.tiers.set_index("tier")
    sheet.heading(words("master.summary.tiers"))
    figures = [header("customers", words.lang), header("share", words.lang), words("master.summary.target")]
    shown = [*counts.columns]
    sheet.header(
        Cell(header("computed_tier", words.lang), 2), *(Cell(title, num_format="0") for title in figures),
        Cell(words("master.summary.check"), 2), *(Cell(levels.names[level], num_format="0") for level in shown),
    )  # fmt: skip
    for key, row in counts.iterrows():
        share = shares.loc[key] if key in shares.index else None
        sheet.line(
            _wide(tier(names, key)), Cell(int(row.sum()), num_format=theme.NUMBER_FORMATS["count"], bold=True),
            *_shares(share, verdicts), *(_count(row[level], level) for level in shown),
        )  # fmt: skip


def _wide(cell: Cell) -> Cell:
    return Cell(cell.value, 2, cell.look, cell.bar, wrapped=False)


def _shares(share: Any, verdicts: Vocabulary) -> Iterator[Cell]:
    """A tier's share, its target and how the two compare; unknown of customers without a tier."""
    if share is None:
        yield from (Cell(theme.UNKNOWN, num_format="0"), Cell(theme.UNKNOWN, num_format="0"), Cell(theme.UNKNOWN, 2))
        return
    yield Cell(or_dash(share["share"]), num_format=theme.NUMBER_FORMATS["measured"])
    untold = pd.isna(share["target_low"])
    yield Cell(theme.UNKNOWN if untold else f"{share['target_low']:.0%}–{share['target_high']:.0%}", num_format="0")
    verdict = named(verdicts, share["verdict"])
    yield Cell(verdict.value, 2, verdict.look, wrapped=False)


def _count(count: int, level: str) -> Cell:
    """A number of customers at one level: a bad or doubtful one is coloured, none at all is muted."""
    verdict = theme.LEVEL_VERDICTS.get(level, "")
    alarming = count and verdict in ("bad", "watch")
    look = theme.VERDICTS[verdict] if alarming else Look(theme.INK if count else theme.MUTED, theme.WHITE)
    return Cell(int(count), look=look, num_format=theme.NUMBER_FORMATS["count"], bold=bool(alarming))


def _left_out(sheet: FirstSheet, assessment: Assessment, chapters: Sequence[Chapter]) -> None:
    """Every workbook that could not be used: why, and what to do."""
    words, sources = sheet.words, assessment.portfolio.sources
    lost = sources[sources["outcome"] == "quarantined"]
    if lost.empty:
        return
    sheet.heading(words("master.summary.lost"))
    spans = {"book": 4, "reason": 5, "remedy": 5}
    sheet.header(*(Cell(header(field, words.lang), span) for field, span in spans.items()))
    for source in with_reasons(lost.head(BOOKS_SHOWN), words).itertuples():
        reason, remedy = or_dash(source.reason), or_dash(source.remedy)
        sheet.line(Cell(source.book, 4, bold=True), Cell(reason, 5, theme.VERDICTS["bad"]), Cell(remedy, 5))
    if len(lost) > BOOKS_SHOWN:
        name = next(chapter.name for chapter in chapters if chapter.key == "sources")
        sheet.text(words("master.summary.lost_rest", n=len(lost) - BOOKS_SHOWN, sheet=name), font_color=theme.MUTED)


def _index(sheet: FirstSheet, chapters: Sequence[Chapter]) -> None:
    """The other sheets: what each answers, who reads it, how many rows it has."""
    words = sheet.words
    sheet.heading(words("master.summary.sheets"))
    titles = ("sheet", "row_count", "answers", "reader")
    spans = (2, 1, 8, 3)
    sheet.header(*(Cell(words(f"master.index.{title}"), span) for title, span in zip(titles, spans, strict=True)))

    def about(key: str) -> list[Cell]:
        return [
            Cell(_ABOUT[key].about(words), 8),
            Cell(words(f"master.reader.{key}"), 3, Look(theme.MUTED, theme.WHITE)),
        ]

    contents(sheet, chapters, about)


def _elsewhere(sheet: FirstSheet, assessment: Assessment) -> None:
    """Where the rest stands: each team's own workbook, and the archive."""
    words = sheet.words
    sheet.heading(words("master.summary.elsewhere"))
    files = list(team_workbook.names(assessment).items())
    sheet.text(words("master.summary.teams", folder=TEAMS, n=len(files)))
    shown = files[:TEAMS_SHOWN]
    for start in range(0, len(shown), TEAMS_A_LINE):
        line = shown[start : start + TEAMS_A_LINE]
        sheet.line(*(Cell(team, 2, link=f"external:{TEAMS}/{name}", wrapped=False) for team, name in line))
    if len(files) > len(shown):
        sheet.text(words("master.summary.more_teams", n=len(files) - len(shown)), font_color=theme.MUTED)
    about = words(
        "master.summary.archive", folder=ARCHIVE, n=len(archive.names(assessment)), sheet=words("master.sheet.run")
    )
    sheet.line(Cell(f"{ARCHIVE}/", 2, link=f"external:{ARCHIVE}"), Cell(about, 12))
