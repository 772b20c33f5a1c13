"""What the guide to telling people shows works: every example is an address that is taken, and makes a channel."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kam_xl.core.words import LANGUAGES
from kam_xl.hosts import notify, settings
from kam_xl.hosts.placeholders import PLACEHOLDER
from kam_xl.resources import words

GUIDES = {
    lang: (Path(__file__).parents[1] / "kam_xl" / "guide" / f"notify.{lang}.md").read_text("utf-8")
    for lang in LANGUAGES
}
TEAMS = ("https://prod-1.westus.logic.azure.com:443/workflows/643e69f83c8944438d68119179a10a64/triggers/manual/paths/invoke"
         "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abc")  # fmt: skip


def examples(lang):
    blocks = re.findall(r"^ *```toml\n(.*?)^ *```", GUIDES[lang], re.MULTILINE | re.DOTALL)
    return [address for block in blocks for address in tomllib.loads(block)["notify"]]


@pytest.mark.parametrize("address", sorted(set(examples("en"))))
def test_every_example_is_taken_and_makes_a_channel(address, monkeypatch):
    for kind, name in PLACEHOLDER.findall(address):
        monkeypatch.setenv(name, TEAMS if name == "KAM_TEAMS" else "abc123")
        address = address.replace(f"{{{kind}:{name}}}", f"{{env:{name}}}")  # as if it were a variable too

    assert notify.fault(address) is None
    assert notify._apprise().Apprise.instantiate(notify._filled(address)) is not None


def test_both_languages_show_the_same_examples():
    assert examples("zh-CN") == examples("en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_guide_names_every_key_and_every_way_of_failing(lang):
    text = GUIDES[lang]

    assert [key for key in settings._KEYS if f"| `{key}` |" not in text] == []
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(settings._KEYS)
    assert words(lang)("notify.fault.unknown").count(f"kam_xl/guide/notify.{lang}.md") == 1
