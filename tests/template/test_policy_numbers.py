"""What the template compares with, adds to a day or accepts at most is the policy's, whatever the policy says."""

import dataclasses
import datetime as dt
import io
import re
import warnings
from collections.abc import Iterator

import openpyxl
import pytest

from kam_xl import resources
from kam_xl.core import sheets
from kam_xl.core.words import LANGUAGES
from kam_xl.template import build

SHIPPED = resources.policy()
FAR = 1013  # more than lies between most of the policy's numbers; that none becomes another is asked below


def told(record) -> dict[str, object]:
    """What a record is made of."""
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def moved(value):
    """The same with every number another one."""
    if dataclasses.is_dataclass(value):
        return dataclasses.replace(value, **{name: moved(part) for name, part in told(value).items()})
    if isinstance(value, dict):
        return {key: moved(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(moved, value))
    return value + FAR if type(value) in (int, float) else value


def numbers(value) -> Iterator[float]:
    """Every number of a policy."""
    if dataclasses.is_dataclass(value):
        value = told(value)
    if isinstance(value, dict | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    elif type(value) in (int, float):
        yield float(value)


def serial(policy) -> float:
    """The first day that counts, as Excel counts days."""
    return float((dt.date(policy.earliest_year, 1, 1) - dt.date(1899, 12, 30)).days)


#: Nothing, one and the ends of a scale are what figures mean, and no decision: marks up to 100, answers up to 10.
SCALES = {0.0, 1.0, 100.0} | {
    float(end) for sheet in sheets.BY_KIND.values() for column in sheet.columns for end in column.scale or ()
}
_NOT_A_NUMBER = re.compile(r'"[^"]*"|\[[^\[\]]*\]|\'[^\']*\'!|LEN\([^()]*(?:\([^()]*\))*\)[<>=]+\d+')
_NUMBER = r"(-?\d+(?:\.\d+)?)(?![\d(])"
#: A number beside a comparison, added to or taken from the day, a number of months; or all there is.
_LIMITS = [
    rf"[<>]=?{_NUMBER}",
    rf"(?<![\w$]){_NUMBER}[<>]",
    rf"kam_as_of[+-]{_NUMBER}",
    rf"EDATE\([^,]*,{_NUMBER}",
    rf"^=?{_NUMBER}$",
]


def limits(formula: str) -> set[float]:
    """The numbers that decide what a formula says."""
    plain = _NOT_A_NUMBER.sub("", formula)
    return {float(found) for limit in _LIMITS for found in re.findall(limit, plain)}


def formulas(book) -> Iterator[tuple[str, str]]:
    """Every formula of the cells, conditional formats, validations and names, with where it stands."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                if isinstance(text, str) and text.startswith("="):
                    yield f"{sheet.title}!{cell.coordinate}", text
        for area in sheet.conditional_formatting:
            yield from ((f"{sheet.title}!{area.sqref}", text) for rule in area.rules for text in rule.formula)
        for check in sheet.data_validations.dataValidation:
            yield from ((f"{sheet.title}!{check.sqref}", text) for text in (check.formula1, check.formula2) if text)
    yield from ((name, defined.attr_text) for name, defined in book.defined_names.items())


def built(lang: str, policy):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it leaves out: bars and buttons
        return openpyxl.load_workbook(io.BytesIO(build.sheets(lang, policy=policy)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_under_another_policy_no_number_of_the_shipped_one_is_left(lang):
    other = moved(SHIPPED)
    shipped, others = {*numbers(SHIPPED), serial(SHIPPED)}, {*numbers(other), serial(other)}
    assert not shipped & others
    book = built(lang, other)
    found = [(place, text, limits(text)) for place, text in formulas(book)]
    assert {place: text for place, text, ends in found if ends & (shipped - SCALES)} == {}
    used = set().union(*(ends for _, _, ends in found)) & others
    plan = other.plan
    assert used >= {plan.renewal_days[0], plan.soon_days, plan.near_days, other.risk.evaluation_stale.months,
                    other.indicators.top_level, other.amount_limit, serial(other)}  # fmt: skip
    texts = [cell for row in book["_i18n"].iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
    assert sum(f"{plan.renewal_days[0]}" in text for text in texts) == 4
    assert sum(f"{plan.soon_days}" in text for text in texts) == 2


def test_a_limit_is_found_wherever_it_stands():
    formulas = {
        "AND(ISNUMBER($A5),$A5<=kam_as_of+90)": {90},
        'IF((B3-kam_as_of)<=14,"soon 7","later")': {14},
        "14>=(B3-kam_as_of)": {14},
        "EDATE($F5,6)<kam_as_of": {6},
        "5": {5},
        "SUMIFS(t[a (10k CNY)],t[b],1)": set(),
        "INDEX(t[a],$O$32-4)": set(),
        "LEN(TRIM(C5))>20": set(),
    }
    assert {text: limits(text) for text in formulas} == formulas
