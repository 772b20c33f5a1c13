"""The record of a night: read back as it was written, broken by any change, kept for as long as the policy says."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_xl.core import nights
from kam_xl.core.nights import Night, Seen, Stamp
from kam_xl.core.sections import Retention

SEEN = (
    Seen("华东.xlsx", "华东", "a" * 64, 12, "2026-11-20T18:30:00", "read", entry="e1", stamp=Stamp(12, 3, 4, 5)),
    Seen("坏.xlsx", "坏", None, 0, None, "quarantined", "damaged", "", None, None),
)
NIGHT = Night("2026-11-21T02:00:00", "0.1.0", "r1", "p1", "zh-CN", SEEN, {"KAM_Master.xlsx": "b" * 64}, None)
RULE = Retention(all_days=60, month_ends=36)
TODAY = dt.date(2026, 11, 21)


def test_a_record_is_read_as_it_was_written() -> None:
    night, own = nights.read(nights.written(NIGHT))

    assert night == NIGHT
    assert len(own) == 64
    assert night.entries == {"e1"}
    assert night.by_path["坏.xlsx"].reason == "damaged"


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Night) if field.name != "books"])
def test_a_record_that_was_changed_afterwards_is_none(field: str) -> None:
    own = nights.written(NIGHT).rpartition('"own"')[2]
    changed = {"outputs": {}, "before": "x"}.get(field, "x")
    forged = nights.written(dataclasses.replace(NIGHT, **{field: changed})).rpartition('"own"')[0] + '"own"' + own

    with pytest.raises(ValueError, match="hash"):
        nights.read(forged)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"own": "x"}', '{"own": 1, "books": [{}]}'])
def test_what_is_no_record_is_told(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (whatever the reader of JSON says)
        nights.read(text)


def test_an_entrys_name_tells_the_bytes_the_reader_and_where_it_counts_the_name() -> None:
    names = {
        nights.entry_name(sha, reader, name) for sha in "ab" for reader in "rs" for name in (None, "x.xls", "y.xls")
    }

    assert len(names) == 12
    assert nights.entry_name("a", "r") == "a-r"


def test_all_nights_are_kept_for_a_while_then_the_last_of_each_month() -> None:
    days = [TODAY - dt.timedelta(days=back) for back in range(1500)]

    kept = nights.to_keep(days, TODAY, RULE)

    old = sorted(day for day in kept if day < TODAY - dt.timedelta(days=60))
    assert {day for day in days if day >= TODAY - dt.timedelta(days=60)} <= kept
    assert all((day + dt.timedelta(days=1)).day == 1 for day in old)
    assert old[0] == dt.date(2023, 11, 30)
    assert len(old) == 34


@given(st.sets(st.dates(dt.date(2020, 1, 1), TODAY), max_size=40), st.integers(1, 90), st.integers(0, 40))
def test_what_is_kept_on_one_day_was_kept_the_day_before(days: set[dt.date], all_days: int, ends: int) -> None:
    rule = Retention(all_days, ends)

    assert nights.to_keep(days, TODAY, rule) <= nights.to_keep(days, TODAY - dt.timedelta(days=1), rule) | {TODAY}
