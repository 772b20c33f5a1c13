"""Amounts are read in the unit people mean, and where they could mean two things they are unknown (handbook §2)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core.amounts import Unit, insists_on_yuan, is_unit, names_unit, parse_amount, parse_money, parted, unit_of
from kam_xl.core.headings import meaning


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("520", 520), ("520.5", 520.5), ("0", 0), ("+520", 520), ("-12.5", -12.5), ("－12.5", -12.5), (" 520 ", 520),
        ("'520", 520), ("１２３", 123), ("５２０．５", 520.5), ("1,234", 1234), ("1，234，567.5", 1234567.5), ("1e5", 100000),
        ("1E+05", 100000), ("(12.5)", -12.5), ("（12.5万）", -12.5), ("520万", 520), ("520萬", 520), ("520 万元", 520),
        ("520\n万", 520), ("520W", 520), ("520万元整", 520), ("人民币520万元整", 520), ("520万元人民币", 520),
        ("520 万元 人民币", 520), ("RMB 520万", 520), ("￥520万", 520), ("¥3,200,000元", 320), ("3,200,000元整", 320),
        ("1,234.50元", 0.12345), ("1,234.50 yuan", 0.12345), ("5千", 0.5), ("5千元", 0.5), ("100K", 10), ("10 百万", 1000),
        ("3.2百万元", 320), ("5.2千万", 5200), ("1.5M", 150), ("1.5 million", 150), ("0.12亿", 1200), ("5億元", 50000),
    ],
)  # fmt: skip
def test_an_amount_that_leaves_no_doubt(text: str, amount: float) -> None:
    assert parse_amount(text) == (amount, None)


@pytest.mark.parametrize(
    "text",
    [
        "≈300", "约300万", "300左右", ">500万", "500万+", "500-800", "500~800万", "五百万", "1亿2000万", "很多", "待定",
        "$100", "USD 100", "100美元", "港币100万", "HK$100万", "￥3,200,000", "RMB520.00", "1.234,50", "12,34", "1,2345", "1 234 567",
        "1'234", "520.", "520.0.0", "1_000", "20%", "1/2", "½", "520①", "520²", "520万①", "5²", "2023-10-20", "520万/年", "inf", "--5",
    ],
)  # fmt: skip
def test_an_amount_that_could_be_another_is_unknown(text: str) -> None:
    assert parse_amount(text) == (None, "amount_unparsed")


@pytest.mark.parametrize("text", ["", "-", "N/A", "无"])
def test_no_amount_is_missing_not_zero(text: str) -> None:
    assert parse_amount(text) == (None, "amount_missing")


def test_a_bare_number_is_in_the_headers_unit_and_a_typed_unit_outranks_it() -> None:
    assert parse_amount("5200000", 1e-4) == (520, None)
    assert parse_amount("520万", 1e-4) == (520, None)
    assert parse_amount("520", None) == (None, "amount_unparsed")
    assert parse_amount("520万", None) == (520, None)


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("累计交易额（万元）", 1), ("累計交易額（萬元）", 1), ("累计交易额", 1), ("累计交易额\n(万元)", 1), ("累计交易额（万\n元）", 1),
        ("累计交易额（单位：万元）", 1), ("累计交易额（人民币万元）", 1), ("累计交易额（万元", 1), ("Cumulative amount (10k CNY)", 1),
        ("累计交易额(元)", 1e-4), ("累计交易额（元，含税）", 1e-4), ("累计交易额（含税）（元）", 1e-4), ("累计交易额【元】", 1e-4),
        ("累计交易额｛元｝", 1e-4), ("累计交易额〔元〕", 1e-4), ("累计交易额「元」", 1e-4), ("Amount (RMB)", 1e-4), ("累计交易额（千元）", 0.1),
        ("累计交易额（亿元）", 1e4), ("累计交易额（元/万元）", None), ("累计交易额（2023年）", None), ("累计交易额（含税）", 1), ("Amount (incl. VAT)", 1),
        ("Amount (all)", None), ("累计交易额（美元/欧元）", None), ("金额(RMB万元)", 1), ("金额（RMB 万元）", 1), ("Amount (CNY, 10k)", 1),
        ("Amount (RMB, in 10k)", 1), ("Amount (in 10k CNY)", 1), ("Amount [CNY 10k]", 1), ("Revenue (CNY million)", 100), ("金额（人民币，千元）", 0.1),
        ("金额（USD 万元）", None),
    ],
)  # fmt: skip
def test_the_unit_in_a_header(header: str, factor: float | None) -> None:
    assert unit_of(header, "万元").factor == factor


@pytest.mark.parametrize(
    ("header", "factor", "currency"),
    [
        ("金额(USD)", 1e-4, "USD"), ("成交金額（美元）", 1e-4, "USD"), ("累计交易额（万美元）", 1, "USD"), ("Amount (k USD)", 0.1, "USD"),
        ("Amount (USD million)", 100, "USD"), ("金额（USD，万）", 1, "USD"), ("Amount (USD, excl. VAT)", 1e-4, "USD"), ("金额（€）", 1e-4, "EUR"),
        ("金额（亿日元）", 1e4, "JPY"), ("金额（港币，万）", 1, "HKD"), ("Total (HK$)", 1e-4, "HKD"), ("金额（元）", 1e-4, "CNY"), ("金额（万）", 1, None),
        ("Sales (in thousand USD)", 0.1, "USD"), ("Amount (USD '000)", 0.1, "USD"), ("Total (USD k)", 0.1, "USD"), ("金额（HKD'000）", 0.1, "HKD"),
    ],
)  # fmt: skip
def test_the_currency_in_a_header(header: str, factor: float, currency: str | None) -> None:
    assert unit_of(header, "万元") == Unit(factor, currency)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$12,000", 1.2, "USD"), ("12 000 EUR", 1.2, "EUR"), ("12\u00a0000 €", 1.2, "EUR"), ("USD 12,000", 1.2, "USD"), ("12k USD", 1.2, "USD"),
        ("US$1.2m", 120, "USD"), ("1.2万美元", 1.2, "USD"), ("HK$3万", 3, "HKD"), ("3亿日元", 30000, "JPY"), ("-$500", -0.05, "USD"), ("($500)", -0.05, "USD"),
        ("$520 USD", 0.052, "USD"), ("NT$ 1,000,000", 100, "TWD"), ("50,000,000 KRW", 5000, "KRW"), ("1.5 million EUR", 150, "EUR"), ("＄100", 0.01, "USD"),
        ("520万", 520, None), ("520万元", 520, "CNY"), ("520", 520, None),
    ],
)  # fmt: skip
def test_an_amount_in_whatever_currency_is_in_wan_of_it(text: str, amount: float, currency: str | None) -> None:
    assert parse_money(text) == (amount, currency, None)


@pytest.mark.parametrize(
    "text",
    ["¥520", "$520 EUR", "$", "约$300", "$300+", "12.000 EUR", "12,000 xyz", "1 2345 USD", "USD/EUR 5", "5 卢比"],
)
def test_an_amount_that_could_be_another_is_unknown_in_any_currency(text: str) -> None:
    assert parse_money(text) == (None, None, "amount_unparsed")


@pytest.mark.parametrize(
    ("text", "below", "said"),
    [
        ("$500", Unit(1e-4, "HKD"), (0.05, "HKD", None)),  # a lone $ is the header's dollar
        ("$500", Unit(1e-4, "EUR"), (0.05, "USD", None)),
        ("$500", Unit(1.0, "USD"), (None, None, "amount_unparsed")),  # dollars, or 万 of them
        ("500 USD", Unit(1.0, "USD"), (0.05, "USD", None)),
        ("¥500", Unit(1e-4, "JPY"), (0.05, None, None)),
        ("¥500", Unit(1e-4, "USD"), (None, None, "amount_unparsed")),
        ("5万", Unit(1e-4, "USD"), (5, None, None)),
        ("500", Unit(None), (None, None, "amount_unparsed")),
    ],
)
def test_what_a_sign_of_money_means_below_a_header(text: str, below: Unit, said: tuple) -> None:
    assert parse_money(text, below) == said


def test_a_unit_is_one_in_any_currency_and_only_a_name_insists_on_ours() -> None:
    assert [is_unit(text) for text in ("万元", "k USD", "萬美元", "RMB 万元", "人民币万元", "区域")] == [True] * 5 + [
        False
    ]
    assert [insists_on_yuan(header) for header in ("金额（人民币）", "Amount (RMB)", "金额（万元）", "金额")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("header", "named"), [("累计金额", False), ("累计金额（含税）", False), ("累计金额（元）", True), ("累计金额（美元）", True), ("Total (tax", True)]
)  # fmt: skip
def test_whether_a_header_names_a_unit(header: str, named: bool) -> None:
    assert names_unit(header) is named


def test_a_sign_of_money_agrees_with_a_column_of_yuan_only() -> None:
    assert parse_amount("￥1,234.50", 1e-4) == (0.12345, None)
    assert parse_amount("￥1,234.50", 1) == (None, "amount_unparsed")


def test_a_header_without_a_unit_and_a_column_without_one() -> None:
    assert unit_of("数量", None) == Unit(None)


@given(st.decimals(0, 10**8, places=2))
def test_so_many_wan_are_so_many(number: Decimal) -> None:
    assert parse_amount(f"{number}万") == (float(number), None)
    assert parse_amount(f"{number:,}万元") == (float(number), None)


@given(st.decimals(0, 10**8, places=2), st.sampled_from(["USD", "美元", "$", "US$"]))
def test_what_a_currency_stands_before_or_behind_is_as_much(number: Decimal, word: str) -> None:
    assert (
        parse_money(f"{word}{number:,}") == parse_money(f"{number:,} {word}") == (float(number) / 10_000, "USD", None)
    )


@pytest.mark.parametrize(("header", "unit"), [
    ("Amount USD", (1e-4, "USD")), ("USD Amount", (1e-4, "USD")), ("Amount in EUR", (1e-4, "EUR")), ("金額美元", (1e-4, "USD")),
    ("港币金额", (1e-4, "HKD")), ("Sales k USD", (0.1, "USD")), ("销售额万元", (1.0, "CNY")), ("Total HK$", (1e-4, "HKD")), ("Amount RMB", (1e-4, "CNY")),
])  # fmt: skip
def test_a_header_may_name_its_currency_without_brackets(header: str, unit: tuple[float, str]) -> None:
    assert unit_of(header, "万元") == unit
    assert meaning("orders", header).field == "amount"


@pytest.mark.parametrize("header", ["Deals won", "Amount", "Status", "Brand", "USD", "金额（含税）"])
def test_a_word_that_only_ends_like_a_currency_names_none(header: str) -> None:
    assert parted(header) is None
    assert unit_of(header, "万元") == (1.0, None)
