"""Looking back: what the command says, what it writes, and that the night's outputs stay as they are."""

import datetime as dt
import itertools
import shutil
from types import SimpleNamespace

import pytest

from kam_xl import resources
from kam_xl.core import policy as policies
from kam_xl.core.errors import KamError
from kam_xl.doors import review
from kam_xl.hosts import snapshots
from kam_xl.hosts.store import Store
from tests import planted_alarms as planted
from tests.commands import call

pytestmark = pytest.mark.usefixtures("quiet_log")


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """An output folder with the planted year's history."""
    out = tmp_path_factory.mktemp("year")
    for night in planted.snapshots():
        moment = dt.datetime.combine(night["on"].max().date(), dt.time(2))
        snapshots.write(out / snapshots.file_name(moment), night)
    return out


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "answer"),
    [("zh-CN", "最准的是“客户沉默”：10 次中 8 次"), ("en", "“Silent customer”: of 10 alarms 8 came true")],
)
def test_the_answer_a_page_and_a_policy_to_replay(year, tmp_path, lang, answer):
    before = files(year)
    ended = call("worth", year, "--into", tmp_path / "worth", "--lang", lang)

    assert ended.exit_code == 0
    assert answer in ended.stdout
    assert "worth.toml" in ended.stdout
    written = files(tmp_path / "worth")
    assert {*written} == {"worth.html", "worth.toml"}
    proposed = policies.parse(written["worth.toml"].decode())
    off = [key for key, rule in proposed.rules.items() if rule.enabled != resources.policy().rules[key].enabled]
    assert off == [planted.NOISE]
    assert files(year) == before


def test_with_nothing_to_propose_there_is_no_policy(tmp_path):
    for night in itertools.islice(planted.snapshots(), 3):
        moment = dt.datetime.combine(night["on"].max().date(), dt.time(2))
        snapshots.write(tmp_path / "out" / snapshots.file_name(moment), night)

    ended = call("worth", tmp_path / "out", "--into", tmp_path / "worth")

    assert "夜晚还太少" in ended.stdout
    assert {*files(tmp_path / "worth")} == {"worth.html"}


def test_a_damaged_night_costs_itself_alone(year, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(year, out)
    min((out / "history").iterdir()).write_bytes(b"PAR1")

    ended = call("worth", out, "--into", tmp_path / "worth")

    assert ended.exit_code == 0
    assert "8 次在 90 天内变差" in ended.stdout
    assert "历史中有 1 个文件不可用，已略过：history/2025-11-01T020000.parquet" in ended.stdout


def test_a_folder_without_history_is_told(tmp_path):
    ended = call("worth", tmp_path, "--into", tmp_path / "worth")

    assert ended.exit_code == 2
    assert "没有历史" in ended.stderr
    assert not (tmp_path / "worth").exists()


def test_the_policy_of_the_newest_night_counts_unless_another_is_named(tmp_path, monkeypatch):
    kept, words = Store(tmp_path), resources.words("en")
    text = resources.policy_text().replace('version = "', 'version = "of that night ', 1)
    sha256 = kept.keep_policy(text.encode())
    night = SimpleNamespace(policy=sha256, began=dt.datetime(2026, 11, 20, 2))
    monkeypatch.setattr(Store, "last", lambda _: (night, ""))
    named = tmp_path / "mine.toml"
    named.write_text("mine", "utf-8")

    assert review._policy(tmp_path, None, words) == text
    assert review._policy(tmp_path, named, words) == "mine"
    kept.folder.joinpath("policies", f"{sha256}.toml").unlink()
    with pytest.raises(KamError, match="--policy"):
        review._policy(tmp_path, None, words)


def test_an_older_policy_of_the_newest_night_is_brought_up_and_one_that_is_none_now_names_the_night(
    tmp_path, monkeypatch
):
    words, shipped = resources.words("en"), resources.policy_text()
    old = shipped.replace("all_days = 60", "forgotten_days = 60")
    for text in (old, old.replace("value = 0.5", "value = 0.6", 1)):
        night = SimpleNamespace(policy=Store(tmp_path).keep_policy(text.encode()), began=dt.datetime(2026, 11, 20, 2))
        monkeypatch.setattr(Store, "last", lambda _, night=night: (night, ""))
        if text == old:
            assert policies.parse(review._policy(tmp_path, None, words)) == policies.parse(shipped)
        else:
            with pytest.raises(KamError, match=r"policy of 2026-11-20 cannot be used any more: .*weights"):
                review._policy(tmp_path, None, words)
