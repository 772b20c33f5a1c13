"""What a column is to people is said once, for whatever it is shown in."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import kam_xl
from kam_xl.core import sheets
from kam_xl.showing import theme
from kam_xl.showing.fields import COMPUTED, Field, fields, header, listed


def test_every_field_has_a_header_in_both_languages() -> None:
    for name, field in fields().items():
        assert field.name == name
        assert (header(name, "zh-CN"), header(name, "en")) == (field.zh.strip(), field.en.strip())
        assert field.zh
        assert field.en


def test_a_computed_field_stands_once_and_under_no_standard_sheets_name() -> None:
    names = Counter(field.name for field in COMPUTED)
    typed = Counter({name: 1 for sheet in sheets.STANDARD for name in sheet.fields})
    assert [name for name, count in (names + typed).items() if count > 1] == []


def test_what_is_computed_comes_before_an_optional_sheet() -> None:
    assert header("owner", "en") == "Owner"
    assert header("renewals.owner", "en") == sheets.RENEWALS.column("owner").en
    assert header("amount", "zh-CN") == sheets.INFO.column("amount").zh


@pytest.mark.parametrize(
    ("text", "column"), [("amount", "a"), ("renewals.amount", "b"), ("x:renewals.amount", "c"), ("closed.days", "d")]
)
def test_a_field_finds_its_column(text: str, column: str) -> None:
    frame = pd.DataFrame([["a", "b", "c", "d"]], columns=["amount", "renewals.amount", "x", "days"])
    [(named, field)] = listed(text)
    assert field.of(frame, named).tolist() == [column]


def test_figures_and_dates_are_no_sentences() -> None:
    assert [field for field in fields().values() if field.wrapped and field.kind in theme.NUMBER_FORMATS] == []
    assert Field("x", "甲", "A").header("zh-CN") == "甲"


def test_no_other_room_asks_the_sheets_what_a_column_is_called() -> None:
    package = Path(kam_xl.__file__).parent
    others = [path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in ("core", "showing")]
    asked = [
        path.stem for path in others for name in ("columns", "header") if f"sheets.{name}(" in path.read_text("utf-8")
    ]
    assert len(others) > 100
    assert asked == []
