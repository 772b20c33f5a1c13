"""An order that several workbooks tell of counts once; the same number for something else is another order."""

import datetime as dt

import pytest

DAY = dt.date(2026, 3, 5)
NEWER, OLDER = dt.datetime(2026, 4, 2), dt.datetime(2026, 4, 1)
INFO = {"customer_id": "C001", "name": "某科技", "amount": 5}


def order(number="D-1", amount=10_000, day=DAY, product="甲", **more):
    return {
        "customer_id": "C001",
        "order_no": number,
        "ordered_on": day,
        "product": product,
        "amount": amount,
        **more,
    }


@pytest.fixture
def kept(gather):
    """Two workbooks' orders → the amounts that count, each with its workbook, and the codes of what is told of orders."""

    def gathered(a, b, saved=(OLDER, NEWER)):
        books = {
            name: {"info": [INFO | {"name": f"某科技{name}"}], "orders": rows, "modified": at}
            for name, rows, at in zip("ab", (a, b), saved, strict=True)
        }
        portfolio = gather(**books)
        told = portfolio.findings[portfolio.findings["code"].str.startswith("order")]
        rows = portfolio.orders.sort_values(["book", "row"])
        return list(zip(rows["book"].str[0], rows["amount"], strict=True)), told[["code", "book"]].to_numpy().tolist()

    return gathered


def test_an_order_of_two_workbooks_counts_once(kept):
    lines = [order(), order(product="乙", amount=5_000, cost=3_000)]

    rows, told = kept(lines, [lines[0], lines[1] | {"cost": ""}])

    assert rows == [("b", 1.0), ("b", 0.5)]
    assert told == [["orders_repeated", "a.xlsx"]]


@pytest.mark.parametrize("saved", [(OLDER, NEWER), (NEWER, OLDER)])
def test_of_two_amounts_the_newer_workbooks_counts(kept, saved):
    rows, told = kept([order()], [order(amount=12_000)], saved)

    newer = max(zip(saved, "ab", (1.0, 1.2), strict=True))[1:]
    assert rows == [newer]
    assert told == [["order_differs", "a.xlsx" if newer[0] == "b" else "b.xlsx"]]


def test_one_number_on_two_days_for_two_amounts_is_two_orders(kept):
    rows, told = kept([order()], [order(day=dt.date(2026, 3, 6), amount=12_000)])

    assert rows == [("a", 1.0), ("b", 1.2)]
    assert [code for code, _ in told] == ["order_number_reused"]


@pytest.mark.parametrize(
    "other", [{"day": dt.date(2026, 3, 6)}, {"amount": 12_000}, {"number": "Ｄ-1"}, {"number": "d-1", "product": "乙"}]
)
def test_the_day_or_the_amount_is_enough_and_width_and_case_are_nothing(kept, other):
    assert len(kept([order()], [order(**other)])[0]) == 1


def test_another_customers_order_of_that_number_is_its_own(gather):
    portfolio = gather(
        a={"info": [INFO], "orders": [order()]},
        b={"info": [INFO | {"customer_id": "C002"}], "orders": [order(customer_id="C002")]},
    )

    assert len(portfolio.orders) == 2


def test_lines_without_a_number_count_each_unless_they_are_the_same(kept):
    rows, _ = kept([order(""), order("", amount=20_000)], [order(""), order("", amount=30_000)])

    assert sorted(amount for _, amount in rows) == [1.0, 2.0, 3.0]


def test_many_orders_told_again_are_told_at_once(kept):
    many = [order(f"D-{number}", amount=number * 100) for number in range(1, 12)]

    _, told = kept(many, [row | {"amount": 7.0} for row in many])

    assert told == [["orders_differ", "a.xlsx"]]
