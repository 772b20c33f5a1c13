"""A list on its way into a team's workbook: what its columns hold once people have answered, and its rows for the template.

No typed cell is lost or altered on the way: what the template has no column for stands behind its columns, under its own
header. Only an amount whose unit is known is written in 万元, the unit of the template's column, or with its currency in full, and an
ID as it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kam_xl.core import currencies, customs, raw
from kam_xl.core.amounts import UNITS, Unit, is_foreign, names_unit, unit_of
from kam_xl.core.books import Book, CellError, Priced
from kam_xl.core.column_looks import Glance, glance
from kam_xl.core.figure_cleaners import with_unit
from kam_xl.core.guesses import ASKS, Guess
from kam_xl.core.headings import SELLER
from kam_xl.core.ids import is_damaged, made_of
from kam_xl.core.intake import AdoptedList, Holding, holding
from kam_xl.core.located import Located
from kam_xl.core.numbers import money_text
from kam_xl.core.reading import Reading
from kam_xl.core.sheets import INFO
from kam_xl.core.texts import heading
from kam_xl.core.typed_tables import kept_rows
from kam_xl.core.understanding import Looked, Understood

#: An answer that keeps a column as it is.
KEEP = "-"


class Unanswerable(NamedTuple):
    """An answer that says nothing: a key of ``words/intake.toml``, and what was said."""

    key: str
    said: str


@dataclass(frozen=True)
class Answers:
    """What people said of a list's columns: header or letter → what it holds, None for a column to keep as it is."""

    columns: Mapping[str, Holding | None]
    by_name: bool = False


def answers(said: Sequence[str], looked: Looked, *, by_name: bool = False) -> Answers | Unanswerable:
    """``客户编码=customer_id`` and the like, of columns that the list has."""
    found: dict[str, Holding | None] = {}
    for one in said:
        column, parted, value = one.rpartition("=")
        meant = holding(value.strip()) if parted else None
        if not parted or (meant is None and value.strip() != KEEP):
            return Unanswerable("bad_map", one)
        if not any(_is(guess, column.strip()) for guess in looked.guesses):
            return Unanswerable("no_column", column.strip())
        found[column.strip()] = meant
    return Answers(found, by_name)


def _is(guess: Guess, column: str) -> bool:
    """True for the column that people mean by its header, or by its letter."""
    said = heading(column)
    by_header = column != "" and (guess.header == column or (said != "" and heading(guess.header) == said))
    return by_header or (guess.letter == column.upper() and column.isascii())


def holds_names(looked: Looked, said: Answers, column: str) -> bool:
    """True for the column that is taken for the customers' names."""
    found = settled(looked, said)
    return any(_is(guess, column) and guess.at in found and found[guess.at].field == "name" for guess in looked.guesses)


def settled(looked: Looked, said: Answers) -> dict[int, Holding]:
    """Position → what its column holds: as people said, else as it is taken for unless that is a question."""
    told = {g.at: meant for column, meant in said.columns.items() for g in looked.guesses if _is(g, column)}
    taken = {meant.field for meant in told.values() if meant}
    found = {at: meant for at, meant in told.items() if meant}
    for guess in looked.guesses:
        if guess.at not in told and guess.target and guess.sureness != ASKS and guess.field not in taken:
            found[guess.at] = guess.target
    if said.by_name:
        found = {at: meant for at, meant in found.items() if meant.field != "customer_id"}
    return dict(sorted(found.items()))


def open_questions(looked: Looked, said: Answers) -> tuple[str, ...]:
    """What still only people know: ``id``, ``name``, ``unit``."""
    found = settled(looked, said)
    fields = {meant.field for meant in found.values()}
    no_ids = "customer_id" not in fields or _ids_are_damaged(looked, found, said)
    asked = [("id", no_ids and not said.by_name), ("name", "name" not in fields)]
    units = any(
        meant.field == "amount"
        and not meant.unit
        and not names_unit(_header(looked, at))
        and not _unit_above(looked, at)
        and not _units_in_cells(looked, at)
        for at, meant in found.items()
    )
    return (*(key for key, is_open in asked if is_open), *(["unit"] if units else []))


#: Shares of cells that look like a field, and of those that say what no other says.
_MOST, _VARIED = 0.6, 0.3
#: Fields that tell a risk, which a list may hold under a header that says less → whether cells look like such.
_LOOKING_LIKE: dict[str, Callable[[Glance], bool]] = {
    "amount": lambda look: look.numbers >= _MOST and look.unlike >= _VARIED and not look.counts_rows,
    "last_deal": lambda look: look.days >= _MOST,
}


def may_hold(looked: Looked, said: Answers) -> dict[str, tuple[Guess, ...]]:
    """Fields that no column was taken for → the columns that nobody spoke of, kept as they are, whose cells look like it.

    None are told before it is settled which columns hold IDs and names.
    """
    if {"id", "name"} & {*open_questions(looked, said)}:
        return {}
    found = settled(looked, said)
    rows = kept_rows(Reading(looked.table(found, by_name=said.by_name), date1904=False))
    told = {guess.at for column in said.columns for guess in looked.guesses if _is(guess, column)}
    left = [guess for guess in looked.guesses if guess.at not in found.keys() | told]
    looks = {guess: glance([row[guess.at] if guess.at < len(row) else "" for row in rows]) for guess in left}
    lacking = {*_LOOKING_LIKE} - {meant.field for meant in found.values()}
    like = {field: tuple(one for one in left if alike(looks[one])) for field, alike in _LOOKING_LIKE.items()}
    return {field: columns for field, columns in like.items() if field in lacking and columns}


def _ids_are_damaged(looked: Looked, found: Mapping[int, Holding], said: Answers) -> bool:
    """True where nobody named the column of IDs, and a spreadsheet spoilt most of those in it: they tell nobody apart."""
    at = next(at for at, meant in found.items() if meant.field == "customer_id")
    if any(_is(guess, column) for column in said.columns for guess in looked.guesses if guess.at == at):
        return False
    rows = looked.sheet.rows[looked.header.row + 1 :] if looked.header else []
    ids = [row[at] for row in rows if len(row) > at and row[at] != ""]
    return 2 * sum(map(is_damaged, ids)) > len(ids)


def _header(looked: Looked, at: int) -> str:
    return looked.header.texts[at] if looked.header else ""


def _unit_above(looked: Looked, at: int) -> bool:
    """True where a line above the list names the unit of all its amounts."""
    return names_unit(with_unit(looked.table({at: Holding("amount")}), _header(looked, at)))


def _units_in_cells(looked: Looked, at: int) -> bool:
    """True where every amount names its own unit: 520万, 1.2亿."""
    rows = looked.sheet.rows[looked.header.row + 1 :] if looked.header else []
    amounts = [row[at] for row in rows if len(row) > at and raw.money(row[at])[0] is not None]
    return bool(amounts) and all(_names_its_unit(cell) for cell in amounts)


def _names_its_unit(cell: object) -> bool:
    return type(cell) is Priced or (type(cell) is str and raw.money(cell, Unit(None))[0] is not None)


def adopted(looked: Looked, said: Answers, file: str, workbook: str) -> AdoptedList:
    """What is remembered of the list."""
    headers = looked.header.texts if looked.header else ()
    columns = {headers[at]: meant for at, meant in settled(looked, said).items()}
    return AdoptedList(file, workbook, tuple(text for text in headers if text), columns, said.by_name)


# --- the rows ------------------------------------------------------------------------------------------------------------

Row = dict[str, object]


@dataclass(frozen=True)
class Moved:
    """A list as the template takes it: customers by field, what stands behind its columns by header, and rows left out."""

    rows: list[Row]
    others: list[dict[str, object]]
    left_out: int

    @property
    def headers(self) -> list[str]:
        """The headers behind the template's own, in their order."""
        return list(dict.fromkeys(header for row in self.others for header in row))


def moved(book: Book, found: Understood, said: Answers, language: str) -> Moved:
    """Every customer of the list, from all sheets that are headed alike."""
    rows: list[Row] = []
    others: list[dict[str, object]] = []
    left_out = 0
    for part in found.parts:
        reading = Reading(part.table(_same(found, part, said), by_name=said.by_name), book.date1904)
        kept = kept_rows(reading)
        left_out += len(reading.findings)
        kept = customs.settled(reading, kept)
        beside = _beside(reading.table, language)
        for row in kept:
            rows.append(_fields(reading, row))
            taken = reading.table.columns["amount"] if "amount" in rows[-1] else None
            others.append({header: plain(row[at]) for at, header in beside.items() if row[at] != "" and at != taken})
    return Moved(rows, others, left_out)


def _same(found: Understood, part: Looked, said: Answers) -> dict[int, Holding]:
    """What was settled of the first sheet, by the headers of another."""
    first = found.customers
    if first is None or first is part or first.header is None or part.header is None:
        return settled(part, said)
    meant = {heading(first.header.texts[at]): one for at, one in settled(first, said).items()}
    return {at: meant[heading(text)] for at, text in enumerate(part.header.texts) if heading(text) in meant}


#: The columns that the template lacks though they are known, and with them those that are not moved cell by cell.
_BROUGHT = {column.field for column in INFO.columns if column.brought}
_APART = _BROUGHT | {"amount"}


def _beside(table: Located, language: str) -> dict[int, str]:
    """Position → header of the columns that the template lacks, each once; amounts in no known unit are among them."""
    own = {column.header(language) for column in INFO.written}
    left = _BROUGHT | ({"amount"} if _unit(table).factor is None else set())
    called = {table.columns.get(SELLER): INFO.column(SELLER).header(language)}
    taken = {at for field, at in table.columns.items() if field not in left}
    found: dict[int, str] = {}
    width = max((len(row) for row in table.sheet.rows), default=0)
    for at in range(width):
        text = called.get(at) or (table.header.texts[at] if at < len(table.header.texts) else "")
        if at not in taken and (
            text or any(len(row) > at and row[at] != "" for row in table.sheet.rows[table.header_row + 1 :])
        ):
            found[at] = _apart(text or f"（{_letter(at)}）", own | set(found.values()))
    return found


def _letter(at: int) -> str:
    return Guess(at, "").letter


def _apart(header: str, taken: set[str]) -> str:
    """A header that no other column has, for a table of Excel's has each once, in whatever case."""
    low, number, name = {text.casefold() for text in taken}, 1, header
    while name.casefold() in low:
        number += 1
        name = f"{header} {number}"
    return name


def _unit(table: Located) -> Unit:
    """What the list's amounts are in; without a factor where nobody says."""
    at = table.columns.get("amount")
    header = with_unit(table, table.header.texts[at]) if at is not None else ""
    return unit_of(header, None)


def _fields(reading: Reading, row: list) -> Row:
    table = reading.table
    unit = _unit(table)
    found: Row = {}
    for field, at in table.columns.items():
        if row[at] != "" and field not in _APART:
            found[field] = _cell(field, row[at], date1904=reading.date1904)
    there = {field: row[at] for field, at in table.columns.items() if field in ("amount", "currency")}
    amount = there.get("amount", "")
    if amount != "" and (unit.factor is not None or _names_its_unit(amount)):
        found["amount"] = _amount(amount, unit, there.get("currency", ""))
    if table.by_name:
        found["customer_id"] = made_of(raw.text(row[table.columns["name"]]))
    return found


def _amount(cell: object, unit: Unit, beside: object) -> object:
    """An amount in 万元, or one in another currency as people write it; as it was typed where it is not known which."""
    shown = cell.currency if isinstance(cell, Priced) else None
    number, said, _ = raw.money(cell, Unit(UNITS["元"]) if shown and unit.factor is None else unit)
    header = unit.currency if is_foreign(unit.currency) else None
    told = {said or shown or header, *currencies.named(raw.text(beside))[:1]} - {None}
    if number is None or len(told) > 1:
        return cell
    foreign = next(filter(is_foreign, told), None)
    return f"{money_text(number)} {foreign}" if foreign else number


def _cell(field: str, cell: object, *, date1904: bool) -> object:
    """What stands in the template for a typed cell: the same, but for what is said at the top."""
    kind = INFO.column(field).kind
    if kind == "id":
        return cell if is_damaged(cell) else raw.text(cell)
    if kind == "date" and isinstance(cell, int | float):
        day = raw.day(cell, date1904)[0]
        return cell if day is None else day
    if kind == "date" or (kind == "size" and type(cell) in (int, float)):
        return cell
    return plain(cell)


def plain(cell: object) -> object:
    """A cell as it stands below a column of texts: as it is shown, but for plain numbers, which stay numbers."""
    return cell if type(cell) in (int, float) else raw.text(cell) if not isinstance(cell, CellError) else str(cell)
