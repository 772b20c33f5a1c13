"""Lists that are known again: by their headers, in whatever order, as `intake.toml` remembers that they were adopted.

What no longer fits is told with its place: a column that is gone, one that is new, one that says the same as another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kam_xl.core import headings
from kam_xl.core.books import Book, RawSheet, letter
from kam_xl.core.errors import Refused
from kam_xl.core.findings import Finding
from kam_xl.core.headers import Header
from kam_xl.core.intake import AdoptedList, Holding, Intake
from kam_xl.core.located import Located, mapped
from kam_xl.core.locating import is_ours
from kam_xl.core.texts import heading
from kam_xl.core.understanding import DEPTH, headers_at


class _Match(NamedTuple):
    """A list that was adopted, and the header in a sheet under which it stands again."""

    adopted: AdoptedList
    header: Header
    same: int

    @property
    def places(self) -> dict[str, int]:
        """Folded header → its column; of two that say the same the first."""
        found: dict[str, int] = {}
        for at, text in enumerate(self.header.texts):
            found.setdefault(heading(text), at)
        return {text: at for text, at in found.items() if text}


def tables(book: Book, intake: Intake) -> tuple[dict[str, Located], list[Finding]]:
    """Name of a sheet → its customers, of sheets that hold a list known again; and what no longer fits.

    `Refused` where the column of the IDs or names is gone and nothing stands in its place.
    """
    found: dict[str, Located] = {}
    findings: list[Finding] = []
    for sheet in book.sheets if intake.lists and not is_ours(book) else ():
        if match := _match(sheet, intake.lists):
            found[sheet.name], told = _table(sheet, match)
            findings += told
    return found, findings


def _match(sheet: RawSheet, lists: Sequence[AdoptedList]) -> _Match | None:
    """The adopted list whose headers stand here most completely; of equals the one adopted last."""
    met = {cell for row in sheet.rows[:DEPTH] for cell in row if type(cell) is str}
    likely = [one for one in lists if 2 * len(met.intersection(one.headers)) > len({*one.headers}) or _is_split(one)]
    found = (match for number in range(min(len(sheet.rows), DEPTH)) for match in _matches(sheet, number, likely))
    return max(found, key=lambda one: (one.same, lists.index(one.adopted), -one.header.row), default=None)


def _is_split(adopted: AdoptedList) -> bool:
    """True for a list whose headers stood in two rows, so that no cell need say the whole of one."""
    return any(" " in text for text in adopted.headers)


def _matches(sheet: RawSheet, number: int, likely: Sequence[AdoptedList]) -> Iterator[_Match]:
    for header in headers_at(sheet.rows, number) if likely else ():
        folded = {heading(text) for text in header.texts}
        for adopted in likely:
            names = {heading(text) for text, said in adopted.columns.items() if said.field in ("customer_id", "name")}
            same = len(folded & adopted.folded)
            if 2 * same > len(adopted.folded) and folded & names and _fits(folded, adopted):
                yield _Match(adopted, header, same)


def _fits(folded: set[str], adopted: AdoptedList) -> bool:
    """True for headers with all that were agreed on, or with half of those that only this list has.

    A list with some of its standard headers is any list: that is read by them.
    """
    agreed = {heading(text) for text in adopted.columns}
    own = {text for text in adopted.folded if headings.field_of("info", text) is None}
    return agreed <= folded or (bool(own) and 2 * len(own & folded) >= len(own))


def _table(sheet: RawSheet, match: _Match) -> tuple[Located, list[Finding]]:
    """The customers of a sheet, and what is to be said of its columns."""
    adopted, places = match.adopted, match.places
    targets = {places[heading(text)]: said for text, said in adopted.columns.items() if heading(text) in places}
    gone = [(text, said.field) for text, said in adopted.columns.items() if heading(text) not in places]
    new = [at for text, at in places.items() if text not in adopted.folded]
    findings = [Finding("list_known", sheet.name, _cell(match, 0), typed_value=adopted.file, detail=adopted.workbook)]
    findings += [Finding("list_column_gone", sheet.name, _cell(match, 0), field, text) for text, field in gone]
    findings += list(_taken_in(sheet, match, targets, new))
    held = {said.field for said in targets.values()}
    if missing := {"name", *(() if adopted.by_name else ("customer_id",))} - held:
        lost = next((text for text, field in gone if field in missing), "")
        raise Refused("list_changed", f"{sheet.name}!{_cell(match, 0)}\t{lost}")
    return mapped(sheet, match.header, targets, by_name=adopted.by_name, agreed=True), findings


def _taken_in(sheet: RawSheet, match: _Match, targets: dict[int, Holding], new: Sequence[int]) -> Iterator[Finding]:
    """What is said of new columns; one with a header everybody knows, of a field no other column holds, is read."""
    for at in new:
        text = match.header.texts[at]
        known = headings.meaning("info", text)
        other = next((one for one, said in targets.items() if known and said.field == known.field), None)
        if known is None:
            yield Finding("list_column_new", sheet.name, _cell(match, at), typed_value=text)
        elif other is None:
            targets[at] = Holding(known.field)
            yield Finding("list_column_read", sheet.name, _cell(match, at), known.field, text)
        else:
            yield Finding(
                "list_column_alike", sheet.name, _cell(match, at), known.field, text, detail=match.header.texts[other]
            )


def _cell(match: _Match, at: int) -> str:
    return f"{letter(at)}{match.header.row + 1}"
