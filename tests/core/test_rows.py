"""A row with a customer's ID is never left out; totals, footers and headers are; what is in doubt is told with a warning."""

import datetime as dt

import pytest

from kam_xl.core.books import CellError, NotCalculated
from kam_xl.core.headings import meanings
from kam_xl.core.rows import Sorted, sort_out

HEAD = ("客户ID", "客户名称", "所属行业", "累计交易额")
ROWS = (["C001", "甲", "IT", 100.0], ["C002", "乙", "IT", 200.0])
SURE, DOUBTFUL, NO_ID = "non_data_row_skipped", "row_set_aside", "id_missing"


def sorted_out(*rows: list, kind: str = "info", head: tuple = HEAD) -> Sorted:
    """Rows that may be of different length, below a header."""
    columns = {known.field: i for i, known in meanings(head, kind).items()}
    return sort_out([list(row) + [""] * (len(head) - len(row)) for row in rows], 1, kind, columns)


def verdict(row: list, *, before: tuple = ROWS, after: tuple = (), **more: object) -> str | None:
    """The code under which one row among others is left out; None where it is kept."""
    found = sorted_out(*before, row, *after, **more)
    codes = {number: code for code, number, *_ in found.left_out}
    assert len(found.kept) + len(codes) == len(before) + 1 + len(after)
    return codes.get(len(before) + 2)


@pytest.mark.parametrize(
    "row",
    [
        ["C003", "Total Energies", "", 300.0],
        ["C003", "小计量仪器厂", "", 300.0],
        ["C003", "合计", "", 300.0],
        ["ALFKI", "小计", "", 300.0],
        ["SUM", "Summit", "IT", 100.0],
        ["TOTAL", "Total SE", "能源", 150.0],
        ["Average", "Average Ltd", "", 7.0],
        ["TOTAL-01", "", "", 299.0],
        ["小计量", "小计量仪器厂", "仪器", 300.0],
        ["汇总科技", "汇总科技", "IT", dt.date(2024, 1, 1)],
        ["客户", "客户", "制造"],
        ["KA/007"],
        ["KA:007", "甲"],
        ["1/3", "甲"],
        [3.0, "说明：", "", 300.0],
        [True, "合计", "", 300.0],
    ],
    ids=str,
)
def test_a_row_with_a_customers_id_is_never_left_out(row: list) -> None:
    assert verdict(row) is None
    assert verdict(row, before=(), after=ROWS) is None


@pytest.mark.parametrize(
    "row",
    [
        ["合计", "", "", 300.0],
        ["合 计：", "", "", 299.0],
        ["合计", "2户", "—", "300万元"],
        ["本页合计", "", "", 300.0],
        ["總計", "", "", 1.0],
        ["合计（5户）"],
        ["共2家合计", "", "", 300.0],
        ["", "小计", "", 300.0],
        ["", "", "平均", 150.0],
        ["Grand total:", "", "", 300.0],
        ["Sub-total", "", "", 300.0],
        ["Total"],
        ["sum", "", "", 300.0],
        ["华东小计", "", "", 300.0],
        ["Total East", "", "", 300.0],
        ["", "Total East", "", 300.0],
        ["", "", "", 300.0],
        ["", "", "", 150.0],
    ],
    ids=str,
)
def test_a_total_has_no_id_and_nothing_but_numbers_or_adds_up(row: list) -> None:
    assert verdict(row) == SURE


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["合计", "另见附表", "", 300.0], DOUBTFUL),
        (["sum", "all customers", "", 300.0], DOUBTFUL),
        (["sum", "", "", 299.0], DOUBTFUL),
        (["华东小计", "", "", 299.0], DOUBTFUL),
        (["华东小计"], DOUBTFUL),
        (["华东区"], DOUBTFUL),
        (["以上数据截至2026年11月"], DOUBTFUL),
        (["See the list of 2025, which is kept by the sales director"], DOUBTFUL),
        (["KA:007"], DOUBTFUL),
        (["", "Total Energies", "", 299.0], NO_ID),
        (["", "", "", 299.0], NO_ID),
        (["", "丙", "IT", 300.0], NO_ID),
        (["-", "丙", "IT", 300.0], NO_ID),
    ],
    ids=str,
)
def test_what_may_be_a_row_is_left_out_with_a_warning_at_least(row: list, code: str) -> None:
    assert verdict(row) == code


def test_ids_without_digits_are_ids_where_others_have_none_either() -> None:
    names = (["甲", "甲公司"], ["乙", "乙公司"])
    assert verdict(["华东区"], before=names) is None
    assert verdict(["华东区"], before=ROWS) == DOUBTFUL


def test_a_subtotal_adds_up_what_stands_since_the_one_before_and_a_total_may_stand_first() -> None:
    found = sorted_out(["", "", "", 600.0], *ROWS, ["", "", "", 300.0], ["C003", "丙", "", 100.0], ["C004", "丁", "", 200.0],
                       ["", "", "", 300.0], ["", "", "", 600.0], ["", "", "", 300.5])  # fmt: skip
    assert [row[0] for _, row in found.kept] == ["C001", "C002", "C003", "C004"]
    assert [(code, number) for code, number, *_ in found.left_out] == [
        (SURE, 2), (SURE, 5), (SURE, 8), (SURE, 9), (NO_ID, 10),
    ]  # fmt: skip


def test_one_row_is_no_sum() -> None:
    assert verdict(["", "", "", 100.0], before=ROWS[:1]) == NO_ID
    assert verdict(["", "Total Energies", "", 100.0], before=ROWS[:1]) == NO_ID


def test_a_total_over_numbers_that_are_none_does_no_harm() -> None:
    odd = (["C001", "甲", "", float("nan")], ["C002", "乙", "", float("inf")])
    assert verdict(["合计", "", "", float("nan")], before=odd) == SURE
    assert verdict(["", "", "", 5.0], before=odd) == NO_ID


@pytest.mark.parametrize(
    "row",
    [
        ["第1页 共3页"], ["第 1 页/共 3 页"], ["Page 1 of 3"], ["page 2"], ["1/3"], ["- 2 -"], ["共 3 页"], ["", "", "第2頁"],
        ["打印日期：2026-11-28"], ["打印日期", dt.date(2026, 11, 28)], ["列印日期：2026-11-28"], ["制表人：王某"], ["制表人", "王某", "审核人", "李四"],
        ["制表：张三", "审核：李四"], ["審核：李四"], ["填表 王某"], ["数据来源：CRM"], ["Note: monthly"], ["Prepared by Wang"],
        ["Printed on 2026-11-28"], ["导出时间 2026-11-28 09:00"], ["负责人：张三", "电话：021-5555"], ["第1页", "", "制表人：王某"],
        ["必填", "选填", "选填"], ["Required", "optional"], ["客户多维度分层评估表"],
        ["客户ID", "客户名称", "行业", "交易额"], ["Customer ID", "Customer name"], ["", "客户名称", "行业"], ["客户ID"],
    ],
    ids=str,
)  # fmt: skip
def test_footers_page_numbers_hints_and_headers_are_no_rows(row: list) -> None:
    assert verdict(row) == SURE


@pytest.mark.parametrize(
    "name", ["注意力科技", "注塑机厂", "统计软件公司", "打印机公司", "Notepad", "Source Code Ltd", "Total", "合计软件"]
)
def test_a_tracking_row_of_a_customer_with_such_a_name_is_kept(name: str) -> None:
    head = ("客户ID/名称", "策略内容", "完成情况")
    assert verdict([name, "回访", "已完成"], before=(), kind="tracking", head=head) is None


def test_a_tracking_row_without_customer_is_kept_and_a_total_of_them_is_none() -> None:
    more = {
        "kind": "tracking",
        "head": ("客户ID/名称", "策略内容", "完成情况"),
        "before": (["C001", "回访", "已完成"],),
    }
    assert verdict(["", "回访", "已完成"], **more) is None
    assert verdict([CellError("#N/A"), "回访", "已完成"], **more) is None
    assert verdict(["Total"], **more) == SURE
    assert verdict(["合计", "12项", ""], **more) == SURE
    assert verdict(["某科技"], **more) is None


def test_a_key_without_a_value_says_why() -> None:
    assert verdict([CellError("#N/A"), "丙"]) == "error_cell"
    assert verdict([NotCalculated('="C"&1'), "丙"]) == "not_calculated"


def test_blank_rows_and_rows_of_our_own_formulas_alone_are_passed_over() -> None:
    head = ("客户ID", "综合得分", "层级划分", "评估人")
    found = sorted_out(["", "", "", ""], ["\u3000", " "], ["", CellError("#N/A"), NotCalculated("=KAM_TIER(B3)")],
                       ["", CellError("#N/A"), "", "王"], kind="evaluation", head=head)  # fmt: skip
    assert found.kept == []
    assert [(code, number) for code, number, *_ in found.left_out] == [(NO_ID, 5)]


def test_exact_repeats_count_once() -> None:
    found = sorted_out(*ROWS, ROWS[0], ["C001", "甲", "it", 100.0])
    assert [number for number, _ in found.kept] == [2, 3, 5]
    assert [(left.code, left.number, left.first) for left in found.left_out] == [("duplicate_row_exact", 4, 2)]
