"""An assessment as everybody sees it who does not read the master workbook: nothing personal is left in it (§10).

Pages, plans, calendars, messages, the history, the run's record, cells and result sheets are all made of what stands
here. So what is hidden is decided in one place, and no writer has to think of it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import pandas as pd

from kam_xl.core import planning, sheets
from kam_xl.core.assessment import Assessment
from kam_xl.core.customer_cells import as_typed
from kam_xl.core.failures import is_missing
from kam_xl.core.privacy import MASKS, masked

#: Rules, words, and what nothing personal is in: the snapshots (`history.complete`) and what failed.
_AS_THEY_ARE = frozenset({"policy", "words", "past", "pasts", "failures"})
#: Columns of digits that are a computer's, and would be other ones with stars in them.
_FINGERPRINTS = frozenset({"sha256", "key"})
_TYPED_KEYS = (planning.OWN, planning.MARKED)  # sources of actions whose key a person may have typed
#: No count and no amount is as large; a number with its ten digits is a phone's that was typed into a wrong column.
_TOO_LARGE = 1e9
#: Columns whose texts stand in most frames.
_EVERYWHERE = frozenset({"customer_id", "name", "manager", "owner", "team", "book", "sheet"})
#: Columns that show what was typed in a column which another one of the row names.
_TYPED = ("typed_value", "proposal")


class _Mask(NamedTuple):
    """How a text is masked; a ``name`` that stands in most frames is looked at once."""

    text: Callable[[str], str]
    name: Callable[[str], str]


def _mask(ids: Collection[str]) -> _Mask:
    text = functools.partial(masked, ids=ids)
    return _Mask(text, functools.cache(text))


def outside(assessment: Assessment) -> Assessment:
    """The assessment without phones, birthdays, cards and mail addresses; the IDs of its customers stay readable.

    Every frame and text of it is masked when it is first asked for.
    """
    if isinstance(assessment, _Outside):
        return assessment
    known = [assessment.customers] if assessment.past is None else [assessment.customers, assessment.past]
    ids = pd.concat([rows["customer_id"] for rows in known])
    hidden: Any = _Outside(assessment, _mask(frozenset(ids) | frozenset(ids.map(as_typed))))
    return hidden  # answers to every name of an assessment


def inside(assessment: Assessment) -> Assessment:
    """The assessment with everything in it, for the master workbook of a policy that keeps phones."""
    return vars(assessment)["_inside"] if isinstance(assessment, _Outside) else assessment


class _Outside:
    """What another object holds, masked."""

    def __init__(self, inside: object, mask: _Mask) -> None:
        self._inside, self._mask = inside, mask

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inside, name)
        if name == "portfolio":
            value = _Outside(value, self._mask)
        elif name not in _AS_THEY_ARE:
            value = _shown(value, self._mask)
        setattr(self, name, value)
        return value


def of_customers(whole: Any, name: str, customer_ids: Collection[str]) -> Any:
    """The rows of some customers in a frame of an assessment or its portfolio, as it shows them: of few, no others are masked for it."""
    hidden = isinstance(whole, _Outside) and name not in vars(whole)
    frame = getattr(vars(whole)["_inside"] if hidden else whole, name)
    if is_missing(frame):
        return frame
    rows = frame[frame["customer_id"].isin(customer_ids)]
    return _shown(rows, vars(whole)["_mask"]) if hidden else rows


def _shown(value: Any, mask: _Mask) -> Any:
    """A frame, a text, or a collection of such, masked; anything else as it is."""
    match value:
        case str():
            return mask.text(value)
        case pd.DataFrame():
            return _frame(value, mask)
        case dict():
            return {_shown(key, mask): _shown(item, mask) for key, item in value.items()}
        case tuple():
            return tuple(_shown(item, mask) for item in value)
        case _:
            return value


def frame(rows: pd.DataFrame, ids: Collection[str] = frozenset()) -> pd.DataFrame:
    """A frame with the texts of every column masked, and its headers; birthdays become texts without a digit."""
    return _frame(rows, _mask(ids))


def _frame(rows: pd.DataFrame, mask: _Mask) -> pd.DataFrame:
    columns = {str(name): _column(rows[name], rows, mask) for name in rows}
    return rows.assign(**columns).set_axis(_headers(rows, mask), axis=1)


def _column(column: pd.Series, rows: pd.DataFrame, mask: _Mask) -> pd.Series:
    """One column of the rows, by what it holds."""
    name = str(column.name)
    if name in _FINGERPRINTS and "source" not in rows:
        return column
    if name in _personal() and pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d").astype("str")
    if name == "key":
        typed = rows["source"].isin(_TYPED_KEYS)
        return column.where(~typed, _each(column.where(typed), mask.text)) if typed.any() else column
    shown = _each(column, _personal().get(name, mask.name if name in _EVERYWHERE else mask.text))
    if name in _TYPED and "field" in rows:
        for field, hide in _personal().items():
            there = rows["field"] == field
            shown = shown.where(~there, _each(column.where(there), hide))
    return shown


@functools.cache
def _personal() -> dict[str, Callable[[str], str]]:
    """Field of a column that holds personal data → how its cells are shown."""
    return {field: MASKS[column.kind] for field, column in sheets.columns().items() if column.personal}


def _each(column: pd.Series, mask: Callable[[str], str]) -> pd.Series:
    """The column with its texts masked, and numbers that can only be a phone's unknown.

    Teams, files and people repeat a thousand times, so each text is looked at once.
    """
    if pd.api.types.is_float_dtype(column):
        return column.where(~(column.abs() >= _TOO_LARGE))
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return column
    texts = {text for text in {*column.to_numpy(dtype=object).tolist()} if isinstance(text, str)}
    changed = {text: shown for text in texts if (shown := mask(text)) != text}
    if not changed:
        return column
    return column.map(lambda value: changed.get(value, value)).astype(column.dtype)


def _headers(rows: pd.DataFrame, mask: _Mask) -> list[str]:
    """The names of the columns masked, each still once: the headers of a grid of products are typed names."""
    found: dict[str, None] = {}
    for name in rows:
        shown = mask.text(str(name))
        ways = itertools.chain([shown], (f"{shown} ({number})" for number in itertools.count(2)))
        found[next(way for way in ways if way not in found)] = None
    return list(found)
