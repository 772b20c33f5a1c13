"""The command line of a Python that lacks packages: makes the environment, and lets that one do the rest.

Where there is no environment that could, it takes away what an installation left behind, and says what is missing.
"""

from __future__ import annotations

import argparse
import signal
import sys
import traceback

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.desk import install, uninstall
from kam_xl.desk.steps import Step, carry_out
from kam_xl.doors.exits import INTERRUPTED, ended
from kam_xl.doors.streams import carry_chinese


def run(arguments: list[str], missing: ImportError) -> int:
    """Do what the command line asks as far as that is possible without what is `missing`; return its exit code."""
    asked, others, words = _read(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return ended(
            lambda: _carried_out(asked, others, arguments, words, missing),
            words,
            lambda sentence: sys.stderr.write(f"{sentence}\n"),
            traceback.print_exception,
        )
    except KeyboardInterrupt:
        sys.stderr.write(words("desk.interrupted") + "\n")
        return INTERRUPTED


def _read(arguments: list[str]) -> tuple[argparse.Namespace, list[str], Words]:
    """What of the command line an installation understands, what is for the environment, and the words to answer in."""
    carry_chinese((sys.stdout, sys.stderr))
    parser = argparse.ArgumentParser("python -m kam_xl", add_help=False, allow_abbrev=False)
    parser.add_argument("command", nargs="?")
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0])
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--trust", action="store_true")
    asked, others = parser.parse_known_args(arguments)
    return asked, others, resources.words(asked.lang)


def _carried_out(
    asked: argparse.Namespace, others: list[str], arguments: list[str], words: Words, missing: ImportError
) -> int:
    desk = install.this_desk(words)
    inside = install.runs_in_environment(desk)
    if inside and not asked.dry_run:  # it has not what it was thought to have: whoever installs is to look again
        desk.places.stamp.unlink(missing_ok=True)
    if asked.command == "install" and not others:
        _prepare(desk, asked)
        if asked.dry_run:
            return 0
    if install.is_ready(desk) and not inside:
        ran = desk.machine.run((desk.places.python, "-m", "kam_xl", *arguments), install.LONG_SECONDS)
        sys.stdout.write(ran.output)
        return ran.code
    if asked.command == "uninstall" and not others:
        _tell(uninstall.steps(desk), words, dry_run=asked.dry_run)
        sys.stdout.write(words("desk.dry_run" if asked.dry_run else "desk.uninstalled") + "\n")
        return 0
    raise KamError(words("desk.needs_packages", reason=missing))


def _prepare(desk: install.Installing, asked: argparse.Namespace) -> None:
    """The first steps of an installation, or in a dry run all of them told."""
    install.refuse(desk, trusted=asked.trust)
    steps = install.steps(desk, trusted=asked.trust) if asked.dry_run else install.environment_steps(desk)
    _tell(steps, desk.words, dry_run=asked.dry_run)
    if asked.dry_run:
        sys.stdout.write(desk.words("desk.dry_run") + "\n")


def _tell(steps: tuple[Step, ...], words: Words, *, dry_run: bool) -> None:
    """Carry the steps out, or in a dry run only say them."""

    def tell(step: Step, needed: bool) -> None:
        key = "already" if not needed else "would" if dry_run else "doing"
        sys.stdout.write(words(f"desk.{key}", step=step.says) + "\n")
        sys.stdout.flush()

    carry_out(steps, tell, words, dry_run=dry_run)
