"""What the drop-downs offer: one column a list. Those of the product follow the language, the industries are the user's."""

from __future__ import annotations

from collections.abc import Sequence

from kam_xl.core import sheets
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.showing import sizes, theme
from kam_xl.template import samples
from kam_xl.template.layout import Draft, Page

HEADER_ROW = 3
FIRST_ROW = HEADER_ROW + 1
ROOM = 60  # industries that the list can hold
STATUSES = ("not_started", "running", "partial", "done", "delayed", "cancelled")
WIDTH = 19
#: Kind of a column → the keys in `_i18n` of the words that it offers on every sheet.
_OF_KIND = {"status": tuple(f"terms.status.{key}" for key in STATUSES), "flag": ("terms.yes", "terms.no")}


def _keys(draft: Draft) -> dict[str, tuple[str, ...]]:
    """List → the keys in `_i18n` of the words it offers."""
    return {
        "tier": tuple(f"tier.{key}" for key in draft.policy.tier_keys),
        "status": _OF_KIND["status"],
        "yes_no": _OF_KIND["flag"],
        **{
            f"{sheet.kind}_{column.field}": _terms(sheet, column)
            for sheet in sheets.BY_KIND.values()
            for column in sheet.columns
            if column.choices
        },
    }


def _terms(sheet: sheets.Sheet, column: sheets.Column) -> tuple[str, ...]:
    return tuple(f"terms.{sheet.kind}.{column.field}.{key}" for key in column.choices)


def choices(sheet: sheets.Sheet, column: sheets.Column, words: Words) -> tuple[str, ...]:
    """The words that a column's drop-down offers, for its prompt; none where it has no fixed ones."""
    return tuple(words(key) for key in _OF_KIND.get(column.kind) or _terms(sheet, column))


def add(draft: Draft) -> None:
    """Add the sheet, and the names ``lst_…`` that the drop-downs use."""
    page = Page(draft, "lists", theme.MUTED)
    page.band_of_data(draft.label("sheet.lists"), draft.label("template.hint.lists"))
    page.sheet.set_row(HEADER_ROW, sizes.HEADER_HEIGHT)
    _industries(page, 0)
    for column, (name, keys) in enumerate(_keys(draft).items(), start=1):
        _fixed(page, column, name, [draft.label(key) for key in keys])
    _fixed(page, len(_keys(draft)) + 1, "language", list(LANGUAGES))
    _customers(draft)
    page.sheet.freeze_panes(FIRST_ROW, 1)
    page.printed((FIRST_ROW + len(samples.industries(draft.lang)), len(_keys(draft)) + 1))


def _customers(draft: Draft) -> None:
    """The list of customer IDs: its name reaches from the first row of their sheet to the last one with an ID."""
    ids, first = draft.column("info", "customer_id"), draft.place("info", (FIRST_ROW, 0))
    last = f'SUMPRODUCT(MAX(({ids}<>"")*(ROW({ids})-{FIRST_ROW})))'
    draft.book.define_name("lst_customer", f"={first}:INDEX({ids},MAX(1,{last}))")


def _header(page: Page, column: int, name: str) -> None:
    look = {"bold": True, "font_color": theme.HEADER_TEXT, "bg_color": theme.HEADER_FILL, "indent": 1}
    page.label(HEADER_ROW, column, f"template.list.{name}", page.draft.format(**look))
    page.sheet.set_column(column, column, WIDTH)


def _fixed(page: Page, column: int, name: str, items: Sequence[object]) -> None:
    """A list that the product keeps."""
    _header(page, column, name)
    for row, item in enumerate(items, start=FIRST_ROW):
        page.put(row, column, item, page.draft.format("Calculation", indent=1))
    page.draft.name(f"lst_{name}", "lists", (FIRST_ROW, column), (FIRST_ROW + len(items) - 1, column))


def _industries(page: Page, column: int) -> None:
    """The list that people extend: its name reaches as far down as something is typed."""
    draft = page.draft
    _header(page, column, "industry")
    known = samples.industries(draft.lang)
    for row in range(FIRST_ROW, FIRST_ROW + ROOM):
        item = known[row - FIRST_ROW] if row - FIRST_ROW < len(known) else None
        page.put(row, column, item, draft.format("Input", indent=1))
    top, bottom = (FIRST_ROW, column), (FIRST_ROW + ROOM - 1, column)
    whole = draft.place("lists", top, bottom)
    draft.book.define_name("lst_industry", f"={draft.place('lists', top)}:INDEX({whole},MAX(1,COUNTA({whole})))")
