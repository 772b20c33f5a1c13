"""The commands of the night: what each command says, in both languages, and the exit code that scripts go by."""

import errno
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
import xlsxwriter
from rich.console import Console
from xlsxwriter.exceptions import FileCreateError

from kam_xl import resources
from kam_xl.doors import checking, night, terminal
from kam_xl.hosts import outputs
from kam_xl.nightly import job as nightly
from tests import files
from tests.commands import COMMANDS, call
from tests.receivers import web_server

HOME = Path(night.__file__).parents[2]
pytestmark = pytest.mark.usefixtures("quiet_log")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
SIGTERM_SECONDS = 15


@pytest.fixture
def teams(tmp_path, readers_in_this_process):
    files.team(tmp_path / "teams" / "华东.xlsx")
    return tmp_path / "teams"


def process(*arguments, env=(), **options):
    return subprocess.Popen(
        [sys.executable, "batch.py", *(str(one) for one in arguments)],
        cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUTF8": "1", **dict(env)}, **options,
    )  # fmt: skip


@pytest.fixture
def shortly(tmp_path):
    """What makes of each night of a program of its own one in short, as its environment."""
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(IN_SHORT), "utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOME)])}


IN_SHORT = """
    import sys
    if "run" in sys.orig_argv:
        from tests.nights import in_short
        in_short(setattr)
"""


# --- run --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize(
    ("lang", "done", "written"),
    [("zh-CN", "完成：1 家客户，来自 1 个工作簿", "结果在"), ("en", "Done: 1 customers", "Written to")],
)
def test_a_clean_run_says_what_it_did_and_ends_with_0(teams, tmp_path, lang, done, written):
    ended = call("run", teams, "--out", tmp_path / "out", "--lang", lang)

    assert ended.exit_code == 0
    assert done in ended.stdout
    assert f"{written} {tmp_path / 'out'}".replace(" ", "") in ended.stdout.replace(" ", "")
    assert ended.stderr == ""


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize(
    ("lang", "reason"),
    [("zh-CN", "  华北.xlsx: 文件是空的（0 字节）"), ("en", "  华北.xlsx: The file is empty (0 bytes)")],
)
def test_a_quarantined_workbook_is_named_with_its_reason_and_makes_it_1(teams, tmp_path, lang, reason):
    (teams / "华北.xlsx").touch()

    ended = call("run", teams, "--out", tmp_path / "out", "--lang", lang)

    assert ended.exit_code == 1
    assert reason in ended.stdout.splitlines()


def test_the_pages_asked_for_are_written_and_named(teams, tmp_path):
    ended = call("run", teams, "--out", tmp_path / "out", "--view", "weekly", "--view", "monthly", "--view", "weekly")

    assert ended.exit_code == 0
    assert "run.json, weekly.html, monthly.html, managers/（1 个文件）, teams/（1 个文件）" in ended.stdout
    assert {path.name for path in (tmp_path / "out").glob("*.html")} == {
        nightly.SUMMARY,
        nightly.DETAILS,
        nightly.STANDARDS,
        "weekly.html",
        "monthly.html",
    }


@pytest.mark.parametrize("command", ["run", "schedule"])
def test_a_page_that_there_is_not_is_refused_in_words(teams, tmp_path, command):
    ended = call(command, teams, "--out", tmp_path / "out", "--view", "daily")

    assert ended.exit_code == 2
    assert ended.stderr.startswith("--view 的值无效；应为：weekly、monthly、quarterly、half_yearly 之一")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "找不到团队文件夹"), ("en", "The teams' folder")])
def test_what_cannot_be_done_is_one_sentence_on_stderr_and_makes_it_2(tmp_path, lang, sentence):
    ended = call("run", tmp_path / "missing", "--out", tmp_path / "out", "--lang", lang)

    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(sentence)
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("lang", "what", "instead"),
    [("zh-CN", "华东.xlsx 是一个文件", "kam-xl check"), ("en", "华东.xlsx is a file", "kam-xl check")],
)
def test_a_workbook_in_place_of_the_folder_is_said_to_be_one_and_what_to_do(teams, tmp_path, lang, what, instead):
    ended = call("run", teams / "华东.xlsx", "--out", tmp_path / "out", "--lang", lang)

    assert ended.exit_code == 2
    assert (what in ended.stderr, f"{teams}" in ended.stderr, instead in ended.stderr) == (True, True, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("lang", "what"), [("zh-CN", "是文件夹，而 check 一次检查一个工作簿"), ("en", "is a folder, and check looks")]
)
def test_a_folder_in_place_of_the_workbook_is_said_to_be_one_and_what_to_do(teams, lang, what):
    ended = call("check", teams, "--lang", lang)

    assert ended.exit_code == 2
    assert what in ended.stderr
    assert f"kam-xl run {teams}" in ended.stderr


def test_where_nothing_can_be_used_every_file_is_named(tmp_path):
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "华东.xlsx").write_text("text")

    ended = call("run", tmp_path / "teams", "--out", tmp_path / "out", "--lang", "en")

    assert ended.exit_code == 2
    assert ended.stderr.splitlines()[1:] == ["  华东.xlsx: This is text or CSV, not a workbook"]


def test_a_second_run_is_told_so_and_leaves_the_telling_to_the_first(teams, tmp_path, config, receiver):
    with outputs.locked(tmp_path / "out", resources.words("en")):
        ended = call("run", teams, "--out", tmp_path / "out", "--lang", "en", "--config", config())

    assert (ended.exit_code, ended.stderr[:11]) == (2, "Another run")
    assert receiver.got == []
    assert not (tmp_path / "out" / "history").exists()


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "磁盘空间不足"), ("en", "The disk is full")])
def test_a_full_disk_is_one_sentence_without_a_traceback(teams, tmp_path, monkeypatch, lang, sentence):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nightly.snapshots, "write", full)

    ended = call("run", teams, "--out", tmp_path / "out", "--lang", lang)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(sentence)
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_log_that_takes_no_more_is_told_once_and_the_run_goes_on(teams, tmp_path):
    ended = call("run", teams, "--out", tmp_path / "out", "--lang", "en", "--log-file", "/dev/full")

    assert ended.exit_code == 0
    assert ended.stderr.startswith("The log file /dev/full takes no more")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has other pipes")
@pytest.mark.parametrize("gone", ["a reader who left", "a full disk", "closed"])
def test_nobody_who_reads_what_was_written_is_no_failure(teams, tmp_path, shortly, gone):
    command = [sys.executable, "batch.py", "run", str(teams), "--out", str(tmp_path / "out")]
    target = {"a reader who left": "| true", "a full disk": "> /dev/full", "closed": ">&-"}[gone]
    line = f"({shlex.join(command)} ; echo $? > {shlex.quote(str(tmp_path / 'code'))}) {target}"

    env = {**os.environ, **shortly}
    ended = subprocess.run(["sh", "-c", line], cwd=HOME, env=env, stderr=subprocess.PIPE, timeout=60, check=False)

    assert (tmp_path / "code").read_text() == "0\n"
    assert ended.stderr == b""
    assert (tmp_path / "out" / nightly.MASTER).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_says_a_sentence_and_leaves_no_new_folder(teams, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(HANGING), "utf-8")
    arguments = ("run", teams, "--out", tmp_path / "new" / "out", "--lang", "zh-CN")

    running = process(*arguments, env={"PYTHONPATH": str(tmp_path)})
    while not (tmp_path / "new" / "out").exists():
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out, err = (text.decode() for text in running.communicate(timeout=SIGTERM_SECONDS))

    assert (running.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("已中断。未生成新文件")
    assert "most recent call" not in err
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("nights_in_short")
def test_ctrl_c_while_people_are_told_says_that_all_is_written(teams, tmp_path, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(nightly.notices, "after_run", pressed)

    ended = call("run", teams, "--out", tmp_path / "out", "--lang", "en")

    assert ended.exit_code == 130
    assert ended.stderr.startswith("Interrupted. All new files are written")


def test_on_a_terminal_every_step_is_shown_with_what_is_done_of_it(teams, tmp_path, monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(night, "console", screen)

    with night.bar(resources.words("en")) as progress:
        progress("read", 2, "")
        progress("read", 2, "华东.xlsx")
        progress("write", 0, "KAM_Master.xlsx")

    shown = screen.file.getvalue()
    assert "Writing the results" in shown
    assert "KAM_Master.xlsx" in shown


@pytest.mark.slow
def test_the_clock_of_a_step_moves_while_nothing_is_told_of_it(monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(night, "console", screen)

    with night.bar(resources.words("en")) as progress:
        progress("consolidate", 0, "")
        time.sleep(1.3)

    assert "Putting the teams' data together" in screen.file.getvalue()
    assert "0:00:01" in screen.file.getvalue()


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("zh-CN", "程序内部出错（ZeroDivisionError）"), ("en", "inside the program (ZeroDivisionError)")],
)
def test_a_bug_is_told_as_one_with_its_traceback_in_the_log(teams, tmp_path, monkeypatch, lang, sentence):
    monkeypatch.setattr(nightly.assessing.assessment, "assess", lambda *_: 1 / 0)

    ended = call("run", teams, "--out", tmp_path / "out", "--lang", lang, "--log-file", tmp_path / "log" / "kam.jsonl")

    entry = json.loads((tmp_path / "log" / "kam.jsonl").read_text("utf-8").splitlines()[-1])
    assert ended.exit_code == 2
    assert sentence in ended.stderr
    assert entry["level"] == "ERROR"
    assert str(Path("nightly", "job.py")) in entry["message"]
    assert entry["message"].endswith("ZeroDivisionError")
    assert "division by zero" not in entry["message"]  # a message may quote a cell


@pytest.mark.parametrize(
    "arguments", [("--lang", "fr"), ("--workers", "0"), ("--policy", "missing.toml"), ("--colour",)]
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_happens(teams, tmp_path, arguments):
    assert call("run", teams, "--out", tmp_path / "out", *arguments).exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_policy_that_contradicts_itself_is_told(teams, tmp_path):
    (tmp_path / "policy.toml").write_text("[weights]\nvalue = 2", "utf-8")

    ended = call("run", teams, "--out", tmp_path / "out", "--policy", tmp_path / "policy.toml", "--lang", "en")

    assert ended.exit_code == 2
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["run", "schedule"])
@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "无法写入日志文件"), ("en", "The log file")])
def test_a_log_file_that_cannot_be_written_is_told_before_anything_happens(teams, tmp_path, command, lang, sentence):
    (tmp_path / "file").touch()

    for log in (tmp_path, tmp_path / "file" / "kam.jsonl"):
        ended = call(command, teams, "--out", tmp_path / "out", "--lang", lang, "--log-file", log)
        assert (ended.exit_code, ended.stdout) == (2, "")
        assert ended.stderr.startswith(sentence)
        assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_away_from_a_terminal_it_is_quiet_and_its_log_is_json_lines(teams, tmp_path, shortly):
    (teams / "[bold]华北.xlsx").touch()

    arguments = ("--out", tmp_path / "out", "--lang", "en", "--log-file", tmp_path / "kam.jsonl")
    running = process("run", teams, *arguments, env=shortly)
    out, err = (text.decode().replace(os.linesep, "\n") for text in running.communicate(timeout=60))

    entries = [json.loads(line) for line in (tmp_path / "kam.jsonl").read_text("utf-8").splitlines()]
    assert (running.returncode, err) == (1, "")
    assert CONTROL.findall(out) == []
    assert [line[:4] for line in out.splitlines()] == ["Done", "Work", "  [b", "Writ", "Mark"]
    assert all({"time", "level", "message"} <= entry.keys() for entry in entries)
    assert entries[-1]["message"] == "run done"


def test_an_output_whose_code_page_has_no_chinese_is_utf_8_and_names_every_workbook(teams, tmp_path, shortly):
    (teams / "华北.xlsx").touch()
    env = shortly | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}

    running = process("run", teams, "--out", tmp_path / "out", env=env)
    out, err = running.communicate(timeout=60)

    assert (running.returncode, err) == (1, b"")
    assert "华北.xlsx" in out.decode("utf-8")
    assert (tmp_path / "out" / nightly.MASTER).exists()


# --- schedule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["25:00", "noon", "2", "02:00+08:00", "02:00:30", ""])
def test_what_is_no_time_of_day_is_refused(teams, tmp_path, at):
    ended = call("schedule", teams, "--out", tmp_path / "out", "--at", at, "--lang", "en")

    assert ended.exit_code == 2
    assert "is no time of day" in ended.stderr


def test_the_last_run_is_known_from_its_record(tmp_path):
    assert night._last_run(tmp_path) is None
    (tmp_path / nightly.RECORD).write_text('{"started": "2026-11-20T02:00:00"}')
    assert night._last_run(tmp_path).day == 20
    local = night.dt.datetime(2026, 11, 20, 2).astimezone()
    for moment in (local, local.astimezone(night.dt.UTC)):  # of another hand, with a zone
        (tmp_path / nightly.RECORD).write_text(json.dumps({"started": moment.isoformat()}))
        assert night._last_run(tmp_path) == night.dt.datetime(2026, 11, 20, 2)
    year_one, deep, long = (
        '{"started": "0001-01-01T00:00:00+14:00"}',
        '{"a":' * 100_000,
        json.dumps({"started": "9" * 5000}),
    )
    for damaged in (year_one, deep, long, "{", "{}", '{"started": "x"}', '{"started": null}', "[]", ""):
        (tmp_path / nightly.RECORD).write_text(damaged)
        assert night._last_run(tmp_path) is None


def test_what_a_power_cut_left_half_done_is_undone_when_the_schedule_starts(teams, tmp_path, monkeypatch):
    out = tmp_path / "out"
    for name, text in {"run.json": "new", ".previous-cut/old/run.json": "old", ".previous-cut/under_way": ""}.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
    monkeypatch.setattr(night.timer, "every_night", lambda *_, **__: None)

    assert call("schedule", teams, "--out", out).exit_code == 0
    assert (out / "run.json").read_text() == "old"
    assert not list(out.glob(".previous-*"))
    with outputs.locked(out, resources.words("en")):
        assert call("schedule", teams, "--out", out).exit_code == 2


def first_line(running):
    return running.stdout.readline().decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_while_it_waits_it_ends_at_once_with_0(teams, tmp_path, sent):
    running = process("schedule", teams, "--out", tmp_path / "out", "--at", _in_hours(6), "--lang", "en")
    assert first_line(running).startswith("Running every day at")

    time.sleep(0.3)
    asked = time.monotonic()
    running.send_signal(sent)
    out, err = running.communicate(timeout=SIGTERM_SECONDS)

    assert time.monotonic() - asked < 3
    assert (running.returncode, out, err) == (0, b"Stopped.\n", b"")


def _in_hours(hours):
    return time.strftime("%H:%M", time.localtime(time.time() + 3600 * hours))


HANGING = """
    import time
    from kam_xl.hosts import workbooks
    workbooks.opened = lambda folder, name: time.sleep(600)
"""


STARTING = """
    import sys, time
    if "kam_xl.hosts.isolation" in sys.orig_argv:
        time.sleep(600)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
@pytest.mark.parametrize(
    ("sent", "doing"), [(signal.SIGTERM, HANGING), (signal.SIGINT, STARTING)], ids=["hanging", "starting"]
)
def test_a_run_that_is_interrupted_ends_at_once_with_a_sentence_and_leaves_nothing(teams, tmp_path, sent, doing):
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(doing), "utf-8")
    environment = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOME)])}
    running = process("run", teams, "--out", tmp_path / "out", "--lang", "en", env=environment)
    while not (reader := _readers_of(running)):
        time.sleep(0.02)
    if doing is HANGING:
        time.sleep(2)

    asked = time.monotonic()
    running.send_signal(sent)
    out, err = running.communicate(timeout=SIGTERM_SECONDS)

    assert time.monotonic() - asked < 2
    sentence = resources.words("en")("job.interrupted")
    assert (running.returncode, out.decode(), err.decode()) == (130, "", sentence + "\n")
    assert [one.pid for one in reader if one.is_running()] == []
    assert {path.name for path in tmp_path.glob("out/*")} <= {".kam_xl.lock"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("program", [("batch.py", "run", "teams"), ("-m", "kam_xl", "doctor")])
def test_while_it_is_only_being_loaded_ctrl_c_ends_it_without_a_traceback(tmp_path, program):
    (tmp_path / "pandas.py").write_text("import time; print('loading', flush=True); time.sleep(600)")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": ""}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": HOME, "env": environment}
    with subprocess.Popen([sys.executable, *program], **options) as running:
        assert first_line(running) == "loading\n"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=SIGTERM_SECONDS)

    assert (running.returncode, out, err) == (-signal.SIGINT, b"", b"")


def _readers_of(running):
    return [one for one in psutil.Process(running.pid).children() if "kam_xl.hosts.isolation" in one.cmdline()]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_asked_to_end_in_the_middle_of_a_run_it_leaves_yesterdays_files_and_no_process(teams, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(HANGING), "utf-8")
    (tmp_path / "out").mkdir()
    yesterday = {nightly.RECORD: '{"started": "2026-01-01T02:00:00"}', nightly.MASTER: "yesterday's"}
    for name, text in yesterday.items():
        (tmp_path / "out" / name).write_text(text)
    arguments = ("--out", tmp_path / "out", "--at", _in_hours(6), "--lang", "en", "--log-file", tmp_path / "log")

    running = process("schedule", teams, *arguments, env={"PYTHONPATH": str(tmp_path)})
    first_line(running)
    while "catching up" not in ((tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""):
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=SIGTERM_SECONDS)

    assert (running.returncode, out) == (0, b"Stopped.\n")
    assert {name: (tmp_path / "out" / name).read_text() for name in yesterday} == yesterday
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name not in (*yesterday, ".kam_xl.lock")] == []


# --- notify -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def receiver():
    with web_server() as server:
        yield server


@pytest.fixture
def config(tmp_path, receiver):
    """``config("feishu://…")``: a configuration with a channel that works and the given ones."""

    def written(*others):
        path = tmp_path / "kam_xl.toml"
        path.write_text(f"notify = {json.dumps([receiver.address, *others])}", "utf-8")
        return path

    return written


@pytest.mark.usefixtures("nights_in_short")
def test_a_run_says_what_became_of_every_channel_and_keeps_its_exit_code(teams, tmp_path, config, receiver):
    (teams / "华北.xlsx").touch()
    path = config("wecombot://{env:KAM_NOT_SET}")

    ended = call("run", teams, "--out", tmp_path / "out", "--lang", "en", "--config", path)

    assert ended.exit_code == 1
    assert ended.stdout.splitlines()[-2:] == [
        "json://*** was told",
        "wecombot://*** could not be told: the environment variable KAM_NOT_SET is not set.",
    ]
    assert "华北.xlsx" in receiver.got[0]["message"]


def test_a_run_that_is_not_done_is_told_once(teams, tmp_path, config, receiver):
    for missing in ("missing", "missing", "other"):
        ended = call("run", tmp_path / missing, "--out", tmp_path / "out", "--lang", "en", "--config", config())
        assert (ended.exit_code, ended.stdout) == (2, "")
    (teams / "华东.xlsx").write_text("no workbook")
    call("run", teams, "--out", tmp_path / "out", "--lang", "en", "--config", config())

    assert [got["title"] for got in receiver.got] == ["KAM XL: the nightly run was not done"] * 3
    assert "does not exist" in receiver.got[0]["message"]
    assert "No workbook in" in receiver.got[2]["message"]


def test_a_bug_is_told_by_its_kind_alone(teams, tmp_path, monkeypatch, config, receiver):
    monkeypatch.setattr(nightly.assessing.assessment, "assess", lambda *_: {}["C001"])

    ended = call("run", teams, "--out", tmp_path / "out", "--lang", "en", "--config", config())

    assert ended.exit_code == 2
    assert "inside the program (KeyError)" in receiver.got[0]["message"]
    assert "C001" not in receiver.got[0]["message"]


@pytest.mark.parametrize("command", ["run", "schedule", "notify"])
def test_a_wrong_configuration_is_told_before_anything_happens(teams, tmp_path, config, command):
    arguments = [] if command == "notify" else [teams, "--out", tmp_path / "out"]

    ended = call(command, *arguments, "--lang", "en", "--config", config("feishu://topsecret"))

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "holds a secret in plain text" in ended.stderr
    assert "topsecret" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_trial_is_sent_to_every_channel(config, receiver):
    ended = call("notify", "--config", config(), "--lang", "en")

    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "json://*** was told\n", "")
    assert receiver.got[0]["title"] == "KAM XL: a trial"


def test_a_trial_with_a_channel_that_fails_makes_it_1_and_one_without_channels_2(tmp_path, config):
    failed = call("notify", "--config", config("feishu://{env:KAM_NOT_SET}"), "--lang", "en")
    (tmp_path / "empty.toml").touch()
    nobody = call("notify", "--config", tmp_path / "empty.toml", "--lang", "en")

    assert (failed.exit_code, failed.stdout.count("KAM_NOT_SET")) == (1, 1)
    assert (nobody.exit_code, nobody.stdout) == (2, "")
    assert "There is no address under notify" in nobody.stderr


# --- check ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "counts", "clean"),
    [
        ("zh-CN", "华东.xlsx：1 行客户，1 行评估，1 行跟踪", "没有发现问题"),
        ("en", "华东.xlsx: 1 customers, 1 evaluations", "Nothing to put right"),
    ],
)
def test_a_workbook_without_findings_is_clean(teams, lang, counts, clean):
    ended = call("check", teams / "华东.xlsx", "--lang", lang)

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert counts in ended.stdout
    assert clean in ended.stdout


@pytest.mark.slow
def test_the_optional_sheets_are_named_with_their_rows_or_said_to_be_none(tmp_path):
    service = [{"customer_id": "C001", "kind": "拜访", "reported": "2026-01-05"}]
    book = files.team(tmp_path / "华东.xlsx", info=[files.CUSTOMER], service=service)

    said = call("check", book).stdout.splitlines()[1]

    assert (
        said == "可选表：评分指标 没有、服务记录 1 行、关键联系人 没有、续约与商机 没有、行动清单 没有、交易记录 没有"
    )


def test_a_phone_in_a_title_above_a_table_is_masked(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "华东.xlsx") as book:
        sheet = book.add_worksheet("客户基础信息表")
        sheet.write(0, 0, "填表人：张三  电话13812345678")
        sheet.write_row(1, 0, ["客户ID", "客户名称", "累计交易额（万元）"])
        sheet.write_row(2, 0, ["C001", "某科技", 520])

    said = call("check", tmp_path / "华东.xlsx").stdout

    assert "填表人：张三" in said
    assert "13812345678" not in said


WRONG = "一段很长的话" * 8


@pytest.fixture
def wrong(tmp_path):
    row = {**files.CUSTOMER, "amount": WRONG, "last_deal": "[/bold]某天"}
    return files.team(tmp_path / "华东.xlsx", info=[row], evaluation=[files.EVALUATION], tracking=[files.TRACKING])


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_findings_are_told_with_place_and_remedy_and_make_it_1(wrong, lang):
    ended = call("check", wrong, "--lang", lang)

    assert ended.exit_code == 1
    rows = ended.stdout.splitlines()
    assert any("客户基础信息表!I2" in row and WRONG in row for row in rows)
    assert any("客户基础信息表!H2" in row and "[/bold]某天" in row for row in rows)


@pytest.mark.slow
def test_a_narrow_terminal_cuts_nothing_off(wrong, monkeypatch):
    narrow = Console(width=60, file=io.StringIO())
    monkeypatch.setattr(checking, "console", narrow)
    monkeypatch.setattr(terminal, "WIDE", 60)

    call("check", wrong, "--lang", "zh-CN")

    shown = narrow.file.getvalue()
    assert "…" not in shown
    assert all(shown.count(char) >= WRONG.count(char) for char in set(WRONG))


@pytest.mark.parametrize(
    ("lang", "reason"),
    [
        ("zh-CN", "无法使用：文件是空的（0 字节）。请重新保存"),
        ("en", "cannot be used: The file is empty (0 bytes). Save"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_with_the_remedy(tmp_path, lang, reason):
    (tmp_path / "a.xlsx").touch()

    ended = call("check", tmp_path / "a.xlsx", "--lang", lang)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert reason in ended.stderr


BAD = b"\xbb\xaa\xb6\xab".decode("utf-8", "surrogateescape")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows names files in UTF-16")
def test_names_that_are_no_text_are_told_by_check_and_run_alike_wherever_they_stand(tmp_path):
    teams = tmp_path / BAD / "teams"
    files.team(teams / f"{BAD}.xlsx")
    files.team(teams / "华东.xlsx")
    log = tmp_path / "log"

    checked = call("check", teams / f"{BAD}.xlsx", "--lang", "en")
    ended = call("run", teams, "--out", tmp_path / BAD / "out", "--lang", "en", "--log-file", log)

    assert (checked.exit_code, ended.exit_code) == (2, 1)
    assert "????.xlsx cannot be used: The file's name is in an unknown encoding" in checked.stderr
    assert "????.xlsx: The file's name is in an unknown encoding" in ended.stdout
    record = json.loads((tmp_path / BAD / "out" / nightly.RECORD).read_text("utf-8"))
    assert {one["book"]: one["reason"] for one in record["inputs"]} == {"????.xlsx": "bad_name", "华东.xlsx": None}
    assert record["teams_dir"] == f"{tmp_path}/????/teams"
    assert len(log.read_text("utf-8").splitlines()) > 3


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "找不到工作簿"), ("en", "does not exist")])
def test_a_workbook_that_is_not_there(tmp_path, lang, sentence):
    ended = call("check", tmp_path / "a.xlsx", "--lang", lang)

    assert ended.exit_code == 2
    assert sentence in ended.stderr


# --- demo -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_makes_workbooks_and_consolidates_them(tmp_path):
    ended = call("demo", "--folder", tmp_path / "demo", "--lang", "en")

    assert ended.exit_code == 0
    assert (tmp_path / "demo" / "out" / nightly.SUMMARY).exists()
    assert "demo files made" in ended.stdout


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("error", [PermissionError(), FileCreateError("Excel holds it")])
def test_a_demo_whose_files_cannot_be_written_is_told_and_makes_it_2(tmp_path, monkeypatch, lang, error):
    def make(*_, **__):
        raise error

    monkeypatch.setattr(night.demo_books, "make", make)

    ended = call("demo", "--folder", tmp_path / "demo", "--lang", lang)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith({"zh-CN": "无法写入演示文件夹", "en": "The demo folder"}[lang])


def test_a_demo_in_a_folder_that_is_a_file_makes_it_2(tmp_path):
    (tmp_path / "demo").touch()

    assert call("demo", "--folder", tmp_path / "demo").exit_code == 2


def test_run_and_schedule_take_the_same_options():
    run, schedule = ({p.name for p in _parameters(name)} for name in ("run", "schedule"))

    assert schedule - run == {"at"}
    assert run <= schedule


def _parameters(name):
    return COMMANDS[name].params
