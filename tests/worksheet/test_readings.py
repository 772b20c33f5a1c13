"""A cell means the same in a formula and in a workbook: its value, whether it has none, and the reason (handbook §12)."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import sheets
from kam_xl.core.books import CellError
from kam_xl.worksheet import exchange, readings
from kam_xl.worksheet.setting import Setting
from tests.builders import TODAY, team_book

POLICY = resources.policy()
SETTING = Setting(POLICY, resources.words("zh-CN"), TODAY, lambda _: None)

ODD = [
    None, "", " ", "-", "无", "N/A", "\u200b", True, False, CellError("#N/A"), CellError("#VALUE!"),
    0.0, 1.0, 7.0, 0.5, 0.92, 9.6, 92.0, 100.0, 100.5, 101.0, -1.0, 1e30, 2023.0, 2023.1, 20231020.0, 46315.0, 46315.75,
    "92", "92分", "９２", "92（高利润）", "高利润", "92（95）", "0.92", "92%", "120", "-5", "②", "5②",
    "520万", "￥3,200,000元", "0.12亿", "(12.5)", "300-500万", "约500", "$500", "五百万", "1,200", "1e999", "3.5",
    "战略", "战略客户", "STRATEGIC", "戰略客戶", "钻石", "重点客户", "A",
    "2023.1", "2023年10月", "2026年10月", "2027年10月", "2023-10-20", "2023-10-20 14:30", "2023年10月20日 下午2点30分",
    "05/06/2023", "20/10/2023", "20231020", "46315", "民国112年10月20日", "下周", "2023-13-40", "1899-12-30", "2077-01-01",
    dt.datetime(1899, 12, 30), dt.datetime(1990, 1, 1), dt.datetime(2023, 10, 20), dt.datetime(2023, 10, 20, 14, 30, 15),
    dt.datetime(2023, 11, 21), dt.datetime(2023, 11, 22), dt.datetime(2030, 1, 1), dt.datetime.max,
]  # fmt: skip

#: What a formula's argument is read as → (its reading, the argument's name, the kind of sheet and field with such cells).
WAYS = {
    "a mark": (readings.marks, "value", "evaluation", "value"),
    "a recorded score": (readings.scores, "recorded", "evaluation", "composite"),
    "a tier": (readings.tiers, "tier", "evaluation", "tier"),
    "an amount": (readings.amounts, "amount", "info", "amount"),
    "a number": (readings.numbers, "number", "indicators", "total_needs"),
    "a day that has passed": (readings.dates, "last_deal", "info", "last_deal"),
    "a day to come": (readings.dates, "due", "tasks", "due"),
    "a moment": (readings.moments, "reported", "service", "reported"),
}


def in_a_formula(read, argument, cell):
    """The value and the code that a formula's argument has; None for none."""
    known = read([exchange.plain(cell)], argument, SETTING)
    told = known.wrong.get(0) or known.notes.get(0)
    return _known(known.values[0]), told and told.key.removeprefix("finding.")


def in_a_workbook(kind, field, cell):
    """The value and the code that the same cell has in a sheet."""
    rows = {
        "customer_id": "C001",
        "name": "甲",
        "action_id": "A-1",
        "action": "回访",
        field: "" if cell is None else cell,
    }
    book = team_book(POLICY, **{"info": [{"customer_id": "C001", "name": "甲"}]} | {kind: [rows]})
    codes = [one.code for one in book.findings if one.field == sheets.named(kind, field) and one.cell]
    return _known(book.tables[kind].rows[field].iloc[0]), codes[-1] if codes else None


def _known(value):
    """A value as both ways have it: None for none, days and moments alike."""
    return None if pd.isna(value) else pd.Timestamp(value) if isinstance(value, np.datetime64) else value


#: What a sheet says besides of a value that was read: beyond what its column can hold, or ahead of the action it is due for.
OF_THE_COLUMN = {"amount_negative", "amount_implausible", "number_out_of_range", "number_not_whole", "action_undated"}
#: What either way calls a cell without a value, and the one word that a formula has of its own.
BLANK = {"reason.missing", "score_missing", "amount_missing"}
OF_A_FORMULA = {"reason.not_a_number": "number_unparsed", "reason.no_rate": "amount_rate_missing"}


def same(formula, workbook):
    """Whether both ways came to one verdict: the same value and the same reason, or none and a word for that or none."""
    (value, reason), (own, code) = formula, workbook
    reason = OF_A_FORMULA.get(reason, reason)
    if code in OF_THE_COLUMN:
        return (own is None or own == value) and reason in BLANK | {None}
    return value == own and (reason == code or (value is None and reason in BLANK and code in BLANK | {None}))


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_cell_means_the_same_in_a_formula_and_in_a_workbook(way):
    read, argument, kind, field = WAYS[way]
    found = {repr(cell): (in_a_formula(read, argument, cell), in_a_workbook(kind, field, cell)) for cell in ODD}

    assert {cell: both for cell, both in found.items() if not same(*both)} == EXCEPT.get(way, {})


#: A recorded score below 1 may be 92% typed as 92; of a computed one nobody doubts.
EXCEPT = {
    "a recorded score": {
        "0.5": ((0.5, None), (None, None)),
        "0.92": ((0.92, None), (None, None)),
        "'0.92'": ((None, "score_fraction"), (None, None)),
    }
}


def test_what_is_ambiguous_absurd_or_noted_is_so_both_ways():
    for way in ("a day that has passed", "a moment"):
        read, argument, kind, field = WAYS[way]
        verdicts = {cell: in_a_formula(read, argument, cell)[1] for cell in (2023.1, dt.datetime(1899, 12, 30))}
        assert verdicts == {cell: in_a_workbook(kind, field, cell)[1] for cell in verdicts}
        assert list(verdicts.values()) == ["date_unparsed", "date_implausible"]
    assert in_a_formula(readings.dates, "last_deal", "2023年10月") == (pd.Timestamp("2023-10-01"), "date_month_only")
    assert in_a_workbook("info", "last_deal", "2023年10月") == (pd.Timestamp("2023-10-01"), "date_month_only")
