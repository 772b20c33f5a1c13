"""The checklist says the same in both languages, and names only what there is."""

import re

import pytest

from kam_xl import resources
from kam_xl.core.words import LANGUAGES
from tests.commands import NAMED, options

DOCS = resources.GUIDE
TEXTS = {lang: (DOCS / f"checklist.{lang}.md").read_text("utf-8") for lang in LANGUAGES}


def boxes(text):
    """How many boxes each system has under each of its headings."""
    parts = re.split(r"^(##+) ", text, flags=re.MULTILINE)[1:]
    return [(level, part.count("- [ ]")) for level, part in zip(parts[::2], parts[1::2], strict=True)]


def test_both_languages_have_the_same_boxes():
    zh, en = (boxes(TEXTS[lang]) for lang in LANGUAGES)

    assert zh == en
    assert sum(count for _, count in zh) < 40  # what can be shown without a person does not stand here


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_box_has_a_place_to_write_what_was_seen(lang):
    place = {"zh-CN": r"看到：____( 秒)?", "en": r"Seen: ____( s)?"}[lang]
    lines = [line for line in TEXTS[lang].splitlines() if line.startswith("- [ ]")]

    assert [line for line in lines if not re.search(rf" ?{place}$", line)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_box_says_what_to_expect(lang):
    assert [line for line in TEXTS[lang].splitlines() if line.startswith("- [ ]") and "→" not in line] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_button_it_names_is_on_the_ribbon(lang):
    texts = resources.words(lang).texts
    labels = {text for key, text in texts.items() if re.fullmatch(r"ribbon\.\w+\.label", key)}
    other = {"zh-CN": "en", "en": "zh-CN"}[lang]
    labels.add(resources.words(other)("ribbon.KamXl_Language.label"))  # what the language button says after a click

    named = set(re.findall(r"\*\*([^*]+)\*\*", TEXTS[lang])) - {"bold", "粗体"}
    assert named - labels == set()
    assert len(named) >= 15


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_function_it_names_exists(lang):
    named = set(re.findall(r"\bKAM_[A-Z]+\b", TEXTS[lang]))

    assert {name for name in named if f"functions.{name}.description" not in resources.words(lang)} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_and_option_it_names_exists(lang):
    named = re.findall(rf"{NAMED}([^`]*)`", TEXTS[lang])

    assert {command for command, _ in named} == {"install", "uninstall", "doctor", "upgrade", "open", "run", "demo"}
    for command, rest in named:
        assert set(re.findall(r"--[a-z-]+", rest)) <= options(command)
