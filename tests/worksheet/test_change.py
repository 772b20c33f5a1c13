"""KAM_CHANGE: what a night told of one customer, out of its sheet, and a sentence for everything else."""

import datetime as dt

import pytest

from kam_xl import resources
from kam_xl.doors import udfs
from kam_xl.reports import moves_sheet
from tests.reports.test_moves_sheet import cells, part

SHEET = cells(part())
NOTED = [SHEET[0], [moves_sheet.nothing(part(changed=()))] + [None] * (len(SHEET[0]) - 1)]


def changed(customer, moves=SHEET, since=None, lang="zh-CN"):
    return udfs.call("KAM_CHANGE", (customer, moves, since, lang))


@pytest.mark.parametrize("customer", ["C003", "c003", "Ｃ００３", "公司C003", "C003/公司C003"])
def test_a_customer_is_found_by_id_or_name_in_the_order_of_the_night(customer):
    assert [row[:3] for row in changed(customer)] == [
        ("项目", "变化", "为何变化"),
        ("层级", "战略客户 → 重点客户", "自身数据"),
        ("综合得分", "70.0 → 61.0", "自身数据"),
    ]


def test_headers_and_figures_follow_the_language_and_sentences_stay_the_night_s():
    header, *rows = changed("C003", lang="en")

    assert header == ("Figure", "Change", "Why it changed", "Evidence", "Nights compared")
    assert [row[0] for row in rows] == ["Tier", "Score"]
    assert {row[2] for row in rows} == {"自身数据"}


@pytest.mark.parametrize("customer", ["C999", "某客户", "138 **** 5678"])
def test_nothing_listed_is_no_change_or_nobody_and_says_so(customer):
    _, row = changed(customer.replace("****", "1234"))

    words = resources.words("zh-CN")
    assert row == (words("bridge.page.unlisted", nights="2026-11-27 到 2026-11-28", id=customer), "", "", "", "")


def test_a_night_without_changes_answers_with_its_own_sentence():
    assert changed("C003", NOTED)[1][0] == "2026-11-27 到 2026-11-28，没有变化。"
    assert changed("C003", SHEET[:1])[1][0] == "没有发现"  # and somebody took that out


def test_since_a_day_nights_are_added_up_and_a_day_too_early_is_told():
    header, *rows = SHEET
    before = [
        [
            "C003",
            "公司C003",
            "综合得分",
            "66.0 → 70.0（+4.0）",
            "其他客户 +4.0",
            "",
            "2026-11-20 到 2026-11-21",
            "2026-11-10",
        ]
    ]
    sheet = [header, *([*row[:-1], "2026-11-10"] for row in rows), *before]

    found = {row[0]: row[1:] for row in changed("C003", sheet, since=dt.date(2026, 11, 15))}
    steps = (
        "2026-11-21 66.0 → 70.0（+4.0）：其他客户 +4.0 · 2026-11-28 70.0 → 61.0：自身数据"  # the last part is no number
    )
    assert found["综合得分"][:2] == ("66.0 → 61.0", steps)
    assert found["综合得分"][3] == "2026-11-15 到 2026-11-28"
    assert found["层级"][0] == "战略客户 → 重点客户"
    assert changed("C003", sheet, since="2026-11-21")[2][1] == "70.0 → 61.0"
    assert changed("C003", sheet, since=dt.date(2026, 11, 28))[1][0].startswith(
        "2026-11-28 到 2026-11-28，没有列出 C003"
    )
    assert changed("C003", sheet, since=dt.date(2026, 11, 9)).startswith(
        "#!2042:自某天以来：“为何变化”表只记到 2026-11-10"
    )
    assert changed("C003", sheet, since="昨天").startswith("#!2015:")
    old = [row[:-1] for row in sheet]
    assert changed("C003", old, since=dt.date(2026, 11, 26)).startswith("#!2042:")
    assert changed("C003", old, since=dt.date(2026, 11, 27))[1][0] == "层级"


@pytest.mark.parametrize(
    ("customer", "moves", "said"),
    [
        ("C003", None, "#!2042:“为何变化”没有填写"),
        ("C003", 0.0, "#!2042:“为何变化”没有填写"),
        (None, SHEET, "#!2042:“客户ID”没有填写"),
        ("#N/A", SHEET, "#!2042:"),
        ("C003", (("客户ID", "行业"), ("C003", "制造")), "#!2015:"),
        ("C003", "C003", "#!2015:"),
    ],
)
def test_what_a_user_gets_wrong_is_an_error_with_its_reason(customer, moves, said):
    assert changed(customer, moves).startswith(said)
