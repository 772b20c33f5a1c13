"""What the tests of the command line share: every command and its options, a call of one, how texts name it."""

from __future__ import annotations

import typer
from click.testing import Result
from typer.testing import CliRunner

from kam_xl.doors.commands import app

#: How a command is named in a text, from a checkout or installed.
NAMED = r"(?:batch\.py|-m kam_xl|kam-xl) (\w+)"
#: Every command by its name.
COMMANDS = typer.main.get_command(app).commands


def call(*arguments: object) -> Result:
    """One call of the program, as from a shell."""
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def options(command: str) -> set[str]:
    """The options of a command but --help."""
    return {name for one in COMMANDS[command].params for name in one.opts if name.startswith("--")} - {"--help"}
