"""Where in a workbook the standard tables stand: by native table name, by sheet name, or by their headers alone.

A title, blank rows or a group header may stand above; columns may come in any order; several tables may share a sheet.
Where two places claim to be the same table with equal right, neither is used and the finding says so (handbook §2).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass

from opencc import OpenCC

from kam_xl.core.books import Book, RawSheet, letter
from kam_xl.core.findings import Finding
from kam_xl.core.sheets import BY_KIND, STANDARD, fields_by_heading, heading, kind_of_sheet, simplified

#: How many known headers make a row a header row; fewer suffice where the sheet's or table's name agrees.
_ENOUGH, _ENOUGH_WITH_NAME = 3, 2
#: A header is looked for this far down a sheet.
_DEPTH = 200
#: A digit, yet no percentage such as that in 价值维度(50%).
_LIKE_AN_ID = re.compile(r"[^%％\d]*\d[^%％]*\Z")


@dataclass(frozen=True)
class Located:
    """One standard table in one sheet: its header row, which column holds which field, and where its rows end."""

    kind: str
    sheet: RawSheet
    header_row: int
    columns: dict[str, int]
    end: int  # first row that no longer belongs to it
    right: int  # how strong its claim is, see `_claim`
    repeated: tuple[int, ...] = ()  # columns whose header names a field that another column holds already
    others: tuple[int, ...] = ()  # columns with an unknown header, be it a number

    @functools.cached_property
    def letters(self) -> dict[str, str]:
        """Field → letter of its column."""
        return {field: letter(column) for field, column in self.columns.items()}


def locate(book: Book) -> tuple[dict[str, Located], list[Finding]]:
    """The standard tables of a workbook by kind, and what was ambiguous, missing or left aside."""
    candidates = [table for sheet in book.sheets for table in _tables_in(sheet, _native(book, sheet))]
    chosen: dict[str, Located] = {}
    findings: list[Finding] = []
    for sheet in STANDARD:
        table, notes = _choose(sheet.kind, [c for c in candidates if c.kind == sheet.kind])
        findings += notes
        if table:
            chosen[sheet.kind] = table
    claimed = {candidate.sheet.name for candidate in candidates}
    findings += [
        Finding("sheet_unknown", sheet.name)
        for sheet in book.sheets
        if sheet.name not in claimed and any(row.count("") != len(row) for row in sheet.rows)
    ]
    findings += [note for table in chosen.values() for note in _text_above(table, chosen)]
    return chosen, findings


def _choose(kind: str, candidates: list[Located]) -> tuple[Located | None, list[Finding]]:
    """The one table with the strongest claim; equal claims are ambiguous and none is taken."""
    if not candidates:
        return None, [Finding("sheet_missing", detail=f"{BY_KIND[kind].zh} · {BY_KIND[kind].en}")]
    best = max(candidate.right for candidate in candidates)
    first, *rivals = [candidate for candidate in candidates if candidate.right == best]
    if rivals:
        names = "、".join(dict.fromkeys(c.sheet.name for c in (first, *rivals)))
        return None, [Finding("sheet_ambiguous", first.sheet.name, typed_value=names, detail=kind)]
    ignored = [c for c in candidates if c is not first]
    return first, [Finding("sheet_ignored", c.sheet.name, detail=first.sheet.name) for c in ignored]


def _tables_in(sheet: RawSheet, native: dict[int, str]) -> list[Located]:
    """Every standard table of one sheet, from the top down; `native` names the kind of header rows of native tables."""
    hint = kind_of_sheet(sheet.name)
    headers: list[tuple[int, str]] = []
    for number in _header_rows(sheet.rows):
        kind = _kind_of(sheet.rows[number], native.get(number) or hint)
        above, last = headers[-1] if headers else (number, None)
        if kind and (kind != last or _moves_columns(kind, sheet.rows[number], sheet.rows[above])):
            headers.append((number, kind))
    ends = [*(row for row, _ in headers), len(sheet.rows)][1:]
    return [
        _located(sheet, row, kind, end, _claim(sheet, kind, hint, native.get(row)))
        for (row, kind), end in zip(headers, ends, strict=True)
    ]


def _moves_columns(kind: str, row: list, header: list) -> bool:
    """False for a header repeated within its table, True for one under which a column means something else."""
    fields = fields_by_heading(kind)
    now, before = ([fields.get(heading(str(cell))) for cell in cells] for cells in (row, header))
    is_header = BY_KIND[kind].key in now and len(set(now) - {None}) >= _ENOUGH  # or else it is data that looks like one
    return is_header and any(field not in (None, known) for field, known in zip(now, before, strict=True))


def _header_rows(rows: list[list]) -> list[int]:
    """Rows that may be headers: the first near the top with known headers in it, and any row that begins with one."""
    near = enumerate(rows[:_DEPTH])
    first = next((number for number, row in near if _known_headings(row) >= _ENOUGH_WITH_NAME), None)
    found = {first} - {None}
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
    scripts = folded | set(OpenCC("s2t").convert("".join(sorted(folded))))
    cased = scripts | {char.upper() for char in scripts}
    return frozenset(cased | {chr(ord(char) + 0xFEE0) for char in cased if "!" <= char <= "~"})


def _known_headings(row: list) -> int:
    known = _kinds_by_heading()
    return sum(1 for cell in row if type(cell) is str and cell and len(cell) < 100 and heading(cell) in known)


@functools.cache
def _kinds_by_heading() -> dict[str, tuple[str, ...]]:
    """Folded header → the kinds of sheet it occurs in."""
    kinds: dict[str, tuple[str, ...]] = {}
    for kind in BY_KIND:
        for text in fields_by_heading(kind):
            kinds[text] = (*kinds.get(text, ()), kind)
    return kinds


def _kind_of(row: list, hint: str | None) -> str | None:
    """The kind of table a header row announces; a hint from a name settles ties and lowers what is enough."""
    counts: Counter[str] = Counter()
    for kind in BY_KIND:
        fields = fields_by_heading(kind)
        counts[kind] = len({fields.get(heading(cell)) for cell in row if type(cell) is str and cell} - {None})
    (kind, most), (_, second) = counts.most_common(2)
    if hint and counts[hint] >= _ENOUGH_WITH_NAME and counts[hint] == most:
        return hint
    return kind if most >= _ENOUGH and most > second else None


def _claim(sheet: RawSheet, kind: str, hint: str | None, native: str | None) -> int:
    """How strong a table's claim to be the one of its kind is: visible, then native table, exact name, name, headers."""
    exact = hint == kind and heading(sheet.name) == "".join(char for char in simplified(sheet.name) if char.isalnum())
    return 10 * (not sheet.hidden) + (3 if native == kind else 2 if exact else 1 if hint == kind else 0)


def _native(book: Book, sheet: RawSheet) -> dict[int, str]:
    """Header row → kind, for native tables that carry one of our names."""
    kinds = {standard.table.casefold(): standard.kind for standard in STANDARD}
    return {
        table.row: kinds[table.name.casefold()]
        for table in book.tables
        if table.sheet == sheet.name and table.name.casefold() in kinds
    }


def _located(sheet: RawSheet, row: int, kind: str, end: int, right: int) -> Located:
    """A header row read column by column; an official header outranks an alias, an alias those after it."""
    fields, ranks = fields_by_heading(kind), _ranks(kind)
    named = {i: heading(str(cell)) for i, cell in enumerate(sheet.rows[row]) if str(cell).strip()}
    columns: dict[str, int] = {}
    for i, name in sorted(named.items(), key=lambda item: (ranks.get(item[1], 0), item[0])):
        if name in fields:
            columns.setdefault(fields[name], i)
    taken = set(columns.values())
    repeated = tuple(i for i, name in named.items() if name in fields and i not in taken)
    others = tuple(i for i, name in named.items() if name not in fields)
    return Located(kind, sheet, row, columns, end, right, repeated, others)


@functools.cache
def _ranks(kind: str) -> dict[str, int]:
    """Folded header → 0 for an official header, else its place among its column's aliases."""
    ranks: dict[str, int] = {}
    for column in BY_KIND[kind].columns:
        for rank, text in enumerate((column.zh, column.en, *column.aliases)):
            ranks.setdefault(heading(text), max(rank - 1, 0))
    return ranks


def _text_above(table: Located, chosen: dict[str, Located]) -> list[Finding]:
    """Titles and notes above a table: no rows, but never lost."""
    start = max((t.end for t in chosen.values() if t.sheet is table.sheet and t.end <= table.header_row), default=0)
    lines = [
        " ".join(str(cell).strip() for cell in row if cell != "") for row in table.sheet.rows[start : table.header_row]
    ]
    text = "\n".join(line for line in lines if line)
    return [Finding("text_outside_table", table.sheet.name, f"A{start + 1}", typed_value=text)] if text else []
