"""The history: the newest readable night before this one, and never a damaged file."""

import datetime as dt
import logging

import pandas as pd
import pytest

from kam_xl.core import history
from kam_xl.hosts import snapshots

TODAY = dt.date(2026, 11, 21)


def night(out, moment, tier="key"):
    path = out / snapshots.file_name(dt.datetime.fromisoformat(moment))
    facts = dict.fromkeys(history.KEPT.values()) | {"tier": tier, "on": pd.Timestamp(moment)}
    snapshots.write(path, pd.DataFrame([facts]))
    return path


def test_there_is_none_on_the_first_night(tmp_path):
    assert snapshots.last(tmp_path, TODAY) is None


def test_the_newest_of_an_earlier_day_is_chosen(tmp_path):
    night(tmp_path, "2026-11-09T02:00:00", "a")
    night(tmp_path, "2026-11-20T02:00:00", "b")
    night(tmp_path, "2026-11-20T14:30:00", "c")
    night(tmp_path, "2026-11-21T01:00:00", "d")
    night(tmp_path, "2026-11-22T02:00:00", "e")

    assert snapshots.last(tmp_path, TODAY)["tier"].tolist() == ["c"]


def test_it_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / snapshots.file_name(dt.datetime(2026, 11, 20, 2))
    kept = pd.DataFrame({name: [1.5, None] for name in history.KEPT.values()})
    kept = kept.assign(customer_id=["C001", "C002"], tier=["key", None])
    kept = kept.astype({"customer_id": "str", "tier": "str"}).assign(on=pd.Timestamp("2026-11-20"))
    snapshots.write(path, kept)

    again = snapshots.last(tmp_path, TODAY)
    pd.testing.assert_frame_equal(again[list(kept)], kept, check_dtype=False)
    pd.testing.assert_frame_equal(again, history.complete(kept), check_dtype=False)


@pytest.mark.parametrize("content", [b"", b"PAR1 not really PAR1", b"\0" * 1000])
def test_a_damaged_file_is_passed_over_and_logged(tmp_path, caplog, content):
    night(tmp_path, "2026-11-19T02:00:00", "good")
    night(tmp_path, "2026-11-20T02:00:00").write_bytes(content)

    with caplog.at_level(logging.WARNING, "kam_xl"):
        assert snapshots.last(tmp_path, TODAY)["tier"].tolist() == ["good"]
    assert [record.file for record in caplog.records] == ["2026-11-20T020000.parquet"]


@pytest.mark.parametrize("missing", [*history.KEPT.values(), "on"])
def test_one_that_an_older_version_wrote_without_a_column_of_today_is_passed_over_and_logged(tmp_path, caplog, missing):
    night(tmp_path, "2026-11-19T02:00:00", "good")
    path = night(tmp_path, "2026-11-20T02:00:00")
    snapshots.write(path, pd.read_parquet(path).drop(columns=missing))

    with caplog.at_level(logging.WARNING, "kam_xl"):
        assert snapshots.last(tmp_path, TODAY)["tier"].tolist() == ["good"]
    assert [record.file for record in caplog.records] == ["2026-11-20T020000.parquet"]


def test_half_a_file_is_passed_over(tmp_path):
    path = night(tmp_path, "2026-11-20T02:00:00")
    path.write_bytes(path.read_bytes()[:-40])

    assert snapshots.last(tmp_path, TODAY) is None


def test_files_of_other_names_are_passed_over(tmp_path):
    night(tmp_path, "2026-11-20T02:00:00").rename(tmp_path / snapshots.FOLDER / "copy.parquet")

    assert snapshots.last(tmp_path, TODAY) is None


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-10-31", None), ("2026-11-01", "a"), ("2026-11-08", "a"), ("2026-11-09", "c"), ("2026-11-30", "d")],
)
def test_the_newest_on_or_before_a_day(tmp_path, day, found):
    night(tmp_path, "2026-11-01T02:00:00", "a")
    night(tmp_path, "2026-11-09T02:00:00", "b")
    night(tmp_path, "2026-11-09T23:30:00", "c")
    night(tmp_path, "2026-11-20T02:00:00", "d")

    snapshot = snapshots.since(tmp_path, dt.date.fromisoformat(day))

    assert found is None if snapshot is None else snapshot["tier"].tolist() == [found]


def test_one_of_a_version_before_health_stays_usable(tmp_path):
    night(tmp_path, "2026-11-20T02:00:00", "old")

    snapshot = snapshots.last(tmp_path, TODAY)

    assert {*history.LATER, *history.MADE} <= {*snapshot.columns}
    assert snapshot[list(history.LATER)].isna().all(axis=None)
