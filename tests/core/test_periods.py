"""Periods are read as people mean them, and where they could be two they are unknown (handbook §2)."""

import datetime as dt

import pytest

from kam_xl.core.periods import parse_period

D = dt.date


def day(text: str | None) -> dt.date | None:
    return text and D.fromisoformat(text)


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-01至2024-01-01", "2023-10-01 至 2024-01-01", "2023-10-01~2024-01-01", "2023-10-01～2024-01-01", "2023-10-01-2024-01-01",
        "2023-10-01 - 2024-01-01", "2023-10-01—2024-01-01", "2023-10-01——2024-01-01", "2023-10-01–2024-01-01", "2023-10-01 to 2024-01-01",
        "2023-10-01→2024-01-01", "2023-10-01->2024-01-01", "2023.10.1到2024.1.1", "20231001-20240101", "２０２３－１０－０１至２０２４－０１－０１",
        "2023年10月1日\n至\n2024年1月1日", "民國112年10月1日至民國113年1月1日", "Oct 1, 2023 to Jan 1, 2024", "1 Oct 2023 - 1 Jan 2024",
        "2023-10-01（周日）至2024-01-01", "2023-10-01 00:00:00至2024-01-01 00:00:00",
    ],
)  # fmt: skip
def test_one_period_in_every_usual_form(text: str) -> None:
    assert parse_period(text) == (D(2023, 10, 1), D(2024, 1, 1), None)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2023.10.1-12.31", "2023-10-01", "2023-12-31"), ("2023/10/1-10/31", "2023-10-01", "2023-10-31"),
        ("2023年10月1日至12月31日", "2023-10-01", "2023-12-31"), ("2023年10月至12月", "2023-10-01", "2023-12-31"),
        ("2023年10-12月", "2023-10-01", "2023-12-31"), ("2023年10月-2024年2月", "2023-10-01", "2024-02-29"),
        ("2023-10至2024-01", "2023-10-01", "2024-01-31"), ("2023Q4", "2023-10-01", "2023-12-31"),
        ("2023年第一季度", "2023-01-01", "2023-03-31"), ("2023年二季度", "2023-04-01", "2023-06-30"),
        ("2023-10-01至2023-10-01", "2023-10-01", "2023-10-01"),
    ],
)  # fmt: skip
def test_a_shortened_end_or_a_quarter(text: str, start: str, end: str) -> None:
    assert parse_period(text) == (day(start), day(end), None)


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-01至今",
        "2023-10-01起",
        "自2023-10-01起",
        "从2023年10月1日开始",
        "2023-10-01",
        "2023-10-01～",
        "2023-10-01 to present",
    ],
)
def test_a_period_without_an_end(text: str) -> None:
    assert parse_period(text) == (D(2023, 10, 1), None, "period_open_ended")


@pytest.mark.parametrize(
    "text",
    [
        "3个月", "长期", "2023年", "2023H1", "2023Q5", "0000Q1", "~2024-01-01", "截至2024-01-01", "2023-02-30至2023-03-01", "2023.10-12",
        "05/06/2023 to 05/07/2023", "99999", "0000-01-01至2023-01-01", "至",
    ],
)  # fmt: skip
def test_a_period_that_cannot_be_told_is_unknown(text: str) -> None:
    assert parse_period(text) == (None, None, "period_unparsed")


def test_a_period_that_ends_before_it_starts() -> None:
    assert parse_period("2024-01-01至2023-10-01") == (D(2024, 1, 1), D(2023, 10, 1), "period_reversed")
    assert parse_period("-") == (None, None, None)


def test_an_end_whose_year_cannot_be_told_is_unknown() -> None:
    assert parse_period("2023.11.1-2.28") == (D(2023, 11, 1), None, "period_reversed")
