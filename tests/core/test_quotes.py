"""Which sentences quote what only another team typed: searched once for all teams, found as if searched for each."""

import itertools
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import frames
from kam_xl.core.quotes import TYPED, Quotes

POLICY = resources.policy()
TYPED_BY = {
    "甲": ["降价两成", "520.0", "a+b", "共用", "战略", "降价", "1,234.5"],
    "乙": ["换供应商", "20.0", "(x", "共用", "战略客户", "降价"],
    "丙": ["都不说", "99"],
}
SENTENCES = [
    "他们要求降价两成", "降价", "换供应商了", "520", "1520", "520.0", "520.05", "金额 520 万元", "金额 20 万元", "1,234.5", "11,234.5",
    "1,234", "a+b", "aab", "(x)", "共用", "战略客户", "战略", "都不说", "99", "199", "991", "总额 1,754.5", "总额 11,754.5", "", "无关",
]  # fmt: skip


@pytest.fixture
def quotes():
    """Quotes of one customer of whom three teams wrote, and one of whom one did."""
    rows = [("C1", team, text) for team, texts in TYPED_BY.items() for text in texts] + [("C2", "甲", "独家")]
    typed = pd.DataFrame(rows, columns=["customer_id", "team", "remarks"], dtype="str")
    portfolio = SimpleNamespace(**{name: frames.empty(frames.PORTFOLIO[name]) for name in TYPED.values()})
    portfolio.contacts = typed
    customers = pd.DataFrame({"customer_id": ["C1", "C2"], "amount": [1754.5, None]})
    return Quotes(SimpleNamespace(portfolio=portfolio, customers=customers, policy=POLICY))


def searched(team, sentence):
    """The answer as it is told: any text of the others that the team did not type itself, figures whole; or the sum."""
    said = "\n".join([*TYPED_BY[team], *POLICY.tier_names("zh-CN").values(), *POLICY.tier_names("en").values()])
    others = [
        text for name in TYPED_BY if name != team for text in TYPED_BY[name] if text not in said and len(text) > 1
    ]
    for text in ["1,754.5", *others]:
        if re.fullmatch(r"[\d,.]+", text):
            if re.search(rf"(?<![\d.,]){re.escape(text.removesuffix('.0'))}(?:\.0)?(?![\d])", sentence):
                return True
        elif text in sentence:
            return True
    return False


def test_a_sentence_quotes_whoever_is_quoted_in_it(quotes):
    asked = list(itertools.product(TYPED_BY, SENTENCES))
    told = {(team, sentence): quotes.quoting("C1", team, sentence) for team, sentence in asked}

    assert told == {(team, sentence): searched(team, sentence) for team, sentence in asked}
    assert 10 < sum(told.values()) < len(told) - 10


def test_only_of_customers_of_whom_several_wrote_is_anything_told(quotes):
    assert [quotes.told_by("C1", team) for team in ("甲", "丁")] == [True, False]
    assert [quotes.told_by(customer, "甲") for customer in ("C2", "C3")] == [None, None]
