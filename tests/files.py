"""Small team workbooks on disk, and packages taken apart, for tests that read and write files."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from kam_xl.core.sheets import BY_KIND
from tests.builders import of_the_book

SAVED = dt.datetime(2026, 10, 1, 12)

CUSTOMER = {"customer_id": "C001", "name": "某科技", "last_deal": dt.date(2026, 10, 20), "amount": 520}
EVALUATION = {
    "customer_id": "C001", "value": 92, "potential": 88, "demand": 85, "composite": 89.4, "tier": "重点客户",
    "evaluated_on": dt.date(2026, 9, 1),
}  # fmt: skip
TRACKING = {"customer": "C001/某科技", "strategy": "季度回访", "period": "2026-01-01至2026-12-31", "status": "进行中"}

#: One row of every kind of sheet with every cell filled in, about one customer that many rules have something to say of.
FILLED = {
    "info": {**CUSTOMER, "industry": "制造", "size": "500-1000人/5-10亿元", "contact": "王总（采购总监）", "phone": "021-88886666",
             "since": dt.date(2023, 1, 5), "products": "A产品、B服务", "tags": "战略客户", "remarks": "拖欠货款"},
    "evaluation": {**EVALUATION, "value": 95, "potential": 95, "demand": 95, "composite": 95, "evaluator": "李总监（销售）"},
    "tracking": {**TRACKING, "actions": "互访", "effect": "销售额增长15%，目标20%", "problem": "价格压力", "improvement": "让利",
                 "tracker": "张三", "tracked_on": dt.date(2026, 8, 5), "period": "2026-01-01至2026-10-31"},
    "indicators": {"customer_id": "C001", "profit": 12, "tenure": 3, "growth": "8%", "open_needs": 2, "total_needs": 4,
                   "service_sensitivity": 3, "price_sensitivity": 2, "as_of": dt.date(2026, 10, 1)},
    "service": {"customer_id": "C001", "kind": "投诉", "category": "物流", "severity": "重大", "reported": "2026-11-17 09:00",
                "answered": "2026-11-17 10:00", "resolved": "2026-11-18 10:00", "confirmed": "2026-11-18 12:00",
                "satisfaction": 60, "nps": 3, "description": "迟到", "handler": "李四"},
    "contacts": {"customer_id": "C001", "name": "王总", "title": "采购总监", "role": "采购", "phone": "13800001234",
                 "birthday": "11月25日", "last_contact": dt.date(2026, 10, 1), "left": "否", "remarks": "换人"},
    "renewals": {"customer_id": "C001", "kind": "试用", "product": "平台", "amount": 80, "renewal_date": dt.date(2026, 12, 1),
                 "stage": "谈判", "owner": "赵敏", "trial_expiry": dt.date(2026, 11, 25), "remarks": "竞争对手报价"},
    "tasks": {"action_id": "我-1", "customer_id": "C001", "action": "回访", "owner": "张三", "due": dt.date(2026, 11, 19),
              "status": "已推迟", "postponed_to": dt.date(2026, 11, 20), "note": "等答复"},
    "orders": {"customer_id": "C001", "order_no": "D-1", "ordered_on": dt.date(2026, 10, 20), "product": "A产品", "quantity": 3,
               "amount": 52000, "cost": 31000, "profit": 21000, "currency": "CNY"},
}  # fmt: skip


def team(path: Path, *, lang: str = "zh-CN", saved: dt.datetime = SAVED, date1904: bool = False,
         **sheets: Sequence[Mapping[str, object]]) -> Path:  # fmt: skip
    """A team's workbook with the given rows by kind; without any, one quiet customer with an evaluation and a strategy."""
    sheets = sheets or {"info": [CUSTOMER], "evaluation": [EVALUATION], "tracking": [TRACKING]}
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"date_1904": date1904, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": saved})
        for kind, rows in sheets.items():
            standard = BY_KIND[kind]
            sheet = book.add_worksheet(standard.name(lang))
            sheet.write_row(0, 0, [column.header(lang) for column in of_the_book(standard)])
            for number, row in enumerate(rows, 1):
                for field, cell in row.items():
                    _write(sheet, number, standard.fields.index(field), cell)
    return path


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: object) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)  # whatever it looks like
    else:
        sheet.write(row, column, cell)


def parts(path: Path) -> dict[str, bytes]:
    """Every part of a zipped workbook by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def package(path: Path, contents: Mapping[str, bytes | str]) -> Path:
    """A zip file of the given parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def changed(path: Path, **edits: tuple[str, str] | None) -> Path:
    """The workbook with texts in parts exchanged: ``changed(path, sheet1=("<a", "<b"))``; None takes the part out."""
    contents = parts(path)
    for stem, edit in edits.items():
        (name,) = [name for name in contents if name.rpartition("/")[2] == f"{stem}.xml"]
        if edit is None:
            del contents[name]
            continue
        old, new = edit
        assert old.encode() in contents[name], f"{old} is not in {name}"
        contents[name] = contents[name].replace(old.encode(), new.encode())
    return package(path, contents)
