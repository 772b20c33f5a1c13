"""Which evaluation decides: the latest, on one day the highest rank; a tie nobody can settle is said."""

from __future__ import annotations

import datetime as dt

from tests.core.several_books import codes, evaluation, info


class TestEvaluations:
    def test_the_latest_decides_and_the_others_are_kept(self, gather):
        portfolio = gather(
            a={"info": [info()], "evaluation": [evaluation(value=50, on=dt.date(2025, 1, 1)), evaluation(value=90)]}
        )

        assert portfolio.evaluations[["value", "current"]].values.tolist() == [[90.0, True], [50.0, False]]
        assert "evaluation_superseded" in codes(portfolio)

    def test_on_one_day_the_highest_rank_decides_silently(self, gather):
        portfolio = gather(
            a={"info": [info()], "evaluation": [evaluation(value=50, evaluator="王经理")]},
            b={"evaluation": [evaluation(value=90, evaluator="李总监")]},
        )

        assert portfolio.evaluations.query("current")["value"].tolist() == [90.0]
        assert "evaluation_tie" not in codes(portfolio)

    def test_a_tie_of_one_day_and_rank_is_a_conflict_and_the_first_team_is_used(self, gather):
        portfolio = gather(
            b={"info": [info()], "evaluation": [evaluation(value=90, evaluator="王经理")]},
            a={"evaluation": [evaluation(value=50, evaluator="张经理")]},
        )

        assert portfolio.evaluations.query("current")["team"].tolist() == ["a"]
        assert "evaluation_tie" in codes(portfolio)
        assert portfolio.conflicts[["field", "typed_value", "book", "cell"]].values.tolist() == [
            ["value", "50.0", "a.xlsx", "B2"],
            ["value", "90.0", "b.xlsx", "B2"],
        ]

    def test_an_undated_evaluation_never_beats_a_dated_one(self, gather):
        portfolio = gather(a={"info": [info()], "evaluation": [evaluation(value=90, on=""), evaluation(value=50)]})

        assert portfolio.evaluations.query("current")["value"].tolist() == [50.0]
        assert "evaluation_undated" in codes(portfolio)

    def test_gaps_between_the_sheets_are_found(self, gather):
        portfolio = gather(a={"info": [info(), info("C002", "乙")], "evaluation": [evaluation(), evaluation("C998")]})

        found = portfolio.findings.set_index("code")["customer_id"].to_dict()
        assert found["evaluation_missing"] == "C002"
        assert found["evaluation_unknown_customer"] == "C998"
