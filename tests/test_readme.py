"""What README says is so: its files exist, its commands and options are those of the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kam_xl.doors import udfs
from tests.commands import COMMANDS, NAMED, options

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
FILES = sorted(set(re.findall(r"[`(]((?:kam_xl|tests|docs|workbook)/[\w/.-]+\.\w+)[`)]", README)))


@pytest.mark.parametrize("path", FILES)
def test_every_file_that_readme_names_exists(path):
    assert (ROOT / path).is_file()


def test_readme_names_every_command_and_no_other():
    assert set(re.findall(NAMED, README)) == set(COMMANDS)


def test_readme_names_every_worksheet_function_and_no_other():
    assert set(re.findall(r"KAM_[A-Z_]+[A-Z]\b", README)) == set(udfs.FUNCTIONS)


def test_every_option_that_readme_names_exists():
    known = {"--help"}.union(*map(options, COMMANDS))

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) - known == set()


@pytest.mark.parametrize("line", [line.strip() for line in README.splitlines() if line.startswith("make ")])
def test_every_make_target_exists(line):
    target = line.split()[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
