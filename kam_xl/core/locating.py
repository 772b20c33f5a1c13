"""Where in a workbook the standard tables stand: by native table name, by sheet name, or by their headers alone.

A title, blank rows or a group header may stand above; columns may come in any order; several tables may share a sheet.
Sheets of one kind with the same headers are one table. Where two places with different headers claim with equal right to be
the same table, neither is used and the finding says so; whatever is left aside is told, as an error where it holds
customers that the table lacks (handbook §2, §12).
The optional sheets are found likewise and told apart from the standard ones, and so are the sheets KAM XL itself made in a workbook.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kam_xl.core import headings
from kam_xl.core.books import Book, RawSheet, letter
from kam_xl.core.findings import Finding
from kam_xl.core.headers import DEPTH, ENOUGH, ENOUGH_WITH_NAME, Header, headers_in
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.ids import parse_id
from kam_xl.core.raw import text as shown
from kam_xl.core.rows import sort_out
from kam_xl.core.sheets import BY_KIND, INFO, OPTIONAL, PRODUCT, RESULTS, SIGNATURE, STANDARD, Sheet
from kam_xl.core.texts import essence, heading, simplified

#: Two places hold one table where this part of all their headers stands in both.
_ALIKE = 0.8
#: Of a list known by its headers alone, at least this part of the IDs differ; of one of bare IDs and names, more.
_APART, _BARE_APART = 0.5, 0.9
#: A sheet called a copy of another is one where it shares at least this part of its IDs.
_SHARED = 0.5
#: What is added to the name of a copied sheet.
_COPY = re.compile(
    r"\s*[(（]\d+[)）]$|[-_ ]*(副本|备份|複本|copy|backup|bak)[-_ \d]*$|^(copy of|backup of|备份) *", re.IGNORECASE
)
#: A workbook is one of ours when it has so many native tables of ours; one alone may be a name by chance.
_OURS = 2
#: Sheets of the template that hold no records.
_TEMPLATE = {simplified(name) for key, names in PRODUCT.items() if key not in RESULTS for name in names}
#: The sheet of words in every workbook of ours, and how it begins; it outlives formats that know no native tables.
_WORDS = (PRODUCT["i18n"][0], ["key", "zh-CN", "en"])
#: The template has its way back, its title and its hint in so many rows, each in the first cell or named like the sheet.
_TITLES = 2


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

    @property
    def header_row(self) -> int:
        """The row above the first row of data."""
        return self.header.row

    @property
    def parts(self) -> tuple[Located, ...]:
        """All places of the table."""
        return (self, *self.further)

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


def is_ours(book: Book) -> bool:
    """True for a workbook made from our template."""
    name, header = _WORDS
    tables = {table.name.casefold() for table in book.tables} & _kinds_by_table().keys()
    return len(tables) >= _OURS or any(s.name == name and s.rows and s.rows[0][:3] == header for s in book.sheets)


def locate(book: Book) -> tuple[dict[str, Located], list[Finding]]:
    """The tables of a workbook by kind, and what was ambiguous, missing or left aside.

    A table that looks rather like an optional sheet counts as a standard one only where there is no other of its kind.
    An optional sheet without rows, as the template has them, is as good as none.
    """
    sheets = _without_product(book)
    candidates = [table for sheet in sheets for table in _tables_in(sheet, _native(book, sheet))]
    standard, findings = _chosen(candidates, STANDARD)
    findings += [_missing(sheet) for sheet in STANDARD if sheet.kind not in standard and not _told(findings, sheet)]
    optional = [table for candidate in candidates if (table := _as_optional(candidate, standard))]
    others, more = _chosen([table for table in optional if _has_rows(table)], OPTIONAL)
    chosen = standard | others
    known = {candidate.sheet.name for candidate in candidates}
    strange = [sheet.name for sheet in sheets if sheet.name not in known and _holds(sheet.rows)]
    findings += [*more, *(Finding("sheet_unknown", name) for name in strange)]
    places = [place for table in chosen.values() for place in table.parts]
    return chosen, findings + [note for place in places for note in _text_above(place, [*places, *optional])]


def _chosen(candidates: list[Located], sheets: tuple[Sheet, ...]) -> tuple[dict[str, Located], list[Finding]]:
    """Kind → its table, for kinds that have one; and what was left aside."""
    chosen, findings = {}, []
    for sheet in sheets:
        table, notes = _choose(sheet.kind, [candidate for candidate in candidates if candidate.kind == sheet.kind])
        findings += notes
        if table:
            chosen[sheet.kind] = table
    return chosen, findings


def _told(findings: list[Finding], sheet: Sheet) -> bool:
    return any(finding.code == "sheet_ambiguous" and finding.detail == sheet.kind for finding in findings)


def nearest(book: Book) -> str:
    """What a workbook without a sheet to use has that is most like customers: its sheet, fields known and fields to name.

    The three are parted by tabs, the fields by commas, for `Refused` to carry into any language; blank where nothing is like it.
    """
    rows = ((sheet.name, row) for sheet in _without_product(book) for row in sheet.rows[:DEPTH])
    known = ((headings.meanings(headings.may_name(row), "info").values(), name) for name, row in rows)
    best, name = max(known, key=lambda found: len({one.field for one in found[0]}), default=((), ""))
    telling = {one.field for one in best if one.telling}
    missing = [column.field for column in INFO.columns if column.required and column.field not in telling]
    fields = [field for field in INFO.fields if field in {one.field for one in best} - {*missing}]
    return "\t".join((name, ",".join(fields), ",".join(missing))) if telling else ""


def _without_product(book: Book) -> list[RawSheet]:
    """The sheets of a workbook, but for those KAM XL itself made in one of ours."""
    if not is_ours(book):
        return list(book.sheets)
    return [sheet for sheet in book.sheets if not _is_made(sheet) or _native(book, sheet)]


def _is_made(sheet: RawSheet) -> bool:
    """True for a sheet of the template that holds no records, and for one of results, whatever its name."""
    title = sheet.rows[0][0] if sheet.rows and sheet.rows[0] else ""
    return simplified(sheet.name) in _TEMPLATE or (isinstance(title, str) and title.endswith(SIGNATURE))


def _as_optional(table: Located, chosen: dict[str, Located]) -> Located | None:
    """An optional sheet's table, also one that looks rather like that beside the standard one chosen; else None."""
    if BY_KIND[table.kind] in OPTIONAL:
        return table
    own = chosen.get(table.kind)
    if table.rather is None or own is None or any(part.header is table.header for part in own.parts):
        return None
    return _located(table.sheet, table.header, table.rather, table.end, None, None)


def _holds(rows: Iterable[list]) -> bool:
    """True where any cell holds anything."""
    return any(row.count("") != len(row) for row in rows)


def _has_rows(table: Located) -> bool:
    return _holds(table.sheet.rows[table.header_row + 1 : table.end])


def _missing(sheet: Sheet) -> Finding:
    return Finding("sheet_missing", detail=f"{sheet.zh} · {sheet.en}")


# --- one table of each kind -----------------------------------------------------------------------------------------


def _choose(kind: str, candidates: list[Located]) -> tuple[Located | None, list[Finding]]:
    """The table with the strongest claim, with all places that have its headers; equal claims of others are ambiguous."""
    if not candidates:
        return None, []
    best = max(candidate.right for candidate in candidates)
    first, *rivals = [candidate for candidate in candidates if candidate.right == best]
    further = [table for table in candidates if table is not first and _is_one_table(table, first)]
    if strangers := [rival for rival in rivals if rival not in further]:
        names = "、".join(dict.fromkeys(table.sheet.name for table in (first, *strangers)))
        return None, [Finding("sheet_ambiguous", first.sheet.name, typed_value=names, detail=kind)]
    table = dataclasses.replace(first, further=tuple(further))
    aside = [one for one in candidates if one is not first and one not in further and not one.rather]
    return table, [_left_aside(one, table) for one in aside]


def _is_one_table(table: Located, first: Located) -> bool:
    """True for two places with the same headers, unless one is hidden and the other not, or is a mere copy of it."""
    names, others = _names(table), _names(first)
    alike = len(names & others) >= _ALIKE * len(names | others)
    required = {column.field for column in BY_KIND[first.kind].columns if column.required}
    needed = not (names ^ others) & required
    return alike and needed and table.sheet.hidden == first.sheet.hidden and not _is_copy(table, first)


def _names(table: Located) -> set[str]:
    """What the columns are called: by their fields, else by their headers."""
    return {*table.columns, *(heading(table.header.texts[i]) for i in table.others)}


def _is_copy(table: Located, first: Located) -> bool:
    """True for a sheet that is called a copy of the other and has, for the most part, the same customers."""
    name, other = table.sheet.name, first.sheet.name
    if not (_COPY.search(name) and _COPY.sub("", name).strip() == other):
        return False
    ids = _ids(table)
    return len(ids & _ids(first)) >= _SHARED * len(ids)


def _ids(table: Located) -> set[str]:
    """The IDs that stand in a table's rows, or what stands in their place."""
    key = table.columns.get(BY_KIND[table.kind].key)
    if key is None:
        return set()
    start = table.header_row + 1
    kept = sort_out(table.sheet.rows[start : table.end], start, table.kind, table.columns).kept
    return {parse_id(shown(row[key]))[0] or "" for _, row in kept}


def _left_aside(aside: Located, table: Located) -> Finding:
    """What is said of a place that could have been the table: an error where it holds what the table lacks."""
    more = _ids(aside) - {known for place in table.parts for known in _ids(place)}
    code = "sheet_left_out" if more else "sheet_unknown" if aside.bare else "sheet_ignored"
    return Finding(code, aside.sheet.name, typed_value=str(len(more)) if more else None, detail=table.sheet.name)


# --- tables in a sheet ----------------------------------------------------------------------------------------------


def _tables_in(sheet: RawSheet, native: dict[int, str]) -> list[Located]:
    """Every table of a known kind in one sheet, from the top down; `native` maps header rows of our native tables."""
    found: list[tuple[Header, str, str | None]] = []
    for header in headers_in(sheet.rows, [*native]):
        kind, rather = _reading(header.texts, sheet.name, native.get(header.row))
        above = next(((one, known) for one, known, _ in reversed(found) if one.left == header.left), None)
        if kind and (above is None or kind != above[1] or _moves_columns(kind, header.texts, above[0].texts)):
            found.append((header, kind, rather))
    headers = [header for header, _, _ in found]
    tables = (
        _located(
            _strip(sheet, header, headers), header, kind, _end(header, headers, sheet), native.get(header.row), rather
        )
        for header, kind, rather in found
    )
    return [table for table in tables if table.native or _tells_customers_apart(table)]


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
def _kinds_by_table() -> dict[str, str]:
    """Folded name of a native table of ours → its kind."""
    return {sheet.table.casefold(): sheet.kind for sheet in BY_KIND.values()}


def _reading(texts: Sequence[str], name: str, native: str | None) -> tuple[str | None, str | None]:
    """The kind of table a header announces, and the kind of optional sheet it may be rather than that.

    A native table is what its name says. An optional sheet's name decides unless the row has more headers of a standard
    sheet; more headers of an optional sheet make a standard one doubtful, for its customers must not be lost.
    """
    hint = native or kind_of_sheet(name)
    standard, optional = (_kind_of(texts, name, hint, sheets) for sheets in (STANDARD, OPTIONAL))
    if not (standard and optional) or native == standard:
        return standard or optional or _bare(texts, name), None
    if native == optional:
        return optional, None
    more = _count(texts, optional) - _count(texts, standard)
    if hint == optional and more >= 0:
        return optional, None
    likely = hint == optional or (more > 0 and BY_KIND[optional].key in headings.fields(texts, optional))
    return standard, optional if likely else None


def _count(texts: Sequence[str], kind: str) -> int:
    """How many fields of a kind a row has headers of."""
    return len(headings.fields(texts, kind))


def _kind_of(texts: Sequence[str], name: str, hint: str | None, sheets: tuple[Sheet, ...]) -> str | None:
    """Which of the sheets a header announces; a hint from a name settles ties and lowers what is enough."""
    counts = Counter({sheet.kind: _count(texts, sheet.kind) for sheet in sheets})
    (kind, most), (_, second) = counts.most_common(2)
    if hint and counts[hint] >= ENOUGH_WITH_NAME and counts[hint] == most:
        return hint
    if most < ENOUGH or most == second:
        return None
    if kind == "info":
        return kind if headings.speak_of_customers(texts, name) else None
    return kind if sheets is STANDARD or headings.names_key(texts, kind) else None


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


def _native(book: Book, sheet: RawSheet) -> dict[int, str]:
    """Header row → kind, for native tables that carry one of our names."""
    kinds = _kinds_by_table()
    return {
        table.row: kinds[table.name.casefold()]
        for table in book.tables
        if table.sheet == sheet.name and table.name.casefold() in kinds and table.row < len(sheet.rows)
    }


def _located(sheet: RawSheet, header: Header, kind: str, end: int, native: str | None, rather: str | None) -> Located:
    """A header read column by column; an official header outranks an alias, an alias those after it."""
    known = headings.meanings(header.texts, kind)
    columns: dict[str, int] = {}
    for i, meant in sorted(known.items(), key=lambda item: (item[1].rank, item[0])):
        columns.setdefault(meant.field, i)
    taken = set(columns.values())
    repeated = tuple(i for i in known if i not in taken)
    others = tuple(i for i, text in enumerate(header.texts) if text and i not in known)
    bare = kind == "info" and len(columns) < ENOUGH and kind_of_sheet(sheet.name) != kind
    right = _claim(sheet, kind, native, doubtful=rather is not None or bare)
    return Located(kind, sheet, header, columns, end, right, repeated, others, rather, native == kind, bare)


def _text_above(table: Located, tables: list[Located]) -> list[Finding]:
    """Titles and notes above a table: no rows, but never lost. The template's own need no word."""
    start = max((t.end for t in tables if t.sheet.name == table.sheet.name and t.end <= table.header.top), default=0)
    rows = [[cell for cell in row if cell != ""] for row in table.sheet.rows[start : table.header.top]]
    if table.native and start == 0:
        own = [[cell for cell in cells[1:] if kind_of_sheet(str(cell)) != table.kind] for cells in rows[:_TITLES]]
        rows = own + rows[_TITLES:]
    lines = [" ".join(str(cell).strip() for cell in cells) for cells in rows]
    text = "\n".join(line for line in lines if line)
    return [Finding("text_outside_table", table.sheet.name, f"A{start + 1}", typed_value=text)] if text else []
