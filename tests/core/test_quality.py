"""The quality of the data, the monthly sample and the morning's repairs (handbook §10)."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_xl.core import consolidation, findings, quality
from kam_xl.core.findings import Finding
from kam_xl.core.policy import Policy
from kam_xl.core.portfolio import Portfolio
from tests.builders import TODAY, team_book

D = dt.date
FULL = {
    "customer_id": "C001", "name": "某科技", "industry": "软件", "contact": "王总", "phone": "13800000000", "since": D(2020, 1, 1),
    "last_deal": D(2026, 11, 1), "amount": 100.0, "products": "A",
}  # fmt: skip
MARKED = {
    "customer_id": "C001", "value": 60.0, "potential": 60.0, "demand": 60.0, "tier": "普通客户", "evaluated_on": D(2026, 10, 1),
    "evaluator": "李总监",
}  # fmt: skip


def portfolio(policy: Policy, *books: dict, **sheets: Sequence[dict]) -> Portfolio:
    """Books by their sheets, each with a name; or the sheets of one book."""
    made = [team_book(policy, **book) for book in books or [sheets]]
    return consolidation.consolidate(made, policy)


def customers(of: Portfolio, **columns: object) -> pd.DataFrame:
    """The portfolio's customers with the planned columns."""
    return of.customers.assign(**{"last_contact": of.customers["last_deal"], "manager": None} | columns)


def marks(of: Portfolio, policy: Policy, past: pd.DataFrame | None = None) -> tuple[pd.Series, pd.Series]:
    """The first book's and the first customer's marks."""
    found = quality.score(of, customers(of), past, policy)
    return books(of, found, policy).iloc[0], found.customers.iloc[0]


def books(of: Portfolio, found: quality.Score, policy: Policy) -> pd.DataFrame:
    """The marks of every workbook."""
    return quality.books(found.counts, of.sources, policy)


def test_a_full_book_is_100_and_says_what_was_not_measured(policy: Policy) -> None:
    book, customer = marks(portfolio(policy, info=[FULL], evaluation=[MARKED]), policy)
    for mark in (book, customer):
        assert mark[["completeness", "validity", "consistency", "quality"]].tolist() == [100, 100, 100, 100]
        assert np.isnan(mark["freshness"])
        assert mark["coverage"] == 0.9
    assert (book["team"], book["customers"]) == ("华东", 1)


def test_completeness_counts_required_fields_only(policy: Policy) -> None:
    row = FULL | {"phone": "", "products": "", "remarks": ""}
    book, customer = marks(portfolio(policy, info=[row], evaluation=[MARKED]), policy)
    assert book["completeness"] == customer["completeness"] == 87.5  # 14 of 16
    assert book["quality"] == pytest.approx((0.4 * 87.5 + 0.5 * 100) / 0.9, abs=0.05)


def test_an_error_costs_validity_and_completeness(policy: Policy) -> None:
    book, _ = marks(portfolio(policy, info=[FULL | {"amount": "约五百"}], evaluation=[MARKED]), policy)
    assert book["completeness"] == 93.8  # 15 of 16
    assert book["validity"] == 93.8  # one of 16 cells that were filled in


def test_consistency_asks_customers_and_evaluations_for_each_other(policy: Policy) -> None:
    info = [FULL, FULL | {"customer_id": "C002", "name": "乙"}]
    evaluation = [MARKED, MARKED | {"customer_id": "C009"}]
    of = portfolio(policy, info=info, evaluation=evaluation, tracking=[{"customer": "C008", "strategy": "回访"}])
    found = quality.score(of, customers(of), None, policy)
    assert books(of, found, policy)["consistency"].tolist() == [
        25.0
    ]  # of C001, C002, C008, C009 only C001 stands in both
    assert found.customers["consistency"].to_dict() == {"C001": 100.0, "C002": 0.0}


def test_a_sheet_nobody_keeps_is_no_inconsistency(policy: Policy) -> None:
    book, customer = marks(portfolio(policy, info=[FULL]), policy)
    assert book["consistency"] == customer["consistency"] == 100


@pytest.mark.parametrize(
    ("contact", "last_night", "kept", "expected"),
    [
        (D(2026, 11, 20), D(2026, 11, 1), np.nan, 100),  # yesterday's, new tonight
        (D(2026, 11, 19), D(2026, 11, 1), np.nan, 100),  # the night of the 20th is the first after 24 hours
        (D(2026, 11, 18), D(2026, 11, 1), np.nan, 0),
        (D(2026, 11, 18), None, np.nan, 0),  # nothing was known of the customer's contacts
        (D(2026, 11, 18), D(2026, 11, 18), 100, 100),  # nothing new: the mark stays
        (D(2026, 11, 18), D(2026, 11, 18), np.nan, np.nan),
        (None, D(2026, 11, 18), 0, 0),
    ],
)
def test_freshness_is_seen_from_night_to_night(
    policy: Policy, contact: D | None, last_night: D | None, kept: float, expected: float
) -> None:
    of = portfolio(policy, info=[FULL])
    past = pd.DataFrame(
        {
            "customer_id": ["C001"], "last_contact": pd.to_datetime([last_night]), "freshness": [kept], "team_count": [1],
            "on": pd.to_datetime(["2026-11-20"]),
        }
    )  # fmt: skip
    now = customers(of, last_contact=pd.to_datetime([contact]))
    assert quality.fresh(now, past, policy).tolist() == pytest.approx([expected], nan_ok=True)
    found = books(of, quality.score(of, now, past, policy), policy)
    assert found["freshness"].tolist() == pytest.approx([expected], nan_ok=True)
    joined = now.assign(team_count=2)
    assert quality.fresh(joined, past, policy).tolist() == pytest.approx([kept], nan_ok=True)


def test_an_older_snapshot_leaves_freshness_unknown(policy: Policy) -> None:
    of = portfolio(policy, info=[FULL])
    past = pd.DataFrame({"customer_id": ["C001"], "on": pd.to_datetime(["2026-11-20"])})
    assert quality.fresh(customers(of), past, policy).isna().all()


CELLS = ["B2", "I2", "C3"]


@pytest.mark.slow
@given(st.lists(st.sampled_from(CELLS), max_size=3), st.sampled_from(CELLS))
@settings(max_examples=20)
def test_more_errors_never_raise_quality(
    two_customers: Portfolio, policy: Policy, cells: list[str], another: str
) -> None:
    before, after = (_with_errors(two_customers, found) for found in (cells, [*cells, another]))
    for one, two in zip(marks(before, policy), marks(after, policy), strict=True):
        assert two["quality"] <= one["quality"]


@pytest.fixture(scope="module")
def two_customers(policy: Policy) -> Portfolio:
    return portfolio(policy, info=[FULL, FULL | {"customer_id": "C002"}], evaluation=[MARKED])


def _with_errors(of: Portfolio, cells: list[str]) -> Portfolio:
    more = [
        ("华东.xlsx", Finding("error_cell", "客户基础信息表", cell, "amount", customer_id="C001")) for cell in cells
    ]
    return dataclasses.replace(of, findings=pd.concat([of.findings, findings.frame(more)], ignore_index=True))


# --- the sample --------------------------------------------------------------------------------------------------


def _team(name: str, count: int) -> dict:
    return {"name": f"{name}.xlsx", "info": [FULL | {"customer_id": f"C{i:03}", "remarks": name} for i in range(count)]}


def test_the_sample_names_each_cell_to_check(policy: Policy) -> None:
    found = quality.sample(portfolio(policy, info=[FULL]), policy, TODAY)
    assert list(found.columns) == list(quality.SAMPLE)
    assert found["field"].tolist() == list(policy.quality.sample_fields)
    assert found["cell"].tolist() == ["B2", "E2", "F2", "G2", "H2", "I2", "J2"]
    assert found["typed_value"].tolist()[2:] == ["13800000000", "2020-01-01", "2026-11-01", "100", "A"]
    assert set(found["seed"]) == {"2026-11|KAM"}


def test_each_team_gives_its_share(policy: Policy) -> None:
    of = portfolio(policy, _team("华东", 260), _team("华南", 10), _team("华北", 3))
    drawn = quality.sample(of, policy, TODAY).drop_duplicates(["team", "customer_id"])
    assert drawn["team"].value_counts().to_dict() == {
        "华东": 6,
        "华南": 5,
        "华北": 3,
    }  # 2 %, at least 5, no more than there are


def test_another_month_and_another_seed_draw_others(policy: Policy) -> None:
    of = portfolio(policy, _team("华东", 100))
    other = dataclasses.replace(policy, quality=dataclasses.replace(policy.quality, seed="other"))
    first, later, reseeded, again = (
        set(quality.sample(of, rule, on)["customer_id"])
        for rule, on in ((policy, TODAY), (policy, D(2026, 12, 1)), (other, TODAY), (policy, D(2026, 11, 1)))
    )
    assert first == again
    assert first != later
    assert first != reseeded


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0)])
def test_the_order_of_the_books_does_not_change_the_sample(policy: Policy, order: tuple[int, ...]) -> None:
    teams = [_team("华东", 8), _team("华南", 6), _team("华北", 2)]
    usual, other = (
        quality.sample(portfolio(policy, *books), policy, TODAY) for books in (teams, [teams[i] for i in order])
    )
    pd.testing.assert_frame_equal(other, usual)


def test_a_customer_who_joins_displaces_one_at_most(policy: Policy) -> None:
    before, after = (
        set(quality.sample(portfolio(policy, _team("华东", count)), policy, TODAY)["customer_id"]) for count in (50, 51)
    )
    assert len(before - after) <= 1


# --- repairs -----------------------------------------------------------------------------------------------------


def repairs(of: Portfolio, **columns: object) -> pd.DataFrame:
    return quality.repairs(of, customers(of, **columns))


def test_what_was_understood_is_proposed_in_its_proper_form(policy: Policy) -> None:
    row = FULL | {"customer_id": " c001", "amount": "520万", "since": "2020年1月5日", "last_deal": "2026-11-01"}
    found = repairs(portfolio(policy, info=[row], evaluation=[MARKED])).set_index("field")
    assert found["proposal"].to_dict() == {"amount": "520", "since": "2020-01-05", "customer_id": "C001"}
    assert found["typed_value"].to_dict() == {"amount": "520万", "since": "2020年1月5日", "customer_id": " c001"}
    assert found["cell"].to_dict() == {"amount": "I2", "since": "G2", "customer_id": "A2"}
    assert found.loc["customer_id", "code"] == "id_normalised"
    assert found["code"].isna().sum() == 2
    assert (found["severity"] == "info").all()
    assert (found["manager"] == "华东").all()


def test_an_amount_is_proposed_in_the_unit_of_its_header(policy: Policy) -> None:
    of = portfolio(policy, info=[FULL | {"amount": "520万"}], evaluation=[MARKED])
    of = dataclasses.replace(of, records=of.records.assign(as_typed="累计交易额（元）=520万"))
    assert repairs(of)["proposal"].tolist() == ["5200000"]


def test_a_moment_is_proposed_with_its_time_where_that_is_known(policy: Policy) -> None:
    log = {"customer_id": "C001", "kind": "投诉", "reported": "2026年10月1日 9:30", "answered": "2026年10月2日"}
    of = portfolio(policy, info=[FULL], evaluation=[MARKED], service=[log])
    found = repairs(of).set_index("field")["proposal"]
    assert found.to_dict() == {"service.reported": "2026-10-01 09:30", "service.answered": "2026-10-02"}


def test_a_number_typed_as_text_is_left_alone(policy: Policy) -> None:
    assert repairs(portfolio(policy, info=[FULL | {"amount": "520"}], evaluation=[MARKED])).empty


def test_what_only_a_person_can_know_has_no_proposal(policy: Policy) -> None:
    row = FULL | {"amount": "约五百", "since": "2020-01", "last_deal": "05/06/2025"}
    found = repairs(portfolio(policy, info=[row], evaluation=[MARKED])).set_index("field")
    assert set(found.index) == {
        "amount",
        "last_deal",
    }  # a month without a day is understood, and nothing to type instead
    assert found["proposal"].isna().all()
    assert (found["severity"] == "error").all()


def test_the_recorded_tier_is_to_become_the_computed_one(policy: Policy) -> None:
    of = portfolio(policy, info=[FULL])
    said = [("华东.xlsx", Finding("tier_mismatch", "评估", "F2", "tier", "战略客户", "C001", "重点客户"))]
    of = dataclasses.replace(of, findings=findings.frame(said))
    row = repairs(of, manager="张三").iloc[0]
    assert row[["manager", "team", "typed_value", "proposal", "severity"]].tolist() == [
        "张三", "华东", "战略客户", "重点客户", "warn"
    ]  # fmt: skip


def test_errors_come_first_and_a_file_without_problems_gives_none(policy: Policy) -> None:
    assert repairs(portfolio(policy, info=[FULL], evaluation=[MARKED])).empty
    found = repairs(portfolio(policy, info=[FULL | {"amount": "很多", "since": "2020年1月5日"}], evaluation=[]))
    assert list(found.columns) == list(quality.REPAIRS)
    assert found["severity"].tolist() == ["error", "warn", "info"]  # the customer has no evaluation, says the warning


def test_a_portfolio_of_nothing_has_frames_of_nothing(policy: Policy) -> None:
    of = consolidation.consolidate([], policy)
    found = quality.score(of, customers(of), None, policy)
    assert list(books(of, found, policy).columns) == list(quality.BOOKS)
    assert len(books(of, found, policy)) == len(found.customers) == 0
    assert list(quality.sample(of, policy, TODAY).columns) == list(quality.SAMPLE)
    assert list(repairs(of).columns) == list(quality.REPAIRS)
