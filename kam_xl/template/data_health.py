"""The health of the workbook's own data, as plain formulas: what is missing, out of range, entered twice, and where first.

Formulas that look at whole columns are array formulas: before 2020 Excel took IFERROR for a question about one cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kam_xl.core import computed, sheets
from kam_xl.core.policy import DIMENSIONS
from kam_xl.showing import theme
from kam_xl.template.data import FIRST_ROW
from kam_xl.template.figures import Figures
from kam_xl.template.layout import FIRST, LAST, LINE, Draft, Formula, ReadingSheet

ROW = LINE + 4  # the height of a check's row
#: What stands in a row → the columns of the grid it takes.
COLUMNS = {"sheet": 3, "what": 4, "count": 1, "first": 1, "remedy": 3}
_COUNT, _FIRST = FIRST + 7, FIRST + 8

Cells = Callable[[str], str]  # a field → its column as a structured reference


@dataclass(frozen=True)
class ToMend:
    """One check of a sheet: the key of its texts, and a formula that is above 0 in every row to be mended."""

    key: str
    kind: str
    wrong: Callable[[Cells, Figures], str]


def _filled(*columns: str) -> str:
    """Above 0 in the rows where one of the columns holds something."""
    return "(" + "+".join(f'({column}<>"")' for column in columns) + ")"


def _unlisted(ids: str, known: str) -> str:
    """1 in the rows whose ID, or what stands before its slash, is not in a column of IDs."""
    return f'({ids}<>"")*ISNA(MATCH(TRIM(LEFT({ids},FIND("/",{ids}&"/")-1)),TRIM({known}),0))'


def _no_day(day: str) -> str:
    """Above 0 in the rows that hold something that is no day, or one still to come."""
    return f"(ISTEXT({day})*(LEN({day})>0)+ISNUMBER({day})*({day}>kam_as_of))"


def _repeated(ids: str) -> str:
    """1 in the rows whose ID stands above already."""
    place = f"ROW({ids})-{FIRST_ROW}"
    return f'({ids}<>"")*(IFERROR(MATCH(TRIM({ids}),TRIM({ids}),0),0)<>{place})'


def _unread(of: Cells) -> str:
    """Above 0 in the rows with a mark typed that is none."""
    wrong = (f'({of(typed)}<>"")*({of(mark.field)}="")' for typed, mark in zip(DIMENSIONS, computed.MARKS, strict=True))
    return "(" + "+".join(wrong) + ")"


CHECKS: tuple[ToMend, ...] = (
    ToMend("no_id", "info", lambda of, _: f'({of("customer_id")}="")*{_filled(of("name"), of("amount"), of("last_deal"))}'),
    ToMend("twice", "info", lambda of, _: _repeated(of("customer_id"))),
    ToMend("no_name", "info", lambda of, _: f'({of("customer_id")}<>"")*({of("name")}="")'),
    ToMend("amount", "info", lambda of, _: f"(ISTEXT({of('amount')})*(LEN({of('amount')})>0)+ISNUMBER({of('amount')})*({of('amount')}<0))"),
    ToMend("day", "info", lambda of, _: f"({_no_day(of('since'))}+{_no_day(of('last_deal'))})"),
    ToMend("not_evaluated", "info", lambda of, known: _unlisted(of("customer_id"), known.column("evaluation", "customer_id"))),
    ToMend("no_id", "evaluation", lambda of, _: f'({of("customer_id")}="")*{_filled(of("value"), of("potential"), of("demand"))}'),
    ToMend("unknown_id", "evaluation", lambda of, known: _unlisted(of("customer_id"), known.column("info", "customer_id"))),
    ToMend("no_mark", "evaluation", lambda of, _: f'({of("customer_id")}<>"")*(({of("value")}="")+({of("potential")}="")+({of("demand")}=""))'),
    ToMend("bad_mark", "evaluation", lambda of, _: _unread(of)),
    ToMend("no_day", "evaluation", lambda of, _: f'({of("customer_id")}<>"")*({of("evaluated_on")}="")'),
    ToMend("day", "evaluation", lambda of, _: _no_day(of("evaluated_on"))),
    ToMend("unknown_id", "tracking", lambda of, known: _unlisted(of("customer"), known.column("info", "customer_id"))),
    ToMend("no_period", "tracking", lambda of, known: f'({of("customer")}<>"")*ISERROR({known.last_days()})'),
    ToMend("no_status", "tracking", lambda of, _: f'({of("customer")}<>"")*({of("status")}="")'),
)  # fmt: skip


def add(draft: Draft, figures: Figures) -> None:
    """Add the sheet: what is to be mended in one sentence, then every check with how many, where first and what to do."""
    grid = ReadingSheet(draft, "quality")
    grid.head(draft.label("sheet.quality"), draft.label("template.quality.tagline"))
    look = draft.format(bold=True, font_size=16, font_color=theme.INK)
    top = grid.row + 3  # below the sentence, a gap and the header
    counts = f"{grid.cell(top, _COUNT)}:{grid.cell(top + len(CHECKS) - 1, _COUNT)}"
    grid.put(grid.row, FIRST, headline(draft, figures, counts), look, span=LAST)
    grid.next(34)
    grid.gap()
    _header(grid)
    for check in CHECKS:
        _row(grid, figures, check)
    _colours(grid, top)
    draft.name("kam_to_mend", "quality", (top, _COUNT), (top + len(CHECKS) - 1, _COUNT))
    grid.printed((grid.row, LAST + 1), pages=1)
    grid.sheet.freeze_panes(2, 0)


def headline(draft: Draft, figures: Figures, counts: str) -> Formula:
    """What is to be mended, where ``counts`` holds how often each check found something."""
    none, well = (draft.label(f"template.quality.{key}") for key in ("none", "well"))
    some = draft.sentence("template.quality.some", n=Formula(f"SUM({counts})", 0))
    rows = "+".join(f'SUMPRODUCT(--({figures.column(kind, key)}<>""))' for kind, key in _ROWS)
    return Formula(f"IF(SUM({counts})>0,{some.text},IF({rows}=0,{none.text},{well.text}))", none.value)


_ROWS = [(sheet.kind, sheet.key) for sheet in sheets.STANDARD]


def _header(grid: ReadingSheet) -> None:
    column = FIRST
    for name, span in COLUMNS.items():
        look = grid.draft.format(bold=True, font_color=theme.MUTED, font_size=theme.NOTE_SIZE, bottom=1, indent=1,
                                 bottom_color=theme.MUTED, align="right" if name in _FIGURES else "left")  # fmt: skip
        grid.label(grid.row, column, f"template.quality.{name}", look, span=span)
        column += span
    grid.next(20)


_FIGURES = ("count", "first")


def _row(grid: ReadingSheet, figures: Figures, check: ToMend) -> None:
    draft, row = grid.draft, grid.row
    wrong = check.wrong(lambda field: figures.column(check.kind, field), figures)
    line = {"bottom": 1, "bottom_color": theme.LINE, "indent": 1}
    link = draft.format(**line, font_color=theme.LINK, underline=1)
    plain, note = draft.format(**line), draft.format(**line, font_color=theme.MUTED, shrink=True)
    figure = draft.format(**line, align="right", num_format=theme.NUMBER_FORMATS["count"])
    texts = f"template.quality.{check.key}"
    grid.label(row, FIRST, f"sheet.{check.kind}", link, span=COLUMNS["sheet"], link=check.kind)
    grid.label(row, FIRST + 3, f"{texts}.what", plain, span=COLUMNS["what"])
    grid.put(row, _COUNT, Formula(f"SUM(--({wrong}>0))", 0, is_array=True), figure)
    place = f'IF({grid.cell(row, _COUNT)}=0,"",MATCH(TRUE,{wrong}>0,0)+{FIRST_ROW})'
    grid.put(row, _FIRST, Formula(place, "", is_array=True), figure)
    grid.label(row, _FIRST + 1, f"{texts}.remedy", note, span=COLUMNS["remedy"])
    grid.next(ROW)


def _colours(grid: ReadingSheet, top: int) -> None:
    """A check that found something takes the colours of what is to be mended, with the mark before its figure."""
    text, fill = theme.VERDICTS["bad"]
    found = f"{grid.cell(top, _COUNT, fixed=False)}>0"
    shown = f'"{theme.SIGNS["bad"]} "{theme.NUMBER_FORMATS["count"]}'
    last, good = top + len(CHECKS) - 1, theme.VERDICTS["good"]
    grid.colour(
        (top, _COUNT),
        (last, _COUNT),
        found.replace(">", "="),
        font_color=good.text,
        num_format=f'"{theme.SIGNS["good"]}"',
    )
    grid.colour((top, _COUNT), (last, _COUNT), found, font_color=text, bg_color=fill, num_format=shown)
