"""One customer on one page: who it is, its score and where that comes from, what to do, what threatens it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kam_xl.core import cells, explaining, sheets
from kam_xl.core.books import CellError
from kam_xl.core.policy import DIMENSIONS, OPEN_STATUSES
from kam_xl.core.risk import sentences
from kam_xl.reports import pages, telling, vocabulary
from kam_xl.worksheet.grids import MISSING, Wrong, error_in, one, shown
from kam_xl.worksheet.setting import Setting
from kam_xl.worksheet.tables import Given, read

#: One line of the card: its item and its content, both texts.
Line = tuple[str, str]

_IDENTITY = ("customer_id", "name", "industry", "size", "contact", "phone", "since", "last_deal", "amount", "products",
             "tags", "remarks")  # fmt: skip
_SCORE = ("score", "computed_tier", "class", "recorded_score", "recorded_tier", "verdict", "evaluated_on", "evaluator")
_PLAN = ("core_strategy", "measures", "owner", "sla_hours", "cadence_days", "last_contact", "next_visit")


def card(
    setting: Setting, customer_id: object, info: object, evaluation: object, tracking: object, as_of: object = None
) -> list:
    """Item and content, line by line; the customer is named by ID, by name, or as ``C001/name``."""
    given = read(setting, info, evaluation, tracking, as_of)
    if isinstance(given, Wrong):
        return [[given]]
    typed = one(customer_id)
    if isinstance(typed, CellError):
        return [[error_in(typed, "customer_id")]]
    wanted = shown(typed)
    customer = _found(wanted, given.assessed.customers)
    if customer is None:
        key = "reason.missing" if cells.is_nothing(wanted) else "reason.no_customer"
        return [[Wrong(MISSING, key, "customer_id", {"value": wanted})]]
    parts = (_identity, _score, _plan, _risks, _strategies, _findings)
    return [_headers(setting), *(line for part in parts for line in part(customer, given, setting))]


def _headers(setting: Setting) -> Line:
    return sheets.header("item", setting.words.lang), sheets.header("content", setting.words.lang)


def _found(wanted: str, customers: pd.DataFrame) -> pd.DataFrame | None:
    """The row of the customer; None where no or more than one has the name."""
    customer_id, name, _ = cells.parse_id_name(wanted)
    for column, text in (("customer_id", customer_id), ("name", name), ("name", wanted.strip())):
        rows = customers[customers[column] == text] if text else customers[:0]
        if len(rows) == 1:
            return rows
    return None


def _identity(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    masked = customer.assign(phone=customer["phone"].map(cells.mask_phone, na_action="ignore"))
    yield from _lines(masked, _IDENTITY, given, setting)


def _score(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, _SCORE[:1], given, setting)
    marks = (customer[name] for name in DIMENSIONS)
    told = explaining.breakdown_sentences(*marks, setting.policy, setting.words)
    yield setting.words("card.breakdown"), told.iloc[0]
    yield from _lines(customer, _SCORE[1:], given, setting)


def _plan(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, _PLAN, given, setting)


def _risks(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, ("level",), given, setting)
    names = vocabulary.vocabularies(given.assessed, setting.words)
    risks = _of(customer, given.assessed.risks)
    facts = risks.assign(level=names["level"].of(risks["level"]))
    told = sentences(setting.words("card.risk"), facts, setting.words)
    yield from zip(names["rule"].of(risks["rule"]), map(telling.masked, told), strict=True)


def _strategies(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    rows = _of(customer, given.assessed.portfolio.tracking)
    rows = rows[rows["status"].isin(OPEN_STATUSES)]
    names = vocabulary.vocabularies(given.assessed, setting.words)
    told = sentences(
        setting.words("card.strategy"), rows.assign(status=names["status"].of(rows["status"])), setting.words
    )
    for text in told:
        yield setting.words("card.running"), telling.masked(text)
    if rows.empty:
        yield setting.words("card.running"), setting.words("card.no_strategy")


def _findings(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    found = _of(customer, pages.findings(given.assessed, setting.words, None))
    names = vocabulary.vocabularies(given.assessed, setting.words)
    told = sentences(setting.words("card.finding"), found, setting.words)
    for severity, text in zip(names["severity"].of(found["severity"]), told, strict=True):
        yield setting.words("card.data", severity=severity), telling.masked(text)


def _of(customer: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["customer_id"] == customer["customer_id"].iloc[0]]


def _lines(customer: pd.DataFrame, fields: tuple[str, ...], given: Given, setting: Setting) -> Iterator[Line]:
    """One line a field, as people read it."""
    names = vocabulary.vocabularies(given.assessed, setting.words)
    for field in fields:
        column = names[field].of(customer[field]) if field in names else customer[field]
        text = sentences("{" + field + "}", column.to_frame(field), setting.words).iloc[0]
        yield sheets.header(field, setting.words.lang), telling.masked(text)
