"""What moved of each customer on a night, as the snapshot of that night holds it: written once, read by later nights.

A text a customer, in JSON: of each figure its key, what it was and is, and which factor has which part in that; of what has
no parts, the factor that made it so, without a number. What is cited of a change is not kept: it quotes what people typed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kam_xl.core import frames

#: Decimals of a number that is kept.
_DECIMALS = 6
_END = str | float | None


class KeptMove(NamedTuple):
    """One figure of a customer: numbers or keys, unknown as None, and by factor its part, or None for what made it so."""

    figure: str
    was: _END
    now: _END
    causes: dict[str, float | None]


def as_texts(moves: pd.DataFrame, parts: pd.DataFrame) -> pd.Series:
    """Customer → what moved of it, of a night's `frames.ASSESSMENT` moves and move_parts."""
    causes: dict[tuple[str, str], dict[str, float | None]] = {}
    for part in frames.each_row(parts[parts["role"].isin(["part", "first"])]):
        causes.setdefault((part.customer_id, part.figure), {})[part.factor] = _number(part.part)
    found: dict[str, list[KeptMove]] = {}
    for row in frames.each_row(moves):
        ends = _number(row.before), _number(row.after)
        was, now = ends if ends != (None, None) else (row.was, row.now)
        kept = KeptMove(row.figure, was, now, causes.get((row.customer_id, row.figure), {}))
        found.setdefault(row.customer_id, []).append(kept)
    texts = {customer_id: json.dumps(rows, ensure_ascii=False) for customer_id, rows in found.items()}
    return pd.Series(texts, dtype="str")


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, _DECIMALS)


def frames_of(names: pd.Series, texts: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The moves and their parts that texts hold, as `as_texts` was given them, without words; ``names`` stand beside the texts.

    Both by customer ID. `ValueError` where a text is none of ours.
    """
    rows, parts = [], []
    for customer_id, name, text in zip(texts.index, names, texts, strict=True):
        for figure, was, now, causes in _read(text):
            ends = (np.nan, np.nan, was, now) if isinstance(was or now, str) else (was, now, None, None)
            rows.append((customer_id, name, figure, *ends, None, None, None))
            parts += [(customer_id, figure, *cause) for cause in _causes(causes)]
    return _frame("moves", rows), _frame("move_parts", parts)


def _frame(name: str, rows: list[Any]) -> pd.DataFrame:
    kinds = frames.ASSESSMENT[name]
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def _causes(causes: dict[str, float | None]) -> Iterator[tuple[str, float, str]]:
    for factor, part in causes.items():
        yield factor, np.nan if part is None else part, "first" if part is None else "part"


def _read(text: str) -> list[KeptMove]:
    found: Any = json.loads(text)
    if not (isinstance(found, list) and all(map(_is_one, found))):
        raise ValueError("what moved is told otherwise")
    return [KeptMove(*one) for one in found]


def _is_one(found: Any) -> bool:
    """Whether a value is what `KeptMove` says."""
    if not (isinstance(found, list) and len(found) == len(KeptMove._fields) and isinstance(found[0], str)):
        return False
    ends, causes = found[1:3], found[3]
    numbers = [*ends, *causes.values()] if isinstance(causes, dict) else [True]
    if any(isinstance(end, str) for end in ends):
        return all(isinstance(end, str) for end in ends) and all(part is None for part in numbers[2:])
    return all(one is None or (type(one) in (int, float) and math.isfinite(one)) for one in numbers)
