"""What the workbook's cell functions answer when it is built: the same code that answers in Excel, called directly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from kam_xl import worksheet
from kam_xl.core import sheets
from kam_xl.core.words import Words
from kam_xl.template import samples
from kam_xl.template.data import CALCULATED

_ERRORS = {"#!2042": "#N/A", "#!2015": "#VALUE!"}


def call(name: str, *arguments: object) -> Any:
    """The value of one cell function, as a cell holds it: a number, a text, an error, or a tuple of rows of these."""
    return _cells(worksheet.answer(name, arguments, dt.date.today(), _no_book))


def _no_book(name: str) -> NoReturn:
    raise LookupError(name)


def _cells(answer: object) -> object:
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        return tuple(map(_cells, answer))
    if isinstance(answer, str) and answer[:6] in _ERRORS:
        return _ERRORS[answer[:6]]
    return answer


def rows(kind: str, words: Words) -> list[Mapping[str, object]]:
    """The sample rows of one sheet with its calculated cells."""
    found = samples.rows(kind, words)
    return [_calculated(row, words) for row in found] if kind == sheets.EVALUATION.kind else found


def _calculated(row: Mapping[str, object], words: Words) -> Mapping[str, object]:
    row = dict(row)
    for field, (function, fields) in CALCULATED.items():
        languages = (words.lang,) if function == "KAM_TIER" else ()
        row[field] = call(function, *(row[name] for name in fields), *languages)
    return row
