"""What a text costs grows with its length and no faster: every parser, every cell function, a whole night."""

import datetime as dt
import functools
import inspect
import time

import pytest

from benchmarks import parsers
from kam_xl import resources
from kam_xl.core import assessment, consolidation, sheets
from kam_xl.doors import udfs
from tests.builders import TODAY, team_book

pytestmark = pytest.mark.slow  # long texts, and every parser of the package
PARSERS = parsers.parsers()
#: What costs the square of this many characters takes minutes, at the least some seconds; the dearest linear rule a quarter of one.
LONG, SECONDS = 50_000, 1.0
CELL = 32_767  # the most that fits a cell


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_time_linear_in_the_length_of_a_text(name):
    PARSERS[name]("")
    costs = {filling: parsers.seconds(PARSERS[name], make(LONG)) for filling, make in parsers.FILLINGS.items()}
    assert {filling: cost for filling, cost in costs.items() if cost > SECONDS} == {}


def test_the_parsers_are_found_by_asking_the_package():
    assert {
        "dates.parse_moment",
        "entries.split_list",
        "goals.parse",
        "signals.found",
        "headings.kind_of_sheet",
    } <= set(PARSERS)


@pytest.mark.parametrize("name", udfs.FUNCTIONS)
def test_a_cell_function_answers_a_full_cell_at_once(name):
    given = inspect.signature(udfs.FUNCTIONS[name]).parameters
    udfs.call(name, [None] * len(given))
    for make in parsers.FILLINGS.values():
        began = time.process_time()
        assert udfs.call(name, [make(CELL)] * len(given)) is not None
        assert time.process_time() - began < 2 * SECONDS


# --- the rules on whole sheets ----------------------------------------------------------------------------------------

#: What a row needs besides texts to be looked at by every rule.
KNOWN = {
    "info": {"since": dt.date(2024, 1, 1), "last_deal": dt.date(2026, 3, 1), "amount": 100.0},
    "evaluation": {"value": 90.0, "potential": 80.0, "demand": 70.0, "evaluated_on": dt.date(2026, 1, 1)},
    "tracking": {"status": "进行中", "period": "2026-01-01至2026-12-31"},
    "service": {"kind": "投诉", "severity": "重大", "reported": dt.datetime(2026, 11, 18, 9)},
    "contacts": {"role": "采购", "last_contact": dt.date(2026, 3, 1)},
    "renewals": {"kind": "续约", "stage": "谈判", "renewal_date": dt.date(2026, 12, 20), "amount": 5.0},
    "tasks": {"status": "待办", "due": dt.date(2026, 12, 1)},
    "orders": {"ordered_on": dt.date(2026, 3, 1), "amount": 5.0},
}


NOW = dt.datetime.combine(TODAY, dt.time(2))


def test_the_rules_take_time_linear_in_the_length_of_texts():
    began = time.process_time()
    assessed = _assessed(LONG // 2)
    assert time.process_time() - began < 15 * SECONDS
    assert len(assessed.customers) >= len(parsers.FILLINGS)


def _assessed(length):
    """Every sheet with a row for each filling, all of whose texts are of it, read and assessed with all that is made late."""
    book = team_book(parsers.POLICY, **{kind: list(_rows(kind, length)) for kind in sheets.BY_KIND})
    assessed = assessment.assess(
        consolidation.consolidate([book], parsers.POLICY), parsers.POLICY, NOW, resources.words("zh-CN")
    )
    for name, made in vars(type(assessed)).items():
        if isinstance(made, functools.cached_property):
            getattr(assessed, name)
    return assessed


def _rows(kind, length):
    sheet = sheets.BY_KIND[kind]
    for number, make in enumerate(parsers.FILLINGS.values()):
        row = {column.field: make(length) for column in sheet.columns} | KNOWN.get(kind, {})
        yield row | {"customer_id": f"C{number:03}", sheet.key: f"C{number:03}"}
        yield {sheet.key: make(length)}
        yield {sheet.key: make(length), sheet.fields[-1]: "5"}
