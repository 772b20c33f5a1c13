"""An amount in another currency is worth what the policy's rate of its day makes it, or unknown (handbook §12)."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import validation
from kam_xl.core.books import Book, Formatted, Priced
from kam_xl.core.consolidation import consolidate
from kam_xl.core.errors import PolicyError
from kam_xl.core.findings import Finding
from kam_xl.core.policy import Policy, parse
from tests.core.one_book import TODAY, codes, info, sheet

RATES = "USD = { 2023-01-01 = 7.0, 2024-01-01 = 7.1 }\nJPY = { 2023-01-01 = 0.05 }\nHKD = { 2023-01-01 = 0.9 }"
HEAD = ["客户ID", "客户名称", "累计交易额（万元）", "币种"]


def with_rates(lines: str) -> Policy:
    return parse(resources.policy_text().replace("[currency.rates]", f"[currency.rates]\n{lines}"))


POLICY = with_rates(RATES)


def read(*rows: list, policy: Policy = POLICY, team: str = "华东") -> validation.TeamBook:
    return validation.validate(Book(f"{team}.xlsx", team, (info(*rows),)), policy, TODAY)


def only(book: validation.TeamBook) -> tuple[float, str | None]:
    row = book.tables["info"].rows.iloc[0]
    return row["amount"], row["amount_typed"] if isinstance(row["amount_typed"], str) else None


@pytest.mark.parametrize(
    ("header", "cell", "currency", "amount", "typed"),
    [
        ("累计交易额（万元）", 100.0, "", 100, None),
        ("累计交易额（万元）", "$12,000", "", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（万元）", 1.2, "USD", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（元）", 12000.0, "美元", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（USD）", 12000.5, "", 8.520355, "12,000.50 USD × 7.1 (2024-01-01)"),
        ("累计交易额（万美元）", 1.2, "", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（USD）", "1.2万", "", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（USD）", "5万元", "", 5, None),
        ("累计交易额（USD）", "$12,000", "USD", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额", Priced(12000.0, "USD"), "", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（USD）", Priced(12000.0, "USD"), "", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（万元）", Priced(1.2, "USD"), "USD", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额", Formatted(12000.0, "12000 USD"), "", 8.52, "12,000 USD × 7.1 (2024-01-01)"),
        ("累计交易额（万元）", 300.0, "日元", 15, "3,000,000 JPY × 0.05 (2023-01-01)"),
        ("累计交易额（港币）", "$5,000", "", 0.45, "5,000 HKD × 0.9 (2023-01-01)"),
        ("累计交易额（万元）", "12 000 EUR", "", np.nan, "12,000 EUR"),
        ("累计交易额（万元）", 100.0, "人民币", 100, None),
    ],
)
def test_an_amount_is_converted_wherever_its_currency_is_named(
    header: str, cell: object, currency: str, amount: float, typed: str | None
) -> None:
    found, told = only(read([*HEAD[:2], header, "币种"], ["C001", "甲", cell, currency]))
    assert (found, told) == (pytest.approx(amount, nan_ok=True), typed)


@pytest.mark.parametrize(
    ("header", "cell", "currency", "told"),
    [
        ("累计交易额（万元）", Priced(5000.0, "USD"), "", "CNY / USD"),
        ("累计交易额（万元）", "$500", "EUR", "EUR / USD"),
        ("累计交易额（万元）", "5万元", "USD", "CNY / USD"),
        ("累计交易额（USD）", 500.0, "EUR", "EUR / USD"),
        ("累计成交额（人民币）", 500.0, "USD", "CNY / USD"),
        ("累计交易额（USD）", Priced(500.0, "EUR"), "", "EUR / USD"),
        ("累计交易额（万元）", Priced(500.0, "EUR"), "USD", "EUR / USD"),
    ],
)
def test_what_is_said_to_be_in_two_currencies_is_unknown(header: str, cell: object, currency: str, told: str) -> None:
    book = read([*HEAD[:2], header, "币种"], ["C001", "甲", cell, currency])
    found = next(one for one in book.findings if one.code == "amount_currency_unclear")
    assert (found.cell, found.detail, np.isnan(only(book)[0])) == ("C2", told, True)


def test_a_currency_nobody_knows_makes_its_rows_amount_unknown_and_is_told_once() -> None:
    book = read(HEAD, ["C001", "甲", 5.0, "贝壳"])
    assert (codes(book), np.isnan(only(book)[0])) == (["currency_unparsed"], True)


def test_a_missing_rate_is_told_once_a_currency_with_where_and_for_which_day() -> None:
    book = read(HEAD, ["C001", "甲", 5.0, "EUR"], ["C002", "乙", "$7", ""], ["C003", "丙", 6.0, "EUR"])
    place = ("客户基础信息表", "C2:C4", "amount", "EUR", None, "2024-03-01")
    assert [one for one in book.findings if one.code == "amount_rate_missing"] == [
        Finding("amount_rate_missing", *place)
    ]
    assert [one.typed_value for one in book.findings if one.code == "amount_converted"] == ["USD"]


def test_the_rate_is_that_of_the_rows_own_day_else_of_the_runs() -> None:
    head = ["客户ID", "累计利润（USD）", "数据日期"]
    days = (dt.date(2023, 6, 1), dt.date(2024, 2, 1), "", dt.date(2022, 6, 1))
    lines = [[f"C00{place}", 10_000.0, day] for place, day in enumerate(days, 1)]
    customers = info(HEAD[:2], *([line[0], line[0]] for line in lines))
    book = validation.validate(Book("a.xlsx", "a", (customers, sheet("评分指标", head, *lines))), POLICY, TODAY)
    assert book.tables["indicators"].rows["profit"].tolist() == pytest.approx([7, 7.1, 7.1, np.nan], nan_ok=True)
    assert next(one for one in book.findings if one.code == "amount_rate_missing").detail == "2022-06-01"


def test_an_order_is_worth_what_the_rate_of_its_day_makes_it() -> None:
    head = ["客户ID", "下单日期", "金额（元）", "成本（元）", "币种"]
    lines = [["C001", dt.date(2023, 6, 1), 10_000.0, 5_000.0, "美元"], ["C001", dt.date(2024, 2, 1), "$10,000", "", ""],
             ["C001", dt.date(2024, 2, 2), 10_000.0, "", ""], ["C001", dt.date(2022, 2, 2), 10_000.0, "", "USD"]]  # fmt: skip
    book = validation.validate(
        Book("a.xlsx", "a", (info(HEAD[:2], ["C001", "甲"]), sheet("交易记录", head, *lines))), POLICY, TODAY
    )
    rows = book.tables["orders"].rows
    assert rows["amount"].tolist() == pytest.approx([7, 7.1, 1, np.nan], nan_ok=True)
    assert rows["cost"].tolist() == pytest.approx([3.5, np.nan, np.nan, np.nan], nan_ok=True)
    assert rows["amount_typed"].fillna("").tolist()[:3] == [
        "10,000 USD × 7 (2023-01-01)",
        "10,000 USD × 7.1 (2024-01-01)",
        "",
    ]
    assert [one.detail for one in book.findings if one.code == "amount_rate_missing"] == ["2022-02-02"]


def test_the_limit_of_amounts_is_one_of_yuan() -> None:
    assert "amount_implausible" in codes(read(HEAD, ["C001", "甲", 2e7, "USD"]))
    assert "amount_implausible" not in codes(read(HEAD, ["C001", "甲", 2e8, "JPY"]))


def test_two_rows_that_differ_in_unknown_amounts_are_not_the_same() -> None:
    books = [read(HEAD, ["C001", "甲", number, "EUR"], team=team) for team, number in (("华东", 1.0), ("华南", 2.0))]
    portfolio = consolidate(books, POLICY)
    assert portfolio.customers["amount_typed"].tolist() == ["10,000 EUR、20,000 EUR"]
    assert portfolio.customers["amount_gaps"].tolist() == [2]


@settings(max_examples=8)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4, unique=True))
def test_to_convert_and_sum_is_to_sum_and_convert(numbers: list[int]) -> None:
    books = [read(HEAD, ["C001", "甲", float(number), "USD"], team=f"队{i}") for i, number in enumerate(numbers)]
    total = consolidate(books, POLICY).customers["amount"].iat[0]
    assert total == pytest.approx(sum(numbers) * 7.1)


# --- rates ----------------------------------------------------------------------------------------------------------------


def test_a_rate_holds_from_its_day_until_the_next_one() -> None:
    days = np.array(["2022-12-31", "2023-01-01", "2023-12-31", "2024-01-01", "2030-01-01"], "datetime64[D]")
    assert POLICY.currency.on("USD", days).rate.tolist() == pytest.approx([np.nan, 7, 7, 7.1, 7.1], nan_ok=True)
    assert pd.isna(POLICY.currency.on("USD", days).since[0])


def test_what_something_is_worth() -> None:
    assert POLICY.currency.worth(2, "USD", TODAY) == pytest.approx(14.2)
    assert [POLICY.currency.worth(2, code, TODAY) for code in (None, "CNY", "EUR")] == [2, 2, None]


def test_the_shipped_policy_has_no_rate() -> None:
    assert parse(resources.policy_text()).currency.rates == {}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("USD = 7.1", "currency.rates.USD"), ("USD = {}", "currency.rates.USD"), ("USD = { 2026-13-01 = 7.1 }", "currency.rates.USD"),
        ("USD = { 2026-01-01 = 0 }", "currency.rates.USD"), ("USD = { 2026-01-01 = -7 }", "currency.rates.USD"),
        ('USD = { 2026-01-01 = "7.1" }', "currency.rates.USD"), ("USD = { 2026-01-01 = inf }", "currency.rates.USD"),
        ("CNY = { 2026-01-01 = 1 }", "currency.rates.CNY"), ("美元 = { 2026-01-01 = 7 }".replace("美元", '"美元"'), "currency.rates.美元"),
    ],
)  # fmt: skip
def test_a_rate_that_is_none_is_refused_by_its_key(line: str, key: str) -> None:
    with pytest.raises(PolicyError) as refused:
        with_rates(line)
    assert key in refused.value.told("zh-CN")
