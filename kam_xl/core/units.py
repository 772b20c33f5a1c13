"""Amounts of which nobody said the unit: taken as 万元 where other teams' amounts bear it out, else unknown (handbook §12).

`validation` reads one workbook and marks such bare numbers (`figure_cleaners.unnamed`); only here, beside the other
workbooks, is it decided. The amounts of orders are in 元, as every document has them, by the same test.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import raw
from kam_xl.core.amounts import UNITS, scaled
from kam_xl.core.figure_cleaners import unnamed
from kam_xl.core.findings import Finding
from kam_xl.core.frames import AMOUNTS, each_row
from kam_xl.core.policy import Policy
from kam_xl.core.reading import SEPARATOR
from kam_xl.core.sections import Units
from kam_xl.core.sheets import named
from kam_xl.core.validation import Table, TeamBook

#: What amounts that are not in their column's unit may be in, the likeliest first.
_UNITS = ("元", "万元", "千元", "百万元", "亿元")
#: Unit of a column → the code of its bare amounts that are taken to be in it.
_ASSUMED = {"万元": "amount_unit_assumed", "元": "amount_unit_single"}


class Scale(NamedTuple):
    """The medians of one workbook's amounts of one kind, in 万元: where the unit is named, and where it is not."""

    named: float
    bare: float


#: Kind of sheet and field → workbook → the scale of its amounts; NaN where there are none.
Scales = Mapping[tuple[str, str], Mapping[str, Scale]]


def scales(books: Sequence[TeamBook]) -> Scales:
    """What the workbooks' amounts are held against."""
    return {
        (kind, field): {book.name: _scale(book.tables[kind].rows, field) for book in books if kind in book.tables}
        for kind, field in AMOUNTS
    }


def _scale(rows: pd.DataFrame, field: str) -> Scale:
    bare = rows[unnamed(field)].notna()
    return Scale(_median(rows.loc[~bare, field]), _median(rows.loc[bare, field]))


def _median(amounts: pd.Series) -> float:
    """The median of what is neither unknown nor nothing, whatever its sign; NaN of none."""
    sizes = np.abs(amounts.to_numpy("float64"))
    known = sizes[sizes > 0]
    return float(np.median(known)) if len(known) else math.nan


class Others(NamedTuple):
    """The medians a column is held against; where nobody names a unit they prove little, for all may be in 元."""

    medians: np.ndarray
    name_unit: bool

    def bear_out(self, median: float, units: Units) -> bool:
        """True where amounts of this median, in 万元, are of the size of half the others' at least."""
        near = (median <= self.medians * units.factor) & (self.medians <= median * units.factor)
        return (self.name_unit or median < units.alone_below) and 2 * near.sum() >= len(near)

    def distance(self, median: float) -> float:
        """How many times a median is the others', or they it, as a logarithm; 0 where there are none."""
        return abs(math.log(median / np.median(self.medians))) if len(self.medians) else 0


def settled(book: TeamBook, others: Scales, policy: Policy) -> TeamBook:
    """The workbook with every amount in 万元 or unknown, which of the two being told once a column."""
    tables, found = dict(book.tables), []
    places = {named(*place): place for place in AMOUNTS}
    for finding in book.findings:
        if finding.code == "amount_unit_unnamed":
            place = places[finding.field or ""]
            tables[place[0]], told = _decided(
                tables[place[0]], finding, place, _others(others[place], book.name), policy
            )
            found += told
        else:
            found.append(finding)
    for kind, field in AMOUNTS:
        if kind in tables:
            rows = tables[kind].rows.drop(columns=[unnamed(field), f"{field}_in"])
            tables[kind] = dataclasses.replace(tables[kind], rows=rows)
    return dataclasses.replace(book, tables=tables, findings=tuple(found))


def _others(of_kind: Mapping[str, Scale], name: str) -> Others:
    """The other workbooks' medians where a unit is named, with that of this one's cells that name theirs; else all."""
    scale = np.array([*of_kind.values(), Scale(np.nan, np.nan)], float)
    own = np.array([book == name for book in of_kind] + [False])
    with_unit = scale[:, 0][np.isfinite(scale[:, 0])]
    without = scale[:, 1][np.isfinite(scale[:, 1]) & ~own]
    return Others(with_unit if len(with_unit) else without, bool(len(with_unit)))


def _decided(
    table: Table, told: Finding, place: tuple[str, str], others: Others, policy: Policy
) -> tuple[Table, list[Finding]]:
    """One column of bare amounts, taken in its own unit or unknown; ``told`` is what was found of its header."""
    field, own = place[1], UNITS[AMOUNTS[place]]
    column = table.rows[unnamed(field)].notna() & (table.rows["sheet"] == told.sheet)
    median = _median(table.rows.loc[column, field])
    if math.isnan(median):  # 0 is 0 in any unit
        return table, []
    if others.bear_out(median, policy.units):
        return _assumed(
            table, told._replace(code=_ASSUMED[AMOUNTS[place]]), field, column, policy.largest(AMOUNTS[place])
        )
    bare = median / own
    sizes = {unit: scaled(bare, UNITS[unit]) for unit in _UNITS if unit != AMOUNTS[place]}
    fitting = [unit for unit, size in sizes.items() if others.bear_out(size, policy.units)]
    unit = min(fitting, key=lambda unit: others.distance(sizes[unit]), default=None)
    code = "amount_unit_missing" if unit else "amount_unit_unclear"
    return _unknown(table, told, field, column, own), [told._replace(code=code, detail=unit)]


def _unknown(table: Table, told: Finding, field: str, column: pd.Series, own: float) -> Table:
    """The table without the column's bare amounts, which stay as they were typed: ``own`` is the unit they were read in."""
    kept = table.rows["as_typed"].astype("str")
    numbers = table.rows[field] if own == 1 else (table.rows[field] / own).round(_DECIMALS)
    typed = f"{told.typed_value}=" + table.rows[f"{field}_typed"].fillna(numbers.map(raw.text))
    new = column & ~kept.str.contains(f"{told.typed_value}=", regex=False).fillna(False).astype(bool)
    texts = kept.mask(new, (kept + SEPARATOR).fillna("") + typed)
    amounts = table.rows[field].mask(column)
    return dataclasses.replace(table, rows=table.rows.assign(**{field: amounts, "as_typed": texts}))


#: What is typed has at most so many decimals.
_DECIMALS = 6


def _assumed(table: Table, told: Finding, field: str, column: pd.Series, largest: float) -> tuple[Table, list[Finding]]:
    """The column taken in its own unit, but for amounts beyond the largest that is no slip."""
    beyond = column & (table.rows[field].abs() > largest)
    found = [told]
    for row in each_row(table.rows[beyond]):
        cell, typed = f"{table.letter(row.sheet, field)}{row.row}", raw.text(getattr(row, field))
        found.append(Finding("amount_implausible", row.sheet, cell, told.field, typed, row.customer_id))
    return dataclasses.replace(table, rows=table.rows.assign(**{field: table.rows[field].mask(beyond)})), found


def out_of_scale(books: Sequence[TeamBook], policy: Policy) -> list[tuple[str, Finding]]:
    """A finding for each workbook whose amounts of a kind are far from every other's, whatever unit they name."""
    found = []
    for kind, field in AMOUNTS:
        tables = {book.name: book.tables[kind] for book in books if kind in book.tables}
        medians = pd.Series(
            {name: _median(table.rows[field]) for name, table in tables.items()}, dtype="float64"
        ).dropna()
        ordered = np.sort(medians.to_numpy())
        reach = [np.searchsorted(ordered, medians / policy.units.factor, "left"),
                 np.searchsorted(ordered, medians * policy.units.factor, "right")]  # fmt: skip
        alone = (reach[1] - reach[0] == 1) & (len(ordered) > 1)  # none within reach but itself
        for name, median in medians[alone].items():
            found.append((name, _far(tables[name], kind, field, median, float(medians.drop(name).median()))))
    return found


def _far(table: Table, kind: str, field: str, median: float, others: float) -> Finding:
    rows = table.rows[table.rows[field].notna()]
    sheet = str(rows["sheet"].iat[0])
    rows = rows[rows["sheet"] == sheet]
    column = table.letter(sheet, field)
    span = f"{column}{rows['row'].min()}:{column}{rows['row'].max()}"
    own, usual = (raw.text(round(number, 4)) for number in (median, others))
    return Finding("amount_out_of_scale", sheet, span, named(kind, field), own, detail=usual)
