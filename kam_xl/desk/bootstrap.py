"""The command line of a Python that has no packages yet: makes the environment, and lets that one do the rest."""

from __future__ import annotations

import sys

from kam_xl.core.errors import KamError
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.desk import install, machine, places, record
from kam_xl.desk.places import PROJECT
from kam_xl.desk.steps import Step, carry_out
from kam_xl.hosts import resources

NOT_DONE = 2


def run(arguments: list[str]) -> int:
    """Do what the command line asks; return its exit code."""
    lang = next((lang for lang in LANGUAGES if lang in arguments), LANGUAGES[0])
    words = resources.words(lang)
    this = machine.this()
    where = places.of(this)
    installs = arguments[:1] == ["install"] and "--help" not in arguments
    try:
        desk = install.Desk(this, where, record.read(where.record, words), words, PROJECT)
        if installs:
            _prepare(desk, words, arguments)
    except KamError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_DONE
    if not installs and not install.works(desk):  # a Python that we did not put there is not run
        sys.stderr.write(words("desk.needs_packages") + "\n")
        return NOT_DONE
    if installs and "--dry-run" in arguments:
        sys.stdout.write(words("desk.dry_run") + "\n")
        return 0
    ran = this.run((where.python, "-m", "kam_xl", *arguments), install.LONG_SECONDS)
    sys.stdout.write(ran.output)
    return ran.code


def _prepare(desk: install.Desk, words: Words, arguments: list[str]) -> None:
    """The first steps of an installation, or in a dry run all of them told."""
    dry_run, trusted = ("--dry-run" in arguments), ("--trust" in arguments)

    def tell(step: Step, needed: bool) -> None:
        key = "already" if not needed else "would" if dry_run else "doing"
        sys.stdout.write(words(f"desk.{key}", step=step.says) + "\n")

    install.refuse(desk, trusted=trusted)
    steps = install.steps(desk, trusted=trusted) if dry_run else install.environment_steps(desk)
    carry_out(steps, tell, words, dry_run=dry_run)
