"""What the cells become that name a customer or a row: IDs in their normal form, and damaged ones that are like no other."""

from __future__ import annotations

from collections import Counter

from kam_xl.core import customer_cells, raw
from kam_xl.core.entries import LONGEST
from kam_xl.core.ids import id_shape, is_damaged, named_behind, parse_id, parse_id_name
from kam_xl.core.raw import text as _text
from kam_xl.core.reading import Reading, transposed
from kam_xl.core.sheets import Column


def clean_ids(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Customers' IDs in their normal form; `identity` finds whom the other sheets' mean.

    In the customers' own sheet one that is unlike the others may have lost something.
    """
    texts = raw.texts(typed)
    normal = {text: parse_id(text)[0] for text in set(texts)}
    reading.keys = found = [normal[text] for text in texts]
    _set_apart(reading, column, typed)
    own = found if reading.table.kind == "info" else ()
    shapes = Counter(id_shape(customer_id) for customer_id in own if customer_id)
    usual, count = shapes.most_common(1)[0] if shapes else ("", 0)
    if len(shapes) > 1 and count >= _ENOUGH_ALIKE and count >= _MOST * len(found):
        for i, customer_id in enumerate(found):
            if customer_id and id_shape(customer_id) != usual and not customer_cells.is_unlike_any(customer_id):
                reading.report("id_unusual", i, column.field, typed[i], usual)
    return {column.field: found, **_asked(reading, column, texts, found)}


def clean_keys(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Keys of rows other than customers' IDs: as typed, but for blanks around them."""
    return {column.field: [text.strip() for text in raw.texts(typed)]}


#: One form of ID is the usual one where this many rows, and this part of all, have it.
_ENOUGH_ALIKE, _MOST = 5, 0.8


def clean_customers(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """The customer of a tracking row as it looks, an ID, a name, or both; `identity` finds who it is."""
    texts = raw.texts(typed)
    ids, names, codes = transposed(map(parse_id_name, texts), 3)
    reading.keys = ids
    reading.report_all(codes, column.field, typed)
    for i in _set_apart(reading, column, typed):
        names[i] = reading.beside[i]
    return {
        "customer_id": ids,
        "name": names,
        **_asked(reading, column, texts, [one or name for one, name in zip(ids, names, strict=True)]),
    }


def _set_apart(reading: Reading, column: Column, typed: list) -> list[int]:
    """Give each damaged ID one that is like no other, and report it; the rows where that was so."""
    spoilt = {cell for cell in set(typed) if _is_spoilt(cell)}
    damaged = [i for i, cell in enumerate(typed) if cell in spoilt] if spoilt else []
    for i in damaged:
        place = f"{reading.table.sheet.name}!{reading.cell(i, column.field)}"
        text = _text(typed[i])
        reading.keys[i] = customer_cells.unlike_any(text if len(text) <= LONGEST else text[:_BEGINNING] + "…", place)
        code, detail = ("id_damaged", None) if len(text) <= LONGEST else ("cell_too_long", str(len(text)))
        reading.report(code, i, column.field, typed[i], detail)
        reading.beside[i] = reading.beside[i] or named_behind(text)
    return damaged


def _is_spoilt(cell: object) -> bool:
    """True for an ID whose digits are lost, or that is too long to be one."""
    return len(cell) > LONGEST or is_damaged(cell) if type(cell) is str else is_damaged(cell)


#: So much is shown of an ID too long to be one.
_BEGINNING = 60


def _asked(reading: Reading, column: Column, texts: list[str], known: list[str | None]) -> dict[str, list]:
    """What `identity` needs to find whom each row means: the cell, the header above it, the name beside it."""
    typed = [text if one else None for text, one in zip(texts, known, strict=True)]
    header = [reading.header(column.field) or ""] * len(texts)
    return dict(zip(customer_cells.ASKED, (typed, header, reading.beside), strict=True))
