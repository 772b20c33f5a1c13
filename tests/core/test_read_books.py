"""What was read of a workbook once holds on any day, under any policy and any name, as if it were read again."""

import ast
import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from kam_xl import core, resources
from kam_xl.core import customer_cells, read_books, validation
from kam_xl.core.books import Book
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import BY_KIND
from kam_xl.core.validation import TeamBook
from tests.core import one_book

POLICY = resources.policy()
STRICT = dataclasses.replace(
    POLICY,
    amount_limit=50.0,
    earliest_year=2020,
    years_ahead=1,
    youngest_contact=40,
    indicators=dataclasses.replace(POLICY.indicators, top_level=3),
    tiers=tuple(dataclasses.replace(tier, zh=f"甲{tier.zh}", en=f"A {tier.en}") for tier in POLICY.tiers),
)
DAYS = (dt.date(2019, 6, 1), dt.date(2024, 3, 1), dt.date(2040, 3, 1))

#: Field → cells of which each is a matter of the day or the policy somewhere.
CELLS = {
    "last_deal": (dt.date(2024, 2, 1), "2023年10月20日", "1899-12-30", dt.datetime(2024, 2, 1, 9, 30), 45000.0, "很久"),
    "since": (dt.date(2024, 5, 1), "2018-01-01", 20180101.0, "2024.9", "", "2090-01-01"),
    "amount": (51.0, "520万", "49.5", -3.0, 1e9, ""),
    "tier": ("重点客户", "Key customer", "甲重点客户", "一般", "无", "战略"),
    "evaluated_on": ("2024-1-5", dt.date(2024, 4, 1), "去年", 45300.0, "", "2019.12.31"),
    "composite": ("89.4（暂定）", 80.0, "", 12.0, "", 5.0),
    "birthday": ("5月3日", dt.date(2023, 5, 3), dt.date(1988, 2, 29), dt.date(2000, 2, 29), "1850-01-01", ""),
    "service_sensitivity": (4.0, "3", 9.0, 2.5, "", 1.0),
    "reported": ("2024-03-01 09:30", dt.datetime(2024, 2, 29, 23, 59), 45300.4, "2015-01-01", "", "明天"),
    "answered": ("2024-02-28", dt.datetime(2024, 2, 29, 12), "2024-03-02 10:00", "2015-01-02 8:00", "", ""),
    "due": ("2024-03-05", "", dt.date(2030, 1, 1), "1999-09-09", "下周", 45400.0),
    "status": ("已推迟", "open", "完成", "", "postponed", ""),
}
IDS = ("C001", "C002", 9.13e17, "C001", "c003", 1.2e16)


def workbook(name: str = "华东.xlsx") -> Book:
    """A workbook with every kind of sheet, whose cells are those above."""
    sheets = []
    for kind, standard in BY_KIND.items():
        rows = [[cell(kind, field, place, standard.key) for field in standard.fields] for place in range(len(IDS))]
        sheets.append(one_book.sheet(standard.zh, [column.zh for column in standard.columns], *rows))
    return Book(name, name.removesuffix(".xlsx"), tuple(sheets))


def cell(kind: str, field: str, place: int, key: str) -> object:
    if field == key and kind == "tasks":
        return f"A-{place}"
    if field in ("customer_id", "customer"):
        return IDS[place]
    return CELLS[field][place] if field in CELLS else f"{field}{place}" if field in ("name", "action") else ""


def answers(book: TeamBook) -> tuple:
    """Everything a workbook says, so that two can be compared."""
    tables = {kind: (table.rows.to_dict("list"), table.letters) for kind, table in book.tables.items()}
    return str(tables), book.findings, book.name


@pytest.mark.parametrize("policy", [POLICY, STRICT], ids=["shipped", "strict"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_was_read_once_says_on_every_day_and_under_every_policy_what_it_would_if_it_were_read_again(
    policy: Policy, day: dt.date
) -> None:
    once = read_books.read(workbook())
    for other in DAYS:  # whatever was asked before leaves no trace
        validation.on_day(once, STRICT, other)

    assert answers(validation.on_day(once, policy, day)) == answers(validation.validate(workbook(), policy, day))


def test_the_days_and_policies_tried_make_a_difference() -> None:
    once = read_books.read(workbook())

    told = {answers(validation.on_day(once, policy, day))[1] for policy in (POLICY, STRICT) for day in DAYS}

    assert len(told) == 2 * len(DAYS)


def test_a_copy_under_another_name_keeps_its_damaged_ids_apart() -> None:
    once = read_books.read(workbook("华东.xlsx"))
    other = validation.on_day(dataclasses.replace(once, name="华北.xlsx", team="华北"), POLICY, DAYS[1])

    assert answers(other) == answers(validation.validate(workbook("华北.xlsx"), POLICY, DAYS[1]))
    ids, own = (
        {one for one in book.tables["info"].rows["customer_id"] if customer_cells.is_unlike_any(one)}
        for book in (other, validation.on_day(once, POLICY, DAYS[1]))
    )
    assert len(ids) == len(own) == 2
    assert not ids & own


def test_what_a_recorded_tier_was_typed_as_stands_behind_the_other_texts() -> None:
    rows = validation.validate(workbook(), POLICY, DAYS[1]).tables["evaluation"].rows

    assert rows["as_typed"][5] == "评估日期=2019.12.31 ； 层级划分=战略"


def test_reading_leans_on_no_policy() -> None:
    """The modules that reading imports, and those that they import, are all that can change what was read."""
    folder = Path(core.__file__).parent
    seen, waiting = set(), ["read_books"]
    while waiting:
        name = waiting.pop()
        if name not in seen and (folder / f"{name}.py").exists():
            seen.add(name)
            tree = ast.parse((folder / f"{name}.py").read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kam_xl.core"):
                    rest = node.module.removeprefix("kam_xl.core").lstrip(".")
                    waiting += [rest] if rest else [alias.name for alias in node.names]

    assert {"locating", "typed_tables", "date_cleaners"} <= seen
    assert not {"policy", "validation", "doubts", "row_checks"} & seen
