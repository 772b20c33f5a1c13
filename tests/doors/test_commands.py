"""The commands under one name, each with an example; what makes no sense is refused; every way in is the same one."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import kam_xl
from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import cli
from tests.commands import COMMANDS, call

HOME = Path(kam_xl.__file__).parents[1]


def test_the_help_names_every_command_in_the_order_of_the_work():
    shown = call("--help")

    assert shown.exit_code == 0
    assert list(COMMANDS) == [
        "run", "schedule", "check", "adopt", "standards", "demo", "notify", "worth", "why", "replay", "calibrate", "verify", "again", "forget",
        "install", "uninstall", "doctor", "upgrade", "open",
    ]  # fmt: skip
    assert [command for command in COMMANDS if command not in shown.output] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_shows_an_example_that_its_own_options_understand(command):
    shown = call(command, "--help")

    assert shown.exit_code == 0
    (example,) = re.findall(rf"kam-xl {command}.*", shown.output)
    for option in re.findall(r"--[a-z-]+", example):
        assert shown.output.count(option) > 1


@pytest.mark.parametrize(
    "arguments", [("install", "--lang", "fr"), ("open", "a.xlsm", "--in", "wps"), ("remove",), ("upgrade",)]
)
def test_what_makes_no_sense_is_refused(arguments):
    assert call(*arguments).exit_code == 2


SAID = {
    ("run",): "还缺 TEAMS：团队工作簿所在的文件夹。",
    ("check", "--lang", "en"): "WORKBOOK is missing: a workbook.",
    ("run", "x", "--view", "daily"): "--view 的值无效；应为：weekly、monthly、quarterly、half_yearly 之一",
    ("run", "x", "--workers", "0", "--lang=en"): "The value of --workers is not valid; it must be: a whole number, 1 or more.",
    ("open", "a.xlsm", "--in", "wps", "--lang", "en"): "The value of --in is not valid; it must be: excel or libreoffice.",
    ("run", "x", "--out"): "--out 后面要写一个值：输出文件夹。",
    ("open", "a.xlsm", "--in"): "--in 后面要写一个值：excel 或 libreoffice。",
    ("run", "x", "--wrkers", "3"): "没有选项 --wrkers。",
    ("run", "x", "y", "z"): "多出了不认识的内容：y z。",
    ("remove", "--lang", "en"): "There is no command remove; the commands are: run schedule check adopt standards demo",
    ("--frob",): "没有选项 --frob。",
}  # fmt: skip


@pytest.mark.parametrize("arguments", SAID)
def test_a_wrong_command_line_is_answered_in_the_language_of_the_user(arguments):
    answer = call(*arguments)

    assert answer.exit_code == 2
    assert answer.stderr.replace("\n", "").startswith(SAID[arguments])
    assert answer.stderr.rstrip().endswith(" --help")


def test_who_asks_for_another_language_is_told_in_both_which_there_are():
    assert call("run", "x", "--lang", "fr").stderr.splitlines() == [
        "--lang 的值无效；应为：zh-CN 或 en。全部写法见：root run --help",
        "The value of --lang is not valid; it must be: zh-CN or en. All it takes: root run --help",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_parameter_says_what_it_may_be(lang):
    takers = {one.name for command in COMMANDS.values() for one in command.params if not getattr(one, "is_flag", False)}
    assert [name for name in takers if f"usage.allowed.{name}" not in resources.words(lang)] == []


def test_no_arguments_at_all_ask_for_help():
    assert "Usage" in call().output


@pytest.mark.slow
@pytest.mark.parametrize("program", [("batch.py",), ("-m", "kam_xl")])
def test_from_a_checkout_it_runs_under_either_name(program):
    done = subprocess.run(
        [sys.executable, *program, "--help"], cwd=HOME, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"}, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert [command for command in COMMANDS if command not in done.stdout] == []


def test_an_installed_package_has_the_same_one():
    scripts = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]

    assert scripts == {"kam-xl": f"{cli.__name__}:{cli.main.__name__}"}
