"""The page of licences is true of what is installed, and whoever sums it up (README, the button About) says the same."""

import re

import pytest

from docs import licences
from kam_xl.core.words import LANGUAGES
from kam_xl.resources import words

PAGE = licences.PAGE.read_text("utf-8")
README = (licences.ROOT / "README.md").read_text("utf-8")
FILES = ("requirements.txt", "requirements-dev.txt")
BOUND = {one.name: one.licence for one in licences.closure(FILES[0]) if licences.bound(one.licence)}


@pytest.mark.parametrize("file", FILES)
def test_every_package_of_the_closure_stands_there_with_its_licence(file: str) -> None:
    told = {tuple(line.split(" | ")[::2]) for line in PAGE.splitlines()}

    assert {(f"| {one.name}", f"{one.licence} |") for one in licences.closure(file)} - told == set(), (
        "run `python -m docs.licences` and read what is new"
    )


@pytest.mark.parametrize("file", FILES)
def test_every_licence_is_one_that_somebody_has_judged(file: str) -> None:
    judged = licences.PERMISSIVE | {"MPL-2.0", "GPL-3.0"}

    assert [one for one in licences.closure(file) if not judged.issuperset(re.split(" AND | OR ", one.licence))] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_about_names_the_licences_that_ask_for_more_than_a_notice_and_no_other(lang: str) -> None:
    sentence = words(lang)("message.about", version="", policy="", name="")

    assert {name for name in (one.name for one in licences.closure(FILES[0])) if name in sentence} == set(BOUND)
    assert [licence for licence in BOUND.values() if licence not in sentence] == []
    assert "MIT" in sentence


def test_readme_names_them_too() -> None:
    section = README.partition("## 许可")[2]

    assert [pair for pair in BOUND.items() if not all(section.count(word) == 2 for word in pair)] == []


@pytest.mark.parametrize(
    ("licence", "bound"),
    [("MIT", False), ("MIT AND MPL-2.0", True), ("GPL-3.0 OR MIT", False), ("GPL-3.0", True), ("unknown", True)],
)
def test_a_licence_binds_where_no_choice_of_it_is_permissive(licence: str, bound: bool) -> None:
    assert licences.bound(licence) == bound
