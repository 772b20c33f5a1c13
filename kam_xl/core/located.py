"""The tables in one sheet: which kind each header announces, which column holds which field, where its rows end (§2, §12)."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kam_xl.core import headings
from kam_xl.core.amounts import names_unit
from kam_xl.core.books import Book, RawSheet, letter
from kam_xl.core.headers import ENOUGH, ENOUGH_WITH_NAME, Header, headers_in
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.intake import Holding
from kam_xl.core.sheets import BY_KIND, OPTIONAL, ORDERS, STANDARD, Sheet
from kam_xl.core.texts import essence, heading

#: Of a list known by its headers alone, at least this part of the IDs differ; of one of bare IDs and names, more.
_APART, _BARE_APART = 0.5, 0.9


@dataclass(frozen=True, eq=False)
class Located:
    """One table of a known kind in one sheet: its header row, which column holds which field, where its rows end."""

    kind: str
    sheet: RawSheet  # blank outside the table's columns, where another one stands beside it
    header: Header
    columns: dict[str, int]
    end: int  # first row that no longer belongs to it
    right: int  # how strong its claim is, see `_claim`
    repeated: tuple[int, ...] = ()  # columns whose header names a field that another column holds already
    others: tuple[int, ...] = ()  # columns with an unknown header, be it a number
    rather: str | None = None  # the kind of optional sheet whose name or headers it has rather than its own kind's
    native: bool = False  # whether it is a native table of our name
    bare: bool = False  # customers known by little more than the headers of their IDs and names
    further: tuple[Located, ...] = ()  # what stands elsewhere in the workbook under the same headers: one table with it
    agreed: bool = False  # what its columns hold was agreed on, so that no header is news

    @property
    def header_row(self) -> int:
        """The row above the first row of data."""
        return self.header.row

    @property
    def by_name(self) -> bool:
        """True where the customers' IDs are made of their names, for want of any other."""
        return self.kind == "info" and self.columns.get("customer_id", -1) == self.columns.get("name")

    @property
    def parts(self) -> tuple[Located, ...]:
        """All places of the table."""
        return (self, *self.further)

    @functools.cached_property
    def is_priced(self) -> bool:
        """True for lines of orders whose amount is read of the price of one, for want of a column that tells it."""
        at = self.columns.get("amount") if self.kind == ORDERS.kind else None
        return at is not None and headings.is_price(self.header.texts[at])

    @functools.cached_property
    def discount(self) -> int | None:
        """The column of what is taken off such a price."""
        off = (i for i in self.others if headings.is_discount(self.header.texts[i]))
        return next(off, None) if self.is_priced else None

    @functools.cached_property
    def letters(self) -> dict[str, str]:
        """Field → letter of its column."""
        return {field: letter(column) for field, column in self.columns.items()}

    def header_cell(self, column: int) -> str:
        """Where a column's header stands: ``D2``."""
        return f"{letter(column)}{self.header.at(column, self.sheet.rows) + 1}"

    def has_row(self, sheet: str, number: int) -> bool:
        """True for a row, counted from 1, of this place of the table."""
        return sheet == self.sheet.name and self.header_row + 1 < number <= self.end


def tables_in(sheet: RawSheet, native: dict[int, str]) -> list[Located]:
    """Every table of a known kind in one sheet, from the top down; `native` maps header rows of our native tables."""
    found: list[tuple[Header, str, str | None]] = []
    for header in headers_in(sheet.rows, [*native]):
        kind, rather = _reading(header.texts, sheet.name, native.get(header.row))
        if kind == "info" and not found and headings.entitles_something_else(sheet.rows[: header.top]):
            kind = None
        above = next(((one, known) for one, known, _ in reversed(found) if one.left == header.left), None)
        if kind and (above is None or kind != above[1] or _moves_columns(kind, header.texts, above[0].texts)):
            found.append((header, kind, rather))
    headers = [header for header, _, _ in found]
    tables = (
        table_of(
            _strip(sheet, header, headers), header, kind, _end(header, headers, sheet), native.get(header.row), rather
        )
        for header, kind, rather in found
    )
    read = ((table, table if table.native or _tells_customers_apart(table) else _of_records(table)) for table in tables)
    return [table for _, table in read if table]


def _of_records(table: Located) -> Located | None:
    """A list that names the same customers again and again as the optional sheet it looks like: orders."""
    if table.rather is None:
        return None
    return table_of(table.sheet, table.header, table.rather, table.end, None, None)


def _end(header: Header, headers: list[Header], sheet: RawSheet) -> int:
    """Where a table ends: at the next header that does not stand beside it, or with the sheet."""
    return min(
        (one.top for one in headers if one.top > header.row and one.left <= header.left), default=len(sheet.rows)
    )


def _strip(sheet: RawSheet, header: Header, headers: list[Header]) -> RawSheet:
    """The sheet as the header's table sees it: without the columns of tables beside it."""
    end = _end(header, headers, sheet)
    beside = (
        one.left
        for one in headers
        if one.left > header.left and one.top < end and _end(one, headers, sheet) > header.top
    )
    right = min(beside, default=None)
    if right is None and not header.left:
        return sheet
    rows = [
        [cell if i >= header.left and (right is None or i < right) else "" for i, cell in enumerate(row)]
        for row in sheet.rows
    ]
    links = {at: link for at, link in sheet.links.items() if at[1] >= header.left and (right is None or at[1] < right)}
    return dataclasses.replace(sheet, rows=rows, links=links)


def _moves_columns(kind: str, row: Sequence[str], header: Sequence[str]) -> bool:
    """False for a header repeated within its table, True for one under which a column means something else."""
    now, before = ([headings.field_of(kind, text) for text in texts] for texts in (row, header))
    is_header = BY_KIND[kind].key in now and len(set(now) - {None}) >= ENOUGH  # or else it is data that looks like one
    return is_header and any(field not in (None, known) for field, known in zip(now, before, strict=True))


@functools.cache
def kinds_by_table() -> dict[str, str]:
    """Folded name of a native table of ours → its kind."""
    return {sheet.table.casefold(): sheet.kind for sheet in BY_KIND.values()}


def _reading(texts: Sequence[str], name: str, native: str | None) -> tuple[str | None, str | None]:
    """The kind of table a header announces, and the kind of optional sheet it may be rather than that.

    A native table is what its name says. An optional sheet's name decides unless the row has more headers of a standard
    sheet; more headers of an optional sheet make a standard one doubtful, for its customers must not be lost. Documents
    with their number and day are no customers.
    """
    hint = native or kind_of_sheet(name)
    standard, optional = (_kind_of(texts, name, hint, sheets) for sheets in (STANDARD, OPTIONAL))
    if optional == ORDERS.kind and hint != optional and headings.names_other_money(name):
        optional = None
    if not (standard and optional) or native == standard:
        return standard or optional or _bare(texts, name), None
    if native == optional or (optional == ORDERS.kind and headings.fields(texts, optional) >= _DOCUMENT):
        return optional, None
    more = _count(texts, optional) - _count(texts, standard)
    if hint == optional and more >= 0:
        return optional, None
    likely = hint == optional or (more > 0 and BY_KIND[optional].key in headings.fields(texts, optional))
    return standard, optional if likely else None


def _count(texts: Sequence[str], kind: str) -> int:
    """How many fields of a kind a row has headers of that tell of it."""
    return len(headings.fields(texts, kind) - {headings.SELLER})


def _kind_of(texts: Sequence[str], name: str, hint: str | None, sheets: tuple[Sheet, ...]) -> str | None:
    """Which of the sheets a header announces; a hint from a name settles ties and lowers what is enough."""
    counts = Counter({sheet.kind: _count(texts, sheet.kind) for sheet in sheets if _announced(texts, sheet)})
    (kind, most), (_, second) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    if hint and counts[hint] >= ENOUGH_WITH_NAME and counts[hint] == most:
        return hint
    if most < ENOUGH or most == second:
        return None
    if kind == "info":
        return kind if headings.speak_of_customers(texts, name) else None
    return kind if sheets is STANDARD or headings.names_key(texts, kind) else None


def _announced(texts: Sequence[str], sheet: Sheet) -> bool:
    """False where headers lack what such a sheet cannot be told without."""
    return not sheet.told_by or headings.fields(texts, sheet.kind) >= set(sheet.told_by)


#: What an order has and a customer has not.
_DOCUMENT = {"order_no", "ordered_on", "amount"}


def _bare(texts: Sequence[str], name: str) -> str | None:
    return "info" if headings.name_customers(texts, name) else None


def _tells_customers_apart(table: Located) -> bool:
    """False for a list known by its headers alone that names the same customers again and again: orders, visits."""
    key = table.columns.get("customer_id")
    if table.kind != "info" or key is None or kind_of_sheet(table.sheet.name) == "info":
        return True
    cells = [
        row[key] for row in table.sheet.rows[table.header_row + 1 : table.end] if len(row) > key and row[key] != ""
    ]
    return len(set(cells)) >= (_BARE_APART if table.bare else _APART) * len(cells)


def _claim(sheet: RawSheet, kind: str, native: str | None, *, doubtful: bool) -> int:
    """How strong a table's claim to be the one of its kind is: visible, then native table, exact name, name, headers."""
    hint = kind_of_sheet(sheet.name)
    exact = hint == kind and heading(sheet.name) == essence(sheet.name)
    name = 3 if native == kind else 2 if exact else 1 if hint == kind else 0
    return 10 * (not sheet.hidden) + 2 * name - doubtful


def native_headers(book: Book, sheet: RawSheet) -> dict[int, str]:
    """Header row → kind, for native tables that carry one of our names."""
    kinds = kinds_by_table()
    return {
        table.row: kinds[table.name.casefold()]
        for table in book.tables
        if table.sheet == sheet.name and table.name.casefold() in kinds and table.row < len(sheet.rows)
    }


#: A sheet with so many of the standard one's very headers is no list of another program: a column that the standard has not stays the
#: team's own, whoever it names. The first two headers of a column are official ones, in both languages.
_BY_THE_BOOK, _OFFICIAL = 7, 2


def table_of(sheet: RawSheet, header: Header, kind: str, end: int, native: str | None, rather: str | None) -> Located:
    """A header read column by column; an official header outranks an alias, an alias those after it."""
    known = headings.meanings(header.texts, kind)
    if kind == "info" and native != kind and sum(meant.rank < _OFFICIAL for meant in known.values()) >= _BY_THE_BOOK:
        known = {i: meant for i, meant in known.items() if meant.field != headings.SELLER}
    columns: dict[str, int] = {}
    for i, meant in sorted(known.items(), key=lambda item: (item[1].rank, item[0])):
        columns.setdefault(meant.field, i)
    taken = set(columns.values())
    repeated = tuple(i for i in known if i not in taken)
    others = tuple(i for i, text in enumerate(header.texts) if text and i not in known and not headings.computed(text))
    bare = kind == "info" and len(columns) < ENOUGH and kind_of_sheet(sheet.name) != kind
    right = _claim(sheet, kind, native, doubtful=rather is not None or bare)
    return Located(kind, sheet, header, columns, end, right, repeated, others, rather, native == kind, bare)


def mapped(
    sheet: RawSheet, header: Header, targets: Mapping[int, Holding], *, by_name: bool = False, agreed: bool = False
) -> Located:
    """The customers below a header whose columns hold what `targets` says by position, whatever they are called.

    An amount's header gets the unit that was told of it; where IDs are made of names, both stand in one column.
    """
    columns: dict[str, int] = {}
    for at, said in targets.items():
        columns.setdefault(said.field, at)
    if by_name:
        columns["customer_id"] = columns["name"]
    texts = tuple(_with_unit(text, targets.get(at)) for at, text in enumerate(header.texts))
    held = set(columns.values())
    others = tuple(at for at, text in enumerate(texts) if text and at not in held)
    right = _claim(sheet, "info", "info", doubtful=False)
    named = replace(header, texts=texts)
    return Located("info", sheet, named, columns, len(sheet.rows), right, others=others, agreed=agreed)


def _with_unit(text: str, said: Holding | None) -> str:
    return f"{text}（{said.unit}）" if said and said.unit and not names_unit(text) else text
