"""The master workbook: the risk summary, then one sheet with one native table for each kind of record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from kam_xl.core import sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.cells import mask_phone
from kam_xl.core.words import Words
from kam_xl.reports import cover, tables, theme, vocabulary
from kam_xl.reports.cover import Chapter
from kam_xl.reports.pages import PAGES, Page
from kam_xl.reports.run import Run
from kam_xl.reports.tables import Column, Layout, Mark
from kam_xl.reports.telling import masked
from kam_xl.reports.vocabulary import Vocabulary

#: Texts that wrap.
WRAPPED = frozenset(
    "remarks evidence remedy action problem improvement actions strategy finding typed_value reason item content columns_read "
    "value_reason potential_reason demand_reason".split()
)
#: Cells that stay empty where nobody wrote anything; any other unknown is a dash.
OPTIONAL = WRAPPED | frozenset("tags as_typed extras effect period".split())
#: Texts in which no phone number is looked for: a masked key would not join its rows, nor a fingerprint its file.
KEYS = frozenset("customer_id other_id sha256".split())


def write(path: Path, assessment: Assessment, words: Words, run: Run, rows_per_sheet: int = tables.EXCEL_ROWS) -> None:
    """Write the whole workbook to ``path`` in the language of ``words`` (handbook §3, §4, §7, §10).

    A table longer than a sheet goes on in "name (2)", and the summary says so. Phones stay only if the policy keeps them.
    """
    with Workbook(path, _options(words)) as workbook:
        _set_properties(workbook, words, run)
        frames = {page.key: page.rows(assessment, words, run) for page in PAGES}
        chapters = [_chapter(page, len(frames[page.key]), words, rows_per_sheet) for page in PAGES]
        footer = _footer(words, run)
        cover.add(workbook, assessment, words, chapters, frames["customers"]["customer_id"], footer)
        known = vocabulary.vocabularies(assessment, words)
        for page, chapter in zip(PAGES, chapters, strict=True):
            layout = Layout(footer, words("master.none"), page.frozen)
            columns = list(_columns(frames.pop(page.key), page, assessment, words, known))
            _add(workbook, page, chapter, columns, layout, _marks(page, known["verdict"]))


def _add(
    workbook: Workbook, page: Page, chapter: Chapter, columns: list[Column], layout: Layout, marks: list[Mark]
) -> None:
    """Add a page's sheets: one, unless it is longer than a sheet."""
    for number, (name, rows) in enumerate(chapter.parts, start=1):
        table = page.table if number == 1 else f"{page.table}_{number}"
        tables.add(workbook, name, table, [column.rows(rows) for column in columns], layout, marks)


def _options(words: Words) -> dict[str, object]:
    font = {"font_name": theme.WORKBOOK_FONTS[words.lang], "font_size": theme.FONT_SIZE, "font_color": theme.INK}
    plain = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    return {
        "default_format_properties": {**font, "font_scheme": "none", "valign": "vcenter"},
        "use_zip64": True,
        **plain,
    }


def _set_properties(workbook: Workbook, words: Words, run: Run) -> None:
    """The workbook's properties; by the custom one the job knows its own output among the teams' workbooks."""
    workbook.set_properties({"title": words("master.title"), "created": run.started})
    workbook.set_custom_property("kam_xl", "master")
    workbook.set_size(1920, 1200)


def _footer(words: Words, run: Run) -> str:
    printed = words("master.printed", started=f"{run.started:%Y-%m-%d %H:%M}", policy=run.policy_version)
    return f"&L&8{printed.replace('&', '&&')}&C&8&A&R&8{words('master.footer')}"


def _chapter(page: Page, rows: int, words: Words, rows_per_sheet: int) -> Chapter:
    name = words(f"master.sheet.{page.key}")
    return Chapter(page.key, name, rows, tuple(tables.parts(name, rows, rows_per_sheet)))


def _columns(
    frame: pd.DataFrame, page: Page, assessment: Assessment, words: Words, known: dict[str, Vocabulary]
) -> Iterator[Column]:
    """The columns of a page, ready to write."""
    for field in page.fields.split():
        if assessment.policy.keep_phones or field in KEYS or field in known:
            series = frame[field]
        else:
            series = _without_phones(frame, field)
        yield Column(
            field=field,
            header=sheets.header(field, words.lang),
            values=_values(series, field, words, known.get(field)),
            kind=sheets.columns()[field].kind,
            wrapped=field in WRAPPED,
            looks=known[field].looks if field in known else {},
        )


def _values(series: pd.Series, field: str, words: Words, names: Vocabulary | None) -> list[float | str | None]:
    """The cells of one column, by its kind."""
    kind = sheets.columns()[field].kind
    if names:
        return tables.texts(names.of(series), words("master.cut"))
    if kind in ("date", "datetime"):
        return tables.dates(series)
    if kind in theme.NUMBER_FORMATS:
        return tables.numbers(series)
    return tables.texts(series, words("master.cut"), None if field in OPTIONAL else theme.UNKNOWN)


def _without_phones(frame: pd.DataFrame, field: str) -> pd.Series:
    """A column with the phone numbers in it masked (handbook §10)."""
    column, personal = frame[field], [name for name, known in sheets.columns().items() if known.personal]
    if sheets.columns()[field].kind in theme.NUMBER_FORMATS:
        return column
    if field in personal:
        return column.map(mask_phone, na_action="ignore")
    if field == "typed_value":
        column = column.where(~frame["field"].isin(personal), column.map(mask_phone, na_action="ignore"))
    # teams, files and people repeat a thousand times, so each text is looked at once
    return column.map({text: masked(text) for text in column.dropna().unique()}).astype("str")


def _marks(page: Page, verdict: Vocabulary) -> list[Mark]:
    """Recorded values take the colour of the verdict beside them where they differ from the computed ones."""
    if "verdict" not in page.fields.split():
        return []
    differing = {"recorded_score": ("score_differs", "tier_differs"), "recorded_tier": ("tier_differs",)}
    return [
        Mark(field, "verdict", verdict.names[key], verdict.looks[verdict.names[key]])
        for field, keys in differing.items()
        for key in keys
    ]
