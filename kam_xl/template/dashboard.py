"""The dashboard: what matters in one sentence, six figures, the tiers against their targets, who is large, what is due."""

from __future__ import annotations

from xlsxwriter.format import Format

from kam_xl.core.policy import Tier
from kam_xl.showing import theme
from kam_xl.template import charts, rankings
from kam_xl.template.board import COLUMNS, SOURCE, TILES, Board
from kam_xl.template.figures import Figures, Samples, quotient
from kam_xl.template.layout import FIRST, LAST, LINE, Draft, Formula, ReadingSheet

TILE = (20, 30, 22)  # the heights of a figure's label, value and note
#: Verdict on a tier's share → the mark in front of it and its colour.
SHARES = {"low": ("▼", "watch"), "on_target": ("●", "good"), "high": ("▲", "watch")}


def add(draft: Draft, known: Samples) -> None:
    """Add the sheet."""
    grid = ReadingSheet(draft, "dashboard")
    date = Formula('TEXT(kam_as_of,"yyyy-mm-dd")', f"{known.as_of}")
    policy = Formula(f'"{draft.policy.version}"', draft.policy.version)
    grid.head(draft.label("sheet.dashboard"), draft.sentence("template.dash.subtitle", date=date, policy=policy))
    board = Board(grid, Figures(draft.lang, known, draft.variant.tables))
    _headline(board)
    _tiles(board)
    charts.add(board)
    _tiers(board)
    breaks = [grid.row]
    rankings.add_largest(board)
    rankings.add_due(board)
    breaks.append(grid.row)
    rankings.add_cases(board)
    rankings.add_actions(board)
    grid.sheet.set_h_pagebreaks(breaks)
    grid.printed((grid.row, LAST + 1))
    grid.sheet.freeze_panes(2, 0)


def _headline(board: Board) -> None:
    """What there is, and what there is to do."""
    customers, overdue, cases = (board.value(name) for name in ("customers", "overdue", "cases"))
    unscored = board.unscored()
    amount = _whole(board.value("amount"))
    none = board.note("head_none")
    well = board.note("head_well", customers=customers, amount=amount)
    act = board.note("head_act", customers=customers, amount=amount, overdue=overdue, cases=cases, unscored=unscored)
    some = f"IF({overdue.text}+{cases.text}+{unscored.text}=0,{well.text},{act.text})"
    value = act.value if overdue.value or cases.value or unscored.value else well.value
    value = value if customers.value else none.value
    look = board.draft.format(bold=True, font_size=16, font_color=theme.INK, text_wrap=True)
    headline = Formula(f"IF({customers.text}=0,{none.text},{some})", value)
    board.grid.put(board.grid.row, FIRST, headline, look, span=LAST)
    board.grid.next(34)
    board.grid.gap()


# --- tiles ------------------------------------------------------------------------------------------------------------


def _tiles(board: Board) -> None:
    """The six figures side by side: label, value, a note that says what it means."""
    grid, top = board.grid, board.grid.row
    values, notes = _values(board), _notes(board)
    for number, name in enumerate(TILES):
        column, shown = FIRST + 2 * number, theme.NUMBER_FORMATS["share" if name == "top_share" else "count"]
        for part, content in enumerate((board.note(name), values[name], notes[name])):
            grid.put(top + part, column, content, _tile(board.draft, part, shown), span=2)
    unscored, column = board.unscored(), FIRST + 2 * TILES.index("customers")
    grid.colour((top + 2, column), (top + 2, column + 1), f"{unscored.text}>0", font_color=theme.VERDICTS["watch"].text)
    _alarm(board, top, FIRST + 2 * TILES.index("overdue"), "bad")
    _alarm_of_cases(board, top, FIRST + 2 * TILES.index("cases"))
    for height in TILE:
        grid.next(height)
    grid.gap(10)


def _tile(draft: Draft, part: int, shown: str) -> Format:
    """The look of a tile's label, value or note: the value is loud."""
    loud = part == 1
    edge = {"left": 5, "left_color": theme.TIER_COLOURS["key"], "indent": 1, "align": "left", "bg_color": theme.SURFACE}
    text = {"font_size": 20 if loud else theme.NOTE_SIZE, "font_color": theme.INK if loud else theme.MUTED}
    return draft.format(**edge, **text, bold=loud, shrink=not loud, num_format=shown if loud else "General")


def _alarm(board: Board, top: int, column: int, verdict: str) -> None:
    """A tile whose value is above 0 takes a verdict's colours; its note carries the mark."""
    text, fill = theme.VERDICTS[verdict]
    value = board.at(top + 1, column)
    board.grid.colour((top, column), (top + 2, column + 1), f"{value}>0", font_color=text, bg_color=fill)
    good = theme.VERDICTS["good"].text
    board.grid.colour((top + 2, column), (top + 2, column + 1), f"{value}=0", font_color=good)


def _alarm_of_cases(board: Board, top: int, column: int) -> None:
    """Open cases are to be watched; a major complaint among them, which the note marks, is worse."""
    text, fill = theme.VERDICTS["bad"]
    major = f'LEFT({board.at(top + 2, column)},1)="{theme.SIGNS["bad"]}"'
    board.grid.colour((top, column), (top + 2, column + 1), major, font_color=text, bg_color=fill)
    _alarm(board, top, column, "watch")


def _values(board: Board) -> dict[str, Formula]:
    """What the tiles show."""
    figures = board.figures
    first_two = f"SUM({board.at(board.tier_row, 3)}:{board.at(board.tier_row + 1, 3)})"
    share = quotient(sum(len(board.known.in_tier(tier.key)) for tier in board.tiers[:2]), board.scored)
    scored = f"SUM({board.of_tiers('customers')})"
    return {
        "customers": figures.customers(),
        "amount": figures.amount(),
        "top_share": _quotient(first_two, scored, share),
        "overdue": figures.overdue(),
        "cases": figures.cases(),
        "renewals": figures.deals(),
    }


def _notes(board: Board) -> dict[str, Formula]:
    """What stands below the tiles' values."""
    customers, amount = board.value("customers"), board.value("amount")
    average = f'IF({customers.text}=0,"{theme.UNKNOWN}",TEXT({amount.text}/{customers.text},"#,##0"))'
    each = quotient(amount.value, customers.value)
    low, high = (sum(getattr(tier, f"target_{end}") for tier in board.tiers[:2]) for end in ("low", "high"))
    target = {name: Formula(f'"{share:.0%}"', f"{share:.0%}") for name, share in (("low", low), ("high", high))}
    return {
        "customers": _either(board, "unscored", board.unscored(), n=board.unscored()),
        "amount": _amount_note(board, Formula(average, each if isinstance(each, str) else f"{each:,.0f}")),
        "top_share": board.note("top_share_note", **target),
        "overdue": _either(board, "overdue", board.value("overdue"), n=board.figures.running()),
        "cases": _note_of_cases(board),
        "renewals": board.note("renewals_note", n=_whole(board.figures.deals_amount())),
    }


def _amount_note(board: Board, average: Formula) -> Formula:
    """The average, or how many amounts are not in the sum."""
    texts, usual = board.figures.typed_amounts(), board.note("amount_note", n=average)
    return Formula(f"IF({texts.text}>0,{board.note('amount_texts', n=texts).text},{usual.text})", usual.value)


def _note_of_cases(board: Board) -> Formula:
    """Whether a major complaint is among the open cases, or that there is none."""
    severe, cases = board.figures.severe(), board.value("cases")
    among = _either(board, "severe", severe, n=severe)
    none = board.note("cases_none")
    return Formula(f"IF({cases.text}=0,{none.text},{among.text})", among.value if cases.value else none.value)


def _either(board: Board, name: str, figure: Formula, **facts: Formula) -> Formula:
    """One note where a figure is above 0, another where it is not."""
    some, none = board.note(f"{name}_some", **facts), board.note(f"{name}_none", **facts)
    return Formula(f"IF({figure.text}>0,{some.text},{none.text})", some.value if figure.value else none.value)


def _whole(amount: Formula) -> Formula:
    return Formula(f'TEXT({amount.text},"#,##0")', f"{amount.value:,.0f}")


def _quotient(part: str, whole: str, value: float | str) -> Formula:
    """A part of a whole; a dash where there is no whole."""
    return Formula(f'IF({whole}=0,"{theme.UNKNOWN}",{part}/{whole})', value)


# --- tiers ------------------------------------------------------------------------------------------------------------


def _tiers(board: Board) -> None:
    """One row a tier: customers and amount, each as a share, against the target; the charts above draw it."""
    grid = board.grid
    grid.heading("template.dash.tiers")
    board.header({"tier": 2, "customers": 1, "share": 1, "target_low": 1, "target_high": 1, "check": 2,
                  "amount_short": 1, "amount_share": 1, "each": 2})  # fmt: skip
    board.header({"off": 1}, SOURCE)
    grid.next(20)
    if grid.row != board.tier_row:
        raise ValueError("the tiers stand elsewhere than the board says")
    for tier in board.tiers:
        _tier(board, tier)
    _total(board)
    first, last = (board.tier_row, COLUMNS["check"]), (grid.row - 2, COLUMNS["check"] + 1)
    for mark, verdict in SHARES.values():
        holds = f'LEFT($H{board.tier_row + 1},1)="{mark}"'
        grid.colour(first, last, holds, font_color=theme.VERDICTS[verdict].text)
    grid.gap(LINE)


def _tier(board: Board, tier: Tier) -> None:
    grid, row = board.grid, board.grid.row
    customers, amount = board.figures.in_tier(tier.key), board.figures.amount_in_tier(tier.key)
    own = {name: board.at(row, column) for name, column in COLUMNS.items()}
    share = quotient(customers.value, board.scored)
    scored, total = f"SUM({board.of_tiers('customers')})", board.value("amount")
    average = quotient(amount.value, customers.value)
    cells = {
        "tier": (board.draft.label(f"tier.{tier.key}"), board.line(left=5, left_color=theme.TIER_COLOURS[tier.key]), 2),
        "customers": (customers, board.line("count"), 1),
        "share": (_quotient(own["customers"], scored, share), board.line("measured"), 1),
        "target_low": (tier.target_low, board.line("share"), 1),
        "target_high": (tier.target_high, board.line("share"), 1),
        "check": (_check(board, tier, share, own), board.line(), 2),
        "amount": (amount, board.line("amount"), 1),
        "amount_share": (
            _quotient(own["amount"], total.text, quotient(amount.value, total.value)),
            board.line("share"),
            1,
        ),
        "each": (_quotient(own["amount"], own["customers"], average), board.line("amount"), 2),
        "off": (_off(tier, share, own), board.source(num_format=theme.NUMBER_FORMATS["share"]), 1),
    }
    for name, (content, look, span) in cells.items():
        grid.put(row, COLUMNS[name], content, look, span=span)
    grid.next(LINE + 2)


def _off(tier: Tier, share: float | str, own: dict[str, str]) -> Formula:
    """How far a tier's share lies outside its target; 0 within it, or where nobody has a tier."""
    outside = f"ROUND(MAX({own['target_low']}-{own['share']},{own['share']}-{own['target_high']},0),9)"
    value = 0 if isinstance(share, str) else round(max(tier.target_low - share, share - tier.target_high, 0), 9)
    return Formula(f"IF(ISNUMBER({own['share']}),{outside},0)", value)


def _check(board: Board, tier: Tier, share: float | str, own: dict[str, str]) -> Formula:
    """The verdict on a tier's share, with its mark; the word follows the language."""
    draft, cell = board.draft, own["share"]
    said = {
        key: Formula(
            f'"{mark} "&{draft.label(f"terms.share.{key}").text}', f"{mark} {draft.text(f'terms.share.{key}')}"
        )
        for key, (mark, _) in SHARES.items()
    }
    inside = f"IF({cell}>{own['target_high']},{said['high'].text},{said['on_target'].text})"
    known = f"IF({cell}<{own['target_low']},{said['low'].text},{inside})"
    if isinstance(share, str):
        value = theme.UNKNOWN
    else:
        verdict = "low" if share < tier.target_low else "high" if share > tier.target_high else "on_target"
        value = said[verdict].value
    return Formula(f'IF(ISNUMBER({cell}),{known},"{theme.UNKNOWN}")', value)


def _total(board: Board) -> None:
    """The sums, and who is not in them."""
    grid, row = board.grid, board.grid.row
    above = {"top": 1, "top_color": theme.MUTED}
    amount = float(sum(row["amount"] for tier in board.tiers for row in board.known.in_tier(tier.key)))
    unscored = board.note("unscored_total", n=board.unscored())
    grid.put(row, FIRST, board.draft.label("template.dash.total"), board.line(**above, bold=True), span=2)
    grid.put(
        row, 3, Formula(f"SUM({board.of_tiers('customers')})", board.scored), board.line("count", **above, bold=True)
    )
    grid.put(row, 4, unscored, board.line(**above, font_color=theme.MUTED), span=5)
    grid.put(row, 9, Formula(f"SUM({board.of_tiers('amount')})", amount), board.line("amount", **above, bold=True))
    grid.put(row, 10, None, board.line(**above), span=3)
    grid.next(LINE + 2)
