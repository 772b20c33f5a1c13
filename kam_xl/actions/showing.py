"""Frames become the tables of a result sheet: names for keys, headers in the user's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from kam_xl.actions.request import Request
from kam_xl.actions.result_sheets import Block, Result
from kam_xl.core import sheets
from kam_xl.core.privacy import STAR
from kam_xl.showing import columns, theme, vocabulary
from kam_xl.showing.columns import Column
from kam_xl.showing.vocabulary import Vocabulary

#: Columns that only result sheets have, and what kind of cell stands in them; their headers are in the words.
OWN = {
    "dimension": "text",
    "mark": "score",
    "weight": "share",
    "points": "score",
    "reason_given": "text",
    "way": "text",
    "score_after": "score",
    "next_actions": "text",
    "worst_evidence": "text",
    "pool": "text",
    "range": "text",
    "part": "measured",
    "budget_amount": "amount",
    "tier_customers": "count",
}
#: Texts that wrap.
NOTES = frozenset(
    "evidence worst_evidence remedy action finding measures core_strategy content next_actions way reason_given said "
    "description health_why note indicator".split()
)


def block(
    request: Request,
    frame: pd.DataFrame,
    fields: str,
    heading: str | None = None,
    known: Mapping[str, Vocabulary] | None = None,
) -> Block:
    """The columns ``fields`` of a frame as one table; a ``cell`` beside a ``sheet`` becomes a link to it."""
    names = {**vocabulary.vocabularies(request.assessed, request.words), **(known or {})}
    shown = [_column(request, frame[field], field, names.get(field)) for field in fields.split()]
    links = {"cell": list(_targets(frame))} if "cell" in fields.split() else {}
    return Block(shown, heading, links)


def page(request: Request, sheet: str, sentence: str, blocks: Sequence[Block], title: str | None = None) -> Result:
    """A result titled as its sheet, or as told, with its day: a sheet may be looked at long after."""
    return Result(sheet, f"{title or request.words(f'result.{sheet}')} · {request.today}", sentence, blocks)


def extended(block: Block, columns: Sequence[Column]) -> Block:
    """A block with more columns."""
    return replace(block, columns=[*block.columns, *columns])


def named(request: Request, keys: pd.Series, header: str, names: Vocabulary) -> Column:
    """A column of keys under a header of its own; one that is unknown stays blank."""
    texts = columns.texts(names.of(keys).where(keys.notna()), request.words("master.cut"), None)
    return Column(header, header, texts, looks=names.looks)


def header(field: str, words_of: Request) -> str:
    """The header of any field."""
    return words_of.words(f"result.column.{field}") if field in OWN else sheets.header(field, words_of.words.lang)


def _column(request: Request, series: pd.Series, field: str, names: Vocabulary | None) -> Column:
    kind = OWN[field] if field in OWN else sheets.columns()[field].kind
    return Column(
        field=field,
        header=header(field, request),
        values=_values(request, series, field, kind, names),
        kind=kind,
        wrapped=field in NOTES,
        looks=names.looks if names else {},
    )


def _values(request: Request, series: pd.Series, field: str, kind: str, names: Vocabulary | None) -> list:
    cut = request.words("master.cut")
    if names:
        return columns.texts(names.of(series), cut)
    if kind in ("date", "datetime"):
        return columns.dates(series)
    if kind in theme.NUMBER_FORMATS:
        return columns.numbers(series)
    return columns.texts(series, cut)


def _targets(frame: pd.DataFrame) -> Iterator[tuple[str, str] | None]:
    """The sheet and cell each row's finding is about; a name that is shown masked leads nowhere."""
    for sheet, cell in zip(frame["sheet"], frame["cell"], strict=True):
        yield (sheet, cell) if isinstance(sheet, str) and STAR not in sheet and isinstance(cell, str) else None
