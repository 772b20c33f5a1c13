"""Facts become sentences: figures as they are always shown, a dash for what is unknown."""

import pandas as pd

from kam_xl.core import evidence
from kam_xl.core.evidence import percent, points, signed


def test_a_sentence_a_row_with_a_dash_for_what_is_unknown(words_in) -> None:
    facts = pd.DataFrame(
        {
            "name": pd.Series(["甲", None], dtype="str"),
            "on": pd.to_datetime(["2024-03-01 09:30", None]),
            "amount": [1234.56, None],
            "days": [7, 8],
        }
    )
    said = evidence.sentences("{name}：{on}，{amount} 万元，{days} 天", facts, words_in("zh-CN"))
    assert said.tolist() == ["甲：2024-03-01，1,234.6 万元，7 天", "—：—，— 万元，8 天"]


def test_each_row_tells_its_own_facts_however_often_another_says_the_same(words_in) -> None:
    days = pd.to_datetime(pd.Series(["2024-03-02", None, "2024-03-01", "2024-03-02"]))
    facts = pd.DataFrame({"n": [2.5, 1.0, None, 2.5], "on": days, "who": ["甲", None, "乙", "甲"]})
    said = evidence.sentences("{n} {on} {who}", facts, words_in("en"))
    nothing = words_in("en")("terms.unknown")
    assert said.tolist() == [
        "2.5 2024-03-02 甲",
        f"1 {nothing} {nothing}",
        f"{nothing} 2024-03-01 乙",
        "2.5 2024-03-02 甲",
    ]


def test_figures_as_they_are_shown() -> None:
    assert evidence.percent(pd.Series([0.125, 0.6, None])).fillna("?").tolist() == ["12.5%", "60%", "?"]
    assert evidence.points(pd.Series([89.45, 55, None])).fillna("?").tolist() == ["89.5", "55.0", "?"]
    moments = pd.Series(pd.to_datetime(["2024-03-01", "2024-03-01 09:05:59", None], format="mixed"))
    assert evidence.moment(moments).fillna("?").tolist() == ["2024-03-01", "2024-03-01 09:05", "?"]


def test_a_change_has_its_sign_unless_it_is_shown_as_nothing() -> None:
    change = pd.Series([0.075, -0.15, 0.0, -0.0004, None], dtype="float64")
    assert signed(change, percent).fillna("?").tolist() == ["+7.5%", "−15%", "0%", "0%", "?"]
    assert signed(100 * change, points).fillna("?").tolist() == ["+7.5", "−15.0", "0.0", "0.0", "?"]


def test_a_long_text_is_quoted_in_part_and_on_one_line() -> None:
    texts = pd.Series([" 两\n行 ", "字" * evidence.QUOTED, "字" * (evidence.QUOTED + 1), None], dtype="str")
    assert evidence.short(texts).fillna("?").tolist() == ["两 行", "字" * 60, "字" * 60 + "…", "?"]


def test_a_list_names_each_once(words_in) -> None:
    assert evidence.listed(["甲", "乙", "甲"], words_in("zh-CN")) == "甲、乙"
