"""What the coverage pages claim is so: every rule once, and each function, key, module, button, sheet they name exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kam_xl.doors import udfs
from kam_xl.reports import master_sheets, team_sheets, views

ROOT = Path(__file__).parents[1]
LANGUAGES = {"zh-CN": "zh", "en": "en"}
PAGES = {lang: (ROOT / "docs" / f"coverage.{lang}.md").read_text("utf-8") for lang in LANGUAGES}
EACH = pytest.mark.parametrize("lang", LANGUAGES)
MARKS = ("●", "◐", "○")


def _toml(path: str) -> dict:
    return tomllib.loads((ROOT / "kam_xl" / path).read_text("utf-8"))


POLICY = _toml("policy.toml")


def _rows(lang: str) -> list[list[str]]:
    lines = [line for line in PAGES[lang].splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@EACH
def test_every_rule_stands_there_once_and_in_order(lang):
    assert [int(row[0]) for row in _rows(lang)] == list(range(1, 133))


@EACH
def test_the_counts_at_the_top_are_those_of_the_table(lang):
    told = re.search(r"(\d+)\D+●\D+(\d+)\D+◐\D+(\d+)\D+○", PAGES[lang].split("\n## ")[0].rsplit("\n\n", 2)[-1])

    assert [int(number) for number in told.groups()] == [
        sum(row[2] == mark for row in _rows(lang)) for mark in MARKS
    ]  # fmt: skip


def test_both_languages_say_the_same_of_every_rule():
    named = [[(row[:3], _code(row[4])) for row in _rows(lang)] for lang in LANGUAGES]

    assert named[0] == named[1]


def _code(cell: str) -> set[str]:
    """What stands in code type, but for samples of what people type, which are in their own language."""
    return {name for name in re.findall(r"`([^`]+)`", cell) if not set("(（") & set(name)}


@EACH
def test_every_function_exists(lang):
    assert set(re.findall(r"KAM_[A-Z_]+[A-Z]\b", PAGES[lang])) <= set(udfs.FUNCTIONS)


@EACH
def test_every_file_exists(lang):
    named = set(re.findall(r"`(kam_xl/[\w/.]+)`", PAGES[lang]))

    assert named
    assert {path for path in named if not (ROOT / path).is_file()} == set()


@EACH
def test_every_key_of_the_policy_exists(lang):
    named = set(re.findall(r"`\[([a-z_.]+)\](?: ([a-z_]+))?`", PAGES[lang]))

    assert len(named) > 50
    assert {(section, key) for section, key in named if not _in_policy(section, key)} == set()


def _in_policy(section: str, key: str) -> bool:
    found = POLICY
    for name in filter(None, (*section.split("."), key)):
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return found != {}


@EACH
@pytest.mark.parametrize("key", ["evaluator_rank", "keep_phones", "preset"])
def test_every_key_outside_the_sections_exists(lang, key):
    assert f"`{key}`" in PAGES[lang]
    assert key in POLICY


@EACH
def test_every_view_exists(lang):
    assert set(re.findall(r"--view (\w+)", PAGES[lang])) == set(views.VIEWS)


@EACH
def test_every_button_exists(lang):
    labels = {button["label"][LANGUAGES[lang]] for button in _toml("words/actions.toml")["ribbon"].values()}
    named = {name for row in _rows(lang) for name in re.findall(r"\*\*([^*]+)\*\*", row[4])}

    assert named
    assert named - labels == set()


@EACH
def test_every_sheet_exists(lang):
    words = _toml("words/master.toml")["master"]["sheet"]
    pages = (*master_sheets.PAGES, *team_sheets.PAGES)
    sheets = {words[page.key][LANGUAGES[lang]] for page in pages if not page.reads}
    named = {name for row in _rows(lang) for name in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", row[4])}

    assert named
    assert named - sheets == set()
