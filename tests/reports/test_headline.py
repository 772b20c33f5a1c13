"""The first sentence and the key figures: what is counted, what it is compared with, and how it is said."""

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import service
from kam_xl.reports import excerpts
from kam_xl.reports.headline import headline, key_figures


def at_high_risk(assessment, now, before, tier="strategic"):
    """The same night with ``now`` customers of a tier at high risk, 1.5 万元 each, after ``before`` of them; nine in all."""

    def customers(count, column):
        return pd.DataFrame({column: tier, "amount": 1.5, "level": ["high"] * count + ["none"] * (9 - count)})

    assessment.customers = customers(now, "computed_tier")
    assessment.past = customers(before, "tier")
    return assessment


@pytest.mark.parametrize(
    ("now", "before", "zh", "en"),
    [
        (3, 1, "3 家战略客户处于高风险，涉及 4.5 万元，占全部交易额 33%；比昨晚多 2 家",
         "3 strategic customers at high risk, with CNY 45.0 thousand, 33% of all; 2 more than last night"),
        (1, 3, "1 家战略客户处于高风险，涉及 1.5 万元，占全部交易额 11%；比昨晚少 2 家",
         "1 strategic customer at high risk, with CNY 15.0 thousand, 11% of all; 2 fewer than last night"),
        (2, 2, "2 家战略客户处于高风险，涉及 3.0 万元，占全部交易额 22%；与昨晚持平",
         "2 strategic customers at high risk, with CNY 30.0 thousand, 22% of all; as many as last night"),
        (0, 4, "没有客户处于高风险；比昨晚少 4 家", "No customer is at high risk; 4 fewer than last night"),
    ],
)  # fmt: skip
def test_the_headline_says_how_many_with_how_much_money_and_compares(an_assessment, now, before, zh, en):
    assert zh == headline(at_high_risk(an_assessment("zh-CN"), now, before))
    assert en == headline(at_high_risk(an_assessment("en"), now, before))


def test_where_the_highest_tier_is_calm_the_others_are_told_and_compared(an_assessment):
    assert headline(at_high_risk(an_assessment(), 2, 1, "key")) == (
        "2 家客户处于高风险，涉及 3.0 万元，占全部交易额 22%，其中没有战略客户；比昨晚多 1 家"
    )


def test_what_many_share_is_the_headline_where_nobody_stands_out(an_assessment):
    assessment = at_high_risk(an_assessment(), 0, 0)
    assessment.common = pd.DataFrame({"rule": ["silent_customer", "strategy_overdue"]})

    assert headline(assessment) == "没有客户单独处于高风险，但有 2 类问题是许多客户共有的；与昨晚持平"
    assert key_figures(assessment)[0].verdict == "watch"


def test_money_that_nobody_knows_is_said_to_be_unknown(an_assessment):
    assessment = at_high_risk(an_assessment("en"), 2, 2)
    assessment.customers["amount"] = float("nan")

    assert headline(assessment) == "2 strategic customers at high risk, amount unknown; as many as last night"


def test_the_first_night_says_so_in_the_headline_alone(an_assessment):
    first = an_assessment("en", past=False)

    assert headline(first).endswith("; this is the first run, so nothing is compared yet")
    assert key_figures(first)[0].change_text == ""


def test_a_missed_night_is_named_by_its_date(an_assessment):
    assessment = an_assessment("en")
    assessment.previous = dt.date(2025, 11, 17)
    assessment.next_day = False

    assert headline(assessment).endswith("; 1 more than the run of 2025-11-17")


def test_no_customers_make_no_figures_up(an_empty_assessment):
    empty = an_empty_assessment("en")
    figures = {figure.key: figure for figure in key_figures(empty)}

    assert headline(empty) == "No customers to report tonight"
    assert figures["high"].verdict == "plain"


def without_scores(assessment):
    """The same night before anybody was evaluated: no tier, no high risk."""
    assessment.customers = assessment.customers.assign(computed_tier=None, level="none", health_colour=None)
    assessment.actions, assessment.matters = assessment.actions.iloc[:0], assessment.matters.iloc[:0]
    return without_service_log(assessment)


def without_service_log(assessment):
    """The same night where no team keeps a service log."""
    assessment.portfolio.letters = {
        place: fields for place, fields in assessment.portfolio.letters.items() if place[1] == "info"
    }
    return assessment


@pytest.mark.parametrize(
    ("lang", "sentence"), [("zh-CN", "还没有客户可以评分"), ("en", "No customer can be scored yet")]
)
@pytest.mark.parametrize("past", [True, False])
def test_customers_without_scores_are_no_all_clear(an_assessment, lang, sentence, past):
    assessment = without_scores(an_assessment(lang, past=past))
    figures = key_figures(assessment)

    assert headline(assessment) == sentence
    assert [figure.value_text for figure in figures[:2]] == ["0", "0"]
    assert not [figure for figure in figures[:2] if figure.verdict == "good"]


def test_where_nobody_is_scored_the_sentence_says_how_many_need_something(an_assessment):
    assessment = an_assessment("en")
    assessment.customers = assessment.customers.assign(computed_tier=None)
    waiting = assessment.matters["customer_id"].nunique()
    assert headline(assessment) == f"{waiting} customers need something; none can be scored yet"


@pytest.mark.parametrize(("now", "before"), [(0, 4), (1, 3), (3, 1)])
@pytest.mark.parametrize(
    ("lang", "change"),
    [
        ("zh-CN", "部分工作簿未读到，无法与昨晚比较"),
        ("en", "some workbooks could not be read, so there is no comparison with last night"),
    ],
)
def test_nights_are_not_compared_when_a_workbook_was_not_read(an_assessment, lang, change, now, before):
    assessment = at_high_risk(an_assessment(lang), now, before)
    assessment.comparable, assessment.against = False, None
    high = key_figures(assessment)[0]

    assert headline(assessment).endswith(change)
    assert high.change_text.startswith(change[:20])
    assert high.verdict == "watch"


@pytest.mark.parametrize(
    ("factors", "zh", "en"),
    [
        ({"workbooks": -3.0, "own": 1.0}, "较昨晚 −2，其中工作簿增减 −3", "−2 since last night, −3 of it workbooks added or gone"),
        ({"own": -2.0}, "较昨晚 −2", "−2 since last night"),
        ({}, "与昨晚持平", "same as last night"),
    ],
)  # fmt: skip
def test_a_change_that_is_split_says_what_of_it_is_the_workbook_that_was_not_read(an_assessment, factors, zh, en):
    for lang, said, split in (
        ("zh-CN", zh, "与昨晚相比的变化在下面拆开"),
        ("en", en, "the change since last night is split below"),
    ):
        assessment = at_high_risk(an_assessment(lang), 1, 3)
        assessment.comparable, assessment.against = False, dt.datetime(2026, 11, 20, 2)
        sums = [("high", 3.0, 1.0, "", "")] if factors else []
        assessment.move_sums = pd.DataFrame(sums, columns=["figure", "before", "after", "said", "why"])
        parts = [("high", factor, part) for factor, part in factors.items()]
        assessment.move_sum_parts = pd.DataFrame(parts, columns=["figure", "factor", "part"])

        assert headline(assessment).endswith(split)
        assert key_figures(assessment)[0].change_text == said
        assert key_figures(assessment)[0].verdict == "watch"


def test_the_first_night_lacks_no_workbook(an_assessment):
    first = an_assessment("en", past=False)
    first.comparable = False

    assert "first run" in headline(first)


def test_the_key_figures_in_their_order(an_assessment):
    assessment = an_assessment("zh-CN")
    figures = key_figures(assessment)
    waiting = excerpts.matters(assessment)

    assert [(figure.key, figure.label, figure.href) for figure in figures] == [
        ("high", "高风险客户", "high"),
        ("overdue", "逾期事项", "overdue"),
        ("past_limit", "超时未结的服务事项", "cases"),
        ("visits", "本周拜访", "visits"),
        ("upkeep", "工作簿维护", "upkeep"),
        ("left_out", "未能使用的工作簿", "books"),
    ]
    assert [(figure.value_text, figure.change_text) for figure in figures[:3]] == [
        ("2", "较昨晚 +1"),
        (str(int(waiting["overdue"].sum())), f"共 {len(waiting)} 项待办事项"),
        ("2", "共 4 项未结"),
    ]
    assert figures[3].window == "2025-11-17 至 2025-11-23"


def test_the_size_of_the_portfolio_fills_the_places_of_what_nobody_can_tell(an_assessment):
    figures = key_figures(without_service_log(an_assessment("zh-CN")))

    assert [(figure.label, figure.value_text, figure.change_text) for figure in figures[5:]] == [
        ("客户数", "13", "与昨晚持平"),
    ]


def test_no_broken_promise_is_good(an_assessment):
    assessment = an_assessment("en")
    cases = assessment.cases.assign(response_state="met", resolution_state="running")
    assessment.cases = service.pressing(cases, assessment.policy, pd.Timestamp(assessment.today))
    figure = next(one for one in key_figures(assessment) if one.key == "past_limit")

    assert (figure.value_text, figure.change_text, figure.verdict) == ("0", "of 4 open", "good")


@pytest.mark.parametrize(("now", "before", "verdict"), [(0, 0, "good"), (2, 3, "good"), (2, 2, "watch"), (3, 2, "bad")])
def test_fewer_high_risks_are_better(an_assessment, now, before, verdict):
    assert key_figures(at_high_risk(an_assessment("en"), now, before))[0].verdict == verdict


def test_a_figure_on_a_page_says_its_label_its_window_and_whose_it_is(an_assessment):
    visits = key_figures(an_assessment())[3].figure

    assert (visits.label, visits.window) == ("本周拜访", "2025-11-17 至 2025-11-23")
