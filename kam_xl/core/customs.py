"""Which of two customs the cells of a table follow, where one cell alone would not tell, but the others beside it do.

1.234,56 or 1,234.56: a program writes all figures of an export in one way. 05/03/2026 is a day in March where 15/03/2026
stands in the same column, in May where 03/15/2026 does. What the cells leave open stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kam_xl.core.findings import Finding
from kam_xl.core.headings import is_price
from kam_xl.core.reading import REPORTED, Reading
from kam_xl.core.sheets import named
from kam_xl.core.texts import narrow


def settled(reading: Reading, rows: Sequence[list]) -> list[list]:
    """The rows with figures and days as one cell alone tells them; what was found of a column is told once."""
    rows = list(rows)
    by_comma = _figures(reading, rows)
    _days(reading, rows, dots_tell=by_comma)
    return rows


def _put(rows: list[list], i: int, at: int, cell: object) -> None:
    """Another cell in a copy of its row."""
    rows[i] = [*rows[i][:at], cell, *rows[i][at + 1 :]]


# --- figures ---------------------------------------------------------------------------------------------------------

_FIGURES = frozenset({"amount", "number", "count"})
#: The figure in a cell, with whatever stands before and behind it.
_FIGURE = re.compile(r"(?P<before>[^\d,.]*)(?P<figure>\d(?:[\d.,'’ ]*\d)?)(?P<minus>-)?(?P<behind>[^\d,.]*)")
_LONGEST = 40
_BY_COMMA = re.compile(r"\d{1,3}(?:[.' ]\d{3})+,\d+|\d+,\d{1,2}|\d+,\d{4,}|0,\d+|\d{1,3}(?:\.\d{3}){2,}")
_BY_POINT = re.compile(r"\d{1,3}(?:[,' ]\d{3})+\.\d+|\d+\.\d{1,2}|\d+\.\d{4,}|0\.\d+|\d{1,3}(?:,\d{3}){2,}")
_POINT_OR_THOUSANDS, _COMMA_OR_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}"), re.compile(r"[1-9]\d{0,2},\d{3}")
_APART = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")


def _figure_columns(reading: Reading) -> dict[int, str | None]:
    """Position → field, of the columns of figures; those of prices that no field holds have none."""
    table = reading.table
    kinds = {column.field: column.kind for column in reading.standard.columns}
    found: dict[int, str | None] = {at: name for name, at in table.columns.items() if kinds[name] in _FIGURES}
    return found | {at: None for at in table.others if is_price(table.header.texts[at])}


def _figures(reading: Reading, rows: list[list]) -> bool:
    """Write every figure of the rows in one way; True where they were told to have commas before their decimals."""
    columns = _figure_columns(reading)
    if not any(_is_odd(rows, at) for at in columns):
        return False
    parts = [(i, at, found) for at in columns for i, found in _read(rows, at)]
    plain = [(i, at, narrow(found["figure"]).replace("’", "'")) for i, at, found in parts]
    by_comma = [one for one in plain if _BY_COMMA.fullmatch(one[2])]
    by_point = any(_BY_POINT.fullmatch(text) for _, _, text in plain)
    comma = bool(by_comma) and not by_point
    unclear = set() if by_comma or by_point else _unclear(plain)
    for (i, at, found), (_, _, text) in zip(parts, plain, strict=True):
        if at in unclear and (_POINT_OR_THOUSANDS.fullmatch(text) or _COMMA_OR_THOUSANDS.fullmatch(text)):
            if field := columns[at]:
                reading.report("amount_unparsed" if field == "amount" else "number_unparsed", i, field, rows[i][at])
            _put(rows, i, at, REPORTED)
            continue
        new = re.sub(r"[.' ]", "", text).replace(",", ".") if comma else _APART.sub("", text)
        minus = "-" if found["minus"] else ""
        if new != found["figure"] or minus:
            _put(rows, i, at, f"{minus}{found['before']}{new}{found['behind']}")
    if comma:
        i, at, text = by_comma[0]
        _tell(reading, "decimals_by_comma", at, columns[at], text)
    return comma


def _is_odd(rows: Sequence[list], at: int) -> bool:
    """True for a column with more than plain digits and a point in it, by a quick look."""
    texts = "\n".join([row[at] for row in rows if type(row[at]) is str])
    return _ODD.search(texts) is not None if texts else False


_ODD = re.compile(r"[,'’]|\d-$|\.\d+\.", re.MULTILINE)


def _read(rows: Sequence[list], at: int) -> Iterable[tuple[int, re.Match[str]]]:
    """The figures of a column that one cell alone may not tell."""
    for i, row in enumerate(rows):
        cell = row[at]
        if (
            type(cell) is str
            and len(cell) <= _LONGEST
            and not cell.isdigit()
            and (found := _FIGURE.fullmatch(cell.strip()))
        ):
            yield i, found


def _unclear(plain: Iterable[tuple[int, int, str]]) -> set[int]:
    """The columns in which 1.234 and 12,000 stand together: one of the two is not what it seems."""
    points = {at for _, at, text in plain if _POINT_OR_THOUSANDS.fullmatch(text)}
    return points & {at for _, at, text in plain if _COMMA_OR_THOUSANDS.fullmatch(text)}


def _tell(reading: Reading, code: str, at: int, field: str | None, example: str) -> None:
    table = reading.table
    about = named(table.kind, field) if field else None
    reading.findings.append(
        Finding(code, table.sheet.name, table.header_cell(at), about, table.header.texts[at], detail=example)
    )


# --- days ------------------------------------------------------------------------------------------------------------

_DAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[ T]\d{1,2}:\d{2}.*)?")
_MONTHS = 12


def _day_columns(reading: Reading) -> dict[int, str]:
    kinds = {column.field: column.kind for column in reading.standard.columns}
    return {at: name for name, at in reading.table.columns.items() if kinds[name] == "date"}


def _all_parted(rows: Sequence[list], at: int) -> list[tuple[int, int, int, re.Match[str]]]:
    """Every day of a column in its parts; none where one is written in another way."""
    found = []
    for i, row in enumerate(rows):
        cell = row[at]
        if cell == "":
            continue
        match = _DAY.fullmatch(narrow(cell)) if type(cell) is str else None
        if match is None:
            return []
        found.append((i, int(match[1]), int(match[3]), match))
    return found


def _days(reading: Reading, rows: list[list], *, dots_tell: bool) -> None:
    """Write the days of a column as year, month and day where its cells tell which of the first two parts is the month."""
    for at, field in _day_columns(reading).items():
        parts = _all_parted(rows, at)
        day_first = next((match for _, first, _, match in parts if first > _MONTHS), None)
        month_first = next((match for _, _, second, match in parts if second > _MONTHS), None)
        if parts and dots_tell and not (day_first or month_first) and all(match[2] == "." for *_, match in parts):
            day_first = parts[0][3]
        if bool(day_first) == bool(month_first):
            continue
        open_ones = [one for one in parts if one[1] != one[2] and max(one[1], one[2]) <= _MONTHS]
        for i, first, second, match in open_ones:
            month, day = (second, first) if day_first else (first, second)
            _put(rows, i, at, f"{match[4]}-{month:02}-{day:02}")
        if open_ones:
            told = day_first or month_first
            _tell(reading, "days_first" if day_first else "months_first", at, field, told[0] if told else "")
