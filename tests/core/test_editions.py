"""What file names say: every usual way to write a date, a number, final, old, a copy; and what is no such mark."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core.editions import edition

D = dt.date
NEAR = D(2026, 10, 5)


def span(name, near=NEAR, saved=None):
    return edition(f"{name}.xlsx").span(near, saved)


@pytest.mark.parametrize(
    "name",
    [
        "华东_202609", "华东202609", "华东_2026-09", "华东 2026.9", "华东2026年9月", "华东２０２６年９月份", "東區2026年09月底",
        "华东_26年9月", "华东9月", "华东_九月", "华东（2026-09）", "2026-09/华东", "2026/9月/华东", "9月/华东2026", "east_Sep_2026",
        "east 2026 September", "华东2026年1-9月", "华东_202601-202609",
    ],
)  # fmt: skip
def test_a_month(name):
    assert span(name) == (D(2026, 9, 1), D(2026, 9, 30))


@pytest.mark.parametrize(
    "name",
    [
        "华东_20260930", "华东2026-09-30", "华东 2026.9.30", "华东2026年9月30日", "华东_26年9月30日", "260930华东", "华东0930", "华东9.30",
        "华东9月30日", "华东(2026-09-30更新)", "2026-10/华东_20260930", "华东_20260901-20260930",
    ],
)  # fmt: skip
def test_a_day(name):
    assert span(name) == (D(2026, 9, 30), D(2026, 9, 30))


@pytest.mark.parametrize(
    "name", ["华东Q3", "华东_2026Q3", "华东_Q3_2026", "华东2026年第三季度", "华东3季度", "华东 2026年 Q3"]
)
def test_a_quarter(name):
    assert span(name) == (D(2026, 7, 1), D(2026, 9, 30))


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("华东上半年", (D(2026, 1, 1), D(2026, 6, 30))),
        ("华东_2026H2", (D(2026, 7, 1), D(2026, 12, 31))),
        ("华东第38周", (D(2026, 9, 14), D(2026, 9, 20))),
        ("east_2026W38", (D(2026, 9, 14), D(2026, 9, 20))),
        ("华东2026年度", (D(2026, 1, 1), D(2026, 12, 31))),
        ("华东_2024/2026-02", (D(2026, 2, 1), D(2026, 2, 28))),
    ],
)
def test_other_spans(name, days):
    assert span(name) == days


@pytest.mark.parametrize(
    "name", ["华东", "team_1", "team0101", "华东1组", "3M中国", "7-11x", "华东20261301", "华东99.99", "V2.1", "May"]
)
def test_no_date(name):
    assert span(name) is None


@pytest.mark.parametrize(
    ("near", "year"), [(D(2026, 12, 20), 2026), (D(2027, 1, 20), 2026), (D(2027, 7, 20), 2027), (D(2026, 1, 3), 2025)]
)
def test_a_month_without_a_year_is_the_nearest_one(near, year):
    assert span("华东_12月", near) == (D(year, 12, 1), D(year, 12, 31))


def test_a_month_has_begun_when_its_workbook_is_saved():
    assert span("华东_12月", D(2026, 11, 20), D(2026, 11, 28)) == (D(2025, 12, 1), D(2025, 12, 31))
    assert span("华东_12月", D(2026, 11, 20), D(2026, 12, 1)) == (D(2026, 12, 1), D(2026, 12, 31))


def test_a_day_that_no_year_near_has_is_no_date():
    assert span("华东_2月29日", D(2026, 10, 5)) is None
    assert span("华东_2月29日", D(2028, 10, 5)) == (D(2028, 2, 29), D(2028, 2, 29))


@pytest.mark.parametrize(
    ("name", "finality", "number"),
    [
        ("华东v2", 0, (2,)), ("华东_V2.10", 0, (2, 10)), ("华东第三版", 0, (3,)), ("华东 version 4", 0, (4,)), ("华东", 0, (1,)),
        ("华东_final", 1, (1,)), ("华东（最终版）", 1, (1,)), ("華東最終版2", 1, (2,)), ("华东_终稿", 1, (1,)), ("华东_最新", 1, (1,)),
        ("华东（新）", 1, (1,)), ("（真的最终版）v2 final", 1, (2,)), ("华东_old", -1, (1,)), ("旧版/华东", -1, (1,)), ("归档/华东_最终版", -1, (1,)),
        ("备份/华东", -1, (1,)), ("旧金山", 0, (1,)), ("新疆", 0, (1,)), ("Newman", 0, (1,)), ("Gold", 0, (1,)), ("Navy7", 0, (1,)),
    ],
)  # fmt: skip
def test_finality_and_number(name, finality, number):
    found = edition(f"{name}.xlsx")

    assert (found.finality, found.number) == (finality, number)


@pytest.mark.parametrize(
    "name",
    [
        "华东.xlsx", "華東.xls", "华东_202609.xlsx", "华东 - 副本.xlsx", "华东 - 副本 (2).xlsx", "Copy of 华东.xlsx", "华东 (1).xlsx",
        "2026-09/华东.xlsx", "归档/2025年/华东最终版v3.xlsm", "备份/华东 20260930.xlsx", "华东_Q3_最终版2.xlsx", "旧版/华东.xlsx",
    ],
)  # fmt: skip
def test_versions_share_what_is_left(name):
    assert edition(name).stem == "华东"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("华东/客户台账.xlsx", "华南/客户台账.xlsx"), ("team1.xlsx", "team2.xlsx"), ("华东1组.xlsx", "华东2组.xlsx"),
        ("team0101.xlsx", "team0102.xlsx"), ("旧金山.xlsx", "金山.xlsx"), ("张三_9月.xlsx", "李四_9月.xlsx"), ("新疆.xlsx", "疆.xlsx"),
    ],
)  # fmt: skip
def test_teams_do_not(one, other):
    assert edition(one).stem != edition(other).stem


@given(
    st.dates(D(2001, 1, 1), D(2099, 12, 31)),
    st.sampled_from(["{:%Y%m%d}", "{:%Y-%m-%d}", "{:%Y.%m.%d}", "{:%Y_%m_%d}", "{0:%Y}年{0:%m}月{0:%d}日"]),
)
def test_every_day_is_read_and_leaves_the_stem(day, form):
    found = edition(f"华东_{form.format(day)}.xlsx")

    assert found.span(NEAR) == (day, day)
    assert found.stem == "华东"


@given(st.text(max_size=40))
def test_any_name_has_an_edition(name):
    edition(f"{name}.xlsx").span(NEAR)
