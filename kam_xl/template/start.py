"""The first sheet: what to do, how the workbook stands, what each sheet is for."""

from __future__ import annotations

from kam_xl import __version__
from kam_xl.core import sheets
from kam_xl.showing import theme
from kam_xl.template import checks, samples
from kam_xl.template.layout import FIRST, LAST, Draft, Formula, ReadingSheet

STEPS = 5
STEP = (24, 32, 8)  # the heights of a step's title, its text and the gap below
LEFT = 7  # the last column of the steps
STATE, VALUE = 9, 10  # the first columns of the state: what, and its value
BUTTON_HEIGHT = 30  # pixels


def add(draft: Draft, customers: int) -> None:
    """Add the sheet; ``customers`` is how many samples there are."""
    grid = ReadingSheet(draft, "start")
    grid.head(draft.label("template.title"), draft.label("template.start.tagline"))
    top = grid.row
    grid.heading("template.start.steps", FIRST, LEFT, closed=False)
    grid.heading("template.start.state", STATE, LAST)
    grid.gap(6)
    steps(grid)
    _state(grid, top + 2, customers)
    grid.gap(10)
    contents(grid)
    grid.gap(10)
    key(grid)
    grid.printed((grid.row, LAST + 1), pages=1)
    grid.sheet.activate()


def steps(grid: ReadingSheet) -> None:
    """What to do, in five lines."""
    draft = grid.draft
    tile = {"bg_color": theme.SURFACE, "left": 5, "left_color": theme.TIER_COLOURS["key"]}
    number = draft.format(**tile, bold=True, font_size=22, font_color=theme.TIER_COLOURS["key"], align="center")
    title = draft.format(
        bold=True, font_size=11, font_color=theme.INK, bg_color=theme.SURFACE, align="left", valign="bottom"
    )
    text = draft.format(font_color=theme.MUTED, bg_color=theme.SURFACE, align="left", text_wrap=True, valign="top")
    for step in range(1, STEPS + 1):
        row = grid.row
        grid.put(row, FIRST, step, number, rows=2)
        grid.put(row, FIRST + 1, draft.label(f"template.start.step.{step}"), title, span=LEFT - FIRST)
        grid.put(row + 1, FIRST + 1, draft.label(f"template.start.text.{step}"), text, span=LEFT - FIRST)
        for height in STEP:
            grid.next(height)


def _state(grid: ReadingSheet, row: int, customers: int) -> None:
    """Language, date, version, policy, macros, samples: one line each beside the steps."""
    draft = grid.draft
    count = Formula(f'SUMPRODUCT(--({draft.column("info", "customer_id")}<>""))', customers)
    there = draft.sentence("template.start.samples_there", n=count)
    lines = [
        ("language", draft.lang, "Input", {}),
        ("as_of", Formula("TODAY()", serial(draft)), "Calculation", {"num_format": theme.NUMBER_FORMATS["date"]}),
        ("version", __version__, "Calculation", {}),
        ("policy", policy_said(draft), "Calculation", {}),
    ]
    places = [row, row + 1, row + 3, row + 4]
    for (name, value, style, more), place in zip(lines, places, strict=True):
        state_line(grid, place, f"template.start.{name}", value, draft.format(style, align="left", indent=1, **more))
    for name, place in (("kam_lang", places[0]), ("kam_as_of", places[1]), ("kam_xl_version", places[2])):
        draft.name(name, "start", (place, VALUE))
    _language_check(grid, places[0])
    state_line(grid, row + 6, "template.start.macros", _macros(draft), _loud(draft), rows=2)
    for mark, verdict in (("●", "good"), ("▲", "bad")):
        text, fill = theme.VERDICTS[verdict]
        cell = f"LEFT({grid.cell(row + 6, VALUE)},1)"
        grid.colour((row + 6, VALUE), (row + 7, LAST), f'{cell}="{mark}"', font_color=text, bg_color=fill)
    gone = draft.label("template.start.samples_gone")
    samples = Formula(f"IF({_has_samples(draft)},{there.text},{gone.text})", there.value if customers else gone.value)
    state_line(grid, row + 9, "template.start.samples", samples, draft.format("Calculation", indent=1, text_wrap=True))
    grid.put(row + 10, STATE, None, draft.format())
    _clear_button(grid, row + 12)


def policy_said(draft: Draft) -> Formula:
    """Which policy the workbook was built with."""
    version, name = draft.policy.version, draft.label("policy.name")
    return Formula(f'"{version} · "&{name.text}', f"{version} · {name.value}")


def serial(draft: Draft) -> int:
    """The day on which the workbook was built, as Excel counts days."""
    return draft.as_of.toordinal() - 693594  # Excel counts days from 1899-12-30


def _has_samples(draft: Draft) -> str:
    """True while the samples' first customer is still there under its sample name."""
    info = [draft.column("info", field) for field in ("customer_id", "name")]
    first = samples.rows("info", draft.words)[0]
    return f'COUNTIFS({info[0]},"{first["customer_id"]}",{info[1]},"{first["name"]}")>0'


def state_line(grid: ReadingSheet, row: int, key: str, value: object, look: object, rows: int = 1) -> None:
    """One line about the workbook beside the steps: what, and its value."""
    plain = {"font_color": theme.MUTED, "bottom": 1, "bottom_color": theme.LINE, "text_wrap": True}
    grid.put(row, STATE, grid.draft.label(key), grid.draft.format(**plain), rows=rows)
    grid.put(row, VALUE, value, look, span=LAST - VALUE + 1, rows=rows)


def _loud(draft: Draft) -> object:
    return draft.format(bold=True, text_wrap=True, indent=1, border=1, border_color=theme.LINE)


def _macros(draft: Draft) -> Formula:
    """Whether the functions answer; the clock in it makes Excel ask again at every calculation."""
    on = draft.sentence("template.start.macros_on", version=Formula("KAM_VERSION()&T(NOW())", __version__))
    off, missing = draft.label("template.start.macros_off"), draft.label("template.start.no_python")
    without_names = "IF(ISERROR(KAM_VERSION()),ERROR.TYPE(KAM_VERSION()),0)=5"
    return Formula(f"IFERROR({on.text},IF({without_names},{off.text},{missing.text}))", off.value)


def _language_check(grid: ReadingSheet, row: int) -> None:
    words = grid.draft.words
    check = checks.EntryRule("language", lambda _cell, _policy: {"validate": "list", "source": "=lst_language"})
    grid.check((row, row), VALUE, checks.options(check, grid.cell(row, VALUE), words, grid.draft.policy))


def _clear_button(grid: ReadingSheet, row: int) -> None:
    """The button that clears the samples, on its label."""
    look = grid.draft.format(font_color=theme.VERDICTS["bad"].text, align="center")
    grid.label(row, VALUE, "ribbon.KamXl_ClearSamples.label", look, span=2)
    grid.button(row, VALUE, "KamXl_ClearSamples", (2 * grid.pixels - 8, BUTTON_HEIGHT), (4, 0))


def contents(grid: ReadingSheet) -> None:
    """Every sheet with what it is for, in two columns."""
    draft = grid.draft
    grid.heading("template.start.sheets")
    listed = [key for key in draft.variant.order if key not in ("start", "i18n", "conf")]
    half = -(-len(listed) // 2)
    top = grid.row
    standard = {sheet.kind for sheet in sheets.STANDARD}
    for number, key in enumerate(listed):
        row, column = top + number % half, FIRST + (number // half) * (LAST // 2)
        edge = (
            theme.TIER_COLOURS["key"]
            if key in standard
            else theme.HEADER_FILL
            if key in ("dashboard", "actions")
            else theme.TIER_COLOURS["regular"]
        )
        line = {"bottom": 1, "bottom_color": theme.LINE}
        link = draft.format(**line, left=5, left_color=edge, font_color=theme.LINK, underline=1, indent=1)
        grid.label(row, column, f"sheet.{key}", link, span=2, link=key)
        about = draft.format(**line, font_color=theme.MUTED, font_size=theme.NOTE_SIZE, shrink=True)
        grid.label(row, column + 2, f"template.about.{key}", about, span=LAST // 2 - 2)
    for _ in range(half):
        grid.next(20)


def key(grid: ReadingSheet) -> None:
    """What the colours and the marks mean."""
    draft = grid.draft
    grid.heading("template.start.key")
    centre = {"align": "center"}
    chips = [(FIRST, "template.start.input", draft.format("Input", **centre)),
             (FIRST + 1, "template.start.calculated", draft.format("Calculation", **centre))]  # fmt: skip
    for number, tier in enumerate(draft.policy.tiers):
        look = {"font_color": theme.TIER_INKS[tier.key], "bg_color": theme.TIER_COLOURS[tier.key], "shrink": True}
        chips.append((FIRST + 2 + number, f"tier.{tier.key}", draft.format(**centre, **look)))
    for number, verdict in enumerate(("good", "watch", "bad")):
        text, fill = theme.VERDICTS[verdict]
        chips.append(
            (FIRST + 8 + number, f"template.start.{verdict}", draft.format(**centre, font_color=text, bg_color=fill))
        )
    chips.append((LAST, "template.start.unknown", draft.format(**centre, font_color=theme.MUTED)))
    grid.gap(4)
    for column, key, look in chips:
        grid.label(grid.row, column, key, look)
    grid.next(22)
