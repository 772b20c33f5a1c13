"""A night behind us judges what it judged: out of the store and the history alone, the workbooks may be gone."""

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kam_xl import nightly, resources
from kam_xl.core import history
from kam_xl.core.outside import outside
from kam_xl.nightly import past_nights
from tests import files

pytestmark = pytest.mark.slow

FIRST = dt.datetime(2026, 11, 21, 2)


@pytest.fixture
def out(tmp_path: Path, readers_in_this_process: None) -> Path:
    """Three nights: one as usual, one without a workbook and with a row moved on, one under another policy."""
    teams, policy = tmp_path / "teams", tmp_path / "policy.toml"
    other = {**files.CUSTOMER, "customer_id": "C002", "name": "乙公司", "amount": 900}
    files.team(teams / "华东.xlsx")
    files.team(teams / "华北.xlsx", info=[other], evaluation=[{**files.EVALUATION, "customer_id": "C002"}])
    nightly.run(nightly.Job(teams, tmp_path / "out", workers=1), FIRST)
    (teams / "华北.xlsx").unlink()
    files.team(teams / "华东.xlsx", info=[{**files.CUSTOMER, "amount": 1}])
    nightly.run(nightly.Job(teams, tmp_path / "out", workers=1), FIRST + dt.timedelta(days=1))
    policy.write_text(resources.policy_text().replace("hysteresis = 0", "hysteresis = 3"), "utf-8")
    nightly.run(nightly.Job(teams, tmp_path / "out", workers=1, policy_file=policy), FIRST + dt.timedelta(days=5))
    shutil.rmtree(teams)
    return tmp_path / "out"


def test_every_night_comes_to_what_it_came_to(out):
    words = resources.words("zh-CN")

    for night in past_nights.nights(out):
        found = past_nights.assessed(past_nights.inputs(night, out, words))

        written = pd.read_parquet(out / "history" / f"{found.now:%Y-%m-%dT%H%M%S}.parquet")
        pd.testing.assert_frame_equal(history.snapshot(outside(found)), written, check_dtype=False)


def test_they_come_the_oldest_first_each_under_its_own_policy(out):
    words = resources.words("zh-CN")
    found = [past_nights.inputs(night, out, words) for night in past_nights.nights(out)]

    assert [one.moment.day for one in found] == [21, 22, 26]
    assert [len(one.books) for one in found] == [2, 1, 1]
    assert [one.policy.hysteresis for one in found] == [0, 0, 3]
    assert [one.last is None for one in found] == [True, False, False]


def test_what_is_lost_is_named(out):
    night = past_nights.nights(out)[-1]
    shutil.rmtree(out / "store" / "books")

    with pytest.raises(LookupError, match="华东"):
        past_nights.inputs(night, out, resources.words("en"))
