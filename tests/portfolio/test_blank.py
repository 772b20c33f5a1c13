"""What nobody wrote down is never taken for bad: an emptied cell, or a sheet a team does not keep, adds no risk (handbook §7).

Every cell of the worked portfolio but the keys of its rows is emptied once, each alone; of those that customers are
compared by (`COMPARED`, `TOGETHER`) a few, for each takes a portfolio of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest

from kam_xl.core.sheets import OPTIONAL
from tests.portfolio import worked
from tests.portfolio.conftest import Risks
from tests.portfolio.worked import Teams

#: Kind and field → rules that mean just this: that it is missing; with the reason.
MEANT: dict[tuple[str, str], dict[str, str]] = {
    ("tracking", "improvement"): {"problem_without_improvement": "the rule asks for the suggestion"},
    ("service", "resolved"): {"case_past_limit": "a case is open until somebody writes down that it is solved"},
    ("service", "reported"): {
        "warning_words": "the words are there; without a date they may be new, and in doubt it warns"
    },
    ("contacts", "role"): {
        "key_contact_left": "who left is written down; one of unknown role may have been a key contact",
        "renewal_at_risk": "and with so high a risk the health is yellow at most, which is told of a renewal ahead",
    },
    **{
        ("evaluation", mark): {
            "health_red": "health is the mean of what is known (§6); without a tier scale and interaction are not"
        }
        for mark in ("value", "potential", "demand")
    },
    ("info", "amount"): {
        "concentration": "a share is one of the amounts that are known",
        "health_red": "the median of a tier is that of the amounts that are known",
    },
}
#: Team and kind of sheet without which contacts are unwritten → rule, customer; silence is that none is written down.
MEANT_SHEETS = {
    ("east", "service"): {
        ("silent_customer", "C006"): "its last deal is 364 days old, later there are answers only",
        ("health_red", "C006"): "interaction falls from 94 to 26.1: (0.25 × 70 + 0.2 × 26.1 + 0) ÷ 0.6 = 37.9",
    }
}
#: Cells that customers are compared by, or that have no place side by side: some are emptied in a portfolio of their own.
COMPARED = (("info", "amount"), ("info", "name"))


class Cell(NamedTuple):
    """One filled cell: team, kind of sheet, number of the row from 0, field."""

    team: str
    kind: str
    row: int
    field: str


def filled(teams: Teams) -> Iterator[Cell]:
    """Every filled cell but those that say whose row it is."""
    for team, sheets in teams.items():
        for kind, rows in sheets.items():
            for number, row in enumerate(rows):
                for field, text in row.items():
                    if text and field not in ("customer_id", "customer") and kind != "tasks":
                        yield Cell(team, kind, number, field)


def without(cell: Cell) -> Teams:
    """Tonight's sheets with one cell emptied."""
    teams = worked.tonight()
    teams[cell.team][cell.kind][cell.row][cell.field] = ""
    return teams


def unmeant(cell: Cell, before: Risks, after: Risks) -> dict:
    """The risks that are there only since a cell is empty, but for those that mean just that."""
    meant = MEANT.get((cell.kind, cell.field), {})
    return {found: count for found, count in (after - before).items() if found[1] not in meant}


def test_an_emptied_cell_adds_no_risk(side_by_side: Callable[[Sequence[Teams]], list[Risks]]):
    cells = [cell for cell in filled(worked.tonight()) if (cell.kind, cell.field) not in COMPARED]
    base, *found = side_by_side([worked.tonight(), *map(without, cells)])

    added = {cell: more for cell, after in zip(cells, found, strict=True) if (more := unmeant(cell, base, after))}
    assert len(cells) > 390
    assert added == {}


@pytest.fixture(scope="module")
def whole(again: Callable[[Teams], Risks]) -> Risks:
    """The risks of the whole portfolio."""
    return again(worked.tonight())


@pytest.mark.parametrize(
    "cell",
    [
        Cell("east", "info", 0, "name"),
        Cell("east", "info", 0, "amount"),  # C001, the largest
        Cell("east", "info", 2, "amount"),  # C003, which the south has too
        Cell("south", "info", 1, "amount"),  # C009, beside the median of its tier
        Cell("east", "tracking", 0, "strategy"),  # one of the five that share it
        Cell("north", "tracking", 0, "strategy"),  # one that nobody shares
    ],
)
def test_an_emptied_cell_that_customers_are_compared_by_adds_no_risk(
    again: Callable[[Teams], Risks], whole: Risks, cell: Cell
):
    assert unmeant(cell, whole, again(without(cell))) == {}


@pytest.mark.parametrize(
    ("team", "kind"),
    [(team, sheet.kind) for team, sheets in worked.tonight().items() for sheet in OPTIONAL if sheet.kind in sheets],
)
def test_a_sheet_that_a_team_does_not_keep_adds_no_risk(
    again: Callable[[Teams], Risks], whole: Risks, team: str, kind: str
):
    teams = worked.tonight()
    del teams[team][kind]

    assert {(rule, customer) for customer, rule in again(teams) - whole} == set(MEANT_SHEETS.get((team, kind), {}))


def test_every_exception_is_needed(side_by_side: Callable[[Sequence[Teams]], list[Risks]]):
    cells = [cell for cell in filled(worked.tonight()) if (cell.kind, cell.field) in MEANT and cell.kind != "info"]
    base, *found = side_by_side([worked.tonight(), *map(without, cells)])

    used = {(cell.kind, cell.field, rule) for cell, after in zip(cells, found, strict=True) for _, rule in after - base}
    assert used == {(*place, rule) for place, rules in MEANT.items() if place[0] != "info" for rule in rules}
