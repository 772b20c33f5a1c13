"""The functions of tables: whole tables with their headers in, a table with a header row out.

A table that comes in is one sheet of a workbook; from there it takes the nightly job's way: locate, validate,
consolidate, assess. Its places are told by the row of the table and the header, for an array knows no addresses.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import pandas as pd

from kam_xl import resources
from kam_xl.core import (
    assessment,
    consolidation,
    headings,
    health,
    locating,
    scoring,
    sheets,
    tiering,
    validation,
)
from kam_xl.core.assessment import Assessment
from kam_xl.core.books import Book, CellError, NativeTable, RawSheet
from kam_xl.core.located import Located
from kam_xl.core.outside import outside
from kam_xl.core.policy import DIMENSIONS
from kam_xl.core.privacy import masked
from kam_xl.core.rule_settings import ROLES
from kam_xl.core.texts import heading
from kam_xl.core.words import LANGUAGES
from kam_xl.reports import data_sheets
from kam_xl.showing import telling, theme, vocabulary
from kam_xl.showing.columns import shown
from kam_xl.showing.fields import header, listed
from kam_xl.worksheet import readings
from kam_xl.worksheet.exchange import (
    MISSING,
    WRONG,
    Argument,
    ByColumn,
    Wrong,
    filled,
    one,
    plain,
    plain_all,
    rows_of,
    spread,
)
from kam_xl.worksheet.setting import Setting

SCORES = "customer_id score computed_tier"
SHARE = "tier customers share target verdict"
RISK = "customer_id name computed_tier level subject evidence consequences remedy owner due"
CHECK = "severity sheet row places.field customer_id typed_value finding remedy"
HEALTH = " ".join(
    ("customer_id name computed_tier health health_colour health_coverage", *health.PARTS.values(), "health_why")
)
ROLE_GRID = " ".join(("customer_id name computed_tier", *ROLES, "contact_count covered"))
WHITESPACE = "customer_id name computed_tier product buyers similar whitespace.share basis whitespace.open"

#: How far down a range its header row is looked for.
_DEPTH = 20
_CELL = re.compile(r"([A-Z]+)(\d+)")
#: (kind of sheet, its rows of plain cells), as far as tables were given.
Tables = tuple[tuple[str, tuple[tuple, ...]], ...]


@dataclass(frozen=True)
class Given:
    """The tables of one question, read and assessed, as cells show them; `located` tells where their headers are."""

    assessed: Assessment
    located: dict[str, Located]

    @functools.cached_property
    def names(self) -> dict[str, vocabulary.Vocabulary]:
        """What the keys of each field are called."""
        return vocabulary.vocabularies(self.assessed)

    def has(self, kind: str) -> bool:
        """True where a table of that kind was given."""
        return kind in self.located


# --- scores and shares -------------------------------------------------------------------------------------------


def scores(setting: Setting, evaluation: object) -> list | ByColumn:
    """Customer ID, score and tier of every row of an evaluation table, in its order: all rows in one pass."""
    columns = _columns(evaluation)
    if isinstance(columns, Wrong):
        return [[columns]]
    marks = [readings.marks(columns[name], name, setting) for name in DIMENSIONS]
    value, potential, demand = (pd.Series(mark.values) for mark in marks)
    score = scoring.composite(value, potential, demand, setting.policy.weights)
    tier = tiering.tiers(score, setting.policy).map(setting.policy.tier_names(setting.words.lang))
    unknown = Argument(score.to_numpy(), {place: why for mark in reversed(marks) for place, why in mark.wrong.items()})
    ids = readings.ids(columns["customer_id"], setting)
    by_column = (filled(ids.values, ids), filled(score.tolist(), unknown), filled(tier.tolist(), unknown))
    return ByColumn(_headers(SCORES, setting), by_column)


def _columns(evaluation: object) -> dict[str, list] | Wrong:
    """The columns of an evaluation table that a score needs, by field, without the header."""
    rows = rows_of(evaluation)
    kind = sheets.EVALUATION.kind
    located = _located({kind: _plain_rows(rows[:_DEPTH])}).get(kind)
    if located is None:
        return _no_header(kind)
    needed = ("customer_id", *DIMENSIONS)
    for field in needed:
        if field not in located.columns:
            return _no_column(kind, field)
    body = rows[located.header_row + 1 :]
    return {field: plain_all(list(map(itemgetter(located.columns[field]), body))) for field in needed}


def share(setting: Setting, tiers: object) -> list | ByColumn:
    """Customers by tier: how many, their share, its target and how the two compare.

    A blank cell is no customer, nor is a header above the tiers; an error or an unknown word is one without a tier.
    """
    _, (typed,) = spread(tiers)
    typed = typed[_is_header(typed[0]) :]
    keys = readings.tiers([cell for cell in typed if cell is not None], "tier", setting)
    if not len(keys.values):
        return [[Wrong(MISSING, "reason.missing", "tier")]]
    words = setting.words
    check = tiering.share_check(pd.Series(keys.values, dtype="str"), setting.policy)
    names = {**setting.policy.tier_names(words.lang), tiering.UNKNOWN: words("terms.unknown_tier")}
    target = [
        words("terms.unknown") if pd.isna(low) else f"{low:.0%}–{high:.0%}"
        for low, high in check[["target_low", "target_high"]].to_numpy()
    ]
    verdict = vocabulary.shares(words).of(check["verdict"])
    columns = (check["tier"].map(names), check["customers"].astype(float), check["share"], target, verdict)
    return ByColumn(_headers(SHARE, setting), [list(column) for column in columns])


def _is_header(cell: object) -> bool:
    """True for the header of a column of tiers, typed or computed."""
    headers = {heading(header("computed_tier", lang)) for lang in LANGUAGES}
    text = str(cell)
    is_tier = heading(text) in headers or headings.field_of(sheets.EVALUATION.kind, text) == "tier"
    return is_tier and not isinstance(cell, CellError)


# --- what is wrong, who is at risk -------------------------------------------------------------------------------


def risk(
    setting: Setting, info: object, evaluation: object, tracking: object, as_of: object = None, *,
    service: object = None, contacts: object = None, renewals: object = None, orders: object = None,
) -> list | ByColumn:  # fmt: skip
    """Every risk, the worst customer first: the evidence with its numbers, what to do, who and by when."""
    given = read(setting, as_of, info=info, evaluation=evaluation, tracking=tracking, service=service,
                 contacts=contacts, renewals=renewals, orders=orders)  # fmt: skip
    return [[given]] if isinstance(given, Wrong) else _table(given.assessed.matters, RISK, given, setting)


def check(
    setting: Setting, info: object, evaluation: object, tracking: object, as_of: object = None, *,
    service: object = None, contacts: object = None, renewals: object = None, orders: object = None,
) -> list | ByColumn:  # fmt: skip
    """Every finding about the data, errors first: its table, row and column, what is wrong and what to do."""
    given = read(setting, as_of, info=info, evaluation=evaluation, tracking=tracking, service=service,
                 contacts=contacts, renewals=renewals, orders=orders)  # fmt: skip
    if isinstance(given, Wrong):
        return [[given]]
    found = data_sheets.findings(given.assessed)
    return _table(found.assign(**_places(found, given, setting)), CHECK, given, setting)


def _places(found: pd.DataFrame, given: Given, setting: Setting) -> dict[str, list]:
    """``row`` (counted from the first below the header) and ``field`` (the header as typed) of each finding."""
    kinds = {located.sheet.name: located for located in given.located.values()}
    places = [
        _place(kinds.get(sheet), cell, field, setting)
        for sheet, cell, field in zip(found["sheet"], found["cell"], found["field"], strict=True)
    ]
    return {"row": [row for row, _ in places], "field": [header for _, header in places]}


def _place(located: Located | None, cell: object, field: object, setting: Setting) -> tuple[object, str]:
    unknown = setting.words("terms.unknown")
    column = header(field, setting.words.lang) if isinstance(field, str) else unknown
    match = _CELL.match(cell) if isinstance(cell, str) else None
    if located is None or match is None:
        return unknown, column
    row = int(match[2]) - located.header_row - 1
    own = str(field).rpartition(".")[2]  # in an optional table a field's name tells the table, too
    if own in located.columns:
        column = masked(located.header.texts[located.columns[own]])
    return float(row) if row > 0 else setting.words("table.header_row"), column


# --- how customers are -------------------------------------------------------------------------------------------


def healths(
    setting: Setting, info: object, evaluation: object, tracking: object, service: object = None, as_of: object = None,
    *, contacts: object = None, orders: object = None,
) -> list | ByColumn:  # fmt: skip
    """Each customer's health with its five parts and where it comes from, the worst first, the unknown last."""
    given = read(setting, as_of, info=info, evaluation=evaluation, tracking=tracking, service=service,
                 contacts=contacts, orders=orders)  # fmt: skip
    if isinstance(given, Wrong):
        return [[given]]
    customers = given.assessed.customers
    order = telling.rank(customers["health_colour"], health.COLOURS)
    found = customers.assign(order=order, health_why=health.explained(customers, setting.policy, setting.words))
    return _table(found.sort_values(["order", "health", "customer_id"]), HEALTH, given, setting)


def roles(
    setting: Setting, info: object, evaluation: object, contacts: object, as_of: object = None
) -> list | ByColumn:
    """Who is known at each customer: how things stand with the four roles of a decision, and how many are covered."""
    given = read(setting, as_of, ("info", "contacts"), info=info, evaluation=evaluation, contacts=contacts)
    if isinstance(given, Wrong):
        return [[given]]
    about = given.assessed.customers.set_index("customer_id")[["name", "computed_tier"]]
    return _table(given.assessed.roles.join(about, on="customer_id"), ROLE_GRID, given, setting)


def whitespace(setting: Setting, info: object, evaluation: object, renewals: object = None) -> list | ByColumn:
    """The products that similar customers buy and this one does not yet, the likeliest first."""
    given = read(setting, None, info=info, evaluation=evaluation, renewals=renewals)
    return [[given]] if isinstance(given, Wrong) else _table(given.assessed.whitespace, WHITESPACE, given, setting)


# --- tables in ---------------------------------------------------------------------------------------------------


def read(
    setting: Setting, as_of: object, needed: Sequence[str] = (sheets.INFO.kind,), **arguments: object
) -> Given | Wrong:
    """The tables by their kinds, assessed as of a moment, today where none is named.

    A blank cell in place of a table is no such table, which is right for all but the needed ones.
    """
    on = readings.moments([one(as_of)], "as_of", setting, dt.datetime.combine(setting.today, dt.time()))
    if on.wrong:
        return on.wrong[0]
    tables = {kind: _plain_rows(rows_of(table)) for kind, table in arguments.items() if not is_blank(table)}
    for kind in needed:
        if kind not in tables:
            return Wrong(MISSING, "reason.missing", kind)
    located = _located(tables)
    for kind in tables:
        if kind not in located:
            return _no_header(kind)
        if sheets.BY_KIND[kind].key not in located[kind].columns:
            return _no_column(kind, sheets.BY_KIND[kind].key)
    return _assessed(tuple(tables.items()), on.values[0].item(), setting.words.lang)


def is_blank(table: object) -> bool:
    """True where no table was given, which LibreOffice calls 0 in the middle of a formula."""
    rows = rows_of(table)
    return len(rows) == 1 and len(rows[0]) == 1 and one(table) in (None, 0)


def _plain_rows(rows: Sequence[Sequence]) -> tuple[tuple, ...]:
    """Rows as a reader of workbooks gives them: blanks are empty texts, True is what the cell shows."""
    return tuple(tuple(_as_read(plain(cell)) for cell in row) for row in rows)


def _as_read(cell: object) -> object:
    if cell is None:
        return ""
    return str(cell).upper() if isinstance(cell, bool) else cell


def _located(tables: dict[str, tuple[tuple, ...]]) -> dict[str, Located]:
    """Which of the tables are what they should be: their header row within the first rows, even with nothing below."""
    heads = {kind: (*rows[:_DEPTH], ("-",) * len(rows[0])) for kind, rows in tables.items()}  # one row is something
    found, _ = locating.locate(_book(heads, "zh-CN"))
    return {kind: table for kind, table in found.items() if table.sheet.name == sheets.BY_KIND[kind].zh}


def _book(tables: dict[str, tuple[tuple, ...]], lang: str) -> Book:
    named = {kind: sheets.BY_KIND[kind].name(lang) for kind in tables}
    raw = tuple(RawSheet(named[kind], [list(row) for row in rows]) for kind, rows in tables.items())
    native = tuple(NativeTable(sheets.BY_KIND[kind].table, name, 0, 0) for kind, name in named.items())
    return Book("", "", raw, native)


@functools.lru_cache(maxsize=8)
def _assessed(tables: Tables, now: dt.datetime, lang: str) -> Given:
    """The tables assessed; several functions on a sheet ask about the same ones."""
    policy, words = resources.policy(), resources.words(lang)
    book = _book(dict(tables), lang)
    portfolio = consolidation.consolidate([validation.validate(book, policy, now.date())], policy)
    return Given(outside(assessment.assess(portfolio, policy, now, words)), locating.locate(book)[0])


def _no_header(kind: str) -> Wrong:
    return Wrong(WRONG, "reason.no_header", kind, {"detail": sheets.BY_KIND[kind].table})


def _no_column(kind: str, field: str) -> Wrong:
    column = sheets.BY_KIND[kind].column(field)
    return Wrong(WRONG, "reason.no_column", kind, {"value": f"{column.zh} · {column.en}"})


# --- tables out --------------------------------------------------------------------------------------------------


def _headers(names: str, setting: Setting) -> tuple[str, ...]:
    return tuple(field.header(setting.words.lang) for _, field in listed(names))


def _table(frame: pd.DataFrame, names: str, given: Given, setting: Setting) -> list | ByColumn:
    """Headers and rows; keys by their names, a dash for a text that is unknown."""
    headers = _headers(names, setting)
    if frame.empty:
        return [headers, (setting.words("table.nothing"), *[""] * (len(headers) - 1))]
    return ByColumn(headers, [_cells(one.named) for one in shown(frame, names, given.names)])


def _cells(column: pd.Series) -> list:
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return column.tolist()
    return [theme.UNKNOWN if pd.isna(cell) else cell for cell in column]
