"""The commands: ten under one name, each with an example; what makes no sense is refused; every way in is the same one."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import kam_xl
from kam_xl.doors import cli
from tests.commands import COMMANDS, call

HOME = Path(kam_xl.__file__).parents[1]


def test_the_help_names_every_command_in_the_order_of_the_work():
    shown = call("--help")

    assert shown.exit_code == 0
    assert list(COMMANDS) == [
        "run", "schedule", "check", "demo", "notify", "install", "uninstall", "doctor", "upgrade", "open",
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
