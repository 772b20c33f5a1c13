"""The team's own list of actions: what is to be done is added and renewed; what a person typed there is never touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xlwings as xw

from kam_xl.actions.request import Request
from kam_xl.core import frames, headings, planning, sheets, tasks
from kam_xl.core.errors import KamError
from kam_xl.hosts import excel
from kam_xl.showing import sizes, theme
from kam_xl.showing.fields import fields


@dataclass(frozen=True)
class _List:
    """Where the action list stands: its header row and last row (from 1), field → column, and the native table if any."""

    sheet: xw.Sheet
    header: int
    last: int
    columns: dict[str, int]
    native: xw.main.Table | None


def action_list(request: Request) -> str:
    """Add the actions ahead that the list does not have yet, and renew on its open lines what nobody typed."""
    words = request.words
    table = _found(request)
    actions = request.customers().actions
    ahead = actions[actions["waiting"]]
    asked = actions[~actions["source"].isin([planning.OWN, planning.MARKED])]  # those two only the list itself tells
    with excel.writing(table.sheet.name, words), excel.still(request.book):
        missing = asked[asked["waiting"] & ~asked["key"].isin(_ids(table))]
        renewed = _renew(request, table, asked)
        if len(missing):
            _append(request, table, missing)
        table.sheet.activate()
    key = "message.listed" if len(missing) or renewed else "message.listed_none"
    facts = {"n": len(missing), "renewed": renewed, "open": len(ahead), "overdue": int(ahead["overdue"].sum())}
    return words(key, sheet=table.sheet.name, **facts)


def _found(request: Request) -> _List:
    """The native table of that name, else where its headers stand; `KamError` where the workbook has neither."""
    for sheet in request.book.sheets:
        for table in sheet.tables:
            if table.name.casefold() == sheets.TASKS.table.casefold():
                whole = table.range
                return _table(request, sheet, whole.row, whole.column, whole.shape, table)
    located = request.located.get(sheets.TASKS.kind)
    if located is None:
        raise KamError(request.words("message.no_action_list", sheet=sheets.TASKS.name(request.words.lang)))
    sheet = request.book.sheets[located.sheet.name]
    width = max(located.columns.values()) + 1
    return _table(request, sheet, located.header_row + 1, 1, (located.end - located.header_row, width), None)


def _table(
    request: Request, sheet: xw.Sheet, top: int, left: int, shape: tuple[int, int], native: xw.main.Table | None
) -> _List:
    """The list by its header row; `KamError` names the columns without which nothing can be added."""
    header = excel.values(sheet.range((top, left), (top, left + shape[1] - 1)))[0]
    known = [(headings.field_of(sheets.TASKS.kind, str(cell)), left + place) for place, cell in enumerate(header)]
    columns = {field: column for field, column in reversed(known) if field}
    missing = [field for field in ("action_id", "customer_id", "action", "due") if field not in columns]
    if missing:
        words = request.words
        names = words("terms.list_separator").join(sheets.TASKS.column(field).header(words.lang) for field in missing)
        raise KamError(words("message.columns_missing", sheet=sheet.name, columns=names))
    return _List(sheet, top, top + shape[0] - 1, columns, native)


def _ids(table: _List) -> set[str]:
    """Every ID in the column of the IDs, in the table or typed below it."""
    return {str(row[0]).strip() for row in _typed(table, table.columns["action_id"])}


def _typed(table: _List, *columns: int) -> list[list]:
    """The rows below the header, as far down as the sheet is used, in the span of some columns."""
    bottom = max(table.sheet.used_range.last_cell.row, table.last, table.header + 1)
    return excel.values(table.sheet.range((table.header + 1, min(columns)), (bottom, max(columns))))


def _renew(request: Request, table: _List, actions: pd.DataFrame) -> int:
    """Write what has become of the actions of open lines into their cells; returns how many lines changed.

    Owner and due day are renewed where nobody typed them, which only a list with the hidden columns can tell.
    """
    lines = tasks.lines(request.inside.portfolio)
    lines = lines[(lines["sheet"] == table.sheet.name) & (lines["status"] == tasks.OPEN)].sort_values("row")
    lines = lines[lines["action_id"].isin(actions["key"])]
    told = pd.DataFrame(contents(request, actions), dtype="object").set_index("action_id")
    told = told.loc[lines["action_id"]].set_index(lines["row"])
    lines = lines.set_index("row")
    changed: set[int] = set()
    for field, proposed in _RENEWED.items():
        if field not in table.columns or (proposed and proposed not in table.columns):
            continue
        mine = lines[field].isna() if proposed else pd.Series(True, index=lines.index)  # of two: only what was typed
        before = lines[f"shown_{field}"] if proposed else lines[field]
        before = before.astype("object")  # what the cells hold: a date that moved is another text, no matter which way
        now = told[field]
        differs = mine & frames.differ(before, now)
        changed |= set(lines.index[differs])
        for name in (field, *filter(None, [proposed])):
            _put(table, name, now[differs])
    return len(changed)


#: What is renewed → the hidden column that tells whether a person typed it; None for what only the button writes.
_RENEWED = {"subject": None, "evidence": None, "owner": "proposed_owner", "due": "proposed_due"}


def _put(table: _List, field: str, contents: pd.Series) -> None:
    """Write one field of some rows, neighbours together."""
    rows = contents.index.tolist()
    for first, last in _neighbours(rows):
        column = table.columns[field]
        cells = table.sheet.range((rows[first], column), (rows[last], column))
        _prepare(cells, field)
        excel.write(cells, [[content] for content in contents.iloc[first : last + 1]])


def _neighbours(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Where runs of consecutive numbers begin and end in an ascending list of them."""
    there = set(rows)
    first = [place for place, row in enumerate(rows) if row - 1 not in there]
    last = [place for place, row in enumerate(rows) if row + 1 not in there]
    return zip(first, last, strict=True)


def _append(request: Request, table: _List, actions: pd.DataFrame) -> None:
    """Write the actions below the last row that holds anything, and let the native table reach as far."""
    rows = _typed(table, *table.columns.values())
    used = max((place for place, cells in enumerate(rows, start=1) if any(cell != "" for cell in cells)), default=0)
    first = table.header + used + 1
    last = first + len(actions) - 1
    told = contents(request, actions)
    for field, column in table.columns.items():
        cells = table.sheet.range((first, column), (last, column))
        _prepare(cells, field)
        if field in told:
            excel.write(cells, [[content] for content in told[field]])
    _heights(table, first, told)
    if table.native and last > table.last:
        whole = table.native.range
        table.native.resize(table.sheet.range((whole.row, whole.column), (last, whole.last_cell.column)))


def contents(request: Request, actions: pd.DataFrame) -> dict[str, list]:
    """Field → what the list says about some actions, row by row."""
    who = _texts(actions["owner"])
    until = [day.to_pydatetime() if isinstance(day, pd.Timestamp) else None for day in actions["due"]]
    status = request.words(f"terms.tasks.status.{tasks.OPEN}")
    return {
        "action_id": actions["key"].tolist(),
        "customer_id": _texts(actions["customer_id"]),
        "subject": _texts(actions["subject"]),
        "action": _texts(actions["action"]),
        "owner": who,
        "due": until,
        "status": [status] * len(actions),
        "evidence": _texts(actions["evidence"]),
        "proposed_owner": who,
        "proposed_due": until,
    }


def _texts(column: pd.Series) -> list[str | None]:
    return column.astype(object).where(column.notna(), None).tolist()


def _prepare(cells: xw.Range, field: str) -> None:
    """New rows look like those of the table, and what people type there stays a text, be it 12e4 or ``=1+1``."""
    told, column = fields()[sheets.named(sheets.TASKS.kind, field)], sheets.TASKS.column(field)
    cells.number_format = theme.NUMBER_FORMATS.get(told.kind, "@")
    look: Mapping[str, Any] = theme.CELL_STYLES["Calculation" if column.ours else "Input"].properties
    cells.color, cells.font.color = look["bg_color"], look["font_color"]
    excel.frame(cells, look["border_color"])
    if told.wrapped:
        cells.wrap_text = True


def _heights(table: _List, first: int, told: Mapping[str, list]) -> None:
    """Rows as high as their longest text needs in its column as wide as it is."""
    sentences = [name for name in table.columns if name in told and name in sheets.FREE]
    rooms = {name: table.sheet.range((first, table.columns[name])).column_width or 0.0 for name in sentences}
    for row in range(len(told["action_id"])):
        lines = max((sizes.lines_of(str(told[name][row] or ""), room) for name, room in rooms.items()), default=1)
        height = sizes.ROW_HEIGHT + (min(lines, sizes.MOST_LINES) - 1) * sizes.LINE_HEIGHT
        table.sheet.range((first + row, 1)).row_height = height
