"""The data sheets: title, hint, and one native table, its typed cells and its calculated ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from kam_xl.core import deals, sheets
from kam_xl.showing import columns, sizes, theme
from kam_xl.template import checks, figures, lists
from kam_xl.template.layout import Draft, Formula, Page

HEADER_ROW = 3
FIRST_ROW = HEADER_ROW + 1
ROW_HEIGHT = 22
ROOM = {"zh-CN": 1.1, "en": 1.2}  # how many figures' widths of text fit a column, for each of its own
FROZEN = {"info": 2, "tracking": 2, "contacts": 2, "tasks": 2}  # columns that stay in view; 1 elsewhere
WIDEST_NOTE, WIDEST_MARK = 30, 31  # of texts that wrap, of a mark with its reason
WIDEST_HEADER = 25  # a longer one takes two lines

Rows = Sequence[Mapping[str, object]]

#: Field of the evaluation → the function that computes it and the fields it takes.
CALCULATED = {"composite": ("KAM_SCORE", ("value", "potential", "demand")), "tier": ("KAM_TIER", ("composite",))}


def add(draft: Draft, sheet: sheets.Sheet, rows: Rows, like: Rows | None = None) -> None:
    """Add one data sheet with its rows; the cached values of calculated cells stand in them like typed ones.

    Columns and rows have room for what stands in ``like``, by default in the rows themselves.
    """
    of_standard = sheet.kind in {one.kind for one in sheets.STANDARD}
    page = Page(draft, sheet.kind, theme.TIER_COLOURS["key" if of_standard else "regular"])
    page.band_of_data(draft.label(f"sheet.{sheet.kind}"), draft.label(f"template.hint.{sheet.kind}"))
    _table(page, sheet, rows, rows if like is None else like)
    for index, column in enumerate(sheet.written):
        _guard(page, sheet, index, column)
    _colours(page, sheet)
    page.sheet.freeze_panes(FIRST_ROW, FROZEN.get(sheet.kind, 1))
    page.printed(repeated=(HEADER_ROW, HEADER_ROW))


def formula_of(column: sheets.Column, lang: str) -> str | None:
    """The formula of a calculated column of the evaluation, as its table holds it."""
    if column.field not in CALCULATED or column not in sheets.EVALUATION.columns:
        return None
    function, fields = CALCULATED[column.field]
    headers = (sheets.EVALUATION.column(name).header(lang) for name in fields)
    return f"{function}({','.join(f'{sheets.EVALUATION.table}[@[{header}]]' for header in headers)})"


def _table(page: Page, sheet: sheets.Sheet, rows: Rows, like: Rows) -> None:
    """The native table: header, cells, widths, heights."""
    draft, lang = page.draft, page.draft.lang
    declared, widths = [], {column: _width(column, like, lang) for column in sheet.written}
    for index, column in enumerate(sheet.written):
        formula = draft.variant.formula(column, lang)
        declared.append({"header": column.header(lang), **({"formula": f"={formula}"} if formula else {})})
        hidden = {"hidden": True} if column.hidden else {}
        page.sheet.set_column(index, index, widths[column], _column_format(draft, column), hidden)
    last = (HEADER_ROW + max(len(rows), 1), len(sheet.written) - 1)
    page.sheet.add_table(HEADER_ROW, 0, *last, {"name": sheet.table, "style": None, "columns": declared})
    page.sheet.set_row(HEADER_ROW, sizes.HEADER_HEIGHT)
    for index, column in enumerate(sheet.written):
        page.put(HEADER_ROW, index, column.header(lang), _header_format(draft, column))
        for row, cells in enumerate(rows, start=FIRST_ROW):
            _cell(page, row, index, column, cells.get(column.field))
    if not rows:  # Excel's tables have a row at least; nothing is counted in it yet
        _cells_of_nobody(page, sheet)
    for row, cells in enumerate(rows, start=FIRST_ROW):
        page.sheet.set_row(row, _height(cells, widths, lang))


def _cells_of_nobody(page: Page, sheet: sheets.Sheet) -> None:
    """The formulas of a row in which nothing is typed; they have no value."""
    for index, column in enumerate(sheet.written):
        if page.draft.variant.formula(column, page.draft.lang):
            _cell(page, FIRST_ROW, index, column, "")


def _cell(page: Page, row: int, index: int, column: sheets.Column, value: object) -> None:
    formula = page.draft.variant.formula(column, page.draft.lang)
    style = "Calculation" if formula or column.ours else "Input"
    cached = "" if value is None else value
    content = Formula(formula.replace("@", "[#This Row],"), cached) if formula else value
    page.put(row, index, content, page.draft.format(style, **_shape(column)))


def _shape(column: sheets.Column) -> dict[str, object]:
    """How the cells of a column stand: figures right, notes wrapped, dates and numbers in their format."""
    shape: dict[str, object] = {"align": "left", "indent": 1}
    if column.kind in theme.NUMBER_FORMATS:
        shape["num_format"] = theme.NUMBER_FORMATS[column.kind]
        shape |= {"align": "left" if column.kind in ("date", "datetime") else "right"}
    if column.kind == "grade":
        shape |= {"align": "right", "num_format": "0"}
    if column.kind == "score":
        shape |= {"align": "left", "num_format": "General", "text_wrap": True}  # 92（高利润+长合作） is a text
    if column.kind == "tier":
        shape |= {"align": "center", "indent": 0}
    if column.kind == "id":
        shape["bold"] = True
    if _wraps(column):
        shape["text_wrap"] = True
    return shape


def _wraps(column: sheets.Column) -> bool:
    """True for sentences, and for lists, which are longer than a column here is wide."""
    return column.field in sheets.FREE or column.kind == "list"


def _column_format(draft: Draft, column: sheets.Column) -> Format:
    """The format of the cells below the table, so that what is typed there looks like the rest."""
    return draft.format(**_shape(column))


def _header_format(draft: Draft, column: sheets.Column) -> Format:
    align = _shape(column)["align"]
    return draft.format(
        bold=True,
        font_color=theme.HEADER_TEXT,
        bg_color=theme.HEADER_FILL,
        text_wrap=True,
        align=align,
        border=1,
        border_color=theme.HEADER_FILL,
        indent=2 if align == "right" else 1,  # room for the filter button
    )


def _as_column(column: sheets.Column, rows: Rows, lang: str) -> columns.ReadyColumn:
    values = [row.get(column.field) for row in rows]
    known = [value if isinstance(value, str | int | float) else None for value in values]
    return columns.ReadyColumn(column.field, column.header(lang), known, column.kind, wrapped=_wraps(column))


def _width(column: sheets.Column, rows: Rows, lang: str) -> float:
    whole = sizes.text_width(column.header(lang)) + sizes.FILTER_BUTTON + 3
    width = sizes.width(_as_column(column, rows, lang)) + 1
    width = max(width, whole if whole <= WIDEST_HEADER else math.ceil(whole / 2) + 4)
    if column.kind in ("date", "datetime"):
        return max(width, len(theme.NUMBER_FORMATS[column.kind]) + 5)  # room for a mark
    if column.kind == "score" and any(isinstance(row.get(column.field), str) for row in rows):
        return WIDEST_MARK
    return min(width, WIDEST_NOTE) if _wraps(column) else width


def _height(cells: Mapping[str, object], widths: Mapping[sheets.Column, float], lang: str) -> float:
    """The height of a row that shows the whole of its notes."""
    lines = [
        sizes.lines_of(str(cells[column.field]), ROOM[lang] * width - 2)
        for column, width in widths.items()
        if _shape(column).get("text_wrap") and cells.get(column.field) is not None
    ]
    return ROW_HEIGHT + (max(lines, default=1) - 1) * sizes.LINE_HEIGHT


# --- input checks -----------------------------------------------------------------------------------------------------


def _guard(page: Page, sheet: sheets.Sheet, index: int, column: sheets.Column) -> None:
    draft = page.draft
    check = None if draft.variant.formula(column, draft.lang) else checks.of(sheet, column)
    if check:
        cell = xl_rowcol_to_cell(FIRST_ROW, index)
        choices = lists.choices(sheet, column, draft.words)
        page.check((FIRST_ROW, checks.ROOM - 1), index, checks.options(check, cell, draft.words, draft.policy, choices))


# --- conditional formats ----------------------------------------------------------------------------------------------


def _colours(page: Page, sheet: sheets.Sheet) -> None:
    """What means something is coloured, with a word or a mark beside the colour."""
    for field, paint in PAINTED.get(sheet.kind, {}).items():
        paint(page, sheet, field)


def _range(sheet: sheets.Sheet, field: str) -> tuple[tuple[int, int], tuple[int, int], str]:
    """The cells of a column, and the first of them as a formula names it in a rule for the row: $G5."""
    index = sheet.fields.index(field)
    return (FIRST_ROW, index), (checks.ROOM - 1, index), _row_cell(sheet, field)


def _row_cell(sheet: sheets.Sheet, field: str) -> str:
    return xl_rowcol_to_cell(FIRST_ROW, sheet.fields.index(field), col_abs=True)


def _chips(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """The tiers in their colours, and unknown ones muted."""
    first, last, cell = _range(sheet, field)
    for key in page.draft.policy.tier_keys:
        look = {"font_color": theme.TIER_INKS[key], "bg_color": theme.TIER_COLOURS[key]}
        page.colour(first, last, f"ISNUMBER(MATCH({cell},kam_tier_{key},0))", **look)
    _unknown(page, sheet, field)


def _unknown(page: Page, sheet: sheets.Sheet, field: str) -> None:
    first, last, cell = _range(sheet, field)
    page.colour(first, last, f"ISERROR({cell})", font_color=theme.MUTED, italic=True)


def _bar(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """The score as a bar from 0 to 100 behind its figure."""
    _bars(page, sheet, field, max_type="num", max_value=100)
    _unknown(page, sheet, field)


def _amount_bar(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """Amounts as bars behind their figures, the largest full."""
    _bars(page, sheet, field)


def _bars(page: Page, sheet: sheets.Sheet, field: str, **end: object) -> None:
    """Bars behind the figures of a column, from 0 on."""
    first, last, _ = _range(sheet, field)
    bar = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, "min_type": "num", "min_value": 0}
    colours = dict.fromkeys(("bar_color", "bar_border_color"), theme.HEADER_LINK)
    page.sheet.conditional_format(*first, *last, bar | colours | end)


def _stale(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """An evaluation older than the policy allows."""
    first, last, cell = _range(sheet, field)
    months = page.draft.policy.risk.evaluation_stale.months
    look = _verdict("watch", theme.NUMBER_FORMATS["date"])
    page.colour(first, last, f"AND(ISNUMBER({cell}),EDATE({cell},{months})<kam_as_of)", **look)


def _overdue(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """A period that is past its end with the strategy still open."""
    first, last, cell = _range(sheet, field)
    is_running = ",".join(figures.is_open(_row_cell(sheet, "status")))
    page.colour(
        first,
        last,
        f"IFERROR(AND(OR({is_running}),DATEVALUE(RIGHT(TRIM({cell}),10))<kam_as_of),FALSE)",
        **_verdict("bad", "@"),
    )


def _statuses(page: Page, sheet: sheets.Sheet, field: str) -> None:
    first, last, cell = _range(sheet, field)
    for key, verdict in theme.STATUS_VERDICTS.items():
        page.colour(first, last, f"ISNUMBER(MATCH({cell},kam_status_{key},0))", **_verdict(verdict))


def _due(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """A date that is past, or near, while the deal is neither won nor lost."""
    first, last, cell = _range(sheet, field)
    stage = _row_cell(sheet, "stage")
    waiting = ",".join([f"ISNUMBER({cell})", *(f"ISNA(MATCH({stage},kam_stage_{key},0))" for key in deals.CLOSED)])
    date = theme.NUMBER_FORMATS["date"]
    page.colour(first, last, f"AND({waiting},{cell}<kam_as_of)", **_verdict("bad", date))
    page.colour(
        first,
        last,
        f"AND({waiting},{cell}<=kam_as_of+{page.draft.policy.plan.renewal_days[0]})",
        **_verdict("watch", date),
    )


def _waiting(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """The day of an action that is past, or near, and not done; a postponed one goes by its new day."""
    first, last, cell = _range(sheet, field)
    status, later = _row_cell(sheet, "status"), _row_cell(sheet, "postponed_to")
    moved = f"AND(ISNUMBER({later}),ISNUMBER(MATCH({status},kam_action_postponed,0)))"
    counts = moved if field == "postponed_to" else f"NOT({moved})"
    waiting = f"ISNUMBER({cell}),{counts},ISNA(MATCH({status},kam_action_done,0))"
    date = theme.NUMBER_FORMATS["date"]
    page.colour(first, last, f"AND({waiting},{cell}<kam_as_of)", **_verdict("bad", date))
    page.colour(
        first, last, f"AND({waiting},{cell}<=kam_as_of+{page.draft.policy.plan.soon_days})", **_verdict("watch", date)
    )


def _marked(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """What is done, and what is postponed."""
    first, last, cell = _range(sheet, field)
    for key, verdict in theme.TASK_VERDICTS.items():
        page.colour(first, last, f"ISNUMBER(MATCH({cell},kam_action_{key},0))", **_verdict(verdict))


def _unresolved(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """A complaint or request that nobody has resolved yet."""
    first, last, cell = _range(sheet, field)
    resolved = _row_cell(sheet, "resolved")
    case = f"OR(ISNUMBER(MATCH({cell},kam_kind_complaint,0)),ISNUMBER(MATCH({cell},kam_kind_request,0)))"
    page.colour(first, last, f'AND({case},{resolved}="")', **_verdict("bad", "@"))


def _major(page: Page, sheet: sheets.Sheet, field: str) -> None:
    first, last, cell = _range(sheet, field)
    page.colour(first, last, f"ISNUMBER(MATCH({cell},kam_severity_major,0))", **_verdict("bad"))


def _gone(page: Page, sheet: sheets.Sheet, field: str) -> None:
    """A contact who has left."""
    first, last, cell = _range(sheet, field)
    page.colour(first, last, f"ISNUMBER(MATCH({cell},kam_yes,0))", **_verdict("watch", "@"))


def _verdict(verdict: str, shown: str | None = None) -> dict[str, object]:
    """The colours of a verdict, with its mark in front of the cell's own ``shown`` format."""
    text, fill = theme.VERDICTS[verdict]
    marked = {"num_format": f'"{theme.SIGNS[verdict]} "{shown}'} if shown else {}
    return {"font_color": text, "bg_color": fill, **marked}


PAINTED = {
    "info": {"amount": _amount_bar},
    "evaluation": {"composite": _bar, "tier": _chips, "evaluated_on": _stale},
    "tracking": {"period": _overdue, "status": _statuses},
    "service": {"kind": _unresolved, "severity": _major},
    "contacts": {"left": _gone},
    "renewals": {"renewal_date": _due, "trial_expiry": _due},
    "tasks": {"due": _waiting, "status": _marked, "postponed_to": _waiting},
}
