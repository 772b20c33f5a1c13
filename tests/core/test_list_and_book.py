"""A workbook and the list its customers came from count once: the newer amount, and what only one of them says."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from kam_xl import resources
from kam_xl.core import consolidation, list_and_book
from kam_xl.core.nights import Source
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.validation import TeamBook
from tests.builders import team_book

POLICY = resources.policy()
OLD, NEW = dt.datetime(2026, 10, 1), dt.datetime(2026, 11, 1)
LISTED = [
    {"customer_id": "C001", "name": "甲", "amount": 7.0, "since": "2020-01-01"},
    {"customer_id": "C002", "name": "乙", "amount": 3.0},
]
TYPED = [{"customer_id": "C001", "name": "甲", "amount": 5.0, "remarks": "年底续约"}, {"customer_id": "C002", "name": "乙", "amount": 3.0},
         {"customer_id": "C009", "name": "癸", "amount": 1.0}]  # fmt: skip
MARKS = [{"customer_id": "C001", "value": 92.0, "potential": 88.0, "demand": 85.0, "evaluated_on": "2026-09-01"}]


def books(list_saved: dt.datetime, book_saved: dt.datetime) -> list[TeamBook]:
    book = team_book(POLICY, "华东.xlsm", info=TYPED, evaluation=MARKS, modified=book_saved)
    listed = team_book(POLICY, "华东客户_202611.csv", info=LISTED, modified=list_saved)
    return [book, dataclasses.replace(listed, list_of="华东.xlsm")]


def amounts(portfolio: Portfolio) -> dict[str, float]:
    return dict(zip(portfolio.customers["customer_id"], portfolio.customers["amount"], strict=True))


@pytest.mark.parametrize(
    ("saved", "expected"),
    [((NEW, OLD), {"C001": 7.0, "C002": 3.0, "C009": 1.0}), ((OLD, NEW), {"C001": 5.0, "C002": 3.0, "C009": 1.0})],
)
def test_the_newer_amount_counts_and_nothing_is_added_twice(saved: tuple, expected: dict) -> None:
    found = consolidation.consolidate(books(*saved), POLICY)

    assert amounts(found) == expected
    assert found.customers.set_index("customer_id").loc["C001", "remarks"] == "年底续约"
    assert found.evaluations["customer_id"].tolist() == ["C001"]
    assert set(found.findings["code"]) & {"amount_partial", "resembles", "superseded", "duplicate_row_exact"} == set()


def test_the_list_is_of_the_workbooks_team() -> None:
    found = consolidation.consolidate(books(NEW, OLD), POLICY)

    assert set(found.records["team"]) == {"华东"}
    assert found.customers["team_count"].tolist() == [1, 1, 1]
    assert set(found.sources["outcome"]) == {"used"}


def test_without_its_workbook_a_list_counts_as_any_other() -> None:
    _, listed = books(NEW, OLD)
    found = consolidation.consolidate([listed], POLICY)
    assert (amounts(found), found.records["team"].unique().tolist()) == (
        {"C001": 7.0, "C002": 3.0},
        ["华东客户_202611"],
    )


def test_a_row_that_says_no_more_than_the_newer_one_is_left_out() -> None:
    kept = list_and_book.said_once(books(NEW, OLD))[0].tables["info"].rows

    assert kept["customer_id"].tolist() == ["C001", "C009"]
    assert kept["amount"].isna().tolist() == [True, False]


ORDERED = [{"customer_id": "C001", "ordered_on": "2026-05-01", "amount": 30_000}]


def lost(name: str) -> Source:
    return Source(name, name.rpartition(".")[0], "", 0, None, "quarantined", "damaged", None)


@pytest.mark.parametrize(("name", "team"), [
    ("华东/订单.parquet", "华东/台账"), ("华东/订单.CSV", "华东/台账"), ("华东/台账2.xlsx", "华东/台账2"), ("订单.csv", "订单"),
    ("华北/订单.csv", "华北/订单"),
])  # fmt: skip
def test_an_export_that_cannot_be_used_is_of_the_team_beside_whose_workbook_it_lies(name: str, team: str) -> None:
    teams = [team_book(POLICY, "华东/台账.xlsx", info=TYPED), team_book(POLICY, "华南/台账.xlsx", info=LISTED)]
    found = consolidation.consolidate(teams, POLICY, [lost(name)])

    assert found.sources.set_index("book").loc[name, "team"] == team


def test_a_lost_export_leaves_the_orders_beside_it_their_team() -> None:
    teams = [team_book(POLICY, "华东/台账.xlsx", info=TYPED), team_book(POLICY, "华东/订单.csv", orders=ORDERED)]

    assert {book.team for book in list_and_book.in_one_team(teams, [lost("华东/退货.csv")])} == {"华东/台账"}
    assert len({book.team for book in list_and_book.in_one_team(teams, [lost("华东/旧台账.xlsx")])}) == 2


def test_orders_beside_a_workbook_mean_its_customers_though_another_team_has_one_of_the_name() -> None:
    ordered = [{"customer_id": "甲", "ordered_on": "2026-05-01", "amount": 30_000}] * 2
    teams = [
        team_book(POLICY, "华东/台账.xlsx", info=TYPED),
        team_book(POLICY, "华南/台账.xlsx", info=[LISTED[0] | {"customer_id": "S001"}]),
    ]

    found = consolidation.consolidate([*teams, team_book(POLICY, "华东/订单.csv", orders=ordered)], POLICY)
    assert set(found.orders["customer_id"]) == {"C001"}

    unclear = consolidation.consolidate([*teams, team_book(POLICY, "订单.csv", orders=ordered)], POLICY).findings
    assert unclear["code"].tolist().count("customer_unclear") == 1  # however many rows ask it


def test_who_left_the_list_and_stays_in_the_workbook_is_named_and_counts() -> None:
    rows = [{"customer_id": f"C{n:03}", "name": f"甲{n}", "phone": f"021-5555{n:04}"} for n in range(1, 9)]
    book = team_book(POLICY, "华东.xlsm", info=rows, modified=OLD)
    lists = [
        dataclasses.replace(team_book(POLICY, f"客户_{month}.csv", info=some, modified=NEW), list_of="华东.xlsm")
        for month, some in (("202610", rows), ("202611", rows[:-1]))
    ]

    def told(*books: TeamBook) -> list[list[str]]:
        found = consolidation.consolidate([*books], POLICY).findings
        return (
            found.loc[found["code"].isin(["list_lacks", "version_lacks"]), ["code", "book", "typed_value", "detail"]]
            .to_numpy()
            .tolist()
        )

    assert told(book, *lists) == [["list_lacks", "客户_202610.csv", "C008", "1"]]
    assert told(*lists) == [["version_lacks", "客户_202610.csv", "C008", "1"]]
