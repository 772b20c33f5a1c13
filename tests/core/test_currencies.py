"""Currencies by their codes, whatever they are called; an amount in another one is unknown, and stays as it was typed."""

import pytest

from kam_xl.core.currencies import code_of
from tests.builders import team_book


@pytest.mark.parametrize(
    ("typed", "code"),
    [("人民币", "CNY"), ("RMB", "CNY"), ("￥", "CNY"), ("美元", "USD"), ("us$", "USD"), ("歐元", "EUR"), ("sek", "SEK"),
     ("积分", "积分"), ("", None), ("-", None)],
)  # fmt: skip
def test_a_currency_goes_by_its_code(typed: str, code: str | None) -> None:
    assert code_of(typed) == code


def rows(policy, *orders):
    book = team_book(policy, info=[{"customer_id": "C001", "name": "甲"}],
                     orders=[{"customer_id": "C001", "ordered_on": "2026-01-05", **order} for order in orders])  # fmt: skip
    return book.tables["orders"].rows, [one for one in book.findings if one.code == "currency_without_rate"]


def test_an_amount_in_another_currency_is_unknown_and_stays_as_typed(policy) -> None:
    kept, told = rows(policy, {"amount": 34.8, "cost": 20, "currency": "美元"}, {"amount": 10_000, "currency": "元"})

    assert kept["amount"].isna().tolist() == [True, False]
    assert kept["cost"].isna().all()
    assert kept["currency"].tolist() == ["USD", "CNY"]
    assert kept["as_typed"].tolist() == ["币种=美元 ； 金额（元）=34.8 ； 成本（元）=20", "币种=元"]
    assert [(one.typed_value, one.detail, one.cell) for one in told] == [("USD", "1", "I2")]


def test_a_policy_in_that_currency_takes_it(policy) -> None:
    from dataclasses import replace

    kept, told = rows(replace(policy, currencies=replace(policy.currencies, own="USD")),
                      {"amount": 34.8, "currency": "USD"})  # fmt: skip

    assert kept["amount"].tolist() == pytest.approx([0.00348])
    assert told == []
