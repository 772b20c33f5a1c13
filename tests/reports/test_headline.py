"""The first sentence and the key figures: what is counted, what it is compared with, and how it is said."""

import datetime as dt

import pandas as pd
import pytest

from kam_xl.core import service
from kam_xl.reports.headline import headline, key_figures


def at_high_risk(assessment, now, before):
    """The same night with ``now`` strategic customers at high risk, after ``before`` of them."""

    def customers(count, tier):
        return pd.DataFrame({tier: "strategic", "amount": 1.5, "level": ["high"] * count + ["none"] * (9 - count)})

    assessment.customers = customers(now, "computed_tier")
    assessment.past = customers(before, "tier")
    return assessment


@pytest.mark.parametrize(
    ("now", "before", "zh", "en"),
    [
        (3, 1, "3 家战略客户处于高风险，比昨晚多 2 家", "3 strategic customers at high risk, 2 more than last night"),
        (1, 3, "1 家战略客户处于高风险，比昨晚少 2 家", "1 strategic customer at high risk, 2 fewer than last night"),
        (2, 2, "2 家战略客户处于高风险，与昨晚持平", "2 strategic customers at high risk, the same as last night"),
        (0, 4, "没有战略客户处于高风险，比昨晚少 4 家", "No strategic customer at high risk, 4 fewer than last night"),
    ],
)
def test_the_headline_counts_and_compares(an_assessment, now, before, zh, en):
    assert zh == headline(at_high_risk(an_assessment("zh-CN"), now, before))
    assert en == headline(at_high_risk(an_assessment("en"), now, before))


def test_the_first_night_has_nothing_to_compare_with(an_assessment):
    first = an_assessment("en", past=False)

    assert headline(first) == "1 strategic customer at high risk, first run, nothing to compare with yet"
    assert key_figures(first)[0].change_text == ""  # said once, in the headline


def test_a_missed_night_is_named_by_its_date(an_assessment):
    assessment = an_assessment("en")
    assessment.previous = dt.date(2025, 11, 17)
    assessment.next_day = False

    assert headline(assessment).endswith(", 1 more than the run of 2025-11-17")


def test_no_customers_make_no_figures_up(an_empty_assessment):
    empty = an_empty_assessment("en")
    figures = {figure.label: figure for figure in key_figures(empty)}

    assert headline(empty) == "No customers to report tonight"
    assert figures["Amount (10k CNY)"].value_text == "—"
    assert figures["Strategic customers at high risk"].verdict == "plain"


def without_scores(assessment):
    """The same night before anybody was evaluated: no tier, no high risk."""
    assessment.customers = assessment.customers.assign(computed_tier=None, level="none", health_colour=None)
    assessment.actions = assessment.actions.iloc[:0]
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
    assert [figure.value_text for figure in figures[:3]] == ["—", "0", "0"]
    assert not [figure for figure in figures[:3] if figure.verdict == "good"]


@pytest.mark.parametrize(("now", "before"), [(0, 4), (1, 3), (3, 1)])
@pytest.mark.parametrize(
    ("lang", "change"),
    [
        ("zh-CN", "部分工作簿未读到，无法与昨晚比较"),
        ("en", "some workbooks could not be read; not comparable with last night"),
    ],
)
def test_nights_are_not_compared_when_a_workbook_was_not_read(an_assessment, lang, change, now, before):
    assessment = at_high_risk(an_assessment(lang), now, before)
    assessment.comparable = False
    figures = key_figures(without_service_log(assessment))

    assert headline(assessment).endswith(change)
    assert [figure.change_text for figure in figures if figure not in figures[2:4]] == [change] * 4
    assert [figure.verdict for figure in figures[:2]] == ["watch", "watch"]


def test_the_first_night_lacks_no_workbook(an_assessment):
    first = an_assessment("en", past=False)
    first.comparable = False

    assert headline(first).endswith("first run, nothing to compare with yet")


def test_the_key_figures_in_their_order(an_assessment):
    figures = key_figures(an_assessment("zh-CN"))

    assert [(figure.label, figure.value_text, figure.change_text, figure.verdict) for figure in figures] == [
        ("高风险战略客户", "1", "较昨晚 +1", "bad"),
        ("高风险客户合计", "2", "较昨晚 +1", "bad"),
        ("健康度为红的客户", "3", "较昨晚 +1", "bad"),
        ("超时未结的服务事项", "2", "共 4 项未结", "bad"),
        ("逾期事项", "2", "共 7 项事项", "bad"),
        ("未能使用的工作簿", "1", "共收到 6 份", "bad"),
    ]


def test_the_size_of_the_portfolio_fills_the_places_of_what_nobody_can_tell(an_assessment):
    assessment = without_service_log(an_assessment("zh-CN"))
    one_place = key_figures(assessment)
    assessment.customers = assessment.customers.assign(health_colour=None)
    two_places = key_figures(assessment)

    assert [figure.label for figure in one_place[2:]] == ["健康度为红的客户", "逾期事项", "未能使用的工作簿", "客户数"]
    assert [(figure.label, figure.value_text, figure.change_text, figure.verdict) for figure in two_places[4:]] == [
        ("客户数", "13", "与昨晚持平", "plain"),
        ("累计交易额（万元）", "7,964.1", "较昨晚 −14.7", "plain"),
    ]


def test_no_broken_promise_is_good(an_assessment):
    assessment = an_assessment("en")
    cases = assessment.cases.assign(response_state="met", resolution_state="running")
    assessment.cases = service.pressing(cases, assessment.policy, pd.Timestamp(assessment.today))
    figure = key_figures(assessment)[3]

    assert (figure.value_text, figure.change_text, figure.verdict) == ("0", "of 4 open", "good")


def test_health_is_not_compared_with_a_night_that_did_not_know_it(an_assessment):
    assessment = an_assessment("en")
    assessment.past = assessment.past.drop(columns="health_colour")

    assert key_figures(assessment)[2].change_text == "not comparable with last night"


@pytest.mark.parametrize(("now", "before", "verdict"), [(0, 0, "good"), (2, 3, "good"), (2, 2, "watch"), (3, 2, "bad")])
def test_fewer_high_risks_are_better(an_assessment, now, before, verdict):
    assert key_figures(at_high_risk(an_assessment("en"), now, before))[0].verdict == verdict


def test_an_unknown_amount_is_not_compared(an_assessment):
    assessment = without_service_log(an_assessment("en"))
    assessment.customers = assessment.customers.assign(health_colour=None)
    assessment.past["amount"] = float("nan")

    assert key_figures(assessment)[-1].change_text == "not comparable with last night"
