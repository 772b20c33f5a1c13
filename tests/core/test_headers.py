"""Headers are found below titles, in one row or in two, at page breaks, and where tables stand beside each other."""

import pytest

from kam_xl.core.headers import headers_in
from kam_xl.core.headings import meanings

INFO = ["客户ID", "客户名称", "所属行业"]
MARKS = ["客户ID", "价值维度", "潜力维度", "需求维度"]


def rectangle(*rows: list) -> list[list]:
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def only(*rows: list):
    (header,) = headers_in(rectangle(*rows))
    return header


def fields(header) -> dict[str, int]:
    return {known.field: i for i, known in meanings(header.texts, "info").items()}


@pytest.mark.parametrize(
    ("upper", "lower", "columns"),
    [
        (["客户ID", "客户名称", "所属行业", "联系", "", "合作时间", ""], ["", "", "", "联系人", "电话", "合作起始时间", "最近合作时间"],
         {"customer_id": 0, "name": 1, "industry": 2, "contact": 3, "phone": 4, "since": 5, "last_deal": 6}),
        (["客户ID", "客户名称", "联系人", ""], ["", "", "姓名", "电话"], {"customer_id": 0, "name": 1, "contact": 2, "phone": 3}),
        (["客户", "", "联系人", ""], ["编码", "名称", "姓名", "电话"], {"customer_id": 0, "name": 1, "contact": 2, "phone": 3}),
        (["客户ID", "基本信息", "", ""], ["", "客户名称", "行业", "微信"], {"customer_id": 0, "name": 1, "industry": 2}),
        (["", "", "", "客户ID", "基本信息", ""], ["", "", "", "", "客户名称", "行业"], {"customer_id": 3, "name": 4, "industry": 5}),
        (["客户ID", "客户名称", "合作时间", ""], ["", "", "起始", "最近"], {"customer_id": 0, "name": 1, "since": 2, "last_deal": 3}),
        (["Customer ID", "Customer name", "Contact", ""], ["", "", "Name", "Phone"],
         {"customer_id": 0, "name": 1, "contact": 2, "phone": 3}),
    ],
)  # fmt: skip
def test_two_rows_that_only_together_name_the_columns_are_one_header(upper: list, lower: list, columns: dict) -> None:
    data = ["C001", "甲", "x", "y", "z"]
    header = only(["客户一览"], [], upper, lower, data)
    assert (header.top, header.row, fields(header)) == (2, 3, columns)


def test_the_header_of_a_column_stands_in_the_row_that_names_it() -> None:
    rows = rectangle(["客户ID", "客户名称", "联系", ""], ["", "", "联系人", "电话"], ["C001", "甲", "赵", "021"])
    (header,) = headers_in(rows)
    assert [header.at(i, rows) for i in range(4)] == [0, 0, 1, 1]
    assert header.texts == ("客户ID", "客户名称", "联系人", "联系 电话")


def test_a_row_of_units_belongs_to_the_header() -> None:
    header = only([*INFO, "累计交易额"], ["", "", "", "（万元）"], ["C001", "甲", "IT", 5.0])
    assert (header.row, header.texts[3]) == (1, "累计交易额（万元）")
    assert only([*INFO, "累计交易额"], ["", "", "", "万元"], ["C001", "甲", "IT", 5.0]).texts[3] == "累计交易额（万元）"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["客户一览", "", ""], INFO),
        (["客户", "", "明细"], INFO),
        (INFO, ["C001", "电话", "标签"]),
        (INFO, ["C001", "甲", ""]),
        (INFO, ["C001", "", 5.0]),
        (INFO, ["", "", ""]),
        ([*INFO, ""], ["C001", "甲", "IT", "电话"]),
        (INFO, ["M"]),
    ],
)
def test_a_title_and_a_row_of_data_are_no_part_of_a_header(upper: list, lower: list) -> None:
    found = list(headers_in(rectangle(upper, lower)))
    assert [header.top for header in found] == [header.row for header in found]
    assert INFO in [[text for text in header.texts if text] for header in found]


def test_a_header_is_found_again_at_a_page_break() -> None:
    found = list(headers_in(rectangle(INFO, ["C001", "甲"], INFO, ["C002", "乙"])))
    assert [header.row for header in found] == [0, 2]
    two = (["客户ID", "客户名称", "联系", ""], ["", "", "联系人", "电话"])
    found = list(headers_in(rectangle(*two, ["C001", "甲"], *two, ["C002", "乙"])))
    assert [(header.top, header.row) for header in found] == [(0, 1), (3, 4)]


@pytest.mark.parametrize("gap", [[""], []])
def test_two_tables_beside_each_other_have_a_header_each(gap: list) -> None:
    one, other = headers_in(
        rectangle(["标题"], [*INFO, *gap, *MARKS], ["C001", "甲", "IT", *gap, "C001", 1.0, 2.0, 3.0])
    )
    assert (one.row, one.left, [text for text in one.texts if text]) == (1, 0, INFO)
    assert (other.row, other.left, [text for text in other.texts if text]) == (1, 3 + len(gap), MARKS)
    assert len(one.texts) == len(other.texts) == 7 + len(gap)


def test_a_table_may_begin_beside_rows_of_another() -> None:
    one, other = headers_in(rectangle([*INFO, ""], ["C001", "甲", "IT"], ["C002", "乙", "IT", "", *MARKS], ["C003"]))
    assert (one.row, one.left, other.row, other.left) == (0, 0, 2, 4)


@pytest.mark.parametrize(
    "header",
    [
        ["客户ID", "", "客户名称", "行业"],
        [*INFO, "", "备注", "标签"],
        [*INFO, "客户编号", "备注"],
        [*INFO, "", "自定义", "x", "y"],
    ],
)
def test_a_column_without_a_header_does_not_part_a_table(header: list) -> None:
    assert only(header, ["C001", "?", "甲"]).left == 0


def test_many_columns_are_looked_through_in_no_time() -> None:
    wide = ["客户ID", ""] * 8000
    assert len(list(headers_in([wide, ["x"] * len(wide)]))) == 1


def test_nothing_is_found_where_nothing_is() -> None:
    assert list(headers_in([])) == list(headers_in([[], ["", ""], ["x", 1.0]])) == []
