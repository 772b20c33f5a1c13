"""The parameters: the team's settings, weights to try, a what-if calculator, and the company policy to look up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kam_xl.core.policy import DIMENSIONS, Tier
from kam_xl.showing import theme
from kam_xl.template import checks, values
from kam_xl.template.layout import FIRST, LAST, LINE, Draft, Formula, ReadingSheet

#: Setting → its defined name and the kind of what is typed there.
SETTINGS = {"team": "", "team_folder": "", "master_folder": "", "budget": "amount", "changes_since": "date"}
#: Setting → what may be typed there.
_MAY_BE: Mapping[str, checks.Rule] = {
    "budget": lambda _cell, _policy: {"validate": "decimal", "criteria": ">=", "value": 0},
    "changes_since": lambda _cell, policy: {
        "validate": "date", "criteria": ">=", "value": dt.date(policy.earliest_year, 1, 1),
    },
}  # fmt: skip
EXAMPLE = (92, 88, 85)  # the handbook's C001
AIM = "strategic"


def add(draft: Draft) -> None:
    """Add the sheet with its named cells."""
    grid = ReadingSheet(draft, "parameters")
    grid.head(draft.label("sheet.parameters"), draft.label("template.parameters.tagline"))
    _settings(grid)
    grid.gap(10)
    _weights(grid)
    grid.gap(10)
    _what_if(grid)
    grid.gap(10)
    company_policy(grid)
    grid.printed((grid.row, LAST + 1), pages=1)
    grid.sheet.freeze_panes(2, 0)


def _muted(draft: Draft, **more: object) -> object:
    return draft.format(font_color=theme.MUTED, font_size=theme.NOTE_SIZE, **more)


def _header(draft: Draft, **more: object) -> object:
    return draft.format(
        bold=True, font_color=theme.MUTED, font_size=theme.NOTE_SIZE, bottom=1, bottom_color=theme.MUTED, **more
    )


# --- settings ---------------------------------------------------------------------------------------------------------


def _settings(grid: ReadingSheet) -> None:
    draft = grid.draft
    grid.heading("template.parameters.settings")
    grid.gap(4)
    for name, kind in SETTINGS.items():
        shape = {"num_format": theme.NUMBER_FORMATS[kind], "align": "left"} if kind else {}
        _setting(grid, name, draft.format("Input", indent=1, **shape))
        if kind:
            check = checks.EntryRule(name, _MAY_BE[name])
            options = checks.options(check, grid.cell(grid.row - 1, FIRST + 2), draft.words, draft.policy)
            grid.check((grid.row - 1, grid.row - 1), FIRST + 2, options)
    _setting(grid, "workbook_id", draft.format("Calculation", indent=1))


def _setting(grid: ReadingSheet, name: str, look: object) -> None:
    grid.label(grid.row, FIRST, f"template.parameters.{name}", grid.draft.format(), span=2)
    grid.put(grid.row, FIRST + 2, None, look, span=6)
    note = _muted(grid.draft, indent=1)
    grid.label(grid.row, FIRST + 8, f"template.parameters.{name}_note", note, span=4)
    grid.draft.name(f"kam_{name}", "parameters", (grid.row, FIRST + 2))
    grid.next(22)


# --- weights ----------------------------------------------------------------------------------------------------------


def _weights(grid: ReadingSheet) -> None:
    """The company's weights, and below them those to try (``kam_weights``)."""
    draft = grid.draft
    company_weights(grid)
    _weight_row(grid, "weights_here", "Input")
    row = grid.row - 1
    draft.name("kam_weights", "parameters", (row, FIRST + 2), (row, FIRST + 4))
    check = checks.EntryRule(
        "weight", lambda _cell, _policy: {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    )
    for column in range(FIRST + 2, FIRST + 5):
        grid.check((row, row), column, checks.options(check, grid.cell(row, column), draft.words, draft.policy))


def company_weights(grid: ReadingSheet) -> None:
    """The weights of the company policy under their headers."""
    draft = grid.draft
    grid.heading("template.parameters.weights")
    right = _header(draft, align="right", indent=1)
    grid.put(grid.row, FIRST, None, _header(draft), span=2)
    for column, name in enumerate((*DIMENSIONS, "weights_sum"), start=FIRST + 2):
        grid.label(grid.row, column, f"template.parameters.{name}", right)
    grid.next(20)
    _weight_row(grid, "weights_company", "Calculation")


def _weight_row(grid: ReadingSheet, name: str, style: str) -> None:
    draft, row = grid.draft, grid.row
    weights = [getattr(draft.policy.weights, key) for key in DIMENSIONS]
    grid.label(row, FIRST, f"template.parameters.{name}", draft.format(), span=2)
    for column, weight in enumerate(weights, start=FIRST + 2):
        grid.put(row, column, weight, draft.format(style, num_format="0%", align="right", indent=1))
    total = f"SUM({grid.cell(row, FIRST + 2)}:{grid.cell(row, FIRST + 4)})"
    grid.put(
        row,
        FIRST + 5,
        Formula(total, sum(weights)),
        draft.format("Calculation", num_format="0%", align="right", indent=1),
    )
    ok, wrong = (draft.label(f"template.parameters.weights_{key}") for key in ("ok", "wrong"))
    cell = grid.cell(row, FIRST + 5)
    state = Formula(f"IF(ABS({cell}-1)<0.000001,{ok.text},{wrong.text})", ok.value)
    grid.put(row, FIRST + 6, state, draft.format(indent=1), span=3)
    for mark, verdict in (("●", "good"), ("▲", "bad")):
        at = (row, FIRST + 6)
        grid.colour(at, at, f'LEFT({grid.cell(*at)},1)="{mark}"', font_color=theme.VERDICTS[verdict].text)
    grid.next(22)


# --- what if ----------------------------------------------------------------------------------------------------------


def _what_if(grid: ReadingSheet) -> None:
    """Three marks and a tier to reach: score, tier, where the points come from, the smallest change that reaches it."""
    draft = grid.draft
    grid.heading("template.parameters.whatif")
    header = _header(draft, indent=1)
    for column, name in enumerate((*DIMENSIONS, "score", "tier", "aim"), start=FIRST):
        grid.label(grid.row, FIRST + 2 * (column - FIRST), f"template.parameters.{name}", header, span=2)
    grid.next(20)
    row = grid.row
    marks = [grid.cell(row, FIRST + 2 * number) for number in range(3)]
    typed = draft.format("Input", bold=True, font_size=12, align="left", indent=1)
    for number, (mark, cell) in enumerate(zip(EXAMPLE, marks, strict=True)):
        column = FIRST + 2 * number
        grid.put(row, column, mark, typed, span=2)
        grid.check(
            (row, row),
            column,
            checks.options(checks.OF_KIND["score"], cell.replace("$", ""), draft.words, draft.policy),
        )
    weights = draft.policy.weights
    weighted = ((weights.value, weights.potential, weights.demand),)
    score = Formula(f"KAM_SCORE({','.join(marks)},kam_weights)", values.call("KAM_SCORE", *EXAMPLE, weighted))
    tier = Formula(f"KAM_TIER({grid.cell(row, FIRST + 6)})", values.call("KAM_TIER", score.value, draft.lang))
    computed = draft.format("Calculation", bold=True, font_size=12, align="left", indent=1, num_format="0.0")
    grid.put(row, FIRST + 6, score, computed, span=2)
    grid.put(row, FIRST + 8, tier, computed, span=2)
    aim = grid.cell(row, FIRST + 10)
    grid.put(row, FIRST + 10, draft.text(f"tier.{AIM}"), typed, span=2)
    check = checks.EntryRule("choice", lambda _cell, _policy: {"validate": "list", "source": "=lst_tier"})
    names = tuple(draft.text(f"tier.{key}") for key in draft.policy.tier_keys)
    grid.check((row, row), FIRST + 10, checks.options(check, aim, draft.words, draft.policy, names))
    grid.next(28)
    grid.gap(4)
    explained = values.call("KAM_EXPLAIN", *EXAMPLE, draft.lang)
    way = values.call("KAM_PATH", *EXAMPLE, draft.text(f"tier.{AIM}"), draft.lang)
    _answer(grid, "explain", Formula(f"KAM_EXPLAIN({','.join(marks)})", explained))
    _answer(grid, "path", Formula(f"KAM_PATH({','.join(marks)},{aim})", way))
    functions = Formula(
        '"KAM_SCORE · KAM_TIER · KAM_EXPLAIN · KAM_PATH"', "KAM_SCORE · KAM_TIER · KAM_EXPLAIN · KAM_PATH"
    )
    grid.put(grid.row, FIRST, draft.sentence("template.parameters.functions_note", functions=functions), _muted(draft))
    grid.next()


def _answer(grid: ReadingSheet, name: str, formula: Formula) -> None:
    """A function whose answer is a sentence."""
    draft = grid.draft
    asked = draft.format(font_color=theme.MUTED, indent=1, text_wrap=True)
    grid.label(grid.row, FIRST, f"template.parameters.{name}", asked, span=3)
    look = draft.format("Calculation", text_wrap=True, align="left", indent=1)
    grid.put(grid.row, FIRST + 3, formula, look, span=LAST - 3)
    grid.next(34)


# --- the company policy -----------------------------------------------------------------------------------------------


def company_policy(grid: ReadingSheet) -> None:
    """Bands, target shares, cadence, response limits, budget shares, owners and strategies, tier by tier."""
    draft, policy = grid.draft, grid.draft.policy
    facts = {"version": Formula(f'"{policy.version}"', policy.version), "name": draft.label("policy.name")}
    grid.heading(draft.sentence("template.parameters.policy", **facts))
    spans = {
        "tier": 1,
        "band": 1,
        "target": 1,
        "class": 1,
        "cadence": 1,
        "sla": 1,
        "budget_share": 1,
        "owner": 2,
        "strategy": 3,
    }
    column = FIRST
    for name, span in spans.items():
        grid.label(grid.row, column, f"template.parameters.{name}", _header(draft, text_wrap=True), span=span)
        column += span
    grid.next(32)
    for tier in policy.tiers:
        _policy_row(grid, tier, spans)
    sla = {"major": policy.sla.major_hours, "ordinary": policy.sla.ordinary_hours}
    for note in (
        draft.sentence("template.parameters.severity_note", **_figures(sla, "{:g}")),
        draft.sentence("template.parameters.resolve_note", **_figures(draft.policy.service.resolve_hours, "{:g}")),
        draft.sentence("template.parameters.health_note", **_health(draft)),
        draft.label("template.parameters.pool_note"),
    ):
        grid.put(grid.row, FIRST, note, _muted(draft))
        grid.next(LINE)


def _figures(figures: Mapping[Any, float], shape: str) -> dict[str, Formula]:
    """Figures of the policy as texts in a sentence."""
    return {key: Formula(f'"{shape.format(figure)}"', shape.format(figure)) for key, figure in figures.items()}


def _health(draft: Draft) -> dict[str, Formula]:
    """The weights of the health's parts, and where its colours begin."""
    rules = draft.policy.health
    yellow, green = rules.yellow
    return _figures(rules.weights, "{:.0%}") | _figures({"yellow": yellow, "green": green}, "{:g}")


def _policy_row(grid: ReadingSheet, tier: Tier, spans: dict[str, int]) -> None:
    draft = grid.draft
    closed = "]" if tier is draft.policy.tiers[0] else ")"
    contents = {
        "tier": draft.label(f"tier.{tier.key}"),
        "band": f"[{tier.low:g}, {tier.high:g}{closed}",
        "target": f"{tier.target_low:.0%}–{tier.target_high:.0%}",
        "class": tier.class_,
        "cadence": tier.cadence_days,
        "sla": tier.sla_hours,
        "budget_share": f"{tier.budget_low:.0%}–{tier.budget_high:.0%}",
        "owner": draft.label(f"policy.{tier.key}.owner"),
        "strategy": draft.label(f"policy.{tier.key}.strategy"),
    }
    column, line = FIRST, {"bottom": 1, "bottom_color": theme.LINE, "align": "left", "text_wrap": True}
    for name, span in spans.items():
        look = line | (
            {"left": 5, "left_color": theme.TIER_COLOURS[tier.key], "indent": 1, "text_wrap": False}
            if name == "tier"
            else {}
        )
        grid.put(grid.row, column, contents[name], draft.format(**look), span=span)
        column += span
    grid.next(30)
