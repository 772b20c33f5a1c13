"""Which lines of orders count, and with what amount: none that was cancelled, returns below 0, an order's total once.

What a list says in words is taken as it says it and told once for the sheet; words that nobody knows are told, and their
lines count. Exports that leave blank what the line above says already, such as the customer, are read as people read them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kam_xl.core import order_words, raw
from kam_xl.core.amounts import UNITS, Unit
from kam_xl.core.books import letter
from kam_xl.core.entries import is_nothing
from kam_xl.core.findings import Finding
from kam_xl.core.headings import is_customers_name, is_price
from kam_xl.core.located import Located
from kam_xl.core.order_words import GONE, NOT_BOUGHT, OPEN, RETURN, SIDE, STATE, TYPE
from kam_xl.core.reading import Reading
from kam_xl.core.rows import may_be_total
from kam_xl.core.sheets import ORDERS, named

#: A row with its number in the sheet, from 1.
Numbered = tuple[int, list]
#: So many different words of a column are told.
_NAMED = 12
#: From so many orders on, lines that all say one amount are no chance.
_SEVERAL = 3
_CENT = 0.011


def counted(reading: Reading, rows: list[Numbered]) -> list[Numbered]:
    """The lines that count, with the amounts that count."""
    told = told_of(reading.table)
    if told:
        rows = _without_what_is_gone(reading, rows, told)
        rows = _returns_taken_off(reading, rows, told)
    return _order_totals_once(reading, rows)


class _Column(NamedTuple):
    """A column that tells what became of an order, and what kind it is of."""

    at: int
    kind: str


def told_of(table: Located) -> list[_Column]:
    """The columns of a table that tell what became of its orders."""
    if table.kind != ORDERS.kind:
        return []
    kinds = ((at, order_words.column_kind(table.header.texts[at])) for at in table.others)
    return [_Column(at, kind) for at, kind in kinds if kind]


def _meanings(rows: Sequence[Numbered], one: _Column) -> list[tuple[str, str | None]]:
    """What a column says of each line: the words, and what they mean."""
    known: dict[object, tuple[str, str | None]] = {}
    found = []
    for _, row in rows:
        cell = row[one.at]
        if type(cell) is not str:
            text = raw.text(cell)
            found.append((text, order_words.meaning(one.kind, text)))
            continue
        if cell not in known:
            known[cell] = ("", None) if is_nothing(cell) else (cell.strip(), order_words.meaning(one.kind, cell))
        found.append(known[cell])
    return found


def _report(reading: Reading, code: str, at: int, rows: Iterable[int], words: str, detail: object = None) -> None:
    """One finding for some lines of a column, with what they say."""
    numbers = list(rows)
    first, last = f"{letter(at)}{min(numbers)}", f"{letter(at)}{max(numbers)}"
    span = first if first == last else f"{first}:{last}"
    reading.findings.append(
        Finding(code, reading.table.sheet.name, span, None, words, detail=None if detail is None else str(detail))
    )


def _words(texts: Iterable[str]) -> str:
    """Words, each with how often it was said."""
    counts = Counter(texts).most_common()
    return "、".join(f"{text} ×{count}" for text, count in counts[:_NAMED]) + (" …" if len(counts) > _NAMED else "")


# --- what does not count ---------------------------------------------------------------------------------------------


def _without_what_is_gone(reading: Reading, rows: list[Numbered], told: list[_Column]) -> list[Numbered]:
    """The lines without those of orders that were cancelled or given back whole, or are nothing bought."""
    gone: set[int] = set()
    called_off: set[int] = set()
    for one in told:
        said = _meanings(rows, one)
        out = {i for i, (_, meant) in enumerate(said) if meant in (GONE, NOT_BOUGHT)}
        out |= _of_the_same_orders(reading.table, rows, said, out)
        called_off |= {i for i in out if said[i][1] != NOT_BOUGHT}
        if new := out - gone:
            _report(reading, "orders_not_counted", one.at, (rows[i][0] for i in new), _words(said[i][0] or "—" for i in sorted(new)), len(new))  # fmt: skip
        gone |= out
    for one in told:
        doubtful = _doubtful(_meanings(rows, one), one.kind, gone)
        if doubtful:
            _report(reading, "orders_state_unclear", one.at, (rows[i][0] for i in doubtful), _words(doubtful.values()), len(doubtful))  # fmt: skip
    kept = [row for i, row in enumerate(rows) if i not in gone] if gone else rows
    if called_off:  # which orders go on takes a look at each line
        numbers = _numbers(reading.table, (rows[i] for i in called_off)) - _numbers(reading.table, kept)
        reading.called_off = tuple(sorted(numbers))
    return kept


def _numbers(table: Located, rows: Iterable[Numbered]) -> set[tuple[str, str]]:
    """The orders that some lines are of: customer and number, as they were typed."""
    number, customer = table.columns.get("order_no"), table.columns["customer_id"]
    if number is None:
        return set()
    return {(raw.text(row[customer]), raw.text(row[number])) for _, row in rows if row[number] != ""}


def _of_the_same_orders(
    table: Located, rows: Sequence[Numbered], said: Sequence[tuple[str, str | None]], out: set[int]
) -> set[int]:
    """The lines of which nothing is said, of orders another line of which is gone."""
    number, customer = table.columns.get("order_no"), table.columns["customer_id"]
    if number is None or not out:
        return set()
    orders = {(rows[i][1][customer], rows[i][1][number]) for i in out if rows[i][1][number] != ""}
    return {i for i, (_, row) in enumerate(rows) if not said[i][0] and (row[customer], row[number]) in orders}


def _doubtful(said: Sequence[tuple[str, str | None]], kind: str, gone: set[int]) -> dict[int, str]:
    """The lines whose words do not tell whether they count."""
    if kind == STATE:
        return {i: text for i, (text, meant) in enumerate(said) if text and meant in (None, OPEN) and i not in gone}
    return {i: text for i, (text, meant) in enumerate(said) if kind == SIDE and meant == OPEN and i not in gone}


def _returns_taken_off(reading: Reading, rows: list[Numbered], told: list[_Column]) -> list[Numbered]:
    """The lines, those of returns with their amounts below 0, where the list writes them all as if they had been bought."""
    table = reading.table
    amount = table.columns["amount"]
    for one in (one for one in told if one.kind == TYPE):
        said = _meanings(rows, one)
        back = [i for i, (_, meant) in enumerate(said) if meant == RETURN]
        if not back or any(_number(rows[i][1][amount]) < 0 for i in back):
            continue
        fields = ("amount",) if table.is_priced else ("amount", "quantity", "cost", "profit")
        places = [table.columns[name] for name in fields if name in table.columns]
        rows = list(rows)
        for i in back:
            number, row = rows[i]
            rows[i] = number, [_below_nothing(cell) if at in places else cell for at, cell in enumerate(row)]
        _report(reading, "orders_returned", one.at, (rows[i][0] for i in back), _words(said[i][0] for i in back), len(back))  # fmt: skip
    return rows


def _below_nothing(cell: object) -> object:
    """A figure with a minus; one that has it stays as it is."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return -abs(float(cell))
    if isinstance(cell, str) and _number(cell) > 0:
        return f"-{cell.strip()}"
    return cell


def _number(cell: object) -> float:
    """A number, or how many of its currency an amount is; NaN where a cell tells none."""
    found = raw.money(cell, Unit(UNITS["元"]))[0] if cell != "" else None
    return math.nan if found is None else found / UNITS["元"]


# --- the total of an order ---------------------------------------------------------------------------------------------


def _order_totals_once(reading: Reading, rows: list[Numbered]) -> list[Numbered]:
    """The lines, each order's total on its first one alone, where the amounts are the orders' and no line's."""
    table = reading.table
    number, at = table.columns.get("order_no"), table.columns["amount"]
    if number is None or table.is_priced:
        return rows
    header = table.header.texts[at]
    several, alike = _orders_of_several_lines(rows, table.columns["customer_id"], number, at)
    whole = order_words.is_of_whole_order(header)
    perhaps = whole or order_words.may_be_of_whole_order(header)
    if not several:
        return rows
    by_price = _by_price(table, rows, several)
    blank = [all(rows[i][1][at] == "" for i in lines[1:]) for lines in several]
    once = alike and all(blank) and (perhaps or len(several) > 1)
    whole |= perhaps and len(several) >= _SEVERAL  # one order of two equal lines is chance
    once |= alike and not any(blank) and by_price != _LINES and (whole or by_price == _ORDERS)
    if not once and (by_price == _LINES or any(blank) or len(several) < _SEVERAL or not (alike or whole)):
        return rows
    code = "order_totals_once" if once else "order_totals_perhaps"
    about = (table.sheet.name, table.header_cell(at), named(ORDERS.kind, "amount"), header)
    reading.findings.append(Finding(code, *about, detail=str(len(several))))
    return _once(reading, rows, several, at) if once else rows


def _orders_of_several_lines(
    rows: Sequence[Numbered], customer: int, number: int, at: int
) -> tuple[list[list[int]], bool]:
    """The lines of each order of several that all say one amount, or the first alone one; down to an order of which that is not so."""
    first: dict[object, int] = {}
    several: dict[int, list[int]] = {}
    for i, (_, row) in enumerate(rows):
        if row[number] == "":
            continue
        other = first.setdefault(row[number], i)
        if other == i or rows[other][1][customer] != row[customer]:
            continue
        told, lines = rows[other][1][at], several.setdefault(other, [other])
        if told == "" or row[at] not in (told, "") or (len(lines) > 1 and row[at] != rows[lines[-1]][1][at]):
            del several[other]
            return [*several.values()], False
        lines.append(i)
    return [*several.values()], True


#: What prices and quantities say of the amounts beside them: they are the lines', or the orders'; "" where they tell neither.
_LINES, _ORDERS = "lines", "orders"


def _by_price(table: Located, rows: Sequence[Numbered], several: list[list[int]]) -> str:
    prices = [at for at in table.others if is_price(table.header.texts[at])]
    quantity, amount = table.columns.get("quantity"), table.columns["amount"]
    if quantity is None or len(prices) != 1:
        return ""

    def worth(i: int) -> float:
        return _number(rows[i][1][prices[0]]) * _number(rows[i][1][quantity])

    every = [
        ([worth(i) for i in lines], [_number(rows[i][1][amount]) for i in lines]) for lines in several[:_LOOKED_AT]
    ]
    if any(all(_same(*pair) for pair in zip(*one, strict=True)) for one in every):
        return _LINES
    return _ORDERS if all(_same(sum(worths), told[0]) for worths, told in every) else ""


#: So many orders tell what the amounts are.
_LOOKED_AT = 200


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _CENT


def _once(reading: Reading, rows: list[Numbered], several: list[list[int]], at: int) -> list[Numbered]:
    """The lines, of each order the first with its amount and the others with none of their own."""
    rows = list(rows)
    for i in (i for lines in several for i in lines[1:]):
        number, row = rows[i]
        if row[at] != "":
            reading.keep_text(i, "amount", row[at])
        rows[i] = number, [0.0 if place == at else cell for place, cell in enumerate(row)]
    return rows


# --- lines that go on with the order above -------------------------------------------------------------------------------


def continued(reading: Reading, region: list[list], start: int) -> list[list]:
    """The rows below the header, the first of which is number `start` + 1; a line that leaves blank whose order it is of is the one's above.

    It names what was bought; its number and day are blank too, or its number is the one above.
    """
    table = reading.table
    key, product, day, number = (
        table.columns.get(name) for name in ("customer_id", "product", "ordered_on", "order_no")
    )
    if key is None or product is None or day is None or not any(_is_blank(row, key) for row in region):
        return region
    again = [key, day, *[at for at in (number, table.columns.get("currency")) if at is not None]]
    again += [one.at for one in told_of(table)]
    again += [
        at for at, text in enumerate(table.header.texts) if at not in table.columns.values() and is_customers_name(text)
    ]
    found, above, gone_on = [], None, []
    for place, row in enumerate(region, start + 1):
        if above is not None and _is_blank(row, key) and _goes_on(row, above, product, day, number):
            row = [above[at] if at in again and cell == "" else cell for at, cell in enumerate(row)]  # noqa: PLW2901
            gone_on.append(place)
        above = row if not _is_blank(row, key) and not any(map(_is_total, row)) else None
        found.append(row)
    if gone_on:
        _report(reading, "order_lines_continued", key, gone_on, str(len(gone_on)))
    return found


def _is_blank(row: list, at: int) -> bool:
    return at >= len(row) or row[at] == ""


def _goes_on(row: list, above: list, product: int, day: int, number: int | None) -> bool:
    if type(row[product]) is not str or not row[product].strip() or any(map(_is_total, row)):
        return False
    of_number = number is not None and row[number] != "" and row[number] == above[number]
    blank = row[day] == "" and (number is None or row[number] == "")
    return blank or (of_number and row[day] in ("", above[day]))


def _is_total(cell: object) -> bool:
    return type(cell) is str and may_be_total(cell)
