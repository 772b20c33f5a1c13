"""A row said twice counts once, be it in one workbook or in two."""

from __future__ import annotations

from kam_xl.core.consolidation import consolidate
from tests.builders import team_book
from tests.core.several_books import codes, info


class TestRepeats:
    def test_a_copy_counts_once_and_the_plainest_name_is_the_original(self, policy):
        books = [
            team_book(policy, name, sha256="same", info=[info(amount=5)]) for name in ("华东 - 副本.xlsx", "华东.xlsx")
        ]

        portfolio = consolidate(books, policy)

        assert portfolio.customers["amount"].tolist() == [5.0]
        assert portfolio.sources[["book", "outcome"]].values.tolist() == [
            ["华东 - 副本.xlsx", "copy"],
            ["华东.xlsx", "used"],
        ]
        assert portfolio.sources["detail"].tolist()[0] == "华东.xlsx"

    def test_a_row_identical_in_every_field_counts_once(self, gather):
        portfolio = gather(a={"info": [info(amount=5)]}, b={"info": [info(amount=5)]})

        assert portfolio.customers["amount"].tolist() == [5.0]
        assert codes(portfolio).count("duplicate_row_exact") == 1

    def test_of_a_book_that_mostly_repeats_another_one_counts_and_the_difference_is_a_conflict(self, gather):
        rows = [info(f"C{n:03}", f"客户{n}", amount=n) for n in range(10)]
        changed = [*rows[:9], info("C009", "客户9", amount=10)]

        portfolio = gather(a={"info": rows}, b={"info": changed})

        assert portfolio.customers["amount"].sum() == 45
        assert portfolio.sources[["book", "outcome", "detail"]].fillna("").to_numpy().tolist() == [
            ["a.xlsx", "used", ""],
            ["b.xlsx", "undecided", "a.xlsx"],
        ]
        assert portfolio.conflicts[
            ["customer_id", "field", "typed_value", "book", "cell", "shown"]
        ].to_numpy().tolist() == [
            ["C009", "amount", "9.0", "a.xlsx", "I11", True],
            ["C009", "amount", "10.0", "b.xlsx", "I11", False],
        ]

    def test_an_id_repeated_in_one_book_keeps_its_first_row_and_adds_nothing(self, gather):
        portfolio = gather(a={"info": [info(amount=5), info(amount=7)]})

        assert portfolio.customers["amount"].tolist() == [5.0]
        assert "duplicate_id_conflict" in codes(portfolio)
        amounts = portfolio.conflicts[portfolio.conflicts["field"] == "amount"]
        assert amounts[["typed_value", "cell", "shown"]].values.tolist() == [["5.0", "I2", True], ["7.0", "I3", False]]
