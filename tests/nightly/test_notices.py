"""Who hears what after a run that was not done, and what the small file of what was told may not do."""

import datetime as dt
import json

import pytest

from kam_xl.hosts.notify import Delivery
from kam_xl.hosts.settings import Settings
from kam_xl.nightly import notices
from kam_xl.resources import words
from tests.receivers import mail_server, web_server

DAY = dt.date(2026, 11, 21)
WHY = "找不到团队文件夹 teams。"


@pytest.fixture
def receiver():
    with web_server() as server:
        yield server


def failed(receiver, out, sentence=WHY, day=DAY):
    (outcome,) = notices.after_failure(Settings((receiver.address,)), out, sentence, words("zh-CN"), day)
    return outcome.outcome


def test_a_run_that_was_not_done_is_told_once_a_day_for_each_reason(receiver, tmp_path):
    assert failed(receiver, tmp_path) == "sent"
    assert failed(receiver, tmp_path) == "quiet"
    assert failed(receiver, tmp_path, "别的原因。") == "sent"
    assert failed(receiver, tmp_path) == "quiet"
    assert failed(receiver, tmp_path, day=DAY + dt.timedelta(days=1)) == "sent"

    assert [(got["title"], got["message"]) for got in receiver.got][:2] == [
        ("KAM XL 大客户：夜间运行未完成", WHY),
        ("KAM XL 大客户：夜间运行未完成", "别的原因。"),
    ]
    (known,) = json.loads((tmp_path / notices.FILE).read_text("utf-8")).values()
    assert known == {"failures": {WHY: "2026-11-22"}}


def test_a_channel_that_failed_is_told_the_next_time(receiver, tmp_path):
    receiver.status = 500
    assert failed(receiver, tmp_path) == "failed"
    receiver.status = 200
    assert failed(receiver, tmp_path) == "sent"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"x": {}}', "damaged"])
def test_a_damaged_file_costs_one_message_twice_and_no_more(receiver, tmp_path, text):
    failed(receiver, tmp_path)
    (name,) = json.loads((tmp_path / notices.FILE).read_text("utf-8"))
    (tmp_path / notices.FILE).write_text(json.dumps({name: {"failures": 5}}) if text == "damaged" else text)

    assert failed(receiver, tmp_path) == "sent"
    assert failed(receiver, tmp_path) == "quiet"


def test_where_nothing_can_be_written_people_are_told_all_the_same(receiver, tmp_path):
    (tmp_path / "out").touch()

    assert failed(receiver, tmp_path / "out") == "sent"


def test_without_channels_nothing_is_told_and_nothing_written(tmp_path):
    assert notices.after_failure(Settings(), tmp_path, WHY, words("en"), DAY) == []
    assert list(tmp_path.iterdir()) == []


def test_a_trial_goes_to_every_channel_every_time(receiver):
    with mail_server() as box:
        for _ in range(2):
            outcomes = notices.trial(Settings((receiver.address, box.address())), words("en"))
        assert [one.outcome for one in outcomes] == ["sent", "sent"]
        assert [mail["Subject"] for mail in box.mails] == ["KAM XL: a trial"] * 2
    assert len(receiver.got) == 2


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Delivery("wecombot://***", "sent"), "wecombot://*** was told"),
        (Delivery("wecombot://***", "quiet"), "wecombot://***: nothing new, nothing sent"),
        (
            Delivery("wecombot://***", "failed", "no_variable", "KAM_BOT"),
            "wecombot://*** could not be told: the environment variable KAM_BOT is not set.",
        ),
    ],
)
def test_what_became_of_a_channel_in_words(outcome, said):
    assert notices.sentence(outcome, words("en")) == said


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize(
    "reason",
    ["no_variable", "no_entry", "no_keyring", "no_address", "refused", "unreachable", "too_slow", "bug"],
)
def test_every_reason_has_its_sentence(lang, reason):
    assert "{" not in notices.sentence(Delivery("x", "failed", reason, "KAM_BOT"), words(lang))
