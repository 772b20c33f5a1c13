"""The sheet of buttons: every action of the ribbon, grouped as there, with a line about what it does."""

from __future__ import annotations

from collections.abc import Sequence

from kam_xl.showing import theme
from kam_xl.template.layout import FIRST, LAST, Draft, ReadingSheet

#: The ribbon's groups and their actions, as they stand side by side on the sheet.
GROUPS = (
    (("Score", ("ScoreAll", "Audit", "Explain")), ("Risk", ("Scan", "RiskList", "Check", "Repairs"))),
    (
        ("Account", ("Health", "Service", "Relationships", "Whitespace", "AccountPlan")),
        ("Plan", ("Strategies", "DueWeek", "ActionList", "Budget")),
    ),
    (("Team", ("Validate", "HandIn", "LastNight", "Changes", "Measures", "Adopt")), ("View", ("Refresh", "Language"))),
    (("Help", ("Guide", "Doctor", "About")),),
)
HALF = LAST // 2
INSET, HEIGHT = 8, 33  # pixels
ROW = 38


def add(draft: Draft) -> None:
    """Add the sheet, and ``kam_message``, where an action says what it did."""
    grid = ReadingSheet(draft, "actions")
    grid.head(draft.label("sheet.actions"), draft.label("template.actions.tagline"))
    _message(grid)
    grid.sheet.freeze_panes(grid.row, 0)  # what the last button said stays in view
    for groups in GROUPS:
        _pair(grid, groups)
    look = draft.format(font_color=theme.MUTED, font_size=theme.NOTE_SIZE, text_wrap=True)
    grid.put(grid.row, FIRST, draft.label("template.actions.help"), look, span=LAST)
    grid.next(30)
    grid.printed((grid.row, LAST + 1), pages=1)


def _message(grid: ReadingSheet) -> None:
    """The last result, in a bar below the head; a triangle in front tells a failure."""
    draft = grid.draft
    row = grid.row
    grid.label(
        row, FIRST, "template.actions.message", draft.format(font_color=theme.MUTED, font_size=theme.NOTE_SIZE), span=2
    )
    bar = {"bg_color": theme.SURFACE, "border": 1, "border_color": theme.LINE}
    look = draft.format(**bar, bold=True, indent=1, text_wrap=True, num_format="@")  # a sentence may begin with "="
    grid.put(row, FIRST + 2, draft.text("template.actions.message_none"), look, span=LAST - FIRST - 1)
    draft.name("kam_message", "actions", (row, FIRST + 2))
    text, fill = theme.VERDICTS["bad"]
    first, last = (row, FIRST + 2), (row, LAST)
    grid.colour(first, last, f'LEFT({grid.cell(*first)},1)="▲"', font_color=text, bg_color=fill)
    grid.next(34)
    grid.gap(12)


def _pair(grid: ReadingSheet, groups: Sequence[tuple[str, Sequence[str]]]) -> None:
    """One group, or two side by side, a button a line."""
    draft = grid.draft
    for column, (group, _) in zip((FIRST, FIRST + HALF), groups, strict=False):
        grid.heading(draft.label(f"ribbon.KamXl_Group{group}.label"), column, column + HALF - 1, closed=False)
    grid.next(26)
    top, height = grid.row, max(len(actions) for _, actions in groups)
    for column, (_, actions) in zip((FIRST, FIRST + HALF), groups, strict=False):
        for row, action in enumerate(actions, start=top):
            _action(grid, row, column, f"KamXl_{action}")
    for _ in range(height):
        grid.next(ROW)
    grid.gap(12)


def _action(grid: ReadingSheet, row: int, column: int, macro: str) -> None:
    draft = grid.draft
    line = {"bottom": 1, "bottom_color": theme.LINE}
    label = draft.format(**line, font_color=theme.LINK, bold=True, align="center")
    grid.label(row, column, f"ribbon.{macro}.label", label, span=2)
    about = draft.format(
        **line, font_color=theme.INK, font_size=theme.NOTE_SIZE, text_wrap=True, align="left", indent=1
    )
    grid.label(row, column + 2, f"ribbon.{macro}.supertip", about, span=HALF - 2)
    grid.button(row, column, macro, (2 * grid.pixels - 2 * INSET, HEIGHT), (INSET, INSET))
