"""What a workbook that is none of ours holds: which sheet lists customers, below which header, which column is what.

A list is understood, not matched: titles above, two rows of headers, totals and page numbers below, several sheets of
one kind. What is sure is read by the nightly job; what only people know is a question of `kam-xl adopt`.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kam_xl.core import headings
from kam_xl.core.books import Book, RawSheet
from kam_xl.core.column_looks import Glance, glance
from kam_xl.core.findings import Finding
from kam_xl.core.guesses import ASKS, SURE, Guess, guesses, unit_is_open
from kam_xl.core.headers import ENOUGH, Header
from kam_xl.core.ids import is_damaged
from kam_xl.core.intake import Holding, Intake, Program, program_of
from kam_xl.core.located import Located, mapped, tables_in
from kam_xl.core.locating import without_product
from kam_xl.core.privacy import masked
from kam_xl.core.raw import text as shown
from kam_xl.core.rows import sort_out
from kam_xl.core.sheets import INFO, ORDERS, named
from kam_xl.core.texts import heading

#: What a sheet may look like: a list of customers, records of which a customer has several, orders without what orders
#: must have, orders, one of our own sheets, a list of something else, a table that begins without headers, or nothing.
LOOKS = ("customers", "records", "orders", "order_lines", "standard", "other", "no_header", "empty")
#: Headers are looked for so far down, in so many places; rows below tell what a column holds.
DEPTH, _PLACES, _ROWS = 60, 5, 400
#: A header names at least two columns, and so much of its row is text; of more columns nobody keeps a list.
_LEAST, _TEXT, _WIDEST = 2, 0.8, 256
#: Of a list of customers this part of the IDs differ.
_APART = 0.9


@dataclass(frozen=True)
class Looked:
    """One sheet as it looks: what it lists, where its header stands, what each column is taken for."""

    sheet: RawSheet
    looks: str
    header: Header | None = None
    guesses: tuple[Guess, ...] = ()
    program: Program | None = None

    def column(self, field: str) -> Guess | None:
        """The column that is taken for a field."""
        return next((one for one in self.guesses if one.field == field), None)

    @property
    def weight(self) -> int:
        """By how much it is a list of customers: fields that are known, the required ones first."""
        known = {one.field for one in self.guesses} - {None}
        return 100 * len(known & {"customer_id", "name"}) + len(known)

    @property
    def folded(self) -> frozenset[str]:
        """What its headers say."""
        return frozenset(heading(text) for text in (self.header.texts if self.header else ())) - {""}

    def table(self, targets: Mapping[int, Holding], *, by_name: bool = False) -> Located:
        """Its customers, by what its columns hold."""
        if self.header is None:
            raise ValueError("a sheet without a header has no table")
        return mapped(self.sheet, self.header, targets, by_name=by_name)


@dataclass(frozen=True)
class Understood:
    """All sheets of a workbook as they look; the customers stand in one of them and in those with the same headers."""

    sheets: tuple[Looked, ...]

    @property
    def customers(self) -> Looked | None:
        """The sheet that is most like a list of customers."""
        found = [one for one in self.sheets if one.looks == "customers"]
        return max(found, key=lambda one: (not one.sheet.hidden, one.weight), default=None)

    @property
    def parts(self) -> tuple[Looked, ...]:
        """All sheets of the customers: those that are headed alike and hidden as little."""
        best = self.customers
        if best is None:
            return ()
        alike = (one for one in self.sheets if one.folded == best.folded and one.sheet.hidden == best.sheet.hidden)
        return tuple(one for one in alike if one.header)

    @property
    def sure(self) -> bool:
        """True where ID and name are known beyond doubt, so that nobody need be asked."""
        best = self.customers
        needed = [best.column(field) for field in ("customer_id", "name")] if best else [None]
        return all(one is not None and one.sureness == SURE for one in needed)

    @property
    def questions(self) -> tuple[str, ...]:
        """What only people know: ``id``, ``name``, ``unit``."""
        best = self.customers
        if best is None:
            return ()
        one, name = best.column("customer_id"), best.column("name")
        asked = [("id", one is None or one.sureness == ASKS), ("name", name is None or name.sureness == ASKS)]
        return (
            *(key for key, is_open in asked if is_open),
            *(["unit"] if any(map(unit_is_open, best.guesses)) else []),
        )

    def tables(self) -> dict[str, Located]:
        """The customers' sheets by name, as far as what their columns hold is known beyond doubt."""
        return {
            one.sheet.name: one.table({g.at: g.target for g in one.guesses if g.target and g.sureness == SURE})
            for one in self.parts
        }


def understand(book: Book, intake: Intake) -> Understood:
    """What the sheets of a workbook look like."""
    return Understood(tuple(_looked(sheet, intake) for sheet in without_product(book)))


def _looked(sheet: RawSheet, intake: Intake) -> Looked:
    rows = sheet.rows
    if not any(row.count("") < len(row) for row in rows):
        return Looked(sheet, "empty")
    if ours := [table for table in tables_in(sheet, {}) if table.kind != "info"]:
        looks = "order_lines" if ours[0].kind == ORDERS.kind else "standard"
        return dataclasses.replace(_read(sheet, ours[0].header, intake), looks=looks)
    found = [_read(sheet, header, intake) for header in places(rows)]
    if not found:
        return Looked(sheet, "other")
    best = max(found, key=lambda one: (one.weight, one.header.row == one.header.top if one.header else 0))
    looks = _looks(best)
    return dataclasses.replace(best, looks="orders" if looks in ("records", "other") and _lacks(best) else looks)


#: What orders cannot be read without; a list with their numbers and all but one of these looks like orders.
_NEEDED = ("customer_id", "ordered_on", "amount")


def _lacks(found: Looked) -> list[str]:
    """What a list lacks that looks like orders and cannot be read as such; of any other list nothing."""
    texts = found.header.texts if found.header else ()
    fields = headings.fields(texts, ORDERS.kind)
    lacking = [field for field in _NEEDED if field not in fields]
    if headings.name_suppliers(texts):  # what is bought of them is no customer's order
        return []
    return lacking if len(lacking) == 1 and "order_no" in fields else []


def _read(sheet: RawSheet, header: Header, intake: Intake) -> Looked:
    program = program_of(header.texts, intake.programs)
    return Looked(
        sheet, "customers", header, guesses(header.texts, _looks_below(sheet.rows, header), intake, program), program
    )


def _looks_below(rows: Sequence[list], header: Header) -> list[Glance]:
    """What the columns below a header look like; lines of one cell are titles and notes."""
    below = [row for row in itertools.islice(rows, header.row + 1, None) if len(row) - row.count("") > 1]
    below = below[:_ROWS]
    return [glance([row[at] if at < len(row) else "" for row in below]) for at in range(len(header.texts))]


def _looks(found: Looked) -> str:
    """What a sheet lists, once its columns are understood."""
    header, name = found.header, found.sheet.name
    if header is None or _holds_data(found):
        return "no_header"
    one = found.column("customer_id")
    if found.column("name") is None and (one is None or one.sureness != SURE):
        return "other"
    if not _of_customers(found, header, name):
        return "other"
    return "records" if one is not None and _again_and_again(found, one) else "customers"


def _of_customers(found: Looked, header: Header, name: str) -> bool:
    """True unless the headers, and the sheet's name and title, speak rather of goods, orders, suppliers, staff."""
    if headings.entitles_something_else(found.sheet.rows[: header.top]):
        return False
    other = headings.of_something_else(header.texts, name)
    if headings.speak_of_customers(header.texts, name):
        return not other or sum(one.field is not None for one in found.guesses) >= ENOUGH
    names = found.column("name")
    by_look = names is not None and any(reason.key == "looks_name" for reason in names.reasons)
    return not other and (found.program is not None or by_look)


def _again_and_again(found: Looked, one: Guess) -> bool:
    """True for a list that names the same customers again and again: orders, visits; damaged IDs are like no other."""
    table = found.table({one.at: Holding("customer_id")})
    start = table.header_row + 1
    region = [row for row in table.sheet.rows[start : table.end] if len(row) > one.at]
    kept = sort_out(region, start, "info", table.columns, table.header.texts).kept
    held = [
        (number if is_damaged(row[one.at]) else shown(row[one.at]).strip()) for number, row in kept if row[one.at] != ""
    ]
    return len(held) > _LEAST and len(set(held)) < _APART * len(held)


def _holds_data(found: Looked) -> bool:
    """True for a header whose texts look like the cells below: the table begins with its first customer."""
    if found.header is None or any(reason.key in _WORDS for one in found.guesses for reason in one.reasons):
        return False
    looks = _looks_below(found.sheet.rows, found.header)
    own = [glance([text]) for text in found.header.texts]
    pairs = [(a, b) for a, b in zip(own, looks, strict=True) if a.held and b.tells]
    like = [a for a, b in pairs if (a.companies and b.companies > _APART) or (a.phones and b.phones > _APART)]
    return bool(like) or any(a.ids and b.ids > _APART and b.unlike > _APART for a, b in pairs)


_WORDS = ("own_word", "program", "word", "near")


# --- what is told -------------------------------------------------------------------------------------------------------

#: So many headers of a list that cannot be used are named.
_NAMED = 12


def told(found: Understood) -> str:
    """What a workbook without a sheet to use has, for `Refused` to carry into any language: parted by tabs, lists by commas.

    Its sheet, what that looks like, the fields known and the fields missing, and the headers seen; blank where it has none.
    """
    shown_ones = [one for one in found.sheets if one.header and one.looks != "empty"]
    best = found.customers or max(shown_ones, key=lambda one: one.weight, default=None)
    if best is None or best.header is None:
        return ""
    fields = [field for field in INFO.fields if best.column(field)]
    missing = [column.field for column in INFO.columns if column.required and column.field not in fields]
    if best.looks == "orders":
        known = headings.fields(best.header.texts, ORDERS.kind)
        fields = [named(ORDERS.kind, field) for field in ORDERS.fields if field in known]
        missing = [named(ORDERS.kind, field) for field in _lacks(best)]
    headers = [" ".join(text.split()) for text in best.header.texts if text.strip()]
    seen = masked(", ".join(headers[:_NAMED]) + (" …" if len(headers) > _NAMED else ""))  # they may be a row of data
    return "\t".join((best.sheet.name, best.looks, ",".join(fields), ",".join(missing), seen))


def read_as(table: Located) -> Finding:
    """That a sheet was understood, though nobody had adopted it, and which of its columns were read."""
    names = "、".join(table.header.texts[at] for at in table.columns.values())
    return Finding("list_understood", table.sheet.name, f"A{table.header_row + 1}", typed_value=names)


# --- where headers may stand ------------------------------------------------------------------------------------------


def places(rows: Sequence[list]) -> list[Header]:
    """The rows that may be a list's header, alone or as two: the likeliest few, from the top down."""
    found = [header for number in range(min(len(rows), DEPTH)) for header in headers_at(rows, number)]
    ranked = sorted(found, key=lambda one: (-_known(one), -sum(map(bool, one.texts)), one.row))
    return sorted(ranked[:_PLACES], key=lambda one: (one.row, one.top))


def _known(header: Header) -> int:
    return len(headings.fields(header.texts, "info"))


def headers_at(rows: Sequence[list], number: int) -> Iterator[Header]:
    """The header in a row, and that of two rows where the upper one groups columns of the lower."""
    row = rows[number][:_WIDEST]
    held = [cell for cell in row if cell != ""]
    if len(held) < _LEAST or sum(type(cell) is str for cell in held) < _TEXT * len(held):
        return
    texts = tuple(shown(cell).strip() for cell in row)
    yield Header(number, number, texts)
    below = rows[number + 1][:_WIDEST] if number + 1 < len(rows) else []
    if joined := _joined(texts, below):
        yield Header(number, number + 1, joined)


def _joined(upper: tuple[str, ...], below: list) -> tuple[str, ...] | None:
    """Two rows as one header: in the upper one a group stands over the columns to its right that it leaves blank."""
    width = max(len(upper), len(below))
    lower = [shown(cell).strip() if type(cell) is str else "" for cell in below] + [""] * (width - len(below))
    upper = (*upper, *[""] * (width - len(upper)))
    grouped = [i for i in range(1, width) if not upper[i] and lower[i] and upper[i - 1]]
    if not grouped or any(type(cell) is not str for cell in below):
        return None
    texts, group = [], ""
    for above, own in zip(upper, lower, strict=True):
        group = above or (group if own else "")
        texts.append(_name(group, own) if own else above)
    return tuple(texts)


def _name(group: str, own: str) -> str:
    """What a column is called below a group: by what of the two is known, else by both."""
    tried = (f"{group} {own}".strip(), f"{own} {group}".strip(), own)
    return next((text for text in tried if headings.field_of("info", text)), tried[0])
