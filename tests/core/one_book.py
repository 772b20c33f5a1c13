"""Sheets as people write them, for the tests of what one workbook means."""

import datetime as dt

from kam_xl.core.books import RawSheet
from kam_xl.core.findings import Finding
from kam_xl.core.validation import TeamBook

TODAY = dt.date(2024, 3, 1)
ID = {"tracking": "C001/甲", "tasks": "A-1"}  # of a row of each kind; all others have C001


def sheet(name: str, *rows: list, **more: object) -> RawSheet:
    """A sheet out of rows that may be of different length."""
    width = max(map(len, rows), default=0)
    return RawSheet(name, [list(row) + [""] * (width - len(row)) for row in rows], **more)


def codes(found: list[Finding] | TeamBook) -> list[str]:
    """The codes found, but for sheets and columns the test did not care to write."""
    found = found.findings if isinstance(found, TeamBook) else found
    return [f.code for f in found if f.code not in ("sheet_missing", "column_absent")]


HEAD = ["客户ID", "客户名称", "所属行业"]
ROW = ["C001", "甲", "IT"]
OTHER = ["客户ID", "客户名称", "联系人", "最近合作时间"]
STEPS = ["客户ID", "提出时间", "首次响应时间", "解决时间", "客户确认时间"]


def info(*rows: list, **more: object) -> RawSheet:
    return sheet("客户基础信息表", *rows, **more)
