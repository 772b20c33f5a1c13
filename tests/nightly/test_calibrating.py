"""What the newest night and its history speak for, as whole policy files that a replay then bears out."""

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kam_xl import nightly, resources
from kam_xl.core import calibration, history
from kam_xl.core import policy as policies
from kam_xl.core.nights import Night
from kam_xl.hosts import snapshots, store
from kam_xl.hosts.amending import amended
from kam_xl.hosts.store import Store
from kam_xl.nightly import calibrating, replay
from tests import files

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 11, 20, 2)
SHIPPED = resources.policy_text()


def kept(out: Path, text: str, marks: pd.DataFrame, lost: np.ndarray, days: int = 200) -> Night:
    """Two snapshots some days apart, between which some customers were lost, and the record of the later night."""
    policy = policies.parse(text)
    score = calibration.scoring.composite(marks["value"], marks["potential"], marks["demand"], policy.weights)
    tier = calibration.tiering.tiers(score, policy)
    blank = dict.fromkeys(("risk_score", "amount", "team_count", "amount_parts"), 0.0)
    known = marks.assign(name="某公司", score=score, tier=tier, level="none", teams="华东", **blank)
    for moment, stage in ((NOW - dt.timedelta(days=days), "active"), (NOW, np.where(lost, "lost", "active"))):
        frame = known.assign(lifecycle=stage, on=pd.Timestamp(moment.date())).astype({"on": "datetime64[s]"})
        snapshots.write(out / snapshots.file_name(moment), history.complete(frame))
    night = Night(NOW.isoformat(), "0", "r", Store(out).keep_policy(text.encode()), "zh-CN", (), {}, None)
    store.write_record(out / Store(out).place_of(NOW), night)
    return night


def portfolio(seed: int = 1, count: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    """Customers of whom those with little potential leave."""
    random = np.random.default_rng(seed)
    marks = pd.DataFrame(random.integers(0, 101, (count, 3)).astype(float), columns=["value", "potential", "demand"])
    lost = random.uniform(size=count) < 1 / (1 + np.exp((marks["potential"] - 25) / 8))
    return marks.assign(customer_id=[f"C{number:03}" for number in range(count)]), lost.to_numpy()


def test_each_proposal_is_the_whole_policy_with_its_comments_and_only_its_numbers_changed(tmp_path):
    found, files = calibrating.calibrate(tmp_path, kept(tmp_path, SHIPPED, *portfolio()))

    assert sorted(files) == ["cut-offs.toml", "weights.toml"]
    for name, changed in (("cut-offs.toml", "low = "), ("weights.toml", ("value = ", "potential = ", "demand = "))):
        before, after = SHIPPED.splitlines(), files[name].splitlines()
        assert len(before) == len(after)
        other = [(was, now) for was, now in zip(before, after, strict=True) if was != now]
        assert 1 < len(other) <= 6
        assert all(
            now.startswith((changed, "version = ") if isinstance(changed, str) else (*changed, "version = "))
            for _, now in other
        )
    assert found.cuts.version == "2026.1-cut-offs"
    assert found.weights.weights.potential > 0.6
    assert found.since == dt.date(2026, 5, 4)


def test_under_the_proposed_cut_offs_every_share_is_on_target(tmp_path):
    found, _ = calibrating.calibrate(tmp_path, kept(tmp_path, SHIPPED, *portfolio()))

    assert (calibration.shares(found.snapshot["score"], found.cuts)["verdict"] == "on_target").all()


def test_what_is_so_already_is_not_proposed(tmp_path):
    marks, _ = portfolio(count=100)
    marks[["value", "potential", "demand"]] = np.repeat([95.0, 80, 60, 40, 10], [12, 22, 55, 8, 3])[:, None].repeat(
        3, axis=1
    )

    found, files = calibrating.calibrate(tmp_path, kept(tmp_path, SHIPPED, marks, np.zeros(100, bool)))

    assert files == {}
    assert found.cuts is found.weights is None
    assert found.separation.verdict == "too_few"


def test_where_a_preset_is_in_force_its_own_weights_are_changed(tmp_path):
    text = amended(SHIPPED, {"preset": "deepening"})

    _, files = calibrating.calibrate(tmp_path, kept(tmp_path, text, *portfolio()))

    proposed = policies.parse(files["weights.toml"])
    assert proposed.preset == "deepening"
    assert proposed.weights.potential > 0.6
    assert proposed.presets["deepening"].weights == proposed.weights


def test_a_history_too_short_is_said_with_the_day_it_would_need(tmp_path):
    found, files = calibrating.calibrate(tmp_path, kept(tmp_path, SHIPPED, *portfolio(), days=100))

    assert found.separation is None
    assert found.since == dt.date(2026, 5, 24)
    assert "weights.toml" not in files


def test_a_replay_of_the_proposed_cut_offs_moves_exactly_those_that_were_named(
    tmp_path: Path, readers_in_this_process: None
) -> None:
    scores = range(30, 100, 3)
    ids = [f"C{score:03}" for score in scores]
    info = [{**files.CUSTOMER, "customer_id": one, "name": f"{one}公司"} for one in ids]
    marks = [dict.fromkeys(("value", "potential", "demand"), score) for score in scores]
    rows = [{**files.EVALUATION, **mark, "customer_id": one} for one, mark in zip(ids, marks, strict=True)]
    files.team(tmp_path / "teams" / "华东.xlsx", info=info, evaluation=rows)
    nightly.run(nightly.Job(tmp_path / "teams", tmp_path / "out", workers=1), NOW)
    nights = replay.chosen(tmp_path / "out")
    found, proposals = calibrating.calibrate(tmp_path / "out", nights[-1])

    last = replay.replay(tmp_path / "out", nights, policies.parse(proposals["cut-offs.toml"])).found.last

    was, proposed = (getattr(last, side).set_index("customer_id")["tier"] for side in ("was", "proposed"))
    named = calibration.moves(found.snapshot, found.cuts).set_index("customer_id")["after"]
    assert dict(named) == dict(proposed[proposed != was])
    assert len(named) > 3


@pytest.mark.parametrize("lose", ["history", "store/policies"])
def test_what_is_lost_is_raised(tmp_path, lose):
    night = kept(tmp_path, SHIPPED, *portfolio())
    shutil.rmtree(tmp_path / lose)

    with pytest.raises(OSError, match=r"No such file|找不到"):
        calibrating.calibrate(tmp_path, night)
