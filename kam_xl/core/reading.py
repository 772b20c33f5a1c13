"""What is known while one table is read: where it stands, which rows were kept, and what was found on the way.

Nothing here knows a day or a policy: what these say of a cell, `doubts` adds to what was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kam_xl.core.findings import Finding
from kam_xl.core.located import Located
from kam_xl.core.raw import text
from kam_xl.core.sheets import BY_KIND, Sheet, named

#: Between the cells of one row in `as_typed` and `extras`.
SEPARATOR = " ； "
#: Stands for a cell whose error is reported already: blank, and not worth a second finding.
REPORTED = "\x00"
#: Stands for a currency that a cell names in words nobody knows: the amounts of its row are unknown.
UNREAD = "?"
#: Name → the cells of a typed column: figures and days as arrays, texts and yes or no as lists, in which None is unknown.
Columns = dict[str, Any]
#: A text in a finding is cut here, so that a cell full of text cannot swell the report.
_TEXT = 30_000


@dataclass
class Reading:
    """The state of reading one located table: the rows kept so far, and what was found on the way."""

    table: Located
    date1904: bool
    ours: bool = False  # the workbook is one of ours: its score and tier are formulas
    findings: list[Finding] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # 1-based sheet row of each kept row
    keys: list[str | None] = field(default_factory=list)  # customer ID of each kept row, for findings
    typed: dict[int, list[str]] = field(default_factory=dict)  # kept row → cells whose text was normalised
    headers: dict[str, str] = field(default_factory=dict)  # field → its header, with a unit named above the table
    unanswered: set[int] = field(default_factory=set)  # kept rows whose formulas of ours show an error
    beside: list[str | None] = field(default_factory=list)  # the name in a column beside the ID, of each kept row
    currencies: list[str | None] = field(default_factory=list)  # of each kept row, where the table has a column of them
    times: list[float] | None = None  # of each kept row, how often its price is paid, where its amount is read of that
    shown: dict[str, dict[int, str]] = field(
        default_factory=dict
    )  # field that may be doubted → kept row → the text typed
    found_before: dict[str, int] = field(
        default_factory=dict
    )  # field that may be doubted → how many findings precede its own
    factors: dict[str, float] = field(
        default_factory=dict
    )  # field of amounts → how many 万 a bare 1 below its header is
    called_off: tuple[
        tuple[str, str], ...
    ] = ()  # orders of which it is only said that they are none: customer and number

    @property
    def standard(self) -> Sheet:
        """The standard sheet whose rows these are."""
        return BY_KIND[self.table.kind]

    def header(self, name: str) -> str | None:
        """The header of a field's column as it was typed; None where the table has no such column."""
        position = self.table.columns.get(name)
        return None if position is None else self.table.header.texts[position]

    def cell(self, i: int, name: str) -> str:
        """Where a field of a kept row stands: ``C7``."""
        return f"{self.table.letters[name]}{self.numbers[i]}"

    def report(self, code: str, i: int, name: str, typed: object, detail: str | None = None) -> None:
        """A finding about one cell of a kept row."""
        if typed is REPORTED or name not in self.table.columns:  # a missing column is reported once, not row by row
            return
        key = self.keys[i] if i < len(self.keys) else None
        field = named(self.table.kind, name)
        shown = shown_of(typed)
        self.findings.append(Finding(code, self.table.sheet.name, self.cell(i, name), field, shown, key, detail))

    def report_all(self, codes: Sequence[str | None], name: str, typed: list) -> None:
        """The findings of a column whose readings carry codes."""
        if not any(codes):
            return
        for i, code in enumerate(codes):
            if code:
                self.report(code, i, name, typed[i])

    def report_header(self, code: str, name: str) -> None:
        """A finding about the header of a column."""
        at = self.table.header_cell(self.table.columns[name])
        self.findings.append(Finding(code, self.table.sheet.name, at, named(self.table.kind, name), self.header(name)))

    def keep_text(self, i: int, name: str, typed: object) -> None:
        """Remember how a cell was typed, where its value no longer shows it; personal data have one place only."""
        if not self.standard.column(name).personal:
            header = self.headers.get(name) or self.header(name)
            self.typed.setdefault(i, []).append(f"{header}={text(typed)}")

    def to_doubt(self, name: str, typed: Sequence, values: Iterable) -> None:
        """Leave a column to `doubts`, and for its findings the texts that its values no longer tell."""
        told = {
            i: shown
            for i, (cell, value) in enumerate(zip(typed, values, strict=True))
            if value is not None and cell != value and (shown := shown_of(cell)) and shown != text(value)
        }
        self.found_before[name] = len(self.findings)
        if told:
            self.shown[name] = told


def shown_of(typed: object) -> str | None:
    """What a finding tells of a cell; None of a blank one."""
    return cut(text(typed)) or None


def cut(text: str) -> str:
    """A text as a finding tells it, in full or its beginning."""
    return text if len(text) <= _TEXT else text[:_TEXT] + "…"


def transposed(readings: Iterable[tuple], count: int) -> list[list]:
    """Readings row by row → lists column by column."""
    columns = list(map(list, zip(*readings, strict=True)))
    return columns[:count] if columns else [[] for _ in range(count)]
