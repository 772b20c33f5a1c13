"""Sizes and effects are read out of the words around them, and where they could be two they are unknown (§2)."""

import pytest

from kam_xl.core.quantities import parse_effect, parse_size


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("500-1000人/5-10亿元", (500, 1000, 50000, 100000)), ("５００～１０００人／５～１０億元", (500, 1000, 50000, 100000)),
        ("500人", (500, 500, None, None)), ("1,000-2,000人", (1000, 2000, None, None)), ("约500人/5亿", (500, 500, 50000, 50000)),
        ("1000+人", (1000, 1000, None, None)), ("1万人以上", (10000, 10000, None, None)), ("1-2万人", (10000, 20000, None, None)),
        ("500万人", (5000000, 5000000, None, None)), ("5-10亿元", (None, None, 50000, 100000)), ("5000万-1亿元", (None, None, 5000, 10000)),
        ("500万元人民币", (None, None, 500, 500)), ("1-2千万", (None, None, 1000, 2000)), ("5000万/200人", (200, 200, 5000, 5000)),
        ("员工500人，营收5亿元", (500, 500, 50000, 50000)), ("500 employees / CNY 5-10 x100m", (500, 500, 50000, 100000)),
    ],
)  # fmt: skip
def test_a_size(text: str, bounds: tuple) -> None:
    assert parse_size(text) == (*bounds, None)


@pytest.mark.parametrize("text", ["大型", "500-1000", "3M公司", "1 000人", "世界500强"])
def test_a_size_without_people_or_money(text: str) -> None:
    assert parse_size(text) == (None, None, None, None, "size_unparsed")


@pytest.mark.parametrize("text", ["", "-"])
def test_no_size(text: str) -> None:
    assert parse_size(text) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("text", "actual", "target"),
    [
        ("自助使用率30%，目标50%", 0.3, 0.5), ("使用率30％（目標：50％）", 0.3, 0.5), ("actual 30%, target 50%", 0.3, 0.5), ("从10%提升到30%，目标50%", 0.3, 0.5),
        ("下降-5%，目标10%", -0.05, 0.1), ("增长5%（目标≥10%）", 0.05, 0.1), ("满意度90分，目标95分", 90, 95), ("完成120万，目标200万", 120, 200),
        ("销售额1,200万，目标2,000万", 1200, 2000), ("2023年30%，目标50%", 0.3, 0.5),
    ],
)  # fmt: skip
def test_an_effect_and_its_target(text: str, actual: float, target: float) -> None:
    assert parse_effect(text) == pytest.approx((actual, target))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "销售额增长15%",
        "目标50%",
        "30%，目标50",
        "120万，目标2亿",
        "5-10%，目标20%",
        "30%，目标50-60%",
        "30%，目标未定",
    ],
)
def test_an_effect_without_two_comparable_numbers(text: str) -> None:
    assert parse_effect(text) == (None, None)
