"""A night behind us judges what it judged: out of the store and the history alone, the workbooks may be gone."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core import history
from kam_xl.core.outside import outside
from kam_xl.nightly import past_nights

pytestmark = pytest.mark.slow


@pytest.fixture
def out(five_nights: Path, tmp_path: Path) -> Path:
    """A copy to take something out of."""
    return Path(shutil.copytree(five_nights, tmp_path / "out"))


def test_every_night_comes_to_what_it_came_to(five_nights):
    words = resources.words("zh-CN")

    for night in past_nights.nights(five_nights):
        found = past_nights.assessed(past_nights.inputs(night, five_nights, words))

        written = pd.read_parquet(five_nights / "history" / f"{found.now:%Y-%m-%dT%H%M%S}.parquet")
        pd.testing.assert_frame_equal(history.snapshot(outside(found)), written, check_dtype=False)


def test_they_come_the_oldest_first_each_under_its_own_policy(five_nights):
    words = resources.words("zh-CN")
    found = [past_nights.inputs(night, five_nights, words) for night in past_nights.nights(five_nights)]

    assert [(one.moment.day, one.moment.hour) for one in found] == [
        (20, 2),
        (21, 1),
        (21, 2),
        (22, 2),
        (23, 2),
        (24, 2),
    ]
    assert [len(one.books) for one in found] == [2, 2, 2, 1, 2, 2]
    assert [one.policy.hysteresis for one in found] == [0, 0, 0, 0, 5, 5]
    assert [one.last is None for one in found] == [True, *[False] * 5]


def test_what_is_lost_is_named(out):
    night = past_nights.nights(out)[-1]
    shutil.rmtree(out / "store" / "books")

    with pytest.raises(LookupError, match="华东"):
        past_nights.inputs(night, out, resources.words("en"))
