"""Amounts of which nobody said the unit: 万元 where the others bear it out, else unknown, and whoever is far off is told."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import validation
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.consolidation import consolidate
from tests.builders import TODAY


def book(name, header="累计金额", amounts=(), first=1, sheet="客户基础信息表", above=(), more=()):
    """A workbook of customers C001, C002 … with amounts below a header of their own."""
    rows = [[f"C{n:03}", f"客户{n}", amount] for n, amount in enumerate(amounts, first)]
    return Book(
        f"{name}.xlsx", name, (RawSheet(sheet, [*above, ["客户ID", "客户名称", header], *rows]), *more), sha256=name
    )


@pytest.fixture
def gather(policy):
    def consolidated(*books):
        return consolidate([validation.validate(one, policy, TODAY) for one in books], policy)

    return consolidated


def told(portfolio, *fields):
    rows = portfolio.findings[portfolio.findings["code"].str.startswith("amount_")]
    return rows[["code", *fields]].fillna("").to_numpy().tolist()


def known(portfolio):
    return portfolio.customers.set_index("customer_id")["amount"]


class TestAlone:
    def test_amounts_of_a_usual_size_are_ten_thousands_and_that_is_said_once(self, gather):
        portfolio = gather(book("a", "Total Amount", [520.0, "1,300", 99_999.0]))

        assert known(portfolio).tolist() == [520, 1300, 99_999]
        assert told(portfolio, "cell", "field", "typed_value") == [
            ["amount_unit_assumed", "C1", "amount", "Total Amount"]
        ]

    def test_larger_ones_are_unknown_look_like_yuan_and_stay_as_typed(self, gather):
        portfolio = gather(book("a", "Total Amount", [5_200_000.0, "3,000,000"]))

        assert known(portfolio).isna().all()
        assert portfolio.records["as_typed"].tolist() == ["Total Amount=5200000", "Total Amount=3,000,000"]
        assert told(portfolio, "cell", "detail") == [["amount_unit_missing", "C1", "元"]]

    @pytest.mark.parametrize(
        ("median", "code"), [(99_999.0, "amount_unit_assumed"), (100_000.0, "amount_unit_missing")]
    )
    def test_the_policy_says_how_large(self, gather, median, code):
        assert told(gather(book("a", amounts=[1.0, median, 1e7]))) == [[code]]

    def test_no_usual_unit_is_proposed_where_none_fits(self, gather):
        assert told(gather(book("a", amounts=[5e9])), "detail") == [["amount_unit_unclear", ""]]

    def test_nothing_and_zero_need_no_unit(self, gather):
        portfolio = gather(book("a", amounts=[0.0, "待定", ""]))

        assert "amount_unit_assumed" not in portfolio.findings["code"].tolist()
        assert known(portfolio)["C001"] == 0

    def test_cells_that_name_their_unit_count_and_tell_about_the_rest(self, gather):
        portfolio = gather(book("a", amounts=["520万", "3,000,000元", 4_000_000.0]))

        assert known(portfolio).fillna(-1).tolist() == [520, 300, -1]
        assert told(portfolio, "detail") == [["amount_unit_missing", "元"]]

    def test_an_amount_beyond_the_limit_is_implausible_only_once_its_unit_is_settled(self, gather):
        portfolio = gather(book("a", amounts=[1.0, 1.0, 2e8]))

        assert known(portfolio).fillna(-1).tolist() == [1, 1, -1]
        assert told(portfolio, "cell", "typed_value") == [
            ["amount_implausible", "C4", "200000000"],
            ["amount_unit_assumed", "C1", "累计金额"],
        ]


class TestBesideOthers:
    def test_of_two_books_one_in_yuan_only_the_other_counts(self, gather):
        portfolio = gather(
            book("east", "累计交易额（万元）", [10.0, 20.0]), book("south", amounts=[50_000.0, 70_000.0])
        )

        assert known(portfolio).tolist() == [10, 20]
        assert portfolio.customers["amount_gaps"].tolist() == [1, 1]
        assert ["amount_unit_missing", "south.xlsx", "元"] in told(portfolio, "book", "detail")

    @pytest.mark.parametrize(
        ("amount", "unit"),
        [
            (10 * 30, None),
            (10 * 30 + 1, "千元"),
            (10 / 30, None),
            (10 / 31, "百万元"),
            (1e5, "元"),
            (1e-3, "亿元"),
            (1e-9, ""),
        ],
    )
    def test_a_factor_of_the_policy_either_way(self, gather, amount, unit):
        portfolio = gather(book("a", "累计金额（万元）", [10.0]), book("b", amounts=[amount], first=9))

        units = [detail for code, detail in told(portfolio, "detail") if code.startswith("amount_unit")]
        assert units == [unit or ""]
        assert known(portfolio).notna()["C009"] == (unit is None)

    @pytest.mark.parametrize(("amount", "unit"), [(0.002, "百万元"), (0.0005, "亿元")])
    def test_of_two_units_that_fit_the_closer_is_proposed(self, gather, amount, unit):
        portfolio = gather(book("a", "累计金额（万元）", [1.0]), book("b", amounts=[amount], first=9))

        assert ["amount_unit_missing", unit] in told(portfolio, "detail")

    def test_whoever_names_a_unit_outweighs_all_who_do_not(self, gather):
        yuan = [book(name, amounts=[5e4], first=n) for n, name in enumerate("abcde", 1)]

        assert known(gather(*yuan, book("z", "累计金额（万元）", [5.0], first=9))).dropna().tolist() == [5]

    def test_where_nobody_names_a_unit_agreement_proves_nothing(self, gather):
        yuan = [book(name, amounts=[5e6], first=n) for n, name in enumerate("abc", 1)]

        assert known(gather(*yuan)).isna().all()

    def test_where_nobody_names_a_unit_the_odd_one_is_unknown(self, gather):
        books = [
            book(name, amounts=[amount], first=n)
            for n, (name, amount) in enumerate([("a", 50.0), ("b", 60.0), ("c", 9e4)], 1)
        ]

        assert known(gather(*books)).fillna(-1).tolist() == [50, 60, -1]

    @pytest.mark.slow
    @settings(max_examples=12)
    @given(order=st.permutations([("a", 50.0), ("b", 60.0), ("c", 9e4), ("d", 2e6)]))
    def test_the_order_of_the_books_never_matters(self, policy, order):
        numbers = {"a": 1, "b": 2, "c": 3, "d": 4}
        books = [
            book(name, "累计金额（元）" if name == "d" else "累计金额", [amount], numbers[name])
            for name, amount in order
        ]
        portfolio = consolidate([validation.validate(one, policy, TODAY) for one in books], policy)

        assert known(portfolio).fillna(-1).tolist() == [50, 60, -1, 200]

    def test_a_line_above_the_table_names_the_unit_too(self, gather):
        portfolio = gather(book("a", amounts=["5,200,000"], above=(["客户台账", "", "单位：元"], [])))

        assert known(portfolio).tolist() == [520]
        assert told(portfolio) == []
        assert portfolio.records["as_typed"].tolist() == ["累计金额(元)=5,200,000"]


OPTIONAL = [
    ("indicators", ["客户ID", "利润"], "profit", "C001"),
    ("renewals", ["客户ID", "合同金额"], "amount", "C001"),
]


@pytest.mark.parametrize(("kind", "header", "field", "customer"), OPTIONAL)
def test_profits_and_contracts_are_held_to_the_same_rule(gather, kind, header, field, customer):
    name = {"indicators": "评分指标", "renewals": "续约与商机"}[kind]
    sheets = [RawSheet(name, [header, [customer, amount]]) for amount in (50.0, 5e6)]
    amounts = [
        getattr(gather(book("a", "累计金额（万元）", [1.0], more=[sheet])), kind)[field].to_numpy() for sheet in sheets
    ]
    portfolio = gather(book("a", "累计金额（万元）", [1.0], more=[sheets[1]]))

    assert amounts[0].tolist() == [50]
    assert np.isnan(amounts[1]).all()
    assert told(portfolio, "sheet", "cell", "field", "detail") == [
        ["amount_unit_missing", name, "B1", f"{kind}.{field}", "元"]
    ]


class TestOutOfScale:
    def test_a_team_far_from_every_other_is_told_though_it_names_a_unit(self, gather):
        books = [book(name, "累计金额（万元）", [n * 10.0], first=n) for n, name in enumerate("abc", 1)]
        portfolio = gather(*books, book("z", "累计金额（万元）", [5e5, 6e5], first=9))

        assert told(portfolio, "book", "cell", "typed_value", "detail") == [
            ["amount_out_of_scale", "z.xlsx", "C2:C3", "550000", "20"]
        ]
        assert known(portfolio)["C009"] == 5e5  # told, not changed

    def test_one_neighbour_is_enough_and_so_is_the_policys_factor(self, gather, policy):
        books = [
            book(name, "累计金额（万元）", [amount], first=n)
            for n, (name, amount) in enumerate([("a", 1.0), ("b", 30.0), ("c", 900.0)], 1)
        ]
        strict = dataclasses.replace(policy, units=dataclasses.replace(policy.units, factor=29))

        assert told(gather(*books)) == []
        checked = [validation.validate(one, policy, TODAY) for one in books]
        assert [row[0] for row in told(consolidate(checked, strict))] == ["amount_out_of_scale"] * 3

    def test_one_team_alone_is_in_scale_with_itself(self, gather):
        assert told(gather(book("a", "累计金额（万元）", [9e6]))) == []


@pytest.mark.slow
@settings(max_examples=10)  # each consolidates twice
@given(amounts=st.lists(st.floats(0.01, 1e7), min_size=1, max_size=6), name=st.sampled_from(["元", "万元", "亿元"]))
def test_naming_the_unit_changes_nothing_but_the_question(policy, amounts, name):
    """What is taken without a unit is what would be read with 万元 written; what is not is in no sum."""
    others = book("o", f"累计金额（{name}）", [100.0, 200.0], first=50)
    with_unit, without = (
        consolidate([validation.validate(one, policy, TODAY) for one in (book("a", header, amounts), others)], policy)
        for header in ("累计金额（万元）", "累计金额")
    )

    taken = known(without)[: len(amounts)]
    assert taken.isna().all() or taken.tolist() == known(with_unit)[: len(amounts)].tolist()
    assert list(itertools.filterfalse(with_unit.customers.columns.__contains__, without.customers.columns)) == []
