"""What the pages about the nightly job say is so: their commands, options and outputs are the program's, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kam_xl.core.words import LANGUAGES
from kam_xl.reports import views
from tests.commands import COMMANDS, NAMED, options

HERE = Path(__file__).parents[1] / "kam_xl" / "guide"
PAGES = {lang: (HERE / f"nightly.{lang}.md").read_text("utf-8") for lang in LANGUAGES}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")

each_page = pytest.mark.parametrize("lang", LANGUAGES)


@each_page
def test_every_command_and_option_exists(lang):
    asked = set(re.findall(NAMED, PAGES[lang]))

    assert asked == {
        "run", "schedule", "check", "notify", "demo", "worth", "why", "replay", "calibrate", "adopt", "standards", "verify", "again",
        "forget",
    }  # fmt: skip
    assert asked <= set(COMMANDS)
    assert set(OPTION.findall(PAGES[lang])) == options("run") - {"--help"} | {
        "--at",
        "--mark",
        "--night",
        "--into",
        "--since",
        "--page",
        "--from",
        "--to",
    }


@each_page
def test_every_view_is_named(lang):
    assert [name for name in views.VIEWS if name not in PAGES[lang]] == []


@each_page
def test_every_link_leads_to_a_file_that_comes_along(lang):
    assert [path for path in re.findall(r"\]\(([^)]+)\)", PAGES[lang]) if not (HERE / path).is_file()] == []


def test_both_languages_say_the_same():
    zh, en = (re.findall(r"^(#+|\||- |!)|(?:`(\w[^`（]*)`)", PAGES[lang], re.MULTILINE) for lang in LANGUAGES)

    assert [kind for kind, _ in zh] == [kind for kind, _ in en]
