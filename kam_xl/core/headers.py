"""Where in a sheet the headers stand: below titles, in one row or in two, again at a page break, beside another table."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kam_xl.core import headings
from kam_xl.core.amounts import is_unit
from kam_xl.core.raw import text as shown
from kam_xl.core.sheets import BY_KIND

#: How many known headers make a row a header row; fewer suffice where the sheet's or table's name agrees.
ENOUGH, ENOUGH_WITH_NAME = 3, 2
#: A header is looked for this far down a sheet; further down only where a row begins with one.
DEPTH = 200
#: A row begins with one of so many cells.
_FIRST = 3
_BEGINNING = operator.itemgetter(slice(_FIRST))
#: No more places are tried at which a table may stand beside another.
_CUTS = 16


@dataclass(frozen=True)
class Header:
    """The names of a table's columns: from row `top` to `row`, which is the same unless two rows make one header."""

    top: int
    row: int
    texts: tuple[str, ...]  # of the whole row, trimmed; blank outside the table's own columns
    left: int = 0  # where its columns begin; 0 unless another table stands to the left

    def at(self, column: int, rows: list[list]) -> int:
        """The row in which a column's own header stands."""
        last = rows[self.row]
        return self.row if column < len(last) and last[column] != "" else self.top


def headers_in(rows: list[list], native: Sequence[int] = ()) -> Iterator[Header]:
    """Everything that may be a header, from the top down; `native` are the header rows of native tables."""
    below = 0
    for number in sorted({*_likely(rows), *native}):
        if number >= below:
            header = _at(rows, number)
            yield from _side_by_side(header, alone=not below)
            below = header.row + 1


def _likely(rows: list[list]) -> set[int]:
    """Rows that may be headers: those near the top with known headers in them, and any row that begins with one."""
    found: set[int] = set()
    near = rows[:DEPTH]
    likely = headings.may_name(set(itertools.chain.from_iterable(near)))
    for optional in (False, True):
        known = {text for text in likely if headings.names_a_column(text, optional=optional)}
        counts = [0 if known.isdisjoint(row) else sum(map(known.__contains__, row)) for row in near]
        first = [number for number, count in enumerate(counts) if count >= ENOUGH_WITH_NAME][:1]
        found.update(first, (number for number, count in enumerate(counts) if count >= ENOUGH))
    far = set(itertools.chain.from_iterable(map(_BEGINNING, rows[DEPTH:])))
    known = {text for text in (*likely, *headings.may_name(far)) if headings.names_a_column(text)}
    found.update(number for number, row in enumerate(rows) if not known.isdisjoint(row[:_FIRST]))
    return found


# --- two rows that are one header -----------------------------------------------------------------------------------


def _at(rows: list[list], number: int) -> Header:
    """The header in a row, together with the row below or above it where only both name all columns."""
    for top in (number, number - 1):
        if top >= 0 and top + 1 < len(rows) and (texts := _joined(rows[top], rows[top + 1])):
            return Header(top, top + 1, texts)
    return Header(number, number, tuple(shown(cell).strip() for cell in rows[number]))


def _joined(upper: list, lower: list) -> tuple[str, ...] | None:
    """Two rows as one header: groups above their columns' own names, or units below; None where they are not one."""
    if any(type(cell) is not str for cell in lower) or not any(lower):
        return None
    width = max(len(upper), len(lower))
    names, below = ([shown(cell).strip() for cell in row] + [""] * (width - len(row)) for row in (upper, lower))
    return next((texts for kind in BY_KIND if (texts := _joined_for(kind, names, below))), None)


def _joined_for(kind: str, upper: list[str], lower: list[str]) -> tuple[str, ...] | None:
    """Two rows as the header of a kind, where either alone would name fewer of its columns or no unit."""
    texts, group = [], ""
    for i, (above, below) in enumerate(zip(upper, lower, strict=True)):
        group = above or (group if below else "")
        heads = not above or (i + 1 < len(upper) and not upper[i + 1] and bool(lower[i + 1]))
        unit = _unit(below) if _is_amount(kind, above) else ""
        if below and not (heads or unit or headings.field_of(kind, below)):
            return None  # a text below a header of its own: data
        texts.append(f"{above}（{unit}）" if unit else _name(kind, group, below) if below else above)
    count, alone = len(headings.fields(texts, kind)), max(len(headings.fields(row, kind)) for row in (upper, lower))
    only_units = all(not below or _is_amount(kind, above) for above, below in zip(upper, lower, strict=True))
    return tuple(texts) if count >= ENOUGH and (count > alone or only_units) else None


def _is_amount(kind: str, header: str) -> bool:
    field = headings.field_of(kind, header)
    return field is not None and BY_KIND[kind].column(field).kind == "amount"


def _unit(text: str) -> str:
    """The unit of money that a cell below an amount's header names, without its brackets; blank for any other text."""
    plain = text.strip("()（） ")
    return plain if is_unit(plain) else ""


def _name(kind: str, group: str, own: str) -> str:
    """What a column is called below a group: by both where that is known (联系人 over 姓名, 合作时间 over 最近), else by one."""
    both, turned = f"{group} {own}".strip(), f"{own} {group}".strip()
    return next((name for name in (both, turned, own, group) if headings.field_of(kind, name)), both)


# --- tables beside each other ----------------------------------------------------------------------------------------


def _side_by_side(header: Header, *, alone: bool) -> list[Header]:
    """The headers that stand in one row: one, unless each part names all a table needs, or all but one are another's rows."""
    parts, end = [], len(header.texts)
    if not alone and (cut := _begin_of_another(header.texts)):
        return [_part(header, cut, end)]
    for cut in reversed(_cuts(header.texts)):
        if _complete(header.texts[:cut]) and _complete(header.texts[cut:end]):
            parts.append(_part(header, cut, end))
            end = cut
    return [_part(header, 0, end), *reversed(parts)] if parts else [header]


def _begin_of_another(texts: tuple[str, ...]) -> int:
    """Where a table's header begins that stands beside rows of one further up; 0 where none does."""
    gaps = [cut for cut in _cuts(texts) if not texts[cut - 1] and any(texts[:cut])]
    named = (cut for cut in gaps if not any(headings.names_a_column(text) for text in texts[:cut]))
    return next((cut for cut in named if _complete(texts[cut:])), 0)


def _cuts(texts: tuple[str, ...]) -> list[int]:
    """Columns at which another table may begin: after a blank header, or where an ID is named again."""
    keys = [i for i, text in enumerate(texts) if any(_is_key(text, kind) for kind in BY_KIND)]
    gaps = [i for i in range(1, len(texts)) if texts[i] and not texts[i - 1]]
    return sorted({*keys[1:], *gaps} - {0})[:_CUTS]


def _is_key(text: str, kind: str) -> bool:
    return headings.field_of(kind, text) == BY_KIND[kind].key


def _complete(texts: tuple[str, ...]) -> bool:
    """True for names that are a table's of some kind, its required columns among them."""
    for sheet in BY_KIND.values():
        named = headings.fields(texts, sheet.kind)
        if len(named) >= ENOUGH and all(column.field in named for column in sheet.columns if column.required):
            return True
    return False


def _part(header: Header, left: int, right: int) -> Header:
    texts = tuple(text if left <= i < right else "" for i, text in enumerate(header.texts))
    return replace(header, texts=texts, left=left)
