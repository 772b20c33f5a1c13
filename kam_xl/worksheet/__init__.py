"""The worksheet functions: cells in, cells out. What each one computes stands in `functions`, `tables`, `card` and `change`.

`answer` is the way in: it finds the function and its language, and turns what comes back into cells. Nothing here knows
Excel or LibreOffice or reads a clock; an answer to single cells is remembered, since sheets ask the same often.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from kam_xl import resources
from kam_xl.core import raw
from kam_xl.core.texts import simplified
from kam_xl.core.words import LANGUAGES, Words
from kam_xl.worksheet import card, change, exchange, functions, tables
from kam_xl.worksheet.exchange import WRONG, Answer, ByColumn, Wrong
from kam_xl.worksheet.setting import Setting
from kam_xl.worksheet.why import why

_REMEMBERED = 65_536  # answers to single cells


def _why(setting: Setting, cell: object, place: object = None) -> list:
    """Why a cell shows an error, and what to do; see `kam_xl.worksheet.why`."""
    return [[why(setting.words, cell, place, setting.find_book, functools.partial(_asked, setting))]]


#: Function as typed in a cell → what answers it: its `Setting`, then its arguments without the language. In a formula the
#: language stands behind them, but in front of those that are given by name only.
FUNCTIONS: dict[str, Callable[..., list | ByColumn]] = {
    "KAM_SCORE": functions.score,
    "KAM_TIER": functions.tier,
    "KAM_VALUE": functions.value,
    "KAM_POTENTIAL": functions.potential,
    "KAM_DEMAND": functions.demand,
    "KAM_EXPLAIN": functions.explain,
    "KAM_PATH": functions.path,
    "KAM_STRATEGY": functions.strategy,
    "KAM_SLA": functions.sla,
    "KAM_DUE": functions.due,
    "KAM_HOURS": functions.hours,
    "KAM_NEXT_VISIT": functions.next_visit,
    "KAM_LIFECYCLE": functions.lifecycle_stage,
    "KAM_NPS": functions.nps,
    "KAM_RISK": tables.risk,
    "KAM_CARD": card.card,
    "KAM_CHECK": tables.check,
    "KAM_HEALTH": tables.healths,
    "KAM_ROLES": tables.roles,
    "KAM_WHITESPACE": tables.whitespace,
    "KAM_SHARE": tables.share,
    "KAM_SCORES": tables.scores,
    "KAM_CHANGE": change.change,
    "KAM_WHY": _why,
    "KAM_VERSION": functions.version,
}


def answer(name: str, arguments: Sequence, today: dt.date, find_book: Callable[[str], Any]) -> Answer:
    """What a formula's function answers: one cell, or a tuple of rows; ``#!2042:reason`` is an error (#N/A).

    The arguments stand in the order of the formula; one left out is None or not there. Whole columns count to their last
    used row, and so does the answer to them.
    """
    given = list(map(_cell, exchange.to_last_used_row(arguments)))
    if "place" in _parameters(name)[0] or any(isinstance(argument, list | tuple) for argument in given):
        return _answered(name, given, today, find_book)
    return _remembered(name, today, *given)


def _cell(argument: object) -> object:
    """A single cell plain, so that equal questions are the same; several as they are."""
    rows = exchange.rows_of(argument)
    return exchange.plain(rows[0][0]) if len(rows) == len(rows[0]) == 1 else argument


def _answered(name: str, given: Sequence, today: dt.date, find_book: Callable[[str], Any]) -> Answer:
    in_front, _ = _parameters(name)
    lang = (given[len(in_front) :] or [None])[0]
    words = _words(lang)
    if words is None:
        words = resources.words(LANGUAGES[0])
        return exchange.answer([[Wrong(WRONG, "reason.lang_unknown", "lang", {"value": lang})]], words)
    setting = Setting(_policy(), words, today, find_book)
    return exchange.answer(_asked(setting, name, given), words)


@functools.lru_cache(maxsize=_REMEMBERED, typed=True)
def _remembered(name: str, today: dt.date, *given: object) -> Answer:
    return _answered(name, given, today, _no_book)


def _asked(setting: Setting, name: str, arguments: Sequence) -> list | ByColumn:
    """What a function answers to a formula's arguments in the setting's language, errors as `Wrong`."""
    given = list(map(_cell, arguments))
    in_front, behind = _parameters(name)
    named = zip(behind, given[len(in_front) + 1 :], strict=False)
    return FUNCTIONS[name](setting, *given[: len(in_front)], **dict(named))


def optional(name: str, position: int) -> bool:
    """True where a formula may leave out the argument at that position: the language and all behind it, too."""
    in_front = list(_parameters(name)[0].values())
    return position >= len(in_front) or in_front[position].default is not inspect.Parameter.empty


def _words(lang: object) -> Words | None:
    """The words of the language a cell names, Chinese where it is blank; None where it names none."""
    text = simplified(raw.text(exchange.one(lang)))
    found = next((one for one in LANGUAGES if text == "" or text.startswith(one[:2])), None)
    return resources.words(found) if found else None


@functools.cache
def _parameters(name: str) -> tuple[dict[str, inspect.Parameter], dict[str, inspect.Parameter]]:
    """The arguments of a function without its setting: those in front of the language, and those behind it."""
    _, *every = inspect.signature(FUNCTIONS[name]).parameters.values()
    behind = {one.name: one for one in every if one.kind is inspect.Parameter.KEYWORD_ONLY}
    return {one.name: one for one in every if one.name not in behind}, behind


def _no_book(name: str) -> Any:
    raise LookupError(name)


_policy = functools.cache(resources.policy)
