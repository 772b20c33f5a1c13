"""A header names its field in one language or in two, whatever parts them; what any list has is no sign of customers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import headings
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.list_words import EVERYWHERE
from kam_xl.core.sheets import BY_KIND, INFO
from kam_xl.core.texts import heading, lowered, traditional

SEPARATORS = [" ", "\n", "/", " · ", "-", " — ", "|", "：", "_", ""]
EVERY_COLUMN = [(sheet.kind, column) for sheet in BY_KIND.values() for column in sheet.columns]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_header_in_two_languages_is_both_in_either_order(separator: str) -> None:
    for kind, column in EVERY_COLUMN:
        for text in (f"{column.zh}{separator}{column.en}", f"{column.en}{separator}{column.zh}"):
            assert headings.field_of(kind, text) == column.field, text


@pytest.mark.parametrize(
    "text",
    ["客户ID（Customer ID）", "Customer ID 【客户ID】", "【客户ID】", "[Customer ID]", "【客户编号】Customer No"],
)
def test_brackets_part_two_languages_or_stand_around_the_whole(text: str) -> None:
    assert headings.field_of("info", text) == "customer_id"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("客户编号 Cust. Ref.", "customer_id"),
        ("Customer ID 客户号码", "customer_id"),
        ("客户名称 EN", "name"),
        ("客户 Level", None),
        ("客户名称/Customer ID", None),
        ("客户ID客户名称", None),
        ("联系人 Email", None),
        ("ID 类型", None),
        ("客户ID2", None),
        ("助记码", None),
        ("统一社会信用代码", None),
        ("", None),
        ("（50%）", None),
    ],
)
def test_beside_unknown_words_only_what_a_row_cannot_do_without_is_known(text: str, field: str | None) -> None:
    assert headings.field_of("info", text) == field


def test_a_plain_header_comes_before_one_that_is_half_understood_and_an_alias_before_an_export() -> None:
    ranks = [headings.meaning("info", text).rank for text in ("客户编号", "客户编码", "客户编号 Ref")]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(
    ("row", "name", "customers"),
    [
        (["编码", "名称", "客户分组", "联系人", "移动电话"], "Sheet1", True),
        (["Record ID", "Company name", "Phone Number", "Industry"], "Sheet1", True),
        (["KUNNR", "NAME1", "TELF1"], "Sheet1", True),
        (["编号", "公司名称", "联系人", "电话"], "Sheet1", True),
        (["编号", "公司名称", "联系人", "电话"], "供应商", False),
        (["供应商编号", "公司名称", "联系人", "电话"], "Sheet1", False),
        (["编码", "名称", "规格", "单价", "备注"], "Sheet1", False),
        (["编码", "名称", "单价", "库存", "适用客户"], "Sheet1", False),
        (["ID", "Name", "Price", "Notes"], "Products", False),
        (["编号", "姓名", "部门", "电话", "备注"], "Sheet1", False),
        (["No", "Name", "Budget", "Remarks"], "Sheet1", False),
    ],
)
def test_headers_tell_of_customers_or_of_something_else(row: list[str], name: str, customers: bool) -> None:
    assert headings.speak_of_customers(row, name) == customers


def test_an_id_and_a_name_that_are_called_a_customers_are_enough_alone() -> None:
    assert headings.name_customers(["客户ID", "客户名称"], "Sheet1")
    assert headings.name_customers(["Customer No.", "Account Name", "区域"], "Sheet1")
    assert not headings.name_customers(["编码", "客户名称"], "Sheet1")
    assert not headings.name_customers(["客户ID", "客户名称", "订单号"], "Sheet1")
    assert not headings.name_customers(["Account No", "Account Name", "Balance"], "Sheet1")


def test_every_header_of_any_list_is_one_we_know() -> None:
    known = {heading(text) for sheet in BY_KIND.values() for column in sheet.columns for text in column.headers}
    assert {heading(text) for text in EVERYWHERE} <= known


def test_the_quick_look_misses_no_header() -> None:
    texts = [text for sheet in BY_KIND.values() for column in sheet.columns for text in column.headers]
    texts += [traditional(text) for text in texts]
    forms = [form for text in texts for form in (text, f"*{text}", text.upper(), f" {text}", text.replace("客", "客 "))]
    assert headings.may_name([*forms, 7.0, None]) == forms
    assert headings.may_name(["C001", "某科技", "甲辰机电"]) == []


@given(st.text("Cc客户Ｃ①é\u0301\u302a\u3099 \u3000名1-（、", max_size=5))
def test_the_quick_look_sees_what_folding_the_whole_text_would(text: str) -> None:
    folded = "".join(lowered(text[:8]).split())
    whole = not text[:1].isalnum() or any(folded[:2] == "".join(lowered(known).split())[:2] for known in _HEADERS)
    assert headings.may_name([text]) == [text] * whole


_HEADERS = {
    form
    for sheet in BY_KIND.values()
    for column in sheet.columns
    for text in column.headers
    for form in (text, traditional(text))
}


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert headings.field_of("info", text) in {None, *INFO.fields}
    headings.speak_of_customers([text], text)
    headings.names_a_column(text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("客户基础信息表", "info"),
        ("企業客戶基礎資訊表", "info"),
        ("表1：企业客户基础信息表", "info"),
        ("1.客户基础信息表", "info"),
        ("客户基础信息表 (2)", "info"),
        ("CUSTOMER INFO", "info"),
        ("客户多维度分层评估表", "evaluation"),
        ("Sheet2 Evaluation", "evaluation"),
        ("客戶策略執行效果跟蹤表", "tracking"),
        ("Follow-up", "tracking"),
        ("評分指標", "indicators"),
        ("Service log", "service"),
        ("表4 关键联系人", "contacts"),
        ("Renewals & Opportunities", "renewals"),
        ("行動清單", "tasks"),
        ("操作台", None),
        ("Actions", None),
        ("Sheet1", None),
        ("客户基础信息表 副本", None),
        ("目录", None),
        ("（）", None),
    ],
)
def test_a_sheets_name_announces_its_kind(name: str, kind: str | None) -> None:
    assert kind_of_sheet(name) == kind


def test_an_amount_in_our_currency_goes_before_one_that_has_to_be_converted():
    ranks = [
        headings.meaning("info", text).rank
        for text in ("累计金额（元）", "累计金额", "累计金额 USD", "累计金额（美元）")
    ]

    assert ranks[0] == ranks[1] < ranks[2] == ranks[3]


# --- lines of orders that tell a price ---------------------------------------------------------------------------------

LINE = ["客户ID", "下单日期", "数量"]


@pytest.mark.parametrize(("more", "at"), [
    (["单价"], 3), (["Unit Price USD"], 3), (["unit_price_usd", "discount"], 3), (["单价（元）"], 3),
    (["单价", "金额"], 4), (["单价", "折扣"], None), (["单价", "销售单价"], None), (["单价", "Discount", "Disc %"], None),
    (["价格"], None), ([], None),
])  # fmt: skip
def test_the_price_of_one_is_read_for_the_amount_that_no_column_tells_where_all_is_clear(more, at):
    found = headings.meanings([*LINE, *more], "orders")
    assert next((i for i, known in found.items() if known.field == "amount"), None) == at
    assert "amount" not in headings.fields([*LINE[:2], *more[:1]], "orders") or more[:1] == [
        "金额"
    ]  # without its quantity


def test_a_price_says_nothing_of_customers():
    assert headings.meanings(["客户ID", "数量", "单价"], "info").keys() == {0}
