"""One customer in several workbooks is one row: sums, extremes, unions, and where every value comes from."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from kam_xl.core.consolidation import consolidate
from tests.builders import team_book
from tests.core.several_books import NEW, OLD, info


class TestOneCustomerInSeveralBooks:
    def test_amounts_are_summed_dates_stretched_and_lists_united(self, gather):
        portfolio = gather(
            华东={
                "info": [
                    info(amount=0.1, since=dt.date(2020, 5, 1), last_deal=dt.date(2026, 1, 2), products="A产品、B服务")
                ]
            },
            华北={
                "info": [
                    info(amount=0.2, since=dt.date(2019, 5, 1), last_deal=dt.date(2025, 1, 2), products="B服务,C产品")
                ]
            },
        )

        customer = portfolio.customers.iloc[0]

        assert len(portfolio.customers) == 1
        assert customer["amount"] == 0.3  # as people add, not as binary fractions do
        assert (customer["since"].year, customer["last_deal"].year) == (2019, 2026)
        assert set(customer["products"].split("、")) == {"A产品", "B服务", "C产品"}
        assert (customer["teams"], customer["team_count"]) == ("华东、华北", 2)

    @pytest.mark.parametrize(("rule", "amount"), [("sum", 30.0), ("latest", 20.0), ("largest", 20.0)])
    def test_the_policy_chooses_which_amount_counts(self, policy, rule, amount):
        books = [
            team_book(policy, "a.xlsx", modified=OLD, info=[info(amount=10.0)]),
            team_book(policy, "b.xlsx", modified=NEW, info=[info(amount=20.0)]),
        ]

        portfolio = consolidate(books, dataclasses.replace(policy, amount_rule=rule))

        assert portfolio.customers["amount"].tolist() == [amount]

    def test_an_amount_nobody_knows_stays_unknown_and_one_known_part_counts(self, gather):
        portfolio = gather(
            a={"info": [info(), info("C002", "乙", amount=5.0)]},
            b={"info": [info(), info("C002", "乙", amount="待定")]},
        )

        assert portfolio.customers["amount"].isna().tolist() == [True, False]
        assert portfolio.customers["amount"].iat[1] == 5.0

    def test_the_newest_book_is_shown_and_every_value_is_listed(self, policy):
        books = [
            team_book(policy, "a.xlsx", modified=NEW, info=[info(industry="科技", phone="010-1", amount=1.0)]),
            team_book(policy, "b.xlsx", modified=OLD, info=[info(industry="通信", phone="010 1", amount=2.0)]),
        ]

        portfolio = consolidate(books, policy)

        assert portfolio.customers["industry"].tolist() == ["科技"]
        columns = ["field", "typed_value", "book", "sheet", "cell", "shown", "nature"]
        assert portfolio.conflicts[columns].values.tolist() == [
            ["industry", "科技", "a.xlsx", "客户基础信息表", "C2", True, "differs"],
            ["industry", "通信", "b.xlsx", "客户基础信息表", "C2", False, "differs"],
        ]

    def test_a_blank_in_the_newest_book_is_no_contradiction_and_is_filled_from_another(self, policy):
        books = [
            team_book(policy, "a.xlsx", modified=NEW, info=[info(amount=1.0)]),
            team_book(policy, "b.xlsx", modified=OLD, info=[info(industry="通信", amount=2.0)]),
        ]

        portfolio = consolidate(books, policy)

        assert portfolio.customers["industry"].tolist() == ["通信"]
        assert portfolio.conflicts.empty
        origin = portfolio.origins.set_index("field").loc["industry"]
        assert (origin["book"], origin["cell"]) == ("b.xlsx", "C2")

    def test_every_part_of_a_sum_is_traced(self, gather):
        portfolio = gather(a={"info": [info(amount=1.0)]}, b={"info": [info(amount=2.0)]})

        parts = portfolio.origins[portfolio.origins["field"] == "amount"]

        assert parts[["book", "cell"]].values.tolist() == [["a.xlsx", "I2"], ["b.xlsx", "I2"]]

    def test_one_value_in_each_language_is_marked_as_such_but_a_name_never(self, policy):
        books = [
            team_book(policy, "a.xlsx", modified=NEW, info=[info(name="甲", industry="科技", amount=1.0)]),
            team_book(
                policy, "b.xlsx", modified=OLD, lang="en", info=[info(name="Jia", industry="Technology", amount=2.0)]
            ),
        ]

        conflicts = consolidate(books, policy).conflicts

        assert conflicts.groupby("field")["nature"].unique().str[0].to_dict() == {
            "industry": "language",
            "name": "differs",
        }

    def test_sizes_are_compared_by_their_numbers(self, gather):
        portfolio = gather(
            a={"info": [info(size="2822人/77.00亿元", amount=1)]},
            b={"info": [info(size="2,822 staff / CNY 77.00 x100m", amount=2)]},
        )

        assert portfolio.conflicts.empty

    def test_ids_are_compared_after_width_case_and_blanks_and_never_guessed(self, gather):
        portfolio = gather(
            a={"info": [info("ｃ001 ", amount=1)]}, b={"info": [info("C001", amount=2)]}, c={"info": [info(1.0)]}
        )

        assert portfolio.customers["customer_id"].tolist() == ["1", "C001"]
