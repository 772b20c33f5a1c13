"""What moved night by night adds up to what moved since: exactly, whatever the nights were, in either language."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl import resources
from kam_xl.core import adding_up, moves
from kam_xl.core.bridges import BESIDES, DECIMALS
from kam_xl.core.words import LANGUAGES
from kam_xl.core.worlds import FACTORS

START = pd.Timestamp("2026-11-01")


def row(figure, day, said, why, cites=""):
    then = START + pd.Timedelta(days=day)
    return (figure, said, why, cites, then, then + pd.Timedelta(days=1))


def frame(*rows):
    return pd.DataFrame(rows, columns=["figure", "said", "why", "cites", "then", "on"])


def night(figure, day, before, parts, words):
    """One night's row of a number, told as `moves` does; the number after it."""
    after = round(before + sum(parts.values()), 4)
    lines = pd.DataFrame({"factor": list(parts), "part": list(parts.values())})
    told = row(figure, day, moves.step(before, after, figure, words), moves.parts_said(lines, figure, words))
    return told, after


@given(
    figure=st.sampled_from(["score", "amount"]),
    before=st.integers(0, 10**9),
    lang=st.sampled_from(LANGUAGES),
    nights=st.lists(
        st.dictionaries(st.sampled_from([*FACTORS, *BESIDES]), st.integers(-(10**7), 10**7), min_size=1, max_size=5),
        min_size=2,
        max_size=6,
    ),
)
def test_the_parts_of_several_nights_sum_to_the_whole_change(figure, before, lang, nights):
    words, unit = resources.words(lang), 10 ** -DECIMALS[figure]
    at, rows = round(before * unit, 4), []
    for day, parts in enumerate(nights):
        told, at = night(figure, day, at, {name: round(part * unit, 4) for name, part in parts.items()}, words)
        rows.append(told)

    [found] = adding_up.since(frame(*rows), START, words, words).itertuples()

    parts, ends = adding_up.parts_of(found.why, words), (Decimal(str(round(before * unit, 4))), Decimal(str(at)))
    assert found.said == moves.step(*map(float, ends), figure, words)
    assert sum(parts.values()) == ends[1] - ends[0]
    for factor in {*FACTORS, "together", "program"}:
        whole = sum(Decimal(told.get(factor, 0)) for told in nights) * Decimal(str(unit))
        assert parts.get(factor, 0) == whole
    assert (found.then, found.on) == (START, START + pd.Timedelta(days=len(nights)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_changed_while_nobody_told_is_a_line_of_its_own(lang):
    words = resources.words(lang)
    first, _ = night("score", 0, 70.0, {"own": -2.0}, words)
    second, _ = night("score", 5, 75.5, {"calendar": 0.5}, words)

    [found] = adding_up.since(frame(first, second), START, words, words).itertuples()

    assert adding_up.parts_of(found.why, words) == {
        "untold": Decimal("7.5"), "own": Decimal("-2.0"), "calendar": Decimal("0.5"),
    }  # fmt: skip


def test_only_nights_after_the_day_count_and_one_alone_stays_as_it_was_told():
    words = resources.words("en")
    rows = [night("score", day, 70.0 + day, {"own": 1.0}, words)[0] for day in range(3)]

    for back, said in ((0, "70.0 → 73.0 (+3.0)"), (1, "71.0 → 73.0 (+2.0)"), (2, "72.0 → 73.0 (+1.0)")):
        found = adding_up.since(frame(*rows), START + pd.Timedelta(days=back), words, words)
        assert found["said"].tolist() == [said]
    assert adding_up.since(frame(*rows), START + pd.Timedelta(days=3), words, words).empty


def test_a_tier_is_told_step_by_step_with_what_was_cited():
    words, zh = resources.words("en"), resources.words("zh-CN")
    rows = frame(
        row("tier", 3, "战略（甲） → 重点客户", "自身数据", "华东.xlsx 表!B3"),
        row("tier", 1, "普通客户 → 战略（甲）", "其他客户"),
    )

    [found] = adding_up.since(rows, START, zh, words).itertuples()

    assert found.said == "普通客户 → 重点客户"
    assert found.why == "2026-11-03 普通客户 → 战略（甲）: 其他客户 · 2026-11-05 战略（甲） → 重点客户: 自身数据"
    assert found.cites == "华东.xlsx 表!B3"


def test_a_number_unknown_on_any_night_is_told_step_by_step():
    words = resources.words("zh-CN")
    first, _ = night("amount", 0, 100.0, {"own": 20.0}, words)
    lost = row("amount", 1, moves.step(120.0, np.nan, "amount", words), "自身数据")

    [found] = adding_up.since(frame(first, lost), START, words, words).itertuples()

    assert found.said == "100 → —"
    assert "2026-11-02 100 → 120（+20）：自身数据 +20" in found.why


@pytest.mark.parametrize("why", ["自身数据 −x", "别的 +1.0", "自身数据 +1.0 · ", "自身数据", "自身数据 +1.0 · " * 1000])
def test_a_reason_that_somebody_wrote_over_is_no_number(why):
    words = resources.words("zh-CN")
    assert adding_up.parts_of(why, words) is None
    first, _ = night("score", 0, 70.0, {"own": 1.0}, words)

    [found] = adding_up.since(
        frame(first, row("score", 1, "71.0 → 72.0（+1.0）", why)), START, words, words
    ).itertuples()

    assert found.why.endswith(f"71.0 → 72.0（+1.0）：{why}")
