"""The text of a formula → the KAM_… call in it, its arguments as what they refer to; nothing is calculated here.

Written as Excel or LibreOffice writes it: ``,`` or ``;`` between arguments, ``tbl[@[Score]]`` or
``tbl[[#This Row];[Score]]``. What is neither a literal nor a reference nor a KAM_… call is `Unread`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Literal(NamedTuple):
    """A value typed in the formula; rows of values for ``{1,2;3,4}``; None for an argument left out."""

    value: object


class Area(NamedTuple):
    """Cells by their address, such as ``B5`` or ``A1:C3``; `sheet` is None for the formula's own."""

    sheet: str | None
    address: str


class Name(NamedTuple):
    """A defined name."""

    name: str


class Part(NamedTuple):
    """A part of a table: which rows (data, all, headers, row: the formula's own), from which column to which.

    `table` is "" for the table around the formula; no columns are all of them.
    """

    table: str
    rows: str
    first: str | None = None
    last: str | None = None


class Unread(NamedTuple):
    """An expression that only the host can calculate."""

    text: str


@dataclass(frozen=True)
class Call:
    """A KAM_… function and its arguments."""

    name: str
    arguments: tuple[Argument, ...]


Argument = Literal | Area | Name | Part | Unread | Call

_TEXT = r'"(?:[^"]|"")*"'
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_ADDRESS = rf"{_CELL}(?::{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}|\$?\d+:\$?\d+"
_SHEET = r"\$?(?:'(?:[^']|'')+'|[^\W\d][\w.]*)[!.]"
_BRACKETS = r"\[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]"

_CALL = re.compile(r"(?<![\w.])(KAM_[A-Z_]+)\(", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")
_AREA = re.compile(rf"(?P<sheet>{_SHEET})?(?P<address>{_ADDRESS})")
_PART = re.compile(rf"(?P<table>[^\W\d]\w*)?(?P<columns>{_BRACKETS})")
_NAME = re.compile(r"[^\W\d][\w.]*")
_PIECES = re.compile(r"'(?:[^'\\]|'')*'(?=[!.])|" + rf"{_TEXT}|{_BRACKETS}|[(){{}},;]|[^\"'\[(){{}},;]+|.", re.DOTALL)
_COLUMN = re.compile(r"\[((?:'.|[^\[\]'])*)\]")
_LONGEST = 8_192  # characters of a formula in Excel; quotes without an end cost the square of their number

#: Which rows of a table an item such as ``[#All]`` means.
_ROWS = {"#all": "all", "#data": "data", "#headers": "headers", "#this row": "row"}
_CONSTANTS = {"TRUE": True, "FALSE": False, "TRUE()": True, "FALSE()": False}


def call_in(formula: str) -> Call | None:
    """The first KAM_… call in a formula, be it inside another function; None where there is none."""
    if len(formula) > _LONGEST:
        return None
    for match in _CALL.finditer(_without_texts(formula)):
        arguments = list(_arguments(formula[match.end() :]))
        return Call(match[1].upper(), tuple(_argument(text) for text in arguments))
    return None


def _without_texts(formula: str) -> str:
    """The formula with the content of its texts blanked out, so that no call is found in one."""
    return re.sub(_TEXT, lambda text: '"' + " " * (len(text[0]) - 2) + '"', formula)


def _arguments(text: str) -> Iterator[str]:
    """The arguments of a call whose opening bracket has been read."""
    depth, current = 0, ""
    for match in _PIECES.finditer(text):
        piece = match[0]
        if depth == 0 and piece == ")":
            break
        if depth == 0 and piece in {",", ";"}:
            yield current.strip()
            current = ""
            continue
        depth += (piece in {"(", "{"}) - (piece in {")", "}"})
        current += piece
    else:
        return  # no closing bracket: no formula
    if current.strip() or depth:
        yield current.strip()


def _argument(text: str) -> Argument:
    """What one argument stands for."""
    text = text.removeprefix("@")
    if match := _CALL.match(text):
        inner = call_in(text)
        return inner if inner and _is_whole(text, match.end()) else Unread(text)
    if match := _AREA.fullmatch(text):
        return Area(_sheet(match["sheet"]), match["address"].replace("$", ""))
    if match := _PART.fullmatch(text):
        return _part(match["table"] or "", match["columns"]) or Unread(text)
    literal = _literal(text)
    if literal is not None:
        return literal
    return Name(text) if _NAME.fullmatch(text) else Unread(text)


def _is_whole(text: str, start: int) -> bool:
    """True where the bracket opened before `start` is closed by the last character."""
    depth = 1
    pieces = [match[0] for match in _PIECES.finditer(text[start:])]
    for place, piece in enumerate(pieces):
        depth += (piece == "(") - (piece == ")")
        if depth == 0:
            return place == len(pieces) - 1
    return False


def _sheet(prefix: str | None) -> str | None:
    if not prefix:
        return None
    name = prefix.removeprefix("$")[:-1]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def _literal(text: str) -> Literal | None:
    if text == "":
        return Literal(None)
    if text.startswith("{") and text.endswith("}"):
        return _constant(text[1:-1])
    if re.fullmatch(_TEXT, text, re.DOTALL):
        return Literal(text[1:-1].replace('""', '"'))
    if _NUMBER.fullmatch(text):
        return Literal(float(text[:-1]) / 100 if text.endswith("%") else float(text))
    if text.upper() in _CONSTANTS:
        return Literal(_CONSTANTS[text.upper()])
    return Literal(text) if re.fullmatch(r"#[A-Z/0]+[!?]?", text) else None


def _constant(text: str) -> Literal | None:
    """An array constant: rows between ``;`` and columns between ``,``, or ``|`` and ``;``; a lone ``;`` makes one row."""
    between_rows, between_columns = ("|", ";") if "|" in text else (";", ",") if "," in text else ("|", ";")
    rows = [[_literal(cell.strip()) for cell in _split(row, between_columns)] for row in _split(text, between_rows)]
    if any(cell is None for row in rows for cell in row):
        return None
    return Literal(tuple(tuple(cell.value for cell in row if cell) for row in rows))


def _split(text: str, separator: str) -> list[str]:
    """A text split at a separator that stands in no quoted text."""
    parts = [""]
    for piece in re.findall(rf'"[^"]*"?|[^"{separator}]+|{re.escape(separator)}', text):
        if piece == separator:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _part(table: str, brackets: str) -> Part | None:
    """``[@[Score]]``, ``[[#This Row];[Score]]``, ``[[#All],[A]:[C]]``, ``[Score]``, ``[#All]``, ``[]``."""
    inner = brackets[1:-1].strip()
    if inner.startswith("@"):
        inner = inner[1:].strip()
        columns = _COLUMN.findall(inner) if inner.startswith("[") else [inner] * bool(inner)
        return _columns(table, "row", columns)
    if not inner.startswith("["):
        if inner.casefold() in _ROWS:
            return Part(table, _ROWS[inner.casefold()])
        return _columns(table, "data", [inner] * bool(inner))
    items = _COLUMN.findall(inner)
    named = [_ROWS[item.casefold()] for item in items if item.casefold() in _ROWS] or ["data"]
    rows = named[0] if len(named) == 1 else "all"  # headers and data: the whole table, if there is no totals row
    return _columns(table, rows, [item for item in items if item.casefold() not in _ROWS])


def _columns(table: str, rows: str, columns: list[str]) -> Part | None:
    names = [re.sub(r"'(.)", r"\1", column) for column in columns]
    if len(names) > 2:
        return None
    return Part(table, rows, names[0], names[-1]) if names else Part(table, rows)
