"""The history: the newest readable night before this one, and never a damaged file."""

import datetime as dt
import logging

import pandas as pd
import pytest

from kam_xl.core import history
from kam_xl.hosts import parquet_files, snapshots

TODAY = dt.date(2026, 11, 21)


def night(out, moment, tier="key"):
    path = out / snapshots.file_name(dt.datetime.fromisoformat(moment))
    facts = dict.fromkeys(history.KEPT.values()) | {"customer_id": "C001", "tier": tier, "on": pd.Timestamp(moment)}
    snapshots.write(path, pd.DataFrame([facts]))
    return path


def last(out):
    return snapshots.Snapshots(out, TODAY).last()


def test_there_is_none_on_the_first_night(tmp_path):
    assert last(tmp_path) is None


def test_the_newest_of_an_earlier_day_is_chosen(tmp_path):
    night(tmp_path, "2026-11-09T02:00:00", "a")
    night(tmp_path, "2026-11-20T02:00:00", "b")
    night(tmp_path, "2026-11-20T14:30:00", "c")
    night(tmp_path, "2026-11-21T01:00:00", "d")
    night(tmp_path, "2026-11-22T02:00:00", "e")

    assert last(tmp_path)["tier"].tolist() == ["c"]


def test_it_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / snapshots.file_name(dt.datetime(2026, 11, 20, 2))
    kept = pd.DataFrame({name: [1.5, None] for name in history.KEPT.values()})
    texts = {name: ["C001", "C002" if name == "customer_id" else None] for name in history.TEXTS}
    kept = kept.assign(**texts).astype(dict.fromkeys(texts, "str")).assign(on=pd.Timestamp("2026-11-20"))
    snapshots.write(path, kept)

    again = last(tmp_path)
    pd.testing.assert_frame_equal(again[list(kept)], kept, check_dtype=False)
    pd.testing.assert_frame_equal(again, history.complete(kept), check_dtype=False)


@pytest.mark.parametrize("content", [b"", b"PAR1 not really PAR1", b"\0" * 1000])
def test_a_damaged_file_is_passed_over_and_logged(tmp_path, caplog, content):
    night(tmp_path, "2026-11-19T02:00:00", "good")
    night(tmp_path, "2026-11-20T02:00:00").write_bytes(content)

    with caplog.at_level(logging.WARNING, "kam_xl"):
        assert last(tmp_path)["tier"].tolist() == ["good"]
    assert [record.file for record in caplog.records] == ["2026-11-20T020000.parquet"]


@pytest.mark.parametrize("missing", [*history.KEPT.values(), "on"])
def test_one_that_an_older_version_wrote_without_a_column_of_today_is_passed_over_and_logged(tmp_path, caplog, missing):
    night(tmp_path, "2026-11-19T02:00:00", "good")
    path = night(tmp_path, "2026-11-20T02:00:00")
    snapshots.write(path, pd.read_parquet(path).drop(columns=missing))

    with caplog.at_level(logging.WARNING, "kam_xl"):
        assert last(tmp_path)["tier"].tolist() == ["good"]
    assert [record.file for record in caplog.records] == ["2026-11-20T020000.parquet"]


def test_half_a_file_is_passed_over(tmp_path):
    path = night(tmp_path, "2026-11-20T02:00:00")
    path.write_bytes(path.read_bytes()[:-40])

    assert last(tmp_path) is None


def test_files_of_other_names_are_passed_over(tmp_path):
    night(tmp_path, "2026-11-20T02:00:00").rename(tmp_path / snapshots.FOLDER / "copy.parquet")

    assert last(tmp_path) is None


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-10-31", None), ("2026-11-01", "a"), ("2026-11-08", "a"), ("2026-11-09", "c"), ("2026-11-30", "d")],
)
def test_the_newest_on_or_before_a_day(tmp_path, day, found):
    night(tmp_path, "2026-11-01T02:00:00", "a")
    night(tmp_path, "2026-11-09T02:00:00", "b")
    night(tmp_path, "2026-11-09T23:30:00", "c")
    night(tmp_path, "2026-11-20T02:00:00", "d")

    snapshot = snapshots.Snapshots(tmp_path, dt.date(2026, 12, 24)).since(dt.date.fromisoformat(day))

    assert found is None if snapshot is None else snapshot["tier"].tolist() == [found]


def test_one_of_a_version_before_health_stays_usable(tmp_path):
    night(tmp_path, "2026-11-20T02:00:00", "old")

    snapshot = last(tmp_path)

    assert {*history.LATER, *history.MADE} <= {*snapshot.columns}
    assert snapshot[list(history.LATER)].isna().all(axis=None)


# --- readable, and none of ours ---------------------------------------------------------------------------------------


def whole(**columns):
    """A snapshot of two customers as a night leaves it, with some columns of another hand."""
    facts = {
        "customer_id": ["C001", "C002"], "name": ["甲", None], "tier": ["key", None], "score": [75.0, None],
        "level": ["high", "none"], "risk_score": [10, 0], "amount": [520.0, None], "value": [75.0, None],
        "potential": [75.0, None], "demand": [75.0, None], "team_count": [1, 1], "teams": ["华东", "华东、华南"],
        "amount_parts": [1, 0], "on": [pd.Timestamp("2026-11-20"), pd.Timestamp("2026-11-18")],
        "risks": ["abc=silent_customer=high=2026-11-25=2026-11-01=", None], "whole_on": [pd.Timestamp("2026-11-20")] * 2,
        "health": [70.0, None], "health_colour": ["green", None], "last_deal": [pd.Timestamp("2026-10-01"), None],
    }  # fmt: skip
    return pd.DataFrame(facts | columns)


DAYS = [pd.Timestamp("2026-11-20")] * 2
FOREIGN = {
    "numbers for texts": {"customer_id": [1, 2]},
    "numbers for names": {"name": [1.5, 2.5]},
    "texts for numbers": {"amount": ["520", "很多"]},
    "texts for a count": {"team_count": ["1", "1"]},
    "yes and no for numbers": {"score": ["yes", "no"]},
    "texts for days": {"last_deal": ["2026-10-01", "?"]},
    "texts for the day": {"on": ["2026-11-20", "2026-11-20"]},
    "numbers for the day": {"on": [46346, 46346]},
    "a zone": {"on": pd.to_datetime(DAYS).tz_localize("Asia/Shanghai")},
    "an endless number": {"amount": [float("inf"), 1.0]},
    "a customer twice": {"customer_id": ["C001", "C001"]},
    "a customer without an ID": {"customer_id": ["C001", None]},
    "a customer with a blank ID": {"customer_id": ["C001", ""]},
    "a night without its day": {"on": [pd.Timestamp("2026-11-20"), pd.NaT]},
    "no day at all": {"on": [pd.NaT, pd.NaT]},
    "another day": {"on": [pd.Timestamp("2026-11-19")] * 2},
    "a day to come": {"on": [pd.Timestamp("2026-12-24")] * 2},
    "a year nobody knows": {"last_deal": pd.array(["9999-12-31", None], "datetime64[s]")},
    "risks cut off": {"risks": ["abc=silent_customer=high", None]},
    "risks of no day": {"risks": ["abc=silent_customer=high=soon=2026-11-01=", None]},
    "lists": {"teams": [["华东"], ["华南"]]},
}  # fmt: skip


@pytest.mark.parametrize("at_once", [1, parquet_files.ROWS_AT_ONCE])
def test_what_a_night_leaves_can_be_used(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(parquet_files, "ROWS_AT_ONCE", at_once)
    snapshots.write(tmp_path / snapshots.file_name(dt.datetime(2026, 11, 20, 2)), whole())

    assert last(tmp_path)["customer_id"].tolist() == ["C001", "C002"]


def test_a_text_that_many_customers_have_is_held_once(tmp_path):
    path = tmp_path / snapshots.file_name(dt.datetime(2026, 11, 20, 2))
    snapshots.write(path, whole(teams=["华东与华南", "华东与华南"]))

    first, second = last(tmp_path)["teams"]
    assert first == "华东与华南"
    assert first is second


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_same_columns_with_something_else_in_them_are_passed_over_with_a_word(tmp_path, caplog, kind):
    night(tmp_path, "2026-11-19T02:00:00", "good")
    name = snapshots.file_name(dt.datetime(2026, 11, 20, 2))
    whole(**FOREIGN[kind]).to_parquet(tmp_path / name, index=False)
    kept = snapshots.Snapshots(tmp_path, TODAY)

    with caplog.at_level(logging.WARNING, "kam_xl"):
        found = [kept.last(), kept.nearest(dt.date(2026, 11, 20)), kept.since(dt.date(2026, 11, 20))]

    assert [one["tier"].tolist() for one in found] == [["good"]] * 3
    assert list(kept.passed_over) == [name]
    assert len(caplog.records) == 1


def test_a_file_of_a_day_to_come_is_told_and_a_night_of_no_customers_is_one(tmp_path):
    night(tmp_path, "2027-01-01T02:00:00")
    snapshots.write(tmp_path / snapshots.file_name(dt.datetime(2026, 11, 20, 2)), whole().iloc[:0])
    kept = snapshots.Snapshots(tmp_path, TODAY)

    assert kept.last().empty
    assert list(kept.passed_over) == ["history/2027-01-01T020000.parquet"]


def test_of_two_as_near_the_later_one(tmp_path):
    for day, tier in (("2026-11-09", "a"), ("2026-11-11", "b"), ("2026-11-21", "of today")):
        night(tmp_path, f"{day}T02:00:00", tier)

    assert snapshots.Snapshots(tmp_path, TODAY).nearest(dt.date(2026, 11, 10))["tier"].tolist() == ["b"]


def test_the_nearest_is_read_in_part_and_is_the_same_as_of_the_whole(tmp_path):
    night(tmp_path, "2026-11-09T02:00:00", "a")
    night(tmp_path, "2026-11-11T02:00:00").write_bytes(b"PAR1")
    night(tmp_path, "2026-11-20T02:00:00", "b")
    wanted, columns = dt.date(2026, 11, 10), ("customer_id", "tier", "on")
    past, other = (snapshots.Snapshots(tmp_path, TODAY) for _ in range(2))

    found = past.nearest_in_part(wanted, columns)

    assert [*found] == [*columns]
    assert found["tier"].tolist() == ["a"]
    pd.testing.assert_frame_equal(found, other.nearest(wanted)[[*columns]], check_dtype=False)
    assert past.used == other.used  # what was compared with is known, however much of it was read
    assert past.nearest_in_part(wanted, columns) is not None
    assert list(past.passed_over) == list(other.passed_over) == ["history/2026-11-11T020000.parquet"]


def test_what_is_read_whole_is_not_read_again_for_a_part(tmp_path):
    path = night(tmp_path, "2026-11-20T02:00:00", "b")
    past = snapshots.Snapshots(tmp_path, TODAY)
    past.last()
    path.unlink()

    assert past.nearest_in_part(dt.date(2026, 11, 1), ("customer_id", "tier"))["tier"].tolist() == ["b"]


def test_each_night_is_read_in_part_and_the_last_of_a_day_counts(tmp_path):
    night(tmp_path, "2026-11-09T02:00:00", "a")
    night(tmp_path, "2026-11-20T02:00:00", "b")
    night(tmp_path, "2026-11-20T14:30:00", "c")
    night(tmp_path, "2026-11-19T14:30:00").write_bytes(b"PAR1")
    past = snapshots.Snapshots(tmp_path, TODAY)

    found = list(past.each(("customer_id", "tier", "lifecycle", "whole_on", "on")))

    assert [one["tier"].tolist() for one in found] == [["a"], ["c"]]
    assert [*found[0]] == ["customer_id", "tier", "lifecycle", "whole_on", "on"]
    assert found[0]["lifecycle"].isna().all()  # an older version did not keep it
    assert found[0]["whole_on"].tolist() == found[0]["on"].tolist()
    assert [*past.passed_over] == ["history/2026-11-19T143000.parquet"]
