"""One customer taken out of what is kept: their rows, what is told of these, and their ID and names in all other texts.

Texts of others lose nothing but the ID and the names as the customer's own rows have them, in any width and case. What else
somebody typed about the customer elsewhere, a phone or a nickname, nobody can know (handbook §10).
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import read_books
from kam_xl.core.findings import Finding, text_or_none
from kam_xl.core.read_books import Content, ReadTable
from kam_xl.core.texts import essence, folded, normal

#: Stands in a text where the customer was named.
COVER = "***"
#: A single character is no name that could be told apart from any other word.
_SHORTEST_NAME = 2
_ROW = re.compile(r"[A-Z]+(\d+)")
#: From half to full width.
_WIDER = 0xFEE0


@dataclass(frozen=True)
class Whom:
    """A customer by their ID and names; ``others`` are longer names in which one of these stands, and that stay."""

    customer_id: str
    names: frozenset[str]
    others: frozenset[str] = frozenset()

    @functools.cached_property
    def _said(self) -> re.Pattern[str]:
        """What names the customer in a text, and in the group ``other`` what only looks as if it did."""
        other = "|".join(map(_any_width, sorted(self.others, key=len, reverse=True))) or "(?!)"
        forms = [rf"(?<![A-Za-z0-9]){_any_width(self.customer_id)}(?![A-Za-z0-9])"]
        forms += map(_any_width, sorted(self.names, key=len, reverse=True))
        return re.compile(f"(?P<other>{other})|(?:{'|'.join(forms)})", re.IGNORECASE)

    @functools.cached_property
    def _at_all(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_any_width, {self.customer_id, *self.names})), re.IGNORECASE)

    def may_be_in(self, text: str) -> bool:
        """False for a text, or texts that stand together without a gap, in which the customer is not named."""
        return bool(self._at_all.search(text))

    def is_in(self, text: str | None) -> bool:
        """True where a text names the customer."""
        return text is not None and any(not found["other"] for found in self._said.finditer(text))

    def out_of(self, text: str) -> str:
        """A text without the customer; where a name goes, an ID may come to stand by itself."""
        while self.is_in(text):
            text = self._said.sub(lambda found: found["other"] or COVER, text)
        return text

    def is_all_of(self, text: str | None) -> bool:
        """True for a cell that names the customer and nobody else."""
        return text is not None and self.is_in(text) and not essence(self.out_of(text).replace(COVER, ""))


class Kept(NamedTuple):
    """What is left without a customer; how many rows were taken out by kind of sheet, and how many texts named them."""

    content: Content
    rows: Counter[str]
    texts: int


def whom(customer_id: str, called: Iterable[tuple[str, str]]) -> Whom:
    """A customer by the names that rows of (ID, name) give them; a name that another customer has too is not theirs alone."""
    own: set[str] = set()
    others: set[str] = set()
    for one, name in called:
        (own if one == customer_id else others).add(name)
    shared = {folded(name) for name in others}
    names = {name for name in own if len(name) >= _SHORTEST_NAME and folded(name) not in shared}
    longer = {name for name in others if any(folded(own) in folded(name) for own in names)}
    return Whom(customer_id, frozenset(names), frozenset(longer))


def names(content: Content) -> Iterator[tuple[str, str]]:
    """Every customer of a workbook with each name that it gives them."""
    for part in content.parts:
        for column in ("name", "customer_beside") if part.kind == "info" else ("customer_beside",):
            known = part.rows[["customer_id", column]].dropna().drop_duplicates()
            yield from known.itertuples(index=False, name=None)


def without(content: Content, who: Whom) -> Kept:
    """What the bytes of a workbook say, without the customer."""
    rows: Counter[str] = Counter()
    parts, texts = [], 0
    for part in content.parts:
        left, covered = _without(part, who)
        rows[part.kind] += len(part.rows) - len(left.rows)
        parts.append(left)
        texts += covered
    findings = _findings(content.findings, who, frozenset())
    refused = content.refused and (content.refused[0], who.out_of(content.refused[1]))
    texts += len(content.findings) - len(findings)
    return Kept(content._replace(findings=findings, parts=tuple(parts), refused=refused), +rows, texts)


def without_rows(rows: pd.DataFrame, who: Whom) -> tuple[pd.DataFrame, int]:
    """A snapshot without the customer, and how many of its texts named them."""
    left = rows[rows["customer_id"].ne(who.customer_id)]
    return _covered(left, who)


def _without(part: ReadTable, who: Whom) -> tuple[ReadTable, int]:
    """A table without the customer, and how many texts of other rows named them."""
    theirs = _theirs(part.rows, who)
    rows, covered = _covered(part.rows[~theirs].reset_index(drop=True), who)
    gone = frozenset(part.rows.loc[theirs, "row"])
    kept = [i for i, one in enumerate(part.findings) if not _tells_of(one, who, gone)]
    place = dict(zip(np.flatnonzero(~theirs).tolist(), range(len(rows)), strict=True))
    shown = {
        name: {place[i]: who.out_of(text) for i, text in texts.items() if i in place}
        for name, texts in part.shown.items()
    }
    found_before = {name: sum(i < before for i in kept) for name, before in part.found_before.items()}
    left = dataclasses.replace(
        part,
        sheet=who.out_of(part.sheet),
        columns=rows,
        headers={name: who.out_of(text) for name, text in part.headers.items()},
        findings=_findings(part.findings, who, gone),
        shown={name: texts for name, texts in shown.items() if texts},
        found_before=found_before,
        called_off=tuple(one for one in part.called_off if not any(map(who.is_in, one))),
        **read_books.closely(rows, found_before),
    )
    return left, covered + len(part.findings) - len(left.findings)


def _theirs(rows: pd.DataFrame, who: Whom) -> np.ndarray:
    """Which rows are the customer's: by the ID that was read, or where a cell names nobody else."""
    typed = rows["customer_typed"].fillna(rows["customer_beside"])
    named = {text: who.is_all_of(text_or_none(text)) for text in typed.dropna().unique()}
    return (rows["customer_id"].eq(who.customer_id) | typed.map(named).eq(True)).to_numpy(bool)


def _covered(rows: pd.DataFrame, who: Whom) -> tuple[pd.DataFrame, int]:
    """Rows whose texts do not name the customer, and how many did."""
    count, columns = 0, dict[str, pd.Series]()
    for name in (name for name in map(str, rows) if pd.api.types.is_string_dtype(rows[name])):
        instead = {text: who.out_of(text) for text in rows[name].dropna().unique() if who.is_in(text)}
        if instead:
            count += int(rows[name].isin(instead).sum())
            columns[name] = rows[name].replace(instead)
    return rows.assign(**columns), count


def _findings(findings: Iterable[Finding], who: Whom, gone: frozenset[int]) -> tuple[Finding, ...]:
    """The findings that tell nothing of the customer or of rows that are gone."""
    left = (one for one in findings if not _tells_of(one, who, gone))
    return tuple(one._replace(sheet=who.out_of(one.sheet) if one.sheet else one.sheet) for one in left)


def _tells_of(one: Finding, who: Whom, gone: frozenset[int]) -> bool:
    at = _ROW.match(one.cell or "")
    theirs = one.customer_id == who.customer_id or (at is not None and int(at[1]) in gone)
    return theirs or any(who.is_in(text) for text in (one.typed_value, one.detail, one.customer_id))


def _any_width(text: str) -> str:
    """A pattern of a text in full width or half, with or without blanks."""
    return r"\s*".join(_wide_or_not(char) for char in normal(text) if not char.isspace())


def _wide_or_not(char: str) -> str:
    return f"[{re.escape(char)}{chr(ord(char) + _WIDER)}]" if "!" <= char <= "~" else re.escape(char)
