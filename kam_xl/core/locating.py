"""Where in a workbook the standard tables stand: by native table name, by sheet name, or by their headers alone.

A title, blank rows or a group header may stand above; columns may come in any order; several tables may share a sheet.
Where two places claim to be the same table with equal right, neither is used and the finding says so (handbook §2).
The optional sheets are found likewise and told apart from the standard ones, and so are the sheets KAM XL itself made in a workbook.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kam_xl.core.books import Book, RawSheet, letter
from kam_xl.core.findings import Finding
from kam_xl.core.sheets import (
    BY_KIND,
    OPTIONAL,
    PRODUCT,
    RESULTS,
    SIGNATURE,
    STANDARD,
    Sheet,
    fields_by_heading,
    heading,
    kind_of_sheet,
)
from kam_xl.core.texts import simplified, traditional

#: How many known headers make a row a header row; fewer suffice where the sheet's or table's name agrees.
_ENOUGH, _ENOUGH_WITH_NAME = 3, 2
#: A header is looked for this far down a sheet.
_DEPTH = 200
#: A digit, yet no percentage such as that in 价值维度(50%).
_LIKE_AN_ID = re.compile(r"[^%％\d]*\d[^%％]*\Z")
#: A workbook is one of ours when it has so many native tables of ours; one alone may be a name by chance.
_OURS = 2
#: Sheets of the template that hold no records.
_TEMPLATE = {simplified(name) for key, names in PRODUCT.items() if key not in RESULTS for name in names}
#: The sheet of words in every workbook of ours, and how it begins; it outlives formats that know no native tables.
_WORDS = (PRODUCT["i18n"][0], ["key", "zh-CN", "en"])
#: The template has its way back, its title and its hint in so many rows, each in the first cell or named like the sheet.
_TITLES = 2


@dataclass(frozen=True)
class Located:
    """One table of a known kind in one sheet: its header row, which column holds which field, where its rows end."""

    kind: str
    sheet: RawSheet
    header_row: int
    columns: dict[str, int]
    end: int  # first row that no longer belongs to it
    right: int  # how strong its claim is, see `_claim`
    repeated: tuple[int, ...] = ()  # columns whose header names a field that another column holds already
    others: tuple[int, ...] = ()  # columns with an unknown header, be it a number
    rather: str | None = None  # the kind of optional sheet whose name or headers it has rather than its own kind's
    native: bool = False  # whether it is a native table of our name

    @functools.cached_property
    def letters(self) -> dict[str, str]:
        """Field → letter of its column."""
        return {field: letter(column) for field, column in self.columns.items()}


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
    chosen: dict[str, Located] = {}
    findings: list[Finding] = []
    for sheet in STANDARD:
        table, notes = _choose(sheet.kind, [c for c in candidates if c.kind == sheet.kind])
        findings += notes or ([] if table else [_missing(sheet)])
        if table:
            chosen[sheet.kind] = table
    optional = [reading for candidate in candidates if (reading := _as_optional(candidate, chosen))]
    for sheet in OPTIONAL:
        table, notes = _choose(sheet.kind, [c for c in optional if c.kind == sheet.kind and _has_rows(c)])
        findings += notes
        if table:
            chosen[sheet.kind] = table
    claimed = {candidate.sheet.name for candidate in candidates}
    findings += [
        Finding("sheet_unknown", sheet.name) for sheet in sheets if sheet.name not in claimed and _holds(sheet.rows)
    ]
    findings += [note for table in chosen.values() for note in _text_above(table, [*chosen.values(), *optional])]
    return chosen, findings


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
    if table.rather is None or chosen.get(table.kind, table) is table:
        return None
    return _located(table.sheet, table.header_row, table.rather, table.end, kind_of_sheet(table.sheet.name), None, None)


def _holds(rows: Iterable[list]) -> bool:
    """True where any cell holds anything."""
    return any(row.count("") != len(row) for row in rows)


def _has_rows(table: Located) -> bool:
    return _holds(table.sheet.rows[table.header_row + 1 : table.end])


def _missing(sheet: Sheet) -> Finding:
    return Finding("sheet_missing", detail=f"{sheet.zh} · {sheet.en}")


def _choose(kind: str, candidates: list[Located]) -> tuple[Located | None, list[Finding]]:
    """The one table with the strongest claim; equal claims are ambiguous and none is taken."""
    if not candidates:
        return None, []
    best = max(candidate.right for candidate in candidates)
    first, *rivals = [candidate for candidate in candidates if candidate.right == best]
    if rivals:
        names = "、".join(dict.fromkeys(c.sheet.name for c in (first, *rivals)))
        return None, [Finding("sheet_ambiguous", first.sheet.name, typed_value=names, detail=kind)]
    ignored = [c for c in candidates if c is not first and not c.rather]
    return first, [Finding("sheet_ignored", c.sheet.name, detail=first.sheet.name) for c in ignored]


def _tables_in(sheet: RawSheet, native: dict[int, str]) -> list[Located]:
    """Every table of a known kind in one sheet, from the top down; `native` maps header rows of our native tables."""
    hint = kind_of_sheet(sheet.name)
    headers: list[tuple[int, str, str | None]] = []
    for number in sorted({*_header_rows(sheet.rows), *native}):
        kind, rather = _reading(sheet.rows[number], hint, native.get(number))
        above, last, _ = headers[-1] if headers else (number, None, None)
        if kind and (kind != last or _moves_columns(kind, sheet.rows[number], sheet.rows[above])):
            headers.append((number, kind, rather))
    ends = [*(row for row, _, _ in headers), len(sheet.rows)][1:]
    return [
        _located(sheet, row, kind, end, hint, native.get(row), rather)
        for (row, kind, rather), end in zip(headers, ends, strict=True)
    ]


def _moves_columns(kind: str, row: list, header: list) -> bool:
    """False for a header repeated within its table, True for one under which a column means something else."""
    fields = fields_by_heading(kind)
    now, before = ([fields.get(heading(str(cell))) for cell in cells] for cells in (row, header))
    is_header = BY_KIND[kind].key in now and len(set(now) - {None}) >= _ENOUGH  # or else it is data that looks like one
    return is_header and any(field not in (None, known) for field, known in zip(now, before, strict=True))


def _header_rows(rows: list[list]) -> list[int]:
    """Rows that may be headers: the first near the top with known headers in it, and any row that begins with one."""
    near = rows[:_DEPTH]
    known_of = (_kinds_by_heading().keys(), _optional_headings())
    firsts = (
        next((i for i, row in enumerate(near) if _count(row, known) >= _ENOUGH_WITH_NAME), None) for known in known_of
    )
    found = set(firsts) - {None}
    openers = _openers()
    for position in range(3):
        texts = {row[position] for row in rows if len(row) > position}
        likely = [text for text in texts if type(text) is str and (text[:1] in openers or not text[:1].isalnum())]
        if known := {text for text in likely if _is_heading(text)}:
            found.update(n for n, row in enumerate(rows) if len(row) > position and row[position] in known)
    return sorted(found)


@functools.lru_cache(maxsize=65536)
def _is_heading(text: str) -> bool:
    return not _LIKE_AN_ID.match(text) and heading(text) in _kinds_by_heading()


@functools.cache
def _openers() -> frozenset[str]:
    """Every character a known header may begin with, in any script, case and width: folding each text would be dear."""
    folded = {text[0] for text in _kinds_by_heading()}
    scripts = folded | set(traditional("".join(sorted(folded))))
    cased = scripts | {char.upper() for char in scripts}
    return frozenset(cased | {chr(ord(char) + 0xFEE0) for char in cased if "!" <= char <= "~"})


def _count(row: list, known: Iterable[str]) -> int:
    """How many cells of a row are known headers."""
    return sum(1 for cell in row if type(cell) is str and cell and heading(cell) in known)


@functools.cache
def _kinds_by_heading() -> dict[str, tuple[str, ...]]:
    """Folded header → the kinds of standard sheet it occurs in."""
    kinds: dict[str, tuple[str, ...]] = {}
    for sheet in STANDARD:
        for text in fields_by_heading(sheet.kind):
            kinds[text] = (*kinds.get(text, ()), sheet.kind)
    return kinds


@functools.cache
def _optional_headings() -> frozenset[str]:
    """Every folded header of an optional sheet."""
    return frozenset(text for sheet in OPTIONAL for text in fields_by_heading(sheet.kind))


@functools.cache
def _kinds_by_table() -> dict[str, str]:
    """Folded name of a native table of ours → its kind."""
    return {sheet.table.casefold(): sheet.kind for sheet in BY_KIND.values()}


def _reading(row: list, hint: str | None, native: str | None) -> tuple[str | None, str | None]:
    """The kind of table a header row announces, and the kind of optional sheet it may be rather than that.

    A native table is what its name says. An optional sheet's name decides unless the row has more headers of a standard
    sheet; more headers of an optional sheet make a standard one doubtful, for its customers must not be lost.
    """
    standard, optional = (_kind_of(row, native or hint, sheets) for sheets in (STANDARD, OPTIONAL))
    if not (standard and optional) or native == standard:
        return standard or optional, None
    if native == optional:
        return optional, None
    more = _headers(row, optional) - _headers(row, standard)
    if hint == optional and more >= 0:
        return optional, None
    likely = hint == optional or (more > 0 and BY_KIND[optional].key in _fields_of(row, optional))
    return standard, optional if likely else None


def _headers(row: list, kind: str) -> int:
    """How many fields of a kind a row has headers of."""
    return len(_fields_of(row, kind))


def _fields_of(row: list, kind: str) -> set[str]:
    fields = fields_by_heading(kind)
    return {fields.get(heading(cell)) for cell in row if type(cell) is str and cell} - {None}


def _kind_of(row: list, hint: str | None, sheets: tuple[Sheet, ...]) -> str | None:
    """Which of the sheets a header row announces; a hint from a name settles ties and lowers what is enough."""
    counts = Counter({sheet.kind: _headers(row, sheet.kind) for sheet in sheets})
    (kind, most), (_, second) = counts.most_common(2)
    if hint and counts[hint] >= _ENOUGH_WITH_NAME and counts[hint] == most:
        return hint
    return kind if most >= _ENOUGH and most > second else None


def _claim(sheet: RawSheet, kind: str, hint: str | None, native: str | None, rather: str | None) -> int:
    """How strong a table's claim to be the one of its kind is: visible, then native table, exact name, name, headers."""
    exact = hint == kind and heading(sheet.name) == "".join(char for char in simplified(sheet.name) if char.isalnum())
    name = 3 if native == kind else 2 if exact else 1 if hint == kind else 0
    return 10 * (not sheet.hidden) + 2 * name - (rather is not None)


def _native(book: Book, sheet: RawSheet) -> dict[int, str]:
    """Header row → kind, for native tables that carry one of our names."""
    kinds = _kinds_by_table()
    return {
        table.row: kinds[table.name.casefold()]
        for table in book.tables
        if table.sheet == sheet.name and table.name.casefold() in kinds and table.row < len(sheet.rows)
    }


def _located(
    sheet: RawSheet, row: int, kind: str, end: int, hint: str | None, native: str | None, rather: str | None
) -> Located:
    """A header row read column by column; an official header outranks an alias, an alias those after it."""
    right = _claim(sheet, kind, hint, native, rather)
    fields, ranks = fields_by_heading(kind), _ranks(kind)
    named = {i: heading(str(cell)) for i, cell in enumerate(sheet.rows[row]) if str(cell).strip()}
    columns: dict[str, int] = {}
    for i, name in sorted(named.items(), key=lambda item: (ranks.get(item[1], 0), item[0])):
        if name in fields:
            columns.setdefault(fields[name], i)
    taken = set(columns.values())
    repeated = tuple(i for i, name in named.items() if name in fields and i not in taken)
    others = tuple(i for i, name in named.items() if name not in fields)
    return Located(kind, sheet, row, columns, end, right, repeated, others, rather, native == kind)


@functools.cache
def _ranks(kind: str) -> dict[str, int]:
    """Folded header → 0 for an official header, else its place among its column's aliases."""
    ranks: dict[str, int] = {}
    for column in BY_KIND[kind].columns:
        for rank, text in enumerate((column.zh, column.en, *column.aliases)):
            ranks.setdefault(heading(text), max(rank - 1, 0))
    return ranks


def _text_above(table: Located, tables: list[Located]) -> list[Finding]:
    """Titles and notes above a table: no rows, but never lost. The template's own need no word."""
    start = max((t.end for t in tables if t.sheet is table.sheet and t.end <= table.header_row), default=0)
    rows = [[cell for cell in row if cell != ""] for row in table.sheet.rows[start : table.header_row]]
    if table.native and start == 0:
        own = [[cell for cell in cells[1:] if kind_of_sheet(str(cell)) != table.kind] for cells in rows[:_TITLES]]
        rows = own + rows[_TITLES:]
    lines = [" ".join(str(cell).strip() for cell in cells) for cells in rows]
    text = "\n".join(line for line in lines if line)
    return [Finding("text_outside_table", table.sheet.name, f"A{start + 1}", typed_value=text)] if text else []
