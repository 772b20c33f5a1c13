"""One customer taken out: their rows and what is told of them are gone, others keep all but the ID and the names."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import leaving_out
from kam_xl.core.findings import Finding
from kam_xl.core.leaving_out import Whom
from kam_xl.core.read_books import Content, ReadTable

WHO = Whom("C002", frozenset({"乙科技", "Beta Ltd"}), frozenset({"新乙科技园"}))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("C002", "***"),
        ("同c002一起", "同***一起"),
        ("Ｃ００２／乙科技", "***／***"),
        ("乙 科\n技，beta  ltd.", "***，***."),
        ("AC002、C0021、C002A", "AC002、C0021、C002A"),
        ("新乙科技园和乙科技", "新乙科技园和***"),
        ("C001/某科技", "C001/某科技"),
        ("", ""),
    ],
)
def test_a_text_loses_the_id_and_the_names_in_any_width_and_case(text: str, left: str) -> None:
    assert WHO.out_of(text) == left
    assert WHO.is_in(text) == (text != left)
    assert WHO.may_be_in(text) or text == left


@given(st.lists(st.sampled_from(["C002", "c００2", "乙科技", "新乙科技园", "C0021", "beta ltd", "x", " ", "，", "12"])))
def test_nothing_is_left_of_them_whatever_stands_around_it(pieces: list[str]) -> None:
    left = WHO.out_of("".join(pieces))

    assert not WHO.is_in(left)
    assert WHO.out_of(left) == left


@pytest.mark.parametrize(
    ("cell", "theirs"),
    [("C002/乙科技", True), ("（乙科技）", True), ("C002、C001", False), ("乙科技二部", False), (None, False)],
)
def test_a_cell_that_names_nobody_else_is_theirs(cell: str | None, theirs: bool) -> None:
    assert WHO.is_all_of(cell) == theirs


def test_a_name_that_another_customer_has_too_is_not_theirs_alone() -> None:
    called = [
        ("C002", "乙科技"),
        ("C002", "乙"),
        ("C002", "Beta"),
        ("C003", "ＢＥＴＡ"),
        ("C004", "新乙科技园"),
        ("C005", "丁"),
    ]

    assert leaving_out.whom("C002", called) == Whom("C002", frozenset({"乙科技"}), frozenset({"新乙科技园"}))


# --- a workbook ---------------------------------------------------------------------------------------------------------

ROWS = pd.DataFrame(
    {
        "customer_id": ["C001", "C002", "C003", None],
        "customer_typed": ["C001", "c002", "C003", "乙科技"],
        "customer_beside": [None, None, None, None],
        "name": ["某科技", "乙科技", "丙公司", None],
        "remarks": ["由C002推荐", "欠款", None, "未回访"],
        "amount": [5.0, 999.0, 7.0, 1.0],
        "row": [2, 3, 4, 5],
    }
).astype(dict.fromkeys(("customer_id", "customer_typed", "customer_beside", "name", "remarks"), "str"))
FOUND = (
    Finding("amount_unparsed", "客户信息", "F2", "amount", "约5", "C001"),
    Finding("amount_unparsed", "客户信息", "F3", "amount", "约999", "C002"),
    Finding("date_unparsed", "客户信息", "G5", "since", "去年"),
    Finding("non_data_row_skipped", "客户信息", "A9:F9", None, "合计 | 乙科技"),
    Finding("date_unparsed", "客户信息", "G4", "since", "前年", "C003"),
)
TABLE = ReadTable(
    "info", "客户信息", ROWS, {"amount": "F"}, {"amount": "金额"}, FOUND, {"amount": {0: "五", 1: "九九九", 2: "七"}},
    {"amount": 0, "remarks": 2, "name": 5}, {"amount": (1.0, 999.0)}, called_off=(("乙科技", "D-1"), ("C001", "D-2")),
)  # fmt: skip


def test_rows_findings_and_what_was_typed_go_with_the_customer_and_all_else_keeps_its_place() -> None:
    kept = leaving_out.without(Content(parts=(TABLE,)), WHO)
    (left,) = kept.content.parts

    assert left.rows["customer_id"].tolist() == ["C001", "C003"]
    assert left.rows["remarks"].fillna("").tolist() == ["由***推荐", ""]
    assert left.rows["row"].tolist() == [2, 4]
    assert [one.cell for one in left.findings] == ["F2", "G4"]
    assert left.shown == {"amount": {0: "五", 1: "七"}}
    assert left.found_before == {"amount": 0, "remarks": 1, "name": 2}
    assert left.bounds == {"amount": (5.0, 7.0)}
    assert left.called_off == (("C001", "D-2"),)
    assert left.plain
    assert (kept.rows, kept.texts) == ({"info": 2}, 4)


def test_a_workbook_without_them_stays_as_it_is() -> None:
    other = Whom("C009", frozenset({"无此公司"}))
    kept = leaving_out.without(Content(FOUND[:1], parts=(TABLE,)), other)

    assert (kept.rows, kept.texts) == ({}, 0)
    pd.testing.assert_frame_equal(kept.content.parts[0].rows, ROWS)
    assert dataclasses.replace(kept.content.parts[0], columns=ROWS, bounds={}, plain=False) == dataclasses.replace(
        TABLE, bounds={}
    )
    assert kept.content.findings == FOUND[:1]


def test_a_workbook_nobody_can_use_may_name_them_too() -> None:
    assert leaving_out.without(Content(refused=("sheet_damaged", "乙科技")), WHO).content.refused == (
        "sheet_damaged",
        "***",
    )


def test_a_snapshot_loses_their_row() -> None:
    rows = pd.DataFrame({"customer_id": ["C001", "C002"], "name": ["某科技", "乙科技"], "risks": ["C002 too", None]})

    left, texts = leaving_out.without_rows(rows, WHO)

    assert left.to_dict("list") == {"customer_id": ["C001"], "name": ["某科技"], "risks": ["*** too"]}
    assert texts == 1


def test_names_are_taken_from_the_customers_own_rows() -> None:
    assert {*leaving_out.names(Content(parts=(TABLE,)))} == {("C001", "某科技"), ("C002", "乙科技"), ("C003", "丙公司")}
