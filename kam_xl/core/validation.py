"""One workbook as read → typed tables and findings: what each cell means, and which cells somebody must look at.

Nothing here stops at the first bad cell. A cell that cannot be understood becomes unknown, and its finding keeps what
was typed; rows that cannot be used are kept whole in their finding.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import pandas as pd

from kam_xl.core import cells, headings, identity, locating, privacy, raw
from kam_xl.core.books import Book, CellError, Formatted, NotCalculated, Remark, Unreadable, letter, time_in_name
from kam_xl.core.errors import Refused
from kam_xl.core.findings import Finding
from kam_xl.core.locating import Located
from kam_xl.core.policy import Policy
from kam_xl.core.raw import text as _text
from kam_xl.core.rows import ANSWERS, BROKEN, sort_out
from kam_xl.core.sheets import (
    BY_KIND,
    FREE,
    INFO,
    RULED_ACTION,
    STANDARD,
    Column,
    kind_of_sheet,
    named,
)
from kam_xl.core.texts import narrow, simplified

#: Unknown columns named one by one; beyond this, one finding counts them all.
_COLUMNS_NAMED = 20
#: Between the cells of one row in `as_typed` and `extras`.
SEPARATOR = " ； "
#: A text in a finding is cut here, so that a cell full of text cannot swell the report.
_TEXT = 30_000


#: Name of a sheet → field → letter of its column.
LettersBySheet = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Table:
    """The rows of one kind as typed columns, and the letter of each field's column in each sheet they stand in."""

    rows: pd.DataFrame
    letters: LettersBySheet

    def letter(self, sheet: str, field: str) -> str:
        """The letter of a field's column in a sheet; A where it has none, or several."""
        return self.letters[sheet].get(field, "A")


@dataclass(frozen=True)
class TeamBook:
    """One validated workbook."""

    name: str
    team: str
    sha256: str
    size_bytes: int
    modified: dt.datetime | None
    tables: dict[str, Table]
    findings: tuple[Finding, ...]

    def count(self, kind: str) -> int:
        """Rows of one kind that reached the typed tables."""
        return len(self.tables[kind].rows) if kind in self.tables else 0


def validate(book: Book, policy: Policy, today: dt.date) -> TeamBook:
    """The typed tables of one workbook; `Refused` when it holds no standard sheet or its customers have no ID column.

    An optional sheet that cannot be used is reported like a standard one and costs the workbook nothing else.
    """
    located, findings = locating.locate(book)
    findings += _unread(book, located)
    if not any(sheet.kind in located for sheet in STANDARD):
        ambiguous = [finding for finding in findings if finding.code == "sheet_ambiguous"]
        if ambiguous:
            raise Refused("sheets_ambiguous", ambiguous[0].typed_value)
        raise Refused("no_standard_sheet", locating.nearest(book))
    ours = locating.is_ours(book)
    findings = [_remarked(remark, ours=ours) for remark in book.remarks] + findings
    tables: dict[str, Table] = {}
    for kind, sheet in BY_KIND.items():
        if kind not in located:
            continue
        places = located[kind].parts
        readers = [_Reader(place, book.name, book.date1904, policy, today, ours) for place in places]
        if sheet.key in located[kind].columns:
            tables[kind] = _customers_once(readers) if kind == "info" else _read_as_one(readers)
        elif kind == "info":
            raise Refused("key_missing", located[kind].sheet.name)
        else:
            readers[0].read_header()  # its rows belong to nobody; at least it is said why
        findings += [finding for reader in readers for finding in reader.findings]
    return TeamBook(book.name, book.team, book.sha256, book.size_bytes, book.modified, tables, tuple(findings))


def _remarked(remark: Remark, *, ours: bool) -> Finding:
    code = _IN_OURS.get(remark.code, remark.code) if ours else remark.code
    return Finding(code, remark.sheet, remark.cell, detail=remark.detail)


def _names_customers(text: str) -> bool:
    """True for a header of the customers' names that leaves no doubt beside those of contacts and products."""
    known = headings.meaning("info", text)
    return known is not None and known.field == "name" and known.rank < _CLEAR


#: All aliases but the last are clear: below `Name` alone stands, in other sheets, a person; exports say 名称 of anything.
_CLEAR = len(BY_KIND["info"].column("name").aliases)
#: Findings about a whole file that mean less in a workbook of ours.
_IN_OURS = {"contains_macros": "contains_our_macros"}


def _unread(book: Book, located: Mapping[str, Located]) -> list[Finding]:
    """What is told of sheets that cannot be read; `Refused` where one may be a standard sheet that is found nowhere else.

    By its name, or, where that says nothing, the one without which a workbook has no customers.
    """
    unread = [sheet for sheet in book.sheets if sheet.unread]
    needed = {sheet.kind for sheet in STANDARD} - located.keys()
    for sheet in unread:
        if (kind_of_sheet(sheet.name) or INFO.kind) in needed:
            raise Refused(sheet.unread, sheet.name)
    return [Finding("sheet_damaged", sheet.name) for sheet in unread]


def _read_as_one(readers: Sequence[_Reader]) -> Table:
    """One table out of all the places it stands in."""
    frames = [reader.read() for reader in readers]
    rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    return Table(rows, _letters([reader.table for reader in readers]))


def _customers_once(readers: Sequence[_Reader]) -> Table:
    """The customers of all sheets, those who are in it again marked as repeated: first the newest, where names tell it."""
    times = [time_in_name(reader.table.sheet.name) for reader in readers]
    in_time = None not in times and len(set(times)) == len(times) > 1
    if in_time:
        readers = [reader for _, reader in sorted(zip(times, readers, strict=True), key=itemgetter(0), reverse=True)]
    table = _read_as_one(readers)
    ids, typed, names = (table.rows[name] for name in ("customer_id", "customer_typed", "name"))
    table.rows["customer_id"] = identity.settled(ids, typed, names)
    table.rows["repeated"] = table.rows.duplicated("customer_id")
    if table.rows["repeated"].any():
        _report_repeated(readers, table.rows, "sheet_older" if in_time else "sheet_repeats")
    return table


def _report_repeated(readers: Sequence[_Reader], rows: pd.DataFrame, code: str) -> None:
    """What is said of rows about a customer who stands in the table already, with other content: of many in a sheet, once."""
    told = rows.columns.difference(["sheet", "row", "as_typed", "repeated", "unnamed", *identity.ASKED])
    contradicts = (rows["repeated"] & ~rows.duplicated(told)).to_numpy()
    firsts = rows.drop_duplicates("customer_id").set_index("customer_id")
    letters = _letters([reader.table for reader in readers])
    start = 0
    for reader in readers:
        end = start + len(reader.numbers)
        found = np.flatnonzero(contradicts[start:end])
        others = rows["sheet"].iloc[:start].unique()
        if len(others) and len(found) and (code == "sheet_older" or len(found) >= _MANY):
            names = "、".join(others)
            reader.findings.append(Finding(code, reader.table.sheet.name, typed_value=str(len(found)), detail=names))
        else:
            _report_conflicts(reader, rows.iloc[start:end].reset_index(drop=True).loc[found], firsts, letters)
        start = end


def _report_conflicts(reader: _Reader, again: pd.DataFrame, firsts: pd.DataFrame, letters: LettersBySheet) -> None:
    """Report each row that contradicts another of its ID: the row that came first, and the headers below which they differ."""
    first = firsts.loc[again["customer_id"]].set_axis(again.index)
    headers = {name: reader.table.header.texts[i] for name, i in reader.table.columns.items() if name in first}
    one, two = again[list(headers)], first[list(headers)]
    differs = one.ne(two) & ~(one.isna() & two.isna())
    for i, row in zip(again.index, differs.itertuples(index=False), strict=True):
        below = "、".join(text for text, other in zip(headers.values(), row, strict=True) if other)
        sheet = first["sheet"][i]
        cell = f"{letters[sheet].get('customer_id', 'A')}{first['row'][i]}"
        place = cell if sheet == reader.table.sheet.name else f"{sheet}!{cell}"
        reader.report("duplicate_id_conflict", i, "customer_id", again["customer_id"][i], f"{place} {below}".strip())


#: From so many rows of a sheet on, what another sheet contradicts is told once.
_MANY = 10


def _letters(places: Sequence[Located]) -> LettersBySheet:
    """The columns' letters by sheet; in a sheet that holds the table in several places, those in which all agree."""
    letters: LettersBySheet = {}
    for place in places:
        before = letters.get(place.sheet.name, place.letters)
        letters[place.sheet.name] = {field: at for field, at in before.items() if place.letters.get(field) == at}
    return letters


@dataclass
class _Reader:
    """The state of reading one located table: the rows kept so far, and what was found on the way."""

    table: Located
    book: str
    date1904: bool
    policy: Policy
    today: dt.date
    ours: bool = False  # the workbook is one of ours: its score and tier are formulas
    findings: list[Finding] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # 1-based sheet row of each kept row
    keys: list[str | None] = field(default_factory=list)  # customer ID of each kept row, for findings
    typed: dict[int, list[str]] = field(default_factory=dict)  # kept row → cells whose text was normalised
    headers: dict[str, str] = field(default_factory=dict)  # field → its header, with a unit named above the table
    unanswered: set[int] = field(default_factory=set)  # kept rows whose formulas of ours show an error
    beside: list[str | None] = field(default_factory=list)  # the name in a column beside the ID, of each kept row

    def read(self) -> pd.DataFrame:
        """The table's rows as typed columns plus sheet, row, as_typed, extras and repeated."""
        standard = BY_KIND[self.table.kind]
        self.read_header()
        rows = self._rows()
        data: dict[str, Iterable] = {}
        by_column = list(zip(*rows, strict=True)) if rows else []
        self.beside = self._names_beside(by_column, len(rows))
        key = standard.column(standard.key)
        for column in (key, *(c for c in standard.columns if c is not key)):
            position = self.table.columns.get(column.field)
            typed = by_column[position] if rows and position is not None else ("",) * len(rows)
            data |= _CLEANERS[column.kind](self, column, self._plain(column, typed))
        data |= {"sheet": [self.table.sheet.name] * len(rows), "row": np.array(self.numbers, "int64")}
        data["as_typed"] = _by_row(self.typed, len(rows))
        data["extras"] = self._extras(by_column, len(rows))
        return self._finished(data)

    # --- rows

    def _rows(self) -> list[list]:
        """The rows that hold data, in order; what is left out is kept whole in its finding."""
        start = self.table.header_row + 1
        region = [_with_possible_numbers(row) for row in self.table.sheet.rows[start : self.table.end]]
        found = sort_out(_filled_down(region, start, self.table), start, self.table.kind, self.table.columns)
        for left in found.left_out:
            self._left_out(left.code, left.number, left.row, left.first and f"A{left.first}")
        if not found.kept:
            self.findings.append(Finding("no_data_rows", self.table.sheet.name))
        self.numbers = [number for number, _ in found.kept]
        self._links(start)
        return [row for _, row in found.kept]

    def _left_out(self, code: str, number: int, row: list, detail: str | None = None) -> None:
        span = f"A{number}:{letter(len(row) - 1)}{number}"
        below = [(header, self._personal.get(i)) for i, header in enumerate(self.table.header.texts)]
        row = [_impersonal(cell, *place) if cell != "" else cell for cell, place in zip(row, below, strict=True)]
        field = named(self.table.kind, BY_KIND[self.table.kind].key) if code == "id_missing" else None
        self.findings.append(Finding(code, self.table.sheet.name, span, field, _line(row), detail=detail))

    @property
    def _personal(self) -> dict[int, Column]:
        """The columns of personal data by their positions."""
        known = self.table.columns
        return {
            known[one.field]: one for one in BY_KIND[self.table.kind].columns if one.personal and one.field in known
        }

    def _links(self, start: int) -> None:
        """Cells that show what another workbook held when this one was saved."""
        for (row, column), formula in sorted(self.table.sheet.links.items()):
            if start <= row < self.table.end:
                cell = f"{letter(column)}{row + 1}"
                self.findings.append(Finding("external_link", self.table.sheet.name, cell, typed_value=formula))

    # --- columns

    def read_header(self) -> None:
        """Findings about headers: required ones missing, unknown ones, two for one field, content without a header."""
        sheet, header, at = self.table.sheet.name, self.table.header.texts, self.table.header_cell
        for column in BY_KIND[self.table.kind].columns:
            if column.field not in self.table.columns:
                code = "column_missing" if column.required else "column_absent"
                self.findings.append(
                    Finding(code, sheet, f"A{self.table.header_row + 1}", named(self.table.kind, column.field))
                )
        for i in self.table.repeated:
            self.findings.append(Finding("column_duplicate", sheet, at(i), typed_value=header[i]))
        unknown = [(at(i), header[i]) for i in self.table.others]
        for cell, text in unknown[:_COLUMNS_NAMED]:
            self.findings.append(Finding("column_unknown", sheet, cell, typed_value=text))
        if len(unknown) > _COLUMNS_NAMED:
            rest = unknown[_COLUMNS_NAMED:]
            names = _cut("、".join(text for _, text in rest))
            span = f"{rest[0][0]}:{rest[-1][0]}"
            self.findings.append(Finding("columns_unknown", sheet, span, typed_value=names, detail=str(len(rest))))

    def _extras(self, by_column: list[tuple], count: int) -> list[str | None]:
        """What stands in columns the product does not know, as ``header=text`` pairs; None where there is nothing."""
        header = self.table.header.texts
        known = set(self.table.columns.values())
        parts: dict[int, list[str]] = {}
        for i, column in enumerate(by_column):
            if i in known or not any(cell != "" for cell in column):
                continue
            name = header[i] or letter(i)
            if not header[i]:
                at = self.table.header_cell(i)
                self.findings.append(Finding("column_without_header", self.table.sheet.name, at, typed_value=letter(i)))
            for row, cell in enumerate(column):
                if cell != "":
                    parts.setdefault(row, []).append(f"{name}={_text(cell)}")
        return _by_row(parts, count)

    def _names_beside(self, by_column: list[tuple], count: int) -> list[str | None]:
        """The customer's name where a sheet that needs the ID alone has a column for it, too."""
        known = set(self.table.columns.values())
        found = [i for i, text in enumerate(self.table.header.texts) if i not in known and _names_customers(text)]
        if not found or not by_column or self.table.kind == "info":
            return [None] * count
        return _known([_text(cell) for cell in by_column[found[0]]])

    def _plain(self, column: Column, typed: tuple) -> list:
        """The column's cells with errors, uncalculated formulas and odd types reported and taken out."""
        odd = set(map(type, typed)) - _EXPECTED
        plain = list(typed)
        for i, cell in enumerate(typed if odd else ()):
            if type(cell) in BROKEN:
                if code := self._code_of(cell, column, i):
                    self.report(code, i, column.field, cell)
                plain[i] = _REPORTED
            elif type(cell) is Formatted:
                plain[i] = self._shown(cell, column, i)
            elif type(cell) in odd:
                plain[i] = _text(cell)
        if column.field not in FREE and column.kind not in _IDS:
            self._take_out_long(column, plain)
        return plain

    def _shown(self, cell: Formatted, column: Column, i: int) -> object:
        """A number that its format shows as a text: an ID is what is shown, and what is held is kept beside it (§12)."""
        if column.kind not in _IDS:
            return float(cell) if column.kind in _FIGURES else _text(cell)
        if cell.text is None:
            self.report("id_format_unread", i, column.field, cell)
        else:
            self.keep_text(i, column.field, float(cell))
        return _text(cell)

    def _take_out_long(self, column: Column, plain: list) -> None:
        """Report the cells of a column that are longer than any value or name; what holds a value is unknown in them."""
        for i in [i for i, cell in enumerate(plain) if type(cell) is str and len(cell) > self.policy.longest_cell]:
            kept = column.kind in _KEPT_WHOLE
            self.report("text_too_long" if kept else "cell_too_long", i, column.field, plain[i], str(len(plain[i])))
            if not kept:
                self.keep_text(i, column.field, plain[i])
                plain[i] = _REPORTED

    def _code_of(self, cell: CellError | NotCalculated, column: Column, i: int) -> str | None:
        """What to report about a cell without a value: formulas of ours have nothing to say but once a row."""
        if self.ours and column.field in ANSWERS:
            again = i in self.unanswered
            self.unanswered.add(i)
            return None if again else "function_unanswered"
        return BROKEN[type(cell)]

    def report(self, code: str, i: int, name: str, typed: object, detail: str | None = None) -> None:
        """A finding about one cell of a kept row."""
        if typed is _REPORTED or name not in self.table.columns:  # a missing column is reported once, not row by row
            return
        cell = f"{self.table.letters[name]}{self.numbers[i]}"
        key = self.keys[i] if i < len(self.keys) else None
        text = _cut(_text(typed))
        name = named(self.table.kind, name)
        self.findings.append(Finding(code, self.table.sheet.name, cell, name, text or None, key, detail))

    def report_header(self, code: str, name: str) -> None:
        """A finding about the header of a column."""
        column = self.table.columns[name]
        header, at = self.table.header.texts[column], self.table.header_cell(column)
        self.findings.append(Finding(code, self.table.sheet.name, at, named(self.table.kind, name), header))

    def report_all(self, codes: Sequence[str | None], name: str, typed: list) -> None:
        """The findings of a column whose readings carry codes."""
        if not any(codes):
            return
        for i, code in enumerate(codes):
            if code:
                self.report(code, i, name, typed[i])

    def keep_text(self, i: int, name: str, typed: object) -> None:
        """Remember how a cell was typed, where its value no longer shows it; personal data have one place only."""
        if BY_KIND[self.table.kind].column(name).personal:
            return
        header = self.headers.get(name) or self.table.header.texts[self.table.columns[name]]
        self.typed.setdefault(i, []).append(f"{header}={_text(typed)}")

    def set_apart(self, column: Column, typed: list) -> list[int]:
        """Give each damaged ID one that is like no other, and report it; the rows where that was so."""
        longest = self.policy.longest_cell
        spoilt = {
            cell: identity.is_damaged(cell) for cell in set(typed) if type(cell) is not str or len(cell) <= longest
        }
        damaged = [i for i, cell in enumerate(typed) if spoilt.get(cell, True)]
        for i in damaged:
            place = f"{self.book}!{self.table.sheet.name}!{self.table.letters[column.field]}{self.numbers[i]}"
            text = _text(typed[i])
            self.keys[i] = identity.unlike_any(text if len(text) <= longest else text[:_BEGINNING] + "…", place)
            code, detail = ("id_damaged", None) if len(text) <= longest else ("cell_too_long", str(len(text)))
            self.report(code, i, column.field, typed[i], detail)
            self.beside[i] = self.beside[i] or identity.named_behind(_text(typed[i]))
        return damaged

    def asked(self, column: Column, texts: list[str], known: list[str | None]) -> dict[str, list]:
        """What `identity` needs to find whom each row means: the cell, the header above it, the name beside it."""
        position = self.table.columns.get(column.field)
        header = "" if position is None else self.table.header.texts[position]
        typed = [text if one else None for text, one in zip(texts, known, strict=True)]
        return dict(zip(identity.ASKED, (typed, [header] * len(texts), self.beside), strict=True))

    def _finished(self, data: dict[str, Iterable]) -> pd.DataFrame:
        """The columns as a frame with settled types, none of its rows marked as repeated yet."""
        frame = pd.DataFrame(
            {name: pd.array(column, dtype="str") if type(column) is list else column for name, column in data.items()}
        )
        frame["repeated"] = False
        if self.table.kind == "info":
            _dates_in_order(self, frame)
        if self.table.kind == "service":
            _moments_in_order(self, frame)
        if self.table.kind == "marks":
            _actions_in_full(self, frame)
        return frame


# --- what each kind of column means ------------------------------------------------------------------------------


def _texts(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Text stays as typed; words for nothing are unknown, and text that starts like a formula is reported."""
    found = typed if set(map(type, typed)) == {str} else [_text(cell) for cell in typed]
    found = _known(found)
    different = set(found)
    if any(text[:1] in cells.FORMULA_MARKS for text in different - {None}):
        starts = [text is not None and text[:1] in cells.FORMULA_MARKS for text in found]
        for i in np.flatnonzero(starts):
            reader.report("formula_like_text", i, column.field, found[i])
    if column.required and None in different:
        for i in (i for i, text in enumerate(found) if text is None):
            reader.report("name_missing", i, column.field, typed[i])
    return {column.field: found}


def _known(texts: list[str]) -> list[str | None]:
    """The texts, None for the words that stand for nothing."""
    void = {text for text in set(texts) if len(text.strip()) <= _LONGEST_NOTHING and cells.is_nothing(text)}
    return [None if text in void else text for text in texts]


_LONGEST_NOTHING = max(map(len, cells.NOTHING))


def _ids(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Customers' IDs in their normal form; `identity` finds whom the other sheets' mean.

    In the customers' own sheet one that is unlike the others may have lost something.
    """
    texts = [_text(cell) for cell in typed]
    normal = {text: cells.parse_id(text)[0] for text in set(texts)}
    reader.keys = found = [normal[text] for text in texts]
    reader.set_apart(column, typed)
    shapes = Counter(cells.id_shape(customer_id) for customer_id in found if customer_id)
    usual, count = shapes.most_common(1)[0] if shapes and reader.table.kind == "info" else ("", 0)
    if len(shapes) > 1 and count >= _ENOUGH_ALIKE and count >= _MOST * len(found):
        for i in (i for i, customer_id in enumerate(found) if customer_id and cells.id_shape(customer_id) != usual):
            if not identity.is_unlike_any(found[i]):
                reader.report("id_unusual", i, column.field, typed[i], usual)
    return {column.field: found, **reader.asked(column, texts, found)}


def _keys(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Keys of rows other than customers' IDs: as typed, but for blanks around them."""
    return {column.field: [_text(cell).strip() for cell in typed]}


#: One form of ID is the usual one where this many rows, and this part of all, have it.
_ENOUGH_ALIKE, _MOST = 5, 0.8


@functools.lru_cache(maxsize=65536)
def _id_name(text: str) -> tuple[str | None, str | None, str | None]:
    return cells.parse_id_name(text)


def _customers(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """The customer of a tracking row as it looks, an ID, a name, or both; `identity` finds who it is."""
    texts = [_text(cell) for cell in typed]
    ids, names, codes = _columns(map(_id_name, texts), 3)
    reader.keys = ids
    reader.report_all(codes, column.field, typed)
    for i in reader.set_apart(column, typed):
        names[i] = reader.beside[i]
    return {
        "customer_id": ids,
        "name": names,
        **reader.asked(column, texts, [one or name for one, name in zip(ids, names, strict=True)]),
    }


def _scores(reader: _Reader, column: Column, typed: list) -> dict[str, object]:
    """Marks 0-100 and the reasons typed beside them; a mark that cannot be used is kept as its reason."""
    if not column.required:
        return _marks_to_spare(reader, column, typed)
    readings = list(map(raw.mark, typed))
    numbers, reasons, codes = _columns(readings, 3)
    reader.report_all(codes, column.field, typed)
    for i, code in enumerate(codes):
        if code and code != "score_missing":
            reasons[i] = reasons[i] or _text(typed[i])
    return {column.field: np.array(numbers, float), f"{column.field}_reason": reasons}


def _marks_to_spare(reader: _Reader, column: Column, typed: list) -> dict[str, object]:
    """Marks 0-100 nobody has to give, such as the recorded score: a blank is fine, a remark beside one is kept."""
    readings = list(map(raw.mark, typed))
    codes = [None if code in _QUIET[column.kind] else code for _, _, code in readings]
    reader.report_all(codes, column.field, typed)
    for i, (_, reason, code) in enumerate(readings):
        if reason and code != "score_unparsed":
            reader.keep_text(i, column.field, typed[i])
    return {column.field: np.array([number for number, _, _ in readings], float)}


#: What needs no word about a mark nobody has to give; a recorded score below 1 may be one.
_QUIET = {"composite": {"score_missing", "score_fraction"}, "score": {"score_missing"}}


def _numbers(reader: _Reader, column: Column, typed: list) -> dict[str, np.ndarray]:
    """Numbers, shares (as fractions), counts and grades: read where they leave no doubt, held against their scale."""
    read = _share_below(reader, column) if column.kind == "share" else _number_in(column.unit)
    if column.kind != "share" and set(map(type, typed)) == {float}:
        numbers = np.array(typed)
    else:
        found, codes = _columns((read(cell) for cell in typed), 2)
        reader.report_all(codes, column.field, typed)
        for i, cell in enumerate(typed):
            if found[i] is not None and type(cell) is str and cell != _text(found[i]):
                reader.keep_text(i, column.field, cell)
        numbers = np.array(found, float)
    low, high = (1, reader.policy.indicators.top_level) if column.kind == "grade" else column.scale or (0, np.inf)
    outside = (numbers < low) | (numbers > high)
    broken = (numbers % 1 != 0) & np.isfinite(numbers) & ~outside & (column.kind in _WHOLE)
    for i in np.flatnonzero(outside | broken):
        code = "number_out_of_range" if outside[i] else "number_not_whole"
        reader.report(code, i, column.field, typed[i], f"{low:g}–{high:g}" if high < np.inf else f"≥ {low:g}")
    return {column.field: np.where(outside | broken, np.nan, numbers)}


_WHOLE = ("count", "grade")


def _number_in(unit: str | None) -> Callable[[object], tuple[float | None, str | None]]:
    return lambda cell: raw.number(cell, unit)


def _share_below(reader: _Reader, column: Column) -> Callable[[object], tuple[float | None, str | None]]:
    """How a share is read below its header, which may name %."""
    position = reader.table.columns.get(column.field)
    percent = position is not None and "%" in narrow(reader.table.header.texts[position])
    return lambda cell: (
        cells.bare_share(float(cell), percent) if type(cell) in (float, int) else _share(_text(cell), percent)
    )


_share = functools.lru_cache(maxsize=65536)(cells.parse_share)


def _amounts(reader: _Reader, column: Column, typed: list) -> dict[str, object]:
    """Money in 万元; texts that leave no doubt are read, all others are unknown.

    A number for which neither header nor cell names a unit is read as 万元 until `units` has compared it with others';
    its `unnamed` is the header.
    """
    position = reader.table.columns.get(column.field)
    if position is None:
        return {column.field: np.full(len(typed), np.nan), "unnamed": [None] * len(typed)}
    header = reader.headers[column.field] = _with_unit(reader.table.header.texts[position], reader.table)
    factor = cells.unit_factor(header, column.unit)
    if factor == 1 and set(map(type, typed)) == {float}:
        numbers = np.array(typed)
    else:
        numbers = np.array([_amount(reader, column, i, cell, factor) for i, cell in enumerate(typed)], float)
    bare = np.zeros(len(typed), bool) if cells.names_unit(header) else np.isfinite(numbers) & ~_with_units(typed)
    if factor is None or bare.any():
        reader.report_header("amount_unit_unknown" if factor is None else "amount_unit_unnamed", column.field)
    limit = np.where(bare, np.inf, reader.policy.amount_limit)
    for i in np.flatnonzero((numbers < 0) | (np.abs(numbers) > limit)):
        implausible = abs(numbers[i]) > limit[i]
        reader.report("amount_implausible" if implausible else "amount_negative", i, column.field, typed[i])
    return {
        column.field: np.where(np.abs(numbers) > limit, np.nan, numbers),
        "unnamed": [header if one else None for one in bare],
    }


def _with_unit(header: str, table: Located) -> str:
    """An amount's header with the unit that a line above the table names for the whole of it (``单位：万元``)."""
    if cells.names_unit(header):
        return header
    above = (cell for row in table.sheet.rows[: table.header.top] for cell in row if type(cell) is str)
    lines = {f"({found[1]})" for cell in above if (found := _UNIT_LINE.search(simplified(cell[:_LONGEST_UNIT_LINE])))}
    units = [line for line in lines if cells.unit_factor(line, None)]  # 填报单位：华东区 names no unit of money
    return header + units[0] if len(units) == 1 else header


_UNIT_LINE = re.compile(r"(?:单位|\bunit) ?[:=] ?([^\s,;()]+)")
_LONGEST_UNIT_LINE = 100


def _with_units(typed: list) -> np.ndarray:
    """Which cells name the unit of their amount themselves."""
    texts = {cell: cells.parse_amount(_text(cell), None)[0] is not None for cell in set(typed) if type(cell) is str}
    return np.array([texts.get(cell, False) if type(cell) is str else False for cell in typed], bool)


def _amount(reader: _Reader, column: Column, i: int, cell: object, factor: float | None) -> float | None:
    if type(cell) in (float, int):
        if factor is None:
            reader.keep_text(i, column.field, cell)
            return None
        return cells.scaled(cell, factor)
    number, code = cells.parse_amount(_text(cell), factor)
    if code:
        reader.report(code, i, column.field, cell)
    elif number is not None:
        reader.keep_text(i, column.field, cell)
    return number


_ISO = re.compile(r"\d{4}-\d\d-\d\d$")


def _dates(reader: _Reader, column: Column, typed: list) -> dict[str, np.ndarray]:
    """Dates by day; one that cannot be is unknown (`_possible`)."""
    found, codes = list(typed), ()
    if not set(map(type, typed)) <= {dt.date}:
        read = raw.birthday if column.field == "birthday" else raw.day
        found, codes = _columns((read(cell, reader.date1904) for cell in typed), 2)
        reader.report_all(codes, column.field, typed)
        for i, cell in enumerate(typed):
            if found[i] and type(cell) is not dt.date and not (type(cell) is str and _ISO.match(cell)):
                reader.keep_text(i, column.field, cell)
    if column.field == "birthday":
        found = _without_typing_year(found, reader.today)
    days = _as_days(found)
    days[~_possible(reader, column, typed, days)] = np.datetime64("NaT")
    return {column.field: days.astype("datetime64[s]")}


def _without_typing_year(birthdays: list[dt.date | None], today: dt.date) -> list[dt.date | None]:
    """Birthdays of those too young to be a contact lose their year: a sheet adds the current one to a typed 5/3."""
    return [
        day.replace(year=cells.NO_YEAR) if day is not None and day.year > today.year - _YOUNGEST else day
        for day in birthdays
    ]


_YOUNGEST = 15


def _moments(reader: _Reader, column: Column, typed: list) -> dict[str, np.ndarray]:
    """Moments to the second; exactly midnight means that only the day is known, since that is how a day is read."""
    found, codes = _columns((raw.moment(cell, reader.date1904) for cell in typed), 2)
    reader.report_all(codes, column.field, typed)
    for i, cell in enumerate(typed):
        if (
            found[i]
            and type(cell) not in (dt.date, dt.datetime)
            and not (type(cell) is str and _ISO_MOMENT.match(cell))
        ):
            reader.keep_text(i, column.field, cell)
    moments = _as_moments(found)
    moments[~_possible(reader, column, typed, moments.astype("datetime64[D]"))] = np.datetime64("NaT")
    return {column.field: moments}


_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?$")


def _as_moments(found: list[dt.datetime | None]) -> np.ndarray:
    """Moments as datetime64[s], through numbers as in `_as_days`."""
    numbers = [
        _NO_DAY
        if moment is None
        else (moment.toordinal() - _EPOCH) * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
        for moment in found
    ]
    return np.array(numbers, "int64").view("datetime64[s]")


def _possible(reader: _Reader, column: Column, typed: list, days: np.ndarray) -> np.ndarray:
    """Which days can be; those that cannot are reported, and those that are odd."""
    year = cells.NO_YEAR if column.field == "birthday" else reader.policy.earliest_year
    codes = raw.doubts(days, column.field, year, reader.today)
    for i in np.flatnonzero(codes != ""):
        reader.report(str(codes[i]), i, column.field, typed[i])
    return ~np.isin(codes, list(raw.UNUSABLE))


def _as_days(found: list[dt.date | None]) -> np.ndarray:
    """Dates as datetime64[D]; through day numbers, since numpy converts date objects ten times slower."""
    numbers = [_NO_DAY if day is None else day.toordinal() - _EPOCH for day in found]
    return np.array(numbers, "int64").view("datetime64[D]")


_EPOCH, _NO_DAY = dt.date(1970, 1, 1).toordinal(), np.datetime64("NaT").astype("int64")


def _dates_in_order(reader: _Reader, frame: pd.DataFrame) -> None:
    deals, starts = (frame[name].to_numpy("datetime64[D]") for name in ("last_deal", "since"))
    for i in np.flatnonzero(deals < starts):
        reader.report("dates_reversed", i, "last_deal", str(deals[i]), str(starts[i]))


#: Step of a service record → the steps it cannot come before.
_ORDER = {"answered": ("reported",), "resolved": ("reported",), "confirmed": ("resolved", "reported")}


def _moments_in_order(reader: _Reader, frame: pd.DataFrame) -> None:
    """A step before the one it follows is reported and becomes unknown; two of one day may lack their time."""
    for name, earlier in _ORDER.items():
        for before in earlier:
            moment, base = frame[name], frame[before]
            wrong = (moment < base) & ~(moment.eq(moment.dt.normalize()) & moment.eq(base.dt.normalize()))
            for i in np.flatnonzero(wrong):
                reader.report("moments_reversed", i, name, _text(moment.iat[i]), _text(base.iat[i]))
            frame[name] = moment.mask(wrong)


#: What makes a line of the action list more than an ID that awaits its action.
_SAID = ["action", "owner", "due", "status", "postponed_to", "note"]


def _actions_in_full(reader: _Reader, frame: pd.DataFrame) -> None:
    """Half-filled lines of the action list count as they are: what they leave open is unknown, and said."""
    own = ~frame["action_id"].str.fullmatch(RULED_ACTION).fillna(value=True).astype(bool)
    own &= frame[_SAID].notna().any(axis=1)
    postponed = frame["status"] == "postponed"
    lacking = {
        ("action_unsaid", "action"): own & frame["action"].isna(),
        ("action_undated", "due"): own & frame["due"].isna() & (frame["status"] != "done"),
        ("action_postponed_nowhere", "postponed_to"): postponed & frame["postponed_to"].isna(),
    }
    told = {finding.cell for finding in reader.findings}  # a cell that cannot be read is no blank one
    for (code, name), lacks in lacking.items():
        for i in np.flatnonzero(lacks):
            if f"{reader.table.letters.get(name)}{reader.numbers[i]}" not in told:
                reader.report(code, i, name, "", frame["action_id"].iat[i])


_period = functools.lru_cache(maxsize=65536)(cells.parse_period)


def _periods(reader: _Reader, column: Column, typed: list) -> dict[str, object]:
    """Start and end of a strategy; the text itself stays."""
    texts = [_text(cell) for cell in typed]
    starts, ends, codes = _columns(map(_period, texts), 3)
    reader.report_all(codes, column.field, texts)
    return {
        column.field: _known(texts),
        "start": _as_days(starts).astype("datetime64[s]"),
        "end": _as_days(ends).astype("datetime64[s]"),
    }


_status = functools.lru_cache(maxsize=4096)(cells.parse_status)


def _statuses(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Status keys; the words typed are kept."""
    texts = [_text(cell) for cell in typed]
    return {column.field: _keyed(reader, column, texts, map(_status, texts), cells.STATUS_NAMES)}


def _choices(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Keys of a column's choices; any word for them but the usual two is kept."""
    return {column.field: _chosen(reader, column, typed, f"{reader.table.kind}.{column.field}")}


def _flags(reader: _Reader, column: Column, typed: list) -> dict[str, pd.arrays.BooleanArray]:
    """Yes and no as True and False; blank is unknown."""
    keys = _chosen(reader, column, typed, "flag")
    return {column.field: pd.array([None if key is None else key == "yes" for key in keys], dtype="boolean")}


def _chosen(reader: _Reader, column: Column, typed: list, name: str) -> list[str | None]:
    texts = [_text(cell) for cell in typed]
    readings = {text: cells.parse_choice(text, name) for text in set(texts)}
    labels = {key: words[:2] for key, words in cells.CHOICES[name].items()}
    allowed = "、".join(" · ".join(pair) for pair in labels.values())
    for i, text in enumerate(texts):
        key, code = readings[text]
        if code:
            reader.report(code, i, column.field, typed[i], allowed)
        elif key and text not in labels[key]:
            reader.keep_text(i, column.field, typed[i])
    return [readings[text][0] for text in texts]


def _tiers(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Recorded tiers as keys; the words typed are kept."""
    texts = [_text(cell) for cell in typed]
    names = cells.tier_names({tier.key: (tier.zh, tier.en) for tier in reader.policy.tiers})
    readings = {text: cells.parse_tier(text, names) for text in set(texts)}
    return {
        column.field: _keyed(
            reader, column, texts, [readings[text] for text in texts], reader.policy.tier_names("zh-CN")
        )
    }


def _keyed(
    reader: _Reader, column: Column, texts: list[str], readings: Iterable[tuple], labels: Mapping[str, str]
) -> list[str | None]:
    """Keys out of readings; a text other than the key's usual label is kept beside it."""
    keys, codes = _columns(readings, 2)
    reader.report_all(codes, column.field, texts)
    for i, key in enumerate(keys):
        if key and texts[i] != labels[key]:
            reader.keep_text(i, column.field, texts[i])
    return keys


_size = functools.lru_cache(maxsize=65536)(cells.parse_size)
SIZE_FIELDS = ("employees_low", "employees_high", "revenue_low", "revenue_high")


def _sizes(reader: _Reader, column: Column, typed: list) -> dict[str, object]:
    """Employees and revenue (万元), low and high; the text itself stays."""
    texts = [_text(cell) for cell in typed]
    *bounds, codes = _columns(map(_size, texts), 5)
    reader.report_all(codes, column.field, texts)
    numbers = {name: np.array(bound, float) for name, bound in zip(SIZE_FIELDS, bounds, strict=True)}
    return {column.field: _known(texts), **numbers}


def _phones(reader: _Reader, column: Column, typed: list) -> dict[str, list]:
    """Phone numbers as text."""
    texts = [_text(cell) for cell in typed]
    found, codes = _columns(map(cells.parse_phone, texts), 2)
    reader.report_all(codes, column.field, typed)
    return {column.field: found}


@functools.lru_cache(maxsize=65536)
def _effect(text: str) -> tuple[float | None, float | None]:
    """What is measured in an effect; the number of a phone is no measure."""
    return cells.parse_effect(privacy.without_numbers(text))


def _effects(reader: _Reader, column: Column, typed: list) -> dict[str, object]:
    """The effect as typed, and its actual and target where both are stated."""
    texts = _texts(reader, column, typed)[column.field]
    actual, target = _columns((_effect(text) if text else (None, None) for text in texts), 2)
    return {column.field: texts, "effect_actual": np.array(actual, float), "effect_target": np.array(target, float)}


_CLEANERS: dict[str, Callable[[_Reader, Column, list], dict]] = {
    "text": _texts,
    "list": _texts,
    "contact": _texts,
    "id": _ids,
    "key": _keys,
    "id_name": _customers,
    "score": _scores,
    "composite": _marks_to_spare,
    "amount": _amounts,
    "number": _numbers,
    "share": _numbers,
    "count": _numbers,
    "grade": _numbers,
    "date": _dates,
    "datetime": _moments,
    "period": _periods,
    "status": _statuses,
    "choice": _choices,
    "flag": _flags,
    "tier": _tiers,
    "size": _sizes,
    "phone": _phones,
    "effect": _effects,
}

_IDS = ("id", "id_name", "key")
_FIGURES = ("amount", "number", "share", "count", "grade", "score", "composite")
#: Kinds of column whose text is kept whole whatever its length.
_KEPT_WHOLE = ("text", "list", "contact")
#: So much is shown of an ID too long to be one.
_BEGINNING = 60
#: Stands for a cell whose error is reported already: blank, and not worth a second finding.
_REPORTED = "\x00"
_EXPECTED = {str, float, int, dt.date, dt.datetime}


def _with_possible_numbers(row: list) -> list:
    """The row, any NaN or infinity in it made an unreadable cell: no number a person could have typed."""
    if math.isfinite(sum(cell for cell in row if type(cell) is float)):
        return row
    return [Unreadable(cell) if type(cell) is float and not math.isfinite(cell) else cell for cell in row]


def _columns(readings: Iterable[tuple], count: int) -> list[list]:
    """Readings row by row → lists column by column."""
    rows = list(readings)
    return [[row[i] for row in rows] for i in range(count)]


def _by_row(parts: dict[int, list[str]], count: int) -> list[str | None]:
    """Texts collected by row → one joined text a row."""
    return [SEPARATOR.join(parts[row]) if row in parts else None for row in range(count)] if parts else [None] * count


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else text[:_TEXT] + "…"


def _impersonal(cell: object, header: str, column: Column | None) -> str:
    """A cell of a row that is told as one text, in which no column says any more what it holds: masked at once."""
    return privacy.MASKS[column.kind](_text(cell)) if column else privacy.masked_below(header, _text(cell))


def _line(row: list) -> str:
    """A whole row as one text, for rows that could not be used."""
    return _cut(" | ".join(_text(cell) for cell in row if cell != ""))


def _filled_down(region: list[list], start: int, table: Located) -> list[list]:
    """Cells merged over several rows repeat their value in each of them, as the sheet shows it."""
    wanted = set(table.columns.values())
    spans = [
        (top, bottom, column)
        for (top, left), (bottom, right) in table.sheet.merged
        for column in range(left, right + 1)
        if top >= start and bottom > top and bottom < table.end and column == left and column in wanted
    ]
    if not spans:
        return region
    region = [list(row) for row in region]
    for top, bottom, column in spans:
        for row in range(top + 1, bottom + 1):
            region[row - start][column] = region[top - start][column]
    return region
