"""A list that was adopted is known again by its headers, in any order; what no longer fits is told with its place."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import read_books
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.errors import Refused
from kam_xl.core.findings import Finding
from kam_xl.core.ids import made_of
from kam_xl.core.intake import AdoptedList, Holding, Intake
from kam_xl.core.read_books import ReadBook
from tests.invented_lists import sheet

HEADERS = ["代码甲", "称呼", "销量", "大类", "城市"]
MEANT = {
    "代码甲": Holding("customer_id"),
    "称呼": Holding("name"),
    "销量": Holding("amount", "元"),
    "大类": Holding("industry"),
}
LIST = AdoptedList("客户_202610.xlsx", "客户_202610.xlsm", tuple(HEADERS), MEANT)
ROWS = [["K1", "甲", 50000.0, "机械", "上海"], ["K2", "乙", 90000.0, "零售", "苏州"]]


def read(headers: list, rows: list, adopted: AdoptedList = LIST, above: tuple = ()) -> ReadBook:
    book = Book("客户_202611.xlsx", "客户_202611", (sheet("Sheet1", [*above, headers, *rows]),))
    return read_books.read(book, Intake(lists=(adopted,)))


def told(book: ReadBook) -> list[tuple]:
    return [
        (one.code, one.cell, one.field, one.typed_value, one.detail)
        for one in book.findings
        if one.code.startswith("list_column")
    ]


@given(
    st.permutations(range(len(HEADERS))),
    st.lists(st.sampled_from([["客户"], [], ["制表日期：2026-11-28"]]), max_size=3),
)
def test_a_list_is_known_again_wherever_its_columns_stand(order: list[int], above: list) -> None:
    book = read([HEADERS[i] for i in order], [[row[i] for i in order] for row in ROWS], above=tuple(above))

    rows = book.parts[0].rows
    assert rows[["customer_id", "name", "amount", "industry", "extras"]].to_numpy().tolist() == [
        ["K1", "甲", 5.0, "机械", "城市=上海"],
        ["K2", "乙", 9.0, "零售", "城市=苏州"],
    ]
    assert told(book) == []
    assert [one.code for one in book.parts[0].findings] == []


def test_a_list_that_says_a_header_twice_is_known_again() -> None:
    twice = [*HEADERS[:2], "", *HEADERS[:2]]
    adopted = AdoptedList("客户.xlsx", "客户.xlsm", (*HEADERS[:2], *HEADERS[:2]), dict(list(MEANT.items())[:2]))

    book = read(twice, [["K1", "甲", "", "K2", "乙"]], adopted)

    assert book.parts[0].rows["customer_id"].tolist() == ["K1"]
    assert [one.code for one in book.findings if one.code.startswith("list_")] == ["list_known"]


def test_that_a_list_was_known_is_told_with_the_one_it_was_adopted_from() -> None:
    assert (
        Finding("list_known", "Sheet1", "A1", typed_value=LIST.file, detail=LIST.workbook)
        in read(HEADERS, ROWS).findings
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["代码甲", "称呼", "销量", "城市"], [("list_column_gone", "A1", "industry", "大类", None)]),
        (
            ["代码甲", "称呼", "销量", "类别", "城市"],  # renamed
            [("list_column_gone", "A1", "industry", "大类", None), ("list_column_new", "D1", None, "类别", None)],
        ),
        ([*HEADERS, "微信"], [("list_column_new", "F1", None, "微信", None)]),
        ([*HEADERS, "所属行业"], [("list_column_alike", "F1", "industry", "所属行业", "大类")]),
        ([*HEADERS, "联系电话"], [("list_column_read", "F1", "phone", "联系电话", None)]),
    ],
)
def test_a_list_that_changed_is_told_column_by_column_and_is_read(headers: list, expected: list) -> None:
    rows = [[*row, "x"][: len(headers)] for row in ROWS]
    book = read(headers, rows)

    assert told(book) == expected
    assert book.parts[0].rows["customer_id"].tolist() == ["K1", "K2"]


def test_a_new_look_alike_does_not_take_an_agreed_columns_place() -> None:
    book = read(["客户ID", *HEADERS], [["X1", *ROWS[0]], ["X2", *ROWS[1]]])

    assert book.parts[0].rows["customer_id"].tolist() == ["K1", "K2"]
    assert told(book) == [("list_column_alike", "A1", "customer_id", "客户ID", "代码甲")]


def test_an_id_that_came_back_under_a_known_header_is_read() -> None:
    book = read(["客户ID", "称呼", "销量", "大类"], [row[:4] for row in ROWS])

    assert book.parts[0].rows["customer_id"].tolist() == ["K1", "K2"]
    assert [one[0] for one in told(book)] == ["list_column_gone", "list_column_read"]


def test_a_list_whose_ids_are_gone_is_refused_with_the_place() -> None:
    with pytest.raises(Refused) as caught:
        read(["称呼", "销量", "大类", "城市"], [row[1:] for row in ROWS])
    assert (caught.value.reason, caught.value.detail) == ("list_changed", "Sheet1!A1\t代码甲")


def test_a_list_with_few_of_the_headers_is_another() -> None:
    with pytest.raises(Refused) as caught:
        read(["代码甲", "x", "y", "z"], [["K1", 1.0, 2.0, 3.0]])
    assert caught.value.reason == "no_standard_sheet"


def test_a_list_with_some_of_its_standard_headers_is_read_as_any_other() -> None:
    adopted = AdoptedList(
        "客户.xlsx",
        "",
        ("客户ID", "客户名称", "所属行业", "地区"),
        {"客户ID": Holding("customer_id"), "客户名称": Holding("name"), "地区": Holding("tags")},
    )
    book = read(["客户ID", "客户名称", "所属行业"], [["K1", "甲", "机械"]], adopted)

    assert [one.code for one in book.findings if one.code.startswith("list_")] == []
    assert book.parts[0].rows["customer_id"].tolist() == ["K1"]


def test_a_workbook_of_ours_is_no_list() -> None:
    words = RawSheet("_i18n", [["key", "zh-CN", "en"]])
    adopted = AdoptedList(
        "客户.xlsx", "", ("客户ID", "客户名称", "地区"), {"客户ID": Holding("name"), "客户名称": Holding("customer_id")}
    )
    book = Book("a.xlsm", "a", (sheet("客户信息", [["客户ID", "客户名称", "地区"], ["K1", "甲", "东"]]), words))

    assert read_books.read(book, Intake(lists=(adopted,))).parts[0].rows["customer_id"].tolist() == ["K1"]


def test_of_two_readings_of_one_shape_the_later_counts() -> None:
    anew = dataclasses.replace(LIST, columns={**MEANT, "大类": Holding("tags")})
    book = Book("a.xlsx", "a", (sheet("Sheet1", [HEADERS, *ROWS]),))

    rows = read_books.read(book, Intake(lists=(LIST, anew))).parts[0].rows
    assert (rows["tags"].tolist(), rows["industry"].isna().all()) == (["机械", "零售"], True)


def test_ids_made_of_names_are_the_same_for_the_same_name() -> None:
    meant = {"称呼": Holding("name")}
    by_name = AdoptedList("客户.xlsx", "", ("称呼", "城市"), meant, by_name=True)
    book = read(["城市", "称呼"], [["上海", "甲辰機電"], ["苏州", "乙 巳"], ["", ""]], by_name)

    rows = book.parts[0].rows
    assert rows["customer_id"].tolist() == [made_of("甲辰机电"), made_of("乙巳")]
    assert rows["name"].tolist() == ["甲辰機電", "乙 巳"]
    assert all(one.startswith("N-") and not any(map(str.isdigit, one)) for one in rows["customer_id"])


def test_two_rows_of_headers_are_known_again() -> None:
    above, below = ["代码甲", "称呼", "联系", ""], ["", "", "姓名", "手机"]
    meant = {
        "代码甲": Holding("customer_id"),
        "称呼": Holding("name"),
        "联系 姓名": Holding("contact"),
        "联系 手机": Holding("phone"),
    }
    adopted = AdoptedList("客户.xlsx", "", ("代码甲", "称呼", "联系 姓名", "联系 手机"), meant)
    rows = read(above, [below, ["K1", "甲", "赵某", "13900000001"]], adopted).parts[0].rows

    assert rows[["customer_id", "contact", "phone"]].to_numpy().tolist() == [["K1", "赵某", "13900000001"]]
