"""The worksheet functions as Excel sees them: their names, their arguments, one entry for every host.

What a function answers is computed in `kam_xl.worksheet`; what the function wizard says about it stands in
``kam_xl/words/functions.toml``, and the generated wrappers in ``kam_xl/template/vba/xlwings_udfs.bas``.
"""
# ruff: noqa: N802 (functions are named as they are typed in cells)

from __future__ import annotations

import datetime as dt
import functools
import inspect
import logging
from collections.abc import Callable, Sequence

import xlwings as xw
from xlwings.conversion import CleanDataFromReadStage, ConversionContext, Pipeline, ValueAccessor

#: What a formula hands over: one cell, or rows of cells.
Cells = object

_LOG = logging.getLogger("kam_xl")
#: What a cell gets where something of ours failed: #VALUE!, in both languages, since the words may be what failed.
_FAILED = "#!2015:KAM XL 内部错误，详情见日志 · KAM XL failed; the log tells more"

#: Name → function, in the order of the guide.
FUNCTIONS: dict[str, Callable] = {}
#: Arguments that no formula names, and the VBA that works them out.
HIDDEN = {"place": "KamPlace(cell)"}


def call(name: str, arguments: Sequence) -> object:
    """What the function of that name answers: one cell or a tuple of rows; never raises.

    Cells come and go as None, float, text, bool, date; ``#!2042:reason`` is #N/A, ``#!2015:reason`` is #VALUE!.
    The first call loads the rules; who reads the names alone, as a button does, has them at once.
    """
    try:
        from kam_xl import worksheet

        return worksheet.answer(name, arguments, dt.date.today(), _open_book)
    except Exception as error:  # noqa: BLE001 (our bug: where stands in the log, and the cell still needs an answer)
        from kam_xl.hosts import log

        _LOG.error("%s failed\n%s", name, log.trace(error))
        return _FAILED


def _open_book(name: str) -> xw.Book:
    found = next((book for app in xw.apps for book in app.books if book.name == name), None)
    if found is None:
        raise LookupError(name)
    return found


class _HandedOver(ValueAccessor):
    """What xlwings makes of an argument, of a whole column only as far as it is used: it would look at a million cells."""

    @staticmethod
    def reader(options: dict) -> Pipeline:
        plain = ValueAccessor.reader(options)
        return plain.insert_stage(_cut, before=CleanDataFromReadStage).append_stage(_told_whole)


def _cut(context: ConversionContext) -> None:
    from kam_xl.worksheet import exchange

    context.value = exchange.without_blank_end(context.value)
    context.meta["whole"] = isinstance(context.value, exchange.Whole)


def _told_whole(context: ConversionContext) -> None:
    from kam_xl.worksheet import exchange

    if context.meta["whole"]:
        context.value = exchange.Whole(context.value)


def _function(signature: Callable) -> Callable:
    """The worksheet function with this name and these arguments, for xlwings and for us."""
    name = signature.__name__

    @functools.wraps(signature)
    def function(*arguments: object) -> object:
        return call(name, arguments)

    function.__annotations__ = {}  # xlwings would take them for orders to convert
    FUNCTIONS[name] = function
    for argument in inspect.signature(signature).parameters:
        hidden = {"vba": HIDDEN[argument]} if argument in HIDDEN else {}
        xw.arg(argument, _HandedOver, ndim=2, err_to_str=True, **hidden)(function)
    return xw.func(category="KAM XL")(xw.ret()(function))


@_function
def KAM_SCORE(value: Cells, potential: Cells, demand: Cells, weights: Cells = None) -> Cells:
    """Composite score: the weighted sum of the marks for value, potential and demand, rounded to one decimal."""


@_function
def KAM_TIER(score: Cells, lang: Cells = None) -> Cells:
    """The tier that a composite score belongs to."""


@_function
def KAM_VALUE(profit: Cells, profit_base: Cells, tenure: Cells, longest_tenure: Cells) -> Cells:
    """The mark for value, 0 to 100, from profit and tenure."""


@_function
def KAM_POTENTIAL(growth: Cells, highest_growth: Cells, open_needs: Cells, total_needs: Cells) -> Cells:
    """The mark for potential, 0 to 100, from the industry's growth and the open needs."""


@_function
def KAM_DEMAND(service_sensitivity: Cells, price_sensitivity: Cells) -> Cells:
    """The mark for demand, 0 to 100, from the sensitivities to service and, reversed, to price."""


@_function
def KAM_EXPLAIN(value: Cells, potential: Cells, demand: Cells, lang: Cells = None) -> Cells:
    """Where a score's points come from and what is missing to the next tier, in one sentence."""


@_function
def KAM_PATH(value: Cells, potential: Cells, demand: Cells, tier: Cells, lang: Cells = None) -> Cells:
    """The smallest change of the marks that reaches a tier, or that it cannot be reached."""


@_function
def KAM_STRATEGY(tier: Cells, what: Cells = None, lang: Cells = None) -> Cells:
    """A tier's core strategy, or its measures, departments, support, goals, owner, cadence in days, or ABC class."""


@_function
def KAM_SLA(tier: Cells, severity: Cells = None) -> Cells:
    """Working hours within which to answer: the stricter of the tier's limit and the severity's."""


@_function
def KAM_DUE(reported: Cells, tier: Cells, severity: Cells = None) -> Cells:
    """The moment by which a complaint or request must be answered: its limit counted in working hours from the report."""


@_function
def KAM_HOURS(start: Cells, finish: Cells) -> Cells:
    """The working hours between two moments: office hours only, without days off, with make-up days."""


@_function
def KAM_NEXT_VISIT(last: Cells, tier: Cells) -> Cells:
    """The day of the next visit: the last contact plus the tier's cadence."""


@_function
def KAM_LIFECYCLE(since: Cells, last_deal: Cells, tier: Cells, as_of: Cells = None, lang: Cells = None) -> Cells:
    """Where a customer stands: new, active, deepening, silent or lost, from the start, the last deal and the tier."""


@_function
def KAM_NPS(answers: Cells) -> Cells:
    """The net promoter score of a range of answers from 0 to 10: promoters less detractors in % of all, -100 to 100."""


@_function
def KAM_RISK(
    info: Cells, evaluation: Cells, tracking: Cells, as_of: Cells = None, lang: Cells = None,
    service: Cells = None, contacts: Cells = None, renewals: Cells = None, orders: Cells = None,
) -> Cells:  # fmt: skip
    """Risk list: every matter of every customer, the most pressing first, with evidence, what follows from it, what to do, owner and due date."""


@_function
def KAM_CARD(
    customer_id: Cells, info: Cells, evaluation: Cells, tracking: Cells, as_of: Cells = None, lang: Cells = None,
    service: Cells = None, contacts: Cells = None, renewals: Cells = None, orders: Cells = None,
) -> Cells:  # fmt: skip
    """A customer on one page: identity, score, health, strategy, risks, open cases, contacts, deals, next actions, data findings."""


@_function
def KAM_CHECK(
    info: Cells, evaluation: Cells, tracking: Cells, as_of: Cells = None, lang: Cells = None,
    service: Cells = None, contacts: Cells = None, renewals: Cells = None, orders: Cells = None,
) -> Cells:  # fmt: skip
    """Data check: what is wrong in the tables, where, and what to do; errors first."""


@_function
def KAM_HEALTH(
    info: Cells, evaluation: Cells, tracking: Cells, service: Cells = None, as_of: Cells = None, lang: Cells = None,
    contacts: Cells = None, orders: Cells = None,
) -> Cells:  # fmt: skip
    """Customer health: 0 to 100, its colour, its five parts and where it comes from, the worst customer first."""


@_function
def KAM_ROLES(info: Cells, evaluation: Cells, contacts: Cells, as_of: Cells = None, lang: Cells = None) -> Cells:
    """Who is known at each customer: the four buying roles, how many contacts there are, how many roles are covered."""


@_function
def KAM_WHITESPACE(info: Cells, evaluation: Cells, renewals: Cells = None, lang: Cells = None) -> Cells:
    """What to sell next: products that similar customers buy and this one does not yet, with how many of them do."""


@_function
def KAM_SHARE(tiers: Cells, lang: Cells = None) -> Cells:
    """Customers by tier: how many, their share, its target, and how the two compare."""


@_function
def KAM_SCORES(evaluation: Cells, lang: Cells = None) -> Cells:
    """A whole evaluation table at once: customer ID, score and tier of every row."""


@_function
def KAM_CHANGE(customer_id: Cells, moves: Cells, since_day: Cells = None, lang: Cells = None) -> Cells:
    """Why a customer changed last night, or since a day: score, tier, health, risk level, amount, from what to what, what caused it and which cell says so, as the nights told."""


@_function
def KAM_WHY(cell: Cells, place: Cells, lang: Cells = None) -> Cells:
    """Why a KAM function shows an error, and what to do."""


@_function
def KAM_VERSION() -> Cells:
    """The version of KAM XL; that it shows means that the functions work."""


def run(action: str) -> None:
    """One action of the ribbon on the calling workbook; what RunPython calls."""
    from kam_xl import actions

    actions.run(action, xw.Book.caller(), dt.datetime.now())
