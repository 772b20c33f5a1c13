"""The figures of speed in the READMEs are those that were measured, and the guard says no where it must."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import results, tables
from benchmarks.lines import HEADLINES, LINES
from benchmarks.results import Result

ROOT = Path(__file__).parents[1]
PLACES = [(name, lang) for name, languages in tables.PLACES.items() for lang in languages]


@pytest.mark.parametrize(("name", "lang"), PLACES)
def test_a_readme_shows_what_was_measured(name, lang):
    text = (ROOT / name).read_text("utf-8")

    assert tables.placed(text, lang, tables.markdown(results.kept(), lang, whole=name != "README.md")) == text


def test_every_line_was_measured():
    assert {result.key for result in results.kept()} >= set(LINES)
    assert set(HEADLINES) <= set(LINES)


@pytest.mark.parametrize(("ours", "beyond"), [(16.0, False), (16.1, True)])
def test_a_ratio_beyond_its_guard_is_seen(ours, beyond):
    assert LINES["read"].guard == 16
    assert Result("read", ours, 1.0).beyond_guard is beyond


def test_what_has_no_guard_is_never_beyond_it():
    assert not Result("memory", 1e9).beyond_guard


def test_new_results_take_the_place_of_their_measures_old_ones_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FILE", tmp_path / "results.json")
    results.keep([Result("rules", 10.0), Result("rules.old", 9.0), Result("help", 1.0, 0.5)])

    results.keep([Result("rules", 8.0), Result("rules.new", 7.0)])

    assert [(one.key, one.ours) for one in results.kept()] == [("rules", 8.0), ("rules.new", 7.0), ("help", 1.0)]
    assert {row["measured"] for row in json.loads(results.FILE.read_text("utf-8"))} != {""}


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"), [(10.0, 4.0, "2.5 ×"), (1.0, 4.0, "1 / 4"), (1500.0, None, ""), (0.0, 1.0, "0")]
)
def test_a_ratio_is_told_as_times_or_as_a_fraction(ours, theirs, shown):
    assert tables._cells(Result("read", ours, theirs), "en")[3] == shown
