"""Lists of many makers are understood as they come: which sheet lists customers, which column is what, what must be asked."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import read_books, understanding
from kam_xl.core.books import Book
from kam_xl.core.errors import Refused
from kam_xl.core.headings import meaning
from kam_xl.core.intake import Intake
from kam_xl.core.sheets import INFO
from kam_xl.hosts import intakes
from tests.invented_lists import LISTS, STRANGERS, Invented, day, sheet

INTAKE = Intake(programs=intakes.programs())
PROGRAMS = {program.key: program for program in INTAKE.programs}
#: Lists of which nobody need be asked anything, not even whether they were understood rightly.
BY_THEMSELVES = [
    name
    for name, one in LISTS.items()
    if not one.asks and name not in ("near words", "member shop", "tax number as ID", "German", "English key accounts")
]


def customers(book: Book, intake: Intake = INTAKE) -> dict[str, str]:
    """ID → name, of all customers' sheets of a book as it is read."""
    parts = [part.rows for part in read_books.read(book, intake).parts if part.kind == "info"]
    return {one: name for rows in parts for one, name in zip(rows["customer_id"], rows["name"], strict=True)}


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_a_list_that_is_beyond_doubt_is_read_without_a_question(name: str) -> None:
    assert customers(LISTS[name].book()) == LISTS[name].customers


@pytest.mark.parametrize("name", LISTS)
def test_only_what_people_alone_know_is_asked(name: str) -> None:
    assert understanding.understand(LISTS[name].book(), INTAKE).questions == LISTS[name].asks


@pytest.mark.parametrize("name", sorted(set(LISTS) - {*BY_THEMSELVES, "amount without unit"}))
def test_a_list_in_doubt_is_not_read_before_somebody_agreed(name: str) -> None:
    with pytest.raises(Refused):
        customers(LISTS[name].book())


@pytest.mark.parametrize("name", STRANGERS)
def test_nothing_of_a_list_of_something_else_is_a_customer(name: str) -> None:
    book = Invented(STRANGERS[name], {}).book()

    assert understanding.understand(book, INTAKE).customers is None
    with pytest.raises(Refused):
        read_books.read(book, INTAKE)


@pytest.mark.parametrize("key", PROGRAMS)
def test_every_program_is_known_by_made_up_rows_and_says_where_its_headers_are_told(key: str) -> None:
    looked = understanding.understand(LISTS[key].book(), INTAKE).customers

    assert looked is not None
    assert looked.program == PROGRAMS[key]
    assert PROGRAMS[key].source.startswith("https://")
    assert set(PROGRAMS[key].columns.values()) <= {*INFO.fields, ""}


def test_a_field_stands_in_one_column_at_most_and_the_surer_one_has_it() -> None:
    rows = [
        ["编号", "客户编码", "客户名称", "名称"],
        ["1", "A100", "甲辰机电有限公司", "x"],
        ["2", "A200", "乙巳贸易有限公司", "y"],
    ]
    looked = understanding.understand(Book("a.xlsx", "a", (sheet("Sheet1", rows),)), INTAKE).customers

    assert looked is not None
    assert {one.header: one.field for one in looked.guesses} == {
        "编号": None, "客户编码": "customer_id", "客户名称": "name", "名称": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cells", "field", "sureness"),
    [
        ("客户编码", ["A1", "A2", "A3"], "customer_id", "sure"),
        ("客户编码", ["A1", "A1", "A1"], "customer_id", "asks"),  # the same again and again
        ("联系电话", ["021-55550001", "021-55550002", "13900000001"], "phone", "sure"),
        ("联系电话", ["甲", "乙", "丙"], "phone", "asks"),
        ("发展日期", ["甲", "乙", "丙"], "since", "asks"),
        ("客户唯一编码", ["A1", "A2", "A3"], "customer_id", "likely"),
        ("首次成交", ["2022/1/3", "2021/5/6", "2020-07-08"], "since", "likely"),  # of 首次成交日期 the beginning
        ("首次成交", ["产品甲", "产品乙", "产品丙"], None, ""),
        ("x", ["甲辰机电有限公司", "乙巳贸易有限公司", "丙午物流有限公司"], "name", "likely"),
        ("x", ["A1", "A2", "A3"], "customer_id", "asks"),
        ("x", [1.0, 2.0, 3.0], None, ""),  # the rows counted
        ("x", ["上海", "苏州", "杭州"], None, ""),
    ],
)
def test_how_sure_a_guess_is_rests_on_the_header_and_on_the_cells(
    header: str, cells: list, field: str | None, sureness: str
) -> None:
    rows = [[header, "城市"], *([cell, "上海"] for cell in cells)]
    found = understanding.understand(Book("a.xlsx", "a", (sheet("客户", rows),)), INTAKE)

    guess = found.sheets[0].guesses[0]
    assert (guess.field, guess.sureness) == (field, sureness)


def test_a_word_of_the_company_is_worth_more_than_any_other() -> None:
    rows = [["客户编码", "客户名称", "大类"], ["A1", "甲", "机械"], ["A2", "乙", "零售"]]
    intake = dataclasses.replace(INTAKE, words={"大类": "industry"})
    looked = understanding.understand(Book("a.xlsx", "a", (sheet("Sheet1", rows),)), intake).customers

    assert looked is not None
    assert [one.field for one in looked.guesses] == ["customer_id", "name", "industry"]


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        ((sheet("Sheet1", [["客户名称", "微信"], ["甲", "x"]]),), ("Sheet1", "customers", "name", "customer_id", "客户名称, 微信")),
        ((sheet("价格", [["编码", "名称", "单价"]]),), ("价格", "other", "customer_id,name", "", "编码, 名称, 单价")),
        ((sheet("说明", [["x"]]),), ()),
        ((sheet("Sheet1", STRANGERS["no header"]["Sheet1"]),), ("Sheet1", "no_header", "customer_id,name,phone", "", "A100, 甲辰机电有限公司, 021-****0001")),
        ((), ()),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_told_with_what_was_seen(sheets: tuple, told: tuple) -> None:
    book = Book("a.xlsx", "a", sheets)
    assert understanding.told(understanding.understand(book, INTAKE)) == "\t".join(told)


@pytest.mark.parametrize(
    "header",
    [
        ["Payment Date", "Payment No", "Customer", "Amount Received", "Method"],
        ["Receipt No", "Client Name", "Amount", "Receipt Date"],
        ["收款日期", "单号", "客户名称", "收款金额", "结算方式"],
        ["客户名称", "到账日期", "到账金额"],
    ],
)
def test_payments_are_no_list_of_customers(header: list[str]) -> None:
    rows = [header, *([f"{column}{row}" for column in header] for row in range(3))]
    found = understanding.understand(Book("a.xlsx", "a", (sheet("Sheet1", rows),)), INTAKE)

    assert found.sheets[0].looks == "other"


@pytest.mark.parametrize(
    "header",
    [
        ["客户编号", "客户名称", "所属行业", "最近回款日期"],
        ["Customer ID", "Customer Name", "Industry", "Last Payment Date"],
        ["编号", "名称", "行业", "最近收款日期"],
    ],
)
def test_when_a_customer_last_paid_may_stand_in_a_list_of_customers(header: list[str]) -> None:
    rows = [header, *([f"A10{row}", f"甲{row}机电有限公司", "机械", "2026-10-01"] for row in range(3))]
    found = understanding.understand(Book("a.xlsx", "a", (sheet("Sheet1", rows),)), INTAKE)

    assert found.sheets[0].looks == "customers"


# --- the law ------------------------------------------------------------------------------------------------------------

ROWS = {
    "customer_id": ["A100", "A200", "A300"],
    "name": ["甲辰机电有限公司", "乙巳贸易有限公司", "丙午物流有限公司"],
    "industry": ["机械", "零售", "物流"],
    "contact": ["赵某", "钱某", "孙某"],
    "phone": ["021-55550001", "021-55550002", "021-55550003"],
    "since": ["2020-01-05", "2021-02-05", "2022-03-05"],
}
#: The headers by which a list's own fields are surely known.
TELLING = {
    field: [text for text in INFO.column(field).headers if (known := meaning("info", text)) and known.telling and known.field == field]
    for field in ROWS
}  # fmt: skip
TITLES = [["2026年客户一览"], ["制表日期：2026-11-28"], [], ["华东区"]]
FOOTERS = [["合计", "3家"], ["制表人：李某"], ["第1页 共3页"], []]


@given(st.data())
def test_however_a_list_is_laid_out_it_has_the_same_customers(data: st.DataObject) -> None:
    fields = data.draw(st.permutations([*ROWS]))
    headers = [data.draw(st.sampled_from(TELLING[field])) for field in fields]
    titles = data.draw(st.lists(st.sampled_from(TITLES), max_size=3))
    footers = data.draw(st.lists(st.sampled_from(FOOTERS), max_size=3))
    table = [headers, *([ROWS[field][n] for field in fields] for n in range(3))]
    book = Book("a.xlsx", "a", (sheet("Sheet1", [*titles, *table, *footers]),))

    rows = read_books.read(book, INTAKE).parts[0].rows

    assert rows["customer_id"].tolist() == ROWS["customer_id"]
    for field in ("name", "industry", "contact", "phone"):
        assert rows[field].tolist() == ROWS[field]


ORDERED = ["单据编号", "日期", "产品名称", "数量", "金额"]


@pytest.mark.parametrize(
    ("header", "looks", "lacking"),
    [(ORDERED, "orders", "orders.customer_id"), ([*ORDERED[:1], "客户编号", *ORDERED[2:]], "orders", "orders.ordered_on"), (["供应商名称", *ORDERED], "other", None), (ORDERED[1:], "other", None)],
)  # fmt: skip
def test_a_list_like_orders_says_what_it_lacks(header: list, looks: str, lacking: str | None) -> None:
    rows = [header, *([f"X{n}", day(2026, 1, n), "甲", 1.0, 5.0, ""][: len(header)] for n in (1, 2, 3))]
    found = understanding.understand(Invented({"Sheet1": rows}, {}).book(), INTAKE)

    assert found.sheets[0].looks == looks
    assert lacking is None or understanding.told(found).split("\t")[3] == lacking
