"""Formulas between the two ways of writing them: as in Excel, and as LibreOffice's interface takes them."""

from __future__ import annotations

import re

from xlwings import utils

_TEXT = r'"(?:[^"]|"")*"'
_SHEET = r"(?:'(?:[^']|'')+'|[\w.]+)"
_CELL = r"\$?[A-Za-z]{1,3}\$?\d+"
_PIECES = re.compile(
    rf"""(?P<text>{_TEXT})
      | (?P<sheet>{_SHEET})!
      | (?P<table>\w*)(?P<columns>\[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\])
      | (?P<cell>(?<![\w.]){_CELL}(?![\w(.]))
      | (?P<word>[\w.]+)
      | (?P<mark>[{{}},;])""",
    re.VERBOSE,
)
_PARTS = re.compile(r"\[(?:'.|[^\[\]'])*\]|[^,\[\]]+|,")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def for_libreoffice(formula: str, table: str = "", down: int = 0, right: int = 0) -> str:
    """An Excel formula as LibreOffice's interface takes it, moved `down` rows and `right` columns.

    `table` is the table around the cell: Excel lets a formula inside leave its name out.
    """
    inside = 0  # of an array constant, which has separators of its own

    def piece(match: re.Match) -> str:
        nonlocal inside
        found = match.group()
        if mark := match["mark"]:
            inside += {"{": 1, "}": -1}.get(mark, 0)
            return {",": ";", ";": "|" if inside else ";"}.get(mark, mark)
        if match["sheet"]:
            return f"${match['sheet']}."
        if match["columns"]:
            return (match["table"] or table) + _columns(match["columns"])
        if match["cell"] and (down or right):
            return _moved(found, down, right)
        return found

    return _PIECES.sub(piece, formula)


def _columns(specifier: str) -> str:
    """The part of a table: ``[@Score]`` and ``[#All]`` are short for what LibreOffice knows."""
    inner = specifier[1:-1]
    if inner.startswith("@"):
        column = inner[1:]
        if not column:
            return "[[#This Row]]"
        return f"[[#This Row];{column if column.startswith('[') else f'[{column}]'}]"
    if inner.startswith("#"):
        return f"[[{inner}]]"
    if not inner.startswith("["):
        return specifier
    return "[" + "".join(";" if part == "," else part for part in _PARTS.findall(inner)) + "]"


def _moved(cell: str, down: int, right: int) -> str:
    ((fixed_column, column, fixed_row, row),) = re.findall(r"(\$?)([A-Za-z]+)(\$?)(\d+)", cell)
    new_row = int(row) + (0 if fixed_row else down)
    new_column = utils.column_to_number(column.upper()) + (0 if fixed_column else right)
    if new_row > _LAST_ROW or new_column > _LAST_COLUMN:
        return "#REF!"
    return f"{fixed_column}{utils.col_name(new_column)}{fixed_row}{new_row}"
