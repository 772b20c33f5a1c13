"""The handbook answers every reference the code makes to it, in both languages, and its table of tiers is the policy's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kam_xl.core.words import LANGUAGES

ROOT = Path(__file__).parents[1]
PAGES = {lang: (ROOT / "docs" / f"handbook.{lang}.md").read_text("utf-8") for lang in LANGUAGES}
COVERAGE = (ROOT / "docs" / "coverage.en.md").read_text("utf-8")
SOURCES = dict(re.findall(r"^\| (\d+) \| (\S+) \|", COVERAGE, re.MULTILINE))
SUFFIXES = {".py", ".toml", ".j2", ".bas"}
#: What the code says → what a heading of each page says.
NAMES = {"zh-CN": {"step": "第 {} 步", "table": "表 {}"}, "en": {"step": "step {}", "table": "table {}"}}
CITED = re.compile(r"\b(S[0-3])(?:,? (step|table|items?) (\d+)(?:–(\d+))?)?(?!\w)")

each_language = pytest.mark.parametrize("lang", LANGUAGES)


def lines() -> Iterator[tuple[str, str]]:
    """Every line of the product and of its tests, with where it stands."""
    places = [
        *ROOT.glob("*.py"),
        *(path for name in ("kam_xl", "workbook", "tests") for path in (ROOT / name).rglob("*")),
    ]
    for path in places:
        if path.suffix in SUFFIXES and path != Path(__file__):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


LINES = list(lines())
PRODUCT = [(place, line) for place, line in LINES if not place.startswith("tests")]


def headings(lang: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", PAGES[lang], re.MULTILINE)


def section(lang: str, number: str) -> str:
    """The text of one section; empty where there is none."""
    found = re.search(rf"^## §{number} .+?(?=^## |\Z)", PAGES[lang], re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


@each_language
def test_every_section_that_is_cited_exists(lang: str) -> None:
    cited = [(place, number) for place, line in LINES for number in re.findall(r"§(\d+)", line)]

    assert len(cited) > 50
    assert [(place, number) for place, number in cited if not section(lang, number)] == []


def test_what_is_cited_by_its_title_stands_in_that_section() -> None:
    cited = [(place, *found) for place, line in LINES for found in re.findall(r'§(\d+), "([^"]+)"', line)]

    assert cited
    assert [one for one in cited if one[2].lower() not in section("en", one[1]).lower()] == []


@each_language
def test_every_step_and_table_of_a_source_that_is_cited_exists(lang: str) -> None:
    told = headings(lang)
    cited = {(source, kind, number) for _, line in PRODUCT for source, kind, number, _ in CITED.findall(line)}
    named = {
        (source, kind, number): f"{source} {NAMES[lang][kind].format(number)}" if kind in NAMES[lang] else source
        for source, kind, number in cited
    }

    assert len(named) > 5
    assert {one: name for one, name in named.items() if not any(name in heading for heading in told)} == {}


def test_every_item_that_is_cited_is_of_that_source() -> None:
    cited = [found for _, line in PRODUCT for found in CITED.findall(line) if found[1].startswith("item")]
    items = {
        (source, number) for source, _, first, last in cited for number in range(int(first), int(last or first) + 1)
    }

    assert items
    assert {(source, number) for source, number in items if SOURCES.get(str(number)) != source} == set()


def test_both_languages_have_the_same_sections_marks_and_tables() -> None:
    def shape(lang: str) -> list[str]:
        return re.findall(r"^(?:#+ (?:§\d+|S\d)?|\||- )|◌", PAGES[lang], re.MULTILINE)

    zh, en = LANGUAGES
    assert shape(zh) == shape(en)


@each_language
def test_the_table_of_tiers_is_the_shipped_policys(lang: str) -> None:
    told = [re.split(r" *\| *", line)[1:-1] for line in section(lang, "4").splitlines() if "| [" in line]
    tiers = tomllib.loads((ROOT / "kam_xl" / "policy.toml").read_text("utf-8"))["tier"]
    bands = zip(tiers.values(), [100, *(tier["low"] for tier in tiers.values())], strict=False)

    assert [row[:2] + row[4:5] for row in told] == [[key, one[lang[:2]], one["class"]] for key, one in tiers.items()]
    assert [[int(number) for number in re.findall(r"\d+", "|".join(row))] for row in told] == [
        [
            one["low"],
            top,
            round(one["target_low"] * 100),
            round(one["target_high"] * 100),
            one["cadence_days"],
            one["sla_hours"],
        ]
        for one, top in bands
    ]
