"""The page about bringing one's own list says the same in both languages, and what it says of programs and options is so."""

from __future__ import annotations

import re

import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from kam_xl.hosts import intakes
from tests.commands import NAMED, options

PAGES = {lang: (resources.GUIDE / f"lists.{lang}.md").read_text("utf-8") for lang in LANGUAGES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_commands_options_programs_and_pictures_are_there(lang):
    page = PAGES[lang]
    assert set(re.findall(NAMED, page)) == {"adopt", "run"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) <= options("adopt") | options("run")
    assert [one.name for one in intakes.programs() if one.name not in page] == []
    assert [
        name for name in re.findall(r"\]\((pictures/[\w.-]+)\)", page) if not (resources.GUIDE / name).is_file()
    ] == []


def test_both_pages_hold_the_same():
    marks = [
        re.findall(r"^(#+|\d\.|-|\s+!|```|\s+\|)", page.replace("```toml", "```"), re.MULTILINE)
        for page in PAGES.values()
    ]
    assert marks[0] == marks[1]
