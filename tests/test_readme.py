"""What README says is so: its files exist, its commands and options are those of the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kam_xl
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import udfs
from tests.commands import COMMANDS, NAMED, options

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
#: Each language is complete for itself.
HALVES = dict(zip(LANGUAGES, README.split("\n## English\n"), strict=True))
FILES = sorted(set(re.findall(r"[`(]((?:kam_xl|tests|docs|workbook|benchmarks)/[\w/.-]+\.\w+)[`)#]", README)))

each_half = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.mark.parametrize("path", FILES)
def test_every_file_that_readme_names_exists(path):
    assert (ROOT / path).is_file()


@each_half
def test_readme_names_every_command_and_no_other(lang):
    assert set(re.findall(NAMED, HALVES[lang])) == set(COMMANDS)


@each_half
def test_readme_names_every_worksheet_function_and_no_other(lang):
    assert set(re.findall(r"KAM_[A-Z_]+[A-Z]\b", HALVES[lang])) == set(udfs.FUNCTIONS)


@each_half
def test_readme_counts_the_worksheet_functions(lang):
    counted = re.search(r"^(\d+) ?(个函数|functions)", HALVES[lang], re.MULTILINE)

    assert int(counted[1]) == len(udfs.FUNCTIONS)


def test_every_option_that_readme_names_exists():
    known = {"--help"}.union(*map(options, COMMANDS))

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) - known == set()


def test_both_halves_say_the_same():
    marks = [re.findall(r"^(### |```|- )", half, re.MULTILINE) for half in HALVES.values()]
    links = [set(re.findall(r"\]\(([^)#]+)", half.replace("zh-CN", "en"))) for half in HALVES.values()]

    assert marks[0] == marks[1]
    assert {link for link in links[0] - links[1] if not link.endswith(".png")} == set()


@pytest.mark.parametrize("line", [line.strip() for line in README.splitlines() if line.startswith("make ")])
def test_every_make_target_exists(line):
    target = line.split()[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_changes_begin_with_the_present_version():
    changes = (ROOT / "CHANGES.md").read_text("utf-8")

    assert re.search(r"^## (\S+)", changes, re.MULTILINE)[1] == kam_xl.__version__
