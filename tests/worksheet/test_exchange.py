"""Cells in, cells out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kam_xl import resources
from kam_xl.core.books import CellError
from kam_xl.worksheet import exchange
from kam_xl.worksheet.exchange import Argument, ByColumn, Shape, Wrong

WORDS = resources.words("en")
BLANK = Wrong(exchange.MISSING, "reason.missing", "value")


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        (None, None),
        ("", None),
        ("x", "x"),
        (7, 7.0),
        (7.5, 7.5),
        (True, True),
        (Decimal("12.5"), 12.5),  # a cell formatted as a currency
        (dt.datetime(2026, 1, 2), dt.datetime(2026, 1, 2)),
    ],
)
def test_cells_become_plain(cell: object, plain: object) -> None:
    assert exchange.plain(cell) == plain
    assert type(exchange.plain(cell)) is type(plain)


@pytest.mark.parametrize(
    "cell", ["#N/A", "#VALUE!", "#SPILL!", "Err:502", float("nan"), float("inf"), -2146826245, "#!2042:why"]
)
def test_errors_in_every_host_s_form_are_errors(cell: object) -> None:
    assert isinstance(exchange.plain(cell), CellError)


def test_a_hash_alone_makes_no_error() -> None:
    assert exchange.plain_all(["#1 客户", "x"]) == ["#1 客户", "x"]
    assert not isinstance(exchange.plain("#1 客户"), CellError)


def test_a_column_with_an_error_in_it_is_looked_at_cell_by_cell() -> None:
    assert [type(cell) for cell in exchange.plain_all([1.0, float("nan")])] == [float, CellError]
    assert exchange.plain_all(["x", ""]) == ["x", None]
    assert isinstance(exchange.plain_all(["x", "#N/A"])[1], CellError)


@pytest.mark.parametrize(
    ("arguments", "shape", "cells"),
    [
        ((1.0, 2.0), (1, 1), [[1.0], [2.0]]),
        ((1.0, ((2.0,), (3.0,))), (2, 1), [[1.0, 1.0], [2.0, 3.0]]),
        ((((1.0, 2.0),), ((3.0,), (4.0,))), (2, 2), [[1.0, 2.0, 1.0, 2.0], [3.0, 3.0, 4.0, 4.0]]),
        (([1.0, 2.0], 3.0), (1, 2), [[1.0, 2.0], [3.0, 3.0]]),  # a flat list is one row
        (((), 1.0), (1, 1), [[None], [1.0]]),
    ],
)
def test_arguments_spread_over_one_another(arguments: tuple, shape: tuple[int, int], cells: list) -> None:
    assert exchange.spread(*arguments) == (Shape(*shape), cells)


def test_where_an_argument_is_too_short_the_answer_is_na_as_in_excel() -> None:
    shape, (long, short) = exchange.spread(((1.0,), (2.0,), (3.0,)), ((1.0,), (2.0,)))
    assert shape == (3, 1)
    assert long == [1.0, 2.0, 3.0]
    assert short == [1.0, 2.0, "#N/A"]
    _, (wide, block) = exchange.spread(((1.0, 2.0, 3.0),), ((1.0, 2.0), (3.0, 4.0)))
    assert wide == [1.0, 2.0, 3.0] * 2
    assert block == [1.0, 2.0, "#N/A", 3.0, 4.0, "#N/A"]


@pytest.mark.parametrize(
    ("cell", "given"),
    [
        (89.4, 89.4),
        (np.float64(89.4), 89.4),
        (np.int64(3), 3.0),
        (np.bool_(True), True),
        (7, 7.0),
        ("x", "x"),
        ("x" * 40_000, "x" * 32_767),
        ("#!2042:typed by somebody", "!2042:typed by somebody"),
        (pd.Timestamp("2026-01-02 03:04:05"), dt.datetime(2026, 1, 2, 3, 4, 5)),
        (np.datetime64("2026-01-02"), dt.datetime(2026, 1, 2)),
        (dt.date(2026, 1, 2), dt.datetime(2026, 1, 2)),
        (BLANK, "#!2042:“Value” is blank"),
    ],
)
def test_cells_go_out_as_types_a_host_knows(cell: object, given: object) -> None:
    assert exchange.given_out(cell, WORDS) == given
    assert type(exchange.given_out(cell, WORDS)) is type(given)


@pytest.mark.parametrize("cell", [None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT")])
def test_the_unknown_is_an_error_never_a_blank(cell: object) -> None:
    assert exchange.given_out(cell, WORDS) == "#!2042:There are not enough data"


def test_one_cell_goes_out_alone_and_more_as_rows() -> None:
    assert exchange.answer([[1.0]], WORDS) == 1.0
    assert exchange.answer([[1.0, 2.0]], WORDS) == ((1.0, 2.0),)
    assert exchange.answer([[1.0], [BLANK]], WORDS) == ((1.0,), ("#!2042:“Value” is blank",))


def test_a_table_goes_out_by_column_with_its_headers() -> None:
    table = ByColumn(("a", "b"), [[1.0, float("nan")], ["x", "#!y"]])
    assert exchange.answer(table, WORDS) == (("a", "b"), (1.0, "x"), ("#!2042:There are not enough data", "!y"))
    assert exchange.answer(ByColumn(("a", "b"), [[], []]), WORDS) == (("a", "b"),)


def test_the_first_wrong_argument_tells_the_reason() -> None:
    second = Wrong(exchange.WRONG, "reason.missing", "demand")
    known = [Argument(np.zeros(2), {0: BLANK}), Argument(np.zeros(2), {0: second, 1: second})]
    assert exchange.filled([1.0, 2.0], *known) == [BLANK, second]
    assert exchange.grid([1.0, 2.0], Shape(1, 2), *known) == [[BLANK, second]]


def test_a_reason_names_the_argument_once() -> None:
    typed = {"value": "x" * 100}
    assert Wrong(2015, "reason.not_a_number", "weights", typed).told(WORDS) == f"Weights: “{'x' * 60}…” is not a number"
    assert BLANK.told(WORDS) == "“Value” is blank"
    assert BLANK.told(WORDS, "remedy") == "Fill it in"
    assert Wrong(2042, "reason.missing", "profit").told(WORDS) == "“profit” is blank"


@pytest.mark.parametrize(
    ("error", "number", "told"),
    [
        ("#N/A", 2042, "Value: The cell shows an error: N/A"),
        ("#DIV/0!", 2015, "Value: The cell shows an error: DIV/0!"),
        ("#!2042:no mark", 2042, "no mark"),
        ("#!2015:no: mark", 2015, "no: mark"),
    ],
)
def test_an_error_among_the_arguments_passes_on(error: str, number: int, told: str) -> None:
    wrong = exchange.error_in(CellError(error), "value")
    assert (wrong.number, wrong.told(WORDS)) == (number, told)
    assert exchange.error_in(wrong, "demand") is wrong
