"""Frames become the tables of a result sheet: names for keys, headers in the user's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from kam_xl.actions.request import Request
from kam_xl.actions.result_sheets import Result, ResultTable
from kam_xl.core.privacy import is_masked
from kam_xl.showing import columns, vocabulary
from kam_xl.showing.columns import ReadyColumn, Shown
from kam_xl.showing.fields import Field
from kam_xl.showing.vocabulary import Vocabulary


def block(
    request: Request,
    frame: pd.DataFrame,
    fields: str,
    heading: str | None = None,
    known: Mapping[str, Vocabulary] | None = None,
) -> ResultTable:
    """The columns ``fields`` of a frame as one table; a ``cell`` beside a ``sheet`` becomes a link to it."""
    names = vocabulary.vocabularies(request.assessed) | dict(known or {})
    links = {"cell": list(_targets(frame))} if "cell" in fields.split() else {}
    return ResultTable(columns.columns(frame, fields, names, request.words), heading, links)


def page(
    request: Request, sheet: str, sentence: str, blocks: Sequence[ResultTable], title: str | None = None
) -> Result:
    """A result titled as its sheet, or as told, with its day: a sheet may be looked at long after."""
    return Result(sheet, f"{title or request.words(f'result.{sheet}')} · {request.today}", sentence, blocks)


def extended(block: ResultTable, columns: Sequence[ReadyColumn]) -> ResultTable:
    """A block with more columns."""
    return replace(block, columns=[*block.columns, *columns])


def named(request: Request, keys: pd.Series, header: str, names: Vocabulary) -> ReadyColumn:
    """A column of keys under a header of its own; one that is unknown stays blank."""
    return columns.column(Shown(Field(header, header, header, optional=True), keys, names), request.words)


def _targets(frame: pd.DataFrame) -> Iterator[tuple[str, str] | None]:
    """The sheet and cell each row's finding is about; a name that is shown masked leads nowhere."""
    for sheet, cell in zip(frame["sheet"], frame["cell"], strict=True):
        yield (sheet, cell) if isinstance(sheet, str) and isinstance(cell, str) and not is_masked(sheet) else None
