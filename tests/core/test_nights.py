"""Nights: what they rest on, and for how long they are kept."""

import datetime as dt

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


def test_a_night_tells_which_entries_it_rests_on_and_its_files_by_their_paths() -> None:
    assert NIGHT.entries == {"e1"}
    assert NIGHT.by_path["坏.xlsx"].reason == "damaged"


def test_an_entrys_name_tells_the_bytes_the_reader_and_where_it_counts_the_name() -> None:
    names = {
        nights.entry_name(sha, reader, name) for sha in "ab" for reader in "rs" for name in (None, "x.xls", "y.xls")
    }

    assert len(names) == 12
    assert nights.entry_name("a", "r") == "a-r"


def test_all_nights_are_kept_for_a_while_then_the_last_of_each_month() -> None:
    days = [TODAY - dt.timedelta(days=back) for back in range(1500)]

    kept = nights.to_keep(days, TODAY, RULE)

    first = TODAY - dt.timedelta(days=60)
    assert {day for day in days if day >= first} <= kept
    old = sorted(day for day in kept if day < first and (day + dt.timedelta(days=1)).day == 1)
    assert {*old} | {day - dt.timedelta(days=1) for day in (*old, first)} == {day for day in kept if day < first}
    assert old[0] == dt.date(2023, 11, 30)
    assert len(old) == 34


@given(st.sets(st.dates(dt.date(2020, 1, 1), TODAY), max_size=40), st.integers(1, 90), st.integers(0, 40))
def test_what_is_kept_on_one_day_was_kept_the_day_before(days: set[dt.date], all_days: int, ends: int) -> None:
    rule = Retention(all_days, ends)

    assert nights.to_keep(days, TODAY, rule) <= nights.to_keep(days, TODAY - dt.timedelta(days=1), rule) | {TODAY}
