"""Where in a workbook the standard tables stand: by native table name, by sheet name, or by their headers alone.

A title, blank rows or a group header may stand above; columns may come in any order; several tables may share a sheet.
Sheets of one kind with the same headers are one table. Where two places with different headers claim with equal right to be
the same table, neither is used and the finding says so; whatever is left aside is told, as an error where it holds
customers that the table lacks (handbook §2, §12).
The optional sheets are found likewise and told apart from the standard ones, and so are the sheets KAM XL itself made in a workbook.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

from kam_xl.core.books import Book, RawSheet
from kam_xl.core.findings import Finding
from kam_xl.core.headings import kind_of_sheet
from kam_xl.core.ids import parse_id
from kam_xl.core.located import Located, kinds_by_table, native_headers, table_of, tables_in
from kam_xl.core.own_sheets import PRODUCT, RESULTS, SIGNATURE
from kam_xl.core.raw import text as shown
from kam_xl.core.rows import sort_out
from kam_xl.core.sheets import BY_KIND, OPTIONAL, STANDARD, Sheet
from kam_xl.core.texts import heading, simplified

#: Two places hold one table where this part of all their headers stands in both.
_ALIKE = 0.8

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


def is_ours(book: Book) -> bool:
    """True for a workbook made from our template."""
    name, header = _WORDS
    tables = {table.name.casefold() for table in book.tables} & kinds_by_table().keys()
    return len(tables) >= _OURS or any(s.name == name and s.rows and s.rows[0][:3] == header for s in book.sheets)


def locate(book: Book, known: Mapping[str, Located] | None = None) -> tuple[dict[str, Located], list[Finding]]:
    """The tables of a workbook by kind, and what was ambiguous, missing or left aside.

    A table that looks rather like an optional sheet counts as a standard one only where there is no other of its kind.
    An optional sheet without rows, as the template has them, is as good as none. What stands in a sheet that is `known`
    by its name need not be looked for.
    """
    sheets = without_product(book)
    candidates = [table for sheet in sheets for table in _tables(book, sheet, (known or {}).get(sheet.name))]
    standard, findings = _chosen(candidates, STANDARD)
    findings += [_missing(sheet) for sheet in STANDARD if sheet.kind not in standard and not _told(findings, sheet)]
    optional = [table for candidate in candidates if (table := _as_optional(candidate, standard))]
    others, more = _chosen([table for table in optional if _has_rows(table)], OPTIONAL)
    chosen = standard | others
    used = {candidate.sheet.name for candidate in candidates}
    strange = [sheet.name for sheet in sheets if sheet.name not in used and _holds(sheet.rows)]
    findings += [*more, *(Finding("sheet_unknown", name) for name in strange)]
    places = [place for table in chosen.values() for place in table.parts]
    return chosen, findings + [note for place in places for note in _text_above(place, [*places, *optional])]


def _tables(book: Book, sheet: RawSheet, known: Located | None) -> list[Located]:
    return [known] if known else tables_in(sheet, native_headers(book, sheet))


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


def without_product(book: Book) -> list[RawSheet]:
    """The sheets of a workbook, but for those KAM XL itself made in one of ours."""
    if not is_ours(book):
        return list(book.sheets)
    return [sheet for sheet in book.sheets if not _is_made(sheet) or native_headers(book, sheet)]


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
    return table_of(table.sheet, table.header, table.rather, table.end, None, None)


def _holds(rows: Iterable[list]) -> bool:
    """True where any cell holds anything."""
    return any(row.count("") != len(row) for row in rows)


def _has_rows(table: Located) -> bool:
    return _holds(table.sheet.rows[table.header_row + 1 : table.end])


def _missing(sheet: Sheet) -> Finding:
    return Finding("sheet_missing", detail=f"{sheet.zh} · {sheet.en}")


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
