"""The six invented customers of the template, as they are typed, and what the rules say about them."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kam_xl.core import sheets
from kam_xl.core.words import Words

Row = Mapping[str, Any]  # field → what is typed; None where nothing is


@functools.cache
def _toml() -> dict:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def as_of() -> dt.date:
    """The day on which the sample data stand."""
    return _toml()["as_of"]


def industries(lang: str) -> list[str]:
    """The industries to choose from, in ``zh-CN`` or ``en``."""
    return [_said(pair, lang) for pair in _toml()["industries"]]


def rows(kind: str, words: Words) -> list[Row]:
    """The sample rows of one sheet in the language of ``words``, dates as dates; calculated cells are not in them."""
    return [_typed(kind, row, words) for row in _toml()[kind]]


def _typed(kind: str, row: Mapping, words: Words) -> Row:
    return {
        column.field: _cell(kind, column, row[column.field], words)
        for column in sheets.BY_KIND[kind].written
        if column.field in row
    }


def _cell(kind: str, column: sheets.Column, value: object, words: Words) -> object:
    """What stands in one cell, by the kind of its column."""
    if column.kind == "date" and not isinstance(value, int):
        return value or None  # a birthday
    if column.kind in ("choice", "status"):
        texts = f"terms.{kind}.{column.field}" if column.choices else "terms.status"
        return words(f"{texts}.{value}") if value else None
    if value == "":
        return None
    read = _READ.get(column.kind)
    return read(value, words) if read else _said(value, words.lang) or None


def _day(days: int) -> dt.date:
    return as_of() + dt.timedelta(days=days)


def _moment(days: str, time: str) -> dt.datetime:
    return dt.datetime.combine(_day(int(days)), dt.time.fromisoformat(time))


def _name(customer_id: str, lang: str) -> str:
    return next(_said(row["name"], lang) for row in _toml()["info"] if row["customer_id"] == customer_id)


def _said(value: Any, lang: str) -> Any:
    """The Chinese or the English of a pair; anything else is the same in both."""
    return value[lang == "en"] if isinstance(value, list) else value


#: Kind of a column → what its cell in the file means; any other is a text or a number as it stands.
_READ: dict[str, Callable[[Any, Words], object]] = {
    "date": lambda days, _words: _day(days),
    "datetime": lambda text, _words: _moment(*text.split()),
    "period": lambda days, words: words("template.period", start=_day(days[0]), end=_day(days[1])),
    "id_name": lambda key, words: f"{key}/{_name(key, words.lang)}",
    "flag": lambda yes, words: words("terms.yes" if yes else "terms.no"),
}
