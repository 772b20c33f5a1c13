"""The workbook without macros, `KAM_Template.plain.xlsx` and `KAM_Template.plain.en.xlsx`: plain formulas, nothing to install.

It has the sheets of the workbook with macros that need no program: what a button or a cell function of ours does is left out.
Tables do not grow everywhere as one types (LibreOffice), so they begin with blank rows whose formulas are there.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping

from xlsxwriter import Workbook

from kam_xl import __version__, resources
from kam_xl.core import own_sheets, sheets
from kam_xl.core.policy import DIMENSIONS, Policy
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.showing import theme
from kam_xl.template import (
    dashboard,
    data,
    data_health,
    hidden,
    lists,
    native,
    package,
    parameters,
    samples,
    start,
)
from kam_xl.template.figures import Figures, Samples
from kam_xl.template.layout import DATA, FIRST, LAST, Draft, Formula, ReadingSheet, Variant, options, set_origin

ROOM = 300  # rows of a table that are ready
_OF_BUTTONS = ("subject", "evidence", "proposed_owner", "proposed_due")  # of the action list
_TASKS = sheets.TASKS.columns
TABLES: Mapping[str, sheets.Sheet] = {
    **{sheet.kind: sheet for sheet in DATA},
    "evaluation": native.EVALUATION,
    "tasks": dataclasses.replace(sheets.TASKS, columns=tuple(c for c in _TASKS if c.field not in _OF_BUTTONS)),
}
ORDER = ("start", "dashboard", "quality", *TABLES, "lists", "parameters")
READ = ("start", "dashboard", "quality", "parameters")


def workbook(
    lang: str, policy: Policy | None = None, rows: Mapping[str, data.Rows] | None = None, room: int = ROOM
) -> bytes:
    """The workbook in ``zh-CN`` or ``en``, ready to be saved as .xlsx; by the company policy unless another is given.

    ``rows`` of typed cells by kind of sheet stand on top of the blank ones; the cached values stay those of a blank
    workbook, and every program computes when it opens the file.
    """
    words, policy, target = resources.words(lang), policy or resources.policy(), io.BytesIO()
    with Workbook(target, options(lang)) as book:
        draft = Draft(book, words, policy, samples.as_of(), _texts(policy, room), _variant(policy))
        set_origin(draft)
        figures = Figures(lang, Samples(dict.fromkeys(TABLES, ()), words, policy, draft.as_of), TABLES)
        _start(draft, figures)
        dashboard.add(draft, figures.known)
        data_health.add(draft, figures)
        for kind, table in TABLES.items():
            typed = (rows or {}).get(kind, ())
            data.add(draft, table, [*typed, *[{}] * max(room - len(typed), 0)], _like(kind, words))
            _print_what_is_filled(draft, table, room)
        lists.add(draft)
        _parameters(draft)
        _name_words(draft)
    return package.completed(target.getvalue(), draft)


def _variant(policy: Policy) -> Variant:
    words: dict[str, Words] = {lang: resources.words(lang) for lang in LANGUAGES}
    return Variant(ORDER, READ, TABLES, native.formulas(policy, words), follows_language=False)


def _like(kind: str, words: Words) -> data.Rows:
    """Rows that the columns of a sheet have room for."""
    hints = "".join(words("plain.hint.unread", dimension=words(f"terms.dimension.{name}")) for name in DIMENSIONS[1:])
    return [{**row, "note": hints} for row in samples.rows(kind, words)]


def _print_what_is_filled(draft: Draft, table: sheets.Sheet, room: int) -> None:
    """Print a data sheet down to the last row with a key: blank rows are prepared, and no page is needed for them."""
    shown = [column for column in table.columns if not column.hidden]
    whole = draft.place(table.kind, (data.FIRST_ROW, len(shown) - 1), (data.FIRST_ROW + room - 1, len(shown) - 1))
    keys = draft.place(table.kind, (data.FIRST_ROW, 0), (data.FIRST_ROW + room - 1, 0))
    last = f'SUMPRODUCT(MAX(({keys}<>"")*(ROW({keys})-{data.FIRST_ROW})))'
    name = f"'{table.name(draft.lang)}'!_xlnm.Print_Area"
    draft.book.define_name(name, f"={draft.place(table.kind, (0, 0))}:INDEX({whole},MAX(1,{last}))")


def _texts(policy: Policy, room: int) -> dict[str, tuple[str, str]]:
    """Every text of the workbook by its key: those of the workbook with macros, and what this one says otherwise."""
    zh, en = (resources.words(lang).texts for lang in LANGUAGES)
    facts = {"{room}": str(room), "{policy}": policy.version}
    own = {
        key.removeprefix("plain."): (_filled(zh[key], facts), _filled(en[key], facts))
        for key in zh
        if key.startswith("plain.template.")
    }
    names = {f"sheet.{key}": own_sheets.PRODUCT[key] for key in ORDER if key in own_sheets.PRODUCT}
    return hidden.texts(policy) | own | names


def _filled(text: str, facts: Mapping[str, str]) -> str:
    for name, fact in facts.items():
        text = text.replace(name, fact)
    return text


def _start(draft: Draft, figures: Figures) -> None:
    """The first sheet: what to do, how the workbook stands, what each sheet is for."""
    grid = ReadingSheet(draft, "start")
    grid.head(draft.label("template.title"), draft.label("template.start.tagline"))
    top = grid.row
    grid.heading("template.start.steps", FIRST, start.LEFT, closed=False)
    grid.heading("template.start.state", start.STATE, LAST)
    grid.gap(6)
    start.steps(grid)
    _state(grid, figures, top + 2)
    grid.gap(10)
    start.contents(grid)
    grid.gap(10)
    start.key(grid)
    grid.printed((grid.row, LAST + 1), pages=1)
    grid.sheet.activate()


def _state(grid: ReadingSheet, figures: Figures, row: int) -> None:
    """Date, kind, version, policy and the data's health: one line each beside the steps."""
    draft = grid.draft
    plain = draft.format("Calculation", align="left", indent=1)
    date = draft.format("Calculation", align="left", indent=1, num_format=theme.NUMBER_FORMATS["date"])
    loud = draft.format(bold=True, text_wrap=True, indent=1, border=1, border_color=theme.LINE)
    health = data_health.headline(draft, figures, "kam_to_mend")
    lines = (
        (row, "as_of", Formula("TODAY()", start.serial(draft)), date),
        (row + 1, "kind", draft.label("template.start.kind_plain"), plain),
        (row + 3, "version", __version__, plain),
        (row + 4, "policy", start.policy_said(draft), plain),
        (row + 6, "health", health, loud),
    )
    for place, name, value, look in lines:
        start.state_line(grid, place, f"template.start.{name}", value, look)
    draft.name("kam_as_of", "start", (row, start.VALUE))
    for mark in ("good", "bad"):
        text, fill = theme.VERDICTS[mark]
        cell = grid.cell(row + 6, start.VALUE)
        grid.colour((row + 6, start.VALUE), (row + 6, LAST), f'LEFT({cell},1)="{theme.SIGNS[mark]}"',
                    font_color=text, bg_color=fill)  # fmt: skip


def _parameters(draft: Draft) -> None:
    """The company policy to look up."""
    grid = ReadingSheet(draft, "parameters")
    grid.head(draft.label("sheet.parameters"), draft.label("template.parameters.tagline"))
    parameters.company_weights(grid)
    grid.gap(10)
    parameters.company_policy(grid)
    grid.printed((grid.row, LAST + 1), pages=1)
    grid.sheet.freeze_panes(2, 0)


def _name_words(draft: Draft) -> None:
    """The names by which formulas know a word in either language."""
    pairs = hidden.PAIRS | {f"kam_tier_{key}": f"tier.{key}" for key in draft.policy.tier_keys}
    for name, key in pairs.items():
        zh, en = draft.texts[key]
        draft.book.define_name(name, f'={{"{zh}","{en}"}}')
    draft.book.define_name(native.FOOTNOTES, f"={native.footnotes()}")
