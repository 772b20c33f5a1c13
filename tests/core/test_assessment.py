"""One call takes a portfolio to everything the reports show."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import assessment as assessments
from kam_xl.core import history
from kam_xl.core.policy import Policy

EXAMPLE = {
    "customers": [{"customer_id": "C001", "name": "某科技"}, {"customer_id": "C002", "name": "某制造"}],
    "evaluations": [
        {"customer_id": "C001", "value": 92, "potential": 88, "demand": 85, "composite": 89.6, "tier": "strategic"},
        {"customer_id": "C002", "value": 55, "potential": 45, "demand": 70, "composite": 56.5, "tier": "regular"},
    ],
}


def test_the_sources_example_comes_out_as_the_handbook_says(assessed) -> None:
    columns = ["score", "computed_tier", "recorded_score", "recorded_tier", "verdict"]
    assert assessed(**EXAMPLE).customers[columns].to_numpy().tolist() == [
        [89.4, "key", 89.6, "strategic", "tier_differs"],
        [55.0, "regular", 56.5, "regular", "score_differs"],
    ]


def test_only_the_deciding_evaluation_counts_and_all_are_scored(assessed) -> None:
    older = {"value": 95, "potential": 95, "demand": 95, "evaluated_on": dt.date(2023, 9, 1), "current": False}
    both = assessed(evaluations=[older, {}])
    assert both.evaluations["computed_tier"].tolist() == ["strategic", "regular"]
    assert both.customers["score"].tolist() == [60.0]


def test_a_customer_without_an_evaluation_is_kept_unknown(assessed) -> None:
    result = assessed(customers=[{"customer_id": "C001"}, {"customer_id": "C002"}], evaluations=[{}])
    row = result.customers.iloc[1]
    assert row[["score", "computed_tier", "recorded_score", "evaluated_on"]].isna().all()
    assert row["verdict"] == "unknown"
    assert result.tiers["tier"].tolist()[-1] == "unknown"


def test_a_portfolio_without_customers_is_assessed(assessed) -> None:
    nothing = assessed(customers=[], evaluations=[], tracking=[], sources=[])
    assert nothing.customers.empty
    assert nothing.risks.empty
    assert nothing.actions.empty
    assert nothing.teams.empty
    assert nothing.policy_notes == ()


def test_teams_count_their_own_customers_and_amounts(assessed) -> None:
    records = [
        {"customer_id": "C001", "team": "华东", "amount": 60},
        {"customer_id": "C001", "team": "华北", "amount": 40},
        {"customer_id": "C002", "team": "华北", "amount": None},
        {"customer_id": "C002", "team": "华北", "amount": 30, "repeated": True},
    ]
    sources = [{"team": "华东", "finding_count": 2}, {"team": "华北", "finding_count": 1, "book": "华北.xlsx"}]
    rows = {
        **EXAMPLE,
        "tracking": [{"customer_id": "C001", "status": "done"}, {"customer_id": "C002", "problem": "延迟"}],
    }
    result = assessed(records=records, sources=sources, **rows)
    assert result.teams.columns.tolist() == list(assessments.TEAM_COLUMNS)
    assert list(result.teams.itertuples(index=False, name=None)) == [
        ("华东", 1, 60.0, 0, 1, 0, 1, 2 + 3),  # and two scores and a tier recorded wrongly
        ("华北", 2, 40.0, 0, 1, 0, 1, 1),
    ]
    shares = result.team_tiers.set_index(["team", "tier"])["share"]
    assert shares["华北", "key"] == 0.5


def test_hysteresis_looks_at_last_nights_tier(assessed, policy: Policy) -> None:
    slow = dataclasses.replace(policy, hysteresis=2)
    before = history.snapshot(assessed(evaluations=[{"value": 89, "potential": 89, "demand": 89}]))
    near = {"evaluations": [{"value": 91, "potential": 91, "demand": 91}]}
    assert assessed(**near, past=before).customers["computed_tier"].tolist() == ["strategic"]
    held = assessed(**near, past=before, policy=slow)
    assert held.customers["computed_tier"].tolist() == held.evaluations["computed_tier"].tolist() == ["key"]


def test_an_empty_snapshot_is_no_night_to_compare_with(assessed) -> None:
    empty = history.snapshot(assessed(customers=[], evaluations=[], tracking=[]))
    result = assessed(past=empty)
    assert result.previous is None
    assert result.changes.empty


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_language_changes_texts_and_nothing_else(lang: str, assessed) -> None:
    one, other = assessed(**EXAMPLE), assessed(lang=lang, **EXAMPLE)
    for frame, texts in (
        ("customers", ["core_strategy", "measures", "escalation"]),
        ("risks", ["subject", "evidence", "remedy", "owner", "escalated_to"]),
    ):
        pd.testing.assert_frame_equal(
            getattr(one, frame).drop(columns=texts), getattr(other, frame).drop(columns=texts)
        )
    assert other.lang == lang


@pytest.mark.slow
def test_the_order_of_rows_does_not_change_what_is_found(assessed) -> None:
    tracking = [
        {"end": dt.date(2024, 2, 1)},
        {"problem": "拖欠"},
        {"customer_id": "C002", "problem": "价格战"},
        {"customer_id": "C002", "strategy": "另一项", "end": dt.date(2024, 1, 1)},
    ]
    rows = [row | {"row": number} for number, row in enumerate(tracking)]
    straight, reverse = (assessed(tracking=some, **EXAMPLE) for some in (rows, rows[::-1]))
    pd.testing.assert_frame_equal(straight.risks, reverse.risks)
    pd.testing.assert_frame_equal(straight.actions, reverse.actions)


@pytest.mark.parametrize(
    ("composite", "tier", "codes"),
    [
        (60.0, "regular", []),
        (None, None, []),
        (60.04, "regular", []),
        (60.1, "regular", ["composite_mismatch"]),
        (60.0, "key", ["tier_mismatch"]),
        (89.6, "regular", ["composite_mismatch", "tier_mismatch"]),  # neither the recorded score's tier
        (89.6, "key", ["composite_mismatch", "tier_mismatch"]),  # … nor the computed one's
    ],
)
def test_what_is_recorded_wrongly_is_found(assessed, composite, tier, codes) -> None:
    result = assessed(evaluations=[{"composite": composite, "tier": tier}])
    found = result.portfolio.findings
    assert found["code"].tolist() == codes
    assert result.portfolio.sources["finding_count"].tolist() == [len(codes)]


def test_a_mismatch_names_both_values_and_its_cell(assessed) -> None:
    letters = {("华东.xlsx", "evaluation"): {"composite": "E", "tier": "F"}}
    result = assessed(evaluations=[{"composite": 61.0, "tier": "key"}], letters=letters, lang="en")
    found = result.portfolio.findings[["cell", "typed_value", "detail"]].values.tolist()
    assert found == [["E2", "61.0", "60.0"], ["F2", "Key", "Regular"]]


def test_only_a_books_newest_evaluation_answers_for_its_records(assessed) -> None:
    rows = [{"composite": 60.0}, {"composite": 10.0, "current": False, "evaluated_on": dt.date(2023, 1, 1)}]
    assert assessed(evaluations=rows).portfolio.findings.empty


@pytest.mark.slow
def test_a_team_whose_book_was_read_is_not_missing_though_its_rows_equal_anothers(assessed) -> None:
    both = [{"team": "华东"}, {"team": "华北", "book": "华北.xlsx"}]
    past = history.snapshot(assessed(customers=[{"teams": "华北、华东"}], sources=both))

    assert assessed(past=past, sources=both).comparable  # every row counts as 华东's
    assert not assessed(past=past, sources=both[:1]).comparable


def test_what_was_computed_of_it_stays_once_it_is_explained(assessed) -> None:
    found = assessed(**EXAMPLE)
    actions = found.actions

    explained = assessments.explained(found, unexplained="absent")
    assert explained.unexplained == "absent"
    assert explained.actions is actions
    assert found.unexplained == ""
    assert explained.moves is found.moves
