"""One located table → typed columns: which of its rows hold data, what stands beside them, which cells are broken."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kam_xl.core import (
    currencies,
    customs,
    date_cleaners,
    figure_cleaners,
    headings,
    id_cleaners,
    order_lines,
    privacy,
    word_cleaners,
)
from kam_xl.core.books import CellError, Formatted, NotCalculated, Priced, Unreadable, letter
from kam_xl.core.entries import LONGEST
from kam_xl.core.findings import Finding
from kam_xl.core.ids import made_of
from kam_xl.core.located import Located
from kam_xl.core.raw import text as _text
from kam_xl.core.reading import REPORTED, SEPARATOR, UNREAD, Columns, Reading, cut
from kam_xl.core.rows import ANSWERS, BROKEN, Left, sort_out
from kam_xl.core.sheets import BY_KIND, FREE, ORDERS, TASKS, Column, named

#: Kind of column → what makes its cells values: (the table's reading, the column, its cells) → fields and their values.
CLEANERS: dict[str, Callable[[Reading, Column, list], Mapping[str, Any]]] = {
    "text": word_cleaners.clean_texts,
    "list": word_cleaners.clean_texts,
    "contact": word_cleaners.clean_texts,
    "id": id_cleaners.clean_ids,
    "key": id_cleaners.clean_keys,
    "id_name": id_cleaners.clean_customers,
    "score": figure_cleaners.clean_scores,
    "composite": figure_cleaners.clean_optional_scores,
    "amount": figure_cleaners.clean_amounts,
    "number": figure_cleaners.clean_numbers,
    "share": figure_cleaners.clean_numbers,
    "count": figure_cleaners.clean_numbers,
    "grade": figure_cleaners.clean_numbers,
    "date": date_cleaners.clean_dates,
    "datetime": date_cleaners.clean_moments,
    "period": date_cleaners.clean_periods,
    "status": word_cleaners.clean_statuses,
    "choice": word_cleaners.clean_choices,
    "flag": word_cleaners.clean_flags,
    "tier": word_cleaners.clean_tiers,
    "currency": word_cleaners.clean_currencies,
    "size": figure_cleaners.clean_sizes,
    "phone": word_cleaners.clean_phones,
    "effect": figure_cleaners.clean_effects,
}


def typed(reading: Reading) -> Columns:
    """The table's typed columns plus sheet, row, as_typed, extras and repeated."""
    check_header(reading)
    rows = customs.settled(reading, kept_rows(reading))
    by_column = list(zip(*rows, strict=True)) if rows else []
    reading.beside = _names_beside(reading, by_column, len(rows))
    reading.currencies = _currencies(reading, by_column)
    reading.times = figure_cleaners.times_paid(reading, by_column)
    data: Columns = {}
    key = reading.standard.column(reading.standard.key)
    for column in (key, *(c for c in reading.standard.columns if c is not key)):
        position = reading.table.columns.get(column.field)
        cells = by_column[position] if rows and position is not None else ("",) * len(rows)
        if column.field == "customer_id" and reading.table.by_name:
            cells = tuple(map(made_of, map(_text, cells)))
        data |= CLEANERS[column.kind](reading, column, _plain(reading, column, cells))
    data |= {"sheet": [reading.table.sheet.name] * len(rows), "row": np.array(reading.numbers, "int64")}
    data["as_typed"] = _by_row(reading.typed, len(rows))
    data["extras"] = _extras(reading, by_column, len(rows))
    return data | {"repeated": np.zeros(len(rows), bool)}


# --- headers -----------------------------------------------------------------------------------------------------


def check_header(reading: Reading) -> None:
    """Findings about headers: required ones missing, unknown ones, two for one field."""
    table, sheet, header = reading.table, reading.table.sheet.name, reading.table.header.texts
    if table.agreed:
        return
    computed = {headings.computed(text) for text in header}
    for column in reading.standard.columns:
        if column.field not in table.columns and not column.ours and not column.spare and column.field not in computed:
            code = "column_missing" if column.required else "column_absent"
            field = named(table.kind, column.field)
            reading.findings.append(Finding(code, sheet, f"A{table.header_row + 1}", field))
    for i in (i for i in table.repeated if i != _name_column(table)):
        reading.findings.append(Finding("column_duplicate", sheet, table.header_cell(i), typed_value=header[i]))
    _tell_of_tax(reading)
    heard = {table.discount, *(one.at for one in order_lines.told_of(table))}
    unknown = [(table.header_cell(i), header[i]) for i in table.others if i not in heard]
    for cell, text in unknown[:_COLUMNS_NAMED]:
        reading.findings.append(Finding("column_unknown", sheet, cell, typed_value=text))
    if rest := unknown[_COLUMNS_NAMED:]:
        names = cut("、".join(text for _, text in rest))
        span = f"{rest[0][0]}:{rest[-1][0]}"
        reading.findings.append(Finding("columns_unknown", sheet, span, typed_value=names, detail=str(len(rest))))


def _tell_of_tax(reading: Reading) -> None:
    """Which of an order's columns its amount is, where others are headed with the tax or without it."""
    table, header = reading.table, reading.table.header.texts
    at = table.columns.get("amount")
    beside = [header[i] for i in (*table.repeated, *table.others) if headings.speaks_of_tax(header[i])]
    if table.kind == ORDERS.kind and at is not None and beside:
        about = (table.sheet.name, table.header_cell(at), named(table.kind, "amount"), header[at])
        reading.findings.append(Finding("amount_beside_tax", *about, detail="、".join(beside[:_COLUMNS_NAMED])))


#: Unknown columns named one by one; beyond this, one finding counts them all.
_COLUMNS_NAMED = 20


# --- rows --------------------------------------------------------------------------------------------------------


def kept_rows(reading: Reading) -> list[list]:
    """The rows that hold data, in order; what is left out is kept whole in its finding."""
    table, start = reading.table, reading.table.header_row + 1
    region = _without_computed(table.sheet.rows[start : table.end], table)
    if any(map(_may_be_impossible, itertools.zip_longest(*region))):
        region = [_with_possible_numbers(row) for row in region]
    region = _with_own_ids(_filled_down(region, start, table), table)
    if table.kind == ORDERS.kind:
        region = order_lines.continued(reading, region, start)
    found = sort_out(region, start, table.kind, table.columns, table.header.texts)
    reading.findings += [_left_out(table, left) for left in found.left_out]
    if table.kind == ORDERS.kind:
        found.kept = order_lines.counted(reading, found.kept)
    if not found.kept:
        reading.findings.append(Finding("no_data_rows", table.sheet.name))
    reading.findings += _links(table)
    reading.numbers = [number for number, _ in found.kept]
    return [row for _, row in found.kept]


def _without_computed(region: list[list], table: Located) -> list[list]:
    """The rows without what the workbook itself computes for its reader: no row holds data for that alone."""
    computed = [i for i, text in enumerate(table.header.texts) if headings.computed(text)]
    if not computed:
        return region
    region = [list(row) for row in region]
    for row in region:
        for i in computed:
            row[i : i + 1] = [""] * (i < len(row))
    return region


def _left_out(table: Located, left: Left) -> Finding:
    """What is said of a row that is not used, the whole of it as one text."""
    standard = BY_KIND[table.kind]
    personal = {table.columns.get(column.field): column for column in standard.columns if column.personal}
    shown = [_impersonal(cell, table.header.texts[i], personal.get(i)) for i, cell in enumerate(left.row) if cell != ""]
    span = f"A{left.number}:{letter(len(left.row) - 1)}{left.number}"
    field = named(table.kind, standard.key) if left.code == "id_missing" else None
    line, first = cut(" | ".join(filter(None, shown))), f"A{left.first}" if left.first else None
    return Finding(left.code, table.sheet.name, span, field, line, detail=first)


def _impersonal(cell: object, header: str, column: Column | None) -> str:
    """A cell of a row that is told as one text, in which no column says any more what it holds: masked at once."""
    return privacy.MASKS[column.kind](_text(cell)) if column else privacy.masked_below(header, _text(cell))


def _links(table: Located) -> list[Finding]:
    """Cells that show what another workbook held when this one was saved."""
    return [
        Finding("external_link", table.sheet.name, f"{letter(column)}{row + 1}", typed_value=formula)
        for (row, column), formula in sorted(table.sheet.links.items())
        if table.header_row < row < table.end
    ]


def _may_be_impossible(column: tuple) -> bool:
    """False for a column of which a glance tells that no number in it is NaN or infinite."""
    kinds = set(map(type, column))
    numbers = column if kinds == {float} else [cell for cell in column if type(cell) is float] if float in kinds else ()
    return not math.isfinite(sum(numbers))


def _with_possible_numbers(row: list) -> list:
    """The row, any NaN or infinity in it made an unreadable cell: no number a person could have typed."""
    return [Unreadable(cell) if type(cell) is float and not math.isfinite(cell) else cell for cell in row]


def _filled_down(region: list[list], start: int, table: Located) -> list[list]:
    """Cells merged over several rows repeat their value in each of them, as the sheet shows it."""
    wanted = set(table.columns.values())
    spans = [
        (top, bottom, column)
        for (top, left), (bottom, right) in table.sheet.merged
        for column in range(left, right + 1)
        if top >= start and bottom > top and bottom < table.end and column == left and column in wanted
    ]
    if not spans:
        return region
    region = [list(row) for row in region]
    for top, bottom, column in spans:
        for row in range(top + 1, bottom + 1):
            region[row - start][column] = region[top - start][column]
    return region


def _with_own_ids(region: list[list], table: Located) -> list[list]:
    """The lines of an action list that name an action and have no ID, with one made of what they say.

    The column of the IDs is hidden; who adds a line types what is to be done, and nothing else. Of lines that say the
    same the second has another ID than the first.
    """
    key, said = table.columns[BY_KIND[table.kind].key], table.columns.get("action")
    if table.kind != TASKS.kind or said is None:
        return region
    customer, met, rows = table.columns.get("customer_id"), Counter[str](), list(region)
    for i, row in enumerate(region):
        if _text(row[key]).strip() == "" and isinstance(row[said], str) and row[said].strip():
            about = f"{'' if customer is None else _text(row[customer]).strip()}|{row[said].strip()}"
            name = hashlib.blake2s(f"{about}|{met[about]}".encode(), digest_size=4).hexdigest()
            rows[i] = [f"own-{name}" if place == key else cell for place, cell in enumerate(row)]
            met[about] += 1
    return rows


# --- columns -----------------------------------------------------------------------------------------------------


def _plain(reading: Reading, column: Column, typed: tuple) -> list:
    """The column's cells with errors, uncalculated formulas and odd types reported and taken out."""
    kinds = set(map(type, typed))
    odd = kinds - _EXPECTED
    plain = list(typed)
    for i, cell in enumerate(typed if odd else ()):
        if type(cell) in BROKEN:
            if code := _code_of(reading, cell, column, i):
                reading.report(code, i, column.field, cell)
            plain[i] = REPORTED
        elif type(cell) is Formatted:
            plain[i] = _shown(reading, cell, column, i)
        elif type(cell) is Priced:
            plain[i] = cell if column.kind == "amount" else float(cell)
        elif type(cell) in odd:
            plain[i] = _text(cell)
    short = kinds == {str} and max(map(len, typed)) <= LONGEST
    if not short and column.field not in FREE and column.kind not in _IDS:
        _take_out_long(reading, column, plain)
    return plain


_EXPECTED = {str, float, int, dt.date, dt.datetime}
_IDS = ("id", "id_name", "key")


def _code_of(reading: Reading, cell: CellError | NotCalculated, column: Column, i: int) -> str | None:
    """What to report about a cell without a value: formulas of ours have nothing to say but once a row."""
    if reading.ours and column.field in ANSWERS:
        again = i in reading.unanswered
        reading.unanswered.add(i)
        return None if again else "function_unanswered"
    return BROKEN[type(cell)]


def _shown(reading: Reading, cell: Formatted, column: Column, i: int) -> object:
    """A number that its format shows as a text: an ID is what is shown, and what is held is kept beside it (§12)."""
    if column.kind == "amount":
        return cell
    if column.kind not in _IDS:
        return float(cell) if column.kind in _FIGURES else _text(cell)
    if cell.text is None:
        reading.report("id_format_unread", i, column.field, cell)
    else:
        reading.keep_text(i, column.field, float(cell))
    return _text(cell)


_FIGURES = ("amount", "number", "share", "count", "grade", "score", "composite")


def _take_out_long(reading: Reading, column: Column, plain: list) -> None:
    """Report the cells of a column that are longer than any value or name; what holds a value is unknown in them."""
    kept = column.kind in _KEPT_WHOLE
    for i in [i for i, cell in enumerate(plain) if type(cell) is str and len(cell) > LONGEST]:
        reading.report("text_too_long" if kept else "cell_too_long", i, column.field, plain[i], str(len(plain[i])))
        if not kept:
            reading.keep_text(i, column.field, plain[i])
            plain[i] = REPORTED


#: Kinds of column whose text is kept whole whatever its length.
_KEPT_WHOLE = ("text", "list", "contact")


def _extras(reading: Reading, by_column: list[tuple], count: int) -> list[str | None]:
    """What stands in columns the product does not know, as ``header=text`` pairs; None where there is nothing."""
    table = reading.table
    known = {*table.columns.values(), table.discount}
    parts: dict[int, list[str]] = {}
    for i, column in enumerate(by_column):
        if i in known or not any(cell != "" for cell in column):
            continue
        name = table.header.texts[i] or letter(i)
        if not table.header.texts[i]:
            at = table.header_cell(i)
            reading.findings.append(Finding("column_without_header", table.sheet.name, at, typed_value=letter(i)))
        for row, cell in enumerate(column):
            if cell != "":
                parts.setdefault(row, []).append(f"{name}={_text(cell)}")
    return _by_row(parts, count)


def _by_row(parts: dict[int, list[str]], count: int) -> list[str | None]:
    """Texts collected by row → one joined text a row."""
    return [SEPARATOR.join(parts[row]) if row in parts else None for row in range(count)]


def _names_beside(reading: Reading, by_column: list[tuple], count: int) -> list[str | None]:
    """The customer's name where a sheet that needs the ID alone has a column for it, too."""
    at = _name_column(reading.table)
    if at is None or not by_column:
        return [None] * count
    return word_cleaners.known([_text(cell) for cell in by_column[at]])


def _name_column(table: Located) -> int | None:
    """The column of the customers' names in a sheet that needs their IDs alone."""
    taken = set(table.columns.values())
    found = (i for i, text in enumerate(table.header.texts) if i not in taken and headings.is_customers_name(text))
    return None if table.kind == "info" else next(found, None)


def _currencies(reading: Reading, by_column: list[tuple]) -> list[str | None]:
    """What the currency column says of each row; nothing where the table has none, or nothing stands in it."""
    at = reading.table.columns.get("currency")
    cells = by_column[at] if at is not None and by_column else ()
    found = [currencies.named(_text(cell)) for cell in cells]
    told = [UNREAD if code else name for name, code in found]
    return told if any(told) else []
