"""Small team workbooks in memory, for tests that need what a reader would have read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kam_xl.core import validation
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import BY_KIND
from kam_xl.core.validation import TeamBook

TODAY = dt.date(2026, 11, 21)


def raw_sheet(kind: str, rows: Sequence[dict[str, object]], lang: str = "zh-CN", name: str | None = None) -> RawSheet:
    """A standard sheet with its full header and the given cells; what a row does not name is blank."""
    standard = BY_KIND[kind]
    header = [column.header(lang) for column in standard.columns]
    cells = [[row.get(field, "") for field in standard.fields] for row in rows]
    return RawSheet(name or standard.name(lang), [header, *cells])


def raw_book(name: str = "华东.xlsx", *, lang: str = "zh-CN", sha256: str = "", modified: dt.datetime | None = None,
             **sheets: Sequence[dict[str, object]]) -> Book:  # fmt: skip
    """A workbook as read: ``raw_book(info=[{"customer_id": "C001", "name": "甲"}])``."""
    raw = tuple(raw_sheet(kind, rows, lang) for kind, rows in sheets.items())
    return Book(name, name.rpartition(".")[0], raw, sha256=sha256 or name, size_bytes=1, modified=modified)


def team_book(policy: Policy, name: str = "华东.xlsx", **details: object) -> TeamBook:
    """The same, validated."""
    return validation.validate(raw_book(name, **details), policy, TODAY)
