"""What the rules hand to each other is as the table of frames says, with rows and without."""

import functools

import pandas as pd
import pytest

from kam_xl.core import frames, waiting
from kam_xl.core.assessment import Assessment
from tests.builders import misfits


def frames_of(assessment: Assessment) -> set[str]:
    """Every part of an assessment that is a frame."""
    made = {name for name, value in vars(Assessment).items() if isinstance(value, functools.cached_property)}
    parts = {name: getattr(assessment, name) for name in made | set(Assessment.__dataclass_fields__)}
    return {name for name, part in parts.items() if isinstance(part, pd.DataFrame)}


def test_the_table_knows_every_frame(assessed) -> None:
    assessment = assessed()
    assert (
        frames_of(assessment) - {"_members", "_reminded", "housekeeping", "counts", "night_moves"}
        == frames.ASSESSMENT.keys()
    )
    assert (
        dict(assessment.night_moves.dtypes.astype(str)) == frames.NIGHT_MOVES
    )  # of all nights: no part of the archive
    assert list(assessment.housekeeping) == list(frames.ASSESSMENT["actions"])
    assert list(assessment.counts) == list(waiting.COUNTS)
    assert {
        name
        for name, part in vars(assessment.portfolio).items()
        if isinstance(part, pd.DataFrame) and name != "_members"
    } == frames.PORTFOLIO.keys()


def test_a_portfolio_of_the_tests_is_like_a_real_one(assessed) -> None:
    assert misfits(assessed()) == {}


def test_an_empty_portfolio_has_the_frames_of_any(assessed) -> None:
    assert misfits(assessed(customers=[], evaluations=[], tracking=[])) == {}


@pytest.mark.parametrize("name", frames.ASSESSMENT)
def test_a_frame_made_of_its_schema_fits_it_and_belongs_to_nobody(name: str) -> None:
    schema = frames.ASSESSMENT[name]
    made = frames.empty(schema)
    made["more"] = 1
    assert frames.misfits(frames.empty(schema), schema) == {}


def test_a_column_too_many_too_few_or_of_another_type_is_told() -> None:
    frame = pd.DataFrame({"a": [1], "b": ["x"]})
    assert frames.misfits(frame, {"a": "float64", "c": "bool"}) == {
        "a": ("int64", "float64"), "b": ("str", None), "c": (None, "bool")
    }  # fmt: skip


def test_columns_are_given_their_types_and_belong_to_the_frame_alone() -> None:
    schema = {"text": "str", "number": "float64", "flag": "bool", "day": "datetime64[s]"}
    rows = pd.DataFrame({"number": [1, 2], "text": ["a", None]}, [7, 3])

    made = frames.made({**rows, "flag": False, "day": pd.Timestamp("2026-11-30")}, schema, rows.index)
    full = frames.in_full(rows, {"text": "str", "number": "float64", "day": "datetime64[s]"})
    full["text"] = full["text"].fillna("b")
    full.loc[7, "number"] = 5.0

    assert frames.misfits(made, schema) == {}
    assert (made.index.tolist(), made["number"].tolist(), made["flag"].tolist()) == ([7, 3], [1.0, 2.0], [False, False])
    assert full["day"].isna().all()
    assert (rows["number"].tolist(), rows["text"].isna().tolist()) == ([1, 2], [False, True])
    with pytest.raises(KeyError):
        frames.typed(rows, schema)


def test_rows_one_by_one_are_those_of_the_frame_whatever_its_columns_are_called() -> None:
    days = pd.array(["2026-11-20", None], "datetime64[s]")
    frame = pd.DataFrame(
        {"name": ["甲", None], "on": days, "n": [1.5, 2.0], "class": [True, False], "客户 ID": ["a", "b"]}
    )
    frame = frame.astype({"name": "str"})

    first, second = frames.each_row(frame)
    assert (first.name, first.on, first.n, first[3], first[4]) == ("甲", pd.Timestamp("2026-11-20"), 1.5, True, "a")
    assert pd.isna(second.name)
    assert second.on is pd.NaT
    assert [*frames.each_row(frame.iloc[:0])] == []
