"""Small team workbooks in memory, and frames as the rules hand them to each other, of the few values that matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from kam_xl.core import frames, validation
from kam_xl.core.assessment import Assessment
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.frames import Schema
from kam_xl.core.parts import Here, LaidOut
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import BY_KIND, Column, Sheet
from kam_xl.core.validation import TeamBook

TODAY = dt.date(2026, 11, 21)


def of_the_book(standard: Sheet) -> list[Column]:
    """The columns of a standard sheet as teams keep it: who looks after a customer, only lists say."""
    return [column for column in standard.columns if column.field != "named_manager"]


def raw_sheet(kind: str, rows: Sequence[dict[str, object]], lang: str = "zh-CN", name: str | None = None) -> RawSheet:
    """A standard sheet with its full header and the given cells; what a row does not name is blank."""
    standard = BY_KIND[kind]
    columns = of_the_book(standard)
    header = [column.header(lang) for column in columns]
    cells = [[row.get(column.field, "") for column in columns] for row in rows]
    return RawSheet(name or standard.name(lang), [header, *cells])


def raw_book(name: str = "华东.xlsx", *, lang: str = "zh-CN", sha256: str = "", modified: dt.datetime | None = None,
             **sheets: Sequence[dict[str, object]]) -> Book:  # fmt: skip
    """A workbook as read: ``raw_book(info=[{"customer_id": "C001", "name": "甲"}])``."""
    raw = tuple(raw_sheet(kind, rows, lang) for kind, rows in sheets.items())
    return Book(name, name.rpartition(".")[0], raw, sha256=sha256 or name, size_bytes=1, modified=modified)


def team_book(policy: Policy, name: str = "华东.xlsx", **details: object) -> TeamBook:
    """The same, validated."""
    return validation.validate(raw_book(name, **details), policy, TODAY)


#: Type of a column → what it holds where nothing is known; in all others unknown is a value of its own.
_NOTHING = {"int64": 0, "bool": False}


def frame(schema: Schema, rows: Sequence[Mapping[str, object]], **usual: object) -> pd.DataFrame:
    """A frame of a schema: what a row does not name is as usual, else unknown; rows stand below each other from row 2."""
    if not rows:
        return frames.empty(schema)
    nothing = {name: _NOTHING.get(kind) for name, kind in schema.items()} | usual
    filled = [nothing | ({"row": place} if "row" in schema else {}) | row for place, row in enumerate(rows, start=2)]
    strange = {name for row in filled for name in row} - schema.keys()
    assert not strange, f"there is no column {strange} in {list(schema)}"
    return pd.DataFrame(filled, columns=list(schema)).astype(schema)


#: Frames that have a column for each of something besides.
OPEN = ("product_grid",)


def misfits(assessment: Assessment) -> dict[str, dict]:
    """Frame → its columns that are not as the table says."""
    portfolio = vars(assessment.portfolio)
    found = {f"portfolio.{name}": frames.misfits(portfolio[name], schema) for name, schema in frames.PORTFOLIO.items()}
    for name, schema in frames.ASSESSMENT.items():
        frame = getattr(assessment, name)
        found[name] = frames.misfits(frame[list(schema)] if name in OPEN else frame, schema)
    return {name: columns for name, columns in found.items() if columns}


def differing(one: Assessment, other: Assessment) -> list[str]:
    """The frames of two assessments that are not the same to the last cell, type and row."""
    mine, theirs = (
        {
            f"portfolio.{name}": frame
            for name, frame in vars(found.portfolio).items()
            if name not in ("letters", "_members")
        }
        | {name: getattr(found, name) for name in frames.ASSESSMENT}
        for found in (one, other)
    )
    return [
        name
        for name in mine
        if not mine[name].equals(theirs[name]) or not mine[name].dtypes.equals(theirs[name].dtypes)
    ]


def in_parts(count: int) -> LaidOut:
    """So many parts, one after the other."""
    return lambda _customers, cut: Here(cut(count))
