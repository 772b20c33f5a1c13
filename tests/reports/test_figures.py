"""Numbers and sentences that carry their marks to a page and are plain text elsewhere."""

import math

import pytest
from markupsafe import Markup, escape

from kam_xl.core import words as wordbook
from kam_xl.reports.figures import Figure, joined, money, number, signed, told
from kam_xl.resources import words

BOOK = """
[one]
two = { zh = "逾期 {late} 项，共 {all} 项；其中{who}的 {own} 项", en = "Overdue: {late}, in all: {all}" }
team = { zh = "{team}有 {n} 家", en = "{team} has {n}" }
[terms]
list_separator = { zh = "、", en = ", " }
"""


@pytest.fixture
def book():
    return wordbook.parse("zh-CN", [BOOK])


def test_a_figure_is_its_text_and_on_a_page_says_what_it_is():
    figure = Figure("12", "逾期事项", "本周", "王<经理>")

    assert f"{figure} 项" == "12 项"
    assert escape(figure) == Markup(
        '<data value="12" data-figure="逾期事项" data-window="本周" data-of="王&lt;经理&gt;">12</data>'
    )


def test_a_sentence_is_plain_text_and_on_a_page_marks_its_numbers_by_their_clauses(book):
    said = told(book, "one.two", window="本周", late=3, all=1200, who="王<b>", own=1)

    assert said == "逾期 3 项，共 1,200 项；其中王<b>的 1 项"
    html = str(escape(said))
    assert '<data value="3" data-figure="逾期 _ 项" data-window="本周">3</data>' in html
    assert 'data-figure="共 _ 项"' in html
    assert "<bdi>王&lt;b&gt;</bdi>" in html


def test_a_clause_that_says_too_little_alone_is_told_with_its_sentence(book):
    html = str(escape(told(book, "one.two", late=3, all=4, who="王", own=1)))

    assert 'data-figure="逾期 … 项，共 … 项；其中王的 _ 项"' in html


def test_what_was_typed_belongs_to_the_label(book):
    labels = [str(escape(told(book, "one.team", team=team, n=1))) for team in ("华东", "华北")]

    assert 'data-figure="华东有 _ 家"' in labels[0]
    assert 'data-figure="华北有 _ 家"' in labels[1]


def test_a_sentence_within_a_sentence_keeps_its_marks(book):
    inner = Figure("7", "高风险客户")

    assert '<data value="7" data-figure="高风险客户">7</data>有' in str(escape(told(book, "one.team", team=inner, n=1)))


def test_sentences_are_joined_with_their_marks(book):
    both = joined(book, [Figure("1", "甲"), Figure("2", "乙")])

    assert both == "1、2"
    assert str(escape(both)).count("<data") == 2


@pytest.mark.parametrize(
    ("value", "text"), [(1234, "1,234"), (1234.5, "1,234.5"), (0, "0"), (math.nan, "—"), (float(0), "0.0")]
)
def test_unknown_is_a_dash_and_never_0(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(2, "+2"), (-3, "−3"), (-1.5, "−1.5")])
def test_a_difference_has_its_sign(value, text):
    assert signed(value) == text


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (19_000.0, "1.9 亿元", "CNY 190.0 million"),
        (9_999.9, "9,999.9 万元", "CNY 100.0 million"),
        (100.0, "100.0 万元", "CNY 1.0 million"),
        (85.04, "85.0 万元", "CNY 850.4 thousand"),
        (math.nan, "—", "—"),
    ],
)
def test_money_is_said_in_the_unit_people_say_it_in(amount, zh, en):
    assert money(amount, words("zh-CN")) == zh
    assert money(amount, words("en")) == en


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_no_two_figures_share_a_name(lang):
    said = words(lang)
    names = [said(key) for key in said.texts if key.startswith("figure.") and key.count(".") == 1]

    assert len(names) > 20
    assert len(set(names)) == len(names)
