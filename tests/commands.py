"""What the tests of both command lines share: a call of a command, and what its help owes to people."""

from __future__ import annotations

import re
from collections.abc import Sequence

import typer
from click.testing import Result
from typer.testing import CliRunner


def call(app: typer.Typer, *arguments: object) -> Result:
    """One call of the program, as from a shell."""
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def assert_example_works(app: typer.Typer, program: str, command: str) -> None:
    """The help of a command shows one example, and explains every option in it."""
    shown = call(app, command, "--help")

    assert shown.exit_code == 0
    (example,) = re.findall(rf"{re.escape(program)} {command}.*", shown.output)
    for option in re.findall(r"--[a-z-]+", example):
        assert shown.output.count(option) > 1


def assert_named_in_help(app: typer.Typer, commands: Sequence[str]) -> None:
    """The program's help names these commands, and it has no others."""
    shown = call(app, "--help")

    assert [command.name or command.callback.__name__ for command in app.registered_commands] == list(commands)
    assert all(command in shown.output for command in commands)
