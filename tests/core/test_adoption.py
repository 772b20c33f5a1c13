"""A list moved into the template's rows loses and alters no typed cell, and what people said of its columns counts."""

from __future__ import annotations

import datetime as dt

import pytest

from kam_xl.core import adoption, raw, understanding
from kam_xl.core.adoption import Answers, Moved, Unanswerable
from kam_xl.core.books import Book, CellError, Formatted
from kam_xl.core.ids import made_of, parse_id
from kam_xl.core.intake import Holding, Intake
from kam_xl.core.understanding import Looked, Understood
from kam_xl.hosts import intakes
from tests.invented_lists import LISTS, sheet

HEAD = ["客户编码", "客户名称", "发展日期", "联系电话", "规模", "金额（元）", "城市", ""]


def understood(*rows: list, headers: list = HEAD) -> tuple[Book, Understood, Looked]:
    book = Book("a.xlsx", "a", (sheet("Sheet1", [headers, *rows]),))
    found = understanding.understand(book, Intake())
    assert found.customers is not None
    return book, found, found.customers


def moved(said: tuple, *rows: list, headers: list = HEAD, by_name: bool = False) -> Moved:
    book, found, looked = understood(*rows, headers=headers)
    answers = adoption.answers(said, looked, by_name=by_name)
    assert isinstance(answers, Answers)
    return adoption.moved(book, found, answers, "zh-CN")


ROW = ["A1", "甲", dt.date(2024, 1, 5), 13900000001.0, 300.0, 5200000.0, "上海", "x"]


def test_cells_stand_as_they_were_typed_but_for_amounts_in_another_unit() -> None:
    found = moved(
        ("金额（元）=amount",), ROW, ["A2", "乙", "2024年1月6日", "021-55550002", "200-500人", "90万", "", ""]
    )

    assert found.rows == [
        {"customer_id": "A1", "name": "甲", "since": dt.date(2024, 1, 5), "phone": 13900000001.0, "size": 300.0, "amount": 520.0},
        {"customer_id": "A2", "name": "乙", "since": "2024年1月6日", "phone": "021-55550002", "size": "200-500人", "amount": 90.0},
    ]  # fmt: skip
    assert found.others == [{"城市": "上海", "（H）": "x"}, {}]
    assert found.headers == ["城市", "（H）"]


def test_an_amount_in_no_known_unit_is_kept_beside_the_others() -> None:
    headers = ["客户编码", "客户名称", "Total Amount"]
    found = moved((), ["A1", "甲", 5200000.0], headers=headers)
    assert (found.rows, found.others) == ([{"customer_id": "A1", "name": "甲"}], [{"Total Amount": 5200000.0}])

    found = moved(("Total Amount=amount（元）",), ["A1", "甲", 5200000.0], headers=headers)
    assert (found.rows, found.others) == ([{"customer_id": "A1", "name": "甲", "amount": 520.0}], [{}])


def test_whom_a_list_names_as_manager_stands_beside_under_the_header_that_says_so() -> None:
    headers = ["客户编码", "客户名称", "对接销售"]
    found = moved(("对接销售=named_manager",), ["A1", "甲", "王五"], headers=headers)
    assert (found.rows, found.others) == ([{"customer_id": "A1", "name": "甲"}], [{"客户经理": "王五"}])

    found = moved((), ["A1", "甲", "王五"], headers=[*headers[:2], "专管业务员"])
    assert found.others == [{"客户经理": "王五"}]


def test_an_id_is_what_its_cell_shows_and_a_damaged_one_stays_damaged() -> None:
    found = moved(
        (), [Formatted(1, "C001"), "甲"], [913101151234567000.0, "乙"], [7.0, "丙"], headers=["客户编码", "客户名称"]
    )
    assert [row["customer_id"] for row in found.rows] == ["C001", 913101151234567000.0, "7"]


def test_what_no_cell_of_texts_can_hold_stands_as_it_is_shown() -> None:
    cells = [True, dt.date(2024, 1, 5), dt.datetime(2024, 1, 5, 9, 30), CellError("#N/A"), 1.5, "x"]
    assert [adoption.plain(cell) for cell in cells] == ["TRUE", "2024-01-05", "2024-01-05 09:30:00", "#N/A", 1.5, "x"]


def test_totals_and_footers_stay_behind() -> None:
    found = moved((), ["A1", "甲"], ["合计", "1"], ["制表人：李某", ""], headers=["客户编码", "客户名称"])
    assert (len(found.rows), found.left_out) == (1, 2)


def test_headers_behind_the_templates_own_are_each_there_once() -> None:
    headers = ["客户编码", "客户名称", "地区", "地区", "所属行业", "行业"]
    found = moved(("所属行业=-", "行业=industry"), ["A1", "甲", "东", "西", "旧", "新"], headers=headers)

    assert found.rows == [{"customer_id": "A1", "name": "甲", "industry": "新"}]
    assert found.others == [{"地区": "东", "地区 2": "西", "所属行业 2": "旧"}]


def test_customers_without_ids_get_those_of_their_names() -> None:
    found = moved((), ["甲辰机电有限公司", "x"], headers=["客户名称", "城市"], by_name=True)
    assert found.rows == [{"name": "甲辰机电有限公司", "customer_id": made_of("甲辰机电有限公司")}]


def test_several_sheets_are_moved_together() -> None:
    one = LISTS["one sheet a month"]
    book = one.book()
    found = understanding.understand(book, Intake())
    rows = adoption.moved(book, found, Answers({}), "zh-CN").rows
    assert {row["customer_id"]: row["name"] for row in rows} == one.customers


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("城市=industry",), {6: Holding("industry")}),
        (("G=industry",), {6: Holding("industry")}),
        (("g=所属行业",), {6: Holding("industry")}),
        (("联系电话=-",), {3: None}),
        (("城市=客户名称",), {6: Holding("name"), 1: None}),  # a field has one column
    ],
)
def test_what_people_say_goes_before_what_was_understood(said: tuple, expected: dict) -> None:
    _, _, looked = understood(ROW)
    answers = adoption.answers(said, looked)
    assert isinstance(answers, Answers)
    found = adoption.settled(looked, answers)
    assert {at: found.get(at) for at in expected} == expected


@pytest.mark.parametrize(
    ("said", "key"),
    [("城市", "bad_map"), ("城市=天气", "bad_map"), ("省份=industry", "no_column"), ("=industry", "no_column")],
)
def test_an_answer_that_says_nothing_is_told(said: str, key: str) -> None:
    _, _, looked = understood(ROW)
    found = adoption.answers([said], looked)
    assert isinstance(found, Unanswerable)
    assert found.key == key


@pytest.mark.parametrize("name", LISTS)
def test_what_was_answered_is_a_question_no_more_and_the_customers_are_the_lists(name: str) -> None:
    one = LISTS[name]
    found = understanding.understand(one.book(), Intake(programs=intakes.programs()))
    looked = found.customers
    assert looked is not None
    answers = adoption.answers(one.answers, looked, by_name=one.by_name)
    assert isinstance(answers, Answers)
    assert adoption.open_questions(looked, answers) == ()

    rows = adoption.moved(one.book(), found, answers, "zh-CN").rows
    names = one.customers.values() or [row["name"] for row in rows]
    expected = one.customers or {made_of(name): name for name in names}
    assert {parse_id(raw.text(row["customer_id"]))[0]: row["name"] for row in rows} == expected


def test_amounts_that_name_their_own_units_need_no_answer() -> None:
    headers = ["客户编码", "客户名称", "累计交易额"]
    rows = (["A1", "甲", "520万"], ["A2", "乙", "1.2亿"], ["A3", "丙", ""])
    _, _, looked = understood(*rows, headers=headers)

    assert adoption.open_questions(looked, Answers({})) == ()
    found = moved((), *rows, headers=headers)
    assert [row.get("amount") for row in found.rows] == [520.0, 12000.0, None]
    assert found.others == [{}, {}, {}]


def test_one_bare_amount_among_them_is_asked_about_and_kept_beside() -> None:
    headers = ["客户编码", "客户名称", "累计交易额"]
    rows = (["A1", "甲", "520万"], ["A2", "乙", 900000.0])
    _, _, looked = understood(*rows, headers=headers)

    assert adoption.open_questions(looked, Answers({})) == ("unit",)
    found = moved((), *rows, headers=headers)
    assert [row.get("amount") for row in found.rows] == [520.0, None]
    assert [list(row.values()) for row in found.others] == [[], [900000.0]]


def test_ids_that_a_spreadsheet_spoilt_tell_nobody_apart_and_are_asked_about() -> None:
    headers = ["客户编码", "客户名称"]
    rows = (
        [913101151234567000.0, "甲辰机电有限公司"],
        [913101151234567000.0, "乙巳贸易有限公司"],
        ["9.13101E+17", "丙午物流有限公司"],
    )
    _, _, looked = understood(*rows, headers=headers)

    assert adoption.open_questions(looked, Answers({})) == ("id",)
    assert adoption.open_questions(looked, Answers({}, by_name=True)) == ()
    said = adoption.answers(["客户编码=customer_id"], looked)
    assert isinstance(said, Answers)
    assert adoption.open_questions(looked, said) == ()


def test_columns_that_may_hold_what_is_missing_are_named() -> None:
    rows = [[f"A{n}", f"甲{n}", float(n), 100.0 * n, dt.date(2026, n, 1), "02"] for n in range(1, 6)]
    head = ["客户编码", "客户名称", "序", "销售情况", "上回", "类"]
    _, _, looked = understood(*rows, ["合计", "", "", 1500.0, "", ""], headers=head)

    def named(*said: str) -> dict[str, str]:
        answered = adoption.answers(said, looked)
        assert isinstance(answered, Answers)
        return {
            field: "".join(one.letter for one in columns)
            for field, columns in adoption.may_hold(looked, answered).items()
        }

    assert named() == {"amount": "D", "last_deal": "E"}
    assert named("D=amount（元）", "E=-") == {}
    assert named("A=-") == {}  # who the customers are comes first
