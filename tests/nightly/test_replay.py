"""Nights behind us under a policy: under their own they are what was written; under another they remember what it made of them."""

import datetime as dt
import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kam_xl.core import policy as policies
from kam_xl.core.policy import Policy
from kam_xl.core.replaying import Lost, Twice
from kam_xl.hosts.store import Store
from kam_xl.nightly import replay
from tests.nights import FIRST, OTHER, SHIPPED

pytestmark = pytest.mark.slow


@pytest.fixture
def out(five_nights: Path, tmp_path: Path) -> Path:
    """The same to change something in."""
    return Path(shutil.copytree(five_nights, tmp_path / "out"))


def own(out: Path):
    """Every night's own policy."""
    return lambda night: policies.parse(Store(out).policy(night.policy).decode("utf-8"))


def again(out: Path, policy: Policy, **days: dt.date) -> list[Twice | Lost]:
    return list(replay.again(out, replay.chosen(out, **days), lambda _: policy, lambda *_: None))


def tiers(found: list[Twice], side: str = "proposed") -> list[str]:
    return [getattr(night, side).set_index("customer_id").loc["C001", "tier"] for night in found]


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    pd.testing.assert_frame_equal(one, other, check_dtype=False)
    return True


def test_under_each_nights_own_policy_a_replay_is_what_was_written(five_nights):
    found = list(replay.again(five_nights, replay.chosen(five_nights), own(five_nights), lambda *_: None))

    assert [night.day for night in found] == [(FIRST + dt.timedelta(days=place)).date() for place in range(5)]
    assert all(same(night.proposed, night.was) for night in found)


@pytest.mark.parametrize(("text", "since", "until"), [(SHIPPED, 0, 1), (SHIPPED, 2, 2), (OTHER, 3, 4)])
def test_under_one_policy_the_nights_that_had_it_are_what_was_written_wherever_one_begins(
    five_nights, text, since, until
):
    days = {"since": (FIRST + dt.timedelta(days=since)).date(), "until": (FIRST + dt.timedelta(days=until)).date()}

    found = again(five_nights, policies.parse(text), **days)

    assert len(found) == until - since + 1
    assert all(same(night.proposed, night.was) for night in found)


def test_a_replay_remembers_what_it_made_of_the_nights_before_not_what_was_written(five_nights):
    made = replay.replay(five_nights, replay.chosen(five_nights), policies.parse(OTHER))

    # 66 is key; 62 and 59 are not 5 points below 60, so it stays; 54 is; 64 is not 5 above
    assert made.found.by_night["higher"].tolist() == [1, 1, 1, 0, 0]
    assert made.found.by_night["moves_proposed"].tolist() == [0, 0, 0, 1, 0]
    assert tiers([made.found.first, made.found.last]) == ["key", "regular"]
    assert tiers([made.found.first, made.found.last], "was") == ["regular"] * 2
    assert made.found.apart.empty
    assert (made.lost, made.of_other_versions) == ([], 0)


def test_of_a_day_with_several_runs_the_last_counts(five_nights):
    chosen = replay.chosen(five_nights)

    assert [(night.began.day, night.began.hour) for night in chosen][:3] == [
        (20, 2),
        (21, 2),
        (22, 2),
    ]


def test_a_night_of_which_something_is_lost_is_left_out_and_said(out):
    damaged, missing = replay.chosen(out)[1:3]
    kept = {entry for night in replay.chosen(out) if night != missing for entry in night.entries}
    for entry in missing.entries - kept:
        (out / "store" / "books" / entry).unlink()
    (out / "history" / "2026-11-21T020000.parquet").write_bytes(b"no parquet")

    made = replay.replay(out, [damaged, missing, replay.chosen(out)[3]], policies.parse(OTHER))

    assert made.lost == [
        Lost(dt.date(2026, 11, 21), "snapshot", "2026-11-21T020000.parquet"),
        Lost(dt.date(2026, 11, 22), "book", "华东.xlsx"),
    ]
    assert len(made.found.nights) == 1


def test_nights_of_another_version_of_the_product_are_counted(five_nights, monkeypatch):
    monkeypatch.setattr("kam_xl.__version__", "9.9")

    assert replay.replay(five_nights, replay.chosen(five_nights)[:1], policies.parse(SHIPPED)).of_other_versions == 1


def test_nothing_of_the_outputs_is_touched_not_even_what_is_damaged(out):
    harmed = out / "store" / "books" / min(replay.chosen(out)[0].entries)
    harmed.write_bytes(harmed.read_bytes()[:-7])
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.rglob("*") if path.is_file()}

    again(out, policies.parse(OTHER), until=FIRST.date())

    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.rglob("*") if path.is_file()} == before


def test_what_is_done_is_told_night_by_night(five_nights):
    told: list[tuple[int, str]] = []

    replay.replay(five_nights, replay.chosen(five_nights)[:1], policies.parse(SHIPPED), lambda *one: told.append(one))

    assert told == [(1, ""), (1, "2026-11-20")]
