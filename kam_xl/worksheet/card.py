"""One customer on one page: who it is, its score and health and where they come from, what threatens it, what to do next.

What only an optional table tells is left out where that table was not given; with one, nothing found is said.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kam_xl.core import evidence, explaining, health, identity, raw, reminders, sheets
from kam_xl.core.books import CellError
from kam_xl.core.entries import is_nothing
from kam_xl.core.evidence import sentences
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.privacy import masked
from kam_xl.core.rule_settings import ROLES
from kam_xl.core.service import STATES
from kam_xl.reports import data_sheets
from kam_xl.showing.columns import shown as columns
from kam_xl.showing.fields import header
from kam_xl.worksheet.exchange import MISSING, Wrong, error_in, one
from kam_xl.worksheet.setting import Setting
from kam_xl.worksheet.tables import Given, read

#: One line of the card: its item and its content, both texts.
Line = tuple[str, str]

_IDENTITY = "customer_id name industry size contact phone since last_deal amount products tags remarks"
_RECORDED = "computed_tier class recorded_score recorded_tier verdict evaluated_on evaluator"
_PLAN = "core_strategy measures escalation sla_hours cadence_days last_contact next_visit"


def card(
    setting: Setting, customer_id: object, info: object, evaluation: object, tracking: object, as_of: object = None, *,
    service: object = None, contacts: object = None, renewals: object = None, orders: object = None,
) -> list:  # fmt: skip
    """Item and content, line by line; the customer is named by ID, by name, or as ``C001/name``."""
    given = read(setting, as_of, info=info, evaluation=evaluation, tracking=tracking, service=service,
                 contacts=contacts, renewals=renewals, orders=orders)  # fmt: skip
    if isinstance(given, Wrong):
        return [[given]]
    typed = one(customer_id)
    if isinstance(typed, CellError):
        return [[error_in(typed, "customer_id")]]
    wanted = raw.text(typed)
    customer = found(wanted, given.assessed.customers)
    if customer is None:
        key = "reason.missing" if is_nothing(wanted) else "reason.no_customer"
        return [[Wrong(MISSING, key, "customer_id", {"value": wanted})]]
    parts = (_identity, _score, _health, _plan, _risks, _strategies, _cases, _roles, _deals, _actions, _proposals,
             _findings)  # fmt: skip
    return [_headers(setting), *(line for part in parts for line in part(customer, given, setting))]


def _headers(setting: Setting) -> Line:
    return header("item", setting.words.lang), header("content", setting.words.lang)


def found(wanted: str, customers: pd.DataFrame) -> pd.DataFrame | None:
    """The row of the customer whom a cell means for sure; None where it means nobody, or more than one."""
    rows = customers[customers["customer_id"] == wanted]
    if rows.empty:
        meant = identity.known(customers.assign(team="")).meant(masked(wanted), "")  # as the customers' own names are
        rows = customers[customers["customer_id"] == meant.customer_id]
    return rows if len(rows) else None


def _identity(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, _IDENTITY, given, setting)


def _score(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, "score", given, setting)
    value, potential, demand = (customer[name] for name in DIMENSIONS)
    told = explaining.breakdown_sentences(value, potential, demand, setting.policy, setting.words)
    yield setting.words("card.breakdown"), told[0]
    yield from _lines(customer, _RECORDED, given, setting)


def _health(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    told = health.explained(customer, setting.policy, setting.words).iloc[0]
    yield header("health", setting.words.lang), told.removesuffix(setting.words("health.stop"))
    yield from _lines(customer, "lifecycle", given, setting)


def _plan(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, _PLAN, given, setting)


def _risks(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    yield from _lines(customer, "level", given, setting)
    matters = _of(customer, given.assessed.matters)
    facts = matters.assign(level=given.names["level"].of(matters["level"]))
    told = sentences(setting.words("card.risk"), facts, setting.words)
    yield from zip(matters["subject"], told, strict=True)
    shared = _of(customer, given.assessed.risks)
    shared = shared[shared["common"]]
    yield from zip(shared["subject"], sentences(setting.words("card.common"), shared, setting.words), strict=True)


def _strategies(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    rows = _of(customer, given.assessed.strategies)
    rows = rows[rows["open"]]
    told = sentences(
        setting.words("card.strategy"), rows.assign(status=given.names["status"].of(rows["status"])), setting.words
    )
    for text in told:
        yield setting.words("card.running"), text
    if rows.empty:
        yield setting.words("card.running"), setting.words("card.no_strategy")


def _cases(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    rows = _of(customer, given.assessed.cases)
    rows = rows[rows["open"]].sort_values("reported")
    facts = _in_words(rows, "service", ("kind", "severity"), given).assign(
        category=evidence.short(rows["category"]),
        reported=evidence.moment(rows["reported"]),
        answer=_limit(rows["response_state"], rows["answer_by"], setting),
        solution=_limit(rows["resolution_state"], rows["resolve_by"], setting),
    )
    yield from _each(facts, "card.cases", "card.case", setting)
    if rows.empty and given.has("service"):
        yield setting.words("card.cases"), setting.words("card.no_case")


def _limit(state: pd.Series, by: pd.Series, setting: Setting) -> pd.Series:
    """How things stand with a limit, and when it ends."""
    facts = evidence.moment(by).to_frame("by")
    told = pd.Series("", index=state.index, dtype="str")
    for name in STATES:
        told = told.mask(state == name, sentences(setting.words(f"card.limit_{name}"), facts, setting.words))
    return told


def _roles(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    rows = _of(customer, given.assessed.roles)
    told = [
        setting.words("card.role", role=header(role, setting.words.lang), state=state)
        for role in ROLES
        for state in given.names[role].of(rows.loc[rows["known"], role])
    ]
    if told:
        yield header("role", setting.words.lang), evidence.listed(told, setting.words)


def _deals(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    rows = _of(customer, given.assessed.deals)
    rows = rows[rows["open"]]
    facts = _in_words(rows, "renewals", ("kind", "stage"), given).sort_values("ends")
    item = sheets.BY_KIND["renewals"].name(setting.words.lang)
    for text in sentences(setting.words("card.deal"), facts, setting.words):
        yield item, text
    if rows.empty and given.has("renewals"):
        yield item, setting.words("card.no_deal")


def _actions(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    """What falls due by itself; the risks and the next visit have their own lines."""
    rows = _of(customer, given.assessed.actions)
    yield from _each(rows[rows["source"].isin(reminders.REMINDERS)], "card.actions", "card.action", setting)


def _proposals(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    """What to sell next; what is under discussion already stands among the deals."""
    rows = _of(customer, given.assessed.whitespace)
    rows = rows[~rows["open"]]
    yield from _each(rows.assign(share=evidence.percent(rows["share"])), "card.cross_sell", "card.proposal", setting)


def _each(rows: pd.DataFrame, item: str, template: str, setting: Setting) -> Iterator[Line]:
    """One line a row, all of one item."""
    for text in sentences(setting.words(template), rows, setting.words):
        yield setting.words(item), text


def _in_words(rows: pd.DataFrame, kind: str, fields: tuple[str, ...], given: Given) -> pd.DataFrame:
    """Rows of an optional table with the choices of these fields in words."""
    return rows.assign(**{field: given.names[sheets.named(kind, field)].of(rows[field]) for field in fields})


def _findings(customer: pd.DataFrame, given: Given, setting: Setting) -> Iterator[Line]:
    found = _of(customer, data_sheets.findings(given.assessed))
    told = sentences(setting.words("card.finding"), found, setting.words)
    for severity, text in zip(given.names["severity"].of(found["severity"]), told, strict=True):
        yield setting.words("card.data", severity=severity), text


def _of(customer: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["customer_id"] == customer["customer_id"].iloc[0]]


def _lines(customer: pd.DataFrame, names: str, given: Given, setting: Setting) -> Iterator[Line]:
    """One line a field, as people read it."""
    for column in columns(customer, names, given.names):
        text = sentences("{it}", column.named.to_frame("it"), setting.words).iloc[0]
        yield column.field.header(setting.words.lang), text
