"""What orders tell of a customer whose own sheet says nothing of it, and where the two contradict each other."""

import datetime as dt

import pytest

FIRST, LAST = dt.date(2025, 2, 3), dt.date(2026, 5, 6)
ORDERS = [
    {"customer_id": "C001", "order_no": "2", "ordered_on": LAST, "product": "乙", "amount": 30_000},
    {"customer_id": "C001", "order_no": "1", "ordered_on": FIRST, "product": "甲", "amount": 25_000},
    {"customer_id": "C001", "order_no": "3", "ordered_on": LAST, "product": "甲", "amount": -5_000},
]


@pytest.fixture
def customer(gather):
    """One customer's row and its orders → the row of the portfolio, the portfolio."""

    def gathered(orders=ORDERS, **info):
        portfolio = gather(a={"info": [{"customer_id": "C001", "name": "某科技", **info}], "orders": orders})
        return portfolio.customers.iloc[0], portfolio

    return gathered


def test_what_the_customers_sheet_leaves_open_the_orders_tell(customer):
    row, portfolio = customer()

    assert row["amount"] == 5.0
    assert (row["since"].date(), row["last_deal"].date(), row["products"]) == (FIRST, LAST, "甲、乙")
    assert (row["amount_parts"], row["amount_gaps"]) == (1, 0)
    origins = portfolio.origins.set_index("field")[["sheet", "cell"]]
    assert origins.loc["amount"].tolist() == ["交易记录", "F2:F4"]
    assert origins.loc["products", "cell"] == "D2:D3"


def test_what_the_customers_sheet_says_stays(customer):
    row, portfolio = customer(amount=9, since=dt.date(2020, 1, 1), last_deal=dt.date(2026, 6, 1), products="甲、丙")

    assert (row["amount"], row["products"]) == (9.0, "甲、丙")
    assert (row["since"].year, row["last_deal"].month) == (2020, 6)
    assert "交易记录" not in portfolio.origins["sheet"].tolist()


def test_a_later_order_is_a_later_deal(customer):
    row, portfolio = customer(last_deal=dt.date(2026, 1, 1))

    assert row["last_deal"].date() == LAST
    assert portfolio.origins.set_index("field").loc["last_deal", "cell"] == "C2:C3"  # what was taken back is no deal


def test_what_was_ordered_after_today_is_cited_for_no_day(customer):
    row, portfolio = customer([*ORDERS[:2], ORDERS[0] | {"order_no": "9", "ordered_on": dt.date(2027, 1, 1)}])

    assert row["last_deal"].date() == LAST
    cited = portfolio.origins.set_index("field")["cell"]
    assert (cited["last_deal"], cited["since"]) == ("C2:C3", "C2:C3")
    assert cited["amount"] == "F2:F4"  # its day is a slip, its amount is none


def test_an_amount_of_which_a_part_is_unknown_is_not_told(customer):
    row, _ = customer([ORDERS[0], ORDERS[1] | {"amount": "?"}])

    assert row["amount"] != row["amount"]


@pytest.mark.parametrize(("amount", "told"), [(4.94, ["orders_exceed_amount"]), (4.96, []), (50, [])])
def test_an_amount_below_the_orders_is_told(customer, amount, told):
    _, portfolio = customer(amount=amount, products="甲")

    found = portfolio.findings[portfolio.findings["code"].str.startswith("orders_")]
    assert found["code"].tolist() == told
    assert found["cell"].tolist() == ["I2"] * len(told)


@pytest.mark.parametrize(("products", "told"), [
    ("丙、丁", True), ("丙、乙", False), ("甲系列", False), ("", False),
])  # fmt: skip
def test_products_that_were_never_ordered_are_told(customer, products, told):
    _, portfolio = customer(products=products)

    found = portfolio.findings[portfolio.findings["code"] == "products_contradict"]
    assert found[["cell", "typed_value", "detail"]].to_numpy().tolist() == [["J2", products, "甲、乙"]] * told
