"""The commands that try a policy: they answer in one sentence, write beside the outputs, and touch nothing of these."""

import dataclasses
import hashlib
import re
import shutil
from pathlib import Path

import pytest

from kam_xl import resources
from kam_xl.core import policy as policies
from kam_xl.hosts import store
from kam_xl.hosts.store import Store
from tests.commands import call
from tests.nights import OTHER

pytestmark = [pytest.mark.usefixtures("quiet_log"), pytest.mark.slow]


@pytest.fixture
def proposed(tmp_path) -> Path:
    """The policy of the last nights, as a proposal."""
    path = tmp_path / "proposed.toml"
    path.write_text(OTHER, "utf-8")
    return path


def said(result) -> str:
    return result.stdout + result.stderr


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_replay_answers_on_the_page_and_the_terminal_and_touches_no_output(five_nights, proposed, tmp_path):
    before = hashes(five_nights)

    done = call("replay", five_nights, "--policy", proposed, "--to", "2026-11-21", "--into", tmp_path / "tried")

    assert done.exit_code == 0
    sentence = "按政策 other 重放 2 晚：2026-11-21 那晚 2 家客户里，1 家会升层、0 家会降层"
    assert sentence in done.stdout
    assert "C001  普通客户 → 重点客户" in done.stdout
    page = (tmp_path / "tried" / "replay.html").read_text("utf-8")
    assert sentence in re.sub(r"<[^>]+>", "", page)
    assert hashes(five_nights) == before


def test_unless_said_otherwise_it_is_written_to_a_folder_here(five_nights, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert call("replay", five_nights, "--lang", "en").exit_code == 0
    assert [path.as_posix() for path in Path().rglob("*.html")] == ["trial/retiering.html"]


@pytest.mark.parametrize("inside", ["", "store", "new/folder"])
@pytest.mark.parametrize("command", ["replay", "calibrate", "worth"])
def test_nothing_is_written_among_the_outputs(five_nights, command, inside):
    before = hashes(five_nights)

    done = call(command, five_nights, "--into", five_nights / inside, "--lang", "en")

    assert done.exit_code == 2
    assert "lies in the output folder" in said(done).replace("\n", " ")
    assert hashes(five_nights) == before


def test_a_policy_that_is_refused_is_told_as_any(five_nights, tmp_path):
    (tmp_path / "wrong.toml").write_text(OTHER.replace("value = 0.5", "value = 0.6", 1), "utf-8")

    done = call(
        "replay", five_nights, "--policy", tmp_path / "wrong.toml", "--lang", "en", "--into", tmp_path / "tried"
    )

    assert done.exit_code == 2
    assert "weights.value + weights.potential + weights.demand = 1.1; allowed: a sum of 1" in said(done).replace(
        "\n", ""
    )
    assert not (tmp_path / "tried").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "2026-12-01"), "No night is kept"),
        (("--to", "2020-01-01"), "No night is kept"),
    ],
)
def test_without_a_night_nothing_is_replayed(five_nights, proposed, tmp_path, arguments, sentence):
    done = call("replay", five_nights, "--policy", proposed, *arguments, "--lang", "en", "--into", tmp_path / "tried")

    assert done.exit_code == 2
    assert sentence in said(done)


def test_where_no_night_can_be_replayed_the_first_reason_is_told(five_nights, proposed, tmp_path):
    out = Path(shutil.copytree(five_nights, tmp_path / "out"))
    shutil.rmtree(out / "store" / "books")

    done = call("replay", out, "--policy", proposed, "--lang", "en", "--into", tmp_path / "tried")

    assert done.exit_code == 2
    assert "None of the 5 nights can be replayed; 2026-11-20: What was read of" in said(done).replace("\n", " ")


@pytest.mark.parametrize("command", ["replay", "calibrate"])
def test_a_folder_that_is_not_there_is_told(command, tmp_path):
    done = call(command, tmp_path / "none", "--lang", "en")

    assert done.exit_code == 2
    assert "There is no output folder" in said(done)


def test_two_days_are_held_beside_each_other_as_they_were_written(five_nights, tmp_path):
    done = call("replay", five_nights, "--from", "2026-11-21", "--to", "2026-11-22", "--lang", "en", "--into", tmp_path)

    assert done.exit_code == 0
    assert "From 2026-11-21 to 2026-11-22, customers upgraded: 0, downgraded: 0, in the same tier: 2" in done.stdout


def test_one_day_alone_cannot_be_compared(five_nights, tmp_path):
    done = call("replay", five_nights, "--to", "2026-11-20", "--lang", "en", "--into", tmp_path)

    assert done.exit_code == 2
    assert "no two snapshots" in said(done)


def test_a_calibration_writes_policies_that_can_be_replayed(five_nights, tmp_path):
    done = call("calibrate", five_nights, "--into", tmp_path, "--lang", "en")

    assert done.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calibration.html", "cut-offs.toml"]
    assert policies.parse((tmp_path / "cut-offs.toml").read_text("utf-8")).version == "other-cut-offs"
    assert f"kam-xl replay {five_nights} --policy {tmp_path / 'cut-offs.toml'}" in done.stdout.replace("\n", "")
    assert "the history is too short to try weights" in done.stdout


def test_a_day_that_is_none_is_answered_in_the_language_of_the_user(five_nights):
    done = call("replay", five_nights, "--from", "yesterday", "--lang", "en")

    assert done.exit_code == 2
    assert "The value of --from is not valid; it must be: a day such as 2026-11-28." in said(done)


def test_the_sentences_of_both_commands_stand_in_both_languages():
    zh, en = (resources.words(lang) for lang in ("zh-CN", "en"))

    assert zh("trying.no_out", folder="x") != en("trying.no_out", folder="x")


def test_a_calibration_under_an_older_policy_is_a_file_of_this_version_and_one_that_is_none_now_names_the_night(
    five_nights, tmp_path
):
    out = Path(shutil.copytree(five_nights, tmp_path / "out"))
    kept = Store(out)
    night, _ = kept.last()
    text = kept.policy(night.policy).decode("utf-8")

    for number, old in enumerate(
        (text.replace("all_days = 60", "nights = 60"), text.replace("value = 0.5", "value = 0.6", 1))
    ):
        sha256 = kept.keep_policy(old.encode())
        record = dataclasses.replace(night, policy=sha256, before=kept.newest())
        store.write_record(out / kept.place_of(night.began), record)
        done = call("calibrate", out, "--into", tmp_path / str(number), "--lang", "en")
        assert (done.exit_code, "policy of 2026-11-24 cannot be used any more" in said(done).replace("\n", " ")) == (
            (0, False), (2, True))[number]  # fmt: skip

    assert policies.parse((tmp_path / "0" / "cut-offs.toml").read_text("utf-8")).store.all_days == 60
