"""The second half of the dashboard: who is large, which strategies are due, what is open, what is to be done."""

from __future__ import annotations

from typing import Any

from kam_xl.showing import theme
from kam_xl.template import charts
from kam_xl.template.board import SOURCE, Board
from kam_xl.template.layout import FIRST, LAST, LINE, Formula

TOP, TOP_ROW = 5, LINE + 6  # customers shown, the height of their rows
DUE = 6  # strategies shown
CASES, ACTIONS = 4, 5  # open cases and actions shown
HALF = LAST // 2

# --- the largest customers --------------------------------------------------------------------------------------------


def add_largest(board: Board) -> None:
    """The largest customers: a table, and the same as bars beside it."""
    grid = board.grid
    first, last = grid.row + 2, grid.row + 1 + TOP
    grid.heading("template.dash.top", FIRST, HALF, closed=False)
    _title(board, first)
    grid.next(26)
    board.header({"rank": 1, "customer": 2, "tier": 1, "amount_short": 1, "amount_share": 1})
    board.header({"row": 1}, SOURCE)
    grid.next(20)
    for number in range(1, TOP + 1):
        _customer(board, number)
    bar = {"type": "data_bar", "bar_color": theme.HEADER_LINK, "bar_solid": True, "bar_border_color": theme.HEADER_LINK}
    ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1, "data_bar_2010": True}
    grid.sheet.conditional_format(first, HALF, last, HALF, bar | ends)
    charts.add_largest(board, (first, last), (2, 5), 20 + TOP * TOP_ROW)
    grid.gap(LINE)


def _customer(board: Board, number: int) -> None:
    grid, figures, row = board.grid, board.figures, board.grid.row
    customer, total = _largest(board, number), board.value("amount")
    place = board.at(row, SOURCE)
    fitted = board.line(shrink=True)
    share = Formula(f'IF({place}="","",{board.at(row, 5)}/{total.text})', customer["share"])
    grid.put(row, FIRST, number, board.line("count", align="left"))
    grid.put(row, 2, figures.of_row("info", "name", place, customer["name"]), fitted, span=2)
    grid.put(row, 4, figures.tier_of(place, board.draft.label("terms.unknown_tier"), number), fitted)
    grid.put(row, 5, figures.number_of_row("info", "amount", place, customer["amount"]), board.line("amount"))
    grid.put(row, 6, share, board.line("share"))
    grid.put(row, SOURCE, figures.place_by_amount(board.at(row, FIRST), number), board.source())
    grid.next(TOP_ROW)


def _largest(board: Board, number: int) -> dict[str, Any]:
    """What is shown of the customer with the ``number``-th largest amount; blanks where there are fewer."""
    known, total = board.known.customers[number - 1 : number], board.known.amount
    if not known:
        return dict.fromkeys(("name", "amount", "share"), "")
    return {"name": known[0]["name"], "amount": float(known[0]["amount"]), "share": known[0]["amount"] / total}


def _title(board: Board, first: int) -> None:
    """What the largest customer alone brings."""
    total, largest, none = board.value("amount"), _largest(board, 1), board.note("chart_none")
    name = Formula(board.at(first, 2), largest["name"])
    share = Formula(f'TEXT({board.at(first, 5)}/{total.text},"0%")', f"{largest['share'] or 0:.0%}")
    finding = board.note("chart_top", customer=name, share=share)
    value = finding.value if total.value else none.value
    title = Formula(f"IF({total.text}=0,{none.text},{finding.text})", value)
    look = board.draft.format(bold=True, font_color=theme.INK, font_size=11, bottom=2, bottom_color=theme.HEADER_FILL)
    board.grid.put(board.grid.row, FIRST + HALF, title, look, span=HALF)


# --- strategies due ---------------------------------------------------------------------------------------------------


def add_due(board: Board) -> None:
    """The open strategies, the first due on top."""
    grid = board.grid
    grid.heading("template.dash.due")
    board.header({"due_on": 1, "days": 2, "customer": 3, "strategy": 3, "status": 2, "tracker": 1})
    board.header({"row": 1}, SOURCE)
    grid.next(20)
    first = grid.row
    for number in range(1, DUE + 1):
        _strategy(board, number)
    for mark, verdict in (("▲", "bad"), ("●", "watch")):
        text, fill = theme.VERDICTS[verdict]
        holds = f'LEFT($C{first + 1},1)="{mark}"'
        grid.colour((first, 2), (first + DUE - 1, 3), holds, font_color=text, bg_color=fill)
    _unread(board)


def _strategy(board: Board, number: int) -> None:
    grid, figures, row = board.grid, board.figures, board.grid.row
    known = board.known.running[number - 1 : number]
    strategy = known[0][1] if known else {}
    place, fitted = board.at(row, SOURCE), board.line(shrink=True)
    left = _left(board, board.at(row, FIRST), (known[0][2] - board.known.as_of).days if known else None)
    grid.put(row, FIRST, figures.last_day_of(place, number), board.line("date", align="left"))
    grid.put(row, 2, left, board.line(), span=2)
    for column, field, span in ((4, "customer", 3), (7, "strategy", 3), (10, "status", 2), (12, "tracker", 1)):
        grid.put(row, column, figures.of_row("tracking", field, place, strategy.get(field)), fitted, span=span)
    grid.put(row, SOURCE, figures.place_by_due(str(number), number), board.source())
    grid.next(LINE + 2)


def _left(board: Board, day: str, known: int | None) -> Formula:
    """How much time is left, in words, with a mark where it is short or gone; nothing where there is no day."""
    left = known or 0
    days, near = Formula(f"({day}-kam_as_of)", left), board.draft.policy.plan.near_days
    over = board.note("days_over", n=Formula(f"(kam_as_of-{day})", -left))
    today, soon, later = (board.note(key, n=days) for key in ("days_today", "days_soon", "days_left"))
    ahead = f"IF({days.text}=0,{today.text},IF({days.text}<={near},{soon.text},{later.text}))"
    value = over if left < 0 else today if left == 0 else soon if left <= near else later
    return Formula(f'IF({day}="","",IF({days.text}<0,{over.text},{ahead}))', "" if known is None else value.value)


def _unread(board: Board) -> None:
    """How many periods could not be read, said only where there are any."""
    unread = board.figures.unread()
    text = f'IF({unread.text}=0,"",{board.note("unread", n=unread).text})'
    look = board.draft.format(font_color=theme.VERDICTS["watch"].text, font_size=theme.NOTE_SIZE)
    board.grid.put(board.grid.row, FIRST, Formula(text, "", is_array=True), look)
    board.grid.next()
    board.grid.gap(LINE)


# --- open cases -------------------------------------------------------------------------------------------------------


def add_cases(board: Board) -> None:
    """The complaints and requests that are not resolved, the oldest on top."""
    grid = board.grid
    grid.heading("template.dash.open_cases")
    board.header({"reported": 1, "waiting": 2, "customer": 3, "category": 3, "severity": 2, "handler": 1})
    board.header({"row": 1}, SOURCE)
    grid.next(20)
    first = grid.row
    for number in range(1, CASES + 1):
        _case(board, number)
    text, fill = theme.VERDICTS["bad"]
    major = f"ISNUMBER(MATCH($K{first + 1},kam_severity_major,0))"
    grid.colour((first, 10), (first + CASES - 1, 11), major, font_color=text, bg_color=fill)
    grid.gap(LINE)


def _case(board: Board, number: int) -> None:
    grid, figures, row = board.grid, board.figures, board.grid.row
    place, fitted, day = board.at(row, SOURCE), board.line(shrink=True), board.at(row, FIRST)
    known = figures.known.open_cases[number - 1 : number]
    case = known[0][1] if known else {}
    waited = (board.known.as_of - case["reported"].date()).days if known else 0
    since = board.note("days_waiting", n=Formula(f"(kam_as_of-{day})", waited))
    grid.put(row, FIRST, figures.day_of_case(place, number), board.line("date", align="left"))
    grid.put(row, 2, Formula(f'IF({day}="","",{since.text})', since.value if known else ""), board.line(), span=2)
    grid.put(row, 4, figures.name_of(place, "service", number), fitted, span=3)
    for column, field, span in ((7, "category", 3), (10, "severity", 2), (12, "handler", 1)):
        grid.put(row, column, figures.of_row("service", field, place, case.get(field)), fitted, span=span)
    grid.put(row, SOURCE, figures.place_of_case(number), board.source())
    grid.next(LINE + 2)


# --- actions ----------------------------------------------------------------------------------------------------------


def add_actions(board: Board) -> None:
    """What is to be done next by the team's own action list; what was postponed goes by its new day."""
    grid = board.grid
    grid.heading("template.dash.to_do")
    board.header({"due_on": 1, "days": 2, "customer": 3, "action": 5, "who": 1})
    board.header({"row": 1}, SOURCE)
    grid.next(20)
    first = grid.row
    for number in range(1, ACTIONS + 1):
        _action(board, number)
    for mark, verdict in (("▲", "bad"), ("●", "watch")):
        text, fill = theme.VERDICTS[verdict]
        holds = f'LEFT($C{first + 1},1)="{mark}"'
        grid.colour((first, 2), (first + ACTIONS - 1, 3), holds, font_color=text, bg_color=fill)


def _action(board: Board, number: int) -> None:
    grid, figures, row = board.grid, board.figures, board.grid.row
    place, fitted, day = board.at(row, SOURCE), board.line(shrink=True), board.at(row, FIRST)
    known = figures.known.to_do[number - 1 : number]
    action = known[0][1] if known else {}
    left = _left(board, day, (known[0][2] - board.known.as_of).days if known else None)
    grid.put(row, FIRST, figures.day_of_action(place, number), board.line("date", align="left"))
    grid.put(row, 2, left, board.line(), span=2)
    grid.put(row, 4, figures.name_of(place, "tasks", number), fitted, span=3)
    for column, field, span in ((7, "action", 5), (12, "owner", 1)):
        grid.put(row, column, figures.of_row("tasks", field, place, action.get(field)), fitted, span=span)
    grid.put(row, SOURCE, figures.place_of_action(number), board.source())
    grid.next(LINE + 2)
